"""Whether one day's residual tells the next day's: the dependence that intervals of independent days leave out."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from casualties.estimates import Estimate, NotEstimable
from casualties.inference.pooling import rubin_correlations

__all__ = ["autocorrelation", "dependence_warnings"]

_FEWEST_PAIRS = 10
_LEAST_VARIANCE = 0.01  # of residuals that would vary by 1 if the model held
_WEEK = 7


def autocorrelation(residuals: npt.ArrayLike, level: float, lags: int = 1) -> Estimate | NotEstimable:
    """Estimate the correlation of residuals one day apart, or its mean over the first lags.

    Parameters
    ----------
    residuals : array_like, shape (n,) or (m, n)
        One a day, in standard deviations; NaN on days without one. Only pairs of days with both count. Of several
        draws each is a row, and their correlations are pooled.
    level : float
        Level of the interval.
    lags : int, optional
        Over how many lags to take the mean: one sees dependence that is strong and short, more see dependence that
        is weak and long.

    Returns
    -------
    Estimate or NotEstimable
        Correlation with Fisher's interval, which takes the residuals as independent: zero outside of it contradicts
        that. Not estimable with fewer than 10 pairs at a lag or when the residuals hardly vary.

    Examples
    --------
    >>> autocorrelation([1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 2, -1], level=0.95).high < 0
    True
    >>> autocorrelation([1, 2, 3], level=0.95)
    NotEstimable(reason='only 2 pairs of days, and 10 are needed')

    References
    ----------
    Fisher, R. A. (1921), On the "probable error" of a coefficient of correlation deduced from a small sample,
    Metron 1, 3-32.
    """
    values = np.asarray(residuals, dtype=float)
    if values.ndim == 2:
        each_draw = [autocorrelation(row, level, lags) for row in values]
        return rubin_correlations(each_draw) if len(each_draw) > 1 else each_draw[0]
    seen = ~np.isnan(values)
    pairs = [int((seen[lag:] & seen[:-lag]).sum()) for lag in range(1, lags + 1)]
    if min(pairs) < _FEWEST_PAIRS:
        return NotEstimable(f"only {min(pairs)} pairs of days, and {_FEWEST_PAIRS} are needed")
    centred = np.where(seen, values - values[seen].mean(), 0.0)
    variance = float((centred[seen] ** 2).mean())
    if variance < _LEAST_VARIANCE:
        return NotEstimable("the residuals hardly vary")
    # One variance for both days of a pair, as is usual for a stationary series.
    each = [float(centred[lag:] @ centred[:-lag]) / number / variance for lag, number in enumerate(pairs, start=1)]
    value = max(-0.999, min(0.999, sum(each) / lags))
    reach = float(stats.norm.ppf(0.5 + level / 2)) / math.sqrt(sum(pairs) - 3)
    centre = math.atanh(value)
    return Estimate(value, math.tanh(centre - reach), math.tanh(centre + reach), level, unit="correlation")


def dependence_warnings(residuals: npt.ArrayLike, level: float, affected: str) -> list[str]:
    """Say what follows for intervals when residuals depend on each other.

    Parameters
    ----------
    residuals : array_like, shape (n,) or (m, n)
        As in `autocorrelation`.
    level : float
        Level at which a correlation counts as distinguishable from zero.
    affected : str
        What takes days as independent, as the subject of a sentence in the plural.

    Returns
    -------
    list of str
        At most one sentence. None is no proof of independence: weak dependence escapes in a short series.

    Examples
    --------
    >>> import math
    >>> wave = [math.sin(day / 6) for day in range(100)]
    >>> dependence_warnings(wave, 0.95, "the intervals")[0][:52]
    'Residuals one day apart correlate (+0.99, +0.98 to +'
    """
    near, week = autocorrelation(residuals, level), autocorrelation(residuals, level, lags=_WEEK)
    if isinstance(near, Estimate) and near.low > 0.0:
        return [f"Residuals one day apart correlate {_worded(near)}: {affected} take days as independent, {_NARROW}."]
    if isinstance(week, Estimate) and week.low > 0.0:
        return [
            f"Residuals up to a week apart correlate, on average by {_worded(week)}: {affected} take days as "
            f"independent, {_NARROW}."
        ]
    if isinstance(near, Estimate) and near.high < 0.0:
        return [
            f"Residuals one day apart correlate negatively {_worded(near)}: {affected} take days as independent, "
            "and may be too wide."
        ]
    return []


_NARROW = "and are too narrow where they are not"


def _worded(found: Estimate) -> str:
    return f"({found.value:+.2f}, {found.low:+.2f} to {found.high:+.2f})"
