"""What a calibration measured, as the documentation and the command print it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from casualties.calibration.answer import CalibrationResult
from casualties.results import register_table

__all__ = ["calibration_table", "intervals_table", "rates_table"]

_SIGNS = {
    "held": "law holds (step randomised)",
    "false alarm": "false alarms",
    "detected": "found",
    "said": "share",
    "delay": "median delay (days)",
}


@register_table(CalibrationResult)
def calibration_table(result: CalibrationResult) -> pd.DataFrame:
    """Tabulate every interval: what it claims, what it holds (per cent, ± Monte-Carlo error), how wide it is."""
    table = result.coverage()
    return pd.DataFrame(
        {
            "Interval of": table["quantity"],
            "Wars": table["scenario"],
            "Claims (%)": [f"{100 * level:.0f}" for level in table["nominal"]],
            "Holds (%)": [_share(*pair) for pair in zip(table["value"], table["error"], strict=True)],
            "Median width": [_number(width) for width in table["width"]],
            "Warned (%)": [_percent(share) for share in table["warned"]],
        }
    )


def intervals_table(result: CalibrationResult, study: str) -> pd.DataFrame:
    """Tabulate the coverage of a study's intervals, one column a scenario.

    Parameters
    ----------
    result : CalibrationResult
        The calibration.
    study : str
        The study's name.

    Returns
    -------
    DataFrame
        ``Interval of, Claims (%)`` and a column a scenario: the share that holds (per cent), ± its Monte-Carlo error,
        and in brackets the median width.
    """
    table = result.coverage()
    table = table[table["study"] == study]
    cells = [
        f"{_share(row['value'], row['error'])} ({_number(row['width'])})" if row["wars"] else "–"
        for row in table.to_dict("records")
    ]
    table = table.assign(cell=cells, claims=[f"{100 * level:.0f}" for level in table["nominal"]])
    return _across(table, ["quantity", "claims"], ["Interval of", "Claims (%)"])


def rates_table(result: CalibrationResult, study: str) -> pd.DataFrame:
    """Tabulate what a study measured besides intervals, one column a scenario.

    Parameters
    ----------
    result : CalibrationResult
        The calibration.
    study : str
        The study's name.

    Returns
    -------
    DataFrame
        ``Of, Measured, Claims`` and a column a scenario: shares in per cent, delays in days (medians), scores as means,
        with ± Monte-Carlo error.
    """
    table = result.other()
    table = table[table["study"] == study]
    cells = [_figure(row) for row in table.to_dict("records")]
    claims = ["" if math.isnan(level) else f"{100 * level:g} %" for level in table["nominal"]]
    measured = [_SIGNS.get(name, name) for name in table["measure"]]
    table = table.assign(cell=cells, claims=claims, measured=measured)
    return _across(table, ["quantity", "measured", "claims"], ["Of", "Measured", "Claims"])


def _across(table: pd.DataFrame, keys: list[str], heads: list[str]) -> pd.DataFrame:
    """Give each scenario a column, rows and columns in the order in which they were measured."""
    wide = table.pivot_table(index=keys, columns="scenario", values="cell", aggfunc="first", sort=False)
    wide = wide.reindex(columns=list(dict.fromkeys(table["scenario"]))).fillna("–")
    return wide.rename_axis(columns=None).reset_index().rename(columns=dict(zip(keys, heads, strict=True)))


def _figure(row: Mapping[Hashable, Any]) -> str:
    value, error = float(row["value"]), float(row["error"])
    if math.isnan(value):
        return "–"
    if row["measure"] == "delay":
        return _number(float(row["median"]))
    if row["measure"] in _SIGNS:
        digits = 1 if value >= 0.02 else 2
        share = f"{100 * value:.{digits}f}"
        return f"{share} % (one war)" if math.isnan(error) else f"{share} ± {100 * error:.{digits}f} %"
    return _number(value) if math.isnan(error) else f"{_number(value)} ± {_number(error)}"


def _share(value: float, error: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f}" + ("" if math.isnan(error) else f" ± {100 * error:.1f}")


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.0f}"


def _number(value: float) -> str:
    """Write a number with three figures."""
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
