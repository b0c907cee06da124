"""The whole way, from invented data and two notebooks to PDF, HTML, facts and manifest, and back by verification."""

import json
import re
import shutil
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from report_study import NOTEBOOKS, make_study

from casualties.errors import InputError, ReportError
from casualties.provenance import file_sha256
from casualties.report import build_report, verify_report
from casualties.report.build import notebooks_folder
from casualties.report.manifest import json_bytes
from casualties.report.typeset import bibliography_keys, template_file, typeset

BOOKS = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("studies") / "sample")


@pytest.fixture(scope="module")
def report(study, tmp_path_factory):
    return build_report(study, tmp_path_factory.mktemp("reports") / "sample", notebooks=BOOKS, progress=False)


@pytest.fixture
def copied(report, study, tmp_path):
    """Give a report and its study that a test may spoil."""
    shutil.copytree(report.folder, tmp_path / "report")
    shutil.copytree(study.folder, tmp_path / "studies" / "sample")
    return tmp_path / "report", replace(study, folder=tmp_path / "studies" / "sample")


def streams(pdf: bytes) -> bytes:
    """Give a PDF's bytes with its compressed streams opened."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_the_parts_of_a_report(report):
    assert report.pdf.read_bytes().startswith(b"%PDF-1.7")
    names = {path.relative_to(report.folder).as_posix() for path in report.folder.rglob("*") if path.is_file()}
    books = {f"notebooks/{path.name}" for path in BOOKS}
    assert names == {"report.pdf", "report.html", "facts.json", "manifest.json"} | books
    assert [path.name for path in report.folder.parent.iterdir()] == ["sample"]


def test_the_pdf_is_accessible_archival_and_carries_its_data(report, study):
    content = streams(report.pdf.read_bytes())
    assert b"pdfuaid:part" in content
    assert re.search(rb"pdfaid:part>3<", content)
    assert re.search(rb"pdfaid:conformance>A<", content)
    assert (study.folder / "daily.csv").read_bytes() in content
    assert b"/AFRelationship/Data" in content.replace(b" ", b"")


def test_arabic_in_the_pdf_maps_back_to_its_letters(report):
    content = streams(report.pdf.read_bytes()).upper()
    for letter in "معرةالنعمان":
        assert f"<{ord(letter):04X}>".encode() in content


def test_the_page_for_browsers_stands_alone(report):
    page = BeautifulSoup(report.html.read_bytes(), "html.parser")
    assert page.html["lang"] == "en-GB"
    assert page.find("meta", attrs={"name": "viewport"})
    assert not page.find_all(["script", "link", "iframe"])
    images = page.find_all("img")
    assert len(images) == 2
    assert all(image["src"].startswith("data:image/svg+xml") and image["alt"] for image in images)
    assert [cell.get_text() for cell in page.select(".tiles b")] == ["2.4", "27 April", "588", "3 of 4"]
    assert page.select_one(".verdict").get_text().startswith("Recorded deaths rose 2.4-fold (1.8–3.3) around 27 April")
    assert "1 What is counted" in page.select_one("nav.contents").get_text(" ").replace("  ", " ")
    assert all(table.find_parent(class_="table-box") for table in page.find_all("table"))
    assert "معرة النعمان" in [item.get_text() for item in page.find_all("bdi", lang="ar")]
    captions = [caption.get_text(" ", strip=True) for caption in page.find_all("figcaption")]
    assert captions[1].startswith("Figure 1 Recorded deaths a day, 818 in all.")
    provenance = page.select_one(".provenance").get_text(" ")
    assert "casualties report sample" in provenance
    assert study_hash(report) in provenance


def study_hash(report):
    return json.loads(report.manifest.read_bytes())["inputs"]["List A"]["sha256"][:12]


def test_facts_are_listed_by_key(report):
    facts = json.loads(report.facts.read_bytes())
    keys = [fact["key"] for fact in facts]
    assert keys == sorted(keys)
    by_key = {fact["key"]: fact for fact in facts}
    assert by_key["all.deaths"]["value"] == 818
    assert by_key["change.date"]["low"] == "2019-04-24"
    assert by_key["growth"] == {
        "key": "growth",
        "value": None,
        "low": None,
        "high": None,
        "level": None,
        "unit": "",
        "text": "not estimable (fewer than 14 observed days)",
        "label": "growth rate",
        "source": "Invented list",
        "method": "sum of the daily series",
        "window": "",
    }


def test_the_manifest_names_what_the_report_rests_on(report, study):
    content = report.manifest.read_bytes()
    manifest = json.loads(content)
    assert content == json_bytes(manifest)
    assert manifest["outputs"] == {
        name: file_sha256(report.folder / name) for name in ("facts.json", "report.html", "report.pdf")
    }
    assert manifest["inputs"]["List A"]["sha256"] == file_sha256(study.folder / "daily.csv")
    assert manifest["study"]["files"] == {"study.toml": file_sha256(study.folder / "study.toml")}
    assert manifest["seed"] == 20190427
    assert "python" not in manifest["software"]
    assert manifest["report_id"].encode() in streams(report.pdf.read_bytes()) + report.html.read_bytes()


@pytest.mark.slow
def test_twice_gives_the_same_bytes_anywhere(report, tmp_path):
    again = build_report(
        make_study(tmp_path / "elsewhere" / "sample"), tmp_path / "out", notebooks=BOOKS, progress=False
    )
    for path in sorted(report.folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(report.folder)
            assert path.read_bytes() == (again.folder / name).read_bytes(), name


def test_no_output_shows_where_or_when_it_was_made(report, study):
    import socket

    places = [str(study.folder), str(study.folder.parents[1]), sys.prefix, str(Path(__file__).parents[1]), "/tmp/"]
    for path in report.folder.rglob("*"):
        if path.is_file():
            content = streams(path.read_bytes())
            for place in places:
                assert place.encode() not in content, (path.name, place)
            host = socket.gethostname().encode()
            # A host's name of a few letters occurs by chance in compressed fonts and pictures.
            assert len(host) < 6 or not re.search(
                rb"(?<![A-Za-z0-9])" + re.escape(host) + rb"(?![A-Za-z0-9])", content
            ), path.name
    assert b"CreationDate(D:20191215" in streams(report.pdf.read_bytes()).replace(b" ", b"")


@pytest.mark.slow
def test_verification_holds_and_then_names_each_change(copied):
    folder, study = copied
    assert verify_report(folder, study, notebooks=BOOKS, progress=False).holds
    lines = (study.folder / "daily.csv").read_text().splitlines()
    (study.folder / "daily.csv").write_text("\n".join([*lines[:-1], lines[-1].replace(",", ",1", 1)]) + "\n")
    before = file_sha256(folder / "report.pdf")
    with (folder / "report.pdf").open("ab") as stream:
        stream.write(b" ")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["software"]["pandas"] = "2.0"
    (folder / "manifest.json").write_bytes(json_bytes(manifest))
    found = verify_report(folder, study, notebooks=BOOKS, progress=False)
    assert not found.holds
    old, new = study.records["List A"].sha256, file_sha256(study.folder / "daily.csv")
    assert f"input List A (daily.csv): {old} in the manifest, {new} now" in found.findings
    assert any(line.startswith(f"output report.pdf: its bytes were changed ({before[:12]}") for line in found.findings)
    assert any(line.startswith("software pandas: 2.0 in the manifest,") for line in found.findings)
    changed = [line for line in found.findings if line.startswith("fact ")]
    assert [line.split(":")[0] for line in changed] == ["fact all.deaths", "fact deaths.after"]
    assert changed[0].startswith("fact all.deaths: value 818 in the report,")


def test_verification_names_the_input_that_stops_a_notebook(copied):
    folder, study = copied
    (study.folder / "daily.csv").write_text("date\n2019-01-01\n")
    found = verify_report(folder, study, notebooks=BOOKS[:1], progress=False)
    assert any(line.startswith("input List A (daily.csv)") for line in found.findings)
    assert any(
        line.startswith("the facts could not be computed again: notebook 01_sample_data") for line in found.findings
    )
    with pytest.raises(InputError, match="there is no report here"):
        verify_report(folder / "nowhere", study, notebooks=BOOKS)


def test_a_failure_leaves_the_earlier_report(copied, tmp_path):
    folder, study = copied
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    bad = tmp_path / "03_bad.ipynb"
    cells = [
        new_markdown_cell("> [!CAUTION]\n> Invented."),
        new_code_cell(
            "from casualties.report import Facts\nfacts = Facts('A', 'b')\nfacts.add('n', 1, label='n')\n"
            "facts.front(verdict='V.', tiles=[('n', 'things')])"
        ),
        new_code_cell(
            "#| label: tbl-wide\n#| tbl-cap: Too wide.\nimport pandas as pd\n"
            "pd.DataFrame([['unbreakable' * 3] * 12], columns=[f'c{i}' for i in range(12)])"
        ),
    ]
    nbformat.write(new_notebook(cells=cells), bad)
    with pytest.raises(ReportError, match="table of 13 columns is too wide for the page at 6pt"):
        build_report(study, folder, notebooks=[bad], progress=False)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["03_bad.ipynb", "report", "studies"]


def test_a_study_without_folder(study, tmp_path):
    with pytest.raises(InputError, match="the study's folder does not exist"):
        build_report(replace(study, folder=tmp_path / "none"), tmp_path / "out", notebooks=BOOKS)


def test_a_notebook_that_could_not_show_a_replay_is_not_run(study, tmp_path):
    replay = replace(study, as_of="2019-05-01")
    with pytest.raises(
        InputError, match=r"01_sample_data\.ipynb: the notebook shows a study and could not show its rep"
    ):
        build_report(replay, tmp_path / "out", notebooks=BOOKS, progress=False)
    assert not (tmp_path / "out").exists()


def test_every_reference_is_set_and_faults_are_named(tmp_path):
    keys = bibliography_keys()
    assert len(keys) == len(set(keys)) >= 9
    (tmp_path / "references.bib").write_bytes(template_file("references.bib"))
    cited = " ".join(f"#cite(<{key}>)" for key in keys)
    source = f'#set document(title: "x")\n#set text(lang: "en")\n{cited}\n#bibliography("references.bib")'
    (tmp_path / "main.typ").write_text(source)
    assert typeset(tmp_path, "main.typ", date="2019-12-15", target="pdf").startswith(b"%PDF")
    (tmp_path / "main.typ").write_text("#nonsense")
    with pytest.raises(ReportError, match="the pdf cannot be set: unknown variable: nonsense"):
        typeset(tmp_path, "main.typ", date="2019-12-15", target="pdf")


def test_the_project_s_notebooks_are_found(root):
    if not any((root / "notebooks").glob("*.ipynb")):
        with pytest.raises(ReportError, match="the notebooks are not with the package"):
            notebooks_folder()
    else:
        assert notebooks_folder() == root / "notebooks"
