"""Whether two series count the same people in the same places on the same days: else their levels say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from casualties.estimates import NotEstimable
from casualties.events import Where
from casualties.series import DailySeries

__all__ = ["ScopeMatch", "match_scopes"]

Relation = Literal["same", "part", "overlap", "apart", "not known"]


@dataclass(frozen=True, slots=True)
class ScopeMatch:
    """How what one series counts relates to what the other counts.

    Parameters
    ----------
    victims, place : {"same", "part", "overlap", "apart", "not known"}
        By what was chosen: the same, one a part of the other, some in common, none in common, or not known because
        only one of the two was narrowed down and the other has what its source covers.
    days : int
        Calendar days that lie in the windows of both.
    sentences : tuple of str
        Victims, place and period of both, and what follows.
    refusal : NotEstimable or None
        Why the levels of the two cannot be compared; None where nothing that is known speaks against it.
    """

    victims: Relation
    place: Relation
    days: int
    sentences: tuple[str, ...]
    refusal: NotEstimable | None


def match_scopes(a: DailySeries, b: DailySeries) -> ScopeMatch:
    """Compare the victims, places and days of two series.

    Parameters
    ----------
    a, b : DailySeries
        The two series.

    Returns
    -------
    ScopeMatch
        Levels are refused where the victims or the places are known to differ: the ratio of a part to the whole is a
        share of deaths, and the ratio of two parts one of two classes; neither says how well a source covers the
        other's deaths.

    Notes
    -----
    What each *source* covers is known in its own words only, and two sources may mean different people by the same
    word; both sentences are given to be read.

    Examples
    --------
    >>> a = DailySeries.from_counts([3, 0, 5], "2019-04-28", name="A")
    >>> match_scopes(a, a).place
    'same'
    """
    names = (a.record.name, b.record.name)
    victims = _victims(a.victims, b.victims)
    place = _place(a.where, b.where)
    start, end = max(a.start, b.start), min(a.end, b.end)
    days = max((end - start).days + 1, 0)
    told = [
        f"{name}: {each.whom}, {_where(each)}, {each.start:%Y-%m-%d} to {each.end:%Y-%m-%d}."
        for name, each in zip(names, (a, b), strict=True)
    ]
    reasons = []
    if victims != "same":
        reasons.append(f"the two series count different victims: {a.whom} and {b.whom}{_HOW[victims]}")
    if place in ("part", "overlap", "apart"):
        reasons.append(f"the two series count in different places: {_where(a)} and {_where(b)}{_HOW[place]}")
    if place == "not known":
        told.append(
            f"Only one of the two was narrowed down to a place ({_where(a)} and {_where(b)}): that the other's source "
            "covers the same place is not known from the records."
        )
    if (a.start, a.end) != (b.start, b.end):
        told.append(f"Their windows differ; {_common(start, days)}.")
    refusal = NotEstimable(f"not comparable: {'; '.join(reasons)}") if reasons else None
    return ScopeMatch(victims, place, days, tuple(told), refusal)


_HOW = {
    "part": " (one is a part of the other, so their ratio would be a share, not an agreement)",
    "overlap": " (they have a part in common)",
    "apart": " (they have nothing in common)",
    "not known": "",
}


def _common(start: pd.Timestamp, days: int) -> str:
    return f"{days} days from {start:%Y-%m-%d} lie in both" if days else "no day lies in both"


def _victims(a: str | tuple[str, ...], b: str | tuple[str, ...]) -> Relation:
    one, other = ({each} if isinstance(each, str) else set(each) for each in (a, b))
    if "all" in one and "all" in other:
        return "same"
    if "all" in one or "all" in other:
        return "part"
    if one == other:
        return "same"
    return _relation(one, other) if one & other else "not known"


def _place(a: Where, b: Where) -> Relation:
    if not a and not b:
        return "same"
    if not a or not b:
        return "not known"
    left, right = ({name: _values(value) for name, value in each.items()} for each in (a, b))
    if set(left) != set(right):
        return "not known"
    parts = [_relation(left[name], right[name]) for name in left]
    if "apart" in parts:
        return "apart"
    if all(part == "same" for part in parts):
        return "same"
    # A part in one column and a part in another need not be a part of the whole.
    inner = all(left[name] <= right[name] for name in left) or all(right[name] <= left[name] for name in left)
    return "part" if inner else "overlap"


def _relation(one: set[str], other: set[str]) -> Relation:
    if one == other:
        return "same"
    if not one & other:
        return "apart"
    return "part" if one <= other or other <= one else "overlap"


def _values(value: object) -> set[str]:
    return {value} if isinstance(value, str) else {str(each) for each in value}  # type: ignore[attr-defined]


def _where(series: DailySeries) -> str:
    """Name the place as it was chosen, else as the source tells what it covers."""
    return series.place or ("a place that was chosen" if series.where else series.record.scope or "all that it covers")
