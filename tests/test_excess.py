"""Excess recorded deaths: R's numbers, what leaves the answer unchanged, how often intervals hold, refusals.

Coverage pools 60 simulated series a scenario. One standard error is .028 at a nominal .95 and .052 at .80; the bounds
lie four of them away.
"""

import csv
import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.figures import excess as figures
from casualties.models.changepoints import fit_changepoints
from casualties.models.excess import compare_references, fit_excess
from casualties.models.recording import RECORDING
from casualties.models.trend import fit_trend
from casualties.series import DailySeries
from casualties.tables.excess import variances_table

mpl.use("Agg")
NAN = float("nan")
START = "2019-04-01"  # a Monday
WEEK = np.array([1.2, 1.1, 1.0, 1.0, 0.7, 0.9, 1.1])
DAYS = pd.date_range("2023-01-02", periods=730)
REFERENCE, WINDOW = (DAYS[0], DAYS[199]), (DAYS[200], DAYS[349])
SPRING, AUTUMN = ("2018-09-17", "2019-03-31"), ("2018-09-17", "2018-12-31")
OFFENSIVE = ("2019-04-30", "2019-08-31")


def series_of(values, start=START):
    return DailySeries.from_counts(values, start)


def simulated(rng, kind, days):
    mean = math.exp(rng.uniform(math.log(0.5), math.log(30)))
    size = math.exp(rng.uniform(math.log(0.5), math.log(5)))
    rate = mean * WEEK[np.arange(days) % 7]
    if kind == "dependent":
        swing = np.empty(days)
        swing[0] = rng.normal(0, 0.4)
        for day in range(1, days):
            swing[day] = 0.9 * swing[day - 1] + rng.normal(0, 0.4 * math.sqrt(1 - 0.81))
        rate = rate * np.exp(swing - 0.08)
    counts = rng.poisson(rng.gamma(size, rate / size)).astype(float)
    if kind == "spikes":
        counts += np.where(rng.random(days) < 0.01, rng.geometric(1 / (8 * mean + 5), days), 0)
    return counts


@pytest.fixture(scope="module")
def step(root):
    with (root / "tests/reference/simulated_counts.csv").open() as file:
        counts = [float(row["y"]) for row in csv.DictReader(file) if row["series"] == "step730"]
    return series_of(counts, DAYS[0])


@pytest.fixture(scope="module")
def reference(root):
    with (root / "tests/reference/excess.csv").open() as file:
        rows = {(row["method"], row["item"]): row["value"] for row in csv.DictReader(file)}
    return {key: [float(part) for part in value.split(";")] for key, value in rows.items()}


@pytest.mark.parametrize(("method", "trend"), [("y~dow", False), ("y~tt+dow", True)])
def test_equals_r(step, reference, method, trend):
    result = fit_excess(step, REFERENCE, WINDOW, trend=trend)
    observed, expected, excess = reference[method, "observed;expected;excess"]
    parameters, observation, theta = reference[method, "var_param;var_obs;theta"]
    assert result.observed.value == observed
    assert result.expected.value == pytest.approx(expected, abs=1e-6)
    assert result.excess.value == pytest.approx(excess, abs=1e-6)
    assert result.variances.parameters == pytest.approx(parameters, rel=1e-6)
    assert result.variances.observation == pytest.approx(observation, rel=1e-6)
    assert 1 / result.dispersion.value == pytest.approx(theta, rel=1e-6)
    (ratio,) = reference[method, "ratio obs/exp"]
    assert result.ratio.value == pytest.approx(ratio, rel=1e-7)
    np.testing.assert_allclose(result.daily["expected"][:7], reference[method, "mu day201..207"], rtol=1e-6)
    # R's normal interval of independent days lies within this one at its upper end, and is of the same order.
    low, high = reference[method, "pred_lo95;hi (normal)"]
    assert result.expected.high > high
    assert 1.0 < (result.expected.high - result.expected.low) / (high - low) < 1.6


def test_the_parts_of_the_answer_agree_with_each_other(step):
    result = fit_excess(step, REFERENCE, WINDOW)
    observed, expected, excess, ratio = result.observed, result.expected, result.excess, result.ratio
    assert (excess.low, excess.high) == (observed.value - expected.high, observed.value - expected.low)
    assert ratio.low == pytest.approx(observed.value / expected.high)
    assert ratio.high == pytest.approx(observed.value / expected.low)
    last = result.curve.iloc[-1]
    assert last["excess"] == pytest.approx(excess.value)
    assert (last["low"], last["high"]) == pytest.approx((excess.low, excess.high))
    assert list(result.curve.index) == list(pd.date_range(*WINDOW))
    assert result.daily["observed"].sum() == observed.value
    assert result.daily["expected"].sum() == pytest.approx(expected.value)
    assert ((result.curve["low"] <= result.curve["excess"]) & (result.curve["excess"] <= result.curve["high"])).all()
    assert result.probability.value < 0.001
    assert result.variances.total == pytest.approx(
        result.variances.parameters
        + result.variances.observation
        + result.variances.scatter
        + result.variances.dependence
    )


def test_a_wider_level_gives_a_wider_interval_around_the_same_number(step):
    narrow, wide = (fit_excess(step, REFERENCE, WINDOW, level=level) for level in (0.8, 0.95))
    assert narrow.excess.value == wide.excess.value
    assert wide.excess.low < narrow.excess.low < narrow.excess.high < wide.excess.high


def test_the_window_may_stand_before_the_reference(step):
    result = fit_excess(step, WINDOW, REFERENCE)
    assert result.excess.high < 0
    assert result.ratio.high < 1


@pytest.mark.parametrize("level", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("trend", [False, True])
def test_answers_lie_within_their_intervals_whatever_the_level(level, trend):
    refused = 0
    for seed in range(20):
        series = series_of(np.random.default_rng(seed).poisson(1, 254))
        days = series.frame.index
        for reference, window in (((days[0], days[13]), (days[14], days[-1])), ((days[-14], days[-1]), days[[0, -15]])):
            result = fit_excess(series, reference, tuple(window), level=level, trend=trend, weekday=False)
            refused += isinstance(result.expected, NotEstimable)
            for answer in (result.expected, result.excess, result.ratio, result.dispersion, result.autocorrelation):
                assert not answer or answer.low <= answer.value <= answer.high
            assert (result.curve["low"] <= result.curve["excess"] + 1e-9).all()
            assert (result.curve["high"] >= result.curve["excess"] - 1e-9).all()
    # What two weeks say of the level holds for months, what they say of a trend does not.
    assert refused >= 5 if trend else refused == 0


@pytest.mark.parametrize(
    ("counts", "level", "trend", "carried"),
    [
        (np.random.default_rng(2).poisson(1, 254), 0.95, True, "trend"),
        ([24, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8] + [1] * 240, 0.05, False, "level"),
    ],
)
def test_an_expectation_carried_too_far_says_what_was_carried(counts, level, trend, carried):
    result = fit_excess(series_of(counts), (START, "2019-04-14"), level=level, trend=trend, weekday=False)
    reason = f"the {carried} of the reference period is too uncertain to be carried through the window"
    assert result.excess == NotEstimable(reason)
    assert reason in result.summary()


def test_a_rounded_nought_has_no_sign():
    series = series_of([50] * 20 + [0] * 100)
    reference = (START, "2019-05-30")
    result = fit_excess(series, reference, trend=True, weekday=False)
    assert -0.05 < result.excess.value < 0.0
    assert "Excess:          0.0 (-1.0 to 0.0)" in result.summary()
    assert "-0.0" not in result.summary()
    assert "-0.0" not in compare_references(series, [reference], trend=True, weekday=False).summary()


def test_without_a_window_all_that_follows_is_one(step):
    result = fit_excess(step, REFERENCE)
    assert result.basis.settings["window"] == f"{DAYS[200].date()} to {DAYS[729].date()}"
    assert len(result.curve) == 530


def test_missing_days_are_left_out_and_counted(step):
    counts = step.counts.copy()
    counts[[5, 6, 210, 340]] = NAN
    result = fit_excess(series_of(counts, DAYS[0]), REFERENCE, WINDOW)
    assert result.missing.to_dict() == {"reference": 2, "window": 2}
    assert result.observed.value == np.nansum(counts[200:350])
    assert result.daily["expected"].isna().sum() == 2
    assert any("2 days of the window were not observed" in text for text in result.warnings)
    whole = fit_excess(step, REFERENCE, WINDOW)
    assert result.expected.value == pytest.approx(whole.expected.value * 148 / 150, rel=0.02)


def test_half_covered_days_are_expected_to_record_half(step):
    half = series_of(step.counts, DAYS[0])
    half.frame.loc[half.frame.index >= WINDOW[0], "exposure"] = 0.5
    assert fit_excess(half, REFERENCE, WINDOW).expected.value == pytest.approx(
        fit_excess(step, REFERENCE, WINDOW).expected.value / 2
    )


@pytest.mark.parametrize("kind", ["independent", "dependent", "spikes"])
def test_intervals_hold_what_comes_when_nothing_changes(kind):
    rng = np.random.default_rng(11)
    held = {0.8: 0, 0.95: 0}
    unwarned = 0
    for _ in range(60):
        series = series_of(simulated(rng, kind, 319))
        for level in held:
            result = fit_excess(series, (series.start, series.frame.index[194]), level=level)
            inside = result.excess.low <= 0 <= result.excess.high
            held[level] += inside
            unwarned += level == 0.95 and not inside and result.warnings == (RECORDING,)
    assert held[0.95] / 60 > 0.95 - 4 * 0.028
    assert held[0.8] / 60 > 0.8 - 4 * 0.052
    assert unwarned <= 3


def test_dependent_days_widen_the_interval_and_are_warned_of():
    rng = np.random.default_rng(4)
    swing = np.zeros(300)
    for day in range(1, 300):
        swing[day] = 0.95 * swing[day - 1] + rng.normal(0, 0.25)
    counts = rng.poisson(rng.gamma(5.0, 20 * np.exp(swing) / 5.0)).astype(float)
    series = series_of(counts)
    result = fit_excess(series, (series.start, series.frame.index[199]))
    shuffled = counts.copy()
    shuffled[:200] = rng.permutation(counts[:200])
    alone = fit_excess(series_of(shuffled), (series.start, series.frame.index[199]))
    assert result.variances.dependence > 5 * alone.variances.dependence
    assert result.variances.total > 3 * alone.variances.total
    assert any("Dependence between days raises the variance" in text for text in result.warnings)
    assert all("wider than it need be" in each.summary() for each in (result, alone))


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([0.0] * 90, "no deaths are recorded in the reference period"),
        ([NAN] * 60 + [1.0] * 30, "0 observed days of the reference period are fewer than 14"),
        ([1.0] * 13 + [NAN] * 47 + [1.0] * 30, "13 observed days"),
        ([1.0] * 30 + [900.0] + [1.0] * 59, "one day holds 94% of the reference period's deaths"),
        ([1.0] * 60 + [NAN] * 30, "no day of the window was observed"),
    ],
)
def test_refusals(counts, reason):
    result = fit_excess(series_of(counts), ("2019-04-01", "2019-05-30"))
    assert isinstance(result.excess, NotEstimable)
    assert reason in result.excess.reason
    assert reason in result.summary()
    assert not len(result.curve)
    assert result.to_frame()["reason"].str.contains(reason[:12]).all()


@pytest.mark.parametrize(
    "counts",
    [
        [4.0] * 90,
        [1.0] * 60 + [0.0] * 30,
        [1.0] * 75 + [5000.0] + [1.0] * 14,
        [0.0] * 59 + [1.0] + [0.0] * 30,
        [0.0, 0.0, 1.0] * 30,
        [1e6] * 45 + [2e6] * 45,
        list(np.where(np.arange(90) % 3 == 0, NAN, 2.0)),
        list(np.random.default_rng(1).poisson(3.0, 7300).astype(float)),
    ],
)
def test_hostile_series_end_in_numbers_or_a_reason(counts):
    for options in ({}, {"trend": True}, {"weekday": False, "draws": 3, "seed": 1}):
        result = fit_excess(series_of(counts), ("2019-04-01", "2019-05-30"), **options)
        for name in ("observed", "expected", "excess", "probability"):
            answer = getattr(result, name)
            assert isinstance(answer, NotEstimable) or math.isfinite(answer.value)
        if isinstance(result.excess, Estimate):
            assert math.isfinite(result.excess.low)
            assert math.isfinite(result.excess.high)
            assert np.isfinite(result.curve.to_numpy()).all()
        assert result.summary()


@pytest.mark.parametrize(
    ("reference", "window", "options", "words"),
    [
        (("2019-04-01", "2019-05-01"), ("2019-05-01", "2019-05-20"), {}, "overlap"),
        (("2019-05-01", "2019-04-01"), None, {}, "ends before it starts"),
        (("2019-03-31", "2019-05-01"), None, {}, "the series runs from 2019-04-01 to 2019-06-29"),
        (("2019-04-01", "2019-05-01"), ("2019-05-02", "2019-07-01"), {}, "the series runs from"),
        (("2019-04-01", "2019-06-29"), None, {}, "leaves no day for a window"),
        ("2019-04-01", None, {}, "a period is a first and a last day"),
        (("2019-04-01", "2019-05-01"), None, {"level": 1.0}, "must lie between 0 and 1"),
        (("2019-04-01", "2019-05-01"), None, {"draws": 3}, "draws need a seed"),
    ],
)
def test_input_that_cannot_be_used(reference, window, options, words):
    with pytest.raises(InputError, match=words):
        fit_excess(series_of([2.0] * 90), reference, window, **options)


def test_no_reference_to_compare():
    with pytest.raises(InputError, match="there is no reference period"):
        compare_references(series_of([2.0] * 90), [])


def test_the_offensive_against_two_references(study):
    references = {"half a year": SPRING, "autumn": AUTUMN}
    table = {
        key: compare_references(study.series(key), references, OFFENSIVE)
        for key in ("north_west", "north_west_civilians")
    }
    facts = {
        (key, label): (
            result.observed.value,
            round(result.expected.value),
            round(result.excess.value),
            result.excess.low,
            result.excess.high,
        )
        for key, results in table.items()
        for label, result in results.results.items()
    }
    expected = {
        ("north_west", "half a year"): (4276, 810, 3466, 2668, 3919),
        ("north_west", "autumn"): (4276, 574, 3702, 3342, 3943),
        ("north_west_civilians", "half a year"): (1136, 195, 941, 590, 1087),
        ("north_west_civilians", "autumn"): (1136, 107, 1029, 926, 1090),
    }
    assert {key: found[:3] for key, found in facts.items()} == {key: fact[:3] for key, fact in expected.items()}
    for key, fact in expected.items():
        # The ends are rounded outwards to whole deaths.
        assert facts[key][3:] == pytest.approx(fact[3:], abs=1)
    for results in table.values():
        for result in results.results.values():
            assert result.probability.value < 0.005
            assert any("Dependence between days" in text for text in result.warnings)
    frame = table["north_west"].to_frame()
    assert frame.groupby("reference").size().to_dict() == {"autumn": 7, "half a year": 7}
    assert "Against autumn: 3,701.8" in table["north_west"].summary()


def test_draws_are_mixed_with_rubins_variance(study):
    series = study.series("north_west_civilians")
    result = fit_excess(series, SPRING, OFFENSIVE, draws=20, seed=1)
    again = fit_excess(series, SPRING, OFFENSIVE, draws=series.draws(20, 1))
    assert result.excess == again.excess
    drawn = series.draws(20, 1)
    single = [
        fit_excess(DailySeries.from_counts(counts.astype(float), series.start), SPRING, OFFENSIVE)
        for counts in drawn.counts
    ]
    values = np.array([each.excess.value for each in single])
    assert result.excess.value == pytest.approx(values.mean())
    assert result.variances.data == pytest.approx((1 + 1 / 20) * values.var(ddof=1))
    assert result.variances.parameters == pytest.approx(np.mean([each.variances.parameters for each in single]))
    width = result.excess.high - result.excess.low
    one = np.mean([each.excess.high - each.excess.low for each in single])
    assert 0.97 * one < width < 1.2 * one
    row = result.imprecision.table.iloc[0]
    assert row["quantity"] == "excess"
    assert row["width"] == width
    assert row["from_data"] == pytest.approx(result.variances.data / result.variances.total)


def test_draws_that_do_not_differ_give_the_answer_of_one(step):
    plain, drawn = fit_excess(step, REFERENCE, WINDOW), fit_excess(step, REFERENCE, WINDOW, draws=3, seed=1)
    assert drawn.excess.value == pytest.approx(plain.excess.value)
    assert (drawn.excess.low, drawn.excess.high) == pytest.approx((plain.excess.low, plain.excess.high), abs=1.01)
    assert drawn.variances.data == 0.0


def test_an_excess_of_one_day_is_named():
    counts = np.r_[np.tile([2.0, 3, 1, 4, 3, 5, 4], 10), 3.0, 90.0, np.tile([2.0, 3, 1, 4], 7)]
    result = fit_excess(series_of(counts), ("2019-04-01", "2019-06-09"))
    assert result.excess.low > 0
    (warning,) = [text for text in result.warnings if "could not be told from none" in text]
    assert warning.startswith("Without the 90 deaths of 2019-06-11")
    several = np.r_[np.tile([2.0, 3, 1, 4, 3, 5, 4], 10), np.full(30, 9.0)]
    assert not any(
        "told from none" in text for text in fit_excess(series_of(several), ("2019-04-01", "2019-06-09")).warnings
    )


def test_pictures_show_the_curve(step):
    result = fit_excess(step, REFERENCE, WINDOW)
    ax = result.plot()
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_allclose(lines["recorded"], result.curve["observed"])
    np.testing.assert_allclose(lines["expected"], result.curve["expected"])
    excess = result.excess
    assert ax.texts[0].get_text() == f"+1,091 (+{excess.low:,.0f} to +{excess.high:,.0f})"
    both = compare_references(step, {"a": REFERENCE, "b": (DAYS[50], DAYS[199])}, WINDOW).plot()
    assert [text.get_text() for text in both.get_legend().get_texts()] == ["against a", "against b"]
    nothing = fit_excess(series_of([0.0] * 90), ("2019-04-01", "2019-05-30"))
    assert "not estimable" in figures.plot_excess(nothing).texts[0].get_text()
    none = compare_references(series_of([0.0] * 90), [("2019-04-01", "2019-05-30")])
    assert "not estimable" in none.plot().texts[0].get_text()
    plt.close("all")


def test_tables_print_the_answers(step):
    results = compare_references(step, {"a": REFERENCE, "b": (DAYS[50], DAYS[199])}, WINDOW)
    table = results.table()
    assert table.index.tolist() == ["a", "b"]
    assert table.loc["a", "Recorded"] == "1,653"
    assert table.loc["a", "Expected"].startswith("562 (")
    assert table.loc["a", "P(as many)"] == "<0.01"
    parts = variances_table(results.results)
    shares = parts[["Parameters", "Observation", "Scatter", "Dependence", "Data"]].map(
        lambda cell: int(cell.strip("%<"))
    )
    assert (shares.sum(axis=1) - 100).abs().max() <= 2
    falling = fit_excess(step, WINDOW, REFERENCE).table().iloc[0]
    assert falling["Excess"].startswith("−")
    nothing = fit_excess(series_of([0.0] * 90), ("2019-04-01", "2019-05-30")).table().iloc[0]
    assert set(nothing) == {"–"}


def test_every_comparison_of_times_says_that_recording_may_have_changed():
    calm = series_of(np.full(300, 4.0))
    results = (fit_excess(calm, (calm.start, calm.frame.index[199])), fit_trend(calm), fit_changepoints(calm))
    assert all(RECORDING in result.warnings and RECORDING in result.summary() for result in results)
