"""Pairs of events of two lists that may be one: near in time and space, how they compare, and what chance alone brings.

Chance is measured, not supposed. Two events that lie too many days apart to be one tell how often a list has an event
at this distance, or of this name, from the place of another; in a busy town that is often, and agreement there says
little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from numba import njit

from casualties.inference.record_linkage import OPEN, Pairs
from casualties.places import place_key

__all__ = ["FIELDS", "EventPairs", "Told", "compare_events", "read_told"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EARTH = 6371.0088
# Upper ends of the levels of distance, as shares of the largest distance.
DISTANCES = (0.04, 0.12, 0.36, 1.0)
# Upper ends of the levels of size: the absolute log ratio of deaths + 1.
SIZES = (0.0, 0.25, 0.6, 1.2, np.inf)
DAYS = 4
# Days on either side of an event from which chance is counted.
REACH = 60
# A list that spans fewer times the days within which pairs are looked for has no days left to count chance from.
FEWEST_SPANS = 4
# Stands for days within which nothing is left out.
EVERY = -(10**6)
# Weight of what is common to all events where one event's own surroundings are counted: that of half an event.
COMMON = 0.5
LONG = 31
# What is known beforehand of how one event is told twice, worth so many links a field.
WORTH = 5.0
NEAR, NAMED = np.array([0.45, 0.25, 0.2, 0.1]), np.array([0.65, 0.35])
SAME_DAY, SAME_SIZE, SAME_KIND = (
    np.array([0.6, 0.2, 0.1, 0.1]),
    np.array([0.45, 0.2, 0.15, 0.1, 0.1]),
    np.array([0.85, 0.15]),
)
# Upper ends of the classes of the smaller figure, each with its own law of the other.
SIZE_CLASSES = (2, 9)
FIELDS = (
    *("place and name", "place", "name", "day", "days of a window"),
    *("size, up to 2", "size, 3 to 9", "size, from 10", "type"),
)
# Codes of a place: level of distance (the last: unknown) times three, plus name (same, other, unknown).
CODES = 3 * (len(DISTANCES) + 1)
# Groups of codes whose chance is counted around each event: near, farther off, and by name where no distance is known.
GROUP = np.array([0] * 9 + [1] * 3 + [2, 3, 4])
GROUPS = 5
# Pairs of one list, in each group, that crowding is supposed to have seen beforehand without any.
FIRM = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What one list tells of its events, as arrays.

    Parameters
    ----------
    start, end : array of int, shape (events,)
        First and last day, counted from 1970-01-01.
    exact : array of bool, shape (events,)
        Whether the day is known.
    spot : array of float, shape (events, 3)
        Point on the globe in km; NaN where it is not known.
    name : array of int, shape (events,)
        Number of the place's key; -1 where no place is named.
    size : array of int, shape (events,)
        Recorded deaths, best estimate.
    kind : array of int, shape (events,)
        Type; 0 where it is not known.
    """

    start: Ints
    end: Ints
    exact: npt.NDArray[np.bool_]
    spot: Floats
    name: Ints
    size: Ints
    kind: Ints

    @property
    def located(self) -> npt.NDArray[np.bool_]:
        """Tell which events have coordinates."""
        return ~np.isnan(self.spot[:, 0])

    @property
    def named(self) -> npt.NDArray[np.bool_]:
        """Tell which events name a place."""
        return self.name >= 0


@dataclass(frozen=True, slots=True, eq=False)
class EventPairs:
    """Candidate pairs with what a reader wants to see of them.

    Parameters
    ----------
    pairs : Pairs
        For the engine.
    km : array of float, shape (pairs,)
        Distance; NaN where it is not known.
    days : array of int, shape (pairs,)
        Days between the two windows; 0 where they overlap.
    own_days : bool
        Whether chance was counted from other days than those of the pairs; else it is too high.
    crowding : float
        Events of one list on one day in one neighbourhood, over those that other days foretell; at least 1.
    """

    pairs: Pairs
    km: Floats
    days: Ints
    own_days: bool
    crowding: float


def read_told(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Told, Told]:
    """Read what two tables of accepted events tell, their places numbered together.

    Parameters
    ----------
    first, second : DataFrame
        `Events.accepted` of each.
    """
    keys = [[place_key(name) if isinstance(name, str) else "" for name in frame["place"]] for frame in (first, second)]
    number = {key: k for k, key in enumerate(sorted({key for listed in keys for key in listed} - {""}))} | {"": -1}
    told = []
    for frame, listed in zip((first, second), keys, strict=True):
        lat, lon = (np.deg2rad(frame[name].to_numpy(dtype="float64", na_value=np.nan)) for name in ("lat", "lon"))
        spot = EARTH * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        spot[np.isnan(spot).any(axis=1)] = np.nan
        start, end = (
            frame[name].to_numpy(dtype="datetime64[D]").astype("int64") for name in ("date_start", "date_end")
        )
        precision = frame["date_prec"].to_numpy(dtype="float64", na_value=1.0)
        told.append(
            Told(
                start,
                end,
                (start == end) & (precision <= 1.0),
                spot,
                np.array([number[key] for key in listed], dtype="int64"),
                frame["best"].to_numpy(dtype="int64", na_value=0),
                frame["kind"].to_numpy(dtype="float64", na_value=0.0).astype("int64"),
            )
        )
    return told[0], told[1]


def compare_events(a: Told, b: Told, max_km: float, max_days: int, more: npt.ArrayLike = ()) -> EventPairs:
    """Find the pairs within reach and compare them.

    Parameters
    ----------
    a, b : Told
        The lists.
    max_km : float
        Largest distance; pairs of which it is not known are within reach.
    max_days : int
        Most days between the windows.
    more : array of int, shape (pairs, 2)
        Pairs to be compared although they may be out of reach.
    """
    edges = np.array(DISTANCES) * max_km
    near = _look(a, b, edges, max_days, more)
    log_place, own_days, crowding = _place_chance(a, b, near, edges, max_days)
    least, size, log_size = _size_chance(a.size, b.size, near.first, near.second)
    kind, log_kind = _kind_chance(a.kind, b.kind, near.first, near.second)
    exact = a.exact[near.first] & b.exact[near.second]
    level, name = np.divmod(near.code, 3)
    far, unnamed = level == len(DISTANCES), name == 2
    levels = np.column_stack(
        [
            np.where(far | unnamed, -1, 2 * level + name),
            np.where(~far & unnamed, level, -1),
            np.where(far & ~unnamed, name, -1),
            np.where(exact, near.day, -1),
            np.where(exact, -1, near.day),
            *(np.where(least == k, size, -1) for k in range(len(SIZE_CLASSES) + 1)),
            kind,
        ]
    ).astype("int64")
    sizes = [SAME_SIZE] * (len(SIZE_CLASSES) + 1)
    pseudo = [np.outer(NEAR, NAMED).ravel(), NEAR, NAMED, SAME_DAY, SAME_DAY, *sizes, SAME_KIND]
    pairs = Pairs(
        near.first,
        near.second,
        (len(a.start), len(b.start)),
        levels,
        log_place + log_size + log_kind,
        [WORTH * field for field in pseudo],
        np.full(len(near.first), OPEN),
    )
    return EventPairs(pairs, near.km, near.days, own_days, crowding)


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """Pairs within reach: rows, distance, days between, code of place, level of days and how many days that holds."""

    first: Ints
    second: Ints
    km: Floats
    days: Ints
    code: Ints
    day: Ints
    offsets: Floats


def _look(a: Told, b: Told, edges: Floats, max_days: int, more: npt.ArrayLike = ()) -> _Near:
    """Find the pairs within reach."""
    order = np.argsort(b.start, kind="stable")
    first, second = _within_reach(
        *(a.start, a.end, a.spot),
        *(b.start[order], b.end[order], b.spot[order]),
        np.flatnonzero((b.end - b.start)[order] > LONG),
        *(edges[-1] ** 2, max_days),
    )
    added = np.asarray(more, dtype="int64").reshape(-1, 2)
    columns = len(b.start)
    first, second = np.divmod(
        np.unique(np.concatenate([first * columns + order[second], added[:, 0] * columns + added[:, 1]])), columns
    )
    km = np.sqrt(((a.spot[first] - b.spot[second]) ** 2).sum(axis=1))
    days = np.maximum(np.maximum(a.start[first] - b.end[second], b.start[second] - a.end[first]), 0)
    level = np.minimum(days, DAYS - 1)
    counts = np.bincount(np.minimum(np.arange(1, max(max_days, DAYS - 1) + 1), DAYS - 1), minlength=DAYS) * 2.0
    lengths = (a.end - a.start)[first] + (b.end - b.start)[second] + 1.0
    distance = np.where(np.isnan(km), len(edges), np.minimum(np.searchsorted(edges, km), len(edges) - 1))
    left, right = a.name[first], b.name[second]
    name = np.where((left < 0) | (right < 0), 2, np.where(left == right, 0, 1))
    return _Near(first, second, km, days, 3 * distance + name, level, np.where(level == 0, lengths, counts[level]))


def _place_chance(a: Told, b: Told, near: _Near, edges: Floats, max_days: int) -> tuple[Floats, bool, float]:
    """Give the log probability that chance brings a partner to this place and day, as both lists see it."""
    begin = min(int(a.start.min()), int(b.start.min()))
    last = max(int(a.start.max()), int(b.start.max()))
    own_days = last - begin + 1 >= FEWEST_SPANS * (2 * max_days + 1)
    nearest, reach = (max_days, REACH) if own_days else (EVERY, last - begin + 2 * max_days + 1)
    counts_a, counts_b = _count_around(a, b, edges, nearest, reach)
    group = GROUP[near.code]
    # Within a group, and where a name is known or is not, how chance falls on the codes is common to all events.
    codes = counts_a.sum(axis=0) + COMMON
    alike = 2 * GROUP + (np.arange(CODES) % 3 == 2)
    share = codes / np.bincount(alike, codes)[alike]
    logs = np.log(share[near.code]) + np.log(near.offsets)
    for mine, other, rows, counts in ((a, b, near.first, counts_a), (b, a, near.second, counts_b)):
        exposure = _exposure(mine, begin, last, nearest, reach)
        grouped = _grouped(counts)
        common = (grouped.sum(axis=0) + COMMON) / exposure.sum()
        rate = (grouped + COMMON) / (exposure[:, None] + COMMON / common)
        logs += 0.5 * (np.log(rate[rows, group]) - np.log(_partners(mine, other, rows, near.code)))
    if not own_days:
        return logs, own_days, 1.0
    company = _company(a, b, edges, max_days, begin, last)
    return logs + np.log(company)[group, near.day], own_days, float(company[0].max())


def _company(a: Told, b: Told, edges: Floats, max_days: int, begin: int, last: int) -> Floats:
    """Give by how much events crowd: those of *one* list near each other in days, over those that other days foretell.

    Two rows of one list are two events, so this is what chance does where violence comes in bursts; it is never taken
    to be below 1, for a list may put the events of one place and day into one row.
    """
    seen = np.full((GROUPS, DAYS), FIRM)
    foretold = np.full((GROUPS, DAYS), FIRM)
    for told in (a, b):
        counts, _ = _count_around(told, told, edges, max_days, REACH)
        rate = _grouped(counts) / _exposure(told, begin, last, max_days, REACH)[:, None]
        near = _look(told, told, edges, max_days)
        other = near.first != near.second
        group = GROUP[near.code[other]]
        np.add.at(seen, (group, near.day[other]), 1.0)
        for day in range(min(DAYS, max_days + 1)):
            days = 1.0 if day == 0 else 2.0 if day < DAYS - 1 else 2.0 * (max_days - DAYS + 2)
            # Runs of days lengthen the window of overlap, on both sides.
            longer = 2.0 * float((told.end - told.start).mean()) if day == 0 else 0.0
            foretold[:, day] += rate.sum(axis=0) * (days + longer)
    return np.asarray(np.maximum(seen / foretold, 1.0), dtype=np.float64)


def _count_around(a: Told, b: Told, edges: Floats, nearest: int, reach: int) -> tuple[Floats, Floats]:
    """Count, for each event of both, those of the other list at each code of place that lie outside the pairs' days."""
    order = np.argsort(b.start, kind="stable")
    counts_a, counts_b = _surroundings(
        *(a.start, a.end, a.spot, a.name),
        *(b.start[order], b.end[order], b.spot[order], b.name[order]),
        *(edges**2, nearest, reach),
    )
    return counts_a, counts_b[np.argsort(order)]


def _exposure(told: Told, begin: int, last: int, nearest: int, reach: int) -> Floats:
    """Give the days around each event on which the other list was looked at."""
    inner = nearest if nearest >= 0 else 0
    sides = [np.clip(np.minimum(side, reach) - inner, 0, None) for side in (told.start - begin, last - told.start)]
    return np.asarray(np.maximum(sides[0] + sides[1] + (nearest < 0), 1), dtype="float64")


def _grouped(counts: Floats) -> Floats:
    """Add the codes of each group."""
    return np.column_stack([counts[:, group == GROUP].sum(axis=1) for group in range(GROUPS)])


def _partners(mine: Told, other: Told, rows: Ints, code: Ints) -> Floats:
    """Give how many events of the other list could stand to an event in a pair of this code."""
    level, name = np.divmod(code, 3)
    # 0: any; 1: where it is known; 2: where it is not.
    spot = np.where(mine.located[rows], np.where(level < len(DISTANCES), 1, 2), 0)
    word = np.where(mine.named[rows], np.where(name < 2, 1, 2), 0)
    # A place that is near enough is counted whether or not it is named.
    word = np.where(level < len(DISTANCES), 0, word)
    table = np.zeros((3, 3))
    for k, located in enumerate((np.ones_like(other.located), other.located, ~other.located)):
        for n, named in enumerate((np.ones_like(other.named), other.named, ~other.named)):
            table[k, n] = (located & named).sum()
    return np.maximum(table[spot, word], 1.0)


def _size_chance(a: Ints, b: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints, Floats]:
    """Give the class and the level of size, and the log of how often chance brings it to events of these sizes."""
    (left, row), (right, column) = np.unique(a, return_inverse=True), np.unique(b, return_inverse=True)
    level = np.searchsorted(SIZES, np.abs(np.log((left[:, None] + 1.0) / (right[None, :] + 1.0))) - 1e-12)
    least = np.searchsorted(SIZE_CLASSES, np.minimum(left[:, None], right[None, :]))
    often_a, often_b = np.bincount(row) / len(a), np.bincount(column) / len(b)
    # A class has its own law of levels, and shared events fall on the classes as all events do.
    classes = np.zeros(len(SIZE_CLASSES) + 1)
    for sizes, often in ((left, often_a), (right, often_b)):
        np.add.at(classes, np.searchsorted(SIZE_CLASSES, sizes), 0.5 * often)
    logs = _both_see(level, often_a, often_b, classes[least], least)
    here = row[first], column[second]
    return least[here], level[here], logs[here]


def _kind_chance(a: Ints, b: Ints, first: Ints, second: Ints) -> tuple[Ints, Floats]:
    """Give whether the types agree, and the log of how often chance brings that."""
    kinds = np.arange(max(a.max(), b.max()) + 1)
    often_a, often_b = (np.bincount(each[each > 0], minlength=len(kinds)) / max((each > 0).sum(), 1) for each in (a, b))
    differ = (kinds[:, None] != kinds[None, :]).astype("int64")
    logs = _both_see(differ, often_a, often_b, np.ones(differ.shape), np.zeros_like(differ))
    left, right = a[first], b[second]
    unknown = (left == 0) | (right == 0)
    return np.where(unknown, -1, differ[left, right]), np.where(unknown, 0.0, logs[left, right])


def _both_see(level: Ints, often_a: Floats, often_b: Floats, share: Floats, group: Ints) -> Floats:
    """Give the log of the chance of a level to two values: the mean of what the values of either list see.

    Over all pairs that chance makes, what a level weighs adds up to the share of its group: without that the mean of
    the two would put all weights too low, and links would be missed.
    """
    number = int(level.max()) + 1
    cell = group * number + level
    seen_a = np.stack([(level == k) @ often_b for k in range(number)])
    seen_b = np.stack([often_a @ (level == k) for k in range(number)])
    rows, columns = np.indices(level.shape)
    mean = np.sqrt(np.maximum(seen_a[level, rows] * seen_b[level, columns], 1e-24))
    weight = np.bincount(cell.ravel(), (np.outer(often_a, often_b) / mean).ravel())
    return np.asarray(np.log(mean) + np.log(np.maximum(weight[cell], 1e-12)) - np.log(np.maximum(share, 1e-12)))


@njit(cache=True, nogil=True)
def _near(spot: Floats, other: Floats) -> float:
    """Give the squared distance in km², NaN where it is not known."""
    x, y, z = spot[0] - other[0], spot[1] - other[1], spot[2] - other[2]
    return float(x * x + y * y + z * z)


@njit(cache=True, nogil=True)
def _within_reach(
    a_start: Ints,
    a_end: Ints,
    a_spot: Floats,
    b_start: Ints,
    b_end: Ints,
    b_spot: Floats,
    b_long: Ints,
    squared: float,
    max_days: int,
) -> tuple[Ints, Ints]:
    """List the pairs within reach, the second list sorted by its first days; long events are looked at one by one."""
    count = 0
    size = 1024
    first, second = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    for i in range(len(a_start)):
        low = np.searchsorted(b_start, a_start[i] - max_days - LONG)
        high = np.searchsorted(b_start, a_end[i] + max_days, side="right")
        for step in range(low, high + len(b_long)):
            j = step if step < high else b_long[step - high]
            if step < high and b_end[j] - b_start[j] > LONG:
                continue
            if a_start[i] - b_end[j] > max_days or b_start[j] - a_end[i] > max_days:
                continue
            if _near(a_spot[i], b_spot[j]) > squared:
                continue
            if count == size:
                size *= 2
                first, second = np.append(first, np.empty_like(first)), np.append(second, np.empty_like(second))
            first[count], second[count] = i, j
            count += 1
    return first[:count], second[:count]


@njit(cache=True, nogil=True)
def _surroundings(
    a_start: Ints,
    a_end: Ints,
    a_spot: Floats,
    a_name: Ints,
    b_start: Ints,
    b_end: Ints,
    b_spot: Floats,
    b_name: Ints,
    edges: Floats,
    nearest: int,
    reach: int,
) -> tuple[Floats, Floats]:
    """Count, for each event, those of the other list at each code of place that lie outside of the pairs' days."""
    levels = len(edges)
    counts_a, counts_b = np.zeros((len(a_start), CODES)), np.zeros((len(b_start), CODES))
    for i in range(len(a_start)):
        low = np.searchsorted(b_start, a_start[i] - reach)
        high = np.searchsorted(b_start, a_start[i] + reach, side="right")
        for j in range(low, high):
            if a_start[i] - b_end[j] <= nearest and b_start[j] - a_end[i] <= nearest:
                continue
            apart = _near(a_spot[i], b_spot[j])
            if apart > edges[levels - 1]:
                continue
            level = levels if np.isnan(apart) else 0
            while level < levels and apart > edges[level]:
                level += 1
            word = 2 if a_name[i] < 0 or b_name[j] < 0 else 0 if a_name[i] == b_name[j] else 1
            counts_a[i, 3 * level + word] += 1.0
            counts_b[j, 3 * level + word] += 1.0
    return counts_a, counts_b
