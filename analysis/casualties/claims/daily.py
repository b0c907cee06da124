"""What a daily feed holds on a question: its days added up, where it counts the same place and victims."""

from __future__ import annotations

import math

import pandas as pd

from casualties.claims.dependence import is_code_of
from casualties.claims.questions import Holding, Question, Silence, not_counted
from casualties.claims.terms import Terms
from casualties.claims.unusual import WINDOW, how_unusual
from casualties.feeds import Feed
from casualties.series import DailySeries, daily_series
from casualties.study import Study

__all__ = ["ask_feed"]

MEASURES = ("killed", "killed per day", "escalation")
_DAY = pd.Timedelta(days=1)


def ask_feed(feed: Feed, question: Question, study: Study, terms: Terms) -> Holding | Silence:
    """Ask a daily feed; it counts one area as a whole.

    Parameters
    ----------
    feed : Feed
        The source.
    question : Question
        What is asked.
    study : Study
        For who counted what the feed hands on, and the source that the events rest on.
    terms : Terms
        What words mean.

    Returns
    -------
    Holding or Silence
        Where days are not reported the sum is a bound from below.
    """
    statement, name = question.statement, feed.record.name
    if statement.measure not in MEASURES:
        return Silence(name, not_counted(statement.measure))
    if question.place.where:
        return Silence(name, "it counts its whole area only")
    victims = terms.victims.get(statement.victims, statement.victims)
    if victims != "all" and victims not in feed.parts:
        return Silence(name, f"it does not tell {statement.victims} apart")
    first, last = feed.coverage
    if question.start < first or question.end > last:
        return Silence(name, f"it covers {first:%Y-%m-%d} to {last:%Y-%m-%d} only")
    unusual = statement.measure == "escalation"
    if unusual and question.start != question.end:
        return Silence(name, "only a single day is held against the days before it")
    begun = max(first, question.end - WINDOW * _DAY) if unusual else question.start
    series = daily_series(feed, start=begun, end=question.end, victims=victims, spread="even", missing_days="missing")
    code = terms.code(statement.claimant)
    counter = study.counted_by().get(name, name)
    own = is_code_of(code, counter)
    main = str(study.settings.get("rests_on", ""))
    dependence = "the claimant is the source itself" if own else f"a count by {counter}"
    if not own and main and is_code_of(main, counter):
        dependence += ", on which the claim may rest"
    left_open = ("who killed is not tested: counted are all deaths",) if statement.perpetrator else ()
    if unusual:
        found = how_unusual(series, series.counts[-1], series.counts[-1])
        if math.isnan(found.chance):
            return Silence(name, found.words)
        figure, low, high, words, empty = found.chance, found.low, found.high, found.words, False
    else:
        figure, low, high, words, empty = _sum(series, question)
    return Holding(name, "feed", figure, low, high, words, True, empty, left_open, False if own else None, dependence)


def _sum(series: DailySeries, question: Question) -> tuple[float, float, float, str, bool]:
    """Add the days up."""
    seen = int(series.frame["observed"].sum())
    total = float(series.frame["best"].sum())
    per = question.days if question.statement.measure == "killed per day" else 1
    high = total / per if seen == question.days else math.inf
    words = f"{total:,.0f} deaths on {seen} of {question.days} days reported"
    return total / per, total / per, high, words, total == 0
