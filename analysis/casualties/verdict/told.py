"""What the sentence of a verdict says, before it is put into a language."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casualties.comparison.effective_number import EffectiveNumber
from casualties.estimates import Estimate, NotEstimable
from casualties.verdict.decision import ESCALATING

__all__ = ["Told"]


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
