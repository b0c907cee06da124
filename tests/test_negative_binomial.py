"""Negative-binomial regression against R's glm.nb, statsmodels, closed forms, and series that break other programs.

Tolerances. R stops at a relative change of 1e-8 in the deviance, which leaves up to about 1e-7 in coefficients and
standard errors; 1e-6 is asked, absolute for coefficients (some are near zero) and relative for the rest. statsmodels
is asked for a log-likelihood no higher than ours by more than 1e-8 of itself. Closed forms leave rounding alone.
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
    rng = np.random.default_rng(11)
    for n in (9, 14, 30, 90, 365):
        for mean in (0.05, 0.5, 5.0, 500.0, 1e7):
            for size in (0.1, 1.0, 1e6):
                for _ in range(3):
                    y = rng.poisson(rng.gamma(size, mean / size, n))
                    if y.any():
                        yield n, y


def test_no_failure_and_no_warning_on_short_sparse_poisson_and_huge_counts():
    for n, y in robust_cases():
        found = nb.fit(design(n), y)
        assert found.converged, (n, y)
        assert np.isfinite(found.params).all()
        assert np.isfinite(found.standard_errors).all()
        assert math.isfinite(found.log_likelihood)
        assert found.dispersion >= 0.0


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
