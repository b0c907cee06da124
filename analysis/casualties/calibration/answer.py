"""The answer of a calibration: what was measured, and what falls short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from casualties.calibration.shortfalls import shortfalls
from casualties.results import Basis, Result

__all__ = ["CalibrationResult"]


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationResult(Result):
    """How far methods kept what they claim, on simulated wars.

    Parameters
    ----------
    basis : Basis
        What the wars are like, how many, and the seed.
    measured : DataFrame
        A table of `casualties.calibration.runner.run_studies`.
    studies : mapping of str to str
        What each study measures, by its name.
    scenarios : mapping of str to mapping of str to str
        By study: what the wars of each of its scenarios are like, by its name.
    """

    basis: Basis
    measured: pd.DataFrame
    studies: Mapping[str, str]
    scenarios: Mapping[str, Mapping[str, str]]

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """What falls short of what is claimed, a sentence each."""
        return tuple(shortfalls(self.measured))

    def coverage(self) -> pd.DataFrame:
        """Give the coverage of every interval.

        The columns are ``study, quantity, scenario, nominal, value, error, width, wars, warned``; ``width`` is the
        median width of the interval.
        """
        keys = ["study", "quantity", "scenario", "nominal"]
        widths = self.measured[self.measured["measure"] == "width"].rename(columns={"median": "width"})
        covered = self.measured[self.measured["measure"] == "covered"]
        table = covered.merge(widths[[*keys, "width"]], on=keys, how="left")
        return table[[*keys, "value", "error", "width", "wars", "warned"]]

    def other(self) -> pd.DataFrame:
        """Give what is no interval: ``study, quantity, measure, scenario, nominal, value, error, median, wars``."""
        rows = self.measured[~self.measured["measure"].isin(["covered", "width", "failed"])]
        columns = ["study", "quantity", "measure", "scenario", "nominal", "value", "error", "median", "wars"]
        return rows[columns].reset_index(drop=True)

    def summary(self) -> str:
        """Give what falls short as text."""
        told = [f"  - {line}" for line in self.shortfalls] or ["  Nothing."]
        known = [line for line in self.basis.lines() if self.basis.start or not line.startswith("Window:")]
        return "\n".join([*known, "", "What falls short:", *told])

    def to_frame(self) -> pd.DataFrame:
        """Give every figure."""
        return self.measured
