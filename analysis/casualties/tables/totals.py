"""Deaths and events by category and by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from casualties.results import register_table
from casualties.tables.printing import headings, stub, whole
from casualties.totals import Breakdown, EventTotals, PeriodTotals

__all__ = ["breakdown_table", "event_totals_table", "periods_table"]


@register_table(EventTotals)
def event_totals_table(
    result: EventTotals, *, heading: str = "Category", names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Tabulate events and deaths by category, with the total below; what the source does not give has no column."""
    frame = result.frame
    counts = [name for name in ("events", "low", "best", "high", "civilians") if frame[name].notna().any()]
    table = pd.DataFrame({heading: [(names or {}).get(str(name), str(name)) for name in frame.index]})
    titles = headings(counts)
    for name in counts:
        table[titles[name]] = [whole(value) for value in frame[name]]
    table[f"Share of {titles['best'].lower()}"] = [f"{value:.1%}" for value in frame["share"]]
    total = [whole(frame[name].sum() if frame[name].notna().all() else pd.NA) for name in counts]
    table.loc[len(table)] = ["all", *total, f"{frame['share'].sum():.0%}"]
    return stub(table)


@register_table(PeriodTotals)
def periods_table(
    result: PeriodTotals, *, parts: Mapping[str, PeriodTotals] | None = None, beside: Sequence[Breakdown] = ()
) -> pd.DataFrame:
    """Tabulate totals by period: low and high where there are such, deaths without an exact day where there are any.

    Parameters
    ----------
    result : PeriodTotals
        The totals.
    parts : mapping of str to PeriodTotals, optional
        Totals of a part of the same deaths, by the heading of their column.
    beside : sequence of Breakdown, optional
        Breakdowns over the same periods, whose categories stand beside the totals.
    """
    frame = result.frame
    columns = headings([name for name in ("low", "best", "high") if name == "best" or frame[name].notna().any()])
    if frame["imprecise"].fillna(0).any():
        columns["imprecise"] = "Day not exact"
    table = pd.DataFrame(
        {
            "From": [f"{day:%Y-%m-%d}" for day in frame.index],
            "Days": frame["days_observed"].to_list(),
            **{heading: [whole(value) for value in frame[name]] for name, heading in columns.items()},
        }
    )
    for heading, part in (parts or {}).items():
        table[heading] = [whole(value) for value in part.frame["best"].reindex(frame.index)]
    for breakdown in beside:
        for name in breakdown.frame.columns.drop("all"):
            table[str(name).capitalize()] = [whole(value) for value in breakdown.frame[name].reindex(frame.index)]
    return stub(table)


@register_table(Breakdown)
def breakdown_table(result: Breakdown, *, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Tabulate a breakdown: one row a period, one column a category."""
    frame = result.frame
    table = pd.DataFrame({"From": [f"{day:%Y-%m-%d}" for day in frame.index]})
    for name in frame.columns:
        table[(names or {}).get(str(name), str(name))] = [whole(value) for value in frame[name]]
    return stub(table)
