"""Begin a study: look at a file, and write a `study.toml` with every assumption above the line that makes it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import InputError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.ledger import read_day
from casualties.provenance import SourceRecord, file_sha256
from casualties.sources.acled import LICENCE, read_acled
from casualties.sources.drafting.cautions import times
from casualties.sources.drafting.draft import Draft, draft_mapping
from casualties.sources.drafting.toml import toml_table
from casualties.sources.feed import read_feed
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.tolls import read_tolls
from casualties.sources.ucdp import read_ucdp_ged
from casualties.study import Source

__all__ = ["MAPPING", "STUDY", "check_new", "new_study", "tried"]

STUDY, MAPPING = "study.toml", "mapping.toml"
SOURCE = "list"
HALF = 0.5
# What is known of a provider whose own layout was recognised.
KNOWN: Mapping[str, Mapping[str, str]] = {
    "acled": {"name": "ACLED", "provider": "Armed Conflict Location & Event Data (ACLED)", "licence": LICENCE},
    "ucdp-ged": {"name": "UCDP GED", "provider": "Uppsala Conflict Data Program", "licence": "CC BY 4.0"},
}
HEAD = """\
# A study drafted by `casualties new` from {file}. It works as it stands.
# What it assumes stands above each line; correct what is not so.

"""
SKELETON = """\
# A study begun by `casualties new`. Fill in [sources.list]: load_study says what is missing.
# With a file at hand, `casualties new FOLDER --from FILE` drafts all of this by looking at it.

[study]
name = {name}
title = {title}
subtitle = ""
# The area and the period in words, for the title page.
place = "not stated"
period = "not stated"
# Up to when the data were known, and when this version of the report was made (YYYY-MM-DD).
data_as_of = ""
version = "0.1.0"
version_date = ""

[sources.list]
# The table, beside this file.
# file = "list.csv"
# What it is: "ucdp-ged", "acled", "mapped" (any list), "feed" (daily reports) or "tolls" (published totals).
# format = "mapped"
# For a list or a feed: which column is what.
# mapping = "mapping.toml"
# First and last day that the source covers (YYYY-MM-DD); a day within it and without deaths is zero.
# coverage_start = ""
# coverage_end = ""

# A daily series; its first and last day, how deaths of several days are spread ("even", "start", "end", "exclude"),
# and what a day without a row means ("zero", "missing").
# [series.main]
# source = "list"
# victims = "all"
# start = ""
# end = ""
# spread = "even"
# missing_days = "zero"
"""


def new_study(
    folder: str | Path, source: str | Path | None = None, *, accessed: str = "", draft: Draft | None = None
) -> Draft | None:
    r"""Write a `study.toml` into a folder, from a look at a file or as a skeleton to fill in.

    Parameters
    ----------
    folder : str or Path
        Where the study is to stand; it is made where it is not there. A study that is there is never overwritten.
    source : str or Path, optional
        The file with the records. It stays where it is, since it may hold names; the study names it by its path from
        the folder and by its SHA-256.
    accessed : str, optional
        Day on which the file was taken from its provider (YYYY-MM-DD); nothing is taken from the clock.
    draft : Draft, optional
        What `draft_mapping` understood of the file, if it was asked already.

    Returns
    -------
    Draft or None
        What was understood; None for a skeleton.

    Raises
    ------
    InputError
        If there is a study already, the file cannot be read or understood, or the folder cannot be written to.

    Notes
    -----
    The study has one source, ``list``, and the series ``main`` (all victims, every day of the coverage) and, where
    the source tells who they were, ``civilians``. A list of events has zero deaths on a day without a row; a feed has
    no number there. Where rows cannot be used, ``on_rejected = "ledger"`` is declared and their number told.

    Examples
    --------
    >>> import tempfile
    >>> import casualties as ca
    >>> with tempfile.TemporaryDirectory() as place:
    ...     file = Path(place) / "deaths.csv"
    ...     text = "Date,Killed\n30/04/2019,3\n02/05/2019,2\n"
    ...     written = file.write_text(text)
    ...     draft = new_study(Path(place) / "own", file)
    ...     ca.load_study(Path(place) / "own").period
    '30 April 2019 to 2 May 2019'
    """
    home = Path(folder)
    day = check_new(home, accessed)
    if source is None:
        words = home.resolve().name
        _write(home, {STUDY: _skeleton(words)})
        return None
    understood = tried(source, draft)
    _write(home, _texts(home, Path(source), understood, day))
    return understood


def check_new(folder: str | Path, accessed: str = "") -> str:
    """Check what is given before any file is looked at: the folder holds no study, and the day is one.

    Parameters
    ----------
    folder : str or Path
        Where the study is to stand.
    accessed : str, optional
        Day on which the file was taken from its provider.

    Returns
    -------
    str
        The day as YYYY-MM-DD, or empty.

    Raises
    ------
    InputError
        If there is a study already, or the day is none.
    """
    for name in (STUDY, MAPPING):
        if (Path(folder) / name).exists():
            raise InputError(
                "there is such a file already, and it is never overwritten",
                file=str(Path(folder) / name),
                remedy="choose another folder, or remove the file",
            )
    return str(read_day(accessed, "accessed").date()) if accessed else ""


def tried(source: str | Path, draft: Draft | None = None) -> Draft:
    """Read a file as its draft says, and give the draft with what was read and what that leaves to settle.

    Parameters
    ----------
    source : str or Path
        The file with the records.
    draft : Draft, optional
        What `draft_mapping` understood of it, if it was asked already.

    Returns
    -------
    Draft
        With `Draft.source`; a draft that was tried already is given back as it is.

    Raises
    ------
    InputError
        If the file cannot be read or understood, or rows that say that they are totals would be counted as deaths.
    """
    file = Path(source)
    made = draft_mapping(file) if draft is None else draft
    if made.source is not None:
        return made
    read = _read(file, made)
    doubts = list(made.doubts)
    if isinstance(read, Events):
        _refuse_totals(made, read)
        doubts += _dated_widely(read)
    left = read.faults
    if len(left):
        first = left.iloc[0]
        number = times(len(left), "row")
        rows = len(left) + (_rows(read))
        doubts.insert(
            0,
            f"{number} of {rows:,}, with {times(int(left['best'].sum()), 'death')}, "
            f"{'goes' if len(left) == 1 else 'go'} to the ledger and {'is' if len(left) == 1 else 'are'} not counted; "
            f"the first: row {first['row']:,}, column {first['column']!r}, {first['reason']} (see casualties series "
            "STUDY --ledger).",
        )
    return replace(made, source=read, doubts=tuple(doubts))


def _rows(source: Source) -> int:
    """Count the rows of the file that were used."""
    if isinstance(source, Events) and "rows" in source.accepted:
        return int(source.accepted["best"].sum())
    return len(source.accepted if isinstance(source, Events) else source.frame)


def _refuse_totals(draft: Draft, events: Events) -> None:
    """Refuse a draft that would count rows of totals: their deaths would count twice."""
    column = "rows" if "rows" in events.accepted else "row"
    if not draft.totals or column not in events.accepted:
        return
    used = {int(row) for rows in events.accepted[column].astype("str") for row in rows.split(";")}
    counted = [row for row in draft.totals if row in used]
    if counted:
        more = f" ({times(len(counted) - 1, 'more such row')})" if len(counted) > 1 else ""
        raise InputError(
            f"the row is a total and no event{more}, and its deaths would count twice",
            file=draft.file,
            row=counted[0],
            remedy="remove the rows of totals from a copy of the file, and draft from that",
        )


def _dated_widely(events: Events) -> list[str]:
    """Say where rows are not known to a day: no day can be asked about, or the window is not theirs."""
    days, first, last = _spans(events), *_coverage(events)
    if not len(days):
        return []
    if not (days == 1).any():
        return [
            f"No row is known to a day (the narrowest: {times(int(days.min()), 'day')}). Daily questions cannot be "
            "answered, and models of days find changes that are none: ask for totals of periods that long."
        ]
    dated = events.accepted
    out = ((dated["date_start"] < first) | (dated["date_end"] > last)).to_numpy(dtype=bool)
    if not out.any():
        return []
    row = dated[out].iloc[0]
    where = f"row {row['row']:,}" if "row" in dated else f"row {row['rows']}" if "rows" in dated else str(row["id"])
    who = f"{times(int(out.sum()), 'record')}, with {times(int(dated.loc[out, 'best'].sum()), 'death')},"
    return [
        f"{who} {'reaches' if out.sum() == 1 else 'reach'} out of the window, which is that of the records known more "
        f"exactly, {first:%Y-%m-%d} to {last:%Y-%m-%d} (the first: {where}, {row['date_start']:%Y-%m-%d} to "
        f"{row['date_end']:%Y-%m-%d}). Other days are not taken to have had no deaths; casualties series STUDY "
        "--accounts says how many deaths stand out of it."
    ]


def _spans(events: Events) -> pd.Series:
    """Give the days that each record may mean."""
    return (events.accepted["date_end"] - events.accepted["date_start"]).dt.days + 1


def _skeleton(name: str) -> str:
    """Give a study to fill in."""
    words = toml_table({"name": name, "title": f"Recorded deaths: {_spaced(name)}"}, {})
    named, title = (line.split(" = ", 1)[1] for line in words.splitlines())
    return SKELETON.format(name=named, title=title)


def _texts(home: Path, file: Path, draft: Draft, accessed: str) -> dict[str, str]:
    """Give the files of the study, by name: the source is read once, so that what is written is known to work."""
    source = _read(file, draft) if draft.source is None else draft.source
    first, last = (str(day.date()) for day in _coverage(source))
    known = KNOWN.get(draft.format, {})
    as_of = accessed or last
    entries: dict[str, Any] = {
        "study": {
            "name": home.resolve().name,
            "title": f"Recorded deaths: {_spaced(file.name.split('.')[0])}",
            "subtitle": "A first look: the choices of this study were drafted and are not checked yet",
            "place": draft.area or "not stated",
            "period": f"{_words(first)} to {_words(last)}",
            "data_as_of": as_of,
            "version": "0.1.0",
            "version_date": as_of,
        },
        "settings": {"on_rejected": "ledger" if len(source.faults) else "stop"},
        f"sources.{SOURCE}": {
            "file": _path(home, file),
            "format": draft.format,
            "name": known.get("name", _spaced(file.name.split(".")[0])),
            "provider": known.get("provider", ""),
            "licence": known.get("licence", ""),
            "sha256": file_sha256(file),
            "accessed": accessed,
            "coverage_start": first,
            "coverage_end": last,
            "redistributable": False,
            **({"mapping": MAPPING} if draft.format == "mapped" else {}),
        },
    }
    taken = "the day given with --accessed" if accessed else "the last day of the data, since no clock is asked"
    faults = len(source.faults)
    remarks = {
        "study": {
            "title": "from the name of the file",
            "place": "the country of the areas that were recognised" if draft.area else "fill in the area, in words",
            "period": "the first and last day of the data",
            "data_as_of": taken,
            "version_date": taken,
        },
        "settings": {
            "on_rejected": f"{times(faults, 'row')} cannot be used and {'is' if faults == 1 else 'are'} left out "
            f"and counted (see the ledger); the first: row {source.faults['row'].iloc[0]:,}"
            if faults
            else "every row can be used; should one not be, the work stops and says which"
        },
        f"sources.{SOURCE}": {
            "file": "the file stays where it is: it may hold names",
            "provider": "recognised by the names of its columns; correct it if the list only borrows them"
            if known
            else "fill in who provides the file, and under which licence",
            "sha256": "the file as it was looked at; another one is refused",
            "accessed": "" if accessed else "fill in the day on which the file was taken from its provider",
            "coverage_start": "no period of coverage is stated, so it is taken from the first and last day of the data",
            "redistributable": "rows are not passed on unless a licence allows it",
            "mapping": "which column is what: see there for every assumption",
        },
    }
    for name, label in _series(source).items():
        entries[f"series.{name}"] = {
            "source": SOURCE,
            "victims": label,
            "start": first,
            "end": last,
            "spread": "even",
            "missing_days": "missing" if draft.daily else "zero",
        }
        remarks[f"series.{name}"] = {
            "start": "the whole coverage",
            "spread": "deaths of events of several days are spread evenly over them",
            "missing_days": "a day without a report has no number"
            if draft.daily
            else "a day without an event in the list is taken to have had no recorded death",
        }
    parts = [toml_table(entry, remarks.get(name, {}), name) for name, entry in entries.items()]
    if draft.format == "feed":
        parts.insert(3, draft.toml(f"sources.{SOURCE}.mapping"))
    text = HEAD.format(file=file.name) + "\n".join(parts)
    return {**({MAPPING: draft.toml()} if draft.format == "mapped" else {}), STUDY: text}


def _read(file: Path, draft: Draft) -> Source:
    """Read the file as the study will."""
    record = SourceRecord(SOURCE, file=file.name)
    if draft.format == "ucdp-ged":
        return read_ucdp_ged(file, record)
    if draft.format == "acled":
        return read_acled(file, record=record)
    if draft.format == "feed":
        return read_feed(file, draft.mapping, record)
    if draft.format == "tolls":
        return read_tolls(file, record)
    return read_mapped(file, draft.mapping, record)


def _coverage(source: Source) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and last day of the data."""
    if isinstance(source, Events) and not source.record.coverage_start:
        # A record of a year is no evidence that every day of the year was watched.
        days = _spans(source)
        wide = next((limit for limit in (1, 7, 31) if len(days) and (days <= limit).mean() >= HALF), None)
        dated = source.accepted[(days <= wide).to_numpy(dtype=bool)] if wide else source.accepted
        return dated["date_start"].min(), dated["date_end"].max()
    if isinstance(source, Events | Feed):
        return source.coverage
    return source.frame["period_start"].min(), source.frame["period_end"].max()


def _series(source: Source) -> dict[str, str]:
    """Give the series that the source can fill: name and victims."""
    named = {"main": "all"} if isinstance(source, Events | Feed) else {}
    if isinstance(source, Events) and source.accepted["civilians"].notna().all():
        named["civilians"] = "civilians"
    return named


def _path(home: Path, file: Path) -> str:
    """Give the file's path from the folder of the study."""
    try:
        return Path(os.path.relpath(file.resolve(), home.resolve())).as_posix()
    except ValueError as error:
        raise InputError(
            "no path leads from the study to the file", file=file.name, remedy="keep both on one drive"
        ) from error


def _spaced(name: str) -> str:
    """Give a name of a file or folder as words."""
    return " ".join(name.replace("_", " ").replace("-", " ").split()) or name


def _words(day: str) -> str:
    date = pd.Timestamp(day)
    return f"{date.day} {date.month_name()} {date.year}"


def _write(home: Path, texts: Mapping[str, str]) -> None:
    """Write the files, `study.toml` last: until it is there, there is no study."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with (home / name).open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except OSError as error:
        raise InputError(
            f"the study cannot be written ({error.strerror or error})",
            file=str(home),
            remedy="check the folder and its name",
        ) from error
