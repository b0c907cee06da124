"""The command that measures how far intervals can be trusted: on wars of every kind, or on wars like a study's."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from casualties.calibration.likeness import calibrate_like
from casualties.calibration.programme import PROGRAMME, SEED, run_programme
from casualties.cli.arguments import Commands, add_command
from casualties.cli.bars import Bars
from casualties.cli.output import FORMATS, draw_table, near, on_terminal, print_table, put_text, say
from casualties.errors import InputError
from casualties.report.calibration import calibration_page
from casualties.study import load_study
from casualties.tables.calibration import rates_table

__all__ = ["add"]

_WARS, _WARS_OF_A_STUDY = 2000, 200
_TABLE, _PAGE = "calibration.csv", "calibration.md"


def add(commands: Commands) -> None:
    """Register the command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    words = "measure on simulated wars how far intervals and alarms can be trusted"
    parser = add_command(commands, "calibrate", _calibrate, words)
    parser.add_argument(
        "study", metavar="STUDY", nargs="?", help="simulate wars like this study's (default: the whole programme)"
    )
    parser.add_argument("name", metavar="SERIES", nargs="?", help="a declared series of it (default: the first)")
    parser.add_argument(
        "--wars", type=int, metavar="N", help=f"wars a scenario (default: {_WARS}; of a study {_WARS_OF_A_STUDY})"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help=f"one part of the programme; can be repeated ({', '.join(study.name for study in PROGRAMME)})",
    )
    parser.add_argument("--seed", type=int, default=SEED, help=f"the seed (default: {SEED})")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    parser.add_argument("--anew", action="store_true", help="measure again what the programme's table holds")
    parser.add_argument(
        "--format", dest="output", choices=FORMATS, default="table", help="how to print a study's (default: table)"
    )
    parser.add_argument(
        "--out", type=Path, help=f"folder for {_TABLE} and {_PAGE} (default: docs); of a study the file to write"
    )


def _calibrate(given: argparse.Namespace) -> int:
    if given.seed < 0:
        raise InputError("must be at least 0", column="--seed", value=given.seed)
    return _programme(given) if given.study is None else _like(given)


def _programme(given: argparse.Namespace) -> int:
    folder = given.out or Path("docs")
    with Bars() as shown:
        result = run_programme(
            wars=_WARS if given.wars is None else given.wars,
            only=given.only,
            seed=given.seed,
            workers=given.workers,
            path=folder / _TABLE,
            anew=given.anew,
            progress=lambda study, scenario, *done: shown.tell(f"{study}, {scenario}", *done),
        )
    put_text(calibration_page(result), folder / _PAGE)
    for line in result.shortfalls:
        say(f"- {line}")
    for name in (_TABLE, _PAGE):
        say(f"written: {near(folder / name)}")
    return 0


def _like(given: argparse.Namespace) -> int:
    for option, unwanted in (("--only", given.only), ("--anew", given.anew)):
        if unwanted:
            raise InputError("belongs to the programme, not to a study", column=option, remedy="leave it out")
    study = load_study(given.study)
    if not study.declared:
        raise InputError("the study declares no series", file="study.toml", remedy="add a [series.NAME] table")
    series = study.series(given.name or next(iter(study.declared)))
    with Bars() as shown:
        result = calibrate_like(
            series,
            wars=_WARS_OF_A_STUDY if given.wars is None else given.wars,
            seed=given.seed,
            workers=given.workers,
            progress=lambda study, scenario, *done: shown.tell(f"{study}, {scenario}", *done),
        )
    if given.output == "table":
        rates = pd.concat([rates_table(result, name) for name in result.studies], ignore_index=True)
        tables = "\n".join(draw_table(table, "", on_terminal(given.out)) for table in (result.table(), rates))
        put_text(f"{result.summary()}\n\n{tables}", given.out)
    else:
        print_table(result.to_frame(), given.output, given.out)
    return 0
