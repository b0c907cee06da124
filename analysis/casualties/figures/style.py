"""One look for all figures: typeface, colours that hold in grey and for the colour-blind, and time axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fontpkg
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes

__all__ = ["COLOURS", "GREY", "INK", "WIDTH", "axes", "day_axis", "days_span", "lower_part", "shade", "use_style"]

WIDTH = 6.7
INK = "#1b2a3a"
GREY = "#6b7480"
# Blue, vermilion and green of different lightness, so that they part in grey as well.
COLOURS = ("#0b4f8a", "#d5752d", "#3a7d55", "#8c5a9e")
FAMILY = "IBM Plex Sans Arabic"


def use_style() -> None:
    """Set matplotlib's defaults for the package: typeface (Latin and Arabic), sizes, grid, fixed ids in SVG."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    if FAMILY not in known:
        for file in fontpkg.family(FAMILY).files:
            font_manager.fontManager.addfont(str(file.path))
    plt.rcParams.update(
        {
            "font.family": [FAMILY, "DejaVu Sans"],
            "font.size": 8,
            "axes.titlesize": 8.5,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.labelcolor": INK,
            "axes.edgecolor": GREY,
            "axes.unicode_minus": True,
            "grid.color": "0.9",
            "grid.linewidth": 0.6,
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.fontsize": 7.5,
            "legend.frameon": False,
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "svg.hashsalt": "casualties",
            "svg.fonttype": "path",
        }
    )


def axes(ax: Axes | None, height: float = 2.6) -> Axes:
    """Give the axis to draw on: the one given, or a new one of the report's width (inches)."""
    if ax is not None:
        return ax
    use_style()
    _, made = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    return made


def lower_part(ax: Axes, heights: tuple[float, float] = (2.4, 1.0), *, shared: bool = True, gap: float = 0.1) -> Axes:
    """Split an axis in two of given relative heights and give the lower part.

    Parameters
    ----------
    ax : Axes
        The axis; it becomes the upper part.
    heights : (float, float), optional
        Of the upper and the lower part.
    shared : bool, optional
        Whether both have one time axis.
    gap : float, optional
        Between the two, in heights of the upper, where the axis stands by no grid.
    """
    time = ax if shared else None
    cell = ax.get_subplotspec()
    if cell is None:  # an axis that stands by no grid keeps its place, and the lower part is set below it
        return ax.inset_axes((0, -gap - heights[1] / heights[0], 1, heights[1] / heights[0]), sharex=time)
    parts = cell.subgridspec(2, 1, height_ratios=heights, hspace=0.08)
    ax.set_subplotspec(parts[0])
    return ax.get_figure(root=False).add_subplot(parts[1], sharex=time)  # type: ignore[union-attr]


def day_axis(ax: Axes, start: pd.Timestamp, end: pd.Timestamp) -> None:
    """Set a time axis from a first to a last day, with years, months, Mondays or days as marks."""
    ax.set_xlim(*_edges(start, end))
    days = (end - start).days
    axis: Any = mdates
    if days > 1100:
        locator, shown = axis.YearLocator(), axis.DateFormatter("%Y")
    elif days > 60:
        locator = axis.MonthLocator(interval=max(1, round(days / 450)))
        shown = axis.ConciseDateFormatter(locator, formats=["%b\n%Y", "%b", "%d", "", "", ""], show_offset=False)
    elif days > 14:
        locator, shown = axis.WeekdayLocator(byweekday=0), axis.DateFormatter("%d %b")
    else:
        locator, shown = axis.DayLocator(interval=1 if days < 7 else 2), axis.DateFormatter("%d %b")
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(shown)
    if 14 < days <= 1100 and start.year == end.year:
        # No mark names the year where the axis passes no January.
        ax.annotate(
            f"{start.year}", (1, 0), xycoords="axes fraction", xytext=(0, -26), textcoords="offset points", ha="right"
        )
    ax.grid(visible=False, axis="x")


def days_span(ax: Axes, first: pd.Timestamp, last: pd.Timestamp, **look: Any) -> None:
    """Mark the days from a first to a last one, each from its midnight-to-midnight centre outwards."""
    ax.axvspan(*_edges(first, last), **look)


def shade(ax: Axes, spans: Mapping[str, tuple[str, str]]) -> None:
    """Shade named periods (label to first and last day), their names at the top of the axis."""
    for label, (start, end) in spans.items():
        first, last = pd.Timestamp(start), pd.Timestamp(end)
        days_span(ax, first, last, color="0.5", alpha=0.12, lw=0, zorder=0)
        ax.annotate(
            label,
            (first + (last - first) / 2, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, -2),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7,
            color=GREY,
        )


def _edges(first: pd.Timestamp, last: pd.Timestamp) -> tuple[float, float]:
    """Give the ends of a span of whole days, in matplotlib's days: a day is drawn around its midnight."""
    epoch, day = pd.Timestamp("1970-01-01"), pd.Timedelta(days=1)
    return (first - epoch) / day - 0.5, (last - epoch) / day + 0.5
