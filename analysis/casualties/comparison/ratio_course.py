"""Does one source count a steady share of what the other counts? Their ratio month by month, and tests that it is one.

A ratio that moves can fake a trend, or hide one, in the source whose coverage moves; which of the two that is, a pair
cannot tell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from casualties.comparison.paired_days import FEWEST_DAYS, Answer
from casualties.comparison.paired_ratio import paired_ratio
from casualties.estimates import Estimate, NotEstimable

__all__ = ["ROLLING_DAYS", "RatioCourse", "ratio_course", "ratio_drift"]

# A rolling ratio rests on the shared days within so many calendar days.
ROLLING_DAYS = 28
# A change a day of the log ratio needs so many days with deaths.
DRIFT_FEWEST = 20
_STEPS = 50
# Without a row pandas would take the columns for objects.
_KINDS = {
    **dict.fromkeys(("start", "end", "date"), "datetime64[us]"),
    **dict.fromkeys(("ratio", "low", "high"), "float64"),
}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RatioCourse:
    """The ratio of two sources through time.

    Parameters
    ----------
    months : DataFrame
        One row a calendar month with a shared day: ``start, end`` (first and last shared day), ``days, a, b`` (shared
        days and deaths), ``ratio, low, high`` (NaN where they cannot be had) and ``reason``.
    rolling : DataFrame
        Index ``date`` (the middle day of 28 calendar days that lie in the window): ``days, ratio, low, high``.
    drift : Estimate or NotEstimable
        Change of the log ratio a day if it is even, with an interval that holds whatever the spread of the days (HC0).
    drift_p : float
        Two-sided p-value of no such change (score test); NaN without one.
    constant : Estimate or NotEstimable
        p-value of the same ratio in all months (quasi-binomial F test).
    selected : str
        Why the days are no sample of all days; empty where nothing is known of this.
    """

    months: pd.DataFrame
    rolling: pd.DataFrame
    drift: Answer
    drift_p: float
    constant: Answer
    selected: str = ""


def ratio_course(shared: pd.DataFrame, *, level: float = 0.95, selected: str = "") -> RatioCourse:
    """Follow the ratio of two sources through time.

    Parameters
    ----------
    shared : DataFrame
        Index ``date``, columns ``a, b``: the days that both observed, in order.
    level : float, optional
        Level of the intervals.
    selected : str, optional
        Why the days are no sample of all days, where they were selected: the course is then one of those days only.

    Returns
    -------
    RatioCourse
        The test that the months have one ratio needs two months with 10 days each, the drift 20 days with deaths.

    Notes
    -----
    Rolling windows overlap: neighbouring ones hold mostly the same days.

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=61, name="date")
    >>> shared = pd.DataFrame({"a": [8, 9, 7, 8] * 15 + [8], "b": [4, 5, 3, 5] * 15 + [4]}, index=days)
    >>> course = ratio_course(shared)
    >>> course.months["ratio"].round(2).tolist(), round(course.constant.value, 2)
    ([1.89, 1.88], 0.78)
    """
    dates = pd.DatetimeIndex(shared.index)
    a, b = (shared[name].to_numpy(dtype="float64") for name in ("a", "b"))
    rows = []
    groups: list[NDArray[np.int64]] = []
    for _, part in shared.groupby(dates.to_period("M")):
        paired = paired_ratio(part["a"], part["b"], level=level)
        rows.append((part.index[0], part.index[-1], len(part), part["a"].sum(), part["b"].sum(), *_ends(paired.ratio)))
        if paired.ratio:
            groups.append(np.asarray(dates.get_indexer(part.index)))
    months = pd.DataFrame(rows, columns=["start", "end", "days", "a", "b", "ratio", "low", "high", "reason"])
    if months.empty:
        months = months.astype({name: kind for name, kind in _KINDS.items() if name in months})
    drift, p = ratio_drift(shared, level=level)
    return RatioCourse(months, _rolling(shared, level), drift, p, _one_ratio(a, b, groups), selected)


def ratio_drift(shared: pd.DataFrame, *, level: float = 0.95) -> tuple[Answer, float]:
    """Estimate by how much the log ratio changes a day, if evenly.

    A logistic regression of the daily split on the date; the interval rests on the robust (HC0) variance, and the test
    on the score with its own robust variance.

    Parameters
    ----------
    shared : DataFrame
        Index ``date``, columns ``a, b``.
    level : float, optional
        Level of the interval.

    Returns
    -------
    Estimate or NotEstimable
        Change a day. Not estimable with fewer than 20 days with deaths, a source that counts nobody, or a split that
        the date parts entirely.
    float
        Two-sided p-value of no change; NaN where it cannot be had.

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=60)
    >>> shared = pd.DataFrame({"a": [9, 12, 10, 8, 11] * 12, "b": [14] * 20 + [10] * 20 + [7] * 20}, index=days)
    >>> drift, p = ratio_drift(shared)
    >>> round(drift.value, 4), p < 0.001
    (0.0154, True)
    """
    used = shared[shared[["a", "b"]].sum(axis=1) > 0]
    a, b = (used[name].to_numpy(dtype="float64") for name in ("a", "b"))
    if len(used) < DRIFT_FEWEST:
        return NotEstimable(f"{len(used)} shared days with deaths; at least {DRIFT_FEWEST} are needed"), math.nan
    if a.sum() == 0 or b.sum() == 0:
        return NotEstimable("a source counts nobody on the shared days"), math.nan
    total = a + b
    day = (pd.DatetimeIndex(used.index) - used.index[0]).days.to_numpy().astype(float)
    share = a.sum() / total.sum()
    centred = day - float(total @ day / total.sum())
    residual = centred * (a - total * share)
    square = float(residual @ residual)
    if square == 0.0 or not centred.any():
        return Estimate(0.0, unit="log ratio a day"), math.nan
    p = float(2 * stats.norm.sf(abs(residual.sum()) / math.sqrt(square)))
    scale = float(np.abs(centred).max())
    design = np.column_stack([np.ones_like(day), centred / scale])
    fitted = _logistic(design, a, total)
    if fitted is None:
        return NotEstimable("the date parts the days of one source from those of the other"), p
    slope, error = fitted[0] / scale, fitted[1] / scale
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    return Estimate(slope, slope - reach, slope + reach, level, "log ratio a day"), p


def _logistic(design: Floats, a: Floats, total: Floats) -> tuple[float, float] | None:
    """Fit a logistic regression of counts by Newton steps; give the slope and its robust standard error."""
    share = a.sum() / total.sum()
    beta = np.array([math.log(share / (1 - share)), 0.0])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        weight = total * p * (1 - p)
        information = design.T @ (design * weight[:, None])
        if not np.isfinite(information).all() or np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (a - total * p))
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    else:
        return None
    scores = design * (a - total * p)[:, None]
    inverse = np.linalg.inv(information)
    variance = inverse @ (scores.T @ scores) @ inverse
    return float(beta[1]), math.sqrt(float(variance[1, 1]))


def _one_ratio(a: Floats, b: Floats, groups: list[NDArray[np.int64]]) -> Answer:
    """Test by F whether all months with a ratio have the same one."""
    if len(groups) < 2:
        return NotEstimable(f"{len(groups)} months with {FEWEST_DAYS} shared days and deaths in both; 2 are needed")
    every = np.concatenate(groups)
    within, freedom = 0.0, 0
    inside = a[every].sum() / (a + b)[every].sum()
    between = 0.0
    for group in groups:
        x, total = a[group], (a + b)[group]
        some = total > 0
        share = x.sum() / total.sum()
        within += float((((x - total * share)[some]) ** 2 / total[some]).sum()) / (share * (1 - share))
        between += float(total.sum()) * (share - inside) ** 2 / (inside * (1 - inside))
        freedom += int(some.sum()) - 1
    if freedom < 1 or within <= 1e-12:
        return NotEstimable("the split within the months does not vary")
    statistic = between / (len(groups) - 1) / (within / freedom)
    return Estimate(float(stats.f.sf(statistic, len(groups) - 1, freedom)), unit="p-value")


def _rolling(shared: pd.DataFrame, level: float) -> pd.DataFrame:
    """Give the ratio over every stretch of days that lies in the window."""
    rows = []
    if len(shared):
        last = shared.index[-1] - pd.Timedelta(days=ROLLING_DAYS - 1)
        for start in pd.date_range(shared.index[0], last):
            part = shared.loc[start : start + pd.Timedelta(days=ROLLING_DAYS - 1)]
            ratio = paired_ratio(part["a"], part["b"], level=level).ratio
            rows.append((start + pd.Timedelta(days=ROLLING_DAYS // 2), len(part), *_ends(ratio)[:3]))
    table = pd.DataFrame(rows, columns=["date", "days", "ratio", "low", "high"])
    return table.astype({name: kind for name, kind in _KINDS.items() if name in table}).set_index("date")


def _ends(answer: Answer) -> tuple[float, float, float, str]:
    if isinstance(answer, NotEstimable):
        return math.nan, math.nan, math.nan, answer.reason
    return answer.value, answer.low, answer.high, ""
