"""What decides whether a source saw an event: shares by size, side, kind and place, and slopes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from casualties.comparison.coverage_bias import MONTH, CoverageBiasResult
from casualties.estimates import Estimate, NotEstimable
from casualties.results import register_table
from casualties.tables.printing import NOT_STATED, estimate_text, percent, stub

__all__ = ["coverage_bias_table", "coverage_slopes_table"]

GROUPS = {"size": "Deaths", "side_a": "Side A", "kind": "Kind", "adm1": "Place"}
SLOPES = {
    "size_ratio": "Odds to be cited, an event of twice the deaths",
    "response": "Share of events, a week of twice the deaths",
    "response_detrended": "The same beside a steady drift",
    "response_deaths": "Share of deaths, a week of twice the deaths",
    "drift": f"Share of events, {MONTH} days later",
    "growth_seen": "Growth of its events over the record's",
}


@register_table(CoverageBiasResult)
def coverage_bias_table(result: CoverageBiasResult, *, most: int = 5) -> pd.DataFrame:
    """Tabulate the share of events that cite the source: all classes of size, the commonest of every other group."""
    row: Any
    rows = []
    for group, heading in GROUPS.items():
        part = result.by(group)
        for row in (part if group == "size" else part.head(most)).itertuples():
            rows.append(
                {
                    "Events": f"{heading}: {row.value or NOT_STATED}",
                    "All": f"{row.events:,}",
                    f"Cite {result.source}": f"{row.events_citing:,}",
                    "Share": f"{percent(row.share)} ({percent(row.low)} to {percent(row.high)})",
                    "Share of deaths": "–" if pd.isna(row.share_deaths) else percent(row.share_deaths),
                }
            )
    columns = ["Events", "All", f"Cite {result.source}", "Share", "Share of deaths"]
    return stub(pd.DataFrame(rows, columns=columns))


def coverage_slopes_table(result: CoverageBiasResult) -> pd.DataFrame:
    """Tabulate how the source's share goes with size, violence and time, as multiples, or why that cannot be said."""
    rows = []
    for name, words in SLOPES.items():
        answer: Estimate | NotEstimable = getattr(result, name)
        reason = answer.reason if isinstance(answer, NotEstimable) else ""
        rows.append({"Slope": words, "Multiple": estimate_text(answer, 2), "Why not": reason})
    table = stub(pd.DataFrame(rows))
    return table if table["Why not"].any() else table.drop(columns="Why not")
