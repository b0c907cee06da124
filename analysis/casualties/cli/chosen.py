"""Which series of a study a command is about."""

from __future__ import annotations

import argparse

from casualties.cli.arguments import add_study
from casualties.cli.output import warn
from casualties.errors import InputError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.series import SPREADS, DailySeries
from casualties.sources.drafting.cautions import times
from casualties.study import Study
from casualties.tolls import Tolls

__all__ = ["add_series", "chosen_name", "chosen_series", "source_of", "tell_left_out"]


def add_series(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that choose a series: study, name, and what replaces its declared choices."""
    add_study(parser)
    parser.add_argument("name", metavar="SERIES", nargs="?", help="a declared series (default: the first)")
    parser.add_argument(
        "--victims",
        help="all, civilians, combatants, unknown, a part that a list counts (women), an actor or a declared group",
    )
    parser.add_argument("--place", help="a declared place")
    parser.add_argument("--spread", choices=SPREADS, help="what happens to events of several days")


def chosen_name(study: Study, given: argparse.Namespace) -> str:
    """Give the name of the declared series that the arguments mean."""
    if not study.declared:
        raise InputError("the study declares no series", file="study.toml", remedy="add a [series.NAME] table")
    return str(given.name or next(iter(study.declared)))


def chosen_series(study: Study, given: argparse.Namespace) -> DailySeries:
    """Make the series that the arguments name."""
    changes = {name: getattr(given, name) for name in ("victims", "place", "spread") if getattr(given, name)}
    return study.series(chosen_name(study, given), **changes)


def source_of(study: Study, given: argparse.Namespace) -> Events | Feed | Tolls:
    """Give the source that the series is made from."""
    return study.sources[str(study.declared[chosen_name(study, given)]["source"])]


def tell_left_out(study: Study, given: argparse.Namespace) -> None:
    """Say on the error stream how many rows of the source the series lacks, so that tables stay tables."""
    left = source_of(study, given).faults
    if len(left):
        deaths = times(int(left["best"].sum()), "death")
        stand = "stands" if len(left) == 1 else "stand"
        warn(
            f"left out: {times(len(left), 'row')} with {deaths} {stand} in the ledger "
            f"(casualties series {given.study} --ledger)"
        )
