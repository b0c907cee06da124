"""The hidden AR(1) engine: dense reference, exact integrals, gradients, limits, recovery of truth, and refusals.

Tolerances. Against the dense reference the mode is sought to 1e-20 in the Newton decrement, so that 1e-8 is left to the
linear algebra. Laplace's approximation is not exact: a tiny case is held to 0.05 of the log evidence.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, special, stats

from casualties.errors import InputError
from casualties.inference import negative_binomial
from casualties.inference.latent_ar import (
    DEFAULT_GRID,
    LatentGrid,
    fit_latent_ar,
    fit_latent_ar_many,
    latent_days,
    left_out_tails,
    weekday_contrasts,
    weekday_design,
    weekday_precision,
)
from casualties.inference.latent_laplace import laplace, log_constants, mixture_bands, mixture_quantile

NAN = float("nan")
EXACT = 1e-20
CASES = [  # days, phi, sd, size, missing
    (12, 0.0, 0.4, 2.0, False),
    (20, 0.7, 0.8, 0.5, False),
    (20, 0.95, 1.5, 10.0, True),
    (15, 0.0, 0.0, 3.0, True),
    (2, 0.5, 0.3, 1.0, False),
    (1, 0.5, 0.3, 1.0, False),
]


def ar_covariance(n, phi, sd):
    return sd**2 * phi ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))


def data(n, seed=0, missing=False, growth=0.03):
    rng = np.random.default_rng(seed)
    day = np.arange(n) - (n - 1) / 2
    X = np.column_stack([np.ones(n), day, rng.standard_normal(n)])
    y = rng.poisson(rng.gamma(2.0, 5.0 * np.exp(growth * day) / 2.0)).astype(float)
    if missing:
        y[[3, 4, n - 1]] = NAN
    return y, X, rng.uniform(-0.5, 0.5, n), np.array([0.01, 1.0, 4.0])


def nb_log(y, eta, size):
    mu = np.exp(eta)
    constant = special.gammaln(y + size) - special.gammaln(size) - special.gammaln(y + 1)
    return constant + size * np.log(size / (size + mu)) + y * np.log(mu / (size + mu))


def reference(y, X, offset, phi, sd, size, precision):
    """Laplace's approximation with dense matrices: log evidence, mode of (b, z), covariance of b, moments of z_n."""
    seen = ~np.isnan(y)
    n, p = X.shape
    hidden = sd > 0
    B = np.hstack([X, np.eye(n)]) if hidden else X
    prior = np.diag(precision)
    if hidden:
        Q = np.linalg.inv(ar_covariance(n, phi, sd))
        prior = np.block([[prior, np.zeros((p, n))], [np.zeros((n, p)), Q]])
    v = np.zeros(len(prior))
    for _ in range(200):
        mu = np.exp(offset + B @ v)
        g = np.where(seen, (np.nan_to_num(y) - mu) / (1 + mu / size), 0.0)
        W = np.where(seen, mu * (1 + np.nan_to_num(y) / size) / (1 + mu / size) ** 2, 0.0)
        H = B.T @ (B * W[:, None]) + prior
        step = np.linalg.solve(H, B.T @ g - prior @ v)
        v = v + step * min(1.0, 2.0 / np.abs(B @ step).max())
        if np.abs(step).max() < 1e-13:
            break
    value = nb_log(y[seen], (offset + B @ v)[seen], size).sum() - 0.5 * v @ prior @ v
    evidence = value + 0.5 * np.linalg.slogdet(prior)[1] - 0.5 * np.linalg.slogdet(H)[1]
    joint = np.linalg.inv(H)
    return evidence, v, joint[:p, :p], joint, B


def solve(y, X, offset, phi, sd, size, precision, tolerance=EXACT):
    n, p = X.shape
    seen = ~np.isnan(y)
    filled = np.nan_to_num(y)
    beta, z = np.zeros(p), np.zeros(n)
    covariance, pivots, borders = np.empty((p, p)), np.empty(n), np.empty((n, p))
    value, settled = laplace(
        filled, seen, X, offset, phi, sd, size, precision, beta, z, tolerance, covariance, pivots, borders
    )
    return value + log_constants(filled, seen, size), settled, beta, z, covariance, pivots, borders


@pytest.mark.parametrize("case", CASES)
def test_equals_the_dense_reference(case):
    n, phi, sd, size, missing = case
    y, X, offset, precision = data(n, missing=missing)
    evidence, mode, spread, joint, _ = reference(y, X, offset, phi, sd, size, precision)
    value, settled, beta, z, covariance, pivots, borders = solve(y, X, offset, phi, sd, size, precision)
    assert settled
    assert value == pytest.approx(evidence, abs=1e-8)
    np.testing.assert_allclose(beta, mode[:3], atol=1e-8)
    np.testing.assert_allclose(covariance, spread, atol=1e-8)
    if sd > 0:
        np.testing.assert_allclose(z, mode[3:], atol=1e-8)
        # The last day: its variance and its covariance with the coefficients.
        assert 1 / pivots[-1] + borders[-1] @ covariance @ borders[-1] == pytest.approx(joint[-1, -1], abs=1e-8)
        np.testing.assert_allclose(-covariance @ borders[-1], joint[:3, -1], atol=1e-8)


@pytest.mark.parametrize("case", CASES[:3])
def test_the_usual_tolerance_is_near_enough(case):
    n, phi, sd, size, missing = case
    y, X, offset, precision = data(n, missing=missing)
    value, _, beta, *_ = solve(y, X, offset, phi, sd, size, precision, tolerance=1e-8)
    exact, _, best, *_ = solve(y, X, offset, phi, sd, size, precision)
    assert value == pytest.approx(exact, abs=1e-4)
    np.testing.assert_allclose(beta, best, atol=1e-4)


@pytest.mark.parametrize("case", CASES[:4])
def test_the_gradient_vanishes_at_the_mode(case):
    n, phi, sd, size, missing = case
    y, X, offset, precision = data(n, missing=missing)
    _, _, beta, z, *_ = solve(y, X, offset, phi, sd, size, precision)
    seen = ~np.isnan(y)
    Q = np.linalg.inv(ar_covariance(n, phi, sd)) if sd > 0 else np.zeros((n, n))

    def log_posterior(v):
        b, hidden = v[:3], v[3:] if sd > 0 else np.zeros(n)
        eta = offset + X @ b + hidden
        return nb_log(y[seen], eta[seen], size).sum() - 0.5 * (b @ (precision * b) + hidden @ Q @ hidden)

    at = np.r_[beta, z] if sd > 0 else beta
    np.testing.assert_allclose(optimize.approx_fprime(at, log_posterior, 1e-6), 0, atol=2e-3)
    for direction in np.eye(len(at))[:4]:
        assert log_posterior(at) > log_posterior(at + 0.01 * direction)


def test_evidence_against_numerical_integration():
    y, phi, sd, size = np.array([2.0, 5.0]), 0.6, 0.5, 3.0
    precision = np.array([0.25])
    Q = np.linalg.inv(ar_covariance(2, phi, sd))

    nodes, weights = np.polynomial.legendre.leggauss(40)
    z0, z1, b = np.meshgrid(2.5 * nodes, 2.5 * nodes, 6 * nodes, indexing="ij")
    volume = 2.5 * 2.5 * 6 * np.einsum("i,j,k->ijk", weights, weights, weights)
    square = Q[0, 0] * z0**2 + 2 * Q[0, 1] * z0 * z1 + Q[1, 1] * z1**2
    prior = math.sqrt(np.linalg.det(Q)) / (2 * math.pi) * np.exp(-0.5 * square) * stats.norm(0, 2).pdf(b)
    total = (volume * prior * np.exp(nb_log(2.0, b + z0, size) + nb_log(5.0, b + z1, size))).sum()
    value, *_ = solve(y, np.ones((2, 1)), np.zeros(2), phi, sd, size, precision)
    assert value == pytest.approx(math.log(total), abs=0.05)


def test_one_coefficient_against_quadrature():
    """A single coefficient and independent days: posterior mean and standard deviation by quadrature."""
    y = np.random.default_rng(3).poisson(6.0, 30).astype(float)
    posterior = fit_latent_ar(y, np.ones((30, 1)), grid=LatentGrid.of([0.0], [0.0], [4.0]))

    def weight(b):
        return math.exp(nb_log(y, np.full(30, b), 4.0).sum() + 90.0 - 0.5 * 1e-4 * b * b)

    total, first, second = (
        integrate.quad(lambda b, power=power: weight(b) * b**power, 0.5, 3, epsabs=0, limit=200)[0]
        for power in range(3)
    )
    assert posterior.mean([1.0]) == pytest.approx(first / total, abs=5e-3)
    assert posterior.standard_deviation([1.0]) == pytest.approx(
        math.sqrt(second / total - (first / total) ** 2), rel=0.02
    )
    prior = stats.norm(0, 100).pdf(0)
    assert posterior.log_evidence == pytest.approx(math.log(total * prior) - 90.0, abs=0.01)


def test_without_a_hidden_process_it_is_the_regression():
    dates = pd.date_range("2023-01-02", periods=84)
    X = weekday_design(dates, trend=True)
    rng = np.random.default_rng(4)
    y = rng.poisson(rng.gamma(2.0, 8.0 * np.exp(0.01 * X[:, 1]) / 2.0)).astype(float)
    found = negative_binomial.fit(X, y)
    flat = np.full(8, 1e-10)
    for sd in (0.0, 1e-3):
        grid = LatentGrid.of([0.0], [sd], [1 / found.dispersion])
        posterior = fit_latent_ar(y, X, prior_precision=flat, grid=grid)
        np.testing.assert_allclose(posterior.coefficients[0], found.params, atol=1e-4)
        # Observed instead of expected information.
        np.testing.assert_allclose(np.sqrt(np.diag(posterior.covariance[0])), found.standard_errors, rtol=0.1)


def test_mixture_over_the_grid_by_hand():
    y, X, offset, precision = data(25, seed=2)
    grid = LatentGrid.of([0.3, 0.9], [0.0, 0.5], [1.0, 4.0], sd_weights=[0.6, 0.4])
    posterior = fit_latent_ar(y, X, offset=offset, prior_precision=precision, grid=grid)
    points = [(phi, sd, size) for phi in grid.phi for sd in grid.sd for size in grid.size if sd > 0 or phi == 0.3]
    found = [solve(y, X, offset, *point, precision) for point in points]
    prior = [0.6 / 2 if sd == 0 else 0.4 / 4 for _, sd, _ in points]
    logs = np.array([each[0] for each in found]) + np.log(prior)
    weights = np.exp(logs - special.logsumexp(logs))
    assert posterior.log_evidence == pytest.approx(special.logsumexp(logs), abs=1e-4)
    means, errors = np.array([each[2][1] for each in found]), np.sqrt([each[4][1, 1] for each in found])
    row = [0, 1, 0]
    assert posterior.mean(row) == pytest.approx(weights @ means, abs=1e-5)
    assert posterior.probability_positive(row) == pytest.approx(weights @ stats.norm.cdf(means / errors), abs=1e-4)
    low, high = posterior.interval(row, 0.9)
    for end, share in ((low, 0.05), (high, 0.95)):
        assert weights @ stats.norm.cdf((end - means) / errors) == pytest.approx(share, abs=1e-3)
    variance = weights @ (errors**2 + means**2) - (weights @ means) ** 2
    assert posterior.standard_deviation(row) == pytest.approx(math.sqrt(variance), rel=1e-3)


def test_walking_the_grid_loses_nothing_that_matters():
    rng = np.random.default_rng(5)
    dates = pd.date_range("2023-01-02", periods=70)
    X, precision = weekday_design(dates, trend=True), weekday_precision(trend=True)
    row = np.eye(8)[1]
    for hidden in (False, True):
        z = np.zeros(70)
        for day in range(1, 70):
            z[day] = 0.9 * z[day - 1] + hidden * 0.3 * rng.standard_normal()
        y = rng.poisson(rng.gamma(2.0, 6.0 * np.exp(z) / 2.0)).astype(float)
        posterior = fit_latent_ar(y, X, prior_precision=precision)
        logs, means, errors = [], [], []
        for (a, b, c), prior in np.ndenumerate(DEFAULT_GRID.log_prior):
            if prior > -np.inf:
                point = (DEFAULT_GRID.phi[a], DEFAULT_GRID.sd[b], DEFAULT_GRID.size[c])
                value, _, beta, _, covariance, *_ = solve(y, X, np.zeros(70), *point, precision, 1e-8)
                logs.append(value + prior)
                means.append(beta[1])
                errors.append(math.sqrt(covariance[1, 1]))
        weights = np.exp(np.array(logs) - special.logsumexp(logs))
        assert posterior.visits < len(weights)
        assert posterior.log_evidence == pytest.approx(special.logsumexp(logs), abs=0.05)
        width = np.ptp(posterior.interval(row, 0.95))
        for end, share in zip(posterior.interval(row, 0.95), (0.025, 0.975), strict=True):
            whole = mixture_quantile(weights, np.array(means), np.array(errors), share)
            assert end == pytest.approx(whole, abs=0.02 * width)


def test_quantiles_of_mixtures():
    weights, means, errors = np.array([0.3, 0.7]), np.array([-1.0, 4.0]), np.array([0.5, 1e-3])
    for share in (0.001, 0.1, 0.3, 0.6, 0.999):
        x = mixture_quantile(weights, means, errors, share)
        assert weights @ stats.norm.cdf((x - means) / errors) == pytest.approx(share, abs=1e-6)
    bands = mixture_bands(
        weights, np.column_stack([means, -means]), np.column_stack([errors] * 2), np.array([0.2, 0.8])
    )
    assert bands[0, 0] == pytest.approx(mixture_quantile(weights, means, errors, 0.2))
    np.testing.assert_allclose(bands[:, 1], -bands[::-1, 0])


def simulated(rng, n, phi, sd, size=3.0, level=10.0):
    z = np.empty(n)
    z[0] = sd * rng.standard_normal()
    for day in range(1, n):
        z[day] = phi * z[day - 1] + sd * math.sqrt(1 - phi**2) * rng.standard_normal()
    return rng.poisson(rng.gamma(size, level * np.exp(z) / size)).astype(float)


def test_long_series_tell_their_hyperparameters():
    y = simulated(np.random.default_rng(6), 1500, 0.95, 0.8)
    posterior = fit_latent_ar(y, np.ones((1500, 1)))
    assert posterior.weights @ posterior.phi == pytest.approx(0.95, abs=0.03)
    assert posterior.weights @ posterior.sd == pytest.approx(0.8, abs=0.25)
    assert posterior.weights @ posterior.size == pytest.approx(3.0, rel=0.3)
    low, high = posterior.interval([1.0], 0.99)
    assert low < math.log(10) < high


def test_independent_days_are_found_independent():
    y = simulated(np.random.default_rng(7), 1000, 0.0, 0.0)
    posterior = fit_latent_ar(y, np.ones((1000, 1)))
    # Short memory cannot be told from scatter; long memory can.
    assert posterior.weights[(posterior.phi > 0.9) & (posterior.sd > 0.2)].sum() < 0.01


def test_days_not_observed_say_nothing():
    y, X, offset, precision = data(30, seed=8)
    gone = y.copy()
    gone[[0, 7, 8, 29]] = NAN
    one = fit_latent_ar(gone, X, offset=offset, prior_precision=precision)
    shift = offset.copy()
    shift[[0, 7, 8, 29]] = -np.inf
    two = fit_latent_ar(y, X, offset=shift, prior_precision=precision)
    np.testing.assert_array_equal(one.weights, two.weights)
    np.testing.assert_array_equal(one.coefficients, two.coefficients)
    # Days without observation before and after the others change nothing but rounding.
    padded = fit_latent_ar(
        np.r_[[NAN] * 5, y, [NAN] * 3],
        np.vstack([np.zeros((5, 3)), X, np.zeros((3, 3))]),
        offset=np.r_[np.zeros(5), offset, np.zeros(3)],
        prior_precision=precision,
    )
    plain = fit_latent_ar(y, X, offset=offset, prior_precision=precision)
    assert padded.log_evidence == pytest.approx(plain.log_evidence, abs=1e-4)
    assert padded.mean([0, 1, 0]) == pytest.approx(plain.mean([0, 1, 0]), abs=1e-5)


def test_exposure_multiplies_the_mean():
    y, X, _, precision = data(40, seed=9)
    precision = precision.copy()
    precision[0] = 1e-8
    half = fit_latent_ar(y, X, offset=np.full(40, math.log(0.5)), prior_precision=precision)
    whole = fit_latent_ar(y, X, prior_precision=precision)
    assert half.mean([1, 0, 0]) - whole.mean([1, 0, 0]) == pytest.approx(math.log(2), abs=1e-3)
    assert half.mean([0, 1, 0]) == pytest.approx(whole.mean([0, 1, 0]), abs=1e-5)


def test_tail_and_paths_tell_the_same():
    y = simulated(np.random.default_rng(10), 90, 0.9, 0.6)
    dates = pd.date_range("2023-01-02", periods=92)
    X = weekday_design(dates, trend=False)
    posterior = fit_latent_ar(y, X[:90], prior_precision=weekday_precision(trend=False))
    paths = posterior.sample_paths(X[90:], [0.0, math.log(0.5)], 40_000, np.random.default_rng(11))
    assert paths.shape == (40_000, 2)
    assert paths.dtype == np.int64
    for count in (0, 3, 10, 40):
        at_least, above = posterior.tail(count, X[90])
        error = 4 * math.sqrt(0.25 / 40_000)
        assert (paths[:, 0] >= count).mean() == pytest.approx(at_least, abs=error)
        assert (paths[:, 0] > count).mean() == pytest.approx(above, abs=error)
    assert posterior.tail(0, X[90])[0] == pytest.approx(1.0)
    again = posterior.sample_paths(X[90:], [0.0, math.log(0.5)], 40_000, np.random.default_rng(11))
    np.testing.assert_array_equal(paths, again)


def test_days_and_leaving_one_out():
    y, X, offset, precision = data(25, seed=12)
    y[5], offset[5] = NAN, 0.0
    phi, sd, size = 0.8, 0.5, 3.0
    grid = LatentGrid.of([phi], [sd], [size])
    posterior = fit_latent_ar(y, X, offset=offset, prior_precision=precision, grid=grid)
    days = latent_days(posterior, y, X, offset=offset, prior_precision=precision)
    _, mode, _, joint, B = reference(y, X, offset, phi, sd, size, precision)
    np.testing.assert_allclose(days.mean[0], offset + B @ mode, atol=1e-4)
    np.testing.assert_allclose(days.variance[0], np.einsum("ij,jk,ik->i", B, joint, B), atol=1e-4)
    # Against a fit without the day.
    below, up_to = left_out_tails(days, y)
    assert np.isnan(below[5])
    for day in (0, 10, 24):
        without = y.copy()
        without[day] = NAN
        other = fit_latent_ar(without, X, offset=offset, prior_precision=precision, grid=grid)
        moments = latent_days(other, without, X, offset=offset, prior_precision=precision)
        assert days.left_out_mean[0, day] == pytest.approx(offset[day] + moments.mean[0, day], abs=0.03)
        assert days.left_out_variance[0, day] == pytest.approx(moments.variance[0, day], rel=0.05)
        draws = np.random.default_rng(13).normal(
            days.left_out_mean[0, day], math.sqrt(days.left_out_variance[0, day]), 4000
        )
        share = stats.nbinom.cdf(y[day], size, size / (size + np.exp(draws))).mean()
        assert up_to[day] == pytest.approx(share, abs=0.02)
        assert below[day] <= up_to[day]


def test_threads_change_nothing():
    rng = np.random.default_rng(14)
    counts = [simulated(rng, 40, 0.8, 0.5) for _ in range(40)]
    designs = [np.ones((40, 1))] * 40
    one, two = (fit_latent_ar_many(counts, designs, threads=threads) for threads in (1, 3))
    for a, b, y in zip(one, two, counts, strict=True):
        assert a.log_evidence == b.log_evidence
        np.testing.assert_array_equal(a.coefficients, b.coefficients)
        assert a.log_evidence == fit_latent_ar(y, np.ones((40, 1))).log_evidence


@pytest.mark.parametrize(
    "y",
    [
        [0.0] * 60,
        [1e9] * 40,
        [0.0] * 30 + [1e6] + [0.0] * 30,
        [NAN] * 59 + [3.0],
        [0.0, 1000.0] * 30,
        list(np.floor(np.exp(np.arange(60) / 3.0))),
        [5.0] * 60,
    ],
)
def test_hostile_counts_end_in_finite_numbers(y):
    X = weekday_design(pd.date_range("2023-01-02", periods=len(y)), trend=True)
    posterior = fit_latent_ar(y, X, prior_precision=weekday_precision(trend=True))
    assert math.isfinite(posterior.log_evidence)
    assert np.isfinite(posterior.coefficients).all()
    low, high = posterior.interval(np.eye(8)[1], 0.95)
    assert math.isfinite(low)
    assert low < high
    assert posterior.weights.sum() == pytest.approx(1)


def test_twenty_years_end():
    y = np.random.default_rng(15).poisson(3.0, 7300).astype(float)
    posterior = fit_latent_ar(y, np.ones((7300, 1)))
    assert posterior.mean([1.0]) == pytest.approx(math.log(3), abs=0.05)


def test_weekdays_are_treated_alike():
    contrasts = weekday_contrasts()
    spread = contrasts @ contrasts.T
    np.testing.assert_allclose(np.diag(spread), 6 / 7)
    np.testing.assert_allclose(spread[~np.eye(7, dtype=bool)], -1 / 7)
    design = weekday_design(pd.date_range("2023-01-01", periods=7), trend=False)  # a Sunday
    np.testing.assert_allclose(design[0, 1:], contrasts[6])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": [1.0, -1.0, 2.0]}, "none negative"),
        ({"counts": [1.0, 0.5, 2.0]}, "whole numbers"),
        ({"counts": [NAN] * 3}, "no day was observed"),
        ({"counts": [1.0, 2.0]}, "as many rows"),
        ({"design": [[1.0], [NAN], [1.0]]}, "must be finite"),
        ({"offset": [0.0, 0.0]}, "do not fit"),
        ({"offset": [0.0, np.inf, 0.0]}, "must be finite"),
        ({"prior_precision": [0.0]}, "above 0"),
        ({"prior_precision": [1.0, 1.0]}, "do not fit"),
    ],
)
def test_what_cannot_be_fitted(change, message):
    given = {"counts": [1.0, 2.0, 3.0], "design": [[1.0]] * 3} | change
    with pytest.raises(InputError, match=message):
        fit_latent_ar(**given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phi": [0.5, 1.0]}, "values of phi"),
        ({"sd": [0.5, 0.2]}, "values of sd"),
        ({"size": [0.0, 1.0]}, "values of size"),
        ({"size_weights": [1.0, -1.0]}, "one weight"),
        ({"sd_weights": [1.0]}, "one weight"),
    ],
)
def test_what_is_no_grid(change, message):
    with pytest.raises(InputError, match=message):
        LatentGrid.of(**({"phi": [0.5, 0.9], "sd": [0.0, 0.5], "size": [1.0, 2.0]} | change))
