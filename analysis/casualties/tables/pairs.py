"""Two series beside each other, and which sources the events cite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from casualties.comparison.agreement import PairResult
from casualties.comparison.agreement_measures import Limits
from casualties.comparison.coverage import CoverageResult
from casualties.estimates import NotEstimable
from casualties.results import register_table
from casualties.tables.printing import (
    days_text,
    estimate_text,
    percent,
    period_text,
    probability_text,
    ratio_text,
    signed,
    stub,
)

__all__ = [
    "agreement_table",
    "coverage_table",
    "disagreement_table",
    "lags_table",
    "pair_changes_table",
    "pair_table",
    "ratio_course_table",
]


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
            "Kappa of size classes": estimate_text(result.kappa, 2),
            "Kappa, weighted": estimate_text(result.kappa_weighted, 2),
            "Krippendorff's alpha, log": estimate_text(result.alpha, 2),
            "Ratio over the likely lags": estimate_text(result.ratio_lags, 2),
            "Lag in days": f"{result.lag}",
            "Lags that cannot be ruled out": ", ".join(str(lag) for lag in result.lag_set),
        }
    return pd.DataFrame(columns).rename_axis("Measure")


@register_table(PairResult)
def pair_table(result: PairResult) -> pd.DataFrame:
    """Tabulate one comparison of two series."""
    return agreement_table({f"{result.names[0]} / {result.names[1]}": result})


def disagreement_table(result: PairResult, *, most: int = 8) -> pd.DataFrame:
    """Tabulate the days that two sources disagree on most, with both figures and what each day does to the ratio."""
    first, second = result.names
    days = result.driving.head(most)
    return stub(
        pd.DataFrame(
            {
                "Day": [days_text(date, date) for date in days.index],
                first: [f"{value:,.0f}" for value in days["a"]],
                second: [f"{value:,.0f}" for value in days["b"]],
                "Standard deviations": [signed(value, 1) for value in days["standardised"]],
                "Share of the dispersion": [percent(value) for value in days["of_dispersion"]],
                "Ratio without it": ["–" if math.isnan(value) else signed(value, 2) for value in days["ratio_without"]],
            }
        )
    )


def lags_table(result: PairResult) -> pd.DataFrame:
    """Tabulate the lags that were tried: pairs of days, correlation, probability and, where it is likely, the ratio."""
    lags = result.lags
    return stub(
        pd.DataFrame(
            {
                "Days later": [signed(lag, 0) for lag in lags["lag"]],
                "Pairs of days": [f"{days:,}" for days in lags["days"]],
                "Correlation": ["–" if math.isnan(value) else signed(value, 2) for value in lags["correlation"]],
                "Probability": ["–" if math.isnan(value) else probability_text(value) for value in lags["probability"]],
                "Ratio": [
                    _interval(*ends) for ends in lags[["ratio", "ratio_low", "ratio_high"]].itertuples(index=False)
                ],
            }
        )
    )


def ratio_course_table(result: PairResult) -> pd.DataFrame:
    """Tabulate the ratio of each calendar month; empty where the levels cannot be compared."""
    first, second = result.names
    columns = ["Month", "Shared days", first, second, "Ratio"]
    if isinstance(result.course, NotEstimable):
        return stub(pd.DataFrame(columns=columns))
    rows = [
        (
            f"{row.start:%b %Y}",
            f"{row.days:,}",
            f"{row.a:,.0f}",
            f"{row.b:,.0f}",
            row.reason or _interval(row.ratio, row.low, row.high),
        )
        for row in result.course.months.itertuples()
    ]
    return stub(pd.DataFrame(rows, columns=columns))


def pair_changes_table(result: PairResult) -> pd.DataFrame:
    """Tabulate the changes of two sources side by side; empty where they were not given."""
    columns = [*result.names, "Found in", "Days apart"]
    if isinstance(result.changes, NotEstimable):
        return stub(pd.DataFrame(columns=columns))
    words = {"both": "both", "first": f"only {result.names[0]}", "second": f"only {result.names[1]}"}
    rows = [
        (
            _window(row.date_a, row.low_a, row.high_a),
            _window(row.date_b, row.low_b, row.high_b),
            words[str(row.found)],
            _interval(row.apart, row.apart_low, row.apart_high, 0),
        )
        for row in result.changes.itertuples()
    ]
    return stub(pd.DataFrame(rows, columns=columns))


def _interval(value: Any, low: Any, high: Any, digits: int = 2) -> str:
    ends = f"{signed(low, digits)} to {signed(high, digits)}"
    return "–" if math.isnan(value) else f"{signed(value, digits)} ({ends})"


def _window(date: Any, low: Any, high: Any) -> str:
    return "–" if pd.isna(date) else f"{days_text(date, date)} ({days_text(low, high)})"


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
