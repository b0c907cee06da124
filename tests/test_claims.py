"""The eighteen claims of the bundled report, each answer as a fact.

Every figure is counted again here from the tables that ship, by pandas alone. Counts of people and days are compared
exactly; the chance of claim 7 to 0.005, since it comes from a model.
"""

import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import casualties as ca
from casualties.claims.result import ClaimsResult
from casualties.figures.claims import drawn_checks
from casualties.study import Study

NORTH_WEST = ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]
TOWN = "Maarat al-Numaan town"


@pytest.fixture(scope="module")
def result(study: Study) -> ClaimsResult:
    return ca.check_claims(study)


@pytest.fixture(scope="module")
def ged() -> pd.DataFrame:
    table = pd.read_csv(ca.bundled() / "ged_syria.csv", parse_dates=["date_start", "date_end"])
    low, high = table[["low", "best"]].min(axis=1), table[["high", "best"]].max(axis=1)
    return table.assign(low=low, high=high)


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(ca.bundled() / "published_tolls.csv", keep_default_na=False, dtype=str)


def answers(result: ClaimsResult) -> pd.DataFrame:
    return result.answers.set_index("claim_id")


def check(result: ClaimsResult, claim: int, source: str = "UCDP GED", place: str | None = None) -> pd.Series:
    rows = result.checks[(result.checks["claim_id"] == str(claim)) & (result.checks["source"] == source)]
    if place is not None:
        rows = rows[rows["place"] == place]
    assert len(rows) == 1
    return rows.iloc[0]


def inside(table: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    return table[(table["date_start"] >= start) & (table["date_end"] <= end)]


def touching(table: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    return table[(table["date_start"] <= end) & (table["date_end"] >= start)]


def of_government(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["side_a"] == "Government of Syria") | (table["side_b"] == "Government of Syria")]


class TestAnswers:
    @pytest.mark.parametrize(
        ("claim", "verdict"),
        [
            *((claim, "supported") for claim in (3, 4, 8, 9)),
            *((claim, "contradicted") for claim in (1, 2, 7, 10, 13)),
            *((claim, "undecided") for claim in (5, 6, 11)),
            *((claim, "not testable") for claim in (12, 14, 15, 16, 17, 18)),
        ],
    )
    def test_each_claim(self, result, claim, verdict):
        assert answers(result).loc[str(claim), "verdict"] == verdict

    def test_all_are_answered_in_order(self, result):
        assert result.answers["claim_id"].tolist() == [str(number) for number in range(1, 19)]
        assert list(result.checks["claim_id"].unique()) == result.answers["claim_id"].tolist()

    def test_counts(self, result):
        assert result.counts().to_dict() == {"supported": 4, "contradicted": 5, "undecided": 3, "not testable": 6}


class TestPublished:
    """Claims 1, 2, 3 and 13: published totals of the strike."""

    @pytest.mark.parametrize("claim", [1, 2])
    def test_the_market_strike(self, result, published, claim):
        rows = result.checks[(result.checks["claim_id"] == str(claim)) & (result.checks["kind"] == "published total")]
        strike = published[(published["period_start"] == "2019-07-22") & (published["period_end"] == "2019-07-22")]
        strike = strike[strike["area"].str.contains("Nu'man") & (strike["claimant"] != "UCDP GED")]
        assert set(rows["source"]) == set(strike["claimant"])
        assert (rows["verdict"] == "contradicted").sum() == 9
        # Only the rescue workers' "at least 23" leaves 27 open.
        assert rows.loc[rows["verdict"] != "contradicted", "source"].tolist() == ["rescue workers"]

    def test_the_claimants_own_last_figure_is_another(self, result, published):
        own = published[(published["claimant"] == "SOHR") & (published["kind"] == "incident_2019-07-22")]
        row = check(result, 1, "SOHR")
        assert own["value"].tolist() == ["19", "23", "37", "38"]
        assert (row["figure"], row["verdict"], row["independent"]) == (38, "contradicted", False)
        assert check(result, 2, "SOHR")["independent"] is pd.NA

    def test_the_events_leave_it_open(self, result, ged):
        event = ged[(ged["where_coordinates"] == TOWN) & (ged["date_start"] == "2019-07-22")]
        row = check(result, 1)
        assert event[["low", "best", "high"]].to_numpy().tolist() == [[25, 38, 42]]
        assert (row["low"], row["figure"], row["high"], row["verdict"]) == (25, 38, 42, "undecided")
        assert not row["independent"]

    @pytest.mark.parametrize("claim", [1, 2, 13])
    def test_as_a_count_so_far_it_is_supported(self, result, claim):
        assert "so far = at least: supported" in answers(result).loc[str(claim), "turns_on"]

    def test_wounded(self, result, published):
        rows = result.checks[result.checks["claim_id"] == "3"].set_index("source")
        strike = published[published["area"].str.contains("Nu'man") & (published["injured"] != "")]
        assert set(rows.index) == set(strike["claimant"])
        most = strike.assign(injured=strike["injured"].astype(int)).groupby("claimant")["injured"].max()
        assert rows["figure"].astype(int).to_dict() == most.to_dict()
        assert (rows["verdict"] == "supported").all()

    def test_children(self, result, published):
        rows = result.checks[result.checks["claim_id"] == "13"].set_index("source")
        strike = published[published["area"].str.contains("Nu'man") & (published["children"] != "")]
        assert rows["figure"].astype(int).to_dict() == strike.set_index("claimant")["children"].astype(int).to_dict()
        assert sorted(rows["figure"]) == [3, 4, 5]
        assert (rows["verdict"] == "contradicted").all()


class TestEvents:
    """Claims 4 to 10: the events."""

    def test_the_day_in_the_north_west(self, result, ged):
        area = of_government(ged[ged["adm_1"].isin(NORTH_WEST)])
        day = ("2019-07-22", "2019-07-22")
        row = check(result, 4)
        assert row["figure"] == inside(area, *day)["best"].sum() == 70
        assert row["low"] == inside(area, *day)["low"].sum() == 57
        assert row["high"] == touching(area, *day)["high"].sum() == 75
        assert row["verdict"] == "supported"
        assert "who killed is not tested" in row["left_open"]
        assert check(result, 4, "SOHR")["figure"] == 69

    def test_no_record_at_the_village(self, result, ged):
        assert inside(ged[ged["where_coordinates"] == "Jurin town"], "2019-07-19", "2019-07-25").empty
        row = check(result, 5)
        assert (row["figure"], row["verdict"]) == (0, "undecided")
        assert row["found"] == "no record of these days at Jourin (10 events there in the whole source)"

    def test_the_candidate(self, result, ged):
        found = result.candidates.set_index("claim_id")
        assert found["event"].to_dict() == {"5": "303401"}
        event = ged.set_index("id").loc[303401]
        village = ged[ged["where_coordinates"] == "Jurin town"].iloc[0]
        assert event[["where_coordinates", "deaths_civilians"]].tolist() == ["Shathah town", 6]
        assert event["adm_2"] == village["adm_2"] == found.loc["5", "district"]
        # Flat-earth kilometres are near enough over so short a way.
        north = 111.2 * (event["latitude"] - village["latitude"])
        east = 111.2 * math.cos(math.radians(35.56)) * (event["longitude"] - village["longitude"])
        assert found.loc["5", "km"] == pytest.approx(math.hypot(north, east), abs=0.05)

    @pytest.mark.parametrize(
        ("place", "areas", "days", "verdict"),
        [
            ("Idlib Governorate", NORTH_WEST[:1], 77, "undecided"),
            ("north-west Syria", NORTH_WEST, 91, "supported"),
        ],
    )
    def test_almost_every_day_turns_on_the_boundary(self, result, ged, place, areas, days, verdict):
        single = ged[(ged["date_start"] == ged["date_end"]) & ged["adm_1"].isin(areas)]
        assert single.loc[single["date_start"].between("2019-04-22", "2019-07-22"), "date_start"].nunique() == days
        row = check(result, 6, place=place)
        assert (round(row["figure"] * 92), row["verdict"], row["high"]) == (days, verdict, 1)
        assert answers(result).loc["6", "turns_on"].startswith("the boundary")

    @pytest.mark.parametrize(("start", "idlib", "all_four", "days"), [("04-26", 73, 87, 88), ("04-30", 72, 83, 84)])
    def test_almost_every_day_from_other_days(self, result, ged, start, idlib, all_four, days):
        tried = result.variants[result.variants["start"].eq(f"2019-{start}") & (result.variants["claim_id"] == "6")]
        assert (tried.set_index("place")["figure"] * days).round().to_dict() == {
            "Idlib Governorate": idlib,
            "north-west Syria": all_four,
        }
        assert tried["verdict"].tolist() == ["undecided", "supported"]

    def test_a_day_without_a_record_contradicts_nothing(self, result):
        rows = pd.concat([result.checks, result.variants])
        assert "contradicted" not in set(rows.loc[rows["claim_id"] == "6", "verdict"])

    def test_the_sharp_rise(self, result):
        row = check(result, 7)
        assert row["figure"] == pytest.approx(0.055, abs=0.005)
        # The convention is a chance that an alarm may have; also for the day's high count it is larger.
        assert row["value"] == 0.01 < row["low"] < 0.05 < row["figure"] < row["high"] < 0.1
        assert row["verdict"] == "contradicted"
        assert row["found"].startswith("71 recorded deaths (58 to 76)")
        tried = result.variants[result.variants["claim_id"] == "7"].set_index("value")["verdict"]
        assert tried.to_dict() == {0.1: "supported", 0.05: "undecided"}
        assert answers(result).loc["7", "turns_on"] == (
            "sharp rise = a chance of at most 0.05: undecided; sharp rise = a chance of at most 0.1: supported"
        )

    def test_more_than_two_thousand(self, result, ged):
        area = ged[ged["adm_1"].isin(NORTH_WEST)]
        days = ("2019-04-30", "2019-07-22")
        row = check(result, 8)
        assert row["figure"] == inside(area, *days)["best"].sum() == 2714
        assert (row["low"], row["high"]) == (inside(area, *days)["low"].sum(), touching(area, *days)["high"].sum())
        assert row["low"] > 2000
        nowhere = touching(ged[ged["adm_1"].isna()], *days)["high"].sum()
        assert row["left_open"] == f"{nowhere} deaths recorded of these days without a place may belong here"
        assert check(result, 8, "SOHR")["figure"] == 2636
        assert answers(result).loc["8", "turns_on"] == ""

    def test_civilians_on_the_sunday(self, result, ged):
        day = of_government(inside(ged[ged["adm_1"] == "Idlib Governorate"], "2019-07-21", "2019-07-21"))
        row = check(result, 9)
        assert row["figure"] == day["deaths_civilians"].sum() == 20
        # The events with civilians alone have a range of their own.
        civilian = day[day["deaths_civilians"] == day["best"]]
        assert (row["low"], row["high"]) == (civilian["low"].sum(), civilian["high"].sum()) == (14, 30)
        assert answers(result).loc["9", "independence"] == "the claimant itself"

    def test_the_governments_dead_a_day(self, result, ged):
        area = ged[ged["adm_1"].isin(NORTH_WEST) & (ged["side_a"] == "Government of Syria")]
        dead = inside(area, "2019-07-01", "2019-07-21")["deaths_a"].sum()
        row = check(result, 10)
        assert dead == 206
        assert row["figure"] == pytest.approx(206 / 21)
        assert (row["high"], row["verdict"]) == (pytest.approx(208 / 21), "contradicted")
        # More than 12 a day on 21 days are more than 252.
        assert "would have to miss 44 deaths, 17% of those claimed" in row["reason"]

    def test_other_weeks_leave_it_open(self, result):
        tried = result.variants[result.variants["claim_id"] == "10"]
        assert tried["start"].dt.strftime("%m-%d").tolist() == ["06-24", "07-08"]
        assert tried["verdict"].tolist() == ["undecided", "undecided"]


class TestUntestable:
    def test_the_volunteers_stand_beside_other_counts_only(self, result):
        row = check(result, 11, "other published counts")
        assert (row["low"], row["high"], row["verdict"]) == (262, 281, "undecided")
        assert set(result.checks.loc[result.checks["claim_id"] == "11", "kind"]) == {"other counts"}
        assert "UCDP GED" in set(result.silent.loc[result.silent["claim_id"] == "11", "source"])

    @pytest.mark.parametrize(
        ("claim", "reason"),
        [
            (12, "no count tells who did it"),
            (14, "the wounded are not counted"),
            (15, "the wounded are not counted"),
            (16, "the displaced are not counted"),
            (17, "does not tell volunteers of the Syrian Civil Defence apart"),
            (18, "no count tells who did it"),
        ],
    )
    def test_the_reason_is_given(self, result, claim, reason):
        row = answers(result).loc[str(claim)]
        assert row["verdict"] == "not testable"
        assert reason in row["reason"]
        assert check(result, claim, "")["verdict"] == "not testable"


class TestInside:
    def test_what_does_not_fit(self, result):
        found = result.inconsistencies.set_index("kind")
        assert found.loc["relation", ["claim_a", "claim_b"]].tolist() == ["1", "2"]
        assert found.loc["relation", "words"] == "claim 2 is said to be higher than claim 1: 27 and 27"
        assert found.loc["denied and asserted", ["claim_a", "claim_b"]].tolist() == ["12", "18"]
        assert len(found) == 2


class TestResult:
    def test_readings_are_named(self, result):
        read = result.readings.set_index("words")["reading"]
        assert read["dozen"] == "12"
        assert read["late April"] == "from 2019-04-30"
        assert read["sharp rise"] == "a chance of at most 0.01"
        assert check(result, 10)["readings"] == "dozen = 12; recent weeks = from 2019-07-01"

    def test_a_reading_can_be_changed(self, study):
        other = ca.check_claims(study, readings={"dozen": 9, "late April": "2019-07-01"})
        assert answers(other).loc["10", "verdict"] == "supported"
        assert answers(other).loc["8", "verdict"] == "contradicted"

    def test_a_sharp_rise_is_what_the_reader_says(self, study):
        other = ca.check_claims(study, readings={"sharp rise": 0.1})
        assert answers(other).loc["7", "verdict"] == "supported"
        # What was read before is tried beside the other readings, and none is tried against itself.
        tried = other.variants[other.variants["claim_id"] == "7"]
        assert sorted(tried["value"]) == [0.01, 0.05]
        words = other.readings.set_index("words").loc["sharp rise"]
        assert words["also"] == "a chance of at most 0.01, a chance of at most 0.05"
        same = ca.check_claims(study, readings={"sharp rise": 0.05})
        assert sorted(same.variants.loc[same.variants["claim_id"] == "7", "value"]) == [0.01, 0.1]

    def test_what_a_record_may_miss_can_be_changed(self, study):
        other = ca.check_claims(study, readings={"deaths that a record misses": 0.2})
        assert answers(other).loc["10", "verdict"] == "undecided"

    def test_dependence_is_said(self, result):
        assert "the claimant supports itself" in check(result, 9)["dependence"]
        assert "rests on SOHR, and so may the claim" in check(result, 8)["dependence"]

    def test_the_note_is_nowhere(self, result):
        notes = pd.read_csv(ca.bundled() / "claims.csv")["note"].dropna()
        printed = result.summary() + result.to_frame().to_csv() + result._repr_html_()
        assert not [note for note in notes if note in printed]

    def test_summary_names_every_answer_the_candidate_and_the_rules(self, result):
        text = result.summary()
        assert text.startswith("18 claims checked\n")
        assert "Answers:  supported 4, contradicted 5, undecided 3, not testable 6" in text
        assert "Candidate for claim 5: UCDP GED event 303401, Shathah town, 13 km from it, in the same district" in text
        assert "Rule:     > is supported where low is above the value" in text

    def test_twice_the_same(self, study, result):
        pd.testing.assert_frame_equal(ca.check_claims(study).to_frame(), result.to_frame())

    def test_of_a_replay(self, study, ged):
        replay = ca.check_claims(study.replay("2019-07-22"))
        area = ged[ged["adm_1"].isin(NORTH_WEST)]
        assert len(replay.answers) == 18
        assert 2000 < check(replay, 8)["figure"] < inside(area, "2019-04-30", "2019-07-22")["best"].sum()
        # The count of January 2020 is not known yet.
        assert math.isinf(check(replay, 11, "other published counts")["high"])

    def test_tables(self, result):
        made = result.table()
        assert len(made) == 18
        assert len(ca.tables.claim_checks_table(result)) == len(result.checks)
        assert len(ca.tables.inconsistencies_table(result)) == 2
        assert ca.tables.candidates_table(result).iloc[0]["Recorded"] == "6 (6–6)"
        assert len(ca.tables.claim_rules_table()) == 8
        assert ca.tables.claim_readings_table(result).loc["dozen", "Read as"] == "12"

    def test_the_fact_check_has_one_row_a_claim(self, result):
        made = ca.tables.fact_check_table(result)
        assert made.index.tolist() == result.answers["claim_id"].tolist()
        assert made["Answer"].tolist() == result.answers["verdict"].tolist()
        assert made.loc["8", "What sources hold"] == (
            "Supported by UCDP GED, 2,714 recorded deaths (2,665 to 2,866); SOHR, 2,636. "
            "Independence: apart, by the citations"
        )
        assert made.loc["4", "What sources hold"].startswith(
            "Supported by UCDP GED, 70 recorded deaths (57 to 75); SOHR, 69 (62 to 76)"
        )
        # What leaves a claim open stands beside what decides it.
        assert "UOSSM, at least 37" in made.loc["1", "What sources hold"].partition("Left open by")[0]
        assert "38 recorded deaths (25 to 42)" in made.loc["1", "What sources hold"].partition("Left open by")[2]
        assert made.loc["6", "Claim, place and days"] == (
            "AP: air strikes and bombardment almost every day for three months "
            "(Idlib Governorate or north-west Syria, 22 Apr – 22 Jul 2019)"
        )
        assert made.loc["6", "What sources hold"].startswith("Idlib Governorate: Left open by UCDP GED, 77 of 92 days")
        assert made.loc["7", "Words read as"].startswith("sharp rise = a chance of at most 0.01. Turns on: sharp rise")
        assert made.loc["12", ["What sources hold", "Words read as"]].tolist() == ["–", "–"]
        assert made.loc["5", "Claim, place and days"].startswith("SANA (state news agency): shelling")

    def test_what_cannot_be_tested_has_its_reasons(self, result):
        made = ca.tables.untestable_claims_table(result)["Why it cannot be tested"]
        assert made.index.tolist() == ["12", "14", "15", "16", "17", "18"]
        assert made["12"] == "no count tells who did it"
        assert made["16"] == "UCDP GED, SOHR daily totals, Published totals: the displaced are not counted"

    def test_what_is_drawn(self, result):
        drawn = drawn_checks(result)
        assert {"5", "7", "12"}.isdisjoint(drawn["claim_id"])
        assert (drawn["low"] > 0).all()
        ax = result.plot()
        assert len(ax.get_yticks()) == len(drawn)
        plt.close(ax.figure)

    def test_figure(self, result):
        ax = result.plot()
        assert ax.get_xscale() == "log"
        labels = [label.get_text() for label in ax.get_yticklabels()]
        assert "10  killed per day (soldiers and allied militia), more than 12: UCDP GED, north-west Syria" in labels
        assert not [label for label in labels if label.startswith(("5 ", "7 ", "12 "))]
        plt.close(ax.figure)
