"""The best cut of a count series into stretches of constant mean: exact, by dynamic programming.

Each stretch costs minus twice its log-likelihood at its own mean; each cut costs a penalty. The search is exact for
the penalised cost, and its time grows about as the length of the series: a start of the last stretch is kept only while
there is some mean at which it is the cheapest of all (functional pruning). That asks more than that no other start
alone is cheaper at all means (PELT), which prunes nothing while nothing changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import special

from casualties.errors import InputError
from casualties.inference import negative_binomial
from casualties.inference.negative_binomial_kernels import dispersion_part

__all__ = ["Partition", "optimal_partition", "profiled_partition", "segment_means"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Partition:
    """A series cut into stretches.

    Parameters
    ----------
    cuts : tuple of int
        Position of the first count of each stretch but the first.
    cost : float
        Minus twice the log-likelihood of all counts at the means of their stretches, plus the penalty for each cut.
    size : float
        Negative-binomial size (variance ``mu + mu**2 / size``) that the costs were computed with; ``inf`` is
        Poisson.
    """

    cuts: tuple[int, ...]
    cost: float
    size: float


def optimal_partition(y: npt.ArrayLike, *, size: float, penalty: float | None = None, min_length: int = 7) -> Partition:
    """Cut a series where that lowers the penalised cost most.

    Parameters
    ----------
    y : array_like, shape (n,)
        Counts.
    size : float
        Negative-binomial size, the same in all stretches; ``inf`` is Poisson.
    penalty : float, optional
        What each cut must gain in twice the log-likelihood; ``3 log n`` where it is not given.
    min_length : int, optional
        Fewest counts in a stretch.

    Returns
    -------
    Partition
        An exact minimum.

    Raises
    ------
    InputError
        If counts are missing, negative or fractional, or the size or the length is not positive.

    Examples
    --------
    >>> optimal_partition([2, 1, 3, 2, 1, 2, 2, 9, 14, 8, 11, 9, 12, 10], size=2.0, min_length=3).cuts
    (7,)

    References
    ----------
    Killick, R., Fearnhead, P. and Eckley, I. A. (2012), Optimal detection of changepoints with a linear
    computational cost, Journal of the American Statistical Association 107, 1590-1598.
    Maidstone, R., Hocking, T., Rigaill, G. and Fearnhead, P. (2017), On optimal multiple changepoint algorithms for
    large data, Statistics and Computing 27, 519-533.
    """
    counts = _checked(y, size, min_length)
    n = len(counts)
    beta = 3.0 * math.log(n) if penalty is None else float(penalty)
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    if n < min_length:
        return Partition((), _cost(sums[n], float(n), float(size)) + _constant(counts, size), float(size))
    total, origin = _search(sums, float(size), beta, int(min_length), max(float(counts.max()), 1.0))
    cuts: list[int] = []
    end = n
    while origin[end] > 0:
        end = int(origin[end])
        cuts.append(end)
    return Partition(tuple(reversed(cuts)), float(total) + _constant(counts, size), float(size))


def profiled_partition(
    y: npt.ArrayLike, *, penalty: float | None = None, min_length: int = 7, starts: tuple[float, ...] = (1.0, 10.0)
) -> Partition:
    """Cut a series and choose the size with it, so that both together cost least.

    Parameters
    ----------
    y, penalty, min_length
        As in `optimal_partition`.
    starts : tuple of float, optional
        Sizes to begin from, beside the size of the whole series uncut.

    Returns
    -------
    Partition
        The cheapest of the cuts at which partition and size stand still. Each turn lowers the cost, so that every
        start ends; the lowest end is a local minimum in partition and size together, not proven global.

    Examples
    --------
    >>> found = profiled_partition([2, 1, 3, 2, 1, 2, 2, 9, 14, 8, 11, 9, 12, 10], min_length=3)
    >>> found.cuts, found.size
    ((7,), inf)
    """
    counts = _checked(y, 1.0, min_length)
    known: dict[float, Partition] = {}

    def partition(size: float) -> Partition:
        if size not in known:
            known[size] = optimal_partition(counts, size=size, penalty=penalty, min_length=min_length)
        return known[size]

    ends = []
    for start in (_profiled_size(counts, ()), *starts):
        found = partition(start)
        for _ in range(50):
            # For a design of stretches alone the regression's means are the stretch means whatever the dispersion.
            following = partition(_profiled_size(counts, found.cuts))
            if following.cost >= found.cost - 1e-9 * (1.0 + abs(found.cost)):
                break
            found = following
        ends.append(following if following.cost <= found.cost else found)
    return min(ends, key=lambda item: item.cost)


def segment_means(y: npt.ArrayLike, cuts: tuple[int, ...]) -> Floats:
    """Give the mean of each stretch.

    Examples
    --------
    >>> segment_means([1, 3, 10, 20], (2,))
    array([ 2., 15.])
    """
    counts = np.asarray(y, dtype=float)
    return np.array([part.mean() for part in np.split(counts, cuts)])


def _profiled_size(counts: Floats, cuts: tuple[int, ...]) -> float:
    """Give the size that is most likely given the stretch means."""
    lengths = np.diff([0, *cuts, len(counts)])
    alpha = negative_binomial.profile_dispersion(counts, np.repeat(segment_means(counts, cuts), lengths))
    return math.inf if alpha == 0.0 else 1.0 / alpha


@njit(cache=True, nogil=True)
def _cost(total: float, length: float, size: float) -> float:
    """Give minus twice the log-likelihood of a stretch at its mean, without what no cut can change."""
    if total == 0.0:
        return 0.0
    if math.isinf(size):
        return 2.0 * (total - total * math.log(total / length))
    others = size * length
    # In this form nothing cancels where the size is huge.
    return 2.0 * (total * math.log((total + others) / total) + others * math.log1p(total / others))


@njit(cache=True, nogil=True)
def _normaliser(point: float, poisson: bool) -> tuple[float, float]:
    """Give the function and its slope that a day adds to the cost at a parameter, beside the count's own part.

    The parameter is the logarithm of the mean (Poisson) or of the mean over the size (negative binomial).
    """
    if poisson:
        value = math.exp(point)
        return value, value
    if point > 0.0:
        small = math.exp(-point)
        return point + math.log1p(small), 1.0 / (1.0 + small)
    small = math.exp(point)
    return math.log1p(small), small / (1.0 + small)


@njit(cache=True, nogil=True)
def _root(point: float, weight: float, total: float, lead: float, poisson: bool) -> tuple[float, float]:
    """Give where an older start begins to win, and the normaliser there, by Newton steps from where it loses.

    The difference of two starts is convex in the parameter, so that from a point where it is positive the steps go
    to the near root and never beyond it.
    """
    value, slope = _normaliser(point, poisson)
    for _ in range(100):
        difference = lead + 2.0 * (weight * value - total * point)
        incline = 2.0 * (weight * slope - total)
        if difference <= 0.0 or incline == 0.0:
            break
        step = difference / incline
        point -= step
        value, slope = _normaliser(point, poisson)
        if abs(step) <= 1e-8:
            break
    return point, value


@njit(cache=True, nogil=True)
def _search(sums: Floats, size: float, penalty: float, min_length: int, largest: float) -> tuple[float, Whole]:
    """Give the lowest penalised cost and, for each end, where the last stretch of the best cut up to it starts.

    The line of parameters is kept in pieces, each with the start that is cheapest there. From one end to the next all
    starts gain the same function of the parameter, so that pieces only change where a new start comes in.
    """
    n = len(sums) - 1
    poisson = math.isinf(size)
    scale = 1.0 if poisson else size
    best, origin = np.full(n + 1, np.inf), np.zeros(n + 1, np.int64)
    best[0] = -penalty
    room = 4 * n + 8
    owners, edges, values = np.zeros(room, np.int64), np.empty(room), np.empty(room)
    new_owners, new_edges, new_values = np.zeros(room, np.int64), np.empty(room), np.empty(room)
    # Lowest: a mean so small that even a series without any count costs nothing there.
    edges[0], edges[1] = math.log(1.0 / (n * scale)) - 40.0, math.log(largest / scale) + 1.0
    values[0], values[1] = _normaliser(edges[0], poisson)[0], _normaliser(edges[1], poisson)[0]
    pieces = 1
    for end in range(min_length, n + 1):
        start = end - min_length
        if start >= min_length:
            made = 0
            for k in range(pieces):
                old, low, high = owners[k], edges[k], edges[k + 1]
                low_value, high_value = values[k], values[k + 1]
                total, length = sums[start] - sums[old], float(start - old)
                weight = length if poisson else total + size * length
                lead = best[old] - best[start]
                below = lead + 2.0 * (weight * low_value - total * low) <= 0.0
                above = lead + 2.0 * (weight * high_value - total * high) <= 0.0
                first, last, first_value, last_value = low, high, low_value, high_value
                kept = below or above
                if not kept and lead + _cost(total, length, size) < 0.0:
                    middle = math.log(total / (length if poisson else size * length)) if total > 0.0 else -np.inf
                    kept = low < middle < high
                if kept and not below:
                    first, first_value = _root(low, weight, total, lead, poisson)
                if kept and not above:
                    last, last_value = _root(high, weight, total, lead, poisson)
                if not kept or first >= last:
                    if made == 0 or new_owners[made - 1] != start:
                        new_owners[made], new_edges[made], new_values[made] = start, low, low_value
                        made += 1
                    continue
                if first > low and (made == 0 or new_owners[made - 1] != start):
                    new_owners[made], new_edges[made], new_values[made] = start, low, low_value
                    made += 1
                if made == 0 or new_owners[made - 1] != old:
                    new_owners[made], new_edges[made], new_values[made] = old, first, first_value
                    made += 1
                if last < high:
                    new_owners[made], new_edges[made], new_values[made] = start, last, last_value
                    made += 1
            new_edges[made], new_values[made] = edges[pieces], values[pieces]
            owners, new_owners = new_owners, owners
            edges, new_edges = new_edges, edges
            values, new_values = new_values, values
            pieces = made
        lowest, where = np.inf, 0
        for k in range(pieces):
            old = owners[k]
            value = best[old] + _cost(sums[end] - sums[old], float(end - old), size)
            if value < lowest or (value == lowest and old < where):
                lowest, where = value, old
        best[end], origin[end] = lowest + penalty, where
    return best[n], origin


def _constant(counts: Floats, size: float) -> float:
    """Give the part of the cost that depends on the counts alone."""
    constant = -float(special.gammaln(counts + 1.0).sum())
    if not math.isinf(size):
        # log of gamma(y + size) / gamma(size), without the difference of two huge numbers
        rising = float(dispersion_part(counts, np.zeros_like(counts), 1.0 / size))
        constant += rising + float(counts.sum()) * math.log(size)
    return -2.0 * constant


def _checked(y: npt.ArrayLike, size: float, min_length: int) -> Floats:
    counts = np.asarray(y, dtype=float)
    if counts.ndim != 1 or not len(counts):
        raise InputError(f"the counts have shape {counts.shape}", column="y", remedy="give (n,)")
    wrong = ~np.isfinite(counts) | (counts < 0) | (counts != np.floor(counts))
    if wrong.any():
        raise InputError("counts must be whole numbers, none negative or missing", column="y", value=counts[wrong][0])
    if not size > 0:
        raise InputError("must be above zero", column="size", value=size)
    if min_length < 1:
        raise InputError("must be at least 1", column="min_length", value=min_length)
    return counts
