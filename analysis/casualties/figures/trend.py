"""A steady trend with its fitted line, and growth through time, window by window."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import COLOURS, GREY, axes, day_axis, lower_part
from casualties.models.rolling_trend import RollingTrendResult
from casualties.models.trend import TrendResult
from casualties.results import register_plot

__all__ = ["plot_rolling_trend", "plot_trend"]


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
    days = _counts(ax, result.observed)
    if len(result.fitted):
        fitted = result.fitted
        band = f"{result.basis.settings.get('level', 0.95):.0%} interval"
        ax.fill_between(days, fitted["low"], fitted["high"], color=COLOURS[0], alpha=0.25, lw=0, label=band)
        ax.plot(days, fitted["mean"], color=COLOURS[0], lw=1.3, label="expected count")
        # A wide band would push the counts into the ground.
        ax.set_ylim(top=max(1.15 * float(np.nanmax(result.observed)), 1.6 * float(fitted["mean"].max())))
    ax.set_ylim(bottom=0)
    ax.legend(ncol=3, loc="lower right", bbox_to_anchor=(1, 1))
    day_axis(ax, days[0], days[-1])
    return ax


@register_plot(RollingTrendResult)
def plot_rolling_trend(result: RollingTrendResult, ax: Axes | None = None) -> Axes:
    """Draw the counts, and below them growth and P(rising) of the window that ends on each day.

    Parameters
    ----------
    result : RollingTrendResult
        The fits.
    ax : Axes, optional
        Where to draw; its lower part becomes the axis of the growth.

    Returns
    -------
    Axes
        The upper axis.
    """
    ax = axes(ax, height=3.7)
    below = lower_part(ax, (1, 1.5))
    days = _counts(ax, result.observed)
    ax.set_ylim(bottom=0)
    ax.tick_params(labelbottom=False)
    curve, level = result.curve, result.basis.settings.get("level", 0.95)
    below.axhline(0, color=GREY, lw=0.7)
    below.fill_between(
        curve.index, curve["low"], curve["high"], color=COLOURS[0], alpha=0.25, lw=0, label=f"{level:.0%} interval"
    )
    below.plot(curve.index, curve["growth"], color=COLOURS[0], lw=1.4, label=f"growth over {result.window} days")
    sure = 0.5 + level / 2.0
    for label, share, colour in (
        (f"P(rising) > {sure:.3g}", curve["p_rising"], COLOURS[1]),
        (f"P(falling) > {sure:.3g}", 1.0 - curve["p_rising"], COLOURS[2]),
    ):
        below.plot(curve.index, curve["growth"].where(share > sure), color=colour, lw=2.6, label=label)
    if curve["growth"].notna().any():
        reach = 1.25 * float(np.nanquantile(np.abs(curve[["low", "high"]].to_numpy()), 0.95))
        below.set_ylim(-reach, reach)
    below.set_ylabel("growth per day")
    handles = [both for part in (ax, below) for both in zip(*part.get_legend_handles_labels(), strict=True)]
    ax.legend(*zip(*handles, strict=True), ncol=5, loc="lower right", bbox_to_anchor=(1, 1), columnspacing=1.2)
    day_axis(below, days[0], days[-1])
    ax.grid(visible=False, axis="x")
    return ax


def _counts(ax: Axes, observed: pd.Series) -> pd.DatetimeIndex:
    """Draw the counts of each day and give the days."""
    days = pd.DatetimeIndex(observed.index)
    counts = observed.to_numpy(dtype="float64", na_value=np.nan)
    ax.vlines(days, 0, counts, color="0.72", lw=1.6 if len(days) < 200 else 0.8, label="recorded deaths")
    ax.set_ylabel("recorded deaths per day")
    return days
