"""Standard facts of how sources depend on each other, which events they see, and what none of them saw."""

from __future__ import annotations

from typing import Any

import pandas as pd

from casualties.comparison.capture_recapture import UndocumentedResult
from casualties.comparison.coverage_bias import CoverageBiasResult
from casualties.comparison.dependence import DependenceResult
from casualties.comparison.effective_number import EffectiveNumber
from casualties.comparison.incident import IncidentResult
from casualties.comparison.latent_view import LatentViewResult
from casualties.comparison.toll_tempo import TollTempo
from casualties.comparison.toll_timeline import TollTimeline
from casualties.estimates import Estimate, NotEstimable
from casualties.report.facts import Facts, of_basis

__all__ = [
    "add_bias",
    "add_dependence",
    "add_incident",
    "add_latent",
    "add_tempo",
    "add_timeline",
    "add_undocumented",
    "driving_days",
]

_DEATHS = "recorded deaths"


def add_dependence(
    facts: Facts, prefix: str, result: DependenceResult, used: EffectiveNumber | NotEstimable | None = None
) -> None:
    """Add on how many sources a record rests, and how many of those that a study uses are independent.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.cited, .record`` (sources in equal parts, with what the citations leave open),
        ``.first, .first-sole`` (the most cited source, and the share of the deaths that stand in events which cite
        nothing else), ``.named, .used``.
    result : DependenceResult
        The answer.
    used : EffectiveNumber or NotEstimable, optional
        Of the sources that the study uses.
    """
    given = of_basis(result.basis)
    facts.add(f"{prefix}.cited", len(result.sources), label="sources cited", unit="sources", **given)
    facts.add(f"{prefix}.record", _number(result.effective), label="sources that the record rests on", **given)
    if len(result.sources):
        first = result.sources.iloc[0]
        facts.add(f"{prefix}.first", str(first["source"]), label="most cited source", **given)
        share = float(first["share_sole_deaths"])
        facts.add(f"{prefix}.first-sole", share, label="deaths in events that cite it alone", unit="share", **given)
    if used is not None:
        named = used.named if isinstance(used, EffectiveNumber) else used
        facts.add(f"{prefix}.named", named, label="sources used", unit="sources", **given)
        facts.add(f"{prefix}.used", _number(used), label="independent sources among them", **given)


def add_bias(facts: Facts, prefix: str, result: CoverageBiasResult) -> None:
    """Add how the chance that a source is cited goes with the size of an event and with the violence of its week.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.size, .response, .response-deaths, .drift``, and ``.events, .citing``.
    result : CoverageBiasResult
        The answer.
    """
    given = of_basis(result.basis)
    sizes = result.by("size")
    facts.add(f"{prefix}.events", int(sizes["events"].sum()), label="events", unit="events", **given)
    citing = int(sizes["events_citing"].sum())
    facts.add(f"{prefix}.citing", citing, label=f"events that cite {result.source}", unit="events", **given)
    for key, name, label in (
        ("size", "size_ratio", "odds to be cited, an event of twice the deaths"),
        ("response", "response", "share of events, a week of twice the deaths"),
        ("response-deaths", "response_deaths", "share of deaths, a week of twice the deaths"),
        ("drift", "drift", "share of events, thirty days later"),
    ):
        facts.add(f"{prefix}.{key}", _ratio(getattr(result, name)), label=f"{result.source}: {label}", **given)


def add_undocumented(facts: Facts, prefix: str, result: UndocumentedResult) -> None:
    """Add how many are on the lists, and the lower bound and spread of all, or why there are none.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.recorded, .bound, .spread, .reasons`` (how many stand against a number).
    result : UndocumentedResult
        The answer.
    """
    given = {**of_basis(result.basis), "window": ""}
    unit = result.unit
    facts.add(f"{prefix}.recorded", result.recorded, label=f"{unit} on a list", unit=unit, **given)
    facts.add(f"{prefix}.bound", result.lower_bound, label=f"lower bound of all {unit}", unit=unit, **given)
    facts.add(f"{prefix}.spread", result.spread, label=f"spread of models of all {unit}", unit=unit, **given)
    reasons = result.spread.reason.split("; ") if isinstance(result.spread, NotEstimable) else []
    facts.add(f"{prefix}.reasons", len(reasons), label="reasons against a number", unit="reasons", **given)


def add_timeline(facts: Facts, prefix: str, result: TollTimeline) -> None:
    """Add how many running totals lie inside, below and above the cumulative range.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.all, .inside, .below, .above, .not-placed``.
    result : TollTimeline
        The answer.
    """
    given = of_basis(result.basis)
    facts.add(f"{prefix}.all", len(result.points), label="running totals", unit="figures", **given)
    for position, number in result.counts().items():
        key = str(position).replace(" ", "-")
        facts.add(f"{prefix}.{key}", int(number), label=f"running totals, {position}", unit="figures", **given)


def add_tempo(facts: Facts, prefix: str, result: TollTempo) -> None:
    """Add in how many steps the tempo of running totals goes the way of the record.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.lines, .steps, .agree, .clear, .clear-agree``.
    result : TollTempo
        The answer.
    """
    given = of_basis(result.basis)
    table = result.agreement()
    facts.add(f"{prefix}.lines", len(table), label="running counts with a step", unit="counts", **given)
    for key, name in (
        ("steps", "steps"),
        ("agree", "agree"),
        ("clear", "clear"),
        ("clear-agree", "agree_clear"),
    ):
        facts.add(f"{prefix}.{key}", int(table[name].sum()), label=f"steps, {name}", unit="steps", **given)


def add_incident(facts: Facts, prefix: str, result: IncidentResult) -> None:
    """Add how far the figures published for one incident lie apart, and what is recorded of it.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.figures, .claimants, .range, .last, .recorded``.
    result : IncidentResult
        The answer.
    """
    given = of_basis(result.basis)
    facts.add(f"{prefix}.figures", len(result.figures), label="published figures", unit="figures", **given)
    claimants = int(result.figures["claimant"].nunique())
    facts.add(f"{prefix}.claimants", claimants, label="claimants", unit="claimants", **given)
    for key, span, label in (
        ("range", result.spread, "published figures, least and most"),
        ("last", result.final_spread, "last figure of each claimant, least and most"),
    ):
        facts.add(f"{prefix}.{key}", _words(span), label=label, **given)
    toll = result.recorded
    best: Estimate | NotEstimable = (
        toll if isinstance(toll, NotEstimable) else Estimate(toll.best, toll.low, toll.high, unit=_DEATHS)
    )
    facts.add(f"{prefix}.recorded", best, label="recorded deaths, with the source's own low and high", **given)


def add_latent(facts: Facts, prefix: str, result: LatentViewResult) -> None:
    """Add the growth that a model finds behind sources whose coverage may drift, and the drift that would end it.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.without, .growth, .rising, .tipping, .allowed``.
    result : LatentViewResult
        The answer.
    """
    given = of_basis(result.basis)
    facts.add(f"{prefix}.without", result.growth_without, label="growth a day, coverage steady", **given)
    facts.add(f"{prefix}.growth", result.growth, label="growth a day, coverage may drift", **given)
    facts.add(f"{prefix}.rising", result.p_rising, label="growth above 0", unit="probability", **given)
    facts.add(f"{prefix}.tipping", _ratio(result.tipping), label="drift over 90 days that would end it", **given)
    allowed = float(result.basis.settings["drift"])
    facts.add(f"{prefix}.allowed", allowed, label="drift allowed over 90 days", unit="ratio", **given)


def _number(found: EffectiveNumber | NotEstimable) -> Estimate | NotEstimable:
    """Give an effective number with what the record leaves open as its ends, which are no confidence interval."""
    if isinstance(found, NotEstimable):
        return found
    return Estimate(found.value, found.fewest, found.most, unit="ratio")


def _ratio(answer: Estimate | NotEstimable) -> Estimate | NotEstimable:
    """Give a multiple the unit by which ratios are printed."""
    if isinstance(answer, NotEstimable):
        return answer
    return Estimate(answer.value, answer.low, answer.high, answer.level, "ratio")


def _words(span: Any) -> str | NotEstimable:
    """Give two ends as words."""
    if isinstance(span, NotEstimable):
        return span
    low, high = (int(end) for end in span)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def driving_days(days: pd.DataFrame, most: int = 3) -> str:
    """Name the days that two sources disagree on most, with both figures.

    Parameters
    ----------
    days : DataFrame
        `PairResult.driving`.
    most : int, optional
        Days named.
    """
    return "; ".join(f"{day:%-d %B %Y} {row.a:,.0f} and {row.b:,.0f}" for day, row in days.head(most).iterrows())
