"""Looks for the smallest change of the data that turns a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casualties.verdict.alterations import BOUNDARIES, LOWERING, RAISING, Alteration, alter, largest_amount
from casualties.verdict.decision import DE_ESCALATING, ESCALATING, NO_DETECTABLE, decide
from casualties.verdict.question import Counts, Question
from casualties.verdict.reading import read_series

__all__ = ["Found", "kinds_of", "smallest", "state_after"]

_WEEK = 7
# The smallest amount is found to one part in so many, and exactly below this number.
_PRECISION = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Parameters
    ----------
    kind : str
        Of `casualties.verdict.alterations.ALTERATIONS`.
    steps : int
        The smallest change that turns the verdict; 0 where none up to `most` does.
    state : str
        What the verdict becomes; as it was where none turns it.
    most : int
        The largest change that was tried.
    """

    kind: str
    steps: int
    state: str
    most: int

    @property
    def turned(self) -> bool:
        """Whether a change was found."""
        return self.steps > 0


def kinds_of(state: str) -> tuple[str, ...]:
    """Give the changes that could turn a state.

    Examples
    --------
    >>> kinds_of("de-escalating")[0]
    'before removed'
    """
    data = {ESCALATING: LOWERING, DE_ESCALATING: RAISING, NO_DETECTABLE: (*RAISING, *LOWERING)}
    return (*data.get(state, ()), *(BOUNDARIES if state in data else ()))


def state_after(counts: Counts, question: Question, alteration: Alteration) -> str:
    """Give the state of a series after a change."""
    return decide(pd.DataFrame(read_series(*alter(counts, question, alteration)))).state


def smallest(counts: Counts, question: Question, state: str, kind: str) -> Found:
    """Look for the smallest change of a kind that turns the state of a series.

    Deaths and completeness by halving: the amount turns the state, and one step less (of more than a hundred: one
    hundredth less) does not; that no smaller amount does is taken from larger ones turning it where a smaller one does.
    Days one by one within the first week that turns it.

    Parameters
    ----------
    counts : Counts
        The series.
    question : Question
        The question.
    state : str
        Its state as recorded.
    kind : str
        The kind of change.

    Returns
    -------
    Found
    """
    most = largest_amount(counts, question, kind)
    if most < 1:
        return Found(kind, 0, state, 0)
    if kind in BOUNDARIES:
        return _by_days(counts, question, state, kind, most)
    reached = state_after(counts, question, Alteration(kind, most))
    if reached == state:
        return Found(kind, 0, state, most)
    low, high = 0, most
    # Doubling first: a small change is found with few trials, however large the largest is.
    trial = 1
    while trial < high:
        after = state_after(counts, question, Alteration(kind, trial))
        if after != state:
            high, reached = trial, after
            break
        low, trial = trial, trial * 4
    while high - low > max(1, high // _PRECISION):
        middle = (low + high) // 2
        after = state_after(counts, question, Alteration(kind, middle))
        if after == state:
            low = middle
        else:
            high, reached = middle, after
    return Found(kind, high, reached, most)


def _by_days(counts: Counts, question: Question, state: str, kind: str, most: int) -> Found:
    """Try whole weeks, then the days of the first that turns the state."""
    for week in [*range(_WEEK, most, _WEEK), most]:
        after = state_after(counts, question, Alteration(kind, week))
        if after == state:
            continue
        for days in range(max(week - _WEEK, 0) + 1, week):
            sooner = state_after(counts, question, Alteration(kind, days))
            if sooner != state:
                return Found(kind, days, sooner, most)
        return Found(kind, week, after, most)
    return Found(kind, 0, state, most)
