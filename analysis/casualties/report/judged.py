"""Standard facts of a verdict: its state, size and date, who supports it, and what would overturn it."""

from __future__ import annotations

import math

import pandas as pd

from casualties.cache import Cache, default_cache
from casualties.comparison.effective_number import EffectiveNumber
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.report.facts import Facts, of_basis
from casualties.study import Study
from casualties.verdict.assess import assess
from casualties.verdict.choices import replay_days
from casualties.verdict.overturners import AXIS_WORDS
from casualties.verdict.replay import AGAINST_BEFORE, AGAINST_REFERENCE, HINDSIGHT, Replay, replay_verdicts
from casualties.verdict.result import Verdict

__all__ = ["add_replay", "add_verdict", "judge", "replayed"]


def judge(study: Study) -> Verdict | NotEstimable:
    """Give the verdict of a study, from answers that are kept where they are there.

    Parameters
    ----------
    study : Study
        The study, or a replay.

    Returns
    -------
    Verdict or NotEstimable
        The reason where its choices cannot be used, such as a series too short to be held against earlier days.
    """
    try:
        return assess(study, cache=Cache(default_cache()))
    except InputError as error:
        return NotEstimable(str(error))


def add_verdict(facts: Facts, prefix: str, verdict: Verdict) -> None:
    """Add the figures of a verdict.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.state, .sentence, .citation, .window, .baseline`` (words), ``.size, .change,
        .growth`` (where they can be had), ``.in-window, .in-baseline`` (deaths a day), ``.date`` (with its date set),
        ``.support, .able, .computed, .turning`` (choices), ``.moves-ratio, .moves-growth`` (the choice that moves each
        most), ``.together-ratio, .together-growth`` (share of the variance that goes with no single choice),
        ``.uncounted`` (what sources of another scope say, where there are any), ``.named`` (sources), ``.missing``
        (deaths of the last days still to be reported).
    verdict : Verdict
        The verdict.
    """
    given = of_basis(verdict.basis)
    words = {
        "state": (verdict.state, "state of the verdict"),
        "sentence": (verdict.sentence(), "the verdict in words"),
        "citation": (verdict.citation, "how to cite it"),
        "window": (verdict.question.label, "the days in question"),
        "baseline": (verdict.question.baselines[0].label, "what they are held against"),
    }
    for key, (text, label) in words.items():
        facts.add(f"{prefix}.{key}", text, label=label, **given)
    sizes = {
        "size": (verdict.size, "deaths a day over those expected from the baseline"),
        "change": (verdict.change, "rate after over rate before, changes between baseline and window"),
        "growth": (verdict.growth, "growth a day across the first day of the window"),
        "missing": (verdict.completeness.missing, "deaths of the last days still to be reported"),
    }
    for key, (answer, label) in sizes.items():
        # An interval without an upper end is told in the sentence; a fact is a finite figure.
        if isinstance(answer, Estimate) and not math.isinf(answer.high):
            facts.add(f"{prefix}.{key}", answer, label=label, **given)
    for key, number, span in zip(("in-window", "in-baseline"), verdict.a_day, ("window", "baseline"), strict=True):
        if not math.isnan(number):
            facts.add(
                f"{prefix}.{key}", number, label=f"deaths a day recorded in the {span}", unit="deaths a day", **given
            )
    if pd.notna(verdict.date):
        dates = (verdict.date_low, verdict.date_high)
        facts.add(
            f"{prefix}.date",
            verdict.date,
            low=dates[0],
            high=dates[1],
            level=verdict.question.date_level,
            label="day of the largest change",
            **given,
        )
    counts = {
        "support": (verdict.support, "choices that agree with what the declared series says"),
        "able": (verdict.able, "choices that can tell"),
        "computed": (len(verdict.curve.of_main), "choices computed"),
        "turning": (len(verdict.overturners), "changes found that turn the verdict"),
    }
    for key, (number, label) in counts.items():
        facts.add(f"{prefix}.{key}", number, label=label, unit="choices", **given)
    for key, shares in (("ratio", verdict.curve.influence), ("growth", verdict.curve.influence_on_growth)):
        if len(shares):
            # The largest stands first, what choices do only together last.
            moves = AXIS_WORDS[str(shares["axis"].iloc[0])]
            facts.add(f"{prefix}.moves-{key}", moves, label=f"choice that moves the {key} most", **given)
            together = float(shares["share"].iloc[-1])
            label = f"share of the variance of the {key} that choices take only together"
            facts.add(f"{prefix}.together-{key}", together, label=label, unit="share", **given)
    others = verdict.sources[~verdict.sources["counted"]]
    if len(others):
        said = "; ".join(f"{row['label']} says {row['state']}" for row in others.to_dict("records"))
        facts.add(f"{prefix}.uncounted", said, label="what sources of another scope say", **given)
    if isinstance(verdict.independent, EffectiveNumber):
        facts.add(f"{prefix}.named", verdict.independent.named, label="sources compared", unit="sources", **given)


def replayed(study: Study) -> Replay | None:
    """Give the verdicts of the days that a study wants told again; None where it names none."""
    days = replay_days(study)
    return replay_verdicts(study, days, cache=Cache(default_cache())) if days else None


def add_replay(facts: Facts, prefix: str, replay: Replay) -> None:
    """Add what a replay shows.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.weeks``, ``.rise`` (the day, with its date set); of the verdict against the reference
        (``.reference``) and against the weeks before (``.before``) ``.first, .false, .flips``; ``.later`` (weeks whose
        verdict is another with all known); ``.nowcasts, .held, .late`` (how many had anything still to come).
    replay : Replay
        The replay.
    """
    given = of_basis(replay.basis)
    weeks = replay.frame["date"].nunique()
    facts.add(f"{prefix}.weeks", weeks, label="weeks told again", unit="weeks", **given)
    if replay.rise is not None:
        low, high = replay.rise["date_low"], replay.rise["date_high"]
        facts.add(f"{prefix}.rise", replay.rise["date"], low=low, high=high, label="day of the rise", **given)
    judges = {row["judge"]: row for row in replay.judges.to_dict("records")}
    later = 0
    for key, judge in (("reference", AGAINST_REFERENCE), ("before", AGAINST_BEFORE)):
        row = judges[judge]
        if pd.notna(row["first"]):
            facts.add(f"{prefix}.{key}.first", row["first"], label="first verdict escalating", **given)
        for name, label in (("false", "false weeks"), ("flips", "changes of mind")):
            facts.add(f"{prefix}.{key}.{name}", int(row[name]), label=label, unit="weeks", **given)
        then, now = (
            replay.frame[replay.frame["judge"] == name].sort_values("date")["says"].to_numpy()
            for name in (judge, f"{judge}{HINDSIGHT}")
        )
        later += int((then != now).sum())
    facts.add(f"{prefix}.later", later, label="verdicts that are others with all known", unit="verdicts", **given)
    for key, number, label in (
        ("nowcasts", len(replay.nowcasts), "nowcasts made again"),
        ("held", int(replay.nowcasts["held"].sum()), "whose interval held what came"),
        ("late", int((replay.nowcasts["came"] > 0).sum()), "with anything still to come"),
    ):
        facts.add(f"{prefix}.{key}", number, label=label, unit="nowcasts", **given)
