"""How good would such forecasts have been? Forecasts from past days of the series, scored beside simple rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.forecast_pool import DaysAhead, draw_together, pool_obstacle, pool_paths
from casualties.inference.scores import coverage, crps, pit_ends, sample_quantiles
from casualties.ledger import read_day
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["TrackRecord", "draw_as_recent", "track_record"]

Floats = npt.NDArray[np.float64]

_LEVELS = (0.5, 0.8, 0.95)
_POOL = "pool"
_FEWEST_ORIGINS = 4
_FEW_ORIGINS = 20
_LEAST_HELD = 0.9
_FIRST_DAYS = 112
_MOST_ORIGINS = 60
_SCORE_COLUMNS = [
    "method",
    "forecasts",
    "crps_day",
    "crps_total",
    "skill",
    *(f"{what}_{100 * level:.0f}" for what in ("total", "day") for level in _LEVELS),
]
_ORIGIN_COLUMNS = [
    "date",
    "days",
    "came",
    "median",
    *(f"{end}_{100 * level:.0f}" for level in _LEVELS for end in ("low", "high")),
    "pit_low",
    "pit_high",
    "crps",
]


@dataclass(frozen=True, slots=True, eq=False)
class TrackRecord(Result):
    """Forecasts made on past days, each from the days before it alone, against what came.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    skill : Estimate or NotEstimable
        One less the CRPS of the totals over that of the negative binomial of the last 28 days; above 0 the pool was
        better. The interval is from the differences of the single forecasts, taken as independent.
    scores : DataFrame
        One row a ``method`` ("pool" first): ``forecasts``; ``crps_day`` (mean over days, in deaths) and ``crps_total``
        (of the deaths over all days ahead); ``skill`` of the pool over that method in the total; ``total_50, total_80,
        total_95`` (share of totals inside the central interval of that level) and ``day_50, day_80, day_95`` (of days).
    origins : DataFrame
        One row a forecast: ``date`` (last day known), ``days`` (days ahead observed), ``came``, ``median`` and ends of
        the intervals of the pool's total, ``pit_low, pit_high`` (share of paths below and up to what came), ``crps``.
    pit : DataFrame
        ``low, high, share, error``: tenths of the probability integral transform of the totals, the share of forecasts
        in each (a tenth where calibrated) and its standard error if calibrated.
    observed : Series
        The counts, indexed by ``date``.
    left_out : int
        Past days from which no forecast could be made.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    """

    basis: Basis
    skill: Estimate | NotEstimable
    scores: pd.DataFrame
    origins: pd.DataFrame
    pit: pd.DataFrame
    observed: pd.Series
    left_out: int
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Track record of forecasts of {self.basis.label}", *self.basis.lines()[1:], ""]
        if isinstance(self.skill, NotEstimable):
            return "\n".join([*lines, f"Track record: {self.skill}"])
        horizon = self.basis.settings["horizon"]
        lines.append(f"{len(self.origins)} forecasts of the {horizon} days after a past day; CRPS in deaths")
        lines.append(f"{'':24}  CRPS, day  total   inside 50 %  80 %  95 %")
        for row in self.scores.to_dict("records"):
            held = "  ".join(f"{row[f'total_{level}']:.2f}" for level in (50, 80, 95))
            lines.append(f"{row['method']:24}  {row['crps_day']:9.2f}  {row['crps_total']:5.1f}   {held}")
        lines.append(
            f"Skill over the negative binomial of the last 28 days: {self.skill.value:+.2f} "
            f"({self.skill.low:+.2f} to {self.skill.high:+.2f})"
        )
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the scores: one row a method."""
        return self.scores.copy()


def track_record(
    series: DailySeries,
    horizon: int = 14,
    *,
    every: int = 14,
    first: str | pd.Timestamp | None = None,
    paths: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> TrackRecord:
    """Make forecasts on past days and score them against what came, beside simple rules.

    From `first` on, every so many days, the pool of `casualties.models.forecast.fit_forecast` is fitted to the days up
    to then and forecasts the next ones. So are three rules that need no model: a negative binomial with mean and
    variance of the last 28 days, days drawn from the last 56, and "the same as over the last days".

    The series is taken as it is known today: where recent days are revised later, the forecasts that could have been
    made then were worse. A replay of the record as of each day says that; this does not.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day. Days ahead that were not observed are left out of totals.
    horizon : int, optional
        Number of days ahead.
    every : int, optional
        Days from one forecast to the next; with fewer than `horizon` the forecasts overlap and their errors are less
        independent than the interval of the skill takes them.
    first : str or Timestamp, optional
        Last day known to the first forecast. Where it is not given: the 112th day, or so much later that 60 forecasts
        are made.
    paths : int, optional
        Paths of each model.
    level : float, optional
        Level of the interval of the skill.
    seed : int, optional
        The seed of the paths; each forecast has its own stream, so that it does not depend on the others.

    Returns
    -------
    TrackRecord
        Not estimable with fewer than 4 past days from which a forecast could be made.

    Raises
    ------
    InputError
        If the series holds fractions, or an option means nothing.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> series = DailySeries.from_counts([3, 5, 2, 4, 6, 3, 2] * 30, "2019-01-07")
    >>> record = track_record(series, seed=1, paths=200)
    >>> len(record.origins), record.scores["method"].tolist()[0]
    (7, 'pool')

    References
    ----------
    Gneiting, T., Balabdaoui, F. and Raftery, A. E. (2007), Probabilistic forecasts, calibration and sharpness, Journal
    of the Royal Statistical Society B 69, 243-268.
    """
    counts = series.whole_counts()
    dates = pd.DatetimeIndex(series.frame.index)
    start = _checked(horizon, every, paths, level, first, seed, dates)
    basis = series.basis(
        "forecasts from past days of the series by the pool and by simple rules, scored against what came",
        {"horizon": horizon, "every": every, "first": _day_text(dates, start), "paths": paths, "level": level},
        seed=seed,
    )
    observed = pd.Series(counts, index=dates, name="deaths")
    exposure = series.frame["exposure"].to_numpy(dtype=float)
    ends = range(start, len(counts) - horizon, every)
    scored: list[_Scored] = []
    for number, end in enumerate(ends):
        known, later = counts[: end + 1], counts[end + 1 : end + 1 + horizon]
        if pool_obstacle(known) or np.isnan(later).all():
            continue
        covered = np.where(np.isnan(later), 1.0, exposure[end + 1 : end + 1 + horizon])
        ahead = DaysAhead(pd.DatetimeIndex(dates[end + 1 : end + 1 + horizon]), covered)
        rng = np.random.default_rng([seed, number])
        pool = draw_together(pool_paths(known, exposure[: end + 1], dates[: end + 1], ahead, paths, rng))
        recent = _per_full_day(known, exposure[: end + 1])
        drawn = {_POOL: pool.astype(float)}
        drawn |= {name: rule(recent, horizon, 3 * paths, rng) * covered for name, rule in _RULES.items()}
        drawn[_SAME] = np.resize(recent[-horizon:], (1, horizon)) * covered  # a point, and no distribution
        scored.append(_Scored.of(dates[end], drawn, later))
    left_out = len(ends) - len(scored)
    if len(scored) < _FEWEST_ORIGINS:
        reason = f"{len(scored)} forecasts could be made and scored, fewer than {_FEWEST_ORIGINS}"
        return _without_numbers(basis, observed, left_out, reason)
    scores, skill = _compare(scored, level)
    return TrackRecord(
        basis=basis,
        skill=skill,
        scores=scores,
        origins=pd.DataFrame([each.row for each in scored], columns=_ORIGIN_COLUMNS),
        pit=_pit_histogram([each.pit for each in scored]),
        observed=observed,
        left_out=left_out,
        warnings=tuple(_warnings(scores, left_out, every, horizon)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    """One forecast, scored."""

    row: tuple[object, ...]  # as `_ORIGIN_COLUMNS`
    pit: tuple[float, float]
    by_method: Mapping[str, Floats]  # crps_day, crps_total, then shares held: totals and days at three levels

    @classmethod
    def of(cls, date: pd.Timestamp, drawn: Mapping[str, Floats], later: Floats) -> _Scored:
        """Score the paths of each method."""
        seen = ~np.isnan(later)
        came, total = later[seen], float(later[seen].sum())
        by_method = {}
        for name, paths in drawn.items():
            days = paths[:, seen]
            sums = days.sum(axis=1)
            in_total = [float(coverage(sums, total, level)) for level in _LEVELS]
            in_days = [float(coverage(days, came, level).mean()) for level in _LEVELS]
            by_method[name] = np.array([crps(days, came).mean(), crps(sums, total), *in_total, *in_days])
        sums = drawn[_POOL][:, seen].sum(axis=1)
        quantiles = [0.5, *(0.5 + sign * level / 2 for level in _LEVELS for sign in (-1, 1))]
        low, high = (float(end) for end in pit_ends(sums, total))
        ends = sample_quantiles(sums, quantiles).tolist()
        row = (date, int(seen.sum()), total, *ends, low, high, float(by_method[_POOL][1]))
        return cls(row, (low, high), by_method)


def draw_as_recent(recent: Floats, horizon: int, n: int, rng: np.random.Generator) -> Floats:
    """Draw from a negative binomial with mean and variance of the last 28 counts: the rule to be better than.

    Parameters
    ----------
    recent : ndarray
        Counts, none missing.
    horizon, n : int
        Days ahead, and courses.
    rng : Generator
        Where chance comes from.

    Returns
    -------
    ndarray, shape (n, horizon)
    """
    y = recent[-28:]
    mean = max(float(y.mean()) if len(y) else 0.0, 0.05)
    variance = max(float(y.var(ddof=1)) if len(y) > 1 else 0.0, 1.01 * mean)
    size = mean**2 / (variance - mean)
    drawn: Floats = rng.poisson(rng.gamma(size, mean / size, size=(n, horizon))).astype(float)
    return drawn


def _empirical(recent: Floats, horizon: int, n: int, rng: np.random.Generator) -> Floats:
    """Draw days from the last 56."""
    drawn: Floats = rng.choice(recent[-56:], size=(n, horizon))
    return drawn


_NEGATIVE_BINOMIAL = "negative binomial, 28 days"
_SAME = "same as the last days"
_RULES: Mapping[str, Callable[[Floats, int, int, np.random.Generator], Floats]] = MappingProxyType(
    {
        _NEGATIVE_BINOMIAL: draw_as_recent,
        "days of the last 56": _empirical,
    }
)


def _per_full_day(known: Floats, exposure: Floats) -> Floats:
    """Give the counts of observed days as if each had been covered in full."""
    seen = ~np.isnan(known)
    full: Floats = known[seen] / exposure[seen]
    return full


def _compare(scored: list[_Scored], level: float) -> tuple[pd.DataFrame, Estimate | NotEstimable]:
    """Give the table of scores and the skill of the pool over the negative binomial."""
    methods = list(scored[0].by_method)
    table = {name: np.array([each.by_method[name] for each in scored]) for name in methods}
    pool = table[_POOL][:, 1]
    rows = []
    for name in methods:
        mean = table[name].mean(axis=0)
        skill = 1.0 - float(pool.mean()) / mean[1] if mean[1] > 0.0 else 0.0
        rows.append((name, len(scored), mean[0], mean[1], skill, *mean[2:]))
    scores = pd.DataFrame(rows, columns=_SCORE_COLUMNS)
    rule = table[_NEGATIVE_BINOMIAL][:, 1]
    if not rule.mean() > 0.0:
        return scores, NotEstimable("the rule beside it was never wrong")
    skill = 1.0 - float(pool.mean() / rule.mean())
    # The delta method for a ratio of means of paired scores.
    gap = (pool - (1.0 - skill) * rule) / float(rule.mean())
    error = float(gap.std(ddof=1)) / math.sqrt(len(scored))
    half = float(stats.t(len(scored) - 1).ppf(0.5 + level / 2)) * error
    return scores, Estimate(skill, skill - half, skill + half, level, "share of the CRPS")


def _pit_histogram(ends: list[tuple[float, float]]) -> pd.DataFrame:
    """Spread each forecast's interval of the transform evenly over tenths."""
    edges = np.linspace(0.0, 1.0, 11)
    shares = np.zeros(10)
    for low, high in ends:
        width = max(high - low, 1e-9)
        reached = np.clip((edges - low) / width, 0.0, 1.0)
        # An outcome beyond all paths has no width and lies at an end.
        if high <= 0.0:
            reached = np.r_[0.0, np.ones(10)]
        shares += np.diff(reached)
    n = len(ends)
    error = math.sqrt(0.1 * 0.9 / n)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "share": shares / n, "error": error})


def _warnings(scores: pd.DataFrame, left_out: int, every: int, horizon: int) -> list[str]:
    texts = []
    made, held = int(scores["forecasts"].iloc[0]), float(scores["total_95"].iloc[0])
    if held < _LEAST_HELD:
        texts.append(
            f"The 95 % intervals held {held:.0%} of the totals: such forecasts have been too sure of themselves here, "
            "as where the course changes by a decision that no record foretells."
        )
    if made < _FEW_ORIGINS:
        texts.append(f"Only {made} forecasts are scored: shares held and skill are rough.")
    if every < horizon:
        texts.append("The forecasts overlap, so that their errors are not independent and the interval is too narrow.")
    if left_out:
        texts.append(f"From {left_out} past days no forecast could be made or scored.")
    return texts


def _checked(
    horizon: int,
    every: int,
    paths: int,
    level: float,
    first: str | pd.Timestamp | None,
    seed: int,
    dates: pd.DatetimeIndex,
) -> int:
    """Give the position of the last day known to the first forecast, or say which option means nothing."""
    for name, value, least in (("horizon", horizon, 1), ("every", every, 1), ("paths", paths, 100), ("seed", seed, 0)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
            raise InputError(f"must be a whole number of at least {least}", column=name, value=value)
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)
    if first is None:
        return max(_FIRST_DAYS - 1, len(dates) - horizon - _MOST_ORIGINS * every)
    day = read_day(first, "first")
    if not dates[0] <= day <= dates[-1]:
        raise InputError(
            f"must lie in the series ({dates[0].date()} to {dates[-1].date()})", column="first", value=first
        )
    return int((day - dates[0]).days)


def _day_text(dates: pd.DatetimeIndex, position: int) -> str:
    return str((dates[0] + pd.Timedelta(days=position)).date())


def _without_numbers(basis: Basis, observed: pd.Series, left_out: int, reason: str) -> TrackRecord:
    return TrackRecord(
        basis=basis,
        skill=NotEstimable(reason),
        scores=pd.DataFrame(columns=_SCORE_COLUMNS),
        origins=pd.DataFrame(columns=_ORIGIN_COLUMNS),
        pit=pd.DataFrame(columns=["low", "high", "share", "error"], dtype=float),
        observed=observed,
        left_out=left_out,
        warnings=(),
    )
