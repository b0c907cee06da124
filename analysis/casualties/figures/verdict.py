"""The verdict: what each source says and how many choices agree; and the specification curve with its choices below."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from casualties.figures.style import COLOURS, GREY, INK, axes, lower_part
from casualties.results import register_plot
from casualties.verdict.choices import AXES
from casualties.verdict.curve import SpecificationCurve
from casualties.verdict.decision import told
from casualties.verdict.overturners import AXIS_WORDS
from casualties.verdict.reading import FALL, NO_CHANGE, RISE
from casualties.verdict.result import Verdict

__all__ = ["OPTION_LABELS", "drawn_specifications", "plot_specifications", "plot_verdict"]

Floats = npt.NDArray[np.float64]

# Dark, middle and pale, so that they part in grey; the marker says it once more.
PALE = "0.74"
LOOK: Mapping[str, tuple[str, str]] = MappingProxyType(
    {RISE: (COLOURS[0], "^"), NO_CHANGE: (PALE, "o"), FALL: (COLOURS[1], "v")}
)
OPTION_LABELS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("victims", "all"): "all victims",
        ("estimate", "best"): "best figure",
        ("estimate", "low"): "low figure",
        ("estimate", "high"): "high figure",
        ("spread", "even"): "spread evenly",
        ("spread", "start"): "on the first day",
        ("spread", "end"): "on the last day",
        ("spread", "exclude"): "left out",
        ("days", "all"): "all days",
        ("model", "level"): "level",
        ("model", "changes"): "dated changes",
        ("model", "growth"): "growth",
    }
)
_GROUPS = {"spread": "long events", "largest_day": "largest day", "days": "days"}
_MARKS = (1e-3, 0.01, 0.03, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4, 1e5)
_ROW, _GAP, _TALL = 0.098, 0.5, 0.78
# Columns of the picture of a row: as fine as print shows on the width of the report.
_FINE = 1500


def drawn_specifications(curve: SpecificationCurve, quantity: str = "ratio") -> pd.DataFrame:
    """Give the specifications that `plot_specifications` draws, in its order: of the main source, that can tell.

    Parameters
    ----------
    curve : SpecificationCurve
        The specifications.
    quantity : str, optional
        "ratio" or "growth".

    Returns
    -------
    DataFrame
        Rows of `curve.frame`, the smallest answer first; equal ones in the order of their numbers.
    """
    own = told(curve.of_main[curve.of_main["quantity"] == quantity])
    return own.sort_values(["value", "number"], kind="stable").reset_index(drop=True)


@register_plot(SpecificationCurve)
def plot_specifications(
    curve: SpecificationCurve,
    ax: Axes | None = None,
    *,
    quantity: str = "ratio",
    names: Mapping[str, str] | None = None,
) -> Axes:
    """Draw the specification curve: every answer with its interval, sorted, and below it the choices behind each.

    Each column is one specification of the main source. A row of the lower part is one option; its ticks stand where
    that option is chosen and have the colour of what is then read. Intervals that reach beyond the axis end in a small
    arrow, and how many do is said. What is not estimable is counted, not drawn.

    Parameters
    ----------
    curve : SpecificationCurve
        The specifications.
    ax : Axes, optional
        Where to draw; its lower part becomes the axis of the choices.
    quantity : str, optional
        "ratio" (deaths a day in the window over those expected, log scale) or "growth" (a day).
    names : mapping of str to str, optional
        Words of options that a study names, e.g. of places and baselines.

    Returns
    -------
    Axes
        The upper axis.
    """
    drawn = drawn_specifications(curve, quantity)
    rows = _option_rows(drawn)
    steps = 1.0 + rows[-1][2] if rows else 1.0
    low_height = max(_ROW * steps, 0.2)
    ax = axes(ax, height=2.3 + low_height)
    if drawn.empty:
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no specification can tell", ha="center", va="center", color=GREY)
        return ax
    below = lower_part(ax, (1.95, low_height))
    _draw_answers(ax, drawn, quantity)
    _draw_options(below, drawn, rows, {**curve.names, **(names or {})})
    untold = int((curve.of_main["quantity"] == quantity).sum()) - len(drawn)
    words = f"{len(drawn):,} specifications, sorted by {'ratio' if quantity == 'ratio' else 'growth rate'}"
    below.set_xlabel(f"{words}{f'; {untold:,} more are not estimable' if untold else ''}", color=GREY)
    edge = max(0.5, 0.006 * len(drawn))
    ax.set_xlim(-0.5 - edge, len(drawn) - 0.5 + edge)
    ax.tick_params(labelbottom=False, bottom=False)
    return ax


@register_plot(Verdict)
def plot_verdict(verdict: Verdict, ax: Axes | None = None) -> Axes:
    """Draw what each source says: its size with the interval, its state in words, and how many choices agree.

    Sources of another scope, which count neither for nor against, are hollow.

    Parameters
    ----------
    verdict : Verdict
        The verdict.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    sources = verdict.sources.reset_index(drop=True)
    ax = axes(ax, height=1.1 + 0.5 * len(sources))
    sizes = sources[["ratio", "ratio_low", "ratio_high"]].to_numpy(dtype=float)
    low, high = _ratio_limits(sizes[:, 0], sizes[:, 1], sizes[:, 2], most=40.0)
    for place, row in enumerate(sources.to_dict("records")):
        _draw_size(ax, place, sizes[place], (low, high), hollow=not row["counted"])
    ax.axvline(1, color=INK, lw=0.8, zorder=1)
    _ratio_axis(ax, low, high, vertical=False)
    labels = [
        f"{row['label']}{'' if row['counted'] else ' (another scope)'}\n{row['state']}\n"
        f"{row['agreeing']:,} of {row['able']:,} choices agree"
        for row in sources.to_dict("records")
    ]
    ax.set_yticks(range(len(sources)), labels)
    ax.set_ylim(len(sources) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(f"deaths a day over those expected (log scale), {verdict.question.level:.0%} intervals", color=GREY)
    return ax


def _draw_answers(ax: Axes, drawn: pd.DataFrame, quantity: str) -> None:
    """Draw values and intervals, those of the declared series marked."""
    value, low, high = (drawn[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    ratio = quantity == "ratio"
    bottom, top = (_ratio_limits if ratio else _growth_limits)(value, low, high)
    none = 1.0 if ratio else 0.0
    rank = np.arange(len(drawn), dtype=float)
    width = float(np.clip(260.0 / len(drawn), 0.3, 1.6))
    size = float(np.clip(900.0 / len(drawn), 1.5, 4.0))
    for reading, (colour, marker) in LOOK.items():
        chosen = (drawn["reading"] == reading).to_numpy()
        if not chosen.any():
            continue
        ends = (np.clip(low[chosen], bottom, top), np.clip(high[chosen], bottom, top))
        # One broken line: hundreds of lines of their own would make the file large.
        x = np.repeat(rank[chosen], 3)
        y = np.column_stack([*ends, np.full(int(chosen.sum()), np.nan)]).ravel()
        ax.plot(x, y, color=colour, lw=width, alpha=0.45, solid_capstyle="butt", zorder=1, label="_intervals")
        ax.plot(rank[chosen], value[chosen], ls="", marker=marker, ms=size, mew=0, color=colour, zorder=3)
        count = f"{reading} ({int(chosen.sum()):,})"
        ax.plot([], [], ls="", marker=marker, ms=4, mew=0, color=colour, label=count)
    declared = drawn["declared"].to_numpy(dtype=bool)
    look: dict[str, Any] = {"ls": "", "marker": "o", "mfc": "white", "mec": INK, "mew": 0.9}
    ax.plot(rank[declared], value[declared], ms=4.2, zorder=4, label=f"declared series ({declared.sum():,})", **look)
    ax.axhline(none, color=INK, lw=0.8, zorder=2)
    beyond = []
    sides: tuple[tuple[Any, float, Any, str], ...] = ((high > top, top, 6, "above"), (low < bottom, bottom, 7, "below"))
    for over, edge, marker, words in sides:
        if over.any():
            ax.plot(rank[over], np.full(int(over.sum()), edge), ls="", marker=marker, ms=2.2, mew=0, color=GREY)
            beyond.append(f"{int(over.sum()):,} intervals reach {words} the axis")
    if beyond:
        ax.text(0.01, 0.97, "; ".join(beyond), transform=ax.transAxes, va="top", fontsize=6.5, color=GREY)
    if ratio:
        _ratio_axis(ax, bottom, top, vertical=True)
        ax.set_ylabel("deaths a day over\nthose expected (log scale)")
    else:
        ax.set_ylim(bottom, top)
        ax.set_ylabel("growth a day")
    ax.grid(visible=False, axis="x")
    ax.legend(ncol=4, loc="lower right", bbox_to_anchor=(1, 1), handletextpad=0.2, columnspacing=1.2)


def _option_rows(drawn: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Give the options of each axis that has several, with the height at which each stands (downwards)."""
    rows: list[tuple[str, str, float]] = []
    height = 0.0
    for axis in AXES:
        options = list(dict.fromkeys(drawn.sort_values("number")[axis].astype(str)))
        if len(options) < 2:
            continue
        for option in options:
            rows.append((axis, option, height))
            height += 1.0
        height += _GAP
    return rows


def _draw_options(ax: Axes, drawn: pd.DataFrame, rows: list[tuple[str, str, float]], names: Mapping[str, str]) -> None:
    """Draw a row an option: a tick for each specification that uses it, of the colour of what it reads."""
    count = len(drawn)
    colours = np.array([to_rgb(LOOK[reading][0]) for reading in drawn["reading"]])
    each = -(-_FINE // count)
    for axis, option, height in rows:
        chosen = (drawn[axis].astype(str) == option).to_numpy()
        strip = np.repeat(np.where(chosen[:, None], colours, 0.955), each, axis=0)
        if each > 3:  # few specifications are drawn apart
            strip.reshape(count, each, 3)[:, each - each // 4 :] = 0.955
        extent = (-0.5, count - 0.5, height + _TALL / 2, height - _TALL / 2)
        ax.imshow(strip[None], extent=extent, aspect="auto", interpolation="none", zorder=2).set_gid(f"{axis}={option}")
    ax.set_yticks([row[2] for row in rows], [_label(axis, option, names) for axis, option, _ in rows], fontsize=6.3)
    for axis in dict.fromkeys(row[0] for row in rows):
        heights = [row[2] for row in rows if row[0] == axis]
        words = _GROUPS.get(axis, AXIS_WORDS[axis])
        place = (1.0, (heights[0] + heights[-1]) / 2)
        ax.text(
            *place, words, transform=ax.get_yaxis_transform(), va="center", fontsize=6.3, color=INK, linespacing=0.95
        )
        if heights[0] > 0.0:
            ax.axhline(heights[0] - 0.5 - _GAP / 2, color="0.8", lw=0.4)
    ax.set_ylim((rows[-1][2] if rows else 0.0) + 0.6, -0.6)
    ax.grid(visible=False)
    ax.tick_params(length=0, labelbottom=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _label(axis: str, option: str, names: Mapping[str, str]) -> str:
    """Name an option in plain words."""
    if axis == "days" and option.isdigit():
        return f"first {option} days"
    return OPTION_LABELS.get((axis, option)) or names.get(option) or option.replace("_", " ") or "none"


def _draw_size(ax: Axes, place: int, size: Floats, limits: tuple[float, float], *, hollow: bool) -> None:
    """Draw the size of one source, or say that there is none."""
    value, low, high = size
    if np.isnan(value):
        at = ax.get_yaxis_transform()
        ax.text(0.02, place, "size not estimable", transform=at, va="center", fontsize=7, color=GREY)
        return
    colour = GREY if hollow else COLOURS[0]
    ax.plot(np.clip([low, high], *limits), [place, place], color=colour, lw=1.6, solid_capstyle="butt")
    look: dict[str, Any] = {"mfc": "white", "mec": colour, "mew": 1.2} if hollow else {"color": colour}
    ax.plot(np.clip(value, *limits), place, "o", ms=5, **look)
    for over, edge, marker in ((high > limits[1], limits[1], 9), (low < limits[0], limits[0], 8)):
        if over:
            ax.plot(edge, place, marker=marker, ms=5, mew=0, color=colour, clip_on=False)
    words = f"{value:.1f} ({low:.1f} to {high:.1f})" if np.isfinite(low) else f"{value:.1f}"
    middle = float(np.sqrt(np.prod(np.clip([low, high] if np.isfinite(low) else [value, value], *limits))))
    ax.annotate(words, (middle, place), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=7, color=INK)


def _ratio_limits(value: Floats, low: Floats, high: Floats, *, most: float = 2.0) -> tuple[float, float]:
    """Give the ends of an axis of ratios: all values and 1 are on it, intervals as far as they reach not far beyond."""
    seen = np.r_[value[np.isfinite(value) & (value > 0)], 1.0]
    ends = (np.r_[side[np.isfinite(side) & (side > 0)], 1.0] for side in (low, high))
    lowest, highest = (float(found) for found in (next(ends).min(), next(ends).max()))
    bottom = max(lowest / 1.15, float(seen.min()) / max(most, 2.5))
    return min(bottom, 0.7), max(min(highest * 1.15, float(seen.max()) * most), 1.5)


def _growth_limits(value: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    """Give the ends of an axis of growth: all values and 0 are on it, intervals as far as they reach not far beyond."""
    bottom, top = float(min(value.min(), 0.0)), float(max(value.max(), 0.0))
    room = max(top - bottom, 1e-3)
    lowest, highest = (
        float(find(np.r_[side[np.isfinite(side)], 0.0])) for find, side in ((np.min, low), (np.max, high))
    )
    return max(lowest - 0.05 * room, bottom - 0.6 * room), min(highest + 0.05 * room, top + 0.6 * room)


def _ratio_axis(ax: Axes, low: float, high: float, *, vertical: bool) -> None:
    """Set a log axis of ratios with plain numbers."""
    shown = [mark for mark in _MARKS if low <= mark <= high]
    (ax.set_yscale if vertical else ax.set_xscale)("log")
    (ax.set_yticks if vertical else ax.set_xticks)(shown, [f"{mark:,g}" for mark in shown])
    ax.minorticks_off()
    (ax.set_ylim if vertical else ax.set_xlim)(low, high)
