"""How much worse than before? Recorded deaths of a window against what a reference period leads one to expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.draws import Draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference import negative_binomial
from casualties.inference.dependence import autocorrelation, dependence_warnings
from casualties.ledger import read_day
from casualties.models.expectation import (
    CURVE_COLUMNS,
    FEW_DAYS,
    Days,
    Expectation,
    Setup,
    Variances,
    carry_on,
    pool,
)
from casualties.models.imprecision import Imprecision, drawn_counts, failure_of_draws, take_draws, vagueness_warnings
from casualties.models.recording import RECORDING
from casualties.results import Basis, Result, answers_frame
from casualties.series import DailySeries

__all__ = ["ExcessResult", "ReferencesResult", "compare_references", "fit_excess"]

Floats = npt.NDArray[np.float64]

_DEPENDENT = 1.5  # times the variance of independent days
_TENTHS = "z,.1f"  # a rounded nought has no sign
_DAILY_COLUMNS = ["observed", "expected"]
_QUANTITIES = ("observed", "expected", "excess", "ratio", "probability", "dispersion", "autocorrelation")
_NO_ROWS = pd.DatetimeIndex([], name="date")


@dataclass(frozen=True, slots=True, eq=False)
class ExcessResult(Result):
    """Recorded deaths of a window beyond what a reference period leads one to expect.

    Parameters
    ----------
    basis : Basis
        What the answer rests on; its settings name the reference period and the window.
    observed : Estimate or NotEstimable
        Recorded deaths on the observed days of the window.
    expected : Estimate or NotEstimable
        Deaths expected on these days had the reference period gone on, with the interval of what would have been
        recorded.
    excess : Estimate or NotEstimable
        Observed less expected. The interval holds what the recorded deaths exceed those that would have been recorded
        by: it counts the error of the expectation, the chance of single days, and their dependence.
    ratio : Estimate or NotEstimable
        Observed over expected; its interval is that of `expected` turned round.
    probability : Estimate or NotEstimable
        That the reference period, gone on, would have given as many recorded deaths as were observed, or more.
    dispersion : Estimate or NotEstimable
        ``alpha`` of the reference period in the variance ``mu + alpha mu**2``.
    autocorrelation : Estimate or NotEstimable
        Correlation of the reference period's residuals one day apart.
    variances : Variances or NotEstimable
        Where the variance of the excess comes from.
    curve : DataFrame
        Indexed by ``date`` (the window): ``observed, expected, excess, low, high``, cumulated up to each day.
    daily : DataFrame
        Indexed by ``date`` (the window): ``observed`` (NaN where the day was not) and ``expected``.
    missing : Series
        Days of the ``reference`` and of the ``window`` that were not observed.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    imprecision : Imprecision or None
        What draws of dates and numbers add, where they were pooled.
    """

    basis: Basis
    observed: Estimate | NotEstimable
    expected: Estimate | NotEstimable
    excess: Estimate | NotEstimable
    ratio: Estimate | NotEstimable
    probability: Estimate | NotEstimable
    dispersion: Estimate | NotEstimable
    autocorrelation: Estimate | NotEstimable
    variances: Variances | NotEstimable
    curve: pd.DataFrame
    daily: pd.DataFrame
    missing: pd.Series
    warnings: tuple[str, ...]
    imprecision: Imprecision | None = None

    def summary(self) -> str:
        """Give the answer as text."""
        settings = self.basis.settings
        lines = [
            f"Excess recorded deaths, {self.basis.label}",
            *self.basis.lines()[1:],
            f"Days not observed: {self.missing['reference']} of the reference period, {self.missing['window']} of the "
            "window",
            "",
        ]
        if isinstance(self.excess, NotEstimable):
            lines.append(f"Excess: {self.excess}")
        else:
            lines += [
                f"Recorded, {settings['window']}: {self.observed.words(',.0f')}",
                f"Expected after {settings['reference']}: {self.expected.words(_TENTHS)}",
                f"Excess:          {self.excess.words(_TENTHS)}",
                f"Ratio:           {self.ratio.words('.2f')}",
                f"P(as many):      {self.probability.words('.4f')}",
                f"Dispersion:      {self.dispersion.words('.3f')}",
                f"Autocorrelation: {self.autocorrelation.words('+.2f')}",
            ]
        if isinstance(self.variances, Variances):
            parts = [("parameters", self.variances.parameters), ("observation", self.variances.observation)]
            parts += [("scatter beyond the model", self.variances.scatter)]
            parts += [("dependence between days", self.variances.dependence)]
            parts += [("imprecise data", self.variances.data)] if self.imprecision else []
            lines.append("Variance:        " + ", ".join(f"{name} {value:{_TENTHS}}" for name, value in parts))
            if self.variances.dependence > 0.0:
                lines.append("Where days do not depend on each other, the interval is wider than it need be.")
        if self.imprecision:
            lines.extend(self.imprecision.lines())
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the answer as a table: ``quantity, value, low, high, level, unit, reason``."""
        return answers_frame(self, _QUANTITIES)


@dataclass(frozen=True, slots=True, eq=False)
class ReferencesResult(Result):
    """The excess of one window against several reference periods, side by side.

    Parameters
    ----------
    basis : Basis
        What the answers rest on.
    results : mapping of str to ExcessResult
        By the words for the reference period.
    """

    basis: Basis
    results: Mapping[str, ExcessResult]

    def summary(self) -> str:
        """Give the answers as text."""
        lines = [f"Excess recorded deaths, {self.basis.label}", *self.basis.lines()[1:], ""]
        for label, result in self.results.items():
            lines.append(f"Against {label}: {result.excess.words(_TENTHS)}, ratio {result.ratio.words('.2f')}")
            lines += [f"  Warning: {text}" for text in result.warnings]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Give the answers as a table: those of each `ExcessResult`, with a first column ``reference``."""
        frames = []
        for label, result in self.results.items():
            frame = result.to_frame()
            frame.insert(0, "reference", label)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)


def fit_excess(
    series: DailySeries,
    reference: Days,
    window: Days | None = None,
    *,
    level: float = 0.95,
    weekday: bool = True,
    trend: bool = False,
    draws: int | Draws | None = None,
    seed: int | None = None,
) -> ExcessResult:
    """Hold the recorded deaths of a window against those that a reference period leads one to expect.

    A negative-binomial regression of the reference period (a level, an effect of the day of the week, on request a
    trend) is carried on into the window. The excess is what was recorded there less what it expects. Its variance has
    two parts that are told apart, and a third: the expectation is estimated (parameters), a total would vary around
    its expectation (observation), and both vary more where days depend on each other. How strongly they do is
    integrated over, from the residuals of the reference period (`casualties.inference.long_run`). The interval comes
    from negative binomials with these means and variances, not from a normal curve, and without simulation.

    An excess is a difference of recorded deaths. It is no cause, and a change in recording looks like one in violence.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day, over the reference period and the window. Days that were not observed are left out of
        both, and counted.
    reference : (day, day)
        First and last day of the period that tells what to expect.
    window : (day, day), optional
        First and last day of the window. Where it is not given, from the day after the reference period to the end.
    level : float, optional
        Level of all intervals.
    weekday : bool, optional
        Whether to expect a rhythm of the week; it needs 28 observed days and deaths on every weekday.
    trend : bool, optional
        Whether to carry on a trend of the reference period. What it expects far ahead is rarely to be believed; the
        variance of the parameters says how little.
    draws : int or Draws, optional
        Over how many draws of dates and numbers to pool, or the draws themselves; none where it is not given.
    seed : int, optional
        The seed of the draws, where their number is given.

    Returns
    -------
    ExcessResult
        Not estimable with fewer than 14 observed days or no deaths in the reference period, when one of its days
        holds half of its deaths or more, or without an observed day in the window; with draws, when that holds for
        more than one draw in twenty. Nor where what is carried into the window is so uncertain (a variance above 1 on
        the logarithm, as of a trend carried far) that the expectation lies outside its own interval.

    Raises
    ------
    InputError
        If a day cannot be read or lies outside the series, a period ends before it starts, both overlap, the series
        holds fractions, the level does not lie between 0 and 1, or the draws cannot be used
        (`casualties.models.imprecision.take_draws`).

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> series = DailySeries.from_counts([2, 3, 1, 4, 3, 5, 4] * 8 + [9, 7, 8, 12, 9, 14, 11], "2019-03-04")
    >>> result = fit_excess(series, ("2019-03-04", "2019-04-28"))
    >>> result.observed.value, round(result.expected.value, 3), round(result.excess.value, 3)
    (70.0, 22.0, 48.0)
    >>> result.excess.low > 0
    True

    References
    ----------
    Cameron, A. C. and Trivedi, P. K. (2013), Regression Analysis of Count Data, 2nd ed., Cambridge University Press.
    Zeger, S. L. (1988), A regression model for time series of counts, Biometrika 75, 621-629.
    Rubin, D. B. (1987), Multiple Imputation for Nonresponse in Surveys, Wiley.
    """
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)
    counts = series.whole_counts()
    taken = take_draws(series, draws, seed)
    setup = Setup.of(series, reference, window, weekday, trend)
    basis = _basis(series, level, weekday, trend, taken, {"reference": setup.words[0], "window": setup.words[1]})
    answer = carry_on(counts, setup)
    if isinstance(answer, NotEstimable):
        return _without_numbers(basis, setup, counts, answer.reason)
    answers = [answer]
    reasons: list[str] = []
    if taken:
        drawn = [carry_on(each, setup) for each in drawn_counts(taken)]
        answers = [each for each in drawn if isinstance(each, Expectation)]
        reasons = [each.reason for each in drawn if isinstance(each, NotEstimable)]
        failure = failure_of_draws(reasons, len(taken))
        if failure:
            return _without_numbers(basis, setup, counts, failure)
    pooled = pool(answers, level)
    if pooled.too_far:
        carried = "trend" if trend else "level"
        reason = f"the {carried} of the reference period is too uncertain to be carried through the window"
        return _without_numbers(basis, setup, counts, reason)
    residuals = np.array([each.residuals for each in answers])
    imprecision = None
    if taken:
        single = pool([answer], level)
        width = pooled.excess.high - pooled.excess.low
        one = float(np.mean([np.diff(pool([each], level).ends)[0] for each in answers]))
        total = pooled.variances.total
        values = (pooled.excess.value, single.excess.value, width, one, pooled.variances.data / total)
        rows: list[tuple[str | float, ...]] = [("excess", *values, len(answers) / len(taken), "recorded deaths")]
        imprecision = Imprecision.of(taken, series, len(reasons), rows)
    first, last = setup.span
    seen = ~np.isnan(counts)
    expected = np.mean([each.mean for each in answers], axis=0)
    daily = {"observed": counts, "expected": np.where(seen, expected, np.nan)}
    return ExcessResult(
        basis=basis,
        observed=pooled.observed,
        expected=pooled.expected,
        excess=pooled.excess,
        ratio=pooled.ratio,
        probability=pooled.probability,
        dispersion=_dispersion(answers, level),
        autocorrelation=autocorrelation(residuals if taken else residuals[0], level),
        variances=pooled.variances,
        curve=pooled.curve(setup.dates[first : last + 1]),
        daily=pd.DataFrame(daily, index=setup.dates).iloc[first : last + 1].rename_axis("date"),
        missing=setup.missing(counts),
        warnings=(
            *_warnings(answer, residuals, setup, counts, level),
            *_deadliest_day(pooled.excess, daily, setup),
            *(vagueness_warnings(series, "the intervals") if taken else ()),
            RECORDING,
        ),
        imprecision=imprecision,
    )


def compare_references(
    series: DailySeries,
    references: Mapping[str, Days] | Sequence[Days],
    window: Days | None = None,
    **options: Any,
) -> ReferencesResult:
    """Hold one window against several reference periods: what an excess is depends on what it is held against.

    Parameters
    ----------
    series : DailySeries
        As in `fit_excess`.
    references : mapping of str to (day, day), or sequence of (day, day)
        The reference periods, by their words where there are any.
    window : (day, day), optional
        The window; where it is not given, from the day after the last reference period to the end.
    **options
        Passed on to `fit_excess`.

    Returns
    -------
    ReferencesResult

    Raises
    ------
    InputError
        As `fit_excess`, and without any reference period.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> series = DailySeries.from_counts([2, 3, 1, 4, 3, 5, 4] * 8 + [9, 7, 8, 12, 9, 14, 11], "2019-03-04")
    >>> references = [("2019-03-04", "2019-03-31"), ("2019-03-04", "2019-04-28")]
    >>> compare_references(series, references).to_frame()["reference"].unique().tolist()
    ['2019-03-04 to 2019-03-31', '2019-03-04 to 2019-04-28']
    """
    if isinstance(references, Mapping):
        named = dict(references)
    else:
        named = {f"{pd.Timestamp(a).date()} to {pd.Timestamp(b).date()}": (a, b) for a, b in references}
    if not named:
        raise InputError("there is no reference period", column="references", remedy="give at least one")
    if window is None:
        latest = max(read_day(last, "reference") for _, last in named.values())
        window = (latest + pd.Timedelta(days=1), series.end)
    results = {label: fit_excess(series, days, window, **options) for label, days in named.items()}
    first = next(iter(results.values())).basis
    settings = {name: value for name, value in first.settings.items() if name != "reference"}
    return ReferencesResult(
        series.basis(first.method, {**settings, "references": "; ".join(named)}, seed=first.seed), results
    )


def _dispersion(answers: Sequence[Expectation], level: float) -> Estimate:
    unit = "alpha (variance = mean + alpha × mean²)"
    if len(answers) > 1:
        return Estimate(float(np.mean([each.fit.dispersion for each in answers])), unit=unit)
    fit = answers[0].fit
    low, high = negative_binomial.dispersion_interval(answers[0].fitted, fit.mean, fit.dispersion, level)
    return Estimate(fit.dispersion, low, high, level, unit)


def _warnings(answer: Expectation, residuals: Floats, setup: Setup, counts: Floats, level: float) -> tuple[str, ...]:
    """Say what a reader has to know."""
    texts = [f"No rhythm of the week is expected: {answer.why_not}."] if answer.why_not else []
    if len(answer.fitted) < FEW_DAYS:
        texts.append(
            f"Only {len(answer.fitted)} days of the reference period were observed; with fewer than {FEW_DAYS} the "
            "intervals are approximate."
        )
    texts.extend(dependence_warnings(residuals, level, "the variances of parameters and observation"))
    independent = float(answer.independent[-1])
    added = float(answer.weight @ answer.dependence[:, -1])
    if added > (_DEPENDENT - 1.0) * independent:
        texts.append(
            f"Dependence between days raises the variance by {added / independent:.0%}; where it lasts for weeks the "
            "reference period is too short to tell how much, and the interval may be too narrow."
        )
    share = float(answer.fitted.max()) / float(answer.fitted.sum())
    if share >= 0.25:
        texts.append(f"One day holds {share:.0%} of the reference period's deaths; the expectation leans on it.")
    gone = int((np.isnan(counts) & setup.window).sum())
    if gone:
        texts.append(
            f"{gone} days of the window were not observed: neither their deaths nor those expected of them count."
        )
    if not answer.fit.converged:
        texts.append("The regression did not settle; its numbers are not to be relied on.")
    return tuple(texts)


def _deadliest_day(excess: Estimate, daily: Mapping[str, Floats], setup: Setup) -> tuple[str, ...]:
    """Say where an excess is one only because of a single day."""
    first, last = setup.span
    above = np.nan_to_num((daily["observed"] - daily["expected"])[first : last + 1])
    day = int(np.argmax(above))
    if not excess.low > 0.0 or excess.low - float(above[day]) > 0.0:
        return ()
    deaths = daily["observed"][first + day]
    return (
        f"Without the {deaths:,.0f} deaths of {setup.dates[first + day].date()} the excess could not be told from "
        "none; a reference period without a mass-casualty day does not tell how rare one is.",
    )


def _basis(
    series: DailySeries, level: float, weekday: bool, trend: bool, draws: Draws | None, days: Mapping[str, str]
) -> Basis:
    method = (
        "negative-binomial regression of the reference period, carried on into the window; interval from negative "
        "binomials with the variance of parameters, observation and dependence between days"
    )
    settings: dict[str, Any] = {**days, "level": level, "weekday": weekday, "trend": trend}
    if draws:
        method = f"{method}; mixed over draws, their spread after Rubin"
        settings["draws"] = len(draws)
    return series.basis(method, settings, seed=draws.seed if draws else None)


def _without_numbers(basis: Basis, setup: Setup, counts: Floats, reason: str) -> ExcessResult:
    none = NotEstimable(reason)
    return ExcessResult(
        basis=basis,
        **dict.fromkeys(_QUANTITIES, none),  # type: ignore[arg-type]
        variances=none,
        curve=pd.DataFrame(columns=CURVE_COLUMNS, index=_NO_ROWS, dtype=float),
        daily=pd.DataFrame(columns=_DAILY_COLUMNS, index=_NO_ROWS, dtype=float),
        missing=setup.missing(counts),
        warnings=(),
    )
