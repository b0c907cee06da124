"""How unusual is today? Each day's count against the days before it, and a sum that finds a rise that lasts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.draws import Draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.alarm_rules import ears_bounds, exceeds_previous_month, highest_month_of_a_year
from casualties.inference.cusum import log_ratios, reference_of, running_sum, threshold
from casualties.inference.day_ahead import DayAhead, fit_days_ahead, pooled_bound
from casualties.inference.latent_ar import weekday_design, weekday_precision
from casualties.models.imprecision import Imprecision, drawn_counts, failure_of_draws, take_draws, vagueness_warnings
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["AlarmResult", "fit_alarms"]

Floats = npt.NDArray[np.float64]

_FEWEST_DAYS = 28
_MOST_DAYS = 365
_CHUNK = 64
_BLOCK, _GUARD = 7, 14
_PATHS, _PATH_SEED = 300, 1
_CEILING, _OVER = 2.0, 0.5
_RARE = 0.2
_HALF = 0.5
_NUMBERS = ["count", "expected", "low", "high", "bound", "tail", "cusum"]
_PEERS = {
    "ears_c1": "EARS C1",
    "ears_c2": "EARS C2",
    "ears_c3": "EARS C3",
    "trendfinder": "ACLED Trendfinder's +25 %",
    "hdx_signals": "HDX Signals' highest 30 days in a year",
}


@dataclass(frozen=True, slots=True, eq=False)
class AlarmResult(Result):
    """How unusual each of the last days is, and whether a rise lasts.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    tail : Estimate or NotEstimable
        Probability, given the days before, of as many deaths as were recorded on the last day or more.
    days : DataFrame
        Indexed by ``date``: ``count``; ``expected``, ``low``, ``high`` (mean and central interval of the count, given
        the days before); ``bound`` (the smallest count that raises an alarm); ``tail``; ``alarm`` (tail below the
        rate); ``cusum`` (sum for a lasting rise, as a share of its threshold); ``sustained`` (from the day the sum
        reaches its threshold until it is below half of it); and the rules of others: ``ears_c1, ears_c2, ears_c3,
        trendfinder, hdx_signals``. NaN and NA where a day cannot be judged.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    imprecision : Imprecision or None
        What was drawn, where draws of dates and numbers were pooled.
    """

    basis: Basis
    tail: Estimate | NotEstimable
    days: pd.DataFrame
    warnings: tuple[str, ...]
    imprecision: Imprecision | None = None

    @property
    def last(self) -> str:
        """What is to be said of the last day, in two sentences."""
        day, date = self.days.iloc[-1], f"{self.days.index[-1]:%Y-%m-%d}"
        if isinstance(self.tail, NotEstimable):
            return f"{date}: {self.tail}."
        verdict = "an alarm" if day["alarm"] else "no alarm"
        text = (
            f"On {date}, {day['count']:.0f} deaths were recorded where {day['expected']:.1f} were expected; as many or "
            f"more had a probability of {_chance(self.tail.value)}: {verdict} at "
            f"{_chance(self.basis.settings['rate'])}."
        )
        if pd.isna(day["sustained"]):
            return text
        state = "A rise lasts" if day["sustained"] else "No lasting rise"
        return f"{text} {state}: the sum stands at {day['cusum']:.0%} of its threshold."

    def sustained_periods(self) -> pd.DataFrame:
        """Give the periods of a lasting rise: ``begun``, ``first``, ``last``.

        The rise is taken to have begun on the day after the sum was lowest since the period before; one that lasts on
        the first day judged has no known beginning (NaT).
        """
        on = self.days["sustained"].fillna(False).to_numpy(dtype=bool)
        cusum = self.days["cusum"].to_numpy()
        edges = np.flatnonzero(np.diff(np.r_[0, on.astype(int), 0]))
        rows, over = [], 0
        for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            before = np.nan_to_num(cusum[over:first], nan=np.inf)[::-1]
            begun = self.days.index[first - int(before.argmin())] if len(before) else pd.NaT
            rows.append((begun, self.days.index[first], self.days.index[after - 1]))
            over = after
        return pd.DataFrame(rows, columns=["begun", "first", "last"]).astype("datetime64[us]")

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Alarms for {self.basis.label}", *self.basis.lines()[1:], "", self.last]
        judged = int(self.days["tail"].notna().sum())
        if judged:
            alarms = pd.DatetimeIndex(self.days.index)[self.days["alarm"].fillna(False).to_numpy(dtype=bool)]
            lines.append(f"Alarms: {len(alarms)} on {judged} days judged{_listed(alarms)}")
            periods = self.sustained_periods()
            for row in periods.to_dict("records"):
                begun = "before" if pd.isna(row["begun"]) else f"about {row['begun']:%Y-%m-%d}"
                lines.append(f"Lasting rise: from {row['first']:%Y-%m-%d} (begun {begun}) to {row['last']:%Y-%m-%d}")
            if periods.empty:
                lines.append("Lasting rise: none")
        lines.append("Rules of others on the same days:")
        for name, words in _PEERS.items():
            told = self.days[name].dropna()
            lines.append(f"  {words}: {int(told.sum())} alarms on {len(told)} days judged")
        if self.imprecision:
            lines.extend(self.imprecision.lines())
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the days, one row each."""
        return self.days.copy()


def fit_alarms(
    series: DailySeries,
    *,
    window: int = 90,
    rate: float = 1 / 1000,
    level: float = 0.95,
    days: int | None = None,
    rise: float = 2.0,
    run_length: float = 365.0,
    draws: int | Draws | None = None,
    seed: int | None = None,
) -> AlarmResult:
    """Say how unusual each of the last days is, given the days before it, and whether a rise lasts.

    *A day.* The counts of the `window` days before it are fitted by negative-binomial regression on the day of the week
    with a hidden AR(1) process (`casualties.inference.latent_ar`); level, weekdays, scatter and persistence are
    integrated over. Days that are probably mass-casualty days say nothing to the fit
    (`casualties.inference.day_ahead.probable_spikes`), so that one of them does not hide the next. `tail` is the
    probability of the day's count or more. It includes the day's count, so that false alarms can only be rarer than
    `rate` for being counts. An alarm on a mass-casualty day is no false one: it says that the day is none of those
    before it, not that the level has changed.

    *A lasting rise.* A CUSUM adds up the log likelihood ratios of a level `rise` times that of before, where before
    means the `window` days that ended 14 days before the day's Monday, so that a rise does not become its own
    yardstick. A day counts with at most three standard deviations. The threshold is the one that paths drawn from the
    fit to those days, going on at their level, exceed as seldom as once in `run_length` days: it includes what is not
    known of the level and how much days depend on each other.

    *The rules of others* (`casualties.inference.alarm_rules`) stand beside it: EARS C1, C2, C3 at the same nominal
    rate, that of ACLED's Trendfinder, and that of HDX Signals.

    With `draws` each series that the record allows is judged, and `tail`, `expected`, the bounds and the sum are those
    of the equal mixture; the rules of others see the series as recorded.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day. Days that were not observed say nothing and are not judged.
    window : int, optional
        Days before each day that it is compared with; 28 of them must be observed.
    rate : float, optional
        Nominal chance of a false alarm on a day.
    level : float, optional
        Level of the interval of a day's count.
    days : int, optional
        How many of the last days to judge; the last 365 where it is not given.
    rise : float, optional
        The rise that the CUSUM looks for; it finds larger ones sooner.
    run_length : float, optional
        Days between false alarms of the CUSUM.
    draws : int or Draws, optional
        Over how many draws of dates and numbers to pool, or the draws themselves; none where it is not given.
    seed : int, optional
        The seed of the draws, where their number is given.

    Returns
    -------
    AlarmResult
        `tail` is not estimable where the last day was not observed, fewer than 28 of the days before it were, or no
        death is recorded on them but on mass-casualty days; the frame then holds what can be said of other days.

    Raises
    ------
    InputError
        If the series holds fractions, a number lies outside of what it means, or the draws cannot be used
        (`casualties.models.imprecision.take_draws`).

    References
    ----------
    Page, E. S. (1954), Continuous inspection schemes, Biometrika 41, 100-115.
    Gandy, A. and Kvaløy, J. T. (2013), Guaranteed conditional performance of control charts via bootstrap methods,
    Scandinavian Journal of Statistics 40, 647-668.
    Salmon, M., Schumacher, D. and Höhle, M. (2016), Monitoring count time series in R: aberration detection in public
    health surveillance, Journal of Statistical Software 70 (10).

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> result = fit_alarms(DailySeries.from_counts([2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 6 + [14], "2019-04-01"), days=3)
    >>> result.days["alarm"].tolist()
    [False, False, True]
    """
    _check_options(window, rate, level, days, rise, run_length)
    counts = series.whole_counts()
    taken = take_draws(series, draws, seed)
    method = "tail of a one-step prediction by counts with a hidden AR(1) process; negative-binomial CUSUM"
    settings: dict[str, Any] = {"window": window, "rate": rate, "level": level, "rise": rise, "run_length": run_length}
    settings |= {"paths": _PATHS, "path_seed": _PATH_SEED}
    if taken:
        method, settings = f"{method}; mixture over draws", {**settings, "draws": len(taken)}
    basis = series.basis(method, settings, seed=taken.seed if taken else None)

    dates = pd.DatetimeIndex(series.frame.index)
    seen = ~np.isnan(counts)
    offset = np.log(np.where(seen, series.frame["exposure"].to_numpy(dtype=float), 1.0))
    table = drawn_counts(taken) if taken else counts[None, :]
    number = min(_MOST_DAYS if days is None else days, len(counts))
    judged = np.arange(len(counts) - number, len(counts))
    job = _Job(table, weekday_design(dates, trend=False), offset, dates, window)
    frame = pd.DataFrame(np.nan, index=dates[judged], columns=_NUMBERS).rename_axis("date")
    frame["count"] = counts[judged]
    sums = _sums(job, judged, rise, run_length)
    frame["cusum"] = sums[judged]
    reasons, spikes = _judge(job, judged, rate, level, frame)
    frame["alarm"] = _known(np.where(np.isnan(frame["tail"]), np.nan, frame["tail"] < rate))
    frame["sustained"] = _known(_sustained(sums)[judged])
    for name, rule in _peer_rules(counts, rate).items():
        frame[name] = _known(rule[judged])
    columns = ["count", "expected", "low", "high", "bound", "tail", "alarm", "cusum", "sustained", *_PEERS]
    last = reasons[-1]
    return AlarmResult(
        basis=basis,
        tail=NotEstimable(last) if last else Estimate(float(frame["tail"].iloc[-1]), unit="probability"),
        days=frame[columns],
        warnings=(
            *_warnings(counts, judged, reasons, spikes, dates, window),
            *(vagueness_warnings(series, "the intervals") if taken else ()),
        ),
        imprecision=Imprecision.of(taken, series, 0, []) if taken else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """The counts of each draw (or of the series as recorded), and what they are fitted with."""

    table: Floats  # (m, days)
    design: Floats  # (days, p)
    offset: Floats  # (days,)
    dates: pd.DatetimeIndex
    window: int

    def predict(self, counts: Floats, days: Sequence[int]) -> list[DayAhead | str]:
        """Fit the days before each of several days."""
        return fit_days_ahead(
            counts,
            self.design,
            self.offset,
            days,
            window=self.window,
            fewest=_FEWEST_DAYS,
            prior_precision=weekday_precision(trend=False),
        )


def _judge(
    job: _Job, judged: npt.NDArray[np.intp], rate: float, level: float, frame: pd.DataFrame
) -> tuple[list[str], set[int]]:
    """Fill in predictions and tails; give why each day has none, and the days left out as mass-casualty days."""
    reasons: list[str] = []
    spikes: set[int] = set()
    beyond = 0.5 - level / 2.0
    rows = np.full((len(judged), 5), np.nan)
    low, high, bound = 1.0, 1.0, 1.0
    for first in range(0, len(judged), _CHUNK):
        part = judged[first : first + _CHUNK].tolist()
        fits = [job.predict(counts, part) for counts in job.table]
        for place, day in enumerate(part):
            answers = [each[place] for each in fits]
            good = [(answer, job.table[m, day]) for m, answer in enumerate(answers) if isinstance(answer, DayAhead)]
            bad = [answer for answer in answers if isinstance(answer, str)]
            failure = failure_of_draws(bad, len(answers)) if len(answers) > 1 else "".join(bad)
            if np.isnan(job.table[0, day]):
                failure = "the day was not observed"
            reasons.append(failure)
            if failure:
                continue
            ahead = [answer for answer, _ in good]
            spikes.update(int(spike) for answer in ahead for spike in answer.spikes)
            low = pooled_bound(ahead, 1.0 - beyond, low)
            high = pooled_bound(ahead, beyond, high)
            bound = pooled_bound(ahead, rate, bound)
            rows[first + place] = (
                math.fsum(answer.mean for answer in ahead) / len(ahead),
                low - 1.0,
                high - 1.0,
                bound,
                math.fsum(answer.at_least(count) for answer, count in good) / len(good),
            )
    frame[["expected", "low", "high", "bound", "tail"]] = rows
    return reasons, spikes


def _sums(job: _Job, judged: npt.NDArray[np.intp], rise: float, run_length: float) -> Floats:
    """Give the sum for a lasting rise of all days as a share of its threshold, the mean over draws.

    NaN on days without a reference, and on those that lie far before the days judged.
    """
    last = int(judged[-1])
    # The sum has a past, so that it hardly matters how many days are judged; its weeks are those of the calendar.
    first = max(int(judged[0]) - job.window, 0)
    first -= min(int(job.dates[first].day_of_week), first)
    blocks = [first, *(day for day in range(first + 1, last + 1) if job.dates[day].day_of_week == 0)]
    blocks = [block for block in blocks if block > _GUARD]
    shares = np.full((len(job.table), last + 1), np.nan)
    for draw, counts in enumerate(job.table):
        ratios, limits = np.zeros(last + 1), np.full(last + 1, np.nan)
        fits = job.predict(counts, [block - _GUARD for block in blocks])
        for block, after, fit in zip(blocks, [*blocks, last + 1][1:], fits, strict=True):
            if not isinstance(fit, DayAhead):
                continue
            days = slice(block, after)
            limits[days] = threshold(
                fit.posterior,
                weekday_design(pd.date_range(job.dates[block - _GUARD], periods=job.window), trend=False),
                np.zeros(job.window),
                rise=rise,
                run_length=run_length,
                paths=_PATHS,
                rng=np.random.default_rng(_PATH_SEED),
            )
            reference = reference_of(fit.posterior, job.design[days], job.offset[days])
            ratios[days] = log_ratios(counts[days], reference, rise)
        told = ~np.isnan(limits)
        sums = running_sum(ratios, np.where(told, _CEILING * limits, np.inf))
        shares[draw, told] = sums[told] / limits[told]
    mean: Floats = shares.mean(axis=0)
    return mean


def _sustained(cusum: Floats) -> Floats:
    """Say on which days a rise lasts: from the threshold until the sum is below half of it."""
    state = np.full(len(cusum), np.nan)
    lasts = False
    for day, share in enumerate(cusum):
        if not math.isnan(share):
            lasts = share >= (_OVER if lasts else 1.0)
            state[day] = lasts
    return state


def _peer_rules(counts: Floats, rate: float) -> dict[str, Floats]:
    """Judge every day by the rules of others: 1, 0, or NaN."""
    bounds = {
        "ears_c1": ears_bounds(counts, "C1", rate=rate),
        "ears_c2": ears_bounds(counts, "C2", rate=rate),
        "ears_c3": ears_bounds(counts, "C3", rate=rate),
    }
    ears = {name: np.where(np.isnan(counts + bound), np.nan, counts > bound) for name, bound in bounds.items()}
    return {
        **ears,
        "trendfinder": exceeds_previous_month(counts),
        "hdx_signals": highest_month_of_a_year(counts),
    }


def _known(state: npt.ArrayLike) -> pd.arrays.BooleanArray:
    """Give 1, 0 and NaN as true, false and NA."""
    values = np.asarray(state, dtype=float)
    gone = np.isnan(values)
    return pd.arrays.BooleanArray(np.where(gone, 0.0, values) > 0.0, gone)


def _warnings(
    counts: Floats,
    judged: npt.NDArray[np.intp],
    reasons: Sequence[str],
    spikes: set[int],
    dates: pd.DatetimeIndex,
    window: int,
) -> list[str]:
    texts = []
    for reason, days in sorted(Counter(filter(None, reasons)).items()):
        texts.append(f"{_days(days)} of {len(judged)} could not be judged: {reason}.")
    told = [int(day) for day, reason in zip(judged, reasons, strict=True) if not reason]
    seen = ~np.isnan(counts)
    few = [day for day in told if seen[max(day - window, 0) : day].sum() < 0.6 * window]
    if few:
        texts.append(f"{_days(len(few))} of {len(judged)} rest on fewer than {0.6 * window:.0f} observed days.")
    if told:
        before = counts[max(told[-1] - window, 0) : told[-1]]
        deaths = before[~np.isnan(before)]
        rare = float((deaths > 0).mean())
        if rare < _RARE:
            texts.append(
                f"Deaths are recorded on {rare:.0%} of the days before the last one; how many fall on such a day is "
                "hardly known, and so is the tail."
            )
        if deaths.max() > _HALF * deaths.sum():
            texts.append("One day holds more than half of all deaths recorded on the days before the last one.")
    if spikes:
        texts.append(
            "Left out of the days that others are compared with, as probable mass-casualty days"
            f"{_listed(dates[sorted(spikes)])}."
        )
    return texts


def _check_options(window: int, rate: float, level: float, days: int | None, rise: float, run_length: float) -> None:
    for name, share in (("rate", rate), ("level", level)):
        if not 0.0 < share < 1.0:
            raise InputError("must lie between 0 and 1", column=name, value=share)
    for name, number, least in (("window", window, _FEWEST_DAYS), ("days", 1 if days is None else days, 1)):
        if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < least:
            raise InputError(f"must be a whole number of at least {least} days", column=name, value=number)
    if not rise > 1.0:
        raise InputError("must be above 1", column="rise", value=rise)
    if not run_length > 0.0:
        raise InputError("must be above 0", column="run_length", value=run_length)


def _chance(value: float) -> str:
    """Write a small probability as one in so many."""
    return (
        f"{value:.2f}" if value >= 0.1 else f"1 in {1.0 / max(value, 1e-9):,.0f}" if value >= 1e-9 else "under 1 in 10⁹"
    )


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _listed(days: pd.DatetimeIndex) -> str:
    if not len(days):
        return ""
    more = f" and {len(days) - 10} more" if len(days) > 10 else ""
    return f": {', '.join(f'{day:%Y-%m-%d}' for day in days[:10])}{more}"
