"""A feed of running totals, periods and older deaths: every death is placed or accounted for, and nothing is guessed.

All counts and sums are compared exactly; scores of suspicion are only compared with their limit.
"""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.backlog import suspicions
from casualties.errors import InputError, UnknownNameError
from casualties.series import SPREADS, daily_series
from casualties.sources.feed import read_feed

MAPPING = {"date": "day", "killed": "dead", "running": "total", "period": "hours"}
ADDITIONS = ["killed_committee", "killed_recovered", "killed_succumbed"]
GAZA = {
    "date": "report_date",
    "killed": "killed",
    "running": "killed_cum",
    "period": "report_period",
    "additions": ADDITIONS,
    "of_period": "killed_truce_new",
    "source_filled": ["ext_killed"],
}


def save(tmp_path, content, name="daily.json"):
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def records(*rows, first="2025-01-01"):
    """Give a record a day from (dead, total, hours)."""
    days = pd.date_range(first, periods=len(rows)).strftime("%Y-%m-%d")
    return [
        {"day": day, "dead": dead, "total": total, "hours": hours}
        for day, (dead, total, hours) in zip(days, rows, strict=True)
    ]


def read(tmp_path, *rows, **changes):
    mapping = {key: value for key, value in {**MAPPING, **changes}.items() if value is not None}
    return read_feed(save(tmp_path, records(*rows)), mapping)


def numbers(feed, column):
    return [None if pd.isna(value) else int(value) for value in feed.frame[column]]


def series_of(feed, **changes):
    days = feed.frame["date"]
    asked = {"start": days.min(), "end": days.max(), "spread": "even", "missing_days": "missing"}
    return daily_series(feed, **{**asked, **changes})


@pytest.fixture(scope="module")
def file(shared):
    return shared / "palestine-daily-gaza" / "gaza_casualties_daily.json"


@pytest.fixture(scope="module")
def feed(file):
    return read_feed(file, GAZA)


@pytest.fixture(scope="module")
def totals(file):
    return read_feed(file, {**GAZA, "new": "running"})


class TestFormats:
    ROWS = ((3, 3, 24), (4, 7, 24), (None, 7, 0))

    @pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"source": "invented", "days": rows}])
    def test_json_list_and_object_that_holds_one(self, tmp_path, wrap):
        feed = read_feed(save(tmp_path, wrap(records(*self.ROWS))), MAPPING)
        assert numbers(feed, "killed") == [3, 4, None]
        assert numbers(feed, "increment") == [3, 4, None]

    def test_csv_says_the_same(self, tmp_path):
        table = pd.DataFrame(records(*self.ROWS))
        as_csv = read_feed(save(tmp_path, table.to_csv(index=False), "daily.csv"), MAPPING)
        pd.testing.assert_frame_equal(as_csv.frame, read(tmp_path, *self.ROWS).frame)

    def test_a_field_that_is_absent_is_an_empty_cell(self, tmp_path):
        rows = records(*self.ROWS)
        del rows[1]["dead"]
        assert numbers(read_feed(save(tmp_path, rows), MAPPING), "killed") == [3, None, None]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("[", "cannot be read as JSON"),
            ("[" * 100_000, "cannot be read as JSON"),
            ("[]", "holds no records"),
            ("3", "holds no records"),
            ('{"a": [], "b": []}', "holds 2 lists of records where one is needed"),
            ('[{"day": "2025-01-01"}]', "one column only"),
        ],
    )
    def test_what_is_no_feed(self, tmp_path, content, reason):
        with pytest.raises(InputError, match=reason):
            read_feed(save(tmp_path, content), MAPPING)

    def test_missing_file(self, tmp_path):
        with pytest.raises(InputError, match=r"none\.json: there is no such file"):
            read_feed(tmp_path / "none.json", MAPPING)

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ('"text"', "this is not a record with named fields"),
            ('{"day": "2025-01-02", "dead": 1, "dead": 2}', "the field 'dead' stands twice in the record"),
            ('{"day": "2025-01-02", "dead": [2]}', "not a number"),
            ('{"day": "2025-01-02", "dead": NaN}', "not a number"),
            ('{"day": "2025-01-02", "dead": -2}', "deaths cannot be negative"),
            ('{"day": "2025-01-02", "dead": 2, "hours": 1.5}', "people come in whole numbers"),
            ('{"day": "\\ud800", "dead": 2}', "not a date of the form"),
        ],
    )
    def test_records_that_cannot_be_used(self, tmp_path, bad, reason):
        good = json.dumps(records((3, 3, 24))[0])
        feed = read_feed(save(tmp_path, f"[{good}, {bad}]"), MAPPING)
        assert numbers(feed, "killed") == [3]
        (entry,) = feed.faults.to_dict("records")
        assert entry["row"] == 2
        assert reason in entry["reason"]


class TestIncrements:
    def test_stated_and_rise_are_both_kept(self, tmp_path):
        feed = read(tmp_path, (3, 103, 24), (5, 109, 24))
        assert feed.base == 100
        assert numbers(feed, "killed") == [3, 5]
        assert numbers(feed, "increment") == [3, 6]
        assert feed.frame["flags"].tolist() == ["", "counts-differ"]
        assert feed.new == "killed"
        assert feed.deaths.tolist() == [3, 5]

    def test_the_mapping_says_which_of_them_are_the_new_deaths(self, tmp_path):
        feed = read(tmp_path, (3, 103, 24), (5, 109, 24), new="running")
        assert feed.deaths.tolist() == [3, 6]
        assert series_of(feed).counts.tolist() == [3, 6]

    def test_without_a_new_count_the_first_total_is_the_base(self, tmp_path):
        feed = read(tmp_path, (None, 100, 24), (None, 109, 24), killed=None)
        assert (feed.base, feed.new) == (100, "increment")
        assert numbers(feed, "increment") == [None, 9]
        assert np.isnan(series_of(feed).counts[0])

    def test_a_base_that_is_given(self, tmp_path):
        assert numbers(read(tmp_path, (None, 100, 24), killed=None, base=90), "increment") == [10]

    def test_a_base_above_the_first_total_is_refused(self, tmp_path):
        with pytest.raises(InputError, match=r"column 'base', value '110'.*above the first one \(100 on 2025-01-01\)"):
            read(tmp_path, (None, 100, 24), (None, 101, 24), killed=None, base=110)

    @pytest.mark.parametrize(
        ("day", "said"),
        [("2025-01-02", "does not fall on this day"), ("2025-02-01", "no report gives a running total")],
    )
    def test_a_reset_where_nothing_begins_anew_is_refused(self, tmp_path, day, said):
        with pytest.raises(InputError, match=rf"column 'resets', value '{day}'.*{said}"):
            read(tmp_path, (None, 100, 24), (None, 101, 24), killed=None, resets=day)

    def test_a_reset_without_a_running_total_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="no running total that could begin anew"):
            read(tmp_path, (3, 3, 24), running=None, resets="2025-01-01")

    def test_what_a_spike_counted_is_taken_back_in_the_account_and_named(self, tmp_path):
        feed = read(tmp_path, (None, 10, 24), (None, 150, 24), (None, 20, 24), (None, 24, 24), killed=None)
        assert numbers(feed, "increment")[1:] == [140, None, 4]
        assert (feed.taken_back, feed.risen) == (-130, 14)
        account = series_of(feed).accounts["best"]
        assert account["in the series"] == 144
        assert account["taken back by revised totals"] == -130
        assert account.sum() == 24 - 10
        (note,) = feed.record.notes
        assert "fell on 2025-01-03 (-130)" in note
        assert not any("fell on" in note for note in feed.as_of("2025-01-02").record.notes)
        assert note in feed.as_of("2025-01-04").record.notes

    def test_stated_numbers_have_nothing_to_take_back(self, tmp_path):
        feed = read(tmp_path, (10, 10, 24), (2, 150, 24), (3, 20, 24))
        assert (feed.taken_back, feed.record.notes) == (0, ())
        assert series_of(feed).accounts["best"].sum() == 15

    def test_digits_and_days_as_lists_write_them(self, tmp_path):
        rows = [("2025-1-1", "٣", "۳"), ("2025-01-02 10:30", "٤", "7"), ("2025-01-03T00:00:00Z", "1", "8")]
        rows += [("2025-01-04T23:30:00-05:00", "2", "10")]
        content = [{"day": day, "dead": dead, "total": total} for day, dead, total in rows]
        feed = read_feed(save(tmp_path, content), {"date": "day", "killed": "dead", "running": "total"})
        assert numbers(feed, "killed") == [3, 4, 1]
        assert feed.frame["date"].dt.day.tolist() == [1, 2, 3]
        (entry,) = feed.rejected.to_dict("records")
        assert entry["value"] == "2025-01-04T23:30:00-05:00"
        assert entry["reason"].startswith("a time with a zone")

    def test_days_without_a_total_are_held_over_to_the_next(self, tmp_path):
        feed = read(tmp_path, (1, 1, 24), (None, None, 24), (2, 9, 24))
        assert numbers(feed, "increment") == [1, None, 8]
        assert numbers(feed, "increment_period") == [24, None, 48]
        (row,) = feed.differences().to_dict("records")
        assert (row["date"], row["difference"]) == (pd.Timestamp("2025-01-03"), 6)
        assert row["reason"].endswith("6 more than stated, the days without a total among them (2025-01-02)")

    def test_without_periods_the_days_between_totals_count(self, tmp_path):
        rows = [{"day": "2025-01-01", "total": 5}, {"day": "2025-01-08", "total": 19}]
        feed = read_feed(save(tmp_path, rows), {"date": "day", "running": "total"})
        assert numbers(feed, "increment_period") == [24, 168]
        assert series_of(feed).counts[1:].tolist() == [2] * 7

    def test_a_total_that_falls_gives_no_negative_count(self, tmp_path):
        feed = read(tmp_path, (None, 50, 24), (None, 30, 24), (None, 33, 24), killed=None)
        assert numbers(feed, "increment") == [None, None, 3]
        assert numbers(feed, "revision") == [0, -20, 0]
        assert feed.frame["flags"].tolist() == ["no-count", "revised-total;no-count", ""]
        assert np.isnan(series_of(feed, missing_days="zero").counts[1])

    def test_a_fall_on_a_day_with_a_number_is_split(self, tmp_path):
        feed = read(tmp_path, (50, 50, 24), (4, 30, 24), (3, 33, 24))
        assert numbers(feed, "increment") == [50, 4, 3]
        assert numbers(feed, "revision") == [0, -24, 0]
        (entry,) = feed.revisions.to_dict("records")
        assert (entry["running_before"], entry["running"], entry["revision"]) == (50, 30, -24)
        assert sum(numbers(feed, "increment")) + sum(numbers(feed, "revision")) == 33 - feed.base

    def test_a_total_that_begins_anew(self, tmp_path):
        feed = read(tmp_path, (50, 50, 24), (4, 4, 24), (3, 7, 24))
        assert numbers(feed, "increment") == [50, 4, 3]
        assert feed.frame["flags"].tolist() == ["", "total-reset", ""]
        assert feed.frame["revision"].eq(0).all()

    @pytest.mark.parametrize("resets", ["2025-01-02", ["2025-01-02"], [pd.Timestamp("2025-01-02").date()]])
    def test_a_reset_that_the_mapping_names(self, tmp_path, resets):
        feed = read(tmp_path, (None, 50, 24), (None, 4, 24), killed=None, resets=resets)
        assert numbers(feed, "increment") == [None, 4]

    def test_a_report_in_the_ledger_is_in_the_next_total(self, tmp_path):
        rows = (3, 3, 24), (-1, 5, 24), (4, 9, 24)
        assert numbers(read(tmp_path, *rows, new="running"), "increment") == [3, 6]
        feed = read(tmp_path, *rows, new="running")
        assert feed.rejected["best"].isna().all()

    def test_a_feed_of_numbers_alone_has_nothing_to_explain(self, tmp_path):
        feed = read(tmp_path, (3, 3, 24), running=None)
        assert feed.differences().empty
        assert feed.revisions.empty
        assert "increment" not in feed.frame

    number = st.none() | st.integers(0, 40)
    row = st.tuples(number, number, st.sampled_from([None, 0, 12, 24, 48, 72, 96]))

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(rows=st.lists(row, min_size=4, max_size=12), new=st.sampled_from(["killed", "running"]))
    def test_whatever_comes_adds_up(self, tmp_path_factory, rows, new):
        feed = read(tmp_path_factory.mktemp("feed"), *rows, new=new)
        assert (feed.frame["increment"].dropna() >= 0).all()
        kept = [total for _, total, _ in rows if total is not None]
        if kept:
            left = feed.revisions.query("flags.str.contains('total-reset')")["running_before"].sum()
            moved = feed.frame["increment"].sum() + feed.frame["revision"].sum()
            assert moved == kept[-1] - feed.base + left
        assert feed.differences()["difference"].sum() == feed.frame["increment"].sum() - feed.frame["killed"].sum()
        for spread in SPREADS:
            series = series_of(feed, spread=spread, start="2024-12-30", end="2025-01-09")
            back = feed.frame["revision"].sum() if new == "running" else 0
            assert round(series.accounts["best"].sum(), 6) == feed.deaths.sum() + back
            seen = series.frame["observed"]
            assert round(np.nansum(series.counts), 6) == round(series.accounts.loc["in the series", "best"], 6)
            assert (series.frame.loc[seen, "exposure"] > 0).all()
            assert (series.frame.loc[~seen, "exposure"] == 0).all()
            part = series.between("2025-01-02", "2025-01-04")
            fresh = series_of(feed, spread=spread, start="2025-01-02", end="2025-01-04")
            pd.testing.assert_frame_equal(part.frame, fresh.frame)


class TestPeriods:
    ROWS = ((10, 10, 24), (0, 10, 0), (7, 17, 48), (None, None, 0), (0, 17, 24))

    @pytest.mark.parametrize("missing_days", ["zero", "missing"])
    def test_a_report_of_0_hours_is_never_zero_deaths(self, tmp_path, missing_days):
        feed = read(tmp_path, *self.ROWS)
        assert feed.frame["flags"].tolist() == ["", "no-report", "", "no-report", ""]
        assert numbers(feed, "killed") == [10, None, 7, None, 0]
        series = series_of(feed, spread="end", missing_days=missing_days)
        np.testing.assert_array_equal(series.counts, [10, np.nan, 7, np.nan, 0])
        assert series.frame["exposure"].tolist() == [1, 0, 2, 0, 1]

    def test_start(self, tmp_path):
        series = series_of(read(tmp_path, *self.ROWS), spread="start")
        np.testing.assert_array_equal(series.counts, [10, 7, np.nan, np.nan, 0])
        assert series.frame["exposure"].tolist() == [1, 2, 0, 0, 1]
        assert series.frame["imprecise"].fillna(0).tolist() == [0, 7, 0, 0, 0]

    def test_even_gives_each_day_its_share(self, tmp_path):
        series = series_of(read(tmp_path, *self.ROWS), spread="even")
        assert sorted(series.counts[1:3]) == [3, 4]
        assert series.frame["exposure"].tolist() == [1, 1, 1, 0, 1]
        assert series.frame["imprecise"].iloc[1:3].sum() == 7

    def test_expected_gives_fractions(self, tmp_path):
        series = series_of(read(tmp_path, *self.ROWS), spread="expected")
        assert series.counts[1:3].tolist() == [3.5, 3.5]

    def test_exclude_counts_the_days_as_not_observed(self, tmp_path):
        series = series_of(read(tmp_path, *self.ROWS), spread="exclude", missing_days="zero")
        np.testing.assert_array_equal(series.counts, [10, np.nan, np.nan, np.nan, 0])
        assert series.accounts.loc["in reports of several days (excluded)", "best"] == 7

    def test_deaths_on_a_report_of_0_hours_are_accounted_for(self, tmp_path):
        feed = read(tmp_path, (10, 10, 24), (8, 18, 0), (1, 19, 24))
        assert feed.frame["flags"].iloc[1] == "no-report;suspected-backlog"
        series = series_of(feed)
        assert np.isnan(series.counts[1])
        assert series.accounts.loc["on reports of 0 hours", "best"] == 8

    def test_hours_that_reach_over_an_earlier_report_stay_on_their_own_day(self, tmp_path):
        feed = read(tmp_path, (10, 10, 24), (6, 16, 48))
        assert feed.frame["flags"].tolist() == ["", "period-overlaps"]
        series = series_of(feed)
        assert series.counts.tolist() == [10, 6]
        assert series.frame["exposure"].tolist() == [1, 1]

    def test_hours_not_stated(self, tmp_path):
        feed = read(tmp_path, (10, 10, None))
        assert feed.frame[["period", "flags"]].to_numpy().tolist() == [[24, "period-assumed"]]

    def test_a_report_of_several_days_across_the_edge_of_a_window(self, tmp_path):
        feed = read(tmp_path, *self.ROWS)
        series = series_of(feed, start="2025-01-03")
        assert series.accounts.loc["before the window", "best"] == 10 + 7 - series.counts[0]

    def test_a_report_without_a_number_is_not_zero(self, tmp_path):
        feed = read(tmp_path, (10, None, 24), (None, None, 24))
        assert feed.frame["flags"].tolist() == ["", "no-count"]
        assert np.isnan(series_of(feed, missing_days="zero").counts[1])


class TestBacklog:
    def feed(self, tmp_path, **changes):
        rows = records(*[(50, None, 24)] * 5, (600, None, 24), *[(50, None, 24)] * 5, (400, None, 24))
        for position, row in enumerate(rows):
            row["committee"], row["now"] = None, None
            if position == 2:
                row["now"] = 45
            if position == 5:
                row["committee"] = 540
        mapping = {"date": "day", "killed": "dead", "period": "hours", "additions": "committee", **changes}
        return read_feed(save(tmp_path, rows), mapping)

    def test_what_the_feed_says(self, tmp_path):
        frame = self.feed(tmp_path).frame
        assert frame.loc[5, ["backlog", "flags", "suspicion"]].tolist() == [540, "mainly-backlog", ""]
        assert frame["backlog"].drop(5).isna().all()

    def test_the_rest_of_the_deaths_of_the_period_is_older(self, tmp_path):
        frame = self.feed(tmp_path, of_period="now").frame
        assert frame.loc[[2, 5], "backlog"].tolist() == [5, 540]

    def test_where_it_says_nothing_a_day_is_suspected_with_its_evidence(self, tmp_path):
        frame = self.feed(tmp_path).frame
        assert frame.loc[11, "flags"] == "suspected-backlog"
        assert frame.loc[11, "suspicion"].startswith(
            "400 in 24 hours where 50 are usual, reports before it only; score"
        )

    def test_no_suspicion_where_none_is_wanted(self, tmp_path):
        feed = self.feed(tmp_path, suspect=False)
        assert "suspicion" not in feed.frame
        assert not feed.frame["flags"].str.contains("suspected").any()

    def test_the_series_carries_it(self, tmp_path):
        series = series_of(self.feed(tmp_path))
        assert series.frame["backlog"].dropna().tolist() == [540]
        assert series_of(self.feed(tmp_path), victims="committee").frame["backlog"].isna().all()
        assert np.isnan(series_of(self.feed(tmp_path), without="mainly-backlog").counts[5])

    def test_source_filled_columns_are_counted_nowhere(self, tmp_path):
        rows = records((3, 3, 24))
        rows[0]["filled"] = 9
        feed = read_feed(save(tmp_path, rows), {**MAPPING, "source_filled": "filled"})
        assert feed.frame["filled"].tolist() == [9]
        assert feed.parts == []
        with pytest.raises(UnknownNameError, match="victims='filled' is not known"):
            series_of(feed, victims="filled")


class TestSuspicions:
    DAYS = pd.date_range("2025-01-01", periods=15)

    def hits(self, counts, hours=None):
        table = suspicions(self.DAYS[: len(counts)], counts, hours)
        return [day.day for day in table.loc[table["suspected"], "date"]]

    def test_a_lone_day_far_above_its_neighbours(self):
        assert self.hits([20] * 7 + [200] + [22] * 7) == [8]

    def test_the_start_of_something_that_lasts_is_not_suspected(self):
        assert self.hits([20] * 7 + [200] * 8) == []

    def test_a_long_period_explains_a_large_number(self):
        assert self.hits([20] * 7 + [60] + [22] * 7, [24] * 7 + [72] + [24] * 7) == []

    def test_small_numbers_vary(self):
        assert self.hits([1, 0, 2, 0, 1, 0, 1, 4, 0, 1, 2, 0, 1, 0, 1]) == []

    def test_too_few_reports_to_judge(self):
        table = suspicions(self.DAYS[:4], [1, 1, 900, 1])
        assert not table["suspected"].any()
        assert (table["evidence"] == "too few reports near it to judge").all()

    def test_nothing_recorded_around_it(self):
        table = suspicions(self.DAYS, [0] * 7 + [30] + [0] * 7)
        assert table.loc[table["suspected"], ["count", "level"]].to_numpy().tolist() == [[30, 0]]

    def test_input(self):
        with pytest.raises(InputError, match="must have the same length"):
            suspicions(self.DAYS, [1])
        with pytest.raises(InputError, match="in the order of their dates"):
            suspicions(self.DAYS[::-1], [1] * 15)


class TestMapping:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"new": "total"}, "new='total' is not known"),
            ({"running": None, "new": "running"}, "new deaths from a column that it does not name"),
            ({"base": -1}, "a whole number of at least 0"),
            ({"base": True}, "a whole number of at least 0"),
            ({"resets": ["2025"]}, "a day of reset is not a date"),
            ({"suspect": "yes"}, "suspect is true or false"),
            ({"additions": ["backlog"]}, "cannot have the name of a column of the feed itself"),
            ({"period": "hour"}, "the nearest column is 'hours'"),
        ],
    )
    def test_what_makes_no_sense(self, tmp_path, changes, reason):
        with pytest.raises(InputError, match=reason):
            read(tmp_path, (3, 3, 24), **changes)


class TestAsOf:
    number = st.none() | st.integers(0, 40)
    row = st.tuples(number, number, st.sampled_from([None, 0, 24, 48]), st.integers(0, 6))

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(
        rows=st.lists(row, min_size=2, max_size=10), day=st.integers(1, 12), new=st.sampled_from(["killed", "running"])
    )
    def test_the_replay_is_the_feed_of_a_file_that_ends_there(self, tmp_path_factory, rows, day, new):
        content = records(*[tuple(row[:3]) for row in rows])
        for item, (*_, delay) in zip(content, rows, strict=True):
            item["made"] = str((pd.Timestamp(item["day"]) + pd.Timedelta(days=delay)).date())
        folder, date = tmp_path_factory.mktemp("feed"), f"2025-01-{day:02}"
        mapping = {**MAPPING, "report_date": "made", "new": new}
        feed = read_feed(save(folder, content), mapping)
        known = [item for item in content if item["made"] <= date]
        if not known:
            with pytest.raises(InputError, match="the first report became known on"):
                feed.as_of(date)
            return
        replay = feed.as_of(date)
        then = read_feed(save(folder, known, "then.json"), mapping)
        pd.testing.assert_frame_equal(replay.frame, then.frame)
        assert replay.base == then.base
        assert len(replay.waiting) == len(content) - len(known)
        if new == "killed":
            assert replay.deaths.sum() + replay.waiting["best"].sum() == feed.deaths.sum()

    def test_an_early_total_that_comes_late(self, tmp_path):
        content = records((5, 5, 24), (4, 9, 24), (3, 12, 24), (2, 14, 24))
        for item, made in zip(content, ("2025-01-01", "2025-01-09", "2025-01-03", "2025-01-10"), strict=True):
            item["made"] = made
        feed = read_feed(save(tmp_path, content), {**MAPPING, "report_date": "made", "new": "running"})
        replay = feed.as_of("2025-01-05")
        # The total of the third day holds the deaths of the second; those of the fourth are still to come.
        assert numbers(replay, "increment") == [5, 7]
        assert replay.waiting["row"].tolist() == [2, 4]
        assert replay.waiting["best"].isna().tolist() == [True, False]
        assert replay.waiting["best"].sum() + replay.deaths.sum() == feed.deaths.sum() == 14


@pytest.mark.shared
class TestGaza:
    @pytest.mark.parametrize("day", ["2023-12-31", "2025-03-18", "2026-08-22"])
    def test_the_feed_as_of_a_day(self, feed, totals, day):
        for whole in (feed, totals):
            replay = whole.as_of(day)
            told = whole.frame[whole.frame["date"] <= day]
            columns = ["date", "killed", "increment", "running", "revision", "backlog", "period"]
            pd.testing.assert_frame_equal(replay.frame[columns], told[columns])
            assert len(replay.frame) + len(replay.waiting) == 1051
            assert replay.deaths.sum() + replay.waiting["best"].sum() == whole.deaths.sum()
            series = series_of(replay, end="2026-08-22")
            assert not series.frame.loc[pd.Timestamp(day) + pd.Timedelta(days=1) :, "observed"].any()
            assert series.accounts["best"].sum() == whole.deaths.sum()

    def test_increments_sum_to_the_last_total(self, feed):
        assert len(feed.frame) == 1051
        assert feed.rejected.empty
        assert feed.base == 0
        assert feed.frame["increment"].sum() == feed.frame["running"].dropna().iloc[-1] == 73_419
        assert feed.frame["ext_killed"].sum() == 73_419
        assert feed.frame["killed"].sum() == 68_864
        assert feed.revisions.empty

    def test_what_killed_does_not_carry_is_explained_by_day(self, feed):
        table = feed.differences()
        assert len(table) == 21
        assert table["difference"].sum() == 4_555
        assert (table["reason"] != "").all()
        kinds = table["reason"].str.replace(r" by [\d,]+.*| \d.*", "", regex=True)
        stated = table["reason"].str.contains("than stated")
        assert kinds[~stated].unique().tolist() == ["no new count was stated; the running total rose"]
        assert table.groupby(stated)["difference"].agg(["count", "sum"]).to_numpy().tolist() == [[12, 3735], [9, 820]]
        by_day = table.set_index("date")["difference"]
        assert by_day[["2023-11-21", "2023-12-05", "2023-12-07", "2023-12-18"]].tolist() == [828, -376, 579, 502]
        assert by_day[["2024-08-27", "2024-08-28"]].tolist() == [-41, 41]

    def test_reports_of_0_hours(self, file, feed):
        stated = pd.DataFrame(json.loads(file.read_text()))
        none = stated["report_period"] == 0
        assert none.sum() == 96
        assert stated.loc[none, "killed"].value_counts(dropna=False).to_list() == [84, 11, 1]
        silent = feed.frame["flags"].str.contains("no-report")
        assert silent.sum() == 96
        assert feed.frame.loc[silent].dropna(subset="killed")[["date", "killed"]].to_numpy().tolist() == [
            [pd.Timestamp("2025-10-30"), 8]
        ]
        assert feed.frame.loc[~silent, "killed"].isna().sum() == 27
        for missing_days in ("zero", "missing"):
            series = series_of(feed, spread="end", missing_days=missing_days)
            assert np.isnan(series.counts[silent.to_numpy()]).all()
            assert series.accounts.loc["on reports of 0 hours", "best"] == 8

    def test_reports_of_several_days(self, feed, totals):
        periods = feed.frame["period"].value_counts()
        assert periods.to_dict() == {24: 869, 0: 96, 48: 80, 72: 5, 96: 1}
        assert not feed.frame["flags"].str.contains("overlaps").any()
        days = series_of(totals)
        # 2025-02-08 gives 598 for two days, of which the one before it had a report of 0 hours.
        assert days.frame.loc["2025-02-07":"2025-02-08", "best"].tolist() == [299, 299]
        assert days.frame.loc["2025-02-07":"2025-02-08", "exposure"].tolist() == [1, 1]
        assert days.frame.loc["2025-02-07":"2025-02-08", "backlog"].sum() == 594
        assert days.frame["exposure"].sum() * 24 == feed.frame["period"].sum() == 1048 * 24
        never = days.frame.index[~days.frame["observed"]].strftime("%Y-%m-%d").tolist()
        assert never == ["2025-10-30", "2026-06-26", "2026-07-10"]

    @pytest.mark.parametrize("spread", SPREADS)
    def test_every_death_is_accounted_for(self, feed, totals, spread):
        assert series_of(feed, spread=spread).accounts["best"].sum() == pytest.approx(68_864, abs=1e-6)
        assert series_of(totals, spread=spread).accounts["best"].sum() == pytest.approx(73_419, abs=1e-6)

    def test_nine_of_the_ten_largest_days_are_backlog_by_the_feeds_own_fields(self, feed):
        since = feed.frame[feed.frame["date"] >= "2025-01-01"]
        largest = since.nlargest(10, "killed").set_index("date")
        backlog = largest["flags"].str.contains("mainly-backlog")
        assert backlog.sum() == 9
        assert largest.index[~backlog].tolist() == [pd.Timestamp("2025-03-18")]
        assert largest.loc["2025-03-18", ["killed", "backlog"]].tolist() == [436, 0]
        assert largest.loc["2025-10-04", ["killed", "backlog"]].tolist() == [786, 720]
        assert not since["flags"].str.contains("suspected-backlog").any()

    def test_the_rule_of_suspicion_with_those_fields_hidden(self, file, feed):
        hidden = {key: value for key, value in GAZA.items() if key not in ("additions", "of_period")}
        blind = read_feed(file, hidden).frame.set_index("date")
        told = feed.frame.set_index("date")
        suspected = blind["flags"].str.contains("suspected-backlog")
        backlog = told["flags"].str.contains("mainly-backlog")
        largest = told.loc["2025-01-01":].nlargest(10, "killed").index
        known = told["backlog"].notna()
        large = known & (told["killed"] >= 50)
        autumn = told.loc["2023-10-01":"2023-12-31"]
        ordinary = autumn.index[(autumn["killed"] > 100) & (autumn["killed"] == autumn["ext_killed"]).fillna(False)]
        found = {
            "ten largest since 2025: hits": int((suspected & backlog)[largest].sum()),
            "ten largest since 2025: false": int((suspected & ~backlog)[largest].sum()),
            "days with fields: backlog": int((known & backlog).sum()),
            "days with fields: hits": int((known & backlog & suspected).sum()),
            "days with fields: false": int((known & ~backlog & suspected).sum()),
            "of them 50 or more: backlog": int((large & backlog).sum()),
            "of them 50 or more: hits": int((large & backlog & suspected).sum()),
            "of them 50 or more: false": int((large & ~backlog & suspected).sum()),
            "ordinary days above 100 in October to December 2023": len(ordinary),
            "of them flagged falsely": int(suspected[ordinary].sum()),
        }
        print("\nsuspected backlog, the feed's own fields hidden:")
        print("\n".join(f"  {words}: {number}" for words, number in found.items()))
        assert list(found.values()) == [9, 1, 127, 35, 5, 41, 32, 3, 54, 1], found
