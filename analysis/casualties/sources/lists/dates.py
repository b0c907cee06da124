"""Cells that hold a date in a stated format, as the days that they may mean: a month is a window, not its first day."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from casualties.errors import InputError
from casualties.ledger import ISO_CELL, ZONED, ZONED_CELL
from casualties.sources.lists.words import fold

__all__ = ["DateFormat", "date_format", "is_iso", "precision", "read_windows"]

# Each month in English, in the Arabic of Egypt and the Gulf, and in that of Syria, Iraq and Jordan.
MONTHS = (
    ("january", "jan", "يناير", "كانون الثاني", "كانون ثاني"),
    ("february", "feb", "فبراير", "شباط"),
    ("march", "mar", "مارس", "آذار"),
    ("april", "apr", "أبريل", "نيسان"),
    ("may", "مايو", "أيار"),
    ("june", "jun", "يونيو", "يونية", "حزيران"),
    ("july", "jul", "يوليو", "يولية", "تموز"),
    ("august", "aug", "أغسطس", "آب"),
    ("september", "sept", "sep", "سبتمبر", "أيلول"),
    ("october", "oct", "أكتوبر", "تشرين الأول", "تشرين أول"),
    ("november", "nov", "نوفمبر", "تشرين الثاني", "تشرين ثاني"),
    ("december", "dec", "ديسمبر", "كانون الأول", "كانون أول"),
)
# Hamza, taa marbuta and alif maqsura are left out or mixed in typing; a comma is a comma.
LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "،": ","})
ISO = "%Y-%m-%d"
WIDTHS = {"Y": "{4}", "y": "{2}", "m": "{1,2}", "d": "{1,2}", "H": "{1,2}", "M": "{2}", "S": "{2}"}
KNOWN = ("%Y", "%y", "%m", "%B", "%b", "%d", "%H", "%M", "%S")
NO_DATE = "no date given"
STATED_UNKNOWN = "the list says that no date is known"
NO_FORMAT = "not a date of the formats that the mapping names"
NO_DAY = "no such day in the calendar"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A way of writing dates.

    Parameters
    ----------
    text : str
        As the mapping writes it, e.g. ``"%d/%m/%Y"``.
    shape : Pattern
        What a cell of this format looks like.
    """

    text: str
    shape: re.Pattern[str]


def date_format(text: str) -> DateFormat:
    """Read a format of dates.

    Parameters
    ----------
    text : str
        With ``%Y`` (year), ``%y`` (its last two digits: 69 to 99 are of the 20th century), ``%m`` (month in digits),
        ``%B`` or ``%b`` (its name, whole or short, English or Arabic), ``%d`` (day), and ``%H``, ``%M``, ``%S`` (time
        of the day, which is left out). Without ``%d`` it means a whole month, without a month a whole year.

    Returns
    -------
    DateFormat

    Raises
    ------
    InputError
        If it holds anything else after ``%``, something twice, no year, or a day without its month.

    Examples
    --------
    >>> bool(date_format("%d %B %Y").shape.fullmatch("3 ايار 2019"))
    True
    """
    tokens = re.findall(r"%.?|[^%]+", text)
    shape, seen = [], []
    for position, token in enumerate(tokens):
        if token == "%%":
            shape.append("%")
        elif not token.startswith("%"):
            shape.append(re.escape(_plain(f"|{token}|")[1:-1]))
        elif token not in KNOWN:
            raise InputError(
                f"{token!r} is no part of a date", column="formats", value=text, remedy=f"use {', '.join(KNOWN)}"
            )
        else:
            name = "B" if token == "%b" else token[1]
            seen.append({"y": "Y", "B": "m"}.get(name, name))
            # Between parts without anything between them only two digits tell where the one ends.
            beside = [*tokens[max(position - 1, 0) : position], *tokens[position + 1 : position + 2]]
            joined = any(other in KNOWN for other in beside)
            width = WIDTHS.get(name, "")
            digits = f"(?P<{name}>[0-9]{'{2}' if joined and width == '{1,2}' else width})"
            shape.append(NAMED_MONTH if name == "B" else digits)
    if len(set(seen)) < len(seen):
        raise InputError("the format names a part twice", column="formats", value=text, remedy="name it once")
    if "Y" not in seen or ("d" in seen and "m" not in seen):
        lacks = "year" if "Y" not in seen else "month"
        raise InputError(f"the format has no {lacks}", column="formats", value=text, remedy=f"add the {lacks}")
    return DateFormat(text, re.compile("".join(shape)))


def read_windows(
    cells: pd.Series,
    formats: Sequence[DateFormat],
    unknown: Collection[str] = (),
    *,
    sound: np.ndarray | None = None,
    file: str = "",
    column: str = "",
) -> pd.DataFrame:
    """Read cells as windows of days.

    Parameters
    ----------
    cells : Series of str
        The cells, indexed by the row's number in the file.
    formats : sequence of DateFormat
        All of them are tried on every cell, and so is ``YYYY-MM-DD`` (also ``2019-5-1``; a time may follow, with a zone
        only midnight UTC): it is what typed dates of a spreadsheet arrive as.
    unknown : collection of str
        Cells that say that no date is known.
    sound : array of bool, optional
        Rows whose cells stand under their columns; the others cannot show that a format is in doubt.
    file, column : str, optional
        Where the cells stand, for messages.

    Returns
    -------
    DataFrame of str
        ``start`` and ``end`` as ``YYYY-MM-DD``, both empty where there is a fault; ``fault``, the reason.

    Raises
    ------
    InputError
        If a cell fits two formats and they do not mean the same days.

    Examples
    --------
    >>> cells = pd.Series(["٣ أيار ٢٠١٩", "2019-05", "30 February 2019"])
    >>> read_windows(cells, [date_format("%d %B %Y"), date_format("%Y-%m")]).values.tolist()
    [['2019-05-03', '2019-05-03', ''], ['2019-05-01', '2019-05-31', ''], ['', '', 'no such day in the calendar']]
    """
    codes, values = pd.factorize(cells)
    silent = {_plain(word) for word in unknown}
    ways = [DateFormat(ISO, ISO_CELL), *(way for way in formats if way.text != ISO)]
    found = []
    for code, value in enumerate(values):
        readings, fault = _read(str(value), ways, silent)
        if len({window for _, window in readings}) > 1:
            places = np.flatnonzero((codes == code) & (True if sound is None else sound))
            if len(places):
                raise _in_doubt(readings, file, int(cells.index[places[0]]), column, str(value))
            readings, fault = [], NO_FORMAT
        found.append((*readings[0][1], "") if readings else ("", "", fault))
    table = pd.DataFrame(found, columns=["start", "end", "fault"], dtype="str")
    return table.iloc[codes].set_axis(cells.index)


def is_iso(cell: str) -> bool:
    """Tell whether a cell has the form ``YYYY-MM-DD``, which needs no format; a time may follow.

    Examples
    --------
    >>> is_iso("2019-05-01T22:30:00"), is_iso("2019-5-1"), is_iso("01/05/2019")
    (True, True, False)
    """
    return ISO_CELL.fullmatch(_plain(cell)) is not None


def precision(start: pd.Series, end: pd.Series) -> pd.Series:
    """Give UCDP's code for how precisely a window of days dates an event.

    Parameters
    ----------
    start, end : Series of str
        First and last day as ``YYYY-MM-DD``; empty where they are not known.

    Returns
    -------
    Series of str
        ``"1"`` one day, ``"2"`` 2 to 6 days, ``"3"`` a week, ``"4"`` up to a month of 31 days, ``"5"`` longer; empty
        where a day is not known, or the last one stands before the first.

    Examples
    --------
    >>> precision(pd.Series(["2019-05-01"] * 3), pd.Series(["2019-05-01", "2019-05-07", "2019-05-31"])).tolist()
    ['1', '3', '4']
    """
    first, last = (pd.to_datetime(days.where(days != ""), format=ISO) for days in (start, end))
    length = ((last - first).dt.days + 1).to_numpy(dtype="float64", na_value=np.nan)
    lengths = [~(length >= 1), length == 1, length < 7, length == 7, length <= 31]
    code = np.select(lengths, ["", "1", "2", "3", "4"], "5")
    return pd.Series(code, index=start.index, dtype="str")


def _plain(text: str) -> str:
    """Give the text by which dates are compared."""
    return fold(text.translate(LETTERS)).translate(LETTERS)


def _read(
    value: str, ways: Sequence[DateFormat], silent: Collection[str]
) -> tuple[list[tuple[str, tuple[str, str]]], str]:
    """Read one cell in every way: the formats that it fits with the window that each gives, else what is wrong."""
    cell = _plain(value)
    if not cell:
        return [], NO_DATE
    if cell in silent:
        return [], STATED_UNKNOWN
    readings, shaped = [], False
    for way in ways:
        match = way.shape.fullmatch(cell)
        if match:
            shaped = True
            window = _window(match.groupdict())
            if window:
                readings.append((way.text, window))
    if not shaped and ZONED_CELL.fullmatch(cell):
        return readings, ZONED
    return readings, NO_DAY if shaped else NO_FORMAT


def _window(parts: dict[str, str]) -> tuple[str, str] | None:
    """Give the first and last day of a date, or None where the calendar has no such day."""
    year = int(parts["Y"] if "Y" in parts else parts["y"])
    if "y" in parts:
        year += 1900 if year >= 69 else 2000
    month = int(parts["m"]) if "m" in parts else None
    if parts.get("B"):
        month = NUMBERS[parts["B"]]
        if parts["again"] and NUMBERS[parts["again"]] != month:
            return None
    day = int(parts["d"]) if "d" in parts else None
    if not 1 <= year <= 9999 or (month is not None and not 1 <= month <= 12):
        return None
    first, last = month or 1, month or 12
    length = calendar.monthrange(year, last)[1]
    if day is not None and not 1 <= day <= length:
        return None
    return str(date(year, first, day or 1)), str(date(year, last, day or length))


def _in_doubt(readings: list[tuple[str, tuple[str, str]]], file: str, row: int, column: str, value: str) -> InputError:
    said = " and ".join(
        f"{text!r} reads {start}" + (f" to {end}" if end != start else "") for text, (start, end) in readings
    )
    return InputError(
        f"the cell fits formats that do not mean the same: {said}",
        file=file,
        row=row,
        column=column,
        value=value,
        remedy="name one of these formats only, or write this date as YYYY-MM-DD",
    )


NUMBERS = {_plain(name): number for number, names in enumerate(MONTHS, start=1) for name in names}
_NAMES = "|".join(sorted(NUMBERS, key=lambda name: (-len(name), name)))
# "نيسان/أبريل" and "أيار (مايو)" name one month twice; short names may end with a point.
NAMED_MONTH = rf"(?P<B>{_NAMES})\.?(?: ?[/(] ?(?P<again>{_NAMES})\)?)?"
