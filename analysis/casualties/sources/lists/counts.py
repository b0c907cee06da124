"""Cells that count people, some of them in words such as "at least 5" or "3-5", as low, best and high."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from casualties.errors import InputError
from casualties.sources.lists.words import fold

__all__ = ["CountWords", "count_words", "read_counts"]

UNDECLARED = "thousands or decimals: the sign between the digits does not tell"
DOUBTFUL = re.compile(r"[+-]?[0-9]{1,3}(?:[.,'’٬ ][0-9]{3})+")


@dataclass(frozen=True, slots=True)
class CountWords:
    """How a list writes numbers that are not plain.

    Parameters
    ----------
    at_least, ranges : tuple of Pattern
        What cells look like that give a least number, and a range.
    best : str
        Which end of a range is taken for the best estimate: ``"low"``, ``"high"``, or empty where there are no ranges.
    thousands : str
        The sign between thousands; empty where none is used.
    """

    at_least: tuple[re.Pattern[str], ...] = ()
    ranges: tuple[re.Pattern[str], ...] = ()
    best: str = ""
    thousands: str = ""


def count_words(
    at_least: Sequence[str] = (), ranges: Sequence[str] = (), best: str = "", thousands: str = ""
) -> CountWords:
    """Read the patterns of a mapping.

    Parameters
    ----------
    at_least : sequence of str
        Each with one ``{}`` where the number stands, e.g. ``"at least {}"``.
    ranges : sequence of str
        Each with two, the first of which is the low end, e.g. ``"{}-{}"``.
    best, thousands : str
        As in `CountWords`.

    Raises
    ------
    InputError
        If a pattern has another number of ``{}``, or nothing but them.
    """
    number = r"([0-9]+)"
    if thousands:
        number = rf"([0-9]{{1,3}}(?:{re.escape(fold(f'|{thousands}|')[1:-1])}[0-9]{{3}})+|[0-9]+)"
    return CountWords(
        tuple(_pattern(text, 1, number, "at_least") for text in at_least),
        tuple(_pattern(text, 2, number, "range") for text in ranges),
        best,
        thousands,
    )


def read_counts(cells: pd.Series, words: CountWords) -> pd.DataFrame:
    """Read cells of counts.

    Parameters
    ----------
    cells : Series of str
        The cells.
    words : CountWords
        How the list writes what is not a plain number.

    Returns
    -------
    DataFrame of str
        ``number`` (a plain number, the least number, or the end of a range that `words` takes for best), ``low`` and
        ``high`` (of the patterns alone: a least number has no high, a plain number neither), ``patterned`` (``"1"``
        where a pattern was read) and ``fault`` (a reason, or empty). What is no number stays in ``number`` in the
        text that is compared, for `parse_counts` to judge.

    Notes
    -----
    A sign between thousands is read only where it is declared. ``1,234`` and ``2.000`` without it are a fault: a list
    with decimals writes 2 as ``2.000``. ``3.0`` is 3.

    Examples
    --------
    >>> words = count_words(at_least=["at least {}"], ranges=["{}-{}"], best="low")
    >>> read_counts(pd.Series(["٧", "At least 5", "3 – 5"]), words)[["number", "low", "high"]].values.tolist()
    [['7', '', ''], ['5', '5', ''], ['3', '3', '5']]
    """
    codes, values = pd.factorize(cells)
    found = [_read(fold(str(value)), words) for value in values]
    table = pd.DataFrame(found, columns=["number", "low", "high", "patterned", "fault"], dtype="str")
    return table.iloc[codes].set_axis(cells.index)


def _pattern(text: str, holes: int, number: str, argument: str) -> re.Pattern[str]:
    parts = [fold(part) for part in text.split("{}")]
    if len(parts) != holes + 1 or not any(parts):
        raise InputError(
            f"a pattern has {'one {}' if holes == 1 else 'two {}'} where the number{'s' * (holes - 1)} stand"
            f"{'s' * (2 - holes)}, and a word or sign beside",
            column=argument,
            value=text,
            remedy='write for example "at least {}"' if holes == 1 else 'write for example "{} to {}"',
        )
    if holes == 2 and not parts[1]:
        raise InputError(
            "nothing stands between the two numbers", column=argument, value=text, remedy='write for example "{} to {}"'
        )
    return re.compile(rf"\ *{number}\ *".join(re.escape(part) for part in parts))


def _read(cell: str, words: CountWords) -> tuple[str, str, str, str, str]:
    """Read one cell, given as it is compared."""
    readings = set()
    for pattern in words.at_least:
        match = pattern.fullmatch(cell)
        if match:
            least = _digits(match[1], words)
            readings.add((least, least, ""))
    for pattern in words.ranges:
        match = pattern.fullmatch(cell)
        if match:
            low, high = _digits(match[1], words), _digits(match[2], words)
            readings.add((high if words.best == "high" else low, low, high))
    if len(readings) > 1:
        return cell, "", "", "", "the cell fits two patterns that do not mean the same"
    if readings:
        return (*readings.pop(), "1", "")
    plain = _digits(cell, words)
    if DOUBTFUL.fullmatch(plain):
        return cell, "", "", "", UNDECLARED
    return plain, "", "", "", ""


def _digits(text: str, words: CountWords) -> str:
    """Leave out the declared sign between thousands, where it stands between thousands."""
    sign = fold(f"|{words.thousands}|")[1:-1]
    if sign and re.fullmatch(rf"[+-]?[0-9]{{1,3}}(?:{re.escape(sign)}[0-9]{{3}})+", text):
        return text.replace(sign, "")
    return text
