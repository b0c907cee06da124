"""Groups of actors: a coalition is split only into known actors, and an actor is in one group at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.events import Events

__all__ = ["ActorGroups", "actor_groups", "deaths_by_group", "known_actors", "split_actors"]

# Sides that belong to no group, and sides of several actors that belong to different ones.
NO_GROUP, SEVERAL_GROUPS = "(no group)", "(several groups)"
SIDES = (("side_a", "deaths_a"), ("side_b", "deaths_b"))


@dataclass(frozen=True, slots=True)
class ActorGroups:
    """Groups of actors, checked by `actor_groups`.

    Parameters
    ----------
    groups : mapping of str to tuple of str
        The actors of each group.
    known : frozenset of str
        The names that sides are split into.
    """

    groups: Mapping[str, tuple[str, ...]]
    known: frozenset[str]

    def group_of(self, actor: str) -> str | None:
        """Give the group of an actor, or of a side of several actors.

        Parameters
        ----------
        actor : str
            A name as it stands in the records.

        Returns
        -------
        str or None
            The group; None where the actor is in none, or where the actors of a side are not all in one group.

        Examples
        --------
        >>> groups = actor_groups({"state": ["Army", "Police"]}, ["Army", "Police", "Rebels"])
        >>> groups.group_of("Army, Police"), groups.group_of("Army, Rebels")
        ('state', None)
        """
        found = self._groups_of(actor)
        return next(iter(found)) if len(found) == 1 else None

    def place_of(self, actor: str) -> str:
        """Give the row of a table by group that a side belongs to.

        Parameters
        ----------
        actor : str
            A name as it stands in the records.

        Returns
        -------
        str
            The group, ``"(no group)"``, or ``"(several groups)"`` where its actors are not all in one group: the
            records do not say which of them died.

        Examples
        --------
        >>> groups = actor_groups({"state": ["Army"]}, ["Army", "Rebels", "Clan"])
        >>> groups.place_of("Army, Rebels"), groups.place_of("Clan, Rebels")
        ('(several groups)', '(no group)')
        """
        found = self._groups_of(actor)
        return SEVERAL_GROUPS if len(found) > 1 else (next(iter(found), None) or NO_GROUP)

    def sides_of(self, group: str, sides: Iterable[str]) -> tuple[str, ...]:
        """Give the sides whose actors are all in a group: what `daily_series` takes as ``victims``.

        Parameters
        ----------
        group : str
            Name of a group.
        sides : iterable of str
            The sides of the events, as the records write them.

        Returns
        -------
        tuple of str
            In alphabetical order.

        Raises
        ------
        UnknownNameError
            If there is no such group.

        Examples
        --------
        >>> groups = actor_groups({"state": ["Army", "Police"]}, ["Army", "Police", "Rebels"])
        >>> groups.sides_of("state", ["Army", "Army, Police", "Army, Rebels", "Rebels"])
        ('Army', 'Army, Police')
        """
        if group not in self.groups:
            raise UnknownNameError("group", group, self.groups)
        return tuple(sorted(side for side in set(sides) if self.group_of(side) == group))

    def _groups_of(self, actor: str) -> set[str | None]:
        """Give the group of each actor of a side: its own where the whole name is in one."""
        of = {name: group for group, names in self.groups.items() for name in names}
        if actor in of:
            return {of[actor]}
        return {of.get(part) for part in split_actors(actor, self.known)}


def actor_groups(groups: Mapping[str, Sequence[str]], known: Iterable[str]) -> ActorGroups:
    """Check named groups of actors against the names that the records hold.

    Parameters
    ----------
    groups : mapping of str to sequence of str
        The actors of each group, as the records write them.
    known : iterable of str
        The names in the records; sides of several actors may stand among them, and a group may name their parts.

    Returns
    -------
    ActorGroups
        The groups, with the names that sides can be split into: those that are known and those that a group names.

    Raises
    ------
    UnknownNameError
        If a group names an actor that the records do not hold; the nearest one is given.
    InputError
        If a group names no actor, or one actor stands in two groups or twice in one.

    Examples
    --------
    >>> actor_groups({"state": ["Army"], "allies": ["Army"]}, ["Army"])
    Traceback (most recent call last):
    casualties.errors.InputError: column '[actors] allies', value 'Army': the actor stands in 'state' already; keep it
    in one group
    """
    names = list(dict.fromkeys(known))
    parts = (part.strip() for name in names for whole in name.split(";") for part in whole.split(", "))
    choices = dict.fromkeys([*names, *parts])
    of: dict[str, str] = {}
    for group, members in groups.items():
        column = f"[actors] {group}"
        if isinstance(members, str):
            raise InputError("one text stands for a list", column=column, value=members, remedy=f"write [{members!r}]")
        if not members:
            raise InputError("the group names no actor", column=column, remedy="name one, or leave the group out")
        for actor in members:
            if actor not in choices:
                raise UnknownNameError(column, actor, choices)
            if actor in of:
                raise InputError(
                    f"the actor stands in {of[actor]!r} already",
                    column=column,
                    value=actor,
                    remedy="keep it in one group" if of[actor] != group else "name it once",
                )
            of[actor] = group
    kept = {group: tuple(members) for group, members in groups.items()}
    return ActorGroups(MappingProxyType(kept), frozenset([*names, *of]))


def split_actors(side: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Split a side into its actors.

    Parameters
    ----------
    side : str
        One name, or several joined by ``;`` (ACLED) or a comma and a space (UCDP).
    known : iterable of str
        Names of single actors. A comma splits only where every part is one of them, as names hold commas too.

    Returns
    -------
    tuple of str
        The actors in the order given, each once; the whole name where it cannot be split.

    Examples
    --------
    >>> split_actors("Army; Militia of Hama, Homs", ["Army"])
    ('Army', 'Militia of Hama, Homs')
    >>> split_actors("SNA, HTS", ["HTS", "SNA"])
    ('SNA', 'HTS')
    """
    names = known if isinstance(known, (set, frozenset)) else frozenset(known)
    parts: list[str] = []
    for one in side.split(";"):
        whole = one.strip()
        pieces = whole.split(", ")
        parts += pieces if len(pieces) > 1 and all(piece in names for piece in pieces) else [whole]
    return tuple(dict.fromkeys(part for part in parts if part))


def known_actors(sides: Iterable[str]) -> tuple[str, ...]:
    """Give the names that stand alone as a side somewhere: what a comma may be split into without a guess.

    Parameters
    ----------
    sides : iterable of str
        The sides of the events.

    Returns
    -------
    tuple of str
        In alphabetical order. An actor that stands only in coalitions joined by commas is not among them, and such
        coalitions stay whole until the caller adds its name.

    Examples
    --------
    >>> known_actors(["SNA", "HTS, SNA", "Army; Police"])
    ('Army', 'Police', 'SNA')
    """
    return tuple(sorted({name for side in set(sides) for name in split_actors(side) if ", " not in name}))


def deaths_by_group(events: Events, groups: ActorGroups) -> pd.DataFrame:
    """Count the own recorded deaths of each group, on whichever side of an event it stands.

    Parameters
    ----------
    events : Events
        The events; civilians and dead of unknown status belong to no side and are not counted here.
    groups : ActorGroups
        The groups.

    Returns
    -------
    DataFrame
        Indexed by ``group``, in the order of the groups, then ``"(several groups)"`` and ``"(no group)"``: ``deaths``
        (people; best), ``sides`` (sides of events), ``names`` (different names of sides) and ``untold`` (sides whose
        dead the source does not give). The deaths add up to ``deaths_a`` and ``deaths_b`` of all events.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> names = {*events.accepted["side_a"], *events.accepted["side_b"]}
    >>> deaths_by_group(events, actor_groups({"government": ["Government of Syria"], "IS": ["IS"]}, names))["deaths"]
    group
    government          29899
    IS                  20549
    (several groups)        0
    (no group)          25803
    Name: deaths, dtype: int64
    """
    accepted = events.accepted
    sides = pd.concat(
        [pd.DataFrame({"name": accepted[side].fillna(""), "deaths": accepted[deaths]}) for side, deaths in SIDES],
        ignore_index=True,
    )
    sides["deaths"] = sides["deaths"].astype("Int64")
    row = {name: groups.place_of(name) for name in sides["name"].unique()}
    grouped = sides.groupby(sides["name"].map(row).rename("group"))
    table = pd.DataFrame(
        {
            "deaths": grouped["deaths"].sum(),
            "sides": grouped.size(),
            "names": grouped["name"].nunique(),
            "untold": grouped["deaths"].agg(lambda counts: int(counts.isna().sum())),
        }
    )
    order = pd.Index([*groups.groups, SEVERAL_GROUPS, NO_GROUP], name="group")
    return table.reindex(order).fillna(0).astype("int64")
