"""What would overturn a verdict: the smallest change of data or choice that turns it, and what it then becomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from casualties.verdict.alterations import Alteration
from casualties.verdict.choices import AXES, QUESTION_AXES, SERIES_AXES
from casualties.verdict.curve import SpecificationCurve
from casualties.verdict.decision import NOT_ENOUGH, decide
from casualties.verdict.question import Question
from casualties.verdict.search import Found

__all__ = ["AXIS_WORDS", "Overturner", "SearchBound", "by_choice", "by_data", "without_source"]

CHOICE, SOURCE = "choice", "source dropped"
AXIS_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "victims": "victims",
        "estimate": "the source's figure",
        "spread": "rule for events of several days",
        "place": "place",
        "largest_day": "day with most deaths",
        "baseline": "baseline",
        "days": "days of the window",
        "model": "method",
    }
)
_FOUND: Mapping[str, str] = MappingProxyType(
    {
        "window removed": "{amount:,.0f} of the {most:,.0f} deaths recorded in {window} had not been, taken from its "
        "deadliest days",
        "before added": "{amount:,.0f} more deaths had been recorded on the days before {window}",
        "window more complete": "a death had been {amount:.1f} times as likely to be recorded in {window} as before it",
        "before removed": "{amount:,.0f} of the {most:,.0f} deaths recorded before {window} had not been, taken from "
        "the deadliest days",
        "window added": "{amount:,.0f} more deaths had been recorded in {window}",
        "window less complete": "a death had been {amount:.1f} times as likely to be recorded before {window} as in it",
        "first day later": "{window} were taken to begin {amount:.0f} days later",
        "first day earlier": "{window} were taken to begin {amount:.0f} days earlier",
        "last day earlier": "{window} were taken to end {amount:.0f} days earlier",
    }
)
_BOUND: Mapping[str, str] = MappingProxyType(
    {
        "window removed": "removing deaths from {window}, up to all {amount:,.0f}",
        "before added": "adding deaths to the days before {window}, up to {amount:,.0f}",
        "window more complete": "more complete recording in {window}, up to {amount:.0f}-fold",
        "before removed": "removing deaths from the days before {window}, up to all {amount:,.0f}",
        "window added": "adding deaths to {window}, up to {amount:,.0f}",
        "window less complete": "less complete recording in {window}, up to {amount:.0f}-fold",
        "first day later": "a first day up to {amount:.0f} days later",
        "first day earlier": "a first day up to {amount:.0f} days earlier",
        "last day earlier": "a last day up to {amount:.0f} days earlier",
    }
)


@dataclass(frozen=True, slots=True)
class Overturner:
    """A change that turns the verdict.

    Parameters
    ----------
    kind : str
        "choice", "source dropped", or a kind of `casualties.verdict.alterations.ALTERATIONS`.
    words : str
        The change, to follow "if".
    amount : float
        How much; NaN of a choice or source.
    unit : str
        What the amount counts.
    state : str
        What the verdict becomes.
    change : Alteration or None
        What to apply to the main series; None of a choice or source.
    axis, option : str
        Of a choice.
    """

    kind: str
    words: str
    amount: float
    unit: str
    state: str
    change: Alteration | None = None
    axis: str = ""
    option: str = ""


@dataclass(frozen=True, slots=True)
class SearchBound:
    """What was tried and turns nothing.

    Parameters
    ----------
    kind : str
        As of `Overturner`.
    words : str
        What was tried, and how far.
    """

    kind: str
    words: str


def by_data(found: Found, question: Question) -> Overturner | SearchBound:
    """Put what a search found into words."""
    tried = Alteration(found.kind, found.most)
    if not found.turned:
        return SearchBound(found.kind, _BOUND[found.kind].format(amount=tried.amount, window=question.label))
    change = Alteration(found.kind, found.steps)
    words = _FOUND[found.kind].format(amount=change.amount, most=tried.amount, window=question.label)
    if change.amount == 1.0:
        words = words.replace("1 more deaths", "1 more death").replace("1 days", "1 day")
    return Overturner(found.kind, words, change.amount, change.unit, found.state, change)


def by_choice(curve: SpecificationCurve, state: str) -> list[Overturner]:
    """Give the single choices that turn the verdict, all others as declared.

    Of an axis of the series: the same panel with that option. Of the baseline, the days and the method: that option
    alone.

    Parameters
    ----------
    curve : SpecificationCurve
        All specifications.
    state : str
        The verdict of the main source.
    """
    main = curve.of_main
    panel = main[main["declared"]]
    declared = panel.iloc[0]
    found = []
    for axis in AXES:
        question = axis in QUESTION_AXES
        for option in dict.fromkeys(main[axis]):
            if not option or (not question and option == declared[axis]):
                continue
            if question:
                # Growth takes no baseline: it stands beside each.
                chosen = panel[(panel[axis] == option) | ((panel[axis] == "") & (axis == "baseline"))]
                if len(set(panel[axis]) - {""}) < 2:
                    continue
            else:
                same = [other for other in SERIES_AXES if other != axis]
                chosen = main[(main[axis] == option) & (main[same] == declared[same]).all(axis=1)]
            if chosen.empty:
                continue
            after = decide(chosen).state
            if after != state:
                if axis == "days":
                    words = f"only the first {option} days of the window were asked"
                else:
                    words = f"the {AXIS_WORDS[axis]} were {_option(option)}{' alone' if question else ''}"
                found.append(Overturner(CHOICE, words, math.nan, "", after, None, axis, str(option)))
    return found


def without_source(name: str, panel: pd.DataFrame, state: str, events: int) -> Overturner | SearchBound:
    """Tell what is left without the events that rest on one source alone.

    Parameters
    ----------
    name : str
        The source.
    panel : DataFrame
        What is read in the events that are left; empty where none are.
    state : str
        The verdict with them.
    events : int
        Events left in the window.
    """
    after = decide(panel).state if len(panel) else NOT_ENOUGH
    words = f"the events that cite {name} alone were dropped ({events:,} events of the window are left)"
    if after == state:
        return SearchBound(SOURCE, f"dropping the events that cite {name} alone ({events:,} events are left)")
    return Overturner(SOURCE, words, math.nan, "", after)


def _option(option: str) -> str:
    return option.replace("_", " ")
