"""Log-linear models of lists that overlap: every hierarchical model, fitted in one batch.

A cell says which lists hold a person, and its count is Poisson with a logarithm that is a sum of effects of lists and
of interactions between them. The cell of those whom no list holds is not observed; what a model expects in it is the
exponential of its constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.optimize import linprog
from scipy.special import gammaln, xlogy

__all__ = ["MOST_LISTS", "LogLinearFits", "all_cells", "capture_design", "fit_log_linear", "hierarchical_models"]

Floats = npt.NDArray[np.float64]
Terms = tuple[frozenset[int], ...]

MOST_LISTS = 5
_SWEEPS = 200
_SETTLED = 1e-13
# A fitted cell below this may be on its way to nothing: whether it is, a linear programme decides.
_VANISHING = 1e-4


@dataclass(frozen=True, slots=True)
class LogLinearFits:
    """Maximum-likelihood fits of several models to the same cells.

    Parameters
    ----------
    unseen : ndarray of float, shape (models,)
        Expected count of the cell that was not observed; NaN where the maximum does not exist.
    variance : ndarray of float, shape (models,)
        Variance of its logarithm.
    deviance : ndarray of float, shape (models,)
        Twice the distance of the log likelihood from that of a model with a parameter a cell.
    parameters : ndarray of int, shape (models,)
        Number of parameters.
    loglik : ndarray of float, shape (models,)
        Poisson log likelihood.
    exists : ndarray of bool, shape (models,)
        Whether the maximum of the likelihood is attained by finite parameters.
    effects : ndarray of float, shape (models, largest number of parameters)
        The parameters, in the order of the columns; NaN behind the last one of a model.
    """

    unseen: Floats
    variance: Floats
    deviance: Floats
    parameters: npt.NDArray[np.int64]
    loglik: Floats
    exists: npt.NDArray[np.bool_]
    effects: Floats


def all_cells(lists: int) -> npt.NDArray[np.int64]:
    """Give the observable cells of so many lists: all 0/1 rows but the one of zeros.

    Parameters
    ----------
    lists : int
        Number of lists.

    Returns
    -------
    ndarray of int, shape (2 ** lists - 1, lists)

    Examples
    --------
    >>> all_cells(2).tolist()
    [[0, 1], [1, 0], [1, 1]]
    """
    return np.array(list(product((0, 1), repeat=lists)), dtype=np.int64)[1:]


def hierarchical_models(lists: int) -> list[Terms]:
    """Give every hierarchical model that holds each list's own effect and not all interactions.

    A model holds, with an interaction, all interactions of fewer of the same lists.

    Parameters
    ----------
    lists : int
        Number of lists, 2 to 5.

    Returns
    -------
    list of tuple of frozenset
        The interactions of each model (sets of positions), from the model without any; 1, 8, 113 and 6,893 of them.

    Examples
    --------
    >>> [len(hierarchical_models(lists)) for lists in (2, 3, 4)]
    [1, 8, 113]
    """
    grown: list[frozenset[frozenset[int]]] = [frozenset()]
    for size in range(2, lists):
        sets = [frozenset(chosen) for chosen in combinations(range(lists), size)]
        grown = [model | added for model in grown for added in _subsets([one for one in sets if _closed(one, model)])]
    return [tuple(sorted(model, key=lambda one: (len(one), sorted(one)))) for model in grown]


def capture_design(cells: npt.NDArray[np.int64], terms: Sequence[frozenset[int]]) -> Floats:
    """Give the columns of a model: a constant, each list, and each interaction.

    Parameters
    ----------
    cells : ndarray of int, shape (cells, lists)
        Which lists hold the persons of a cell.
    terms : sequence of frozenset of int
        Interactions.

    Returns
    -------
    ndarray of float, shape (cells, 1 + lists + interactions)
    """
    columns = [np.ones(len(cells)), *cells.T, *(cells[:, sorted(term)].all(axis=1) for term in terms)]
    return np.column_stack(columns).astype(float)


def fit_log_linear(counts: Floats, designs: Sequence[Floats]) -> LogLinearFits:
    """Fit Poisson models with a log link to the same counts.

    Parameters
    ----------
    counts : ndarray of float, shape (cells,)
        Persons in each observable cell.
    designs : sequence of ndarray of float, shape (cells, parameters)
        The columns of each model, the constant first (see `capture_design`).

    Returns
    -------
    LogLinearFits

    Notes
    -----
    With empty cells the likelihood of a model may have no maximum at finite parameters [1]_. Where a fitted cell comes
    near nothing, a linear programme looks for a positive table with the same sufficient margins; without one the model
    is marked, and gives no number.

    References
    ----------
    .. [1] Fienberg, S. E. and Rinaldo, A. (2012), "Maximum likelihood estimation in log-linear models", Annals of
       Statistics 40(2), 996-1023.

    Examples
    --------
    >>> cells = all_cells(2)
    >>> fits = fit_log_linear(np.array([30.0, 20.0, 10.0]), [capture_design(cells, [])])
    >>> float(fits.unseen.round(6)[0])  # 20 * 30 / 10
    60.0
    """
    width = max(design.shape[1] for design in designs)
    stacked = np.zeros((len(designs), len(counts), width))
    sizes = np.array([design.shape[1] for design in designs], dtype=np.int64)
    for place, design in enumerate(designs):
        stacked[place, :, : design.shape[1]] = design
    means, variance, effects = _fit_all(np.asarray(counts, dtype=float), stacked, sizes)
    exists = np.ones(len(designs), dtype=bool)
    for place, design in enumerate(designs):
        if not np.isfinite(means[place]).all() or means[place, 1:].min() < _VANISHING:
            exists[place] = _attained(np.asarray(counts, dtype=float), design)
    fitted = np.maximum(means[:, 1:], np.finfo(float).tiny)
    loglik = (xlogy(counts, fitted) - fitted - gammaln(np.asarray(counts) + 1.0)).sum(axis=1)
    saturated = (xlogy(counts, counts) - counts - gammaln(np.asarray(counts) + 1.0)).sum()
    return LogLinearFits(
        unseen=np.where(exists, means[:, 0], np.nan),
        variance=np.where(exists, variance, np.nan),
        deviance=2.0 * (saturated - loglik),
        parameters=sizes,
        loglik=loglik,
        exists=exists,
        effects=effects,
    )


def _closed(one: frozenset[int], model: frozenset[frozenset[int]]) -> bool:
    """Tell whether a model holds every interaction of one list fewer, so that it may hold this one."""
    return all(len(one) == 2 or one - {member} in model for member in one)


def _subsets(items: Sequence[frozenset[int]]) -> list[frozenset[frozenset[int]]]:
    return [frozenset(chosen) for size in range(len(items) + 1) for chosen in combinations(items, size)]


def _attained(counts: Floats, design: Floats) -> bool:
    """Tell whether some table without an empty cell has the same sufficient margins as the counts."""
    cells, _ = design.shape
    # The largest least cell: maximise s with margins kept and each cell at least s.
    goal = np.append(np.zeros(cells), -1.0)
    found = linprog(
        goal,
        A_ub=np.column_stack([-np.eye(cells), np.ones(cells)]),
        b_ub=np.zeros(cells),
        A_eq=np.column_stack([design.T, np.zeros(design.shape[1])]),
        b_eq=design.T @ counts,
        bounds=[(0, None)] * cells + [(None, max(counts.sum(), 1.0))],
    )
    return bool(found.status == 0 and -found.fun > 1e-7 * max(counts.sum(), 1.0))


@njit(cache=True, nogil=True)
def _fit_all(counts: Floats, stacked: Floats, sizes: npt.NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Fit each design by Newton steps; give the unseen and the fitted cells, the variance of the constant, and all."""
    models, cells, width = stacked.shape
    effects = np.full((models, width), np.nan)
    means = np.full((models, cells + 1), np.nan)
    variance = np.full(models, np.nan)
    total = counts.sum()
    for model in range(models):
        size = sizes[model]
        design = np.ascontiguousarray(stacked[model, :, :size])
        fitted = counts + 0.5
        eta = np.log(fitted)
        beta = np.zeros(size)
        before = np.inf
        information = np.zeros((size, size))
        for _ in range(_SWEEPS):
            working = eta + (counts - fitted) / fitted
            information = design.T @ (design * fitted.reshape(-1, 1))
            for k in range(size):
                # A cell that goes to nothing leaves the information singular: a trace of it keeps the step finite.
                information[k, k] += 1e-12 * (1.0 + information[k, k])
            beta = np.linalg.solve(information, design.T @ (fitted * working))
            eta = np.minimum(np.maximum(design @ beta, -60.0), 60.0)
            fitted = np.exp(eta)
            deviance = 0.0
            for cell in range(cells):
                if counts[cell] > 0.0:
                    deviance += counts[cell] * (np.log(counts[cell]) - eta[cell])
                deviance -= counts[cell] - fitted[cell]
            if abs(before - deviance) <= _SETTLED * (total + abs(deviance)):
                break
            before = deviance
        unit = np.zeros(size)
        unit[0] = 1.0
        information = design.T @ (design * fitted.reshape(-1, 1))
        for k in range(size):
            information[k, k] += 1e-12 * (1.0 + information[k, k])
        means[model, 0] = np.exp(min(beta[0], 60.0))
        means[model, 1:] = fitted
        effects[model, :size] = beta
        variance[model] = np.linalg.solve(information, unit)[0]
    return means, variance, effects
