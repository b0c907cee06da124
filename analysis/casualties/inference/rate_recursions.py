"""The compiled sums of the rate filter: emissions by distinct day, and recursions forward and backward over days.

A day's emissions are a stretch of a row of a table. Without a feed it is the whole row of the day's count and exposure;
with one it is a stretch of the row of its count on a fine lattice of means, on which history and exposure are a shift.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = [
    "backward_pass",
    "counted_changes",
    "emission_table",
    "evidence",
    "forward_pass",
    "held_on_both_sides",
    "held_or_moved",
    "spike_table",
    "window_held",
]

_NOTHING = -700.0  # exponents below this are zero


@njit(cache=True, nogil=True)
def spike_table(counts, group, means, spike, factor, base, table, scale):  # type: ignore[no-untyped-def]
    """Fill a row for each count: P(spike day with this count | mean) over its largest, and the largest's logarithm.

    `means` has a row for each group of counts, `group` says which; a negative count is a day that was not observed.
    """
    groups, points = means.shape
    tail, spread = np.empty((groups, points)), np.empty((groups, points))
    for k in range(groups):
        for g in range(points):
            heavy = factor * means[k, g] + base
            tail[k, g], spread[k, g] = -math.log1p(1.0 / heavy), math.log1p(heavy)
    for row in range(len(counts)):
        y, k = max(counts[row], 0.0), group[row]
        line = table[row]
        if counts[row] < 0.0 or spike == 0.0:
            scale[row] = 0.0 if counts[row] < 0.0 else -math.inf
            for g in range(points):
                line[g] = spike
            continue
        top = -math.inf
        for g in range(points):
            line[g] = y * tail[k, g] - spread[k, g]
            top = max(top, line[g])
        scale[row] = top + math.log(spike)
        for g in range(points):
            line[g] = math.exp(line[g] - top) if line[g] - top > _NOTHING else 0.0


@njit(cache=True, nogil=True)
def emission_table(counts, group, means, size, spike, rare, rare_scale, table, scale):  # type: ignore[no-untyped-def]
    """Fill a row for each count: P(count | mean) over its largest, spike days included, and the largest's logarithm.

    `rare` and `rare_scale` are from `spike_table`.
    """
    groups, points = means.shape
    odds, gap = np.empty((groups, points)), np.empty((groups, points))
    for k in range(groups):
        for g in range(points):
            mu = means[k, g]
            if math.isinf(size):
                odds[k, g], gap[k, g] = math.log(mu), mu
            else:
                odds[k, g], gap[k, g] = -math.log1p(size / mu), size * math.log1p(mu / size)
    for row in range(len(counts)):
        y, k = counts[row], group[row]
        line = table[row]
        if y < 0.0:
            line[:] = 1.0
            scale[row] = 0.0
            continue
        constant = math.log1p(-spike) - math.lgamma(y + 1.0)
        if not math.isinf(size):
            constant += math.lgamma(y + size) - math.lgamma(size)
        top = -math.inf
        for g in range(points):
            line[g] = y * odds[k, g] - gap[k, g]
            top = max(top, line[g])
        top = max(top + constant, rare_scale[row])
        scale[row] = top
        lift = math.exp(rare_scale[row] - top)
        shift = constant - top
        for g in range(points):
            power = line[g] + shift
            line[g] = (math.exp(power) if power > _NOTHING else 0.0) + lift * rare[row, g]


@njit(cache=True, nogil=True)
def _total(values, scratch):  # type: ignore[no-untyped-def]
    """Add up, in halves that can be added beside each other."""
    points = len(values)
    half = points // 2
    upper = values[half : 2 * half]
    for g in range(half):
        scratch[g] = values[g] + upper[g]
    rest = values[points - 1] if points % 2 else 0.0
    for _ in range(2):
        if half % 2:
            rest += scratch[half - 1]
        half //= 2
        upper = scratch[half : 2 * half]
        for g in range(half):
            scratch[g] += upper[g]
    for g in range(half):
        rest += scratch[g]
    return rest


@njit(cache=True, nogil=True)
def _weigh(belief, emission, scratch):  # type: ignore[no-untyped-def]
    """Multiply a belief by a day's emissions and give the sum."""
    for g in range(len(belief)):
        belief[g] *= emission[g]
    return _total(belief, scratch)


@njit(cache=True, nogil=True)
def _diffuse(belief, share):  # type: ignore[no-untyped-def]
    """Move half of a share one step up and half one step down; at the ends it stays."""
    points = len(belief)
    half = 0.5 * share
    before = belief[0]
    for g in range(points):
        here = belief[g]
        after = belief[g + 1] if g + 1 < points else here
        belief[g] = here + half * (before - here) + half * (after - here)
        before = here


@njit(cache=True, nogil=True)
def evidence(table, row, first, prior, leap, diffusion):  # type: ignore[no-untyped-def]
    """Give the log probability of all counts, up to the scale of the rows; minus infinity where it underflows."""
    points = len(prior)
    belief, scratch, fresh = prior.copy(), np.empty(points), leap * prior
    total = 0.0
    for t in range(len(row)):
        step = _weigh(belief, table[row[t], first[t] : first[t] + points], scratch)
        if not step > 0.0:
            return -math.inf
        total += math.log(step)
        keep = (1.0 - leap) / step
        if diffusion > 0.0:
            _diffuse(belief, diffusion)
        for g in range(points):
            belief[g] = belief[g] * keep + fresh[g]
    return total


@njit(cache=True, nogil=True)
def forward_pass(table, row, first, prior, leap, diffusion, forward, step):  # type: ignore[no-untyped-def]
    """Fill the rate given the days up to each, shape (n, G), and each day's probability given the days before."""
    points = len(prior)
    belief, scratch, fresh = prior.copy(), np.empty(points), leap * prior
    for t in range(len(row)):
        step[t] = _weigh(belief, table[row[t], first[t] : first[t] + points], scratch)
        inverse = 1.0 / step[t]
        here = forward[t]
        for g in range(points):
            belief[g] *= inverse
            here[g] = belief[g]
        if diffusion > 0.0:
            _diffuse(belief, diffusion)
        for g in range(points):
            belief[g] = belief[g] * (1.0 - leap) + fresh[g]


@njit(cache=True, nogil=True)
def backward_pass(  # type: ignore[no-untyped-def]
    table, row, first, prior, leap, diffusion, rare, lift, weight, forward, step, backward, jump, marginal, spike
):
    """Fill the factor that later days put on each rate, shape (n, G), and add what follows for each day.

    Added with a weight: the probability of a jump into each day, of each rate on it, and of a spike.
    """
    n, points = backward.shape
    weighted, scratch = np.empty(points), np.empty(points)
    backward[n - 1] = 1.0
    for t in range(n - 1, -1, -1):
        emission, later, known = table[row[t], first[t] : first[t] + points], backward[t], forward[t]
        heavy, belief = rare[row[t], first[t] : first[t] + points], marginal[t]
        for g in range(points):
            smoothed = weight * known[g] * later[g]
            belief[g] += smoothed
            # A rate that cannot give the day's count has no belief and no share.
            weighted[g] = smoothed * heavy[g] / emission[g] if emission[g] > 0.0 else 0.0
        spike[t] += lift[row[t]] * _total(weighted, scratch)
        if t == 0:
            break
        inverse = 1.0 / step[t]
        for g in range(points):
            weighted[g] = later[g] * inverse * emission[g]
        known = backward[t - 1]
        for g in range(points):
            known[g] = weighted[g] * prior[g]
        fresh = leap * _total(known, scratch)
        jump[t] += weight * fresh
        if diffusion > 0.0:
            _diffuse(weighted, diffusion)
        for g in range(points):
            known[g] = (1.0 - leap) * weighted[g] + fresh


@njit(cache=True, nogil=True)
def window_held(table, row, first, leap, diffusion, begin, step, after, start, stop):  # type: ignore[no-untyped-def]
    """Give the probability that no jump is dated from day `start` to before day `stop`.

    `begin` is the rate given the days up to the one before `start`, `after` the factor of the days from `stop` on.
    """
    belief = begin.copy()
    points = len(belief)
    scratch = np.empty(points)
    log_total = 0.0
    for t in range(start, stop):
        if diffusion > 0.0:
            _diffuse(belief, diffusion)
        total = _weigh(belief, table[row[t], first[t] : first[t] + points], scratch)
        if not total > 0.0:
            return 0.0
        log_total += math.log(total / step[t]) + math.log1p(-leap)
        inverse = 1.0 / total
        for g in range(points):
            belief[g] *= inverse
    for g in range(points):
        belief[g] *= after[g]
    last = _total(belief, scratch)
    return math.exp(log_total + math.log(last)) if last > 0.0 else 0.0


@njit(cache=True, nogil=True)
def held_or_moved(table, row, first, prior, leap, diffusion, begin, step, start, stop):  # type: ignore[no-untyped-def]
    """Give P(rate before, rate on the last day, at least one jump in the window), before the later days' factor.

    Row i: the rate was i before the window. Paths that held and paths that jumped are kept apart, so that the
    difference of two nearly equal numbers is never taken.
    """
    points = len(prior)
    moved, scratch = np.zeros((points, points)), np.empty(points)
    # Where the rate diffuses, paths that held spread as well; otherwise they stay at i.
    held = np.zeros((points, points)) if diffusion > 0.0 else np.zeros((points, 1))
    for i in range(points):
        held[i, i if diffusion > 0.0 else 0] = begin[i]
    for t in range(start, stop):
        emission = table[row[t], first[t] : first[t] + points]
        inverse = 1.0 / step[t]
        for i in range(points):
            if not begin[i] > 0.0:
                continue
            line = moved[i]
            total = _total(line, scratch)
            for g in range(held.shape[1]):
                total += held[i, g]
            fresh = leap * total
            if diffusion > 0.0:
                _diffuse(line, diffusion)
                _diffuse(held[i], diffusion)
                for g in range(points):
                    held[i, g] *= (1.0 - leap) * emission[g] * inverse
            else:
                held[i, 0] *= (1.0 - leap) * emission[i] * inverse
            for g in range(points):
                line[g] = ((1.0 - leap) * line[g] + fresh * prior[g]) * emission[g] * inverse
    return moved


@njit(cache=True, nogil=True)
def held_on_both_sides(table, row, first, prior, leap, begin, step, after, start, stop, before, later):  # type: ignore[no-untyped-def]
    """Give the log probability that the only jump dated from day `start` to before day `stop` is into each of them.

    Row k of `before` and `later` is filled with the rates, as probabilities, given that jump into day ``start + k``.
    """
    points, days = len(prior), stop - start
    scratch, belief, factor = np.empty(points), begin.copy(), after.copy()
    found = np.empty(days)
    stay = math.log1p(-leap)
    level = 0.0
    for k in range(days):  # forward: no jump since the window began
        before[k] = belief
        found[k] = level
        emission = table[row[start + k], first[start + k] : first[start + k] + points]
        total = _weigh(belief, emission, scratch)
        if not total > 0.0:
            for rest in range(k + 1, days):
                before[rest], found[rest] = 0.0, -math.inf
            break
        level += math.log(total / step[start + k]) + stay
        inverse = 1.0 / total
        for g in range(points):
            belief[g] *= inverse
    level = math.log(leap)
    for k in range(days - 1, -1, -1):  # backward: no jump until the window ends
        day = start + k
        total = _weigh(factor, table[row[day], first[day] : first[day] + points], scratch)
        if not total > 0.0:
            found[: k + 1] = -math.inf
            break
        level += math.log(total / step[day])
        inverse = 1.0 / total
        line = later[k]
        for g in range(points):
            factor[g] *= inverse
            line[g] = prior[g] * factor[g]
        fresh = _total(line, scratch)
        if fresh > 0.0:
            found[k] += level + math.log(fresh)
            for g in range(points):
                line[g] /= fresh
        else:
            found[k] = -math.inf
        level += stay
    return found


@njit(cache=True, nogil=True)
def counted_changes(table, row, first, prior, leap, diffusion, most):  # type: ignore[no-untyped-def]
    """Give P(number of jumps | counts) for 0 to `most` jumps, the last entry holding `most` and more."""
    points = len(prior)
    belief, scratch = np.zeros((most + 1, points)), np.empty(points)
    belief[0] = prior
    sums = np.zeros(most + 1)
    for t in range(len(row)):
        emission = table[row[t], first[t] : first[t] + points]
        total = 0.0
        for k in range(most + 1):
            sums[k] = _weigh(belief[k], emission, scratch)
            total += sums[k]
        inverse = 1.0 / total
        for k in range(most + 1):
            sums[k] *= inverse
        last = t + 1 == len(row)
        for k in range(most, -1, -1):
            come = sums[k - 1] if k > 0 else 0.0
            if k == most:
                come += sums[most]
            line = belief[k]
            if diffusion > 0.0:
                _diffuse(line, diffusion)
            keep, fresh = (1.0 - leap) * inverse, leap * come
            for g in range(points):
                line[g] = line[g] if last else keep * line[g] + fresh * prior[g]
    return sums
