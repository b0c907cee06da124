"""Read a Parquet file as cells of text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from casualties.cells import digests
from casualties.errors import InputError
from casualties.sources.files.opening import read_bytes
from casualties.sources.files.raw import Columns, RawTable, cell_text

__all__ = ["read_parquet"]

LARGEST_FILE = 1_000_000_000
LARGEST_UNPACKED = 4_000_000_000


def read_parquet(file: Path, required: Iterable[str], drop: Iterable[str], keep: Iterable[str] | None) -> RawTable:
    """Read a Parquet file as text; its records count from 1.

    Whole numbers lose a decimal point that says nothing, days are written as ISO dates, nulls are empty cells.

    Parameters
    ----------
    file : Path
        The file.
    required, drop, keep
        As in `Columns`.

    Raises
    ------
    InputError
        If it is no such file, is damaged or too large, lacks a needed column or holds no rows.
    """
    data = read_bytes(file, LARGEST_FILE)
    try:
        content = pq.ParquetFile(pa.BufferReader(data))
        columns = Columns(content.schema_arrow.names, required, drop, keep, file.name)
        groups = [content.metadata.row_group(number) for number in range(content.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > LARGEST_UNPACKED:
            raise InputError("the file is too large once unpacked", file=file.name, remedy="split it by period")
        # One thread: a worker that holds the bytes while Python ends takes the process down (apache/arrow#34314).
        table, unread = (
            content.read(columns=[content.schema_arrow.names[position] for position in places], use_threads=False)
            for places in (columns.kept, columns.hidden)
        )
        table.validate(full=True)
        unread.validate(full=True)
        cells = {name: _text(table.column(place)) for place, name in enumerate(columns.names)}
        words = [pa.array(_text(column), pa.large_string()) for column in unread.columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise InputError(
            f"the file cannot be read as Parquet ({str(error).splitlines()[0] if str(error) else 'damaged'})",
            file=file.name,
            remedy="download it again",
        ) from error
    if not table.num_rows:
        raise InputError("the file has no rows", file=file.name, remedy="export the table again")
    index = pd.RangeIndex(1, table.num_rows + 1, name="row")
    frame = pd.DataFrame(cells, dtype="str").set_axis(index)
    return RawTable(frame, {}, pd.Series(digests(words, len(index)), index=index))


def _text(column: pa.ChunkedArray) -> np.ndarray:
    """Write a column as text, each of its values once."""
    encoded = column.combine_chunks()
    try:
        encoded = encoded if pa.types.is_dictionary(encoded.type) else encoded.dictionary_encode()
    except pa.ArrowNotImplementedError:
        return np.array([cell_text(value) for value in column.to_pylist()], dtype="object")
    values = np.array([*(cell_text(value) for value in encoded.dictionary.to_pylist()), ""], dtype="object")
    written: np.ndarray = values[encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)]
    return written
