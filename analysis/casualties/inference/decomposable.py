"""Dependence between lists averaged over decomposable graphs: a posterior of how many persons no list holds.

Lists without an edge between them are independent given the others. For decomposable graphs the probability of a whole
table is a product over cliques divided by one over separators, so that nothing has to be sampled: every graph and every
number of unseen persons is weighed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from casualties.inference.log_linear import all_cells

__all__ = ["UnseenPosterior", "average_over_graphs", "decomposable_graphs"]

Floats = npt.NDArray[np.float64]
Edges = frozenset[frozenset[int]]

# The posterior is followed until so little of it may lie beyond; where that takes more than this, it has no end.
_BEYOND = 1e-7
_MOST_UNSEEN = 2**20


@dataclass(frozen=True, slots=True)
class UnseenPosterior:
    """The posterior of the number of persons that no list holds.

    Parameters
    ----------
    unseen : ndarray of int, shape (numbers,)
        Numbers of persons.
    probability : ndarray of float, shape (numbers,)
        Probability of each.
    graphs : tuple of frozenset
        The edges of each graph.
    weights : ndarray of float, shape (graphs,)
        Posterior probability of each graph.
    ended : bool
        Whether the probability beyond the largest number is negligible; else the posterior is cut there.
    """

    unseen: npt.NDArray[np.int64]
    probability: Floats
    graphs: tuple[Edges, ...]
    weights: Floats
    ended: bool

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.unseen @ self.probability)

    def quantile(self, share: float) -> int:
        """Give the least number with at least so much of the probability up to it."""
        place = int(np.searchsorted(np.cumsum(self.probability), share - 1e-12))
        return int(self.unseen[min(place, len(self.unseen) - 1)])


@lru_cache(maxsize=8)
def decomposable_graphs(lists: int) -> tuple[tuple[Edges, tuple[tuple[tuple[int, ...], int], ...]], ...]:
    """Give every decomposable graph of so many lists with its factors.

    Parameters
    ----------
    lists : int
        Number of lists, up to 5.

    Returns
    -------
    tuple of (edges, factors)
        Factors are (members, sign): +1 for the sets whose marginal tables multiply, -1 for those that divide.

    Examples
    --------
    >>> [len(decomposable_graphs(lists)) for lists in (2, 3, 4)]
    [2, 8, 61]
    """
    pairs = [frozenset(pair) for pair in combinations(range(lists), 2)]
    found = []
    for size in range(len(pairs) + 1):
        for chosen in combinations(pairs, size):
            factors = _factors(lists, frozenset(chosen))
            if factors is not None:
                found.append((frozenset(chosen), factors))
    return tuple(found)


def average_over_graphs(
    counts: Floats,
    lists: int,
    *,
    prior_cell: float | None = None,
    log_prior: Floats | None = None,
    needed: Collection[frozenset[int]] = (),
) -> UnseenPosterior:
    """Average over all decomposable graphs.

    Parameters
    ----------
    counts : ndarray of float, shape (2 ** lists - 1,)
        Persons in each observable cell, in the order of `all_cells`.
    lists : int
        Number of lists.
    prior_cell : float, optional
        Count that the hyper-Dirichlet prior gives each cell; ``1 / 2 ** lists`` where not given.
    log_prior : ndarray of float, optional
        Logarithm of the prior of 0, 1, 2, … unseen persons; where not given, one over the number of all persons.
    needed : collection of frozenset of int, optional
        Pairs of lists that are known to depend on each other: only graphs with these edges take part.

    Returns
    -------
    UnseenPosterior

    References
    ----------
    Madigan, D. and York, J. C. (1997), "Bayesian methods for estimation of the size of a closed population", Biometrika
    84(1), 19-31. Dawid, A. P. and Lauritzen, S. L. (1993), "Hyper Markov laws in the statistical analysis of
    decomposable graphical models", Annals of Statistics 21(3), 1272-1317.

    Examples
    --------
    >>> posterior = average_over_graphs(np.array([30.0, 20.0, 10.0]), 2)
    >>> posterior.quantile(0.025) < 60 < posterior.quantile(0.975)
    True
    """
    cell = 2.0**-lists if prior_cell is None else prior_cell
    if log_prior is not None:
        return _weigh(np.asarray(counts, dtype=float), lists, cell, log_prior, needed)
    # The prior falls as slowly as one over the number, so that the range has to be found from the counts.
    size = 1 << int(np.ceil(np.log2(4.0 * counts.sum() + 256.0)))
    while True:
        persons = counts.sum() + np.arange(size)
        posterior = _weigh(np.asarray(counts, dtype=float), lists, cell, -np.log(np.maximum(persons, 1.0)), needed)
        if posterior.ended or size >= _MOST_UNSEEN:
            return posterior
        size *= 4


def _weigh(
    counts: Floats, lists: int, cell: float, log_prior: Floats, needed: Collection[frozenset[int]]
) -> UnseenPosterior:
    unseen = np.arange(len(log_prior))
    persons = counts.sum() + unseen
    table = all_cells(lists)
    marginals = {
        members: _marginal(counts, table, members, unseen, cell, lists)
        for size in range(1, lists + 1)
        for members in combinations(range(lists), size)
    }
    base = log_prior + gammaln(persons + 1.0) - gammaln(unseen + 1.0)
    graphs = [graph for graph in decomposable_graphs(lists) if set(needed) <= graph[0]]
    pooled = np.full(len(unseen), -np.inf)
    evidence = np.empty(len(graphs))
    for place, (_, factors) in enumerate(graphs):
        weight = base + sum(sign * marginals[members] for members, sign in factors)
        evidence[place] = logsumexp(weight)
        np.logaddexp(pooled, weight, out=pooled)
    total = logsumexp(evidence)
    probability = np.exp(pooled - total)
    # What lies beyond falls about as a power: the last stretch bounds it.
    ended = bool(probability[-1] * len(unseen) < _BEYOND)
    return UnseenPosterior(unseen, probability, tuple(edges for edges, _ in graphs), np.exp(evidence - total), ended)


def _marginal(
    counts: Floats,
    table: npt.NDArray[np.int64],
    members: tuple[int, ...],
    unseen: npt.NDArray[np.int64],
    cell: float,
    lists: int,
) -> Floats:
    """Give the log probability of the table of some lists under its Dirichlet prior, for each number of unseen."""
    code = table[:, members] @ (1 << np.arange(len(members)))
    margin = np.bincount(code, weights=counts, minlength=2 ** len(members))
    prior, whole = cell * 2.0 ** (lists - len(members)), cell * 2.0**lists
    fixed = float((gammaln(margin[1:] + prior) - gammaln(prior)).sum()) + float(gammaln(whole) - gammaln(prior))
    # Persons that no list holds fall into the cell of those whom none of these lists holds.
    varying: Floats = gammaln(margin[0] + unseen + prior) - gammaln(counts.sum() + unseen + whole)
    return fixed + varying


def _factors(lists: int, edges: Edges) -> tuple[tuple[tuple[int, ...], int], ...] | None:
    """Take lists out one by one whose neighbours are all joined; None where that is not possible for all of them."""
    left = set(range(lists))
    factors: list[tuple[tuple[int, ...], int]] = []
    while left:
        for one in sorted(left):
            near = [other for other in sorted(left) if frozenset((one, other)) in edges]
            if all(frozenset(pair) in edges for pair in combinations(near, 2)):
                factors.append((tuple(sorted([one, *near])), 1))
                if near:
                    factors.append((tuple(near), -1))
                left.remove(one)
                break
        else:
            return None
    return tuple(factors)
