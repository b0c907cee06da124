"""A small invented study for the tests of the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from casualties.provenance import SourceRecord, file_sha256

NOTEBOOKS = Path(__file__).parent / "notebooks"


@dataclass(frozen=True)
class SampleStudy:
    folder: Path
    records: dict[str, SourceRecord]
    settings: dict[str, object] = field(default_factory=lambda: {"seed": 20190427, "level": 0.95})
    name: str = "sample"
    title: str = "Escalation in an invented series"
    subtitle: str = "One list and one model, to test how reports are set"
    place: str = "Nowhere"
    period: str = "1 January to 30 June 2019"
    data_as_of: str = "2019-11-30"
    as_of: str = ""
    version: str = "1.2"
    version_date: str = "2019-12-15"

    def attachments(self) -> list[tuple[str, bytes, str]]:
        return [("daily.csv", (self.folder / "daily.csv").read_bytes(), "Invented deaths and reports, one row a day")]


def make_study(folder: Path) -> SampleStudy:
    """Write the study's files into a folder; the same ones each time."""
    folder.mkdir(parents=True)
    days = pd.date_range("2019-01-01", "2019-06-30", name="date")
    step = np.arange(len(days))
    reports = 3 + step % 4 + (step % 7 == 4)
    deaths = np.where(days < "2019-04-27", step % 5, 4 + (step * 7) % 11)
    pd.DataFrame({"deaths": deaths, "reports": reports}, index=days).to_csv(folder / "daily.csv", lineterminator="\n")
    (folder / "study.toml").write_text('title = "Invented"\n')
    digest = file_sha256(folder / "daily.csv")
    record = SourceRecord("List A", version="1.0", licence="CC BY 4.0", file="daily.csv", sha256=digest)
    return SampleStudy(folder, {"List A": record})
