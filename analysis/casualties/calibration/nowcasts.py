"""Nowcasts: whether the intervals of days that are still being reported hold what they become."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from casualties.calibration.scores import draw_rows, skill_row
from casualties.calibration.study import LEVELS, Row, Study
from casualties.estimates import NotEstimable
from casualties.models.nowcast import fit_nowcast
from casualties.simulate.wars import Delays, Scenario, Step, simulate_triangle

__all__ = ["NOWCAST", "Reported"]

_SUM = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Scenario):
    """A war whose deaths are reported with delays.

    Parameters
    ----------
    delays : Delays, optional
        The law of the delays; the rest as in `Scenario`.
    """

    delays: Delays = field(default_factory=Delays)


_DAYS = 90
_BASE: dict[str, Any] = {"level": (3.0, 30.0), "size": (0.7, 5.0)}
_LAWS = {
    "constant": Reported(words="delays of one law, level constant", **_BASE),
    "rising": Reported(
        words="delays of one law, 3 % more deaths a day over the last ten days",
        steps=(Step(_DAYS - 10, math.exp(0.3), over=10),),
        **_BASE,
    ),
    "slower": Reported(words="delays that become longer, by half of the hazard", delays=Delays(drift=0.5), **_BASE),
    "clumped": Reported(words="deaths of a day that are reported in clumps", delays=Delays(clumping=15.0), **_BASE),
}


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war and its reports; stand on its last evening."""
    delays = scenario.delays if isinstance(scenario, Reported) else Delays()
    whole = simulate_triangle(rng, scenario, delays, days)
    result = fit_nowcast(whole.known(pd.Timestamp(whole.deaths.index[-1])))
    final = whole.deaths.sum(axis=1).to_numpy(dtype=float)
    names = ("the last day", f"the last {_SUM} days together")
    if isinstance(result.total, NotEstimable):
        return [Row(name, "covered", level, math.nan) for name in names for level in LEVELS]
    warned = bool(result.warnings)
    opened = len(result.days)
    samples = {1: result.samples[:, -1], _SUM: result.samples[:, -_SUM:].sum(axis=1)}
    # Rows of the sum that are complete have no draws.
    done = final[len(final) - _SUM : len(final) - opened].sum()
    rows: list[Row] = []
    for name, number in zip(names, (1, _SUM), strict=True):
        draws = samples[number] + (done if number == _SUM else 0.0)
        rows += draw_rows(name, draws, float(final[-number:].sum()), rng, warned=warned)
    ladder = abs(float(result.days["chain_ladder"].iloc[-1]) - final[-1])
    skill = skill_row(f"{names[0]}, against the chain ladder", rows[0].value, ladder)
    return [*rows, Row(f"{names[0]}, chain ladder", "crps", math.nan, ladder), skill]


NOWCAST = Study(
    "nowcast",
    f"Final counts as they are foreseen on the evening of the last of {_DAYS} days, by a triangle of 20 days of delay.",
    _LAWS,
    _measure,
    _DAYS,
)
