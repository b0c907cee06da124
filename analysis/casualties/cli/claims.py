"""The command that holds somebody's claims against the records of a study."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from casualties.claims.check import check_claims
from casualties.claims.result import ClaimsResult
from casualties.cli.arguments import Commands, add_command, add_study
from casualties.cli.output import add_output, draw_table, on_terminal, print_table, put_text
from casualties.errors import InputError
from casualties.sources.drafting.cautions import times
from casualties.study import load_study
from casualties.tables.claims import (
    candidates_table,
    claim_answers_table,
    claim_checks_table,
    claim_readings_table,
    inconsistencies_table,
)

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Register the command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    claims = add_command(commands, "claims", _claims, "check claims against every source that can bear them")
    add_study(claims)
    claims.add_argument("--claims", metavar="FILE", type=Path, help="a file of claims (default: the study's own)")
    claims.add_argument(
        "--reading",
        metavar="WORDS=VALUE",
        action="append",
        default=[],
        help="read vague words otherwise, e.g. dozen=10; may be given again",
    )
    claims.add_argument("--as-of", metavar="DATE", help="check by what was known on the evening of this day")
    add_output(claims)


def _claims(given: argparse.Namespace) -> int:
    study = load_study(given.study, given.as_of or "")
    result = check_claims(study, given.claims, readings=_readings(given.reading))
    if given.output == "table":
        put_text(_text(result, on_terminal(given.out)), given.out)
    else:
        print_table(result.to_frame(), given.output, given.out)
    return 0


def _readings(pairs: list[str]) -> dict[str, str]:
    """Read what is given as ``WORDS=VALUE``."""
    read = {}
    for pair in pairs:
        words, sign, value = pair.rpartition("=")
        if not sign or not words.strip() or not value.strip():
            raise InputError(
                "a reading is words and a value", column="--reading", value=pair, remedy="write it as dozen=10"
            )
        read[words.strip()] = value.strip()
    return read


def _text(result: ClaimsResult, terminal: bool) -> str:
    """Draw the fact-check: answers, what each source holds, what does not fit, and how words were read."""
    counts = ", ".join(f"{verdict} {number}" for verdict, number in result.counts().items())
    parts = [
        (f"{times(len(result.answers), 'claim')}: {counts}", claim_answers_table(result)),
        ("What each source holds", claim_checks_table(result)),
        ("What does not fit inside the report", inconsistencies_table(result)),
        ("Events that a claim may mean, where nothing is recorded at its place", candidates_table(result)),
        ("How words were read", claim_readings_table(result)),
    ]
    drawn = [_drawn(title, table, terminal) for title, table in parts if len(table)]
    return "\n".join(drawn)


def _drawn(title: str, table: pd.DataFrame, terminal: bool) -> str:
    return draw_table(table.reset_index(), title, terminal)
