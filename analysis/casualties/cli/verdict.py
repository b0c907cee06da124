"""The command that runs every reasonable choice of a study and gives the one statement that it leaves."""

from __future__ import annotations

import argparse
from pathlib import Path

from casualties.cache import Cache, default_cache
from casualties.cli.arguments import Commands, add_command, add_study
from casualties.cli.bars import Bars
from casualties.cli.output import add_output, draw_table, on_terminal, print_table, put_text
from casualties.errors import InputError
from casualties.study import Study, load_study
from casualties.tables.verdict import (
    influence_table,
    options_table,
    overturners_table,
    replay_table,
    sources_verdict_table,
)
from casualties.verdict.assess import assess
from casualties.verdict.choices import replay_days
from casualties.verdict.replay import replay_verdicts
from casualties.verdict.result import Verdict

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Register the command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    verdict = add_command(commands, "verdict", _verdict, "is it escalating, and what would overturn the answer")
    add_study(verdict)
    verdict.add_argument("--as-of", metavar="DATE", help="by what was known on the evening of this day")
    verdict.add_argument("--lang", choices=("en", "ar"), default="en", help="language of the statement (default: en)")
    verdict.add_argument("--specifications", action="store_true", help="give every specification with its answer")
    verdict.add_argument("--replay", action="store_true", help="week by week, as it could have been said then")
    verdict.add_argument("--workers", metavar="N", type=int, default=2, help="processes (default: 2)")
    verdict.add_argument("--cache", metavar="FILE", type=Path, help="where answers are kept (default: the user's)")
    verdict.add_argument("--anew", action="store_true", help="compute everything, whatever is kept")
    add_output(verdict)


def _verdict(given: argparse.Namespace) -> int:
    if given.workers < 1:
        raise InputError("must be at least 1", column="--workers", value=given.workers)
    study = load_study(given.study, given.as_of or "")
    cache = Cache(None if given.anew else given.cache or default_cache())
    if given.replay:
        return _replay(given, study, cache)
    with Bars() as bars:
        result = assess(
            study,
            cache=cache,
            workers=given.workers,
            progress=lambda done, whole: bars.tell("choices", done, whole),
        )
    if given.output != "table":
        print_table(result.curve.to_frame() if given.specifications else result.to_frame(), given.output, given.out)
    elif given.specifications:
        print_table(result.curve.to_frame(), "table", given.out)
    else:
        put_text(_text(result, given.lang, on_terminal(given.out)), given.out)
    return 0


def _replay(given: argparse.Namespace, study: Study, cache: Cache) -> int:
    """Give the strip of verdicts over the days that the study declares."""
    days = replay_days(study)
    if not days:
        raise InputError(
            "the study declares no days to be told again",
            file="study.toml",
            column="[choices] replay",
            remedy="write replay = [2019-04-01, 2019-09-30]; a replay itself has none",
        )
    with Bars() as bars:
        result = replay_verdicts(
            study,
            days,
            cache=cache,
            workers=given.workers,
            progress=lambda done, whole: bars.tell("days", done, whole),
        )
    if given.output == "table":
        table = draw_table(replay_table(result).reset_index(), "Who said it when", on_terminal(given.out))
        put_text(f"{result.summary()}\n\n{table}", given.out)
    else:
        print_table(result.to_frame(), given.output, given.out)
    return 0


def _text(result: Verdict, language: str, terminal: bool) -> str:
    """Draw the statement, who says it, what turns it, and which choices move it."""
    head = [f"{result.state.upper()}: {result.question.label}", "", result.sentence(language), "", result.reason]
    parts = [
        ("What each source says", sources_verdict_table(result)),
        ("What would overturn it", overturners_table(result)),
        ("How many choices say so", options_table(result.curve)),
        ("Which choice moves the answer", influence_table(result.curve)),
    ]
    tables = [
        draw_table(table.reset_index().rename(columns={"index": ""}), title, terminal)
        for title, table in parts
        if len(table)
    ]
    never = ["What must not be concluded", *(f"- {line}" for line in result.must_not)]
    said = [f"Warning: {line}" for line in result.warnings]
    return "\n".join([*head, "", *tables, *never, "", *said, "", f"Cite: {result.citation}"]) + "\n"
