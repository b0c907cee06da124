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
from casualties.sources.ucdp import read_ucdp_ged
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
    if isinstance(source, Events):
        totals = event_totals(source, "year").to_frame()
        count, what = len(source.accepted), "events"
    else:
        column = "killed" if isinstance(source, Feed) else "value"
        counts = source.deaths if isinstance(source, Feed) else source.frame.set_index("period_end")["value"]
        totals = (
            counts.groupby(pd.DatetimeIndex(counts.index).year).agg(["size", "sum"]).rename_axis("year").reset_index()
        )
        totals.columns = pd.Index(["year", "rows", column])
        count, what = len(source.frame), "days" if isinstance(source, Feed) else "figures"
    faults = source.faults
    if given.output == "table":
        terminal = on_terminal(given.out)
        text = [f"{given.file.name}: {count:,} {what} accepted, {len(source.rejected):,} rows in the ledger\n"]
        if isinstance(source, Events):
            given_by = [name for name in ("low", "best", "high", "civilians") if source.accepted[name].notna().all()]
            sums = ", ".join(f"{name} {int(source.accepted[name].sum()):,}" for name in given_by)
            text.append(f"recorded deaths: {sums}\n")
        text.append(draw_table(totals, "By year", terminal))
        if isinstance(source, Tolls):
            text.append(_running_totals(source, terminal))
        else:
            text.append(draw_table(flags_table(source).reset_index(), "Kept as given, and counted", terminal))
        if isinstance(source, Events) and len(alike := folded_spellings(source.accepted)):
            text.append(draw_table(alike, "Names that may be one place in two spellings", terminal))
        if len(source.rejected):
            more = " (first 50)" if len(source.rejected) > 50 else ""
            text.append(draw_table(source.rejected.head(50), f"The ledger{more}", terminal))
        put_text("".join(text), given.out)
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
