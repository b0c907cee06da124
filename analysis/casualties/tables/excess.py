"""Excess recorded deaths, as the report prints them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casualties.estimates import Estimate, NotEstimable
from casualties.models.excess import ExcessResult, ReferencesResult
from casualties.models.expectation import Variances
from casualties.results import register_table
from casualties.tables.printing import percent, probability_text, ratio_text, signed, stub, whole

__all__ = ["excess_table", "excesses_table", "references_table", "variances_table"]


@register_table(ExcessResult)
def excess_table(result: ExcessResult) -> pd.DataFrame:
    """Tabulate one excess."""
    return excesses_table({result.basis.label: result})


@register_table(ReferencesResult)
def references_table(result: ReferencesResult) -> pd.DataFrame:
    """Tabulate an excess against each reference period."""
    return excesses_table(result.results, heading="Against")


def excesses_table(results: Mapping[str, ExcessResult], *, heading: str = "Series") -> pd.DataFrame:
    """Tabulate excesses side by side: recorded, expected, excess, ratio, each with its interval.

    Parameters
    ----------
    results : mapping of str to ExcessResult
        By the words for series or reference period.
    heading : str, optional
        Of the column of these words.
    """
    rows = [
        {
            heading: label,
            "Recorded": _whole(result.observed),
            "Expected": _whole(result.expected),
            "Excess": _whole(result.excess),
            "Times": _times(result.ratio),
            "P(as many)": probability_text(result.probability.value)
            if isinstance(result.probability, Estimate)
            else "–",
        }
        for label, result in results.items()
    ]
    return stub(pd.DataFrame(rows))


def variances_table(results: Mapping[str, ExcessResult]) -> pd.DataFrame:
    """Tabulate where the variance of each excess comes from, in per cent, beside its standard deviation in deaths."""
    rows = []
    for label, result in results.items():
        found = result.variances
        if isinstance(found, Variances):
            rows.append(
                {
                    "Series": label,
                    "Standard deviation": f"{found.total**0.5:,.0f}",
                    "Parameters": percent(found.parameters / found.total),
                    "Observation": percent(found.observation / found.total),
                    "Scatter": percent(found.scatter / found.total),
                    "Dependence": percent(found.dependence / found.total),
                    "Data": percent(found.data / found.total),
                }
            )
    return stub(pd.DataFrame(rows))


def _whole(answer: Estimate | NotEstimable) -> str:
    if isinstance(answer, NotEstimable):
        return "–"
    if not answer.has_interval:
        return whole(answer.value)
    return f"{_signed(answer.value)} ({_signed(answer.low)} to {_signed(answer.high)})"


def _signed(value: float) -> str:
    return f"−{-round(value):,}" if round(value) < 0 else signed(value, 0) if abs(value) < 1000 else f"{value:,.0f}"


def _times(answer: Estimate | NotEstimable) -> str:
    if isinstance(answer, NotEstimable):
        return "–"
    return f"{ratio_text(answer.value)} ({ratio_text(answer.low)}–{ratio_text(answer.high)})"
