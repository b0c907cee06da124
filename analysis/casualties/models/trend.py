"""Is it escalating? A steady rate of growth, with its doubling time, from negative-binomial regression."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference import negative_binomial
from casualties.inference.dependence import autocorrelation, dependence_warnings
from casualties.inference.weekdays import WEEKDAYS, weekday_columns, weekday_intervals, weekday_obstacle
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["TrendResult", "fit_trend"]

Floats = npt.NDArray[np.float64]

_FEWEST_DAYS = 14
_FEW_DAYS = 28
_WEEKDAY_COLUMNS = ["weekday", "ratio", "low", "high"]
_FITTED_COLUMNS = ["mean", "low", "high"]


@dataclass(frozen=True, slots=True, eq=False)
class TrendResult(Result):
    """The growth of recorded deaths over a window, if it grew steadily.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    growth : Estimate or NotEstimable
        Growth of the expected count, per day on the log scale (0.01 is about 1 % a day), with its Wald interval.
    doubling_time : Estimate or NotEstimable
        Days in which the count doubles, or halves (the unit says which); from the interval of `growth`, and not
        estimable when that interval includes no growth.
    p_rising : Estimate or NotEstimable
        The standard normal distribution function at growth / standard error. It restates the Wald fit; it is not a
        posterior probability.
    dispersion : Estimate or NotEstimable
        ``alpha`` in the variance ``mu + alpha mu**2``, with its likelihood-ratio interval.
    autocorrelation : Estimate or NotEstimable
        Correlation of the Pearson residuals one day apart.
    weekday : DataFrame
        ``weekday, ratio, low, high``: each weekday against the mean weekday; empty where no such effect was fitted.
    fitted : DataFrame
        Indexed by ``date``: ``mean, low, high`` of the expected count (the interval is the mean's, not a day's).
    observed : Series
        The counts that were fitted, indexed by ``date``.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    """

    basis: Basis
    growth: Estimate | NotEstimable
    doubling_time: Estimate | NotEstimable
    p_rising: Estimate | NotEstimable
    dispersion: Estimate | NotEstimable
    autocorrelation: Estimate | NotEstimable
    weekday: pd.DataFrame
    fitted: pd.DataFrame
    observed: pd.Series
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Trend of {self.basis.label}", *self.basis.lines()[1:], ""]
        if isinstance(self.growth, NotEstimable):
            lines.append(f"Growth: {self.growth}")
        else:
            lines.append(f"Growth:          {_worded(self.growth, '+.4f')}")
            time = self.doubling_time
            name = "Doubling time:  "
            if isinstance(time, Estimate):
                name = "Halving time:   " if time.unit == "days to halve" else name
                lines.append(f"{name} {_worded(time, '.1f')}")
            else:
                lines.append(f"{name} {time}")
            lines.append(f"P(rising):       {_worded(self.p_rising, '.3f')}: Φ(z) of a Wald fit, not a posterior")
            lines.append(f"Dispersion:      {_worded(self.dispersion, '.3f')}")
            lines.append(f"Autocorrelation: {_worded(self.autocorrelation, '+.2f')}")
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the answer as a table: ``quantity, value, low, high, level, unit, reason``."""
        rows = []
        for name in ("growth", "doubling_time", "p_rising", "dispersion", "autocorrelation"):
            answer: Estimate | NotEstimable = getattr(self, name)
            if isinstance(answer, NotEstimable):
                rows.append((name, math.nan, math.nan, math.nan, math.nan, "", answer.reason))
            else:
                rows.append((name, answer.value, answer.low, answer.high, answer.level, answer.unit, ""))
        return pd.DataFrame(rows, columns=["quantity", "value", "low", "high", "level", "unit", "reason"])


def fit_trend(series: DailySeries, *, level: float = 0.95, weekday: bool = True) -> TrendResult:
    """Fit a steady growth rate to a daily series.

    The count of a day is negative binomial; the logarithm of its mean is a line in time, plus an effect of the day
    of the week, plus the logarithm of the share of the day that was covered. Days are taken as independent given
    the line: where they are not, the intervals are too narrow, and the measured autocorrelation says so.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day. Days that were not observed are left out, not counted as zero.
    level : float, optional
        Level of all intervals.
    weekday : bool, optional
        Whether to fit an effect of the day of the week; it needs 28 observed days and deaths on every weekday.

    Returns
    -------
    TrendResult
        Growth, doubling time, P(rising) (Φ(z) of a Wald fit, not a posterior), dispersion, autocorrelation and the
        fitted line. Not estimable with fewer than 14 observed days, without any death, or when one day holds half
        of all deaths or more.

    Raises
    ------
    InputError
        If the series holds fractions or the level does not lie between 0 and 1.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> counts = [2, 3, 1, 4, 3, 5, 4, 6, 5, 9, 7, 8, 12, 9, 14, 11, 15, 19, 16, 21]
    >>> result = fit_trend(DailySeries.from_counts(counts, "2019-04-20"))
    >>> round(result.growth.value, 3), result.doubling_time.unit
    (0.116, 'days')

    References
    ----------
    Cameron, A. C. and Trivedi, P. K. (2013), Regression Analysis of Count Data, 2nd ed., Cambridge University Press.
    """
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)
    counts = series.whole_counts()
    seen = ~np.isnan(counts)
    dates = pd.DatetimeIndex(series.frame.index)
    basis = series.basis(
        "negative-binomial regression on time and day of the week, Wald intervals; P(rising) is Φ(z), not a posterior",
        {"level": level, "weekday": weekday},
    )
    observed = pd.Series(counts, index=dates, name="deaths")
    y = counts[seen]
    obstacle = _obstacle(y)
    if obstacle:
        return _without_numbers(basis, observed, obstacle)

    warnings = []
    day = np.arange(len(counts), dtype=float)
    middle = day[seen].mean()
    days_of_week = dates.day_of_week.to_numpy()
    columns = [np.ones(len(counts)), day - middle]
    why_not = weekday_obstacle(y, days_of_week[seen], _FEW_DAYS) if weekday else ""
    with_weekday = weekday and not why_not
    base = int(np.argmax(np.bincount(days_of_week[seen], y, minlength=7)))
    if with_weekday:
        columns.extend(weekday_columns(days_of_week, base).T)
    elif weekday:
        warnings.append(f"No effect of the day of the week was fitted: {why_not}.")
    design = np.column_stack(columns)
    # A day without observation has no coverage; its fitted mean is that of a day covered in full.
    exposure = np.where(seen, series.frame["exposure"].to_numpy(dtype=float), 1.0)
    fit = negative_binomial.fit(design[seen], y, np.log(exposure[seen]))

    quantile = float(stats.norm.ppf(0.5 + level / 2))
    slope, error = float(fit.params[1]), float(fit.standard_errors[1])
    growth = Estimate(slope, slope - quantile * error, slope + quantile * error, level, "per day")
    residuals = np.full(len(counts), np.nan)
    residuals[seen] = fit.pearson(y)
    low, high = negative_binomial.dispersion_interval(y, fit.mean, fit.dispersion, level)
    warnings.extend(dependence_warnings(residuals, level, "the intervals"))
    warnings.extend(_warnings(y, fit.converged))
    return TrendResult(
        basis=basis,
        growth=growth,
        doubling_time=_doubling_time(growth),
        p_rising=Estimate(float(stats.norm.cdf(slope / error)), unit="probability"),
        dispersion=Estimate(fit.dispersion, low, high, level, "alpha (variance = mean + alpha × mean²)"),
        autocorrelation=autocorrelation(residuals, level),
        weekday=_weekday_table(fit, base, level) if with_weekday else pd.DataFrame(columns=_WEEKDAY_COLUMNS),
        fitted=_fitted(fit, design, np.log(exposure), quantile, dates),
        observed=observed,
        warnings=tuple(warnings),
    )


def _obstacle(y: Floats) -> str:
    """Say why no trend can be fitted, or nothing."""
    if len(y) < _FEWEST_DAYS:
        return f"{len(y)} observed days are fewer than {_FEWEST_DAYS}"
    total = float(y.sum())
    if total == 0.0:
        return "no deaths are recorded in the window"
    share = float(y.max()) / total
    if share >= 0.5:
        return f"one day holds {share:.0%} of all recorded deaths, so that a trend would describe that day"
    return ""


def _doubling_time(growth: Estimate) -> Estimate | NotEstimable:
    if growth.low <= 0.0 <= growth.high:
        return NotEstimable(
            f"the {growth.level:.0%} interval of the growth rate, {growth.low:+.4f} to {growth.high:+.4f} per day, "
            "includes zero"
        )
    times = sorted(math.log(2.0) / abs(end) for end in (growth.low, growth.high))
    unit = "days" if growth.value > 0 else "days to halve"
    return Estimate(math.log(2.0) / abs(growth.value), times[0], times[1], growth.level, unit)


def _warnings(y: Floats, converged: bool) -> list[str]:
    texts = []
    if len(y) < _FEW_DAYS:
        texts.append(f"Only {len(y)} days were observed; with fewer than {_FEW_DAYS} the intervals are approximate.")
    share = float(y.max()) / float(y.sum())
    if share >= 0.25:
        texts.append(f"One day holds {share:.0%} of all recorded deaths; the trend leans on it.")
    if not converged:
        texts.append("The regression did not settle; its numbers are not to be relied on.")
    return texts


def _weekday_table(fit: negative_binomial.NegativeBinomialFit, base: int, level: float) -> pd.DataFrame:
    ratio, low, high = weekday_intervals(fit.params[2:8], fit.covariance[2:8, 2:8], base, level)
    return pd.DataFrame({"weekday": WEEKDAYS, "ratio": ratio, "low": low, "high": high})


def _fitted(
    fit: negative_binomial.NegativeBinomialFit, design: Floats, offset: Floats, quantile: float, dates: pd.DatetimeIndex
) -> pd.DataFrame:
    line = design @ fit.params + offset
    reach = quantile * np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", design, fit.covariance, design), 0.0))
    return pd.DataFrame(
        {"mean": np.exp(line), "low": np.exp(line - reach), "high": np.exp(line + reach)}, index=dates
    ).rename_axis("date")


def _without_numbers(basis: Basis, observed: pd.Series, reason: str) -> TrendResult:
    none = NotEstimable(reason)
    return TrendResult(
        basis=basis,
        growth=none,
        doubling_time=none,
        p_rising=none,
        dispersion=none,
        autocorrelation=none,
        weekday=pd.DataFrame(columns=_WEEKDAY_COLUMNS),
        fitted=pd.DataFrame(columns=_FITTED_COLUMNS, index=pd.DatetimeIndex([], name="date"), dtype=float),
        observed=observed,
        warnings=(),
    )


def _worded(answer: Estimate | NotEstimable, form: str) -> str:
    """Give an estimate as text."""
    if isinstance(answer, NotEstimable):
        return str(answer)
    interval = f" ({answer.low:{form}} to {answer.high:{form}})" if answer.has_interval else ""
    unit = f" {answer.unit}" if answer.unit in ("per day", "days", "days to halve") else ""
    return f"{answer.value:{form}}{interval}{unit}"
