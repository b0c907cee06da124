"""Quantiles of a count whose mean and variance are uncertain: a mixture of negative binomials, without simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["CountMixture"]

Floats = npt.NDArray[np.float64]

_PRECISION = 0.01  # of a count


@dataclass(frozen=True, slots=True, eq=False)
class CountMixture:
    """A mixture of negative binomials given by their first two moments.

    Parameters
    ----------
    mean, variance : ndarray, shape (m, k)
        Of each part, for each of k sums. A variance below that of a Poisson is taken for it.
    weight : ndarray, shape (m,)
        Of each part; they add up to 1.

    Examples
    --------
    >>> import numpy as np
    >>> one = CountMixture(np.array([[4.0]]), np.array([[8.0]]), np.array([1.0]))
    >>> one.at_most(np.array([0.0])).round(6), 0.5**4
    (array([0.0625]), 0.0625)
    >>> one.bounds(0.9)
    (array([0.]), array([9.]))
    """

    mean: Floats
    variance: Floats
    weight: Floats

    def at_most(self, count: npt.ArrayLike, shift: npt.ArrayLike = 0.0) -> Floats:
        """Give the probability of at most a count; between two counts it is interpolated.

        Parameters
        ----------
        count : array_like, shape (k,)
            At least -1.
        shift : array_like, shape (m, 1) or scalar, optional
            What is added to the count, part by part.
        """
        reached = np.asarray(count, dtype=float)[None, :] + np.asarray(shift, dtype=float)
        mean = np.maximum(self.mean, 1e-12)
        variance = np.maximum(self.variance, mean * (1.0 + 1e-6))
        size = mean**2 / (variance - mean)
        inside = special.betainc(size, np.maximum(reached, -1.0 + 1e-9) + 1.0, mean / variance)
        probability: Floats = self.weight @ np.where(reached <= -1.0, 0.0, inside)
        return probability

    def quantile(self, probability: float, shift: npt.ArrayLike = 0.0) -> Floats:
        """Give the count of which `at_most` gives a probability, shape (k,)."""
        moved = np.asarray(shift, dtype=float)
        centre, reach = self.mean - moved, 12.0 * np.sqrt(np.maximum(self.variance, self.mean)) + 12.0
        low, high = (centre - reach).min(axis=0), (centre + reach).max(axis=0)
        while (short := self.at_most(high, moved) < probability).any():
            high = np.where(short, high + (high - low), high)
        while (high - low).max() > _PRECISION:
            middle = (low + high) / 2.0
            below = self.at_most(middle, moved) < probability
            low, high = np.where(below, middle, low), np.where(below, high, middle)
            if not ((low < (low + high) / 2.0) & ((low + high) / 2.0 < high)).any():
                break
        return np.asarray(high, dtype=float)

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Give the ends of the central interval as whole counts, rounded outwards; each of shape (k,)."""
        tail = 0.5 - level / 2.0
        low = np.floor(np.maximum(self.quantile(tail) + 1.0, 0.0))
        high = np.ceil(self.quantile(1.0 - tail))
        return low, np.maximum(low, high)
