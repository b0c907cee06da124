"""UCDP GED: the provider's own file in any of its layouts, or a table that keeps its column names."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from casualties.cells import by_value, contents, decoded, doubled
from casualties.errors import InputError, nearest
from casualties.events import Events, validate_events
from casualties.provenance import SourceRecord
from casualties.sources.files.tables import Layout, read_table
from casualties.sources.reconcile import Totals, difference_note, reconcile

__all__ = ["read_ucdp_ged", "same_relid_note"]

# Our name, and the names that it has had: the current one first.
NAMES = {
    "kind": ("type_of_violence",),
    "adm1": ("adm_1", "adm1"),
    "adm2": ("adm_2", "adm2"),
    "place": ("where_coordinates", "place"),
    "lat": ("latitude", "lat"),
    "lon": ("longitude", "lon"),
    "civilians": ("deaths_civilians", "civilians"),
    "unknown": ("deaths_unknown", "unknown"),
    "low": ("low", "low_est"),
    "best": ("best", "best_est"),
    "high": ("high", "high_est"),
}
# What every layout calls the same, and what some have called otherwise.
SURE = (*("id", "type_of_violence", "date_prec", "date_start", "date_end", "side_a", "side_b", "deaths_a", "deaths_b"),)
NEEDED = ("adm1", "civilians", "unknown", "low", "best", "high")
REQUIRED = (*SURE, *(NAMES[name][0] for name in NEEDED))
# Columns of words: headlines carry names of victims and belong to their publishers. They are never read.
WORDS = (
    *("source_article", "source_office", "source_date", "source_headline", "source_original"),
    *("where_description", "geom_wkt"),
)
CARRIED = (
    *("relid", "year", "active_year", "code_status", "conflict_dset_id", "conflict_new_id", "conflict_name"),
    *("dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "gwnoa", "side_b_dset_id"),
    *("side_b_new_id", "gwnob", "number_of_sources", "where_prec", "priogrid_gid", "country", "country_id", "region"),
    *("event_clarity", "cited", "first_document"),
)
KNOWN = frozenset((*SURE, *CARRIED, *(name for names in NAMES.values() for name in names)))
# Codes for "there is none", by column; a count of deaths has none.
NONE_CODES = {
    "number_of_sources": ("-1", "-1.0"),
    "gwnoa": ("-1", "-99"),
    "gwnob": ("-1", "-99"),
    "priogrid_gid": ("-1", "-99"),
}
# Each different cell of these is looked at; the rest is carried as it stands.
TOLD = (
    *(*SURE[1:], *NONE_CODES, "active_year", "code_status", "where_prec", "cited", "first_document"),
    *(name for names in NAMES.values() for name in names),
)
CLEAR = "clear"
SAME_RELID = "same-relid"
# A number above this is no count of reports of one event.
MOST_SOURCES = 1_000_000


def read_ucdp_ged(
    path: str | Path,
    record: SourceRecord | None = None,
    *,
    totals: Totals | None = None,
    strict: bool = False,
    layout: Layout | None = None,
) -> Events:
    """Read a UCDP GED table, of any of the provider's layouts.

    Parameters
    ----------
    path : str or Path
        A table with GED's column names, in any order: CSV (also ``.gz``, or the provider's ``.zip``), a workbook,
        Parquet, or JSON as the provider's interface answers (the list under ``Result``). Needed are id,
        type_of_violence, date_prec, date_start, date_end, side_a, side_b, adm_1, deaths_a, deaths_b,
        deaths_civilians, deaths_unknown, low, best and high; all others are optional. ``cited`` (codes of the sources
        cited) and ``first_document`` (date of the first document) are understood where they are there. Headlines,
        articles, descriptions and every column that no layout has are left in the file.
    record : SourceRecord, optional
        Licence, version and coverage of the file. Without it the coverage is taken from the events themselves.
    totals : mapping, DataFrame or path, optional
        The provider's own totals, as `casualties.sources.reconcile.reconcile` takes them. How they agree with the
        accepted events and the ledger is added to the notes of the record.
    strict : bool
        Whether a total that differs is an error.
    layout : Layout, optional
        Sheet, row of the header, delimiter, encoding, or path of the records, where the file needs it.

    Returns
    -------
    Events
        Accepted events, and the ledger of rows that could not be used.

    Raises
    ------
    InputError
        If the file cannot be read as such a table, no row can be used, or `strict` is set and a total differs.

    Notes
    -----
    Layouts that are known, and from where:

    - Global releases 20.1 to 26.1: 49 columns (public lists of the releases). Those up to 24.1 write active_year as 1
      and 0, later ones as true and false; it is 1 or 0 here. Dates bear a time of midnight
      (``2025-01-01 00:00:00.000``).
    - 19.1: 42 columns, without relid, code_status, where_description and the ``_dset_id`` columns; dates without a time
      (public lists). The Syria release 652.1601.1911: these without gwnoa, 41 (the file itself). 17.1 and 18.1: only
      some of their columns were seen in public code, under the same names.
    - Up to 5.0: best_est, low_est and high_est for best, low and high (public code).
    - Candidate releases (25.0.x and their like): the 49 columns; public code tells of monthly files without the row of
      names. These are refused, since a position is no name.
    - The interface's JSON: the 49 names under ``Result``, at most 1,000 events an answer. One page is not the whole:
      give its TotalCount as `totals`.

    Codes: number_of_sources -1 is not recorded (NA, as is anything that is no whole number there); -1 and -99 in
    gwnoa, gwnob and priogrid_gid, and a blank adm_1, mean that there is none (blank). A negative count of deaths is a
    fault, and its row goes to the ledger.

    An event whose code_status is not ``Clear`` (candidate releases hold such) is flagged ``not-clear``; it counts
    unless it is left out by that flag.

    Events of different ids that bear the same relid are flagged ``same-relid``, counted, and told of in the notes of
    the record with their deaths (`same_relid_note`): releases put together, an annual one and the candidate one of
    the same months, may hold an event twice. Both are kept, also where they are equal in everything else. The words of
    the codebook on relid could not be consulted; without them, whether the second one is the same event and which of
    two figures stands is not known. Rows of one id are another matter: the ledger has the repeated ones.

    References
    ----------
    Sundberg, R. and Melander, E. (2013), Introducing the UCDP Georeferenced Event Dataset, Journal of Peace
    Research 50(4), 523-532.

    Hegre, H., Croicu, M., Eck, K. and Högbladh, S. (2020), Introducing the UCDP Candidate Events Dataset, Research &
    Politics 7(3).

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
    try:
        table = read_table(file, required=SURE, drop=WORDS, layout=layout, hashed=record is None, encoded=TOLD)
    except InputError as error:
        if error.column == SURE[0]:
            error.remedy += (
                "; where the first row is an event already, put GED's column names above it (some monthly files "
                "came without them)"
            )
        raise
    if record is None:
        record = SourceRecord(
            name="UCDP GED",
            provider="Uppsala Conflict Data Program",
            licence="CC BY 4.0",
            file=file.name,
            sha256=table.sha256,
        )
    raw, unread = _understood(table.frame, file.name), table.unread
    foreign = table.frame[[name for name in table.frame if name not in KNOWN]]
    if len(foreign.columns):
        # What is not kept still tells rows apart.
        unread = unread ^ contents(foreign[name] for name in foreign).view("int64")
    events = _finished(validate_events(raw, record, table.faults, unread))
    if totals is None:
        return events
    compared = difference_note(reconcile(events, totals, rows=raw.apply(decoded), strict=strict))
    return replace(events, record=replace(events.record, notes=(*events.record.notes, f"{compared}.")))


def same_relid_note(events: Events) -> str:
    """Say how many events and deaths stand under a relid that another event bears too.

    Parameters
    ----------
    events : Events
        Events of UCDP GED.

    Returns
    -------
    str
        A sentence or two; empty where no relid is borne by two events, or the table has none.

    Examples
    --------
    >>> import casualties as ca
    >>> same_relid_note(ca.read_ucdp_ged(ca.bundled("idlib-2019") / "ged_syria.csv"))
    ''
    """
    accepted = events.accepted
    return _relid_note(accepted[_same_relid(accepted["relid"])]) if "relid" in accepted else ""


def _relid_note(shared: pd.DataFrame) -> str:
    """Say how many events and deaths stand under shared relids."""
    if shared.empty:
        return ""
    deaths = shared.groupby(shared["relid"].str.strip())["best"]
    total, once = int(shared["best"].sum()), int(deaths.max().sum())
    relids = "one relid" if deaths.ngroups == 1 else f"{deaths.ngroups:,} relids"
    return (
        f"{len(shared):,} events with {total:,} deaths (best) share {relids} under different ids, and "
        f"all of them are counted. If each relid is one event, that is at least {total - once:,} deaths too many: "
        "where the file was put together from several releases, keep one release for each period."
    )


def _same_relid(relid: pd.Series[str]) -> pd.Series[bool]:
    """Tell which events bear a relid that another event bears too."""
    cells = relid.str.strip()
    return pd.Series(cells.index.isin(doubled(cells).index), index=cells.index)


def _understood(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    """Give the columns that a layout has under our names, codes for "none" as blanks."""
    ours: dict[str, str] = {}
    for name, spellings in NAMES.items():
        found = [spelling for spelling in spellings if spelling in frame]
        if len(found) > 1:
            raise InputError(
                f"the column means the same as {found[0]!r}, which is there too",
                file=file,
                column=found[1],
                remedy="keep one of them",
            )
        ours |= dict.fromkeys(found, name)
    missing = [NAMES[name][0] for name in NEEDED if name not in ours.values()]
    if missing:
        others = [str(name) for name in frame if name not in KNOWN]
        near = {name: other for name in missing if (other := nearest(name, others))}
        more = f" (missing too: {', '.join(missing[1:])})" if missing[1:] else ""
        words = ", ".join(f"the nearest column is {other!r} for {name!r}" for name, other in near.items())
        raise InputError(
            f"the column is missing{more}",
            file=file,
            column=missing[0],
            remedy=f"{words}; rename it if it is the same" if near else "check the format",
        )
    raw = frame[[name for name in frame if name in KNOWN]].rename(columns=ours)
    for name, codes in NONE_CODES.items():
        if name in raw:
            raw[name] = by_value(raw[name], partial(_without, codes=codes))
    if "active_year" in raw:
        raw["active_year"] = by_value(
            raw["active_year"], lambda cells: cells.str.strip().str.lower().replace({"true": "1", "false": "0"})
        )
    return raw


def _without(cells: pd.Series, codes: tuple[str, ...]) -> pd.Series:
    """Leave out the codes for "there is none"."""
    stripped = cells.str.strip()
    return stripped.mask(stripped.isin(codes), "")


def _finished(events: Events) -> Events:
    """Read the number of sources; flag what the provider has not cleared, and tell of events that share a relid."""
    accepted, record = events.accepted, events.record
    if "number_of_sources" in accepted:
        accepted["number_of_sources"] = by_value(accepted["number_of_sources"], _sources)
    if "code_status" in accepted:
        _flag(accepted, by_value(accepted["code_status"], _not_clear), "not-clear")
    if "relid" in accepted and (shared := _same_relid(accepted["relid"])).any():
        _flag(accepted, shared, SAME_RELID)
        record = replace(record, notes=(*record.notes, _relid_note(accepted[shared])))
    return replace(events, accepted=accepted, record=record)


def _sources(cells: pd.Series) -> pd.Series:
    """Read numbers of sources, NA where there is no whole number."""
    number = pd.to_numeric(cells, errors="coerce").astype("Float64")
    return number.where(number.between(0, MOST_SOURCES) & (number == number.round())).astype("Int64")


def _not_clear(cells: pd.Series) -> pd.Series:
    return ~cells.str.strip().str.lower().isin(("", CLEAR))


def _flag(accepted: pd.DataFrame, mask: pd.Series[bool], flag: str) -> None:
    """Put a flag behind those that some events have."""
    if mask.any():
        flags = by_value(accepted["flags"], lambda flags: (flags + f";{flag}").str.lstrip(";"))
        accepted["flags"] = accepted["flags"].where(~mask, flags)
