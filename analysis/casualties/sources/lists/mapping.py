"""The mapping of a list, read and checked: which column is what, how cells are written, and what codes mean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casualties.errors import InputError, UnknownNameError
from casualties.events import CLASSES, CODES, COLUMNS
from casualties.places import equivalents
from casualties.sources.files.tables import Layout
from casualties.sources.lists.counts import CountWords, count_words
from casualties.sources.lists.dates import DateFormat, date_format
from casualties.sources.lists.words import column_name, fold

__all__ = ["Classes", "ListMapping", "Part", "read_mapping"]

SECTIONS = (
    *("rows", "gazetteer", "only", "file", "columns", "dates", "estimates", "values"),
    *("classes", "breakdown", "carry"),
)
FILE = ("sheet", "header", "delimiter", "encoding", "records")
COUNTED = ("low", "best", "high", "civilians", "deaths_a", "deaths_b", "unknown")
DATED = ("date", "date_start", "date_end", "first_document")
NAMES = ("adm1", "adm2", "place", "side_a", "side_b")
EITHER = ("id", *DATED, *CODES, *NAMES, "lat", "lon", "cited")
ENDS = ("low", "high")
# What the reader adds, so that no column of the list may take the name.
OWN = (*COLUMNS, "date", "incident", "row", "rows", *(f"{name}_given" for name in NAMES))


@dataclass(frozen=True, slots=True)
class Classes:
    """Who the dead were, in a list of persons.

    Parameters
    ----------
    column : str
        The column that says it.
    civilians, combatants : frozenset of str
        Its words, as they are compared.
    """

    column: str
    civilians: frozenset[str]
    combatants: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the dead.

    Parameters
    ----------
    column : str
        The column of its numbers, or in a list of persons the one that says who belongs to it.
    words : frozenset of str
        Of a list of persons: the words that do, as they are compared.
    """

    column: str
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListMapping:
    """How a list is to be read.

    Parameters
    ----------
    victims : bool
        Whether a row is a person (else an event).
    columns : mapping of str to str
        Names of the list's columns by ours.
    layout : Layout
        Where in the file the table stands.
    formats : tuple of DateFormat
        How dates are written.
    undated : tuple of str
        Cells that say that no date is known.
    words : CountWords
        How numbers are written.
    best : str
        The column taken for the best estimate where the list has none: ``"low"``, ``"high"`` or empty.
    values : mapping of str to mapping
        Codes by our column name: what each word of the list, as it is compared, becomes.
    classes : Classes or None
        Who the dead were, in a list of persons.
    breakdown : mapping of str to Part
        Parts of the dead.
    carry : mapping of str to str
        Columns of text that come through, by the name they get.
    gazetteer : str
        The table of equivalents that names of places are matched to, or empty.
    only : Part or None
        The column and the words of the rows that are counted, where others are left out.
    """

    victims: bool
    columns: Mapping[str, str]
    layout: Layout = field(default_factory=Layout)
    formats: tuple[DateFormat, ...] = ()
    undated: tuple[str, ...] = ()
    words: CountWords = field(default_factory=CountWords)
    best: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    classes: Classes | None = None
    breakdown: Mapping[str, Part] = field(default_factory=dict)
    carry: Mapping[str, str] = field(default_factory=dict)
    gazetteer: str = ""
    only: Part | None = None

    @property
    def read(self) -> tuple[str, ...]:
        """Every column of the list that is read."""
        listed = [*self.columns.values(), *(part.column for part in self.breakdown.values()), *self.carry.values()]
        listed += [table.column for table in (self.classes, self.only) if table]
        return tuple(dict.fromkeys(listed))


def read_mapping(mapping: Mapping[str, Any] | str | Path) -> ListMapping:
    """Read the mapping of a list.

    Parameters
    ----------
    mapping : mapping, or path of a TOML file
        ``rows`` (``"events"`` or ``"victims"``), ``gazetteer``, ``only``, and the tables ``file``, ``columns``,
        ``dates``, ``estimates``, ``values``, ``classes``, ``breakdown`` and ``carry``; see `read_mapped`.

    Returns
    -------
    ListMapping

    Raises
    ------
    InputError
        If the file cannot be read, or the mapping says something that is not known (the nearest is named), lacks what
        is needed, or contradicts itself.

    Examples
    --------
    >>> read_mapping({"columns": {"date": "Day", "best": "Killed"}, "dates": {"format": ["%d/%m/%Y"]}})
    Traceback (most recent call last):
    casualties.errors.UnknownNameError: [dates]='format' is not known; did you mean 'formats'? The choices are:
    'formats', 'unknown'
    """
    name = "" if isinstance(mapping, Mapping) else Path(mapping).name
    given = mapping if isinstance(mapping, Mapping) else _toml(Path(mapping))
    try:
        return _checked(given)
    except InputError as error:
        error.file = name
        raise


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        # A path may hold a folder's name; only the file's own is told.
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"the mapping cannot be read ({said})", file=file.name, remedy="check the path and the TOML file"
        ) from error


def _checked(given: Mapping[str, Any]) -> ListMapping:
    _known("mapping key", given, SECTIONS)
    rows = _text(given, "rows", "events")
    if rows not in ("events", "victims"):
        raise UnknownNameError("rows", rows, ("events", "victims"))
    victims = rows == "victims"
    gazetteer = _text(given, "gazetteer", "")
    if gazetteer:
        equivalents(gazetteer)
    estimates = _table(given, "estimates", ("best", "at_least", "range", "thousands"))
    best = _text(estimates, "best", "")
    columns = _columns(given, victims, best)
    dates = _table(given, "dates", ("formats", "unknown"))
    values = _table(given, "values", tuple(columns))
    if victims and estimates:
        raise InputError(
            "each row of a list of victims is one death", column="estimates", remedy="leave [estimates] out"
        )
    if best and best not in ENDS:
        raise UnknownNameError("[estimates] best", best, ENDS)
    ranges = _texts(estimates, "range")
    if ranges and not best:
        raise InputError(
            "a range has no best estimate of its own",
            column="range",
            remedy='add best = "low" (or "high") to [estimates]',
        )
    thousands = _text(estimates, "thousands", "")
    if len(thousands) > 1 or thousands.isalnum() or thousands in ("-", "+", "–", "−"):
        raise InputError("the sign between thousands is one character", column="thousands", value=thousands)
    carry = {our: column_name(_text(_table(given, "carry"), our)) for our in _table(given, "carry")}
    breakdown = {our: _part(our, part, victims) for our, part in _table(given, "breakdown").items()}
    for our in (*breakdown, *carry):
        if our in (*OWN, *CLASSES) or not our.strip() or (our in breakdown and our in carry):
            raise InputError("this name is taken", column=our, remedy="give the column another name")
    return ListMapping(
        victims=victims,
        columns=columns,
        layout=_layout(given),
        formats=tuple(date_format(text) for text in _texts(dates, "formats")),
        undated=_texts(dates, "unknown"),
        words=count_words(_texts(estimates, "at_least"), ranges, best, thousands),
        best=best,
        values={our: _codes(our, _table(values, our)) for our in values},
        classes=_classes(given, victims),
        breakdown=breakdown,
        carry=carry,
        gazetteer=gazetteer,
        only=_worded("only", given["only"]) if "only" in given else None,
    )


def _layout(given: Mapping[str, Any]) -> Layout:
    table = _table(given, "file", FILE)
    texts = {key: _text(table, key, empty=True) for key in table if key != "header"}
    return Layout(header=table.get("header", 1), **texts)


def _columns(given: Mapping[str, Any], victims: bool, best: str) -> dict[str, str]:
    """Give the list's columns by our names, with what is needed among them."""
    table = _table(given, "columns")
    if victims and (counted := [our for our in table if our in COUNTED]):
        raise InputError(
            "each row of a list of victims is one death",
            column=counted[0],
            value=table[counted[0]],
            remedy='leave it out ([classes] says who the dead were), or write rows = "events"',
        )
    _known("[columns]", table, (*EITHER, "incident") if victims else (*EITHER, *COUNTED))
    columns = {our: column_name(_text(table, our)) for our in table}
    if ("date" in columns) == ("date_start" in columns):
        raise InputError(
            "the mapping names the day twice" if "date" in columns else "the mapping does not name the day",
            column="date",
            remedy='write either date = "…" or date_start = "…" in [columns]',
        )
    if "date" in columns and "date_end" in columns:
        raise InputError("a last day needs a first one", column="date_end", remedy="write date_start in place of date")
    if not victims and "best" not in columns and (not best or (best in ENDS and best not in columns)):
        raise InputError(
            f"best is to be taken from {best}, which the mapping does not name" if best else "no column has the deaths",
            column="best",
            remedy=f'add {best} = "…" to [columns]'
            if best
            else 'add best = "…" to [columns], or low or high with '
            '[estimates] best = "low"; in a list of persons write rows = "victims"',
        )
    return columns


def _classes(given: Mapping[str, Any], victims: bool) -> Classes | None:
    table = _table(given, "classes", ("column", "civilians", "combatants"))
    if not table:
        return None
    if not victims:
        raise InputError(
            "a list of events says who the dead were in columns of numbers",
            column="classes",
            remedy="name them in [columns]: civilians, deaths_a, deaths_b, unknown",
        )
    words = {name: frozenset(map(fold, _texts(table, name))) for name in ("civilians", "combatants")}
    if both := words["civilians"] & words["combatants"]:
        raise InputError("the word stands for both classes", column="classes", value=min(both), remedy="keep one")
    if not any(words.values()):
        raise InputError("no word stands for a class", column="classes", remedy='add civilians = ["…"]')
    return Classes(column_name(_text(table, "column")), words["civilians"], words["combatants"])


def _part(our: str, part: object, victims: bool) -> Part:
    """Give a part of the dead: a column of numbers, or of words in a list of persons."""
    if victims:
        return _worded(f"[breakdown] {our}", part)
    return Part(column_name(_text({our: part}, our)))


def _worded(name: str, part: object) -> Part:
    """Give the rows that say one of some words in a column."""
    if not isinstance(part, Mapping) or set(part) != {"column", "values"} or not _texts(part, "values"):
        raise InputError(
            "this is given by a column and its words", column=name, remedy='write { column = "…", values = ["…"] }'
        )
    return Part(column_name(_text(part, "column")), frozenset(map(fold, _texts(part, "values"))))


def _codes(our: str, table: Mapping[str, Any]) -> dict[str, str]:
    """Give what each word becomes; two spellings of one word that become different things are a contradiction."""
    codes: dict[str, str] = {}
    for theirs in table:
        code = table[theirs]
        number = isinstance(code, int) and not isinstance(code, bool)
        ours = str(code) if number else _text(table, theirs, empty=True)
        if our in CODES and ours not in ("", *map(str, CODES[our])):
            raise UnknownNameError(f"[values.{our}] {theirs!r}", ours, map(str, CODES[our]))
        if codes.setdefault(fold(theirs), ours) != ours:
            raise InputError("the word is translated in two ways", column=f"[values.{our}]", value=theirs)
    return codes


def _known(argument: str, table: Iterable[str], names: tuple[str, ...]) -> None:
    for name in table:
        if name not in names:
            raise UnknownNameError(argument, name, names)


def _table(given: Mapping[str, Any], key: str, names: tuple[str, ...] | None = None) -> Mapping[str, Any]:
    """Give a table of the mapping (empty where there is none), its keys checked."""
    table = given.get(key, {})
    if not isinstance(table, Mapping):
        raise InputError("this is a table of the mapping", column=key, value=table, remedy=f"write it under [{key}]")
    if names is not None:
        _known(f"[{key}]", table, names)
    return table


def _text(table: Mapping[str, Any], key: str, default: str | None = None, *, empty: bool = False) -> str:
    """Give a text of the mapping; it must say something where there is no default and `empty` does not allow it."""
    text = table.get(key, default)
    if not isinstance(text, str) or (default is None and not empty and not text.strip()):
        raise InputError("this is a text", column=key, value=text, remedy=f'write {key} = "…"')
    return text


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Give a list of texts of the mapping, empty where there is none."""
    listed = table.get(key, [])
    if not isinstance(listed, list | tuple) or not all(isinstance(text, str) and text for text in listed):
        raise InputError("this is a list of texts", column=key, value=listed, remedy=f'write {key} = ["…"]')
    return tuple(listed)
