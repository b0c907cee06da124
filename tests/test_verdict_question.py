import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualties.errors import InputError, UnknownNameError
from casualties.series import DailySeries
from casualties.verdict.alterations import ALTERATIONS, BOUNDARIES, LOWERING, RAISING, Alteration, alter, largest_amount
from casualties.verdict.question import ALL_DAYS, Baseline, Counts, Question

DAY = pd.Timedelta(days=1)
FIRST = pd.Timestamp("2019-01-01")


def question(days=("all", "28"), before=60, window=40):
    start = FIRST + before * DAY
    baseline = Baseline("before", "the days before", FIRST, start - DAY)
    return Question("the window", start, start + (window - 1) * DAY, (baseline,), days)


def counts(values):
    return Counts.of(DailySeries.from_counts(np.asarray(values, dtype=float), FIRST))


class TestQuestion:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (("all", "28", "56"), ("all", "28")),
            (("28", "56", "all"), ("28", "all")),
            (("56", "28"), ("all", "28")),
            (("28", "14"), ("28", "14")),
            (("40",), ("all",)),
        ],
    )
    def test_numbers_that_mean_the_whole_window_are_one_choice(self, given, kept):
        assert question(given).kept().days == kept

    def test_a_baseline_that_reaches_into_the_window(self):
        late = Baseline("late", "late", FIRST, FIRST + 10 * DAY)
        with pytest.raises(InputError, match="end before the window begins"):
            Question("w", FIRST + 10 * DAY, FIRST + 20 * DAY, (late,))

    @pytest.mark.parametrize("days", ["0", "-3", "many", "2.5"])
    def test_days_that_are_no_number(self, days):
        with pytest.raises(InputError, match="above 0"):
            question((days,))

    def test_other_models(self):
        with pytest.raises(UnknownNameError, match=r"'levels'.*'level'"):
            Question("w", FIRST, FIRST + DAY, (), models=("levels",))

    def test_a_window_the_wrong_way_round(self):
        with pytest.raises(InputError, match="ends before it begins"):
            Question("w", FIRST + DAY, FIRST, ())

    def test_end_of_is_inside_the_window(self):
        assert question().end_of("28") == FIRST + 87 * DAY
        assert question().end_of("400") == question().end_of(ALL_DAYS) == FIRST + 99 * DAY


class TestCounts:
    def test_between_keeps_what_is_there(self):
        part = counts(range(10)).between(FIRST - 5 * DAY, FIRST + 2 * DAY)
        assert (part.first, part.deaths.tolist()) == (FIRST, [0.0, 1.0, 2.0])
        assert len(counts(range(10)).between(FIRST + 20 * DAY, FIRST + 30 * DAY).deaths) == 0

    def test_a_missing_day_is_no_zero_in_the_key(self):
        assert counts([1, 0, 2]).digest() != counts([1, np.nan, 2]).digest()
        assert counts([1, 0, 2]).digest() == counts([1, 0, 2]).digest()

    def test_the_series_has_the_same_days(self):
        values = [3, np.nan, 5]
        made = counts(values).series()
        np.testing.assert_array_equal(made.counts, values)
        assert made.frame["exposure"].tolist() == [1.0, 0.0, 1.0]


days = st.lists(st.one_of(st.integers(0, 60), st.just(np.nan)), min_size=100, max_size=100)


class TestAlter:
    @given(days, st.integers(1, 400))
    def test_removed_deaths_are_those_asked_for_and_nothing_else(self, values, amount):
        before, ask = counts(values), question()
        here = int(np.nansum(before.deaths[60:]))
        after, _ = alter(before, ask, Alteration("window removed", amount))
        assert np.nansum(after.deaths[60:]) == max(here - amount, 0)
        np.testing.assert_array_equal(after.deaths[:60], before.deaths[:60])
        seen = ~np.isnan(before.deaths)
        assert (after.deaths[seen] <= before.deaths[seen]).all()
        np.testing.assert_array_equal(np.isnan(after.deaths), ~seen)

    @given(days, st.integers(1, 4000))
    def test_added_deaths_are_spread_evenly(self, values, amount):
        before, ask = counts(values), question()
        after, _ = alter(before, ask, Alteration("before added", amount))
        more = (after.deaths - before.deaths)[:60]
        seen = ~np.isnan(more)
        if seen.any():
            assert more[seen].sum() == amount
            assert np.ptp(more[seen]) <= 1
        np.testing.assert_array_equal(after.deaths[60:], before.deaths[60:])

    @given(days, st.integers(1, 150))
    def test_completeness_scales_the_running_total(self, values, steps):
        before, ask = counts(values), question()
        factor = Alteration("window more complete", steps).amount
        fewer, _ = alter(before, ask, Alteration("window more complete", steps))
        more, _ = alter(before, ask, Alteration("window less complete", steps))
        run = np.nancumsum(before.deaths[60:])
        assert np.abs(np.nancumsum(fewer.deaths[60:]) - run / factor).max() <= 0.5 + 1e-6
        assert np.abs(np.nancumsum(more.deaths[60:]) - run * factor).max() <= 0.5 + 1e-6

    def test_the_deadliest_days_are_levelled(self):
        values = np.zeros(100)
        values[60:64] = [9, 4, 8, 9]
        after, _ = alter(counts(values), question(), Alteration("window removed", 4))
        assert after.deaths[60:64].tolist() == [7.0, 4.0, 7.0, 8.0]

    def test_boundaries_move_the_window_and_leave_the_data(self):
        ask, data = question(), counts(range(100))
        for kind, first, last in (
            ("first day later", 7, 0),
            ("first day earlier", -7, 0),
            ("last day earlier", 0, -7),
        ):
            same, moved = alter(data, ask, Alteration(kind, 7))
            assert same is data
            assert (moved.first - ask.first, moved.last - ask.last) == (first * DAY, last * DAY)
            assert all(baseline.last < moved.first for baseline in moved.baselines)

    def test_names(self):
        assert set(ALTERATIONS) == {*LOWERING, *RAISING, *BOUNDARIES}
        with pytest.raises(UnknownNameError, match="'window halved'"):
            alter(counts(range(100)), question(), Alteration("window halved", 1))

    def test_largest_amounts(self):
        data, ask = counts([1] * 100), question()
        assert largest_amount(data, ask, "window removed") == 40
        assert largest_amount(data, ask, "before removed") == 60
        assert largest_amount(data, ask, "window added") == 1000
        assert largest_amount(data, ask, "first day later") == 20
        assert largest_amount(data, ask, "first day earlier") == 28
