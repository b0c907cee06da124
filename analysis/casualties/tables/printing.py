"""How a table prints its words and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from casualties.estimates import Estimate, NotEstimable

__all__ = [
    "NOT_STATED",
    "days_text",
    "estimate_text",
    "headings",
    "percent",
    "period_text",
    "probability_text",
    "ratio_text",
    "signed",
    "span",
    "stub",
    "whole",
]

NOT_STATED = "not stated"


def stub(table: pd.DataFrame) -> pd.DataFrame:
    """Make the first column the row's heading, so that no running number is printed."""
    return table.set_index(table.columns[0]) if len(table.columns) else table


def headings(columns: Sequence[str]) -> dict[str, str]:
    """Give counts their headings; a best figure without a low or a high beside it is the only one."""
    only = {} if {"low", "high"} & set(columns) else {"best": "Recorded deaths"}
    return {name: only.get(name, name.capitalize()) for name in columns}


def estimate_text(answer: Estimate | NotEstimable, digits: int, *, interval: bool = True) -> str:
    """Write a number with its interval, or a dash where it is not estimable."""
    if isinstance(answer, NotEstimable):
        return "–"
    value = signed(answer.value, digits)
    if not interval or not answer.has_interval:
        return value
    return f"{value} ({signed(answer.low, digits)} to {signed(answer.high, digits)})"


def signed(value: float, digits: int) -> str:
    """Write a number with a true minus sign; a rounded nought has none."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def ratio_text(value: float) -> str:
    """Write a ratio with two significant digits below ten."""
    if math.isnan(value):
        return "–"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def percent(share: float) -> str:
    """Write a share in whole per cent; none that is there is printed as nought."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def probability_text(value: float) -> str:
    """Write a probability; none is printed as certain."""
    return ">0.99" if value > 0.99 else "<0.01" if value < 0.01 else f"{value:.2f}"


def whole(value: object) -> str:
    """Write a count of people; fractions of expected series are rounded."""
    return "–" if value is pd.NA or value is None else f"{float(str(value)):,.0f}"


def days_text(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Write a run of days shortly: what both ends share is written once."""
    if first == last:
        return f"{last.day} {last:%b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b %Y}"
    start = f"{first.day} {first:%b}" if first.year == last.year else f"{first.day} {first:%b %Y}"
    return f"{start} – {last.day} {last:%b %Y}"


def period_text(period: object) -> str:
    """Write a month for a time, and anything else as it is."""
    return f"{period:%b %Y}" if isinstance(period, pd.Timestamp) else str(period)


def span(start: str, end: str) -> str:
    """Write the first and the last day of a run of days."""
    return f"{start} to {end}" if start else "–"
