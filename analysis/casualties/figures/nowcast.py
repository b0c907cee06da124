"""A nowcast: what is reported of recent days, and hatched above it what is still to be reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import COLOURS, INK, axes, day_axis
from casualties.models.nowcast import NowcastResult
from casualties.results import register_plot

__all__ = ["plot_nowcast"]

_SHOWN = 28


@register_plot(NowcastResult)
def plot_nowcast(result: NowcastResult, ax: Axes | None = None, *, rows: int = _SHOWN) -> Axes:
    """Draw the last rows of a triangle: reported deaths, the part still to be reported hatched, with its interval.

    Parameters
    ----------
    result : NowcastResult
        The nowcast.
    ax : Axes, optional
        Where to draw.
    rows : int, optional
        How many of the last rows to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.4)
    reported = result.reported.iloc[-rows:]
    if not len(result.days):
        ax.set_axis_off()
        ax.text(0, 0.5, str(result.total), transform=ax.transAxes, color=INK, wrap=True)
        return ax
    days = pd.DatetimeIndex(reported.index)
    step = pd.Timedelta(days=7 if result.basis.settings.get("unit") == "week" else 1)
    width = 0.8 * step / pd.Timedelta(days=1)
    ax.bar(days, reported.to_numpy(), width=width, color="0.72", label="reported")
    open_rows = result.days[result.days.index >= days[0]]
    at = pd.DatetimeIndex(open_rows.index)
    still = np.maximum(open_rows["mean"].to_numpy() - open_rows["reported"].to_numpy(), 0.0)
    ax.bar(
        at,
        still,
        bottom=open_rows["reported"].to_numpy(),
        width=width,
        facecolor="none",
        edgecolor=COLOURS[0],
        hatch="//////",
        lw=0.6,
        label="expected still to come",
    )
    level = result.basis.settings.get("level", 0.95)
    ends = (open_rows["low"].to_numpy(), open_rows["high"].to_numpy())
    ax.vlines(at, *ends, color=COLOURS[0], lw=1.1, label=f"{level:.0%} interval of the final count")
    ax.plot(at, open_rows["chain_ladder"], "x", color=COLOURS[1], ms=4, label="chain ladder")
    ax.set_ylim(bottom=0)
    ax.set_ylabel("recorded deaths per " + ("week" if step.days == 7 else "day"))
    ax.legend(ncol=4, loc="lower right", bbox_to_anchor=(1, 1))
    day_axis(ax, days[0], days[-1])
    return ax
