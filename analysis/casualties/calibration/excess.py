"""Excess recorded deaths: whether the interval holds what was really in excess, and how often a rise is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from casualties.calibration.study import LEVELS, Row, Study, interval_rows, warns
from casualties.estimates import Estimate
from casualties.models.excess import fit_excess
from casualties.simulate.wars import SCENARIOS, Scenario, Step, War, simulate_war

__all__ = ["EXCESS"]

_LEVEL = 0.95
_RATIO = 1.5


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war without a change, and one whose level rises between the reference period and the window."""
    reference = days * 4 // 7
    rows: list[Row] = []
    war = simulate_war(rng, scenario, days)
    for level in LEVELS:
        result = fit_excess(war.series(), *_periods(war, reference), level=level)
        name = f"excess over {days - reference} days, none there"
        rows += interval_rows(name, result.excess, 0.0, level, warned=warns(result.warnings, scenario))
    risen = simulate_war(rng, replace(scenario, steps=(*scenario.steps, Step(reference, _RATIO))), days)
    found = fit_excess(risen.series(), *_periods(risen, reference), level=_LEVEL).excess
    seen = float(found.low > 0.0) if isinstance(found, Estimate) else np.nan
    return [*rows, Row(f"an excess of half the level, {days - reference} days", "detected", np.nan, seen)]


def _periods(war: War, reference: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Give the first and last day of the reference period and of the window."""
    dates = [f"{day:%Y-%m-%d}" for day in pd.date_range(war.start, periods=len(war.counts))]
    return (dates[0], dates[reference - 1]), (dates[reference], dates[-1])


EXCESS = Study(
    "excess",
    "Excess recorded deaths of 90 days against the 120 before: coverage of the interval where nothing changed (a drift "
    "in reporting looks like a change, and is none), and how often a level higher by half is told from chance at 95 %.",
    SCENARIOS,
    _measure,
    210,
)
