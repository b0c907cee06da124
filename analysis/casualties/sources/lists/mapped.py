"""Any list of events or of victims, read through a mapping that says what its columns, cells and codes mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from casualties.cells import by_value
from casualties.errors import ConservationError, InputError, nearest
from casualties.events import CODES, COLUMNS, OPTIONAL, Events, validate_events
from casualties.ledger import ESTIMATES, Ledger, nothing_usable, parse_counts
from casualties.provenance import SourceRecord
from casualties.sources.files.tables import RawTable, read_table
from casualties.sources.lists.counts import read_counts
from casualties.sources.lists.dates import NO_DATE, precision, read_windows
from casualties.sources.lists.gazetted import settle_areas
from casualties.sources.lists.mapping import COUNTED, NAMES, ListMapping, Part, read_mapping
from casualties.sources.lists.victims import ROW_ID, gather
from casualties.sources.lists.words import column_name, fold, folded, says_total

__all__ = ["read_mapped"]

EXCEEDS, UNREAD, REPEATED = "parts>total", "part-unread", "id-repeated"
# Where a cell may say that its row adds up others; what stands under a name says so by weaker words too.
TELLING, NAMED = (*NAMES, "id", "incident"), ("id", "adm1", "adm2", "place", "incident")
# Words of the rows left out that a note names.
SHOWN = 8
FURTHER = " (more faults in: "


def read_mapped(
    path: str | Path, mapping: Mapping[str, Any] | str | Path, record: SourceRecord | None = None
) -> Events:
    r"""Read a list of events, or of victims, through a mapping.

    Parameters
    ----------
    path : str or Path
        The list, in any form that `read_table` opens: CSV and its like, a workbook, JSON, JSON lines, Parquet.
    mapping : mapping, or path of a TOML file
        What the list's columns are and how its cells are written. A mapping renames, translates codes and gives
        formats; it computes nothing.

        - ``rows``: ``"events"`` (one row an event, the default) or ``"victims"`` (one row a person).
        - ``[columns]``, ours = theirs: ``date``, or ``date_start`` and perhaps ``date_end``; ``best``, ``low``,
          ``high``; and any of ``id, kind, date_prec, where_prec, side_a, side_b, adm1, adm2, place, lat, lon,
          deaths_a, deaths_b, civilians, unknown, cited, first_document``. A list of victims has no counts, and may
          have ``incident``.
        - ``[dates]``: ``formats``, and ``unknown``, the cells that say that no date is known.
        - ``[estimates]``: ``best`` (``"low"`` or ``"high"``: what stands for the best estimate where there is none),
          ``at_least`` and ``range`` (patterns), ``thousands`` (the sign between them).
        - ``[values.X]``: what the codes or words of our column X become.
        - ``[classes]`` (victims): ``column``, and the words for ``civilians`` and ``combatants``.
        - ``[breakdown]``: parts of the dead; a column of numbers, or for victims ``{ column, values }``.
        - ``[carry]``: columns of text that come through, by the name they get.
        - ``gazetteer``: a table of equivalents, ``"syria"``, that ``adm1`` and ``adm2`` are matched to.
        - ``only``: ``{ column, values }``, the rows that are counted; the others are left out.
        - ``[file]``: ``sheet``, ``header`` (its row), ``delimiter``, ``encoding``, ``records``.
    record : SourceRecord, optional
        Licence, scope and coverage of the list. Without it the coverage is taken from the events themselves.

    Returns
    -------
    Events
        The accepted table has ``row``, the row's number in the file (lists of victims: ``rows``, joined by ``;``),
        the parts of the breakdown (people), the texts carried, and ``adm1_given`` and its like where a name was
        changed. The ledger bears the list's own names of columns and its cells as written.

    Raises
    ------
    InputError
        If the file or the mapping cannot be read, a mapped column is missing, a date fits two formats that do not
        mean the same, or no row can be used.
    ConservationError
        If the deaths read are not all in the events and the ledger (a fault of the package).

    Notes
    -----
    - Only mapped columns are kept; names of persons and notes stay in the file. Words and codes are compared without
      regard to case, tatweel, vowel signs, marks of direction, and Arabic, Persian or Latin digits; what is kept is
      what was written. Names of columns must be the same letters.
    - Dates are tried in all formats, and as ``YYYY-MM-DD``, which typed dates of a spreadsheet arrive as; a time of
      the day is left out. A format without a day gives the whole month, without a month the whole year. Where the
      list does not say how precise a date is, ``date_prec`` is that of its window: 1 a day, 2 up to 6 days, 3 a week,
      4 up to 31 days, 5 longer.
    - ``low`` and ``high`` are NA where the list does not give them; a column of theirs counts before a pattern in the
      cell of ``best``. "At least 5" is low 5, best 5, high NA.
    - A row whose date, ``best`` or other count cannot be read, or whose code (``kind``, ``date_prec``, ``where_prec``)
      is not known, goes to the ledger. An empty code is NA. Where ``[values.kind]`` is given, a code must stand
      there: a 1 of the list need not be a 1 of ours. Names without a translation stay as they are.
    - A row of which a name (of a place, a side, an incident, the id) or a text carried says as a whole that it is a
      total ("Grand total:", "المجموع") goes to the ledger with its deaths. A word that ``[values]`` translates into
      another is none.
    - Rows that ``only`` does not name are no deaths of the list: they stand neither in the events nor in the ledger,
      and a note counts them by their words. Where the cell is empty nothing is known, and the row goes to the ledger.
      Rows of the file = rows of the events + rows of the ledger + rows left out.
    - Ids that are numbers of rows are flagged ``row-id``: they name nothing in another version of the file.
    - A part above best is set NA and flagged ``parts>total``; one that cannot be read is NA and flagged
      ``part-unread``; the record counts both.
    - A name of an area that fits several of the gazetteer is left as given, flagged ``place-ambiguous``; one that fits
      none, ``place-unmatched``.
    - Victims: each row counts 1 best, no range. Persons of one incident, else of the same days and place, make an
      event; see `gather`. Rows that are the same in all cells under one ``id`` count once, the others stand in the
      ledger. Rows under one ``id`` whose unread cells (the name) differ are different persons: all count, flagged
      ``id-repeated``, and a note says how many. Where only what is read differs (one name on two days), none can be
      preferred and all stand in the ledger. Persons in = best accepted + best in the ledger + rows left out by
      ``only``; a row of totals is no person, so its best is NA. Words
      that ``[classes]`` does not name count as ``unknown``. A part counts the persons of whom the list says it; it is
      NA where it says nothing of any person of the event.
    - An empty cell of the id becomes ``row`` and the row's number.

    Examples
    --------
    >>> import tempfile
    >>> text = "Nr,Day,Place,Killed\n1,03/05/2019,إدلب,at least 5\n2,5/2019,Idleb,٧\n3,unknown,Homs,2\n"
    >>> mapping = {
    ...     "gazetteer": "syria",
    ...     "columns": {"id": "Nr", "date": "Day", "adm1": "Place", "best": "Killed"},
    ...     "dates": {"formats": ["%d/%m/%Y", "%m/%Y"], "unknown": ["unknown"]},
    ...     "estimates": {"at_least": ["at least {}"]},
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "list.csv"
    ...     written = file.write_text(text, encoding="utf-8")
    ...     events = read_mapped(file, mapping)
    >>> events.accepted[["date_start", "date_end", "date_prec", "adm1", "low", "best", "row"]]
      date_start   date_end  date_prec   adm1   low  best  row
    0 2019-05-03 2019-05-03          1  Idlib     5     5    2
    1 2019-05-01 2019-05-31          4  Idlib  <NA>     7    3
    >>> events.rejected[["row", "column", "value", "reason", "best"]].values.tolist()
    [[4, 'Day', 'unknown', 'the list says that no date is known', 2]]
    """
    file, chosen = Path(path), read_mapping(mapping)
    table = _opened(file, chosen, hashed=record is None)
    if record is None:
        record = SourceRecord(name=file.stem, file=file.name, sha256=table.sha256)
    listed = len(table.frame)
    if chosen.only is not None:
        table, left_out = _only(table, chosen.only, chosen, file.name)
        record = replace(record, notes=(*record.notes, *left_out))
    left = listed - len(table.frame)
    reading = _Reading(chosen, table, file.name)
    reading.dates()
    if chosen.victims:
        reading.persons()
    else:
        reading.counts()
        reading.parts()
    reading.codes()
    reading.names()
    events = reading.validated(record)
    if len(events.accepted) + len(events.rejected) + left != listed:
        raise ConservationError(
            f"{listed:,} rows were read; {len(events.accepted):,} are events, {len(events.rejected):,} stand in the "
            f"ledger, {left:,} are left out"
        )
    if chosen.victims:
        events = gather(events, chosen.breakdown, [*chosen.carry, *reading.given])
        note = reading.told_of_persons(len(events.accepted))
        return replace(events, record=replace(events.record, notes=(*events.record.notes, note)))
    return events


def _opened(file: Path, chosen: ListMapping, *, hashed: bool) -> RawTable:
    """Read the mapped columns, under the names that the mapping gives them."""
    forms = [unicodedata.normalize(form, name) for name in chosen.read for form in ("NFC", "NFD")]
    table = read_table(file, keep=forms, layout=chosen.layout, hashed=hashed)
    names = [column_name(name) for name in table.frame.columns]
    missing = [name for name in chosen.read if name not in names]
    if missing:
        header = [column_name(name) for name in read_table(file, layout=chosen.layout).frame.columns]
        near = nearest(missing[0], header)
        listed = ", ".join(repr(name) for name in header[:25])
        raise InputError(
            "the mapping names a column that the list does not have"
            + (f" (missing too: {', '.join(missing[1:])})" if missing[1:] else ""),
            file=file.name,
            column=missing[0],
            remedy=(f"did you mean {near!r}? " if near else "") + f"the list has {listed}",
        )
    if len(set(names)) < len(names):
        doubled = next(name for name in names if names.count(name) > 1)
        raise InputError("the column stands twice in the header", file=file.name, column=doubled, remedy="rename one")
    return replace(table, frame=table.frame.set_axis(names, axis="columns"))


def _only(table: RawTable, only: Part, chosen: ListMapping, file: str) -> tuple[RawTable, tuple[str, ...]]:
    """Leave out the rows that are not to be counted, and say which; what is silent or broken stays to be judged."""
    written = table.frame[only.column].str.strip()
    word = folded(written)
    other = ~word.isin(only.words) & (word != "") & ~table.frame.index.isin(list(table.faults))
    if not word.isin(only.words).any():
        raise InputError(
            "no row is among those to be counted",
            file=file,
            column=only.column,
            remedy=f"[only] values are none of its words: {_told(written[word != ''])}",
        )
    people = ""
    if not chosen.victims:
        best = chosen.columns.get("best") or chosen.columns[chosen.best]
        counts = read_counts(table.frame.loc[other, best], chosen.words)
        text = counts["number"].where(counts["fault"] == "", "")
        number = parse_counts(text, best, Ledger(counts.index), optional=True)
        people = f", {int(number.sum()):,} people"
    note = f"Rows left out, as {only.column} is none of the words to be counted: {int(other.sum()):,}{people}"
    notes = (f"{note} ({_told(written[other])}).",) if other.any() else ()
    return replace(table, frame=table.frame[~other], unread=table.unread[~other]), notes


def _told(cells: pd.Series) -> str:
    """Name the words of cells with their numbers, the most frequent first."""
    counts = cells.value_counts()
    listed = [f"{word!r} {number:,}" for word, number in counts.iloc[:SHOWN].items()]
    return ", ".join([*listed, *([f"{len(counts) - SHOWN:,} more words"] if len(counts) > SHOWN else [])])


@dataclass(slots=True, eq=False)
class _Reading:
    """A list on its way to events: its cells, what became of them, and the ledger of what could not be read.

    Parameters
    ----------
    chosen : ListMapping
        How it is to be read.
    table : RawTable
        Its cells.
    file : str
        Name of the file.
    """

    chosen: ListMapping
    table: RawTable
    file: str
    listed: pd.DataFrame = field(init=False)
    ledger: Ledger = field(init=False)
    sound: np.ndarray = field(init=False)
    total: pd.Series[bool] = field(init=False)
    raw: pd.DataFrame = field(init=False)
    counted: pd.DataFrame = field(init=False)
    made: pd.DataFrame = field(init=False)
    flags: dict[str, pd.Series[bool]] = field(init=False, default_factory=dict)
    notes: list[tuple[str, pd.Series[bool]]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.listed = self.table.frame
        rows = self.listed.index
        self.ledger = Ledger(rows)
        self.sound = ~rows.isin(list(self.table.faults))
        for row, reason in self.table.faults.items():
            self.ledger.add_row(self.ledger.position(row), "", "", reason)
        # What `validate_events` judges, the counts in it as numbers, and what stands beside it.
        self.raw = pd.DataFrame(index=rows)
        self.counted = pd.DataFrame(dict.fromkeys(ESTIMATES, pd.NA), index=rows, dtype="Int64")
        self.made = pd.DataFrame({"row": rows.astype("int64")}, index=rows)
        self._ids()
        self._totals()
        self._silent()
        if "cited" in self.chosen.columns:
            self.raw["cited"] = self.listed[self.chosen.columns["cited"]]
        for name, column in self.chosen.carry.items():
            self.made[name] = self.listed[column].str.strip()

    def dates(self) -> None:
        """Read the days of each row as a window, and how precise it is."""
        begins = "date" if "date" in self.chosen.columns else "date_start"
        window = self._windows(begins)
        self._faults(begins, window["fault"])
        start, end = window["start"], window["end"]
        if "date_end" in self.chosen.columns:
            last = self._windows("date_end")
            self._faults("date_end", last["fault"].where(last["fault"] != NO_DATE, ""))
            end = end.where(last["fault"] == NO_DATE, last["end"])
        self.raw["date_start"], self.raw["date_end"] = start, end
        self.raw["date_prec"] = precision(start, end)
        if "first_document" in self.chosen.columns:
            document = self._windows("first_document")
            exact = (document["start"] != "") & (document["start"] == document["end"])
            self.raw["first_document"] = document["start"].where(exact, self._cells("first_document").str.strip())

    def counts(self) -> None:
        """Read low, best and high and who the dead were; nothing is copied but by the rule of the mapping."""
        chosen, counted = self.chosen, self.counted
        given = [name for name in COUNTED if name in chosen.columns]
        for name in sorted(given, key=lambda name: name in ESTIMATES and name != "best"):
            cells = read_counts(self._sound_cells(name), chosen.words)
            self._faults(name, cells["fault"])
            read = cells.where(cells["fault"] == "", "")
            if name in ("low", "high"):
                # A column of its own counts before what the cell of best says.
                text = read["number"].where(read["patterned"] == "", read[name])
                counted[name] = self._people(name, text).fillna(counted[name])
                continue
            counted[name] = self._people(name, read["number"])
            if name == "best":
                for end in ("low", "high"):
                    counted[end] = self._people(name, read[end])
        if chosen.best:
            empty = counted["best"].isna()
            if "best" in chosen.columns:
                empty &= self.listed[chosen.columns["best"]].str.strip() == ""
            counted["best"] = counted["best"].where(~empty, counted[chosen.best])
            taken = empty & counted["best"].notna()
            self.notes.append((f"Rows whose best is taken from {chosen.best}, as the mapping says: {{:,}}.", taken))
        silent = counted["best"].isna() & self.ledger.good
        self._fault(silent, "best" if "best" in chosen.columns else chosen.best, "no number given")

    def parts(self) -> None:
        """Read the parts of the dead; a part that cannot be true is not known, and counted in a note."""
        made, best = self.made, self.counted["best"]
        for flag in (EXCEEDS, UNREAD):
            self.flags[flag] = pd.Series(False, index=made.index)
        for name, part in self.chosen.breakdown.items():
            cells = read_counts(self.listed[part.column].where(self.sound, ""), self.chosen.words)
            own = Ledger(made.index)
            own.add(cells["fault"] != "", name, cells["number"], "")
            number = parse_counts(cells["number"].where(cells["fault"] == "", ""), name, own, optional=True)
            above = (number > best).fillna(False).astype(bool)
            self.flags[EXCEEDS] |= above
            self.flags[UNREAD] |= ~own.good
            made[name] = number.mask(above)
            unread = pd.Series(~own.good, index=made.index)
            self.notes.append((f"Rows in which {name} is above the total and so not known: {{:,}}.", above))
            self.notes.append((f"Rows in which {name} cannot be read and is not known: {{:,}}.", unread))

    def persons(self) -> None:
        """Count each row as one person, and say of him or her what the list says."""
        made, classes = self.made, self.chosen.classes
        self.counted["best"] = pd.Series(1, index=made.index, dtype="Int64").mask(self.total)
        made["incident"] = ""
        if "incident" in self.chosen.columns:
            made["incident"] = self._cells("incident").str.strip()
        if classes is not None:
            word = folded(self.listed[classes.column])
            found = {"civilians": word.isin(classes.civilians), "deaths_a": word.isin(classes.combatants)}
            found["unknown"] = ~(found["civilians"] | found["deaths_a"])
            found["deaths_b"] = pd.Series(False, index=made.index)
            for name, mask in found.items():
                self.counted[name] = mask.astype("Int64").mask(self.total)
            blank = word == ""
            strange = found["unknown"] & ~blank
            self.notes += [
                ("Persons of whom the list does not say who they were (counted as of unknown status): {:,}.", blank),
                ("Persons whose class the mapping does not name (counted as of unknown status): {:,}.", strange),
            ]
        for name, part in self.chosen.breakdown.items():
            word = folded(self.listed[part.column])
            made[name] = word.isin(part.words).astype("Int64").mask(word == "")
            self.notes.append(
                (f"Persons of whom the list does not say whether they belong to {name}: {{:,}}.", word == "")
            )

    def codes(self) -> None:
        """Read the codes; one that is not known is a fault, an empty one is not."""
        for name, known in CODES.items():
            if name not in self.chosen.columns:
                continue
            code = folded(self._sound_cells(name)).str.removesuffix(".0")
            strange = ~code.isin([*map(str, known), ""])
            reason = f"not one of {', '.join(map(str, known))}"
            translated = self.chosen.values.get(name)
            if translated:
                # A number of theirs need not mean what it means among ours.
                given = folded(self.listed[self.chosen.columns[name]])
                strange |= (code != "") & ~given.isin(list(translated))
                reason = f"[values.{name}] does not translate it"
            self._fault(strange & self.sound, name, reason)
            code = code.where(~strange, "")
            self.raw[name] = code.where(code != "", self.raw[name]) if name == "date_prec" else code

    def names(self) -> None:
        """Give names of places and sides; those of areas as the gazetteer has them."""
        given = {name: self._cells(name).str.strip() for name in NAMES if name in self.chosen.columns}
        areas = {name: cells for name, cells in given.items() if name in ("adm1", "adm2")}
        settled = dict(given)
        if self.chosen.gazetteer and areas:
            matched, flags = settle_areas(areas, self.chosen.gazetteer)
            settled |= matched
            self.flags |= flags
        for name, final in settled.items():
            self.raw[name] = final
            written = self.listed[self.chosen.columns[name]].str.strip()
            if (written != final).any():
                self.made[f"{name}_given"] = written.where(written != final, "")
        for name in ("lat", "lon"):
            if name in self.chosen.columns:
                cells = folded(self._cells(name))
                lost = pd.to_numeric(cells, errors="coerce").isna() & (cells != "")
                self.raw[name] = cells
                self.notes.append((f"Rows in which {name} cannot be read as a number: {{:,}}.", lost))

    def validated(self, record: SourceRecord) -> Events:
        """Have every row checked that could be read, and join what stands beside it; deaths in = deaths out."""
        made, counted, good = self.made, self.counted, self.ledger.good
        rejected = self._worded(self.ledger.frame(self.raw["id"], counted))
        if not good.any():
            raise nothing_usable(rejected, self.file)
        raw = self.raw[good].assign(**{str(name): _as_text(counted[name][good]) for name in counted})
        if self.chosen.victims and "id" in self.chosen.columns:
            raw["id"] = self._told_apart(raw["id"])
        try:
            events = validate_events(raw, record, unread=self._contents()[good], optional=OPTIONAL)
        except InputError as error:
            error.file, error.column = self.file, self._theirs(error.column)
            error.value = self.listed.at[error.row, error.column] if error.column in self.listed else error.value
            raise
        checked = events.rejected.assign(
            id=self.raw["id"].reindex(events.rejected["row"]).array,
            column=events.rejected["column"].map(self._theirs),
            reason=[
                self._reason(str(reason), str(column))
                for reason, column in zip(events.rejected["reason"], events.rejected["column"], strict=True)
            ],
        )
        rejected = pd.concat([rejected, self._worded(checked)], ignore_index=True).sort_values("row", ignore_index=True)
        for name in ESTIMATES:
            rejected[name] = counted[name].reindex(rejected["row"]).array
        kept = ~made.index.isin(rejected["row"])
        beside = made[kept].reset_index(drop=True)
        accepted = events.accepted.assign(**{str(name): beside[name] for name in beside})
        accepted["flags"] = self._flagged(accepted, kept)
        order = [*COLUMNS, *self.chosen.breakdown, *self.chosen.carry]
        order += self.given + (["incident"] if self.chosen.victims else [])
        for name in ESTIMATES:
            total = int(accepted[name].sum()) + int(rejected[name].sum())
            if total != int(counted[name].sum()):
                raise ConservationError(
                    f"{name}: {int(counted[name].sum())} deaths were read, {total} are in the events and the ledger"
                )
        noted = [(text, int(mask[kept].sum())) for text, mask in self.notes]
        notes = [text.replace("{:,}", f"{count:,}") for text, count in noted if count]
        record = replace(record, notes=(*record.notes, *notes))
        return Events(accepted[[*order, "row"]], rejected, record, parts=tuple(self.chosen.breakdown))

    @property
    def given(self) -> list[str]:
        """Columns that hold names as they were written."""
        return [column for name in NAMES if (column := f"{name}_given") in self.made]

    def told_of_persons(self, events: int) -> str:
        """Say how rows became events."""
        rule = "the same incident, days and place" if "incident" in self.chosen.columns else "the same days and place"
        return (
            f"One row is one person; rows: {len(self.listed):,}. Persons of {rule} are one event; events: {events:,}."
        )

    def _ids(self) -> None:
        numbers = pd.Series(self.listed.index.astype("str"), index=self.listed.index, dtype="str")
        column = self.chosen.columns.get("id")
        if column is None:
            self.raw["id"] = numbers
            self.flags |= {} if self.chosen.victims else {ROW_ID: pd.Series(True, index=self.listed.index)}
            return
        # Where cells are missing a person's name may stand under the id.
        ids = self._cells("id").where(self.sound, "").str.strip()
        self.raw["id"] = ids.where(ids != "", "row " + numbers)
        unnamed = (ids == "") & self.sound
        self.notes.append(("Rows without an id, named by their number: {:,}.", unnamed))
        self.flags |= {} if self.chosen.victims else {ROW_ID: unnamed}

    def _totals(self) -> None:
        """Find the rows that add up others: they are no events, and what they count stands in the others."""
        named = [
            (self.chosen.columns[name], self._cells(name), name in NAMED)
            for name in TELLING
            if name in self.chosen.columns
        ]
        carried = [(column, self.listed[column], False) for column in self.chosen.carry.values()]
        self.total = pd.Series(False, index=self.listed.index)
        for column, cells, weak in (*named, *carried):
            words = {text for text in cells.unique() if says_total(text, named=weak)}
            found = cells.isin(words) & self.sound & ~self.total
            self.ledger.add(found, column, self.listed[column], "a row of totals, not an event")
            self.total |= found

    def _silent(self) -> None:
        """Find the rows of which the list does not say whether they are to be counted."""
        if self.chosen.only is not None:
            cells = self.listed[self.chosen.only.column]
            silent = (folded(cells) == "") & self.sound
            self.ledger.add(silent, self.chosen.only.column, cells, "not said whether it is to be counted")

    def _cells(self, name: str) -> pd.Series:
        """Give the cells of our column, their words translated."""
        cells = self.listed[self.chosen.columns[name]]
        codes = self.chosen.values.get(name)
        if not codes:
            return cells
        return by_value(cells, lambda texts: texts.map(lambda text: codes.get(fold(text), text)).astype("str"))

    def _sound_cells(self, name: str) -> pd.Series:
        return self._cells(name).where(self.sound, "")

    def _windows(self, name: str) -> pd.DataFrame:
        column = self.chosen.columns[name]
        return read_windows(
            self._cells(name),
            self.chosen.formats,
            self.chosen.undated,
            sound=self.sound,
            file=self.file,
            column=column,
        )

    def _people(self, name: str, text: pd.Series) -> pd.Series:
        return parse_counts(text, self.chosen.columns[name], self.ledger, optional=True)

    def _fault(self, faulty: pd.Series, name: str, reason: str) -> None:
        column = self.chosen.columns[name]
        self.ledger.add(faulty, column, self.listed[column], reason)

    def _faults(self, name: str, reasons: pd.Series) -> None:
        """Note the reasons given by row (empty: none) for cells of our column."""
        for reason in reasons[reasons != ""].unique():
            self._fault((reasons == reason) & self.sound, name, reason)

    def _contents(self) -> pd.Series:
        """Give a number for all that a row says but its id: rows that differ in it are not alike.

        Persons that differ in what is not read have different ids by then; see `_told_apart`.
        """
        column = self.chosen.columns.get("id", "")
        read = self.listed.drop(columns=column) if column else self.listed
        contents = pd.util.hash_pandas_object(read, index=False)
        return contents if self.chosen.victims else contents * np.uint64(31) + self.table.unread

    def _told_apart(self, ids: pd.Series) -> pd.Series:
        """Give persons under one id an id each where their unread cells (the name) differ; they are flagged."""
        unread = self.table.unread[ids.index]
        repeated = ids.duplicated(keep=False)
        several = unread[repeated].groupby(ids[repeated]).transform("nunique") > 1
        several = several.reindex(ids.index, fill_value=False)
        self.flags[REPEATED] = several.reindex(self.listed.index, fill_value=False)
        text = f"Persons under an id that others with other unread cells have too, all counted ({REPEATED}): {{:,}}."
        self.notes.append((text, self.flags[REPEATED]))
        return ids.where(~several, ids + "\0" + unread.astype("str"))

    def _theirs(self, name: str) -> str:
        """Give the list's name of our column."""
        columns = self.chosen.columns
        first = columns.get("date", columns.get("date_start", ""))
        return columns.get(name, first if name in ("date_start", "date_end") else name)

    def _reason(self, reason: str, name: str) -> str:
        """Say further faulty columns in the list's names."""
        head, further, names = reason.partition(FURTHER)
        listed = dict.fromkeys(map(self._theirs, names.removesuffix(")").split(", "))) if further else {}
        listed.pop(self._theirs(name), None)
        return f"{head}{FURTHER}{', '.join(listed)})" if listed else head

    def _worded(self, rejected: pd.DataFrame) -> pd.DataFrame:
        """Give the ledger with the cells as they were written."""
        cells = rejected["value"].astype("object")
        for column in set(rejected["column"]) & set(self.listed.columns):
            here = rejected["column"] == column
            cells[here] = self.listed[column].reindex(rejected.loc[here, "row"]).to_numpy()
        types = {"row": "int64", **dict.fromkeys(("column", "value", "reason", "id"), "str")}
        return rejected.assign(value=cells).astype(types)

    def _flagged(self, accepted: pd.DataFrame, kept: np.ndarray) -> pd.Series:
        """Give the flags with those that the reading has set."""
        flags = accepted["flags"].astype("object")
        for flag, mask in self.flags.items():
            flags[mask.to_numpy(dtype=bool)[kept]] += f";{flag}"
        return flags.str.lstrip(";").astype("str")


def _as_text(numbers: pd.Series) -> pd.Series:
    """Give whole numbers as text, each different one written once; empty where there is none."""
    codes, values = pd.factorize(numbers)
    return pd.Series(pd.array([*map(str, values), ""], dtype="str").take(codes), index=numbers.index)
