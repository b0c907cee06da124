"""Those on no list: whether models, bounds and their spread hold the true number, and whether the result warns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from casualties.calibration.study import Row, Study, interval_rows
from casualties.comparison.capture_recapture import estimate_undocumented
from casualties.estimates import Estimate
from casualties.simulate.lists import ListsOfPersons, simulate_lists
from casualties.simulate.wars import Scenario

__all__ = ["UNDOCUMENTED", "Listed"]

_QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "spread": "all persons: the spread of models",
        "bic": "all persons, averaged by BIC",
        "aic": "all persons, averaged by AIC",
        "decomposable": "all persons, averaged over graphs",
        "chao": "all persons, Chao",
    }
)
_LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Scenario):
    """A law of lists, as a scenario of the programme.

    Parameters
    ----------
    lists : ListsOfPersons, optional
        The law; the rest as in `Scenario`.
    """

    lists: ListsOfPersons = field(default_factory=ListsOfPersons)


_REACH = (0.4, 0.3, 0.25, 0.15)
_LAWS = {
    "independent": Listed(words="four lists that do not depend on each other", lists=ListsOfPersons(reach=_REACH)),
    "copying": Listed(
        words="four lists, the second takes half of what the first holds",
        lists=ListsOfPersons(reach=_REACH, copies={1: (0, 0.5)}),
    ),
    "unequal": Listed(
        words="four lists of persons of unequal visibility (sd 1 on the logit scale)",
        lists=ListsOfPersons(reach=_REACH, spread=1.0),
    ),
    "three lists": Listed(words="three lists that do not depend on each other", lists=ListsOfPersons(reach=_REACH[:3])),
    "three, copying": Listed(
        words="three lists, the second takes half of what the first holds",
        lists=ListsOfPersons(reach=_REACH[:3], copies={1: (0, 0.5)}),
    ),
    "two, copying": Listed(
        words="two lists, the second takes half of what the first holds: refused",
        lists=ListsOfPersons(reach=_REACH[:2], copies={1: (0, 0.5)}),
    ),
}


def _measure(rng: np.random.Generator, scenario: Scenario, _days: int) -> list[Row]:
    """Draw lists; the result warns where it says that lists or persons are not as independent as a model wants."""
    law = scenario.lists if isinstance(scenario, Listed) else ListsOfPersons()
    result = estimate_undocumented(simulate_lists(rng, law), level=_LEVEL)
    warned = len(result.warnings) > 1
    rows: list[Row] = []
    for name, words in _QUANTITIES.items():
        rows += interval_rows(words, getattr(result, name), law.persons, _LEVEL, warned=warned)
    bound = result.lower_bound
    held = float(bound.low <= law.persons) if isinstance(bound, Estimate) else math.nan
    return [*rows, Row("all persons, lower bound", "covered", 0.5 + _LEVEL / 2.0, held, warned)]


UNDOCUMENTED = Study(
    "undocumented",
    "All persons, on lists or not, from lists that overlap; 2,000 died. A lower bound holds where its lower end is not "
    "above the truth.",
    _LAWS,
    _measure,
    1,
    share=0.2,
)
