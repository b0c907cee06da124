"""A study: `study.toml` names the sources, the series, the places, actors and windows, and every declared choice."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pandas as pd

from casualties.actors import actor_groups
from casualties.errors import InputError, UnknownNameError, nearest
from casualties.events import Events, Where, victims_label
from casualties.feeds import Feed
from casualties.ledger import read_day
from casualties.provenance import SourceRecord, file_sha256
from casualties.series import DailySeries, daily_series
from casualties.sources.acled import read_acled
from casualties.sources.claims import read_claims
from casualties.sources.feed import read_feed
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.tolls import read_tolls
from casualties.sources.ucdp import read_ucdp_ged
from casualties.tolls import Tolls

__all__ = ["Place", "Study", "Window", "bundled", "load_study"]

PACKAGE = Path(__file__).resolve().parent
FORMATS = ("ucdp-ged", "acled", "mapped", "feed", "tolls", "claims")
TABLES = ("study", "settings", "sources", "places", "actors", "windows", "series", "areas", "names", "terms", "choices")
NEEDED = ("source", "start", "end", "spread", "missing_days")
CHOICES = (*NEEDED, "label", "place", "where", "victims", "estimate", "without", "as_of")
ON_REJECTED = ("stop", "ledger")
# What a study may choose, and what holds where it does not. Names left empty follow from the first declared series.
SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "seed": 0,
        "draws": 20,
        "level": 0.95,
        "date_level": 0.9,
        "on_rejected": "stop",
        "prior_changes": [0.5, 1.0, 2.0, 4.0],
        "main_series": "",
        "civilian_series": "",
        "wider_series": "",
        "main_place": "",
        "main_window": "",
        "turns": [],
        "trend_windows": [],
        "references": [],
        "forecasts": [],
        "nowcast": "",
        "rests_on": "",
        "counted_by": {},
        "overlap": [],
        "partial": [],
        "pair": [],
        "selected": {},
        "chart_areas": [],
        "cores": {},
        "incident": {},
        "cautions": [],
    }
)
OF_TABLES = ("sources", "places", "windows", "series", "names", "terms")
FIELDS = ("name", "title", "subtitle", "place", "period", "data_as_of", "version", "version_date")
Source = Events | Feed | Tolls
Kind = TypeVar("Kind", Events, Feed, Tolls)


@dataclass(frozen=True, slots=True)
class Place:
    """A named place: its words and the columns and values that select it."""

    name: str
    label: str
    where: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Window:
    """A named period: first and last day, inclusive, and its words."""

    name: str
    label: str
    start: str
    end: str


@dataclass(frozen=True)
class Study:
    """What a study declares; sources are read on first use.

    Parameters
    ----------
    folder : Path
        Where `study.toml` and the tables lie.
    name, title, subtitle, place, period : str
        For the title page.
    data_as_of, version_date : str
        ISO dates: up to when the data were known, and when this version of the report was made.
    version : str
        Version of the report.
    settings : mapping
        Declared choices, completed: ``seed, level, date_level``; ``draws`` (how often a report draws what the sources
        leave open, 0 for not at all); ``on_rejected`` (``"stop"`` or ``"ledger"``);
        ``prior_changes`` (expectations to compare). What the report shows: ``main_series, civilian_series`` (else the
        civilians of the same source, place and days),
        ``wider_series`` (civilians and victims of unknown status), ``main_place, main_window``, ``turns`` (windows in
        which a change is looked for), ``trend_windows``, ``references`` (windows against which the main window's
        excess is told), ``forecasts`` (days on whose evening a forecast is made and held against what came),
        ``nowcast`` (a day whose last days are told as they were known and as they became), ``rests_on`` (the source
        that most events cite), ``counted_by`` (who counted what another source hands on, under the code by which
        events cite it), ``overlap`` (two sources cited), ``partial`` (those of them that cover some perpetrators
        only), ``pair`` (two series), ``selected`` (series whose days are no sample, and
        why),
        ``chart_areas``, ``cores`` (the place that lies within an area of published totals by everybody's account),
        ``incident`` (an ``area`` and a ``day`` of which many figures were published), ``cautions`` (the study's own
        words of caution).
    records : mapping of str to SourceRecord
        The record of each source.
    places, windows, actors, names, areas : mapping
        Named places, periods and groups of actors; other spellings of names; the place of each area of a published
        total.
    as_of : str
        Of a replay: the day on whose evening everything is told as it was known; else empty.
    terms : mapping
        What the words of claims mean, as declared (see `casualties.claims.terms`).
    choices : mapping
        What may reasonably be chosen, as declared (see `casualties.verdict.choices`).
    """

    folder: Path
    name: str
    title: str
    subtitle: str
    place: str
    period: str
    data_as_of: str
    version: str
    version_date: str
    settings: Mapping[str, Any]
    records: Mapping[str, SourceRecord]
    places: Mapping[str, Place]
    windows: Mapping[str, Window]
    actors: Mapping[str, tuple[str, ...]]
    names: Mapping[str, Mapping[str, str]]
    areas: Mapping[str, str]
    declared: Mapping[str, Mapping[str, Any]] = field(repr=False)
    formats: Mapping[str, Mapping[str, Any]] = field(repr=False)
    as_of: str = ""
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    choices: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The sources, read and checked: name to Events, Feed or Tolls.

        Raises
        ------
        InputError
            If a file is missing, differs from its declared hash, or holds rows that cannot be used while the study
            does not declare ``on_rejected = "ledger"``.
        """
        read = {name: self._read(name) for name in self.formats if self._format(name) != "claims"}
        if self.as_of:
            read = {name: source.as_of(self.as_of) for name, source in read.items()}
        return MappingProxyType(read)

    def replay(self, date: str | pd.Timestamp) -> Study:
        """Give the study as its sources allowed on the evening of a day.

        Parameters
        ----------
        date : str or Timestamp
            The day.

        Returns
        -------
        Study
            Its sources are replayed (`Events.as_of`, `Feed.as_of`, `Tolls.as_of`); its windows and series end with the
            day, and those that begin after it are left out, also from the settings that name them.

        Raises
        ------
        InputError
            If this is not a day, the study is a replay itself, or its main series or window begins after the day.

        Examples
        --------
        >>> study = load_study("idlib-2019").replay("2019-07-31")
        >>> study.window("offensive")
        Window(name='offensive', label='the offensive so far', start='2019-04-30', end='2019-07-31')
        >>> sorted(set(load_study("idlib-2019").windows) - set(study.windows))
        ['after', 'ceasefire']
        """
        last = str(read_day(date, "as_of").date())
        if self.as_of:
            raise InputError(
                f"the study is a replay already (as of {self.as_of})",
                column="as_of",
                value=last,
                remedy="replay the whole study",
            )
        windows = {
            name: window if window.end <= last else replace(window, end=last, label=f"{window.label} so far")
            for name, window in self.windows.items()
            if window.start <= last
        }
        declared = {
            name: {**entry, **({"end": min(str(entry["end"]), last)} if "end" in entry else {})}
            for name, entry in self.declared.items()
            if str(entry.get("start", "")) <= last
        }
        settings = dict(self.settings)
        for key, known in (("main_series", declared), ("main_window", windows)):
            if settings[key] and settings[key] not in known:
                raise InputError(
                    f"the study's {key.replace('_', ' ')} begins after this day",
                    file="study.toml",
                    column=f"as_of, {key}",
                    value=f"{last}, {settings[key]}",
                    remedy="choose a later day",
                )
        for key in ("turns", "trend_windows", "references"):
            settings[key] = [name for name in _several(settings[key]) if name in windows]
        settings["forecasts"] = [day for day in settings["forecasts"] if day < last]
        settings["nowcast"] = settings["nowcast"] if settings["nowcast"] < last else ""
        for key in ("civilian_series", "wider_series"):
            settings[key] = settings[key] if settings[key] in declared else ""
        settings["pair"] = settings["pair"] if all(name in declared for name in settings["pair"]) else []
        main = declared.get(settings["main_series"], {})
        period = self.period
        if {"start", "end"} <= set(main):
            days = [pd.Timestamp(str(main[key])) for key in ("start", "end")]
            period = " to ".join(f"{day.day} {day.month_name()} {day.year}" for day in days)
        return replace(
            self,
            period=period,
            settings=MappingProxyType(settings),
            windows=MappingProxyType(windows),
            declared=MappingProxyType(declared),
            as_of=last,
        )

    def with_sources(self, sources: Mapping[str, Source]) -> Study:
        """Give the study with other sources in the place of those that its files hold.

        Parameters
        ----------
        sources : mapping of str to Events, Feed or Tolls
            All sources, under the names that the study declares.
        """
        made = replace(self)
        # The sources are read on first use and then stand here.
        vars(made)["sources"] = MappingProxyType(dict(sources))
        return made

    def series(self, name: str, **changes: Any) -> DailySeries:
        """Make a declared series; keyword arguments replace its declared choices.

        Parameters
        ----------
        name : str
            Name of a ``[series.NAME]`` table.
        **changes
            Any argument of `daily_series`, ``place`` (the name of a declared place), or ``as_of`` (a day: what was
            known on its evening, see `Events.as_of` and `Feed.as_of`; the series then ends on it).

        Raises
        ------
        UnknownNameError
            If there is no such series, place or source.
        """
        if name not in self.declared:
            raise UnknownNameError("series", name, self.declared, file="study.toml")
        declared = dict(self.declared[name])
        if {"place", "where"} & set(changes):
            # A place asked for takes the stead of the declared one, however either is written.
            declared = {key: value for key, value in declared.items() if key not in ("place", "where")}
        chosen = {**declared, **changes}
        for key in chosen:
            if key not in CHOICES:
                raise UnknownNameError(f"[series.{name}] entry", key, CHOICES, file="study.toml")
        for key in NEEDED:
            if key not in chosen:
                raise InputError(
                    "the entry is missing", file="study.toml", column=f"[series.{name}] {key}", remedy="add it"
                )
        if "place" in chosen and "where" in chosen:
            raise InputError(
                "a place is given twice", file="study.toml", column=f"[series.{name}] place, where", remedy="keep one"
            )
        chosen.pop("label", None)
        source = str(chosen.pop("source"))
        if source not in self.sources:
            raise UnknownNameError(f"[series.{name}] source", source, self.sources, file="study.toml")
        records = self.sources[source]
        if isinstance(records, Tolls):
            raise InputError(
                "published totals are not a daily source", file="study.toml", column="source", value=source
            )
        as_of = chosen.pop("as_of", None)
        if as_of is not None:
            records = records.as_of(as_of)
            chosen["end"] = min(pd.Timestamp(chosen["end"]), pd.Timestamp(as_of))
        place = str(chosen.pop("place", ""))
        if place:
            found = self.at(place)
            chosen["place"] = found.label
            if found.where:
                chosen["where"] = found.where
        victims = chosen.get("victims", "all")
        if isinstance(records, Events) and isinstance(victims, str) and victims in self.actors:
            sides = {*records.actors(), *records.names.get("side_a", ()), *records.names.get("side_b", ())}
            chosen["victims"] = actor_groups({victims: self.actors[victims]}, sides).sides_of(victims, sides)
            made = daily_series(records, **chosen)
            # A caption names the actors of the group; their coalitions stand in `victims`.
            return replace(
                made, label=made.label.replace(victims_label(made.victims), victims_label(self.actors[victims]))
            )
        return daily_series(records, **chosen)

    def find(self, kind: type[Kind]) -> Kind | None:
        """Give the first source of a kind (Events, Feed or Tolls), or None where the study has none.

        Published totals of which none was published yet (in a replay) are none.
        """
        found = (source for source in self.sources.values() if isinstance(source, kind))
        return next((source for source in found if not isinstance(source, Tolls) or len(source.frame)), None)

    def at(self, name: str) -> Place:
        """Give a declared place."""
        if name not in self.places:
            raise UnknownNameError("place", name, self.places, file="study.toml")
        return self.places[name]

    def window(self, name: str) -> Window:
        """Give a declared period."""
        if name not in self.windows:
            raise UnknownNameError("window", name, self.windows, file="study.toml")
        return self.windows[name]

    def area_places(self) -> dict[str, Where | None]:
        """Give the place of each area that published totals name: None selects everything."""
        return {area: (self.at(place).where or None) if place else None for area, place in self.areas.items()}

    def core_places(self) -> dict[str, Where]:
        """Give the undisputed core of each area for which one is declared."""
        return {area: self.at(place).where for area, place in self.settings["cores"].items()}

    def selection(self, *names: str) -> str:
        """Say why the days that these declared series share are no sample; empty where nothing is declared."""
        return " ".join(str(self.settings["selected"][name]) for name in names if name in self.settings["selected"])

    def counted_by(self) -> dict[str, str]:
        """Give who counted what a source hands on, by the source's name."""
        return {self.records[name].name: code for name, code in self.settings["counted_by"].items()}

    def dependent_series(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """Give the groups of declared series that go back to the same count, as the study declares it."""
        groups: dict[str, list[str]] = {}
        for name in names:
            source = str(self.declared[name]["source"])
            resting = self.settings["rests_on"] if self._format(source) not in {"feed", "tolls", "claims"} else ""
            groups.setdefault(self.settings["counted_by"].get(source) or resting or source, []).append(name)
        return [tuple(group) for group in groups.values() if len(group) > 1]

    def claims(self) -> pd.DataFrame:
        """Give the statements of the press that the study holds against the records, as text, by row of the file.

        In a replay these are the ones with a ``published_date`` up to the day; one without cannot be dated and is left
        out.
        """
        named = [name for name in self.formats if self._format(name) == "claims"]
        if not named:
            return pd.DataFrame()
        claims = read_claims(self._file(named[0])).frame
        if not self.as_of:
            return claims
        dated = claims["published_date"] if "published_date" in claims else pd.Series("", index=claims.index)
        return claims[(dated != "") & (dated <= self.as_of)]

    def attachments(self) -> list[tuple[str, bytes, str]]:
        """Give the declared daily series as CSV tables, as far as their sources may be passed on.

        Returns
        -------
        list of (str, bytes, str)
            File name, contents and description of each.
        """
        made = []
        for name in self.declared:
            series = self.series(name)
            if series.record.redistributable:
                table = series.frame.to_csv(date_format="%Y-%m-%d", lineterminator="\n").encode()
                known = f", as known on {self.as_of}" if self.as_of else ""
                made.append((f"{name}.csv", table, f"{series.label}{known}. {series.record.licence}"))
        return made

    def _format(self, name: str) -> str:
        return str(self.formats[name]["format"])

    def _file(self, name: str) -> Path:
        """Give the path of a source's file, its hash checked."""
        file = self.folder / self.records[name].file
        if not file.is_file():
            near = nearest(file.name, [other.name for other in self.folder.iterdir()])
            raise InputError(
                f"the file of source {name!r} is missing",
                file=file.name,
                remedy=f"did you mean {near!r}?" if near else "put it beside study.toml",
            )
        declared, found = self.records[name].sha256, file_sha256(file)
        if declared and declared != found:
            raise InputError(
                f"the file is not the one that study.toml declares (SHA-256 {found[:12]}…, declared {declared[:12]}…)",
                file=file.name,
                remedy="restore the file, or declare the new hash if the change is meant",
            )
        return file

    def _mapping(self, name: str) -> Mapping[str, Any] | Path:
        """Give a source's mapping: a table of study.toml, or the file beside it that is named there."""
        given = self.formats[name].get("mapping", {})
        return given if isinstance(given, Mapping) else self.folder / str(given)

    def _read(self, name: str) -> Source:
        """Read a source; rows that cannot be used stop the work unless the study declares otherwise."""
        file, record, kind = self._file(name), self.records[name], self._format(name)
        if not record.sha256:
            record = replace(record, sha256=file_sha256(file))
        source: Source
        if kind == "ucdp-ged":
            source = read_ucdp_ged(file, record)
        elif kind == "acled":
            source = read_acled(file, record=record)
        elif kind == "mapped":
            source = read_mapped(file, self._mapping(name), record)
        elif kind == "feed":
            source = read_feed(file, self._mapping(name), record)
        else:
            source = read_tolls(file, record)
        if len(source.faults) and self.settings.get("on_rejected") != "ledger":
            first = source.faults.iloc[0]
            raise InputError(
                f"{first['reason']} (rows of the file that cannot be used: {len(source.faults)})",
                file=file.name,
                row=int(first["row"]),
                column=str(first["column"]),
                value=first["value"],
                remedy='correct the rows that `casualties validate` lists, or declare on_rejected = "ledger" in '
                "[settings] to go on without them and have them counted",
            )
        return source


def bundled(name: str = "idlib-2019") -> Path:
    """Give the folder of a study that comes with the package.

    Parameters
    ----------
    name : str
        Name of the study.

    Raises
    ------
    InputError
        If there is no such study.

    Examples
    --------
    >>> bundled("idlib-2019").name
    'idlib-2019'
    """
    # An installed wheel carries the studies inside the package; a clone has them in its own top folder.
    roots = (PACKAGE / "data", PACKAGE.parent.parent / "data")
    for root in roots:
        if (root / name / "study.toml").is_file():
            return root / name
    known = sorted({file.parent.name for root in roots if root.is_dir() for file in root.glob("*/study.toml")})
    raise UnknownNameError("study", name, known)


def load_study(study: str | Path, as_of: str | pd.Timestamp = "") -> Study:
    """Load a study that comes with the package, or a folder with a `study.toml`.

    Parameters
    ----------
    study : str or Path
        Name of a bundled study (``"idlib-2019"``), or a folder.
    as_of : str or Timestamp, optional
        A day: the study as it was known on its evening, see `Study.replay`.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        If there is no such study, or its `study.toml` cannot be used.

    Examples
    --------
    >>> study = load_study("idlib-2019")
    >>> study.series("north_west")
    <DailySeries recorded deaths, all victims, UCDP GED best, north-west Syria: 2018-09-17 to 2019-11-30, 440 of 440
    days observed>
    """
    folder = Path(study)
    if folder.name == "study.toml" and folder.is_file():
        folder = folder.parent
    if not (folder / "study.toml").is_file():
        # A folder of reports may bear the name of the study that it was made from: the name then means the study.
        try:
            folder = bundled(str(study))
        except UnknownNameError:
            if not folder.is_dir():
                raise
            raise InputError(
                "the folder has no study.toml", file=str(study), remedy="name a folder that has one"
            ) from None
    try:
        text = (folder / "study.toml").read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"it cannot be read ({reason})", file="study.toml", remedy="correct the file") from error
    for name in table:
        if name not in TABLES:
            raise UnknownNameError("table", name, TABLES, file="study.toml")
    for name in table:
        _entries(table, name)
    head = table.get("study", {})
    missing = [name for name in FIELDS if name not in head]
    if missing:
        raise InputError("the entry is missing", file="study.toml", column=f"[study] {missing[0]}", remedy="add it")
    formats = _sources(table.get("sources", {}))
    places = {name: _place(name, entry) for name, entry in table.get("places", {}).items()}
    windows = {name: _window(name, entry) for name, entry in table.get("windows", {}).items()}
    areas = table.get("areas", {})
    settings = _settings(table.get("settings", {}), table.get("series", {}), places, windows)
    _check_named(settings, table.get("series", {}), formats, areas, places)
    made = Study(
        folder=folder,
        **{name: str(head[name]) for name in FIELDS},
        settings=MappingProxyType(settings),
        records=MappingProxyType({name: _record(name, entry) for name, entry in formats.items()}),
        places=MappingProxyType(places),
        windows=MappingProxyType(windows),
        actors=MappingProxyType({name: _several(actors) for name, actors in table.get("actors", {}).items()}),
        names=MappingProxyType(table.get("names", {})),
        areas=MappingProxyType(areas),
        declared=MappingProxyType(table.get("series", {})),
        formats=formats,
        terms=MappingProxyType(table.get("terms", {})),
        choices=MappingProxyType(table.get("choices", {})),
    )
    return made.replay(as_of) if as_of else made


def _entries(table: Mapping[str, Any], name: str) -> None:
    """Check that a part of the study is a table, and that its entries are tables where they must be."""
    entries = table[name]
    if not isinstance(entries, Mapping):
        wrong = {f"[{name}]": entries}
    elif name in OF_TABLES:
        wrong = {f"[{name}.{key}]": entry for key, entry in entries.items() if not isinstance(entry, Mapping)}
    else:
        wrong = {}
    for column, value in wrong.items():
        raise InputError(
            "a table is needed here",
            file="study.toml",
            column=column,
            value=value,
            remedy="write it as in the study that comes with the package",
        )


def _settings(
    given: Mapping[str, Any],
    series: Mapping[str, Mapping[str, Any]],
    places: dict[str, Place],
    windows: dict[str, Window],
) -> dict[str, Any]:
    """Complete the declared choices: what is left out follows from the first series; every name must exist."""
    for key in given:
        if key not in SETTINGS:
            raise UnknownNameError("[settings] entry", key, SETTINGS, file="study.toml")
    chosen = {**SETTINGS, **given}
    if chosen["on_rejected"] not in ON_REJECTED:
        raise UnknownNameError("[settings] on_rejected", chosen["on_rejected"], ON_REJECTED, file="study.toml")
    draws = chosen["draws"]
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 0 or draws == 1:
        raise InputError(
            "the number of draws is a whole number of at least 2, or 0 for none",
            file="study.toml",
            column="[settings] draws",
            value=draws,
            remedy="write draws = 20",
        )
    forecasts, nowcasts = (
        [str(read_day(day, f"study.toml, [settings] {key}").date()) for day in _several(chosen[key]) if day]
        for key in ("forecasts", "nowcast")
    )
    chosen |= {"forecasts": forecasts, "nowcast": "".join(nowcasts)}
    if not series:
        return chosen
    chosen["main_series"] = chosen["main_series"] or next(iter(series))
    main = series.get(chosen["main_series"], {})
    if not chosen["main_place"]:
        chosen["main_place"] = str(main.get("place", "everywhere"))
        where = main.get("where", {})
        if chosen["main_place"] == "everywhere":
            label = "the area of the series" if where else "the whole source"
            places.setdefault("everywhere", _place("everywhere", {"label": label, "where": where}))
    if not chosen["main_window"] and "start" in main and "end" in main:
        chosen["main_window"] = "period"
        windows.setdefault("period", _window("period", {**main, "label": "the period of the study"}))
    chosen["trend_windows"] = chosen["trend_windows"] or [chosen["main_window"]]
    if "civilian_series" not in given:
        alike = {key: main.get(key) for key in ("source", "place", "where", "start", "end")}
        civilians = (
            name
            for name, entry in series.items()
            if entry.get("victims") == "civilians" and alike == {key: entry.get(key) for key in alike}
        )
        chosen["civilian_series"] = next(civilians, "")
    for key, known in (
        ("main_series", series),
        ("civilian_series", series),
        ("wider_series", series),
        ("pair", series),
        ("partial", chosen["overlap"]),
        ("main_place", places),
        ("main_window", windows),
        ("turns", windows),
        ("trend_windows", windows),
        ("references", windows),
    ):
        for name in _several(chosen[key]):
            if name and name not in known:
                raise UnknownNameError(f"[settings] {key}", name, known, file="study.toml")
    return chosen


def _check_named(
    settings: Mapping[str, Any],
    series: Collection[str],
    sources: Collection[str],
    areas: Collection[str],
    places: Collection[str],
) -> None:
    """Check the settings that are tables: what they name must exist."""
    for key in ("counted_by", "cores", "incident", "selected"):
        if not isinstance(settings[key], Mapping):
            raise InputError(
                "a table is needed here", file="study.toml", column=f"[settings] {key}", value=settings[key]
            )
    incident = settings["incident"]
    if incident:
        for key in ("area", "day"):
            if key not in incident:
                raise InputError(
                    "the entry is missing", file="study.toml", column=f"[settings] incident.{key}", remedy="add it"
                )
        read_day(incident["day"], "study.toml, [settings] incident.day")
    named = (
        ("counted_by", settings["counted_by"], sources),
        ("cores", settings["cores"], areas),
        ("cores", settings["cores"].values(), places),
        ("selected", settings["selected"], series),
        ("incident.area", [incident["area"]] if incident else [], areas),
    )
    for key, names, known in named:
        for name in names:
            if name not in known:
                raise UnknownNameError(f"[settings] {key}", name, known, file="study.toml")


def _several(values: Any) -> tuple[str, ...]:
    """Give one value or a list of values as a tuple of text."""
    return tuple(map(str, values)) if isinstance(values, list | tuple) else (str(values),)


def _sources(entries: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Check that every source names its file and a known format."""
    if not entries:
        raise InputError("the study has no data", file="study.toml", column="[sources]", remedy="declare a source")
    for name, entry in entries.items():
        for key in ("file", "format"):
            if key not in entry:
                raise InputError(
                    "the entry is missing", file="study.toml", column=f"[sources.{name}] {key}", remedy="add it"
                )
        if entry["format"] not in FORMATS:
            raise UnknownNameError(f"[sources.{name}] format", entry["format"], FORMATS, file="study.toml")
    return MappingProxyType(dict(entries))


def _record(name: str, entry: Mapping[str, Any]) -> SourceRecord:
    known = {item.name for item in fields(SourceRecord)}
    for key in entry:
        if key not in known | {"format", "mapping"}:
            raise UnknownNameError(f"[sources.{name}] entry", key, sorted(known), file="study.toml")
    given: dict[str, Any] = {key: value for key, value in entry.items() if key in known}
    for key in ("coverage_start", "coverage_end"):
        given[key] = _iso_day(given.get(key, ""), f"[sources.{name}] {key}")
    kinds = {"notes": list, "redistributable": bool}
    for key, value in given.items():
        if not isinstance(value, kinds.get(key, str)):
            raise InputError(
                "the entry is of another kind than it must be",
                file="study.toml",
                column=f"[sources.{name}] {key}",
                value=value,
                remedy="write it as in the study that comes with the package",
            )
    return SourceRecord(**{"name": name, **given, "notes": tuple(given.get("notes", ()))})


def _place(name: str, entry: Mapping[str, Any]) -> Place:
    given = entry.get("where", {})
    if not isinstance(given, Mapping):
        raise InputError(
            "a place is given as columns and values",
            file="study.toml",
            column=f"[places.{name}] where",
            value=given,
            remedy='write { adm1 = ["…"] }',
        )
    where = {column: _several(values) for column, values in given.items()}
    return Place(name, str(entry.get("label", name)), MappingProxyType(where))


def _window(name: str, entry: Mapping[str, Any]) -> Window:
    for key in ("start", "end"):
        if key not in entry:
            raise InputError(
                "the entry is missing", file="study.toml", column=f"[windows.{name}] {key}", remedy="add it"
            )
    start, end = (_iso_day(entry[key], f"[windows.{name}] {key}") for key in ("start", "end"))
    if end < start:
        raise InputError(
            "the window ends before it starts", file="study.toml", column=f"[windows.{name}]", value=f"{start} to {end}"
        )
    return Window(name, str(entry.get("label", name)), start, end)


def _iso_day(value: object, entry: str) -> str:
    """Give a day of the study as text, quoted in the file or not; empty where none is given."""
    text = str(value)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise InputError(
            "this is not a date", file="study.toml", column=entry, value=text, remedy="write it as YYYY-MM-DD"
        ) from error
