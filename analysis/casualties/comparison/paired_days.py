"""The days that two daily series share: what every comparison of the two rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable

__all__ = ["FEWEST_DAYS", "Answer", "check_level", "paired_figures", "shared_days", "too_few"]

# Fewer days than this say next to nothing about a ratio or a correlation.
FEWEST_DAYS = 10

Answer = Estimate | NotEstimable


def shared_days(a: pd.Series, b: pd.Series, lag: int) -> pd.DataFrame:
    """Put each day of `a` beside the day of `b` that is `lag` days later, and keep those with both.

    Parameters
    ----------
    a, b : Series of float
        Daily figures with a daily DatetimeIndex, NaN on days not observed.
    lag : int
        Days by which `b` is moved back.

    Returns
    -------
    DataFrame
        Index ``date`` (of `a`), columns ``a, b``.
    """
    moved = b.copy()
    moved.index = pd.DatetimeIndex(b.index) - pd.Timedelta(days=lag)
    shared = pd.concat({"a": a, "b": moved}, axis=1, join="inner").dropna()
    shared.index.name = "date"
    return shared


def paired_figures(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Check two sets of figures of the same days and give them as arrays.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        The figures.

    Raises
    ------
    InputError
        If they differ in length or a figure is missing.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"the two sets of figures must have the same length, not shapes {x.shape} and {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("the figures hold values that are missing or not finite", remedy="give the shared days only")
    return x, y


def check_level(level: float) -> None:
    """Refuse a level that does not lie between 0 and 1.

    Parameters
    ----------
    level : float
        The level of an interval.
    """
    if not 0 < level < 1:
        raise InputError("must lie between 0 and 1", column="level", value=level, remedy="give 0.95 for 95 %")


def too_few(days: int, other: NotEstimable | None = None) -> NotEstimable | None:
    """Say that there are too few days, else what else is amiss.

    Parameters
    ----------
    days : int
        Shared days.
    other : NotEstimable, optional
        What else is amiss.
    """
    if days < FEWEST_DAYS:
        return NotEstimable(f"{days} shared days; at least {FEWEST_DAYS} are needed")
    return other
