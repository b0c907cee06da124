"""An executed notebook becomes Typst: prose, figures and tables in reading order, code left out."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from nbformat import NotebookNode

from casualties.errors import CasualtiesError, InputError, ReportError, UnknownNameError
from casualties.report.execute import ExecutedNotebook
from casualties.report.facts import FACTS_MIME, FRONT_MIME, Fact, fill, merge_facts
from casualties.report.markdown import Written, markdown_to_typst, prose_to_typst
from casualties.report.markup import quote_string
from casualties.report.table import html_table

__all__ = ["Front", "Manuscript", "collect_facts", "collect_front", "notebook_to_typst", "notebooks_to_typst"]

OPTIONS = ("label", "fig-cap", "fig-alt", "tbl-cap")
HIDDEN = {"remove-cell", "parameters", "injected-parameters"}
_OPTION = re.compile(r"#\|\s*([\w-]+)\s*:\s*(.*)")
_CONTINUED = re.compile(r"#\|\s\s+(\S.*)")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_WIDTH = re.compile(rb"<svg[^>]*?\swidth=\"([\d.]+)pt\"")
# The width of the text on an A4 page with margins of 24 mm.
_TEXT_POINTS = 162 / 25.4 * 72
_NEARLY_FULL = 0.93


@dataclass(slots=True)
class Front:
    """What the notebooks say on the first page.

    Parameters
    ----------
    verdict, standfirst : str
        Markdown with its facts filled in.
    tiles : sequence of (str, str)
        Values and labels.
    """

    verdict: str
    standfirst: str
    tiles: Sequence[tuple[str, str]]


@dataclass(slots=True)
class Manuscript(Written):
    """Typst of one or several notebooks, with the pictures that it shows.

    Parameters
    ----------
    images : dict of str to bytes
        File name and contents.
    long_tables : list of str
        Labels of tables that may run over a page.
    cautioned : bool
        Whether a warning stands before the first figure.
    """

    images: dict[str, bytes] = field(default_factory=dict)
    long_tables: list[str] = field(default_factory=list)
    cautioned: bool = False


def collect_facts(notebooks: Sequence[ExecutedNotebook]) -> dict[str, Fact]:
    """Gather the facts that the notebooks published, sorted by key.

    Raises
    ------
    ReportError
        If two notebooks give one key different contents.
    """
    return merge_facts(
        [Fact(**entry) for cell in _code(book.node) for data in _data(cell) for entry in data.get(FACTS_MIME, [])]
        for book in notebooks
    )


def collect_front(notebooks: Sequence[ExecutedNotebook]) -> Front:
    """Find the one front page that the notebooks give.

    Raises
    ------
    ReportError
        If there is none, or more than one.
    """
    found = [
        (book.name, data[FRONT_MIME])
        for book in notebooks
        for cell in _code(book.node)
        for data in _data(cell)
        if FRONT_MIME in data
    ]
    if len(found) != 1:
        given = f"{len(found)} are given, in {', '.join(name for name, _ in found)}" if found else "none is given"
        raise ReportError(f"a report has one front page, and {given}", remedy="call facts.front(...) once")
    page = found[0][1]
    return Front(page["verdict"], page["standfirst"], [(tile["value"], tile["label"]) for tile in page["tiles"]])


def notebooks_to_typst(
    notebooks: Sequence[ExecutedNotebook], facts: Mapping[str, Fact], citations: Sequence[str]
) -> Manuscript:
    """Translate notebooks one after the other and check what they refer to.

    Parameters
    ----------
    notebooks : sequence of ExecutedNotebook
        In reading order.
    facts : mapping of str to Fact
        Facts of all of them, for captions.
    citations : sequence of str
        Keys of the bibliography.

    Raises
    ------
    ReportError
        If a label is used twice, or no warning stands before the first figure.
    UnknownNameError
        If a reference names nothing.
    """
    whole = Manuscript()
    for book in notebooks:
        part = notebook_to_typst(book, facts, cautioned=whole.cautioned)
        whole.typst += part.typst + "\n\n"
        whole.add(part)
        whole.images |= part.images
        whole.long_tables += part.long_tables
        whole.cautioned = part.cautioned
    twice = sorted({label for label in whole.labels if whole.labels.count(label) > 1})
    if twice:
        raise ReportError(f"a label is used more than once: {', '.join(twice)}", remedy="rename one")
    for name in whole.references:
        if name not in whole.labels and name not in citations:
            raise UnknownNameError("reference", name, [*sorted(whole.labels), *sorted(citations)])
    return whole


def notebook_to_typst(notebook: ExecutedNotebook, facts: Mapping[str, Fact], *, cautioned: bool = True) -> Manuscript:
    """Translate one executed notebook.

    Parameters
    ----------
    notebook : ExecutedNotebook
        Cells with their outputs.
    facts : mapping of str to Fact
        For ``{key}`` in captions and alternative texts.
    cautioned : bool, optional
        Whether a warning has been given to the reader already; without one, the first figure is refused.

    Raises
    ------
    ReportError
        If a cell holds what cannot be set: a figure without label, caption or alternative text, a table without
        label and caption, HTML that is no table; the notebook and the cell are named.
    """
    part = Manuscript(cautioned=cautioned)
    pieces: list[str] = []
    for cell in notebook.node.cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & HIDDEN:
            continue
        try:
            if cell.cell_type == "markdown":
                _refuse_unfilled(cell.source, facts)
                pieces.append(_markdown(part, cell.source))
            elif cell.cell_type == "code":
                pieces += _Cell(cell, "show-input" in tags, facts, part).pieces()
            elif cell.source.strip():
                raise ReportError("raw cells have no place in a report", remedy="make it Markdown")
        except InputError as error:
            raise InputError(f"notebook {notebook.name}, cell {cell.id}: {error}") from None
        except CasualtiesError as error:
            raise ReportError(f"notebook {notebook.name}, cell {cell.id}: {error.message}", error.remedy) from None
    part.typst = "\n\n".join(piece for piece in pieces if piece)
    return part


class _Cell:
    """One code cell: its options, and its outputs as Typst."""

    def __init__(self, cell: NotebookNode, shown: bool, facts: Mapping[str, Fact], part: Manuscript) -> None:
        self.cell, self.shown, self.facts, self.part = cell, shown, facts, part
        self.options, self.code = _options(cell.source)

    def pieces(self) -> list[str]:
        pieces = [f'#raw(block: true, lang: "python", {quote_string(self.code)})'] if self.shown else []
        outputs = [data for data in _data(self.cell) if FRONT_MIME not in data]
        drawn = [data for data in outputs if _image(data)]
        if len(drawn) > 1:
            raise ReportError("a cell draws more than one figure", remedy="split the cell: each needs its own caption")
        for output in self.cell.outputs:
            if output.output_type == "stream":
                pieces.append(_listing(output.text))
        for data in outputs:
            if _image(data):
                pieces.append(self.figure(data))
            elif FACTS_MIME in data and "text/markdown" not in data:
                continue
            elif "text/markdown" in data:
                pieces.append(_markdown(self.part, data["text/markdown"]))
            elif "text/html" in data:
                pieces += self.html(data["text/html"])
            elif "text/plain" in data and not drawn:  # beside a figure it is the name of the axes
                pieces.append(_listing(data["text/plain"]))
        return pieces

    def figure(self, data: Mapping[str, str]) -> str:
        label = self.label("fig-", "figure")
        caption, alt = self.words("fig-cap", "figure"), self.option("fig-alt", "figure")
        if not self.part.cautioned and not {"warning", "caution"} & set(self.part.callouts):
            raise ReportError(
                "the first figure comes before any words of caution",
                remedy="put a '> [!WARNING]' or '> [!CAUTION]' callout before it",
            )
        self.part.cautioned = True
        vector = "image/svg+xml" in data
        picture = data["image/svg+xml"].encode() if vector else base64.b64decode(data["image/png"])
        name = f"{label}.{'svg' if vector else 'png'}"
        self.part.images[name] = picture
        found = _WIDTH.search(picture[:4000])
        share = min(1.0, float(found[1]) / _TEXT_POINTS) if found else 1.0
        width = 100 if share >= _NEARLY_FULL else round(100 * share)
        image = f"image({quote_string(name)}, width: {width}%, alt: {quote_string(alt)})"
        return f"#report-figure([{caption}], {image}) <{label}>"

    def html(self, source: str) -> list[str]:
        return [piece for piece in self._elements(BeautifulSoup(source, "html.parser")) if piece]

    def _elements(self, parent: Tag) -> list[str]:
        pieces: list[str] = []
        for child in parent.children:
            if isinstance(child, Tag):
                if child.name == "table":
                    pieces.append(self.table(child))
                elif child.name == "div":
                    pieces += self._elements(child)
                elif child.name == "pre":
                    pieces.append(_listing(child.get_text()))
                elif child.name == "p":
                    raise ReportError(
                        f"a table is followed by {child.get_text()[:80]!r}: pandas may have cut it",
                        remedy="show fewer rows, or set display.show_dimensions to False",
                    )
                elif child.name != "style":
                    raise ReportError(f"an output holds <{child.name}>", remedy="show Markdown, a table or a figure")
            elif isinstance(child, NavigableString) and type(child) is NavigableString and child.strip():
                raise ReportError(f"an output holds loose HTML text: {child.strip()[:80]!r}", remedy="show Markdown")
        return pieces

    def table(self, tag: Tag) -> str:
        label, caption = self.label("tbl-", "table"), self.words("tbl-cap", "table")
        made = html_table(tag)
        if made.is_long:
            self.part.long_tables.append(label)
        floats = ", floats: true" if made.floats else ""
        return f"#report-table([{caption}], {made.to_typst()}{floats}) <{label}>"

    def label(self, kind: str, what: str) -> str:
        label = self.option("label", what)
        if not re.fullmatch(rf"{kind}[\w-]+", label):
            raise ReportError(f"the label {label!r} of a {what} must begin with {kind!r}")
        self.part.labels.append(label)
        return label

    def words(self, name: str, what: str) -> str:
        written = prose_to_typst(self.option(name, what))
        self.part.add(written)
        return written.typst

    def option(self, name: str, what: str) -> str:
        if not self.options.get(name):
            raise ReportError(f"a {what} has no {name}", remedy=f"begin its cell with '#| {name}: …'")
        return fill(self.options[name], self.facts)


def _options(source: str) -> tuple[dict[str, str], str]:
    """Split the ``#|`` lines at the head of a cell from its code; a line that is indented continues the one above."""
    lines = source.splitlines()
    options: dict[str, str] = {}
    name = ""
    while lines and lines[0].startswith("#|"):
        line = lines.pop(0)
        more, found = _CONTINUED.fullmatch(line), _OPTION.fullmatch(line)
        if more and name:
            options[name] += f" {more[1].strip()}"
        elif found and found[1] in OPTIONS:
            name = found[1]
            options[name] = found[2].strip()
        elif found:
            raise UnknownNameError("cell option", found[1], OPTIONS)
        else:
            raise ReportError(f"{line!r} is not a cell option", remedy="write '#| name: value'")
    for name, value in options.items():
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            options[name] = value[1:-1]
    return options, "\n".join(lines).strip()


def _markdown(part: Manuscript, source: str) -> str:
    written = markdown_to_typst(source)
    part.add(written)
    return written.typst


def _refuse_unfilled(source: str, facts: Mapping[str, Fact]) -> None:
    """A Markdown cell cannot fill in facts: Jupyter would show the braces to its readers."""
    for key in re.findall(r"\{([\w.-]+)(?::\w+)?\}", source):
        if key in facts:
            raise ReportError(f"the fact {key!r} stands in a Markdown cell", remedy="say it in code: facts.say(...)")


def _listing(text: str) -> str:
    if _ADDRESS.search(text):
        raise ReportError(
            f"an output shows an address in memory: {text.strip()[:80]!r}", remedy="end the line with a semicolon"
        )
    return f"#raw(block: true, {quote_string(text.rstrip())})" if text.strip() else ""


def _image(data: Mapping[str, object]) -> bool:
    return "image/svg+xml" in data or "image/png" in data


def _code(node: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in node.cells if cell.cell_type == "code"]


def _data(cell: NotebookNode) -> list[NotebookNode]:
    return [output.data for output in cell.outputs if output.output_type in ("display_data", "execute_result")]
