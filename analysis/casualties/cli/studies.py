"""The commands about a study: its report, its series and how they compare."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, TypeVar

from casualties.cli.arguments import Commands, add_command
from casualties.cli.chosen import add_series, chosen_name, chosen_series, source_of, tell_left_out
from casualties.cli.output import add_output, draw_table, near, on_terminal, print_table, put_text, say
from casualties.comparison.agreement import compare_pair
from casualties.comparison.coverage import coverage_overlap
from casualties.comparison.published import compare_tolls
from casualties.errors import InputError
from casualties.events import Events
from casualties.report.build import build_report
from casualties.report.verify import verify_report
from casualties.study import Study, load_study
from casualties.tolls import Tolls
from casualties.totals import FREQUENCIES, breakdown, period_totals

__all__ = ["add"]

Kind = TypeVar("Kind", Events, Tolls)


def add(commands: Commands) -> None:
    """Register the commands.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    report = add_command(commands, "report", _report, "make the PDF and HTML report of a study")
    report.add_argument("study", metavar="STUDY", help="a bundled study's name, or a folder with a study.toml")
    report.add_argument("--as-of", metavar="DATE", help="replay what was known on the evening of this day")
    report.add_argument(
        "--out", metavar="DIR", type=Path, help="folder for the report (default: reports/NAME, or NAME-as-of-DATE)"
    )

    verify = add_command(commands, "verify", _verify, "compute a report again and say whether it holds")
    verify.add_argument("report", metavar="REPORT", type=Path, help="the folder of a report")
    verify.add_argument("--study", metavar="STUDY", help="the study's folder (default: the bundled study of its name)")

    series = add_command(commands, "series", _series, "print a daily series, or its totals")
    add_series(series)
    series.add_argument("--by", choices=tuple(FREQUENCIES), default="day", help="the periods (default: day)")
    what = series.add_mutually_exclusive_group()
    what.add_argument("--breakdown", metavar="COLUMN", help="adm1, kind, victims or any column of the events")
    what.add_argument("--ledger", action="store_true", help="print the ledger of the source instead")
    what.add_argument("--accounts", action="store_true", help="print where every death went instead")
    add_output(series)

    compare = add_command(
        commands, "compare", _compare, "compare two series, published totals, or the coverage of two sources"
    )
    compare.add_argument("study", metavar="STUDY")
    what = compare.add_mutually_exclusive_group()
    what.add_argument("--pair", nargs=2, metavar=("A", "B"), help="two declared series")
    what.add_argument("--tolls", action="store_true", help="published totals against the events")
    what.add_argument("--coverage", nargs=2, metavar=("FIRST", "SECOND"), help="two sources that the events cite")
    compare.add_argument("--window", metavar="NAME", help="a declared window (coverage)")
    compare.add_argument("--place", metavar="NAME", help="a declared place (coverage)")
    add_output(compare)


def _report(given: argparse.Namespace) -> int:
    study = load_study(given.study)
    if given.as_of:
        study = study.replay(given.as_of)
    # What the study declares is read before any kernel starts, so that a fault in the data is told at once.
    for name in study.sources:
        study.sources[name]
    for name in study.declared:
        study.series(name)
    paths = build_report(study, given.out or Path("reports") / _folder_name(study))
    for path in (paths.pdf, paths.html):
        say(near(path))
    return 0


def _verify(given: argparse.Namespace) -> int:
    name, day = _reported(given.report)
    study = load_study(given.study or name)
    verification = verify_report(given.report, study.replay(day) if day else study)
    for line in verification.lines:
        say(line)
    say("the report holds" if verification.holds else "the report does not hold")
    return 0 if verification.holds else 1


def _series(given: argparse.Namespace) -> int:
    study = load_study(given.study)
    series = chosen_series(study, given)
    declared = study.declared[chosen_name(study, given)]
    source = source_of(study, given)
    if given.ledger:
        table = source.rejected
    elif given.accounts:
        table = series.accounts.reset_index()
    elif given.breakdown:
        if not isinstance(source, Events):
            raise InputError("a feed has no columns to break down by", column="--breakdown", value=given.breakdown)
        table = breakdown(
            source,
            given.breakdown,
            start=series.start,
            end=series.end,
            frequency=given.by,
            where=series.where,
            victims=series.victims,
            estimate=series.estimate,
            spread=series.spread,  # type: ignore[arg-type]
            missing_days=series.missing_days,  # type: ignore[arg-type]
            without=declared.get("without", ()),
        ).to_frame()
    elif given.by == "day":
        table = series.frame.reset_index()
    else:
        table = period_totals(series, given.by).to_frame()
    print_table(table, given.output, given.out, series.label)
    if not given.ledger:
        tell_left_out(study, given)
    return 0


def _compare(given: argparse.Namespace) -> int:
    if (given.window or given.place) and not given.coverage:
        raise InputError(
            "a window or a place is chosen for the coverage of two sources only",
            column="--window" if given.window else "--place",
            value=given.window or given.place,
            remedy="leave it out, or declare series of that window or place",
        )
    study = load_study(given.study)
    if given.tolls:
        result: Any = compare_tolls(_first(study, Events), _first(study, Tolls), study.area_places())
    elif given.coverage:
        window = study.window(given.window) if given.window else None
        place = study.at(given.place) if given.place else None
        result = coverage_overlap(
            _first(study, Events),
            *given.coverage,
            where=place.where if place and place.where else None,
            start=window.start if window else None,
            end=window.end if window else None,
        )
    else:
        names = given.pair or study.settings.get("pair")
        if not names:
            raise InputError(
                "two series must be named", column="--pair", remedy=f"choose from {', '.join(study.declared)}"
            )
        result = compare_pair(study.series(names[0]), study.series(names[1]))
    if given.output == "table":
        text = f"{result.summary()}\n"
        if given.tolls:
            shown = [
                "row_id",
                "claimant",
                "period_start",
                "period_end",
                "who",
                "value",
                "recorded",
                "verdict",
                "reason",
            ]
            text += draw_table(result.to_frame()[shown], "", on_terminal(given.out))
        put_text(text, given.out)
    else:
        print_table(result.to_frame(), given.output, given.out)
    return 0


def _first(study: Study, kind: type[Kind]) -> Kind:
    """Give the first source of a kind that a study has."""
    source = study.find(kind)
    if source is None:
        raise InputError(f"the study has no {kind.__name__.lower()}", file="study.toml", remedy="declare such a source")
    return source


def _folder_name(study: Study) -> str:
    return f"{study.name}-as-of-{study.as_of}" if study.as_of else study.name


def _reported(report: Path) -> tuple[str, str]:
    """Read which study a report is about, and of which day it is a replay (empty where it is none)."""
    try:
        study = json.loads((report / "manifest.json").read_text(encoding="utf-8"))["study"]
        if not isinstance(study, dict):
            return str(study), ""
        return str(study["name"]), str(study.get("as_of", ""))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the folder holds no report", file=str(report), remedy="name the folder of a report"
        ) from error
