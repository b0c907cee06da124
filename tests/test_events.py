"""Each row is accepted as given, or stands in the ledger with its number, column, value and reason; none vanishes."""

import time
from typing import ClassVar

import pandas as pd
import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.events import Events, place_mask, validate_events, victim_counts, victims_label
from casualties.ledger import Ledger, parse_counts, parse_dates
from casualties.provenance import SourceRecord

GIVEN = {
    "id": "1",
    "date_start": "2019-05-01",
    "date_end": "2019-05-01",
    "date_prec": "1",
    "kind": "1",
    "side_a": "Government of Syria",
    "side_b": "Syrian insurgents",
    "adm1": "Idlib Governorate",
    "deaths_a": "1",
    "deaths_b": "2",
    "civilians": "3",
    "unknown": "0",
    "low": "5",
    "best": "6",
    "high": "8",
}
RECORD = SourceRecord(name="sample", file="list.csv")


def table(*rows: dict[str, str]) -> pd.DataFrame:
    """Make a raw table; each row says only how it differs from `GIVEN`, and is numbered as in a file."""
    filled = [{**GIVEN, "id": str(number), **row} for number, row in enumerate(rows, start=1)]
    return pd.DataFrame(filled, index=range(2, len(rows) + 2), dtype="str")


def events(*rows: dict[str, str]):
    return validate_events(table(*rows), RECORD)


def fault(column: str, value: str):
    """Give the ledger's entry for one row with a fault, beside a good row."""
    made = events({}, {column: value})
    assert len(made.accepted) == 1
    (entry,) = made.rejected.to_dict("records")
    return entry


class TestCells:
    @pytest.mark.parametrize("text", ["2019-04-30", " 2019-04-30 ", "2019-04-30 00:00:00.000", "2019-04-30T00:00"])
    def test_dates_that_can_be_read(self, text):
        ledger = Ledger(pd.Index([2]))
        assert parse_dates(pd.Series([text]), "date_start", ledger).tolist() == [pd.Timestamp("2019-04-30")]
        assert ledger.good.all()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "no date given"),
            ("30-04-2019", "not a date of the form YYYY-MM-DD"),
            ("04/30/2019", "not a date of the form YYYY-MM-DD"),
            ("2019-04", "not a date of the form YYYY-MM-DD"),
            ("2019", "not a date of the form YYYY-MM-DD"),
            ("43585", "not a date of the form YYYY-MM-DD"),
            ("2019-04-30 13:00:00", "not a date of the form YYYY-MM-DD"),
            ("2019-02-29", "no such day in the calendar"),
            ("2019-13-01", "no such day in the calendar"),
            ("2019-00-00", "no such day in the calendar"),
            ("0000-00-00", "no such day in the calendar"),
            ("1753-01-01", "a placeholder, not a real date"),
            ("9999-12-31", "a placeholder, not a real date"),
        ],
    )
    def test_dates_that_cannot(self, text, reason):
        entry = fault("date_start", text)
        assert (entry["row"], entry["column"], entry["value"]) == (3, "date_start", text)
        assert entry["reason"].startswith(reason)

    def test_a_placeholder_gives_no_date(self):
        ledger = Ledger(pd.Index([2, 3]))
        assert parse_dates(pd.Series(["1753-01-01", "2019-04-30"]), "date", ledger).isna().tolist() == [True, False]

    @pytest.mark.parametrize(("text", "number"), [("0", 0), ("3", 3), ("3.0", 3), (" 12 ", 12), ("10000000", 10**7)])
    def test_counts_that_can_be_read(self, text, number):
        ledger = Ledger(pd.Index([2]))
        counts = parse_counts(pd.Series([text]), "best", ledger)
        assert counts.tolist() == [number]
        assert counts.dtype == "Int64"
        assert ledger.good.all()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "no number given"),
            (" ", "no number given"),
            ("-3", "deaths cannot be negative"),
            ("-0.5", "deaths cannot be negative"),
            ("2.5", "people come in whole numbers"),
            ("dozens", "not a number"),
            ("1,234", "not a number"),
            ("inf", "not a number"),
            ("-inf", "not a number"),
            ("NaN", "not a number"),
            ("NA", "not a number"),
            ("10000001", "too large to be a count of people"),
            ("1e300", "too large to be a count of people"),
            ("99999999999999999999999999", "too large to be a count of people"),
            ("18446744073709551615", "too large to be a count of people"),
        ],
    )
    @pytest.mark.parametrize("column", ["best", "deaths_a"])
    def test_counts_that_cannot(self, column, text, reason):
        entry = fault(column, text)
        assert (entry["row"], entry["column"], entry["value"]) == (3, column, text)
        assert entry["reason"].startswith(reason)

    def test_a_huge_and_a_negative_number_in_one_column(self):
        made = events({}, {"best": "18446744073709551615"}, {"best": "-1"})
        assert made.rejected["reason"].tolist() == ["too large to be a count of people", "deaths cannot be negative"]

    @pytest.mark.parametrize(
        ("column", "value"), [("kind", "4"), ("kind", ""), ("date_prec", "0"), ("date_prec", "x"), ("date_prec", "1.5")]
    )
    def test_codes(self, column, value):
        entry = fault(column, value)
        assert (entry["column"], entry["value"]) == (column, value)
        assert entry["reason"].startswith("not one of 1, 2, 3")

    def test_an_empty_id(self):
        assert fault("id", " ")["reason"].startswith("no id given")


class TestLedger:
    def test_reversed_dates(self):
        entry = fault("date_end", "2019-04-30")
        assert entry["reason"] == "the event ends before it starts (reversed)"
        assert (entry["id"], entry["low"], entry["best"], entry["high"]) == ("2", 5, 6, 8)

    def test_several_faults_of_a_row_make_one_entry(self):
        (entry,) = events({}, {"date_start": "x", "best": "-1", "low": "y"}).rejected.to_dict("records")
        assert entry["column"] == "date_start"
        assert entry["reason"] == "not a date of the form YYYY-MM-DD (more faults in: low, best)"
        assert pd.isna(entry["best"])
        assert pd.isna(entry["low"])
        assert entry["high"] == 8

    def test_no_row_at_all_is_an_error_that_names_the_first_fault(self):
        with pytest.raises(
            InputError, match=r"^list\.csv, row 2, column 'date_start', value '30-04-2019': no row can be"
        ):
            events({"date_start": "30-04-2019"}, {"date_start": "01-05-2019"})

    def test_a_row_with_the_wrong_number_of_cells_is_not_read(self):
        made = validate_events(
            table({}, {"best": "214797"}), RECORD, {3: "the row has 13 cells where the header has 14"}
        )
        (entry,) = made.rejected.to_dict("records")
        assert (entry["row"], entry["reason"]) == (3, "the row has 13 cells where the header has 14")
        assert pd.isna(entry["best"])

    def test_the_same_row_twice_counts_once(self):
        made = events({"id": "7"}, {}, {"id": "7"}, {"id": "7"})
        assert made.accepted["id"].tolist() == ["7", "2"]
        assert made.rejected["row"].tolist() == [4, 5]
        assert set(made.rejected["reason"]) == {"the same row stands in row 2 (duplicate id)"}
        assert made.rejected["best"].tolist() == [6, 6]

    def test_one_id_for_different_rows_leaves_none_of_them(self):
        made = events({"id": "7"}, {}, {"id": "7", "best": "9"})
        assert made.accepted["id"].tolist() == ["2"]
        assert made.rejected["reason"].tolist() == [
            "the id is used by a different row too: row 4 (duplicate id)",
            "the id is used by a different row too: row 2 (duplicate id)",
        ]

    def test_rows_that_differ_only_in_what_was_not_read_are_different_rows(self):
        raw = table({"id": "7"}, {"id": "7"}, {}, {})
        made = validate_events(raw, RECORD, unread=pd.Series(["a", "b", "c", "d"], index=raw.index))
        assert len(made.rejected) == 2
        assert not made.accepted["flags"].str.contains("lookalike").any()

    def test_deaths_that_can_be_read_are_all_there(self):
        rows = [{"best": str(number)} for number in range(1, 40)] + [{"best": "11", "kind": "9"}, {"best": "x"}]
        made = events(*rows)
        assert made.accepted["best"].sum() == 780
        assert made.rejected["best"].sum() == 11

    def test_many_faults_do_not_take_long(self):
        rows = table(*[{"id": str(number // 2)} for number in range(20_000)])
        start = time.perf_counter()
        made = validate_events(rows, RECORD, dict.fromkeys(range(2, 10_002), "broken"))
        # About 1 s here, where a search or a comparison of frames for each row took half a minute.
        assert time.perf_counter() - start < 10
        assert len(made.rejected) == 15_000

    def test_the_first_fault_of_a_row_leads_in_the_order_of_noting(self):
        ledger = Ledger(pd.Index([7, 5, 9]))
        cells = pd.Series(["p", None, "r"], dtype="str")
        ledger.add_row(2, "b", pd.NA, "late")
        ledger.add([True, False, True], "a", cells, "odd")
        ledger.add([False, True, False], "a", cells, "odd")
        ledger.add([True, True, True], "b", cells, "strange")
        ledger.add_row(0, "b", 3, "again")
        table = ledger.frame(cells, pd.DataFrame({"best": [1, 2, 3]}))
        assert table[["row", "column", "value", "reason", "best"]].to_numpy().tolist() == [
            [7, "a", "p", "odd (more faults in: b)", 1],
            [5, "a", "", "odd (more faults in: b)", 2],
            [9, "b", "", "late (more faults in: a, b)", 3],
        ]
        assert not ledger.good.any()
        assert (ledger.position(9), ledger.row(2)) == (2, 9)

    def test_a_table_of_bad_rows_does_not_take_long(self):
        number = 200_000
        rows = table({}).iloc[[0] * number].assign(id=[str(n) for n in range(number)], best="x", low="y")
        rows = pd.concat([table({"id": "good"}), rows], ignore_index=True)
        start = time.perf_counter()
        made = validate_events(rows, RECORD)
        # About 1 s here, where an entry for each fault and a search for each row took 6 s.
        assert time.perf_counter() - start < 5
        assert made.rejected["reason"].unique().tolist() == ["not a number (more faults in: best)"]
        assert len(made.rejected) == number


class TestOptional:
    EMPTY: ClassVar = {
        **dict.fromkeys(("low", "deaths_a", "deaths_b", "civilians", "unknown", "kind"), ""),
        "high": " ",
    }

    def read(self, *rows, optional=tuple(EMPTY)):
        return validate_events(table(*rows), RECORD, optional=optional)

    def test_what_is_not_given_is_not_known(self):
        made = self.read(self.EMPTY, {})
        assert made.rejected.empty
        assert made.accepted.loc[0, list(self.EMPTY)].isna().all()
        assert made.accepted.loc[1, list(self.EMPTY)].tolist() == [5, 1, 2, 3, 0, 1, 8]
        assert made.accepted["flags"].tolist() == ["", ""]

    def test_types_do_not_depend_on_the_rows(self):
        kinds = [self.read(*rows).accepted.dtypes.astype(str).to_dict() for rows in ([{}], [{}, self.EMPTY])]
        assert kinds[0] == kinds[1]
        assert {kinds[0][name] for name in self.EMPTY} == {"Int64"}
        assert (kinds[0]["best"], kinds[0]["date_prec"]) == ("int64", "int64")

    def test_only_what_is_said_to_be_optional_may_be_empty(self):
        made = self.read({}, {"low": "", "civilians": ""}, optional=("low",))
        (entry,) = made.rejected.to_dict("records")
        assert (entry["column"], entry["reason"]) == ("civilians", "no number given")

    @pytest.mark.parametrize("column", ["low", "unknown", "kind"])
    def test_what_is_given_must_still_be_readable(self, column):
        (entry,) = self.read({}, {column: "x"}).rejected.to_dict("records")
        assert (entry["column"], entry["value"]) == (column, "x")

    def test_a_best_is_always_needed(self):
        with pytest.raises(UnknownNameError, match="optional='best' is not known"):
            self.read({}, optional=("best",))

    @pytest.mark.parametrize(
        ("row", "odd"),
        [
            ({"deaths_a": "", "deaths_b": "", "unknown": ""}, False),
            ({"deaths_a": "", "deaths_b": "", "unknown": "", "civilians": "6"}, False),
            ({"deaths_a": "", "deaths_b": "", "unknown": "", "civilians": "7"}, True),
            ({"unknown": "", "deaths_a": "4"}, True),
            ({"unknown": ""}, False),
            ({"unknown": "1"}, True),
            ({"civilians": "2"}, True),
            ({}, False),
        ],
    )
    def test_classes_are_added_up_where_they_are_given(self, row, odd):
        assert self.read(row, {"low": ""}).accepted["flags"].tolist()[0] == ("sum!=best" if odd else "")


class TestFlags:
    @pytest.mark.parametrize(
        ("row", "flag"),
        [
            ({"low": "7"}, "low>best"),
            ({"high": "5"}, "best>high"),
            ({"unknown": "1"}, "sum!=best"),
            ({"date_end": "2019-05-02"}, "several-days"),
            ({"adm1": " "}, "no-adm1"),
        ],
    )
    def test_odd_rows_are_kept_flagged_and_counted(self, row, flag):
        made = events({"side_b": "others"}, row)
        assert made.accepted["flags"].tolist() == ["", flag]
        assert made.flagged().to_dict() == {flag: 1}
        assert made.rejected.empty

    def test_low_above_best_above_high_stays_as_given(self):
        made = events({"low": "9", "high": "2"})
        assert made.accepted[["low", "best", "high"]].iloc[0].tolist() == [9, 6, 2]
        assert made.accepted["flags"].tolist() == ["low>best;best>high"]

    def test_lookalikes_differ_in_nothing_but_the_id(self):
        assert events({}, {}, {"adm1": "Hamah Governorate"}).flagged().to_dict() == {"lookalike": 2}

    def test_an_impossible_document_date_is_dropped_and_flagged(self):
        made = events({"first_document": "1753-01-01"}, {"first_document": "2019-05-02"}, {"first_document": ""})
        assert made.accepted["first_document"].isna().tolist() == [True, False, True]
        assert made.flagged().to_dict() == {"document-date": 1}


class TestFrames:
    def test_types_do_not_depend_on_the_rows(self):
        plain = events({}).accepted
        full = events(
            {
                "where_prec": "1",
                "lat": "35.6",
                "lon": "36.7",
                "cited": "SOHR",
                "first_document": "2019-05-01",
                "adm2": "",
            }
        ).accepted
        assert plain.dtypes.astype(str).to_dict() == {**full.dtypes.astype(str).to_dict(), **plain.dtypes.astype(str)}
        assert list(plain) == list(full)
        kinds = {name: plain[name].dtype.kind for name in ("date_start", "date_end", "first_document")}
        assert set(kinds.values()) == {"M"}
        assert {str(plain[name].dtype) for name in ("low", "best", "high", "civilians", "kind")} == {"int64"}

    def test_the_provider_s_other_columns_stand_behind(self):
        made = events({"country": "Syria"}).accepted
        assert list(made)[-2:] == ["flags", "country"]

    def test_the_caller_s_table_is_left_alone(self):
        raw = table({"id": " 1 "}, {"best": "x"}, {"adm1": " "})
        before = raw.copy()
        made = validate_events(raw, RECORD)
        made.accepted.loc[0, "best"] = 99
        pd.testing.assert_frame_equal(raw, before)

    def test_inside_takes_both_days_and_whole_events(self):
        made = events({}, {"date_end": "2019-05-02"}, {"date_start": "2019-04-30", "date_end": "2019-04-30"})
        assert made.inside("2019-04-30", "2019-05-01")["id"].tolist() == ["1", "3"]

    def test_repr_is_for_people(self):
        assert repr(events({}, {"best": "x"})) == "<Events sample: 1 events, best 6, 1 rejected>"


class TestPlaces:
    made = events({}, {"adm1": "Hamah Governorate", "where_prec": "1"}, {"adm1": "", "kind": "3"}).accepted

    @pytest.mark.parametrize(
        ("where", "mask"),
        [
            (None, [True, True, True]),
            ({}, [True, True, True]),
            ({"adm1": "Idlib Governorate"}, [True, False, False]),
            ({"adm1": ["Idlib Governorate", "Hamah Governorate"]}, [True, True, False]),
            ({"adm1": ""}, [False, False, True]),
            ({"kind": 3}, [False, False, True]),
            ({"kind": [1, 3]}, [True, True, True]),
            ({"kind": "1", "adm1": "Hamah Governorate"}, [False, True, False]),
            ({"where_prec": 1}, [False, True, False]),
        ],
    )
    def test_mask(self, where, mask):
        assert place_mask(self.made, where).tolist() == mask

    def test_unknown_value_names_the_nearest(self):
        with pytest.raises(UnknownNameError, match=r"where\['adm1'\]='Idlib' is not known; .*'Idlib Governorate'"):
            place_mask(self.made, {"adm1": ["Hamah Governorate", "Idlib"]})

    def test_unknown_column_names_the_nearest(self):
        with pytest.raises(UnknownNameError, match="where='adm_1' is not known; did you mean 'adm1'"):
            place_mask(self.made, {"adm_1": "Idlib Governorate"})

    def test_no_value_is_not_everything_and_not_nothing(self):
        with pytest.raises(InputError, match=r"where\['adm1'\].*no value is given"):
            place_mask(self.made, {"adm1": []})

    def test_a_bare_name_is_not_a_place(self):
        with pytest.raises(
            InputError, match=r"column 'where', value 'Idlib': a place is given as column and values; write"
        ):
            place_mask(self.made, "Idlib")


class TestVictims:
    made = events(
        {},
        {"side_a": "HTS", "side_b": "Government of Syria", "deaths_a": "4", "deaths_b": "2", "civilians": "0"},
        {"kind": "3", "side_b": "Civilians", "deaths_a": "0", "deaths_b": "0", "civilians": "6"},
        {"deaths_a": "0", "deaths_b": "0", "civilians": "5", "unknown": "1"},
        {"deaths_a": "0", "deaths_b": "0", "civilians": "0", "best": "0", "low": "0", "high": "3"},
        {"deaths_a": "0", "deaths_b": "0", "civilians": "0", "best": "0", "low": "0", "high": "0"},
    ).accepted

    def test_all_are_as_given(self):
        assert (
            victim_counts(self.made, "all").to_numpy().tolist()
            == self.made[["low", "best", "high"]].to_numpy().tolist()
        )

    def test_civilians_take_the_range_only_where_they_are_all_there_are(self):
        counts = victim_counts(self.made, "civilians")
        assert counts["best"].tolist() == [3, 0, 6, 5, 0, 0]
        assert counts["low"].isna().tolist() == [True, True, False, True, True, False]
        assert counts["high"].isna().tolist() == [True, True, False, True, True, False]
        assert counts.loc[2].tolist() == [5, 6, 8]

    def test_own_dead_on_either_side(self):
        counts = victim_counts(self.made, "Government of Syria")
        assert counts["best"].tolist() == [1, 2, 0, 0, 0, 0]
        assert counts[["low", "high"]].isna().all(axis=None)

    def test_a_group_is_the_sum_of_its_actors(self):
        both = victim_counts(self.made, ("Government of Syria", "HTS"))["best"]
        one = [victim_counts(self.made, name)["best"] for name in ("Government of Syria", "HTS")]
        assert both.tolist() == (one[0] + one[1]).tolist()

    def test_the_classes_add_up(self):
        parts = [victim_counts(self.made, name)["best"] for name in ("civilians", "combatants", "unknown")]
        assert sum(parts).tolist() == self.made["best"].tolist()

    @pytest.mark.parametrize(
        ("victims", "near"),
        [("Civilians", "civilians"), ("civilian", "civilians"), ("Goverment of Syria", "Government of Syria")],
    )
    def test_unknown_victims_name_the_nearest(self, victims, near):
        with pytest.raises(UnknownNameError, match=f"victims='{victims}' is not known; did you mean '{near}'.*'all'"):
            victim_counts(self.made, victims)

    def test_a_part_is_its_column_and_of_nobody_nobody(self):
        counts = victim_counts(self.parted(), "women")
        assert counts["best"].tolist() == [2, pd.NA, 0, 1, 0, 0]
        assert counts[["low", "high"]].isna().all(axis=None)
        assert set(counts.dtypes.astype(str)) == {"Int64"}

    def parted(self, **changes):
        accepted = self.made.assign(women=pd.array([2, None, 0, 1, None, 0], dtype="Int64")).assign(**changes)
        return Events(accepted, pd.DataFrame(), RECORD, parts=("women", "children"))

    def test_parts_are_stated_and_not_guessed(self):
        with pytest.raises(UnknownNameError, match="victims='women' is not known"):
            victim_counts(self.parted().accepted, "women")
        with pytest.raises(UnknownNameError, match=r"victims='womn' is not known; did you mean 'women'.*'children'"):
            victim_counts(self.parted(), "womn")

    def test_a_part_that_shares_its_name_with_an_actor(self):
        with pytest.raises(
            InputError, match="value 'women': the name is both an actor's and a part's; rename the part"
        ):
            victim_counts(self.parted(side_b="women"), "women")

    def test_parts_may_overlap(self):
        with pytest.raises(InputError, match="value 'women': parts of the dead may overlap and are not added up"):
            victim_counts(self.parted(), ("women", "children"))

    def test_a_part_of_which_nothing_is_said(self):
        unsaid = self.parted(women=pd.array([None] * 6, dtype="Int64"))
        with pytest.raises(InputError, match="value 'women': the source does not say how many of the dead these were"):
            victim_counts(unsaid, "women")

    def test_words(self):
        assert victims_label("women", ("women",)) == "women"
        assert victims_label("women") == "own dead of women"
        assert victims_label(("a", "b"), ("a",)) == "own dead of a, b"

    def test_no_actor_is_no_answer(self):
        with pytest.raises(InputError, match="column 'victims': no actor is named"):
            victim_counts(self.made, ())
