"""The usual regression beside a trend: negative binomial on time and day of the week, as if days were independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from casualties.estimates import Estimate, NotEstimable
from casualties.inference import negative_binomial
from casualties.inference.weekdays import weekday_columns, weekday_obstacle

__all__ = ["TrendRegression", "regress"]

Floats = npt.NDArray[np.float64]

_FEWEST_DAYS_OF_WEEKS = 28
_DISPERSION = "alpha (variance = mean + alpha × mean²)"


@dataclass(frozen=True, slots=True, eq=False)
class TrendRegression:
    """Negative-binomial regression of a window on time and day of the week.

    Parameters
    ----------
    growth : Estimate
        Growth a day with its Wald interval, which takes days as independent.
    p_rising : Estimate
        The standard normal distribution function at growth / standard error. It restates the Wald fit; it is not a
        posterior probability.
    dispersion : Estimate
        ``alpha`` in the variance ``mu + alpha mu**2``, with its likelihood-ratio interval.
    residuals : ndarray, shape (days,)
        Pearson residuals, NaN on days that were not observed.
    weekday : bool
        Whether there is an effect of the day of the week.
    why_not : str
        Why there is none, where one was wanted.
    converged : bool
        Whether the regression settled.
    """

    growth: Estimate
    p_rising: Estimate
    dispersion: Estimate
    residuals: Floats
    weekday: bool
    why_not: str
    converged: bool


def regress(
    counts: Floats, exposure: Floats, dates: pd.DatetimeIndex, weekday: bool, level: float
) -> TrendRegression | NotEstimable:
    """Fit the regression to one series.

    Parameters
    ----------
    counts, exposure, dates, weekday
        As for `casualties.models.growth.fit_growth`. The effect of the day of the week needs 28 observed days and
        deaths on every weekday.
    level : float
        Level of the intervals.

    Returns
    -------
    TrendRegression or NotEstimable
        Not estimable without a death.
    """
    seen = ~np.isnan(counts) & (exposure > 0.0)
    y = counts[seen]
    if not y.sum() > 0.0:
        return NotEstimable("no deaths are recorded in the window")
    day = np.arange(len(counts), dtype=float)
    days_of_week = dates.day_of_week.to_numpy()
    columns = [np.ones(len(counts)), day - day[seen].mean()]
    why_not = weekday_obstacle(y, days_of_week[seen], _FEWEST_DAYS_OF_WEEKS) if weekday else ""
    effect = weekday and not why_not
    if effect:
        base = int(np.argmax(np.bincount(days_of_week[seen], y, minlength=7)))
        columns.extend(weekday_columns(days_of_week, base).T)
    fit = negative_binomial.fit(np.column_stack(columns)[seen], y, np.log(exposure[seen]))
    residuals = np.full(len(counts), np.nan)
    residuals[seen] = fit.pearson(y)
    slope, error = float(fit.params[1]), float(fit.standard_errors[1])
    reach = float(stats.norm.ppf(0.5 + level / 2)) * error
    low, high = negative_binomial.dispersion_interval(y, fit.mean, fit.dispersion, level)
    return TrendRegression(
        growth=Estimate(slope, slope - reach, slope + reach, level, "per day"),
        p_rising=Estimate(float(stats.norm.cdf(slope / error)), unit="probability"),
        dispersion=Estimate(fit.dispersion, low, high, level, _DISPERSION),
        residuals=residuals,
        weekday=effect,
        why_not=why_not,
        converged=fit.converged,
    )
