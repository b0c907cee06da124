"""What the study of pairs measures."""

import math

import numpy as np
import pytest

from casualties.calibration.pairs import OVER, PAIRS, QUOTED, RATIO, SCORE
from casualties.calibration.study import LEVELS
from casualties.simulate.wars import Scenario


@pytest.mark.parametrize("name", list(PAIRS.scenarios))
def test_each_law_gives_every_row(name):
    rows = PAIRS.measure(np.random.default_rng(1), PAIRS.scenarios[name], PAIRS.days)
    covered = [(row.quantity, row.nominal) for row in rows if row.measure == "covered"]
    assert {level for quantity, level in covered if quantity == QUOTED} == set(LEVELS)
    assert {RATIO, SCORE, OVER, "set of lags"} <= {quantity for quantity, _ in covered}
    assert len({(row.quantity, row.measure, row.nominal) for row in rows if not math.isnan(row.nominal)}) == len(
        [row for row in rows if not math.isnan(row.nominal)]
    )
    moving = [row for row in rows if row.quantity == "a ratio that moves"]
    assert [row.measure for row in moving] == ["detected" if name in ("drift", "wander") else "false alarm"]


def test_coverage_that_falls_is_noticed():
    rows = PAIRS.measure(np.random.default_rng(3), PAIRS.scenarios["drift"], PAIRS.days)
    (moving,) = (row for row in rows if row.quantity == "a ratio that moves")
    assert (moving.measure, moving.value, moving.warned) == ("detected", 1.0, True)


def test_a_plain_law_of_wars_takes_the_default_reports():
    rows = PAIRS.measure(np.random.default_rng(1), Scenario(level=10.0), 60)
    assert {row.value for row in rows if row.quantity == "lag"} == {1.0}
