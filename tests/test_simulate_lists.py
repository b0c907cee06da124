"""Simulated lists follow the law that is stated."""

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.simulate.lists import ListsOfPersons, simulate_lists


def held(cells: pd.DataFrame, *names: str) -> int:
    return int(cells.loc[cells[list(names)].all(axis=1), "count"].sum())


def test_each_list_reaches_its_share():
    cells = simulate_lists(np.random.default_rng(3), ListsOfPersons(persons=100_000, reach=(0.4, 0.1)))
    # Five standard errors of a share of 100,000 persons.
    assert held(cells, "A") == pytest.approx(40_000, abs=800)
    assert held(cells, "B") == pytest.approx(10_000, abs=500)
    assert held(cells, "A", "B") == pytest.approx(4_000, abs=350)
    assert not (cells[["A", "B"]].sum(axis=1) == 0).any()


def test_a_copy_holds_what_it_took():
    law = ListsOfPersons(persons=50_000, reach=(0.4, 0.2), copies={1: (0, 0.5)})
    cells = simulate_lists(np.random.default_rng(4), law)
    # Of those on A, B holds a half by copying and a fifth of the rest by itself.
    assert held(cells, "A", "B") / held(cells, "A") == pytest.approx(0.6, abs=0.02)


def test_unequal_visibility_makes_lists_hold_the_same_persons():
    law = ListsOfPersons(persons=50_000, reach=(0.3, 0.3), spread=1.5)
    cells = simulate_lists(np.random.default_rng(5), law)
    assert held(cells, "A", "B") > 1.2 * held(cells, "A") * held(cells, "B") / 50_000


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"persons": 0}, "somebody must have died"),
        ({"reach": (0.5,)}, "each of two lists or more"),
        ({"reach": (0.5, 1.0)}, "each of two lists or more"),
        ({"spread": -1.0}, "a spread is 0 or more"),
        ({"copies": {0: (0, 0.5)}}, "a list copies another"),
        ({"copies": {0: (1, 1.5)}}, "a list copies another"),
    ],
)
def test_what_is_no_law(given, message):
    with pytest.raises(InputError, match=message):
        ListsOfPersons(**given)
