"""The reasonable choices of a study: what `study.toml` declares under [choices], completed by what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.events import Events
from casualties.ledger import read_day
from casualties.study import Study
from casualties.verdict.question import ALL_DAYS, MODELS, Baseline, Question

__all__ = [
    "AXES",
    "KEPT",
    "LEFT_OUT",
    "QUESTION_AXES",
    "SERIES_AXES",
    "Choices",
    "choices_of",
    "recent_question",
    "replay_days",
]

# What makes another series, and what asks the same series otherwise.
SERIES_AXES = ("victims", "estimate", "spread", "place", "largest_day")
QUESTION_AXES = ("baseline", "days", "model")
AXES = (*SERIES_AXES, *QUESTION_AXES)
KEPT, LEFT_OUT = "kept", "left out"
_DECLARED = (*AXES, "window", "sources", "replay")
_SPREADS = ("even", "start", "end", "exclude")
_ESTIMATES = ("best", "low", "high")
_DAYS = ("28", "56", ALL_DAYS)
_RECENT = 28
_FEWEST_BEFORE = 28
_DAY = pd.Timedelta(days=1)
_ENDS = 2


@dataclass(frozen=True, slots=True)
class Choices:
    """What may reasonably be chosen, along each axis.

    Parameters
    ----------
    sources : tuple of str
        Declared series, one a source; the first is the main one.
    options : mapping of str to tuple of str
        Options of the axes of a series (`SERIES_AXES`), beside the one that a series declares. Of the place: names of
        declared places.
    question : Question
        The window, and the options of the axes of a question.
    """

    sources: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]]
    question: Question


def choices_of(study: Study) -> Choices:
    """Give the choices of a study.

    Under ``[choices]`` a study may declare ``window`` (a declared window), ``sources`` (declared series, one a source),
    ``victims, estimate, spread, place, largest_day, baseline, days, model`` (lists; the first is the one that is meant
    where nothing else is said). What it leaves out follows: the window is the main one, or the last 28 days where too
    little lies before it; baselines are the declared references that end before the window, else all days before it.

    Parameters
    ----------
    study : Study
        The study, or a replay.

    Returns
    -------
    Choices

    Raises
    ------
    InputError
        If an entry cannot be used, or no day lies before the window.
    UnknownNameError
        If a name is not known.

    Examples
    --------
    >>> import casualties as ca
    >>> choices = choices_of(ca.load_study("idlib-2019"))
    >>> choices.sources[0], choices.question.label, choices.question.days
    ('north_west', 'the offensive', ('all', '28', '56'))
    """
    given = study.choices
    for axis in given:
        if axis not in _DECLARED:
            raise UnknownNameError("[choices] entry", axis, _DECLARED, file="study.toml")
    sources = _sources(study, given)
    main = study.declared[sources[0]]
    first = pd.Timestamp(str(main["start"]))
    label, start, end = _window(study, given, main)
    baselines = _baselines(study, given, first, start)
    question = Question(
        label,
        start,
        end,
        baselines,
        _listed(given, "days", _DAYS),
        _known(given, "model", MODELS, MODELS),
        study.settings["level"],
        study.settings["date_level"],
    )
    return Choices(sources, MappingProxyType(_options(study, given, sources[0])), question.kept())


def replay_days(study: Study) -> list[pd.Timestamp]:
    """Give the days of a replay that a study declares: every seventh from the first to the last of ``replay``.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    list of Timestamp
        Empty where none is declared, and of a study that is a replay itself.

    Raises
    ------
    InputError
        If the entry is no pair of days in order.
    """
    given = _listed(study.choices, "replay", ())
    if not given or study.as_of:
        return []
    days = [read_day(day, "study.toml, [choices] replay") for day in given]
    if len(days) != _ENDS or days[1] < days[0]:
        raise InputError(
            "the first and the last day are needed", file="study.toml", column="[choices] replay", value=given
        )
    return list(pd.date_range(days[0], days[1], freq="7D"))


def recent_question(question: Question, last: pd.Timestamp, days: int, baselines: Sequence[Baseline]) -> Question:
    """Ask the same of the last days before a day, against other baselines."""
    first = last - (days - 1) * _DAY
    return replace(
        question,
        label=f"the {days} days to {last:%-d %B %Y}",
        first=first,
        last=last,
        baselines=tuple(baselines),
        days=(ALL_DAYS,),
    )


def _sources(study: Study, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the series that are asked: the declared ones, else the main one and one of each other source."""
    if "sources" in given:
        names = _listed(given, "sources", ())
        for name in names:
            if name not in study.declared:
                if study.as_of:
                    continue
                raise UnknownNameError("[choices] sources", name, study.declared, file="study.toml")
        names = tuple(name for name in names if name in study.declared)
    else:
        main = study.settings["main_series"]
        names = (main,) if main else ()
        seen = {study.declared[name]["source"] for name in names}
        for name in study.settings["pair"]:
            if name in study.declared and study.declared[name]["source"] not in seen:
                names, seen = (*names, name), seen | {study.declared[name]["source"]}
    if not names:
        raise InputError(
            "the study declares no series", file="study.toml", column="[series]", remedy="declare one to be judged"
        )
    return names


def _window(study: Study, given: Mapping[str, Any], main: Mapping[str, Any]) -> tuple[str, pd.Timestamp, pd.Timestamp]:
    """Give the words and days of the window."""
    first, last = (pd.Timestamp(str(main[key])) for key in ("start", "end"))
    name = str(given.get("window", study.settings["main_window"]))
    known = name in study.windows
    if "window" in given and not known and not study.as_of:
        raise UnknownNameError("[choices] window", name, study.windows, file="study.toml")
    if known:
        window = study.window(name)
        start, end = max(pd.Timestamp(window.start), first), min(pd.Timestamp(window.end), last)
        if (start - first).days >= _FEWEST_BEFORE and end >= start:
            return window.label, start, end
        if "window" in given and not study.as_of:
            raise InputError(
                f"fewer than {_FEWEST_BEFORE} days of the series lie before the window",
                file="study.toml",
                column="[choices] window",
                value=name,
                remedy="name a later window, or let the series begin earlier",
            )
    start = last - (_RECENT - 1) * _DAY
    if start <= first:
        raise InputError(
            f"the series is too short to hold its last {_RECENT} days against earlier ones",
            file="study.toml",
            column="[series] start, end",
            value=f"{first.date()} to {last.date()}",
            remedy="let it begin earlier",
        )
    return f"the last {_RECENT} days", start, last


def _baselines(
    study: Study, given: Mapping[str, Any], first: pd.Timestamp, start: pd.Timestamp
) -> tuple[Baseline, ...]:
    """Give the baselines that end before the window begins; all days before it where none is declared."""
    declared = _listed(given, "baseline", tuple(study.settings["references"]))
    found = []
    for name in declared:
        if name not in study.windows:
            if study.as_of:
                continue
            raise UnknownNameError("[choices] baseline", name, study.windows, file="study.toml")
        window = study.window(name)
        baseline = Baseline(name, window.label, max(pd.Timestamp(window.start), first), pd.Timestamp(window.end))
        if baseline.first <= baseline.last < start:
            found.append(baseline)
        elif "baseline" in given and not study.as_of:
            raise InputError(
                "a baseline has to lie in the main series and end before the window begins",
                file="study.toml",
                column="[choices] baseline",
                value=f"{name}: {window.start} to {window.end}",
                remedy=f"let it lie between {first.date()} and {(start - _DAY).date()}",
            )
    if not found:
        found = [Baseline("before", "the days before", first, start - _DAY)]
    return tuple(found)


def _options(study: Study, given: Mapping[str, Any], main: str) -> dict[str, tuple[str, ...]]:
    """Give the options of the axes of a series."""
    entry = study.declared[main]
    events = isinstance(study.sources.get(str(entry["source"])), Events)
    civilians = study.settings["civilian_series"]
    classes = (str(study.declared[civilians]["victims"]),) if civilians in study.declared else ()
    places = _listed(given, "place", ())
    for name in places:
        study.at(name)
    return {
        "victims": _listed(given, "victims", classes),
        "estimate": _known(given, "estimate", _ESTIMATES, _ESTIMATES if events else ()),
        "spread": _known(given, "spread", _SPREADS, _SPREADS if events else ()),
        "place": places,
        "largest_day": _known(given, "largest_day", (KEPT, LEFT_OUT), (KEPT, LEFT_OUT)),
    }


def _listed(given: Mapping[str, Any], axis: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Read the options of an axis as text."""
    values = given.get(axis, default)
    if not isinstance(values, list | tuple) or not (values or axis not in given):
        raise InputError(
            "a list of options is needed",
            file="study.toml",
            column=f"[choices] {axis}",
            value=values,
            remedy='write it as ["…", "…"]',
        )
    texts = tuple(str(value) for value in values)
    if len(set(texts)) < len(texts):
        raise InputError("an option stands here twice", file="study.toml", column=f"[choices] {axis}", value=values)
    return texts


def _known(given: Mapping[str, Any], axis: str, known: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
    """Read the options of an axis that has no others than these."""
    texts = _listed(given, axis, default)
    for text in texts:
        if text not in known:
            raise UnknownNameError(f"[choices] {axis}", text, known, file="study.toml")
    return texts
