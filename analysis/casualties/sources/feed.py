"""Daily feeds as a table: one report a row, dated by a mapping of column names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.feeds import SUPERSEDED, Feed
from casualties.ledger import Ledger, nothing_usable, parse_counts, parse_dates
from casualties.provenance import SourceRecord, file_sha256
from casualties.sources.tables import read_table

__all__ = ["read_feed"]

OWN = ("date", "killed", "report_date", "check_date", "flags")
KEYS = ("report_date", "date", "check_date", "killed", "counts", "unknown_dates")


def read_feed(path: str | Path, mapping: Mapping[str, Any] | str | Path, record: SourceRecord | None = None) -> Feed:
    """Read a daily feed of new deaths.

    Parameters
    ----------
    path : str or Path
        A CSV file, one report a row.
    mapping : mapping, or path of a TOML file
        Which column is what: ``date`` (the day the count is for), ``killed`` (deaths of that day), and, optionally,
        ``report_date`` (the day of the report), ``check_date`` (the day that other evidence gives), ``counts`` (a list
        of further columns of people) and ``unknown_dates`` (report dates that stand for "not known").
    record : SourceRecord, optional
        Licence, scope and coverage of the feed.

    Returns
    -------
    Feed
        One row a reported day. Two reports for one day are settled thus: the one whose ``check_date`` is that day
        stands; if that does not decide, the later report stands; the other goes to the ledger with its count, and
        the day is flagged ``two-reports``. A report whose date is unknown takes its ``check_date`` where no other
        report has that day, and is flagged ``date-from-events``.

    Raises
    ------
    InputError
        If the file cannot be read, a mapped column is missing, or no report can be used.

    Examples
    --------
    >>> import casualties as ca
    >>> study = ca.load_study("idlib-2019")
    >>> study.sources["sohr"]
    <Feed SOHR daily totals: 629 days, ... killed, 30 reports not used>
    """
    file = Path(path)
    chosen = _mapping(mapping, file.name)
    parts = _names(chosen, "counts")
    dated = {key: str(chosen[key]) for key in ("date", "report_date", "check_date") if key in chosen}
    table = read_table(file, required=(*dated.values(), str(chosen["killed"]), *parts))
    if record is None:
        record = SourceRecord(name=file.stem, file=file.name, sha256=file_sha256(file))
    ledger = Ledger(table.frame.index)
    raw = table.frame.reset_index(drop=True)
    for row, reason in table.faults.items():
        ledger.add_row(ledger.position(row), "", "", reason)

    frame = pd.DataFrame(index=raw.index)
    unknown = _unknown(raw, dated, set(_names(chosen, "unknown_dates")))
    for key, name in dated.items():
        cells = raw[name].mask(unknown, "") if key != "check_date" else raw[name]
        frame[key] = parse_dates(cells, name, ledger, optional=True)
    for key in ("report_date", "check_date"):
        frame[key] = frame[key] if key in frame else frame["date"]
    frame["killed"] = parse_counts(raw[str(chosen["killed"])], str(chosen["killed"]), ledger)
    for name in parts:
        frame[name] = parse_counts(raw[name], name, ledger, optional=True)
    frame["date"] = frame["date"].where(~unknown, frame["check_date"])
    ledger.add(frame["date"].isna(), dated["date"], raw[dated["date"]], "no day can be given to this report")
    frame["flags"] = ""
    frame.loc[unknown, "flags"] += "date-from-events;"
    exceeds = pd.Series(False, index=raw.index)
    for name in parts:
        exceeds |= (frame[name] > frame["killed"]).fillna(False)
    frame.loc[exceeds, "flags"] += "parts>total;"
    _settle_doubles(frame, raw[dated["date"]], unknown, ledger)

    good = ledger.good
    rejected = ledger.frame(pd.Series("", index=raw.index), frame[["killed"]].rename(columns={"killed": "best"}))
    if not ledger.good.any():
        raise nothing_usable(rejected, file.name)
    kept = frame[good].drop(columns="check_date").sort_values("date").reset_index(drop=True)
    kept["flags"] = kept["flags"].str.rstrip(";")
    given = int(frame["killed"].sum())
    if given != int(kept["killed"].sum()) + int(rejected["best"].sum()):
        raise ConservationError(f"the reports hold {given} deaths, which the feed and its ledger do not add up to")
    order = ["date", "killed", *parts, "report_date", "flags"]
    return Feed(kept[order], rejected, record)


def _mapping(mapping: Mapping[str, Any] | str | Path, name: str) -> Mapping[str, Any]:
    """Give the mapping as a dictionary, checked; errors name the mapping's file, or the feed's where it has none."""
    if not isinstance(mapping, Mapping):
        name = Path(mapping).name
        try:
            mapping = tomllib.loads(Path(mapping).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"the mapping cannot be read ({error})", file=name, remedy="check the TOML file"
            ) from error
    for key in mapping:
        if key not in KEYS:
            raise UnknownNameError("mapping key", key, KEYS, file=name)
    for key in ("date", "killed"):
        if key not in mapping:
            raise InputError("the mapping does not name this column", file=name, column=key, remedy=f"add {key} = …")
    for part in _names(mapping, "counts"):
        if part in OWN:
            raise InputError(
                "a further count cannot have the name of a column of the feed itself",
                file=name,
                column=part,
                remedy="leave it out of counts, or rename the column in the file",
            )
    return mapping


def _names(mapping: Mapping[str, Any], key: str) -> list[str]:
    """Give an entry of the mapping as a list, where one name alone may stand for a list of one."""
    given = mapping.get(key, ())
    return [given] if isinstance(given, str) else [str(name) for name in given]


def _unknown(raw: pd.DataFrame, dated: Mapping[str, str], unknown_dates: set[str]) -> pd.Series[bool]:
    """Tell which reports carry a date that stands for "not known"."""
    column = dated.get("report_date", dated["date"])
    return raw[column].str.strip().isin(unknown_dates)


def _settle_doubles(frame: pd.DataFrame, dates: pd.Series, unknown: pd.Series[bool], ledger: Ledger) -> None:
    """Leave one report a day in the feed; note the others in the ledger and flag the day."""
    usable = frame[ledger.good]
    for day, group in usable.groupby("date"):
        if len(group) == 1:
            continue
        stated = group[~unknown[group.index]]
        candidates = stated if len(stated) else group
        fitting = candidates[candidates["check_date"] == day]
        settled = fitting if len(fitting) else candidates
        # The later report is the one further down where both carry the same report date.
        chosen = settled.sort_values("report_date", kind="stable").index[-1]
        rule = "its date fits the events that cite it" if len(fitting) == 1 else "it is the later one"
        for position in group.index.drop(chosen):
            row = ledger.row(chosen)
            ledger.add_row(
                int(position),
                str(dates.name),
                dates[position],
                f"{SUPERSEDED}; row {row} stands: {rule}",
            )
        frame.loc[chosen, "flags"] += "two-reports;"
