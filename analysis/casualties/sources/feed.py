"""Daily feeds as a table: one report a row, dated by a mapping of column names.

A feed may give new deaths, a running total, or both; the two are kept apart, because they need not agree.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.feeds import Choices, Feed, make_feed
from casualties.ledger import ISO_CELL, MOST, Ledger, nothing_usable, parse_counts, parse_dates
from casualties.provenance import SourceRecord
from casualties.sources.files.tables import read_table
from casualties.sources.lists.words import folded

__all__ = ["feed_of_table", "read_feed"]

OWN = (
    "date", "killed", "increment", "running", "revision", "period", "increment_period", "backlog", "suspicion",
    "report_date", "check_date", "stated_date", "flags",
)  # fmt: skip
LISTS = ("counts", "additions", "source_filled")
KEYS = (
    "report_date", "date", "check_date", "killed", "running", "period", "of_period", "new", "base", "resets", "suspect",
    "unknown_dates", *LISTS,
)  # fmt: skip
NEW = ("killed", "running")


def read_feed(path: str | Path, mapping: Mapping[str, Any] | str | Path, record: SourceRecord | None = None) -> Feed:
    """Read a daily feed of new deaths, of running totals, or of both.

    Parameters
    ----------
    path : str or Path
        Any file that `read_table` opens (CSV, workbook, Parquet, JSON with one list of records), one report a row.
        The row that a message names is the row of the sheet, or the record's place in the list (from 1).
    mapping : mapping, or path of a TOML file
        Which column is what: ``date`` (the day the count is for), ``killed`` (deaths of that day), and, optionally,
        ``report_date`` (the day of the report), ``check_date`` (the day that other evidence gives), ``counts`` (a list
        of further columns of people) and ``unknown_dates`` (report dates that stand for "not known").

        Also ``running`` (the running total; ``killed`` may then be left out), ``period`` (hours that the report
        covers), ``additions`` (a list of columns of older deaths in the day's number), ``of_period`` (the column of
        deaths of the period itself), ``source_filled`` (columns that somebody else filled in, carried for comparison;
        like every column not named they are never counted), ``new`` (``"killed"`` or ``"running"``: whether new deaths
        are the stated number or the rise of the total; the stated number where there is one), ``base`` (the running
        total before the first report; else the first total less the first report's number, else the first total
        itself, of which nothing then counts as new), ``resets`` (dates on which the total begins anew) and ``suspect``
        (whether days are searched for suspected backlog; yes where ``running``, ``period`` or ``additions`` is named).
    record : SourceRecord, optional
        Licence, scope and coverage of the feed.

    Returns
    -------
    Feed
        One row a reported day. Two reports for one day are settled thus: the one whose ``check_date`` is that day
        stands; if that does not decide, the later report stands; the other goes to the ledger with its count, and
        the day is flagged ``two-reports``. A report whose date is unknown takes its ``check_date`` where no other
        report has that day, and is flagged ``date-from-events``.

    Notes
    -----
    A report of 0 hours is no report: the 0 that stands there is taken away and flagged ``no-report``; a number above 0
    is kept. The rise of the total is taken between one total and the next, over however many reports lie between, and
    ``increment_period`` is their hours. A total that falls gives no negative count: where the report states a number,
    that is its increment, else the increment is not known; the rest stands in ``revision``, flagged ``revised-total``.
    A total that falls to the report's own number, or on a day named in ``resets``, begins anew (``total-reset``).
    Increments + revisions = last total - base + totals left behind at resets; checked.

    ``backlog`` is the sum of ``additions``; where those are empty it is the day's number less ``of_period``; where that
    is empty too it is not known, and only there a day can be flagged ``suspected-backlog`` (see `suspicions`). When new
    deaths come from the running total, a report in the ledger has no ``best``: the next total holds its deaths.

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
    table = read_table(file, _columns(chosen), keep=(), hashed=record is None)
    if record is None:
        record = SourceRecord(name=file.stem, file=file.name, sha256=table.sha256)
    return _make(table.frame, table.faults, chosen, record, file.name)


def feed_of_table(table: pd.DataFrame, mapping: Mapping[str, Any] | str | Path, record: SourceRecord) -> Feed:
    """Make a daily feed of a table that is at hand, one report a row.

    Parameters
    ----------
    table : DataFrame of str
        The cells as text, "" where there is none; the index is what a message names as the row.
    mapping : mapping, or path of a TOML file
        As in `read_feed`.
    record : SourceRecord
        Where the table comes from.

    Returns
    -------
    Feed

    Raises
    ------
    InputError
        If no report can be used.
    UnknownNameError
        If a mapped column is missing.

    Examples
    --------
    >>> table = pd.DataFrame({"day": ["2019-05-01", "2019-05-02"], "dead": ["7", ""]})
    >>> feed = feed_of_table(table, {"date": "day", "killed": "dead"}, SourceRecord(name="sample"))
    >>> feed
    <Feed sample: 1 days, 7 killed, 1 reports not used>
    """
    chosen = _mapping(mapping, record.file)
    for name in _columns(chosen):
        if name not in table.columns:
            raise UnknownNameError("mapped column", name, [str(column) for column in table.columns], file=record.file)
    return _make(table, {}, chosen, record, record.file)


def _columns(chosen: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the columns that a mapping needs."""
    single = ("date", "report_date", "check_date", "killed", "running", "period", "of_period")
    lists = ("counts", "additions", "source_filled")
    named = [str(chosen[key]) for key in single if key in chosen]
    return tuple(dict.fromkeys([*named, *(name for key in lists for name in _names(chosen, key))]))


def _make(
    cells: pd.DataFrame, broken: Mapping[int, str], chosen: Mapping[str, Any], record: SourceRecord, file: str
) -> Feed:
    """Check every report and make the feed of them."""
    fields = _names(chosen, "additions") + ([str(chosen["of_period"])] if "of_period" in chosen else [])
    aside = tuple(_names(chosen, "source_filled"))
    parts = list(dict.fromkeys([*_names(chosen, "counts"), *fields]))
    dated = {key: str(chosen[key]) for key in ("date", "report_date", "check_date") if key in chosen}
    counted = {key: str(chosen[key]) for key in ("killed", "running", "period") if key in chosen}
    ledger = Ledger(cells.index)
    raw = cells.reset_index(drop=True)
    for row, reason in broken.items():
        ledger.add_row(ledger.position(row), "", "", reason)

    frame = pd.DataFrame(index=raw.index)
    unknown = _unknown(raw, dated, set(_names(chosen, "unknown_dates")))
    for key, name in dated.items():
        text = raw[name].mask(unknown, "") if key != "check_date" else raw[name]
        frame[key] = parse_dates(text, name, ledger, optional=True, plain=folded, shape=ISO_CELL)
    for key in ("report_date", "check_date"):
        frame[key] = frame[key] if key in frame else frame["date"]
    # A feed of new counts alone has nothing else to say, so a report without its number is a fault there.
    several = "running" in counted or "period" in counted
    frame["killed"] = pd.array([pd.NA] * len(raw), dtype="Int64")
    for key, name in counted.items():
        frame[key] = parse_counts(raw[name], name, ledger, optional=several, plain=folded)
    for name in (*parts, *aside):
        frame[name] = parse_counts(raw[name], name, ledger, optional=True, plain=folded)
    # Where cells are missing a number may stand under the wrong column.
    frame.loc[cells.index.isin(list(broken)), [*counted, *parts, *aside]] = pd.NA
    frame["date"] = frame["date"].where(~unknown, frame["check_date"])
    ledger.add(frame["date"].isna(), dated["date"], raw[dated["date"]], "no day can be given to this report")
    frame["flags"] = ""
    frame.loc[unknown, "flags"] += "date-from-events;"
    exceeds = pd.Series(False, index=raw.index)
    for name in parts:
        exceeds |= (frame[name] > frame["killed"]).fillna(False)
    frame.loc[exceeds, "flags"] += "parts>total;"
    frame["stated_date"] = raw[dated["date"]]
    frame.index = cells.index
    good = ledger.good
    faults = ledger.frame(pd.Series("", index=raw.index), frame[["killed"]].rename(columns={"killed": "best"}))
    if not good.any():
        raise nothing_usable(faults, file)
    stated = chosen.get("new", "killed") == "killed" and "killed" in counted
    choices = Choices(
        column=dated["date"],
        new="killed" if stated or "running" not in counted else "increment",
        parts=tuple(parts),
        aside=aside,
        additions=tuple(_names(chosen, "additions")),
        of_period=str(chosen.get("of_period", "")),
        base=chosen.get("base"),
        resets=_resets(chosen, file),
        suspect=chosen.get("suspect", several or bool(fields)),
    )
    return make_feed(frame[good], faults, record, choices)


def _mapping(mapping: Mapping[str, Any] | str | Path, name: str) -> Mapping[str, Any]:
    """Give the mapping as a dictionary, checked; errors name the mapping's file, or the feed's where it has none."""
    if not isinstance(mapping, Mapping):
        name = Path(mapping).name
        try:
            mapping = tomllib.loads(Path(mapping).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(
                f"the mapping cannot be read ({error})", file=name, remedy="check the TOML file"
            ) from error
    for key in mapping:
        if key not in KEYS:
            raise UnknownNameError("mapping key", key, KEYS, file=name)
    for key in ("date",) if "running" in mapping else ("date", "killed"):
        if key not in mapping:
            raise InputError("the mapping does not name this column", file=name, column=key, remedy=f"add {key} = …")
    new = mapping.get("new", "killed")
    if new not in NEW:
        raise UnknownNameError("new", new, NEW, file=name)
    if "new" in mapping and new not in mapping:
        raise InputError(
            "the mapping takes its new deaths from a column that it does not name",
            file=name,
            column="new",
            value=new,
            remedy=f"add {new} = …",
        )
    base = mapping.get("base", 0)
    if isinstance(base, bool) or not isinstance(base, int) or not 0 <= base <= MOST:
        raise InputError(
            f"the running total before the first report is a whole number of at least 0 and at most {MOST:,}",
            file=name,
            column="base",
            value=base,
            remedy="correct it, or leave it out",
        )
    if not isinstance(mapping.get("suspect", True), bool):
        raise InputError("suspect is true or false", file=name, column="suspect", value=mapping["suspect"])
    for part in (column for key in LISTS for column in _names(mapping, key)):
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
    return [str(name) for name in given] if isinstance(given, list | tuple) else [str(given)]


def _unknown(raw: pd.DataFrame, dated: Mapping[str, str], unknown_dates: set[str]) -> pd.Series[bool]:
    """Tell which reports carry a date that stands for "not known"."""
    column = dated.get("report_date", dated["date"])
    return raw[column].str.strip().isin(unknown_dates)


def _resets(mapping: Mapping[str, Any], name: str) -> tuple[pd.Timestamp, ...]:
    """Give the days on which the mapping says that the running total begins anew."""
    days = _names(mapping, "resets")
    try:
        return tuple(pd.to_datetime(pd.Series(days, dtype="str"), format="%Y-%m-%d"))
    except ValueError as error:
        raise InputError(
            "a day of reset is not a date",
            file=name,
            column="resets",
            value=", ".join(days),
            remedy="write it as YYYY-MM-DD",
        ) from error
