"""A store of vintages: each is kept as it came, checked when it is read, and never altered."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from casualties.errors import InputError
from casualties.events import Events
from casualties.ledger import read_day
from casualties.provenance import SourceRecord
from casualties.vintages.vintage import COUNTS

__all__ = ["VintageStore"]

INDEX, LOCK = "index.json", "index.lock"
LAYOUT = 3
# Under this key a file of a replay's events keeps the names of the whole table.
NAMES = b"names"
UNFIT = (pa.ArrowException, ValueError, TypeError, KeyError)


class VintageStore:
    """A folder that keeps a table as it stood on different days; vintages are added and never altered.

    Each vintage is a Parquet file (for events also one of their ledger) without a clock in it, so that the same table
    gives the same bytes. ``index.json`` names the vintages with their types of columns and SHA-256. A vintage exists
    once the index names it, and the index is replaced in one step: after a break the store is as before.

    Parameters
    ----------
    folder : str or Path
        The folder; it is made when the first vintage is added.

    Raises
    ------
    InputError
        If the folder holds an index that cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> store = VintageStore(tempfile.mkdtemp())
    >>> store.add(pd.DataFrame({"id": ["a"], "best": [3]}), "2019-05-01")
    >>> store.add(pd.DataFrame({"id": ["a", "b"], "best": [4, 1]}), "2019-05-08")
    >>> store.vintages()[["as_of", "rows", "best"]].to_numpy().tolist()
    [[Timestamp('2019-05-01 00:00:00'), 1, 3], [Timestamp('2019-05-08 00:00:00'), 2, 5]]
    >>> store.read("2019-05-07")["best"].tolist()
    [3]
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._entries()

    def add(self, table: Events | pd.DataFrame, as_of: str | pd.Timestamp) -> None:
        """Add a vintage.

        Parameters
        ----------
        table : Events or DataFrame
            The table; its row index is not kept. Columns hold text, numbers, dates or truth values.
        as_of : str or Timestamp
            The day on which the table stood like this; later than every vintage of the store.

        Raises
        ------
        InputError
            If the day is not later than the last vintage, the store holds the other kind of table, a column cannot be
            kept exactly, or another process is adding a vintage.
        """
        day = read_day(as_of, "as_of")
        kind = "events" if isinstance(table, Events) else "table"
        parts = {"": table.accepted, "-ledger": table.rejected} if isinstance(table, Events) else {"": table}
        names = table.names if isinstance(table, Events) else {}
        written = {part: _write(frame, {} if part else names) for part, frame in parts.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            entries = self._entries()
            if entries and str(day.date()) <= entries[-1]["as_of"]:
                raise InputError(
                    f"the store has a vintage of {entries[-1]['as_of']}, and a vintage is neither replaced nor put "
                    "before another",
                    file=self.folder.name,
                    column="as_of",
                    value=str(day.date()),
                    remedy="add a later one, or begin a store of its own",
                )
            if entries and entries[-1]["kind"] != kind:
                raise InputError(
                    f"the store keeps {entries[-1]['kind']}, and this is {kind}",
                    file=self.folder.name,
                    column="table",
                    remedy="begin a store of its own",
                )
            files = []
            for part, (data, types) in written.items():
                name = f"{day.date()}{part}.parquet"
                _replace(self.folder / name, data)
                digest = hashlib.sha256(data).hexdigest()
                files.append({"name": name, "rows": len(parts[part]), "types": types, "sha256": digest})
            main = parts[""]
            counts = [name for name in COUNTS if name in main and _is_count(main[name])]
            sums = {name: None if main[name].isna().all() and len(main) else int(main[name].sum()) for name in counts}
            silent = {name: int(main[name].isna().sum()) for name in counts}
            entry: dict[str, Any] = {"as_of": str(day.date()), "kind": kind, "files": files, "sums": sums}
            entry["not_given"] = silent
            if isinstance(table, Events):
                entry |= {"record": table.record.to_dict(), "parts": list(table.parts)}
            index = {"layout": LAYOUT, "vintages": [*entries, entry]}
            _replace(self.folder / INDEX, (json.dumps(index, ensure_ascii=False, indent=1) + "\n").encode())

    def vintages(self) -> pd.DataFrame:
        """List the vintages in order.

        Returns
        -------
        DataFrame
            One row a vintage: ``as_of`` (datetime64), ``rows``, ``ledger`` (rows of the ledger; NA for a plain table),
            ``low, best, high, civilians`` (sums of what is given; NA where the table has no such column or no row
            gives it), ``low_not_given`` and its like (rows that do not give it) and ``sha256`` of the file. Sums need
            no ids: they can be compared where `compare_vintages` cannot match events.
        """
        rows = [
            {
                "as_of": entry["as_of"],
                "rows": entry["files"][0]["rows"],
                "ledger": entry["files"][1]["rows"] if len(entry["files"]) > 1 else pd.NA,
                **{name: entry["sums"].get(name) for name in COUNTS},
                **{f"{name}_not_given": entry["not_given"].get(name) for name in COUNTS},
                "sha256": entry["files"][0]["sha256"],
            }
            for entry in self._entries()
        ]
        counted = [*COUNTS, *(f"{name}_not_given" for name in COUNTS)]
        frame = pd.DataFrame(rows, columns=["as_of", "rows", "ledger", *counted, "sha256"])
        frame["as_of"] = pd.to_datetime(frame["as_of"], format="%Y-%m-%d")
        return frame.astype({"rows": "int64", "sha256": "str", **dict.fromkeys(("ledger", *counted), "Int64")})

    def read(self, as_of: str | pd.Timestamp) -> Events | pd.DataFrame:
        """Give the table as it stood on a day: the last vintage that is not later.

        Parameters
        ----------
        as_of : str or Timestamp
            The day.

        Returns
        -------
        Events or DataFrame
            What was added, its types of columns included.

        Raises
        ------
        InputError
            If there is no vintage so early, or a file is missing or is not the one that was added.
        """
        day = str(read_day(as_of, "as_of").date())
        entries = self._entries()
        entry = next((entry for entry in reversed(entries) if entry["as_of"] <= day), None)
        if entry is None:
            raise InputError(
                f"the first vintage is of {entries[0]['as_of']}" if entries else "the store is empty",
                file=self.folder.name,
                column="as_of",
                value=day,
                remedy="ask for a later day" if entries else "add a vintage",
            )
        accepted, names = self._table(entry["files"][0])
        if entry["kind"] == "table":
            return accepted
        rejected, _ = self._table(entry["files"][1])
        record = SourceRecord(**{**entry["record"], "notes": tuple(entry["record"]["notes"])})
        return Events(accepted, rejected, record, names, tuple(entry["parts"]))

    def _table(self, file: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, frozenset[str]]]:
        """Read one table and check that it is the one that was added; its bytes are checked before they are parsed."""
        try:
            data = (self.folder / file["name"]).read_bytes()
        except OSError as error:
            raise InputError(
                f"the vintage cannot be read ({error.strerror})", file=file["name"], remedy="restore the file"
            ) from error
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            raise InputError("the vintage is not the one that was added", file=file["name"], remedy="restore the file")
        try:
            return _read(data, file["types"])
        except UNFIT as error:
            raise InputError(
                f"the vintage cannot be read as Parquet ({error})",
                file=file["name"],
                remedy="use the version of the package that wrote it",
            ) from error

    def _entries(self) -> list[dict[str, Any]]:
        path = self.folder / INDEX
        if not path.exists():
            return []
        try:
            index = json.loads(path.read_bytes())
            layout, entries = index["layout"], list(index["vintages"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"the index of the vintages cannot be read ({error})", file=INDEX, remedy="restore the file"
            ) from error
        if layout != LAYOUT:
            raise InputError(
                f"the store has layout {layout!r}, and this version reads {LAYOUT}",
                file=INDEX,
                remedy="use the version of the package that wrote it",
            )
        return entries

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from adding a vintage at the same time."""
        path = self.folder / LOCK
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            raise InputError(
                "another process is adding a vintage, or broke off while it did",
                file=LOCK,
                remedy="wait, or delete this file if none is at work",
            ) from None
        try:
            yield
        finally:
            path.unlink()

    def __repr__(self) -> str:
        days = [entry["as_of"] for entry in self._entries()]
        return f"<VintageStore {len(days)} vintages{f', {days[0]} to {days[-1]}' if days else ''}>"


def _is_count(column: pd.Series) -> bool:
    return bool(pd.api.types.is_integer_dtype(column))


def _write(frame: pd.DataFrame, names: Mapping[str, frozenset[str]]) -> tuple[bytes, dict[str, str]]:
    """Give a table as Parquet and its types of columns; checked by reading it back."""
    table = frame.reset_index(drop=True)
    for name in table.columns:
        if not isinstance(name, str):
            raise InputError("names of columns are text", column="table", value=name, remedy="rename it")
        column = table[name]
        if column.dtype == object and column.map(lambda cell: isinstance(cell, str) or pd.isna(cell)).all():
            # Columns of text differ in their missing value only, which the one of pandas' own type stands for.
            table[name] = column.astype("str")
    types = {str(name): str(kind) for name, kind in table.dtypes.items()}
    data = _exact(table, types, names)
    if data is None:
        kept = {name: kind for name, kind in types.items() if _exact(table[[name]], {name: kind}, {}) is None}
        raise InputError(
            "the table cannot be kept exactly",
            column=", ".join(kept) or "table",
            value=", ".join(sorted(set(kept.values()))) or None,
            remedy="give columns of text, numbers, dates or truth values",
        )
    return data, types


def _exact(table: pd.DataFrame, types: Mapping[str, str], names: Mapping[str, frozenset[str]]) -> bytes | None:
    """Give a table as Parquet, or None where it does not come back as it was."""
    words = json.dumps({name: sorted(known) for name, known in sorted(names.items())}, ensure_ascii=False)
    try:
        # What pandas would add names the versions of the libraries; the types stand in the index.
        kept = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata({NAMES: words.encode()})
        sink = pa.BufferOutputStream()
        pq.write_table(kept, sink, compression="zstd")
        data: bytes = sink.getvalue().to_pybytes()
        read, known = _read(data, types)
        return data if read.equals(table) and known == dict(names) else None
    except UNFIT:
        return None


def _read(data: bytes, types: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, frozenset[str]]]:
    """Read a table that `_write` wrote, and the names of a replay."""
    # One thread and nothing read ahead, as in sources/files/columnar.
    kept = pq.read_table(pa.BufferReader(data), use_threads=False, pre_buffer=False)
    columns = {}
    for name, kind in types.items():
        made = pd.api.types.pandas_dtype(kind)
        column = kept.column(name)
        if isinstance(made, pd.api.extensions.ExtensionDtype) and hasattr(made, "__from_arrow__"):
            columns[name] = pd.Series(made.__from_arrow__(column))
        else:
            columns[name] = column.to_pandas().astype(made)
    names = json.loads((kept.schema.metadata or {}).get(NAMES, b"{}"))
    table = pd.DataFrame(columns, index=pd.RangeIndex(kept.num_rows))
    return table, {name: frozenset(known) for name, known in names.items()}


def _replace(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever looks finds the old one or the whole new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
