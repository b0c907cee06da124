"""A table as a grid of cells, whether it came from Markdown or from pandas, and its Typst form.

The page decides the size of type: for each column the widest whole cells and the widest single words go with the
table, and the template takes the largest size at which the table fits, wrapping words before it goes small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bs4.element import NavigableString, Tag

from casualties.errors import ReportError
from casualties.report.markup import escape_text

__all__ = ["Cell", "ReportTable", "html_table"]

# Beyond this many rows a table may run over a page break, with its header repeated.
LONG_TABLE = 22
# So may one whose cells hold more than these characters: wrapped, it can be taller than a page.
LONG_TEXT = 3000
SHORT_TABLE = 9
_MISSING = ("", "nan", "NaN", "<NA>", "NaT", "None")
_NUMBER = re.compile(
    r"[<>≈~]?\s?[$€£+\-−–±]?\d[\d.,\s]*(?:[eE][+\-−]?\d+)?\s?[%×]?"  # one number
    r"(?:\s?(?:–|-|to)\s?[+\-−]?\d[\d.,]*\s?[%×]?)?"  # up to another
    r"(?:\s?[(\[][+\-−<>\d.,%×\s–;]*(?:to)?[+\-−<>\d.,%×\s–;]*[)\]])?"  # with an interval
)
_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell in its place.

    Parameters
    ----------
    text : str
        Plain words, for widths and alignment.
    typst : str
        Markup, ready to be set.
    row, column : int
        Its first row and column, from nought.
    rows, columns : int, optional
        How many it spans.
    header : bool, optional
        Whether it belongs to the head.
    """

    text: str
    typst: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    header: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Cells, number of columns and their alignment.

    Parameters
    ----------
    cells : sequence of Cell
        Row by row; those with ``header`` first.
    columns : int
        How many columns.
    align : sequence of str
        ``"left"``, ``"center"`` or ``"right"`` for each column.
    """

    cells: Sequence[Cell]
    columns: int
    align: Sequence[str]

    @property
    def rows(self) -> int:
        """Number of rows, head included."""
        return max((cell.row + cell.rows for cell in self.cells), default=0)

    @property
    def is_long(self) -> bool:
        """Whether the table may run over a page break."""
        return self.rows > LONG_TABLE or sum(len(cell.text) for cell in self.cells) > LONG_TEXT

    @property
    def floats(self) -> bool:
        """Whether the table may move to the top or foot of a page, so that the text before it fills its page."""
        return self.rows > SHORT_TABLE and not self.is_long

    def to_typst(self) -> str:
        """Write the call that sets the table."""
        head = [cell for cell in self.cells if cell.header]
        head_rows = max((cell.row + cell.rows for cell in head), default=0)
        parts = [
            f"align: ({', '.join(self.align)},)",
            f"head-rows: {head_rows}",
            f"whole: ({', '.join(self._widest(False))},)",
            f"words: ({', '.join(self._widest(True))},)",
        ]
        if head:
            parts.append(f"table.header({', '.join(self._cell(cell) for cell in head)})")
        parts += [self._cell(cell) for cell in self.cells if not cell.header]
        return f"fit-table({', '.join(parts)})"

    def _cell(self, cell: Cell) -> str:
        align = self.align[cell.column]
        wide_head = cell.header and cell.columns > 1
        mark = {"right": "num", "center": "mid"}.get("" if wide_head else align, "")
        body = f"{mark}[{cell.typst}]"
        spans = [f"colspan: {cell.columns}"] * (cell.columns > 1) + [f"rowspan: {cell.rows}"] * (cell.rows > 1)
        if wide_head:
            spans.append("align: center")
        return f"table.cell({', '.join(spans)}, {body})" if spans else body

    def _widest(self, words: bool) -> list[str]:
        """Give for each column what the template must measure: whole cells, or what cannot be broken."""
        out = []
        for column in range(self.columns):
            own = [cell for cell in self.cells if cell.column == column and cell.columns == 1]
            texts: set[tuple[str, bool]] = set()
            for cell in own:
                whole = not words or (not cell.header and self.align[column] == "right")
                texts |= {(part, cell.header) for part in ([cell.text] if whole else cell.text.split())}
            longest = sorted(texts, key=lambda item: (-len(item[0]), item))[:_CANDIDATES]
            # Capitals and bold heads are wider than their length tells.
            heads = sorted((item for item in texts if item[1]), key=lambda item: (-len(item[0]), item))[:1]
            chosen = sorted({*longest, *heads})
            marks = [f"{'strong' if bold else ''}[{escape_text(text)}]" for text, bold in chosen if text]
            out.append(f"({', '.join(marks)}{',' if marks else ''})")
        return out


def html_table(table: Tag) -> ReportTable:
    """Read a table that pandas (or a Styler) wrote as HTML.

    Parameters
    ----------
    table : Tag
        The ``table`` element; spans, several header rows and index names are understood.

    Returns
    -------
    ReportTable
        With numeric columns to the right, missing values as en dashes and true minus signs.

    Raises
    ------
    ReportError
        If a cell holds anything but text.

    Examples
    --------
    >>> import pandas as pd
    >>> from bs4 import BeautifulSoup
    >>> frame = pd.DataFrame({"deaths": [3, -1]}, index=pd.Index(["Idlib", "Hama"], name="place"))
    >>> made = html_table(BeautifulSoup(frame.to_html(), "html.parser").table)
    >>> [cell.text for cell in made.cells]
    ['place', 'deaths', 'Idlib', '3', 'Hama', '−1']
    >>> made.align
    ['left', 'right']
    """
    lines = table.find_all("tr")
    head = table.find("thead")
    head_rows = len(head.find_all("tr")) if isinstance(head, Tag) else 0
    cells = list(_placed(lines, head_rows))
    if not cells:
        raise ReportError("a table is empty", remedy="say in words that there is nothing to show")
    columns = max(cell.column + cell.columns for cell in cells)
    stubs = {
        place.column
        for place, tag in zip(cells, (tag for line in lines for tag in line.find_all(["th", "td"])), strict=True)
        if tag.name == "th" and not place.header
    }
    cells, head_rows = _merge_index_names(cells, head_rows, stubs)
    align = [
        _alignment([c for c in cells if c.column == column and not c.header], column in stubs)
        for column in range(columns)
    ]
    return ReportTable([_tidy(cell, align[cell.column]) for cell in cells], columns, align)


def _placed(lines: Iterable[Tag], head_rows: int) -> Iterable[Cell]:
    """Find the column of each cell, past those that span down from the rows above."""
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(lines):
        column = 0
        for tag in line.find_all(["th", "td"]):
            while (row, column) in taken:
                column += 1
            rows, columns = (int(str(tag.get(name) or 1)) for name in ("rowspan", "colspan"))
            taken |= {(row + down, column + right) for down in range(rows) for right in range(columns)}
            text = _cell_text(tag)
            yield Cell(text, escape_text(text), row, column, rows, columns, header=row < head_rows)


def _cell_text(tag: Tag) -> str:
    for inner in tag.find_all(True):
        if inner.name not in ("a", "b", "br", "em", "i", "span", "strong", "sup", "sub"):
            raise ReportError(f"a table cell holds <{inner.name}>", remedy="put text or numbers into the table")
    words = (str(part) if isinstance(part, NavigableString) else " " for part in tag.descendants)
    return " ".join("".join(words).split())


def _merge_index_names(cells: list[Cell], head_rows: int, stubs: set[int]) -> tuple[list[Cell], int]:
    """Put the names of the index, which pandas writes on a row of their own, beside the names of the columns."""
    last = head_rows - 1
    names = [cell for cell in cells if cell.row == last and cell.text]
    above = [cell for cell in cells if cell.row == last - 1 and any(c in stubs for c in _span(cell)) and cell.text]
    if last < 1 or above or not stubs or any(cell.column not in stubs for cell in names):
        return cells, head_rows
    kept = [
        replace(cell, row=cell.row - (cell.row > last))
        for cell in cells
        if cell.row != last and not (cell.row == last - 1 and set(_span(cell)) <= stubs)
    ]
    own = {cell.column: cell for cell in names}
    filled = [
        replace(own[column], row=last - 1) if column in own else Cell("", "", last - 1, column, header=True)
        for column in sorted(stubs)
    ]
    return sorted([*kept, *filled], key=lambda cell: (cell.row, cell.column)), last


def _span(cell: Cell) -> range:
    return range(cell.column, cell.column + cell.columns)


def _alignment(body: Sequence[Cell], stub: bool) -> str:
    texts = [cell.text for cell in body if cell.text not in (*_MISSING, "–", "—", "-")]
    numeric = bool(texts) and all(_NUMBER.fullmatch(text) for text in texts)
    return "right" if numeric and not stub else "left"


def _tidy(cell: Cell, align: str) -> Cell:
    if cell.header:
        return cell
    if cell.text in _MISSING:
        return replace(cell, text="–", typst="–") if cell.text or align == "right" else cell
    text = re.sub(r"(?<![\w.])-(?=[\d.])", "−", cell.text) if align == "right" else cell.text
    return replace(cell, text=text, typst=escape_text(text))
