"""From what the methods read to one of five states: two of three methods have to see it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casualties.verdict.question import MODELS
from casualties.verdict.reading import FALL, NO_CHANGE, RISE, UNTOLD

__all__ = [
    "CONFLICT",
    "DE_ESCALATING",
    "ESCALATING",
    "NOT_ENOUGH",
    "NO_DETECTABLE",
    "STATES",
    "Decision",
    "decide",
    "reading_of",
    "told",
]

ESCALATING = "escalating"
DE_ESCALATING = "de-escalating"
NO_DETECTABLE = "no detectable change"
CONFLICT = "sources conflict"
NOT_ENOUGH = "not enough data"
STATES = (ESCALATING, DE_ESCALATING, NO_DETECTABLE, CONFLICT, NOT_ENOUGH)
_NEEDED = 2
_STATE = {RISE: ESCALATING, FALL: DE_ESCALATING, NO_CHANGE: NO_DETECTABLE}


@dataclass(frozen=True, slots=True)
class Decision:
    """What one source says.

    Parameters
    ----------
    state : str
        Of `STATES`, without "sources conflict", which takes two.
    methods : dict of str to str
        What each method reads: what more than half of its specifications read that can tell, else "no change"; "not
        estimable" where none can tell.

    Examples
    --------
    >>> Decision("escalating", {"level": "rise", "changes": "rise", "growth": "no change"}).reading
    'rise'
    """

    state: str
    methods: dict[str, str]

    @property
    def reading(self) -> str:
        """The state as a reading."""
        return reading_of(self.state)


def reading_of(state: str) -> str:
    """Give the reading that supports a state.

    Examples
    --------
    >>> reading_of("de-escalating")
    'fall'
    """
    return {ESCALATING: RISE, DE_ESCALATING: FALL, NO_DETECTABLE: NO_CHANGE}.get(state, UNTOLD)


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the specifications that could tell."""
    return frame[frame["reading"] != UNTOLD]


def decide(panel: pd.DataFrame) -> Decision:
    """Decide what one source says, from the specifications that leave the data as they are declared.

    It escalates (or de-escalates) where at least two of the three methods read a rise (a fall). Each is a majority of
    its own specifications, over baselines and parts of the window: neither many baselines nor many lengths outvote
    another method. Where fewer than two methods can tell, there is not enough data.

    Parameters
    ----------
    panel : DataFrame
        ``model, reading`` of each specification.

    Returns
    -------
    Decision

    Examples
    --------
    >>> frame = pd.DataFrame({"model": ["level", "changes", "growth"], "reading": ["rise", "rise", "no change"]})
    >>> decide(frame).state
    'escalating'
    """
    methods = {
        model: _majority(panel.loc[panel["model"] == model, "reading"])
        for model in MODELS
        if (panel["model"] == model).any()
    }
    able = [reading for reading in methods.values() if reading != UNTOLD]
    needed = min(_NEEDED, len(methods))
    if len(able) < needed or not able:
        return Decision(NOT_ENOUGH, methods)
    seen = [reading for reading in (RISE, FALL) if able.count(reading) >= needed]
    return Decision(_STATE[seen[0]] if seen else NO_DETECTABLE, methods)


def _majority(readings: pd.Series[str]) -> str:
    able = readings[readings != UNTOLD]
    if able.empty:
        return UNTOLD
    for reading in (RISE, FALL):
        if 2 * int((able == reading).sum()) > len(able):
            return reading
    return NO_CHANGE
