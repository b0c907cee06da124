"""What intervals hold against what they claim: one panel a study and quantity, one line a scenario."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from casualties.calibration.answer import CalibrationResult
from casualties.calibration.shortfalls import tolerance
from casualties.figures.style import COLOURS, GREY, WIDTH, axes, use_style
from casualties.results import register_plot

__all__ = ["plot_calibration", "plot_calibrations"]

_MARKS = "osD^vPX*<>"


@register_plot(CalibrationResult)
def plot_calibration(result: CalibrationResult, ax: Axes | None = None, *, quantity: str | None = None) -> Axes:
    """Draw by how many points the coverage of one kind of interval is off, against the level that it claims.

    Parameters
    ----------
    result : CalibrationResult
        The calibration.
    ax : Axes, optional
        Where to draw.
    quantity : str, optional
        Whose intervals; the first that was measured where none is named.

    Returns
    -------
    Axes
        Bars are twice the Monte-Carlo error; the band is what is tolerated.
    """
    ax = axes(ax, height=2.4)
    table = result.coverage()
    chosen = quantity if quantity is not None else str(table["quantity"].iloc[0]) if len(table) else ""
    table = table[(table["quantity"] == chosen) & table["value"].notna()]
    levels = sorted(set(table["nominal"]))
    place = {level: number for number, level in enumerate(levels)}
    if len(table):
        allowed = np.array([100 * tolerance(str(table["study"].iloc[0]), level) for level in levels])
        ax.fill_between(range(len(levels)), -allowed, allowed, color="0.5", alpha=0.15, lw=0)
    ax.axhline(0, color=GREY, lw=0.8)
    scenarios = list(dict.fromkeys(table["scenario"]))
    for number, name in enumerate(scenarios):
        rows = table[table["scenario"] == name].sort_values("nominal")
        # Lines stand side by side, so that their bars can be told apart.
        shift = 0.5 * ((number + 0.5) / len(scenarios) - 0.5)
        ax.errorbar(
            [place[level] + shift for level in rows["nominal"]],
            100 * (rows["value"] - rows["nominal"]),
            yerr=200 * rows["error"],
            label=name,
            color=COLOURS[number % len(COLOURS)],
            marker=_MARKS[number % len(_MARKS)],
            ls="-" if number < len(COLOURS) else "--",
            ms=3.5,
            lw=1.0,
            elinewidth=0.8,
        )
    ax.set_xticks(range(len(levels)), [f"{level:.0%}" for level in levels])
    ax.set_xlabel("level that the interval claims")
    ax.set_ylabel("coverage less level (points)")
    ax.set_title(chosen)
    if scenarios:
        ax.legend(ncol=1, loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def plot_calibrations(result: CalibrationResult) -> Figure:
    """Draw a panel for every kind of interval that was measured.

    Parameters
    ----------
    result : CalibrationResult
        The calibration.

    Returns
    -------
    Figure
    """
    use_style()
    quantities = list(dict.fromkeys(result.coverage()["quantity"])) or [""]
    figure, panels = plt.subplots(
        len(quantities), 1, figsize=(WIDTH, 2.0 * len(quantities)), layout="constrained", squeeze=False
    )
    for quantity, panel in zip(quantities, panels[:, 0], strict=True):
        plot_calibration(result, panel, quantity=quantity)
    return figure
