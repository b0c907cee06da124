"""What moves an answer: any model fitted under several choices, or seeds, with the answers side by side."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["Sensitivity", "compare_seeds", "vary"]

_FRAME = {
    "choice": "str",
    "quantity": "str",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "level": "float64",
    "unit": "str",
    "reason": "str",
}


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity(Result):
    """The answers of one model under several choices.

    Parameters
    ----------
    basis : Basis
        What the first of the answers rests on; its settings are what all choices have in common.
    results : mapping of str to Result
        By choice: what the model gave.
    warnings : tuple of str
        Answers that the choice decides.
    """

    basis: Basis
    results: Mapping[str, Result]
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Give the answers as text."""
        lines = [f"Sensitivity of {self.basis.label}", *self.basis.lines()[1:], f"Choices:  {', '.join(self.results)}"]
        lines.append("")
        for row in self.moves().to_dict("records"):
            if math.isnan(row["lowest"]):
                lines.append(f"{row['quantity']}: not estimable under any choice")
                continue
            text = f"{row['quantity']}: {row['lowest']:.4g} to {row['highest']:.4g} {row['unit']}".rstrip()
            if not math.isnan(row["of_width"]):
                text += f"; the choices move it by {row['of_width']:.0%} of its interval's width"
            if row["missing"]:
                text += f"; not estimable under {row['missing']} of {len(self.results)}"
            lines.append(text)
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give one row an answer: ``choice, quantity, value, low, high, level, unit, reason``."""
        rows = []
        for choice, result in self.results.items():
            for name, answer in _answers(result).items():
                number = Estimate(math.nan) if isinstance(answer, NotEstimable) else answer
                reason = answer.reason if isinstance(answer, NotEstimable) else ""
                rows.append((choice, name, number.value, number.low, number.high, number.level, number.unit, reason))
        return pd.DataFrame(rows, columns=list(_FRAME)).astype(_FRAME)

    def moves(self) -> pd.DataFrame:
        """Give one row a quantity: ``quantity, lowest, highest, unit, of_width, missing``.

        ``of_width`` is the range of the values over the median width of their intervals (NaN without intervals);
        ``missing`` counts the choices under which the quantity is not estimable.
        """
        rows = []
        for name, part in self.to_frame().groupby("quantity", sort=False):
            known = part[part["reason"] == ""]
            lowest, highest = known["value"].min(), known["value"].max()
            width = (known["high"] - known["low"]).median()
            share = (highest - lowest) / width if width > 0.0 else math.nan
            unit = "; ".join(dict.fromkeys(known["unit"]))
            rows.append((name, lowest, highest, unit, share, len(part) - len(known)))
        return pd.DataFrame(rows, columns=["quantity", "lowest", "highest", "unit", "of_width", "missing"])


def vary(
    fit: Callable[..., Result], series: DailySeries, choices: Mapping[str, Mapping[str, Any]], **common: Any
) -> Sensitivity:
    """Fit a model to a series under several choices.

    Parameters
    ----------
    fit : callable
        A model of the package, e.g. `casualties.fit_trend`, or any function that is called as ``fit(series,
        **settings)`` and gives a result.
    series : DailySeries
        The series.
    choices : mapping of str to mapping
        By name: the settings of each choice, e.g. ``{"weekday": {}, "no weekday": {"weekday": False}}``.
    **common
        Settings of all choices.

    Returns
    -------
    Sensitivity
        All answers that are an estimate or not estimable, and by how much the choices move them.

    Raises
    ------
    InputError
        If there are fewer than two choices, or a choice sets what is common to all; and what `fit` raises.

    Examples
    --------
    >>> from casualties.models.trend import fit_trend
    >>> counts = [2, 3, 1, 4, 3, 5, 4, 6, 5, 9, 7, 8, 12, 9, 14, 11, 15, 19, 16, 21] * 2
    >>> series = DailySeries.from_counts(counts, "2019-04-20")
    >>> found = vary(fit_trend, series, {"weekdays": {}, "none": {"weekday": False}})
    >>> found.to_frame().query("quantity == 'growth'")["choice"].tolist()
    ['weekdays', 'none']
    """
    if len(choices) < 2:
        raise InputError("two choices or more are compared", column="choices", value=", ".join(choices))
    for name, settings in choices.items():
        twice = sorted(set(settings) & set(common))
        if twice:
            raise InputError(
                f"the choice {name!r} sets what is common to all", column=twice[0], value=settings[twice[0]]
            )
    results = {name: fit(series, **common, **settings) for name, settings in choices.items()}
    first = next(iter(results.values())).basis
    same = {
        key: value
        for key, value in first.settings.items()
        if all(key in result.basis.settings and result.basis.settings[key] == value for result in results.values())
    }
    seeds = {result.basis.seed for result in results.values()}
    basis = replace(first, settings=same, seed=first.seed if len(seeds) == 1 else None)
    found = Sensitivity(basis, results, ())
    return replace(found, warnings=_warnings(found))


def compare_seeds(fit: Callable[..., Result], series: DailySeries, seeds: Sequence[int], **common: Any) -> Sensitivity:
    """Fit a model under several seeds: what chance alone moves.

    Parameters
    ----------
    fit, series
        As in `vary`.
    seeds : sequence of int
        Two or more, each once.
    **common
        Settings of all fits, e.g. the number of draws.

    Returns
    -------
    Sensitivity

    Raises
    ------
    InputError
        As in `vary`.

    Examples
    --------
    >>> from casualties.models.trend import fit_trend
    >>> series = DailySeries.from_counts([2, 3, 1, 4, 3, 5, 4, 6, 5, 9, 7, 8, 12, 9, 14, 11, 15, 19], "2019-04-20")
    >>> list(compare_seeds(fit_trend, series, (1, 2), draws=2).results)
    ['seed 1', 'seed 2']
    """
    return vary(fit, series, {f"seed {seed}": {"seed": seed} for seed in seeds}, **common)


def _answers(result: Result) -> dict[str, Estimate | NotEstimable]:
    """Give the answers of a result that are a number or the reason why there is none, by name."""
    names = [field.name for field in dataclasses.fields(result)]  # type: ignore[arg-type]
    values = {name.replace("_", " "): getattr(result, name) for name in names}
    return {name: value for name, value in values.items() if isinstance(value, Estimate | NotEstimable)}


def _warnings(found: Sensitivity) -> tuple[str, ...]:
    """Name the answers that a choice decides: estimable or not, on this or that side of the others' interval."""
    texts = []
    frame = found.to_frame()
    for row in found.moves().to_dict("records"):
        name, part = str(row["quantity"]), frame[frame["quantity"] == row["quantity"]]
        known = part[part["reason"] == ""]
        if 0 < row["missing"] < len(part):
            names = ", ".join(part.loc[part["reason"] != "", "choice"])
            texts.append(f"The {name} is not estimable under: {names}.")
        if len(set(known["unit"])) > 1:
            texts.append(f"The choices change what the {name} counts: {row['unit']}.")
        elif known["low"].max() > known["high"].min():
            texts.append(f"Intervals of the {name} under different choices do not meet.")
    return tuple(texts)
