"""What the events hold on a question: deaths of a place, a period and a class of victims, as a range."""

from __future__ import annotations

import math

import pandas as pd

from casualties.actors import actor_groups, known_actors, split_actors
from casualties.claims.dependence import rests_on_claimant
from casualties.claims.questions import Holding, Question, Silence, not_counted
from casualties.claims.terms import Terms
from casualties.claims.unusual import WINDOW, how_unusual
from casualties.comparison.recorded_range import (
    CLASSES,
    recorded_range,
    touching_mask,
    unplaced_mask,
    untold,
    victim_bounds,
)
from casualties.events import Events, place_mask, victim_counts
from casualties.series import daily_series
from casualties.study import Study

__all__ = ["ask_events", "class_bounds"]

COUNTED = ("killed", "killed per day", "days with an event", "share of killed", "escalation")


def ask_events(events: Events, question: Question, study: Study, terms: Terms) -> Holding | Silence:
    """Ask the events.

    Parameters
    ----------
    events : Events
        The source.
    question : Question
        What is asked.
    study : Study
        For its groups of actors, and the source that its events rest on.
    terms : Terms
        What words mean.

    Returns
    -------
    Holding or Silence
        The range runs from the low of the events inside the period to the high of all that touch it.
    """
    statement, name = question.statement, events.record.name
    if statement.measure not in COUNTED:
        return Silence(name, not_counted(statement.measure))
    first, last = events.coverage
    if question.start < first or question.end > last:
        return Silence(name, f"it covers {first:%Y-%m-%d} to {last:%Y-%m-%d} only")
    victims = terms.victims.get(statement.victims, statement.victims)
    bounds = class_bounds(events, victims, study)
    if bounds is None:
        return Silence(name, f"it does not tell {statement.victims} apart")
    # A model of the days before knows all events; so does the day that it is asked about.
    blamed = () if statement.measure == "escalation" else terms.perpetrators.get(statement.perpetrator, ())
    here, narrowed = _party(events, blamed)
    nowhere = unplaced_mask(events.accepted, question.place.where or None)
    lost, unplaced = 0, 0.0
    if nowhere is not None and statement.measure in ("killed", "killed per day"):
        nowhere &= here & touching_mask(events.accepted, question.start, question.end)
        lost = int(bounds["high"][nowhere].sum())
        unplaced = lost / (question.days if statement.measure == "killed per day" else 1)
    here &= place_mask(events, question.place.where or None)
    touching = here & touching_mask(events.accepted, question.start, question.end)
    if missing := untold(bounds, touching):
        return Silence(name, f"{missing} how many of the dead were {statement.victims}")
    accepted, deaths = events.accepted[here], bounds[here]
    code = terms.code(statement.claimant)
    independent, dependence = rests_on_claimant(
        events,
        events.accepted[touching],
        bounds["best"][touching],
        statement.claimant,
        code,
        str(study.settings.get("rests_on", "")),
    )
    left_open = []
    if statement.perpetrator:
        scope = f"events to which {narrowed} is a party" if narrowed else "all events"
        left_open.append(f"who killed is not tested: counted are {scope}")
    if unplaced:
        left_open.append(f"{lost:,} deaths recorded of these days without a place may belong here")
    if statement.measure == "escalation":
        figure, low, high, words = _unusual(events, question, accepted, deaths, victims, study)
        if math.isnan(figure):
            return Silence(name, words)
        empty = False
    elif statement.measure == "days with an event":
        figure, high, words = _days(accepted, deaths, question, victims)
        low, empty = figure, figure == 0
        left_open.append("an event is one of any kind in the source, and a day without one is no day without violence")
    else:
        figure, low, high, words = _deaths(accepted, deaths, question, events)
        empty = high == 0 or math.isnan(figure)
    if empty:
        words = _silence(events, question)
    return Holding(
        name,
        "events",
        figure,
        low,
        high,
        words,
        record=True,
        empty=empty,
        left_open=tuple(left_open),
        independent=independent,
        dependence=dependence,
        unplaced=unplaced,
    )


def class_bounds(events: Events, victims: str, study: Study) -> pd.DataFrame | None:
    """Give ``low, best, high`` of a class of victims in each event.

    Parameters
    ----------
    events : Events
        The source.
    victims : str
        A class (`CLASSES`), a part of the dead that the source counts, or a group of actors of the study.
    study : Study
        For its groups.

    Returns
    -------
    DataFrame or None
        None where the source does not tell the class apart. Of the own dead of a group, low is the event's own where
        they are all its dead; high where none of its dead is another's, else their figure and the dead of unknown
        status. Of a part, the one figure.
    """
    accepted = events.accepted
    if victims in CLASSES:
        return victim_bounds(accepted, victims)
    if victims in events.parts:
        best = victim_counts(events, victims)["best"]
        return pd.DataFrame({"low": best, "best": best, "high": best})
    if victims not in study.actors or accepted[["deaths_a", "deaths_b"]].isna().all(axis=None):
        return None
    sides = {*events.actors(), *events.names.get("side_a", ()), *events.names.get("side_b", ())}
    own = victim_counts(events, actor_groups({victims: study.actors[victims]}, sides).sides_of(victims, sides))["best"]
    unknown = accepted["unknown"].fillna(0)
    alone = (own == accepted["best"]).fillna(False) & (own > 0)
    low = accepted[["low", "best"]].min(axis=1).where(alone, own)
    high = accepted[["high", "best"]].max(axis=1).where(alone, own + unknown)
    return pd.DataFrame({"low": low, "best": own, "high": high}).astype("Int64")


def _party(events: Events, actors: tuple[str, ...]) -> tuple[pd.Series[bool], str]:
    """Tell which events have an actor as a side; all of them, and no name, where the source knows none."""
    accepted = events.accepted
    sides = pd.unique(pd.concat([accepted["side_a"], accepted["side_b"]]))
    known = known_actors(sides)
    named = [actor for actor in actors if actor in known or actor in sides]
    everywhere = pd.Series(True, index=accepted.index)
    if not named:
        return everywhere, ""
    of = [side for side in sides if side in named or set(split_actors(side, known)) & set(named)]
    return accepted["side_a"].isin(of) | accepted["side_b"].isin(of), ", ".join(named)


def _silence(events: Events, question: Question) -> str:
    """Say that nothing is recorded, and how often the source has the place at all."""
    if not question.place.where:
        return "no record of these days"
    times = int(place_mask(events, question.place.where).sum())
    return f"no record of these days at {question.place.label} ({times:,} events there in the whole source)"


def _unusual(
    events: Events, question: Question, accepted: pd.DataFrame, deaths: pd.DataFrame, victims: str, study: Study
) -> tuple[float, float, float, str]:
    """Give the chance of as many deaths on the day, of its high and its low; NaN and why where there is none."""
    day = question.end
    if question.start != day:
        return math.nan, math.nan, math.nan, "only a single day is held against the days before it"
    whose: str | tuple[str, ...] = victims
    if victims in study.actors and victims not in (*CLASSES, *events.parts):
        whose = actor_groups({victims: study.actors[victims]}, events.actors()).sides_of(victims, events.actors())
    series = daily_series(
        events,
        start=max(events.coverage[0], day - pd.Timedelta(days=WINDOW)),
        end=day,
        where=question.place.where or None,
        victims=whose,
        spread="even",
        missing_days="zero",
    )
    _, _, fewest, most = recorded_range(accepted, deaths, day, day)
    found = how_unusual(series, fewest, most)
    return found.chance, found.low, found.high, found.words


def _deaths(
    accepted: pd.DataFrame, deaths: pd.DataFrame, question: Question, events: Events
) -> tuple[float, float, float, str]:
    """Sum the deaths of the period; a mean a day, or a share of all the dead, where that is asked."""
    best, _, low, high = recorded_range(accepted, deaths, question.start, question.end)
    whose = "" if question.statement.victims == "all" else f" of {question.statement.victims}"
    words = f"{best:,} recorded deaths{whose} ({low:,} to {high:,})"
    if question.statement.measure == "killed per day":
        mean, least, most = (number / question.days for number in (best, low, high))
        return mean, least, most, f"{mean:.1f} recorded deaths a day ({least:.1f} to {most:.1f}): {words}"
    if question.statement.measure == "share of killed":
        whole = victim_bounds(events.accepted, "all").loc[accepted.index]
        total, _, fewest, largest = recorded_range(accepted, whole, question.start, question.end)
        if not total or not fewest:
            return math.nan, 0.0, 1.0, "no recorded deaths"
        share, least, most = best / total, low / largest, min(high / fewest, 1.0)
        return share, least, most, f"{share:.1%} of {total:,} recorded deaths ({least:.1%} to {most:.1%})"
    return float(best), float(low), float(high), words


def _days(accepted: pd.DataFrame, deaths: pd.DataFrame, question: Question, victims: str) -> tuple[float, float, str]:
    """Count the days with an event of that day; any other day may have had one that was not recorded."""
    if victims != "all":
        accepted = accepted[(deaths["best"] > 0).fillna(False)]
    window = pd.date_range(question.start, question.end)
    of_a_day = accepted.loc[accepted["date_start"] == accepted["date_end"], "date_start"]
    exact = int(window.isin(of_a_day).sum())
    long = accepted[touching_mask(accepted, question.start, question.end)]
    spans = [pd.date_range(*ends) for ends in zip(long["date_start"], long["date_end"], strict=True)]
    touched = int(window.isin(pd.DatetimeIndex([]).append(spans)).sum()) if spans else 0
    more = f", {touched} with events of several days" if touched > exact else ""
    share = exact / len(window)
    return share, 1.0, f"{exact} of {len(window)} days have an event ({share:.1%}){more}"
