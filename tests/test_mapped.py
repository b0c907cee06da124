"""A list of any form enters through a mapping: every death that can be read ends in an event or in the ledger.

All lists are invented and written by the tests. Comparisons are exact: counts, days and words.
"""

import csv
import json
import re
import tomllib
import unicodedata
from typing import ClassVar

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualties.errors import InputError
from casualties.events import COLUMNS
from casualties.provenance import SourceRecord
from casualties.series import daily_series
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.ucdp import read_ucdp_ged

EVENTS = {"columns": {"id": "No.", "date": "Day", "adm1": "Area", "best": "Killed"}}
HEADER = ("No.", "Day", "Area", "Killed")
VICTIMS = {"rows": "victims", "columns": {"date": "Day", "place": "Place"}}
WINDOW = {"start": "2019-05-01", "end": "2019-05-31", "spread": "even", "missing_days": "zero"}
NAME = "INVENTED NAME OF A PERSON"


def write(tmp_path, header, *rows, name="list.csv"):
    with (tmp_path / name).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return tmp_path / name


def events_of(tmp_path, *rows, header=HEADER, mapping=EVENTS, **more):
    return read_mapped(write(tmp_path, header, *rows), {**mapping, **more})


def only(events, column):
    assert len(events.rejected) == 0, events.rejected.to_string()
    (value,) = events.accepted[column]
    return value


class TestEvents:
    def test_what_a_list_does_not_give_is_not_known(self, tmp_path):
        events = events_of(tmp_path, ("a", "2019-05-03", "North", "7"))
        row = events.accepted.iloc[0]
        assert list(events.accepted.columns) == [*COLUMNS, "row"]
        assert (row["id"], str(row["date_start"].date()), row["date_prec"], row["adm1"], row["best"]) == (
            *("a", "2019-05-03", 1, "North", 7),
        )
        unknown = ["low", "high", "kind", "where_prec", "deaths_a", "deaths_b", "civilians", "unknown"]
        assert events.accepted[unknown].isna().all(axis=None)
        assert (row["row"], row["flags"], row["place"]) == (2, "", "")
        assert (events.record.name, events.record.file, len(events.record.sha256)) == ("list", "list.csv", 64)

    def test_it_becomes_a_series(self, tmp_path):
        events = events_of(tmp_path, ("a", "2019-05-03", "North", "7"), ("b", "May 2019", "North", "31"), dates=MAY)
        series = daily_series(events, **WINDOW)
        assert series.frame["best"].sum() == 38
        assert series.frame["best"].iloc[2] == 8

    def test_a_row_without_an_id_column_is_named_by_its_row(self, tmp_path):
        mapping = {"columns": {"date": "Day", "best": "Killed"}}
        events = events_of(tmp_path, ("a", "2019-05-03", "North", "7"), mapping=mapping)
        assert only(events, "id") == "2"
        assert only(events, "flags") == "no-adm1;row-id"

    def test_an_empty_id_is_the_row_and_counted(self, tmp_path):
        events = events_of(tmp_path, ("", "2019-05-03", "North", "7"))
        assert only(events, "id") == "row 2"
        assert only(events, "flags") == "row-id"
        assert events.record.notes == ("Rows without an id, named by their number: 1.",)

    def test_columns_that_are_not_named_leave_no_trace(self, tmp_path):
        file = write(tmp_path, (*HEADER, "Name"), ("a", "2019-05-03", "N", "7", NAME), ("b", "x", "N", "7", NAME))
        events = read_mapped(file, EVENTS)
        assert NAME not in events.accepted.to_csv() + events.rejected.to_csv() + str(events.record)

    def test_a_broken_row_gives_no_cell_away(self, tmp_path):
        file = tmp_path / "list.csv"
        file.write_text(f"Name,No.,Day,Area,Killed\n,a,2019-05-03,N,7\nx,{NAME},b,2019-05-03,N,7\n")
        events = read_mapped(file, EVENTS)
        assert events.rejected[["row", "id", "column", "value"]].to_numpy().tolist() == [[3, "row 3", "", ""]]
        assert events.rejected["best"].isna().all()

    def test_rows_that_differ_only_in_unread_words_are_not_the_same_row(self, tmp_path):
        rows = [
            ("a", "2019-05-03", "N", "7", "x"),
            ("a", "2019-05-03", "N", "7", "y"),
            ("b", "2019-05-03", "N", "1", ""),
        ]
        events = read_mapped(write(tmp_path, (*HEADER, "Note"), *rows), EVENTS)
        assert events.rejected["reason"].tolist() == [
            "the id is used by a different row too: row 3 (duplicate id)",
            "the id is used by a different row too: row 2 (duplicate id)",
        ]
        assert (events.rejected["column"].unique().tolist(), events.rejected["value"].tolist()) == (["No."], ["a", "a"])

    def test_the_same_row_again_is_counted_once(self, tmp_path):
        events = events_of(tmp_path, *[("a", "2019-05-03", "N", "7")] * 2)
        assert events.accepted["row"].tolist() == [2]
        assert events.rejected[["row", "best"]].to_numpy().tolist() == [[3, 7]]

    def test_lookalikes_are_flagged(self, tmp_path):
        events = events_of(tmp_path, ("a", "2019-05-03", "N", "7"), ("b", "2019-05-03", "N", "7"))
        assert events.accepted["flags"].tolist() == ["lookalike"] * 2

    def test_a_given_record_is_kept_and_its_notes_are_added_to(self, tmp_path):
        record = SourceRecord(name="A list", licence="CC0", notes=("first",))
        file = write(tmp_path, HEADER, ("", "2019-05-03", "N", "7"))
        found = read_mapped(file, EVENTS, record).record
        assert (found.name, found.licence, found.notes[0], len(found.notes)) == ("A list", "CC0", "first", 2)


MAY = {"formats": ["%B %Y"]}


class TestLedger:
    @pytest.mark.parametrize(
        ("row", "column", "value", "reason", "best"),
        [
            (("a", "3 May 2019", "N", "7"), "Day", "3 May 2019", "not a date of the formats that the mapping names", 7),
            (("a", " ٣٠/٠٢/٢٠١٩", "N", "٧"), "Day", " ٣٠/٠٢/٢٠١٩", "no such day in the calendar", 7),
            (("a", "", "N", "7"), "Day", "", "no date given", 7),
            (("a", "01/01/1800", "N", "7"), "Day", "01/01/1800", "a placeholder, not a real date", 7),
            (("a", "03/05/2019", "N", "many"), "Killed", "many", "not a number", None),
            (("a", "03/05/2019", "N", ""), "Killed", "", "no number given", None),
            (("a", "03/05/2019", "N", "-٣"), "Killed", "-٣", "deaths cannot be negative", None),
            (("a", "03/05/2019", "N", "2.5"), "Killed", "2.5", "people come in whole numbers", None),
            (("a", "03/05/2019", "N", "99999999"), "Killed", "99999999", "too large to be a count of people", None),
            (("a", "x", "N", "many"), "Day", "x", r"not a date of the formats .* \(more faults in: Killed\)", None),
        ],
    )
    def test_it_speaks_the_words_of_the_list(self, tmp_path, row, column, value, reason, best):
        events = events_of(tmp_path, ("z", "03/05/2019", "N", "1"), row, dates={"formats": ["%d/%m/%Y"]})
        (entry,) = events.rejected.to_dict("records")
        assert (entry["row"], entry["column"], entry["value"], entry["id"]) == (3, column, value, "a")
        assert re.fullmatch(reason, entry["reason"])
        assert (None if pd.isna(entry["best"]) else entry["best"]) == best

    def test_a_window_that_ends_before_it_starts(self, tmp_path):
        mapping = {"columns": {"date_start": "From", "date_end": "To", "best": "K"}}
        header, good = ("From", "To", "K"), ("2019-05-03", "", "1")
        events = events_of(tmp_path, good, ("2019-05-03", "2019-05-01", "2"), header=header, mapping=mapping)
        assert events.rejected[["column", "value", "best"]].to_numpy().tolist() == [["To", "2019-05-01", 2]]

    def test_names_of_ours_in_another_sense_are_not_mixed_up(self, tmp_path):
        mapping = {"columns": {"date": "best", "best": "date_start"}}
        events = events_of(
            tmp_path,
            ("2019-05-03", "1"),
            ("x", "2"),
            ("1800-01-01", "3"),
            header=("best", "date_start"),
            mapping=mapping,
        )
        assert events.rejected[["column", "value", "best"]].to_numpy().tolist() == [
            ["best", "x", 2],
            ["best", "1800-01-01", 3],
        ]

    def test_nothing_usable(self, tmp_path):
        with pytest.raises(
            InputError, match=r"list.csv, row 2, column 'Day', value 'x': no row can be used; .* not a date"
        ):
            events_of(tmp_path, ("a", "x", "N", "7"))
        said = r"list.csv, row 2, column 'Day', value '1/1/1800': no row can be used; .*a placeholder"
        with pytest.raises(InputError, match=said):
            events_of(tmp_path, ("a", "1/1/1800", "N", "7"), dates={"formats": ["%d/%m/%Y"]})

    def test_a_date_in_doubt_stops_the_reading(self, tmp_path):
        with pytest.raises(InputError, match=r"list.csv, row 3, column 'Day', value '04/05/2019': .*fits formats"):
            events_of(
                tmp_path,
                ("a", "13/05/2019", "N", "7"),
                ("b", "04/05/2019", "N", "7"),
                dates={"formats": ["%d/%m/%Y", "%m/%d/%Y"]},
            )


class TestColumns:
    def test_the_nearest_column_is_named(self, tmp_path):
        with pytest.raises(
            InputError, match=r"column 'Killed': .*does not have.*did you mean 'killed'\?.*'No.', 'Day'"
        ):
            events_of(tmp_path, ("a", "2019-05-03", "N", "7"), header=("No.", "Day", "Area", "killed"))

    def test_no_column_is_there(self, tmp_path):
        with pytest.raises(InputError, match=r"column 'No.': .*missing too: Day, Area, Killed"):
            events_of(tmp_path, ("a", "b"), header=("x", "y"))

    def test_headers_in_arabic_composed_or_not(self, tmp_path):
        header = ["التاريخ", unicodedata.normalize("NFD", "الأعداد"), unicodedata.normalize("NFD", "آخر")]
        mapping = {"columns": {"date": "التاريخ", "best": "الأعداد"}, "carry": {"other": "آخر"}}
        events = events_of(tmp_path, ("2019-05-03", "٧", "x"), header=header, mapping=mapping)
        assert (only(events, "best"), only(events, "other")) == (7, "x")

    def test_two_columns_that_are_one_to_the_eye(self, tmp_path):
        header = ["Day", *(unicodedata.normalize(form, "الأعداد") for form in ("NFC", "NFD"))]
        with pytest.raises(InputError, match="the column stands twice in the header"):
            events_of(tmp_path, ("a", "1", "1"), header=header, mapping={"columns": {"date": "Day", "best": "الأعداد"}})

    def test_one_column_may_stand_for_several(self, tmp_path):
        mapping = {"columns": {"date_start": "Day", "date_end": "Day", "low": "Killed", "best": "Killed"}}
        assert only(events_of(tmp_path, ("a", "2019-05-03", "N", "7"), mapping=mapping), "low") == 7


class TestEstimates:
    COLUMNS: ClassVar = {"columns": {"date": "Day", "best": "K", "low": "Min", "high": "Max"}}
    WORDS: ClassVar = {"estimates": {"at_least": ["at least {}"], "range": ["{}-{}"], "best": "low"}}

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            (("7", "", ""), (None, 7, None)),
            (("7", "5", "9"), (5, 7, 9)),
            (("at least 7", "", ""), (7, 7, None)),
            (("at least 7", "", "9"), (7, 7, 9)),
            (("at least 7", "6", ""), (6, 7, None)),
            (("5-9", "", ""), (5, 5, 9)),
            (("5-9", "4", "10"), (4, 5, 10)),
            (("", "4", ""), (4, 4, None)),
            (("", "at least 4", "at least 9"), (4, 4, None)),
            (("7", "3-4", "8-9"), (3, 7, 9)),
        ],
    )
    def test_low_best_and_high(self, tmp_path, cells, expected):
        events = events_of(
            tmp_path, ("2019-05-03", *cells), header=("Day", "K", "Min", "Max"), mapping={**self.COLUMNS, **self.WORDS}
        )
        assert only(events, "flags") == "no-adm1;row-id"
        found = events.accepted[["low", "best", "high"]].iloc[0]
        assert tuple(None if pd.isna(value) else value for value in found) == expected

    def test_best_is_copied_by_the_rule_alone_and_the_copies_are_counted(self, tmp_path):
        rows, header = [("2019-05-03", "", "4", "6"), ("2019-05-03", "5", "", "")], ("Day", "K", "Min", "Max")
        events = events_of(tmp_path, *rows, header=header, mapping=self.COLUMNS)
        assert events.rejected[["row", "column", "reason", "low", "high"]].to_numpy().tolist() == [
            [2, "K", "no number given", 4, 6]
        ]
        events = events_of(tmp_path, *rows, header=header, mapping={**self.COLUMNS, "estimates": {"best": "high"}})
        assert events.accepted["best"].tolist() == [6, 5]
        assert events.record.notes == ("Rows whose best is taken from high, as the mapping says: 1.",)

    def test_a_list_without_best(self, tmp_path):
        mapping = {"columns": {"date": "Day", "low": "Min"}, "estimates": {"best": "low"}}
        rows = [("2019-05-03", "4"), ("2019-05-03", "")]
        events = events_of(tmp_path, *rows, header=("Day", "Min"), mapping=mapping)
        assert events.accepted[["low", "best"]].to_numpy().tolist() == [[4, 4]]
        assert events.rejected[["column", "reason"]].to_numpy().tolist() == [["Min", "no number given"]]

    def test_ranges_the_wrong_way_round_are_kept_and_flagged(self, tmp_path):
        mapping = {**self.COLUMNS, **self.WORDS}
        rows = [("2019-05-03", "9-5", "", ""), ("2019-05-03", "3", "4", "2")]
        events = events_of(tmp_path, *rows, header=("Day", "K", "Min", "Max"), mapping=mapping)
        assert events.accepted[["low", "best", "high"]].to_numpy().tolist() == [[9, 9, 5], [4, 3, 2]]
        assert events.accepted["flags"].tolist() == ["best>high;no-adm1;row-id", "low>best;best>high;no-adm1;row-id"]

    def test_thousands_are_read_where_they_are_declared(self, tmp_path):
        rows = [("a", "2019-05-03", "N", "1,234"), ("b", "2019-05-03", "N", "7")]
        assert events_of(tmp_path, *rows).rejected["value"].tolist() == ["1,234"]
        assert events_of(tmp_path, *rows, estimates={"thousands": ","}).accepted["best"].tolist() == [1234, 7]

    def test_who_the_dead_were(self, tmp_path):
        mapping = {"columns": {"date": "Day", "best": "K", "civilians": "C"}}
        rows = [("2019-05-03", "7", "٥"), ("2019-05-03", "7", ""), ("2019-05-04", "7", "8"), ("2019-05-05", "7", "x")]
        events = events_of(tmp_path, *rows, header=("Day", "K", "C"), mapping=mapping)
        assert events.accepted["civilians"].tolist() == [5, pd.NA, 8]
        assert events.accepted["flags"].str.contains("sum!=best").tolist() == [False, False, True]
        assert events.rejected[["column", "value", "best"]].to_numpy().tolist() == [["C", "x", 7]]

    def test_words_for_numbers_are_translated_where_the_mapping_says_so(self, tmp_path):
        events = events_of(tmp_path, ("a", "2019-05-03", "N", "Dozens"), values={"best": {"dozens": 12}})
        assert only(events, "best") == 12


class TestDates:
    @pytest.mark.parametrize(
        ("start", "end", "window", "prec"),
        [
            ("03/05/2019", "", ("2019-05-03", "2019-05-03"), 1),
            ("03/05/2019", "04/05/2019", ("2019-05-03", "2019-05-04"), 2),
            ("03/05/2019", "09/05/2019", ("2019-05-03", "2019-05-09"), 3),
            ("أيار ٢٠١٩", "", ("2019-05-01", "2019-05-31"), 4),
            ("أيار ٢٠١٩", "تموز ٢٠١٩", ("2019-05-01", "2019-07-31"), 5),
            ("03/05/2019", "أيار ٢٠١٩", ("2019-05-03", "2019-05-31"), 4),
            ("2019", "", ("2019-01-01", "2019-12-31"), 5),
        ],
    )
    def test_windows(self, tmp_path, start, end, window, prec):
        mapping = {
            "columns": {"date_start": "From", "date_end": "To", "best": "K"},
            "dates": {"formats": ["%d/%m/%Y", "%B %Y", "%Y"]},
        }
        events = events_of(tmp_path, (start, end, "1"), header=("From", "To", "K"), mapping=mapping)
        assert only(events, "date_prec") == prec
        assert tuple(str(only(events, name).date()) for name in ("date_start", "date_end")) == window

    def test_the_lists_own_precision_counts_before_that_of_the_window(self, tmp_path):
        mapping = {"columns": {"date": "Day", "best": "K", "date_prec": "P"}, "values": {"date_prec": {"week": 3}}}
        rows = [("2019-05-03", "1", "Week"), ("2019-05-03", "1", "")]
        events = events_of(tmp_path, *rows, header=("Day", "K", "P"), mapping=mapping)
        assert events.accepted["date_prec"].tolist() == [3, 1]

    def test_a_first_document_of_no_exact_day_is_left_out_and_flagged(self, tmp_path):
        mapping = {
            "columns": {"date": "Day", "best": "K", "first_document": "F"},
            "dates": {"formats": ["%d/%m/%Y", "%Y"]},
        }
        rows = [("03/05/2019", "1", "04/05/2019"), ("03/05/2019", "2", "2019"), ("03/05/2019", "3", "")]
        events = events_of(tmp_path, *rows, header=("Day", "K", "F"), mapping=mapping)
        assert [str(day)[:10] for day in events.accepted["first_document"]] == ["2019-05-04", "NaT", "NaT"]
        assert events.accepted["flags"].str.contains("document-date").tolist() == [False, True, False]


class TestCodes:
    def coded(self, tmp_path, *codes, values=None):
        mapping = {"columns": {"date": "Day", "best": "K", "kind": "How"}}
        if values:
            mapping["values"] = {"kind": values}
        rows = [("2019-05-03", "1", code) for code in ("2", *codes)]
        return events_of(tmp_path, *rows, header=("Day", "K", "How"), mapping=mapping)

    def test_codes_that_are_ours_need_no_translation(self, tmp_path):
        assert self.coded(tmp_path, "١", "3.0", "").accepted["kind"].tolist() == [2, 1, 3, pd.NA]

    def test_another_code_goes_to_the_ledger(self, tmp_path):
        rejected = self.coded(tmp_path, "9", "x").rejected
        assert rejected[["value", "reason"]].to_numpy().tolist() == [
            ["9", "not one of 1, 2, 3"],
            ["x", "not one of 1, 2, 3"],
        ]

    def test_with_a_translation_a_code_of_theirs_is_not_taken_for_ours(self, tmp_path):
        events = self.coded(tmp_path, "air STRIKE", "قصـف", "1", values={"Air strike": 3, "قصف": "1", "2": "2"})
        assert events.accepted["kind"].tolist() == [2, 3, 1]
        assert events.rejected[["column", "value", "reason", "best"]].to_numpy().tolist() == [
            ["How", "1", "[values.kind] does not translate it", 1]
        ]

    def test_a_word_may_be_translated_into_nothing(self, tmp_path):
        assert self.coded(tmp_path, "n/a", values={"2": "2", "n/a": ""}).accepted["kind"].tolist() == [2, pd.NA]

    def test_names_without_a_translation_stay(self, tmp_path):
        rows = [("a", "2019-05-03", "ادلب", "1"), ("b", "2019-05-03", " Hama ", "1")]
        events = events_of(tmp_path, *rows, values={"adm1": {"ادلـب": "Idlib Governorate"}})
        assert events.accepted["adm1"].tolist() == ["Idlib Governorate", "Hama"]
        assert events.accepted["adm1_given"].tolist() == ["ادلب", ""]

    def test_coordinates(self, tmp_path):
        mapping = {"columns": {"date": "Day", "best": "K", "lat": "Y"}}
        rows = [("2019-05-03", "1", "٣٥.5"), ("2019-05-03", "1", "north"), ("2019-05-03", "1", "")]
        events = events_of(tmp_path, *rows, header=("Day", "K", "Y"), mapping=mapping)
        assert events.accepted["lat"].fillna(-1).tolist() == [35.5, -1, -1]
        assert events.record.notes == ("Rows in which lat cannot be read as a number: 1.",)


class TestPlaces:
    def test_names_of_areas_become_those_of_the_gazetteer(self, tmp_path):
        names = ["إدلب", "Idleb", "Idlib", "Atlantis", ""]
        rows = [(str(number), "2019-05-03", name, "1") for number, name in enumerate(names)]
        events = events_of(tmp_path, *rows, gazetteer="syria")
        assert events.accepted["adm1"].tolist() == ["Idlib", "Idlib", "Idlib", "Atlantis", ""]
        assert events.accepted["adm1_given"].tolist() == ["إدلب", "Idleb", "", "", ""]
        flags = events.accepted["flags"].str.replace("lookalike;?", "", regex=True).tolist()
        assert flags == ["", "", "", "place-unmatched", "no-adm1"]


class TestBreakdown:
    MAPPING: ClassVar = {
        "columns": {"date": "Day", "best": "K"},
        "breakdown": {"women": "W", "medical": "M"},
        "carry": {"by": "By"},
    }

    def test_a_part_is_never_more_than_all(self, tmp_path):
        rows = [
            ("2019-05-03", "5", "2", "", "X"),
            ("2019-05-04", "5", "6", "5", ""),
            ("2019-05-05", "5", "some", "0", ""),
            ("2019-05-06", "", "1", "0", ""),
        ]
        events = events_of(tmp_path, *rows, header=("Day", "K", "W", "M", "By"), mapping=self.MAPPING)
        accepted = events.accepted
        assert accepted["women"].tolist() == [2, pd.NA, pd.NA]
        assert accepted["medical"].tolist() == [pd.NA, 5, 0]
        assert accepted["by"].tolist() == ["X", "", ""]
        assert accepted["best"].tolist() == [5, 5, 5]
        assert accepted["flags"].tolist() == [
            "no-adm1;row-id",
            "no-adm1;row-id;parts>total",
            "no-adm1;row-id;part-unread",
        ]
        assert events.record.notes == (
            "Rows in which women is above the total and so not known: 1.",
            "Rows in which women cannot be read and is not known: 1.",
        )
        assert list(accepted.columns) == [*COLUMNS, "women", "medical", "by", "row"]

    def test_a_part_becomes_a_series(self, tmp_path):
        rows = [("2019-05-03", "5", "2", "", ""), ("2019-05-04", "5", "6", "5", ""), ("", "4", "1", "", "")]
        events = events_of(tmp_path, *rows, header=("Day", "K", "W", "M", "By"), mapping=self.MAPPING)
        assert events.parts == events.as_of("2019-05-03").parts == ("women", "medical")
        made = daily_series(events, victims="women", **WINDOW)
        assert made.frame["best"].iloc[:2].isna().all()
        account = made.accounts["best"]
        assert account[account > 0].to_dict() == {
            "in the series": 2,
            "other victims": 3,
            "rows in the ledger": 4,
            "not said whether women": 5,
        }


class TestVictims:
    HEADER = ("Name", "Day", "Place", "Status", "Age")
    MAPPING: ClassVar = {
        **VICTIMS,
        "classes": {"column": "Status", "civilians": ["Civilian", "مدني"], "combatants": ["Fighter"]},
        "breakdown": {"children": {"column": "Age", "values": ["child", "طفل"]}},
    }

    def test_persons_are_counted_and_their_names_stay_in_the_file(self, tmp_path):
        rows = [
            (NAME, "2019-05-03", "A", "مدنـي", "Child"),
            (NAME, "2019-05-03", "A", "fighter", "man"),
            (NAME, "2019-05-03", "A", "", ""),
            (NAME, "2019-05-03", "A", "Journalist", ""),
            (NAME, "", "A", "Civilian", "طفل"),
            (NAME, "2019-05-04", "A", "Civilian", ""),
        ]
        events = events_of(tmp_path, *rows, header=self.HEADER, mapping=self.MAPPING)
        counts = ["best", "civilians", "deaths_a", "deaths_b", "unknown", "children"]
        assert events.accepted[counts].to_numpy().tolist() == [[4, 1, 1, 0, 2, 1], [1, 1, 0, 0, 0, pd.NA]]
        assert events.accepted["rows"].tolist() == ["2;3;4;5", "7"]
        assert list(events.accepted.columns) == [*COLUMNS, "children", "rows"]
        assert events.accepted[["low", "high"]].isna().all(axis=None)
        assert events.rejected[["row", "column", "reason", "best"]].to_numpy().tolist() == [
            [6, "Day", "no date given", 1]
        ]
        assert NAME not in events.accepted.to_csv() + events.rejected.to_csv() + str(events.record)
        assert events.record.notes == (
            "Persons of whom the list does not say who they were (counted as of unknown status): 1.",
            "Persons whose class the mapping does not name (counted as of unknown status): 1.",
            "Persons of whom the list does not say whether they belong to children: 3.",
            "One row is one person; rows: 6. Persons of the same days and place are one event; events: 2.",
        )
        assert daily_series(events, **WINDOW, victims="civilians").frame["best"].sum() == 2

    def test_without_classes_nothing_is_said_of_who_they_were(self, tmp_path):
        events = events_of(tmp_path, (NAME, "2019-05-03", "A", "Civilian", ""), header=self.HEADER, mapping=VICTIMS)
        assert events.accepted[["civilians", "unknown", "deaths_a", "deaths_b"]].isna().all(axis=None)

    def test_a_person_who_stands_twice_counts_once(self, tmp_path):
        mapping = {"rows": "victims", "columns": {"id": "No.", "date": "Day"}}
        rows = [("1", "2019-05-03", "x"), ("2", "2019-05-03", "y"), ("1", "2019-05-03", "x")]
        events = events_of(tmp_path, *rows, header=("No.", "Day", "Note"), mapping=mapping)
        assert events.accepted["best"].tolist() == [2]
        assert events.rejected[["row", "column", "value", "best"]].to_numpy().tolist() == [[4, "No.", "1", 1]]
        assert events.rejected["reason"].tolist() == ["the same row stands in row 2 (duplicate id)"]

    def test_persons_of_different_names_under_one_id_are_all_counted(self, tmp_path):
        mapping = {"rows": "victims", "columns": {"id": "Family", "date": "Day"}}
        days = ("2019-05-03", "2019-05-03", "2019-05-03", "2019-05-04", "2019-05-04")
        rows = list(zip("11121", days, ("x", "y", "x", "z", "w"), strict=True))
        events = events_of(tmp_path, *rows, header=("Family", "Day", "Name"), mapping=mapping)
        assert events.accepted[["best", "rows", "flags"]].to_numpy().tolist() == [
            [2, "2;3", "no-adm1;id-repeated;row-id"],
            [2, "5;6", "no-adm1;id-repeated;row-id"],
        ]
        assert events.rejected[["row", "id", "value", "reason", "best"]].to_numpy().tolist() == [
            [4, "1", "1", "the same row stands in row 2 (duplicate id)", 1]
        ]
        assert events.record.notes[0] == (
            "Persons under an id that others with other unread cells have too, all counted (id-repeated): 3."
        )

    def test_a_person_under_two_days_is_left_out_whichever_comes_first(self, tmp_path):
        mapping = {"rows": "victims", "columns": {"id": "No.", "date": "Day"}}
        rows = [("1", "2019-05-03"), ("2", "2019-05-03"), ("1", "2019-05-04")]
        for ordered in (rows, rows[::-1]):
            events = events_of(tmp_path, *ordered, header=("No.", "Day"), mapping=mapping)
            assert (events.accepted["best"].sum(), events.rejected["best"].tolist()) == (1, [1, 1])

    def test_a_broken_row_is_a_person_too(self, tmp_path):
        file = tmp_path / "list.csv"
        file.write_text("Day,Place\n2019-05-03,A\n2019-05-03,A,B\n", encoding="utf-8")
        events = read_mapped(file, VICTIMS)
        assert (events.accepted["best"].tolist(), events.rejected["best"].tolist()) == ([1], [1])

    def test_spellings_of_one_area_are_one_event(self, tmp_path):
        mapping = {"rows": "victims", "gazetteer": "syria", "columns": {"date": "Day", "adm1": "Area"}}
        rows = [("2019-05-03", "إدلب"), ("2019-05-03", "Idleb"), ("2019-05-03", "Idlib")]
        events = events_of(tmp_path, *rows, header=("Day", "Area"), mapping=mapping)
        assert events.accepted[["adm1", "adm1_given", "best"]].to_numpy().tolist() == [["Idlib", "إدلب; Idleb", 3]]


class TestTotals:
    """Rows that add up others, in invented lists."""

    WORDS = ("Total", "GRAND TOTAL:", "Sub-total", "المجموع", "الاجمالي", "المجموع الكلي", "All")

    @pytest.mark.parametrize("word", WORDS)
    def test_a_row_of_totals_is_no_event(self, tmp_path, word):
        events = events_of(tmp_path, ("a", "2019-05-03", "N", "7"), ("b", "2019-05-04", word, "7"))
        assert events.accepted["best"].sum() == 7
        assert events.rejected[["row", "column", "value", "reason", "best"]].to_numpy().tolist() == [
            [3, "Area", word, "a row of totals, not an event", 7]
        ]

    def test_wherever_it_says_so(self, tmp_path):
        rows = [("a", "2019-05-03", "N", "1", "X"), ("Sum", "", "", "1", ""), ("c", "2019-05-03", "N", "3", "total")]
        events = events_of(tmp_path, *rows, header=(*HEADER, "By"), carry={"by": "By"})
        assert events.accepted["best"].tolist() == [1]
        assert events.rejected[["column", "reason"]].to_numpy().tolist() == [
            ["No.", "a row of totals, not an event (more faults in: Day)"],
            ["By", "a row of totals, not an event"],
        ]

    def test_a_name_that_only_holds_the_word_is_a_name(self, tmp_path):
        rows = [("a", "2019-05-03", "Total Camp", "1", "All"), ("b", "2019-05-03", "Sumayya", "2", "All sides")]
        events = events_of(tmp_path, *rows, header=(*HEADER, "By"), carry={"by": "By"})
        assert events.accepted["best"].tolist() == [1, 2]

    def test_a_word_that_the_mapping_translates_is_none(self, tmp_path):
        events = events_of(tmp_path, ("a", "2019-05-03", "All", "1"), values={"adm1": {"all": "Whole country"}})
        assert only(events, "adm1") == "Whole country"

    def test_among_persons_it_is_nobody(self, tmp_path):
        rows = [("2019-05-03", "A"), ("2019-05-03", "Total")]
        events = events_of(tmp_path, *rows, header=("Day", "Place"), mapping=VICTIMS)
        assert events.accepted["best"].tolist() == [1]
        assert events.rejected["best"].isna().tolist() == [True]


class TestOnly:
    """Lists that hold the injured too; all invented."""

    ONLY: ClassVar = {"only": {"column": "Status", "values": ["killed", "شهيد"]}}

    def test_the_injured_are_no_deaths(self, tmp_path):
        words = ["Killed", "injured", "شهـيد", "missing", "", "Injured", "killed"]
        rows = [*(("2019-05-03", "A", word) for word in words[:-1]), ("", "A", words[-1])]
        header, mapping = ("Day", "Place", "Status"), {**VICTIMS, **self.ONLY}
        events = events_of(tmp_path, *rows, header=header, mapping=mapping)
        assert events.accepted[["best", "rows"]].to_numpy().tolist() == [[2, "2;4"]]
        assert events.rejected[["row", "column", "reason", "best"]].to_numpy().tolist() == [
            [6, "Status", "not said whether it is to be counted", 1],
            [8, "Day", "no date given", 1],
        ]
        assert events.record.notes[0] == (
            "Rows left out, as Status is none of the words to be counted: 3 ('injured' 1, 'missing' 1, 'Injured' 1)."
        )

    def test_in_a_list_of_events_the_people_of_such_rows_are_told(self, tmp_path):
        rows = [("a", "2019-05-03", "N", "7", "killed"), ("a", "2019-05-03", "N", "30", "injured")]
        events = events_of(tmp_path, *rows, header=(*HEADER, "Status"), **self.ONLY)
        assert (only(events, "id"), only(events, "best")) == ("a", 7)
        assert events.record.notes == (
            "Rows left out, as Status is none of the words to be counted: 1, 30 people ('injured' 1).",
        )

    def test_a_broken_row_stays_in_the_ledger(self, tmp_path):
        file = tmp_path / "list.csv"
        file.write_text("Day,Place,Status\n2019-05-03,A,killed\n2019-05-03,A,B,injured\n", encoding="utf-8")
        events = read_mapped(file, {**VICTIMS, **self.ONLY})
        assert (events.accepted["best"].tolist(), events.rejected["row"].tolist()) == ([1], [3])

    def test_words_that_the_list_does_not_have(self, tmp_path):
        rows = [("2019-05-03", "A", "Dead")]
        said = r"list\.csv, column 'Status': no row is among those to be counted; .* none of its words: 'Dead' 1"
        with pytest.raises(InputError, match=said):
            events_of(tmp_path, *rows, header=("Day", "Place", "Status"), mapping={**VICTIMS, **self.ONLY})


class TestForms:
    ROWS = (("a", "2019-05-03", "إدلب", 7), ("b", "May 2019", "Hama", 31), ("c", "never", "Homs", 2))

    def expect(self, file, first, **layout):
        events = read_mapped(file, {**EVENTS, "dates": MAY, "file": layout})
        assert events.accepted[["id", "best", "row"]].to_numpy().tolist() == [["a", 7, first], ["b", 31, first + 1]]
        assert events.accepted["date_prec"].tolist() == [1, 4]
        assert events.rejected[["row", "value", "best"]].to_numpy().tolist() == [[first + 2, "never", 2]]

    def test_text_with_another_sign_and_encoding(self, tmp_path):
        file = tmp_path / "list.txt"
        text = "\n".join(";".join(map(str, row)) for row in (HEADER, *self.ROWS))
        file.write_text(f"A title\n{text}\n", encoding="windows-1256")
        self.expect(file, 3, delimiter=";", encoding="windows-1256", header=2)

    def test_workbook_with_typed_dates(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.title = "Cover"
        book.active.append(["A title"])
        sheet = book.create_sheet("List")
        sheet.append([])
        sheet.append(HEADER)
        for row in self.ROWS:
            sheet.append(row)
        sheet["B3"] = pd.Timestamp("2019-05-03").to_pydatetime()
        book.save(tmp_path / "list.xlsx")
        self.expect(tmp_path / "list.xlsx", 3, sheet="List", header=2)

    def test_json(self, tmp_path):
        records = [dict(zip(HEADER, row, strict=True)) for row in self.ROWS]
        file = tmp_path / "list.json"
        file.write_text(json.dumps({"data": {"items": records}}), encoding="utf-8")
        self.expect(file, 1, records="data.items")
        lines = tmp_path / "list.jsonl"
        lines.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
        self.expect(lines, 1)

    def test_parquet(self, tmp_path):
        frame = pd.DataFrame(self.ROWS, columns=list(HEADER))
        frame.to_parquet(tmp_path / "list.parquet")
        self.expect(tmp_path / "list.parquet", 1)


CELLS = st.sampled_from(["3", "٧", "at least 5", "2-6", "6-2", "", "x", "-1", "1,000", "2.5", "12"])
DAYS = st.sampled_from(["2019-05-03", "03/05/2019", "أيار ٢٠١٩", "2019", "", "?", "31/02/2019", "1800-01-01"])
PLACES = st.sampled_from(["إدلب", "Idleb", "Atlantis", ""])
KINDS = st.sampled_from(["1", "air", "", "9"])
IDS = st.sampled_from(["a", "b", "c", "d", ""])
DATES = {"formats": ["%d/%m/%Y", "%B %Y", "%Y"], "unknown": ["?"]}
# A row without any cell is no record, so the rows below have one.
READABLE = {"3": (3,) * 3, "٧": (7,) * 3, "at least 5": (5, 5, 0), "2-6": (2, 2, 6), "6-2": (6, 6, 2), "12": (12,) * 3}


def in_file(cells):
    """Give the deaths that a row of (best, low, high) states, by the rules of the mapping and nothing else."""
    best, low, high = cells
    plain = READABLE.get(best, (0, 0, 0))
    found = [0, plain[1], 0] if best in ("3", "٧", "12") else list(plain)
    if low in READABLE:
        found[0] = READABLE[low][0]
    if high in READABLE and high != "at least 5":
        found[2] = READABLE[high][2]
    return found


@given(
    st.lists(st.tuples(IDS, DAYS, DAYS, PLACES, KINDS, CELLS, CELLS, CELLS, CELLS).filter(any), min_size=1, max_size=12)
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_deaths_in_a_list_of_events_are_accepted_or_in_the_ledger(tmp_path, rows):
    header = ("I", "From", "To", "A", "How", "B", "L", "H", "W")
    names = ("id", "date_start", "date_end", "adm1", "kind", "best", "low", "high")
    mapping = {
        "gazetteer": "syria",
        "columns": dict(zip(names, header, strict=False)),
        "dates": DATES,
        "estimates": {"at_least": ["at least {}"], "range": ["{}-{}"], "best": "low"},
        "values": {"kind": {"air": "1", "1": "1"}},
        "breakdown": {"women": "W"},
    }
    good = ("z", "2019-05-03", "", "", "", "1", "", "", "")
    events = read_mapped(write(tmp_path, header, *rows, good), mapping)
    expected = [in_file(row[5:8]) for row in rows]
    for (_, _, _, _, _, best, low, _, _), found in zip(rows, expected, strict=True):
        if best == "":
            found[1] = READABLE[low][0] if low in READABLE else 0
    for number, name in enumerate(("low", "best", "high")):
        stated = sum(found[number] for found in expected) + (name == "best")
        assert int(events.accepted[name].sum()) + int(events.rejected[name].sum()) == stated
    listed = sorted([*events.accepted["row"], *events.rejected["row"]])
    assert listed == list(range(2, len(rows) + 3))
    assert not (events.accepted["women"] > events.accepted["best"]).any()
    window = {"start": "2019-01-01", "end": "2019-12-31", "spread": "even", "missing_days": "zero"}
    if events.accepted["women"].notna().any():
        account = daily_series(events, victims="women", **window).accounts["best"]
        assert account.sum() == sum(found[1] for found in expected) + 1


@given(
    st.lists(st.tuples(IDS, DAYS, PLACES, st.sampled_from(["", "x", "y"]), KINDS).filter(any), min_size=1, max_size=15)
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_person_is_accepted_or_in_the_ledger(tmp_path, rows):
    header = ("I", "Day", "A", "Inc", "How")
    mapping = {
        "rows": "victims",
        "columns": dict(zip(("id", "date", "adm1", "incident", "kind"), header, strict=True)),
        "dates": DATES,
        "values": {"kind": {"air": "1", "1": "1"}},
        "classes": {"column": "How", "civilians": ["air"]},
    }
    events = read_mapped(write(tmp_path, header, *rows, ("z", "2019-05-03", "", "", "")), mapping)
    accepted = events.accepted
    assert int(accepted["best"].sum()) + int(events.rejected["best"].sum()) == len(rows) + 1
    assert (accepted[["civilians", "deaths_a", "deaths_b", "unknown"]].sum(axis=1) == accepted["best"]).all()
    numbers = [int(number) for text in accepted["rows"] for number in text.split(";")]
    assert sorted([*numbers, *events.rejected["row"]]) == list(range(2, len(rows) + 3))
    assert accepted["id"].is_unique
    assert [text.count(";") + 1 for text in accepted["rows"]] == accepted["best"].tolist()


def test_a_provider_s_file_through_a_mapping_is_what_its_own_reader_makes_of_it(root):
    file = root / "data" / "idlib-2019" / "ged_syria.csv"
    own = read_ucdp_ged(file)
    renamed = {
        "kind": "type_of_violence",
        "adm1": "adm_1",
        "adm2": "adm_2",
        "place": "where_coordinates",
        "lat": "latitude",
        "lon": "longitude",
        "civilians": "deaths_civilians",
        "unknown": "deaths_unknown",
    }
    mapped = read_mapped(file, {"columns": {name: renamed.get(name, name) for name in COLUMNS if name != "flags"}})
    pd.testing.assert_frame_equal(mapped.accepted[list(COLUMNS)], own.accepted[list(COLUMNS)], check_dtype=False)
    assert len(mapped.rejected) == len(own.rejected) == 0


class TestPage:
    def test_its_examples_are_what_comes_of_them(self, root, tmp_path):
        text = (root / "docs" / "mapping.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```(csv|toml|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        assert [kind for kind, _ in blocks] == ["csv", "toml", "text", "text"] * 2
        for place in (0, 4):
            (_, rows), (_, mapping), *shown = blocks[place : place + 4]
            (tmp_path / "list.csv").write_text(rows, encoding="utf-8")
            events = read_mapped(tmp_path / "list.csv", tomllib.loads(mapping))
            for (_, expected), table in zip(shown, (events.accepted, events.rejected), strict=True):
                columns = expected.splitlines()[0].split()
                printed = table[columns].to_string(index=False)
                assert [line.split() for line in printed.splitlines()] == [
                    line.split() for line in expected.splitlines()
                ], printed
