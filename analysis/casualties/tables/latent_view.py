"""What a model sees behind several sources, as the report prints it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from casualties.comparison.latent_view import LatentViewResult
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.reporting_drift import DRIFT_DAYS
from casualties.results import register_table
from casualties.tables.printing import estimate_text, percent, probability_text, ratio_text, stub

__all__ = ["coverage_drift_table", "latent_view_table", "latent_views_table"]


@register_table(LatentViewResult)
def latent_view_table(result: LatentViewResult) -> pd.DataFrame:
    """Tabulate one view."""
    return latent_views_table({result.basis.label: result})


def latent_views_table(results: Mapping[str, LatentViewResult]) -> pd.DataFrame:
    """Tabulate views side by side, one row each: the growth without and with drift, and the drift that tips it.

    Parameters
    ----------
    results : mapping of str to LatentViewResult
        By the words for series and window.
    """
    rows = []
    for label, result in results.items():
        settings = result.basis.settings
        rows.append(
            {
                "Series and window": label,
                "Sources that count": ", ".join(result.used),
                f"Growth a day, no drift ({percent(settings['level'])})": estimate_text(result.growth_without, 3),
                "P(rising)": _chance(result.p_rising_without),
                "Drift declared": f"{settings['drift']:g}, shared {settings['common']:g}",
                "Growth a day, drift allowed": estimate_text(result.growth, 3),
                "P(rising), drift allowed": _chance(result.p_rising),
                "Tipping drift": _tipping(result.tipping),
            }
        )
    return stub(pd.DataFrame(rows))


def coverage_drift_table(result: LatentViewResult) -> pd.DataFrame:
    """Tabulate how the sources' coverage stands to each other and drifts."""
    rows = []
    for name, stands, days, deaths, *factors in result.drifts.itertuples(index=False):
        at, drift = (_factor(factors[begin : begin + 3]) for begin in (0, 3))
        rows.append(
            {
                "Source": name,
                "Enters": "yes" if stands == name else f"no, rests with {stands}",
                "Days": f"{days:,}",
                "Recorded deaths": f"{deaths:,.0f}",
                "Coverage against the mean": at,
                f"Change over {DRIFT_DAYS} days": drift,
            }
        )
    return stub(pd.DataFrame(rows))


def _factor(values: list[float]) -> str:
    value, low, high = values
    return "–" if math.isnan(value) else f"{ratio_text(value)} ({ratio_text(low)} to {ratio_text(high)})"


def _chance(answer: Estimate | NotEstimable) -> str:
    return probability_text(answer.value) if isinstance(answer, Estimate) else "–"


def _tipping(answer: Estimate | NotEstimable) -> str:
    return ratio_text(answer.value) if isinstance(answer, Estimate) else "–"
