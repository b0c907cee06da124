"""Which days two sources disagree on, and what each of them does to their ratio."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["DRIVING_COLUMNS", "driving_days"]

DRIVING_COLUMNS = ["a", "b", "difference", "standardised", "of_dispersion", "ratio_without", "influence"]


def driving_days(days: pd.DataFrame) -> pd.DataFrame:
    """Put the days first that two sources disagree on most.

    Parameters
    ----------
    days : DataFrame
        Index ``date``; ``a, b`` (deaths) and ``standardised`` (each day's deviation from the common ratio in standard
        deviations).

    Returns
    -------
    DataFrame
        Index ``date``, every day with deaths, the largest part in the disagreement first: ``a, b, difference``
        (first less second), ``standardised``, ``of_dispersion`` (the day's share of Pearson's statistic, which the
        dispersion is made of; the shares add up to 1), ``ratio_without`` (the ratio without the day) and ``influence``
        (change of the log ratio by the day). Empty where there is no ratio.

    Examples
    --------
    >>> days = pd.DataFrame({"a": [9.0, 4, 5], "b": [3.0, 4, 5], "standardised": [1.3, -0.9, -0.8]}, index=[1, 2, 3])
    >>> driving_days(days)[["difference", "of_dispersion", "ratio_without"]].round(2).values.tolist()[0]
    [6.0, 0.54, 1.0]
    """
    used = days[days["standardised"].notna()]
    square = used["standardised"] ** 2
    total = float(square.sum())
    if used.empty or total == 0.0:
        return pd.DataFrame(columns=DRIVING_COLUMNS, index=days.index[:0], dtype="float64")
    first, second = float(days["a"].sum()), float(days["b"].sum())
    left, right = first - used["a"], second - used["b"]
    # Without its only day with deaths a source counts nobody, and there is no ratio.
    without = (left / right.where(right > 0)).where(left > 0)
    table = pd.DataFrame(
        {
            "a": used["a"],
            "b": used["b"],
            "difference": used["a"] - used["b"],
            "standardised": used["standardised"],
            "of_dispersion": square / total,
            "ratio_without": without,
            "influence": np.log(first / second) - np.log(without),
        }
    )
    return table.sort_values("of_dispersion", ascending=False, kind="stable")[DRIVING_COLUMNS]
