"""Two daily series side by side: who reports later, who counts more, and how far they agree.

Only days that both sources observed enter: a day without a report is missing, not zero. What the two count must be the
same to begin with; where it is known not to be, their levels are not compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from casualties.comparison.agreement_measures import (
    Limits,
    bland_altman,
    cohen_kappa,
    correlation,
    direction_agreement,
    krippendorff_alpha,
    lin_concordance,
    size_classes,
)
from casualties.comparison.change_overlap import compare_changes
from casualties.comparison.disagreement import driving_days
from casualties.comparison.lags import lag_table, ratio_over_lags
from casualties.comparison.paired_days import FEWEST_DAYS, Answer, check_level, shared_days
from casualties.comparison.paired_ratio import PairedRatio, paired_ratio, quoted_ratio
from casualties.comparison.ratio_course import RatioCourse, ratio_course
from casualties.comparison.scopes import ScopeMatch, match_scopes
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["PairResult", "PairTotals", "compare_pair"]

# Pairs at one lag below this share of the pairs at another: the days themselves decide, and it is said.
UNEVEN_PAIRS = 0.8


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
        See `casualties.comparison.paired_ratio.PairedRatio`.
    ratio_lags : Estimate or NotEstimable
        The ratio over all lags that cannot be ruled out, each by its probability.
    totals : PairTotals
        Deaths and days.
    days : DataFrame
        Index ``date`` (of the first series); ``a, b`` (deaths), ``share`` (of the first in the sum of both; NaN where
        both are 0) and ``standardised`` (the day's difference from the common ratio over its standard deviation).
    lag : int
        Days by which the second series reports later than the first; negative if it reports earlier.
    lags : DataFrame
        One row a lag: the columns of `casualties.comparison.lags.lag_table`, and ``ratio, ratio_low, ratio_high`` at
        the lags of the set.
    pearson, spearman : Estimate or NotEstimable
        Correlation of the daily counts.
    concordance, concordance_log : Estimate or NotEstimable
        Lin's concordance of the counts and of log(1 + counts).
    limits : Limits or NotEstimable
        Bland–Altman limits on log(1 + counts).
    classes : tuple of float
        Upper ends of the classes of size that the kappas are made of.
    kappa, kappa_weighted : Estimate or NotEstimable
        Cohen's kappa of days classed by size; weighted by the squared number of classes between the two sources.
    alpha : Estimate or NotEstimable
        Krippendorff's alpha of log(1 + counts).
    course : RatioCourse or NotEstimable
        The ratio through time.
    driving : DataFrame
        The days that the two disagree on most, with both figures; see `casualties.comparison.disagreement`.
    direction : Estimate or NotEstimable
        Share of steps from one week to the next on which both series move the same way.
    changes : DataFrame or NotEstimable
        Change dates of both, one row a change; see `casualties.comparison.change_overlap`.
    trends : Estimate or NotEstimable
        Growth rate of the first minus that of the second, per day.
    match : ScopeMatch
        Whether victims, place and period of the two are the same. Where victims or place are known to differ, every
        answer about level (ratio, dispersion, concordance, limits, kappa, alpha, course) is refused with that reason;
        what concerns movement (correlation, direction, lag, changes, growth) stands.
    scope : tuple of str
        Whom and where each counts, and on which days the comparison rests.
    warnings : tuple of str
        What a reader must know before quoting a number.
    """

    basis: Basis
    names: tuple[str, str]
    ratio: Answer
    ratio_score: Answer
    ratio_lags: Answer
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
    classes: tuple[float, ...]
    kappa: Answer
    kappa_weighted: Answer
    alpha: Answer
    course: RatioCourse | NotEstimable
    driving: pd.DataFrame
    direction: Answer
    changes: pd.DataFrame | NotEstimable
    trends: Answer
    match: ScopeMatch
    scope: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def quoted(self) -> Answer:
        """The ratio with the interval to quote: that of the score where it has ends, else the quasi-binomial one."""
        return quoted_ratio(self.ratio, self.ratio_score)

    @property
    def lag_set(self) -> tuple[int, ...]:
        """The lags that cannot be ruled out."""
        return tuple(int(lag) for lag in self.lags.loc[self.lags["in_set"], "lag"])

    def to_frame(self) -> pd.DataFrame:
        """Give every measure as one row: ``measure, value, low, high, level, unit, note``."""
        level = self.basis.settings["level"]
        if isinstance(self.limits, Limits):
            bias: Answer = self.limits.bias
            spread: Answer = Estimate(self.limits.sd, self.limits.low, self.limits.high, level, "log(1 + deaths)")
        else:
            bias = spread = self.limits
        course = self.course
        drift, constant = (course, course) if isinstance(course, NotEstimable) else (course.drift, course.constant)
        measures: dict[str, Answer] = {
            "ratio": self.ratio,
            "ratio, score interval": self.ratio_score,
            "ratio, over the lags": self.ratio_lags,
            "dispersion": self.dispersion,
            "change of the ratio": drift,
            "one ratio in all months": constant,
            "lag": Estimate(float(self.lag), float(min(self.lag_set)), float(max(self.lag_set)), level, "days"),
            "Pearson correlation": self.pearson,
            "Spearman correlation": self.spearman,
            "concordance": self.concordance,
            "concordance, log": self.concordance_log,
            "mean difference, log": bias,
            "limits of agreement, log": spread,
            "kappa of size": self.kappa,
            "kappa of size, weighted": self.kappa_weighted,
            "alpha, log": self.alpha,
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
        steps = " of the steps go the same way" if isinstance(self.direction, Estimate) else ""
        lines = [
            f"{first} against {second}",
            *self.basis.lines(),
            f"Shared:   {totals.days_shared} days ({first} observed {totals.days_a}, {second} {totals.days_b}; "
            f"{totals.days_zero} with nobody in either)",
            f"Deaths:   {totals.shared_a:,.6g} and {totals.shared_b:,.6g} on the shared days",
            *self._level_lines(),
            f"Lag:      {self.lag} days ({_set_words(self.lag_set)})",
            f"Pearson:  {self.pearson.words('.2f')}; Spearman {self.spearman.words('.2f')}",
            f"Weeks:    {self.direction.words('.2f')}{steps}",
            *(f"Scope:    {sentence}" for sentence in self.scope),
            *(f"Warning:  {sentence}" for sentence in self.warnings),
        ]
        return "\n".join(lines)

    def _level_lines(self) -> list[str]:
        """Say how the levels compare, or once why they do not."""
        if self.match.refusal is not None:
            return [f"Level:    {self.match.refusal}"]
        lines = [
            f"Ratio:    {self.ratio.words('.3f')}; score interval {self.ratio_score.words('.3f')}; "
            f"dispersion {self.dispersion.words('.2f')}",
            f"Level:    concordance {self.concordance.words('.2f')}, of logs {self.concordance_log.words('.2f')}; "
            f"kappa of size {self.kappa.words('.2f')}, weighted {self.kappa_weighted.words('.2f')}; "
            f"alpha {self.alpha.words('.2f')}",
        ]
        if isinstance(self.course, RatioCourse):
            told = [
                f"{row.start:%Y-%m} {row.ratio:.2f} ({row.low:.2f} to {row.high:.2f}; {row.days} days)"
                for row in self.course.months.itertuples()
                if not row.reason
            ]
            if told:
                lines.append(f"Months:   {', '.join(told)}; p-value of one ratio {self.course.constant.words('.3f')}")
        if len(self.driving):
            worst = [f"{date:%Y-%m-%d} {row.a:g} and {row.b:g}" for date, row in self.driving.head(3).iterrows()]
            part = float(self.driving["of_dispersion"].head(3).sum())
            lines.append(f"Days:     most of the disagreement: {'; '.join(worst)} ({part:.0%} of the dispersion)")
        return lines


def compare_pair(
    a: DailySeries,
    b: DailySeries,
    *,
    max_lag: int = 3,
    changes: tuple[Any, Any] | None = None,
    trends: tuple[Any, Any] | None = None,
    level: float = 0.95,
    selected: str = "",
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
    selected : str, optional
        Why the shared days are no sample of all days, where they were selected, e.g. "a day is here only where an
        event cites the page"; the ratio and its course are then marked.
    caveats : tuple of str, optional
        Further sentences that belong to every number.

    Returns
    -------
    PairResult
        Not estimable, each with its reason: any measure on fewer than 10 shared days; the ratio where a source
        counts nobody on them; everything about level where victims or place are
        known to differ; correlations of a series that never changes; the direction with fewer than 5 steps
        between weeks; `changes` and `trends` where none are given.

    Raises
    ------
    InputError
        If `max_lag` is negative or `level` does not lie between 0 and 1.

    Notes
    -----
    Agreement is not confirmation: two sources that copy one another agree. And a ratio is one of recorded deaths on
    the shared days; where those days are selected it holds on them only.

    The interval of the ratio supposes that the daily split varies independently from day to day around one ratio.
    Where it drifts, the ratio is a mean over these days, and a warning says so: one test looks for an even change, one
    for neighbouring days that go together, each at half of ``1 - level``.

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
    check_level(level)
    left, right = _counts(a), _counts(b)
    lags = lag_table(left, right, max_lag=max_lag, level=level)
    lag = int(lags.loc[lags["chosen"], "lag"].iloc[0])
    shared = shared_days(left, right, lag)
    first, second = shared["a"].to_numpy(), shared["b"].to_numpy()
    match = match_scopes(a, b)
    # The same test for every answer about level: what is refused is not computed either.
    refused = match.refusal
    paired = paired_ratio(first, second, level=level) if refused is None else _refused_ratio(refused)
    ratio_lags, lags = ratio_over_lags(left, right, lags, level=level)
    if refused is not None:
        ratio_lags = refused
        lags[["ratio", "ratio_low", "ratio_high"]] = math.nan
    days = _describe_days(shared, paired)
    course = ratio_course(shared, level=level, selected=selected) if refused is None else refused
    logs = np.log1p(first), np.log1p(second)
    classes = size_classes(first, second)
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
    if start > end:  # no day in common: the answer speaks of all days of both
        start, end = min(left.index[0], right.index[0]), max(left.index[-1], right.index[-1])
    settings = {
        "max_lag": max_lag,
        "level": level,
        **({"selected": selected} if selected else {}),
        "spread": (a.spread, b.spread),
        "missing_days": (a.missing_days, b.missing_days),
    }
    basis = Basis(
        label=f"{a.label} against {b.label}",
        source=f"{a.record.name}; {b.record.name}",
        vintage="; ".join(dict.fromkeys(filter(None, (a.record.version, b.record.version)))),
        start=f"{start:%Y-%m-%d}",
        end=f"{end:%Y-%m-%d}",
        days=(end - start).days + 1,
        days_observed=len(shared),
        method="day-paired ratio given each day's total (quasi-binomial), agreement on shared days",
        settings=settings,
    )
    return PairResult(
        basis=basis,
        names=(a.record.name, b.record.name),
        ratio=paired.ratio,
        ratio_score=paired.ratio_score,
        ratio_lags=ratio_lags,
        dispersion=paired.dispersion,
        totals=totals,
        days=days,
        lag=lag,
        lags=lags,
        pearson=correlation(first, second, level=level),
        spearman=correlation(first, second, ranks=True, level=level),
        concordance=lin_concordance(first, second, level=level) if refused is None else refused,
        concordance_log=lin_concordance(*logs, level=level) if refused is None else refused,
        limits=bland_altman(*logs, level=level) if refused is None else refused,
        classes=classes,
        kappa=cohen_kappa(first, second, classes, level=level) if refused is None else refused,
        kappa_weighted=cohen_kappa(first, second, classes, weighted=True, level=level) if refused is None else refused,
        alpha=krippendorff_alpha(*logs) if refused is None else refused,
        course=course,
        driving=driving_days(days),
        direction=direction_agreement(shared, level=level),
        changes=compare_changes(changes),
        trends=_compare_trends(trends, level),
        match=match,
        scope=_scope(a, b, totals, lag, tuple(filter(None, (selected, *caveats)))),
        warnings=_warnings(a, b, lags, days, lag, match, course, level),
    )


def _describe_days(shared: pd.DataFrame, paired: PairedRatio) -> pd.DataFrame:
    """Add each day's share and its standardised difference from the common ratio."""
    total = shared["a"] + shared["b"]
    days = shared.assign(share=shared["a"] / total.where(total > 0), standardised=np.nan)
    if isinstance(paired.dispersion, Estimate) and paired.dispersion.value > 0:
        share = 1 / (1 + math.exp(-paired.log_ratio))
        spread = np.sqrt(paired.dispersion.value * total * share * (1 - share))
        days["standardised"] = (shared["a"] - total * share) / spread.where(total > 0)
    return days


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


def _warnings(
    a: DailySeries,
    b: DailySeries,
    lags: pd.DataFrame,
    days: pd.DataFrame,
    lag: int,
    match: ScopeMatch,
    course: RatioCourse | NotEstimable,
    level: float,
) -> tuple[str, ...]:
    """Collect what weakens the comparison."""
    found = []
    if match.refusal is not None:
        found.append(match.refusal.reason)
    if lags["days"].min() < UNEVEN_PAIRS * lags["days"].max():
        found.append(
            f"the lags rest on different numbers of days ({lags['days'].min()} to {lags['days'].max()}): "
            "which days were observed bears on the choice of lag"
        )
    in_set = lags.loc[lags["in_set"], "lag"]
    if len(in_set) > 1:
        found.append(f"the lag is not settled by these days: {_set_words(tuple(in_set))}")
    if lag and abs(lag) == int(lags["lag"].max()):
        found.append(f"the chosen lag of {lag} days is the largest tried: a larger one may fit better")
    if isinstance(course, RatioCourse):
        found.extend(_drifting(days, course, level))
        if course.selected:
            found.append(f"the ratio through time is no sample: {course.selected.rstrip('.')}")
    for series, moved in ((a, 0), (b, lag)):
        covered = series.frame["exposure"].reindex(pd.DatetimeIndex(days.index) + pd.Timedelta(days=moved))
        odd = int((covered != 1).sum())
        if odd:
            found.append(f"{series.record.name}: {odd} of the shared days cover more or less than 24 hours")
    return tuple(found)


def _drifting(days: pd.DataFrame, course: RatioCourse, level: float) -> list[str]:
    """Look for a ratio that moves: evenly, or in stretches of days; both tests together err with 1 - level."""
    tail = (1 - level) / 2
    found = []
    follows = "so the ratio is a mean over these days, and for other days its intervals are too narrow"
    if isinstance(course.drift, Estimate) and course.drift_p < tail:
        month = math.exp(30 * course.drift.value)
        found.append(
            f"the split between the two drifts: in thirty days their ratio is multiplied by {month:.2f} "
            f"(p-value of no change {course.drift_p:.2g}), {follows}; a trend of one of them may be one of its coverage"
        )
    neighbours = days["standardised"].asfreq("D") if len(days) else days["standardised"]
    pairs = pd.concat([neighbours, neighbours.shift(1)], axis=1).dropna()
    if len(pairs) >= FEWEST_DAYS and (pairs.std() > 0).all():
        together = float(np.corrcoef(pairs.iloc[:, 0], pairs.iloc[:, 1])[0, 1])
        if together > float(stats.norm.isf(tail)) / math.sqrt(len(pairs)):
            found.append(
                f"the split between the two drifts: neighbouring days go together (correlation {together:.2f} over "
                f"{len(pairs)} pairs), {follows}"
            )
    return found


def _set_words(lags: tuple[int, ...]) -> str:
    """Name the lags that cannot be ruled out."""
    listed = ", ".join(str(lag) for lag in lags)
    return f"{listed} cannot be ruled out" if len(lags) > 1 else f"no other than {listed} is likely"


def _refused_ratio(reason: NotEstimable) -> PairedRatio:
    return PairedRatio(reason, reason, math.nan, math.nan, reason)


def _counts(series: DailySeries) -> pd.Series:
    return pd.Series(series.counts, index=series.frame.index, dtype="float64")
