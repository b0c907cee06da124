"""Forecasts: the days known, the fan of the days ahead and what came; past forecasts beside what they promised."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casualties.estimates import Estimate
from casualties.figures.style import COLOURS, GREY, INK, axes, day_axis, lower_part
from casualties.models.forecast import ForecastResult
from casualties.models.track_record import TrackRecord
from casualties.results import register_plot
from casualties.series import DailySeries

__all__ = ["plot_forecast", "plot_track_record"]

_ABOVE_LEGEND = 20  # points between axis and title, so that the legend has a line of its own
_EPOCH, _DAY = pd.Timestamp("1970-01-01"), pd.Timedelta(days=1)  # of matplotlib's numbers for days
_BANDS = ((95, "#d9e3ee"), (80, "#aec3d8"), (50, "#7f9fc0"))  # each covers the middle of the one before


@register_plot(ForecastResult)
def plot_forecast(
    result: ForecastResult,
    ax: Axes | None = None,
    *,
    record: TrackRecord | None = None,
    came: DailySeries | None = None,
    before: int = 70,
) -> Axes:
    """Draw the last days known and the fan of the days ahead, with the track record below where it is given.

    Parameters
    ----------
    result : ForecastResult
        The forecast.
    ax : Axes, optional
        Where to draw; with a record, its lower part becomes the axis of past forecasts.
    record : TrackRecord, optional
        Past forecasts of the same series.
    came : DailySeries, optional
        A later series, whose days ahead are drawn as what came.
    before : int, optional
        Days known that are drawn.

    Returns
    -------
    Axes
        The axis of the fan.
    """
    ax = axes(ax, height=4.6 if record is not None else 2.5)
    if record is not None:
        plot_track_record(record, lower_part(ax, (1, 1), shared=False, gap=0.35))
    known = result.observed.iloc[-before:]
    days = pd.DatetimeIndex(known.index)
    ax.vlines(days, 0, known.to_numpy(dtype=float), color="0.55", lw=1.3, label="recorded deaths")
    last = days[-1]
    tops = [float(np.nanmax(known.to_numpy(dtype=float), initial=0.0))]
    if len(result.days):
        ahead = result.days
        last = pd.Timestamp(ahead.index[-1])
        for level, shade in _BANDS:
            low, high = ahead[f"low_{level}"], ahead[f"high_{level}"]
            ax.fill_between(ahead.index, low, high, step="mid", color=shade, lw=0, label=f"{level} %")
        ax.step(ahead.index, ahead["median"], where="mid", color=COLOURS[0], lw=1.4, label="median")
        tops.append(float(ahead["high_95"].max()))
        ax.axvline((days[-1] - _EPOCH) / _DAY + 0.5, color=GREY, lw=0.8, ls=(0, (4, 2)))
        if came is not None:
            later = pd.Series(came.counts, index=came.frame.index).reindex(ahead.index)
            ax.plot(later.index, later, "o", ms=3.2, color=COLOURS[1], label="what came")
            tops.append(float(np.nanmax(later.to_numpy(dtype=float), initial=0.0)))
    if isinstance(result.total, Estimate):
        told = result.total
        text = f"{told.value:,.0f} in {result.horizon} days ({told.low:,.0f}–{told.high:,.0f}, {told.level:.0%})"
        ax.set_title(text, pad=_ABOVE_LEGEND)
    else:
        ax.set_title(str(result.total), pad=_ABOVE_LEGEND)
    ax.set_ylim(0, max(tops) * 1.05 or 1.0)
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=6, loc="lower right", bbox_to_anchor=(1, 1), columnspacing=1.0, handlelength=1.4)
    day_axis(ax, days[0], last)
    return ax


@register_plot(TrackRecord)
def plot_track_record(result: TrackRecord, ax: Axes | None = None) -> Axes:
    """Draw past forecasts of the total, each over the days it was for, and what came.

    Parameters
    ----------
    result : TrackRecord
        The past forecasts.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.4)
    days = pd.DatetimeIndex(result.observed.index)
    horizon = int(result.basis.settings["horizon"])
    made = result.origins
    if len(made):
        middle = (((made["date"] - _EPOCH) / _DAY) + (horizon + 1) / 2).to_numpy(dtype=float)
        width = 0.8 * min(horizon, int(result.basis.settings["every"]))
        for level, shade in _BANDS:
            low, high = made[f"low_{level}"], made[f"high_{level}"]
            ax.bar(middle, high - low, width, low, color=shade, lw=0, label=f"{level} %")
        ax.hlines(made["median"], middle - width / 2, middle + width / 2, color=COLOURS[0], lw=1.2, label="median")
        outside = ((made["came"] < made["low_95"]) | (made["came"] > made["high_95"])).to_numpy()
        for beyond, look in ((False, {"mfc": INK}), (True, {"mfc": "white", "mew": 1.3})):
            chosen = outside == beyond
            if chosen.any():
                label = "what came, beyond 95 %" if beyond else "what came"
                colour = COLOURS[1] if beyond else INK
                ax.plot(middle[chosen], made["came"][chosen], "o", ms=4, mec=colour, label=label, **look)
        ax.set_yscale("symlog", linthresh=10.0)
        lowest = float(min(made["low_95"].min(), made["came"].min()))
        ax.set_ylim(bottom=0.6 * lowest if lowest > 10.0 else 0.0)
        pool = result.scores.iloc[0]
        held = f"80 % held {pool['total_80']:.0%}, 95 % held {pool['total_95']:.0%}"
        ax.set_title(f"{len(made)} past forecasts: {held}", pad=_ABOVE_LEGEND)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        ax.legend(ncol=6, loc="lower right", bbox_to_anchor=(1, 1), columnspacing=1.0, handlelength=1.4)
        first = pd.Timestamp(made["date"].iloc[0])
    else:
        ax.set_title(str(result.skill), pad=_ABOVE_LEGEND)
        first = days[0]
    ax.set_ylabel(f"deaths in {horizon} days")
    day_axis(ax, first, days[-1])
    return ax
