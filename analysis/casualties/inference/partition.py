"""The best cut of a count series into stretches of constant mean: exact, by dynamic programming.

Each stretch costs minus twice its log-likelihood at its own mean; each cut costs a penalty. The search is exact for
the penalised cost; candidates that can no longer be part of a best cut are dropped on the way (PELT).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from casualties.errors import InputError
from casualties.inference import negative_binomial

__all__ = ["Partition", "optimal_partition", "profiled_partition", "segment_means"]

Floats = npt.NDArray[np.float64]


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
        An exact minimum; of equal minima the one whose last stretch is longest.

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
    """
    counts = _checked(y, size, min_length)
    n = len(counts)
    beta = 3.0 * math.log(n) if penalty is None else float(penalty)
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    cost = _SegmentCost(sums, size)
    best = np.full(n + 1, np.inf)
    best[0] = -beta
    origin = np.zeros(n + 1, dtype=np.int64)
    candidates = np.zeros(n + 1, dtype=np.int64)
    number = 1
    # A start that loses to a cut at t by more than the penalty can never win again, but only for ends that leave
    # the minimum length after t: until then t itself is no possible cut. So losers go out with that delay.
    lost = np.zeros(n + 1, dtype=bool)
    leaving: deque[npt.NDArray[np.int64]] = deque()
    for end in range(min_length, n + 1):
        if end >= 2 * min_length:
            candidates[number] = end - min_length
            number += 1
        if len(leaving) >= min_length:
            out = leaving.popleft()
            if len(out):
                lost[out] = True
                kept = candidates[:number][~lost[candidates[:number]]]
                number = len(kept)
                candidates[:number] = kept
        starts = candidates[:number]
        values = best[starts] + cost(starts, end)
        k = int(values.argmin())
        best[end] = values[k] + beta
        origin[end] = starts[k]
        leaving.append(starts[values > best[end]])
    cuts: list[int] = []
    end = n
    while n >= min_length and origin[end] > 0:
        end = int(origin[end])
        cuts.append(end)
    total = best[n] if n >= min_length else float(cost(np.array([0]), n)[0])
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


class _SegmentCost:
    """Minus twice the log-likelihood of stretches at their means, without what no cut can change."""

    def __init__(self, sums: Floats, size: float) -> None:
        self.sums, self.size = sums, size
        days = np.arange(len(sums), dtype=float)
        self.length_part = np.zeros_like(days) if math.isinf(size) else special.xlogy(days * size, days * size)

    def __call__(self, starts: npt.NDArray[np.int64], end: int) -> Floats:
        total = self.sums[end] - self.sums[starts]
        length = end - starts
        if math.isinf(self.size):
            poisson: Floats = 2.0 * (total - special.xlogy(total, total / length))
            return poisson
        whole = total + self.size * length
        cost: Floats = 2.0 * (whole * np.log(whole) - special.xlogy(total, total) - self.length_part[length])
        return cost


def _constant(counts: Floats, size: float) -> float:
    """Give the part of the cost that depends on the counts alone."""
    constant = -special.gammaln(counts + 1.0)
    if not math.isinf(size):
        constant = constant + special.gammaln(counts + size) - special.gammaln(size)
    return float(-2.0 * constant.sum())


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
