"""Verdicts: how often a war that does not change is said to escalate, and how often one that does is found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.calibration.shortfalls import ALLOWED_RATE, FOUND, SAID
from casualties.calibration.study import Row, Study
from casualties.simulate.sources import Reporting, simulate_sources
from casualties.simulate.wars import SCENARIOS, Scenario, Step, War, simulate_war
from casualties.verdict.decision import CONFLICT, DE_ESCALATING, ESCALATING, STATES, Decision, decide, told
from casualties.verdict.question import ALL_DAYS, Baseline, Counts, Question
from casualties.verdict.reading import read_series
from casualties.verdict.ruling import agreeing, rule
from casualties.verdict.variations import without_largest

__all__ = [
    "VERDICT",
    "VERDICT_CHANGE",
    "VERDICT_SOURCES",
    "Judged",
    "Judgement",
    "Reported",
    "judge",
    "question_of",
]

Floats = npt.NDArray[np.float64]

_DAYS, _WINDOW, _PART = 240, 56, "28"
_BEFORE, _GAP = 90, 30
_SMALLEST, _LARGEST = 1.5, 4.0
# Shares of the deaths that a lower estimate holds, and those whose day is known.
_LOW, _DATED = 0.8, 0.85
_CHANGES = (ESCALATING, DE_ESCALATING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Scenario):
    """A war whose last days are judged.

    Parameters
    ----------
    turn : int, optional
        1 where its level rises on the first day of the window, 1.5 to 4-fold; -1 where it falls; 0 where it stays.
    claimed : bool, optional
        Whether a bound on false alarms is claimed; the rest as in `Scenario`.
    """

    turn: int = 0
    claimed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Judged):
    """A war that two sources of one scope count.

    Parameters
    ----------
    first, second : Reporting, optional
        How each reports.
    contradicts : bool, optional
        Whether the second counts a war that turns the other way; the rest as in `Judged`.
    """

    first: Reporting = field(default_factory=lambda: Reporting(events=0.8))
    second: Reporting = field(default_factory=lambda: Reporting(events=0.7))
    contradicts: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What becomes of a war.

    Parameters
    ----------
    state : str
        The verdict.
    alone : str
        The verdict that the main source alone would have.
    own : Decision
        What the declared series of the main source says.
    frame : DataFrame
        The specifications of the main source that were asked.
    """

    state: str
    alone: str
    own: Decision
    frame: pd.DataFrame


def question_of(first: pd.Timestamp, days: int) -> Question:
    """Ask for the last 56 days of a war, all of them and the first 28, against two baselines.

    Parameters
    ----------
    first : Timestamp
        First day of the war.
    days : int
        Its length; the second baseline, 90 days that end 30 days before the window, needs 176.

    Examples
    --------
    >>> question = question_of(pd.Timestamp("2023-01-02"), 240)
    >>> question.length, [(each.last - each.first).days + 1 for each in question.baselines]
    (56, [184, 90])
    """

    def day(number: int) -> pd.Timestamp:
        return first + pd.Timedelta(days=number)

    start = days - _WINDOW
    before = Baseline("before", "all days before", first, day(start - 1))
    earlier = Baseline("earlier", "earlier days", day(start - _GAP - _BEFORE), day(start - _GAP - 1))
    return Question("the window", day(start), day(days - 1), (before, earlier), (ALL_DAYS, _PART))


def judge(rng: np.random.Generator, war: Counts, other: Counts | None = None, *, every: bool = False) -> Judgement:
    """Give the verdict as `casualties.verdict.assess.assess` does, over a smaller grid.

    The declared series is asked by three models, over two lengths and against two baselines; a lower estimate (a share
    of its deaths drawn), only the deaths whose day is known (likewise), and the series without its largest day are
    asked the same over the whole window. What these three say can only turn a change into none, so they are asked where
    the declared series sees one; the verdict is the same as if they always were.

    Parameters
    ----------
    rng : Generator
        Where chance comes from.
    war : Counts
        The deaths that the main source counts.
    other : Counts, optional
        Those of another source of the same scope.
    every : bool, optional
        Whether to ask every specification in any case.

    Returns
    -------
    Judgement
    """
    question = question_of(war.first, len(war.deaths))
    shorter = replace(question, days=(ALL_DAYS,))
    varied = [_thinned(rng, war, _LOW), _thinned(rng, war, _DATED), without_largest(war, question)]
    panel = pd.DataFrame(read_series(war, question))
    own = decide(panel)
    frames = [panel]
    if every or own.state in _CHANGES:
        frames += [pd.DataFrame(read_series(counts, shorter)) for counts in varied]
    frame = pd.concat(frames, ignore_index=True)
    # What agrees counts only where the declared series sees a change.
    support, able = agreeing(frame, own.state), len(told(frame))
    sources = [_source("source 1", own, panel)]
    alone, _ = rule(own, pd.DataFrame(sources), support, able)
    if other is None:
        return Judgement(alone, alone, own, frame)
    second = pd.DataFrame(read_series(other, question))
    sources.append(_source("source 2", decide(second), second))
    state, _ = rule(own, pd.DataFrame(sources), support, able)
    return Judgement(state, alone, own, frame)


def _thinned(rng: np.random.Generator, counts: Counts, share: float) -> Counts:
    """Keep each death by chance."""
    seen = ~np.isnan(counts.deaths)
    deaths = counts.deaths.copy()
    deaths[seen] = rng.binomial(deaths[seen].astype("int64"), share)
    return Counts(counts.first, deaths, counts.exposure)


def _source(label: str, decision: Decision, panel: pd.DataFrame) -> dict[str, Any]:
    """Give a source as `rule` takes it."""
    size = panel[panel["model"] == "level"].iloc[0]
    return {
        "label": label,
        "counted": True,
        "state": decision.state,
        "ratio_low": size["low"],
        "ratio_high": size["high"],
    }


def _drawn(rng: np.random.Generator, law: Judged, days: int) -> tuple[War, tuple[Step, ...]]:
    """Draw a war that turns on the first day of the window."""
    steps = law.steps
    if law.turn:
        size = rng.uniform(math.log(_SMALLEST), math.log(_LARGEST))
        steps = (Step(days - _WINDOW, math.exp(law.turn * size)),)
    return simulate_war(rng, replace(law, steps=steps), days), steps


def _one(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war that one source counts."""
    law = scenario if isinstance(scenario, Judged) else Judged()
    war, _ = _drawn(rng, law, days)
    found = judge(rng, Counts.of(war.series()))
    return [*_said(found), *_right(law, found.state)]


def _two(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw a war that two sources count, or each a war of its own that turns another way."""
    law = scenario if isinstance(scenario, Reported) else Reported()
    war, steps = _drawn(rng, law, days)
    seen = simulate_sources(rng, _rates(rng, war), (law.first, law.second))
    main, other = Counts.of(seen.series(0)), Counts.of(seen.series(1))
    if law.contradicts:
        turned = tuple(replace(step, ratio=1.0 / step.ratio) for step in steps)
        law_of_other = replace(law, steps=turned, level=war.truth["level"], size=war.truth["size"])
        rates = _rates(rng, simulate_war(rng, law_of_other, days))
        other = Counts.of(simulate_sources(rng, rates, (law.second,)).series(0))
    found = judge(rng, main, other)
    conflict = found.state == CONFLICT
    surer = found.state in _CHANGES and found.state != found.alone
    return [
        *_said(found),
        # Of sources that contradict each other neither change is the right answer.
        *([] if law.contradicts else _right(law, found.state)),
        Row("a conflict is said", "detected" if law.contradicts else "false alarm", math.nan, float(conflict)),
        Row("a change is said that the main source alone would not have", "false alarm", math.nan, float(surer)),
    ]


def _rates(rng: np.random.Generator, war: War) -> Floats:
    size = war.truth["size"]
    return np.asarray(rng.gamma(size, war.rate / size))


def _said(found: Judgement) -> list[Row]:
    """Give what is said of one war, right or wrong."""
    state, own = found.state, found.own.state
    rows = [Row(f"verdict: {each}", "said", math.nan, float(state == each)) for each in STATES]
    rows += [Row(f"the declared series alone: {each}", "said", math.nan, float(own == each)) for each in _CHANGES]
    agree = agreeing(found.frame, own) / len(told(found.frame)) if own in _CHANGES else math.nan
    rows.append(Row("specifications that agree, where the declared series sees a change", "said", math.nan, agree))
    return rows


def _right(law: Judged, state: str) -> list[Row]:
    """Give whether what is said of one war is so."""
    if law.turn:
        right, wrong = _CHANGES if law.turn > 0 else _CHANGES[::-1]
        return [
            Row(FOUND, "detected", math.nan, float(state == right)),
            Row("the opposite is said", "false alarm", math.nan, float(state == wrong)),
        ]
    if law.claimed:
        return [
            Row(SAID, "false alarm", ALLOWED_RATE, float(state == ESCALATING)),
            Row("de-escalating of a flat war", "false alarm", math.nan, float(state == DE_ESCALATING)),
        ]
    return []


_DEPENDENCE: Mapping[str, dict[str, Any]] = {
    "": {},
    ", ar5": {"autocorrelation": 0.5, "latent_sd": 0.4},
    ", ar9": {"autocorrelation": 0.9, "latent_sd": 0.4},
    ", spikes": {"spike_share": SCENARIOS["spikes"].spike_share},
}
_WORDS = {
    "": "independent days",
    ", ar5": SCENARIOS["ar5"].words,
    ", ar9": SCENARIOS["ar9"].words,
    ", spikes": SCENARIOS["spikes"].words,
}
_HALVED = SCENARIOS["drift"].reporting_drift
_GRID = (
    f"The last {_WINDOW} days of {_DAYS} are judged over a grid of specifications, as a study's verdict is, but a "
    f"smaller one: two baselines, the whole window and its first {_PART} days, three models; a lower estimate, only "
    "dated deaths, and the largest day left out."
)

VERDICT = Study(
    "verdict",
    f"Verdicts on wars whose level does not change. {_GRID} Escalating is to be said of at most one such war in "
    "twenty, over independent days and an autoregression of 0.5 a day together. Where the share of deaths that is "
    "recorded drifts no bound is claimed: records alone cannot tell it from violence.",
    {
        **{
            f"flat{end}": Judged(words=f"the level stays; {_WORDS[end]}", **given) for end, given in _DEPENDENCE.items()
        },
        "flat, fewer recorded": Judged(
            words="the level stays; the recorded share of deaths halves in a year",
            reporting_drift=_HALVED,
            claimed=False,
        ),
        "flat, more recorded": Judged(
            words="the level stays; the recorded share of deaths doubles in a year",
            reporting_drift=-_HALVED,
            claimed=False,
        ),
    },
    _one,
    _DAYS,
    share=0.25,
)
VERDICT_CHANGE = Study(
    "verdict-change",
    f"Verdicts on wars whose level steps {_SMALLEST:g} to {_LARGEST:g}-fold, up or down, on the first day of the "
    f"window (drawn evenly on the log scale). {_GRID}",
    {
        f"{name}{end}": Judged(words=f"the level {verb} 1.5 to 4-fold; {_WORDS[end]}", turn=turn, **given)
        for name, verb, turn in (("rise", "rises", 1), ("fall", "falls", -1))
        for end, given in _DEPENDENCE.items()
    },
    _one,
    _DAYS,
    share=0.15,
)
VERDICT_SOURCES = Study(
    "verdict-sources",
    "Verdicts on wars that two sources of one scope count: whether they are said to conflict, and whether a second "
    f"source, a copy above all, makes a change be said that the first alone would not have. {_GRID}",
    {
        "flat, two sources": Reported(words="the level stays; two sources see the same events independently"),
        "flat, a copy": Reported(
            words="the level stays; the second source copies events of the first",
            second=Reporting(events=0.7, copies=0),
        ),
        "rise, two sources": Reported(
            words="the level rises 1.5 to 4-fold; two sources see the same events independently", turn=1
        ),
        "rise, a copy": Reported(
            words="the level rises 1.5 to 4-fold; the second source copies events of the first",
            turn=1,
            second=Reporting(events=0.7, copies=0),
        ),
        "contradicting": Reported(
            words="the level rises 1.5 to 4-fold in what the first source counts and falls so much in the second's",
            turn=1,
            contradicts=True,
        ),
    },
    _two,
    _DAYS,
    share=0.15,
)
