"""The histogram of the probability transform: its mass, and its shape where a distribution is right or is not."""

import numpy as np
import pytest
from scipy import stats

from casualties.inference.pit_histogram import pit_histogram


@pytest.mark.parametrize(("scale", "shape"), [(1.0, "flat"), (3.0, "trough"), (0.2, "hump")])
def test_shape_tells_the_variance(scale, shape):
    # 20,000 negative-binomial counts; the distribution in question has its dispersion off by a factor.
    rng = np.random.default_rng(1)
    y = rng.negative_binomial(2, 2 / (2 + 10.0), 20_000)
    size = 2 * scale
    law = stats.nbinom(size, size / (size + 10.0))
    heights = pit_histogram(law.cdf(y - 1), law.cdf(y))
    assert heights.mean() == pytest.approx(1.0, abs=1e-9)
    if shape == "flat":
        assert np.abs(heights - 1).max() < 0.06
    elif shape == "trough":
        assert min(heights[0], heights[-1]) > 1.2 > 1.0 > heights[4:6].max()
    else:
        assert max(heights[0], heights[-1]) < 0.8 < 1.0 < heights[4:6].min()


def test_mass_is_kept_where_probabilities_round_to_one():
    assert pit_histogram([0.0, 1.0], [0.2, 1.0]).mean() == pytest.approx(1.0)
