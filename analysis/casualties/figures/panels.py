"""Small multiples: one axis split into a grid of panels, by itself or within the figure that it stands in."""

from __future__ import annotations

import math
from typing import Any

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import WIDTH, use_style

__all__ = ["day_marks", "day_numbers", "panels"]


def panels(ax: Axes | None, count: int, *, columns: int = 2, height: float = 1.9) -> list[Axes]:
    """Give a number of panels, row by row.

    Parameters
    ----------
    ax : Axes or None
        The axis whose place they take; None makes a figure of the report's width.
    count : int
        How many.
    columns : int, optional
        Panels side by side at most.
    height : float, optional
        Of a row of a new figure, in inches.
    """
    across = max(min(columns, count), 1)
    down = max(math.ceil(count / across), 1)
    if ax is None:
        use_style()
        _, grid = plt.subplots(down, across, figsize=(WIDTH, height * down + 0.5), layout="constrained", squeeze=False)
        made = list(grid.ravel())
        for spare in made[count:]:
            spare.remove()
        return made[:count] or made
    if count <= 1:
        return [ax]
    ax.set_axis_off()
    cell = ax.get_subplotspec()
    figure = ax.get_figure(root=False)
    if cell is None or figure is None:  # an axis that stands by no grid holds the panels inside itself
        wide, tall = 1 / across, 1 / down
        return [
            ax.inset_axes((at % across * wide, 1 - (at // across + 1) * tall, wide * 0.88, tall * 0.78))
            for at in range(count)
        ]
    grid_spec = cell.subgridspec(down, across, hspace=0.35, wspace=0.25)
    return [figure.add_subplot(grid_spec[at // across, at % across]) for at in range(count)]


def day_numbers(days: pd.Series[pd.Timestamp]) -> np.ndarray:
    """Give days as matplotlib counts them."""
    dates: Any = mdates
    return np.asarray(dates.date2num(days), dtype=float)


def day_marks(panel: Axes, start: pd.Timestamp, end: pd.Timestamp, *, margins: tuple[float, float] = (0, 0)) -> None:
    """Mark the first, the middle and the last day of a small panel.

    Parameters
    ----------
    panel : Axes
        The panel.
    start, end : Timestamp
        Its days.
    margins : (float, float), optional
        Room at the left and at the right, as shares of the days between.
    """
    dates: Any = mdates
    first, last = (float(day) for day in day_numbers(pd.Series([start, end])))
    width = max(last - first, 2.0)
    panel.set_xlim(first - margins[0] * width, last + margins[1] * width)
    marks = np.linspace(first, first + width, 3).round()
    panel.set_xticks(marks, [f"{day.day} {day:%b}" for day in map(dates.num2date, marks)])
