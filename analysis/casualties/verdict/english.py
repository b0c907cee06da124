"""The sentence of a verdict in English."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from casualties.estimates import Estimate
from casualties.verdict.decision import CONFLICT, DE_ESCALATING, ESCALATING, NO_DETECTABLE, NOT_ENOUGH
from casualties.verdict.told import LARGE, Told, digits, open_ended

__all__ = ["english"]

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CAUTION = "Counts alone cannot tell a change of violence from a change of recording."


def english(told: Told) -> str:
    """Give the sentence that can be published, with what it rests on.

    Parameters
    ----------
    told : Told
        The parts.

    Returns
    -------
    str
        One paragraph: what changed, how many choices and sources say so, what is incomplete, what counts cannot tell.

    Examples
    --------
    >>> from casualties.comparison.effective_number import EffectiveNumber
    >>> day = pd.Timestamp
    >>> told = Told(
    ...     state="escalating", whom="civilians", place="the north-west", first=day("2019-04-30"),
    ...     last=day("2019-08-31"), baseline_first=day("2018-09-17"), baseline_last=day("2019-03-31"),
    ...     size=Estimate(2.41, 1.83, 3.29, level=0.95), date=day("2019-04-27"), date_low=day("2019-04-24"),
    ...     date_high=day("2019-04-30"), date_level=0.9, support=61, able=64, counted=(("List A", "escalating"),),
    ...     independent=EffectiveNumber(1, 1.0, 1.0, 1.0),
    ... )
    >>> english(told).split(". ")[0]
    'Recorded deaths of civilians in the north-west rose: 2.4 times as many were recorded a day from 30 April to 31
    August 2019 (95 % interval 1.8 to 3.3) as from 17 September 2018 to 31 March 2019'
    """
    sentences = [_CLAUSES[told.state](told), _dated(told), _support(told), _sources(told), _incomplete(told), _CAUTION]
    return " ".join(sentence for sentence in sentences if sentence)


def _changed(told: Told) -> str:
    verb = "rose" if told.state == ESCALATING else "fell"
    head = f"Recorded deaths{_whose(told)} in {told.place} {verb}"
    if not isinstance(told.size, Estimate):
        return f"{head} from {_span(told.first, told.last)}; by how much cannot be told ({told.size.reason})."
    if not told.size_shows_it:
        return (
            f"{head} from {_span(told.first, told.last)} by two of three methods; the level alone does not show it: "
            f"{_times(told.size.value)} as many were recorded a day as from "
            f"{_span(told.baseline_first, told.baseline_last)} ({_interval(told.size)})."
        )
    return (
        f"{head}: {_times(told.size.value)} as many were recorded a day from {_span(told.first, told.last)} "
        f"({_interval(told.size)}) as from {_span(told.baseline_first, told.baseline_last)}."
    )


def _unchanged(told: Told) -> str:
    head = f"No change of recorded deaths{_whose(told)} in {told.place} is detected from {_span(told.first, told.last)}"
    if not isinstance(told.size, Estimate):
        return f"{head}; how large a change would stay unseen cannot be told ({told.size.reason})."
    against = f"those from {_span(told.baseline_first, told.baseline_last)}"
    if told.size_excludes_none:
        return (
            f"{head} on which methods agree, although {_times(told.size.value)} as many were recorded a day as "
            f"{against} would lead one to expect ({_interval(told.size)})."
        )
    if not told.size.has_interval:
        return f"{head}; how large a change would stay unseen cannot be told (the ratio has no interval)."
    reach = f"anything from {_times(told.size.low)} as many a day on"
    if not math.isinf(told.size.high):
        reach = f"anything between {_figure(told.size.low)} and {_times(told.size.high)} as many a day"
    return f"{head}: against {against}, {reach} is compatible with the records."


def _conflicting(told: Told) -> str:
    said = [f"{name} {_STATE[state]}" for name, state in told.counted]
    which = f": {_listed(said)}" if said else ""
    return (
        f"Sources conflict on recorded deaths{_whose(told)} in {told.place} from {_span(told.first, told.last)}{which}."
    )


def _not_enough(told: Told) -> str:
    reason = "" if isinstance(told.size, Estimate) else f" ({told.size.reason})"
    return (
        f"Whether recorded deaths{_whose(told)} in {told.place} changed from {_span(told.first, told.last)} cannot be "
        f"told: there is not enough data{reason}."
    )


_CLAUSES: Mapping[str, Callable[[Told], str]] = MappingProxyType(
    {
        ESCALATING: _changed,
        DE_ESCALATING: _changed,
        NO_DETECTABLE: _unchanged,
        CONFLICT: _conflicting,
        NOT_ENOUGH: _not_enough,
    }
)
_STATE: Mapping[str, str] = MappingProxyType(
    {
        ESCALATING: "says that they rose",
        DE_ESCALATING: "says that they fell",
        NO_DETECTABLE: "says that no change is detected",
        NOT_ENOUGH: "has too little to tell",
    }
)


def _dated(told: Told) -> str:
    if not told.changed:
        return ""
    if not told.dated:
        return "No single day can be named for the change."
    dates = _span(told.date_low, told.date_high)
    return f"The rate changed most around {_day(told.date)} ({told.date_level * 100:.0f} % date set {dates})."


def _support(told: Told) -> str:
    if not told.decided or not told.able:
        return ""
    if told.support == told.able:
        return f"All {told.able:,} reasonable choices give the same answer." if told.able > 1 else ""
    verb = "gives" if told.support == 1 else "give"
    if told.able == 1:
        return "The one reasonable choice that can tell gives another answer."
    agree = f"{told.support:,}" if told.support else "none"
    return f"Of {told.able:,} reasonable choices that can tell, {agree} {verb} the same answer."


def _sources(told: Told) -> str:
    parts = []
    if told.witnesses:
        agree, able = told.agreeing, len(told.witnesses)
        many = _number(agree).capitalize() if agree else "None"
        parts.append(
            f"One source of this scope, {told.witnesses[0][0]}, can tell"
            if able == 1
            else f"{many} of {_number(able)} sources of this scope {'says' if agree == 1 else 'say'} so"
        )
    if told.compared:
        named, value = _number(told.compared.named), told.compared.words()
        parts.append(f"the {named} sources that were compared bear as much as {value} independent ones")
    if not parts:
        return ""
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _incomplete(told: Told) -> str:
    if not told.incomplete_days:
        return ""
    return (
        "The last day is incomplete."
        if told.incomplete_days == 1
        else f"The last {_number(told.incomplete_days)} days are incomplete."
    )


def _whose(told: Told) -> str:
    return "" if told.whom == "all victims" else f" of {told.whom}"


def _interval(size: Estimate) -> str:
    if not size.has_interval or math.isnan(size.level):
        return "no interval"
    ends = (
        f"{_figure(size.low).replace('more than ', '')} or more"
        if open_ended(size)
        else f"{_figure(size.low)} to {_figure(size.high)}"
    )
    return f"{size.level * 100:.0f} % interval {ends}"


def _times(value: float) -> str:
    return f"{_figure(value)} times"


def _figure(value: float) -> str:
    """Give a ratio with two figures, and no false precision above a hundred."""
    if value >= LARGE:
        return f"more than {LARGE}"
    return digits(value)


def _number(count: int) -> str:
    return _SMALL[count] if count < len(_SMALL) else f"{count:,}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%B %Y}"


def _span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Give two days, what they share said once."""
    if first == last:
        return _day(first)
    if first.year != last.year:
        return f"{_day(first)} to {_day(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {_day(last)}"
    return f"{first.day} to {_day(last)}"
