"""Branching ratios, as the report prints them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casualties.estimates import Estimate
from casualties.models.excitation import ExcitationResult
from casualties.results import register_table
from casualties.tables.printing import estimate_text, stub

__all__ = ["excitation_table", "excitations_table"]


@register_table(ExcitationResult)
def excitation_table(result: ExcitationResult) -> pd.DataFrame:
    """Tabulate one fit."""
    return excitations_table({result.basis.label: result})


def excitations_table(results: Mapping[str, ExcitationResult]) -> pd.DataFrame:
    """Tabulate branching ratios side by side: around a segmented baseline, and around one level.

    Parameters
    ----------
    results : mapping of str to ExcitationResult
        By the words for each.
    """
    rows = [
        {
            "Series": label,
            "Levels": str(len(result.segments)),
            "Branching ratio, segmented": estimate_text(result.branching, 2),
            "with one level": estimate_text(result.unsegmented, 2),
            "Mean delay (days)": f"{result.memory.value:.1f}" if isinstance(result.memory, Estimate) else "–",
        }
        for label, result in results.items()
    ]
    return stub(pd.DataFrame(rows))
