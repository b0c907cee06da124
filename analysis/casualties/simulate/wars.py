"""Wars whose truth is known: counts by day, and reporting triangles, drawn from a scenario.

A method that claims 95 % is checked on these: it sees the counts, and the truth is kept beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.errors import InputError
from casualties.ledger import NOT_YET_KNOWN
from casualties.results import Basis
from casualties.series import DailySeries
from casualties.vintages.triangle import IN_TRIANGLE, Triangle

__all__ = ["SCENARIOS", "Delays", "Scenario", "Step", "War", "simulate_triangle", "simulate_war"]

Floats = npt.NDArray[np.float64]
Range = tuple[float, float]

# A Monday, so that the first entry of `Scenario.weekday` is the first day's.
_START = "2023-01-02"


def _above(value: float, name: str, least: float) -> None:
    if not value > least:
        raise InputError(f"must be above {least:g}", column=name, value=value)


def _within(value: Any, name: str) -> None:
    """Check a number, or the two ends of a range, above 0."""
    ends = value if isinstance(value, tuple) else (value, value)
    if len(ends) != 2 or not 0.0 < ends[0] <= ends[1]:
        raise InputError("must be a number above 0, or two in rising order", column=name, value=value)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the level.

    Parameters
    ----------
    day : int
        The first day (counted from 0) with the new level; of a ramp, its first day.
    ratio : float
        The level afterwards over the level before.
    over : int, optional
        Days that the change takes; 1 is a step, more a ramp that is even on the log scale.
    """

    day: int
    ratio: float
    over: int = 1

    def __post_init__(self) -> None:
        _above(self.ratio, "ratio", 0.0)
        _above(self.over, "over", 0.0)

    def factors(self, days: int) -> Floats:
        """Give what the change multiplies the level of each day by."""
        share = np.clip((np.arange(days) - self.day + 1) / self.over, 0.0, 1.0)
        return np.asarray(self.ratio**share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long deaths take to be reported: geometric delays, cut at the longest.

    Parameters
    ----------
    hazard : float or pair of float, optional
        The share of delay ``d`` is proportional to ``exp(-hazard * d)``; a pair is drawn from evenly, once a war.
    longest : int, optional
        The longest delay in days.
    drift : float, optional
        Share of the hazard that is lost between the first and the last day: 0.5 is reporting that becomes slower.
    clumping : float, optional
        Concentration of the Dirichlet law from which the shares of each day are drawn (smaller: more of a day's deaths
        enter together); none where every death is reported for itself.
    """

    hazard: float | Range = (0.15, 0.5)
    longest: int = 20
    drift: float = 0.0
    clumping: float | None = None

    def __post_init__(self) -> None:
        _within(self.hazard, "hazard")
        _above(self.longest, "longest", 0.0)
        if not self.drift < 1.0:
            raise InputError("must lie below 1", column="drift", value=self.drift)
        if self.clumping is not None:
            _above(self.clumping, "clumping", 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The law of a war: its level and what makes its days unlike independent draws of one law.

    Parameters
    ----------
    words : str, optional
        The scenario in words, for tables.
    level : float or pair of float, optional
        Expected recorded deaths a day; a pair is drawn from evenly on the log scale, once a war.
    size : float or pair of float, optional
        Size ``k`` of the negative binomial (variance ``m + m**2 / k``); a pair as for the level.
    autocorrelation : float, optional
        Correlation, one day apart, of a latent first-order autoregression of the log mean.
    latent_sd : float, optional
        Its standard deviation; 0 is none.
    spike_share : float, optional
        Share of days with a mass-casualty event.
    spike_scale, spike_base : float, optional
        The dead of such an event are Poisson, with mean ``spike_scale`` times the mean level times a standard
        exponential, plus ``spike_base``.
    weekday : tuple of float, shape (7,), optional
        Ratio of each day of the week, Monday first; scaled to a mean of 1.
    growth : float, optional
        Growth a day on the log scale; the level is that of the middle of the war.
    steps : tuple of Step, optional
        Changes of the level on known days.
    jump_chance, jump_sd : float, optional
        Chance of a change on each day, and the standard deviation of its log ratio.
    walk : float, optional
        Standard deviation of the daily steps of a random walk of the log level.
    reporting_drift : float, optional
        Change a day, on the log scale, of the share of deaths that is recorded (all are on the first day).
    missing_share : float, optional
        Share of days without an observation.
    missing_run : float, optional
        Mean length of a gap in days.
    feedback : pair of float, optional
        ``(a, b)``: the rate of a day is ``(1 - a - b)`` times the level, plus ``a`` times the count and ``b`` times the
        rate of the day before.

    Raises
    ------
    InputError
        If a number lies outside of what the law allows.

    Examples
    --------
    >>> Scenario(level=8.0, size=2.0, steps=(Step(day=60, ratio=2.5),)).steps
    (Step(day=60, ratio=2.5, over=1),)
    """

    words: str = ""
    level: float | Range = (0.5, 30.0)
    size: float | Range = (0.5, 5.0)
    autocorrelation: float = 0.0
    latent_sd: float = 0.0
    spike_share: float = 0.0
    spike_scale: float = 8.0
    spike_base: float = 5.0
    weekday: tuple[float, ...] = (1.15, 1.10, 1.05, 1.00, 0.85, 0.80, 1.05)
    growth: float = 0.0
    steps: tuple[Step, ...] = ()
    jump_chance: float = 0.0
    jump_sd: float = 0.0
    walk: float = 0.0
    reporting_drift: float = 0.0
    missing_share: float = 0.0
    missing_run: float = 3.0
    feedback: Range = (0.0, 0.0)

    def __post_init__(self) -> None:
        for name in ("level", "size"):
            _within(getattr(self, name), name)
        for name in ("latent_sd", "spike_scale", "spike_base", "jump_sd", "walk"):
            if not getattr(self, name) >= 0.0:
                raise InputError("must be at least 0", column=name, value=getattr(self, name))
        for name in ("spike_share", "jump_chance", "missing_share"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise InputError("must be at least 0 and below 1", column=name, value=getattr(self, name))
        if not -1.0 < self.autocorrelation < 1.0:
            raise InputError("must lie between -1 and 1", column="autocorrelation", value=self.autocorrelation)
        if len(self.weekday) != 7 or not all(ratio > 0.0 for ratio in self.weekday):
            raise InputError("must be seven ratios above 0", column="weekday", value=self.weekday)
        if not self.missing_run >= 1.0:
            raise InputError("must be at least 1", column="missing_run", value=self.missing_run)
        if min(self.feedback) < 0.0 or sum(self.feedback) >= 1.0:
            raise InputError("must be at least 0, and below 1 together", column="feedback", value=self.feedback)


@dataclass(frozen=True, slots=True, eq=False)
class War:
    """A simulated war.

    Parameters
    ----------
    counts : array of float, shape (days,)
        Recorded deaths by day; NaN on days without an observation.
    mean : array of float, shape (days,)
        Expected recorded deaths of each day: level, changes, growth, random walk, day of the week and reporting.
    rate : array of float, shape (days,)
        The same given the latent state of the day and what feedback made of the days before. Neither holds the dead of
        mass-casualty events.
    spike : array of bool, shape (days,)
        Days with a mass-casualty event.
    truth : mapping of str to float
        Every number of the scenario as it held in this war, with ``level`` and ``size`` as drawn, ``growth`` (of
        recorded deaths, the drift of reporting included) and ``violence_growth`` (without it).
    start : str
        ISO date of the first day.
    """

    counts: Floats
    mean: Floats
    rate: Floats
    spike: npt.NDArray[np.bool_]
    truth: Mapping[str, float] = field(default_factory=dict)
    start: str = _START

    def series(self, first: int = 0, stop: int | None = None) -> DailySeries:
        """Give the days from `first` to before `stop` as a method is given them.

        Parameters
        ----------
        first, stop : int, optional
            Days counted from 0; the whole war where they are not given.
        """
        start = pd.Timestamp(self.start) + pd.Timedelta(days=first)
        return DailySeries.from_counts(self.counts[first:stop], start, name="simulated")


# The scenarios under which every method is measured.
SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "independent": Scenario(words="independent days"),
        "ar5": Scenario(words="latent autoregression, 0.5 a day, sd 0.4", autocorrelation=0.5, latent_sd=0.4),
        "ar9": Scenario(words="latent autoregression, 0.9 a day, sd 0.4", autocorrelation=0.9, latent_sd=0.4),
        "spikes": Scenario(words="a mass-casualty event on 1 % of days", spike_share=0.01),
        "weekday": Scenario(words="strong rhythm of the week", weekday=(1.6, 1.3, 1.1, 1.0, 0.6, 0.5, 0.9)),
        "drift": Scenario(words="the recorded share of deaths halves in a year", reporting_drift=math.log(0.5) / 365.0),
        "missing": Scenario(words="a tenth of the days missing, in gaps", missing_share=0.1),
    }
)


def simulate_war(rng: np.random.Generator, scenario: Scenario, days: int, *, start: str = _START) -> War:
    """Draw a war.

    Parameters
    ----------
    rng : Generator
        Where chance comes from.
    scenario : Scenario
        The law.
    days : int
        Length in days.
    start : str, optional
        ISO date of the first day.

    Returns
    -------
    War
        Its counts, and the truth beside them.

    Raises
    ------
    InputError
        If the number of days is not above 0.

    Examples
    --------
    >>> war = simulate_war(np.random.default_rng(1), SCENARIOS["independent"], 120)
    >>> war.series()
    <DailySeries recorded deaths: 2023-01-02 to 2023-05-01, 120 of 120 days observed>
    >>> round(war.truth["level"], 2), round(war.truth["size"], 2)
    (4.07, 4.46)
    """
    _above(days, "days", 0.0)
    level, size = _drawn(rng, scenario.level), _drawn(rng, scenario.size)
    day = np.arange(days)
    base = level * np.exp(scenario.growth * (day - (days - 1) / 2.0))
    for step in scenario.steps:
        base = base * step.factors(days)
    if scenario.jump_chance > 0.0:
        base = base * np.exp(
            np.cumsum((rng.random(days) < scenario.jump_chance) * rng.normal(0, scenario.jump_sd, days))
        )
    if scenario.walk > 0.0:
        base = base * np.exp(np.cumsum(rng.normal(0.0, scenario.walk, days)))
    base = base * np.exp(scenario.reporting_drift * day)
    weekday = np.asarray(scenario.weekday) / np.mean(scenario.weekday)
    rhythm = weekday[(day + pd.Timestamp(start).day_of_week) % 7]
    latent = _latent(rng, scenario, days)
    if max(scenario.feedback) > 0.0:
        rate, counts = _with_feedback(rng, scenario.feedback, base * latent, rhythm, size)
    else:
        rate = base * rhythm * latent
        counts = rng.poisson(rng.gamma(size, rate / size)).astype(float)
    spike = np.zeros(days, dtype=bool)
    if scenario.spike_share > 0.0:
        spike = rng.random(days) < scenario.spike_share
        dead = rng.gamma(1.0, 1.0, days) * scenario.spike_scale * base.mean() + scenario.spike_base
        counts = counts + spike * rng.poisson(dead)
    counts[_missing(rng, scenario, days)] = np.nan
    truth = {
        each.name: float(getattr(scenario, each.name))
        for each in fields(Scenario)
        if isinstance(getattr(scenario, each.name), int | float)
    }
    truth |= {"level": level, "size": size, "violence_growth": scenario.growth}
    truth["growth"] = scenario.growth + scenario.reporting_drift
    return War(counts, base * rhythm, rate, spike, truth, start)


def simulate_triangle(
    rng: np.random.Generator, scenario: Scenario, delays: Delays, days: int, *, start: str = _START
) -> Triangle:
    """Draw a war and the days on which its deaths were reported.

    Parameters
    ----------
    rng : Generator
        Where chance comes from.
    scenario : Scenario
        The law of the war; without missing days.
    delays : Delays
        The law of the delays.
    days : int
        Length in days.
    start : str, optional
        ISO date of the first day.

    Returns
    -------
    Triangle
        The whole triangle, as it stands when every death has been reported; ``.known(day)`` is what was known on the
        evening of a day.

    Raises
    ------
    InputError
        If the scenario leaves days out, or the number of days is not above 0.

    Examples
    --------
    >>> triangle = simulate_triangle(np.random.default_rng(1), SCENARIOS["independent"], Delays(longest=3), 30)
    >>> last = triangle.known("2023-01-31").deaths.tail(3)
    >>> last.isna().sum(axis=1).tolist()
    [1, 2, 3]
    """
    if scenario.missing_share > 0.0:
        raise InputError("a triangle has no missing days", column="missing_share", value=scenario.missing_share)
    counts = simulate_war(rng, scenario, days, start=start).counts.astype("int64")
    hazard = rng.uniform(*delays.hazard) if isinstance(delays.hazard, tuple) else delays.hazard
    cells = np.empty((days, delays.longest + 1), dtype="int64")
    for day, count in enumerate(counts):
        shares = np.exp(-hazard * (1.0 - delays.drift * day / days) * np.arange(delays.longest + 1))
        shares /= shares.sum()
        if delays.clumping is not None:
            shares = rng.dirichlet(shares * delays.clumping)
        cells[day] = rng.multinomial(count, shares)
    dates = pd.date_range(start, periods=days, name="date")
    deaths = pd.DataFrame(cells, index=dates, columns=pd.RangeIndex(delays.longest + 1, name="delay")).astype("Int64")
    total = int(counts.sum())
    accounts = pd.DataFrame(
        {"events": [total, 0], "deaths": [total, 0]}, index=pd.Index([IN_TRIANGLE, NOT_YET_KNOWN], name="reason")
    ).astype("Int64")
    settings = {"hazard": hazard, "drift": delays.drift, "clumping": delays.clumping}
    basis = Basis(
        label="recorded deaths by delay",
        source="simulated",
        vintage="",
        start=str(dates[0].date()),
        end=str(dates[-1].date()),
        days=days,
        days_observed=days,
        method="drawn from a law of delays",
        settings=settings,
    )
    # Every simulated event has one dead.
    return Triangle(basis, deaths, deaths.copy(), accounts)


def _drawn(rng: np.random.Generator, value: float | Range) -> float:
    """Draw from a range, evenly on the log scale."""
    if isinstance(value, tuple):
        return math.exp(rng.uniform(math.log(value[0]), math.log(value[1])))
    return float(value)


def _latent(rng: np.random.Generator, scenario: Scenario, days: int) -> Floats:
    """Draw what a stationary latent autoregression multiplies the mean by; its expectation is 1."""
    sd, phi = scenario.latent_sd, scenario.autocorrelation
    if sd == 0.0:
        return np.ones(days)
    noise = rng.normal(0.0, 1.0, days)
    state = np.empty(days)
    state[0] = sd * noise[0]
    for day in range(1, days):
        state[day] = phi * state[day - 1] + sd * math.sqrt(1.0 - phi * phi) * noise[day]
    return np.asarray(np.exp(state - sd * sd / 2.0))


def _with_feedback(
    rng: np.random.Generator, feedback: Range, level: Floats, rhythm: Floats, size: float
) -> tuple[Floats, Floats]:
    """Draw rates and counts of a war in which a day's deaths raise the next day's rate."""
    a, b = feedback
    rates, counts = np.empty(len(level)), np.empty(len(level))
    rate = level[0]
    for day, mean in enumerate(level):
        if day:
            rate = (1.0 - a - b) * mean + a * counts[day - 1] / rhythm[day - 1] + b * rate
        rates[day] = rate * rhythm[day]
        counts[day] = rng.poisson(rng.gamma(size, rates[day] / size))
    return rates, counts


def _missing(rng: np.random.Generator, scenario: Scenario, days: int) -> npt.NDArray[np.bool_]:
    """Draw which days have no observation: gaps of geometric length."""
    gone = np.zeros(days, dtype=bool)
    share = scenario.missing_share
    if share == 0.0:
        return gone
    end = 1.0 / scenario.missing_run
    begin = min(end * share / (1.0 - share), 1.0)
    chance = rng.random(days)
    gone[0] = chance[0] < share
    for day in range(1, days):
        gone[day] = chance[day] >= end if gone[day - 1] else chance[day] < begin
    return gone
