"""Rises of running totals beside the recorded deaths of the same days.

Whole people are compared exactly, rates and ratios to 1e-12.
"""

import random

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from claimed import events, tolls
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.comparison.toll_tempo import toll_tempo
from casualties.errors import InputError
from casualties.study import load_study
from casualties.tolls import toll_increments

mpl.use("Agg")
AREAS = {"everywhere": None, "the north": {"adm1": "North"}}
DAYS = ("2019-05-10", "2019-05-20", "2019-05-30")


@pytest.fixture(autouse=True)
def closed():
    """Close the figures of a test."""
    yield
    plt.close("all")


def count(*values: int, **other: object):
    """Give running totals of one count, ten days apart, the first ten days from 1 May 2019."""
    rows = [
        {"kind": "running_toll", "value": value, "period_end": day, "period_start": "2019-05-01", **other}
        for value, day in zip(values, DAYS, strict=False)
    ]
    return tolls(*rows)


FOUND = events(
    {"civilians": 20, "date_start": "2019-05-05", "low": 15, "high": 25},
    {"civilians": 40, "date_start": "2019-05-15", "low": 35, "high": 45},
    {"civilians": 10, "date_start": "2019-05-25", "low": 10, "high": 10},
)


def test_intervals_start_with_the_count_and_follow_one_another():
    table = toll_tempo(FOUND, count(20, 70, 75), AREAS).intervals
    assert table["row_earlier"].tolist() == ["", "0", "1"]
    assert table["row_later"].tolist() == ["0", "1", "2"]
    assert table["start"].dt.strftime("%m-%d").tolist() == ["05-01", "05-11", "05-21"]
    assert table["days"].tolist() == [10, 10, 10]
    assert table["count"].tolist() == [20, 50, 5]
    assert table[["recorded_low", "recorded_high"]].to_numpy().tolist() == [[15, 25], [35, 45], [10, 10]]
    assert table["position"].tolist() == ["inside", "above", "below"]
    assert table["per_day"].tolist() == pytest.approx([2, 5, 0.5], rel=1e-12)
    assert table["recorded_per_day"].tolist() == pytest.approx([2, 4, 1], rel=1e-12)


def test_the_rises_add_up_to_the_last_total():
    table = toll_tempo(FOUND, count(20, 70, 75), AREAS).intervals
    assert table["count"].sum() == 75


def test_steps_say_whether_both_go_the_same_way():
    result = toll_tempo(FOUND, count(20, 70, 75), AREAS)
    steps = result.steps
    assert steps["step"].tolist() == ["up", "down"]
    assert steps["recorded_step"].tolist() == ["up", "down"]
    assert steps["ratio"].tolist() == pytest.approx([2.5, 0.1], rel=1e-12)
    assert steps["recorded_ratio"].tolist() == pytest.approx([2, 0.25], rel=1e-12)
    assert steps["clear"].all()
    assert not steps["bounded"].any()
    assert result.agreement()[["steps", "agree", "clear", "agree_clear"]].to_numpy().tolist() == [[2, 2, 2, 2]]
    other = toll_tempo(FOUND, count(40, 60, 90), AREAS)
    assert other.steps["agree"].tolist() == [False, False]
    assert "0 of 2 steps go the way of the record (0 of 2 clear ones)" in other.summary()


def test_ranges_that_overlap_are_not_clear():
    found = events(
        {"civilians": 20, "date_start": "2019-05-05", "high": 30}, {"civilians": 25, "date_start": "2019-05-15"}
    )
    assert toll_tempo(found, count(20, 45), AREAS).steps["clear"].tolist() == [False]


def test_a_total_that_fell_gives_no_count_and_no_step():
    result = toll_tempo(FOUND, count(20, 15, 25), AREAS)
    row = result.intervals.iloc[1]
    assert (row["falling"], row["fall"], row["count"], row["position"]) == (True, 5, pd.NA, "not placed")
    assert row["reason"] == "the total fell by 5"
    assert pd.isna(row["per_day"])
    assert row["recorded_high"] == 45
    assert result.steps.empty
    assert result.agreement().empty
    assert "1 totals are smaller than the one before" in result.summary()
    assert result.table()["Rise"].tolist() == ["20 (exact)", "fell by 5", "10 (exact)"]


def test_bounds_are_told():
    result = toll_tempo(FOUND, count(20, 70, qualifier="more than"), AREAS)
    assert result.intervals["bound"].tolist() == ["at least", "not a bound"]
    assert result.steps["bounded"].tolist() == [True]


def test_one_total_has_no_rise():
    with pytest.raises(InputError, match="no claimant gives two totals of one count"):
        toll_tempo(FOUND, count(20), AREAS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"area": "the moon"}, "'the moon' is not among the areas given"),
        ({"period_start": "2018-01-01"}, "the window leaves the coverage of the events: 2019-01-01 to 2019-11-30"),
    ],
)
def test_what_cannot_be_placed_says_why(change, reason):
    result = toll_tempo(FOUND, count(20, 30, **change), AREAS)
    assert result.intervals["position"].iloc[0] == "not placed"
    assert reason in result.intervals["reason"].iloc[0]
    assert result.steps.empty
    assert len(result.table()) == 2


def test_victims_that_are_not_told_are_not_placed():
    mixed = events({"civilians": 4})
    mixed.accepted["civilians"] = pd.array([pd.NA], dtype="Int64")
    reasons = toll_tempo(mixed, count(20, 30, who="civilians"), AREAS).intervals["reason"]
    assert reasons.str.endswith("no event says how many of the dead were civilians").all()


def test_days_without_deaths_give_no_ratio():
    steps = toll_tempo(events({"date_start": "2019-05-15"}), count(0, 0), AREAS).steps
    assert steps[["ratio", "recorded_ratio"]].isna().all(axis=None)
    assert steps["agree"].tolist() == [True]


@settings(max_examples=12, deadline=None)
@given(st.randoms(use_true_random=False), st.permutations(["A", "B", "C"]))
def test_shuffling_and_relabelling_change_labels_only(chance: random.Random, names):
    listed = [{"civilians": number, "date_start": f"2019-05-{number:02d}"} for number in range(1, 28)]
    claimed = [
        {"kind": "running_toll", "row_id": f"r{number}", "claimant": "ABC"[number % 3], "value": number * number}
        | {"period_end": f"2019-05-{number + 9:02d}"}
        for number in range(1, 13)
    ]
    one = toll_tempo(events(*listed), tolls(*claimed), AREAS)
    new = dict(zip("ABC", names, strict=True))
    claimed = [{**row, "claimant": new[row["claimant"]]} for row in claimed]
    chance.shuffle(listed)
    chance.shuffle(claimed)
    two = toll_tempo(events(*listed), tolls(*claimed), AREAS)
    for table, keys in (("intervals", ["row_later"]), ("steps", ["claimant", "at"])):
        left = getattr(one, table).assign(claimant=lambda frame: frame["claimant"].map(new))
        left, right = (frame.sort_values(keys).reset_index(drop=True) for frame in (left, getattr(two, table)))
        pd.testing.assert_frame_equal(left, right, rtol=1e-12)


def test_the_figure_draws_a_panel_a_count():
    result = toll_tempo(FOUND, count(20, 70, 75), AREAS)
    axis = result.plot()
    assert axis.get_title(loc="left") == "Counter, all, from 1 May"
    assert len(axis.collections) == 9
    assert result.plot(least=4).texts[0].get_text() == "no interval can be placed"
    part = toll_tempo(FOUND, count(20, 70, attributed_to="Army"), AREAS)
    _, ax = plt.subplots()
    assert part.plot(ax=ax).get_title(loc="left") == "Counter, all, a part, from 1 May"


class TestRealData:
    @pytest.fixture(scope="class")
    @classmethod
    def study(cls):
        return load_study("idlib-2019")

    @pytest.fixture(scope="class")
    @classmethod
    def result(cls, study):
        return toll_tempo(study.sources["ucdp"], study.sources["tolls"], study.area_places())

    def test_the_rises_are_those_between_totals(self, study, result):
        rises = toll_increments(study.sources["tolls"])
        own = result.intervals[result.intervals["row_earlier"] != ""]
        assert len(own) == len(rises) == 29
        assert len(result.intervals) == 29 + 8
        assert own["count"].sum() == rises["count"].sum()

    def test_sohr_and_the_record_speed_up_and_slow_down_together(self, result):
        table = result.agreement()
        sohr = table[(table["claimant"] == "SOHR") & (table["who"] == "all") & (table["steps"] == 10)].iloc[0]
        assert (sohr["agree"], sohr["clear"], sohr["agree_clear"]) == (10, 8, 8)

    def test_ohchr_leaps_where_the_record_slows_down(self, result):
        steps = result.steps[result.steps["claimant"] == "OHCHR"].set_index("at")
        row = steps.loc["2019-08-09"]
        assert (row["step"], row["recorded_step"], row["clear"], row["bounded"]) == ("up", "down", True, True)
        # 589 in 21 days after 395 in 79; the record has 169 after 753.
        assert row["ratio"] == pytest.approx((589 / 21) / (395 / 79), rel=1e-12)
        assert row["recorded_ratio"] == pytest.approx((169 / 21) / (753 / 79), rel=1e-12)
