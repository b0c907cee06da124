"""The verdict: one state, its size and date, who supports it, and what would overturn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from casualties.comparison.effective_number import EffectiveNumber
from casualties.errors import UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.results import Basis, Result
from casualties.verdict.arabic import arabic
from casualties.verdict.completeness import Completeness
from casualties.verdict.curve import SpecificationCurve
from casualties.verdict.decision import Decision
from casualties.verdict.english import english
from casualties.verdict.overturners import Overturner, SearchBound
from casualties.verdict.question import Question
from casualties.verdict.told import Told

__all__ = ["MUST_NOT", "SOURCE_COLUMNS", "Verdict"]

SOURCE_COLUMNS = [
    "source",
    "label",
    "counted",
    "state",
    "level",
    "changes",
    "growth",
    "ratio",
    "ratio_low",
    "ratio_high",
    "date",
    "date_low",
    "date_high",
    "agreeing",
    "able",
]
_LANGUAGES: Mapping[str, Callable[[Told], str]] = MappingProxyType({"en": english, "ar": arabic})
MUST_NOT = (
    "That more people were killed. More deaths were recorded; whether more happened, or more of them were recorded, "
    "these counts cannot tell.",
    "That somebody caused it. No count of days holds a cause, and who killed is told by few events.",
    "That nothing happened where no change is detected: the interval says how large a change would stay unseen.",
    "That it goes on. The verdict is of the days named, as they were known on the day named.",
    "That the choices are a vote. They share the same records; how many agree says how much the answer depends on the "
    "analyst, not how probable it is.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Verdict(Result):
    """One statement, what supports it, and what would overturn it.

    Parameters
    ----------
    basis : Basis
        What was asked, of which days and data.
    state : str
        Of `casualties.verdict.decision.STATES`.
    reason : str
        Why it is that state and no other, in a sentence.
    question : Question
        Window, baselines, methods.
    decision : Decision
        What each method reads in the main source.
    size : Estimate or NotEstimable
        Deaths a day in the window over those that the declared baseline leads one to expect, main source.
    a_day : tuple of float
        Deaths a day recorded in the window and in the declared baseline, main source; NaN without observed days.
    change : Estimate or NotEstimable
        Rate after over rate before, of the changes between baseline and window.
    date, date_low, date_high : Timestamp
        The largest of these changes and its date set; NaT without one.
    growth : Estimate or NotEstimable
        Growth a day across the window's first day.
    sources : DataFrame
        One row a source: ``source, label, counted`` (whether it counts the same people in the same places as the main
        one), ``state``, what each method reads, the size, the date, and how many of the specifications that can tell
        agree with its state (``agreeing, able``).
    support, able : int
        Of the main source's specifications that can tell, how many read what the verdict says; and how many can.
    independent : EffectiveNumber or NotEstimable
        How many of the sources of the study are independent.
    completeness : Completeness
        How complete the last days are.
    overturners : tuple of Overturner
        Smallest changes that turn the verdict.
    bounds : tuple of SearchBound
        What was tried and turns nothing.
    curve : SpecificationCurve
        Every specification.
    place, whom : str
        Place and victims of the declared series, in words.
    citation : str
        How to cite the sentence.
    warnings : tuple of str
        What a reader has to know.
    names : mapping of str to mapping
        By language: words for `place` and `whom`, as the study has them.
    """

    basis: Basis
    state: str
    reason: str
    question: Question
    decision: Decision
    size: Estimate | NotEstimable
    a_day: tuple[float, float]
    change: Estimate | NotEstimable
    date: pd.Timestamp
    date_low: pd.Timestamp
    date_high: pd.Timestamp
    growth: Estimate | NotEstimable
    sources: pd.DataFrame
    support: int
    able: int
    independent: EffectiveNumber | NotEstimable
    completeness: Completeness
    overturners: tuple[Overturner, ...]
    bounds: tuple[SearchBound, ...]
    curve: SpecificationCurve
    place: str
    whom: str
    citation: str
    warnings: tuple[str, ...]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def sentence(self, language: str = "en") -> str:
        """Give the statement as a paragraph that can be published with `citation`.

        Parameters
        ----------
        language : {"en", "ar"}, optional
            The language.

        Raises
        ------
        UnknownNameError
            If there is no such language.
        """
        if language not in _LANGUAGES:
            raise UnknownNameError("language", language, _LANGUAGES)
        baseline = self.question.baselines[0]
        names = self.names.get(language, {})
        told = Told(
            state=self.state,
            whom=names.get(self.whom, self.whom),
            place=names.get(self.place, self.place),
            first=self.question.first,
            last=self.question.last,
            baseline_first=baseline.first,
            baseline_last=baseline.last,
            size=self.size,
            date=self.date,
            date_low=self.date_low,
            date_high=self.date_high,
            date_level=self.question.date_level,
            support=self.support if self.state == self.decision.state else self.able - self.support,
            able=self.able,
            counted=tuple(
                self.sources.loc[self.sources["counted"], ["label", "state"]].itertuples(index=False, name=None)
            ),
            independent=self.independent,
            incomplete_days=self.completeness.days,
        )
        return _LANGUAGES[language](told)

    @property
    def must_not(self) -> tuple[str, ...]:
        """What must not be concluded from it."""
        return MUST_NOT

    def summary(self) -> str:
        """Give the verdict as text."""
        dated = (
            "" if pd.isna(self.date) else f", most around {self.date:%Y-%m-%d} ({_span(self.date_low, self.date_high)})"
        )
        lines = [
            f"{self.state}: {self.basis.label}, {self.question.label}",
            *self.basis.lines(),
            "",
            self.reason,
            f"Deaths a day over those expected from {self.question.baselines[0].label}: {self.size.words('.2f')}",
            f"Changes between the two: {self.change.words('.2f')}{dated}",
            f"Growth a day around {self.question.first:%Y-%m-%d}: {self.growth.words('+.4f')}",
            f"Choices: {self.support:,} of {self.able:,} that can tell agree ({len(self.curve.of_main):,} computed)",
            f"Sources: {self.independent}",
            f"Still to be reported of the last days: {self.completeness.missing.words(',.0f')}",
            "",
        ]
        lines += [
            f"{row.label}: {row.state}{'' if row.counted else ' (another scope)'}" for row in self.sources.itertuples()
        ]
        lines += [f"It would be {each.state} if {each.words}." for each in self.overturners]
        lines += [f"Tried, and turns nothing: {each.words}." for each in self.bounds]
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the sources, one row each; the specifications are `curve.frame`."""
        return self.sources.copy()


def _span(low: pd.Timestamp, high: pd.Timestamp) -> str:
    return f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"
