"""Two simulated lists: what the law asks for is there, the truth is true, the same seed gives the same lists."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.errors import InputError
from casualties.simulate.event_lists import ListsLaw, simulate_event_lists

EXACT = {"place_noise": 0.0, "date_noise": 0.0, "window": 0.0, "size_noise": 0.0, "type_error": 0.0, "spelling": 0.0}
TOLD = ["date_start", "date_end", "lat", "lon", "place", "best", "kind"]


def both(lists):
    """Give the rows of each list that are the same event, in the same order."""
    left = lists.a.accepted.set_index("id").loc[lists.links["id_a"]]
    right = lists.b.accepted.set_index("id").loc[lists.links["id_b"]]
    return left, right


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    shared=st.floats(0.0, 1.0),
    bursts=st.floats(0.0, 1.0),
)
def test_rows_and_links_are_what_the_law_says(seed, rows, shared, bursts):
    law = ListsLaw(rows=rows, shared=shared, days=90, places=12, bursts=bursts)
    lists = simulate_event_lists(np.random.default_rng(seed), law)
    assert (len(lists.a.accepted), len(lists.b.accepted)) == rows
    assert len(lists.links) == round(min(rows) * shared)
    assert lists.links["id_a"].is_unique
    assert lists.links["id_b"].is_unique
    assert (lists.a.accepted["best"] >= 1).all()
    for events in (lists.a, lists.b):
        assert events.accepted["date_start"].is_monotonic_increasing
        assert (events.accepted["date_end"] >= events.accepted["date_start"]).all()


def test_without_noise_both_lists_tell_the_same():
    lists = simulate_event_lists(np.random.default_rng(4), ListsLaw(rows=(80, 120), shared=0.7, **EXACT))
    left, right = both(lists)
    assert len(left) == 56
    pd.testing.assert_frame_equal(left[TOLD].reset_index(drop=True), right[TOLD].reset_index(drop=True))


def test_the_same_seed_gives_the_same_lists():
    first, second = (simulate_event_lists(np.random.default_rng(9), ListsLaw(rows=(50, 60))) for _ in range(2))
    pd.testing.assert_frame_equal(first.a.accepted, second.a.accepted)
    pd.testing.assert_frame_equal(first.links, second.links)


def test_noise_of_days_windows_and_names_is_as_large_as_asked():
    law = ListsLaw(rows=(1000, 1000), shared=1.0, window=0.5, spelling=1.0, date_noise=0.0)
    left, right = both(simulate_event_lists(np.random.default_rng(2), law))
    lasting = (left["date_end"] - left["date_start"]).dt.days
    assert (lasting > 0).mean() == pytest.approx(0.5, abs=0.06)
    assert lasting.max() <= 6
    # Windows hold the day, so those of one event overlap.
    assert (left["date_start"].to_numpy() <= right["date_end"].to_numpy()).all()
    assert (right["date_start"].to_numpy() <= left["date_end"].to_numpy()).all()
    assert (left["place"].to_numpy() != right["place"].to_numpy()).mean() > 0.95


def test_gaps_and_bursts():
    blank = simulate_event_lists(np.random.default_rng(3), ListsLaw(rows=(60, 60), no_coordinates=1.0, no_place=1.0))
    assert blank.a.accepted["lat"].isna().all()
    even, burst = (
        simulate_event_lists(np.random.default_rng(3), ListsLaw(rows=(600, 600), bursts=share)) for share in (0.0, 1.0)
    )
    together = [lists.a.accepted.groupby(["date_start", "place"]).size().mean() for lists in (even, burst)]
    assert together[1] > 1.3 * together[0]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"rows": (0, 5)}, "at least 1"),
        ({"days": 0}, "at least 1"),
        ({"shared": 1.2}, "between 0 and 1"),
        ({"shared": (0.6, 0.2)}, "between 0 and 1"),
        ({"window": -0.1}, "between 0 and 1"),
        ({"place_noise": float("nan")}, "at least 0"),
    ],
)
def test_laws_that_cannot_be(changes, match):
    with pytest.raises(InputError, match=match):
        ListsLaw(**changes)
