"""The command that begins a study: it shows what a file was understood to be before anything is computed."""

from __future__ import annotations

import argparse
from pathlib import Path

from casualties.cli.arguments import Commands, add_command
from casualties.cli.output import add_output, draw_table, near, on_terminal, print_table, put_text, say
from casualties.new_study import MAPPING, STUDY, check_new, new_study, tried
from casualties.sources.drafting.draft import Draft

__all__ = ["add"]

KINDS = {
    "acled": "an export of ACLED",
    "ucdp-ged": "a table of UCDP GED",
    "tolls": "published totals",
    "feed": "daily reports",
    "mapped": "a list",
}


def add(commands: Commands) -> None:
    """Register the command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    new = add_command(commands, "new", _new, "begin a study, drafted from a look at a file")
    new.add_argument("study", metavar="STUDY", type=Path, help="the folder of the study; it must have no study.toml")
    new.add_argument("--from", dest="source", metavar="FILE", type=Path, help="the file with the records")
    new.add_argument("--accessed", metavar="DATE", default="", help="day on which the file was taken (YYYY-MM-DD)")
    new.add_argument("--dry-run", action="store_true", help="only show what is understood")
    add_output(new)


def _new(given: argparse.Namespace) -> int:
    check_new(given.study, given.accessed)
    draft = tried(given.source) if given.source is not None else None
    if draft is not None:
        _show(draft, given)
    if not given.dry_run:
        new_study(given.study, given.source, accessed=given.accessed, draft=draft)
    if given.output == "table":
        _say_next(given, draft)
    return 0


def _show(draft: Draft, given: argparse.Namespace) -> None:
    """Show the columns and what each was taken for, then what the user must settle."""
    if given.output != "table":
        print_table(draft.table, given.output, given.out)
        return
    rows = draft.mapping.get("rows", "")
    each = {"events": ", each row an event", "victims": ", each row a person"}.get(rows, "")
    title = f"{draft.file} is taken for {KINDS[draft.format]}{each}\n"
    doubts = [f"{number}. {doubt}" for number, doubt in enumerate(draft.doubts, start=1)]
    settle = ["To settle:", *doubts] if doubts else ["Nothing is in doubt; check the table all the same."]
    lines = "\n".join(settle)
    put_text(f"{draw_table(draft.table, title, on_terminal(given.out))}\n{lines}\n", given.out)


def _say_next(given: argparse.Namespace, draft: Draft | None) -> None:
    """Say what was written, and what to do now."""
    if given.dry_run:
        say("\nNothing was written.")
        return
    written = [given.study / STUDY]
    if draft is not None and draft.format == "mapped":
        written.append(given.study / MAPPING)
    say("" if draft is not None else f"{given.study / STUDY} is a skeleton: fill it in")
    if draft is not None:
        for path in written:
            say(f"written: {near(path)}")
        say(f"next: casualties series {near(given.study)} --by month")
