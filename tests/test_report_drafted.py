"""What `casualties new --from` drafts becomes a report: it claims nothing that its source does not tell, and says so.

Each file's invented rate rises on its sixtieth day, which every report must find.
"""

import json
import re
from pathlib import Path

import drafted
import layouts
import pytest
from bs4 import BeautifulSoup

from casualties.errors import InputError
from casualties.new_study import new_study
from casualties.report.build import build_report, run_study, study_notebooks
from casualties.report.notebook import collect_facts, collect_front
from casualties.study import load_study

NO_RANGE = "gives no range"
NO_CIVILIANS = "does not tell civilians from the other dead"
NO_AREAS = "names no governorates or other areas"
NOTHING_TO_DRAW = "There is nothing to draw"
# File, its builder, what its report must say, and what it must not say.
FILES = {
    "persons": (
        *("list.xlsx", layouts.victim_list),
        [NO_RANGE, "names no sides", "among them 360 civilians", "by governorate", NOTHING_TO_DRAW, "asked here"],
        [NO_CIVILIANS, NO_AREAS, "either side of an event", "best estimate,", "several days does"],
    ),
    "events": (
        *("events.csv", layouts.event_list),
        [NO_RANGE, "among them 169 civilians", "by governorate and month", "with the civilians among them"],
        [NO_CIVILIANS, NO_AREAS, "by class of victim", "armed sides", "sundberg", "Sundberg"],
    ),
    "daily": (
        *("daily.json", layouts.running_total),
        [
            NO_RANGE,
            NO_CIVILIANS,
            NO_AREAS,
            "gives a running total on 120 days",
            "Every report is used",
            NOTHING_TO_DRAW,
        ],
        ["governorate and month", "events start and end", "169", "armed sides", "two reports give one day"],
    ),
    "acled": (
        *("acled.csv", drafted.acled_export),
        [NO_RANGE, NO_CIVILIANS, "Raleigh et al.", "by area and month", "Every death stands in an event with an area"],
        ["by governorate", "of them civilians", "by class of victim", "armed sides", "Deaths of unknown status"],
    ),
    "best": (
        *("best.csv", drafted.best_only),
        [NO_RANGE, NO_CIVILIANS, NO_AREAS, "names no sides", NOTHING_TO_DRAW],
        [
            "governorate and month",
            "no governorate given",
            "of them civilians",
            "armed sides",
            "Not every death has a place",
        ],
    ),
    "civilians": (
        *("civilians.csv", drafted.civilians_without_sides),
        [
            "450 (255–840)",
            NO_AREAS,
            "among them 77 civilians",
            "drawn 20 times",
            "of several days does",
            "range 255–840",
        ],
        [NO_RANGE, NO_CIVILIANS, NOTHING_TO_DRAW, "armed sides", "by class of victim"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_drafted_study_becomes_a_report(tmp_path, name):
    file, build, said, unsaid = FILES[name]
    deaths = build(tmp_path / file)
    new_study(tmp_path / name, tmp_path / file)
    study = load_study(tmp_path / name)
    paths = build_report(study, tmp_path / "reports" / name, progress=False)
    assert paths.pdf.read_bytes().startswith(b"%PDF")
    facts = {fact["key"]: fact for fact in json.loads(paths.facts.read_text(encoding="utf-8"))}
    assert facts["main.total"]["value"] == deaths == 450
    assert facts["all.found"]["value"] == 1
    low, high = facts["all.largest.date"]["low"], facts["all.largest.date"]["high"]
    assert low <= layouts.days()[60].isoformat() <= high or name == "civilians"
    page = BeautifulSoup(paths.html.read_bytes(), "html.parser")
    text = re.sub(r"\( | \)", lambda found: found[0].strip(), " ".join(page.body.get_text(" ").split()))
    assert [words for words in said if words not in text] == []
    assert [words for words in unsaid if words in text] == []
    # Nothing is counted that is not there, and no table or picture stands empty.
    assert re.findall(r"\b0 (?:governorates|areas|civilians)|not estimable|nan\b|<NA>", text) == []
    assert [table.get_text(" ") for table in page.select("table") if len(table.select("tr")) < 2] == []
    assert all(figure.select("svg, img, table") for figure in page.select("figure"))


@pytest.mark.slow
def test_too_few_days_are_said_to_be_too_few(tmp_path):
    (tmp_path / "list.csv").write_text("Date,Killed\n30/04/2019,3\n02/05/2019,2\n", encoding="utf-8")
    new_study(tmp_path / "own", tmp_path / "list.csv")
    # The notebooks of the models and of the front page: the others ask nothing of the days.
    asked = [book for book in study_notebooks() if book.stem in ("02_escalation", "02_outlook", "04_verdict")]
    executed = run_study(load_study(tmp_path / "own"), asked, progress=False)
    assert collect_front(executed).verdict == (
        "When the rate of recorded deaths in the whole source changed is not estimable "
        "(3 observed days are fewer than 14)."
    )
    assert collect_facts(executed)["all.found"].value == 0


def test_a_study_without_a_series_has_no_report(tmp_path):
    header = "row_id,claimant,period_start,period_end,area,who,value"
    (tmp_path / "totals.csv").write_text(f"{header}\na,Someone,2019-05-01,2019-05-03,Idlib,all,6\n", encoding="utf-8")
    new_study(tmp_path / "own", tmp_path / "totals.csv")
    with pytest.raises(InputError, match=r"study\.toml: the study declares no daily series, and a report is about one"):
        build_report(load_study(tmp_path / "own"), tmp_path / "reports" / "own", progress=False)
    assert not Path(tmp_path / "reports").exists()
