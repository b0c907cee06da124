"""Changes to the data or to the days asked about, each applied to a series: what a verdict is tried against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.errors import UnknownNameError
from casualties.verdict.question import Counts, Question

__all__ = ["ALTERATIONS", "BOUNDARIES", "LOWERING", "RAISING", "Alteration", "alter", "largest_amount"]

Floats = npt.NDArray[np.float64]

# What makes the window smaller against the days before it, and what makes it larger.
LOWERING = ("window removed", "before added", "window more complete")
RAISING = ("before removed", "window added", "window less complete")
BOUNDARIES = ("first day later", "first day earlier", "last day earlier")
ALTERATIONS = (*LOWERING, *RAISING, *BOUNDARIES)
_STEP = 1.02
_MOST_STEPS = 151
_MOST_DAYS = 28


@dataclass(frozen=True, slots=True)
class Alteration:
    """A change and how much of it.

    Parameters
    ----------
    kind : str
        Of `ALTERATIONS`.
    steps : int
        How much: deaths; days; of completeness the number of rises by 2 %.

    Examples
    --------
    >>> round(Alteration("window more complete", 35).amount, 2)
    2.0
    """

    kind: str
    steps: int

    @property
    def amount(self) -> float:
        """Deaths, days, or the factor by which completeness differs."""
        return _STEP**self.steps if self.kind.endswith("complete") else float(self.steps)

    @property
    def unit(self) -> str:
        """What the amount counts."""
        if self.kind in BOUNDARIES:
            return "days"
        return "factor" if self.kind.endswith("complete") else "recorded deaths"


def alter(counts: Counts, question: Question, alteration: Alteration) -> tuple[Counts, Question]:
    """Apply a change.

    *Removed*: so many deaths are taken from the deadliest days, the highest first levelled down to the next. *Added*:
    so many deaths are put evenly on the observed days. *Complete*: the window's deaths are divided (more complete: the
    same violence as before would have left more records) or multiplied by the factor, rounded so that their running
    total is right. *First day, last day*: the window begins or ends on another day; where it begins earlier, baselines
    end before it.

    Parameters
    ----------
    counts : Counts
        The series.
    question : Question
        The question.
    alteration : Alteration
        The change.

    Returns
    -------
    (Counts, Question)

    Raises
    ------
    UnknownNameError
        If there is no such change.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> from casualties.verdict.question import Baseline
    >>> counts = Counts.of(DailySeries.from_counts([1, 2, 3, 9, 8, 2], "2019-04-28"))
    >>> before = Baseline("before", "before", counts.first, pd.Timestamp("2019-04-30"))
    >>> question = Question("May", pd.Timestamp("2019-05-01"), counts.last, (before,))
    >>> alter(counts, question, Alteration("window removed", 5))[0].deaths.tolist()
    [1.0, 2.0, 3.0, 6.0, 6.0, 2.0]
    """
    if alteration.kind not in ALTERATIONS:
        raise UnknownNameError("kind", alteration.kind, ALTERATIONS)
    if alteration.kind in BOUNDARIES:
        return counts, _moved(question, alteration)
    first, last = counts.place(question.first), counts.place(question.last)
    part = slice(first, last + 1)
    if alteration.kind.startswith("before"):
        part = slice(max(counts.place(question.start), 0), first)
    changed = counts.deaths.copy()
    changed[part] = _CHANGES[alteration.kind.split(" ", 1)[1]](changed[part], alteration.amount)
    return Counts(counts.first, changed, counts.exposure), question


def largest_amount(counts: Counts, question: Question, kind: str) -> int:
    """Give the most steps of a change that are tried.

    All deaths of the days in question can be removed, ten times as many added as are there (at least 100), completeness
    differ by up to a factor of twenty, and the window move by four weeks but keep half its days.
    """
    if kind in BOUNDARIES:
        before = min(int((question.first - baseline.first).days) for baseline in question.baselines) // 2
        room = before if kind == "first day earlier" else question.length // 2
        return min(_MOST_DAYS, room)
    if kind.endswith("complete"):
        return _MOST_STEPS
    window = kind.startswith("window")
    part = counts.between(question.first, question.last) if window else counts.between(question.start, question.first)
    there = int(np.nansum(part.deaths if window else part.deaths[:-1]))
    whole = int(np.nansum(counts.between(question.start, question.last).deaths))
    return there if kind.endswith("removed") else max(10 * whole, 100)


def _moved(question: Question, alteration: Alteration) -> Question:
    """Begin or end on another day."""
    by = pd.Timedelta(days=alteration.steps)
    if alteration.kind == "last day earlier":
        return replace(question, last=question.last - by)
    first = question.first + (by if alteration.kind == "first day later" else -by)
    eve = first - pd.Timedelta(days=1)
    kept = tuple(replace(each, last=min(each.last, eve)) for each in question.baselines)
    return replace(question, first=first, baselines=kept)


def _removed(deaths: Floats, amount: float) -> Floats:
    """Level the highest days down until so many deaths are gone; what is left over is taken from the first of them."""
    left = int(amount)
    low, high = 0, int(np.nanmax(deaths, initial=0.0))
    while low < high:
        cap = (low + high) // 2
        if np.nansum(np.maximum(deaths - cap, 0.0)) <= left:
            high = cap
        else:
            low = cap + 1
    levelled: Floats = np.minimum(deaths, float(low))
    left -= int(np.nansum(deaths - levelled))
    if low:
        levelled[np.flatnonzero(levelled == low)[:left]] -= 1.0
    return levelled


def _added(deaths: Floats, amount: float) -> Floats:
    """Put deaths evenly on the observed days."""
    seen = ~np.isnan(deaths)
    if not seen.any():
        return deaths
    more = deaths.copy()
    more[seen] += _rounded(np.full(int(seen.sum()), amount / seen.sum()))
    return more


def _scaled(deaths: Floats, factor: float) -> Floats:
    """Multiply, in whole deaths."""
    seen = ~np.isnan(deaths)
    scaled = deaths.copy()
    scaled[seen] = _rounded(deaths[seen] * factor)
    return scaled


def _rounded(values: Floats) -> Floats:
    """Round so that every running total is right to half a death."""
    whole: Floats = np.diff(np.floor(np.cumsum(values) + 0.5 + 1e-9), prepend=0.0)
    return whole


_CHANGES: Mapping[str, Callable[[Floats, float], Floats]] = MappingProxyType(
    {
        "removed": _removed,
        "added": _added,
        "more complete": lambda deaths, factor: _scaled(deaths, 1.0 / factor),
        "less complete": _scaled,
    }
)
