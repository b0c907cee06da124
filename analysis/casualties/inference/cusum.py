"""A rise that lasts: the cumulative sum of what each day says for a raised level against the level of before.

The sum is a log likelihood ratio that never falls below 0. Its threshold is not taken from a table for known levels and
independent days: it is what paths drawn from the posterior of the level reach, so that it grows with what is not known
of the level and with how much days depend on each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from casualties.errors import InputError
from casualties.inference.latent_ar import LatentArPosterior

__all__ = ["CusumReference", "highest_sums", "log_ratios", "reference_of", "running_sum", "threshold"]

Floats = npt.NDArray[np.float64]

_MOST_DEVIATIONS = 3.0
_LEAST_MEAN = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class CusumReference:
    """The level that days are compared with: a negative binomial for each.

    Parameters
    ----------
    mean : ndarray, shape (n,)
        Expected count of each day if the level has not changed.
    size : ndarray, shape (n,)
        Negative-binomial size (variance = mean + mean² / size).
    """

    mean: Floats
    size: Floats


def reference_of(posterior: LatentArPosterior, design: npt.ArrayLike, offset: npt.ArrayLike) -> CusumReference:
    """Give the first two moments of a day's count, long after the last day of a fit, as a negative binomial.

    Long after the last day the hidden process has forgotten it, so that only the level and its uncertainty remain.

    Parameters
    ----------
    posterior : LatentArPosterior
        The fit.
    design : array_like, shape (n, p)
        Design of the days.
    offset : array_like, shape (n,)
        Logarithm of their exposure.

    Returns
    -------
    CusumReference
    """
    rows, shift = np.asarray(design, dtype=float), np.asarray(offset, dtype=float)
    means, sizes = np.empty(len(rows)), np.empty(len(rows))
    for day, row in enumerate(rows):
        centre, error = posterior.parts(row)
        variance = error**2 + posterior.sd**2
        mean = np.exp(centre + shift[day] + 0.5 * variance)
        first = float(posterior.weights @ mean)
        second = float(posterior.weights @ (mean**2 * np.exp(variance) * (1.0 + 1.0 / posterior.size)))
        means[day] = max(first, _LEAST_MEAN)
        sizes[day] = first**2 / max(second - first**2, 1e-6 * first**2 + 1e-300)
    return CusumReference(means, sizes)


def log_ratios(counts: npt.ArrayLike, reference: CusumReference, rise: float) -> Floats:
    """Give the log likelihood ratio of each count for a level `rise` times the reference against the reference.

    A count enters with at most three standard deviations above its mean, or the raised mean where that is more, so that
    a single mass-casualty day is not taken for a level that lasts.

    Parameters
    ----------
    counts : array_like, shape (..., n)
        Deaths by day; NaN on a day that was not observed, which adds nothing.
    reference : CusumReference
        Of the n days.
    rise : float
        Above 1.

    Returns
    -------
    ndarray, shape (..., n)

    Raises
    ------
    InputError
        If the rise is not above 1.

    Examples
    --------
    >>> reference = CusumReference(np.array([4.0, 4.0]), np.array([2.0, 2.0]))
    >>> log_ratios([4, 8], reference, 2.0).round(3)
    array([-0.292,  0.437])
    """
    if not rise > 1.0:
        raise InputError("must be above 1", column="rise", value=rise)
    mean, size = reference.mean, reference.size
    most = np.maximum(mean + _MOST_DEVIATIONS * np.sqrt(mean + mean**2 / size), rise * mean)
    y = np.minimum(np.asarray(counts, dtype=float), most)
    scatter = np.log((size + rise * mean) / (size + mean))
    ratios: Floats = np.nan_to_num(y * (math.log(rise) - scatter) - size * scatter, nan=0.0)
    return ratios


def running_sum(ratios: npt.ArrayLike, ceiling: npt.ArrayLike) -> Floats:
    """Add up log likelihood ratios, never below 0 and never above a ceiling.

    Parameters
    ----------
    ratios : array_like, shape (n,)
        Of each day (`log_ratios`).
    ceiling : array_like, shape (n,)
        The highest sum of each day: what has been raised for long can then be over within a time that matters.

    Returns
    -------
    ndarray, shape (n,)

    References
    ----------
    Page, E. S. (1954), Continuous inspection schemes, Biometrika 41, 100-115.

    Examples
    --------
    >>> running_sum([-1.0, 2.0, 0.5, -1.0, 9.0], [5.0] * 5)
    array([0. , 2. , 2.5, 1.5, 5. ])
    """
    sums: Floats = _running_sum(
        np.ascontiguousarray(ratios, dtype=np.float64), np.ascontiguousarray(ceiling, dtype=np.float64)
    )
    return sums


def highest_sums(ratios: npt.ArrayLike) -> Floats:
    """Give the highest running sum of each path, shape (m,), of log likelihood ratios of shape (m, n).

    Examples
    --------
    >>> highest_sums([[-1.0, 2.0, 0.5, -1.0], [-1.0, -1.0, -1.0, -1.0]])
    array([2.5, 0. ])
    """
    highest: Floats = _highest_sums(np.ascontiguousarray(ratios, dtype=np.float64))
    return highest


def threshold(
    posterior: LatentArPosterior,
    design: npt.ArrayLike,
    offset: npt.ArrayLike,
    *,
    rise: float,
    run_length: float,
    paths: int,
    rng: np.random.Generator,
) -> float:
    """Give the sum that a level which goes on unchanged reaches within the days ahead with a chance of choice.

    Paths of the days ahead are drawn from the posterior: with levels, weekdays, scatter and persistence as uncertain
    as they are. Each is summed against the one reference that an observer has. The threshold is exceeded by as many of
    them as false alarms at random, one in `run_length` days, would touch: a share of ``1 - exp(-days / run_length)``.
    It is more than one day can add, so that a rise takes two days also where counts are so large and regular that
    no path has a sum at all.

    Parameters
    ----------
    posterior : LatentArPosterior
        The fit.
    design : array_like, shape (h, p)
        Design of the days ahead.
    offset : array_like, shape (h,)
        Logarithm of their exposure.
    rise : float
        The rise that the sum looks for, above 1.
    run_length : float
        Days between false alarms.
    paths : int
        Number of paths.
    rng : Generator
        Where chance comes from.

    Returns
    -------
    float

    References
    ----------
    Gandy, A. and Kvaløy, J. T. (2013), Guaranteed conditional performance of control charts via bootstrap methods,
    Scandinavian Journal of Statistics 40, 647-668. (There the level is resampled; here it is drawn from a posterior,
    and the chance is that over its uncertainty.)
    """
    reference = reference_of(posterior, design, offset)
    drawn = posterior.sample_paths(design, offset, paths, rng)
    highest = highest_sums(log_ratios(drawn, reference, rise))
    one_day = float(log_ratios(np.full(len(reference.mean), np.inf), reference, rise).max())
    return max(
        float(np.quantile(highest, math.exp(-len(reference.mean) / run_length))), math.nextafter(one_day, math.inf)
    )


@njit(cache=True, nogil=True)
def _running_sum(ratios, ceiling):  # type: ignore[no-untyped-def]
    sums = np.empty(len(ratios))
    total = 0.0
    for day in range(len(ratios)):
        total = min(max(total + ratios[day], 0.0), ceiling[day])
        sums[day] = total
    return sums


@njit(cache=True, nogil=True)
def _highest_sums(ratios):  # type: ignore[no-untyped-def]
    m, n = ratios.shape
    highest = np.zeros(m)
    for path in range(m):
        total = 0.0
        for day in range(n):
            total = max(total + ratios[path, day], 0.0)
            if total > highest[path]:
                highest[path] = total
    return highest
