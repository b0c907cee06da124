"""How sources' coverage stands to each other: against other programs, and against truth that is known."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize

from casualties.errors import InputError
from casualties.inference.relative_coverage import fit_relative_coverage, log_coverage

DAYS = 80
TIME = np.arange(DAYS) - (DAYS - 1) / 2.0


def split(rng, levels, drifts, *, mean=30.0, size=3.0):
    """Draw sources that count Poisson shares of a war whose days scatter."""
    war = mean * rng.gamma(size, 1.0 / size, DAYS)
    return rng.poisson(war * np.exp(np.add.outer(levels, np.zeros(DAYS)) + np.outer(drifts, TIME))).astype(float)


@pytest.fixture(scope="module")
def three():
    return split(np.random.default_rng(3), [0.3, -0.5, 0.2], [0.006, -0.002, -0.004])


def test_two_sources_are_a_binomial_regression(three):
    counts = three[:2]
    fit = fit_relative_coverage(counts, np.ones_like(counts), TIME, 10.0)
    used = counts.sum(axis=0) > 0
    design = np.column_stack([np.ones(DAYS), TIME])[used]
    total = counts.sum(axis=0)[used]
    glm = sm.GLM(counts[0, used] / total, design, family=sm.families.Binomial(), var_weights=total).fit(scale="X2")
    # A source stands half of the log odds away from the mean of the two; the prior is weak and not flat.
    assert fit.level[0] == pytest.approx(glm.params[0] / 2.0, rel=1e-3)
    assert fit.drift[0] == pytest.approx(glm.params[1] / 2.0, rel=1e-4)
    assert fit.dispersion == pytest.approx(glm.scale, rel=1e-3)
    errors = np.sqrt(np.diag(fit.covariance)[[0, 2]])
    np.testing.assert_allclose(errors, glm.bse / 2.0, rtol=1e-3)


def test_the_mode_is_that_of_a_general_optimiser(three):
    sd, half = 0.003, np.abs(TIME).max()
    exposure = np.ones_like(three)
    exposure[0, 5:20] = 0.0
    exposure[2, 40] = 0.5
    counts = np.where(exposure > 0.0, three, 0.0)
    fit = fit_relative_coverage(counts, exposure, TIME, sd)
    scale = sd * half * math.sqrt(3 / 2)

    def loss(values):
        line = values[:3, None] + values[3:, None] * TIME / half
        with np.errstate(divide="ignore"):
            line = line + np.log(exposure)
        share = np.exp(line) / np.exp(line).sum(axis=0)
        logs = np.log(np.where(counts > 0, share, 1.0))
        prior = 0.5 * 1e-2 * (values[:3] ** 2).sum() + 0.5 * (values[3:] ** 2).sum() / scale**2
        return -(counts * logs).sum() / fit.dispersion + prior

    best = optimize.minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-7}).x
    np.testing.assert_allclose(fit.level, best[:3] - best[:3].mean(), atol=1e-4)
    np.testing.assert_allclose(fit.drift, (best[3:] - best[3:].mean()) / half, atol=1e-6)


def test_order_changes_the_order_alone(three):
    fit = fit_relative_coverage(three, np.ones_like(three), TIME, 0.01)
    order = [2, 0, 1]
    other = fit_relative_coverage(three[order], np.ones_like(three), TIME, 0.01)
    np.testing.assert_allclose(other.level, fit.level[order], atol=1e-10)
    np.testing.assert_allclose(other.drift, fit.drift[order], atol=1e-12)
    whole = [*order, *(3 + place for place in order)]
    np.testing.assert_allclose(other.covariance, fit.covariance[np.ix_(whole, whole)], atol=1e-12)


def test_coverage_is_against_the_mean(three):
    fit = fit_relative_coverage(three, np.ones_like(three), TIME, 0.01)
    assert fit.level.sum() == pytest.approx(0.0, abs=1e-12)
    assert fit.drift.sum() == pytest.approx(0.0, abs=1e-14)
    np.testing.assert_allclose(fit.covariance.sum(axis=0), 0.0, atol=1e-12)


def test_truth_is_recovered_on_average():
    levels, drifts = np.array([0.3, -0.5, 0.2]), np.array([0.006, -0.002, -0.004])
    fits = []
    for seed in range(80):
        counts = split(np.random.default_rng(seed), levels, drifts)
        fits.append(fit_relative_coverage(counts, np.ones_like(counts), TIME, 1.0))
    found = np.array([fit.drift for fit in fits])
    error = found.std(axis=0, ddof=1)
    np.testing.assert_array_less(np.abs(found.mean(axis=0) - drifts), 4.0 * error / math.sqrt(len(fits)))
    told = np.array([np.sqrt(np.diag(fit.covariance)[3:]) for fit in fits]).mean(axis=0)
    np.testing.assert_allclose(told, error, rtol=4.0 / math.sqrt(2 * len(fits)))


def test_the_violence_of_a_day_cancels():
    rng = np.random.default_rng(1)
    counts = split(rng, [0.0, 0.0], [0.0, 0.0])
    surge = counts.copy()
    surge[:, 60:] *= 7.0
    fits = [fit_relative_coverage(each, np.ones_like(each), TIME, 0.01) for each in (counts, surge)]
    errors = [math.sqrt(fit.covariance[2, 2]) for fit in fits]
    assert abs(fits[0].drift[0] - fits[1].drift[0]) < 2.0 * max(errors)


def test_no_drift_is_none(three):
    fit = fit_relative_coverage(three, np.ones_like(three), TIME, 0.0)
    assert not fit.drift.any()
    assert not fit.covariance[3:].any()
    assert fit.covariance[0, 0] > 0.0


def test_one_source_stands_alone():
    fit = fit_relative_coverage(np.ones((1, DAYS)), np.ones((1, DAYS)), TIME, 0.1)
    assert (fit.level[0], fit.drift[0], fit.days) == (0.0, 0.0, 0)


def test_a_source_without_a_shared_day_is_refused(three):
    exposure = np.ones_like(three)
    exposure[0, 40:] = 0.0
    exposure[1:, :40] = 0.0
    with pytest.raises(InputError, match="each source must share a day with another"):
        fit_relative_coverage(three, exposure, TIME, 0.1)


def test_copies_have_no_drift_against_each_other(three):
    fit = fit_relative_coverage(three[[0, 0]], np.ones((2, DAYS)), TIME, 0.01)
    assert fit.dispersion == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(fit.drift, 0.0, atol=1e-12)


def test_the_summed_coverage_has_the_slopes_that_it_tells(three):
    exposure = np.ones_like(three)
    exposure[0, :10] = 0.0
    exposure[:, 3] = 0.0
    fit = fit_relative_coverage(three * (exposure > 0), exposure, TIME, 0.01)
    offset, slopes = log_coverage(fit, exposure, TIME)
    assert offset[3] == 0.0
    assert not slopes[3].any()
    step = 1e-6
    for column in range(6):
        moved = np.concatenate([fit.level, fit.drift])
        moved[column] += step
        other = type(fit)(moved[:3], moved[3:], fit.covariance, fit.dispersion, fit.days)
        np.testing.assert_allclose(
            (log_coverage(other, exposure, TIME)[0] - offset) / step, slopes[:, column], rtol=1e-4, atol=1e-4
        )
