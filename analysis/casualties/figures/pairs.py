"""Two sources on the days that both have: their figures in time, their ratio through time, and where they disagree."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from casualties.comparison.agreement import PairResult
from casualties.comparison.ratio_course import ROLLING_DAYS, RatioCourse
from casualties.estimates import Estimate, NotEstimable
from casualties.figures.style import COLOURS, GREY, INK, axes, day_axis
from casualties.results import register_plot

__all__ = ["plot_disagreement", "plot_lags", "plot_pair", "plot_ratio_course"]

# Marks of a ratio axis, of which those in reach are shown.
_MARKS = (0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
# An interval may draw the axis out so far beyond the ratios themselves, as a factor.
_ROOM = 2.0


@register_plot(PairResult)
def plot_pair(result: PairResult, ax: Axes | None = None) -> Axes:
    """Draw both sources' figures on each shared day, joined by a line.

    Parameters
    ----------
    result : PairResult
        The comparison.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.5)
    days = result.days
    dates = pd.DatetimeIndex(days.index)
    first, second = result.names
    ax.vlines(dates, days[["a", "b"]].min(axis=1), days[["a", "b"]].max(axis=1), color=GREY, lw=0.8)
    ax.plot(dates, days["a"], ls="", marker="o", ms=3.2, color=COLOURS[0], label=first)
    ax.plot(dates, days["b"], ls="", marker="D", ms=3.0, color=COLOURS[1], mfc="white", mew=1, label=second)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("recorded deaths per day")
    ax.legend(ncol=2, loc="lower right", bbox_to_anchor=(1, 1))
    _days(ax, result)
    return ax


def plot_ratio_course(result: PairResult, ax: Axes | None = None) -> Axes:
    """Draw the ratio through time: by calendar month, and over stretches of days as a band.

    Parameters
    ----------
    result : PairResult
        The comparison.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.6)
    first, second = result.names
    course = result.course
    ax.set_ylabel(f"{first}\n/ {second}")
    if isinstance(course, NotEstimable):
        ax.text(0.5, 0.5, str(course), transform=ax.transAxes, ha="center", va="center", color=GREY, wrap=True)
        ax.set_yticks([])
        _days(ax, result)
        return ax
    rolling, months = course.rolling, course.months[course.months["ratio"].notna()]
    dates = pd.DatetimeIndex(rolling.index)
    ax.fill_between(dates, rolling["low"], rolling["high"], color=COLOURS[0], alpha=0.15, lw=0)
    ax.plot(dates, rolling["ratio"], color=COLOURS[0], lw=1, label=f"{ROLLING_DAYS} days around")
    middle = months["start"] + (months["end"] - months["start"]) / 2
    ax.errorbar(
        middle,
        months["ratio"],
        yerr=[months["ratio"] - months["low"], months["high"] - months["ratio"]],
        fmt="o",
        ms=4,
        color=INK,
        elinewidth=1.2,
        capsize=2.5,
        label="calendar month",
    )
    ax.axhline(1.0, color=GREY, lw=0.8, ls=(0, (4, 3)), zorder=1)
    if isinstance(result.ratio, Estimate):
        ax.axhline(result.ratio.value, color=COLOURS[1], lw=1, zorder=1, label="all shared days")
    _ratio_axis(ax, course)
    ax.legend(ncol=3, loc="lower right", bbox_to_anchor=(1, 1))
    if course.selected:
        ax.set_title("Selected days, no sample", fontsize=7.5, fontweight="normal", color=GREY)
    _days(ax, result)
    return ax


def plot_lags(result: PairResult, ax: Axes | None = None) -> Axes:
    """Draw the correlation at each lag, with the lags that cannot be ruled out filled.

    Parameters
    ----------
    result : PairResult
        The comparison.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=2.2)
    lags = result.lags
    inside = lags["in_set"].to_numpy(dtype=bool)
    ax.vlines(lags["lag"], 0, lags["correlation"], color=GREY, lw=1)
    for chosen, fill, label in ((inside, COLOURS[0], "cannot be ruled out"), (~inside, "white", "unlikely")):
        if chosen.any():
            ax.plot(
                lags.loc[chosen, "lag"],
                lags.loc[chosen, "correlation"],
                ls="",
                marker="o",
                ms=5,
                mfc=fill,
                mec=COLOURS[0],
                label=label,
            )
    ax.axhline(0, color=INK, lw=0.8)
    ax.set_xticks(lags["lag"])
    ax.margins(y=0.12)
    ax.set_xlabel(f"days by which {result.names[1]} counts later")
    ax.set_ylabel("correlation")
    ax.legend(ncol=2, loc="lower right", bbox_to_anchor=(1, 1))
    ax.grid(visible=False, axis="x")
    return ax


def plot_disagreement(result: PairResult, ax: Axes | None = None, *, named: int = 4) -> Axes:
    """Draw both sources' figures against each other, the days that they disagree on most named.

    Parameters
    ----------
    result : PairResult
        The comparison.
    ax : Axes, optional
        Where to draw.
    named : int, optional
        Days that are named.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=3.4)
    days, driving = result.days, result.driving.head(named)
    top = float(np.nanmax([1.0, days["a"].max(), days["b"].max()])) * 1.08
    ax.plot([0, top], [0, top], color=GREY, lw=0.8, ls=(0, (4, 3)), label="the same figure")
    if isinstance(result.ratio, Estimate):
        ratio = result.ratio.value
        end = min(top, top * ratio)
        ax.plot([0, end / ratio], [0, end], color=COLOURS[1], lw=1, label="the common ratio")
    ax.plot(days["b"], days["a"], ls="", marker="o", ms=3.5, mfc="white", mec=COLOURS[0], mew=0.8)
    ax.plot(driving["b"], driving["a"], ls="", marker="o", ms=4.5, color=COLOURS[0])
    for date, (_, row) in zip(pd.DatetimeIndex(driving.index), driving.iterrows(), strict=True):
        left = row["b"] > 0.75 * top
        ax.annotate(
            f"{date.day} {date:%b %Y}: {row['a']:g} and {row['b']:g}",
            (row["b"], row["a"]),
            xytext=(-6 if left else 6, -3),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            zorder=1.5,
        )
    ax.set_xlim(-0.02 * top, top)
    ax.set_ylim(-0.02 * top, top)
    ax.set_xlabel(f"recorded deaths a day, {result.names[1]}")
    ax.set_ylabel(f"recorded deaths a day, {result.names[0]}")
    ax.legend(ncol=2, loc="lower right", bbox_to_anchor=(1, 1))
    return ax


def _days(ax: Axes, result: PairResult) -> None:
    start, end = pd.Timestamp(result.basis.start), pd.Timestamp(result.basis.end)
    if start <= end:
        day_axis(ax, start, end)


def _ratio_axis(ax: Axes, course: RatioCourse) -> None:
    """Set a logarithmic axis that holds 1 and the ratios, and no more of wide intervals than it must."""
    ratios = pd.concat([course.rolling["ratio"], course.months["ratio"], pd.Series([1.0])]).dropna()
    ends = pd.concat([course.rolling[["low", "high"]], course.months[["low", "high"]]])
    low = max(float(np.nanmin([ends["low"].min(), ratios.min()])), float(ratios.min()) / _ROOM)
    high = min(float(np.nanmax([ends["high"].max(), ratios.max()])), float(ratios.max()) * _ROOM)
    low, high = min(low, 0.8) * 0.97, max(high, 1.25) * 1.03
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    marks = [mark for mark in _MARKS if low <= mark <= high]
    ax.yaxis.set_major_locator(FixedLocator(marks))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
