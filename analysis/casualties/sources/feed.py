"""Daily feeds as a table: one report a row, dated by a mapping of column names.

A feed may give new deaths, a running total, or both; the two are kept apart, because they need not agree.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from casualties.backlog import suspicions
from casualties.errors import ConservationError, InputError, UnknownNameError, nearest
from casualties.feeds import SUPERSEDED, Feed
from casualties.ledger import Ledger, nothing_usable, parse_counts, parse_dates
from casualties.provenance import SourceRecord, file_sha256
from casualties.sources.tables import RawTable, read_table

__all__ = ["read_feed"]

OWN = (
    "date", "killed", "increment", "running", "revision", "period", "increment_period", "backlog", "suspicion",
    "report_date", "check_date", "flags",
)  # fmt: skip
LISTS = ("counts", "additions", "source_filled")
KEYS = (
    "report_date", "date", "check_date", "killed", "running", "period", "of_period", "new", "base", "resets", "suspect",
    "unknown_dates", *LISTS,
)  # fmt: skip
NEW = ("killed", "running")
LARGEST = 200_000_000


def read_feed(path: str | Path, mapping: Mapping[str, Any] | str | Path, record: SourceRecord | None = None) -> Feed:
    """Read a daily feed of new deaths, of running totals, or of both.

    Parameters
    ----------
    path : str or Path
        A CSV file, one report a row; or a ``.json`` file: a list of records, or an object that holds one such list.
        The row that a message names is the line's place in a spreadsheet, or the record's place in the list (from 1).
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
    fields = _names(chosen, "additions") + ([str(chosen["of_period"])] if "of_period" in chosen else [])
    aside = tuple(_names(chosen, "source_filled"))
    parts = list(dict.fromkeys([*_names(chosen, "counts"), *fields]))
    dated = {key: str(chosen[key]) for key in ("date", "report_date", "check_date") if key in chosen}
    counted = {key: str(chosen[key]) for key in ("killed", "running", "period") if key in chosen}
    required = (*dated.values(), *counted.values(), *parts, *aside)
    table = _read_records(file, required) if file.suffix.lower() == ".json" else read_table(file, required=required)
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
    # A feed of new counts alone has nothing else to say, so a report without its number is a fault there.
    several = "running" in counted or "period" in counted
    frame["killed"] = pd.array([pd.NA] * len(raw), dtype="Int64")
    for key, name in counted.items():
        frame[key] = parse_counts(raw[name], name, ledger, optional=several)
    for name in (*parts, *aside):
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
    given = int(frame["killed"].sum())
    if given != int(kept["killed"].sum()) + int(rejected["best"].sum()):
        raise ConservationError(f"the reports hold {given} deaths, which the feed and its ledger do not add up to")
    order = ["date", "killed"]
    new, base = "killed", None
    if "period" in counted:
        _periods(kept)
    if "running" in counted:
        new = "killed" if chosen.get("new", "killed") == "killed" and "killed" in counted else "increment"
        base = _increments(kept, chosen.get("base"), _resets(chosen, file.name))
        order += ["increment", "running", "revision"]
    order += [*parts, *aside]
    if several:
        silent = kept[new].isna() & ~kept["flags"].str.contains("no-report")
        kept.loc[silent, "flags"] += "no-count;"
    order += [name for name in ("period", "increment_period") if name in kept]
    if fields:
        of_period = kept[str(chosen["of_period"])] if "of_period" in chosen else None
        _split(kept, new, _names(chosen, "additions"), of_period)
        order.append("backlog")
    if chosen.get("suspect", several or bool(fields)):
        _suspect(kept, new)
        order.append("suspicion")
    if new == "increment":
        rejected["best"] = pd.array([pd.NA] * len(rejected), dtype="Int64")
    kept["flags"] = kept["flags"].str.rstrip(";")
    return Feed(kept[[*order, "report_date", "flags"]], rejected, record, new, base, aside)


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
    if isinstance(base, bool) or not isinstance(base, int) or base < 0:
        raise InputError(
            "the running total before the first report is a whole number of at least 0",
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


def _periods(frame: pd.DataFrame) -> None:
    """Check the hours of each report, and take away the zeros of those that cover none."""
    unstated = frame["period"].isna()
    frame.loc[unstated, "flags"] += "period-assumed;"
    frame["period"] = frame["period"].fillna(24)
    none = frame["period"] == 0
    frame.loc[none, "flags"] += "no-report;"
    frame["killed"] = frame["killed"].mask(none & (frame["killed"] == 0).fillna(False))
    covering = frame[~none]
    reach = np.ceil(covering["period"].astype("float64") / 24)
    overlaps = covering["date"].diff().dt.days < reach
    frame.loc[covering.index[overlaps], "flags"] += "period-overlaps;"


def _resets(mapping: Mapping[str, Any], name: str) -> pd.DatetimeIndex:
    """Give the days on which the mapping says that the running total begins anew."""
    days = _names(mapping, "resets")
    try:
        return pd.DatetimeIndex(pd.to_datetime(pd.Series(days, dtype="str"), format="%Y-%m-%d"))
    except ValueError as error:
        raise InputError(
            "a day of reset is not a date",
            file=name,
            column="resets",
            value=", ".join(days),
            remedy="write it as YYYY-MM-DD",
        ) from error


def _increments(frame: pd.DataFrame, base: int | None, resets: pd.DatetimeIndex) -> int | None:
    """Add the rise of the running total since the last one, its hours, and what was revised; give the base."""
    count = len(frame)
    rise: list[Any] = [pd.NA] * count
    revised: list[Any] = [pd.NA] * count
    hours: list[Any] = [pd.NA] * count
    totals = np.flatnonzero(frame["running"].notna())
    killed, running = (frame[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("killed", "running"))
    periods = frame["period"].to_numpy(dtype="int64") if "period" in frame else None
    dates = pd.DatetimeIndex(frame["date"])
    flags = [""] * count
    since, carried = -1, 0
    last: int | None = None
    for position in totals.tolist():
        total, stated = int(running[position]), None if np.isnan(killed[position]) else int(killed[position])
        unbased = last is None and base is None and (stated is None or stated > total)
        if last is None:
            if base is None:
                base = total if unbased or stated is None else total - stated
            last = base
        if unbased:
            rise[position] = pd.NA
        elif total < last and (stated == total or dates[position] in resets):
            carried += last
            rise[position], last = total, 0
            flags[position] += "total-reset;"
        elif total < last:
            rise[position] = pd.NA if stated is None else stated
            flags[position] += "revised-total;"
        else:
            rise[position] = total - last
        fresh = 0 if rise[position] is pd.NA else int(rise[position])
        revised[position] = total - last - fresh
        if periods is not None:
            hours[position] = int(periods[since + 1 : position + 1].sum())
            if hours[position] == 0 and fresh == 0:
                rise[position] = pd.NA
        else:
            hours[position] = 24 * (dates[position] - dates[since]).days if since >= 0 else 24
        alone = position - since == 1
        if stated is not None and rise[position] is not pd.NA and alone and stated != fresh:
            flags[position] += "counts-differ;"
        since, last = position, total
    frame["increment"] = pd.array(rise, dtype="Int64")
    frame["revision"] = pd.array(revised, dtype="Int64")
    frame["increment_period"] = pd.array(hours, dtype="Int64")
    frame["flags"] += pd.Series(flags, index=frame.index, dtype="str")
    if last is not None and base is not None:
        moved = int(frame["increment"].sum()) + int(frame["revision"].sum())
        if moved != last - base + carried:
            raise ConservationError(
                f"the running total went from {base} to {last} and its increments and revisions add up to {moved}"
            )
    return base


def _split(frame: pd.DataFrame, new: str, additions: list[str], of_period: pd.Series | None) -> None:
    """Split each day's number into deaths of the period and older deaths, as far as the feed's own fields tell."""
    older = frame[additions].sum(axis=1, min_count=1).astype("Int64")
    if of_period is not None:
        rest = frame[new] - of_period
        older = older.fillna(rest.where((rest >= 0).fillna(False)))
    frame["backlog"] = older
    frame.loc[(2 * older > frame[new]).fillna(False), "flags"] += "mainly-backlog;"


def _suspect(frame: pd.DataFrame, new: str) -> None:
    """Flag the days that look like backlog where the feed does not say what they are."""
    name = "increment_period" if new == "increment" else "period"
    table = suspicions(frame["date"], frame[new], frame.get(name)).set_index("date")
    evidence = table.loc[table["suspected"], "evidence"].reindex(frame["date"]).reset_index(drop=True)
    told = frame["backlog"].notna() if "backlog" in frame else pd.Series(False, index=frame.index)
    frame["suspicion"] = evidence.mask(told, None).fillna("").astype("str")
    frame.loc[frame["suspicion"] != "", "flags"] += "suspected-backlog;"


def _read_records(file: Path, required: tuple[str, ...]) -> RawTable:
    """Read a JSON file of records as a table of text; an absent field and a null are empty cells."""
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise InputError("the file is too large for JSON", file=file.name, remedy="convert it to CSV")
        content = json.loads(
            data.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_Record
        )
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})", file=str(file), remedy="check the path"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"the file cannot be read as JSON ({error})", file=file.name, remedy="download it again, or check it"
        ) from error
    if isinstance(content, _Record):
        lists = [value for value in content.values() if isinstance(value, list)]
        if len(lists) != 1:
            raise InputError(
                f"the object holds {len(lists)} lists of records where one is needed",
                file=file.name,
                remedy="save the one list as a file of its own",
            )
        content = lists[0]
    if not isinstance(content, list) or not content:
        raise InputError("the file holds no records", file=file.name, remedy="give a list of objects, one a report")
    columns = list(dict.fromkeys(key for item in content if isinstance(item, _Record) for key in item))
    for name in required:
        if name not in columns:
            near = nearest(name, [column for column in columns if column not in required])
            raise InputError(
                "no record has this field",
                file=file.name,
                column=name,
                remedy=f"the nearest field is {near!r}; correct the mapping" if near else "check the mapping",
            )
    kept = list(dict.fromkeys(required))
    faults, rows = {}, []
    for number, item in enumerate(content, start=1):
        if not isinstance(item, _Record):
            faults[number] = "this is not a record with named fields"
        elif item.doubled:
            faults[number] = f"the field {item.doubled!r} stands twice in the record"
        fields = item if isinstance(item, _Record) else {}
        rows.append([_cell(fields.get(name)) for name in kept])
    index = pd.Index(range(1, len(rows) + 1), name="row")
    return RawTable(
        pd.DataFrame(rows, columns=kept, index=index, dtype="str"), faults, pd.Series("", index=index, dtype="str")
    )


class _Record(dict[str, Any]):
    """An object of a JSON file that remembers a name that it was given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.doubled = next((name for name in names if names.count(name) > 1), "") if len(self) < len(pairs) else ""


def _cell(value: Any) -> str:
    """Give a field of a record as the text of a cell."""
    if value is None:
        return ""
    # Half of a character pair is valid JSON and no text.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else json.dumps(value)
