"""What a column seems to hold: every kind is recognised by header or cells, and no word of a person is repeated."""

import pandas as pd
import pytest

from casualties.sources.drafting.headers import concepts, plain_words, strangers
from casualties.sources.drafting.look import is_date, look, one_of
from casualties.sources.drafting.running import by_day, course


def column(cells, name="x"):
    (made,) = look(pd.DataFrame({name: cells}, dtype="str"))
    return made


class TestHeaders:
    @pytest.mark.parametrize(
        ("header", "found"),
        [
            ("Date of death", {"date", "deaths"}),
            ("تاريخ الاستشهاد", {"date", "deaths"}),
            ("عدد القتلى", {"count", "deaths"}),
            ("الشهداء", {"deaths"}),
            ("ضحايا", {"deaths"}),
            ("اسم الضحية", {"name", "deaths"}),
            ("المُحافظة", {"adm1"}),
            ("النساء", {"women"}),
            ("أطفال", {"children"}),
            ("الإجمالي", {"total"}),
            ("killedCum", {"deaths", "running"}),
            ("Killed to date", {"date", "to", "deaths", "running"}),
            ("الجرحى", {"injured"}),
            ("Notes", set()),
        ],
    )
    def test_words_of_two_languages(self, header, found):
        assert concepts(header) == found

    def test_a_part_of_a_word_is_no_word(self):
        assert "men" not in concepts("women")
        assert "age" not in concepts("village")

    def test_strangers_are_the_words_of_no_concept(self):
        assert [strangers(name) for name in ("killed", "ext_killed", "Number of the dead")] == [0, 1, 0]
        assert plain_words("ext_killed") == ("ext", "killed")


class TestDates:
    @pytest.mark.parametrize(
        ("cells", "formats", "order", "first"),
        [
            (["2019-04-30", "2019-05-01"], ("%Y-%m-%d",), "", "2019-04-30"),
            (["30/04/2019", "01/05/2019"], ("%d/%m/%Y",), "day first", "2019-04-30"),
            (["04/30/2019", "05/01/2019"], ("%m/%d/%Y",), "month first", "2019-04-30"),
            (["1.2.2019", "3.4.2019"], ("%d.%m.%Y",), "undecided", "2019-02-01"),
            (["٣٠/٤/٢٠١٩", "١/٥/٢٠١٩"], ("%d/%m/%Y",), "day first", "2019-04-30"),
            (["30 نيسان 2019", "1 أيار 2019"], ("%d %B %Y",), "", "2019-04-30"),
            (["30 April 2019", "1 May 2019"], ("%d %B %Y",), "", "2019-04-30"),
            (["Apr 30, 2019", "May 1, 2019"], ("%B %d, %Y",), "", "2019-04-30"),
            (["30-04-19", "01-05-19"], ("%d-%m-%y",), "day first", "2019-04-30"),
            (["2019-04", "2019-05"], ("%Y-%m",), "", "2019-04-01"),
            (["30/04/2019 18:30", "01/05/2019 07:00"], ("%d/%m/%Y %H:%M",), "day first", "2019-04-30"),
            (["13/01/2019", "14/01/2019", "01/15/2019"] + ["16/01/2019"] * 7, ("%d/%m/%Y",), "mixed", "2019-01-13"),
        ],
    )
    def test_formats_and_order_are_what_the_cells_decide(self, cells, formats, order, first):
        made = column(cells)
        assert made.kind == "dates"
        assert (made.dates.formats, made.dates.order, made.dates.first) == (formats, order, first)

    def test_several_formats_by_frequency(self):
        made = column(["30/04/2019", "29/04/2019", "April 2019"])
        assert made.dates.formats == ("%d/%m/%Y", "%B %Y")

    def test_the_order_of_rows_changes_nothing(self):
        cells = ["01/02/2019", "2019-02-03", "4 May 2019", "05/06/2019"]
        assert column(cells).dates == column(cells[::-1]).dates

    def test_words_for_no_date_are_named_and_others_are_not(self):
        made = column(["30/04/2019"] * 8 + ["غير معروف", "ask the family"])
        assert made.unknown == ("غير معروف",)
        assert made.evidence == "80 % dates dd/mm/yyyy, first 2019-04-30, last 2019-04-30, 1 that say there is none"

    def test_years_are_dates_only_where_the_header_says_so(self):
        assert column(["2019", "2020"], "Year").kind == "counts"
        assert column(["2019", "2020"], "Date").kind == "dates"

    def test_too_few_dates(self):
        assert column(["30/04/2019", "some word", "another one"]).kind == "words"
        assert not is_date("Killed")


class TestCounts:
    def test_numbers_in_digits_of_both_scripts(self):
        made = column(["3", "٧", "0", ""])
        assert (made.kind, made.evidence) == ("counts", "whole numbers 0–7, 1 empty")
        assert made.numbers.sum() == 10

    def test_patterns_are_named_where_they_occur(self):
        made = column(["4", "at least 5", "3-5", "6+", "8"])
        assert made.kind == "counts"
        assert (made.at_least, made.ranges) == (("at least {}", "{}+"), ("{}-{}",))

    @pytest.mark.parametrize("cells", [["1.5", "2"], ["-1", "2"]])
    def test_what_is_no_count(self, cells):
        assert column(cells).kind == "numbers"


class TestWords:
    def test_governorates_in_any_script(self):
        made = column(["ادلب", "Aleppo", "حماه", "Idleb"])
        assert (made.kind, made.level) == ("places", "governorate")
        assert made.evidence == "governorates of Syria: 3 of 14 in 100 % of the cells"

    def test_no_cell_of_words_is_repeated(self):
        for cells in (["Invented One", "Invented Two"], ["Invented One"] * 6, ["Invented One", "Invented One", "Two"]):
            made = column(cells, "Name")
            assert "Invented" not in made.evidence + made.brief + repr(made)

    def test_codes_repeat_and_words_need_not(self):
        assert column(["a", "b"] * 4).kind == "codes"
        assert column(["a", "b", "a"]).kind == "words"
        assert column(["", ""]).kind == "empty"

    def test_one_of_a_vocabulary_in_any_spelling(self):
        assert one_of("مَدَني", ["مدني"])
        assert not one_of("مدنية سابقة", ["مدني"])

    def test_brief_shows_no_single_cell(self):
        assert column(["1931", "1987", "2001"], "National number").brief == "whole numbers, all different"
        assert column(["30/04/1987", "01/05/1990"], "Date of birth").brief == "dates, all different"


class TestCourse:
    @staticmethod
    def of(numbers, name="killed"):
        return course(column([str(number) for number in numbers], name), range(len(numbers)))

    def test_ten_numbers_that_never_fall(self):
        found = self.of([3, 3, 7, 9, 12, 15, 15, 20, 26, 30])
        assert found.running
        assert not found.doubts
        assert found.rise == 27

    def test_few_numbers_that_never_fall_are_a_doubt(self):
        found = self.of([1, 2, 4, 9, 10])
        assert found.running
        assert "not for new deaths" in found.doubts[0]
        assert not self.of([1, 2, 4, 9, 10], "killed_cum").doubts

    def test_a_revised_total_is_a_running_total(self):
        numbers = [*range(0, 60, 2), 50, *range(60, 120, 2)]
        found = self.of(numbers)
        assert found.running
        assert "falls once in 61 reports" in found.doubts[0]

    def test_new_counts(self):
        assert not self.of([3, 0, 5, 2, 9, 1, 4, 4, 0, 7]).running
        assert not self.of([0] * 20 + [1]).running

    def test_a_header_that_the_numbers_contradict(self):
        falling = self.of([9, 3, 8, 1, 7, 2, 6, 0], "killed_cum")
        assert not falling.running
        assert "taken for new deaths" in falling.doubts[0]
        rising = self.of(range(12), "new deaths")
        assert not rising.running
        assert "running total" in rising.doubts[0]

    def test_rows_are_taken_by_their_days(self):
        days = column(["2021-01-03", "", "2021-01-01", "2021-01-02"])
        assert by_day(days) == [2, 3, 0]
