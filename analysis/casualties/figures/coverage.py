"""Which source saw which events: two sources' overlap as bars, coverage by period or place, and what decides it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.ticker import PercentFormatter

from casualties.comparison.coverage import EVERY, CoverageResult, OverlapResult
from casualties.comparison.coverage_bias import CoverageBiasResult
from casualties.figures.style import COLOURS, GREY, INK, axes
from casualties.results import register_plot

__all__ = ["plot_coverage", "plot_coverage_bias", "plot_overlap"]

# Columns of a heat map up to which each cell bears its number of events.
NUMBERED = 12
HEADINGS = {"size": "deaths in the event", "side_a": "side A", "kind": "kind of violence", "adm1": "governorate"}
COUNTED = {"events": "events", "best": "deaths in them", "civilians": "civilian deaths in them"}


@register_plot(OverlapResult)
def plot_overlap(result: OverlapResult, ax: Axes | None = None) -> Axes:
    """Draw the share seen by both sources, by one alone and by neither, for events, deaths and civilian deaths.

    Parameters
    ----------
    result : OverlapResult
        The overlap.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=1.5)
    cells = result.cells
    shares = cells / cells.sum()
    left = np.zeros(len(COUNTED))
    colours = dict(zip(cells.index, (COLOURS[0], "#9cbbd6", COLOURS[1], "0.88"), strict=True))
    names = result.to_frame()["seen_by"].to_list()
    for (cell, colour), name in zip(colours.items(), names, strict=True):
        width = shares.loc[cell, list(COUNTED)].to_numpy(dtype="float64")
        ax.barh(range(len(COUNTED)), width, left=left, color=colour, height=0.68, label=name)
        for row, counted in enumerate(COUNTED):
            if width[row] > 0.035:
                dark = colour == COLOURS[0]
                where = (left[row] + width[row] / 2, row)
                text = f"{int(cells[counted][cell]):,}"
                ax.text(*where, text, ha="center", va="center", fontsize=7, color="white" if dark else INK)
        left = left + width
    ax.set_yticks(range(len(COUNTED)), list(COUNTED.values()))
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.grid(visible=False)
    ax.legend(ncol=4, loc="lower right", bbox_to_anchor=(1, 1))
    return ax


@register_plot(CoverageResult)
def plot_coverage(result: CoverageResult, ax: Axes | None = None, *, most: int = 8) -> Axes:
    """Draw the share of each period's or place's events that cite each source, as shades.

    Parameters
    ----------
    result : CoverageResult
        The counts.
    ax : Axes, optional
        Where to draw.
    most : int, optional
        Sources drawn, the most cited first.

    Returns
    -------
    Axes
    """
    column = str(result.counts.columns[1])
    counts = result.counts
    names = [name for name in counts["source"].drop_duplicates() if name != EVERY][:most]
    ax = axes(ax, height=1.0 + 0.24 * max(1, len(names)))
    every = counts[counts["source"] == EVERY].set_index(column)["events"]
    if not names:
        ax.text(0.5, 0.5, "no event cites a source", ha="center", va="center", color=GREY, transform=ax.transAxes)
        ax.set_axis_off()
        return ax
    # Places stand by their events, periods in time.
    across = list(every.index) if column == "period" else list(every.sort_values(ascending=False, kind="stable").index)
    wide = counts.set_index(["source", column])[["events", "share_events"]]
    wide = wide.reindex(pd.MultiIndex.from_product([names, across]), fill_value=0)
    events = wide["events"].to_numpy(dtype="int64").reshape(len(names), len(across))
    shares = wide["share_events"].to_numpy(dtype="float64").reshape(len(names), len(across))
    # Most sources are cited for few events: the shades are finer where the shares are small.
    shades = ax.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, 0.0, 1.0), aspect="auto")
    if len(across) <= NUMBERED:
        for (i, j), number in np.ndenumerate(events):
            if number:
                colour = "white" if shares[i, j] > 0.3 else INK
                ax.text(j, i, f"{number:,}", ha="center", va="center", fontsize=7, color=colour)
    ax.set_yticks(range(len(names)), names)
    if column == "period":
        step = max(1, -(-len(across) // 12))
        words = [f"{pd.Timestamp(across[place]):%b\n%Y}" for place in range(0, len(across), step)]
        ax.set_xticks(range(0, len(across), step), words)
    else:
        labels = [f"{str(name).removesuffix(' Governorate') or 'not known'} ({every[name]:,})" for name in across]
        ax.set_xticks(range(len(across)), labels, rotation=35, ha="right", rotation_mode="anchor")
    ax.grid(visible=False)
    ax.tick_params(length=0)
    figure = ax.get_figure(root=False)
    if figure is not None:
        bar = figure.colorbar(shades, ax=ax, pad=0.015, ticks=[0, 0.05, 0.25, 0.5, 1], format=PercentFormatter(1))
        bar.set_label("share of the events")
        bar.outline.set_visible(False)
    return ax


@register_plot(CoverageBiasResult)
def plot_coverage_bias(result: CoverageBiasResult, ax: Axes | None = None, *, most: int = 4) -> Axes:
    """Draw the share of events that cite the source by size, side, kind and governorate, with intervals.

    Parameters
    ----------
    result : CoverageBiasResult
        The shares.
    ax : Axes, optional
        Where to draw.
    most : int, optional
        Sides, kinds and governorates drawn of each, those with the most events; every class of size is drawn.

    Returns
    -------
    Axes
    """
    rows: list[tuple[str, pd.Series | None]] = []
    for group, heading in HEADINGS.items():
        part = result.by(group)
        part = part if group == "size" else part[part["value"] != ""].head(most)
        if len(part):
            rows.append((heading, None))
            rows += [(str(row["value"]), row) for _, row in part.iterrows()]
    ax = axes(ax, height=0.7 + 0.17 * max(3, len(rows)))
    labels = []
    for place, (words, row) in enumerate(rows):
        if row is None:
            labels.append(words)
            continue
        labels.append(f"{words.removesuffix(' Governorate')}  ({int(row['events']):,})")
        ax.plot([row["low"], row["high"]], [place, place], color=COLOURS[0], lw=1.4, solid_capstyle="butt")
        ax.plot(row["share"], place, marker="o", ms=3.6, color=COLOURS[0])
    ax.set_yticks(range(len(rows)), labels)
    for label, (_, row) in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_fontsize(7)
        label.set_fontweight("bold" if row is None else "normal")
    whole = result.weeks[["events", "events_citing"]].sum()
    if whole["events"]:
        ax.axvline(whole["events_citing"] / whole["events"], color=GREY, lw=0.8, ls=(0, (4, 3)))
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    among = f" that cite {result.among}" if result.among else ""
    ax.set_xlabel(f"share of the events{among} that cite {result.source}, {result.level:.0%} intervals; dashed: of all")
    return ax
