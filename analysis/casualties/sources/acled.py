"""ACLED: one figure an event, about all its dead and nothing finer; what the export does not tell stays unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from casualties.cells import by_value, decoded, told_apart
from casualties.errors import InputError
from casualties.events import COLUMNS, Events, validate_events
from casualties.provenance import SourceRecord
from casualties.sources.files.tables import RawTable, read_table

__all__ = ["heaping", "read_acled"]

RENAMED = {
    "event_id_cnty": "id",
    "time_precision": "date_prec",
    "admin1": "adm1",
    "admin2": "adm2",
    "admin3": "adm3",
    "location": "place",
    "latitude": "lat",
    "longitude": "lon",
    "geo_precision": "where_prec",
    "fatalities": "best",
}
REQUIRED = (
    *("event_id_cnty", "event_date", "time_precision", "event_type", "actor1", "actor2", "admin1"),
    "fatalities",
)
# Notes tell of people, sources and tags belong to their publishers. They are never read.
WORDS = ("notes", "source", "tags")
# Each different cell of these is looked at.
TOLD = (
    *("event_date", "year", "time_precision", "event_type", "civilian_targeting", "admin1", "admin2", "location"),
    *("actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "latitude", "longitude"),
    *("geo_precision", "fatalities"),
)
PRECISIONS = ("1", "2", "3")
ACTOR_TYPES = {
    "1": "State forces",
    "2": "Rebel group",
    "3": "Political militia",
    "4": "Identity militia",
    "5": "Rioters",
    "6": "Protesters",
    "7": "Civilians",
    "8": "External/Other forces",
}
NOBODY = ("", "0")
SHAPES = {
    "yyyy-mm-dd": r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00(?::00(?:\.0+)?)?)?",
    "dd-mm-yyyy": r"[0-9]{2}-[0-9]{2}-[0-9]{4}",
    "30 April 2019": r"[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4}",
}
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
TARGETING = "violence against civilians"
LICENCE = (
    "ACLED terms of use: event rows may not be passed on; derived figures may, with attribution and date of access"
)
ATTRIBUTION = "Data from ACLED (Armed Conflict Location & Event Data), acleddata.com; accessed {accessed}"
HEAPS = (3, 10, 12, 100)


def read_acled(path: str | Path, *, deleted: str | Path | None = None, record: SourceRecord | None = None) -> Events:
    """Read an export of ACLED, of the current layout or an older one.

    Parameters
    ----------
    path : str or Path
        A ``.csv``, ``.csv.gz`` or ``.zip`` file with ACLED's column names. Needed are event_id_cnty, event_date,
        time_precision, event_type, actor1, actor2, admin1 and fatalities; all others are optional.
        Notes, names of sources and tags are left in the file.
    deleted : str or Path, optional
        A second export with a column event_id_cnty: events that the provider has deleted since. Their rows go to the
        ledger with their deaths.
    record : SourceRecord, optional
        Version, date of access and coverage of the file. Whatever it says, rows may not be passed on, and an
        attribution and a licence are filled in where it has none. Without a record the coverage is taken from the
        events themselves.

    Returns
    -------
    Events
        Accepted events, and the ledger of rows that could not be used, whose columns bear the provider's names.

    Raises
    ------
    InputError
        If a file cannot be read as such a table, its dates are written in several ways or month first, or no row can
        be used.

    Notes
    -----
    - ``best`` and ``unknown`` are the fatalities: ACLED counts the dead of an event and does not say who they were.
      ``low``, ``high``, ``civilians``, ``deaths_a`` and ``deaths_b`` are NA, and a series of one class of victims is
      refused. Deaths in events that target civilians are no count of dead civilians; they can be asked for as a place
      is, with ``where={"targets_civilians": "yes"}``. ``targets_civilians`` is ``yes`` for violence against civilians
      and where civilian_targeting is filled, ``no`` elsewhere, and empty where an older layout lacks that column.
    - ``kind`` is NA: ACLED's types of event tell what was done, UCDP's kinds who fought. event_type and sub_event_type
      are carried along.
    - Dates are read as ``2019-04-30``, ``30-04-2019`` or ``30 April 2019``, one way in a file. The rule for numbers:
      a year of four digits that stands last, after hyphens, means day first, as ACLED wrote it. A file with several
      ways, or with a date that only month first makes possible, is refused. Any other shape (slashes, two-digit years)
      goes to the ledger.
    - ``date_prec`` is time_precision as given (1 to 3), which stays under its own name too. It is not translated to
      UCDP's scale: 1 is the day, 2 a week, and 3 a month or the middle of a week, by version of the codebook. The
      same holds for ``where_prec`` and geo_precision. Every event is placed on event_date; the export states no
      window, so none is made.
    - ``side_a`` and ``side_b`` are the first names of actor1 and actor2, ``assoc_a`` and ``assoc_b`` those of the
      associated actors; the cells with all names are carried along. The order of the actors says nothing about who
      attacked.
    - inter1 and inter2 are given in the provider's current words, whether the file has numbers or words. A type that
      is not known is kept as it stands, and the event flagged ``actor-type``: no death hangs on it.

    References
    ----------
    Raleigh, C., Linke, A., Hegre, H. and Karlsen, J. (2010), Introducing ACLED: An Armed Conflict Location and Event
    Dataset, Journal of Peace Research 47(5), 651-660.
    """
    file = Path(path)
    table = read_table(file, required=REQUIRED, drop=WORDS, hashed=record is None, encoded=TOLD)
    given = table.frame
    _refuse_foreign(given, file.name)
    sound = ~given.index.isin(list(table.faults))
    dates, shape = _iso_dates(given["event_date"], sound, file.name)
    gone = _deleted(deleted, file.name)
    raw = given.rename(columns=RENAMED)
    raw["date_start"] = dates
    raw["time_precision"] = given["time_precision"]
    if "geo_precision" in given:
        raw["geo_precision"] = given["geo_precision"]
    for made, name in (
        ("side_a", "actor1"),
        ("side_b", "actor2"),
        ("assoc_a", "assoc_actor_1"),
        ("assoc_b", "assoc_actor_2"),
    ):
        if name in given:
            raw[made] = by_value(given[name], lambda text: text.str.split(";", n=1).str[0].str.strip())
    unknown_types = pd.Series(False, index=given.index)
    for name in ("inter1", "inter2"):
        if name in given:
            raw[name], unknown = _actor_types(given[name])
            unknown_types |= unknown
    raw["targets_civilians"] = _targets_civilians(given)
    raw["unknown_type"] = unknown_types
    is_gone = decoded(raw["id"]).str.strip().isin(gone) if gone else pd.Series(False, index=raw.index)
    refused = [(is_gone, "id", "deleted by the provider since")]
    refused += [
        (by_value(raw[name], partial(_not_of, codes=codes)), name, "not one of 1, 2, 3")
        for name, codes in (("date_prec", PRECISIONS), ("where_prec", (*PRECISIONS, "")))
        if name in raw
    ]
    if "year" in given:
        refused.append((_years_differ(dates, given["year"]), "year", "not the year of event_date"))
    notes = [f"Dates are written as {shape}." if shape else "No date could be read."]
    beyond = by_value(dates, lambda text: text.str.fullmatch(r"[0-9]{4}-[0-9]{2}-(1[3-9]|2[0-9]|3[01])"))
    if shape == "dd-mm-yyyy" and not beyond[sound].any():
        notes.append("No date shows by itself whether the day stands first; the provider's order is taken.")
    if deleted is not None:
        notes.append(f"{int(is_gone.sum()):,} of the {len(gone):,} events deleted by the provider stand in the table.")
    record = _record(record, file.name, table.sha256, notes)
    try:
        events = validate_events(raw, record, table.faults, table.unread, refused)
    except InputError as error:
        error.column = _given_name(error.column)
        raise
    return _finished(events, given)


def heaping(events: Events, values: Iterable[int] = HEAPS) -> pd.DataFrame:
    """Show how many events carry a round or conventional figure, against the figures beside it.

    ACLED writes 3 for "several", 10 for "tens", 12 for "dozens" and 100 for "hundreds", so these figures are partly
    words, not counts.

    Parameters
    ----------
    events : Events
        The events, of any source.
    values : iterable of int, default (3, 10, 12, 100)
        Figures of at least 2 deaths.

    Returns
    -------
    DataFrame
        Indexed by ``value``: ``events`` and ``deaths`` (best) at that figure; ``share_events`` and ``share_deaths``
        among the events with at least one death; ``beside``, the events to expect from the figures beside it: the
        geometric mean of the mean number of events at a figure just below and just above (within 10 %, at least one
        figure to each side, the other values left out), since these numbers fall steeply with size; ``ratio`` of
        events to ``beside``, NaN where nothing stands on one of the sides. A ratio is a description, not a test.

    Raises
    ------
    InputError
        If a value is not a whole number of at least 2.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.read_ucdp_ged(ca.bundled("idlib-2019") / "ged_syria.csv")
    >>> heaping(events)[["events", "beside", "ratio"]].round(2)
           events   beside  ratio
    value
    3        1161  2872.88   0.40
    10        213   183.47   1.16
    12        154   128.45   1.20
    100         2     0.72   2.77
    """
    heaps = list(values)
    for value in heaps:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 2:
            raise InputError("a figure is a whole number of at least 2", column="values", value=value)
    deaths = events.accepted["best"].astype("int64")
    counts = deaths[deaths > 0].value_counts()
    everyone = int(deaths.sum())
    rows = []
    for value in heaps:
        reach = max(1, value // 10)
        below, above = range(value - reach, value), range(value + 1, value + reach + 1)
        number = int(counts.get(value, 0))
        sides = [counts.reindex([figure for figure in side if figure not in heaps]) for side in (below, above)]
        beside = float(np.sqrt(np.prod([side.fillna(0).mean() for side in sides])))
        rows.append(
            {
                "value": int(value),
                "events": number,
                "deaths": number * int(value),
                "share_events": number / int(counts.sum()) if len(counts) else np.nan,
                "share_deaths": number * int(value) / everyone if everyone else np.nan,
                "beside": beside,
                "ratio": number / beside if beside > 0 else np.nan,
            }
        )
    columns = ["value", "events", "deaths", "share_events", "share_deaths", "beside", "ratio"]
    return pd.DataFrame(rows, columns=columns).set_index("value")


def _refuse_foreign(given: pd.DataFrame, name: str) -> None:
    """Raise if the file has a column of the event table's own names: it would be taken for what it is not."""
    made = {*COLUMNS, *RENAMED.values(), "assoc_a", "assoc_b", "targets_civilians", "unknown_type"}
    foreign = [column for column in given.columns if column in made]
    if foreign:
        raise InputError(
            "the provider's layouts have no such column, and its meaning is not known",
            file=name,
            column=foreign[0],
            remedy="leave it out, or give it another name",
        )


def _iso_dates(text: pd.Series, sound: np.ndarray, name: str) -> tuple[pd.Series, str]:
    """Write dates as ISO, and tell how the file writes them; what has no known shape is left as it stands.

    Each way is judged over the whole file, since one cell such as 04-05-2019 does not show its order.
    """
    codes, values = told_apart(text)
    cells = values.str.strip()
    words = cells.str.extract(r"^([0-9]{1,2}) ([A-Za-z]{3,9}) ([0-9]{4})$")
    month = words[1].str.lower().map({form: f"{number:02d}" for number, form in _month_names()})
    ways = pd.Series("", index=cells.index, dtype="object")
    for way, shape in SHAPES.items():
        ways[cells.str.fullmatch(shape) & (month.notna() | (way != "30 April 2019"))] = way
    counts = pd.Series(np.bincount(codes[sound], minlength=len(cells))).groupby(ways, sort=False).sum()
    counts = counts[(counts > 0) & (counts.index != "")].sort_values(ascending=False, kind="stable")
    if len(counts) > 1:
        row = int(np.flatnonzero(sound & (ways == counts.index[-1]).to_numpy()[codes])[0])
        parts = ", ".join(f"{number:,} as {way}" for way, number in counts.items())
        raise InputError(
            f"the dates are written in several ways ({parts}), so their order cannot be told for certain",
            file=name,
            row=int(text.index[row]),
            column="event_date",
            value=text.iloc[row],
            remedy="export the table again, or read its parts one by one",
        )
    way = str(counts.index[0]) if len(counts) else ""
    iso = cells
    if way == "30 April 2019":
        iso = (words[2] + "-" + month + "-" + words[0].str.zfill(2)).where(ways == way, cells)
    elif way == "dd-mm-yyyy":
        day, second = cells.str[:2], cells.str[3:5]
        reversed_ = (ways == way) & (second > "12") & (second <= "31") & (day <= "12")
        rows = np.flatnonzero(sound & reversed_.to_numpy()[codes])
        if len(rows):
            raise InputError(
                "this date is possible only with the month first, so the order of the others is in doubt",
                file=name,
                row=int(text.index[rows[0]]),
                column="event_date",
                value=text.iloc[rows[0]],
                remedy="write the dates as YYYY-MM-DD",
            )
        iso = (cells.str[6:] + "-" + second + "-" + day).where(ways == way, cells)
    return by_value(text, lambda _: iso.astype("str")), way


def _years_differ(dates: pd.Series, years: pd.Series) -> pd.Series[bool]:
    """Tell where a year is given that is not that of the date."""
    dated = by_value(dates, lambda text: text.str[:4].where(text.str.fullmatch(SHAPES["yyyy-mm-dd"]), ""))
    (of_date, days), (of_year, told) = told_apart(dated), told_apart(by_value(years, _code))
    numbers, words = pd.factorize(pd.concat([days, told], ignore_index=True))
    one, other = numbers[: len(days)][of_date], numbers[len(days) :][of_year]
    filled = np.asarray(words != "")
    return pd.Series(filled[one] & filled[other] & (one != other), index=dates.index, dtype="bool")


def _code(text: pd.Series) -> pd.Series:
    """Give a code as its digits: a spreadsheet may have written 2 as 2.0."""
    return text.str.strip().str.removesuffix(".0")


def _not_of(text: pd.Series, codes: tuple[str, ...]) -> pd.Series:
    return ~_code(text).isin(codes)


def _month_names() -> list[tuple[int, str]]:
    """List the English names of the months, whole and of three letters, with their numbers."""
    return [(number, form) for number, month in enumerate(MONTHS, start=1) for form in (month, month[:3])]


def _actor_types(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give types of actors in the provider's current words, and tell which ones are not known."""
    forms = {**ACTOR_TYPES, **dict.fromkeys(NOBODY, "")}
    for word in ACTOR_TYPES.values():
        # Codebooks write "Rebel Groups" where exports write "Rebel group".
        forms |= {word.lower(): word, f"{word.lower()}s": word}

    def found(cells: pd.Series) -> pd.Series:
        return _code(cells).str.lower().map(forms).astype("str")

    words = by_value(text, lambda cells: found(cells).where(found(cells).notna(), cells))
    return words, by_value(text, lambda cells: found(cells).isna())


def _targets_civilians(given: pd.DataFrame) -> pd.Series:
    """Tell which events target civilians; an older layout tells it of violence against civilians alone."""
    targets, other = by_value(given["event_type"], lambda cells: cells.str.strip().str.lower() == TARGETING), ""
    if "civilian_targeting" in given:
        targets, other = targets | by_value(given["civilian_targeting"], lambda cells: cells.str.strip() != ""), "no"
    return pd.Series(
        pd.Categorical.from_codes(targets.to_numpy(dtype="int8"), pd.Index([other, "yes"])), index=given.index
    )


def _deleted(path: str | Path | None, name: str) -> set[str]:
    """Read the ids of deleted events; a broken row is refused, since it would leave a deleted event in the table."""
    if path is None:
        return set()
    file = Path(path)
    table: RawTable = read_table(file, required=("event_id_cnty",), drop=WORDS)
    ids = table.frame["event_id_cnty"].str.strip()
    broken = {**dict.fromkeys(ids.index[ids == ""].tolist(), "no id given"), **table.faults}
    if broken:
        row = min(broken)
        raise InputError(
            f"{broken[row]}, so it is not certain which event of {name} it deletes",
            file=file.name,
            row=int(row),
            remedy="export the list of deleted events again",
        )
    return set(ids)


def _record(record: SourceRecord | None, name: str, sha256: str, notes: list[str]) -> SourceRecord:
    """Complete a record: licence and attribution are the provider's, and no record makes rows free to pass on."""
    if record is None:
        record = SourceRecord(
            name="ACLED",
            provider="Armed Conflict Location & Event Data (ACLED)",
            url="https://acleddata.com",
            file=name,
            sha256=sha256,
        )
    attribution = ATTRIBUTION.format(accessed=record.accessed or "(date of access not given)")
    return replace(
        record,
        licence=record.licence or LICENCE,
        attribution=record.attribution or attribution,
        redistributable=False,
        notes=(*record.notes, *notes),
    )


def _given_name(column: str) -> str:
    """Give the provider's name of a column."""
    return {"date_start": "event_date", **{made: given for given, made in RENAMED.items()}}.get(column, column)


def _finished(events: Events, given: pd.DataFrame) -> Events:
    """Put all dead under unknown status, flag unknown types, and let the ledger speak of the provider's cells."""
    accepted = events.accepted.copy(deep=False)
    accepted["unknown"] = accepted["best"]
    odd = accepted.pop("unknown_type").astype(bool)
    if odd.any():
        accepted.loc[odd, "flags"] = (accepted.loc[odd, "flags"] + ";actor-type").str.lstrip(";")
    rejected = events.rejected.copy()
    rejected["column"] = rejected["column"].map(_given_name)
    dated = rejected["column"] == "event_date"
    rejected.loc[dated, "value"] = decoded(given["event_date"].reindex(rejected.loc[dated, "row"])).to_numpy()
    return replace(events, accepted=accepted, rejected=rejected)
