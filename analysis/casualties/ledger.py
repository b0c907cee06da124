"""The ledger of rows that cannot be used, and the reading of cells whose faults it keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import chain

import numpy as np
import pandas as pd

from casualties.cells import told_apart
from casualties.errors import InputError
from casualties.provenance import SourceRecord

__all__ = [
    "ESTIMATES",
    "ISO_CELL",
    "NOT_YET_KNOWN",
    "ZONED",
    "ZONED_CELL",
    "Ledger",
    "nothing_usable",
    "parse_counts",
    "parse_dates",
    "read_day",
    "read_replay_day",
]

ESTIMATES = ("low", "best", "high")
# How the ledger names what a replay does not know yet.
NOT_YET_KNOWN = "not yet known"
MOST = 10_000_000
_DAY = r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})"
_CLOCK = r"[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
_MIDNIGHT = r"[ T]00:00(?::00(?:\.0+)?)? ?(?:Z|\+00:?00)"
# A time of the day says nothing of the day unless it is that of a zone: only midnight UTC is how programs write a day.
ISO_CELL = re.compile(rf"{_DAY}(?:{_CLOCK}|{_MIDNIGHT})?", re.IGNORECASE)
PLAIN_CELL = re.compile(
    r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?", re.IGNORECASE
)
ZONED_CELL = re.compile(rf"{_DAY}{_CLOCK} ?(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)", re.IGNORECASE)
ZONED = "a time with a zone, so that the day depends on the zone; write the day of the place as YYYY-MM-DD"
HIJRI_YEARS = 1300, 1500
EARLIEST, LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp("2100-12-31")


class Ledger:
    """Collects the faults of rows while a table is read, one entry a row.

    Parameters
    ----------
    rows : Index of int
        The rows' numbers in the file.
    """

    def __init__(self, rows: pd.Index[int]) -> None:
        # A fault is kept once with the positions of all its rows: a table may have as many bad rows as good ones.
        self._faults: list[tuple[np.ndarray, str, pd.Series | list[object], str]] = []
        self._good = np.ones(len(rows), dtype=bool)
        self.rows = rows

    def add(self, faulty: pd.Series[bool] | np.ndarray, column: str, values: pd.Series, reason: str) -> None:
        """Note the same fault for every row where `faulty` is true."""
        positions = np.flatnonzero(np.asarray(faulty, dtype=bool))
        if len(positions):
            self._faults.append((positions, column, values.iloc[positions], reason))
            self._good[positions] = False

    def add_row(self, position: int, column: str, value: object, reason: str) -> None:
        """Note a fault of one row."""
        self._faults.append((np.array([position]), column, [value], reason))
        self._good[position] = False

    def position(self, row: int) -> int:
        """Give the position of a row of the file in the table."""
        return int(self.rows.get_loc(row))  # type: ignore[arg-type]

    def row(self, position: int) -> int:
        """Give the number in the file of a row of the table."""
        return int(self.rows[position])

    @property
    def good(self) -> np.ndarray:
        """Rows without a fault, as a boolean array."""
        return self._good.copy()

    def frame(self, ids: pd.Series, deaths: pd.DataFrame) -> pd.DataFrame:
        """Give the ledger as a table: the first fault of each row, and what could be read of its deaths."""
        positions = np.flatnonzero(~self._good)
        if len(positions):
            first = self._first_faults(positions)
            table = pd.DataFrame({"row": self.rows[positions], **first, "id": ids.iloc[positions].tolist()})
        else:
            table = pd.DataFrame([], columns=["row", "column", "value", "reason", "id"])
        for name in ESTIMATES:
            table[name] = deaths[name].iloc[positions].to_numpy() if name in deaths else pd.NA
            table[name] = table[name].astype("Int64")
        return table

    def _first_faults(self, positions: np.ndarray) -> dict[str, object]:
        """Give the column, the cell and the reason of each faulty row's first fault, which names its other columns."""
        blocks, columns, cells, reasons = zip(*self._faults, strict=True)
        block = np.repeat(np.arange(len(blocks)), [len(rows) for rows in blocks])
        row = np.searchsorted(positions, np.concatenate(blocks))
        # Faults of one row stay in the order in which they were noted.
        order = np.argsort(row, kind="stable")
        row, block = row[order], block[order]
        starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
        listed = list(chain.from_iterable(part.tolist() if isinstance(part, pd.Series) else part for part in cells))
        values = [listed[place] for place in order[starts].tolist()]
        # Rows with the same faults have the same words, and these are written once.
        code, names = pd.factorize(np.array(columns, dtype="object"))
        alike, told = pd.factorize(np.array(reasons, dtype="object"))
        alike, words = alike[block[starts]], [(reason, ()) for reason in told]
        rank = np.arange(len(row)) - starts[row]
        for place in range(1, int(rank.max()) + 1):
            later = np.flatnonzero(rank == place)
            pairs, which = np.unique(alike[row[later]] * len(names) + code[block[later]], return_inverse=True)
            alike[row[later]] = len(words) + which
            for pair in pairs.tolist():
                reason, further = words[pair // len(names)]
                words.append((reason, (*further, names[pair % len(names)])))
        written = [
            f"{reason} (more faults in: {', '.join(dict.fromkeys(further))})" if further else reason
            for reason, further in words
        ]
        return {
            "column": [names[number] for number in code[block[starts]].tolist()],
            "value": ["" if value is None or value is pd.NA or value != value else str(value) for value in values],
            "reason": [written[number] for number in alike.tolist()],
        }


def _stripped(cells: pd.Series) -> pd.Series:
    return cells.str.strip()


def parse_dates(
    text: pd.Series,
    column: str,
    ledger: Ledger,
    *,
    optional: bool = False,
    plain: Callable[[pd.Series], pd.Series] = _stripped,
    shape: re.Pattern[str] = PLAIN_CELL,
) -> pd.Series:
    """Read ISO dates; faults go to the ledger.

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
    plain : callable
        From cells to the text that is read of them; the ledger shows the cell.
    shape : Pattern
        What a date looks like: a whole day, after which a time of midnight may follow, or `ISO_CELL`, which also takes
        ``2019-5-1``, any time of the day (left out) and midnight UTC.

    Returns
    -------
    Series of datetime64
        NaT where there is no usable date.
    """

    def read(cells: pd.Series) -> tuple[pd.Series, dict[str, pd.Series]]:
        # Anything shorter than a day ("2019-04") would be completed by guess, so the shape is checked first.
        shapes = [shape.fullmatch(cell) for cell in cells]
        shaped = pd.Series([match is not None for match in shapes], index=cells.index)
        zoned = ~shaped & pd.Series([ZONED_CELL.fullmatch(cell) is not None for cell in cells], index=cells.index)
        days = [f"{match['Y']}-{match['m']:0>2}-{match['d']:0>2}" if match else None for match in shapes]
        dates = pd.to_datetime(pd.Series(days, index=cells.index, dtype="str"), format="%Y-%m-%d", errors="coerce")
        hijri = dates.dt.year.between(*HIJRI_YEARS)
        placeholder = ~hijri & ((dates < EARLIEST) | (dates > LATEST))
        faults = {
            "no date given": (cells == "") & (not optional),
            ZONED: zoned,
            "not a date of the form YYYY-MM-DD": (cells != "") & ~shaped & ~zoned,
            "no such day in the calendar": shaped & dates.isna(),
            "a year of the Hijri calendar, it seems; convert the date first": hijri,
            "a placeholder, not a real date": placeholder,
        }
        return dates.mask(placeholder | hijri), faults

    return _parse(text, column, ledger, read, plain)


def parse_counts(
    text: pd.Series,
    column: str,
    ledger: Ledger,
    *,
    optional: bool = False,
    plain: Callable[[pd.Series], pd.Series] = _stripped,
) -> pd.Series:
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
    plain : callable
        From cells to the text that is read of them; the ledger shows the cell.

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

    return _parse(text, column, ledger, read, plain)


def _parse(
    text: pd.Series,
    column: str,
    ledger: Ledger,
    read: Callable[[pd.Series], tuple[pd.Series, dict[str, pd.Series]]],
    plain: Callable[[pd.Series], pd.Series],
) -> pd.Series:
    """Read each different cell once; note the faults of the rows that hold it."""
    codes, cells = told_apart(text)
    values, faults = read(plain(cells))
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
        If it is not a day from 1900 to 2100.
    """
    day = _day(str(value), argument)
    if pd.isna(day):
        raise InputError(
            f"this is not a day from {EARLIEST.date()} to {LATEST.date()}",
            column=argument,
            value=value,
            remedy="write it as YYYY-MM-DD",
        )
    return day


@lru_cache(maxsize=4096)
def _day(text: str, argument: str) -> pd.Timestamp:
    """Read one day; models ask for the same few again and again, and the rules are those of whole columns."""
    day: pd.Timestamp = parse_dates(pd.Series([text]), argument, Ledger(pd.RangeIndex(1))).iloc[0]
    return day


def read_replay_day(date: str | pd.Timestamp, record: SourceRecord, subject: str, whole: str) -> pd.Timestamp:
    """Read the day of a replay; what is a replay itself cannot be replayed.

    Parameters
    ----------
    date : str or Timestamp
        The day.
    record : SourceRecord
        The record of what is to be replayed.
    subject, whole : str
        What that is, for the message: "the events are", "table".

    Raises
    ------
    InputError
        If it is not a day, or the record is that of a replay.
    """
    day = read_day(date, "date")
    if record.replay_day:
        raise InputError(
            f"{subject} a replay already ({record.version})",
            column="date",
            value=date,
            remedy=f"replay the whole {whole}",
        )
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
