"""Cells to Typst: figures and tables with caption, label and alternative text, or a clear refusal."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from casualties.errors import InputError, ReportError, UnknownNameError
from casualties.report.execute import ExecutedNotebook
from casualties.report.facts import FACTS_MIME, FRONT_MIME, Fact
from casualties.report.notebook import collect_facts, collect_front, notebook_to_typst, notebooks_to_typst

SVG = '<svg width="344.4pt" height="100pt" xmlns="http://www.w3.org/2000/svg"></svg>'
TABLE = "<div><table><tbody><tr><td>1</td></tr></tbody></table></div>"
FIGURE = "#| label: fig-a\n#| fig-cap: Caption.\n#| fig-alt: Words.\nplot()"
FACTS = {"n": Fact("n", 3, None, None, None, "", "3", "a count", "List A", "sum")}


def code(source, *, ident="the-cell", tags=(), **data):
    cell = new_code_cell(source, id=ident, metadata={"tags": list(tags)})
    if data:
        cell.outputs = [new_output("display_data", data={name.replace("__", "/"): part for name, part in data.items()})]
    return cell


def svg(source):
    return code(source, **{"image__svg+xml": SVG})


def book(*cells):
    return ExecutedNotebook("01_x", nbformat.from_dict(new_notebook(cells=list(cells))))


def test_a_figure_has_label_caption_and_alt():
    source = "#| label: fig-a\n#| fig-cap: Of {n} *things*,\n#|   continued.\n#| fig-alt: Bars of {n} things.\nplot()"
    part = notebook_to_typst(book(svg(source)), FACTS)
    image = 'image("fig-a.svg", width: 75%, alt: "Bars of 3 things.")'
    assert part.typst == f"#report-figure([Of 3 #emph[things];, continued.], {image}) <fig-a>"
    assert part.images == {"fig-a.svg": SVG.encode()}
    assert part.labels == ["fig-a"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (svg("plot()"), "a figure has no label; begin its cell with"),
        (svg("#| label: fig-a\n#| fig-cap: Caption."), "a figure has no fig-alt"),
        (svg("#| label: fig-a\n#| fig-alt: Words."), "a figure has no fig-cap"),
        (svg("#| label: tbl-a\n#| fig-cap: A.\n#| fig-alt: B."), "label 'tbl-a' of a figure must begin with 'fig-'"),
        (code("frame", text__html=TABLE), "a table has no label"),
        (code("#| label: tbl-a\nframe", text__html=TABLE), "a table has no tbl-cap"),
        (code("x", text__html="<b>x</b>"), "an output holds <b>"),
        (code("x", text__html=TABLE.replace("</div>", "<p>90 rows × 2 columns</p></div>")), "a table has no label"),
        (
            code(
                "#| label: tbl-a\n#| tbl-cap: A.",
                text__html=TABLE.replace("</div>", "<p>90 rows × 2 columns</p></div>"),
            ),
            "pandas may have cut it",
        ),
        (code("x", text__plain="<Axes at 0x7f2a>"), "an address in memory"),
        (code("#| label fig-a\nx"), "is not a cell option"),
        (new_markdown_cell("<b>x</b>", id="the-cell"), "HTML in Markdown"),
        (new_markdown_cell("{n:full} events", id="the-cell"), "the fact 'n' stands in a Markdown cell"),
    ],
)
def test_refusals_name_notebook_and_cell(cell, message):
    with pytest.raises(ReportError, match=f"notebook 01_x, cell the-cell: .*{message}"):
        notebook_to_typst(book(cell), FACTS)


def test_unknown_names_in_cells():
    with pytest.raises(InputError, match="cell the-cell: cell option='fig-capt' is not known; did you mean 'fig-cap'"):
        notebook_to_typst(book(svg("#| fig-capt: A.")), FACTS)
    with pytest.raises(InputError, match="cell the-cell: fact='m' is not known"):
        notebook_to_typst(book(svg("#| label: fig-a\n#| fig-cap: {m}\n#| fig-alt: Words.")), FACTS)


def test_code_is_hidden_unless_asked_for():
    hidden, removed = code("secret = 1", ident="a"), code("x", ident="b", tags=["remove-cell"], text__plain="gone")
    shown = code("#| label: tbl-a\nvisible = 1", tags=["show-input"])
    assert (
        notebook_to_typst(book(hidden, removed, shown), {}).typst == '#raw(block: true, lang: "python", "visible = 1")'
    )


def test_plain_outputs_and_text_beside_a_figure():
    cell = svg(FIGURE)
    cell.outputs.append(new_output("execute_result", data={"text/plain": "<Axes: >"}))
    assert "Axes" not in notebook_to_typst(book(cell), {}).typst
    assert notebook_to_typst(book(code("x", text__plain="'a'")), {}).typst == "#raw(block: true, \"'a'\")"


def test_words_of_caution_come_before_the_first_figure():
    with pytest.raises(ReportError, match="the first figure comes before any words of caution"):
        notebooks_to_typst([book(svg(FIGURE))], {}, [])
    warned = book(new_markdown_cell("> [!CAUTION]\n> Reports, not the dead."), svg(FIGURE))
    assert notebooks_to_typst([warned], {}, []).labels == ["fig-a"]


def test_references_and_labels_are_checked_over_all_notebooks():
    one = book(new_markdown_cell("# A {#sec-a}\n\nsee @sec-b and @lin1989"))
    two = book(new_markdown_cell("# B {#sec-b}"))
    assert notebooks_to_typst([one, two], {}, ["lin1989"]).labels == ["sec-a", "sec-b"]
    with pytest.raises(UnknownNameError, match="reference='sec-b' is not known; did you mean 'sec-a'"):
        notebooks_to_typst([one], {}, ["lin1989"])
    with pytest.raises(ReportError, match="label is used more than once: sec-b"):
        notebooks_to_typst([two, two], {}, [])


def test_a_long_table_is_marked():
    rows = "".join(f"<tr><td>{row}</td></tr>" for row in range(30))
    cell = code("#| label: tbl-a\n#| tbl-cap: A.", text__html=f"<table><tbody>{rows}</tbody></table>")
    assert notebook_to_typst(book(cell), {}).long_tables == ["tbl-a"]


def test_facts_and_front_come_from_the_outputs():
    page = {"verdict": "V.", "standfirst": "", "tiles": [{"value": "3", "label": "things"}]}
    cell = code("x", **{FACTS_MIME: [FACTS["n"].to_dict()], FRONT_MIME: page, "text__markdown": "**V.**"})
    assert collect_facts([book(cell)]) == FACTS
    assert collect_front([book(cell)]).tiles == [("3", "things")]
    assert notebook_to_typst(book(cell), {}).typst == ""
    with pytest.raises(ReportError, match="one front page, and none is given"):
        collect_front([book()])
    with pytest.raises(ReportError, match="2 are given, in 01_x, 01_x"):
        collect_front([book(cell), book(cell)])
