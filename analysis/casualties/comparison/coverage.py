"""Who saw what: which sources the events cite, how far two of them overlap, and where and when.

Citations show which source **saw** an event, not how many dead that source counted: an event carries one figure, and
it is repeated for every source cited. These tables bear coverage and overlap, never a count per source.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd
from pandas.api.typing import NAType

from casualties.comparison.citations import CAVEAT, UNCITED, any_cited, cites_known, select_events
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events, Where
from casualties.results import Basis, Result

__all__ = [
    "EVERY",
    "CitingShare",
    "CoverageResult",
    "OverlapResult",
    "coverage_overlap",
    "share_citing",
    "source_coverage",
]

# pandas' names of the calendar periods; an event belongs to the period of its first day.
PERIODS = MappingProxyType({"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"})
EVERY = "any source"


@dataclass(frozen=True, slots=True, eq=False)
class CoverageResult(Result):
    """How many events, and deaths in them, each source saw.

    Parameters
    ----------
    basis : Basis
        Events, window and settings.
    by : str
        The second dimension: a period or a column.
    counts : DataFrame
        ``source``, the second dimension, ``events``, ``best`` (deaths in those events), ``civilians`` (NA where an
        event of the row does not tell them), ``share_events``, ``share_best`` (of all events and deaths in the same
        period or place). The source ``"any source"`` holds all events: rows of different sources overlap and do not
        add up to it.
    caveat : str
        What citations do not show.
    missing : NotEstimable, optional
        Why there is no row of any source but ``"any source"``: no event of the table cites one.
    """

    basis: Basis
    by: str
    counts: pd.DataFrame
    caveat: str = CAVEAT
    missing: NotEstimable | None = None

    def to_frame(self) -> pd.DataFrame:
        """Give the table."""
        return self.counts

    def summary(self) -> str:
        """Give each source's totals as text."""
        grouped = self.counts.groupby("source", sort=False)
        totals = grouped[["events", "best"]].sum().assign(civilians=grouped["civilians"].agg(_told))
        lines = [
            f"{row.Index}: {row.events:,} events, {row.best:,} deaths in them, {_civilians(row.civilians)}"
            for row in totals.itertuples()
        ]
        if self.missing is not None:
            lines.append(f"by source: not estimable: {self.missing.reason}")
        return "\n".join([*self.basis.lines(), *lines, self.caveat])


@dataclass(frozen=True, slots=True, eq=False)
class OverlapResult(Result):
    """Which events two sources saw, together and alone.

    Parameters
    ----------
    basis : Basis
        Events, window and settings.
    first, second : str
        The two sources.
    cells : DataFrame
        Indexed by ``seen_by`` ("both", "first only", "second only", "neither"): ``events, best, civilians``.
    caveat : str
        What citations do not show.
    """

    basis: Basis
    first: str
    second: str
    cells: pd.DataFrame
    caveat: str = CAVEAT

    def to_frame(self) -> pd.DataFrame:
        """Give the cells with the sources' names."""
        names = {
            "both": f"{self.first} and {self.second}",
            "first only": f"{self.first} without {self.second}",
            "second only": f"{self.second} without {self.first}",
            "neither": "neither",
        }
        return self.cells.rename(index=names).reset_index()

    def summary(self) -> str:
        """Give the cells as text."""
        lines = [
            f"{row.seen_by}: {row.events:,} events, {row.best:,} deaths in them, {_civilians(row.civilians)}"
            for row in self.to_frame().itertuples()
        ]
        return "\n".join([*self.basis.lines(), *lines, self.caveat])


@dataclass(frozen=True, slots=True)
class CitingShare:
    """How much of what the events record rests on a source: it is cited, alone or beside others.

    Parameters
    ----------
    source : str
        The source.
    events, events_citing : int
        Events, and those among them that cite the source.
    deaths, deaths_citing : int
        Deaths (best, of the victims asked for) in them.
    """

    source: str
    events: int
    events_citing: int
    deaths: int
    deaths_citing: int

    @property
    def share_events(self) -> Estimate | NotEstimable:
        """Share of the events; a count of all of them, so without an interval."""
        return _share(self.events_citing, self.events, "share of events")

    @property
    def share_deaths(self) -> Estimate | NotEstimable:
        """Share of the deaths; a count of all of them, so without an interval."""
        return _share(self.deaths_citing, self.deaths, "share of recorded deaths")

    def __str__(self) -> str:
        return (
            f"{self.events_citing:,} of {self.events:,} events, with {self.deaths_citing:,} of {self.deaths:,} "
            f"recorded deaths, cite {self.source}"
        )


def source_coverage(
    events: Events,
    *,
    by: str,
    where: Where | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
) -> CoverageResult:
    """Count events, and deaths in them, by source cited and by period or place.

    Parameters
    ----------
    events : Events
        The event source, with codes in ``cited``.
    by : str
        ``"day"``, ``"week"`` (Monday to Sunday), ``"month"``, ``"quarter"`` or ``"year"`` of the event's first day,
        or a column of the events such as ``"adm1"`` (blank where the place is not known).
    where : mapping, optional
        The place, as in `daily_series`.
    start, end : str or Timestamp, optional
        Events that start and end inside are counted; without them, all.

    Returns
    -------
    CoverageResult
        Sources in order of events; see `CAVEAT` for what this does not show. Where no event of the whole table cites a
        source (an ACLED export keeps its sources as words, which are never read), all events are counted and the
        sources are not estimable (`CoverageResult.missing`).

    Raises
    ------
    UnknownNameError
        If `by` is neither a period nor a column, or a place does not occur.
    InputError
        If the window ends before it starts.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> found = source_coverage(events, by="year", start="2019-01-01", end="2019-11-30")
    >>> found.counts.loc[found.counts["source"] == "any source", "events"].tolist()
    [2043]
    """
    chosen, basis = select_events(events, where, start, end, "all", {"by": by})
    column = by if by in chosen.columns else "period"
    if by in PERIODS:
        chosen = chosen.assign(period=chosen["date_start"].dt.to_period(PERIODS[by]).dt.start_time)
    elif by not in chosen.columns:
        raise UnknownNameError("by", by, [*PERIODS, *(str(name) for name in chosen.columns)])
    every = chosen.assign(source=EVERY)
    single = chosen.assign(source=chosen["cited"].str.split(";")).explode("source", ignore_index=True)
    # An event may cite two documents of one source: it was seen once.
    single = single[single["source"] != ""].drop_duplicates(["id", "source"])
    long = pd.concat([every, single], ignore_index=True)
    grouped = long.groupby(["source", column], sort=True)
    counts = grouped.agg(events=("id", "size"), best=("best", "sum"), civilians=("civilians", _told)).reset_index()
    counts["civilians"] = counts["civilians"].astype("Int64")
    order = long["source"].value_counts()
    # Sources with the same number of events stand in the order of the alphabet, whatever the order of the rows.
    ranked = sorted(order.index, key=lambda name: (name != EVERY, -int(order[name]), str(name)))
    counts["source"] = pd.Categorical(counts["source"], ranked, ordered=True)
    counts = counts.sort_values(["source", column], kind="stable").reset_index(drop=True)
    counts["source"] = counts["source"].astype("str")
    whole = counts[counts["source"] == EVERY].set_index(column)
    for share, name in (("share_events", "events"), ("share_best", "best")):
        total = counts[column].map(whole[name]).astype("float64")
        counts[share] = counts[name] / total.where(total > 0)
    missing = None if any_cited(events) else NotEstimable(UNCITED)
    return CoverageResult(basis, by, counts, missing=missing)


def coverage_overlap(
    events: Events,
    first: str,
    second: str,
    *,
    victims: str = "all",
    where: Where | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
) -> OverlapResult:
    """Count the events that two sources saw together, alone, and not at all.

    Parameters
    ----------
    events : Events
        The event source.
    first, second : str
        Two codes of ``cited``. "Only" means without the other; further sources may be cited beside it.
    victims : {"all", "civilians"}, optional
        All events, or those with civilian deaths.
    where, start, end
        As in `source_coverage`.

    Returns
    -------
    OverlapResult
        See `CAVEAT` for what this does not show. In particular the four cells are no basis for estimating events that
        nobody saw: the two sources are not asked independently, an event stands here because one was read.

    Raises
    ------
    UnknownNameError
        If a source is cited by no event, or a place or class of victims does not exist.
    InputError
        If both sources are the same.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> west = {"adm1": ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]}
    >>> coverage_overlap(events, "SOHR", "Airwars", victims="civilians", where=west, start="2019-04-30",
    ...                  end="2019-08-31").cells["events"].to_dict()
    {'both': 191, 'first only': 260, 'second only': 22, 'neither': 0}
    """
    if first == second:
        raise InputError(
            "a source cannot be compared with itself", column="second", value=second, remedy="name another"
        )
    chosen, basis = select_events(events, where, start, end, victims, {"first": first, "second": second})
    one, two = cites_known(chosen, events, first, "first"), cites_known(chosen, events, second, "second")
    masks = {"both": one & two, "first only": one & ~two, "second only": ~one & two, "neither": ~one & ~two}
    cells = pd.DataFrame(
        {
            name: {
                "events": int(mask.sum()),
                "best": int(chosen["best"][mask].sum()),
                "civilians": _told(chosen["civilians"][mask]),
            }
            for name, mask in masks.items()
        }
    ).T.astype({"events": "int64", "best": "int64", "civilians": "Int64"})
    cells.index.name = "seen_by"
    return OverlapResult(basis, first, second, cells)


def share_citing(
    events: Events,
    source: str,
    *,
    victims: str = "all",
    where: Where | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
) -> CitingShare:
    """Tell how many events, and deaths in them, rest on a source.

    Parameters
    ----------
    events : Events
        The event source.
    source : str
        A code of ``cited``.
    victims : {"all", "civilians"}, optional
        All events and deaths, or the events with civilian deaths and those deaths.
    where, start, end
        As in `source_coverage`.

    Returns
    -------
    CitingShare
        Its shares are not estimable where there are no events or no deaths.

    Raises
    ------
    UnknownNameError
        If the source is cited by no event, or a place or class of victims does not exist.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> west = {"adm1": ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]}
    >>> print(share_citing(events, "SOHR", where=west, start="2019-04-30", end="2019-08-31"))
    696 of 720 events, with 4,249 of 4,276 recorded deaths, cite SOHR
    """
    chosen, _ = select_events(events, where, start, end, victims, {})
    hits = cites_known(chosen, events, source, "source")
    deaths = chosen["best" if victims == "all" else "civilians"]
    return CitingShare(
        source=source,
        events=len(chosen),
        events_citing=int(hits.sum()),
        deaths=int(deaths.sum()),
        deaths_citing=int(deaths[hits].sum()),
    )


def _told(counts: pd.Series) -> int | NAType:
    """Add up a count; NA where an event does not tell it, since the sum would be too small."""
    return pd.NA if counts.isna().any() else int(counts.sum())


def _civilians(count: Any) -> str:
    return "civilians not told apart" if pd.isna(count) else f"{count:,} of them civilians"


def _share(part: int, whole: int, unit: str) -> Estimate | NotEstimable:
    return Estimate(part / whole, unit=unit) if whole else NotEstimable(f"{unit}: there are none")
