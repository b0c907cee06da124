"""What lists leave open: every model with its interval, the averages, and the lower bound."""

from __future__ import annotations

from matplotlib.axes import Axes

from casualties.comparison.capture_recapture import PLAUSIBLE, UndocumentedResult
from casualties.estimates import Estimate
from casualties.figures.style import COLOURS, GREY, axes
from casualties.results import register_plot

__all__ = ["plot_undocumented"]


@register_plot(UndocumentedResult)
def plot_undocumented(result: UndocumentedResult, ax: Axes | None = None, most: int = 10) -> Axes:
    """Draw the models that the lists leave plausible, the averages beneath, and the lower bound as a line.

    Parameters
    ----------
    result : UndocumentedResult
        The answers.
    ax : Axes, optional
        Where to draw.
    most : int, optional
        Models drawn, those of most weight.

    Returns
    -------
    Axes
    """
    models = result.models
    plausible = models[(models["weight_aic"] >= PLAUSIBLE) | (models["weight_bic"] >= PLAUSIBLE)]
    shown = plausible.assign(weight=plausible[["weight_aic", "weight_bic"]].max(axis=1)).nlargest(most, "weight")
    columns = [shown[name].tolist() for name in ("model", "number", "low", "high", "weight")]
    rows: list[tuple[str, float, float, float, float]] = list(zip(*columns, strict=True))
    if isinstance(result.spread, Estimate):
        for words, answer in (
            ("average, BIC", result.bic),
            ("average, AIC", result.aic),
            ("graphs", result.decomposable),
        ):
            if isinstance(answer, Estimate):
                rows.append((words, answer.value, answer.low, answer.high, 1.0))
    else:
        rows = []
    ax = axes(ax, height=0.9 + 0.24 * max(len(rows), 3))
    if not rows:
        ax.text(0.5, 0.5, "no number can be given", ha="center", va="center", color=GREY, transform=ax.transAxes)
        ax.set_axis_off()
        return ax
    for place, (_, value, low, high, weight) in enumerate(rows):
        summed = place >= len(shown)
        colour = COLOURS[0] if summed else GREY
        ax.plot([low, high], [place, place], color=colour, lw=2.5 if summed else 1.0 + 3.0 * weight)
        ax.plot(value, place, "o", color=colour, ms=4)
    if isinstance(result.lower_bound, Estimate):
        ax.axvline(result.lower_bound.value, color="black", lw=0.9, ls="--")
        ax.annotate(
            "lower bound",
            (result.lower_bound.value, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 2),
            textcoords="offset points",
            fontsize="small",
        )
    ax.axvline(result.recorded, color=GREY, lw=0.9)
    ax.annotate(
        "on a list",
        (result.recorded, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-2, 2),
        textcoords="offset points",
        ha="right",
        fontsize="small",
        color=GREY,
    )
    ax.set_yticks(range(len(rows)), [words for words, *_ in rows], fontsize="small")
    ax.invert_yaxis()
    ax.set_xscale("log")
    level = result.basis.settings["level"]
    some = f"; {len(shown)} of {len(plausible)} plausible models" if len(shown) < len(plausible) else ""
    ax.set_xlabel(f"{result.unit}, recorded or not (log scale, {level:.0%} intervals{some})")
    return ax
