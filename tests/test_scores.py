"""Scores of samples against closed forms and against each other.

Tolerances. The formula for sorted samples equals the double sum over all pairs to rounding (1e-12). The closed form of
the normal distribution is met to four standard errors of the mean score of its samples.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from casualties.inference.scores import coverage, crps, pit_ends, sample_quantiles


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(-5, 60))
def test_crps_is_the_integral_over_the_distribution_of_the_samples(samples, outcome):
    x = np.array(samples, dtype=float)
    pairs = np.abs(x - outcome).mean() - 0.5 * np.abs(x[:, None] - x[None, :]).mean()
    assert crps(samples, outcome) == pytest.approx(pairs, abs=1e-12)
    steps = np.arange(-6, 62)
    below = (x[:, None] <= steps).mean(axis=0)
    assert crps(samples, outcome) == pytest.approx(float(((below - (steps >= outcome)) ** 2).sum()), abs=1e-9)


def test_crps_of_a_normal_distribution():
    normal = stats.norm(3.0, 2.0)
    z = (4.0 - 3.0) / 2.0
    exact = 2.0 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    integral = integrate.quad(lambda x: (normal.cdf(x) - (x >= 4.0)) ** 2, -30, 30, points=[4.0])[0]
    assert exact == pytest.approx(integral, abs=1e-6)
    found = [float(crps(normal.rvs(2000, random_state=seed), 4.0)) for seed in range(50)]
    assert abs(np.mean(found) - exact) < 4.0 * np.std(found) / math.sqrt(50) + exact / 2000


def test_columns_are_scored_one_by_one():
    rng = np.random.default_rng(1)
    samples, outcome = rng.poisson(4.0, (200, 3)), np.array([1.0, 4.0, 9.0])
    np.testing.assert_allclose(crps(samples, outcome), [float(crps(samples[:, k], outcome[k])) for k in range(3)])
    low, high = pit_ends(samples, outcome)
    np.testing.assert_allclose(high - low, (samples == outcome).mean(axis=0))
    assert sample_quantiles(samples, [0.1, 0.9]).shape == (2, 3)
    np.testing.assert_array_equal(
        coverage(samples, outcome, 0.8), [bool(coverage(samples[:, k], outcome[k], 0.8)) for k in range(3)]
    )


def test_the_true_distribution_has_the_best_score_and_covers_as_it_says():
    rng = np.random.default_rng(2)
    outcomes = rng.poisson(6.0, 4000)
    true, low, wide = rng.poisson(6.0, 3000), rng.poisson(4.5, 3000), rng.poisson(rng.gamma(1.0, 6.0, 3000))
    means = [np.mean([float(crps(samples, y)) for y in outcomes[:800]]) for samples in (true, low, wide)]
    assert means[0] == min(means)
    held = np.mean([bool(coverage(true, y, 0.95)) for y in outcomes])
    assert held >= 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / 4000)
    middle = np.mean([np.mean(pit_ends(true, y)) for y in outcomes])
    assert middle == pytest.approx(0.5, abs=4.0 * math.sqrt(1 / 12 / 4000) + 0.02)
