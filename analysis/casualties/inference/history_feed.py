"""What the days before feed into a day: a smoothed history that pulls the mean, where days depend on each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from casualties.errors import InputError

__all__ = ["PARTS", "Feed", "History", "smoothed_history"]

Floats = npt.NDArray[np.float64]

PARTS = 8  # shares are whole eighths, so that the means of all of them lie on one lattice
_MOST, _LEAST = 4.0, 5.0  # a day counts in the history with at most 4 times what the history expects, plus 5
_ANCHOR = 0.1  # share of the whole record's level in the history: a history of zeros has a logarithm
_CUT = 0.95


@dataclass(frozen=True, slots=True)
class Feed:
    """How strongly, and over how long, the past may pull the mean of a day.

    The mean is ``rate**(1 - share) * history**share * exposure``, with the history an exponentially weighted mean of
    past counts over exposure. A rate that changes is thus a change of the level to which the days return.

    Parameters
    ----------
    shares : tuple of float
        Shares, whole eighths from 0 to below 1, each as probable as the other beforehand.
    decays : tuple of float
        What a day's weight in the history is multiplied by each day, each as probable as the other beforehand.

    Raises
    ------
    InputError
        If a share is not one of 0, 1/8, ..., 7/8, a decay does not lie between 0 and 1, or one comes twice.

    Examples
    --------
    >>> Feed(shares=(0.0, 0.5), decays=(0.6, 0.9)).pairs
    ((0.0, 0.0), (0.5, 0.6), (0.5, 0.9))
    """

    shares: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75)
    decays: tuple[float, ...] = (0.6, 0.9)

    def __post_init__(self) -> None:
        for name, values in (("shares", self.shares), ("decays", self.decays)):
            if not values or len(set(values)) < len(values):
                raise InputError("needs one or more numbers, each once", column=name, value=values)
        for share in self.shares:
            if not 0.0 <= share < 1.0 or share * PARTS != math.floor(share * PARTS):
                raise InputError("must be one of 0, 1/8, ..., 7/8", column="shares", value=share)
        for decay in self.decays:
            if not 0.0 < decay < 1.0:
                raise InputError("must lie between 0 and 1", column="decays", value=decay)

    @property
    def pairs(self) -> tuple[tuple[float, float], ...]:
        """Every share with every decay; a share of 0 has no decay and comes once."""
        return tuple((share, decay) for share in self.shares for decay in (self.decays if share > 0.0 else (0.0,)))

    @property
    def log_priors(self) -> Floats:
        """Logarithm of the prior probability of each pair."""
        return np.array(
            [
                -math.log(len(self.shares)) - (math.log(len(self.decays)) if share > 0.0 else 0.0)
                for share, _ in self.pairs
            ]
        )


@dataclass(frozen=True, slots=True)
class History:
    """The smoothed past of each day.

    Parameters
    ----------
    log_level : ndarray, shape (n,)
        Logarithm of the history that feeds each day.
    last : float
        The smoothed history after the last day, before the anchor.
    anchor : float
        The level of the whole record.
    decay : float
        As in `Feed`.
    """

    log_level: Floats
    last: float
    anchor: float
    decay: float

    def ahead(self, last: Floats) -> Floats:
        """Give the logarithm of the history that feeds the next day, from smoothed histories."""
        return np.asarray(np.log((1.0 - _ANCHOR) * last + _ANCHOR * self.anchor))

    def after(self, last: Floats, counts: Floats, exposure: float) -> Floats:
        """Give smoothed histories after one more day."""
        most = (_MOST * last * exposure + _LEAST) / exposure
        return np.asarray(self.decay * last + (1.0 - self.decay) * np.minimum(counts / exposure, most))


def smoothed_history(counts: Floats, exposure: Floats, decay: float) -> History:
    """Smooth the counts before each day.

    Parameters
    ----------
    counts : ndarray, shape (n,)
        Counts; NaN on days that were not observed, which leave the history as it is.
    exposure : ndarray, shape (n,)
        What multiplies the rate on each day.
    decay : float
        As in `Feed`.

    Returns
    -------
    History
        The first day's history is the level of the whole record, cut at the 95 % quantile of its days.

    Examples
    --------
    >>> history = smoothed_history(np.array([4.0, 4.0, 4.0, 0.0]), np.ones(4), 0.5)
    >>> np.exp(history.log_level), history.last
    (array([3.    , 3.45  , 3.675 , 3.7875]), 1.9375)
    """
    seen = ~np.isnan(counts)
    daily = counts[seen] / exposure[seen]
    least = 0.5 / exposure[seen].sum() if seen.any() else 1.0
    anchor = max(float(np.minimum(daily, np.quantile(daily, _CUT)).mean()), least) if seen.any() else least
    smooth = np.empty(len(counts))
    last = _smooth(counts, exposure, decay, anchor, smooth)
    return History(np.log((1.0 - _ANCHOR) * smooth + _ANCHOR * anchor), last, anchor, decay)


@njit(cache=True, nogil=True)
def _smooth(counts, exposure, decay, last, smooth):  # type: ignore[no-untyped-def]
    """Fill the history before each day, and give the one after the last."""
    for day in range(len(counts)):
        smooth[day] = last
        if not np.isnan(counts[day]):
            most = (_MOST * last * exposure[day] + _LEAST) / exposure[day]
            last = decay * last + (1.0 - decay) * min(counts[day] / exposure[day], most)
    return last
