"""Linking two lists: EM against a plain loop, links against every possible set, known links, hostile lists."""

import itertools
import math

import numpy as np
import pytest

from casualties.errors import InputError
from casualties.inference.record_linkage import Pairs, choose_links, fit_links, sample_links


def small(known=None):
    """Give six pairs of three and three rows, with levels of one field."""
    first, second = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 1, 2])
    levels = np.array([[0], [1], [1], [0], [1], [0]])
    chance = np.log(np.array([0.05, 0.3, 0.2, 0.1, 0.3, 0.02]))
    return Pairs(
        first, second, (3, 3), levels, chance, [np.array([4.0, 1.0])], np.zeros(6, int) if known is None else known
    )


def plain_em(pairs, steps=500):
    """EM as loops, one pair and field at a time."""
    m = [field / field.sum() for field in pairs.pseudo]
    rows, columns = pairs.rows
    shared = min(0.5 * min(rows, columns), 0.5 * len(pairs.first))
    for _ in range(steps):
        w = []
        for k in range(len(pairs.first)):
            value = shared / (rows - shared + 0.5) / (columns - shared + 0.5) / math.exp(pairs.log_chance[k])
            for field, level in enumerate(pairs.levels[k]):
                value *= m[field][level] if level >= 0 else 1.0
            w.append(value)
        p = []
        for k in range(len(w)):
            rivals = sum(w[o] for o in range(len(w)) if pairs.first[o] == pairs.first[k] and o != k)
            rivals += sum(w[o] for o in range(len(w)) if pairs.second[o] == pairs.second[k] and o != k)
            p.append(w[k] / (1 + rivals + w[k]))
        shared = sum(p)
        for field in range(len(m)):
            counts = pairs.pseudo[field].copy()
            for k in range(len(w)):
                if pairs.levels[k, field] >= 0:
                    counts[pairs.levels[k, field]] += p[k]
            m[field] = counts / counts.sum()
    return m, shared, p


def test_em_is_what_a_plain_loop_gives():
    pairs = small()
    model = fit_links(pairs)
    m, shared, p = plain_em(pairs)
    assert model.m[0] == pytest.approx(m[0], rel=1e-5)
    assert model.shared == pytest.approx(shared, rel=1e-5)
    assert model.probability == pytest.approx(p, rel=1e-5)


def test_draws_are_the_posterior_over_all_sets_of_links():
    # With so many pseudo-counts the levels are known, and all sets of links can be weighed.
    pairs = small()
    pairs = Pairs(
        pairs.first, pairs.second, (3, 3), pairs.levels, pairs.log_chance, [np.array([4e7, 1e7])], pairs.known
    )
    drawn = sample_links(pairs, fit_links(pairs), draws=60000)
    weight = np.array([0.8, 0.2])[pairs.levels[:, 0]] / np.exp(pairs.log_chance)
    total, each, number = 0.0, np.zeros(6), np.zeros(4)
    for size in range(4):
        # Shares of shared rows are equally likely, and so are all sets of as many links.
        prior = 1.0 / 4 / (math.comb(3, size) ** 2 * math.factorial(size))
        for chosen in map(list, itertools.combinations(range(6), size)):
            if len(set(pairs.first[chosen])) == size == len(set(pairs.second[chosen])):
                value = prior * weight[chosen].prod()
                total += value
                each[chosen] += value
                number[size] += value
    assert drawn.probability == pytest.approx(each / total, abs=0.01)
    assert np.bincount(drawn.shared, minlength=4) / 60000 == pytest.approx(number / total, abs=0.012)


def test_known_pairs_are_kept_and_their_rivals_left():
    known = np.array([0, 1, 0, 0, 0, -1])
    pairs = small(known)
    drawn = sample_links(pairs, fit_links(pairs), draws=300)
    assert drawn.probability[[1, 0, 3, 4, 5]].tolist() == pytest.approx([1, 0, 0, 0, 0])
    assert drawn.shared.min() >= 1
    chosen = choose_links(pairs, drawn.probability)
    assert chosen[1]
    assert not chosen[5]


def test_a_row_known_to_be_two_is_refused():
    with pytest.raises(InputError, match="one row is linked to two"):
        small(np.array([1, 1, 0, 0, 0, 0]))


def test_what_cannot_be_compared_says_nothing():
    pairs = small()
    levels = np.column_stack([pairs.levels, np.full(6, -1)])
    more = Pairs(pairs.first, pairs.second, (3, 3), levels, pairs.log_chance, [*pairs.pseudo, np.ones(3)], pairs.known)
    assert fit_links(more).probability == pytest.approx(fit_links(pairs).probability, rel=1e-9)


def test_links_are_one_to_one_and_the_best_set():
    pairs = small()
    chosen = choose_links(pairs, np.array([0.5, 0.45, 0.45, 0.5, 0.05, 0.9]))
    assert chosen.tolist() == [True, False, False, True, False, True]
