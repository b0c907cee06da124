"""When a range decides a claim, what does not fit inside a report, and how a total becomes a range."""

import math

import pandas as pd
import pytest

import casualties as ca
from casualties.claims.inconsistencies import find_inconsistencies
from casualties.claims.rules import RULES, VERDICTS, judge
from casualties.claims.statements import statements_of
from casualties.claims.terms import terms_of
from casualties.claims.unusual import how_unusual
from casualties.errors import InputError, UnknownNameError
from casualties.events import Events
from casualties.feeds.feed import Feed
from casualties.provenance import SourceRecord
from casualties.series import DailySeries
from casualties.sources.claims import ClaimsTable
from casualties.tolls import TOLL_COLUMNS, Tolls

INF = math.inf
BASE = {
    "measure": "killed",
    "operator": "=",
    "value": "10",
    "place": "Idlib",
    "period_start": "2019-05-01",
    "period_end": "2019-05-31",
}


class TestJudge:
    @pytest.mark.parametrize(
        ("operator", "value", "low", "high", "verdict"),
        [
            ("=", 27, 27, 27, "supported"),
            ("=", 27, 25, 42, "undecided"),
            ("=", 27, 28, 42, "contradicted"),
            ("=", 27, 20, 26, "contradicted"),
            ("=", 27, 23, INF, "undecided"),
            ("=", 27, 28, INF, "contradicted"),
            (">", 30, 31, 40, "supported"),
            (">", 30, 30, 40, "undecided"),
            (">", 30, 20, 30, "contradicted"),
            (">", 30, 20, INF, "undecided"),
            (">=", 30, 30, 40, "supported"),
            (">=", 30, 29, 30, "undecided"),
            (">=", 30, 20, 29, "contradicted"),
            ("<", 30, 20, 29, "supported"),
            ("<", 30, 20, 30, "undecided"),
            ("<", 30, 30, 40, "contradicted"),
            ("<", 30, 30, INF, "contradicted"),
            ("<=", 30, 20, 30, "supported"),
            ("<=", 30, 30, 31, "undecided"),
            ("<=", 30, 31, 40, "contradicted"),
            ("is unusual", 0.1, 0.02, 0.1, "supported"),
            ("is unusual", 0.1, 0.02, 0.2, "undecided"),
            ("is unusual", 0.1, 0.2, 0.3, "contradicted"),
            ("denied", math.nan, 0, 0, "not testable"),
            ("asserted", math.nan, 0, 0, "not testable"),
        ],
    )
    def test_by_the_range(self, operator, value, low, high, verdict):
        assert judge(operator, value, low, high) == verdict

    @pytest.mark.parametrize(
        ("operator", "value", "low", "high", "without", "with_allowance"),
        [
            (">", 12, 10, 11, "contradicted", "undecided"),
            (">", 12, 9, 10, "contradicted", "contradicted"),
            ("=", 12, 10, 11, "contradicted", "undecided"),
            ("<", 12, 10, 11, "supported", "undecided"),
            ("<", 13, 10, 11, "supported", "supported"),
            (">", 9, 10, 11, "supported", "supported"),
            ("=", 11, 11, 11, "supported", "supported"),
        ],
    )
    def test_a_record_may_miss_some(self, operator, value, low, high, without, with_allowance):
        assert judge(operator, value, low, high, record=True) == without
        assert judge(operator, value, low, high, record=True, missed=0.1) == with_allowance

    def test_deaths_without_a_place_may_belong_here(self):
        assert judge(">", 12, 10, 11, record=True, unplaced=1) == "contradicted"
        assert judge(">", 12, 10, 11, record=True, unplaced=2) == "undecided"
        assert judge("<", 12, 10, 11, record=True, unplaced=2) == "undecided"
        assert judge("=", 11, 11, 11, record=True, unplaced=2) == "supported"

    @pytest.mark.parametrize("operator", ["=", ">", ">=", "<", "<="])
    def test_absence_decides_nothing(self, operator):
        assert judge(operator, 5, 0, 0, record=True, empty=True) == "undecided"
        assert judge(operator, 0, 0, 0, record=True, empty=True) == "undecided"

    def test_every_rule_is_told(self):
        assert all(rule.supported and rule.contradicted for rule in RULES.values())
        assert len(VERDICTS) == 4

    def test_hostile(self):
        with pytest.raises(UnknownNameError, match=r"operator='=>' is not known"):
            judge("=>", 1, 1, 1)
        with pytest.raises(InputError, match=r"column 'missed', value '1.0'"):
            judge("=", 1, 1, 1, missed=1.0)


def claims(study, *rows: dict[str, str]):
    frame = pd.DataFrame([{**BASE, "claim_id": str(number), **row} for number, row in enumerate(rows, start=1)])
    return statements_of(ClaimsTable(frame.fillna(""), "claims.csv"), terms_of(study))


class TestInconsistencies:
    @pytest.mark.parametrize(
        ("first", "second", "kinds"),
        [
            ({}, {"relation": "higher than 1"}, ["relation"]),
            ({}, {"relation": "same as 1"}, []),
            ({}, {"relation": "different from 1"}, ["relation"]),
            ({}, {"relation": "lower than 1", "value": "9", "victims": "civilians"}, []),
            ({"operator": ">"}, {"relation": "lower than 1", "value": "30", "operator": ">", "place": "Syria"}, []),
            ({"operator": ">="}, {"relation": "higher than 1", "operator": "<="}, ["relation"]),
            ({}, {"value": "11"}, ["numbers"]),
            ({}, {"value": "10", "operator": ">"}, ["numbers"]),
            ({}, {"value": "10", "operator": ">="}, []),
            ({"operator": "<"}, {"operator": ">"}, ["numbers"]),
            # A part of the dead, or of the days, cannot exceed the whole; the whole may exceed the part.
            ({}, {"value": "11", "victims": "civilians"}, ["numbers"]),
            ({"victims": "civilians"}, {"value": "11"}, []),
            ({}, {"value": "11", "period_end": "2019-05-20"}, ["numbers"]),
            ({}, {"value": "11", "period_end": "2019-06-20"}, []),
            ({}, {"value": "11", "perpetrator": "insurgents"}, ["numbers"]),
            # Another place, another measure, another unit: nothing to compare.
            ({}, {"value": "11", "place": "Syria"}, []),
            ({}, {"value": "11", "measure": "injured"}, []),
        ],
    )
    def test_numbers_and_relations(self, study, first, second, kinds):
        assert find_inconsistencies(claims(study, first, second))["kind"].tolist() == kinds

    @pytest.mark.parametrize(
        ("change", "kinds"),
        [
            ({}, ["denied and asserted"]),
            ({"operator": "denied"}, []),
            ({"perpetrator": "insurgents"}, []),
            ({"place": "Syria"}, []),
            ({"period_start": "2019-06-01", "period_end": "2019-06-01"}, []),
        ],
    )
    def test_denied_and_asserted(self, study, change, kinds):
        one = {"measure": "attribution", "operator": "denied", "perpetrator": "Russia", "value": ""}
        found = find_inconsistencies(claims(study, one, {**one, "operator": "asserted", **change}))
        assert found["kind"].tolist() == kinds

    def test_means_are_no_parts_of_each_other(self, study):
        whole = {"measure": "killed per day", "operator": "mean ="}
        found = find_inconsistencies(claims(study, whole, {**whole, "value": "30", "period_end": "2019-05-02"}))
        assert found.empty


class TestUnusual:
    def test_fewer_deaths_are_less_unusual(self):
        series = DailySeries.from_counts([2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 9 + [9], "2019-01-01")
        found = how_unusual(series, 4, 12)
        assert found.low < found.chance < 0.01 < found.high
        assert "0 of the 90 days before had as many" in found.words

    def test_too_few_days(self):
        found = how_unusual(DailySeries.from_counts([1] * 9, "2019-01-01"), 1, 1)
        assert math.isnan(found.chance)
        assert found.words.startswith("not estimable")


def small(study, tmp_path, claim: dict[str, str], **sources: object) -> pd.DataFrame:
    """Check one claim against other sources; the study lends its words and places."""
    file = tmp_path / "claims.csv"
    pd.DataFrame([{**BASE, "claim_id": "1", "place": "syria", **claim}]).to_csv(file, index=False)
    made = ca.load_study(study.folder)
    made.__dict__["sources"] = sources
    return ca.check_claims(made, file).checks


class TestFeed:
    @pytest.fixture
    def feed(self) -> Feed:
        days = pd.date_range("2019-05-01", "2019-05-31").delete(9)
        frame = pd.DataFrame({"date": days, "killed": 2, "report_date": days, "flags": ""})
        frame["killed"] = frame["killed"].astype("Int64")
        record = SourceRecord(name="Daily list", coverage_start="2019-05-01", coverage_end="2019-05-31")
        return Feed(frame, pd.DataFrame(columns=["row", "column", "value", "reason", "id", "best"]), record)

    @pytest.mark.parametrize(
        ("claim", "verdict"),
        [
            ({"operator": ">", "value": "50"}, "supported"),
            ({"operator": "=", "value": "59"}, "contradicted"),
            # A day is not reported: sixty is the least.
            ({"operator": "<", "value": "90"}, "undecided"),
            ({"operator": ">", "value": "90"}, "undecided"),
            ({"measure": "killed per day", "operator": "mean >", "value": "1.5"}, "supported"),
        ],
    )
    def test_days_added_up(self, study, tmp_path, feed, claim, verdict):
        row = small(study, tmp_path, claim, daily=feed).iloc[0]
        assert (row["source"], row["verdict"]) == ("Daily list", verdict)
        assert math.isinf(row["high"])
        assert row["found"] == "60 deaths on 30 of 31 days reported"

    @pytest.mark.parametrize(
        ("claim", "reason"),
        [
            ({"place": "Idlib"}, "it counts its whole area only"),
            ({"victims": "civilians"}, "it does not tell civilians apart"),
            ({"period_end": "2019-06-01"}, "it covers 2019-05-01 to 2019-05-31 only"),
            (
                {"measure": "days with an event", "operator": "share >", "value": "0.5"},
                "days with an event is not told",
            ),
        ],
    )
    def test_what_it_cannot_bear(self, study, tmp_path, feed, claim, reason):
        row = small(study, tmp_path, claim, daily=feed).iloc[0]
        assert row["verdict"] == "not testable"
        assert reason in row["reason"]


class TestTotals:
    @staticmethod
    def tolls(*rows: dict[str, object]) -> Tolls:
        base = dict.fromkeys(TOLL_COLUMNS, "") | {
            "claimant": "Counter",
            "published_date": "2019-06-01",
            "period_start": "2019-05-01",
            "period_end": "2019-05-31",
            "area": "Syria",
            "who": "all",
            "value": 20,
        }
        frame = pd.DataFrame([{**base, "row_id": str(number), **row} for number, row in enumerate(rows)])
        for name in ("published_date", "period_start", "period_end"):
            frame[name] = pd.to_datetime(frame[name])
        for name in ("value", "children", "women", "men", "injured"):
            frame[name] = pd.to_numeric(frame[name]).astype("Int64")
        return Tolls(frame, pd.DataFrame(), SourceRecord(name="Published totals"))

    @pytest.mark.parametrize(
        ("rows", "low", "high"),
        [
            (({},), 20, 20),
            (({"qualifier": "about"},), 18, 22),
            (({"qualifier": "at least"},), 20, INF),
            (({"qualifier": "more than"},), 21, INF),
            (({"qualifier": "at most"},), 0, 20),
            # Another part of the dead or of the days bounds from below, where it decides.
            (({"who": "civilians"},), 20, INF),
            (({"period_end": "2019-05-20"},), 20, INF),
            # The last exact figure stands, and the highest of several bounds.
            (({"value": 15}, {"value": 25}), 25, 25),
            (({"value": 25, "published_date": "2019-06-02"}, {"value": 15}), 25, 25),
            (({"value": 25, "qualifier": "at least"}, {"value": 15, "qualifier": "at least"}), 25, INF),
        ],
    )
    def test_a_total_as_a_range(self, study, tmp_path, rows, low, high):
        row = small(study, tmp_path, {"operator": ">", "value": "14"}, tolls=self.tolls(*rows)).iloc[0]
        assert (row["low"], row["high"]) == pytest.approx((low, high))

    def test_one_row_a_claimant(self, study, tmp_path):
        rows = small(study, tmp_path, {}, tolls=self.tolls({}, {"claimant": "Other"}))
        assert rows["source"].tolist() == ["Counter", "Other"]
        assert rows["verdict"].tolist() == ["contradicted", "contradicted"]

    def test_a_part_that_decides_nothing_bears_nothing(self, study, tmp_path):
        rows = small(study, tmp_path, {"operator": ">", "value": "90"}, tolls=self.tolls({"who": "civilians"}))
        assert rows["verdict"].tolist() == ["not testable"]

    @pytest.mark.parametrize(
        "row",
        [
            {"area": "Idlib governorate"},
            {"period_start": "2019-04-30"},
            {"period_end": "2019-06-01"},
            {"value": None},
            {"qualifier": "roughly"},
        ],
    )
    def test_another_scope_bears_nothing(self, study, tmp_path, row):
        assert small(study, tmp_path, {}, tolls=self.tolls(row))["verdict"].tolist() == ["not testable"]

    def test_sources_that_differ_leave_it_undecided(self, study, tmp_path):
        file = tmp_path / "claims.csv"
        pd.DataFrame([{**BASE, "claim_id": "1", "place": "syria"}]).to_csv(file, index=False)
        made = ca.load_study(study.folder)
        made.__dict__["sources"] = {"tolls": self.tolls({"value": 10}, {"claimant": "Other"})}
        answer = ca.check_claims(made, file).answers.iloc[0]
        assert answer["verdict"] == "undecided"
        assert answer["reason"] == "sources differ: Counter: supported (10 killed); Other: contradicted (20 killed)"


class TestEvents:
    def test_parts_of_the_dead_and_the_untold(self, study, tmp_path):
        frame = pd.DataFrame(
            {
                "id": ["1", "2"],
                "date_start": pd.to_datetime(["2019-05-03", "2019-05-04"]),
                "date_end": pd.to_datetime(["2019-05-03", "2019-05-04"]),
                "side_a": "",
                "side_b": "",
                "adm1": "North",
                "adm2": "",
                "place": "",
                "cited": "",
                **{name: pd.array([pd.NA, pd.NA], dtype="Int64") for name in ("deaths_a", "deaths_b", "unknown")},
                "civilians": pd.array([4, pd.NA], dtype="Int64"),
                "women": pd.array([1, 2], dtype="Int64"),
                **{name: pd.array([4, 3], dtype="Int64") for name in ("low", "best", "high")},
            }
        )
        record = SourceRecord(name="List", coverage_start="2019-01-01", coverage_end="2019-12-31")
        events = Events(frame, pd.DataFrame(), record, parts=("women",))
        women = small(study, tmp_path, {"victims": "women", "value": "3"}, events=events).iloc[0]
        assert (women["figure"], women["verdict"]) == (3, "supported")
        untold = small(study, tmp_path, {"victims": "civilians"}, events=events).iloc[0]
        assert "1 of the 2 events that touch the window do not say" in untold["reason"]
        apart = small(study, tmp_path, {"victims": "soldiers and allied militia"}, events=events).iloc[0]
        assert apart["verdict"] == "not testable"
        late = small(study, tmp_path, {"period_end": "2020-01-01"}, events=events).iloc[0]
        assert "it covers 2019-01-01 to 2019-12-31 only" in late["reason"]
