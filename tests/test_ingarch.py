"""NB-INGARCH(1,1) against R's tscount, a plain recursion, finite differences and simulated truth.

Tolerances. At tscount's own coefficients (ten digits) the likelihoods are equal to 1e-6. Its optimiser stops about 8e-4
below the top of the log-likelihood, so that its coefficients are only near ours: within a twentieth of a standard error
in Poisson, where both programs climb the same likelihood. For the negative binomial tscount keeps the Poisson
coefficients; our maximum must lie no lower than its value. The gradient is held to central differences (1e-5 relative),
the compiled recursion to the plain one (1e-10). Simulated truths lie within four standard errors of the mean estimate.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from casualties.errors import InputError
from casualties.inference.ingarch import branching_interval, fit_ingarch, log_likelihood

REFERENCE = Path(__file__).parent / "reference"
TSCOUNT = pd.read_csv(REFERENCE / "ingarch.csv")
COUNTS = pd.read_csv(REFERENCE / "simulated_counts.csv")
NAN = float("nan")


def counts_of(series):
    return COUNTS.loc[COUNTS["series"] == series, "y"].to_numpy(dtype=float)


def numbers_of(series, method):
    rows = TSCOUNT[(TSCOUNT["dataset"] == series) & (TSCOUNT["method"] == method)].set_index("item")["value"]
    intercept, feedback, decay = (float(rows[name]) for name in ("(Intercept)", "beta_1", "alpha_1"))
    size = 1.0 / float(rows["sigmasq"]) if "sigmasq" in rows else math.inf
    ours = ([intercept / (1.0 - feedback - decay)], feedback / (1.0 - decay), decay, size)
    return ours, float(rows["loglik"]), np.array([intercept, feedback, decay]), rows["se"]


def plain_means(y, exposure, segments, levels, branching, decay):
    """Walk through the days in the textbook form, one segment after the other."""
    mean = np.empty(len(y))
    for part, level in enumerate(levels):
        rate = level
        for t in np.flatnonzero(segments == part):
            mean[t] = exposure[t] * rate
            told = rate if np.isnan(y[t]) else y[t] / exposure[t]
            feedback = branching * (1.0 - decay)
            rate = level * (1.0 - feedback - decay) + feedback * told + decay * rate
    return mean


def simulate(rng, days, level, feedback, decay, size):
    y, rate = np.empty(days), level
    for t in range(days):
        y[t] = rng.poisson(rng.gamma(size, rate / size))
        rate = level * (1.0 - feedback - decay) + feedback * y[t] + decay * rate
    return y


@pytest.fixture
def hard():
    """Give a series with everything in it: gaps, coverage, three segments of which one is silent."""
    rng = np.random.default_rng(1)
    y = np.r_[rng.poisson(rng.gamma(2.0, 3.0, 50)), np.zeros(20), rng.poisson(rng.gamma(2.0, 10.0, 50))].astype(float)
    y[[5, 6, 7, 60, 100]] = NAN
    return y, np.where(np.isnan(y), 1.0, rng.uniform(0.3, 1.4, 120)), np.repeat([0, 1, 2], [50, 20, 50])


@pytest.mark.parametrize(
    ("series", "method"),
    [
        ("ingarch1000", "tsglm.id.pois.11"),
        ("ingarch1000", "tsglm.id.nb.11"),
        ("flat365", "tsglm.id.nb.11"),
        ("trend365", "tsglm.id.nb.11"),
        ("step730", "tsglm.id.nb.11"),
    ],
)
def test_likelihood_is_that_of_tscount_and_its_maximum_no_lower(series, method):
    theirs, value, *_ = numbers_of(series, method)
    y = counts_of(series)
    assert log_likelihood(y, *theirs)[0] == pytest.approx(value, abs=2e-6)
    found = fit_ingarch(y, size=None if math.isfinite(theirs[3]) else math.inf)
    assert found.converged
    assert found.log_likelihood >= value - 1e-6


def test_poisson_coefficients_and_standard_errors_are_those_of_tscount():
    _, value, theirs, errors = numbers_of("ingarch1000", "tsglm.id.pois.11")
    errors = np.array(errors.split(";"), dtype=float)
    found = fit_ingarch(counts_of("ingarch1000"), size=math.inf)
    level, n, b = found.levels[0], found.branching, found.decay
    ours = np.array([level * (1.0 - found.persistence), found.feedback, b])
    assert (np.abs(ours - theirs) < 0.05 * errors).all()
    assert found.log_likelihood == pytest.approx(value, abs=1e-3)
    # omega = level (1 - n) (1 - b), a = n (1 - b): the delta method.
    by_level, by_n, by_b = level * (1 - n) * (1 - b), -level * (1 - b), -level * (1 - n)
    slopes = np.array([[by_level, by_n, by_b], [0.0, 1.0 - b, -n], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(np.sqrt(np.diag(slopes @ found.covariance @ slopes.T)), errors, rtol=0.02)


@pytest.mark.parametrize(("branching", "decay", "size"), [(0.4, 0.6, 2.0), (0.0, 0.5, 0.3), (0.95, 0.9, math.inf)])
def test_equals_the_plain_recursion_and_scipy(hard, branching, decay, size):
    y, exposure, segments = hard
    levels = np.array([5.0, 0.1, 22.0])
    mean = plain_means(y, exposure, segments, levels, branching, decay)
    seen = ~np.isnan(y)
    counts, mu = y[seen], mean[seen]
    law = stats.poisson(mu) if math.isinf(size) else stats.nbinom(size, size / (size + mu))
    value = log_likelihood(y, levels, branching, decay, size, exposure=exposure, segments=segments)[0]
    assert value == pytest.approx(law.logpmf(counts).sum(), rel=1e-10)
    found = fit_ingarch(y, exposure=exposure, segments=segments)
    refit = plain_means(y, exposure, segments, found.levels, found.branching, found.decay)
    np.testing.assert_allclose(found.mean, refit, rtol=1e-10)


@pytest.mark.parametrize("point", [(0.3, 0.7, 2.0), (0.01, 0.2, 40.0), (0.9, 0.95, 0.5)])
def test_the_gradient_is_that_of_differences(hard, point):
    y, exposure, segments = hard
    start = np.array([math.log(4.0), math.log(0.2), math.log(18.0), point[0], point[1], math.log(point[2])])

    def value(x):
        return log_likelihood(y, np.exp(x[:3]), x[3], x[4], math.exp(x[5]), exposure=exposure, segments=segments)

    steps = 1e-6 * np.eye(6)
    differences = [(value(start + step)[0] - value(start - step)[0]) / 2e-6 for step in steps]
    np.testing.assert_allclose(value(start)[1], differences, rtol=1e-5, atol=1e-5)


def test_simulated_truth_is_recovered():
    rng = np.random.default_rng(3)
    found = [fit_ingarch(simulate(rng, 1500, 8.0, 0.3, 0.5, 3.0)) for _ in range(20)]
    for name, truth in (("feedback", 0.3), ("decay", 0.5), ("branching", 0.6), ("size", 3.0)):
        values = np.array([getattr(fit, name) for fit in found])
        assert abs(values.mean() - truth) < 4.0 * values.std(ddof=1) / math.sqrt(20) + 0.02 * truth
    errors = np.array([math.sqrt(fit.covariance[-2, -2]) for fit in found])
    assert errors.mean() == pytest.approx(np.std([fit.branching for fit in found], ddof=1), rel=0.5)


def test_without_feedback_the_fit_is_at_the_boundary_or_near():
    rng = np.random.default_rng(4)
    found = [fit_ingarch(rng.poisson(rng.gamma(2.0, 4.0, 400)).astype(float)) for _ in range(20)]
    assert np.median([fit.branching for fit in found]) < 0.08
    at_zero = [fit for fit in found if fit.branching == 0.0]
    assert at_zero
    assert all(math.isinf(fit.covariance[-1, -1]) for fit in at_zero)
    assert all(np.isfinite(fit.covariance[:-1, :-1]).all() for fit in found)


def test_a_segment_of_its_own_takes_a_step_out():
    rng = np.random.default_rng(5)
    y = rng.poisson(rng.gamma(3.0, np.repeat([3.0, 15.0], 200) / 3.0)).astype(float)
    steps = np.repeat([0, 1], 200)
    plain, cut = fit_ingarch(y), fit_ingarch(y, segments=steps)
    assert plain.branching > 0.6
    assert cut.branching < 0.2
    np.testing.assert_allclose(cut.levels, [y[:200].mean(), y[200:].mean()], rtol=0.05)
    assert cut.log_likelihood > plain.log_likelihood


def test_a_profile_touches_the_maximum():
    y = counts_of("ingarch1000")[:300]
    top = fit_ingarch(y)
    held = fit_ingarch(y, branching=top.branching)
    assert held.log_likelihood == pytest.approx(top.log_likelihood, abs=1e-5)
    assert held.branching == top.branching
    assert fit_ingarch(y, branching=0.0).log_likelihood < top.log_likelihood - 5.0


def test_the_interval_ends_where_the_likelihood_ratio_test_rejects():
    y = counts_of("ingarch1000")[:300]
    top = fit_ingarch(y, highest_decay=0.9)
    low, high = branching_interval(top, y, 0.95, highest_decay=0.9)
    assert 0.0 < low < top.branching < high < 0.999
    for end in (low, high):
        drop = 2.0 * (top.log_likelihood - fit_ingarch(y, branching=end, highest_decay=0.9).log_likelihood)
        assert drop == pytest.approx(stats.chi2.ppf(0.95, 1), abs=0.15)
    flat = counts_of("flat365")
    assert branching_interval(fit_ingarch(flat, highest_decay=0.9), flat, 0.95, highest_decay=0.9)[0] == 0.0


def test_unit_of_coverage_changes_nothing():
    y = counts_of("ingarch1000")[:200]
    plain, half = fit_ingarch(y), fit_ingarch(y, exposure=np.full(200, 0.5))
    assert half.branching == pytest.approx(plain.branching, abs=1e-4)
    np.testing.assert_allclose(half.levels, 2.0 * plain.levels, rtol=1e-4)
    np.testing.assert_allclose(half.mean, plain.mean, rtol=1e-3)


def test_days_not_observed_at_the_end_fade_the_memory():
    y = np.r_[counts_of("ingarch1000")[:200], np.full(400, NAN)]
    found = fit_ingarch(y)
    assert found.weighted == pytest.approx(1.0, abs=1e-6)
    assert found.mean[-1] == pytest.approx(found.levels[0], rel=1e-6)


def test_paths_have_the_mean_that_the_recursion_says():
    fit = fit_ingarch(counts_of("ingarch1000")[:400])
    ahead = np.array([1.0, 0.5, 1.0, 1.3, 1.0, 1.0, 0.2])
    paths = fit.sample_paths(ahead, 40_000, np.random.default_rng(6))
    level, distance = fit.levels[0], fit.branching * (fit.weighted - 1.0)
    expected = ahead * level * (1.0 + distance * fit.persistence ** np.arange(7))
    errors = paths.std(axis=0) / math.sqrt(len(paths))
    assert (np.abs(paths.mean(axis=0) - expected) < 4.5 * errors).all()
    assert np.array_equal(paths, fit.sample_paths(ahead, 40_000, np.random.default_rng(6)))


HOSTILE = {
    "one death": np.r_[np.zeros(50), 1.0, np.zeros(50)],
    "one day": np.array([3.0]),
    "one huge day": np.r_[np.full(20, 3.0), 1e12, np.full(20, 3.0)],
    "constant": np.full(300, 5.0),
    "huge counts": np.random.default_rng(0).poisson(1e7, 200).astype(float),
    "explosion": np.floor(np.exp(np.arange(60) / 2.0)),
    "twenty years": np.random.default_rng(1).poisson(np.random.default_rng(2).gamma(0.3, 5.0, 7300)).astype(float),
    "few days of many": np.where(np.arange(400) % 17 == 0, 5.0, NAN),
    "silence, then noise": np.r_[np.zeros(100), np.tile([8.0, 5, 11], 34)],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_series_end_in_numbers_without_warning(name):
    fit = fit_ingarch(HOSTILE[name])
    assert np.isfinite([fit.branching, fit.decay, fit.size, fit.log_likelihood, fit.weighted]).all()
    assert (fit.mean >= 0).all()
    assert np.isfinite(fit.mean).all()
    paths = fit.sample_paths(np.ones(14), 50, np.random.default_rng(0))
    assert (paths >= 0).all()


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ([1.0, -1.0], {}, "whole numbers, none negative"),
        ([1.0, 0.5], {}, "whole numbers, none negative"),
        ([0.0, 0.0], {}, "no death is counted"),
        ([NAN, NAN], {}, "no death is counted"),
        ([1.0, 2.0], {"exposure": [1.0, 0.0]}, "exposure of an observed day"),
        ([1.0, 2.0], {"exposure": [1.0]}, "one value a day"),
        ([1.0, 2.0], {"segments": [0, 2]}, "without a gap"),
        ([1.0, 2.0], {"branching": 1.0}, "out of its range"),
        ([1.0, 2.0], {"size": 0.0}, "out of its range"),
        ([1.0, 2.0], {"highest_decay": 1.0}, "must lie between 0 and 1"),
    ],
)
def test_input_that_means_nothing_is_refused(counts, options, message):
    with pytest.raises(InputError, match=message):
        fit_ingarch(counts, **options)


def test_levels_must_fit_the_segments():
    with pytest.raises(InputError, match="one level each"):
        log_likelihood([1.0, 2.0], [1.0, 2.0], 0.1, 0.1, 2.0)
