"""Two sources of a simulated war, for the tests of what compares them."""

import numpy as np

from casualties.series import DailySeries


def series(values: object, name: str = "A", start: str = "2019-01-01") -> DailySeries:
    return DailySeries.from_counts(np.asarray(values, dtype=float), start, name=name)


def thinned(seed: int, days: int = 180, shares: tuple[float, float] = (0.8, 0.55)) -> tuple[np.ndarray, np.ndarray]:
    """Two sources that record each death of an overdispersed war by themselves."""
    rng = np.random.default_rng(seed)
    true = rng.poisson(rng.gamma(1.5, 8 / 1.5, days))
    return rng.binomial(true, shares[0]), rng.binomial(true, shares[1])
