"""Growth and rhythm of the week, as the report prints them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casualties.estimates import Estimate
from casualties.models.changepoints import ChangepointResult
from casualties.models.trend import TrendResult
from casualties.results import register_table
from casualties.tables.printing import estimate_text, probability_text, stub

__all__ = ["trend_table", "trends_table", "weekdays_table"]


@register_table(TrendResult)
def trend_table(result: TrendResult) -> pd.DataFrame:
    """Tabulate one trend."""
    return trends_table({result.basis.label: result})


def trends_table(
    results: Mapping[str, TrendResult], changes: Mapping[str, ChangepointResult] | None = None
) -> pd.DataFrame:
    """Tabulate trends side by side: growth, doubling or halving time, Φ(z), dispersion, autocorrelation.

    Parameters
    ----------
    results : mapping of str to TrendResult
        By the words for series and window.
    changes : mapping of str to ChangepointResult, optional
        By the same words: the change points of the whole series. A column then counts those inside the window, whose
        jump the growth describes.
    """
    rows = []
    for label, result in results.items():
        time = result.doubling_time
        row = {"Series and window": label}
        if changes is not None:
            row["Changes inside"] = str(_changes_inside(changes[label], result))
        row |= {
            "Growth a day": estimate_text(result.growth, 3),
            "Doubles (+) or halves (−) in days": (
                ("−" if "halve" in time.unit else "+") + estimate_text(time, 0) if isinstance(time, Estimate) else "–"
            ),
            "Φ(z)": probability_text(result.p_rising.value) if isinstance(result.p_rising, Estimate) else "–",
            "Dispersion α": estimate_text(result.dispersion, 2, interval=False),
            "Autocorrelation": estimate_text(result.autocorrelation, 2) + ("*" if _dependent(result) else ""),
        }
        rows.append(row)
    return stub(pd.DataFrame(rows))


def weekdays_table(results: Mapping[str, TrendResult]) -> pd.DataFrame:
    """Tabulate each weekday against the mean weekday, of the trends that have weekday effects."""
    columns = {
        label: {
            row["weekday"]: f"{row['ratio']:.2f} ({row['low']:.2f}–{row['high']:.2f})"
            for row in result.weekday.to_dict("records")
        }
        for label, result in results.items()
        if len(result.weekday)
    }
    return pd.DataFrame(columns).rename_axis("Weekday")


def _changes_inside(changes: ChangepointResult, trend: TrendResult) -> int:
    """Count the changes of a series that begin inside a trend's window, its first day left out."""
    dates = changes.changes["date"]
    first, last = pd.Timestamp(trend.basis.start), pd.Timestamp(trend.basis.end)
    return int(((dates > first) & (dates <= last)).sum())


def _dependent(result: TrendResult) -> bool:
    """Tell whether the residuals of a trend correlate from one day to the next."""
    found = result.autocorrelation
    return isinstance(found, Estimate) and (found.low > 0 or found.high < 0)
