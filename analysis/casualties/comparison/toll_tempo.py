"""The tempo of a running total: what it added a day between two figures, beside what the events record there.

The idea: two totals can stand far apart and still rise alike. A claimant's rise between two of its own totals needs no
common first day; it is held against the events of the same days, and whether both sped up or slowed down together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from casualties.comparison.recorded_range import (
    CLASSES,
    recorded_range,
    touching_mask,
    unplaced_mask,
    untold,
    victim_bounds,
)
from casualties.comparison.toll_scope import TollScope, obstacle, toll_verdict, totals_basis
from casualties.errors import InputError
from casualties.events import Events, Where, place_mask
from casualties.results import Basis, Result
from casualties.tolls import NO_BOUND, QUALIFIERS, SCOPE, Tolls, plain_words, toll_increments

__all__ = ["TollTempo", "toll_tempo"]

RULES = (
    "An interval runs from the day after one total to the last day of the next; the first one from the first day of "
    "the count. Its count is the rise, which holds the deaths of its days and older deaths that were added since.",
    "Both sides are divided by the days of the interval. The range a day is that of the events inside and of all that "
    "touch the interval; the middle shares the deaths of a longer event evenly over its days.",
    "A step compares an interval with the one before. The record's step is clear where the two ranges do not overlap. "
    "A total that fell gives no count and no step.",
)


@dataclass(frozen=True, slots=True, eq=False)
class TollTempo(Result):
    """Rises of running totals beside the recorded deaths of the same days.

    Parameters
    ----------
    basis : Basis
        Events, window of the intervals and settings.
    intervals : DataFrame
        One row an interval: ``claimant, area, who, attributed_to, period_start, row_earlier`` (blank in the first
        interval), ``row_later, start, end, days``; ``count`` (people; NA where the total fell), ``fall, falling``;
        ``bound`` (what the count is, as in `toll_increments`); ``recorded`` (people, shared evenly over the days of an
        event), ``recorded_low, recorded_high`` (people); ``per_day, recorded_per_day`` (people a day);
        ``position`` (``inside``, ``below``, ``above`` the recorded range, or ``not placed``), ``reason`` (why not).
    steps : DataFrame
        One row a pair of intervals that follow one another: ``claimant, area, who, attributed_to, period_start, at``
        (first day of the later), ``ratio, recorded_ratio`` (of deaths a day, later over earlier), ``step,
        recorded_step`` (``up``, ``down``, ``same``), ``clear`` (the record's ranges a day do not overlap), ``bounded``
        (a count of the two is no exact one, so that the claimant's step may be its rounding), ``agree``.
    rules : tuple of str
        How it is counted, for a reader.
    """

    basis: Basis
    intervals: pd.DataFrame
    steps: pd.DataFrame
    rules: tuple[str, ...] = RULES

    def agreement(self) -> pd.DataFrame:
        """Count by line how many steps go the same way as the record's.

        Returns
        -------
        DataFrame
            ``claimant, area, who, attributed_to, period_start, steps, agree, clear, agree_clear``.
        """
        steps = self.steps.assign(agree_clear=self.steps["agree"] & self.steps["clear"])
        grouped = steps.groupby(list(SCOPE), sort=True)
        counted = grouped[["agree", "clear", "agree_clear"]].sum()
        counted.insert(0, "steps", grouped.size())
        return counted.reset_index()

    def to_frame(self) -> pd.DataFrame:
        """Give one row an interval."""
        return self.intervals

    def summary(self) -> str:
        """Give what each line did, interval by interval in counts, and the rules."""
        placed = self.intervals["position"].value_counts()
        positions = ", ".join(f"{name} {number}" for name, number in placed.items())
        fell = int(self.intervals["falling"].sum())
        lines = [
            f"{row.claimant}, {plain_words(str(row.who))}, from {row.period_start:%Y-%m-%d}: "
            f"{row.agree} of {row.steps} steps go the way of the record ({row.agree_clear} of {row.clear} clear ones)"
            for row in self.agreement().itertuples(index=False)
        ]
        return "\n".join(
            [
                f"{len(self.intervals)} intervals of running totals against {self.basis.source}",
                *self.basis.lines(),
                f"Position: {positions}",
                *([f"Falling:  {fell} totals are smaller than the one before and give no count"] if fell else []),
                *(f"Tempo:    {line}" for line in lines),
                *(f"Rule:     {rule}" for rule in self.rules),
            ]
        )


def toll_tempo(events: Events, tolls: Tolls, areas: Mapping[str, Where | None]) -> TollTempo:
    """Hold the rises of running totals against the recorded deaths of the same days.

    Parameters
    ----------
    events : Events
        The event source.
    tolls : Tolls
        The published totals; those of one figure only have no rise and are left out.
    areas : mapping of str to where
        As in `compare_tolls`.

    Returns
    -------
    TollTempo

    Raises
    ------
    InputError
        If no count has two totals.
    UnknownNameError
        If an area names a column or a value that the events do not have.

    Examples
    --------
    >>> import casualties as ca
    >>> study = ca.load_study("idlib-2019")
    >>> found = toll_tempo(study.sources["ucdp"], study.sources["tolls"], study.area_places())
    >>> row = found.intervals.set_index("row_later").loc["46"]
    >>> row["claimant"], int(row["days"]), int(row["count"]), int(row["recorded_high"]), row["position"]
    ('OHCHR', 21, 589, 187, 'above')
    """
    rises = _with_first(toll_increments(tolls), tolls)
    if rises.empty:
        raise InputError(
            "no claimant gives two totals of one count",
            file=tolls.record.file,
            remedy="give at least two running totals with the same claimant, area, victims, perpetrators and first day",
        )
    masks = {area: place_mask(events, where) for area, where in areas.items()}
    blanks = {area: unplaced_mask(events.accepted, where) for area, where in areas.items()}
    bounds = {who: victim_bounds(events.accepted, who) for who in CLASSES}
    rows = [_interval(row, TollScope.read(row, masks, blanks), events, bounds) for row in rises.itertuples(index=False)]
    kinds = dict.fromkeys(("count", "fall", "recorded_low", "recorded_high"), "Int64")
    intervals = pd.DataFrame(rows).astype({**kinds, "recorded": "float64", "recorded_per_day": "float64"})
    basis = totals_basis(
        "rises of running totals against recorded deaths",
        "rise between two totals of one count against the events of the same days",
        events,
        tolls,
        (intervals["start"].min(), intervals["end"].max()),
    )
    return TollTempo(basis, intervals, _steps(intervals))


def _with_first(rises: pd.DataFrame, tolls: Tolls) -> pd.DataFrame:
    """Put before each line's rises the interval from its first day to its first total."""
    if rises.empty:
        return rises
    figures = tolls.frame.set_index("row_id")
    opening = rises.groupby(list(SCOPE), sort=False).head(1)
    rows = []
    for row in opening.to_dict("records"):
        figure = figures.loc[row["row_earlier"]]
        reading = QUALIFIERS.get(plain_words(str(figure["qualifier"])), "")
        # From nothing, a figure that is more than its number is at least its number.
        bound = {"more than": "at least", "less than": "at most", "": NO_BOUND}.get(reading, reading)
        new: dict[str, Any] = {
            "row_earlier": "",
            "row_later": row["row_earlier"],
            "start": row["period_start"],
            "bound": bound,
        }
        new |= {"end": figure["period_end"], "count": int(figure["value"]), "fall": pd.NA, "falling": False}
        rows.append({**{str(name): value for name, value in row.items()}, **new})
    first = pd.DataFrame(rows, columns=rises.columns).astype(rises.dtypes.to_dict())
    return pd.concat([first, rises], ignore_index=True).sort_values([*SCOPE, "start"], kind="stable")


def _interval(row: Any, scope: TollScope, events: Events, bounds: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Hold one rise against the events of its days."""
    names = (*SCOPE, "row_earlier", "row_later", "start", "end", "count", "fall", "falling", "bound")
    out: dict[str, Any] = {name: getattr(row, name) for name in names}
    days = (row.end - row.start).days + 1
    out |= {"days": days, "per_day": math.nan if row.falling else int(row.count) / days, "recorded": math.nan}
    out |= {"recorded_low": pd.NA, "recorded_high": pd.NA, "recorded_per_day": math.nan, "position": "not placed"}
    first, last = events.coverage
    out["reason"] = ""
    if scope.here is None:
        out["reason"] = obstacle("place", f"{row.area!r} is not among the areas given")
    elif row.start < first or row.end > last:
        out["reason"] = obstacle("coverage", f"{first:%Y-%m-%d} to {last:%Y-%m-%d}")
    else:
        silent = untold(bounds[scope.who], scope.here & touching_mask(events.accepted, row.start, row.end))
        out["reason"] = obstacle("victims", f"{silent} how many of the dead were {scope.who}") if silent else ""
    if out["reason"] or scope.here is None:
        return out
    accepted, deaths = events.accepted[scope.here], bounds[scope.who][scope.here]
    _, spread, low, high = recorded_range(accepted, deaths, row.start, row.end)
    out |= {"recorded": spread, "recorded_low": low, "recorded_high": high, "recorded_per_day": spread / days}
    if row.falling:
        out["reason"] = f"the total fell by {int(row.fall):,}"
        return out
    verdict = toll_verdict(int(row.count), "", low, high)[0]
    out["position"] = "inside" if verdict == "consistent" else verdict
    return out


def _steps(intervals: pd.DataFrame) -> pd.DataFrame:
    """Compare each interval with the one before it in the same line."""
    rows = []
    for line, group in intervals.groupby(list(SCOPE), sort=True):
        for earlier, later in pairwise(group.to_dict("records")):
            if "not placed" in (earlier["position"], later["position"]):
                continue
            ends = [(row["recorded_low"] / row["days"], row["recorded_high"] / row["days"]) for row in (earlier, later)]
            ratio = _over(later["per_day"], earlier["per_day"])
            recorded = _over(later["recorded_per_day"], earlier["recorded_per_day"])
            step = _way(earlier["per_day"], later["per_day"])
            way = _way(earlier["recorded_per_day"], later["recorded_per_day"])
            clear = bool(ends[1][0] > ends[0][1] or ends[1][1] < ends[0][0])
            bounded = not earlier["bound"] == later["bound"] == "exact"
            at = later["start"]
            rows.append((*line, at, ratio, recorded, step, way, clear, bounded, step == way))
    columns = [*SCOPE, "at", "ratio", "recorded_ratio", "step", "recorded_step", "clear", "bounded", "agree"]
    kinds = {"clear": "bool", "bounded": "bool", "agree": "bool", "ratio": "float64", "recorded_ratio": "float64"}
    return pd.DataFrame(rows, columns=columns).astype(kinds)


def _over(later: float, earlier: float) -> float:
    return later / earlier if earlier else math.nan


def _way(earlier: float, later: float) -> str:
    # Shares of longer events are fractions, whose sums differ in the last digits.
    if np.isclose(earlier, later, rtol=1e-9, atol=0):
        return "same"
    return "up" if later > earlier else "down"
