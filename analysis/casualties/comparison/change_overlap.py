"""The change dates of two sources side by side: which are the same, and how many days lie between them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from casualties.estimates import NotEstimable

__all__ = ["CHANGE_COLUMNS", "compare_changes"]

CHANGE_COLUMNS = [
    "date_a",
    "low_a",
    "high_a",
    "date_b",
    "low_b",
    "high_b",
    "found",
    "apart",
    "apart_low",
    "apart_high",
    "overlap",
]
# Of the days between two dates whose laws are known, this share lies between the two ends that are given.
APART_LEVEL = 0.95


def compare_changes(changes: tuple[Any, Any] | None) -> pd.DataFrame | NotEstimable:
    """List the changes of two series; two are the same where their sets of dates overlap.

    Parameters
    ----------
    changes : pair of results or None
        Each with a table ``.changes`` (``date, date_low, date_high``) and, where it knows them, the probabilities of
        the days ``.probability`` (Series by date).

    Returns
    -------
    DataFrame or NotEstimable
        In order of dates: ``date_a, low_a, high_a, date_b, low_b, high_b``; ``found`` ("both", "first", "second");
        ``apart`` (days from the first's date to the second's), ``apart_low, apart_high`` (where both laws of the date
        are known, the middle 95 % of the difference, the two taken as independent; else the ends of the windows) and
        ``overlap`` (what the two laws of the date have in common: 1 is the same law, 0 no common day; NaN unless both
        are known). Not estimable where none are given.

    Notes
    -----
    That a change is found in one series only is no proof that it is absent from the other, whose days may be too few
    or its counts too low to show it.
    """
    if changes is None:
        return NotEstimable("not given")
    first, second = (result.changes for result in changes)
    laws = [getattr(result, "probability", None) for result in changes]
    rows: list[tuple[Any, ...]] = []
    met: set[int] = set()
    none = (pd.NaT, pd.NaT, pd.NaT)
    for one in first.itertuples():
        dates = (one.date, one.date_low, one.date_high)
        hits = [
            (position, other)
            for position, other in enumerate(second.itertuples())
            if other.date_low <= one.date_high and other.date_high >= one.date_low
        ]
        met |= {position for position, _ in hits}
        for _, other in hits:
            others = (other.date, other.date_low, other.date_high)
            rows.append((*dates, *others, "both", *_apart(dates, others, laws)))
        if not hits:
            rows.append((*dates, *none, "first", *[math.nan] * 4))
    for position, other in enumerate(second.itertuples()):
        if position not in met:
            rows.append((*none, other.date, other.date_low, other.date_high, "second", *[math.nan] * 4))
    table = pd.DataFrame(rows, columns=CHANGE_COLUMNS)
    order = table["date_a"].fillna(table["date_b"]).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _apart(one: tuple[Any, Any, Any], other: tuple[Any, Any, Any], laws: list[Any]) -> tuple[float, ...]:
    """Give the days from one date to the other, their ends, and what the laws of both have in common."""
    distance = float((other[0] - one[0]).days)
    left, right = (_law(law, dates) for law, dates in zip(laws, (one, other), strict=True))
    if left is None or right is None:
        return distance, float((other[1] - one[2]).days), float((other[2] - one[1]).days), math.nan
    common = left.index.intersection(right.index)
    overlap = float(np.minimum(left.loc[common], right.loc[common]).sum())
    # The difference of two independent dates: one law against the other turned around.
    steps = np.convolve(right.to_numpy(), left.to_numpy()[::-1])
    days = np.arange(len(steps)) - (len(left) - 1) + (right.index[0] - left.index[0]).days
    reached = np.cumsum(steps)
    low, high = (float(days[min(int(np.searchsorted(reached, p)), len(days) - 1)]) for p in _TAILS)
    return distance, low, high, overlap


_TAILS = ((1.0 - APART_LEVEL) / 2.0, (1.0 + APART_LEVEL) / 2.0)


def _law(probability: Any, dates: tuple[Any, Any, Any]) -> pd.Series | None:
    """Give the law of one change over the days of its window; none where it is not known."""
    if probability is None:
        return None
    window = pd.date_range(dates[1], dates[2])
    law = probability.reindex(window, fill_value=0.0).astype("float64")
    total = float(law.sum())
    return law / total if total > 0.0 else None
