"""Two daily series side by side: who reports later, who counts more, and how far they agree.

The idea is the pairing by day. Both sources count the same violence, so what makes a day large or small cancels when
the day's total is taken as given; what is left is how that total splits between the two. Only days that both sources
observed enter: a day without a report is missing, not zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = [
    "Limits",
    "PairResult",
    "PairTotals",
    "PairedRatio",
    "bland_altman",
    "compare_pair",
    "correlation",
    "direction_agreement",
    "lag_table",
    "lin_concordance",
    "paired_ratio",
]

# Fewer days than this say next to nothing about a ratio or a correlation.
FEWEST_DAYS = 10
# The local level of a day is the mean over this many calendar days around it, from at least so many observed ones.
TREND_DAYS, TREND_FEWEST = 15, 5
# Detrended correlations need this many pairs at lag 0; with fewer the square roots are compared as they are.
DETRENDED_FEWEST = 30
# A week takes part in the agreement of direction with so many shared days, and so many steps must be had.
WEEK_FEWEST, STEPS_FEWEST = 4, 5
# Pairs at one lag below this share of the pairs at another: the days themselves decide, and it is said.
UNEVEN_PAIRS = 0.8

Answer = Estimate | NotEstimable


@dataclass(frozen=True, slots=True)
class PairedRatio:
    """The ratio of two sources on the days that both observed.

    Parameters
    ----------
    ratio : Estimate or NotEstimable
        Deaths in the first over deaths in the second, with the quasi-binomial interval.
    ratio_score : Estimate or NotEstimable
        The same ratio with the interval from the score and its heteroscedasticity-robust (HC0) variance.
    log_ratio, standard_error : float
        The logarithm of the ratio and its quasi-binomial standard error; NaN where there is no ratio.
    dispersion : Estimate or NotEstimable
        Pearson's statistic per degree of freedom of the daily split; 1 if each death fell to a source by itself,
        below 1 where the two sources hold the same deaths, above 1 where whole events are missed or misdated.
    """

    ratio: Answer
    ratio_score: Answer
    log_ratio: float
    standard_error: float
    dispersion: Answer


@dataclass(frozen=True, slots=True)
class Limits:
    """Bland–Altman agreement of two series on the scale log(1 + deaths).

    Parameters
    ----------
    bias : Estimate
        Mean difference, first minus second, with its interval (Student).
    sd : float
        Standard deviation of the differences.
    low, high : float
        Limits of agreement: the range that holds the stated share of single days if differences are normal.
    """

    bias: Estimate
    sd: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairTotals:
    """Deaths and days behind a comparison of two series.

    Parameters
    ----------
    shared_a, shared_b : float
        Deaths on the shared days.
    observed_a, observed_b : float
        Deaths on all days that each observed by itself.
    days_a, days_b : int
        Days that each observed.
    days_shared : int
        Days that both observed, after the second is moved back by the lag.
    days_zero : int
        Shared days on which both counted nobody: they bear the correlations, not the ratio.
    """

    shared_a: float
    shared_b: float
    observed_a: float
    observed_b: float
    days_a: int
    days_b: int
    days_shared: int
    days_zero: int


@dataclass(frozen=True, slots=True, eq=False)
class PairResult(Result):
    """What two daily series say about each other; ``a`` is the first, ``b`` the second.

    Parameters
    ----------
    basis : Basis
        Both series, the span they have in common and the settings.
    names : tuple of str
        Names of the two sources.
    ratio, ratio_score, dispersion : Estimate or NotEstimable
        See `PairedRatio`.
    totals : PairTotals
        Deaths and days.
    days : DataFrame
        Index ``date`` (of the first series); ``a, b`` (deaths), ``share`` (of the first in the sum of both; NaN where
        both are 0) and ``standardised`` (the day's difference from the common ratio over its standard deviation).
    lag : int
        Days by which the second series reports later than the first; negative if it reports earlier.
    lags : DataFrame
        One row a lag: ``lag, days`` (pairs), ``correlation``, ``chosen``.
    pearson, spearman : Estimate or NotEstimable
        Correlation of the daily counts.
    concordance, concordance_log : Estimate or NotEstimable
        Lin's concordance of the counts and of log(1 + counts).
    limits : Limits or NotEstimable
        Bland–Altman limits on log(1 + counts).
    direction : Estimate or NotEstimable
        Share of steps from one week to the next on which both series move the same way.
    changes : DataFrame or NotEstimable
        Change dates of both: one row a change with ``found`` ("both", "first", "second").
    trends : Estimate or NotEstimable
        Growth rate of the first minus that of the second, per day.
    scope : tuple of str
        Whom and where each counts, and on which days the comparison rests.
    warnings : tuple of str
        What a reader must know before quoting a number.
    """

    basis: Basis
    names: tuple[str, str]
    ratio: Answer
    ratio_score: Answer
    dispersion: Answer
    totals: PairTotals
    days: pd.DataFrame
    lag: int
    lags: pd.DataFrame
    pearson: Answer
    spearman: Answer
    concordance: Answer
    concordance_log: Answer
    limits: Limits | NotEstimable
    direction: Answer
    changes: pd.DataFrame | NotEstimable
    trends: Answer
    scope: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Give every measure as one row: ``measure, value, low, high, level, unit, note``."""
        if isinstance(self.limits, Limits):
            bias: Answer = self.limits.bias
            spread: Answer = Estimate(
                self.limits.sd, self.limits.low, self.limits.high, self.basis.settings["level"], "log(1 + deaths)"
            )
        else:
            bias = spread = self.limits
        measures: dict[str, Answer] = {
            "ratio": self.ratio,
            "ratio, score interval": self.ratio_score,
            "dispersion": self.dispersion,
            "lag": Estimate(float(self.lag), unit="days"),
            "Pearson correlation": self.pearson,
            "Spearman correlation": self.spearman,
            "concordance": self.concordance,
            "concordance, log": self.concordance_log,
            "mean difference, log": bias,
            "limits of agreement, log": spread,
            "same direction week to week": self.direction,
            "difference of growth": self.trends,
        }
        rows: list[tuple[Any, ...]] = []
        for name, answer in measures.items():
            if isinstance(answer, Estimate):
                rows.append((name, answer.value, answer.low, answer.high, answer.level, answer.unit, ""))
            else:
                rows.append((name, math.nan, math.nan, math.nan, math.nan, "", str(answer)))
        if isinstance(self.changes, pd.DataFrame):
            both = float((self.changes["found"] == "both").sum())
            rows.append(("changes found by both", both, math.nan, math.nan, math.nan, "changes", ""))
        else:
            rows.append(("changes found by both", *[math.nan] * 4, "", str(self.changes)))
        return pd.DataFrame(rows, columns=["measure", "value", "low", "high", "level", "unit", "note"])

    def summary(self) -> str:
        """Give the comparison as text."""
        first, second = self.names
        totals = self.totals
        ratio = _words(self.ratio, "{:.3f}")
        lines = [
            f"{first} against {second}",
            *self.basis.lines(),
            f"Shared:   {totals.days_shared} days ({first} observed {totals.days_a}, {second} {totals.days_b}; "
            f"{totals.days_zero} with nobody in either)",
            f"Deaths:   {totals.shared_a:,.6g} and {totals.shared_b:,.6g} on the shared days",
            f"Ratio:    {ratio}; score interval {_words(self.ratio_score, '{:.3f}')}; "
            f"dispersion {_words(self.dispersion, '{:.2f}')}",
            f"Lag:      {self.lag} days",
            f"Pearson:  {_words(self.pearson, '{:.2f}')}; Spearman {_words(self.spearman, '{:.2f}')}; "
            f"concordance {_words(self.concordance, '{:.2f}')}, of logs {_words(self.concordance_log, '{:.2f}')}",
            f"Weeks:    {_words(self.direction, '{:.2f}')} of the steps go the same way",
            *(f"Scope:    {sentence}" for sentence in self.scope),
            *(f"Warning:  {sentence}" for sentence in self.warnings),
        ]
        return "\n".join(lines)


def compare_pair(
    a: DailySeries,
    b: DailySeries,
    *,
    max_lag: int = 3,
    changes: tuple[Any, Any] | None = None,
    trends: tuple[Any, Any] | None = None,
    level: float = 0.95,
    caveats: tuple[str, ...] = (),
) -> PairResult:
    """Compare two daily series on the days that both observed.

    The second series is first aligned with the first: among lags from ``-max_lag`` to ``max_lag``, lag 0 stands
    unless another lag has a clearly higher correlation (see `lag_table`). A **positive lag means that `b` reports
    later** than `a`. Everything else rests on the days that both observed after the alignment.

    Parameters
    ----------
    a, b : DailySeries
        The two series; swapping them turns the ratio upside down and the sign of the lag around.
    max_lag : int, optional
        Largest shift tried, in days; 0 takes the days as they are dated.
    changes : pair of results, optional
        Change points of `a` and `b`, each with a table ``.changes`` (``date, date_low, date_high``).
    trends : pair of results, optional
        Trends of `a` and `b`, each with a growth rate ``.growth``.
    level : float, optional
        Level of the intervals.
    caveats : tuple of str, optional
        Sentences about the sample that belong to every number, e.g. that the days are selected.

    Returns
    -------
    PairResult
        Not estimable, each with its reason: any measure on fewer than 10 shared days; the ratio where a source
        counts nobody on them; correlations of a series that never changes; the direction with fewer than 5 steps
        between weeks; `changes` and `trends` where none are given.

    Raises
    ------
    InputError
        If `max_lag` is negative or `level` does not lie between 0 and 1.

    Notes
    -----
    Agreement is not confirmation: two sources that copy one another agree. And a ratio is one of recorded deaths on
    the shared days; where those days are selected it holds on them only.

    The interval of the ratio supposes that the daily split varies independently from day to day. Where it drifts, a
    warning says so.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> a = DailySeries.from_counts([4, 9, 2, 0, 6, 12, 3, 5, 8, 1, 7, 6], "2019-05-01", name="A")
    >>> b = DailySeries.from_counts([2, 4, 1, 0, 3, 7, 1, 3, 4, 1, 3, float("nan")], "2019-05-01", name="B")
    >>> pair = compare_pair(a, b, max_lag=0)
    >>> pair.totals.days_shared, pair.totals.shared_a, pair.totals.shared_b
    (11, 57.0, 29.0)
    >>> round(pair.ratio.value, 3), round(pair.ratio.low, 2), round(pair.ratio.high, 2)
    (1.966, 1.72, 2.25)
    """
    if max_lag < 0:
        raise InputError("the largest lag cannot be negative", column="max_lag", value=max_lag, remedy="give 0 or more")
    _check_level(level)
    left, right = _counts(a), _counts(b)
    lags = lag_table(left, right, max_lag=max_lag, level=level)
    lag = int(lags.loc[lags["chosen"], "lag"].iloc[0])
    shared = _shared_days(left, right, lag)
    first, second = shared["a"].to_numpy(), shared["b"].to_numpy()

    paired = paired_ratio(first, second, level=level)
    days = _describe_days(shared, paired)
    totals = PairTotals(
        shared_a=float(first.sum()),
        shared_b=float(second.sum()),
        observed_a=float(left.sum()),
        observed_b=float(right.sum()),
        days_a=int(left.notna().sum()),
        days_b=int(right.notna().sum()),
        days_shared=len(shared),
        days_zero=int(((first + second) == 0).sum()),
    )
    start, end = max(left.index[0], right.index[0]), min(left.index[-1], right.index[-1])
    settings = {
        "max_lag": max_lag,
        "level": level,
        "spread": (a.spread, b.spread),
        "missing_days": (a.missing_days, b.missing_days),
    }
    basis = Basis(
        label=f"{a.label} against {b.label}",
        source=f"{a.record.name}; {b.record.name}",
        vintage="; ".join(dict.fromkeys(filter(None, (a.record.version, b.record.version)))),
        start=f"{start:%Y-%m-%d}",
        end=f"{end:%Y-%m-%d}",
        days=max((end - start).days + 1, 0),
        days_observed=len(shared),
        method="day-paired ratio given each day's total (quasi-binomial), agreement on shared days",
        settings=settings,
    )
    return PairResult(
        basis=basis,
        names=(a.record.name, b.record.name),
        ratio=paired.ratio,
        ratio_score=paired.ratio_score,
        dispersion=paired.dispersion,
        totals=totals,
        days=days,
        lag=lag,
        lags=lags,
        pearson=correlation(first, second, level=level),
        spearman=correlation(first, second, ranks=True, level=level),
        concordance=lin_concordance(first, second, level=level),
        concordance_log=lin_concordance(np.log1p(first), np.log1p(second), level=level),
        limits=bland_altman(np.log1p(first), np.log1p(second), level=level),
        direction=direction_agreement(shared, level=level),
        changes=_compare_changes(changes),
        trends=_compare_trends(trends, level),
        scope=_scope(a, b, totals, lag, caveats),
        warnings=_warnings(a, b, lags, days, lag),
    )


def paired_ratio(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> PairedRatio:
    """Estimate the ratio of two sources from counts paired by day.

    Given a day's total T, the first source's count A has mean T·p with one share p for all days; the ratio is
    p / (1 - p), estimated by the ratio of the totals. Two intervals:

    - quasi-binomial: variance φ·T·p·(1 - p) with φ from Pearson's statistic, Student's t with one degree of freedom
      less than there are days, on the log scale (equal to R's ``glm(cbind(a, b) ~ 1, family = quasibinomial)``);
    - score: all ratios for which the score Σ(A - T·p) is no larger than the normal quantile times its robust (HC0)
      standard deviation √Σ(A - T·p)². The ends solve a quadratic in p; nothing is supposed about the variance.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        Counts of the two sources on the same days; days with 0 in both bear nothing.
    level : float, optional
        Level of the intervals.

    Returns
    -------
    PairedRatio
        Not estimable with fewer than 10 days or a source without deaths; the score interval also where so few days
        hold the deaths that it would have no end.

    Examples
    --------
    >>> paired = paired_ratio([4, 9, 2, 0, 6, 12, 3, 5, 8, 1], [2, 4, 1, 0, 3, 7, 1, 3, 4, 1])
    >>> round(paired.ratio.value, 4)
    1.9231
    >>> paired_ratio([4, 9], [2, 4]).ratio
    NotEstimable(reason='2 shared days; at least 10 are needed')

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989), Generalized Linear Models, 2nd ed., sections 4.5 and 9.2.
    """
    a, b = _pair(first, second)
    fault = _too_few(len(a), _nobody(a, b))
    if fault is not None:
        return PairedRatio(fault, fault, math.nan, math.nan, fault)
    total = a + b
    used = total > 0
    share = a.sum() / total.sum()
    log_ratio = math.log(a.sum() / b.sum())
    freedom = int(used.sum()) - 1
    if freedom < 1:
        fault = NotEstimable("all deaths fall on one shared day")
        return PairedRatio(fault, fault, math.nan, math.nan, fault)
    residual = a - total * share
    dispersion = float((residual[used] ** 2 / total[used]).sum() / (share * (1 - share)) / freedom)
    error = math.sqrt(dispersion / (total.sum() * share * (1 - share)))
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * error
    ratio = Estimate(math.exp(log_ratio), math.exp(log_ratio - reach), math.exp(log_ratio + reach), level, "ratio")
    return PairedRatio(
        ratio=ratio,
        ratio_score=_score_interval(a, b, level),
        log_ratio=log_ratio,
        standard_error=error,
        dispersion=Estimate(dispersion, unit="variance ratio"),
    )


def lag_table(a: pd.Series, b: pd.Series, *, max_lag: int = 3, level: float = 0.95) -> pd.DataFrame:
    """Correlate two daily series at each lag and choose one.

    Square roots are compared, which stops single large days from deciding; their local mean over 15 days is taken
    off first, so that a common rise is not mistaken for timing, if 30 pairs remain at lag 0. Lag 0 is chosen unless
    the highest correlation beats that of lag 0 by more than chance: a one-sided test of the difference of Fisher's z,
    the two taken as independent, its level shared among all lags tried (Bonferroni).

    Parameters
    ----------
    a, b : Series of float
        Daily counts with a daily DatetimeIndex, NaN on days not observed.
    max_lag : int, optional
        Largest shift, in days.
    level : float, optional
        One minus the chance at which lag 0 is left where the sources are unrelated (6 % were measured at 0.95).

    Returns
    -------
    DataFrame
        ``lag`` (positive: `b` reports later), ``days`` (pairs), ``correlation`` (NaN with fewer than 10 pairs),
        ``detrended``, ``chosen``.

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=12)
    >>> a = pd.Series([1.0, 9, 4, 0, 1, 16, 1, 0, 4, 1, 0, 9], index=days)
    >>> table = lag_table(a, a.shift(1), max_lag=1)
    >>> table[["lag", "days", "chosen"]].to_string(index=False).splitlines()[-1].split()
    ['1', '11', 'True']
    """
    left, right = np.sqrt(a), np.sqrt(b)
    flat_left, flat_right = _off_trend(left), _off_trend(right)
    detrended = len(_shared_days(flat_left, flat_right, 0)) >= DETRENDED_FEWEST
    if detrended:
        left, right = flat_left, flat_right
    rows = []
    for lag in range(-max_lag, max_lag + 1):
        pairs = _shared_days(left, right, lag)
        enough = len(pairs) >= FEWEST_DAYS and pairs["a"].std() > 0 and pairs["b"].std() > 0
        strength = float(np.corrcoef(pairs["a"], pairs["b"])[0, 1]) if enough else math.nan
        rows.append((lag, len(pairs), strength, detrended))
    table = pd.DataFrame(rows, columns=["lag", "days", "correlation", "detrended"])
    table["chosen"] = table["lag"] == _choose_lag(table, level)
    return table


def correlation(first: ArrayLike, second: ArrayLike, *, ranks: bool = False, level: float = 0.95) -> Answer:
    """Correlate two sets of counts (Pearson, or Spearman with `ranks`) with an interval by Fisher's z.

    The interval takes days as independent; for ranks the variance is (1 + r²/2) / (n - 3) (Bonett and Wright).

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The counts.
    ranks : bool, optional
        Correlate ranks.
    level : float, optional
        Level of the interval.

    Returns
    -------
    Estimate or NotEstimable
        Not estimable with fewer than 10 days or where one side never changes.

    References
    ----------
    Bonett, D. G. and Wright, T. A. (2000), Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations, Psychometrika 65, 23-28.

    Examples
    --------
    >>> round(correlation(range(12), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10]).value, 3)
    0.993
    """
    x, y = _pair(first, second)
    fault = _too_few(len(x), _constant(x, y))
    if fault is not None:
        return fault
    if ranks:
        x, y = stats.rankdata(x), stats.rankdata(y)
    value = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    spread = math.sqrt((1 + value**2 / 2 if ranks else 1) / (len(x) - 3))
    return _fisher_interval(value, spread, level, "correlation")


def lin_concordance(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Answer:
    """Give Lin's concordance: correlation, lowered where the two differ in level or in spread.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The figures.
    level : float, optional
        Level of the interval (z-transform, variance as corrected in 2000).

    Returns
    -------
    Estimate or NotEstimable
        Not estimable with fewer than 10 days or where one side never changes; without interval where the
        correlation is 0 or perfect.

    References
    ----------
    Lin, L. (1989), A concordance correlation coefficient to evaluate reproducibility, Biometrics 45, 255-268; and the
    note on it, Biometrics 56 (2000), 324-325.

    Examples
    --------
    >>> x = [4, 9, 2, 0, 6, 12, 3, 5, 8, 1]
    >>> round(lin_concordance(x, [value + 2 for value in x]).value, 3)
    0.867
    """
    x, y = _pair(first, second)
    fault = _too_few(len(x), _constant(x, y))
    if fault is not None:
        return fault
    n = len(x)
    shift = x.mean() - y.mean()
    product = x.std() * y.std()
    r = float(np.corrcoef(x, y)[0, 1])
    value = float(2 * r * product / (x.var() + y.var() + shift**2))
    if not 1e-12 < abs(r) < 1 - 1e-12:
        return Estimate(value, unit="concordance")
    u2 = shift**2 / product
    variance = (
        (1 - r**2) * value**2 * (1 - value**2) / r**2
        + 2 * value**3 * (1 - value) * u2 / r
        - 0.5 * value**4 * u2**2 / r**2
    ) / (n - 2)
    return _fisher_interval(value, math.sqrt(max(variance, 0.0)) / (1 - value**2), level, "concordance")


def bland_altman(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Limits | NotEstimable:
    """Give the mean difference of two sets of figures and the limits that hold most single days.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The figures, here log(1 + deaths).
    level : float, optional
        Share of days between the limits (normal), and level of the interval of the mean (Student).

    Returns
    -------
    Limits or NotEstimable
        Not estimable with fewer than 10 days.

    References
    ----------
    Bland, J. M. and Altman, D. G. (1986), Statistical methods for assessing agreement between two methods of clinical
    measurement, Lancet 327, 307-310.

    Examples
    --------
    >>> found = bland_altman([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 3, 2, 5, 4, 7, 6, 9, 8, 11])
    >>> found.bias.value, round(found.sd, 3)
    (0.0, 1.054)
    """
    x, y = _pair(first, second)
    fault = _too_few(len(x))
    if fault is not None:
        return fault
    difference = x - y
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    reach = float(stats.t.ppf((1 + level) / 2, len(x) - 1)) * sd / math.sqrt(len(x))
    width = float(stats.norm.ppf((1 + level) / 2)) * sd
    return Limits(Estimate(mean, mean - reach, mean + reach, level, "log(1 + deaths)"), sd, mean - width, mean + width)


def direction_agreement(shared: pd.DataFrame, *, level: float = 0.95) -> Answer:
    """Give the share of steps from one week to the next on which both series move the same way.

    Weeks are counted from the first shared day. A week needs 4 shared days; its level is the mean of both series
    over the same days. A step joins two neighbouring weeks; standing still is a direction of its own.

    Parameters
    ----------
    shared : DataFrame
        Index ``date``, columns ``a, b``: the days that both observed.
    level : float, optional
        Level of the interval (Wilson).

    Returns
    -------
    Estimate or NotEstimable
        Not estimable with fewer than 5 steps.

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=42)
    >>> shared = pd.DataFrame({"a": range(42), "b": range(0, 84, 2)}, index=days)
    >>> direction_agreement(shared).value
    1.0
    """
    if shared.empty:
        return NotEstimable("no shared days")
    week = (pd.DatetimeIndex(shared.index) - shared.index[0]).days // 7
    grouped = shared[["a", "b"]].groupby(week)
    means = grouped.mean()[grouped.size() >= WEEK_FEWEST]
    neighbours = np.diff(means.index.to_numpy()) == 1
    # Means of the same figures in another order differ by rounding, which must not make a direction.
    moves = np.sign(np.round(np.diff(means.to_numpy(dtype=float), axis=0)[neighbours], 9))
    steps = len(moves)
    if steps < STEPS_FEWEST:
        return NotEstimable(
            f"{steps} steps between neighbouring weeks with {WEEK_FEWEST} shared days each; {STEPS_FEWEST} are needed"
        )
    same = int((moves[:, 0] == moves[:, 1]).sum())
    interval = stats.binomtest(same, steps).proportion_ci(level, method="wilson")
    return Estimate(same / steps, float(interval.low), float(interval.high), level, f"share of {steps} steps")


def _score_interval(a: NDArray[np.float64], b: NDArray[np.float64], level: float) -> Answer:
    """Solve Σ(A - T·p) = ± z·√Σ(A - T·p)² for p and give the odds."""
    total = a + b
    z2 = float(stats.norm.ppf((1 + level) / 2)) ** 2
    square = float(total.sum() ** 2 - z2 * (total**2).sum())
    cross = float(a.sum() * total.sum() - z2 * (a * total).sum())
    rest = float(a.sum() ** 2 - z2 * (a**2).sum())
    # At p = 0 and p = 1 the quadratic must be positive and it must open upwards: else an end lies outside (0, 1).
    if square <= 0 or rest <= 0 or float(b.sum() ** 2 - z2 * (b**2).sum()) <= 0:
        return NotEstimable("a few days hold most of the deaths, so the score interval of the ratio has no end")
    root = math.sqrt(max(cross**2 - square * rest, 0.0))
    low, high = (cross - root) / square, (cross + root) / square
    value = float(a.sum() / b.sum())
    # With identical splits on all days the ends meet in the estimate and rounding may put them on its wrong side.
    return Estimate(value, min(low / (1 - low), value), max(high / (1 - high), value), level, "ratio")


def _choose_lag(table: pd.DataFrame, level: float) -> int:
    """Keep lag 0 unless the best correlation is clearly higher; of equal ones the smaller shift wins."""
    known = table.dropna(subset="correlation")
    if known.empty or 0 not in set(known["lag"]) or len(known) == 1:
        return 0
    known = known.assign(size=known["lag"].abs()).sort_values(["correlation", "size"], ascending=[False, True])
    best, zero = known.iloc[0], known[known["lag"] == 0].iloc[0]
    gain = math.atanh(min(best["correlation"], 1 - 1e-12)) - math.atanh(min(zero["correlation"], 1 - 1e-12))
    error = math.sqrt(1 / (best["days"] - 3) + 1 / (zero["days"] - 3))
    bar = float(stats.norm.isf((1 - level) / (len(known) - 1)))
    return int(best["lag"]) if gain > bar * error else 0


def _off_trend(values: pd.Series) -> pd.Series:
    """Take the local mean off; days with too few observed neighbours become missing."""
    return values - values.rolling(TREND_DAYS, center=True, min_periods=TREND_FEWEST).mean()


def _shared_days(a: pd.Series, b: pd.Series, lag: int) -> pd.DataFrame:
    """Put each day of `a` beside the day of `b` that is `lag` days later, and keep those with both."""
    moved = b.copy()
    moved.index = pd.DatetimeIndex(b.index) - pd.Timedelta(days=lag)
    shared = pd.concat({"a": a, "b": moved}, axis=1, join="inner").dropna()
    shared.index.name = "date"
    return shared


def _describe_days(shared: pd.DataFrame, paired: PairedRatio) -> pd.DataFrame:
    """Add each day's share and its standardised difference from the common ratio."""
    total = shared["a"] + shared["b"]
    days = shared.assign(share=shared["a"] / total.where(total > 0), standardised=np.nan)
    if isinstance(paired.dispersion, Estimate) and paired.dispersion.value > 0:
        share = 1 / (1 + math.exp(-paired.log_ratio))
        spread = np.sqrt(paired.dispersion.value * total * share * (1 - share))
        days["standardised"] = (shared["a"] - total * share) / spread.where(total > 0)
    return days


def _compare_changes(changes: tuple[Any, Any] | None) -> pd.DataFrame | NotEstimable:
    """List the changes of both series; two are the same where their date sets overlap."""
    if changes is None:
        return NotEstimable("not given")
    first, second = (result.changes for result in changes)
    rows: list[tuple[Any, ...]] = []
    met: set[int] = set()
    for one in first.itertuples():
        hits = [
            (position, other)
            for position, other in enumerate(second.itertuples())
            if other.date_low <= one.date_high and other.date_high >= one.date_low
        ]
        met |= {position for position, _ in hits}
        for _, other in hits:
            rows.append((one.date, one.date_low, one.date_high, other.date, other.date_low, other.date_high, "both"))
        if not hits:
            rows.append((one.date, one.date_low, one.date_high, pd.NaT, pd.NaT, pd.NaT, "first"))
    for position, other in enumerate(second.itertuples()):
        if position not in met:
            rows.append((pd.NaT, pd.NaT, pd.NaT, other.date, other.date_low, other.date_high, "second"))
    columns = ["date_a", "low_a", "high_a", "date_b", "low_b", "high_b", "found"]
    table = pd.DataFrame(rows, columns=columns)
    order = table["date_a"].fillna(table["date_b"]).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _compare_trends(trends: tuple[Any, Any] | None, level: float) -> Answer:
    """Subtract the growth rates; the errors are taken as independent, which is cautious for sources of one war."""
    if trends is None:
        return NotEstimable("not given")
    first, second = (result.growth for result in trends)
    for growth in (first, second):
        if isinstance(growth, NotEstimable):
            return growth
    value = first.value - second.value
    if not (first.has_interval and second.has_interval):
        return Estimate(value, unit="per day")
    errors = [(g.high - g.low) / 2 / stats.norm.ppf((1 + g.level) / 2) for g in (first, second)]
    reach = float(stats.norm.ppf((1 + level) / 2)) * math.hypot(*errors)
    return Estimate(value, value - reach, value + reach, level, "per day")


def _scope(a: DailySeries, b: DailySeries, totals: PairTotals, lag: int, caveats: tuple[str, ...]) -> tuple[str, ...]:
    """Say whom and where each series counts and on which days the comparison rests."""
    sentences = []
    for series, observed in ((a, totals.days_a), (b, totals.days_b)):
        span = f"{series.start:%Y-%m-%d} to {series.end:%Y-%m-%d}"
        where = f" ({series.record.scope})" if series.record.scope else ""
        sentences.append(f"{series.record.name}: {series.label}{where}, {span}, {observed} days observed.")
    shift = f", {b.record.name} moved back by {lag} days" if lag else ""
    sentences.append(
        f"The comparison rests on the {totals.days_shared} days that both observed{shift}; a day that one of them did "
        "not report is missing, not zero."
    )
    for series in (a, b):
        sentences.extend(f"{series.record.name}: {note}" for note in series.record.notes)
    return (*sentences, *caveats)


def _warnings(a: DailySeries, b: DailySeries, lags: pd.DataFrame, days: pd.DataFrame, lag: int) -> tuple[str, ...]:
    """Collect what weakens the comparison."""
    found = []
    if a.victims != b.victims:
        found.append(f"the two series count different victims: {a.victims} and {b.victims}")
    if lags["days"].min() < UNEVEN_PAIRS * lags["days"].max():
        found.append(
            f"the lags rest on different numbers of days ({lags['days'].min()} to {lags['days'].max()}): "
            "which days were observed bears on the choice of lag"
        )
    if lag and abs(lag) == int(lags["lag"].max()):
        found.append(f"the chosen lag of {lag} days is the largest tried: a larger one may fit better")
    neighbours = days["standardised"].asfreq("D") if len(days) else days["standardised"]
    pairs = pd.concat([neighbours, neighbours.shift(1)], axis=1).dropna()
    if len(pairs) >= FEWEST_DAYS:
        together = float(np.corrcoef(pairs.iloc[:, 0], pairs.iloc[:, 1])[0, 1])
        if together > float(stats.norm.ppf(0.975)) / math.sqrt(len(pairs)):
            found.append(
                f"the split between the two drifts: neighbouring days go together (correlation {together:.2f} over "
                f"{len(pairs)} pairs), so the intervals of the ratio are too narrow"
            )
    for series, moved in ((a, 0), (b, lag)):
        covered = series.frame["exposure"].reindex(pd.DatetimeIndex(days.index) + pd.Timedelta(days=moved))
        odd = int((covered != 1).sum())
        if odd:
            found.append(f"{series.record.name}: {odd} of the shared days cover more or less than 24 hours")
    return tuple(found)


def _counts(series: DailySeries) -> pd.Series:
    return pd.Series(series.counts, index=series.frame.index, dtype="float64")


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"the two sets of figures must have the same length, not shapes {x.shape} and {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("the figures hold values that are missing or not finite", remedy="give the shared days only")
    return x, y


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InputError("must lie between 0 and 1", column="level", value=level, remedy="give 0.95 for 95 %")


def _too_few(days: int, other: NotEstimable | None = None) -> NotEstimable | None:
    """Say that there are too few days, else what else is amiss."""
    if days < FEWEST_DAYS:
        return NotEstimable(f"{days} shared days; at least {FEWEST_DAYS} are needed")
    return other


def _nobody(a: NDArray[np.float64], b: NDArray[np.float64]) -> NotEstimable | None:
    names = [name for name, values in (("first", a), ("second", b)) if values.sum() == 0]
    if not names:
        return None
    which = "both sources count" if len(names) == 2 else f"the {names[0]} source counts"
    return NotEstimable(f"{which} nobody on the shared days")


def _constant(x: NDArray[np.float64], y: NDArray[np.float64]) -> NotEstimable | None:
    flat = any(len(np.unique(side)) <= 1 for side in (x, y))
    return NotEstimable("one side has the same figure on every shared day") if flat else None


def _fisher_interval(value: float, spread: float, level: float, unit: str) -> Estimate:
    """Put an interval around a correlation on the scale of Fisher's z; a perfect one has none."""
    if abs(value) > 1 - 1e-12:
        return Estimate(value, unit=unit)
    reach = float(stats.norm.ppf((1 + level) / 2)) * spread
    centre = math.atanh(value)
    return Estimate(value, math.tanh(centre - reach), math.tanh(centre + reach), level, unit)


def _words(answer: Answer, form: str) -> str:
    """Write an answer for the summary."""
    if isinstance(answer, NotEstimable):
        return str(answer)
    text = form.format(answer.value)
    return f"{text} ({form.format(answer.low)} to {form.format(answer.high)})" if answer.has_interval else text
