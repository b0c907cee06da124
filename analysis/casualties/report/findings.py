"""Standard facts of a result: which of its figures a report may quote, under which keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from casualties.comparison.agreement import PairResult
from casualties.comparison.published import TollsResult
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events, Where, place_mask
from casualties.models.changepoints import ChangepointResult
from casualties.models.trend import TrendResult
from casualties.report.facts import Facts, of_basis
from casualties.series import DailySeries

__all__ = [
    "add_change",
    "add_changes",
    "add_imprecision",
    "add_pair",
    "add_series",
    "add_tolls",
    "add_trend",
    "add_unplaced",
    "add_window",
]


def add_series(facts: Facts, prefix: str, series: DailySeries) -> None:
    """Add a series' sum, its days, its largest day and the deaths whose day is not exact.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.total, .days, .observed, .largest, .largest-day, .zero, .imprecise``.
    series : DailySeries
        The series.
    """
    given: dict[str, Any] = {
        "source": series.record.name,
        "window": of_basis(series.basis(""))["window"],
        "method": f"sum of days, events of several days spread: {series.spread}",
    }
    observed = series.frame[series.frame["observed"]]
    facts.add(f"{prefix}.total", series.total, label=series.label, **given)
    facts.add(f"{prefix}.days", len(series.frame), label="days", unit="days", **given)
    facts.add(f"{prefix}.observed", len(observed), label="days observed", unit="days", **given)
    best = observed[series.estimate]
    largest = best.max() if len(best) else NotEstimable("no day of the series was observed")
    day = best.index[int(best.argmax())] if len(best) else largest
    facts.add(f"{prefix}.largest", largest, label=f"largest day, {series.label}", unit="recorded deaths", **given)
    facts.add(f"{prefix}.largest-day", day, label=f"day of most deaths, {series.label}", **given)
    zero = int((best == 0).sum())
    facts.add(f"{prefix}.zero", zero, label="days counted as zero", unit="days", **given)
    imprecise = observed["imprecise"].sum()
    facts.add(f"{prefix}.imprecise", imprecise, label="deaths whose day is not exact", unit="recorded deaths", **given)


def add_window(
    facts: Facts, prefix: str, events: Events, where: Where | None, start: str | pd.Timestamp, end: str | pd.Timestamp
) -> frozenset[str]:
    """Add the events that start and end inside a window and a place, and the deaths in them.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.events, .total`` (best, with the source's low and high), ``.civilians``.
    events : Events
        The events.
    where : mapping or None
        The place, as in `daily_series`.
    start, end : str or Timestamp
        First and last day.

    Returns
    -------
    frozenset of str
        Which of ``"range"`` and ``"civilians"`` the source tells of all these events.
    """
    inside = events.inside(start, end)
    inside = inside[place_mask(events, where).loc[inside.index]]
    given: dict[str, Any] = {
        "source": events.record.name,
        "window": f"{pd.Timestamp(start).date()} to {pd.Timestamp(end).date()}",
        "method": "sum of the events that start and end inside the window",
    }
    told = {name: inside[name].notna().all() for name in ("low", "high", "civilians")}
    best = float(inside["best"].sum())
    total = Estimate(best, unit="recorded deaths")
    if told["low"] and told["high"]:
        low, high = sorted((float(inside["low"].sum()), float(inside["high"].sum())))
        total = Estimate(best, low, high, unit="recorded deaths")
    facts.add(f"{prefix}.events", len(inside), label="events inside the window", unit="events", **given)
    facts.add(f"{prefix}.total", total, label="deaths (best, with the source's own low and high)", **given)
    civilians: int | NotEstimable = NotEstimable("the source does not tell civilians apart")
    if told["civilians"]:
        civilians = int(inside["civilians"].sum())
    facts.add(f"{prefix}.civilians", civilians, label="civilian deaths", unit="recorded deaths", **given)
    known = {"range": told["low"] and told["high"], "civilians": told["civilians"]}
    return frozenset(name for name, there in known.items() if there and len(inside))


def add_unplaced(facts: Facts, prefix: str, events: Events, start: str | pd.Timestamp, end: str | pd.Timestamp) -> None:
    """Add the events without a governorate, of the whole source and of those that touch a window.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.best, .share`` (of all deaths of the source), ``.touching.events, .touching.best``.
    events : Events
        The events.
    start, end : str or Timestamp
        First and last day of the window.
    """
    accepted = events.accepted
    unplaced = accepted[accepted["adm1"] == ""]
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    touching = unplaced[(unplaced["date_start"] <= last) & (unplaced["date_end"] >= first)]
    whole: dict[str, Any] = {"source": events.record.name, "method": "sum of whole events"}
    part = {**whole, "window": f"{first.date()} to {last.date()}"}
    best, everybody = int(unplaced["best"].sum()), int(accepted["best"].sum())
    label = "deaths without a governorate"
    facts.add(f"{prefix}.best", best, label=label, unit="recorded deaths", **whole)
    facts.add(f"{prefix}.share", best / max(everybody, 1), label=label, unit="share", **whole)
    facts.add(
        f"{prefix}.touching.events",
        len(touching),
        label=f"events that touch the window, {label}",
        unit="events",
        **part,
    )
    inside = int(touching["best"].sum())
    facts.add(
        f"{prefix}.touching.best",
        inside,
        label=f"{label}, events that touch the window",
        unit="recorded deaths",
        **part,
    )


def add_changes(facts: Facts, prefix: str, result: ChangepointResult) -> None:
    """Add the number of changes, before and after the data, and what was found.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.number, .prior-number, .found, .decision, .share`` (of the days before in a day's
        mean), ``.autocorrelation, .spikes``.
    result : ChangepointResult
        The fit.
    """
    given: dict[str, Any] = of_basis(result.basis)
    facts.add(
        f"{prefix}.number", result.number, label="expected number of changes given the counts", unit="changes", **given
    )
    prior = round(result.prior_number, 2)
    facts.add(
        f"{prefix}.prior-number", prior, label="expected number of changes before the counts", unit="changes", **given
    )
    decision = result.any_change
    words: str | NotEstimable = decision if isinstance(decision, NotEstimable) else decision.decision
    facts.add(f"{prefix}.decision", words, label="whether the rate changed at all", **given)
    share = result.number if isinstance(result.number, NotEstimable) else result.share
    facts.add(f"{prefix}.share", share, label="share of the days before in a day's mean", unit="share", **given)
    found = len(result.changes)
    facts.add(f"{prefix}.found", found, label="changes more probable than not", unit="changes", **given)
    facts.add(
        f"{prefix}.autocorrelation",
        result.autocorrelation,
        label="residuals one day apart",
        unit="correlation",
        **given,
    )
    spikes = int((result.spike > 0.5).sum())
    facts.add(f"{prefix}.spikes", spikes, label="days read as single extreme days", unit="days", **given)


def add_change(
    facts: Facts, prefix: str, result: ChangepointResult, start: str | pd.Timestamp, end: str | pd.Timestamp
) -> str:
    """Add the most probable change whose date set meets a window.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.date`` (with its date set) and ``.ratio`` as they are to be quoted, ``.alone-date,
        .alone-ratio`` as if days were independent, ``.before, .after, .probability, .direction`` ("rose" or "fell"),
        ``.expected`` (changes expected in the window).
    result : ChangepointResult
        The fit.
    start, end : str or Timestamp
        First and last day of the window.

    Returns
    -------
    str
        ``"rose"`` or ``"fell"``; empty where there is no such change, and then the facts say so.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    given = of_basis(result.basis)
    window = f"{first.date()} to {last.date()}"
    expected = result.changes_in(first, last)
    number: Estimate | NotEstimable = result.number if isinstance(result.number, NotEstimable) else Estimate(expected)
    facts.add(f"{prefix}.expected", number, label=f"changes expected {window}", unit="changes", **given)
    changes = result.changes
    met = changes[(changes["date_low"] <= last) & (changes["date_high"] >= first)]
    if met.empty:
        none = NotEstimable(f"no change dated {window} is more probable than not")
        if isinstance(result.number, NotEstimable):
            none = result.number
        for name in ("date", "ratio", "alone-date", "alone-ratio", "before", "after", "probability", "direction"):
            facts.add(f"{prefix}.{name}", none, label=f"change, {name}", **given)
        return ""
    change = met.sort_values("probability", ascending=False, kind="stable").iloc[0].to_dict()
    level, date_level = (float(result.basis.settings[name]) for name in ("level", "date_level"))
    quoted = "_dependent" if change["quoted"] == "dependent" else ""
    for key, ending, words in (("", quoted, ""), ("alone-", "", ", as if days were independent")):
        facts.add(
            f"{prefix}.{key}date",
            change[f"date{ending}"],
            low=change[f"date_low{ending}"],
            high=change[f"date_high{ending}"],
            level=date_level,
            label=f"first day of the new rate, with its date set{words}",
            **given,
        )
        value, low, high = (change[f"ratio{part}{ending}"] for part in ("", "_low", "_high"))
        ratio = Estimate(value, low, high, level=level, unit="ratio")
        facts.add(f"{prefix}.{key}ratio", ratio, label=f"rate after / rate before{words}", **given)
    for name in ("before", "after"):
        rate = change[f"rate_{name}"]
        facts.add(f"{prefix}.{name}", rate, label=f"rate {name} the change", unit="recorded deaths per day", **given)
    facts.add(
        f"{prefix}.probability", change["probability"], label="a change in the date set", unit="probability", **given
    )
    direction = "rose" if change["ratio"] > 1 else "fell"
    facts.add(f"{prefix}.direction", direction, label="direction of the change", **given)
    return direction


def add_trend(facts: Facts, prefix: str, result: TrendResult) -> None:
    """Add a trend's growth, doubling or halving time, P(rising), and whether its days depend on each other.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.growth, .doubling, .rising, .dependent, .autocorrelation, .dispersion``.
    result : TrendResult
        The fit.
    """
    given = of_basis(result.basis)
    facts.add(f"{prefix}.growth", result.growth, label="growth a day on the log scale", **given)
    facts.add(f"{prefix}.doubling", result.doubling_time, label="doubling or halving time", **given)
    facts.add(f"{prefix}.rising", result.p_rising, label="posterior probability of growth", unit="probability", **given)
    facts.add(f"{prefix}.dependent", result.dependent, label="days depend on each other", unit="probability", **given)
    facts.add(
        f"{prefix}.autocorrelation",
        result.autocorrelation,
        label="residuals one day apart",
        unit="correlation",
        **given,
    )
    facts.add(f"{prefix}.dispersion", result.dispersion, label="dispersion of the counts", unit="dispersion", **given)


def add_imprecision(facts: Facts, prefix: str, results: Sequence[ChangepointResult | TrendResult]) -> None:
    """Add what draws of days and numbers that a source leaves open do to answers pooled over them.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.number`` (of draws), ``.seed``, ``.excess`` (by how much the deaths of the draws
        differ from those as recorded), ``.share`` (the largest share of the variance of an answer that is due to
        the draws).
    results : sequence of ChangepointResult or TrendResult
        Answers pooled over the same number of draws; the first one is of the whole series.
    """
    first, *_ = pooled = [result.imprecision for result in results if result.imprecision]
    given = {**of_basis(results[0].basis), "method": first.law}
    facts.add(f"{prefix}.number", first.draws + first.failed, label="draws", unit="draws", **given)
    facts.add(f"{prefix}.seed", str(first.seed), label="seed of the draws", **given)
    label = "deaths of the draws above or below those as recorded"
    facts.add(f"{prefix}.excess", abs(first.excess), label=label, unit="share", **given)
    shares = pd.concat([each.table["from_data"] for each in pooled]).dropna()
    share: float | NotEstimable = NotEstimable("no answer is near normal")
    if len(shares):
        share = float(shares.max())
    label = "largest share of the variance of an answer that is due to the draws"
    facts.add(f"{prefix}.share", share, label=label, unit="share", **given)


def add_pair(facts: Facts, prefix: str, result: PairResult) -> None:
    """Add what a comparison of two series found.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.days, .first, .second, .ratio, .ratio-score, .pearson, .spearman, .concordance, .lag,
        .lag-set`` (lags that cannot be ruled out), ``.constant`` (p-value of one ratio in all months),
        ``.direction``.
    result : PairResult
        The comparison.
    """
    given = of_basis(result.basis)
    first, second = result.names
    facts.add(f"{prefix}.days", result.totals.days_shared, label="days that both observed", unit="days", **given)
    for name, source, value in (
        ("first", first, result.totals.shared_a),
        ("second", second, result.totals.shared_b),
    ):
        facts.add(f"{prefix}.{name}", value, label=f"{source}, shared days", unit="recorded deaths", **given)
    label = f"{first} / {second}"
    facts.add(f"{prefix}.ratio", result.quoted, label=f"{label}, day-paired", unit="ratio", **given)
    facts.add(f"{prefix}.ratio-score", result.ratio_score, label=f"{label}, score interval", unit="ratio", **given)
    for name in ("pearson", "spearman", "concordance"):
        facts.add(f"{prefix}.{name}", getattr(result, name), label=f"{name}, shared days", unit="correlation", **given)
    facts.add(f"{prefix}.lag", result.lag, label=f"days by which {second} reports later", unit="days", **given)
    lags = ", ".join(f"{lag:+d}" if lag else "0" for lag in result.lag_set)
    facts.add(f"{prefix}.lag-set", lags, label="lags that cannot be ruled out", **given)
    course = result.course
    constant = course if isinstance(course, NotEstimable) else course.constant
    facts.add(f"{prefix}.constant", constant, label="p-value of one ratio in all months", unit="probability", **given)
    facts.add(
        f"{prefix}.direction", result.direction, label="weekly steps in the same direction", unit="share", **given
    )


def add_tolls(facts: Facts, prefix: str, result: TollsResult) -> None:
    """Add how many published totals are consistent with the events, below, above, or not comparable.

    The figures overlap in time and place: their number is not a number of separate checks.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.all, .consistent, .below, .above, .not-comparable, .compared``;
        ``.consistent-bounds`` (consistent lower bounds, which no larger record could contradict); ``.single-place``
        (compared totals for an area that is one named place); ``.dependent`` (compared totals of claimants that the
        events largely rest on), and of these ``.dependent-consistent, .dependent-below, .dependent-above``.
    result : TollsResult
        The comparison.
    """
    given = of_basis(result.basis)
    counts = result.counts()
    facts.add(f"{prefix}.all", int(counts.sum()), label="published totals", unit="figures", **given)
    for verdict, number in counts.items():
        key = str(verdict).replace(" ", "-")
        facts.add(f"{prefix}.{key}", int(number), label=f"published totals, {verdict}", unit="figures", **given)
    compared = result.totals[result.totals["verdict"] != "not comparable"]
    facts.add(f"{prefix}.compared", len(compared), label="published totals compared", unit="figures", **given)
    bounds = int(((compared["verdict"] == "consistent") & compared["reading"].isin(["at least", "more than"])).sum())
    label = "consistent totals given as lower bounds, which no larger record could contradict"
    facts.add(f"{prefix}.consistent-bounds", bounds, label=label, unit="figures", **given)
    single = int(compared["single_place"].sum())
    label = "compared totals for an area that is one named place"
    facts.add(f"{prefix}.single-place", single, label=label, unit="figures", **given)
    dependent = result.dependent().drop("not comparable")
    label = "compared totals whose claimant the events largely rest on"
    facts.add(f"{prefix}.dependent", int(dependent.sum()), label=label, unit="figures", **given)
    for verdict, number in dependent.items():
        facts.add(f"{prefix}.dependent-{verdict}", int(number), label=f"{label}, {verdict}", unit="figures", **given)
