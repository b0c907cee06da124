"""Alarms: how often they are false, and how soon they come when the level has risen, beside the rules of others."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from casualties.calibration.study import Row, Study
from casualties.inference.alarm_rules import ears_bounds
from casualties.models.alarms import AlarmResult, fit_alarms
from casualties.simulate.wars import SCENARIOS, Scenario, Step, War, simulate_war

__all__ = ["ALARMS", "RISES"]

_DAILY, _LASTING = "an alarm on a day", "a lasting rise"
# The longest rule of others looks back on 395 days.
_BEFORE, _JUDGED, _AFTER = 396, 20, 28
_RATE, _OFTEN = 1e-3, 1e-2
_RUN_LENGTH = 365.0
_SOON = 14
_PEERS = {
    "ears_c1": "EARS C1",
    "ears_c2": "EARS C2",
    "trendfinder": "ACLED Trendfinder's +25 %",
    "hdx_signals": "HDX Signals' highest 30 days",
}
_NOMINAL = {"ears_c1": _RATE, "ears_c2": _RATE}


def _false(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war whose level does not change, and judge its last days."""
    war = simulate_war(rng, scenario, days)
    result = fit_alarms(war.series(), days=_JUDGED, rate=_RATE, run_length=_RUN_LENGTH)
    # An alarm on a mass-casualty day is right.
    plain = ~war.spike[-_JUDGED:]
    warned = bool(result.warnings)
    rows = [
        Row(_DAILY, "false alarm", rate, _share(result.days["tail"].to_numpy(dtype=float), rate, plain), warned)
        for rate in (_RATE, _OFTEN)
    ]
    on = _flags(result, "sustained")
    begun = on[1:] > on[:-1]
    rows.append(Row(_LASTING, "false alarm", 1.0 / _RUN_LENGTH, float(begun.mean()), warned))
    for name, words in _PEERS.items():
        told = _flags(result, name)[plain]
        rows.append(Row(f"{_DAILY}: {words}", "false alarm", _NOMINAL.get(name, math.nan), _mean(told)))
    for method, words in (("C1", "EARS C1"), ("C2", "EARS C2")):
        bounds = ears_bounds(war.counts, method, rate=_OFTEN)  # type: ignore[arg-type]
        above = np.where(np.isnan(bounds + war.counts), np.nan, war.counts > bounds)
        rows.append(Row(f"{_DAILY}: {words}", "false alarm", _OFTEN, _mean(above[-_JUDGED:][plain])))
    return rows


def _rising(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war whose level rises before its last days, and tell when it is noticed."""
    war: War = simulate_war(rng, scenario, days)
    result = fit_alarms(war.series(), days=_AFTER, rate=_RATE, run_length=_RUN_LENGTH)
    warned = bool(result.warnings)
    signs = {_DAILY: "alarm", _LASTING: "sustained", **{f"{_DAILY}: {words}": name for name, words in _PEERS.items()}}
    rows: list[Row] = []
    for words, name in signs.items():
        on = np.flatnonzero(_flags(result, name) > 0)
        # One that does not come within the days judged counts with one day more.
        delay = int(on[0]) + 1 if len(on) else _AFTER + 1
        rows.append(Row(f"{words}, within {_SOON} days", "detected", math.nan, float(delay <= _SOON), warned))
        rows.append(Row(words, "delay", math.nan, float(delay), warned))
    return rows


def _flags(result: AlarmResult, name: str) -> npt.NDArray[np.float64]:
    """Give a column of yes and no as 1 and 0, NaN where the day was not judged."""
    return np.asarray(result.days[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _share(tail: npt.NDArray[np.float64], rate: float, plain: npt.NDArray[np.bool_]) -> float:
    """Give the share of the days judged whose tail lies below a rate."""
    return _mean(np.where(np.isnan(tail), np.nan, tail < rate)[plain])


def _mean(values: npt.NDArray[np.float64]) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if len(seen) else math.nan


ALARMS = Study(
    "alarms",
    f"False alarms on the last {_JUDGED} days of wars whose level does not change: the daily alarm at 1 in 1,000 and "
    "1 in 100, the sum for a lasting rise at one in a year, and the rules of others on the same days; mass-casualty "
    "days left out.",
    SCENARIOS,
    _false,
    _BEFORE + _JUDGED,
)
RISES = Study(
    "rises",
    f"How soon a rise is noticed (1 is its first day; what does not come within {_AFTER} days counts as {_AFTER + 1}), "
    f"and how often within {_SOON} days; independent days.",
    {
        f"{ratio:g}-fold": replace(
            SCENARIOS["independent"], words=f"the level rises {ratio:g}-fold", steps=(Step(_BEFORE, ratio),)
        )
        for ratio in (1.5, 2.0, 3.0, 4.0)
    },
    _rising,
    _BEFORE + _AFTER,
)
