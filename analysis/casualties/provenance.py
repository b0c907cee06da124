"""Where figures come from and what made them: source records, hashes, the manifest of a report."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import InputError

__all__ = ["SourceRecord", "file_sha256", "tree_sha256"]

# How the version of a record names the day of a replay.
REPLAYED = "replayed as of "


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Who provides a table, under which licence, what it covers and which bytes it is.

    Parameters
    ----------
    name : str
        Short name, used in captions and tables, e.g. ``"UCDP GED"``.
    provider, title, version, licence, attribution, url : str, optional
        As the provider states them; `attribution` is the line to print beside figures.
    changes : str, optional
        What was changed between the provider's file and this one.
    file : str, optional
        File name (never a path).
    sha256 : str, optional
        Hash of the file's bytes.
    accessed : str, optional
        ISO date on which the provider's file was taken.
    coverage_start, coverage_end : str, optional
        ISO dates of the first and last day that the source covers.
    scope : str, optional
        Whom and where the source counts, in words.
    redistributable : bool, optional
        Whether rows may be passed on (attached to a report, exported).

    Examples
    --------
    >>> SourceRecord(name="UCDP GED", licence="CC BY 4.0").licence
    'CC BY 4.0'
    """

    name: str
    provider: str = ""
    title: str = ""
    version: str = ""
    licence: str = ""
    attribution: str = ""
    url: str = ""
    changes: str = ""
    file: str = ""
    sha256: str = ""
    accessed: str = ""
    coverage_start: str = ""
    coverage_end: str = ""
    scope: str = ""
    redistributable: bool = False
    notes: tuple[str, ...] = field(default=())

    def coverage(self, first: pd.Timestamp, last: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Give the first and last day covered: as the record states, else those given (of the data themselves)."""
        return pd.Timestamp(self.coverage_start or first), pd.Timestamp(self.coverage_end or last)

    @property
    def replay_day(self) -> str:
        """Of a replay: the day on whose evening everything is told as it was known; else empty."""
        return self.version.partition(REPLAYED)[2][:10]

    def replayed(
        self, day: pd.Timestamp, covered: tuple[pd.Timestamp, pd.Timestamp], notes: tuple[str, ...], coded: str = ""
    ) -> SourceRecord:
        """Give the record of a replay: its version names the day, its coverage ends with it.

        Parameters
        ----------
        day : Timestamp
            The day of the replay.
        covered : tuple of Timestamp
            First and last day that the whole source covers.
        notes : tuple of str
            All notes of the replay.
        coded : str
            What else its version says.
        """
        first, last = covered
        return replace(
            self,
            version=f"{self.version}{', ' if self.version else ''}{REPLAYED}{day.date()}{coded}",
            coverage_start=str(first.date()),
            coverage_end=str(max(first, min(last, day)).date()),
            notes=notes,
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the record as plain values, for a manifest."""
        return asdict(self)


def file_sha256(path: str | Path) -> str:
    """Give the SHA-256 of a file's bytes as hexadecimal.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError("the file cannot be read", file=str(path), remedy="check the path") from error


def tree_sha256(root: str | Path, patterns: tuple[str, ...]) -> str:
    """Give one SHA-256 over every file below a folder that matches a pattern.

    Names (relative, with forward slashes) and contents both count; line ends are read as they stand.

    Parameters
    ----------
    root : str or Path
        The folder.
    patterns : tuple of str
        Glob patterns such as ``"**/*.py"``.

    Returns
    -------
    str
        Hexadecimal digest; the same for the same files on any machine.
    """
    base = Path(root)
    files = {path for pattern in patterns for path in base.glob(pattern) if path.is_file()}
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda item: item.relative_to(base).as_posix()):
        name = path.relative_to(base).as_posix()
        digest.update(f"{name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()
