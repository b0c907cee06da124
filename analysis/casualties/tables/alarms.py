"""Alarms, as the report prints them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casualties.models.alarms import AlarmResult
from casualties.results import register_table
from casualties.tables.printing import days_text, stub

__all__ = ["alarm_days_table", "alarms_table", "lasting_rises_table"]

_RULES = {
    "alarm": "This package, one day",
    "ears_c1": "EARS C1",
    "ears_c2": "EARS C2",
    "ears_c3": "EARS C3",
    "trendfinder": "ACLED Trendfinder, +25 %",
    "hdx_signals": "HDX Signals, highest 30 days of a year",
}


@register_table(AlarmResult)
def alarms_table(result: AlarmResult) -> pd.DataFrame:
    """Tabulate how often each rule raised an alarm: days judged, alarms, one alarm in so many days."""
    rows = []
    for name, words in _RULES.items():
        told = result.days[name].dropna()
        alarms = int(told.sum())
        rows.append(
            {
                "Rule": words,
                "Days judged": f"{len(told)}",
                "Alarms": f"{alarms}" if len(told) else "–",
                "One in … days": f"{len(told) / alarms:.0f}" if alarms else "–",
            }
        )
    return stub(pd.DataFrame(rows))


def alarm_days_table(results: Mapping[str, AlarmResult]) -> pd.DataFrame:
    """Tabulate the days on which the package itself raised an alarm: one row a day."""
    rows = [
        {
            "Series": label,
            "Day": f"{day:%Y-%m-%d}",
            "Recorded": f"{row['count']:.0f}",
            "Expected": f"{row['expected']:.1f}",
            "Alarm from": f"{row['bound']:.0f}",
            "As many or more": f"1 in {1 / max(row['tail'], 1e-9):,.0f}",
        }
        for label, result in results.items()
        for day, row in result.days[result.days["alarm"].fillna(False).to_numpy(dtype=bool)].iterrows()
    ]
    columns = ["Series", "Day", "Recorded", "Expected", "Alarm from", "As many or more"]
    return stub(pd.DataFrame(rows, columns=columns))


def lasting_rises_table(results: Mapping[str, AlarmResult]) -> pd.DataFrame:
    """Tabulate the periods of a lasting rise: when it was noticed, when it had begun, how long it held."""
    rows = [
        {
            "Series": label,
            "Noticed": f"{row['first']:%Y-%m-%d}",
            "Begun about": "before" if pd.isna(row["begun"]) else f"{row['begun']:%Y-%m-%d}",
            "Held": days_text(row["first"], row["last"]),
        }
        for label, result in results.items()
        for row in result.sustained_periods().to_dict("records")
    ]
    return stub(pd.DataFrame(rows, columns=["Series", "Noticed", "Begun about", "Held"]))
