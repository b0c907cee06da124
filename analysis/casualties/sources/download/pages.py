"""From pages to one checked table: every row once, as many as the provider says, whole or not at all.

What a provider sends is written as it stands (every cell as the text that it had), under the provider's names of
columns. Beside the table lies its source record.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode

from casualties.errors import InputError, nearest
from casualties.ledger import read_day
from casualties.provenance import SourceRecord, file_sha256
from casualties.sources.download.parts import RESTART, Parts, Row, open_parts, write_whole
from casualties.sources.download.transport import DownloadError

__all__ = ["Download", "Job", "Page", "Progress", "field_of", "gather", "rows_of", "source_record", "whole_number"]

Progress: TypeAlias = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a provider.

    Parameters
    ----------
    rows : list of dict
        Column to cell.
    next : str or None
        The page number, cursor or offset of the next one; None after the last.
    total : int, optional
        How many rows there are in all, where the provider says so.
    """

    rows: list[Row]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be had, and where it goes.

    Parameters
    ----------
    out : Path
        The CSV file to make.
    address : str
        Whom to ask: the address without a query.
    query : dict
        The query without secrets and page numbers.
    first : str
        The first page number, cursor or offset.
    required : tuple of str
        Columns that every row must have.
    key : tuple of str
        Columns that tell rows apart; where there are none, the whole row does.
    nothing : str
        What it means when there is no row at all.
    record : SourceRecord
        Provider, licence, attribution.
    """

    out: Path
    address: str
    query: dict[str, str]
    first: str
    required: tuple[str, ...]
    key: tuple[str, ...]
    nothing: str
    record: SourceRecord


@dataclass(frozen=True, slots=True)
class Download:
    """A table that was had whole.

    Parameters
    ----------
    file : Path
        The CSV file.
    record_file : Path
        The source record beside it.
    record : SourceRecord
        Licence, attribution, query, day of access and SHA-256.
    rows : int
        Rows of the table.
    """

    file: Path
    record_file: Path
    record: SourceRecord
    rows: int


def gather(
    job: Job, fetch: Callable[[str], Page], *, accessed: str, restart: bool = False, progress: Progress | None = None
) -> Download:
    """Get every page that is not there yet, check that they make up the whole, and write the table.

    Parameters
    ----------
    job : Job
        What is to be had.
    fetch : callable
        Gives the page of a page number, cursor or offset.
    accessed : str
        ISO date of this call.
    restart : bool, optional
        Whether to drop pages of an earlier call instead of going on with them.
    progress : callable, optional
        Told the rows had so far, and how many there are in all (None: not known), after each page.

    Returns
    -------
    Download
        The table.

    Raises
    ------
    InputError
        If the file is there already, cannot be made, or pages of another query lie beside it.
    DownloadError
        If a page is had twice, lacks a column, or the rows are not as many as the provider says. Nothing is written
        then but the pages that were had before.
    """
    day = f"{read_day(accessed, 'accessed'):%Y-%m-%d}"
    _free(job.out)
    try:
        parts = open_parts(job.out, {"address": job.address, **job.query}, job.first, day, restart=restart)
        seen: set[tuple[str, ...]] = set()
        for rows in parts:
            _only_once(rows, job, seen)
        host = job.address.split("/")[2]
        while parts.next is not None:
            page = fetch(parts.next)
            number = len(parts.pages) + 1
            _check(page, number, job, parts, host)
            repeated = _only_once(page.rows, job, seen)
            if repeated:
                raise DownloadError(
                    f"{host} gives {repeated} a second time, on page {number}: a page is repeated or has moved",
                    remedy=f"try again later; if it stays so, {RESTART}",
                )
            if page.total is not None:
                parts.total = page.total
            parts.add(page.rows, page.next)
            if progress:
                progress(len(seen), parts.total)
        if parts.total is not None and parts.total != len(seen):
            raise DownloadError(f"{host} says that there are {parts.total:,} rows and gives {len(seen):,}", RESTART)
        return _write(job, parts, len(seen), day)
    except OSError as error:
        raise InputError(
            f"the file cannot be written ({error.strerror or error})",
            file=job.out.name,
            remedy="check the folder and the space left; pages already had are kept",
        ) from error


def source_record(file: str | Path) -> SourceRecord:
    """Give the record that lies beside a downloaded table, to read the table with.

    Parameters
    ----------
    file : str or Path
        The table.

    Returns
    -------
    SourceRecord
        Licence, attribution, query, day of access.

    Raises
    ------
    InputError
        If there is no such record, or it is that of other bytes.
    """
    table = Path(file)
    path = _record_file(table)
    try:
        given = json.loads(path.read_bytes())
        known = {item.name: given[item.name] for item in fields(SourceRecord)}
        record = SourceRecord(**{**known, "notes": tuple(known["notes"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the source record cannot be read", file=path.name, remedy="download the table again"
        ) from error
    if record.sha256 != file_sha256(table):
        raise InputError("the table is not the one that was downloaded", file=table.name, remedy="download it again")
    return record


def rows_of(content: dict[str, Any], name: str, host: str) -> list[Row]:
    """Read the list of rows in a provider's answer.

    Parameters
    ----------
    content : dict
        The answer.
    name : str
        The list's name.
    host : str
        Who answers.

    Returns
    -------
    list of dict
        Column to cell; null is an empty cell.

    Raises
    ------
    DownloadError
        If there is no such list of objects.
    """
    found = field_of(content, name, host)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise DownloadError(f"{host} answers in another form: {name!r} is no list of rows", remedy=NEWER)
    return [{str(column): _cell(value) for column, value in row.items()} for row in found]


def field_of(content: dict[str, Any], name: str, host: str) -> Any:
    """Give a part of a provider's answer, which must be there.

    Parameters
    ----------
    content : dict
        The answer.
    name : str
        The part's name.
    host : str
        Who answers.

    Raises
    ------
    DownloadError
        If it is not there; the message names what is spelled most like it.
    """
    if name not in content:
        near = nearest(name, content)
        raise DownloadError(
            f"{host} answers in another form: there is no {name!r}{f' (but {near!r})' if near else ''}", remedy=NEWER
        )
    return content[name]


def whole_number(value: object) -> int | None:
    """Read a number of rows; None where the provider gives none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


NEWER = "a newer version of this package may know the form; pages already had are kept"


def _check(page: Page, number: int, job: Job, parts: Parts, host: str) -> None:
    """Check a page before it is kept."""
    for row in page.rows:
        missing = [name for name in job.required if name not in row]
        if missing:
            near = nearest(missing[0], [name for name in row if name not in job.required])
            raise DownloadError(
                f"{host} answers in another form: page {number} has no column {missing[0]!r}"
                + (f"; nearest there: {near!r}" if near else ""),
                remedy=NEWER,
            )
    if page.next is not None and page.next in (*parts.asked, parts.next):
        raise DownloadError(
            f"{host} leads from page {number} back to one that was had before: its pages have no end",
            remedy=f"try again later; if it stays so, {RESTART}",
        )
    if not page.rows and page.next is not None:
        raise DownloadError(
            f"{host} gives an empty page {number} and says that more follow", remedy="try again later; pages are kept"
        )
    if not page.rows and not parts.pages:
        raise DownloadError(f"{host} gives no row", remedy=job.nothing)
    if page.total is not None and parts.total is not None and page.total != parts.total:
        raise DownloadError(
            f"{host} speaks of {page.total:,} rows on page {number} and of {parts.total:,} before: the list has "
            "changed on the way",
            remedy=RESTART,
        )


def _only_once(rows: list[Row], job: Job, seen: set[tuple[str, ...]]) -> str:
    """Note the rows; give the name of the first one that was there before."""
    for place, row in enumerate(rows, start=1):
        key = tuple(row[name] for name in job.key) if job.key else tuple(sorted(map("=".join, row.items())))
        if key in seen:
            return f"{job.key[0]} {key[0]!r}" if job.key else f"a row (its {place}th)"
        seen.add(key)
    return ""


def _write(job: Job, parts: Parts, rows: int, day: str) -> Download:
    """Join the pages to one table, make its record, put both in their places and drop the pages."""
    table = parts.folder / "table.csv"
    columns = _columns(parts)
    with open(table, "w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        for page in parts:
            writer.writerows(page)
    notes = job.record.notes
    if parts.accessed != day:
        notes = (*notes, f"taken in parts, from {parts.accessed} to {day}")
    record = replace(
        job.record,
        file=job.out.name,
        url=f"{job.address}?{urlencode(job.query)}",
        accessed=day,
        attribution=job.record.attribution.format(accessed=day),
        sha256=file_sha256(table),
        notes=notes,
    )
    beside = _record_file(job.out)
    content = {**record.to_dict(), "rows": rows, "query": job.query}
    write_whole(beside, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
    # The record first: a break between the two leaves the pages, and the next call makes both anew.
    os.replace(table, job.out)
    parts.drop()
    return Download(job.out, beside, record, rows)


def _columns(pages: Iterable[list[Row]]) -> list[str]:
    """Give the columns in the order in which they come up."""
    return list({name: None for rows in pages for row in rows for name in row})


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _record_file(table: Path) -> Path:
    return table.with_suffix(".source.json")


def _free(out: Path) -> None:
    """Check that the file can be made, before anything is asked."""
    if out.suffix.lower() != ".csv":
        raise InputError("the table is written as CSV", column="--out", value=out.name, remedy="give a name in .csv")
    if not out.parent.is_dir():
        raise InputError("there is no such folder", file=out.parent.name, remedy="make it first")
    if out.exists():
        raise InputError(
            "the file is there already and is not overwritten",
            file=out.name,
            remedy="give another name, or move it away",
        )
