"""Deaths behind several sources whose coverage may drift: a day's total, and how it splits between the sources.

Given the violence of a day, what is common to the sources stands in their sum, and what sets them apart in the split of
that sum. The split tells how the sources' coverage drifts against each other, whatever the violence does; the sum tells
the growth of what is recorded. A drift that all sources share leaves no trace in either: its prior is all there is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from casualties.errors import InputError
from casualties.inference.growth_prior import GROWTH_GRID
from casualties.inference.latent_ar import (
    LatentArPosterior,
    LatentGrid,
    fit_latent_ar,
    latent_days,
    weekday_design,
    weekday_precision,
)
from casualties.inference.latent_laplace import mixture_bands, mixture_probability, mixture_quantile
from casualties.inference.relative_coverage import RelativeCoverage, fit_relative_coverage, log_coverage

__all__ = ["DRIFT_DAYS", "DriftFit", "drift_sd", "fit_reporting_drift"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# A drift is declared as a factor over so many days, ...
DRIFT_DAYS = 90
# ... which it does not exceed with this probability.
_DECLARED = 0.95
_GROWTH = 1  # the column of the design
# Beyond a factor of a million over 90 days no drift of coverage is asked for.
_LARGEST_FACTOR = 1e6


def drift_sd(factor: float) -> float:
    """Give the prior standard deviation a day of a drift that is declared as a factor over 90 days.

    Parameters
    ----------
    factor : float
        Coverage rises or falls over 90 days by no more than this factor, with probability 0.95; 1 is no drift.

    Returns
    -------
    float
        On the log scale.

    Raises
    ------
    InputError
        If the factor is below 1 or not finite.

    Examples
    --------
    >>> round(drift_sd(1.5), 5), drift_sd(1.0)
    (0.0023, 0.0)
    """
    if not 1.0 <= factor < math.inf:
        raise InputError(
            "a drift is a finite factor of at least 1",
            column="drift",
            value=factor,
            remedy="give 1.5 where coverage may rise or fall by half over 90 days, 1 for no drift",
        )
    return math.log(factor) / (float(special.ndtri((1.0 + _DECLARED) / 2.0)) * DRIFT_DAYS)


@dataclass(frozen=True, slots=True, eq=False)
class DriftFit:
    """The fit of several sources of one war.

    Parameters
    ----------
    posterior : LatentArPosterior
        Of the sum; its second coefficient is the growth a day of the deaths behind, if the sources share no drift.
    coverage : RelativeCoverage
        How the sources stand to each other.
    total : ndarray, shape (days,)
        The sum over the sources that observed the day; NaN where none did.
    design, offset, precision : ndarray, shapes (days, p), (days,), (p,)
        What the sum was fitted with; the offset is the logarithm of the summed coverage.
    slopes : ndarray, shape (days, 2 S)
        By how much the offset rises with each source's log coverage and with its drift.
    lean : ndarray, shape (2 S,)
        By how much the growth falls as these rise.
    """

    posterior: LatentArPosterior
    coverage: RelativeCoverage
    total: Floats
    design: Floats
    offset: Floats
    precision: Floats
    slopes: Floats
    lean: Floats

    @property
    def swinging(self) -> float:
        """Posterior probability that the days' rate swings slowly."""
        return float(self.posterior.weights[self.posterior.sd > 0.0].sum())

    def growth_parts(self, common_sd: float) -> tuple[Floats, Floats, Floats]:
        """Give the posterior of the growth a day as a mixture of normals: weights, means, standard deviations.

        Parameters
        ----------
        common_sd : float
            Prior standard deviation a day of the drift that all sources share.
        """
        row = np.zeros(self.design.shape[1])
        row[_GROWTH] = 1.0
        means, errors = self.posterior.parts(row)
        apart = float(self.lean @ self.coverage.covariance @ self.lean)
        return self.posterior.weights, means, np.sqrt(errors**2 + apart + common_sd**2)

    def growth(self, common_sd: float, level: float) -> tuple[float, float, float]:
        """Give posterior mean and central interval of the growth a day."""
        weights, means, errors = self.growth_parts(common_sd)
        tail = 0.5 - level / 2.0
        low, high = (float(mixture_quantile(weights, means, errors, share)) for share in (tail, 1.0 - tail))
        return float(weights @ means), low, high

    def rising(self, common_sd: float) -> float:
        """Give the posterior probability that the deaths behind grow."""
        weights, means, errors = self.growth_parts(common_sd)
        return float(mixture_probability(weights, -means, errors, 0.0))

    def tipping(self, level: float) -> float:
        """Give the least declared factor of a shared drift at which the interval of the growth holds 0.

        Returns
        -------
        float
            1 where it holds 0 without any; infinity where a factor of a million does not do.
        """

        def doubt(log_factor: float) -> float:
            chance = self.rising(drift_sd(math.exp(log_factor)))
            return min(chance, 1.0 - chance) - (0.5 - level / 2.0)

        if doubt(0.0) >= 0.0:
            return 1.0
        largest = math.log(_LARGEST_FACTOR)
        if doubt(largest) < 0.0:
            return math.inf
        return math.exp(float(optimize.brentq(doubt, 0.0, largest, xtol=1e-10)))

    def expected(self, common_sd: float, probabilities: Floats) -> Floats:
        """Give quantiles (k, days) of the logarithm of each day's expected deaths at mean coverage of the middle."""
        weights, mean, variance, _ = self._days()
        return np.asarray(mixture_bands(weights, mean, np.sqrt(variance + self._unsure(common_sd)), probabilities))

    def realised(self, common_sd: float, probabilities: Floats) -> Floats:
        """Give quantiles (k, days) of the logarithm of each day's own deaths at mean coverage, as the day turned out.

        The day's own factor has a gamma law with mean 1 around the expected deaths; given the day's sum, which weighs
        as much as the split's dispersion leaves of it, it has a gamma law again, and the logarithm is taken as normal
        with its mean and variance. On a day that nobody observed, it is the law around the expected deaths.
        """
        weights, mean, variance, size = self._days()
        seen = ~np.isnan(self.total)
        noise = self.coverage.noise
        count = np.where(seen, self.total, 0.0)[None, :] / noise
        share = np.where(seen, np.exp(mean + self.offset), 0.0) / noise
        own = size[:, None] / (size[:, None] + share)
        # exp(mean) times a gamma factor of shape size + count and rate size + share
        middle = mean + special.digamma(size[:, None] + count) - np.log(size[:, None] + share)
        spread = special.polygamma(1, size[:, None] + count) + own**2 * variance + self._unsure(common_sd)
        return np.asarray(mixture_bands(weights, middle, np.sqrt(spread), probabilities))

    def _days(self) -> tuple[Floats, Floats, Floats, Floats]:
        days = latent_days(self.posterior, self.total, self.design, offset=self.offset, prior_precision=self.precision)
        return days.weights, days.mean - np.where(np.isnan(self.total), 0.0, self.offset), days.variance, days.size

    def _unsure(self, common_sd: float) -> Floats:
        """Give what coverage adds to the variance of each day's log rate."""
        time = self.design[:, _GROWTH]
        apart = np.einsum("ti,ij,tj->t", self.slopes, self.coverage.covariance, self.slopes)
        return np.asarray(apart + (common_sd * time) ** 2)


def fit_reporting_drift(
    counts: Floats,
    exposure: Floats,
    dates: pd.DatetimeIndex,
    *,
    relative_sd: float,
    weekday: bool = True,
    grid: LatentGrid = GROWTH_GRID,
) -> DriftFit:
    """Fit several sources that count the same war.

    Parameters
    ----------
    counts : ndarray, shape (S, days)
        Deaths by source and day; NaN where not observed.
    exposure : ndarray, shape (S, days)
        Share of each day that the source covered.
    dates : DatetimeIndex, shape (days,)
        Consecutive days.
    relative_sd : float
        Prior standard deviation a day, on the log scale, of each source's drift against the mean of all; 0 is none.
    weekday : bool, optional
        Whether to fit an effect of the day of the week.
    grid : LatentGrid, optional
        Hyperparameters of the sum.

    Returns
    -------
    DriftFit

    Raises
    ------
    InputError
        If shapes do not fit or no day was observed.

    Notes
    -----
    With a violence of the day that has a gamma law, and sources that count Poisson shares of it, the sum of the sources
    is negative binomial and independent of how it splits: shared noise is not taken for two confirmations. Sources that
    miss whole events split the sum more unevenly; the split's dispersion is estimated and its likelihood tempered by
    it. The hyperparameters of the sum are walked by `fit_latent_ar`. What the sum says of the sources' drift against
    each other is left out; the split says far more.

    References
    ----------
    Rue, H., Martino, S. and Chopin, N. (2009), Approximate Bayesian inference for latent Gaussian models by using
    integrated nested Laplace approximations, Journal of the Royal Statistical Society B 71, 319-392.
    Bissiri, P. G., Holmes, C. C. and Walker, S. G. (2016), A general framework for updating belief distributions,
    Journal of the Royal Statistical Society B 78, 1103-1130.
    """
    if counts.ndim != 2 or counts.shape != exposure.shape or counts.shape[1] != len(dates):
        raise InputError(
            f"counts of shape {counts.shape}, exposure of shape {exposure.shape} and {len(dates)} days do not fit",
            column="counts, exposure, dates",
        )
    seen = ~np.isnan(counts) & (exposure > 0.0)
    design, precision = weekday_design(dates, trend=True), weekday_precision(trend=True)
    if not weekday:
        design, precision = design[:, :2], precision[:2]
    time = design[:, _GROWTH]
    covered = np.where(seen, exposure, 0.0)
    coverage = fit_relative_coverage(np.where(seen, counts, 0.0), covered, time, relative_sd)
    offset, slopes = log_coverage(coverage, covered, time)
    total = np.where(seen.any(axis=0), np.where(seen, counts, 0.0).sum(axis=0), np.nan)
    posterior = fit_latent_ar(total, design, offset=offset, prior_precision=precision, grid=grid)
    lean = _lean(posterior, ~np.isnan(total), design, offset, precision, slopes)
    return DriftFit(posterior, coverage, total, design, offset, precision, slopes, lean)


def _lean(
    posterior: LatentArPosterior, seen: Bools, design: Floats, offset: Floats, precision: Floats, slopes: Floats
) -> Floats:
    """Give by how much the growth falls as log coverages and drifts rise: their slopes, regressed on the design."""
    mean = np.exp(np.minimum(design @ (posterior.weights @ posterior.coefficients) + offset, 25.0))
    weight = np.where(seen, mean / (1.0 + mean / float(posterior.weights @ posterior.size)), 0.0)
    half = design.T * weight
    return np.asarray(np.linalg.solve(half @ design + np.diag(precision), half @ slopes)[_GROWTH])
