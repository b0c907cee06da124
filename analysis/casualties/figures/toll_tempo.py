"""Rises of running totals a day, interval by interval, over the range that the events record for the same days."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from casualties.comparison.toll_tempo import TollTempo
from casualties.figures.panels import day_marks, day_numbers, panels
from casualties.figures.style import COLOURS, GREY, INK
from casualties.results import register_plot
from casualties.tolls import SCOPE

__all__ = ["plot_toll_tempo"]


@register_plot(TollTempo)
def plot_toll_tempo(result: TollTempo, ax: Axes | None = None, *, least: int = 2) -> Axes:
    """Draw what each count added a day over what the events record a day, from interval to interval.

    A dashed line is a rise between figures of which one or both are bounds or rounded.

    Parameters
    ----------
    result : TollTempo
        The rises.
    ax : Axes, optional
        The axis whose place the panels take.
    least : int, optional
        Placed intervals that a panel needs.

    Returns
    -------
    Axes
        The first panel.
    """
    placed = result.intervals[result.intervals["position"] != "not placed"]
    grouped: Any = placed.groupby(list(SCOPE), sort=True)
    lines = [(line, group) for line, group in grouped if len(group) >= least]
    drawn = panels(ax, len(lines), height=1.65)
    if not lines:
        drawn[0].set_axis_off()
        drawn[0].text(0.5, 0.5, "no interval can be placed", ha="center", va="center", color=INK)
        return drawn[0]
    for panel, (line, group) in zip(drawn, lines, strict=True):
        claimant, _, who, blamed, start = line
        for row in group.to_dict("records"):
            # An interval of whole days runs from the first midnight to the one after its last day.
            ends = day_numbers(pd.Series([row["start"], row["end"] + pd.Timedelta(days=1)]))
            low, high = row["recorded_low"] / row["days"], row["recorded_high"] / row["days"]
            panel.fill_between(ends, low, high, color="0.84", lw=0)
            panel.hlines(row["recorded_per_day"], *ends, color=GREY, lw=0.9)
            dashed = "-" if row["bound"] == "exact" else (0, (2, 1.2))
            panel.hlines(row["per_day"], *ends, color=COLOURS[0], lw=1.6, ls=dashed)
        top = max(group["per_day"].max(), (group["recorded_high"] / group["days"]).max())
        panel.set_ylim(0, 1.15 * max(float(top), 0.1))
        day_marks(panel, group["start"].min(), group["end"].max(), margins=(0, 0.02))
        # Lines that differ by their perpetrators alone would bear one title.
        part = "" if blamed in ("", "all parties") else f", {'not stated' if blamed == 'not stated' else 'a part'}"
        name = f"{str(claimant).split(' (')[0]}, {str(who).split(' (')[0]}{part}, from {start.day} {start:%b}"
        panel.set_title(name, fontsize=7.5)
        panel.tick_params(labelsize=6.5)
        panel.grid(visible=False, axis="x")
    first = drawn[0]
    first.set_ylabel("deaths a day", fontsize=7, color=GREY)
    handles = [
        Patch(color="0.84", label="recorded, low to high"),
        Line2D([], [], color=GREY, lw=0.9, label="recorded, best"),
        Line2D([], [], color=COLOURS[0], lw=1.6, label="rise of the total"),
        Line2D([], [], color=COLOURS[0], lw=1.6, ls=(0, (2, 1.2)), label="rise between bounds or rounded figures"),
    ]
    figure = first.get_figure(root=True)
    if figure is not None and ax is None:
        figure.legend(handles=handles, loc="outside lower center", ncol=4, fontsize=6.5)
    else:
        first.legend(handles=handles, loc="upper right", fontsize=5.5)
    return first
