"""Other methods beside each other: growth by each regression, the fit of its distribution, and what choices move."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from casualties.figures.style import COLOURS, GREY, axes
from casualties.models.crosschecks import CrossChecks
from casualties.models.sensitivity import Sensitivity
from casualties.results import register_plot

__all__ = ["plot_crosschecks", "plot_sensitivity"]


@register_plot(CrossChecks)
def plot_crosschecks(result: CrossChecks, ax: Axes | None = None) -> Axes:
    """Draw growth by each regression with its interval, and beside it the probability transform of the counts.

    Parameters
    ----------
    result : CrossChecks
        The answers.
    ax : Axes, optional
        Where to draw; its right part becomes the axis of the probability transform.

    Returns
    -------
    Axes
        The left axis.
    """
    ax = axes(ax, height=1.9)
    right = _right_part(ax)
    frame = result.to_frame()
    _forest(ax, frame[frame["quantity"] == "growth"], "check")
    ax.axvline(0, color=GREY, lw=0.8)
    ax.set_xlabel(f"growth a day, {result.basis.settings['level']:.0%} intervals")
    pit = result.pit
    if len(pit):
        right.bar(pit["low"], pit["density"], width=pit["high"] - pit["low"], align="edge", color=COLOURS[0], alpha=0.5)
    else:
        right.text(0.5, 0.5, "no fit", ha="center", va="center", color=GREY, transform=right.transAxes)
    right.axhline(1, color=GREY, lw=0.8)
    right.set_xlim(0, 1)
    right.set_ylim(bottom=0)
    right.set_xlabel("probability transform of the counts")
    right.set_ylabel("density")
    return ax


@register_plot(Sensitivity)
def plot_sensitivity(result: Sensitivity, ax: Axes | None = None, quantity: str | None = None) -> Axes:
    """Draw one answer under each choice, with its interval.

    Parameters
    ----------
    result : Sensitivity
        The answers.
    ax : Axes, optional
        Where to draw.
    quantity : str, optional
        Which answer, by its name in the table; the first where it is not given.

    Returns
    -------
    Axes
    """
    frame = result.to_frame()
    chosen = str(frame["quantity"].iloc[0]) if quantity is None else quantity
    rows = frame[frame["quantity"] == chosen]
    ax = axes(ax, height=0.9 + 0.25 * len(rows))
    _forest(ax, rows, "choice")
    ax.set_xlabel(" ".join(filter(None, (chosen, *dict.fromkeys(rows["unit"])))))
    return ax


def _forest(ax: Axes, rows: pd.DataFrame, name: str) -> None:
    """Draw one line an answer, the first on top; a reason in place of a number that is not to be had."""
    for place, row in enumerate(rows.to_dict("records")):
        if row["reason"]:
            ax.text(
                *(0.02, place), row["reason"], transform=ax.get_yaxis_transform(), fontsize=6.5, color=GREY, va="center"
            )
            continue
        ax.plot([row["low"], row["high"]], [place, place], color=COLOURS[0], lw=1.4)
        ax.plot(row["value"], place, "o", color=COLOURS[0], ms=4)
    ax.set_yticks(range(len(rows)), list(rows[name]))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")


def _right_part(ax: Axes) -> Axes:
    """Split an axis in two and give the right part."""
    cell = ax.get_subplotspec()
    if cell is None:  # an axis that stands by no grid keeps its place, and the other is set beside it
        return ax.inset_axes((1.15, 0, 0.7, 1))
    parts = cell.subgridspec(1, 2, width_ratios=(1.5, 1.0), wspace=0.08)
    ax.set_subplotspec(parts[0])
    return ax.get_figure(root=False).add_subplot(parts[1])  # type: ignore[union-attr]
