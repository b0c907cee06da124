"""What a report rests on, as one file: inputs, source, software, seed and settings, and the hashes of what came out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from casualties.errors import ReportError
from casualties.provenance import file_sha256, tree_sha256
from casualties.report.subject import Subject

__all__ = ["OUTPUTS", "SOFTWARE", "json_bytes", "make_manifest", "report_id", "software_versions", "source_sha256"]

OUTPUTS = ("facts.json", "report.html", "report.pdf")
# Python itself is not among them: the same packages give the same bytes under every version of it that is supported.
SOFTWARE = (
    *("numpy", "scipy", "pandas", "statsmodels", "matplotlib", "ipykernel", "nbclient", "markdown-it-py"),
    *("beautifulsoup4", "typst", "tylax", "fontpkg-amiri", "fontpkg-ibm-plex-sans-arabic"),
)
_SOURCE = ("*.py", "*.typ", "*.css", "*.bib")
# In a wheel these folders lie inside the package; they are not its source.
_NOT_SOURCE = ("data", "notebooks", "__pycache__")


def source_sha256(notebooks: Sequence[Path]) -> str:
    """Give one SHA-256 over the source of the package and the notebooks.

    Parameters
    ----------
    notebooks : sequence of Path
        The notebooks, all of one folder.
    """
    package = Path(str(files("casualties")))
    folders = sorted(item.name for item in package.iterdir() if item.is_dir() and item.name not in _NOT_SOURCE)
    patterns = (*_SOURCE, *(f"{folder}/**/{kind}" for folder in folders for kind in _SOURCE))
    parts = [tree_sha256(package, patterns)]
    for folder in sorted({path.parent for path in notebooks}):
        parts.append(tree_sha256(folder, tuple(path.name for path in notebooks if path.parent == folder)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def software_versions() -> dict[str, str]:
    """Give the versions of the packages that the bytes of a report depend on."""
    return {name: version(name) for name in SOFTWARE}


def make_manifest(study: Subject, notebooks: Sequence[Path]) -> dict[str, Any]:
    """Gather what a report rests on, before there are outputs.

    Parameters
    ----------
    study : Subject
        The study.
    notebooks : sequence of Path
        The notebooks.

    Returns
    -------
    dict
        With an empty ``outputs``.
    """
    declared = study.folder / "study.toml"
    return {
        "study": {
            "name": study.name,
            "title": study.title,
            "data_as_of": study.data_as_of,
            "as_of": study.as_of,
            "version": study.version,
            "version_date": study.version_date,
            "files": {declared.name: file_sha256(declared)} if declared.is_file() else {},
        },
        "package": {"name": "casualties", "version": version("casualties")},
        "source_sha256": source_sha256(notebooks),
        "inputs": {name: _input(study, name) for name in study.records},
        "software": software_versions(),
        "seed": study.settings.get("seed"),
        "settings": dict(study.settings),
        "outputs": {},
    }


def report_id(manifest: Mapping[str, Any], facts: bytes) -> str:
    """Give the short name of a report: twelve digits of a hash over what it rests on and the facts it states."""
    body = {name: value for name, value in manifest.items() if name not in ("outputs", "report_id")}
    return hashlib.sha256(json_bytes(body) + facts).hexdigest()[:12]


def json_bytes(value: Any) -> bytes:
    """Write plain values as JSON: sorted keys, two spaces, a newline at the end.

    Raises
    ------
    ReportError
        If a value has no JSON form or is not a number.
    """
    try:
        text = json.dumps(_plain(value), ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ReportError(f"a value cannot be written as JSON: {error}") from None
    return (text + "\n").encode()


def _input(study: Subject, name: str) -> dict[str, Any]:
    record = study.records[name].to_dict()
    path = study.folder / str(record["file"])
    if record["file"] and path.is_file():
        record["sha256"] = file_sha256(path)
    return record


def _plain(value: Any) -> Any:
    """Bring mappings, tuples and dates to JSON's own kinds, and floats to ten significant digits."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
