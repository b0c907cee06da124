"""UCDP GED is read whole: every event, every death, every defect counted, and no headline kept.

All comparisons are exact: they are counts and sums of whole numbers. The expected values were published with the
provider's file. Tests marked `shared` read that file itself; the others read the table that ships.
"""

import gzip
import json
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.events import place_mask
from casualties.series import daily_series
from casualties.sources.files.tables import Layout
from casualties.sources.ucdp import KNOWN, WORDS, read_ucdp_ged, same_relid_note
from casualties.study import bundled

NORTH_WEST = {"adm1": ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]}
YEARS = {
    2016: (6170, 43538, 48710, 49642, 10203),
    2017: (5587, 32783, 33316, 36654, 8913),
    2018: (2765, 18980, 20251, 21683, 5282),
    2019: (2044, 9628, 10060, 11041, 2255),
}
WINDOWS = [
    ("2019-04-30", "2019-08-31", 720, 694, 4211, 4276, 4490, 1136),
    ("2019-04-26", "2019-07-27", 555, 539, 2838, 2893, 3067, 927),
    ("2019-04-29", "2019-08-29", 714, 688, 4172, 4237, 4448, 1133),
    ("2019-04-30", "2019-07-17", 475, 461, 2547, 2577, 2708, 727),
    ("2019-07-01", "2019-07-31", 174, 167, 797, 828, 926, 357),
    ("2019-07-22", "2019-07-22", 12, 12, 58, 71, 75, 69),
]
GOVERNORATES = [
    ("Idlib Governorate", 529, 2227, 2321, 2483, 1059),
    ("Hamah Governorate", 265, 1905, 1916, 1973, 191),
    ("Aleppo Governorate", 210, 528, 555, 635, 184),
    ("Latakia Governorate", 76, 691, 691, 692, 10),
]
HEADER = (
    "id,type_of_violence,date_prec,date_start,date_end,side_a,side_b,adm_1,deaths_a,deaths_b,deaths_civilians,"
    "deaths_unknown,low,best,high"
)
ROW = "{id},1,1,2019-05-01,2019-05-01,Government of Syria,Syrian insurgents,Idlib Governorate,1,2,3,0,5,6,8"

# The columns of the global releases since 20.1, in their order.
GLOBAL = (
    *("id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id"),
    *("conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a"),
    *("side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office"),
    *("source_date", "source_headline", "source_original", "where_prec", "where_coordinates", "where_description"),
    *("adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region"),
    *("event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians"),
    *("deaths_unknown", "best", "high", "low", "gwnoa", "gwnob"),
)
ONLY_SINCE_20 = (
    *("relid", "code_status", "conflict_dset_id", "dyad_dset_id", "side_a_dset_id", "side_b_dset_id"),
    "where_description",
)
EVENT = {
    "id": 510001, "relid": "SYR-2025-1-1", "year": 2025, "active_year": True, "code_status": "Clear",
    "type_of_violence": 1, "conflict_dset_id": "299", "conflict_new_id": 299, "conflict_name": "Syria: Government",
    "dyad_dset_id": "11973", "dyad_new_id": 11973, "dyad_name": "Government of Syria - Syrian insurgents",
    "side_a_dset_id": "118", "side_a_new_id": 118, "side_a": "Government of Syria", "side_b_dset_id": "4456",
    "side_b_new_id": 4456, "side_b": "Syrian insurgents", "number_of_sources": 2,
    "source_article": '"SOHR,2025-01-01,SECRET ARTICLE"', "source_office": "SECRET OFFICE",
    "source_date": "2025-01-01", "source_headline": "SECRET HEADLINE", "source_original": "SECRET ORIGINAL",
    "where_prec": 1, "where_coordinates": "Saraqib town", "where_description": "SECRET PLACE",
    "adm_1": "Idlib Governorate", "adm_2": "Idlib district", "latitude": 35.86, "longitude": 36.8,
    "geom_wkt": "POINT (36.8 35.86)", "priogrid_gid": 180794, "country": "Syria", "country_id": 652,
    "region": "Middle East", "event_clarity": 1, "date_prec": 1, "date_start": "2025-01-01 00:00:00.000",
    "date_end": "2025-01-02 00:00:00.000", "deaths_a": 1, "deaths_b": 2, "deaths_civilians": 3,
    "deaths_unknown": 0, "best": 6, "high": 8, "low": 5, "gwnoa": "652", "gwnob": None,
}  # fmt: skip
CANDIDATES = [
    EVENT,
    EVENT
    | {
        "id": 510002,
        "relid": "SYR-2025-1-2",
        "code_status": "Check deaths",
        "number_of_sources": -1,
        "adm_1": None,
        "gwnob": "-99",
    },
    EVENT
    | {"id": 510003, "relid": "", "active_year": False, "priogrid_gid": -1, "gwnob": "-1", "best": 4}
    | {"deaths_civilians": 1},
]


@pytest.fixture(scope="module")
def shipped():
    return read_ucdp_ged(bundled() / "ged_syria.csv")


@pytest.fixture(scope="module")
def provided(shared):
    return read_ucdp_ged(shared / "ucdp-ged-syria" / "ged_syria_2016-01_2019-11.csv.gz")


def sums(frame):
    return (len(frame), *(int(frame[name].sum()) for name in ("low", "best", "high", "civilians")))


def write(tmp_path, *rows, header=HEADER, name="ged.csv"):
    file = tmp_path / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


class TestShipped:
    def test_every_event_and_every_death(self, shipped):
        assert sums(shipped.accepted)[:3:2] == (16566, 112337)
        assert shipped.rejected.empty

    @pytest.mark.parametrize("year", YEARS)
    def test_years(self, shipped, year):
        assert sums(shipped.accepted[shipped.accepted["date_start"].dt.year == year]) == YEARS[year]

    @pytest.mark.parametrize(("start", "end", "rows", "exact", "low", "best", "high", "civilians"), WINDOWS)
    def test_windows(self, shipped, start, end, rows, exact, low, best, high, civilians):
        here = shipped.inside(start, end).loc[lambda table: place_mask(shipped.accepted, NORTH_WEST)[table.index]]
        assert sums(here) == (rows, low, best, high, civilians)
        assert (here["date_prec"] == 1).sum() == exact

    @pytest.mark.parametrize(("name", "rows", "low", "best", "high", "civilians"), GOVERNORATES)
    def test_governorates(self, shipped, name, rows, low, best, high, civilians):
        here = shipped.inside("2019-04-01", "2019-12-31").loc[
            lambda table: place_mask(shipped.accepted, {"adm1": name})[table.index]
        ]
        assert sums(here) == (rows, low, best, high, civilians)

    def test_defects_are_counted(self, shipped):
        assert shipped.flagged().to_dict() == {
            "several-days": 1086,
            "no-adm1": 339,
            "lookalike": 189,
            "best>high": 71,
            "low>best": 30,
            "document-date": 3,
        }

    def test_deaths_without_a_governorate(self, shipped):
        assert shipped.accepted.loc[shipped.accepted["adm1"] == "", "best"].sum() == 24751

    def test_the_table_has_no_relid_and_nothing_to_tell_of(self, shipped):
        assert "relid" not in shipped.accepted
        assert same_relid_note(shipped) == ""

    def test_market_strike_of_22_july(self, shipped):
        strike = shipped.accepted.set_index("id").loc["303399"]
        assert strike[["low", "best", "high", "civilians", "cited"]].tolist() == [25, 38, 42, 38, "SOHR;Airwars"]

    def test_read_within_a_second(self):
        start = time.perf_counter()
        read_ucdp_ged(bundled() / "ged_syria.csv")
        # About 0.4 s on an idle core; the bound leaves room for a busy machine.
        assert time.perf_counter() - start < 3

    def test_record_names_the_file_and_its_bytes(self, shipped):
        assert shipped.record.file == "ged_syria.csv"
        assert len(shipped.record.sha256) == 64


@pytest.mark.shared
class TestProvided:
    def test_every_event_and_every_death(self, provided):
        assert sums(provided.accepted)[:3:2] == (16566, 112337)
        assert provided.rejected.empty

    def test_defects_are_counted(self, provided):
        assert provided.flagged().to_dict() == {
            "several-days": 1086,
            "no-adm1": 339,
            "best>high": 71,
            "lookalike": 57,
            "low>best": 30,
        }
        assert (provided.accepted["best"] == 0).sum() == 1124
        assert (provided.accepted["adm2"] == "").sum() == 1576

    def test_no_headline_stays_in_memory(self, provided, shared):
        assert not set(WORDS) & set(provided.accepted)
        cells = set(provided.accepted.select_dtypes("str").to_numpy().ravel())
        raw = pd.read_csv(shared / "ucdp-ged-syria" / "ged_syria_2019-04_2019-11.csv", dtype=str, keep_default_na=False)
        assert not cells & set(raw["source_headline"]) - {""}
        assert not cells & set(raw["source_article"]) - {""}

    def test_plain_packed_and_zipped_are_the_same_table(self, shared, tmp_path):
        plain = shared / "ucdp-ged-syria" / "ged_syria_2019-04_2019-11.csv"
        (tmp_path / "ged.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
        with zipfile.ZipFile(tmp_path / "ged.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, "ged_syria.csv")
        expected = read_ucdp_ged(plain)
        assert len(expected.accepted) == 1580
        for name in ("ged.csv.gz", "ged.zip"):
            pd.testing.assert_frame_equal(read_ucdp_ged(tmp_path / name).accepted, expected.accepted)

    @pytest.mark.parametrize("victims", ["all", "civilians", "Government of Syria"])
    @pytest.mark.parametrize("spread", ["even", "start", "exclude"])
    def test_both_tables_give_the_same_series(self, shipped, provided, victims, spread):
        series = [
            daily_series(
                events,
                start="2016-01-01",
                end="2019-11-30",
                where=NORTH_WEST,
                victims=victims,
                spread=spread,
                missing_days="zero",
            )
            for events in (shipped, provided)
        ]
        pd.testing.assert_frame_equal(series[0].frame, series[1].frame)

    def test_window_totals(self, provided):
        start, end, *expected = WINDOWS[0]
        here = provided.inside(start, end).loc[lambda table: place_mask(provided.accepted, NORTH_WEST)[table.index]]
        assert sums(here) == tuple(expected[:1] + expected[2:])


class TestForeignFiles:
    def test_the_needed_columns_are_enough(self, tmp_path):
        events = read_ucdp_ged(write(tmp_path, ROW.format(id=1), ROW.format(id=2)))
        assert sums(events.accepted) == (2, 10, 12, 16, 6)
        assert events.accepted["cited"].tolist() == ["", ""]

    @pytest.mark.parametrize("column", HEADER.split(","))
    def test_each_needed_column_is_asked_for(self, tmp_path, column):
        header = HEADER.replace(column, f"x_{column}", 1)
        with pytest.raises(InputError, match=rf"^ged\.csv, column '{column}': the column is missing"):
            read_ucdp_ged(write(tmp_path, ROW.format(id=1), header=header))

    def test_nearest_column_is_named(self, tmp_path):
        header = HEADER.replace("adm_1", "admin_1").replace("deaths_unknown", "dead_unknown")
        near = r"nearest column is 'admin_1' for 'adm_1', the nearest column is 'dead_unknown' for 'deaths_unknown'"
        with pytest.raises(InputError, match=rf"column 'adm_1': the column is missing \(missing too: .*{near}"):
            read_ucdp_ged(write(tmp_path, ROW.format(id=1), header=header))

    def test_two_names_for_one_column(self, tmp_path):
        file = write(tmp_path, ROW.format(id=1) + ",Hamah", header=HEADER + ",adm1")
        with pytest.raises(
            InputError, match=r"^ged\.csv, column 'adm1': the column means the same as 'adm_1'.*keep one"
        ):
            read_ucdp_ged(file)

    def test_rows_and_blank_lines_are_numbered_as_in_the_file(self, tmp_path):
        rows = [ROW.format(id=1), "", ROW.format(id=2).replace(",6,8", ",-6,8"), "", "", ROW.format(id=3)[:-2]]
        rejected = read_ucdp_ged(write(tmp_path, *rows)).rejected
        assert rejected["row"].tolist() == [4, 7]
        assert rejected.iloc[0][["column", "value", "reason"]].tolist() == ["best", "-6", "deaths cannot be negative"]
        assert rejected.iloc[1]["reason"].startswith("the row has 14 cells where the header has 15")

    def test_a_broken_row_leaves_no_made_up_deaths(self, tmp_path):
        shifted = ROW.format(id=2).replace("Government of Syria,", "")
        rejected = read_ucdp_ged(write(tmp_path, ROW.format(id=1), shifted)).rejected
        assert rejected[["low", "best", "high"]].isna().all(axis=None)

    def test_headlines_tell_lookalikes_apart(self, tmp_path):
        rows = [
            f"{ROW.format(id=number)},{words}" for number, words in ((1, "A market"), (2, "A school"), (3, "A school"))
        ]
        events = read_ucdp_ged(write(tmp_path, *rows, header=HEADER + ",source_headline"))
        assert events.accepted["flags"].tolist() == ["", "lookalike", "lookalike"]
        assert "source_headline" not in events.accepted

    def test_windows_line_ends_and_byte_order_mark(self, tmp_path):
        file = tmp_path / "ged.csv"
        file.write_bytes(("\ufeff" + HEADER + "\r\n" + ROW.format(id=1) + "\r\n").encode())
        assert len(read_ucdp_ged(file).accepted) == 1

    def test_dates_of_an_older_release_are_refused_with_the_row(self, tmp_path):
        file = write(tmp_path, ROW.format(id=1).replace("2019-05-01", "01-05-2019"))
        with pytest.raises(
            InputError, match=r"^ged\.csv, row 2, column 'date_start', value '01-05-2019': no row can be used"
        ):
            read_ucdp_ged(file)


class TestLayouts:
    def store(self, tmp_path, frame, kind):
        file = tmp_path / f"ged.{kind}"
        if kind == "csv":
            frame.to_csv(file, index=False)
        elif kind == "csv.gz":
            frame.to_csv(file, index=False, compression="gzip")
        elif kind == "zip":
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("GEDEvent_v25_0_1.csv", frame.to_csv(index=False))
                archive.writestr("licence.txt", "CC BY 4.0")
        elif kind == "xlsx":
            frame.to_excel(file, index=False)
        elif kind == "parquet":
            frame.to_parquet(file)
        else:
            rows = json.loads(frame.to_json(orient="records"))
            page = {"TotalCount": len(rows), "TotalPages": 1, "PreviousPageUrl": None, "NextPageUrl": None}
            file.write_text(json.dumps(page | {"Result": rows}), encoding="utf-8")
        return file

    def test_every_column_of_the_global_layout_is_known_or_words(self):
        assert len(GLOBAL) == len(set(GLOBAL)) == 49
        assert set(GLOBAL) == set(EVENT)
        assert set(GLOBAL) - KNOWN == set(WORDS)
        assert len(set(GLOBAL) - set(ONLY_SINCE_20)) == 42

    @pytest.mark.parametrize("kind", ["csv", "csv.gz", "zip", "xlsx", "parquet", "json"])
    def test_one_table_in_every_kind_of_file(self, tmp_path, kind):
        events = read_ucdp_ged(self.store(tmp_path, pd.DataFrame(CANDIDATES)[list(GLOBAL)], kind))
        accepted = events.accepted
        assert sums(accepted) == (3, 15, 16, 24, 7)
        assert events.rejected.empty
        assert accepted["date_start"].eq(pd.Timestamp("2025-01-01")).all()
        assert accepted["date_end"].eq(pd.Timestamp("2025-01-02")).all()
        assert accepted["flags"].tolist() == [
            "several-days",
            "several-days;no-adm1;not-clear",
            "low>best;several-days",
        ]
        assert accepted["number_of_sources"].tolist() == [2, pd.NA, 2]
        assert accepted["active_year"].tolist() == ["1", "1", "0"]
        assert accepted["gwnob"].tolist() == ["", "", ""]
        assert accepted["priogrid_gid"].tolist() == ["180794", "180794", ""]
        assert accepted["adm1"].tolist() == ["Idlib Governorate", "", "Idlib Governorate"]
        assert "SECRET" not in accepted.to_csv()

    @pytest.mark.parametrize("kind", ["xlsx", "parquet"])
    def test_typed_dates_and_a_column_of_shapes(self, tmp_path, kind):
        frame = pd.DataFrame(CANDIDATES).astype({"date_start": "datetime64[ns]", "date_end": "datetime64[ns]"})
        if kind == "parquet":
            frame["geometry"] = [b"\x01\xff\x00", b"\x01\xfe\x00", None]
        accepted = read_ucdp_ged(self.store(tmp_path, frame, kind)).accepted
        assert sums(accepted) == (3, 15, 16, 24, 7)
        assert accepted["date_end"].eq(pd.Timestamp("2025-01-02")).all()
        assert "geometry" not in accepted

    def test_events_that_are_not_cleared_can_be_left_out(self, tmp_path):
        events = read_ucdp_ged(self.store(tmp_path, pd.DataFrame(CANDIDATES), "csv"))
        series = daily_series(
            events, start="2025-01-01", end="2025-01-02", spread="start", missing_days="zero", without="not-clear"
        )
        assert series.total.value == 10
        assert series.accounts.loc["flagged (left out)", "best"] == 6

    def test_the_order_of_columns_does_not_matter(self, tmp_path):
        frame = pd.DataFrame(CANDIDATES)
        (tmp_path / "other").mkdir()
        one = read_ucdp_ged(self.store(tmp_path, frame[list(GLOBAL)], "csv")).accepted
        other = read_ucdp_ged(self.store(tmp_path / "other", frame[sorted(GLOBAL)], "csv")).accepted
        pd.testing.assert_frame_equal(one, other[one.columns])

    def test_releases_put_together_are_told_of(self, tmp_path):
        """Invented: an annual release, and the candidate one of the same months under other ids."""
        annual = [EVENT | {"id": 100 + n, "relid": f"SYR-2025-1-{n}", "best": 5 + n} for n in range(4)]
        candidate = [EVENT | {"id": 900 + n, "relid": f" SYR-2025-1-{n} ", "best": 6} for n in range(2)]
        other = [EVENT | {"id": 990 + n, "relid": ""} for n in range(2)]
        frame = pd.DataFrame([*annual, *candidate, *other])
        events = read_ucdp_ged(self.store(tmp_path, frame, "csv"))
        assert (len(events.accepted), len(events.rejected)) == (8, 0)
        flagged = events.accepted["flags"].str.split(";").map(lambda flags: "same-relid" in flags)
        assert events.accepted.loc[flagged, "id"].tolist() == ["100", "101", "900", "901"]
        (note,) = events.record.notes
        assert note == same_relid_note(events)
        assert note.startswith("4 events with 23 deaths (best) share 2 relids under different ids, and all of them")
        assert "at least 11 deaths too many: where the file was put together" in note  # 5 and 6, of the pairs 5|6, 6|6

    def test_rows_of_one_id_are_for_the_ledger_and_share_nothing(self, tmp_path):
        events = read_ucdp_ged(self.store(tmp_path, pd.DataFrame([EVENT, EVENT]), "csv"))
        assert (len(events.accepted), len(events.rejected)) == (1, 1)
        assert "same-relid" not in events.flagged()
        assert events.record.notes == ()

    @pytest.mark.parametrize("without", [(), ("gwnoa",)])
    def test_the_layouts_of_2019(self, tmp_path, without):
        frame = pd.DataFrame(CANDIDATES).drop(columns=[*ONLY_SINCE_20, *without])
        frame["date_start"] = frame["date_end"] = "2019-05-01"
        frame["active_year"] = 1
        assert len(frame.columns) == 42 - len(without)
        events = read_ucdp_ged(self.store(tmp_path, frame, "csv"))
        assert sums(events.accepted) == (3, 15, 16, 24, 7)
        assert events.accepted["active_year"].tolist() == ["1", "1", "1"]
        assert "not-clear" not in events.flagged()

    def test_older_names_of_the_estimates(self, tmp_path):
        header = HEADER.replace("low,best,high", "low_est,best_est,high_est").replace("adm_1", "adm1")
        assert sums(read_ucdp_ged(write(tmp_path, ROW.format(id=1), header=header)).accepted) == (1, 5, 6, 8, 3)

    def test_two_names_for_one_estimate(self, tmp_path):
        file = write(tmp_path, ROW.format(id=1) + ",6", header=HEADER + ",best_est")
        with pytest.raises(InputError, match=r"column 'best_est': the column means the same as 'best'"):
            read_ucdp_ged(file)

    @pytest.mark.parametrize("column", ["deaths_a", "deaths_civilians", "low", "best", "high"])
    def test_a_code_where_a_count_of_deaths_stands_is_a_fault(self, tmp_path, column):
        frame = pd.DataFrame([EVENT, EVENT | {"id": 2, column: -1}])
        events = read_ucdp_ged(self.store(tmp_path, frame, "csv"))
        assert len(events.accepted) == 1
        fault = events.rejected.iloc[0]
        assert (fault["row"], fault["value"], fault["reason"]) == (3, "-1", "deaths cannot be negative")

    def test_a_file_without_names_says_what_to_do(self, tmp_path):
        file = tmp_path / "GEDEvent_v20_0_1.csv"
        pd.DataFrame(CANDIDATES)[list(GLOBAL)].to_csv(file, index=False, header=False)
        with pytest.raises(InputError, match=r"column 'id': the column is missing.*put GED's column names above it"):
            read_ucdp_ged(file)

    def test_a_table_of_another_provider_is_one_clear_error(self, tmp_path):
        file = write(tmp_path, "1,2019-05-01,4", header="event_id_cnty,event_date,fatalities")
        with pytest.raises(InputError, match=r"column 'id': the column is missing \(missing too: type_of_violence"):
            read_ucdp_ged(file)

    def test_a_column_that_no_layout_has_stays_in_the_file(self, tmp_path):
        rows = [f"{ROW.format(id=number)},{words}" for number, words in ((1, "A name"), (2, "B name"), (3, "B name"))]
        events = read_ucdp_ged(write(tmp_path, *rows, header=HEADER + ",victims"))
        assert "victims" not in events.accepted
        assert events.accepted["flags"].tolist() == ["", "lookalike", "lookalike"]

    def test_a_layout_can_be_given(self, tmp_path):
        file = tmp_path / "ged.csv"
        file.write_text(f"Downloaded\n{HEADER}\n{ROW.format(id=1)}\n".replace(",", ";"), encoding="utf-8")
        events = read_ucdp_ged(file, layout=Layout(header=2, delimiter=";"))
        assert sums(events.accepted) == (1, 5, 6, 8, 3)

    def test_the_number_of_sources_as_a_spreadsheet_writes_it(self, tmp_path):
        rows = [f"{ROW.format(id=number)},{cell}" for number, cell in enumerate(("2.0", "-1.0", "", "x", "inf", "-5"))]
        found = read_ucdp_ged(write(tmp_path, *rows, header=HEADER + ",number_of_sources")).accepted
        assert found["number_of_sources"].to_numpy(dtype="float64", na_value=np.nan)[0] == 2
        assert found["number_of_sources"].isna().tolist() == [False, True, True, True, True, True]


class TestTotals:
    def test_they_agree_with_the_file_that_ships(self, tmp_path):
        totals = tmp_path / "totals.csv"
        lines = [",".join(map(str, (year, *figures))) for year, figures in YEARS.items()]
        totals.write_text("\n".join(["year,rows,low,best,high,deaths_civilians", *lines]), encoding="utf-8")
        events = read_ucdp_ged(bundled() / "ged_syria.csv", totals=totals, strict=True)
        assert events.record.notes == (
            "All 20 of the provider's totals agree with what was read and what is in the ledger.",
        )

    def test_a_row_that_cannot_be_used_is_found_in_the_ledger_by_year(self, tmp_path):
        rows = [ROW.format(id=1), ROW.format(id=2).replace(",1,1,", ",9,1,"), ROW.format(id=3).replace("2019", "2018")]
        file = write(tmp_path, *rows)
        totals = pd.DataFrame({"year": [2018, 2019], "events": [1, 2], "best": [6, 12]})
        assert "All 4" in read_ucdp_ged(file, totals=totals, strict=True).record.notes[0]
        note = read_ucdp_ged(file, totals={"best": 19}).record.notes[0]
        assert note == (
            "1 of 1 of the provider's totals differ; the first: all, best: 19 given, 12 read and 6 in the ledger."
        )
        with pytest.raises(InputError, match=r"^ged\.csv: 1 of 1 of the provider's totals differ"):
            read_ucdp_ged(file, totals={"best": 19}, strict=True)
