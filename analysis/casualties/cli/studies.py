"""The commands about a study: its report and its series."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from casualties.cli.arguments import Commands, add_command, add_study
from casualties.cli.chosen import add_series, chosen_name, chosen_series, source_of, tell_left_out
from casualties.cli.output import add_output, near, print_table, say
from casualties.errors import InputError
from casualties.events import Events
from casualties.report.build import build_report
from casualties.report.verify import verify_report
from casualties.study import Study, load_study
from casualties.totals import FREQUENCIES, breakdown, period_totals

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Register the commands.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    report = add_command(commands, "report", _report, "make the PDF and HTML report of a study")
    add_study(report)
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
