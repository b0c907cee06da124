"""Changes, as the report prints them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from casualties.models.changepoints import ChangepointResult, PriorSensitivity
from casualties.results import register_table
from casualties.tables.printing import days_text, probability_text, ratio_text, stub

__all__ = ["changes_table", "partition_table", "prior_table", "priors_table", "variants_table"]


@register_table(ChangepointResult)
def changes_table(result: ChangepointResult) -> pd.DataFrame:
    """Tabulate every change found: date, date set, rates, ratio, probability, and set and ratio if days depend."""
    level = result.basis.settings.get("level", 0.95)
    if_depending = f"the same if days depend{' (quoted)' if result.quoted == 'dependent' else ''}"
    ratio = f"Ratio ({level:.0%} interval)"
    rows = [
        {
            "Change": f"{row['date']:%Y-%m-%d}",
            "Date set": days_text(row["date_low"], row["date_high"]),
            "Before": f"{row['rate_before']:.1f}",
            "After": f"{row['rate_after']:.1f}",
            ratio: _ratio(row, ""),
            "P(in the set)": probability_text(row["probability"]),
            f"Date set, {if_depending}": days_text(row["date_low_dependent"], row["date_high_dependent"]),
            f"Ratio, {if_depending}": _ratio(row, "_dependent"),
        }
        for row in result.changes.to_dict("records")
    ]
    columns = ["Change", "Date set", "Before", "After", ratio, "P(in the set)"]
    return stub(pd.DataFrame(rows, columns=[*columns, f"Date set, {if_depending}", f"Ratio, {if_depending}"]))


def partition_table(results: Mapping[str, ChangepointResult]) -> pd.DataFrame:
    """Tabulate the cuts of the negative-binomial partitions that stand beside each change-point fit."""
    rows = []
    for label, result in results.items():
        for name, cuts in (("size 1", result.partition), ("size fitted", result.partition_profiled)):
            dates = ", ".join(f"{day:%Y-%m-%d}" for day in cuts["date"])
            rows.append({"Series": label, "Partition": name, "Cuts before": dates or "none"})
    return stub(pd.DataFrame(rows))


def variants_table(results: Mapping[str, Mapping[str, ChangepointResult]], heading: str) -> pd.DataFrame:
    """Tabulate the changes found under other choices: one row a series and choice, each change with set and ratio."""
    rows = [
        {"Series": label, heading: choice, "Changes found: date set (ratio)": _changes_found(result.changes, sets=True)}
        for label, choices in results.items()
        for choice, result in choices.items()
    ]
    return stub(pd.DataFrame(rows))


def priors_table(results: Mapping[str, PriorSensitivity]) -> pd.DataFrame:
    """Tabulate what the expected number of changes does to the answer: one row an expectation."""
    rows = [
        {
            "Series": label,
            "Expected before": f"{prior:g}",
            "after": "–" if pd.isna(group["number"].iloc[0]) else f"{group['number'].iloc[0]:.1f}",
            "Changes found: most probable day (ratio)": _changes_found(group.dropna(subset=["date"])),
        }
        for label, result in results.items()
        for prior, group in result.to_frame().groupby("prior_changes", sort=True)
    ]
    return stub(pd.DataFrame(rows))


@register_table(PriorSensitivity)
def prior_table(result: PriorSensitivity) -> pd.DataFrame:
    """Tabulate one series' sensitivity to the prior."""
    return priors_table({result.basis.label: result})


def _changes_found(changes: pd.DataFrame, *, sets: bool = False) -> str:
    """Write changes in a line: their most probable days, or their date sets, with the ratios."""
    words = [
        (days_text(row["date_low"], row["date_high"]) if sets else f"{row['date']:%Y-%m-%d}")
        + f" (×{ratio_text(row['ratio'])})"
        for row in changes.to_dict("records")
    ]
    return "; ".join(words) or "none"


def _ratio(row: Mapping[Hashable, Any], ending: str) -> str:
    value, low, high = (ratio_text(row[f"ratio{part}{ending}"]) for part in ("", "_low", "_high"))
    return f"{value} ({low}–{high})"
