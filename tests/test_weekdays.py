"""Weekday effects: what they average to, what they recover, and what they leave alone.

Simulated checks pool many series; a recovered ratio may be off by four standard errors of the pooled mean.
"""

import numpy as np
import pytest

from casualties.inference import negative_binomial
from casualties.inference.weekdays import (
    WEEKDAYS,
    block_weekday_ratios,
    weekday_columns,
    weekday_intervals,
    weekday_obstacle,
)

TRUE = np.array([1.3, 1.1, 1.0, 1.0, 0.6, 0.9, 1.1])


def ratios(y, first=0, seen=None):
    position = np.arange(len(y)) if seen is None else np.flatnonzero(seen)
    values = y if seen is None else y[seen]
    return block_weekday_ratios(values, (first + position) % 7, position, np.zeros(len(position)))


def test_ratios_average_to_one_and_turn_with_the_calendar():
    y = np.random.default_rng(1).poisson(6.0 * TRUE[np.arange(200) % 7])
    found = ratios(y)
    assert found.mean() == pytest.approx(1.0)
    np.testing.assert_allclose(ratios(y, first=3), np.roll(found, 3), rtol=1e-6)


def test_true_ratios_come_back_while_the_level_moves():
    rng = np.random.default_rng(2)
    level = np.repeat([2.0, 12.0, 5.0, 30.0], 105)
    seen = np.ones(420, dtype=bool)
    seen[50:75] = False
    found = np.array(
        [ratios(rng.poisson(rng.gamma(2.0, level * TRUE[np.arange(420) % 7] / 2.0)), seen=seen) for _ in range(150)]
    )
    error = np.abs(found.mean(axis=0) - TRUE)
    # Shrinkage pulls each ratio a little towards one: at most a tenth of its distance here.
    assert (error <= 4 * found.std(axis=0) / np.sqrt(150) + 0.1 * np.abs(TRUE - 1)).all()


def test_levels_given_in_turns_equal_the_joint_regression_on_whole_weeks():
    # Without shrinkage the two would agree up to the spread of a dispersion that is fitted once for all blocks.
    rng = np.random.default_rng(3)
    y = rng.poisson(np.repeat([20.0, 80.0, 40.0], 84) * TRUE[np.arange(252) % 7])
    day, block = np.arange(252) % 7, np.arange(252) // 28
    X = np.hstack([weekday_columns(day, 0), (block[:, None] == np.arange(9)).astype(float)])
    joint = np.exp(np.insert(negative_binomial.fit(X, y).params[:6], 0, 0.0))
    np.testing.assert_allclose(ratios(y), joint / joint.mean(), rtol=5e-3)


def test_noise_is_shrunk_to_less_than_two_thirds():
    rng = np.random.default_rng(4)
    shrunk, plain = [], []
    for _ in range(100):
        y = rng.poisson(rng.gamma(0.7, 5.0 / 0.7, 140))
        effects = negative_binomial.fit(np.column_stack([np.ones(140), weekday_columns(np.arange(140) % 7, 0)]), y)
        factor = np.exp(np.insert(effects.params[1:], 0, 0.0))
        shrunk.append(np.abs(ratios(y) - 1).mean())
        plain.append(np.abs(factor / factor.mean() - 1).mean())
    # Over seeds the share of the plain distance that is left is .36 with a standard deviation of .03.
    assert np.mean(shrunk) < 0.66 * np.mean(plain)


def test_a_four_week_block_without_deaths_is_left_out():
    y = np.random.default_rng(5).poisson(6.0 * TRUE[np.arange(196) % 7])
    silent = np.r_[y, np.zeros(28, dtype=int)]
    np.testing.assert_allclose(ratios(silent), ratios(y), rtol=1e-9)


def test_intervals_do_not_depend_on_the_base():
    rng = np.random.default_rng(6)
    y = rng.poisson(rng.gamma(2.0, 9.0 * TRUE[np.arange(280) % 7] / 2.0))
    day = np.arange(280) % 7
    results = []
    for base in (0, 4):
        fit = negative_binomial.fit(np.column_stack([np.ones(280), weekday_columns(day, base)]), y)
        results.append(weekday_intervals(fit.params[1:], fit.covariance[1:, 1:], base, 0.9))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-6)
    ratio, low, high = results[0]
    assert ((low < ratio) & (ratio < high)).all()
    assert ratio.mean() == pytest.approx(1.0)


def test_intervals_cover_true_ratios():
    # 250 series of 20 weeks, 7 weekdays each: the share's standard error is at most .014 by series.
    rng = np.random.default_rng(7)
    day = np.arange(140) % 7
    X = np.column_stack([np.ones(140), weekday_columns(day, 0)])
    held = []
    for _ in range(250):
        fit = negative_binomial.fit(X, rng.poisson(rng.gamma(2.0, 8.0 * TRUE[day] / 2.0)))
        _, low, high = weekday_intervals(fit.params[1:], fit.covariance[1:, 1:], 0, 0.95)
        held.append(((low <= TRUE) & (high >= TRUE)).mean())
    assert np.mean(held) > 0.95 - 0.02 - 4 * 0.014


def test_obstacles_are_named():
    day = np.arange(70) % 7
    y = np.where(day == 2, 0, 3)
    assert weekday_obstacle(y, day, 28) == f"no deaths are recorded on any {WEEKDAYS[2]}"
    assert weekday_obstacle(y[:10], day[:10], 28) == "10 observed days are fewer than 28"
    assert weekday_obstacle(np.ones(70), day, 28) == ""
