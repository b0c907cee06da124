"""Single changes read from the posterior of a rate that jumps: which days, by how much, and how surely."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casualties.inference.pooling import share_between
from casualties.inference.rate_filter import grid_quantiles
from casualties.inference.rate_mixture import RateMixture

__all__ = ["WIDTH", "Step", "Window", "find_windows", "shortest_window", "step_across", "step_of"]

Floats = npt.NDArray[np.float64]

# What calibration found of dates and ratios that allow for dependence; part of every summary that gives them.
WIDTH = "Where days do not depend on each other, dates and ratios of dependent days are wider than they need be."

_LEAST_MASS = 0.5
_LEAST_EVIDENCE = 3.0  # Bayes factor that Kass and Raftery call positive evidence


@dataclass(frozen=True, slots=True)
class Window:
    """The date set of one change.

    Parameters
    ----------
    first, last : int
        Positions of its first and last day.
    day : int
        Position of the most probable day.
    probability : float
        That it holds at least one change.
    """

    first: int
    last: int
    day: int
    probability: float

    @property
    def days(self) -> int:
        """Number of days in it."""
        return self.last - self.first + 1

    def shared_days(self, other: Window) -> int:
        """Give the number of days that both windows hold."""
        return max(0, min(self.last, other.last) - max(self.first, other.first) + 1)


@dataclass(frozen=True, slots=True)
class Step:
    """By how much the rate changed across a window, given that it did.

    Parameters
    ----------
    ratio, low, high : float
        Median and interval of rate after / before.
    before, after : float
        Mean rate on the day before the window and on its last day.
    imprecision : float
        Share of the variance of the log ratio that lies between the parts of the mixture; NaN with one part.
    width_of_one : float
        Mean width of the parts' own intervals of the log ratio.
    """

    ratio: float
    low: float
    high: float
    before: float
    after: float
    imprecision: float
    width_of_one: float


def find_windows(posterior: RateMixture, date_level: float) -> list[Window]:
    """Find the changes that the posterior shows, and the days that each may have.

    Parameters
    ----------
    posterior : RateMixture
        The posterior.
    date_level : float
        Level of the date sets.

    Returns
    -------
    list of Window
        Disjoint and in order; `casualties.models.changepoints.fit_changepoints` says how they are found.

    Examples
    --------
    >>> from casualties.inference.rate_filter import filter_rates, log_grid
    >>> counts = [2, 1, 3, 2, 0, 2, 1, 11, 14, 9, 12, 10, 13, 9]
    >>> posterior = filter_rates(counts, rates=log_grid(0.1, 100, 60), sizes=[8], jump_probability=0.02)
    >>> [(window.first, window.day, window.last) for window in find_windows(RateMixture((posterior,)), 0.9)]
    [(7, 7, 7)]
    """
    jump = posterior.jump
    windows = []
    for first, last in _stretches(posterior):
        mass = jump[first : last + 1]
        low, high = shortest_window(mass, date_level * min(1.0, float(mass.sum())))
        low, high = first + low, first + high
        probability = posterior.probability_of_change(low, high)
        still = math.exp((high + 1 - low) * math.log1p(-posterior.jump_probability))  # no change, beforehand
        evidence = probability * still / max((1.0 - probability) * (1.0 - still), 1e-300)
        if probability < date_level * _LEAST_MASS or evidence < _LEAST_EVIDENCE:
            continue
        windows.append(Window(low, high, low + int(np.argmax(jump[low : high + 1])), probability))
    return windows


def step_across(posterior: RateMixture, window: Window, level: float) -> Step:
    """Give by how much the rate changed across a window, integrated over the date.

    Parameters
    ----------
    posterior : RateMixture
        The posterior. In a mixture each part counts as it holds a change in the window.
    window : Window
        The window.
    level : float
        Level of the interval.

    Returns
    -------
    Step

    Examples
    --------
    >>> from casualties.inference.rate_filter import filter_rates, log_grid
    >>> counts = [2, 1, 3, 2, 0, 2, 1, 11, 14, 9, 12, 10, 13, 9]
    >>> posterior = filter_rates(counts, rates=log_grid(0.1, 100, 60), sizes=[8], jump_probability=0.02)
    >>> step = step_across(RateMixture((posterior,)), Window(7, 7, 7, 1.0), 0.95)
    >>> round(step.ratio), step.low > 3
    (7, True)
    """
    weights, joints = posterior.changes_across(window.first, window.last)
    return step_of(posterior.rates, weights, joints, level)


def step_of(rates: Floats, weights: Floats, joints: Floats, level: float) -> Step:
    """Give by how much a rate changed from joint distributions of the rates before and after.

    Parameters
    ----------
    rates : ndarray, shape (G,)
        The grid.
    weights : ndarray, shape (m,)
        Weight of each part of a mixture.
    joints : ndarray, shape (m, G, G)
        Each part's probabilities of (rate before, rate after).
    level : float
        Level of the interval.

    Returns
    -------
    Step

    Examples
    --------
    >>> import numpy as np
    >>> step = step_of(np.array([1.0, 2.0, 4.0]), np.ones(1), np.diag([0.5, 0.5], k=1)[None], 0.95)
    >>> round(step.ratio, 2), round(step.before, 2), round(step.after, 2)
    (2.0, 1.5, 3.0)
    """
    points = len(rates)
    lattice = math.log(rates[1] / rates[0]) * np.arange(1 - points, points)
    tail = 0.5 * (1.0 - level)
    # The ratio is the same along a diagonal of the joint distribution of (before, after).
    after_minus_before = (np.arange(points)[None, :] - np.arange(points)[:, None] + points - 1).ravel()
    ratios = np.stack([np.bincount(after_minus_before, joint.ravel(), 2 * points - 1) for joint in joints])
    low, ratio, high = np.exp(grid_quantiles(lattice, weights @ ratios, [tail, 0.5, 1.0 - tail]))
    joint = np.tensordot(weights, joints, axes=1)
    ends = grid_quantiles(lattice, ratios, [tail, 1.0 - tail])
    means = ratios @ lattice
    return Step(
        ratio=float(ratio),
        low=float(low),
        high=float(high),
        before=float(joint.sum(axis=1) @ rates),
        after=float(joint.sum(axis=0) @ rates),
        imprecision=share_between(means, ratios @ lattice**2 - means**2, weights),
        width_of_one=float(weights @ (ends[:, 1] - ends[:, 0])),
    )


def _stretches(posterior: RateMixture) -> list[tuple[int, int]]:
    """Give the stretches of days that stand for one change each, first and last day of each."""
    stretches = _islands(posterior.jump)
    probability = [posterior.probability_of_change(*stretch) for stretch in stretches]
    while len(stretches) > 1:
        union = [posterior.probability_of_change(left[0], right[1]) for left, right in itertools.pairwise(stretches)]
        # P(the other holds a change | the less certain one does), for each pair of neighbours.
        company = [
            (a + b - both) / max(min(a, b), 1e-300)
            for a, b, both in zip(probability[:-1], probability[1:], union, strict=True)
        ]
        k = int(np.argmin(company))
        if company[k] >= 0.5:
            break
        stretches[k : k + 2] = [(stretches[k][0], stretches[k + 1][1])]
        probability[k : k + 2] = [union[k]]
    return stretches


def _islands(jump: Floats) -> list[tuple[int, int]]:
    """Lower a level through the posterior and keep apart the islands that have each collected half a change.

    Days come up in order of their probability and join the islands beside them. Two islands that meet become one
    unless both hold half a change by then. Day 0 cannot hold a change and belongs to no island.
    """
    n = len(jump)
    mass = jump.copy()  # at either end of an island: what the island holds
    other_end = np.arange(n)  # at either end of an island: its other end
    up = np.zeros(n + 1, dtype=bool)
    for day in 1 + np.argsort(-jump[1:], kind="stable"):
        up[day] = True
        beside = [side for side in (day - 1, day + 1) if up[side]]
        for side in sorted(beside, key=lambda side: -jump[side]):
            # By now the day's own island may reach beyond it, away from this side.
            mine = other_end[day]
            if min(mass[day], mass[side]) >= _LEAST_MASS:
                continue
            far = other_end[side]
            total = mass[day] + mass[side]
            other_end[mine], other_end[far] = far, mine
            mass[mine] = mass[far] = total
    islands = []
    first = 1
    while first < n:
        last = int(other_end[first])
        if mass[first] >= _LEAST_MASS:
            islands.append((first, last))
        first = last + 1
    return islands


def shortest_window(mass: Floats, wanted: float) -> tuple[int, int]:
    """Give the shortest window that holds a wanted mass; of equally short ones the heaviest."""
    below = np.concatenate([[0.0], np.cumsum(mass)])
    starts = np.arange(len(mass))
    ends = np.searchsorted(below, below[:-1] + wanted * (1.0 - 1e-12), side="left")
    possible = ends <= len(mass)
    if not possible.any():
        return 0, len(mass) - 1
    starts, ends = starts[possible], ends[possible]
    lengths = ends - starts
    shortest = lengths == lengths.min()
    held = np.where(shortest, below[ends] - below[starts], -1.0)
    k = int(np.argmax(held))
    return int(starts[k]), int(ends[k]) - 1
