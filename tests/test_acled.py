"""ACLED's one figure an event enters as it is: no range, no victims, no kind and no order of a date is made up for it.

All rows are invented. Comparisons are exact: they are counts and sums of whole numbers; the expected ratios of
`heaping` are worked out by hand and compared to 12 digits, since a root and a division round.
"""

import csv
import math

import pandas as pd
import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.provenance import SourceRecord
from casualties.series import daily_series
from casualties.sources.acled import heaping, read_acled
from casualties.totals import breakdown, event_totals, period_totals

SECRET = ("INVENTED NOTE ABOUT A PERSON", "INVENTED NEWSPAPER", "INVENTED TAG")
# The 31 columns of the current layout, in the provider's order, with one invented event.
CURRENT = {
    "event_id_cnty": "XXA1",
    "event_date": "2019-05-02",
    "year": "2019",
    "time_precision": "1",
    "disorder_type": "Political violence",
    "event_type": "Battles",
    "sub_event_type": "Armed clash",
    "actor1": "Army of A (2000-); Guards of A",
    "assoc_actor_1": "Tribe One; Tribe Two",
    "inter1": "State forces",
    "actor2": "Front B",
    "assoc_actor_2": "",
    "inter2": "Rebel group",
    "interaction": "State forces-Rebel group",
    "civilian_targeting": "",
    "iso": "999",
    "region": "Nowhere",
    "country": "Xanadu",
    "admin1": "North",
    "admin2": "North One",
    "admin3": "North One A",
    "location": "Town",
    "latitude": "35.5",
    "longitude": "36.5",
    "geo_precision": "1",
    "source": SECRET[1],
    "source_scale": "National",
    "notes": SECRET[0],
    "fatalities": "3",
    "tags": SECRET[2],
    "timestamp": "1556841600",
}
OLDER = {**CURRENT, "data_id": "77", "event_id_no_cnty": "1", "iso3": "XXA", "inter1": "1", "inter2": "2"}
WINDOW = {"start": "2019-05-01", "end": "2019-05-04", "spread": "even", "missing_days": "zero"}


def write(tmp_path, *rows, base=CURRENT, without=(), name="acled.csv"):
    """Write invented events; each row says only how it differs from `base`."""
    columns = [column for column in base if column not in without]
    file = tmp_path / name
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        for number, row in enumerate(rows, start=1):
            writer.writerow({**base, "event_id_cnty": f"XXA{number}", **row})
    return file


def read(tmp_path, *rows, **options):
    return read_acled(write(tmp_path, *rows, **options))


@pytest.fixture
def few(tmp_path):
    """Three invented events on two days in two provinces."""
    return read(
        tmp_path,
        {},
        {"event_date": "2019-05-03", "fatalities": "10", "event_type": "Violence against civilians"},
        {"event_date": "2019-05-03", "fatalities": "2", "admin1": "South", "civilian_targeting": "Civilian targeting"},
    )


class TestCurrentLayout:
    def test_one_figure_and_nothing_made_of_it(self, few):
        accepted = few.accepted
        assert accepted["best"].tolist() == accepted["unknown"].tolist() == [3, 10, 2]
        absent = accepted[["kind", "deaths_a", "deaths_b", "civilians", "low", "high"]]
        assert absent.isna().all(axis=None)
        assert set(absent.dtypes.astype(str)) == {"Int64"}
        assert accepted["flags"].tolist() == ["", "", ""]
        assert few.rejected.empty

    def test_columns_under_the_names_of_the_event_table(self, few):
        row = few.accepted.iloc[0]
        assert row[["id", "adm1", "adm2", "adm3", "place", "lat", "lon"]].tolist() == [
            *("XXA1", "North", "North One", "North One A", "Town", 35.5, 36.5)
        ]
        assert row["date_start"] == row["date_end"] == pd.Timestamp("2019-05-02")
        assert row[["event_type", "sub_event_type", "country", "timestamp"]].tolist() == [
            *("Battles", "Armed clash", "Xanadu", "1556841600")
        ]

    def test_all_names_are_kept_and_the_first_stands_on_its_side(self, few):
        row = few.accepted.iloc[0]
        assert row[["side_a", "side_b", "assoc_a", "assoc_b"]].tolist() == [
            "Army of A (2000-)",
            "Front B",
            "Tribe One",
            "",
        ]
        assert row["actor1"] == "Army of A (2000-); Guards of A"
        assert row["assoc_actor_1"] == "Tribe One; Tribe Two"

    def test_words_stay_in_the_file(self, few):
        assert not {"notes", "source", "tags"} & set(few.accepted)
        held = few.accepted.astype(str).to_csv() + few.rejected.to_csv() + str(few.record)
        assert not [words for words in SECRET if words in held]

    @pytest.mark.parametrize(("given", "number"), [("1", 1), ("2", 2), ("3", 3)])
    def test_precision_is_kept_as_given(self, tmp_path, given, number):
        row = read(tmp_path, {"time_precision": given, "geo_precision": given}).accepted.iloc[0]
        assert row[["date_prec", "where_prec"]].tolist() == [number, number]
        assert row[["time_precision", "geo_precision"]].tolist() == [given, given]
        assert row["date_start"] == row["date_end"]

    def test_days_that_are_not_exact_are_marked_in_the_series(self, tmp_path):
        events = read(tmp_path, {}, {"time_precision": "3", "fatalities": "7"})
        made = daily_series(events, **{**WINDOW, "start": "2019-05-02", "end": "2019-05-02"})
        assert made.frame[["best", "imprecise"]].iloc[0].tolist() == [10, 7]

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            ("time_precision", "4", "not one of 1, 2, 3"),
            ("geo_precision", "7", "not one of 1, 2, 3"),
            ("year", "2018", "not the year of event_date"),
            ("event_date", "2019-02-30", "no such day in the calendar"),
            ("event_date", "05/04/2019", "not a date of the form YYYY-MM-DD"),
            ("event_date", "", "no date given"),
            ("event_id_cnty", "", "no id given"),
        ],
    )
    def test_a_row_that_cannot_be_used(self, tmp_path, column, value, reason):
        (entry,) = read(tmp_path, {}, {column: value}).rejected.to_dict("records")
        assert (entry["row"], entry["column"], entry["value"], entry["best"]) == (3, column, value, 3)
        assert entry["reason"].startswith(reason)
        assert pd.isna(entry["low"])

    @pytest.mark.parametrize(
        ("value", "reason"), [("", "no number given"), ("-1", "deaths cannot be negative"), ("dozens", "not a number")]
    )
    def test_fatalities_that_cannot_be_read(self, tmp_path, value, reason):
        (entry,) = read(tmp_path, {}, {"fatalities": value}).rejected.to_dict("records")
        assert (entry["column"], entry["value"], entry["reason"]) == ("fatalities", value, reason)
        assert pd.isna(entry["best"])

    def test_an_error_names_the_column_of_the_file(self, tmp_path):
        with pytest.raises(InputError, match=r"^acled\.csv, row 2, column 'fatalities', value 'x': no row can be used"):
            read(tmp_path, {"fatalities": "x"})

    def test_a_column_of_the_event_tables_own_name_is_refused(self, tmp_path):
        file = write(tmp_path, {}, base={**CURRENT, "civilians": "3"})
        with pytest.raises(InputError, match="column 'civilians': the provider's layouts have no such column"):
            read_acled(file)

    def test_an_event_given_twice_with_its_actors_swapped(self, tmp_path):
        swapped = {"actor1": "Front B", "actor2": "Army of A (2000-)", "event_id_cnty": "XXA1"}
        events = read(tmp_path, {}, swapped, {})
        assert events.rejected["reason"].str.contains("duplicate id").tolist() == [True, True]
        assert events.accepted["id"].tolist() == ["XXA3"]


class TestOlderLayouts:
    later = ("disorder_type", "civilian_targeting", "iso", "tags", "sub_event_type")

    @pytest.mark.parametrize(
        ("given", "way"),
        [("2019-04-30", "yyyy-mm-dd"), ("30-04-2019", "dd-mm-yyyy"), ("30 April 2019", "30 April 2019")],
    )
    def test_the_three_ways_of_a_date(self, tmp_path, given, way):
        events = read(tmp_path, {"event_date": given}, base=OLDER, without=self.later)
        assert events.accepted["date_start"].tolist() == [pd.Timestamp("2019-04-30")]
        assert events.accepted["event_date"].tolist() == [given]
        assert events.record.notes == (f"Dates are written as {way}.",)

    @pytest.mark.parametrize(("given", "day"), [("5 May 2019", "2019-05-05"), ("01 Sep 2019", "2019-09-01")])
    def test_words(self, tmp_path, given, day):
        assert read(tmp_path, {"event_date": given}).accepted["date_start"].tolist() == [pd.Timestamp(day)]

    def test_the_day_stands_first_where_the_year_stands_last(self, tmp_path):
        made = read(tmp_path, {"event_date": "04-05-2019"}, {"event_date": "30-04-2019"})
        assert made.accepted["date_start"].dt.strftime("%Y-%m-%d").tolist() == ["2019-05-04", "2019-04-30"]
        assert len(made.record.notes) == 1

    def test_a_file_that_does_not_show_its_order_says_so(self, tmp_path):
        notes = read(tmp_path, {"event_date": "04-05-2019"}, {"event_date": "04/05/2019"}).record.notes
        assert notes[1].startswith("No date shows by itself whether the day stands first")

    def test_month_first_is_refused_for_the_whole_file(self, tmp_path):
        file = write(tmp_path, {"event_date": "04-05-2019"}, {"event_date": "04-30-2019"})
        with pytest.raises(
            InputError, match=r"row 3, column 'event_date', value '04-30-2019': .*only with the month first"
        ):
            read_acled(file)

    def test_a_mixture_is_refused_and_the_rarer_way_named(self, tmp_path):
        file = write(tmp_path, {}, {}, {"event_date": "04-05-2019"})
        with pytest.raises(InputError, match=r"row 4, .*'04-05-2019': .*2 as yyyy-mm-dd, 1 as dd-mm-yyyy"):
            read_acled(file)

    def test_a_broken_row_does_not_decide_how_dates_are_written(self, tmp_path):
        file = write(tmp_path, {}, {})
        lines = file.read_text(encoding="utf-8").splitlines()
        lines[2] = lines[2].replace("2019-05-02,", "04-05-2019,,")
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        events = read_acled(file)
        assert len(events.accepted) == 1
        assert events.rejected["reason"].str.startswith("the row has 32 cells where the header has 31").all()

    def test_other_shapes_go_to_the_ledger(self, tmp_path):
        odd = ["04/05/2019", "30-Apr-19", "43585", "30 Nisan 2019", "4-5-2019"]
        events = read(tmp_path, {}, *({"event_date": value} for value in odd))
        assert events.rejected["value"].tolist() == odd
        assert events.rejected["best"].tolist() == [3] * 5

    def test_an_impossible_day_is_shown_as_it_was_written(self, tmp_path):
        events = read(tmp_path, {"event_date": "30-04-2019"}, {"event_date": "31-04-2019"})
        assert events.rejected[["column", "value"]].to_numpy().tolist() == [["event_date", "31-04-2019"]]

    def test_columns_that_came_later_may_be_missing(self, tmp_path):
        events = read(
            tmp_path,
            {"event_type": "Violence against civilians"},
            {},
            base=OLDER,
            without=self.later,
        )
        assert events.accepted["targets_civilians"].tolist() == ["yes", ""]
        assert events.accepted[["data_id", "event_id_no_cnty", "iso3"]].iloc[0].tolist() == ["77", "1", "XXA"]

    @pytest.mark.parametrize(
        "column",
        ["event_id_cnty", "event_date", "time_precision", "event_type", "actor1", "actor2", "admin1", "fatalities"],
    )
    def test_each_needed_column_is_asked_for(self, tmp_path, column):
        with pytest.raises(InputError, match=rf"^acled\.csv, column '{column}': the column is missing"):
            read(tmp_path, {}, without=(column,))


class TestActorTypes:
    @pytest.mark.parametrize(
        ("given", "word"),
        [
            *(("1", "State forces"), ("2", "Rebel group"), ("3", "Political militia"), ("4", "Identity militia")),
            *(("5", "Rioters"), ("6", "Protesters"), ("7", "Civilians"), ("8", "External/Other forces")),
            *(("2.0", "Rebel group"), ("Rebel Groups", "Rebel group"), ("State Forces", "State forces")),
            *(("external/other forces", "External/Other forces"), ("0", ""), ("", "")),
        ],
    )
    def test_numbers_and_words_become_the_current_words(self, tmp_path, given, word):
        accepted = read(tmp_path, {"inter1": given, "inter2": given}).accepted
        assert accepted[["inter1", "inter2", "flags"]].iloc[0].tolist() == [word, word, ""]

    def test_an_unknown_type_is_kept_and_flagged(self, tmp_path):
        accepted = read(tmp_path, {}, {"inter2": "9"}).accepted
        assert accepted["inter2"].tolist() == ["Rebel group", "9"]
        assert accepted["flags"].tolist() == ["", "actor-type"]


class TestCivilians:
    def test_events_that_target_civilians_are_named(self, few):
        assert few.accepted["targets_civilians"].tolist() == ["no", "yes", "yes"]

    def test_their_deaths_are_a_selection_of_events(self, few):
        made = daily_series(few, where={"targets_civilians": "yes"}, **WINDOW)
        assert made.total.value == 12
        assert made.accounts.loc["elsewhere", "best"] == 3

    @pytest.mark.parametrize("victims", ["civilians", "combatants", "civilians or unknown", "Front B"])
    def test_no_series_of_a_class_that_the_source_does_not_tell(self, few, victims):
        with pytest.raises(InputError, match="does not say how many of the dead these were; take victims='all'"):
            daily_series(few, victims=victims, **WINDOW)

    def test_an_unknown_actor_is_still_an_unknown_name(self, few):
        with pytest.raises(UnknownNameError, match="did you mean 'Front B'"):
            daily_series(few, victims="Front C", **WINDOW)

    def test_all_dead_are_of_unknown_status(self, few):
        assert daily_series(few, victims="unknown", **WINDOW).total.value == 15


class TestDownTheLine:
    @pytest.mark.parametrize("spread", ["even", "start", "end", "exclude", "expected"])
    @pytest.mark.parametrize("missing_days", ["zero", "missing"])
    def test_a_series_without_a_range(self, few, spread, missing_days):
        made = daily_series(few, start="2019-05-02", end="2019-05-03", spread=spread, missing_days=missing_days)
        assert made.frame["best"].tolist() == [3, 12]
        assert made.frame[["low", "high"]].isna().all(axis=None)
        assert made.accounts[["low", "high"]].isna().all(axis=None)
        assert made.accounts["best"].sum() == 15
        assert made.total.value == 15
        assert math.isnan(made.total.low)

    def test_a_quiet_window_has_no_range_either(self, tmp_path):
        events = read(tmp_path, {}, {"event_date": "2019-05-30"})
        made = daily_series(events, **{**WINDOW, "start": "2019-05-10", "end": "2019-05-12"})
        assert made.frame["best"].tolist() == [0, 0, 0]
        assert made.frame[["low", "high"]].isna().all(axis=None)

    @pytest.mark.parametrize("estimate", ["low", "high"])
    def test_no_series_of_an_end_of_the_range(self, few, estimate):
        with pytest.raises(InputError, match=f"the source gives no {estimate} for all victims"):
            daily_series(few, estimate=estimate, **WINDOW)

    def test_conservation_with_the_ledger(self, tmp_path):
        events = read(tmp_path, {}, {"event_date": "", "fatalities": "8"}, {"admin1": "", "fatalities": "100"})
        made = daily_series(events, where={"adm1": "North"}, **WINDOW)
        assert made.accounts["best"].sum() == 111
        assert made.accounts.loc[["in the series", "no place recorded", "rows in the ledger"], "best"].tolist() == [
            *(3, 100, 8)
        ]

    def test_totals_by_month(self, few):
        table = period_totals(daily_series(few, **WINDOW)).frame
        assert table["best"].tolist() == [15]
        assert table[["low", "high"]].isna().all(axis=None)

    def test_breakdown_by_type_of_event(self, few):
        assert breakdown(few, "event_type", **WINDOW).frame.iloc[0].to_dict() == {
            "Battles": 5,
            "Violence against civilians": 10,
            "all": 15,
        }

    def test_breakdown_by_victims_is_refused(self, few):
        with pytest.raises(InputError, match="does not say how many of the dead these were"):
            breakdown(few, "victims", **WINDOW)

    def test_totals_by_event_type(self, few):
        table = event_totals(few, "event_type").frame
        assert table[["events", "best"]].to_numpy().tolist() == [[1, 10], [2, 5]]


class TestDeleted:
    def write_ids(self, tmp_path, *ids, header="event_id_cnty,deleted_timestamp"):
        file = tmp_path / "deleted.csv"
        file.write_text("\n".join([header, *(f"{name},1556841600" for name in ids)]) + "\n", encoding="utf-8")
        return file

    def test_deleted_events_go_to_the_ledger_with_their_deaths(self, tmp_path):
        file = write(tmp_path, {}, {"fatalities": "12"}, {"fatalities": ""})
        events = read_acled(file, deleted=self.write_ids(tmp_path, "XXA2", "XXA99"))
        assert events.accepted["id"].tolist() == ["XXA1"]
        entry = events.rejected.iloc[0]
        assert entry[["row", "column", "value", "id", "best"]].tolist() == [3, "event_id_cnty", "XXA2", "XXA2", 12]
        assert entry["reason"] == "deleted by the provider since"
        assert events.record.notes[-1] == "1 of the 2 events deleted by the provider stand in the table."

    def test_a_broken_list_is_refused(self, tmp_path):
        with pytest.raises(InputError, match=r"^deleted\.csv, row 3: no id given, so it is not certain which event"):
            read_acled(write(tmp_path, {}), deleted=self.write_ids(tmp_path, "XXA2", ""))

    def test_a_list_without_ids_is_refused(self, tmp_path):
        with pytest.raises(InputError, match=r"^deleted\.csv, column 'event_id_cnty': the column is missing"):
            read_acled(
                write(tmp_path, {}), deleted=self.write_ids(tmp_path, "XXA2", header="event_id,deleted_timestamp")
            )


class TestLicence:
    def test_the_record_says_what_may_be_done(self, few):
        record = few.record
        assert not record.redistributable
        assert "may not be passed on" in record.licence
        assert record.attribution.endswith("acleddata.com; accessed (date of access not given)")
        assert (record.file, len(record.sha256)) == ("acled.csv", 64)

    def test_a_given_record_is_completed_and_frees_no_rows(self, tmp_path):
        given = SourceRecord(name="ACLED", accessed="2026-10-30", redistributable=True, notes=("mine",))
        record = read_acled(write(tmp_path, {}), record=given).record
        assert not record.redistributable
        assert record.attribution.endswith("accessed 2026-10-30")
        assert record.notes[0] == "mine"


class TestHeaping:
    def test_shares_and_neighbours(self, tmp_path):
        deaths = [0, 2, 2, 3, 3, 3, 4, 9, 10, 10, 10, 11, 11, 11, 11, 100]
        table = heaping(read(tmp_path, *({"fatalities": str(number)} for number in deaths)))
        assert table.index.tolist() == [3, 10, 12, 100]
        assert table["events"].tolist() == [3, 3, 0, 1]
        assert table["deaths"].tolist() == [9, 30, 0, 100]
        assert table["share_events"].tolist() == pytest.approx([3 / 15, 3 / 15, 0, 1 / 15], rel=1e-12)
        assert table["share_deaths"].tolist() == pytest.approx([9 / 200, 30 / 200, 0, 0.5], rel=1e-12)
        assert table["beside"].tolist() == pytest.approx([2**0.5, 2, 0, 0], rel=1e-12)
        assert table["ratio"].iloc[:2].tolist() == pytest.approx([3 / 2**0.5, 1.5], rel=1e-12)
        assert table["ratio"].iloc[2:].isna().all()

    @pytest.mark.parametrize("value", [1, 0, 2.5, True, "3"])
    def test_what_is_no_figure(self, few, value):
        with pytest.raises(InputError, match="a figure is a whole number of at least 2"):
            heaping(few, [value])
