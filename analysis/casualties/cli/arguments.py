"""How a command is registered: a word, what it runs, and one line about it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Commands", "add_command", "add_study"]

# argparse gives its class of sub-commands no public name.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], words: str
) -> argparse.ArgumentParser:
    """Register a command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    name : str
        The word that calls it.
    run : callable
        Takes the parsed arguments and gives the exit code.
    words : str
        What it does, in one line that starts with a small letter.

    Returns
    -------
    argparse.ArgumentParser
        The parser to add arguments to.
    """
    made = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
    made.set_defaults(run=run)
    return made


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a study.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The command's parser; `given.study` holds the name or folder.
    """
    parser.add_argument("study", metavar="STUDY", help="a bundled study's name, or a folder with a study.toml")
