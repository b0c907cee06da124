"""How good a forecast by draws was: its score, its intervals, and where in its law the truth lay."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from casualties.calibration.study import LEVELS, Row
from casualties.inference.scores import coverage, crps, pit_ends, sample_quantiles

__all__ = ["draw_rows", "skill_row"]


def draw_rows(
    quantity: str, draws: npt.ArrayLike, truth: npt.ArrayLike, rng: np.random.Generator, *, warned: bool = False
) -> list[Row]:
    """Give the rows of whole numbers that were foreseen by draws: of one, or the means over several.

    Ends of intervals are whole, so that they hold the truth more often than they claim where counts are small. The
    measure ``held`` tells whether the law itself is right: the truth's place in it, randomised within the step of its
    distribution function, lies in the middle with the interval's level.

    Parameters
    ----------
    quantity : str
        What was foreseen.
    draws : array_like, shape (n,) or (n, h)
        The draws.
    truth : array_like, shape () or (h,)
        What came.
    rng : Generator
        Where the place within a step comes from.
    warned : bool, optional
        Whether the result warned.

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009), Predictive model assessment for count data, Biometrics 65, 1254-1261.
    """
    low, high = pit_ends(draws, truth)
    place = low + rng.random(low.shape) * (high - low)
    rows = [Row(quantity, "crps", math.nan, float(crps(draws, truth).mean()), warned)]
    for level in LEVELS:
        ends = sample_quantiles(draws, [0.5 - level / 2, 0.5 + level / 2])
        rows.append(Row(quantity, "covered", level, float(coverage(draws, truth, level).mean()), warned))
        rows.append(Row(quantity, "width", level, float((ends[1] - ends[0]).mean()), warned))
        rows.append(Row(quantity, "held", level, float((np.abs(place - 0.5) <= level / 2).mean()), warned))
    return rows


def skill_row(quantity: str, score: float, rule: float) -> Row:
    """Give the row of how much better a score is than a simple rule's in the same war.

    Parameters
    ----------
    quantity : str
        What was foreseen, and by which rule beside.
    score, rule : float
        The two scores; lower is better.

    Returns
    -------
    Row
        Their difference over their sum: 1 where the rule alone errs, 0 where both are alike, -1 where it alone is
        right.

    Examples
    --------
    >>> skill_row("deaths of a day", 2.0, 6.0).value, skill_row("deaths of a day", 0.0, 0.0).value
    (0.5, 0.0)
    """
    both = score + rule
    return Row(quantity, "skill", math.nan, (rule - score) / both if both > 0.0 else 0.0)
