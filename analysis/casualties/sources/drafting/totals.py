"""Rows that add up other rows: by the word for a total in a cell, and by a number that is the sum of others."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from casualties.sources.drafting.look import Column
from casualties.sources.lists.words import says_total

__all__ = ["sums", "words_of_totals"]

NAMED = frozenset({"adm1", "adm2", "place", "name", "id", "incident"})
# A number that is the sum of so many others is no accident, nor a large one at the end of a month; a day's rows are
# few, so many days must show it.
ABOVE, LARGE, A_DAY, DAYS, MOST = 5, 20, 3, 3, 0.8


def words_of_totals(columns: Iterable[Column]) -> dict[int, tuple[Column, str]]:
    """Find the rows that say that they are a total.

    Parameters
    ----------
    columns : iterable of Column
        The columns of words.

    Returns
    -------
    dict of int to (Column, str)
        By the row, the first column that says so and its cell.

    Examples
    --------
    >>> from casualties.sources.drafting.look import look
    >>> found = words_of_totals(look(pd.DataFrame({"Place": ["Idlib", "المجموع"], "Killed": ["3", "3"]})))
    >>> {row: (column.name, cell) for row, (column, cell) in found.items()}
    {1: ('Place', 'المجموع')}
    """
    found: dict[int, tuple[Column, str]] = {}
    for column in columns:
        if column.kind in ("empty", "dates", "counts", "numbers"):
            continue
        named = bool(column.says & NAMED) or column.kind == "places"
        cells = column.cells[column.cells != ""]
        said = {cell for cell in cells.unique() if says_total(cell, named=named)}
        for row, cell in cells[cells.isin(said)].items():
            found.setdefault(int(str(row)), (column, str(cell)))
    return dict(sorted(found.items()))


def sums(column: Column, date: Column, without: Iterable[int] = ()) -> dict[int, str]:
    """Find the rows whose number is the sum of others: of all rows above, of the month, or of the day.

    Parameters
    ----------
    column : Column
        A column of whole numbers.
    date : Column
        The days of the rows.
    without : iterable of int
        Rows that are known to be totals.

    Returns
    -------
    dict of int to str
        By the row, what it is the sum of.

    Examples
    --------
    >>> from casualties.sources.drafting.look import look
    >>> days = [f"2019-05-0{day}" for day in (1, 2, 3, 4, 5, 5)]
    >>> date, killed = look(pd.DataFrame({"Date": days, "Killed": ["3", "1", "4", "1", "5", "14"]}))
    >>> sums(killed, date)
    {5: 'the sum of the 5 rows above it'}
    """
    if column.numbers is None or date.days is None:
        return {}
    numbers = column.numbers[date.days != ""].drop(index=list(without), errors="ignore").fillna(0).astype("int64")
    days = date.days.reindex(numbers.index)
    found: dict[int, str] = {}
    above = numbers.cumsum().shift(fill_value=0)
    counted = (numbers > 0).cumsum().shift(fill_value=0)
    for row in numbers.index[(numbers == above) & (numbers > 0) & (counted >= ABOVE)]:
        found[int(row)] = f"the sum of the {int(counted[row]):,} rows above it"
    left = ~numbers.index.isin(list(found)) & (numbers > 0)
    table = pd.DataFrame({"number": numbers[left], "day": days[left], "month": days[left].str[:7]})
    for span, least in (("month", ABOVE + 1), ("day", A_DAY)):
        whole = table.groupby(span)["number"].agg(["sum", "max", "size"])
        whole = whole[whole["size"] >= least]
        equal = whole[whole["sum"] == 2 * whole["max"]]
        if span == "day" and (len(equal) < DAYS or len(equal) < MOST * len(whole)):
            continue
        sought = table[table[span].isin(equal.index)]
        sought = sought[sought["number"] == sought[span].map(equal["max"])]
        if span == "month":
            last = ~table["month"].duplicated(keep="last")
            sought = sought[last.reindex(sought.index) & (sought["number"] >= LARGE)]
        for row in sought.index:
            found.setdefault(int(row), f"the sum of the other rows of its {span}")
    return dict(sorted(found.items()))
