"""The ledger of rows that cannot be used, and the reading of cells whose faults it keeps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from casualties.errors import InputError

__all__ = ["ESTIMATES", "Ledger", "nothing_usable", "parse_counts", "parse_dates", "read_day"]

ESTIMATES = ("low", "best", "high")
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
    cells = text.fillna("").str.strip()
    empty = cells == ""
    # Anything shorter than a day ("2019-04") would be completed by guess, so the shape is checked first.
    shaped = cells.str.fullmatch(r"\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?)?")
    dates = pd.to_datetime(cells.str[:10].where(shaped), format="%Y-%m-%d", errors="coerce")
    placeholder = (dates < EARLIEST) | (dates > LATEST)
    if not optional:
        ledger.add(empty, column, text, "no date given")
    ledger.add(~empty & ~shaped, column, text, "not a date of the form YYYY-MM-DD")
    ledger.add(shaped & dates.isna(), column, text, "no such day in the calendar")
    ledger.add(placeholder, column, text, "a placeholder, not a real date")
    return dates.mask(placeholder)


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
    cells = text.fillna("").str.strip()
    empty = cells == ""
    number = pd.to_numeric(cells.where(~empty), errors="coerce").astype("Float64")
    readable = number.notna() & np.isfinite(number.astype("float64"))
    if not optional:
        ledger.add(empty, column, text, "no number given")
    ledger.add(~empty & ~readable, column, text, "not a number")
    ledger.add((readable & (number < 0)).fillna(False), column, text, "deaths cannot be negative")
    whole = (number == number.round()).fillna(False)
    ledger.add((readable & (number >= 0)).fillna(False) & ~whole, column, text, "people come in whole numbers")
    ledger.add((readable & whole & (number > MOST)).fillna(False), column, text, "too large to be a count of people")
    usable = readable & whole & (number >= 0).fillna(False) & (number <= MOST).fillna(False)
    return number.where(usable).astype("Int64")


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
