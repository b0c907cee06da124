"""A file becomes a working study without editing code, and the page of the docs that shows it is true."""

import io
import os
import re
import shlex
import tomllib
from dataclasses import replace

import layouts
import pandas as pd
import pytest

from casualties.cli import main
from casualties.errors import InputError
from casualties.models.changepoints import fit_changepoints
from casualties.new_study import new_study, tried
from casualties.provenance import file_sha256
from casualties.sources.drafting.draft import draft_mapping
from casualties.sources.lists.mapped import read_mapped
from casualties.study import load_study

BUILDERS = layouts.BUILDERS
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in a folder with the three files."""
    monkeypatch.chdir(tmp_path)
    for name, build in BUILDERS.items():
        build(tmp_path / name)
    return tmp_path


def write(folder, *lines, name="list.csv"):
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / name


class TestThreeLayouts:
    @pytest.mark.parametrize("name", BUILDERS)
    def test_the_series_adds_up_to_the_file(self, tmp_path, name):
        people = BUILDERS[name](tmp_path / name)
        new_study(tmp_path / "own", tmp_path / name)
        series = load_study(tmp_path / "own").series("main")
        assert int(series.total.value) == people
        assert int(series.accounts["best"].sum()) == people

    @pytest.mark.parametrize("name", BUILDERS)
    def test_a_model_runs_and_finds_the_rise_that_was_built_in(self, tmp_path, name):
        BUILDERS[name](tmp_path / name)
        new_study(tmp_path / "own", tmp_path / name)
        result = fit_changepoints(load_study(tmp_path / "own").series("main"))
        (change,) = result.changes["date"]
        assert change == pd.Timestamp(layouts.days()[60])

    @pytest.mark.parametrize("name", ["list.xlsx", "events.csv"])
    def test_civilians_are_a_series_of_their_own(self, tmp_path, name):
        BUILDERS[name](tmp_path / name)
        new_study(tmp_path / "own", tmp_path / name)
        study = load_study(tmp_path / "own")
        assert sorted(study.declared) == ["civilians", "main"]
        events = study.sources["list"].accepted
        assert int(study.series("civilians").total.value) == int(events["civilians"].sum()) > 0

    def test_parts_and_places_come_through(self, tmp_path):
        persons = layouts.victim_list(tmp_path / "list.xlsx")
        new_study(tmp_path / "own", tmp_path / "list.xlsx")
        events = load_study(tmp_path / "own").sources["list"].accepted
        assert int(events["female"].sum()) == persons // 3
        assert set(events["adm1"]) == {"Idlib", "Aleppo", "Hama", "Latakia"}
        assert "شخص" not in events.to_csv()


class TestWhatIsWritten:
    def test_every_assumption_stands_above_its_line(self, tmp_path):
        layouts.event_list(tmp_path / "events.csv")
        new_study(tmp_path / "own", tmp_path / "events.csv")
        lines = (tmp_path / "own" / "study.toml").read_text(encoding="utf-8").splitlines()
        for entry in ("title", "place", "period", "data_as_of", "coverage_start", "start", "spread", "missing_days"):
            (first, *_) = [number for number, line in enumerate(lines) if line.startswith(f"{entry} = ")]
            assert lines[first - 1].startswith("# "), entry

    def test_the_file_is_named_and_not_copied(self, tmp_path):
        layouts.event_list(tmp_path / "events.csv")
        new_study(tmp_path / "studies" / "own", tmp_path / "events.csv", accessed="2021-05-03")
        study = load_study(tmp_path / "studies" / "own")
        record = study.records["list"]
        assert record.file == "../../events.csv"
        assert record.sha256 == file_sha256(tmp_path / "events.csv")
        assert (record.accessed, study.data_as_of) == ("2021-05-03", "2021-05-03")
        assert sorted(path.name for path in (tmp_path / "studies" / "own").iterdir()) == ["mapping.toml", "study.toml"]

    def test_the_same_file_gives_the_same_bytes(self, tmp_path):
        layouts.event_list(tmp_path / "events.csv")
        texts = []
        for place in ("a", "b"):
            new_study(tmp_path / place / "own", tmp_path / "events.csv")
            texts.append([path.read_bytes() for path in sorted((tmp_path / place / "own").iterdir())])
        assert texts[0] == texts[1]

    def test_rows_that_cannot_be_used_are_counted(self, tmp_path):
        file = write(tmp_path, "Date,Place,Killed", *["30/04/2019,x,2"] * 9, "soon,x,5")
        new_study(tmp_path / "own", file)
        study = load_study(tmp_path / "own")
        assert study.settings["on_rejected"] == "ledger"
        assert "# 1 row cannot be used and is left out and counted (see the ledger); the first: row 11." in (
            tmp_path / "own" / "study.toml"
        ).read_text(encoding="utf-8")
        assert int(study.series("main").total.value) == 18
        assert int(study.sources["list"].rejected["best"].sum()) == 5

    def test_a_daily_list_has_no_zeros(self, tmp_path):
        rows = [f"{day}/05/2019,{number}" for day, number in enumerate([3, 0, 2, 5, 1, 4] * 3, start=1) if day != 7]
        new_study(tmp_path / "own", write(tmp_path, "Date,Killed", *rows))
        series = load_study(tmp_path / "own").series("main")
        assert series.missing_days == "missing"
        assert not series.frame.loc["2019-05-07", "observed"]

    def test_published_totals_have_no_series(self, tmp_path):
        header = "row_id,claimant,period_start,period_end,area,who,value"
        new_study(tmp_path / "own", write(tmp_path, header, "a,Someone,2019-05-01,2019-05-03,Idlib,all,6"))
        study = load_study(tmp_path / "own")
        assert len(study.sources["list"].frame) == 1
        assert not study.declared

    @pytest.mark.parametrize("name", ["study.toml", "mapping.toml"])
    def test_nothing_is_overwritten(self, tmp_path, name):
        layouts.event_list(tmp_path / "events.csv")
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / name).write_text("mine", encoding="utf-8")
        with pytest.raises(InputError, match=r"there is such a file already, and it is never overwritten; choose"):
            new_study(tmp_path / "own", tmp_path / "events.csv")
        assert [path.name for path in (tmp_path / "own").iterdir()] == [name]

    def test_a_file_that_cannot_be_understood_leaves_nothing(self, tmp_path):
        with pytest.raises(InputError, match="no column holds dates"):
            new_study(tmp_path / "own", write(tmp_path, "Name,Killed", "x,3"))
        assert not (tmp_path / "own").exists()

    def test_a_day_of_access_is_a_day(self, tmp_path):
        with pytest.raises(InputError, match="column 'accessed', value 'now': this is not a day"):
            new_study(tmp_path / "own", accessed="now")

    @pytest.mark.skipif(os.geteuid() == 0, reason="whoever may write everywhere cannot be refused")
    def test_a_folder_that_cannot_be_written(self, tmp_path):
        tmp_path.chmod(0o500)
        with pytest.raises(InputError, match="the study cannot be written"):
            new_study(tmp_path / "own")


class TestWhatIsLeftToSettle:
    """Every list here is invented."""

    DAYS = tuple(f"2019-05-{day:02d}" for day in range(1, 11))

    def settled(self, folder, *lines):
        return tried(write(folder, *lines)).doubts

    def test_rows_that_go_to_the_ledger_come_first(self, tmp_path):
        doubts = self.settled(tmp_path, "Date,Place,Killed", "2019-05-01,x,2", ",y,3", "2019-05-02,x,2", ",y,7")
        assert doubts[0] == (
            "2 rows of 4, with 10 deaths, go to the ledger and are not counted; the first: row 3, column 'Date', no "
            "date given (see casualties series STUDY --ledger)."
        )

    def test_a_record_of_a_year_does_not_stretch_the_window(self, tmp_path):
        rows = [f"{day},x,{number}" for number, day in enumerate(self.DAYS, start=1)]
        file = write(tmp_path, "Date,Place,Killed", *rows, "2019,x,7")
        assert "1 record, with 7 deaths, reaches out of the window" in tried(file).doubts[0]
        new_study(tmp_path / "own", file)
        series = load_study(tmp_path / "own").series("main")
        assert (str(series.start.date()), str(series.end.date())) == (self.DAYS[0], self.DAYS[-1])
        assert int(series.accounts["best"].sum()) == 62

    def test_no_row_is_known_to_a_day(self, tmp_path):
        rows = [f"2019-{month:02d},{30 + month % 3}" for month in range(1, 13)]
        assert "No row is known to a day (the narrowest: 28 days)" in self.settled(tmp_path, "Month,Killed", *rows)[0]
        rising = [f"2019-{month:02d},{30 * month}" for month in range(1, 13)]
        made = tried(write(tmp_path, "Month,Killed", *rising))
        assert made.mapping["columns"]["best"] == "Killed"
        assert any("aken for new deaths of each" in doubt for doubt in made.doubts)
        assert "No row is known to a day" in made.doubts[-1]

    def test_a_row_of_totals_is_never_counted(self, tmp_path):
        rows = [f"{day},Idlib,{number}" for number, day in enumerate(self.DAYS, start=1)]
        file = write(tmp_path, "Date,Governorate,Killed", *rows, f"{self.DAYS[-1]},المجموع,55")
        made = draft_mapping(file)
        assert made.totals == (12,)
        assert "Row 12, column 'Governorate', says 'المجموع'" in made.doubts[0]
        unread = replace(made, mapping={**made.mapping, "columns": {"date": "Date", "best": "Killed"}})
        with pytest.raises(InputError, match="row 12: the row is a total and no event, and its deaths would count"):
            new_study(tmp_path / "own", file, draft=unread)
        assert not (tmp_path / "own").exists()

    def test_a_code_for_unknown_can_be_written_away(self, tmp_path):
        rows = [
            f"{day},{'xy'[number % 2]},{999 if number in (3, 5) else number}" for number, day in enumerate(self.DAYS)
        ]
        made = tried(write(tmp_path, "Date,Place,Killed", *rows))
        assert "'Killed' says 999 in 2 rows (the first: row 5)" in made.doubts[0]
        assert '[values.best], the line "999" = ""' in made.doubts[0]
        read = read_mapped(tmp_path / "list.csv", {**made.mapping, "values": {"best": {"999": ""}}})
        assert (int(read.accepted["best"].sum()), len(read.rejected)) == (37, 2)


class TestSkeleton:
    def test_reading_it_says_what_to_fill_in(self, tmp_path):
        assert new_study(tmp_path / "own") is None
        text = (tmp_path / "own" / "study.toml").read_text(encoding="utf-8")
        assert tomllib.loads(text)["study"]["name"] == "own"
        with pytest.raises(InputError, match=r"^study\.toml, column '\[sources\.list\] file': the entry is missing"):
            load_study(tmp_path / "own")

    def test_filled_in_it_works(self, tmp_path):
        new_study(tmp_path / "own")
        file = tmp_path / "own" / "study.toml"
        text = file.read_text(encoding="utf-8")
        for line in ("source", "victims", "spread", "missing_days", "file", "format", "mapping", r"\[series.main\]"):
            text = re.sub(rf"^# ({line}\b.*|{line}$)", r"\1", text, flags=re.MULTILINE)
        for line, day in (("start", "2019-04-30"), ("end", "2019-05-01")):
            text = re.sub(rf'^# {line} = ""$', f'{line} = "{day}"', text, flags=re.MULTILINE)
        file.write_text(text, encoding="utf-8")
        write(tmp_path / "own", "Day,Dead", "2019-04-30,3")
        write(tmp_path / "own", "[columns]", 'date = "Day"', 'best = "Dead"', name="mapping.toml")
        assert int(load_study(tmp_path / "own").series("main").total.value) == 3


class TestCommand:
    def test_dry_run_writes_nothing(self, here, capsys):
        assert main(["new", "own", "--from", "list.xlsx", "--dry-run"]) == 0
        said = capsys.readouterr().out
        assert "list.xlsx is taken for a list, each row a person" in said
        assert "Nothing was written." in said
        assert "شخص" not in said
        assert not (here / "own").exists()

    def test_doubts_are_numbered_before_anything_is_written(self, here, capsys):
        write(here, "Date,Place,Killed", "01/02/2019,x,1", "03/04/2019,x,2")
        assert main(["new", "own", "--from", "list.csv"]) == 0
        said = capsys.readouterr().out
        assert said.index("1. No cell of 'Date' decides") < said.index("written:")

    def test_a_bad_day_of_access_is_refused_before_the_table(self, here, capsys):
        assert main(["new", "own", "--from", "list.xlsx", "--accessed", "now"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "this is not a day" in said.err

    def test_what_is_left_out_is_said_on_the_error_stream(self, here, capsys):
        write(here, "Date,Place,Killed", "2019-05-01,x,2", ",y,3", "2019-05-02,x,2")
        assert main(["new", "own", "--from", "list.csv"]) == 0
        capsys.readouterr()
        assert main(["series", "own", "--format", "csv"]) == 0
        said = capsys.readouterr()
        assert said.err == "left out: 1 row with 3 deaths stands in the ledger (casualties series own --ledger)\n"
        assert "left out" not in said.out

    def test_table_alone(self, here, capsys):
        assert main(["new", "own", "--from", "daily.json", "--format", "csv", "--dry-run"]) == 0
        table = pd.read_csv(io.StringIO(capsys.readouterr().out))
        assert table["column"].tolist() == ["report_date", "killed_cum", "injured_cum"]

    def test_skeleton(self, here, capsys):
        assert main(["new", "own"]) == 0
        assert "skeleton" in capsys.readouterr().out
        assert main(["series", "own"]) == 2
        assert "[sources.list] file" in capsys.readouterr().err

    def test_errors_are_one_line(self, here, capsys):
        write(here, "Name,Killed", "x,3")
        assert main(["new", "own", "--from", "list.csv"]) == 2
        error = capsys.readouterr().err
        assert error.startswith("casualties: list.csv: no column holds dates")
        assert error.count("\n") == 1


def spoken(page):
    """Give each command of a page with what the page says it prints."""
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed


def test_the_page_of_the_docs_is_true(here, root, capsys):
    page = (root / "docs" / "new-study.md").read_text(encoding="utf-8")
    commands = list(spoken(page))
    assert sum(command.startswith("casualties new") for command, _ in commands) == len(BUILDERS)
    for command, printed in commands:
        program, *words = shlex.split(command)
        if program == "python":
            assert words == ["tests/layouts.py", "invented"]
            layouts.main(".")
            found = capsys.readouterr().out
        elif program == "cd":
            found = ""
        elif program == "cat":
            found = (here / words[0]).read_text(encoding="utf-8")
        else:
            assert program == "casualties"
            assert main(words) == 0, command
            found = capsys.readouterr().out
        assert [line.rstrip() for line in found.strip().splitlines()] == printed.rstrip().splitlines(), command
