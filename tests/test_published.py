"""Published totals beside the events.

Everything here is whole people, so figures are compared exactly; shares and ratios to 1e-12. The totals of the windows
of the offensive are those given with the provider's file.
"""

import pickle
from dataclasses import replace

import pandas as pd
import pytest
from claimed import events, tolls

from casualties.comparison.published import TollsResult, compare_tolls
from casualties.comparison.recorded_range import recorded_range, victim_bounds
from casualties.comparison.toll_scope import OBSTACLES, toll_verdict
from casualties.errors import InputError, UnknownNameError
from casualties.events import Events
from casualties.provenance import SourceRecord
from casualties.sources.acled import read_acled
from casualties.study import Study, load_study

AREAS = {"everywhere": None, "the north": {"adm1": "North"}, "the town": {"place": ["Town"]}}


def judge(found: Events, areas: dict[str, object] | None = None, **row: object) -> pd.Series:
    return compare_tolls(found, tolls(row), AREAS if areas is None else areas).totals.iloc[0]


TEN = events({"civilians": 10, "low": 8, "high": 12})


class TestVerdict:
    @pytest.mark.parametrize(
        ("value", "qualifier", "verdict"),
        [
            (8, "", "consistent"),
            (12, "", "consistent"),
            (7, "", "below"),
            (13, "", "above"),
            (7, "at least", "consistent"),
            (12, "at least", "consistent"),
            (13, "at least", "above"),
            (13, "no less than", "above"),
            (11, "more than", "consistent"),
            (12, "more than", "above"),
            (12, "More than (may have been)", "above"),
            (7, "at most", "below"),
            (20, "up to", "consistent"),
            (8, "less than", "below"),
            (9, "less than", "consistent"),
        ],
    )
    def test_the_qualifier_decides_what_the_figure_claims(self, value, qualifier, verdict):
        assert toll_verdict(value, qualifier, 8, 12)[0] == verdict

    @pytest.mark.parametrize(
        ("value", "verdict"), [(90, "below"), (91, "consistent"), (122, "consistent"), (123, "above")]
    )
    def test_about_means_within_ten_per_cent(self, value, verdict):
        # 91 · 1.1 = 100.1 reaches 100; 122 · 0.9 = 109.8 reaches 110; 123 · 0.9 = 110.7 does not.
        assert toll_verdict(value, "about", 100, 110)[0] == verdict

    def test_ten_per_cent_is_exact(self):
        # In floating point 470 · 1.1 is a little more and 570 · 1.1 a little less than the whole number.
        for value in range(10, 5000, 10):
            assert toll_verdict(value, "about", value * 11 // 10, 10**6)[0] == "consistent"
            assert toll_verdict(value, "about", value * 11 // 10 + 1, 10**6)[0] == "below"
            assert toll_verdict(value, "about", 0, value * 9 // 10)[0] == "consistent"

    def test_an_unknown_qualifier_is_not_guessed(self):
        verdict, reason = toll_verdict(10, "hardly", 8, 12)
        assert verdict == "not comparable"
        assert "no reading: 'hardly'; known are: 'exactly'" in reason


class TestRange:
    def test_low_of_events_inside_and_high_of_events_touching(self):
        found = events(
            {"date_start": "2019-05-02", "civilians": 4, "low": 3, "high": 6},
            {"date_start": "2019-04-28", "date_end": "2019-05-02", "civilians": 10, "low": 9, "high": 20},
            {"date_start": "2019-06-01", "civilians": 50},
        )
        row = judge(found)
        assert (row["recorded"], row["recorded_low"], row["recorded_high"]) == (4, 3, 26)
        # Two of the five days of the second event lie inside.
        assert row["recorded_spread"] == pytest.approx(4 + 10 * 2 / 5, rel=1e-12)

    def test_bounds_in_the_wrong_order_are_moved_to_best(self):
        found = events({"civilians": 5, "low": 7, "high": 3})
        row = judge(found)
        assert (row["recorded_low"], row["recorded_high"]) == (5, 5)

    @pytest.mark.parametrize(
        ("row", "civilians", "combatants"),
        [
            ({"civilians": 38, "low": 25, "high": 42}, (25, 38, 42), (0, 0, 0)),
            ({"deaths_a": 3, "deaths_b": 4, "low": 5, "high": 9}, (0, 0, 0), (5, 7, 9)),
            ({"deaths_a": 3, "civilians": 2, "low": 4, "high": 9}, (2, 2, 2), (3, 3, 3)),
            ({"deaths_a": 3, "civilians": 2, "unknown": 5, "low": 8, "high": 20}, (2, 2, 7), (3, 3, 8)),
            ({"civilians": 2, "unknown": 5, "low": 6, "high": 9}, (2, 2, 9), (0, 0, 5)),
            ({"unknown": 5, "low": 4, "high": 6}, (0, 0, 6), (0, 0, 6)),
            ({"low": 0, "high": 3}, (0, 0, 3), (0, 0, 3)),
        ],
    )
    def test_a_class_of_victims_has_a_range_only_where_it_can(self, row, civilians, combatants):
        accepted = events(row).accepted
        assert tuple(victim_bounds(accepted, "civilians").iloc[0]) == civilians
        assert tuple(victim_bounds(accepted, "combatants").iloc[0]) == combatants

    def test_every_bound_lies_in_order(self):
        rows = [
            {"deaths_a": a, "civilians": c, "unknown": u, "low": low, "high": high}
            for a in (0, 2)
            for c in (0, 3)
            for u in (0, 1)
            for low in (0, 4, 9)
            for high in (0, 5, 9)
        ]
        accepted = events(*rows).accepted
        for who in ("all", "civilians", "combatants"):
            bounds = victim_bounds(accepted, who)
            assert (bounds["low"] <= bounds["best"]).all(), who
            assert (bounds["best"] <= bounds["high"]).all(), who

    def test_shares_of_adjoining_windows_add_up(self):
        accepted = events({"date_start": "2019-05-08", "date_end": "2019-05-14", "civilians": 9}).accepted
        deaths = victim_bounds(accepted, "all")
        middle = pd.Timestamp("2019-05-10")
        first = recorded_range(accepted, deaths, pd.Timestamp("2019-05-01"), middle)
        second = recorded_range(accepted, deaths, middle + pd.Timedelta(days=1), pd.Timestamp("2019-05-31"))
        assert first[0] == second[0] == 0
        assert first[1] + second[1] == pytest.approx(9, rel=1e-12)


class TestScope:
    def test_place_by_area(self):
        found = events(
            {"civilians": 4}, {"civilians": 7, "adm1": "South", "place": "Village"}, {"unknown": 2, "adm1": ""}
        )
        assert judge(found)["recorded"] == 13
        row = judge(found, area="the north")
        assert (row["recorded"], row["unplaced"]) == (4, 2)
        assert pd.isna(judge(found)["unplaced"])

    def test_a_single_incident_is_a_place_and_a_day(self):
        found = events(
            {"civilians": 4}, {"civilians": 7, "date_start": "2019-05-11"}, {"civilians": 1, "place": "Village"}
        )
        row = judge(found, area="the town", period_start="2019-05-10", period_end="2019-05-10", kind="incident")
        assert row["recorded"] == 4
        assert row["verdict"] == "above"

    def test_civilians_and_combatants(self):
        found = events({"civilians": 4, "deaths_b": 3})
        assert judge(found, who="civilians")["recorded"] == 4
        assert judge(found, who='civilians ("citizens")')["recorded"] == 4
        assert judge(found, who="combatants")["recorded"] == 3
        assert judge(found, who="all (civilians and military personnel)")["recorded"] == 7

    @pytest.mark.parametrize(
        ("row", "obstacle", "words"),
        [
            (
                {"period_end": "2019-12-01"},
                "coverage",
                "the window leaves the coverage of the events: it ends on 2019-12-01, after 2019-11-30",
            ),
            ({"period_start": "2018-12-31"}, "coverage", "starts on 2018-12-31, before 2019-01-01"),
            ({"area": "the moon"}, "place", "no place is declared for the area: 'the moon'"),
            ({"value": None}, "figure", "no figure is given"),
            ({"claimant": "Event list"}, "same source", "a source against itself"),
            (
                {"attributed_to": "Government"},
                "perpetrators",
                "events between two sides do not say whose fire people died from: limited to Government; not above",
            ),
            ({"who": "children", "value": 3}, "subgroup", "do not tell this part of the dead apart: counts children"),
            ({"qualifier": "hardly"}, "qualifier", "has no reading"),
        ],
    )
    def test_what_cannot_be_compared_says_why(self, row, obstacle, words):
        found = judge(TEN, **row)
        assert found["verdict"] == "not comparable"
        assert found["obstacle"] == obstacle
        assert obstacle in OBSTACLES
        assert words in found["reason"]
        assert found["reason"].startswith(f"{OBSTACLES[obstacle]}: ")

    def test_several_reasons_are_all_given(self):
        found = judge(TEN, period_end="2020-01-31", area="the moon")
        assert "the coverage of the events: it ends" in found["reason"]
        assert "the moon" in found["reason"]
        assert pd.isna(found["recorded"])

    def test_without_stated_coverage_the_events_decide(self):
        bare = replace(TEN, record=SourceRecord(name="Event list"))
        assert "after 2019-05-10" in judge(bare)["reason"]

    def test_a_part_cannot_exceed_the_whole(self):
        """Perpetrators cannot be compared, but the logic of parts and wholes is used where it says something."""
        part = {"attributed_to": "Government", "who": "civilians", "qualifier": "at least"}
        inside = judge(TEN, **part, value=9)
        assert inside["verdict"] == "not comparable"
        words = "not above the upper end of what is recorded: at least 9 beside 10 recorded civilians (8 to 12)"
        assert inside["reason"].endswith(words)
        assert pd.isna(inside["ratio"])
        beyond = judge(TEN, **part, value=13)
        assert beyond["verdict"] == "above"
        assert beyond["obstacle"] == ""
        assert "exceeds all recorded civilians (8 to 12) though it is only a part of them" in beyond["reason"]
        assert judge(TEN, **part, value=1)["verdict"] == "not comparable"

    def test_a_part_that_reaches_the_whole_is_not_called_a_part_of_it(self):
        row = judge(TEN, attributed_to="Government", who="civilians", value=11)
        assert "upper end of what is recorded: 11 beside 10 recorded civilians (8 to 12)" in row["reason"]
        row = judge(TEN, attributed_to="Government", who="civilians", value=20, qualifier="at most")
        assert row["reason"].endswith(
            "does not exclude what is recorded: at most 20 beside 10 recorded civilians (8 to 12)"
        )

    def test_a_part_with_an_unknown_qualifier_is_not_judged(self):
        row = judge(TEN, attributed_to="Government", value=99, qualifier="hardly")
        assert (row["verdict"], row["obstacle"]) == ("not comparable", "perpetrators")
        assert "the qualifier has no reading: 'hardly'" in row["reason"]
        assert "upper end" not in row["reason"]

    @pytest.mark.parametrize(
        ("qualifier", "reading"),
        [
            ("", "exact"),
            ("More than (may have been)", "more than"),
            ("no less than", "at least"),
            ("nearly", "about"),
            ("up to", "at most"),
            ("hardly", ""),
        ],
    )
    def test_the_reading_of_the_qualifier_stands_beside_it(self, qualifier, reading):
        row = judge(TEN, qualifier=qualifier)
        assert (row["qualifier"], row["reading"]) == (qualifier, reading)
        assert judge(TEN, qualifier=qualifier, area="the moon")["reading"] == reading

    def test_a_single_place_is_selected_by_one_name(self):
        areas = {"everywhere": {"place": "Town", "adm1": "North"}}
        assert judge(TEN, areas=areas)["single_place"]
        assert judge(TEN, area="the town")["single_place"]
        for area in ("everywhere", "the north", "the moon"):
            assert not judge(TEN, area=area)["single_place"]
        two = events({"civilians": 1}, {"civilians": 1, "place": "Village"})
        assert not judge(two, areas={"everywhere": {"place": ["Town", "Village"]}})["single_place"]

    @pytest.mark.parametrize("blamed", ["all parties", "", "not stated"])
    def test_everybody_is_compared(self, blamed):
        found = judge(TEN, attributed_to=blamed)
        assert found["verdict"] == "consistent"
        assert ("read as all" in found["reason"]) == (blamed == "not stated")

    def test_a_figure_of_the_last_day_says_so_where_it_is_low(self):
        assert "may not hold in full" in judge(TEN, value=2, published_date="2019-05-31")["reason"]
        assert "may not hold in full" not in judge(TEN, value=2, published_date="2019-06-01")["reason"]
        assert "may not hold in full" not in judge(TEN, value=2, published_date=None)["reason"]

    def test_ratio_is_published_over_recorded(self):
        assert judge(TEN, value=12)["ratio"] == pytest.approx(1.2, rel=1e-12)
        assert pd.isna(judge(events({"civilians": 0}), value=12)["ratio"])


class TestIndependence:
    def test_share_of_deaths_that_cite_the_claimant(self):
        found = events(
            {"civilians": 3, "cited": "Counter;Other"},
            {"civilians": 2, "cited": "Counters"},
            {"deaths_a": 9, "cited": ""},
        )
        row = judge(found, who="civilians", claimant="counter")
        assert row["share_citing"] == pytest.approx(0.6, rel=1e-12)
        assert not row["independent"]
        row = judge(found, claimant="Counter")
        assert row["share_citing"] == pytest.approx(3 / 14, rel=1e-12)
        assert row["independent"]

    def test_a_claimant_that_no_event_cites_is_not_measured(self):
        """Its reports may stand behind an event under another name, such as "other"."""
        found = events(
            {"civilians": 3, "cited": "other"}, {"civilians": 2, "cited": "Counter", "date_start": "2019-09-01"}
        )
        row = judge(found, claimant="Rescuers")
        assert pd.isna(row["share_citing"])
        assert pd.isna(row["independent"])
        # A source that is cited somewhere, though not for this window, is measured at nought.
        row = judge(found)
        assert row["share_citing"] == 0
        assert row["independent"]

    def test_dependent_rows_are_counted_by_verdict(self):
        found = events({"civilians": 10, "low": 8, "high": 12, "cited": "Counter"})
        rows = tolls({}, {"value": 3}, {"value": 4}, {"claimant": "Rescuers"}, {"attributed_to": "Government"})
        result = compare_tolls(found, rows, AREAS)
        assert result.dependent().to_dict() == {"consistent": 1, "below": 2, "above": 0, "not comparable": 1}
        words = "3 come from a claimant that the events largely rest on; for 1 the citations do not tell."
        assert f"Of the 4 compared, {words}" in result.summary()

    def test_nothing_recorded_says_nothing(self):
        row = judge(events({"civilians": 0, "cited": "Counter"}))
        assert pd.isna(row["share_citing"])
        assert pd.isna(row["independent"])


class TestResult:
    def test_the_order_of_events_and_the_names_of_places_do_not_matter(self):
        rows = [{"civilians": number, "date_start": f"2019-05-{number:02d}"} for number in range(1, 29)]
        one = compare_tolls(events(*rows), tolls({"area": "the north"}), AREAS).totals
        mixed = events(*rows[::-1])
        renamed = replace(mixed, accepted=mixed.accepted.assign(adm1="Elsewhere"))
        other = compare_tolls(renamed, tolls({"area": "the north"}), {"the north": {"adm1": "Elsewhere"}}).totals
        pd.testing.assert_frame_equal(one, other)

    def test_counts_and_words(self):
        result = compare_tolls(TEN, tolls({}, {"value": 3}, {"area": "the moon"}), AREAS)
        assert result.counts().to_dict() == {"consistent": 1, "below": 1, "above": 0, "not comparable": 1}
        text = result.summary()
        assert "consistent 1, below 1, above 0, not comparable 1" in text
        assert all(rule in text for rule in result.rules)
        assert result.to_frame() is result.totals
        assert pickle.loads(pickle.dumps(result)).totals.equals(result.totals)

    def test_bad_arguments(self):
        with pytest.raises(UnknownNameError, match="did you mean 'North'"):
            judge(TEN, areas={"everywhere": {"adm1": "Nort"}})
        empty = tolls({})
        with pytest.raises(InputError, match="no published totals"):
            compare_tolls(TEN, replace(empty, frame=empty.frame.iloc[:0]), AREAS)


class TestEventsThatTellLess:
    """ACLED tells how many died and nothing finer: no range, no civilians, no sources."""

    @pytest.fixture
    def exported(self, tmp_path) -> Events:
        lines = [
            "event_id_cnty,event_date,time_precision,event_type,actor1,actor2,admin1,fatalities,source",
            "SYR1,2019-05-01,1,Battles,Army,Rebels,North,3,SOHR",
            "SYR2,2019-05-20,1,Violence against civilians,Army,Civilians,North,5,SOHR",
            "SYR3,2019-06-20,1,Violence against civilians,Army,Civilians,South,2,SOHR",
        ]
        file = tmp_path / "acled.csv"
        file.write_text("\n".join(lines), encoding="utf-8")
        return read_acled(file)

    def test_a_batch_is_judged_row_by_row(self, exported):
        rows = [
            {},
            {"value": 8},
            {"who": "civilians", "value": 4},
            {"who": "combatants"},
            {"who": "children", "value": 2},
            {"attributed_to": "Government", "value": 9},
            {"area": "the north", "value": 8},
            {"area": "the moon", "who": "civilians"},
            {"period_end": "2019-07-31"},
            {"claimant": "ACLED"},
        ]
        result = compare_tolls(exported, tolls(*rows), {"everywhere": None, "the north": {"adm1": "North"}})
        table = result.totals
        assert table["verdict"].tolist() == [
            *("above", "consistent", "not comparable", "not comparable", "not comparable", "above", "consistent"),
            *("not comparable", "not comparable", "not comparable"),
        ]
        assert table["obstacle"].tolist() == [
            *("", "", "victims", "victims", "subgroup", "", "", "place", "coverage", "same source"),
        ]
        assert table["recorded"].tolist() == [8, 8, pd.NA, pd.NA, 8, 8, 8, pd.NA, pd.NA, 8]
        assert (table["recorded_low"].dropna() == 8).all()
        assert (table["recorded_high"].dropna() == 8).all()
        assert table["reason"].iloc[1] == (
            "8 lies in the recorded 8; events without a range stand with their one figure"
        )
        assert table["reason"].iloc[2] == (
            "the events do not tell these victims apart: no event says how many of the dead were civilians"
        )
        assert table["independent"].isna().sum() == 9
        assert "not comparable 6" in result.summary()

    def test_a_class_is_compared_where_every_event_of_the_window_tells_it(self):
        found = events(
            {"civilians": 4}, {"civilians": 2, "date_start": "2019-05-12"}, {"date_start": "2019-08-01", "civilians": 3}
        )
        mixed = found.accepted.astype({"civilians": "Int64"})
        mixed.loc[1, "civilians"] = pd.NA
        part = replace(found, accepted=mixed)
        assert judge(found, who="civilians", value=6)["verdict"] == "consistent"
        row = judge(part, who="civilians", value=6)
        assert (row["verdict"], row["obstacle"], row["recorded"]) == ("not comparable", "victims", pd.NA)
        assert "1 of the 2 events that touch the window do not say how many of the dead were civilians" in row["reason"]
        later = {"period_start": "2019-08-01", "period_end": "2019-08-31", "published_date": "2019-09-09"}
        row = judge(part, who="civilians", value=3, **later)
        assert (row["verdict"], row["recorded"]) == ("consistent", 3)

    def test_a_class_without_the_others_reaches_to_all_the_dead(self):
        accepted = pd.DataFrame(
            {"deaths_a": [pd.NA], "deaths_b": [pd.NA], "civilians": [2], "unknown": [pd.NA], "low": [1], "best": [6]}
            | {"high": [9]},
            dtype="Int64",
        )
        assert victim_bounds(accepted, "civilians").to_numpy().tolist() == [[2, 2, 6]]
        assert victim_bounds(accepted, "combatants").isna().all(axis=None)

    def test_events_without_a_place_that_do_not_tell_leave_the_number_open(self):
        found = events({"civilians": 4}, {"civilians": 2, "adm1": ""})
        mixed = found.accepted.astype({"civilians": "Int64"})
        mixed.loc[1, "civilians"] = pd.NA
        row = judge(replace(found, accepted=mixed), who="civilians", value=4, area="the north")
        assert (row["verdict"], row["unplaced"]) == ("consistent", pd.NA)


class TestRealData:
    @pytest.fixture(scope="class")
    @classmethod
    def study(cls) -> Study:
        return load_study("idlib-2019")

    @pytest.fixture(scope="class")
    @classmethod
    def result(cls, study: Study) -> TollsResult:
        return compare_tolls(study.sources["ucdp"], study.sources["tolls"], study.area_places())

    def test_every_total_has_a_verdict(self, result):
        assert len(result.totals) == 115
        assert result.counts().to_dict() == {"consistent": 44, "below": 24, "above": 7, "not comparable": 40}
        left_out = result.totals.loc[result.totals["verdict"] == "not comparable", "obstacle"]
        assert left_out.value_counts().to_dict() == {
            "perpetrators": 21,
            "coverage": 16,
            "place": 2,
            "same source": 1,
        }
        assert (result.totals["reason"] != "").all()

    @pytest.mark.parametrize(
        ("row_id", "value", "recorded", "verdict", "independent"),
        [
            ("46", 1089, 1133, "consistent", None),
            ("21", 2520, 2577, "below", False),
            ("3", 781, 927, "not comparable", True),
            ("7", 324, 141, "above", True),
            ("63", 37, 38, "consistent", False),
            ("70", 43, 38, "above", None),
            ("71", 38, 38, "not comparable", False),
        ],
    )
    def test_known_rows(self, result, row_id, value, recorded, verdict, independent):
        row = result.totals.set_index("row_id").loc[row_id]
        assert (row["value"], row["recorded"], row["verdict"]) == (value, recorded, verdict)
        assert row["independent"] is pd.NA if independent is None else row["independent"] == independent

    def test_lower_bounds_and_dependence(self, result):
        compared = result.totals[result.totals["verdict"] != "not comparable"]
        consistent = compared[compared["verdict"] == "consistent"]
        assert consistent["reading"].value_counts().to_dict() == {
            "at least": 21,
            "about": 11,
            "exact": 7,
            "more than": 5,
        }
        assert result.dependent().to_dict() == {"consistent": 21, "below": 20, "above": 2, "not comparable": 7}
        assert (compared["independent"].isna().sum(), compared["single_place"].sum()) == (23, 15)
        measured = result.totals.loc[result.totals["share_citing"].notna(), "claimant"]
        assert set(measured) == {"SNHR", "SOHR"}

    def test_the_limit_to_perpetrators_is_stated(self, result):
        row = result.totals.set_index("row_id").loc["3"]
        assert "at least 781 beside 927 recorded civilians (874 to 1,094)" in row["reason"]
        assert "Syrian government forces and Russian forces" in row["reason"]

    def test_the_market_of_maarat_al_numan(self, result):
        rows = result.totals[result.totals["area"].str.startswith("Ma'arrat")]
        assert len(rows) == 16
        assert set(zip(rows["recorded_low"], rows["recorded"], rows["recorded_high"], strict=True)) == {(25, 38, 42)}
        assert rows["verdict"].value_counts().to_dict() == {
            "consistent": 11,
            "below": 2,
            "above": 2,
            "not comparable": 1,
        }
