"""Words as they are compared: one text for the ways in which two scripts, keyboards and spreadsheets write the same."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from casualties.cells import by_value

__all__ = ["column_name", "fold", "folded", "plain_word", "plain_words", "says_total"]

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
# Hamza, taa marbuta and alif maqsura are left out or mixed in typing.
ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ؤ": "و", "ئ": "ي"}
)
WORD = re.compile(r"[^\W_]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
DIGIT = re.compile(r"\d")
TOTALS = (
    *("total", "totals", "grand total", "subtotal", "sub total", "sub totals", "subtotals", "total killed"),
    *("total deaths", "total number", "sum total", "overall total", "daily total", "monthly total"),
    *("المجموع", "مجموع", "الإجمالي", "إجمالي", "المجموع الكلي", "الإجمالي الكلي", "المجموع العام", "المجموع النهائي"),
    *("الإجمالي العام", "العدد الكلي", "إجمالي عام", "مجموع كلي", "إجمالي الشهداء", "مجموع الشهداء", "مجموع القتلى"),
)
# Words that elsewhere than under the name of a place, an incident or a row may say something else.
WEAK = ("sum", "all", "overall", "altogether", "كل", "الكل", "الجميع")
# A cell longer than this is a sentence.
LONGEST_TOTAL = 30


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


def plain_word(word: str) -> str:
    """Bring the spellings of one word together: case, vowel signs, forms of alif, and the Arabic article.

    Examples
    --------
    >>> plain_word("Killed"), plain_word("المُحافظة") == plain_word("محافظه")
    ('killed', True)
    """
    plain = fold(word).translate(ARABIC)
    return plain[2:] if plain.startswith("ال") and len(plain) > 4 else plain


def plain_words(text: str) -> tuple[str, ...]:
    """Give the words of a header or a cell in their plain form.

    Examples
    --------
    >>> plain_words("dateOfDeath"), plain_words("killed_cum")
    (('date', 'of', 'death'), ('killed', 'cum'))
    """
    return tuple(plain_word(word) for word in WORD.findall(fold(CAMEL.sub(" ", text))))


def says_total(text: str, *, named: bool) -> bool:
    """Tell whether a cell as a whole says that its row adds up others: "Grand total:", "المجموع".

    Parameters
    ----------
    text : str
        The cell.
    named : bool
        Whether a name of a place, an incident or a row is looked for here, so that "all" and "sum" are none.

    Examples
    --------
    >>> says_total("Sub-total:", named=False), says_total("الاجمالي", named=False)
    (True, True)
    >>> says_total("All", named=True), says_total("All", named=False), says_total("All Saints", named=True)
    (True, False, False)
    """
    if len(text) > LONGEST_TOTAL or DIGIT.search(text):
        return False
    words = plain_words(text)
    return words in _TOTALS or (named and words in _WEAK)


_TOTALS = frozenset(map(plain_words, TOTALS))
_WEAK = frozenset(map(plain_words, WEAK))
