"""The command about one file: is it as it should be, and which of its rows cannot be used."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.cli.arguments import Commands, add_command
from casualties.cli.output import add_output, draw_table, on_terminal, print_table, put_text
from casualties.errors import InputError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.places import folded_spellings
from casualties.sources.acled import read_acled
from casualties.sources.feed import read_feed
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.tolls import read_tolls
from casualties.sources.ucdp import read_ucdp_ged, same_relid_note
from casualties.study import Source, load_study
from casualties.tables import flags_table
from casualties.tolls import Tolls, toll_increments
from casualties.totals import event_totals

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Register the command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    validate = add_command(commands, "validate", _validate, "check a file and list the rows that cannot be used")
    validate.add_argument("file", metavar="FILE", type=Path)
    validate.add_argument(
        "--format", required=True, choices=("ucdp-ged", "acled", "mapped", "feed", "tolls"), help="what the file is"
    )
    validate.add_argument("--mapping", metavar="TOML", type=Path, help="which column is what (lists and feeds)")
    add_output(validate, "--ledger-format")


def _validate(given: argparse.Namespace) -> int:
    source = _read(given)
    faults = source.faults
    if given.output == "table":
        put_text(_summary(source, given.file.name, on_terminal(given.out)), given.out)
    else:
        print_table(source.rejected, given.output, given.out)
    if len(faults):
        first = faults.iloc[0]
        raise InputError(
            f"{first['reason']} (rows that cannot be used: {len(faults)})",
            file=given.file.name,
            row=int(first["row"]),
            column=str(first["column"]),
            value=first["value"],
            remedy="correct these rows and validate again",
        )
    return 0


def _summary(source: Source, file: str, terminal: bool) -> str:
    """Say what a file holds, what is odd in it, and which of its rows stand in the ledger."""
    if isinstance(source, Tolls):
        count, what = len(source.frame), "figures"
        shown = _figures(source, terminal) + _running_totals(source, terminal)
    elif isinstance(source, Feed):
        count, what = len(source.frame), "days"
        shown = _days_by_year(source, terminal) + _flags(source, terminal)
    else:
        count, what = len(source.accepted), "events"
        shown = _sums(source, terminal) + _flags(source, terminal)
        if len(alike := folded_spellings(source.accepted)):
            shown += draw_table(alike, "Names that may be one place in two spellings", terminal)
    text = f"{file}: {count:,} {what} accepted, {len(source.rejected):,} rows in the ledger\n{shown}"
    if len(source.rejected):
        more = " (first 50)" if len(source.rejected) > 50 else ""
        text += draw_table(source.rejected.head(50), f"The ledger{more}", terminal)
    return text


def _sums(events: Events, terminal: bool) -> str:
    """Say how many deaths events hold, in all and by year, and whether some may be counted twice."""
    given_by = [name for name in ("low", "best", "high", "civilians") if events.accepted[name].notna().all()]
    sums = ", ".join(f"{name} {int(events.accepted[name].sum()):,}" for name in given_by)
    told = same_relid_note(events)
    caution = f"CAUTION: {told}\n" if told else ""
    return f"recorded deaths: {sums}\n{caution}" + draw_table(
        event_totals(events, "year").to_frame(), "By year", terminal
    )


def _days_by_year(feed: Feed, terminal: bool) -> str:
    """Show the days and deaths of a feed by year."""
    by_year = feed.deaths.groupby(pd.DatetimeIndex(feed.deaths.index).year).agg(["size", "sum"])
    by_year = by_year.rename_axis("year").reset_index()
    by_year.columns = pd.Index(["year", "rows", "killed"])
    return draw_table(by_year, "By year", terminal)


def _figures(tolls: Tolls, terminal: bool) -> str:
    """Count published totals by claimant and year; they overlap, so that a sum would mean nothing."""
    numbers = tolls.frame.groupby(["claimant", tolls.frame["period_end"].dt.year.rename("year")]).size()
    table = numbers.rename("figures").reset_index()
    return draw_table(table, "Figures by claimant and the year in which their period ends", terminal)


def _flags(source: Events | Feed, terminal: bool) -> str:
    """Count what is odd in the rows and was kept."""
    return draw_table(flags_table(source).reset_index(), "Kept as given, and counted", terminal)


def _running_totals(tolls: Tolls, terminal: bool) -> str:
    """Say what running totals added from one to the next, and show those that fell."""
    steps = toll_increments(tolls)
    falls = steps[steps["falling"]]
    claimants = steps["claimant"].nunique()
    text = f"running totals: {len(steps):,} steps of {claimants:,} claimants, {len(falls):,} of them falling\n"
    if not len(falls):
        return text
    shown = falls[["claimant", "area", "who", "row_earlier", "row_later", "start", "end", "fall", "bound"]]
    return text + draw_table(shown, "Running totals that fell (no count is taken from them)", terminal)


def _read(given: argparse.Namespace) -> Source:
    """Read the file to validate."""
    if given.format == "ucdp-ged":
        return read_ucdp_ged(given.file)
    if given.format == "acled":
        return read_acled(given.file)
    if given.format == "tolls":
        return read_tolls(given.file)
    mapping: Mapping[str, Any] | Path | None = given.mapping
    if mapping is None and (given.file.parent / "study.toml").is_file():
        # A file of a study is read as its study reads it.
        study = load_study(given.file.parent)
        declared = {study.records[name].file: entry for name, entry in study.formats.items()}
        mapping = declared.get(given.file.name, {}).get("mapping")
    if mapping is None:
        what = "feed" if given.format == "feed" else "list"
        raise InputError(f"a {what} needs a mapping", file=given.file.name, remedy="name it with --mapping FILE.toml")
    return read_feed(given.file, mapping) if given.format == "feed" else read_mapped(given.file, mapping)
