"""One call from notebooks to a finished report: made aside, and moved into place only when all is well."""

from __future__ import annotations

import mimetypes
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from casualties.errors import InputError, ReportError
from casualties.provenance import file_sha256
from casualties.report.execute import ExecutedNotebook, execute_notebooks, reader_copy
from casualties.report.facts import Fact, date_text
from casualties.report.manifest import OUTPUTS, json_bytes, make_manifest, report_id
from casualties.report.markdown import Written, prose_to_typst
from casualties.report.notebook import Front, Manuscript, collect_facts, collect_front, notebooks_to_typst
from casualties.report.subject import Subject
from casualties.report.typeset import bibliography_keys, template_file, typeset

__all__ = [
    "AS_OF",
    "PARAMETER",
    "ReportPaths",
    "build_report",
    "facts_bytes",
    "notebooks_folder",
    "run_study",
    "study_notebooks",
]

# The variables that a notebook's cell tagged "parameters" sets to the study it shows, and to the day of a replay.
PARAMETER, AS_OF = "STUDY", "AS_OF"
_SHOWN_SOFTWARE = ("numpy", "scipy", "pandas", "statsmodels", "matplotlib", "typst")
_SHORT = 12
# What a drafted study has in place of words that only its maker knows, and what a title page says then.
NOT_STATED, AREA_NOT_STATED = "not stated", "area not stated"


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where the parts of a report are.

    Parameters
    ----------
    folder, pdf, html, facts, manifest : Path
        The report's folder and its files.
    notebooks : tuple of Path
        Executed copies of the notebooks.
    """

    folder: Path
    pdf: Path
    html: Path
    facts: Path
    manifest: Path
    notebooks: tuple[Path, ...]


def build_report(
    study: Subject, out: str | Path, *, notebooks: Sequence[Path] | None = None, progress: bool = True
) -> ReportPaths:
    """Make the report of a study.

    Parameters
    ----------
    study : Subject
        The study.
    out : str or Path
        Folder for the report; it is made where it does not exist.
    notebooks : sequence of Path, optional
        The notebooks in reading order; those of the project where none are given.
    progress : bool, optional
        Whether to show progress on stderr.

    Returns
    -------
    ReportPaths
        What was written.

    Raises
    ------
    InputError
        If the data cannot be used; the message is that of the failing notebook.
    ReportError
        If a notebook fails or something cannot be set. An earlier report in `out` stays as it was.
    """
    target = Path(out).resolve()
    books = list(notebooks) if notebooks is not None else study_notebooks()
    manifest = make_manifest(study, books)
    executed = run_study(study, books, progress=progress)
    facts = collect_facts(executed)
    page = collect_front(executed)
    text = notebooks_to_typst(executed, facts, bibliography_keys())
    made = {"facts.json": facts_bytes(facts)}
    manifest["report_id"] = report_id(manifest, made["facts.json"])
    _make_folder(target)
    stage = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        project = stage / "project"
        _write_project(project, study, page, text, manifest)
        made["report.pdf"] = typeset(project, "main.typ", date=study.version_date, target="pdf")
        made["report.html"] = typeset(project, "main.typ", date=study.version_date, target="html")
        made |= {f"notebooks/{book.name}.ipynb": reader_copy(book) for book in executed}
        _refuse_paths(made, study)
        finished = stage / "report"
        for name, content in made.items():
            _write(finished / name, content)
        manifest["outputs"] = {name: file_sha256(finished / name) for name in OUTPUTS}
        made["manifest.json"] = json_bytes(manifest)
        _write(finished / "manifest.json", made["manifest.json"])
        _move(finished, target, list(made))
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    copies = tuple(target / "notebooks" / f"{book.name}.ipynb" for book in executed)
    html, pdf = target / "report.html", target / "report.pdf"
    return ReportPaths(target, pdf, html, target / "facts.json", target / "manifest.json", copies)


def run_study(study: Subject, notebooks: Sequence[Path], *, progress: bool = True) -> list[ExecutedNotebook]:
    """Run a study's notebooks.

    The kernels stand in the folder that holds the study's folder and are given its name, so that no path of this
    machine enters a notebook.

    Parameters
    ----------
    study : Subject
        The study.
    notebooks : sequence of Path
        The notebooks in reading order.
    progress : bool, optional
        Whether to show progress on stderr.

    Raises
    ------
    InputError
        If the study's folder does not exist, it declares no series, or a notebook cannot show a replay.
    ReportError
        If a notebook fails.
    """
    folder = study.folder.resolve()
    if not folder.is_dir():
        raise InputError("the study's folder does not exist", file=str(study.folder), remedy="check the path")
    if study.settings.get("main_series") == "":
        raise InputError(
            "the study declares no daily series, and a report is about one",
            file="study.toml",
            remedy="declare a [series.NAME] of a list of events or a feed",
        )
    for path in notebooks if study.as_of else ():
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if PARAMETER in text and f"={AS_OF}" not in text:
            raise InputError(
                "the notebook shows a study and could not show its replay",
                file=path.name,
                remedy=f'set {AS_OF} = "" beside {PARAMETER} and call load_study({PARAMETER}, as_of={AS_OF})',
            )
    parameters = {PARAMETER: f"./{folder.name}", AS_OF: study.as_of}
    return execute_notebooks(notebooks, parameters=parameters, folder=folder.parent, progress=progress)


def notebooks_folder() -> Path:
    """Find the project's notebooks: inside an installed package, or beside the source in a clone.

    Raises
    ------
    ReportError
        If they are in neither place.
    """
    package = Path(str(files("casualties")))
    for folder in (package / "notebooks", package.parents[1] / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise ReportError("the notebooks are not with the package", remedy="install it again, or work in a clone")


def study_notebooks() -> list[Path]:
    """Give the project's notebooks in reading order."""
    return sorted(notebooks_folder().glob("*.ipynb"))


def facts_bytes(facts: Mapping[str, Fact]) -> bytes:
    """Write facts as they stand in ``facts.json``: a list sorted by key."""
    return json_bytes([facts[key].to_dict() for key in sorted(facts)])


def _write_project(project: Path, study: Subject, page: Front, text: Manuscript, manifest: Mapping[str, Any]) -> None:
    for name in ("template.typ", "report.css", "references.bib"):
        _write(project / name, template_file(name))
    for name, content in text.images.items():
        _write(project / name, content)
    attachments = []
    for name, content, description in study.attachments():
        _write(project / name, content)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        attachments.append({"file": name, "mime": kind, "description": description})
    _write(project / "meta.json", json_bytes({**_meta(study, manifest), "attachments": attachments}))
    _write(project / "main.typ", _main(page, text, _notice(study)).encode())


def _main(page: Front, text: Manuscript, notice: str) -> str:
    tiles = ", ".join(f"([{_line(value).typst}], [{_line(label).typst}], {len(value)})" for value, label in page.tiles)
    standfirst = f"[{_line(page.standfirst).typst}]" if page.standfirst else "none"
    words = f"[{_line(notice).typst}]" if notice else "none"
    cited = any(not name.startswith(("fig-", "tbl-", "sec-", "eq-")) for name in text.references)
    return "\n".join(
        [
            '#import "template.typ": *',
            f'#show: report.with(json("meta.json"), verdict: [{_line(page.verdict).typst}], '
            f"standfirst: {standfirst}, notice: {words}, tiles: ({tiles},))",
            *(f"#show <{label}>: set block(breakable: true)" for label in text.long_tables),
            "",
            text.typst,
            '#bibliography("references.bib", title: "References", style: "chicago-author-date")' if cited else "",
            "",
        ]
    )


def _line(words: str) -> Written:
    written = prose_to_typst(words)
    if written.references:
        raise ReportError(f"the first page refers to {written.references[0]!r}", remedy="say it there in full")
    return written


def _notice(study: Subject) -> str:
    """Say of a replay what it is, and what it can and cannot show; empty where the study is none."""
    if not study.as_of:
        return ""
    return (
        f"**This is a replay of what was known on the evening of {date_text(study.as_of)},** made from data of "
        f"{date_text(study.data_as_of)}. An event is known from the date of its first document (without a usable one, "
        "from its last day), a report from the day on which it was made, a published figure from the day of its "
        "publication. A replay shows which events, reports and figures had not come in yet; its last days are "
        "therefore the least complete, and a fall there may be lateness. It cannot show how the count of an event "
        "grew, which sources were added to it or what was withdrawn since: these stand here as they were in the end. "
        "At best this much was known that day."
    )


def _meta(study: Subject, manifest: Mapping[str, Any]) -> dict[str, Any]:
    place = AREA_NOT_STATED if study.place == NOT_STATED else study.place
    about = ", ".join(part for part in (place, study.period) if part)
    return {
        "kicker": "Conflict-trend report",
        "title": study.title,
        "short_title": study.title,
        "subtitle": study.subtitle,
        "place": place,
        "period": study.period,
        "description": f"{study.title}: {study.subtitle}. {about}." if about else f"{study.title}: {study.subtitle}.",
        "keywords": ["recorded deaths", "conflict trends", "casualty recording"],
        "lang": "en",
        "data_as_of": study.data_as_of,
        "as_of": study.as_of,
        "version": study.version,
        "version_date": study.version_date,
        "report_id": manifest["report_id"],
        "provenance": _provenance(study, manifest),
    }


def _provenance(study: Subject, manifest: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the box as pairs of a name and its lines, each line as words and a code."""
    inputs = [
        (
            ", ".join(part for part in (record["name"] or name, record["version"], record["licence"]) if part),
            record["sha256"][:_SHORT],
        )
        for name, record in manifest["inputs"].items()
    ]
    software = ", ".join(f"{name} {manifest['software'][name]}" for name in _SHOWN_SOFTWARE)
    seed = manifest["seed"]
    option = f" --as-of {study.as_of}" if study.as_of else ""
    again = ("", f"./run report {study.name}{option}")
    # With the day the command is too long to stand behind words.
    clone = [("in a clone:", ""), again] if option else [("in a clone:", again[1])]
    folder = f"reports/{study.name}{f'-as-of-{study.as_of}' if study.as_of else ''}"
    return [
        ("data as of", [(date_text(study.data_as_of), "")]),
        *([("known on", [(date_text(study.as_of), "")])] if study.as_of else []),
        ("inputs", inputs or [("none", "")]),
        ("package", [(f"casualties {manifest['package']['version']}", "")]),
        ("source", [("SHA-256", manifest["source_sha256"][:32] + "…")]),
        ("software", [(software, "")]),
        ("seed", [("none: nothing is drawn at random" if seed is None else str(seed), "")]),
        ("make it again", [("", f"casualties report {study.name}{option}"), *clone]),
        ("check it", [("", f"casualties verify {folder}")]),
        ("report", [("", manifest["report_id"])]),
    ]


def _refuse_paths(made: Mapping[str, bytes], study: Subject) -> None:
    """Stop a report that would show where it was made."""
    places = {str(study.folder.resolve()), sys.prefix, str(files("casualties"))}
    for name, content in made.items():
        for place in places:
            if place.encode() in content:
                raise ReportError(f"{name} would hold a path of this machine: {place}", remedy="print file names only")


def _make_folder(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise InputError("this is a file, not a folder", file=str(target), remedy="choose another folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder cannot be made: {error.strerror}", file=str(target)) from None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _move(finished: Path, target: Path, names: Sequence[str]) -> None:
    """Put each file in its place at once; the manifest comes last, so that a broken move is noticed."""
    for name in sorted(names, key=lambda item: (item == "manifest.json", item)):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(finished / name, target / name)
    for stale in (target / "notebooks").glob("*.ipynb"):
        if f"notebooks/{stale.name}" not in names:
            stale.unlink()
