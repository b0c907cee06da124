"""Matching events of two lists: truth of simulated lists, order and labels, decisions, hostile lists, a real list."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import casualties as ca
from casualties.comparison.matching import match_events
from casualties.comparison.review import SHEET, Decisions, read_decisions
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events
from casualties.simulate.event_lists import ListsLaw, simulate_event_lists
from casualties.tables.matching import agreement_levels_table


@pytest.fixture(scope="module")
def lists():
    return simulate_event_lists(np.random.default_rng(5), ListsLaw(rows=(150, 200), shared=0.6))


@pytest.fixture(scope="module")
def result(lists):
    return match_events(lists.a, lists.b)


def with_rows(events: Events, frame: pd.DataFrame) -> Events:
    return replace(events, accepted=frame)


def pairs_of(frame):
    return set(zip(frame["id_a"], frame["id_b"], strict=True))


def test_events_of_both_lists_are_found(lists, result):
    right = len(pairs_of(result.links) & pairs_of(lists.links))
    assert 2 * right / (len(result.links) + len(lists.links)) > 0.85
    assert result.overlap.low <= len(lists.links) <= result.overlap.high
    assert not result.links["id_a"].duplicated().any()
    assert not result.links["id_b"].duplicated().any()
    assert result.share_a.value == pytest.approx(result.overlap.value / 150)


def test_swapping_the_lists_swaps_columns_only(lists, result):
    turned = match_events(lists.b, lists.a)
    swapped = turned.pairs.rename(columns={"id_a": "id_b", "id_b": "id_a"}).sort_values(["id_a", "id_b"])
    for name in ("id_a", "id_b", "probability", "linked", "km", "days_apart"):
        assert swapped[name].tolist() == result.pairs[name].tolist()
    assert turned.overlap == result.overlap
    assert turned.share_a == result.share_b


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    shared=st.floats(0.0, 1.0),
    days=st.integers(1, 200),
    gaps=st.floats(0.0, 1.0),
)
def test_names_and_orders_change_nothing_but_labels(seed, rows, shared, days, gaps):
    rng = np.random.default_rng(seed)
    law = ListsLaw(rows=rows, shared=shared, days=days, places=20, window=0.3, no_coordinates=gaps, no_place=gaps)
    lists = simulate_event_lists(rng, law)
    plain = match_events(lists.a, lists.b, draws=100)
    mixed = [with_rows(each, each.accepted.sample(frac=1, random_state=seed)) for each in (lists.a, lists.b)]
    turned = match_events(*mixed[::-1], draws=100)
    assert turned.overlap == plain.overlap
    assert (turned.share_a, turned.share_b) == (plain.share_b, plain.share_a)
    swapped = turned.pairs.rename(columns={"id_a": "id_b", "id_b": "id_a"}).sort_values(["id_a", "id_b"])
    for name in ("id_a", "id_b", "probability", "linked", "km", "days_apart"):
        assert swapped[name].astype(str).tolist() == plain.pairs[name].astype(str).tolist()
    if isinstance(plain.overlap, Estimate):
        assert 0 <= plain.overlap.low <= plain.overlap.value <= plain.overlap.high <= min(rows)
    assert plain.links["probability"].le(1.0).all()


def test_days_of_windows_count_from_their_nearest_ends(lists):
    frame = lists.a.accepted.iloc[[0, 60, 120]].assign(lat=34.0, lon=36.0, place="Idlib", best=5)
    frame = frame.assign(date_start=pd.to_datetime(["2023-03-01", "2023-06-01", "2023-09-01"]))
    long = frame.assign(date_end=frame["date_start"] + pd.Timedelta(days=6))
    # One day within the window, one two days behind its end, one six days behind it and so out of reach.
    moved = frame["date_start"] + pd.to_timedelta([3, 8, 12], unit="D")
    short = frame.assign(id=["x", "y", "z"], date_start=moved, date_end=moved)
    found = match_events(with_rows(lists.a, long), with_rows(lists.b, short), draws=100)
    assert found.candidates == 2
    assert dict(zip(found.pairs["id_b"], found.pairs["days_apart"], strict=True)) == {"x": 0, "y": 2}


def test_runs_of_days_throughout_are_matched():
    law = ListsLaw(rows=(150, 150), shared=0.6, window=1.0)
    lists = simulate_event_lists(np.random.default_rng(11), law)
    result = match_events(lists.a, lists.b)
    assert set(result.levels["field"]) >= {"days of a window"}
    right = len(pairs_of(result.links) & pairs_of(lists.links))
    assert 2 * right / (len(result.links) + len(lists.links)) > 0.75


def test_shuffling_rows_changes_nothing(lists, result):
    mixed = [with_rows(each, each.accepted.sample(frac=1, random_state=2)) for each in (lists.a, lists.b)]
    again = match_events(*mixed)
    pd.testing.assert_frame_equal(again.pairs, result.pairs)
    assert again.overlap == result.overlap


def test_the_same_list_twice_is_shared_throughout(lists):
    result = match_events(lists.a, lists.a)
    assert len(result.links) == 150
    assert (result.links["id_a"] == result.links["id_b"]).mean() > 0.97
    assert result.overlap.high == 150


def test_no_event_is_near_another(lists):
    far = with_rows(lists.b, lists.b.accepted.assign(lat=lists.b.accepted["lat"] - 30))
    result = match_events(lists.a, far)
    assert result.overlap == Estimate(0.0, 0.0, 0.0, 0.95, "events")
    assert "no two events lie within 25 km" in result.warnings[0]
    assert len(result.links) == 0


@pytest.mark.filterwarnings("error")
def test_an_empty_list(lists):
    result = match_events(lists.a, with_rows(lists.b, lists.b.accepted.iloc[:0]))
    assert result.overlap == NotEstimable("list b has no events")
    assert result.table().loc["Events in both", "Number"].startswith("not estimable")
    result.plot()
    plt.close("all")


def test_everything_on_one_day_in_one_place(lists):
    day = pd.Timestamp("2023-03-01")
    same = {"date_start": day, "date_end": day, "lat": 34.0, "lon": 36.0, "place": "Idlib", "best": 1, "kind": 1}
    result = match_events(*(with_rows(each, each.accepted.assign(**same)) for each in (lists.a, lists.b)))
    assert isinstance(result.overlap, NotEstimable)
    assert "too few days" in result.overlap.reason
    assert any("too few days" in sentence for sentence in result.warnings)


def test_lists_without_places_still_have_an_expected_overlap():
    law = ListsLaw(rows=(300, 300), shared=0.6, no_coordinates=1.0, no_place=1.0, date_noise=0.0, window=0.0)
    lists = simulate_event_lists(np.random.default_rng(3), law)
    result = match_events(lists.a, lists.b)
    assert any("no coordinates" in sentence for sentence in result.warnings)
    assert any("tends to come out too low" in sentence for sentence in result.warnings) == bool(result.overlap)
    assert isinstance(result.overlap, NotEstimable) or result.overlap.low <= len(lists.links) <= result.overlap.high


def test_decisions_go_out_come_back_and_stay(tmp_path, lists, result):
    path = tmp_path / "review.csv"
    result.review(path)
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert tuple(sheet.columns) == SHEET
    assert len(sheet) == len(result.doubtful)
    assert len(sheet) > 2
    sheet.loc[0, "decision"], sheet.loc[1, "decision"] = "different", "Same "
    sheet.to_csv(path, index=False)
    decisions = read_decisions(path)
    assert len(decisions) == 2
    again = match_events(lists.a, lists.b, decisions=decisions)
    kept = again.pairs.set_index(["id_a", "id_b"])
    apart, one = (tuple(sheet.loc[row, ["id_a", "id_b"]]) for row in (0, 1))
    assert kept.loc[apart, ["probability", "linked", "decision"]].tolist() == [0.0, False, "different"]
    assert kept.loc[one, ["probability", "linked", "decision"]].tolist() == [1.0, True, "same"]
    again.review(path)
    assert len(read_decisions(path)) == 2


def test_a_decision_may_join_events_that_are_out_of_reach(lists):
    ids = lists.a.accepted["id"].iloc[0], lists.b.accepted["id"].iloc[-1]
    table = pd.DataFrame({"row": [2], "id_a": [ids[0]], "id_b": [ids[1]], "decision": ["same"]})
    result = match_events(lists.a, lists.b, decisions=Decisions(table))
    assert ids in pairs_of(result.links)


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("id_a,id_b\na1,b1\n", InputError, "lacks this column"),
        ("id_a,id_b,decision\na1,b1,sane\n", UnknownNameError, "row 2.*did you mean 'same'"),
        ("id_a,id_b,decision\na1,b1,same\na1,b1,different\n", InputError, "row 3.*decided in a row above"),
        ("id_a,id_b,decision\na1,b1,same\na1,b2,same\n", InputError, "row 3.*same as two others"),
        ("id_a,id_b,decision\na1,,same\n", InputError, "row 2.*ids of both"),
        ("", InputError, "cannot be read"),
    ],
)
def test_sheets_that_cannot_be_used(tmp_path, text, error, match):
    path = tmp_path / "sheet.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=match):
        read_decisions(path)


def test_a_decision_about_an_unknown_event(tmp_path, lists):
    path = tmp_path / "sheet.csv"
    path.write_text("id_a,id_b,decision\na1,b1,\na1,x9,same\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 3, column 'id_b', value 'x9': the second list has no event"):
        match_events(lists.a, lists.b, decisions=read_decisions(path))


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"max_km": 0.0}, "above 0"),
        ({"max_days": -1}, "0 to 30"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"draws": 5}, "100"),
    ],
)
def test_settings_that_cannot_be_used(lists, settings, match):
    with pytest.raises(InputError, match=match):
        match_events(lists.a, lists.b, **settings)


def test_text_table_and_figure(result):
    assert "one list may rest on the other" in result.summary()
    assert result.table().loc["Events of list a", "Number"] == "150"
    assert len(agreement_levels_table(result)) == len(result.levels)
    for _, field in result.levels.groupby("field"):
        assert field["m"].sum() == pytest.approx(1.0)
    result.plot()
    plt.close("all")


def jittered(events: Events, rows, rng) -> Events:
    """Tell events anew: half of the points moved (sd 2 km an axis), a quarter of the days by one, sizes by a fifth."""
    frame = events.accepted[rows].copy()
    number = len(frame)
    moved = 2.0 * (rng.random(number) < 0.5)[:, None] * rng.standard_normal((number, 2)) / 111.195
    frame["lat"] += moved[:, 0]
    frame["lon"] += moved[:, 1] / np.cos(np.deg2rad(frame["lat"]))
    days = pd.to_timedelta((rng.random(number) < 0.25) * rng.choice([-1, 1], number), unit="D")
    frame["date_start"] += days
    frame["date_end"] += days
    frame["best"] = np.rint(frame["best"] * np.exp(0.2 * rng.standard_normal(number))).astype("int64")
    return with_rows(events, frame)


def test_events_of_the_bundled_study_that_cite_two_sources():
    # The truth is the event's id; the figures of the second list are moved, for they are the same in both.
    events = ca.load_study("idlib-2019").sources["ucdp"]
    frame = events.accepted
    west = frame["adm1"].isin([f"{name} Governorate" for name in ("Idlib", "Hamah", "Aleppo", "Latakia")])
    inside = west & (frame["date_start"] >= "2019-04-30") & (frame["date_end"] <= "2019-08-31")
    cited = frame["cited"].str.split(";")
    first, second = (inside & cited.map(lambda listed, name=name: name in listed) for name in ("SOHR", "Airwars"))
    truth = int((first & second).sum())
    assert truth == 193
    result = match_events(with_rows(events, frame[first]), jittered(events, second, np.random.default_rng(1)))
    right = int((result.links["id_a"] == result.links["id_b"]).sum())
    f1 = 2 * right / (len(result.links) + truth)
    assert f1 > 0.9
    assert result.overlap.low <= truth <= result.overlap.high
