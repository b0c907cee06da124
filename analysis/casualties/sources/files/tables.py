"""Open a file of any common kind as a table of text, or say clearly why that cannot be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from casualties.provenance import file_sha256
from casualties.sources.files.columnar import read_parquet
from casualties.sources.files.delimited import read_delimited
from casualties.sources.files.opening import find, inner_name
from casualties.sources.files.raw import Layout, RawTable
from casualties.sources.files.records import read_records
from casualties.sources.files.spreadsheets import read_sheet

__all__ = ["Layout", "RawTable", "read_table"]

SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
RECORDS = (".json", ".jsonl", ".ndjson")


def read_table(
    path: str | Path,
    required: Iterable[str] = (),
    drop: Iterable[str] = (),
    *,
    keep: Iterable[str] | None = None,
    layout: Layout | None = None,
    hashed: bool = False,
    encoded: Collection[str] = (),
) -> RawTable:
    """Read a file as a table of text, cell by cell.

    Parameters
    ----------
    path : str or Path
        CSV or its like (``.csv``, ``.tsv``, ``.txt`` and anything not named here), a workbook (``.xlsx``, ``.xlsm``,
        ``.xls``, ``.ods``), JSON (``.json``, ``.jsonl``, ``.ndjson``) or Parquet (``.parquet``); text and JSON also
        packed as ``.gz`` or as the one table of a ``.zip``.
    required : iterable of str
        Columns that must be there.
    drop : iterable of str
        Columns of words that must not be kept: of their cells only a digest a row remains.
    keep : iterable of str, optional
        If given, every column that is neither here nor required is dropped.
    layout : Layout, optional
        Sheet, row of the header, delimiter, encoding, or path of the records.
    hashed : bool
        Whether to compute the file's SHA-256, while it is parsed.
    encoded : collection of str
        Columns that may come encoded (categorical), for `casualties.cells.by_value`: those whose every different cell
        is looked at.

    Returns
    -------
    RawTable

    Raises
    ------
    InputError
        Wrong path, empty or damaged file, wrong kind or encoding, broken quotation, a missing or doubled column, no
        rows.

    Examples
    --------
    >>> import casualties as ca
    >>> table = read_table(ca.bundled("idlib-2019") / "published_tolls.csv", required=["row_id"], keep=["value"])
    >>> table.frame.columns.tolist(), table.frame.index.tolist()[0], table.frame.shape
    (['row_id', 'value'], 2, (115, 2))
    """
    file = find(path)
    chosen = Layout() if layout is None else layout
    suffix = Path(inner_name(file)).suffix.lower()
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(file_sha256, file) if hashed else None
        if suffix in SHEETS:
            table = read_sheet(file, chosen, required, drop, keep)
        elif suffix in RECORDS:
            table = read_records(file, chosen, required, drop, keep)
        elif suffix == ".parquet":
            table = read_parquet(file, required, drop, keep)
        else:
            table = read_delimited(file, chosen, required, drop, keep, encoded)
        return table if digest is None else replace(table, sha256=digest.result())
