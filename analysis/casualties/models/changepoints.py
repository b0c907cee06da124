"""When did it change, and by how much? The exact posterior of a rate that jumps, and the single changes in it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.dependence import autocorrelation, dependence_warnings
from casualties.inference.partition import Partition, optimal_partition, profiled_partition, segment_means
from casualties.inference.rate_filter import RatePosterior, filter_rates, grid_quantiles, log_grid
from casualties.inference.weekdays import WEEKDAYS, block_weekday_ratios, weekday_obstacle
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["ChangepointResult", "PriorSensitivity", "compare_priors", "fit_changepoints"]

Floats = npt.NDArray[np.float64]

_FEWEST_DAYS = 14
_FEWEST_WEEKDAY_DAYS = 56
_FEWEST_WEEKDAY_DEATHS = 50
_SIZES = np.geomspace(0.1, 100.0, 16)
_LEAST_MASS = 0.5
_LEAST_EVIDENCE = 3.0  # Bayes factor that Kass and Raftery call positive evidence
_CHANGE_COLUMNS = [
    "date",
    "date_low",
    "date_high",
    "ratio",
    "ratio_low",
    "ratio_high",
    "rate_before",
    "rate_after",
    "probability",
]
_PARTITION_COLUMNS = ["date", "rate_before", "rate_after"]


@dataclass(frozen=True, slots=True, eq=False)
class ChangepointResult(Result):
    """When the rate of recorded deaths changed, by how much, and how sure that is.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    probability : Series
        Indexed by ``date``: posterior probability that the rate changed between the day before and this day.
    changes : DataFrame
        One row for each change found: ``date`` (most probable first day of the new rate), ``date_low, date_high``
        (shortest window with `date_level` of that one change; windows are disjoint), ``ratio, ratio_low, ratio_high``
        (rate after / before, integrated over the date), ``rate_before, rate_after`` (posterior means of deaths a
        day on the day before the window and on its last day, given a change in it), ``probability`` (that the window
        holds at least one change).
    rate : DataFrame
        Indexed by ``date``: ``mean, low, high`` of the rate on a mean weekday covered in full.
    observed : Series
        The counts that were fitted, indexed by ``date``.
    number : Estimate or NotEstimable
        Expected number of changes given the counts; it has no interval.
    prior_number : float
        The same before the counts.
    autocorrelation : Estimate or NotEstimable
        Correlation, one day apart, of the Pearson residuals around the rate, probable spike days left out.
    weekday : DataFrame
        ``weekday, ratio``: each weekday against the mean weekday, as used; empty where no such effect was used.
    partition : DataFrame
        ``date, rate_before, rate_after``: the exact negative-binomial partition with size 1.
    partition_profiled : DataFrame
        The same with the size chosen together with the cuts.
    spike : Series
        Indexed by ``date``: posterior probability that the day is a spike (an extreme single day, not a new rate).
    warnings : tuple of str
        What a reader has to know before using the numbers.
    """

    basis: Basis
    probability: pd.Series
    changes: pd.DataFrame
    rate: pd.DataFrame
    observed: pd.Series
    number: Estimate | NotEstimable
    prior_number: float
    autocorrelation: Estimate | NotEstimable
    weekday: pd.DataFrame
    partition: pd.DataFrame
    partition_profiled: pd.DataFrame
    spike: pd.Series
    warnings: tuple[str, ...]

    def changes_in(self, start: str | pd.Timestamp, end: str | pd.Timestamp) -> float:
        """Give the expected number of changes dated from one day to another, both included.

        Parameters
        ----------
        start, end : str or Timestamp
            First and last date; the part of the window outside the series counts nothing.

        Returns
        -------
        float
            NaN where the model was not estimable.
        """
        if isinstance(self.number, NotEstimable):
            return math.nan
        return float(self.probability.loc[pd.Timestamp(start) : pd.Timestamp(end)].sum())

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Changes in {self.basis.label}", *self.basis.lines()[1:], ""]
        if isinstance(self.number, NotEstimable):
            return "\n".join([*lines, f"Changes: {self.number}"])
        lines.append(f"Expected number of changes: {self.number.value:.2f} (before the data: {self.prior_number:.2f})")
        for row in self.changes.itertuples():
            lines.append(
                f"  {row.date:%Y-%m-%d} ({row.date_low:%Y-%m-%d} to {row.date_high:%Y-%m-%d}): "
                f"{row.rate_before:.2f} to {row.rate_after:.2f} a day, ratio {row.ratio:.2f} "
                f"({row.ratio_low:.2f} to {row.ratio_high:.2f}), in these days with probability {row.probability:.2f}"
            )
        if self.changes.empty:
            lines.append("  no change is more probable than not")
        for name, cut in (("size 1", self.partition), ("size profiled", self.partition_profiled)):
            dates = ", ".join(f"{date:%Y-%m-%d}" for date in cut["date"]) or "no cut"
            lines.append(f"Partition, {name}: {dates}")
        if isinstance(self.autocorrelation, Estimate):
            found = self.autocorrelation
            lines.append(f"Autocorrelation: {found.value:+.2f} ({found.low:+.2f} to {found.high:+.2f})")
        else:
            lines.append(f"Autocorrelation: {self.autocorrelation}")
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the changes found, one row each."""
        return self.changes.copy()


@dataclass(frozen=True, slots=True, eq=False)
class PriorSensitivity(Result):
    """The same change-point model under several priors on the number of changes.

    Parameters
    ----------
    basis : Basis
        What the answers rest on.
    answers : DataFrame
        ``prior_changes, number`` (expected before and given the counts), then the columns of
        `ChangepointResult.changes`: one row for each change found under each prior, one row without a date where
        none was found.
    """

    basis: Basis
    answers: pd.DataFrame

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Effect of the prior on changes in {self.basis.label}", *self.basis.lines()[1:], ""]
        for prior, rows in self.answers.groupby("prior_changes", sort=False):
            found = rows.dropna(subset=["date"])
            dates = ", ".join(f"{date:%Y-%m-%d}" for date in found["date"]) or "none"
            lines.append(f"  {prior:g} expected beforehand, {rows['number'].iloc[0]:.2f} after: {dates}")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Give the table."""
        return self.answers.copy()


def fit_changepoints(
    series: DailySeries,
    *,
    level: float = 0.95,
    date_level: float = 0.9,
    prior_changes: float | None = None,
    spike: float = 0.01,
    weekday: bool = True,
) -> ChangepointResult:
    """Find when the rate of a daily series changed, and by how much.

    The rate of deaths a day holds until it jumps to a new value; a change dated ``d`` means that the new rate holds
    from day ``d`` on. Counts given the rate are negative binomial with an unknown size that is integrated over, and
    a day may be a spike: an extreme single day that is no new rate. All probabilities are exact on the grid of rates
    and sizes. Days are taken as independent given the rate; where they are not, slow swings look like changes, and
    date sets and intervals are too narrow. The measured autocorrelation says so.

    Single changes are read from the posterior as follows. A level is lowered through it: days above the level form
    islands, and two islands that meet become one unless each has collected half a change by then. Two neighbours are
    joined as well when they are alternatives for one change rather than two changes: when, given that the less
    certain one holds a change, the other more probably holds none. Within an island the date set is the shortest
    window that holds `date_level` of that one change. It is listed if it holds a change with a probability of at
    least half that level, and only if the counts have raised the odds of that at least threefold over what the prior
    alone gives to a window of that length (a Bayes factor of 3): in a long, sparse record the prior fills wide
    windows without any evidence.

    The partitions beside it are an independent, simpler reading: stretches of constant mean on the observed days,
    penalty ``3 log n``, at least 7 days, neither the day of the week nor partial coverage nor spikes modelled.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day. Days that were not observed say nothing.
    level : float, optional
        Level of the intervals of ratios and rates.
    date_level : float, optional
        Level of the date sets.
    prior_changes : float, optional
        Expected number of changes before seeing the counts; one a year where it is not given.
    spike : float, optional
        Share of days expected to be spikes; 0 allows none.
    weekday : bool, optional
        Whether to allow for a day-of-week effect, estimated beforehand (at least 56 observed days, 50 deaths, and
        deaths on every weekday; otherwise none is used and a warning says so).

    Returns
    -------
    ChangepointResult
        Not estimable with fewer than 14 observed days or without any death: `number` then holds the reason and the
        frames are empty.

    Raises
    ------
    InputError
        If the series holds fractions, a level or `spike` does not lie between 0 and 1, or `prior_changes` is not
        above zero and below the number of days.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> counts = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 3 + [11, 14, 9, 12, 10, 13, 8, 15, 12, 11] * 3
    >>> result = fit_changepoints(DailySeries.from_counts(counts, "2019-04-01"))
    >>> row = result.changes.iloc[0]
    >>> str(row["date"].date()), round(row["ratio"])
    ('2019-05-01', 6)

    References
    ----------
    Fearnhead, P. (2006), Exact and efficient Bayesian inference for multiple changepoint problems, Statistics and
    Computing 16, 203-213.
    Kass, R. E. and Raftery, A. E. (1995), Bayes factors, Journal of the American Statistical Association 90, 773-795.
    Killick, R., Fearnhead, P. and Eckley, I. A. (2012), Optimal detection of changepoints with a linear
    computational cost, Journal of the American Statistical Association 107, 1590-1598.
    """
    counts = series.whole_counts()
    expected = len(counts) / 365.0 if prior_changes is None else float(prior_changes)
    _check_options(level, date_level, expected, spike, len(counts))
    seen = ~np.isnan(counts)
    dates = pd.DatetimeIndex(series.frame.index)
    basis = series.basis(
        "exact posterior of a rate that jumps, on a grid; negative-binomial counts with spike days",
        {
            "level": level,
            "date_level": date_level,
            "prior_changes": round(expected, 6),
            "spike": spike,
            "weekday": weekday,
        },
    )
    observed = pd.Series(counts, index=dates, name="deaths")
    if seen.sum() < _FEWEST_DAYS:
        return _without_numbers(basis, observed, expected, f"{seen.sum()} observed days are fewer than {_FEWEST_DAYS}")
    if not counts[seen].any():
        return _without_numbers(basis, observed, expected, "no deaths are recorded in the window")

    covered = np.where(seen, series.frame["exposure"].to_numpy(dtype=float), 1.0)
    ratios, why_not = _weekday_ratios(counts, dates, covered, seen) if weekday else (None, "")
    exposure = covered if ratios is None else covered * ratios[dates.day_of_week.to_numpy()]
    posterior = filter_rates(
        counts,
        rates=_rate_grid(counts[seen], exposure[seen]),
        sizes=_SIZES,
        jump_probability=expected / (len(counts) - 1),
        exposure=exposure,
        spike=spike,
    )
    tail = 0.5 * (1.0 - level)
    bands = posterior.quantiles([tail, 1.0 - tail])
    residuals = _residuals(posterior, counts, exposure)
    days, values = dates[seen], counts[seen]
    return ChangepointResult(
        basis=basis,
        probability=pd.Series(posterior.jump, index=dates, name="probability"),
        changes=_changes(posterior, dates, level, date_level),
        rate=pd.DataFrame({"mean": posterior.mean, "low": bands[:, 0], "high": bands[:, 1]}, index=dates),
        observed=observed,
        number=Estimate(float(posterior.jump.sum()), unit="changes"),
        prior_number=expected,
        autocorrelation=autocorrelation(residuals, level),
        weekday=pd.DataFrame(columns=["weekday", "ratio"])
        if ratios is None
        else pd.DataFrame({"weekday": WEEKDAYS, "ratio": ratios}),
        partition=_partition_table(optimal_partition(values, size=1.0), values, days),
        partition_profiled=_partition_table(profiled_partition(values), values, days),
        spike=pd.Series(np.where(seen, posterior.spike, np.nan), index=dates, name="spike"),
        warnings=(
            *dependence_warnings(residuals, level, "date sets and intervals"),
            *_warnings(values, why_not, posterior, dates, seen),
        ),
    )


def compare_priors(
    series: DailySeries, prior_changes: Sequence[float] = (0.5, 1, 2, 4), **options: Any
) -> PriorSensitivity:
    """Fit the change-point model under several priors on the number of changes.

    Parameters
    ----------
    series : DailySeries
        As in `fit_changepoints`.
    prior_changes : sequence of float, optional
        Expected numbers of changes over the whole window.
    **options
        Further arguments of `fit_changepoints`.

    Returns
    -------
    PriorSensitivity
        The changes found under each prior.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> counts = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 3 + [11, 14, 9, 12, 10, 13, 8, 15, 12, 11] * 3
    >>> compared = compare_priors(DailySeries.from_counts(counts, "2019-04-01"), (0.5, 4))
    >>> compared.answers[["prior_changes", "date"]]
       prior_changes       date
    0            0.5 2019-05-01
    1            4.0 2019-05-01
    """
    tables = []
    for prior in prior_changes:
        result = fit_changepoints(series, prior_changes=prior, **options)
        number = result.number.value if isinstance(result.number, Estimate) else math.nan
        found = result.changes if len(result.changes) else result.changes.reindex([0])
        tables.append(found.assign(prior_changes=float(prior), number=number))
    table = pd.concat(tables, ignore_index=True)[["prior_changes", "number", *_CHANGE_COLUMNS]]
    basis = series.basis(
        "change-point model under several priors on the number of changes",
        {"prior_changes": tuple(prior_changes), **options},
    )
    return PriorSensitivity(basis, table)


def _rate_grid(y: Floats, exposure: Floats) -> Floats:
    """Give rates from half a death in the whole window to above the highest days, 7 % apart or closer.

    Both ends scale with the exposure, so that the unit in which coverage is measured changes nothing.
    """
    low = 0.5 / exposure.sum()
    mean = y.sum() / exposure.sum()
    highest = y / exposure
    high = max(3.0 * float(np.quantile(highest, 0.995)), float(highest.max()), 10.0 * mean, 400.0 * low)
    points = max(120, math.ceil(math.log(high / low) / 0.07) + 1)
    return log_grid(low, high, points)


def _weekday_ratios(
    counts: Floats, dates: pd.DatetimeIndex, covered: Floats, seen: npt.NDArray[np.bool_]
) -> tuple[Floats | None, str]:
    """Give weekday ratios, or none and the reason."""
    y, day = counts[seen], dates.day_of_week.to_numpy()[seen]
    why_not = weekday_obstacle(y, day, _FEWEST_WEEKDAY_DAYS)
    if not why_not and y.sum() < _FEWEST_WEEKDAY_DEATHS:
        why_not = f"{y.sum():.0f} recorded deaths are fewer than {_FEWEST_WEEKDAY_DEATHS}"
    if why_not:
        return None, why_not
    return block_weekday_ratios(y, day, np.flatnonzero(seen), np.log(covered[seen])), ""


def _changes(posterior: RatePosterior, dates: pd.DatetimeIndex, level: float, date_level: float) -> pd.DataFrame:
    """Read single changes from the posterior."""
    step = math.log(posterior.rates[1] / posterior.rates[0])
    points = len(posterior.rates)
    lattice = step * np.arange(1 - points, points)
    tail = 0.5 * (1.0 - level)
    rows = []
    for first, last in _stretches(posterior):
        mass = posterior.jump[first : last + 1]
        low, high = _shortest_window(mass, date_level * min(1.0, float(mass.sum())))
        low, high = first + low, first + high
        probability = posterior.probability_of_change(low, high)
        still = math.exp((high + 1 - low) * math.log1p(-posterior.jump_probability))  # no change, beforehand
        evidence = probability * still / max((1.0 - probability) * (1.0 - still), 1e-300)
        if probability < date_level * _LEAST_MASS or evidence < _LEAST_EVIDENCE:
            continue
        joint = posterior.change_across(low, high)
        # The ratio is the same along a diagonal of the joint distribution of (before, after).
        after_minus_before = np.arange(points)[None, :] - np.arange(points)[:, None] + points - 1
        weights = np.bincount(after_minus_before.ravel(), joint.ravel(), minlength=2 * points - 1)
        ratio_low, ratio, ratio_high = np.exp(grid_quantiles(lattice, weights, [tail, 0.5, 1.0 - tail]))
        rows.append(
            (
                dates[low + int(np.argmax(posterior.jump[low : high + 1]))],
                dates[low],
                dates[high],
                ratio,
                ratio_low,
                ratio_high,
                float(joint.sum(axis=1) @ posterior.rates),
                float(joint.sum(axis=0) @ posterior.rates),
                probability,
            )
        )
    return _typed(pd.DataFrame(rows, columns=_CHANGE_COLUMNS))


def _stretches(posterior: RatePosterior) -> list[tuple[int, int]]:
    """Give the stretches of days that stand for one change each, first and last day of each."""
    stretches = _islands(posterior.jump)
    probability = [posterior.probability_of_change(*stretch) for stretch in stretches]
    while len(stretches) > 1:
        union = [posterior.probability_of_change(left[0], right[1]) for left, right in itertools.pairwise(stretches)]
        # P(the other holds a change | the less certain one does), for each pair of neighbours.
        company = [
            (a + b - both) / max(min(a, b), 1e-300)
            for a, b, both in zip(probability[:-1], probability[1:], union, strict=True)
        ]
        k = int(np.argmin(company))
        if company[k] >= 0.5:
            break
        stretches[k : k + 2] = [(stretches[k][0], stretches[k + 1][1])]
        probability[k : k + 2] = [union[k]]
    return stretches


def _islands(jump: Floats) -> list[tuple[int, int]]:
    """Lower a level through the posterior and keep apart the islands that have each collected half a change.

    Days come up in order of their probability and join the islands beside them. Two islands that meet become one
    unless both hold half a change by then. Day 0 cannot hold a change and belongs to no island.
    """
    n = len(jump)
    mass = jump.copy()  # at either end of an island: what the island holds
    other_end = np.arange(n)  # at either end of an island: its other end
    up = np.zeros(n + 1, dtype=bool)
    for day in 1 + np.argsort(-jump[1:], kind="stable"):
        up[day] = True
        beside = [side for side in (day - 1, day + 1) if up[side]]
        for side in sorted(beside, key=lambda side: -jump[side]):
            # By now the day's own island may reach beyond it, away from this side.
            mine = other_end[day]
            if min(mass[day], mass[side]) >= _LEAST_MASS:
                continue
            far = other_end[side]
            total = mass[day] + mass[side]
            other_end[mine], other_end[far] = far, mine
            mass[mine] = mass[far] = total
    islands = []
    first = 1
    while first < n:
        last = int(other_end[first])
        if mass[first] >= _LEAST_MASS:
            islands.append((first, last))
        first = last + 1
    return islands


def _shortest_window(mass: Floats, wanted: float) -> tuple[int, int]:
    """Give the shortest window that holds a wanted mass; of equally short ones the heaviest."""
    below = np.concatenate([[0.0], np.cumsum(mass)])
    starts = np.arange(len(mass))
    ends = np.searchsorted(below, below[:-1] + wanted * (1.0 - 1e-12), side="left")
    possible = ends <= len(mass)
    if not possible.any():
        return 0, len(mass) - 1
    starts, ends = starts[possible], ends[possible]
    lengths = ends - starts
    shortest = lengths == lengths.min()
    held = np.where(shortest, below[ends] - below[starts], -1.0)
    k = int(np.argmax(held))
    return int(starts[k]), int(ends[k]) - 1


def _residuals(posterior: RatePosterior, counts: Floats, exposure: Floats) -> Floats:
    """Give Pearson residuals around the smoothed rate, NaN on unobserved and on probable spike days."""
    mean = posterior.mean * exposure
    inverse_size = float(posterior.size_weights @ (1.0 / posterior.sizes))
    residuals = (counts - mean) / np.sqrt(mean + inverse_size * mean**2)
    kept: Floats = np.where(posterior.spike > 0.5, np.nan, residuals)
    return kept


def _partition_table(partition: Partition, values: Floats, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Give the cuts of the observed days as dates with the mean counts on either side."""
    means = segment_means(values, partition.cuts)
    rows = [(days[cut], means[k], means[k + 1]) for k, cut in enumerate(partition.cuts)]
    return _typed(pd.DataFrame(rows, columns=_PARTITION_COLUMNS))


def _warnings(
    values: Floats,
    why_not: str,
    posterior: RatePosterior,
    dates: pd.DatetimeIndex,
    seen: npt.NDArray[np.bool_],
) -> list[str]:
    texts = []
    if why_not:
        texts.append(f"No effect of the day of the week was used: {why_not}.")
    share = float(values.max()) / float(values.sum())
    if share >= 0.25:
        texts.append(f"One day holds {share:.0%} of all recorded deaths.")
    spikes = dates[seen & (posterior.spike > 0.5)]
    if len(spikes):
        listed = ", ".join(f"{day:%Y-%m-%d}" for day in spikes[:10])
        more = f" and {len(spikes) - 10} more" if len(spikes) > 10 else ""
        texts.append(f"Read as single extreme days, not as changes of the rate: {listed}{more}.")
    return texts


def _check_options(level: float, date_level: float, expected: float, spike: float, days: int) -> None:
    for name, value in (("level", level), ("date_level", date_level)):
        if not 0.0 < value < 1.0:
            raise InputError("must lie between 0 and 1", column=name, value=value)
    if not 0.0 <= spike < 1.0:
        raise InputError("must be at least 0 and below 1", column="spike", value=spike)
    if not 0.0 < expected < max(days - 1, 1):
        raise InputError(f"must be above 0 and below the {days} days", column="prior_changes", value=expected)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns of dates and numbers their types, which an empty frame does not have."""
    kinds = {name: "datetime64[us]" if name.startswith("date") else "float64" for name in frame.columns}
    return frame.astype(kinds)


def _without_numbers(basis: Basis, observed: pd.Series, expected: float, reason: str) -> ChangepointResult:
    days = pd.DatetimeIndex([], name="date")
    return ChangepointResult(
        basis=basis,
        probability=pd.Series([], index=days, name="probability", dtype=float),
        changes=_typed(pd.DataFrame(columns=_CHANGE_COLUMNS)),
        rate=pd.DataFrame(columns=["mean", "low", "high"], index=days, dtype=float),
        observed=observed,
        number=NotEstimable(reason),
        prior_number=expected,
        autocorrelation=NotEstimable(reason),
        weekday=pd.DataFrame(columns=["weekday", "ratio"]),
        partition=_typed(pd.DataFrame(columns=_PARTITION_COLUMNS)),
        partition_profiled=_typed(pd.DataFrame(columns=_PARTITION_COLUMNS)),
        spike=pd.Series([], index=days, name="spike", dtype=float),
        warnings=(),
    )
