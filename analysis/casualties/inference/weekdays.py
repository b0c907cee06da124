"""The rhythm of the week: some days are recorded more than others, which is not escalation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from casualties.inference import negative_binomial

__all__ = ["WEEKDAYS", "block_weekday_ratios", "weekday_columns", "weekday_intervals", "weekday_obstacle"]

Floats = npt.NDArray[np.float64]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BLOCK = 28
_TURNS = 20
_SETTLED = 1e-6


def weekday_obstacle(counts: npt.ArrayLike, weekday: npt.ArrayLike, fewest_days: int) -> str:
    """Say why a weekday effect cannot be had from these days, or nothing where it can.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Counts on observed days.
    weekday : array_like of int, shape (n,)
        0 for Monday to 6 for Sunday.
    fewest_days : int
        How many days it takes.

    Returns
    -------
    str
        The reason; empty where there is none.

    Examples
    --------
    >>> weekday_obstacle([1] * 20, [day % 7 for day in range(20)], fewest_days=28)
    '20 observed days are fewer than 28'
    """
    y, day = np.asarray(counts, dtype=float), np.asarray(weekday)
    if len(y) < fewest_days:
        return f"{len(y)} observed days are fewer than {fewest_days}"
    sums = np.bincount(day, y, minlength=7)
    if not sums.all():
        return f"no deaths are recorded on any {WEEKDAYS[int(np.argmin(sums))]}"
    return ""


def weekday_columns(weekday: npt.ArrayLike, base: int) -> Floats:
    """Give indicator columns for the six weekdays other than the base, shape (n, 6)."""
    day = np.asarray(weekday)
    others = [number for number in range(7) if number != base]
    columns: Floats = (day[:, None] == np.array(others)[None, :]).astype(float)
    return columns


def weekday_intervals(
    effects: npt.ArrayLike, covariance: npt.ArrayLike, base: int, level: float
) -> tuple[Floats, Floats, Floats]:
    """Turn weekday contrasts into ratios to the mean weekday, with Wald intervals by the delta method.

    Parameters
    ----------
    effects : array_like, shape (6,)
        Log ratios to the base weekday.
    covariance : array_like, shape (6, 6)
        Their covariance.
    base : int
        The base weekday.
    level : float
        Level of the intervals.

    Returns
    -------
    ratio, low, high : ndarray, shape (7,)
        Monday to Sunday; the ratios' arithmetic mean is 1.

    Examples
    --------
    >>> import numpy as np
    >>> ratio, low, high = weekday_intervals(np.log([2.0, 1, 1, 1, 1, 1]), 0.01 * np.eye(6), base=0, level=0.95)
    >>> ratio.round(3)
    array([0.875, 1.75 , 0.875, 0.875, 0.875, 0.875, 0.875])
    """
    full = np.insert(np.asarray(effects, dtype=float), base, 0.0)
    spread = np.insert(np.insert(np.asarray(covariance, dtype=float), base, 0.0, axis=0), base, 0.0, axis=1)
    factor = np.exp(full - full.max())
    ratio: Floats = factor / factor.mean()
    slope = np.eye(7) - factor / factor.sum()
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slope, spread, slope), 0.0))
    reach = float(stats.norm.ppf(0.5 + level / 2)) * error
    return ratio, ratio * np.exp(-reach), ratio * np.exp(reach)


def block_weekday_ratios(
    counts: npt.ArrayLike, weekday: npt.ArrayLike, position: npt.ArrayLike, offset: npt.ArrayLike
) -> Floats:
    """Give each weekday's ratio to the mean weekday, beside a level that is free every four weeks.

    Levels (deaths over exposure of each four weeks) and effects (negative-binomial regression given the levels) take
    turns. The levels keep escalation out of the weekday effect. The effects are shrunk towards none by the
    positive-part James-Stein factor ``1 - 4 / W``, with ``W`` the Wald statistic of the six contrasts, so that noise
    in a short or spiky series is not mistaken for a rhythm.

    Parameters
    ----------
    counts : array_like, shape (n,)
        Counts on observed days.
    weekday : array_like of int, shape (n,)
        0 for Monday to 6 for Sunday.
    position : array_like of int, shape (n,)
        Day number of each count within its series, from 0.
    offset : array_like, shape (n,)
        Logarithm of each day's exposure.

    Returns
    -------
    ndarray, shape (7,)
        Monday to Sunday; the arithmetic mean is 1.

    References
    ----------
    Efron, B. and Morris, C. (1973), Stein's estimation rule and its competitors, Journal of the American
    Statistical Association 68, 117-130.
    """
    y, day = np.asarray(counts, dtype=float), np.asarray(weekday)
    block = np.asarray(position) // _BLOCK
    last = int(block.max())
    # A short last block joins the one before it.
    if last > 0 and int((block == last).sum()) < _BLOCK // 2:
        block = np.minimum(block, last - 1)
    # A block without deaths has no finite level and says nothing about weekdays.
    telling = np.isin(block, np.unique(block[y > 0]))
    y, day, shift = y[telling], day[telling], np.asarray(offset, dtype=float)[telling]
    block = np.unique(block[telling], return_inverse=True)[1]
    deaths = np.bincount(block, y)
    base = int(np.argmax(np.bincount(day, y, minlength=7)))
    design = np.column_stack([weekday_columns(day, base), np.ones(len(y))])
    factor = np.ones(7)
    # Where every block holds whole weeks, its level does not depend on the weekday effects and one turn is enough.
    for _ in range(_TURNS):
        level = deaths / np.bincount(block, np.exp(shift) * factor[day])
        fitted = negative_binomial.fit(design, y, shift + np.log(level)[block])
        previous, factor = factor, np.exp(np.insert(fitted.params[:6], base, 0.0))
        factor /= factor.mean()
        if np.abs(np.log(factor / previous)).max() < _SETTLED:
            break
    wald = float(fitted.params[:6] @ np.linalg.solve(fitted.covariance[:6, :6], fitted.params[:6]))
    shrunk = factor ** max(0.0, 1.0 - 4.0 / max(wald, 1e-300))
    ratio: Floats = shrunk / shrunk.mean()
    return ratio
