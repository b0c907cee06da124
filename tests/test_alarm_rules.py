"""The rules of others: bounds of EARS as R has them, and the two published rules by hand.

EARS agrees with R to 1e-9; both compute the same means and deviations.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from casualties.errors import InputError, UnknownNameError
from casualties.inference.alarm_rules import ears_bounds, exceeds_previous_month, highest_month_of_a_year

REFERENCE = Path(__file__).parent / "reference"
NAN = float("nan")


@pytest.fixture(scope="module")
def flat() -> np.ndarray:
    counts = pd.read_csv(REFERENCE / "simulated_counts.csv")
    return counts.loc[counts["series"] == "flat365", "y"].to_numpy(dtype=float)


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "ears.csv")


@pytest.mark.parametrize(
    ("name", "method", "rate", "baseline"),
    [
        ("earsC.C1.b7.a.001", "C1", 0.001, 7),
        ("earsC.C2.b7.a.001", "C2", 0.001, 7),
        ("earsC.C2.b28.a.01", "C2", 0.01, 28),
    ],
)
def test_ears_equals_r(flat, reference, name, method, rate, baseline):
    told = reference[reference["method"] == name]
    bounds = ears_bounds(flat, method, rate=rate, baseline=baseline)
    days = told["time"].to_numpy() - 1
    assert np.flatnonzero(~np.isnan(bounds)).tolist() == days.tolist()
    np.testing.assert_allclose(bounds[days], told["upperbound"], rtol=0, atol=1e-9)
    assert (flat[days] > bounds[days]).tolist() == (told["alarm"] == 1).tolist()


def test_c3_of_r_puts_the_count_into_its_own_bound(flat, reference):
    told = reference[reference["method"] == "earsC.C3.b7.a.001"]
    days = told["time"].to_numpy() - 1
    documented = ears_bounds(flat, "C3")
    mean = ears_bounds(flat, "C2", rate=0.5)
    # R's bound is the documented one with the day's count in the place of the mean, and never below 0.
    np.testing.assert_allclose(np.maximum(documented - mean + flat, 0.0)[days], told["upperbound"], rtol=0, atol=1e-9)
    first = (ears_bounds(flat, "C2") - mean) / stats.norm.isf(0.001)
    excess = np.maximum((flat - mean) / first - 1.0, 0.0)
    expected = ears_bounds(flat, "C2")[days] - first[days] * (excess[days - 1] + excess[days - 2])
    np.testing.assert_allclose(documented[days], expected, rtol=0, atol=1e-9)


def test_ears_c1_of_the_surveillance_packages_own_tests():
    # Salmonella Newport in Germany, weeks 46 of 2010 to 4 of 2011; the tests give six decimals.
    weeks = [1, 1, 1, 3, 3, 1, 2, 1, 0, 3, 3]
    bounds = ears_bounds(weeks, "C1", rate=0.05)[7:]
    assert bounds.tolist() == pytest.approx([3.278854, 3.278854, 3.436517, 3.855617], abs=1e-6)


def test_ears_without_a_full_or_varying_baseline():
    counts = [2.0, 3, NAN, 4, 1, 2, 3, 2, 5, 1, 4, 2, 3]
    assert np.flatnonzero(~np.isnan(ears_bounds(counts, "C1"))).tolist() == [10, 11, 12]
    flat = [2.0] * 8 + [3.0]
    assert ears_bounds(flat, "C1")[7:].tolist() == [2.0, 2.0]
    assert np.isnan(ears_bounds([2.0] * 20, "C3")).all()
    assert np.isnan(ears_bounds([1.0, 2.0], "C2")).all()


def test_bad_arguments_of_ears():
    with pytest.raises(UnknownNameError, match="method='C4' is not known"):
        ears_bounds([1, 2], "C4")
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        ears_bounds([1, 2], "C1", rate=0)
    with pytest.raises(InputError, match="at least 2 days"):
        ears_bounds([1, 2], "C1", baseline=1)


def test_trendfinder_compares_the_week_with_the_month_before():
    month = [2.0] * 28
    assert exceeds_previous_month(month + [2.0] * 6 + [5.0])[-1] == 0  # 17 against 14: 21 %
    assert exceeds_previous_month(month + [2.0] * 6 + [6.0])[-1] == 1  # 18 against 14: 29 %
    told = exceeds_previous_month([*month, *[2.0] * 6, 6.0])
    assert np.isnan(told[:34]).all()
    quiet = [0.0] * 28
    assert exceeds_previous_month(quiet + [0.0] * 6 + [5.0])[-1] == 0  # few before and few now
    assert exceeds_previous_month(quiet + [0.0] * 6 + [6.0])[-1] == 1
    assert np.isnan(exceeds_previous_month([*month[:10], NAN, *month[11:], *[2.0] * 7])[-1])


def test_hdx_signals_wants_the_highest_month_of_a_year_and_100_deaths():
    year = [3.0] * 395
    assert highest_month_of_a_year(year)[-1] == 0  # 90 deaths in 30 days
    assert highest_month_of_a_year([4.0] * 395)[-1] == 1  # as high as any
    higher = [4.0] * 395
    higher[100] = 5.0
    assert highest_month_of_a_year(higher)[-1] == 0
    # 366 sums of 30 days: a higher one a day earlier is forgotten.
    forgotten = [4.0] * 396
    forgotten[0] = 5.0
    assert highest_month_of_a_year(forgotten)[-2:].tolist() == [0.0, 1.0]
    assert np.isnan(highest_month_of_a_year(year)[:-1]).all()
