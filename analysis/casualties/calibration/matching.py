"""Shared events of two lists: whether the interval of their number holds it, and links are as sure as they say."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from casualties.calibration.study import Row, Study, interval_rows
from casualties.comparison.matching import match_events, shared_interval
from casualties.estimates import Estimate, NotEstimable
from casualties.simulate.event_lists import ListsLaw, simulate_event_lists
from casualties.simulate.wars import Scenario

__all__ = ["MATCHING", "TwoLists"]

_ROWS, _SHARED = (200, 250), (0.1, 0.9)
_LEVELS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoLists(Scenario):
    """A war of which two lists tell.

    Parameters
    ----------
    lists : ListsLaw, optional
        The law of the lists; of `Scenario` only the words are used.
    """

    lists: ListsLaw = field(default_factory=ListsLaw)


def _law(words: str, **changes: float) -> TwoLists:
    return TwoLists(words=words, lists=ListsLaw(rows=_ROWS, shared=_SHARED, **changes))  # type: ignore[arg-type]


_LAWS = {
    "located": _law("lists with coordinates and names, events even in time"),
    "crowded": _law("three times the events a day, in 40 towns", days=120, places=40),
    "bursts": _law("30 % of the events in bursts of one town", bursts=0.3),
    "gaps": _law("30 % of the rows without coordinates, 20 % without a name", no_coordinates=0.3, no_place=0.2),
    "unlocated": _law("neither coordinates nor names", no_coordinates=1.0, no_place=1.0),
}


def _measure(rng: np.random.Generator, scenario: Scenario, days: int) -> list[Row]:
    """Draw two lists and match them; a probability is checked by the links that it foretells."""
    law = scenario.lists if isinstance(scenario, TwoLists) else ListsLaw(rows=_ROWS, days=days)
    lists = simulate_event_lists(rng, law)
    result = match_events(lists.a, lists.b)
    warned = bool(result.warnings)
    truth = float(len(lists.links))
    rows: list[Row] = []
    for level in _LEVELS:
        answer: Estimate | NotEstimable = result.overlap
        if isinstance(answer, Estimate):
            answer = Estimate(answer.value, *shared_interval(result.overlap_draws, level), level)
        rows += interval_rows("events in both lists", answer, truth, level, warned=warned)
    true = set(lists.links.itertuples(index=False, name=None))
    links = result.links
    right = sum(pair in true for pair in zip(links["id_a"], links["id_b"], strict=True))
    f1 = 2.0 * right / (len(links) + len(true)) if len(links) + len(true) else math.nan
    over = (float(links["probability"].sum()) - right) / len(links) if len(links) else math.nan
    return [
        *rows,
        Row("links, F1", "estimate", math.nan, f1, warned),
        Row("links, mean probability less share that is right", "estimate", math.nan, over, warned),
    ]


MATCHING = Study(
    "matching",
    f"Two lists of {_ROWS[0]} and {_ROWS[1]} events, {_SHARED[0]:.0%} to {_SHARED[1]:.0%} of the shorter in both.",
    _LAWS,
    _measure,
    365,
    share=0.2,
)
