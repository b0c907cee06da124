"""UCDP GED: the provider's own file, or a table that keeps its column names."""

from __future__ import annotations

from pathlib import Path

from casualties.errors import InputError
from casualties.events import Events, validate_events
from casualties.provenance import SourceRecord, file_sha256
from casualties.sources.tables import read_table

__all__ = ["read_ucdp_ged"]

RENAMED = {
    "type_of_violence": "kind",
    "adm_1": "adm1",
    "adm_2": "adm2",
    "where_coordinates": "place",
    "latitude": "lat",
    "longitude": "lon",
    "deaths_civilians": "civilians",
    "deaths_unknown": "unknown",
}
REQUIRED = (
    *("id", "type_of_violence", "date_prec", "date_start", "date_end", "side_a", "side_b", "adm_1"),
    *("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "low", "best", "high"),
)
# Columns of words: headlines carry names of victims and belong to their publishers. They are never read.
WORDS = (
    *("source_article", "source_office", "source_date", "source_headline", "source_original"),
    *("where_description", "geom_wkt"),
)


def read_ucdp_ged(path: str | Path, record: SourceRecord | None = None) -> Events:
    """Read a UCDP GED table.

    Parameters
    ----------
    path : str or Path
        A ``.csv``, ``.csv.gz`` or ``.zip`` file with GED's column names. Needed are id, type_of_violence, date_prec,
        date_start, date_end, side_a, side_b, adm_1, deaths_a, deaths_b, deaths_civilians, deaths_unknown, low, best
        and high; all others are optional. ``cited`` (codes of the sources cited) and ``first_document`` (date of the
        first document) are understood where they are there. Headlines and articles are left in the file.
    record : SourceRecord, optional
        Licence, version and coverage of the file. Without it the coverage is taken from the events themselves.

    Returns
    -------
    Events
        Accepted events, and the ledger of rows that could not be used.

    Raises
    ------
    InputError
        If the file cannot be read as such a table, or no row can be used.

    References
    ----------
    Sundberg, R. and Melander, E. (2013), Introducing the UCDP Georeferenced Event Dataset, Journal of Peace
    Research 50(4), 523-532.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.read_ucdp_ged(ca.bundled("idlib-2019") / "ged_syria.csv")
    >>> events
    <Events UCDP GED: 16,566 events, best 112,337, 0 rejected>
    >>> int(events.flagged()["low>best"])
    30
    """
    file = Path(path)
    table = read_table(file, required=REQUIRED, drop=WORDS)
    if record is None:
        record = SourceRecord(
            name="UCDP GED",
            provider="Uppsala Conflict Data Program",
            licence="CC BY 4.0",
            file=file.name,
            sha256=file_sha256(file),
        )
    for given, name in RENAMED.items():
        if given in table.frame and name in table.frame:
            raise InputError(
                f"the column means the same as {given!r}, which is there too",
                file=file.name,
                column=name,
                remedy="keep one of them",
            )
    return validate_events(table.frame.rename(columns=RENAMED), record, table.faults, table.unread)
