"""The bundled report says what its study gives now, and a study of one's own becomes a report by its folder alone."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from casualties.report.build import build_report, run_study, study_notebooks
from casualties.report.notebook import collect_facts
from casualties.report.verify import verify_report
from casualties.study import load_study

# Facts are stored with ten significant digits; another processor may round the last ones differently.
RELATIVE = 1e-6

STUDY = """
[study]
name = "own"
title = "An invented list"
subtitle = "Made for a test"
place = "Nowhere"
period = "2021"
data_as_of = "2022-01-01"
version = "1"
version_date = "2022-01-02"

[sources.list]
file = "list.csv"
format = "ucdp-ged"
name = "Invented list"
licence = "public domain"

[series.everybody]
source = "list"
start = "2021-01-01"
end = "2021-06-30"
spread = "even"
missing_days = "zero"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Give a folder with the smallest study: one list of events, one series, and no other choice."""
    folder = tmp_path / "own"
    folder.mkdir()
    names = ["id", "type_of_violence", "date_prec", "date_start", "date_end", "side_a", "side_b", "adm_1"]
    names += ["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "low", "best", "high"]
    rng = np.random.default_rng(7)
    with (folder / "list.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(names)
        for number, day in enumerate(np.arange("2021-01-01", "2021-07-01", dtype="datetime64[D]")):
            dead = int(rng.poisson(3 if number < 90 else 9))
            table.writerow([number, 1, 1, day, day, "North", "South", "Middle", 0, 0, dead, 0, dead, dead, dead])
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_bundled_report_says_what_its_study_gives(root):
    tracked = {fact["key"]: fact for fact in json.loads((root / "reports/idlib-2019/facts.json").read_text("utf-8"))}
    computed = collect_facts(run_study(load_study("idlib-2019"), study_notebooks(), progress=False))
    assert sorted(tracked) == sorted(computed)
    for key, fact in computed.items():
        for name, value in fact.to_dict().items():
            stored = tracked[key][name]
            if isinstance(value, float):
                assert value == pytest.approx(stored, rel=RELATIVE, abs=1e-12), (key, name)
            else:
                assert value == stored, (key, name)


@pytest.mark.slow
def test_a_study_of_ones_own_becomes_a_report(own, tmp_path):
    study = load_study(own)
    paths = build_report(study, tmp_path / "reports" / "own", progress=False)
    assert paths.pdf.read_bytes().startswith(b"%PDF")
    assert "An invented list" in paths.html.read_text(encoding="utf-8")
    facts = {fact["key"]: fact for fact in json.loads(paths.facts.read_text(encoding="utf-8"))}
    assert facts["main.total"]["value"] == int(study.series("everybody").total.value)
    # The rate was tripled on 1 April: the step is found, within its own date set.
    assert facts["all.found"]["value"] == 1
    verification = verify_report(paths.folder, study, progress=False)
    assert verification.holds, verification.findings
    with (own / "list.csv").open("a", encoding="utf-8") as stream:
        stream.write("999,1,1,2021-06-30,2021-06-30,North,South,Middle,0,0,1,0,1,1,1\n")
    changed = verify_report(paths.folder, load_study(own), progress=False)
    assert not changed.holds
    assert any("Invented list" in line or "list.csv" in line for line in changed.findings)


@pytest.mark.slow
def test_a_replay_says_so_on_its_first_page_and_is_verified_as_one(own, tmp_path):
    study = load_study(own)
    replay = study.replay("2021-05-15")
    paths = build_report(replay, tmp_path / "reports" / "own", progress=False)
    page = BeautifulSoup(paths.html.read_bytes(), "html.parser")
    head = page.select_one("header").get_text(" ")
    assert "1 January 2021 to 15 May 2021" in head
    assert "as known on 15 May 2021, replayed" in head
    notice = page.select_one(".callout").get_text()
    assert notice.strip().startswith(
        "This is a replay of what was known on the evening of 15 May 2021, made from data of"
    )
    assert "It cannot show how the count of an event grew" in notice
    provenance = page.select_one(".provenance").get_text()
    assert "casualties report own --as-of 2021-05-15" in provenance
    assert "casualties verify reports/own-as-of-2021-05-15" in provenance
    facts = {fact["key"]: fact for fact in json.loads(paths.facts.read_text(encoding="utf-8"))}
    assert facts["main.total"]["value"] == int(
        study.series("everybody").between("2021-01-01", "2021-05-15").total.value
    )
    manifest = json.loads(paths.manifest.read_text(encoding="utf-8"))
    assert manifest["study"]["as_of"] == "2021-05-15"
    verification = verify_report(paths.folder, replay, progress=False)
    assert verification.holds, verification.findings
    other = verify_report(paths.folder, study, notebooks=study_notebooks()[:1], progress=False)
    assert "study as of: 2021-05-15 in the manifest,  now" in other.findings
