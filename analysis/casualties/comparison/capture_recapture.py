"""Whom did nobody record? A spread of models and a lower bound from lists that overlap, or a refusal with its reasons.

No single number is safe here: models that fit a table equally well differ by thousands in those whom no list holds. So
the answer is their spread, with a lower bound before it; and where the lists cannot bear even that, the reasons, and in
which direction each of them would bend a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from casualties.comparison.capture_cells import CaptureTable, read_cells
from casualties.comparison.capture_estimates import (
    average,
    chao,
    chapman,
    independence_p,
    lower_bound,
    model_table,
    sample_coverage,
)
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.decomposable import average_over_graphs
from casualties.results import Basis, Result, answers_frame

__all__ = ["UNITS", "UndocumentedResult", "estimate_undocumented"]

Answer = Estimate | NotEstimable
UNITS = ("persons", "events")
# So many must be on two lists or more before anything is said of those on none.
FEWEST_SHARED = 10
# A list of which so much stands on one other is taken for its copy; with two lists, which cannot be tested, sooner.
COPIED, COPIED_OF_TWO = 0.95, 0.8
# A model takes part in the spread with this weight, by AIC or by BIC.
PLAUSIBLE = 0.01
# Below this p-value the lists are not independent.
_DEPENDENT = 0.05
_ANSWERS = ("lower_bound", "spread", "bic", "aic", "decomposable", "chao", "coverage", "coverage_number")
METHOD = "all hierarchical log-linear models; decomposable graphs; lower bound of unequal visibility"
ALWAYS = (
    "The number of those whom nobody recorded is not observed: models that fit these lists equally well can differ in "
    "it by as much as the spread, and the truth can lie outside."
)


@dataclass(frozen=True, slots=True, eq=False)
class UndocumentedResult(Result):
    """How many there are, recorded or not, by lists that overlap.

    Parameters
    ----------
    basis : Basis
        The lists and settings.
    lists : tuple of str
        Names of the lists.
    recorded : int
        Persons (or events) on any list.
    cells : DataFrame
        One 0/1 column a list and ``count``, all strata together.
    lower_bound : Estimate or NotEstimable
        Fewest that unequal visibility leaves possible, where no two lists avoid each other's persons.
    spread : Estimate or NotEstimable
        From the least to the largest end of all models that the table leaves plausible; its value is the average by
        BIC and no better than any other within.
    bic, aic, decomposable : Estimate or NotEstimable
        Averages over models by BIC and AIC weights, and over decomposable graphs with their posterior.
    chao : Estimate or NotEstimable
        Chao's number from those on one list and on two.
    coverage, coverage_number : Estimate or NotEstimable
        Sample coverage, and the number it implies for persons who are equally visible.
    models : DataFrame
        Every model, see `casualties.comparison.capture_estimates.model_table`.
    pairs : DataFrame
        Chapman's number of each two lists.
    strata : DataFrame
        One row a stratum: its name, ``recorded, lower_bound, value, low, high, reason``; empty without strata.
    independence : float
        p-value of lists that do not depend on each other and persons that are equally visible; NaN with two lists.
    warnings : tuple of str
        What a reader must know before quoting a number.
    """

    basis: Basis
    lists: tuple[str, ...]
    recorded: int
    cells: pd.DataFrame
    lower_bound: Answer
    spread: Answer
    bic: Answer
    aic: Answer
    decomposable: Answer
    chao: Answer
    coverage: Answer
    coverage_number: Answer
    models: pd.DataFrame
    pairs: pd.DataFrame
    strata: pd.DataFrame
    independence: float
    warnings: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What is counted: persons or events."""
        return str(self.basis.settings["unit"])

    def to_frame(self) -> pd.DataFrame:
        """Give the answers, one row each: ``quantity, value, low, high, level, unit, reason``."""
        return answers_frame(self, _ANSWERS)

    def summary(self) -> str:
        """Give the answer as text, the lower bound and the spread first."""
        lines = [
            f"{self.recorded:,} {self.unit} on {len(self.lists)} lists ({', '.join(self.lists)}), and those on none",
            f"Method:   {self.basis.method}",
        ]
        if isinstance(self.spread, NotEstimable):
            why = [f"  - {reason}" for reason in self.spread.reason.split("; ")]
            return "\n".join([*lines, "No number of those on none of them:", *why])
        words = {
            "at least": self.lower_bound,
            "spread": self.spread,
            "by BIC": self.bic,
            "by AIC": self.aic,
            "by graphs": self.decomposable,
            "Chao": self.chao,
        }
        lines += [f"{f'{name}:':<11}{answer.words(',.0f')}" for name, answer in words.items()]
        lines[-1] += " (with few lists too high even where nothing depends on anything)"
        lines.append(f"{'coverage:':<11}{self.coverage.words('.0%')} of an average list, weighed by visibility")
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])


def estimate_undocumented(
    cells: pd.DataFrame,
    *,
    unit: str = "persons",
    dependent: Sequence[tuple[str, str]] = (),
    partial: Sequence[str] = (),
    by: Sequence[str] = (),
    level: float = 0.95,
) -> UndocumentedResult:
    """Say what lists that overlap can tell of those on none of them.

    Parameters
    ----------
    cells : DataFrame
        One 0/1 column a list (two to five) and ``count``; a row of zeros is ignored. Matching of the lists must be
        done: a missed match makes every number too high.
    unit : {"persons", "events"}, optional
        What the counts are of.
    dependent : sequence of pairs of str, optional
        Lists of which one is known to take from the other: only models that let them depend are used.
    partial : sequence of str, optional
        Lists that by their own rules cover only some of the cases.
    by : sequence of str, optional
        Columns whose values are strata: places, periods. Each is answered by itself, and the spread and bound are those
        of the sum.
    level : float, optional
        Level of the intervals.

    Returns
    -------
    UndocumentedResult
        Not estimable, with every reason: where fewer than 10 are on two lists or more; where one list holds nobody;
        where a list stands almost wholly on another; with two lists, whose dependence cannot be tested; for events,
        which are not seen alike; where a list covers some cases only. What two lists would give if they were
        independent stands in `pairs` all the same.

    Raises
    ------
    InputError
        If the table cannot be read, or the level does not lie between 0 and 1.
    UnknownNameError
        If the unit, or a list named, does not exist.

    Notes
    -----
    The spread runs over every model with an AIC or BIC weight of at least 0.01 and the average over graphs. In
    simulated lists of persons of unequal visibility the averages are too low and the average over graphs fails almost
    always (see the calibration); the lower bound and the spread hold.

    References
    ----------
    Bishop, Y. M. M., Fienberg, S. E. and Holland, P. W. (1975), Discrete Multivariate Analysis, chapter 6, MIT Press.
    Price, M. and Ball, P. (2015), "Selection bias and the statistical patterns of mortality in conflict", Statistical
    Journal of the IAOS 31(2), 263-272.

    Examples
    --------
    >>> lists = pd.DataFrame({"P": [0, 0, 0, 1, 1, 1, 1], "Q": [0, 1, 1, 0, 0, 1, 1], "E": [1, 0, 1, 0, 1, 0, 1],
    ...                       "count": [63, 55, 18, 69, 17, 21, 28]})
    >>> found = estimate_undocumented(lists)
    >>> print(found.lower_bound.words(".0f"), "|", found.spread.words(".0f"))
    479 (409 to 583) | 1262 (353 to 2888)
    >>> print(estimate_undocumented(lists.drop(columns="E")).spread)  # doctest: +ELLIPSIS
    not estimable: with two lists nothing can tell whether one depends on the other: ...
    """
    if unit not in UNITS:
        raise UnknownNameError("unit", unit, UNITS)
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level, remedy="write 0.95 for 95 %")
    tables = read_cells(cells, by)
    whole = CaptureTable(next(iter(tables.values())).lists, np.sum([each.counts for each in tables.values()], axis=0))
    for argument, names in (("dependent", [name for pair in dependent for name in pair]), ("partial", partial)):
        for name in names:
            if name not in whole.lists:
                raise UnknownNameError(argument, name, whole.lists)
    needed = [frozenset(map(whole.lists.index, pair)) for pair in dependent]
    settings = {"unit": unit, "dependent": [list(pair) for pair in dependent], "partial": list(partial), "level": level}
    basis = Basis(
        label=f"{unit} on and off lists",
        source="; ".join(whole.lists),
        vintage="",
        start="",
        end="",
        days=0,
        days_observed=0,
        method=METHOD,
        settings=settings | ({"by": list(by)} if by else {}),
    )
    declared = _declared(unit, partial)
    parts = {key: _answer(table, needed, declared, level) for key, table in tables.items()}
    answers = _answer(whole, needed, declared, level) if by else next(iter(parts.values()))
    strata = _strata(parts, tables, by)
    if by:
        answers |= _summed(parts, level)
    independence = independence_p(whole) if whole.recorded and len(whole.lists) > 2 else float("nan")
    frame = pd.DataFrame(dict(zip(whole.lists, whole.cells.T, strict=True)))
    return UndocumentedResult(
        basis=basis,
        lists=whole.lists,
        recorded=whole.recorded,
        cells=frame.assign(count=whole.counts.astype("int64")),
        pairs=chapman(whole, level),
        strata=strata,
        independence=independence,
        warnings=_warnings(whole, independence, unit),
        **answers,
    )


def _answer(
    table: CaptureTable, needed: Sequence[frozenset[int]], declared: Sequence[str], level: float
) -> dict[str, Any]:
    """Answer for one table: every number, or why there is none."""
    coverage, number = sample_coverage(table)
    models = model_table(table, level, needed)
    reasons = [*_obstacles(table), *declared]
    found: dict[str, Any] = {"models": models, "coverage": coverage}
    if reasons:
        refused = NotEstimable("; ".join(reasons))
        # No model of a refused table is left lying about for somebody to quote.
        found["models"] = models.iloc[:0]
        names = ("lower_bound", "spread", "bic", "aic", "decomposable", "chao", "coverage_number")
        return found | dict.fromkeys(names, refused)
    bic, aic = (average(models, f"weight_{name}", table.recorded, level) for name in ("bic", "aic"))
    graphs = _over_graphs(table, needed, level)
    plausible = models[(models["weight_aic"] >= PLAUSIBLE) | (models["weight_bic"] >= PLAUSIBLE)]
    averages = [answer for answer in (bic, aic, graphs) if isinstance(answer, Estimate)]
    spread: Answer = bic
    if isinstance(bic, Estimate):
        lows = [*plausible["low"], *(answer.low for answer in averages)]
        highs = [*plausible["high"], *(answer.high for answer in averages)]
        spread = Estimate(bic.value, min(lows), max(highs), level, "persons")
    return found | {
        "lower_bound": lower_bound(table, level),
        "spread": spread,
        "bic": bic,
        "aic": aic,
        "decomposable": graphs,
        "chao": chao(table, level),
        "coverage_number": number,
    }


def _over_graphs(table: CaptureTable, needed: Sequence[frozenset[int]], level: float) -> Answer:
    posterior = average_over_graphs(table.counts, len(table.lists), needed=needed)
    if not posterior.ended:
        return NotEstimable("the posterior over graphs has no end: the lists leave any number possible")
    low, high = (posterior.quantile(share) for share in (0.5 - level / 2.0, 0.5 + level / 2.0))
    value = table.recorded + posterior.mean
    return Estimate(value, min(table.recorded + low, value), max(table.recorded + high, value), level, "persons")


def _obstacles(table: CaptureTable) -> list[str]:
    """Say what of the counts themselves forbids an answer."""
    held, shared = table.held(), int(table.by_lists()[1:].sum())
    empty = [name for name, number in zip(table.lists, held, strict=True) if not number]
    if not table.recorded:
        return ["nobody is on any list"]
    if empty:
        return [f"nobody is on {', '.join(empty)}"]
    reasons = []
    if shared < FEWEST_SHARED:
        reasons.append(f"only {shared} are on more than one list, and fewer than {FEWEST_SHARED} bear no number")
    two = len(table.lists) == 2
    if two:
        reasons.append(
            "with two lists nothing can tell whether one depends on the other: if they tend to hold the same cases the "
            "number is too low, if they avoid each other too high"
        )
    for first, second in combinations(range(len(table.lists)), 2):
        small, large = sorted((first, second), key=lambda place: held[place])
        both = table.shared(first, second)
        if both >= (COPIED_OF_TWO if two else COPIED) * held[small]:
            reasons.append(
                f"{both:,.0f} of the {held[small]:,.0f} on {table.lists[small]} are on {table.lists[large]} too: one "
                "probably takes from the other, and the number would be too low"
            )
    return reasons


def _declared(unit: str, partial: Sequence[str]) -> list[str]:
    """Say what the caller tells of the lists forbids an answer."""
    reasons = []
    if unit == "events":
        reasons.append(
            "events are not seen alike: those with many dead are on more lists, so that the small ones on none are too "
            "few in any number, which is too low"
        )
    if partial:
        cover = "covers" if len(partial) == 1 else "cover"
        reasons.append(
            f"{' and '.join(partial)} {cover} only some of the cases by rule: of the rest it has nothing that could be "
            "compared, and the number is bent up or down by how visible the rest is"
        )
    return reasons


def _strata(
    parts: Mapping[tuple[str, ...], dict[str, Any]],
    tables: Mapping[tuple[str, ...], CaptureTable],
    by: Sequence[str],
) -> pd.DataFrame:
    """Give the answer of each stratum as a row."""
    rows = []
    for key, answers in parts.items() if by else ():
        spread, bound = answers["spread"], answers["lower_bound"]
        numbers = (spread.value, spread.low, spread.high) if isinstance(spread, Estimate) else (float("nan"),) * 3
        least = bound.value if isinstance(bound, Estimate) else float("nan")
        reason = spread.reason if isinstance(spread, NotEstimable) else ""
        rows.append((*key, tables[key].recorded, least, *numbers, reason))
    return pd.DataFrame(rows, columns=[*by, "recorded", "lower_bound", "value", "low", "high", "reason"])


def _summed(parts: Mapping[tuple[str, ...], dict[str, Any]], level: float) -> dict[str, Answer]:
    """Add up what the strata say: from the sum of the least to the sum of the largest, which is wider than need be."""
    found: dict[str, Answer] = {}
    for name in ("lower_bound", "spread", "bic", "aic", "decomposable", "chao", "coverage_number"):
        answers = {"/".join(key): part[name] for key, part in parts.items()}
        silent = [key for key, answer in answers.items() if isinstance(answer, NotEstimable)]
        if silent:
            found[name] = NotEstimable(f"there is no number for {', '.join(silent)}, so there is none for the sum")
            continue
        told = [answer for answer in answers.values() if isinstance(answer, Estimate)]
        value, low, high = (sum(getattr(each, end) for each in told) for end in ("value", "low", "high"))
        found[name] = Estimate(value, low, high, level, "persons")
    return found


def _warnings(table: CaptureTable, independence: float, unit: str) -> tuple[str, ...]:
    """Say what to mind, and in which direction it bends the numbers."""
    found = [ALWAYS]
    if independence < _DEPENDENT:
        apart = _direction(table)
        found.append(
            f"The lists are not independent of each other, or some {unit} are seen by all more easily than others. "
            + (
                "They tend to hold the same ones: models that allow for it by pairs of lists repair copying, not "
                "unequal visibility, under which the averages by BIC and over graphs often miss the number."
                if apart > 0
                else "Some of them avoid each other's: the lower bound is none then."
            )
        )
    return tuple(found)


def _direction(table: CaptureTable) -> float:
    """Tell whether pairs of lists share more (above 0) or less than independent lists of their sizes would."""
    number = lower_bound(table, 0.95)
    if not isinstance(number, Estimate):
        return 1.0
    held, pairs = table.held(), list(combinations(range(len(table.lists)), 2))
    return float(
        sum(np.log((table.shared(*pair) + 0.5) / (held[pair[0]] * held[pair[1]] / number.value)) for pair in pairs)
    )
