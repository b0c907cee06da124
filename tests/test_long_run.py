"""Slow swings within residuals: their likelihood and the variance that they add, against dense matrices."""

import numpy as np
import pytest

from casualties.inference.long_run import _restricted_likelihood, added_variance, fit_slow_swings


def dense(values, phi, share):
    """Give the restricted likelihood from the whole matrix."""
    seen = np.flatnonzero(~np.isnan(values))
    y = values[seen]
    matrix = share * phi ** np.abs(seen[:, None] - seen[None, :]) + (1 - share) * np.eye(len(y))
    inverse = np.linalg.inv(matrix)
    ones = np.ones(len(y))
    information = ones @ inverse @ ones
    rest = y @ inverse @ y - (ones @ inverse @ y) ** 2 / information
    return -0.5 * (np.linalg.slogdet(matrix)[1] + np.log(information) + (len(y) - 1) * np.log(rest))


def test_filter_equals_the_matrix_also_with_gaps():
    rng = np.random.default_rng(1)
    values = rng.normal(size=40)
    values[[3, 4, 20]] = np.nan
    for phi, share in ((0.5, 0.2), (0.95, 0.6), (0.8, 0.0)):
        found = _restricted_likelihood(values, np.array([[phi]]), np.array([[share]]))
        assert found[0, 0] == pytest.approx(dense(values, phi, share), abs=1e-9)


def test_added_variance_equals_the_matrix():
    rng = np.random.default_rng(2)
    n, p = 30, 2
    used, summed = rng.normal(size=(n, p)), np.abs(rng.normal(size=n))
    used[15:], summed[:18] = 0.0, 0.0
    slopes = np.cumsum(rng.normal(size=(n, p)), axis=0)
    phis = [0.4, 0.9]
    found = added_variance(used, slopes, summed, phis)
    for number, phi in enumerate(phis):
        apart = phi ** np.abs(np.subtract.outer(np.arange(n), np.arange(n))) - np.eye(n)
        for k in (17, 20, 29):
            weight = np.where(np.arange(n) <= k, summed, 0.0) - used @ slopes[k]
            # Of days of the window after k nothing is summed; of the estimated ones all are.
            assert found[number, k] == pytest.approx(weight @ apart @ weight, abs=1e-9)


def test_swings_are_told_from_noise():
    rng = np.random.default_rng(3)
    noise = rng.normal(size=400)
    slow = np.zeros(400)
    for day in range(1, 400):
        slow[day] = 0.9 * slow[day - 1] + np.sqrt(1 - 0.81) * rng.normal()
    assert fit_slow_swings(noise).factor < 2.0
    # An autoregression of .9 that has half the variance: 1 + 2 x .5 x .9 / .1 = 10.
    assert 5.0 < fit_slow_swings((slow + noise) / np.sqrt(2)).factor < 20.0


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [np.nan] * 30, [1.0] * 30, [1e100, 0.0] * 10])
def test_without_anything_to_tell_there_is_the_prior_or_a_finite_answer(values):
    found = fit_slow_swings(np.array(values, dtype=float))
    assert found.weight.sum() == pytest.approx(1.0)
    assert np.isfinite(found.factor)
    assert found.factor >= 1.0
