"""Wars like one's own: a law fitted to a series, and the methods measured on wars drawn from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.calibration.answer import CalibrationResult
from casualties.calibration.changes import CHANGE, NO_CHANGE
from casualties.calibration.forecasts import FORECAST, HORIZON
from casualties.calibration.growth import GROWTH
from casualties.calibration.programme import SEED, answer_of
from casualties.calibration.runner import Progress, run_studies
from casualties.calibration.study import Study
from casualties.errors import InputError
from casualties.inference.latent_ar import fit_latent_ar, weekday_design, weekday_precision
from casualties.models.changepoints import ChangepointResult, fit_changepoints
from casualties.series import DailySeries
from casualties.simulate.wars import Scenario, Step

__all__ = ["calibrate_like", "scenario_like"]

Floats = npt.NDArray[np.float64]

_FEWEST_DAYS, _FEWEST_DEATHS, _LONGEST = 56, 20, 365
_SEGMENT_PRECISION = 1e-2
_LIKE = "wars like this one"


def scenario_like(series: DailySeries) -> Scenario:
    """Fit the law of a war to a series.

    Changes of the level are those that the change-point model finds; days that it reads as spikes are mass-casualty
    days. Rhythm of the week, dispersion and dependence of the other days come from a regression with a hidden
    first-order autoregression beside a level that is free between changes.

    Parameters
    ----------
    series : DailySeries
        The series, of at least 56 observed days and 20 deaths; of a longer one the last 365 days are taken.

    Returns
    -------
    Scenario
        Its level (that of the first stretch), steps, size, rhythm, autocorrelation, spikes and missing days.

    Raises
    ------
    InputError
        If the series holds too few days or deaths, or fractions.

    Examples
    --------
    >>> counts = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 4 + [11, 14, 9, 12, 10, 13, 8, 15, 12, 11] * 4
    >>> law = scenario_like(DailySeries.from_counts(counts, "2019-04-01"))
    >>> law.level, [(step.day, round(step.ratio, 1)) for step in law.steps]
    (1.8, [(40, 6.4)])
    """
    series = _last(series)
    counts = series.whole_counts()
    seen = ~np.isnan(counts)
    if seen.sum() < _FEWEST_DAYS or np.nansum(counts) < _FEWEST_DEATHS:
        raise InputError(
            f"{seen.sum()} observed days with {np.nansum(counts):.0f} deaths are too few to draw wars like these",
            column="series",
            value=series.label,
            remedy=f"take a series of at least {_FEWEST_DAYS} observed days and {_FEWEST_DEATHS} deaths",
        )
    found = fit_changepoints(series)
    dates = pd.DatetimeIndex(series.frame.index)
    spike = (found.spike.reindex(dates).fillna(0.0) > 0.5).to_numpy()
    plain = np.where(spike, np.nan, counts)
    covered = np.where(seen, series.frame["exposure"].to_numpy(dtype=float), 1.0)
    days, means = _levels(found, dates, plain, covered)
    posterior_weekday, size, phi, sd = _dependence(dates, plain, covered, days)
    law = Scenario(
        words=f"like {series.label}",
        level=float(means[0]),
        size=size,
        autocorrelation=phi,
        latent_sd=sd,
        weekday=posterior_weekday,
        steps=tuple(Step(int(day), float(means[k + 1] / means[k])) for k, day in enumerate(days)),
        missing_share=float(1.0 - seen.mean()),
        missing_run=_mean_run(~seen),
    )
    if not spike.any():
        return law
    # What a spike adds, in units of the mean level: its law is exponential, plus the base.
    level = float(np.nanmean(plain))
    above = max(float((counts[spike] - level).mean()) - law.spike_base, 0.0)
    return replace(law, spike_share=float(spike.sum() / seen.sum()), spike_scale=above / level)


def calibrate_like(
    series: DailySeries, *, wars: int = 200, seed: int = SEED, workers: int = 2, progress: Progress | None = None
) -> CalibrationResult:
    """Say how far the intervals of a series can be trusted, by wars like it.

    Parameters
    ----------
    series : DailySeries
        The series.
    wars : int, optional
        Simulated wars.
    seed, workers, progress
        As in `casualties.calibration.runner.run_studies`.

    Returns
    -------
    CalibrationResult
        Coverage and rates on wars of the law of `scenario_like`.

    Raises
    ------
    InputError
        As in `scenario_like`, or if a number is not above 0.
    """
    law, days = scenario_like(series), len(_last(series).frame)
    studies = _studies(law, days)
    measured = run_studies(studies, wars=wars, seed=seed, workers=workers, progress=progress)
    answer = answer_of(studies, measured, f"simulated wars like {series.label}", wars=wars, seed=seed)
    method = (
        f"level {law.level:.2f} a day, {len(law.steps)} changes, size {law.size:.2f}, hidden autocorrelation "
        f"{law.autocorrelation:.2f} (sd {law.latent_sd:.2f}), spikes on {law.spike_share:.1%} of days"
    )
    basis = series.basis(method, {"wars": wars}, seed=seed)
    return replace(answer, basis=replace(basis, label=answer.basis.label))


def _studies(law: Scenario, days: int) -> list[Study]:
    """Give the studies on wars like one's own: growth and false decisions without its changes, the rest with them."""
    steady = replace(law, steps=())
    found = f"{len(law.steps)} changes as found" if law.steps else "one change of 1.5 to 4-fold"
    return [
        replace(GROWTH, scenarios={_LIKE: steady}, days=min(days, GROWTH.days)),
        replace(NO_CHANGE, scenarios={_LIKE: steady}, days=days),
        replace(CHANGE, words=f"{CHANGE.words} Here: {found}.", scenarios={_LIKE: law}, days=days),
        replace(FORECAST, scenarios={_LIKE: law}, days=days + HORIZON, share=0.5),
    ]


def _last(series: DailySeries) -> DailySeries:
    """Give the last year of a series."""
    if len(series.frame) <= _LONGEST:
        return series
    return series.between(series.end - pd.Timedelta(days=_LONGEST - 1), series.end)


def _levels(
    found: ChangepointResult, dates: pd.DatetimeIndex, plain: Floats, covered: Floats
) -> tuple[npt.NDArray[np.int_], Floats]:
    """Give the days of the changes found, and the mean of each stretch between them."""
    days = dates.get_indexer(pd.DatetimeIndex(found.changes["date"])).astype(int)
    means = []
    for first, stop in zip([0, *days], [*days, len(dates)], strict=True):
        seen = ~np.isnan(plain[first:stop])
        whole = covered[first:stop][seen].sum()
        # A stretch without deaths has half a death, so that a ratio can be had.
        means.append(max(float(np.nansum(plain[first:stop])), 0.5) / max(whole, 1.0))
    return days, np.array(means)


def _dependence(
    dates: pd.DatetimeIndex, plain: Floats, covered: Floats, days: npt.NDArray[np.int_]
) -> tuple[tuple[float, ...], float, float, float]:
    """Give the rhythm of the week, and size, persistence and standard deviation of the hidden process."""
    stretch = np.searchsorted(days, np.arange(len(dates)), side="right")
    levels = (stretch[:, None] == np.arange(len(days) + 1)).astype(float)
    design = np.hstack([levels, weekday_design(dates, trend=False)[:, 1:]])
    precision = np.concatenate([np.full(levels.shape[1], _SEGMENT_PRECISION), weekday_precision(trend=False)[1:]])
    posterior = fit_latent_ar(plain, design, offset=np.log(covered), prior_precision=precision)
    weights = posterior.weights
    sd = float(np.sqrt(weights @ posterior.sd**2))
    swinging = weights * posterior.sd**2
    phi = float(swinging @ posterior.phi / swinging.sum()) if swinging.sum() > 0 else 0.0
    size = float(np.exp(weights @ np.log(posterior.size)))
    week = pd.date_range("2023-01-02", periods=7)
    effects = weights @ posterior.coefficients[:, levels.shape[1] :]
    return tuple(float(each) for each in np.exp(weekday_design(week, trend=False)[:, 1:] @ effects)), size, phi, sd


def _mean_run(gone: npt.NDArray[np.bool_]) -> float:
    """Give the mean length of the gaps."""
    begins = int(gone[0]) + int((gone[1:] & ~gone[:-1]).sum())
    return float(gone.sum() / begins) if begins else 1.0
