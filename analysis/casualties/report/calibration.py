"""The page of the documentation that says how far the methods can be trusted."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from casualties.calibration.answer import CalibrationResult
from casualties.simulate.wars import Scenario
from casualties.tables.calibration import intervals_table, rates_table

__all__ = ["calibration_page"]

_HEAD = """# Calibration

A method that claims 95 % is worth what it keeps. `./run calibrate` draws wars whose truth is known, hands their
counts to every method as a user does, and counts. This page and `calibration.csv` beside it are what it wrote; nothing
in them is typed.
"""
# A cell of intervals that rests on less than this share of the wars says so.
_HALF = 0.5
_READING = """An interval's cell is the share of wars, in per cent, in which it held the truth, ± the Monte-Carlo
standard error, and in brackets its median width. Where a method says that it cannot answer, the war is left out, and
the CSV says how often. Intervals are held to 2 points at 90 % and 95 %, and to 3 points below and for forecasts.
"""


def calibration_page(result: CalibrationResult) -> str:
    """Write the page, in Markdown.

    Parameters
    ----------
    result : CalibrationResult
        What was measured.

    Returns
    -------
    str
        The page.
    """
    wars = sorted(set(result.measured["asked"].astype(int)))
    number = " to ".join(f"{each:,}" for each in dict.fromkeys((wars[0], wars[-1]))) if wars else "no"
    each_says = ", as each study says" if wars[1:] else ""
    told = [f"- {line}" for line in result.shortfalls] or ["Nothing that was measured."]
    parts = [
        _HEAD,
        f"Each figure comes from {number} wars a scenario{each_says}, seed {result.basis.seed}.\n",
        "## What falls short\n",
        "\n".join(told) + "\n",
        "## The wars\n",
        f"{_usual()}\n",
        "\n".join(_laws(result)) + "\n",
        "## Reading the tables\n",
        _READING,
    ]
    for study, words in result.studies.items():
        parts += [f"## {study.capitalize()}\n", f"{words}\n", f"{_wars_of(result, study)}\n"]
        for table in (intervals_table(result, study), rates_table(result, study)):
            if len(table):
                parts.append(_markdown(table))
    return "\n".join(parts)


def _laws(result: CalibrationResult) -> Iterator[str]:
    """Say what the wars of each scenario are like; where studies mean different wars by one name, which study does."""
    meant: dict[str, dict[str, list[str]]] = {}
    for study, laws in result.scenarios.items():
        for name, words in laws.items():
            meant.setdefault(name, {}).setdefault(words, []).append(study)
    for name, ways in meant.items():
        told = (f"{words} ({', '.join(studies)})" if len(ways) > 1 else words for words, studies in ways.items())
        yield f"- **{name}**: {'; '.join(told)}"


def _wars_of(result: CalibrationResult, study: str) -> str:
    """Say how many wars of each scenario a study drew, and how many an interval's cell rests on, where that is less."""
    rows = result.measured[result.measured["study"] == study]
    scenarios = rows.groupby(rows["asked"].astype(int))["scenario"].unique()
    if len(scenarios) == 1:
        told = f"Wars a scenario: {scenarios.index[0]:,}."
    else:
        each = (f"{number:,} ({', '.join(scenarios[number])})" for number in sorted(scenarios.index, reverse=True))
        told = f"Wars a scenario: {'; '.join(each)}."
    cells = rows[(rows["measure"] == "covered") & (rows["wars"] > 0)]
    if len(cells) and (cells["wars"] < _HALF * cells["asked"]).all():
        fewest, most = int(cells["wars"].min()), int(cells["wars"].max())
        told += f" Each is read at one level, so that a cell of intervals rests on {fewest:,} to {most:,} of them."
    return told


def _usual() -> str:
    """Say what wars are like where a scenario does not say otherwise."""
    law = Scenario()
    ranges = [
        f"{each[0]:g} to {each[1]:g}" if isinstance(each, tuple) else f"{each:g}" for each in (law.level, law.size)
    ]
    rhythm = max(law.weekday) / min(law.weekday)
    return (
        f"Where nothing else is said, a war has {ranges[0]} expected deaths a day and a negative-binomial size of\n"
        f"{ranges[1]} (both drawn once a war, evenly on the log scale), and the highest day of the week has\n"
        f"{rhythm:.1f} times the deaths of the lowest."
    )


def _markdown(table: pd.DataFrame) -> str:
    """Write a table in Markdown; figures stand to the right."""
    heads = [str(name) for name in table.columns]
    rule = ["---" if name in ("Interval of", "Of", "Measured") else "--:" for name in heads]
    rows = [[str(value).replace("|", "\\|") for value in row] for row in table.itertuples(index=False)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (heads, rule, *rows))
