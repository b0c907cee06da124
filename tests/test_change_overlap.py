"""Change dates of two sources side by side."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from casualties.comparison.change_overlap import CHANGE_COLUMNS, compare_changes
from casualties.estimates import NotEstimable


def result(*sets, probability=None):
    rows = [[pd.Timestamp(day) for day in one] for one in sets]
    changes = pd.DataFrame(rows, columns=["date", "date_low", "date_high"])
    return SimpleNamespace(changes=changes, **({} if probability is None else {"probability": probability}))


def law(start, weights):
    return pd.Series(np.asarray(weights, dtype=float), index=pd.date_range(start, periods=len(weights)))


def test_changes_are_the_same_where_their_date_sets_overlap():
    one = result(("2019-04-27", "2019-04-20", "2019-05-02"), ("2019-08-31", "2019-08-30", "2019-09-02"))
    other = result(("2019-05-03", "2019-05-02", "2019-05-09"), ("2019-01-16", "2019-01-10", "2019-01-20"))
    found = compare_changes((one, other))
    assert found.columns.tolist() == CHANGE_COLUMNS
    assert found["found"].tolist() == ["second", "both", "first"]
    assert found["date_b"].dt.strftime("%m-%d").tolist()[:2] == ["01-16", "05-03"]
    # Without the laws of the dates the windows' ends are all that is known of the days between them.
    both = found[found["found"] == "both"].iloc[0]
    assert (both["apart"], both["apart_low"], both["apart_high"]) == (6, 0, 19)
    assert np.isnan(both["overlap"])


def test_none_given_and_none_found():
    assert compare_changes(None) == NotEstimable("not given")
    assert compare_changes((result(), result())).empty


def test_days_apart_and_overlap_by_hand():
    window = ("2019-05-02", "2019-05-01", "2019-05-03")
    later = ("2019-05-03", "2019-05-02", "2019-05-04")
    one = result(window, probability=law("2019-05-01", [0.1, 0.2, 0.1, 0.0, 0.4]))
    other = result(later, probability=law("2019-05-01", [0.0, 0.0, 0.5, 0.0]))
    (row,) = compare_changes((one, other)).itertuples()
    # The second is certain of 3 May; the first has 1/4, 1/2, 1/4 on 1 to 3 May.
    assert row.apart == 1
    assert (row.apart_low, row.apart_high) == (0, 2)
    assert row.overlap == pytest.approx(0.25)


def test_swapping_turns_the_days_apart_around():
    window = ("2019-05-03", "2019-05-01", "2019-05-06")
    later = ("2019-05-05", "2019-05-02", "2019-05-07")
    rng = np.random.default_rng(1)
    one = result(window, probability=law("2019-05-01", rng.random(10)))
    other = result(later, probability=law("2019-05-01", rng.random(10)))
    (first,), (second,) = (compare_changes(pair).itertuples() for pair in ((one, other), (other, one)))
    assert (first.apart, first.overlap) == (-second.apart, pytest.approx(second.overlap))
    # Quantiles of whole days are taken from below on both sides, which moves an end by a day at most.
    assert abs(first.apart_low + second.apart_high) <= 1


def test_the_same_law_overlaps_fully():
    window = ("2019-05-03", "2019-05-01", "2019-05-06")
    one = result(window, probability=law("2019-05-01", [1, 2, 3, 2, 1, 1]))
    (row,) = compare_changes((one, one)).itertuples()
    assert (row.apart, row.overlap) == (0, pytest.approx(1))
    assert row.apart_low < 0 < row.apart_high
