"""Negative-binomial regression that ends, with the dispersion profiled and exactly Poisson where it should be.

Counts have mean ``mu = exp(offset + X beta)`` and variance ``mu + alpha mu**2`` (NB2). The coefficients come from
iteratively reweighted least squares, the dispersion from Newton steps on its logarithm inside a bracket; the two
take turns until the likelihood stands still. Everything about the dispersion is written in ``alpha``, not in
``theta = 1 / alpha``, so that nothing is lost near the Poisson boundary ``alpha = 0``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, special, stats

from casualties.errors import InputError

__all__ = ["NegativeBinomialFit", "dispersion_interval", "fit", "log_likelihood", "profile_dispersion"]

Floats = npt.NDArray[np.float64]

_MEAN_LIMIT = 30.0  # |linear predictor| beyond this adds nothing to a likelihood of counts
_ALPHA_LOW = 1e-12  # below this the negative binomial and the Poisson agree to machine precision
_ALPHA_HIGH = 1e6
_SUMMED_COUNT = 20_000  # up to this largest count the digamma differences are summed term by term


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
        Whether the last round moved the log-likelihood by less than its tolerance.
    iterations : int
        Least-squares steps in all.
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
    beta, mean, steps, settled = _least_squares(design, counts, shift, _start(design, counts, shift), 0.0)
    alpha = 0.0
    value = log_likelihood(counts, mean, 0.0)
    rounding = 4.0 * float(np.finfo(float).eps) * float(special.gammaln(counts + 1.0).sum())
    for _ in range(50):
        alpha = profile_dispersion(counts, mean, start=alpha)
        if alpha == 0.0:
            beta, mean, more, settled = _least_squares(design, counts, shift, beta, 0.0)
            steps += more
            value = log_likelihood(counts, mean, 0.0)
            break
        beta, mean, more, settled = _least_squares(design, counts, shift, beta, alpha)
        steps += more
        previous, value = value, log_likelihood(counts, mean, alpha)
        # Coefficients and dispersion are orthogonal in expectation, so the turns converge fast; the likelihood is
        # flat at its top, and 1e-13 of it corresponds to about 1e-7 standard errors in a coefficient. Huge counts
        # make it a small difference of huge terms, whose rounding is then all that is left to move.
        if abs(value - previous) <= 1e-13 * (1.0 + abs(value)) + rounding:
            break
    else:
        settled = False
    weight = mean / (1.0 + alpha * mean)
    covariance = _inverse(design.T @ (design * weight[:, None]))
    return NegativeBinomialFit(beta, covariance, alpha, value, mean, settled, steps)


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
    return float(constant + _dispersion_part(_Counts(counts), counts, mu, dispersion))


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
    excess = float(((counts - mu) ** 2 - counts).sum())
    if excess <= 0.0:
        return 0.0
    tally = _Counts(counts)
    low, high = np.log(_ALPHA_LOW), np.log(_ALPHA_HIGH)
    guess = start if start > 0.0 else excess / float((mu**2).sum())
    point = float(np.clip(np.log(guess), low, high))
    for _ in range(100):
        slope, bend = _dispersion_slopes(tally, counts, mu, float(np.exp(point)))
        if slope > 0.0:
            low = point
        else:
            high = point
        step = -slope / bend if bend < 0.0 else np.copysign(1.0, slope)
        following = point + float(np.clip(step, -2.0, 2.0))
        if not low <= following <= high:
            following = 0.5 * (low + high)
        if abs(following - point) <= 1e-11:
            break
        point = following
    return 0.0 if point <= np.log(_ALPHA_LOW) + 1e-6 else float(np.exp(point))


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

    peak = float(np.log(max(dispersion, _ALPHA_LOW)))
    low, high = 0.0, _ALPHA_HIGH
    if log_likelihood(counts, mu, 0.0) < floor:
        low = float(np.exp(optimize.brentq(above, np.log(_ALPHA_LOW), peak, xtol=1e-10)))
    if above(np.log(_ALPHA_HIGH)) < 0.0:
        high = float(np.exp(optimize.brentq(above, peak, np.log(_ALPHA_HIGH), xtol=1e-10)))
    return low, high


class _Counts:
    """The counts as the dispersion sees them: sums over ``j < y`` of a function of ``j``.

    With few distinct values these sums run over ``j`` weighted by the number of counts above ``j``; they keep every
    digit near the Poisson boundary, where differences of digamma functions lose theirs. For huge counts the
    differences are used, since ``alpha y`` is not small there.
    """

    def __init__(self, counts: Floats) -> None:
        self.largest = int(counts.max(initial=0.0))
        self.summed = self.largest <= _SUMMED_COUNT
        if self.summed:
            tally = np.bincount(counts.astype(np.int64), minlength=self.largest + 1)
            self.above = np.cumsum(tally[::-1])[::-1][1:].astype(float)
            self.index = np.arange(self.largest, dtype=float)
        else:
            self.values, times = np.unique(counts, return_counts=True)
            self.times = times.astype(float)

    def log_rising(self, alpha: float) -> float:
        """Sum of ``log(1 + alpha j)`` over ``j < y``, over the counts."""
        if self.summed:
            return float(self.above @ np.log1p(alpha * self.index))
        size = 1.0 / alpha
        terms = special.gammaln(self.values + size) - special.gammaln(size) + self.values * np.log(alpha)
        return float(self.times @ terms)

    def slopes(self, alpha: float) -> tuple[float, float]:
        """Sums of ``alpha j / (1 + alpha j)`` and of ``alpha j / (1 + alpha j)**2``: log_rising by log alpha."""
        if self.summed:
            part = 1.0 / (1.0 + alpha * self.index)
            first = alpha * self.index * part
            return float(self.above @ first), float(self.above @ (first * part))
        size = 1.0 / alpha
        differences = size * (special.digamma(self.values + size) - special.digamma(size))
        squares = size**2 * (special.polygamma(1, size) - special.polygamma(1, self.values + size))
        return float(self.times @ (self.values - differences)), float(self.times @ (differences - squares))


def _dispersion_part(tally: _Counts, counts: Floats, mu: Floats, alpha: float) -> float:
    """Give the part of the log-likelihood that depends on the dispersion."""
    return tally.log_rising(alpha) - float(((counts + 1.0 / alpha) * np.log1p(alpha * mu)).sum())


def _dispersion_slopes(tally: _Counts, counts: Floats, mu: Floats, alpha: float) -> tuple[float, float]:
    """Give first and second derivative of the log-likelihood by log alpha."""
    scaled = alpha * mu
    share = mu / (1.0 + scaled)
    # log1p(a m)/a - m/(1 + a m) is of order a m**2 and would be lost to rounding near the boundary: below a scaled
    # mean of 1e-3 its series takes over.
    small = scaled < 1e-3
    series = alpha * mu**2 * (0.5 - scaled * (2.0 / 3.0 - scaled * (0.75 - scaled * 0.8)))
    rest = np.where(small, series, np.log1p(scaled) / alpha - share)
    curve = alpha * share**2
    first_y, second_y = tally.slopes(alpha)
    first = first_y - float((alpha * counts * share).sum()) + float(rest.sum())
    second = second_y - float((alpha * counts * share / (1.0 + scaled)).sum()) + float((curve - rest).sum())
    return first, second


def _least_squares(
    X: Floats, y: Floats, offset: Floats, beta: Floats, alpha: float
) -> tuple[Floats, Floats, int, bool]:
    """Maximise the likelihood in the coefficients at a given dispersion.

    With a log link it is concave in the linear predictor at any dispersion, so that steps with the observed
    information, halved where they overshoot, always arrive.
    """
    mean = _mean(X, offset, beta)
    value = _fixed_part(y, mean, alpha)
    for step_number in range(1, 101):
        weight = 1.0 / (1.0 + alpha * mean)
        score = X.T @ ((y - mean) * weight)
        curvature = mean * (1.0 + alpha * y) * weight**2
        step = _solve(X.T @ (X * curvature[:, None]), score)
        gain = float(step @ score)
        longest = float(np.abs(step).max())
        size = min(1.0, 5.0 / longest) if longest > 0.0 else 1.0
        for _ in range(30):
            proposal = beta + size * step
            new_mean = _mean(X, offset, proposal)
            new_value = _fixed_part(y, new_mean, alpha)
            if new_value >= value - 1e-12 * (1.0 + abs(value)):
                break
            size *= 0.5
        beta, mean, value = proposal, new_mean, new_value
        if gain <= 1e-13:
            return beta, mean, step_number, True
    return beta, mean, step_number, gain <= 1e-6


def _fixed_part(y: Floats, mean: Floats, alpha: float) -> float:
    """Give the part of the log-likelihood that depends on the coefficients."""
    lost = mean if alpha == 0.0 else (y + 1.0 / alpha) * np.log1p(alpha * mean)
    return float(y @ np.log(mean) - lost.sum())


def _mean(X: Floats, offset: Floats, beta: Floats) -> Floats:
    mean: Floats = np.exp(np.clip(offset + X @ beta, -_MEAN_LIMIT, _MEAN_LIMIT))
    return mean


def _start(X: Floats, y: Floats, offset: Floats) -> Floats:
    """Give the least-squares fit to the logarithms, each count pulled a little towards the mean rate."""
    rate = y.sum() / np.exp(offset).sum()
    pulled = (y + 0.5 * rate * np.exp(offset)) / 1.5
    beta: Floats = linalg.lstsq(X, np.log(pulled) - offset, check_finite=False)[0]
    return beta


def _scaled(information: Floats) -> tuple[Floats, Floats]:
    """Give a matrix scaled to a unit diagonal and the scale: weights of very different size then do no harm."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    return information * scale[:, None] * scale[None, :], scale


def _solve(information: Floats, score: Floats) -> Floats:
    matrix, scale = _scaled(information)
    try:
        factor = linalg.cho_factor(matrix, check_finite=False)
        solved: Floats = scale * linalg.cho_solve(factor, scale * score, check_finite=False)
    except linalg.LinAlgError:
        solved = scale * (linalg.pinvh(matrix, check_finite=False) @ (scale * score))
    return solved


def _inverse(information: Floats) -> Floats:
    matrix, scale = _scaled(information)
    try:
        factor = linalg.cho_factor(matrix, check_finite=False)
        inverse = linalg.cho_solve(factor, np.eye(len(scale)), check_finite=False)
    except linalg.LinAlgError:
        inverse = linalg.pinvh(matrix, check_finite=False)
    result: Floats = inverse * scale[:, None] * scale[None, :]
    return result


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
    for name, values in (("X", design), ("y", counts), ("offset", shift)):
        if not np.isfinite(values).all():
            raise InputError("a value is missing or infinite", column=name, remedy="leave such days out")
    if (counts < 0).any() or (counts != np.floor(counts)).any():
        bad = counts[(counts < 0) | (counts != np.floor(counts))][0]
        raise InputError("counts must be whole numbers, none negative", column="y", value=bad)
    if not counts.any():
        raise InputError("all counts are zero, so that no coefficient is finite", column="y")
    _require_full_rank(design)
    return design, counts, shift


def _require_full_rank(X: Floats) -> None:
    n, p = X.shape
    if p == 0 or n < p:
        raise InputError(f"{p} coefficients cannot be fitted to {n} counts", column="X")
    length = np.sqrt((X**2).sum(axis=0))
    if (length == 0.0).any():
        raise InputError(f"column {int(np.argmin(length))} of the design holds only zeros", column="X")
    triangle, order = linalg.qr(X / length, mode="r", pivoting=True, check_finite=False)
    diagonal = np.abs(np.diag(triangle))
    if diagonal[-1] <= 1e-10 * diagonal[0]:
        first = int(np.argmax(diagonal <= 1e-10 * diagonal[0]))
        raise InputError(
            f"column {int(order[first])} of the design is a combination of the others",
            column="X",
            remedy="leave it out",
        )
