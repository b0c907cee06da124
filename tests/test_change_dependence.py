"""Changes where days may depend on each other: Bayes factors by hand, regions, date sets. Exact up to rounding."""

import math

import numpy as np
import pytest

from casualties.inference.rate_filter import SingleChange
from casualties.models.change_dependence import FEED, THRESHOLD, any_change, dependent_windows, regions_of
from casualties.models.changes import Window


def test_the_statistic_is_the_larger_bayes_factor():
    chance, days = 0.01, 101
    still = 0.99**100
    found = any_change(np.array([0.2, 0.6, 0.05, 0.1, 0.05]), chance, days)
    assert found.statistic == pytest.approx(math.log(0.8 / 0.2 / ((1 - still) / still)))
    # Under a prior of many changes none at all is improbable beforehand; one change is then weighed by itself.
    still, single = 0.8**100, 100 * 0.2 * 0.8**99
    found = any_change(np.array([0.5, 0.3, 0.0, 0.2]), 0.2, days)
    assert found.statistic == pytest.approx(math.log(0.3 / 0.5 / (single / still) / 2))
    # Where many changes are certain, neither none nor few have any probability left.
    assert any_change(np.array([0.0, 0.0, 0.0, 0.1, 0.9]), chance, days).statistic == 20.0
    # What the prior alone gives is no evidence, whatever the prior.
    for other in (0.001, 0.05):
        alone = np.array([math.comb(100, k) * other**k * (1 - other) ** (100 - k) for k in range(6)])
        assert any_change(np.append(alone, 1 - alone.sum()), other, days).statistic == pytest.approx(0.0, abs=1e-9)


def test_the_decision_compares_with_the_threshold():
    none = any_change(np.array([0.9, 0.05, 0.02, 0.03]), 0.01, 101)
    assert not none.found
    assert none.threshold == THRESHOLD
    assert none.decision.startswith("No change is established (log Bayes factor -2.7, needed -0.60")
    sure = any_change(np.array([0.0, 0.9, 0.05, 0.05]), 0.01, 101)
    assert sure.found
    assert sure.statistic == 20.0
    assert "20 or more" in sure.decision


def test_regions_lie_between_the_neighbours():
    windows = [Window(5, 9, 7, 0.9), Window(10, 10, 10, 0.9), Window(40, 50, 45, 0.9)]
    assert regions_of(windows, 60) == [(1, 9), (10, 39), (11, 59)]
    assert regions_of(windows[:1], 60) == [(1, 59)]
    assert regions_of([], 60) == []


def test_date_sets_of_draws_are_those_of_the_mixture_by_how_surely_each_holds_a_change():
    rates = np.array([1.0, 2.0, 4.0])
    up, down = np.zeros((3, 3)), np.zeros((3, 3))
    up[0, 1], down[2, 0] = 1.0, 1.0
    early = SingleChange(0.9, np.array([0.95, 0.05, 0.0, 0.0]), up)
    late = SingleChange(0.1, np.array([0.0, 0.0, 0.05, 0.95]), down)
    (alone,) = dependent_windows([[early]], [(11, 14)], rates, 0.9, 0.95)
    assert (alone.window.first, alone.window.day, alone.window.last) == (11, 11, 11)
    assert alone.step.ratio == pytest.approx(2.0)
    (both,) = dependent_windows([[early], [late]], [(11, 14)], rates, 0.9, 0.95)
    assert (both.window.first, both.window.last) == (11, 12)
    assert both.window.probability == pytest.approx(0.9)
    assert both.step.before == pytest.approx(0.9 * 1.0 + 0.1 * 4.0)
    assert both.with_probability(0.3).window.probability == 0.3


def test_the_feed_has_independent_days_among_its_cases():
    assert FEED.pairs[0][0] == 0.0
    assert np.exp(FEED.log_priors).sum() == pytest.approx(1.0)
