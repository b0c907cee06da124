"""The rate that holds from day to day and now and then jumps: exact posterior on a grid of rates.

Between two days the rate stays, or, with a small probability, is drawn anew from the prior. Given the rate, a day's
count is negative binomial (or, on rare spike days, from a heavy-tailed geometric). On a finite grid of rates and of
dispersions everything that one may ask is a finite sum, and forward and backward recursions give it in a time
proportional to days times grid points: no sampling, no approximation beyond the grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from casualties.errors import InputError

__all__ = ["RatePosterior", "filter_rates", "grid_quantiles", "log_grid"]

Floats = npt.NDArray[np.float64]

# Sizes whose posterior weight is below this share of the whole are left out: less than rounding.
_NEGLIGIBLE = 1e-15
_SPIKE_FACTOR, _SPIKE_BASE = 8.0, 5.0


@dataclass(frozen=True, slots=True)
class RatePosterior:
    """What the counts say about the rate on each day and about the days on which it jumped.

    Parameters
    ----------
    rates : ndarray, shape (G,)
        The grid, evenly spaced in logarithms.
    sizes : ndarray, shape (K,)
        Negative-binomial sizes ``r`` (variance ``mu + mu**2 / r``).
    size_weights : ndarray, shape (K,)
        Their posterior probabilities.
    log_evidence : float
        Log probability of all counts, integrated over rates, jumps, spikes and sizes.
    jump : ndarray, shape (n,)
        Posterior probability that the rate jumped between the day before and this day; 0 on the first day.
    marginal : ndarray, shape (n, G)
        Posterior probability of each rate on each day.
    spike : ndarray, shape (n,)
        Posterior probability that the day is a spike day.
    predicted_mean, predicted_variance : ndarray, shape (n,)
        Mean and variance of each day's count given the days before it, spike days included.
    jump_probability : float
        Prior probability of a jump between two days.
    """

    rates: Floats
    sizes: Floats
    size_weights: Floats
    log_evidence: float
    jump: Floats
    marginal: Floats
    spike: Floats
    predicted_mean: Floats
    predicted_variance: Floats
    jump_probability: float
    _prior: Floats
    _kept: npt.NDArray[np.int64]
    _forward: Floats  # (kept, n, G): rate on a day given the days up to it
    _backward: Floats  # (kept, n, G): factor that the later days put on it
    _step: Floats  # (kept, n): probability of the day given the days before, emission scaled as below
    _emission: Floats  # (kept, cases, G): scaled so that the largest in a row is 1
    _case: npt.NDArray[np.int64]  # (n,): row of the emission table that a day uses

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

    def probability_of_change(self, first: int, last: int) -> float:
        """Give the exact probability that at least one jump is dated from day `first` to day `last`, both included.

        Parameters
        ----------
        first, last : int
            Positions of days, ``1 <= first <= last <= n - 1``: a jump dated ``d`` lies between ``d - 1`` and ``d``.

        Returns
        -------
        float
            One minus the probability that the rate of day ``first - 1`` held through day ``last``.
        """
        self._require_window(first, last)
        held = (self._held(first, last)).sum(axis=1)
        return float(np.clip(1.0 - self.size_weights[self._kept] @ held, 0.0, 1.0))

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
        stay, leap = 1.0 - self.jump_probability, self.jump_probability
        joint = np.zeros((len(self.rates), len(self.rates)))
        for k, size in enumerate(self._kept):
            # Row i: the rate was i before the window; split into paths that held and paths that jumped, so that
            # the difference of two nearly equal numbers is never taken.
            quiet = self._forward[k, first - 1].copy()
            moved = np.zeros_like(joint)
            for day in range(first, last + 1):
                weight = self._emission[k, self._case[day]] / self._step[k, day]
                fresh = leap * (quiet + moved.sum(axis=1))
                moved *= stay
                moved += fresh[:, None] * self._prior
                moved *= weight
                quiet = stay * quiet * weight
            joint += self.size_weights[size] * moved * self._backward[k, last]
        total = joint.sum()
        return joint / total if total > 0.0 else np.outer(self._prior, self._prior)

    def _held(self, first: int, last: int) -> Floats:
        """Give P(no jump dated in the window and the rate is g | counts) by kept size, shape (kept, G)."""
        days = slice(first, last + 1)
        with np.errstate(divide="ignore"):
            weight = np.log(self._emission)[:, self._case[days]].sum(axis=1)
            path = np.log(self._forward[:, first - 1]) + weight + np.log(self._backward[:, last])
        path += (last + 1 - first) * math.log1p(-self.jump_probability)
        held: Floats = np.exp(path - np.log(self._step[:, days]).sum(axis=1)[:, None])
        return held

    def _require_window(self, first: int, last: int) -> None:
        if not 1 <= first <= last < len(self.jump):
            raise InputError(
                f"the window {first} to {last} does not lie within days 1 to {len(self.jump) - 1}", column="first, last"
            )


def filter_rates(
    counts: npt.ArrayLike,
    *,
    rates: npt.ArrayLike,
    sizes: npt.ArrayLike,
    jump_probability: float,
    exposure: npt.ArrayLike | None = None,
    prior: npt.ArrayLike | None = None,
    spike: float = 0.0,
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

    Returns
    -------
    RatePosterior
        Evidence, jumps, rates, spikes and one-step predictions.

    Raises
    ------
    InputError
        If a count is negative or fractional, an exposure, rate or size is not positive, or a probability is not
        strictly between 0 and 1 (`spike` may be 0).

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
    y, e, grid, shapes, weights = _checked(counts, exposure, rates, sizes, prior, jump_probability, spike)
    log_table, spike_share, case = _emissions(y, e, grid, shapes, spike)
    # Each row of the table is scaled to a largest value of 1, so that no day can underflow.
    row_scale = log_table.max(axis=2)
    table = np.exp(log_table - row_scale[:, :, None])
    evidence = _evidence(table, case, weights, jump_probability) + row_scale[:, case].sum(axis=1)
    log_evidence = float(special.logsumexp(evidence) - math.log(len(shapes)))
    size_weights = special.softmax(evidence)
    kept = np.flatnonzero(size_weights >= _NEGLIGIBLE)
    table, spike_share = table[kept], spike_share[kept]
    mixture = size_weights[kept]

    forward, predicted, step = _forward_pass(table, case, weights, jump_probability)
    backward, jumps = _backward_pass(table, case, weights, jump_probability, step)
    smoothed = forward * backward
    marginal = np.einsum("k,knd->nd", mixture, smoothed)
    spikes = np.array([mixture @ (smoothed[:, t] * spike_share[:, c]).sum(axis=1) for t, c in enumerate(case)])
    mean, variance = _prediction(predicted, mixture, grid, shapes[kept], e, spike)
    return RatePosterior(
        rates=grid,
        sizes=shapes,
        size_weights=size_weights,
        log_evidence=log_evidence,
        jump=mixture @ jumps,
        marginal=marginal,
        spike=spikes,
        predicted_mean=mean,
        predicted_variance=variance,
        jump_probability=jump_probability,
        _prior=weights,
        _kept=kept,
        _forward=forward,
        _backward=backward,
        _step=step,
        _emission=table,
        _case=case,
    )


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


def _emissions(
    y: Floats, e: Floats, grid: Floats, shapes: Floats, spike: float
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Give log P(count | rate, size), the spike's share of it, and the row of the table that each day uses.

    Days with the same count and exposure share a row; days that were not observed share a row of ones.
    """
    seen = ~np.isnan(y)
    pairs = np.column_stack([np.where(seen, y, -1.0), np.where(seen, e, 1.0)])
    distinct, case = np.unique(pairs, axis=0, return_inverse=True)
    count, exposure = distinct[:, 0], distinct[:, 1]
    observed = count >= 0.0
    count = np.maximum(count, 0.0)
    mu = exposure[:, None] * grid[None, :]
    usual = np.empty((len(shapes), *mu.shape))
    constant = special.gammaln(count + 1.0)
    for k, size in enumerate(shapes):
        if math.isinf(size):
            usual[k] = special.xlogy(count[:, None], mu) - mu - constant[:, None]
        else:
            choose = special.gammaln(count + size) - special.gammaln(size) - constant
            usual[k] = choose[:, None] + special.xlogy(count[:, None], mu) - count[:, None] * np.log(size + mu)
            usual[k] -= size * np.log1p(mu / size)
    if spike > 0.0:
        scale = _SPIKE_FACTOR * mu + _SPIKE_BASE
        heavy = math.log(spike) + count[:, None] * np.log(scale) - (count[:, None] + 1.0) * np.log1p(scale)
        table = np.logaddexp(math.log1p(-spike) + usual, heavy)
        share = np.exp(heavy - table)
    else:
        table, share = usual, np.zeros_like(usual)
    table[:, ~observed] = 0.0
    share[:, ~observed] = spike
    return table, share, case.reshape(-1)


def _evidence(table: Floats, case: npt.NDArray[np.int64], prior: Floats, leap: float) -> Floats:
    """Give the log probability of all counts for each size, up to the scale of the table's rows."""
    total = np.zeros(len(table))
    belief = np.broadcast_to(prior, (len(table), len(prior)))
    fresh = leap * prior
    for row in case:
        weighted = belief * table[:, row]
        step = weighted.sum(axis=1)
        total += np.log(step)
        belief = weighted * ((1.0 - leap) / step)[:, None] + fresh
    return total


def _forward_pass(
    table: Floats, case: npt.NDArray[np.int64], prior: Floats, leap: float
) -> tuple[Floats, Floats, Floats]:
    """Give the rate given the days up to each, given the days before each, and each day's probability."""
    kept, points, n = len(table), len(prior), len(case)
    forward, predicted = np.empty((kept, n, points)), np.empty((kept, n, points))
    step = np.empty((kept, n))
    belief = np.broadcast_to(prior, (kept, points))
    fresh = leap * prior
    for t, row in enumerate(case):
        predicted[:, t] = belief
        weighted = belief * table[:, row]
        step[:, t] = weighted.sum(axis=1)
        weighted /= step[:, t, None]
        forward[:, t] = weighted
        belief = weighted * (1.0 - leap) + fresh
    return forward, predicted, step


def _backward_pass(
    table: Floats, case: npt.NDArray[np.int64], prior: Floats, leap: float, step: Floats
) -> tuple[Floats, Floats]:
    """Give the factor that later days put on each rate, and the probability of a jump into each day."""
    kept, points, n = len(table), len(prior), len(case)
    backward, jumps = np.ones((kept, n, points)), np.zeros((kept, n))
    for t in range(n - 1, 0, -1):
        weighted = table[:, case[t]] * backward[:, t] / step[:, t, None]
        fresh = leap * (weighted @ prior)
        jumps[:, t] = fresh
        backward[:, t - 1] = (1.0 - leap) * weighted + fresh[:, None]
    return backward, jumps


def _prediction(
    predicted: Floats, mixture: Floats, grid: Floats, shapes: Floats, e: Floats, spike: float
) -> tuple[Floats, Floats]:
    """Give mean and variance of each day's count given the days before, on average over the final sizes."""
    first = (predicted @ grid) * e
    second = (predicted @ grid**2) * e**2
    spike_first = _SPIKE_FACTOR * first + _SPIKE_BASE
    spike_second = _SPIKE_FACTOR**2 * second + 2.0 * _SPIKE_FACTOR * _SPIKE_BASE * first + _SPIKE_BASE**2
    mean = (1.0 - spike) * first + spike * spike_first
    # E[count**2]: mu + mu**2 (1 + 1/r) for the negative binomial, m + 2 m**2 for the geometric with mean m.
    square = (1.0 - spike) * (first + second * (1.0 + 1.0 / shapes)[:, None])
    square += spike * (spike_first + 2.0 * spike_second)
    overall = mixture @ mean
    return overall, mixture @ square - overall**2


def _checked(
    counts: npt.ArrayLike,
    exposure: npt.ArrayLike | None,
    rates: npt.ArrayLike,
    sizes: npt.ArrayLike,
    prior: npt.ArrayLike | None,
    jump_probability: float,
    spike: float,
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
    if not 0.0 <= spike < 1.0:
        raise InputError("must be at least 0 and below 1", column="spike", value=spike)
    return y, np.where(seen, e, 1.0), grid, shapes, weights / weights.sum()
