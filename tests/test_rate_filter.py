"""The rate filter against enumeration, against an independent program, and against itself.

Tolerances. Enumeration sums the same finite model by another route, so 1e-10 (relative for the evidence, absolute for
probabilities) leaves only rounding. The coal-mining reference integrates over a continuous rate; a grid of 400 points
over all rates that matter differs from it by quadrature alone, which is below 1e-7 here; 1e-6 is asked. Simulated
checks pool many series and allow four Monte-Carlo standard errors, so that a seed decides nothing.
"""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from casualties.errors import InputError
from casualties.inference.rate_filter import filter_rates, grid_quantiles, log_grid

REFERENCE = Path(__file__).parent / "reference"
NAN = float("nan")


def day_probability(count, mu, size, spike):
    """Give P(count | mean) as the model defines it, from scipy's own distributions."""
    if math.isnan(count):
        return np.ones_like(mu)
    usual = stats.poisson.pmf(count, mu) if math.isinf(size) else stats.nbinom.pmf(count, size, size / (size + mu))
    heavy = stats.geom.pmf(count + 1, 1.0 / (1.0 + 8.0 * mu + 5.0))
    return (1.0 - spike) * usual + spike * heavy


def enumerate_posterior(counts, rates, sizes, leap, exposure, prior, spike):
    """Sum over every set of days on which the rate may have jumped: weight and rates of each stretch."""
    n = len(counts)
    cases = []
    for size in sizes:
        daily = np.array([day_probability(counts[t], rates * exposure[t], size, spike) for t in range(n)])
        for jumps in itertools.product([False, True], repeat=n - 1):
            starts = [0, *(t + 1 for t in range(n - 1) if jumps[t]), n]
            stretches = [prior * daily[a:b].prod(axis=0) for a, b in itertools.pairwise(starts)]
            weight = leap ** sum(jumps) * (1 - leap) ** (n - 1 - sum(jumps)) / len(sizes)
            weight *= math.prod(part.sum() for part in stretches)
            owner = np.searchsorted(starts, np.arange(n), side="right") - 1
            beliefs = [stretches[owner[t]] / stretches[owner[t]].sum() for t in range(n)]
            cases.append((weight, np.array([False, *jumps]), owner, beliefs, size))
    return cases


@pytest.mark.parametrize("spike", [0.0, 0.05])
@pytest.mark.parametrize(
    ("counts", "exposure"),
    [
        ([2, 0, 3, 9, 14, 11, 1], None),
        ([0, NAN, 4, 40, NAN, 3, 7, 6], [1, 1, 0.5, 1.2, 1, 0.8, 1, 1.1]),
        ([0, 0, 0, 1, 0, 300, 0, 0, 2], [0.9, 1.1, 1, 1, 1, 1, 1, 1, 1]),
    ],
)
def test_everything_equals_enumeration(counts, exposure, spike):
    rates, sizes, leap = log_grid(0.1, 60.0, 9), [0.5, 3.0, math.inf], 0.07
    prior = np.linspace(2.0, 1.0, 9)
    prior /= prior.sum()
    covered = np.ones(len(counts)) if exposure is None else np.array(exposure)
    found = filter_rates(
        counts, rates=rates, sizes=sizes, jump_probability=leap, exposure=exposure, prior=prior, spike=spike
    )
    cases = enumerate_posterior(counts, rates, sizes, leap, covered, prior, spike)
    weights = np.array([case[0] for case in cases])
    total = weights.sum()
    weights = weights / total
    jumps = np.array([case[1] for case in cases])

    assert found.log_evidence == pytest.approx(math.log(total), rel=1e-10)
    np.testing.assert_allclose(found.jump, weights @ jumps, atol=1e-10)
    by_size = [sum(w for w, case in zip(weights, cases, strict=True) if case[4] == size) for size in sizes]
    np.testing.assert_allclose(found.size_weights, by_size, atol=1e-10)
    for day in range(len(counts)):
        belief = sum(w * case[3][day] for w, case in zip(weights, cases, strict=True))
        np.testing.assert_allclose(found.marginal[day], belief, atol=1e-10)
        wild, mu = 0.0, rates * covered[day]
        if spike:
            heavy = spike * day_probability(counts[day], mu, 1.0, 1.0)
            for w, case in zip(weights, cases, strict=True):
                wild += w * case[3][day] @ (heavy / day_probability(counts[day], mu, case[4], spike))
        assert found.spike[day] == pytest.approx(wild, abs=1e-10)

    for first, last in ((1, 1), (1, len(counts) - 1), (3, 5), (len(counts) - 1, len(counts) - 1)):
        inside = jumps[:, first : last + 1].any(axis=1)
        assert found.probability_of_change(first, last) == pytest.approx(weights[inside].sum(), abs=1e-10)
        assert found.expected_changes(first, last) == pytest.approx(
            (weights @ jumps)[first : last + 1].sum(), abs=1e-10
        )
        joint = np.zeros((9, 9))
        for w, case in zip(weights[inside], [c for c, hit in zip(cases, inside, strict=True) if hit], strict=True):
            joint += w * np.outer(case[3][first - 1], case[3][last])  # a jump between them makes them independent
        np.testing.assert_allclose(found.change_across(first, last), joint / joint.sum(), atol=1e-10)


def test_one_step_predictions_equal_the_model_fitted_to_the_days_before():
    counts = [3, 1, 4, 12, 9, 15]
    options = {"rates": log_grid(0.1, 60.0, 30), "sizes": [2.0], "jump_probability": 0.05, "spike": 0.02}
    whole = filter_rates(counts, **options)
    for day in range(1, len(counts)):
        base = filter_rates(counts[:day], **options).log_evidence
        values = np.arange(4000)
        mass = np.exp([filter_rates([*counts[:day], v], **options).log_evidence - base for v in values[:40]])
        # The first counts of the predictive distribution, then its moments from the mixture itself.
        assert 0.0 < mass.sum() < 1.0
        belief = filter_rates([*counts[:day], NAN], **options).marginal[-1]
        pmf = sum(b * day_probability_all(values, r, 2.0, 0.02) for b, r in zip(belief, options["rates"], strict=True))
        np.testing.assert_allclose(mass, pmf[:40], rtol=1e-9)
        mean = float(values @ pmf)
        assert whole.predicted_mean[day] == pytest.approx(mean, rel=1e-4)
        assert whole.predicted_variance[day] == pytest.approx(float(values**2 @ pmf) - mean**2, rel=1e-2)


def day_probability_all(values, mu, size, spike):
    usual = stats.nbinom.pmf(values, size, size / (size + mu))
    return (1.0 - spike) * usual + spike * stats.geom.pmf(values + 1, 1.0 / (1.0 + 8.0 * mu + 5.0))


def coal():
    """Give the yearly disasters and the reference rows."""
    rows = pd.read_csv(REFERENCE / "changepoint.csv").query("series == 'coal'").set_index(["method", "item"])["value"]
    return pd.read_csv(REFERENCE / "coal.csv")["y"].to_numpy(), rows


def test_coal_mining_disasters_equal_fearnheads_exact_posterior():
    y, rows = coal()
    rates = log_grid(1e-8, 60.0, 400)
    # Gamma(1, 1) in the rate is rate * exp(-rate) in its logarithm.
    found = filter_rates(y, rates=rates, sizes=[math.inf], jump_probability=0.02, prior=rates * np.exp(-rates))
    reference = np.array(rows["Fearnhead.PG11.p.02", "probchange_after_i"].split(";"), dtype=float)
    # The reference leaves the factorials out of the Poisson probabilities.
    evidence = found.log_evidence + special.gammaln(y + 1.0).sum()
    assert evidence == pytest.approx(float(rows["Fearnhead.PG11.p.02", "logml"]), abs=1e-6)
    assert found.jump.sum() == pytest.approx(float(rows["Fearnhead.PG11.p.02", "expected_ncp"]), abs=1e-6)
    np.testing.assert_allclose(found.jump[1:], reference, atol=1e-8)


def test_coal_mining_disasters_with_one_change_equal_the_reference():
    y, rows = coal()
    rates = log_grid(1e-8, 60.0, 400)
    prior = rates * np.exp(-rates)
    # With a vanishing jump probability the odds between days are those of exactly one change.
    found = filter_rates(y, rates=rates, sizes=[math.inf], jump_probability=1e-17, prior=prior)
    one = found.jump[1:] / found.jump[1:].sum()
    reference = np.array(rows["PoissonGamma11.single", "posterior"].split(";"), dtype=float)
    np.testing.assert_allclose(one, reference, atol=1e-6)
    assert 1 + int(one.argmax()) == int(rows["PoissonGamma11.single", "mode"]) == 41
    assert one.max() == pytest.approx(0.245, abs=5e-4)


OPTIONS = {"rates": log_grid(0.05, 80.0, 40), "sizes": [1.0, 5.0], "jump_probability": 0.03, "spike": 0.01}
SERIES = st.lists(st.one_of(st.integers(0, 60), st.just(NAN)), min_size=2, max_size=25)


@settings(max_examples=30, deadline=None)
@given(SERIES)
def test_reversed_time_gives_the_mirror_image(counts):
    forward, backward = filter_rates(counts, **OPTIONS), filter_rates(counts[::-1], **OPTIONS)
    assert forward.log_evidence == pytest.approx(backward.log_evidence, abs=1e-9)
    np.testing.assert_allclose(forward.jump[1:], backward.jump[1:][::-1], atol=1e-9)
    np.testing.assert_allclose(forward.marginal, backward.marginal[::-1], atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(SERIES, st.integers(1, 10))
def test_missing_days_at_the_end_change_nothing_before(counts, more):
    short, long = filter_rates(counts, **OPTIONS), filter_rates([*counts, *[NAN] * more], **OPTIONS)
    assert short.log_evidence == pytest.approx(long.log_evidence, abs=1e-9)
    np.testing.assert_allclose(short.jump, long.jump[: len(counts)], atol=1e-9)
    np.testing.assert_allclose(long.jump[len(counts) :], 0.03, atol=1e-9)
    np.testing.assert_allclose(long.spike[len(counts) :], 0.01, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(SERIES, st.floats(0.1, 10.0))
def test_the_unit_of_exposure_does_not_matter(counts, unit):
    plain = filter_rates(counts, **OPTIONS)
    scaled = filter_rates(counts, **{**OPTIONS, "rates": OPTIONS["rates"] / unit}, exposure=np.full(len(counts), unit))
    np.testing.assert_allclose(plain.jump, scaled.jump, atol=1e-9)
    np.testing.assert_allclose(plain.mean, scaled.mean * unit, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(SERIES)
def test_probabilities_are_probabilities_and_windows_nest(counts):
    found = filter_rates(counts, **OPTIONS)
    np.testing.assert_allclose(found.marginal.sum(axis=1), 1.0, atol=1e-9)
    assert found.jump[0] == 0.0
    last = len(counts) - 1
    values = [found.probability_of_change(1, day) for day in range(1, last + 1)]
    assert (np.diff(values) >= -1e-12).all()
    assert values[0] == pytest.approx(found.jump[1], abs=1e-12)
    assert values[-1] <= found.expected_changes(1, last) + 1e-12


@pytest.mark.parametrize(
    "counts",
    [
        [0] * 50,
        [10**9] * 30,
        [*[1] * 20, 10**12, *[1] * 20],
        [NAN] * 10,
        [5],
        np.random.default_rng(0).integers(0, 9, 3000),
    ],
)
def test_hostile_counts_end_in_finite_numbers(counts):
    found = filter_rates(
        counts, rates=log_grid(1e-3, 1e13, 200), sizes=[0.2, 5, 500], jump_probability=0.01, spike=0.01
    )
    assert math.isfinite(found.log_evidence)
    for values in (found.jump, found.marginal, found.spike, found.predicted_mean, found.quantiles([0.1, 0.9])):
        assert np.isfinite(values).all()


def test_quantiles_of_the_rate_cover_simulated_truth():
    # Truth drawn from the model itself, so that the 90 % interval of any day holds the rate in 90 % of worlds. Days
    # of one world depend on each other; worlds do not, so the standard error comes from the world averages.
    rng, rates, leap = np.random.default_rng(1), log_grid(0.5, 50.0, 60), 0.03
    held = []
    for _ in range(150):
        path = np.empty(60)
        for day in range(60):
            path[day] = rng.choice(rates) if day == 0 or rng.random() < leap else path[day - 1]
        counts = rng.poisson(rng.gamma(2.0, path / 2.0))
        found = filter_rates(counts, rates=rates, sizes=[2.0], jump_probability=leap)
        low, high = found.quantiles([0.05, 0.95]).T
        held.append(((low <= path) & (path <= high)).mean())
    assert abs(np.mean(held) - 0.9) < 4 * np.std(held) / math.sqrt(len(held)) + 0.01


def test_jump_probabilities_are_calibrated_on_draws_from_the_model():
    # Summed over days, predicted and true jumps agree up to chance; the variance of a sum of such events given its
    # predictions is at most the sum of p (1 - p) over worlds, plus what days of one world share: worlds are pooled.
    rng, rates, leap = np.random.default_rng(2), log_grid(0.5, 50.0, 60), 0.03
    difference = []
    for _ in range(200):
        jumps = rng.random(60) < leap
        jumps[0] = False
        level, path = rng.choice(rates), np.empty(60)
        for day in range(60):
            level = rng.choice(rates) if jumps[day] else level
            path[day] = level
        counts = rng.poisson(rng.gamma(2.0, path / 2.0))
        found = filter_rates(counts, rates=rates, sizes=[2.0], jump_probability=leap)
        difference.append(found.jump.sum() - jumps.sum())
    assert abs(np.mean(difference)) < 4 * np.std(difference) / math.sqrt(len(difference))


def test_quantiles_on_a_grid_interpolate_between_cells():
    low, middle, high = grid_quantiles([0.0, 1.0, 2.0, 3.0], [0.1, 0.4, 0.4, 0.1], [0.1, 0.5, 0.9])
    assert (low, middle, high) == pytest.approx((0.5, 1.5, 2.5))
    assert grid_quantiles([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]], [0.5]).ravel() == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": [1, -1]}, "whole numbers"),
        ({"counts": [1, 0.5]}, "whole numbers"),
        ({"counts": [1, math.inf]}, "whole numbers"),
        ({"counts": []}, "shape"),
        ({"exposure": [1.0, 0.0]}, "exposure of an observed day"),
        ({"exposure": [1.0]}, "shape"),
        ({"rates": [1.0, 2.0, 3.0]}, "evenly spaced"),
        ({"rates": [0.0, 1.0, 2.0]}, "above zero"),
        ({"sizes": [0.0]}, "sizes must be above zero"),
        ({"prior": [1.0]}, "one a rate"),
        ({"jump_probability": 0.0}, "between 0 and 1"),
        ({"spike": 1.0}, "below 1"),
    ],
)
def test_what_cannot_be_used_is_named(change, message):
    arguments = {"counts": [1, 2], "rates": log_grid(0.1, 10, 5), "sizes": [1.0], "jump_probability": 0.1, **change}
    with pytest.raises(InputError, match=message):
        filter_rates(arguments.pop("counts"), **arguments)


def test_a_window_outside_the_days_is_refused():
    found = filter_rates([1, 2, 3], rates=log_grid(0.1, 10, 5), sizes=[1.0], jump_probability=0.1)
    with pytest.raises(InputError, match="does not lie within days 1 to 2"):
        found.probability_of_change(0, 2)
    with pytest.raises(InputError, match="does not lie within days 1 to 2"):
        found.change_across(2, 3)
