"""What is doubtful about a column of dates: another calendar, a zone, an order that changes, days after the present."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from casualties.ledger import ZONED_CELL
from casualties.sources.drafting.look import Column
from casualties.sources.lists.dates import is_iso
from casualties.sources.lists.words import fold

__all__ = ["doubtful_dates", "why_no_dates"]

# The Islamic years 1300 to 1500 are those from 1882 to 2077; two digits from 31 to 68 would be years to come.
HIJRI = re.compile(r"(?:.*[^0-9])?1[34][0-9]{2}(?:[^0-9].*)?")
NUMERIC = re.compile(r"(?P<one>[0-9]{1,2})([/.-])(?P<two>[0-9]{1,2})\2(?P<year>[0-9]{2}(?:[0-9]{2})?)(?: .*)?")
LAST_YEAR = 2030
MONTHS, FEW, HALF = 12, 4, 0.5
CONVERT = "convert them first to YYYY-MM-DD of the Gregorian calendar"


def doubtful_dates(column: Column) -> list[str]:
    """Say what must be settled about a column of dates besides the order of day and month.

    Parameters
    ----------
    column : Column
        A column of dates.

    Returns
    -------
    list of str
        Days that look like those of the Hijri calendar, that lie after 2030 (there is no clock here to tell the
        present), and typed dates whose day and month a spreadsheet has probably exchanged.
    """
    if column.days is None:
        return []
    doubts = []
    filled = column.cells[column.cells != ""]
    hijri = _where(filled, _is_hijri)
    if len(hijri):
        doubts.append(
            f"{_cells(hijri)} of {column.name!r} look like dates of the Hijri calendar ({_first(hijri)}); {CONVERT}: "
            "as they stand, their rows go to the ledger."
        )
    years = pd.to_numeric(column.days.str[:4], errors="coerce")
    late = column.cells[(years > LAST_YEAR).fillna(False)]
    if len(late):
        doubts.append(
            f"{_cells(late)} of {column.name!r} are read as days after {LAST_YEAR} ({_first(late)} as "
            f"{column.days[late.index[0]]}). If they are Hijri dates or slips, correct or convert them first."
        )
    orders = _orders(filled)
    if column.dates is not None and column.dates.order == "mixed":
        doubts.append(f"The orders in {column.name!r}: {orders}.")
    typed, written = _where(filled, is_iso), _where(filled, _is_numeric)
    if len(typed) >= FEW and len(written) >= FEW:
        low = bool((column.days[typed.index].str[8:10].astype("int64") <= MONTHS).all())
        if low and bool(written.map(lambda cell: _numbers(cell)[0] > MONTHS).all()):
            doubts.append(
                f"All {len(typed):,} typed dates of {column.name!r} have a day up to {MONTHS} ({_first(typed)}), and "
                f"all {len(written):,} that are text have one above it ({_first(written)}): a spreadsheet that puts "
                "the month first has probably exchanged day and month of the typed ones. Import the list again with "
                "this column as text, and draft again."
            )
    return doubts


def why_no_dates(column: Column) -> tuple[str, str]:
    """Say why a column whose header says date cannot be read as dates.

    Parameters
    ----------
    column : Column
        The column.

    Returns
    -------
    tuple of str
        The reason with the first rows that show it, and the remedy; both empty where neither is known.
    """
    filled = column.cells[column.cells != ""]
    for which, said, remedy in (
        (_is_hijri, "look like dates of the Hijri calendar", CONVERT),
        (_is_zoned, "have a time with a zone, so that the day depends on the zone", "write the day as YYYY-MM-DD"),
    ):
        found = _where(filled, which)
        if len(found) >= HALF * len(filled):
            return f"{_cells(found)} of {column.name!r} {said} ({_first(found)})", remedy
    orders = _orders(filled)
    if " and " in orders:
        return f"the cells of {column.name!r} change their order: {orders}", "write all of them as YYYY-MM-DD"
    return "", ""


def _orders(cells: pd.Series) -> str:
    """Say how many cells put the day first for sure, how many the month, and the first row of each."""
    numbers = {row: _numbers(str(cell)) for row, cell in cells.items()}
    told = []
    for words, place in (("the day", 0), ("the month", 1)):
        rows = [row for row, pair in numbers.items() if pair[place] > MONTHS >= pair[1 - place] > 0]
        if rows:
            shown = cells[cells.index.isin(rows)]
            told.append(f"{_cells(shown)} only with {words} first ({_first(shown)})")
    return " and ".join(told)


def _where(cells: pd.Series, which: Callable[[str], bool]) -> pd.Series:
    return cells[cells.map(which).astype(bool)]


def _is_hijri(cell: str) -> bool:
    plain = fold(cell)
    numbers = NUMERIC.fullmatch(plain)
    return HIJRI.fullmatch(plain) is not None or (
        numbers is not None and len(numbers["year"]) == 2 and "31" <= numbers["year"] <= "68"
    )


def _is_zoned(cell: str) -> bool:
    return ZONED_CELL.fullmatch(cell) is not None and not is_iso(cell)


def _is_numeric(cell: str) -> bool:
    return NUMERIC.fullmatch(fold(cell)) is not None


def _numbers(cell: str) -> tuple[int, int]:
    found = NUMERIC.fullmatch(fold(cell))
    return (int(found["one"]), int(found["two"])) if found else (0, 0)


def _cells(cells: pd.Series) -> str:
    return f"{len(cells):,} cell{'s' * (len(cells) > 1)}"


def _first(cells: pd.Series) -> str:
    """Name the first row; only cells that are made of digits are shown as they are."""
    cell = str(cells.iloc[0])
    shown = f", {cell!r}" if any(sign.isdigit() for sign in cell) and len(cell) <= 35 else ""
    return f"the first: row {int(cells.index[0]):,}{shown}"
