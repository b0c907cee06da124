"""A daily series: a bar a day, the seven-day mean, days without an observation hatched."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import COLOURS, INK, axes, day_axis, days_span, shade
from casualties.series import DailySeries

__all__ = ["mark_unobserved", "plot_series"]


def plot_series(
    series: DailySeries,
    ax: Axes | None = None,
    *,
    part: DailySeries | None = None,
    spans: Mapping[str, tuple[str, str]] | None = None,
) -> Axes:
    """Draw recorded deaths by day.

    Parameters
    ----------
    series : DailySeries
        The series.
    ax : Axes, optional
        Where to draw.
    part : DailySeries, optional
        A part of the same deaths over the same days (e.g. civilians), drawn within the bars.
    spans : mapping of str to (str, str), optional
        Periods to shade: label to first and last day.

    Returns
    -------
    Axes
    """
    ax = axes(ax)
    days = series.frame.index
    whom = "all" if series.victims == "all" else series.whom
    ax.fill_between(days, np.nan_to_num(series.counts), step="mid", color=COLOURS[0], alpha=0.32, lw=0, label=whom)
    if part is not None:
        counts = np.nan_to_num(part.counts)
        ax.fill_between(part.frame.index, counts, step="mid", color="#a8480c", lw=0, label=part.whom)
    mean = pd.Series(series.counts, index=days).rolling(7, center=True, min_periods=4).mean()
    ax.plot(days, mean, color=INK, lw=1.2, label=f"seven-day mean, {whom}")
    mark_unobserved(ax, series.frame["observed"])
    shade(ax, spans or {})
    ax.set_ylim(bottom=0)
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=4, loc="lower right", bbox_to_anchor=(1, 1))
    day_axis(ax, series.start, series.end)
    return ax


def mark_unobserved(ax: Axes, observed: pd.Series) -> None:
    """Hatch the days without an observation, so that none of them reads as zero."""
    gone = ~observed.to_numpy(dtype=bool)
    if not gone.any():
        return
    edges = np.flatnonzero(np.diff(np.r_[0, gone.astype(int), 0]))
    for number, (first, last) in enumerate(zip(edges[::2], edges[1::2], strict=True)):
        label = "not observed" if number == 0 else ""
        look = {"facecolor": "none", "edgecolor": "0.8", "hatch": "////", "lw": 0, "zorder": 0, "label": label}
        days_span(ax, observed.index[first], observed.index[last - 1], **look)
