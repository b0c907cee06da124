"""What scope could explain that a published total lies off the recorded range: each reason counted in the data.

The idea: an explanation is only offered where the data hold it, with the number of deaths that it could account for.
It says what could be, never what is; reasons overlap, so their sum is an upper limit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from casualties.comparison.citations import cites
from casualties.comparison.recorded_range import touching_mask
from casualties.comparison.toll_scope import ABOUT, TollScope

__all__ = ["EXPLANATIONS", "Explanation", "TollPoint", "explain_above", "explain_below"]

# What is looked for, in the order in which it is told.
EXPLANATIONS: Mapping[str, str] = MappingProxyType(
    {
        "lower bound": "the figure is a lower bound and excludes no larger number",
        "upper bound": "the figure is an upper bound and excludes no smaller number",
        "rounding": "a figure given as about is read as within ten per cent",
        "perpetrators": "the figure covers some perpetrators only",
        "part of the dead": "the figure counts some of the dead only",
        "combatants": "the line between civilians and the dead of the armed sides may be drawn elsewhere",
        "adjacent parts": "the range holds the whole of an area of which the claimant may mean a part",
        "unplaced": "events without a place may belong to the area",
        "first day": "other totals of the same area start within a week of this one",
        "last day": "the figure was published by the last day of its window, which it may not hold in full",
        "published later": "the figure was published after its last day and may hold deaths of the days between",
        "other sources": "the record holds events that do not cite the claimant",
        "known later": "the first document of some events is younger than the figure",
        "late inclusion": "later totals of the same count rose by more than the events record for the same days",
    }
)
# First days that are this near to each other are taken as readings of one beginning.
NEAR = 7
# Parts of an area that a sentence names.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Explanation:
    """One thing that could explain a difference.

    Parameters
    ----------
    kind : str
        One of `EXPLANATIONS`.
    least, most : int or None
        Deaths that it accounts for at least, and could account for at most; None where the data cannot count them.
    text : str
        In words.
    """

    kind: str
    least: int | None
    most: int | None
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class TollPoint:
    """A published total with the events that its scope selects.

    Parameters
    ----------
    claimant, reading : str
        Who counted; how the qualifier is read.
    value : int
        The figure.
    start, end : Timestamp
        Its window.
    published : Timestamp
        When it was published; NaT where that is not stated.
    scope : TollScope
        Whom it counts.
    accepted, deaths : DataFrame
        The events of the area, and their deaths of the class (`victim_bounds`).
    outside : Series of str or None
        The part of the area in which an event lies beyond its undisputed core; blank for the core itself.
    unplaced : int or None
        Recorded deaths of the window that no place is given for.
    sides : collection of str or None
        Names that the perpetrators bear in the events.
    beginnings : tuple of Timestamp
        First days of all totals of the area.
    rests : bool
        Whether the recorded deaths largely rest on the claimant, by the sources that the events cite.
    excess : int
        By how much later totals of the same count rose beyond what the events record at most for the same days.
    civilians_high : int or None
        Upper end of the recorded civilians; None where the events do not tell them.
    """

    claimant: str
    reading: str
    value: int
    start: pd.Timestamp
    end: pd.Timestamp
    published: pd.Timestamp
    scope: TollScope
    accepted: pd.DataFrame
    deaths: pd.DataFrame
    outside: pd.Series[str] | None
    unplaced: int | None
    sides: Collection[str] | None
    beginnings: tuple[pd.Timestamp, ...]
    rests: bool
    excess: int
    civilians_high: int | None

    def inside(self) -> pd.Series[bool]:
        """Tell which events lie in the window."""
        return (self.accepted["date_start"] >= self.start) & (self.accepted["date_end"] <= self.end)

    def touching(self, start: pd.Timestamp, end: pd.Timestamp) -> int:
        """Sum the best figures of the events that touch some days."""
        return int(self.deaths["best"][touching_mask(self.accepted, start, end)].sum())


def explain_below(point: TollPoint) -> list[Explanation]:
    """List what could explain that a total lies below the recorded range.

    Parameters
    ----------
    point : TollPoint
        The total.

    Returns
    -------
    list of Explanation
        In the order of `EXPLANATIONS`; empty where none was found.
    """
    best, inside = point.deaths["best"], point.inside()
    found = []
    if point.reading in ("at least", "more than"):
        found.append(Explanation("lower bound", None, None, f'it is given as a lower bound ("{point.reading}")'))
    found += _rounding(point)
    if point.scope.perpetrators:
        found.append(_perpetrators(point))
    if not point.scope.everybody:
        words = f"it counts {point.scope.subgroup} only, whom the events do not tell apart"
        found.append(Explanation("part of the dead", None, None, words))
    armed = _armed(point)[inside].sum()
    limit = point.civilians_high if point.scope.who == "all" and point.scope.everybody else None
    if limit is not None and point.value <= limit and armed:
        words = f"it may leave out the dead of the armed sides, of whom {int(armed):,} are recorded: it is no larger "
        words += f"than the recorded civilians alone ({limit:,} at most)"
        found.append(Explanation("combatants", 0, int(armed), words))
    found += _adjacent(point)
    later = max((day for day in point.beginnings if abs((day - point.start).days) <= NEAR), default=point.start)
    early = int(best[inside & (point.accepted["date_start"] < later)].sum())
    if later > point.start and early:
        words = f"other totals of the area start as late as {_day(later)}: {_of(early)} recorded before"
        found.append(Explanation("first day", 0, early, words))
    if pd.notna(point.published) and point.published <= point.end:
        last = point.touching(point.end, point.end)
        if last:
            words = f"published by its last day, which it may not hold in full: {_of(last)} recorded on it"
            found.append(Explanation("last day", 0, last, words))
    if point.rests:
        others = int(best[inside & ~cites(point.accepted["cited"], point.claimant)].sum())
        if others:
            words = f"the record rests on other sources too: {_of(others)} in events that do not cite {point.claimant}"
            found.append(Explanation("other sources", 0, others, words))
    if pd.notna(point.published):
        late = int(best[inside & (point.accepted["first_document"] > point.published)].sum())
        if late:
            words = f"{_of(late)} in events first documented after it was published"
            found.append(Explanation("known later", 0, late, words))
    if point.excess:
        words = f"later totals of the same count rose by {point.excess:,} more than the events record at most for the "
        words += "same days: older deaths were added later"
        found.append(Explanation("late inclusion", 0, point.excess, words))
    return found


def explain_above(point: TollPoint) -> list[Explanation]:
    """List what could explain that a total lies above the recorded range.

    Parameters
    ----------
    point : TollPoint
        The total.

    Returns
    -------
    list of Explanation
        In the order of `EXPLANATIONS`; empty where none was found. The dead of unknown status are part of the range.
    """
    found = []
    if point.reading in ("at most", "less than"):
        found.append(Explanation("upper bound", None, None, f'it is given as an upper bound ("{point.reading}")'))
    found += _rounding(point)
    if point.scope.who == "civilians":
        touching = touching_mask(point.accepted, point.start, point.end)
        armed = int(_armed(point)[touching].sum())
        if armed:
            words = f"some of the {armed:,} recorded dead of the armed sides may be counted as civilians"
            found.append(Explanation("combatants", 0, armed, words))
    if point.unplaced:
        words = f"{_of(point.unplaced)} recorded without a place, which may belong here"
        found.append(Explanation("unplaced", 0, point.unplaced, words))
    earlier = min((day for day in point.beginnings if abs((day - point.start).days) <= NEAR), default=point.start)
    if earlier < point.start:
        before = point.touching(earlier, point.start - pd.Timedelta(days=1))
        if before:
            words = f"other totals of the area start as early as {_day(earlier)}: {_of(before)} recorded between"
            found.append(Explanation("first day", 0, before, words))
    # A figure of last month that comes out months later is a new count and not one that ran on.
    if pd.notna(point.published) and 0 < (point.published - point.end).days <= NEAR:
        after = point.touching(point.end + pd.Timedelta(days=1), point.published)
        if after:
            words = f"published on {_day(point.published)}, after its last day: {_of(after)} recorded on the days after"
            found.append(Explanation("published later", 0, after, words))
    return found


def _rounding(point: TollPoint) -> list[Explanation]:
    """A rounded figure stands for a span of figures."""
    size = round(point.value * ABOUT)
    if point.reading != "about" or not size:
        return []
    return [Explanation("rounding", 0, size, f'it is rounded ("about", read as within {ABOUT:.0%}: {size:,})')]


def _perpetrators(point: TollPoint) -> Explanation:
    """Count what named perpetrators cannot have caused, and what somebody else may have."""
    limit = f"it covers {point.scope.perpetrators} only"
    if point.sides is None:
        return Explanation("perpetrators", None, None, f"{limit}, whom no names of the events are declared for")
    best, inside = point.deaths["best"], point.inside()
    ours = [point.accepted[side].isin(list(point.sides)) for side in ("side_a", "side_b")]
    named = ours[0] | ours[1]
    # Of one-sided violence the first side is the one that killed.
    theirs = (point.accepted["kind"].astype("str") == "3").fillna(False) & ours[0]
    least, most = int(best[inside & ~named].sum()), int(best[inside & ~theirs].sum())
    words = f"{limit}: {_of(least)} in events without them, and in events between two sides it is not recorded whose "
    return Explanation("perpetrators", least, most, f"{words}fire people died from")


def _adjacent(point: TollPoint) -> list[Explanation]:
    """Count the deaths in parts of the area beyond its undisputed core."""
    if point.outside is None:
        return []
    chosen = point.inside() & (point.outside != "")
    parts = point.deaths["best"][chosen].groupby(point.outside[chosen]).sum()
    parts = parts[parts > 0].sort_index().sort_values(ascending=False, kind="stable")
    if parts.empty:
        return []
    total = int(parts.sum())
    told = [f"{name} {int(number):,}" for name, number in parts.head(NAMED).items()]
    told += [f"elsewhere {int(parts.iloc[NAMED:].sum()):,}"] if len(parts) > NAMED else []
    words = f"it may leave out adjacent parts: {_of(total)} recorded beyond the core of the area ({', '.join(told)})"
    return [Explanation("adjacent parts", 0, total, words)]


def _armed(point: TollPoint) -> pd.Series[int]:
    """Give the dead of the armed sides of each event."""
    return point.accepted[["deaths_a", "deaths_b"]].fillna(0).sum(axis=1)


def _of(deaths: int) -> str:
    return f"{deaths:,} death{'s' if deaths != 1 else ''}"


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%B %Y}"
