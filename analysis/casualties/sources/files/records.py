"""Read JSON records as cells of text: a list of objects, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from casualties.errors import InputError, UnknownNameError
from casualties.sources.files.opening import inner_name, open_bytes, read_bytes
from casualties.sources.files.raw import Columns, Layout, RawTable, cell_text, raw_table

__all__ = ["read_records"]

# JSON is read as a whole and grows tenfold in memory.
LARGEST = 400_000_000
LONGEST = 8_000_000
# Records that share no field make a table of nothing: its cells are the square of the file.
MOST_CELLS = 100_000_000


class _Record(dict[str, Any]):
    """An object of a JSON file that remembers a name that it was given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        # Half of a character pair can stand in a file and is no text.
        names = [_text(name) for name, _ in pairs]
        super().__init__(zip(names, (value for _, value in pairs), strict=True))
        self.doubled = next((name for name in names if names.count(name) > 1), "") if len(self) < len(pairs) else ""


def read_records(
    file: Path, layout: Layout, required: Iterable[str], drop: Iterable[str], keep: Iterable[str] | None
) -> RawTable:
    """Read JSON (a list of records, or an object that holds one) or JSON lines as text.

    Numbers stand as they are written; an absent field and a null are empty cells; what is nested stays JSON.

    Parameters
    ----------
    file : Path
        ``.json``, ``.jsonl`` or ``.ndjson``, plain or packed.
    layout : Layout
        The path of the list in the object, names joined by dots; needed where there are several lists.
    required, drop, keep
        As in `Columns`.

    Raises
    ------
    InputError
        If it is no JSON, holds no list of records or several, lacks a needed field, or is too large.
    """
    lines = inner_name(file).lower().endswith((".jsonl", ".ndjson"))
    numbered = list(_lines(file)) if lines else list(enumerate(_list(file, layout.records), start=1))
    if not numbered:
        raise InputError("the file holds no records", file=file.name, remedy="give a list of objects")
    columns = Columns(
        list(dict.fromkeys(name for _, item in numbered if isinstance(item, _Record) for name in item)),
        required, drop, keep, file.name,
    )  # fmt: skip
    if len(columns.header) * len(numbered) > MOST_CELLS:
        raise InputError(
            f"the {len(numbered):,} records have {len(columns.header):,} fields between them, which is no table",
            file=file.name,
            remedy="check that this is the right list",
        )
    faults, rows = {}, []
    for number, item in numbered:
        if not isinstance(item, _Record):
            faults[number] = "this is not a record with named fields"
        elif item.doubled:
            faults[number] = f"the field {item.doubled!r} stands twice in the record"
        fields = item if isinstance(item, _Record) else {}
        # A name is looked up as it stands; the columns' own list is stripped of blanks.
        stripped = {name.strip(): value for name, value in fields.items()}
        rows.append([_cell(stripped.get(name)) for name in columns.header])
    return raw_table(rows, [number for number, _ in numbered], columns, faults, file.name)


def _list(file: Path, path: str) -> Sequence[Any]:
    """Give the list of records of a file."""
    content = _parse(read_bytes(file, LARGEST), file.name, None)
    for name in path.split(".") if path else ():
        if not isinstance(content, Mapping) or name not in content:
            choices = list(content) if isinstance(content, Mapping) else []
            raise UnknownNameError("records", path, choices, file=file.name)
        content = content[name]
    if isinstance(content, Mapping):
        lists = [value for value in content.values() if isinstance(value, list)]
        if len(lists) != 1:
            raise InputError(
                f"the object holds {len(lists)} lists of records where one is needed",
                file=file.name,
                remedy="name it in the mapping ([file] records = …), or save it as a file of its own",
            )
        content = lists[0]
    if not isinstance(content, list):
        raise InputError("the file holds no records", file=file.name, remedy="give a list of objects")
    return content


def _lines(file: Path) -> Iterator[tuple[int, Any]]:
    """Give each object of a file of lines, with the line's number."""
    with open_bytes(file, LARGEST) as stream:
        number = 0
        while line := stream.readline(LONGEST):
            number += 1
            if len(line) == LONGEST and not line.endswith(b"\n"):
                raise InputError(
                    f"the line is longer than {LONGEST:,} bytes", file=file.name, row=number, remedy="check the file"
                )
            if line.strip():
                yield number, _parse(line, file.name, number)


def _parse(data: bytes, name: str, row: int | None) -> Any:
    try:
        return json.loads(
            data.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_Record
        )
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"the file cannot be read as JSON ({error})",
            file=name,
            row=row,
            remedy="download it again, or check it",
        ) from error


def _cell(value: Any) -> str:
    """Give a field of a record as the text of a cell."""
    return _text(json.dumps(value, ensure_ascii=False)) if isinstance(value, list | dict) else cell_text(value)


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
