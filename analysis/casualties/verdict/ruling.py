"""The last rules of a verdict: what becomes of a source's state beside the other choices and the other sources."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from casualties.verdict.decision import (
    CONFLICT,
    DE_ESCALATING,
    ESCALATING,
    NO_DETECTABLE,
    NOT_ENOUGH,
    Decision,
    reading_of,
)

__all__ = ["agreeing", "contradicting", "rule"]

_FEW = 0.5


def agreeing(frame: pd.DataFrame, state: str) -> int:
    """Count the specifications that read what a state says.

    Parameters
    ----------
    frame : DataFrame
        ``reading`` of each specification.
    state : str
        Of `casualties.verdict.decision.STATES`.

    Returns
    -------
    int
        None reads "not enough data".

    Examples
    --------
    >>> agreeing(pd.DataFrame({"reading": ["rise", "no change", "rise", "not estimable"]}), "escalating")
    2
    """
    return int((frame["reading"] == reading_of(state)).sum()) if state != NOT_ENOUGH else 0


def contradicting(sources: pd.DataFrame) -> list[str]:
    """Give two sources of one scope that contradict each other, in words; none where no two do.

    Two contradict each other where one says that it escalates and the other that it de-escalates, or where their states
    differ and the intervals of their ratios exclude each other.

    Parameters
    ----------
    sources : DataFrame
        ``label, counted`` (of the same scope as the main source), ``state, ratio_low, ratio_high``; one row a source.

    Returns
    -------
    list of str

    Examples
    --------
    >>> rows = [("A", True, "escalating", 1.2, 3.0), ("B", True, "de-escalating", 0.4, 0.9)]
    >>> contradicting(pd.DataFrame(rows, columns=["label", "counted", "state", "ratio_low", "ratio_high"]))
    ['A says escalating', 'B says de-escalating']
    """
    counted = sources[sources["counted"] & (sources["state"] != NOT_ENOUGH)]
    rows = [row for _, row in counted.iterrows()]
    for one, other in combinations(rows, 2):
        if one["state"] != other["state"]:
            opposite = {one["state"], other["state"]} == {ESCALATING, DE_ESCALATING}
            apart = one["ratio_low"] > other["ratio_high"] or other["ratio_low"] > one["ratio_high"]
            if opposite or apart:
                return [f"{each['label']} says {each['state']}" for each in (one, other)]
    return []


def rule(own: Decision, sources: pd.DataFrame, support: int, able: int) -> tuple[str, str]:
    """Give the verdict and why it is this one.

    It is what the main source says, but "sources conflict" where another contradicts, and "no detectable change" where
    fewer than half of the specifications that can tell read what the main source's declared series says.

    Parameters
    ----------
    own : Decision
        What the declared series of the main source says.
    sources : DataFrame
        As for `contradicting`, the main source included.
    support, able : int
        Specifications of the main source that agree, and those that can tell.

    Returns
    -------
    (str, str)
        The state and the reason.

    Examples
    --------
    >>> own = Decision("escalating", {"level": "rise", "changes": "rise", "growth": "no change"})
    >>> alone = pd.DataFrame({"label": ["A"], "counted": [True], "state": ["escalating"], "ratio_low": [1.2],
    ...                       "ratio_high": [3.0]})
    >>> rule(own, alone, 12, 24)[0], rule(own, alone, 11, 24)[0]
    ('escalating', 'no detectable change')
    """
    methods = ", ".join(f"{method}: {reading}" for method, reading in own.methods.items())
    if own.state == NOT_ENOUGH:
        return NOT_ENOUGH, f"Fewer than two methods can tell ({methods})."
    against = contradicting(sources)
    if against:
        return CONFLICT, f"Sources of one scope contradict each other: {' and '.join(against)}."
    if own.state != NO_DETECTABLE and support < _FEW * able:
        return NO_DETECTABLE, f"The declared series is {own.state}, but under {able - support} of {able} choices not."
    return own.state, f"Of the methods, {methods}."
