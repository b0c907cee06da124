"""The days that two sources disagree on."""

import numpy as np
import pytest
from paired import series, thinned

from casualties.comparison.agreement import compare_pair
from casualties.comparison.disagreement import DRIVING_COLUMNS, driving_days


def test_the_day_that_was_put_in_comes_first():
    a, b = thinned(1, days=90)
    b = b.astype(float)
    a[40], b[40] = 60, 5
    found = compare_pair(series(a), series(b, "B")).driving
    assert f"{found.index[0]:%Y-%m-%d}" == "2019-02-10"
    assert found.iloc[0]["difference"] == 55
    assert found["of_dispersion"].sum() == pytest.approx(1)
    assert found["of_dispersion"].is_monotonic_decreasing


def test_ratio_without_a_day_is_that_of_the_other_days():
    a, b = thinned(2, days=60)
    found = compare_pair(series(a), series(b, "B"), max_lag=0)
    day = found.driving.index[3]
    rest = found.days.drop(index=day)
    row = found.driving.loc[day]
    assert row["ratio_without"] == pytest.approx(rest["a"].sum() / rest["b"].sum())
    assert row["influence"] == pytest.approx(np.log(found.ratio.value / row["ratio_without"]))


def test_days_with_nobody_are_not_listed():
    a, b = thinned(3, days=60)
    found = compare_pair(series(a), series(b, "B"), max_lag=0)
    assert len(found.driving) == found.totals.days_shared - found.totals.days_zero


def test_the_only_day_of_a_source_has_no_ratio_without_it():
    a, b = [3] * 20, [0] * 19 + [4]
    found = compare_pair(series(a), series(b, "B"), max_lag=0).driving
    assert found.iloc[0]["b"] == 4
    assert np.isnan(found.iloc[0]["ratio_without"])


def test_no_ratio_no_days():
    found = compare_pair(series([0] * 20), series([2] * 20, "B"), max_lag=0)
    assert found.driving.empty
    assert found.driving.columns.tolist() == DRIVING_COLUMNS
    assert driving_days(found.days).empty
