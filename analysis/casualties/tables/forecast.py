"""Forecasts, what came of them, and past forecasts beside simple rules, as the report prints them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from casualties.estimates import Estimate
from casualties.models.forecast import ForecastResult, ForecastScore
from casualties.models.track_record import TrackRecord
from casualties.results import register_table
from casualties.tables.printing import percent, signed, stub

__all__ = ["forecast_scores_table", "forecast_table", "forecasts_table", "track_record_table"]


@register_table(ForecastResult)
def forecast_table(result: ForecastResult) -> pd.DataFrame:
    """Tabulate one forecast."""
    return forecasts_table({result.basis.label: result})


def forecasts_table(results: Mapping[str, ForecastResult]) -> pd.DataFrame:
    """Tabulate forecasts side by side: days, median, two intervals, and the days before.

    Parameters
    ----------
    results : mapping of str to ForecastResult
        By the words for each.
    """
    rows = []
    for label, result in results.items():
        row = {"Series": label, "Made on": result.basis.end, "Days ahead": str(result.horizon)}
        if isinstance(result.total, Estimate):
            told = result.total
            row |= {
                "Expected": f"{told.value:,.0f}",
                f"{told.level:.0%} interval": f"{told.low:,.0f}–{told.high:,.0f}",
                "Same days before": f"{result.observed.iloc[-result.horizon :].sum():,.0f}",
            }
        rows.append(row)
    return stub(pd.DataFrame(rows).fillna("–"))


def forecast_scores_table(results: Mapping[str, ForecastScore]) -> pd.DataFrame:
    """Tabulate forecasts beside what came.

    Parameters
    ----------
    results : mapping of str to ForecastScore
        By the words for each.
    """
    rows = []
    for label, result in results.items():
        row = {"Series": label, "Made on": result.basis.end}
        if isinstance(result.forecast, Estimate) and isinstance(result.came, Estimate):
            told = result.forecast
            row |= {
                "Expected": f"{told.value:,.0f}",
                f"{told.level:.0%} interval": f"{told.low:,.0f}–{told.high:,.0f}",
                "Came": f"{result.came.value:,.0f}",
                "Inside": "yes" if result.held else "no",
                "Paths that far or further": _further(result),
            }
        rows.append(row)
    return stub(pd.DataFrame(rows).fillna("–"))


@register_table(ForecastScore)
def _score_table(result: ForecastScore) -> pd.DataFrame:
    """Tabulate one score."""
    return forecast_scores_table({result.basis.label: result})


@register_table(TrackRecord)
def track_record_table(result: TrackRecord) -> pd.DataFrame:
    """Tabulate past forecasts: scores and shares held, the pool beside simple rules."""
    rows = []
    for row in result.scores.to_dict("records"):
        point = row["method"] == "same as the last days"
        held = {f"Held, {level} %": "–" if point else percent(row[f"total_{level}"]) for level in (50, 80, 95)}
        skill = "" if row["method"] == "pool" else signed(row["skill"], 2)
        rows.append(
            {
                "Method": row["method"],
                "CRPS, a day": f"{row['crps_day']:.2f}",
                "CRPS, total": f"{row['crps_total']:.1f}",
                "Skill of the pool": skill,
                **held,
            }
        )
    return stub(pd.DataFrame(rows))


def _further(result: ForecastScore) -> str:
    """Write the share of paths at least as far out as what came, on its side."""
    low, high = result.pit
    share = min(1.0 - low, high)
    return "–" if math.isnan(share) else percent(share) if share > 0.0 else "none"
