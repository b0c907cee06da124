"""Open a file as a stream of bytes, unpacked where it is packed, and never larger than a table can be."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

from casualties.errors import InputError, nearest

__all__ = ["BROKEN", "HARMLESS", "LARGEST", "MOST_GROWTH", "find", "inner_name", "open_bytes", "read_bytes"]

# A deflate stream can grow a thousandfold; a table of events that large is not a table of events.
LARGEST = 4_000_000_000
TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet")
# Tables grow tenfold, seldom more than thirtyfold; what grows more than this was made to fill a memory.
MOST_GROWTH, HARMLESS = 100, 1 << 24
# zipfile raises RuntimeError for an archive with a password, NotImplementedError for an unknown way of packing, and
# ValueError for a name that is no text or a place before the beginning.
BROKEN = (
    *(OSError, EOFError, RuntimeError, NotImplementedError, ValueError),
    *(zlib.error, lzma.LZMAError, struct.error, zipfile.BadZipFile),
)


class _Bounded(io.RawIOBase):
    """Pass a stream on, and stop when it grows larger than any table, or faster than any unpacked from `packed`."""

    def __init__(
        self, stream: io.BufferedIOBase, name: str, largest: int, packed: io.BufferedReader | None = None
    ) -> None:
        self._stream, self._name, self._largest, self._seen, self._packed = stream, name, largest, 0, packed
        self._start = packed.tell() if packed else 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            count = self._stream.readinto(buffer)
        except BROKEN as error:
            raise _unreadable(self._name, error) from error
        self._seen += count
        if self._seen > self._largest:
            raise InputError("the file is too large once unpacked", file=self._name, remedy="split it by period")
        if self._packed and self._seen > HARMLESS and self._seen > MOST_GROWTH * (self._packed.tell() - self._start):
            raise InputError(
                f"the file unpacks to more than {MOST_GROWTH} times its size, which no table does",
                file=self._name,
                remedy="check where it comes from",
            )
        return count


def find(path: str | Path) -> Path:
    """Give the path of a file that is there.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    InputError
        If there is no such file (the nearest in its folder is named), or it is a folder.
    """
    file = Path(path)
    try:
        if file.is_dir():
            raise InputError("this is a folder, not a file", file=str(file), remedy="name the file in it")
        if not file.exists():
            folder = file.parent
            near = nearest(file.name, [other.name for other in folder.iterdir()]) if folder.is_dir() else None
            hint = f"did you mean {near!r}? " if near else ""
            raise InputError("there is no such file", file=str(file), remedy=f"{hint}check the path")
    except (OSError, ValueError) as error:
        raise InputError(f"this is no path of a file ({error})", file=str(file)[:200], remedy="check it") from error
    return file


def inner_name(file: Path) -> str:
    """Give the name of the table in a file: its own, or that of what is packed in it.

    Raises
    ------
    InputError
        If an archive cannot be read, or does not hold exactly one table.
    """
    suffix = file.suffix.lower()
    if suffix == ".gz":
        return file.stem
    return _member(file) if suffix == ".zip" else file.name


@contextmanager
def open_bytes(file: Path, largest: int = LARGEST) -> Iterator[io.BufferedReader]:
    """Open a file for reading, unpacked.

    Parameters
    ----------
    file : Path
        The file; ``.gz`` and ``.zip`` (with one table inside) are unpacked.
    largest : int
        Bytes after which reading stops.

    Raises
    ------
    InputError
        While opening or reading: the file cannot be read or unpacked, or is too large.
    """
    suffix = file.suffix.lower()
    with ExitStack() as opened:
        stream: io.BufferedIOBase
        try:
            plain = stream = opened.enter_context(file.open("rb"))
            if suffix == ".zip":
                archive = opened.enter_context(zipfile.ZipFile(plain))
                stream = cast("io.BufferedIOBase", opened.enter_context(archive.open(_member(file))))
            elif suffix == ".gz":
                stream = opened.enter_context(gzip.GzipFile(fileobj=plain))
        except BROKEN as error:
            raise _unreadable(file.name, error) from error
        packed = plain if suffix in (".zip", ".gz") else None
        yield io.BufferedReader(_Bounded(stream, file.name, largest, packed), 1 << 20)


def read_bytes(file: Path, largest: int) -> bytes:
    """Read a whole file, unpacked.

    Raises
    ------
    InputError
        As `open_bytes`.
    """
    with open_bytes(file, largest) as stream:
        return stream.read()


def _unreadable(name: str, error: Exception) -> InputError:
    return InputError(f"the file cannot be unpacked or read ({error})", file=name, remedy="download it again")


def _member(file: Path) -> str:
    """Name the one table in an archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            # macOS adds a shadow of every file; it is no table.
            names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
    except BROKEN as error:
        raise _unreadable(file.name, error) from error
    tables = [name for name in names if name.lower().endswith(TABLES)]
    # A licence or a note beside the table is a text file; it counts as a table only where there is nothing else.
    tables = [name for name in tables if not name.lower().endswith(".txt")] or tables
    if len(tables) != 1:
        held = ", ".join(names[:5]) or "nothing"
        raise InputError(
            f"the archive holds {len(tables)} tables where one is needed ({held})",
            file=file.name,
            remedy="unpack it and name the table",
        )
    return tables[0]
