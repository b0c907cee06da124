"""What a file may say other than it seems: totals among events, codes for "unknown", weeks, rows that stand twice."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from casualties.errors import InputError
from casualties.sources.drafting.look import AT_LEAST, RANGE, Column
from casualties.sources.drafting.roles import QUALIFIED, Sorting
from casualties.sources.drafting.totals import sums, words_of_totals
from casualties.sources.lists.counts import count_words, read_counts

__all__ = ["mind_codes", "mind_periods", "mind_repeats", "mind_totals", "no_deaths", "times"]

# Numbers that many forms hold for "not known".
CODES = (99, 999, 9999, 99999)
FAR_ABOVE = 5
# So many rows at the same distance are a rhythm.
RHYTHM = 4
SHOWN = 20


def times(number: int, one: str, more: str = "") -> str:
    """Give a number with its noun, in the singular for one.

    Examples
    --------
    >>> times(1, "row"), times(1200, "row"), times(2, "death is", "deaths are")
    ('1 row', '1,200 rows', '2 deaths are')
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def mind_totals(work: Sorting, date: Column, deaths: list[Column]) -> tuple[int, ...]:
    """Say which rows seem to be totals.

    Parameters
    ----------
    work : Sorting
        The columns; doubts are added to it.
    date : Column
        The day of the event.
    deaths : list of Column
        The columns of deaths.

    Returns
    -------
    tuple of int
        The rows that say so in words where names and places stand, or say so and are a sum: these are no events.
    """
    said = words_of_totals(work.columns)
    added = {column.name: sums(column, date) for column in deaths}
    silent = {column.name: sums(column, date, said) for column in deaths}
    is_sum = {row for rows in added.values() for row in rows}
    named = frozenset({"adm1", "adm2", "place", "name", "id", "incident"})
    sure = tuple(
        row for row, (column, _) in said.items() if column.says & named or column.kind == "places" or row in is_sum
    )
    doubted = [row for row in said if row not in sure]
    for rows, end in (
        (list(sure), "such a row is no event and belongs in the ledger"),
        (doubted, "if such a row is a total and no event, remove it from the file: it is counted"),
    ):
        if rows:
            column, cell = said[rows[0]]
            doubt = (
                f"Row {rows[0]:,}, column {column.name!r}, says {cell!r}{_others(rows, 'says a total', 'say totals')}"
            )
            work.doubts.append(f"{doubt}: {end}.")
    for column in deaths:
        rows = [row for row in silent[column.name] if row not in said]
        if rows and column.numbers is not None:
            others = _others(rows, "is such a sum", "are such sums")
            work.doubts.append(
                f"Row {rows[0]:,}, column {column.name!r}, is {int(column.numbers[rows[0]]):,}, "
                f"{silent[column.name][rows[0]]}{others}{_alike(work, rows)}. If it is a total and no event, remove it "
                "from the file: it is counted."
            )
    return sure


def mind_codes(work: Sorting, column: Column, remedy: str) -> None:
    """Say where a number such as 999 seems to mean that none is known.

    Parameters
    ----------
    work : Sorting
        The columns; a doubt is added to it.
    column : Column
        The deaths.
    remedy : str
        What to do where it is such a code, with a hole for the code.
    """
    if column.numbers is None:
        return
    for code in CODES:
        here = (column.numbers == code).fillna(False)
        count = int(here.sum())
        rest = column.numbers[~here & ~column.numbers.isin(CODES)].max()
        if count and not pd.isna(rest) and code > rest and (count > 1 or code >= FAR_ABOVE * max(int(rest), 1)):
            work.doubts.append(
                f"{column.name!r} says {code} in {times(count, 'row')} (the first: row {_first(here):,}), and no more "
                f"than {int(rest):,} elsewhere. It is counted as {code} deaths each. If it means that no number is "
                f"known, {remedy.format(code)}."
            )


def mind_periods(work: Sorting, date: Column, last: Column | None) -> str:
    """Say where the rows are weeks or months, so that no day is known.

    Parameters
    ----------
    work : Sorting
        The columns; a doubt is added to it.
    date, last : Column
        The day of the event, and its last day where the list gives two.

    Returns
    -------
    str
        ``"week"``, ``"month"``, or empty.
    """
    if last is not None or date.days is None or date.dates is None:
        return ""
    stamps = pd.to_datetime(pd.Series(sorted({day for day in date.days if day})), errors="coerce").dropna()
    steps = stamps.diff().dropna().dt.days
    period, why = "", ""
    if "week" in date.says:
        period, why = "week", "the header says so"
    elif len(stamps) >= RHYTHM and bool((steps % 7 == 0).all()):
        period, why = "week", "all dates are whole weeks apart"
    elif all("%d" not in text for text in date.dates.formats):
        # The mapping reads such a row as the whole month.
        return "month"
    elif len(stamps) >= RHYTHM and bool((stamps.dt.day == 1).all() or stamps.dt.is_month_end.all()):
        period, why = "month", "all dates are the first or last days of months"
    if period:
        work.doubts.append(
            f"Each row of {date.name!r} seems to be a {period} ({why}), and its deaths stand on the one day that is "
            f"written. Daily questions cannot be answered, and models of days find changes that are none: ask for "
            f"totals (--by month). To say which days a row means, give the file a column for the first and one for the "
            f"last day, and name them date_start and date_end in [columns]."
        )
    return period


def mind_repeats(work: Sorting) -> None:
    """Say how many rows are the same in every cell as another.

    Parameters
    ----------
    work : Sorting
        The columns; a doubt is added to it.
    """
    table = pd.DataFrame({number: column.cells for number, column in enumerate(work.columns)})
    again = table.duplicated() & (table != "").any(axis=1)
    count = int(again.sum())
    if not count:
        return
    first = _first(again)
    before = _first((table == table.loc[first]).all(axis=1))
    told = (
        "each id counts once, and the others go to the ledger"
        if "id" in work.mapping.get("columns", {})
        else "each is counted. If they stand twice by mistake, remove them from the file"
    )
    work.doubts.append(
        f"{times(count, 'row is', 'rows are')} the same in every cell as a row above (the first: row {first:,}, the "
        f"same as row {before:,}): {told}."
    )


def no_deaths(work: Sorting) -> InputError:
    """Give the error for a file in which nothing tells of deaths: which cells keep a column from doing so.

    Parameters
    ----------
    work : Sorting
        The columns.
    """
    named = [
        column
        for column in work.columns
        if "deaths" in column.says
        and column.kind not in ("counts", "dates", "empty")
        and not column.says & (QUALIFIED | {"name", "date"})
    ]
    for column in named:
        read = read_counts(column.cells, count_words(AT_LEAST, RANGE, "low"))
        plain = (read["fault"] == "") & (pd.to_numeric(read["number"], errors="coerce") >= 0)
        # A cell without a digit may be anybody's name.
        odd = column.cells[~plain & column.cells.str.contains(r"\d") & (column.cells.str.len() <= SHOWN)]
        words = column.cells[~plain & (column.cells != "")]
        if not plain.any() and odd.empty:
            continue
        cells = odd if len(odd) else words
        thousands = bool(odd.str.fullmatch(r"\d{1,3}(?:\.\d{3})+").any())
        return InputError(
            "no column tells of deaths: the header says so, but "
            f"{times(len(words), 'cell is no number of people', 'cells are no numbers of people')}; the first",
            file=work.file,
            row=int(cells.index[0]),
            column=column.name,
            value=cells.iloc[0] if len(odd) else "(words)",
            remedy='where the sign stands between thousands, write a mapping with [estimates] thousands = "."; '
            "decimals are no deaths"
            if thousands
            else "write plain numbers, and leave the cell empty where none is known; “at least 5”, “5+” and “3-5” may "
            "stay",
        )
    return InputError(
        "no column tells of deaths, and none of the persons that a row could be",
        file=work.file,
        remedy="name one of the columns as a header would: deaths, killed, قتلى, شهداء or ضحايا with numbers, "
        "or name, age or sex (الاسم, العمر, الجنس) in a list of persons",
    )


def _first(rows: pd.Series) -> int:
    return int(rows.index[rows.to_numpy(dtype=bool)][0])


def _alike(work: Sorting, rows: list[int]) -> str:
    """Say what rows have in common, and no other row has, in a column of places."""
    for column in work.columns:
        if column.kind in ("places", "codes") and column.says & {"adm1", "adm2", "place"} and len(rows) > 1:
            here, cell = column.cells.index.isin(rows), column.cells[rows[0]]
            if cell and ((column.cells == cell) == here).all():
                return f"; all of these, and no others, say {cell!r} in {column.name!r}"
    return ""


def _others(rows: Iterable[int], one: str, more: str) -> str:
    """Say that further rows do the same."""
    left = len(list(rows)) - 1
    return f" ({times(left, 'more row ' + one, 'more rows ' + more)})" if left else ""
