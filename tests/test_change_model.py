"""The model with what it was given: the grid covers the data, and both fits are those of the filter."""

import numpy as np
import pytest

from casualties.models.change_model import ChangeModel

COUNTS = np.array([[2.0, 1, 3, 2, np.nan, 2, 11, 14, 9, 12, 10, 13], [2.0, 1, 3, 2, np.nan, 2, 3, 14, 9, 12, 10, 21]])


def test_rates_reach_from_half_a_death_to_above_the_highest_day():
    model = ChangeModel.of(COUNTS, np.ones_like(COUNTS), 0.5, 0.01)
    assert model.rates[0] == pytest.approx(0.5 / 11)
    assert model.rates[-1] >= 3 * 20
    assert np.log(model.rates[1] / model.rates[0]) <= 0.07
    assert model.jump_probability == pytest.approx(0.5 / 11)
    half = ChangeModel.of(COUNTS, np.full_like(COUNTS, 0.5), 0.5, 0.01)
    np.testing.assert_allclose(half.rates, 2.0 * model.rates)


def test_each_draw_has_its_posteriors():
    model = ChangeModel.of(COUNTS, np.ones_like(COUNTS), 0.5, 0.01)
    independent, dependent = model.independent(), list(model.dependent())
    assert len(independent.parts) == len(dependent) == 2
    for plain, fed in zip(independent.parts, dependent, strict=True):
        assert plain.share == 0.0
        assert 0.0 < fed.share < 0.75
        # Independent days are one case of the other model, and have a quarter of its prior.
        apart = fed.log_evidence + np.log(fed.weights[0].sum()) - np.log(0.25)
        assert plain.log_evidence == pytest.approx(apart, abs=2e-3)
