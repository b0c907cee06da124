"""Which events are asked about, and which sources each of them cites: what every table of citations begins with."""

from __future__ import annotations

import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.events import Events, Where, place_mask, victim_counts
from casualties.results import Basis

__all__ = [
    "CAVEAT",
    "REFERENCE",
    "UNCITED",
    "any_cited",
    "citation_matrix",
    "cites",
    "cites_known",
    "counted_deaths",
    "require_cited",
    "select_events",
]

CAVEAT = (
    "Citations show which source saw an event, not how many dead it counted: each event has one figure, repeated for "
    "every source it cites."
)
REFERENCE = (
    "All shares are of the events in this record, and an event stands in it because at least one source that was read "
    "told of it: what no source told, or what the recorder did not read, is in no denominator here."
)
UNCITED = "this table does not carry which sources an event cites"
VICTIMS = ("all", "civilians")


def cites(cited: pd.Series[str], source: str) -> pd.Series[bool]:
    """Tell which events cite a source.

    Parameters
    ----------
    cited : Series of str
        Codes joined by ``;``.
    source : str
        The code; capitals do not matter.

    Returns
    -------
    Series of bool

    Examples
    --------
    >>> cites(pd.Series(["SOHR;Airwars", "Airwars", ""]), "sohr").tolist()
    [True, False, False]
    """
    name = source.casefold()
    return pd.Series([name in codes.casefold().split(";") for codes in cited], index=cited.index, dtype=bool)


def citation_matrix(cited: pd.Series[str]) -> pd.DataFrame:
    """Tell which event cites which source: one row an event, one column a source.

    Parameters
    ----------
    cited : Series of str
        Codes joined by ``;``; a code that stands twice counts once.

    Returns
    -------
    DataFrame of bool
        The sources in order of events, then of the alphabet: the order of the rows does not matter.

    Examples
    --------
    >>> citation_matrix(pd.Series(["SOHR;Airwars", "Airwars", "", "AP"])).sum().to_dict()
    {'Airwars': 2, 'AP': 1, 'SOHR': 1}
    """
    codes = [set(text.split(";")) - {""} for text in cited]
    names = sorted(set().union(*codes))
    found = {name: [name in each for each in codes] for name in names}
    return pd.DataFrame(
        {name: found[name] for name in sorted(names, key=lambda name: (-sum(found[name]), name))},
        index=cited.index,
        dtype=bool,
    )


def select_events(
    events: Events,
    where: Where | None,
    start: str | pd.Timestamp | None,
    end: str | pd.Timestamp | None,
    victims: str,
    settings: dict[str, object],
) -> tuple[pd.DataFrame, Basis]:
    """Select the events of a place and window, with or without civilian deaths, and say so.

    Parameters
    ----------
    events : Events
        The event source.
    where : mapping or None
        The place, as in `place_mask`.
    start, end : str or Timestamp or None
        Events that start and end inside are taken; without them, all.
    victims : {"all", "civilians"}
        All events, or those with civilian deaths.
    settings : dict
        What else the basis names.

    Returns
    -------
    (DataFrame, Basis)
        The events, and what an answer from them rests on.

    Raises
    ------
    UnknownNameError
        If a place or class of victims does not exist.
    InputError
        If the window ends before it starts.
    """
    if victims not in VICTIMS:
        raise UnknownNameError("victims", victims, VICTIMS)
    accepted, record = events.accepted, events.record
    first = pd.Timestamp(start) if start is not None else accepted["date_start"].min()
    last = pd.Timestamp(end) if end is not None else accepted["date_end"].max()
    if first > last:
        raise InputError(
            "the window ends before it starts", column="start, end", value=f"{start} to {end}", remedy="swap them"
        )
    mask = place_mask(events, where) & (accepted["date_start"] >= first) & (accepted["date_end"] <= last)
    if victims == "civilians":
        mask &= (victim_counts(events, "civilians")["best"] > 0).fillna(False).astype(bool)
    what = "events" if victims == "all" else "events with civilian deaths"
    days = (last - first).days + 1
    basis = Basis(
        label=f"{what}, {record.name}, by source cited",
        source=record.name,
        vintage=record.version,
        start=f"{first:%Y-%m-%d}",
        end=f"{last:%Y-%m-%d}",
        days=days,
        days_observed=days,
        method="events that start and end inside the window, by the sources they cite",
        settings={"victims": victims, **({"where": dict(where)} if where else {}), **settings},
    )
    return accepted[mask], basis


def counted_deaths(chosen: pd.DataFrame, victims: str) -> pd.Series[int]:
    """Give the deaths in each event: all of them (best), or the civilians."""
    return chosen["best" if victims == "all" else "civilians"].astype("int64")


def cites_known(chosen: pd.DataFrame, events: Events, source: str, argument: str) -> pd.Series[bool]:
    """Tell which of the chosen events cite a source that some event of the whole table cites.

    Parameters
    ----------
    chosen : DataFrame
        Rows of `Events.accepted`.
    events : Events
        The whole table.
    source, argument : str
        The code, and the argument that it was given for.

    Returns
    -------
    Series of bool

    Raises
    ------
    UnknownNameError
        If no event cites it.
    InputError
        If no event cites any source.
    """
    require_cited(events)
    known = (set(events.accepted["cited"].str.split(";").explode()) | events.names.get("cited", frozenset())) - {""}
    if source not in known:
        raise UnknownNameError(argument, source, sorted(known))
    return cites(chosen["cited"], source)


def any_cited(events: Events) -> bool:
    """Tell whether any event cites a source."""
    return bool((events.accepted["cited"] != "").any())


def require_cited(events: Events) -> None:
    """Raise where no event cites a source: an ACLED export keeps its sources as words, which are never read."""
    if not any_cited(events):
        raise InputError(f"not estimable: {UNCITED}", file=events.record.file, column="cited", remedy="add this column")
