"""The command `calibrate`: the programme's two files, wars like a study's, and what it refuses."""

import json
from io import StringIO

import pandas as pd
import pytest

from casualties import cli
from casualties.calibration import programme
from casualties.calibration.growth import GROWTH
from casualties.calibration.likeness import scenario_like
from casualties.calibration.runner import TABLE_COLUMNS, read_table
from casualties.cli import calibrate
from casualties.study import load_study

QUICK = ("--workers", "1", "--wars", "1")


def test_the_programme_writes_its_table_and_its_page(tmp_path, capsys):
    assert cli.main(["calibrate", "--only", "growth", *QUICK, "--out", str(tmp_path)]) == 0
    table = read_table(tmp_path / "calibration.csv")
    assert set(table["scenario"]) == set(GROWTH.scenarios)
    page = (tmp_path / "calibration.md").read_text(encoding="utf-8")
    assert page.startswith("# Calibration\n")
    assert "1 wars a scenario, seed 1" in page
    told = capsys.readouterr().out.splitlines()
    assert told[-2:] == [f"written: {tmp_path / 'calibration.csv'}", f"written: {tmp_path / 'calibration.md'}"]
    assert all(line.removeprefix("- ") in page for line in told[:-2])


def test_a_second_call_computes_nothing_and_writes_the_same_bytes(tmp_path, monkeypatch):
    call = ["calibrate", "--only", "growth", *QUICK, "--out", str(tmp_path)]
    assert cli.main(call) == 0
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr("casualties.calibration.growth.simulate_war", None)
    assert cli.main(call) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_without_numbers_it_takes_two_thousand_wars_and_two_processes(tmp_path, monkeypatch):
    seen = {}

    def run(**given):
        seen.update(given)
        return programme.answer_of([], pd.DataFrame(columns=TABLE_COLUMNS), "wars", wars=1, seed=1)

    monkeypatch.setattr(calibrate, "run_programme", run)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    assert cli.main(["calibrate"]) == 0
    assert (seen["wars"], seen["workers"], str(seen["path"])) == (2000, 2, "docs/calibration.csv")
    assert "Nothing that was measured." in (tmp_path / "docs" / "calibration.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_study_is_told_how_far_its_own_intervals_hold(capsys):
    assert cli.main(["calibrate", "idlib-2019", *QUICK]) == 0
    told = capsys.readouterr().out
    law = scenario_like(load_study("idlib-2019").series(next(iter(load_study("idlib-2019").declared))))
    assert f"level {law.level:.2f} a day, {len(law.steps)} changes" in told
    assert "growth, 56 days" in told
    assert "What falls short:" in told
    assert cli.main(["calibrate", "idlib-2019", *QUICK, "--format", "csv"]) == 0
    table = pd.read_csv(StringIO(capsys.readouterr().out))
    assert set(table["scenario"]) == {"wars like this one"}


def test_a_table_goes_to_a_file(tmp_path):
    out = tmp_path / "measured.json"
    assert cli.main(["calibrate", "idlib-2019", *QUICK, "--format", "json", "--out", str(out)]) == 0
    assert {"study", "nominal", "value", "error"} <= set(json.loads(out.read_text(encoding="utf-8"))[0])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--only", "grwoth"], "did you mean 'growth'"),
        (["--wars", "0"], "column 'wars', value '0': must be at least 1"),
        (["--workers", "0"], "column 'workers'"),
        (["--seed", "-1"], "column '--seed'"),
        (["idlib-2019", "--only", "growth"], "belongs to the programme"),
        (["idlib-2019", "--anew"], "belongs to the programme"),
        (["no-such-study"], "no-such-study"),
    ],
)
def test_what_cannot_be_is_refused(words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["calibrate", *words]) == 2
    assert told in capsys.readouterr().err
