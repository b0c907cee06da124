"""Changes where days may depend on each other: Bayes factors by hand, regions, date sets. Exact up to rounding."""

import math

import numpy as np
import pytest

from casualties.inference.rate_filter import SingleChange
from casualties.models.change_dependence import (
    FEED,
    FEW,
    THRESHOLD,
    AnyChange,
    any_change,
    dependent_windows,
    regions_of,
)
from casualties.models.changepoints import fit_changepoints
from casualties.models.changes import Window
from casualties.series import DailySeries


def test_the_statistic_is_the_larger_bayes_factor():
    chance, days = 0.01, 101
    still = 0.99**100
    found = any_change(np.array([0.2, 0.6, 0.05, 0.1, 0.05]), chance, days, days, 500)
    assert found.statistic == pytest.approx(math.log(0.8 / 0.2 / ((1 - still) / still)))
    # Under a prior of many changes none at all is improbable beforehand; one change is then weighed by itself.
    still, single = 0.8**100, 100 * 0.2 * 0.8**99
    found = any_change(np.array([0.5, 0.3, 0.0, 0.2]), 0.2, days, days, 500)
    assert found.statistic == pytest.approx(math.log(0.3 / 0.5 / (single / still) / 2))
    # Where many changes are certain, neither none nor few have any probability left.
    assert any_change(np.array([0.0, 0.0, 0.0, 0.1, 0.9]), chance, days, days, 500).statistic == 20.0
    # What the prior alone gives is no evidence, whatever the prior.
    for other in (0.001, 0.05):
        alone = np.array([math.comb(100, k) * other**k * (1 - other) ** (100 - k) for k in range(6)])
        assert any_change(np.append(alone, 1 - alone.sum()), other, days, days, 500).statistic == pytest.approx(
            0.0, abs=1e-9
        )


def test_the_decision_compares_with_the_threshold():
    none = any_change(np.array([0.9, 0.05, 0.02, 0.03]), 0.01, 201, 201, 500)
    assert not none.found
    assert none.threshold == THRESHOLD
    assert none.decision.startswith("No change is established (log Bayes factor -4.0, needed -0.60")
    sure = any_change(np.array([0.0, 0.9, 0.05, 0.05]), 0.01, 201, 201, 500)
    assert sure.found
    assert sure.statistic == 20.0
    assert "20 or more" in sure.decision


def test_few_days_or_deaths_need_more_and_a_change_more_probable_than_none():
    numbers, chance = np.array([0.4, 0.55, 0.03, 0.02]), 1 / 365
    assert any_change(numbers, chance, 365, 365, 500).threshold == THRESHOLD
    # Most of the year was not observed; or hardly anyone was recorded.
    assert any_change(numbers, chance, 365, 100, 500).threshold == FEW
    assert any_change(numbers, chance, 365, 365, 60).threshold == FEW
    still = (1 - chance) ** 13
    short = any_change(numbers, chance, 14, 14, 500)
    assert short.threshold == pytest.approx(math.log(still / (1 - still)))
    # In a fortnight the threshold is where at least one change is as probable as none.
    for none, found in ((0.49, True), (0.51, False)):
        assert any_change(np.array([none, 1 - none, 0.0, 0.0]), chance, 14, 14, 500).found is found


@pytest.mark.parametrize(("days", "mean"), [(14, 1), (28, 0.1), (28, 5), (60, 1), (120, 0.03), (365, 0.01)])
def test_constant_rates_are_seldom_said_to_have_changed(days, mean):
    rng = np.random.default_rng(days)
    decided = judged = 0
    for _ in range(40):
        decision = fit_changepoints(DailySeries.from_counts(rng.poisson(mean, days), "2019-01-07")).any_change
        if isinstance(decision, AnyChange):
            judged += 1
            decided += decision.found
    # Of 20 to 40 series one in thirty is expected at most: 5 or more have a chance below 1 in 100.
    assert judged >= 20
    assert decided <= 4


def test_one_death_in_many_days_is_no_change():
    result = fit_changepoints(DailySeries.from_counts([0] * 60 + [1] + [0] * 59, "2019-01-01"))
    assert not result.any_change.found
    assert result.any_change.decision.startswith("No change is established")


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


@pytest.mark.parametrize("day", [120, 199])
def test_a_level_of_one_day_is_named(day):
    y = np.random.default_rng(1).negative_binomial(2, 2 / 3, 200)
    y[day] = 600
    result = fit_changepoints(DailySeries.from_counts(y, "2019-01-01"))
    (text,) = [text for text in result.warnings if "one day alone" in text]
    assert f"{result.observed.index[day]:%Y-%m-%d}" in text
    y[day] = 30  # what the law of spikes reaches
    ordinary = fit_changepoints(DailySeries.from_counts(y, "2019-01-01"))
    assert not any("one day alone" in text for text in ordinary.warnings)
