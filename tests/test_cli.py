"""The command line: what it prints is what the package computes; what cannot be used is said in one line, exit code 2.

Numbers read back from CSV are compared exactly, from JSON with a relative tolerance of 1e-9 (it holds ten decimals).
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from casualties import cli
from casualties.comparison.agreement import compare_pair
from casualties.comparison.published import compare_tolls
from casualties.models.changepoints import fit_changepoints
from casualties.models.excess import fit_excess
from casualties.models.forecast import fit_forecast
from casualties.models.nowcast import fit_nowcast
from casualties.models.trend import fit_trend
from casualties.report.build import ReportPaths
from casualties.report.verify import Verification
from casualties.study import load_study
from casualties.totals import breakdown, period_totals
from casualties.vintages import reporting_triangle

HEADER = (
    "id,type_of_violence,date_prec,date_start,date_end,side_a,side_b,adm_1,deaths_a,deaths_b,deaths_civilians,"
    "deaths_unknown,low,best,high"
)
GOOD = "1,1,1,2019-05-01,2019-05-01,Government of Syria,HTS,Idlib,1,2,3,0,5,6,8"
LONG = "2,3,1,2019-05-02,2019-05-03,Government of Syria,Civilians,Hama,0,0,4,0,2,4,5"
DAILY = "printed,day,dead\n2019-05-02,2019-05-01,7\n2019-05-03,2019-05-02,4\n"
TOLLS = (
    "row_id,claimant,period_start,period_end,area,who,value\n"
    "a,SNHR,2019-05-01,2019-05-03,Idlib province,all,6\n"
    "b,SNHR,2019-05-01,2019-05-03,Elsewhere,civilians,4\n"
)
STUDY = """
[study]
name = "sample"
title = "Sample"
subtitle = "A study for tests"
place = "Somewhere"
period = "May 2019"
data_as_of = "2019-12-01"
version = "0.1.0"
version_date = "2020-01-01"
[sources.ged]
file = "ged.csv"
format = "ucdp-ged"
coverage_start = "2019-05-01"
coverage_end = "2019-05-31"
[sources.daily]
file = "daily.csv"
format = "feed"
coverage_start = "2019-05-01"
coverage_end = "2019-05-31"
[sources.daily.mapping]
report_date = "printed"
date = "day"
killed = "dead"
[sources.tolls]
file = "tolls.csv"
format = "tolls"
[places.idlib]
label = "Idlib Governorate"
where.adm1 = "Idlib"
[places.everywhere]
label = "everywhere"
[windows.may]
start = "2019-05-01"
end = "2019-05-31"
[areas]
"Idlib province" = "idlib"
[series.all]
source = "ged"
place = "everywhere"
start = "2019-05-01"
end = "2019-05-05"
spread = "even"
missing_days = "zero"
[series.daily]
source = "daily"
start = "2019-05-01"
end = "2019-05-05"
spread = "even"
missing_days = "missing"
"""


@pytest.fixture
def folder(tmp_path):
    """Give a small study in a folder of its own."""
    home = tmp_path / "sample"
    home.mkdir()
    files = {"study.toml": STUDY, "ged.csv": f"{HEADER}\n{GOOD}\n{LONG}\n", "daily.csv": DAILY, "tolls.csv": TOLLS}
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def shipped():
    return load_study("idlib-2019")


@pytest.fixture
def run(capsys, monkeypatch, shipped):
    """Call the command line; the bundled study is read once for all tests."""
    for module in (cli.files, cli.studies):
        monkeypatch.setattr(module, "load_study", lambda name: shipped if name == "idlib-2019" else load_study(name))

    def call(*arguments):
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse's own way to end
            code = stop.code
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def good(run):
    """Call the command line and give what it prints; nothing may go wrong."""

    def call(*arguments):
        code, out, err = run(*arguments)
        assert (code, err) == (0, "")
        return out

    return call


@pytest.fixture
def refused(run):
    """Call the command line and give the one line that says why it refuses."""

    def call(*arguments, printed=False):
        code, out, err = run(*arguments)
        assert code == 2
        assert printed or out == ""
        assert err.startswith("casualties: ")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err.removeprefix("casualties: ").rstrip("\n")

    return call


def from_csv(text, frame):
    """Read a printed table with the types of the frame that it was made from."""
    dates = [name for name in frame if pd.api.types.is_datetime64_any_dtype(frame[name])]
    read = pd.read_csv(io.StringIO(text), parse_dates=dates, keep_default_na=False, na_values=[""])
    return read.astype({name: frame[name].dtype for name in frame if name not in dates})


def same(left, right):
    pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True), check_dtype=False)


class TestValidate:
    def test_shipped_events(self, good, root):
        out = good("validate", root / "data/idlib-2019/ged_syria.csv", "--format", "ucdp-ged")
        assert "ged_syria.csv: 16,566 events accepted, 0 rows in the ledger" in out
        assert "low 104,929, best 112,337, high 119,020, civilians 26,653" in out
        assert "low estimate above the best one" in out  # the flags are told in words, with their rows
        assert "  30 " in next(line for line in out.splitlines() if "low estimate above" in line)

    def test_shipped_feed_takes_its_mapping_from_the_study_beside_it(self, good, root):
        out = good("validate", root / "data/idlib-2019/sohr_daily_totals.csv", "--format", "feed")
        assert "629 days accepted, 30 rows in the ledger" in out
        assert "a second report for the day" in out

    def test_shipped_tolls(self, good, root):
        out = good("validate", root / "data/idlib-2019/published_tolls.csv", "--format", "tolls")
        assert "published_tolls.csv: 115 figures accepted, 0 rows in the ledger" in out
        assert "running totals: 29 steps of 5 claimants, 0 of them falling" in out
        assert "Figures by claimant and the year in which their period ends" in out
        cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines() if "│" in line]
        assert ["SOHR", "2019", "52"] in cells
        assert sum(int(number) for _, _, number in cells) == 115

    def test_events_under_one_relid_are_told_of(self, good, tmp_path):
        file = tmp_path / "both.csv"
        file.write_text(f"relid,{HEADER}\nSYR-1,{GOOD}\nSYR-1,9{GOOD[1:]}\nSYR-2,{LONG}\n")
        out = good("validate", file, "--format", "ucdp-ged")
        assert "CAUTION: 2 events with 12 deaths (best) share one relid under different ids" in out
        assert "at least 6 deaths too many" in out

    def test_running_totals_that_fall_are_shown(self, good, tmp_path):
        file = tmp_path / "falling.csv"
        rows = ("a,SNHR,2019-05-01,2019-05-08,Syria,all,9", "b,SNHR,2019-05-01,2019-05-15,Syria,all,7")
        file.write_text("\n".join(["row_id,claimant,period_start,period_end,area,who,value", *rows]) + "\n")
        out = good("validate", file, "--format", "tolls")
        assert "running totals: 1 steps of 1 claimants, 1 of them falling" in out
        assert "2019-05-09 │ 2019-05-15 │    2 │ exact" in out

    def test_a_feed_alone_needs_a_mapping(self, good, refused, folder, tmp_path):
        alone = tmp_path / "daily.csv"
        alone.write_text(DAILY)
        message = "daily.csv: a feed needs a mapping; name it with --mapping FILE.toml"
        assert refused("validate", alone, "--format", "feed") == message
        (tmp_path / "map.toml").write_text('date = "day"\nkilled = "dead"\n')
        assert "2 days accepted" in good("validate", alone, "--format", "feed", "--mapping", tmp_path / "map.toml")
        (tmp_path / "map.toml").write_text('date = "day"\nkiled = "dead"\n')
        found = refused("validate", alone, "--format", "feed", "--mapping", tmp_path / "map.toml")
        assert "mapping key='kiled' is not known; did you mean 'killed'" in found
        assert "the mapping cannot be read" in refused(
            "validate", alone, "--format", "feed", "--mapping", tmp_path / "none.toml"
        )

    def test_a_broken_row_is_listed_and_refused(self, refused, run, folder):
        (folder / "ged.csv").write_text(f"{HEADER}\n{GOOD}\n{LONG.replace('2,4,5', '2,-4,5')}\n")
        message = refused("validate", folder / "ged.csv", "--format", "ucdp-ged", printed=True)
        assert message.startswith("ged.csv, row 3, column 'best', value '-4': ")
        assert "negative" in message
        assert message.endswith("(rows that cannot be used: 1); correct these rows and validate again")
        code, out, _ = run("validate", folder / "ged.csv", "--format", "ucdp-ged", "--ledger-format", "csv")
        assert code == 2
        ledger = pd.read_csv(io.StringIO(out))
        assert ledger[["row", "column", "value"]].to_numpy().tolist() == [[3, "best", -4]]

    def test_the_ledger_in_every_format(self, run, good, folder, tmp_path):
        bad = LONG.replace(",0,0,4,0,", ",[/b],0,4,0,").replace("Hama", "Ha\x01ma")
        (folder / "ged.csv").write_text(f"{HEADER}\n{GOOD}\n{bad}\n=1+1{GOOD[1:].replace('2019-05-01,', '=2+2,', 1)}\n")
        call = ("validate", folder / "ged.csv", "--format", "ucdp-ged")
        code, out, _ = run(*call)  # words in square brackets are words, not colours
        assert code == 2
        assert "[/b]" in out
        code, out, _ = run(*call, "--ledger-format", "json")
        rows = json.loads(out)
        assert [(row["row"], row["column"], row["value"]) for row in rows] == [
            (3, "deaths_a", "[/b]"),
            (4, "date_start", "=2+2"),
        ]
        book = tmp_path / "ledger.xlsx"
        code, out, _ = run(*call, "--ledger-format", "xlsx", "--out", book)
        assert (code, out) == (2, "")
        sheet = openpyxl.load_workbook(book).active
        cells = {str(cell.value): cell.data_type for row in sheet.iter_rows() for cell in row}
        assert cells["=2+2"] == cells["=1+1"] == "s"  # words of a file never become a formula
        out_file = tmp_path / "ledger.txt"
        code, out, _ = run(*call, "--out", out_file)
        assert (code, out) == (2, "")
        assert "1 events accepted, 2 rows in the ledger" in out_file.read_text()

    def test_control_characters_do_not_stop_a_workbook(self, run, folder, tmp_path):
        bad = LONG.replace(",0,0,4,0,", ",\x01,0,4,0,")
        (folder / "ged.csv").write_text(f"{HEADER}\n{GOOD}\n{bad}\n")
        book = tmp_path / "ledger.xlsx"
        call = ("--ledger-format", "xlsx", "--out", book)
        assert run("validate", folder / "ged.csv", "--format", "ucdp-ged", *call)[0] == 2
        assert pd.read_excel(book, engine="openpyxl")["value"].to_list() == ["\N{REPLACEMENT CHARACTER}"]


BAD_EVENTS = {
    "empty": ("", "ged.csv: the file is empty"),
    "header only": (f"{HEADER}\n", "ged.csv: the file has a header and no rows"),
    "not a CSV": ("%PDF-1.7 and more", "there is one column only, so this is not the table that is needed"),
    "few columns": ("id;best\n1;2\n", "ged.csv, column 'type_of_violence': the column is missing"),
    "missing column": (
        f"{HEADER}\n{GOOD}\n".replace("date_end", "date_endd"),
        "ged.csv, column 'date_end': the column is missing; the nearest column is 'date_endd'; rename it",
    ),
    "unparsable date": (
        f"{HEADER}\n{LONG.replace('2019-05-03', 'May 3')}\n",
        "row 2, column 'date_end', value 'May 3'",
    ),
    "impossible date": (
        f"{HEADER}\n{GOOD}\n{LONG.replace('2019-05-03', '2019-02-30')}\n",
        "row 3, column 'date_end', value '2019-02-30'",
    ),
    "reversed dates": (
        f"{HEADER}\n{GOOD}\n{LONG.replace('2019-05-03', '2019-04-01')}\n",
        "row 3, column 'date_end', value '2019-04-01': the event ends before it starts (reversed)",
    ),
    "negative deaths": (f"{HEADER}\n{GOOD}\n{LONG.replace('2,4,5', '2,-4,5')}\n", "row 3, column 'best', value '-4'"),
    "fractional deaths": (
        f"{HEADER}\n{GOOD}\n{LONG.replace('2,4,5', '2,4.5,5')}\n",
        "row 3, column 'best', value '4.5'",
    ),
    "no number": (f"{HEADER}\n{GOOD}\n{LONG.replace('2,4,5', '2,many,5')}\n", "row 3, column 'best', value 'many'"),
    "duplicate id": (
        f"{HEADER}\n{GOOD}\n{LONG}\n1{LONG[1:]}\n",
        "row 2, column 'id', value '1': the id is used by a different row too: row 4 (duplicate id)",
    ),
    "the same row twice": (
        f"{HEADER}\n{GOOD}\n{GOOD}\n",
        "row 3, column 'id', value '1': the same row stands in row 2 (duplicate id)",
    ),
    "too few cells": (f"{HEADER}\n{GOOD}\n9,2\n", "the row has 2 cells where the header has 15"),
}


class TestBadInput:
    @pytest.fixture
    def earlier(self, tmp_path):
        """Give a folder with an earlier report and a way to tell that it is as it was."""
        report = tmp_path / "reports" / "sample"
        (report / "notebooks").mkdir(parents=True)
        for name in ("report.pdf", "report.html", "facts.json", "manifest.json", "notebooks/01.ipynb"):
            (report / name).write_bytes(f"earlier {name}".encode())
        state = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in report.rglob("*") if path.is_file()}

        def untouched():
            now = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in report.rglob("*") if path.is_file()}
            assert now == state
            assert [path.name for path in report.parent.iterdir()] == ["sample"]

        return report, untouched

    @pytest.mark.parametrize("fault", BAD_EVENTS)
    def test_events_everywhere(self, refused, folder, earlier, fault):
        text, message = BAD_EVENTS[fault]
        (folder / "ged.csv").write_text(text)
        report, untouched = earlier
        assert message in refused("validate", folder / "ged.csv", "--format", "ucdp-ged", printed=True)
        for call in (
            ("series", folder),
            ("fit", folder),
            ("compare", folder, "--tolls"),
            ("report", folder, "--out", report),
        ):
            found = refused(*call)
            assert message in found
            assert str(folder.parent) not in found
        untouched()

    @pytest.mark.parametrize(
        ("name", "old", "new", "message"),
        [
            ("daily.csv", "2019-05-02,4", "2019-05-02,-4", "daily.csv, row 3, column 'dead', value '-4'"),
            ("daily.csv", "2019-05-02,4", "tomorrow,4", "daily.csv, row 3, column 'day', value 'tomorrow'"),
            ("daily.csv", "dead", "killed", "daily.csv, column 'dead': the column is missing"),
            ("tolls.csv", ",all,6", ",all,6.5", "tolls.csv, row 2, column 'value', value '6.5'"),
            ("tolls.csv", "2019-05-03,Idlib", "2019-04-03,Idlib", "tolls.csv, row 2, column 'period_end'"),
            ("tolls.csv", "\nb,", "\na,", "tolls.csv, row 3, column 'row_id', value 'a': the row_id is used"),
            ("study.toml", 'file = "ged.csv"', 'file = "gad.csv"', "gad.csv: the file of source 'ged' is missing; did"),
            ("study.toml", 'source = "ged"', 'source = "gde"', "source='gde' is not known; did you mean 'ged'?"),
            ("study.toml", 'place = "everywhere"', 'place = "everywere"', "place='everywere' is not known; did you"),
            ("study.toml", 'spread = "even"\nmissing_days = "zero"', 'spread = "odd"\nmissing_days = "zero"', "'odd'"),
            (
                "study.toml",
                'start = "2019-05-01"\nend = "2019-05-05"\nspread',
                'start = "May"\nend = "x"\nspread',
                "May",
            ),
            ("study.toml", "[study]", "[study", "study.toml: it cannot be read"),
        ],
    )
    def test_other_sources_and_the_study(self, refused, folder, earlier, name, old, new, message):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))
        report, untouched = earlier
        assert message in refused("report", folder, "--out", report)
        untouched()

    def test_a_study_without_data(self, refused, folder, earlier):
        report, untouched = earlier
        head = STUDY[: STUDY.index("[sources.ged]")]
        (folder / "study.toml").write_text(head)
        for call in (("report", folder, "--out", report), ("series", folder), ("compare", folder)):
            assert refused(*call) == "study.toml, column '[sources]': the study has no data; declare a source"
        untouched()

    def test_low_above_best_is_kept_flagged_and_counted(self, good, folder):
        (folder / "ged.csv").write_text(f"{HEADER}\n{GOOD}\n{LONG.replace('2,4,5', '9,4,5')}\n")
        out = good("validate", folder / "ged.csv", "--format", "ucdp-ged")
        assert "2 events accepted, 0 rows in the ledger" in out
        assert "low estimate above the best one" in out
        assert pd.read_csv(io.StringIO(good("series", folder, "--format", "csv")))["best"].sum() == 10

    def test_wrong_paths(self, refused, folder, tmp_path):
        message = refused("validate", folder / "gde.csv", "--format", "ucdp-ged")
        assert message.endswith("there is no such file; did you mean 'ged.csv'? check the path")
        assert "this is a folder" in refused("validate", folder, "--format", "tolls")
        assert refused("series", tmp_path).endswith("the folder has no study.toml; name a folder that has one")
        assert refused("report", "idlib-2018").startswith("study='idlib-2018' is not known; did you mean 'idlib-2019'?")
        (tmp_path / "none").mkdir()
        assert refused("verify", tmp_path / "none").endswith("the folder holds no report; name the folder of a report")

    @pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"study": {}}', '{"study": 1'])
    def test_a_folder_with_a_broken_manifest_is_no_report(self, refused, tmp_path, manifest):
        (tmp_path / "manifest.json").write_text(manifest)
        assert "the folder holds no report" in refused("verify", tmp_path)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                ("series", "S", "al"),
                "study.toml: series='al' is not known; did you mean 'all'? The choices are: 'all', 'd",
            ),
            (("series", "S", "--place", "idlip"), "place='idlip' is not known; did you mean 'idlib'? The choices are"),
            (("series", "S", "--victims", "Civilian"), "victims='Civilian' is not known; did you mean 'civilians'?"),
            (("series", "S", "--victims", "Government of Syra"), "did you mean 'Government of Syria'? The choices"),
            (("series", "S", "--breakdown", "adm_1"), "by='adm_1' is not known; did you mean 'adm1'?"),
            (("series", "S", "daily", "--breakdown", "adm1"), "a feed has no columns to break down by"),
            (("series", "S", "daily", "--victims", "women"), "victims='women' is not known; the choices are: 'all'"),
            (("series", "S", "--format", "xlsx"), "an Excel table needs a file; add --out FILE.xlsx"),
            (("series", "S", "--format", "xlsx", "--out", "x.csv"), "the name of an Excel table ends in .xlsx"),
            (("series", "S", "--format", "xlsx", "--out", "none/x.xlsx"), "the file cannot be written"),
            (("series", "S", "--format", "csv", "--out", "none/x.csv"), "none/x.csv: the file cannot be written"),
            (("fit", "S", "--start", "May"), "column 'start', value 'May': this is not a date; write it as YYYY-MM-DD"),
            (("fit", "S", "--start", "2019-04-01"), "the part must lie in the series (2019-05-01 to 2019-05-05)"),
            (("fit", "S", "--level", "95"), "column 'level', value '95.0': must lie between 0 and 1"),
            (("fit", "S", "--prior-changes", "0"), "must be above 0"),
            (
                ("fit", "S", "--model", "trend", "--prior-changes", "2"),
                "the model trend does not take this; leave it out",
            ),
            (("fit", "S", "--model", "excess"), "an excess is told against a reference period"),
            (("fit", "S", "--model", "forecast", "--reference", "a"), "the model forecast does not take this"),
            (("fit", "S", "--model", "nowcast"), "a nowcast stands on a day"),
            (("fit", "S", "--spread", "expected"), "a model needs whole deaths"),
            (("compare", "S"), "column '--pair': two series must be named; choose from all, daily"),
            (("compare", "S", "--pair", "all", "dayly"), "series='dayly' is not known; did you mean 'daily'?"),
            (("compare", "S", "--coverage", "A", "B"), "ged.csv, column 'cited': not estimable: "),
            (("compare", "S", "--coverage", "A", "B", "--window", "mai"), "window='mai' is not known"),
            (("compare", "S", "--pair", "all", "daily", "--window", "may"), "--pair does not take this; leave it out"),
            (("compare", "S", "--tolls", "--place", "idlib"), "--tolls does not take this; leave it out"),
            (("compare", "S", "--incident"), "the study declares no incident"),
            (("compare", "S", "--undocumented"), "sources that events cite must be named"),
            (("compare", "S", "--match", "ged", "tolls"), "--match='tolls' is not known"),
            (("compare", "S", "--latent", "all", "--drift", "0.5"), "'0.5'"),
        ],
    )
    def test_arguments(self, refused, folder, monkeypatch, arguments, message):
        monkeypatch.chdir(folder)
        assert message in refused(*(folder if word == "S" else word for word in arguments))

    def test_a_study_without_totals(self, refused, folder):
        (folder / "study.toml").write_text(STUDY.replace('[sources.tolls]\nfile = "tolls.csv"\nformat = "tolls"\n', ""))
        assert refused("compare", folder, "--tolls") == "study.toml: the study has no tolls; declare such a source"

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("repot",),
            ("series",),
            ("series", "idlib-2019", "--spread", "odd"),
            ("series", "idlib-2019", "--ledger", "--accounts"),
            ("validate", "x.csv", "--format", "ged"),
            ("fit", "idlib-2019", "--level", "high"),
            ("compare", "idlib-2019", "--tolls", "--pair", "a", "b"),
        ],
    )
    def test_usage(self, run, arguments):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("usage: casualties")
        assert "error:" in err.splitlines()[-1]


class TestSeries:
    def test_days_in_every_format(self, good, shipped, tmp_path):
        frame = shipped.series("north_west").frame.reset_index()
        same(from_csv(good("series", "idlib-2019", "--format", "csv"), frame), frame)
        rows = json.loads(good("series", "idlib-2019", "north_west", "--format", "json"))
        assert [row["date"] for row in rows] == [f"{day:%Y-%m-%d}" for day in frame["date"]]
        assert [row["best"] for row in rows] == frame["best"].to_list()
        book = tmp_path / "series.xlsx"
        assert good("series", "idlib-2019", "--format", "xlsx", "--out", book) == ""
        read = pd.read_excel(book, engine="openpyxl")
        assert list(read.columns) == list(frame.columns)
        assert read["date"].to_list() == frame["date"].to_list()
        assert read["best"].sum() == 6747
        first = openpyxl.load_workbook(book).active["A2"]
        assert (first.is_date, first.number_format) == (True, "YYYY-MM-DD")
        out = good("series", "idlib-2019")
        assert out.splitlines()[0] == "recorded deaths, all victims, UCDP GED best, north-west Syria"
        assert sum(line.startswith("│ 20") for line in out.splitlines()) == 440

    def test_a_part_that_a_list_counts(self, good, refused, folder):
        (folder / "list.csv").write_text("Day,Killed,Women\n2019-05-03,5,2\n2019-05-04,4,\n", encoding="utf-8")
        with (folder / "study.toml").open("a", encoding="utf-8") as study:
            study.write(
                '[sources.list]\nfile = "list.csv"\nformat = "mapped"\n'
                '[sources.list.mapping.columns]\ndate = "Day"\nbest = "Killed"\n'
                '[sources.list.mapping.breakdown]\nwomen = "Women"\n'
                '[series.listed]\nsource = "list"\nstart = "2019-05-03"\nend = "2019-05-04"\n'
                'spread = "even"\nmissing_days = "zero"\n'
            )
        rows = json.loads(good("series", folder, "listed", "--victims", "women", "--format", "json"))
        assert [(row["best"], row["observed"]) for row in rows] == [(2, True), (None, False)]
        assert "not said whether women" in good("series", folder, "listed", "--victims", "women", "--accounts")
        assert "did you mean 'women'" in refused("series", folder, "listed", "--victims", "wmen")

    def test_a_file_holds_what_would_be_printed(self, good, folder, tmp_path):
        for output in ("table", "csv", "json"):
            name = tmp_path / f"out.{output}"
            printed = good("series", folder, "--format", output)
            assert good("series", folder, "--format", output, "--out", name) == ""
            assert name.read_text(encoding="utf-8") == printed

    @pytest.mark.parametrize("by", ["week", "month"])
    def test_periods(self, good, shipped, by):
        frame = period_totals(shipped.series("north_west_civilians"), by).to_frame()
        read = from_csv(good("series", "idlib-2019", "north_west_civilians", "--by", by, "--format", "csv"), frame)
        same(read, frame)
        assert read["best"].sum() == 1751

    def test_breakdowns(self, good, shipped):
        series = shipped.series("north_west")
        window = {"start": series.start, "end": series.end, "where": series.where, "spread": "even"}
        for by in ("adm1", "victims", "kind"):
            frame = breakdown(shipped.sources["ucdp"], by, frequency="month", **window).to_frame()
            call = ("series", "idlib-2019", "--breakdown", by, "--by", "month", "--format", "csv")
            same(from_csv(good(*call), frame), frame)

    def test_a_breakdown_counts_whom_the_series_counts(self, good):
        call = ("--breakdown", "adm1", "--by", "month", "--format", "csv")
        for arguments in (("north_west_civilians",), ("north_west", "--victims", "civilians")):
            read = pd.read_csv(io.StringIO(good("series", "idlib-2019", *arguments, *call)))
            assert read["all"].sum() == 1751

    def test_the_ledger_and_the_accounts(self, good, shipped):
        ledger = shipped.sources["sohr"].rejected
        read = pd.read_csv(io.StringIO(good("series", "idlib-2019", "syria_sohr", "--ledger", "--format", "csv")))
        assert read["row"].to_list() == ledger["row"].to_list()
        assert read["best"].sum() == ledger["best"].sum()
        accounts = pd.read_csv(io.StringIO(good("series", "idlib-2019", "--accounts", "--format", "csv")))
        assert accounts["best"].sum() == 112337
        assert accounts.set_index("reason").loc["no place recorded", "best"] == 24751

    def test_choices_replace_the_declared_ones(self, good, folder):
        best = {
            call: pd.read_csv(io.StringIO(good("series", folder, *call, "--format", "csv")))["best"].to_list()
            for call in ((), ("--place", "idlib"), ("--victims", "civilians"), ("--spread", "end"))
        }
        assert sum(best[()]) == 10
        assert best["--place", "idlib"] == [6, 0, 0, 0, 0]
        assert sum(best["--victims", "civilians"]) == 7
        assert best["--spread", "end"] == [6, 0, 4, 0, 0]

    def test_days_without_a_report_are_blank(self, good, folder):
        read = pd.read_csv(io.StringIO(good("series", folder, "daily", "--format", "csv")))
        assert read["best"].isna().to_list() == [False, False, True, True, True]
        assert [line.split("│")[3].strip() for line in good("series", folder, "daily").splitlines()[4:9]] == list(
            "74–––"
        )

    def test_fractions_by_month(self, good, shipped):
        for more in ((), ("--breakdown", "adm1")):
            call = ("series", "idlib-2019", "--spread", "expected", "--by", "month", "--format", "csv", *more)
            read = pd.read_csv(io.StringIO(good(*call)))
            total = read["all" if more else "best"].sum()
            assert total == pytest.approx(shipped.series("north_west", spread="expected").total.value, abs=1e-6)


class TestFit:
    PART = ("--start", "2019-04-01", "--end", "2019-05-26")

    def test_changepoints(self, good, shipped):
        result = fit_changepoints(shipped.series("north_west").between("2019-04-01", "2019-05-26"))
        assert good("fit", "idlib-2019", *self.PART) == f"{result.summary()}\n"
        read = from_csv(good("fit", "idlib-2019", *self.PART, "--format", "csv"), result.changes)
        same(read, result.changes)
        assert len(read) >= 1
        rows = json.loads(good("fit", "idlib-2019", *self.PART, "--format", "json"))
        assert [row["date"] for row in rows] == [f"{day:%Y-%m-%d}" for day in result.changes["date"]]
        assert [row["ratio"] for row in rows] == pytest.approx(result.changes["ratio"].to_list(), rel=1e-9)

    def test_options(self, good, shipped, tmp_path):
        part = shipped.series("north_west_civilians").between("2019-04-01", "2019-05-26")
        result = fit_changepoints(part, level=0.8, prior_changes=2)
        call = ("fit", "idlib-2019", "north_west_civilians", *self.PART, "--level", "0.8", "--prior-changes", "2")
        assert good(*call, "--out", tmp_path / "fit.txt") == ""
        assert (tmp_path / "fit.txt").read_text(encoding="utf-8") == f"{result.summary()}\n"

    def test_trend(self, good, shipped):
        result = fit_trend(shipped.series("north_west").between("2019-04-30", "2019-11-30"))
        call = ("fit", "idlib-2019", "--model", "trend", "--start", "2019-04-30")
        assert good(*call) == f"{result.summary()}\n"
        same(from_csv(good(*call, "--format", "csv"), result.to_frame()), result.to_frame().replace("", float("nan")))
        rows = json.loads(good(*call, "--format", "json"))
        assert rows[0]["quantity"] == "growth"
        assert rows[0]["value"] == pytest.approx(result.growth.value, rel=1e-6)

    def test_an_excess_is_told_against_a_declared_window(self, good, shipped):
        series = shipped.series("north_west")
        result = fit_excess(series, ("2018-09-17", "2018-12-31"), ("2019-04-30", "2019-08-31"))
        call = ("fit", "idlib-2019", "--model", "excess", "--reference", "autumn", "--window", "offensive")
        assert good(*call) == f"{result.summary()}\n"

    def test_a_nowcast_stands_on_a_day(self, good, shipped):
        where = shipped.series("north_west").where
        triangle = reporting_triangle(
            shipped.sources["ucdp"].as_of("2019-07-22"), start="2018-09-17", end="2019-07-22", where=where
        )
        result = fit_nowcast(triangle, seed=shipped.settings["seed"])
        assert good("fit", "idlib-2019", "--model", "nowcast") == f"{result.summary()}\n"
        assert (
            good("fit", "idlib-2019", "--model", "nowcast", "--as-of", "2019-07-22", "--seed", "1").count("Last") == 2
        )

    def test_a_forecast_has_the_study_s_seed(self, good, shipped):
        part = shipped.series("north_west").between("2018-09-17", "2019-04-29")
        result = fit_forecast(part, horizon=7, seed=shipped.settings["seed"])
        call = ("fit", "idlib-2019", "--model", "forecast", "--horizon", "7", "--end", "2019-04-29")
        assert good(*call) == f"{result.summary()}\n"

    @pytest.mark.parametrize("model", ["rolling", "alarms", "track-record", "excitation", "crosscheck"])
    def test_every_model_answers(self, good, model):
        part = ("--start", "2019-02-01", "--end", "2019-06-30")
        assert "north-west Syria" in good("fit", "idlib-2019", "--model", model, *part).splitlines()[0]

    def test_what_cannot_be_estimated_is_an_answer(self, good, folder):
        assert "not estimable: 5 observed days are fewer than 14" in good("fit", folder)
        assert pd.read_csv(io.StringIO(good("fit", folder, "--format", "csv"))).empty
        rows = json.loads(good("fit", folder, "--model", "trend", "--format", "json"))
        assert {row["reason"] for row in rows} == {"5 observed days are fewer than 14"}


class TestCompare:
    def test_a_pair(self, good, shipped):
        selected = shipped.selection("syria_sohr", "syria")
        result = compare_pair(shipped.series("syria_sohr"), shipped.series("syria"), selected=selected)
        assert good("compare", "idlib-2019", "--pair", "syria_sohr", "syria") == f"{result.summary()}\n"
        assert good("compare", "idlib-2019") == f"{result.summary()}\n"  # the pair that the study declares
        read = pd.read_csv(io.StringIO(good("compare", "idlib-2019", "--format", "csv"))).set_index("measure")
        assert read.loc["ratio", "value"] == pytest.approx(result.ratio.value, rel=1e-9)
        assert round(read.loc["Pearson correlation", "value"], 2) == 0.9

    def test_tolls(self, good, shipped, tmp_path):
        result = compare_tolls(shipped.sources["ucdp"], shipped.sources["tolls"], shipped.area_places())
        out = good("compare", "idlib-2019", "--tolls")
        assert out.startswith(result.summary())
        assert out.count("not comparable") > 40
        read = pd.read_csv(io.StringIO(good("compare", "idlib-2019", "--tolls", "--format", "csv")), dtype=str)
        assert read["verdict"].to_list() == result.totals["verdict"].to_list()
        assert read["value"].astype(int).to_list() == result.totals["value"].to_list()
        assert good("compare", "idlib-2019", "--tolls", "--out", tmp_path / "tolls.txt") == ""
        assert (tmp_path / "tolls.txt").read_text(encoding="utf-8") == out

    def test_coverage(self, good):
        call = ("compare", "idlib-2019", "--coverage", "SOHR", "Airwars")
        read = pd.read_csv(io.StringIO(good(*call, "--format", "csv"))).set_index("seen_by")
        assert (read["events"].sum(), read["best"].sum()) == (16566, 112337)
        out = good(*call, "--window", "offensive", "--place", "north_west")
        assert "SOHR and Airwars: 193 events" in out
        rows = json.loads(good(*call, "--window", "offensive", "--format", "json"))
        assert sum(row["events"] for row in rows) > 720

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            (("--dependence",), "SOHR: cited by 696 of 720 events, with 4,249 of 4,276 recorded deaths"),
            (("--bias", "Airwars"), "Airwars is cited by 216 of 720 events"),
            (("--undocumented", "--victims", "civilians"), "191 of the 213 on Airwars are on SOHR too"),
        ],
    )
    def test_questions_about_events(self, good, asked, words):
        scope = ("--window", "offensive", "--place", "north_west")
        assert words in good("compare", "idlib-2019", *asked, *scope)
        assert json.loads(good("compare", "idlib-2019", *asked, *scope, "--format", "json"))

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            (("--timeline",), "OHCHR, civilians, 29 April to 21 May 2019: at least 105 is 95 below"),
            (("--tempo",), "OHCHR, civilians, from 2019-04-29"),
            (("--incident",), "16 published figures for one incident"),
            (("--latent", "north_west", "--window", "weeks_around"), "A model of the deaths behind north_west"),
            (("--latent", "syria_sohr", "syria"), "dependent=[['syria_sohr', 'syria']]"),
        ],
    )
    def test_questions_about_totals_and_trends(self, good, asked, words):
        assert words in good("compare", "idlib-2019", *asked)
        assert json.loads(good("compare", "idlib-2019", *asked, "--format", "json"))

    def test_a_match_with_its_sheet(self, good, folder, tmp_path):
        sheet = tmp_path / "sheet.csv"
        assert "events in both" in good("compare", folder, "--match", "ged", "ged", "--review", sheet)
        assert sheet.read_text(encoding="utf-8").splitlines()[0].startswith("id_a,id_b")

    def test_a_source_that_nobody_cites(self, refused):
        message = refused("compare", "idlib-2019", "--coverage", "SOHR", "Airwar")
        assert message.startswith("second='Airwar' is not known; did you mean 'Airwars'? The choices are: ")


class TestReport:
    """The commands around the report; the report itself is made in the tests of `casualties.report`."""

    @pytest.fixture
    def asked(self, monkeypatch):
        """Note what is asked for instead of making a report."""
        calls = []

        def build(study, out):
            calls.append((study.name, out))
            folder = Path.cwd() / out
            names = ("report.pdf", "report.html", "facts.json", "manifest.json")
            return ReportPaths(folder, *(folder / name for name in names), ())

        monkeypatch.setattr(cli.studies, "build_report", build)
        return calls

    def test_where_it_goes(self, good, folder, asked, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        pdf, html = (Path("reports", "sample", name) for name in ("report.pdf", "report.html"))
        assert good("report", "sample") == f"{pdf}\n{html}\n"
        elsewhere = tmp_path.parent / "elsewhere"
        assert good("report", folder, "--out", elsewhere).splitlines() == [
            str(elsewhere / name) for name in ("report.pdf", "report.html")
        ]
        assert asked == [("sample", Path("reports/sample")), ("sample", elsewhere)]

    def test_a_replay_goes_to_a_folder_of_its_own(self, good, asked, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        folder = Path("reports", "idlib-2019-as-of-2019-07-31")
        assert good("report", "idlib-2019", "--as-of", "2019-07-31").startswith(f"{folder / 'report.pdf'}\n")
        assert asked == [("idlib-2019", folder)]

    def test_a_day_that_cannot_be_replayed(self, refused, asked):
        assert "this is not a day" in refused("report", "idlib-2019", "--as-of", "yesterday")
        assert "main window begins after this day" in refused("report", "idlib-2019", "--as-of", "2019-04-01")
        assert asked == []

    def test_a_replay_is_verified_as_one(self, good, tmp_path, monkeypatch):
        days = []
        found = Verification((), ("3 inputs are unchanged",))
        monkeypatch.setattr(cli.studies, "verify_report", lambda report, study: days.append(study.as_of) or found)
        for as_of in ("2019-07-31", ""):
            told = {"study": {"name": "idlib-2019", "as_of": as_of}}
            (tmp_path / "manifest.json").write_text(json.dumps(told))
            good("verify", tmp_path)
        assert days == ["2019-07-31", ""]

    def test_nothing_is_made_of_unusable_data(self, refused, folder, asked):
        (folder / "tolls.csv").write_text("row_id\n")
        refused("report", folder)
        assert asked == []

    @pytest.mark.parametrize("findings", [(), ("input ged (ged.csv): 1 in the manifest, 2 now",)])
    def test_whether_it_holds(self, run, folder, tmp_path, monkeypatch, findings):
        found = Verification(findings, ("3 inputs are unchanged",))
        monkeypatch.setattr(cli.studies, "verify_report", lambda report, study: found)
        (tmp_path / "manifest.json").write_text('{"study": {"name": "idlib-2019"}}')
        code, out, err = run("verify", tmp_path)
        assert (code, err) == (len(findings), "")
        assert out.splitlines() == [*found.lines, f"the report {'does not hold' if findings else 'holds'}"]
        assert run("verify", tmp_path, "--study", folder)[0] == len(findings)


class TestHelp:
    def test_the_commands(self, good):
        out = good("--help")
        for command in ("report", "validate", "series", "fit", "compare", "verify"):
            assert f"    {command} " in out

    @pytest.mark.parametrize("command", ["report", "validate", "series", "fit", "compare", "verify"])
    def test_each_command(self, good, command):
        out = good(command, "--help")
        assert out.startswith(f"usage: casualties {command}")


class TestEnds:
    def test_a_stop_by_the_keyboard(self, run, monkeypatch):
        def stopped(name):
            raise KeyboardInterrupt

        monkeypatch.setattr(cli.studies, "load_study", stopped)
        assert run("series", "idlib-2019") == (130, "", "casualties: stopped; an earlier report is untouched\n")

    def start(self, folder, *arguments, **environment):
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.Popen(
            [sys.executable, "-m", "casualties.cli", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**plain, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        )

    def test_a_reader_that_goes_away(self, folder):
        # The pipe is closed before anything is written: also a short text, held back until the end, meets no reader.
        calls = [("series", folder), ("series", folder, "--help"), ("series", folder, "nothing")]
        started = [self.start(folder, *call) for call in calls]
        ended = []
        for process in started:
            process.stdout.close()
            ended.append((process.wait(60), process.stderr.read().decode()))
            process.stderr.close()
        assert ended[:2] == [(0, ""), (0, "")]
        assert ended[2][0] == 2
        assert ended[2][1].startswith("casualties: study.toml: series='nothing' is not known")

    def test_a_process_of_its_own(self, folder):
        done = self.start(folder, "series", ".", "--accounts", PYTHONIOENCODING="ascii")
        out, err = done.communicate(timeout=60)
        assert (done.returncode, err) == (0, b"")
        assert "│ in the series" in out.decode("utf-8")  # a pipe is given UTF-8, whatever the system prefers
        failed = self.start(folder, "validate", "none.csv", "--format", "tolls")
        out, err = failed.communicate(timeout=60)
        assert (failed.returncode, out) == (2, b"")
        assert err.startswith(b"casualties: none.csv: there is no such file")
