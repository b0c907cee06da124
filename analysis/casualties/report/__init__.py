"""From notebooks to one PDF and one HTML report that carry every figure, hash and version they rest on."""

from casualties.report.build import ReportPaths, build_report
from casualties.report.execute import execute_notebooks
from casualties.report.facts import Fact, Facts
from casualties.report.subject import Subject
from casualties.report.told import Told, leaves_open
from casualties.report.verify import Verification, verify_report

__all__ = [
    "Fact",
    "Facts",
    "ReportPaths",
    "Subject",
    "Told",
    "Verification",
    "build_report",
    "execute_notebooks",
    "leaves_open",
    "verify_report",
]
