"""What a published figure claims: whom it counts, by whose fire, and how its words bound it.

The idea: a figure is read from its own words and nothing else. "At least" excludes no larger record, a figure for some
perpetrators is a part of the whole, and words without a reading are not guessed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from casualties.comparison.recorded_range import CLASSES
from casualties.events import Events
from casualties.results import Basis
from casualties.tolls import QUALIFIERS, Tolls, plain_words

__all__ = ["ABOUT", "OBSTACLES", "TollScope", "obstacle", "same_source", "toll_verdict", "totals_basis", "words_of"]

# Why a figure is not comparable; a reason opens with these words and goes on with what is particular to the row.
OBSTACLES: Mapping[str, str] = MappingProxyType(
    {
        "coverage": "the window leaves the coverage of the events",
        "place": "no place is declared for the area",
        "figure": "no figure is given",
        "same source": "the claimant is the source of the events",
        "victims": "the events do not tell these victims apart",
        "perpetrators": "events between two sides do not say whose fire people died from",
        "subgroup": "the events do not tell this part of the dead apart",
        "qualifier": "the qualifier has no reading",
    }
)
# "About" is read as within ten per cent.
ABOUT = 0.1
ANYBODY = ("", "all parties", "not stated")


def toll_verdict(value: int, qualifier: str, low: int, high: int) -> tuple[str, str]:
    """Place a published figure beside a recorded range.

    Parameters
    ----------
    value : int
        The published figure.
    qualifier : str
        What stands before it: blank, "at least", "no less than", "more than", "about", "at most", "less than"; words
        in brackets are left aside.
    low, high : int
        The recorded range.

    Returns
    -------
    tuple of str
        The verdict, and the reason.

    Examples
    --------
    >>> toll_verdict(1089, "", 1071, 1337)
    ('consistent', '1,089 lies in the recorded 1,071 to 1,337')
    >>> toll_verdict(500, "more than", 1028, 1120)
    ('consistent', 'more than 500 does not exclude the recorded 1,028 to 1,120')
    >>> toll_verdict(500, "", 1028, 1120)
    ('below', '500 is below the recorded 1,028 to 1,120')
    """
    words = plain_words(qualifier)
    if words not in QUALIFIERS:
        known = ", ".join(repr(name) for name in QUALIFIERS if name)
        return "not comparable", obstacle("qualifier", f"{qualifier!r}; known are: {known}")
    kind = QUALIFIERS[words]
    smallest, largest = {
        "exact": (float(value), float(value)),
        "about": (round(value * (1 - ABOUT), 6), round(value * (1 + ABOUT), 6)),
        "at least": (float(value), math.inf),
        "more than": (value + 1.0, math.inf),
        "at most": (-math.inf, float(value)),
        "less than": (-math.inf, value - 1.0),
    }[kind]
    told = f"{words} {value:,}".strip()
    recorded = f"the recorded {low:,} to {high:,}" if low < high else f"the recorded {low:,}"
    if largest < low:
        return "below", f"{told} is below {recorded}"
    if smallest > high:
        return "above", f"{told} is above {recorded}"
    if low <= value <= high:
        return "consistent", f"{told} lies in {recorded}"
    if kind == "about":
        return "consistent", f"{told} comes within {ABOUT:.0%} of {recorded}"
    return "consistent", f"{told} does not exclude {recorded}"


@dataclass(frozen=True, slots=True)
class TollScope:
    """What a published figure counts, read from its words.

    Parameters
    ----------
    who : str
        The class of victims, one of `CLASSES`; ``"all"`` where the words name another group.
    everybody : bool
        Whether the words name a whole class.
    subgroup : str
        The words where they do not.
    perpetrators : str
        Whose fire the figure is limited to; blank where it is not limited.
    here, unplaced : Series of bool or None
        The events of the area, and those that lack a place; None where nothing is declared, or everything selected.
    """

    who: str
    everybody: bool
    subgroup: str
    perpetrators: str
    here: pd.Series[bool] | None
    unplaced: pd.Series[bool] | None

    @classmethod
    def read(
        cls, row: Any, masks: Mapping[str, pd.Series[bool]], blanks: Mapping[str, pd.Series[bool] | None]
    ) -> TollScope:
        """Read the words of a row; the place is looked up by the words of its area."""
        said = plain_words(words_of(row, "who"))
        blamed = words_of(row, "attributed_to")
        area = words_of(row, "area")
        known = said in CLASSES
        return cls(
            who=said if known else "all",
            everybody=known,
            subgroup="" if known else said,
            perpetrators="" if plain_words(blamed) in ANYBODY else blamed,
            here=masks.get(area),
            unplaced=blanks.get(area),
        )


def totals_basis(
    label: str,
    method: str,
    events: Events,
    tolls: Tolls,
    span: tuple[pd.Timestamp, pd.Timestamp],
    settings: Mapping[str, Any] | None = None,
) -> Basis:
    """Say what a comparison of published totals with events rests on, and how much of its span the events cover."""
    (start, end), (first, last) = span, events.coverage
    return Basis(
        label=label,
        source=f"{events.record.name}; {tolls.record.name}",
        vintage=events.record.version,
        start=f"{start:%Y-%m-%d}",
        end=f"{end:%Y-%m-%d}",
        days=(end - start).days + 1,
        days_observed=max((min(end, last) - max(start, first)).days + 1, 0),
        method=method,
        settings=settings or {},
    )


def obstacle(name: str, detail: str) -> str:
    """Say why a row cannot be compared: what is common to such rows, then what is its own."""
    return f"{OBSTACLES[name]}: {detail}"


def same_source(claimant: str, events: Events) -> bool:
    """Tell whether a claimant is the source of the events, by its short name."""
    name, own = claimant.casefold(), events.record.name.casefold()
    return name == own or name.startswith(f"{own} ") or own.startswith(f"{name} ")


def words_of(row: Any, name: str) -> str:
    """Give the words of a cell; what is no text has none."""
    value = getattr(row, name)
    return value.strip() if isinstance(value, str) else ""
