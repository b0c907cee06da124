"""Typst in process: one project, two targets, only the fonts that are declared, no clock."""

from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import typst

from casualties.errors import ReportError

__all__ = ["bibliography_keys", "template_file", "typeset"]

STANDARDS: list[Literal["ua-1", "a-3a"]] = ["ua-1", "a-3a"]
_FONTS = ("fontpkg_amiri", "fontpkg_ibm_plex_sans_arabic")
# Typst calls its HTML target young on every run; the tests hold it in place.
_EXPECTED = re.compile(r"html export|html format|was ignored during HTML export", re.I)


def typeset(folder: Path, main: str, *, date: str, target: Literal["pdf", "html"]) -> bytes:
    """Compile a Typst project.

    Parameters
    ----------
    folder : Path
        Holds the main file and all that it reads.
    main : str
        Name of the main file.
    date : str
        ISO date written into the document.
    target : str
        ``"pdf"`` (PDF/UA-1 and PDF/A-3a together) or ``"html"``.

    Raises
    ------
    ReportError
        If Typst refuses the project or warns about it.
    """
    stamp = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    compiler = typst.Compiler(folder / main, root=folder, font_paths=_fonts(), sys_inputs={"target": target})
    try:
        made, warnings = compiler.compile_with_warnings(
            format=target, pdf_standards=[*STANDARDS] if target == "pdf" else [], timestamp=stamp
        )
    except typst.TypstError as error:
        raise ReportError(f"the {target} cannot be set: {_message(error, folder)}") from None
    faults = [_message(warning, folder) for warning in warnings if not _EXPECTED.search(warning.message)]
    if faults:
        raise ReportError(f"the {target} is not sound: {faults[0]}")
    if not isinstance(made, bytes):
        raise ReportError(f"the {target} came out in pieces")
    return made


def template_file(name: str) -> bytes:
    """Give a file that ships beside this module: the template, the style sheet, the bibliography."""
    return files("casualties.report").joinpath(name).read_bytes()


def bibliography_keys() -> list[str]:
    """Give the citation keys that the bibliography holds."""
    return re.findall(r"^@\w+\{([^,\s]+),", template_file("references.bib").decode(), re.M)


def _fonts() -> typst.Fonts:
    folders = []
    for name in _FONTS:
        found = find_spec(name)
        if found is None or not found.submodule_search_locations:
            raise ReportError(f"the font package {name.replace('_', '-')} is missing", remedy="install it with pip")
        folders.append(Path(found.submodule_search_locations[0]) / "files")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


def _message(problem: typst.TypstError | typst.TypstWarning, folder: Path) -> str:
    hints = f" ({'; '.join(problem.hints)})" if problem.hints else ""
    found = re.search(r"^\s*\d+ [│|] (.*)$", problem.diagnostic or "", re.M)
    near = f"; near: {found[1].strip()[:120]}" if found else ""
    return f"{problem.message}{hints}{near}".replace(str(folder), "").strip()
