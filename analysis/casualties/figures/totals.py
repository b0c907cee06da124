"""Deaths by period and category: a grid of shades with the figures written in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import INK, axes
from casualties.results import register_plot
from casualties.totals import Breakdown

__all__ = ["plot_breakdown"]


@register_plot(Breakdown)
def plot_breakdown(result: Breakdown, ax: Axes | None = None, *, names: Mapping[str, str] | None = None) -> Axes:
    """Draw a breakdown as a grid: categories down, periods across, darker for more deaths (square-root scale).

    Parameters
    ----------
    result : Breakdown
        The table, one column a category.
    ax : Axes, optional
        Where to draw.
    names : mapping of str to str, optional
        How to print each category.

    Returns
    -------
    Axes
    """
    table = result.frame.drop(columns="all")
    table = table[table.sum().sort_values(ascending=False, kind="stable").index]
    values = table.to_numpy(dtype="float64", na_value=np.nan).T
    ax = axes(ax, height=0.55 + 0.34 * len(values))
    if not len(values):
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no recorded deaths", ha="center", va="center", color=INK, transform=ax.transAxes)
        return ax
    ax.imshow(np.sqrt(values), aspect="auto", cmap="Blues", interpolation="nearest", vmin=0)
    dark = np.sqrt(np.nanmax(values, initial=0)) * 0.55
    for row, column in np.ndindex(*values.shape):
        value = values[row, column]
        colour = "white" if np.sqrt(value) > dark else INK
        text = "–" if np.isnan(value) else f"{value:,.0f}"
        ax.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
    shown = [(names or {}).get(str(name), str(name)) for name in table.columns]
    ax.set_yticks(range(len(shown)), shown)
    days = pd.DatetimeIndex(table.index)
    form = "%b" if result.basis.settings.get("frequency", "month") == "month" else "%d %b"
    new_year = np.r_[True, np.diff(days.year) > 0]
    periods = [day.strftime(f"{form}\n%Y" if new else form) for day, new in zip(days, new_year, strict=True)]
    ax.set_xticks(range(len(periods)), periods)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax
