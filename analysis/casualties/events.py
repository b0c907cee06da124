"""The event table: which columns it has, how a row is accepted, and the ledger of rows that were not."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from casualties.cells import by_value, contents, decoded, doubled, repeated
from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.ledger import (
    ESTIMATES,
    NOT_YET_KNOWN,
    Ledger,
    nothing_usable,
    parse_counts,
    parse_dates,
    read_replay_day,
)
from casualties.provenance import SourceRecord

__all__ = [
    "Events",
    "place_mask",
    "validate_events",
    "victim_counts",
    "victims_label",
]

CLASSES = ("all", "civilians", "combatants", "unknown", "civilians or unknown")
SUMS = {
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
# What a source may give of some of its rows only.
OPTIONAL = ("low", "high", "deaths_a", "deaths_b", "civilians", "unknown", "kind")
CODES = {"kind": (1, 2, 3), "date_prec": (1, 2, 3, 4, 5), "where_prec": (1, 2, 3, 4, 5, 6, 7)}
# Rows of the same id that a reason names.
SHOWN = 8
WORKERS = min(os.cpu_count() or 1, 4)
# How the ledger of a replay names a document that is older than its event: the document is left out, not the event.
EARLY_DOCUMENT = "the document is dated before its event"

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
        ``flags`` (joined by ``;``); the provider's other columns stand behind these under the provider's names. What
        a source does not give (`kind`, a range, who the dead were) is NA; it is never zero and never copied.
    rejected : DataFrame
        ``row, column, value, reason`` of each row left out, and its ``id, low, best, high`` where they can be read.
    record : SourceRecord
        Where the table comes from.
    names : mapping of str to frozenset of str
        Of a replay: the names that stand in the whole table, by column, so that a place or an actor of which nothing
        is known yet is no misspelling. Empty where the table is whole.
    parts : tuple of str
        Columns of `accepted` that count a part of the dead (``women``, ``children``: whatever the list breaks them
        down into), NA where the part is not known. None is above ``best``; parts may overlap.

    Notes
    -----
    Flags: ``low>best`` and ``best>high`` (kept as given), ``sum!=best`` (the four deaths columns do not add up to
    best, or those that are given exceed it), ``several-days``, ``no-adm1``,
    ``lookalike`` (equal to another row in every column but the id),
    ``document-date`` (the date of the first document is not a possible one and was dropped),
    and in a replay ``no-usable-document`` (taken as known from its last day), ``document-before-event`` (one of
    these: it has a document, which is dated before the event and stands in the ledger). Of lists read by a mapping:
    ``parts>total`` and ``part-unread`` (a part of the breakdown is above best, or cannot be read; it is NA),
    ``place-ambiguous`` and ``place-unmatched`` (a name of an area fits several of the gazetteer, or none, and is left
    as given), ``incident-split`` (the persons of one incident differ in days, place, sides or kind), ``row-id`` (the
    list has no id; the row's number stands for it), ``id-repeated`` (persons who differ in cells that were not read
    share an id; all are counted). Of UCDP GED: ``not-clear`` (not cleared by the provider), ``same-relid`` (an event
    of another id bears the same relid; both are counted).
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    record: SourceRecord
    names: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    parts: tuple[str, ...] = ()

    @property
    def coverage(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day covered, as the record states, else of the events themselves."""
        return self.record.coverage(self.accepted["date_start"].min(), self.accepted["date_end"].max())

    @property
    def faults(self) -> pd.DataFrame:
        """The rows of the ledger that could not be used (without what a replay has put there)."""
        return self._reasoned(NOT_YET_KNOWN, EARLY_DOCUMENT, other=True)

    @property
    def waiting(self) -> pd.DataFrame:
        """Of a replay: the ledger's events that are not known yet, with their deaths."""
        return self._reasoned(NOT_YET_KNOWN)

    @property
    def early_documents(self) -> pd.DataFrame:
        """Of a replay: the ledger's documents that are dated before their event; their deaths stand with the event."""
        return self._reasoned(EARLY_DOCUMENT)

    def flagged(self) -> pd.Series[int]:
        """Count the accepted events under each flag, most frequent first."""
        flags = self.accepted["flags"].str.split(";").explode()
        return flags[flags != ""].value_counts()

    def inside(self, start: str | pd.Timestamp, end: str | pd.Timestamp) -> pd.DataFrame:
        """Give the accepted events that start and end within a window (both days inclusive)."""
        first, last = pd.Timestamp(start), pd.Timestamp(end)
        return self.accepted[(self.accepted["date_start"] >= first) & (self.accepted["date_end"] <= last)]

    def as_of(self, date: str | pd.Timestamp, *, delay: int = 0) -> Events:
        """Give what a recorder who codes at once would have known on the evening of a day.

        An event is known from the date of its first document. A document dated before its event is taken for a wrong
        date and makes nothing known: it goes to the ledger, and the event, like one without any document, is known
        from its last day.

        Parameters
        ----------
        date : str or Timestamp
            The day; its own documents are known.
        delay : int, default 0
            Days that the recorder takes to code a document (or, without one, an event).

        Returns
        -------
        Events
            The events known; those without a usable document are flagged and their number is
            ``flagged()["no-usable-document"]``. The others stand in the ledger (`waiting`) with their deaths, and so do
            the documents of that day or before which are dated before their event (`early_documents`), without
            deaths; the row number of both is NA. The record's version names the day, its coverage ends with it, and
            its notes say what the replay rests on.

        Raises
        ------
        InputError
            If the date or the delay cannot be used, the day lies before the source's coverage, or the events are a
            replay themselves.
        ConservationError
            If the events known and the ledger do not add up to all (a fault of the package).

        Notes
        -----
        Counts and sources cited are the final ones, whenever they became known, so a replay is a best case: it shows
        how late events enter, and not how their counts grow.

        Examples
        --------
        >>> import casualties as ca
        >>> known = ca.load_study("idlib-2019").sources["ucdp"].as_of("2019-05-10")
        >>> known.accepted["date_start"].max(), known.accepted["first_document"].max()
        (Timestamp('2019-05-10 00:00:00'), Timestamp('2019-05-10 00:00:00'))
        """
        day = read_replay_day(date, self.record, "the events are", "table")
        if isinstance(delay, bool) or not isinstance(delay, int) or delay < 0:
            raise InputError("days of delay are a whole number of at least 0", column="delay", value=delay)
        accepted = self.accepted
        first, last = self.coverage
        if day < first:
            raise InputError(
                f"the source covers {first.date()} to {last.date()} only",
                file=self.record.file,
                column="date",
                value=str(day.date()),
                remedy="choose a later day",
            )
        document = accepted["first_document"]
        documented = document >= accepted["date_start"]
        early = document < accepted["date_start"]
        since = document.where(documented, accepted["date_end"]) + pd.Timedelta(days=delay)
        known = since <= day
        frame = accepted[known].reset_index(drop=True)
        frame["first_document"] = document.where(documented)[known].array
        for flag, mask in (("no-usable-document", ~documented), ("document-before-event", early)):
            frame.loc[mask[known].to_numpy(), "flags"] += f";{flag}"
        frame["flags"] = frame["flags"].str.lstrip(";")
        late = ~known
        filed = early & (document + pd.Timedelta(days=delay) <= day)
        use = (known[filed]).map({True: "it is left out and the event kept", False: "it does not make it known"})
        entries = pd.DataFrame(
            {
                "row": pd.array([pd.NA] * int(late.sum() + filed.sum()), dtype="Int64"),
                "column": [
                    *documented[late].map({True: "first_document", False: "date_end"}),
                    *["first_document"] * int(filed.sum()),
                ],
                "value": pd.concat([document.where(documented, accepted["date_end"])[late], document[filed]])
                .dt.strftime("%Y-%m-%d")
                .array,
                "reason": [f"{NOT_YET_KNOWN} on {day.date()}"] * int(late.sum())
                + [f"{EARLY_DOCUMENT}: {words}" for words in use],
                "id": pd.concat([accepted["id"][late], accepted["id"][filed]]).array,
                **{
                    name: pd.concat(
                        [accepted[name][late].astype("Int64"), pd.Series(pd.NA, accepted.index[filed], dtype="Int64")]
                    ).array
                    for name in ESTIMATES
                },
            }
        )
        types = {"row": "Int64", **dict.fromkeys(("column", "value", "reason", "id"), "str")}
        rejected = pd.concat([self.rejected.astype(types), entries.astype(types)], ignore_index=True)
        assumed, running = known & ~documented, int((frame["date_end"] > day).sum())
        notes = (
            f"A replay: what a recorder who codes {f'{delay} days after' if delay else 'at once'} would have known on "
            f"the evening of {day.date()}. Counts are the final ones, so it is a best case.",
            f"{int(assumed.sum()):,} of the {len(frame):,} events known have no document dated on or after their first "
            f"day ({int((assumed & early).sum()):,} of them one dated before it, which stands in the ledger) and are "
            f"taken as known from their last day; {running:,} went on after the day of the replay.",
        )
        coded = f", coded after {delay} days" if delay else ""
        record = self.record.replayed(day, (first, last), (*self.record.notes, *notes), coded)
        for name in ESTIMATES:
            given = int(accepted[name].sum()) + int(self.rejected[name].sum())
            kept = int(frame[name].sum()) + int(rejected[name].sum())
            if given != kept:
                raise ConservationError(f"{name}: {given} deaths were given, {kept} are known or in the ledger")
        names = _names(accepted)
        names["flags"] |= {"no-usable-document", "document-before-event"}
        return Events(frame, rejected, record, names, self.parts)

    def _reasoned(self, *reasons: str, other: bool = False) -> pd.DataFrame:
        """Give the rows of the ledger whose reason begins with one of these, or the other ones."""
        found = self.rejected["reason"].astype("str").str.startswith(reasons).to_numpy(dtype=bool)
        return self.rejected[~found if other else found]

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
    refused: Iterable[tuple[pd.Series[bool], str, str]] = (),
    optional: Collection[str] = (),
) -> Events:
    """Check every row of a raw table (all text) and split it into accepted events and a ledger.

    Parameters
    ----------
    raw : DataFrame of str
        One row an event under the names of `Events.accepted`, indexed by the row's number in the file. Any of
        them may be encoded (`casualties.cells`); they come back as text. Columns
        `adm2`, `place`, `lat`, `lon`, `where_prec`, `cited` and `first_document` may be absent; so may `date_end`,
        if every event is of one day, and `kind`, `low`, `high`, `deaths_a`, `deaths_b`, `civilians` and `unknown`,
        if the source does not give them (they are NA then). Others are carried along.
    record : SourceRecord
        Where the table comes from.
    faults : mapping of int to str, optional
        Rows that are known to be broken (too few or too many cells), with the reason. Their deaths are not read,
        since a number may stand under the wrong column.
    unread : Series of str, optional
        One value a row that stands for what the file says beyond `raw`; rows that differ in it are not alike.
    refused : iterable of (Series of bool, str, str), optional
        Rows that the reader itself refuses: which ones (in the order of `raw`), the column that tells, the reason.
        Their deaths are read and stand in the ledger.
    optional : collection of str, optional
        Which of `low`, `high`, `deaths_a`, `deaths_b`, `civilians`, `unknown` and `kind` the source gives of some rows
        only: an empty cell is NA there, and in every other of these columns a fault.

    Returns
    -------
    Events
        Counts and codes are int64, those of the optional columns Int64, whatever the rows.

    Raises
    ------
    InputError
        If no row at all can be used.
    UnknownNameError
        If a column is said to be optional that cannot be.
    """
    for name in optional:
        if name not in OPTIONAL:
            raise UnknownNameError("optional", name, OPTIONAL)
    ledger = Ledger(raw.index)
    raw = raw.reset_index(drop=True)
    for row, reason in (faults or {}).items():
        ledger.add_row(ledger.position(row), "", "", reason)
    for faulty, name, reason in refused:
        ledger.add(faulty, name, raw[name], reason)

    whole = raw if unread is None else raw.assign(**{"": unread.to_numpy()})
    made: dict[str, pd.Series] = {"id": decoded(raw["id"]).str.strip()}
    # Rows that repeat are looked for beside the rest.
    beside = ThreadPoolExecutor(1)
    shared = beside.submit(doubled, made["id"])
    alike = beside.submit(_lookalike, whole)
    beside.shutdown(wait=False)
    ledger.add(made["id"] == "", "id", raw["id"], "no id given")
    made["date_start"] = made["date_end"] = parse_dates(raw["date_start"], "date_start", ledger)
    if "date_end" in raw:
        made["date_end"] = parse_dates(raw["date_end"], "date_end", ledger)
        reversed_ = made["date_end"] < made["date_start"]
        ledger.add(reversed_, "date_end", raw["date_end"], "the event ends before it starts (reversed)")
    for name, codes in CODES.items():
        if name in raw:
            made[name] = by_value(raw[name], partial(_code, codes=codes))
            faulty = by_value(raw[name], partial(_no_code, codes=codes, gap=name == "where_prec" or name in optional))
            ledger.add(faulty, name, raw[name], f"not one of {', '.join(map(str, codes))}")
    absent = pd.Series(pd.NA, index=raw.index, dtype="Int64")
    deaths = pd.DataFrame(
        {
            name: parse_counts(raw[name], name, ledger, optional=name in optional)
            if name in raw or name == "best"
            else absent
            for name in DEATHS
        }
    )
    deaths.loc[[ledger.position(row) for row in faults or {}], :] = pd.NA
    for name in ("lat", "lon"):
        if name in raw:
            made[name] = by_value(raw[name], _number)
    doubtful = Ledger(ledger.rows)
    if "first_document" in raw:
        # A mistyped document date says nothing against the event: the date is dropped and the event flagged.
        made["first_document"] = parse_dates(raw["first_document"], "first_document", doubtful, optional=True)
        made["first_document"] = made["first_document"].where(doubtful.good)
    _note_repeated_ids(whole, shared.result(), ledger)

    good = ledger.good
    rejected = ledger.frame(made["id"], deaths)
    if not good.any():
        raise nothing_usable(rejected, record.file)
    columns: dict[str, pd.Series] = {}
    for name in COLUMNS:
        if name in made:
            columns[name] = made[name]
        elif name in DEATHS:
            columns[name] = deaths[name]
        elif name in raw:
            columns[name] = by_value(raw[name], _stripped)
        elif name in ("lat", "lon"):
            columns[name] = pd.Series(np.nan, index=raw.index)
        elif name == "first_document":
            columns[name] = pd.Series(pd.NaT, index=raw.index)
        elif name in CODES:
            columns[name] = absent
        else:
            columns[name] = pd.Series("", index=raw.index, dtype="str")
    columns["flags"] = _flags(columns, alike.result(), ~doubtful.good)
    columns |= {name: raw[name] for name in raw.columns.difference(list(COLUMNS), sort=False)}
    accepted = _accepted(columns, good)
    accepted["first_document"] = pd.to_datetime(accepted["first_document"])
    for name in (*DEATHS, "kind", "date_prec"):
        if name in raw and name not in optional:
            accepted[name] = accepted[name].astype("int64")
    events = Events(accepted, rejected, record)
    _check_conservation(events, deaths)
    return events


def place_mask(source: Events | pd.DataFrame, where: Where | None) -> pd.Series[bool]:
    """Tell which events lie in a place: every named column must hold one of its values.

    Parameters
    ----------
    source : Events or DataFrame
        The events, or `Events.accepted` or a part of it. Of a replay the events themselves know the places of which
        nothing is known yet.
    where : mapping of column to value or values, or None
        E.g. ``{"adm1": ["Idlib Governorate", "Hamah Governorate"]}``; None selects everything.

    Returns
    -------
    Series of bool

    Raises
    ------
    UnknownNameError
        If a column, or a value of it, does not occur (in a replay: nor in the whole table).
    InputError
        If the place is not a mapping, or names no value.
    """
    if where is not None and not isinstance(where, Mapping):
        raise InputError(
            "a place is given as column and values", column="where", value=where, remedy='write {"adm1": ["…"]}'
        )
    accepted = source.accepted if isinstance(source, Events) else source
    names = source.names if isinstance(source, Events) else {}
    mask = pd.Series(True, index=accepted.index)
    for column, values in (where or {}).items():
        if column not in accepted.columns:
            raise UnknownNameError("where", column, [str(name) for name in accepted.columns])
        present = accepted[column].astype("str")
        listed = [values] if isinstance(values, str) or not isinstance(values, Iterable) else values
        wanted = [str(value) for value in listed]
        if not wanted:
            raise InputError("no value is given for this column", column=f"where[{column!r}]", remedy="name one")
        for value in wanted:
            if value not in names.get(column, ()) and not (present == value).any():
                known = set(present) | names.get(column, frozenset())
                raise UnknownNameError(f"where[{column!r}]", value, sorted(known - {""}))
        mask &= present.isin(wanted)
    return mask


def victim_counts(source: Events | pd.DataFrame, victims: str | tuple[str, ...]) -> pd.DataFrame:
    """Give the deaths of one class of victims in each event.

    Parameters
    ----------
    source : Events or DataFrame
        The events, or `Events.accepted` or a part of it. Of a replay the events themselves know the actors of which
        nothing is known yet.
    victims : str or tuple of str
        ``"all"``, ``"civilians"``, ``"combatants"`` (the dead of the armed sides), ``"unknown"``,
        ``"civilians or unknown"``, a part that the source counts (`Events.parts`), or the name of an actor, or
        several names of actors: their own dead, on whichever side of the event they stand.

    Returns
    -------
    DataFrame of Int64
        Columns ``low, best, high``. The range belongs to all the dead of an event. For a class it is NA, except
        that civilians take it where all the dead of the event are civilians; nothing is copied. A part that the source
        does not give is NA, except that of nobody it is 0.

    Raises
    ------
    UnknownNameError
        If an actor stands in no event (in a replay: nor in the whole table).
    InputError
        If no actor is named, the name is both a part's and an actor's, parts are to be added up, or the source does
        not tell of any event how many of the class died.
    """
    accepted = source.accepted if isinstance(source, Events) else source
    whole = source.names if isinstance(source, Events) else {}
    if victims == "all":
        return accepted[list(ESTIMATES)].astype("Int64")
    counts = pd.DataFrame(index=accepted.index, columns=list(ESTIMATES), dtype="Int64")
    if victims == "civilians":
        _require_told(accepted, ("civilians",), victims_label(victims))
        counts["best"] = accepted["civilians"].astype("Int64")
        total = accepted[["deaths_a", "deaths_b", "civilians", "unknown"]].sum(axis=1)
        alone = (total == accepted["civilians"]) & (accepted["best"] == accepted["civilians"])
        alone &= (accepted["civilians"] > 0) | (accepted["high"] == 0)
        for name in ("low", "high"):
            counts[name] = accepted[name].astype("Int64").where(alone)
        return counts
    if victims in SUMS:
        classes = SUMS[str(victims)]
        _require_told(accepted, classes, victims_label(victims))
        counts["best"] = accepted[list(classes)].sum(axis=1, skipna=False).astype("Int64")
        return counts
    names = (victims,) if isinstance(victims, str) else tuple(victims)
    if not names:
        raise InputError("no actor is named", column="victims", remedy="give 'all', 'civilians' or an actor's name")
    # "Civilians" stands as a side of one-sided events without dead of its own there: they are in `civilians`.
    known = set(accepted["side_a"]) | set(accepted["side_b"])
    known = (known | whole.get("side_a", frozenset()) | whole.get("side_b", frozenset())) - {"Civilians", ""}
    parts = source.parts if isinstance(source, Events) else ()
    for name in names:
        if name in parts and name in known:
            raise InputError(
                "the name is both an actor's and a part's", column="victims", value=name, remedy="rename the part"
            )
        if name in parts and not isinstance(victims, str):
            raise InputError(
                "parts of the dead may overlap and are not added up",
                column="victims",
                value=name,
                remedy="name one part alone, as text",
            )
        if name not in known and name not in parts:
            raise UnknownNameError("victims", name, [*CLASSES, *parts, *sorted(known)])
    if victims in parts:
        _require_told(accepted, (str(victims),), str(victims))
        # Of nobody a part is nobody, also where the source leaves it out.
        counts["best"] = accepted[str(victims)].astype("Int64").mask(accepted["best"] == 0, 0)
        return counts
    _require_told(accepted, ("deaths_a", "deaths_b"), victims_label(victims))
    own = accepted["deaths_a"].where(accepted["side_a"].isin(names), 0)
    own = own + accepted["deaths_b"].where(accepted["side_b"].isin(names), 0)
    counts["best"] = own.astype("Int64")
    return counts


def victims_label(victims: str | tuple[str, ...], parts: Collection[str] = ()) -> str:
    """Say in words whom a series counts.

    Parameters
    ----------
    victims : str or tuple of str
        As in `victim_counts`.
    parts : collection of str
        The names of parts of the dead that the source counts; any other name is an actor's.

    Examples
    --------
    >>> victims_label("women", ["women", "children"]), victims_label("HTS")
    ('women', 'own dead of HTS')
    """
    words = {
        "all": "all victims",
        "civilians": "civilians",
        "combatants": "armed sides",
        "unknown": "unknown victims",
        "civilians or unknown": "civilians or victims of unknown status",
    }
    if victims in words:
        return words[str(victims)]
    if isinstance(victims, str):
        return victims if victims in parts else f"own dead of {victims}"
    return f"own dead of {', '.join(victims)}"


def _names(accepted: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Give the names that stand in each column of words or codes; codes joined by semicolons one by one."""
    joined = ("cited", "flags")
    columns = [
        str(name)
        for name, kind in accepted.dtypes.items()
        if name in CODES or (name not in ("id", *joined) and pd.api.types.is_string_dtype(kind))
    ]
    return {
        **{name: frozenset(accepted[name].astype(str).unique()) for name in columns},
        **{name: frozenset(accepted[name].str.split(";").explode().unique()) for name in joined if name in accepted},
    }


def _require_told(accepted: pd.DataFrame, columns: Iterable[str], label: str) -> None:
    """Raise where a count is NA in every event: days without an event would read as zero dead of that class."""
    if any(len(accepted) and accepted[name].isna().all() for name in columns):
        raise InputError(
            "the source does not say how many of the dead these were",
            column="victims",
            value=label,
            remedy="take victims='all'",
        )


def _note_repeated_ids(raw: pd.DataFrame, ids: pd.Series, ledger: Ledger) -> None:
    """Note the ids that stand more than once: the same row again, or different rows that nothing can tell apart."""
    repeats = raw.loc[ids.index]
    cells = dict(zip(repeats.index, repeats.itertuples(index=False, name=None), strict=True))
    for _, group in ids.groupby(ids, sort=False):
        positions = [int(position) for position in group.index]
        same = len({cells[position] for position in positions}) == 1
        for position in positions[1:] if same else positions:
            if same:
                reason = f"the same row stands in row {ledger.row(positions[0])} (duplicate id)"
            else:
                # One id may stand in every row; each reason names a few of the others.
                others = [str(ledger.row(other)) for other in positions[: SHOWN + 1] if other != position][:SHOWN]
                left = len(positions) - 1 - len(others)
                listed = ", ".join(others) + (f" and {left:,} more" if left else "")
                reason = f"the id is used by a different row too: row {listed} (duplicate id)"
            ledger.add_row(position, "id", ids[position], reason)


def _accepted(columns: Mapping[str, pd.Series], good: np.ndarray) -> pd.DataFrame:
    """Put the good rows of the columns together, encoded ones as text."""

    def kept(column: pd.Series) -> pd.Series:
        return decoded(column) if whole else decoded(column[good]).reset_index(drop=True)

    whole = bool(good.all())
    with ThreadPoolExecutor(WORKERS) as pool:
        return pd.DataFrame(dict(zip(columns, pool.map(kept, columns.values()), strict=True)), copy=False)


def _flags(frame: Mapping[str, pd.Series], alike: pd.Series[bool], undated: np.ndarray) -> pd.Series:
    """Name what is odd about each row, joined by semicolons."""
    odd = {
        "low>best": (frame["low"] > frame["best"]).fillna(False),
        "best>high": (frame["best"] > frame["high"]).fillna(False),
        "sum!=best": _unequal(frame),
        "several-days": frame["date_end"] > frame["date_start"],
        "no-adm1": by_value(frame["adm1"], lambda cells: cells == ""),
        "lookalike": alike,
        "document-date": pd.Series(undated),
    }
    # Each set of flags is written once.
    marks = np.zeros(len(alike), dtype="int64")
    for bit, mask in enumerate(odd.values()):
        marks |= mask.to_numpy(dtype=bool).astype("int64") << bit
    codes, sets = pd.factorize(marks)
    words = [";".join(name for bit, name in enumerate(odd) if number >> bit & 1) for number in sets.tolist()]
    return pd.Series(pd.array(words, dtype="str").take(codes), index=alike.index)


def _unequal(frame: Mapping[str, pd.Series]) -> pd.Series[bool]:
    """Tell where the classes do not add up to best: all four are given and differ from it, or those given exceed it.

    Where a source gives civilians alone the rest of the dead is not known, and nothing is missing.
    """
    best = frame["best"].to_numpy(dtype="float64", na_value=np.nan)
    total, whole = np.zeros(len(best)), np.ones(len(best), dtype=bool)
    for name in ("deaths_a", "deaths_b", "civilians", "unknown"):
        missing = frame[name].isna().to_numpy()
        whole &= ~missing
        if not missing.all():
            total += frame[name].to_numpy(dtype="float64", na_value=0)
    return pd.Series((total > best) | (whole & (total < best)), index=frame["best"].index)


def _lookalike(raw: pd.DataFrame) -> pd.Series[bool]:
    """Tell which rows equal another one in every column but the id, looking ever closer at fewer of them."""
    rest = raw.drop(columns="id")
    alike = np.arange(len(rest))
    # A few columns tell most rows apart; the others are compared only where these are equal, and cells at last.
    first = [name for name in ("", "date_start", "place", "best") if name in rest]
    for columns in (first, list(rest)):
        near = rest if len(alike) == len(rest) else rest.iloc[alike]
        alike = alike[repeated(contents(near[name] for name in columns))]
    alike = alike[rest.iloc[alike].duplicated(keep=False).to_numpy()]
    found = np.zeros(len(raw), dtype=bool)
    found[alike] = True
    return pd.Series(found, index=raw.index, dtype="bool")


def _stripped(cells: pd.Series) -> pd.Series:
    return cells.str.strip()


def _code(cells: pd.Series, codes: tuple[int, ...]) -> pd.Series:
    """Read codes, NA where there is none of these."""
    number = _number(cells)
    return number.where(number.isin(codes)).astype("Int64")


def _no_code(cells: pd.Series, codes: tuple[int, ...], gap: bool) -> pd.Series:
    """Tell which cells hold no code; where there may be a gap an empty one is none of these."""
    return ~_number(cells).isin(codes) & ~((cells.str.strip() == "") & gap)


def _number(cells: pd.Series) -> pd.Series:
    """Read numbers, NaN where there is none."""
    stripped = cells.str.strip()
    return pd.to_numeric(stripped.where(stripped != ""), errors="coerce").astype("float64")


def _check_conservation(events: Events, deaths: pd.DataFrame) -> None:
    """Raise if the deaths that could be read are not all in the accepted rows or the ledger."""
    for name in ESTIMATES:
        given = int(deaths[name].sum())
        kept = int(events.accepted[name].sum()) + int(events.rejected[name].sum())
        if given != kept:
            raise ConservationError(f"{name}: {given} deaths were read, {kept} are in the events and the ledger")
