"""Counts of the days ahead as three readings of the past have them, drawn in equal parts.

A hidden process that returns to its mean, a rate that jumps and drifts, and feedback from day to day go wrong in
different wars. Which of them holds cannot be told from one year of counts, so that each contributes the same number
of paths: the pool is the linear opinion pool with equal weights. Such a pool is wider than it need be where its parts
are calibrated; the beta-transformed pool of Gneiting and Ranjan (2013) draws it together, with one number for all wars.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta, rankdata

from casualties.inference.ingarch import fit_ingarch
from casualties.inference.latent_ar import LatentGrid, fit_latent_ar, weekday_design, weekday_precision
from casualties.inference.rate_filter import RatePosterior, filter_rates, log_grid
from casualties.inference.weekdays import block_weekday_ratios, weekday_obstacle

__all__ = ["LONGEST_MEMORY", "PARTS", "DaysAhead", "draw_together", "pool_obstacle", "pool_paths"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PARTS = ("latent autoregression", "rate that jumps", "feedback")
LONGEST_MEMORY = 365  # days before the forecast that are used; the latent autoregression uses half of them
_LATENT_DAYS = 180
_FEWEST_DAYS, _FEWEST_LATELY = 28, 14
_FEWEST_WEEKDAY_DAYS, _FEWEST_WEEKDAY_DEATHS = 56, 50
_HUGE_SHARE = 0.5
_LATENT_SD = np.array([0.05, 0.15, 0.3, 0.5, 0.8, 1.3, 2.0])
_LATENT_SIZE = np.array([0.5, 0.9, 1.5, 2.5, 4.5, 9.0, 40.0])
_GRID = LatentGrid.of(
    [0.3, 0.7, 0.9, 0.97, 0.995],
    _LATENT_SD.tolist(),
    _LATENT_SIZE.tolist(),
    sd_weights=np.exp(-_LATENT_SD / 0.3) * np.gradient(_LATENT_SD),
    size_weights=np.exp(-0.5 * (np.log(_LATENT_SIZE / 2.0) / 1.2) ** 2) * np.gradient(np.log(_LATENT_SIZE)),
)
_LEVEL_SD = 2.0
_POINTS = 96
_SIZES = np.geomspace(0.4, 30.0, 7)
_SPIKE = 0.005
# Chances of a jump a day, and standard deviations of the drift of the log rate a day: each pair equally probable.
_JUMPS, _DRIFTS = (0.0005, 0.005, 0.02), (0.0, 0.02, 0.05, 0.1)
_NEGLIGIBLE = 1e-3
# Of 20,000 simulated wars in ten regimes, the plain pool's intervals of 14-day totals held 51.3, 81.0, 90.9 and 95.7 %
# at 50, 80, 90 and 95 %; with this number they are predicted to hold 50.3, 80.0, 90.1 and 95.2 %.
_TOGETHER = 1.04


@dataclass(frozen=True, slots=True)
class DaysAhead:
    """The days that are forecast.

    Parameters
    ----------
    dates : DatetimeIndex, shape (h,)
        Consecutive days after the last one observed.
    exposure : ndarray, shape (h,)
        Share of each that will be covered.
    """

    dates: pd.DatetimeIndex
    exposure: Floats


def pool_obstacle(counts: Floats) -> str:
    """Say why the days ahead cannot be forecast from these counts, or nothing where they can.

    Parameters
    ----------
    counts : ndarray, shape (n,)
        Deaths by day up to the last one; NaN where a day was not observed.

    Examples
    --------
    >>> pool_obstacle(np.array([1.0] * 20))
    '20 observed days are fewer than 28'
    """
    recent = counts[-LONGEST_MEMORY:]
    y = recent[~np.isnan(recent)]
    if len(y) < _FEWEST_DAYS:
        return f"{len(y)} observed days are fewer than {_FEWEST_DAYS}"
    lately = int((~np.isnan(counts[-_LATENT_DAYS:])).sum())
    if lately < _FEWEST_LATELY:
        return f"{lately} of the last {_LATENT_DAYS} days were observed, fewer than {_FEWEST_LATELY}"
    if not y.any():
        return f"no deaths are recorded in the last {len(recent)} days"
    share = float(y.max()) / float(y.sum())
    if share >= _HUGE_SHARE:
        return (
            f"one day holds {share:.0%} of the deaths of the last {len(recent)} days, and a forecast would rest on it"
        )
    return ""


def pool_paths(
    counts: Floats, exposure: Floats, dates: pd.DatetimeIndex, ahead: DaysAhead, n: int, rng: np.random.Generator
) -> Ints:
    """Draw counts of the days ahead.

    Parameters
    ----------
    counts : ndarray, shape (m,)
        Deaths by day; NaN where a day was not observed. `pool_obstacle` says nothing against them.
    exposure : ndarray, shape (m,)
        Share of each day covered.
    dates : DatetimeIndex, shape (m,)
        The days.
    ahead : DaysAhead
        The days to draw.
    n : int
        Paths of each part.
    rng : Generator
        Where chance comes from.

    Returns
    -------
    ndarray of int, shape (3, n, h)
        In the order of `PARTS`.
    """
    y, days = counts[-LONGEST_MEMORY:], dates[-LONGEST_MEMORY:]
    seen = ~np.isnan(y)
    covered = np.where(seen, exposure[-LONGEST_MEMORY:], 1.0)
    ratios = _weekday_ratios(y, covered, days)
    rhythm = covered * ratios[days.day_of_week.to_numpy()]
    rhythm_ahead = ahead.exposure * ratios[ahead.dates.day_of_week.to_numpy()]
    return np.stack(
        [
            _latent_paths(y, covered, days, ahead, n, rng),
            _rate_paths(y, rhythm, rhythm_ahead, n, rng),
            fit_ingarch(y, exposure=rhythm).sample_paths(rhythm_ahead, n, rng),
        ]
    )


def draw_together(parted: Ints) -> Ints:
    """Draw a pool together: paths whose total lies far out are kept less often.

    The total's distribution function F becomes B(F), with B that of the beta distribution with both parameters 1.04:
    each path is kept in proportion to the beta density at the rank of its total. No path is altered, and the same
    paths give the same ones.

    Parameters
    ----------
    parted : ndarray of int, shape (..., h)
        Counts of the days ahead, as `pool_paths` draws them; every path as probable as any other.

    Returns
    -------
    ndarray of int, shape (n, h)
        As many paths, in order of their totals.

    References
    ----------
    Gneiting, T. and Ranjan, R. (2013), Combining predictive distributions, Electronic Journal of Statistics 7,
    1747-1782.

    Examples
    --------
    >>> totals = np.arange(1000)[:, None]
    >>> drawn = draw_together(totals)
    >>> int((totals < 50).sum()), int((drawn < 50).sum())
    (50, 46)
    """
    paths = parted.reshape(-1, parted.shape[-1])
    totals = paths.sum(axis=1)
    order = np.argsort(totals, kind="stable")
    rank = (rankdata(totals[order]) - 0.5) / len(paths)
    reached = np.cumsum(beta.pdf(rank, _TOGETHER, _TOGETHER))
    asked = (np.arange(len(paths)) + 0.5) / len(paths) * reached[-1]
    kept: Ints = paths[order[np.searchsorted(reached, asked)]]
    return kept


def _latent_paths(
    y: Floats, covered: Floats, days: pd.DatetimeIndex, ahead: DaysAhead, n: int, rng: np.random.Generator
) -> Ints:
    """Draw from the negative-binomial regression on weekdays with a hidden autoregression."""
    seen = ~np.isnan(y)
    # The level is expected near that of the year, by a factor of e^2 or so: half a year of silence alone would leave
    # it open towards zero without end, and a normal approximation as open upwards.
    centre = math.log(float(y[seen].sum() / covered[seen].sum()))
    precision = weekday_precision(trend=False)
    precision[0] = _LEVEL_SD**-2
    part = slice(-_LATENT_DAYS, None)
    design = weekday_design(days[part], trend=False)
    posterior = fit_latent_ar(
        y[part], design, offset=np.log(covered[part]) + centre, prior_precision=precision, grid=_GRID
    )
    return posterior.sample_paths(weekday_design(ahead.dates, trend=False), np.log(ahead.exposure) + centre, n, rng)


def _rate_paths(y: Floats, rhythm: Floats, rhythm_ahead: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Draw from the rate that jumps and drifts, over chances of a jump and speeds of the drift by their evidence."""
    rates = _rate_grid(y, rhythm)
    step = math.log(rates[1] / rates[0])
    found: list[RatePosterior] = []
    for jump in _JUMPS:
        for drift in _DRIFTS:
            found.append(
                filter_rates(
                    y,
                    rates=rates,
                    sizes=_SIZES,
                    jump_probability=jump,
                    exposure=rhythm,
                    spike=_SPIKE,
                    diffusion=min((drift / step) ** 2, 0.9),
                    negligible=_NEGLIGIBLE,
                )
            )
    evidence = np.array([each.log_evidence for each in found])
    weights = np.exp(evidence - evidence.max())
    number = rng.multinomial(n, weights / weights.sum())
    drawn = [each.sample_paths(rhythm_ahead, int(k), rng) for each, k in zip(found, number, strict=True) if k]
    return np.concatenate(drawn)


def _rate_grid(y: Floats, rhythm: Floats) -> Floats:
    """Give rates from far below the mean to above the highest day."""
    seen = ~np.isnan(y)
    highest, mean = y[seen] / rhythm[seen], float(y[seen].sum() / rhythm[seen].sum())
    low = max(0.25 / float(rhythm[seen].sum()), mean / 60.0)
    high = max(4.0 * float(np.quantile(highest, 0.99)), 1.5 * float(highest.max()), 10.0 * mean)
    return log_grid(low, high, _POINTS)


def _weekday_ratios(y: Floats, covered: Floats, days: pd.DatetimeIndex) -> Floats:
    """Give each weekday's ratio to the mean weekday; ones where the days are too few to tell."""
    seen = ~np.isnan(y)
    counts, day = y[seen], days.day_of_week.to_numpy()[seen]
    if weekday_obstacle(counts, day, _FEWEST_WEEKDAY_DAYS) or counts.sum() < _FEWEST_WEEKDAY_DEATHS:
        return np.ones(7)
    return block_weekday_ratios(counts, day, np.flatnonzero(seen), np.log(covered[seen]))
