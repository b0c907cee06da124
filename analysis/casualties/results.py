"""`Result`, the base of every answer: text, table, picture and HTML come from one place.

Models and comparisons do not know how they are drawn. `figures` and `tables` register a function for a type of
result; `Result.plot` and `Result._repr_html_` look it up.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from casualties.errors import CasualtiesError
from casualties.estimates import Estimate, NotEstimable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Basis", "Result", "answers_frame", "register_plot", "register_table"]

_PLOTS: dict[type, Callable[..., Any]] = {}
_TABLES: dict[type, Callable[[Any], pd.DataFrame]] = {}
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on: the series, its source, its window, and how it was computed.

    Parameters
    ----------
    label : str
        What was counted, e.g. ``"recorded deaths, civilians, UCDP GED best, north-west Syria"``.
    source : str
        Name of the source.
    vintage : str
        As-of date or version of the source.
    start, end : str
        ISO dates of the first and last day (inclusive).
    days : int
        Days from start to end.
    days_observed : int
        Days among them with an observation.
    method : str
        The method in a few words.
    settings : mapping
        Every choice that affects the answer.
    seed : int or None
        The seed, where chance enters.
    """

    label: str
    source: str
    vintage: str
    start: str
    end: str
    days: int
    days_observed: int
    method: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None

    def lines(self) -> list[str]:
        """Give the basis as lines of text."""
        chosen = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return [
            f"Counted:  {self.label}",
            f"Source:   {self.source}{f' ({self.vintage})' if self.vintage else ''}",
            f"Window:   {self.start} to {self.end}, {self.days_observed} of {self.days} days observed",
            f"Method:   {self.method}",
            *([f"Settings: {chosen}"] if chosen else []),
        ]


def answers_frame(result: Result, names: Sequence[str]) -> pd.DataFrame:
    """Give the answers of a result as a table.

    Parameters
    ----------
    result : Result
        The result.
    names : sequence of str
        Its fields that hold an Estimate or NotEstimable.

    Returns
    -------
    DataFrame
        ``quantity, value, low, high, level, unit, reason``: one row a name.
    """
    rows = []
    for name in names:
        answer: Estimate | NotEstimable = getattr(result, name)
        if isinstance(answer, NotEstimable):
            rows.append((name, math.nan, math.nan, math.nan, math.nan, "", answer.reason))
        else:
            rows.append((name, answer.value, answer.low, answer.high, answer.level, answer.unit, ""))
    return pd.DataFrame(rows, columns=["quantity", "value", "low", "high", "level", "unit", "reason"])


class Result:
    """Base of every result: frozen, with `.summary()`, `.to_frame()`, `.plot()` and HTML in Jupyter.

    A subclass is a frozen dataclass with a field `basis` and defines `summary` and `to_frame`.
    """

    basis: Basis

    def summary(self) -> str:
        """Give the answer as text."""
        raise NotImplementedError

    def to_frame(self) -> pd.DataFrame:
        """Give the answer as a tidy table."""
        raise NotImplementedError

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the answer on an axis (a new one where none is given)."""
        drawn: Axes = _lookup(_PLOTS, type(self), "figure")(self, ax=ax, **options)
        return drawn

    def table(self) -> pd.DataFrame:
        """Give the answer as the table that a report prints."""
        made: pd.DataFrame = _lookup(_TABLES, type(self), "table")(self)
        return made

    def _repr_html_(self) -> str:
        made = _TABLES.get(type(self))
        frame = made(self) if made else self.to_frame()
        return f"<pre>{html.escape(self.summary())}</pre>{frame.to_html(index=False)}"

    def __str__(self) -> str:
        return self.summary()


def register_plot(kind: type) -> Callable[[Function], Function]:
    """Make a function the way to draw a type of result; it is called as ``function(result, ax=ax)``."""

    def keep(function: Function) -> Function:
        _PLOTS[kind] = function
        return function

    return keep


def register_table(kind: type) -> Callable[[Function], Function]:
    """Make a function the way to tabulate a type of result; it is called as ``function(result)``."""

    def keep(function: Function) -> Function:
        _TABLES[kind] = function
        return function

    return keep


def _lookup(registry: dict[type, Callable[..., Any]], kind: type, what: str) -> Callable[..., Any]:
    for parent in kind.__mro__:
        if parent in registry:
            return registry[parent]
    raise CasualtiesError(f"no {what} is known for {kind.__name__}", remedy="import casualties to load them all")
