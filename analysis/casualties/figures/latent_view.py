"""The deaths behind several sources as a model sees them: their rate, the sources' drift, and what drift would do."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator, StrMethodFormatter

from casualties.comparison.latent_view import LatentViewResult
from casualties.estimates import Estimate
from casualties.figures.style import COLOURS, GREY, INK, axes, day_axis, lower_part
from casualties.inference.reporting_drift import DRIFT_DAYS
from casualties.results import register_plot

__all__ = ["plot_coverage_drift", "plot_latent_view", "plot_tipping"]

_MARKERS = ("o", "D", "s", "^", "v", "P")
# Marks of an axis of factors, for a short range and a long one.
_SHORT = 1.8
_CLOSE = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7)
_APART = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0)
_LIGHT, _DARK = "#d9e3ee", "#aec3d8"


@register_plot(LatentViewResult)
def plot_latent_view(result: LatentViewResult, ax: Axes | None = None, *, parts: bool = True) -> Axes:
    """Draw the expected deaths of each day with their band, the sources' counts beside them.

    Parameters
    ----------
    result : LatentViewResult
        The model's view.
    ax : Axes, optional
        Where to draw.
    parts : bool, optional
        Whether to draw the sources' drift (where there are several) and the tipping curve below.

    Returns
    -------
    Axes
        The axis of the days.
    """
    several = bool(len(result.courses))
    ax = axes(ax, height=(6.6 if several else 4.8) if parts else 2.6)
    if parts:
        below = lower_part(ax, (1.25, 2.2 if several else 1.1), shared=False, gap=0.3)
        if several:
            plot_tipping(result, lower_part(below, (1, 1), shared=False, gap=0.45))
            plot_coverage_drift(result, below)
        else:
            plot_tipping(result, below)
    days, level = result.days, result.basis.settings["level"]
    if len(days):
        dates = pd.DatetimeIndex(days.index)
        ax.fill_between(
            dates, days["drift_low"], days["drift_high"], color=_LIGHT, lw=0, label=f"{level:.0%}, shared drift allowed"
        )
        ax.fill_between(
            dates, days["expected_low"], days["expected_high"], color=_DARK, lw=0, label=f"{level:.0%}, no shared drift"
        )
        ax.plot(dates, days["expected"], color=INK, lw=1.3, label="expected, model")
    for place, name in enumerate(result.names):
        counts = result.counts[name]
        ax.plot(
            counts.index,
            counts,
            ls="",
            marker=_MARKERS[place % len(_MARKERS)],
            ms=2.8,
            color=COLOURS[place % len(COLOURS)],
            mfc="none" if place % 2 else None,
            mew=0.9,
            label=name,
        )
    ax.set_ylim(0, float(np.nanmax(result.counts.to_numpy(dtype=float), initial=1.0)) * 1.05)
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    day_axis(ax, pd.Timestamp(result.basis.start), pd.Timestamp(result.basis.end))
    return ax


def plot_coverage_drift(result: LatentViewResult, ax: Axes | None = None) -> Axes:
    """Draw each source's coverage against the geometric mean of the sources, with its band.

    Parameters
    ----------
    result : LatentViewResult
        The model's view.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.2)
    courses = result.courses
    for name, course in courses.groupby("source", sort=False):
        colour = COLOURS[result.names.index(str(name)) % len(COLOURS)]
        style = ("-", (0, (4, 2)), (0, (1, 1.5)), "-.")[result.names.index(str(name)) % 4]
        ax.fill_between(course["date"], course["low"], course["high"], color=colour, alpha=0.18, lw=0)
        ax.plot(course["date"], course["coverage"], color=colour, lw=1.3, ls=style, label=str(name))
    ax.axhline(1.0, color=GREY, lw=0.8)
    _factors(ax, "y")
    ax.set_ylabel("coverage / mean")
    ax.legend(ncol=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    day_axis(ax, pd.Timestamp(result.basis.start), pd.Timestamp(result.basis.end))
    return ax


def plot_tipping(result: LatentViewResult, ax: Axes | None = None) -> Axes:
    """Draw the growth a day for each factor by which the coverage of all sources may change together.

    Parameters
    ----------
    result : LatentViewResult
        The model's view.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.2)
    curve = result.curve
    if not len(curve):
        ax.set_title(str(result.growth))
        return ax
    ax.set_xscale("log")
    ax.fill_between(curve["factor"], curve["low"], curve["high"], color=_DARK, lw=0)
    ax.plot(curve["factor"], curve["growth"], color=INK, lw=1.3)
    ax.axhline(0.0, color=GREY, lw=0.8)
    declared = float(result.basis.settings["common"])
    ax.axvline(declared, color=COLOURS[0], lw=1.0, ls=(0, (4, 2)), label=f"declared: {declared:g}")
    if isinstance(result.tipping, Estimate) and result.tipping.value <= float(curve["factor"].iloc[-1]):
        ax.axvline(
            result.tipping.value, color=COLOURS[1], lw=1.3, label=f"interval holds 0 from {result.tipping.value:.2g}"
        )
    _factors(ax, "x")
    ax.set_xlim(1.0, float(curve["factor"].iloc[-1]))
    ax.set_xlabel(f"change of all sources' coverage that is allowed for (factor over {DRIFT_DAYS} days)")
    ax.set_ylabel("growth a day")
    ax.legend(ncol=2, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    return ax


def _factors(ax: Axes, which: str) -> None:
    """Make an axis one of factors, with plain numbers at marks that lie close enough for its range."""
    low, high = ax.get_ylim() if which == "y" else ax.get_xlim()
    if which == "y":
        ax.set_yscale("log")
    axis = ax.yaxis if which == "y" else ax.xaxis
    marks = _CLOSE if high / low < _SHORT else _APART
    axis.set_ticks([mark for mark in marks if low <= mark <= high])
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_locator(NullLocator())
