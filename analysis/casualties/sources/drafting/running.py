"""Whether the numbers of a table with one row a day are a running total or new counts: by how they rise and fall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casualties.sources.drafting.look import Column

__all__ = ["Course", "by_day", "course"]

# Ten numbers in a row that never fall are no accident of daily counts; four may be.
SURE, LEAST = 10, 4
# A running total may be revised: a fall now and then, against many rises.
RISES_A_FALL, STEPS = 10, 20


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
    moves = f"never falls in {count:,} reports" if not falls else f"falls {falls:,} times in {count:,} reports"
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


def by_day(date: Column) -> list[int]:
    """Give the rows that have a day, in the order of their days.

    Parameters
    ----------
    date : Column
        A column of dates.
    """
    return [] if date.days is None else date.days[date.days != ""].sort_values(kind="stable").index.tolist()
