"""Cross-checks and sensitivity, as the report prints them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from casualties.models.crosschecks import CrossChecks
from casualties.models.sensitivity import Sensitivity
from casualties.results import register_table
from casualties.tables.printing import percent, probability_text, signed, stub

__all__ = ["crosschecks_table", "sensitivity_table"]


@register_table(CrossChecks)
def crosschecks_table(result: CrossChecks) -> pd.DataFrame:
    """Tabulate each check: what it finds, with interval, p-value and date, or why it finds nothing."""
    rows = [
        {
            "Check": str(row["check"]).capitalize().replace("newey-west", "Newey-West").replace("-kendall", "-Kendall"),
            "Finds": str(row["quantity"]),
            "Value": _value(row),
            "p-value": "–" if math.isnan(row["p_value"]) else probability_text(row["p_value"]),
            "Date": f"{row['date']:%Y-%m-%d}" if isinstance(row["date"], pd.Timestamp) else "–",
            "Why not": str(row["reason"]),
        }
        for row in result.to_frame().to_dict("records")
    ]
    table = pd.DataFrame(rows)
    return stub(table if table["Why not"].any() else table.drop(columns="Why not"))


@register_table(Sensitivity)
def sensitivity_table(result: Sensitivity) -> pd.DataFrame:
    """Tabulate each answer under each choice, and by how much of its interval the choices move it."""
    frame = result.to_frame()
    rows = []
    for move in result.moves().to_dict("records"):
        name, share = move["quantity"], move["of_width"]
        known = {
            row["choice"]: "–" if row["reason"] else _value({**row, "quantity": name})
            for row in frame[frame["quantity"] == name].to_dict("records")
        }
        moved = "–" if math.isnan(share) else percent(share)
        rows.append({"Answer": str(name).capitalize(), **known, "Moved by, of its interval": moved})
    return stub(pd.DataFrame(rows))


def _value(row: Mapping[Hashable, Any]) -> str:
    """Write a number with its interval, with four digits where it is a small rate."""
    if math.isnan(row["value"]):
        return "–"
    digits = 0 if row["quantity"] == "changes" else 4 if row["unit"] == "per day" else 2
    text = signed(row["value"], digits)
    return text if math.isnan(row["low"]) else f"{text} ({signed(row['low'], digits)} to {signed(row['high'], digits)})"
