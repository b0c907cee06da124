"""One steady rate of growth over a window, in days that may depend on each other: fits and answers.

Answers are taken from a list of fits: one fit, or those of several draws of an imprecise record in equal parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from casualties.estimates import Estimate, NotEstimable
from casualties.inference.growth_prior import GROWTH_GRID
from casualties.inference.latent_ar import (
    LatentArPosterior,
    LatentDays,
    LatentGrid,
    fit_latent_ar,
    latent_days,
    left_out_tails,
    weekday_contrasts,
    weekday_design,
    weekday_precision,
)
from casualties.inference.latent_laplace import mixture_bands, mixture_probability, mixture_quantile
from casualties.inference.weekdays import WEEKDAYS

__all__ = [
    "FEWEST_DAYS",
    "FITTED_COLUMNS",
    "WEEKDAY_COLUMNS",
    "GrowthFit",
    "expected_counts",
    "fit_growth",
    "growth_obstacle",
    "growth_of",
    "mixed",
    "pit_of",
    "probability_of_rise",
    "weekday_ratios",
]

Floats = npt.NDArray[np.float64]

FEWEST_DAYS = 14
WEEKDAY_COLUMNS = ["weekday", "ratio", "low", "high"]
FITTED_COLUMNS = ["mean", "low", "high"]
_GROWTH = 1  # the column of the design


@dataclass(frozen=True, slots=True, eq=False)
class GrowthFit:
    """The fit of one series.

    Parameters
    ----------
    posterior : LatentArPosterior
        Its second coefficient is the growth a day.
    counts : ndarray, shape (days,)
        What was fitted; NaN where not observed.
    design : ndarray, shape (days, p)
        As `casualties.inference.latent_ar.weekday_design` gives it, without the weekday columns where no effect of
        the day of the week was wanted.
    offset : ndarray, shape (days,)
        Logarithm of the share of each day that was covered; 0 where not observed.
    precision : ndarray, shape (p,)
        Prior precision of the coefficients.
    """

    posterior: LatentArPosterior
    counts: Floats
    design: Floats
    offset: Floats
    precision: Floats

    @property
    def weekday(self) -> bool:
        """Whether there is an effect of the day of the week."""
        return bool(self.design.shape[1] > 2)

    @property
    def dispersion(self) -> float:
        """Posterior mean of ``alpha = 1 / size``."""
        return float(self.posterior.weights @ (1.0 / self.posterior.size))

    @property
    def dependent(self) -> float:
        """Posterior probability that days depend on each other."""
        return float(self.posterior.weights[self.posterior.sd > 0.0].sum())

    def errors(self) -> tuple[float, float]:
        """Give posterior mean and standard deviation of the growth."""
        row = _growth_row(self)
        return self.posterior.mean(row), self.posterior.standard_deviation(row)


def growth_obstacle(counts: Floats) -> str:
    """Say why no growth can be fitted to these counts of observed days, or nothing.

    Examples
    --------
    >>> growth_obstacle(np.array([1.0] * 20 + [30.0]))
    'one day holds 60% of all recorded deaths, so that a trend would describe that day'
    """
    if len(counts) < FEWEST_DAYS:
        return f"{len(counts)} observed days are fewer than {FEWEST_DAYS}"
    total = float(counts.sum())
    if total == 0.0:
        return "no deaths are recorded in the window"
    share = float(counts.max()) / total
    if share >= 0.5:
        return f"one day holds {share:.0%} of all recorded deaths, so that a trend would describe that day"
    return ""


def fit_growth(
    counts: Floats,
    exposure: Floats,
    dates: pd.DatetimeIndex,
    weekday: bool,
    *,
    grid: LatentGrid = GROWTH_GRID,
    weekday_sd: float | None = None,
) -> GrowthFit | NotEstimable:
    """Fit a steady growth rate to one series.

    Parameters
    ----------
    counts : ndarray, shape (days,)
        Deaths by day, NaN where not observed.
    exposure : ndarray, shape (days,)
        Share of each day that was covered.
    dates : DatetimeIndex, shape (days,)
        The days.
    weekday : bool
        Whether to fit an effect of the day of the week.
    grid : LatentGrid, optional
        The hyperparameters.
    weekday_sd : float, optional
        Prior standard deviation of the logarithm of a weekday's ratio, where it is not that of `weekday_precision`.

    Returns
    -------
    GrowthFit or NotEstimable
        As `growth_obstacle` has it.
    """
    seen = ~np.isnan(counts) & (exposure > 0.0)
    obstacle = growth_obstacle(counts[seen])
    if obstacle:
        return NotEstimable(obstacle)
    design, precision = weekday_design(dates, trend=True), weekday_precision(trend=True)
    if weekday_sd is not None:
        precision[2:] = weekday_sd**-2.0
    if not weekday:
        design, precision = design[:, :2], precision[:2]
    # A day without observation has no coverage; its expected count is that of a day covered in full.
    offset = np.log(np.where(seen, exposure, 1.0))
    y = np.where(seen, counts, np.nan)
    posterior = fit_latent_ar(y, design, offset=offset, prior_precision=precision, grid=grid)
    return GrowthFit(posterior, y, design, offset, precision)


def growth_of(fits: Sequence[GrowthFit], level: float) -> Estimate:
    """Give the growth a day: posterior mean and central interval of the mixture of the fits."""
    weights, means, errors = _mixture(fits)
    tail = 0.5 - level / 2.0
    low, high = (float(mixture_quantile(weights, means, errors, share)) for share in (tail, 1.0 - tail))
    return Estimate(float(weights @ means), low, high, level, "per day")


def probability_of_rise(fits: Sequence[GrowthFit]) -> float:
    """Give the posterior probability that growth is above 0."""
    weights, means, errors = _mixture(fits)
    return float(mixture_probability(weights, -means, errors, 0.0))


def weekday_ratios(fits: Sequence[GrowthFit], level: float) -> pd.DataFrame:
    """Give each weekday against the mean weekday: ``weekday, ratio, low, high``; empty without such an effect.

    The arithmetic mean of the ratios is 1. Intervals are those of the ratios' logarithms, linear around the posterior
    mean.
    """
    if not all(fit.weekday for fit in fits):
        return pd.DataFrame(columns=WEEKDAY_COLUMNS)
    contrasts = weekday_contrasts()
    effects = contrasts @ np.mean([fit.posterior.weights @ fit.posterior.coefficients[:, 2:] for fit in fits], axis=0)
    share = np.exp(effects) / np.exp(effects).sum()
    tail = 0.5 - level / 2.0
    rows = []
    for name, effect, contrast in zip(WEEKDAYS, effects, contrasts, strict=True):
        ratio = math.exp(effect) / float(np.exp(effects).mean())
        row = np.concatenate([[0.0, 0.0], contrast - share @ contrasts])
        weights, means, errors = mixed([(fit.posterior.weights, *fit.posterior.parts(row)) for fit in fits])
        centre = float(weights @ means)
        ends = (float(mixture_quantile(weights, means, errors, part)) - centre for part in (tail, 1.0 - tail))
        rows.append((name, ratio, *(ratio * math.exp(end) for end in ends)))
    return pd.DataFrame(rows, columns=WEEKDAY_COLUMNS)


def expected_counts(fits: Sequence[GrowthFit], level: float, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Give the expected count of each day, what the hidden process adds to it included: ``mean, low, high`` by date.

    Where days are independent this is the line with weekdays and coverage. `mean` is the mixture's median.
    """
    parts = [(days.weights, days.mean, np.sqrt(days.variance)) for days in map(_days_of, fits)]
    tail = 0.5 - level / 2.0
    bands = mixture_bands(*mixed(parts), np.array([0.5, tail, 1.0 - tail]))
    return pd.DataFrame(np.exp(bands.T), columns=FITTED_COLUMNS, index=dates).rename_axis("date")


def pit_of(fit: GrowthFit, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Give where each count lies in what the other days expect: ``deaths, below, up_to, residual`` by date."""
    below, up_to = left_out_tails(_days_of(fit), fit.counts)
    # The middle of a count's own probability; never quite 0 or 1, so that the residual stays finite.
    middle = np.clip((below + up_to) / 2.0, 1e-12, 1.0 - 1e-12)
    frame = {"deaths": fit.counts, "below": below, "up_to": up_to, "residual": stats.norm.ppf(middle)}
    return pd.DataFrame(frame, index=dates).rename_axis("date")


def _days_of(fit: GrowthFit) -> LatentDays:
    return latent_days(fit.posterior, fit.counts, fit.design, offset=fit.offset, prior_precision=fit.precision)


def mixed(parts: Sequence[tuple[Floats, Floats, Floats]]) -> tuple[Floats, Floats, Floats]:
    """Put mixtures together in equal parts: weights, means, standard deviations."""
    weights = np.concatenate([weight / weight.sum() for weight, _, _ in parts]) / len(parts)
    means, errors = (np.concatenate([part[which] for part in parts]) for which in (1, 2))
    return weights, means, errors


def _mixture(fits: Sequence[GrowthFit]) -> tuple[Floats, Floats, Floats]:
    return mixed([(fit.posterior.weights, *fit.posterior.parts(_growth_row(fit))) for fit in fits])


def _growth_row(fit: GrowthFit) -> Floats:
    row = np.zeros(fit.design.shape[1])
    row[_GROWTH] = 1.0
    return row
