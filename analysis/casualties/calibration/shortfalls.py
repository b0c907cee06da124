"""What does not hold, in plain words made from the figures."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

__all__ = [
    "ALLOWED_RATE",
    "FLAT",
    "FOUND",
    "GRID",
    "LEAST_POWER",
    "POOLED",
    "SAID",
    "UNQUOTED",
    "pooled_alarms",
    "pooled_said",
    "shortfalls",
    "tolerance",
]

_Figure: TypeAlias = Mapping[Hashable, Any]

# How far a share may lie from what is claimed.
_NARROW, _WIDE = 0.02, 0.03
_LEAST_AT_95 = 0.90
_FORECAST = "forecast"
# A rate of false alarms may be half, or a third of what is claimed, and twice as much.
_FACTORS = {0.001: (1 / 3, 2.0)}
_FACTOR = (0.5, 2.0)
# Decisions that are claimed over wars of every kind are pooled over these scenarios.
GRID = ("independent", "ar5", "ar9", "spikes")
POOLED = "a change is decided"
# The same of verdicts.
FLAT = ("flat", "flat, ar5")
SAID = "escalating of a flat war"
FOUND = "the change is found"
# What is shown beside an answer and not quoted as one.
UNQUOTED = "if days"
ALLOWED_RATE, _IN_ONE, LEAST_POWER = 0.05, 0.10, 0.85
_UNANSWERED = 0.05


def tolerance(study: str, level: float) -> float:
    """Give how far the coverage of an interval may be off: 2 points at 90 % and above, 3 below and for forecasts.

    Parameters
    ----------
    study : str
        The study's name.
    level : float
        What the interval claims.

    Examples
    --------
    >>> tolerance("growth", 0.95), tolerance("growth", 0.5)
    (0.02, 0.03)
    """
    return _NARROW if level >= 0.9 and study != _FORECAST else _WIDE


def pooled_alarms(table: pd.DataFrame) -> float:
    """Give the rate of false change decisions over the scenarios of `GRID` together; NaN where one is not there."""
    rows = table[(table["quantity"] == POOLED) & (table["measure"] == "false alarm")]
    values = rows.set_index("scenario")["value"].reindex(list(GRID))
    return float(values.mean(skipna=False))


def pooled_said(table: pd.DataFrame) -> tuple[float, float]:
    """Give how often escalating is said of wars that do not change, over the scenarios of `FLAT` together.

    Parameters
    ----------
    table : DataFrame
        A table of `run_studies`.

    Returns
    -------
    (float, float)
        The rate and its Monte-Carlo standard error; NaN where a scenario is not there.
    """
    rows = table[(table["quantity"] == SAID) & (table["measure"] == "false alarm")]
    rows = rows.set_index("scenario").reindex(list(FLAT))
    shares = rows["wars"] / rows["wars"].sum(skipna=False)
    rate = (shares * rows["value"]).sum(skipna=False)
    return float(rate), math.sqrt(float(((shares * rows["error"]) ** 2).sum(skipna=False)))


def shortfalls(table: pd.DataFrame) -> list[str]:
    """Say what falls short of what is claimed.

    Parameters
    ----------
    table : DataFrame
        A table of `run_studies`.

    Returns
    -------
    list of str
        A sentence each: errors first, then 95 % intervals that hold the truth in fewer than 90 % of wars, then every
        interval that is off by more than its tolerance (of those that chance alone explains, only how many; those that
        are too wide, and what follows, from the lowest to the highest scenario), rates of alarm, forecasts that are
        worse than a simple rule, and quoted answers that often cannot be had.

    Examples
    --------
    >>> row = {"study": "growth", "scenario": "ar9", "quantity": "growth, 28 days", "measure": "covered",
    ...        "nominal": 0.95, "value": 0.88, "error": 0.007, "median": 1.0, "wars": 2000, "without": 0.0,
    ...        "warned": 0.97, "asked": 2000, "seed": 1}
    >>> shortfalls(pd.DataFrame([row]))[0]
    'growth, 28 days (ar9): the 95 % interval holds the truth in 88.0 % (± 0.7) of wars, below 90 %; 97 % of the
    results warn.'
    """
    parts = (_failed, _low, _off, _alarms, _decisions, _verdicts, _worse, _unanswered)
    return [line for part in parts for line in part(table)]


def _failed(table: pd.DataFrame) -> Iterator[str]:
    for row in table[table["measure"] == "failed"].to_dict("records"):
        yield f"{row['study']} ({row['scenario']}): an error in {row['value']:.2%} of wars: {row['quantity']}"


def _covered(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["measure"] == "covered") & table["value"].notna() & _quoted(table)]


def _quoted(table: pd.DataFrame) -> pd.Series:
    return ~table["quantity"].str.contains(f", {UNQUOTED} ", regex=False)


def _low(table: pd.DataFrame) -> Iterator[str]:
    rows = _covered(table)
    for row in rows[(rows["nominal"] == 0.95) & (rows["value"] < _LEAST_AT_95)].to_dict("records"):
        share = f"the 95 % interval holds the truth in {_held(row)} of wars, below 90 %"
        yield f"{_where(row)}: {share}; {_warning([row])}."


def _off(table: pd.DataFrame) -> Iterator[str]:
    """Tell of intervals that are off: too narrow by scenario, too wide by quantity; of chance only how many."""
    few: dict[tuple[str, str], list[_Figure]] = {}
    many: dict[str, list[_Figure]] = {}
    chance = 0
    for row in _covered(table).to_dict("records"):
        off = row["value"] - row["nominal"]
        if abs(off) <= tolerance(row["study"], row["nominal"]) or (off > 0 and _law_holds(table, row)):
            continue
        if row["nominal"] == 0.95 and row["value"] < _LEAST_AT_95:
            continue
        if abs(off) < 2 * max(row["error"], math.sqrt(row["nominal"] * (1.0 - row["nominal"]) / row["wars"])):
            chance += 1
        elif off < 0:
            few.setdefault((row["quantity"], row["scenario"]), []).append(row)
        else:
            many.setdefault(row["quantity"], []).append(row)
    for rows in few.values():
        yield f"{_where(rows[0])}: too few, {_listed(rows)}; {_warning(rows)}."
    for quantity, rows in many.items():
        told = (
            f"{_span([100 * row['value'] for row in same], '.1f')} % where {100 * nominal:.0f} % is claimed "
            f"({_scenarios(table, same)})"
            for nominal, same in _by_nominal(rows)
        )
        yield f"{quantity}: too many, the interval is wider than it need be: {'; '.join(told)}."
    if chance:
        yield f"{chance} further figures are off by more than allowed, but no more than chance does with so few wars."


def _law_holds(table: pd.DataFrame, row: _Figure) -> bool:
    """Tell whether an interval holds too much only because its ends are whole numbers."""
    same = table["measure"] == "held"
    for name in ("study", "scenario", "quantity", "nominal"):
        same &= table[name] == row[name]
    held = table.loc[same, "value"]
    return bool(len(held) and abs(held.iloc[0] - row["nominal"]) <= tolerance(row["study"], row["nominal"]))


def _alarms(table: pd.DataFrame) -> Iterator[str]:
    """Tell of rates of false alarms beyond their bounds, those of one quantity together."""
    off: dict[str, list[_Figure]] = {}
    bounded = table["quantity"].isin([POOLED, SAID])
    rows = table[(table["measure"] == "false alarm") & ~bounded & table["nominal"].notna()]
    for row in rows.to_dict("records"):
        least, most = (factor * row["nominal"] for factor in _FACTORS.get(row["nominal"], _FACTOR))
        if least <= row["value"] <= most:
            continue
        if min(abs(row["value"] - least), abs(row["value"] - most)) >= 2 * row["error"]:
            off.setdefault(row["quantity"], []).append(row)
    for quantity, same in off.items():
        told = (
            f"{_rates(figures)} where 1 in {1 / nominal:,.0f} is claimed ({_scenarios(table, figures)})"
            for nominal, figures in _by_nominal(same)
        )
        yield f"{quantity}: false alarms are {'; '.join(told)}."


def _decisions(table: pd.DataFrame) -> Iterator[str]:
    rate = pooled_alarms(table)
    if rate > ALLOWED_RATE:
        yield f"{POOLED}: falsely in {rate:.1%} of wars over {', '.join(GRID)} together, above {ALLOWED_RATE:.0%}."
    rows = table[table["quantity"] == POOLED]
    for row in rows.to_dict("records"):
        if row["measure"] == "false alarm" and row["scenario"] in GRID and row["value"] > _IN_ONE:
            yield f"{POOLED} ({row['scenario']}): falsely in {row['value']:.1%} of wars, above {_IN_ONE:.0%}."
        if row["measure"] == "detected" and row["value"] < LEAST_POWER:
            yield f"{POOLED} ({row['scenario']}): rightly in {row['value']:.1%} of wars, below {LEAST_POWER:.0%}."


def _verdicts(table: pd.DataFrame) -> Iterator[str]:
    """Tell of wars that do not change and are said to escalate too often, and of those whose change is missed often."""
    rate, error = pooled_said(table)
    if rate > ALLOWED_RATE:
        share = f"{100 * rate:.1f} % (± {100 * error:.1f})"
        yield f"{SAID}: said of {share} of wars over independent days and AR .5 together, above {ALLOWED_RATE:.0%}."
    rows = table[(table["quantity"] == SAID) & (table["value"] >= ALLOWED_RATE + 2 * table["error"])]
    for row in rows.to_dict("records"):
        yield f"{_where(row)}: said of {_held(row)} of wars, above {ALLOWED_RATE:.0%}."
    found = (table["quantity"] == FOUND) & (table["measure"] == "detected")
    missed = table[found & (table["value"] < LEAST_POWER)].to_dict("records")
    for study in dict.fromkeys(row["study"] for row in missed):
        same = [row for row in missed if row["study"] == study]
        share = _span([100 * row["value"] for row in same], ".0f")
        yield (
            f"{study}: {FOUND} in {share} % of wars ({_scenarios(table, same)}), below {LEAST_POWER:.0%}: where no "
            "change is called detectable, there may have been one."
        )


def _worse(table: pd.DataFrame) -> Iterator[str]:
    rows = table[(table["measure"] == "skill") & (table["value"] + 2 * table["error"] < 0)]
    for row in rows.to_dict("records"):
        yield f"{_where(row)}: worse than the simple rule, skill {row['value']:.2f} (± {row['error']:.2f})."


def _unanswered(table: pd.DataFrame) -> Iterator[str]:
    """Tell of quoted answers that could often not be had, those of one quantity together."""
    missed: dict[str, list[_Figure]] = {}
    # A row without a single figure counts as well.
    rows = table[(table["measure"] == "covered") & _quoted(table) & (table["without"] > _UNANSWERED)]
    for row in rows.to_dict("records"):
        missed.setdefault(row["quantity"], []).append(row)
    for quantity, same in missed.items():
        share = _span([100 * row["without"] for row in same], ".1f")
        yield f"{quantity}: no answer in {share} % of wars ({_scenarios(table, same)})."


def _by_nominal(rows: Sequence[_Figure]) -> list[tuple[float, list[_Figure]]]:
    """Give rows that claim the same together, in the order of what they claim."""
    return [
        (each, [row for row in rows if row["nominal"] == each]) for each in sorted({row["nominal"] for row in rows})
    ]


def _span(values: Sequence[float], digits: str) -> str:
    """Give the lowest and highest of some figures."""
    low, high = (format(end, digits) for end in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def _rates(rows: Sequence[_Figure]) -> str:
    """Give rates of alarm as one in so many."""
    texts = [f"1 in {1 / row['value']:,.0f}" if row["value"] > 0 else "none at all" for row in rows]
    ranked = [text for _, text in sorted(zip([row["value"] for row in rows], texts, strict=True))]
    return ranked[0] if ranked[0] == ranked[-1] else f"{ranked[-1]} to {ranked[0]}"


def _scenarios(table: pd.DataFrame, rows: Sequence[_Figure]) -> str:
    """Name the scenarios of some rows of one quantity."""
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    alike = table[["study", "quantity", "measure"]] == [rows[0][name] for name in ("study", "quantity", "measure")]
    there = set(table.loc[alike.all(axis=1), "scenario"])
    return "every scenario" if len(there) > 1 and there == set(names) else ", ".join(names)


def _where(row: _Figure) -> str:
    return f"{row['quantity']} ({row['scenario']})"


def _held(row: _Figure) -> str:
    return f"{100 * row['value']:.1f} % (± {100 * row['error']:.1f})"


def _listed(rows: Sequence[_Figure]) -> str:
    return ", ".join(f"{_held(row)} where {100 * row['nominal']:.0f} % is claimed" for row in rows)


def _warning(rows: Sequence[_Figure]) -> str:
    share = max(float(row["warned"]) for row in rows)
    return "no result warns" if share == 0.0 else f"{100 * share:.0f} % of the results warn"
