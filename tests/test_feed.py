"""A daily feed keeps the days that were reported, settles two reports for one day by rule, and loses no count.

Counts and sums are compared exactly. The two correlations are compared to the two digits with which they were
published beside the data.
"""

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.feeds import SUPERSEDED, Feed
from casualties.series import daily_series
from casualties.sources.feed import read_feed

MAPPING = {
    "report_date": "printed",
    "date": "day",
    "check_date": "events_day",
    "killed": "dead",
    "counts": ["soldiers", "others"],
    "unknown_dates": ["1753-01-01"],
}
HEADER = "printed,day,events_day,dead,soldiers,others"
OFFENSIVE = {"start": "2019-04-30", "end": "2019-08-31"}


def write(tmp_path, *rows, header=HEADER):
    file = tmp_path / "daily.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def read(tmp_path, *rows, **changes):
    return read_feed(write(tmp_path, *rows), {**MAPPING, **changes})


def row(day, dead, fits="", soldiers="", others="", printed=None):
    """Give a row that was printed the day after; `fits` is the day of the events that cite it."""
    printed = printed or str((pd.Timestamp(day) + pd.Timedelta(days=1)).date())
    return f"{printed},{day},{fits},{dead},{soldiers},{others}"


@pytest.fixture(scope="module")
def sohr(study):
    return study.sources["sohr"]


class TestObservatory:
    def test_629_days_and_30_reports_in_the_ledger(self, sohr):
        assert len(sohr.frame) == 629
        assert sohr.frame["date"].is_unique
        assert sohr.frame["date"].is_monotonic_increasing
        assert len(sohr.rejected) == 30
        assert sohr.faults.empty

    def test_flags(self, sohr):
        counts = sohr.frame["flags"].str.split(";").explode().value_counts()
        # 29 dates carry two reports; one report of 1753 has a day that another report has too.
        assert counts.drop("").to_dict() == {"two-reports": 30, "parts>total": 2, "date-from-events": 1}

    def test_no_report_is_lost(self, sohr, study):
        raw = pd.read_csv(study.folder / "sohr_daily_totals.csv")
        assert len(raw) == len(sohr.frame) + len(sohr.rejected)
        assert raw["total_killed"].sum() == sohr.frame["killed"].sum() + sohr.rejected["best"].sum()

    def test_reports_of_1753_take_the_day_of_their_events(self, sohr):
        days = sohr.frame.set_index("date")
        alone = days[days["flags"].str.contains("date-from-events")]
        assert alone.index.tolist() == [pd.Timestamp("2017-01-01")]
        assert alone["killed"].tolist() == [27]
        assert alone["report_date"].isna().all()
        assert "1752-12-31" in sohr.rejected["value"].tolist()
        assert days.index.min().year == 2016

    def test_22_july(self, sohr):
        day = sohr.frame.set_index("date").loc["2019-07-22"]
        assert day[["killed", "regime_and_allied", "other_people"]].tolist() == [101, 8, 93]

    def test_every_entry_of_the_ledger_points_to_the_report_that_stands(self, sohr, study):
        raw = pd.read_csv(study.folder / "sohr_daily_totals.csv")
        raw.index += 2
        for entry in sohr.rejected.to_dict("records"):
            stands = int(entry["reason"].split("row ")[1].split(" ")[0])
            assert entry["reason"].startswith(f"{SUPERSEDED}; row {stands} stands: ")
            assert raw.loc[entry["row"], "total_killed"] == entry["best"]
            assert stands not in sohr.rejected["row"].tolist()

    def test_days_without_a_report_are_missing(self, study):
        series = study.series("syria_sohr", without=[])
        assert len(series.frame) == 124
        assert series.frame["observed"].sum() == 73
        assert np.isnan(series.counts[~series.frame["observed"]]).all()

    @pytest.mark.parametrize(
        ("spread", "deaths", "correlation"), [("exclude", 2759, 0.90), ("even", 2926, 0.94), ("expected", 2927, 0.94)]
    )
    def test_68_days_with_one_report_against_the_events(self, study, spread, deaths, correlation):
        ours = study.series("syria_sohr", without=["two-reports"])
        theirs = study.series("syria", spread=spread)
        seen = ours.frame["observed"].to_numpy()
        assert seen.sum() == 68
        assert ours.counts[seen].sum() == 2994
        # Published for fractions of a death by day; whole deaths place one of 2,927 on a day without a report.
        assert round(theirs.counts[seen].sum()) == deaths
        assert round(np.corrcoef(ours.counts[seen], theirs.counts[seen])[0, 1], 2) == correlation


class TestTwoReports:
    def test_the_one_that_fits_the_events_stands(self, tmp_path):
        feed = read(tmp_path, row("2019-05-01", 10, "2019-05-01"), row("2019-05-01", 20, "2019-04-30"))
        assert feed.frame["killed"].tolist() == [10]
        assert feed.frame["flags"].tolist() == ["two-reports"]
        (entry,) = feed.rejected.to_dict("records")
        assert (entry["row"], entry["column"], entry["value"], entry["best"]) == (3, "day", "2019-05-01", 20)
        assert entry["reason"] == f"{SUPERSEDED}; row 2 stands: its date fits the events that cite it"

    @pytest.mark.parametrize("fits", ["2019-05-01", "2019-04-29", ""])
    def test_where_both_fit_or_neither_the_later_report_stands(self, tmp_path, fits):
        later = row("2019-05-01", 10, fits, printed="2019-05-03")
        feed = read(tmp_path, later, row("2019-05-01", 20, fits, printed="2019-05-02"))
        assert feed.frame["killed"].tolist() == [10]
        assert feed.rejected["reason"].tolist() == [f"{SUPERSEDED}; row 2 stands: it is the later one"]

    def test_printed_on_the_same_day_the_one_further_down_is_the_later(self, tmp_path):
        feed = read(tmp_path, row("2019-05-01", 10), row("2019-05-01", 20))
        assert feed.frame["killed"].tolist() == [20]

    def test_equal_totals_are_two_reports_all_the_same(self, tmp_path):
        feed = read(tmp_path, row("2019-05-01", 10), row("2019-05-01", 10))
        assert feed.frame[["killed", "flags"]].to_numpy().tolist() == [[10, "two-reports"]]
        assert feed.rejected["best"].tolist() == [10]

    def test_of_three_reports_one_stands(self, tmp_path):
        rows = [row("2019-05-01", dead, fits) for dead, fits in ((1, ""), (2, "2019-05-01"), (3, ""))]
        feed = read(tmp_path, *rows)
        assert feed.frame["killed"].tolist() == [2]
        assert feed.rejected["best"].tolist() == [1, 3]
        assert feed.rejected["reason"].str.contains("row 3 stands").all()

    def test_a_report_that_cannot_be_used_does_not_compete(self, tmp_path):
        feed = read(tmp_path, row("2019-05-01", 10), row("2019-05-01", -20))
        assert feed.frame[["killed", "flags"]].to_numpy().tolist() == [[10, ""]]
        assert feed.faults["reason"].tolist() == ["deaths cannot be negative"]


class TestUnknownDates:
    def test_alone_it_takes_the_day_of_its_events(self, tmp_path):
        feed = read(tmp_path, row("1752-12-31", 10, "2019-05-01", printed="1753-01-01"))
        assert feed.frame["date"].tolist() == [pd.Timestamp("2019-05-01")]
        assert feed.frame["flags"].tolist() == ["date-from-events"]
        assert feed.frame["report_date"].isna().all()

    @pytest.mark.parametrize("fits", ["2019-05-01", "2019-04-30"])
    def test_a_report_with_a_date_of_its_own_goes_first(self, tmp_path, fits):
        feed = read(tmp_path, row("2019-05-01", 20, fits), row("1752-12-31", 10, "2019-05-01", printed="1753-01-01"))
        assert feed.frame[["killed", "flags"]].to_numpy().tolist() == [[20, "two-reports"]]
        assert feed.rejected["best"].tolist() == [10]

    def test_without_any_day_it_cannot_be_used(self, tmp_path):
        feed = read(tmp_path, row("2019-05-01", 20), row("1752-12-31", 10, printed="1753-01-01"))
        assert feed.faults["reason"].tolist() == ["no day can be given to this report"]
        assert feed.faults["best"].tolist() == [10]

    def test_undeclared_it_is_a_placeholder(self, tmp_path):
        rows = (row("2019-05-01", 20), row("1752-12-31", 10, "2019-05-02", printed="1753-01-01"))
        feed = read(tmp_path, *rows, unknown_dates=[])
        assert feed.faults["reason"].str.startswith("a placeholder, not a real date").tolist() == [True]

    def test_one_date_may_be_named_without_a_list(self, tmp_path):
        feed = read(tmp_path, row("1752-12-31", 10, "2019-05-01", printed="1753-01-01"), unknown_dates="1753-01-01")
        assert len(feed.frame) == 1


class TestRows:
    def test_order_of_the_file_does_not_matter_to_the_days(self, tmp_path):
        feed = read(tmp_path, row("2019-05-03", 3), row("2019-05-01", 1))
        assert feed.frame["killed"].tolist() == [1, 3]
        assert list(feed.frame) == ["date", "killed", "soldiers", "others", "report_date", "flags"]

    def test_parts_above_the_total_are_flagged_once(self, tmp_path):
        feed = read(tmp_path, row("2019-05-01", 3, soldiers=4, others=5), row("2019-05-02", 3, soldiers=3))
        assert feed.frame["flags"].tolist() == ["parts>total", ""]

    @pytest.mark.parametrize(
        ("bad", "column", "reason"),
        [
            (row("2019-05-02", -1), "dead", "deaths cannot be negative"),
            (row("2019-05-02", ""), "dead", "no number given"),
            (row("2019-05-02", "2.5"), "dead", "people come in whole numbers"),
            (row("2019-05-02", 2, soldiers="some"), "soldiers", "not a number"),
            (row("2019-02-30", 2, printed="2019-03-01"), "day", "no such day in the calendar"),
            ("2019-05-03,,,5,,", "day", "no day can be given to this report"),
            ("2019-05-03,2019-05-02", "", "the row has 2 cells where the header has 6"),
        ],
    )
    def test_rows_that_cannot_be_used(self, tmp_path, bad, column, reason):
        feed = read(tmp_path, row("2019-05-01", 1), "", bad)
        assert feed.frame["killed"].tolist() == [1]
        (entry,) = feed.faults.to_dict("records")
        assert (entry["row"], entry["column"]) == (4, column)
        assert entry["reason"].startswith(reason)

    def test_no_usable_report(self, tmp_path):
        with pytest.raises(InputError, match=r"^daily\.csv, row 2, column 'dead', value 'x': no row can be used"):
            read(tmp_path, row("2019-05-01", "x"))

    def test_date_and_count_are_enough(self, tmp_path):
        feed = read_feed(write(tmp_path, "2019-05-01,4", header="day,dead"), {"date": "day", "killed": "dead"})
        assert feed.frame[["killed", "report_date"]].iloc[0].tolist() == [4, pd.Timestamp("2019-05-01")]
        assert feed.record.name == "daily"


class TestMapping:
    def test_from_a_file(self, tmp_path):
        (tmp_path / "map.toml").write_text('date = "day"\nkilled = "dead"\ncounts = "others"\n')
        feed = read_feed(write(tmp_path, row("2019-05-01", 4, others=3)), tmp_path / "map.toml")
        assert feed.frame[["killed", "others"]].iloc[0].tolist() == [4, 3]

    def test_missing_file(self, tmp_path):
        with pytest.raises(InputError, match=r"^map\.toml: the mapping cannot be read .*No such file"):
            read_feed(write(tmp_path, row("2019-05-01", 4)), tmp_path / "map.toml")

    @pytest.mark.parametrize("content", [b"date = ", b"\xff\xfe"])
    def test_broken_file(self, tmp_path, content):
        (tmp_path / "map.toml").write_bytes(content)
        with pytest.raises(InputError, match=r"^map\.toml: the mapping cannot be read .*; check the TOML file"):
            read_feed(write(tmp_path, row("2019-05-01", 4)), tmp_path / "map.toml")

    def test_unknown_entry_names_the_nearest(self, tmp_path):
        with pytest.raises(
            UnknownNameError, match=r"^daily\.csv: mapping key='kiled' is not known; did you mean 'killed'"
        ):
            read(tmp_path, row("2019-05-01", 4), kiled="dead")

    @pytest.mark.parametrize("key", ["date", "killed"])
    def test_missing_entry(self, tmp_path, key):
        mapping = {name: value for name, value in MAPPING.items() if name != key}
        with pytest.raises(
            InputError, match=rf"^daily\.csv, column '{key}': the mapping does not name this column; add {key}"
        ):
            read_feed(write(tmp_path, row("2019-05-01", 4)), mapping)

    def test_mapped_column_that_is_not_there(self, tmp_path):
        with pytest.raises(InputError, match=r"^daily\.csv, column 'soldier': .*nearest column is 'soldiers'"):
            read(tmp_path, row("2019-05-01", 4), counts=["soldier"])

    def test_a_further_count_cannot_replace_the_total(self, tmp_path):
        file = write(tmp_path, "2019-05-01,9,4", header="day,all,killed")
        with pytest.raises(InputError, match="column 'killed': a further count cannot have the name of a column"):
            read_feed(file, {"date": "day", "killed": "all", "counts": ["killed"]})


class TestSeries:
    def series(self, tmp_path, **changes):
        feed = read(
            tmp_path,
            row("2019-05-01", 9, soldiers=4),
            row("2019-05-02", 7),
            row("2019-05-04", 0, soldiers=0),
            row("2019-05-06", 5),
        )
        given = {"start": "2019-05-02", "end": "2019-05-05", "spread": "even", "missing_days": "missing"}
        return daily_series(feed, **{**given, **changes})

    def test_gaps_are_not_zeros(self, tmp_path):
        np.testing.assert_array_equal(self.series(tmp_path).counts, [7, np.nan, 0, np.nan])

    def test_gaps_are_zeros_where_the_caller_says_so(self, tmp_path):
        assert self.series(tmp_path, missing_days="zero").counts.tolist() == [7, 0, 0, 0]

    @pytest.mark.parametrize("missing_days", ["zero", "missing"])
    def test_a_report_that_does_not_state_a_count_is_never_a_zero(self, tmp_path, missing_days):
        counts = self.series(tmp_path, victims="soldiers", missing_days=missing_days).counts
        assert np.isnan(counts[0])
        assert counts[2] == 0

    @pytest.mark.parametrize("victims", ["all", "soldiers"])
    def test_every_death_is_accounted_for(self, tmp_path, victims):
        series = self.series(tmp_path, victims=victims)
        assert series.accounts["best"].sum() == 21
        assert series.accounts.loc["in the series", "best"] == np.nansum(series.counts)
        assert series.accounts.loc["other victims", "best"] == (0 if victims == "all" else 17)

    def test_a_part_is_a_series_of_the_part(self, tmp_path):
        part = self.series(tmp_path, start="2019-05-01", end="2019-05-06").between("2019-05-02", "2019-05-05")
        fresh = self.series(tmp_path)
        pd.testing.assert_frame_equal(part.frame, fresh.frame)
        pd.testing.assert_frame_equal(part.accounts, fresh.accounts)

    def test_what_a_feed_does_not_give(self, tmp_path):
        with pytest.raises(
            UnknownNameError, match=r"victims='soldier' is not known; did you mean 'soldiers'.*'all', 'soldiers'"
        ):
            self.series(tmp_path, victims="soldier")
        with pytest.raises(InputError, match="one figure a day and no place"):
            self.series(tmp_path, where={"adm1": "Idlib Governorate"})
        with pytest.raises(InputError, match="value 'low': the feed gives one figure a day and no range"):
            self.series(tmp_path, estimate="low")


class TestAsOf:
    @pytest.mark.parametrize("day", ["2016-05-05", "2018-01-01", "2019-07-31", "2019-12-31"])
    def test_the_replay_is_the_feed_of_a_file_that_ends_there(self, tmp_path, study, sohr, day):
        raw = pd.read_csv(study.folder / "sohr_daily_totals.csv", dtype="str", keep_default_na=False)
        known = raw["source_date"].mask(raw["source_date"] == "1753-01-01", raw["modal_event_date"]) <= day
        raw[known].to_csv(tmp_path / "then.csv", index=False)
        then = read_feed(tmp_path / "then.csv", study.formats["sohr"]["mapping"])
        replay = sohr.as_of(day)
        pd.testing.assert_frame_equal(replay.frame, then.frame)
        assert len(replay.rejected) - len(replay.waiting) == len(then.rejected)
        assert len(replay.waiting) == (~known).sum()
        assert replay.waiting["best"].sum() == raw.loc[~known, "total_killed"].astype(int).sum()
        assert replay.deaths.sum() + replay.rejected["best"].sum() == sohr.deaths.sum() + sohr.rejected["best"].sum()

    def test_a_second_report_replaces_the_first_only_when_it_is_there(self, tmp_path):
        feed = read(tmp_path, row("2019-05-01", 50), row("2019-05-02", 20), row("2019-05-01", 70, printed="2019-05-06"))
        assert feed.frame["killed"].tolist() == [70, 20]
        before, after = feed.as_of("2019-05-05"), feed.as_of("2019-05-06")
        assert before.frame[["killed", "flags"]].to_numpy().tolist() == [[50, ""], [20, ""]]
        assert before.waiting[["row", "column", "value", "reason", "best"]].to_numpy().tolist() == [
            [4, "day", "2019-05-06", "not yet known on 2019-05-05", 70]
        ]
        assert after.frame[["killed", "flags"]].to_numpy().tolist() == [[70, "two-reports"], [20, ""]]
        assert after.waiting.empty
        assert before.faults.empty
        # A flag that no report carries yet is a known one all the same.
        options = {"start": "2019-05-01", "end": "2019-05-05", "spread": "even", "missing_days": "missing"}
        assert daily_series(before, **options, without="two-reports").frame["best"].sum() == 70
        with pytest.raises(UnknownNameError, match="without='two-report'"):
            daily_series(before, **options, without="two-report")

    def test_a_report_is_known_from_its_day_or_else_from_the_day_that_it_counts(self, tmp_path):
        early = row("2019-05-03", 9, printed="2019-05-01")
        undated = row("2019-05-04", 8, fits="2019-05-04", printed="1753-01-01")
        feed = read(tmp_path, row("2019-05-01", 7), early, undated)
        known = {day: feed.as_of(f"2019-05-0{day}").frame["killed"].tolist() for day in (2, 3, 4)}
        assert known == {2: [7], 3: [7, 9], 4: [7, 9, 8]}
        assert feed.as_of("2019-05-04").record.notes[-1].startswith("2 of them state no day of report on or after")

    def test_the_record_says_what_it_is(self, sohr):
        record = sohr.as_of("2019-07-31").record
        assert record.version == "652.1601.1911, replayed as of 2019-07-31"
        assert (record.coverage_start, record.coverage_end) == ("2016-01-01", "2019-07-31")
        assert "Each is taken as it stands in the file today" in record.notes[-2]

    def test_what_cannot_be_asked(self, tmp_path, sohr):
        with pytest.raises(InputError, match="column 'date', value '2019-05': this is not a day"):
            sohr.as_of("2019-05")
        with pytest.raises(InputError, match=r"first report became known on 2016-01-13, .*choose a later day"):
            sohr.as_of("2016-01-12")
        with pytest.raises(InputError, match="a replay already"):
            sohr.as_of("2019-05-10").as_of("2019-05-10")
        bare = Feed(sohr.frame, sohr.rejected, sohr.record)
        with pytest.raises(InputError, match="no reports to replay"):
            bare.as_of("2019-05-10")
