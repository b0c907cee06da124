"""Read delimited text as cells: fast where the file is written by the rules, with care where it is not.

Apache Arrow reads a file of millions of rows in seconds, but it forgives a stray quotation mark and may join two rows
there without a word. So every byte is looked at on its way: where the quotation marks are not all in their places, or
a row has too few or too many cells, the file is read again, cell by cell, by the strict reader of Python's csv module.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, cycle
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from pandas.api.extensions import ExtensionArray

from casualties.cells import digests
from casualties.errors import InputError
from casualties.sources.files.opening import inner_name, open_bytes
from casualties.sources.files.raw import Columns, Layout, RawTable, raw_table

__all__ = ["read_delimited"]

# No record of a table is longer; a file without line ends must not fill the memory.
LONGEST = 8_000_000
PORTION = 1 << 22
WORKERS = min(os.cpu_count() or 1, 4)
# One is filled while each worker looks at one and one waits for its turn.
BUFFERS = WORKERS + 2
PIECE = 1 << 18
ROWS = 100_000
DELIMITERS = (",", ";", "\t", "|")
QUOTE, NEWLINE, RETURN = ord('"'), ord("\n"), ord("\r")
PEEK = 65_536
OTHER_KINDS = (b"%PDF", b"PAR1", b"PK\3\4")
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class _Portion:
    """Parsed records: their kept cells, a digest of the others, and which records of the file hold anything."""

    kept: pa.Table
    digests: np.ndarray
    filled: np.ndarray


class _NotByTheRules(Exception):  # noqa: N818 - it steers, and is no error that anyone sees
    """The file is not written by the rules of RFC 4180 throughout."""


def read_delimited(
    file: Path,
    layout: Layout,
    required: Iterable[str],
    drop: Iterable[str],
    keep: Iterable[str] | None,
    encoded: Collection[str] = (),
) -> RawTable:
    """Read CSV or its like (plain, ``.gz`` or ``.zip``) as text, cell by cell.

    Parameters
    ----------
    file : Path
        The file.
    layout : Layout
        Row of the header, delimiter and encoding. Without a delimiter it is a comma, a tab in ``.tsv`` files, or
        whichever of ``, ; tab |`` stands most often in the header, where it has no comma.
    required, drop, keep
        As in `Columns`.
    encoded : collection of str
        Columns that come encoded (categorical) if they repeat their cells.

    Raises
    ------
    InputError
        Empty file, not a text file, wrong encoding, broken quotation, a line that does not end, a missing or doubled
        column, no rows.
    """
    if layout.header == 1 and codecs.lookup(layout.encoding).name == "utf-8":
        try:
            return _fast(file, layout, required, drop, keep, encoded)
        except (_NotByTheRules, pa.ArrowException):
            pass  # the careful reader says what is wrong, or copes with it
    return _careful(file, layout, required, drop, keep)


def _fast(
    file: Path,
    layout: Layout,
    required: Iterable[str],
    drop: Iterable[str],
    keep: Iterable[str] | None,
    encoded: Collection[str] = (),
) -> RawTable:
    """Read by Arrow, portion by portion; of dropped columns only the digests outlive their portion."""
    with open_bytes(file) as stream:
        first = stream.readline(LONGEST)
        line = first.decode("utf-8-sig", "replace").rstrip("\r\n")
        if "\r" in line or line.count('"') % 2 or not line.strip():
            raise _NotByTheRules
        delimiter = _delimiter(line, layout, file)
        if not delimiter.isascii():
            raise _NotByTheRules
        columns = Columns(next(csv.reader([line], delimiter=delimiter)), required, drop, keep, file.name, 1)
        if len(columns.header) < 2 or not columns.kept:
            raise _NotByTheRules
        tables, codes, numbers, count = [], [], [], 1
        for portion in _parsed(_portions(stream), delimiter, columns, encoded):
            numbers.append(count + 1 + np.flatnonzero(portion.filled))
            count += len(portion.filled)
            tables.append(portion.kept)
            codes.append(portion.digests)
    if not sum(map(len, numbers)):
        raise InputError("the file has a header and no rows", file=file.name, remedy="export the table again")
    index = pd.Index(np.concatenate(numbers), name="row")
    whole = pa.concat_tables(tables)
    with ThreadPoolExecutor(WORKERS) as pool:
        arrays = pool.map(_column, whole.columns)
        cells = {
            name: pd.Series(array, index=index, copy=False) for name, array in zip(columns.names, arrays, strict=True)
        }
    return RawTable(pd.DataFrame(cells, copy=False), {}, pd.Series(np.concatenate(codes), index=index))


def _column(column: pa.ChunkedArray) -> ExtensionArray:
    """Give a column to pandas: text as it lies, or the numbers of its values."""
    if not pa.types.is_dictionary(column.type):
        return _text(column)
    column = column.unify_dictionaries()
    values = _text(column.chunk(0).dictionary)
    smallest = np.min_scalar_type(-max(len(values), 1))
    numbers = np.concatenate(
        [chunk.indices.to_numpy() for chunk in column.iterchunks()], dtype=smallest, casting="unsafe"
    )
    return pd.Categorical.from_codes(numbers, pd.Index(values), validate=False)


def _text(cells: pa.Array | pa.ChunkedArray) -> ExtensionArray:
    text: pd.Series = cells.to_pandas(types_mapper={pa.large_string(): TEXT}.get)
    array: ExtensionArray = text.array
    return array


def _parsed(
    portions: Iterator[tuple[memoryview, np.ndarray]], delimiter: str, columns: Columns, encoded: Collection[str]
) -> Iterator[_Portion]:
    """Look at and parse portions, a few at a time on all processors, and give them in their order."""
    told = [str(place) for place, name in zip(columns.kept, columns.names, strict=True) if name in encoded]
    repeating: Collection[str] | None = None if told else ()
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[_Portion]] = deque()
        for portion, marks in portions:
            if repeating is None:
                # The first portion shows which columns repeat their cells.
                repeating = _repeating(_parse(portion, marks, delimiter, columns, ()).kept.select(told))
            waiting.append(pool.submit(_parse, portion, marks, delimiter, columns, repeating))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _repeating(table: pa.Table) -> frozenset[str]:
    """Name the columns in which a cell stands twice or more on average."""
    return frozenset(name for name in table.column_names if 2 * pc.count_distinct(table[name]).as_py() <= len(table))


def _portions(stream: io.BufferedReader) -> Iterator[tuple[memoryview, np.ndarray]]:
    """Cut a stream into portions that end where a record ends, with the places of their quotation marks.

    That holds if the marks are where they belong. A portion serves until `BUFFERS` more have been asked for: its memory
    is written over then.
    """
    buffers = [bytearray(PORTION + PEEK) for _ in range(BUFFERS)]
    held, rest = 0, memoryview(b"")
    for place in cycle(range(BUFFERS)):
        if len(buffers[place]) < PORTION + held:
            buffers[place] = bytearray(PORTION + held)
        buffer = buffers[place]
        buffer[:held] = rest
        data = memoryview(buffer)
        read = _fill(stream, data[held : held + PORTION])
        whole = held + read
        if buffer.find(b"\0", 0, whole) >= 0:
            raise _NotByTheRules
        marks = np.flatnonzero(np.frombuffer(data[:whole], dtype="uint8") == QUOTE)
        end = buffer.rfind(b"\n", 0, whole) + 1 if read else whole
        while read and (before := int(np.searchsorted(marks, end))) % 2:
            # This line end stands within a quotation: go back to the last one before the mark that opened it.
            end = buffer.rfind(b"\n", 0, marks[before - 1]) + 1
        held, rest = whole - end, data[end:whole]
        if held > LONGEST:
            raise _NotByTheRules
        if end:
            yield data[:end], marks[: np.searchsorted(marks, end)]
        if not read:
            break


def _fill(stream: io.BufferedReader, space: memoryview) -> int:
    """Read until a space is full or the stream ends, and tell how much was read."""
    read = 0
    while read < len(space) and (more := stream.readinto(space[read:])):
        read += more
    return read


def _check_quotes(portion: memoryview, marks: np.ndarray, delimiter: str) -> None:
    """Raise unless each mark that opens follows an edge of a cell, and each that closes precedes one."""
    edges = np.zeros(256, dtype=bool)
    edges[[QUOTE, NEWLINE, RETURN, ord(delimiter)]] = True
    cells = np.frombuffer(portion, dtype="uint8")
    before, after = marks[::2] - 1, marks[1::2] + 1
    # The portion begins and ends where a record does.
    neighbours = cells[before[before >= 0]], cells[after[after < len(cells)]]
    if len(marks) % 2 or not all(edges[found].all() for found in neighbours):
        raise _NotByTheRules


def _check_text(portion: memoryview) -> None:
    """Raise unless the whole is UTF-8; cells are cut at ASCII, so that each of them is then."""
    ends = pa.py_buffer(np.array([0, len(portion)], dtype="int64"))
    pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(portion)]).validate(full=True)


def _parse(
    portion: memoryview, marks: np.ndarray, delimiter: str, columns: Columns, repeating: Collection[str]
) -> _Portion:
    """Parse whole records; `repeating` names the columns to encode."""
    _check_quotes(portion, marks, delimiter)
    _check_text(portion)
    names = [str(place) for place in range(len(columns.header))]
    kept, hidden = ([str(place) for place in places] for places in (columns.kept, columns.hidden))
    table = pa_csv.read_csv(
        pa.BufferReader(portion),
        # One block holds all of it, so that no search for the ends of records is needed.
        read_options=pa_csv.ReadOptions(column_names=names, block_size=len(portion) + 1, use_threads=False),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            include_columns=[str(place) for place in sorted({*columns.kept, *columns.hidden})],
            strings_can_be_null=False,
            null_values=[],
            check_utf8=False,
        ),
    )
    filled = _filled(table)
    table = table if filled.all() else table.filter(pa.array(filled))
    cells = (table[name].dictionary_encode() if name in repeating else table[name] for name in kept)
    return _Portion(pa.table(list(cells), names=kept), digests(map(table.column, hidden), len(table)), filled)


def _filled(table: pa.Table) -> np.ndarray:
    """Tell which rows hold anything but blanks; most rows show it in their first column."""
    filled = np.zeros(len(table), dtype=bool)
    for column in table.columns:
        open_rows = np.flatnonzero(~filled)
        if not len(open_rows):
            break
        cells = column if len(open_rows) == len(table) else column.take(pa.array(open_rows))
        blank = pc.equal(pc.binary_length(pc.utf8_trim_whitespace(cells)), 0)
        filled[open_rows] = ~blank.to_numpy()
    return filled


def _careful(
    file: Path, layout: Layout, required: Iterable[str], drop: Iterable[str], keep: Iterable[str] | None
) -> RawTable:
    """Read by Python's csv module, which refuses a broken quotation; rows of a wrong length become faults."""
    encoding = "utf-8-sig" if codecs.lookup(layout.encoding).name == "utf-8" else layout.encoding
    with open_bytes(file) as stream:
        _refuse_other_kinds(stream.peek(PEEK)[:PEEK], layout.encoding, file.name)
        text = io.TextIOWrapper(stream, encoding, newline="")
        try:
            return _records(text, file, layout, required, drop, keep)
        except UnicodeError as error:
            raise _undecodable(file, layout.encoding, error) from error


def _records(
    text: io.TextIOWrapper,
    file: Path,
    layout: Layout,
    required: Iterable[str],
    drop: Iterable[str],
    keep: Iterable[str] | None,
) -> RawTable:
    # The delimiter is looked for in the header, below any lines of title.
    head: list[str] = []
    lines = _lines(text, file.name)
    for line in lines:
        head.append(line)
        if line.strip() and len(head) >= layout.header:
            break
    delimiter = _delimiter(head[-1] if head else "", layout, file)
    records = _numbered(chain(head, lines), delimiter, file.name)
    header_row, header = next(((row, cells) for row, cells in records if row >= layout.header), (0, []))
    if not header:
        raise InputError("the file is empty", file=file.name, remedy="export the table again")
    columns = Columns(header, required, drop, keep, file.name, header_row)
    rows: list[list[str]] = []
    numbers: list[int] = []
    faults: dict[int, str] = {}
    tables: list[RawTable] = []
    for number, cells in records:
        if len(cells) != len(header):
            faults[number] = f"the row has {len(cells)} cells where the header has {len(header)}"
            cells = (cells + [""] * len(header))[: len(header)]
        rows.append(cells)
        numbers.append(number)
        if len(rows) == ROWS:
            tables.append(raw_table(rows, numbers, columns, {}, file.name))
            rows, numbers = [], []
    if rows or not tables:
        tables.append(raw_table(rows, numbers, columns, {}, file.name))
    frame = pd.concat([table.frame for table in tables])
    frame.index.name = "row"
    return RawTable(frame, faults, pd.concat([table.unread for table in tables]))


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """Give each line, and refuse one that no table has before it fills the memory."""
    number = 0
    while line := text.readline(LONGEST):
        number += 1
        if len(line) == LONGEST:
            raise InputError(
                f"the line is longer than {LONGEST:,} characters, which no table of records has",
                file=name,
                row=number,
                remedy="check that this is the right file",
            )
        if "\0" in line:
            raise InputError(
                "there is a zero byte in the text", file=name, row=number, remedy="export the table as CSV (UTF-8)"
            )
        yield line


def _numbered(text: Iterable[str], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record that holds anything, with its number in the file; a blank line is counted and left out."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
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


def _delimiter(header: str, layout: Layout, file: Path) -> str:
    if layout.delimiter:
        return layout.delimiter
    if inner_name(file).lower().endswith(".tsv"):
        return "\t"
    if "," in header:
        return ","
    return max(DELIMITERS, key=header.count)


def _refuse_other_kinds(data: bytes, encoding: str, name: str) -> None:
    """Say what the file is instead, where its first bytes tell."""
    wide = codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
    if data[:2] in UTF_16 and not wide:
        raise InputError(
            "the text is UTF-16, not UTF-8",
            file=name,
            row=1,
            remedy="save the table as CSV with UTF-8 encoding, or name its encoding in the mapping",
        )
    if data[:4] in OTHER_KINDS or (b"\0" in data and not wide):
        raise InputError("this is not a CSV file", file=name, remedy="export the table as CSV (UTF-8)")


def _undecodable(file: Path, encoding: str, error: UnicodeError) -> InputError:
    """Find the row of the first byte that is no text, which the decoder of a stream does not tell."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row, value = 1, None
    with open_bytes(file) as stream:
        # A line may be longer than the memory.
        while part := stream.readline(PIECE):
            try:
                decoder.decode(part)
            except UnicodeDecodeError as fault:
                value = f"byte 0x{fault.object[fault.start]:02x}"
                break
            row += part.endswith(b"\n")
    return InputError(
        f"the text is not {encoding.upper()}" if value else f"the text cannot be read as {encoding} ({error})",
        file=file.name,
        row=row,
        value=value,
        remedy="save the table as CSV with UTF-8 encoding",
    )
