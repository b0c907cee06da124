"""Words as they are compared: one text for the ways in which two scripts, keyboards and spreadsheets write the same."""

from __future__ import annotations

import unicodedata

import pandas as pd

from casualties.ledger import by_value

__all__ = ["column_name", "fold", "folded"]

DIGITS = {ord(digit): str(number) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for number, digit in enumerate(digits)}
DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
# Tatweel, vowel signs, marks of direction and joining, and spaces without width: none of them changes a word.
SILENT: dict[int, str] = dict.fromkeys(
    (
        *(0x0640, 0x061C, 0x2060, 0xFEFF, *range(0x200B, 0x2010)),
        *(*range(0x064B, 0x0653), *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    ),
    "",
)
WRITTEN = {**DIGITS, **DASHES, **SILENT}
# "5²" is five with a footnote, "½" a half: read as plain digits they would be 52 and 12.
RAISED = ("<super>", "<sub>", "<fraction>", "<circle>")


def fold(text: str) -> str:
    """Give the text by which a cell is compared; it is never kept in place of the cell.

    Parameters
    ----------
    text : str
        A cell, a code, or a word of a mapping.

    Returns
    -------
    str
        Compatible forms of letters as one, Arabic and Persian digits as ``0`` to ``9``, dashes as ``-``, without
        tatweel, vowel signs and marks of direction, small letters, one space where there are several. Raised digits
        and fractions stay what they are.

    Examples
    --------
    >>> fold(" ٢٠١٩–٠٥ "), fold("مدنـــي") == fold("مدني"), fold("Air  Strike"), fold("5²")
    ('2019-05', True, 'air strike', '5²')
    """
    if text.isascii():
        return " ".join(text.split()).casefold()
    raised = any(unicodedata.decomposition(letter).startswith(RAISED) for letter in text)
    plain = unicodedata.normalize("NFC" if raised else "NFKC", text).translate(WRITTEN)
    return " ".join(plain.split()).casefold()


def column_name(text: str) -> str:
    """Give the name of a column by which a file and a mapping meet: composed letters, no space around it."""
    return unicodedata.normalize("NFC", text).strip()


def folded(cells: pd.Series) -> pd.Series:
    """Give cells by the text by which they are compared; see `fold`.

    Parameters
    ----------
    cells : Series of str
        The cells.
    """
    return by_value(cells, lambda texts: texts.map(fold).astype("str"))
