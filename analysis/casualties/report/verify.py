"""Does a report still hold: its bytes, inputs, source and software against the manifest, its facts computed again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casualties.errors import CasualtiesError, InputError
from casualties.provenance import file_sha256
from casualties.report.build import run_study, study_notebooks
from casualties.report.manifest import OUTPUTS, json_bytes, make_manifest
from casualties.report.notebook import collect_facts
from casualties.report.subject import Subject

__all__ = ["Verification", "verify_report"]


MANIFEST = ("inputs", "outputs", "settings", "software", "source_sha256", "study")


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found.

    Parameters
    ----------
    findings : tuple of str
        One line for each difference; none where the report holds.
    checked : tuple of str
        One line for each thing that was compared.

    Examples
    --------
    >>> Verification((), ("3 outputs have the bytes that the manifest names",)).holds
    True
    """

    findings: tuple[str, ...]
    checked: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return not self.findings

    @property
    def lines(self) -> tuple[str, ...]:
        """What to print: the findings, or else what was checked."""
        return self.findings or self.checked


def verify_report(
    folder: str | Path, study: Subject, *, notebooks: Sequence[Path] | None = None, progress: bool = True
) -> Verification:
    """Compare a report with what its study and this installation give now.

    Parameters
    ----------
    folder : str or Path
        The report's folder.
    study : Subject
        The study that it is about.
    notebooks : sequence of Path, optional
        The notebooks; those of the project where none are given.
    progress : bool, optional
        Whether to show progress on stderr.

    Returns
    -------
    Verification
        Every difference, named with both values.

    Raises
    ------
    InputError
        If the folder holds no report.
    """
    place = Path(folder)
    old = _load(place / "manifest.json")
    if not isinstance(old, dict) or any(name not in old for name in MANIFEST):
        raise InputError(
            "this is no manifest of a report", file=str(place / "manifest.json"), remedy="make the report again"
        )
    books = list(notebooks) if notebooks is not None else study_notebooks()
    new = make_manifest(study, books)
    findings = [
        *_outputs(place, old),
        *_changes("input", _hashes(old), _hashes(new)),
        *_changes(
            "source", {"package and notebooks": old["source_sha256"]}, {"package and notebooks": new["source_sha256"]}
        ),
        *_changes("software", old["software"], new["software"]),
        *_changes("study", {"as of": old["study"].get("as_of", "")}, {"as of": new["study"]["as_of"]}),
        *_changes("setting", old["settings"], json.loads(json_bytes(new["settings"]))),
    ]
    facts: list[dict[str, Any]] = []
    try:
        facts = [fact.to_dict() for fact in collect_facts(run_study(study, books, progress=progress)).values()]
        printed = _load(place / "facts.json") if (place / "facts.json").is_file() else []
        findings += _facts(printed, facts)
    except CasualtiesError as error:  # a changed input may stop a notebook; what changed is still to be named
        findings.append(f"the facts could not be computed again: {error}")
    checked = (
        f"{len(OUTPUTS)} outputs have the bytes that the manifest names",
        f"{len(_hashes(new))} inputs are unchanged",
        "the source of package and notebooks is unchanged",
        f"{len(new['software'])} packages have the versions that the manifest names",
        f"{len(facts)} facts were computed again and are the same",
    )
    return Verification(tuple(findings), checked)


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError("there is no report here", file=str(path), remedy="make it with 'casualties report'") from None
    except ValueError as error:
        raise InputError(f"this is not JSON: {error}", file=str(path), remedy="make the report again") from None


def _outputs(place: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, expected in sorted(manifest["outputs"].items()):
        if not (place / name).is_file():
            yield f"output {name}: missing"
            continue
        found = file_sha256(place / name)
        if found != expected:
            yield f"output {name}: its bytes were changed ({expected[:12]} in the manifest, {found[:12]} now)"


def _hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    inputs = {f"{name} ({entry['file']})": entry["sha256"] for name, entry in manifest["inputs"].items()}
    return inputs | dict(manifest["study"]["files"])


def _changes(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, "absent"), new.get(name, "absent")
        if before != after:
            yield f"{what} {name}: {before} in the manifest, {after} now"


def _facts(printed: Sequence[Mapping[str, Any]], computed: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    old = {str(fact["key"]): fact for fact in printed}
    new = {str(fact["key"]): fact for fact in computed}
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield f"fact {key}: {old[key]['text']} in the report, no longer computed"
        elif key not in old:
            yield f"fact {key}: not in the report, {new[key]['text']} now"
        elif old[key] != new[key]:
            differing = [name for name in new[key] if old[key].get(name) != new[key][name] and name != "text"]
            parts = "; ".join(f"{name} {old[key].get(name)} in the report, {new[key][name]} now" for name in differing)
            yield f"fact {key}: {parts or 'its text differs'}"
