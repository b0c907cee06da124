"""A day that is known beforehand, such as a ceasefire: whether the rate changed on it, and by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.ledger import read_day
from casualties.models.change_model import ChangeModel
from casualties.models.changes import WIDTH, Step, step_of
from casualties.results import Basis, Result

__all__ = ["KnownDate", "ask_known_date"]

_COLUMNS = ["days", "prior", "probability", "bayes_factor", "ratio", "ratio_low", "ratio_high", "before", "after"]


@dataclass(frozen=True, slots=True, eq=False)
class KnownDate(Result):
    """Whether the rate changed on a given day, and by how much.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    date : Timestamp
        The day; a change dated on it means that the new rate holds from it on.
    first, last : Timestamp
        The days on which a change counts as one on this day.
    answers : DataFrame
        One row with independent days and one with days that may depend on each other: ``days`` ("independent",
        "dependent"), ``prior`` and ``probability`` (of at least one change on these days, before and given the counts),
        ``bayes_factor`` (the odds given the counts over those before), ``ratio, ratio_low, ratio_high`` (rate after /
        before, given a change on these days), ``before, after`` (mean rates, given the same).
    quoted : str
        The row to be quoted; see `casualties.models.changepoints.ChangepointResult.quoted`.
    warnings : tuple of str
        What a reader has to know before using the numbers: that of the whole series.
    reason : NotEstimable or None
        Why there is no answer; `answers` is then empty.
    """

    basis: Basis
    date: pd.Timestamp
    first: pd.Timestamp
    last: pd.Timestamp
    answers: pd.DataFrame
    quoted: str
    warnings: tuple[str, ...]
    reason: NotEstimable | None = None

    @property
    def probability(self) -> float:
        """The quoted probability of a change; NaN where it is not estimable."""
        return math.nan if self.reason is not None else float(self._row["probability"])

    @property
    def ratio(self) -> Estimate | NotEstimable:
        """The quoted ratio, given a change."""
        if self.reason is not None:
            return self.reason
        row, level = self._row, float(self.basis.settings["level"])
        return Estimate(float(row["ratio"]), float(row["ratio_low"]), float(row["ratio_high"]), level, unit="ratio")

    @property
    def _row(self) -> pd.Series:
        return self.answers[self.answers["days"] == self.quoted].iloc[0]

    def summary(self) -> str:
        """Give the answer as text."""
        span = f"{self.first:%Y-%m-%d}" + (f" to {self.last:%Y-%m-%d}" if self.last > self.first else "")
        lines = [f"A change on {self.date:%Y-%m-%d} in {self.basis.label}", *self.basis.lines()[1:], ""]
        if self.reason is not None:
            return "\n".join([*lines, f"Change: {self.reason}"])
        lines.append(f"Days on which it counts: {span}")
        for row in self.answers.to_dict("records"):
            factor = "more than 1e+06" if row["bayes_factor"] > 1e6 else f"{row['bayes_factor']:.3g}"
            lines.append(
                f"  {row['days']} days{' (quoted)' if row['days'] == self.quoted else ''}: probability "
                f"{row['probability']:.2f} (before the data {row['prior']:.3f}, Bayes factor {factor}); given a change "
                f"{row['before']:.2f} to {row['after']:.2f} a day, ratio {row['ratio']:.2f} "
                f"({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
            )
        lines.append(WIDTH)
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the two rows."""
        return self.answers.copy()


def ask_known_date(
    model: ChangeModel | None,
    basis: Basis,
    days: pd.DatetimeIndex,
    date: str | pd.Timestamp,
    window: int,
    quoted: str,
    warnings: tuple[str, ...],
    reason: NotEstimable | None,
) -> KnownDate:
    """Give the answer for a day of a fitted series; `ChangepointResult.change_at` says what it means."""
    day = read_day(date, "date")
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or window < 0:
        raise InputError(
            "must be a whole number of at least 0",
            column="window",
            value=window,
            remedy="give the days by which a change may come earlier or later",
        )
    if day not in days[1:]:
        raise InputError(
            f"a change is dated after the first and up to the last day of the series, {days[0].date()} to "
            f"{days[-1].date()}",
            column="date",
            value=str(day.date()),
        )
    place = int(days.get_indexer(pd.DatetimeIndex([day]))[0])
    first, last = max(1, place - window), min(len(days) - 1, place + window)
    settings = {**basis.settings, "date": str(day.date()), "window": window}
    asked = Basis(
        basis.label, basis.source, basis.vintage, basis.start, basis.end, basis.days, basis.days_observed,
        f"{basis.method}; probability of a change on given days", settings, basis.seed,
    )  # fmt: skip
    rows = []
    if model is not None:
        level = float(basis.settings["level"])
        prior = -math.expm1((last + 1 - first) * math.log1p(-model.jump_probability))
        independent = model.independent()
        weights, joints = independent.changes_across(first, last)
        step = step_of(model.rates, weights, joints, level)
        rows.append(_row("independent", prior, independent.probability_of_change(first, last), step))
        found = [
            (part.probability_of_change(first, last), part.change_across(first, last)) for part in model.dependent()
        ]
        each = np.array([probability for probability, _ in found])
        weights = each / each.sum() if each.sum() > 0.0 else np.full(len(each), 1.0 / len(each))
        step = step_of(model.rates, weights, np.stack([joint for _, joint in found]), level)
        rows.append(_row("dependent", prior, float(each.mean()), step))
    kinds = {name: "str" if name == "days" else "float64" for name in _COLUMNS}
    answers = pd.DataFrame(rows, columns=_COLUMNS).astype(kinds)
    return KnownDate(asked, day, days[first], days[last], answers, quoted, warnings, reason)


def _row(name: str, prior: float, probability: float, step: Step) -> tuple[str | float, ...]:
    factor = probability / max(1.0 - probability, 1e-300) * (1.0 - prior) / prior
    return (name, prior, probability, factor, step.ratio, step.low, step.high, step.before, step.after)
