"""A store of vintages: each is kept as it came, checked when it is read, and never altered."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import InputError
from casualties.events import Events
from casualties.ledger import read_day
from casualties.provenance import SourceRecord
from casualties.vintages.vintage import COUNTS

__all__ = ["VintageStore"]

# An empty cell and a missing one differ, and CSV knows only one of them.
MISSING = "\\N"
INDEX, LOCK = "index.json", "index.lock"
LAYOUT = 1


class VintageStore:
    """A folder that keeps a table as it stood on different days; vintages are added and never altered.

    Each vintage is a gzipped CSV table (for events also one of their ledger) without a clock in it, so that the same
    table gives the same bytes. ``index.json`` names the vintages with their types of columns and SHA-256. A vintage
    exists once the index names it, and the index is replaced in one step: after a break the store is as before.

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
        written = {part: _write(frame) for part, frame in parts.items()}
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
                name = f"{day.date()}{part}.csv.gz"
                _replace(self.folder / name, gzip.compress(data, 6, mtime=0))
                digest = hashlib.sha256(data).hexdigest()
                files.append({"name": name, "rows": len(parts[part]), "types": types, "sha256": digest})
            main = parts[""]
            sums = {name: int(main[name].sum()) for name in COUNTS if name in main and _is_count(main[name])}
            record = table.record.to_dict() if isinstance(table, Events) else None
            entry = {"as_of": str(day.date()), "kind": kind, "files": files, "sums": sums, "record": record}
            index = {"layout": LAYOUT, "vintages": [*entries, entry]}
            _replace(self.folder / INDEX, (json.dumps(index, ensure_ascii=False, indent=1) + "\n").encode())

    def vintages(self) -> pd.DataFrame:
        """List the vintages in order.

        Returns
        -------
        DataFrame
            One row a vintage: ``as_of`` (datetime64), ``rows``, ``ledger`` (rows of the ledger; NA for a plain table),
            ``low, best, high, civilians`` (sums; NA where the table has no such column) and ``sha256`` of the table's
            text.
        """
        rows = [
            {
                "as_of": entry["as_of"],
                "rows": entry["files"][0]["rows"],
                "ledger": entry["files"][1]["rows"] if len(entry["files"]) > 1 else pd.NA,
                **{name: entry["sums"].get(name, pd.NA) for name in COUNTS},
                "sha256": entry["files"][0]["sha256"],
            }
            for entry in self._entries()
        ]
        frame = pd.DataFrame(rows, columns=["as_of", "rows", "ledger", *COUNTS, "sha256"])
        frame["as_of"] = pd.to_datetime(frame["as_of"], format="%Y-%m-%d")
        return frame.astype({"rows": "int64", "sha256": "str", **dict.fromkeys(("ledger", *COUNTS), "Int64")})

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
        frames = [self._table(file) for file in entry["files"]]
        if entry["kind"] == "table":
            return frames[0]
        record = SourceRecord(**{**entry["record"], "notes": tuple(entry["record"]["notes"])})
        return Events(frames[0], frames[1], record)

    def _table(self, file: Mapping[str, Any]) -> pd.DataFrame:
        """Read one table and check that it is the one that was added."""
        try:
            data = gzip.decompress((self.folder / file["name"]).read_bytes())
        except (OSError, EOFError, ValueError) as error:
            raise InputError(
                f"the vintage cannot be read ({error})", file=file["name"], remedy="restore the file"
            ) from error
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            raise InputError("the vintage is not the one that was added", file=file["name"], remedy="restore the file")
        return _read(data, file["types"])

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


def _write(frame: pd.DataFrame) -> tuple[bytes, dict[str, str]]:
    """Give a table as CSV and its types of columns; checked by reading it back."""
    table = frame.reset_index(drop=True)
    for name in table.columns:
        if not isinstance(name, str):
            raise InputError("names of columns are text", column="table", value=name, remedy="rename it")
        column = table[name]
        if column.dtype == object and column.map(lambda cell: isinstance(cell, str) or pd.isna(cell)).all():
            # Columns of text differ in their missing value only, which the one of pandas' own type stands for.
            table[name] = column.astype("str")
    types = {str(name): str(kind) for name, kind in table.dtypes.items()}
    data = table.to_csv(index=False, na_rep=MISSING, lineterminator="\n").encode()
    try:
        same = _read(data, types).equals(table)
    except (ValueError, TypeError, pd.errors.ParserError):
        same = False
    if not same:
        kept = {name: kind for name, kind in types.items() if not _exact(table[[name]])}
        raise InputError(
            "the table cannot be kept exactly",
            column=", ".join(kept) or "table",
            value=", ".join(sorted(set(kept.values()))) or None,
            remedy="give columns of text, numbers, dates or truth values",
        )
    return data, types


def _exact(table: pd.DataFrame) -> bool:
    """Tell whether one column survives being written and read."""
    types = {str(name): str(kind) for name, kind in table.dtypes.items()}
    try:
        data = table.to_csv(index=False, na_rep=MISSING, lineterminator="\n").encode()
        return bool(_read(data, types).equals(table))
    except (ValueError, TypeError, pd.errors.ParserError):
        return False


def _read(data: bytes, types: Mapping[str, Any]) -> pd.DataFrame:
    """Read a table that `_write` wrote."""
    table = pd.read_csv(
        io.BytesIO(data), dtype="str", keep_default_na=False, na_values=[MISSING], skip_blank_lines=False
    )
    for name, kind in types.items():
        column = table[name]
        if kind.startswith("datetime64"):
            table[name] = pd.to_datetime(column, format="ISO8601").astype(kind)
        elif kind in ("bool", "boolean"):
            table[name] = column.map({"True": True, "False": False}).astype(kind)
        elif kind.lower().startswith("float"):
            # Python reads back the very number that was written, and missing cells stay missing.
            table[name] = pd.Series([float(cell) if isinstance(cell, str) else None for cell in column]).astype(kind)
        elif kind != "str":
            table[name] = pd.Series([int(cell) if isinstance(cell, str) else None for cell in column], dtype=kind)
    return table


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
