"""The figures that were published for one incident, beside the event that records it.

The idea: a toll grows while bodies are found and names are checked. Figures for one place and day are laid out in the
order in which they were published, with what each claims, and the recorded low, best and high beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from casualties.comparison.recorded_range import CLASSES, touching_mask, unplaced_mask, untold, victim_bounds
from casualties.comparison.toll_scope import TollScope, obstacle, same_source, toll_verdict, words_of
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import NotEstimable
from casualties.events import Events, Where, place_mask
from casualties.results import Basis, Result
from casualties.tolls import QUALIFIERS, Tolls, plain_words

__all__ = ["IncidentResult", "RecordedToll", "compare_incident"]

RULES = (
    "Figures stand in the order of their day of publication; within one day, where the hour is not known, the smaller "
    "stands first. A figure without a day of publication stands last.",
    "The recorded toll is that of all events of the place that touch the days of the incident.",
    "Figures under different names may go back to one count.",
    "A figure given as a lower bound is contradicted only by a record that lies wholly below it.",
)


@dataclass(frozen=True, slots=True)
class RecordedToll:
    """What the events record for an incident.

    Parameters
    ----------
    low, best, high : int
        People.
    events : int
        Number of events.
    several_days : int
        How many of them last beyond the days of the incident, so that part of their dead may belong elsewhere.
    """

    low: int
    best: int
    high: int
    events: int
    several_days: int


@dataclass(frozen=True, slots=True, eq=False)
class IncidentResult(Result):
    """Published figures for one incident and what is recorded of it.

    Parameters
    ----------
    basis : Basis
        Events, days and settings.
    figures : DataFrame
        One row a figure, in the order of publication: ``row_id, claimant, published_date, who, qualifier, value,
        reading, children, women, men, injured, civilians_of_value``; ``verdict`` (of `toll_verdict`, or ``same
        source`` where it is the record itself, or ``not comparable``), ``reason``; ``first, last`` (of its claimant:
        by day of publication, then by size); ``same_source``.
    recorded : RecordedToll or NotEstimable
        All the recorded dead of the place and days.
    unplaced : int or None
        Recorded deaths of events that touch the days and bear no place: they may belong here.
    rules : tuple of str
        How it is laid out, for a reader.
    """

    basis: Basis
    figures: pd.DataFrame
    recorded: RecordedToll | NotEstimable
    unplaced: int | None
    rules: tuple[str, ...] = RULES

    @property
    def spread(self) -> tuple[int, int]:
        """Smallest and largest figure that is not the record's own."""
        values = self._published()["value"]
        return int(values.min()), int(values.max())

    @property
    def final_spread(self) -> tuple[int, int]:
        """Smallest and largest of the figures that each claimant gave last, the record's own left out."""
        published = self._published()
        values = published.loc[published["last"], "value"]
        return int(values.min()), int(values.max())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before comparing."""
        own = int(self.figures["same_source"].sum())
        text = f"{own} of the figures {'is' if own == 1 else 'are'} the record itself and no second count."
        return (text,) if own else ()

    def growth(self) -> pd.DataFrame:
        """Give the first and the last figure of each claimant that gave several.

        Returns
        -------
        DataFrame
            ``claimant, figures, first, last, growth`` (last over first), ``one_day`` (whether all were published on
            one day, where first and last mean smallest and largest).
        """
        rows = []
        for claimant, group in self.figures.groupby("claimant", sort=True):
            if len(group) > 1:
                first, last = int(group["value"].iloc[0]), int(group["value"].iloc[-1])
                one_day = len(group["published_date"].unique()) == 1
                rows.append((claimant, len(group), first, last, last / first if first else math.nan, one_day))
        return pd.DataFrame(rows, columns=["claimant", "figures", "first", "last", "growth", "one_day"])

    def sentences(self) -> list[str]:
        """Say what is recorded, how far the figures spread and how the toll grew."""
        smallest, largest = self.spread
        own = int(self.figures["same_source"].sum())
        said = [
            f"{len(self.figures) - own} figures published by {self._published()['claimant'].nunique()} claimants run "
            f"from {smallest:,} to {largest:,}; the last figure of each runs from {self.final_spread[0]:,} to "
            f"{self.final_spread[1]:,}."
        ]
        if isinstance(self.recorded, RecordedToll):
            found = self.recorded
            number = f"{found.events} event{'' if found.events == 1 else 's'}"
            said.append(
                f"The record holds {number} with {found.best:,} recorded deaths (low {found.low:,}, high "
                f"{found.high:,})."
            )
        else:
            said.append(f"Of the record: {self.recorded}.")
        for row in self.growth().to_dict("records"):
            name, low, high = row["claimant"], row["first"], row["last"]
            if row["one_day"] and low != high:
                said.append(f"The figures of {name}, all of one day, run from {low:,} to {high:,}.")
            elif low != high:
                said.append(f"The figure of {name} {'grew' if high > low else 'fell'} from {low:,} to {high:,}.")
        told = self.figures["children"].dropna()
        if len(told):
            low, high = int(told.min()), int(told.max())
            span = f"{low:,}" if low == high else f"{low:,} to {high:,}"
            said.append(f"Children are counted in {len(told)} of the {len(self.figures)} figures: {span}.")
        return said

    def to_frame(self) -> pd.DataFrame:
        """Give one row a figure."""
        return self.figures

    def summary(self) -> str:
        """Give the spread, the growth and the record as text."""
        return "\n".join(
            [
                f"{len(self.figures)} published figures for one incident",
                *self.basis.lines(),
                *(f"Finding:  {line}" for line in self.sentences()),
                *(f"Warning:  {line}" for line in self.warnings),
                *(f"Rule:     {rule}" for rule in self.rules),
            ]
        )

    def _published(self) -> pd.DataFrame:
        """Give the figures that are not the record's own; all of them where nothing else was published."""
        own = self.figures["same_source"]
        return self.figures if own.all() else self.figures[~own]


def compare_incident(
    events: Events,
    tolls: Tolls,
    area: str,
    day: str | pd.Timestamp,
    *,
    where: Where | None,
    end: str | pd.Timestamp | None = None,
) -> IncidentResult:
    """Lay out the figures published for one place and day beside the events that record it.

    Parameters
    ----------
    events : Events
        The event source.
    tolls : Tolls
        The published totals.
    area : str
        The words of their ``area``.
    day : str or Timestamp
        The day of the incident: ``period_start`` of its figures.
    where : mapping or None
        What selects the place among the events; None selects everything.
    end : str or Timestamp, optional
        Last day of the incident (``period_end``) where it is another.

    Returns
    -------
    IncidentResult

    Raises
    ------
    InputError
        If no figure was published for that place and day.
    UnknownNameError
        If no total bears that area, or the place names what the events do not have.

    Examples
    --------
    >>> import casualties as ca
    >>> study = ca.load_study("idlib-2019")
    >>> area = "Ma'arrat al-Nu'man, Idlib"
    >>> found = compare_incident(study.sources["ucdp"], study.sources["tolls"], area, "2019-07-22",
    ...                          where=study.area_places()[area])
    >>> len(found.figures), found.spread, found.recorded.low, found.recorded.best, found.recorded.high
    (16, (17, 43), 25, 38, 42)
    """
    start = pd.Timestamp(day)
    stop = start if end is None else pd.Timestamp(end)
    frame = tolls.frame
    if area not in set(frame["area"]):
        raise UnknownNameError("area", area, sorted(set(map(str, frame["area"]))))
    chosen = (frame["area"] == area) & (frame["period_start"] == start) & (frame["period_end"] == stop)
    chosen &= frame["value"].notna()
    if not chosen.any():
        raise InputError(
            "no figure was published for this place and day",
            file=tolls.record.file,
            column="day",
            value=f"{start:%Y-%m-%d}",
            remedy="give the day on which the figures start and end",
        )
    here = place_mask(events, where) & touching_mask(events.accepted, start, stop)
    accepted = events.accepted[here]
    bounds = {who: victim_bounds(accepted, who) for who in CLASSES}
    first, last = events.coverage
    outside = "" if first <= start and stop <= last else obstacle("coverage", f"{first:%Y-%m-%d} to {last:%Y-%m-%d}")
    rows = [_figure(row, events, here, bounds, outside) for row in frame[chosen].itertuples(index=False)]
    # Within a day the hour is not known; claimants and rows break ties, so that shuffled rows give one order.
    order = ["published_date", "value", "claimant", "row_id"]
    figures = pd.DataFrame(rows).sort_values(order, kind="stable", na_position="last").reset_index(drop=True)
    figures["first"] = ~figures.duplicated("claimant", keep="first")
    figures["last"] = ~figures.duplicated("claimant", keep="last")
    recorded: RecordedToll | NotEstimable = NotEstimable(outside or "no event is recorded for this place and day")
    if len(accepted) and not outside:
        low, best, high = (int(bounds["all"][name].sum()) for name in ("low", "best", "high"))
        longer = (accepted["date_start"] < start) | (accepted["date_end"] > stop)
        recorded = RecordedToll(low, best, high, len(accepted), int(longer.sum()))
    lost = unplaced_mask(events.accepted, where)
    unplaced = None
    if lost is not None:
        unplaced = int(events.accepted["best"][lost & touching_mask(events.accepted, start, stop)].sum())
    basis = Basis(
        label=f"published figures and recorded deaths of one incident, {area}",
        source=f"{events.record.name}; {tolls.record.name}",
        vintage=events.record.version,
        start=f"{start:%Y-%m-%d}",
        end=f"{stop:%Y-%m-%d}",
        days=(stop - start).days + 1,
        days_observed=0 if outside else (stop - start).days + 1,
        method="figures in the order of publication beside all events of the place that touch the days",
    )
    return IncidentResult(basis, figures, recorded, unplaced)


def _figure(
    row: Any, events: Events, here: pd.Series[bool], bounds: Mapping[str, pd.DataFrame], outside: str
) -> dict[str, Any]:
    """Lay out one figure, and judge it where the record tells its victims apart."""
    names = ("row_id", "claimant", "published_date", "who", "qualifier", "value")
    parts = ("children", "women", "men", "injured", "civilians_of_value")
    out: dict[str, Any] = {name: getattr(row, name, pd.NA) for name in (*names, *parts)}
    out["reading"] = QUALIFIERS.get(plain_words(words_of(row, "qualifier")), "")
    out["same_source"] = same_source(words_of(row, "claimant"), events)
    scope = TollScope.read(row, {}, {})
    deaths = bounds[scope.who]
    silent = untold(deaths, pd.Series(True, index=deaths.index))
    if outside or silent or not here.any():
        silence = obstacle("victims", f"{silent} how many of the dead were {scope.who}") if silent else ""
        return out | {"verdict": "not comparable", "reason": outside or silence or "no event is recorded"}
    if out["same_source"]:
        return out | {"verdict": "same source", "reason": obstacle("same source", "a source against itself")}
    if scope.perpetrators or not scope.everybody:
        kind = "perpetrators" if scope.perpetrators else "subgroup"
        reason = obstacle(kind, scope.perpetrators or scope.subgroup)
        return out | {"verdict": "not comparable", "reason": reason}
    low, high = int(deaths["low"].sum()), int(deaths["high"].sum())
    verdict, reason = toll_verdict(int(row.value), words_of(row, "qualifier"), low, high)
    return out | {"verdict": verdict, "reason": reason}
