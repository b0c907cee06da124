"""The figures published for one incident, beside the event that records it; whole people, compared exactly."""

import csv
import random

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from claimed import events, tolls
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.comparison.incident import IncidentResult, RecordedToll, compare_incident
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import NotEstimable
from casualties.study import bundled, load_study

mpl.use("Agg")
DAY = "2019-05-10"
ONE = {"area": "the town", "period_start": DAY, "period_end": DAY, "kind": "incident", "published_date": DAY}
TOWN = {"place": "Town"}
STRIKE = events(
    {"civilians": 38, "low": 25, "high": 42},
    {"civilians": 7, "place": "Village"},
    {"civilians": 5, "place": ""},
    {"civilians": 9, "date_start": "2019-05-11"},
)


@pytest.fixture(autouse=True)
def closed():
    """Close the figures of a test."""
    yield
    plt.close("all")


def lay(*rows: dict[str, object], found=STRIKE, where=TOWN) -> IncidentResult:
    return compare_incident(found, tolls(*({**ONE, **row} for row in rows)), "the town", DAY, where=where)


def test_figures_stand_in_the_order_of_publication():
    result = lay(
        {"value": 40, "published_date": None},
        {"value": 43, "published_date": "2020-03-02"},
        {"value": 37},
        {"value": 19},
    )
    assert result.figures["value"].tolist() == [19, 37, 43, 40]
    assert result.figures["first"].tolist() == [True, False, False, False]
    assert result.figures["last"].tolist() == [False, False, False, True]
    assert result.spread == (19, 43)
    assert result.final_spread == (40, 40)


def test_the_record_of_the_place_and_day():
    result = lay({"value": 38})
    assert result.recorded == RecordedToll(low=25, best=38, high=42, events=1, several_days=0)
    assert result.unplaced == 5
    assert lay({"value": 38}, where=None).recorded == RecordedToll(low=37, best=50, high=54, events=3, several_days=0)
    assert lay({"value": 38}, where=None).unplaced is None


def test_an_event_of_several_days_is_told():
    found = events({"civilians": 3, "date_end": "2019-05-12"})
    assert lay({}, found=found).recorded.several_days == 1


def test_without_an_event_there_is_no_recorded_toll():
    result = lay({"value": 3}, {"value": 5}, found=events({"date_start": "2019-06-01", "civilians": 2}))
    assert result.recorded == NotEstimable("no event is recorded for this place and day")
    assert result.figures["verdict"].unique().tolist() == ["not comparable"]
    assert "Of the record: not estimable: no event" in result.summary()
    assert result.plot().get_legend() is not None


def test_outside_the_coverage_nothing_is_judged():
    row = {**ONE, "period_start": "2018-05-10", "period_end": "2018-05-10"}
    result = compare_incident(STRIKE, tolls(row), "the town", "2018-05-10", where=TOWN)
    assert isinstance(result.recorded, NotEstimable)
    assert "2019-01-01 to 2019-11-30" in result.figures["reason"].iloc[0]
    assert result.basis.days_observed == 0


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"value": 24}, "below"),
        ({"value": 24, "qualifier": "at least"}, "consistent"),
        ({"value": 43, "qualifier": "at least"}, "above"),
        ({"value": 30, "who": "civilians"}, "consistent"),
        ({"value": 3, "who": "children"}, "not comparable"),
        ({"value": 3, "attributed_to": "Army"}, "not comparable"),
        ({"value": 3, "qualifier": "hardly"}, "not comparable"),
        ({"value": 38, "claimant": "Event list"}, "same source"),
    ],
)
def test_verdicts(row, verdict):
    figures = lay(row).figures
    assert figures["verdict"].tolist() == [verdict]
    assert (figures["reason"] != "").all()


def test_growth_is_told_between_days_and_not_within_one():
    result = lay(
        {"value": 19},
        {"value": 38},
        {"claimant": "Rescuers", "value": 20},
        {"claimant": "Rescuers", "value": 32, "published_date": "2019-05-12"},
        {"claimant": "Doctors", "value": 33},
        {"claimant": "Doctors", "value": 30, "published_date": "2019-05-13"},
    )
    words = " ".join(result.sentences())
    assert "The figures of Counter, all of one day, run from 19 to 38." in words
    assert "The figure of Rescuers grew from 20 to 32." in words
    assert "The figure of Doctors fell from 33 to 30." in words
    assert result.growth()["growth"].tolist() == pytest.approx([2, 30 / 33, 1.6], rel=1e-12)


def test_the_record_itself_is_no_second_count():
    result = lay({"value": 38, "claimant": "Event list"}, {"value": 20})
    assert result.spread == (20, 20)
    assert result.warnings == ("1 of the figures is the record itself and no second count.",)
    alone = lay({"value": 38, "claimant": "Event list"})
    assert alone.spread == (38, 38)


def test_bad_arguments():
    with pytest.raises(UnknownNameError, match="area='the twon' is not known; did you mean 'the town'"):
        compare_incident(STRIKE, tolls(ONE), "the twon", DAY, where=TOWN)
    with pytest.raises(InputError, match="no figure was published for this place and day"):
        compare_incident(STRIKE, tolls(ONE), "the town", "2019-05-11", where=TOWN)
    with pytest.raises(InputError, match="no figure was published"):
        compare_incident(STRIKE, tolls({**ONE, "value": pd.NA}), "the town", DAY, where=TOWN)


def test_an_incident_of_several_days():
    row = {**ONE, "period_end": "2019-05-11", "value": 40}
    result = compare_incident(STRIKE, tolls(row), "the town", DAY, where=TOWN, end="2019-05-11")
    assert result.recorded.best == 47
    assert result.basis.days == 2


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.permutations(["A", "B", "C"]))
def test_shuffling_and_relabelling_change_labels_only(chance: random.Random, names):
    rows = [
        {**ONE, "row_id": f"r{number}", "claimant": "ABC"[number % 3], "value": 20 + 3 * number}
        | {"published_date": f"2019-05-{10 + number % 2}"}
        for number in range(8)
    ]
    one = compare_incident(STRIKE, tolls(*rows), "the town", DAY, where=TOWN)
    new = dict(zip("ABC", names, strict=True))
    rows = [{**row, "claimant": new[row["claimant"]]} for row in rows]
    chance.shuffle(rows)
    two = compare_incident(STRIKE, tolls(*rows), "the town", DAY, where=TOWN)
    assert one.recorded == two.recorded
    pd.testing.assert_frame_equal(
        one.figures.assign(claimant=one.figures["claimant"].map(new)), two.figures, check_dtype=False
    )


class TestMaaratAlNuman:
    AREA = "Ma'arrat al-Nu'man, Idlib"

    @pytest.fixture(scope="class")
    @classmethod
    def result(cls):
        study = load_study("idlib-2019")
        places = study.area_places()
        return compare_incident(
            study.sources["ucdp"], study.sources["tolls"], cls.AREA, "2019-07-22", where=places[cls.AREA]
        )

    def test_the_sixteen_figures_counted_again(self, result):
        with (bundled("idlib-2019") / "published_tolls.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["kind"] == "incident_2019-07-22"]
        assert len(rows) == 16
        assert sorted(result.figures["value"]) == sorted(int(row["value"]) for row in rows)
        others = [int(row["value"]) for row in rows if row["claimant"] != "UCDP GED"]
        assert result.spread == (min(others), max(others)) == (17, 43)
        children = sorted(int(row["children"]) for row in rows if row["children"])
        assert sorted(result.figures["children"].dropna()) == children == [3, 4, 5]

    def test_the_record(self, result):
        assert result.recorded == RecordedToll(low=25, best=38, high=42, events=1, several_days=0)
        assert result.unplaced == 0

    def test_what_is_said(self, result):
        words = result.sentences()
        assert words[0] == (
            "15 figures published by 10 claimants run from 17 to 43; the last figure of each runs from 23 to 43."
        )
        assert "The figures of SOHR, all of one day, run from 19 to 38." in words
        assert words[-1] == "Children are counted in 3 of the 16 figures: 3 to 5."

    def test_the_chart(self, result):
        axis = result.plot()
        assert len(axis.get_yticks()) == 16
        labels = axis.get_legend_handles_labels()[1]
        words = ["recorded: 38 (25 to 42)", "published", "published, a lower bound", "the record's own figure"]
        assert labels == words
        hollow = next(line for line in axis.lines if line.get_label() == "published, a lower bound")
        assert len(hollow.get_xdata()) == 10
        assert hollow.get_markerfacecolor() == "white"
        assert {"38 (3 children)", "39 (5 children)", "43 (4 children)"} <= {text.get_text() for text in axis.texts}
        table = result.table()
        assert table["Children"].tolist().count("–") == 13
        assert "Men" not in table
