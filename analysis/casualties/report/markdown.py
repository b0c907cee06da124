"""Markdown to Typst: one dialect that reads well in Jupyter and sets well in print.

CommonMark with tables, footnotes and dollar maths; ``# Heading {#sec-x}``, ``: caption {#tbl-x}`` below a table,
``$$ … $$ {#eq-x}``, ``@fig-x`` and ``[@key, p. 3]`` for references, ``> [!NOTE]`` for callouts. What the dialect does
not know is refused, so that nothing is lost on the way to the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import tylax
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from casualties.errors import ReportError, UnknownNameError
from casualties.report.markup import escape_text, quote_string
from casualties.report.table import Cell, ReportTable

__all__ = ["CALLOUTS", "LABELS", "Written", "markdown_to_typst", "prose_to_typst"]

CALLOUTS = ("note", "tip", "important", "warning", "caution")
LABELS = ("fig-", "tbl-", "sec-", "eq-")

_PARSER = (
    MarkdownIt("commonmark")
    .enable(["table", "strikethrough"])
    .use(footnote_plugin, inline=False)
    .use(dollarmath_plugin, double_inline=True, allow_space=False)
)
_LABEL = re.compile(r"\s*\{#(?P<label>[\w:-]+)\}\s*$")
_EQUATION_LABEL = re.compile(r"\$\$[ \t]*\{#([\w:-]+)\}[ \t]*$", re.M)
_REFERENCE = re.compile(
    r"\[(?P<group>@[\w:-]+(?:,[^;\]]*)?(?:;\s*@[\w:-]+(?:,[^;\]]*)?)*)\]|(?<![\w@.])@(?P<name>\w(?:[\w:-]*\w)?)"
)
_ALIGN = re.compile(r"text-align:(left|center|right)")
_LINK = re.compile(r"(https?|mailto):", re.I)


@dataclass(slots=True)
class Written:
    """A piece of Typst with the labels that it sets and the names that it refers to.

    Parameters
    ----------
    typst : str
        The markup.
    labels : list of str
        Labels of headings, equations and tables in it.
    references : list of str
        Labels and citation keys that it mentions.
    callouts : list of str
        Kinds of the callouts in it.
    """

    typst: str = ""
    labels: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    callouts: list[str] = field(default_factory=list)

    def add(self, other: Written) -> None:
        """Take over the labels and references of another piece."""
        self.labels += other.labels
        self.references += other.references
        self.callouts += other.callouts


def markdown_to_typst(source: str) -> Written:
    """Translate a piece of Markdown.

    Parameters
    ----------
    source : str
        Markdown of one cell or one output.

    Returns
    -------
    Written
        Typst markup with its labels and references.

    Raises
    ------
    ReportError
        If it holds HTML, a picture, a table without caption, or anything else that the dialect does not know.
    """
    return _Translator().translate(source)


def prose_to_typst(source: str) -> Written:
    """Translate one paragraph (a caption, a verdict) to Typst that stands within a line.

    Raises
    ------
    ReportError
        If it is more than one paragraph.
    """
    return _Translator().translate_paragraph(source)


class _Translator:
    """One walk over one piece of Markdown; footnotes are kept until their mark is met."""

    def __init__(self) -> None:
        self.written = Written()
        self.notes: dict[int, SyntaxTreeNode] = {}
        self._blocks: dict[str, Callable[[SyntaxTreeNode], str]] = {
            "heading": self.heading,
            "paragraph": lambda node: self.inline(node.children[0]),
            "math_block": lambda node: self.equation(node.content, ""),
            "math_block_label": lambda node: self.equation(node.content, node.info),
            "bullet_list": self.listing,
            "ordered_list": self.listing,
            "blockquote": self.quotation,
            "fence": self.code,
            "code_block": self.code,
            "hr": lambda _: "#rule-line;",
        }
        self._spans: dict[str, Callable[[SyntaxTreeNode], str]] = {
            "strong": lambda node: f"#strong[{self.inline(node)}];",
            "em": lambda node: f"#emph[{self.inline(node)}];",
            "s": lambda node: f"#strike[{self.inline(node)}];",
            "code_inline": lambda node: f"#raw({quote_string(node.content)});",
            "math_inline": lambda node: _maths(node.content),
            "math_inline_double": lambda node: _maths(node.content),
            "hardbreak": lambda _: "#linebreak();",
            "link": self.link,
            "footnote_ref": self.footnote,
            "footnote_anchor": lambda _: "",
        }

    def translate(self, source: str) -> Written:
        root = self._tree(source)
        self.written.typst = self.blocks(root.children)
        return self.written

    def translate_paragraph(self, source: str) -> Written:
        children = self._tree(source).children
        if len(children) != 1 or children[0].type != "paragraph":
            raise ReportError(f"this must be one paragraph: {_start(source)}")
        self.written.typst = self.inline(children[0].children[0])
        return self.written

    def _tree(self, source: str) -> SyntaxTreeNode:
        root = SyntaxTreeNode(_PARSER.parse(_EQUATION_LABEL.sub(r"$$ (\1)", source)))
        self.notes = {node.meta["id"]: node for node in root.walk() if node.type == "footnote"}
        return root

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> str:
        rest = [node for node in nodes if node.type not in ("footnote_block", "footnote_anchor")]
        out: list[str] = []
        while rest:
            node = rest.pop(0)
            if node.type == "table":
                caption = rest.pop(0) if rest and rest[0].type == "paragraph" else None
                out.append(self.table(node, caption))
            else:
                out.append(self.block(node))
        return "\n\n".join(part for part in out if part)

    def block(self, node: SyntaxTreeNode) -> str:
        if node.type == "html_block":
            raise ReportError(f"HTML in Markdown does not reach print: {_start(node.content)}", remedy="write Markdown")
        if node.type not in self._blocks:
            raise ReportError(
                f"the report's Markdown has no {node.type.replace('_', ' ')}", remedy="write it otherwise"
            )
        return self._blocks[node.type](node)

    def heading(self, node: SyntaxTreeNode) -> str:
        line = node.children[0]
        found = _LABEL.search(_plain(line))
        text = self.inline(line, drop_label=True)
        return f"{'=' * int(node.tag[1])} {text}{self.label(found['label'], 'sec-') if found else ''}"

    def label(self, name: str, kind: str) -> str:
        if not name.startswith(kind):
            raise ReportError(f"the label {name!r} must begin with {kind!r}")
        self.written.labels.append(name)
        return f" <{name}>"

    def equation(self, content: str, label: str) -> str:
        if not label:
            return _maths(content, block=True)
        return _maths(content, block=True, numbered=True) + self.label(label, "eq-")

    def listing(self, node: SyntaxTreeNode) -> str:
        name = "list" if node.type == "bullet_list" else "enum"
        tight = all(part.hidden for item in node.children for part in item.children if part.type == "paragraph")
        start = node.attrs.get("start")
        options = f"tight: {str(tight).lower()}, " + (f"start: {start}, " if start is not None else "")
        return f"#{name}({options}{', '.join(f'[{self.blocks(item.children)}]' for item in node.children)})"

    def quotation(self, node: SyntaxTreeNode) -> str:
        first = node.children[0] if node.children else None
        found = re.match(r"\[!(\w+)\]\s*", _plain(first)) if first is not None and first.type == "paragraph" else None
        if first is None or found is None:
            return f"#quote(block: true)[{self.blocks(node.children)}]"
        kind = found[1].lower()
        if kind not in CALLOUTS:
            raise UnknownNameError("callout", kind, CALLOUTS)
        self.written.callouts.append(kind)
        lead = self.inline(first.children[0], skip=len(found[0].rstrip()))
        body = "\n\n".join(part for part in (lead.strip(), self.blocks(node.children[1:])) if part)
        return f"#callout({quote_string(kind)}, [{body}])"

    def code(self, node: SyntaxTreeNode) -> str:
        return f"#raw(block: true, lang: {quote_string(node.info)}, {quote_string(node.content.rstrip())})"

    def table(self, node: SyntaxTreeNode, caption: SyntaxTreeNode | None) -> str:
        text = _plain(caption) if caption is not None else ""
        found = _LABEL.search(text)
        if caption is None or not text.startswith(": ") or found is None:
            raise ReportError(
                f"a table has no caption and label: {_start(_plain(node))}",
                remedy="write ': caption {#tbl-name}' as the paragraph below it",
            )
        label = self.label(found["label"], "tbl-")
        words = self.inline(caption.children[0], skip=2, drop_label=True)
        rows = [row for part in node.children for row in part.children]
        found_align = [_ALIGN.search(str(cell.attrs.get("style", ""))) for cell in rows[0].children]
        cells = [
            Cell(
                _plain(cell).strip(),
                self.inline(cell.children[0]) if cell.children else "",
                row,
                column,
                header=not row,
            )
            for row, line in enumerate(rows)
            for column, cell in enumerate(line.children)
        ]
        made = ReportTable(cells, columns=len(found_align), align=[a[1] if a else "left" for a in found_align])
        return f"#report-table([{words}], {made.to_typst()}){label}"

    def inline(self, node: SyntaxTreeNode, *, skip: int = 0, drop_label: bool = False) -> str:
        """Translate a line; `skip` characters of plain text at its start and a label at its end are left out."""
        out: list[str] = []
        text = ""
        for child in [*node.children, None]:
            if child is not None and child.type in ("text", "softbreak"):
                text += child.content if child.type == "text" else " "
                continue
            dropped = min(skip, len(text))
            text, skip = text[dropped:], skip - dropped
            if child is None and drop_label:
                text = _LABEL.sub("", text)
            out.append(self.text(text))
            text = ""
            if child is not None:
                out.append(self.span(child))
        return "".join(out)

    def span(self, node: SyntaxTreeNode) -> str:
        if node.type == "html_inline":
            raise ReportError(f"HTML in Markdown does not reach print: {node.content}", remedy="write Markdown")
        if node.type == "image":
            raise ReportError(
                f"a picture in Markdown: {node.attrs.get('src')}",
                remedy="draw it in a cell with label, fig-cap and fig-alt",
            )
        if node.type not in self._spans:
            raise ReportError(
                f"the report's Markdown has no {node.type.replace('_', ' ')}", remedy="write it otherwise"
            )
        return self._spans[node.type](node)

    def link(self, node: SyntaxTreeNode) -> str:
        target = str(node.attrs["href"])
        if not _LINK.match(target):
            raise ReportError(
                f"the link {target!r} leads nowhere in print", remedy="link to a web address, or write @sec-name"
            )
        return f"#link({quote_string(target)})[{self.inline(node)}];"

    def footnote(self, node: SyntaxTreeNode) -> str:
        return f"#footnote[{self.blocks(self.notes[node.meta['id']].children)}];"

    def text(self, text: str) -> str:
        out, position = [], 0
        for found in _REFERENCE.finditer(text):
            out.append(escape_text(text[position : found.start()]))
            position = found.end()
            if found["group"]:
                out += [self.citation(part.strip().lstrip("@")) for part in found["group"].split(";")]
            else:
                out.append(self.mention(found["name"]))
        return "".join([*out, escape_text(text[position:])])

    def citation(self, part: str) -> str:
        key, _, supplement = part.partition(",")
        if key.startswith(LABELS):
            return self.mention(key)
        self.written.references.append(key)
        more = f", supplement: [{escape_text(supplement.strip())}]" if supplement.strip() else ""
        return f"#cite(<{key}>{more});"

    def mention(self, name: str) -> str:
        self.written.references.append(name)
        return f"#ref(<{name}>);" if name.startswith(LABELS) else f'#cite(<{name}>, form: "prose");'


def _maths(tex: str, *, block: bool = False, numbered: bool = False) -> str:
    body = tylax.latex_to_typst(tex.strip()).strip()
    alt = quote_string(" ".join(tex.split()))
    if block:
        number = 'numbering: "(1)", ' if numbered else ""
        return f"#math.equation(block: true, {number}alt: {alt}, $ {body} $)"
    return f"#math.equation(alt: {alt}, ${body}$);"


def _plain(node: SyntaxTreeNode) -> str:
    """Give the words of a node without their marks."""
    parts = {"softbreak": " ", "hardbreak": " "}
    return "".join(
        parts.get(child.type, child.content)
        for child in node.walk()
        if child.type in ("text", "code_inline", "math_inline", "softbreak", "hardbreak")
    )


def _start(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:57] + "…")
