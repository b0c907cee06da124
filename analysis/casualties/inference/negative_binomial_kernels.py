"""Compiled parts of the negative-binomial regression: one joint Newton search in coefficients and log dispersion.

Coefficients and dispersion are moved together, with their cross-derivatives, so that the search is quadratic at its
end; each step is halved until the likelihood does not fall. Where the likelihood is not concave in the dispersion the
step there has length one, uphill. The Poisson boundary is a search of its own, in the coefficients alone.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = [
    "ALPHA_HIGH",
    "ALPHA_LOW",
    "COLLINEAR",
    "FEW",
    "FITTED",
    "MISSING",
    "ZEROS",
    "best_dispersion",
    "dependent_column",
    "dispersion_part",
    "fit_rows",
]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

ALPHA_LOW = 1e-12  # below this the negative binomial and the Poisson agree to machine precision
ALPHA_HIGH = 1e6
FITTED, MISSING, ZEROS, FEW, COLLINEAR = 0, 1, 2, 3, 4  # what became of a series

_LINEAR_LIMIT = 40.0  # |linear predictor| beyond this adds nothing to a likelihood of counts
_SUMMED = 128  # from this count on, sums over j < y are Euler and Maclaurin's
_SETTLED = 1e-10  # squared length of the last step in standard errors; the search is quadratic there
_NEARLY = 1e-6  # enough where rounding leaves nothing to win
_STEPS = 200


@njit(cache=True, nogil=True)
def _log1p(u: float) -> float:
    """Give ``log(1 + u)``; the plain logarithm is faster, and loses nothing once ``u`` is not small."""
    return math.log(1.0 + u) if u > 0.25 else math.log1p(u)


@njit(cache=True, nogil=True)
def _beyond_linear(u: float, log_u: float) -> float:
    """Give ``u - log(1 + u)``."""
    if u < 1e-2:
        return u * u * (1 / 2 - u * (1 / 3 - u * (1 / 4 - u * (1 / 5 - u * (1 / 6 - u * (1 / 7 - u / 8))))))
    return u - log_u


@njit(cache=True, nogil=True)
def _beyond_share(u: float, log_u: float, part: float) -> float:
    """Give ``log(1 + u) - u / (1 + u)``, where ``part`` is ``1 / (1 + u)``."""
    if u < 1e-2:
        return u * u * (1 / 2 - u * (2 / 3 - u * (3 / 4 - u * (4 / 5 - u * (5 / 6 - u * (6 / 7 - u * 7 / 8))))))
    return log_u - u * part


@njit(cache=True, nogil=True)
def _antiderivatives(t: float, alpha: float) -> tuple[float, float, float]:
    """Give the values at ``t`` whose differences are the sums over ``j`` of the three functions of `_rising`.

    Euler and Maclaurin's formula up to the third derivative: from ``t = 128`` on the rest is below 1e-13.
    """
    u = alpha * t
    part = 1.0 / (1.0 + u)
    log_u = _log1p(u)
    beyond, share = _beyond_linear(u, log_u), _beyond_share(u, log_u, part)
    c = alpha * part
    cubed = c * c * c / 720.0
    # (1 + u) log(1 + u) - u = u (log(1 + u)) - (u - log(1 + u)); at small u both parts are of order u**2.
    value = (u * log_u - beyond) / alpha - 0.5 * log_u + c / 12.0 - 2.0 * cubed
    first = beyond / alpha - 0.5 * u * part + c * part / 12.0 - 6.0 * cubed * part
    second = share / alpha - 0.5 * u * part * part + c * part * (2.0 * part - 1.0) / 12.0
    return value, first, second - cubed * part * (24.0 * part - 6.0)


@njit(cache=True, nogil=True)
def _tally(y: Floats) -> tuple[Floats, Floats]:
    """Give the number of counts above each ``j`` below 128, and the counts above 128 themselves."""
    largest, many = 0.0, 0
    for value in y:
        largest = max(largest, value)
        many += value > _SUMMED
    top = int(min(largest, _SUMMED))
    above, big = np.zeros(top + 1), np.empty(many)
    many = 0
    for value in y:
        above[int(min(value, _SUMMED))] += 1.0
        if value > _SUMMED:
            big[many] = value
            many += 1
    for j in range(top - 1, -1, -1):
        above[j] += above[j + 1]
    return above[1:], big


@njit(cache=True, nogil=True)
def _rising(above: Floats, big: Floats, alpha: float) -> tuple[float, float, float]:
    """Sum ``log(1 + alpha j)`` and its first two derivatives by ``log alpha`` over ``j < y``, over the counts.

    The sums keep every digit near the Poisson boundary, where differences of gamma functions lose theirs.
    """
    value, first, second = 0.0, 0.0, 0.0
    for j in range(1, len(above)):
        u = alpha * j
        part = 1.0 / (1.0 + u)
        value += above[j] * _log1p(u)
        first += above[j] * u * part
        second += above[j] * u * part * part
    if len(big):
        zero_value, zero_first, zero_second = _antiderivatives(float(_SUMMED), alpha)
        for count in big:
            more_value, more_first, more_second = _antiderivatives(count, alpha)
            value += more_value - zero_value
            first += more_first - zero_first
            second += more_second - zero_second
    return value, first, second


@njit(cache=True, nogil=True)
def dispersion_part(y: Floats, mean: Floats, alpha: float) -> float:
    """Give the part of the log-likelihood that depends on the dispersion."""
    above, big = _tally(y)
    total = _rising(above, big, alpha)[0]
    for k in range(len(y)):
        total -= (y[k] + 1.0 / alpha) * _log1p(alpha * mean[k])
    return float(total)


@njit(cache=True, nogil=True)
def _excess(y: Floats, mean: Floats) -> tuple[float, float]:
    """Give the sums of ``(y - mu)**2 - y``, whose sign tells on which side of Poisson the counts lie, and ``mu**2``."""
    excess, squares = 0.0, 0.0
    for k in range(len(y)):
        excess += (y[k] - mean[k]) ** 2 - y[k]
        squares += mean[k] ** 2
    return excess, squares


@njit(cache=True, nogil=True)
def best_dispersion(y: Floats, mean: Floats, start: float) -> float:
    """Give the dispersion that makes counts with known means most likely; 0 at the Poisson boundary."""
    excess, squares = _excess(y, mean)
    if excess <= 0.0:
        return 0.0
    above, big = _tally(y)
    low, high = math.log(ALPHA_LOW), math.log(ALPHA_HIGH)
    point = min(max(math.log(start if start > 0.0 else excess / squares), low), high)
    for _ in range(100):
        alpha = math.exp(point)
        _, slope, bend = _rising(above, big, alpha)
        for k in range(len(y)):
            s = alpha * mean[k]
            part = 1.0 / (1.0 + s)
            share = mean[k] * part
            rest = _beyond_share(s, _log1p(s), part) / alpha
            slope += rest - alpha * y[k] * share
            bend += alpha * share * share - rest - alpha * y[k] * share * part
        if slope > 0.0:
            low = point
        else:
            high = point
        step = -slope / bend if bend < 0.0 else math.copysign(1.0, slope)
        following = point + min(max(step, -2.0), 2.0)
        if not low <= following <= high:
            following = 0.5 * (low + high)
        if abs(following - point) <= 1e-11:
            break
        point = following
    return 0.0 if point <= math.log(ALPHA_LOW) + 1e-6 else math.exp(point)


@njit(cache=True, nogil=True)
def dependent_column(X: Floats, rows: Whole) -> int:
    """Give the first column of some rows that the others explain, by pivoted Gram-Schmidt; -1 where there is none."""
    n, p = len(rows), X.shape[1]
    Q = np.empty((p, n))
    for a in range(p):
        length = 0.0
        for k in range(n):
            Q[a, k] = X[rows[k], a]
            length += Q[a, k] ** 2
        if length == 0.0:
            return a
        for k in range(n):
            Q[a, k] /= math.sqrt(length)
    left = np.full(p, True)
    for _ in range(p):
        best, longest = -1, -1.0
        for a in range(p):
            if left[a]:
                length = 0.0
                for k in range(n):
                    length += Q[a, k] ** 2
                if length > longest:
                    best, longest = a, length
        if longest <= 1e-20:
            return best
        left[best] = False
        for a in range(p):
            if left[a]:
                along = 0.0
                for k in range(n):
                    along += Q[a, k] * Q[best, k]
                for k in range(n):
                    Q[a, k] -= along / longest * Q[best, k]
    return -1


@njit(cache=True, nogil=True)
def _factor(packed: Floats, lower: Floats, scale: Floats) -> None:
    """Factor a matrix given by its lower triangle, scaled to a unit diagonal: very different weights then do no harm.

    Where it is singular to machine precision, a little is added to the diagonal, and more until the factor exists.
    """
    p = len(scale)
    for a in range(p):
        scale[a] = 1.0 / math.sqrt(max(packed[a * (a + 1) // 2 + a], 1e-300))
    ridge = 0.0
    while True:
        whole = True
        for a in range(p):
            for b in range(a + 1):
                s = packed[a * (a + 1) // 2 + b] * scale[a] * scale[b]
                for c in range(b):
                    s -= lower[a, c] * lower[b, c]
                if a == b:
                    s += ridge
                    if not s > 1e-14:
                        whole = False
                        break
                    lower[a, a] = math.sqrt(s)
                else:
                    lower[a, b] = s / lower[b, b]
            if not whole:
                break
        if whole:
            return
        ridge = 1e-12 if ridge == 0.0 else ridge * 10.0


@njit(cache=True, nogil=True)
def _solve(lower: Floats, scale: Floats, right: Floats, solution: Floats) -> None:
    p = len(scale)
    for a in range(p):
        s = scale[a] * right[a]
        for b in range(a):
            s -= lower[a, b] * solution[b]
        solution[a] = s / lower[a, a]
    for a in range(p - 1, -1, -1):
        s = solution[a]
        for b in range(a + 1, p):
            s -= lower[b, a] * solution[b]
        solution[a] = s / lower[a, a]
    for a in range(p):
        solution[a] *= scale[a]


@njit(cache=True, nogil=True)
def _combine(table: Floats, weights: Floats, out: Floats) -> None:
    """Give the sum of the rows of a table, weighted; four rows at a time, which compilers turn into vectors."""
    n, q = table.shape
    for c in range(q):
        out[c] = 0.0
    whole = n - n % 4
    for k in range(0, whole, 4):
        first, second, third, fourth = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for c in range(q):
            out[c] += (first * table[k, c] + second * table[k + 1, c]) + (
                third * table[k + 2, c] + fourth * table[k + 3, c]
            )
    for k in range(whole, n):
        weight = weights[k]
        for c in range(q):
            out[c] += weight * table[k, c]


@njit(cache=True, nogil=True)
def _predict(columns: Floats, shift: Floats, beta: Floats, predictor: Floats, mean: Floats) -> None:
    """Fill the linear predictor and the means."""
    n = len(shift)
    for k in range(n):
        predictor[k] = shift[k]
    for a in range(len(beta)):
        slope = beta[a]
        for k in range(n):
            predictor[k] += slope * columns[a, k]
    for k in range(n):
        predictor[k] = min(max(predictor[k], -_LINEAR_LIMIT), _LINEAR_LIMIT)
        mean[k] = math.exp(predictor[k])


@njit(cache=True, nogil=True)
def _evaluate(
    X: Floats,
    columns: Floats,
    products: Floats,
    y: Floats,
    shift: Floats,
    above: Floats,
    big: Floats,
    beta: Floats,
    alpha: float,
    mean: Floats,
    score: Floats,
    cross: Floats,
    packed: Floats,
    work: Floats,
) -> tuple[float, float, float]:
    """Give the log-likelihood without constants and its two slopes by log dispersion (0 at the Poisson boundary).

    `mean`, `score`, `cross` (minus the mixed derivatives) and `packed` (the observed information) are filled.
    """
    n = len(y)
    predictor, weights, residuals, mixed = work[0], work[1], work[2], work[3]
    _predict(columns, shift, beta, predictor, mean)
    value, slope, bend = 0.0, 0.0, 0.0
    if alpha == 0.0:
        for k in range(n):
            value += y[k] * predictor[k] - mean[k]
            weights[k] = mean[k]
            residuals[k] = y[k] - mean[k]
    else:
        inverse = 1.0 / alpha
        for k in range(n):
            count, s = y[k], alpha * mean[k]
            part = 1.0 / (1.0 + s)
            log_s = _log1p(s)
            share = mean[k] * part
            residual = (count - mean[k]) * part
            rest = _beyond_share(s, log_s, part) * inverse
            own = alpha * count * share
            value += count * predictor[k] - (count + inverse) * log_s
            slope += rest - own
            bend += alpha * share * share - rest - own * part
            weights[k] = (share + own) * part
            residuals[k] = residual
            mixed[k] = residual * s * part
        _combine(X, mixed, cross)
        more, more_slope, more_bend = _rising(above, big, alpha)
        value, slope, bend = value + more, slope + more_slope, bend + more_bend
    _combine(products, weights, packed)
    _combine(X, residuals, score)
    return value, slope, bend


@njit(cache=True, nogil=True)
def _start(
    X: Floats,
    products: Floats,
    y: Floats,
    shift: Floats,
    beta: Floats,
    packed: Floats,
    lower: Floats,
    scale: Floats,
    work: Floats,
) -> None:
    """Fill the coefficients by weighted least squares to logarithms, each count pulled a little to the mean rate."""
    exposed, total = 0.0, 0.0
    weights, responses = work[0], work[1]
    for k in range(len(y)):
        weights[k] = math.exp(shift[k])
        exposed += weights[k]
        total += y[k]
    for k in range(len(y)):
        pulled = (y[k] + 0.5 * total / exposed * weights[k]) / 1.5
        weights[k] = pulled / (1.0 + pulled)
        responses[k] = weights[k] * (math.log(pulled) + (y[k] - pulled) / pulled - shift[k])
    right = np.empty(len(beta))
    _combine(X, responses, right)
    _combine(products, weights, packed)
    _factor(packed, lower, scale)
    _solve(lower, scale, right, beta)


@njit(cache=True, nogil=True)
def _log_factorials(above: Floats, big: Floats) -> float:
    """Sum ``log(y!)`` over the counts."""
    total = 0.0
    for j in range(1, len(above)):
        total += above[j] * math.log(j + 1.0)
    for count in big:
        total += math.lgamma(count + 1.0) - math.lgamma(_SUMMED + 1.0)
    return total


@njit(cache=True, nogil=True)
def _fit_one(
    X: Floats,
    columns: Floats,
    products: Floats,
    y: Floats,
    shift: Floats,
    beta: Floats,
    covariance: Floats,
    mean: Floats,
) -> tuple[float, float, bool, int]:
    """Fit one series; give dispersion, log-likelihood, whether the search settled, and its steps."""
    n, p = X.shape
    above, big = _tally(y)
    score, cross, packed, work = np.empty(p), np.empty(p), np.empty(products.shape[1]), np.empty((4, n))
    lower, scale = np.empty((p, p)), np.empty(p)
    step, aside, proposal = np.empty(p), np.empty(p), np.empty(p)
    low, high = math.log(ALPHA_LOW), math.log(ALPHA_HIGH)

    _start(X, products, y, shift, beta, packed, lower, scale, work)
    _predict(columns, shift, beta, work[0], mean)
    excess, squares = _excess(y, mean)
    # Where the counts are plainly overdispersed the Poisson fit need not be found first.
    poisson = excess <= 0.01 * squares or excess <= 3.0 * math.sqrt(2.0 * squares)
    alpha = 0.0 if poisson else min(excess / squares, 10.0)
    fresh, returned, settled = False, False, False
    value, slope, bend, point, steps = 0.0, 0.0, 0.0, low, 0
    while steps < _STEPS:
        if not fresh:
            fresh, point = True, low if poisson else math.log(alpha)
            value, slope, bend = _evaluate(
                X, columns, products, y, shift, above, big, beta, alpha, mean, score, cross, packed, work
            )
        steps += 1
        _factor(packed, lower, scale)
        _solve(lower, scale, score, step)
        turn, smooth = 0.0, True
        if not poisson:
            _solve(lower, scale, cross, aside)
            curve, uphill = -bend, slope
            for a in range(p):
                curve -= cross[a] * aside[a]
                uphill -= cross[a] * step[a]
            smooth = curve > 0.0
            turn = uphill / curve if smooth else math.copysign(1.0, uphill)
            if point >= high and turn > 0.0:
                turn, smooth = 0.0, True
            elif smooth:
                for a in range(p):
                    step[a] -= aside[a] * turn
        gain, longest = slope * turn, 0.0
        for a in range(p):
            gain += score[a] * step[a]
            longest = max(longest, abs(step[a]))
        size = min(1.0, 5.0 / max(longest, 1e-300), 2.0 / max(abs(turn), 1e-300))
        old, found = value, False
        for _ in range(40):
            for a in range(p):
                proposal[a] = beta[a] + size * step[a]
            new_point = min(max(point + size * turn, low), high)
            new_alpha = 0.0 if poisson else math.exp(new_point)
            value, slope, bend = _evaluate(
                X, columns, products, y, shift, above, big, proposal, new_alpha, mean, score, cross, packed, work
            )
            if value >= old - 1e-12 * (1.0 + abs(old)):
                found = True
                break
            size *= 0.5
        if found:
            for a in range(p):
                beta[a] = proposal[a]
            alpha, point = new_alpha, new_point
        else:
            value, slope, bend = _evaluate(
                X, columns, products, y, shift, above, big, beta, alpha, mean, score, cross, packed, work
            )
        settled = smooth and gain <= (_SETTLED if found else _NEARLY)
        if not found and not settled:
            break
        excess, squares = _excess(y, mean)
        if poisson:
            if settled and (returned or excess <= 0.0):
                break
            if settled:
                # The likelihood rises from the Poisson boundary inwards.
                returned, poisson, fresh = True, False, False
                alpha = min(max(excess / squares, 2.0 * ALPHA_LOW), 10.0)
        elif point <= low + 1e-6 or (excess <= 0.0 and not returned):
            returned = point <= low + 1e-6
            poisson, alpha, fresh = True, 0.0, False
        elif settled:
            break

    for k in range(n):
        work[0, k] = mean[k] / (1.0 + alpha * mean[k])
    _combine(products, work[0], packed)
    _factor(packed, lower, scale)
    for a in range(p):
        for b in range(p):
            score[b] = 1.0 if b == a else 0.0
        _solve(lower, scale, score, covariance[a])
    return alpha, value - _log_factorials(above, big), settled, steps


@njit(cache=True, nogil=True)
def _taken(table: Floats, rows: Whole, number: int) -> Floats:
    """Give the first of some rows of a table, copied; numba compiles a loop much faster than an index."""
    taken = np.empty((number, table.shape[1]))
    for k in range(number):
        for c in range(table.shape[1]):
            taken[k, c] = table[rows[k], c]
    return taken


@njit(cache=True, nogil=True)
def _turned(table: Floats) -> Floats:
    """Give a table with rows and columns exchanged, copied."""
    turned = np.empty((table.shape[1], table.shape[0]))
    for k in range(table.shape[0]):
        for c in range(table.shape[1]):
            turned[c, k] = table[k, c]
    return turned


@njit(cache=True, nogil=True)
def fit_rows(
    X: Floats,
    products: Floats,
    Y: Floats,
    offsets: Floats,
    start: int,
    stop: int,
    beta: Floats,
    covariance: Floats,
    dispersion: Floats,
    value: Floats,
    settled: npt.NDArray[np.bool_],
    steps: Whole,
    fate: Whole,
    means: Floats,
) -> None:
    """Fit rows `start` to `stop` of `Y`, each at its observed days, into the rows of the outputs.

    `products` holds the products of the columns of `X` in pairs, lower triangle by rows; `offsets` has one row for all
    series or one for each; `means` has a row for each series, or none where the means are not wanted.
    """
    n, p = X.shape
    columns = _turned(X)
    rows, y, shift, mean = np.empty(n, np.int64), np.empty(n), np.empty(n), np.empty(n)
    for series in range(start, stop):
        seen, total = 0, 0.0
        offset = offsets[series if len(offsets) > 1 else 0]
        for i in range(n):
            if not math.isnan(Y[series, i]):
                rows[seen], y[seen], shift[seen] = i, Y[series, i], offset[i]
                total += y[seen]
                seen += 1
        if seen == 0 or total == 0.0 or seen < p:
            fate[series] = MISSING if seen == 0 else ZEROS if total == 0.0 else FEW
            continue
        own, own_columns, own_products = X, columns, products
        if seen < n:
            if dependent_column(X, rows[:seen]) >= 0:
                fate[series] = COLLINEAR
                continue
            own, own_products = _taken(X, rows, seen), _taken(products, rows, seen)
            own_columns = _turned(own)
        dispersion[series], value[series], settled[series], steps[series] = _fit_one(
            own, own_columns, own_products, y[:seen], shift[:seen], beta[series], covariance[series], mean[:seen]
        )
        fate[series] = FITTED
        if len(means):
            for k in range(seen):
                means[series, rows[k]] = mean[k]
