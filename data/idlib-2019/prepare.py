"""Make the tables of this folder from the provider's export: facts are kept as given, text and names are left behind.

Every cell is read and written as text, so no number changes its form on the way. What ships is chosen by column; the
few cells that hold a person's name are shortened to what is left without it (`WITHOUT_NAMES`); nothing else is touched.

    python data/idlib-2019/prepare.py EXPORT_FOLDER [OUT_FOLDER]

All tables are made before the first is written: a bad export leaves the earlier tables as they were.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

__all__ = [
    "ExportError",
    "cited_sources",
    "claims",
    "daily_totals",
    "first_documents",
    "ged_events",
    "main",
    "prepare",
    "published_tolls",
    "table_bytes",
    "without_names",
]

EXPORT = {
    "events": "ucdp-ged-syria/ged_syria_2016-01_2019-11.csv.gz",
    "documents": "ucdp-ged-syria-sources/event_source_documents.csv.gz",
    "daily totals": "ucdp-ged-syria-sources/sohr_nationwide_daily_toll.csv",
    "published totals": "published-tolls/published_tolls.csv",
    "press claims": "press-claims/claims.csv",
}
"""Where each table stands in the export folder."""

PLAIN_LIMIT = 2_900_000
"""A table of more bytes than this ships compressed."""

UNKNOWN_DATE = "1753-01-01"
"""What the provider's database writes for a date that is not known."""

EVENT_COLUMNS = (
    *("id", "type_of_violence", "side_a", "side_b", "number_of_sources", "where_prec", "where_coordinates"),
    *("adm_1", "adm_2", "latitude", "longitude", "event_clarity", "date_prec", "date_start", "date_end"),
    *("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "low", "best", "high"),
)
DOCUMENT_COLUMNS = ("event_id", "position", "source", "source_date")
DAILY_COLUMNS = (
    *("source_date", "ref_date", "modal_event_date", "qualifier", "total_killed", "regime_and_allied"),
    *("other_people", "civilians_mentioned", "n_events", "same_date_reports"),
)
TOLL_COLUMNS = (
    *("row_id", "claimant", "published_by", "published_date", "period_start", "period_end", "area", "who"),
    *("attributed_to", "value", "qualifier", "children", "women", "men", "injured", "civilians_of_value", "kind"),
    *("url_or_ref", "note"),
)
CLAIM_COLUMNS = (
    *("claim_id", "attributed_to", "published_by", "published_date", "measure", "victims", "place", "period_start"),
    *("period_end", "perpetrator", "operator", "value", "unit", "claim", "note"),
)

Cells = Mapping[tuple[str, str], str]
"""New text of a cell by the row's key and the column."""

CLAIM_READINGS: dict[str, dict[str, str]] = {
    "1": {"words": "so far"},
    "2": {"words": "so far", "relation": "higher than 1"},
    "6": {"words": "almost every day; three months"},
    "7": {"words": "sharp rise"},
    "8": {"words": "late April"},
    "10": {"words": "dozen; recent weeks"},
    "11": {"other_counts": "229 SNHR 2019-07-12;262 2019-06-26;281 2020-01-28"},
    "13": {"words": "so far"},
    "16": {"words": "hundreds of thousands; late April"},
}
"""What the note of a claim says in words, as columns that a program can read, by claim."""
ADDED_CLAIM_COLUMNS = ("words", "relation", "other_counts")

WITHOUT_NAMES: dict[str, Cells] = {
    "events": {("309875", "where_coordinates"): "compund outside Barisha village"},
    "published totals": {
        ("17", "note"): (
            "since the meeting; start date taken from the SOHR text of September 2019 that dates that meeting "
            "to 15 February 2019"
        ),
        ("52", "published_by"): "UN, via Daily News Egypt",
        ("66", "claimant"): "UN (Deputy Regional Humanitarian Coordinator)",
        ("106", "published_by"): "UN adviser, via UrduPoint/Sputnik",
        ("108", "published_by"): "UN spokesman, via Le Soir d'Algerie (djazairess)",
    },
}
"""Cells that hold a person's name in the export, as they ship: words are left out, none is added."""


class ExportError(Exception):
    """The export cannot be used; the message names the file and what is wrong with it."""


def read_export(folder: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read some columns of a table of the export, every cell as the text that stands in the file.

    Parameters
    ----------
    folder : Path
        The export folder.
    name : str
        A key of `EXPORT`.
    columns : sequence of str
        The columns to keep, in this order.

    Returns
    -------
    DataFrame
        One text column for each of `columns`; an empty cell is the empty string.

    Raises
    ------
    ExportError
        If the file is missing, is not a CSV file, has no rows or lacks a column.
    """
    path = folder / EXPORT[name]
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise ExportError(f"{EXPORT[name]} ({name}) is not in the export folder {folder}") from None
    except (OSError, EOFError, ValueError) as error:
        raise ExportError(f"{EXPORT[name]} cannot be read as a CSV file: {error}") from error
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ExportError(f"{EXPORT[name]} lacks the column(s) {', '.join(missing)}")
    if frame.empty:
        raise ExportError(f"{EXPORT[name]} has a header and no rows")
    return frame[list(columns)]


def without_names(frame: pd.DataFrame, key: str, cells: Cells) -> pd.DataFrame:
    """Shorten the cells that hold a person's name.

    Parameters
    ----------
    frame : DataFrame
        A table of text cells.
    key : str
        Column that identifies a row.
    cells : mapping
        New text by (key of the row, column).

    Returns
    -------
    DataFrame
        A copy; every other cell is the same.

    Raises
    ------
    ExportError
        If a row is not there exactly once, or a new text holds a word that the old one does not.

    Examples
    --------
    >>> table = pd.DataFrame({"id": ["1", "2"], "who": ["adviser A. Person, via a paper", "a paper"]})
    >>> without_names(table, "id", {("1", "who"): "adviser, via a paper"})["who"].tolist()
    ['adviser, via a paper', 'a paper']
    """
    result = frame.copy()
    for (row, column), text in cells.items():
        place = frame.index[frame[key] == row]
        if len(place) != 1:
            raise ExportError(f"the row with {key} {row} is there {len(place)} times, not once")
        old = iter(re.findall(r"\w+", str(frame.loc[place[0], column])))
        if not all(word in old for word in re.findall(r"\w+", text)):
            raise ExportError(f"{key} {row}, column {column}: the new text has words that the export does not have")
        result.loc[place[0], column] = text
    return result


def cited_sources(documents: pd.DataFrame) -> pd.Series[str]:
    """List the sources that each event cites, each once, in order of position.

    Parameters
    ----------
    documents : DataFrame
        One row a document: event_id, position (order within the event, from 1), source (normalised code).

    Returns
    -------
    Series of str
        Codes joined by ``;``, indexed by event id.

    Raises
    ------
    ExportError
        If a code is empty or holds the separator.

    Examples
    --------
    >>> rows = [("7", "2", "SOHR"), ("7", "10", "AP"), ("7", "1", "Airwars"), ("7", "3", "SOHR")]
    >>> cited_sources(pd.DataFrame(rows, columns=["event_id", "position", "source"])).to_dict()
    {'7': 'Airwars;SOHR;AP'}
    """
    bad = documents["source"].str.contains(";") | (documents["source"] == "")
    if bad.any():
        raise ExportError(f"event {documents.loc[bad, 'event_id'].iloc[0]}: a source code is empty or holds ';'")
    ordered = documents.assign(position=documents["position"].astype(int)).sort_values(["event_id", "position"])
    unique = ordered.drop_duplicates(["event_id", "source"])
    return unique.groupby("event_id")["source"].agg(";".join)


def first_documents(documents: pd.DataFrame) -> pd.Series[str]:
    """Give the earliest date of a document that cites each event.

    A date that stands for "unknown" counts as none. A document dated before its event is kept as given.

    Parameters
    ----------
    documents : DataFrame
        One row a document: event_id, source_date (ISO).

    Returns
    -------
    Series of str
        ISO date indexed by event id; events without a known date are not in it.

    Examples
    --------
    >>> rows = [("7", "2019-05-02"), ("7", "1753-01-01"), ("7", "2019-05-01"), ("8", "1753-01-01")]
    >>> first_documents(pd.DataFrame(rows, columns=["event_id", "source_date"])).to_dict()
    {'7': '2019-05-01'}
    """
    known = documents[(documents["source_date"] != UNKNOWN_DATE) & (documents["source_date"] != "")]
    return known.groupby("event_id")["source_date"].min()


def ged_events(events: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Join events with the sources they cite, and sort them.

    Parameters
    ----------
    events : DataFrame
        The provider's event table, text cells, with the columns `EVENT_COLUMNS`.
    documents : DataFrame
        One row a document: `DOCUMENT_COLUMNS`.

    Returns
    -------
    DataFrame
        `EVENT_COLUMNS`, then ``cited`` and ``first_document`` (empty where no date is known), sorted by date_start,
        date_end and id.

    Raises
    ------
    ExportError
        If an event id is there twice, an event cites no document, or a document cites an event that is not there.
    """
    twice = events.loc[events["id"].duplicated(), "id"]
    if len(twice):
        raise ExportError(f"{len(twice)} event id(s) are there more than once, the first is {twice.iloc[0]}")
    for label, lost in (
        ("cites no document", set(events["id"]) - set(documents["event_id"])),
        ("is cited by a document and is not in the event table", set(documents["event_id"]) - set(events["id"])),
    ):
        if lost:
            raise ExportError(f"event {min(lost)} {label} ({len(lost)} such event(s))")
    joined = events.assign(
        cited=events["id"].map(cited_sources(documents)),
        first_document=events["id"].map(first_documents(documents)).fillna(""),
    )
    number = joined["id"].astype(int)
    order = joined.assign(number=number).sort_values(["date_start", "date_end", "number"]).index
    return joined.loc[order, [*EVENT_COLUMNS, "cited", "first_document"]].reset_index(drop=True)


def daily_totals(folder: Path) -> pd.DataFrame:
    """Read SOHR's nationwide daily totals, without the headlines they were read from.

    Two reports on one date and unknown dates stay as they are: the reader of the table resolves them.
    """
    return read_export(folder, "daily totals", DAILY_COLUMNS)


def published_tolls(folder: Path) -> pd.DataFrame:
    """Read the published totals; persons' names are left out, offices stay."""
    frame = read_export(folder, "published totals", TOLL_COLUMNS)
    return without_names(frame, "row_id", WITHOUT_NAMES["published totals"])


def claims(folder: Path) -> pd.DataFrame:
    """Read the press claims; what their notes say of vague words and of other figures is added as columns."""
    frame = read_export(folder, "press claims", CLAIM_COLUMNS)
    for name in ADDED_CLAIM_COLUMNS:
        added = {claim: cells[name] for claim, cells in CLAIM_READINGS.items() if name in cells}
        frame[name] = frame["claim_id"].map(added).fillna("")
    return frame


def table_bytes(frame: pd.DataFrame, name: str) -> tuple[str, bytes]:
    r"""Write a table to bytes: CSV, or the same CSV compressed where it would be large.

    Parameters
    ----------
    frame : DataFrame
        Text cells.
    name : str
        File name ending in ``.csv``.

    Returns
    -------
    tuple of (str, bytes)
        The file name (with ``.gz`` where compressed) and the file's bytes; the same for the same table.

    Examples
    --------
    >>> table_bytes(pd.DataFrame({"day": ["2019-04-30"], "killed": [""]}), "totals.csv")
    ('totals.csv', b'day,killed\n2019-04-30,\n')
    """
    text = frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
    if len(text) < PLAIN_LIMIT:
        return name, text
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
        stream.write(text)
    return f"{name}.gz", packed.getvalue()


def prepare(export: Path, out: Path) -> dict[str, tuple[int, str]]:
    """Make all tables of the study from an export.

    Parameters
    ----------
    export : Path
        Folder laid out as `EXPORT` says.
    out : Path
        Folder to write to; it is made where it does not exist.

    Returns
    -------
    dict
        Rows and SHA-256 of each table by file name.

    Raises
    ------
    ExportError
        If the export cannot be used; then nothing is written.
    """
    if not export.is_dir():
        raise ExportError(f"the export folder {export} does not exist")
    events = without_names(read_export(export, "events", EVENT_COLUMNS), "id", WITHOUT_NAMES["events"])
    frames = {
        "ged_syria.csv": ged_events(events, read_export(export, "documents", DOCUMENT_COLUMNS)),
        "sohr_daily_totals.csv": daily_totals(export),
        "published_tolls.csv": published_tolls(export),
        "claims.csv": claims(export),
    }
    made = {name: (frame, *table_bytes(frame, name)) for name, frame in frames.items()}
    out.mkdir(parents=True, exist_ok=True)
    report = {}
    for name, (frame, shipped, content) in made.items():
        for stale in {name, f"{name}.gz"} - {shipped}:
            (out / stale).unlink(missing_ok=True)
        (out / shipped).write_bytes(content)
        report[shipped] = (len(frame), hashlib.sha256(content).hexdigest())
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; give the exit code (2 where the export cannot be used)."""
    parser = argparse.ArgumentParser(description="Make the tables of this folder from the provider's export.")
    parser.add_argument("export", type=Path, help="folder with the export: " + ", ".join(EXPORT.values()))
    parser.add_argument("out", type=Path, nargs="?", default=Path(__file__).resolve().parent, help="default: here")
    given = parser.parse_args(arguments)
    try:
        report = prepare(given.export, given.out)
    except (ExportError, OSError) as error:
        print(f"prepare.py: {error}", file=sys.stderr)
        return 2
    for name, (rows, sha256) in report.items():
        print(f"{name}: {rows} rows, sha256 {sha256}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
