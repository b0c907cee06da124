"""The model behind several sources: what a shared drift does, what the sources' own drift does, and truth recovered."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from casualties.errors import InputError
from casualties.inference.growth_prior import GROWTH_GRID, growth_grid
from casualties.inference.latent_ar import LatentGrid
from casualties.inference.reporting_drift import DRIFT_DAYS, drift_sd, fit_reporting_drift

DAYS = 84
DATES = pd.date_range("2023-01-02", periods=DAYS)
TIME = np.arange(DAYS) - (DAYS - 1) / 2.0
# One point: days are independent, so that a fit is quick and its posterior normal.
POINT = LatentGrid.of([0.5], [0.0], [3.0])


def counted(rng, growth, levels, drifts, *, mean=12.0, size=3.0):
    """Draw the sources' counts and the violence of each day."""
    war = mean * np.exp(growth * TIME) * rng.gamma(size, 1.0 / size, DAYS)
    shares = np.exp(np.add.outer(levels, np.zeros(DAYS)) + np.outer(drifts, TIME))
    return rng.poisson(war * shares).astype(float), war


def fitted(counts, **options):
    return fit_reporting_drift(counts, np.ones_like(counts), DATES, **{"relative_sd": 0.01, "grid": POINT, **options})


@pytest.fixture(scope="module")
def two():
    return counted(np.random.default_rng(4), 0.012, [0.4, -0.4], [0.005, -0.005])[0]


class TestDeclared:
    def test_a_factor_holds_nineteen_in_twenty(self):
        beyond = stats.norm.sf(math.log(1.5), scale=drift_sd(1.5) * DRIFT_DAYS)
        assert beyond == pytest.approx(0.025)

    @pytest.mark.parametrize("factor", [0.99, 0.0, -1.0, math.inf, math.nan])
    def test_no_factor(self, factor):
        with pytest.raises(InputError, match="a drift is a finite factor of at least 1"):
            drift_sd(factor)


class TestSharedDrift:
    def test_it_widens_and_moves_nothing(self, two):
        fit = fitted(two)
        sd = drift_sd(3.0)
        (_, mean, without), (_, same, with_drift) = fit.growth_parts(0.0), fit.growth_parts(sd)
        np.testing.assert_array_equal(mean, same)
        np.testing.assert_allclose(with_drift**2 - without**2, sd**2)

    def test_the_tipping_factor_puts_an_end_of_the_interval_on_nothing(self, two):
        fit = fitted(two, grid=GROWTH_GRID)
        tip = fit.tipping(0.5)
        assert tip > 1.0
        assert fit.growth(drift_sd(tip), 0.5)[1] == pytest.approx(0.0, abs=1e-7)
        assert fit.growth(drift_sd(tip * 0.98), 0.5)[1] > 0.0

    def test_a_fall_tips_like_a_rise(self, two):
        rise, fall = (fitted(counts, weekday=False).tipping(0.8) for counts in (two, two[:, ::-1]))
        assert rise == pytest.approx(fall, rel=1e-6)
        assert rise > 1.0

    def test_without_a_trend_there_is_nothing_to_tip(self):
        counts = np.tile([5.0, 3.0], (2, DAYS // 2))
        assert fitted(counts).tipping(0.95) == 1.0

    def test_a_trend_beyond_all_drift(self):
        counts = np.tile(np.round(np.exp(0.2 * (TIME + DAYS / 2))), (2, 1))
        assert fitted(counts, grid=LatentGrid.of([0.5], [0.0], [1e6])).tipping(0.95) == math.inf

    def test_bands_widen_away_from_the_middle(self, two):
        tails = np.array([0.025, 0.975])
        without, with_drift = (np.diff(fitted(two).expected(sd, tails), axis=0)[0] for sd in (0.0, drift_sd(3.0)))
        wider = with_drift - without
        assert wider[0] > 3.0 * wider[DAYS // 2 - 1] >= 0.0
        assert np.argmin(wider) in {DAYS // 2 - 1, DAYS // 2}


class TestOwnDrift:
    def test_one_source_is_its_own_regression(self, two):
        fit = fitted(two[:1], grid=GROWTH_GRID)
        row = np.zeros(fit.design.shape[1])
        row[1] = 1.0
        assert fit.growth(0.0, 0.9)[1:] == pytest.approx(fit.posterior.interval(row, 0.9))
        assert not fit.lean @ fit.coverage.covariance @ fit.lean

    def test_the_lean_is_what_a_refit_shows(self, two):
        # Drifts moved by hand: the growth of the sum moves as the fit says.
        fit, step = fitted(two, relative_sd=0.0), 0.002
        moved = two.copy()
        exposure = np.ones_like(two)
        exposure[0] = np.exp(step * TIME) / np.exp(step * TIME).max()
        other = fit_reporting_drift(moved, exposure, DATES, relative_sd=0.0, grid=POINT)
        told = fit.growth(0.0, 0.5)[0] - fit.lean[2] * step
        assert other.growth(0.0, 0.5)[0] == pytest.approx(told, abs=0.04 * step)

    def test_order_changes_nothing(self, two):
        one, other = fitted(two), fitted(two[::-1])
        assert one.growth(0.0, 0.9) == pytest.approx(other.growth(0.0, 0.9), abs=1e-9)
        tails = np.array([0.1, 0.5])
        np.testing.assert_allclose(one.expected(0.001, tails), other.expected(0.001, tails), atol=1e-7)

    def test_truth_is_recovered_on_average(self):
        found = []
        for seed in range(60):
            counts, _ = counted(np.random.default_rng(seed), 0.01, [0.6, -0.6], [0.006, -0.006])
            counts[0, seed % 7 :: 7] = np.nan
            found.append([fitted(counts, relative_sd=sd).growth(0.0, 0.5)[0] for sd in (1.0, 0.0)])
        mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(len(found))
        # The larger source gains coverage: who allows no drift takes that for growth.
        assert abs(mean[0] - 0.01) < 4.0 * error[0]
        assert mean[1] - 0.01 > 4.0 * error[1]


class TestDays:
    def test_a_day_without_an_observation_has_the_law_around_the_line(self, two):
        counts = two.copy()
        counts[:, 30] = np.nan
        fit = fitted(counts)
        tails = stats.norm.cdf([-1.0, 0.0, 1.0])
        line, own = fit.expected(0.0, tails), fit.realised(0.0, tails)
        size = 3.0
        from_law = np.log(stats.gamma(size, scale=1.0 / size).rvs(200_000, random_state=1))
        spread = math.hypot((line[2, 30] - line[0, 30]) / 2.0, from_law.std())
        assert own[1, 30] == pytest.approx(line[1, 30] + from_law.mean(), abs=0.01)
        assert (own[2, 30] - own[0, 30]) / 2.0 == pytest.approx(spread, rel=0.01)

    def test_the_day_is_held_as_often_as_the_band_says(self):
        held = []
        for seed in range(30):
            counts, war = counted(np.random.default_rng(100 + seed), 0.005, [0.3, -0.3], [0.0, 0.0])
            low, high = fitted(counts, relative_sd=0.0).realised(0.0, np.array([0.05, 0.95]))
            held.append(np.mean((low <= np.log(war)) & (np.log(war) <= high)))
        # The logarithm of a gamma law is taken as normal, which costs a point or two.
        error = np.std(held, ddof=1) / math.sqrt(len(held))
        assert np.mean(held) == pytest.approx(0.9, abs=0.02 + 4.0 * error)


def test_shapes_must_fit(two):
    with pytest.raises(InputError, match="do not fit"):
        fit_reporting_drift(two, np.ones_like(two), DATES[:-1], relative_sd=0.0)
    with pytest.raises(InputError, match="no day was observed"):
        fitted(np.full((1, DAYS), np.nan))


def test_the_prior_of_growth_can_be_chosen():
    grid = growth_grid(independent=0.5)
    assert np.exp(grid.log_prior[:, 0]).sum() == pytest.approx(0.5)
    assert np.exp(GROWTH_GRID.log_prior[:, 0]).sum() == pytest.approx(0.75)
