"""What is left of changes where days may depend on each other: the same model with a feed from the days before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from casualties.inference.history_feed import Feed
from casualties.inference.rate_filter import SingleChange
from casualties.models.changes import Step, Window, shortest_window, step_of

__all__ = ["FEED", "AnyChange", "Dependent", "any_change", "dependent_windows", "regions_of"]

Floats = npt.NDArray[np.float64]

FEED = Feed(shares=(0.0, 0.25, 0.5, 0.75), decays=(0.7,))
# Set on simulated years without a change (docs/methods.md): at most one false alarm in ten with slow hidden swings,
# and one in thirty over independent days, quick and slow swings and mass-casualty days together.
THRESHOLD = -0.6
# Those years are no guide to what is shorter or holds fewer deaths: there chance alone brings a Bayes factor near 1.
LEAST_DAYS, LEAST_DEATHS = 150, 100
FEW = 1.0
_MOST_COUNTED = 2
_LARGEST = 20.0
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class AnyChange:
    """Whether the rate changed at all, decided with days that may depend on each other.

    Parameters
    ----------
    statistic : float
        The larger of two log Bayes factors against no change: that of at least one, whatever their number, and the mean
        of those of exactly one and exactly two, which a prior of many changes in a long record does not dilute. 20
        where it is more.
    threshold : float
        What it has to exceed: -0.6, set by simulation so that series without a change seldom do, and not a scale of
        evidence. With vague priors of the rates a Bayes factor below 1 is evidence too. A series of fewer than 150
        observed days or 100 deaths has to exceed 1, and more where its few days make a change improbable beforehand:
        at least one must then be more probable than none.
    """

    statistic: float
    threshold: float = THRESHOLD

    @property
    def found(self) -> bool:
        """Whether it does."""
        return self.statistic > self.threshold

    @property
    def decision(self) -> str:
        """The decision in words."""
        size = f"{self.statistic:.1f}" if self.statistic < _LARGEST else f"{_LARGEST:.0f} or more"
        word = "The rate changed at least once" if self.found else "No change is established"
        return f"{word} (log Bayes factor {size}, needed {self.threshold:.2f}; days may depend on each other)"


@dataclass(frozen=True, slots=True)
class Dependent:
    """One change where days may depend on each other.

    Parameters
    ----------
    window : Window
        Its date set: the shortest window that holds the level of the dates it may have between its neighbours, given
        that there is one change in its direction between them; its probability is that of at least one change in it.
    step : Step
        By how much the level changed to which the days return.
    """

    window: Window
    step: Step

    def with_probability(self, probability: float) -> Dependent:
        """Give the same with another probability of its window."""
        return replace(self, window=replace(self.window, probability=probability))


def any_change(numbers: Floats, prior: float, days: int, observed: int, deaths: float) -> AnyChange:
    """Weigh changes against none.

    Parameters
    ----------
    numbers : ndarray, shape (k,)
        Posterior probabilities of 0, 1, 2, ... changes; the last is that of all larger numbers.
    prior : float
        Prior probability of a change between two days.
    days : int
        Number of days.
    observed : int
        How many of them were observed.
    deaths : float
        How many were recorded in them.

    Returns
    -------
    AnyChange

    Examples
    --------
    >>> any_change(np.array([0.01, 0.9, 0.05, 0.02, 0.01, 0.01]), 1 / 364, 365, 365, 900).found
    True
    """
    pairs = days - 1
    odds = math.log(prior) - math.log1p(-prior)
    none = math.log(max(numbers[0], _TINY))
    still = pairs * math.log1p(-prior)  # log probability of no change, beforehand
    against = still - math.log(-math.expm1(still))
    any_number = math.log(max(1.0 - numbers[0], _TINY)) - none + against
    few = []
    for k in range(1, min(_MOST_COUNTED, pairs, len(numbers) - 2) + 1):
        ways = math.lgamma(pairs + 1) - math.lgamma(k + 1) - math.lgamma(pairs - k + 1)
        few.append(math.log(max(numbers[k], _TINY)) - none - ways - k * odds)
    mean = float(np.logaddexp.reduce(few)) - math.log(len(few)) if few else -math.inf
    enough = observed >= LEAST_DAYS and deaths >= LEAST_DEATHS
    return AnyChange(min(max(any_number, mean), _LARGEST), THRESHOLD if enough else max(FEW, against))


def regions_of(windows: Sequence[Window], days: int) -> list[tuple[int, int]]:
    """Give where each change may lie if days depend: from after its neighbour before to ahead of the one after it.

    Parameters
    ----------
    windows : sequence of Window
        Disjoint and in order.
    days : int
        Number of days.

    Returns
    -------
    list of (int, int)
        First and last day of each.

    Examples
    --------
    >>> regions_of([Window(10, 12, 11, 0.9), Window(30, 31, 30, 0.9)], 60)
    [(1, 29), (13, 59)]
    """
    begin = [1, *(window.last + 1 for window in windows[:-1])]
    end = [*(window.first - 1 for window in windows[1:]), days - 1]
    return list(zip(begin, end, strict=True))[: len(windows)]


def dependent_windows(
    singles: Sequence[Sequence[SingleChange]],
    regions: Sequence[tuple[int, ...]],
    rates: Floats,
    date_level: float,
    level: float,
) -> list[Dependent]:
    """Give the date set and the ratio of each change, from what each draw says of the region of each.

    Parameters
    ----------
    singles : sequence of sequence of SingleChange
        For each draw, one a region.
    regions : sequence of (int, ...)
        As in `regions_of`; only the first day of each is looked at.
    rates : ndarray, shape (G,)
        The grid.
    date_level, level : float
        Levels of the date sets and of the intervals of ratios.

    Returns
    -------
    list of Dependent
        The probability of each window is the share of a change within the region that it holds; see
        `casualties.models.changepoints.fit_changepoints`.
    """
    found = []
    for k, (first, *_) in enumerate(regions):
        parts = [each[k] for each in singles]
        mass = np.array([part.probability for part in parts])
        weights = mass / mass.sum() if mass.sum() > 0.0 else np.full(len(parts), 1.0 / len(parts))
        dates = weights @ np.stack([part.dates for part in parts])
        low, high = shortest_window(dates, date_level)
        day = low + int(np.argmax(dates[low : high + 1]))
        window = Window(first + low, first + high, first + day, float(dates[low : high + 1].sum()))
        found.append(Dependent(window, step_of(rates, weights, np.stack([part.joint for part in parts]), level)))
    return found
