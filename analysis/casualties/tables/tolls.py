"""Published totals beside the recorded ones."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from casualties.comparison.incident import IncidentResult
from casualties.comparison.published import TollsResult
from casualties.comparison.toll_scope import OBSTACLES
from casualties.comparison.toll_tempo import TollTempo
from casualties.comparison.toll_timeline import TollTimeline
from casualties.results import register_table
from casualties.tables.printing import NOT_STATED, days_text, ratio_text, signed, stub, whole

__all__ = [
    "incident_table",
    "incomparable_table",
    "tempo_table",
    "timeline_explanations_table",
    "timeline_table",
    "tolls_table",
    "verdicts_table",
]

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


@register_table(TollTimeline)
def timeline_table(result: TollTimeline) -> pd.DataFrame:
    """Tabulate the totals that are placed on the range of the events, and how far outside they lie."""
    rows = [
        {
            **_scope(row),
            "Covers": row["limit"] or "–",
            "Recorded": f"{row['recorded']:,}",
            "Range": f"{row['recorded_low']:,}–{row['recorded_high']:,}",
            "Position": row["position"],
            "Beyond the range": "–" if not row["gap"] else f"{int(row['gap']):+,}".replace("-", "−"),
            "Published / recorded": ratio_text(row["ratio"]),
        }
        for row in _ordered(result.points[result.points["position"] != "not placed"])
    ]
    return stub(pd.DataFrame(rows))


def timeline_explanations_table(result: TollTimeline) -> pd.DataFrame:
    """Tabulate what could explain each total that lies outside the range, with the deaths it could account for."""
    outside = result.points[result.points["position"].isin(["below", "above"])]
    told = dict(list(result.explanations.groupby("row_id")))
    rows = []
    for row in _ordered(outside):
        scope = _scope(row)
        found = told.get(row["row_id"])
        texts = [] if found is None else [_explained(one) for one in found.to_dict("records")]
        rows.append(
            {
                "Claimant": scope["Claimant"],
                "Figure": f"{scope['Published']}, {scope['Who']}, {scope['Period']}",
                "Beyond": f"{int(row['gap']):+,}".replace("-", "−"),
                "What could explain it (deaths)": "; ".join(texts) or "none found",
            }
        )
    return stub(pd.DataFrame(rows))


def _explained(one: dict[Hashable, Any]) -> str:
    """Name an explanation with the deaths that it could account for, where they can be counted."""
    least, most = one["least"], one["most"]
    if pd.isna(most):
        return str(one["explanation"])
    known = 0 if pd.isna(least) else int(least)
    span = f"{known:,} to {most:,}" if 0 < known < most else f"up to {most:,}"
    return f"{one['explanation']} ({span}{', all of it' if one['reaches'] else ''})"


@register_table(TollTempo)
def tempo_table(result: TollTempo) -> pd.DataFrame:
    """Tabulate the rises of running totals a day beside the recorded deaths a day."""
    rows = []
    for row in result.intervals.to_dict("records"):
        placed = pd.notna(row["recorded_low"])
        ends = [whole(row[name]) for name in ("recorded_low", "recorded_high")]
        rows.append(
            {
                "Claimant": str(row["claimant"]),
                "Who": _victims(row["who"]),
                "Interval": days_text(row["start"], row["end"]),
                "Days": row["days"],
                "Rise": f"fell by {row['fall']:,}" if row["falling"] else f"{row['count']:,} ({row['bound']})",
                "Recorded": f"{ends[0]}–{ends[1]}" if placed else "–",
                "Rise a day": "–" if row["falling"] else signed(row["per_day"], 1),
                "Recorded a day": signed(row["recorded_per_day"], 1) if placed else "–",
                "Position": row["position"],
            }
        )
    return stub(pd.DataFrame(rows))


@register_table(IncidentResult)
def incident_table(result: IncidentResult) -> pd.DataFrame:
    """Tabulate the figures published for one incident, in the order of publication."""
    parts = [name for name in ("children", "women", "men", "injured") if result.figures[name].notna().any()]
    rows = []
    for row in result.figures.to_dict("records"):
        day = row["published_date"]
        rows.append(
            {
                "Claimant": str(row["claimant"]),
                "Published on": NOT_STATED if pd.isna(day) else f"{day:%Y-%m-%d}",
                "Who": _victims(row["who"]),
                "Figure": f"{row['qualifier']} {whole(row['value'])}".strip(),
                **{name.capitalize(): whole(row[name]) for name in parts},
                "Verdict": row["verdict"],
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
