"""The strip of verdicts: what each judge said week by week, below the deaths as they are known now."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import COLOURS, GREY, INK, axes, lower_part
from casualties.results import register_plot
from casualties.verdict.decision import DE_ESCALATING, ESCALATING, NO_DETECTABLE, NOT_ENOUGH
from casualties.verdict.replay import ALARM, CANNOT, JUDGES, QUIET, Replay

__all__ = ["plot_replay"]

# Colour and letter of what is said: the letter reads in grey too.
_LOOKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        ESCALATING: (COLOURS[0], "E"),
        DE_ESCALATING: (COLOURS[1], "D"),
        ALARM: (COLOURS[0], "A"),
        NO_DETECTABLE: ("0.88", ""),
        QUIET: ("0.88", ""),
        NOT_ENOUGH: ("white", "?"),
        CANNOT: ("white", "?"),
    }
)


@register_plot(Replay)
def plot_replay(replay: Replay, ax: Axes | None = None) -> Axes:
    """Draw what each judge said on each day, below the deaths as they are known now.

    Parameters
    ----------
    replay : Replay
        The replay.
    ax : Axes, optional
        Where to draw; its lower part takes the strip.

    Returns
    -------
    Axes
        That of the deaths.
    """
    ax = axes(ax, height=3.6)
    strip = lower_part(ax, (1.0, 1.3))
    counts = replay.series
    ax.bar(counts.index, counts.to_numpy(dtype=float), width=1.0, color=GREY, lw=0)
    ax.set_ylabel("deaths a day")
    if replay.rise is not None:
        ax.axvspan(replay.rise["date_low"], replay.rise["date_high"], color=COLOURS[1], alpha=0.25, lw=0)
        ax.axvline(replay.rise["date"], color=COLOURS[1], lw=1.0)
    dates = pd.DatetimeIndex(sorted(set(replay.frame["date"])))
    width = (dates[1:] - dates[:-1]).min() if len(dates) > 1 else pd.Timedelta(days=7)
    days = width / pd.Timedelta(days=1)
    for row, judge in enumerate(JUDGES):
        for said in replay.frame[replay.frame["judge"] == judge].to_dict("records"):
            colour, letter = _LOOKS[said["says"]]
            end = _number(said["date"])
            strip.barh(row, days, left=end - days, height=0.78, color=colour, ec="white", lw=0.6)
            ink = INK if colour == "white" else "white"
            strip.text(end - days / 2, row, letter, ha="center", va="center", fontsize=5, color=ink)
    strip.set_yticks(range(len(JUDGES)), labels=JUDGES, fontsize=6.5)
    strip.set_ylim(len(JUDGES) - 0.5, -0.5)
    strip.set_xlim(_number(dates[0] - width), _number(dates[-1]))
    strip.grid(visible=False)
    strip.set_xlabel("E escalating, D de-escalating, A alarm, grey neither; each field ends on the day it was said")
    return ax


def _number(day: pd.Timestamp) -> float:
    """Give a day as the axis counts it."""
    return float(mdates.date2num(day))  # type: ignore[no-untyped-call]
