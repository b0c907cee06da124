"""From a look to a mapping: what is recognised, what is dropped, and what is left for the user to settle."""

import random

import layouts
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.sources.drafting.draft import draft_mapping
from casualties.sources.drafting.toml import toml_table
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.lists.mapping import read_mapping
from casualties.study import bundled


def draft(folder, header, *rows, name="list.csv", sign=",", encoding="utf-8"):
    file = folder / name
    lines = [sign.join(map(str, row)) for row in (header, *rows)]
    file.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return draft_mapping(file)


def understood(made):
    return dict(zip(made.table["column"], made.table["understood as"], strict=True))


class TestLayouts:
    def test_victim_list(self, tmp_path):
        layouts.victim_list(tmp_path / "list.xlsx")
        made = draft_mapping(tmp_path / "list.xlsx")
        assert made.format == "mapped"
        assert not made.doubts
        assert made.mapping["rows"] == "victims"
        assert made.mapping["file"] == {"header": 3}
        assert made.mapping["columns"] == {
            "id": "الرقم",
            "date": "تاريخ الاستشهاد",
            "adm1": "المحافظة",
            "place": "المكان",
        }
        assert made.mapping["classes"] == {"column": "الصفة", "civilians": ["مدني"], "combatants": ["مقاتل"]}
        assert made.mapping["breakdown"]["female"] == {"column": "الجنس", "values": ["أنثى"]}
        assert made.mapping["breakdown"]["children"]["values"] == [str(age) for age in range(1, 18)]
        (evidence,) = made.table.loc[made.table["column"] == "الاسم", "evidence"]
        assert (understood(made)["الاسم"], evidence) == ("names, dropped", "words, all different")
        assert "شخص" not in made.toml() + made.table.to_csv()

    def test_event_list_like_acled(self, tmp_path):
        deaths = layouts.event_list(tmp_path / "events.csv")
        made = draft_mapping(tmp_path / "events.csv")
        assert (made.format, made.mapping["rows"], made.doubts) == ("mapped", "events", ())
        assert made.mapping["columns"] == {
            "id": "Event ID",
            "date": "Date",
            "adm1": "Governorate",
            "place": "Location",
            "lat": "Lat",
            "lon": "Long",
            "side_a": "Actor 1",
            "side_b": "Actor 2",
            "best": "Fatalities",
            "civilians": "Civilian fatalities",
        }
        assert f"together {deaths}" in made.toml()
        assert understood(made)["Notes"] == "words, dropped"

    def test_running_total(self, tmp_path):
        last = layouts.running_total(tmp_path / "daily.json")
        made = draft_mapping(tmp_path / "daily.json")
        assert (made.format, made.daily, made.doubts) == ("feed", True, ())
        assert made.mapping == {"date": "report_date", "running": "killed_cum"}
        assert f"rises from 0 to {last}" in made.toml()

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("ged_syria.csv", "ucdp-ged"), ("published_tolls.csv", "tolls"), ("sohr_daily_totals.csv", "")],
    )
    def test_the_bundled_tables(self, name, kind):
        made = draft_mapping(bundled() / name)
        assert made.format == (kind or "mapped")
        assert bool(made.mapping) == (not kind)

    def test_acled_in_its_own_columns_and_renamed(self, tmp_path):
        header = ["event_id_cnty", "event_date", "time_precision", "event_type", "actor1", "actor2", "admin1"]
        row = ["SYR1", "2019-04-30", 1, "Battles", "A", "B", "Idleb"]
        made = draft(tmp_path, [*header, "fatalities"], [*row, 3])
        assert (made.format, made.mapping) == ("acled", {})
        renamed = draft(tmp_path, [*header, "dead"], [*row, 3])
        assert renamed.format == "mapped"
        assert renamed.mapping["columns"]["best"] == "dead"

    @pytest.mark.shared
    def test_a_feed_with_both_numbers(self, shared):
        made = draft_mapping(shared / "palestine-daily-gaza" / "gaza_casualties_daily.json")
        assert made.mapping == {
            "date": "report_date",
            "killed": "killed",
            "running": "killed_cum",
            "period": "report_period",
        }
        assert "add up to 68,864, the running total rises by 73,419" in made.doubts[0]


class TestDoubts:
    def test_day_and_month_that_no_cell_decides(self, tmp_path):
        made = draft(tmp_path, ["Date", "Place", "Killed"], ["01/02/2019", "x", 1], ["03/04/2019", "x", 2])
        assert made.mapping["dates"]["formats"] == ["%d/%m/%Y"]
        (doubt,) = made.doubts
        assert "the day is taken" in doubt
        assert '["%m/%d/%Y"]' in doubt

    def test_one_cell_decides_day_and_month(self, tmp_path):
        made = draft(tmp_path, ["Date", "Place", "Killed"], ["01/02/2019", "x", 1], ["03/14/2019", "x", 2])
        assert made.mapping["dates"]["formats"] == ["%m/%d/%Y"]
        assert not made.doubts
        assert "# The month stands first: 1 of 2 cells decide it." in made.toml()

    def test_two_columns_of_deaths(self, tmp_path):
        rows = [["2019-04-30", "x", 1, 4], ["2019-04-30", "x", 5, 2]]
        made = draft(tmp_path, ["Date", "Place", "Deaths", "Killed"], *rows)
        assert made.mapping["columns"]["best"] == "Deaths"
        assert made.doubts == ("Two columns or more could be deaths: 'Deaths' is taken; 'Killed' would do too.",)
        mirrored = draft(tmp_path, ["Date", "Place", "Killed", "Deaths"], *[[*row[:2], row[3], row[2]] for row in rows])
        assert mirrored.mapping["columns"] == made.mapping["columns"]

    def test_of_two_columns_of_deaths_the_one_never_below(self, tmp_path):
        rows = [["2019-04-30", "x", 1, 4], ["2019-04-30", "x", 2, 2]]
        made = draft(tmp_path, ["Date", "Place", "Deaths", "Killed"], *rows)
        assert made.mapping["columns"]["best"] == "Killed"
        assert "'Killed', which is never below the other, is taken; 'Deaths' would do as well" in made.doubts[0]

    def test_two_columns_of_dates(self, tmp_path):
        rows = [["2019-04-30", "2019-05-02", "x", 1], ["2019-05-01", "2019-05-01", "x", 5]]
        made = draft(tmp_path, ["Day", "Date", "Place", "Killed"], *rows)
        assert made.mapping["columns"]["date"] == "Day"
        assert "'Day', which is never later, is taken" in made.doubts[0]
        told = draft(
            tmp_path, ["Date of report", "Date", "Place", "Killed"], *[[row[1], row[0], *row[2:]] for row in rows]
        )
        assert told.mapping["columns"]["date"] == "Date"
        assert not told.doubts

    def test_a_first_and_a_last_day(self, tmp_path):
        made = draft(tmp_path, ["From", "To", "Place", "Killed"], ["2019-04-30", "2019-05-02", "x", 1])
        assert made.mapping["columns"] == {"date_start": "From", "date_end": "To", "place": "Place", "best": "Killed"}

    def test_running_total_without_a_word_for_it(self, tmp_path):
        rows = [[f"2019-05-0{day}", total] for day, total in enumerate([2, 3, 7, 9, 12], start=1)]
        made = draft(tmp_path, ["Date", "Killed"], *rows)
        assert made.mapping == {"date": "Date", "running": "Killed"}
        assert "not for new deaths" in made.doubts[0]
        assert "begins at 2" in made.doubts[1]

    def test_ranges_and_least_numbers(self, tmp_path):
        rows = [["2019-04-30", "x", "3-5"], ["2019-04-30", "x", "at least 4"], *[["2019-05-01", "x", 2]] * 3]
        made = draft(tmp_path, ["Date", "Place", "Killed"], *rows)
        assert made.mapping["estimates"] == {"best": "low", "range": ["{}-{}"], "at_least": ["at least {}"]}
        assert "the low end is taken" in made.doubts[0]

    def test_low_and_high_without_best(self, tmp_path):
        made = draft(tmp_path, ["Date", "Region", "Min killed", "Max killed"], ["2019-04-30", "Hama", 2, 4])
        assert made.mapping["columns"] == {"date": "Date", "adm1": "Region", "low": "Min killed", "high": "Max killed"}
        assert made.mapping["estimates"] == {"best": "low"}
        assert "No column is a best estimate" in made.doubts[0]
        accepted = read_mapped(tmp_path / "list.csv", made.mapping).accepted
        assert accepted[["low", "best", "high"]].to_numpy().tolist() == [[2, 2, 4]]

    def test_no_header_says_deaths(self, tmp_path):
        made = draft(tmp_path, ["Date", "Place", "Total"], ["2019-04-30", "x", 3], ["2019-04-30", "x", 2])
        assert made.mapping["columns"]["best"] == "Total"
        assert "No header says deaths" in made.doubts[0]


class TestHardCases:
    def test_a_list_of_two_rows(self, tmp_path):
        made = draft(tmp_path, ["الاسم", "التاريخ"], ["مُختلَق", "2019-04-30"], ["مُختلَق آخر", "2019-05-01"])
        assert made.mapping == {"rows": "victims", "columns": {"date": "التاريخ"}}

    def test_semicolons_and_windows_1256(self, tmp_path):
        header = ["تاريخ", "المحافظة", "قتلى", "نساء", "جرحى"]
        rows = [["30/04/2019", "حلب", 3, 1, 9], ["01/05/2019", "إدلب", 2, 0, 4]]
        made = draft(tmp_path, header, *rows, sign=";", encoding="windows-1256")
        assert made.mapping["file"] == {"encoding": "windows-1256"}
        assert made.mapping["breakdown"] == {"women": "نساء"}
        assert understood(made)["جرحى"] == "injured, not read"
        events = read_mapped(tmp_path / "list.csv", made.mapping)
        assert int(events.accepted["best"].sum()) == 5

    def test_empty_columns(self, tmp_path):
        made = draft(tmp_path, ["Date", "Place", "Killed", "Deaths", ""], ["2019-04-30", "x", 3, "", ""])
        assert made.mapping["columns"]["best"] == "Killed"
        assert understood(made)["Deaths"] == "empty"

    def test_sixty_columns(self, tmp_path):
        header = ["Date", "Place", "Killed", *(f"Field {number}" for number in range(57))]
        made = draft(tmp_path, header, ["2019-04-30", "x", 3, *range(57)], ["2019-04-30", "x", 2, *["word"] * 57])
        assert len(made.table) == 60
        assert made.mapping["columns"] == {"date": "Date", "place": "Place", "best": "Killed"}

    def test_no_date_says_what_was_looked_for(self, tmp_path):
        with pytest.raises(
            InputError, match=r"^list\.csv: no column holds dates; looked for a header such as date, day, تاريخ"
        ):
            draft(tmp_path, ["Name", "Age"], ["Invented One", 30])
        with pytest.raises(InputError, match="too few cells of 'Date' can be read") as caught:
            draft(tmp_path, ["Date", "Killed"], ["Invented One", 30], ["soon", 2])
        assert "Invented" not in str(caught.value)

    def test_no_deaths_and_no_persons(self, tmp_path):
        with pytest.raises(InputError, match=r"no column tells of deaths, and none of the persons .* قتلى"):
            draft(tmp_path, ["Date", "Place", "Injured"], ["2019-04-30", "x", 3])

    def test_a_running_total_that_the_reader_of_feeds_cannot_read(self, tmp_path):
        rows = [[f"0{day}/05/2019", day] for day in range(1, 8)]
        with pytest.raises(InputError, match=r"list\.csv, column 'Date': this is a daily feed with a running total"):
            draft(tmp_path, ["Date", "Killed to date"], *rows)

    def test_daily_counts_with_other_dates_become_a_list_without_zeros(self, tmp_path):
        rows = [[f"{day}/05/2019", number] for day, number in enumerate([3, 0, 2, 5, 1, 4] * 3, start=1)]
        made = draft(tmp_path, ["Date", "Killed"], *rows)
        assert (made.format, made.daily) == ("mapped", True)

    def test_numbers_of_persons_are_not_shown(self, tmp_path):
        rows = [[f"Invented {one}", 1000 + one, f"{one}/01/1980", f"{one}/05/2019"] for one in range(1, 20)]
        made = draft(tmp_path, ["Name", "National number", "Date of birth", "Date of death"], *rows)
        said = made.table.set_index("column")["evidence"]
        assert said["National number"] == "whole numbers, all different"
        assert "1980" not in made.table.to_csv() + made.toml()
        assert made.mapping["columns"] == {"date": "Date of death"}

    def test_the_order_of_rows_changes_nothing(self, tmp_path):
        layouts.event_list(tmp_path / "events.csv")
        first = draft_mapping(tmp_path / "events.csv")
        head, *rows = (tmp_path / "events.csv").read_text(encoding="utf-8").splitlines()
        random.Random(1).shuffle(rows)
        (tmp_path / "events.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        again = draft_mapping(tmp_path / "events.csv")
        assert again.toml() == first.toml()
        pd.testing.assert_frame_equal(again.table, first.table)


def daily(*numbers):
    return [[f"2019-05-{day:02d}", "xy"[day % 2], number] for day, number in enumerate(numbers, start=1)]


class TestCautions:
    """What may count twice, or be no death at all. Every list is invented."""

    HEADER = ("Date", "Town", "Killed")

    @pytest.mark.parametrize(
        "word", ["Total", "Grand total", "SUBTOTAL:", "المجموع", "الإجمالي", "المجموع الكلي", "All"]
    )
    def test_words_for_totals(self, tmp_path, word):
        made = draft(tmp_path, self.HEADER, *daily(3, 1, 4, 1, 5), ["2019-05-05", word, 14])
        assert made.totals == (7,)
        (doubt,) = made.doubts
        assert doubt.startswith(f"Row 7, column 'Town', says {word!r}: such a row is no event")

    def test_a_total_of_another_kind_is_no_row_of_totals(self, tmp_path):
        rows = [["2019-05-01", "x", 3, "total"], ["2019-05-02", "y", 1, "partial"]] * 2
        made = draft(tmp_path, [*self.HEADER, "Damage"], *rows)
        assert made.totals == ()
        assert made.doubts[0].startswith(
            "Row 2, column 'Damage', says 'total' (1 more row says a total): if such a row"
        )

    def test_a_number_that_is_the_sum_of_all_above(self, tmp_path):
        made = draft(tmp_path, self.HEADER, *daily(3, 1, 4, 1, 5), ["2019-05-05", "", 14])
        assert made.doubts == (
            "Row 7, column 'Killed', is 14, the sum of the 5 rows above it. If it is a total and no event, remove it "
            "from the file: it is counted.",
        )
        undated = draft(tmp_path, self.HEADER, *daily(3, 1, 4, 1, 5), ["", "", 14])
        assert undated.doubts == ()

    def test_a_row_a_day_that_is_the_sum_of_the_day(self, tmp_path):
        rows = [
            [f"2019-05-{day:02d}", area, number]
            for day, dead in enumerate((3, 1, 4, 1, 5), start=1)
            for area, number in (("Idlib", dead), ("Aleppo", 2), ("Syria", dead + 2))
        ]
        made = draft(tmp_path, ["Date", "Governorate", "Killed"], *rows)
        (doubt,) = made.doubts
        assert doubt.startswith("Row 4, column 'Killed', is 5, the sum of the other rows of its day (4 more rows are")
        assert "all of these, and no others, say 'Syria' in 'Governorate'" in doubt

    def test_the_last_row_of_a_month_that_is_its_sum(self, tmp_path):
        rows = [*daily(9, 7, 8, 6, 9, 5), ["2019-05-31", "", 44], ["2019-06-01", "x", 3], ["2019-06-02", "y", 8]]
        assert "is 44, the sum of the 6 rows above" in draft(tmp_path, self.HEADER, *rows).doubts[0]
        later = [["2019-04-30", "x", 2], *rows]
        assert "is 44, the sum of the other rows of its month" in draft(tmp_path, self.HEADER, *later).doubts[0]

    def test_codes_for_unknown(self, tmp_path):
        made = draft(tmp_path, self.HEADER, *daily(3, 99, 4, 99, 5))
        assert "'Killed' says 99 in 2 rows (the first: row 3), and no more than 5 elsewhere" in made.doubts[0]
        assert not draft(tmp_path, self.HEADER, *daily(3, 99, 120, 4, 5)).doubts

    def test_weeks(self, tmp_path):
        rows = [[f"2019-0{month}-{day:02d}", 10 + day] for month in (3, 4) for day in (1, 8, 15, 22)]
        made = draft(tmp_path, ["Week ending", "Killed"], *rows)
        assert (made.format, made.daily, made.mapping["columns"]["best"]) == ("mapped", False, "Killed")
        assert "seems to be a week (the header says so)" in made.doubts[0]
        rows = [[f"2019-05-{day:02d}", "xy"[day % 2], 5] for day in (1, 8, 15, 22, 29)]
        assert "all dates are whole weeks apart" in draft(tmp_path, self.HEADER, *rows).doubts[0]

    def test_growing_weekly_counts_are_no_running_total(self, tmp_path):
        rows = [[f"2019-05-{day:02d}", 10 + day] for day in (1, 8, 15, 22, 29)]
        made = draft(tmp_path, ["Week ending", "Killed"], *rows)
        assert made.mapping["columns"]["best"] == "Killed"
        assert "is taken for new deaths of each week" in made.doubts[1]
        assert draft(tmp_path, ["Week ending", "Cumulative killed"], *rows).format == "feed"

    @pytest.mark.parametrize(
        ("header", "words"),
        [
            ("Status", ("killed", "injured", "missing")),
            ("Killed/Injured", ("Killed", "Injured", "killed")),
            ("الحالة", ("شهيد", "جريح", "مفقود")),
        ],
    )
    def test_persons_who_were_not_killed(self, tmp_path, header, words):
        rows = [[f"Invented {one}", 20, "2019-05-01", words[one % 3]] for one in range(9)]
        made = draft(tmp_path, ["Name", "Age", "Date", header], *rows)
        assert made.mapping["only"]["column"] == header
        assert "of 9 persons were not killed but injured, missing or held" in made.doubts[0]
        killed = sum(row[3].lower() == words[0].lower() for row in rows)
        read = read_mapped(tmp_path / "list.csv", made.mapping)
        assert int(read.accepted["best"].sum()) == killed
        with pytest.raises(InputError, match=rf"row 2, column '{header}', value '.*': 9 of 9 persons were not killed"):
            draft(tmp_path, ["Name", "Age", "Date", header], *[[*row[:3], words[1]] for row in rows])
        rows = [[*row[:3], words[0]] for row in rows]
        assert draft(tmp_path, ["Name", "Age", "Date", header], *rows).mapping["rows"] == "victims"

    def test_an_id_that_repeats_on_equal_rows(self, tmp_path):
        rows = [[one, *row] for one, row in enumerate(daily(3, 1, 4, 1, 5), start=1)]
        made = draft(tmp_path, ["ID", *self.HEADER], *rows, rows[0])
        assert made.mapping["columns"]["id"] == "ID"
        assert made.doubts == (
            "1 row is the same in every cell as a row above (the first: row 7, the same as row 2): each id counts once"
            ", and the others go to the ledger.",
        )
        read = read_mapped(tmp_path / "list.csv", made.mapping)
        assert (int(read.accepted["best"].sum()), int(read.rejected["best"].sum())) == (14, 3)

    def test_an_id_that_repeats_on_rows_that_differ(self, tmp_path):
        rows = [[one, *row] for one, row in enumerate(daily(3, 1, 4, 1, 5), start=1)]
        made = draft(tmp_path, ["ID", *self.HEADER], *rows, [1, "2019-05-20", "x", 2])
        assert "id" not in made.mapping["columns"]
        assert any("'ID' would number the rows, but some numbers stand on rows that" in told for told in made.doubts)

    def test_rows_that_stand_twice_without_an_id(self, tmp_path):
        made = draft(tmp_path, self.HEADER, *daily(3, 1, 4), *daily(3, 1, 4))
        assert made.doubts[0].startswith("3 rows are the same in every cell as a row above (the first: row 5, the same")
        assert "each is counted" in made.doubts[0]

    def test_a_number_of_the_household_is_not_that_of_the_person(self, tmp_path):
        rows = [[100 + one - (one == 5), f"Invented {one}", 20, "2019-05-01"] for one in range(20)]
        made = draft(tmp_path, ["Household no", "Name", "Age", "Date"], *rows)
        assert made.mapping["columns"] == {"date": "Date"}
        alone = draft(tmp_path, ["No", "Name", "Age", "Date"], *rows)
        assert alone.mapping["columns"]["id"] == "No"
        assert "'No' numbers the persons, but 1 of 20 repeat a number" in alone.doubts[0]

    def test_families_in_a_list_of_persons(self, tmp_path):
        rows = [[f"مُختلَق {one}", 20, f"2019-05-{one:02d}", 7 if one % 4 == 0 else 1] for one in range(1, 13)]
        made = draft(tmp_path, ["الاسم", "العمر", "التاريخ", "العدد"], *rows)
        assert (made.mapping["rows"], made.mapping["columns"]["best"]) == ("events", "العدد")
        assert "each row is taken for an event with so many deaths" in made.doubts[0]
        ones = [[*row[:3], 1] for row in rows]
        assert draft(tmp_path, ["الاسم", "العمر", "التاريخ", "العدد"], *ones).mapping["rows"] == "victims"

    def test_signs_between_thousands(self, tmp_path):
        made = draft(tmp_path, self.HEADER, *daily(300, '"2,700"', 4, 1, 5))
        assert made.mapping["estimates"] == {"thousands": ","}
        assert "'Killed' has cells such as '2,700'" in made.doubts[0]
        assert int(read_mapped(tmp_path / "list.csv", made.mapping).accepted["best"].sum()) == 3010
        rows = [[f"2019-05-{day:02d}", f'"32,0{day}"'] for day in range(10, 25)]
        with pytest.raises(InputError, match="column 'Cumulative killed': a daily feed with a running total is read"):
            draft(tmp_path, ["Date", "Cumulative killed"], *rows)

    def test_the_cell_that_keeps_a_column_from_telling_of_deaths(self, tmp_path):
        with pytest.raises(InputError, match=r"row 4, column 'Killed', value '~4': .* 3 cells are no numbers of p"):
            draft(tmp_path, self.HEADER, *daily(3, "several", "~4", "6*", "5+"))
        with pytest.raises(InputError, match=r"row 2, column 'Killed', value '2\.700'.*thousands = \"\.\""):
            draft(tmp_path, self.HEADER, *daily("2.700", "2.300", "1.200"))

    def test_no_name_is_shown_in_an_error(self, tmp_path):
        with pytest.raises(InputError, match="no column tells of deaths") as caught:
            draft(tmp_path, ["Date", "Victims"], ["2019-05-01", "Invented One"], ["2019-05-02", "Invented Two"])
        assert "Invented" not in str(caught.value)

    def test_ages_in_words(self, tmp_path):
        ages = ["30", "<1", "infant", "3 months", "17", "unknown", "", "شهرين", "40 years", "17 سنة"]
        rows = [[f"Invented {one}", age, "M", f"2019-05-{one + 1:02d}"] for one, age in enumerate(ages)]
        made = draft(tmp_path, ["Name", "Age", "Sex", "Date"], *rows)
        assert made.mapping["breakdown"]["children"] == {
            "column": "Age",
            "values": ["17", "<1", "17 سنة", "infant", "3 months"],
        }
        assert made.doubts == (
            "1 of 9 cells of 'Age' is no age that is understood (the first: row 9); this person counts as no child. If "
            "some are, add their words to children in [breakdown].",
        )


class TestToml:
    def test_what_is_written_is_what_is_read(self, tmp_path):
        for build, name in ((layouts.victim_list, "list.xlsx"), (layouts.event_list, "events.csv")):
            build(tmp_path / name)
            made = draft_mapping(tmp_path / name)
            (tmp_path / "mapping.toml").write_text(made.toml(), encoding="utf-8")
            assert read_mapping(tmp_path / "mapping.toml") == read_mapping(made.mapping)

    def test_signs_that_need_care(self):
        odd = {'a "b"': "c\\d\n\x7f", "e": ["ف", 3, True]}
        text = toml_table(odd, {"e": "why"}, "x.y")
        assert text == '[x.y]\n"a \\"b\\"" = "c\\\\d\\n\\u007f"\n# Why.\ne = ["ف", 3, true]\n'
