"""A steady trend: counts by day and the fitted line with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import COLOURS, axes, day_axis
from casualties.models.trend import TrendResult
from casualties.results import register_plot

__all__ = ["plot_trend"]


@register_plot(TrendResult)
def plot_trend(result: TrendResult, ax: Axes | None = None) -> Axes:
    """Draw the counts of a window and the expected count of the fit (weekdays included where they were fitted).

    Parameters
    ----------
    result : TrendResult
        The fit.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.2)
    days = pd.DatetimeIndex(result.observed.index)
    counts = result.observed.to_numpy(dtype="float64", na_value=np.nan)
    ax.vlines(days, 0, counts, color="0.72", lw=1.6, label="recorded deaths")
    if len(result.fitted):
        fitted = result.fitted
        band = f"{result.basis.settings.get('level', 0.95):.0%} interval"
        ax.fill_between(days, fitted["low"], fitted["high"], color=COLOURS[0], alpha=0.25, lw=0, label=band)
        ax.plot(days, fitted["mean"], color=COLOURS[0], lw=1.3, label="expected count")
    ax.set_ylim(bottom=0)
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=3, loc="lower right", bbox_to_anchor=(1, 1))
    day_axis(ax, days[0], days[-1])
    return ax
