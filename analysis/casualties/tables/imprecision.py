"""Answers as recorded beside those pooled over what the source leaves open."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from casualties.models.changepoints import ChangepointResult
from casualties.models.trend import TrendResult
from casualties.tables.printing import days_text, estimate_text, percent, ratio_text, stub

__all__ = ["imprecision_table"]

Row = dict[Hashable, Any]


def imprecision_table(
    changes: tuple[ChangepointResult, ChangepointResult],
    trends: Mapping[str, tuple[TrendResult, TrendResult]],
    *,
    turns: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Set answers of a series as recorded beside those pooled over draws of what the source leaves open.

    Parameters
    ----------
    changes : (ChangepointResult, ChangepointResult)
        The fit of the series as recorded, and the pooled one.
    trends : mapping of str to (TrendResult, TrendResult)
        The same of trends, by the words for their windows.
    turns : mapping of str to (str, str), optional
        First and last day of the windows whose changes are shown, by their words; every change found where none are
        given.

    Returns
    -------
    DataFrame
        Two rows a change (its date set and its ratio), one a trend. The last column is the share of the variance that
        is due to what the source leaves open; a date set has none.
    """
    recorded, pooled = changes
    rows = []
    for label, before, after in _changes_beside(recorded, pooled, turns):
        shares = _from_data(pooled)
        share = math.nan if after is None else shares.get(f"ratio, change of {after['date']:%Y-%m-%d}", math.nan)
        for what, write, part in (("date set", _date_set, math.nan), ("ratio", _ratio_interval, share)):
            words = ["none found" if change is None else write(change) for change in (before, after)]
            rows.append((f"{label}: {what}", *words, part))
    for label, (plain, drawn) in trends.items():
        part = _from_data(drawn).get("growth", math.nan)
        rows.append((f"growth a day, {label}", estimate_text(plain.growth, 4), estimate_text(drawn.growth, 4), part))
    number = pooled.imprecision.draws if pooled.imprecision else 0
    table = pd.DataFrame(rows, columns=["Answer", "As recorded", f"Pooled over {number} draws", "From the data"])
    table["From the data"] = ["–" if pd.isna(part) else percent(part) for part in table["From the data"]]
    return stub(table)


def _changes_beside(
    recorded: ChangepointResult, pooled: ChangepointResult, turns: Mapping[str, tuple[str, str]] | None
) -> list[tuple[str, Row | None, Row | None]]:
    """Pair the changes of two fits: those of a turn, or those whose date sets share a day."""
    if turns:
        return [(label, _change_in(recorded, *days), _change_in(pooled, *days)) for label, days in turns.items()]
    found = [
        (f"change of {row['date']:%Y-%m-%d}", _change_in(recorded, row["date_low"], row["date_high"]), row)
        for row in pooled.changes.to_dict("records")
    ]
    lost = [
        (f"change of {row['date']:%Y-%m-%d}", row, None)
        for row in recorded.changes.to_dict("records")
        if _change_in(pooled, row["date_low"], row["date_high"]) is None
    ]
    return [*found, *lost]


def _change_in(result: ChangepointResult, start: str | pd.Timestamp, end: str | pd.Timestamp) -> Row | None:
    """Give the most probable change whose date set meets some days."""
    changes = result.changes
    met = changes[(changes["date_low"] <= pd.Timestamp(end)) & (changes["date_high"] >= pd.Timestamp(start))]
    if met.empty:
        return None
    return met.sort_values("probability", ascending=False, kind="stable").to_dict("records")[0]


def _from_data(result: ChangepointResult | TrendResult) -> dict[str, float]:
    """Give the share of the variance that the data's imprecision has in each answer."""
    if result.imprecision is None:
        return {}
    table = result.imprecision.table
    return dict(zip(table["quantity"], table["from_data"], strict=True))


def _date_set(change: Row) -> str:
    return f"{days_text(change['date_low'], change['date_high'])}"


def _ratio_interval(change: Row) -> str:
    return f"{ratio_text(change['ratio'])} ({ratio_text(change['ratio_low'])}–{ratio_text(change['ratio_high'])})"
