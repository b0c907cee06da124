"""Repeats studies over simulated wars: on several processes with the same figures, and on from where it stopped."""

from __future__ import annotations

import math
import os
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from casualties.calibration.study import COLUMNS, Row, Study, collect
from casualties.errors import InputError
from casualties.inference.processes import process_pool
from casualties.simulate.wars import Scenario

__all__ = ["TABLE_COLUMNS", "Progress", "read_table", "run_studies"]

TABLE_COLUMNS = ["study", "scenario", *COLUMNS, "asked", "seed"]
# Wars of one task; small enough that the processes end together.
_CHUNK = 10
_KEPT = 160

Progress = Callable[[str, str, int, int], None]


def run_studies(
    studies: Sequence[Study],
    *,
    wars: int,
    seed: int = 1,
    workers: int = 2,
    path: Path | None = None,
    anew: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Measure methods on simulated wars.

    Each war has a seed of its own, made of `seed`, the names of study and scenario and the war's number: figures do not
    depend on the number of processes, nor on which other studies run.

    Parameters
    ----------
    studies : sequence of Study
        What to measure.
    wars : int
        Wars a scenario (a study may take a share of them).
    seed : int, optional
        The seed.
    workers : int, optional
        Processes; 1 runs in this one.
    path : Path, optional
        A CSV that is written after each scenario. Scenarios that it holds for the same number of wars and the same seed
        are taken from it; other studies' rows stay in it.
    anew : bool, optional
        Whether to measure again what the file holds.
    progress : callable, optional
        Called as ``progress(study, scenario, wars done, wars)``.

    Returns
    -------
    DataFrame
        The columns of `collect`, with ``study, scenario`` before and ``asked`` (wars simulated), ``seed`` after; in the
        order of `studies`.

    Raises
    ------
    InputError
        If a number is not above 0, or the file cannot be read or written.
    """
    for name, value in (("wars", wars), ("workers", workers)):
        if value < 1:
            raise InputError("must be at least 1", column=name, value=value)
    kept = read_table(path) if path is not None and path.exists() else pd.DataFrame(columns=TABLE_COLUMNS)
    with _pool(workers) as pool:
        for study in studies:
            asked = max(1, math.ceil(wars * study.share))
            for name in study.scenarios:
                there = (kept["study"] == study.name) & (kept["scenario"] == name)
                same = there & (kept["asked"] == asked) & (kept["seed"] == seed)
                if same.any() and not anew:
                    continue
                rows = _measured(study, name, asked, seed, pool, progress)
                made = collect(rows).assign(study=study.name, scenario=name, asked=asked, seed=seed)[TABLE_COLUMNS]
                kept = made if kept.empty else pd.concat([kept[~there], made], ignore_index=True)
                if path is not None:
                    _write(_ordered(kept, studies), path)
    names = [(study.name, name) for study in studies for name in study.scenarios]
    table = _ordered(kept, studies)
    wanted = [pair in names for pair in zip(table["study"], table["scenario"], strict=True)]
    return table[wanted].reset_index(drop=True)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of `run_studies`.

    Parameters
    ----------
    path : Path
        The CSV.

    Raises
    ------
    InputError
        If it cannot be read, or is not such a table.
    """
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in _NUMBERS})
    except (OSError, ValueError) as error:
        raise InputError(
            f"the table cannot be read ({error})", file=path.name, remedy="remove it, or write elsewhere"
        ) from error
    if list(table.columns) != TABLE_COLUMNS:
        raise InputError("this is no table of calibration", file=path.name, remedy="remove it, or write elsewhere")
    return table


_NUMBERS = ("nominal", "value", "error", "median", "wars", "without", "warned", "asked", "seed")


@contextmanager
def _pool(workers: int) -> Iterator[Executor | None]:
    """Give processes to work with; none where one is enough."""
    if workers == 1:
        yield None
        return
    with process_pool(workers) as pool:
        yield pool


def _measured(
    study: Study, name: str, wars: int, seed: int, pool: Executor | None, progress: Progress | None
) -> list[list[Row]]:
    """Give the rows of each war of one scenario, in the order of the wars."""
    starts = range(0, wars, _CHUNK)
    # One scenario, not all: a read-only mapping of them cannot be sent to another process.
    alone = replace(study, scenarios={name: study.scenarios[name]})
    tasks = [(alone, name, range(start, min(start + _CHUNK, wars)), seed) for start in starts]
    done: Iterable[list[list[Row]]] = map(_chunk, tasks) if pool is None else pool.map(_chunk, tasks)
    rows: list[list[Row]] = []
    for chunk in done:
        rows.extend(chunk)
        if progress is not None:
            progress(study.name, name, len(rows), wars)
    return rows


def _chunk(task: tuple[Study, str, range, int]) -> list[list[Row]]:
    study, name, wars, seed = task
    key = (zlib.crc32(study.name.encode()), zlib.crc32(name.encode()))
    return [
        _one(study, study.scenarios[name], np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(*key, war))))
        for war in wars
    ]


def _one(study: Study, scenario: Scenario, rng: np.random.Generator) -> list[Row]:
    """Measure one war; what a method must not do (raise, or warn through numpy) is a figure like the others."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return study.measure(rng, scenario, study.days)
    except Exception as error:
        return [Row(f"{type(error).__name__}: {error}"[:_KEPT].replace("\n", " "), "failed", math.nan, 1.0)]


def _ordered(table: pd.DataFrame, studies: Sequence[Study]) -> pd.DataFrame:
    """Sort by the order of the studies and their scenarios; those of an earlier call come after."""
    order = [(study.name, name) for study in studies for name in study.scenarios]
    pairs = list(zip(table["study"], table["scenario"], strict=True))
    order += [pair for pair in dict.fromkeys(pairs) if pair not in order]
    place = pd.Series([order.index(pair) for pair in pairs], index=table.index, dtype="int64")
    return table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def _write(table: pd.DataFrame, path: Path) -> None:
    """Write the table whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(part, index=False, lineterminator="\n", float_format="%.6g")
        os.replace(part, path)
    except OSError as error:
        raise InputError(
            f"the table cannot be written ({error.strerror or error})", file=path.name, remedy="check the folder"
        ) from error
