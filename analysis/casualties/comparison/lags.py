"""How many days later one source counts the same deaths, and how sure that is."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from casualties.comparison.paired_days import FEWEST_DAYS, Answer, shared_days
from casualties.comparison.paired_ratio import paired_ratio
from casualties.estimates import Estimate, NotEstimable

__all__ = ["cross_correlation", "lag_table", "ratio_over_lags"]

# The local level of a day is the mean over this many calendar days around it, from at least so many observed ones.
TREND_DAYS, TREND_FEWEST = 15, 5
# Detrended correlations need this many pairs at lag 0; with fewer the square roots are compared as they are.
DETRENDED_FEWEST = 30


def lag_table(a: pd.Series, b: pd.Series, *, max_lag: int = 3, level: float = 0.95) -> pd.DataFrame:
    """Correlate two daily series at each lag and choose one.

    Square roots are compared, which stops single large days from deciding; their local mean over 15 days is taken
    off first, so that a common rise is not mistaken for timing, if 30 pairs remain at lag 0. Lag 0 is chosen unless
    the highest correlation beats that of lag 0 by more than chance: a one-sided test of the difference of Fisher's z,
    the two taken as independent, its level shared among all lags tried (Bonferroni).

    Parameters
    ----------
    a, b : Series of float
        Daily counts with a daily DatetimeIndex, NaN on days not observed.
    max_lag : int, optional
        Largest shift, in days.
    level : float, optional
        One minus the chance at which lag 0 is left where the sources are unrelated (6 % were measured at 0.95).

    Returns
    -------
    DataFrame
        ``lag`` (positive: `b` reports later), ``days`` (pairs), ``correlation`` (NaN with fewer than 10 pairs),
        ``detrended``, ``plain`` (`cross_correlation` of the square roots as they are), ``chosen``, ``probability``
        (see Notes; NaN where no lag has a correlation), ``in_set`` (the fewest lags that hold `level` of the
        probability, and the chosen one).

    Notes
    -----
    The probability of a lag supposes that one lag holds on all days, that all lags tried are equally likely beforehand
    and that square roots off their trend are normal: the likelihood of the pairs at a lag with correlation *r* is then
    proportional to (1 - r²)^(-n/2), the largest over the unknown means, variances and slope; *n* is the fewest pairs
    at any lag, and a correlation below 0 counts as none. Where a source reports some deaths at once and others later,
    no one lag is right, and the probability only says which fits best.

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=12)
    >>> a = pd.Series([1.0, 9, 4, 0, 1, 16, 1, 0, 4, 1, 0, 9], index=days)
    >>> table = lag_table(a, a.shift(1), max_lag=1)
    >>> table[["lag", "days", "chosen"]].to_string(index=False).splitlines()[-1].split()
    ['1', '11', 'True']
    """
    left, right = np.sqrt(a), np.sqrt(b)
    flat_left, flat_right = _off_trend(left), _off_trend(right)
    detrended = len(shared_days(flat_left, flat_right, 0)) >= DETRENDED_FEWEST
    if detrended:
        left, right = flat_left, flat_right
    plain = cross_correlation(np.sqrt(a), np.sqrt(b), max_lag=max_lag)
    rows = []
    for lag in range(-max_lag, max_lag + 1):
        pairs = shared_days(left, right, lag)
        enough = len(pairs) >= FEWEST_DAYS and pairs["a"].std() > 0 and pairs["b"].std() > 0
        strength = float(np.corrcoef(pairs["a"], pairs["b"])[0, 1]) if enough else math.nan
        rows.append((lag, len(pairs), strength, detrended, plain[lag + max_lag]))
    table = pd.DataFrame(rows, columns=["lag", "days", "correlation", "detrended", "plain"])
    table["chosen"] = table["lag"] == _choose_lag(table, level)
    table["probability"] = _probabilities(table)
    table["in_set"] = _smallest_set(table, level)
    return table


def cross_correlation(a: pd.Series, b: pd.Series, *, max_lag: int) -> NDArray[np.float64]:
    """Give the cross-correlation function of two daily series, with the means and variances of all their days.

    Parameters
    ----------
    a, b : Series of float
        Figures with a daily DatetimeIndex, NaN on days not observed.
    max_lag : int
        Largest shift, in days.

    Returns
    -------
    array of float, shape (2 max_lag + 1,)
        From lag ``-max_lag`` to ``max_lag``; positive: `b` comes later (R's ``ccf(b, a)``). NaN where a side never
        changes or no pair is left.

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=8)
    >>> a = pd.Series([1.0, 3, 2, 0, 1, 4, 1, 0], index=days)
    >>> b = pd.Series([0.0, 1, 3, 2, 0, 1, 4, 1], index=days)
    >>> cross_correlation(a, b, max_lag=1).round(2).tolist()
    [-0.88, -0.07, 0.84]
    """
    both = pd.concat({"a": a, "b": b}, axis=1, sort=True).asfreq("D")
    x, y = (both[name].to_numpy(dtype="float64") for name in ("a", "b"))
    found = np.full(2 * max_lag + 1, np.nan)
    if np.isnan(x).all() or np.isnan(y).all():
        return found
    x, y = x - np.nanmean(x), y - np.nanmean(y)
    scale = math.sqrt(float(np.nanmean(x**2) * np.nanmean(y**2)))
    if scale == 0.0:
        return found
    for lag in range(-min(max_lag, len(x) - 1), min(max_lag, len(x) - 1) + 1):
        products = x[max(0, -lag) : len(x) - max(0, lag)] * y[max(0, lag) : len(y) - max(0, -lag)]
        known = products[~np.isnan(products)]
        if len(known):
            # As in R, a shift counts the days that it loses, which keeps the function positive definite.
            found[lag + max_lag] = known.sum() / (len(known) + abs(lag)) / scale
    return found


def ratio_over_lags(
    a: pd.Series, b: pd.Series, lags: pd.DataFrame, *, level: float = 0.95
) -> tuple[Answer, pd.DataFrame]:
    """Estimate the ratio at each lag that cannot be ruled out, and over them by their probabilities.

    Parameters
    ----------
    a, b : Series of float
        Daily counts with a daily DatetimeIndex, NaN on days not observed.
    lags : DataFrame
        Of `lag_table`.
    level : float, optional
        Level of the intervals.

    Returns
    -------
    Estimate or NotEstimable
        The ratio; with one lag as it is to be quoted. With several, on the log scale, the squared distance to each end
        is the mean, weighted by the probabilities within the set, of the squared distances to the ends at the lags and
        of the squared distances between their ratios and the mean ratio, these times the squared normal quantile.
    DataFrame
        `lags` with ``ratio, ratio_low, ratio_high`` (NaN outside of the set).

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=12)
    >>> a = pd.Series([1.0, 9, 4, 0, 1, 16, 1, 0, 4, 1, 0, 9], index=days)
    >>> over, table = ratio_over_lags(a, a.shift(1) * 2, lag_table(a, a.shift(1) * 2, max_lag=1))
    >>> over.value, table["ratio"].tolist()
    (0.5, [nan, nan, 0.5])
    """
    weights: list[float] = []
    ends = np.full((len(lags), 3), np.nan)
    fault: NotEstimable | None = None
    for position in np.flatnonzero(lags["in_set"]):
        pairs = shared_days(a, b, int(lags["lag"].iloc[position]))
        found = paired_ratio(pairs["a"], pairs["b"], level=level).quoted
        if isinstance(found, NotEstimable):
            fault = found
            continue
        ends[position] = (found.value, found.low, found.high)
        probability = float(lags["probability"].iloc[position])
        weights.append(1.0 if math.isnan(probability) else probability)
    table = lags.assign(ratio=ends[:, 0], ratio_low=ends[:, 1], ratio_high=ends[:, 2])
    if fault is not None:
        return fault, table
    if len(weights) == 1:
        value, low, high = table.loc[table["in_set"], ["ratio", "ratio_low", "ratio_high"]].to_numpy()[0]
        return Estimate(float(value), float(low), float(high), level, "ratio"), table
    weight = np.asarray(weights) / np.sum(weights)
    logs = np.log(ends[~np.isnan(ends[:, 0])])
    centre = float(weight @ logs[:, 0])
    between = float(weight @ (logs[:, 0] - centre) ** 2) * float(stats.norm.ppf((1 + level) / 2)) ** 2
    down, up = (math.sqrt(float(weight @ (logs[:, 0] - logs[:, end]) ** 2) + between) for end in (1, 2))
    return Estimate(math.exp(centre), math.exp(centre - down), math.exp(centre + up), level, "ratio"), table


def _choose_lag(table: pd.DataFrame, level: float) -> int:
    """Keep lag 0 unless the best correlation is clearly higher; of equal ones the smaller shift wins."""
    known = table.dropna(subset="correlation")
    if known.empty or 0 not in set(known["lag"]) or len(known) == 1:
        return 0
    known = known.assign(size=known["lag"].abs()).sort_values(["correlation", "size"], ascending=[False, True])
    best, zero = known.iloc[0], known[known["lag"] == 0].iloc[0]
    gain = math.atanh(min(best["correlation"], 1 - 1e-12)) - math.atanh(min(zero["correlation"], 1 - 1e-12))
    error = math.sqrt(1 / (best["days"] - 3) + 1 / (zero["days"] - 3))
    bar = float(stats.norm.isf((1 - level) / (len(known) - 1)))
    return int(best["lag"]) if gain > bar * error else 0


def _probabilities(table: pd.DataFrame) -> pd.Series:
    """Weigh the lags by the likelihood of a common slope at each, on the same number of days."""
    known = table["correlation"].notna()
    if not known.any():
        return pd.Series(math.nan, index=table.index)
    r = table["correlation"].clip(lower=0.0, upper=1 - 1e-12)
    log_likelihood = (-0.5 * table.loc[known, "days"].min() * np.log1p(-(r**2))).where(known, -np.inf)
    weight = np.exp(log_likelihood - log_likelihood.max())
    return pd.Series(weight / weight.sum(), index=table.index)


def _smallest_set(table: pd.DataFrame, level: float) -> pd.Series:
    """Take the most probable lags until they hold the level; of equal ones both, so that no side is preferred."""
    if table["probability"].isna().all():
        return pd.Series(True, index=table.index)
    ordered = table["probability"].sort_values(ascending=False)
    last = ordered.iloc[int(np.searchsorted(ordered.cumsum().to_numpy(), level - 1e-12))]
    near: pd.Series = table["probability"] >= last * (1 - 1e-9)
    return near | table["chosen"]


def _off_trend(values: pd.Series) -> pd.Series:
    """Take the local mean off; days with too few observed neighbours become missing."""
    return values - values.rolling(TREND_DAYS, center=True, min_periods=TREND_FEWEST).mean()
