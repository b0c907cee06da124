"""The thinning engine: chain-ladder factors of R, delays from their own expectations, closed forms by simulation."""

import csv

import numpy as np
import pytest
from scipy import special, stats

from casualties.inference.thinning import chain_ladder, fit_delays, fit_rates, sample_hidden

MASSES = np.array([0.4, 0.3, 0.2, 0.1])


def hidden_after(cells, newest=None):
    """Hide what is not known when the last row is new."""
    made = np.array(cells, dtype=float)
    rows, delays = made.shape
    made[np.add.outer(np.arange(rows), np.arange(delays)) > (rows - 1 if newest is None else newest)] = np.nan
    return made


@pytest.fixture(scope="module")
def reference(root):
    with (root / "tests/reference/nowcast.csv").open() as file:
        rows = {(row["dataset"], row["method"], row["item"]): row["value"] for row in csv.DictReader(file)}
    return {key: np.array([float(part) for part in value.split(";")]) for key, value in rows.items()}


@pytest.fixture(scope="module")
def triangle(root):
    with (root / "tests/reference/triangle.csv").open() as file:
        return np.array([[int(row[f"d{delay}"]) for delay in range(21)] for row in csv.DictReader(file)])


@pytest.fixture(scope="module")
def outbreak(root):
    with (root / "tests/reference/hus_o104.csv").open() as file:
        rows = [[float(row[f"d{delay}"] or "nan") for delay in range(16)] for row in csv.DictReader(file)]
    return np.array(rows)


def test_chain_ladder_equals_r(triangle, reference):
    factors, final = chain_ladder(hidden_after(triangle[160:]))
    np.testing.assert_allclose(factors, reference["triangle", "chainladder.factors", "f"], atol=1e-9)
    np.testing.assert_allclose(final, reference["triangle", "chainladder.ultimate d161..200", "u"], atol=1e-8)


def test_chain_ladder_of_an_outbreak_is_lawless_nowcast(outbreak, reference):
    known = np.nansum(outbreak, axis=1)[-14:]
    assert known.tolist() == reference["husO104", "available", "n"].tolist()
    final = chain_ladder(outbreak)[1][-14:]
    # R gives medians of an approximate distribution, in whole numbers.
    assert np.abs(final - reference["husO104", "nowcast.lawless", "pred"]).max() < 1.4


def test_delays_are_recovered_from_their_own_expected_triangle():
    rng = np.random.default_rng(1)
    expected = rng.uniform(5, 80, size=(60, 1)) * MASSES
    fitted = fit_delays(hidden_after(expected))
    np.testing.assert_allclose(fitted.pmf, MASSES, atol=1e-6)
    np.testing.assert_allclose(fitted.drift, 0.0, atol=1e-6)
    np.testing.assert_allclose(fitted.share([0, 30])[1], np.cumsum(MASSES), atol=1e-6)


def test_without_drift_hazards_are_those_of_the_chain_ladder(triangle):
    cells = hidden_after(triangle[100:180])
    fitted = fit_delays(cells, drift=False)
    factors, _ = chain_ladder(cells)
    left = 1 / np.concatenate([np.cumprod(factors[::-1])[::-1], [1.0]])
    # The triangle has no clumps, so that every death weighs nearly the same.
    np.testing.assert_allclose(fitted.share()[0], left, atol=0.01)
    np.testing.assert_allclose(fitted.drift, 0.0, atol=1e-6)


def test_a_drift_is_found_and_carried_to_the_newest_row():
    rows = np.arange(100)
    speed = 0.5 * (1 - 0.6 * rows / 100)
    mass = np.exp(-speed[:, None] * np.arange(15))
    mass /= mass.sum(axis=1, keepdims=True)
    cells = hidden_after(200 * mass)
    drifting, held = fit_delays(cells), fit_delays(cells, drift=False)
    truth = np.cumsum(mass[-1])
    assert np.abs(drifting.share()[0] - truth).max() < 0.05
    assert np.abs(held.share()[0] - truth).max() > 0.08
    assert drifting.drift[0] > 0.05


@pytest.mark.parametrize(("clumps", "low", "high"), [(8.0, 4.0, 16.0), (None, 200.0, 2000.0)])
def test_clumps_are_told_from_single_deaths(clumps, low, high):
    rng = np.random.default_rng(2)
    rows = [
        rng.multinomial(30, MASSES if clumps is None else rng.dirichlet(clumps * MASSES)).astype(float)
        for _ in range(150)
    ]
    fitted = fit_delays(hidden_after(rows))
    assert low < np.exp(fitted.concentration_weight @ np.log(fitted.concentration)) < high


def test_shares_are_drawn_around_the_fitted_ones():
    rng = np.random.default_rng(3)
    cells = hidden_after(rng.poisson(30 * MASSES, size=(80, 4)))
    fitted = fit_delays(cells)
    back, age = np.arange(3)[::-1], np.array([2, 1, 0])
    drawn, _ = fitted.sample_share(back, age, 4000, rng)
    point = fitted.share(back)[np.arange(3), age]
    np.testing.assert_allclose(drawn.mean(axis=0), point, atol=0.02)
    assert (drawn.std(axis=0) > 0.005).all()
    assert (drawn.std(axis=0) < 0.1).all()


def test_rates_are_found_behind_partly_reported_counts():
    rng = np.random.default_rng(4)
    share = np.concatenate([np.ones(20), np.linspace(1.0, 0.2, 8)])
    found = []
    for _ in range(60):
        counts = rng.poisson(rng.gamma(3.0, 20.0 * share / 3.0))
        rates = fit_rates(counts, share)
        rate, size = rates.sample([0], np.zeros((400, 28)), rng)
        found.append((np.quantile(rate, 0.05) < 20.0 < np.quantile(rate, 0.95), np.median(rate), np.median(size)))
    held, middle, sizes = np.array(found).T
    assert held.mean() > 0.75
    assert 17 < middle.mean() < 24
    assert 2 < np.median(sizes) < 6


def test_a_lower_share_means_a_higher_rate():
    counts, share = np.full(28, 10), np.concatenate([np.ones(14), np.full(14, 0.5)])
    rates = fit_rates(counts, share)
    off = np.zeros((2000, 28))
    same, _ = rates.sample([0], off, np.random.default_rng(5))
    off[:, 14:] = np.log(0.8)
    less, _ = rates.sample([0], off, np.random.default_rng(5))
    moved = fit_rates(counts, share * np.exp(off[0]))
    # To first order it is the fit with the lower share.
    change = np.log(less / same).mean()
    refitted = (moved.weight @ moved.mean - rates.weight @ rates.mean)[0]
    assert change == pytest.approx(refitted, rel=0.15)
    assert change > 0.1


def test_hidden_deaths_follow_their_posterior():
    # Beta-binomial thinning of a negative binomial: the posterior of the final count by summation.
    number, share, tight, rate, size = 6, 0.4, 5.0, 20.0, 1.5
    every = np.arange(number, 2000)
    log_prior = stats.nbinom.logpmf(every, size, size / (size + rate))
    a, b = tight * share, tight * (1 - share)
    log_like = (
        special.gammaln(every + 1)
        - special.gammaln(every - number + 1)
        + special.betaln(number + a, every - number + b)
        - special.betaln(a, b)
    )
    exact = np.exp(log_prior + log_like - (log_prior + log_like).max())
    exact /= exact.sum()
    n = 60_000
    ones = np.ones(n)
    rng = np.random.default_rng(6)
    drawn = number + sample_hidden(
        [number], share * ones[:, None], tight * ones, rate * ones[:, None], size * ones, rng
    )
    assert drawn.mean() == pytest.approx((exact * every).sum(), rel=0.03)
    for part in (0.05, 0.5, 0.95):
        end = every[np.searchsorted(np.cumsum(exact), part)]
        assert (drawn <= end).mean() == pytest.approx(np.cumsum(exact)[end - number], abs=0.015)


@pytest.mark.parametrize("share", [1e-9, 0.003, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("tight", [0.2, 5.0, 2000.0])
@pytest.mark.parametrize("number", [0, 3, 5000])
def test_hidden_deaths_are_finite_everywhere(share, tight, number):
    n = 200
    ones = np.ones(n)
    rng = np.random.default_rng(7)
    drawn = sample_hidden([number], share * ones[:, None], tight * ones, 10.0 * ones[:, None], ones, rng)
    assert (drawn >= 0).all()
    if share == 1.0:
        assert (drawn == 0).mean() > 0.99
