"""Two lists of one simulated war: events that both saw, events that one saw, and which row is which event.

Each list tells a shared event in its own way: another point on the map, another day or a run of days, another size,
another type, another spelling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.errors import InputError
from casualties.events import Events, validate_events
from casualties.provenance import SourceRecord

__all__ = ["EventLists", "ListsLaw", "simulate_event_lists"]

_START = np.datetime64("2023-01-02")
# Corner and extent (km) of the simulated country, and what a degree of latitude measures.
_LAT, _LON, _HEIGHT, _WIDTH, _DEGREE = 33.0, 36.0, 250.0, 300.0, 111.195
_HEADS = ("", "", "", "Tall ", "Kafr ", "Dayr ", "Khan ", "Jabal ")
_RESPELT = {"Tall ": "Tell ", "Kafr ": "Kafar ", "Dayr ": "Deir ", "Jabal ": "Jebel "}
_SYLLABLES = ("ba", "ru", "na", "shi", "mu", "li", "ka", "ha", "sa", "ru", "za", "di", "fa", "qu", "ti", "ja")
_ENDS = ("b", "n", "r", "s", "t", "m", "l", "d")
# Share of the respellings that leave the name recognisable (the key stays the same).
_KEPT = 0.5
_LONGEST = 7
_KINDS, _KIND_SHARES = np.array([1, 2, 3]), (0.6, 0.1, 0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsLaw:
    """How two lists of one war differ.

    Parameters
    ----------
    rows : (int, int), optional
        Events of the first and of the second list.
    shared : float or pair of float, optional
        Events in both, as a share of the shorter list; a pair is drawn from evenly.
    days : int, optional
        Length of the war.
    places : int, optional
        Towns; the first few hold most of the events (the chance of the k-th is proportional to 1/k).
    place_noise : float, optional
        Standard deviation, in km along each axis, of each list's point around the town's, in half of its rows; the
        other half gives the town's own point.
    date_noise : float, optional
        Chance that a list dates an event on a neighbouring day (one or two off, before or after).
    window : float, optional
        Share of a list's rows that give a run of two to seven days around the day instead of the day.
    size_noise : float, optional
        Standard deviation of each list's log size around the true one, in half of its rows.
    type_error : float, optional
        Chance that a list gives another type than the true one.
    spelling : float, optional
        Chance that the second list spells a place in another way; half of these are recognised by their key.
    no_coordinates, no_place : float, optional
        Shares of rows without coordinates and without the name of a place, in both lists.
    bursts : float, optional
        Share of the events that stand in bursts: several events, seen by one list or by both, in one town within
        three days.

    Raises
    ------
    InputError
        If a number lies outside of what the law allows.

    Examples
    --------
    >>> ListsLaw(rows=(200, 300), shared=0.4).rows
    (200, 300)
    """

    rows: tuple[int, int] = (3000, 3000)
    shared: float | tuple[float, float] = 0.5
    days: int = 365
    places: int = 400
    place_noise: float = 2.0
    date_noise: float = 0.25
    window: float = 0.1
    size_noise: float = 0.25
    type_error: float = 0.1
    spelling: float = 0.4
    no_coordinates: float = 0.0
    no_place: float = 0.0
    bursts: float = 0.0

    def __post_init__(self) -> None:
        if min(self.rows) < 1 or self.days < 1 or self.places < 1:
            raise InputError("rows, days and places are at least 1", column="rows", value=self.rows)
        ends = self.shared if isinstance(self.shared, tuple) else (self.shared, self.shared)
        if not 0.0 <= ends[0] <= ends[1] <= 1.0:
            raise InputError("must lie between 0 and 1", column="shared", value=self.shared)
        for name in ("date_noise", "window", "type_error", "spelling", "no_coordinates", "no_place", "bursts"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError("must lie between 0 and 1", column=name, value=getattr(self, name))
        for name in ("place_noise", "size_noise"):
            if not getattr(self, name) >= 0.0:
                raise InputError("must be at least 0", column=name, value=getattr(self, name))


@dataclass(frozen=True, slots=True, eq=False)
class EventLists:
    """Two lists of one war and the truth about them.

    Parameters
    ----------
    a, b : Events
        The lists, each sorted by day.
    links : DataFrame
        ``id_a, id_b``: the rows that are the same event.
    """

    a: Events
    b: Events
    links: pd.DataFrame


def simulate_event_lists(rng: np.random.Generator, law: ListsLaw | None = None) -> EventLists:
    """Draw two lists of located events of one war.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where chance comes from.
    law : ListsLaw, optional
        How the lists differ.

    Returns
    -------
    EventLists

    Examples
    --------
    >>> lists = simulate_event_lists(np.random.default_rng(1), ListsLaw(rows=(200, 300), shared=0.4))
    >>> len(lists.a.accepted), len(lists.b.accepted), len(lists.links)
    (200, 300, 80)
    """
    law = law or ListsLaw()
    ends = law.shared if isinstance(law.shared, tuple) else (law.shared, law.shared)
    shared = round(min(law.rows) * rng.uniform(*ends))
    war = _war(rng, law, sum(law.rows) - shared)
    order = rng.permutation(len(war))
    both, rest = order[:shared], order[shared:]
    alone = law.rows[0] - shared
    made = [
        _told(rng, law, war.iloc[np.concatenate([both, own])], prefix, respelt)
        for own, prefix, respelt in ((rest[:alone], "a", 0.0), (rest[alone:], "b", law.spelling))
    ]
    lists = [
        validate_events(table.drop(columns="event"), SourceRecord(name=f"list {table['id'].iloc[0][0]}"))
        for table in made
    ]
    left, right = (table.set_index("event")["id"] for table in made)
    links = pd.DataFrame({"id_a": left[both].to_numpy(), "id_b": right[both].to_numpy()})
    return EventLists(lists[0], lists[1], links.sort_values("id_a", ignore_index=True))


def _war(rng: np.random.Generator, law: ListsLaw, events: int) -> pd.DataFrame:
    """Give the events as they were: town, day, people, type."""
    weights = 1.0 / np.arange(1, law.places + 1)
    towns = rng.choice(law.places, events, p=weights / weights.sum())
    days = rng.integers(0, law.days, events)
    # An event of a burst takes town and day of one of a few centres.
    burst = np.flatnonzero(rng.random(events) < law.bursts)
    centres = rng.integers(0, events, max(len(burst) // 4, 1))[rng.integers(0, max(len(burst) // 4, 1), len(burst))]
    towns[burst] = towns[centres]
    days[burst] = np.clip(days[centres] + rng.integers(-1, 2, len(burst)), 0, law.days - 1)
    spots = np.column_stack([rng.uniform(0, _HEIGHT, law.places), rng.uniform(0, _WIDTH, law.places)])
    return pd.DataFrame(
        {
            "town": towns,
            "name": _names(rng, law.places)[towns],
            "north": spots[towns, 0],
            "east": spots[towns, 1],
            "day": days,
            "people": 1 + rng.poisson(rng.gamma(0.4, 5.0, events)),
            "kind": rng.choice(_KINDS, events, p=_KIND_SHARES),
        },
    )


def _names(rng: np.random.Generator, number: int) -> npt.NDArray[np.object_]:
    """Make up names of towns, each different."""
    made: dict[str, None] = {}
    while len(made) < number:
        middle = "".join(rng.choice(_SYLLABLES, rng.integers(2, 4)))
        made[f"{rng.choice(_HEADS)}{(middle + rng.choice(_ENDS)).capitalize()}"] = None
    return np.array(list(made), dtype=object)


def _told(rng: np.random.Generator, law: ListsLaw, seen: pd.DataFrame, prefix: str, respelt: float) -> pd.DataFrame:
    """Tell events as one list does, all text, sorted by day."""
    rows = len(seen)
    off = law.place_noise * (rng.random((rows, 1)) < 0.5) * rng.standard_normal((rows, 2))
    lat = _LAT + (seen["north"].to_numpy() + off[:, 0]) / _DEGREE
    lon = _LON + (seen["east"].to_numpy() + off[:, 1]) / (_DEGREE * np.cos(np.deg2rad(lat)))
    moved = (rng.random(rows) < law.date_noise) * rng.choice((-2, -1, -1, 1, 1, 2), rows)
    day = seen["day"].to_numpy() + moved
    length = (rng.random(rows) < law.window) * rng.integers(1, _LONGEST, rows)
    start = day - rng.integers(0, length + 1)
    noise = law.size_noise * (rng.random(rows) < 0.5) * rng.standard_normal(rows)
    people = np.maximum(1, np.rint(seen["people"].to_numpy() * np.exp(noise))).astype("int64")
    wrong = rng.random(rows) < law.type_error
    kind = np.where(wrong, (seen["kind"].to_numpy() + rng.integers(0, 2, rows)) % 3 + 1, seen["kind"].to_numpy())
    name = seen["name"].to_numpy().copy()
    for row in np.flatnonzero(rng.random(rows) < respelt):
        name[row] = _respell(rng, name[row])
    blank, unnamed = rng.random(rows) < law.no_coordinates, rng.random(rows) < law.no_place
    table = pd.DataFrame(
        {
            "event": seen.index,
            "date_start": np.datetime_as_string(_START + start),
            "date_end": np.datetime_as_string(_START + start + length),
            "date_prec": np.where(length > 0, "2", "1"),
            "kind": kind.astype(str),
            "side_a": "A",
            "side_b": "B",
            "adm1": "",
            "place": np.where(unnamed, "", name),
            "lat": np.where(blank, "", np.char.mod("%.5f", lat)),
            "lon": np.where(blank, "", np.char.mod("%.5f", lon)),
            "best": people.astype(str),
        }
    )
    table = table.sort_values(["date_start", "event"], ignore_index=True)
    return table.assign(id=[f"{prefix}{number}" for number in range(1, rows + 1)])


def _respell(rng: np.random.Generator, name: str) -> str:
    """Write a name in another way: half the time one that its key forgives."""
    if rng.random() < _KEPT:
        for head, other in _RESPELT.items():
            if name.startswith(head):
                return name.replace(head, other)
        return name.replace("u", "ou") if "u" in name else f"Al-{name}"
    cut = int(rng.integers(1, len(name) - 1))
    return f"{name[:cut]}{rng.choice(list('gkwvy'))}{name[cut + 1 :]}"
