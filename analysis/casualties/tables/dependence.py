"""On whom a record rests, which events its sources share, and how many of several sources are independent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from casualties.comparison.dependence import DependenceResult
from casualties.comparison.effective_number import EffectiveNumber
from casualties.estimates import NotEstimable
from casualties.results import register_table
from casualties.tables.printing import percent, stub

__all__ = ["dependence_table", "independence_table", "shared_events_table"]


@register_table(DependenceResult)
def dependence_table(result: DependenceResult, *, most: int = 8) -> pd.DataFrame:
    """Tabulate what rests on each source, the most cited first: beside others and alone."""
    rows = [
        {
            "Cited": row.source,
            "Events": f"{row.events:,}",
            "Recorded deaths": f"{row.deaths:,}",
            "Share of deaths": _share(row.share_deaths),
            "Events, alone": f"{row.sole_events:,}",
            "Deaths, alone": f"{row.sole_deaths:,}",
            "Share, alone": _share(row.share_sole_deaths),
        }
        for row in _rows(result.sources.head(most))
    ]
    whole = {
        "Cited": "all events",
        "Events": f"{result.events:,}",
        "Recorded deaths": f"{result.deaths:,}",
        "Share of deaths": _share(1.0 if result.deaths else float("nan")),
        "Events, alone": f"{int(result.sources['sole_events'].sum()):,}",
        "Deaths, alone": f"{int(result.sources['sole_deaths'].sum()):,}",
        "Share, alone": _share(result.sources["sole_deaths"].sum() / result.deaths if result.deaths else float("nan")),
    }
    return stub(pd.DataFrame([*rows, whole]))


def shared_events_table(result: DependenceResult, *, most: int = 6) -> pd.DataFrame:
    """Tabulate the share of each source's events, down, that also cite each other source, across."""
    sources = result.sources.head(most)
    found = result.pairs.set_index(["source", "beside"])["share_events"]
    rows = [
        {
            "Events that cite": row.source,
            "Events": f"{row.events:,}",
            **{name: "–" if name == row.source else percent(found[row.source, name]) for name in sources["source"]},
        }
        for row in _rows(sources)
    ]
    return stub(pd.DataFrame(rows, columns=["Events that cite", "Events", *sources["source"]]))


def independence_table(numbers: Mapping[str, EffectiveNumber | NotEstimable]) -> pd.DataFrame:
    """Tabulate how many of several sources are independent: one row a set of sources, named by the caller."""
    columns = ("Sources", "Named", "Independent", "If all that is shared is copied", "If as little as can be")
    rows: list[tuple[str, ...]] = []
    for label, number in numbers.items():
        if isinstance(number, NotEstimable):
            rows.append((label, "–", "–", "–", "–", number.reason))
        else:
            counted = (f"{each:.1f}" for each in (number.value, number.fewest, number.most))
            rows.append((label, f"{number.named:,}", *counted, ", ".join(number.assumed) or "–"))
    return stub(pd.DataFrame(rows, columns=[*columns, "Taken to have seen for themselves"]))


def _rows(sources: pd.DataFrame) -> Iterator[Any]:
    yield from sources.itertuples()


def _share(share: float) -> str:
    return "–" if pd.isna(share) else percent(share)
