"""A mixture of posteriors is the mean of its parts, and the part itself where there is one. Equal up to rounding."""

import numpy as np
import pytest

from casualties.errors import InputError
from casualties.inference.rate_filter import filter_rates, log_grid
from casualties.inference.rate_mixture import RateMixture

GRID = log_grid(0.1, 100, 60)
EARLY = [2, 1, 3, 2, 9, 12, 9, 11, 10, 12]
LATE = [2, 1, 3, 2, 2, 1, 9, 11, 10, 12]


def posterior(counts, rates=GRID, chance=0.05):
    return filter_rates(counts, rates=rates, sizes=[2, 8], jump_probability=chance)


def test_one_part_is_itself():
    part = posterior(EARLY)
    mixture = RateMixture((part,))
    for name in ("jump", "spike", "marginal", "mean", "rates"):
        np.testing.assert_array_equal(getattr(mixture, name), getattr(part, name))
    np.testing.assert_array_equal(mixture.quantiles([0.1, 0.9]), part.quantiles([0.1, 0.9]))
    assert mixture.probability_of_change(3, 5) == part.probability_of_change(3, 5)
    weights, joints = mixture.changes_across(3, 5)
    assert weights.tolist() == [1.0]
    np.testing.assert_array_equal(joints[0], part.change_across(3, 5))


def test_probabilities_are_means():
    parts = (posterior(EARLY), posterior(LATE))
    mixture = RateMixture(parts)
    for name in ("jump", "marginal", "mean"):
        expected = (getattr(parts[0], name) + getattr(parts[1], name)) / 2
        np.testing.assert_allclose(getattr(mixture, name), expected, rtol=1e-12)
    np.testing.assert_allclose(mixture.marginal.sum(axis=1), 1, rtol=1e-9)
    held = [part.probability_of_change(4, 4) for part in parts]
    assert mixture.probability_of_change(4, 4) == pytest.approx(sum(held) / 2)
    # Given a change on day 4, the reading that shows one there is the more probable.
    weights, joints = mixture.changes_across(4, 4)
    np.testing.assert_allclose(weights, np.array(held) / sum(held))
    assert weights[0] > 0.8
    assert joints.shape == (2, 60, 60)


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (posterior(EARLY), posterior(EARLY[:-1])),
        (posterior(EARLY), posterior(EARLY, rates=log_grid(0.1, 90, 60))),
        (posterior(EARLY), posterior(EARLY, chance=0.1)),
    ],
)
def test_parts_that_do_not_fit_together(parts):
    with pytest.raises(InputError, match="same days, rates and prior"):
        RateMixture(parts)
