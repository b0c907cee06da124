"""A rate that changes: counts, rate with bands and date sets above, the posterior of a change below, one time axis.

Date sets of independent days are shaded; those of days that may depend on each other are bars. The set to quote is the
darker of the two.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import COLOURS, GREY, INK, axes, day_axis, days_span, lower_part
from casualties.models.changepoints import ChangepointResult
from casualties.results import register_plot

__all__ = ["plot_changepoints"]


@register_plot(ChangepointResult)
def plot_changepoints(result: ChangepointResult, ax: Axes | None = None, *, top: float | None = None) -> Axes:
    """Draw a fitted rate and the posterior probability of a change, day by day.

    Parameters
    ----------
    result : ChangepointResult
        The fit.
    ax : Axes, optional
        Where to draw; its lower part becomes the axis of the posterior.
    top : float, optional
        Upper end of the axis of deaths; days beyond it are marked by an arrow with their figure.

    Returns
    -------
    Axes
        The upper axis.
    """
    ax = axes(ax, height=3.5)
    days = pd.DatetimeIndex(result.observed.index)
    counts = result.observed.to_numpy(dtype="float64", na_value=np.nan)
    below = lower_part(ax)
    changes = result.changes.to_dict("records")
    for number, change in enumerate(changes):
        for panel in (ax, below):
            label = "date set" if panel is ax and number == 0 else ""
            quoted = change["quoted"] == "independent"
            days_span(
                panel,
                change["date_low"],
                change["date_high"],
                facecolor="#f6d9c1" if quoted else "#fbeee2",
                edgecolor=COLOURS[1],
                lw=0.7 if quoted else 0.4,
                zorder=0,
                label=label,
            )
    ax.vlines(days, 0, counts, color="0.6", lw=0.8, label="recorded deaths")
    if len(result.rate):
        rate = result.rate
        level = result.basis.settings.get("level", 0.95)
        band = f"{level:.0%} band"
        ax.fill_between(days, rate["low"], rate["high"], color=COLOURS[0], alpha=0.28, lw=0, label=band)
        ax.plot(days, rate["mean"], color=COLOURS[0], lw=1.4, label="rate")
    _dependent_sets(ax, changes)
    highest = float(np.nanmax(counts, initial=0.0))
    ax.set_ylim(0, top or highest * 1.05 or 1.0)
    for day, count in result.observed[counts > (top or np.inf)].items():
        ax.annotate(f"↑ {count:.0f}", (day, top), xytext=(3, -7), textcoords="offset points", fontsize=6.5, color=GREY)
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=5, loc="lower right", bbox_to_anchor=(1, 1))
    ax.tick_params(labelbottom=False)
    below.vlines(pd.DatetimeIndex(result.probability.index), 0, result.probability.to_numpy(), color=INK, lw=1.1)
    for change in changes:
        peak = float(result.probability.loc[change["date_low"] : change["date_high"]].max())
        below.annotate(
            f"{change['date'].day} {change['date']:%b}",
            (change["date"], peak),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            color=INK,
        )
    peak = float(result.probability.max()) if len(result.probability) else 1.0
    below.set_ylim(0, max(peak * 1.35, 0.05))
    below.set_ylabel("P(change)")
    day_axis(below, days[0], days[-1])
    ax.grid(visible=False, axis="x")
    return ax


def _dependent_sets(ax: Axes, changes: Sequence[Mapping[Hashable, Any]]) -> None:
    """Draw the date sets of dependent days as bars at the top, with a mark at the most probable day of each."""
    half = pd.Timedelta(hours=12)
    at = ax.get_xaxis_transform()
    for number, change in enumerate(changes):
        quoted = change["quoted"] == "dependent"
        height = 0.96 - 0.035 * (number % 2)  # neighbours' sets may share days
        ends = [change["date_low_dependent"] - half, change["date_high_dependent"] + half]
        label = "date set if days depend on each other" if number == 0 else ""
        look: dict[str, Any] = {"color": COLOURS[3], "alpha": 1.0 if quoted else 0.45, "transform": at}
        ax.plot(ends, [height, height], lw=2.2, solid_capstyle="butt", label=label, **look)
        ax.plot([change["date_dependent"]], [height], marker="|", ms=6, mew=1.4, ls="", **look)
