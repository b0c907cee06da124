"""Columns of cells whose different values are told apart once: a long table repeats its few words many times.

A column of text may come encoded (categorical): then each row holds the number of its value, and nothing needs to be
told apart again. Text that seldom repeats stays text. Every function here takes both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
from numba import njit

__all__ = ["by_value", "contents", "decoded", "digests", "doubled", "repeated", "told_apart"]

WORD = 8
MIX, STRIDE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
HALF = np.uint64(32)


def told_apart(text: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Give the number of each cell's value, and the values.

    Parameters
    ----------
    text : Series of str, or categorical
        The cells; a missing one is empty.

    Returns
    -------
    codes : array of int, shape (cells,)
    values : Series of str
        Each different; of an encoded column some may stand in no cell.

    Examples
    --------
    >>> codes, values = told_apart(pd.Series(["a", "b", "a"]))
    >>> codes.tolist(), values.tolist()
    ([0, 1, 0], ['a', 'b'])
    """
    if isinstance(text.dtype, pd.CategoricalDtype):
        return np.asarray(text.array.codes), pd.Series(text.array.categories.array)
    codes, values = pd.factorize(text.fillna(""), use_na_sentinel=False)
    return codes, pd.Series(values, dtype="str")


def by_value(text: pd.Series, change: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Change each different cell once and give the result by row; words of an encoded column come back encoded.

    Parameters
    ----------
    text : Series of str, or categorical
        The cells.
    change : callable
        From a Series of different cells to a Series of as many values.

    Examples
    --------
    >>> by_value(pd.Series(["a", "b", "a"]), lambda cells: cells.str.upper()).tolist()
    ['A', 'B', 'A']
    """
    codes, values = told_apart(text)
    changed = change(values)
    if isinstance(text.dtype, pd.CategoricalDtype) and pd.api.types.is_string_dtype(changed.dtype):
        numbers, different = pd.factorize(changed)
        # Values that become the same share a number.
        array = pd.Categorical.from_codes(numbers.take(codes), pd.Index(different, dtype="str"), validate=False)
        return pd.Series(array, index=text.index, name=text.name)
    return pd.Series(changed.array.take(codes), index=text.index, name=text.name)


def decoded(cells: pd.Series) -> pd.Series:
    """Give an encoded column as text, any other as it is.

    Parameters
    ----------
    cells : Series
        The cells.
    """
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        return cells
    codes, values = told_apart(cells)
    return pd.Series(values.array.take(codes), index=cells.index, name=cells.name)


def digests(columns: Iterable[pa.Array], count: int) -> np.ndarray:
    """Give a number of 64 bits for the texts of each row, the same for the same texts; zeros where there are none.

    Parameters
    ----------
    columns : iterable of arrays of text or bytes
        Columns of as many texts as `count`.
    count : int
        Number of rows.

    Returns
    -------
    array of int64, shape (count,)

    Notes
    -----
    Eight bytes at a time are mixed in by steps that can be undone, so that two texts that differ in one word never
    meet there, and two others by a chance of 1 in 2 ** 64. It guards against mistakes, not against an attacker.

    Examples
    --------
    >>> one, other, again = digests([pa.array(["a word", "words", "a word"])], 3).tolist()
    >>> one == again, one == other
    (True, False)
    """
    mixed = np.zeros(count, dtype="uint64")
    for column in columns:
        mixed = _mixed(mixed, _text_digests(column))
    return mixed.view("int64")


def contents(columns: Iterable[pd.Series]) -> np.ndarray:
    """Give a number of 64 bits for what each row of some columns says, which serves within these columns only.

    Rows that are equal have equal numbers; rows that differ have equal ones by chance, seldom.

    Parameters
    ----------
    columns : iterable of Series
        At least one column, all of the same length: text, encoded text, truth values or whole numbers.

    Returns
    -------
    array of uint64, shape (rows,)
    """
    mixed = np.zeros(0, dtype="uint64")
    for place, column in enumerate(columns):
        if pd.api.types.is_string_dtype(column.dtype) and column.dtype != "object":
            number = digests([pa.array(column.array)], len(column)).view("uint64")
        elif isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
            number = column.to_numpy().astype("uint64")
        else:
            number = told_apart(column)[0].astype("uint64")
        mixed = _mixed(mixed if place else np.zeros(len(column), dtype="uint64"), number)
    return mixed


def repeated(numbers: np.ndarray) -> np.ndarray:
    """Give the positions of the numbers that stand more than once.

    Parameters
    ----------
    numbers : array of int

    Examples
    --------
    >>> repeated(np.array([4, 7, 4, 1])).tolist()
    [0, 2]
    """
    ordered = np.sort(numbers)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.flatnonzero(pd.Series(numbers).isin(again)) if len(again) else np.array([], dtype="int64")


def doubled(text: pd.Series) -> pd.Series:
    """Give the cells that stand more than once, empty ones left out.

    Parameters
    ----------
    text : Series of str
        The cells.

    Examples
    --------
    >>> doubled(pd.Series(["a", "", "b", "a", ""])).to_dict()
    {0: 'a', 3: 'a'}
    """
    near = text.iloc[repeated(contents([text]))]
    return near[(near != "") & near.duplicated(keep=False)]


def _mixed(state: np.ndarray, word: np.ndarray) -> np.ndarray:
    """Mix a word into a state: different words give different states."""
    mixed: np.ndarray = state * STRIDE
    mixed ^= word
    mixed *= MIX
    mixed ^= mixed >> HALF
    return mixed


def _text_digests(texts: pa.Array) -> np.ndarray:
    """Digest each text by itself."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    whole = whole.cast(pa.large_string()) if pa.types.is_string(whole.type) else whole
    _, places, letters = whole.buffers()
    bounds = np.frombuffer(places, dtype="int64", count=len(whole) + 1, offset=8 * whole.offset)
    data = np.frombuffer(letters, dtype="uint8") if letters is not None else np.zeros(0, dtype="uint8")
    return _digest_texts(bounds, data)


@njit("uint64[::1](Array(int64, 1, 'C', readonly=True), Array(uint8, 1, 'C', readonly=True))", cache=True, nogil=True)
def _digest_texts(bounds: np.ndarray, data: np.ndarray) -> np.ndarray:
    digest = np.empty(len(bounds) - 1, dtype=np.uint64)
    for text in range(len(digest)):
        start, end = bounds[text], bounds[text + 1]
        state = np.uint64(end - start) * MIX
        for place in range(start, end, WORD):
            word = np.uint64(0)
            if place + WORD <= end:
                # Written out, so that the compiler reads eight bytes at once.
                word = (
                    np.uint64(data[place])
                    | np.uint64(data[place + 1]) << np.uint64(8)
                    | np.uint64(data[place + 2]) << np.uint64(16)
                    | np.uint64(data[place + 3]) << np.uint64(24)
                    | np.uint64(data[place + 4]) << np.uint64(32)
                    | np.uint64(data[place + 5]) << np.uint64(40)
                    | np.uint64(data[place + 6]) << np.uint64(48)
                    | np.uint64(data[place + 7]) << np.uint64(56)
                )
            else:
                for letter in range(place, end):
                    word |= np.uint64(data[letter]) << np.uint64(8 * (letter - place))
            state = (state * STRIDE) ^ word
            state *= MIX
            state ^= state >> HALF
        digest[text] = state
    return digest
