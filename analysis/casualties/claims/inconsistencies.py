"""What does not fit inside a report itself: no record is needed to see it.

Three rules over the columns of the claims: a relation that the two numbers do not have; two claims of one thing whose
numbers exclude each other; something asserted by one and denied by another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from casualties.claims.statements import Relation, Statement

__all__ = ["INCONSISTENCY_COLUMNS", "find_inconsistencies"]

INCONSISTENCY_COLUMNS = ("kind", "claim_a", "claim_b", "claimant_a", "claimant_b", "words")
WIDE = {"=": (0, 0), ">": (1, math.inf), ">=": (0, math.inf), "<": (-math.inf, -1), "<=": (-math.inf, 0)}


def find_inconsistencies(statements: Sequence[Statement]) -> pd.DataFrame:
    """Find what does not fit inside a report.

    Parameters
    ----------
    statements : sequence of Statement
        The claims.

    Returns
    -------
    DataFrame
        `INCONSISTENCY_COLUMNS`: ``kind`` is ``"relation"`` (said to differ, or to be the same, and they do not or are
        not), ``"numbers"`` (both cannot be true) or ``"denied and asserted"``.
    """
    by_name = {statement.name: statement for statement in statements}
    rows = []
    for one in statements:
        for relation in one.relations:
            if text := _relation_fault(one, relation, by_name[relation.other]):
                rows.append(("relation", by_name[relation.other], one, text))
    for one, other in combinations(statements, 2):
        if text := _excluded(one, other):
            rows.append(("numbers", one, other, text))
        if text := _denied(one, other):
            rows.append(("denied and asserted", one, other, text))
    return pd.DataFrame(
        [(kind, one.name, other.name, one.claimant, other.claimant, text) for kind, one, other, text in rows],
        columns=pd.Index(INCONSISTENCY_COLUMNS),
    ).astype("str")


def _relation_fault(one: Statement, relation: Relation, other: Statement) -> str:
    """Say where two numbers do not have the relation that the report gives them; blank where they may."""
    if math.isnan(one.value) or math.isnan(other.value):
        return ""
    if (one.operator, other.operator) != ("=", "="):
        # A bound leaves the relation open unless the two exclude it.
        least, most = _ends(one)
        low, high = _ends(other)
        possible = {">": most > low, "<": least < high, "=": least <= high and low <= most, "!=": True}
    else:
        possible = {
            ">": one.value > other.value,
            "<": one.value < other.value,
            "=": one.value == other.value,
            "!=": one.value != other.value,
        }
    if possible[relation.sign]:
        return ""
    return f"claim {one.name} is said to be {relation.words} claim {other.name}: {one.value:,g} and {other.value:,g}"


def _excluded(one: Statement, other: Statement) -> str:
    """Say where two numbers for the same, or for a part and its whole, exclude each other; blank where they do not."""
    if math.isnan(one.value) or math.isnan(other.value):
        return ""
    if (one.measure, one.unit, one.place) != (other.measure, other.unit, other.place):
        return ""
    (least, most), (low, high) = _ends(one), _ends(other)
    same = (one.victims, one.start, one.end, one.perpetrator) == (
        other.victims,
        other.start,
        other.end,
        other.perpetrator,
    )
    if same and (most < low or high < least):
        return f"both cannot be true of {_scope(one)}: {_says(one)} and {_says(other)}"
    for (part, fewest), (whole, largest) in (((one, least), (other, high)), ((other, low), (one, most))):
        if not same and _is_part(part, whole) and fewest > largest:
            said = f"claim {part.name}, {_says(part)}; claim {whole.name}, {_says(whole)}"
            return f"the part exceeds the whole ({_scope(whole)}): {said}"
    return ""


def _denied(one: Statement, other: Statement) -> str:
    """Say where one asserts what another denies; blank where they do not."""
    if {one.operator, other.operator} != {"denied", "asserted"} or one.measure != other.measure:
        return ""
    scope = [(each.victims, each.place, each.perpetrator) for each in (one, other)]
    if scope[0] != scope[1] or one.end < other.start or other.end < one.start:
        return ""
    whom = f" to {one.perpetrator}" if one.perpetrator else ""
    return (
        f"{one.measure}{whom}, {_scope(one)}: claim {one.name} is {one.operator}, claim {other.name} {other.operator}"
    )


def _is_part(part: Statement, whole: Statement) -> bool:
    """Tell whether what one claim counts lies within what another counts; both are sums of people."""
    return (
        part.measure in ("killed", "injured", "killed or injured", "displaced")
        and whole.victims in ("all", part.victims)
        and whole.perpetrator in ("", part.perpetrator)
        and whole.start <= part.start
        and part.end <= whole.end
    )


def _ends(statement: Statement) -> tuple[float, float]:
    """Give the range that a claim allows; people are whole, means and shares are not."""
    below, above = WIDE[statement.operator]
    step = 1.0 if statement.unit == "people" else 1e-12
    return statement.value + below * step, statement.value + above * step


def _says(statement: Statement) -> str:
    sign = "" if statement.operator == "=" else f"{statement.operator} "
    return f"{sign}{statement.value:,g}"


def _scope(statement: Statement) -> str:
    days = f"{statement.start:%Y-%m-%d}"
    if statement.end != statement.start:
        days += f" to {statement.end:%Y-%m-%d}"
    return f"{statement.place}, {days}"
