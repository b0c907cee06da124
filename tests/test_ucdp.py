"""UCDP GED is read whole: every event, every death, every defect counted, and no headline kept.

All comparisons are exact: they are counts and sums of whole numbers. The expected values were published with the
provider's file. Tests marked `shared` read that file itself; the others read the table that ships.
"""

import gzip
import time
import zipfile

import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.events import place_mask
from casualties.series import daily_series
from casualties.sources.ucdp import WORDS, read_ucdp_ged
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
        with pytest.raises(InputError, match=r"column 'adm_1': .*nearest column is 'adm1'"):
            read_ucdp_ged(write(tmp_path, ROW.format(id=1), header=HEADER.replace("adm_1", "adm1")))

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
