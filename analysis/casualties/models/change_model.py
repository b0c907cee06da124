"""The change-point model of a series or its draws, with all that it was given, so that it can be asked again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casualties.inference.rate_filter import RatePosterior, filter_rates, log_grid
from casualties.inference.rate_mixture import RateMixture
from casualties.models.change_dependence import FEED

__all__ = ["ChangeModel"]

Floats = npt.NDArray[np.float64]

_SIZES = np.geomspace(0.1, 100.0, 16)
_NEGLIGIBLE = 1e-4
_SPACING = 0.07


@dataclass(frozen=True, slots=True, eq=False)
class ChangeModel:
    """A rate that jumps, on one grid for all draws.

    Parameters
    ----------
    counts : ndarray, shape (m, n)
        Deaths by day, one draw a row; NaN where a day was not observed.
    exposures : ndarray, shape (m, n)
        What multiplies the rate on each day.
    rates : ndarray, shape (G,)
        The grid.
    jump_probability : float
        Prior probability of a change between two days.
    spike : float
        Share of days expected to be spikes.
    """

    counts: Floats
    exposures: Floats
    rates: Floats
    jump_probability: float
    spike: float

    @classmethod
    def of(cls, counts: Floats, exposures: Floats, expected: float, spike: float) -> ChangeModel:
        """Make it, with rates from half a death in the whole window to above the highest days, 7 % apart or closer.

        Both ends scale with the exposure, so that the unit in which coverage is measured changes nothing.
        """
        seen = ~np.isnan(counts[0])
        lows, highs = [], []
        for y, covered in zip(counts[:, seen], exposures[:, seen], strict=True):
            low, mean, daily = 0.5 / covered.sum(), y.sum() / covered.sum(), y / covered
            lows.append(low)
            highs.append(max(3.0 * float(np.quantile(daily, 0.995)), float(daily.max()), 10.0 * mean, 400.0 * low))
        points = max(120, math.ceil(math.log(max(highs) / min(lows)) / _SPACING) + 1)
        rates = log_grid(min(lows), max(highs), points)
        return cls(counts, exposures, rates, expected / (counts.shape[1] - 1), spike)

    def independent(self) -> RateMixture:
        """Give the posterior with independent days: the mixture of the draws'."""
        return RateMixture(tuple(self._fit(row, dependent=False) for row in range(len(self.counts))))

    def dependent(self) -> Iterator[RatePosterior]:
        """Give the posterior with days that may depend on each other, one draw after the other.

        Each is several times as large as one with independent days, and is meant to be let go before the next.
        """
        for row in range(len(self.counts)):
            yield self._fit(row, dependent=True)

    def _fit(self, row: int, *, dependent: bool) -> RatePosterior:
        return filter_rates(
            self.counts[row],
            rates=self.rates,
            sizes=_SIZES,
            jump_probability=self.jump_probability,
            exposure=self.exposures[row],
            spike=self.spike,
            feed=FEED if dependent else None,
            negligible=_NEGLIGIBLE,
        )
