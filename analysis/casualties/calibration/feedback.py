"""Feedback: what branching ratio is found where there is none, and where it is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from casualties.calibration.study import Row, Study, interval_rows
from casualties.estimates import Estimate
from casualties.models.excitation import fit_excitation
from casualties.simulate.wars import SCENARIOS, Scenario, Step, simulate_war

__all__ = ["FEEDBACK"]

_DAYS, _LEVEL = 365, 0.95
_FEEDBACK = (0.35, 0.4)


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war; the days of its steps are known to the fit."""
    war = simulate_war(rng, scenario, days)
    dates = [pd.Timestamp(war.start) + pd.Timedelta(days=step.day) for step in scenario.steps]
    result = fit_excitation(war.series(), dates, level=_LEVEL)
    a, b = scenario.feedback
    warned = bool(result.warnings)
    name = "branching ratio, segmented baseline"
    rows = interval_rows(name, result.branching, a / (1.0 - b), _LEVEL, warned=warned)
    for words, answer in ((name, result.branching), ("branching ratio, one level", result.unsegmented)):
        rows.append(Row(words, "estimate", math.nan, answer.value if isinstance(answer, Estimate) else math.nan))
    return rows


FEEDBACK = Study(
    "feedback",
    "The branching ratio over a year, around a baseline that changes where it did, and as it would be with one level.",
    {
        "independent": SCENARIOS["independent"],
        "step": replace(SCENARIOS["independent"], words="one threefold step, no feedback", steps=(Step(180, 3.0),)),
        "ar9": SCENARIOS["ar9"],
        "feedback": Scenario(words="deaths raise the next days' rate (INGARCH, 0.35 and 0.4)", feedback=_FEEDBACK),
    },
    _measure,
    _DAYS,
)
