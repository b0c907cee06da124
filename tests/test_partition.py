"""The exact partition against R's brute force, plain enumeration, and itself.

Tolerances. R's cost was printed with 14 digits; costs are sums of a thousand logarithms, so 1e-9 of them is rounding.
The plain recursion that keeps every start has to be equalled to 1e-10.
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
from casualties.inference.partition import optimal_partition, profiled_partition, segment_means

REFERENCE = Path(__file__).parent / "reference"
ROWS = pd.read_csv(REFERENCE / "changepoint.csv").query("method.str.startswith('NBfixed')")
COUNTS = pd.read_csv(REFERENCE / "simulated_counts.csv")
CASES = sorted({(series, method) for series, method in zip(ROWS["series"], ROWS["method"], strict=True)})


def segment_cost(y, size):
    mean = np.mean(y)
    if mean == 0:
        return 0.0
    if math.isinf(size):
        return -2 * stats.poisson.logpmf(y, mean).sum()
    return -2 * stats.nbinom.logpmf(y, size, size / (size + mean)).sum()


def enumerate_partition(y, size, penalty, min_length):
    """Give the lowest cost over every admissible set of cuts."""
    best = (math.inf, ())
    for number in range(len(y) // min_length):
        for cuts in itertools.combinations(range(min_length, len(y)), number):
            ends = [0, *cuts, len(y)]
            if min(np.diff(ends)) >= min_length:
                cost = penalty * number + sum(segment_cost(y[a:b], size) for a, b in itertools.pairwise(ends))
                best = min(best, (cost, cuts))
    return best


@pytest.mark.parametrize(("series", "method"), CASES)
def test_equals_brute_force_in_r(series, method):
    rows = ROWS[(ROWS["series"] == series) & (ROWS["method"] == method)].set_index("item")["value"]
    coal = pd.read_csv(REFERENCE / "coal.csv")["y"]
    y = (coal if series == "coal" else COUNTS.loc[COUNTS["series"] == series, "y"]).to_numpy()
    size = float(method.removeprefix("NBfixed.r").removesuffix(".OP.3logn.min7"))
    cuts = () if pd.isna(rows["cpts"]) else tuple(int(cut) for cut in rows["cpts"].split(";"))
    found = optimal_partition(y, size=size)
    assert found.cuts == cuts
    assert found.cost == pytest.approx(float(rows["cost"]), rel=1e-9)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([0, 0, 1, 2, 3, 8, 20, 90]), min_size=1, max_size=12),
    st.sampled_from([0.3, 2.0, math.inf]),
    st.sampled_from([0.0, 1.0, 6.0]),
    st.integers(1, 4),
)
def test_no_set_of_cuts_is_cheaper(y, size, penalty, min_length):
    # Short stretches and small penalties make pruning busy; a wrongly dropped start would show here.
    found = optimal_partition(y, size=size, penalty=penalty, min_length=min_length)
    cost, _ = enumerate_partition(np.array(y), size, penalty, min_length)
    if len(y) < min_length:
        cost = segment_cost(np.array(y), size)
    assert found.cost == pytest.approx(cost, abs=1e-8)
    ends = [0, *found.cuts, len(y)]
    own = penalty * len(found.cuts) + sum(segment_cost(y[a:b], size) for a, b in itertools.pairwise(ends))
    assert own == pytest.approx(found.cost, abs=1e-8)


def reference_cost(y, size, penalty, min_length):
    """Give the lowest penalised cost by the same recursion with every start kept, less that of the series uncut."""
    y = np.asarray(y, dtype=float)
    n, sums = len(y), np.r_[0, np.cumsum(y)]
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    for end in range(min_length, n + 1):
        starts = np.r_[0, np.arange(min_length, end - min_length + 1)]
        total, length = sums[end] - sums[starts], end - starts
        if math.isinf(size):
            cost = 2 * (total - special.xlogy(total, total / length))
        else:
            cost = 2 * (special.xlogy(total, 1 + size * length / np.maximum(total, 1)))
            cost += 2 * size * length * np.log1p(total / (size * length))
        best[end] = (best[starts] + cost).min() + penalty
    return best[n] - (cost[0] if n >= min_length else 0.0)


def found_cost(y, size, penalty, min_length):
    """Give what the search found, with the cost of the series uncut taken off."""
    found = optimal_partition(y, size=size, penalty=penalty, min_length=min_length)
    return found.cost - optimal_partition(y, size=size, min_length=len(y)).cost


LONG = {
    "steps": np.random.default_rng(5).poisson(np.repeat([2, 9, 1, 14, 5], 80)),
    "flat": np.random.default_rng(6).negative_binomial(1.5, 0.2, 400),
    "zeros between": np.random.default_rng(7).poisson(np.tile([0.0, 0.0, 6.0, 0.0], 100)),
    "zeros": np.zeros(300, dtype=int),
    "one day": 5000 * np.eye(300, dtype=int)[150],
    "growing": np.random.default_rng(8).poisson(np.exp(np.linspace(-3, 7, 400))),
    "huge": np.random.default_rng(9).negative_binomial(2, 1e-7, 300),
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("size", [0.2, 1.5, 1e7, math.inf])
@pytest.mark.parametrize(("penalty", "min_length"), [(8.0, 1), (18.0, 7), (1.0, 3), (4.0, 30)])
def test_pruning_loses_nothing_on_long_series(name, size, penalty, min_length):
    y = LONG[name]
    cost = reference_cost(y, size, penalty, min_length)
    scale = optimal_partition(y, size=size, min_length=len(y)).cost
    assert found_cost(y, size, penalty, min_length) == pytest.approx(cost, rel=1e-10, abs=1e-8 + 1e-12 * scale)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.3, 2.0, 2.5, 9.0, 60.0]), st.integers(1, 25)), min_size=1, max_size=8),
    st.sampled_from([0.4, 3.0, 1e5, math.inf]),
    st.sampled_from([0.0, 0.5, 5.0, 15.0]),
    st.integers(1, 8),
    st.integers(0, 10**6),
)
def test_pruning_loses_nothing_on_any_steps(blocks, size, penalty, min_length, seed):
    mean = np.repeat([rate for rate, _ in blocks], [days for _, days in blocks])
    y = np.random.default_rng(seed).poisson(mean)
    if len(y) >= min_length:
        cost = reference_cost(y, size, penalty, min_length)
        assert found_cost(y, size, penalty, min_length) == pytest.approx(cost, rel=1e-10, abs=1e-8)
        found = optimal_partition(y, size=size, penalty=penalty, min_length=min_length)
        ends = [0, *found.cuts, len(y)]
        assert len(y) < 2 * min_length or min(np.diff(ends)) >= min_length


@pytest.mark.parametrize("size", [1e6, 1e9, 1e12])
def test_a_huge_size_costs_what_poisson_costs(size):
    y = LONG["steps"]
    near, limit = optimal_partition(y, size=size), optimal_partition(y, size=math.inf)
    assert near.cuts == limit.cuts
    assert near.cost == pytest.approx(limit.cost, abs=1e-8 + 1e6 / size * 0.1)


def test_reversed_time_costs_the_same():
    y = np.random.default_rng(6).poisson(np.repeat([2, 7, 3], 40))
    assert optimal_partition(y, size=2.0).cost == pytest.approx(optimal_partition(y[::-1], size=2.0).cost)


def test_profiling_finds_the_size_that_a_fine_grid_finds():
    rng = np.random.default_rng(8)
    y = rng.poisson(rng.gamma(2.0, np.repeat([3, 12, 5], 100) / 2.0))
    found = profiled_partition(y)
    grid = min(optimal_partition(y, size=size).cost for size in np.geomspace(0.3, 30, 200))
    assert found.cost <= grid + 1e-9
    assert found.cost == pytest.approx(optimal_partition(y, size=found.size).cost)


def test_profiling_ends_at_poisson_where_the_counts_are():
    y = np.tile([4, 5, 6, 5], 30)
    assert profiled_partition(y).size == math.inf
    assert profiled_partition(np.zeros(40)).cuts == ()


def test_clear_steps_are_found_near_their_place():
    # Rates 3, 15, 3 with 100 days each: 60 series, each with both cuts within ten days in nine of ten.
    rng = np.random.default_rng(9)
    hits = 0
    for _ in range(60):
        y = rng.poisson(rng.gamma(2.0, np.repeat([3, 15, 3], 100) / 2.0))
        cuts = optimal_partition(y, size=2.0).cuts
        hits += len(cuts) == 2 and abs(cuts[0] - 100) <= 10 and abs(cuts[1] - 200) <= 10
    assert hits >= 45


def test_means_of_stretches_conserve_the_sum():
    y = np.array([1, 2, 3, 10, 20, 7])
    means = segment_means(y, (3, 5))
    assert means @ [3, 2, 1] == y.sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [1, math.nan]}, "none negative or missing"),
        ({"y": [1, -1]}, "none negative or missing"),
        ({"y": [1, 1.5]}, "none negative or missing"),
        ({"y": []}, "shape"),
        ({"size": 0.0}, "must be above zero"),
        ({"min_length": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_used_is_named(change, message):
    arguments = {"y": [1, 2, 3], "size": 1.0, "min_length": 1, **change}
    with pytest.raises(InputError, match=message):
        optimal_partition(arguments.pop("y"), **arguments)
