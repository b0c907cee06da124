"""An alarm chart: counts against what was expected, the rules of others as marks, and the sum for a lasting rise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.series import mark_unobserved
from casualties.figures.style import COLOURS, GREY, INK, axes, day_axis, days_span
from casualties.models.alarms import AlarmResult
from casualties.results import register_plot

__all__ = ["plot_alarms"]

_PEERS = {
    "ears_c1": "EARS C1",
    "ears_c2": "EARS C2",
    "ears_c3": "EARS C3",
    "trendfinder": "Trendfinder",
    "hdx_signals": "HDX Signals",
}


@register_plot(AlarmResult)
def plot_alarms(result: AlarmResult, ax: Axes | None = None) -> Axes:
    """Draw each day's count with what was expected of it, and below it peers' alarms and the sum for a lasting rise.

    Parameters
    ----------
    result : AlarmResult
        The fit.
    ax : Axes, optional
        Where to draw; its lower part becomes the axes of the peers' rules and of the sum.

    Returns
    -------
    Axes
        The upper axis.
    """
    ax = axes(ax, height=4.2)
    peers, below = _lower_parts(ax)
    frame = result.days
    days = pd.DatetimeIndex(frame.index)
    counts = frame["count"].to_numpy()
    settings = result.basis.settings
    band = f"{settings['level']:.0%} of such days"
    ax.vlines(days, 0, counts, color="0.6", lw=0.9, label="recorded deaths")
    ax.fill_between(days, frame["low"], frame["high"], color=COLOURS[0], alpha=0.22, lw=0, step="mid", label=band)
    ax.plot(days, frame["expected"], color=COLOURS[0], lw=1.2, label="expected")
    bound = f"alarm at 1 in {1 / settings['rate']:,.0f}"
    ax.plot(days, frame["bound"], color=COLOURS[1], lw=0.9, ls=(0, (4, 2)), drawstyle="steps-mid", label=bound)
    alarms = frame[frame["alarm"].fillna(False).to_numpy(dtype=bool)]
    if len(alarms):
        ax.plot(alarms.index, alarms["count"], "o", color=COLOURS[1], ms=4.5, mec="white", mew=0.6, label="alarm")
        for day, count in alarms["count"].items():
            date = pd.Timestamp(str(day))
            ax.annotate(
                f"{date.day} {date:%b}",
                (date, count),
                xytext=(5, 2),
                textcoords="offset points",
                fontsize=7,
                color=INK,
                bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 0.8},
            )
    # The bound of a volatile record can lie far above all that was recorded; the days keep the room.
    ax.set_ylim(0, float(np.nanmax(counts, initial=0.0)) * 1.2 or 1.0)
    mark_unobserved(ax, frame["count"].notna())
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=5, loc="lower right", bbox_to_anchor=(1, 1), columnspacing=1.2)
    for row, name in enumerate(_PEERS):
        told = frame[name]
        on = days[told.fillna(False).to_numpy(dtype=bool)]
        peers.plot(on, np.full(len(on), row), "|", color=INK, ms=4.5, mew=0.8)
        gone = days[told.isna().to_numpy()]
        peers.plot(gone, np.full(len(gone), row), "s", color="0.88", ms=2.2, mew=0, zorder=0)
    peers.set_yticks(range(len(_PEERS)), list(_PEERS.values()), fontsize=6.5, color=GREY)
    peers.set_ylim(len(_PEERS) - 0.4, -0.6)
    peers.grid(visible=False)
    below.fill_between(days, 0, frame["cusum"], color=COLOURS[2], alpha=0.3, lw=0)
    below.plot(days, frame["cusum"], color=COLOURS[2], lw=1.1)
    below.axhline(1.0, color=INK, lw=0.8, ls=(0, (4, 2)))
    for first, last in _runs(frame["sustained"].fillna(False).to_numpy(dtype=bool)):
        for panel in (ax, below):
            days_span(panel, days[first], days[last], color=COLOURS[2], alpha=0.1, lw=0, zorder=0)
    below.set_ylim(0, max(1.15, float(np.nanmax(frame["cusum"].to_numpy(), initial=0.0)) * 1.1))
    below.set_ylabel("lasting rise\n(threshold 1)")
    for panel in (ax, peers):
        panel.tick_params(labelbottom=False)
    day_axis(below, days[0], days[-1])
    for panel in (ax, peers):
        panel.grid(visible=False, axis="x")
    return ax


def _lower_parts(ax: Axes) -> tuple[Axes, Axes]:
    """Split an axis in three and give the two lower parts, with the same time axis."""
    cell = ax.get_subplotspec()
    if cell is None:  # an axis that stands by no grid keeps its place, and the others are set below it
        return ax.inset_axes((0, -0.38, 1, 0.3), sharex=ax), ax.inset_axes((0, -0.9, 1, 0.45), sharex=ax)
    parts = cell.subgridspec(3, 1, height_ratios=(2.6, 0.8, 1.1), hspace=0.08)
    ax.set_subplotspec(parts[0])
    figure = ax.get_figure(root=False)
    middle, lower = (figure.add_subplot(part, sharex=ax) for part in (parts[1], parts[2]))  # type: ignore[union-attr]
    return middle, lower


def _runs(on: np.ndarray) -> list[tuple[int, int]]:
    """Give the first and last place of each run of true values."""
    edges = np.flatnonzero(np.diff(np.r_[0, np.asarray(on, dtype=int), 0]))
    return [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]
