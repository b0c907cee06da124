"""How unusual a day's deaths were against the days before it: a tail probability, with the range of the day's count."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casualties.estimates import NotEstimable
from casualties.models.alarms import fit_alarms
from casualties.series import DailySeries

__all__ = ["WINDOW", "Unusual", "how_unusual"]

# Days before the day that it is held against.
WINDOW = 90


@dataclass(frozen=True, slots=True)
class Unusual:
    """The chance of as many deaths or more, given the days before: of the day's count, its high and its low.

    Parameters
    ----------
    chance, low, high : float
        Of the count, of its high, and of its low: the fewer the deaths the larger the chance. NaN where it cannot be
        had.
    words : str
        The same in words, or why it cannot be had.
    """

    chance: float
    low: float
    high: float
    words: str


def how_unusual(series: DailySeries, fewest: float, most: float) -> Unusual:
    """Judge the last day of a series by the days before it.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day; `WINDOW` days before the last one are used (`casualties.models.alarms.fit_alarms`).
    fewest, most : float
        The range of the last day's count.

    Returns
    -------
    Unusual

    Examples
    --------
    >>> found = how_unusual(DailySeries.from_counts([2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 6 + [14], "2019-04-01"), 12, 15)
    >>> found.low <= found.chance <= found.high < 0.01
    True
    """
    counts = series.whole_counts()
    today, before = counts[-1], counts[-WINDOW - 1 : -1]
    start = series.end - pd.Timedelta(days=len(before))
    chances, expected = [], math.nan
    for number in (today, max(most, today), min(fewest, today)):
        result = fit_alarms(DailySeries.from_counts(np.append(before, number), start), days=1, window=WINDOW)
        if isinstance(result.tail, NotEstimable):
            return Unusual(math.nan, math.nan, math.nan, str(result.tail))
        chances.append(float(result.tail.value))
        expected = float(result.days["expected"].iloc[-1])
    chance, low, high = chances
    as_many = int(np.sum(before >= today))
    words = (
        f"{today:.0f} recorded deaths ({fewest:.0f} to {most:.0f}) where {expected:.1f} were expected: chance of as "
        f"many or more {chance:.3f} ({low:.3f} to {high:.3f}); {as_many} of the {len(before)} days before had as many"
    )
    return Unusual(chance, low, high, words)
