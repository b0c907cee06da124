"""Tables: from pandas' HTML to a grid of cells, and what goes to the page with it."""

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from casualties.errors import ReportError
from casualties.report.table import html_table


def read(frame, **options):
    return html_table(BeautifulSoup(frame.to_html(**options), "html.parser").table)


def texts(made, row):
    return [cell.text for cell in made.cells if cell.row == row]


def test_index_names_join_the_head_and_numbers_stand_right():
    frame = pd.DataFrame({"deaths": [1200, -3], "note": ["a", "b"]}, index=pd.Index(["Idlib", "Hama"], name="place"))
    made = read(frame, formatters={"deaths": "{:,}".format})
    assert texts(made, 0) == ["place", "deaths", "note"]
    assert texts(made, 1) == ["Idlib", "1,200", "a"]
    assert texts(made, 2) == ["Hama", "−3", "b"]
    assert made.align == ["left", "right", "left"]
    assert sum(cell.header for cell in made.cells) == 3


def test_several_header_rows_and_spans():
    rows = pd.MultiIndex.from_product([["2019-04", "2019-05"], ["all", "civilians"]], names=["month", "victims"])
    columns = pd.MultiIndex.from_product([["deaths", "events"], ["sum", "mean"]])
    made = read(pd.DataFrame(np.arange(16.0).reshape(4, 4), index=rows, columns=columns))
    head = [(c.text, c.row, c.column, c.columns) for c in made.cells if c.header and c.text]
    assert ("deaths", 0, 2, 2) in head
    assert ("events", 0, 4, 2) in head
    assert [c.text for c in made.cells if c.row == 1] == ["month", "victims", "sum", "mean", "sum", "mean"]
    spanning = [c for c in made.cells if c.rows > 1]
    assert [(c.text, c.row, c.column, c.rows) for c in spanning] == [("2019-04", 2, 0, 2), ("2019-05", 4, 0, 2)]
    assert made.columns == 6
    assert "table.cell(rowspan: 2, [2019-04])" in made.to_typst()
    assert "table.cell(colspan: 2, align: center, [deaths])" in made.to_typst()


def test_named_columns_keep_their_row():
    frame = pd.DataFrame([[1, 2]], index=pd.Index(["a"], name="place"), columns=pd.Index(["x", "y"], name="kind"))
    made = read(frame)
    assert texts(made, 0) == ["kind", "x", "y"]
    assert texts(made, 1) == ["place", "", ""]


def test_what_is_missing_is_a_dash():
    frame = pd.DataFrame({"n": [1.5, np.nan], "when": [pd.NaT, pd.Timestamp("2019-04-30")], "word": [None, "x"]})
    made = read(frame, index=False)
    assert texts(made, 1) == ["1.5", "–", "–"]
    assert texts(made, 2) == ["–", "2019-04-30", "x"]
    assert made.align == ["right", "left", "left"]


ALIGNED = {
    "right": ["2.4 (1.8–3.3)", ">0.99", "13%", "−0.2 to 0.4", "1,234", "0.95 (<0.01 to 1.2)", "24–30"],
    "left": ["3 of 4", "30 April 2019", "2019-04-30", "not estimable", "M5"],
}


@pytest.mark.parametrize(("text", "align"), [(text, align) for align, texts in ALIGNED.items() for text in texts])
def test_alignment(text, align):
    assert read(pd.DataFrame({"a": [text]}), index=False).align == [align]


def test_markup_in_cells_is_text():
    made = read(pd.DataFrame({"a": ["#x <b> [y] *z*"]}), index=False)
    assert texts(made, 1) == ["#x <b> [y] *z*"]
    assert r"[\#x \<b\> \[y\] \*z\*]" in made.to_typst()


def test_a_table_of_a_styler():
    html = """<table id="T_x"><thead>
      <tr><th class="blank level0">&nbsp;</th><th class="col_heading level0 col0">ratio</th></tr>
      <tr><th class="index_name level0">source</th><th class="blank col0">&nbsp;</th></tr>
    </thead><tbody><tr><th class="row_heading level0 row0">A</th><td>2.4</td></tr></tbody></table>"""
    made = html_table(BeautifulSoup(html, "html.parser").table)
    assert texts(made, 0) == ["source", "ratio"]
    assert texts(made, 1) == ["A", "2.4"]


def test_a_long_table_may_break():
    assert not read(pd.DataFrame({"a": range(10)})).is_long
    assert read(pd.DataFrame({"a": range(40)})).is_long


def test_a_table_of_many_words_may_break_and_does_not_float():
    few = read(pd.DataFrame({"words": ["word " * 40] * 14}))
    many = read(pd.DataFrame({"words": ["word " * 60] * 14}))
    assert (few.is_long, few.floats) == (False, True)
    assert (many.is_long, many.floats) == (True, False)


def test_what_a_cell_cannot_hold():
    with pytest.raises(ReportError, match="a table cell holds <img>"):
        read(pd.DataFrame({"a": ["<img src='x'>"]}), escape=False)
    with pytest.raises(ReportError, match="a table is empty"):
        html_table(BeautifulSoup("<table></table>", "html.parser").table)
