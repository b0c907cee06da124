"""Counts whose days depend on each other: negative-binomial regression with a hidden AR(1) process.

The logarithm of a day's mean is a regression plus a hidden value that remembers the day before. How strongly that value
swings, how long it remembers and how much counts scatter around their mean is not known: a grid of these is walked,
each of its points is solved by Laplace's approximation, and answers are mixtures over the grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from casualties.errors import InputError
from casualties.inference.batches import run_batches
from casualties.inference.latent_laplace import day_moments, explore, mixture_probability, mixture_quantile

__all__ = [
    "DEFAULT_GRID",
    "LatentArPosterior",
    "LatentDays",
    "LatentGrid",
    "fit_latent_ar",
    "fit_latent_ar_many",
    "latent_days",
    "left_out_tails",
    "weekday_contrasts",
    "weekday_design",
    "weekday_precision",
]

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]

_TOLERANCE = 1e-8  # Newton decrement: about twice what the log posterior lacks to its maximum
_CUT = 7.0  # log weight below the highest at which a point of the grid is left out
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()
_LARGEST_LOG_MEAN = 25.0
_LEAST_WEIGHT = 1e-6  # of a point of the grid in a tail probability
_LEAST_WEIGHT_OF_DAYS = 1e-3  # the same in answers by day
_CONSTANT_PRECISION = 1e-4  # a standard deviation of 100 on the log scale
_GROWTH_PRECISION = 1.0  # a standard deviation of 1 a day on the log scale
_WEEKDAY_SD = 0.25  # of the logarithm of a weekday's ratio: most ratios lie between 0.6 and 1.6
_PORTION = 16
_EPOCH = 3  # 1 January 1970 was a Thursday


@dataclass(frozen=True, slots=True, eq=False)
class LatentGrid:
    """Values of the hyperparameters and their prior probabilities.

    Parameters
    ----------
    phi : ndarray, shape (a,)
        Persistence: the correlation of the hidden process one day apart, ascending, from 0 to below 1.
    sd : ndarray, shape (b,)
        Its standard deviation, ascending. Where the first is 0, days are independent there and `phi` plays no part.
    size : ndarray, shape (c,)
        Negative-binomial size (variance = mean + mean² / size), ascending.
    log_prior : ndarray, shape (a, b, c)
        Logarithm of the prior probability of each point; minus infinity leaves a point out.
    """

    phi: Floats
    sd: Floats
    size: Floats
    log_prior: Floats

    @classmethod
    def of(
        cls,
        phi: Sequence[float],
        sd: Sequence[float],
        size: Sequence[float],
        phi_weights: npt.ArrayLike | None = None,
        sd_weights: npt.ArrayLike | None = None,
        size_weights: npt.ArrayLike | None = None,
    ) -> LatentGrid:
        """Make a grid on which the three are independent beforehand.

        Parameters
        ----------
        phi, sd, size : sequence of float
            The values, ascending.
        phi_weights, sd_weights, size_weights : array_like, optional
            Prior weights of the values, of any sum; equal where they are not given.

        Returns
        -------
        LatentGrid
            Where `sd` begins with 0, the weight of that value is that of independent days.

        Raises
        ------
        InputError
            If values are not ascending or lie outside of what they mean, or weights do not fit or are negative.

        Examples
        --------
        >>> grid = LatentGrid.of([0.5, 0.9], [0.0, 0.4], [1.0, 4.0], sd_weights=[0.7, 0.3])
        >>> float(np.exp(grid.log_prior[:, 0]).sum().round(12)), grid.log_prior.shape
        (0.7, (2, 2, 2))
        """
        parts = []
        for name, values, given in (("phi", phi, phi_weights), ("sd", sd, sd_weights), ("size", size, size_weights)):
            _check_values(name, np.asarray(values, dtype=float))
            weights = np.ones(len(values)) if given is None else np.asarray(given, dtype=float)
            if weights.shape != (len(values),) or not (weights >= 0.0).all() or not weights.sum() > 0.0:
                raise InputError(
                    "each value needs one weight, none negative and not all 0", column=f"{name}_weights", value=given
                )
            parts.append(weights / weights.sum())
        prior = parts[0][:, None, None] * parts[1][None, :, None] * parts[2][None, None, :]
        if sd[0] == 0.0:
            prior[0, 0] = prior[:, 0].sum(axis=0)
            prior[1:, 0] = 0.0
        with np.errstate(divide="ignore"):
            log_prior = np.log(prior)
        return cls(np.array(phi, dtype=float), np.array(sd, dtype=float), np.array(size, dtype=float), log_prior)


def _check_values(name: str, values: Floats) -> None:
    inside = {
        "phi": (values >= 0.0) & (values < 1.0),
        "sd": (values >= 0.0) & (values < np.inf),
        "size": (values > 0.0) & (values < np.inf),
    }[name]
    if values.ndim != 1 or not len(values) or not inside.all() or not (np.diff(values) > 0.0).all():
        low = "above 0" if name == "size" else "at least 0"
        high = " and below 1" if name == "phi" else ""
        raise InputError(f"the values of {name} must be ascending, {low}{high}", column=name, value=values.tolist())


def _default_grid() -> LatentGrid:
    """Give the grid for questions that ask of the days themselves: short and long memory alike."""
    sd = np.array([0.0, 0.15, 0.3, 0.5, 0.8, 1.2])
    size = np.array([0.35, 0.7, 1.2, 2.0, 3.5, 7.0, 20.0, 100.0])
    return LatentGrid.of(
        [0.3, 0.6, 0.85, 0.95, 0.99],
        sd.tolist(),
        size.tolist(),
        sd_weights=np.exp(-sd / 0.3) * np.gradient(sd),
        size_weights=np.exp(-0.5 * (np.log(size / 2.0) / 1.2) ** 2) * np.gradient(np.log(size)),
    )


DEFAULT_GRID = _default_grid()


@dataclass(frozen=True, slots=True, eq=False)
class LatentArPosterior:
    """A mixture of normal posteriors over a grid of hyperparameters.

    Parameters
    ----------
    log_evidence : float
        Logarithm of the probability of the counts, hyperparameters and coefficients integrated over.
    weights : ndarray, shape (H,)
        Posterior weight of each point of the grid that was kept; they add up to 1.
    phi, sd, size : ndarray, shape (H,)
        The hyperparameters of each point.
    coefficients : ndarray, shape (H, p)
        Posterior mean at each point.
    covariance : ndarray, shape (H, p, p)
        Posterior covariance at each point.
    last : ndarray, shape (H,)
        Mean of the hidden process on the last day, at the mean coefficients.
    last_variance : ndarray, shape (H,)
        Its variance given the coefficients.
    last_slope : ndarray, shape (H, p)
        By how much its mean falls where a coefficient rises by 1.
    visits : int
        Points of the grid that were solved.
    """

    log_evidence: float
    weights: Floats
    phi: Floats
    sd: Floats
    size: Floats
    coefficients: Floats
    covariance: Floats
    last: Floats
    last_variance: Floats
    last_slope: Floats
    visits: int

    def parts(self, contrast: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Give means and standard deviations (H,) of a linear combination (p,) of the coefficients at each point."""
        row = np.asarray(contrast, dtype=float)
        variance = np.einsum("i,hij,j->h", row, self.covariance, row)
        return self.coefficients @ row, np.sqrt(np.maximum(variance, 1e-300))

    def mean(self, contrast: npt.ArrayLike) -> float:
        """Give the posterior mean of a linear combination (p,) of the coefficients."""
        return float(self.weights @ (self.coefficients @ np.asarray(contrast, dtype=float)))

    def standard_deviation(self, contrast: npt.ArrayLike) -> float:
        """Give the posterior standard deviation of a linear combination (p,) of the coefficients."""
        means, errors = self.parts(contrast)
        return math.sqrt(float(self.weights @ (errors**2 + (means - self.weights @ means) ** 2)))

    def interval(self, contrast: npt.ArrayLike, level: float) -> tuple[float, float]:
        """Give the central posterior interval of a linear combination (p,) of the coefficients."""
        means, errors = self.parts(contrast)
        tail = 0.5 - level / 2
        low, high = (float(mixture_quantile(self.weights, means, errors, share)) for share in (tail, 1.0 - tail))
        return low, high

    def probability_positive(self, contrast: npt.ArrayLike) -> float:
        """Give the posterior probability that a linear combination (p,) of the coefficients is above 0."""
        means, errors = self.parts(contrast)
        return float(mixture_probability(self.weights, -means, errors, 0.0))

    def sample_paths(
        self, design_ahead: npt.ArrayLike, offset_ahead: npt.ArrayLike, n: int, rng: np.random.Generator
    ) -> Counts:
        """Draw counts of the days after the last one.

        Parameters
        ----------
        design_ahead : array_like, shape (h, p)
            Design of the days ahead.
        offset_ahead : array_like, shape (h,)
            Logarithm of their exposure.
        n : int
            Number of paths.
        rng : Generator
            Where chance comes from.

        Returns
        -------
        ndarray of int, shape (n, h)
        """
        ahead, shift = np.asarray(design_ahead, dtype=float), np.asarray(offset_ahead, dtype=float)
        point = rng.choice(len(self.weights), size=n, p=self.weights)
        factor = np.linalg.cholesky(self.covariance)
        drift = np.einsum("nij,nj->ni", factor[point], rng.standard_normal((n, ahead.shape[1])))
        hidden = self.last[point] - np.einsum("ni,ni->n", drift, self.last_slope[point])
        hidden += np.sqrt(self.last_variance[point]) * rng.standard_normal(n)
        phi, size = self.phi[point], self.size[point]
        innovation = self.sd[point] * np.sqrt(1.0 - phi**2)
        line = (self.coefficients[point] + drift) @ ahead.T + shift
        paths = np.empty((n, len(ahead)), dtype=np.int64)
        for day in range(len(ahead)):
            hidden = phi * hidden + innovation * rng.standard_normal(n)
            mean = np.exp(np.minimum(line[:, day] + hidden, _LARGEST_LOG_MEAN))
            paths[:, day] = rng.poisson(rng.gamma(size, mean / size))
        return paths

    def tail(self, count: float, design_row: npt.ArrayLike, offset: float = 0.0) -> tuple[float, float]:
        """Give P(Y >= count) and P(Y > count) for the day after the last one, by quadrature.

        Parameters
        ----------
        count : float
            The count that the day is compared with.
        design_row : array_like, shape (p,)
            The day's row of the design.
        offset : float, optional
            Logarithm of its exposure.

        Returns
        -------
        at_least, above : float
        """
        row = np.asarray(design_row, dtype=float)
        # The day's hidden value is phi times that of the day before, whose mean falls with the coefficients.
        slope = row - self.phi[:, None] * self.last_slope
        mean = self.coefficients @ row + self.phi * self.last + offset
        variance = np.einsum("hi,hij,hj->h", slope, self.covariance, slope)
        variance += self.phi**2 * self.last_variance + self.sd**2 * (1.0 - self.phi**2)
        kept = self.weights > _LEAST_WEIGHT
        at_least, above = _tails(count, mean[kept], variance[kept], self.size[kept])
        return float(self.weights[kept] @ at_least), float(self.weights[kept] @ above)


def _tails(count: float | Floats, mean: Floats, variance: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Give P(Y >= count) and P(Y > count) of negative-binomial counts whose log means are normal, elementwise."""
    log_mean = mean[..., None] + np.sqrt(variance)[..., None] * _NODES
    mu = np.exp(np.minimum(log_mean, _LARGEST_LOG_MEAN))
    number, scatter = np.asarray(count, dtype=float)[..., None], size[..., None]
    share = mu / (mu + scatter)
    at_least = np.where(number > 0.0, special.betainc(np.maximum(number, 1.0), scatter, share), 1.0)
    above = special.betainc(number + 1.0, scatter, share)
    return at_least @ _NODE_WEIGHTS, above @ _NODE_WEIGHTS


@dataclass(frozen=True, slots=True, eq=False)
class LatentDays:
    """The linear predictor of each day at each point of the grid that was kept: normal, given the hyperparameters.

    Parameters
    ----------
    weights, size : ndarray, shape (H,)
        Posterior weight and negative-binomial size of each point; points of next to no weight are left out.
    mean, variance : ndarray, shape (H, n)
        Of the regression, the offset and the hidden process together.
    left_out_mean, left_out_variance : ndarray, shape (H, n)
        The same, as the other days have it.
    """

    weights: Floats
    size: Floats
    mean: Floats
    variance: Floats
    left_out_mean: Floats
    left_out_variance: Floats


def fit_latent_ar(
    counts: npt.ArrayLike,
    design: npt.ArrayLike,
    *,
    offset: npt.ArrayLike | None = None,
    prior_precision: npt.ArrayLike | None = None,
    grid: LatentGrid = DEFAULT_GRID,
) -> LatentArPosterior:
    """Fit counts of consecutive days by negative-binomial regression with a hidden AR(1) process.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Deaths by day; NaN on a day that was not observed, which says nothing.
    design : array_like, shape (n, p)
        Design of the log mean; a constant is a column like any other. `weekday_design` makes one.
    offset : array_like, shape (n,), optional
        Logarithm of each day's exposure; minus infinity is a day that was not observed.
    prior_precision : array_like, shape (p,), optional
        One over the prior variance of each coefficient, whose prior mean is 0; the same small number for each where it
        is not given. `weekday_precision` goes with `weekday_design`.
    grid : LatentGrid, optional
        Values of the hyperparameters and their prior.

    Returns
    -------
    LatentArPosterior

    Raises
    ------
    InputError
        If shapes do not fit, a count is negative or fractional, no day was observed, a value is not finite, or a
        precision is not above 0.

    Notes
    -----
    Given the hyperparameters, coefficients and hidden days have a log-concave posterior. Laplace's approximation takes
    it as normal around its mode, with the observed information. The grid is walked from its least dependent point to
    all points whose weight is within ``exp(-7)`` of the highest.

    References
    ----------
    Rue, H., Martino, S. and Chopin, N. (2009), Approximate Bayesian inference for latent Gaussian models by using
    integrated nested Laplace approximations, Journal of the Royal Statistical Society B 71, 319-392.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = [2, 3, 1, 4, 3, 5, 4, 6, 5, 9, 7, 8, 12, 9, 14, 11, 15, 19, 16, 21]
    >>> design = np.column_stack([np.ones(20), np.arange(20) - 9.5])
    >>> posterior = fit_latent_ar(counts, design)
    >>> round(posterior.mean([0, 1]), 2), round(posterior.probability_positive([0, 1]), 3)
    (0.12, 1.0)
    """
    y, seen, X, shift, precision = _checked(counts, design, offset, prior_precision)
    return _fit(y, seen, X, shift, precision, grid)


def fit_latent_ar_many(
    counts: Sequence[npt.ArrayLike],
    designs: Sequence[npt.ArrayLike],
    *,
    offsets: Sequence[npt.ArrayLike] | None = None,
    prior_precision: npt.ArrayLike | None = None,
    grid: LatentGrid = DEFAULT_GRID,
    threads: int | None = None,
) -> list[LatentArPosterior]:
    """Fit many series, beside each other on several processors.

    Parameters
    ----------
    counts, designs, offsets : sequences of array_like
        Of each series as for `fit_latent_ar`.
    prior_precision, grid
        Of all series, as for `fit_latent_ar`.
    threads : int, optional
        As for `casualties.inference.batches.run_batches`; the answers do not depend on it.

    Returns
    -------
    list of LatentArPosterior

    Raises
    ------
    InputError
        As `fit_latent_ar`, or if the sequences differ in length.
    """
    shifts: Sequence[npt.ArrayLike | None] = [None] * len(counts) if offsets is None else offsets
    if not len(counts) == len(designs) == len(shifts):
        raise InputError(
            f"{len(counts)} series need as many designs and offsets, not {len(designs)} and {len(shifts)}",
            column="designs, offsets",
        )

    def task(start: int, stop: int) -> list[LatentArPosterior]:
        return [
            fit_latent_ar(counts[i], designs[i], offset=shifts[i], prior_precision=prior_precision, grid=grid)
            for i in range(start, stop)
        ]

    return [each for portion in run_batches(task, len(counts), threads, size=_PORTION) for each in portion]


def latent_days(
    posterior: LatentArPosterior,
    counts: npt.ArrayLike,
    design: npt.ArrayLike,
    *,
    offset: npt.ArrayLike | None = None,
    prior_precision: npt.ArrayLike | None = None,
) -> LatentDays:
    """Give the linear predictor of each day of a fit, with the day's own count and without it.

    Parameters
    ----------
    posterior : LatentArPosterior
        The fit.
    counts, design, offset, prior_precision
        What was fitted, as for `fit_latent_ar`.

    Returns
    -------
    LatentDays
    """
    y, seen, X, shift, precision = _checked(counts, design, offset, prior_precision)
    kept = np.flatnonzero(posterior.weights > _LEAST_WEIGHT_OF_DAYS)
    moments = np.empty((4, len(kept), len(y)))
    for row, h in enumerate(kept):
        day_moments(
            y,
            seen,
            X,
            shift,
            posterior.phi[h],
            posterior.sd[h],
            posterior.size[h],
            precision,
            posterior.coefficients[h].copy(),
            _TOLERANCE,
            moments[:, row],
        )
    weights = posterior.weights[kept]
    return LatentDays(weights / weights.sum(), posterior.size[kept], *moments)


def left_out_tails(days: LatentDays, counts: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give P(Y < count) and P(Y <= count) of each day as the other days have it.

    The weights of the grid are those without the day as well: each is divided by the probability of the day's count.

    Parameters
    ----------
    days : LatentDays
        The days of a fit.
    counts : array_like, shape (n,)
        What was fitted.

    Returns
    -------
    below, up_to : ndarray, shape (n,)
        NaN on days that were not observed.

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009), Predictive model assessment for count data, Biometrics 65, 1254-1261.
    """
    y = np.asarray(counts, dtype=float)
    seen = ~np.isnan(y)
    number = np.broadcast_to(np.where(seen, y, 0.0), days.mean.shape)
    size = np.broadcast_to(days.size[:, None], days.mean.shape)
    at_least, above = _tails(number, days.left_out_mean, days.left_out_variance, size)
    weights = days.weights[:, None] / np.maximum(at_least - above, 1e-300)
    weights /= weights.sum(axis=0)
    below, up_to = (1.0 - (weights * part).sum(axis=0) for part in (at_least, above))
    return np.where(seen, below, np.nan), np.where(seen, up_to, np.nan)


def weekday_design(dates: pd.DatetimeIndex, trend: bool) -> Floats:
    """Give a design of days: a constant, days since the middle (with a trend) and six columns for the weekdays.

    Parameters
    ----------
    dates : DatetimeIndex, shape (n,)
        The days.
    trend : bool
        Whether there is a column of days since the middle.

    Returns
    -------
    ndarray, shape (n, 7) or (n, 8)
        The weekday columns are those of `weekday_contrasts`.

    Examples
    --------
    >>> import pandas as pd
    >>> weekday_design(pd.date_range("2019-04-01", periods=3), trend=True)[:, :4].round(3)
    array([[ 1.   , -1.   ,  0.707,  0.408],
           [ 1.   ,  0.   , -0.707,  0.408],
           [ 1.   ,  1.   ,  0.   , -0.816]])
    """
    day = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    design = np.ones((len(day), 8 if trend else 7))
    if trend:
        design[:, 1] = day - (day[0] + day[-1]) / 2.0
    design[:, -6:] = weekday_contrasts()[(day + _EPOCH) % 7]
    return design


def weekday_precision(trend: bool) -> Floats:
    """Give the prior precision of the coefficients of `weekday_design`, shape (7,) or (8,).

    Constant and growth have wide priors. The logarithm of a weekday's ratio is shrunk towards 0 by a normal prior with
    standard deviation 0.25.
    """
    head = [_CONSTANT_PRECISION, _GROWTH_PRECISION] if trend else [_CONSTANT_PRECISION]
    return np.array([*head, *[_WEEKDAY_SD**-2] * 6])


def weekday_contrasts() -> Floats:
    """Give six orthonormal columns over the seven weekdays (Monday first), each of which adds up to nothing.

    With equal prior precisions all weekdays are treated alike.

    Examples
    --------
    >>> table = weekday_contrasts()
    >>> bool(np.allclose(table.T @ table, np.eye(6))), bool(np.allclose(table.sum(axis=0), 0))
    (True, True)
    """
    table = np.zeros((7, 6))
    for column in range(6):
        table[: column + 1, column] = 1.0
        table[column + 1, column] = -(column + 1.0)
        table[:, column] /= math.sqrt((column + 1.0) * (column + 2.0))
    return table


def _checked(
    counts: npt.ArrayLike, design: npt.ArrayLike, offset: npt.ArrayLike | None, prior_precision: npt.ArrayLike | None
) -> tuple[Floats, npt.NDArray[np.bool_], Floats, Floats, Floats]:
    """Give the data as the kernels take them: no NaN, a mask of the days that were observed."""
    y = np.asarray(counts, dtype=float)
    X = np.ascontiguousarray(design, dtype=float)
    if y.ndim != 1 or X.ndim != 2 or len(X) != len(y) or not X.shape[1]:
        raise InputError(
            f"counts of shape {y.shape} need a design of as many rows, not one of shape {X.shape}",
            column="design",
            remedy="give one row of the design for each day",
        )
    shift = np.zeros(len(y)) if offset is None else np.array(offset, dtype=float)
    precision = np.full(X.shape[1], _CONSTANT_PRECISION)
    if prior_precision is not None:
        precision = np.asarray(prior_precision, dtype=float)
    if shift.shape != y.shape or precision.shape != (X.shape[1],):
        raise InputError(
            f"shapes {shift.shape} and {precision.shape} do not fit {len(y)} days and {X.shape[1]} coefficients",
            column="offset, prior_precision",
        )
    seen = ~np.isnan(y) & (shift > -np.inf)
    y, shift = np.where(seen, y, 0.0), np.where(seen, shift, 0.0)
    if not seen.any():
        raise InputError("no day was observed", column="counts")
    if not (y >= 0.0).all() or not (y == np.floor(y)).all() or not np.isfinite(y).all():
        raise InputError("counts must be whole numbers, none negative", column="counts")
    if not np.isfinite(X).all() or not np.isfinite(shift).all():
        raise InputError("must be finite", column="design, offset")
    if not (precision > 0.0).all() or not np.isfinite(precision).all():
        raise InputError("must be above 0 and finite", column="prior_precision", remedy="e.g. 1e-4 for a wide prior")
    return y, seen, X, shift, precision


def _start(grid: LatentGrid) -> tuple[int, int, int]:
    """Give the least dependent point of middling size that the prior allows."""
    middle = len(grid.size) // 2
    points = [(a, b, middle) for b in range(len(grid.sd)) for a in range(len(grid.phi))]
    return next((point for point in points if grid.log_prior[point] > -np.inf), (0, 0, middle))


def _fit(
    y: Floats, seen: npt.NDArray[np.bool_], X: Floats, shift: Floats, precision: Floats, grid: LatentGrid
) -> LatentArPosterior:
    # A ridge regression of the logarithms is a start that ends: a column without an observed day stays at 0.
    half = X[seen].T
    beta = np.linalg.solve(half @ half.T + np.diag(precision), half @ (np.log(y[seen] + 0.5) - shift[seen]))
    points, log_weights, means, covariance, last, variances, slopes, visits = explore(
        y,
        seen,
        X,
        shift,
        grid.phi,
        grid.sd,
        grid.size,
        grid.log_prior,
        precision,
        _start(grid),
        beta,
        np.zeros(len(y)),
        _TOLERANCE,
        _CUT,
    )
    if not len(points):
        raise InputError("no mode of the posterior was found", column="counts, design")
    top = float(log_weights.max())
    weights = np.exp(log_weights - top)
    total = float(weights.sum())
    return LatentArPosterior(
        log_evidence=top + math.log(total),
        weights=weights / total,
        phi=grid.phi[points[:, 0]],
        sd=grid.sd[points[:, 1]],
        size=grid.size[points[:, 2]],
        coefficients=means,
        covariance=covariance,
        last=last,
        last_variance=variances,
        last_slope=slopes,
        visits=visits,
    )
