"""How much more a sum of days varies because days depend on each other.

Residuals are taken as independent noise plus a first-order autoregression. How strong and how lasting it is cannot be
read off a few hundred days, so both are integrated over: a single best value would make sums look too certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

__all__ = ["SlowSwings", "added_variance", "fit_slow_swings"]

Floats = npt.NDArray[np.float64]

_PERSISTENCES = (0.3, 0.5, 0.7, 0.8, 0.88, 0.93, 0.96, 0.98)
_SHARES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.7, 0.9)
_PRIOR_SHARE = 0.15  # mean of the prior of the share, where there is dependence: exponential
_INDEPENDENT = 0.2  # prior probability that there is none


@dataclass(frozen=True, slots=True, eq=False)
class SlowSwings:
    """The posterior of an autoregression within residuals.

    Parameters
    ----------
    persistence : ndarray, shape (a,)
        Its correlation one day apart.
    share : ndarray, shape (b,)
        Its share of the residuals' variance.
    weight : ndarray, shape (a, b)
        Posterior weights; they add up to 1.
    """

    persistence: Floats
    share: Floats
    weight: Floats

    @property
    def factor(self) -> float:
        """The posterior mean of the long-run variance of the residuals over the variance of one."""
        each = self.persistence / (1.0 - self.persistence)
        return float(1.0 + 2.0 * (self.weight * np.outer(each, self.share)).sum())


def fit_slow_swings(residuals: npt.ArrayLike) -> SlowSwings:
    """Weigh how strong and how lasting an autoregression within residuals is.

    The residuals' mean and variance are integrated out (flat on the mean and on the logarithm of the variance): a
    fitted mean hides slow swings, and the restricted likelihood makes up for it.

    Parameters
    ----------
    residuals : array_like, shape (n,)
        One a day, in standard deviations; NaN on days without one.

    Returns
    -------
    SlowSwings
        The prior where fewer than 3 days have a residual or none of them differ.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> alone = fit_slow_swings(rng.normal(size=300)).factor
    >>> swings = fit_slow_swings(np.sin(np.arange(300) / 15) + rng.normal(size=300)).factor
    >>> alone < 2.5, swings > 8
    (True, True)

    References
    ----------
    Zeger, S. L. (1988), A regression model for time series of counts, Biometrika 75, 621-629.
    Harville, D. A. (1974), Bayesian inference for variance components using only error contrasts, Biometrika 61,
    383-385.
    """
    values = np.asarray(residuals, dtype=float)
    persistence, share = np.array(_PERSISTENCES), np.array(_SHARES)
    prior = np.exp(-share / _PRIOR_SHARE) * _widths(share)
    prior *= (1.0 - _INDEPENDENT) / prior.sum()
    prior[0] += _INDEPENDENT
    log_weight = np.tile(np.log(prior), (len(persistence), 1))
    seen = ~np.isnan(values)
    if seen.sum() >= 3 and np.ptp(values[seen]) > 0.0:
        log_weight += _restricted_likelihood(values, persistence[:, None], share[None, :])
    weight = np.exp(log_weight - log_weight.max())
    return SlowSwings(persistence, share, weight / weight.sum())


def added_variance(
    estimated: npt.ArrayLike, slopes: npt.ArrayLike, summed: npt.ArrayLike, persistence: npt.ArrayLike
) -> Floats:
    """Give what full dependence adds to the variance of cumulated days less their estimated mean.

    Day *t* differs from its mean by ``noise[t]`` with the correlation ``persistence ** |s - t|``. The sum of the
    window's days up to *k* is compared with a sum of means that was estimated from other days, so that its error is
    ``sum(summed * noise) - slopes[k] @ sum(estimated * noise)``, the sums over days up to *k* and over all days. The
    terms of two different days are returned; those of one day are what independent days give.

    Parameters
    ----------
    estimated : array_like, shape (n, p)
        What a day's noise, in standard deviations, contributes to each estimated coefficient; 0 on days that were
        not used.
    slopes : array_like, shape (n, p)
        How the cumulated mean up to each day changes with each coefficient.
    summed : array_like, shape (n,)
        Standard deviation of each day of the window, 0 outside of it.
    persistence : array_like, shape (a,)
        Correlations one day apart.

    Returns
    -------
    ndarray, shape (a, n)
        By persistence and day of the series.

    Examples
    --------
    >>> import numpy as np
    >>> added_variance(np.zeros((3, 1)), np.zeros((3, 1)), np.ones(3), [0.5]).tolist()
    [[0.0, 1.0, 2.5]]
    """
    used, slope, window = (np.asarray(part, dtype=float) for part in (estimated, slopes, summed))
    added = np.empty((len(np.atleast_1d(persistence)), len(window)))
    for number, phi in enumerate(np.atleast_1d(persistence)):
        before = signal.lfilter([1.0], [1.0, -phi], used, axis=0)
        after = signal.lfilter([1.0], [1.0, -phi], used[::-1], axis=0)[::-1]
        pairs = used.T @ (before - used)
        within = 2.0 * np.cumsum(window * (signal.lfilter([1.0], [1.0, -phi], window) - window))
        between = np.cumsum(window[:, None] * (before + after - used), axis=0)
        outer = np.einsum("kp,pq,kq->k", slope, pairs + pairs.T, slope)
        added[number] = within + outer - 2.0 * (slope * between).sum(axis=1)
    return added


def _widths(points: Floats) -> Floats:
    """Give the width of the cell around each point of a grid."""
    edges = np.concatenate([points[:1], (points[1:] + points[:-1]) / 2.0, points[-1:]])
    widths: Floats = np.diff(edges)
    return widths


def _restricted_likelihood(values: Floats, persistence: Floats, share: Floats) -> Floats:
    """Give the log-likelihood of noise plus autoregression by Kalman filter, mean and variance integrated out."""
    shape = np.broadcast_shapes(persistence.shape, share.shape)
    phi, part = np.broadcast_to(persistence, shape), np.broadcast_to(share, shape)
    noise, fresh = 1.0 - part, (1.0 - phi**2) * part
    spread, state, unit = part.copy(), np.zeros(shape), np.zeros(shape)
    log_det, ones, crossed, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    number = 0
    for value in values:
        if not np.isnan(value):
            number += 1
            total = spread + noise
            error, one = value - state, 1.0 - unit
            log_det += np.log(total)
            ones += one * one / total
            crossed += one * error / total
            squares += error * error / total
            gain = spread / total
            state, unit, spread = state + gain * error, unit + gain * one, spread * (1.0 - gain)
        state, unit, spread = phi * state, phi * unit, phi**2 * spread + fresh
    rest = np.maximum(squares - crossed**2 / ones, 1e-300)
    likelihood: Floats = -0.5 * (log_det + np.log(ones) + (number - 1) * np.log(rest))
    return likelihood
