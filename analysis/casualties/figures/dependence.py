"""Who rests on whom: the sources as a network of what they bear and share, and the same shares as a matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from casualties.comparison.dependence import DependenceResult
from casualties.figures.style import COLOURS, GREY, INK, axes
from casualties.results import register_plot

__all__ = ["plot_dependence", "plot_shared"]

PALE = "#c3d3e3"
# Of the largest disc and the smallest (square points), and of the widest line (points).
LARGEST, SMALLEST, WIDEST = 1500.0, 10.0, 6.0


@register_plot(DependenceResult)
def plot_dependence(result: DependenceResult, ax: Axes | None = None, *, most: int = 10) -> Axes:
    """Draw the sources as discs: the area is the deaths of events that cite them, dark of those that cite them alone.

    The source with the most deaths stands in the middle, the others down both sides by the number of their events, and
    a line is as wide as the events that two share are many.

    Parameters
    ----------
    result : DependenceResult
        The answer.
    ax : Axes, optional
        Where to draw.
    most : int, optional
        Sources drawn, the most cited first; the others are counted below.

    Returns
    -------
    Axes
    """
    shown = result.sources.head(most)
    ax = axes(ax, height=0.9 + 0.42 * max(3, math.ceil((len(shown) - 1) / 2)))
    ax.set_axis_off()
    ax.set_xlim(-2.4, 2.4)
    ax.set_ylim(-1.35, 1.15)
    if shown.empty:
        ax.text(0, 0, "no event cites a source", ha="center", va="center", color=GREY)
        return ax
    ranked = shown.sort_values(["deaths", "events"], ascending=False, kind="stable")
    middle = ranked["source"].iloc[0]
    places = _places([name for name in shown["source"] if name != middle])
    places[middle] = (0.0, 0.0)
    pairs = result.pairs[result.pairs["source"].isin(places) & result.pairs["beside"].isin(places)]
    once = pairs[(pairs["source"] < pairs["beside"]) & (pairs["events"] > 0)]
    row: Any
    widest = once["events"].max() if len(once) else 1
    for row in once.itertuples():
        start, end = places[row.source], places[row.beside]
        # Between two of one side the line bends to the middle, so that it passes no disc between them.
        bend = 0.0 if middle in (row.source, row.beside) or start[0] * end[0] < 0 else 0.35
        bend = -bend if (start[0] > 0) == (start[1] < end[1]) else bend
        width = 0.4 + (WIDEST - 0.4) * row.events / widest
        ax.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-", connectionstyle=f"arc3,rad={bend}", lw=width, color="0.72", zorder=1
            )
        )
    largest = max(1, int(shown["deaths"].max()))
    for row in shown.itertuples():
        x, y = places[row.source]
        ax.scatter(x, y, s=max(SMALLEST, LARGEST * row.deaths / largest), color=PALE, ec=INK, lw=0.6, zorder=2)
        if row.sole_deaths:
            ax.scatter(x, y, s=LARGEST * row.sole_deaths / largest, color=COLOURS[0], lw=0, zorder=3)
        words = f"{row.events:,} event{'' if row.events == 1 else 's'}, {row.deaths:,} deaths"
        if row.source == middle:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85}
            name = f"{row.source}\n{words}"
            ax.text(x, y - 0.38, name, ha="center", va="top", fontsize=7.5, color=INK, zorder=4, bbox=box)
            continue
        beside = pairs.loc[(pairs["source"] == row.source) & (pairs["beside"] == middle), "share_events"]
        text = f"{row.source}\n{words}, {_percent(float(beside.iloc[0]))} of events with {middle}"
        side = 1 if x > 0 else -1
        label = (x + side * 0.28, y)
        ax.text(*label, text, ha="left" if side > 0 else "right", va="center", fontsize=6.5, color=INK, zorder=4)
    left = len(result.sources) - len(shown)
    note = "disc: deaths in events that cite the source; dark: that cite it alone; line: events that cite both"
    ax.text(0, -1.33, f"{note}{f'; not drawn: {left} cited less often' if left else ''}", ha="center", fontsize=6.5)
    return ax


def plot_shared(result: DependenceResult, ax: Axes | None = None, *, most: int = 10) -> Axes:
    """Draw the share of each source's events that also cite each other source.

    Parameters
    ----------
    result : DependenceResult
        The answer.
    ax : Axes, optional
        Where to draw.
    most : int, optional
        Sources drawn, the most cited first.

    Returns
    -------
    Axes
    """
    names = result.sources["source"].head(most).to_list()
    ax = axes(ax, height=0.9 + 0.24 * max(1, len(names)))
    if not names:
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no event cites a source", ha="center", va="center", color=GREY)
        return ax
    found = result.pairs.set_index(["source", "beside"])["share_events"]
    shares = np.array([[found.get((one, other), 0.0) for other in names] for one in names])
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i in range(len(names)):
        for j in range(len(names)):
            if i == j:
                ax.text(j, i, "–", ha="center", va="center", fontsize=7, color=GREY)
            elif shares[i, j] > 0:
                colour = "white" if shares[i, j] > 0.55 else INK
                ax.text(j, i, _percent(shares[i, j]), ha="center", va="center", fontsize=7, color=colour)
    events = dict(zip(result.sources["source"], result.sources["events"], strict=True))
    ax.set_yticks(range(len(names)), [f"{name} ({events[name]:,})" for name in names])
    ax.set_xticks(range(len(names)), names, rotation=35, ha="left", rotation_mode="anchor")
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_ylabel("of the events that cite")
    ax.set_xlabel("share that also cite")
    ax.xaxis.set_label_position("top")
    return ax


def _percent(share: float) -> str:
    """Write a share in whole per cent; none that is there is printed as nought."""
    return "<1%" if 0.0 < share < 0.005 else f"{share:.0%}"


def _places(names: list[str]) -> dict[str, tuple[float, float]]:
    """Set the sources down the right and the left side in turn, evenly, so that no two labels meet."""
    found = {}
    for side, listed in ((1.0, names[::2]), (-1.0, names[1::2])):
        heights = np.linspace(0.95, -0.95, len(listed) + 2)[1:-1] if len(listed) < 3 else None
        for place, name in enumerate(listed):
            y = float(heights[place]) if heights is not None else 0.95 - 1.9 * place / (len(listed) - 1)
            found[name] = (side * (0.55 + 0.3 * math.sqrt(max(0.0, 1.0 - y * y))), y)
    return found
