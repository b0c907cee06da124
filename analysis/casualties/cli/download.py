"""The command that gets tables from their providers; accounts come from the environment or the keyring alone."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casualties.cli.arguments import Commands, add_command
from casualties.cli.output import fail, near, say
from casualties.sources.download import ACLED, HAPI, UCDP, Download, download_acled, download_hapi, download_ucdp

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Register the command and its three providers.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    download = commands.add_parser(
        "download",
        help="get a table from UCDP, ACLED or HDX HAPI",
        description="Get a table from its provider. The account is read from environment variables or the keyring "
        "(see docs/download.md), never from the command line. A download that breaks goes on where it stopped.",
    )
    providers = download.add_subparsers(required=True, metavar="PROVIDER")

    ucdp = add_command(providers, "ucdp", _ucdp, "get a version of UCDP GED (CASUALTIES_UCDP_TOKEN)")
    ucdp.add_argument("--version", required=True, help="e.g. 25.1, or a candidate release such as 25.0.7")
    ucdp.add_argument("--country", default="", metavar="N", help="Gleditsch and Ward's number (652: Syria)")
    _add_days(ucdp)
    _add_common(ucdp, UCDP)

    acled = add_command(
        providers, "acled", _acled, "get events of ACLED (CASUALTIES_ACLED_USERNAME, CASUALTIES_ACLED_PASSWORD)"
    )
    acled.add_argument("--country", default="", metavar="NAME", help="the country as ACLED names it")
    _add_days(acled)
    _add_common(acled, ACLED)

    hapi = add_command(providers, "hapi", _hapi, "get monthly totals of HDX HAPI (CASUALTIES_HAPI_APP)")
    hapi.add_argument("--location", required=True, metavar="ISO3", help="e.g. SYR")
    _add_common(hapi, HAPI)


def _add_days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", default="", metavar="DATE", help="first day asked for")
    parser.add_argument("--end", default="", metavar="DATE", help="last day asked for")


def _add_common(parser: argparse.ArgumentParser, base: str) -> None:
    parser.add_argument("--out", required=True, metavar="FILE.csv", type=Path, help="the table to make")
    parser.add_argument("--accessed", metavar="DATE", help="day of access for the record (default: today)")
    parser.add_argument("--restart", action="store_true", help="drop pages of an earlier call and start anew")
    parser.add_argument("--base", default=base, metavar="URL", help=f"the service's address (default: {base})")


def _ucdp(given: argparse.Namespace) -> int:
    return _run(download_ucdp, given, given.version, country=given.country, start=given.start, end=given.end)


def _acled(given: argparse.Namespace) -> int:
    return _run(download_acled, given, country=given.country, start=given.start, end=given.end)


def _hapi(given: argparse.Namespace) -> int:
    return _run(download_hapi, given, given.location)


def _run(get: Any, given: argparse.Namespace, *what: str, **more: str) -> int:
    """Get the table and say what was had."""
    try:
        done: Download = get(
            *what,
            given.out,
            accessed=given.accessed or f"{datetime.now(UTC):%Y-%m-%d}",
            base=given.base,
            restart=given.restart,
            progress=_progress if sys.stderr.isatty() else None,
            **more,
        )
    except KeyboardInterrupt:
        return fail("stopped; the same command goes on with the pages already had", 130)
    say(f"{near(done.file)}: {done.rows:,} rows, {done.record.licence}")
    say(f"{near(done.record_file)}: where they come from; cite: {done.record.attribution}")
    return 0


def _progress(rows: int, total: int | None) -> None:
    sys.stderr.write(f"{rows:,} rows{f' of {total:,}' if total is not None else ''}\n")
