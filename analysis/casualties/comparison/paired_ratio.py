"""How many deaths one source counts for each of the other's, from counts paired by day.

Both sources count the same violence, so what makes a day large or small cancels when the day's total is taken as given;
what is left is how that total splits between the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from casualties.comparison.paired_days import Answer, paired_figures, too_few
from casualties.estimates import Estimate, NotEstimable

__all__ = ["PairedRatio", "paired_ratio", "quoted_ratio"]


@dataclass(frozen=True, slots=True)
class PairedRatio:
    """The ratio of two sources on the days that both observed.

    Parameters
    ----------
    ratio : Estimate or NotEstimable
        Deaths in the first over deaths in the second, with the quasi-binomial interval.
    ratio_score : Estimate or NotEstimable
        The same ratio with the interval from the score and its heteroscedasticity-robust (HC0) variance.
    log_ratio, standard_error : float
        The logarithm of the ratio and its quasi-binomial standard error; NaN where there is no ratio.
    dispersion : Estimate or NotEstimable
        Pearson's statistic per degree of freedom of the daily split; 1 if each death fell to a source by itself,
        below 1 where the two sources hold the same deaths, above 1 where whole events are missed or misdated.
    """

    ratio: Answer
    ratio_score: Answer
    log_ratio: float
    standard_error: float
    dispersion: Answer

    @property
    def quoted(self) -> Answer:
        """The ratio with the interval to quote: by the score, and where that has no end the quasi-binomial one.

        The quasi-binomial interval supposes that a day's variance grows with its total. Where whole events are missed
        and single events are large it is too narrow: the days that hold most deaths then also stray most.
        """
        return quoted_ratio(self.ratio, self.ratio_score)


def quoted_ratio(ratio: Answer, ratio_score: Answer) -> Answer:
    """Choose the interval of a ratio to quote: that of the score where it has ends, else the quasi-binomial one."""
    return ratio_score if isinstance(ratio_score, Estimate) else ratio


def paired_ratio(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> PairedRatio:
    """Estimate the ratio of two sources from counts paired by day.

    Given a day's total T, the first source's count A has mean T·p with one share p for all days; the ratio is
    p / (1 - p), estimated by the ratio of the totals. Two intervals:

    - quasi-binomial: variance φ·T·p·(1 - p) with φ from Pearson's statistic, Student's t with one degree of freedom
      less than there are days, on the log scale (equal to R's ``glm(cbind(a, b) ~ 1, family = quasibinomial)``);
    - score: all ratios for which the score Σ(A - T·p) is no larger than the normal quantile times its robust (HC0)
      standard deviation √Σ(A - T·p)². The ends solve a quadratic in p; nothing is supposed about the variance.

    Parameters
    ----------
    first, second : array of float, shape (days,)
        Counts of the two sources on the same days; days with 0 in both bear nothing.
    level : float, optional
        Level of the intervals.

    Returns
    -------
    PairedRatio
        Not estimable with fewer than 10 days or a source without deaths; the score interval also where so few days
        hold the deaths that it would have no end.

    Examples
    --------
    >>> paired = paired_ratio([4, 9, 2, 0, 6, 12, 3, 5, 8, 1], [2, 4, 1, 0, 3, 7, 1, 3, 4, 1])
    >>> round(paired.ratio.value, 4)
    1.9231
    >>> paired_ratio([4, 9], [2, 4]).ratio
    NotEstimable(reason='2 shared days; at least 10 are needed')

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989), Generalized Linear Models, 2nd ed., sections 4.5 and 9.2.
    """
    a, b = paired_figures(first, second)
    fault = too_few(len(a), _nobody(a, b))
    if fault is not None:
        return PairedRatio(fault, fault, math.nan, math.nan, fault)
    total = a + b
    used = total > 0
    share = a.sum() / total.sum()
    log_ratio = math.log(a.sum() / b.sum())
    freedom = int(used.sum()) - 1
    if freedom < 1:
        fault = NotEstimable("all deaths fall on one shared day")
        return PairedRatio(fault, fault, math.nan, math.nan, fault)
    residual = a - total * share
    dispersion = float((residual[used] ** 2 / total[used]).sum() / (share * (1 - share)) / freedom)
    error = math.sqrt(dispersion / (total.sum() * share * (1 - share)))
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * error
    ratio = Estimate(math.exp(log_ratio), math.exp(log_ratio - reach), math.exp(log_ratio + reach), level, "ratio")
    return PairedRatio(
        ratio=ratio,
        ratio_score=_score_interval(a, b, level),
        log_ratio=log_ratio,
        standard_error=error,
        dispersion=Estimate(dispersion, unit="variance ratio"),
    )


def _score_interval(a: NDArray[np.float64], b: NDArray[np.float64], level: float) -> Answer:
    """Solve Σ(A - T·p) = ± z·√Σ(A - T·p)² for p and give the odds."""
    total = a + b
    z2 = float(stats.norm.ppf((1 + level) / 2)) ** 2
    square = float(total.sum() ** 2 - z2 * (total**2).sum())
    cross = float(a.sum() * total.sum() - z2 * (a * total).sum())
    rest = float(a.sum() ** 2 - z2 * (a**2).sum())
    # At p = 0 and p = 1 the quadratic must be positive and it must open upwards: else an end lies outside (0, 1).
    if square <= 0 or rest <= 0 or float(b.sum() ** 2 - z2 * (b**2).sum()) <= 0:
        return NotEstimable("a few days hold most of the deaths, so the score interval of the ratio has no end")
    root = math.sqrt(max(cross**2 - square * rest, 0.0))
    low, high = (cross - root) / square, (cross + root) / square
    value = float(a.sum() / b.sum())
    # With identical splits on all days the ends meet in the estimate and rounding may put them on its wrong side.
    return Estimate(value, min(low / (1 - low), value), max(high / (1 - high), value), level, "ratio")


def _nobody(a: NDArray[np.float64], b: NDArray[np.float64]) -> NotEstimable | None:
    names = [name for name, values in (("first", a), ("second", b)) if values.sum() == 0]
    if not names:
        return None
    which = "both sources count" if len(names) == 2 else f"the {names[0]} source counts"
    return NotEstimable(f"{which} nobody on the shared days")
