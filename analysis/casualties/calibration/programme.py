"""The programme: every method on wars of every kind, and the answer that the documentation prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from casualties.calibration.alarms import ALARMS, RISES
from casualties.calibration.answer import CalibrationResult
from casualties.calibration.changes import CHANGE, NO_CHANGE
from casualties.calibration.excess import EXCESS
from casualties.calibration.feedback import FEEDBACK
from casualties.calibration.forecasts import FORECAST
from casualties.calibration.growth import GROWTH
from casualties.calibration.latent_view import LATENT
from casualties.calibration.matching import MATCHING
from casualties.calibration.nowcasts import NOWCAST
from casualties.calibration.pairs import PAIRS
from casualties.calibration.runner import Progress, read_table, run_studies
from casualties.calibration.study import Study
from casualties.calibration.undocumented import UNDOCUMENTED
from casualties.calibration.verdicts import VERDICT, VERDICT_CHANGE, VERDICT_SOURCES
from casualties.errors import UnknownNameError
from casualties.results import Basis

__all__ = ["PROGRAMME", "SEED", "answer_of", "run_programme"]

PROGRAMME: tuple[Study, ...] = (
    *(GROWTH, NO_CHANGE, CHANGE, EXCESS, ALARMS, RISES, FORECAST, NOWCAST, FEEDBACK),
    *(PAIRS, MATCHING, UNDOCUMENTED, LATENT),
    *(VERDICT, VERDICT_CHANGE, VERDICT_SOURCES),
)
SEED = 1


def run_programme(
    *,
    wars: int = 2000,
    only: Sequence[str] = (),
    seed: int = SEED,
    workers: int = 2,
    path: Path | None = None,
    anew: bool = False,
    progress: Progress | None = None,
) -> CalibrationResult:
    """Measure every method of the package.

    Parameters
    ----------
    wars : int, optional
        Simulated wars a scenario.
    only : sequence of str, optional
        Names of the studies to run; all where none are given.
    seed, workers, path, anew, progress
        As in `casualties.calibration.runner.run_studies`.

    Returns
    -------
    CalibrationResult
        What was measured, with what `path` holds of the other studies.

    Raises
    ------
    UnknownNameError
        If no study has such a name.
    """
    names = [study.name for study in PROGRAMME]
    for name in only:
        if name not in names:
            raise UnknownNameError("only", name, names)
    chosen = [study for study in PROGRAMME if not only or study.name in only]
    measured = run_studies(chosen, wars=wars, seed=seed, workers=workers, path=path, anew=anew, progress=progress)
    if path is not None:
        # As written: what the page prints does not depend on whether a figure was measured now or earlier.
        measured = read_table(path)
    label = "recorded deaths of simulated wars"
    return answer_of(PROGRAMME, measured, label, wars=wars, seed=seed)


def answer_of(
    studies: Sequence[Study], measured: pd.DataFrame, label: str, *, wars: int, seed: int
) -> CalibrationResult:
    """Give a table its words.

    Parameters
    ----------
    studies : sequence of Study
        What was measured.
    measured : DataFrame
        A table of `casualties.calibration.runner.run_studies`.
    label : str
        What the wars are like.
    wars, seed : int
        Wars a scenario, and the seed.
    """
    there = set(measured["study"])
    used = [study for study in studies if study.name in there]
    days = max((study.days for study in used), default=0)
    basis = Basis(
        label=label,
        source="simulation",
        vintage="",
        start="",
        end="",
        days=days,
        days_observed=days,
        method="wars drawn from a law whose truth is known, each handed to the methods as their users do",
        settings={"wars": wars},
        seed=seed,
    )
    scenarios = {study.name: {name: law.words for name, law in study.scenarios.items()} for study in used}
    return CalibrationResult(basis, measured, {study.name: study.words for study in used}, scenarios)
