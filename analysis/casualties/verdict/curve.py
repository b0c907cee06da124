"""The specification curve: every reasonable choice with its answer, and how many of them say the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from casualties.results import Basis, Result
from casualties.verdict.choices import AXES
from casualties.verdict.decision import told
from casualties.verdict.influence import share_of_variance
from casualties.verdict.reading import READINGS, Row
from casualties.verdict.variations import Variation

__all__ = ["CURVE_COLUMNS", "SpecificationCurve", "curve_of"]

_ANSWER = ["quantity", "value", "low", "high", "unit", "date", "date_low", "date_high", "reading", "reason"]
CURVE_COLUMNS = ["number", "source", *AXES, *_ANSWER, "declared"]
_DATES = ["date", "date_low", "date_high"]


@dataclass(frozen=True, slots=True, eq=False)
class SpecificationCurve(Result):
    """Every reasonable choice and what it says.

    Parameters
    ----------
    basis : Basis
        What was asked, of which days.
    frame : DataFrame
        One row a specification: ``number, source``, the option on each axis (``victims, estimate, spread, place,
        largest_day, baseline, days, model``; "-" or empty where there is none), ``quantity`` ("ratio" of deaths a day
        after and before, or "growth" a day), ``value, low, high, unit, date, date_low, date_high`` (of the largest
        change; NaT without one), ``reading`` ("rise", "fall", "no change", "not estimable"), ``reason`` (why not
        estimable), ``declared`` (the series is the one that the study declares).
    main : str
        The main source: support and influence are of its specifications.
    left_out : DataFrame
        Combinations that make no series of their own: ``source``, the options, ``reason``.
    names : mapping of str to str
        Words of options that the study names: of its places and baselines.
    """

    basis: Basis
    frame: pd.DataFrame
    main: str
    left_out: pd.DataFrame
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def of_main(self) -> pd.DataFrame:
        """The specifications of the main source."""
        return self.frame[self.frame["source"] == self.main]

    @property
    def support(self) -> pd.DataFrame:
        """How many specifications of the main source read what: ``reading, specifications, share`` (of all)."""
        counts = self.of_main["reading"].value_counts().reindex(list(READINGS), fill_value=0)
        share = counts / max(len(self.of_main), 1)
        return pd.DataFrame({"reading": counts.index, "specifications": counts.to_numpy(), "share": share.to_numpy()})

    @property
    def by_option(self) -> pd.DataFrame:
        """How many say what, of those that can tell: ``axis, option, specifications, rise, fall``."""
        rows = []
        able = told(self.of_main)
        for axis in (each for each in AXES if len(able[each].unique()) > 1):
            for option, part in able.groupby(axis, sort=False):
                if option:
                    readings = part["reading"]
                    rows.append(
                        (axis, str(option), len(part), int((readings == "rise").sum()), int((readings == "fall").sum()))
                    )
        return pd.DataFrame(rows, columns=["axis", "option", "specifications", "rise", "fall"])

    @property
    def influence(self) -> pd.DataFrame:
        """Which axis moves the ratio most: ``axis, options, share`` of the variance of its logarithm."""
        ratios = self.of_main[self.of_main["quantity"] == "ratio"]
        values = ratios["value"].where(ratios["value"] > 0)
        return share_of_variance(ratios, values.map(math.log, na_action="ignore"), AXES)

    @property
    def influence_on_growth(self) -> pd.DataFrame:
        """Which axis moves the growth rate most: ``axis, options, share`` of its variance."""
        growth = self.of_main[self.of_main["quantity"] == "growth"]
        return share_of_variance(growth, growth["value"].astype(float), AXES)

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [
            f"{len(self.frame)} specifications, {len(self.of_main)} of them of {self.main}",
            *self.basis.lines()[2:],
            "",
        ]
        lines += [f"  {row.reading}: {row.specifications} ({row.share:.0%})" for row in self.support.itertuples()]
        shares = [f"{str(row.axis).replace('_', ' ')} {row.share:.0%}" for row in self.influence.itertuples()]
        if shares:
            lines.append(f"Variance of the logarithm of the ratio, by choice: {', '.join(shares)}")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Give the specifications, one row each."""
        return self.frame.copy()


def curve_of(
    basis: Basis, main: str, variations: Sequence[Variation], rows: Sequence[Sequence[Row]], left_out: pd.DataFrame
) -> SpecificationCurve:
    """Put the readings of every series together.

    Parameters
    ----------
    basis : Basis
        What was asked.
    main : str
        The main source.
    variations : sequence of Variation
        The series.
    rows : sequence of sequence of dict
        What was read in each (`casualties.verdict.reading.read_series`).
    left_out : DataFrame
        Combinations that make no series.
    """
    found: list[dict[str, Any]] = [
        {"source": variation.source, **variation.options, **row, "declared": variation.declared}
        for variation, read in zip(variations, rows, strict=True)
        for row in read
    ]
    frame = pd.DataFrame(found).assign(number=range(len(found)))[CURVE_COLUMNS]
    for name in _DATES:
        frame[name] = pd.to_datetime(frame[name], errors="coerce")
    for name in ("value", "low", "high"):
        frame[name] = frame[name].astype(float)
    return SpecificationCurve(basis, frame, main, left_out)
