"""The Markdown dialect: what it becomes in Typst, and what it refuses."""

import pytest

from casualties.errors import ReportError, UnknownNameError
from casualties.report.markdown import markdown_to_typst, prose_to_typst
from casualties.report.markup import escape_text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Data {#sec-data}", "= Data <sec-data>"),
        ("## Sources *and* rules", "== Sources #emph[and]; rules"),
        ("a **b** (c); `d`(e)", 'a #strong[b]; (c); #raw("d");(e)'),
        ("one  \ntwo", "one#linebreak();two"),
        ("2019\nis #1, 5*x = y_z", "2019 is \\#1, 5\\*x \\= y\\_z"),
        ("[site](https://ucdp.uu.se/a_b)", '#link("https://ucdp.uu.se/a_b")[site];'),
        ("see @fig-a and @price2015.", 'see #ref(<fig-a>); and #cite(<price2015>, form: "prose");.'),
        ("[@price2015, p. 3; @lin1989]", "#cite(<price2015>, supplement: [p. 3]);#cite(<lin1989>);"),
        ("mail a@b.org", "mail a\\@b.org"),
        ("- a\n- b", "#list(tight: true, [a], [b])"),
        ("3. a\n4. b", "#enum(tight: true, start: 3, [a], [b])"),
        ("$x_t$ is", '#math.equation(alt: "x_t", $x_(t)$); is'),
        ("> words", "#quote(block: true)[words]"),
        ("> [!NOTE]\n> **A.** b", '#callout("note", [#strong[A.]; b])'),
        ("> [!CAUTION]\n> a\n>\n> b", '#callout("caution", [a\n\nb])'),
        ("```python\na = 1\n```", '#raw(block: true, lang: "python", "a = 1")'),
        ("a[^n]\n\n[^n]: *b*", "a#footnote[#emph[b];];"),
        ("---", "#rule-line;"),
    ],
)
def test_dialect(source, expected):
    assert markdown_to_typst(source).typst == expected


def test_labels_and_references_are_listed():
    written = markdown_to_typst(
        "# A {#sec-a}\n\n$$\nx\n$$ {#eq-x}\n\nsee @eq-x, @sec-b and [@lin1989; @tbl-c]\n\n> [!TIP]\n> a"
    )
    assert written.labels == ["sec-a", "eq-x"]
    assert written.references == ["eq-x", "sec-b", "lin1989", "tbl-c"]
    assert written.callouts == ["tip"]
    assert "<eq-x>" in written.typst
    assert 'numbering: "(1)"' in written.typst


def test_a_table_takes_its_caption():
    made = markdown_to_typst("| a | n |\n|:--|--:|\n| *x* | 1 |\n\n: Of **what** @sec-a. {#tbl-x}\n\nafter")
    assert made.typst.startswith("#report-table([Of #strong[what]; #ref(<sec-a>);.], fit-table(align: (left, right,)")
    assert made.typst.endswith(") <tbl-x>\n\nafter")
    assert "[#emph[x];], num[1]" in made.typst
    assert made.labels == ["tbl-x"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a <b>c</b>", "HTML in Markdown does not reach print: <b>"),
        ("<div>a</div>", "HTML in Markdown does not reach print"),
        ("![a](b.png)", "a picture in Markdown: b.png"),
        ("[a](02_next.ipynb)", "'02_next.ipynb' leads nowhere in print"),
        ("| a |\n|---|\n| b |", "a table has no caption and label"),
        ("| a |\n|---|\n| b |\n\nnext paragraph", "a table has no caption and label"),
        ("| a |\n|---|\n| b |\n\n: caption", "a table has no caption and label"),
        ("# A {#fig-a}", "label 'fig-a' must begin with 'sec-'"),
    ],
)
def test_what_is_refused(source, message):
    with pytest.raises(ReportError, match=message):
        markdown_to_typst(source)


def test_an_unknown_callout_names_the_choices():
    with pytest.raises(UnknownNameError, match="callout='warnin' is not known; did you mean 'warning'"):
        markdown_to_typst("> [!WARNIN]\n> a")


def test_a_caption_is_one_paragraph():
    assert prose_to_typst("a *b*").typst == "a #emph[b];"
    with pytest.raises(ReportError, match="must be one paragraph"):
        prose_to_typst("a\n\nb")


@pytest.mark.parametrize(
    "text", ["= a", "- a", "+ a", "/ a: b", "1. a", "a -- b", "a -? b", "https://a.b", "/* a */", "~"]
)
def test_no_text_is_taken_for_markup(text):
    escaped = escape_text(text)
    assert escaped.replace("\\", "") == text
    assert escaped != text
