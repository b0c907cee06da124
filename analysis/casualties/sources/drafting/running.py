"""Whether the numbers of a table with one row a day are a running total or new counts: by how they rise and fall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from casualties.errors import InputError
from casualties.sources.drafting.look import Column

__all__ = ["Course", "Fall", "by_day", "course", "falls", "mind_totals_by_place", "repeated_days", "reports_by_day"]

# Ten numbers in a row that never fall are no accident of daily counts; four may be.
SURE, LEAST = 10, 4
# A running total may be revised: a fall now and then, against many rises.
RISES_A_FALL, STEPS = 10, 20
# A feed may hold a second report now and then; a list of events has several a day as a rule.
REPEATED, LEAST_DAYS = 0.03, 10
# A total that begins anew falls to what one day or a few bring.
ANEW = 0.2


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall of a running total.

    Parameters
    ----------
    day : str
        The day of the lower total, as an ISO date.
    earlier, before, after : int
        The totals: the last but one before the fall, the last before it, and the one after it.
    """

    day: str
    earlier: int
    before: int
    after: int

    @property
    def anew(self) -> bool:
        """Whether the total seems to begin anew: it falls to near 0, or to less than half on the first of January.

        A total that goes on from the last but one was only too high once.
        """
        return (
            self.after < self.earlier and self.after <= (ANEW if not self.day.endswith("-01-01") else 0.5) * self.before
        )


@dataclass(frozen=True, slots=True)
class Course:
    """What the numbers of a column do from day to day.

    Parameters
    ----------
    running : bool
        Whether they are taken for a running total.
    words : str
        Why.
    rise : int
        What they rise by from the first report to the last.
    doubts : tuple of str
        What the user must settle.
    """

    running: bool = False
    words: str = ""
    rise: int = 0
    doubts: tuple[str, ...] = ()


def course(column: Column, order: Iterable[int]) -> Course:
    """Tell whether a column is a running total.

    Parameters
    ----------
    column : Column
        A column of whole numbers.
    order : iterable of int
        The rows by date.

    Returns
    -------
    Course

    Examples
    --------
    >>> import pandas as pd
    >>> from casualties.sources.drafting.look import look
    >>> (column,) = look(pd.DataFrame({"killed": ["3", "3", "7", "9", "12", "15", "15", "20", "26", "30"]}))
    >>> course(column, range(10)).words
    'a running total: it never falls in 10 reports and rises from 3 to 30'
    """
    if column.numbers is None:
        return Course()
    values = column.numbers.reindex(list(order)).dropna().astype("int64")
    steps = values.diff().dropna()
    falls, rises, count = int((steps < 0).sum()), int((steps > 0).sum()), len(values)
    rise = int(values.iloc[-1] - values.iloc[0]) if count else 0
    said = "running" in column.says
    never = count >= LEAST and not falls and rises >= LEAST - 1
    seldom = len(steps) >= STEPS and 0 < falls <= rises / RISES_A_FALL
    if not count:
        return Course()
    often = "once" if falls == 1 else f"{falls:,} times"
    moves = f"never falls in {count:,} reports" if not falls else f"falls {often} in {count:,} reports"
    told = f"it {moves} and rises from {int(values.iloc[0]):,} to {int(values.iloc[-1]):,}"
    if said and not (never or seldom) and falls > len(steps) / 5:
        return Course(
            rise=rise, doubts=(f"the header says running total, but it {moves}: it is taken for new deaths.",)
        )
    if "new" in column.says and (never or seldom) and not said:
        return Course(
            rise=rise, doubts=(f"the header says new deaths, but it {moves}; if it is a running total, use running.",)
        )
    if not said and not never and not seldom:
        return Course(rise=rise)
    doubts: tuple[str, ...] = ()
    if not said and (seldom or count < SURE):
        doubts = (f"no header says so, but {told}: it is taken for a running total, not for new deaths.",)
    return Course(True, f"a running total: {told}", rise, doubts)


def falls(column: Column, date: Column) -> list[Fall]:
    """Give the falls of a running total, by day.

    Parameters
    ----------
    column : Column
        The running total.
    date : Column
        The day of the report.
    """
    if column.numbers is None or date.days is None:
        return []
    values = column.numbers.reindex(by_day(date)).dropna().astype("int64")
    fell = values[values.diff() < 0].index
    before, earlier = values.shift(), values.shift(2).fillna(values.shift())
    return [Fall(str(date.days[row]), int(earlier[row]), int(before[row]), int(values[row])) for row in fell]


def repeated_days(date: Column) -> dict[str, list[int]]:
    """Give the days that stand in several rows, with their rows.

    Parameters
    ----------
    date : Column
        A column of dates.
    """
    if date.days is None:
        return {}
    days = date.days[date.days != ""]
    again = days[days.duplicated(keep=False)]
    return {str(day): rows.index.tolist() for day, rows in again.groupby(again)}


def reports_by_day(date: Column) -> bool:
    """Tell whether a table has one row a day, but for a second report now and then.

    Parameters
    ----------
    date : Column
        A column of dates; months or years are no days.
    """
    if date.days is None or date.dates is None or any("%d" not in text for text in date.dates.formats):
        return False
    days = date.days[date.days != ""]
    more = int(days.duplicated().sum())
    if not more:
        return True
    span = (pd.Timestamp(date.dates.last) - pd.Timestamp(date.dates.first)).days + 1
    different = days.nunique()
    return different >= LEAST_DAYS and different >= 0.9 * span and more <= max(1, REPEATED * different)


def mind_totals_by_place(column: Column, date: Column, places: Iterable[Column], file: str) -> str:
    """Say where the deaths of a list by day and place are running totals, which must not be added up.

    Parameters
    ----------
    column : Column
        The deaths.
    date : Column
        The day of the event.
    places : iterable of Column
        The columns that say where.
    file : str
        Name of the file.

    Returns
    -------
    str
        A doubt; empty where there is none.

    Raises
    ------
    InputError
        If the numbers of each place never fall and mostly rise, or the header says running total.
    """
    if column.numbers is None or date.days is None:
        return ""
    keys = pd.Series("", index=column.cells.index, dtype="str")
    for place in places:
        keys = keys + "\0" + place.cells
    rows = pd.DataFrame({"day": date.days, "place": keys, "number": column.numbers})
    rows = rows[(rows["day"] != "") & rows["number"].notna()].sort_values("day", kind="stable")
    steps = rows.groupby("place")["number"].diff().dropna().astype("int64")
    fallen, risen = int((steps < 0).sum()), int((steps > 0).sum())
    alone = not rows["day"].duplicated().any()
    told = f"within each place its numbers rise {risen:,} and fall {fallen:,} times in {len(steps):,} steps"
    sure = len(steps) >= STEPS and not fallen and 2 * risen >= len(steps)
    if sure or ("running" in column.says and (not alone or fallen <= risen / RISES_A_FALL)):
        why = "the header says so" if "running" in column.says else "no header says so"
        raise InputError(
            f"these are running totals of deaths, not new ones ({why}; {told}), and adding them up would count the "
            "same deaths again and again",
            file=file,
            column=column.name,
            remedy="write the new deaths of each row (its total less the one before at the same place) and draft "
            "again, or keep one row a day with the total of all places",
        )
    if risen >= SURE and 2 * risen >= len(steps) and fallen <= risen / RISES_A_FALL:
        return (
            f"{column.name!r} may be running totals: {told}. They are taken for new deaths of each row; if they are "
            "totals, write the new deaths of each row and draft again."
        )
    return ""


def by_day(date: Column) -> list[int]:
    """Give the rows that have a day, in the order of their days.

    Parameters
    ----------
    date : Column
        A column of dates.
    """
    return [] if date.days is None else date.days[date.days != ""].sort_values(kind="stable").index.tolist()
