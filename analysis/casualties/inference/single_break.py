"""Whether the mean breaks once: the largest F statistic over all dates of the break."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from casualties.errors import InputError

__all__ = ["SingleBreak", "single_break"]


@dataclass(frozen=True, slots=True)
class SingleBreak:
    """The most likely single break of a mean.

    Parameters
    ----------
    position : int
        Values before the break.
    statistic : float
        The largest F statistic.
    p_value : float
        Of such a maximum if there is no break, values are independent and their variance is constant.
    """

    position: int
    statistic: float
    p_value: float


def single_break(values: npt.ArrayLike, trim: float = 0.15) -> SingleBreak:
    """Test for one break of the mean at an unknown date.

    Parameters
    ----------
    values : array_like, shape (n,)
        In time order.
    trim : float, optional
        Share of the values at either end among which no break is looked for.

    Returns
    -------
    SingleBreak

    Raises
    ------
    InputError
        If a value is missing, all are equal, the share does not lie between 0 and a half, or fewer than two values
        would stand on a side.

    Notes
    -----
    For a maximum ``b**2`` the p-value is ``4 f(b) / b + f(b) (b - 1 / b) log(((1 - trim) / trim)**2)`` with ``f`` the
    standard normal density: Miller and Siegmund's approximation to the maximum of a standardised Brownian bridge. At
    Andrews' critical values (7.17, 8.85 and 12.35 at 10, 5 and 1 %) it gives .105, .050 and .0102. It is not meant for
    p-values above a half.

    Examples
    --------
    >>> found = single_break([2, 1, 3, 2, 0, 2, 1, 9, 14, 8, 11, 9, 12, 10])
    >>> found.position, round(found.statistic)
    (7, 105)

    References
    ----------
    Andrews, D. W. K. (1993), Tests for parameter instability and structural change with unknown change point,
    Econometrica 61, 821-856.
    Miller, R. and Siegmund, D. (1982), Maximally selected chi square statistics, Biometrics 38, 1011-1016.
    """
    y = np.asarray(values, dtype=float)
    if not 0.0 < trim < 0.5:
        raise InputError("must lie between 0 and 0.5", column="trim", value=trim)
    n = len(y)
    first = math.floor(trim * n)
    if y.ndim != 1 or first < 2:
        raise InputError("too few values for a break among them", column="values", value=y.shape)
    if np.isnan(y).any():
        raise InputError("a value is missing", column="values", remedy="leave such days out")
    if (y == y[0]).all():
        raise InputError("all values are equal", column="values", value=y[0])
    centred = y - y.mean()
    before = np.arange(first, n - first + 1)
    sums = np.cumsum(centred)[before - 1]
    gained = sums**2 * n / (before * (n - before))
    whole = float(centred @ centred)
    left = np.maximum(whole - gained, 1e-12 * whole)
    statistics = (n - 2) * gained / left
    best = int(np.argmax(statistics))
    highest = float(statistics[best])
    return SingleBreak(int(before[best]), highest, _p_value(highest, trim))


def _p_value(statistic: float, trim: float) -> float:
    if statistic <= 1.0:
        return 1.0
    b = math.sqrt(statistic)
    density = float(stats.norm.pdf(b))
    span = 2.0 * math.log((1.0 - trim) / trim)
    return min(1.0, density * (4.0 / b + (b - 1.0 / b) * span))
