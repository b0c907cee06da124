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
from casualties.inference.history_feed import PARTS, Feed, smoothed_history
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


def plain_history(counts, exposure, decay):
    """Smooth the past as the model says it, in plain Python."""
    days = [(y, e) for y, e in zip(counts, exposure, strict=True) if not math.isnan(y)]
    daily = np.array([y / e for y, e in days])
    anchor = max(np.minimum(daily, np.quantile(daily, 0.95)).mean(), 0.5 / sum(e for _, e in days))
    smooth, past = anchor, []
    for y, e in zip(counts, exposure, strict=True):
        past.append(0.9 * smooth + 0.1 * anchor)
        if not math.isnan(y):
            smooth = decay * smooth + (1.0 - decay) * min(y, 4.0 * smooth * e + 5.0) / e
    return np.array(past)


def plain_pulls(counts, exposure, rates, feed):
    """Give what each feed multiplies rate**(1 - share) by on each day, rounded to the lattice of means."""
    fine = math.log(rates[1] / rates[0]) / PARTS
    begin = []
    for share, decay in feed.pairs:
        past = plain_history(counts, exposure, decay) if share else np.ones(len(counts))
        begin.append(np.log(exposure) + share * np.log(past) + (1.0 - share) * math.log(rates[0]))
    start = min(row[~np.isnan(counts)].min() for row in begin)
    pulls = []
    for row, (share, _) in zip(begin, feed.pairs, strict=True):
        exact = np.exp(row - (1.0 - share) * math.log(rates[0]))
        rounded = np.exp(start + fine * np.rint((row - start) / fine)) / rates[0] ** (1.0 - share)
        pulls.append(rounded if share else exact)
        assert np.abs(np.log(pulls[-1] / exact))[~np.isnan(counts)].max() <= 0.5 * fine + 1e-12
    return pulls


def plain_filter(counts, rates, sizes, leap, exposure, prior, spike, feed, diffusion):
    """Compute the same posterior with dense matrices: weights, evidence, jumps, rates, spikes and window functions."""
    n, points = len(counts), len(rates)
    step = np.eye(points) * (1.0 - diffusion)
    for g in range(points):
        for other in (max(g - 1, 0), min(g + 1, points - 1)):
            step[g, other] += 0.5 * diffusion
    stay, move = (1.0 - leap) * step, leap * np.tile(prior, (points, 1))
    parts = []
    for (share, _), pull, log_prior in zip(
        feed.pairs, plain_pulls(counts, exposure, rates, feed), feed.log_priors, strict=True
    ):
        for size in sizes:
            mean = rates ** (1.0 - share) * pull[:, None]
            daily = np.array([day_probability(counts[t], mean[t], size, spike) for t in range(n)])
            heavy = np.array([spike * day_probability(counts[t], mean[t], 1.0, 1.0) for t in range(n)]) / daily
            forward, backward = np.empty((n, points)), np.ones((n, points))
            forward[0] = prior * daily[0]
            for t in range(1, n):
                forward[t] = (forward[t - 1] @ (stay + move)) * daily[t]
            for t in range(n - 1, 0, -1):
                backward[t - 1] = (stay + move) @ (daily[t] * backward[t])
            total = forward[-1].sum()
            jump = np.array([0.0, *(forward[t - 1] @ move @ (daily[t] * backward[t]) for t in range(1, n))]) / total
            held = {}
            for first in range(1, n):
                quiet, moved = np.diag(forward[first - 1]), np.zeros((points, points))
                for last in range(first, n):
                    moved = (moved @ (stay + move) + quiet @ move) * daily[last]
                    quiet = quiet @ stay * daily[last]
                    held[first, last] = (quiet * backward[last]).sum() / total, moved * backward[last] / total
            smoothed = forward * backward / total
            parts.append(
                (math.exp(log_prior) / len(sizes) * total, jump, smoothed, (smoothed * heavy).sum(axis=1), held)
            )
    weights = np.array([part[0] for part in parts])
    mixed = weights / weights.sum()
    names = ("jump", "marginal", "spike")
    posterior = {
        name: sum(w * part[k] for w, part in zip(mixed, parts, strict=True)) for k, name in enumerate(names, start=1)
    }
    windows = {
        key: [sum(w * part[4][key][k] for w, part in zip(mixed, parts, strict=True)) for k in (0, 1)]
        for key in parts[0][4]
    }
    return math.log(weights.sum()), mixed.reshape(len(feed.pairs), len(sizes)), posterior, windows


@pytest.mark.parametrize("diffusion", [0.0, 0.1])
@pytest.mark.parametrize("shares", [(0.0,), (0.0, 0.25, 0.5), (0.75, 0.875)])
def test_the_compiled_sums_equal_plain_matrices(shares, diffusion):
    rng = np.random.default_rng(5)
    counts = rng.negative_binomial(2, 2.0 / (2.0 + np.repeat([3.0, 12.0], 12))).astype(float)
    counts[[4, 15]] = NAN, 90.0
    exposure = np.tile([1.0, 1.2, 0.7], 8)
    rates, sizes, leap, feed = log_grid(0.2, 90.0, 21), [0.7, 4.0, math.inf], 0.04, Feed(shares, (0.6, 0.9))
    prior = np.linspace(2.0, 1.0, 21)
    prior /= prior.sum()
    options = {"exposure": exposure, "prior": prior, "spike": 0.02, "feed": feed, "diffusion": diffusion}
    found = filter_rates(counts, rates=rates, sizes=sizes, jump_probability=leap, **options)
    evidence, weights, posterior, windows = plain_filter(
        counts, rates, sizes, leap, exposure, prior, 0.02, feed, diffusion
    )
    assert found.log_evidence == pytest.approx(evidence, rel=1e-10)
    np.testing.assert_allclose(found.weights, weights, atol=1e-10)
    for name, values in posterior.items():
        np.testing.assert_allclose(getattr(found, name), values, atol=1e-10)
    for first, last in ((1, 1), (1, 23), (9, 14), (23, 23)):
        held, moved = windows[first, last]
        assert found.probability_of_change(first, last) == pytest.approx(1.0 - held, abs=1e-10)
        np.testing.assert_allclose(found.change_across(first, last), moved / moved.sum(), atol=1e-10)


@pytest.mark.parametrize("feed", [None, Feed((0.0, 0.5), (0.7,))])
def test_numbers_of_changes_and_the_only_change_equal_enumeration(feed):
    counts, exposure = np.array([2.0, 0, 3, 9, NAN, 14, 11, 1]), np.array([1, 0.5, 1.2, 1, 1, 0.8, 1, 1.1])
    rates, sizes, leap, prior = log_grid(0.1, 60.0, 9), [0.5, 3.0], 0.07, np.full(9, 1 / 9)
    found = filter_rates(
        counts, rates=rates, sizes=sizes, jump_probability=leap, exposure=exposure, spike=0.02, feed=feed
    )
    told = feed or Feed((0.0,), (0.5,))
    cases = []
    for (share, _), pull, log_prior in zip(
        told.pairs, plain_pulls(counts, exposure, rates, told), told.log_priors, strict=True
    ):
        base = rates ** (1.0 - share)  # the enumeration's grid; its prior is one a point
        part = enumerate_posterior(counts, base, sizes, leap, pull, prior, 0.02)
        cases.extend((weight * math.exp(log_prior), *rest) for weight, *rest in part)
    weights = np.array([case[0] for case in cases])
    assert found.log_evidence == pytest.approx(math.log(weights.sum()), rel=1e-8)
    weights /= weights.sum()
    numbers = np.array([case[1].sum() for case in cases])
    expected = np.bincount(numbers, weights, 8)
    np.testing.assert_allclose(found.number_probabilities(7), expected, atol=1e-8)
    np.testing.assert_allclose(found.number_probabilities(2), [*expected[:2], expected[2:].sum()], atol=1e-8)
    for first, last in ((1, 7), (2, 5), (7, 7)):
        inside = np.array([case[1][first : last + 1].sum() == 1 for case in cases])
        only = found.single_change(first, last)
        mass = weights[inside].sum()
        assert only.probability == pytest.approx(mass, abs=1e-8)
        dates, joint = np.zeros(last + 1 - first), np.zeros((9, 9))
        for w, case in zip(weights[inside], [c for c, hit in zip(cases, inside, strict=True) if hit], strict=True):
            dates += w * case[1][first : last + 1] / mass
            joint += w * np.outer(case[3][first - 1], case[3][last]) / mass
        np.testing.assert_allclose(only.dates, dates, atol=1e-8)
        np.testing.assert_allclose(only.joint, joint, atol=1e-8)
        for direction, side in ((1, np.triu(np.ones((9, 9)), 1)), (-1, np.tril(np.ones((9, 9)), -1))):
            dates, joint = np.zeros(last + 1 - first), np.zeros((9, 9))
            for w, case in zip(weights[inside], [c for c, hit in zip(cases, inside, strict=True) if hit], strict=True):
                this_way = w * side * np.outer(case[3][first - 1], case[3][last])
                joint += this_way
                dates += this_way.sum() * case[1][first : last + 1]
            only = found.single_change(first, last, direction)
            assert only.probability == pytest.approx(joint.sum(), abs=1e-8)
            np.testing.assert_allclose(only.dates, dates / joint.sum(), atol=1e-8)
            np.testing.assert_allclose(only.joint, joint / joint.sum(), atol=1e-8)


def test_the_smoothed_past_equals_the_plain_one():
    counts = np.random.default_rng(3).negative_binomial(1, 0.1, 50).astype(float)
    counts[[0, 7, 30]] = NAN, 500.0, NAN
    exposure = np.linspace(0.5, 1.5, 50)
    for decay in (0.2, 0.9):
        found = smoothed_history(counts, exposure, decay)
        np.testing.assert_allclose(np.exp(found.log_level), plain_history(counts, exposure, decay), rtol=1e-12)
        longer = smoothed_history(np.append(counts, NAN), np.append(exposure, 1.0), decay)
        assert longer.log_level[-1] == pytest.approx(float(found.ahead(np.array(found.last))))
        assert found.after(np.array([2.0]), np.array([1e9]), 0.5)[0] == pytest.approx(decay * 2 + (1 - decay) * 18.0)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_out_changes_little(seed):
    rng = np.random.default_rng(seed)
    level = math.exp(rng.uniform(0.0, 3.0)) * np.where(np.arange(150) < 70, 1.0, 2.5)
    counts = rng.poisson(rng.gamma(1.5, level / 1.5))
    options = {"rates": log_grid(0.02, 400.0, 120), "sizes": np.geomspace(0.1, 100.0, 16), "jump_probability": 1 / 149}
    options |= {"spike": 0.01, "feed": Feed((0.0, 0.25, 0.5, 0.75), (0.7,))}
    whole, fast = filter_rates(counts, **options), filter_rates(counts, **options, negligible=1e-4)
    # 64 combinations, each below a ten-thousandth of the best.
    assert abs(whole.log_evidence - fast.log_evidence) < 64e-4
    np.testing.assert_allclose(fast.jump, whole.jump, atol=2 * 64e-4)
    np.testing.assert_allclose(fast.marginal, whole.marginal, atol=2 * 64e-4)
    assert np.abs(fast.jump - whole.jump).max() < 5e-4  # as found, an order below the bound


def test_paths_ahead_have_the_moments_of_the_model():
    counts = [3, 1, 4, 2, 9, 12, 15, NAN, 11]
    options = {"rates": log_grid(0.1, 60.0, 60), "sizes": [2.0, math.inf], "jump_probability": 0.05, "spike": 0.02}
    for more in ({}, {"feed": Feed((0.0, 0.5), (0.7,))}, {"diffusion": 0.2}):
        found = filter_rates(counts, **options, **more)
        paths = found.sample_paths([1.0, 0.5, 1.0], 40_000, np.random.default_rng(1))
        assert paths.shape == (40_000, 3)
        assert paths.dtype == np.int64
        # A day without observation has the prediction of the model itself.
        longer = filter_rates([*counts, NAN], **options, **more)
        error = math.sqrt(longer.predicted_variance[-1] / len(paths))
        assert abs(paths[:, 0].mean() - longer.predicted_mean[-1]) < 4 * error + 0.01 * longer.predicted_mean[-1]
        again = found.sample_paths([1.0, 0.5, 1.0], 40_000, np.random.default_rng(1))
        np.testing.assert_array_equal(paths, again)
    with pytest.raises(InputError, match="a day ahead must be above zero"):
        found.sample_paths([1.0, 0.0], 10, np.random.default_rng(1))
    with pytest.raises(InputError, match="at least 1"):
        found.sample_paths([1.0], 0, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shares": (0.3,)}, "one of 0, 1/8"),
        ({"shares": (1.0,)}, "one of 0, 1/8"),
        ({"shares": ()}, "one or more numbers"),
        ({"decays": (0.5, 0.5)}, "each once"),
        ({"decays": (1.0,)}, "between 0 and 1"),
    ],
)
def test_a_feed_that_means_nothing_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        Feed(**change)


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
        ({"diffusion": -0.1}, "below 1"),
        ({"negligible": 1.0}, "below 1"),
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
    with pytest.raises(InputError, match="at least 1"):
        found.number_probabilities(0)
    spread = filter_rates([1, 2, 3], rates=log_grid(0.1, 10, 5), sizes=[1.0], jump_probability=0.1, diffusion=0.1)
    with pytest.raises(InputError, match="no two sides"):
        spread.single_change(1, 2)
