"""Is it escalating? A steady rate of growth, with its doubling time, in days that may depend on each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.draws import Draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.dependence import autocorrelation, dependence_warnings
from casualties.inference.growth_prior import growth_grid
from casualties.inference.pooling import share_between
from casualties.models.growth import (
    FITTED_COLUMNS,
    WEEKDAY_COLUMNS,
    GrowthFit,
    expected_counts,
    fit_growth,
    growth_of,
    pit_of,
    probability_of_rise,
    weekday_ratios,
)
from casualties.models.imprecision import Imprecision, drawn_counts, failure_of_draws, take_draws, vagueness_warnings
from casualties.models.recording import RECORDING
from casualties.models.trend_regression import TrendRegression, regress
from casualties.results import Basis, Result, answers_frame
from casualties.series import DailySeries

__all__ = ["TrendPriorsResult", "TrendResult", "compare_trend_priors", "fit_trend"]

Floats = npt.NDArray[np.float64]

METHOD = (
    "negative-binomial regression on time and day of the week with a hidden AR(1) process, Laplace approximation over "
    "a grid of its hyperparameters, central posterior intervals"
)
_FEW_DAYS = 42
_LARGE_SHARE = 0.25
_INFLUENCE = 0.5  # of a posterior standard deviation
_PROBABLY = 0.5
# Posterior probability of dependent days below which swings count as excluded: of 2,000 simulated wars of 84 to 180
# days that had them, 96 % or more lie above it; a bound of 0.05 would miss a fifth of them at 150 days.
_EXCLUDED = 0.01
# Share of 2,000 simulated wars with swings (persistence 0.9 a day, standard deviation 0.4) whose growth was held by
# intervals of a level, where that is short of the level by more than 3 points (50 %, 80 %) or 2 (above): by the most
# days for which it holds.
_HELD: Mapping[int, Mapping[float, float]] = {
    42: {0.5: 0.46},
    70: {0.5: 0.46, 0.8: 0.77, 0.9: 0.88},
    102: {0.8: 0.76, 0.9: 0.87, 0.95: 0.93},
    135: {0.8: 0.76, 0.9: 0.86, 0.95: 0.91},
}
_ALPHA = "alpha (variance = mean + alpha × mean²)"
_QUANTITIES = ("growth", "doubling_time", "p_rising", "dispersion", "dependent", "autocorrelation")
_PIT_COLUMNS = ["deaths", "below", "up_to", "residual"]


@dataclass(frozen=True, slots=True, eq=False)
class TrendResult(Result):
    """The growth of recorded deaths over a window, if it grew steadily.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    growth : Estimate or NotEstimable
        Growth of the expected count, per day on the log scale (0.01 is about 1 % a day): posterior mean and central
        interval.
    doubling_time : Estimate or NotEstimable
        Days in which the count doubles, or halves (the unit says which); from the interval of `growth`, and not
        estimable when that interval includes no growth.
    p_rising : Estimate or NotEstimable
        Posterior probability that growth is above 0.
    dispersion : Estimate or NotEstimable
        Posterior mean of ``alpha`` in the variance ``mu + alpha mu**2`` of a day's count around its own mean.
    dependent : Estimate or NotEstimable
        Posterior probability that days depend on each other; it was 0.25 beforehand.
    autocorrelation : Estimate or NotEstimable
        Correlation of the regression's Pearson residuals one day apart.
    weekday : DataFrame
        ``weekday, ratio, low, high``: each weekday against the mean weekday, shrunk towards 1; empty where no such
        effect was wanted.
    fitted : DataFrame
        Indexed by ``date``: ``mean, low, high`` of the expected count, what the hidden process adds to a day included
        (the interval is that of the expectation, not of the day's count).
    observed : Series
        The counts that were fitted, indexed by ``date``.
    regression : TrendRegression or NotEstimable
        The usual regression beside it, which takes days as independent.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    fit : GrowthFit or None
        The posterior of the series as recorded.
    imprecision : Imprecision or None
        What draws of dates and numbers add, where they were pooled.
    """

    basis: Basis
    growth: Estimate | NotEstimable
    doubling_time: Estimate | NotEstimable
    p_rising: Estimate | NotEstimable
    dispersion: Estimate | NotEstimable
    dependent: Estimate | NotEstimable
    autocorrelation: Estimate | NotEstimable
    weekday: pd.DataFrame
    fitted: pd.DataFrame
    observed: pd.Series
    regression: TrendRegression | NotEstimable
    warnings: tuple[str, ...]
    fit: GrowthFit | None = None
    imprecision: Imprecision | None = None

    def pit(self) -> pd.DataFrame:
        """Give where each recorded count lies in what the other days of the window expect of it.

        Returns
        -------
        DataFrame
            Indexed by ``date``: ``deaths``; ``below`` and ``up_to``, the probability of a smaller count and of one no
            larger (if the model holds, the two enclose a uniform number; nothing is randomised); ``residual``, the
            normal quantile of their middle. NaN on days that were not observed; empty where nothing was fitted. Of
            the series as recorded, also where draws were pooled.
        """
        if self.fit is None:
            return pd.DataFrame(columns=_PIT_COLUMNS, index=pd.DatetimeIndex([], name="date"), dtype=float)
        return pit_of(self.fit, pd.DatetimeIndex(self.observed.index))

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
            lines.append(f"P(rising):       {_worded(self.p_rising, '.3f')}")
            lines.append(f"Dispersion:      {_worded(self.dispersion, '.3f')}")
            lines.append(f"P(days depend):  {_worded(self.dependent, '.2f')}")
            lines.append(f"Autocorrelation: {_worded(self.autocorrelation, '+.2f')}")
            if isinstance(self.regression, TrendRegression):
                beside = _worded(self.regression.growth, "+.4f")
                lines.append(f"Beside it:       {beside}: regression as if days were independent")
            lines.append("Where the record holds no slow swings, the interval of growth is wider than it need be.")
        if self.imprecision:
            lines.extend(self.imprecision.lines())
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the answer as a table: ``quantity, value, low, high, level, unit, reason``."""
        return answers_frame(self, _QUANTITIES)


def fit_trend(
    series: DailySeries,
    *,
    level: float = 0.95,
    weekday: bool = True,
    draws: int | Draws | None = None,
    seed: int | None = None,
) -> TrendResult:
    """Fit a steady growth rate to a daily series whose days may depend on each other.

    The count of a day is negative binomial; the logarithm of its mean is a line in time, plus an effect of the day
    of the week, plus the logarithm of the share of the day that was covered, plus a hidden AR(1) process. Beforehand
    days are independent (no hidden process) with probability 0.75. Where the counts cannot tell slow swings from
    growth, the interval says so by its width.

    With `draws` the model is fitted to each of the series that the record allows (`DailySeries.draws`), and the
    posteriors are mixed in equal parts: growth, doubling time, P(rising), weekdays and the fitted line are
    those of the mixture; the probability of dependence and the dispersion are means; the autocorrelation is pooled by
    Rubin's rules.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day. Days that were not observed say nothing; they are not zero.
    level : float, optional
        Level of all intervals.
    weekday : bool, optional
        Whether to fit an effect of the day of the week, shrunk towards none.
    draws : int or Draws, optional
        Over how many draws of dates and numbers to pool, or the draws themselves; none where it is not given.
    seed : int, optional
        The seed of the draws, where their number is given.

    Returns
    -------
    TrendResult
        Not estimable with fewer than 14 observed days, without any death, or when one day holds half of all deaths or
        more; with draws, when that holds for more than one draw in twenty.

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
    >>> round(result.growth.value, 2), result.doubling_time.unit, result.p_rising.value > 0.99
    (0.12, 'days', True)

    References
    ----------
    Rue, H., Martino, S. and Chopin, N. (2009), Approximate Bayesian inference for latent Gaussian models by using
    integrated nested Laplace approximations, Journal of the Royal Statistical Society B 71, 319-392.
    Cameron, A. C. and Trivedi, P. K. (2013), Regression Analysis of Count Data, 2nd ed., Cambridge University Press.
    """
    check_level(level)
    counts = series.whole_counts()
    taken = take_draws(series, draws, seed)
    method, settings = METHOD, {"level": level, "weekday": weekday}
    if taken:
        method, settings = f"{method}; posteriors of the draws mixed", {**settings, "draws": len(taken)}
    basis = series.basis(method, settings, seed=taken.seed if taken else None)
    exposure = series.frame["exposure"].to_numpy(dtype=float)
    dates = pd.DatetimeIndex(series.frame.index)
    fit = fit_growth(counts, exposure, dates, weekday)
    observed = pd.Series(counts, index=dates, name="deaths")
    if isinstance(fit, NotEstimable):
        return _without_numbers(basis, observed, fit.reason)
    regression = regress(counts, exposure, dates, weekday, level)
    recorded = _result([fit], [regression], basis, observed, level)
    recorded = replace(recorded, warnings=_warnings(recorded, fit, exposure, dates))
    if taken is None:
        return recorded
    return _pooled(recorded, series, taken, exposure, dates)


def check_level(level: float) -> None:
    """Raise unless a level lies between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)


def _result(
    fits: Sequence[GrowthFit],
    regressions: Sequence[TrendRegression | NotEstimable],
    basis: Basis,
    observed: pd.Series,
    level: float,
) -> TrendResult:
    """Give the answer of the fits, without warnings."""
    growth = growth_of(fits, level)
    residuals = np.array([each.residuals for each in regressions if isinstance(each, TrendRegression)])
    return TrendResult(
        basis=basis,
        growth=growth,
        doubling_time=_doubling_time(growth),
        p_rising=Estimate(probability_of_rise(fits), unit="probability"),
        dispersion=Estimate(float(np.mean([fit.dispersion for fit in fits])), unit=_ALPHA),
        dependent=Estimate(float(np.mean([fit.dependent for fit in fits])), unit="probability"),
        autocorrelation=autocorrelation(residuals, level),
        weekday=weekday_ratios(fits, level),
        fitted=expected_counts(fits, level, pd.DatetimeIndex(observed.index)),
        observed=observed,
        regression=regressions[0],
        warnings=(),
        fit=fits[0],
    )


def _pooled(
    recorded: TrendResult, series: DailySeries, draws: Draws, exposure: Floats, dates: pd.DatetimeIndex
) -> TrendResult:
    """Give the answer mixed over draws, its warnings and its regression those of the series as recorded."""
    level, weekday = recorded.basis.settings["level"], recorded.basis.settings["weekday"]
    fits: list[GrowthFit] = []
    regressions = []
    reasons: list[str] = []
    for counts in drawn_counts(draws):
        fit = fit_growth(counts, exposure, dates, weekday)
        if isinstance(fit, NotEstimable):
            reasons.append(fit.reason)
        else:
            fits.append(fit)
            regressions.append(regress(counts, exposure, dates, weekday, level))
    failure = failure_of_draws(reasons, len(draws))
    if failure:
        return _without_numbers(recorded.basis, recorded.observed, failure)
    mixture = _result(fits, regressions, recorded.basis, recorded.observed, level)
    rows: list[tuple[str | float, ...]] = []
    if isinstance(mixture.growth, Estimate) and isinstance(recorded.growth, Estimate):
        moments = np.array([fit.errors() for fit in fits])
        share = share_between(moments[:, 0], moments[:, 1] ** 2, np.full(len(fits), 1.0 / len(fits)))
        each = [growth_of([fit], level) for fit in fits]
        one = float(np.mean([answer.high - answer.low for answer in each]))
        width = mixture.growth.high - mixture.growth.low
        values = (mixture.growth.value, recorded.growth.value, width, one, share)
        rows.append(("growth", *values, len(fits) / len(draws), "per day"))
    return replace(
        mixture,
        regression=recorded.regression,
        fit=recorded.fit,
        warnings=(*recorded.warnings, *vagueness_warnings(series, "the intervals")),
        imprecision=Imprecision.of(draws, series, len(reasons), rows),
    )


def _doubling_time(growth: Estimate) -> Estimate | NotEstimable:
    if growth.low <= 0.0 <= growth.high:
        return NotEstimable(
            f"the {growth.level:.0%} interval of the growth rate, {growth.low:+.4f} to {growth.high:+.4f} per day, "
            "includes zero"
        )
    times = sorted(math.log(2.0) / abs(end) for end in (growth.low, growth.high))
    unit = "days" if growth.value > 0 else "days to halve"
    return Estimate(math.log(2.0) / abs(growth.value), times[0], times[1], growth.level, unit)


def _warnings(recorded: TrendResult, fit: GrowthFit, exposure: Floats, dates: pd.DatetimeIndex) -> tuple[str, ...]:
    """Say what a reader has to know of the fit of the series as recorded."""
    y = fit.counts[~np.isnan(fit.counts)]
    texts = []
    if len(y) < _FEW_DAYS:
        texts.append(
            f"Only {len(y)} days were observed; in fewer than {_FEW_DAYS} growth can hardly be told from swings. The "
            "interval allows for both, and is wider than it need be where days are independent."
        )
    share = float(y.max()) / float(y.sum())
    if share >= _LARGE_SHARE:
        texts.append(f"One day holds {share:.0%} of all recorded deaths; the trend leans on it.")
    texts.extend(_influence(fit, exposure, dates))
    if isinstance(recorded.regression, TrendRegression):
        beside, level = recorded.regression, recorded.basis.settings["level"]
        if beside.why_not:
            texts.append(f"The regression beside has no effect of the day of the week: {beside.why_not}.")
        if not beside.converged:
            texts.append("The regression beside did not settle.")
        texts.extend(dependence_warnings(beside.residuals, level, "the intervals of the regression beside"))
    held = _held_in_swings(len(y), recorded.basis.settings["level"])
    if held and fit.dependent > _EXCLUDED:
        texts.append(
            f"{len(y)} days cannot exclude slow swings: in simulated wars that had them, such intervals held the "
            f"growth in {held:.0%}."
        )
    if fit.dependent > _PROBABLY:
        texts.append("The days swing slowly: how much of the growth is a swing that turns cannot be told.")
    return (*texts, RECORDING)


def _held_in_swings(days: int, level: float) -> float:
    """Give how often intervals of about this level held the growth where days swing, where that is too seldom, or 0."""
    levels = next((shares for most, shares in _HELD.items() if days <= most), {})
    near = min(levels, key=lambda each: abs(each - level), default=math.inf)
    return levels[near] if abs(near - level) <= 0.25 * (1.0 - level) else 0.0


def _influence(fit: GrowthFit, exposure: Floats, dates: pd.DatetimeIndex) -> list[str]:
    """Say where the growth would be another one without the day of the most deaths."""
    counts = fit.counts.copy()
    top = int(np.nanargmax(counts))
    counts[top] = np.nan
    without = fit_growth(counts, exposure, dates, fit.weekday)
    if isinstance(without, NotEstimable):
        return []
    growth, error = fit.errors()
    other = without.errors()[0]
    if abs(other - growth) <= _INFLUENCE * error:
        return []
    day = dates[top]
    return [
        f"The growth leans on one day, {day.day} {day:%B %Y} ({fit.counts[top]:,.0f} recorded deaths): without it, "
        f"it is {other:+.4f} a day."
    ]


def _without_numbers(basis: Basis, observed: pd.Series, reason: str) -> TrendResult:
    none = NotEstimable(reason)
    return TrendResult(
        basis=basis,
        growth=none,
        doubling_time=none,
        p_rising=none,
        dispersion=none,
        dependent=none,
        autocorrelation=none,
        weekday=pd.DataFrame(columns=WEEKDAY_COLUMNS),
        fitted=pd.DataFrame(columns=FITTED_COLUMNS, index=pd.DatetimeIndex([], name="date"), dtype=float),
        observed=observed,
        regression=none,
        warnings=(),
    )


def _worded(answer: Estimate | NotEstimable, form: str) -> str:
    """Give an estimate as text, with its unit where that is one of time."""
    if isinstance(answer, Estimate) and answer.unit in ("per day", "days", "days to halve"):
        return f"{answer.words(form)} {answer.unit}"
    return answer.words(form)


@dataclass(frozen=True, slots=True, eq=False)
class TrendPriorsResult(Result):
    """The growth of one series under several priors.

    Parameters
    ----------
    basis : Basis
        What the answers rest on.
    answers : DataFrame
        Indexed by ``prior`` (in words; the first is the one that `fit_trend` takes): ``growth, low, high`` per day,
        ``p_rising``, ``dependent`` (posterior probability that days depend), ``log_evidence``. Empty where nothing
        can be estimated.
    reason : str
        Why it cannot.
    warnings : tuple of str
        Said where the priors disagree on the sign of an interval.
    """

    basis: Basis
    answers: pd.DataFrame
    reason: str
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Trend of {self.basis.label}, by prior", *self.basis.lines()[1:], ""]
        if self.reason:
            lines.append(f"Growth: {NotEstimable(self.reason)}")
        for prior, row in self.answers.iterrows():
            lines.append(
                f"{prior}: {row['growth']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f}) per day, "
                f"P(rising) {row['p_rising']:.3f}, P(days depend) {row['dependent']:.2f}"
            )
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the answer as a table with the prior as its first column."""
        return self.answers.reset_index()


_PRIORS: Mapping[str, Mapping[str, Any]] = {
    "as fitted": {},
    "days independent": {"independent": 1.0},
    "days dependent": {"independent": 0.0},
    "smaller swings": {"swing": 0.5},
    "larger swings": {"swing": 2.0},
    "more scatter": {"size": 0.5},
    "less scatter": {"size": 8.0},
    "weekdays alike": {"weekday_sd": 0.05},
    "weekdays free": {"weekday_sd": 1.0},
}


def compare_trend_priors(series: DailySeries, *, level: float = 0.95, weekday: bool = True) -> TrendPriorsResult:
    """Fit the growth of a series under other priors, to see what rests on them.

    Parameters
    ----------
    series, level, weekday
        As for `fit_trend`.

    Returns
    -------
    TrendPriorsResult
        One row for the prior of `fit_trend`, for independent and for dependent days, for swings half and twice as
        large, for a fourfold and a quarter of the scatter, and for weekday ratios held at 1 and left free.

    Raises
    ------
    InputError
        As `fit_trend`.

    Examples
    --------
    >>> counts = [2, 3, 1, 4, 3, 5, 4, 6, 5, 9, 7, 8, 12, 9, 14, 11, 15, 19, 16, 21]
    >>> result = compare_trend_priors(DailySeries.from_counts(counts, "2019-04-20"))
    >>> bool((result.answers["p_rising"] > 0.95).all())
    True
    """
    check_level(level)
    counts = series.whole_counts()
    basis = series.basis(METHOD, {"level": level, "weekday": weekday})
    exposure = series.frame["exposure"].to_numpy(dtype=float)
    dates = pd.DatetimeIndex(series.frame.index)
    rows = {}
    for name, choice in _PRIORS.items():
        weekday_sd = choice.get("weekday_sd")
        if weekday_sd is not None and not weekday:
            continue
        grid = growth_grid(**{key: value for key, value in choice.items() if key != "weekday_sd"})
        fit = fit_growth(counts, exposure, dates, weekday, grid=grid, weekday_sd=weekday_sd)
        if isinstance(fit, NotEstimable):
            return TrendPriorsResult(basis, pd.DataFrame(columns=_PRIOR_COLUMNS, dtype=float), fit.reason, ())
        growth = growth_of([fit], level)
        ends = (growth.value, growth.low, growth.high)
        rows[name] = (*ends, probability_of_rise([fit]), fit.dependent, fit.posterior.log_evidence)
    answers = pd.DataFrame.from_dict(rows, orient="index", columns=_PRIOR_COLUMNS).rename_axis("prior")
    signs = set(np.sign(answers["low"]) + np.sign(answers["high"]))
    warnings = ("Whether the interval of growth includes zero depends on the prior.",) if len(signs) > 1 else ()
    return TrendPriorsResult(basis, answers, "", warnings)


_PRIOR_COLUMNS = ["growth", "low", "high", "p_rising", "dependent", "log_evidence"]
