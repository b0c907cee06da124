"""The command that sets sources side by side: one flag a question, options only where the question takes them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from casualties.cli.arguments import Commands, add_command, add_study
from casualties.cli.output import add_output, draw_table, on_terminal, print_table, put_text
from casualties.comparison.agreement import compare_pair
from casualties.comparison.capture_cells import citation_cells
from casualties.comparison.capture_recapture import estimate_undocumented
from casualties.comparison.coverage import coverage_overlap
from casualties.comparison.coverage_bias import coverage_bias
from casualties.comparison.dependence import source_dependence
from casualties.comparison.incident import compare_incident
from casualties.comparison.latent_view import latent_view
from casualties.comparison.matching import match_events
from casualties.comparison.published import compare_tolls
from casualties.comparison.review import read_decisions
from casualties.comparison.toll_tempo import toll_tempo
from casualties.comparison.toll_timeline import toll_timeline
from casualties.errors import InputError, UnknownNameError
from casualties.events import Events
from casualties.results import Result
from casualties.study import Study, load_study
from casualties.tolls import Tolls

__all__ = ["add"]

Kind = TypeVar("Kind", Events, Tolls)
_SCOPE = ("window", "place", "victims")
_OPTIONS = (*_SCOPE, "level", "drift", "decisions", "review")


def add(commands: Commands) -> None:
    """Register the command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    compare = add_command(commands, "compare", _compare, "set the sources of a study side by side")
    add_study(compare)
    what = compare.add_mutually_exclusive_group()
    what.add_argument("--pair", nargs=2, metavar=("A", "B"), help="two declared series (default: the study's pair)")
    what.add_argument("--dependence", action="store_true", help="on which sources the events rest")
    what.add_argument("--coverage", nargs=2, metavar=("FIRST", "SECOND"), help="two sources that the events cite")
    what.add_argument("--bias", metavar="SOURCE", help="which events a source is cited for, and when")
    what.add_argument("--match", nargs=2, metavar=("A", "B"), help="the same events in two event sources of the study")
    what.add_argument(
        "--undocumented", nargs="*", metavar="SOURCE", help="what no source cited tells of (default: the study's two)"
    )
    what.add_argument("--tolls", action="store_true", help="published totals against the events")
    what.add_argument("--timeline", action="store_true", help="running totals on the cumulative range of the events")
    what.add_argument("--tempo", action="store_true", help="rises of running totals against the same days")
    what.add_argument("--incident", action="store_true", help="the figures published for the study's one incident")
    what.add_argument(
        "--latent", nargs="*", metavar="SERIES", help="the trend where coverage may drift (default: the main series)"
    )
    compare.add_argument(
        "--window", metavar="NAME", help="a declared window (dependence, coverage, bias, undocumented)"
    )
    compare.add_argument("--place", metavar="NAME", help="a declared place (the same questions)")
    compare.add_argument("--victims", choices=("all", "civilians"), help="whose deaths (the same questions)")
    compare.add_argument("--level", type=float, help="level of intervals (default: 0.95)")
    compare.add_argument(
        "--drift", type=float, metavar="FACTOR", help="latent: by how much coverage may change in 90 days"
    )
    compare.add_argument("--decisions", type=Path, metavar="FILE", help="match: a review sheet that was filled in")
    compare.add_argument("--review", type=Path, metavar="FILE", help="match: write the doubtful pairs as a sheet")
    add_output(compare)


def _compare(given: argparse.Namespace) -> int:
    name = next((each for each in _QUESTIONS if getattr(given, each) not in (None, False)), "pair")
    question = _QUESTIONS[name]
    for option in _OPTIONS:
        if option not in question.takes and getattr(given, option) is not None:
            raise InputError(
                f"--{name} does not take this",
                column=f"--{option}",
                value=getattr(given, option),
                remedy="leave it out",
            )
    study = load_study(given.study)
    result = question.ask(study, given)
    if given.output == "table":
        text = f"{result.summary()}\n"
        if question.shown:
            text += draw_table(result.to_frame()[list(question.shown)], "", on_terminal(given.out))
        put_text(text, given.out)
    else:
        print_table(result.to_frame(), given.output, given.out)
    return 0


def _scope(study: Study, given: argparse.Namespace, *, victims: str = "all") -> dict[str, Any]:
    """Give the place, days and victims that a question about events is limited to; all where none are named."""
    window = study.window(given.window) if given.window else None
    place = study.at(given.place) if given.place else None
    return {
        "victims": given.victims or victims,
        "where": place.where if place and place.where else None,
        "start": window.start if window else None,
        "end": window.end if window else None,
    }


def _level(given: argparse.Namespace) -> dict[str, Any]:
    return {} if given.level is None else {"level": given.level}


def _pair(study: Study, given: argparse.Namespace) -> Result:
    names = given.pair or study.settings["pair"]
    if not names:
        raise InputError("two series must be named", column="--pair", remedy=f"choose from {', '.join(study.declared)}")
    first, second = names
    selected = study.selection(first, second)
    return compare_pair(study.series(first), study.series(second), selected=selected, **_level(given))


def _match(study: Study, given: argparse.Namespace) -> Result:
    lists = {name: source for name, source in study.sources.items() if isinstance(source, Events)}
    for name in given.match:
        if name not in lists:
            raise UnknownNameError("--match", name, lists)
    decisions = read_decisions(given.decisions) if given.decisions else None
    first, second = given.match
    result = match_events(lists[first], lists[second], decisions=decisions, **_level(given))
    if given.review:
        result.review(given.review)
    return result


def _undocumented(study: Study, given: argparse.Namespace) -> Result:
    sources = given.undocumented or study.settings["overlap"]
    if not sources:
        raise InputError("sources that events cite must be named", column="--undocumented", remedy="name two to five")
    cells = citation_cells(_first(study, Events), sources, **_scope(study, given))
    partial = [name for name in study.settings["partial"] if name in sources]
    return estimate_undocumented(cells, unit="events", partial=partial, **_level(given))


def _incident(study: Study, _given: argparse.Namespace) -> Result:
    incident = study.settings["incident"]
    if not incident:
        raise InputError("the study declares no incident", file="study.toml", column="[settings] incident")
    area = incident["area"]
    events, tolls = _first(study, Events), _first(study, Tolls)
    return compare_incident(events, tolls, area, incident["day"], where=study.area_places()[area])


def _timeline(study: Study, _given: argparse.Namespace) -> Result:
    return toll_timeline(
        _first(study, Events),
        _first(study, Tolls),
        study.area_places(),
        cores=study.core_places(),
        sides=study.terms.get("perpetrators"),
    )


def _latent(study: Study, given: argparse.Namespace) -> Result:
    names = given.latent or [study.settings["main_series"]]
    options: dict[str, Any] = {"drift": given.drift} if given.drift is not None else {}
    series = {name: study.series(name) for name in names}
    if given.window:
        window = study.window(given.window)
        series = {name: each.between(window.start, window.end) for name, each in series.items()}
    return latent_view(series, dependent=study.dependent_series(names), **options, **_level(given))


def _first(study: Study, kind: type[Kind]) -> Kind:
    """Give the first source of a kind that a study has."""
    source = study.find(kind)
    if source is None:
        raise InputError(f"the study has no {kind.__name__.lower()}", file="study.toml", remedy="declare such a source")
    return source


@dataclass(frozen=True, slots=True)
class _Question:
    """How a question is asked, the options it takes, and columns shown beneath the words; other options are refused."""

    ask: Callable[[Study, argparse.Namespace], Result]
    takes: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


_QUESTIONS: Mapping[str, _Question] = MappingProxyType(
    {
        "pair": _Question(_pair, ("level",)),
        "dependence": _Question(
            lambda study, given: source_dependence(_first(study, Events), **_scope(study, given)), _SCOPE
        ),
        "coverage": _Question(
            lambda study, given: coverage_overlap(_first(study, Events), *given.coverage, **_scope(study, given)),
            _SCOPE,
        ),
        "bias": _Question(
            lambda study, given: coverage_bias(
                _first(study, Events), given.bias, **_scope(study, given), **_level(given)
            ),
            (*_SCOPE, "level"),
        ),
        "match": _Question(_match, ("level", "decisions", "review")),
        "undocumented": _Question(_undocumented, (*_SCOPE, "level")),
        "tolls": _Question(
            lambda study, _: compare_tolls(_first(study, Events), _first(study, Tolls), study.area_places()),
            shown=(
                *("row_id", "claimant", "period_start", "period_end", "who", "value"),
                *("recorded", "verdict", "reason"),
            ),
        ),
        "timeline": _Question(_timeline),
        "tempo": _Question(
            lambda study, _: toll_tempo(_first(study, Events), _first(study, Tolls), study.area_places())
        ),
        "incident": _Question(_incident),
        "latent": _Question(_latent, ("window", "drift", "level")),
    }
)
