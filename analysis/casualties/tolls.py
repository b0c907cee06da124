"""Published totals: what a claimant said was the toll of a period, with its scope, and what it added later.

A running total grows by the deaths of the days since the last one, and by older deaths that were found since. Its
rise is an interval count of what was added, not of who died on those days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from casualties.errors import ConservationError
from casualties.ledger import NOT_YET_KNOWN, read_replay_day
from casualties.provenance import SourceRecord

__all__ = ["QUALIFIERS", "TOLL_COLUMNS", "Tolls", "plain_words", "toll_increments"]

TOLL_COLUMNS = (
    *("row_id", "claimant", "published_by", "published_date", "period_start", "period_end", "area", "who"),
    *("attributed_to", "value", "qualifier", "children", "women", "men", "injured", "civilians_of_value", "kind"),
    *("url_or_ref", "note"),
)
# The figure is a bound from below, from above, or a rounded figure; a blank is an exact one.
QUALIFIERS: Mapping[str, str] = MappingProxyType(
    {
        "": "exact",
        "exactly": "exact",
        "about": "about",
        "around": "about",
        "nearly": "about",
        "at least": "at least",
        "no less than": "at least",
        "more than": "more than",
        "over": "more than",
        "at most": "at most",
        "up to": "at most",
        "less than": "less than",
    }
)
SCOPE = ("claimant", "area", "who", "attributed_to", "period_start")
# Which way a figure is bounded, and so its difference to another one: exact minus "at least" is "at most".
FROM_BELOW, FROM_ABOVE = ("at least", "more than"), ("at most", "less than")
NO_BOUND = "not a bound"


@dataclass(frozen=True, slots=True, eq=False)
class Tolls:
    """Published totals and the ledger of rows that could not be used.

    Parameters
    ----------
    frame : DataFrame
        One row a figure: ``row_id, claimant`` (who counted), ``published_by, published_date, period_start,
        period_end`` (datetime64, inclusive), ``area, who, attributed_to`` (as stated), ``value`` (people),
        ``qualifier, children, women, men, injured, civilians_of_value, kind, url_or_ref, note``.
    rejected : DataFrame
        ``row, column, value, reason`` of each row left out, its ``row_id`` as ``id`` and its figure as ``best``.
    record : SourceRecord
        Where the table comes from.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    record: SourceRecord

    @property
    def coverage(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day covered, as the record states, else of the figures themselves."""
        return self.record.coverage(self.frame["period_start"].min(), self.frame["period_end"].max())

    @property
    def faults(self) -> pd.DataFrame:
        """The rows of the ledger that could not be used (without the figures that a replay does not know yet)."""
        late = self.rejected["reason"].astype("str").str.startswith(NOT_YET_KNOWN)
        return self.rejected[~late.to_numpy(dtype=bool)]

    @property
    def waiting(self) -> pd.DataFrame:
        """Of a replay: the ledger's figures that were not published yet."""
        late = self.rejected["reason"].astype("str").str.startswith(NOT_YET_KNOWN)
        return self.rejected[late.to_numpy(dtype=bool)]

    def as_of(self, date: str | pd.Timestamp) -> Tolls:
        """Give the figures that were published by the evening of a day.

        A figure is known from its ``published_date``. One that states none, or one before the end of its period, is
        known from the last day of its period: it cannot have been known before.

        Parameters
        ----------
        date : str or Timestamp
            The day; what was published on it is known.

        Returns
        -------
        Tolls
            The other figures stand in the ledger as ``not yet known`` (`waiting`), their row number NA. The record's
            version names the day, its coverage ends with it, and its notes say what the replay rests on. There may be
            no figure at all.

        Raises
        ------
        InputError
            If the day cannot be used, or the totals are a replay themselves.
        ConservationError
            If a figure is lost (a fault of the package).

        Examples
        --------
        >>> import casualties as ca
        >>> known = ca.load_study("idlib-2019").sources["tolls"].as_of("2019-07-31")
        >>> len(known.frame), len(known.waiting), known.frame["published_date"].max()
        (73, 42, Timestamp('2019-07-31 00:00:00'))
        """
        day = read_replay_day(date, self.record, "the totals are", "table")
        frame = self.frame
        stated = frame["published_date"] >= frame["period_end"]
        since = frame["published_date"].where(stated, frame["period_end"])
        known = since <= day
        late = frame[~known]
        none = pd.array([pd.NA] * len(late), dtype="Int64")
        entries = pd.DataFrame(
            {
                "row": none,
                "column": stated[~known].map({True: "published_date", False: "period_end"}).astype("str"),
                "value": since[~known].dt.strftime("%Y-%m-%d").astype("str"),
                "reason": f"{NOT_YET_KNOWN} on {day.date()}",
                "id": late["row_id"],
                "low": none,
                "best": late["value"],
                "high": none,
            }
        )
        parts = [part for part in (self.rejected, entries) if len(part)] or [self.rejected]
        rejected = pd.concat(parts, ignore_index=True).astype({"row": "Int64"})
        shown = frame[known].reset_index(drop=True)
        if len(shown) + len(rejected) != len(frame) + len(self.rejected):
            raise ConservationError("a replay does not hold every published total")
        first, last = self.coverage
        undated = int((known & ~stated).sum())
        note = (
            f"A replay: the {len(shown):,} of {len(frame):,} figures published by the evening of {day.date()}; "
            f"{undated:,} of them state no day of publication and are taken as known from the last day of their period."
        )
        record = self.record.replayed(day, (first, last), (*self.record.notes, note))
        return Tolls(shown, rejected, record)

    def __repr__(self) -> str:
        return f"<Tolls {self.record.name}: {len(self.frame)} figures, {len(self.rejected)} rejected>"


def toll_increments(tolls: Tolls) -> pd.DataFrame:
    """Give what each running total added to the one before: an interval count.

    Running totals belong together where claimant, area, victims, perpetrators and first day are the same words. Of
    several figures for one last day the one that says most stands (an exact figure before "about", that before a
    bound; then the one published last, then the one further down), and the others are named.

    Parameters
    ----------
    tolls : Tolls
        The published totals. Where they have a ``kind``, those called running are taken, else all that belong together.

    Returns
    -------
    DataFrame
        One row a pair of totals that follow one another: ``claimant, area, who, attributed_to, period_start``;
        ``start`` (the day after the earlier total's last day) and ``end`` (datetime64, inclusive); ``count`` (people;
        NA where the total fell), ``fall`` (people; NA where it did not), ``falling`` (bool); ``bound`` (what the
        count is: ``"exact"``, ``"about"``, ``"at least"``, ``"at most"``, or ``"not a bound"`` where both totals are
        bounds, since the difference of two lower bounds says nothing of the difference of what they bound);
        ``row_earlier, row_later, published_earlier, published_later``; ``set_aside`` (row_ids of the other figures for
        the last day of either total, named once, joined by ``;``).

    Examples
    --------
    >>> import casualties as ca
    >>> table = toll_increments(ca.load_study("idlib-2019").sources["tolls"])
    >>> coordinators = table[table["claimant"] == "Syria Response Coordinators"]
    >>> coordinators[["start", "end", "count", "bound"]].astype(str).to_numpy().tolist()
    [['2019-07-09', '2019-07-15', '55', 'exact'], ['2019-07-16', '2019-07-29', '184', 'exact']]
    """
    frame = tolls.frame
    called = frame["kind"].str.contains("running", case=False)
    running = frame[called | (frame["kind"] == "")]
    rank = {"exact": 3, "about": 2, "": 0}
    rows = []
    for scope, group in running.groupby(list(SCOPE), sort=True):
        reading = group["qualifier"].map(lambda words: QUALIFIERS.get(plain_words(words), ""))
        ordered = group.assign(reading=reading, rank=reading.map(rank).fillna(1)).sort_values(
            ["period_end", "rank", "published_date"], kind="stable", na_position="first"
        )
        earlier, others = None, []
        for end, figures in ordered.groupby("period_end", sort=True):
            later = figures.iloc[-1]
            others += figures["row_id"].iloc[:-1].tolist()
            if earlier is not None:
                rise = int(later["value"]) - int(earlier["value"])
                rows.append(
                    {
                        **dict(zip(SCOPE, scope, strict=True)),
                        "start": earlier["period_end"] + pd.Timedelta(days=1),
                        "end": end,
                        "count": rise if rise >= 0 else pd.NA,
                        "fall": -rise if rise < 0 else pd.NA,
                        "falling": rise < 0,
                        "bound": _bound(earlier["reading"], later["reading"]),
                        "row_earlier": earlier["row_id"],
                        "row_later": later["row_id"],
                        "published_earlier": earlier["published_date"],
                        "published_later": later["published_date"],
                        "set_aside": ";".join(others),
                    }
                )
                others = []
            earlier = later
    columns = [
        *SCOPE,
        *("start", "end", "count", "fall", "falling", "bound", "row_earlier", "row_later"),
        *("published_earlier", "published_later", "set_aside"),
    ]
    table = pd.DataFrame(rows, columns=columns)
    days = ("period_start", "start", "end", "published_earlier", "published_later")
    kinds = {"count": "Int64", "fall": "Int64", "falling": "bool", **dict.fromkeys(days, frame["period_end"].dtype)}
    return table.astype({**kinds, "bound": "str", "set_aside": "str"})


def plain_words(words: str) -> str:
    """Lower the case and leave out what stands in brackets.

    Examples
    --------
    >>> plain_words("More than (may have been)")
    'more than'
    """
    return re.sub(r"\s*\(.*?\)", "", words).strip().casefold()


def _bound(earlier: str, later: str) -> str:
    """Say what the difference of two figures is, from what each of them is."""
    if {earlier, later} == {"exact"}:
        return "exact"
    if {earlier, later} == {"exact", "about"} or {earlier, later} == {"about"}:
        return "about"
    if earlier == "exact" and later in (*FROM_BELOW, *FROM_ABOVE):
        return "at least" if later in FROM_BELOW else "at most"
    if later == "exact" and earlier in (*FROM_BELOW, *FROM_ABOVE):
        return "at most" if earlier in FROM_BELOW else "at least"
    return NO_BOUND
