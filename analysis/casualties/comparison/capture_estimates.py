"""What one table of overlapping lists can say of those on none: models, averages, a lower bound, pairs, coverage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import chi2

from casualties.comparison.capture_cells import CaptureTable
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.log_linear import capture_design, fit_log_linear, hierarchical_models

__all__ = [
    "MODEL_COLUMNS",
    "average",
    "chao",
    "chapman",
    "independence_p",
    "lower_bound",
    "mixture_quantile",
    "model_table",
    "sample_coverage",
]

MODEL_COLUMNS = [
    "model",
    "number",
    "low",
    "high",
    "se",
    "deviance",
    "df",
    "p",
    "aic",
    "bic",
    "weight_aic",
    "weight_bic",
]
Floats = npt.NDArray[np.float64]
Answer = Estimate | NotEstimable


def model_table(table: CaptureTable, level: float, needed: Sequence[frozenset[int]] = ()) -> pd.DataFrame:
    """Fit every hierarchical log-linear model.

    Parameters
    ----------
    table : CaptureTable
        The counts.
    level : float
        Level of the intervals.
    needed : sequence of frozenset of int
        Interactions that a model must hold: lists known to depend on each other.

    Returns
    -------
    DataFrame
        One row a model whose likelihood has a maximum, the best by BIC first: `MODEL_COLUMNS`. ``number`` counts all
        persons, on lists or not; its interval is log-normal in those on none; ``p`` is that of the deviance (NaN
        without degrees of freedom left); ``bic`` weighs with the number of recorded persons.

    Notes
    -----
    The variance is ``u + u² var(b)``, with ``u`` the expected number of those on no list and ``b`` its logarithm: that
    of the estimate and that of the number itself [1]_.

    References
    ----------
    .. [1] Cormack, R. M. and Jupp, P. E. (1991), "Inference for Poisson and multinomial models for capture-recapture
       experiments", Biometrika 78(4), 911-916.
    """
    cells = table.cells
    models = [model for model in hierarchical_models(len(table.lists)) if set(needed) <= set(model)]
    if not models:
        return pd.DataFrame(columns=MODEL_COLUMNS)
    fits = fit_log_linear(table.counts, [capture_design(cells, model) for model in models])
    df = len(cells) - fits.parameters
    se = np.sqrt(fits.unseen + fits.unseen**2 * fits.variance)
    low, high = _log_normal(fits.unseen, se, level)
    frame = pd.DataFrame(
        {
            "model": [_name(model, table.lists) for model in models],
            "number": table.recorded + fits.unseen,
            "low": table.recorded + low,
            "high": table.recorded + high,
            "se": se,
            "deviance": fits.deviance,
            "df": df,
            "p": np.where(df > 0, chi2.sf(fits.deviance, np.maximum(df, 1)), np.nan),
            "aic": 2.0 * fits.parameters - 2.0 * fits.loglik,
            "bic": math.log(max(table.recorded, 1)) * fits.parameters - 2.0 * fits.loglik,
        }
    )[fits.exists]
    for name in ("aic", "bic"):
        weight = np.exp(-0.5 * (frame[name] - frame[name].min()))
        frame[f"weight_{name}"] = weight / weight.sum()
    return frame.sort_values(["bic", "model"], kind="stable").reset_index(drop=True)[MODEL_COLUMNS]


def average(models: pd.DataFrame, weight: str, recorded: int, level: float) -> Answer:
    """Average over models, the doubt about which is right included.

    Parameters
    ----------
    models : DataFrame
        Of `model_table`.
    weight : {"weight_aic", "weight_bic"}
        The weights.
    recorded : int
        Persons on any list.
    level : float
        Level of the interval, taken from the mixture of the models' log-normal distributions.

    References
    ----------
    Buckland, S. T., Burnham, K. P. and Augustin, N. H. (1997), "Model selection: an integral part of inference",
    Biometrics 53(2), 603-618.
    """
    if models.empty:
        return NotEstimable("no model's likelihood has a maximum: too many combinations of lists hold nobody")
    weights = models[weight].to_numpy()
    unseen = models["number"].to_numpy() - recorded
    value = float(weights @ unseen)
    low, high = (mixture_quantile(models, weight, recorded, share) for share in _ends(level))
    return Estimate(recorded + value, min(low, recorded + value), max(high, recorded + value), level, "persons")


def mixture_quantile(models: pd.DataFrame, weight: str, recorded: int, share: float) -> float:
    """Give a quantile of all persons under the mixture of the models' log-normal distributions.

    Parameters
    ----------
    models, weight, recorded
        As in `average`.
    share : float
        Probability up to the quantile.
    """
    unseen = np.maximum(models["number"].to_numpy() - recorded, 1e-9)
    spread = np.maximum(np.sqrt(np.log1p((models["se"].to_numpy() / unseen) ** 2)), 1e-9)
    weights, centre = models[weight].to_numpy(), np.log(unseen)
    span = (float((centre - 9.0 * spread).min()), float((centre + 9.0 * spread).max()))
    found = brentq(lambda at: float(weights @ ndtr((at - centre) / spread)) - share, *span)
    return recorded + math.exp(float(found))


def lower_bound(table: CaptureTable, level: float) -> Answer:
    """Give the fewest persons that unequal visibility leaves possible, where lists do not avoid each other.

    Parameters
    ----------
    table : CaptureTable
        The counts.
    level : float
        Level of the interval.

    Returns
    -------
    Estimate or NotEstimable

    Notes
    -----
    Lists may differ in size and persons in visibility. The logarithm of a cell is a sum of effects of lists and of a
    convex function of how many they are, as a mixture of visibilities makes it; its bends from three lists on are free,
    and one that turns out negative is left out, the most negative first [1]_. It is a lower bound only if no two lists
    avoid each other's persons.

    References
    ----------
    .. [1] Rivest, L.-P. and Baillargeon, S. (2007), "Applications and extensions of Chao's moment estimator for the
       size of a closed population", Biometrics 63(4), 999-1006.
    """
    cells = table.cells
    number = cells.sum(axis=1)
    extra = list(range(3, len(table.lists) + 1))
    if (table.held() == 0).any() or table.by_lists()[1:].sum() == 0:
        return NotEstimable("nobody is on more than one list" if table.recorded else "nobody is on any list")
    while True:
        bends = [np.maximum(number - k + 1, 0).astype(float) for k in extra]
        fits = fit_log_linear(table.counts, [np.column_stack([capture_design(cells, ()), *bends])])
        effects = fits.effects[0, 1 + len(table.lists) :]
        if extra and not fits.exists[0]:
            # Where nobody is on so many lists, the bend that leads there goes to minus infinity.
            extra.pop()
        elif extra and effects.min() < 0:
            extra.pop(int(effects.argmin()))
        else:
            break
    if not fits.exists[0]:
        return NotEstimable("too many combinations of lists hold nobody")
    se = np.sqrt(fits.unseen + fits.unseen**2 * fits.variance)
    low, high = _log_normal(fits.unseen, se, level)
    base = table.recorded
    return Estimate(base + float(fits.unseen[0]), base + float(low[0]), base + float(high[0]), level, "persons")


def chao(table: CaptureTable, level: float) -> Answer:
    """Give Chao's number from those on one list and on two, which takes lists to be many and alike.

    Parameters
    ----------
    table : CaptureTable
        The counts.
    level : float
        Level of the interval.

    Notes
    -----
    With few lists it is too high by the factor t / (t - 1) in those unseen even where all is independent: no lower
    bound then, and shown for comparison with what others print.

    References
    ----------
    Chao, A. (1987), "Estimating the population size for capture-recapture data with unequal catchability", Biometrics
    43(4), 783-791.
    """
    once, twice, *_ = (*table.by_lists(), 0.0)
    if not twice:
        return NotEstimable("nobody is on exactly two lists")
    ratio = once / twice
    unseen = once**2 / (2.0 * twice)
    se = math.sqrt(twice * (0.25 * ratio**4 + ratio**3 + 0.5 * ratio**2))
    low, high = _log_normal(np.array([unseen]), np.array([se]), level)
    return Estimate(
        table.recorded + unseen, table.recorded + float(low[0]), table.recorded + float(high[0]), level, "persons"
    )


def chapman(table: CaptureTable, level: float) -> pd.DataFrame:
    """Give Chapman's number of each two lists, as if they were independent and the others did not exist.

    Parameters
    ----------
    table : CaptureTable
        The counts.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        ``first, second, held_first, held_second, shared, number, se, low, high``.

    References
    ----------
    Chapman, D. G. (1951), "Some properties of the hypergeometric distribution with applications to zoological sample
    censuses", University of California Publications in Statistics 1, 131-160. Seber, G. A. F. (1970), "The effects of
    trap response on tag recapture estimates", Biometrics 26(1), 13-22 (the variance).
    """
    held = table.held()
    rows = []
    for first, second in combinations(range(len(table.lists)), 2):
        one, two, both = held[first], held[second], table.shared(first, second)
        number = (one + 1) * (two + 1) / (both + 1) - 1
        variance = (one + 1) * (two + 1) * (one - both) * (two - both) / ((both + 1) ** 2 * (both + 2))
        together = one + two - both
        unseen = max(number - together, 0.0)
        low, high = _log_normal(np.array([unseen]), np.array([math.sqrt(variance)]), level)
        ends = (together + float(low[0]), together + float(high[0]))
        names = (table.lists[first], table.lists[second])
        rows.append((*names, int(one), int(two), int(both), number, math.sqrt(variance), *ends))
    columns = ["first", "second", "held_first", "held_second", "shared", "number", "se", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def sample_coverage(table: CaptureTable) -> tuple[Answer, Answer]:
    """Give the share of the persons, weighed by visibility, that an average list reaches, and the number it implies.

    Parameters
    ----------
    table : CaptureTable
        The counts.

    Returns
    -------
    (Estimate or NotEstimable, Estimate or NotEstimable)
        The coverage, and the number if persons are equally visible; neither has an interval here.

    References
    ----------
    Chao, A. and Tsay, P. K. (1998), "A sample coverage approach to multiple-system estimation with application to
    census undercount", Journal of the American Statistical Association 93(441), 283-293.
    """
    held = table.held()
    if (held == 0).any():
        reason = NotEstimable("a list holds nobody")
        return reason, reason
    alone = np.array([table.counts[(table.cells.sum(axis=1) == 1) & (column == 1)].sum() for column in table.cells.T])
    coverage = 1.0 - float((alone / held).mean())
    if coverage <= 0.0:
        reason = NotEstimable("nobody is on more than one list")
        return reason, reason
    number = (table.recorded - float(alone.mean())) / coverage
    return Estimate(coverage, unit="share"), Estimate(number, unit="persons")


def independence_p(table: CaptureTable) -> float:
    """Give the p-value of the model in which no list depends on another and all persons are equally visible.

    Parameters
    ----------
    table : CaptureTable
        The counts, of three lists or more; with two nothing is left to test, and it is NaN.
    """
    fits = fit_log_linear(table.counts, [capture_design(table.cells, ())])
    df = len(table.cells) - int(fits.parameters[0])
    return float(chi2.sf(fits.deviance[0], df)) if df else math.nan


def _log_normal(unseen: Floats, se: Floats, level: float) -> tuple[Floats, Floats]:
    """Give the interval of a number of unseen persons: log-normal, so that it stays above nobody."""
    share = np.divide(se, unseen, out=np.zeros_like(unseen), where=unseen > 0)
    factor = np.exp(float(ndtri(0.5 + level / 2.0)) * np.sqrt(np.log1p(share**2)))
    return unseen / factor, unseen * factor


def _ends(level: float) -> tuple[float, float]:
    return 0.5 - level / 2.0, 0.5 + level / 2.0


def _name(model: Sequence[frozenset[int]], lists: Sequence[str]) -> str:
    """Name a model by the largest sets of lists that depend on each other, those alone included."""
    whole = [frozenset({place}) for place in range(len(lists))]
    generators = [one for one in (*whole, *model) if not any(one < other for other in (*whole, *model))]
    return ", ".join("×".join(lists[place] for place in sorted(one)) for one in sorted(generators, key=sorted))
