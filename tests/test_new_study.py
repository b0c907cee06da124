"""A file becomes a working study without editing code, and the page of the docs that shows it is true."""

import io
import os
import re
import shlex
import tomllib

import layouts
import pandas as pd
import pytest

from casualties.cli import main
from casualties.errors import InputError
from casualties.models.changepoints import fit_changepoints
from casualties.new_study import new_study
from casualties.provenance import file_sha256
from casualties.study import load_study

BUILDERS = {"list.xlsx": layouts.victim_list, "events.csv": layouts.event_list, "daily.json": layouts.running_total}
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
        assert "# 1 rows cannot be used" in (tmp_path / "own" / "study.toml").read_text(encoding="utf-8")
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
        if program == "cat":
            found = (here / words[0]).read_text(encoding="utf-8")
        else:
            assert program == "casualties"
            assert main(words) == 0, command
            found = capsys.readouterr().out
        assert [line.rstrip() for line in found.strip().splitlines()] == printed.rstrip().splitlines(), command
