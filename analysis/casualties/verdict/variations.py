"""The series that the choices make: each reasonable way to count the same deaths, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from casualties.cache import Cache, content_key
from casualties.errors import CasualtiesError
from casualties.series import DailySeries
from casualties.study import Study
from casualties.verdict.choices import KEPT, LEFT_OUT, SERIES_AXES, Choices
from casualties.verdict.question import Counts, Question
from casualties.verdict.run import run_all

__all__ = ["LEFT_OUT_COLUMNS", "Variation", "declared_series", "vary_series", "without_largest"]

LEFT_OUT_COLUMNS = ["source", *SERIES_AXES, "reason"]
_FREE = "-"
_Kept: TypeAlias = "list[Any] | str"


@dataclass(frozen=True, slots=True, eq=False)
class Variation:
    """One way to count.

    Parameters
    ----------
    source : str
        The declared series.
    options : mapping of str to str
        The option on each axis of a series; ``"-"`` where the series has no such axis.
    counts : Counts
        The deaths by day.
    declared : bool
        Whether every option is the one that the series declares.
    """

    source: str
    options: Mapping[str, str]
    counts: Counts
    declared: bool


def declared_series(study: Study, name: str, question: Question, **changes: Any) -> DailySeries:
    """Give a series over all the days that a question needs, as far as its source covers them."""
    main = study.declared[study.settings["main_series"] or name]
    first = max(
        question.needed, min(pd.Timestamp(str(study.declared[name]["start"])), pd.Timestamp(str(main["start"])))
    )
    return study.series(name, start=first, end=question.last, **changes)


def vary_series(study: Study, choices: Choices, cache: Cache) -> tuple[list[Variation], pd.DataFrame]:
    """Make every series that the choices allow.

    Parameters
    ----------
    study : Study
        The study.
    choices : Choices
        Its choices.
    cache : Cache
        Where the counts are kept: they are made anew where the records of a source, or what the study declares of
        series, places and actors, is another.

    Returns
    -------
    (list of Variation, DataFrame)
        The series, the declared one of each source first; and the combinations that make none, with the reason: what
        the source does not give, and what equals a series that is there (it is no further choice).
    """
    made: list[Variation] = []
    left_out: list[dict[str, str]] = []
    for name in choices.sources:
        seen: dict[bytes, Mapping[str, str]] = {}
        combinations = list(_combinations(study, choices, name))
        counted = _counted(study, choices.question, name, combinations, cache)
        for number, options in enumerate(combinations):
            counts = counted[_how(options)]
            if isinstance(counts, Counts) and options["largest_day"] == LEFT_OUT:
                counts = without_largest(counts, choices.question)
            if isinstance(counts, str):
                left_out.append({"source": name, **options, "reason": counts})
                continue
            same = seen.setdefault(counts.digest(), options)
            if same is options:
                made.append(Variation(name, options, counts, number == 0))
            else:
                left_out.append({"source": name, **options, "reason": f"the same days as {_words(same)}"})
    return made, pd.DataFrame(left_out, columns=LEFT_OUT_COLUMNS)


def without_largest(counts: Counts, question: Question) -> Counts:
    """Take the day with most deaths out of the days that a question needs: it is then not observed."""
    first, last = max(counts.place(question.start), 0), counts.place(question.last)
    part = counts.deaths[first : last + 1]
    if np.isnan(part).all():
        return counts
    day = first + int(np.nanargmax(part))
    deaths = counts.deaths.copy()
    deaths[day] = np.nan
    return Counts(counts.first, deaths, counts.exposure)


def _combinations(study: Study, choices: Choices, name: str) -> Iterator[dict[str, str]]:
    """Go through the options of a source; the first are those that its series declares."""
    declared = study.declared[name]
    own = {
        "victims": _text(declared.get("victims", "all")),
        "estimate": str(declared.get("estimate", "best")),
        "spread": str(declared["spread"]),
        "place": str(declared.get("place", _FREE)),
        "largest_day": KEPT,
    }
    same_place = declared.get("place") == study.declared[choices.sources[0]].get("place")
    axes = []
    for axis in SERIES_AXES:
        others = choices.options[axis] if axis != "place" or (same_place and own["place"] != _FREE) else ()
        axes.append(tuple(dict.fromkeys((own[axis], *others))))
    for chosen in product(*axes):
        yield dict(zip(SERIES_AXES, chosen, strict=True))


def _how(options: Mapping[str, str]) -> tuple[str, ...]:
    """Give the options by which the days are counted, before one is left out."""
    return tuple(options[axis] for axis in SERIES_AXES[:-1])


def _counted(
    study: Study, question: Question, name: str, combinations: Sequence[Mapping[str, str]], cache: Cache
) -> dict[tuple[str, ...], Counts | str]:
    """Count by all options, each way once: the counts, or why there are none."""
    ways = {_how(options): options for options in combinations}
    declared = study.declared[name]
    rests_on = content_key(
        *("counting", name, question.needed, question.last, study.sources.get(str(declared.get("source")))),
        *(study.declared, study.places, study.actors),
    )
    answers = run_all(
        _count,
        [(study, question, name, options) for options in ways.values()],
        [content_key(rests_on, how) for how in ways],
        cache,
        workers=1,
    )
    return {how: _read_back(answer) for how, answer in zip(ways, answers, strict=True)}


def _count(task: tuple[Study, Question, str, Mapping[str, str]]) -> _Kept:
    """Count by these options, or say why that cannot be."""
    study, question, name, options = task
    own = _text(study.declared[name].get("victims", "all"))
    changes: dict[str, Any] = {key: options[key] for key in ("estimate", "spread")}
    if options["victims"] != own:
        changes["victims"] = options["victims"]
    if options["place"] != _FREE:
        changes["place"] = options["place"]
    try:
        counts = Counts.of(declared_series(study, name, question, **changes))
    except CasualtiesError as error:
        return str(error)
    window = counts.between(question.first, question.last)
    if np.isnan(window.deaths).all():
        return "the source gives no such number"
    return [f"{counts.first:%Y-%m-%d}", counts.deaths.tolist(), counts.exposure.tolist()]


def _read_back(kept: _Kept) -> Counts | str:
    """Give counts as they are kept."""
    if isinstance(kept, str):
        return kept
    first, deaths, exposure = kept
    return Counts(pd.Timestamp(first), np.array(deaths, dtype=float), np.array(exposure, dtype=float))


def _text(victims: object) -> str:
    return " or ".join(map(str, victims)) if isinstance(victims, list | tuple) else str(victims)


def _words(options: Mapping[str, str]) -> str:
    return ", ".join(f"{axis.replace('_', ' ')} {option}" for axis, option in options.items() if option != _FREE)
