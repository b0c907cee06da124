"""An excess: what was recorded and what was expected, cumulated over a window; the gap between them is the excess."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from casualties.estimates import Estimate
from casualties.figures.style import COLOURS, INK, axes, day_axis
from casualties.models.excess import ExcessResult, ReferencesResult
from casualties.results import register_plot

__all__ = ["plot_excess", "plot_references"]


@register_plot(ExcessResult)
def plot_excess(result: ExcessResult, ax: Axes | None = None) -> Axes:
    """Draw recorded and expected deaths of a window, cumulated, with the interval of what was to be expected.

    Parameters
    ----------
    result : ExcessResult
        The answer.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax)
    curve = result.curve
    if not isinstance(result.excess, Estimate):
        return _without(ax, str(result.excess))
    days = pd.DatetimeIndex(curve.index)
    ax.fill_between(
        days, curve["expected"], curve["observed"], color=COLOURS[1], alpha=0.16, lw=0, label="excess (or deficit)"
    )
    ax.fill_between(
        days,
        curve["observed"] - curve["high"],
        curve["observed"] - curve["low"],
        color=COLOURS[0],
        alpha=0.28,
        lw=0,
        label=f"{result.excess.level:.0%} interval",
    )
    ax.plot(days, curve["expected"], color=COLOURS[0], lw=1.3, label="expected")
    ax.plot(days, curve["observed"], color=INK, lw=1.4, label="recorded")
    excess = result.excess
    ax.annotate(
        f"{excess.value:+,.0f} ({excess.low:+,.0f} to {excess.high:+,.0f})".replace("-", "−"),
        (0.015, 0.94),
        xycoords="axes fraction",
        va="top",
        color=INK,
    )
    ax.set_ylim(bottom=0)
    ax.set_ylabel("recorded deaths, cumulated")
    ax.legend(ncol=4, loc="lower right", bbox_to_anchor=(1, 1))
    day_axis(ax, days[0], days[-1])
    return ax


@register_plot(ReferencesResult)
def plot_references(result: ReferencesResult, ax: Axes | None = None) -> Axes:
    """Draw the excess cumulated over a window, against each reference period.

    Parameters
    ----------
    result : ReferencesResult
        The answers.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax)
    shown = {label: answer for label, answer in result.results.items() if len(answer.curve)}
    if not shown:
        return _without(ax, str(next(iter(result.results.values())).excess))
    for number, (label, answer) in enumerate(shown.items()):
        colour, curve = COLOURS[number % len(COLOURS)], answer.curve
        days = pd.DatetimeIndex(curve.index)
        ax.fill_between(days, curve["low"], curve["high"], color=colour, alpha=0.22, lw=0)
        ax.plot(days, curve["excess"], color=colour, lw=1.4, label=f"against {label}")
    ax.axhline(0, color=INK, lw=0.7)
    ax.set_ylabel("excess recorded deaths, cumulated")
    ax.legend(loc="upper left")
    day_axis(ax, days[0], days[-1])
    return ax


def _without(ax: Axes, words: str) -> Axes:
    """Say in place of a picture why there is none."""
    ax.set_axis_off()
    ax.text(0, 0.5, words, transform=ax.transAxes, color=INK, wrap=True)
    return ax
