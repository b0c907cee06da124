"""The rate that holds from day to day and now and then jumps: exact posterior on a grid of rates.

Between two days the rate stays, or, with a small probability, is drawn anew from the prior. Given the rate, a day's
count is negative binomial (or, on rare spike days, from a heavy-tailed geometric); the days before may feed its mean.
On a finite grid of rates, of dispersions and of feeds everything that one may ask is a finite sum, and forward and
backward recursions give it in a time proportional to days times grid points: no sampling, no approximation beyond
the grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from casualties.errors import InputError
from casualties.inference.history_feed import PARTS, Feed, History, smoothed_history
from casualties.inference.rate_recursions import (
    backward_pass,
    counted_changes,
    emission_table,
    evidence,
    forward_pass,
    held_on_both_sides,
    held_or_moved,
    spike_table,
    window_held,
)

__all__ = ["RatePosterior", "SingleChange", "filter_rates", "grid_quantiles", "log_grid"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Combinations of size and feed whose posterior weight is below this share of the best are left out at any rate: less
# than rounding.
_ROUNDING = 1e-15
# Days less probable than this share of the likeliest are left out of the rates on either side of an only change.
_UNTOLD = 1e-5
_SPIKE_FACTOR, _SPIKE_BASE = 8.0, 5.0
_NO_FEED = Feed(shares=(0.0,), decays=(0.5,))
_MOST_PREDICTED = 1e15  # of a mean that is drawn from: beyond it counts are no whole numbers any more


@dataclass(frozen=True, eq=False)
class RatePosterior:
    """What the counts say about the rate on each day and about the days on which it jumped.

    Parameters
    ----------
    rates : ndarray, shape (G,)
        The grid, evenly spaced in logarithms.
    sizes : ndarray, shape (K,)
        Negative-binomial sizes ``r`` (variance ``mu + mu**2 / r``).
    feed : Feed
        The feeds from the days before; a single share of 0 where there was none.
    weights : ndarray, shape (F, K)
        Posterior probability of each pair of `Feed.pairs` with each size.
    log_evidence : float
        Log probability of all counts, integrated over rates, jumps, spikes, sizes and feeds.
    jump_probability : float
        Prior probability of a jump between two days.
    """

    rates: Floats
    sizes: Floats
    feed: Feed
    weights: Floats
    log_evidence: float
    jump_probability: float
    _prior: Floats = field(repr=False)
    _diffusion: float = field(repr=False)
    _days: _Days = field(repr=False)
    _kept: tuple[tuple[int, int], ...] = field(repr=False)  # positions of feed and size
    _mixture: Floats = field(repr=False)  # (kept,), adding up to 1
    _forward: Floats = field(repr=False)  # (kept, n, G): rate on a day given the days up to it
    _step: Floats = field(repr=False)  # (kept, n): probability of the day given the days before, emission scaled

    @property
    def size_weights(self) -> Floats:
        """Posterior probabilities of the sizes, shape (K,)."""
        return np.asarray(self.weights.sum(axis=0))

    @property
    def share(self) -> float:
        """Posterior mean of the share that the days before have in a day's mean."""
        return float(self.weights.sum(axis=1) @ [share for share, _ in self.feed.pairs])

    @cached_property
    def _smoothed(self) -> _Smoothed:
        """Run the recursions backward, once they are asked for."""
        kept, n, points = self._forward.shape
        backward = np.empty((kept, n, points))
        jump, marginal, spike = np.zeros(n), np.zeros((n, points)), np.zeros(n)
        for k, (pair, size) in enumerate(self._kept):
            backward_pass(
                *self._days.layout(pair, size),
                *(self._prior, *self._chances),
                *self._days.spikes(pair, size),
                *(self._mixture[k], self._forward[k], self._step[k]),
                *(backward[k], jump, marginal, spike),
            )
        return _Smoothed(backward, jump, marginal, spike)

    @property
    def jump(self) -> Floats:
        """Posterior probability that the rate jumped into each day from the one before, shape (n,); 0 on the first."""
        return self._smoothed.jump

    @property
    def marginal(self) -> Floats:
        """Posterior probability of each rate on each day, shape (n, G)."""
        return self._smoothed.marginal

    @property
    def spike(self) -> Floats:
        """Posterior probability that each day is a spike day, shape (n,)."""
        return self._smoothed.spike

    @property
    def predicted_mean(self) -> Floats:
        """Mean of each day's count given the days before it, spike days included, shape (n,)."""
        return self._predicted[0]

    @property
    def predicted_variance(self) -> Floats:
        """Variance of each day's count given the days before it, spike days included, shape (n,)."""
        return self._predicted[1]

    @cached_property
    def _predicted(self) -> tuple[Floats, Floats]:
        """Give mean and variance of each day's count given the days before, on average over the final weights."""
        n = self._forward.shape[1]
        mean, square = np.zeros(n), np.zeros(n)
        spike = self._days.spike
        for k, (pair, size) in enumerate(self._kept):
            belief = np.empty_like(self._forward[k])
            belief[0] = self._prior
            belief[1:] = (1.0 - self.jump_probability) * _spread(self._forward[k, :-1], self._diffusion)
            belief[1:] += self.jump_probability * self._prior
            power = self.rates ** (1.0 - self.feed.pairs[pair][0])
            pull = self._days.pull(pair)
            first, second = (belief @ power) * pull, (belief @ power**2) * pull**2
            heavy = _SPIKE_FACTOR * first + _SPIKE_BASE
            heavy_second = _SPIKE_FACTOR**2 * second + 2.0 * _SPIKE_FACTOR * _SPIKE_BASE * first + _SPIKE_BASE**2
            mean += self._mixture[k] * ((1.0 - spike) * first + spike * heavy)
            # E[count**2]: mu + mu**2 (1 + 1/r) for the negative binomial, m + 2 m**2 for the geometric with mean m.
            usual = first + second * (1.0 + 1.0 / self.sizes[size])
            square += self._mixture[k] * ((1.0 - spike) * usual + spike * (heavy + 2.0 * heavy_second))
        return mean, square - mean**2

    @property
    def _chances(self) -> tuple[float, float]:
        return self.jump_probability, self._diffusion

    @property
    def mean(self) -> Floats:
        """Posterior mean rate on each day, shape (n,)."""
        mean: Floats = self.marginal @ self.rates
        return mean

    def quantiles(self, probabilities: npt.ArrayLike) -> Floats:
        """Give quantiles of the rate on each day.

        Parameters
        ----------
        probabilities : array_like, shape (q,)
            Which quantiles.

        Returns
        -------
        ndarray, shape (n, q)
            A grid point's probability is taken as spread evenly, in logarithms, over the cell around it.
        """
        return np.exp(grid_quantiles(np.log(self.rates), self.marginal, probabilities))

    def expected_changes(self, first: int, last: int) -> float:
        """Give the expected number of jumps dated from day `first` to day `last`, both included."""
        return float(self.jump[first : last + 1].sum())

    def number_probabilities(self, most: int) -> Floats:
        """Give the exact distribution of the number of jumps.

        Parameters
        ----------
        most : int
            The largest number that is told apart.

        Returns
        -------
        ndarray, shape (most + 1,)
            Probability of 0, 1, ..., `most` jumps; the last is that of `most` and more.

        Raises
        ------
        InputError
            If `most` is below 1.
        """
        if most < 1:
            raise InputError("must be at least 1", column="most", value=most)
        each = [
            counted_changes(*self._days.layout(pair, size), self._prior, *self._chances, most)
            for pair, size in self._kept
        ]
        return np.asarray(self._mixture @ np.array(each))

    def probability_of_change(self, first: int, last: int) -> float:
        """Give the exact probability that at least one jump is dated from day `first` to day `last`, both included.

        Parameters
        ----------
        first, last : int
            Positions of days, ``1 <= first <= last <= n - 1``: a jump dated ``d`` lies between ``d - 1`` and ``d``.

        Returns
        -------
        float
            One minus the probability that no jump is dated in the window.
        """
        self._require_window(first, last)
        held = [
            window_held(
                *self._days.layout(pair, size),
                *self._chances,
                self._forward[k, first - 1],
                self._step[k],
                self._smoothed.backward[k, last],
                first,
                last + 1,
            )
            for k, (pair, size) in enumerate(self._kept)
        ]
        return float(np.clip(1.0 - self._mixture @ held, 0.0, 1.0))

    def change_across(self, first: int, last: int) -> Floats:
        """Give the joint distribution of the rates before and after a window in which the rate jumped at least once.

        Parameters
        ----------
        first, last : int
            As in `probability_of_change`.

        Returns
        -------
        ndarray, shape (G, G)
            Probability of (rate on day ``first - 1``, rate on day ``last``), given at least one jump dated in the
            window and all counts. A jump dated `last` has happened by day `last`, so that this day's rate is the
            one after the window.
        """
        self._require_window(first, last)
        joint = np.zeros((len(self.rates), len(self.rates)))
        for k, (pair, size) in enumerate(self._kept):
            moved = held_or_moved(
                *self._days.layout(pair, size),
                self._prior,
                *self._chances,
                self._forward[k, first - 1],
                self._step[k],
                first,
                last + 1,
            )
            joint += self._mixture[k] * moved * self._smoothed.backward[k, last]
        total = joint.sum()
        return joint / total if total > 0.0 else np.outer(self._prior, self._prior)

    def single_change(self, first: int, last: int, direction: int = 0) -> SingleChange:
        """Give the date of a jump, and the rates on either side, given that a window holds exactly one.

        Parameters
        ----------
        first, last : int
            As in `probability_of_change`.
        direction : int, optional
            1 for a jump upwards, -1 for one downwards, 0 for either.

        Returns
        -------
        SingleChange

        Raises
        ------
        InputError
            If the window lies outside the days, or the rate diffuses, so that it does not hold between jumps.
        """
        self._require_window(first, last)
        if self._diffusion > 0.0:
            raise InputError("a rate that diffuses has no two sides", column="diffusion", value=self._diffusion)
        days, points = last + 1 - first, len(self.rates)
        log_mass, directed = np.full((len(self._kept), days), -np.inf), np.ones((len(self._kept), days))
        sides = []
        for k, (pair, size) in enumerate(self._kept):
            before, later = np.zeros((days, points)), np.zeros((days, points))
            log_mass[k] = math.log(self._mixture[k]) + held_on_both_sides(
                *self._days.layout(pair, size),
                *(self._prior, self.jump_probability),
                *(self._forward[k, first - 1], self._step[k], self._smoothed.backward[k, last]),
                *(first, last + 1, before, later),
            )
            sides.append((before, later))
            if direction:
                directed[k] = _share_towards(before, later, direction)
        top = float(log_mass.max())
        if math.isinf(top):  # no path: the days of the window are all alike, and the rates as beforehand
            return SingleChange(0.0, np.full(days, 1.0 / days), np.outer(self._prior, self._prior))
        mass = np.exp(log_mass - top)
        joint = np.zeros((points, points))
        for weight, (before, later) in zip(mass, sides, strict=True):
            telling = weight > _UNTOLD
            joint += before[telling].T @ (weight[telling, None] * later[telling])
        if direction:
            joint = np.triu(joint, 1) if direction > 0 else np.tril(joint, -1)
        mass *= directed
        total = float(mass.sum())
        if total <= 0.0:  # every path goes the other way
            return SingleChange(0.0, np.full(days, 1.0 / days), np.outer(self._prior, self._prior))
        return SingleChange(min(math.exp(top) * total, 1.0), mass.sum(axis=0) / total, joint / joint.sum())

    def sample_paths(self, exposure_ahead: npt.ArrayLike, n: int, rng: np.random.Generator) -> Integers:
        """Draw counts of the days after the last.

        Parameters
        ----------
        exposure_ahead : array_like, shape (h,)
            Exposure of each day ahead.
        n : int
            Number of paths.
        rng : Generator
            Where chance comes from.

        Returns
        -------
        ndarray of int64, shape (n, h)
            Jumps, diffusion, spike days and the feed go on as in the model.

        Raises
        ------
        InputError
            If an exposure is not above zero, or there is no path.
        """
        ahead = np.asarray(exposure_ahead, dtype=float)
        if ahead.ndim != 1 or not (np.isfinite(ahead).all() and (ahead > 0.0).all()):
            raise InputError("the exposure of a day ahead must be above zero", column="exposure_ahead")
        if n < 1:
            raise InputError("must be at least 1", column="n", value=n)
        path = rng.choice(len(self._kept), size=n, p=self._mixture)
        place = np.empty(n, dtype=np.int64)
        share, size, log_pull, last = np.zeros(n), np.empty(n), np.zeros(n), np.ones(n)
        histories: list[tuple[npt.NDArray[np.bool_], History]] = []
        for k, (pair, position) in enumerate(self._kept):
            mine = path == k
            below = np.cumsum(self._forward[k, -1])
            place[mine] = np.searchsorted(below, rng.random(int(mine.sum())) * below[-1], side="right")
            size[mine] = self.sizes[position]
            share[mine] = self.feed.pairs[pair][0]
            history = self._days.history(pair)
            if history is not None:
                histories.append((mine, history))
                last[mine] = history.last
        top = len(self.rates) - 1
        place = np.minimum(place, top)
        prior = np.cumsum(self._prior)
        drawn = np.empty((n, len(ahead)), dtype=np.int64)
        for day, covered in enumerate(ahead.tolist()):
            if self._diffusion > 0.0:
                chance = rng.random(n)
                place += (chance < 0.5 * self._diffusion).astype(np.int64)
                place -= (chance > 1.0 - 0.5 * self._diffusion).astype(np.int64)
                place = np.clip(place, 0, top)
            fresh = np.minimum(np.searchsorted(prior, rng.random(n) * prior[-1], side="right"), top)
            place = np.where(rng.random(n) < self.jump_probability, fresh, place)
            for mine, history in histories:
                log_pull[mine] = history.ahead(last[mine])
            mean = np.exp((1.0 - share) * np.log(self.rates[place]) + share * log_pull) * covered
            spiky = rng.random(n) < self._days.spike
            mean = np.minimum(np.where(spiky, _SPIKE_FACTOR * mean + _SPIKE_BASE, mean), _MOST_PREDICTED)
            shape = np.where(spiky, 1.0, np.where(np.isinf(size), 1.0, size))
            wild = rng.standard_gamma(shape) / shape
            drawn[:, day] = rng.poisson(mean * np.where(np.isinf(size) & ~spiky, 1.0, wild))
            for mine, history in histories:
                last[mine] = history.after(last[mine], drawn[mine, day].astype(float), covered)
        return drawn

    def _require_window(self, first: int, last: int) -> None:
        n = self._forward.shape[1]
        if not 1 <= first <= last < n:
            raise InputError(
                f"the window {first} to {last} does not lie within days 1 to {n - 1}", column="first, last"
            )


@dataclass(frozen=True, slots=True, eq=False)
class SingleChange:
    """The only jump in a window.

    Parameters
    ----------
    probability : float
        That the window holds exactly one jump.
    dates : ndarray, shape (days,)
        Probability of each day of the window, given exactly one jump in it.
    joint : ndarray, shape (G, G)
        Probability of (rate before, rate after), given the same.
    """

    probability: float
    dates: Floats
    joint: Floats


def _share_towards(before: Floats, later: Floats, direction: int) -> Floats:
    """Give which share of the jumps of each day goes up (or down), from the weights of the rates on either side."""
    lower, upper = (before, later) if direction > 0 else (later, before)
    below = np.cumsum(lower, axis=1) - lower
    both = before.sum(axis=1) * later.sum(axis=1)
    share: Floats = np.divide((upper * below).sum(axis=1), both, out=np.zeros(len(before)), where=both > 0.0)
    return share


@dataclass(frozen=True, slots=True, eq=False)
class _Smoothed:
    """What the recursions backward give."""

    backward: Floats  # (kept, n, G): factor that the later days put on each rate
    jump: Floats
    marginal: Floats
    spike: Floats


def filter_rates(
    counts: npt.ArrayLike,
    *,
    rates: npt.ArrayLike,
    sizes: npt.ArrayLike,
    jump_probability: float,
    exposure: npt.ArrayLike | None = None,
    prior: npt.ArrayLike | None = None,
    spike: float = 0.0,
    feed: Feed | None = None,
    diffusion: float = 0.0,
    negligible: float = 0.0,
) -> RatePosterior:
    """Compute the exact posterior of a rate that jumps, on a grid.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Counts a day; NaN on a day that was not observed, which then says nothing.
    rates : array_like, shape (G,)
        Rates a day, evenly spaced in logarithms (see `log_grid`).
    sizes : array_like, shape (K,)
        Negative-binomial sizes, each as probable as the other beforehand; ``inf`` is Poisson.
    jump_probability : float
        Probability, between any two days, that the rate is drawn anew from the prior.
    exposure : array_like, shape (n,), optional
        What multiplies the rate on each day (day of week, share of the day covered); 1 where it is not given.
    prior : array_like, shape (G,), optional
        Prior weights of the rates; uniform, thus log-uniform in the rate, where they are not given.
    spike : float, optional
        Probability that a day is a spike day, whose count is geometric with mean ``8 mu + 5``.
    feed : Feed, optional
        How the days before may pull a day's mean, integrated over; none where it is not given. The pull (history to the
        power of the share, times exposure) is rounded to an eighth of the spacing of the rates.
    diffusion : float, optional
        Share of the probability that moves one grid step between two days, half of it up.
    negligible : float, optional
        Combinations of size and feed below this share of the best one's posterior weight are left out, and searched
        for no further than that: the evidence of a feed is taken to have one peak over rising sizes. 0 keeps all.

    Returns
    -------
    RatePosterior
        Evidence, jumps, rates, spikes and one-step predictions.

    Raises
    ------
    InputError
        If a count is negative or fractional, an exposure, rate or size is not positive, or a probability is not
        strictly between 0 and 1 (`spike`, `diffusion` and `negligible` may be 0).

    Examples
    --------
    >>> counts = [2, 1, 3, 2, 0, 2, 11, 14, 9, 12, 10, 13]
    >>> posterior = filter_rates(counts, rates=log_grid(0.1, 100, 60), sizes=[2, 8, 32], jump_probability=0.02)
    >>> int(posterior.jump.argmax())
    6
    >>> bool(posterior.probability_of_change(5, 7) > 0.9)
    True

    References
    ----------
    Fearnhead, P. (2006), Exact and efficient Bayesian inference for multiple changepoint problems, Statistics and
    Computing 16, 203-213. (The recursions there run over segments; on a grid of rates they run over days.)
    """
    y, e, grid, shapes, weights = _checked(
        counts, exposure, rates, sizes, prior, jump_probability, spike, diffusion, negligible
    )
    fed = _NO_FEED if feed is None else feed
    days = _Days(y, e, grid, shapes, spike, fed)
    chances = (weights, jump_probability, diffusion)
    share_left_out = max(negligible, _ROUNDING)
    found = _search(days, chances, share_left_out if negligible > 0.0 else 0.0)
    posterior = found + fed.log_priors[:, None] - math.log(len(shapes))
    total = float(special.logsumexp(posterior))
    mass = np.exp(posterior - total)
    kept = tuple((int(pair), int(size)) for pair, size in np.argwhere(mass >= share_left_out * mass.max()))
    mixture = np.array([mass[place] for place in kept])
    forward, step = np.empty((len(kept), len(y), len(grid))), np.empty((len(kept), len(y)))
    for k, (pair, size) in enumerate(kept):
        forward_pass(*days.layout(pair, size), *chances, forward[k], step[k])
    return RatePosterior(
        rates=grid,
        sizes=shapes,
        feed=fed,
        weights=mass,
        log_evidence=total,
        jump_probability=jump_probability,
        _prior=weights,
        _diffusion=diffusion,
        _days=days,
        _kept=kept,
        _mixture=mixture / mixture.sum(),
        _forward=forward,
        _step=step,
    )


def _search(days: _Days, chances: tuple[Floats, float, float], negligible: float) -> Floats:
    """Give the log probability of all counts by feed and size, minus infinity where it is not worth computing."""
    feeds, number = len(days.feed.pairs), len(days.sizes)
    found = np.full((feeds, number), -np.inf)
    known = np.zeros((feeds, number), dtype=bool)

    def value(pair: int, size: int) -> float:
        if not known[pair, size]:
            found[pair, size] = evidence(*days.layout(pair, size), *chances) + days.scale(pair, size)
            known[pair, size] = True
        return float(found[pair, size])

    reach = -math.log(negligible) if negligible > 0.0 else math.inf
    best = number // 2
    for pair in range(feeds):
        while True:  # climb to the peak of this feed
            beside = max(
                (size for size in (best - 1, best + 1) if 0 <= size < number),
                key=lambda s: value(pair, s),
                default=best,
            )
            if not value(pair, beside) > value(pair, best):
                break
            best = beside
        for way in (-1, 1):
            size = best
            while 0 <= size < number and value(pair, size) >= found.max() - reach:
                size += way
    return found


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which rows of emissions the days take under the feeds of one stride, and which stretches of them, by feed."""

    counts: Floats
    group: Integers
    means: Floats
    row: dict[int, Integers]
    first: dict[int, Integers]


class _Days:
    """The days of a series as the recursions take them: rows of emission tables, by feed and size.

    Feeds share a lattice of means, ``PARTS`` times as fine as the rates. A feed that lets the past have a share takes
    every ``s``-th of its points, ``s = (1 - share) * PARTS``; a row of its tables holds those that days of one count
    take from one of the first ``s`` points on.
    """

    def __init__(self, y: Floats, e: Floats, grid: Floats, sizes: Floats, spike: float, feed: Feed) -> None:
        self.y, self.e, self.grid, self.sizes, self.spike, self.feed = y, e, grid, sizes, spike, feed
        self._seen = ~np.isnan(y)
        self._pairs = feed.pairs
        self._histories = {decay: smoothed_history(y, e, decay) for share, decay in feed.pairs if share > 0.0}
        self._rows: dict[int, _Rows] = {}
        self._made: dict[tuple[int, int], tuple[Floats, Floats]] = {}
        self._rare: dict[int, tuple[Floats, Floats]] = {}

    def _plain(self) -> _Rows:
        """Give a row to each count and exposure; days that were not observed share a row of ones."""
        exposures, group = np.unique(np.where(self._seen, self.e, 1.0), return_inverse=True)
        distinct, kind = np.unique(np.where(self._seen, self.y, -1.0), return_inverse=True)
        codes, row = np.unique(kind.reshape(-1) * len(exposures) + group.reshape(-1), return_inverse=True)
        pairs = [pair for pair in range(len(self._pairs)) if self._stride(pair) == 0]
        return _Rows(
            counts=distinct[codes // len(exposures)],
            group=codes % len(exposures),
            means=exposures[:, None] * self.grid,
            row=dict.fromkeys(pairs, row.reshape(-1)),
            first=dict.fromkeys(pairs, np.zeros(len(row), dtype=np.int64)),
        )

    def _strided(self, stride: int) -> _Rows:
        """Give a row to each count and point of the lattice, modulo the stride, from which some day takes its means."""
        distinct, kind = np.unique(np.where(self._seen, self.y, -1.0), return_inverse=True)
        begin, start, fine = self._shifts
        pairs = [pair for pair in range(len(self._pairs)) if self._stride(pair) == stride]
        place, part = np.divmod(begin[pairs], stride)
        lowest = int(place[:, self._seen].min()) if self._seen.any() else 0
        place, part = np.where(self._seen, place - lowest, 0), np.where(self._seen, part, 0)
        codes, row = np.unique(kind.reshape(-1) * stride + part, return_inverse=True)
        points = lowest + np.arange(int(place.max()) + len(self.grid))
        row = row.reshape(part.shape)
        return _Rows(
            counts=distinct[codes // stride],
            group=codes % stride,
            means=np.exp(start + fine * (points * stride + np.arange(stride)[:, None])),
            row=dict(zip(pairs, row, strict=True)),
            first=dict(zip(pairs, place, strict=True)),
        )

    @cached_property
    def _shifts(self) -> tuple[Integers, float, float]:
        """Give where each day begins on the lattice of means, by feed, and the lattice's start and spacing."""
        low = math.log(self.grid[0])
        fine = (math.log(self.grid[-1]) - low) / (len(self.grid) - 1) / PARTS
        begin = np.array([self._log_pull(*pair) + (1.0 - pair[0]) * low for pair in self._pairs])
        inside = begin[:, self._seen]
        start = float(inside.min()) if inside.size else 0.0
        return np.where(self._seen, np.rint((begin - start) / fine), 0.0).astype(np.int64), start, fine

    def _log_pull(self, share: float, decay: float) -> Floats:
        fed = share * self._histories[decay].log_level if share > 0.0 else 0.0
        return np.asarray(np.log(self.e) + fed)

    def history(self, pair: int) -> History | None:
        """Give the history that a feed draws from."""
        share, decay = self._pairs[pair]
        return self._histories[decay] if share > 0.0 else None

    def pull(self, pair: int) -> Floats:
        """Give what multiplies ``rate**(1 - share)`` on each day, as rounded."""
        share = self._pairs[pair][0]
        if share == 0.0:
            return self.e
        first, start, fine = self._shifts
        exact = self._log_pull(share, self._pairs[pair][1])
        rounded = start + fine * first[pair] - (1.0 - share) * math.log(self.grid[0])
        return np.asarray(np.exp(np.where(self._seen, rounded, exact)))

    def layout(self, pair: int, size: int) -> tuple[Floats, Integers, Integers]:
        """Give the table of emissions, and each day's row and first column in it."""
        rows = self._rows_of(pair)
        return self._table(pair, size)[0], rows.row[pair], rows.first[pair]

    def scale(self, pair: int, size: int) -> float:
        """Give the logarithm of what the rows of all days were divided by."""
        return float(self._table(pair, size)[1][self._rows_of(pair).row[pair]].sum())

    def spikes(self, pair: int, size: int) -> tuple[Floats, Floats]:
        """Give the part of the emissions that spikes have, laid out like them, and what each row is multiplied by."""
        rare, scale = self._spike_table(pair)
        return rare, np.exp(scale - self._table(pair, size)[1])

    def _stride(self, pair: int) -> int:
        """Give the stride on the lattice; 0 where the past has no share, and exposures need no rounding."""
        share = self._pairs[pair][0]
        return round((1.0 - share) * PARTS) if share > 0.0 else 0

    def _rows_of(self, pair: int) -> _Rows:
        stride = self._stride(pair)
        if stride not in self._rows:
            self._rows[stride] = self._strided(stride) if stride else self._plain()
        return self._rows[stride]

    def _spike_table(self, pair: int) -> tuple[Floats, Floats]:
        stride = self._stride(pair)
        if stride not in self._rare:
            rows = self._rows_of(pair)
            made = _empty(rows)
            spike_table(rows.counts, rows.group, rows.means, self.spike, _SPIKE_FACTOR, _SPIKE_BASE, *made)
            self._rare[stride] = made
        return self._rare[stride]

    def _table(self, pair: int, size: int) -> tuple[Floats, Floats]:
        key = (self._stride(pair), size)
        if key not in self._made:
            rows, rare = self._rows_of(pair), self._spike_table(pair)
            made = _empty(rows)
            emission_table(rows.counts, rows.group, rows.means, float(self.sizes[size]), self.spike, *rare, *made)
            self._made[key] = made
        return self._made[key]


def _empty(rows: _Rows) -> tuple[Floats, Floats]:
    """Make room for a table and the scale of its rows."""
    return np.empty((len(rows.counts), rows.means.shape[1])), np.empty(len(rows.counts))


def _spread(belief: Floats, diffusion: float) -> Floats:
    """Move a share of the probability one step up or down; at the ends it stays. Shape (n, G)."""
    if diffusion == 0.0:
        return belief
    up = np.concatenate([belief[:, :1], belief[:, :-1]], axis=1)
    down = np.concatenate([belief[:, 1:], belief[:, -1:]], axis=1)
    return np.asarray((1.0 - diffusion) * belief + 0.5 * diffusion * (up + down))


def log_grid(low: float, high: float, points: int) -> Floats:
    """Give points that are evenly spaced in logarithms.

    Examples
    --------
    >>> log_grid(0.1, 10, 3)
    array([ 0.1,  1. , 10. ])
    """
    return np.geomspace(low, high, points)


def grid_quantiles(positions: npt.ArrayLike, weights: npt.ArrayLike, probabilities: npt.ArrayLike) -> Floats:
    """Give quantiles of distributions on an even grid, each point's weight spread evenly over the cell around it.

    Parameters
    ----------
    positions : array_like, shape (G,)
        The grid, evenly spaced.
    weights : array_like, shape (..., G)
        Weights that sum to 1 along the last axis.
    probabilities : array_like, shape (q,)
        Which quantiles.

    Returns
    -------
    ndarray, shape (..., q)

    Examples
    --------
    >>> grid_quantiles([0.0, 1.0, 2.0], [0.25, 0.5, 0.25], [0.25, 0.5])
    array([0.5, 1. ])
    """
    points, mass = np.asarray(positions, dtype=float), np.asarray(weights, dtype=float)
    wanted = np.atleast_1d(np.asarray(probabilities, dtype=float))
    half = 0.5 * (points[1] - points[0])
    edges = np.append(points - half, points[-1] + half)
    flat = mass.reshape(-1, mass.shape[-1])
    below = np.concatenate([np.zeros((len(flat), 1)), np.cumsum(flat, axis=1)], axis=1)
    below /= below[:, -1:]
    found = np.empty((len(flat), len(wanted)))
    for q, probability in enumerate(wanted):
        cell = np.clip((below < probability).sum(axis=1) - 1, 0, len(points) - 1)
        rows = np.arange(len(flat))
        left, width = below[rows, cell], below[rows, cell + 1] - below[rows, cell]
        share = np.divide(probability - left, width, out=np.zeros_like(left), where=width > 0)
        found[:, q] = edges[cell] + np.clip(share, 0.0, 1.0) * 2.0 * half
    return found.reshape(*mass.shape[:-1], len(wanted))


def _checked(
    counts: npt.ArrayLike,
    exposure: npt.ArrayLike | None,
    rates: npt.ArrayLike,
    sizes: npt.ArrayLike,
    prior: npt.ArrayLike | None,
    jump_probability: float,
    spike: float,
    diffusion: float,
    negligible: float,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Give counts, exposure, rates, sizes and prior as arrays that fit together, or say what is wrong."""
    y = np.asarray(counts, dtype=float)
    e = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=float)
    grid, shapes = np.asarray(rates, dtype=float), np.asarray(sizes, dtype=float)
    weights = np.ones_like(grid) if prior is None else np.asarray(prior, dtype=float)
    if y.ndim != 1 or not len(y) or e.shape != y.shape:
        raise InputError(f"the counts have shape {y.shape} and the exposure {e.shape}", remedy="give (n,) twice")
    seen = ~np.isnan(y)
    wrong = seen & ((y < 0) | (y != np.floor(y)) | np.isinf(y))
    if wrong.any():
        raise InputError("counts must be whole numbers, none negative", column="counts", value=y[wrong][0])
    if not (np.isfinite(e[seen]).all() and (e[seen] > 0).all()):
        raise InputError("the exposure of an observed day must be above zero", column="exposure")
    spacing = np.diff(np.log(grid)) if grid.ndim == 1 and (grid > 0).all() else np.empty(0)
    if len(spacing) < 2 or not np.allclose(spacing, spacing[0], rtol=1e-6) or spacing[0] <= 0:
        raise InputError("rates must be above zero and evenly spaced in logarithms", column="rates")
    if shapes.ndim != 1 or not len(shapes) or not (shapes > 0).all():
        raise InputError("sizes must be above zero", column="sizes")
    if weights.shape != grid.shape or not (weights >= 0).all() or not weights.sum() > 0:
        raise InputError("prior weights must be one a rate, none negative, not all zero", column="prior")
    if not 0.0 < jump_probability < 1.0:
        raise InputError("must lie between 0 and 1", column="jump_probability", value=jump_probability)
    for name, value in (("spike", spike), ("diffusion", diffusion), ("negligible", negligible)):
        if not 0.0 <= value < 1.0:
            raise InputError("must be at least 0 and below 1", column=name, value=value)
    return y, np.where(seen, e, 1.0), grid, shapes, weights / weights.sum()
