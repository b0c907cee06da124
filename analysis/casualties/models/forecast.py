"""How many recorded deaths to expect in the next days: a pool of three models, as samples, quantiles and a total."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.draws import Draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.forecast_pool import PARTS, DaysAhead, draw_together, pool_obstacle, pool_paths
from casualties.inference.scores import coverage, crps, pit_ends, sample_quantiles
from casualties.models.imprecision import (
    Imprecision,
    drawn_counts,
    failure_of_draws,
    take_draws,
    vagueness_warnings,
)
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["HUB_QUANTILES", "ForecastResult", "ForecastScore", "fit_forecast", "score_forecast"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# The quantiles that forecast hubs ask for.
HUB_QUANTILES = (0.01, 0.025, *(round(0.05 * k, 2) for k in range(1, 20)), 0.975, 0.99)
_HUB_COLUMNS = [
    "location",
    "target",
    "reference_date",
    "horizon",
    "target_end_date",
    "output_type",
    "output_type_id",
    "value",
]
_BANDS = (0.5, 0.8, 0.95)
_LONGEST = 60
_FEWEST_PATHS = 100
_UNIT = "recorded deaths"
_MUCH = 0.25
_METHOD = "equal pool of a latent autoregression, a rate that jumps and feedback; sampled paths"


@dataclass(frozen=True, slots=True, eq=False)
class ForecastResult(Result):
    """The recorded deaths to be expected on each of the next days, and in all of them.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    total : Estimate or NotEstimable
        Median and central interval of the deaths over all days ahead.
    days : DataFrame
        Indexed by ``date``: ``median, mean`` and ``low_50, high_50, low_80, high_80, low_95, high_95`` of each day.
    samples : ndarray of int, shape (paths, h)
        Equally probable courses of the days ahead.
    parts : DataFrame
        Indexed by ``part``: ``median, low, high`` of the total as each of the three models alone would have it.
    observed : Series
        The counts that were known, indexed by ``date``.
    place : str
        The place, as the quantiles name it.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    imprecision : Imprecision or None
        What draws of dates and numbers add, where they were pooled.
    """

    basis: Basis
    total: Estimate | NotEstimable
    days: pd.DataFrame
    samples: Ints
    parts: pd.DataFrame
    observed: pd.Series
    place: str
    warnings: tuple[str, ...]
    imprecision: Imprecision | None = None

    @property
    def horizon(self) -> int:
        """Number of days ahead."""
        return int(self.basis.settings["horizon"])

    def probability_above(self, deaths: float) -> float:
        """Give the probability that more than so many deaths are recorded over all days ahead.

        Parameters
        ----------
        deaths : float
            For example, the deaths of the days before.

        Returns
        -------
        float
            NaN where there is no forecast.
        """
        return float((self.samples.sum(axis=1) > deaths).mean()) if len(self.samples) else math.nan

    def hub(self) -> pd.DataFrame:
        """Give the quantiles of each day and of the total in the columns of forecast hubs.

        Returns
        -------
        DataFrame
            ``location, target, reference_date, horizon, target_end_date, output_type, output_type_id, value``: 23
            quantiles of each day (``target`` "recorded deaths, day") and of the sum (``target`` "recorded deaths,
            total", ``horizon`` the number of days); no row where there is no forecast.

        References
        ----------
        Consortium of Infectious Disease Modeling Hubs, hubverse: model output in tabular form (hubdocs).
        """
        if isinstance(self.total, NotEstimable):
            return pd.DataFrame(columns=_HUB_COLUMNS)
        last = pd.Timestamp(self.basis.end)
        by_day = sample_quantiles(self.samples, HUB_QUANTILES)
        in_all = sample_quantiles(self.samples.sum(axis=1), HUB_QUANTILES)
        targets = [("day", ahead + 1, by_day[:, ahead]) for ahead in range(self.horizon)]
        rows = [
            (
                self.place,
                f"{_UNIT}, {what}",
                last,
                ahead,
                last + pd.Timedelta(days=ahead),
                "quantile",
                probability,
                value,
            )
            for what, ahead, values in [*targets, ("total", self.horizon, in_all)]
            for probability, value in zip(HUB_QUANTILES, values, strict=True)
        ]
        return pd.DataFrame(rows, columns=_HUB_COLUMNS)

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Forecast of {self.basis.label}", *self.basis.lines()[1:], ""]
        if isinstance(self.total, NotEstimable):
            lines.append(f"Forecast: {self.total}")
        else:
            first, last = self.days.index[0], self.days.index[-1]
            lines.append(
                f"{first:%Y-%m-%d} to {last:%Y-%m-%d}: {self.total.value:.0f} recorded deaths "
                f"({self.total.low:.0f} to {self.total.high:.0f}, {self.total.level:.0%})"
            )
            for row in self.parts.itertuples():
                lines.append(f"  {row.Index} alone: {row.median:.0f} ({row.low:.0f} to {row.high:.0f})")
            lines.append(f"The {self.horizon} days before: {self._before():.0f}")
        if self.imprecision:
            lines.extend(self.imprecision.lines())
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def _before(self) -> float:
        return float(self.observed.iloc[-self.horizon :].sum())

    def to_frame(self) -> pd.DataFrame:
        """Give the days ahead: ``date``, median, mean and the ends of three bands."""
        return self.days.reset_index()


def fit_forecast(
    series: DailySeries,
    horizon: int = 14,
    *,
    level: float = 0.95,
    paths: int = 1000,
    exposure_ahead: Sequence[float] | npt.NDArray[np.float64] | None = None,
    draws: int | Draws | None = None,
    seed: int = 0,
) -> ForecastResult:
    """Forecast the recorded deaths of the next days.

    Three models of the last 365 days draw the same number of paths each, and the forecast is their mixture: a
    negative-binomial regression on weekdays with a hidden autoregression (last 180 days), a rate that jumps and drifts,
    and NB-INGARCH feedback. Each allows for the day of the week and for the share of a day that was covered. The
    chances of jumps, the speed of drifts, the persistence and the dispersion are integrated over in the first two;
    the third is taken at its maximum of likelihood. Mixtures are wider than they need be, and this one is drawn
    together a little (`casualties.inference.forecast_pool.draw_together`).

    The forecast is of what this record will hold, if violence and recording go on by the same laws; it knows nothing of
    plans, talks or seasons. How good such forecasts have been in the same series is what `track_record` says.

    With `draws` the models are fitted to each of the series that the record allows, and the paths of all are mixed in
    equal parts.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day. Days that were not observed say nothing.
    horizon : int, optional
        Number of days ahead, at most 60.
    level : float, optional
        Level of the interval of the total.
    paths : int, optional
        Paths of each model (and of each draw, 100 or more).
    exposure_ahead : sequence of float, shape (horizon,), optional
        Share of each day ahead that will be covered; whole days where it is not given.
    draws : int or Draws, optional
        Over how many draws of dates and numbers to pool, or the draws themselves; none where it is not given.
    seed : int, optional
        The seed of the paths, and of draws where their number is given.

    Returns
    -------
    ForecastResult
        Not estimable with fewer than 28 observed days among the last 365 or 14 among the last 180, without a death in
        the year, or where one day holds half of its deaths or more.

    Raises
    ------
    InputError
        If the series holds fractions, or an option means nothing.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> counts = [3, 5, 2, 4, 6, 3, 2] * 12
    >>> result = fit_forecast(DailySeries.from_counts(counts, "2019-01-07"), seed=1)
    >>> 35 < result.total.value < 65, len(result.hub())
    (True, 345)

    References
    ----------
    Genest, C. and Zidek, J. V. (1986), Combining probability distributions, Statistical Science 1, 114-135.
    Gneiting, T. and Ranjan, R. (2013), Combining predictive distributions, Electronic Journal of Statistics 7,
    1747-1782.
    Zhu, F. (2011), A negative binomial integer-valued GARCH model, Journal of Time Series Analysis 32, 54-67.
    """
    counts = series.whole_counts()
    ahead_covered = _checked(horizon, level, paths, exposure_ahead, seed)
    taken = take_draws(series, draws, seed if isinstance(draws, int) else None)
    settings: dict[str, Any] = {"horizon": horizon, "level": level, "paths": paths}
    method = _METHOD
    if taken:
        method, settings = f"{method}; mixture over draws", {**settings, "draws": len(taken)}
    basis = series.basis(method, settings, seed=seed)
    dates = pd.DatetimeIndex(series.frame.index)
    observed = pd.Series(counts, index=dates, name="deaths")
    place = series.place or series.label
    obstacle = pool_obstacle(counts)
    if obstacle:
        return _without_numbers(basis, observed, place, obstacle)
    exposure = series.frame["exposure"].to_numpy(dtype=float)
    ahead = DaysAhead(pd.date_range(dates[-1] + pd.Timedelta(days=1), periods=horizon, name="date"), ahead_covered)
    table = drawn_counts(taken) if taken else counts[None, :]
    obstacles = [pool_obstacle(row) for row in table]
    failed = [text for text in obstacles if text]
    failure = failure_of_draws(failed, len(table)) if taken else ""
    if failure:
        return _without_numbers(basis, observed, place, failure)
    usable = [row for row, text in zip(table, obstacles, strict=True) if not text]
    each = max(_FEWEST_PATHS, math.ceil(paths / len(usable))) if taken else paths
    rng = np.random.default_rng(seed)
    drawn = [pool_paths(row, exposure, dates, ahead, each, rng) for row in usable]
    parted = np.concatenate(drawn, axis=1)
    pooled = [draw_together(each) for each in drawn]
    samples = np.concatenate(pooled)
    total = _estimate(samples.sum(axis=1), level)
    imprecision = None
    if taken:
        recorded = fit_forecast(series, horizon, level=level, paths=paths, exposure_ahead=exposure_ahead, seed=seed)
        rows = _imprecise_rows(total, recorded.total, pooled, level)
        imprecision = Imprecision.of(taken, series, len(failed), rows)
    return ForecastResult(
        basis=basis,
        total=total,
        days=_day_table(samples, ahead.dates),
        samples=samples,
        parts=_part_table(parted, level),
        observed=observed,
        place=place,
        warnings=(*_warnings(counts), *(vagueness_warnings(series, "the intervals") if taken else [])),
        imprecision=imprecision,
    )


@dataclass(frozen=True, slots=True, eq=False)
class ForecastScore(Result):
    """A forecast beside what came.

    Parameters
    ----------
    basis : Basis
        Of the forecast.
    came : Estimate or NotEstimable
        Deaths of the days ahead that were observed; it has no interval.
    forecast : Estimate or NotEstimable
        Median and interval of the forecast over the same days.
    crps : float
        Continuous ranked probability score of the total, in deaths; NaN where there is no score, as below.
    pit : tuple of float
        Share of the forecast's paths below what came, and up to it.
    held : bool
        Whether the interval holds what came.
    days : DataFrame
        Indexed by ``date``: ``came, median, low_95, high_95, crps`` of each day that was observed.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    """

    basis: Basis
    came: Estimate | NotEstimable
    forecast: Estimate | NotEstimable
    crps: float
    pit: tuple[float, float]
    held: bool
    days: pd.DataFrame
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Forecast made on {self.basis.end} of {self.basis.label}", *self.basis.lines()[1:], ""]
        if isinstance(self.came, Estimate) and isinstance(self.forecast, Estimate):
            told = self.forecast
            lines.append(
                f"Over {len(self.days)} days: {told.value:.0f} recorded deaths expected ({told.low:.0f} to "
                f"{told.high:.0f}, {told.level:.0%}), {self.came.value:.0f} came: "
                f"{'inside' if self.held else 'outside'}"
            )
            lines.append(f"CRPS of the total: {self.crps:.1f}; {self.pit[0]:.1%} of the paths below what came")
        else:
            lines.append(f"Score: {self.came if isinstance(self.came, NotEstimable) else self.forecast}")
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the days: ``date, came, median, low_95, high_95, crps``."""
        return self.days.reset_index()


def score_forecast(result: ForecastResult, later: DailySeries) -> ForecastScore:
    """Score a forecast against what came.

    Parameters
    ----------
    result : ForecastResult
        The forecast.
    later : DailySeries
        A series of the same deaths that reaches over days ahead. Days that it does not observe are left out of the
        forecast's total as well.

    Returns
    -------
    ForecastScore
        Not estimable where there was no forecast, or the series observes none of its days.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> series = DailySeries.from_counts([3, 5, 2, 4, 6, 3, 2] * 14, "2019-01-07")
    >>> forecast = fit_forecast(series.between("2019-01-07", "2019-03-31"), seed=1)
    >>> score = score_forecast(forecast, series)
    >>> score.came.value, score.held
    (50.0, True)
    """
    if isinstance(result.total, NotEstimable):
        return _without_score(result, result.total.reason)
    dates = pd.DatetimeIndex(result.days.index)
    counts = pd.Series(later.whole_counts(), index=later.frame.index).reindex(dates).to_numpy(dtype=float)
    seen = ~np.isnan(counts)
    if not seen.any():
        return _without_score(result, f"the series observes none of the {len(dates)} days")
    samples, came = result.samples[:, seen], counts[seen]
    sums, total = samples.sum(axis=1), float(came.sum())
    days = result.days.loc[dates[seen], ["median", "low_95", "high_95"]].assign(came=came, crps=crps(samples, came))
    low, high = pit_ends(sums, total)
    missing = int((~seen).sum())
    return ForecastScore(
        basis=result.basis,
        came=Estimate(total, unit=_UNIT),
        forecast=_estimate(sums, result.total.level),
        crps=float(crps(sums, total)),
        pit=(float(low), float(high)),
        held=bool(coverage(sums, total, result.total.level)),
        days=days[["came", "median", "low_95", "high_95", "crps"]],
        warnings=(f"{missing} of {len(dates)} days were not observed and are left out.",) if missing else (),
    )


def _estimate(totals: npt.NDArray[Any], level: float) -> Estimate:
    """Give median and central interval of samples."""
    low, middle, high = sample_quantiles(totals, [0.5 - level / 2, 0.5, 0.5 + level / 2]).tolist()
    return Estimate(middle, low, high, level, _UNIT)


def _day_table(samples: Ints, dates: pd.DatetimeIndex) -> pd.DataFrame:
    ends: dict[str, Floats] = {"median": sample_quantiles(samples, [0.5])[0], "mean": samples.mean(axis=0)}
    for level in _BANDS:
        low, high = sample_quantiles(samples, [0.5 - level / 2, 0.5 + level / 2])
        ends |= {f"low_{100 * level:.0f}": low, f"high_{100 * level:.0f}": high}
    return pd.DataFrame(ends, index=dates)


def _part_table(parted: Ints, level: float) -> pd.DataFrame:
    """Give the total as each model alone has it."""
    found = [_estimate(each.sum(axis=1), level) for each in parted]
    rows = [(each.value, each.low, each.high) for each in found]
    return pd.DataFrame(rows, columns=["median", "low", "high"], index=pd.Index(PARTS, name="part"))


def _imprecise_rows(
    total: Estimate, recorded: Estimate | NotEstimable, pooled: Sequence[Ints], level: float
) -> list[tuple[str | float, ...]]:
    """Give the row of `Imprecision.table` for the total."""
    sums = [each.sum(axis=1) for each in pooled]
    within = float(np.mean([each.var() for each in sums]))
    whole = float(np.concatenate(sums).var())
    one = float(np.mean([np.diff(sample_quantiles(each, [0.5 - level / 2, 0.5 + level / 2]))[0] for each in sums]))
    share = max(0.0, 1.0 - within / whole) if whole > 0.0 else 0.0
    plain = recorded.value if isinstance(recorded, Estimate) else math.nan
    return [("total", total.value, plain, total.high - total.low, one, share, 1.0, _UNIT)]


def _warnings(counts: Floats) -> list[str]:
    recent = counts[-365:]
    y = recent[~np.isnan(recent)]
    texts = []
    share = float(y.max()) / float(y.sum())
    if share >= _MUCH:
        texts.append(f"One day holds {share:.0%} of the deaths that the forecast learns from.")
    silent = int(np.isnan(counts[::-1]).argmin())
    if silent:
        texts.append(f"The last {silent} days before the forecast were not observed.")
    return texts


def _checked(horizon: int, level: float, paths: int, exposure_ahead: npt.ArrayLike | None, seed: int) -> Floats:
    """Give the coverage of the days ahead, or say which option means nothing."""
    whole = isinstance(horizon, int | np.integer) and not isinstance(horizon, bool)
    if not whole or not 1 <= horizon <= _LONGEST:
        raise InputError(f"must be a whole number of days from 1 to {_LONGEST}", column="horizon", value=horizon)
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)
    for name, value, least in (("paths", paths, _FEWEST_PATHS), ("seed", seed, 0)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
            raise InputError(f"must be a whole number of at least {least}", column=name, value=value)
    covered = np.ones(horizon) if exposure_ahead is None else np.asarray(exposure_ahead, dtype=float)
    if covered.shape != (horizon,) or not (np.isfinite(covered) & (covered > 0.0)).all():
        raise InputError("give one share above 0 for each day ahead", column="exposure_ahead")
    return covered


def _without_numbers(basis: Basis, observed: pd.Series, place: str, reason: str) -> ForecastResult:
    columns = ["median", "mean", *(f"{end}_{100 * level:.0f}" for level in _BANDS for end in ("low", "high"))]
    return ForecastResult(
        basis=basis,
        total=NotEstimable(reason),
        days=pd.DataFrame(columns=columns, index=pd.DatetimeIndex([], name="date"), dtype=float),
        samples=np.empty((0, int(basis.settings["horizon"])), dtype=np.int64),
        parts=pd.DataFrame(columns=["median", "low", "high"], index=pd.Index([], name="part"), dtype=float),
        observed=observed,
        place=place,
        warnings=(),
    )


def _without_score(result: ForecastResult, reason: str) -> ForecastScore:
    none = NotEstimable(reason)
    days = pd.DataFrame(
        columns=["came", "median", "low_95", "high_95", "crps"], index=pd.DatetimeIndex([], name="date"), dtype=float
    )
    return ForecastScore(result.basis, none, result.total, math.nan, (math.nan, math.nan), False, days, ())
