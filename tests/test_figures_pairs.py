"""Pictures and tables of two sources side by side."""

from dataclasses import replace
from types import SimpleNamespace

import matplotlib
import pandas as pd
import pytest
from paired import series, thinned

from casualties import tables
from casualties.comparison.agreement import compare_pair
from casualties.figures.pairs import plot_disagreement, plot_lags, plot_pair, plot_ratio_course

matplotlib.use("Agg")
PLOTS = (plot_pair, plot_ratio_course, plot_lags, plot_disagreement)


@pytest.fixture(scope="module")
def pair():
    a, b = thinned(1, days=120)
    return compare_pair(series(a), series(b, "B"), selected="Only cited days are here.")


@pytest.fixture(scope="module")
def refused():
    a, b = thinned(1, days=40)
    return compare_pair(series(a), replace(series(b, "B"), victims="civilians", whom="civilians"))


@pytest.mark.parametrize("plot", PLOTS)
def test_every_picture_is_drawn_also_where_nothing_is_known(plot, pair, refused):
    few = compare_pair(series([1] * 5), series([2] * 5, "B"))
    apart = compare_pair(series([3] * 20), series([2] * 20, "B", start="2020-01-01"))
    for result in (pair, refused, few, apart):
        plot(result).figure.canvas.draw()


def test_months_stand_where_their_ratio_is(pair):
    ax = plot_ratio_course(pair)
    drawn = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert drawn[0].get_ydata() == pytest.approx(pair.course.months["ratio"].to_numpy())
    assert ax.get_title(loc="left") == "Selected days, no sample"
    low, high = ax.get_ylim()
    assert low < pair.course.rolling["ratio"].min() < pair.course.rolling["ratio"].max() < high


def test_a_refused_course_says_why(refused):
    assert "not comparable" in plot_ratio_course(refused).texts[0].get_text()


def test_days_that_disagree_are_named(pair):
    ax = plot_disagreement(pair, named=2)
    (first, second) = (text.get_text() for text in ax.texts)
    day, row = pair.driving.index[0], pair.driving.iloc[0]
    assert first == f"{day.day} {day:%b %Y}: {row['a']:g} and {row['b']:g}"
    assert second != first


def test_lags_of_the_set_are_filled(pair):
    ax = plot_lags(pair)
    assert ax.get_lines()[0].get_xdata().tolist() == list(pair.lag_set)


def test_tables(pair, refused):
    days = tables.disagreement_table(pair, most=3)
    assert len(days) == 3
    assert days["A"].tolist() == [f"{value:,.0f}" for value in pair.driving["a"].head(3)]
    lags = tables.lags_table(pair)
    assert lags.index.tolist() == ["−3", "−2", "−1", "0", "1", "2", "3"]
    assert (lags["Ratio"] != "–").sum() == len(pair.lag_set)
    months = tables.ratio_course_table(pair)
    assert months.index.tolist() == ["Jan 2019", "Feb 2019", "Mar 2019", "Apr 2019"]
    assert tables.ratio_course_table(refused).empty
    assert tables.disagreement_table(refused).empty
    assert tables.pair_changes_table(pair).empty


def test_table_of_changes():
    a, b = thinned(1, days=40)

    def result(*sets):
        rows = [[pd.Timestamp(day) for day in one] for one in sets]
        return SimpleNamespace(changes=pd.DataFrame(rows, columns=["date", "date_low", "date_high"]))

    given = result(("2019-04-27", "2019-04-20", "2019-05-02")), result(("2019-05-03", "2019-05-02", "2019-05-09"))
    table = tables.pair_changes_table(compare_pair(series(a), series(b, "B"), changes=given))
    assert table.index.tolist() == ["27 Apr 2019 (20 Apr – 2 May 2019)"]
    assert table["Found in"].tolist() == ["both"]
    assert table["Days apart"].tolist() == ["6 (0 to 19)"]
