"""The figures published for one incident, in the order of publication, over the recorded low, best and high."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.comparison.incident import IncidentResult, RecordedToll
from casualties.figures.style import COLOURS, GREY, INK, axes
from casualties.results import register_plot

__all__ = ["plot_incident"]

BOUNDS = ("at least", "more than")
LONGEST = 34


@register_plot(IncidentResult)
def plot_incident(result: IncidentResult, ax: Axes | None = None) -> Axes:
    """Draw each figure at its claimant and day of publication, the recorded range as a band.

    A hollow mark is a lower bound, a diamond the record itself. Numbers stand beside the marks, with the children
    among the dead where they were given.

    Parameters
    ----------
    result : IncidentResult
        The figures.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    figures = result.figures
    ax = axes(ax, height=0.9 + 0.19 * len(figures))
    rows = np.arange(len(figures))
    if isinstance(result.recorded, RecordedToll):
        found = result.recorded
        words = f"recorded: {found.best:,} ({found.low:,} to {found.high:,})"
        ax.axvspan(found.low, found.high, color="0.88", lw=0, label=words)
        ax.axvline(found.best, color=GREY, lw=1)
    values = figures["value"].to_numpy(dtype="float64")
    own = figures["same_source"].to_numpy(dtype=bool)
    bound = figures["reading"].isin(BOUNDS).to_numpy()
    looks = (
        (~own & ~bound, "o", COLOURS[0], "published"),
        (~own & bound, "o", "white", "published, a lower bound"),
        (own, "D", INK, "the record's own figure"),
    )
    for chosen, marker, face, label in looks:
        if chosen.any():
            edge = INK if marker == "D" else COLOURS[0]
            ax.plot(values[chosen], rows[chosen], ls="", marker=marker, ms=5, color=edge, mfc=face, label=label)
    for at, (value, children) in enumerate(zip(values, figures["children"], strict=True)):
        part = "" if pd.isna(children) else f" ({int(children):,} {'child' if children == 1 else 'children'})"
        ax.annotate(
            f"{value:,.0f}{part}", (value, at), xytext=(6, 0), textcoords="offset points", va="center", size=6.5
        )
    dates = figures["published_date"]
    for at in np.flatnonzero((dates.ne(dates.shift()) & ~(dates.isna() & dates.shift().isna())).to_numpy())[1:]:
        ax.axhline(at - 0.5, color="0.8", lw=0.6)
    ax.set_yticks(
        rows, [_words(row) for row in figures[["claimant", "published_date"]].to_dict("records")], fontsize=6.5
    )
    ax.set_ylim(len(figures) - 0.4, -0.6)
    ax.set_xlim(0, 1.2 * max(float(values.max(initial=1)), getattr(result.recorded, "high", 0)))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("deaths", color=GREY)
    ax.legend(ncol=2, loc="lower right", bbox_to_anchor=(1, 1), fontsize=7)
    return ax


def _words(row: dict[Hashable, Any]) -> str:
    """Name a figure by its claimant and the day on which it was published."""
    name = str(row["claimant"]).split(" (headline")[0]
    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
    day = row["published_date"]
    told = f"{day.day} {day:%b %Y}" if isinstance(day, pd.Timestamp) else "day not stated"
    return f"{name}, {told}"
