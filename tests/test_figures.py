"""Figures draw what they are given: heights, bands, spans and marks are read back from the axis.

Drawn numbers are compared with a relative tolerance of 1e-9: they pass through matplotlib unchanged, in days since
1970 as floats.
"""

import io
from dataclasses import replace
from itertools import pairwise

import matplotlib as mpl
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from casualties.comparison.agreement import compare_pair
from casualties.comparison.coverage import OverlapResult, coverage_overlap
from casualties.comparison.published import compare_tolls
from casualties.figures.series import plot_series
from casualties.figures.style import COLOURS, day_axis, days_span, shade, use_style
from casualties.models.changepoints import fit_changepoints
from casualties.models.trend import fit_trend
from casualties.series import DailySeries
from casualties.totals import breakdown

mpl.use("Agg")
NAN = float("nan")
BEFORE, AFTER = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 3, [11, 14, 9, 12, 10, 13, 8, 15, 12, 11] * 3
START = "2019-04-01"


@pytest.fixture(autouse=True)
def closed():
    """Close the figures of a test."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def step():
    """Give a series that jumps on 1 May 2019, with three days unobserved."""
    counts = [float(count) for count in BEFORE + AFTER]
    counts[4:6] = [NAN, NAN]
    counts[40] = NAN
    return DailySeries.from_counts(counts, START, name="A")


@pytest.fixture(scope="module")
def results(study, step):
    """Give one result of each kind that can be drawn."""
    events = study.sources["ucdp"]
    other = DailySeries.from_counts([count + day % 3 for day, count in enumerate(BEFORE + AFTER)], START, name="B")
    window = {"start": "2019-04-30", "end": "2019-08-31", "where": study.at("north_west").where}
    return {
        "series": step,
        "changepoints": fit_changepoints(step),
        "trend": fit_trend(step.between("2019-05-01", step.end)),
        "pair": compare_pair(step, other, max_lag=0),
        "overlap": coverage_overlap(events, "SOHR", "Airwars", **window),
        "breakdown": breakdown(events, "adm1", spread="even", **window),
        "tolls": compare_tolls(events, study.sources["tolls"], study.area_places()),
    }


KINDS = ["series", "changepoints", "trend", "pair", "overlap", "breakdown", "tolls"]


def draw(result, ax=None, **options):
    return plot_series(result, ax, **options) if isinstance(result, DailySeries) else result.plot(ax, **options)


def svg(ax):
    stream = io.BytesIO()
    ax.figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def labelled(ax, label):
    """Give the one drawn thing that bears a label."""
    found = [item for item in (*ax.lines, *ax.collections, *ax.patches, *ax.containers) if item.get_label() == label]
    assert len(found) == 1, label
    return found[0]


def heights(collection):
    """Give the upper ends of vertical lines, in their order; NaN where nothing is drawn."""
    return [segment[1][1] if len(segment) > 1 else NAN for segment in collection.get_segments()]


def span(patch):
    """Give the days at the ends of a span: half a day inside its edges."""
    x = patch.get_x()
    return mdates.num2date(x + 0.5).strftime("%m-%d"), mdates.num2date(x + patch.get_width() - 0.5).strftime("%m-%d")


def day_numbers(days):
    return mdates.date2num(pd.DatetimeIndex(days).to_pydatetime())


def edges(first, last):
    """Give the ends of an axis that shows these days whole."""
    low, high = day_numbers([first, last])
    return low - 0.5, high + 0.5


def lightness(colour):
    """Give CIE L* (0 black, 100 white) of a colour."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in mpl.colors.to_rgb(colour)
    ]
    return 116 * float(np.dot(linear, (0.2126, 0.7152, 0.0722))) ** (1 / 3) - 16


@pytest.mark.parametrize("kind", KINDS)
def test_an_axis_is_used_or_made(results, kind):
    figure, given = plt.subplots()
    assert draw(results[kind], given) is given
    assert draw(results[kind]).figure is not figure
    assert len(plt.get_fignums()) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_twice(results, kind):
    first = svg(draw(results[kind]))
    plt.close("all")
    assert svg(draw(results[kind])) == first
    assert b"<dc:date>" not in first


@pytest.mark.parametrize("kind", KINDS)
def test_every_axis_says_what_it_shows(results, kind):
    ax = draw(results[kind])
    ax.figure.canvas.draw()
    assert ax.get_ylabel() or [label for label in ax.get_yticklabels() if label.get_text()]
    assert kind == "breakdown" or ax.get_legend().get_texts()


def test_a_series_by_day(step):
    part = DailySeries.from_counts([min(count, 1) for count in BEFORE + AFTER], START)
    ax = plot_series(
        step, part=replace(part, victims="civilians", whom="civilians"), spans={"spring": ("2019-04-10", "2019-04-12")}
    )
    counts = np.nan_to_num(step.counts)
    for label, series in (("all", counts), ("civilians", part.counts)):
        vertices = labelled(ax, label).get_paths()[0].vertices
        for day, count in zip(day_numbers(step.frame.index), series, strict=True):
            assert count in vertices[np.isclose(vertices[:, 0], day, atol=0.51), 1]
    mean = labelled(ax, "seven-day mean, all").get_ydata()
    expected = [np.nanmean(step.counts[max(day - 3, 0) : day + 4]) for day in range(len(counts))]
    np.testing.assert_allclose(mean, expected, rtol=1e-9)
    hatched = [span(patch) for patch in ax.patches if patch.get_hatch()]
    assert hatched == [("04-05", "04-06"), ("05-11", "05-11")]
    assert [span(patch) for patch in ax.patches if not patch.get_hatch()] == [("04-10", "04-12")]
    assert "spring" in [text.get_text() for text in ax.texts]
    assert ax.get_xlim() == edges(step.start, step.end)


def test_a_series_of_one_class_says_so(study):
    ax = plot_series(study.series("north_west_civilians"))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["civilians", "seven-day mean, civilians"]
    own = plot_series(study.series("north_west_government"))
    assert own.get_legend().get_texts()[0].get_text() == "own dead of Government of Syria"


def test_nothing_is_hatched_where_every_day_was_observed():
    ax = plot_series(DailySeries.from_counts([1, 2, 3], START))
    assert not ax.patches


@pytest.mark.parametrize("grid", [True, False])
def test_a_rate_that_changes(results, grid):
    result = results["changepoints"]
    ax = result.plot(None if grid else plt.figure().add_axes((0.1, 0.5, 0.8, 0.4)))
    (below,) = [other for other in (*ax.figure.axes, *ax.child_axes) if other is not ax]
    assert below.get_position().y1 <= ax.get_position().y0 or not grid
    observed = result.observed
    np.testing.assert_allclose(heights(labelled(ax, "recorded deaths")), observed, rtol=1e-9)
    np.testing.assert_allclose(labelled(ax, "rate").get_ydata(), result.rate["mean"], rtol=1e-9)
    posterior = below.collections[0]
    np.testing.assert_allclose(heights(posterior), result.probability, rtol=1e-9)
    sets = [(f"{row.date_low:%m-%d}", f"{row.date_high:%m-%d}") for row in result.changes.itertuples()]
    assert len(sets) == 1
    assert [span(patch) for patch in ax.patches] == [span(patch) for patch in below.patches] == sets
    # The change, and the year, which no mark names on an axis without a January.
    assert [text.get_text() for text in below.texts] == ["1 May", "2019"]
    assert ax.get_xlim() == below.get_xlim()
    band = labelled(ax, "95% band").get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(result.rate["high"].max(), rel=1e-9)
    assert ax.get_ylim() == (0, pytest.approx(15 * 1.05))


def test_days_beyond_the_top_are_named(results):
    ax = results["changepoints"].plot(top=14)
    assert ax.get_ylim()[1] == 14
    assert [text.get_text() for text in ax.texts] == ["↑ 15"] * 3


def test_a_trend(results):
    result = results["trend"]
    ax = result.plot()
    np.testing.assert_allclose(heights(labelled(ax, "recorded deaths")), result.observed, rtol=1e-9)
    np.testing.assert_allclose(labelled(ax, "expected count").get_ydata(), result.fitted["mean"], rtol=1e-9)
    assert labelled(ax, "95% interval").get_paths()[0].vertices[:, 1].max() == pytest.approx(
        result.fitted["high"].max(), rel=1e-9
    )


def test_a_pair(results):
    result = results["pair"]
    ax = result.plot()
    assert len(result.days) == 57
    for name, column in (("A", "a"), ("B", "b")):
        line = labelled(ax, name)
        np.testing.assert_allclose(line.get_ydata(), result.days[column], rtol=1e-9)
        np.testing.assert_allclose(day_numbers(line.get_xdata()), day_numbers(result.days.index), rtol=1e-9)


def test_an_overlap(results):
    result = results["overlap"]
    ax = result.plot()
    for cell, name in zip(result.cells.index, result.to_frame()["seen_by"], strict=True):
        widths = [patch.get_width() for patch in labelled(ax, name)]
        shares = result.cells.loc[cell] / result.cells.sum()
        np.testing.assert_allclose(widths, shares[["events", "best", "civilians"]], rtol=1e-9, atol=1e-15)
    written = {text.get_text() for text in ax.texts}
    assert f"{result.cells.loc['both', 'events']:,}" in written


def test_a_breakdown(results):
    result = results["breakdown"]
    ax = result.plot(names={"Idlib Governorate": "Idlib"})
    rows = [label.get_text() for label in ax.get_yticklabels()]
    table = result.frame.drop(columns="all").rename(columns={"Idlib Governorate": "Idlib"})
    assert rows == table.sum().sort_values(ascending=False).index.to_list()
    assert "Idlib" in rows
    written = {tuple(map(round, text.get_position())): text.get_text() for text in ax.texts}
    for row, name in enumerate(rows):
        for column, value in enumerate(table[name]):
            assert written[column, row] == f"{value:,}"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Apr\n2019", "May", "Jun", "Jul", "Aug"]


def test_a_breakdown_by_week_names_the_weeks(study):
    events = study.sources["ucdp"]
    result = breakdown(events, "victims", start="2018-12-20", end="2019-01-10", frequency="week", spread="even")
    labels = [label.get_text() for label in result.plot().get_xticklabels()]
    assert labels == ["20 Dec\n2018", "24 Dec", "31 Dec", "07 Jan\n2019"]


def test_tolls_are_the_comparable_rows(results):
    result = results["tolls"]
    totals = result.totals
    comparable = totals[(totals["verdict"] != "not comparable") & (totals["recorded"] > 0)]
    ax = result.plot()
    marks = [line for line in ax.lines if line.get_label().startswith("published")]
    for verdict in ("consistent", "below", "above"):
        drawn = [x for line in marks if line.get_label().startswith(f"published: {verdict}") for x in line.get_xdata()]
        rows = comparable[comparable["verdict"] == verdict]
        assert sorted(drawn) == pytest.approx(sorted((rows["value"] / rows["recorded"]).astype(float)), rel=1e-9)
    assert len(ax.get_yticks()) == len(comparable)
    bars = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches)
    ends = [comparable[f"recorded_{end}"] / comparable["recorded"] for end in ("low", "high")]
    np.testing.assert_allclose(bars, sorted(zip(*ends, strict=True)), rtol=1e-9)
    hollow = [line for line in marks if line.get_label().endswith("a lower bound")]
    assert all(to_hex(line.get_markerfacecolor()) == "#ffffff" for line in hollow)
    bounds = ["at least", "more than", "more than (may have been)", "no less than"]
    least = comparable["qualifier"].isin(bounds).sum()
    assert sum(len(line.get_xdata()) for line in hollow) == least > 0
    low, high = ax.get_xlim()
    assert all(low < x < high for line in marks for x in line.get_xdata())


def test_tolls_of_an_area(results):
    result = results["tolls"]
    area = "Syria"
    rows = result.totals[(result.totals["area"] == area) & (result.totals["verdict"] != "not comparable")]
    ax = result.plot(areas=[area])
    assert len(ax.get_yticks()) == len(rows) > 0
    assert not any(label.get_text().endswith(", Syria") for label in ax.get_yticklabels())
    areas = [area, next(name for name in result.totals["area"] if name.startswith("northwest Syria ("))]
    ends = [label.get_text().rsplit(", ", 1)[1] for label in result.plot(areas=areas).get_yticklabels()]
    assert set(ends) == {"Syria", "northwest Syria"}
    assert ends.count("Syria") == len(rows)
    assert all(label.get_fontsize() >= 6 for label in ax.get_yticklabels())


def test_a_range_that_starts_at_nobody(results):
    result = results["tolls"]
    totals = result.totals.assign(recorded_low=pd.array([0] * len(result.totals), dtype="Int64"))
    low, high = replace(result, totals=totals).plot().get_xlim()
    assert 0 < low < 1 < high


EMPTY = {
    "no deaths": [0.0] * 30,
    "few days": [1.0, 2.0, 3.0],
    "one day": [5.0],
    "nothing observed": [NAN] * 20,
}


@pytest.mark.parametrize("name", EMPTY)
def test_what_cannot_be_estimated_is_drawn_without_a_fit(name):
    series = DailySeries.from_counts(EMPTY[name], START)
    observed = np.isfinite(EMPTY[name])
    for result in (series, fit_changepoints(series), fit_trend(series), compare_pair(series, series)):
        ax = draw(result)
        svg(ax)
        low, high = ax.get_ylim()
        assert low == 0 < high
        assert ax.get_xlim() == edges(series.start, series.end)
        assert not {text.get_text() for text in ax.get_legend().get_texts()} & {"rate", "expected count", "date set"}
    assert bool(plot_series(series).patches) is not observed.all()


def test_results_without_rows(study, results):
    events = study.sources["ucdp"]
    day = {"start": "2019-11-30", "end": "2019-11-30", "where": {"adm1": "Quneitra Governorate"}}
    empty = breakdown(events, "kind", spread="even", **day).plot()
    assert [text.get_text() for text in empty.texts] == ["no recorded deaths"]
    zeros = breakdown(events, "victims", spread="even", **day).plot()
    assert [text.get_text() for text in zeros.texts] == ["0", "0", "0"]
    gap = breakdown(events, "kind", start="2019-11-30", end="2019-12-31", spread="even").plot()
    assert "–" in {text.get_text() for text in gap.texts}
    overlap = coverage_overlap(events, "SOHR", "Airwars", **day)
    assert isinstance(overlap, OverlapResult)
    assert not overlap.plot().texts
    tolls = results["tolls"].plot(areas=["nowhere"])
    assert len(tolls.get_yticks()) == 0
    for ax in (empty, zeros, gap, tolls):
        svg(ax)


@pytest.mark.parametrize("days", [1, 5, 6, 8, 14, 15, 16, 60, 61, 62, 90, 365, 440, 700, 1100, 1101, 1102, 3650, 7305])
@pytest.mark.parametrize("start", ["2019-04-30", "2018-12-25", "2016-02-01"])
def test_a_day_axis_of_any_length(days, start):
    first = pd.Timestamp(start)
    last = first + pd.Timedelta(days=days - 1)
    use_style()
    _, ax = plt.subplots(figsize=(6.7, 2.6), layout="constrained")
    day_axis(ax, first, last)
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    assert (low, high) == edges(first, last)
    boxes = [
        label.get_window_extent()
        for tick, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        if low <= tick <= high and label.get_text()
    ]
    assert 1 <= len(boxes) <= 24
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_spans_are_whole_days():
    _, ax = plt.subplots()
    days_span(ax, pd.Timestamp("2019-04-30"), pd.Timestamp("2019-04-30"))
    shade(ax, {"a": ("2019-05-01", "2019-05-31"), "b": ("2019-06-01", "2019-06-02")})
    assert [span(patch) for patch in ax.patches] == [("04-30", "04-30"), ("05-01", "05-31"), ("06-01", "06-02")]
    assert [text.get_text() for text in ax.texts] == ["a", "b"]
    # Neighbouring spans touch and do not overlap.
    assert ax.patches[1].get_x() + ax.patches[1].get_width() == ax.patches[2].get_x()


def test_one_look():
    use_style()
    assert plt.rcParams["svg.hashsalt"] == "casualties"
    assert plt.rcParams["font.family"][0] == "IBM Plex Sans Arabic"
    # The colours part in grey as well: no two are nearer than a tenth of the way from black to white.
    assert np.diff(sorted(lightness(colour) for colour in COLOURS[:3])).min() > 10
