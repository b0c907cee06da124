"""A claim as it can be checked: what is counted, whom, where, when, and what is said of the number.

| column | what it says |
| --- | --- |
| `claim_id` | the name of the claim, once in a file |
| `measure` | one of `MEASURES` |
| `operator` | `=`, `>`, `>=`, `<`, `<=` (`mean` or `share` may stand before it), `is unusual`, `denied`, `asserted` |
| `value`, `unit` | the number; a share lies between 0 and 1 |
| `victims` | blank for all; civilians, combatants, or words of the terms |
| `place` | a declared place of the study, or words of the terms |
| `period_start`, `period_end` | first and last day, inclusive |
| `perpetrator` | who is said to have killed; blank or "not stated" for nobody |
| `attributed_to`, `published_by`, `published_date` | who says it, where and when |
| `claim` | the claim in words of your own |
| `words` | the vague words it rests on, joined by `;` |
| `relation` | how it is set beside another claim: `higher than 1`, `lower than 1`, `same as 1`, `different from 1` |
| `other_counts` | other published counts of the same that only grow: `262 2019-06-26; 229 SNHR 2019-07-12` |
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from casualties.claims.rules import RULES
from casualties.claims.terms import COMPARISONS, Reading, Terms
from casualties.errors import InputError, nearest
from casualties.sources.claims import ClaimsTable

__all__ = ["MEASURES", "RELATIONS", "OtherCount", "Relation", "Statement", "statements_of"]

# What is counted, and the unit in which it is told.
MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "killed": "people",
        "killed per day": "people a day",
        "days with an event": "share of days",
        "share of killed": "share of the killed",
        "escalation": "chance of as many",
        "injured": "people",
        "killed or injured": "people",
        "displaced": "people",
        "attribution": "",
    }
)
SHARES = ("days with an event", "share of killed")
# Relations between two numbers, as comparisons.
RELATIONS: Mapping[str, str] = MappingProxyType(
    {"higher than": ">", "lower than": "<", "same as": "=", "different from": "!="}
)
FITTING = MappingProxyType({"escalation": ("is unusual",), "attribution": ("denied", "asserted")})
SIGNS = MappingProxyType({"≥": ">=", "≤": "<=", "==": "="})
NEEDED = ("claim_id", "measure", "operator")
NOBODY = ("", "not stated", "unknown")


@dataclass(frozen=True, slots=True)
class Relation:
    """How a report sets the number of a claim beside that of another."""

    words: str
    other: str

    @property
    def sign(self) -> str:
        """The comparison that the words make."""
        return RELATIONS[self.words]


@dataclass(frozen=True, slots=True)
class OtherCount:
    """Another published count of what a claim counts, up to a day; who counted is blank where it is not known."""

    value: int
    counter: str
    day: pd.Timestamp


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim, read and checked; blank text and NaN where it says nothing.

    ``value``, ``start``, ``end``, ``operator`` and ``chance`` are those of its readings where it rests on any.
    """

    name: str
    row: int
    claimant: str
    published: pd.Timestamp
    measure: str
    victims: str
    place: str
    start: pd.Timestamp
    end: pd.Timestamp
    perpetrator: str
    operator: str
    value: float
    unit: str
    claim: str
    readings: tuple[Reading, ...]
    relations: tuple[Relation, ...]
    others: tuple[OtherCount, ...]
    chance: float = math.nan


def statements_of(table: ClaimsTable, terms: Terms) -> tuple[Statement, ...]:
    """Read the claims of a table; what cannot be used is told by row, column and value.

    Parameters
    ----------
    table : ClaimsTable
        The claims as text.
    terms : Terms
        What their words mean.

    Returns
    -------
    tuple of Statement

    Raises
    ------
    InputError
        If a column is missing, a name is used twice, or a cell cannot be used.
    """
    frame = table.frame
    for name in NEEDED:
        if name not in frame:
            raise InputError(
                "the column is missing", file=table.file, column=name, remedy=f"claims need {', '.join(NEEDED)}"
            )
    if frame.empty:
        raise InputError("there are no claims", file=table.file, remedy="write one or more rows")
    made: dict[str, Statement] = {}
    for row, cells in zip(frame.index, frame.to_dict("records"), strict=True):
        one = _Cells({str(key): str(text).strip() for key, text in cells.items()}, table.file, int(row))
        statement = _statement(one, terms)
        if statement.name in made:
            raise one.fault("the name is used by an earlier claim", "claim_id", remedy="give each claim its own")
        made[statement.name] = statement
    for statement in made.values():
        for relation in statement.relations:
            if relation.other not in made or relation.other == statement.name:
                raise InputError(
                    "the relation names no other claim of the file",
                    file=table.file,
                    row=statement.row,
                    column="relation",
                    value=relation.other,
                    remedy="name a claim_id",
                )
    return tuple(made.values())


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row, and how to say what is wrong with one."""

    cells: Mapping[str, str]
    file: str
    row: int

    def text(self, name: str) -> str:
        return self.cells.get(name, "")

    def fault(self, message: str, column: str, *, remedy: str = "", value: str | None = None) -> InputError:
        shown = self.text(column) if value is None else value
        return InputError(message, file=self.file, row=self.row, column=column, value=shown, remedy=remedy)

    def choice(self, column: str, value: str, choices: Any) -> str:
        """Give a choice, or say which there are."""
        if value in choices:
            return value
        near = nearest(value, choices)
        told = f"did you mean {near!r}? " if near else ""
        raise self.fault("this is not known", column, remedy=f"{told}the choices are: {', '.join(choices)}")

    def day(self, column: str) -> pd.Timestamp:
        """Read a day; NaT where the cell is blank."""
        text = self.text(column)
        if not text:
            return pd.NaT  # type: ignore[return-value]
        try:
            return pd.Timestamp(date.fromisoformat(text))
        except ValueError as error:
            raise self.fault("this is not a date", column, remedy="write it as YYYY-MM-DD") from error

    def several(self, column: str) -> list[str]:
        return [part.strip() for part in self.text(column).split(";") if part.strip()]


def _statement(cells: _Cells, terms: Terms) -> Statement:
    name = cells.text("claim_id")
    if not name:
        raise cells.fault("the claim has no name", "claim_id", remedy="give it one")
    measure = cells.choice("measure", cells.text("measure").casefold(), MEASURES)
    operator = cells.text("operator").casefold().removeprefix("mean ").removeprefix("share ").strip()
    operator = cells.choice("operator", SIGNS.get(operator, operator), RULES)
    fitting = FITTING.get(measure, tuple(COMPARISONS))
    if operator not in fitting:
        raise cells.fault(f"{measure!r} does not take this", "operator", remedy=f"write {' or '.join(fitting)}")
    readings = []
    for words in cells.several("words"):
        if words not in terms.readings:
            near = nearest(words, terms.readings)
            raise cells.fault(
                "these words have no reading",
                "words",
                value=words,
                remedy=(f"did you mean {near!r}? else " if near else "") + "declare one under [terms.readings]",
            )
        readings.append(terms.readings[words])
    read: dict[str, Any] = {"operator": operator, "start": cells.day("period_start"), "end": cells.day("period_end")}
    read |= {"value": _value(cells, measure), "chance": math.nan}
    for reading in readings:
        read |= {reading.sets: reading.value} if reading.sets in read else {}
    _check_complete(cells, measure, read)
    return Statement(
        name=name,
        row=cells.row,
        claimant=cells.text("attributed_to"),
        published=cells.day("published_date"),
        measure=measure,
        victims=cells.text("victims") or ("" if measure == "attribution" else "all"),
        place=cells.text("place"),
        perpetrator="" if cells.text("perpetrator").casefold() in NOBODY else cells.text("perpetrator"),
        unit=cells.text("unit") or MEASURES[measure],
        claim=cells.text("claim"),
        readings=tuple(readings),
        relations=tuple(_relation(cells, text) for text in cells.several("relation")),
        others=tuple(_other_count(cells, text) for text in cells.several("other_counts")),
        **read,
    )


def _value(cells: _Cells, measure: str) -> float:
    text = cells.text("value")
    if not text:
        return math.nan
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise cells.fault(
            "this is not a number of at least 0", "value", remedy="write digits, without spaces or commas"
        )
    if measure in SHARES and float(text) > 1:
        raise cells.fault("a share lies between 0 and 1", "value", remedy="write 90 % as 0.9")
    return float(text)


def _check_complete(cells: _Cells, measure: str, read: Mapping[str, Any]) -> None:
    """Check that a claim says what its measure needs."""
    if read["operator"] in COMPARISONS and math.isnan(read["value"]):
        raise cells.fault("the claim gives no number", "value", remedy="write it, or words that have a reading")
    if measure == "escalation" and math.isnan(read["chance"]):
        raise cells.fault("nothing says how rare is unusual", "words", remedy="write words such as 'sharp rise'")
    for column, key in (("period_start", "start"), ("period_end", "end")):
        if pd.isna(read[key]):
            raise cells.fault("the claim has no such day", column, remedy="write it as YYYY-MM-DD")
    if read["end"] < read["start"]:
        raise cells.fault("the period ends before it starts", "period_end", remedy="exchange the two days")
    if not cells.text("place"):
        raise cells.fault("the claim names no place", "place", remedy="name a place of the study or of the terms")


def _relation(cells: _Cells, text: str) -> Relation:
    for words in RELATIONS:
        if text.casefold().startswith(f"{words} "):
            return Relation(words, text[len(words) :].strip())
    raise cells.fault(
        "the relation is not known", "relation", value=text, remedy=f"write {', '.join(RELATIONS)} and a claim_id"
    )


def _other_count(cells: _Cells, text: str) -> OtherCount:
    found = re.fullmatch(r"(\d+)\s+(?:(.*\S)\s+)?(\d{4}-\d{2}-\d{2})", text)
    try:
        day = pd.Timestamp(date.fromisoformat(found[3])) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise cells.fault(
            "this is no count", "other_counts", value=text, remedy="write number, counter (if known) and day"
        )
    return OtherCount(int(found[1]), found[2] or "", day)
