"""The command line: each command reads, computes by the package's functions, and prints a table."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casualties.comparison.agreement import compare_pair
from casualties.comparison.coverage import coverage_overlap
from casualties.comparison.published import compare_tolls
from casualties.errors import CasualtiesError, InputError, UnknownNameError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.models.changepoints import fit_changepoints
from casualties.models.trend import fit_trend
from casualties.report.build import build_report
from casualties.report.verify import verify_report
from casualties.series import SPREADS, DailySeries
from casualties.sources.acled import read_acled
from casualties.sources.feed import read_feed
from casualties.sources.tolls import read_tolls
from casualties.sources.ucdp import read_ucdp_ged
from casualties.study import Source, Study, load_study
from casualties.tables import flags_table
from casualties.tolls import Tolls
from casualties.totals import FREQUENCIES, breakdown, event_totals, period_totals

__all__ = ["main"]

FORMATS = ("table", "csv", "json", "xlsx")
# A table that goes to a file or a pipe is not folded to the width of a terminal.
WIDE = 240
Kind = TypeVar("Kind", Events, Tolls)


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
        return _fail(error, 2)
    except CasualtiesError as error:
        return _fail(error, 1)
    except KeyboardInterrupt:
        return _fail("stopped; an earlier report is untouched", 130)


def _parser() -> argparse.ArgumentParser:
    """Build the parser: one sub-command a verb."""
    parser = argparse.ArgumentParser(prog="casualties", description="Daily records of people killed: is it escalating?")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        made.set_defaults(run=run)
        return made

    report = command("report", _report, "make the PDF and HTML report of a study")
    report.add_argument("study", metavar="STUDY", help="a bundled study's name, or a folder with a study.toml")
    report.add_argument("--out", metavar="DIR", type=Path, help="folder for the report (default: reports/NAME)")

    verify = command("verify", _verify, "compute a report again and say whether it holds")
    verify.add_argument("report", metavar="REPORT", type=Path, help="the folder of a report")
    verify.add_argument("--study", metavar="STUDY", help="the study's folder (default: the bundled study of its name)")

    validate = command("validate", _validate, "check a file and list the rows that cannot be used")
    validate.add_argument("file", metavar="FILE", type=Path)
    validate.add_argument(
        "--format", required=True, choices=("ucdp-ged", "acled", "feed", "tolls"), help="what the file is"
    )
    validate.add_argument("--mapping", metavar="TOML", type=Path, help="which column is what (feeds)")
    _add_output(validate, "--ledger-format")

    series = command("series", _series, "print a daily series, or its totals")
    _add_series(series)
    series.add_argument("--by", choices=tuple(FREQUENCIES), default="day", help="the periods (default: day)")
    what = series.add_mutually_exclusive_group()
    what.add_argument("--breakdown", metavar="COLUMN", help="adm1, kind, victims or any column of the events")
    what.add_argument("--ledger", action="store_true", help="print the ledger of the source instead")
    what.add_argument("--accounts", action="store_true", help="print where every death went instead")
    _add_output(series)

    fit = command("fit", _fit, "fit a trend or change points to a series")
    _add_series(fit)
    fit.add_argument("--model", choices=("changepoints", "trend"), default="changepoints")
    fit.add_argument("--start", metavar="DATE", help="first day of a part of the series")
    fit.add_argument("--end", metavar="DATE", help="last day of a part of the series")
    fit.add_argument("--level", type=float, default=0.95, help="level of intervals (default: 0.95)")
    fit.add_argument("--prior-changes", type=float, metavar="N", help="changes expected beforehand (default: 1 a year)")
    _add_output(fit)

    compare = command("compare", _compare, "compare two series, published totals, or the coverage of two sources")
    compare.add_argument("study", metavar="STUDY")
    what = compare.add_mutually_exclusive_group()
    what.add_argument("--pair", nargs=2, metavar=("A", "B"), help="two declared series")
    what.add_argument("--tolls", action="store_true", help="published totals against the events")
    what.add_argument("--coverage", nargs=2, metavar=("FIRST", "SECOND"), help="two sources that the events cite")
    compare.add_argument("--window", metavar="NAME", help="a declared window (coverage)")
    compare.add_argument("--place", metavar="NAME", help="a declared place (coverage)")
    _add_output(compare)
    return parser


def _add_series(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="a bundled study's name, or a folder with a study.toml")
    parser.add_argument("name", metavar="SERIES", nargs="?", help="a declared series (default: the first)")
    parser.add_argument("--victims", help="all, civilians, combatants, unknown, an actor or a declared group")
    parser.add_argument("--place", help="a declared place")
    parser.add_argument("--spread", choices=SPREADS, help="what happens to events of several days")


def _add_output(parser: argparse.ArgumentParser, name: str = "--format") -> None:
    parser.add_argument(name, dest="output", choices=FORMATS, default="table", help="how to print (default: table)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write to a file (needed for xlsx)")


def _report(given: argparse.Namespace) -> int:
    study = load_study(given.study)
    # What the study declares is read before any kernel starts, so that a fault in the data is told at once.
    for name in study.sources:
        study.sources[name]
    for name in study.declared:
        study.series(name)
    paths = build_report(study, given.out or Path("reports") / study.name)
    for path in (paths.pdf, paths.html):
        _say(_near(path))
    return 0


def _verify(given: argparse.Namespace) -> int:
    study = given.study or _study_of(given.report)
    verification = verify_report(given.report, load_study(study))
    for line in verification.lines:
        _say(line)
    _say("the report holds" if verification.holds else "the report does not hold")
    return 0 if verification.holds else 1


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
        terminal = _on_terminal(given.out)
        text = [f"{given.file.name}: {count:,} {what} accepted, {len(source.rejected):,} rows in the ledger\n"]
        if isinstance(source, Events):
            given_by = [name for name in ("low", "best", "high", "civilians") if source.accepted[name].notna().all()]
            sums = ", ".join(f"{name} {int(source.accepted[name].sum()):,}" for name in given_by)
            text.append(f"recorded deaths: {sums}\n")
        text.append(_drawn(totals, "By year", terminal))
        if not isinstance(source, Tolls):
            text.append(_drawn(flags_table(source).reset_index(), "Kept as given, and counted", terminal))
        if len(source.rejected):
            more = " (first 50)" if len(source.rejected) > 50 else ""
            text.append(_drawn(source.rejected.head(50), f"The ledger{more}", terminal))
        _put("".join(text), given.out)
    else:
        _print(source.rejected, given.output, given.out)
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


def _series(given: argparse.Namespace) -> int:
    study = load_study(given.study)
    series = _chosen(study, given)
    declared = study.declared[_name(study, given)]
    source = study.sources[str(declared["source"])]
    if given.ledger:
        table = source.rejected
    elif given.accounts:
        table = series.accounts.reset_index()
    elif given.breakdown:
        if not isinstance(source, Events):
            raise InputError("a feed has no columns to break down by", column="--breakdown", value=given.breakdown)
        table = breakdown(
            source,
            given.breakdown,
            start=series.start,
            end=series.end,
            frequency=given.by,
            where=series.where,
            victims=series.victims,
            estimate=series.estimate,
            spread=series.spread,  # type: ignore[arg-type]
            missing_days=series.missing_days,  # type: ignore[arg-type]
            without=declared.get("without", ()),
        ).to_frame()
    elif given.by == "day":
        table = series.frame.reset_index()
    else:
        table = period_totals(series, given.by).to_frame()
    _print(table, given.output, given.out, series.label)
    return 0


def _fit(given: argparse.Namespace) -> int:
    if given.model == "trend" and given.prior_changes is not None:
        raise InputError("a trend has no changes", column="--prior-changes", remedy="leave it out")
    series = _chosen(load_study(given.study), given)
    if given.start or given.end:
        series = series.between(given.start or series.start, given.end or series.end)
    if given.model == "trend":
        result = fit_trend(series, level=given.level)
    else:
        result = fit_changepoints(series, level=given.level, prior_changes=given.prior_changes)  # type: ignore[assignment]
    if given.output == "table":
        _put(f"{result.summary()}\n", given.out)
    else:
        _print(result.to_frame(), given.output, given.out)
    return 0


def _compare(given: argparse.Namespace) -> int:
    if (given.window or given.place) and not given.coverage:
        raise InputError(
            "a window or a place is chosen for the coverage of two sources only",
            column="--window" if given.window else "--place",
            value=given.window or given.place,
            remedy="leave it out, or declare series of that window or place",
        )
    study = load_study(given.study)
    if given.tolls:
        result: Any = compare_tolls(_first(study, Events), _first(study, Tolls), study.area_places())
    elif given.coverage:
        window = study.window(given.window) if given.window else None
        place = study.at(given.place) if given.place else None
        result = coverage_overlap(
            _first(study, Events),
            *given.coverage,
            where=place.where if place and place.where else None,
            start=window.start if window else None,
            end=window.end if window else None,
        )
    else:
        names = given.pair or study.settings.get("pair")
        if not names:
            raise InputError(
                "two series must be named", column="--pair", remedy=f"choose from {', '.join(study.declared)}"
            )
        result = compare_pair(study.series(names[0]), study.series(names[1]))
    if given.output == "table":
        text = f"{result.summary()}\n"
        if given.tolls:
            shown = [
                "row_id",
                "claimant",
                "period_start",
                "period_end",
                "who",
                "value",
                "recorded",
                "verdict",
                "reason",
            ]
            text += _drawn(result.to_frame()[shown], "", _on_terminal(given.out))
        _put(text, given.out)
    else:
        _print(result.to_frame(), given.output, given.out)
    return 0


def _first(study: Study, kind: type[Kind]) -> Kind:
    """Give the first source of a kind that a study has."""
    source = study.find(kind)
    if source is None:
        raise InputError(f"the study has no {kind.__name__.lower()}", file="study.toml", remedy="declare such a source")
    return source


def _name(study: Study, given: argparse.Namespace) -> str:
    if not study.declared:
        raise InputError("the study declares no series", file="study.toml", remedy="add a [series.NAME] table")
    return str(given.name or next(iter(study.declared)))


def _chosen(study: Study, given: argparse.Namespace) -> DailySeries:
    """Make the series that the arguments name."""
    changes = {name: getattr(given, name) for name in ("victims", "place", "spread") if getattr(given, name)}
    return study.series(_name(study, given), **changes)


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
        raise InputError("a feed needs a mapping", file=given.file.name, remedy="name it with --mapping FILE.toml")
    return read_feed(given.file, mapping)


def _study_of(report: Path) -> str:
    """Read which study a report is about."""
    try:
        name = json.loads((report / "manifest.json").read_text(encoding="utf-8"))["study"]
        return str(name["name"] if isinstance(name, dict) else name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the folder holds no report", file=str(report), remedy="name the folder of a report"
        ) from error


def _print(table: pd.DataFrame, output: str, out: Path | None, title: str = "") -> None:
    """Print a table, or write it to a file."""
    if output not in FORMATS:
        raise UnknownNameError("format", output, FORMATS)
    if output == "xlsx":
        if out is None:
            raise InputError("an Excel table needs a file", column="--out", remedy="add --out FILE.xlsx")
        _write_excel(table, out)
        return
    if output == "table":
        text = _drawn(table, title, _on_terminal(out))
    elif output == "csv":
        text = table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    else:
        text = table.to_json(orient="records", date_format="iso", date_unit="s", indent=1, force_ascii=False) + "\n"
        text = text.replace('T00:00:00"', '"').replace('T00:00:00.000"', '"')
    _put(text, out)


def _put(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file."""
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(error, out) from error


def _write_excel(table: pd.DataFrame, out: Path) -> None:
    """Write a table to a workbook; words stay words, also where they look like a formula."""
    if out.suffix.lower() != ".xlsx":
        raise InputError("the name of an Excel table ends in .xlsx", column="--out", value=out, remedy="rename it")
    words = table.select_dtypes(include=["object", "str"]).columns
    clean = table.assign(**{str(name): table[name].map(_printable) for name in words})
    try:
        with pd.ExcelWriter(out, engine="openpyxl") as writer:
            clean.to_excel(writer, index=False, sheet_name="table")
            for row in writer.sheets["table"].iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        cell.data_type = "s"
                    elif cell.is_date:
                        cell.number_format = "YYYY-MM-DD"
    except OSError as error:
        raise _unwritable(error, out) from error


def _printable(value: object) -> object:
    """Replace the control characters that a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value


def _unwritable(error: OSError, out: Path) -> InputError:
    return InputError(
        f"the file cannot be written ({error.strerror or error})", file=str(out), remedy="check the folder and its name"
    )


def _on_terminal(out: Path | None) -> bool:
    return out is None and sys.stdout.isatty()


def _drawn(table: pd.DataFrame, title: str, terminal: bool) -> str:
    """Draw a table for a terminal; elsewhere it is as wide as it needs to be."""
    drawn = Table()
    for name in table.columns:
        counts = pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(table[name])
        right = counts or table[name].astype(str).str.fullmatch(r"[\d,.]+").all()
        drawn.add_column(Text(str(name)), justify="right" if right else "left")
    for row in table.itertuples(index=False):
        drawn.add_row(*(Text(_cell(value)) for value in row))
    buffer = io.StringIO()
    console = Console(file=buffer, width=None if terminal else WIDE, force_terminal=False)
    console.print(drawn)
    return (f"{title}\n" if title else "") + buffer.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return "–" if value != value else f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}"
    return "–" if value is pd.NA or value is None else str(value)


def _near(path: Path) -> str:
    """Give a path as seen from the working folder where it lies below it."""
    here = Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _fail(error: CasualtiesError | str, code: int) -> int:
    sys.stderr.write(f"casualties: {error}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
