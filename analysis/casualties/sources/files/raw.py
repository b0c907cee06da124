"""What a file holds before anything is understood: its cells as text, each row under its number in the file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from casualties.cells import digests
from casualties.errors import InputError, nearest

__all__ = ["Columns", "Layout", "RawTable", "cell_text", "raw_table"]

# As many as a spreadsheet can have.
MOST_COLUMNS = 16_384


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a file its table stands; what is left empty is found by looking.

    Parameters
    ----------
    sheet : str
        Name of the sheet of a workbook; may be left out where only one sheet holds anything.
    header : int
        Row of the column names, from 1 (text files and workbooks).
    delimiter : str
        The character between the cells of a text file.
    encoding : str
        Encoding of a text file.
    records : str
        Path of the list of records in a JSON file, names joined by dots; may be left out where there is one list.
    """

    sheet: str = ""
    header: int = 1
    delimiter: str = ""
    encoding: str = "utf-8"
    records: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.header, bool) or not isinstance(self.header, int) or self.header < 1:
            raise InputError(
                "the row of the header is a whole number of at least 1", column="header", value=self.header
            )
        if not isinstance(self.delimiter, str) or len(self.delimiter) > 1 or self.delimiter in ('"', "\n", "\r"):
            raise InputError("a delimiter is one character", column="delimiter", value=self.delimiter)
        try:
            "".encode(self.encoding)
        except (LookupError, TypeError, ValueError) as error:
            raise InputError(
                "there is no such encoding", column="encoding", value=self.encoding, remedy='write "utf-8" or its like'
            ) from error


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """The cells of a file as text.

    Parameters
    ----------
    frame : DataFrame of str
        One row a record; the index is the row's number in the file (the first line of a text file or sheet is row 1;
        the first record of a JSON or Parquet file is row 1), so that every message can name it. An empty cell is "".
        Where it was asked for, columns that repeat their cells are encoded (categorical).
    faults : dict of int to str
        Rows that cannot be read cell by cell (e.g. too few cells), with the reason.
    unread : Series of int64
        A digest of each row's dropped cells: it tells rows apart without keeping what they say.
    sha256 : str
        SHA-256 of the file as it lies on the disk; empty where it was not asked for.
    """

    frame: pd.DataFrame
    faults: dict[int, str]
    unread: pd.Series
    sha256: str = ""


class Columns:
    """Which columns of a header are kept, and which are only digested.

    Parameters
    ----------
    header : sequence of str
        The column names as they stand.
    required : iterable of str
        Columns that must be there.
    drop : iterable of str
        Columns of words that must not be kept.
    keep : iterable of str or None
        If given, every other column is dropped.
    file : str
        Name of the file, for messages.
    row : int or None
        Row of the header, for messages.

    Raises
    ------
    InputError
        If a needed column is missing (the nearest is named), a name stands twice, or there are more columns than any
        table of records has.
    """

    def __init__(
        self,
        header: Sequence[str],
        required: Iterable[str],
        drop: Iterable[str],
        keep: Iterable[str] | None,
        file: str,
        row: int | None = None,
    ) -> None:
        self.header = [name.strip() for name in header]
        if len(self.header) > MOST_COLUMNS:
            raise InputError(
                f"there are {len(self.header):,} columns, which no table of records has",
                file=file,
                row=row,
                remedy="check that this is the right file",
            )
        needed, dropped = tuple(dict.fromkeys(required)), set(drop)
        _require(self.header, needed, file, row)
        wanted = set(self.header) if keep is None else {*keep, *needed}
        # A nameless column (an index, or the empty columns at the end of a spreadsheet) is no column of the format.
        named = [(position, name) for position, name in enumerate(self.header) if name]
        self.kept = [position for position, name in named if name in wanted and name not in dropped]
        self.hidden = [position for position, name in named if name not in wanted or name in dropped]
        self.names = [self.header[position] for position in self.kept]


def raw_table(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], columns: Columns, faults: dict[int, str], file: str
) -> RawTable:
    """Make a table of rows of text.

    Parameters
    ----------
    rows : sequence of sequences of str
        The cells; each row is as long as the header.
    numbers : sequence of int
        The rows' numbers in the file.
    columns : Columns
        Which columns are kept.
    faults : dict of int to str
        Rows that cannot be read cell by cell.
    file : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        If there is no row.
    """
    if not rows:
        raise InputError("the file has a header and no rows", file=file, remedy="export the table again")
    index = pd.Index(numbers, name="row")
    kept = [[row[position] for position in columns.kept] for row in rows]
    frame = pd.DataFrame(kept, columns=columns.names, index=index, dtype="str")
    hidden = (pa.array([row[position] for row in rows], pa.large_string()) for position in columns.hidden)
    return RawTable(frame, faults, pd.Series(digests(hidden, len(rows)), index=index))


def cell_text(value: Any) -> str:
    """Write a typed cell as text: dates as ISO, whole numbers without a point, nothing as the empty text.

    Examples
    --------
    >>> cell_text(3.0), cell_text(2.5), cell_text(None), cell_text(True), cell_text(pd.Timestamp("2019-04-30"))
    ('3', '2.5', '', 'true', '2019-04-30')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        # Half of a character pair can stand in a file and is no text.
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(sep=" ")
    return str(value)


def _require(header: list[str], required: tuple[str, ...], file: str, row: int | None) -> None:
    missing = [column for column in required if column not in header]
    if missing and len(header) == 1:
        raise InputError(
            "there is one column only, so this is not the table that is needed",
            file=file,
            row=row,
            value=header[0][:60],
            remedy=f"expected the columns {', '.join(required)}",
        )
    if missing:
        near = nearest(missing[0], [column for column in header if column and column not in required])
        more = f" (missing too: {', '.join(missing[1:])})" if missing[1:] else ""
        remedy = f"the nearest column is {near!r}; rename it if it is the same" if near else "check the format"
        raise InputError(f"the column is missing{more}", file=file, column=missing[0], remedy=remedy)
    doubled = [column for column, times in Counter(header).items() if times > 1 and column]
    if doubled:
        raise InputError("the column stands twice in the header", file=file, column=doubled[0], remedy="rename one")
