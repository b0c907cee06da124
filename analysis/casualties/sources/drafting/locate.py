"""Where in a file its table stands: encoding, sheet, row of the header, list of records; each found by trying."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casualties.errors import InputError
from casualties.sources.drafting.headers import concepts
from casualties.sources.drafting.look import is_date, look
from casualties.sources.files.opening import find, inner_name, open_bytes, read_bytes
from casualties.sources.files.spreadsheets import sheet_names
from casualties.sources.files.tables import RECORDS, SHEETS, Layout, RawTable, read_table

__all__ = ["Located", "locate"]

# Titles, notes and blank rows above a header seldom take more.
DEEPEST = 15
PORTION = 1 << 20
LARGEST_JSON = 400_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A table, and where in its file it was found.

    Parameters
    ----------
    layout : Layout
        What has to be said to read it again.
    table : RawTable
        Its cells.
    remarks : mapping of str to str
        Why, by the layout's entry.
    doubts : tuple of str
        What the user must settle.
    """

    layout: Layout
    table: RawTable
    remarks: Mapping[str, str]
    doubts: tuple[str, ...] = ()


def locate(path: str | Path) -> Located:
    """Find the table in a file.

    Parameters
    ----------
    path : str or Path
        A file that `read_table` can read.

    Returns
    -------
    Located

    Raises
    ------
    InputError
        If the file cannot be read, or no row of its first 15 looks like a header.

    Examples
    --------
    >>> import casualties as ca
    >>> locate(ca.bundled("idlib-2019") / "published_tolls.csv").layout.header
    1
    """
    file = find(path)
    suffix = Path(inner_name(file)).suffix.lower()
    if suffix == ".parquet":
        return Located(Layout(), read_table(file), {})
    if suffix in RECORDS:
        return _records(file, suffix)
    if suffix in SHEETS:
        return _sheets(file)
    encoding, remark, doubts = _encoding(file)
    remarks = {"encoding": remark} if remark else {}
    found = _header(file, Layout(encoding=encoding))
    return Located(found.layout, found.table, {**remarks, **found.remarks}, doubts)


def _header(file: Path, layout: Layout) -> Located:
    """Find the row of the header: the first with two known words, else the widest that holds labels alone."""
    widest: tuple[int, Layout, RawTable] | None = None
    fault: InputError | None = None
    for row in range(1, DEEPEST + 1):
        tried = Layout(layout.sheet, row, layout.delimiter, layout.encoding, layout.records)
        try:
            table = read_table(file, layout=tried)
        except InputError as error:
            fault = error if row == 1 else fault
            continue
        names = [str(name) for name in table.frame.columns]
        if len(names) < 2 or not all(map(_is_label, names)) or 2 * len(table.faults) > len(table.frame):
            continue
        known = sum(bool(concepts(name)) for name in names)
        if known >= 2:
            widest = (len(names), tried, table)
            break
        # Without any known word the row may be of data, and its cells the names of people.
        if known and (widest is None or len(names) > widest[0]):
            widest = (len(names), tried, table)
    if widest is None:
        raise fault or InputError(
            f"none of the first {DEEPEST} rows looks like a header: two names of columns or more, no dates or numbers "
            "among them, and a known word such as date, killed, age, place, تاريخ, قتلى, اسم or محافظة",
            file=file.name,
            remedy="give the table a row with the names of its columns",
        )
    _, chosen, table = widest
    above = chosen.header
    while above > 1:
        # A blank row above the header leads to the same header: the header's own row is the last that does.
        tried = Layout(chosen.sheet, above + 1, chosen.delimiter, chosen.encoding, chosen.records)
        try:
            below = read_table(file, layout=tried)
        except InputError:
            break
        if list(below.frame.columns) != list(table.frame.columns):
            break
        chosen, above = tried, above + 1
    remarks = {"header": f"rows above row {chosen.header} hold no names of columns"} if chosen.header > 1 else {}
    return Located(chosen, table, remarks)


def _is_label(name: str) -> bool:
    """Tell whether a cell can be the name of a column: it holds a letter and is no date."""
    return any(sign.isalpha() for sign in name) and not is_date(name)


def _sheets(file: Path) -> Located:
    """Find the sheet: the only one with a header and dates, else the visible one with most rows, said as a doubt."""
    names = sheet_names(file)
    if len(names) == 1:
        return _header(file, Layout())
    found, fault = [], None
    for name in names:
        try:
            found.append(_header(file, Layout(sheet=name)))
        except InputError as error:
            fault = fault or error
    if not found:
        raise fault or InputError("the workbook is empty", file=file.name, remedy="check the file")
    dated = [one for one in found if any(column.kind == "dates" for column in look(_head(one)))] or found

    def rank(one: Located) -> tuple[bool, int]:
        return not names[one.layout.sheet], -len(one.table.frame)

    def named(one: Located) -> str:
        return repr(one.layout.sheet) if names[one.layout.sheet] else f"{one.layout.sheet!r} (hidden)"

    chosen = sorted(dated, key=lambda one: (*rank(one), one.layout.sheet))[0]
    doubts: tuple[str, ...] = ()
    others = [one for one in dated if one is not chosen]
    if others:
        equal = [one for one in others if rank(one) == rank(chosen)]
        seen = [one for one in others if names[one.layout.sheet]]
        rows = f"{len(chosen.table.frame):,} rows"
        why = "the only visible one with a table" if not seen and not equal else f"which has most rows ({rows})"
        if equal:
            why = f"the first by name of {len(equal) + 1} with {rows} each"
        more = ", ".join(map(named, others))
        doubts = (f"Sheet {named(chosen)}, {why}, is taken; {more} could be meant too ([file] sheet = …).",)
    elif not names[chosen.layout.sheet]:
        doubts = (f"Sheet {named(chosen)}, the only one with a table, is taken, though it is hidden.",)
    remarks = {"sheet": f"the workbook has {len(names)} sheets", **chosen.remarks}
    return Located(chosen.layout, chosen.table, remarks, doubts)


def _head(found: Located) -> Any:
    return found.table.frame.head(200)


def _records(file: Path, suffix: str) -> Located:
    """Find the list of records in a JSON file: the longest list of objects, said as a doubt where there are more."""
    if suffix != ".json":
        return Located(Layout(), read_table(file), {})
    try:
        content = json.loads(read_bytes(file, LARGEST_JSON).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        # The reader says what is wrong.
        return Located(Layout(), read_table(file), {})
    paths = sorted(_lists(content), key=lambda item: (-item[1], item[0]))
    plain = isinstance(content, list) or (
        isinstance(content, Mapping) and sum(isinstance(value, list) for value in content.values()) == 1
    )
    if not paths or (len(paths) == 1 and plain and "." not in paths[0][0]):
        return Located(Layout(), read_table(file), {})
    layout = Layout(records=paths[0][0])
    doubts: tuple[str, ...] = ()
    if len(paths) > 1:
        others = ", ".join(repr(name) for name, _ in paths[1:])
        doubts = (f"The list {paths[0][0]!r}, the longest, is taken; {others} could be meant too.",)
    return Located(layout, read_table(file, layout=layout), {"records": "the list of records in the file"}, doubts)


def _lists(content: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, int]]:
    """Give the path and length of each list of objects that a path of names can reach."""
    if isinstance(content, list):
        if content and all(isinstance(item, Mapping) for item in content):
            yield ".".join(path), len(content)
    elif isinstance(content, Mapping) and len(path) < 5:
        for name, value in content.items():
            if name and "." not in name:
                yield from _lists(value, (*path, name))


def _encoding(file: Path) -> tuple[str, str, tuple[str, ...]]:
    """Find the encoding of a text file: UTF-8 where it is that, else by the letters that its bytes would make."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_bytes(file) as stream:
        portion = stream.read(PORTION)
        if portion.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", "the file says so in its first bytes", ()
        while portion:
            try:
                decoder.decode(portion)
            except UnicodeDecodeError:
                break
            portion = stream.read(PORTION)
    if not portion:
        return "utf-8", "", ()
    signs = [sign for sign in portion.decode("windows-1256", "replace") if ord(sign) > 127]
    arabic = sum("؀" <= sign <= "ۿ" for sign in signs)
    if 2 * arabic > len(signs):
        remark = f"no UTF-8; read thus, {arabic / len(signs):.0%} of the other signs are Arabic letters"
        return "windows-1256", remark.replace("%", " %"), ()
    doubt = "The text is neither UTF-8 nor Arabic in windows-1256; it is read as windows-1252 (Western Europe)."
    return "windows-1252", "neither UTF-8 nor Arabic in windows-1256", (doubt,)
