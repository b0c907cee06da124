"""A nowcast held against what became of its days: which intervals held, and how far off it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.errors import InputError
from casualties.estimates import NotEstimable
from casualties.inference.scores import crps
from casualties.models.nowcast import NowcastResult
from casualties.results import Basis, Result

__all__ = ["NowcastScores", "score_nowcast"]

Floats = npt.NDArray[np.float64]

_SCORE_COLUMNS = ["reported", "final", "low", "high", "chain_ladder", "came", "held", "crps", "chain_ladder_error"]


@dataclass(frozen=True, slots=True, eq=False)
class NowcastScores(Result):
    """A nowcast held against what became of its days.

    Parameters
    ----------
    basis : Basis
        Of the nowcast.
    days : DataFrame
        Indexed by ``date``: ``reported, final, low, high, chain_ladder``, the count that ``came``, whether the interval
        ``held`` it, the continuous ranked probability score ``crps``, and ``chain_ladder_error``, its absolute error,
        which is the same score of a forecast without uncertainty.
    sums : DataFrame
        The same of sums, with ``units, start``.
    """

    basis: Basis
    days: pd.DataFrame
    sums: pd.DataFrame

    @property
    def coverage(self) -> float:
        """Share of the rows whose interval holds what came."""
        return float(self.days["held"].mean())

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Nowcast of {self.basis.label}, scored", *self.basis.lines()[1:], ""]
        lines.append(
            f"Rows: {int(self.days['held'].sum())} of {len(self.days)} intervals hold; CRPS "
            f"{self.days['crps'].mean():.2f}, chain ladder {self.days['chain_ladder_error'].mean():.2f}"
        )
        for row in self.sums.to_dict("records"):
            lines.append(
                f"Last {row['units']}: reported {row['reported']:,.0f}, nowcast {row['final']:,.0f} "
                f"({row['low']:,.0f} to {row['high']:,.0f}), came {row['came']:,.0f}"
            )
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a day or sum: ``kind, start, units`` and the columns of `days`."""
        days = self.days.rename_axis("start").reset_index().assign(kind="row", units=1)
        both = pd.concat([days, self.sums.assign(kind="sum")], ignore_index=True)
        return both[["kind", "start", "units", *_SCORE_COLUMNS]]


def score_nowcast(result: NowcastResult, final_counts: pd.Series | Mapping[Any, float]) -> NowcastScores:
    """Hold a nowcast against what became of its days.

    Parameters
    ----------
    result : NowcastResult
        The nowcast.
    final_counts : Series or mapping
        The final count of each of its open rows, by date; of the same events as the triangle, e.g. the sums of the
        rows of the triangle when it was complete. Rows of `result` that are not in it are left out.

    Returns
    -------
    NowcastScores

    Raises
    ------
    InputError
        If the nowcast has no numbers, no row is given, or a count is missing, negative or a fraction.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007), Strictly proper scoring rules, prediction, and estimation, Journal of the
    American Statistical Association 102, 359-378.

    Examples
    --------
    >>> import casualties as ca
    >>> from casualties.models.nowcast import fit_nowcast
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> window = {"start": "2019-04-01", "end": "2019-07-22"}
    >>> result = fit_nowcast(ca.reporting_triangle(events.as_of("2019-07-22"), **window))
    >>> scores = score_nowcast(result, ca.reporting_triangle(events, **window).deaths.sum(axis=1))
    >>> scores.days[["reported", "came"]].iloc[-1].tolist()
    [69.0, 74.0]
    >>> scores.coverage
    1.0
    """
    if isinstance(result.total, NotEstimable):
        raise InputError("the nowcast has no numbers to score", column="result", value=result.total.reason)
    given = pd.Series(dict(final_counts), dtype="float64")
    given.index = pd.DatetimeIndex(given.index)
    dates = pd.DatetimeIndex(result.days.index)
    there = np.asarray(dates.isin(given.index))
    if not there.any():
        raise InputError(
            "none of the nowcast's days has a final count",
            column="final_counts",
            value=f"{dates[0].date()} to {dates[-1].date()}",
            remedy="give them by date",
        )
    came: Floats = np.array(given.reindex(dates[there]), dtype=float)
    wrong = came[~((came >= 0) & (came == np.floor(came)))]
    if wrong.size:
        raise InputError("final counts are whole numbers, none negative", column="final_counts", value=float(wrong[0]))
    kept = result.samples[:, there]
    days = _scored(result.days[there], came, kept)
    rows = []
    for row in result.sums.to_dict("records"):
        inside = np.asarray(dates[there] >= row["start"])
        # Rows of the sum that were complete already have no draws; the sum is scored by what was still open.
        opened = np.asarray(dates >= row["start"])
        if inside.sum() == opened.sum():
            done = float(row["reported"]) - float(result.days["reported"][opened].sum())
            truth: Floats = np.array([float(came[inside].sum()) + done])
            drawn = kept[:, inside].sum(axis=1, keepdims=True) + done
            frame = _scored(pd.DataFrame([row]), truth, drawn).assign(units=row["units"], start=row["start"])
            rows.append(frame)
    sums = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["units", "start", *_SCORE_COLUMNS])
    return NowcastScores(result.basis, days, sums[["units", "start", *_SCORE_COLUMNS]])


def _scored(rows: pd.DataFrame, came: Floats, drawn: npt.NDArray[Any]) -> pd.DataFrame:
    """Score rows of a nowcast."""
    made = rows[["reported", "final", "low", "high", "chain_ladder"]].astype("float64").copy()
    made["came"] = came
    made["held"] = (came >= made["low"].to_numpy()) & (came <= made["high"].to_numpy())
    made["crps"] = crps(drawn, came)
    made["chain_ladder_error"] = np.abs(made["chain_ladder"].to_numpy() - came)
    return made
