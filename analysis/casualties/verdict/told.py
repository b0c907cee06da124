"""What the sentence of a verdict says, before it is put into a language."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from casualties.comparison.effective_number import EffectiveNumber
from casualties.estimates import Estimate, NotEstimable
from casualties.verdict.decision import CONFLICT, DE_ESCALATING, ESCALATING, NOT_ENOUGH

__all__ = ["LARGE", "Told", "digits", "open_ended"]

# Above this a ratio is told as "more than": its figures would be no more than noise.
LARGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The parts of the sentence.

    Parameters
    ----------
    state : str
        Of `casualties.verdict.decision.STATES`.
    whom, place : str
        Victims and place, in words.
    first, last : Timestamp
        First and last day of the window.
    baseline_first, baseline_last : Timestamp
        Of the declared baseline.
    size : Estimate or NotEstimable
        Deaths a day in the window over those expected from the baseline.
    date, date_low, date_high : Timestamp
        Of the largest change; NaT without one.
    date_level : float
        Level of the date set.
    support, able : int
        Choices that agree, of those that can tell.
    counted : tuple of (str, str)
        Name and state of each source of this scope.
    independent : EffectiveNumber or NotEstimable
        How many of the sources named are independent.
    incomplete_days : int
        Last days that are incomplete.
    """

    state: str
    whom: str
    place: str
    first: pd.Timestamp
    last: pd.Timestamp
    baseline_first: pd.Timestamp
    baseline_last: pd.Timestamp
    size: Estimate | NotEstimable
    date: pd.Timestamp
    date_low: pd.Timestamp
    date_high: pd.Timestamp
    date_level: float
    support: int
    able: int
    counted: tuple[tuple[str, str], ...]
    independent: EffectiveNumber | NotEstimable
    incomplete_days: int = 0

    @property
    def changed(self) -> bool:
        """Whether the verdict is of a rise or a fall."""
        return self.state in (ESCALATING, DE_ESCALATING)

    @property
    def decided(self) -> bool:
        """Whether the verdict is one on which choices and sources can agree."""
        return self.state not in (CONFLICT, NOT_ENOUGH)

    @property
    def witnesses(self) -> tuple[tuple[str, str], ...]:
        """The sources of this scope that can tell, with what they say; none where nothing is decided."""
        return tuple(each for each in self.counted if each[1] != NOT_ENOUGH) if self.decided else ()

    @property
    def agreeing(self) -> int:
        """How many of these say what the verdict says."""
        return sum(state == self.state for _, state in self.witnesses)

    @property
    def compared(self) -> EffectiveNumber | None:
        """How many of several sources are independent; None of a single one, and where it cannot be told."""
        return (
            self.independent if isinstance(self.independent, EffectiveNumber) and self.independent.named > 1 else None
        )

    @property
    def size_excludes_none(self) -> bool:
        """Whether the interval of the size lies wholly on one side of no change."""
        return isinstance(self.size, Estimate) and (self.size.low > 1.0 or self.size.high < 1.0)

    @property
    def dated(self) -> bool:
        """Whether the change has a day and a date set."""
        return bool(pd.notna([self.date, self.date_low, self.date_high]).all())

    @property
    def size_shows_it(self) -> bool:
        """Whether the size by itself lies on the side of no change that the state names."""
        if not isinstance(self.size, Estimate):
            return False
        ends = (self.size.low, self.size.high) if self.size.has_interval else (self.size.value, self.size.value)
        return ends[0] > 1.0 if self.state == ESCALATING else ends[1] < 1.0


def digits(value: float) -> str:
    """Give a ratio with about two figures.

    Examples
    --------
    >>> digits(0.38), digits(5.28), digits(12.3)
    ('0.38', '5.3', '12')
    """
    return f"{value:.2f}" if value < 0.995 else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def open_ended(size: Estimate) -> bool:
    """Tell whether an interval is told by its lower end alone: it has no upper one, or both are large."""
    return math.isinf(size.high) or size.low >= LARGE
