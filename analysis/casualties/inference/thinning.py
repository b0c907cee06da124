"""What is still to be reported: a gamma rate thinned by a delay that drifts and clumps.

Of the deaths of a day a share is reported by a given delay. Shares are chained from the reverse hazards, the share of
what is reported by a delay that came exactly then: these do not depend on what is still hidden, so that truncation on
the right needs no correction. What is hidden of a day then is, given what is seen, again a mixture of Poissons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["Delays", "Rates", "chain_ladder", "fit_delays", "fit_rates", "sample_hidden"]

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_PERIOD = 30.0  # rows over which a drift is told
_DRIFT_SPREAD = 0.3  # prior standard deviation of both drifts, log odds in a period
_PSEUDO = 0.25  # deaths added to each delay when hazards are drawn
_CONCENTRATIONS = np.geomspace(0.2, 2000.0, 25)
_SIZES = np.geomspace(0.2, 50.0, 12)
_GROWTH_SPREAD = 0.03  # prior standard deviation of the growth of the rate, a row
_NODES = 40
_REACH = (5.5, 4.5)  # standard deviations of the log odds below and above their mean
_EDGES = (-14.0, 16.0)  # log odds beyond which a share is none or all of it
_TURNS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Delays:
    """How deaths of a row come in, delay by delay.

    Parameters
    ----------
    logit : ndarray, shape (d + 1,)
        Log odds of each reverse hazard in the last row; that of delay 0 is infinite.
    drift : ndarray, shape (2,)
        Change of the log odds in thirty rows: of all hazards alike, and with the delay over its mean, less 1.
    drift_covariance : ndarray, shape (2, 2)
        Of these.
    lean : ndarray, shape (d + 1, 2)
        How far the log odds of each delay in the last row move when a drift is another.
    came, seen : ndarray, shape (d + 1,)
        Deaths that came exactly at a delay, and by it, of rows for which both are known; weighted where days clump.
    concentration : ndarray, shape (c,)
        How little rows clump: of the Dirichlet law of a row's shares.
    concentration_weight : ndarray, shape (c,)
        Posterior weights; they add up to 1.
    relative : ndarray, shape (d + 1,)
        Delay over the mean delay, less 1.
    """

    logit: Floats
    drift: Floats
    drift_covariance: Floats
    lean: Floats
    came: Floats
    seen: Floats
    concentration: Floats
    concentration_weight: Floats
    relative: Floats

    def share(self, back: npt.ArrayLike = 0.0) -> Floats:
        """Give the share reported by each delay of rows so many rows before the last, shape (rows, d + 1)."""
        moved = self._moved(np.atleast_1d(np.asarray(back, dtype=float)), self.drift[None, :])
        shares: Floats = _chained(self.logit[None, None, :] + moved)[0]
        return shares

    @property
    def pmf(self) -> Floats:
        """The share of deaths at each delay, in the last row; shape (d + 1,)."""
        masses: Floats = np.diff(self.share()[0], prepend=0.0)
        return masses

    def sample_share(
        self, back: npt.ArrayLike, age: npt.ArrayLike, n: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Draw the share reported of rows at their age, and the concentration.

        Parameters
        ----------
        back : array_like of int, shape (rows,)
            How many rows before the last each is.
        age : array_like of int, shape (rows,)
            The longest delay that is known of each.
        n : int
            How many draws.
        rng : Generator
            Where chance comes from.

        Returns
        -------
        share : ndarray, shape (n, rows)
        concentration : ndarray, shape (n,)
        """
        root = np.linalg.cholesky(self.drift_covariance)
        off = rng.standard_normal((n, 2)) @ root.T
        hazard = rng.beta(self.came + _PSEUDO, np.maximum(self.seen - self.came, 0.0) + _PSEUDO, (n, len(self.came)))
        drawn = special.logit(np.clip(hazard, 1e-12, 1.0 - 1e-12))
        with_deaths = self.came > 0.0
        middle = np.zeros(len(self.came))
        usual = self.came[with_deaths] / self.seen[with_deaths]
        middle[with_deaths] = self.logit[with_deaths] - special.logit(np.clip(usual, 1e-12, 1.0 - 1e-12))
        logit = drawn + middle[None, :] + off @ self.lean.T
        logit[:, 0] = np.inf
        at = np.asarray(age)
        steps = self._moved(np.asarray(back, dtype=float), self.drift[None, :] + off)
        shares = np.empty((n, len(at)))
        for row, longest in enumerate(at):
            shares[:, row] = _chained(logit + steps[:, row, :])[:, longest]
        return shares, rng.choice(self.concentration, n, p=self.concentration_weight)

    def _moved(self, back: Floats, drift: Floats) -> Floats:
        """Give the change of the log odds against the last row, shape (draws, rows, d + 1)."""
        slope = drift[:, :1] + drift[:, 1:] * self.relative[None, :]
        moved: Floats = -(back / _PERIOD)[None, :, None] * slope[:, None, :]
        return moved


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """The posterior of a locally log-linear rate: by size a normal approximation.

    Parameters
    ----------
    size : ndarray, shape (s,)
        Sizes of the negative binomial.
    weight : ndarray, shape (s,)
        Their posterior weights.
    mean : ndarray, shape (s, 2)
        Logarithm of the rate in the last row, and its growth a row.
    root : ndarray, shape (s, 2, 2)
        Cholesky factor of their covariance.
    gain : ndarray, shape (s, 2, n)
        How both move with the logarithm of the share reported of each row that was fitted.
    """

    size: Floats
    weight: Floats
    mean: Floats
    root: Floats
    gain: Floats

    def sample(self, back: npt.ArrayLike, off: npt.ArrayLike, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw rates and sizes.

        Parameters
        ----------
        back : array_like, shape (rows,)
            How many rows before the last those lie whose rates are drawn.
        off : array_like, shape (n, fitted rows)
            Logarithm of each draw of the shares of the rows that were fitted over the shares that they were fitted
            with: where less is reported than was taken for, the rate is higher.
        rng : Generator
            Where chance comes from.

        Returns
        -------
        rate : ndarray, shape (n, rows)
        size : ndarray, shape (n,)
        """
        shift = np.asarray(off, dtype=float)
        which = rng.choice(len(self.size), len(shift), p=self.weight)
        normal = rng.standard_normal((len(shift), 2))
        drawn = self.mean[which] + np.einsum("nij,nj->ni", self.root[which], normal)
        drawn -= np.einsum("nij,nj->ni", self.gain[which], shift)
        rows = np.asarray(back, dtype=float)
        logs = drawn[:, :1] - drawn[:, 1:] * rows[None, :]
        return np.exp(np.clip(logs, -25.0, 25.0)), self.size[which]


def chain_ladder(cells: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give the factors by which cumulated rows grow from one delay to the next, and each row's final count.

    Parameters
    ----------
    cells : array_like, shape (n, d + 1)
        By row and delay; NaN where it is not known yet, from some delay of a row on.

    Returns
    -------
    factors : ndarray, shape (d,)
        1 where nothing is known.
    final : ndarray, shape (n,)
        0 where nothing is reported.

    References
    ----------
    Mack, T. (1993), Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN
    Bulletin 23, 213-225.

    Examples
    --------
    >>> factors, final = chain_ladder([[4, 4], [3, float("nan")]])
    >>> factors, final
    (array([2.]), array([8., 6.]))
    """
    values = np.asarray(cells, dtype=float)
    came, seen = _came_and_seen(values, np.ones_like(values))
    before = seen - came
    factors = np.divide(seen, before, out=np.ones_like(seen), where=before > 0.0)[1:]
    longest = _longest(values)
    left = np.concatenate([np.cumprod(factors[::-1])[::-1], [1.0]])
    final: Floats = np.nansum(values, axis=1) * np.where(longest >= 0, left[np.maximum(longest, 0)], 1.0)
    return factors, final


def fit_delays(cells: npt.ArrayLike, *, drift: bool = True) -> Delays:
    """Fit reverse hazards with a drift, and how much rows clump.

    Log odds of the hazards are free by delay and drift linearly with the row, alike and with the delay; the drift has
    a normal prior around none. Rows of a Dirichlet-multinomial law give beta-binomial hazards one after the other;
    each cell is weighted by what it tells, given the concentration, which is integrated over.

    Parameters
    ----------
    cells : array_like, shape (n, d + 1)
        By row and delay; NaN where it is not known yet. Whole numbers or expected ones.
    drift : bool, optional
        Whether hazards may drift.

    Returns
    -------
    Delays

    References
    ----------
    Lawless, J. F. (1994), Adjustments for reporting delays and the prediction of occurred but not reported events,
    Canadian Journal of Statistics 22, 15-31.
    Stoner, O. and Economou, T. (2020), Multivariate hierarchical frameworks for modeling delayed reporting in count
    data, Biometrics 76, 789-798.

    Examples
    --------
    >>> import numpy as np
    >>> expected = 50.0 * np.tile([0.4, 0.3, 0.2, 0.1], (20, 1))
    >>> expected[np.add.outer(np.arange(20), np.arange(4)) > 19] = np.nan
    >>> fit_delays(expected).pmf.round(6)
    array([0.4, 0.3, 0.2, 0.1])
    """
    values = np.asarray(cells, dtype=float)
    total = np.where(np.isnan(values), 0.0, np.cumsum(np.nan_to_num(values), axis=1))
    known = np.nan_to_num(values)
    count = np.arange(values.shape[1])
    deaths = known.sum(axis=0)
    mean_delay = max(float(deaths @ count / max(deaths.sum(), 1e-300)), 0.5)
    relative = np.clip(count / mean_delay - 1.0, -1.0, 4.0)
    relative[0] = 0.0
    back = np.arange(len(values))[::-1].astype(float)
    step = -back / _PERIOD
    bend = np.stack([np.broadcast_to(step[:, None], values.shape), step[:, None] * relative[None, :]], axis=-1)
    weight = np.ones_like(values)
    for _ in range(2):
        fitted = _hazards(known, total, weight, bend, drift)
        log_odds = fitted.logit[None, :] + bend @ fitted.drift
        share = _chained(log_odds)
        clump = _concentration_weights(known, values, share)
        inverse = float(clump @ (1.0 / _CONCENTRATIONS))
        weight = 1.0 / (1.0 + np.maximum(total - 1.0, 0.0) / (1.0 + share / inverse))
    fitted = _hazards(known, total, weight, bend, drift)
    came, seen = _came_and_seen(np.where(np.isnan(values), np.nan, known), weight)
    return Delays(
        fitted.logit,
        fitted.drift,
        fitted.covariance,
        fitted.lean,
        came,
        seen,
        _CONCENTRATIONS,
        clump,
        relative,
    )


def fit_rates(counts: npt.ArrayLike, share: npt.ArrayLike) -> Rates:
    """Fit a log-linear rate to counts of which a share is reported.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Reported of each row; the last one is the newest.
    share : array_like, shape (n,)
        Share expected to be reported, above 0.

    Returns
    -------
    Rates

    Examples
    --------
    >>> rates = fit_rates([9, 11, 10, 12, 8, 10, 5], [1, 1, 1, 1, 1, 1, 0.5])
    >>> bool(abs(np.exp(rates.weight @ rates.mean[:, 0]) - 10) < 0.5)
    True
    """
    y, part = np.asarray(counts, dtype=float), np.asarray(share, dtype=float)
    design = np.column_stack([np.ones(len(y)), -np.arange(len(y))[::-1].astype(float)])
    prior = np.diag([1e-4, _GROWTH_SPREAD**-2])
    middle = np.log((y.sum() + 0.5) / part.sum())
    centre = np.array([middle, 0.0])
    size = _SIZES[:, None]
    beta = np.tile(centre, (len(_SIZES), 1))
    for _ in range(_TURNS):
        mean = np.exp(np.clip(beta @ design.T + np.log(part), -30.0, 30.0))
        score = (size * (y - mean) / (size + mean)) @ design - (beta - centre) @ prior
        curve = size * mean * (size + y) / (size + mean) ** 2
        hessian = np.einsum("sn,ni,nj->sij", curve, design, design) + prior
        step = np.linalg.solve(hessian, score[:, :, None])[:, :, 0]
        beta = beta + step * np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1), 1e-12))[:, None]
        if np.abs(step).max() < 1e-9:
            break
    mean = np.exp(np.clip(beta @ design.T + np.log(part), -30.0, 30.0))
    evidence = (
        special.gammaln(y + size)
        - special.gammaln(size)
        + y * np.log(mean)
        + size * np.log(size)
        - (y + size) * np.log(mean + size)
    ).sum(axis=1)
    off = beta - centre
    evidence -= 0.5 * np.einsum("si,ij,sj->s", off, prior, off) + 0.5 * np.linalg.slogdet(hessian)[1]
    weight = np.exp(evidence - evidence.max())
    inverse = np.linalg.inv(hessian)
    gain = np.einsum("sij,nj,sn->sin", inverse, design, curve)
    return Rates(_SIZES, weight / weight.sum(), beta, np.linalg.cholesky(inverse), gain)


def sample_hidden(
    counts: npt.ArrayLike,
    share: npt.ArrayLike,
    concentration: npt.ArrayLike,
    rate: npt.ArrayLike,
    size: npt.ArrayLike,
    rng: np.random.Generator,
) -> Counts:
    """Draw what is still to be reported of each row, given what is.

    The share of a row is beta distributed around the expected one; given it and the rate's gamma law, what is
    hidden is Poisson with a gamma mean, in closed form. The share itself is drawn from its posterior on a grid.

    Parameters
    ----------
    counts : array_like of int, shape (rows,)
        Reported of each row.
    share : array_like, shape (n, rows)
        Draws of the share expected to be reported.
    concentration : array_like, shape (n,)
        Of the beta law.
    rate : array_like, shape (n, rows)
        Draws of the rate.
    size : array_like, shape (n,)
        Of the gamma law.
    rng : Generator
        Where chance comes from.

    Returns
    -------
    ndarray of int64, shape (n, rows)

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> one = np.ones(4000)
    >>> hidden = sample_hidden([10], 0.5 * one[:, None], 1e6 * one, 20 * one[:, None], 1e6 * one, rng)
    >>> bool(abs(hidden.mean() - 10.0) < 0.3)
    True
    """
    reported, expected = np.asarray(counts), np.clip(np.asarray(share, dtype=float), 1e-6, 1.0 - 1e-9)
    tight, mean, shape = (np.asarray(part, dtype=float) for part in (concentration, rate, size))
    hidden = np.empty(expected.shape, dtype=np.int64)
    steps = np.linspace(0.0, 1.0, _NODES)
    for row, number in enumerate(reported):
        inside, outside = tight * expected[:, row], tight * (1.0 - expected[:, row])
        centre = special.digamma(inside) - special.digamma(outside)
        spread = np.sqrt(special.polygamma(1, inside) + special.polygamma(1, outside))
        low = np.clip(centre - _REACH[0] * spread, _EDGES[0], _EDGES[1] - 1.0)
        high = np.clip(centre + _REACH[1] * spread, low + 1e-6, _EDGES[1])
        nodes = low[:, None] + (high - low)[:, None] * steps
        gap = (high - low) / (_NODES - 1)
        odds = shape / mean[:, row]
        log_share, log_rest = -np.logaddexp(0.0, -nodes), -np.logaddexp(0.0, nodes)
        log_weight = (inside[:, None] + number) * log_share + outside[:, None] * log_rest
        log_weight -= (shape + number)[:, None] * np.log(odds[:, None] + np.exp(log_share))
        # Beyond the edges the density falls exponentially, and all of it is taken for the edge.
        log_weight[:, 0] += np.where(low <= _EDGES[0], np.logaddexp(0.0, -np.log((inside + number) * gap)), 0.0)
        log_weight[:, -1] += np.where(high >= _EDGES[1], np.logaddexp(0.0, -np.log(outside * gap)), 0.0)
        heights = np.cumsum(np.exp(log_weight - log_weight.max(axis=1, keepdims=True)), axis=1)
        chosen = (heights < (rng.random(len(tight)) * heights[:, -1])[:, None]).sum(axis=1)
        jitter = (rng.random(len(tight)) - 0.5) * gap
        drawn = special.expit(nodes[np.arange(len(tight)), chosen] + jitter)
        level = rng.gamma(shape + number, 1.0 / (odds + drawn))
        hidden[:, row] = rng.poisson(np.minimum(level * (1.0 - drawn), 1e15))
    return hidden


@dataclass(frozen=True, slots=True, eq=False)
class _Hazards:
    logit: Floats
    drift: Floats
    covariance: Floats
    lean: Floats


def _hazards(known: Floats, total: Floats, weight: Floats, bend: Floats, drift: bool) -> _Hazards:
    """Fit the log odds of the reverse hazards by Newton steps, the free ones eliminated."""
    trials = np.where(total > 0.0, weight * total, 0.0)
    hits = np.where(total > 0.0, weight * known, 0.0)
    trials[:, 0] = hits[:, 0] = 0.0
    came, seen = hits.sum(axis=0), trials.sum(axis=0)
    # Where nothing or everything came at a delay its hazard says nothing about the drift.
    telling = (came > 0.0) & (came < seen * (1.0 - 1e-12))
    ratio = np.divide(came, seen, out=np.zeros_like(came), where=seen > 0.0)
    logit = np.where(telling, special.logit(np.clip(ratio, 1e-12, 1.0 - 1e-12)), np.where(came > 0.0, 40.0, -40.0))
    slope = np.zeros(2)
    prior = np.eye(2) / (_DRIFT_SPREAD**2 if drift else 1e-16)
    trials, hits = trials * telling, hits * telling
    for _ in range(_TURNS):
        chance = special.expit(logit[None, :] + bend @ slope)
        error = hits - trials * chance
        curve = trials * chance * (1.0 - chance)
        own = np.maximum(curve.sum(axis=0), 1e-300)
        shared = np.einsum("ij,ijk->jk", curve, bend)
        both = np.einsum("ij,ijk,ijl->kl", curve, bend, bend) + prior
        first, second = error.sum(axis=0), np.einsum("ij,ijk->k", error, bend) - prior @ slope
        lean = np.where(telling[:, None], shared / own[:, None], 0.0)
        left = both - lean.T @ shared
        step = np.linalg.solve(left, second - lean.T @ first)
        moved = np.where(telling, first / own - lean @ step, 0.0)
        slope = slope + np.clip(step, -1.0, 1.0)
        logit = np.where(telling, logit + np.clip(moved, -3.0, 3.0), logit)
        if max(np.abs(step).max(), np.abs(moved).max()) < 1e-11:
            break
    logit[0] = np.inf
    return _Hazards(logit, slope, np.linalg.inv(left), -lean)


def _chained(logit: Floats) -> Floats:
    """Give the share reported by each delay from the log odds of the reverse hazards (last axis)."""
    stays = special.expit(-logit)
    after = np.cumprod(stays[..., :0:-1], axis=-1)[..., ::-1]
    shares: Floats = np.concatenate([after, np.ones_like(stays[..., :1])], axis=-1)
    return shares


def _concentration_weights(known: Floats, values: Floats, share: Floats) -> Floats:
    """Weigh concentrations by the Dirichlet-multinomial likelihood of each row's known part."""
    mass = np.diff(share, axis=1, prepend=0.0)
    longest = _longest(values)
    rows = np.flatnonzero((known.sum(axis=1) > 1.0) & (longest > 0))
    if not len(rows):
        return np.full(len(_CONCENTRATIONS), 1.0 / len(_CONCENTRATIONS))
    part = share[rows, longest[rows]]
    number = known[rows].sum(axis=1)
    hit = known[rows] > 0.0
    x, p = known[rows][hit], np.maximum(mass[rows][hit], 1e-12)
    tight = _CONCENTRATIONS[:, None]
    log_weight = (special.gammaln(x + tight * p) - special.gammaln(tight * p)).sum(axis=1)
    log_weight -= (special.gammaln(number + tight * part) - special.gammaln(tight * part)).sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    weights: Floats = weight / weight.sum()
    return weights


def _came_and_seen(values: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Sum what came exactly at each delay and by it, over rows for which the delay is known."""
    known = ~np.isnan(values)
    cumulated = np.cumsum(np.nan_to_num(values), axis=1)
    return (np.where(known, values, 0.0) * weight).sum(axis=0), (np.where(known, cumulated, 0.0) * weight).sum(axis=0)


def _longest(values: Floats) -> npt.NDArray[np.int64]:
    """Give the longest delay known of each row, -1 where none is."""
    longest: npt.NDArray[np.int64] = (~np.isnan(values)).sum(axis=1).astype(np.int64) - 1
    return longest
