"""What sources hold beside what is claimed: the range of each source over the claimed value."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.claims.result import ClaimsResult
from casualties.claims.rules import CONTRADICTED, SUPPORTED, UNDECIDED
from casualties.claims.terms import COMPARISONS
from casualties.figures.style import COLOURS, GREY, INK, axes
from casualties.results import register_plot

__all__ = ["drawn_checks", "plot_claims"]

LOOK = {SUPPORTED: ("o", COLOURS[2]), CONTRADICTED: ("X", COLOURS[1]), UNDECIDED: ("D", GREY)}


def drawn_checks(result: ClaimsResult) -> pd.DataFrame:
    """Give the checks that `plot_claims` draws: those of a claim with a number by a source that holds something."""
    table = result.checks
    return table[table["operator"].isin(list(COMPARISONS)) & (table["value"] > 0) & (table["low"] > 0)]


@register_plot(ClaimsResult)
def plot_claims(result: ClaimsResult, ax: Axes | None = None) -> Axes:
    """Draw what each source holds over what is claimed, claim by claim; one is what is claimed.

    A bar that runs off to the right is a bound from below. Claims without a number, and sources that hold nothing, are
    left out.

    Parameters
    ----------
    result : ClaimsResult
        The checks.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    table = drawn_checks(result).reset_index(drop=True)
    ax = axes(ax, height=0.9 + 0.145 * len(table))
    rows = np.arange(len(table))
    low, high, figure = ((table[name] / table["value"]).to_numpy(dtype="float64") for name in ("low", "high", "figure"))
    ends = np.r_[low, high[np.isfinite(high)], 1.0]
    right = max(float(ends.max()) * 1.15, 1.3)
    shown = np.where(np.isfinite(high), high, right * 1.2)
    ax.barh(rows, shown - low, left=low, height=0.6, color="0.86", label="range that the source holds")
    middle = np.where(np.isnan(figure), np.sqrt(low * np.minimum(shown, right)), figure)
    for verdict, (marker, colour) in LOOK.items():
        chosen = (table["verdict"] == verdict).to_numpy()
        if chosen.any():
            ax.plot(middle[chosen], rows[chosen], ls="", marker=marker, ms=4.5, color=colour, label=verdict)
    ax.axvline(1, color=INK, lw=0.8)
    ax.set_xscale("log")
    left = float(ends.min()) / 1.15
    marks = [mark for mark in (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10) if left <= mark <= right]
    ax.set_xticks(marks, [f"{mark:g}" for mark in marks])
    ax.minorticks_off()
    ax.set_xlim(left, right)
    for edge in np.flatnonzero(table["claim_id"].ne(table["claim_id"].shift()))[1:]:
        ax.axhline(edge - 0.5, color="0.85", lw=0.5)
    ax.set_yticks(rows, [_words(row) for row in table.to_dict("records")], fontsize=6)
    ax.invert_yaxis()
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("what the source holds / what is claimed (log scale)", color=GREY)
    ax.legend(ncol=4, loc="lower right", bbox_to_anchor=(1, 1), fontsize=7)
    return ax


def _words(row: dict[Hashable, Any]) -> str:
    """Name a check by claim, what is counted and the source."""
    value = f"{row['value']:g}" if not math.isclose(row["value"], round(row["value"])) else f"{row['value']:,.0f}"
    sign = "" if row["operator"] == "=" else f"{COMPARISONS[row['operator']]} "
    measure = row["measure"] if row["victims"] == "all" else f"{row['measure']} ({row['victims']})"
    return f"{row['claim_id']}  {measure}, {sign}{value}: {str(row['source']).split(' (')[0]}, {row['place']}"
