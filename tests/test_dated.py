"""What is doubtful about dates: another calendar, zones, orders that change, exchanged day and month. All invented."""

import pandas as pd
import pytest

from casualties.sources.drafting.dated import doubtful_dates, why_no_dates
from casualties.sources.drafting.look import look


def column(cells):
    (made,) = look(pd.DataFrame({"Date": cells}, index=range(2, len(cells) + 2)))
    return made


DAYS = [f"{day}/03/2019" for day in range(1, 29)]


def test_plain_dates_are_not_doubtful():
    assert doubtful_dates(column(DAYS)) == []


@pytest.mark.parametrize("cell", ["12/08/1440", "12/08/40", "1440-08-12", "١٢/٠٨/١٤٤٠"])
def test_some_hijri_dates_are_a_doubt_with_their_row(cell):
    made = column([*DAYS, cell])
    assert made.dates.last == "2019-03-28"
    (doubt,) = doubtful_dates(made)
    assert f"look like dates of the Hijri calendar (the first: row 30, {cell!r}); convert them first" in doubt


@pytest.mark.parametrize("cell", ["12/08/1440", "12/08/40", "12 رمضان 1440"])
def test_a_column_of_hijri_dates_is_none_and_why(cell):
    made = column([cell] * 5)
    assert made.dates is None
    why, remedy = why_no_dates(made)
    assert "5 cells of 'Date' look like dates of the Hijri calendar (the first: row 2" in why
    assert remedy.startswith("convert them first")


def test_days_to_come_are_a_doubt():
    (doubt,) = doubtful_dates(column([*DAYS, "01/04/2091"]))
    assert "1 cell of 'Date' are read as days after 2030 (the first: row 30, '01/04/2091' as 2091-04-01)" in doubt


def test_two_orders_are_named_with_the_first_row_of_each():
    why, remedy = why_no_dates(column(["13/03/2019", "14/03/2019", "03/13/2019", "03/14/2019", "03/15/2019"]))
    assert "2 cells only with the day first (the first: row 2, '13/03/2019')" in why
    assert "3 cells only with the month first (the first: row 4, '03/13/2019')" in why
    assert remedy == "write all of them as YYYY-MM-DD"


def test_zones_are_named():
    why, _ = why_no_dates(column(["2024-01-01T23:30:00-05:00", "2024-01-02T00:30:00Z"]))
    assert "2 cells of 'Date' have a time with a zone" in why


def test_day_and_month_that_a_spreadsheet_exchanged():
    typed = [f"2019-{day:02d}-03" for day in range(1, 13)]
    (doubt,) = doubtful_dates(column([*typed, *(f"{day}/03/2019" for day in range(13, 32))]))
    assert "All 12 typed dates of 'Date' have a day up to 12 (the first: row 2, '2019-01-03')" in doubt
    assert "all 19 that are text have one above it (the first: row 14, '13/03/2019')" in doubt


def test_nothing_is_known_of_words():
    assert why_no_dates(column(["soon", "later", "never"])) == ("", "")
