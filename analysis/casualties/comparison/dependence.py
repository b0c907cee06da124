"""Who rests on whom: what share of the recorded deaths each source cited bears, alone or beside others.

A record that is coded from its sources is no further witness beside them. What it owes to each can be counted from the
sources that its events cite; whether one source copied another cannot, since two that tell of one event may both have
seen it. So the answers hold a number and what it would be if all, or nothing, of what two sources share were copied.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casualties.comparison.citations import (
    REFERENCE,
    UNCITED,
    any_cited,
    citation_matrix,
    counted_deaths,
    select_events,
)
from casualties.comparison.effective_number import (
    EffectiveNumber,
    RestsOn,
    check_names,
    number_of_mixtures,
    observers,
)
from casualties.estimates import NotEstimable
from casualties.events import Events, Where
from casualties.results import Basis, Result

__all__ = ["COPIES", "DependenceResult", "source_dependence"]

COPIES = (
    "Two sources that are cited for one event may both have seen it, or one may have it from the other: citations do "
    "not tell which. Agreement of sources that share their events is no confirmation."
)
TRUNCATED = (
    "A lift below 1 is no sign that two sources avoid each other: the events that neither told of are not in the "
    "record, and their absence lowers every lift."
)
UNNAMED = "other"
LARGELY = 0.5
ONE_DATE = (
    "the record gives each event one date of publication, that of its earliest document, and does not say whose "
    "document it was"
)
UNDATED = "the record gives no dates of documents"


@dataclass(frozen=True, slots=True, eq=False)
class DependenceResult(Result):
    """On which sources a record of events rests, and how far these share their events.

    Parameters
    ----------
    basis : Basis
        Events, window and settings; its source is the record that is coded from the others.
    events, deaths : int
        Events, and deaths in them (of the victims asked for).
    sources : DataFrame
        One row a source, the most cited first: ``source``; ``events``, ``deaths`` (of events that cite it),
        ``share_events``, ``share_deaths`` (of all); ``sole_events``, ``sole_deaths`` (of events that cite nothing
        else and would not be there without it), ``share_sole_deaths``; ``split_deaths`` (the deaths of each event in
        equal parts to the sources it cites, so that the column and the uncited deaths add up to all); ``dated``,
        ``delay`` (events of one day that cite it alone with a document not before that day, and the median of days
        until it).
    pairs : DataFrame
        One row an ordered pair: ``source``, ``beside``; ``events``, ``deaths`` (of events that cite both),
        ``share_events``, ``share_deaths`` (of the source's own events and deaths), ``lift`` (events that cite both,
        over what they would be if the sources were cited independently of each other).
    uncited_events, uncited_deaths : int
        Events, and deaths in them, that cite no source.
    effective : EffectiveNumber or NotEstimable
        On how many sources the record rests, as if in equal parts.
    publishes_first : NotEstimable
        Why it cannot be said which source publishes first.
    warnings : tuple of str
        What to mind.
    mixtures : mapping of str to mapping of str to float
        The share of the deaths that come from each source: of each event evenly (``"split"``), or wholly from the
        ``"largest"`` or ``"smallest"`` of those it cites; empty where that cannot be told.
    nested : mapping of str to mapping of str to float
        The share of each source's deaths that stand in events which also cite a larger one, by the largest of these.
    """

    basis: Basis
    events: int
    deaths: int
    sources: pd.DataFrame
    pairs: pd.DataFrame
    uncited_events: int
    uncited_deaths: int
    effective: EffectiveNumber | NotEstimable
    publishes_first: NotEstimable
    warnings: tuple[str, ...]
    mixtures: Mapping[str, Mapping[str, float]]
    nested: Mapping[str, Mapping[str, float]]

    def to_frame(self) -> pd.DataFrame:
        """Give the table of sources; that of pairs is `pairs`."""
        return self.sources

    def effective_number(
        self, sources: Sequence[str], rests_on: RestsOn | None = None
    ) -> EffectiveNumber | NotEstimable:
        """Tell how many of several sources of a study are independent.

        Parameters
        ----------
        sources : sequence of str
            The sources used: this record by its name (`basis.source`), sources that it cites by their codes, others by
            any name.
        rests_on : mapping, optional
            What is known beyond the citations, as in `independent_sources`: e.g. that a table of totals is a cited
            source's own (``{"SOHR daily totals": "SOHR"}``). It replaces what the citations say of that source.

        Returns
        -------
        EffectiveNumber or NotEstimable
            The value takes the record to rest on the sources that it cites (the deaths of an event in equal parts) and
            those, where nothing is said of them, to have seen for themselves. `fewest` takes what two cited sources
            share as the smaller one's copy of the larger one; `most` counts each event to the least cited source.

        Raises
        ------
        InputError
            As `independent_sources` raises it.

        Examples
        --------
        >>> import casualties as ca
        >>> study = ca.load_study("idlib-2019")
        >>> where, window = study.at("north_west").where, study.windows["offensive"]
        >>> found = source_dependence(study.sources["ucdp"], where=where, start=window.start, end=window.end)
        >>> print(found.effective_number(["UCDP GED", "SOHR daily totals"], {"SOHR daily totals": "SOHR"}))
        2 sources, about 1.0 (1.0 to 1.1) of them independent
        """
        names = check_names(sources)
        declared = dict(rests_on or {})
        said = {name.casefold() for name in declared}
        record = self.basis.source
        if record.casefold() in {name.casefold() for name in names} - said and not self.mixtures:
            return NotEstimable(f"on whom {record} rests: {self._unmeasured()}")
        found = []
        for kind in ("split", "largest", "smallest"):
            known: dict[str, str | Mapping[str, float]] = {}
            if record.casefold() not in said and self.mixtures:
                known[record] = self.mixtures[kind]
            if kind == "largest":
                known |= {name: each for name, each in _undeclared(self.nested, said).items() if each}
            mixtures, assumed = observers(names, known | declared)
            found.append((number_of_mixtures(mixtures), assumed))
        numbers = [number for number, _ in found]
        return EffectiveNumber(len(names), numbers[0], min(numbers), max(numbers), found[0][1])

    def summary(self) -> str:
        """Give what rests on whom as text."""
        lines = [
            f"{row.source}: cited by {row.events:,} of {self.events:,} events, with {row.deaths:,} of {self.deaths:,} "
            f"recorded deaths; alone by {row.sole_events:,} events, with {row.sole_deaths:,}"
            for row in self.sources.itertuples()
        ]
        if isinstance(self.effective, NotEstimable):
            lines.append(f"sources that the record rests on: {self.effective}")
        else:
            lines.append(
                f"{self.effective.named} sources cited; the record rests on them as on {self.effective.words()} in "
                "equal parts (in brackets: what events that cite several leave open)"
            )
        return "\n".join([*self.basis.lines(), *lines, f"who publishes first: {self.publishes_first}", *self.warnings])

    def _unmeasured(self) -> str:
        return "no deaths are recorded" if self.events and not self.deaths else "no event cites a source"


def source_dependence(
    events: Events,
    *,
    victims: str = "all",
    where: Where | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
) -> DependenceResult:
    r"""Tell on which sources a record of events rests, and how far these share their events.

    Parameters
    ----------
    events : Events
        The event source, with codes in ``cited``.
    victims : {"all", "civilians"}, optional
        All events and deaths, or the events with civilian deaths and those deaths.
    where : mapping, optional
        The place, as in `daily_series`.
    start, end : str or Timestamp, optional
        Events that start and end inside are counted; without them, all.

    Returns
    -------
    DependenceResult
        Where no event cites a source, or nobody died, the effective number is not estimable and says why.

    Raises
    ------
    UnknownNameError
        If a place or class of victims does not exist.
    InputError
        If the window ends before it starts, or civilians are asked for that no event tells.

    Notes
    -----
    With :math:`p_k` the share of the deaths that come from source :math:`k` (those of an event in equal parts from
    all that it cites), `effective` is :math:`1 / \sum_k p_k^2`, the effective number of Laakso and Taagepera [1]_, a
    Hill number of order 2 [2]_: a record that rests on so many sources in equal parts would be as concentrated. Its
    bounds count each event wholly to the source among its own with the most deaths, and with the fewest.

    References
    ----------
    .. [1] Laakso, M. and Taagepera, R. (1979), "'Effective' number of parties: a measure with application to West
       Europe", Comparative Political Studies 12(1), 3-27.
    .. [2] Hill, M. O. (1973), "Diversity and evenness: a unifying notation and its consequences", Ecology 54(2),
       427-432.

    Examples
    --------
    >>> import casualties as ca
    >>> study = ca.load_study("idlib-2019")
    >>> where, window = study.at("north_west").where, study.windows["offensive"]
    >>> found = source_dependence(study.sources["ucdp"], where=where, start=window.start, end=window.end)
    >>> print(*found.sources.loc[0, ["source", "events", "deaths", "sole_events", "sole_deaths"]])
    SOHR 696 4249 496 3612
    """
    chosen, basis = select_events(events, where, start, end, victims, {})
    cited = citation_matrix(chosen["cited"])
    deaths = counted_deaths(chosen, victims)
    sources = _sources(chosen, cited, deaths)
    total, uncited = int(deaths.sum()), ~cited.any(axis=1)
    uncited_deaths = int(deaths[uncited].sum())
    assigned = _assigned(cited, deaths) if len(cited.columns) and total else {}
    effective: EffectiveNumber | NotEstimable
    if not any_cited(events):
        effective = NotEstimable(UNCITED)
    elif not len(cited.columns):
        effective = NotEstimable("no event cites a source" if len(chosen) else "no events in this place and window")
    elif not total:
        effective = NotEstimable("no deaths are recorded in these events")
    else:
        shares = {kind: np.append(each, uncited_deaths) / total for kind, each in assigned.items()}
        numbers = {kind: float(1.0 / (each**2).sum()) for kind, each in shares.items()}
        effective = EffectiveNumber(len(cited.columns), numbers["split"], min(numbers.values()), max(numbers.values()))
    dated = bool(len(chosen)) and bool(chosen["first_document"].notna().any()) if "first_document" in chosen else False
    return DependenceResult(
        basis=basis,
        events=len(chosen),
        deaths=total,
        sources=sources,
        pairs=_pairs(cited, deaths),
        uncited_events=int(uncited.sum()),
        uncited_deaths=uncited_deaths,
        effective=effective,
        publishes_first=NotEstimable(ONE_DATE if dated else UNDATED),
        warnings=_warnings(sources, basis.source, int(uncited.sum()), uncited_deaths),
        mixtures={
            kind: {str(name): float(part) / total for name, part in zip(cited.columns, each, strict=True) if part}
            for kind, each in assigned.items()
        },
        nested=_nested(cited, deaths),
    )


def _sources(chosen: pd.DataFrame, cited: pd.DataFrame, deaths: pd.Series[int]) -> pd.DataFrame:
    """Count each source's events and deaths, alone and beside others."""
    number = cited.sum(axis=1)
    split = deaths / number.where(number > 0)
    total = int(deaths.sum())
    wait = pd.Series(math.nan, index=chosen.index)
    if "first_document" in chosen:
        wait = (chosen["first_document"] - chosen["date_start"]).dt.days.astype("float64")
        wait = wait.where((chosen["date_start"] == chosen["date_end"]) & (wait >= 0))
    rows = []
    for name in cited.columns:
        hit = cited[name]
        alone = hit & (number == 1)
        waits = wait[alone].dropna()
        rows.append(
            {
                "source": str(name),
                "events": int(hit.sum()),
                "deaths": int(deaths[hit].sum()),
                "share_events": float(hit.mean()),
                "share_deaths": _share(deaths[hit].sum(), total),
                "sole_events": int(alone.sum()),
                "sole_deaths": int(deaths[alone].sum()),
                "share_sole_deaths": _share(deaths[alone].sum(), total),
                "split_deaths": float(split[hit].sum()),
                "dated": len(waits),
                "delay": float(waits.median()) if len(waits) else math.nan,
            }
        )
    whole = ("events", "deaths", "sole_events", "sole_deaths", "dated")
    parts = ("share_events", "share_deaths", "share_sole_deaths", "split_deaths", "delay")
    columns = ["source", *whole[:2], *parts[:2], *whole[2:4], *parts[2:4], whole[4], parts[4]]
    types = {"source": "str", **dict.fromkeys(whole, "int64"), **dict.fromkeys(parts, "float64")}
    return pd.DataFrame(rows, columns=columns).astype(types)


def _pairs(cited: pd.DataFrame, deaths: pd.Series[int]) -> pd.DataFrame:
    """Count what each ordered pair of sources shares."""
    hits = cited.to_numpy(dtype="int64")
    weights = deaths.to_numpy(dtype="int64")
    both, dead = hits.T @ hits, hits.T @ (hits * weights[:, None])
    rows = [
        {
            "source": str(one),
            "beside": str(other),
            "events": int(both[i, j]),
            "deaths": int(dead[i, j]),
            "share_events": _share(both[i, j], both[i, i]),
            "share_deaths": _share(dead[i, j], dead[i, i]),
            "lift": float(both[i, j] * len(cited) / (both[i, i] * both[j, j])),
        }
        for i, one in enumerate(cited.columns)
        for j, other in enumerate(cited.columns)
        if i != j
    ]
    types = {
        **dict.fromkeys(("source", "beside"), "str"),
        **dict.fromkeys(("events", "deaths"), "int64"),
        **dict.fromkeys(("share_events", "share_deaths", "lift"), "float64"),
    }
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _by_size(cited: pd.DataFrame, deaths: pd.Series[int]) -> list[int]:
    """Order the sources by what they bear, the largest first, and by name where all else is equal."""
    hits, weights = cited.to_numpy(dtype="int64"), deaths.to_numpy(dtype="int64")
    alone = hits * (hits.sum(axis=1) == 1)[:, None]
    keys = zip(weights @ hits, hits.sum(axis=0), weights @ alone, alone.sum(axis=0), strict=True)
    ranks = [tuple(-int(number) for number in key) for key in keys]
    return sorted(range(len(cited.columns)), key=lambda place: (ranks[place], str(cited.columns[place])))


def _assigned(cited: pd.DataFrame, deaths: pd.Series[int]) -> dict[str, np.ndarray]:
    """Give the deaths that come from each source: split evenly, to the largest cited, to the smallest cited."""
    hits, weights = cited.to_numpy(dtype="float64"), deaths.to_numpy(dtype="float64")
    number = hits.sum(axis=1)
    order = _by_size(cited, deaths)
    found = {"split": (weights / np.where(number > 0, number, 1.0)) @ hits}
    for kind, ranked in (("largest", order), ("smallest", order[::-1])):
        left, each = number > 0, np.zeros(len(order))
        for place in ranked:
            here = left & (hits[:, place] > 0)
            each[place] = weights[here].sum()
            left &= ~here
        found[kind] = each
    return found


def _nested(cited: pd.DataFrame, deaths: pd.Series[int]) -> dict[str, dict[str, float]]:
    """Give what each source has from larger ones, were all that they share copied from the largest beside it."""
    hits, weights = cited.to_numpy(dtype=bool), deaths.to_numpy(dtype="float64")
    order = _by_size(cited, deaths)
    found: dict[str, dict[str, float]] = {}
    for rank, place in enumerate(order):
        own = weights[hits[:, place]].sum()
        left, each = hits[:, place].copy(), {}
        for larger in order[:rank]:
            here = left & hits[:, larger]
            shared = weights[here].sum()
            if shared > 0:
                each[str(cited.columns[larger])] = float(shared / own)
            left &= ~here
        found[str(cited.columns[place])] = each
    return found


def _undeclared(nested: Mapping[str, Mapping[str, float]], said: set[str]) -> dict[str, dict[str, float]]:
    """Leave out what a declaration speaks of: it replaces what the citations may mean, in both directions."""
    return {
        name: {other: share for other, share in each.items() if other.casefold() not in said}
        for name, each in nested.items()
        if name.casefold() not in said
    }


def _warnings(sources: pd.DataFrame, record: str, uncited: int, uncited_deaths: int) -> tuple[str, ...]:
    """Say what to mind."""
    found = [
        f"{row.share_deaths:.1%} of the recorded deaths of {record} stand in events that cite {row.source}, "
        f"{row.share_sole_deaths:.1%} in events that cite nothing else: its agreement with {row.source} is not "
        "independent confirmation."
        for row in sources[sources["share_deaths"] >= LARGELY].itertuples()
    ]
    if UNNAMED in set(sources["source"]):
        found.append(f'"{UNNAMED}" holds several sources and is counted as one.')
    if uncited and len(sources):
        found.append(
            f"{uncited:,} events, with {uncited_deaths:,} recorded deaths, cite no source: the record itself is taken "
            "for theirs."
        )
    return (*found, *((COPIES, TRUNCATED, REFERENCE) if len(sources) > 1 else (REFERENCE,)))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan
