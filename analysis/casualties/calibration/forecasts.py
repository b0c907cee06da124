"""Forecasts: whether their intervals hold what comes, and whether they are better than the last four weeks."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from casualties.calibration.scores import draw_rows, skill_row
from casualties.calibration.study import LEVELS, Row, Study
from casualties.estimates import NotEstimable
from casualties.models.forecast import fit_forecast
from casualties.models.track_record import draw_as_recent
from casualties.simulate.wars import SCENARIOS, Scenario, simulate_war

__all__ = ["FORECAST", "HORIZON"]

HORIZON, _RECENT, _PATHS = 14, 28, 3000
_TOTAL, _DAY, _RULE = "deaths of 14 days", "deaths of a day ahead", "deaths of 14 days, by the last 28 days"
_LAWS: Mapping[str, Scenario] = {
    **SCENARIOS,
    "walk": Scenario(words="the level walks at random, 6 % a day", walk=0.06),
    "jumps": Scenario(words="the level jumps about every 90 days (log sd 0.8)", jump_chance=1 / 90, jump_sd=0.8),
    "feedback": Scenario(words="deaths raise the next days' rate (INGARCH, 0.35 and 0.4)", feedback=(0.35, 0.4)),
}


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war, and foresee its last days from the others."""
    war = simulate_war(rng, scenario, days)
    known = days - HORIZON
    result = fit_forecast(war.series(0, known), horizon=HORIZON)
    came = war.counts[known:]
    seen = ~np.isnan(came)
    if isinstance(result.total, NotEstimable) or not seen.any():
        return [Row(name, "covered", level, math.nan) for name in (_TOTAL, _DAY) for level in LEVELS]
    warned = bool(result.warnings)
    ahead = result.samples[:, seen]
    total = draw_rows(_TOTAL, ahead.sum(axis=1), came[seen].sum(), rng, warned=warned)
    recent = war.counts[known - _RECENT : known]
    rule = draw_as_recent(recent[~np.isnan(recent)], HORIZON, _PATHS, rng)[:, seen].sum(axis=1)
    beside = [row for row in draw_rows(_RULE, rule, came[seen].sum(), rng) if row.measure in ("crps", "held")]
    skill = skill_row(f"{_TOTAL}, against the last {_RECENT} days", total[0].value, beside[0].value)
    return [*total, *draw_rows(_DAY, ahead, came[seen], rng, warned=warned), *beside, skill]


FORECAST = Study(
    "forecast",
    f"Deaths of the {HORIZON} days after a year: in all, and day by day (means over the days); beside it a negative "
    f"binomial of the last {_RECENT} days.",
    _LAWS,
    _measure,
    365 + HORIZON,
)
