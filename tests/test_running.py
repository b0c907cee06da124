"""Running totals: where they fall, and that they are not added up as new deaths. All numbers are invented."""

import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.sources.drafting.look import look
from casualties.sources.drafting.running import falls, mind_totals_by_place, repeated_days, reports_by_day


def days(count, first="2018-12-20"):
    return pd.date_range(first, periods=count).strftime("%Y-%m-%d").tolist()


def columns(**cells):
    return look(pd.DataFrame({name: list(map(str, column)) for name, column in cells.items()}))


class TestFalls:
    def test_a_total_that_begins_anew_at_new_year(self):
        date, total = columns(Date=days(20), Total=[*range(40, 100, 5), *range(3, 40, 5)])
        (fall,) = falls(total, date)
        assert (fall.day, fall.before, fall.after, fall.anew) == ("2019-01-01", 95, 3, True)

    def test_a_spike_does_not_begin_anew(self):
        date, total = columns(Date=days(20), Total=[*range(10, 20), 200, *range(21, 30)])
        (fall,) = falls(total, date)
        assert (fall.before, fall.after, fall.anew) == (200, 21, False)


class TestReportsByDay:
    def test_a_second_report_now_and_then(self):
        (date,) = columns(Date=[*days(60), days(60)[5]])
        assert reports_by_day(date)
        assert repeated_days(date) == {"2018-12-25": [5, 60]}

    def test_events_share_days(self):
        (date,) = columns(Date=[*days(20), *days(10)])
        assert not reports_by_day(date)

    def test_months_are_no_days(self):
        (date,) = columns(Date=[f"2019-{month:02d}" for month in range(1, 13)])
        assert not reports_by_day(date)


class TestByPlace:
    TOTALS = tuple(range(5, 65, 2))

    def made(self, name, numbers):
        both = [number for number in numbers for _ in range(2)]
        dated = [day for day in days(len(numbers)) for _ in range(2)]
        return columns(**{"Date": dated, "Area": ["Invented North", "Invented South"] * len(numbers), name: both})

    @pytest.mark.parametrize(("name", "why"), [("Killed", "no header says so"), ("Cumulative killed", "the header")])
    def test_running_totals_of_places_are_not_added_up(self, name, why):
        date, area, total = self.made(name, self.TOTALS)
        with pytest.raises(InputError, match=rf"list\.csv, column '{name}': these are running totals .*{why}.*new"):
            mind_totals_by_place(total, date, [area], "list.csv")

    def test_new_deaths_of_places_are(self):
        date, area, killed = self.made("Killed", [3, 0, 5, 1] * 10)
        assert mind_totals_by_place(killed, date, [area], "list.csv") == ""

    def test_a_short_rise_is_a_doubt(self):
        date, killed = columns(Month=[f"2019-{month:02d}" for month in range(1, 13)], Killed=range(30, 390, 30))
        assert "may be running totals" in mind_totals_by_place(killed, date, [], "list.csv")
