"""The event table: which columns it has, how a row is accepted, and the ledger of rows that were not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.ledger import ESTIMATES, Ledger, nothing_usable, parse_counts, parse_dates
from casualties.provenance import SourceRecord

__all__ = [
    "Events",
    "place_mask",
    "validate_events",
    "victim_counts",
    "victims_label",
]

CLASSES = ("all", "civilians", "combatants", "unknown", "civilians or unknown")
PARTS = {
    "combatants": ("deaths_a", "deaths_b"),
    "unknown": ("unknown",),
    "civilians or unknown": ("civilians", "unknown"),
}
COLUMNS = (
    *("id", "date_start", "date_end", "date_prec", "kind", "side_a", "side_b", "adm1", "adm2", "place", "lat", "lon"),
    *("where_prec", "deaths_a", "deaths_b", "civilians", "unknown", "low", "best", "high"),
    *("cited", "first_document", "flags"),
)
DEATHS = ("deaths_a", "deaths_b", "civilians", "unknown", "low", "best", "high")
CODES = {"kind": (1, 2, 3), "date_prec": (1, 2, 3, 4, 5), "where_prec": (1, 2, 3, 4, 5, 6, 7)}

Where = Mapping[str, str | int | Iterable[str | int]]


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Validated events and the ledger of rows that could not be used.

    Parameters
    ----------
    accepted : DataFrame
        One row an event: ``id, date_start, date_end`` (datetime64), ``date_prec, kind`` (1 state-based, 2 non-state,
        3 one-sided), ``side_a, side_b, adm1, adm2, place, lat, lon, where_prec, deaths_a, deaths_b, civilians,
        unknown, low, best, high`` (people), ``cited`` (codes joined by ``;``), ``first_document`` (datetime64),
        ``flags`` (joined by ``;``); the provider's other columns stand behind these under the provider's names.
    rejected : DataFrame
        ``row, column, value, reason`` of each row left out, and its ``id, low, best, high`` where they can be read.
    record : SourceRecord
        Where the table comes from.

    Notes
    -----
    Flags: ``low>best`` and ``best>high`` (kept as given), ``sum!=best`` (the four deaths columns do not add up to
    best), ``several-days``, ``no-adm1``, ``lookalike`` (equal to another row in every column but the id),
    ``document-date`` (the date of the first document is not a possible one and was dropped).
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    record: SourceRecord

    @property
    def faults(self) -> pd.DataFrame:
        """The rows of the ledger that could not be used: all of them."""
        return self.rejected

    def flagged(self) -> pd.Series[int]:
        """Count the accepted events under each flag, most frequent first."""
        flags = self.accepted["flags"].str.split(";").explode()
        return flags[flags != ""].value_counts()

    def inside(self, start: str | pd.Timestamp, end: str | pd.Timestamp) -> pd.DataFrame:
        """Give the accepted events that start and end within a window (both days inclusive)."""
        first, last = pd.Timestamp(start), pd.Timestamp(end)
        return self.accepted[(self.accepted["date_start"] >= first) & (self.accepted["date_end"] <= last)]

    def actors(self) -> list[str]:
        """List every name that stands on either side of an event."""
        return sorted(set(self.accepted["side_a"]) | set(self.accepted["side_b"]))

    def __repr__(self) -> str:
        best = int(self.accepted["best"].sum())
        return (
            f"<Events {self.record.name}: {len(self.accepted):,} events, best {best:,}, {len(self.rejected)} rejected>"
        )


def validate_events(
    raw: pd.DataFrame,
    record: SourceRecord,
    faults: Mapping[int, str] | None = None,
    unread: pd.Series | None = None,
) -> Events:
    """Check every row of a raw table (all text) and split it into accepted events and a ledger.

    Parameters
    ----------
    raw : DataFrame of str
        One row an event under the names of `Events.accepted`, indexed by the row's number in the file. Columns
        `adm2`, `place`, `lat`, `lon`, `where_prec`, `cited` and `first_document` may be absent; others are carried
        along.
    record : SourceRecord
        Where the table comes from.
    faults : mapping of int to str, optional
        Rows that are known to be broken (too few or too many cells), with the reason. Their deaths are not read,
        since a number may stand under the wrong column.
    unread : Series of str, optional
        One value a row that stands for what the file says beyond `raw`; rows that differ in it are not alike.

    Returns
    -------
    Events

    Raises
    ------
    InputError
        If no row at all can be used.
    """
    ledger = Ledger(raw.index)
    raw = raw.reset_index(drop=True)
    for row, reason in (faults or {}).items():
        ledger.add_row(ledger.position(row), "", "", reason)

    made: dict[str, pd.Series] = {"id": raw["id"].str.strip()}
    ledger.add(made["id"] == "", "id", raw["id"], "no id given")
    for name in ("date_start", "date_end"):
        made[name] = parse_dates(raw[name], name, ledger)
    ledger.add(
        made["date_end"] < made["date_start"], "date_end", raw["date_end"], "the event ends before it starts (reversed)"
    )
    for name, codes in CODES.items():
        if name in raw:
            optional = name == "where_prec"
            number = pd.to_numeric(raw[name].where(raw[name].fillna("").str.strip() != ""), errors="coerce")
            known = number.isin(codes) | ((raw[name].fillna("") == "") & optional)
            ledger.add(~known, name, raw[name], f"not one of {', '.join(map(str, codes))}")
            made[name] = number.where(number.isin(codes)).astype("Int64")
    deaths = pd.DataFrame({name: parse_counts(raw[name], name, ledger) for name in DEATHS})
    deaths.loc[[ledger.position(row) for row in faults or {}], :] = pd.NA
    for name in ("lat", "lon"):
        if name in raw:
            made[name] = pd.to_numeric(raw[name].where(raw[name].fillna("") != ""), errors="coerce").astype("float64")
    doubtful = Ledger(ledger.rows)
    if "first_document" in raw:
        # A mistyped document date says nothing against the event: the date is dropped and the event flagged.
        made["first_document"] = parse_dates(raw["first_document"], "first_document", doubtful, optional=True)
        made["first_document"] = made["first_document"].where(doubtful.good)
    whole = raw if unread is None else raw.assign(**{"": unread.to_numpy()})
    _find_repeated_ids(whole, made["id"], ledger)

    good = ledger.good
    rejected = ledger.frame(made["id"], deaths)
    if not good.any():
        raise nothing_usable(rejected, record.file)
    frame = pd.DataFrame(index=raw.index)
    for name in COLUMNS:
        if name in made:
            frame[name] = made[name]
        elif name in DEATHS:
            frame[name] = deaths[name]
        elif name in raw:
            frame[name] = raw[name].fillna("").str.strip()
        elif name in ("lat", "lon"):
            frame[name] = np.nan
        elif name == "first_document":
            frame[name] = pd.NaT
        elif name == "where_prec":
            frame[name] = pd.Series(pd.NA, index=raw.index, dtype="Int64")
        else:
            frame[name] = ""
    for name in raw.columns.difference(list(COLUMNS), sort=False):
        frame[name] = raw[name]
    frame["flags"] = _flags(frame, whole, ~doubtful.good)
    accepted = frame[good].reset_index(drop=True)
    accepted["first_document"] = pd.to_datetime(accepted["first_document"])
    for name in (*DEATHS, "kind", "date_prec"):
        accepted[name] = accepted[name].astype("int64")
    events = Events(accepted, rejected, record)
    _check_conservation(events, deaths)
    return events


def place_mask(accepted: pd.DataFrame, where: Where | None) -> pd.Series[bool]:
    """Tell which events lie in a place: every named column must hold one of its values.

    Parameters
    ----------
    accepted : DataFrame
        `Events.accepted`.
    where : mapping of column to value or values, or None
        E.g. ``{"adm1": ["Idlib Governorate", "Hamah Governorate"]}``; None selects everything.

    Returns
    -------
    Series of bool

    Raises
    ------
    UnknownNameError
        If a column, or a value of it, does not occur.
    InputError
        If the place is not a mapping, or names no value.
    """
    if where is not None and not isinstance(where, Mapping):
        raise InputError(
            "a place is given as column and values", column="where", value=where, remedy='write {"adm1": ["…"]}'
        )
    mask = pd.Series(True, index=accepted.index)
    for column, values in (where or {}).items():
        if column not in accepted.columns:
            raise UnknownNameError("where", column, [str(name) for name in accepted.columns])
        present = accepted[column].astype(str)
        listed = [values] if isinstance(values, str) or not isinstance(values, Iterable) else values
        wanted = [str(value) for value in listed]
        if not wanted:
            raise InputError("no value is given for this column", column=f"where[{column!r}]", remedy="name one")
        known = set(present)
        for value in wanted:
            if value not in known:
                raise UnknownNameError(f"where[{column!r}]", value, sorted(known - {""}))
        mask &= present.isin(wanted)
    return mask


def victim_counts(accepted: pd.DataFrame, victims: str | tuple[str, ...]) -> pd.DataFrame:
    """Give the deaths of one class of victims in each event.

    Parameters
    ----------
    accepted : DataFrame
        `Events.accepted`.
    victims : str or tuple of str
        ``"all"``, ``"civilians"``, ``"combatants"`` (the dead of the armed sides), ``"unknown"``,
        ``"civilians or unknown"``, or the name of an
        actor, or several names: their own dead, on whichever side of the event they stand.

    Returns
    -------
    DataFrame of Int64
        Columns ``low, best, high``. The range belongs to all the dead of an event. For a class it is NA, except
        that civilians take it where all the dead of the event are civilians; nothing is copied.

    Raises
    ------
    UnknownNameError
        If an actor stands in no event.
    InputError
        If no actor is named.
    """
    if victims == "all":
        return accepted[list(ESTIMATES)].astype("Int64")
    counts = pd.DataFrame(index=accepted.index, columns=list(ESTIMATES), dtype="Int64")
    if victims == "civilians":
        counts["best"] = accepted["civilians"].astype("Int64")
        total = accepted[["deaths_a", "deaths_b", "civilians", "unknown"]].sum(axis=1)
        alone = (total == accepted["civilians"]) & (accepted["best"] == accepted["civilians"])
        alone &= (accepted["civilians"] > 0) | (accepted["high"] == 0)
        for name in ("low", "high"):
            counts[name] = accepted[name].astype("Int64").where(alone)
        return counts
    if victims in PARTS:
        counts["best"] = accepted[list(PARTS[str(victims)])].sum(axis=1).astype("Int64")
        return counts
    names = (victims,) if isinstance(victims, str) else tuple(victims)
    if not names:
        raise InputError("no actor is named", column="victims", remedy="give 'all', 'civilians' or an actor's name")
    # "Civilians" stands as a side of one-sided events without dead of its own there: they are in `civilians`.
    known = (set(accepted["side_a"]) | set(accepted["side_b"])) - {"Civilians", ""}
    for name in names:
        if name not in known:
            raise UnknownNameError("victims", name, [*CLASSES, *sorted(known)])
    own = accepted["deaths_a"].where(accepted["side_a"].isin(names), 0)
    own = own + accepted["deaths_b"].where(accepted["side_b"].isin(names), 0)
    counts["best"] = own.astype("Int64")
    return counts


def victims_label(victims: str | tuple[str, ...]) -> str:
    """Say in words whom a series counts."""
    words = {
        "all": "all victims",
        "civilians": "civilians",
        "combatants": "armed sides",
        "unknown": "unknown victims",
        "civilians or unknown": "civilians or victims of unknown status",
    }
    if victims in words:
        return words[str(victims)]
    names = victims if isinstance(victims, str) else ", ".join(victims)
    return f"own dead of {names}"


def _find_repeated_ids(raw: pd.DataFrame, ids: pd.Series, ledger: Ledger) -> None:
    """Note ids used more than once: the same row again, or different rows that nothing can tell apart."""
    repeated = raw[ids.duplicated(keep=False) & (ids != "")]
    contents = dict(zip(repeated.index, repeated.itertuples(index=False, name=None), strict=True))
    for _, group in ids[repeated.index].groupby(ids[repeated.index], sort=False):
        positions = [int(position) for position in group.index]
        same = len({contents[position] for position in positions}) == 1
        for position in positions[1:] if same else positions:
            if same:
                reason = f"the same row stands in row {ledger.row(positions[0])} (duplicate id)"
            else:
                others = ", ".join(str(ledger.row(other)) for other in positions if other != position)
                reason = f"the id is used by a different row too: row {others} (duplicate id)"
            ledger.add_row(position, "id", ids[position], reason)


def _flags(frame: pd.DataFrame, raw: pd.DataFrame, undated: np.ndarray) -> pd.Series:
    """Name what is odd about each row, joined by semicolons."""
    parts = frame[["deaths_a", "deaths_b", "civilians", "unknown"]].sum(axis=1)
    odd = {
        "low>best": (frame["low"] > frame["best"]).fillna(False),
        "best>high": (frame["best"] > frame["high"]).fillna(False),
        "sum!=best": (parts != frame["best"]).fillna(False),
        "several-days": frame["date_end"] > frame["date_start"],
        "no-adm1": frame["adm1"] == "",
        "lookalike": raw.drop(columns="id").duplicated(keep=False),
        "document-date": pd.Series(undated),
    }
    flags = pd.Series("", index=frame.index, dtype="object")
    for name, mask in odd.items():
        flags[mask.to_numpy(dtype=bool)] += f"{name};"
    return flags.str.rstrip(";").astype("str")


def _check_conservation(events: Events, deaths: pd.DataFrame) -> None:
    """Raise if the deaths that could be read are not all in the accepted rows or the ledger."""
    for name in ESTIMATES:
        given = int(deaths[name].sum())
        kept = int(events.accepted[name].sum()) + int(events.rejected[name].sum())
        if given != kept:
            raise ConservationError(f"{name}: {given} deaths were read, {kept} are in the events and the ledger")
