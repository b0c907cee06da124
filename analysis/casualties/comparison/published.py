"""Published totals beside the events: the same place, the same window, the same victims, or no comparison.

The idea is to be exact about scope. A published figure is held against what the events record for its own place,
period and victims, as a range; where the events cannot count what the claimant counted, the row says so and why.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from casualties.comparison.citations import cites
from casualties.comparison.recorded_range import (
    CLASSES,
    recorded_range,
    touching_mask,
    unplaced_mask,
    untold,
    victim_bounds,
)
from casualties.comparison.toll_scope import (
    ABOUT,
    TollScope,
    obstacle,
    same_source,
    toll_verdict,
    totals_basis,
    words_of,
)
from casualties.errors import InputError
from casualties.events import Events, Where, place_mask
from casualties.results import Basis, Result
from casualties.tolls import QUALIFIERS, Tolls, plain_words

__all__ = ["RULES", "TollsResult", "compare_tolls"]

VERDICTS = ("consistent", "below", "above", "not comparable")
# A claimant whose reports stand behind at least this share of the recorded deaths is no second witness.
LARGELY = 0.5

RULES = (
    "Recorded is the best figure of the events that start and end inside the window; the range runs from the low of "
    "those events to the high of all events that touch the window.",
    "Events give no range for one class of victims. Civilians (and combatants: the dead on the armed sides) take an "
    "event's low and high where none of its dead is of another class or of unknown status, and their own figure "
    "elsewhere; the dead of unknown status could belong to the class and widen the upper end only.",
    'The verdict places the published figure: "below" or "above" the recorded range, or "consistent" with it. "At '
    'least" and "more than" are contradicted only by a range that lies wholly below them, "about" means within ten per '
    "cent.",
    "A figure for some perpetrators or some of the dead is a part of what the events record: it is above where it "
    "exceeds the range of the whole, and not comparable otherwise, since events between two sides do not say whose "
    "fire people died from.",
    "Not comparable are also windows that leave the coverage of the events, places that nothing was declared for, and "
    "the source of the events against itself.",
    "A figure published on the last day of its own window may not hold that day in full; where such a figure is below "
    "the range, its reason says so. Whole governorates stand for what claimants call adjacent parts.",
    "A claimant on whose reports the recorded deaths largely rest (half of them or more cite it) is not independent: "
    "agreement with it confirms nothing. Where no event names the claimant among its sources, the citations do not "
    "tell: an event may rest on it all the same.",
)


@dataclass(frozen=True, slots=True, eq=False)
class TollsResult(Result):
    """Every published total with what the events record for its scope.

    Parameters
    ----------
    basis : Basis
        Events, window of the totals and settings.
    totals : DataFrame
        One row a published figure: ``row_id, claimant, period_start, period_end, area, who, attributed_to, qualifier,
        value``; ``reading`` (of the qualifier: exact, about, at least, more than, at most, less than; blank where it
        has none); ``single_place`` (whether the area is selected by the name of one ``place``);
        ``recorded, recorded_spread, recorded_low, recorded_high`` (people; ``recorded_spread`` shares the deaths of an
        event evenly over its days); ``unplaced`` (recorded deaths of the period that no place is given for: they may
        belong here); ``ratio`` (published over recorded); ``verdict``; ``obstacle`` (why it is not comparable, one of
        `OBSTACLES`; else blank); ``reason`` (in words); ``share_citing`` (share of the recorded deaths whose events
        cite the claimant; NaN where no event of the whole source cites it, or nothing is recorded); ``independent``
        (False where that is at least a half, or the claimant is the source itself; True says no more than that the
        events do not largely rest on the claimant; NA where the citations do not tell).
    rules : tuple of str
        How the recorded range and the verdict are made, for a reader.
    """

    basis: Basis
    totals: pd.DataFrame
    rules: tuple[str, ...] = RULES

    def counts(self) -> pd.Series[int]:
        """Count the rows by verdict."""
        return self.totals["verdict"].value_counts().reindex(list(VERDICTS), fill_value=0)

    def dependent(self) -> pd.Series[int]:
        """Count by verdict the rows of claimants that the events largely rest on."""
        rest = (~self.totals["independent"]).fillna(value=False)
        return self.totals.loc[rest, "verdict"].value_counts().reindex(list(VERDICTS), fill_value=0)

    def to_frame(self) -> pd.DataFrame:
        """Give the table."""
        return self.totals

    def summary(self) -> str:
        """Give the counts by verdict and the rules as text."""
        counts = ", ".join(f"{verdict} {number}" for verdict, number in self.counts().items())
        judged = self.totals[self.totals["verdict"] != "not comparable"]
        dependent = int(self.dependent().drop("not comparable").sum())
        unknown = int(judged["independent"].isna().sum())
        return "\n".join(
            [
                f"{len(self.totals)} published totals against {self.basis.source}",
                *self.basis.lines(),
                f"Verdicts: {counts}",
                f"Of the {len(judged)} compared, {dependent} come from a claimant that the events largely rest on; "
                f"for {unknown} the citations do not tell.",
                *(f"Rule:     {rule}" for rule in self.rules),
            ]
        )


def compare_tolls(events: Events, tolls: Tolls, areas: Mapping[str, Where | None]) -> TollsResult:
    """Hold every published total against the events of the same place, window and victims.

    Parameters
    ----------
    events : Events
        The event source.
    tolls : Tolls
        The published totals.
    areas : mapping of str to where
        From the words of a total's ``area`` to the columns and values that select it among the events, e.g.
        ``{"Syria": None, "Idlib": {"adm1": ["Idlib Governorate"]}}``; None selects everything. A place of one
        incident may be given by ``adm2`` or ``place``: the window of the row does the rest. An area that is not
        named is not comparable.

    Returns
    -------
    TollsResult
        See `RULES` for the range and the verdict. Rows that cannot be compared keep their recorded figures where the
        scope can be matched at all.

    Raises
    ------
    InputError
        If there are no totals.
    UnknownNameError
        If an area names a column or a value that the events do not have.

    Notes
    -----
    Places are matched as the caller declares them. Where whole governorates stand for a part of them, the events may
    hold deaths that the claimant left out.

    A class of victims is compared where every event that touches the window tells it. A source such as ACLED, which
    tells only how many died, is compared with totals of all victims; without a low and high its one figure stands for
    both, and the reason says so.

    Examples
    --------
    >>> import casualties as ca
    >>> study = ca.load_study("idlib-2019")
    >>> result = compare_tolls(study.sources["ucdp"], study.sources["tolls"], study.area_places())
    >>> row = result.totals.set_index("row_id").loc["46"]
    >>> row["claimant"], int(row["value"]), int(row["recorded"]), row["verdict"]
    ('OHCHR', 1089, 1133, 'consistent')
    """
    if tolls.frame.empty:
        raise InputError("there are no published totals", file=tolls.record.file, remedy="give at least one row")
    masks = {area: place_mask(events, where) for area, where in areas.items()}
    blanks = {area: unplaced_mask(events.accepted, where) for area, where in areas.items()}
    bounds = {who: victim_bounds(events.accepted, who) for who in CLASSES}
    first, last = events.coverage
    codes = {code for cited in events.accepted["cited"] for code in cited.casefold().split(";") if code}
    rows = []
    for row in tolls.frame.itertuples(index=False):
        scope = TollScope.read(row, masks, blanks)
        judged = _compare_row(row, scope, events, bounds, codes, first, last)
        rows.append(judged | {"single_place": _is_single_place(areas.get(words_of(row, "area")))})
    columns = [
        *("row_id", "claimant", "period_start", "period_end", "area", "who", "attributed_to", "qualifier", "value"),
        *("reading", "single_place", "recorded", "recorded_spread", "recorded_low", "recorded_high", "unplaced"),
        *("ratio", "verdict", "obstacle", "reason", "share_citing", "independent"),
    ]
    table = pd.DataFrame(rows, columns=columns)
    for name in ("value", "recorded", "recorded_low", "recorded_high", "unplaced"):
        table[name] = table[name].astype("Int64")
    for name in ("recorded_spread", "ratio", "share_citing"):
        table[name] = table[name].astype("float64")
    table["independent"] = table["independent"].astype("boolean")
    basis = totals_basis(
        "published totals against recorded deaths",
        "same place, window and victims; range from low of events inside to high of events touching the window",
        events,
        tolls,
        (tolls.frame["period_start"].min(), tolls.frame["period_end"].max()),
        {"about": ABOUT, "largely": LARGELY},
    )
    return TollsResult(basis, table)


def _compare_row(
    row: Any,
    scope: TollScope,
    events: Events,
    bounds: Mapping[str, pd.DataFrame],
    codes: Collection[str],
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> dict[str, object]:
    """Judge one published figure."""
    copied = ("row_id", "claimant", "period_start", "period_end", "area", "who", "attributed_to", "qualifier", "value")
    out: dict[str, object] = {name: getattr(row, name) for name in copied}
    start, end, claimant, who = row.period_start, row.period_end, words_of(row, "claimant"), scope.who
    empty = ("recorded", "recorded_low", "recorded_high", "unplaced", "independent")
    out |= dict.fromkeys(empty, pd.NA) | dict.fromkeys(("recorded_spread", "ratio", "share_citing"), math.nan)
    value, qualifier = row.value, words_of(row, "qualifier")
    out |= {"verdict": "not comparable", "obstacle": "", "reading": QUALIFIERS.get(plain_words(qualifier), "")}

    obstacles = {}
    if end > last:
        obstacles["coverage"] = f"it ends on {end:%Y-%m-%d}, after {last:%Y-%m-%d}"
    elif start < first:
        obstacles["coverage"] = f"it starts on {start:%Y-%m-%d}, before {first:%Y-%m-%d}"
    if scope.here is None:
        obstacles["place"] = f"{out['area']!r} is not among the areas given"
    if pd.isna(value):
        obstacles["figure"] = "the value is blank"
    if scope.here is not None and (
        silent := untold(bounds[who], scope.here & touching_mask(events.accepted, start, end))
    ):
        obstacles["victims"] = f"{silent} how many of the dead were {who}"
    if obstacles or scope.here is None:
        reason = "; ".join(obstacle(name, detail) for name, detail in obstacles.items())
        out |= {"obstacle": next(iter(obstacles)), "reason": reason}
        return out

    accepted, deaths = events.accepted[scope.here], bounds[who][scope.here]
    recorded, spread, low, high = recorded_range(accepted, deaths, start, end)
    out |= {"recorded": recorded, "recorded_spread": spread, "recorded_low": low, "recorded_high": high}
    if scope.unplaced is not None:
        nowhere = bounds[who]["best"][scope.unplaced & touching_mask(events.accepted, start, end)]
        out["unplaced"] = pd.NA if nowhere.isna().any() else int(nowhere.sum())
    touching = touching_mask(accepted, start, end)
    if claimant.casefold() in codes:
        share = _share_citing(accepted[touching], deaths["best"][touching], claimant)
        out["share_citing"] = share
        if not math.isnan(share):
            out["independent"] = share < LARGELY

    noun = "recorded dead" if who == "all" else f"recorded {who}"
    if same_source(claimant, events):
        out |= {"obstacle": "same source", "independent": False}
        out["reason"] = obstacle("same source", "a source against itself")
        return out
    single = bool(accepted.loc[touching, ["low", "high"]].isna().to_numpy().any())
    unranged = "; events without a range stand with their one figure" if single else ""
    if scope.perpetrators or not scope.everybody:
        out["verdict"], out["reason"] = _judge_part(value, qualifier, scope, noun, recorded, low, high)
        if out["verdict"] == "not comparable":
            out["obstacle"] = "perpetrators" if scope.perpetrators else "subgroup"
        out["reason"] = f"{out['reason']}{unranged}"
        return out
    out["ratio"] = value / recorded if recorded else math.nan
    out["verdict"], out["reason"] = toll_verdict(value, qualifier, low, high)
    if out["verdict"] == "not comparable":
        out["obstacle"] = "qualifier"
    if words_of(row, "attributed_to") == "not stated":
        out["reason"] = f"{out['reason']}; which perpetrators it covers is not stated, read as all"
    if out["verdict"] == "below" and pd.Timestamp(row.published_date) <= end:
        out["reason"] = f"{out['reason']}; published on the last day of its window, which it may not hold in full"
    out["reason"] = f"{out['reason']}{unranged}"
    return out


def _judge_part(
    value: int, qualifier: str, scope: TollScope, noun: str, recorded: int, low: int, high: int
) -> tuple[str, str]:
    """Judge a figure for a part of the dead: it cannot exceed the whole, and more cannot be said."""
    verdict, reason = toll_verdict(value, qualifier, low, high)
    limits = []
    if scope.perpetrators:
        limits.append(f"limited to {scope.perpetrators}")
    if not scope.everybody:
        limits.append(f"counts {scope.subgroup} only")
    limit = "; ".join(limits)
    told = f"{plain_words(qualifier)} {value:,}".strip()
    if verdict == "above":
        return "above", f"{told} exceeds all {noun} ({low:,} to {high:,}) though it is only a part of them: {limit}"
    if verdict != "not comparable":
        # "At most" and "about" may stand above the recorded range without contradicting it.
        place = "not above the upper end of" if value <= high else "does not exclude"
        reason = f"{place} what is recorded: {told} beside {recorded:,} {noun} ({low:,} to {high:,})"
    return "not comparable", obstacle("perpetrators" if scope.perpetrators else "subgroup", f"{limit}; {reason}")


def _is_single_place(where: Where | None) -> bool:
    """Tell whether a selection names one `place`, as for a single town."""
    named = (where or {}).get("place", ())
    return isinstance(named, str | int) or len(set(named)) == 1


def _share_citing(accepted: pd.DataFrame, deaths: pd.Series[int], claimant: str) -> float:
    """Give the share of deaths whose events cite the claimant; NaN where nobody died."""
    total = int(deaths.sum())
    if total == 0:
        return math.nan
    return int(deaths[cites(accepted["cited"], claimant)].sum()) / total
