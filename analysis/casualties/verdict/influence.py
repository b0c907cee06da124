"""Which choice moves the answer most: the variance of the answers over all choices, taken apart by axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm

__all__ = ["INFLUENCE_COLUMNS", "share_of_variance"]

INFLUENCE_COLUMNS = ["axis", "options", "share"]
INTERPLAY = "together"


def share_of_variance(frame: pd.DataFrame, values: pd.Series[float], axes: Sequence[str]) -> pd.DataFrame:
    """Take the variance of an answer over specifications apart.

    A regression of the answer on every axis; the share of an axis is what the sum of squares falls by when it is left
    out of it (type II), over the total. Where every option meets every other these are the shares of a factorial design
    and add up to 1 with what the axes do only together; where some combinations do not exist, what two axes explain
    alike is in neither share.

    Parameters
    ----------
    frame : DataFrame
        The options, one row a specification.
    values : Series
        The answer of each; NaN where there is none.
    axes : sequence of str
        Columns of `frame`.

    Returns
    -------
    DataFrame
        ``axis, options`` (how many), ``share``, the largest first; the last row is "together": what no axis explains
        alone. Empty where fewer than two answers differ.

    References
    ----------
    Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), Specification curve analysis, Nature Human Behaviour 4,
    1208-1214.

    Examples
    --------
    >>> frame = pd.DataFrame({"place": ["a", "a", "b", "b"], "days": ["28", "56", "28", "56"]})
    >>> shares = share_of_variance(frame, pd.Series([1.0, 1.0, 3.0, 3.0]), ["place", "days"])
    >>> shares["share"].round(6).tolist()
    [1.0, 0.0, 0.0]
    """
    kept = np.isfinite(values.to_numpy(dtype=float))
    answers = values.to_numpy(dtype=float)[kept]
    chosen = frame[kept]
    varied = [axis for axis in axes if len(chosen[axis].unique()) > 1]
    total = float(((answers - answers.mean()) ** 2).sum()) if len(answers) else 0.0
    if not varied or total <= 0.0:
        return pd.DataFrame(columns=INFLUENCE_COLUMNS)
    marks = {axis: pd.get_dummies(chosen[axis], drop_first=True, dtype=float) for axis in varied}
    whole = _left(answers, [marks[axis] for axis in varied])
    rows = [
        (
            axis,
            len(chosen[axis].unique()),
            max(_left(answers, [marks[other] for other in varied if other != axis]) - whole, 0.0) / total,
        )
        for axis in varied
    ]
    rows.sort(key=lambda row: (-row[2], row[0]))
    together = max(1.0 - math.fsum(share for _, _, share in rows), 0.0)
    return pd.DataFrame([*rows, (INTERPLAY, 0, together)], columns=INFLUENCE_COLUMNS)


def _left(answers: np.ndarray, marks: Sequence[pd.DataFrame]) -> float:
    """Give the sum of squares that a regression on these leaves."""
    columns = [np.ones((len(answers), 1)), *(mark.to_numpy() for mark in marks)]
    return float(sm.OLS(answers, np.hstack(columns)).fit().ssr)
