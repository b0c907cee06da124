"""Nowcasts, as the report prints them."""

from __future__ import annotations

import pandas as pd

from casualties.models.nowcast import NowcastResult
from casualties.models.nowcast_scores import NowcastScores
from casualties.results import register_table
from casualties.tables.printing import percent, stub, whole

__all__ = ["nowcast_scores_table", "nowcast_table"]


@register_table(NowcastResult)
def nowcast_table(result: NowcastResult) -> pd.DataFrame:
    """Tabulate the open rows and the sums of a nowcast."""
    unit = _unit(result.basis.settings.get("unit"))
    rows = [
        {
            "Row": _row_name(row, unit),
            "Reported": whole(row["reported"]),
            "Share expected by now": percent(row["share"]),
            "Final count": _interval(row),
            "Chain ladder": whole(row["chain_ladder"]),
        }
        for row in result.to_frame().to_dict("records")
    ]
    columns = ["Row", "Reported", "Share expected by now", "Final count", "Chain ladder"]
    return stub(pd.DataFrame(rows, columns=columns))


@register_table(NowcastScores)
def nowcast_scores_table(scores: NowcastScores) -> pd.DataFrame:
    """Tabulate a nowcast beside what came."""
    unit = _unit(scores.basis.settings.get("unit"))
    rows = [
        {
            "Row": _row_name(row, unit),
            "Reported": whole(row["reported"]),
            "Nowcast": _interval(row),
            "Came": whole(row["came"]),
            "Held": "yes" if row["held"] else "no",
            "CRPS": f"{row['crps']:.1f}",
            "Chain ladder, error": f"{row['chain_ladder_error']:.1f}",
        }
        for row in scores.to_frame().to_dict("records")
    ]
    columns = ["Row", "Reported", "Nowcast", "Came", "Held", "CRPS", "Chain ladder, error"]
    return stub(pd.DataFrame(rows, columns=columns))


def _unit(unit: object) -> str:
    return "weeks" if unit == "week" else "days"


def _row_name(row: dict[object, object], unit: str) -> str:
    day = pd.Timestamp(str(row["start"]))
    return f"{day.day} {day:%b %Y}" if row["kind"] == "row" else f"last {row['units']} {unit}"


def _interval(row: dict[object, object]) -> str:
    return f"{whole(row['final'])} ({whole(row['low'])} to {whole(row['high'])})"
