"""Counts that feed on earlier counts: negative-binomial INGARCH(1,1) around a baseline that may change by segment.

The mean of a day is its coverage times the level of its segment times ``1 - n + n s``, where ``s`` is the
exponentially weighted mean of the days before, each as a multiple of what its level and coverage made expected. With
one segment this is the usual ``lambda_t = omega + a y_{t-1} + b lambda_{t-1}``: ``n = a / (1 - b)`` is the branching
ratio, ``b`` says how slowly feedback fades, and the level ``omega / (1 - a - b)`` is the stationary mean. Every such
pair with ``a + b < 1`` is a pair of n and b below 1, so that the two can be bounded one by one, and no feedback is the
plain boundary ``n = 0``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import linalg, optimize, special, stats

from casualties.errors import InputError

__all__ = ["IngarchFit", "branching_interval", "fit_ingarch", "log_likelihood"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_HIGHEST_BRANCHING = 0.999
_HIGHEST_DECAY = 0.995
_SIZES = (0.02, 1e6)
_POISSON = 28.0  # logarithm of a size from which on the counts are Poisson
_LEVEL_REACH = 4.0  # a level lies within this logarithm of its segment's own mean
_GRID = tuple((n, b) for n in (0.05, 0.3, 0.6, 0.9) for b in (0.1, 0.5, 0.8, 0.95))
_STARTS = 2
_OTHER_DECAYS = (0.6, 0.2)  # where a profile also starts: from a short memory the long one, and the other way
_PROFILE_STEP = 1e-3
_GAIN, _PROFILE_GAIN = 1e-8, 1e-5  # of log-likelihood by a step at which a climb ends
_HIGHEST_MEAN = 1e15  # of a simulated day: beyond it whole numbers are no longer exact


@dataclass(frozen=True, slots=True, eq=False)
class IngarchFit:
    """A fitted NB-INGARCH(1,1).

    Parameters
    ----------
    levels : ndarray, shape (S,)
        Stationary mean of each segment, per day covered in full.
    branching : float
        ``a / (1 - b)``, at least 0 and at most 0.999: the deaths that one death directly adds to all later days, which
        is also the share of all deaths that feedback accounts for.
    decay : float
        ``b``, how much of the feedback of a day is left on the next, at most 0.995. It means nothing where the
        branching ratio is 0.
    size : float
        Size of the negative binomial: the variance is ``mean + mean**2 / size``; infinite for Poisson.
    log_likelihood : float
        With all constants, given that each segment begins at its level.
    mean : ndarray, shape (n,)
        One-step prediction of each day from the days before it; of an unobserved day as if covered in full.
    covariance : ndarray, shape (S + 2, S + 2)
        Inverse expected information of the logarithms of the levels, the branching ratio and the decay at the fitted
        size. Where the branching ratio is 0 the variance of the decay is infinite.
    weighted : float
        The weighted mean ``s`` after the last day.
    converged : bool
        Whether the optimiser arrived.
    """

    levels: Floats
    branching: float
    decay: float
    size: float
    log_likelihood: float
    mean: Floats
    covariance: Floats
    weighted: float
    converged: bool

    @property
    def feedback(self) -> float:
        """``a``: what a death adds to the expected count of the next day."""
        return self.branching * (1.0 - self.decay)

    @property
    def persistence(self) -> float:
        """``a + b``: by how much an excess over the level fades from day to day."""
        return self.feedback + self.decay

    def sample_paths(self, exposure_ahead: npt.ArrayLike, n: int, rng: np.random.Generator) -> Ints:
        """Draw counts of the days after the last one, each path fed by its own counts.

        Parameters
        ----------
        exposure_ahead : array_like, shape (h,)
            What multiplies the mean on each of these days.
        n : int
            Number of paths.
        rng : Generator
            Where chance comes from.

        Returns
        -------
        ndarray of int, shape (n, h)

        Examples
        --------
        >>> import numpy as np
        >>> fitted = fit_ingarch([3, 5, 2, 6, 9, 7, 4, 3, 2, 4, 1, 3, 6, 8])
        >>> fitted.sample_paths(np.ones(7), 1000, np.random.default_rng(1)).shape
        (1000, 7)
        """
        exposure = np.asarray(exposure_ahead, dtype=float)
        paths = np.empty((n, len(exposure)), dtype=np.int64)
        weighted = np.full(n, self.weighted)
        for day, covered in enumerate(exposure):
            expected = float(covered * self.levels[-1])
            mean = np.minimum(expected * (1.0 - self.branching + self.branching * weighted), _HIGHEST_MEAN)
            rate = mean if math.isinf(self.size) else rng.gamma(self.size, mean / self.size)
            paths[:, day] = rng.poisson(np.minimum(rate, _HIGHEST_MEAN))
            weighted = self.decay * weighted + (1.0 - self.decay) * paths[:, day] / expected
        return paths


def fit_ingarch(
    counts: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None = None,
    segments: npt.ArrayLike | None = None,
    branching: float | None = None,
    size: float | None = None,
    highest_decay: float = _HIGHEST_DECAY,
) -> IngarchFit:
    """Fit NB-INGARCH(1,1) by maximum likelihood.

    Sixteen pairs of branching ratio and decay are tried with each segment at its own mean, and the likelihood is
    climbed from the two best (truncated Newton steps with the analytic gradient, inside bounds). A day that was not
    observed is taken as its expectation, so that what came before it fades but nothing is added.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Deaths by day; NaN where a day was not observed.
    exposure : array_like, shape (n,), optional
        What multiplies the mean of each day (share of it covered, ratio of its weekday); above 0 on observed days.
    segments : array_like of int, shape (n,), optional
        Number of each day's segment, from 0 and never falling. Each segment has its own level and begins at it:
        nothing feeds across a change of the baseline. One segment where it is not given.
    branching : float, optional
        Hold the branching ratio at this value (for a profile likelihood).
    size : float, optional
        Hold the size at this value; infinite for Poisson.
    highest_decay : float, optional
        Upper end of the decay. A memory as long as the segment cannot be told from its level: where the branching
        ratio itself is asked for, 0.9 (ten days on average) keeps the two apart.

    Returns
    -------
    IngarchFit

    Raises
    ------
    InputError
        If shapes do not fit, a count is negative or fractional, an exposure is not above zero, the segments are not
        numbered from 0 upwards, no death is counted, or a value to hold is out of its range.

    Notes
    -----
    The likelihood is flat in the decay where the branching ratio is 0, and often has two tops: a short memory, and a
    long one in which feedback stands for a baseline that drifts. Two starts find the higher of them as a rule; no
    optimiser guarantees it.

    Examples
    --------
    >>> fitted = fit_ingarch([2, 3, 1, 2, 9, 8, 7, 9, 2, 1, 3, 2, 2, 1, 8, 9, 8, 7, 1, 2])
    >>> round(fitted.branching, 2), round(fitted.decay, 2)
    (0.4, 0.0)

    References
    ----------
    Ferland, R., Latour, A. and Oraichi, D. (2006), Integer-valued GARCH process, Journal of Time Series Analysis 27,
    923-942.
    Zhu, F. (2011), A negative binomial integer-valued GARCH model, Journal of Time Series Analysis 32, 54-67.
    """
    problem = _problem(counts, exposure, segments)
    if not 0.0 < highest_decay < 1.0:
        raise InputError("must lie between 0 and 1", column="highest_decay", value=highest_decay)
    for name, held, top in (("branching", branching, _HIGHEST_BRANCHING), ("size", size, math.inf)):
        if held is not None and not (0.0 <= held <= top and (held > 0.0 or name == "branching")):
            raise InputError("out of its range", column=name, value=held, remedy=f"give at most {top:g}")
    guess = size if size is not None else _moment_size(problem)
    tried = []
    for n, b in _GRID:
        pair = (n if branching is None else branching, min(b, highest_decay))
        point = np.append(np.log(problem.means), (*pair, math.log(guess)))
        tried.append((_minus(point, problem)[0], point))
    tried.sort(key=lambda pair: pair[0])
    bounds = _bounds(problem, branching, highest_decay, held_size=size is not None)
    found = [_climb(point, problem, bounds, size) for _, point in tried[:_STARTS]]
    return _fit_at(*min(found, key=_height), problem=problem)


def branching_interval(
    fit: IngarchFit,
    counts: npt.ArrayLike,
    level: float,
    *,
    exposure: npt.ArrayLike | None = None,
    segments: npt.ArrayLike | None = None,
    highest_decay: float = _HIGHEST_DECAY,
) -> tuple[float, float]:
    """Give the profile-likelihood interval of the branching ratio.

    It holds every value from 0 to 0.999 that a likelihood-ratio test against the maximum does not reject, all other
    parameters fitted anew at each. At the ends of that range it ends there, and says so by the value 0 or 0.999: a
    symmetric interval would leave the range.

    Parameters
    ----------
    fit : IngarchFit
        The maximum.
    counts, exposure, segments, highest_decay
        What it was fitted to, and how.
    level : float
        Level of the interval, by the chi-squared distribution with one degree of freedom.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> counts = [2, 3, 1, 2, 9, 8, 7, 9, 2, 1, 3, 2, 2, 1, 8, 9, 8, 7, 1, 2]
    >>> low, high = branching_interval(fit_ingarch(counts), counts, 0.95)
    >>> round(low, 1), round(high, 1)
    (0.0, 0.8)
    """
    problem = _problem(counts, exposure, segments)
    floor = fit.log_likelihood - 0.5 * float(stats.chi2.ppf(level, 1))
    log_size = _POISSON + 1.0 if math.isinf(fit.size) else math.log(fit.size)
    solved = [np.append(np.log(fit.levels), (fit.branching, fit.decay, log_size))]

    def above(branching: float) -> float:
        """Climb from the nearest value that is solved already, and once from another memory."""
        start = min(solved, key=lambda point: abs(point[-3] - branching)).copy()
        start[-3] = branching
        other = start.copy()
        other[-2] = min(_OTHER_DECAYS[int(start[-2] > _OTHER_DECAYS[0])], highest_decay)
        bounds = _bounds(problem, branching, highest_decay, held_size=False)
        best = min((_climb(point, problem, bounds, None, _PROFILE_GAIN) for point in (start, other)), key=_height)
        solved.append(best[0])
        return -best[1] - floor

    low, high = 0.0, _HIGHEST_BRANCHING
    if fit.branching > 0.0 and above(0.0) < 0.0:
        low = float(optimize.brentq(above, 0.0, fit.branching, xtol=_PROFILE_STEP))
    if fit.branching < high and above(high) < 0.0:
        high = float(optimize.brentq(above, fit.branching, high, xtol=_PROFILE_STEP))
    return low, high


def log_likelihood(
    counts: npt.ArrayLike,
    levels: npt.ArrayLike,
    branching: float,
    decay: float,
    size: float,
    *,
    exposure: npt.ArrayLike | None = None,
    segments: npt.ArrayLike | None = None,
) -> tuple[float, Floats]:
    """Give the log-likelihood of NB-INGARCH(1,1) and its gradient.

    Parameters
    ----------
    counts, exposure, segments
        As in `fit_ingarch`.
    levels : array_like, shape (S,)
        Stationary mean of each segment.
    branching, decay, size : float
        As in `IngarchFit`; an infinite size means Poisson.

    Returns
    -------
    value : float
        With all constants.
    gradient : ndarray, shape (S + 3,)
        By the logarithms of the levels, the branching ratio, the decay and the logarithm of the size.

    Examples
    --------
    >>> value, gradient = log_likelihood([2, 4, 3], [3.0], branching=0.0, decay=0.5, size=float("inf"))
    >>> round(value, 6), round(float(gradient[1]), 6)
    (-4.77545, -0.166667)
    """
    problem = _problem(counts, exposure, segments)
    start = np.asarray(levels, dtype=float)
    if start.shape != problem.means.shape or not (start > 0).all():
        raise InputError(f"there are {len(problem.means)} segments", column="levels", remedy="give one level each")
    value, gradient = _minus(np.append(np.log(start), (branching, decay, math.log(size))), problem)
    return -value, -gradient


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The series as the likelihood sees it."""

    counts: Floats  # (n,), 0 where not observed
    exposure: Floats  # (n,)
    segments: Ints  # (n,)
    seen: npt.NDArray[np.bool_]
    means: Floats  # (S,), plain mean of each segment
    values: Floats  # the different counts
    times: Floats  # how often each of them
    constant: float  # minus the sum of log(y!)


def _problem(counts: npt.ArrayLike, exposure: npt.ArrayLike | None, segments: npt.ArrayLike | None) -> _Problem:
    """Give counts, exposure and segments as arrays that fit together, or say what is wrong."""
    y = np.asarray(counts, dtype=float)
    e = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=float)
    part = np.zeros(y.shape, dtype=np.int64) if segments is None else np.asarray(segments, dtype=np.int64)
    if y.ndim != 1 or not len(y) or e.shape != y.shape or part.shape != y.shape:
        raise InputError(
            f"counts, exposure and segments have shapes {y.shape}, {e.shape} and {part.shape}",
            remedy="give one value a day",
        )
    seen = ~np.isnan(y)
    wrong = seen & ((y < 0) | (y != np.floor(y)) | np.isinf(y))
    if wrong.any():
        raise InputError("counts must be whole numbers, none negative", column="counts", value=y[wrong][0])
    if not y[seen].any():
        raise InputError("no death is counted, so that there is no level", column="counts")
    if not (np.isfinite(e[seen]).all() and (e[seen] > 0).all()):
        raise InputError("the exposure of an observed day must be above zero", column="exposure")
    if part[0] != 0 or not np.isin(np.diff(part), (0, 1)).all():
        raise InputError("segments are numbered from 0 upwards without a gap", column="segments")
    y, e = np.where(seen, y, 0.0), np.where(seen, e, 1.0)
    number = int(part[-1]) + 1
    covered = np.bincount(part, e * seen, minlength=number)
    # A segment without deaths has no finite level: it gets that of half a death in all its days.
    means = np.maximum(np.bincount(part, y, minlength=number), 0.5) / np.maximum(covered, 1.0)
    values, times = np.unique(y[seen], return_counts=True)
    constant = -float(times @ special.gammaln(values + 1.0))
    return _Problem(y, e, part, seen, means, values, times.astype(float), constant)


def _bounds(
    problem: _Problem, branching: float | None, highest_decay: float, *, held_size: bool
) -> list[tuple[float, float]]:
    """Give the range of each coordinate; a branching ratio that is held has none."""
    centres = np.log(problem.means)
    size = [] if held_size else [(math.log(_SIZES[0]), math.log(_SIZES[1]))]
    return [
        *((centre - _LEVEL_REACH, centre + _LEVEL_REACH) for centre in centres),
        (0.0, _HIGHEST_BRANCHING) if branching is None else (branching, branching),
        (0.0, highest_decay),
        *size,
    ]


def _moment_size(problem: _Problem) -> float:
    """Give a size from the spread around the segments' means."""
    y, mean = problem.counts[problem.seen], (problem.exposure * problem.means[problem.segments])[problem.seen]
    excess = float(((y - mean) ** 2 - y).sum())
    return float(np.clip(float((mean**2).sum()) / excess, 0.1, 50.0)) if excess > 0 else 50.0


def _minus(point: Floats, problem: _Problem) -> tuple[float, Floats]:
    """Give minus the log-likelihood and its gradient at a point: log levels, branching, decay, log size."""
    branching, decay = float(point[-3]), float(point[-2])
    mean, slopes, _ = _means(
        problem.counts, problem.exposure, problem.segments, problem.seen, np.exp(point[:-3]), branching, decay
    )
    y, mu = problem.counts[problem.seen], mean[problem.seen]
    value, by_mean, by_size = _count_likelihood(y, mu, point[-1], problem)
    gradient = np.append(by_mean @ slopes[problem.seen], by_size)
    return -value, -gradient


def _count_likelihood(y: Floats, mu: Floats, log_size: float, problem: _Problem) -> tuple[float, Floats, float]:
    """Give the log-likelihood of counts at their means, its slopes by the means and by the log size."""
    if log_size > _POISSON:
        return problem.constant + float((special.xlogy(y, mu) - mu).sum()), y / mu - 1.0, 0.0
    size = math.exp(log_size)
    total = size + mu
    share = np.log1p(mu / size)
    rising = special.gammaln(problem.values + size) - special.gammaln(size)
    value = problem.constant + float(problem.times @ rising)
    value += float((special.xlogy(y, mu / total) - size * share).sum())
    by_mean = y / mu - (y + size) / total
    steps = special.digamma(problem.values + size) - special.digamma(size)
    by_size = size * (float(problem.times @ steps) + float(((mu - y) / total - share).sum()))
    return value, by_mean, by_size


def _climb(
    start: Floats, problem: _Problem, bounds: list[tuple[float, float]], size: float | None, gain: float = _GAIN
) -> tuple[Floats, float, bool]:
    """Climb the likelihood from a start; a size that is held is no coordinate."""
    held = start[-1]

    def minus(point: Floats) -> tuple[float, Floats]:
        if size is None:
            return _minus(point, problem)
        value, gradient = _minus(np.append(point, held), problem)
        return value, gradient[:-1]

    first = start if size is None else start[:-1]
    # This search calls no linear algebra of its own: threads of a busy machine that wait for each other cost a
    # quasi-Newton search with so few coordinates fifty times its own work.
    options = {"maxfun": 1000, "ftol": gain}
    end = optimize.minimize(minus, first, jac=True, method="TNC", bounds=bounds, options=options)
    point = end.x if size is None else np.append(end.x, held)
    # A search that stalls on rounding at the top has arrived as well.
    slope = np.abs(np.clip(end.x - end.jac, *np.array(bounds).T) - end.x).max()
    return point, float(end.fun), bool(end.success or slope < 1e-3)


def _height(end: tuple[Floats, float, bool]) -> float:
    """Give minus the log-likelihood where a climb ended."""
    return end[1]


def _fit_at(point: Floats, minus: float, converged: bool, *, problem: _Problem) -> IngarchFit:
    """Give the fit at the top of the likelihood."""
    levels, branching, decay = np.exp(point[:-3]), float(point[-3]), float(point[-2])
    size = math.inf if point[-1] > _POISSON else math.exp(point[-1])
    mean, slopes, weighted = _means(
        problem.counts, problem.exposure, problem.segments, problem.seen, levels, branching, decay
    )
    information = slopes.T @ (slopes * (problem.seen / (mean + mean**2 / size))[:, None])
    # A direction in which nothing changes, such as the decay without feedback, has no information.
    covariance = linalg.pinvh(information)
    if branching == 0.0:
        covariance[-1, -1] = math.inf
    return IngarchFit(levels, branching, decay, size, -minus, mean, covariance, weighted, converged)


@njit(cache=True, nogil=True)
def _means(
    counts: Floats,
    exposure: Floats,
    segments: Ints,
    seen: npt.NDArray[np.bool_],
    levels: Floats,
    branching: float,
    decay: float,
) -> tuple[Floats, Floats, float]:
    """Give each day's mean, its slopes by log levels, branching and decay, and the weighted mean after the last day."""
    n, parts = len(counts), len(levels)
    mean, slopes = np.empty(n), np.zeros((n, parts + 2))
    weighted = 1.0
    # Slopes of the weighted mean; within a segment only its own level moves it.
    by_level, by_branching, by_decay = 0.0, 0.0, 0.0
    for t in range(n):
        part = segments[t]
        if t > 0 and part != segments[t - 1]:
            weighted, by_level, by_branching, by_decay = 1.0, 0.0, 0.0, 0.0
        expected = exposure[t] * levels[part]
        share = 1.0 - branching + branching * weighted
        mean[t] = expected * share
        slopes[t, part] = expected * (share + branching * by_level)
        slopes[t, parts] = expected * (weighted - 1.0 + branching * by_branching)
        slopes[t, parts + 1] = expected * branching * by_decay
        if seen[t]:
            multiple = counts[t] / expected
            level_step, branching_step, decay_step = -multiple, 0.0, 0.0
        else:
            multiple = share
            level_step, decay_step = branching * by_level, branching * by_decay
            branching_step = weighted - 1.0 + branching * by_branching
        by_decay = decay * by_decay + weighted - multiple + (1.0 - decay) * decay_step
        by_level = decay * by_level + (1.0 - decay) * level_step
        by_branching = decay * by_branching + (1.0 - decay) * branching_step
        weighted = decay * weighted + (1.0 - decay) * multiple
    return mean, slopes, weighted
