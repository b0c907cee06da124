"""Lists of persons killed whose true number is known: independent lists, copied ones, persons of unequal visibility."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from casualties.errors import InputError

__all__ = ["ListsOfPersons", "simulate_lists"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsOfPersons:
    """The law of several lists of the same dead.

    Parameters
    ----------
    persons : int, optional
        How many died.
    reach : tuple of float, optional
        The share of them that each list holds by its own work, for a person of middling visibility.
    spread : float, optional
        Standard deviation, on the logit scale, of how visible a person is to all lists alike.
    copies : mapping of int to (int, float), optional
        Which list takes persons from which other, and with what chance each of them.
    """

    persons: int = 2000
    reach: tuple[float, ...] = (0.4, 0.3, 0.25)
    spread: float = 0.0
    copies: Mapping[int, tuple[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.persons < 1:
            raise InputError("somebody must have died", column="persons", value=self.persons, remedy="give 1 or more")
        if len(self.reach) < 2 or not all(0.0 < share < 1.0 for share in self.reach):
            raise InputError(
                "each of two lists or more reaches a share between 0 and 1", column="reach", value=self.reach
            )
        if self.spread < 0.0:
            raise InputError("a spread is 0 or more", column="spread", value=self.spread)
        for taker, (giver, chance) in self.copies.items():
            known = 0 <= giver < len(self.reach) and 0 <= taker < len(self.reach) and giver != taker
            if not known or not 0.0 <= chance <= 1.0:
                raise InputError(
                    "a list copies another, with a chance from 0 to 1", column=f"copies[{taker}]", value=(giver, chance)
                )


def simulate_lists(rng: np.random.Generator, law: ListsOfPersons) -> pd.DataFrame:
    """Draw who stands on which list.

    Parameters
    ----------
    rng : Generator
        Source of chance.
    law : ListsOfPersons
        The law.

    Returns
    -------
    DataFrame
        One 0/1 column a list ("A", "B", …) and ``count``, for every cell but that of nobody's list.

    Examples
    --------
    >>> cells = simulate_lists(np.random.default_rng(1), ListsOfPersons(persons=1000))
    >>> list(cells), 600 < int(cells["count"].sum()) < 750
    (['A', 'B', 'C', 'count'], True)
    """
    visible = law.spread * rng.standard_normal((law.persons, 1))
    seen = rng.random((law.persons, len(law.reach))) < expit(logit(np.array(law.reach)) + visible)
    own = seen.copy()
    for taker, (giver, chance) in law.copies.items():
        seen[:, taker] |= own[:, giver] & (rng.random(law.persons) < chance)
    names = [chr(ord("A") + place) for place in range(len(law.reach))]
    frame = pd.DataFrame(seen[seen.any(axis=1)].astype("int64"), columns=names)
    return frame.groupby(names, as_index=False).size().rename(columns={"size": "count"})
