"""Negative-binomial regression against R's glm.nb, statsmodels, closed forms, and series that break other programs.

Tolerances. R stops at a relative change of 1e-8 in the deviance, which leaves up to about 1e-7 in coefficients and
standard errors; 1e-6 is asked, absolute for coefficients (some are near zero) and relative for the rest. statsmodels
is asked for a log-likelihood no higher than ours by more than 1e-8 of itself. The plain reference below is iterated
to the end, and the compiled search must give its numbers to 1e-10. Closed forms leave rounding alone.
"""

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.discrete.discrete_model import NegativeBinomial

from casualties.errors import InputError
from casualties.inference import negative_binomial as nb
from casualties.inference import negative_binomial_kernels as kernels

REFERENCE = Path(__file__).parent / "reference"
GLMNB = pd.read_csv(REFERENCE / "glmnb.csv")
COUNTS = pd.read_csv(REFERENCE / "simulated_counts.csv")
TERMS = ["(Intercept)", "tt", *(f"dow{day}" for day in range(1, 7))]
SERIES = sorted(set(GLMNB["series"]))


def counts_of(series):
    return COUNTS.loc[COUNTS["series"] == series, "y"].to_numpy()


def design(n):
    """Give the design of the reference: constant, time in 30 days, six weekdays."""
    day = np.arange(n)
    return np.column_stack([np.ones(n), day / 30, *(day % 7 == number for number in range(1, 7))]).astype(float)


def reference_dispersion(y, mean):
    """Give the best dispersion at known means: a root of the score, its sums over j < y written out."""
    if ((y - mean) ** 2 - y).sum() <= 0:
        return 0.0
    index = np.arange(int(y.max()))
    above = (y[:, None] > index[None, :]).sum(axis=0)

    def score(point):
        alpha = math.exp(point)
        rest = np.log1p(alpha * mean) / alpha - mean / (1 + alpha * mean)
        gained = (above * alpha * index / (1 + alpha * index)).sum()
        return gained - (alpha * y * mean / (1 + alpha * mean)).sum() + rest.sum()

    return math.exp(optimize.brentq(score, math.log(1e-6), math.log(1e6), xtol=1e-15, rtol=1e-15))


def reference_fit(X, y, offset):
    """Give coefficients, standard errors and dispersion: Fisher scoring and dispersion in turns, until both stand."""
    beta, alpha = np.linalg.lstsq(X, np.log(y + 0.5) - offset, rcond=None)[0], 0.0
    for _ in range(1000):
        mean = np.exp(offset + X @ beta)
        information = X.T @ (X * (mean / (1 + alpha * mean))[:, None])
        step = np.linalg.solve(information, X.T @ ((y - mean) / (1 + alpha * mean)))
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-5:
            before, alpha = alpha, reference_dispersion(y, np.exp(offset + X @ beta))
            if np.abs(step).max() < 1e-13 and abs(alpha - before) <= 1e-10 * alpha:
                return beta, np.sqrt(np.diag(np.linalg.inv(information))), alpha
    raise RuntimeError("the reference did not settle")


@pytest.mark.parametrize("size", [0.3, 2.0, 50.0, math.inf])
@pytest.mark.parametrize(("n", "mean"), [(40, 3.0), (120, 0.8), (365, 20.0), (200, 400.0)])
def test_equals_the_plain_reference(n, mean, size):
    rng = np.random.default_rng(int(n + 10 * mean))
    offset = np.log(rng.uniform(0.3, 1.0, n))
    X = np.column_stack([np.ones(n), np.arange(n) / n, np.arange(n) % 7 == 4]).astype(float)
    level = np.exp(X @ [math.log(mean), 0.7, -0.3] + offset)
    y = rng.poisson(level if math.isinf(size) else rng.gamma(size, level / size)).astype(float)
    beta, errors, alpha = reference_fit(X, y, offset)
    found = nb.fit(X, y, offset)
    assert found.converged
    np.testing.assert_allclose(found.params, beta, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.standard_errors, errors, rtol=1e-9)
    assert found.dispersion == pytest.approx(alpha, rel=1e-8, abs=0.0)
    np.testing.assert_allclose(found.mean, np.exp(X @ found.params + offset), rtol=1e-12)
    assert nb.profile_dispersion(y, found.mean) == pytest.approx(alpha, rel=1e-8, abs=0.0)


@pytest.mark.parametrize("largest", [0, 1, 128, 129, 1000, 70_000])
@pytest.mark.parametrize("alpha", [1e-10, 1e-4, 0.3, 40.0, 1e5])
def test_sums_over_smaller_counts_keep_every_digit(largest, alpha):
    # Written out in extended precision; from 128 on the kernel uses Euler and Maclaurin's formula.
    y, mean = np.array([float(largest), 3.0, 0.0]), np.array([2.0, 4.0, 0.1])
    total = sum(np.log1p(np.longdouble(alpha) * np.arange(int(count), dtype=np.longdouble)).sum() for count in y)
    lost = ((y + np.longdouble(1) / alpha) * np.log1p(np.longdouble(alpha) * mean)).sum()
    scale = float(total + lost)
    assert kernels.dispersion_part(y, mean, alpha) == pytest.approx(float(total - lost), abs=1e-14 * scale)


@pytest.mark.parametrize("series", [name for name in SERIES if name != "poisson300"])
def test_equals_glm_nb(series):
    y = counts_of(series)
    rows = GLMNB[(GLMNB["series"] == series) & (GLMNB["model"] == "glm.nb")].set_index("term")
    assert rows.loc["converged_nwarn", ["estimate", "se"]].tolist() == [1.0, 0.0]
    found = nb.fit(design(len(y)), y)
    assert found.converged
    np.testing.assert_allclose(found.params, rows.loc[TERMS, "estimate"], atol=1e-6)
    np.testing.assert_allclose(found.standard_errors, rows.loc[TERMS, "se"], rtol=1e-6)
    assert 1.0 / found.dispersion == pytest.approx(rows.loc["theta", "estimate"], rel=1e-6)
    assert 2.0 * found.log_likelihood == pytest.approx(rows.loc["twologlik", "estimate"], rel=1e-9)
    without_trend = nb.fit(np.delete(design(len(y)), 1, axis=1), y)
    ratio = 2.0 * (found.log_likelihood - without_trend.log_likelihood)
    assert ratio == pytest.approx(rows.loc["anova_trend_LR", "estimate"], abs=1e-6)


def test_near_poisson_data_end_at_the_boundary_where_glm_nb_runs_away():
    # glm.nb stops at theta = 8e11 with two warnings, its log-likelihood spoilt by rounding: the likelihood rises all
    # the way to Poisson. Here the dispersion is exactly 0 and everything equals R's own Poisson regression. R's
    # standard errors belong to its last but one step, hence 1e-5.
    y = counts_of("poisson300")
    found = nb.fit(design(len(y)), y)
    rows = GLMNB[(GLMNB["series"] == "poisson300") & (GLMNB["model"] == "poisson")].set_index("term")
    runaway = GLMNB[(GLMNB["series"] == "poisson300") & (GLMNB["term"] == "theta")]["estimate"].iloc[0]
    assert runaway > 1e11
    assert found.dispersion == 0.0
    np.testing.assert_allclose(found.params, rows.loc[TERMS, "estimate"], atol=1e-6)
    np.testing.assert_allclose(found.standard_errors, rows.loc[TERMS, "se"], rtol=1e-5)
    assert found.log_likelihood == pytest.approx(stats.poisson.logpmf(y, found.mean).sum(), rel=1e-12)


@pytest.mark.parametrize("series", ["flat365", "ramp180", "short90", "step730"])
def test_statsmodels_finds_no_higher_likelihood(series):
    y = counts_of(series)
    found = nb.fit(design(len(y)), y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels warns when it does not converge; its value still counts
        peer = NegativeBinomial(y, design(len(y)))
        best = peer.fit(start_params=[*found.params, found.dispersion], method="bfgs", maxiter=500, disp=False)
    assert found.log_likelihood == pytest.approx(peer.loglike(np.append(found.params, found.dispersion)), rel=1e-10)
    assert best.llf <= found.log_likelihood + 1e-8 * abs(found.log_likelihood)


def test_offset_is_exposure():
    rng = np.random.default_rng(4)
    exposure = rng.uniform(0.2, 3.0, 200)
    y = rng.poisson(rng.gamma(2.0, 4.0 * exposure / 2.0))
    X = np.column_stack([np.ones(200), np.arange(200) / 100])
    plain = nb.fit(X, y, np.log(exposure))
    scaled = nb.fit(X, y, np.log(5.0 * exposure))
    assert scaled.params[0] == pytest.approx(plain.params[0] - math.log(5.0), abs=1e-8)
    assert scaled.params[1] == pytest.approx(plain.params[1], abs=1e-8)
    np.testing.assert_allclose(scaled.standard_errors, plain.standard_errors, rtol=1e-7)


def test_groups_alone_give_the_groups_means():
    y = np.array([1, 4, 0, 7, 30, 12, 55, 2])
    X = np.repeat(np.eye(2), 4, axis=0)
    np.testing.assert_allclose(np.exp(nb.fit(X, y).params), [3.0, 24.75], rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 200), min_size=3, max_size=60).filter(any))
def test_the_dispersion_is_the_best_one(counts):
    y = np.array(counts)
    mean = np.full(len(y), y.mean())
    alpha = nb.profile_dispersion(y, mean)
    top = nb.log_likelihood(y, mean, alpha)
    assert top >= nb.log_likelihood(y, mean, 0.0) - 1e-9 * (1 + abs(top))
    found = optimize.minimize_scalar(
        lambda point: -nb.log_likelihood(y, mean, math.exp(point)), bounds=(-14, 10), method="bounded"
    )
    assert top >= -found.fun - 1e-7 * (1 + abs(top))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 200), min_size=10, max_size=60).filter(lambda y: len(set(y)) > 1))
def test_the_dispersion_interval_is_the_test_turned_round(counts):
    y = np.array(counts)
    mean = np.full(len(y), y.mean())
    alpha = nb.profile_dispersion(y, mean)
    low, high = nb.dispersion_interval(y, mean, alpha, 0.9)
    assert low <= alpha <= high
    drop = 0.5 * stats.chi2.ppf(0.9, 1)
    for end in (low, high):
        if 0.0 < end < 1e5:
            assert nb.log_likelihood(y, mean, alpha) - nb.log_likelihood(y, mean, end) == pytest.approx(drop, abs=1e-5)


def test_likelihood_equals_scipy_and_meets_poisson_at_the_boundary():
    y, mean = np.array([0, 1, 5, 40, 300]), np.array([0.5, 2.0, 5.0, 30.0, 280.0])
    for alpha in (1e-3, 0.3, 2.0, 50.0):
        exact = stats.nbinom.logpmf(y, 1 / alpha, 1 / (1 + alpha * mean)).sum()
        assert nb.log_likelihood(y, mean, alpha) == pytest.approx(exact, rel=1e-10)
    poisson = stats.poisson.logpmf(y, mean).sum()
    assert nb.log_likelihood(y, mean, 0.0) == pytest.approx(poisson, rel=1e-12)
    for alpha in (1e-8, 1e-10, 1e-12):
        assert nb.log_likelihood(y, mean, alpha) == pytest.approx(poisson, rel=1e-3 * math.sqrt(alpha))


def test_wald_intervals_cover_simulated_truth():
    # 300 series of 120 days: the standard error of a coverage of .95 is .013; four of them, and two points for the
    # small-sample shortfall of Wald intervals, bound it.
    rng = np.random.default_rng(7)
    day = np.arange(120)
    X = np.column_stack([np.ones(120), day - 59.5])
    held = 0
    for _ in range(300):
        slope = rng.normal(0, 0.01)
        y = rng.poisson(rng.gamma(1.5, 6.0 * np.exp(slope * (day - 59.5)) / 1.5))
        found = nb.fit(X, y)
        held += abs(found.params[1] - slope) <= 1.959964 * found.standard_errors[1]
    assert 0.95 - 0.02 - 4 * 0.013 < held / 300 <= 1.0


def robust_cases():
    """Give series that break programs: short, sparse, huge, near Poisson, too even, spiked; at least one death each."""
    rng = np.random.default_rng(11)
    for n in (9, 14, 30, 90, 365):
        for mean in (0.05, 0.5, 5.0, 500.0, 1e7):
            for size in (0.1, 1.0, 1e3, 1e6, math.inf):
                for _ in range(3):
                    y = rng.poisson(mean if math.isinf(size) else rng.gamma(size, mean / size, n), n)
                    if y.any():
                        yield y
        yield from (np.eye(n, dtype=int)[n // 2], 900 * np.eye(n, dtype=int)[0], np.full(n, 4), np.arange(n))
        yield rng.binomial(20, 0.9, n)
        yield rng.poisson(2.0, n) + 3000 * (np.arange(n) == n - 1)
        yield np.where(np.arange(n) < n // 2, 0, rng.poisson(5.0, n)) + np.eye(n, dtype=int)[n - 1]
        yield np.where(np.arange(n) % 7 == 2, rng.poisson(3.0, n) + 1, 0)


def test_no_failure_and_no_warning_on_short_sparse_poisson_and_huge_counts():
    cases = list(robust_cases())
    assert len(cases) > 370
    for y in cases:
        found = nb.fit(design(len(y)), y)
        assert found.converged, y
        assert np.isfinite(found.params).all()
        assert np.isfinite(found.standard_errors).all()
        assert (found.standard_errors > 0).all()
        assert math.isfinite(found.log_likelihood)
        assert found.dispersion >= 0.0


def some_series():
    rng = np.random.default_rng(21)
    level, size = np.exp(rng.uniform(-1, 3, (150, 1))), np.exp(rng.uniform(-1, 2, (150, 1)))
    return rng.poisson(rng.gamma(size, level / size, (150, 60))).astype(float)


def test_many_series_give_what_one_at_a_time_gives():
    Y, X = some_series(), design(60)
    offsets = np.log(np.random.default_rng(1).uniform(0.2, 1.0, Y.shape))
    found = nb.fit_many(X, Y, offsets)
    assert found.converged.all()
    for k in range(0, 150, 10):
        one = nb.fit(X, Y[k], offsets[k])
        np.testing.assert_array_equal(found.params[k], one.params)
        np.testing.assert_array_equal(found.standard_errors[k], one.standard_errors)
        assert (found.dispersion[k], found.log_likelihood[k]) == (one.dispersion, one.log_likelihood)
    same = nb.fit_many(X, Y[:5], np.full(60, -0.5))
    assert same.params[3] == pytest.approx(nb.fit(X, Y[3], np.full(60, -0.5)).params)


def test_the_number_of_threads_changes_not_a_bit():
    Y, X = some_series(), design(60)
    first = nb.fit_many(X, Y, threads=1)
    for threads in (2, 5):
        other = nb.fit_many(X, Y, threads=threads)
        for name in ("params", "covariance", "dispersion", "log_likelihood", "iterations"):
            np.testing.assert_array_equal(getattr(first, name), getattr(other, name))


def test_days_that_were_not_observed_say_nothing():
    Y, X = some_series()[:20], design(60)
    missing = np.random.default_rng(2).random(Y.shape) < 0.2
    found = nb.fit_many(X, np.where(missing, np.nan, Y))
    for k in range(20):
        seen = ~missing[k]
        np.testing.assert_allclose(found.params[k], nb.fit(X[seen], Y[k, seen]).params, atol=1e-10)


def test_a_series_without_an_answer_is_marked_and_the_others_stand():
    Y, X = some_series()[:6], design(60)
    alone = nb.fit_many(X, Y).params[0]
    Y[1] = 0.0
    Y[2] = np.nan
    Y[3, 7:] = np.nan
    Y[4, 2::7] = np.nan  # one weekday is never observed
    found = nb.fit_many(X, Y)
    assert [bool(reason) for reason in found.reasons] == [False, True, True, True, True, False]
    assert found.reasons[1] == "all counts are zero, so that no coefficient is finite"
    assert "no count was observed" in found.reasons[2]
    assert "fewer observed counts" in found.reasons[3]
    assert "combination" in found.reasons[4]
    np.testing.assert_array_equal(found.params[0], alone)
    assert np.isnan(found.params[1:5]).all()
    assert np.isnan(found.dispersion[1:5]).all()
    assert not found.converged[1:5].any()
    assert nb.fit_many(X, np.empty((0, 60))).params.shape == (0, 8)


@pytest.mark.parametrize(
    ("X", "Y", "offset", "message"),
    [
        (np.ones((3, 1)), [[1, -2, 0]], None, "whole numbers, none negative"),
        (np.ones((3, 1)), [[1, math.inf, 0]], None, "whole numbers, none negative"),
        (np.ones((3, 1)), [1, 2, 3], None, "shape"),
        (np.ones((3, 1)), [[1, 2, 3]] * 2, np.zeros((3, 3)), "offset has shape"),
        (np.ones((3, 1)), [[1, 2, 3]], [0.0, math.nan, 0.0], "missing or infinite"),
        (np.ones((3, 2)), [[1, 2, 3]], None, "combination"),
    ],
)
def test_many_that_cannot_be_read_are_named(X, Y, offset, message):
    with pytest.raises(InputError, match=message):
        nb.fit_many(X, Y, offset)


def test_a_weekday_without_deaths_leaves_the_trend_alone():
    rng = np.random.default_rng(3)
    day = np.arange(140)
    y = rng.poisson(4.0, 140) * (day % 7 != 3)
    whole = nb.fit(design(140), y)
    kept = day % 7 != 3
    X = np.delete(design(140), 4, axis=1)[kept]  # without the column of the weekday that has no deaths
    part = nb.fit(X, y[kept])
    assert whole.params[1] == pytest.approx(part.params[1], abs=1e-6)
    assert whole.standard_errors[4] > 1e3
    assert whole.params[4] < -10


@pytest.mark.parametrize(
    ("X", "y", "offset", "message"),
    [
        (
            np.column_stack([np.ones(5), 2 * np.ones(5)]),
            [1, 2, 3, 4, 5],
            None,
            "column . of the design is a combination",
        ),
        (np.column_stack([np.ones(5), np.zeros(5)]), [1, 2, 3, 4, 5], None, "column 1 of the design holds only zeros"),
        (np.ones((2, 3)), [1, 2], None, "3 coefficients cannot be fitted to 2 counts"),
        (np.ones((3, 1)), [0, 0, 0], None, "all counts are zero"),
        (np.ones((3, 1)), [1, -2, 0], None, "whole numbers, none negative"),
        (np.ones((3, 1)), [1, 0.5, 0], None, "whole numbers, none negative"),
        (np.ones((3, 1)), [1, math.nan, 0], None, "missing or infinite"),
        (np.ones((3, 1)), [1, 2], None, "shape"),
        (np.ones((3, 1)), [1, 2, 3], [0.0], "offset has shape"),
        (np.ones((3, 1)), [1, 2, 3], [0.0, -math.inf, 0.0], "missing or infinite"),
    ],
)
def test_what_cannot_be_fitted_is_named(X, y, offset, message):
    with pytest.raises(InputError, match=message):
        nb.fit(X, y, offset)
