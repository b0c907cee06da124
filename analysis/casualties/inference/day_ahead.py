"""What the days before a day lead one to expect of it: the predictive distribution of one count, day after day.

Each day has its own fit of dependent counts to the days before it. Mass-casualty days among them say nothing of an
ordinary day and are left out; a level that has changed is no such day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casualties.inference.batches import run_batches
from casualties.inference.latent_ar import LatentArPosterior, fit_latent_ar
from casualties.inference.rate_filter import filter_rates, log_grid

__all__ = ["DayAhead", "fit_days_ahead", "pooled_bound", "probable_spikes"]

Floats = npt.NDArray[np.float64]

_SPIKE_SHARE = 0.01
_PROBABLE = 0.8
_MANY = 10.0
_SPIKE_SIZES = np.geomspace(0.3, 30.0, 8)
_SPIKE_RATES = 48
_PORTION = 16
_HIGHEST = 10**12


@dataclass(frozen=True, slots=True, eq=False)
class DayAhead:
    """The predictive distribution of one day's count.

    Parameters
    ----------
    posterior : LatentArPosterior
        The fit of the days before.
    row : ndarray, shape (p,)
        The day's row of the design.
    offset : float
        Logarithm of its exposure.
    spikes : ndarray of int
        Days of the series that were left out of the fit as mass-casualty days.
    """

    posterior: LatentArPosterior
    row: Floats
    offset: float
    spikes: npt.NDArray[np.intp]

    def at_least(self, count: float) -> float:
        """Give the probability of a count or more."""
        return self.posterior.tail(count, self.row, self.offset)[0]

    @property
    def mean(self) -> float:
        """The expected count."""
        fit = self.posterior
        slope = self.row - fit.phi[:, None] * fit.last_slope
        centre = fit.coefficients @ self.row + fit.phi * fit.last + self.offset
        variance = np.einsum("hi,hij,hj->h", slope, fit.covariance, slope)
        variance += fit.phi**2 * fit.last_variance + fit.sd**2 * (1.0 - fit.phi**2)
        return float(fit.weights @ np.exp(centre + 0.5 * variance))


def fit_days_ahead(
    counts: npt.ArrayLike,
    design: npt.ArrayLike,
    offset: npt.ArrayLike,
    days: Sequence[int],
    *,
    window: int,
    fewest: int,
    prior_precision: npt.ArrayLike,
    threads: int | None = None,
) -> list[DayAhead | str]:
    """Fit the days before each of several days.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Deaths by day; NaN on a day that was not observed.
    design : array_like, shape (n, p)
        Design of the log mean of all days.
    offset : array_like, shape (n,)
        Logarithm of each day's exposure; 0 on days that were not observed.
    days : sequence of int
        Which days to predict.
    window : int
        How many days before it each day is predicted from.
    fewest : int
        How many of them must be observed.
    prior_precision : array_like, shape (p,)
        As for `casualties.inference.latent_ar.fit_latent_ar`.
    threads : int, optional
        As for `casualties.inference.batches.run_batches`; the answers do not depend on it.

    Returns
    -------
    list of DayAhead or str
        In the order of `days`; a text says why a day cannot be predicted.
    """
    y, X = np.asarray(counts, dtype=float), np.asarray(design, dtype=float)
    shift, precision = np.asarray(offset, dtype=float), np.asarray(prior_precision, dtype=float)

    def one(day: int) -> DayAhead | str:
        first = max(day - window, 0)
        before, exposure = y[first:day], shift[first:day]
        observed = int((~np.isnan(before)).sum())
        if observed < fewest:
            return f"fewer than {fewest} of the {window} days before were observed"
        if not np.nansum(before):
            return f"no deaths are recorded on the {window} days before"
        spikes = probable_spikes(before, np.exp(exposure))
        if not np.nansum(before[~spikes]):
            return f"all deaths of the {window} days before are those of single days"
        fit = fit_latent_ar(np.where(spikes, np.nan, before), X[first:day], offset=exposure, prior_precision=precision)
        return DayAhead(fit, X[day], float(shift[day]), first + np.flatnonzero(spikes))

    portions = run_batches(
        lambda start, stop: [one(days[place]) for place in range(start, stop)], len(days), threads, size=_PORTION
    )
    return [each for portion in portions for each in portion]


def probable_spikes(counts: npt.ArrayLike, exposure: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Say which days are probably single extreme days (more than four in five), not a new level.

    Read by the filter of a rate that jumps (`casualties.inference.rate_filter`), one day in a hundred being a spike
    beforehand: a high day that is followed by other high days is a jump of the rate. A day of ten deaths or more that
    holds over half of all deaths is one as well: an answer would rest on it alone.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Deaths by day, NaN on a day that was not observed; some deaths.
    exposure : array_like, shape (n,)
        What multiplies the rate on each day.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> spikes = probable_spikes([2, 0, 3, 1, 2, 60, 1, 2, 0, 3, 2, 1, 1, 2], [1.0] * 14)
    >>> [int(day) for day in spikes.nonzero()[0]]
    [5]
    """
    y, e = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    seen = ~np.isnan(y)
    mean = float(y[seen].sum() / e[seen].sum())
    high = 3.0 * float(np.quantile(y[seen] / e[seen], 0.99)) + 3.0
    found = filter_rates(
        y,
        rates=log_grid(min(mean / 60.0, high / 100.0), high, _SPIKE_RATES),
        sizes=_SPIKE_SIZES,
        jump_probability=1.0 / len(y),
        exposure=e,
        spike=_SPIKE_SHARE,
    )
    alone = (y >= _MANY) & (y > 0.5 * y[seen].sum())
    return np.asarray(seen & ((found.spike > _PROBABLE) | alone))


def pooled_bound(ahead: Sequence[DayAhead], rate: float, start: float) -> float:
    """Give the smallest count that the equal mixture of predictions reaches with less than a chance.

    Parameters
    ----------
    ahead : sequence of DayAhead
        One a draw.
    rate : float
        The chance.
    start : float
        Where to begin to look.

    Returns
    -------
    float
    """

    def reached(count: int) -> float:
        return math.fsum(each.at_least(count) for each in ahead) / len(ahead)

    low, high, step = 0, max(int(start), 1), 1
    if reached(high) >= rate:
        while high < _HIGHEST and reached(high) >= rate:
            low, high, step = high, high + step, 2 * step
    else:
        while high - step > 0 and reached(high - step) < rate:
            high, step = high - step, 2 * step
        low = max(high - step, 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) < rate else (middle, high)
    return float(high)
