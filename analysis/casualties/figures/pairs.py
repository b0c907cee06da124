"""Two sources on the days that both have: their figures in time, days that only one has left open."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from casualties.comparison.agreement import PairResult
from casualties.figures.style import COLOURS, GREY, axes, day_axis
from casualties.results import register_plot

__all__ = ["plot_pair"]


@register_plot(PairResult)
def plot_pair(result: PairResult, ax: Axes | None = None) -> Axes:
    """Draw both sources' figures on each shared day, joined by a line.

    Parameters
    ----------
    result : PairResult
        The comparison.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.5)
    days = result.days
    dates = pd.DatetimeIndex(days.index)
    first, second = result.names
    ax.vlines(dates, days[["a", "b"]].min(axis=1), days[["a", "b"]].max(axis=1), color=GREY, lw=0.8)
    ax.plot(dates, days["a"], ls="", marker="o", ms=3.2, color=COLOURS[0], label=first)
    ax.plot(dates, days["b"], ls="", marker="D", ms=3.0, color=COLOURS[1], mfc="white", mew=1, label=second)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=2, loc="lower right", bbox_to_anchor=(1, 1))
    start, end = pd.Timestamp(result.basis.start), pd.Timestamp(result.basis.end)
    if start <= end:
        day_axis(ax, start, end)
    return ax
