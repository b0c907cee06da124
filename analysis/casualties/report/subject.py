"""What a report needs to know of its study: a protocol, so that this package depends on no loader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from casualties.provenance import SourceRecord

__all__ = ["Subject"]


class Subject(Protocol):
    """The study that a report is about.

    ``data_as_of`` and ``version_date`` are ISO dates; ``settings`` holds at least ``seed`` and ``level`` where chance
    and intervals enter; ``attachments()`` gives file name, bytes and description of each table that its licence
    allows to pass on with the PDF.
    """

    @property
    def name(self) -> str:
        """Short name, also the name of the report's folder."""

    @property
    def title(self) -> str:
        """Title of the report."""

    @property
    def subtitle(self) -> str:
        """Line below the title."""

    @property
    def place(self) -> str:
        """Where, in words."""

    @property
    def period(self) -> str:
        """When, in words."""

    @property
    def data_as_of(self) -> str:
        """Date of the data."""

    @property
    def as_of(self) -> str:
        """Day on whose evening everything is told as it was known; empty where the study is no replay."""

    @property
    def version(self) -> str:
        """Version of the study's report."""

    @property
    def version_date(self) -> str:
        """Date of this version of the study; the report's only date of its own."""

    @property
    def folder(self) -> Path:
        """Folder that holds the study's files."""

    @property
    def records(self) -> Mapping[str, SourceRecord]:
        """Sources by name."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Declared choices."""

    def attachments(self) -> Sequence[tuple[str, bytes, str]]:
        """Give the tables to attach."""
