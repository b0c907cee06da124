"""Which rows of two lists are the same: weights after Fellegi and Sunter, and links of which each row has at most one.

A pair is compared in a few fields, each at one of a few levels. How often the same event agrees at a level (``m``) is
learned from the lists; how often chance brings two rows to the same levels is given for each pair, so that agreement on
a rare place counts for more than agreement on a busy one. Pairs compete: a row that is linked to one row is linked to
no other, and rows that are linked elsewhere are no chance company any more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from numba import njit
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from casualties.errors import InputError

__all__ = ["LinkModel", "LinkPosterior", "Pairs", "choose_links", "fit_links", "sample_links"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OPEN, LINK, NO_LINK = 0, 1, -1
_STEPS, _TOLERANCE = 500, 1e-8
# Sweeps that are not kept, and those among them in which the levels stay where they start.
_BURN, _SETTLE = 200, 20


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The pairs that may be the same event.

    Parameters
    ----------
    first, second : array of int, shape (pairs,)
        Row of each list; sorted by `first`, each pair once.
    rows : (int, int)
        Rows of the two lists.
    levels : array of int, shape (pairs, fields)
        Level of each field, from 0; -1 where the field cannot be compared, which says nothing.
    log_chance : array of float, shape (pairs,)
        Logarithm of the probability that two rows that are *not* the same event, and of which one is the pair's first
        or second row, come to these levels.
    pseudo : sequence of array
        For each field the pseudo-counts of its levels among links: what is known of them beforehand.
    known : array of int, shape (pairs,)
        1 where the pair is known to be the same event, -1 where it is known not to be, else 0.
    """

    first: Ints
    second: Ints
    rows: tuple[int, int]
    levels: Ints
    log_chance: Floats
    pseudo: Sequence[Floats]
    known: Ints

    def __post_init__(self) -> None:
        if len(self.first) and (np.diff(self.first) < 0).any():
            raise InputError("pairs must be sorted by their first row", column="first")
        linked = self.known == LINK
        for rows in (self.first[linked], self.second[linked]):
            if len(np.unique(rows)) < len(rows):
                raise InputError("one row is linked to two", column="known")

    @property
    def starts(self) -> Ints:
        """Where the levels of each field begin in one list of all levels."""
        return np.concatenate([[0], np.cumsum([len(field) for field in self.pseudo])]).astype("int64")

    def patterns(self) -> tuple[Ints, Ints]:
        """Give the different sets of levels, as places in one list of all levels, and which of them each pair has.

        What cannot be compared stands at the end of the list of levels. Pairs are many and their patterns few, so that
        what depends on the levels alone is worked out once a pattern.
        """
        table = pd.DataFrame(self.levels)
        number = np.asarray(table.groupby(list(table), sort=False).ngroup(), dtype=np.int64)
        listed = table.drop_duplicates().to_numpy(dtype="int64")
        starts = self.starts
        return np.where(listed < 0, starts[-1], listed + starts[:-1]), number


@dataclass(frozen=True, slots=True, eq=False)
class LinkModel:
    """What the lists say of how shared events are told.

    Parameters
    ----------
    m : list of array
        For each field the probability of its levels among links.
    u : list of array
        The same among the candidate pairs that are no links.
    shared : float
        Expected number of links.
    probability : array of float, shape (pairs,)
        Of each pair, given `m`; pairs of one row compete to first order.
    """

    m: list[Floats]
    u: list[Floats]
    shared: float
    probability: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LinkPosterior:
    """Links given that each row has at most one.

    Parameters
    ----------
    probability : array of float, shape (pairs,)
        Of each pair; those of one row never add up to more than 1.
    shared : array of int, shape (draws,)
        Number of links of each draw.
    m : list of array
        Posterior mean for each field.
    """

    probability: Floats
    shared: Ints
    m: list[Floats]


def fit_links(pairs: Pairs) -> LinkModel:
    """Learn how shared events agree, by expectation and maximisation.

    Parameters
    ----------
    pairs : Pairs
        The candidate pairs.

    Returns
    -------
    LinkModel

    Notes
    -----
    The weight of a pair is ``w = n / ((A - n)(B - n)) * prod(m) / chance`` with ``n`` links expected among lists of
    ``A`` and ``B`` rows: the odds that a link is added to ``n`` others if every set of as many links is as likely. Its
    probability is ``w / (1 + sum of w in its row + sum of w in its column - w)``.

    References
    ----------
    Fellegi, I. P. and Sunter, A. B. (1969), A theory for record linkage, JASA 64, 1183-1210. Winkler, W. E. (1988),
    Using the EM algorithm for weight computation in the Fellegi-Sunter model of record linkage, Proc. Survey Research
    Methods Section ASA, 667-671.
    """
    starts, (flat, pattern) = pairs.starts, pairs.patterns()
    rows, columns = pairs.rows
    pseudo = np.concatenate(list(pairs.pseudo))
    field = np.repeat(np.arange(len(starts) - 1), np.diff(starts))

    def shares(counts: Floats) -> Floats:
        return np.asarray(counts / np.bincount(field, counts, minlength=len(starts) - 1)[field])

    m = shares(pseudo)
    most = min(rows, columns)
    shared = min(0.5 * most, max(0.5 * len(pairs.first), 0.0))
    fixed, impossible = pairs.known == LINK, (pairs.known == NO_LINK) | _beside_links(pairs)
    probability = fixed.astype(float)

    def counted(weights: Floats) -> Floats:
        each = np.bincount(pattern, weights, minlength=len(flat))
        listed = np.bincount(flat.ravel(), np.repeat(each, flat.shape[1]), minlength=starts[-1] + 1)
        return np.asarray(listed[:-1], dtype=np.float64)

    for _ in range(_STEPS):
        log_m = np.append(np.log(m), 0.0)[flat].sum(axis=1)[pattern]
        odds = math.log(max(shared, 1e-12)) - math.log(rows - shared + 0.5) - math.log(columns - shared + 0.5)
        # Above the cap a pair is certain whatever competes with it.
        weight = np.exp(np.minimum(log_m - pairs.log_chance + odds, 300.0))
        weight[impossible] = 0.0
        rivals = (
            np.bincount(pairs.first, weight, minlength=rows)[pairs.first]
            + np.bincount(pairs.second, weight, minlength=columns)[pairs.second]
            - weight
        )
        probability = np.where(fixed, 1.0, weight / (1.0 + np.maximum(rivals, weight)))
        before, shared = shared, min(float(probability.sum()), most)
        m = shares(counted(probability) + pseudo)
        if abs(shared - before) <= _TOLERANCE * (1.0 + shared):
            break
    u = shares(counted(1.0 - probability) + 1e-9)
    cuts = starts[1:-1]
    return LinkModel(np.split(m, cuts), np.split(u, cuts), shared, probability)


def sample_links(pairs: Pairs, start: LinkModel, *, draws: int = 1000, seed: int = 1) -> LinkPosterior:
    """Draw sets of links of which each row has at most one, together with how links agree.

    Parameters
    ----------
    pairs : Pairs
        The candidate pairs.
    start : LinkModel
        Where to start.
    draws : int, optional
        Sweeps kept, after 200 that are not.
    seed : int, optional
        The seed.

    Returns
    -------
    LinkPosterior

    Notes
    -----
    Beforehand each row of the first list is shared with a probability of which all values are equally likely, and every
    set of as many links is as likely. A sweep draws `m` given the links (Dirichlet), and then each row's link given all
    others; a pair's probability is the mean of its conditional probabilities.

    References
    ----------
    Sadinle, M. (2017), Bayesian estimation of bipartite matchings for record linkage, JASA 112, 600-612.
    """
    rows, columns = pairs.rows
    starts, (flat, pattern) = pairs.starts, pairs.patterns()
    begin = np.searchsorted(pairs.first, np.arange(rows + 1)).astype("int64")
    # One factor for all keeps the weights within the range of the numbers.
    centre = float(pairs.log_chance.mean()) if len(pairs.log_chance) else 0.0
    inverse = np.exp(np.clip(centre - pairs.log_chance, -600.0, 600.0))
    inverse[(pairs.known == NO_LINK) | _beside_links(pairs)] = 0.0
    probability, shared, m = _sweeps(
        begin,
        pairs.second,
        flat,
        pattern,
        starts,
        np.concatenate(list(pairs.pseudo)),
        np.concatenate(start.m),
        inverse,
        math.exp(-centre),
        pairs.known == LINK,
        columns,
        draws,
        np.random.default_rng(seed),
    )
    return LinkPosterior(probability, shared, np.split(m, starts[1:-1]))


def choose_links(pairs: Pairs, probability: Floats) -> npt.NDArray[np.bool_]:
    """Choose the set of links, at most one a row, that is expected to have the highest F1.

    Parameters
    ----------
    pairs : Pairs
        The candidate pairs.
    probability : array of float, shape (pairs,)
        Of each pair.

    Returns
    -------
    array of bool, shape (pairs,)

    Notes
    -----
    The set maximises the sum of ``p - t``, where ``t`` is half of the F1 that the set is expected to have; the two are
    found in turns. Each connected group of pairs is an assignment problem of its own.
    """
    expected = float(probability.sum())
    chosen = pairs.known == LINK
    threshold = 0.5
    for _ in range(20):
        chosen = _assigned(pairs, probability, threshold)
        f1 = 2.0 * float(probability[chosen].sum()) / max(float(chosen.sum()) + expected, 1e-12)
        if abs(f1 / 2.0 - threshold) < 1e-9:
            break
        threshold = max(f1 / 2.0, 0.05)
    return np.asarray(chosen, dtype=np.bool_)


def _assigned(pairs: Pairs, probability: Floats, threshold: float) -> npt.NDArray[np.bool_]:
    """Choose, in each connected group, at most one link a row so that what exceeds a threshold adds up to most."""
    fixed = pairs.known == LINK
    worth = np.flatnonzero(((probability > threshold) & (pairs.known == OPEN)) | fixed)
    chosen = np.zeros(len(probability), dtype=bool)
    if not len(worth):
        return chosen
    rows = pairs.rows[0]
    first, second = pairs.first[worth], pairs.second[worth]
    # Most pairs have no rival.
    alone = (np.bincount(first)[first] == 1) & (np.bincount(second)[second] == 1)
    chosen[worth[alone]] = True
    worth, first, second = worth[~alone], first[~alone], second[~alone]
    graph = coo_matrix((np.ones(len(worth)), (first, second + rows)), shape=(sum(pairs.rows),) * 2)
    group = connected_components(graph, directed=False)[1][first]
    order = np.argsort(group, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []:
        left, row = np.unique(first[members], return_inverse=True)
        right, column = np.unique(second[members], return_inverse=True)
        gain = np.zeros((len(left), len(right)))
        gain[row, column] = probability[worth[members]] - threshold + fixed[worth[members]] * len(members)
        taken = np.zeros_like(gain, dtype=bool)
        taken[linear_sum_assignment(gain, maximize=True)] = True
        chosen[worth[members]] = taken[row, column]
    return chosen


def _beside_links(pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Tell which pairs share a row with a known link and are none themselves."""
    linked = pairs.known == LINK
    beside = np.isin(pairs.first, pairs.first[linked]) | np.isin(pairs.second, pairs.second[linked])
    return np.asarray(beside & ~linked)


@njit(cache=True, nogil=True)
def _sweeps(
    begin: Ints,
    second: Ints,
    flat: Ints,
    pattern: Ints,
    starts: Ints,
    pseudo: Floats,
    m_start: Floats,
    inverse: Floats,
    scale: float,
    fixed: npt.NDArray[np.bool_],
    columns: int,
    draws: int,
    rng: np.random.Generator,
) -> tuple[Floats, Ints, Floats]:
    """Draw links row by row and the probabilities of levels in between."""
    rows, pairs, fields = len(begin) - 1, len(second), flat.shape[1]
    m = np.append(m_start, 1.0)
    m_sum = np.zeros(len(m_start))
    link = np.full(rows, -1)
    open_rows = np.ones(rows, dtype=np.bool_)
    # 1 where a column has no link, else 0: a factor is faster than a branch that nothing foretells.
    free = np.ones(columns)
    shared = 0
    for row in range(rows):
        open_rows[row] = begin[row + 1] > begin[row]
        for pair in range(begin[row], begin[row + 1]):
            if fixed[pair]:
                link[row] = pair
                open_rows[row] = False
                free[second[pair]] = 0.0
                shared += 1
    summed = np.zeros(pairs)
    counted = np.zeros(draws, dtype=np.int64)
    product = np.zeros(len(flat))
    weight = np.zeros(pairs)
    counts = np.zeros(len(m))
    for sweep in range(draws + _BURN):
        if sweep > _SETTLE:
            counts[:-1] = pseudo
            for row in range(rows):
                if link[row] >= 0:
                    for field in range(fields):
                        counts[flat[pattern[link[row]], field]] += 1.0
            for field in range(fields):
                total = 0.0
                for level in range(starts[field], starts[field + 1]):
                    m[level] = max(rng.standard_gamma(counts[level]), 1e-300)
                    total += m[level]
                for level in range(starts[field], starts[field + 1]):
                    m[level] /= total
        for one in range(len(flat)):
            product[one] = 1.0
            for field in range(fields):
                product[one] *= m[flat[one, field]]
        for row in range(rows):
            if not open_rows[row]:
                continue
            now = link[row]
            if now >= 0:
                free[second[now]] = 1.0
                shared -= 1
            odds = scale * (shared + 1.0) / (rows - shared) / (columns - shared) if shared < columns else 0.0
            total = 1.0
            for pair in range(begin[row], begin[row + 1]):
                weight[pair] = odds * inverse[pair] * product[pattern[pair]] * free[second[pair]]
                total += weight[pair]
            left = rng.random() * total - 1.0
            link[row] = -1
            if left >= 0.0:
                for pair in range(begin[row], begin[row + 1]):
                    left -= weight[pair]
                    if left < 0.0:
                        link[row] = pair
                        free[second[pair]] = 0.0
                        shared += 1
                        break
            if sweep >= _BURN:
                share = 1.0 / total
                for pair in range(begin[row], begin[row + 1]):
                    summed[pair] += weight[pair] * share
        if sweep >= _BURN:
            counted[sweep - _BURN] = shared
            m_sum += m[:-1]
    summed /= draws
    for pair in range(pairs):
        if fixed[pair]:
            summed[pair] = 1.0
    return summed, counted, m_sum / draws
