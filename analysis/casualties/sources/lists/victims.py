"""Persons who were killed, one row each, as events: those of one incident, or of the same days and place, are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from casualties.errors import ConservationError
from casualties.events import COLUMNS, DEATHS, Events
from casualties.sources.lists.words import folded

__all__ = ["ROW_ID", "SPLIT", "gather"]

SPLIT = "incident-split"
# The id rests on the number of a row, which says nothing in another version of the file.
ROW_ID = "row-id"
# What makes two persons stand in different events, whatever the list says of their incident.
ALIKE = ("date_start", "date_end", "kind", "side_a", "side_b", "adm1", "adm2", "place")
OF_PERSONS = ("lookalike",)


def gather(persons: Events, parts: Iterable[str], texts: Iterable[str]) -> Events:
    """Make events of persons.

    Parameters
    ----------
    persons : Events
        One row a person, with ``row``, ``incident`` (empty where none is named) and a count of 1.
    parts : iterable of str
        Columns of counts besides the standard ones.
    texts : iterable of str
        Columns of text besides the standard ones.

    Returns
    -------
    Events
        Persons of one incident that are alike in days, place, sides and kind are one event, whose id is the incident;
        so are those without an incident, under the first one's row as ``row 12``. An incident whose persons are not
        alike is several events, flagged ``incident-split``, with the first one's row behind the incident: putting
        them under one window would spread deaths over days on which nobody is said to have died. ``rows`` holds the
        persons' row numbers, joined by ``;``. Different texts of an event's persons are joined by ``; ``. Incidents are
        compared as words are (``7`` and ``٧`` are one); the first one's spelling is kept. Where a row's number stands
        in the id, the event is flagged ``row-id``.

    Raises
    ------
    ConservationError
        If persons were lost (a fault of the package).
    """
    given = persons.accepted
    written = given["incident"]
    given = given.assign(incident=folded(written))
    keys = ["incident", *ALIKE]
    # Without a name for the place the coordinates are all that tells two places apart.
    if not (given["place"] != "").any():
        keys += ["lat", "lon"]
    number = given.groupby(keys, sort=False, dropna=False).ngroup()
    groups = given.groupby(number, sort=False)
    frame = groups[keys].head(1).set_axis(pd.unique(number))
    first, incident = groups["row"].first(), written.groupby(number, sort=False).first()
    split = (incident != "") & frame["incident"].duplicated(keep=False)
    behind = " row " + first.astype(str)
    frame["id"] = incident.where(incident != "", "row " + first.astype(str)) + behind.where(split, "")
    for name in ("date_prec", "where_prec"):
        frame[name] = groups[name].max()
    for name in ("lat", "lon"):
        least = groups[name].min()
        frame[name] = least.where(least == groups[name].max())
    frame["first_document"] = groups["first_document"].min()
    counted, texts = [*DEATHS, *parts], list(texts)
    frame[counted] = groups[counted].sum(min_count=1).astype("Int64")
    frame["cited"] = _joined(given["cited"], number, ";", inner=True)
    frame["flags"] = _joined(given["flags"], number, ";", inner=True, without=OF_PERSONS)
    for flag, mask in ((SPLIT, split), (ROW_ID, split | (incident == ""))):
        frame["flags"] = frame["flags"].where(~mask, frame["flags"] + f";{flag}").str.lstrip(";")
    for name in texts:
        frame[name] = _joined(given[name].str.strip(), number, "; ")
    frame["rows"] = _joined(given["row"].astype("str"), number, ";")
    accepted = frame[[*COLUMNS, *counted[len(DEATHS) :], *texts, "rows"]].reset_index(drop=True)
    if int(accepted["best"].sum()) != len(given):
        raise ConservationError(f"{len(given)} persons were given, {int(accepted['best'].sum())} stand in events")
    return replace(persons, accepted=accepted)


def _joined(
    texts: pd.Series, number: pd.Series, sign: str, *, inner: bool = False, without: tuple[str, ...] = ()
) -> pd.Series:
    """Join the different texts of each group in the order in which they come; where `inner`, each is joined itself."""
    groups: dict[int, dict[str, None]] = {}
    for group, text in zip(number.tolist(), texts.tolist(), strict=True):
        listed = groups.setdefault(group, {})
        for part in text.split(sign) if inner else (text,):
            if part and part not in without:
                listed[part] = None
    return pd.Series({group: sign.join(listed) for group, listed in groups.items()}, dtype="str")
