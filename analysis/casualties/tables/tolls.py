"""Published totals beside the recorded ones."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from casualties.comparison.published import OBSTACLES, TollsResult
from casualties.results import register_table
from casualties.tables.printing import stub, whole

__all__ = ["incomparable_table", "tolls_table", "verdicts_table"]

Row = dict[Hashable, Any]
# Short names for the areas of published totals, whose full words fill a column.
AREAS = {"northwest Syria": "north-west", "Ma'arrat al-Nu'man": "Maarat al-Numan", "Idlib governorate": "Idlib"}


def verdicts_table(result: TollsResult) -> pd.DataFrame:
    """Tabulate the verdicts on published totals, those not comparable by what stands in the way."""
    totals = result.totals
    counts = totals.groupby(["verdict", "obstacle"]).size().sort_values(ascending=False, kind="stable")
    words = [
        f"{verdict}: {obstacle} ({OBSTACLES[str(obstacle)]})" if obstacle else str(verdict)
        for verdict, obstacle in counts.index
    ]
    return stub(pd.DataFrame({"Verdict on the published figure": words, "Figures": counts.to_list()}))


@register_table(TollsResult)
def tolls_table(result: TollsResult) -> pd.DataFrame:
    """Tabulate every published total that can be compared, by claimant and period."""
    rows = [
        {
            **_scope(row),
            "Recorded": f"{row['recorded']:,}",
            "Range": f"{row['recorded_low']:,}–{row['recorded_high']:,}",
            "Citing": "–" if pd.isna(row["share_citing"]) else f"{row['share_citing']:.0%}",
            "Verdict": row["verdict"],
        }
        for row in _ordered(result.totals[result.totals["verdict"] != "not comparable"])
    ]
    return stub(pd.DataFrame(rows))


def incomparable_table(result: TollsResult) -> pd.DataFrame:
    """Tabulate every published total that cannot be compared, by what stands in the way, with the rest of the reason.

    `verdicts_table` spells out the obstacles.
    """
    left = _ordered(result.totals[result.totals["verdict"] == "not comparable"])
    rows = []
    for row in sorted(left, key=lambda row: str(row["obstacle"])):
        scope, obstacle = _scope(row), str(row["obstacle"])
        rows.append(
            {
                "Obstacle": obstacle,
                "Figure": f"{scope['Claimant']}, {scope['Who']}, {scope['Area']}, {scope['Period']}",
                "Published": scope["Published"],
                "Why it cannot be compared": str(row["reason"]).removeprefix(f"{OBSTACLES[obstacle]}: "),
            }
        )
    return stub(pd.DataFrame(rows))


def _ordered(totals: pd.DataFrame) -> list[Row]:
    """Order published totals by claimant, victims as printed, period and figure."""
    order = totals.assign(name=totals["claimant"].str.casefold(), victims=totals["who"].map(_victims))
    order = order.sort_values(["name", "victims", "period_start", "period_end", "value"], kind="stable")
    return order.to_dict("records")


def _scope(row: Row) -> dict[str, str]:
    """Name a published total: who counted whom, where, when, and the figure."""
    start, end = (f"{row[name]:%Y-%m-%d}" for name in ("period_start", "period_end"))
    return {
        "Claimant": str(row["claimant"]),
        "Period": start if start == end else f"{start} to {end}",
        "Area": AREAS.get(str(row["area"]).split(" (")[0].split(",")[0], str(row["area"])),
        "Who": _victims(row["who"]),
        "Published": f"{row['qualifier']} {whole(row['value'])}".strip(),
    }


def _victims(who: object) -> str:
    return str(who).split(" (")[0]
