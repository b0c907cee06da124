"""A date is read as the days that it may mean, in one way or not at all."""

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.ledger import ZONED
from casualties.sources.lists.dates import MONTHS, date_format, precision, read_windows


def read(*cells, formats=(), unknown=(), **options):
    series = pd.Series(cells, index=range(2, len(cells) + 2), dtype="str")
    return read_windows(series, [date_format(text) for text in formats], unknown, **options)


@pytest.mark.parametrize(
    ("cell", "form", "start", "end"),
    [
        ("03/05/2019", "%d/%m/%Y", "2019-05-03", "2019-05-03"),
        ("3/5/2019", "%d/%m/%Y", "2019-05-03", "2019-05-03"),
        ("3/5/19", "%d/%m/%y", "2019-05-03", "2019-05-03"),
        ("3/5/69", "%d/%m/%y", "1969-05-03", "1969-05-03"),
        ("20190503", "%Y%m%d", "2019-05-03", "2019-05-03"),
        ("May 3, 2019", "%B %d, %Y", "2019-05-03", "2019-05-03"),
        ("3-SEP-2019", "%d-%b-%Y", "2019-09-03", "2019-09-03"),
        ("3 Sept. 2019", "%d %B %Y", "2019-09-03", "2019-09-03"),
        ("٣ أيار ٢٠١٩", "%d %B %Y", "2019-05-03", "2019-05-03"),
        ("٣ ايار، ٢٠١٩", "%d %B, %Y", "2019-05-03", "2019-05-03"),
        ("\u200f03/05/2019\u200f", "%d/%m/%Y", "2019-05-03", "2019-05-03"),
        ("3 كانون الثاني 2019", "%d %B %Y", "2019-01-03", "2019-01-03"),
        ("3 نيسان/أبريل 2019", "%d %B %Y", "2019-04-03", "2019-04-03"),
        ("3 أيار (مايو) 2019", "%d %B %Y", "2019-05-03", "2019-05-03"),
        ("03/05/2019 14:30", "%d/%m/%Y %H:%M", "2019-05-03", "2019-05-03"),
        ("2019-02", "%Y-%m", "2019-02-01", "2019-02-28"),
        ("شباط 2020", "%B %Y", "2020-02-01", "2020-02-29"),
        ("2019", "%Y", "2019-01-01", "2019-12-31"),
        ("100% 2019", "100%% %Y", "2019-01-01", "2019-12-31"),
    ],
)
def test_formats(cell, form, start, end):
    assert read(cell, formats=[form]).to_numpy().tolist() == [[start, end, ""]]


def test_every_name_of_every_month():
    for number, names in enumerate(MONTHS, start=1):
        for name in names:
            assert read(f"9 {name} 2019", formats=["%d %B %Y"])["start"].iloc[0] == f"2019-{number:02d}-09"


@pytest.mark.parametrize(
    "cell",
    ["2019-05-03", "2019-05-03 14:30:00", "2019-05-03T14:30", "٢٠١٩-٠٥-٠٣", "2019-5-3", "2019-05-03T00:00:00.000Z"],
)
def test_typed_dates_need_no_format(cell):
    assert read(cell)["start"].tolist() == ["2019-05-03"]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("", "no date given"),
        ("   ", "no date given"),
        ("غير معروف", "the list says that no date is known"),
        ("30/02/2019", "no such day in the calendar"),
        ("05/25/2019", "no such day in the calendar"),
        ("2019-13-01", "no such day in the calendar"),
        ("43589", "not a date of the formats that the mapping names"),
        ("3 أيار/أبريل 2019", "no such day in the calendar"),
        ("2019-05-03T22:00:00Z", ZONED),
        ("2019-05-03 00:00+03:00", ZONED),
    ],
)
def test_faults(cell, fault):
    found = read(cell, formats=["%d/%m/%Y", "%d %B %Y"], unknown=["غيـر معروف"])
    assert found.to_numpy().tolist() == [["", "", fault]]


def test_a_cell_that_fits_two_formats_in_two_ways_is_refused_by_row_and_both_readings():
    said = (
        r"row 3, column 'Day', value '04/05/2019': the cell fits formats that do not mean the same: "
        r"'%d/%m/%Y' reads 2019-05-04 and '%m/%d/%Y' reads 2019-04-05; name one of these formats only"
    )
    with pytest.raises(InputError, match=said):
        read("04/25/2019", "04/05/2019", formats=["%d/%m/%Y", "%m/%d/%Y"], file="a.csv", column="Day")


def test_a_cell_that_fits_two_formats_in_one_way_is_no_doubt():
    assert read("05/05/2019", formats=["%d/%m/%Y", "%m/%d/%Y"])["start"].tolist() == ["2019-05-05"]


def test_a_format_against_the_iso_form_is_in_doubt_too():
    with pytest.raises(InputError, match=r"'%Y-%m-%d' reads 2019-05-03 and '%Y-%d-%m' reads 2019-03-05"):
        read("2019-05-03", formats=["%Y-%d-%m"])


def test_a_broken_row_shows_no_doubt():
    found = read("04/05/2019", formats=["%d/%m/%Y", "%m/%d/%Y"], sound=np.array([False]))
    assert found["start"].tolist() == [""]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%d/%m", "the format has no year"),
        ("%d %Y", "the format has no month"),
        ("%d/%m/%Y %j", "'%j' is no part of a date"),
        ("%d/%m/%Y %", "'%' is no part of a date"),
        ("%m %B %Y", "the format names a part twice"),
        ("%Y %y", "the format names a part twice"),
    ],
)
def test_formats_that_say_nothing(form, said):
    with pytest.raises(InputError, match=said):
        date_format(form)


def test_precision_is_that_of_the_window():
    start = pd.Series(["2019-05-01"] * 9)
    end = pd.Series(
        [
            "2019-05-01",
            "2019-05-02",
            "2019-05-06",
            "2019-05-07",
            "2019-05-08",
            "2019-05-31",
            "2019-06-01",
            "",
            "2019-04-30",
        ]
    )
    assert precision(start, end).tolist() == ["1", "2", "2", "3", "4", "4", "5", "", ""]
