"""Laplace's approximation of one negative-binomial regression with hidden AR(1) days, and the walk over a grid of them.

Given the hyperparameters the log posterior of coefficients and hidden days is concave. Its Hessian is tridiagonal in
the days and bordered by the few coefficients, so that a Newton step, the determinant and the covariance of the
coefficients cost a time proportional to the number of days.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = [
    "day_moments",
    "explore",
    "laplace",
    "log_constants",
    "mixture_bands",
    "mixture_probability",
    "mixture_quantile",
]

_MOST_STEPS = 60
_LARGEST_STEP = 3.0  # of the logarithm of a mean; a longer step leaves the region where the curvature says anything
_LIMIT = 50.0  # |linear predictor| beyond this adds nothing to a likelihood of counts


@njit(cache=True, nogil=True)
def log_constants(y, seen, size):  # type: ignore[no-untyped-def]
    """Give the part of a negative-binomial log likelihood that does not depend on the means."""
    total = 0.0
    start = math.lgamma(size)
    log_size = math.log(size)
    for i in range(len(y)):
        if seen[i]:
            total += size * log_size
            if y[i] > 0.0:
                total += math.lgamma(y[i] + size) - start - math.lgamma(y[i] + 1.0)
    return total


@njit(cache=True, nogil=True)
def _cholesky(S, C):  # type: ignore[no-untyped-def]
    p = S.shape[0]
    for i in range(p):
        for j in range(i + 1):
            t = S[i, j]
            for m in range(j):
                t -= C[i, m] * C[j, m]
            if i == j:
                C[i, i] = math.sqrt(max(t, 1e-300))
            else:
                C[i, j] = t / C[j, j]


@njit(cache=True, nogil=True)
def _solve(C, x):  # type: ignore[no-untyped-def]
    p = C.shape[0]
    for a in range(p):
        t = x[a]
        for m in range(a):
            t -= C[a, m] * x[m]
        x[a] = t / C[a, a]
    for a in range(p - 1, -1, -1):
        t = x[a]
        for m in range(a + 1, p):
            t -= C[m, a] * x[m]
        x[a] = t / C[a, a]


@njit(cache=True, nogil=True)
def laplace(y, seen, X, offset, phi, sd, size, precision, beta, z, tolerance, covariance, pivots, borders):  # type: ignore[no-untyped-def]
    """Find the mode at given hyperparameters, from a start that it overwrites.

    `beta` (p,) and `z` (n,) hold the start and then the mode; `covariance` (p, p), `pivots` (n,) and `borders` (n, p)
    are filled: the covariance of the coefficients, the pivots L of the hidden days' precision (elimination from the
    first day to the last, so that 1 / L[n-1] is the variance of the last day given the coefficients), and V, by which
    the hidden days' mean falls where the coefficients rise. Returns the log evidence without `log_constants`, and
    whether the Newton decrement fell below the tolerance.
    """
    n, p = X.shape
    hidden = sd > 0.0
    inner = 0.0
    ends = 0.0
    off = 0.0
    if hidden:
        ends = 1.0 / (sd * sd * (1.0 - phi * phi))
        inner = ends * (1.0 + phi * phi)
        off = -ends * phi
    else:
        z[:] = 0.0
    if n == 1:
        ends = 1.0 / (sd * sd) if hidden else 0.0
    W = np.empty(n)
    g = np.empty(n)
    r = np.empty(n)
    U = np.empty(n)
    S = np.empty((p, p))
    C = np.empty((p, p))
    gb = np.empty(p)
    db = np.zeros(p)
    dz = np.zeros(n)
    log_size = math.log(size)
    last = -1e300
    scale = 1.0
    settled = False
    value = -1e300
    decrement = 0.0
    for step in range(_MOST_STEPS):
        value = 0.0
        for i in range(n):
            if not seen[i]:
                g[i] = 0.0
                W[i] = 0.0
                continue
            e = offset[i] + z[i]
            for a in range(p):
                e += X[i, a] * beta[a]
            if e > _LIMIT:
                e = _LIMIT
            elif e < -_LIMIT:
                e = -_LIMIT
            mu = math.exp(e)
            q = 1.0 + mu / size
            g[i] = (y[i] - mu) / q
            W[i] = mu * (1.0 + y[i] / size) / (q * q)
            # y e - (y + size) log(size + mu), without the cancellation that huge counts would bring.
            if mu > size:
                excess = math.log1p(size / mu)
                value -= y[i] * excess + size * (e + excess)
            else:
                excess = log_size + math.log1p(mu / size)
                value += y[i] * (e - excess) - size * excess
        if hidden:
            for i in range(n):
                d = ends if (i == 0 or i == n - 1) else inner
                t = d * z[i]
                if i < n - 1:
                    t += off * z[i + 1]
                    value -= off * z[i] * z[i + 1]
                if i > 0:
                    t += off * z[i - 1]
                value -= 0.5 * d * z[i] * z[i]
                r[i] = g[i] - t
        for a in range(p):
            value -= 0.5 * precision[a] * beta[a] * beta[a]
        if value < last - 1e-9 * (1.0 + abs(last)) and step > 0 and scale > 1e-6:
            # The step overshot: go back half of it.
            scale *= 0.5
            for i in range(n):
                z[i] -= scale * dz[i]
            for a in range(p):
                beta[a] -= scale * db[a]
            continue
        last = value
        scale = 1.0
        for a in range(p):
            gb[a] = -precision[a] * beta[a]
            for b in range(a + 1):
                S[a, b] = 0.0
            S[a, a] = precision[a]
        decrement = 0.0
        if hidden:
            for i in range(n):
                d = ends if (i == 0 or i == n - 1) else inner
                dz[i] = r[i]  # the gradient, kept for the decrement
                for a in range(p):
                    borders[i, a] = W[i] * X[i, a]
                if i == 0:
                    pivots[0] = d + W[0]
                else:
                    u = off / pivots[i - 1]
                    U[i] = u
                    pivots[i] = d + W[i] - u * off
                    r[i] -= u * r[i - 1]
                    for a in range(p):
                        borders[i, a] -= u * borders[i - 1, a]
            for i in range(n - 1, -1, -1):
                inverse = 1.0 / pivots[i]
                r[i] *= inverse
                for a in range(p):
                    borders[i, a] *= inverse
                if i < n - 1:
                    u = U[i + 1]
                    r[i] -= u * r[i + 1]
                    for a in range(p):
                        borders[i, a] -= u * borders[i + 1, a]
                decrement += dz[i] * r[i]
                if not seen[i]:
                    continue
                t = g[i] - W[i] * r[i]
                for a in range(p):
                    xa = X[i, a]
                    gb[a] += xa * t
                    xa *= W[i]
                    for b in range(a + 1):
                        S[a, b] += xa * (X[i, b] - borders[i, b])
        else:
            for i in range(n):
                if not seen[i]:
                    continue
                for a in range(p):
                    xa = X[i, a]
                    gb[a] += xa * g[i]
                    xa *= W[i]
                    for b in range(a + 1):
                        S[a, b] += xa * X[i, b]
        _cholesky(S, C)
        for a in range(p):
            db[a] = gb[a]
        _solve(C, db)
        longest = 0.0
        for a in range(p):
            decrement += gb[a] * db[a]
        if hidden:
            for i in range(n):
                t = r[i]
                for a in range(p):
                    t -= borders[i, a] * db[a]
                dz[i] = t
        for i in range(n):
            t = dz[i]
            for a in range(p):
                t += X[i, a] * db[a]
            if seen[i]:
                longest = max(longest, abs(t))
        if math.isnan(decrement):
            break
        if longest > _LARGEST_STEP:
            shrink = _LARGEST_STEP / longest
            for i in range(n):
                dz[i] *= shrink
            for a in range(p):
                db[a] *= shrink
        for i in range(n):
            z[i] += dz[i]
        for a in range(p):
            beta[a] += db[a]
        if decrement < tolerance:
            settled = True
            break
    evidence = value + 0.5 * decrement
    for a in range(p):
        evidence -= math.log(C[a, a])
        if precision[a] > 0.0:
            evidence += 0.5 * math.log(precision[a])
    if hidden:
        # log |Q| = n log(ends) + log(1 - phi^2) for n > 1
        evidence += 0.5 * n * math.log(ends)
        if n > 1:
            evidence += 0.5 * math.log(1.0 - phi * phi)
        for i in range(n):
            evidence -= 0.5 * math.log(pivots[i])
    else:
        for i in range(n):
            pivots[i] = np.inf
            for a in range(p):
                borders[i, a] = 0.0
    for b in range(p):
        for a in range(p):
            gb[a] = 1.0 if a == b else 0.0
        _solve(C, gb)
        for a in range(p):
            covariance[a, b] = gb[a]
    return evidence, settled


@njit(cache=True, nogil=True)
def explore(y, seen, X, offset, phis, sds, sizes, log_prior, precision, start, beta, z, tolerance, cut):  # type: ignore[no-untyped-def]
    """Walk over the grid from a start, to all points whose weight is within `cut` of the highest on the log scale.

    The point with the highest weight so far is left in all directions first. The log weight is taken as concave along
    a line of the grid, so that a neighbour that a straight line puts below the cut is not visited. Every visit starts
    from the mode of the point that it is reached from. Where the first hidden standard deviation is 0, all
    persistences are one point there.

    Returns the points (H, 3) in the grid's order, their log weights, modes and covariances, the modes and variances of
    the last hidden day given the coefficients, its slopes on them, and how many points were visited.
    """
    n, p = X.shape
    A, B, C = log_prior.shape
    weight = np.full((A, B, C), -np.inf)
    state = np.zeros((A, B, C), dtype=np.uint8)  # 1 visited, 2 left
    slot = np.zeros((A, B, C), dtype=np.int64)
    room = A * B * C
    betas = np.empty((room, p))
    days = np.empty((room, n))
    spreads = np.empty((room, p, p))
    variances = np.empty(room)
    slopes = np.empty((room, p))
    pivots = np.empty(n)
    borders = np.empty((n, p))
    constants = np.full(C, np.nan)
    merged = sds[0] == 0.0
    visits = 0
    best = -np.inf
    queue = np.empty((room, 3), dtype=np.int64)
    a, b, c = start
    if merged and b == 0:
        a = 0
    betas[0] = beta
    days[0] = z
    origin = 0
    reach_a, reach_b, reach_c = a, b, c
    first = True
    while True:
        # Candidates of the current point: itself at the beginning, its neighbours later.
        count = 0
        if first:
            queue[0, 0], queue[0, 1], queue[0, 2] = a, b, c
            count = 1
        else:
            # The unleft point of highest weight.
            top = -np.inf
            for i in range(A):
                for j in range(B):
                    for k in range(C):
                        if state[i, j, k] == 1 and weight[i, j, k] > top:
                            top = weight[i, j, k]
                            reach_a, reach_b, reach_c = i, j, k
            if not top > best - cut:
                break
            a, b, c = reach_a, reach_b, reach_c
            state[a, b, c] = 2
            origin = slot[a, b, c]
            for direction in range(6):
                i, j, k = a, b, c
                move = 1 if direction % 2 == 0 else -1
                if direction < 2:
                    i += move
                    if merged and b == 0:
                        continue
                elif direction < 4:
                    j += move
                else:
                    k += move
                if i < 0 or j < 0 or k < 0 or i >= A or j >= B or k >= C:
                    continue
                low, high = i, i + 1
                if merged and b == 0 and j == 1:
                    low, high = 0, A
                if merged and j == 0:
                    low, high = 0, 1
                for m in range(low, high):
                    if state[m, j, k] != 0 or log_prior[m, j, k] == -np.inf:
                        continue
                    # Behind the point, on the same line.
                    bi, bj, bk = 2 * a - i, 2 * b - j, 2 * c - k
                    straight = (
                        low + 1 == high
                        and not (merged and (j == 0 or bj == 0))
                        and 0 <= bi < A
                        and 0 <= bj < B
                        and 0 <= bk < C
                        and state[bi, bj, bk] != 0
                    )
                    if straight and 2.0 * weight[a, b, c] - weight[bi, bj, bk] < best - cut:
                        continue
                    queue[count, 0], queue[count, 1], queue[count, 2] = m, j, k
                    count += 1
        for entry in range(count):
            i, j, k = queue[entry, 0], queue[entry, 1], queue[entry, 2]
            if math.isnan(constants[k]):
                constants[k] = log_constants(y, seen, sizes[k])
            s = visits
            if not (first and s == 0):
                betas[s] = betas[origin]
                days[s] = days[origin]
            value, settled = laplace(
                y,
                seen,
                X,
                offset,
                phis[i],
                sds[j],
                sizes[k],
                precision,
                betas[s],
                days[s],
                tolerance,
                spreads[s],
                pivots,
                borders,
            )
            visits += 1
            variances[s] = 1.0 / pivots[n - 1]
            slopes[s] = borders[n - 1]
            slot[i, j, k] = s
            state[i, j, k] = 1
            if settled and value == value:
                weight[i, j, k] = value + constants[k] + log_prior[i, j, k]
                best = max(best, weight[i, j, k])
            else:
                weight[i, j, k] = -np.inf
        if first:
            first = False
            if best == -np.inf:
                break
    kept = 0
    for i in range(A):
        for j in range(B):
            for k in range(C):
                if state[i, j, k] != 0 and weight[i, j, k] > best - cut:
                    kept += 1
    points = np.empty((kept, 3), dtype=np.int64)
    order = np.empty(kept, dtype=np.int64)
    weights = np.empty(kept)
    h = 0
    for i in range(A):
        for j in range(B):
            for k in range(C):
                if state[i, j, k] != 0 and weight[i, j, k] > best - cut:
                    points[h, 0], points[h, 1], points[h, 2] = i, j, k
                    weights[h] = weight[i, j, k]
                    order[h] = slot[i, j, k]
                    h += 1
    last = np.empty(kept)
    for h in range(kept):
        last[h] = days[order[h], n - 1]
    return points, weights, betas[order], spreads[order], last, variances[order], slopes[order], visits


@njit(cache=True, nogil=True)
def day_moments(y, seen, X, offset, phi, sd, size, precision, beta, tolerance, out):  # type: ignore[no-untyped-def]
    """Fill `out` (4, n): mean and variance of each day's linear predictor, and the same with that day left out.

    The day is left out by taking its own Gaussian factor out of the approximation.
    """
    n, p = X.shape
    z = np.zeros(n)
    covariance = np.empty((p, p))
    pivots = np.empty(n)
    borders = np.empty((n, p))
    laplace(y, seen, X, offset, phi, sd, size, precision, beta, z, tolerance, covariance, pivots, borders)
    off = -phi / (sd * sd * (1.0 - phi * phi)) if sd > 0.0 else 0.0
    hidden = 0.0
    for i in range(n - 1, -1, -1):
        if sd > 0.0:
            u = off / pivots[i]
            hidden = 1.0 / pivots[i] + u * u * hidden
        e = offset[i] + z[i]
        variance = hidden
        for a in range(p):
            e += X[i, a] * beta[a]
            for b in range(p):
                variance += (X[i, a] - borders[i, a]) * covariance[a, b] * (X[i, b] - borders[i, b])
        out[0, i] = e
        out[1, i] = variance
        out[2, i] = e
        out[3, i] = variance
        if seen[i]:
            mu = math.exp(min(max(e, -_LIMIT), _LIMIT))
            q = 1.0 + mu / size
            left = variance / max(1.0 - variance * mu * (1.0 + y[i] / size) / (q * q), 1e-9)
            out[2, i] = e - left * (y[i] - mu) / q
            out[3, i] = left


@njit(cache=True, nogil=True)
def mixture_probability(weights, means, errors, x):  # type: ignore[no-untyped-def]
    """Give the probability that a mixture of normals lies at or below x."""
    total = 0.0
    for h in range(len(weights)):
        total += weights[h] * 0.5 * math.erfc(-(x - means[h]) / (errors[h] * math.sqrt(2.0)))
    return total


@njit(cache=True, nogil=True)
def mixture_quantile(weights, means, errors, probability):  # type: ignore[no-untyped-def]
    """Give the quantile of a mixture of normals, by Newton steps inside a bracket."""
    low, high = np.inf, -np.inf
    centre, square = 0.0, 0.0
    for h in range(len(weights)):
        low = min(low, means[h] - 40.0 * errors[h])
        high = max(high, means[h] + 40.0 * errors[h])
        centre += weights[h] * means[h]
        square += weights[h] * (means[h] * means[h] + errors[h] * errors[h])
    spread = math.sqrt(max(square - centre * centre, 1e-300))
    x = centre
    for _ in range(200):
        below, density = 0.0, 0.0
        for h in range(len(weights)):
            u = (x - means[h]) / errors[h]
            below += weights[h] * 0.5 * math.erfc(-u / math.sqrt(2.0))
            density += weights[h] * math.exp(-0.5 * u * u) / (errors[h] * math.sqrt(2.0 * math.pi))
        miss = below - probability
        if miss > 0.0:
            high = x
        else:
            low = x
        step = miss / density if density > 1e-300 else np.inf
        new = x - step
        if not (low < new < high):
            new = 0.5 * (low + high)
        moved = abs(new - x)
        x = new
        if moved < 1e-10 * spread or high - low < 1e-14 * spread:
            break
    return x


@njit(cache=True, nogil=True)
def mixture_bands(weights, means, errors, probabilities):  # type: ignore[no-untyped-def]
    """Give the quantiles (k, n) of n mixtures of normals whose parts are the rows of `means` and `errors` (H, n)."""
    n = means.shape[1]
    bands = np.empty((len(probabilities), n))
    for i in range(n):
        centre, spread = means[:, i].copy(), errors[:, i].copy()
        for k in range(len(probabilities)):
            bands[k, i] = mixture_quantile(weights, centre, spread, probabilities[k])
    return bands
