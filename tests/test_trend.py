"""The trend model: what it recovers, what leaves it unchanged, and when it says that there is no answer.

Tolerances. Invariances hold to the solver's 1e-6. Coverage pools 200 series: one standard error is .015 at .95, and
bounds lie four of them below; that intervals are no wider than they should be is measured by the calibration, not here.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference import negative_binomial
from casualties.inference.growth_prior import GROWTH_GRID
from casualties.models.growth import fit_growth, growth_of
from casualties.models.trend import compare_trend_priors, fit_trend
from casualties.models.trend_regression import regress
from casualties.series import DailySeries
from casualties.simulate.wars import Scenario, simulate_war

NAN = float("nan")
START = "2019-04-01"  # a Monday
WEEK = np.array([1.2, 1.1, 1.0, 1.0, 0.7, 0.9, 1.1])
NAMES = ["growth", "doubling_time", "p_rising", "dispersion", "dependent", "autocorrelation"]


def simulated(rng, days=84, growth=0.01, level=8.0, size=2.0, week=WEEK):
    day = np.arange(days)
    mean = level * np.exp(growth * (day - day.mean())) * week[day % 7]
    return rng.poisson(rng.gamma(size, mean / size)).astype(float)


def series_of(values, start=START):
    return DailySeries.from_counts(values, start)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(level=8.0, size=2.0),
        Scenario(level=8.0, size=2.0, autocorrelation=0.9, latent_sd=0.4),
        Scenario(level=8.0, size=2.0, spike_share=0.01),
    ],
    ids=["independent", "swings", "spikes"],
)
def test_intervals_cover_true_growth_and_agree_with_p_rising(scenario):
    rng = np.random.default_rng(1)
    held = []
    for _ in range(200):
        war = simulate_war(rng, scenario, 84)
        fit = fit_growth(war.counts, np.ones(84), pd.date_range(START, periods=84), weekday=True)
        growth = growth_of([fit], 0.95)
        held.append(growth.low <= 0.0 <= growth.high)
    assert np.mean(held) > 0.95 - 4 * 0.015
    result = fit_trend(war.series())
    assert (result.p_rising.value > 0.975) == (result.growth.low > 0)
    assert (result.p_rising.value < 0.025) == (result.growth.high < 0)
    assert isinstance(result.doubling_time, NotEstimable) == (result.growth.low <= 0 <= result.growth.high)


def test_swings_widen_the_interval_and_are_named():
    rng = np.random.default_rng(2)
    found = {}
    for name, scenario in {
        "independent": Scenario(level=20.0, size=5.0),
        "swings": Scenario(level=20.0, size=5.0, autocorrelation=0.95, latent_sd=0.8),
    }.items():
        found[name] = [fit_trend(simulate_war(rng, scenario, 120).series()) for _ in range(10)]
    widths = {name: np.median([r.growth.high - r.growth.low for r in each]) for name, each in found.items()}
    assert widths["swings"] > 2 * widths["independent"]
    dependent = {name: np.mean([r.dependent.value for r in each]) for name, each in found.items()}
    assert dependent["independent"] < 0.2 < 0.8 < dependent["swings"]
    for result in found["swings"]:
        assert any("swing slowly" in text for text in result.warnings) == (result.dependent.value > 0.5)
        assert result.growth.high - result.growth.low > result.regression.growth.high - result.regression.growth.low


def test_the_regression_beside_it():
    y = simulated(np.random.default_rng(2))
    result = fit_trend(series_of(y))
    day = np.arange(84)
    X = np.column_stack([np.ones(84), day, *(day % 7 == number for number in range(1, 7))]).astype(float)
    fit = negative_binomial.fit(X, y)
    error = fit.standard_errors[1]
    beside = result.regression
    assert beside.growth.value == pytest.approx(fit.params[1], abs=1e-8)
    assert beside.growth.high - beside.growth.value == pytest.approx(stats.norm.ppf(0.975) * error, rel=1e-6)
    assert beside.p_rising.value == pytest.approx(stats.norm.cdf(fit.params[1] / error), abs=1e-7)
    assert beside.dispersion.low < beside.dispersion.value < beside.dispersion.high
    assert "regression as if days were independent" in result.summary()
    # Days are independent here, so that the two agree.
    assert result.growth.value == pytest.approx(beside.growth.value, abs=0.2 * error)
    assert result.dispersion.value == pytest.approx(beside.dispersion.value, rel=0.5)


def test_weekdays_are_shrunk_ratios():
    result = fit_trend(series_of(simulated(np.random.default_rng(2), days=1000)))
    assert result.weekday["ratio"].mean() == pytest.approx(1.0)
    assert result.weekday["weekday"].tolist()[0] == "Monday"
    assert (
        (result.weekday["low"] < result.weekday["ratio"]) & (result.weekday["ratio"] < result.weekday["high"])
    ).all()
    assert result.weekday["ratio"].idxmin() == 4  # Friday
    few = fit_trend(series_of(simulated(np.random.default_rng(2), days=21)))
    assert few.weekday["ratio"].std() < np.std(WEEK / WEEK.mean())
    assert fit_trend(series_of(simulated(np.random.default_rng(2))), weekday=False).weekday.empty


def test_expected_counts_enclose_their_mean():
    result = fit_trend(series_of(simulated(np.random.default_rng(2))))
    assert ((result.fitted["low"] < result.fitted["mean"]) & (result.fitted["mean"] < result.fitted["high"])).all()
    assert isinstance(result.fitted.index, pd.DatetimeIndex)
    assert result.fitted["mean"].mean() == pytest.approx(result.observed.mean(), rel=0.15)


def test_pit_is_uniform_where_the_model_holds():
    rng = np.random.default_rng(3)
    frames = [fit_trend(series_of(simulated(rng, days=120))).pit() for _ in range(8)]
    pit = pd.concat(frames)
    assert (pit["below"] <= pit["up_to"]).all()
    # The mean share of a count's own interval below u is u if the model holds (Czado, Gneiting and Held 2009).
    for u in (0.1, 0.5, 0.9):
        share = np.clip((u - pit["below"]) / (pit["up_to"] - pit["below"]).clip(lower=1e-12), 0, 1).mean()
        assert share == pytest.approx(u, abs=4 * math.sqrt(u * (1 - u) / len(pit)))
    assert pit["residual"].std() == pytest.approx(1, abs=0.1)
    y = simulated(rng)
    y[[3, 40]] = NAN
    missing = fit_trend(series_of(y)).pit()
    assert missing["below"].isna().sum() == 2
    assert fit_trend(series_of([0.0] * 40)).pit().empty


def test_doubling_and_halving_mirror_each_other():
    y = simulated(np.random.default_rng(3), growth=0.03)
    up, down = fit_trend(series_of(y), weekday=False), fit_trend(series_of(y[::-1]), weekday=False)
    assert (up.doubling_time.unit, down.doubling_time.unit) == ("days", "days to halve")
    assert down.growth.value == pytest.approx(-up.growth.value, abs=1e-6)
    for name in ("value", "low", "high"):
        assert getattr(down.doubling_time, name) == pytest.approx(getattr(up.doubling_time, name), rel=1e-3)
    assert up.doubling_time.value == pytest.approx(math.log(2) / up.growth.value)
    assert up.doubling_time.low == pytest.approx(math.log(2) / up.growth.high)
    assert "Halving time" in down.summary()


def test_a_growth_interval_around_zero_gives_no_doubling_time():
    result = fit_trend(series_of(np.tile([3.0, 5, 4, 2, 6, 4, 4], 12)))
    assert isinstance(result.doubling_time, NotEstimable)
    assert f"{result.growth.low:+.4f} to {result.growth.high:+.4f} per day, includes zero" in str(result.doubling_time)


def test_shift_in_time_missing_days_and_coverage():
    y = simulated(np.random.default_rng(4))
    plain = fit_trend(series_of(y))
    for other in (
        fit_trend(series_of(y, "2021-03-01")),
        fit_trend(series_of(np.r_[[NAN] * 14, y, [NAN] * 9], "2019-03-18")),
    ):
        assert other.growth.value == pytest.approx(plain.growth.value, abs=1e-5)
        assert other.growth.low == pytest.approx(plain.growth.low, abs=1e-5)
        np.testing.assert_allclose(other.weekday["ratio"], plain.weekday["ratio"], rtol=1e-4)
    half = series_of(y)
    half.frame["exposure"] = 0.5
    scaled = fit_trend(half)
    assert scaled.growth.value == pytest.approx(plain.growth.value, abs=1e-5)
    np.testing.assert_allclose(scaled.fitted["mean"], plain.fitted["mean"], rtol=1e-3)
    none = series_of(y)
    none.frame.loc[none.frame.index[:5], "exposure"] = 0.0
    assert fit_trend(none).growth.value == pytest.approx(
        fit_trend(series_of(np.r_[[NAN] * 5, y[5:]])).growth.value, abs=1e-6
    )


def test_partial_coverage_is_not_a_trend():
    # Half-covered days at the end record half the deaths; the rate did not fall.
    rng = np.random.default_rng(5)
    growth = []
    for _ in range(40):
        covered = np.repeat([1.0, 0.5], 42)
        series = series_of(rng.poisson(rng.gamma(4.0, 10.0 * covered / 4.0)).astype(float))
        series.frame["exposure"] = covered
        growth.append(fit_trend(series, weekday=False).growth.value)
    assert abs(np.mean(growth)) < 4 * np.std(growth) / math.sqrt(40)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([3.0] * 13, "13 observed days are fewer than 14"),
        ([3.0] * 13 + [NAN] * 30, "13 observed days are fewer than 14"),
        ([0.0] * 60, "no deaths are recorded"),
        ([1.0] * 30 + [900.0] + [1.0] * 30, "one day holds 94% of all recorded deaths"),
        ([NAN] * 60, "0 observed days"),
        ([5.0], "1 observed days"),
    ],
)
def test_no_answer_has_a_reason(values, reason):
    result = fit_trend(series_of(values))
    for name in NAMES:
        answer = getattr(result, name)
        assert isinstance(answer, NotEstimable)
        assert reason in answer.reason
    assert result.fitted.empty
    assert result.weekday.empty
    assert len(result.observed) == len(values)
    assert reason in result.summary()
    assert result.to_frame()["reason"].str.contains(reason, regex=False).all()


def test_short_spiky_and_dependent_series_are_marked():
    y = np.tile([2.0, 4, 3, 5, 1, 3], 4)[:20]
    assert any("Only 20 days were observed" in text for text in fit_trend(series_of(y)).warnings)
    assert any("regression beside has no effect of the day" in text for text in fit_trend(series_of(y)).warnings)
    y = np.r_[np.tile([2.0, 4, 3, 5, 1, 3, 4], 6), 60]
    warned = fit_trend(series_of(y)).warnings
    assert any("One day holds 31% of all recorded deaths" in text for text in warned)
    assert any("leans on one day, 13 May 2019 (60 recorded deaths): without it" in text for text in warned)
    wave = np.round(20 + 15 * np.sin(np.arange(90) / 6))
    result = fit_trend(series_of(wave))
    assert result.autocorrelation.low > 0.5
    assert any("the intervals of the regression beside" in text for text in result.warnings)
    assert any("swing slowly" in text for text in result.warnings)


def test_independent_days_are_rarely_called_dependent():
    # Two looks (one day, one week) at 2.5 % each in this direction: at most .05, and four standard errors of 100.
    rng = np.random.default_rng(6)
    results = [fit_trend(series_of(simulated(rng))) for _ in range(100)]
    marked = sum(any("too narrow" in text for text in result.warnings) for result in results)
    assert marked / 100 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 100)
    assert np.mean([result.dependent.value for result in results]) < 0.25


@pytest.mark.parametrize(
    "values",
    [
        [5.0] * 200,
        [1.0] * 14,
        [0.0] * 10 + [1.0, 1.0, 1.0, 0.0, 0.0],
        [0.0, 10.0] * 40,
        list(np.random.default_rng(7).binomial(1, 0.02, 4000).astype(float)),
        list(np.random.default_rng(8).poisson(3, 7300).astype(float)),
        list(np.floor(np.exp(np.arange(60) / 4.0))),
        [1e9 + day for day in range(50)],
        [float(day % 7 != 6) * 3 for day in range(100)],
        [NAN if day % 3 else 4.0 + day % 2 for day in range(100)],
        [NAN] * 300 + [2.0, 3.0] * 10,
        [0.0] * 100 + [1.0, 1.0, 1.0],
    ],
)
def test_hostile_series_end_without_warning_or_error(values):
    result = fit_trend(series_of(values))
    assert isinstance(result.growth, Estimate | NotEstimable)
    if isinstance(result.growth, Estimate):
        assert math.isfinite(result.growth.low + result.growth.high)
        assert np.isfinite(result.fitted.to_numpy()).all()
        assert np.isfinite(result.pit().dropna().to_numpy()).all()
    assert result.summary()
    assert len(result.to_frame()) == len(NAMES)


def test_text_and_table():
    result = fit_trend(series_of(simulated(np.random.default_rng(9))))
    assert "hidden AR(1)" in result.basis.method
    assert not result.p_rising.has_interval
    frame = result.to_frame()
    assert frame["quantity"].tolist() == NAMES
    for words in ("Growth:", "P(rising):", "P(days depend):", "Beside it:", "wider than it need be"):
        assert words in result.summary()


def test_levels_outside_zero_and_one_are_refused():
    for fit in (fit_trend, compare_trend_priors):
        with pytest.raises(InputError, match="must lie between 0 and 1"):
            fit(series_of([1.0] * 20), level=95)


def test_a_wider_level_is_a_wider_interval_of_one_posterior():
    y = simulated(np.random.default_rng(9))
    results = [fit_trend(series_of(y), level=level) for level in (0.5, 0.8, 0.95)]
    assert len({result.growth.value for result in results}) == 1
    widths = [result.growth.high - result.growth.low for result in results]
    assert widths == sorted(widths)
    for result in results:
        assert result.growth == growth_of([result.fit], result.growth.level)


def test_priors_compared():
    y = simulated(np.random.default_rng(10))
    compared = compare_trend_priors(series_of(y))
    answers, plain = compared.answers, fit_trend(series_of(y))
    assert answers.index[0] == "as fitted"
    assert answers.loc["as fitted", "growth"] == pytest.approx(plain.growth.value)
    assert answers.loc["as fitted", "low"] == pytest.approx(plain.growth.low)
    assert answers.loc["days independent", "dependent"] == 0
    assert answers.loc["days dependent", "dependent"] == pytest.approx(1)
    width = answers["high"] - answers["low"]
    assert width["days independent"] < width["as fitted"] < width["days dependent"]
    # The prior of a mixture of two: the evidence of their mean.
    parts = np.exp(answers.loc[["days independent", "days dependent"], "log_evidence"])
    assert np.log(parts @ [0.75, 0.25]) == pytest.approx(answers.loc["as fitted", "log_evidence"], abs=0.02)
    assert compared.to_frame()["prior"].tolist() == list(answers.index)
    assert "days dependent:" in compared.summary()
    assert "weekdays free" not in compare_trend_priors(series_of(y), weekday=False).answers.index
    table = compared.table()
    assert table.loc["days dependent", "P(days depend)"] == ">0.99"
    none = compare_trend_priors(series_of([0.0] * 40))
    assert none.table().empty
    assert none.answers.empty
    assert "no deaths are recorded" in none.summary()


def test_the_prior_says_what_the_words_say():
    prior = np.exp(GROWTH_GRID.log_prior)
    assert prior.sum() == pytest.approx(1)
    assert prior[:, 0].sum() == pytest.approx(0.75)


def test_a_regression_without_deaths_has_a_reason():
    dates = pd.date_range(START, periods=20)
    found = regress(np.zeros(20), np.ones(20), dates, True, 0.95)
    assert found == NotEstimable("no deaths are recorded in the window")


@pytest.mark.parametrize(
    ("days", "level", "told"),
    [(56, 0.8, True), (56, 0.95, False), (84, 0.95, True), (120, 0.95, True), (200, 0.8, False)],
)
def test_what_was_measured_to_fall_short_is_told(days, level, told):
    rng = np.random.default_rng(11)
    results = [fit_trend(series_of(simulated(rng, days=days, level=2.0)), level=level) for _ in range(6)]
    for result in results:
        warned = any("cannot exclude slow swings" in text for text in result.warnings)
        assert warned == (told and result.dependent.value > 0.01)
    assert any(result.dependent.value > 0.01 for result in results)
