"""Whether a series tends upwards, by ranks alone: Mann and Kendall's test, as it is and allowing for dependence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from casualties.errors import InputError

__all__ = ["MannKendall", "mann_kendall"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MannKendall:
    """A rank test of a monotone trend.

    Parameters
    ----------
    tau : float
        Kendall's tau-b between values and time: 1 if every later value is higher, -1 if every one is lower.
    score : int
        Pairs that rise less pairs that fall.
    variance : float
        Of the score if values are in any order, ties corrected for.
    p_value : float
        Two-sided, normal with continuity correction, if values are independent.
    inflation : float
        By what the variance is multiplied for autocorrelation (Hamed and Rao).
    p_value_dependent : float
        Two-sided, with that variance.
    """

    tau: float
    score: int
    variance: float
    p_value: float
    inflation: float
    p_value_dependent: float


def mann_kendall(values: npt.ArrayLike) -> MannKendall:
    """Test for a monotone trend.

    Parameters
    ----------
    values : array_like, shape (n,)
        In time order, at least 4, not all equal.

    Returns
    -------
    MannKendall

    Raises
    ------
    InputError
        If there are fewer than 4 values, one is missing, or all are equal.

    Notes
    -----
    The correction for dependence sums the autocorrelations of the ranks of what is left after a straight line, those
    beyond their 95 % bounds, up to lag ``10 log10(n)``. The line's slope is the median over pairs half the series
    apart. Where the correction would lower the variance it is left out.

    Examples
    --------
    >>> found = mann_kendall([2, 3, 1, 4, 3, 5, 4, 6, 5, 9])
    >>> found.score, round(found.tau, 2), round(found.p_value, 4)
    (32, 0.74, 0.005)

    References
    ----------
    Kendall, M. G. (1975), Rank Correlation Methods, 4th ed., Griffin.
    Hamed, K. H. and Rao, A. R. (1998), A modified Mann-Kendall trend test for autocorrelated data, Journal of Hydrology
    204, 182-196.
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or len(y) < 4:
        raise InputError("4 values or more are needed", column="values", value=y.shape)
    if np.isnan(y).any():
        raise InputError("a value is missing", column="values", remedy="leave such days out")
    if (y == y[0]).all():
        raise InputError("all values are equal", column="values", value=y[0])
    n = len(y)
    tau = float(stats.kendalltau(np.arange(n), y).statistic)
    ties = np.unique(y, return_counts=True)[1].astype(float)
    pairs, tied = n * (n - 1) / 2, float((ties * (ties - 1)).sum()) / 2
    score = round(tau * math.sqrt(pairs * (pairs - tied)))
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    inflation = max(1.0, _inflation(y))
    return MannKendall(
        tau, score, variance, _two_sided(score, variance), inflation, _two_sided(score, variance * inflation)
    )


def _two_sided(score: int, variance: float) -> float:
    return float(min(1.0, 2.0 * stats.norm.sf(max(abs(score) - 1, 0) / math.sqrt(variance))))


def _inflation(y: Floats) -> float:
    """Give Hamed and Rao's ratio of the sample size to the effective one."""
    n = len(y)
    half = n // 2
    slope = float(np.median((y[half:] - y[: n - half]) / half))
    ranks = stats.rankdata(y - slope * np.arange(n))
    ranks -= ranks.mean()
    total = float(ranks @ ranks)
    if total == 0.0:
        return 1.0
    bound = float(stats.norm.ppf(0.975)) / math.sqrt(n)
    summed = 0.0
    for lag in range(1, min(n - 2, math.ceil(10 * math.log10(n)) + 1)):
        correlation = float(ranks[lag:] @ ranks[:-lag]) / total
        if abs(correlation) > bound:
            summed += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation
    return 1.0 + 2.0 * summed / (n * (n - 1) * (n - 2))
