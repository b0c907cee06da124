"""What the words of claims mean: places, victims, perpetrators, claimants, and the readings of vague words.

Nothing is guessed from a word. The study declares its words under `[terms]`, a file of claims may add its own, and a
reading can be given as an argument; a few words that every report uses are read here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.study import Study

__all__ = ["COMPARISONS", "MISSED", "READINGS", "ClaimPlace", "Reading", "Terms", "terms_of"]

KINDS = ("places", "victims", "perpetrators", "claimants", "readings")
SETS = ("value", "start", "end", "operator", "chance", "missed")
# The comparisons that a claim can make, in words.
COMPARISONS: Mapping[str, str] = MappingProxyType(
    {"=": "exactly", ">": "more than", ">=": "at least", "<": "fewer than", "<=": "at most"}
)
MISSED = "deaths that a record misses"
# Words of every report. What a reading sets takes the place of what the row says.
READINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "dozen": {"value": 12},
        "dozens": {"value": 24},
        "hundreds": {"value": 200},
        "thousands": {"value": 2000},
        "tens of thousands": {"value": 20_000},
        "hundreds of thousands": {"value": 200_000},
        "almost every day": {"value": 0.9, "also": [0.8, 0.95]},
        "most days": {"value": 0.5},
        "so far": {"operator": "=", "also": [">="]},
        # The loosest level at which false alarms are measured (docs/calibration.md), whatever answer it gives.
        "sharp rise": {"chance": 0.01, "also": [0.05, 0.1]},
        MISSED: {"missed": 0.1},
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How vague words are read.

    Parameters
    ----------
    words : str
        The words.
    sets : str
        What of the claim they set: ``value``, ``start``, ``end``, ``operator``, ``chance`` (how rare is unusual) or
        ``missed`` (the share of the dead that a record may miss).
    value : float, Timestamp or str
        The reading.
    also : tuple
        Other readings, each tried in its stead.
    """

    words: str
    sets: str
    value: Any
    also: tuple[Any, ...] = ()

    def says(self, value: Any = None) -> str:
        """Give it as text: the words, and what they are read as.

        Examples
        --------
        >>> Reading("dozen", "value", 12.0).says()
        'dozen = 12'
        """
        shown = self.value if value is None else value
        if isinstance(shown, pd.Timestamp):
            return f"{self.words} = {'from' if self.sets == 'start' else 'to'} {shown:%Y-%m-%d}"
        if self.sets == "operator":
            return f"{self.words} = {COMPARISONS[shown]}"
        return f"{self.words} = {'a chance of at most ' if self.sets == 'chance' else ''}{shown:,g}"


@dataclass(frozen=True, slots=True)
class ClaimPlace:
    """A place that a claim may mean: its words, and what selects it among the events (nothing: everywhere)."""

    label: str
    where: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the words of claims mean in a study.

    Parameters
    ----------
    places : mapping of str to tuple of ClaimPlace
        Each boundary that the words may mean, the main one first.
    victims : mapping of str to str
        A class of victims, a part of the dead, or a group of actors of the study.
    perpetrators : mapping of str to tuple of str
        Actors as the sources name them.
    claimants : mapping of str to str
        The code under which sources name a claimant.
    readings : mapping of str to Reading
        How vague words are read.
    """

    places: Mapping[str, tuple[ClaimPlace, ...]]
    victims: Mapping[str, str]
    perpetrators: Mapping[str, tuple[str, ...]]
    claimants: Mapping[str, str]
    readings: Mapping[str, Reading]

    @property
    def missed(self) -> float:
        """The share of the dead that a record is allowed to miss."""
        return float(self.readings[MISSED].value)

    def code(self, claimant: str) -> str:
        """Give the code of a claimant: the one declared, else its name."""
        return self.claimants.get(claimant, claimant)


def terms_of(
    study: Study, given: Mapping[str, Any] | None = None, readings: Mapping[str, Any] | None = None, *, file: str = ""
) -> Terms:
    """Put together what words mean: the package's readings, the study's terms, a file's own, and an argument's.

    Parameters
    ----------
    study : Study
        The study; a place of it may also be named by its name or label.
    given : mapping, optional
        Terms of a file of claims, in the form of the study's ``[terms]``.
    readings : mapping of str to value, optional
        Readings by their words; each replaces the reading that is known.
    file : str, optional
        Name of the file that `given` stands in.

    Returns
    -------
    Terms

    Raises
    ------
    InputError, UnknownNameError
        If a term has another form than it must have, or names a place that the study does not declare.

    Examples
    --------
    >>> import casualties as ca
    >>> terms = terms_of(ca.load_study("idlib-2019"), readings={"dozen": 10})
    >>> terms.readings["dozen"].says(), [place.label for place in terms.places["Idlib region"]]
    ('dozen = 10', ['Idlib Governorate', 'north-west Syria'])
    """
    places: dict[str, tuple[ClaimPlace, ...]] = {}
    for name, place in study.places.items():
        places[name] = places[place.label] = (ClaimPlace(place.label, place.where),)
    victims: dict[str, str] = {}
    perpetrators: dict[str, tuple[str, ...]] = {}
    claimants: dict[str, str] = {}
    known = {words: _reading(words, entry, "") for words, entry in READINGS.items()}
    for terms, name in ((study.terms, "study.toml"), (given or {}, file)):
        for kind, entries in terms.items():
            if kind not in KINDS:
                raise UnknownNameError("[terms] entry", kind, KINDS, file=name)
            if not isinstance(entries, Mapping):
                raise InputError("a table is needed here", file=name, column=f"[terms.{kind}]", value=entries)
        places |= {word: _places(word, entry, study, name) for word, entry in terms.get("places", {}).items()}
        victims |= {word: _word(f"victims.{word}", entry, name) for word, entry in terms.get("victims", {}).items()}
        claimants |= {
            word: _word(f"claimants.{word}", entry, name) for word, entry in terms.get("claimants", {}).items()
        }
        for word, entry in terms.get("perpetrators", {}).items():
            actors = entry if isinstance(entry, list) else [entry]
            perpetrators[word] = tuple(_word(f"perpetrators.{word}", actor, name) for actor in actors)
        known |= {words: _reading(words, entry, name) for words, entry in terms.get("readings", {}).items()}
    for words, value in (readings or {}).items():
        if words not in known:
            raise UnknownNameError("reading", words, known)
        known[words] = _reread(known[words], value)
    return Terms(
        MappingProxyType(places),
        MappingProxyType(victims),
        MappingProxyType(perpetrators),
        MappingProxyType(claimants),
        MappingProxyType(known),
    )


def _reread(reading: Reading, value: Any) -> Reading:
    """Give a reading another value; what stood there before is tried with the others, and none twice."""
    chosen = _read(reading.sets, value, f"reading of {reading.words!r}", "")
    others = [reading.value, *reading.also] if reading.also else []
    return replace(reading, value=chosen, also=tuple(other for other in others if other != chosen))


def _places(word: str, entry: Any, study: Study, file: str) -> tuple[ClaimPlace, ...]:
    column = f'[terms.places] "{word}"'
    if isinstance(entry, list):
        if not entry:
            raise InputError("no place is named", file=file, column=column, remedy="name a declared place")
        return tuple(place for one in entry for place in _places(word, one, study, file))
    if isinstance(entry, str):
        if entry not in study.places:
            raise UnknownNameError(column, entry, study.places, file=file)
        return (ClaimPlace(study.places[entry].label, study.places[entry].where),)
    where = entry.get("where") if isinstance(entry, Mapping) else None
    if not isinstance(where, Mapping) or not where or set(entry) - {"label", "where"}:
        raise InputError(
            "a place is the name of a declared place, or columns and values",
            file=file,
            column=column,
            value=entry,
            remedy='write { label = "…", where = { adm1 = ["…"] } }',
        )
    chosen = {
        str(name): tuple(map(str, values)) if isinstance(values, list) else (str(values),)
        for name, values in where.items()
    }
    return (ClaimPlace(str(entry.get("label", word)), MappingProxyType(chosen)),)


def _word(name: str, entry: Any, file: str) -> str:
    if not isinstance(entry, str) or not entry.strip():
        raise InputError("a name is needed here", file=file, column=f"[terms.{name}]", value=entry)
    return entry.strip()


def _reading(words: str, entry: Any, file: str) -> Reading:
    column = f'[terms.readings] "{words}"'
    sets = [name for name in SETS if isinstance(entry, Mapping) and name in entry]
    if len(sets) != 1 or set(entry) - {*sets, "also"}:
        raise InputError(
            "a reading sets one thing",
            file=file,
            column=column,
            value=entry,
            remedy=f"write {{ value = 12 }}, or one of {', '.join(SETS)}, and other readings under also = [ … ]",
        )
    also = entry.get("also", [])
    listed = also if isinstance(also, list) else [also]
    return Reading(
        words,
        sets[0],
        _read(sets[0], entry[sets[0]], column, file),
        tuple(_read(sets[0], one, column, file) for one in listed),
    )


def _read(sets: str, value: Any, column: str, file: str) -> Any:
    """Read what a reading sets: a day, an operator, or a number within its bounds."""
    if sets in ("start", "end"):
        try:
            return pd.Timestamp(date.fromisoformat(str(value)))
        except ValueError as error:
            raise InputError(
                "this is not a date", file=file, column=column, value=value, remedy="write it as YYYY-MM-DD"
            ) from error
    if sets == "operator":
        if value not in COMPARISONS:
            raise InputError(
                "this is no comparison", file=file, column=column, value=value, remedy="write =, >, >=, < or <="
            )
        return value
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    top = 1.0 if sets in ("chance", "missed") else math.inf
    if not 0 <= number < top:
        bound = "from 0 to below 1" if top == 1 else "of at least 0"
        raise InputError(f"a number {bound} is needed", file=file, column=column, value=value)
    return number
