"""Change points: false decisions where nothing changed, and dates and ratios where something did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from casualties.calibration.shortfalls import ALLOWED_RATE, POOLED, UNQUOTED
from casualties.calibration.study import LEVELS, Row, Study, interval_rows, warns
from casualties.estimates import Estimate, NotEstimable
from casualties.models.changepoints import ChangepointResult, fit_changepoints
from casualties.simulate.wars import SCENARIOS, Scenario, Step, War, simulate_war

__all__ = ["CHANGE", "NO_CHANGE"]

_SMALLEST, _LARGEST = 1.5, 4.0
_EDGE = 60
_NEAR = 7
# A fit takes long: each war is read at one level, the usual ones more often.
_SHARES = (0.15, 0.15, 0.3, 0.4)
_KINDS = {f"{UNQUOTED} do not depend": "", f"{UNQUOTED} depend": "_dependent"}
_QUOTED = {"independent": "", "dependent": "_dependent"}


def _without(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war whose level does not change."""
    result = fit_changepoints(simulate_war(rng, scenario, days).series())
    warned = warns(result.warnings, scenario)
    rows = _decided(result, "false alarm", ALLOWED_RATE, warned)
    return [*rows, Row("a change is listed", "false alarm", math.nan, float(len(result.changes) > 0), warned)]


def _with(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war with the changes of the scenario; with one of 1.5 to 4-fold, up or down, where it has none."""
    steps = scenario.steps
    if not steps:
        day = int(rng.integers(min(_EDGE, days // 4), days - min(_EDGE, days // 4) + 1))
        size = rng.uniform(math.log(_SMALLEST), math.log(_LARGEST))
        steps = (Step(day, math.exp(rng.choice([-1.0, 1.0]) * size)),)
    war = simulate_war(rng, replace(scenario, steps=steps), days)
    level = float(rng.choice(LEVELS, p=_SHARES))
    result = fit_changepoints(war.series(), level=level, date_level=level)
    warned = warns(result.warnings, scenario)
    rows = _mean([_intervals(result, war, step, level, warned) for step in steps])
    decided = _decided(result, "detected", math.nan, warned)
    return [*rows, *decided, *_mean([_found(result, war, step, warned) for step in steps])]


def _decided(result: ChangepointResult, measure: str, nominal: float, warned: bool) -> list[Row]:
    """Give whether the result decides that the level changed."""
    decision = result.any_change
    value = math.nan if isinstance(decision, NotEstimable) else float(decision.found)
    return [Row(POOLED, measure, nominal, value, warned)]


def _intervals(result: ChangepointResult, war: War, step: Step, level: float, warned: bool) -> list[Row]:
    """Give the rows of the date sets and ratios of the listed change next to a true one."""
    date = pd.Timestamp(war.start) + pd.Timedelta(days=step.day)
    changes = result.changes
    row = None if changes.empty else changes.iloc[int((changes["date"] - date).abs().to_numpy().argmin())]
    rows: list[Row] = []
    for name in (*_KINDS, "quoted"):
        end = "" if row is None else {**_KINDS, "quoted": _QUOTED[str(row["quoted"])]}[name]
        days: Estimate | NotEstimable = NotEstimable("no change is listed")
        ratio: Estimate | NotEstimable = days
        if row is not None:
            first, last = ((row[f"{edge}{end}"] - date).days for edge in ("date_low", "date_high"))
            # Days count whole: a set of one day is one day wide.
            days = Estimate(0.0, first - 0.5, last + 0.5)
            value, low, high = (float(row[f"{part}{end}"]) for part in ("ratio", "ratio_low", "ratio_high"))
            ratio = Estimate(value, low, high)
        rows += interval_rows(f"date of a change, {name}", days, 0.0, level, warned=warned)
        rows += _log_width(interval_rows(f"ratio of a change, {name}", ratio, step.ratio, level, warned=warned), ratio)
    known = result.change_at(date).ratio
    return [
        *rows,
        *_log_width(interval_rows("ratio on a known date, quoted", known, step.ratio, level, warned=warned), known),
    ]


def _log_width(rows: list[Row], ratio: Estimate | NotEstimable) -> list[Row]:
    """Measure the width of a ratio as its upper over its lower end."""
    if isinstance(ratio, NotEstimable):
        return rows
    return [each._replace(value=ratio.high / ratio.low) if each.measure == "width" else each for each in rows]


def _found(result: ChangepointResult, war: War, step: Step, warned: bool) -> list[Row]:
    """Give whether a listed change lies next to a true one."""
    date = pd.Timestamp(war.start) + pd.Timedelta(days=step.day)
    near = bool((np.abs((result.changes["date"] - date).dt.days.to_numpy()) <= _NEAR).any())
    return [Row(f"a change is listed within {_NEAR} days", "detected", math.nan, float(near), warned)]


def _mean(steps: Sequence[list[Row]]) -> list[Row]:
    """Give the mean row over the true changes of a war."""
    rows = []
    for same in zip(*steps, strict=True):
        values = [row.value for row in same if not math.isnan(row.value)]
        rows.append(same[0]._replace(value=float(np.mean(values)) if values else math.nan))
    return rows


NO_CHANGE = Study(
    "no-change",
    "A year whose level does not change: how often a change is decided, which is set to be one war in twenty over all "
    "kinds of days, and how often one is listed.",
    SCENARIOS,
    _without,
    365,
)
CHANGE = Study(
    "change",
    "A year with a change of 1.5 to 4-fold, up or down, not in its first or last 60 days: date sets (width in days) "
    "and ratios (width: upper over lower end) of the listed change next to it, as if days were independent, as if they "
    "were not, and as quoted; and how often a change is decided. Each war is read at one "
    "level.",
    SCENARIOS,
    _with,
    365,
)
