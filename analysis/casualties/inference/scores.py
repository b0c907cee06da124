"""How good a probabilistic forecast was, once the count is known: proper scores and calibration of samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["coverage", "crps", "pit_ends", "sample_quantiles"]

Floats = npt.NDArray[np.float64]


def crps(samples: npt.ArrayLike, outcome: npt.ArrayLike) -> Floats:
    """Give the continuous ranked probability score of the distribution that samples make, exactly.

    It is the mean distance of a sample from the outcome less half the mean distance of two samples: in the unit of the
    counts, lower is better, and for a single sample the absolute error.

    Parameters
    ----------
    samples : array_like, shape (n,) or (n, h)
        Equally probable values; of several quantities a column each.
    outcome : array_like, shape () or (h,)
        What came; NaN gives NaN.

    Returns
    -------
    ndarray, shape () or (h,)

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007), Strictly proper scoring rules, prediction, and estimation, Journal of the
    American Statistical Association 102, 359-378.

    Examples
    --------
    >>> float(crps([1, 3], 2))
    0.5
    >>> float(crps([5], 2))
    3.0
    """
    x = np.sort(np.asarray(samples, dtype=float), axis=0)
    n = len(x)
    weights = (2.0 * np.arange(1, n + 1) - n - 1.0) / n**2
    return np.asarray(np.abs(x - np.asarray(outcome, dtype=float)).mean(axis=0) - np.tensordot(weights, x, axes=(0, 0)))


def pit_ends(samples: npt.ArrayLike, outcome: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give the share of samples below the outcome and the share up to it.

    Counts are whole numbers, so that the probability integral transform is an interval: over many calibrated forecasts
    numbers drawn evenly from these intervals are uniform.

    Parameters
    ----------
    samples, outcome
        As in `crps`.

    Returns
    -------
    low, high : ndarray, shape () or (h,)

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009), Predictive model assessment for count data, Biometrics 65, 1254-1261.

    Examples
    --------
    >>> low, high = pit_ends([1, 2, 2, 3], 2)
    >>> float(low), float(high)
    (0.25, 0.75)
    """
    x, y = np.asarray(samples, dtype=float), np.asarray(outcome, dtype=float)
    return np.asarray((x < y).mean(axis=0)), np.asarray((x <= y).mean(axis=0))


def sample_quantiles(samples: npt.ArrayLike, probabilities: npt.ArrayLike) -> Floats:
    """Give quantiles that are samples themselves (the smallest that at least this share does not exceed).

    Parameters
    ----------
    samples : array_like, shape (n,) or (n, h)
        Equally probable values.
    probabilities : array_like, shape (q,)
        Which quantiles.

    Returns
    -------
    ndarray, shape (q,) or (q, h)

    Examples
    --------
    >>> sample_quantiles([3, 1, 2, 4], [0.25, 0.5])
    array([1., 2.])
    """
    x = np.asarray(samples, dtype=float)
    # 0.5 - 0.95 / 2 is above 0.025 by rounding, and would be another sample.
    wanted = np.round(np.asarray(probabilities, dtype=float), 12)
    return np.asarray(np.quantile(x, wanted, axis=0, method="inverted_cdf"))


def coverage(samples: npt.ArrayLike, outcome: npt.ArrayLike, level: float) -> npt.NDArray[np.bool_]:
    """Say whether the central interval of a level holds the outcome, ends included.

    Parameters
    ----------
    samples, outcome
        As in `crps`.
    level : float
        Level of the interval.

    Returns
    -------
    ndarray of bool, shape () or (h,)

    Examples
    --------
    >>> bool(coverage(range(101), 90, 0.8)), bool(coverage(range(101), 91, 0.8))
    (True, False)
    """
    low, high = sample_quantiles(samples, [0.5 - level / 2, 0.5 + level / 2])
    y = np.asarray(outcome, dtype=float)
    return np.asarray((low <= y) & (y <= high))
