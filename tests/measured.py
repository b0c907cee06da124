"""Studies of a method that needs no model: another process imports this file and little else."""

import math

import numpy as np

from casualties.calibration.study import Row, Study, interval_rows
from casualties.estimates import Estimate
from casualties.simulate.wars import SCENARIOS, simulate_war

TWO = {name: SCENARIOS[name] for name in ("independent", "ar9")}


def measure(rng, scenario, days):
    """Measure the mean of a war by the interval that a normal law gives it."""
    war = simulate_war(rng, scenario, days)
    mean, error = war.counts.mean(), war.counts.std() / math.sqrt(days)
    answer = Estimate(mean, mean - 1.96 * error, mean + 1.96 * error, 0.95)
    return [*interval_rows("mean", answer, war.mean.mean(), 0.95), Row("luck", "crps", math.nan, rng.random())]


def failing(rng, scenario, days):
    """Fail in about every third war, and warn through numpy in another third."""
    case = int(rng.integers(3))
    if case == 0:
        raise ValueError("no such thing")
    np.log(np.zeros(case - 1))
    return measure(rng, scenario, days)


MEAN = Study("mean", "The mean.", TWO, measure, 50)
