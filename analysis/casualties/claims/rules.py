"""When a range that a source holds supports a claim, when it contradicts it, and when it decides nothing.

One table, `RULES`, both words and tests. A record of deaths may miss some: what it holds can always support "more
than", it contradicts from below only where it stays below with an allowance for the dead it misses, and it contradicts
nothing where it is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from casualties.errors import InputError, UnknownNameError

__all__ = ["CONTRADICTED", "NOT_TESTABLE", "RULES", "SUPPORTED", "UNDECIDED", "VERDICTS", "Rule", "judge"]

SUPPORTED, CONTRADICTED, UNDECIDED, NOT_TESTABLE = "supported", "contradicted", "undecided", "not testable"
VERDICTS = (SUPPORTED, CONTRADICTED, UNDECIDED, NOT_TESTABLE)
Test = Callable[[float, float, float], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides a claim with one operator; where neither test holds it is undecided.

    Parameters
    ----------
    supported, contradicted : str
        The two tests in words.
    holds, fails : callable or None
        The same tests, of value, low and high; None where counts cannot decide.
    """

    supported: str
    contradicted: str
    holds: Test | None = None
    fails: Test | None = None


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "=": Rule(
            "low and high are both the value",
            "the value lies outside low to high",
            lambda value, low, high: low == value == high,
            lambda value, low, high: not low <= value <= high,
        ),
        ">": Rule(
            "low is above the value",
            "high is not above the value",
            lambda value, low, _high: low > value,
            lambda value, _low, high: high <= value,
        ),
        ">=": Rule(
            "low is at least the value",
            "high is below the value",
            lambda value, low, _high: low >= value,
            lambda value, _low, high: high < value,
        ),
        "<": Rule(
            "high is below the value",
            "low is at least the value",
            lambda value, _low, high: high < value,
            lambda value, low, _high: low >= value,
        ),
        "<=": Rule(
            "high is at most the value",
            "low is above the value",
            lambda value, _low, high: high <= value,
            lambda value, low, _high: low > value,
        ),
        "is unusual": Rule(
            "as many deaths or more had at most the chance that the reading allows, for the low count too",
            "they had a larger chance, for the high count too",
            lambda value, _low, high: high <= value,
            lambda value, low, _high: low > value,
        ),
        "denied": Rule("never by counts", "never by counts"),
        "asserted": Rule("never by counts", "never by counts"),
    }
)


def judge(
    operator: str,
    value: float,
    low: float,
    high: float,
    *,
    record: bool = False,
    missed: float = 0.0,
    unplaced: float = 0.0,
    empty: bool = False,
) -> str:
    """Judge a claim by the range that a source holds.

    Parameters
    ----------
    operator : str
        One of `RULES`.
    value : float
        What is claimed; for ``"is unusual"`` the chance that the reading allows.
    low, high : float
        The range; ``high`` is infinite where the source gives a bound from below.
    record : bool, optional
        Whether the source is a record that may miss deaths (events, a feed), and not somebody's total.
    missed : float, optional
        Of a record: the share of the dead that it is allowed to miss before it contradicts from below.
    unplaced : float, optional
        Of a record: what it holds without a place; it may belong here.
    empty : bool, optional
        Whether the source holds nothing here: absence decides nothing.

    Returns
    -------
    str
        ``"supported"``, ``"contradicted"`` or ``"undecided"``; ``"not testable"`` where counts cannot decide.

    Raises
    ------
    UnknownNameError
        If there is no such operator.
    InputError
        If `missed` is not a share below 1.

    Examples
    --------
    >>> judge(">", 2000, 2665, 2866), judge("=", 27, 25, 42), judge("=", 27, 43, 43)
    ('supported', 'undecided', 'contradicted')

    A record of at most 11 contradicts "more than 12" only if it is not allowed to miss a tenth:

    >>> judge(">", 12, 10, 11, record=True), judge(">", 12, 10, 11, record=True, missed=0.1)
    ('contradicted', 'undecided')
    """
    if operator not in RULES:
        raise UnknownNameError("operator", operator, RULES)
    if not 0 <= missed < 1:
        raise InputError("a share of at least 0 and below 1 is needed", column="missed", value=missed)
    rule = RULES[operator]
    if rule.holds is None or rule.fails is None:
        return NOT_TESTABLE
    if empty:
        return UNDECIDED
    raised = (high + unplaced) / (1 - missed) if record else high
    if operator == "=" and rule.holds(value, low, high):
        return SUPPORTED
    if operator != "=" and rule.holds(value, low, raised):
        return SUPPORTED
    return CONTRADICTED if rule.fails(value, low, raised) else UNDECIDED
