"""Open a delimited text file as a table of strings, or say clearly why that cannot be done."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from casualties.errors import InputError, nearest

__all__ = ["RawTable", "read_table"]

# A deflate stream can grow a thousandfold; a table of events that large is not a table of events.
LARGEST = 2_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """The cells of a file as text.

    Parameters
    ----------
    frame : DataFrame of str
        One row a record; the index is the row's number in the file (the header is row 1), so that every message
        can name it.
    faults : dict of int to str
        Rows whose number of cells is not that of the header, with the reason.
    unread : Series of str
        A digest of each row's dropped cells: it tells rows apart without keeping what they say.
    """

    frame: pd.DataFrame
    faults: dict[int, str]
    unread: pd.Series


def read_table(path: str | Path, required: Iterable[str] = (), drop: Iterable[str] = ()) -> RawTable:
    """Read a CSV file (plain, ``.gz``, or ``.zip`` with one CSV inside) as text, cell by cell.

    Parameters
    ----------
    path : str or Path
        The file.
    required : iterable of str
        Columns that must be there.
    drop : iterable of str
        Columns of words that must not be kept: of their cells only a digest a row remains.

    Returns
    -------
    RawTable

    Raises
    ------
    InputError
        Wrong path, empty file, not a CSV, wrong encoding, broken quotation, a missing or doubled column, no rows.
    """
    file = Path(path)
    text = _decode(_content(file), file.name)
    records = _records(text, file.name)
    _, first = next(records, (0, []))
    if not first:
        raise InputError("the file is empty", file=file.name, remedy="export the table again")
    header = [name.strip() for name in first]
    _require(header, tuple(required), file.name)
    dropped = set(drop)
    # A nameless column (an index, or the empty columns at the end of a spreadsheet) is no column of the format.
    kept = [position for position, name in enumerate(header) if name and name not in dropped]
    hidden = [position for position, name in enumerate(header) if name in dropped]
    rows, numbers, unread, faults = [], [], [], {}
    for number, cells in records:
        if len(cells) != len(header):
            faults[number] = f"the row has {len(cells)} cells where the header has {len(header)}"
            cells = (cells + [""] * len(header))[: len(header)]
        rows.append([cells[position] for position in kept])
        unread.append(_digest([cells[position] for position in hidden]) if hidden else "")
        numbers.append(number)
    if not rows:
        raise InputError("the file has a header and no rows", file=file.name, remedy="export the table again")
    index = pd.Index(numbers, name="row")
    frame = pd.DataFrame(rows, columns=[header[position] for position in kept], index=index, dtype="str")
    return RawTable(frame, faults, pd.Series(unread, index=index, dtype="str"))


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record that holds anything, with its number in the file; a blank line is counted and left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number, line = 0, 1
    try:
        for number, cells in enumerate(reader, start=1):
            line = reader.line_num + 1
            if any(cell and not cell.isspace() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise InputError(
            f"the file cannot be read as CSV ({error}); the record that starts in line {line} is broken",
            file=name,
            row=number + 1,
            remedy="check its quotation marks",
        ) from error


def _digest(cells: list[str]) -> str:
    return hashlib.blake2b("\0".join(cells).encode(), digest_size=16).hexdigest()


def _content(file: Path) -> bytes:
    """Give a file's bytes, unpacked where it is packed."""
    if not file.exists():
        near = nearest(file.name, [other.name for other in file.parent.iterdir()]) if file.parent.is_dir() else None
        hint = f"did you mean {near!r}? " if near else ""
        raise InputError("there is no such file", file=str(file), remedy=f"{hint}check the path")
    if file.is_dir():
        raise InputError("this is a folder, not a file", file=str(file), remedy="name the file in it")
    try:
        if file.suffix.lower() == ".gz":
            with gzip.open(file) as stream:
                data = stream.read(LARGEST + 1)
        elif file.suffix.lower() == ".zip":
            data = _unzip(file)
        else:
            data = file.read_bytes()
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        # zipfile raises RuntimeError for an archive with a password or an unknown way of packing.
        raise InputError(
            f"the file cannot be unpacked or read ({error})", file=file.name, remedy="download it again"
        ) from error
    if len(data) > LARGEST:
        raise InputError("the file is too large once unpacked", file=file.name, remedy="split it by period")
    return data


def _unzip(file: Path) -> bytes:
    with zipfile.ZipFile(file) as archive:
        # macOS adds a shadow of every file; it is no table.
        names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
        tables = [name for name in names if name.lower().endswith(".csv")]
        if len(tables) != 1:
            held = ", ".join(names[:5]) or "nothing"
            raise InputError(
                f"the archive holds {len(tables)} CSV files where one is needed ({held})",
                file=file.name,
                remedy="unpack it and name the table",
            )
        with archive.open(tables[0]) as stream:
            return stream.read(LARGEST + 1)


def _decode(data: bytes, name: str) -> str:
    if b"\0" in data[:65536] or data[:4] in (b"%PDF", b"PAR1"):
        raise InputError("this is not a CSV file", file=name, remedy="export the table as CSV (UTF-8)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "the text is not UTF-8",
            file=name,
            row=data.count(b"\n", 0, error.start) + 1,
            value=f"byte 0x{data[error.start]:02x}",
            remedy="save the table as CSV with UTF-8 encoding",
        ) from error


def _require(header: list[str], required: tuple[str, ...], name: str) -> None:
    """Raise if a needed column is missing (and name the nearest), or if a name stands twice."""
    missing = [column for column in required if column not in header]
    if missing and len(header) == 1:
        raise InputError(
            "this is not a table with commas between its columns",
            file=name,
            row=1,
            value=header[0][:60],
            remedy=f"expected the columns {', '.join(required)}",
        )
    if missing:
        near = nearest(missing[0], [column for column in header if column not in required])
        more = f" (missing too: {', '.join(missing[1:])})" if missing[1:] else ""
        remedy = f"the nearest column is {near!r}; rename it if it is the same" if near else "check the format"
        raise InputError(f"the column is missing{more}", file=name, column=missing[0], remedy=remedy)
    doubled = [column for column, times in Counter(header).items() if times > 1 and column]
    if doubled:
        raise InputError("the column stands twice in the header", file=name, column=doubled[0], remedy="rename one")
