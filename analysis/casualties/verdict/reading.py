"""What each method reads in one series: a rise, a fall, no change, or nothing that it could tell."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from casualties.estimates import Estimate, NotEstimable
from casualties.models.change_dependence import AnyChange
from casualties.models.changepoints import ChangepointResult, fit_changepoints
from casualties.models.excess import fit_excess
from casualties.models.trend import fit_trend
from casualties.verdict.question import Baseline, Counts, Question

__all__ = ["FALL", "NO_CHANGE", "READINGS", "RISE", "UNTOLD", "read_series"]

RISE, FALL, NO_CHANGE, UNTOLD = "rise", "fall", "no change", "not estimable"
READINGS = (RISE, FALL, NO_CHANGE, UNTOLD)
# A change may be dated so many days before the baseline ends and still lie between it and the window: date sets are
# about so wide.
MARGIN = pd.Timedelta(days=14)
_FEWEST = 14
_DAY = pd.Timedelta(days=1)

Row = dict[str, Any]


def read_series(counts: Counts, question: Question) -> list[Row]:
    """Ask one series by every method, against every baseline, over every part of the window.

    Three methods look at different things. *Level*: the deaths of the window over those that the baseline leads one to
    expect (`fit_excess`, dependence of days counted). *Changes*: whether the rate changed at all, and by how much over
    the changes dated between the baseline and the end (`fit_changepoints`; several are multiplied, their intervals put
    together on the log scale as if they were independent). *Growth*: the growth rate over as many days before the
    window's first day as after it (`fit_trend`); it takes no baseline.

    Parameters
    ----------
    counts : Counts
        Days from the first of the baselines to the last of the window, or more.
    question : Question
        The question.

    Returns
    -------
    list of dict
        One a specification: ``baseline, days, model, quantity, value, low, high, unit, date, date_low, date_high,
        reading, reason``. Days are ISO dates or empty; what cannot be had is NaN, with its reason.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> quiet, loud = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 6, [11, 14, 9, 12, 10, 13, 8, 15, 12, 11] * 3
    >>> counts = Counts.of(DailySeries.from_counts(quiet + loud, "2019-03-01"))
    >>> march = Baseline("march", "March", pd.Timestamp("2019-03-01"), pd.Timestamp("2019-04-15"))
    >>> rows = read_series(counts, Question("May", pd.Timestamp("2019-04-30"), counts.last, (march,)))
    >>> [(row["model"], row["reading"]) for row in rows]
    [('level', 'rise'), ('changes', 'rise'), ('growth', 'no change')]
    """
    rows: list[Row] = []
    fitted: dict[tuple[pd.Timestamp, pd.Timestamp], ChangepointResult] = {}
    for days in question.days:
        end = question.end_of(days)
        for baseline in question.baselines:
            chosen = {"baseline": baseline.name, "days": days}
            if "level" in question.models:
                rows.append({**chosen, "model": "level", **_level(counts, question, baseline, end)})
            if "changes" in question.models:
                stretch = (baseline.first, end)
                if stretch not in fitted and _observed(counts.between(*stretch)) >= _FEWEST:
                    fitted[stretch] = fit_changepoints(
                        counts.between(*stretch).series(), level=question.level, date_level=question.date_level
                    )
                rows.append({**chosen, "model": "changes", **_changes(fitted.get(stretch), baseline, end)})
        if "growth" in question.models:
            rows.append({"baseline": "", "days": days, "model": "growth", **_growth(counts, question, end)})
    return rows


def _observed(counts: Counts) -> int:
    return int((~np.isnan(counts.deaths)).sum())


def _level(counts: Counts, question: Question, baseline: Baseline, end: pd.Timestamp) -> Row:
    """Hold the window against a baseline."""
    part = counts.between(baseline.first, end)
    before = _observed(counts.between(baseline.first, baseline.last))
    if before < _FEWEST or part.first > baseline.first:
        return _untold("ratio", f"only {before} days of {baseline.label} are observed")
    reference, window = (str(baseline.first.date()), str(baseline.last.date())), (question.first, end)
    found = fit_excess(part.series(), reference, window, level=question.level)
    return _read("ratio", found.ratio, 1.0)


def _changes(found: ChangepointResult | None, baseline: Baseline, end: pd.Timestamp) -> Row:
    """Put together the changes between a baseline and the end of the window."""
    if found is None:
        return _untold("ratio", f"fewer than {_FEWEST} days are observed")
    if isinstance(found.any_change, NotEstimable):
        return _untold("ratio", found.any_change.reason)
    changes = found.quoted_changes()
    between = changes[(changes["date"] >= baseline.last + _DAY - MARGIN) & (changes["date"] <= end)]
    if not (isinstance(found.any_change, AnyChange) and found.any_change.found) or between.empty:
        return {**_blank("ratio"), "value": 1.0, "reading": NO_CHANGE}
    logs = np.log(between[["ratio", "ratio_low", "ratio_high"]].to_numpy(dtype=float))
    value = logs[:, 0].sum()
    low = value - math.sqrt(((logs[:, 0] - logs[:, 1]) ** 2).sum())
    high = value + math.sqrt(((logs[:, 2] - logs[:, 0]) ** 2).sum())
    # The one that moves the rate most in the direction of all together.
    largest = between.iloc[int(np.argmax(np.sign(value) * logs[:, 0]))]
    level = float(found.basis.settings["level"])
    answer = Estimate(math.exp(value), math.exp(low), math.exp(high), level=level, unit="ratio")
    dates = {name: str(pd.Timestamp(largest[name]).date()) for name in ("date", "date_low", "date_high")}
    return {**_read("ratio", answer, 1.0), **dates}


def _growth(counts: Counts, question: Question, end: pd.Timestamp) -> Row:
    """Ask for growth over as many days before the first day as from it on."""
    length = (end - question.first).days + 1
    part = counts.between(question.first - length * _DAY, end)
    if _observed(part) < _FEWEST or part.first >= question.first:
        return _untold("growth", f"only {_observed(part)} days around the first are observed")
    return _read("growth", fit_trend(part.series(), level=question.level).growth, 0.0)


def _read(quantity: str, answer: Estimate | NotEstimable, none: float) -> Row:
    """Give the row of an answer: which side of no change its interval lies on."""
    if isinstance(answer, NotEstimable):
        return _untold(quantity, answer.reason)
    reading = RISE if answer.low > none else FALL if answer.high < none else NO_CHANGE
    return {
        **_blank(quantity),
        "value": answer.value,
        "low": answer.low,
        "high": answer.high,
        "unit": answer.unit,
        "reading": reading,
    }


def _untold(quantity: str, reason: str) -> Row:
    return {**_blank(quantity), "reading": UNTOLD, "reason": reason}


def _blank(quantity: str) -> Row:
    return {
        "quantity": quantity,
        "value": math.nan,
        "low": math.nan,
        "high": math.nan,
        "unit": "",
        "date": "",
        "date_low": "",
        "date_high": "",
        "reading": "",
        "reason": "",
    }
