"""Running totals of several claimants against the cumulative range of the events, each from its own first day.

The idea: totals with different first days cannot share one curve. The range of the events is added up anew from every
first day, each total is placed in the range of its own scope, and where it lies outside, what could explain it is
counted.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
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
from casualties.comparison.toll_explanations import (
    NEAR,
    Explanation,
    TollPoint,
    explain_above,
    explain_below,
)
from casualties.comparison.toll_scope import ABOUT, TollScope, obstacle, same_source, totals_basis, words_of
from casualties.errors import InputError, UnknownNameError
from casualties.events import Events, Where, place_mask
from casualties.results import Basis, Result
from casualties.tolls import QUALIFIERS, SCOPE, Tolls, plain_words, toll_increments

__all__ = ["POSITIONS", "TollTimeline", "cumulative_band", "toll_timeline"]

POSITIONS = ("inside", "below", "above", "not placed")
RULES = (
    "The band runs from the low of the events that lie between a total's first and last day to the high of all events "
    "that touch these days; for one class of victims it holds the dead of unknown status in its upper end.",
    "A total is placed by its plain number. Where it is given as a bound or rounded, or counts a part, that is told as "
    "an explanation.",
    "An explanation is what could be, with the deaths it could account for; explanations overlap. None found means "
    "that nothing that can be checked in these data explains the difference.",
)


@dataclass(frozen=True, slots=True, eq=False)
class TollTimeline(Result):
    """Published totals on the cumulative range of the events.

    Parameters
    ----------
    basis : Basis
        Events, window of the totals and settings.
    points : DataFrame
        One row a total: ``row_id, claimant, area, who, attributed_to, period_start, period_end, published_date,
        qualifier, value``; ``victims`` (the class the events are counted for); ``reading`` (of the qualifier);
        ``limit`` (what part it covers, else blank); ``same_source`` (the claimant is the source of the events, or
        the source they cite for at least half the deaths: NA where citations do not tell); ``recorded,
        recorded_low, recorded_high`` (people); ``position`` (`POSITIONS`); ``gap`` (people beyond the nearest end of
        the range, negative below it, 0 inside); ``ratio`` (to the recorded best); ``end_ratio`` (to the nearest end;
        1 inside); ``countable`` (deaths that the countable explanations could account for together at most; NA where
        none can be counted); ``reason`` (why it is not placed); ``sentence``.
    band : DataFrame
        The range day by day: ``area, victims, period_start, date, low, best, high`` (people, cumulative), up to the
        last total of the scope or the last day of the coverage.
    explanations : DataFrame
        ``row_id, explanation`` (one of `toll_explanations.EXPLANATIONS`), ``least, most`` (people; NA where not
        countable), ``reaches`` (whether it alone could account for the gap; NA where not countable), ``text``.
    rules : tuple of str
        How a total is placed, for a reader.
    """

    basis: Basis
    points: pd.DataFrame
    band: pd.DataFrame
    explanations: pd.DataFrame
    rules: tuple[str, ...] = RULES

    def counts(self) -> pd.Series[int]:
        """Count the totals by position."""
        return self.points["position"].value_counts().reindex(list(POSITIONS), fill_value=0)

    def latest(self) -> TollTimeline:
        """Give the same with the last total of each running count only, as far as it is placed."""
        placed = self.points[self.points["position"] != "not placed"]
        line = ["claimant", "area", "who", "attributed_to", "period_start"]
        last = placed.sort_values(["period_end", "row_id"]).drop_duplicates(line, keep="last").sort_index()
        told = self.explanations[self.explanations["row_id"].isin(last["row_id"])]
        return replace(self, points=last.reset_index(drop=True), explanations=told.reset_index(drop=True))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before comparing."""
        dependent = self.points.loc[self.points["same_source"].fillna(value=False), "claimant"].unique()
        if not len(dependent):
            return ()
        names = ", ".join(sorted(map(str, dependent)))
        return (f"The events largely rest on {names}: that its totals fit them confirms nothing.",)

    def sentences(self) -> list[str]:
        """Give one sentence or two a total, in the order of the points."""
        return self.points["sentence"].to_list()

    def to_frame(self) -> pd.DataFrame:
        """Give one row a total."""
        return self.points

    def summary(self) -> str:
        """Give the counts, the rules and what is said of each total that lies outside."""
        counts = ", ".join(f"{position} {number}" for position, number in self.counts().items())
        outside = self.points.loc[self.points["position"].isin(["below", "above"]), "sentence"]
        return "\n".join(
            [
                f"{len(self.points)} published totals on the cumulative range of {self.basis.source}",
                *self.basis.lines(),
                f"Position: {counts}",
                *(f"Warning:  {warning}" for warning in self.warnings),
                *(f"Rule:     {rule}" for rule in self.rules),
                *(f"Outside:  {sentence}" for sentence in outside),
            ]
        )


def toll_timeline(
    events: Events,
    tolls: Tolls,
    areas: Mapping[str, Where | None],
    *,
    cores: Mapping[str, Where] | None = None,
    sides: Mapping[str, Collection[str]] | None = None,
    running: bool = True,
) -> TollTimeline:
    """Place published totals on the cumulative range of the events and explain those outside.

    Parameters
    ----------
    events : Events
        The event source.
    tolls : Tolls
        The published totals.
    areas : mapping of str to where
        From the words of a total's ``area`` to what selects it among the events, as in `compare_tolls`.
    cores : mapping of str to where, optional
        The part of an area that no claimant leaves out, e.g. ``{"northwest Syria": {"adm1": "Idlib Governorate"}}``.
        Deaths of the area beyond it are those that "adjacent parts" could leave out; how many these are depends on
        the core that is chosen.
    sides : mapping of str to names, optional
        From the words of ``attributed_to`` to the names that these perpetrators bear as a side of an event.
    running : bool, optional
        Take only the running totals (those called so, or of no kind); else every figure, each from its first day.

    Returns
    -------
    TollTimeline

    Raises
    ------
    InputError
        If there are no totals of the kind asked for.
    UnknownNameError
        If a core is given for an area that is not among ``areas``, or a place or side does not occur in the events.

    Examples
    --------
    >>> import casualties as ca
    >>> study = ca.load_study("idlib-2019")
    >>> found = toll_timeline(study.sources["ucdp"], study.sources["tolls"], study.area_places())
    >>> point = found.points.set_index("row_id").loc["44"]
    >>> point["claimant"], int(point["value"]), point["position"], int(point["gap"])
    ('OHCHR', 500, 'below', -412)
    """
    frame = tolls.frame[tolls.frame["kind"].map(_runs).astype("bool")] if running else tolls.frame
    if frame.empty:
        raise InputError(
            "there are no published totals to place",
            file=tolls.record.file,
            remedy="give at least one running total, or take running=False",
        )
    ground = _Ground.lay(events, tolls, areas, cores or {}, sides)
    rows, told = [], []
    spans: dict[tuple[str, str, pd.Timestamp], pd.Timestamp] = {}
    row: Any
    order = [*SCOPE, "period_end", "published_date", "value", "row_id"]
    for row in frame.sort_values(order, kind="stable", na_position="first").itertuples(index=False):
        placed, explanations = ground.place(row)
        rows.append(placed)
        told += [(placed["row_id"], *_explained(one, placed["gap"])) for one in explanations]
        key = (placed["area"], placed["victims"], row.period_start)
        if placed["position"] != "not placed" or "coverage" in str(placed["reason"]):
            spans[key] = max(spans.get(key, row.period_end), row.period_end)
    counted = dict.fromkeys(("value", "recorded", "recorded_low", "recorded_high", "gap", "countable"), "Int64")
    points = pd.DataFrame(rows).astype(
        {**counted, "ratio": "float64", "end_ratio": "float64", "same_source": "boolean"}
    )
    columns = ["row_id", "explanation", "least", "most", "reaches", "text"]
    explained = pd.DataFrame(told, columns=columns).astype({"least": "Int64", "most": "Int64", "reaches": "boolean"})
    basis = totals_basis(
        "published totals on the cumulative range of recorded deaths",
        "range of the same place, class and first day, from low of events inside to high of events touching",
        events,
        tolls,
        (frame["period_start"].min(), frame["period_end"].max()),
        {"about": ABOUT, "near_first_days": NEAR, "running": running},
    )
    return TollTimeline(basis, points, ground.bands(spans), explained)


def cumulative_band(
    accepted: pd.DataFrame, deaths: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """Add up the recorded range from a first day, day by day.

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
    DataFrame
        ``date, low, best, high``: on each day what `recorded_range` gives from ``start`` to that day.

    Examples
    --------
    >>> events = pd.DataFrame({"date_start": pd.to_datetime(["2019-05-01", "2019-05-02"]),
    ...                        "date_end": pd.to_datetime(["2019-05-01", "2019-05-03"])})
    >>> deaths = pd.DataFrame({"low": [2, 4], "best": [3, 8], "high": [3, 10]})
    >>> band = cumulative_band(events, deaths, pd.Timestamp("2019-05-01"), pd.Timestamp("2019-05-03"))
    >>> band[["low", "best", "high"]].to_numpy().tolist()
    [[2, 3, 3], [2, 3, 13], [6, 11, 13]]
    """
    days = pd.date_range(start, end, name="date")
    from_start, over = accepted["date_start"] >= start, accepted["date_end"] >= start
    ends, begins = accepted["date_end"][from_start], accepted["date_start"][over]
    begins = begins.where(begins > start, start)
    columns = {
        name: figures.groupby(by).sum().reindex(days, fill_value=0).cumsum().astype("int64")
        for name, figures, by in (
            ("low", deaths["low"][from_start], ends),
            ("best", deaths["best"][from_start], ends),
            ("high", deaths["high"][over], begins),
        )
    }
    return pd.DataFrame(columns, index=days).reset_index()


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What all totals are placed on: the events, their places and classes, and who cites whom."""

    events: Events
    masks: Mapping[str, pd.Series[bool]]
    blanks: Mapping[str, pd.Series[bool] | None]
    outside: Mapping[str, pd.Series[str]]
    bounds: Mapping[str, pd.DataFrame]
    sides: Mapping[str, Collection[str]]
    codes: Collection[str]
    beginnings: Mapping[str, tuple[pd.Timestamp, ...]]
    steps: pd.DataFrame

    @classmethod
    def lay(
        cls,
        events: Events,
        tolls: Tolls,
        areas: Mapping[str, Where | None],
        cores: Mapping[str, Where],
        sides: Mapping[str, Collection[str]] | None,
    ) -> _Ground:
        accepted = events.accepted
        for area in cores:
            if area not in areas:
                raise UnknownNameError("cores", area, areas)
        known = set(accepted["side_a"]) | set(accepted["side_b"])
        given = {words: [names] if isinstance(names, str) else list(names) for words, names in (sides or {}).items()}
        for name in (name for names in given.values() for name in names):
            if name not in known:
                raise UnknownNameError("sides", name, sorted(known - {""}))
        masks = {area: place_mask(events, where) for area, where in areas.items()}
        parts = {}
        for area, core in cores.items():
            names = _part_names(accepted, next(iter(core)))
            parts[area] = names.where(masks[area] & ~place_mask(events, core), "")
        running = tolls.frame[tolls.frame["kind"].map(_runs).astype("bool")]
        return cls(
            events=events,
            masks=masks,
            blanks={area: unplaced_mask(accepted, where) for area, where in areas.items()},
            outside=parts,
            bounds={who: victim_bounds(accepted, who) for who in CLASSES},
            sides=given,
            codes={code for cited in accepted["cited"] for code in cited.casefold().split(";") if code},
            beginnings={
                str(area): tuple(sorted(days.unique())) for area, days in running.groupby("area")["period_start"]
            },
            steps=toll_increments(tolls),
        )

    def bands(self, spans: Mapping[tuple[str, str, pd.Timestamp], pd.Timestamp]) -> pd.DataFrame:
        """Give the range of every scope, each from its own first day."""
        last = self.events.coverage[1]
        parts = []
        for (area, who, start), end in sorted(spans.items()):
            here, stop = self.masks[area], min(end, last)
            if start > stop:
                continue
            band = cumulative_band(self.events.accepted[here], self.bounds[who][here], start, stop)
            parts.append(band.assign(area=area, victims=who, period_start=start))
        columns = ["area", "victims", "period_start", "date", "low", "best", "high"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    def place(self, row: Any) -> tuple[dict[str, Any], list[Explanation]]:
        """Place one total, and list what could explain it where it lies outside."""
        scope = TollScope.read(row, self.masks, self.blanks)
        copied = ("row_id", *SCOPE, "period_end", "published_date", "qualifier", "value")
        out: dict[str, Any] = {name: getattr(row, name) for name in copied}
        reading = QUALIFIERS.get(plain_words(words_of(row, "qualifier")), "")
        limit = [f"limited to {scope.perpetrators}"] if scope.perpetrators else []
        limit += [] if scope.everybody else [f"counts {scope.subgroup} only"]
        out |= {"victims": scope.who, "reading": reading, "limit": "; ".join(limit), "same_source": pd.NA}
        out |= dict.fromkeys(("recorded", "recorded_low", "recorded_high", "gap", "countable"), pd.NA)
        out |= {"position": "not placed", "ratio": math.nan, "end_ratio": math.nan, "reason": "", "sentence": ""}
        out["reason"] = self._obstacle(row, scope, reading)
        if out["reason"] or scope.here is None:
            out["sentence"] = f"{_name(out)}: {_told(out)} cannot be placed: {out['reason']}."
            return out, []
        accepted, deaths = self.events.accepted[scope.here], self.bounds[scope.who][scope.here]
        excess = self._excess(row, accepted, deaths)
        # No explanation looks further than a week beyond the window.
        week = pd.Timedelta(days=NEAR)
        around = touching_mask(accepted, row.period_start - week, row.period_end + week)
        accepted, deaths = accepted[around], deaths[around]
        best, _, low, high = recorded_range(accepted, deaths, row.period_start, row.period_end)
        value = int(row.value)
        near = low if value < low else high
        gap = value - near if value < low or value > high else 0
        if not scope.everybody and value <= high:
            out |= {"reason": obstacle("subgroup", f"it counts {scope.subgroup} only, a part of those recorded")}
            out["sentence"] = f"{_name(out)}: {_told(out)} cannot be placed: {out['reason']}."
            return out, []
        out |= {"recorded": best, "recorded_low": low, "recorded_high": high, "gap": gap}
        out |= {"ratio": value / best if best else math.nan, "position": POSITIONS[(gap < 0) + 2 * (gap > 0)]}
        out["end_ratio"] = 1.0 if gap == 0 else value / near if near else math.nan
        out["same_source"] = self._rests_on(row, accepted, deaths)
        point = self._point(row, scope, reading, accepted, deaths, excess)
        found = explain_below(point) if gap < 0 else explain_above(point) if gap > 0 else []
        sizes = [one.most for one in found if one.most is not None]
        out["countable"] = sum(sizes) if sizes else pd.NA
        out["sentence"] = _sentence(out, found)
        return out, found

    def _obstacle(self, row: Any, scope: TollScope, reading: str) -> str:
        """Say why a total cannot be placed; empty where it can."""
        first, last = self.events.coverage
        start, end = row.period_start, row.period_end
        if scope.here is None:
            return obstacle("place", f"{words_of(row, 'area')!r} is not among the areas given")
        if pd.isna(row.value):
            return obstacle("figure", "the value is blank")
        if end > last:
            return obstacle("coverage", f"it ends on {end:%Y-%m-%d}, after {last:%Y-%m-%d}")
        if start < first:
            return obstacle("coverage", f"it starts on {start:%Y-%m-%d}, before {first:%Y-%m-%d}")
        if not reading:
            return obstacle("qualifier", repr(words_of(row, "qualifier")))
        silent = untold(self.bounds[scope.who], scope.here & touching_mask(self.events.accepted, start, end))
        return obstacle("victims", f"{silent} how many of the dead were {scope.who}") if silent else ""

    def _rests_on(self, row: Any, accepted: pd.DataFrame, deaths: pd.DataFrame) -> object:
        """Tell whether the recorded deaths of a window largely rest on the claimant."""
        claimant = words_of(row, "claimant")
        if same_source(claimant, self.events):
            return True
        touching = touching_mask(accepted, row.period_start, row.period_end)
        total = int(deaths["best"][touching].sum())
        if claimant.casefold() not in self.codes or not total:
            return pd.NA
        return 2 * int(deaths["best"][touching & cites(accepted["cited"], claimant)].sum()) >= total

    def _point(
        self,
        row: Any,
        scope: TollScope,
        reading: str,
        accepted: pd.DataFrame,
        deaths: pd.DataFrame,
        excess: int,
    ) -> TollPoint:
        """Gather what explanations are looked for in."""
        area, claimant = words_of(row, "area"), words_of(row, "claimant")
        outside = self.outside.get(area)
        nowhere = None
        if scope.unplaced is not None:
            lost = scope.unplaced & touching_mask(self.events.accepted, row.period_start, row.period_end)
            figures = self.bounds[scope.who]["best"][lost]
            nowhere = None if figures.isna().any() else int(figures.sum())
        civilians = self.bounds["civilians"].loc[accepted.index]
        told = civilians["best"][touching_mask(accepted, row.period_start, row.period_end)].notna().all()
        high = recorded_range(accepted, civilians, row.period_start, row.period_end)[3] if told else None
        return TollPoint(
            claimant=claimant,
            reading=reading,
            value=int(row.value),
            start=row.period_start,
            end=row.period_end,
            published=row.published_date,
            scope=scope,
            accepted=accepted,
            deaths=deaths,
            outside=None if outside is None else outside[accepted.index],
            unplaced=nowhere,
            sides=self.sides.get(words_of(row, "attributed_to")),
            # A window that is no running total states its own first day.
            beginnings=self.beginnings.get(area, ()) if _runs(words_of(row, "kind")) else (),
            rests=self._rests_on(row, accepted, deaths) is True,
            excess=excess,
            civilians_high=high,
        )

    def _excess(self, row: Any, accepted: pd.DataFrame, deaths: pd.DataFrame) -> int:
        """Add up by how much later rises of the same count exceed the upper end of what is recorded."""
        steps = self.steps
        chosen = (steps["start"] > row.period_end) & (steps["end"] <= self.events.coverage[1])
        for name in SCOPE:
            chosen &= steps[name] == getattr(row, name)
        total = 0
        for step in steps[chosen & ~steps["falling"]].itertuples(index=False):
            total += max(int(step.count) - recorded_range(accepted, deaths, step.start, step.end)[3], 0)
        return total


def _runs(kind: str) -> bool:
    """Tell whether a total is a running one: called so, or of no kind."""
    return not kind or "running" in kind.casefold()


def _part_names(accepted: pd.DataFrame, column: str) -> pd.Series[str]:
    """Name the part of an area that an event lies in: its district where the core is a governorate."""
    names = accepted[column].astype("str")
    if column == "adm1" and "adm2" in accepted:
        district = accepted["adm2"].astype("str")
        names = district.where(district != "", names)
    return names.replace("", "(not recorded)")


def _explained(one: Explanation, gap: int) -> tuple[object, ...]:
    """Give an explanation as a row: what it is, how much it covers, and whether that is the whole gap."""
    least, most = (pd.NA if size is None else size for size in (one.least, one.most))
    return (one.kind, least, most, pd.NA if one.most is None else one.most >= abs(gap), one.text)


def _sentence(row: Mapping[str, Any], found: Collection[Explanation]) -> str:
    """Say where a total lies and what could explain it."""
    low, high, gap = row["recorded_low"], row["recorded_high"], row["gap"]
    span = f"the recorded {low:,} to {high:,}" if low < high else f"the recorded {low:,}"
    limit = f", although it is {row['limit']}" if row["limit"] and gap >= 0 else ""
    if not gap:
        return f"{_name(row)}: {_told(row)} lies inside {span}{limit}."
    end = (
        ""
        if math.isnan(row["end_ratio"])
        else f" ({row['end_ratio']:.2f} of its {'lower' if gap < 0 else 'upper'} end)"
    )
    said = f"{_name(row)}: {_told(row)} is {abs(gap):,} {row['position']} {span}{end}{limit}."
    if not found:
        return f"{said} No explanation was found in the data."
    said = f"{said} What could explain it: {'; '.join(one.text for one in found)}."
    if all(one.most is not None for one in found) and row["countable"] < abs(gap):
        left = "for the rest no explanation was found in the data"
        return f"{said} Together these account for {row['countable']:,} of the {abs(gap):,} at most; {left}."
    return said


def _name(row: Mapping[str, Any]) -> str:
    start, end = row["period_start"], row["period_end"]
    first = f"{start.day} {start:%B} to " if start.year == end.year else f"{start.day} {start:%B %Y} to "
    days = f"{first if start < end else ''}{end.day} {end:%B %Y}"
    return f"{row['claimant']}, {plain_words(str(row['who']))}, {days}"


def _told(row: Mapping[str, Any]) -> str:
    if pd.isna(row["value"]):
        return "a blank figure"
    return f"{plain_words(str(row['qualifier']))} {int(row['value']):,}".strip()
