"""Is it escalating? A steady rate of growth, with its doubling time, from negative-binomial regression."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from casualties.draws import Draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference import negative_binomial
from casualties.inference.dependence import autocorrelation, dependence_warnings
from casualties.inference.pooling import mix, rubin
from casualties.inference.weekdays import WEEKDAYS, weekday_columns, weekday_intervals, weekday_obstacle
from casualties.models.imprecision import Imprecision, drawn_counts, failure_of_draws, take_draws, vagueness_warnings
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["TrendResult", "fit_trend"]

Floats = npt.NDArray[np.float64]

_FEWEST_DAYS = 14
_FEW_DAYS = 28
_RATIO_COLUMNS = ["ratio", "low", "high"]
_WEEKDAY_COLUMNS = ["weekday", *_RATIO_COLUMNS]
_FITTED_COLUMNS = ["mean", "low", "high"]
_DISPERSION = "alpha (variance = mean + alpha × mean²)"


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
    imprecision : Imprecision or None
        What draws of dates and numbers add, where they were pooled.
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
    imprecision: Imprecision | None = None

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
        if self.imprecision:
            lines.extend(self.imprecision.lines())
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


def fit_trend(
    series: DailySeries,
    *,
    level: float = 0.95,
    weekday: bool = True,
    draws: int | Draws | None = None,
    seed: int | None = None,
) -> TrendResult:
    """Fit a steady growth rate to a daily series.

    The count of a day is negative binomial; the logarithm of its mean is a line in time, plus an effect of the day
    of the week, plus the logarithm of the share of the day that was covered. Days are taken as independent given
    the line: where they are not, the intervals are too narrow, and the measured autocorrelation says so.

    With `draws` the line is fitted to each of the series that the record allows (`DailySeries.draws`), and the answers
    are pooled: growth, weekdays, the fitted line and the autocorrelation by Rubin's rules, the last on Fisher's scale
    (intervals from t distributions whose degrees of freedom are lowered after Barnard and Rubin, so that they are
    slightly wider than Wald intervals even where nothing is drawn), the doubling time from the pooled growth, P(rising)
    as the mean of the draws'. The dispersion is the mean of the draws', without an interval: it is not near-normal.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day. Days that were not observed are left out, not counted as zero.
    level : float, optional
        Level of all intervals.
    weekday : bool, optional
        Whether to fit an effect of the day of the week; it needs 28 observed days and deaths on every weekday.
    draws : int or Draws, optional
        Over how many draws of dates and numbers to pool, or the draws themselves; none where it is not given.
    seed : int, optional
        The seed of the draws, where their number is given.

    Returns
    -------
    TrendResult
        Growth, doubling time, P(rising) (Φ(z) of a Wald fit, not a posterior), dispersion, autocorrelation and the
        fitted line. Not estimable with fewer than 14 observed days, without any death, or when one day holds half
        of all deaths or more; with draws, when that holds for more than one draw in twenty.

    Raises
    ------
    InputError
        If the series holds fractions, the level does not lie between 0 and 1, or the draws cannot be used
        (`casualties.models.imprecision.take_draws`).

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
    Rubin, D. B. (1987), Multiple Imputation for Nonresponse in Surveys, Wiley.
    Barnard, J. and Rubin, D. B. (1999), Small-sample degrees of freedom with multiple imputation, Biometrika 86,
    948-955.
    """
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)
    counts = series.whole_counts()
    taken = take_draws(series, draws, seed)
    method = (
        "negative-binomial regression on time and day of the week, Wald intervals; P(rising) is Φ(z), not a posterior"
    )
    settings: dict[str, Any] = {"level": level, "weekday": weekday}
    if taken:
        method, settings = f"{method}; pooled over draws by Rubin's rules", {**settings, "draws": len(taken)}
    basis = series.basis(method, settings, seed=taken.seed if taken else None)
    exposure = series.frame["exposure"].to_numpy(dtype=float)
    dates = pd.DatetimeIndex(series.frame.index)
    line = _regress(counts, exposure, dates, weekday)
    observed = pd.Series(counts, index=dates, name="deaths")
    if isinstance(line, NotEstimable):
        return _without_numbers(basis, observed, line.reason)
    recorded = _result(line, basis, observed, level)
    return _pooled(recorded, line, series, taken, level, weekday) if taken else recorded


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """The regression of one series, and what it was fitted to."""

    fit: negative_binomial.NegativeBinomialFit
    design: Floats  # (days, p)
    offset: Floats  # (days,)
    y: Floats  # (observed days,)
    residuals: Floats  # (days,), NaN where not observed
    base: int | None  # the weekday that the others are compared with; None without an effect
    why_not: str  # why there is no effect of the day of the week, where one was wanted


def _regress(counts: Floats, exposure: Floats, dates: pd.DatetimeIndex, weekday: bool) -> _Line | NotEstimable:
    """Fit the line to one series."""
    seen = ~np.isnan(counts)
    y = counts[seen]
    obstacle = _obstacle(y)
    if obstacle:
        return NotEstimable(obstacle)
    day = np.arange(len(counts), dtype=float)
    middle = day[seen].mean()
    days_of_week = dates.day_of_week.to_numpy()
    columns = [np.ones(len(counts)), day - middle]
    why_not = weekday_obstacle(y, days_of_week[seen], _FEW_DAYS) if weekday else ""
    base = None
    if weekday and not why_not:
        base = int(np.argmax(np.bincount(days_of_week[seen], y, minlength=7)))
        columns.extend(weekday_columns(days_of_week, base).T)
    design = np.column_stack(columns)
    # A day without observation has no coverage; its fitted mean is that of a day covered in full.
    offset = np.log(np.where(seen, exposure, 1.0))
    fit = negative_binomial.fit(design[seen], y, offset[seen])
    residuals = np.full(len(counts), np.nan)
    residuals[seen] = fit.pearson(y)
    return _Line(fit, design, offset, y, residuals, base, why_not)


def _result(line: _Line, basis: Basis, observed: pd.Series, level: float) -> TrendResult:
    """Give the answer of the regression of the series as recorded."""
    fit, y = line.fit, line.y
    quantile = float(stats.norm.ppf(0.5 + level / 2))
    slope, error = float(fit.params[1]), float(fit.standard_errors[1])
    growth = Estimate(slope, slope - quantile * error, slope + quantile * error, level, "per day")
    low, high = negative_binomial.dispersion_interval(y, fit.mean, fit.dispersion, level)
    centre, spread = _log_means(line)
    fitted = {
        "mean": np.exp(centre),
        "low": np.exp(centre - quantile * spread),
        "high": np.exp(centre + quantile * spread),
    }
    return TrendResult(
        basis=basis,
        growth=growth,
        doubling_time=_doubling_time(growth),
        p_rising=Estimate(float(stats.norm.cdf(slope / error)), unit="probability"),
        dispersion=Estimate(fit.dispersion, low, high, level, _DISPERSION),
        autocorrelation=autocorrelation(line.residuals, level),
        weekday=_weekday_table(line, level),
        fitted=pd.DataFrame(fitted, index=observed.index).rename_axis("date"),
        observed=observed,
        warnings=_warnings(line, line.residuals, level),
    )


def _pooled(
    recorded: TrendResult, line_recorded: _Line, series: DailySeries, draws: Draws, level: float, weekday: bool
) -> TrendResult:
    """Give the answer pooled over draws."""
    exposure = series.frame["exposure"].to_numpy(dtype=float)
    dates = pd.DatetimeIndex(series.frame.index)
    lines: list[_Line] = []
    reasons: list[str] = []
    for counts in drawn_counts(draws):
        line = _regress(counts, exposure, dates, weekday)
        if isinstance(line, NotEstimable):
            reasons.append(line.reason)
        elif not line.fit.converged:
            reasons.append("the regression did not settle")
        else:
            lines.append(line)
    failure = failure_of_draws(reasons, len(draws))
    if failure:
        return _without_numbers(recorded.basis, recorded.observed, failure)
    complete = len(lines[0].y) - max(line.design.shape[1] for line in lines)
    slopes = np.array([line.fit.params[1] for line in lines])
    errors = np.array([line.fit.standard_errors[1] for line in lines])
    pooled = rubin(slopes, errors, level, unit="per day", complete=complete)
    growth = pooled.estimate
    rows: list[tuple[str | float, ...]] = []
    if isinstance(growth, Estimate) and isinstance(recorded.growth, Estimate):
        one = 2.0 * float(stats.norm.ppf(0.5 + level / 2)) * float(errors.mean())
        width = growth.high - growth.low
        values = (growth.value, recorded.growth.value, width, one, pooled.imprecision)
        rows.append(("growth", *values, len(lines) / len(draws), "per day"))
    residuals = np.array([line.residuals for line in lines])
    without = sum(line.base is None for line in lines)
    warnings = (*_warnings(line_recorded, residuals, level), *vagueness_warnings(series, "the intervals"))
    if without and line_recorded.base is not None:
        warnings += (f"No effect of the day of the week could be fitted to {without} of {len(lines)} draws.",)
    return replace(
        recorded,
        growth=growth,
        doubling_time=_doubling_time(growth) if isinstance(growth, Estimate) else growth,
        p_rising=Estimate(float(mix(stats.norm.cdf(slopes / errors))), unit="probability"),
        dispersion=Estimate(float(np.mean([line.fit.dispersion for line in lines])), unit=_DISPERSION),
        autocorrelation=autocorrelation(residuals, level),
        weekday=pd.DataFrame(columns=_WEEKDAY_COLUMNS) if without else _pooled_weekdays(lines, level, complete),
        fitted=_pooled_means(lines, level, complete, dates),
        warnings=warnings,
        imprecision=Imprecision.of(draws, series, len(reasons), rows),
    )


def _log_means(line: _Line) -> tuple[Floats, Floats]:
    """Give the logarithm of the expected count of each day, and its standard error."""
    covariance = line.fit.covariance
    variance = np.maximum(np.einsum("ij,jk,ik->i", line.design, covariance, line.design), 0.0)
    return line.design @ line.fit.params + line.offset, np.sqrt(variance)


def _pooled_means(lines: Sequence[_Line], level: float, complete: int, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Pool the expected count of each day, on the logarithm."""
    centres, spreads = (np.array(part) for part in zip(*map(_log_means, lines), strict=True))
    ends = np.array([_ends(*day, level, complete) for day in zip(centres.T, spreads.T, strict=True)])
    return pd.DataFrame(np.exp(ends), columns=_FITTED_COLUMNS, index=dates).rename_axis("date")


def _pooled_weekdays(lines: Sequence[_Line], level: float, complete: int) -> pd.DataFrame:
    """Pool the ratio of each weekday, on the logarithm."""
    tables = [np.log(_weekday_table(line, level)[_RATIO_COLUMNS].to_numpy(dtype=float)) for line in lines]
    ratio, low, high = np.moveaxis(np.array(tables), 2, 0)
    errors = (high - low) / (2.0 * float(stats.norm.ppf(0.5 + level / 2)))
    ends = np.array([_ends(*day, level, complete) for day in zip(ratio.T, errors.T, strict=True)])
    return pd.DataFrame({"weekday": WEEKDAYS, **dict(zip(_RATIO_COLUMNS, np.exp(ends).T, strict=True))})


def _ends(values: Floats, errors: Floats, level: float, complete: int) -> tuple[float, float, float]:
    """Pool one number and give it with the ends of its interval, NaN where it has none."""
    pooled = rubin(values, errors, level, complete=complete).estimate
    if isinstance(pooled, NotEstimable):
        return float(values.mean()), math.nan, math.nan
    return pooled.value, pooled.low, pooled.high


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


def _warnings(line: _Line, residuals: Floats, level: float) -> tuple[str, ...]:
    """Say what a reader has to know; the residuals are those of the line, or of the lines of all draws."""
    texts = [f"No effect of the day of the week was fitted: {line.why_not}."] if line.why_not else []
    texts.extend(dependence_warnings(residuals, level, "the intervals"))
    if len(line.y) < _FEW_DAYS:
        texts.append(
            f"Only {len(line.y)} days were observed; with fewer than {_FEW_DAYS} the intervals are approximate."
        )
    share = float(line.y.max()) / float(line.y.sum())
    if share >= 0.25:
        texts.append(f"One day holds {share:.0%} of all recorded deaths; the trend leans on it.")
    if not line.fit.converged:
        texts.append("The regression did not settle; its numbers are not to be relied on.")
    return tuple(texts)


def _weekday_table(line: _Line, level: float) -> pd.DataFrame:
    if line.base is None:
        return pd.DataFrame(columns=_WEEKDAY_COLUMNS)
    effects, covariance = line.fit.params[2:8], line.fit.covariance[2:8, 2:8]
    ratio, low, high = weekday_intervals(effects, covariance, line.base, level)
    return pd.DataFrame({"weekday": WEEKDAYS, "ratio": ratio, "low": low, "high": high})


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
