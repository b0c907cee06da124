"""Published totals beside the events: the same place, the same window, the same victims, or no comparison.

The idea is to be exact about scope. A published figure is held against what the events record for its own place,
period and victims, as a range; where the events cannot count what the claimant counted, the row says so and why.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from casualties.comparison.coverage import cites
from casualties.errors import InputError
from casualties.events import Events, Where, place_mask
from casualties.results import Basis, Result
from casualties.tolls import QUALIFIERS, Tolls, plain_words

__all__ = ["OBSTACLES", "RULES", "TollsResult", "compare_tolls", "recorded_range", "toll_verdict", "victim_bounds"]

VERDICTS = ("consistent", "below", "above", "not comparable")
# Why a figure is not comparable; a reason opens with these words and goes on with what is particular to the row.
OBSTACLES: Mapping[str, str] = MappingProxyType(
    {
        "coverage": "the window leaves the coverage of the events",
        "place": "no place is declared for the area",
        "figure": "no figure is given",
        "same source": "the claimant is the source of the events",
        "victims": "the events do not tell these victims apart",
        "perpetrators": "events between two sides do not say whose fire people died from",
        "subgroup": "the events do not tell this part of the dead apart",
        "qualifier": "the qualifier has no reading",
    }
)
CLASSES = ("all", "civilians", "combatants")
# The counts that a class of victims rests on; where a source does not tell them, the class cannot be compared.
PARTS = {"all": ("best",), "civilians": ("civilians",), "combatants": ("deaths_a", "deaths_b")}
# "About" is read as within ten per cent.
ABOUT = 0.1
# A claimant whose reports stand behind at least this share of the recorded deaths is no second witness.
LARGELY = 0.5
ANYBODY = ("", "all parties", "not stated")

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
    blanks = {area: _unplaced(events.accepted, where) for area, where in areas.items()}
    bounds = {who: victim_bounds(events.accepted, who) for who in CLASSES}
    first, last = events.coverage
    codes = {code for cited in events.accepted["cited"] for code in cited.casefold().split(";") if code}
    rows = []
    for row in tolls.frame.itertuples(index=False):
        scope = _Scope.read(row, masks, blanks)
        judged = _compare_row(row, scope, events, bounds, codes, first, last)
        rows.append(judged | {"single_place": _is_single_place(areas.get(_text(row, "area")))})
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
    start, end = tolls.frame["period_start"].min(), tolls.frame["period_end"].max()
    basis = Basis(
        label="published totals against recorded deaths",
        source=f"{events.record.name}; {tolls.record.name}",
        vintage=events.record.version,
        start=f"{start:%Y-%m-%d}",
        end=f"{end:%Y-%m-%d}",
        days=(end - start).days + 1,
        days_observed=max((min(end, last) - max(start, first)).days + 1, 0),
        method="same place, window and victims; range from low of events inside to high of events touching the window",
        settings={"about": ABOUT, "largely": LARGELY},
    )
    return TollsResult(basis, table)


def victim_bounds(accepted: pd.DataFrame, who: str) -> pd.DataFrame:
    """Give ``low, best, high`` deaths of a class of victims in each event.

    Parameters
    ----------
    accepted : DataFrame
        `Events.accepted`.
    who : {"all", "civilians", "combatants"}
        Combatants are the dead on the armed sides (``deaths_a + deaths_b``).

    Returns
    -------
    DataFrame of int
        For all: the event's figures (best where it has no low or high). For a class: ``best`` as given. ``low`` is the
        event's own where the class is all its dead, else the class's figure. ``high`` is the event's own where none of
        its dead is of the other class, else the class's figure and the dead of unknown status, who may belong to it
        (where their number is not told: all who are of neither class). An end that lies on the wrong side of best in
        the data is moved to best. NA in an event that does not tell the class.

    Examples
    --------
    >>> events = pd.DataFrame({"deaths_a": [0, 3], "deaths_b": [0, 0], "civilians": [38, 2], "unknown": [0, 1],
    ...                        "low": [25, 6], "best": [38, 6], "high": [42, 9]})
    >>> victim_bounds(events, "civilians").to_numpy().tolist()
    [[25, 38, 42], [2, 2, 3]]
    """
    told = accepted[list(PARTS[who])].notna().all(axis=1)
    if not told.all():
        return victim_bounds(accepted[told], who).astype("Int64").reindex(accepted.index)
    low = accepted[["low", "best"]].min(axis=1)
    high = accepted[["high", "best"]].max(axis=1)
    if who == "all":
        return pd.DataFrame({"low": low, "best": accepted["best"], "high": high})
    armed = accepted["deaths_a"] + accepted["deaths_b"]
    own, others = (accepted["civilians"], armed) if who == "civilians" else (armed, accepted["civilians"])
    unknown = accepted["unknown"].fillna((accepted["best"] - own - others.fillna(0)).clip(lower=0))
    none_other = (others == 0).fillna(False)
    return pd.DataFrame(
        {
            "low": low.where(none_other & (unknown == 0), own).clip(upper=own),
            "best": own,
            "high": high.where(none_other, own + unknown),
        }
    )


def recorded_range(
    accepted: pd.DataFrame, deaths: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[int, float, int, int]:
    """Sum the deaths of a window.

    Parameters
    ----------
    accepted : DataFrame
        Events of one place.
    deaths : DataFrame
        ``low, best, high`` of the same events (`victim_bounds`).
    start, end : Timestamp
        First and last day (inclusive).

    Returns
    -------
    tuple
        Best of the events that start and end inside; best with each event's deaths shared evenly over its days; low
        of the events inside; high of the events that touch the window.

    Examples
    --------
    >>> events = pd.DataFrame({"date_start": pd.to_datetime(["2019-05-01", "2019-05-03"]),
    ...                        "date_end": pd.to_datetime(["2019-05-01", "2019-05-06"])})
    >>> deaths = pd.DataFrame({"low": [2, 4], "best": [3, 8], "high": [3, 10]})
    >>> recorded_range(events, deaths, pd.Timestamp("2019-05-01"), pd.Timestamp("2019-05-04"))
    (3, 7.0, 2, 13)
    """
    inside = (accepted["date_start"] >= start) & (accepted["date_end"] <= end)
    touching = _touching(accepted, start, end)
    days = (accepted["date_end"] - accepted["date_start"]).dt.days + 1
    from_day = accepted["date_start"].where(accepted["date_start"] > start, start)
    to_day = accepted["date_end"].where(accepted["date_end"] < end, end)
    share = ((to_day - from_day).dt.days + 1) / days
    spread = float((deaths["best"] * share)[touching].sum())
    return (
        int(deaths["best"][inside].sum()),
        spread,
        int(deaths["low"][inside].sum()),
        int(deaths["high"][touching].sum()),
    )


def toll_verdict(value: int, qualifier: str, low: int, high: int) -> tuple[str, str]:
    """Place a published figure beside a recorded range.

    Parameters
    ----------
    value : int
        The published figure.
    qualifier : str
        What stands before it: blank, "at least", "no less than", "more than", "about", "at most", "less than"; words
        in brackets are left aside.
    low, high : int
        The recorded range.

    Returns
    -------
    tuple of str
        The verdict, and the reason.

    Examples
    --------
    >>> toll_verdict(1089, "", 1071, 1337)
    ('consistent', '1,089 lies in the recorded 1,071 to 1,337')
    >>> toll_verdict(500, "more than", 1028, 1120)
    ('consistent', 'more than 500 does not exclude the recorded 1,028 to 1,120')
    >>> toll_verdict(500, "", 1028, 1120)
    ('below', '500 is below the recorded 1,028 to 1,120')
    """
    words = plain_words(qualifier)
    if words not in QUALIFIERS:
        known = ", ".join(repr(name) for name in QUALIFIERS if name)
        return "not comparable", _obstacle("qualifier", f"{qualifier!r}; known are: {known}")
    kind = QUALIFIERS[words]
    smallest, largest = {
        "exact": (float(value), float(value)),
        "about": (round(value * (1 - ABOUT), 6), round(value * (1 + ABOUT), 6)),
        "at least": (float(value), math.inf),
        "more than": (value + 1.0, math.inf),
        "at most": (-math.inf, float(value)),
        "less than": (-math.inf, value - 1.0),
    }[kind]
    told = f"{words} {value:,}".strip()
    recorded = f"the recorded {low:,} to {high:,}" if low < high else f"the recorded {low:,}"
    if largest < low:
        return "below", f"{told} is below {recorded}"
    if smallest > high:
        return "above", f"{told} is above {recorded}"
    if low <= value <= high:
        return "consistent", f"{told} lies in {recorded}"
    if kind == "about":
        return "consistent", f"{told} comes within {ABOUT:.0%} of {recorded}"
    return "consistent", f"{told} does not exclude {recorded}"


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a published figure counts, read from its words."""

    who: str
    everybody: bool
    subgroup: str
    perpetrators: str
    here: pd.Series[bool] | None
    unplaced: pd.Series[bool] | None

    @classmethod
    def read(
        cls, row: Any, masks: Mapping[str, pd.Series[bool]], blanks: Mapping[str, pd.Series[bool] | None]
    ) -> _Scope:
        """Read the words of a row; the place is looked up by the words of its area."""
        said = plain_words(_text(row, "who"))
        blamed = _text(row, "attributed_to")
        area = _text(row, "area")
        known = said in CLASSES
        return cls(
            who=said if known else "all",
            everybody=known,
            subgroup="" if known else said,
            perpetrators="" if plain_words(blamed) in ANYBODY else blamed,
            here=masks.get(area),
            unplaced=blanks.get(area),
        )


def _compare_row(
    row: Any,
    scope: _Scope,
    events: Events,
    bounds: Mapping[str, pd.DataFrame],
    codes: Collection[str],
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> dict[str, object]:
    """Judge one published figure."""
    copied = ("row_id", "claimant", "period_start", "period_end", "area", "who", "attributed_to", "qualifier", "value")
    out: dict[str, object] = {name: getattr(row, name) for name in copied}
    start, end, claimant, who = row.period_start, row.period_end, _text(row, "claimant"), scope.who
    empty = ("recorded", "recorded_low", "recorded_high", "unplaced", "independent")
    out |= dict.fromkeys(empty, pd.NA) | dict.fromkeys(("recorded_spread", "ratio", "share_citing"), math.nan)
    value, qualifier = row.value, _text(row, "qualifier")
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
    if scope.here is not None and (untold := _untold(bounds[who], scope.here & _touching(events.accepted, start, end))):
        obstacles["victims"] = f"{untold} how many of the dead were {who}"
    if obstacles or scope.here is None:
        reason = "; ".join(_obstacle(name, detail) for name, detail in obstacles.items())
        out |= {"obstacle": next(iter(obstacles)), "reason": reason}
        return out

    accepted, deaths = events.accepted[scope.here], bounds[who][scope.here]
    recorded, spread, low, high = recorded_range(accepted, deaths, start, end)
    out |= {"recorded": recorded, "recorded_spread": spread, "recorded_low": low, "recorded_high": high}
    if scope.unplaced is not None:
        nowhere = bounds[who]["best"][scope.unplaced & _touching(events.accepted, start, end)]
        out["unplaced"] = pd.NA if nowhere.isna().any() else int(nowhere.sum())
    touching = _touching(accepted, start, end)
    if claimant.casefold() in codes:
        share = _share_citing(accepted[touching], deaths["best"][touching], claimant)
        out["share_citing"] = share
        if not math.isnan(share):
            out["independent"] = share < LARGELY

    noun = "recorded dead" if who == "all" else f"recorded {who}"
    if _same_source(claimant, events):
        out |= {"obstacle": "same source", "independent": False}
        out["reason"] = _obstacle("same source", "a source against itself")
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
    if _text(row, "attributed_to") == "not stated":
        out["reason"] = f"{out['reason']}; which perpetrators it covers is not stated, read as all"
    if out["verdict"] == "below" and pd.Timestamp(row.published_date) <= end:
        out["reason"] = f"{out['reason']}; published on the last day of its window, which it may not hold in full"
    out["reason"] = f"{out['reason']}{unranged}"
    return out


def _untold(deaths: pd.DataFrame, touching: pd.Series[bool]) -> str:
    """Say which events leave a class of victims open; empty where every event that touches the window tells it."""
    if len(deaths) and deaths["best"].isna().all():
        return "no event says"
    number = int(deaths["best"][touching].isna().sum())
    return f"{number:,} of the {int(touching.sum()):,} events that touch the window do not say" if number else ""


def _judge_part(
    value: int, qualifier: str, scope: _Scope, noun: str, recorded: int, low: int, high: int
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
    return "not comparable", _obstacle("perpetrators" if scope.perpetrators else "subgroup", f"{limit}; {reason}")


def _obstacle(name: str, detail: str) -> str:
    """Say why a row cannot be compared: what is common to such rows, then what is its own."""
    return f"{OBSTACLES[name]}: {detail}"


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


def _same_source(claimant: str, events: Events) -> bool:
    """Tell whether a claimant is the source of the events, by its short name."""
    name, own = claimant.casefold(), events.record.name.casefold()
    return name == own or name.startswith(f"{own} ") or own.startswith(f"{name} ")


def _unplaced(accepted: pd.DataFrame, where: Where | None) -> pd.Series[bool] | None:
    """Tell which events lack the place that an area is selected by; None where everything is selected."""
    if not where:
        return None
    return (accepted[list(where)] == "").any(axis=1)


def _touching(accepted: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series[bool]:
    """Tell which events have a day in common with a window."""
    return (accepted["date_start"] <= end) & (accepted["date_end"] >= start)


def _text(row: Any, name: str) -> str:
    value = getattr(row, name)
    return value.strip() if isinstance(value, str) else ""
