"""A draft of a mapping for a daily feed: new counts, a running total, or both."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casualties.errors import InputError
from casualties.sources.drafting.look import Column
from casualties.sources.drafting.roles import PARTS, Sorting
from casualties.sources.drafting.running import Course, Fall, by_day, course, falls, repeated_days
from casualties.sources.files.tables import Layout
from casualties.sources.lists.dates import ISO

__all__ = ["RUNNING", "draft_feed", "fits_feed"]

RUNNING = "running total of deaths"


def draft_feed(work: Sorting, date: Column, deaths: list[Column], courses: Mapping[str, Course]) -> None:
    """Draft a feed: new counts, a running total, or both.

    Parameters
    ----------
    work : Sorting
        The columns; mapping, remarks and doubts are added to it.
    date : Column
        The day of the report.
    deaths : list of Column
        The columns that could be deaths, running totals among them.
    courses : mapping of str to Course
        What each of these does from day to day, by its name.

    Raises
    ------
    InputError
        If the reader of feeds cannot read the file as it is.
    """
    if not fits_feed(work, date):
        raise InputError(
            "this is a daily feed with a running total, and such a feed is read from a plain table with dates as "
            "YYYY-MM-DD",
            file=work.file,
            column=date.name,
            remedy="save it as CSV (UTF-8) or JSON with the header in row 1 and dates as YYYY-MM-DD; draft again",
        )
    order = by_day(date)
    work.doubts += [
        f"{len(rows):,} reports are for {day} (rows {', '.join(map(str, rows))}): one counts, the one further down, "
        "and the other goes to the ledger. If the rows are events that add up, read the file with a mapping "
        '(format = "mapped", rows = "events").'
        for day, rows in repeated_days(date).items()
    ]
    running = [column for column in deaths if courses[column.name].running]
    total = work.choose(running, RUNNING)
    fresh = work.choose([column for column in deaths if column not in running], "new deaths of the day")
    work.mapping["date"] = date.name
    work.remarks["date"] = (
        "the day of the report is all that is known: its deaths may be older"
        if "report" in date.says
        else "taken for the day of the deaths; a report may stand a day later"
    )
    if fresh is not None:
        work.mapping["killed"] = fresh.name
    if total is not None:
        work.mapping["running"] = total.name
        work.remarks["running"] = courses[total.name].words
        work.doubts += [f"{total.name!r}: {doubt}" for doubt in courses[total.name].doubts]
        work.doubts += _falls(total, falls(total, date), fresh is not None)
        begins = int(total.numbers[order].dropna().iloc[0]) if total.numbers is not None else 0
        if fresh is None and begins:
            work.doubts.append(
                f"The running total begins at {begins:,}: it is not known how many of these are new, so none "
                "counts. If the count began with the first report, add base = 0 to the mapping."
            )
    if fresh is not None and total is not None and fresh.numbers is not None:
        stated, rise = int(fresh.numbers.sum()), courses[total.name].rise + _first(total, fresh, date)
        work.remarks["killed"] = f"new deaths as stated ({stated:,}); the running total rises by {rise:,}"
        if stated != rise:
            work.doubts.append(
                f"The new deaths stated add up to {stated:,}, the running total rises by {rise:,}: the stated ones "
                'are taken. To take the rises, add new = "running" to the mapping.'
            )
    elif fresh is not None:
        work.doubts += [f"{fresh.name!r}: {doubt}" for doubt in courses[fresh.name].doubts]
    hours = [column for column in work.free("counts") if "period" in column.says and _is_hours(column)]
    period = work.choose(hours, "hours that the report covers")
    if period is not None:
        work.mapping["period"] = period.name
    parts = [column for column in work.free("counts") if column.says & {*PARTS, "civilians"}]
    parts = [column for column in parts if not column.says & {"injured", "running"} and fresh is not None]
    parts = [column for column in parts if not course(column, order).running]
    if parts:
        work.mapping["counts"] = sorted(column.name for column in parts)
        for column in parts:
            work.take(column, "part of the dead")
    left = [column.name for column in work.columns if column.name not in work.roles and column in deaths]
    if left:
        work.doubts.append(
            f"Further columns tell of deaths and are not read: {', '.join(map(repr, sorted(left)))}. If they are "
            "older deaths within the day's number, name them in additions."
        )


def _falls(total: Column, fell: list[Fall], stated: bool) -> list[str]:
    """Say where a running total seems to begin anew, and where it takes back what it counted."""
    anew = [fall for fall in fell if fall.anew]
    back = [fall for fall in fell if not fall.anew]
    doubts = []
    if anew:
        days = ", ".join(f'"{fall.day}"' for fall in anew)
        first = anew[0]
        doubts.append(
            f"{total.name!r} falls from {first.before:,} to {first.after:,} on {first.day} and seems to begin anew. If "
            f"it does, add resets = [{days}] to the mapping; else the deaths of that report are not known, and the "
            "fall stands in the account as taken back."
        )
    if back and not stated:
        told = ", ".join(f"{fall.day} (by {fall.before - fall.after:,})" for fall in back[:5])
        more = f" and on {len(back) - 5:,} more days" if len(back) > 5 else ""
        doubts.append(
            f"{total.name!r} falls on {told}{more}: an earlier total was too high, or revised. Its rise counts as new "
            'deaths all the same, and the fall stands in the account as "taken back by revised totals": look at the '
            "reports before these days, and correct or remove a slip of the pen."
        )
    return doubts


def fits_feed(work: Sorting, date: Column) -> bool:
    """Tell whether the reader of feeds, which takes ISO dates and the plainest layout, can read the file.

    Parameters
    ----------
    work : Sorting
        The columns and where they were found.
    date : Column
        The day of the report.
    """
    return date.dates is not None and date.dates.formats == (ISO,) and work.layout == Layout()


def _first(total: Column, fresh: Column, date: Column) -> int:
    """Give the first report's new deaths: the running total before it is taken to lack them."""
    if date.days is None or fresh.numbers is None or total.numbers is None:
        return 0
    first = total.numbers.dropna().index.intersection(date.days[date.days != ""].index)
    row = date.days[first].sort_values(kind="stable").index[0]
    return 0 if pd.isna(fresh.numbers[row]) else int(fresh.numbers[row])


def _is_hours(column: Column) -> bool:
    return column.numbers is not None and bool((column.numbers.dropna() % 24 == 0).all())
