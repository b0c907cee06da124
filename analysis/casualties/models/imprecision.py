"""A model on draws of an imprecise record: which draws, how many it could fit, and what they add to its width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.draws import Draws, origin_of_draws
from casualties.errors import InputError
from casualties.series import DailySeries

__all__ = ["Imprecision", "drawn_counts", "failure_of_draws", "take_draws", "vagueness_warnings"]

Floats = npt.NDArray[np.float64]

_MOST_FAILED = 0.05
_MUCH_VAGUE = 0.4  # of the deaths; up to three in ten did no measurable harm in simulations, six in ten did
_TABLE_COLUMNS = ["quantity", "value", "recorded", "width", "width_of_one", "from_data", "drawn", "unit"]


@dataclass(frozen=True, slots=True, eq=False)
class Imprecision:
    """How much of an answer's width is the data's own imprecision: dates and numbers that the source leaves open.

    Parameters
    ----------
    draws : int
        Number of draws pooled.
    seed : int
        Their seed.
    law : str
        What was drawn, and how.
    failed : int
        Draws left out because the model could not be fitted to them.
    excess : float
        Deaths of the draws, on average, over those of the series as recorded, less 1; NaN where none are recorded.
    table : DataFrame
        ``quantity, value`` (pooled), ``recorded`` (of the series as recorded; NaN where that has no such answer),
        ``width`` (of the pooled interval), ``width_of_one`` (of the interval of one draw, on average: without
        imprecision), ``from_data`` (share of the variance that is due to the data's imprecision, Rubin's lambda; NaN
        for a date, of which the two widths tell), ``drawn`` (share of the draws that have this answer), ``unit`` (of
        the widths; a ratio's are those of its logarithm).
    """

    draws: int
    seed: int
    law: str
    failed: int
    excess: float
    table: pd.DataFrame

    def lines(self) -> list[str]:
        """Give it as lines of text."""
        more = "no ratio, since none are recorded" if math.isnan(self.excess) else f"{self.excess:+.1%}"
        texts = [
            f"Imprecise dates and ranges: pooled over {self.draws} draws, seed {self.seed}",
            f"  Drawn: {self.law}",
            f"  Deaths of the draws over those as recorded: {more}",
        ]
        if self.failed:
            texts.append(f"  Draws that the model could not be fitted to, left out: {self.failed}")
        for row in self.table.to_dict("records"):
            share = "" if pd.isna(row["from_data"]) else f"{row['from_data']:.0%} of the variance is the data's, "
            wide, one = f"width {row['width']:.3g} {row['unit']}", f"{row['width_of_one']:.3g} in one draw"
            texts.append(f"  {row['quantity']}: {share}{wide} against {one}")
        return texts

    @classmethod
    def of(cls, draws: Draws, series: DailySeries, failed: int, rows: Sequence[tuple[str | float, ...]]) -> Imprecision:
        """Make it from the rows of its table."""
        recorded = float(np.nansum(series.counts))
        table = pd.DataFrame(rows, columns=_TABLE_COLUMNS)
        return cls(
            draws=len(draws) - failed,
            seed=draws.seed,
            law=draws.law,
            failed=failed,
            excess=float(draws.total.mean()) / recorded - 1.0 if recorded else math.nan,
            table=table.astype({name: "str" if name in ("quantity", "unit") else "float64" for name in table}),
        )


def take_draws(series: DailySeries, draws: int | Draws | None, seed: int | None) -> Draws | None:
    """Give the draws that a model was asked to pool; None where it was not.

    Parameters
    ----------
    series : DailySeries
        The series.
    draws : int, Draws or None
        How many to make, or those already made by `DailySeries.draws`.
    seed : int or None
        The seed of draws yet to be made.

    Returns
    -------
    Draws or None

    Raises
    ------
    InputError
        If there are fewer than 2 draws, a seed is missing or left over, or the draws are of other days or of another
        series.

    Examples
    --------
    >>> len(take_draws(DailySeries.from_counts([3, 0, 5], "2019-04-28"), 4, seed=1))
    4
    """
    if draws is None or isinstance(draws, Draws):
        if seed is not None:
            raise InputError(
                "a seed is for draws that are yet to be made",
                column="seed",
                value=seed,
                remedy="give the number of draws with it, e.g. draws=20, seed=1",
            )
        if draws is None:
            return None
        made = draws
        _check_origin(made, series)
    else:
        if seed is None:
            raise InputError("draws need a seed", column="seed", remedy="e.g. draws=20, seed=1")
        made = series.draws(draws, seed)
    if len(made) < 2:
        raise InputError(
            "a single draw does not tell how much the draws differ",
            column="draws",
            value=len(made),
            remedy="take 20 or more",
        )
    return made


def _check_origin(draws: Draws, series: DailySeries) -> None:
    """Raise unless the draws were made from this series."""
    days = pd.DatetimeIndex(series.frame.index)
    observed = series.frame["observed"].to_numpy(dtype=bool)
    remedy = "make them with the draws() of the series that is fitted"
    if not draws.index.equals(days) or not np.array_equal(draws.observed, observed):
        raise InputError("the draws are not of the days of this series", column="draws", remedy=remedy)
    drawn_from = series.counts if series.records is None else series.records
    origin = origin_of_draws(drawn_from, days, observed, estimate=series.estimate, weights=draws.weights)
    if draws.origin != origin:
        name = ", ".join(filter(None, (series.label, series.place)))
        raise InputError(
            f"the draws are of the same days but of another series than {name!r}: other events, figures, victims or "
            "place",
            column="draws",
            remedy=remedy,
        )


def drawn_counts(draws: Draws) -> Floats:
    """Give the draws as models take counts: floats, NaN on days that are not observed, shape (m, days)."""
    counts: Floats = np.where(draws.observed, draws.counts.astype(float), np.nan)
    return counts


def failure_of_draws(reasons: Sequence[str], number: int) -> str:
    """Say why the draws cannot be pooled, or nothing where too few failed to matter (one in twenty).

    Parameters
    ----------
    reasons : sequence of str
        Why the model could not be fitted, one for each draw that it could not be fitted to.
    number : int
        Draws in all.

    Examples
    --------
    >>> failure_of_draws(["no deaths are recorded in the window"] * 2, 20)
    '2 of 20 draws have no answer of their own (no deaths are recorded in the window)'
    >>> failure_of_draws(["no deaths are recorded in the window"], 20)
    ''
    """
    if len(reasons) <= _MOST_FAILED * number and number - len(reasons) >= 2:
        return ""
    most = max(sorted(set(reasons)), key=list(reasons).count)
    return f"{len(reasons)} of {number} draws have no answer of their own ({most})"


def vagueness_warnings(series: DailySeries, affected: str) -> list[str]:
    """Say where so many deaths have no exact day that independent draws of days make intervals too narrow.

    Parameters
    ----------
    series : DailySeries
        The series that is drawn from.
    affected : str
        What is too narrow, as the subject of a sentence in the plural.

    Returns
    -------
    list of str
        At most one sentence.

    Examples
    --------
    >>> vagueness_warnings(DailySeries.from_counts([3, 0, 5], "2019-04-28"), "the intervals")
    []
    """
    if series.records is None:
        return []
    deaths = series.records.deaths[:, 1]
    share = float(deaths[series.records.days > 1].sum() / deaths.sum()) if deaths.sum() > 0 else 0.0
    if share <= _MUCH_VAGUE:
        return []
    return [
        f"{share:.0%} of the deaths are of events of more than one possible day: independent draws blur days on which "
        f"many fell, and {affected} may be too narrow."
    ]
