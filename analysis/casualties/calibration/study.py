"""What a method is measured by: a law of wars, and a function that gives one war's figures as rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from casualties.estimates import Estimate, NotEstimable
from casualties.models.recording import RECORDING
from casualties.simulate.wars import Scenario

__all__ = ["COLUMNS", "LEVELS", "SHARES", "Measure", "Row", "Study", "collect", "interval_rows", "warns"]

# The levels at which intervals are checked.
LEVELS = (0.5, 0.8, 0.9, 0.95)
# Measures whose value of one war is 0 or 1, or a share of its days.
SHARES = ("covered", "held", "false alarm", "detected", "said")
COLUMNS = ["quantity", "measure", "nominal", "value", "error", "median", "wars", "without", "warned"]


class Row(NamedTuple):
    """One figure of one war.

    Parameters
    ----------
    quantity : str
        What it is about, e.g. ``"growth, 56 days"``.
    measure : str
        ``covered`` (1 where the interval held the truth), ``held`` (the same for the law of a whole number, its step
        randomised), ``width`` (of the interval), ``false alarm``, ``detected`` (1, or a share of days), ``said`` (1
        where this is what the method says), ``delay`` (days), ``crps``, ``skill`` (-1 to 1, above 0: better than a
        simple rule), ``estimate``, ``failed``.
    nominal : float
        What the method claims: the level of an interval, the rate of false alarms; NaN where it claims nothing.
    value : float
        The figure; NaN where the method said that it cannot be had.
    warned : bool
        Whether the result warned its reader.
    """

    quantity: str
    measure: str
    nominal: float
    value: float
    warned: bool = False


Measure = Callable[[np.random.Generator, Scenario, int], list[Row]]


@dataclass(frozen=True, slots=True)
class Study:
    """A method under measurement.

    Parameters
    ----------
    name : str
        One word, e.g. ``"growth"``.
    words : str
        What is measured, in a sentence.
    scenarios : mapping of str to Scenario
        The laws of the wars.
    measure : callable
        ``measure(rng, scenario, days)``: draws a war and gives its rows; at most one row a quantity, measure and
        nominal value. A function of a module, so that it can be sent to another process.
    days : int
        Length of the wars.
    share : float, optional
        Share of the programme's wars that this study takes, where one war costs much.
    """

    name: str
    words: str
    scenarios: Mapping[str, Scenario]
    measure: Measure
    days: int
    share: float = 1.0


def interval_rows(
    quantity: str, answer: Estimate | NotEstimable, truth: float, level: float, *, warned: bool = False
) -> list[Row]:
    """Give the rows of one interval: whether it holds the truth, and its width.

    Parameters
    ----------
    quantity : str
        What was estimated.
    answer : Estimate or NotEstimable
        The answer.
    truth : float
        What it should be.
    level : float
        The level that it claims.
    warned : bool, optional
        Whether the result warned.

    Examples
    --------
    >>> interval_rows("growth", Estimate(0.01, -0.01, 0.03, 0.95), 0.02, 0.95)[0]
    Row(quantity='growth', measure='covered', nominal=0.95, value=1.0, warned=False)
    """
    covered = width = math.nan
    if isinstance(answer, Estimate) and answer.has_interval:
        covered, width = float(answer.low <= truth <= answer.high), answer.high - answer.low
    return [Row(quantity, "covered", level, covered, warned), Row(quantity, "width", level, width, warned)]


def warns(warnings: Iterable[str], scenario: Scenario) -> bool:
    """Tell whether a result warned of what is the matter with its war.

    Parameters
    ----------
    warnings : iterable of str
        Those of the result.
    scenario : Scenario
        The law of the war. That a drift of recording would look like one of violence is said by every result that
        compares times; it counts only where recording drifts.

    Examples
    --------
    >>> warns([RECORDING], Scenario()), warns([RECORDING], Scenario(reporting_drift=-0.002))
    (False, True)
    """
    said = set(warnings)
    return bool(said - {RECORDING}) or (RECORDING in said and scenario.reporting_drift != 0.0)


def collect(wars: Sequence[Iterable[Row]]) -> pd.DataFrame:
    """Put the rows of many wars together.

    Parameters
    ----------
    wars : sequence of iterables of Row
        The rows of each war.

    Returns
    -------
    DataFrame
        One row a quantity, measure and nominal value: ``value`` (the mean), ``error`` (its Monte-Carlo standard
        error), ``median``, ``wars`` (how many gave a figure), ``without`` (share of the others), ``warned`` (share of
        results that warned, of those with a figure). A failure counts with its share of all wars.

    Examples
    --------
    >>> rows = [[Row("growth", "covered", 0.9, hit, hit == 0.0)] for hit in (1.0, 1.0, 0.0, 1.0)]
    >>> collect(rows)[["value", "error", "wars", "warned"]].round(3).values.tolist()
    [[0.75, 0.25, 4.0, 0.25]]
    """
    flat = pd.DataFrame([row for war in wars for row in war], columns=list(Row._fields))
    # Groups keep the order in which the study names them.
    groups = flat.groupby(["quantity", "measure", "nominal"], sort=False, dropna=False)
    rows = []
    for (quantity, measure, nominal), group in groups:
        has = group["value"].notna().to_numpy()
        values = group["value"].to_numpy()[has]
        n = len(values)
        if measure == "failed":
            value, error, median = n / len(wars), math.sqrt(n) / len(wars), math.nan
        else:
            value = float(values.mean()) if n else math.nan
            error = _error(values, str(measure))
            median = float(np.median(values)) if n else math.nan
        warned = float(group["warned"].to_numpy()[has].mean()) if n else math.nan
        rows.append((quantity, measure, nominal, value, error, median, n, 1.0 - n / len(group), warned))
    table = pd.DataFrame(rows, columns=COLUMNS)
    # Quantities and measures as the study names them, levels in rising order.
    order = [table[name].map({each: k for k, each in enumerate(dict.fromkeys(table[name]))}) for name in COLUMNS[:2]]
    return table.iloc[np.lexsort([table["nominal"], order[1], order[0]])].reset_index(drop=True)


def _error(values: np.ndarray, measure: str) -> float:
    """Give the Monte-Carlo standard error of a mean; of a share that is 0 or 1 throughout, with half a case added."""
    n = len(values)
    if n < 2:
        return math.nan
    spread = float(values.std(ddof=1))
    if spread == 0.0 and measure in SHARES:
        share = (values.sum() + 0.5) / (n + 1.0)
        spread = math.sqrt(share * (1.0 - share))
    return spread / math.sqrt(n)
