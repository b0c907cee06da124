"""Two series beside each other, and which sources the events cite."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from casualties.comparison.agreement import Limits, PairResult
from casualties.comparison.coverage import CoverageResult
from casualties.results import register_table
from casualties.tables.printing import estimate_text, period_text, ratio_text, stub

__all__ = ["agreement_table", "coverage_table", "pair_table"]


def agreement_table(results: Mapping[str, PairResult]) -> pd.DataFrame:
    """Tabulate comparisons of two series side by side, one column each."""
    columns = {}
    for label, result in results.items():
        totals, limits = result.totals, result.limits
        columns[label] = {
            "Days shared": f"{totals.days_shared:,}",
            f"Deaths, {result.names[0]}": f"{totals.shared_a:,.0f}",
            f"Deaths, {result.names[1]}": f"{totals.shared_b:,.0f}",
            "Ratio, quasi-binomial": estimate_text(result.ratio, 2),
            "Ratio, score interval": estimate_text(result.ratio_score, 2),
            "Dispersion of the daily split": estimate_text(result.dispersion, 2, interval=False),
            "Pearson correlation": estimate_text(result.pearson, 2),
            "Spearman correlation": estimate_text(result.spearman, 2),
            "Lin's concordance": estimate_text(result.concordance, 2),
            "Limits of agreement, as ratios of 1 + deaths": (
                f"{ratio_text(math.exp(limits.low))} to {ratio_text(math.exp(limits.high))}"
                if isinstance(limits, Limits)
                else "–"
            ),
            "Weekly steps in the same direction": estimate_text(result.direction, 2),
            "Lag in days": f"{result.lag}",
        }
    return pd.DataFrame(columns).rename_axis("Measure")


@register_table(PairResult)
def pair_table(result: PairResult) -> pd.DataFrame:
    """Tabulate one comparison of two series."""
    return agreement_table({f"{result.names[0]} / {result.names[1]}": result})


@register_table(CoverageResult)
def coverage_table(result: CoverageResult, *, most: int = 6) -> pd.DataFrame:
    """Tabulate the events that each source is cited for: the most cited sources down, periods or places across."""
    wide = result.counts.pivot_table(
        index="source", columns=result.counts.columns[1], values="events", aggfunc="sum", fill_value=0, sort=False
    )
    periods = sorted(wide.columns)
    totals = wide.sum(axis=1).sort_values(ascending=False, kind="stable").head(most + 1)
    table = pd.DataFrame({"Cited": totals.index})
    for period in periods:
        name = period_text(period)
        table[name] = [f"{int(wide.loc[source, period]):,}" for source in totals.index]
    table["All"] = [f"{int(value):,}" for value in totals]
    return stub(table)
