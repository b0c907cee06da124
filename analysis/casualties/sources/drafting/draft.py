"""From what the columns of a file seem to hold to a mapping that reads it; what cannot be told is said as a doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import InputError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.sources import acled, tolls, ucdp
from casualties.sources.drafting.cautions import mind_codes, mind_periods, mind_repeats, mind_totals, no_deaths
from casualties.sources.drafting.draft_feed import RUNNING, draft_feed, fits_feed
from casualties.sources.drafting.draft_list import draft_list
from casualties.sources.drafting.locate import locate
from casualties.sources.drafting.look import Column
from casualties.sources.drafting.roles import Sorting
from casualties.sources.drafting.running import Course, by_day, course, reports_by_day
from casualties.sources.drafting.toml import toml_table
from casualties.sources.files.tables import Layout
from casualties.tolls import Tolls

__all__ = ["Draft", "draft_mapping"]

PROVIDERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "acled": ("ACLED", acled.REQUIRED),
    "ucdp-ged": ("UCDP GED", ucdp.REQUIRED),
    "tolls": ("published totals", tolls.REQUIRED),
}
# A table of one report a day covers most days of its span.
DAYS_OF_FEED, SHARE_OF_DAYS = 5, 0.5
# What is said of a column that is not read, by the concept in its header.
UNREAD: Mapping[str, str] = {
    "name": "names, dropped",
    "personal": "about a person, dropped",
    "birth": "date of birth, dropped",
    "injured": "injured, not read",
}


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What a file was understood to be.

    Parameters
    ----------
    file : str
        Name of the file.
    format : {"acled", "ucdp-ged", "tolls", "feed", "mapped"}
        The reader for it.
    mapping : dict
        Its mapping: for `read_mapped` or `read_feed`; empty for a provider's own layout.
    table : DataFrame
        One row a column of the file: ``column``, ``understood as``, ``evidence``. No cell of words is repeated.
    doubts : tuple of str
        What the user must settle, each with what was taken.
    remarks : mapping of str to str
        Why, by the entry of the mapping (``"columns.best"``).
    daily : bool
        Whether the file has one row a day, so that a day without a row is missing and not zero.
    area : str
        What is known of the place: the country whose areas were recognised, else empty.
    totals : tuple of int
        Rows that say that they are totals of others: no events, and never to be counted.
    source : Events, Feed or Tolls, optional
        What the draft reads, once it was tried.
    """

    file: str
    format: str
    mapping: Mapping[str, Any]
    table: pd.DataFrame
    doubts: tuple[str, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)
    daily: bool = False
    area: str = ""
    totals: tuple[int, ...] = ()
    source: Events | Feed | Tolls | None = None

    def toml(self, name: str = "") -> str:
        """Write the mapping as TOML, each assumption above the line that makes it.

        Parameters
        ----------
        name : str, optional
            Name of the table that holds it, such as ``sources.list.mapping``; without it the mapping is a file.
        """
        head = (
            f"# How {self.file} is read. Drafted by looking at its columns: check every line.\n"
            "# Columns that are not named here are never read.\n"
        )
        return (head if not name else "") + toml_table(self.mapping, self.remarks, name)


def draft_mapping(path: str | Path) -> Draft:
    """Look at a file and draft the mapping that reads it.

    Parameters
    ----------
    path : str or Path
        Any file that `read_table` can read: a list of events, a list of persons, a daily feed, or an export of ACLED
        or UCDP GED.

    Returns
    -------
    Draft

    Raises
    ------
    InputError
        If the file cannot be read, or no column has dates, or none tells of deaths or persons.

    Notes
    -----
    Headers are understood in English and Arabic. The order of day and month is what the cells decide; where none does,
    the day is taken to stand first, and that is a doubt. Where two columns would do equally, the first by name is
    taken, and that is a doubt too. The same file gives the same draft, whatever the order of its rows.

    Examples
    --------
    >>> import casualties as ca
    >>> draft_mapping(ca.bundled("idlib-2019") / "ged_syria.csv").format
    'ucdp-ged'
    """
    file = Path(path)
    found = locate(file)
    names = set(found.table.frame.columns)
    for kind, (words, required) in PROVIDERS.items():
        if names.issuperset(required) and found.layout == Layout():
            rows = [
                (name, f"{words}: {'needed' if name in required else 'optional'}", "the provider's name")
                for name in map(str, found.table.frame.columns)
            ]
            return Draft(file.name, kind, {}, _table(rows))
    work = Sorting(file.name, found.table.frame.drop(index=list(found.table.faults)), found.layout)
    work.doubts += found.doubts
    work.remarks |= {f"file.{entry}": why for entry, why in found.remarks.items()}
    return _drafted(work)


def _table(rows: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["column", "understood as", "evidence"], dtype="str")


def _drafted(work: Sorting) -> Draft:
    """Decide what the file is and draft its mapping."""
    date, last = work.dates()
    order = by_day(date)
    alone = reports_by_day(date)
    deaths = work.deaths()
    if not deaths and not work.ends() and not work.is_victims():
        raise no_deaths(work)
    period = mind_periods(work, date, last)
    totals = mind_totals(work, date, [*deaths, *work.ends()])
    steady = {column.name: course(column, order) if alone else Course() for column in deaths}
    # Weekly counts that grow are no running total unless the header says so.
    courses = {
        column.name: Course() if period and "running" not in column.says else steady[column.name] for column in deaths
    }
    for column in deaths:
        if steady[column.name].running and not courses[column.name].running:
            work.doubts.append(
                f"{column.name!r} is taken for new deaths of each {period}, though as {steady[column.name].words}."
            )
    rest = [column for column in work.columns if column.name not in work.roles]
    told = any(column.different > 1 and _tells(column) for column in rest)
    running = any(one.running for one in courses.values())
    daily = bool(deaths) and alone and not told and (running or _is_daily(date))
    signed = next((column for column in deaths if column.thousands), None)
    if daily and running and signed is not None:
        raise InputError(
            f"a daily feed with a running total is read from plain numbers, and here {signed.thousands!r} stands "
            "between thousands",
            file=work.file,
            column=signed.name,
            remedy="write the numbers without that sign (32009), and draft again",
        )
    if daily and (running or (fits_feed(work, date) and signed is None)):
        draft_feed(work, date, deaths, courses)
        for column in deaths:
            if column.name == work.mapping.get("killed"):
                mind_codes(work, column, "leave these cells empty in a copy of the file")
        made = _done(work, "feed", daily=True)
    else:
        draft_list(work, date, last, deaths)
        mind_repeats(work)
        for column in deaths:
            if column.name == work.mapping["columns"].get("best"):
                mind_codes(work, column, 'write in the mapping, under [values.best], the line "{}" = ""')
        made = _done(work, "mapped", daily=daily)
    return replace(made, totals=totals)


def _tells(column: Column) -> bool:
    """Tell whether a column says where, who or which, so that the rows are no daily totals."""
    about = {"adm1", "adm2", "place", "name", "side_a", "side_b", "incident", "lat", "lon", "age", "sex"}
    return column.kind == "places" or bool(column.says & about and column.kind != "counts")


def _is_daily(date: Column) -> bool:
    if date.dates is None or date.days is None:
        return False
    span = (pd.Timestamp(date.dates.last) - pd.Timestamp(date.dates.first)).days + 1
    days = int((date.days != "").sum())
    return days >= DAYS_OF_FEED and days >= SHARE_OF_DAYS * span


def _done(work: Sorting, kind: str, *, daily: bool) -> Draft:
    """Put the draft together: layout, table, doubts."""
    standard = Layout()
    file = {
        name: getattr(work.layout, name)
        for name in Layout.__dataclass_fields__
        if getattr(work.layout, name) != getattr(standard, name)
    }
    mapping: dict[str, Any] = {name: work.mapping[name] for name in ("rows", "gazetteer") if name in work.mapping}
    if kind == "mapped" and file:
        mapping["file"] = file
    mapping |= {name: entry for name, entry in work.mapping.items() if name not in mapping}
    for ours, theirs in work.mapping.get("columns", {}).items():
        why = next(_evidence(column, work) for column in work.columns if column.name == theirs)
        work.remarks.setdefault(f"columns.{ours}", f"{work.roles.get(theirs, ours)}: {why}")
    rows = []
    for column in work.columns:
        role = work.roles.get(column.name, "")
        read = column.name in work.roles and not role.endswith("not read")
        rows.append((column.name, role or _unread(column), _evidence(column, work) if read else column.brief))
    area = "Syria" if work.mapping.get("gazetteer") == "syria" else ""
    return Draft(work.file, kind, mapping, _table(rows), tuple(work.doubts), work.remarks, daily, area)


def _evidence(column: Column, work: Sorting) -> str:
    """Give the evidence for a column that is read; of columns that count the dead also their sum."""
    role = work.roles.get(column.name, "")
    if role == RUNNING:
        return work.remarks["running"]
    if column.numbers is not None and ("deaths" in role or "dead" in role):
        return f"{column.evidence}, together {int(column.numbers.sum()):,}"
    return column.evidence


def _unread(column: Column) -> str:
    """Say what becomes of a column that the mapping does not name."""
    if column.kind == "empty":
        return "empty"
    concept = next((concept for concept in UNREAD if concept in column.says), "")
    if concept:
        return UNREAD[concept]
    if column.kind == "words":
        return "words, dropped"
    if "deaths" in column.says and column.kind == "counts":
        return "further deaths, not read"
    return "not understood, not read"
