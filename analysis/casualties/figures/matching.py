"""Events in two lists: how sure the pairs are, and how much of both lists is shared."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from casualties.comparison.matching import MatchResult
from casualties.estimates import Estimate
from casualties.figures.style import COLOURS, GREY, axes, lower_part
from casualties.results import register_plot

__all__ = ["plot_match"]

# Pairs less likely than this are many and would hide the others.
LEAST = 0.05


@register_plot(MatchResult)
def plot_match(result: MatchResult, ax: Axes | None = None) -> Axes:
    """Draw the probabilities of pairs, linked and not, and below them the events of either list and of both.

    Parameters
    ----------
    result : MatchResult
        The answer.
    ax : Axes, optional
        Where to draw; its lower part becomes the axis of the overlap.

    Returns
    -------
    Axes
        The upper axis.
    """
    ax = axes(ax, height=3.2)
    lower = lower_part(ax, (2.0, 0.8), shared=False, gap=0.3)
    bins = np.linspace(0.0, 1.0, 21)
    pairs = result.pairs[result.pairs["probability"] >= LEAST]
    linked = pairs["linked"].to_numpy(dtype=bool)
    chance = pairs["probability"].to_numpy(dtype="float64")
    ax.hist(
        [chance[linked], chance[~linked]],
        bins=bins.tolist(),
        stacked=True,
        color=[COLOURS[0], "0.75"],
        label=["linked", "not linked"],
    )
    ax.set_xlim(0, 1)
    ax.set_xlabel(f"probability that a pair is one event (pairs of {LEAST:.0%} or more)")
    ax.set_ylabel("pairs")
    ax.legend(loc="upper center")
    _overlap(result, lower)
    return ax


def _overlap(result: MatchResult, ax: Axes) -> None:
    """Draw both lists as bars that lie over each other by what they share."""
    answer = result.overlap
    if isinstance(answer, Estimate):
        first, second = result.rows
        ax.barh(1, first, color=COLOURS[0], alpha=0.55, height=0.7)
        ax.barh(0, second, left=first - answer.value, color=COLOURS[1], alpha=0.55, height=0.7)
        ax.plot([first - answer.high, first - answer.low], [0.5, 0.5], color="black", lw=2, solid_capstyle="butt")
        ax.annotate(
            f"in both: {answer.words(',.0f')}",
            (first - answer.value / 2, 1),
            ha="center",
            va="center",
            fontsize=7,
        )
    else:
        ax.text(0.5, 0.5, str(answer), transform=ax.transAxes, ha="center", va="center", color=GREY, fontsize=6.5)
    ax.set_yticks([1, 0], list(result.names))
    ax.set_ylim(-0.6, 1.6)
    ax.set_xlabel("events (the black line: where the second list may begin)")
    ax.grid(visible=False, axis="y")
