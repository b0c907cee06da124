"""The command line: each command reads, computes by the package's functions, and prints a table."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from casualties.cli import calibrate, claims, compare, download, files, fit, new, studies, verdict
from casualties.cli.output import fail
from casualties.errors import CasualtiesError, InputError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command's words; those of the process where none are given.

    Returns
    -------
    int
        0 done; 1 the work failed, or a report does not hold; 2 something given cannot be used.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file or a pipe is given UTF-8 on every system; a terminal that lacks a sign shows another one.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    code = 0
    try:
        try:
            code = _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe has gone (`| head`): nothing is left to say, also not at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _run(arguments: Sequence[str] | None) -> int:
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except InputError as error:
        return fail(error, 2)
    except CasualtiesError as error:
        return fail(error, 1)
    except KeyboardInterrupt:
        return fail("stopped; an earlier report is untouched", 130)


def _parser() -> argparse.ArgumentParser:
    """Build the parser: one sub-command a verb, each module adds its own."""
    parser = argparse.ArgumentParser(prog="casualties", description="Daily records of people killed: is it escalating?")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (studies, fit, compare, verdict, claims, files, new, download, calibrate):
        module.add(commands)
    return parser
