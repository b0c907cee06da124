"""Published totals against the range that the events record for the same scope."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from casualties.comparison.published import TollsResult
from casualties.figures.style import COLOURS, GREY, INK, axes
from casualties.results import register_plot

__all__ = ["plot_tolls"]

LOOK = {"consistent": ("o", COLOURS[2]), "below": ("v", COLOURS[0]), "above": ("^", COLOURS[1])}
BOUNDS = ("at least", "more than")


@register_plot(TollsResult)
def plot_tolls(result: TollsResult, ax: Axes | None = None, *, areas: Collection[str] | None = None) -> Axes:
    """Draw each comparable figure over the recorded one, with the recorded range as a bar around one.

    A hollow mark is a figure that its claimant gave as a lower bound ("at least"). Where the rows are of several areas,
    each names its own.

    Parameters
    ----------
    result : TollsResult
        The comparison; rows that are not comparable are left out.
    ax : Axes, optional
        Where to draw.
    areas : collection of str, optional
        Draw only the figures for these areas.

    Returns
    -------
    Axes
    """
    table = result.totals
    table = table[(table["verdict"] != "not comparable") & (table["recorded"].astype("float64") > 0)]
    if areas is not None:
        table = table[table["area"].isin(areas)]
    # What stands in brackets is not printed, so it must not order the rows either.
    table = table.assign(who=table["who"].str.split(" (", regex=False).str[0])
    table = table.sort_values(["who", "claimant", "period_end", "period_start"], kind="stable").reset_index(drop=True)
    ax = axes(ax, height=0.9 + 0.125 * len(table))
    rows = np.arange(len(table))
    recorded = table["recorded"].to_numpy(dtype="float64")
    low, high = (table[f"recorded_{end}"].to_numpy(dtype="float64") / recorded for end in ("low", "high"))
    ratio = table["value"].to_numpy(dtype="float64") / recorded
    bound = table["reading"].isin(BOUNDS).to_numpy()
    ax.barh(rows, high - low, left=low, height=0.62, color="0.86", label="range recorded in the events")
    for verdict, (marker, colour) in LOOK.items():
        for hollow in (False, True):
            chosen = (table["verdict"] == verdict).to_numpy() & (bound == hollow)
            if chosen.any():
                label = f"published: {verdict}{', a lower bound' if hollow else ''}"
                face = "white" if hollow else colour
                ax.plot(ratio[chosen], rows[chosen], ls="", marker=marker, ms=4, color=colour, mfc=face, label=label)
    ax.axvline(1, color=INK, lw=0.8)
    ax.set_xscale("log")
    marks = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10]
    # A recorded range may start at nobody, which a logarithmic axis cannot show.
    drawn = np.r_[1.0, low[low > 0], high[high > 0], ratio[ratio > 0]]
    ends = float(drawn.min()) / 1.08, float(drawn.max()) * 1.08
    ax.set_xticks(marks, [f"{mark:g}" for mark in marks])
    ax.minorticks_off()
    ax.set_xlim(*ends)
    mixed = table["area"].nunique() > 1
    words = [_words(row, area=mixed) for row in table.to_dict("records")]
    ax.set_yticks(rows, words, fontsize=6)
    ax.invert_yaxis()
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("published figure / recorded deaths of the same scope (log scale)", color=GREY)
    ax.legend(ncol=3, loc="lower right", bbox_to_anchor=(1, 1), fontsize=7)
    return ax


def _words(row: dict[Hashable, Any], *, area: bool) -> str:
    """Name a figure by its claimant, whom it counts, its days and, where asked for, its area."""
    claimant, where = (str(row[name]).split(" (")[0] for name in ("claimant", "area"))
    first, last = (f"{day.day} {day:%b}" for day in (row["period_start"], row["period_end"]))
    words = f"{claimant}, {row['who']}, {first if first == last else f'{first} – {last}'}"
    return f"{words}, {where}" if area else words
