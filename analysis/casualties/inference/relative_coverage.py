"""How several sources' coverage stands to each other, and drifts: from the split of each day's sum between them.

Given the sum of a day, what the violence was cancels. The split is multinomial with shares that follow a logistic line
in time; where it scatters more (or less) than that, its likelihood is tempered by the dispersion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casualties.errors import InputError

__all__ = ["RelativeCoverage", "fit_relative_coverage", "log_coverage"]

Floats = npt.NDArray[np.float64]

_LEVEL_PRECISION = 1e-2  # of a log coverage: a standard deviation of 10
_NO_DRIFT = 1e-8  # a prior standard deviation below this, over half the window, is none
_ROUNDS = 4  # dispersion and shares in turn
_MOST_STEPS = 100
_TOLERANCE = 1e-10
# A split that scatters less than this has too few days to say so.
_LEAST_DISPERSION = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class RelativeCoverage:
    """Each source's coverage against the geometric mean of all.

    Parameters
    ----------
    level : ndarray, shape (S,)
        Logarithm of the coverage in the middle of the window; adds up to 0.
    drift : ndarray, shape (S,)
        Its change a day; adds up to 0.
    covariance : ndarray, shape (2 S, 2 S)
        Of levels and drifts, in this order.
    dispersion : float
        Pearson's statistic of the split per degree of freedom; NaN where there is no split.
    days : int
        Days whose sum splits between at least two sources.
    """

    level: Floats
    drift: Floats
    covariance: Floats
    dispersion: float
    days: int

    @property
    def noise(self) -> float:
        """Variance of a count over its mean, given the deaths of the day; that of Poisson counts if unknown."""
        return 1.0 if math.isnan(self.dispersion) else max(self.dispersion, _LEAST_DISPERSION)


def fit_relative_coverage(counts: Floats, exposure: Floats, time: Floats, relative_sd: float) -> RelativeCoverage:
    """Fit how the sources' coverage stands to each other.

    Parameters
    ----------
    counts : ndarray, shape (S, days)
        Deaths by source and day.
    exposure : ndarray, shape (S, days)
        Share of the day that the source covered; 0 where it did not observe it.
    time : ndarray, shape (days,)
        Days since the middle of the window.
    relative_sd : float
        Prior standard deviation a day of a source's drift against the mean of all; 0 is no drift.

    Returns
    -------
    RelativeCoverage

    Raises
    ------
    InputError
        If a source shares no day with any other and there are others.

    Notes
    -----
    Drifts are independent beforehand and then taken against their mean, so that each source counts alike. The
    dispersion is that of McCullagh and Nelder (1989), sections 4.5 and 5.5; a likelihood to the power of its inverse
    has the curvature of the quasi-likelihood.

    Examples
    --------
    >>> time = np.arange(60) - 29.5
    >>> first, second = np.full(60, 30.0), np.round(30.0 * np.exp(0.01 * time))
    >>> fit = fit_relative_coverage(np.array([first, second]), np.ones((2, 60)), time, 0.1)
    >>> fit.drift.round(4)
    array([-0.005,  0.005])
    """
    sources, half = len(counts), max(float(np.abs(time).max()), 1.0)
    if sources == 1:
        return RelativeCoverage(np.zeros(1), np.zeros(1), np.zeros((2, 2)), np.nan, 0)
    seen = exposure > 0.0
    shared = seen[:, seen.sum(axis=0) > 1]
    if not shared.any(axis=1).all():
        raise InputError("each source must share a day with another", column="counts")
    days = (seen.sum(axis=0) > 1) & (counts.sum(axis=0) > 0.0)
    y, u = counts[:, days], time[days] / half
    with np.errstate(divide="ignore"):
        shift = np.log(exposure[:, days])
    # The mean of independent drifts is taken away from each; what is left has the standard deviation asked for.
    sd = relative_sd * half * math.sqrt(sources / (sources - 1))
    drifting = sd > _NO_DRIFT
    precision = np.full(2 * sources if drifting else sources, _LEVEL_PRECISION)
    precision[sources:] = sd**-2.0 if drifting else 0.0
    basis = np.vstack([np.ones_like(u), u])[: 2 if drifting else 1]
    values = np.zeros(len(precision))
    values[:sources] = np.log((counts * seen).sum(axis=1) + 0.5) - np.log(exposure.sum(axis=1))
    values[:sources] -= values[:sources].mean()
    freedom = float((np.isfinite(shift).sum(axis=0) - 1).sum()) - len(basis) * (sources - 1)
    dispersion = 1.0
    information = np.diag(precision)
    for _ in range(_ROUNDS):
        values, information = _mode(y, basis, shift, precision, max(dispersion, _LEAST_DISPERSION), values)
        share = _shares(values, basis, shift)
        mean = y.sum(axis=0) * share
        away = np.divide((y - mean) ** 2, mean, out=np.zeros_like(mean), where=mean > 0.0)
        dispersion = float(away.sum()) / freedom if freedom > 0.0 else 1.0
    centre = np.eye(sources) - 1.0 / sources
    scale = np.kron(np.diag([1.0, 1.0 / half])[: len(basis), : len(basis)], centre)
    whole = np.zeros((2 * sources, 2 * sources))
    whole[: len(scale), : len(scale)] = scale @ np.linalg.inv(information) @ scale.T
    centred = np.zeros(2 * sources)
    centred[: len(scale)] = scale @ values
    return RelativeCoverage(centred[:sources], centred[sources:], whole, dispersion, int(days.sum()))


def log_coverage(coverage: RelativeCoverage, exposure: Floats, time: Floats) -> tuple[Floats, Floats]:
    """Give the logarithm of each day's summed coverage, and its slopes on levels and drifts.

    Parameters
    ----------
    coverage : RelativeCoverage
        The sources.
    exposure : ndarray, shape (S, days)
        Share of the day that each covered; 0 where it did not observe it.
    time : ndarray, shape (days,)
        Days since the middle of the window.

    Returns
    -------
    offset : ndarray, shape (days,)
        0 where no source observed the day.
    slopes : ndarray, shape (days, 2 S)
    """
    part = exposure * np.exp(coverage.level[:, None] + coverage.drift[:, None] * time)
    total = part.sum(axis=0)
    seen = total > 0.0
    share = np.divide(part, total, out=np.zeros_like(part), where=seen)
    return np.log(np.where(seen, total, 1.0)), np.vstack([share, share * time]).T


def _shares(values: Floats, basis: Floats, shift: Floats) -> Floats:
    """Give each source's share of each day's sum."""
    line = values.reshape(len(basis), -1).T @ basis + shift
    part = np.exp(line - line.max(axis=0))
    return np.asarray(part / part.sum(axis=0))


def _mode(
    y: Floats, basis: Floats, shift: Floats, precision: Floats, dispersion: float, start: Floats
) -> tuple[Floats, Floats]:
    """Give the mode of the tempered multinomial posterior and its information, by Newton steps that never overshoot."""
    total, values = y.sum(axis=0) / dispersion, start
    share = _shares(values, basis, shift)
    height = _height(y, share, dispersion, precision, values)
    information = np.diag(precision)
    for _ in range(_MOST_STEPS):
        gradient = ((y / dispersion - total * share) @ basis.T).T.ravel() - precision * values
        information = np.diag(precision) + _curvature(total, share, basis)
        step = np.linalg.solve(information, gradient)
        decrement = float(step @ gradient)
        if decrement < _TOLERANCE:
            break
        scale = 1.0
        while scale > 1e-6:
            new = values + scale * step
            share = _shares(new, basis, shift)
            reached = _height(y, share, dispersion, precision, new)
            if reached >= height:
                break
            scale *= 0.5
        else:
            break
        values, height = new, reached
    return values, information


def _height(y: Floats, share: Floats, dispersion: float, precision: Floats, values: Floats) -> float:
    used = y > 0.0
    gain = float((y[used] * np.log(np.maximum(share[used], 1e-300))).sum()) / dispersion
    return gain - 0.5 * float(precision @ values**2)


def _curvature(total: Floats, share: Floats, basis: Floats) -> Floats:
    """Give the information of the multinomial split on (level of each source, drift of each source)."""
    sources, terms = share.shape[0], len(basis)
    # Levels of all sources come first, then their drifts.
    rows = (basis[:, None, :] * share).reshape(terms * sources, -1)
    information = -(rows * total) @ rows.T
    for a in range(terms):
        for b in range(terms):
            own = share @ (total * basis[a] * basis[b])
            information[a * sources : (a + 1) * sources, b * sources : (b + 1) * sources] += np.diag(own)
    return np.asarray(information)
