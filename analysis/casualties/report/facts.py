"""Every figure quoted in prose is a fact: a number with its unit, interval, source and method.

A notebook adds facts and writes sentences with their keys; the text that a reader sees and the entry in
``facts.json`` come from the same object. The facts travel inside the executed notebook, as an output of their own
MIME type, so that nothing depends on a file beside it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import pandas as pd
from IPython.display import display

from casualties.errors import InputError, ReportError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.results import Basis

__all__ = ["FACTS_MIME", "FRONT_MIME", "Fact", "Facts", "date_text", "fill", "merge_facts"]

FACTS_MIME = "application/vnd.casualties.facts+json"
FRONT_MIME = "application/vnd.casualties.front+json"

Value = Estimate | NotEstimable | int | float | str | dt.date | pd.Timestamp

_KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*(?:\.[a-z0-9]+(?:[-_][a-z0-9]+)*)*")
# Maths keeps its braces; a doubled brace stands for a single one.
_PLACE = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$|\{\{|\}\}|\{(?P<key>[A-Za-z0-9][\w.-]*)(?::(?P<form>\w*))?\}", re.S)
_FORMS = ("interval", "full", "low", "high", "long", "short", "day", "iso")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_TILES = 4
_NOISE = 1e-12


@dataclass(frozen=True, slots=True)
class Fact:
    """One quoted figure, as it stands in ``facts.json``.

    Parameters
    ----------
    key : str
        Dotted lower-case name.
    value : int, float, str or None
        The number; an ISO date where the unit is ``"date"``; words; None where it is not estimable.
    low, high : int, float, str or None
        Ends of the interval, in the unit of the value; None without one.
    level : float or None
        Level of the interval.
    unit : str
        What the number counts. Some units decide how it is printed, see `Facts.add`.
    text : str
        The figure as a sentence prints it.
    label, source, method, window : str
        What it is, whose figures it rests on, how it was computed, and over which days.

    Examples
    --------
    >>> fact = Fact("north-west.ratio", 2.418, 1.83, 3.27, 0.95, "ratio", "2.4", "rate after", "UCDP", "filter")
    >>> fact.say("full")
    '2.4 (1.8–3.3)'
    >>> fact.say("interval")
    '1.8–3.3'
    """

    key: str
    value: float | str | None
    low: float | str | None
    high: float | str | None
    level: float | None
    unit: str
    text: str
    label: str
    source: str
    method: str
    window: str = ""

    def say(self, form: str = "") -> str:
        """Give the figure as prose prints it.

        Parameters
        ----------
        form : str, optional
            ``""`` the value; ``"interval"`` low–high; ``"full"`` value (low–high); ``"low"``, ``"high"`` one end; for
            dates also ``"long"`` 30 April 2019, ``"short"`` 30 Apr 2019, ``"day"`` 30 April, ``"iso"`` 2019-04-30.

        Raises
        ------
        InputError
            If the fact has no interval or is not a date and the form asks for one.
        UnknownNameError
            If the form is not known.
        """
        if form and form not in _FORMS:
            raise UnknownNameError(f"form of fact {self.key!r}", form, _FORMS)
        if self.value is None:
            return self.text
        if form in ("long", "short", "day", "iso"):
            if self.unit != "date":
                raise InputError(f"fact {self.key!r} is not a date", value=form, remedy="leave the form out")
            return date_text(str(self.value), form)
        if form in ("interval", "low", "high"):
            if self.low is None or self.high is None:
                raise InputError(f"fact {self.key!r} has no interval", value=form, remedy=f"write {{{self.key}}}")
            if form == "interval":
                return self._interval()
            return self._one(self.low if form == "low" else self.high)
        if form == "full" and self.low is not None and self.high is not None:
            return f"{self.text} ({self._interval()})"
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Give the fact as plain values."""
        return asdict(self)

    def _one(self, end: float | str) -> str:
        if isinstance(end, str):
            return date_text(end) if self.unit == "date" else end
        return _number_text(end, self.unit, _decimals(self))

    def _interval(self) -> str:
        if isinstance(self.low, str) and isinstance(self.high, str):
            return _date_range(self.low, self.high)
        low, high = cast(float, self.low), cast(float, self.high)
        ends = self._one(low), self._one(high)
        if min(low, high) < 0 or not all(end[0].isdigit() for end in ends):
            return f"{ends[0]} to {ends[1]}"  # a dash beside a minus or a "<" cannot be read
        if ends[0].endswith("%"):
            ends = ends[0][:-1], ends[1]
        return f"{ends[0]}–{ends[1]}"


def of_basis(basis: Basis) -> dict[str, Any]:
    """Give what a fact says of where it comes from, as `Facts.add` takes it: ``source, method, window``."""
    return {"source": basis.source, "method": basis.method, "window": f"{basis.start} to {basis.end}"}


def fill(template: str, facts: Mapping[str, Fact]) -> str:
    r"""Replace each ``{key}`` and ``{key:form}`` of a text by its fact.

    Parameters
    ----------
    template : str
        Markdown; maths between dollars is left alone, and ``{{`` and ``}}`` stand for single braces.
    facts : mapping of str to Fact
        The facts that are known.

    Raises
    ------
    UnknownNameError
        If a key or a form is not known.

    Examples
    --------
    >>> fact = Fact("deaths", 5117, None, None, None, "recorded deaths", "5,117", "deaths", "UCDP", "sum")
    >>> fill("{deaths} recorded deaths, $\\frac{a}{b}$", {"deaths": fact})
    '5,117 recorded deaths, $\\frac{a}{b}$'
    """

    def put(found: re.Match[str]) -> str:
        if found["key"] is None:
            return found[0][0] if found[0] in ("{{", "}}") else found[0]
        if found["key"] not in facts:
            raise UnknownNameError("fact", found["key"], sorted(facts))
        return facts[found["key"]].say(found["form"] or "")

    return _PLACE.sub(put, template)


def merge_facts(groups: Iterable[Iterable[Fact]]) -> dict[str, Fact]:
    """Put the facts of several notebooks together, sorted by key.

    Raises
    ------
    ReportError
        If two of them give one key different contents.
    """
    merged: dict[str, Fact] = {}
    for group in groups:
        for fact in group:
            known = merged.setdefault(fact.key, fact)
            if known != fact:
                names = [name for name, value in fact.to_dict().items() if value != getattr(known, name)]
                raise ReportError(
                    f"two notebooks give the fact {fact.key!r} different contents ({', '.join(names)}): "
                    f"{known.text!r} and {fact.text!r}",
                    remedy="give one of them another key",
                )
    return dict(sorted(merged.items()))


class Facts:
    """The facts of one notebook, and the sentences that quote them.

    Parameters
    ----------
    source, method : str, optional
        Used for each fact that names none of its own.

    Examples
    --------
    >>> facts = Facts(source="UCDP GED", method="rate filter")
    >>> facts.add("change.ratio", Estimate(2.418, 1.83, 3.27, level=0.95, unit="ratio"), label="rate after / before")
    >>> facts.text("The rate rose {change.ratio}-fold ({change.ratio:interval}).")
    'The rate rose 2.4-fold (1.8–3.3).'
    >>> facts.add("change.date", pd.Timestamp(2019, 4, 27), low="2019-04-24", high="2019-04-30", label="day of change")
    >>> facts.text("{change.date:full}")
    '27 April 2019 (24–30 April 2019)'
    >>> facts.add("growth", NotEstimable("fewer than 14 observed days"), label="growth rate")
    >>> facts.text("The growth rate is {growth}.")
    'The growth rate is not estimable (fewer than 14 observed days).'
    """

    def __init__(self, source: str = "", method: str = "") -> None:
        self.source, self.method = source, method
        self._facts: dict[str, Fact] = {}
        self._unpublished: dict[str, Fact] = {}

    def add(
        self,
        key: str,
        value: Value,
        *,
        label: str,
        unit: str = "",
        source: str = "",
        method: str = "",
        window: str = "",
        low: float | str | dt.date | None = None,
        high: float | str | dt.date | None = None,
        level: float | None = None,
    ) -> None:
        """Add one figure.

        Parameters
        ----------
        key : str
            Dotted lower-case name, e.g. ``"north-west.all.change.ceasefire.ratio"``.
        value : Estimate, NotEstimable, int, float, date, Timestamp or str
            The figure; an Estimate brings its interval, level and unit.
        label : str
            What the figure is, in words.
        unit : str, optional
            What it counts. ``"probability"`` prints two decimals and never 0.00 or 1.00, ``"share"`` prints a fraction
            as a percentage, ``"%"`` a percentage as it is, ``"ratio"`` about two significant digits,
            ``"correlation"`` two decimals. An Estimate's own unit is used where this is empty.
        source, method : str, optional
            Whose figures and how computed; the notebook's where empty.
        window : str, optional
            The days that it covers.
        low, high : number or date, optional
            Ends of the interval, for values that bring none (a date with its date set).
        level : float, optional
            Level of that interval.

        Raises
        ------
        InputError
            If the key is malformed, a figure lacks a label, source or method, is not finite, or the key already
            stands for something else.
        """
        if not _KEY.fullmatch(key):
            raise InputError(
                "a key is lower-case words with hyphens, joined by dots", column="key", value=key, remedy="rename it"
            )
        fact = _fact(key, value, low, high, level, unit, label, source or self.source, method or self.method, window)
        for name in ("label", "source", "method"):
            if not getattr(fact, name):
                raise InputError(f"fact {key!r} has no {name}", column=name, remedy=f"give {name}=")
        known = self._facts.get(key)
        if known is not None and known != fact:
            raise InputError(
                f"the key stands for {known.text!r} ({known.label}) and cannot be {fact.text!r} ({label}) as well",
                column="key",
                value=key,
                remedy="give one of them another key",
            )
        if known is None:
            self._facts[key] = self._unpublished[key] = fact

    def text(self, template: str) -> str:
        """Give a text with its facts filled in."""
        return fill(template, self._facts)

    def say(self, template: str) -> None:
        """Show Markdown with its facts filled in, and publish the facts added since the last time.

        Parameters
        ----------
        template : str
            Markdown with ``{key}`` and ``{key:form}``; the forms are those of `Fact.say`.

        Raises
        ------
        UnknownNameError
            If a key or form is not known.
        """
        self._show({"text/markdown": self.text(template), "text/plain": self.text(template)})

    def publish(self) -> None:
        """Publish the facts that no sentence has published yet."""
        if self._unpublished:
            count = len(self._unpublished)
            self._show({"text/plain": f"{count} more fact{'s' if count != 1 else ''} recorded"})

    def front(self, *, verdict: str, tiles: Sequence[tuple[str, str]], standfirst: str = "") -> None:
        """Give the report's first page its sentence and its key figures.

        Parameters
        ----------
        verdict : str
            The sentence that the report defends, with its facts.
        tiles : sequence of (str, str)
            Up to four pairs of key (or ``"key:form"``) and label; the label says what the number counts, e.g.
            ``"recorded deaths, civilians, UCDP best"``.
        standfirst : str, optional
            A short paragraph below the verdict.

        Raises
        ------
        InputError
            If there is no tile or more than four, or a tile has no label.
        UnknownNameError
            If a key or form is not known.
        """
        if not 1 <= len(tiles) <= _TILES:
            raise InputError("the first page has room for one to four tiles", column="tiles", value=len(tiles))
        if any(not label for _, label in tiles):
            raise InputError("a tile needs a label: a number alone says nothing", column="tiles")
        made = [{"value": self.text(f"{{{key}}}"), "label": self.text(label)} for key, label in tiles]
        page = {"verdict": self.text(verdict), "tiles": made, "standfirst": self.text(standfirst)}
        lines = [f"**{page['verdict']}**", *([page["standfirst"]] if standfirst else [])]
        lines += ["\n".join(f"- **{tile['value']}** {tile['label']}" for tile in made)]
        markdown = "\n\n".join(str(line) for line in lines)
        self._show({"text/markdown": markdown, "text/plain": markdown, FRONT_MIME: page})

    def _show(self, data: dict[str, Any]) -> None:
        if self._unpublished:
            data = {**data, FACTS_MIME: [fact.to_dict() for fact in self._unpublished.values()]}
        show = cast(Callable[..., None], display)
        show(data, raw=True)
        self._unpublished = {}


def _fact(
    key: str,
    value: Value,
    low: Any,
    high: Any,
    level: float | None,
    unit: str,
    label: str,
    source: str,
    method: str,
    window: str,
) -> Fact:
    """Bring every kind of value into one form, with plain JSON values and ten significant digits."""
    if isinstance(value, NotEstimable):
        text = f"not estimable ({value.reason})"
        return Fact(key, None, None, None, None, unit, text, label, source, method, window)
    if isinstance(value, Estimate):
        unit, level = unit or value.unit, None if math.isnan(value.level) else value.level
        if value.has_interval:
            low, high = value.low, value.high
        value = value.value
    if isinstance(value, str):
        return Fact(key, value, None, None, None, unit, value, label, source, method, window)
    if isinstance(value, dt.date):
        ends = [None if end is None else _iso(end) for end in (low, high)]
        iso = _iso(value)
        return Fact(key, iso, ends[0], ends[1], level, "date", date_text(iso), label, source, method, window)
    plain, below, above = (None if item is None else _plain(key, item) for item in (value, low, high))
    if below is not None and above is not None and abs(cast(float, plain)) < _NOISE * max(abs(below), abs(above)):
        plain = 0  # what is left of a sum that cancels is no figure
    bare = Fact(key, plain, below, above, level, unit, "", label, source, method, window)
    text = _number_text(cast(float, plain), unit, _decimals(bare))
    return Fact(key, plain, below, above, level, unit, text, label, source, method, window)


def _plain(key: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(
            f"fact {key!r} is not a number, a date, an Estimate, a NotEstimable or words", value=value
        ) from None
    if not math.isfinite(number):
        raise InputError(
            f"fact {key!r} is not a finite number", value=value, remedy="give NotEstimable(reason) where there is none"
        )
    rounded = float(f"{number:.10g}")
    return int(rounded) if rounded.is_integer() else rounded


def _iso(value: Any) -> str:
    stamp = pd.Timestamp(value)
    if pd.isna(stamp):
        raise InputError("a date is missing", value=value, remedy="give NotEstimable(reason) where there is none")
    return str(stamp.date().isoformat())


def date_text(iso: str, form: str = "long") -> str:
    """Give an ISO date as prose prints it; the forms are those of `Fact.say`.

    Examples
    --------
    >>> date_text("2019-04-30"), date_text("2019-04-30", "day")
    ('30 April 2019', '30 April')
    """
    day = dt.date.fromisoformat(iso)
    month = _MONTHS[day.month - 1]
    texts = {
        "long": f"{day.day} {month} {day.year}",
        "short": f"{day.day} {month[:3]} {day.year}",
        "day": f"{day.day} {month}",
        "iso": iso,
    }
    return texts[form]


def _date_range(low: str, high: str) -> str:
    first, last = dt.date.fromisoformat(low), dt.date.fromisoformat(high)
    if first == last:
        return date_text(low)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{date_text(high)}"
    return f"{date_text(low, 'day' if first.year == last.year else 'long')} – {date_text(high)}"


def _decimals(fact: Fact) -> int:
    """Choose the decimals that a value and both ends of its interval are printed with."""
    value = cast(float, fact.value)
    size = abs(value) * (100 if fact.unit == "share" else 1)
    if fact.unit in ("probability", "correlation"):
        return 2
    if fact.unit in ("share", "%"):
        return 1 if 0 < size < 10 and not float(size).is_integer() else 0
    whole = all(float(end).is_integer() for end in (fact.value, fact.low, fact.high) if end is not None)
    if whole and fact.unit != "ratio":
        return 0
    if fact.unit == "ratio" and fact.low is not None and fact.high is not None:
        width = cast(float, fact.high) - cast(float, fact.low)  # a narrow interval needs its decimals to be seen
        wide = 1 if size >= 1.95 else 2
        return 0 if size >= 9.95 else wide if width >= 0.5 else 2 if width >= 0.02 else 3
    if size == 0 and fact.low is not None and fact.high is not None:
        size = max(abs(cast(float, fact.low)), abs(cast(float, fact.high)))  # nought has no digits of its own
    if size >= 100 or (fact.unit == "ratio" and size >= 9.95):
        return 0
    if size >= 0.995:
        return 1
    if size >= 0.0995 or size == 0:
        return 2
    return 1 - math.floor(math.log10(size))


def _number_text(value: float, unit: str, decimals: int) -> str:
    bound = _bound_text(value, unit)
    if bound:
        return bound
    shown = value * 100 if unit == "share" else value
    text = f"{abs(shown):,.{decimals}f}"
    if shown and not float(text.replace(",", "")):
        text = f"{abs(shown):,.{1 - math.floor(math.log10(abs(shown)))}f}"  # never print a small number as nought
    sign = "−" if shown < 0 else ""
    return f"{sign}{text}{'%' if unit in ('share', '%') else ''}"


def _bound_text(value: float, unit: str) -> str:
    """Give "<0.01" and the like where rounding would claim certainty."""
    if unit == "probability":
        return ">0.99" if value >= 0.995 else "<0.01" if value < 0.005 else ""
    if unit == "correlation" and 0.995 <= abs(value) < 1:
        return ">0.99" if value > 0 else "<−0.99"
    if unit == "share" and 0.995 <= value < 1:
        return ">99%"
    return ""
