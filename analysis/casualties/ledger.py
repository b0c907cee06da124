"""The ledger of rows that cannot be used, and the reading of cells whose faults it keeps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from casualties.errors import InputError

__all__ = [
    "ESTIMATES",
    "NOT_YET_KNOWN",
    "REPLAYED",
    "Ledger",
    "by_value",
    "nothing_usable",
    "parse_counts",
    "parse_dates",
    "read_day",
]

ESTIMATES = ("low", "best", "high")
# How the ledger names what a replay does not know yet, and a record's version the day of a replay.
NOT_YET_KNOWN = "not yet known"
REPLAYED = "replayed as of "
MOST = 10_000_000
EARLIEST, LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp("2100-12-31")


class Ledger:
    """Collects the faults of rows while a table is read, one entry a row.

    Parameters
    ----------
    rows : Index of int
        The rows' numbers in the file.
    """

    def __init__(self, rows: pd.Index[int]) -> None:
        self._faults: dict[int, list[tuple[str, object, str]]] = {}
        self.rows = rows

    def add(self, faulty: pd.Series[bool] | np.ndarray, column: str, values: pd.Series, reason: str) -> None:
        """Note the same fault for every row where `faulty` is true."""
        positions = np.flatnonzero(np.asarray(faulty, dtype=bool))
        for position, value in zip(positions.tolist(), values.iloc[positions].tolist(), strict=True):
            self._faults.setdefault(position, []).append((column, value, reason))

    def add_row(self, position: int, column: str, value: object, reason: str) -> None:
        """Note a fault of one row."""
        self._faults.setdefault(position, []).append((column, value, reason))

    def position(self, row: int) -> int:
        """Give the position of a row of the file in the table."""
        return int(np.flatnonzero(self.rows == row)[0])

    def row(self, position: int) -> int:
        """Give the number in the file of a row of the table."""
        return int(self.rows[position])

    @property
    def good(self) -> np.ndarray:
        """Rows without a fault, as a boolean array."""
        mask = np.ones(len(self.rows), dtype=bool)
        mask[list(self._faults)] = False
        return mask

    def frame(self, ids: pd.Series, deaths: pd.DataFrame) -> pd.DataFrame:
        """Give the ledger as a table: the first fault of each row, and what could be read of its deaths."""
        entries = []
        for position, faults in sorted(self._faults.items()):
            column, value, reason = faults[0]
            if len(faults) > 1:
                others = ", ".join(dict.fromkeys(fault[0] for fault in faults[1:]))
                reason = f"{reason} (more faults in: {others})"
            cell = "" if value is None or value is pd.NA or value != value else str(value)
            entries.append((self.rows[position], column, cell, reason, ids.iloc[position]))
        table = pd.DataFrame(entries, columns=["row", "column", "value", "reason", "id"])
        positions = sorted(self._faults)
        for name in ESTIMATES:
            table[name] = deaths[name].iloc[positions].to_numpy() if name in deaths else pd.NA
            table[name] = table[name].astype("Int64")
        return table


def by_value(text: pd.Series, change: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Change each different cell once and give the result by row: a long table repeats its few words many times.

    Parameters
    ----------
    text : Series of str
        The cells.
    change : callable
        From a Series of different cells to a Series of as many values.

    Examples
    --------
    >>> by_value(pd.Series(["a", "b", "a"]), lambda cells: cells.str.upper()).tolist()
    ['A', 'B', 'A']
    """
    codes, values = pd.factorize(text.fillna(""), use_na_sentinel=False)
    changed = change(pd.Series(values, dtype="str"))
    return pd.Series(changed.array.take(codes), index=text.index, name=text.name)


def parse_dates(text: pd.Series, column: str, ledger: Ledger, *, optional: bool = False) -> pd.Series:
    """Read ISO dates (a time of midnight may follow); faults go to the ledger.

    Parameters
    ----------
    text : Series of str
        The cells.
    column : str
        The column's name, for the ledger.
    ledger : Ledger
        Where faults go.
    optional : bool
        Whether an empty cell is fine.

    Returns
    -------
    Series of datetime64
        NaT where there is no usable date.
    """

    def read(cells: pd.Series) -> tuple[pd.Series, dict[str, pd.Series]]:
        # Anything shorter than a day ("2019-04") would be completed by guess, so the shape is checked first.
        shaped = cells.str.fullmatch(r"\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?)?")
        dates = pd.to_datetime(cells.str[:10].where(shaped), format="%Y-%m-%d", errors="coerce")
        placeholder = (dates < EARLIEST) | (dates > LATEST)
        faults = {
            "no date given": (cells == "") & (not optional),
            "not a date of the form YYYY-MM-DD": (cells != "") & ~shaped,
            "no such day in the calendar": shaped & dates.isna(),
            "a placeholder, not a real date": placeholder,
        }
        return dates.mask(placeholder), faults

    return _parse(text, column, ledger, read)


def parse_counts(text: pd.Series, column: str, ledger: Ledger, *, optional: bool = False) -> pd.Series:
    """Read whole numbers of people (``3`` or ``3.0``); faults go to the ledger.

    Parameters
    ----------
    text : Series of str
        The cells.
    column : str
        The column's name, for the ledger.
    ledger : Ledger
        Where faults go.
    optional : bool
        Whether an empty cell is fine.

    Returns
    -------
    Series of Int64
        NA where there is no usable number.
    """

    def read(cells: pd.Series) -> tuple[pd.Series, dict[str, pd.Series]]:
        empty = cells == ""
        number = pd.to_numeric(cells.where(~empty), errors="coerce").astype("Float64")
        readable = number.notna() & np.isfinite(number.astype("float64"))
        negative = (readable & (number < 0)).fillna(False)
        whole = (number == number.round()).fillna(False)
        huge = (readable & whole & (number > MOST)).fillna(False)
        faults = {
            "no number given": empty & (not optional),
            "not a number": ~empty & ~readable,
            "deaths cannot be negative": negative,
            "people come in whole numbers": readable & ~negative & ~whole,
            "too large to be a count of people": huge,
        }
        return number.where(readable & whole & ~negative & ~huge).astype("Int64"), faults

    return _parse(text, column, ledger, read)


def _parse(
    text: pd.Series,
    column: str,
    ledger: Ledger,
    read: Callable[[pd.Series], tuple[pd.Series, dict[str, pd.Series]]],
) -> pd.Series:
    """Read each different cell once; note the faults of the rows that hold it."""
    codes, cells = pd.factorize(text.fillna(""), use_na_sentinel=False)
    values, faults = read(pd.Series(cells, dtype="str").str.strip())
    for reason, faulty in faults.items():
        if faulty.any():
            ledger.add(faulty.to_numpy(dtype=bool)[codes], column, text, reason)
    return pd.Series(values.array.take(codes), index=text.index, name=text.name)


def read_day(value: str | pd.Timestamp, argument: str) -> pd.Timestamp:
    """Read a day given by a caller, under the rules of `parse_dates`.

    Parameters
    ----------
    value : str or Timestamp
        The day.
    argument : str
        The argument's name, for the message.

    Raises
    ------
    InputError
        If it is not a day.
    """
    day: pd.Timestamp = parse_dates(pd.Series([str(value)]), argument, Ledger(pd.RangeIndex(1))).iloc[0]
    if pd.isna(day):
        raise InputError("this is not a day", column=argument, value=value, remedy="write it as YYYY-MM-DD")
    return day


def nothing_usable(rejected: pd.DataFrame, file: str) -> InputError:
    """Give the error for a table of which every row stands in the ledger: it names the first fault.

    Parameters
    ----------
    rejected : DataFrame
        The ledger.
    file : str
        Name of the file.
    """
    first = rejected.iloc[0]
    return InputError(
        f"no row can be used; the first fault: {first['reason']}",
        file=file,
        row=int(first["row"]),
        column=first["column"],
        value=first["value"],
        remedy="check that the format (and the mapping) is the right one for this file",
    )
