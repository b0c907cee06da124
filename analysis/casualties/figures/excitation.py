"""Self-excitation: the branching ratio around levels that change, and around one level, beside each other."""

from __future__ import annotations

from matplotlib.axes import Axes

from casualties.estimates import Estimate
from casualties.figures.style import COLOURS, GREY, axes
from casualties.models.excitation import ExcitationResult
from casualties.results import register_plot

__all__ = ["plot_excitation"]


@register_plot(ExcitationResult)
def plot_excitation(result: ExcitationResult, ax: Axes | None = None) -> Axes:
    """Draw the branching ratio around the segmented baseline and around one level, with intervals.

    Parameters
    ----------
    result : ExcitationResult
        The fit.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = axes(ax, height=1.3)
    levels = len(result.segments)
    rows = [
        ("one level", result.unsegmented, GREY),
        (f"{levels} levels" if levels else "levels by stretch", result.branching, COLOURS[0]),
    ]
    for place, (_, answer, colour) in enumerate(rows):
        if isinstance(answer, Estimate):
            ax.plot([answer.low, answer.high], [place, place], color=colour, lw=2.4, solid_capstyle="butt")
            ax.plot(answer.value, place, "o", ms=5, color=colour)
            text = f"{answer.value:.2f} ({answer.low:.2f}–{answer.high:.2f})"
            ax.annotate(text, (1.02, place), va="center", fontsize=7.5, color=colour)
        else:
            ax.annotate(str(answer), (0.02, place), va="center", fontsize=7.5, color=GREY)
    ax.set_yticks(range(len(rows)), [name for name, *_ in rows])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim(-0.01, 1.28)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.set_xlabel("branching ratio: share of deaths that earlier deaths account for, if this is feedback")
    ax.grid(visible=False, axis="y")
    return ax
