"""A model's view behind several sources: whether its growth holds the war's, with coverage that drifts and copies."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from casualties.calibration.study import LEVELS, Row, Study, interval_rows
from casualties.comparison.latent_view import LatentViewResult, latent_view
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.reporting_drift import DRIFT_DAYS, drift_sd
from casualties.simulate.sources import Reporting, SourcedWar, simulate_sources
from casualties.simulate.wars import Scenario, simulate_war

__all__ = ["LATENT", "Sourced"]

Floats = npt.NDArray[np.float64]

_WINDOWS = (56, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced(Scenario):
    """A war that several sources count, with coverage that drifts.

    Parameters
    ----------
    sources : int, optional
        How many count for themselves.
    apart : float, optional
        Law of the sources' drifts against each other: over 90 days no more than this factor, with probability 0.95.
    common : float, optional
        The same of the drift that all have in common.
    events : float, optional
        Chance that a source sees an event at all.
    deaths_an_event : float, optional
        Mean number of dead of an event.
    silent : float, optional
        Chance of a day without a report, of each source.
    swinging : float, optional
        Share of the wars whose level swings for weeks.
    copied : bool, optional
        Whether a further source rests on the first, of whose deaths it holds four in five.
    declared : bool, optional
        Whether the reader tells the method so.
    allowed, allowed_common : float, optional
        The drifts that the reader declares: of each source, and common to all.
    """

    sources: int = 2
    apart: float = 1.0
    common: float = 1.0
    events: float = 1.0
    deaths_an_event: float = 1.0
    silent: float = 0.0
    swinging: float = 0.25
    copied: bool = False
    declared: bool = False
    allowed: float = 1.0
    allowed_common: float = 1.0


# A level that swings: correlation one day apart, and standard deviation.
_SWING, _SWING_SD = 0.985, 1.0
# Warnings that every view has.
_STANDING = 2
_BASE: dict[str, Any] = {"level": (6.0, 60.0)}
_MILD: dict[str, Any] = {"apart": 1.5, "common": 1.5, "allowed": 1.5, "allowed_common": 1.5, **_BASE}
_STRONG: dict[str, Any] = {"apart": 4.0, "common": 4.0, "allowed": 4.0, "allowed_common": 4.0, **_BASE}
_LAWS = {
    "as held": Sourced(
        words="three sources; drifts of up to 1.5 over 90 days, as declared; one war in four swings, as assumed",
        sources=3,
        **_MILD,
    ),
    "no drift": Sourced(words="two sources of steady coverage, no drift declared; one war in four swings", **_BASE),
    "calm": Sourced(words="two sources; drifts of up to 1.5, as declared; no war swings", swinging=0.0, **_MILD),
    "swings": Sourced(words="two sources; drifts of up to 1.5, as declared; every war swings", swinging=1.0, **_MILD),
    "opposite": Sourced(
        words="two sources that drift in opposite directions by up to 2, as declared", apart=2.0, allowed=2.0, **_BASE
    ),
    "common": Sourced(words="two sources; drifts of their own and a common one of up to 4, as declared", **_STRONG),
    "understated": Sourced(
        words="two sources; a common drift of up to 4, where 1.5 is declared", **{**_MILD, "common": 4.0}
    ),
    "missed": Sourced(
        words="three sources that miss whole events; drifts of up to 1.5, as declared",
        sources=3,
        events=0.6,
        deaths_an_event=3.0,
        **_MILD,
    ),
    "silent": Sourced(
        words="two sources, each silent on every fourth day; drifts of up to 1.5, as declared", silent=0.25, **_MILD
    ),
    "copied": Sourced(
        words="two sources and an undeclared copy of one; drifts of up to 4, as declared", copied=True, **_STRONG
    ),
    "copied, declared": Sourced(
        words="two sources and a declared copy of one; drifts of up to 4, as declared",
        copied=True,
        declared=True,
        **_STRONG,
    ),
}


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war and its sources for each window."""
    law = scenario if isinstance(scenario, Sourced) else Sourced()
    rows: list[Row] = []
    for window in (window for window in _WINDOWS if window <= days):
        growth = rng.normal(0.0, 1.0 / window)
        drawn = _drawn(rng, replace(law, growth=growth), window)
        war = drawn.war
        named = {f"source {k + 1}": war.series(k) for k in range(len(war.counts))}
        copies = [("source 1", f"source {law.sources + 1}")] if law.declared else []
        result = latent_view(named, drift=law.allowed, common=law.allowed_common, dependent=copies)
        rows += _rows(result, drawn, growth, law)
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """What several sources count of a war, the drift of each that counts for itself, and the deaths expected."""

    war: SourcedWar
    drifts: Floats
    mean: Floats


def _drawn(rng: np.random.Generator, law: Sourced, window: int) -> _Drawn:
    if rng.random() < law.swinging:
        law = replace(law, autocorrelation=_SWING, latent_sd=_SWING_SD)
    war = simulate_war(rng, law, window)
    size = war.truth["size"]
    mean = war.rate * rng.gamma(size, 1.0 / size, window)
    # Against their mean the drifts have the standard deviation of the law.
    own = rng.normal(0.0, 1.0, law.sources) * math.sqrt(law.sources / (law.sources - 1))
    drifts = (own - own.mean()) * drift_sd(law.apart) + rng.normal(0.0, 1.0) * drift_sd(law.common)
    middle = rng.uniform(0.1, 0.35, law.sources)
    # A share is that of the first day.
    shares = np.minimum(middle * np.exp(-drifts * (window - 1) / 2.0), 1.0)
    reports = [
        Reporting(share=float(share), drift=float(drift), events=law.events, silent=law.silent)
        for share, drift in zip(shares, drifts, strict=True)
    ]
    if law.copied:
        reports.append(Reporting(share=0.8, copies=0))
    return _Drawn(simulate_sources(rng, mean, reports, deaths_an_event=law.deaths_an_event), drifts, mean)


def _rows(result: LatentViewResult, drawn: _Drawn, growth: float, law: Sourced) -> list[Row]:
    rows: list[Row] = []
    window, drifts = len(drawn.mean), drawn.drifts
    common_sd = drift_sd(law.allowed_common)
    warned = len(result.warnings) > _STANDING
    for level in LEVELS:
        # The posterior does not depend on the level of the interval that is taken from it.
        plain: Estimate | NotEstimable = result.growth_without
        drifting: Estimate | NotEstimable = result.growth
        if result.fit is not None and result.fit_without is not None:
            plain = Estimate(*result.fit_without.growth(0.0, level), level)
            drifting = Estimate(*result.fit.growth(common_sd, level), level)
        rows += interval_rows(f"growth if nothing drifts, {window} days", plain, growth, level, warned=warned)
        if law.allowed > 1.0:
            rows += interval_rows(f"growth with drift, {window} days", drifting, growth, level, warned=warned)
    if result.fit is None:
        return rows
    level = result.basis.settings["level"]
    if law.allowed > 1.0:
        # Of the first source against the mean of those that count for themselves, as the table gives it.
        row, truth = result.drifts.iloc[0], (drifts[0] - drifts.mean()) * DRIFT_DAYS
        value, low, high = (math.log(float(row[name])) for name in ("drift", "low", "high"))
        apart = Estimate(value, low, high, level)
        rows += interval_rows(f"drift against the others, {window} days", apart, truth, level, warned=warned)
    used = [result.names.index(name) for name in result.used]
    rate = drawn.war.true * np.exp(np.log(drawn.war.coverage[used]).mean(axis=0))
    held = (result.days["rate_low"] <= rate) & (rate <= result.days["rate_high"])
    # A rate is above 0; a day on which nobody died has none.
    held = held[drawn.war.true > 0.0]
    rows.append(Row(f"deaths of a day, {window} days", "covered", level, float(held.mean()), warned))
    return rows


LATENT = Study(
    "latent view",
    f"Growth a day of a war behind several sources, over {' and '.join(map(str, _WINDOWS))} days; true growth is "
    "normal, sd 1 / window.",
    _LAWS,
    _measure,
    max(_WINDOWS),
    share=0.2,
)
