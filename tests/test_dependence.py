"""Autocorrelation of residuals: its value, its calibration, and the sentence that follows from it.

Simulated shares pool hundreds of series; bounds lie four binomial standard errors away from the nominal share.
"""

import math

import numpy as np
import pytest

from casualties.estimates import Estimate, NotEstimable
from casualties.inference.dependence import autocorrelation, dependence_warnings

NAN = float("nan")


def autoregressive(rng, n, phi):
    values = np.empty(n)
    values[0] = rng.normal()
    for day in range(1, n):
        values[day] = phi * values[day - 1] + rng.normal(0, math.sqrt(1 - phi * phi))
    return values


def test_value_is_the_usual_one_on_a_full_series():
    values = np.random.default_rng(1).normal(size=50)
    centred = values - values.mean()
    usual = (centred[1:] @ centred[:-1] / 49) / (centred @ centred / 50)
    assert autocorrelation(values, 0.95).value == pytest.approx(usual)


def test_gaps_break_pairs_and_say_nothing():
    values = np.random.default_rng(2).normal(size=40)
    apart = np.full(80, NAN)
    apart[::2] = values  # no two days are consecutive
    assert autocorrelation(apart, 0.95) == NotEstimable("only 0 pairs of days, and 10 are needed")
    behind = np.r_[values, np.full(30, NAN)]
    assert autocorrelation(behind, 0.95).value == pytest.approx(autocorrelation(values, 0.95).value)


def test_interval_holds_zero_as_often_as_it_says_when_days_are_independent():
    rng = np.random.default_rng(3)
    for lags in (1, 7):
        outside = sum(
            not (found.low <= 0 <= found.high)
            for found in (autocorrelation(rng.standard_gamma(1.0, 120), 0.95, lags) for _ in range(600))
        )
        assert outside / 600 < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 600)


def test_interval_finds_the_correlation_that_is_there():
    rng = np.random.default_rng(4)
    found = [autocorrelation(autoregressive(rng, 400, 0.4), 0.95) for _ in range(200)]
    assert abs(np.mean([each.value for each in found]) - 0.4) < 0.02
    assert np.mean([each.low > 0 for each in found]) > 0.99


def test_weak_and_slow_dependence_shows_over_a_week():
    # Latent swings of a few weeks under much daily noise: small at every lag, but at all of them.
    rng = np.random.default_rng(5)
    near = week = 0
    for _ in range(200):
        values = rng.normal(size=365) + 0.4 * autoregressive(rng, 365, 0.93)
        near += autocorrelation(values, 0.95).low > 0
        week += autocorrelation(values, 0.95, lags=7).low > 0
    assert week > near + 40


def test_residuals_that_do_not_vary_have_no_correlation():
    assert autocorrelation(np.full(30, 0.2), 0.95) == NotEstimable("the residuals hardly vary")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.sin(np.arange(200) / 5), "Residuals one day apart correlate (+0."),
        (np.tile([1.0, -1.0], 50), "Residuals one day apart correlate negatively (-1.00"),
        (np.random.default_rng(6).normal(size=365) + 0.5 * np.sin(np.arange(365) / 20), "Residuals"),
    ],
)
def test_dependence_is_put_in_one_sentence(values, text):
    (sentence,) = dependence_warnings(values, 0.95, "the intervals")
    assert sentence.startswith(text)
    assert "the intervals take days as independent" in sentence


def test_nothing_is_said_without_evidence():
    values = np.random.default_rng(7).normal(size=300)
    assert isinstance(autocorrelation(values, 0.95), Estimate)
    assert dependence_warnings(values, 0.9999, "the intervals") == []
    assert dependence_warnings([0.1, 0.2], 0.95, "the intervals") == []
