"""What published totals and other counts hold on a question: one answer a claimant, the figure that says most.

A total of the same place, victims and days stands beside the claim. A total of a part of them (fewer days, civilians of
all) is a bound from below. Of several figures of one claimant the last exact one stands, else the highest bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from casualties.claims.dependence import is_code_of
from casualties.claims.questions import Holding, Question, Silence, not_counted
from casualties.claims.terms import Terms
from casualties.comparison.toll_scope import ABOUT
from casualties.study import Study
from casualties.tolls import QUALIFIERS, Tolls, plain_words

__all__ = ["ask_counts", "ask_tolls"]

MEASURES = ("killed", "killed per day", "injured")
# Columns that count a part of the dead beside the figure itself.
PARTS = ("children", "women", "men")
ANYBODY = ("", "all parties", "not stated")


def ask_tolls(
    tolls: Tolls, question: Question, study: Study, terms: Terms, own: tuple[str, ...] = ()
) -> list[Holding] | Silence:
    """Ask the published totals.

    Parameters
    ----------
    tolls : Tolls
        The source.
    question : Question
        What is asked.
    study : Study
        For the place of each area.
    terms : Terms
        What words mean.
    own : tuple of str
        Names of the study's other sources: what they published is asked there.

    Returns
    -------
    list of Holding, or Silence
        One a claimant.
    """
    statement, name = question.statement, tolls.record.name
    if statement.measure not in MEASURES:
        return Silence(name, not_counted(statement.measure))
    areas = {area: dict(where or {}) for area, where in study.area_places().items()}
    place = {column: tuple(values) for column, values in question.place.where.items()}
    same_area = [area for area, where in areas.items() if where == place]
    frame = tolls.frame[tolls.frame["area"].isin(same_area)]
    inside = (frame["period_start"] >= question.start) & (frame["period_end"] <= question.end)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in frame[inside].to_dict("records"):
        if not any(is_code_of(str(row["claimant"]), other) for other in own):
            bound = _bound({str(key): value for key, value in row.items()}, question, terms)
            if bound is not None:
                found.setdefault(str(row["claimant"]), []).append(bound)
    if not found:
        return Silence(name, f"none of this place, these days and these victims ({statement.measure})")
    return [_holding(claimant, bounds, question, terms) for claimant, bounds in found.items()]


def ask_counts(question: Question) -> Holding | None:
    """Ask the other counts that come with a claim: of a number that only grows, earlier ones bound it from below.

    Parameters
    ----------
    question : Question
        What is asked.

    Returns
    -------
    Holding or None
        None where the claim comes with none. Counts of those who counted themselves differ in what they count: each
        bounds the number as one more witness, and the range is that of all of them.
    """
    others = question.statement.others
    if not others:
        return None
    before = [other.value for other in others if other.day <= question.end]
    after = [other.value for other in others if other.day > question.end]
    low, high = float(max(before, default=0)), float(min(after, default=math.inf))
    listed = "; ".join(
        f"{other.value:,} {f'({other.counter}) ' if other.counter else ''}on {other.day:%Y-%m-%d}" for other in others
    )
    return Holding(
        "other published counts",
        "other counts",
        math.nan,
        low,
        high,
        f"{listed}: the number lies in {_range(low, high)} if all count the same",
        left_open=("whether all count the same is not known",),
        dependence="on whose reports they rest is not known",
    )


def _bound(row: Mapping[str, Any], question: Question, terms: Terms) -> dict[str, Any] | None:
    """Read a row as a range for what is asked; None where it says nothing of it."""
    statement = question.statement
    victims = terms.victims.get(statement.victims, statement.victims)
    who = plain_words(str(row["who"]))
    column = "value"
    if statement.measure == "injured":
        column, victims, who = "injured", "all", "all"
    elif victims in PARTS and who != victims:
        column, who = victims, victims
    value = row[column]
    if pd.isna(value) or (who != victims and victims != "all"):
        return None
    partial = who != victims
    partial |= row["period_start"] != question.start or row["period_end"] != question.end
    blamed = str(row["attributed_to"])
    limited = plain_words(blamed) not in ANYBODY
    asked = terms.perpetrators.get(statement.perpetrator)
    if limited and asked is not None and terms.perpetrators.get(blamed) != asked:
        return None
    partial |= limited and not statement.perpetrator
    reading = QUALIFIERS.get(plain_words(str(row["qualifier"])))
    if reading is None:
        return None
    number = float(value)
    low, high = {
        "exact": (number, number),
        "about": (number * (1 - ABOUT), number * (1 + ABOUT)),
        "at least": (number, math.inf),
        "more than": (number + 1, math.inf),
        "at most": (0.0, number),
        "less than": (0.0, number - 1),
    }[reading]
    if partial:
        if low == 0:
            return None
        high = math.inf
    words = f"{row['qualifier']} {number:,.0f}".strip()
    if row["period_start"] != question.start or row["period_end"] != question.end:
        words += f" from {row['period_start']:%Y-%m-%d} to {row['period_end']:%Y-%m-%d}"
    if who != victims:
        words += f" {who}"
    return {
        "low": low,
        "high": high,
        "figure": number,
        "words": words,
        "published": row["published_date"],
        "partial": bool(partial),
    }


def _holding(claimant: str, bounds: list[dict[str, Any]], question: Question, terms: Terms) -> Holding:
    """Let the figure that says most stand for a claimant."""
    statement = question.statement
    # The figures for the claim's own scope stand before those for a part of it; later rows were published later.
    same = [bound for bound in bounds if not bound["partial"]] or bounds
    exact = [bound for bound in same if not math.isinf(bound["high"])]
    if exact:
        dates = pd.Series([bound["published"] for bound in exact]).fillna(pd.Timestamp.min)
        stands = exact[int(dates[dates == dates.max()].index[-1])]
    else:
        stands = max(same, key=lambda bound: bound["low"])
    per = question.days if statement.measure == "killed per day" else 1
    others = [bound["words"] for bound in bounds if bound is not stands and not bound["partial"]]
    words = f"{stands['words']} {'injured' if statement.measure == 'injured' else 'killed'}"
    if others:
        words += f"; other figures of this claimant: {', '.join(others)}"
    own = terms.code(claimant).casefold() == terms.code(statement.claimant).casefold()
    return Holding(
        claimant,
        "published total",
        stands["figure"] / per,
        stands["low"] / per,
        stands["high"] / per,
        words,
        left_open=("who killed is not tested",) if statement.perpetrator else (),
        independent=False if own else None,
        dependence="a figure of the claimant itself" if own else "on whose reports it rests is not stated",
        partial=stands["partial"],
    )


def _range(low: float, high: float) -> str:
    return f"{low:,.0f} or more" if math.isinf(high) else f"{low:,.0f} to {high:,.0f}"
