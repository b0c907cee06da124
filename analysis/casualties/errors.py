"""The errors that the package raises: each message says where, what, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["CasualtiesError", "ConservationError", "InputError", "ReportError", "UnknownNameError", "nearest"]


class CasualtiesError(Exception):
    """Base of every error of the package.

    Parameters
    ----------
    message : str
        What went wrong, in one sentence.
    remedy : str, optional
        What to do about it.

    Examples
    --------
    >>> raise CasualtiesError("the report is older than its data", remedy="run it again")
    Traceback (most recent call last):
    casualties.errors.CasualtiesError: the report is older than its data; run it again
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class InputError(CasualtiesError):
    """Something that was given cannot be used: a file, a row, a value, an argument.

    Parameters
    ----------
    message : str
        What is wrong.
    file : str, optional
        Name of the file.
    row : int, optional
        Row in that file as an editor or a spreadsheet counts it (the header is row 1).
    column : str, optional
        Name of the column or of the argument.
    value : object, optional
        The value found there.
    remedy : str, optional
        What to do about it.

    Examples
    --------
    >>> raise InputError("deaths cannot be negative", file="list.csv", row=7, column="best", value="-3",
    ...                  remedy="correct the number in the file")
    Traceback (most recent call last):
    casualties.errors.InputError: list.csv, row 7, column 'best', value '-3': deaths cannot be negative; correct the
    number in the file
    """

    # What a damaged file says of itself can be of any length; a message stays one that can be read.
    letters, longest = 200, 800

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        row: int | None = None,
        column: str = "",
        value: object = None,
        remedy: str = "",
    ) -> None:
        super().__init__(message, remedy)
        self.file, self.row, self.column, self.value = file, row, column, value

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.__dict__)

    def __str__(self) -> str:
        where = [
            _line(self.file, self.letters),
            f"row {self.row}" if self.row is not None else "",
            f"column {_line(self.column, self.letters)!r}" if self.column else "",
            f"value {_line(str(self.value), self.letters)!r}" if self.value is not None else "",
        ]
        place = ", ".join(part for part in where if part)
        text = "; ".join(_line(part, self.longest) for part in (self.message, self.remedy) if part)
        return f"{place}: {text}" if place else text


class UnknownNameError(InputError):
    """A name that is not among the choices; the message gives the nearest one and the choices.

    Parameters
    ----------
    argument : str
        The argument or column that the name was given for.
    value : object
        The name.
    choices : iterable of str
        The names that would do.

    Examples
    --------
    >>> raise UnknownNameError("spread", "evn", ["even", "start", "end"])
    Traceback (most recent call last):
    casualties.errors.UnknownNameError: spread='evn' is not known; did you mean 'even'? The choices are: 'even',
    'start', 'end'
    """

    shown, listed = 25, 500

    def __init__(self, argument: str, value: object, choices: Iterable[str], *, file: str = "") -> None:
        names = [str(choice) for choice in choices]
        near = nearest(str(value), names)
        listed = [repr(name) for name in names[: self.shown]]
        while len(listed) > 1 and sum(map(len, listed)) > self.listed:
            listed.pop()
        left = len(names) - len(listed)
        message = f"{argument}={value!r} is not known"
        remedy = (
            f"did you mean {near!r}? " if near else ""
        ) + f"{'T' if near else 't'}he choices are: {', '.join(listed)}"
        if left:
            remedy += f" and {left} more"
        super().__init__(message, file=file, remedy=remedy)
        self.argument, self.name, self.choices, self.near = argument, value, names, near


class ConservationError(CasualtiesError):
    """Deaths were lost or invented on the way: a fault of the package, never of the data."""


class ReportError(CasualtiesError):
    """A report could not be made or does not hold what it says."""


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """Give the choice that is spelled most like a name, or None where none is near.

    Parameters
    ----------
    name : str
        The name as written.
    choices : iterable of str
        The names that exist.

    Returns
    -------
    str or None
        The nearest choice; a difference of case alone always counts as near.

    Examples
    --------
    >>> nearest("idlib governorate", ["Idlib Governorate", "Hamah Governorate"])
    'Idlib Governorate'
    """
    plain = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(name.casefold(), plain, n=1, cutoff=0.55)
    return plain[found[0]] if found else None


def _line(text: str, longest: int) -> str:
    """Give a text as part of one line: what cannot be printed by its code, and no more than can be read."""
    shown = text if len(text) <= longest else f"{text[: longest - 1]}…"
    if shown.isprintable():
        return shown
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode("ascii")
        for letter in shown
    )


def _rebuild(kind: type[InputError], state: dict[str, object]) -> InputError:
    """Make an error again from its parts (errors cross processes when many areas are fitted)."""
    error = kind.__new__(kind)
    CasualtiesError.__init__(error, str(state["message"]), str(state["remedy"]))
    error.__dict__.update(state)
    return error
