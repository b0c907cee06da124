"""Growth a day: whether the intervals hold the growth that the wars were drawn with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from casualties.calibration.study import LEVELS, Row, Study, interval_rows, warns
from casualties.models.trend import fit_trend
from casualties.simulate.wars import SCENARIOS, Scenario, simulate_war

__all__ = ["GROWTH"]

_WINDOWS = (28, 56, 120)


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war for each window; over it the level rises or falls by a factor of about e, or less."""
    rows: list[Row] = []
    for window in (window for window in _WINDOWS if window <= days):
        war = simulate_war(rng, replace(scenario, growth=rng.normal(0.0, 1.0 / window)), window)
        for level in LEVELS:
            # What a result warns of depends on the level.
            result = fit_trend(war.series(), level=level)
            warned = warns(result.warnings, scenario)
            rows += interval_rows(f"growth, {window} days", result.growth, war.truth["growth"], level, warned=warned)
    return rows


GROWTH = Study(
    "growth",
    f"Growth a day over windows of {', '.join(map(str, _WINDOWS))} days; true growth is normal, sd 1 / window.",
    SCENARIOS,
    _measure,
    max(_WINDOWS),
)
