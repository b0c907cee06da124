"""Check claims against every source of a study that can bear them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.claims.answers import answer_of
from casualties.claims.candidates import CANDIDATE_COLUMNS, find_candidates
from casualties.claims.daily import ask_feed
from casualties.claims.inconsistencies import find_inconsistencies
from casualties.claims.questions import Holding, Question, Silence, questions_of
from casualties.claims.recorded import ask_events
from casualties.claims.result import ANSWERS, CHECKS, VARIANTS, ClaimsResult
from casualties.claims.rules import CONTRADICTED, NOT_TESTABLE, RULES, SUPPORTED, UNDECIDED, judge
from casualties.claims.statements import RELATIONS, Statement, statements_of
from casualties.claims.terms import MISSED, Terms, terms_of
from casualties.claims.totals import ask_counts, ask_tolls
from casualties.errors import InputError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.results import Basis
from casualties.sources.claims import ClaimsTable, read_claims
from casualties.study import Study

__all__ = ["check_claims"]


def check_claims(
    study: Study, file: str | Path | None = None, *, readings: Mapping[str, Any] | None = None
) -> ClaimsResult:
    """Check the claims of a study, or of a file, against every source of the study that can bear them.

    Parameters
    ----------
    study : Study
        Its sources are asked; of a replay as they were known.
    file : str or Path, optional
        A file of claims (`casualties.sources.claims.read_claims`); the study's own where it is not given.
    readings : mapping of str to value, optional
        Other readings of vague words, e.g. ``{"dozen": 10, "late April": "2019-04-26"}``.

    Returns
    -------
    ClaimsResult

    Raises
    ------
    InputError
        If there are no claims, or one cannot be read: the error names file, row, column and value.
    UnknownNameError
        If a reading, a place or a term is not known.

    Notes
    -----
    The verdict is of the number. Who killed is told by no count: events between two sides do not say whose fire people
    died from, and ``left_open`` says so. `casualties.claims.rules.RULES` is the table of verdicts.

    Examples
    --------
    >>> import casualties as ca
    >>> result = check_claims(ca.load_study("idlib-2019"))
    >>> {verdict: int(number) for verdict, number in result.counts().items()}
    {'supported': 4, 'contradicted': 5, 'undecided': 3, 'not testable': 6}
    >>> result.inconsistencies["words"].iloc[0]
    'claim 2 is said to be higher than claim 1: 27 and 27'
    """
    table = _claims_of(study) if file is None else read_claims(file)
    terms = terms_of(study, table.terms, readings, file=table.file)
    statements = [_as_known(statement, study) for statement in statements_of(table, terms)]
    checks: list[dict[str, Any]] = []
    variants: list[dict[str, Any]] = []
    silent: list[tuple[str, str, str]] = []
    candidates = []
    for statement in statements:
        found = _check(statement, study, terms)
        checks += found.checks
        variants += found.variants
        silent += [(statement.name, silence.source, silence.reason) for silence in found.silent]
        candidates += found.candidates
    frame = pd.DataFrame(checks, columns=pd.Index(CHECKS))
    frame["independent"] = frame["independent"].astype("boolean")
    answers = pd.DataFrame(
        [answer_of(statement, frame[frame["claim_id"] == statement.name]) for statement in statements],
        columns=pd.Index(ANSWERS),
    )
    filled = [part for part in candidates if len(part)]
    return ClaimsResult(
        _basis(study, statements, terms),
        frame,
        pd.DataFrame(variants, columns=pd.Index(VARIANTS)),
        answers,
        find_inconsistencies(statements),
        pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=pd.Index(CANDIDATE_COLUMNS)),
        _readings(statements, terms),
        pd.DataFrame(silent, columns=pd.Index(["claim_id", "source", "reason"])).astype("str"),
    )


def _claims_of(study: Study) -> ClaimsTable:
    """Give the study's own claims."""
    frame = study.claims()
    if frame.empty:
        day = f" published by {study.as_of}" if study.as_of else ""
        raise InputError(
            f"the study has no claims{day}",
            file="study.toml",
            remedy='declare a source of format "claims", or name a file of claims',
        )
    named = [study.records[name].file for name, entry in study.formats.items() if entry["format"] == "claims"]
    return ClaimsTable(_related(frame, study), named[0], read_claims(study.folder / named[0]).terms)


def _related(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Leave out the relations of a replay's claims to those that it does not know yet."""
    if not study.as_of or not {"relation", "claim_id"} <= set(frame):
        return frame
    unknown = set(replace(study, as_of="").claims()["claim_id"].str.strip()) - set(frame["claim_id"].str.strip())
    gone = {f"{words} {name}" for words in RELATIONS for name in unknown}
    kept = [
        "; ".join(part for part in text.split(";") if " ".join(part.split()) not in gone) for text in frame["relation"]
    ]
    return frame.assign(relation=kept)


def _as_known(statement: Statement, study: Study) -> Statement:
    """Leave out the other counts that a replay does not know yet."""
    if not study.as_of:
        return statement
    return replace(
        statement, others=tuple(other for other in statement.others if other.day <= pd.Timestamp(study.as_of))
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What all sources say of one claim."""

    checks: list[dict[str, Any]]
    variants: list[dict[str, Any]]
    silent: list[Silence]
    candidates: list[pd.DataFrame]


def _check(statement: Statement, study: Study, terms: Terms) -> _Found:
    """Put a claim to every source, at each boundary and with each reading."""
    found = _Found([], [], [], [])
    if RULES[statement.operator].holds is None:
        found.silent.append(Silence("", "no count tells who did it"))
        found.checks.append(_unborne(statement, "no count tells who did it"))
        return found
    asked = list(questions_of(statement, terms))
    if not asked:
        reason = f"no place is declared for {statement.place!r}: declare it under [terms.places]"
        found.silent.append(Silence("", reason))
        found.checks.append(_unborne(statement, reason))
        return found
    tried: dict[tuple[str, str], list[tuple[str, str]]] = {}
    own: list[tuple[Question, Holding, str]] = []
    silent: dict[str, str] = {}
    # What a source holds does not depend on what is claimed of it.
    answers: dict[tuple[str, pd.Timestamp, pd.Timestamp], list[Holding | Silence]] = {}
    for question in asked:
        scope = (question.place.label, question.start, question.end)
        if scope not in answers:
            answers[scope] = list(_ask(question, study, terms))
        for answer in answers[scope]:
            if isinstance(answer, Silence):
                if not question.tried:
                    silent.setdefault(answer.source, answer.reason)
                continue
            verdict = _verdict(question, answer, terms)
            if answer.partial and verdict == UNDECIDED:
                continue
            if question.tried:
                tried.setdefault((answer.source, question.place.label), []).append((question.tried, verdict))
                found.variants.append(_variant(question, answer, verdict))
                continue
            own.append((question, answer, verdict))
    for question, answer, verdict in own:
        others = tried.get((answer.source, question.place.label), [])
        turns = [f"{reading}: {other}" for reading, other in others if other != verdict]
        found.checks.append(_row(question, answer, verdict, turns, terms))
        if answer.kind == "events" and answer.empty:
            events = next(source for source in study.sources.values() if source.record.name == answer.source)
            if isinstance(events, Events):
                found.candidates.append(find_candidates(events, question, study, terms))
    found.silent.extend(Silence(source, reason) for source, reason in silent.items())
    if not own:
        found.checks.append(_unborne(statement, "; ".join(f"{name}: {reason}" for name, reason in silent.items())))
    return found


def _ask(question: Question, study: Study, terms: Terms) -> Iterable[Holding | Silence]:
    """Ask every source."""
    names = tuple(source.record.name for source in study.sources.values() if isinstance(source, Events))
    for source in study.sources.values():
        if isinstance(source, Events):
            yield ask_events(source, question, study, terms)
        elif isinstance(source, Feed):
            yield ask_feed(source, question, study, terms)
        else:
            answer = ask_tolls(source, question, study, terms, names)
            if isinstance(answer, Silence):
                yield answer
            else:
                yield from answer
    others = ask_counts(question)
    if others is not None:
        yield others


def _verdict(question: Question, holding: Holding, terms: Terms) -> str:
    # A chance and a share of days are no counts of people that a record could miss a part of.
    record = holding.record and question.statement.measure in ("killed", "killed per day")
    return judge(
        question.operator,
        question.value,
        holding.low,
        holding.high,
        record=record,
        missed=terms.missed,
        unplaced=holding.unplaced,
        empty=holding.empty,
    )


def _row(question: Question, holding: Holding, verdict: str, turns: list[str], terms: Terms) -> dict[str, Any]:
    return {
        **_scope(question.statement),
        "place": question.place.label,
        "source": holding.source,
        "kind": holding.kind,
        "figure": holding.figure,
        "low": holding.low,
        "high": holding.high,
        "verdict": verdict,
        "turns_on": "; ".join(turns),
        "found": holding.words,
        "reason": _reason(question, holding, verdict, terms),
        "left_open": "; ".join(holding.left_open),
        "independent": pd.NA if holding.independent is None else holding.independent,
        "dependence": holding.dependence,
    }


def _unborne(statement: Statement, reason: str) -> dict[str, Any]:
    """Give the row of a claim that no source can bear."""
    numbers = dict.fromkeys(("figure", "low", "high"), math.nan)
    blank = dict.fromkeys(("source", "kind", "turns_on", "found", "left_open", "dependence"), "")
    return {
        **_scope(statement),
        **numbers,
        **blank,
        "verdict": NOT_TESTABLE,
        "reason": reason,
        "independent": pd.NA,
    }


def _scope(statement: Statement) -> dict[str, Any]:
    return {
        "claim_id": statement.name,
        "claim": statement.claim,
        "claimant": statement.claimant,
        "measure": statement.measure,
        "victims": statement.victims,
        "place": statement.place,
        "start": statement.start,
        "end": statement.end,
        "operator": statement.operator,
        "value": statement.chance if statement.operator == "is unusual" else statement.value,
        "unit": statement.unit,
        "readings": "; ".join(reading.says() for reading in statement.readings),
    }


def _variant(question: Question, holding: Holding, verdict: str) -> dict[str, Any]:
    return {
        "claim_id": question.statement.name,
        "source": holding.source,
        "place": question.place.label,
        "tried": question.tried,
        "start": question.start,
        "end": question.end,
        "operator": question.operator,
        "value": question.value,
        "figure": holding.figure,
        "low": holding.low,
        "high": holding.high,
        "verdict": verdict,
    }


def _reason(question: Question, holding: Holding, verdict: str, terms: Terms) -> str:
    """Say what decides, by the words of the rule; where a record is too low, how many deaths it would have to miss."""
    if holding.empty:
        return "nothing is recorded here, and absence decides nothing"
    rule = RULES[question.operator]
    if verdict == SUPPORTED:
        return rule.supported
    short = question.value - holding.high - holding.unplaced
    missing = ""
    if holding.record and short > 0 and question.operator in ("=", ">", ">="):
        per = question.days if question.statement.measure == "killed per day" else 1
        people = math.ceil(round(short * per, 6))
        missing = f": the record would have to miss {people:,} deaths, {short / question.value:.0%} of those claimed"
    if verdict == CONTRADICTED:
        return f"{rule.contradicted}{missing}"
    if missing:
        return f"the record is lower, but may miss {terms.missed:.0%}{missing}"
    if holding.kind == "other counts" or math.isinf(holding.high) or question.operator != "=":
        return "the range allows both"
    return "the value lies in the range, which allows others"


def _readings(statements: Iterable[Statement], terms: Terms) -> pd.DataFrame:
    """Give the readings that the claims rest on, and what a record may miss."""
    used = {reading.words: reading for statement in statements for reading in statement.readings}
    used[MISSED] = terms.readings[MISSED]
    rows = [
        (
            reading.words,
            reading.sets,
            reading.says().removeprefix(f"{reading.words} = "),
            ", ".join(reading.says(other).removeprefix(f"{reading.words} = ") for other in reading.also),
        )
        for reading in used.values()
    ]
    return pd.DataFrame(rows, columns=pd.Index(["words", "sets", "reading", "also"])).astype("str")


def _basis(study: Study, statements: list[Statement], terms: Terms) -> Basis:
    start, end = min(one.start for one in statements), max(one.end for one in statements)
    records = [source.record for source in study.sources.values()]
    days = (end - start).days + 1
    return Basis(
        label="claims against recorded deaths",
        source="; ".join(record.name for record in records),
        vintage="; ".join(dict.fromkeys(record.version for record in records if record.version)),
        start=f"{start:%Y-%m-%d}",
        end=f"{end:%Y-%m-%d}",
        days=days,
        days_observed=days,
        method="each claim against the range that each source holds for its place, days and victims",
        settings={str(row["words"]): row["reading"] for row in _readings(statements, terms).to_dict("records")},
    )
