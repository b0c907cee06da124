"""Mixtures of negative binomials against scipy's own, and bounds that are whole and outward."""

import numpy as np
import pytest
from scipy import stats

from casualties.inference.count_mixture import CountMixture


def test_one_part_is_scipys_negative_binomial():
    mean, variance = 12.0, 40.0
    one = CountMixture(np.array([[mean]]), np.array([[variance]]), np.ones(1))
    size, chance = mean**2 / (variance - mean), mean / variance
    for count in (0, 3, 12, 40):
        assert one.at_most([count])[0] == pytest.approx(stats.nbinom.cdf(count, size, chance), abs=1e-12)
    assert one.at_most([-1.0])[0] == 0.0


def test_a_variance_below_a_poissons_is_a_poissons():
    one = CountMixture(np.array([[7.0]]), np.array([[0.0]]), np.ones(1))
    assert one.at_most([5])[0] == pytest.approx(stats.poisson.cdf(5, 7.0), abs=1e-5)


def test_parts_are_mixed_by_weight_and_shifts_move_parts():
    mean, variance = np.array([[5.0], [50.0]]), np.array([[9.0], [90.0]])
    weight = np.array([0.3, 0.7])
    mixed = CountMixture(mean, variance, weight)
    alone = [CountMixture(mean[i : i + 1], variance[i : i + 1], np.ones(1)) for i in (0, 1)]
    assert mixed.at_most([20])[0] == pytest.approx(0.3 * alone[0].at_most([20])[0] + 0.7 * alone[1].at_most([20])[0])
    moved = mixed.at_most([20], shift=np.array([[0.0], [30.0]]))
    assert moved[0] == pytest.approx(0.3 * alone[0].at_most([20])[0] + 0.7 * alone[1].at_most([50])[0])


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
@pytest.mark.parametrize(("mean", "variance"), [(0.01, 0.02), (1.0, 1.5), (30.0, 400.0), (1e6, 1e9)])
def test_bounds_hold_at_least_their_level_and_hardly_more(level, mean, variance):
    one = CountMixture(np.array([[mean]]), np.array([[variance]]), np.ones(1))
    (low,), (high,) = one.bounds(level)
    size, chance = mean**2 / (variance - mean), mean / variance
    assert low == np.floor(low)
    assert high == np.floor(high)
    assert 0 <= low <= high
    below = stats.nbinom.cdf(low - 1, size, chance)
    above = stats.nbinom.sf(high, size, chance)
    assert below <= (1 - level) / 2 + 1e-6
    assert above <= (1 - level) / 2 + 1e-6
    # One count further in would be too few, but for the rounding.
    assert stats.nbinom.cdf(low + 1, size, chance) > (1 - level) / 2 - 1e-6
    assert high == 0 or stats.nbinom.sf(high - 2, size, chance) > (1 - level) / 2 - 1e-6


def test_every_sum_has_its_own_bounds():
    both = CountMixture(np.array([[3.0, 300.0]]), np.array([[5.0, 900.0]]), np.ones(1))
    low, high = both.bounds(0.9)
    for number in (0, 1):
        alone = CountMixture(both.mean[:, number : number + 1], both.variance[:, number : number + 1], np.ones(1))
        assert alone.bounds(0.9) == (low[number], high[number])
