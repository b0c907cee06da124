"""Negative-binomial regression that ends, with the dispersion profiled and exactly Poisson where it should be.

Counts have mean ``mu = exp(offset + X beta)`` and variance ``mu + alpha mu**2`` (NB2). Coefficients and dispersion are
sought together by Newton steps that never lower the likelihood. Everything about the dispersion is written in
``alpha``, not in ``theta = 1 / alpha``, so that nothing is lost near the Poisson boundary ``alpha = 0``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from casualties.errors import InputError
from casualties.inference import negative_binomial_kernels as kernels
from casualties.inference.batches import run_batches

__all__ = [
    "NegativeBinomialFit",
    "NegativeBinomialFits",
    "dispersion_interval",
    "fit",
    "fit_many",
    "log_likelihood",
    "profile_dispersion",
]

Floats = npt.NDArray[np.float64]

_REASONS = {
    kernels.MISSING: "no count was observed",
    kernels.ZEROS: "all counts are zero, so that no coefficient is finite",
    kernels.FEW: "there are fewer observed counts than coefficients",
    kernels.COLLINEAR: "on the observed days a column of the design is a combination of the others",
}


@dataclass(frozen=True, slots=True)
class NegativeBinomialFit:
    """A fitted negative-binomial regression.

    Parameters
    ----------
    params : ndarray, shape (p,)
        Coefficients, on the log scale.
    covariance : ndarray, shape (p, p)
        Inverse expected information of the coefficients at the fitted dispersion (as ``vcov`` of R's ``glm.nb``).
    dispersion : float
        ``alpha`` in the variance ``mu + alpha mu**2``; exactly 0 where the likelihood is highest at the Poisson
        boundary.
    log_likelihood : float
        With all constants, so that it can be compared between programs.
    mean : ndarray, shape (n,)
        Fitted mean of each count.
    converged : bool
        Whether the last step was below a millionth of a standard error.
    iterations : int
        Newton steps in all.
    """

    params: Floats
    covariance: Floats
    dispersion: float
    log_likelihood: float
    mean: Floats
    converged: bool
    iterations: int

    @property
    def standard_errors(self) -> Floats:
        """Square roots of the diagonal of the covariance, shape (p,)."""
        errors: Floats = np.sqrt(np.diag(self.covariance))
        return errors

    def pearson(self, y: npt.ArrayLike) -> Floats:
        """Give the Pearson residuals of the counts that were fitted, shape (n,)."""
        counts = np.asarray(y, dtype=float)
        residuals: Floats = (counts - self.mean) / np.sqrt(self.mean + self.dispersion * self.mean**2)
        return residuals


@dataclass(frozen=True, slots=True, eq=False)
class NegativeBinomialFits:
    """Negative-binomial regressions of many series on one design.

    Parameters
    ----------
    params : ndarray, shape (m, p)
        Coefficients of each series; NaN, as in the other arrays, where a series cannot be fitted.
    covariance : ndarray, shape (m, p, p)
        As in `NegativeBinomialFit`.
    dispersion : ndarray, shape (m,)
        ``alpha`` of each series.
    log_likelihood : ndarray, shape (m,)
        With all constants.
    converged : ndarray of bool, shape (m,)
        Whether the last step was below a millionth of a standard error.
    iterations : ndarray of int, shape (m,)
        Newton steps.
    reasons : tuple of str
        Why a series cannot be fitted; empty where it was.
    """

    params: Floats
    covariance: Floats
    dispersion: Floats
    log_likelihood: Floats
    converged: npt.NDArray[np.bool_]
    iterations: npt.NDArray[np.int64]
    reasons: tuple[str, ...]

    @property
    def standard_errors(self) -> Floats:
        """Square roots of the diagonals of the covariances, shape (m, p)."""
        errors: Floats = np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))
        return errors


def fit(X: npt.ArrayLike, y: npt.ArrayLike, offset: npt.ArrayLike | None = None) -> NegativeBinomialFit:
    """Fit counts by negative-binomial regression with a log link.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design; a constant is a column like any other.
    y : array_like, shape (n,)
        Counts: whole numbers, none negative, at least one above zero.
    offset : array_like, shape (n,), optional
        Logarithm of each count's exposure; 0 where it is not given.

    Returns
    -------
    NegativeBinomialFit
        The maximum of the likelihood in coefficients and dispersion.

    Raises
    ------
    InputError
        If shapes do not fit, a value is not finite, a count is negative or fractional, all counts are zero, or a
        column of the design is a combination of the others.

    Notes
    -----
    A column that is non-zero only where every count is zero has no finite coefficient: it ends far below zero with
    a standard error so large that its interval says nothing, and leaves the other coefficients alone.

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.array([0, 3, 1, 7, 2, 12, 1, 30])
    >>> X = np.column_stack([np.ones(8), np.arange(8)])
    >>> result = fit(X, counts)
    >>> result.params.round(3)
    array([-0.063,  0.438])
    >>> round(result.dispersion, 3)
    0.629

    References
    ----------
    Cameron, A. C. and Trivedi, P. K. (2013), Regression Analysis of Count Data, 2nd ed., Cambridge University Press.
    Venables, W. N. and Ripley, B. D. (2002), Modern Applied Statistics with S, 4th ed., Springer (``glm.nb``).
    """
    design, counts, shift = _checked(X, y, offset)
    found, means = _run(design, counts[None, :], shift[None, :], 1, means=True)
    return NegativeBinomialFit(
        params=found.params[0],
        covariance=found.covariance[0],
        dispersion=float(found.dispersion[0]),
        log_likelihood=float(found.log_likelihood[0]),
        mean=means[0],
        converged=bool(found.converged[0]),
        iterations=int(found.iterations[0]),
    )


def fit_many(
    X: npt.ArrayLike, Y: npt.ArrayLike, offset: npt.ArrayLike | None = None, threads: int | None = None
) -> NegativeBinomialFits:
    """Fit many series of counts to one design, on all processors.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Design, the same for all series.
    Y : array_like, shape (m, n)
        Counts, each row a series; NaN where a count was not observed.
    offset : array_like, shape (n,) or (m, n), optional
        Logarithm of each count's exposure; 0 where it is not given.
    threads : int, optional
        How many portions run at once (`casualties.inference.batches.run_batches`); the answer does not depend on it.

    Returns
    -------
    NegativeBinomialFits
        For each series what `fit` finds on its observed counts; a series that cannot be fitted has a reason instead.

    Raises
    ------
    InputError
        If shapes do not fit, a count is negative, fractional or infinite, the design or an offset is not finite, or a
        column of the whole design is a combination of the others.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.column_stack([np.ones(8), np.arange(8)])
    >>> found = fit_many(X, [[0, 3, 1, 7, 2, 12, 1, 30], [0] * 8])
    >>> found.params[0].round(3)
    array([-0.063,  0.438])
    >>> found.reasons
    ('', 'all counts are zero, so that no coefficient is finite')
    """
    design, counts = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    if design.ndim != 2 or counts.ndim != 2 or len(design) != counts.shape[1]:
        raise InputError(
            f"the design has shape {design.shape} and the series {counts.shape}", remedy="give (n, p) and (m, n)"
        )
    shift = np.zeros((1, len(design))) if offset is None else np.atleast_2d(np.asarray(offset, dtype=float))
    if shift.shape not in {(1, len(design)), counts.shape}:
        raise InputError(f"the offset has shape {shift.shape} and the series {counts.shape}", column="offset")
    _require_finite(X=design, offset=shift)
    wrong = (counts < 0) | (counts != np.floor(counts)) & ~np.isnan(counts) | np.isinf(counts)
    if wrong.any():
        raise InputError("counts must be whole numbers, none negative", column="Y", value=counts[wrong][0])
    _require_full_rank(design)
    return _run(design, counts, shift, threads, means=False)[0]


def log_likelihood(y: npt.ArrayLike, mean: npt.ArrayLike, dispersion: float) -> float:
    """Give the log-likelihood of counts under a negative binomial (Poisson where the dispersion is 0).

    Parameters
    ----------
    y : array_like, shape (n,)
        Counts.
    mean : array_like, shape (n,)
        Their means; 0 only where the count is 0.
    dispersion : float
        ``alpha`` in ``mu + alpha mu**2``.

    Returns
    -------
    float
        With all constants.

    Examples
    --------
    >>> round(log_likelihood([2], [2.0], 0.0), 6)
    -1.306853
    """
    counts, mu = np.asarray(y, dtype=float), np.asarray(mean, dtype=float)
    constant = -special.gammaln(counts + 1.0).sum() + special.xlogy(counts, mu).sum()
    if dispersion == 0.0:
        return float(constant - mu.sum())
    return float(constant) + float(kernels.dispersion_part(counts, mu, float(dispersion)))


def profile_dispersion(y: npt.ArrayLike, mean: npt.ArrayLike, start: float = 0.0) -> float:
    """Give the dispersion that makes counts with known means most likely.

    Parameters
    ----------
    y : array_like, shape (n,)
        Counts.
    mean : array_like, shape (n,)
        Their means; 0 only where the count is 0.
    start : float, optional
        Where to begin; 0 begins from the method of moments.

    Returns
    -------
    float
        ``alpha``; exactly 0 where the score at the Poisson boundary, half the sum of ``(y - mu)**2 - y``, is not
        positive.

    Examples
    --------
    >>> profile_dispersion([2, 3, 2, 3], [2.5, 2.5, 2.5, 2.5])
    0.0
    >>> round(profile_dispersion([0, 9, 1, 6], [4.0, 4.0, 4.0, 4.0]), 3)
    1.17
    """
    counts, mu = np.asarray(y, dtype=float), np.asarray(mean, dtype=float)
    return float(kernels.best_dispersion(counts, mu, float(start)))


def dispersion_interval(y: npt.ArrayLike, mean: npt.ArrayLike, dispersion: float, level: float) -> tuple[float, float]:
    """Give the likelihood-ratio interval of the dispersion at given means.

    The means are held at their fitted values: they and the dispersion are orthogonal in expectation, so that
    fitting them anew at each end would move it little.

    Parameters
    ----------
    y, mean : array_like, shape (n,)
        Counts and their fitted means.
    dispersion : float
        The fitted ``alpha``.
    level : float
        Level of the interval.

    Returns
    -------
    low, high : float
        Every ``alpha`` that a likelihood-ratio test does not reject; low is 0 where Poisson is among them.

    Examples
    --------
    >>> low, high = dispersion_interval([2, 3, 2, 3], [2.5, 2.5, 2.5, 2.5], 0.0, 0.95)
    >>> low, round(high, 2)
    (0.0, 0.65)
    """
    counts, mu = np.asarray(y, dtype=float), np.asarray(mean, dtype=float)
    floor = log_likelihood(counts, mu, dispersion) - 0.5 * float(stats.chi2.ppf(level, 1))

    def above(point: float) -> float:
        return log_likelihood(counts, mu, float(np.exp(point))) - floor

    peak = float(np.log(max(dispersion, kernels.ALPHA_LOW)))
    low, high = 0.0, kernels.ALPHA_HIGH
    if log_likelihood(counts, mu, 0.0) < floor:
        low = float(np.exp(optimize.brentq(above, np.log(kernels.ALPHA_LOW), peak, xtol=1e-10)))
    if above(np.log(kernels.ALPHA_HIGH)) < 0.0:
        high = float(np.exp(optimize.brentq(above, peak, np.log(kernels.ALPHA_HIGH), xtol=1e-10)))
    return low, high


def _run(
    X: Floats, Y: Floats, offset: Floats, threads: int | None, *, means: bool
) -> tuple[NegativeBinomialFits, Floats]:
    """Fit checked series; with `means` also give the fitted means, NaN where a count was not observed."""
    (m, n), p = Y.shape, X.shape[1]
    X, Y, offset = np.ascontiguousarray(X), np.ascontiguousarray(Y), np.ascontiguousarray(offset)
    first, second = np.tril_indices(p)
    products = np.ascontiguousarray(X[:, first] * X[:, second])
    params, covariance = np.full((m, p), np.nan), np.full((m, p, p), np.nan)
    dispersion, value = np.full(m, np.nan), np.full(m, np.nan)
    settled, steps, fate = np.zeros(m, dtype=bool), np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    fitted = np.full((m if means else 0, n), np.nan)
    outputs = (params, covariance, dispersion, value, settled, steps, fate, fitted)

    def task(start: int, stop: int) -> None:
        kernels.fit_rows(X, products, Y, offset, start, stop, *outputs)

    run_batches(task, m, threads)
    reasons = tuple(_REASONS.get(int(code), "") for code in fate)
    return NegativeBinomialFits(params, covariance, dispersion, value, settled, steps, reasons), fitted


def _checked(X: npt.ArrayLike, y: npt.ArrayLike, offset: npt.ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """Give design, counts and offset as arrays that can be fitted, or say what is wrong with them."""
    design, counts = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if design.ndim != 2 or counts.ndim != 1 or len(design) != len(counts):
        raise InputError(
            f"the design has shape {design.shape} and the counts {counts.shape}", remedy="give (n, p) and (n,)"
        )
    shift = np.zeros(len(counts)) if offset is None else np.asarray(offset, dtype=float)
    if shift.shape != counts.shape:
        raise InputError(f"the offset has shape {shift.shape} and the counts {counts.shape}", column="offset")
    _require_finite(X=design, y=counts, offset=shift)
    if (counts < 0).any() or (counts != np.floor(counts)).any():
        bad = counts[(counts < 0) | (counts != np.floor(counts))][0]
        raise InputError("counts must be whole numbers, none negative", column="y", value=bad)
    if not counts.any():
        raise InputError("all counts are zero, so that no coefficient is finite", column="y")
    _require_full_rank(design)
    return design, counts, shift


def _require_finite(**arrays: Floats) -> None:
    for name, values in arrays.items():
        if not np.isfinite(values).all():
            raise InputError("a value is missing or infinite", column=name, remedy="leave such days out")


def _require_full_rank(X: Floats) -> None:
    n, p = X.shape
    if p == 0 or n < p:
        raise InputError(f"{p} coefficients cannot be fitted to {n} counts", column="X")
    column = int(kernels.dependent_column(X, np.arange(n)))
    if column < 0:
        return
    if not X[:, column].any():
        raise InputError(f"column {column} of the design holds only zeros", column="X")
    raise InputError(f"column {column} of the design is a combination of the others", column="X", remedy="leave it out")
