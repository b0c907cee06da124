"""Running totals on the cumulative range of the events: one panel for each area, class of victims and first day."""

from __future__ import annotations

from collections.abc import Collection
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from casualties.comparison.toll_timeline import TollTimeline
from casualties.figures.panels import day_marks, day_numbers, panels
from casualties.figures.style import COLOURS, GREY, INK
from casualties.results import register_plot

__all__ = ["plot_toll_timeline"]

BOUNDS = ("at least", "more than")
# Letters of a name beside a mark before it is broken.
LINE_LENGTH = 16
SCOPE = ["area", "victims", "period_start"]


@register_plot(TollTimeline)
def plot_toll_timeline(
    result: TollTimeline, ax: Axes | None = None, *, areas: Collection[str] | None = None, least: int = 2
) -> Axes:
    """Draw every claimant's totals on the range that the events record from the same first day.

    A hollow mark is a lower bound; a triangle is a figure for some perpetrators or some of the dead, which may lie
    below the range without contradicting it. Totals that cannot be placed are left out.

    Parameters
    ----------
    result : TollTimeline
        The totals and the ranges.
    ax : Axes, optional
        The axis whose place the panels take.
    areas : collection of str, optional
        Draw only these areas.
    least : int, optional
        Totals that a panel needs; those with fewer are in the table only.

    Returns
    -------
    Axes
        The first panel.
    """
    points = result.points[result.points["position"] != "not placed"]
    if areas is not None:
        points = points[points["area"].isin(areas)]
    grouped: Any = points.groupby(SCOPE, sort=True)
    scopes = [(scope, group) for scope, group in grouped if len(group) >= least]
    drawn = panels(ax, len(scopes), height=1.95)
    if not scopes:
        drawn[0].set_axis_off()
        drawn[0].text(0.5, 0.5, "no total can be placed", ha="center", va="center", color=INK)
        return drawn[0]
    mixed = len({scope[0] for scope, _ in scopes}) > 1
    for panel, (scope, group) in zip(drawn, scopes, strict=True):
        area, victims, start = scope
        colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(sorted(group["claimant"].unique()))}
        band = result.band
        chosen = (band["area"] == area) & (band["victims"] == victims) & (band["period_start"] == start)
        band = band[chosen & (band["date"] <= group["period_end"].max())]
        days = day_numbers(band["date"])
        low, best, high = (band[name].to_numpy(dtype="float64") for name in ("low", "best", "high"))
        panel.fill_between(days, low, high, color="0.84", lw=0)
        panel.plot(days, best, color=GREY, lw=0.9)
        for (claimant, _), line in group.groupby(["claimant", "attributed_to"], sort=True):
            _line(panel, line, colours[claimant])
        _direct_labels(panel, group, colours)
        day_marks(panel, start, group["period_end"].max(), margins=(0.03, 0.34))
        panel.set_ylim(0, 1.12 * max(float(high.max(initial=0)), float(group["value"].max()), 1))
        name = "all the dead" if victims == "all" else victims
        place = f"{area.split(' (')[0]}: " if mixed else ""
        panel.set_title(f"{place}{name}, from {start.day} {start:%b %Y}", fontsize=7.5)
        panel.tick_params(labelsize=6.5)
        panel.grid(visible=False, axis="x")
    first = drawn[0]
    first.set_ylabel("deaths since the first day", fontsize=7, color=GREY)
    figure = first.get_figure(root=True)
    if figure is not None and ax is None:
        figure.legend(handles=_legend(), loc="outside lower center", ncol=5, fontsize=6.5)
    else:
        first.legend(handles=_legend(), loc="upper left", fontsize=5.5)
    return first


def _line(panel: Axes, line: pd.DataFrame, colour: str) -> None:
    """Draw the totals of one count: joined, hollow where they are lower bounds."""
    line = line.sort_values(["period_end", "value"], kind="stable")
    days = day_numbers(line["period_end"])
    values = line["value"].to_numpy(dtype="float64")
    panel.plot(days, values, color=colour, lw=0.6, alpha=0.6)
    for day, value, reading, limit in zip(days, values, line["reading"], line["limit"], strict=True):
        face = "white" if reading in BOUNDS else colour
        panel.plot([day], [value], ls="", marker="^" if limit else "o", ms=4, color=colour, mfc=face, mew=0.9)


def _direct_labels(panel: Axes, group: pd.DataFrame, colours: dict[str, str]) -> None:
    """Name each claimant at its last total, moved apart where two names would stand on each other."""
    last = group.sort_values(["period_end", "value"], kind="stable").groupby("claimant", sort=True).tail(1)
    last = last.sort_values("value", kind="stable")
    top = float(max(group["value"].max(), group["recorded_high"].max()))
    floor = -np.inf
    for row, day in zip(last.to_dict("records"), day_numbers(last["period_end"]), strict=True):
        height = max(float(row["value"]), floor + 0.09 * top)
        floor = height
        panel.annotate(
            fill(str(row["claimant"]).split(" (")[0], LINE_LENGTH),
            (day, height),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=6.5,
            color=colours[row["claimant"]],
        )


def _legend() -> list[Line2D | Patch]:
    mark: dict[str, Any] = {"ls": "", "ms": 4, "color": INK, "mew": 0.9}
    return [
        Patch(color="0.84", label="recorded, low to high"),
        Line2D([], [], color=GREY, lw=0.9, label="recorded, best"),
        Line2D([], [], marker="o", label="published", **mark),
        Line2D([], [], marker="o", mfc="white", label="a lower bound", **mark),
        Line2D([], [], marker="^", label="a part of the dead", **mark),
    ]
