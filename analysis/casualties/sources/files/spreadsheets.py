"""Read a sheet of a workbook as cells of text, each row under its number in the sheet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from casualties.errors import InputError, UnknownNameError
from casualties.sources.files.opening import BROKEN, read_bytes
from casualties.sources.files.raw import Columns, Layout, RawTable, cell_text, raw_table

__all__ = ["read_sheet"]

# A workbook is held in memory as a whole, packed and unpacked.
LARGEST_FILE = 300_000_000
LARGEST_UNPACKED = 1_500_000_000


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
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = _sheet(book, layout.sheet, file.name)
        cells = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise _unreadable(file.name, error) from error
    except BaseException as error:
        # A fault inside the library arrives as a PanicException, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(file.name, error) from error
    rows = [[cell_text(cell) for cell in row] for row in cells]
    filled = [number for number, row in enumerate(rows, start=1) if any(map(str.strip, row))]
    header_row = next((number for number in filled if number >= layout.header), 0)
    if not header_row:
        raise InputError("the sheet is empty", file=file.name, remedy="check the sheet and the row of its header")
    columns = Columns(rows[header_row - 1], required, drop, keep, file.name, header_row)
    numbers = [number for number in filled if number > header_row]
    return raw_table([rows[number - 1] for number in numbers], numbers, columns, {}, file.name)


def _measure(data: bytes, name: str) -> None:
    """Unpack once without keeping anything: what an archive says of its own size may be wrong."""
    if not data.startswith(b"PK"):
        return
    seen = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                with archive.open(member) as stream:
                    while portion := stream.read(1 << 20):
                        seen += len(portion)
                        if seen > LARGEST_UNPACKED:
                            raise InputError(
                                "the workbook is too large once unpacked", file=name, remedy="save the sheet as CSV"
                            )
    except (*BROKEN, ValueError) as error:
        raise _unreadable(name, error) from error


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
