"""Runs every reasonable choice of a study and gives the one statement that it leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from casualties.cache import Cache, content_key
from casualties.comparison.citations import cites
from casualties.comparison.dependence import source_dependence
from casualties.comparison.effective_number import EffectiveNumber, independent_sources
from casualties.comparison.scopes import match_scopes
from casualties.errors import CasualtiesError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events, place_mask
from casualties.results import Basis
from casualties.series import DailySeries
from casualties.study import Study
from casualties.verdict.choices import choices_of
from casualties.verdict.completeness import completeness_of
from casualties.verdict.curve import SpecificationCurve, curve_of
from casualties.verdict.decision import (
    CONFLICT,
    DE_ESCALATING,
    ESCALATING,
    NOT_ENOUGH,
    Decision,
    decide,
    told,
)
from casualties.verdict.overturners import Overturner, SearchBound, by_choice, by_data, without_source
from casualties.verdict.question import MODELS, Counts, Question
from casualties.verdict.result import SOURCE_COLUMNS, Verdict
from casualties.verdict.ruling import agreeing, rule
from casualties.verdict.run import Progress, read_all, run_all
from casualties.verdict.search import Found, kinds_of, smallest
from casualties.verdict.variations import Variation, declared_series, vary_series

__all__ = ["assess"]

_METHOD = "every declared choice: level, dated changes and growth; two of the three methods have to see a change"


def assess(
    study: Study,
    *,
    cache: Cache | None = None,
    workers: int = 2,
    search: bool = True,
    progress: Progress | None = None,
) -> Verdict:
    """Say whether a study's window escalates, what supports that, and what would overturn it.

    Every combination of the reasonable choices (`casualties.verdict.choices.choices_of`) is computed. What the declared
    series of each source says is decided by three methods, of which two have to see a change
    (`casualties.verdict.decision.decide`). The verdict is that of the main source, but

    - "sources conflict" where another source that counts the same people in the same places says the opposite, or where
      one of the two detects no change and their sizes exclude each other;
    - "no detectable change" where fewer than half of the main source's specifications that can tell read what its
      declared series says: the answer is then one of choice.

    Parameters
    ----------
    study : Study
        The study, or a replay.
    cache : Cache, optional
        Where answers are kept; for the time of this call where it is not given.
    workers : int, optional
        Processes.
    search : bool, optional
        Whether to look for the changes of the data that turn the verdict.
    progress : callable, optional
        Called as ``progress(done, all)``.

    Returns
    -------
    Verdict

    Raises
    ------
    InputError, UnknownNameError
        If the choices of the study cannot be used.
    """
    kept = Cache(None) if cache is None else cache
    choices = choices_of(study)
    question, main = choices.question, choices.sources[0]
    variations, left_out = vary_series(study, choices, kept)
    rows = read_all([(each.counts, question) for each in variations], kept, workers=workers, progress=progress)
    series = {name: declared_series(study, name, question) for name in choices.sources}
    basis = _basis(study, series[main], question)
    labels = {name: place.label for name, place in study.places.items()}
    labels |= {each.name: each.label for each in question.baselines}
    curve = replace(curve_of(basis, main, variations, rows, left_out), names=labels)
    panels = {name: _panel(curve, name) for name in choices.sources}
    decisions = {name: decide(panel) for name, panel in panels.items()}
    sources = _sources(study, curve, series, panels, decisions, main)
    own = decisions[main]
    support = agreeing(curve.of_main, own.state)
    able = len(told(curve.of_main))
    state, reason = rule(own, sources, support, able)
    seed = int(study.settings["seed"])
    tried = _overturners(study, curve, variations, question, state, own, sources, kept, workers) if search else []
    first = panels[main]
    level, changes, growth = (_declared(first, model, question.level) for model in MODELS)
    dated = first[(first["model"] == "changes") & first["date"].notna()]
    dates: list[Any] = dated.iloc[0][["date", "date_low", "date_high"]].tolist() if len(dated) else [pd.NaT] * 3
    complete = completeness_of(study, series[main], question.last, question.level, seed)
    return Verdict(
        basis=basis,
        state=state,
        reason=reason,
        question=question,
        decision=own,
        size=level,
        a_day=_a_day(series[main], question),
        change=changes,
        date=dates[0],
        date_low=dates[1],
        date_high=dates[2],
        growth=growth,
        sources=sources,
        support=support,
        able=able,
        independent=_independent(study, series, question),
        completeness=complete,
        overturners=tuple(each for each in tried if isinstance(each, Overturner)),
        bounds=tuple(each for each in tried if isinstance(each, SearchBound)),
        curve=curve,
        place=series[main].place or study.place,
        whom=series[main].whom,
        citation=_citation(study, series[main]),
        warnings=_warnings(own, support, able, sources),
        names={"ar": {name: words["ar"] for name, words in study.names.items() if "ar" in words}},
    )


def _panel(curve: SpecificationCurve, name: str) -> pd.DataFrame:
    """Give the specifications of a source's declared series."""
    return curve.frame[(curve.frame["source"] == name) & curve.frame["declared"]]


def _declared(panel: pd.DataFrame, model: str, level: float) -> Estimate | NotEstimable:
    """Give the answer of a method to the declared question: the first baseline, the first number of days."""
    rows = panel[panel["model"] == model]
    if rows.empty:
        return NotEstimable("the study does not ask for it")
    row = rows.iloc[0]
    if math.isnan(row["value"]):
        return NotEstimable(str(row["reason"]))
    if math.isnan(row["low"]):
        return NotEstimable("no change is established")
    return Estimate(float(row["value"]), float(row["low"]), float(row["high"]), level=level, unit=str(row["unit"]))


def _a_day(series: DailySeries, question: Question) -> tuple[float, float]:
    """Give the deaths recorded on an observed day of the window, and of the declared baseline."""
    counts, baseline = Counts.of(series), question.baselines[0]
    spans = ((question.first, question.last), (baseline.first, baseline.last))
    days = [counts.between(*span).deaths for span in spans]
    window, before = (float(np.nanmean(each)) if (~np.isnan(each)).any() else math.nan for each in days)
    return window, before


def _sources(
    study: Study,
    curve: SpecificationCurve,
    series: Mapping[str, DailySeries],
    panels: Mapping[str, pd.DataFrame],
    decisions: Mapping[str, Decision],
    main: str,
) -> pd.DataFrame:
    """Give one row a source."""
    rows: list[dict[str, Any]] = []
    for name, each in series.items():
        frame, panel = curve.frame[curve.frame["source"] == name], panels[name]
        match = match_scopes(series[main], each)
        size = panel[panel["model"] == "level"]
        dated = panel[(panel["model"] == "changes") & panel["date"].notna()]
        first, change = (part.iloc[0] if len(part) else None for part in (size, dated))
        row: dict[str, Any] = {
            "source": name,
            "label": each.record.name,
            "counted": name == main
            or (match.victims == "same" and match.place == "same" and not study.selection(name)),
            "state": decisions[name].state,
            **{model: decisions[name].methods.get(model, "") for model in MODELS},
            "agreeing": agreeing(frame, decisions[name].state),
            "able": len(told(frame)),
        }
        for to, of in (("ratio", "value"), ("ratio_low", "low"), ("ratio_high", "high")):
            row[to] = np.nan if first is None else first[of]
        for column in ("date", "date_low", "date_high"):
            row[column] = pd.NaT if change is None else change[column]
        rows.append(row)
    return pd.DataFrame(rows)[SOURCE_COLUMNS]


def _overturners(
    study: Study,
    curve: SpecificationCurve,
    variations: Sequence[Variation],
    question: Question,
    state: str,
    own: Decision,
    sources: pd.DataFrame,
    cache: Cache,
    workers: int,
) -> list[Overturner | SearchBound]:
    """Look for what turns the verdict."""
    found: list[Overturner | SearchBound] = []
    if state == own.state:
        counts = next(each.counts for each in variations if each.source == curve.main and each.declared)
        tasks = [(counts, question, state, kind) for kind in kinds_of(state)]
        keys = [content_key("turning", counts.digest(), question.to_dict(), state, task[3]) for task in tasks]
        answers = run_all(_search, tasks, keys, cache, workers=workers)
        found += [by_data(Found(**answer), question) for answer in answers]
        found += by_choice(curve, state)
        found += _dropped(study, curve, question, state, cache)
    elif state == CONFLICT:
        for row in sources[sources["counted"]].itertuples():
            left = sources[sources["counted"] & (sources["source"] != row.source)]
            words = f"{row.label} were dropped"
            found.append(Overturner("source dropped", words, math.nan, "", str(left["state"].iloc[0])))
    return found


def _search(task: tuple[Counts, Question, str, str]) -> dict[str, Any]:
    found = smallest(*task)
    return {"kind": found.kind, "steps": found.steps, "state": found.state, "most": found.most}


def _dropped(
    study: Study, curve: SpecificationCurve, question: Question, state: str, cache: Cache
) -> list[Overturner | SearchBound]:
    """Drop the events that rest on one source alone."""
    name = str(study.settings["rests_on"])
    entry = study.declared[curve.main]
    source = study.sources.get(str(entry["source"]))
    if not name or not isinstance(source, Events):
        return []
    cited = source.accepted["cited"]
    alone = cites(cited, name) & ~cited.str.contains(";", regex=False)
    kept = replace(source, accepted=source.accepted[~alone])
    inside = kept.inside(question.first, question.last)
    other = study.with_sources({**study.sources, str(entry["source"]): kept})
    try:
        series = declared_series(other, curve.main, question)
    except CasualtiesError:
        return [without_source(name, pd.DataFrame(), state, len(inside))]
    (rows,) = read_all([(Counts.of(series), question)], cache, workers=1)
    here = place_mask(source, series.where)
    return [without_source(name, pd.DataFrame(rows), state, int(here.loc[inside.index].sum()))]


def _independent(study: Study, series: Mapping[str, DailySeries], question: Question) -> EffectiveNumber | NotEstimable:
    """Tell how many of the sources used are independent."""
    names = list(dict.fromkeys(each.record.name for each in series.values()))
    counted_by = {name: code for name, code in study.counted_by().items() if name in names}
    events = study.find(Events)
    main = next(iter(series.values()))
    if events is None or not (events.accepted["cited"] != "").any():
        if len(names) == 1:
            return EffectiveNumber(1, 1.0, 1.0, 1.0)
        return (
            NotEstimable("the sources do not say on whom they rest")
            if not counted_by
            else independent_sources(names, counted_by)
        )
    found = source_dependence(events, where=main.where or None, start=question.first, end=question.last)
    return found.effective_number(names, counted_by)


def _basis(study: Study, series: DailySeries, question: Question) -> Basis:
    given = {
        "window": f"{question.first.date()} to {question.last.date()}",
        "baselines": "; ".join(f"{each.first.date()} to {each.last.date()}" for each in question.baselines),
        "level": question.level,
        "date_level": question.date_level,
        **({"as_of": study.as_of} if study.as_of else {}),
    }
    return series.basis(_METHOD, given)


def _citation(study: Study, series: DailySeries) -> str:
    source = series.record.attribution or series.record.name
    known = study.as_of or study.data_as_of
    return f"{study.title}, study {study.name}, version {study.version}, data known on {known}. {source}"


def _warnings(own: Decision, support: int, able: int, sources: pd.DataFrame) -> tuple[str, ...]:
    said = ["Counts cannot tell a change of violence from a change of recording."]
    opposing = {ESCALATING: "fall", DE_ESCALATING: "rise"}.get(own.state, "")
    if opposing and opposing in own.methods.values():
        against = ", ".join(method for method, reading in own.methods.items() if reading == opposing)
        said.append(f"One method reads the opposite: {against}.")
    if able and own.state != NOT_ENOUGH and support < 0.8 * able:
        said.append(f"The answer depends on choices: {support} of {able} specifications that can tell agree.")
    other = sources.loc[~sources["counted"], "label"]
    if len(other):
        said.append(f"Of another scope, or of selected days, and not counted for or against: {', '.join(other)}.")
    return tuple(said)
