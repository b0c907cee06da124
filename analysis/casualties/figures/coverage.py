"""Which source saw which events: the overlap of two sources as bars of events and of the deaths in them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from casualties.comparison.coverage import OverlapResult
from casualties.figures.style import COLOURS, INK, axes
from casualties.results import register_plot

__all__ = ["plot_overlap"]

COUNTED = {"events": "events", "best": "deaths in them", "civilians": "civilian deaths in them"}


@register_plot(OverlapResult)
def plot_overlap(result: OverlapResult, ax: Axes | None = None) -> Axes:
    """Draw the share seen by both sources, by one alone and by neither, for events, deaths and civilian deaths.

    Parameters
    ----------
    result : OverlapResult
        The overlap.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=1.5)
    cells = result.cells
    shares = cells / cells.sum()
    left = np.zeros(len(COUNTED))
    colours = dict(zip(cells.index, (COLOURS[0], "#9cbbd6", COLOURS[1], "0.88"), strict=True))
    names = result.to_frame()["seen_by"].to_list()
    for (cell, colour), name in zip(colours.items(), names, strict=True):
        width = shares.loc[cell, list(COUNTED)].to_numpy(dtype="float64")
        ax.barh(range(len(COUNTED)), width, left=left, color=colour, height=0.68, label=name)
        for row, counted in enumerate(COUNTED):
            if width[row] > 0.035:
                dark = colour == COLOURS[0]
                where = (left[row] + width[row] / 2, row)
                text = f"{int(cells[counted][cell]):,}"
                ax.text(*where, text, ha="center", va="center", fontsize=7, color="white" if dark else INK)
        left = left + width
    ax.set_yticks(range(len(COUNTED)), list(COUNTED.values()))
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.grid(visible=False)
    ax.legend(ncol=4, loc="lower right", bbox_to_anchor=(1, 1))
    return ax
