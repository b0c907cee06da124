"""One answer from the answers of many draws, and how much of its width comes from the data's imprecision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable

__all__ = ["Pooled", "mix", "rubin", "rubin_correlations", "share_between"]


@dataclass(frozen=True, slots=True)
class Pooled:
    """A number pooled over draws of the data, and where its width comes from.

    Parameters
    ----------
    estimate : Estimate or NotEstimable
        The mean of the draws' answers with its interval.
    imprecision : float
        Share of the variance that is due to what the data leave open, between 0 and 1; NaN with a single draw.
    standard_error : float
        Square root of the variance within and between draws; NaN with a single draw.
    degrees_of_freedom : float
        Of the t distribution that the interval is taken from; infinite where the draws agree, NaN with a single draw.
    """

    estimate: Estimate | NotEstimable
    imprecision: float
    standard_error: float
    degrees_of_freedom: float


def rubin(
    values: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    level: float,
    *,
    unit: str = "",
    complete: float = math.inf,
) -> Pooled:
    """Pool the answers of m draws by Rubin's rules.

    With W the mean of the squared standard errors and B the variance of the values between draws (divisor m - 1),
    the total variance is T = W + (1 + 1/m) B. The interval is the mean plus and minus a quantile of the t
    distribution times the root of T, with (m - 1) (1 + W / ((1 + 1/m) B))^2 degrees of freedom, lowered after Barnard
    and Rubin where the answer of one draw rests on few degrees of freedom itself. The rules hold for numbers whose
    estimates are near-normal: a ratio is pooled as its logarithm.

    Parameters
    ----------
    values : array_like, shape (m,)
        The answer of each draw.
    standard_errors : array_like, shape (m,)
        Its standard error, in the same unit.
    level : float
        Level of the interval.
    unit : str, optional
        Unit of the values.
    complete : float, optional
        Degrees of freedom of the answer of one draw; infinite where it is normal.

    Returns
    -------
    Pooled
        Its estimate is not estimable with a single draw, or where neither the draws nor their errors vary.

    Raises
    ------
    InputError
        If the two lists differ in length or are empty, a value is not finite, a standard error is negative, the level
        is not between 0 and 1, or the degrees of freedom are not positive.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, Wiley, section 3.1; Barnard and Rubin (1999),
    Biometrika 86, 948-955.

    Examples
    --------
    >>> pooled = rubin([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 0.95)
    >>> round(pooled.estimate.value, 3), round(pooled.standard_error, 4), round(pooled.degrees_of_freedom, 3)
    (2.0, 1.5275, 6.125)
    >>> round(pooled.imprecision, 4)
    0.5714
    """
    numbers, errors = np.asarray(values, dtype="float64"), np.asarray(standard_errors, dtype="float64")
    if numbers.ndim != 1 or numbers.shape != errors.shape or not len(numbers):
        raise InputError(
            f"each draw needs one value and one standard error, not {numbers.shape} and {errors.shape}",
            column="values, standard_errors",
            remedy="give two lists of the same length",
        )
    if not np.isfinite(numbers).all() or not np.isfinite(errors).all() or (errors < 0).any():
        raise InputError(
            "values must be finite, and standard errors finite and at least 0",
            column="values, standard_errors",
            remedy="leave out draws without an answer, and say how many there were",
        )
    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", column="level", value=level, remedy="e.g. 0.95")
    if not complete > 0:
        raise InputError("degrees of freedom are positive", column="complete", value=complete, remedy="e.g. 30")
    m = len(numbers)
    if m == 1:
        reason = "a single draw does not tell how much the draws differ"
        return Pooled(NotEstimable(reason), math.nan, math.nan, math.nan)
    within = float(np.mean(errors**2))
    # Equal values have no variance; that of their rounded mean would be noise.
    between = 0.0 if np.ptp(numbers) == 0 else (1 + 1 / m) * float(np.var(numbers, ddof=1))
    variance = within + between
    if variance == 0:
        return Pooled(NotEstimable("neither the draws nor their errors vary"), math.nan, 0.0, math.nan)
    imprecision = between / variance
    freedom = (m - 1) / imprecision**2 if imprecision > 0 else math.inf
    if math.isfinite(complete):
        lowered = (complete + 1) / (complete + 3) * complete * (1 - imprecision)
        freedom = 1 / (1 / freedom + 1 / lowered) if lowered > 0 else 0.0
    centre, error = float(numbers.mean()), math.sqrt(variance)
    if freedom == 0:
        reason = "all the width comes from the draws, and one draw's degrees of freedom say nothing"
        return Pooled(NotEstimable(reason), imprecision, error, freedom)
    quantile = stats.norm if math.isinf(freedom) else stats.t(freedom)
    half = float(quantile.ppf(0.5 + level / 2)) * error
    estimate = Estimate(centre, centre - half, centre + half, level=level, unit=unit)
    return Pooled(estimate, imprecision, error, freedom)


def rubin_correlations(answers: Sequence[Estimate | NotEstimable]) -> Estimate | NotEstimable:
    """Pool correlations over draws by Rubin's rules on Fisher's scale, where they are near-normal.

    Parameters
    ----------
    answers : sequence of Estimate or NotEstimable
        The correlation of each draw with Fisher's interval, all of one level.

    Returns
    -------
    Estimate or NotEstimable
        The first reason where a draw has no answer.

    Examples
    --------
    >>> pooled = rubin_correlations([Estimate(0.1, -0.1, 0.29, 0.95), Estimate(0.3, 0.11, 0.47, 0.95)])
    >>> round(pooled.value, 2), pooled.low < -0.1
    (0.2, True)
    """
    found = [answer for answer in answers if isinstance(answer, Estimate)]
    missing = [answer for answer in answers if isinstance(answer, NotEstimable)]
    if missing:
        return missing[0]
    level = found[0].level
    ends = np.arctanh([(answer.value, answer.low, answer.high) for answer in found])
    errors = (ends[:, 2] - ends[:, 1]) / (2.0 * float(stats.norm.ppf(0.5 + level / 2)))
    pooled = rubin(ends[:, 0], errors, level).estimate
    if isinstance(pooled, NotEstimable):
        return pooled
    value, low, high = np.tanh([pooled.value, pooled.low, pooled.high]).tolist()
    return replace(found[0], value=value, low=low, high=high)


def share_between(means: npt.ArrayLike, variances: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Give the share of a mixture's variance that lies between its parts.

    For equal weights this is the `imprecision` of `rubin`: with m parts the variance between them is estimated with
    divisor m - 1 and raised by 1 + 1/m. For unequal weights m is the number of equally weighted parts that would
    tell as much, one over the sum of the squared weights.

    Parameters
    ----------
    means, variances : array_like, shape (m,)
        Of each part.
    weights : array_like, shape (m,)
        Adding up to 1.

    Returns
    -------
    float
        Between 0 and 1; NaN where one part has all the weight, or where nothing varies.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, Wiley, section 3.1; Kish (1965), Survey Sampling,
    Wiley, for the effective number.

    Examples
    --------
    >>> round(share_between([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3]), 4)
    0.5714
    """
    centre, spread = np.asarray(means, dtype="float64"), np.asarray(variances, dtype="float64")
    share = np.asarray(weights, dtype="float64")
    parts = 1.0 / float(share @ share)
    within = float(share @ spread)
    if parts <= 1.0 + 1e-9:
        return math.nan
    between = 0.0 if np.ptp(centre) == 0 else float(share @ (centre - share @ centre) ** 2) * (parts + 1) / (parts - 1)
    return between / (within + between) if within + between > 0 else math.nan


def mix(probabilities: npt.ArrayLike) -> np.ndarray:
    """Pool posterior probabilities over draws: their mean.

    Each draw is an equally good reading of the record, so the posterior of a date, or the probability of a statement,
    is the equal mixture of the draws' own. A set of dates is taken from the mixture, never from pooled ends of sets.

    Parameters
    ----------
    probabilities : array_like, shape (m,) or (m, days)
        One draw a row.

    Returns
    -------
    array of float, shape () or (days,)

    Raises
    ------
    InputError
        If there is no draw, or something is not a probability.

    References
    ----------
    Gelman, Carlin, Stern, Dunson, Vehtari and Rubin (2013), Bayesian Data Analysis, 3rd ed., chapter 18.

    Examples
    --------
    >>> mix([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    array([0.25, 0.5 , 0.25])
    """
    table = np.asarray(probabilities, dtype="float64")
    if table.ndim not in (1, 2) or not len(table):
        raise InputError(
            f"probabilities are given one draw a row, not with shape {table.shape}",
            column="probabilities",
            remedy="give a list, or a table of draws by days",
        )
    wrong = table[~((table >= 0) & (table <= 1))]
    if wrong.size:
        raise InputError(
            "a probability lies between 0 and 1",
            column="probabilities",
            value=float(wrong[0]),
            remedy="leave out draws without an answer, and say how many there were",
        )
    return np.asarray(table.mean(axis=0))
