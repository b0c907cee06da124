"""What a reference period leads one to expect of a window: day by day, with every part of its variance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference import negative_binomial
from casualties.inference.count_mixture import CountMixture
from casualties.inference.long_run import SlowSwings, added_variance, fit_slow_swings
from casualties.inference.weekdays import weekday_columns, weekday_obstacle
from casualties.ledger import read_day
from casualties.series import DailySeries

__all__ = ["CURVE_COLUMNS", "FEW_DAYS", "Days", "Expectation", "PooledExcess", "Setup", "Variances", "carry_on", "pool"]

Floats = npt.NDArray[np.float64]
Days = tuple[str | pd.Timestamp, str | pd.Timestamp]

CURVE_COLUMNS = ("observed", "expected", "excess", "low", "high")
FEW_DAYS = 28
_FEWEST_DAYS = 14
_MOST_KNOTS = 40  # days of the curve whose bands are computed; those between are interpolated
_EDGES = (0.0, 0.25, 0.5, 0.7, 0.85, 0.95, 0.99, 1.0)  # of the posterior of the dependence, cut into parts
_MOST_SKEW = 1.0  # variance on the logarithm up to which the mean is raised above the median


@dataclass(frozen=True, slots=True)
class Variances:
    """Where the variance of an excess comes from, in squared deaths.

    Parameters
    ----------
    parameters : float
        The expected number is estimated from the reference period, days independent.
    observation : float
        What would have been recorded varies around its expectation, days independent.
    scatter : float
        What is added to both because the reference period scatters more than its regression says (by the mean squared
        Pearson residual, where that is above 1: mass-casualty days).
    dependence : float
        What is added because days depend on each other, on average over how strongly they may.
    data : float
        What the source leaves open, where draws were pooled; else 0.
    """

    parameters: float
    observation: float
    scatter: float
    dependence: float
    data: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.parameters + self.observation + self.scatter + self.dependence + self.data


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """The days of a series that are compared, and what they are compared by."""

    dates: pd.DatetimeIndex
    exposure: Floats
    reference: npt.NDArray[np.bool_]
    window: npt.NDArray[np.bool_]
    words: tuple[str, str]
    weekday: bool
    trend: bool

    @classmethod
    def of(cls, series: DailySeries, reference: Days, window: Days | None, weekday: bool, trend: bool) -> Setup:
        """Read both periods, or say what is wrong with them."""
        dates = pd.DatetimeIndex(series.frame.index)
        first, last = _period(series, reference, "reference")
        if window is None and last >= series.end:
            raise InputError(
                "the reference period leaves no day for a window",
                column="reference",
                value=f"{first.date()} to {last.date()}",
                remedy="end it earlier, or give the window",
            )
        days = (last + pd.Timedelta(days=1), series.end) if window is None else _period(series, window, "window")
        if days[0] <= last and first <= days[1]:
            raise InputError(
                "the reference period and the window overlap",
                column="reference, window",
                value=f"{first.date()} to {last.date()}, {days[0].date()} to {days[1].date()}",
                remedy="a window cannot tell what to expect of itself",
            )
        words = (f"{first.date()} to {last.date()}", f"{days[0].date()} to {days[1].date()}")
        return cls(
            dates,
            series.frame["exposure"].to_numpy(dtype=float),
            np.asarray((dates >= first) & (dates <= last)),
            np.asarray((dates >= days[0]) & (dates <= days[1])),
            words,
            weekday,
            trend,
        )

    @property
    def span(self) -> tuple[int, int]:
        """The window's first and last day, by their number in the series."""
        inside = np.flatnonzero(self.window)
        return int(inside[0]), int(inside[-1])

    def missing(self, counts: Floats) -> pd.Series:
        """Count the days of both periods that were not observed."""
        gone = np.isnan(counts)
        return pd.Series(
            {"reference": int((gone & self.reference).sum()), "window": int((gone & self.window).sum())}, name="days"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What the regression of one series expects of the window, cumulated over its days."""

    observed: Floats  # (days of the window,)
    expected: Floats  # (days of the window,)
    parameters: Floats  # variance, (days of the window,)
    observation: Floats  # variance, (days of the window,)
    scatter: float  # mean squared residual, at least 1
    dependence: Floats  # added variance, scatter included, (parts, days of the window)
    weight: Floats  # (parts,)
    swings: SlowSwings
    fit: negative_binomial.NegativeBinomialFit
    fitted: Floats  # counts of the reference period
    mean: Floats  # expected on each day of the series, were it covered as it was
    residuals: Floats  # of the reference period, NaN elsewhere
    why_not: str

    @property
    def independent(self) -> Floats:
        """The variance of independent days, scatter included."""
        return self.scatter * (self.parameters + self.observation)

    @property
    def slow(self) -> Floats:
        """The variance of what is slow (estimated coefficients, dependence), by part and day."""
        return np.maximum(self.scatter * self.parameters + self.dependence, 0.0)

    @property
    def skew(self) -> Floats:
        """The variance that what is slow has on the logarithm, by part and day."""
        skew: Floats = self.slow / np.maximum(self.expected, 1e-12) ** 2
        return skew

    def mixture(self) -> tuple[Floats, Floats]:
        """Give mean and variance of the window's deaths, had the reference period gone on, by part and day.

        What is slow acts on the logarithm: the expectation is its median, and the mean lies above it.
        """
        slow = self.slow
        rest = self.independent + self.dependence - slow
        raised = np.exp(np.minimum(self.skew, _MOST_SKEW))
        return self.expected * np.sqrt(raised), np.maximum((slow + rest) * raised, 0.0)


def carry_on(counts: Floats, setup: Setup) -> Expectation | NotEstimable:
    """Fit one series' reference period and carry it on into the window."""
    seen = ~np.isnan(counts)
    used, asked = seen & setup.reference, seen & setup.window
    y = counts[used]
    obstacle = _obstacle(y, int(asked.sum()))
    if obstacle:
        return NotEstimable(obstacle)
    days_of_week = setup.dates.day_of_week.to_numpy()
    columns = [np.ones(len(counts))]
    if setup.trend:
        day = np.arange(len(counts), dtype=float)
        columns.append(day - day[used].mean())
    why_not = weekday_obstacle(y, days_of_week[used], FEW_DAYS) if setup.weekday else ""
    if setup.weekday and not why_not:
        base = int(np.argmax(np.bincount(days_of_week[used], y, minlength=7)))
        columns.extend(weekday_columns(days_of_week, base).T)
    design = np.column_stack(columns)
    offset = np.log(np.where(seen, setup.exposure, 1.0))
    fit = negative_binomial.fit(design[used], y, offset[used])
    # A trend carried on for years can leave the range of numbers; what lies beyond is not to be had anyway.
    mean = np.exp(np.clip(design @ fit.params + offset, -30.0, 30.0))
    spread = np.sqrt(mean + fit.dispersion * mean**2)
    residuals = np.full(len(counts), np.nan)
    residuals[used] = fit.pearson(y)
    swings = fit_slow_swings(_trimmed(residuals[np.flatnonzero(used)[0] : np.flatnonzero(used)[-1] + 1]))
    first, last = setup.span
    inside = slice(first, last + 1)
    slopes = np.cumsum(np.where(asked[:, None], design * mean[:, None], 0.0), axis=0)
    score = design * (spread / (1.0 + fit.dispersion * mean))[:, None]
    added = added_variance(
        np.where(used[:, None], score @ fit.covariance, 0.0),
        slopes,
        np.where(asked, spread, 0.0),
        swings.persistence,
    )
    dependence, weight = _parts(swings, added[:, inside])
    freedom = max(len(y) - design.shape[1], 1)
    scatter = max(1.0, float(np.nansum(residuals**2)) / freedom)
    return Expectation(
        observed=np.cumsum(np.where(asked, counts, 0.0))[inside],
        expected=np.cumsum(np.where(asked, mean, 0.0))[inside],
        parameters=np.einsum("kp,pq,kq->k", slopes[inside], fit.covariance, slopes[inside]),
        observation=np.cumsum(np.where(asked, spread**2, 0.0))[inside],
        scatter=scatter,
        dependence=scatter * dependence,
        weight=weight,
        swings=swings,
        fit=fit,
        fitted=y,
        mean=mean,
        residuals=residuals,
        why_not=why_not,
    )


def _parts(swings: SlowSwings, added: Floats) -> tuple[Floats, Floats]:
    """Cut the posterior of the dependence into a few parts, ordered by the variance it adds on the last day."""
    each = (swings.share[None, :, None] * added[:, None, :]).reshape(-1, added.shape[1])
    order = np.argsort(each[:, -1], kind="stable")
    weight = swings.weight.reshape(-1)[order]
    after = np.cumsum(weight)
    parts, weights = [], []
    for low, high in itertools.pairwise(_EDGES):
        share = np.clip(np.minimum(after, high) - np.maximum(after - weight, low), 0.0, None)
        parts.append(share @ each[order] / share.sum())
        weights.append(share.sum())
    found = np.array(weights)
    return np.array(parts), found / found.sum()


@dataclass(frozen=True, slots=True, eq=False)
class PooledExcess:
    """The answers of one series, or of its draws, as one.

    The expectation is a median, its interval that of negative binomials whose mean is raised above it up to a skew of
    one. With a larger skew these lie ever closer to nobody, and at last below the expectation: then it is ``too_far``,
    and there is no answer. Otherwise the interval, rounded outwards to whole deaths, holds the expectation.
    """

    observed: Estimate
    expected: Estimate
    excess: Estimate
    ratio: Estimate | NotEstimable
    probability: Estimate
    variances: Variances
    days: npt.NDArray[np.int_]  # those of the window whose bands were computed
    low: Floats  # less the point answer, in standard deviations
    high: Floats
    totals: Floats  # (3, days of the window): observed, expected, standard deviation
    too_far: bool

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the interval of the excess."""
        return self.excess.low, self.excess.high

    def curve(self, dates: pd.DatetimeIndex) -> pd.DataFrame:
        """Give the cumulative curve."""
        observed, expected, spread = self.totals
        every = np.arange(len(dates))
        excess = observed - expected
        low = excess + np.interp(every, self.days, self.low) * spread
        high = excess + np.interp(every, self.days, self.high) * spread
        table = dict(zip(CURVE_COLUMNS, (observed, expected, excess, low, high), strict=True))
        return pd.DataFrame(table, index=dates).rename_axis("date")


def pool(answers: Sequence[Expectation], level: float) -> PooledExcess:
    """Mix the predictive distributions of draws, their differences raised so that the variance is Rubin's."""
    number = len(answers)
    observed, expected = (np.array([getattr(each, name) for each in answers]) for name in ("observed", "expected"))
    raised = math.sqrt((number + 1) / (number - 1)) if number > 1 else 1.0
    middle = (observed.mean(axis=0), expected.mean(axis=0))
    shown = middle[0] + raised * (observed - middle[0])
    wanted = np.maximum(middle[1] + raised * (expected - middle[1]), 0.1 * expected) / np.maximum(expected, 1e-12)
    within = np.array([each.independent + each.weight @ each.dependence for each in answers])
    between = np.zeros(observed.shape[1])
    if number > 1:
        between = (1.0 + 1.0 / number) * np.var(observed - expected, axis=0, ddof=1)
    spread = np.sqrt(np.maximum(within.mean(axis=0) + between, 1e-12))
    days = np.unique(np.linspace(0, len(spread) - 1, _MOST_KNOTS).round().astype(int))
    parts = [each.mixture() for each in answers]
    means = np.concatenate([mean[:, days] * factor[days] for (mean, _), factor in zip(parts, wanted, strict=True)])
    variances = np.concatenate([variance[:, days] for _, variance in parts])
    weight = np.concatenate([a.weight for a in answers]) / number
    shifts = np.concatenate([np.repeat(shown[i : i + 1, days], len(a.weight), axis=0) for i, a in enumerate(answers)])
    mixture = CountMixture(means, variances, weight)
    tail = 0.5 - level / 2.0
    # Whole deaths, rounded outwards; of draws the totals need not be whole.
    away = shifts - middle[0][days]
    least = np.floor(mixture.quantile(tail, away) + 1.0)
    most = np.ceil(mixture.quantile(1.0 - tail, away)) + 0.0  # no negative zero
    if number == 1:
        least = np.maximum(least, 0.0)
    point = middle[1][days]
    floor, ceiling = np.floor(point), np.ceil(point)
    skew = float(np.mean([each.weight @ each.skew[:, -1] for each in answers]))
    too_far = skew > _MOST_SKEW and bool(least[-1] > ceiling[-1] or most[-1] < floor[-1])
    least, most = np.minimum(least, floor), np.maximum(most, ceiling)
    low, high = (point - most) / spread[days], (point - least) / spread[days]
    last = float(middle[0][-1]), float(middle[1][-1]), float(least[-1]), float(most[-1])
    final = float(middle[0][-1])
    as_many = 1.0 - float(mixture.at_most(middle[0][days] - 1.0, away)[-1])
    variances_of = Variances(
        parameters=float(np.mean([each.parameters[-1] for each in answers])),
        observation=float(np.mean([each.observation[-1] for each in answers])),
        scatter=float(np.mean([(1.0 - 1.0 / each.scatter) * each.independent[-1] for each in answers])),
        dependence=float(np.mean([each.weight @ each.dependence[:, -1] for each in answers])),
        data=float(between[-1]),
    )
    unit = "recorded deaths"
    ratio: Estimate | NotEstimable = NotEstimable("the interval of the expected number reaches down to none")
    if last[2] > 0.0:
        ratio = Estimate(final / last[1], final / last[3], final / last[2], level, "ratio")
    return PooledExcess(
        observed=Estimate(final, unit=unit),
        expected=Estimate(last[1], max(last[2], 0.0), last[3], level, unit),
        excess=Estimate(final - last[1], final - last[3], final - last[2], level, unit),
        ratio=ratio,
        probability=Estimate(min(max(as_many, 0.0), 1.0), unit="probability"),
        variances=variances_of,
        days=days,
        low=low,
        high=high,
        totals=np.array([middle[0], middle[1], spread]),
        too_far=too_far,
    )


def _period(series: DailySeries, days: Days, name: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Read the first and the last day of a period within a series."""
    if isinstance(days, str) or len(tuple(days)) != 2:
        raise InputError("a period is a first and a last day", column=name, value=str(days))
    first, last = (read_day(day, name) for day in days)
    said = f"{first.date()} to {last.date()}"
    if first > last:
        raise InputError("the period ends before it starts", column=name, value=said, remedy="swap its days")
    if first < series.start or last > series.end:
        raise InputError(
            f"the series runs from {series.start.date()} to {series.end.date()}",
            column=name,
            value=said,
            remedy="make the series longer, or the period shorter",
        )
    return first, last


def _obstacle(y: Floats, asked: int) -> str:
    """Say why there is no answer, or nothing."""
    if len(y) < _FEWEST_DAYS:
        return f"{len(y)} observed days of the reference period are fewer than {_FEWEST_DAYS}"
    if not asked:
        return "no day of the window was observed"
    total = float(y.sum())
    if total == 0.0:
        return "no deaths are recorded in the reference period"
    share = float(y.max()) / total
    if share >= 0.5:
        return f"one day holds {share:.0%} of the reference period's deaths, so that it would be the expectation"
    return ""


def _trimmed(residuals: Floats) -> Floats:
    """Bring residuals within four standard deviations: one mass-casualty day says nothing about slow swings."""
    return np.clip(residuals, -4.0, 4.0)
