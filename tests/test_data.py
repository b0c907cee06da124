"""The tables that ship with the bundled study hold the provider's figures, all of them, and nothing but figures.

Totals are compared exactly: they are sums of whole numbers. Expected values were published with the provider's file
(counts and totals by window, governorate and source) or counted in it once; a correlation is compared to the two digits
with which it was published. Plain pandas throughout: these tests must not lean on the package's own readers.
"""

import csv
import doctest
import gzip
import hashlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "data" / "idlib-2019"
TABLES = {"ged_syria.csv": 16_566, "sohr_daily_totals.csv": 659, "published_tolls.csv": 115, "claims.csv": 18}
DEATHS = ["low", "best", "high", "deaths_civilians"]
PARTS = ["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"]
NORTH_WEST = ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]
OFFENSIVE = ("2019-04-30", "2019-08-31")


def read_text(name: str) -> pd.DataFrame:
    """Read a shipped table with every cell as text."""
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def prepare() -> ModuleType:
    """Give prepare.py as a module (it lies outside the package)."""
    specification = importlib.util.spec_from_file_location("prepare_idlib_2019", FOLDER / "prepare.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def study() -> dict:
    """Give study.toml as it is."""
    return tomllib.loads((FOLDER / "study.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ged() -> pd.DataFrame:
    """Give the shipped events with dates read."""
    frame = pd.read_csv(FOLDER / "ged_syria.csv", keep_default_na=False)
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("date_start", "date_end", "first_document")})


@pytest.fixture(scope="module")
def sohr() -> pd.DataFrame:
    """Give the shipped daily totals with dates read."""
    dates = ["source_date", "ref_date", "modal_event_date"]
    frame = pd.read_csv(FOLDER / "sohr_daily_totals.csv")
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in dates})


def inside(frame: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Keep the north-western events that start and end inside a window."""
    return frame[frame["adm_1"].isin(NORTH_WEST) & (frame["date_start"] >= start) & (frame["date_end"] <= end)]


class TestTables:
    def test_the_folder_and_study_name_the_same_tables(self, study):
        assert {source["file"] for source in study["sources"].values()} == set(TABLES)
        assert {path.name for path in FOLDER.glob("*.csv*")} == set(TABLES)

    @pytest.mark.parametrize("key", ["ucdp", "sohr", "tolls", "claims"])
    def test_hash_in_study_is_that_of_the_file(self, study, key):
        source = study["sources"][key]
        assert hashlib.sha256((FOLDER / source["file"]).read_bytes()).hexdigest() == source["sha256"]

    @pytest.mark.parametrize("key", ["ucdp", "sohr", "tolls", "claims"])
    def test_every_source_names_provider_licence_attribution_changes_and_scope(self, study, key):
        source = study["sources"][key]
        assert all(source[name] for name in ("name", "provider", "title", "attribution", "changes", "scope"))
        assert source["licence"] == "CC BY 4.0"
        assert source["redistributable"] is True

    def test_notes_of_a_source_hold_no_number(self, study):
        # They are printed in a report, where every figure has to come from a result.
        notes = [note for source in study["sources"].values() for note in source["notes"]]
        assert notes
        assert [note for note in notes if re.search(r"\d", note)] == []

    def test_the_mapping_of_the_feed_names_columns_that_exist(self, study, sohr):
        mapping = study["sources"]["sohr"]["mapping"]
        named = [mapping[name] for name in ("report_date", "date", "check_date", "killed")] + mapping["counts"]
        assert set(named) <= set(sohr.columns)
        assert mapping["unknown_dates"] == ["1753-01-01"]

    @pytest.mark.parametrize(("name", "rows"), list(TABLES.items()))
    def test_rows(self, name, rows):
        assert len(read_text(name)) == rows

    def test_columns_are_those_that_prepare_names(self, prepare):
        expected = {
            "ged_syria.csv": [*prepare.EVENT_COLUMNS, "cited", "first_document"],
            "sohr_daily_totals.csv": list(prepare.DAILY_COLUMNS),
            "published_tolls.csv": list(prepare.TOLL_COLUMNS),
            "claims.csv": [*prepare.CLAIM_COLUMNS, *prepare.ADDED_CLAIM_COLUMNS],
        }
        assert {name: list(read_text(name).columns) for name in TABLES} == expected

    @pytest.mark.parametrize(
        ("name", "key"), [("ged_syria.csv", "id"), ("published_tolls.csv", "row_id"), ("claims.csv", "claim_id")]
    )
    def test_ids_are_unique(self, name, key):
        # Daily totals have none: two reports on one date are two rows.
        assert read_text(name)[key].is_unique

    def test_the_readme_gives_the_rows_of_each_table(self):
        text = (FOLDER / "README.md").read_text(encoding="utf-8")
        for name, rows in TABLES.items():
            assert f"| `{name}` | {rows:,} |" in text


class TestNoTextShips:
    @pytest.mark.parametrize("name", list(TABLES))
    def test_no_column_of_headlines_articles_or_names(self, name):
        words = re.compile(r"headline|article|office|original|text|title|victim_name|^name$")
        assert [column for column in read_text(name).columns if words.search(column)] == []

    @pytest.mark.parametrize(
        ("name", "longest"),
        [
            # Lists of armed groups and descriptions of roads are the longest words of the provider's facts.
            ("ged_syria.csv", {"side_a": 160, "where_coordinates": 102, "side_b": 63}),
            ("sohr_daily_totals.csv", {}),
            ("published_tolls.csv", {"note": 204, "area": 67, "published_by": 77, "attributed_to": 43, "claimant": 56}),
            ("claims.csv", {"note": 175, "claim": 85, "attributed_to": 56, "perpetrator": 40}),
        ],
    )
    def test_no_field_is_long_enough_for_an_article(self, name, longest):
        frame = read_text(name).drop(columns="url_or_ref", errors="ignore")
        too_long = {
            column: int(frame[column].str.len().max())
            for column in frame.columns
            if frame[column].str.len().max() > longest.get(column, 50)
        }
        assert too_long == {}

    def test_a_reference_is_an_address_or_a_pointer(self):
        references = read_text("published_tolls.csv")["url_or_ref"]
        pointer = r"(?:SOHR headline cited in UCDP GED Syria source_headline, source_date|UCDP GED Syria release) [^;]*"
        assert references.str.fullmatch(rf"https?://\S+|{pointer}").all()

    def test_quotations_in_notes_are_a_few_words(self):
        notes = read_text("published_tolls.csv")["note"]
        quoted = notes.str.findall(r'"([^"]*)"').explode().dropna()
        assert quoted.str.split().str.len().max() <= 8

    @pytest.mark.shared
    def test_no_headline_of_the_provider_stands_in_any_cell(self, shared):
        documents = pd.read_csv(
            shared / "ucdp-ged-syria-sources" / "event_source_documents.csv.gz", dtype=str, keep_default_na=False
        )
        totals = pd.read_csv(
            shared / "ucdp-ged-syria-sources" / "sohr_nationwide_daily_toll.csv", dtype=str, keep_default_na=False
        )
        # Shorter ones are incident codes or single words such as the name of a town.
        headlines = {
            text for text in [*documents["source_headline"], *totals["source_headline"]] if len(text.split()) >= 4
        }
        assert len(headlines) > 10_000
        for name in TABLES:
            cells = set(read_text(name).to_numpy().ravel())
            assert cells & headlines == set()

    @pytest.mark.shared
    def test_cells_with_a_name_are_shortened_and_all_others_as_given(self, shared, prepare):
        tolls = pd.read_csv(shared / "published-tolls" / "published_tolls.csv", dtype=str, keep_default_na=False)
        shipped = read_text("published_tolls.csv")
        changed = {
            (tolls["row_id"][row], column)
            for column in tolls.columns
            for row in tolls.index[tolls[column] != shipped[column]]
        }
        assert changed == set(prepare.WITHOUT_NAMES["published totals"])


class TestEvents:
    def test_whole_release(self, ged):
        assert len(ged) == 16_566
        assert ged[DEATHS].sum().tolist() == [104_929, 112_337, 119_020, 26_653]
        assert ged["id"].is_unique

    @pytest.mark.parametrize(
        ("year", "expected"),
        [
            (2016, [6_170, 43_538, 48_710, 49_642, 10_203]),
            (2017, [5_587, 32_783, 33_316, 36_654, 8_913]),
            (2018, [2_765, 18_980, 20_251, 21_683, 5_282]),
            (2019, [2_044, 9_628, 10_060, 11_041, 2_255]),
        ],
    )
    def test_by_year(self, ged, year, expected):
        part = ged[ged["date_start"].dt.year == year]
        assert [len(part), *part[DEATHS].sum()] == expected

    @pytest.mark.parametrize(
        ("governorate", "expected"),
        [
            ("Idlib", [529, 2_227, 2_321, 2_483, 1_059]),
            ("Hamah", [265, 1_905, 1_916, 1_973, 191]),
            ("Aleppo", [210, 528, 555, 635, 184]),
            ("Latakia", [76, 691, 691, 692, 10]),
        ],
    )
    def test_by_governorate_from_april_2019(self, ged, governorate, expected):
        part = ged[(ged["date_start"] >= "2019-04-01") & (ged["adm_1"] == f"{governorate} Governorate")]
        assert [len(part), *part[DEATHS].sum()] == expected

    def test_date_precision_from_april_2019(self, ged):
        part = ged[ged["date_start"] >= "2019-04-01"]
        assert len(part) == 1_580
        assert part["date_prec"].value_counts().to_dict() == {1: 1_480, 2: 84, 3: 1, 4: 11, 5: 4}
        assert (~part["adm_1"].isin(NORTH_WEST)).sum() == 500

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            ("2019-04-30", "2019-08-31", [720, 694, 4_211, 4_276, 4_490, 1_136]),
            ("2019-04-26", "2019-07-27", [555, 539, 2_838, 2_893, 3_067, 927]),
            ("2019-04-29", "2019-08-29", [714, 688, 4_172, 4_237, 4_448, 1_133]),
            ("2019-04-30", "2019-07-17", [475, 461, 2_547, 2_577, 2_708, 727]),
            ("2019-07-01", "2019-07-31", [174, 167, 797, 828, 926, 357]),
            ("2019-07-22", "2019-07-22", [12, 12, 58, 71, 75, 69]),
        ],
    )
    def test_windows_in_the_north_west(self, ged, start, end, expected):
        part = inside(ged, start, end)
        assert [len(part), (part["date_prec"] == 1).sum(), *part[DEATHS].sum()] == expected

    def test_the_market_strike_of_22_july(self, ged):
        event = ged[ged["id"] == 303399].iloc[0]
        assert event[DEATHS].tolist() == [25, 38, 42, 38]
        assert event["cited"] == "SOHR;Airwars"
        assert event["first_document"] == pd.Timestamp("2019-07-22")

    def test_deaths_without_a_governorate(self, ged):
        part = ged[ged["adm_1"] == ""]
        assert len(part) == 339
        assert part["best"].sum() == 24_751

    def test_defects_are_kept(self, ged):
        found = {
            "low > best": (ged["low"] > ged["best"]).sum(),
            "best > high": (ged["best"] > ged["high"]).sum(),
            "best = 0": (ged["best"] == 0).sum(),
            "several days": (ged["date_end"] > ged["date_start"]).sum(),
            "reversed": (ged["date_end"] < ged["date_start"]).sum(),
            "no district": (ged["adm_2"] == "").sum(),
            "parts differ from best": (ged[PARTS].sum(axis=1) != ged["best"]).sum(),
            "after the last day": (ged["date_end"] > "2019-11-30").sum(),
        }
        assert found == {
            "low > best": 30,
            "best > high": 71,
            "best = 0": 1_124,
            "several days": 1_086,
            "reversed": 0,
            "no district": 1_576,
            "parts differ from best": 0,
            "after the last day": 1,
        }

    def test_without_headlines_more_events_look_alike(self, ged):
        columns = [column for column in ged.columns if column != "id"]
        alike = ged[ged.duplicated(columns, keep=False)]
        assert len(alike) == 189
        assert alike.groupby(columns, dropna=False).ngroups == 90

    def test_sorted_by_dates_and_id(self, ged):
        order = ged.sort_values(["date_start", "date_end", "id"])
        assert order.index.equals(ged.index)


class TestCitations:
    def test_every_event_cites_a_source_once(self, ged):
        listed = ged["cited"].str.split(";")
        assert listed.map(lambda names: "" not in names and len(names) == len(set(names))).all()

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("SOHR", [696, 4_249, 1_110, 123]),
            ("Airwars", [216, 649, 603, 87]),
            ("Reuters", [5, 6, 1, 5]),
            ("HRW", [4, 33, 33, 4]),
            ("Liveuamap", [3, 9, 1, 3]),
            ("VDC", [1, 0, 0, 1]),
        ],
    )
    def test_offensive_by_source(self, ged, source, expected):
        part = inside(ged, *OFFENSIVE)
        part = part[part["cited"].str.split(";").map(lambda names: source in names)]
        found = [len(part), part["best"].sum(), part["deaths_civilians"].sum(), part["date_start"].nunique()]
        assert found == expected

    @pytest.mark.parametrize(
        ("civilians_only", "expected"),
        [(False, {"both": 193, "SOHR": 503, "Airwars": 23}), (True, {"both": 191, "SOHR": 260, "Airwars": 22})],
    )
    def test_overlap_of_two_sources(self, ged, civilians_only, expected):
        part = inside(ged, *OFFENSIVE)
        if civilians_only:
            part = part[part["deaths_civilians"] > 0]
            assert len(part) == 473
        names = part["cited"].str.split(";")
        first, second = names.map(lambda listed: "SOHR" in listed), names.map(lambda listed: "Airwars" in listed)
        found = {
            "both": (first & second).sum(),
            "SOHR": (first & ~second).sum(),
            "Airwars": (second & ~first).sum(),
        }
        assert found == expected

    def test_sohr_alone(self, ged):
        assert (inside(ged, *OFFENSIVE)["cited"] == "SOHR").sum() == 496

    def test_first_documents_are_kept_as_given(self, ged):
        first = ged["first_document"]
        assert first.isna().sum() == 19
        assert (first < ged["date_start"]).sum() == 263
        assert (first == "1753-01-01").sum() == 0
        # Misprints that are no code for "unknown" stay: a reader has to bear them.
        odd = first[~first.dt.year.between(2015, 2019) & first.notna()]
        assert sorted(odd.dt.year) == [1753, 2012, 2012, 2012, 2109, 2919]

    def test_delay_of_exactly_dated_events(self, ged):
        exact = ged[(ged["date_prec"] == 1) & ged["first_document"].notna()]
        delay = (exact["first_document"] - exact["date_start"]).dt.days
        assert (ged["date_prec"] == 1).sum() == 15_480
        assert (delay == 0).mean() == pytest.approx(0.72, abs=0.005)
        assert (delay == 1).mean() == pytest.approx(0.20, abs=0.005)


class TestDailyTotals:
    def test_days(self, sohr):
        assert sohr["total_killed"].sum() == 47_805
        assert (sohr["source_date"].dt.year == 1753).sum() == 2
        real = sohr[sohr["source_date"].dt.year > 1753]
        assert real["ref_date"].nunique() == 628
        assert (sohr["modal_event_date"] == sohr["ref_date"]).sum() == 573
        assert sohr["modal_event_date"].isna().sum() == 19
        assert (real["source_date"] - real["ref_date"]).dt.days.eq(1).all()

    def test_two_reports_on_one_date(self, sohr):
        twice = sohr[(sohr["same_date_reports"] == 2) & (sohr["source_date"].dt.year > 1753)]
        totals = twice.groupby("source_date")["total_killed"].nunique()
        assert len(twice) == 58
        assert len(totals) == 29
        assert (totals == 1).sum() == 8

    def test_as_printed(self, sohr):
        odd = sohr[sohr["regime_and_allied"] > sohr["total_killed"]]
        assert odd["source_date"].dt.strftime("%Y-%m-%d").tolist() == ["2016-12-09", "2018-10-10"]

    def test_against_single_day_events_of_all_syria(self, ged, sohr):
        window = sohr[sohr["ref_date"].between(*OFFENSIVE)]
        assert [len(window), window["ref_date"].nunique()] == [78, 73]
        given = window[window["same_date_reports"] == 1].set_index("ref_date")["total_killed"]
        single = ged[ged["date_start"] == ged["date_end"]].groupby("date_start")["best"].sum()
        coded = single.reindex(given.index).fillna(0)
        assert [len(given), given.sum(), coded.sum()] == [68, 2_994, 2_759]
        assert given.corr(coded) == pytest.approx(0.90, abs=0.005)

    def test_the_day_of_the_market_strike(self, ged, sohr):
        day = sohr[sohr["ref_date"] == "2019-07-22"]
        assert day[["total_killed", "regime_and_allied", "other_people"]].to_numpy().tolist() == [[101, 8, 93]]
        assert ged.loc[(ged["date_start"] == "2019-07-22") & (ged["date_end"] == "2019-07-22"), "best"].sum() == 82


class TestPublishedTotalsAndClaims:
    def test_rows_by_kind(self):
        kinds = read_text("published_tolls.csv")["kind"].value_counts().to_dict()
        assert kinds == {
            "running_toll": 50,
            "monthly_toll": 17,
            "day_toll": 17,
            "incident_2019-07-22": 16,
            "window_toll": 9,
            "annual_toll": 3,
            "half_year_toll": 2,
            "campaign_toll": 1,
        }

    @pytest.mark.parametrize(("claimant", "rows"), [("SOHR", 52), ("SNHR", 21), ("OHCHR", 13), ("White Helmets", 9)])
    def test_rows_by_claimant(self, claimant, rows):
        assert (read_text("published_tolls.csv")["claimant"] == claimant).sum() == rows

    def test_figures_of_the_market_strike(self):
        tolls = read_text("published_tolls.csv")
        values = tolls.loc[tolls["kind"] == "incident_2019-07-22", "value"].astype(int)
        assert [len(values), values.min(), values.max()] == [16, 17, 43]

    def test_periods_are_in_order_and_covered(self, study):
        for name, key in (("published_tolls.csv", "tolls"), ("claims.csv", "claims")):
            frame = read_text(name)
            assert (frame["period_start"] <= frame["period_end"]).all()
            source = study["sources"][key]
            covered = [source["coverage_start"], source["coverage_end"]]
            assert covered == [frame["period_start"].min(), frame["period_end"].max()]

    def test_claims_are_numbered(self):
        assert read_text("claims.csv")["claim_id"].tolist() == [str(number) for number in range(1, 19)]


class TestPrepare:
    @pytest.mark.shared
    def test_makes_the_same_bytes(self, prepare, shared, tmp_path):
        report = prepare.prepare(shared, tmp_path)
        assert {name: rows for name, (rows, _) in report.items()} == TABLES
        for name in TABLES:
            assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()

    @pytest.mark.shared
    def test_alters_no_value_of_an_event(self, prepare, shared):
        given = pd.read_csv(
            shared / "ucdp-ged-syria" / "ged_syria_2016-01_2019-11.csv.gz", dtype=str, keep_default_na=False
        ).set_index("id")
        shipped = read_text("ged_syria.csv").set_index("id")
        columns = [column for column in prepare.EVENT_COLUMNS if column != "id"]
        same = shipped[columns] == given.loc[shipped.index, columns]
        changed = [(row, column) for column in columns for row in same.index[~same[column]]]
        assert changed == list(prepare.WITHOUT_NAMES["events"])

    @pytest.mark.shared
    def test_defects_of_the_providers_file(self, shared):
        given = pd.read_csv(shared / "ucdp-ged-syria" / "ged_syria_2016-01_2019-11.csv.gz", keep_default_na=False)
        columns = [column for column in given.columns if column != "id"]
        equal = given[given.duplicated(columns, keep=False)]
        found = {
            "rows": len(given),
            "columns": given.shape[1],
            "low > best": (given["low"] > given["best"]).sum(),
            "best > high": (given["best"] > given["high"]).sum(),
            "best = 0": (given["best"] == 0).sum(),
            "several days": (given["date_end"] > given["date_start"]).sum(),
            "no governorate": (given["adm_1"] == "").sum(),
            "no district": (given["adm_2"] == "").sum(),
            "equal but for id": len(equal),
            "groups of them": equal.groupby(columns, dropna=False).ngroups,
        }
        assert found == {
            "rows": 16_566,
            "columns": 41,
            "low > best": 30,
            "best > high": 71,
            "best = 0": 1_124,
            "several days": 1_086,
            "no governorate": 339,
            "no district": 1_576,
            "equal but for id": 57,
            "groups of them": 28,
        }

    @pytest.mark.shared
    def test_unknown_document_dates_of_the_providers_file(self, shared, ged):
        documents = pd.read_csv(shared / "ucdp-ged-syria-sources" / "event_source_documents.csv.gz")
        unknown = documents["source_date"] == "1753-01-01"
        assert [len(documents), unknown.sum()] == [21_137, 22]
        nothing_known = set(documents["event_id"]) - set(documents.loc[~unknown, "event_id"])
        assert nothing_known == set(ged.loc[ged["first_document"].isna(), "id"])


def pack(path: Path, text: str) -> None:
    """Write text to a file, compressed where its name says so."""
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.fixture
def export(tmp_path, prepare) -> Path:
    """Make a small export: two events, three documents, and the rows whose cells are shortened."""
    folder = tmp_path / "export"
    event = dict.fromkeys(prepare.EVENT_COLUMNS, "0") | {"date_start": "2019-04-30", "date_end": "2019-04-30"}
    named = event | {"id": "309875", "where_coordinates": "A. Person's compund outside Barisha village"}
    rows = {
        "events": [named, event | {"id": "9"}],
        "documents": [
            {"event_id": "309875", "position": "2", "source": "AP", "source_date": "2019-04-29"},
            {"event_id": "309875", "position": "1", "source": "SOHR", "source_date": "2019-05-01"},
            {"event_id": "9", "position": "1", "source": "SOHR", "source_date": "1753-01-01"},
        ],
        "daily totals": [dict.fromkeys(prepare.DAILY_COLUMNS, "1") | {"source_headline": "a sentence"}],
        "published totals": [
            dict.fromkeys(prepare.TOLL_COLUMNS, "1") | {"row_id": row, column: f"{text} A. Person"}
            for (row, column), text in prepare.WITHOUT_NAMES["published totals"].items()
        ],
        "press claims": [dict.fromkeys(prepare.CLAIM_COLUMNS, "1")],
    }
    for name, table in rows.items():
        path = folder / prepare.EXPORT[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(table).to_csv(path, index=False)
    return folder


class TestPrepareOnASmallExport:
    def test_examples(self, prepare):
        done = doctest.testmod(prepare)
        assert done.attempted >= 6
        assert done.failed == 0

    def test_tables(self, prepare, export, tmp_path):
        out = tmp_path / "new" / "out"
        prepare.prepare(export, out)
        with (out / "ged_syria.csv").open(encoding="utf-8", newline="") as stream:
            events = list(csv.DictReader(stream))
        assert [event["id"] for event in events] == ["9", "309875"]
        assert [event["cited"] for event in events] == ["SOHR", "SOHR;AP"]
        assert [event["first_document"] for event in events] == ["", "2019-04-29"]
        assert events[1]["where_coordinates"] == "compund outside Barisha village"
        assert "headline" not in (out / "sohr_daily_totals.csv").read_text(encoding="utf-8")
        assert "Person" not in (out / "published_tolls.csv").read_text(encoding="utf-8")

    def test_a_large_table_ships_compressed_and_always_with_the_same_bytes(
        self, prepare, export, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(prepare, "PLAIN_LIMIT", 10)
        (tmp_path / "claims.csv").write_text("from an earlier run")
        first = prepare.prepare(export, tmp_path)
        assert list(first) == [f"{name}.gz" for name in TABLES]
        assert first == prepare.prepare(export, tmp_path)
        assert not (tmp_path / "claims.csv").exists()
        # Bytes 5 to 8 of a gzip file are its time stamp.
        assert (tmp_path / "claims.csv.gz").read_bytes()[4:8] == bytes(4)
        assert len(pd.read_csv(tmp_path / "claims.csv.gz")) == 1

    @pytest.mark.parametrize(
        ("name", "change", "message"),
        [
            ("events", None, r"ged_syria.*\(events\) is not in the export folder"),
            ("events", lambda text: text[: text.index("\n") + 1], "has a header and no rows"),
            ("events", lambda text: text.replace("adm_1", "adm1", 1), r"lacks the column\(s\) adm_1"),
            ("events", lambda text: text.replace("\n9,", "\n309875,"), r"309875 is there 2 times, not once"),
            ("events", lambda text: text.replace("\n9,", "\n8,"), r"event 8 cites no document"),
            ("documents", lambda text: text.replace("\n9,", "\n7,"), r"event 9 cites no document"),
            ("documents", lambda text: text + "7,1,SOHR,2019-05-01\n", r"event 7 is cited .* not in the event table"),
            ("documents", lambda text: text.replace(",AP,", ",A;P,"), r"event 309875: a source code .* holds ';'"),
            ("published totals", lambda text: text.replace("UN adviser", "UN envoy"), "words that the export does not"),
            ("press claims", lambda text: "", "cannot be read as a CSV file"),
        ],
    )
    def test_a_bad_export_is_named_and_leaves_the_tables(
        self, prepare, export, tmp_path, capsys, name, change, message
    ):
        out = tmp_path / "out"
        prepare.prepare(export, out)
        before = {path.name: path.read_bytes() for path in out.iterdir()}
        path = export / prepare.EXPORT[name]
        if change is None:
            path.unlink()
        else:
            text = pd.read_csv(path, dtype=str, keep_default_na=False).to_csv(index=False)
            pack(path, change(text))
        assert prepare.main([str(export), str(out)]) == 2
        assert re.search(message, capsys.readouterr().err)
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before

    def test_an_event_id_that_is_there_twice(self, prepare, export):
        events = pd.DataFrame([dict.fromkeys(prepare.EVENT_COLUMNS, "5")] * 2)
        with pytest.raises(prepare.ExportError, match=r"1 event id\(s\) are there more than once, the first is 5"):
            prepare.ged_events(events, pd.DataFrame(columns=prepare.DOCUMENT_COLUMNS))

    def test_a_missing_folder(self, prepare, tmp_path, capsys):
        assert prepare.main([str(tmp_path / "nowhere")]) == 2
        assert "does not exist" in capsys.readouterr().err

    def test_from_the_command_line(self, export, tmp_path):
        command = [sys.executable, str(FOLDER / "prepare.py"), str(export), str(tmp_path / "out")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        digest = hashlib.sha256((tmp_path / "out" / "claims.csv").read_bytes()).hexdigest()
        assert f"claims.csv: 1 rows, sha256 {digest}" in done.stdout
