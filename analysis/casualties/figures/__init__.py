"""Pictures of results, one file a family: each function draws on an axis and never computes or saves."""

from casualties.figures import (
    alarms,
    calibration,
    changepoints,
    coverage,
    crosschecks,
    excess,
    excitation,
    forecast,
    nowcast,
    pairs,
    series,
    tolls,
    totals,
    trend,
)
from casualties.figures.style import use_style

__all__ = [
    "alarms",
    "calibration",
    "changepoints",
    "coverage",
    "crosschecks",
    "excess",
    "excitation",
    "forecast",
    "nowcast",
    "pairs",
    "series",
    "tolls",
    "totals",
    "trend",
    "use_style",
]
