"""The questions that one claim puts to a source: its own reading at each boundary, then one other reading at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from casualties.claims.statements import Statement
from casualties.claims.terms import ClaimPlace, Terms

__all__ = ["Holding", "Question", "Silence", "not_counted", "questions_of"]

# Whom a measure counts that a list of deaths does not hold.
OTHERS = MappingProxyType({"injured": "the wounded", "killed or injured": "the wounded", "displaced": "the displaced"})


@dataclass(frozen=True, slots=True)
class Question:
    """A claim with one boundary and one reading of each of its words.

    Parameters
    ----------
    statement : Statement
        The claim.
    place : ClaimPlace
        The boundary.
    start, end : Timestamp
        First and last day.
    operator : str
        The comparison.
    value : float
        What is claimed; of an unusual day the chance that the reading allows.
    tried : str
        The reading that is tried in the stead of the claim's own; blank for the claim's own.
    """

    statement: Statement
    place: ClaimPlace
    start: pd.Timestamp
    end: pd.Timestamp
    operator: str
    value: float
    tried: str = ""

    @property
    def days(self) -> int:
        """Days from start to end."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Holding:
    """What a source holds on a question.

    Parameters
    ----------
    source : str
        The source, or the one who published a total.
    kind : {"events", "feed", "published total", "other counts"}
        What kind of source.
    figure, low, high : float
        What it holds, and its range; ``high`` is infinite where it is a bound from below.
    words : str
        The same in words.
    record : bool
        Whether it is a record that may miss deaths.
    empty : bool
        Whether it holds nothing here.
    left_open : tuple of str
        What its figure does not test.
    independent : bool or None
        Whether it stands apart from the claimant; None where that is not known.
    dependence : str
        The same in words.
    unplaced : float
        What the source holds of these days without a place, in the unit of the figure; it may belong here.
    partial : bool
        Whether it counts a part of what is claimed: it bears a claim only where it decides it.
    """

    source: str
    kind: str
    figure: float
    low: float
    high: float
    words: str
    record: bool = False
    empty: bool = False
    left_open: tuple[str, ...] = ()
    independent: bool | None = None
    dependence: str = ""
    unplaced: float = 0.0
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a source cannot bear a claim."""

    source: str
    reason: str


def not_counted(measure: str) -> str:
    """Say why a source cannot bear a measure that it does not hold.

    Examples
    --------
    >>> not_counted("injured"), not_counted("escalation")
    ('the wounded are not counted', 'escalation is not told')
    """
    return f"{OTHERS[measure]} are not counted" if measure in OTHERS else f"{measure} is not told"


def questions_of(statement: Statement, terms: Terms) -> Iterator[Question]:
    """Give the questions of a claim; none where its place has no meaning.

    Parameters
    ----------
    statement : Statement
        The claim.
    terms : Terms
        What its words mean.

    Yields
    ------
    Question
        For each boundary the claim's own reading, then each other reading that its words have, the rest as it stands.
    """
    value = statement.chance if statement.operator == "is unusual" else statement.value
    for place in terms.places.get(statement.place, ()):
        own = Question(statement, place, statement.start, statement.end, statement.operator, value)
        yield own
        for reading in statement.readings:
            name = "value" if reading.sets == "chance" else reading.sets
            for other in reading.also:
                changed = replace(own, **{name: other}, tried=reading.says(other))
                if changed.start <= changed.end:
                    yield changed
