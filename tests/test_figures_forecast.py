"""Figures and tables of forecasts and of self-excitation: what is drawn is what the results say.

Drawn numbers pass through matplotlib unchanged; they are compared exactly or to 1e-9.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from casualties import tables
from casualties.models.excitation import fit_excitation
from casualties.models.forecast import fit_forecast, score_forecast
from casualties.models.track_record import track_record
from casualties.series import DailySeries

START = "2019-01-07"


def series_of(values):
    return DailySeries.from_counts(np.asarray(values, dtype=float), START)


@pytest.fixture(autouse=True)
def canvas():
    """Draw without a screen, and close what was drawn."""
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def results():
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(2.0, np.repeat([2.0, 6.0], 110)))
    series = series_of(counts)
    forecast = fit_forecast(series.between(series.start, series.frame.index[199]), paths=200, seed=1)
    return {
        "series": series,
        "forecast": forecast,
        "record": track_record(series, paths=100, seed=1),
        "excitation": fit_excitation(series, ["2019-04-27"]),
        "score": score_forecast(forecast, series),
    }


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_fan_holds_the_days_known_and_ahead(results):
    result = results["forecast"]
    ax = result.plot(came=results["series"], before=30)
    assert labels(ax) == ["recorded deaths", "95 %", "80 %", "50 %", "median", "what came"]
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["median"].get_ydata(), result.days["median"])
    np.testing.assert_array_equal(lines["what came"].get_ydata(), results["series"].counts[200:214])
    assert len(ax.collections[0].get_segments()) == 30
    assert ax.get_title("left").startswith(f"{result.total.value:,.0f} in 14 days")
    assert ax.get_ylim()[1] >= result.days["high_95"].max()


@pytest.mark.parametrize("grid", [True, False])
def test_the_track_record_stands_below(results, grid):
    ax = None if grid else plt.figure().add_axes((0.1, 0.6, 0.8, 0.3))
    upper = results["forecast"].plot(ax, record=results["record"])
    upper.figure.canvas.draw()
    drawn = [*upper.figure.axes, *upper.child_axes]
    below = next(each for each in drawn if each is not upper)
    assert below.get_ylabel() == "deaths in 14 days"
    assert below.get_title("left").startswith("7 past forecasts")


def test_past_forecasts_and_what_came(results):
    record = results["record"]
    ax = record.plot()
    boxes = ax.containers[0]
    assert [box.get_y() for box in boxes] == record.origins["low_95"].tolist()
    assert [box.get_y() + box.get_height() for box in boxes] == pytest.approx(record.origins["high_95"].tolist())
    came = np.concatenate([line.get_ydata() for line in ax.lines])
    assert sorted(came) == sorted(record.origins["came"])


def test_two_branching_ratios(results):
    ax = results["excitation"].plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["one level", "2 levels"]
    spans = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2]
    one, several = results["excitation"].unsegmented, results["excitation"].branching
    np.testing.assert_allclose(spans, [[one.low, one.high], [several.low, several.high]])


def test_what_cannot_be_estimated_is_drawn_without_numbers():
    nothing = series_of([0.0] * 100)
    assert "not estimable" in fit_forecast(nothing).plot().get_title("left")
    assert "not estimable" in track_record(nothing).plot().get_title("left")
    ax = fit_excitation(nothing).plot()
    assert all("not estimable" in text.get_text() for text in ax.texts)
    for result in (fit_forecast(nothing), track_record(nothing), fit_excitation(nothing)):
        assert result.table() is not None
        assert result._repr_html_()


def test_tables_say_what_the_results_say(results):
    total = results["forecast"].total
    table = tables.forecasts_table({"all": results["forecast"]})
    assert table.loc["all", "95% interval"] == f"{total.low:,.0f}–{total.high:,.0f}"
    score = tables.forecast_scores_table({"all": results["score"]})
    assert score.loc["all", "Came"] == f"{results['score'].came.value:,.0f}"
    assert score.loc["all", "Inside"] in ("yes", "no")
    record = tables.track_record_table(results["record"])
    assert record.index.tolist() == results["record"].scores["method"].tolist()
    assert record.loc["same as the last days", "Held, 80 %"] == "–"
    excitation = tables.excitations_table({"all": results["excitation"]})
    assert excitation.loc["all", "Levels"] == "2"
    for name in ("forecast", "record", "excitation", "score"):
        assert len(results[name].table())
        assert results[name]._repr_html_()
