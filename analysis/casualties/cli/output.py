"""What a command gives: tables in four formats and plain lines, on the terminal or in a file."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import pandas as pd
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casualties.errors import CasualtiesError, InputError, UnknownNameError

__all__ = [
    "FORMATS",
    "add_output",
    "draw_table",
    "fail",
    "near",
    "on_terminal",
    "print_table",
    "put_text",
    "say",
    "warn",
]

FORMATS = ("table", "csv", "json", "xlsx")
# A table that goes to a file or a pipe is not folded to the width of a terminal.
WIDE = 240


def add_output(parser: argparse.ArgumentParser, name: str = "--format") -> None:
    """Add the two arguments of a command that gives a table: the form it takes, and the file it goes to.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The command's parser; `given.output` and `given.out` hold what is asked for.
    name : str, optional
        The word for the form.
    """
    parser.add_argument(name, dest="output", choices=FORMATS, default="table", help="how to print (default: table)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write to a file (needed for xlsx)")


def print_table(table: pd.DataFrame, output: str, out: Path | None, title: str = "") -> None:
    """Print a table, or write it to a file.

    Parameters
    ----------
    table : pd.DataFrame
        The table.
    output : str
        One of `FORMATS`.
    out : Path or None
        The file; None prints it.
    title : str, optional
        A line above it, where it is drawn for reading.

    Raises
    ------
    InputError
        If a workbook has no file to go to, or the file cannot be written.
    """
    if output not in FORMATS:
        raise UnknownNameError("format", output, FORMATS)
    if output == "xlsx":
        if out is None:
            raise InputError("an Excel table needs a file", column="--out", remedy="add --out FILE.xlsx")
        _write_excel(table, out)
        return
    if output == "table":
        text = draw_table(table, title, on_terminal(out))
    elif output == "csv":
        text = table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    else:
        text = table.to_json(orient="records", date_format="iso", date_unit="s", indent=1, force_ascii=False) + "\n"
        text = text.replace('T00:00:00"', '"').replace('T00:00:00.000"', '"')
    put_text(text, out)


def put_text(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file.

    Parameters
    ----------
    text : str
        The text with its line ends.
    out : Path or None
        The file; None prints it.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(error, out) from error


def draw_table(table: pd.DataFrame, title: str, terminal: bool) -> str:
    """Draw a table for a terminal; elsewhere it is as wide as it needs to be.

    Parameters
    ----------
    table : pd.DataFrame
        The table.
    title : str
        A line above it; none where it is empty.
    terminal : bool
        Whether its lines are folded to the width of a terminal.

    Returns
    -------
    str
        The lines.
    """
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


def on_terminal(out: Path | None) -> bool:
    """Tell whether what goes to `out` (None: standard output) is seen on a terminal."""
    return out is None and sys.stdout.isatty()


def near(path: Path) -> str:
    """Give a path as seen from the working folder where it lies below it."""
    here = Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Print one line on the error stream, beside what a command gives."""
    sys.stderr.write(f"{text}\n")


def fail(error: CasualtiesError | str, code: int) -> int:
    """Say on the error stream why a command ends, and give its exit code."""
    sys.stderr.write(f"casualties: {error}\n")
    return code


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


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return "–" if value != value else f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}"
    return "–" if value is pd.NA or value is None else str(value)
