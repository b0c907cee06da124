"""The rank test against every order of small series, textbook formulae and its size where days depend on each other."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from casualties.errors import InputError
from casualties.inference.mann_kendall import mann_kendall


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=40).filter(lambda y: len(set(y)) > 1))
def test_score_is_rising_less_falling_pairs(values):
    expected = sum(int(np.sign(b - a)) for a, b in itertools.combinations(values, 2))
    found, back = mann_kendall(values), mann_kendall(values[::-1])
    assert found.score == expected == -back.score
    assert found.p_value == pytest.approx(back.p_value)
    assert found.p_value_dependent >= found.p_value - 1e-12


@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5, 6], [0, 0, 1, 2, 2, 5], [3, 3, 3, 3, 3, 7]])
def test_variance_is_that_of_all_orders(values):
    # All 720 orders, ties included, are as probable as each other where there is no trend.
    scores = [mann_kendall(order).score for order in itertools.permutations(values)]
    assert np.mean(scores) == pytest.approx(0.0, abs=1e-12)
    assert mann_kendall(values).variance == pytest.approx(np.var(scores), rel=1e-12)


def test_p_value_is_normal_with_continuity_correction():
    found = mann_kendall(np.arange(20) + 5 * (np.arange(20) % 3))
    z = (found.score - 1) / math.sqrt(found.variance)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)


def test_size_holds_on_dependent_days_only_with_the_correction():
    # 400 series of 200 days, latent AR(1) with coefficient .6: one standard error of a share of .05 is .011. The
    # correction of Hamed and Rao leaves about .10 where the plain test rejects about .3.
    rng = np.random.default_rng(3)
    plain = corrected = 0
    for _ in range(400):
        latent = np.empty(200)
        latent[0] = rng.normal()
        for day in range(1, 200):
            latent[day] = 0.6 * latent[day - 1] + 0.8 * rng.normal()
        found = mann_kendall(latent)
        plain += found.p_value < 0.05
        corrected += found.p_value_dependent < 0.05
    assert plain / 400 > 0.2
    assert corrected / 400 < 0.13


@pytest.mark.parametrize(
    ("values", "message"),
    [([1, 2, 3], "4 values"), ([1, 2, math.nan, 3], "missing"), ([2, 2, 2, 2], "all values are equal")],
)
def test_what_cannot_be_tested_is_named(values, message):
    with pytest.raises(InputError, match=message):
        mann_kendall(values)
