"""Two sources of one war: whether the intervals of their ratio hold it, and whether the lag is found."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from casualties.calibration.study import LEVELS, Row, Study, interval_rows
from casualties.comparison.agreement import compare_pair
from casualties.comparison.paired_ratio import paired_ratio
from casualties.estimates import NotEstimable
from casualties.simulate.sources import Reporting, simulate_sources
from casualties.simulate.wars import Scenario, simulate_war

__all__ = ["PAIRS", "Paired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired(Scenario):
    """A war that two sources count.

    Parameters
    ----------
    first, second : Reporting, optional
        How each reports; the rest as in `Scenario`.
    deaths_an_event : float, optional
        Mean number of dead of an event.
    lasts : int, optional
        Days of the war, where they are not those of the study.
    """

    first: Reporting = field(default_factory=lambda: Reporting(share=0.8))
    second: Reporting = field(default_factory=lambda: Reporting(share=0.55))
    deaths_an_event: float = 3.0
    lasts: int | None = None


_DAYS = 120
_BASE: dict[str, Any] = {"level": (3.0, 30.0), "size": (0.7, 5.0)}
_SWINGS: dict[str, Any] = {"autocorrelation": 0.9, "latent_sd": 0.4}
_LAWS = {
    "deaths": Paired(words="the same deaths, each counted or not by itself", **_BASE),
    "events": Paired(
        words="whole events seen or missed", first=Reporting(events=0.8), second=Reporting(events=0.55), **_BASE
    ),
    "both": Paired(
        words="events missed, and deaths of those seen; the level swings slowly",
        first=Reporting(events=0.9, share=0.9),
        second=Reporting(events=0.7, share=0.8),
        **_BASE,
        **_SWINGS,
    ),
    "gaps": Paired(
        words="whole events missed, each silent on a fifth of the days",
        first=Reporting(events=0.8, silent=0.2),
        second=Reporting(events=0.55, silent=0.2),
        **_BASE,
    ),
    "copy": Paired(
        words="the second copies events of the first",
        first=Reporting(events=0.8),
        second=Reporting(events=0.7, copies=0),
        **_BASE,
    ),
    "late": Paired(
        words="whole events missed, the second source two days late",
        first=Reporting(events=0.8),
        second=Reporting(events=0.55, lag=2),
        **_BASE,
    ),
    "large": Paired(
        words="whole events missed, ten dead an event",
        first=Reporting(events=0.8),
        second=Reporting(events=0.55),
        deaths_an_event=10.0,
        **_BASE,
    ),
    "few": Paired(
        words="60 days with few events, seldom seen by both; the second source one day late",
        first=Reporting(events=0.3),
        second=Reporting(events=0.3, lag=1),
        lasts=60,
        **{**_BASE, "level": (1.0, 3.0)},
    ),
    "drift": Paired(
        words="the second source's coverage falls by two thirds, evenly",
        first=Reporting(events=0.8),
        second=Reporting(share=0.8, drift=math.log(1 / 3) / _DAYS),
        **_BASE,
    ),
    "wander": Paired(
        words="the second source's coverage wanders, 5 % a day",
        first=Reporting(events=0.8),
        second=Reporting(share=0.5, wander=0.05),
        **_BASE,
    ),
}
QUOTED, OVER = "ratio, quoted interval", "ratio, over the lags"
RATIO, SCORE = "ratio, quasi-binomial", "ratio, score interval"


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war that two sources count, and compare them.

    The true ratio is that of the deaths of these days which each counts on average.
    """
    law = scenario if isinstance(scenario, Paired) else Paired()
    war = simulate_war(rng, law, law.lasts or days)
    size = war.truth["size"]
    rates = rng.gamma(size, war.rate / size)
    seen = simulate_sources(rng, rates, (law.first, law.second), deaths_an_event=law.deaths_an_event)
    truth = float(seen.coverage[0] @ rates / (seen.coverage[1] @ rates))
    result = compare_pair(seen.series(0), seen.series(1))
    drifts = any("drifts" in warning for warning in result.warnings)
    rows: list[Row] = []
    for level in LEVELS:
        found = paired_ratio(result.days["a"], result.days["b"], level=level)
        rows += interval_rows(QUOTED, found.quoted, truth, level, warned=drifts)
        rows += interval_rows(RATIO, found.ratio, truth, level, warned=drifts)
        rows += interval_rows(SCORE, found.ratio_score, truth, level, warned=drifts)
    rows += interval_rows(OVER, result.ratio_lags, truth, result.basis.settings["level"], warned=drifts)
    lag = law.second.lag - law.first.lag
    settled = not isinstance(result.ratio, NotEstimable)
    unsure = len(result.lag_set) > 1
    rows.append(Row("set of lags", "covered", 0.95, float(lag in result.lag_set) if settled else math.nan, unsure))
    rows.append(Row("set of lags", "width", 0.95, float(len(result.lag_set)), unsure))
    rows.append(Row("lag", "detected", math.nan, float(result.lag == lag), unsure))
    moving = law.second.drift != 0.0 or law.second.wander != 0.0
    rows.append(
        Row(
            "a ratio that moves",
            "detected" if moving else "false alarm",
            math.nan if moving else 0.05,
            float(drifts),
            drifts,
        )
    )
    return rows


PAIRS = Study(
    "pairs",
    f"The ratio and the lag of two sources that count the same war of {_DAYS} days (or as said).",
    _LAWS,
    _measure,
    _DAYS,
    share=0.2,
)
