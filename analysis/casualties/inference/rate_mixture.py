"""Posteriors of one rate under several readings of the record, taken together as an equal mixture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casualties.errors import InputError
from casualties.inference.pooling import mix
from casualties.inference.rate_filter import RatePosterior, grid_quantiles

__all__ = ["RateMixture"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RateMixture:
    """The equal mixture of rate posteriors on one grid; with a single part it is that part.

    Parameters
    ----------
    parts : tuple of RatePosterior
        One a reading, all with the same days, rates and probability of a jump. Each keeps its recursions, about
        six megabytes for 440 days.

    Raises
    ------
    InputError
        If there is no part, or the parts differ in days, rates or the probability of a jump.

    Examples
    --------
    >>> from casualties.inference.rate_filter import filter_rates, log_grid
    >>> readings = ([2, 1, 3, 2, 9, 12, 9, 11], [2, 1, 3, 2, 2, 12, 9, 11])
    >>> parts = [filter_rates(y, rates=log_grid(0.1, 100, 60), sizes=[8], jump_probability=0.05) for y in readings]
    >>> RateMixture(tuple(parts)).jump.argsort()[-2:]
    array([4, 5])
    """

    parts: tuple[RatePosterior, ...]

    def __post_init__(self) -> None:
        first = self.parts[0] if self.parts else None
        for part in self.parts:
            if (
                first is None
                or part.marginal.shape != first.marginal.shape
                or not np.array_equal(part.rates, first.rates)
                or part.jump_probability != first.jump_probability
            ):
                first = None
        if first is None:
            raise InputError("a mixture needs posteriors with the same days, rates and prior", column="parts")

    @property
    def rates(self) -> Floats:
        """The grid of rates, shape (G,)."""
        return self.parts[0].rates

    @property
    def jump_probability(self) -> float:
        """Prior probability of a jump between two days."""
        return self.parts[0].jump_probability

    @property
    def jump(self) -> Floats:
        """Posterior probability that the rate jumped between the day before and each day, shape (n,)."""
        return mix([np.clip(part.jump, 0.0, 1.0) for part in self.parts])

    @property
    def spike(self) -> Floats:
        """Posterior probability that each day is a spike day, shape (n,)."""
        return mix([np.clip(part.spike, 0.0, 1.0) for part in self.parts])

    @property
    def marginal(self) -> Floats:
        """Posterior probability of each rate on each day, shape (n, G)."""
        total = self.parts[0].marginal
        for part in self.parts[1:]:
            total = total + part.marginal
        return total / len(self.parts)

    @property
    def mean(self) -> Floats:
        """Posterior mean rate on each day, shape (n,)."""
        mean: Floats = self.marginal @ self.rates
        return mean

    def number_probabilities(self, most: int) -> Floats:
        """Give the distribution of the number of jumps, as `RatePosterior.number_probabilities` does."""
        return mix(np.clip([part.number_probabilities(most) for part in self.parts], 0.0, 1.0))

    def probability_of_change(self, first: int, last: int) -> float:
        """Give the probability that a jump is dated from day `first` to day `last`, both included."""
        return float(mix([part.probability_of_change(first, last) for part in self.parts]))

    def changes_across(self, first: int, last: int) -> tuple[Floats, Floats]:
        """Give the joint distribution of the rates before and after a window in which the rate jumped, by part.

        Parameters
        ----------
        first, last : int
            As in `RatePosterior.probability_of_change`.

        Returns
        -------
        weights : ndarray, shape (m,)
            Probability of each part given a jump in the window.
        joints : ndarray, shape (m, G, G)
            As `RatePosterior.change_across`; their weighted sum is the mixture's.
        """
        jumped = np.array([part.probability_of_change(first, last) for part in self.parts])
        total = float(jumped.sum())
        weights = jumped / total if total > 0.0 else np.full(len(jumped), 1.0 / len(jumped))
        return weights, np.stack([part.change_across(first, last) for part in self.parts])

    def quantiles(self, probabilities: npt.ArrayLike) -> Floats:
        """Give quantiles of the rate on each day, shape (n, q), as `RatePosterior.quantiles` does."""
        return np.exp(grid_quantiles(np.log(self.rates), self.marginal, probabilities))
