"""The trend model: what it recovers, what leaves it unchanged, and when it says that there is no answer.

Tolerances. Invariances hold to the solver's 1e-7. Coverage pools 300 series: one standard error is .013 at a nominal
.95; bounds lie four of them away, and two points more for the small-sample shortfall of Wald intervals.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference import negative_binomial
from casualties.models.trend import fit_trend
from casualties.series import DailySeries

NAN = float("nan")
START = "2019-04-01"  # a Monday
WEEK = np.array([1.2, 1.1, 1.0, 1.0, 0.7, 0.9, 1.1])


def simulated(rng, days=84, growth=0.01, level=8.0, size=2.0, week=WEEK):
    day = np.arange(days)
    mean = level * np.exp(growth * (day - day.mean())) * week[day % 7]
    return rng.poisson(rng.gamma(size, mean / size)).astype(float)


def series_of(values, start=START):
    return DailySeries.from_counts(values, start)


def test_intervals_cover_true_growth_and_agree_with_p_rising():
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        growth = rng.normal(0, 0.01)
        result = fit_trend(series_of(simulated(rng, growth=growth)))
        held += result.growth.low <= growth <= result.growth.high
        # Test and interval say the same: rising at .975 is an interval above zero.
        assert (result.p_rising.value > 0.975) == (result.growth.low > 0)
        assert (result.p_rising.value < 0.025) == (result.growth.high < 0)
        assert isinstance(result.doubling_time, NotEstimable) == (result.growth.low <= 0 <= result.growth.high)
    assert held / 300 > 0.95 - 0.02 - 4 * 0.013


def test_equals_the_regression_that_it_stands_for():
    y = simulated(np.random.default_rng(2))
    result = fit_trend(series_of(y))
    day = np.arange(84)
    X = np.column_stack([np.ones(84), day, *(day % 7 == number for number in range(1, 7))]).astype(float)
    fit = negative_binomial.fit(X, y)
    error = fit.standard_errors[1]
    assert result.growth.value == pytest.approx(fit.params[1], abs=1e-8)
    assert result.growth.high - result.growth.value == pytest.approx(stats.norm.ppf(0.975) * error, rel=1e-6)
    assert result.p_rising.value == pytest.approx(stats.norm.cdf(fit.params[1] / error), abs=1e-7)
    assert result.dispersion.value == pytest.approx(fit.dispersion, rel=1e-6)
    np.testing.assert_allclose(result.fitted["mean"], fit.mean, rtol=1e-6)
    assert ((result.fitted["low"] < result.fitted["mean"]) & (result.fitted["mean"] < result.fitted["high"])).all()
    assert result.weekday["ratio"].mean() == pytest.approx(1.0)
    assert result.weekday["weekday"].tolist()[0] == "Monday"


def test_doubling_and_halving_mirror_each_other():
    y = simulated(np.random.default_rng(3), growth=0.03)
    up, down = fit_trend(series_of(y), weekday=False), fit_trend(series_of(y[::-1]), weekday=False)
    assert (up.doubling_time.unit, down.doubling_time.unit) == ("days", "days to halve")
    assert down.growth.value == pytest.approx(-up.growth.value, abs=1e-8)
    for name in ("value", "low", "high"):
        assert getattr(down.doubling_time, name) == pytest.approx(getattr(up.doubling_time, name), rel=1e-6)
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
        assert other.growth.value == pytest.approx(plain.growth.value, abs=1e-8)
        assert other.growth.low == pytest.approx(plain.growth.low, abs=1e-7)
        np.testing.assert_allclose(other.weekday["ratio"], plain.weekday["ratio"], rtol=1e-6)
    half = series_of(y)
    half.frame["exposure"] = 0.5
    scaled = fit_trend(half)
    assert scaled.growth.value == pytest.approx(plain.growth.value, abs=1e-8)
    np.testing.assert_allclose(scaled.fitted["mean"], plain.fitted["mean"], rtol=1e-6)


def test_partial_coverage_is_not_a_trend():
    # Half-covered days at the end record half the deaths; the rate did not fall.
    rng = np.random.default_rng(5)
    growth = []
    for _ in range(100):
        covered = np.repeat([1.0, 0.5], 42)
        series = series_of(rng.poisson(rng.gamma(4.0, 10.0 * covered / 4.0)).astype(float))
        series.frame["exposure"] = covered
        growth.append(fit_trend(series, weekday=False).growth.value)
    assert abs(np.mean(growth)) < 4 * np.std(growth) / 10


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([3.0] * 13, "13 observed days are fewer than 14"),
        ([3.0] * 13 + [NAN] * 30, "13 observed days are fewer than 14"),
        ([0.0] * 60, "no deaths are recorded"),
        ([1.0] * 30 + [900.0] + [1.0] * 30, "one day holds 94% of all recorded deaths"),
        ([NAN] * 60, "0 observed days"),
    ],
)
def test_no_answer_has_a_reason(values, reason):
    result = fit_trend(series_of(values))
    for name in ("growth", "doubling_time", "p_rising", "dispersion", "autocorrelation"):
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
    assert any("No effect of the day of the week" in text for text in fit_trend(series_of(y)).warnings)
    y = np.r_[np.tile([2.0, 4, 3, 5, 1, 3, 4], 6), 60]
    assert any("One day holds 31% of all recorded deaths" in text for text in fit_trend(series_of(y)).warnings)
    wave = np.round(20 + 15 * np.sin(np.arange(90) / 6))
    result = fit_trend(series_of(wave))
    assert result.autocorrelation.low > 0.5
    assert any("too narrow" in text for text in result.warnings)


def test_independent_days_are_rarely_called_dependent():
    # Two looks (one day, one week) at 2.5 % each in this direction: at most .05, and four standard errors of 200.
    rng = np.random.default_rng(6)
    marked = sum(
        any("too narrow" in text for text in fit_trend(series_of(simulated(rng))).warnings) for _ in range(200)
    )
    assert marked / 200 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 200)


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
    ],
)
def test_hostile_series_end_without_warning_or_error(values):
    result = fit_trend(series_of(values))
    assert isinstance(result.growth, Estimate | NotEstimable)
    if isinstance(result.growth, Estimate):
        assert math.isfinite(result.growth.low + result.growth.high)
    assert result.summary()
    assert len(result.to_frame()) == 5


def test_text_and_table_say_what_p_rising_is():
    result = fit_trend(series_of(simulated(np.random.default_rng(9))))
    assert "Φ(z) of a Wald fit, not a posterior" in result.summary()
    assert "not a posterior" in result.basis.method
    assert not result.p_rising.has_interval
    frame = result.to_frame()
    assert frame["quantity"].tolist() == ["growth", "doubling_time", "p_rising", "dispersion", "autocorrelation"]
    assert isinstance(result.fitted.index, pd.DatetimeIndex)


def test_levels_outside_zero_and_one_are_refused():
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        fit_trend(series_of([1.0] * 20), level=95)
