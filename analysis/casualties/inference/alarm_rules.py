"""Rules by which others raise an alarm on a daily count, to be shown and measured beside the package's own.

Each is what its source says it is, on recorded deaths by day; a day is not judged where the rule's days are not all
observed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from casualties.errors import InputError, UnknownNameError

__all__ = ["ears_bounds", "exceeds_previous_month", "highest_month_of_a_year"]

Floats = npt.NDArray[np.float64]

_GUARD = {"C1": 0, "C2": 2, "C3": 2}
_WEEK, _MONTH, _SIGNALS_MONTH = 7, 28, 30
_LARGE_INCREASE = 1.25
_FEW_BEFORE, _FEW_NOW = 2.0, 5.0
_YEAR = 366
_FEWEST_DEATHS = 100.0


def ears_bounds(
    counts: npt.ArrayLike, method: Literal["C1", "C2", "C3"], *, rate: float = 1e-3, baseline: int = 7
) -> Floats:
    """Give the bound of each day above which EARS raises an alarm.

    C1 compares a day with the mean plus a normal quantile of standard deviations of the `baseline` days before it, C2
    leaves out the two days before it, and C3 lowers the bound of C2 by what the statistic of C2 exceeded 1 by on
    either of these two days.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Deaths by day; NaN on a day that was not observed.
    method : {"C1", "C2", "C3"}
        Which of the three.
    rate : float, optional
        Nominal chance of a false alarm on a day, if counts were normal with the baseline's mean and deviation.
    baseline : int, optional
        Days that a day is compared with.

    Returns
    -------
    ndarray, shape (n,)
        NaN where a day of the baseline is missing or not observed, and for C3 where a baseline does not vary.

    Raises
    ------
    UnknownNameError
        If the method is not one of the three.
    InputError
        If the rate is not between 0 and 1, or the baseline is below 2 days.

    Notes
    -----
    The bound of C3 is the one that is documented for ``earsC`` of R's ``surveillance``. Its code puts the day's own
    count in the place of the baseline's mean, so that its alarm on a day does not depend on the day.

    References
    ----------
    Hutwagner, L., Thompson, W., Seeman, G. M. and Treadwell, T. (2003), The bioterrorism preparedness and response
    Early Aberration Reporting System (EARS), Journal of Urban Health 80, i89-i96.
    Salmon, M., Schumacher, D. and Höhle, M. (2016), Monitoring count time series in R: aberration detection in public
    health surveillance, Journal of Statistical Software 70 (10).

    Examples
    --------
    >>> ears_bounds([3, 5, 4, 6, 2, 4, 4, 9], "C1").round(2)
    array([ nan,  nan,  nan,  nan,  nan,  nan,  nan, 7.99])
    """
    if method not in _GUARD:
        raise UnknownNameError("method", method, _GUARD)
    if not 0.0 < rate < 1.0:
        raise InputError("must lie between 0 and 1", column="rate", value=rate)
    if baseline < 2:
        raise InputError("must be at least 2 days", column="baseline", value=baseline)
    y = np.asarray(counts, dtype=float)
    mean = _before(y, baseline, _GUARD[method], np.mean)
    deviation = _before(y, baseline, _GUARD[method], _deviation)
    quantile = float(stats.norm.isf(rate))
    if method != "C3":
        bound: Floats = mean + quantile * deviation
        return bound
    varies = np.where(deviation > 0.0, deviation, np.nan)
    excess = np.maximum((y - mean) / varies - 1.0, 0.0)
    earlier = np.concatenate([[np.nan] * 2, excess])
    lowered: Floats = mean + varies * (quantile - earlier[1:-1] - earlier[:-2])
    return lowered


def exceeds_previous_month(counts: npt.ArrayLike) -> Floats:
    """Say on which days the last week counts as a large increase by the rule of ACLED's Trendfinder.

    The week is compared with the mean of the four weeks before it: an increase of more than 25 % is large, unless that
    mean is two or fewer and the week holds five or fewer. The rule was made for the number of events in a country and
    for weeks of the calendar; here it is applied to recorded deaths and to the seven days that end on each day.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Deaths by day; NaN on a day that was not observed.

    Returns
    -------
    ndarray, shape (n,)
        1 on days with an alarm, 0 on others, NaN where one of the 35 days is missing or not observed.

    References
    ----------
    ACLED, Trendfinder, "How to understand the Trendfinder: Country Change Level map",
    https://acleddata.com/platform/trendfinder.

    Examples
    --------
    >>> [float(exceeds_previous_month([1] * 34 + [last])[-1]) for last in (2, 3)]
    [0.0, 1.0]
    """
    y = np.asarray(counts, dtype=float)
    week = _before(y, _WEEK, -1, np.sum)
    month = _before(y, _MONTH, _WEEK - 1, np.sum) / (_MONTH / _WEEK)
    few = (month <= _FEW_BEFORE) & (week <= _FEW_NOW)
    return np.where(np.isnan(week + month), np.nan, (week > _LARGE_INCREASE * month) & ~few)


def highest_month_of_a_year(counts: npt.ArrayLike) -> Floats:
    """Say on which days the last 30 days hold as many deaths as any in a year, by the rule of HDX Signals.

    The sum of the last 30 days is at least as high as on each of the 365 days before and is at least 100. HDX Signals
    applies it to a country's fatalities in ACLED, marks a second level of three years, and then keeps silent for 180
    days; neither is repeated here.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Deaths by day; NaN on a day that was not observed.

    Returns
    -------
    ndarray, shape (n,)
        1 on days with an alarm, 0 on others, NaN where one of the 395 days is missing or not observed.

    References
    ----------
    OCHA Centre for Humanitarian Data, HDX Signals, "Armed conflict: signals detection",
    https://un-ocha-centre-for-humanitarian.gitbook.io/hdx-signals/datasets/armed-conflict; the length of the year and
    the sign of equality are those of the published code, https://github.com/OCHA-DAP/hdx-signals.

    Examples
    --------
    >>> [float(highest_month_of_a_year([4] * 395 + [last])[-1]) for last in (3, 4, 5)]
    [0.0, 1.0, 1.0]
    """
    month = _before(np.asarray(counts, dtype=float), _SIGNALS_MONTH, -1, np.sum)
    highest = _before(month, _YEAR, -1, np.max)
    return np.where(np.isnan(highest), np.nan, (month >= highest) & (month >= _FEWEST_DEATHS))


def _before(values: Floats, days: int, guard: int, reduce: Callable[..., Floats]) -> Floats:
    """Reduce the days that end `guard` days before each day's eve (-1: with the day itself); NaN where one is not."""
    found = np.full(len(values), np.nan)
    first = days + guard
    if len(values) <= first:
        return found
    windows = np.lib.stride_tricks.sliding_window_view(values, days)
    found[first:] = reduce(windows[: len(values) - first], axis=1)
    return found


def _deviation(windows: Floats, axis: int) -> Floats:
    return np.asarray(np.std(windows, axis=axis, ddof=1))
