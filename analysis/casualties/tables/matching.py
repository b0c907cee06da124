"""Events in two lists, as the report prints them."""

from __future__ import annotations

import pandas as pd

from casualties.comparison.matching import MatchResult
from casualties.estimates import Estimate, NotEstimable
from casualties.results import register_table
from casualties.tables.printing import percent, probability_text, stub

__all__ = ["agreement_levels_table", "match_table"]


@register_table(MatchResult)
def match_table(result: MatchResult) -> pd.DataFrame:
    """Tabulate the events of each list, those in both with their interval, and the links."""
    links = result.links
    rows = {
        f"Events of {result.names[0]}": f"{result.rows[0]:,}",
        f"Events of {result.names[1]}": f"{result.rows[1]:,}",
        "Pairs within reach": f"{result.candidates:,}",
        "Events in both": result.overlap.words(",.0f"),
        f"Share of {result.names[0]}": _share(result.share_a),
        f"Share of {result.names[1]}": _share(result.share_b),
        "Linked pairs": f"{len(links):,}",
        "Their mean probability": probability_text(float(links["probability"].mean())) if len(links) else "–",
        "Doubtful pairs": f"{len(result.doubtful):,}",
    }
    return stub(pd.DataFrame({"What": list(rows), "Number": list(rows.values())}))


def agreement_levels_table(result: MatchResult) -> pd.DataFrame:
    """Tabulate how often a shared event agrees at each level, and a pair that is none."""
    frame = result.levels
    return pd.DataFrame(
        {
            "Field": frame["field"].str.capitalize(),
            "Level": frame["level"],
            "Shared events": [percent(share) for share in frame["m"]],
            "Other pairs": [percent(share) for share in frame["u"]],
        }
    )


def _share(answer: Estimate | NotEstimable) -> str:
    if isinstance(answer, NotEstimable):
        return "–"
    return f"{percent(answer.value)} ({percent(answer.low)} to {percent(answer.high)})"
