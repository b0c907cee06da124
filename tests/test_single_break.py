"""The F test for a break against R's strucchange, critical values in print, and simulation.

Tolerances. R's statistics were printed with ten digits. Andrews' critical values are themselves simulated, to about a
hundredth of their p-value; the approximation lies within 6 % of it.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.inference.single_break import single_break

REFERENCE = Path(__file__).parent / "reference"


def test_nile_equals_strucchange():
    # R 4.2.2, strucchange: breakpoints(Nile ~ 1) is 28 (1898), sctest(Fstats(Nile ~ 1, from = 0.15)) is 75.92976943.
    found = single_break(pd.read_csv(REFERENCE / "nile.csv")["y"])
    assert found.position == 28
    assert found.statistic == pytest.approx(75.92976943, rel=1e-9)
    assert found.p_value < 1e-15


@pytest.mark.parametrize(("series", "statistic"), [("coal", 70.98225245), ("step730", 50.22515726)])
def test_counts_under_a_square_root_equal_strucchange(series, statistic):
    counts = pd.read_csv(REFERENCE / "simulated_counts.csv")
    y = pd.read_csv(REFERENCE / "coal.csv")["y"] if series == "coal" else counts.loc[counts["series"] == series, "y"]
    assert single_break(np.sqrt(y.to_numpy() + 0.375)).statistic == pytest.approx(statistic, rel=1e-9)


@pytest.mark.parametrize(("statistic", "share"), [(7.17, 0.10), (8.85, 0.05), (12.35, 0.01)])
def test_p_values_are_andrews(statistic, share):
    # Andrews (1993), table 1, one parameter, trimmed by .15: the statistic is made to take his critical value.
    rng = np.random.default_rng(1)
    y = rng.normal(size=4000)
    y[2000:] -= y[2000:].mean() - y[:2000].mean()

    def gap(size):
        return single_break(y + size * (np.arange(4000) >= 2000)).statistic - statistic

    low, high = 0.0, 1.0
    for _ in range(60):
        low, high = ((low + high) / 2, high) if gap((low + high) / 2) < 0 else (low, (low + high) / 2)
    assert single_break(y + high * (np.arange(4000) >= 2000)).p_value == pytest.approx(share, rel=0.06)


def test_false_alarms_are_as_many_as_it_says():
    # 2,000 series without a break: one standard error of .05 is .005. Maxima over 200 days are a little lower than
    # over a continuum.
    rng = np.random.default_rng(2)
    share = np.mean([single_break(rng.normal(size=200)).p_value < 0.05 for _ in range(2000)])
    assert 0.02 < share < 0.065


@pytest.mark.parametrize(
    ("values", "trim", "message"),
    [
        (np.arange(9.0), 0.15, "too few"),
        (np.ones(30), 0.15, "all values are equal"),
        (np.r_[np.ones(29), math.nan], 0.15, "missing"),
        (np.arange(30.0), 0.5, "between 0 and 0.5"),
    ],
)
def test_what_cannot_be_tested_is_named(values, trim, message):
    with pytest.raises(InputError, match=message):
        single_break(values, trim)
