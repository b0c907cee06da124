"""When did it change, and by how much? The exact posterior of a rate that jumps, and the single changes in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.draws import Draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.dependence import autocorrelation, dependence_warnings
from casualties.inference.partition import Partition, optimal_partition, profiled_partition, segment_means
from casualties.inference.pooling import mix
from casualties.inference.rate_filter import RatePosterior
from casualties.inference.rate_mixture import RateMixture
from casualties.inference.weekdays import WEEKDAYS, block_weekday_ratios, weekday_obstacle
from casualties.ledger import read_day
from casualties.models.change_dependence import (
    AnyChange,
    Dependent,
    any_change,
    dependent_windows,
    regions_of,
)
from casualties.models.change_model import ChangeModel
from casualties.models.changes import WIDTH, Step, Window, find_windows, step_across
from casualties.models.imprecision import Imprecision, drawn_counts, failure_of_draws, take_draws, vagueness_warnings
from casualties.models.known_dates import KnownDate, ask_known_date
from casualties.models.recording import RECORDING
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["ChangepointResult", "PriorSensitivity", "compare_priors", "fit_changepoints"]

Floats = npt.NDArray[np.float64]

_FEWEST_DAYS = 14
_FEWEST_WEEKDAY_DAYS = 56
_FEWEST_WEEKDAY_DEATHS = 50
_WEEK = 7
_FEWEST_COUNTED = 5
_WORTH_SAYING = 0.005
_CLEAR_SHARE = 0.1
_NO_DEATHS = "no deaths are recorded in the window"
_NOT_ESTABLISHED = (
    "No change is established where days may depend on each other: the changes that are listed may be slow swings."
)
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
    "date_dependent",
    "date_low_dependent",
    "date_high_dependent",
    "ratio_dependent",
    "ratio_low_dependent",
    "ratio_high_dependent",
    "probability_dependent",
    "quoted",
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
        holds at least one change). The same where days may depend on each other: ``date_dependent,
        date_low_dependent, date_high_dependent, ratio_dependent, ratio_low_dependent, ratio_high_dependent``, given
        that there is one change in the same direction between its neighbours, and ``probability_dependent`` (that
        these days hold at least one change, without that condition). ``quoted`` says which set to quote.
    rate : DataFrame
        Indexed by ``date``: ``mean, low, high`` of the rate on a mean weekday covered in full.
    observed : Series
        The counts that were fitted, indexed by ``date``.
    number : Estimate or NotEstimable
        Expected number of changes given the counts; it has no interval.
    prior_number : float
        The same before the counts.
    number_probabilities : DataFrame
        Indexed by ``changes`` (0, 1, 2, ...): the posterior probability of each number with ``independent`` and with
        ``dependent`` days; the last row holds all larger numbers too.
    any_change : AnyChange or NotEstimable
        Whether the rate changed at all: statistic, threshold and decision, with days that may depend on each other.
    autocorrelation : Estimate or NotEstimable
        Correlation, one day apart, of the Pearson residuals around the rate, probable spike days left out.
    share : float
        Posterior mean of the share that the days before have in a day's mean, where it may be above 0; NaN where it was
        not estimable.
    quoted : str
        "independent" or "dependent": the date sets and ratios to quote. Those of dependent days where `share` is above
        a tenth, or the residuals correlate one day apart or over a week.
    probability_dependent : Series
        As `probability`, where days may depend on each other.
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
    imprecision : Imprecision or None
        What draws of dates and numbers add, where they were pooled.
    """

    basis: Basis
    probability: pd.Series
    changes: pd.DataFrame
    rate: pd.DataFrame
    observed: pd.Series
    number: Estimate | NotEstimable
    prior_number: float
    number_probabilities: pd.DataFrame
    any_change: AnyChange | NotEstimable
    autocorrelation: Estimate | NotEstimable
    share: float
    quoted: str
    probability_dependent: pd.Series
    weekday: pd.DataFrame
    partition: pd.DataFrame
    partition_profiled: pd.DataFrame
    spike: pd.Series
    warnings: tuple[str, ...]
    imprecision: Imprecision | None = None
    _model: ChangeModel | None = field(default=None, repr=False)

    def change_at(self, date: str | pd.Timestamp, window: int = 0) -> KnownDate:
        """Ask whether the rate changed on a day that is known beforehand, such as the first of a ceasefire.

        Parameters
        ----------
        date : str or Timestamp
            The first day of the new rate.
        window : int, optional
            By how many days a change may come earlier or later and still count.

        Returns
        -------
        KnownDate
            Probability of a change on these days and the ratio across them, integrated over all else that may have
            happened on other days, with independent days and with days that may depend on each other. The ratio is
            given that there was a change.

        Raises
        ------
        InputError
            If the day is the first of the series or lies outside it, or the window is negative.
        """
        reason = self.number if isinstance(self.number, NotEstimable) else None
        days = pd.DatetimeIndex(self.observed.index)
        return ask_known_date(self._model, self.basis, days, date, window, self.quoted, self.warnings, reason)

    def quoted_changes(self) -> pd.DataFrame:
        """Give date, date set and ratio of each change as they are to be quoted.

        Returns
        -------
        DataFrame
            ``date, date_low, date_high, ratio, ratio_low, ratio_high, probability``: those of dependent days where
            `quoted` says so.
        """
        names = ["date", "date_low", "date_high", "ratio", "ratio_low", "ratio_high", "probability"]
        ending = "_dependent" if self.quoted == "dependent" else ""
        chosen = self.changes[[f"{name}{ending}" for name in names]]
        return chosen.set_axis(names, axis=1)

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

        Raises
        ------
        InputError
            If one is not a day.
        """
        first, last = read_day(start, "start"), read_day(end, "end")
        if isinstance(self.number, NotEstimable):
            return math.nan
        return float(self.probability.loc[first:last].sum())

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Changes in {self.basis.label}", *self.basis.lines()[1:], ""]
        if isinstance(self.number, NotEstimable):
            return "\n".join([*lines, f"Changes: {self.number}"])
        lines.append(f"Expected number of changes: {self.number.value:.2f} (before the data: {self.prior_number:.2f})")
        if isinstance(self.any_change, AnyChange):
            lines.append(f"{self.any_change.decision}.")
        lines.append(f"Number of changes: {_numbers_text(self.number_probabilities)}")
        lines.append(f"Date sets and ratios to quote: those of {self.quoted} days")
        for row in self.changes.itertuples():
            lines.append(
                f"  {row.date:%Y-%m-%d} ({row.date_low:%Y-%m-%d} to {row.date_high:%Y-%m-%d}): "
                f"{row.rate_before:.2f} to {row.rate_after:.2f} a day, ratio {row.ratio:.2f} "
                f"({row.ratio_low:.2f} to {row.ratio_high:.2f}), in these days with probability {row.probability:.2f}"
            )
            lines.append(
                f"    if days depend on each other: {row.date_low_dependent:%Y-%m-%d} to "
                f"{row.date_high_dependent:%Y-%m-%d}, ratio {row.ratio_dependent:.2f} "
                f"({row.ratio_low_dependent:.2f} to {row.ratio_high_dependent:.2f}), "
                f"with probability {row.probability_dependent:.2f}"
            )
        lines.append("  no change is more probable than not" if self.changes.empty else f"  {WIDTH}")
        for name, cut in (("size 1", self.partition), ("size profiled", self.partition_profiled)):
            dates = ", ".join(f"{date:%Y-%m-%d}" for date in cut["date"]) or "no cut"
            lines.append(f"Partition, {name}: {dates}")
        if isinstance(self.autocorrelation, Estimate):
            found = self.autocorrelation
            lines.append(f"Autocorrelation: {found.value:+.2f} ({found.low:+.2f} to {found.high:+.2f})")
        else:
            lines.append(f"Autocorrelation: {self.autocorrelation}")
        lines.append(f"Share of the days before in a day's mean, where they may have one: {self.share:.2f}")
        if self.imprecision:
            lines.extend(self.imprecision.lines())
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
    reason : str
        Why no prior has an answer, where none has.
    """

    basis: Basis
    answers: pd.DataFrame
    reason: str = ""

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Effect of the prior on changes in {self.basis.label}", *self.basis.lines()[1:], ""]
        for prior, rows in self.answers.groupby("prior_changes", sort=False):
            found = rows.dropna(subset=["date"])
            dates = ", ".join(f"{date:%Y-%m-%d}" for date in found["date"]) or "none"
            number = rows["number"].iloc[0]
            told = f"not estimable: {self.reason}" if pd.isna(number) else f"{number:.2f} after: {dates}"
            lines.append(f"  {prior:g} expected beforehand, {told}")
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
    draws: int | Draws | None = None,
    seed: int | None = None,
) -> ChangepointResult:
    """Find when the rate of a daily series changed, and by how much.

    The rate of deaths a day holds until it jumps to a new value; a change dated ``d`` means that the new rate holds
    from day ``d`` on. Counts given the rate are negative binomial with an unknown size that is integrated over, and
    a day may be a spike: an extreme single day that is no new rate. All probabilities are exact on the grid of rates
    and sizes. Days are taken as independent given the rate; where they are not, slow swings look like changes, and
    date sets and intervals are too narrow.

    So the same model is fitted again with a feed: the days before pull the mean of a day, with a share between none and
    three quarters that is integrated over. In it a change is one of the level to which the days return. For each change
    found it gives a second date set and ratio, from the exact posterior of the only change between the neighbouring
    ones. `quoted` says which of the two to quote: the second where the posterior share is above a tenth or the
    residuals correlate. The decision whether the rate changed at all (`any_change`) rests on this model too.

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

    With `draws` the posterior is computed for each of the series that the record allows (`DailySeries.draws`), and
    everything is read from the equal mixture of these posteriors in the same way as from one: daily probabilities, date
    sets, probabilities of windows, ratios, rates, spikes, the number of changes. A ratio's posterior is skew, so its
    interval is that of the mixture and not Rubin's, whose lambda still says how much of the variance of its logarithm
    is due to the data. Weekday ratios are the mean of the draws', the autocorrelation is pooled by Rubin's rules on
    Fisher's scale, and the partitions stay those of the series as recorded.

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
    draws : int or Draws, optional
        Over how many draws of dates and numbers to pool, or the draws themselves; none where it is not given.
    seed : int, optional
        The seed of the draws, where their number is given.

    Returns
    -------
    ChangepointResult
        Not estimable with fewer than 14 observed days or without any death: `number` then holds the reason and the
        frames are empty. With draws, also where more than one draw in twenty has no death.

    Raises
    ------
    InputError
        If the series holds fractions, a level or `spike` does not lie between 0 and 1, `prior_changes` is not
        above zero and below the number of days, or the draws cannot be used
        (`casualties.models.imprecision.take_draws`).

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
    taken = take_draws(series, draws, seed)
    seen = ~np.isnan(counts)
    dates = pd.DatetimeIndex(series.frame.index)
    method = "exact posterior of a rate that jumps, on a grid; negative-binomial counts with spike days"
    settings: dict[str, Any] = {
        "level": level,
        "date_level": date_level,
        "prior_changes": round(expected, 6),
        "spike": spike,
        "weekday": weekday,
    }
    if taken:
        method, settings = f"{method}; mixture of the posteriors of draws", {**settings, "draws": len(taken)}
    basis = series.basis(method, settings, seed=taken.seed if taken else None)
    observed = pd.Series(counts, index=dates, name="deaths")
    if seen.sum() < _FEWEST_DAYS:
        return _without_numbers(basis, observed, expected, f"{seen.sum()} observed days are fewer than {_FEWEST_DAYS}")
    if not counts[seen].any():
        return _without_numbers(basis, observed, expected, _NO_DEATHS)

    covered = np.where(seen, series.frame["exposure"].to_numpy(dtype=float), 1.0)
    table = counts[None, :]
    failed: list[str] = []
    if taken:
        table = drawn_counts(taken)
        with_deaths = np.nansum(table, axis=1) > 0
        table, failed = table[with_deaths], [_NO_DEATHS] * int((~with_deaths).sum())
        failure = failure_of_draws(failed, len(taken))
        if failure:
            return _without_numbers(basis, observed, expected, failure)
    rhythms = [_weekday_ratios(row, dates, covered, seen) if weekday else (None, "") for row in table]
    exposures = np.array([_exposure(covered, ratios, dates) for ratios, _ in rhythms])
    model = ChangeModel.of(table, exposures, expected, spike)
    posterior = model.independent()
    tail = 0.5 * (1.0 - level)
    bands = posterior.quantiles([tail, 1.0 - tail])
    residuals = np.array([_residuals(*each) for each in zip(posterior.parts, table, exposures, strict=True)])
    windows = find_windows(posterior, date_level)
    steps = [step_across(posterior, window, level) for window in windows]
    fed = _Fed.of(model, windows, steps, posterior, date_level, level)
    near, week = autocorrelation(residuals, level), autocorrelation(residuals, level, lags=_WEEK)
    quoted = _quoted(near, week, fed.share)
    days, values = dates[seen], counts[seen]
    changes = _change_table(windows, steps, fed.changes, dates, quoted)
    numbers = posterior.number_probabilities(len(fed.numbers) - 1)
    deaths = float(np.nansum(table)) / len(table)
    decision = any_change(fed.numbers, model.jump_probability, len(counts), int(seen.sum()), deaths)
    imprecision = None
    if taken:
        recorded = fit_changepoints(
            series, level=level, date_level=date_level, prior_changes=prior_changes, spike=spike, weekday=weekday
        )
        rows = _imprecise_rows(changes, windows, steps, posterior, recorded.changes, date_level)
        imprecision = Imprecision.of(taken, series, len(failed), rows)
    return ChangepointResult(
        basis=basis,
        probability=pd.Series(posterior.jump, index=dates, name="probability"),
        changes=changes,
        rate=pd.DataFrame({"mean": posterior.mean, "low": bands[:, 0], "high": bands[:, 1]}, index=dates),
        observed=observed,
        number=Estimate(float(posterior.jump.sum()), unit="changes"),
        prior_number=expected,
        number_probabilities=pd.DataFrame(
            {"independent": numbers, "dependent": fed.numbers}, index=pd.RangeIndex(len(numbers), name="changes")
        ),
        any_change=decision,
        autocorrelation=near,
        share=fed.share,
        quoted=quoted,
        probability_dependent=pd.Series(fed.jump, index=dates, name="probability"),
        weekday=_weekday_table([ratios for ratios, _ in rhythms]),
        partition=_partition_table(optimal_partition(values, size=1.0), values, days),
        partition_profiled=_partition_table(profiled_partition(values), values, days),
        spike=pd.Series(np.where(seen, posterior.spike, np.nan), index=dates, name="spike"),
        warnings=(
            *dependence_warnings(residuals, level, "date sets and intervals"),
            *_quoted_warnings(quoted, fed.share),
            *([_NOT_ESTABLISHED] if windows and not decision.found else []),
            *_lone_days(changes, days),
            *_warnings(values, [why_not for _, why_not in rhythms if why_not], len(table), posterior, dates, seen),
            *(vagueness_warnings(series, "date sets and intervals") if taken else []),
            RECORDING,
        ),
        imprecision=imprecision,
        _model=model,
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
    tables, reason = [], ""
    for prior in prior_changes:
        result = fit_changepoints(series, prior_changes=prior, **options)
        number = result.number.value if isinstance(result.number, Estimate) else math.nan
        reason = result.number.reason if isinstance(result.number, NotEstimable) else ""
        found = result.changes if len(result.changes) else result.changes.reindex([0])
        tables.append(found.assign(prior_changes=float(prior), number=number))
    table = pd.concat(tables, ignore_index=True)[["prior_changes", "number", *_CHANGE_COLUMNS]]
    basis = series.basis(
        "change-point model under several priors on the number of changes",
        {"prior_changes": tuple(prior_changes), **options},
    )
    return PriorSensitivity(basis, table, reason)


@dataclass(frozen=True, slots=True, eq=False)
class _Fed:
    """What the model with days that may depend on each other says, pooled over draws."""

    changes: list[Dependent]
    jump: Floats
    numbers: Floats
    share: float

    @classmethod
    def of(
        cls,
        model: ChangeModel,
        windows: Sequence[Window],
        steps: Sequence[Step],
        posterior: RateMixture,
        date_level: float,
        level: float,
    ) -> _Fed:
        days = model.counts.shape[1]
        # A rise is asked for where a rise was found, a fall where a fall was.
        regions = [
            (*region, 1 if step.ratio > 1.0 else -1)
            for region, step in zip(regions_of(windows, days), steps, strict=True)
        ]
        expected = max(float(posterior.jump.sum()), model.jump_probability * days)
        # So many that hardly any probability lies beyond.
        most = min(max(_FEWEST_COUNTED, math.ceil(expected + 3.0 * math.sqrt(expected) + 1.0)), days)
        singles, jumps, numbers, shares = [], [], [], []
        # One posterior is kept and asked twice; those of many draws are too large to be kept.
        kept = list(model.dependent()) if len(model.counts) == 1 else None
        for part in kept or model.dependent():
            singles.append([part.single_change(*region) for region in regions])
            jumps.append(part.jump)
            numbers.append(part.number_probabilities(most))
            shares.append(part.share)
        changes = dependent_windows(singles, regions, model.rates, date_level, level)
        held = np.zeros(len(changes))
        for part in (kept or model.dependent()) if changes else ():
            held += [part.probability_of_change(each.window.first, each.window.last) for each in changes]
        changes = [each.with_probability(float(p)) for each, p in zip(changes, held / len(model.counts), strict=True)]
        return cls(changes, mix(np.clip(jumps, 0.0, 1.0)), np.mean(numbers, axis=0), float(np.mean(shares)))


def _quoted(near: Estimate | NotEstimable, week: Estimate | NotEstimable, share: float) -> str:
    """Say which date sets to quote: those of dependent days where the days clearly depend on each other."""
    clear = any(isinstance(found, Estimate) and found.low > 0.0 for found in (near, week))
    return "dependent" if clear or share > _CLEAR_SHARE else "independent"


def _quoted_warnings(quoted: str, share: float) -> list[str]:
    if quoted == "independent":
        return []
    return [
        f"The days may depend on each other (share of the days before in a day's mean {share:.2f}): the date sets and "
        "ratios to quote are those of dependent days."
    ]


def _numbers_text(numbers: pd.DataFrame) -> str:
    """Write the probable numbers of changes, of independent and of dependent days."""
    texts = []
    for name, column in numbers.items():
        likely = [f"{k} {p:.2f}" for k, p in zip(numbers.index, column, strict=True) if p >= _WORTH_SAYING]
        texts.append(f"{', '.join(likely)} ({name} days)")
    return "; ".join(texts)


def _exposure(covered: Floats, ratios: Floats | None, dates: pd.DatetimeIndex) -> Floats:
    """Give what multiplies the rate on each day."""
    return covered if ratios is None else covered * ratios[dates.day_of_week.to_numpy()]


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


def _weekday_table(ratios: Sequence[Floats | None]) -> pd.DataFrame:
    """Give the weekday ratios as used, on average over the draws; a draw without them counts with 1."""
    if all(each is None for each in ratios):
        return pd.DataFrame(columns=["weekday", "ratio"])
    used = np.mean([np.ones(len(WEEKDAYS)) if each is None else each for each in ratios], axis=0)
    return pd.DataFrame({"weekday": WEEKDAYS, "ratio": used})


def _change_table(
    windows: Sequence[Window],
    steps: Sequence[Step],
    dependent: Sequence[Dependent],
    dates: pd.DatetimeIndex,
    quoted: str,
) -> pd.DataFrame:
    """Give the changes found as a table."""
    rows = [
        (
            *(dates[window.day], dates[window.first], dates[window.last]),
            *(step.ratio, step.low, step.high, step.before, step.after),
            window.probability,
            *(dates[other.window.day], dates[other.window.first], dates[other.window.last]),
            *(other.step.ratio, other.step.low, other.step.high),
            other.window.probability,
            quoted,
        )
        for window, step, other in zip(windows, steps, dependent, strict=True)
    ]
    return _typed(pd.DataFrame(rows, columns=_CHANGE_COLUMNS))


def _imprecise_rows(
    changes: pd.DataFrame,
    windows: Sequence[Window],
    steps: Sequence[Step],
    posterior: RateMixture,
    recorded: pd.DataFrame,
    date_level: float,
) -> list[tuple[str | float, ...]]:
    """Give the rows of `Imprecision.table`: the date set and the ratio of each change.

    A draw, or the series as recorded, has the change where one of its own date sets shares a day with the pooled one;
    of several the one that shares most.
    """
    each = [find_windows(RateMixture((part,)), date_level) for part in posterior.parts]
    rows: list[tuple[str | float, ...]] = []
    for window, step, change in zip(windows, steps, changes.itertuples(), strict=True):
        own = [max(found, key=window.shared_days) for found in each if any(map(window.shared_days, found))]
        share = len(own) / len(each)
        width = float(np.mean([match.days for match in own])) if own else math.nan
        same = recorded[(recorded["date_low"] <= change.date_high) & (recorded["date_high"] >= change.date_low)]
        ratio = float(same["ratio"].iloc[0]) if len(same) else math.nan
        days = float((same["date_high"] - same["date_low"]).dt.days.iloc[0] + 1) if len(same) else math.nan
        name = f"change of {change.date:%Y-%m-%d}"
        rows.append((f"date set, {name}", window.days, days, window.days, width, math.nan, share, "days"))
        log_width = math.log(step.high / step.low)
        numbers = (step.ratio, ratio, log_width, step.width_of_one, step.imprecision)
        rows.append((f"ratio, {name}", *numbers, share, "of the log ratio"))
    return rows


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


def _lone_days(changes: pd.DataFrame, days: pd.DatetimeIndex) -> list[str]:
    """Warn of a level that one observed day alone has: a day too extreme for the law of spikes is read as changes."""
    edges = np.r_[0, days.searchsorted(pd.DatetimeIndex(changes["date"])), len(days)]
    lone = days[edges[:-1][np.diff(edges) == 1]]
    if lone.empty:
        return []
    listed = ", ".join(f"{day:%Y-%m-%d}" for day in lone)
    return [f"A level of one day alone is an extreme day, not a new rate: {listed}."]


def _warnings(
    values: Floats,
    why_not: Sequence[str],
    number: int,
    posterior: RateMixture,
    dates: pd.DatetimeIndex,
    seen: npt.NDArray[np.bool_],
) -> list[str]:
    texts = []
    if why_not:
        where = f" in {len(why_not)} of {number} draws" if number > 1 else ""
        texts.append(f"No effect of the day of the week was used{where}: {why_not[0]}.")
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
    kinds = {
        name: "datetime64[us]" if name.startswith("date") else "str" if name == "quoted" else "float64"
        for name in frame.columns
    }
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
        number_probabilities=pd.DataFrame(
            columns=["independent", "dependent"], index=pd.RangeIndex(0, name="changes"), dtype=float
        ),
        any_change=NotEstimable(reason),
        autocorrelation=NotEstimable(reason),
        share=math.nan,
        quoted="independent",
        probability_dependent=pd.Series([], index=days, name="probability", dtype=float),
        weekday=pd.DataFrame(columns=["weekday", "ratio"]),
        partition=_typed(pd.DataFrame(columns=_PARTITION_COLUMNS)),
        partition_profiled=_typed(pd.DataFrame(columns=_PARTITION_COLUMNS)),
        spike=pd.Series([], index=days, name="spike", dtype=float),
        warnings=(),
    )
