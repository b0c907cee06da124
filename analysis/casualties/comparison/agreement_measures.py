"""How far two sets of figures of the same days agree: in level, in order, in class and in direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from casualties.comparison.paired_days import Answer, paired_figures, too_few
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable

__all__ = [
    "Limits",
    "bland_altman",
    "cohen_kappa",
    "correlation",
    "direction_agreement",
    "krippendorff_alpha",
    "lin_concordance",
    "size_classes",
]

# A week takes part in the agreement of direction with so many shared days, and so many steps must be had.
WEEK_FEWEST, STEPS_FEWEST = 4, 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Bland–Altman agreement of two series on the scale log(1 + deaths).

    Parameters
    ----------
    bias : Estimate
        Mean difference, first minus second, with its interval (Student).
    sd : float
        Standard deviation of the differences.
    low, high : float
        Limits of agreement: the range that holds the stated share of single days if differences are normal.
    """

    bias: Estimate
    sd: float
    low: float
    high: float


def correlation(first: ArrayLike, second: ArrayLike, *, ranks: bool = False, level: float = 0.95) -> Answer:
    """Correlate two sets of counts (Pearson, or Spearman with `ranks`) with an interval by Fisher's z.

    The interval takes days as independent; for ranks the variance is (1 + r²/2) / (n - 3) (Bonett and Wright).

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The counts.
    ranks : bool, optional
        Correlate ranks.
    level : float, optional
        Level of the interval.

    Returns
    -------
    Estimate or NotEstimable
        Not estimable with fewer than 10 days or where one side never changes.

    References
    ----------
    Bonett, D. G. and Wright, T. A. (2000), Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations, Psychometrika 65, 23-28.

    Examples
    --------
    >>> round(correlation(range(12), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10]).value, 3)
    0.993
    """
    x, y = paired_figures(first, second)
    fault = too_few(len(x), _constant(x, y))
    if fault is not None:
        return fault
    if ranks:
        x, y = stats.rankdata(x), stats.rankdata(y)
    value = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    spread = math.sqrt((1 + value**2 / 2 if ranks else 1) / (len(x) - 3))
    return _fisher_interval(value, spread, level, "correlation")


def lin_concordance(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Answer:
    """Give Lin's concordance: correlation, lowered where the two differ in level or in spread.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The figures.
    level : float, optional
        Level of the interval (z-transform, variance as corrected in 2000).

    Returns
    -------
    Estimate or NotEstimable
        Not estimable with fewer than 10 days or where one side never changes; without interval where the
        correlation is 0 or perfect.

    References
    ----------
    Lin, L. (1989), A concordance correlation coefficient to evaluate reproducibility, Biometrics 45, 255-268; and the
    note on it, Biometrics 56 (2000), 324-325.

    Examples
    --------
    >>> x = [4, 9, 2, 0, 6, 12, 3, 5, 8, 1]
    >>> round(lin_concordance(x, [value + 2 for value in x]).value, 3)
    0.867
    """
    x, y = paired_figures(first, second)
    fault = too_few(len(x), _constant(x, y))
    if fault is not None:
        return fault
    n = len(x)
    shift = x.mean() - y.mean()
    product = x.std() * y.std()
    r = float(np.corrcoef(x, y)[0, 1])
    value = float(2 * r * product / (x.var() + y.var() + shift**2))
    if not 1e-12 < abs(r) < 1 - 1e-12:
        return Estimate(value, unit="concordance")
    u2 = shift**2 / product
    variance = (
        (1 - r**2) * value**2 * (1 - value**2) / r**2
        + 2 * value**3 * (1 - value) * u2 / r
        - 0.5 * value**4 * u2**2 / r**2
    ) / (n - 2)
    return _fisher_interval(value, math.sqrt(max(variance, 0.0)) / (1 - value**2), level, "concordance")


def bland_altman(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Limits | NotEstimable:
    """Give the mean difference of two sets of figures and the limits that hold most single days.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The figures, here log(1 + deaths).
    level : float, optional
        Share of days between the limits (normal), and level of the interval of the mean (Student).

    Returns
    -------
    Limits or NotEstimable
        Not estimable with fewer than 10 days.

    References
    ----------
    Bland, J. M. and Altman, D. G. (1986), Statistical methods for assessing agreement between two methods of clinical
    measurement, Lancet 327, 307-310.

    Examples
    --------
    >>> found = bland_altman([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 3, 2, 5, 4, 7, 6, 9, 8, 11])
    >>> found.bias.value, round(found.sd, 3)
    (0.0, 1.054)
    """
    x, y = paired_figures(first, second)
    fault = too_few(len(x))
    if fault is not None:
        return fault
    difference = x - y
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    reach = float(stats.t.ppf((1 + level) / 2, len(x) - 1)) * sd / math.sqrt(len(x))
    width = float(stats.norm.ppf((1 + level) / 2)) * sd
    return Limits(Estimate(mean, mean - reach, mean + reach, level, "log(1 + deaths)"), sd, mean - width, mean + width)


def direction_agreement(shared: pd.DataFrame, *, level: float = 0.95) -> Answer:
    """Give the share of steps from one week to the next on which both series move the same way.

    Weeks are counted from the first shared day. A week needs 4 shared days; its level is the mean of both series
    over the same days. A step joins two neighbouring weeks; standing still is a direction of its own.

    Parameters
    ----------
    shared : DataFrame
        Index ``date``, columns ``a, b``: the days that both observed.
    level : float, optional
        Level of the interval (Wilson).

    Returns
    -------
    Estimate or NotEstimable
        Not estimable with fewer than 5 steps.

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=42)
    >>> shared = pd.DataFrame({"a": range(42), "b": range(0, 84, 2)}, index=days)
    >>> direction_agreement(shared).value
    1.0
    """
    if shared.empty:
        return NotEstimable("no shared days")
    week = (pd.DatetimeIndex(shared.index) - shared.index[0]).days // 7
    grouped = shared[["a", "b"]].groupby(week)
    means = grouped.mean()[grouped.size() >= WEEK_FEWEST]
    neighbours = np.diff(means.index.to_numpy()) == 1
    # Means of the same figures in another order differ by rounding, which must not make a direction.
    moves = np.sign(np.round(np.diff(means.to_numpy(dtype=float), axis=0)[neighbours], 9))
    steps = len(moves)
    if steps < STEPS_FEWEST:
        return NotEstimable(
            f"{steps} steps between neighbouring weeks with {WEEK_FEWEST} shared days each; {STEPS_FEWEST} are needed"
        )
    same = int((moves[:, 0] == moves[:, 1]).sum())
    interval = stats.binomtest(same, steps).proportion_ci(level, method="wilson")
    return Estimate(same / steps, float(interval.low), float(interval.high), level, f"share of {steps} steps")


def size_classes(first: ArrayLike, second: ArrayLike) -> tuple[float, ...]:
    """Give the bounds that part days into those with nobody, few, some and many dead, by both sources together.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The counts; swapping them changes nothing.

    Returns
    -------
    tuple of float
        Upper ends of all classes but the last (a bound belongs to the class below it): 0, and the figures below which
        a third and two thirds of all figures above 0 lie; fewer where these coincide.

    Examples
    --------
    >>> size_classes([0, 1, 2, 3, 9], [0, 2, 2, 4, 8])
    (0.0, 2.0, 4.0)
    """
    x, y = paired_figures(first, second)
    some = np.r_[x, y]
    some = some[some > 0]
    if not len(some):
        return (0.0,)
    ends = np.quantile(some, [1 / 3, 2 / 3], method="inverted_cdf")
    return tuple(dict.fromkeys((0.0, *(float(end) for end in ends if end < some.max()))))


def cohen_kappa(
    first: ArrayLike, second: ArrayLike, bounds: Sequence[float], *, weighted: bool = False, level: float = 0.95
) -> Answer:
    """Give Cohen's kappa of two sources that put each day into a class by its deaths.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The counts.
    bounds : sequence of float
        Upper ends of the classes in rising order; what lies above the last is the last class.
    weighted : bool, optional
        Count a disagreement with the square of the number of classes between the two, instead of all alike.
    level : float, optional
        Level of the interval (normal, with the large-sample variance of Fleiss, Cohen and Everitt).

    Returns
    -------
    Estimate or NotEstimable
        Agreement beyond that of chance: 1 is perfect, 0 what sources of the same classes would reach without knowing
        of each other. Not estimable with fewer than 10 days, or where both put all days into one class.

    Raises
    ------
    InputError
        If the bounds do not rise.

    References
    ----------
    Cohen, J. (1968), Weighted kappa, Psychological Bulletin 70, 213-220; Fleiss, J. L., Cohen, J. and Everitt, B. S.
    (1969), Large sample standard errors of kappa and weighted kappa, Psychological Bulletin 72, 323-327.

    Examples
    --------
    >>> x = [0, 1, 5, 9, 2, 0, 7, 4, 12, 3]
    >>> round(cohen_kappa(x, [0, 2, 4, 9, 2, 1, 8, 3, 10, 3], (0, 3, 6)).value, 3)
    0.722
    """
    edges = np.asarray(bounds, dtype=np.float64)
    if edges.ndim != 1 or not len(edges) or not (np.diff(edges) > 0).all():
        raise InputError("the bounds must rise", column="bounds", value=tuple(bounds), remedy="give e.g. (0, 3, 8)")
    x, y = paired_figures(first, second)
    number = len(edges) + 1
    table = np.zeros((number, number))
    np.add.at(table, (np.searchsorted(edges, x), np.searchsorted(edges, y)), 1.0)
    fault = too_few(len(x))
    if fault is not None:
        return fault
    shares = table / table.sum()
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    apart = np.abs(np.subtract.outer(np.arange(number), np.arange(number)))
    weight = 1.0 - (apart / (number - 1)) ** 2 if weighted else (apart == 0).astype(float)
    observed, chance = float((weight * shares).sum()), float(rows @ weight @ columns)
    if chance > 1 - 1e-12:
        return NotEstimable("both sources put every shared day into the same class")
    value = (observed - chance) / (1 - chance)
    off = (weight @ columns)[:, None] + (rows @ weight)[None, :]
    spread = float((shares * (weight - off * (1 - value)) ** 2).sum()) - (value - chance * (1 - value)) ** 2
    reach = (
        float(stats.norm.ppf((1 + level) / 2)) * math.sqrt((spread if spread > 1e-12 else 0.0) / len(x)) / (1 - chance)
    )
    return Estimate(value, value - reach, value + reach, level, "kappa")


def krippendorff_alpha(first: ArrayLike, second: ArrayLike) -> Answer:
    """Give Krippendorff's alpha of two sources for figures whose differences count by their square.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The figures, here log(1 + deaths).

    Returns
    -------
    Estimate or NotEstimable
        1 less the mean squared difference of a day over that of any two figures; without interval. Not estimable with
        fewer than 10 days or where all figures are the same.

    References
    ----------
    Krippendorff, K. (2004), Content Analysis, 2nd ed., chapter 11.

    Examples
    --------
    >>> round(krippendorff_alpha([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 3, 2, 5, 4, 7, 6, 9, 8, 11]).value, 3)
    0.949
    """
    x, y = paired_figures(first, second)
    fault = too_few(len(x))
    if fault is not None:
        return fault
    spread = float(np.r_[x, y].var(ddof=1))
    if spread == 0.0:
        return NotEstimable("both sides have the same figure on every shared day")
    return Estimate(1.0 - float(((x - y) ** 2).mean()) / (2.0 * spread), unit="alpha")


def _constant(x: NDArray[np.float64], y: NDArray[np.float64]) -> NotEstimable | None:
    flat = any(len(np.unique(side)) <= 1 for side in (x, y))
    return NotEstimable("one side has the same figure on every shared day") if flat else None


def _fisher_interval(value: float, spread: float, level: float, unit: str) -> Estimate:
    """Put an interval around a correlation on the scale of Fisher's z; a perfect one has none."""
    if abs(value) > 1 - 1e-12:
        return Estimate(value, unit=unit)
    reach = float(stats.norm.ppf((1 + level) / 2)) * spread
    centre = math.atanh(value)
    return Estimate(value, math.tanh(centre - reach), math.tanh(centre + reach), level, unit)
