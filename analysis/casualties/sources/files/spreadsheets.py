"""Read a sheet of a workbook as cells of text, each row under its number in the sheet."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from casualties.errors import InputError, UnknownNameError
from casualties.sources.files.opening import BROKEN, HARMLESS, MOST_GROWTH, read_bytes
from casualties.sources.files.raw import Columns, Layout, RawTable, cell_text, raw_table

__all__ = ["read_sheet", "sheet_names"]

# A workbook is held in memory as a whole, packed and unpacked.
LARGEST_FILE = 300_000_000
LARGEST_UNPACKED = 1_500_000_000
# A sheet is read as the whole grid up to its last cell, so that one cell in the far corner costs as much as all.
MOST_CELLS, ANY_GRID, SHARE = 100_000_000, 4_000_000, 10
PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,9})([0-9]{1,30})["']""")
PORTION = 1 << 20


def sheet_names(file: Path) -> dict[str, bool]:
    """Give the names of a workbook's sheets in their order, and whether each is visible.

    Parameters
    ----------
    file : Path
        As in `read_sheet`.

    Raises
    ------
    InputError
        If it is no workbook, is locked by a password or too large.
    """
    data = read_bytes(file, LARGEST_FILE)
    _measure(data, file.name)
    with _guarded(file.name):
        sheets = CalamineWorkbook.from_filelike(io.BytesIO(data)).sheets_metadata
    return {
        sheet.name: sheet.visible == SheetVisibleEnum.Visible
        for sheet in sheets
        if sheet.typ == SheetTypeEnum.WorkSheet
    }


def read_sheet(
    file: Path, layout: Layout, required: Iterable[str], drop: Iterable[str], keep: Iterable[str] | None
) -> RawTable:
    """Read one sheet of an Excel or OpenDocument workbook as text.

    Numbers lose a decimal point that says nothing (``3.0`` is ``3``), days are written as ISO dates. A formula is
    read as the value that was saved with it; a cell that shows an error (``#N/A``) is empty.

    Parameters
    ----------
    file : Path
        ``.xlsx``, ``.xlsm``, ``.xls`` or ``.ods``.
    layout : Layout
        The sheet's name, and the row of its header.
    required, drop, keep
        As in `Columns`.

    Raises
    ------
    InputError
        If it is no workbook, is locked by a password or too large, several sheets hold something and none is named,
        a needed column is missing, or there are no rows.
    UnknownNameError
        If there is no sheet of that name.
    """
    data = read_bytes(file, LARGEST_FILE)
    _measure(data, file.name)
    with _guarded(file.name):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = _sheet(book, layout.sheet, file.name)
        rows = {
            number: [cell_text(cell) for cell in row]
            for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1)
            if row.count("") < len(row)
        }
    rows = {number: row for number, row in rows.items() if any(map(str.strip, row))}
    header_row = next((number for number in rows if number >= layout.header), 0)
    if not header_row:
        raise InputError("the sheet is empty", file=file.name, remedy="check the sheet and the row of its header")
    columns = Columns(rows[header_row], required, drop, keep, file.name, header_row)
    numbers = [number for number in rows if number > header_row]
    return raw_table([rows[number] for number in numbers], numbers, columns, {}, file.name)


@contextmanager
def _guarded(name: str) -> Iterator[None]:
    """Name the file where the library cannot read it."""
    try:
        yield
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise _unreadable(name, error) from error
    except BaseException as error:
        # A fault inside the library arrives as a PanicException, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(name, error) from error


def _measure(data: bytes, name: str) -> None:
    """Unpack once without keeping anything: what an archive says of its own size may be wrong."""
    if not data.startswith(b"PK"):
        return
    whole = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                with archive.open(member) as stream:
                    seen, rest, grid = 0, b"", _Grid()
                    while portion := stream.read(PORTION):
                        seen += len(portion)
                        if whole + seen > LARGEST_UNPACKED or seen > max(HARMLESS, MOST_GROWTH * member.compress_size):
                            raise InputError(
                                "the workbook is too large once unpacked", file=name, remedy="save the sheet as CSV"
                            )
                        if member.filename.endswith(".xml"):
                            grid.look(rest + portion)
                            rest = portion[-60:]
                    whole += seen
                    grid.check(name)
    except BROKEN as error:
        raise _unreadable(name, error) from error


class _Grid:
    """The grid that a sheet's cells span, and how many cells it writes."""

    def __init__(self) -> None:
        self.rows, self.columns, self.cells = 0, 0, 0
        self._letters: set[bytes] = set()

    def look(self, text: bytes) -> None:
        """Look at every place that a part of the sheet names."""
        places = PLACE.findall(text)
        self.cells += len(places)
        self.rows = max(self.rows, max((int(row) for _, row in places), default=0))
        for letters in {letters.upper() for letters, _ in places} - self._letters:
            self._letters.add(letters)
            number = sum((letter - 64) * 26**place for place, letter in enumerate(reversed(letters)))
            self.columns = max(self.columns, number)

    def check(self, name: str) -> None:
        """Refuse a grid that would fill the memory with nothing."""
        size = self.rows * self.columns
        if size > MOST_CELLS or (size > ANY_GRID and size > SHARE * self.cells):
            raise InputError(
                f"the sheet reaches to row {self.rows:,} and column {self.columns:,}, and nearly all of it is empty"
                if size > SHARE * self.cells
                else f"the sheet has {size:,} cells",
                file=name,
                remedy="delete the empty rows and columns behind the table, or save the sheet as CSV",
            )


def _sheet(book: CalamineWorkbook, wanted: str, name: str) -> CalamineSheet:
    names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if wanted:
        if wanted not in names:
            raise UnknownNameError("sheet", wanted, names, file=name)
        return book.get_sheet_by_name(wanted)
    sheets = [book.get_sheet_by_name(one) for one in names]
    holding = [sheet for sheet in sheets if sheet.total_height and sheet.total_width]
    if len(holding) > 1:
        raise InputError(
            f"{len(holding)} sheets hold something ({', '.join(sheet.name for sheet in holding[:8])})",
            file=name,
            remedy="name the one to read in the mapping ([file] sheet = …)",
        )
    if not holding:
        raise InputError("the workbook is empty", file=name, remedy="check the file")
    return holding[0]


def _unreadable(name: str, error: BaseException) -> InputError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return InputError(f"the workbook cannot be read ({reason})", file=name, remedy="save it again, or as CSV")
