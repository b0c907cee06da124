"""Suspected backlog: a day's number that its neighbours on both sides do not bear out.

A source that books older deaths on one day (a committee's decisions, recovered bodies) makes a spike that is no day of
violence. Where it says so, its own fields are used. Where it does not, a lone spike is all that can be seen, and a lone
day of great violence looks the same: the rule here raises a suspicion and gives its evidence, it corrects nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from casualties.errors import InputError

__all__ = ["suspicions"]

REACH = pd.Timedelta(days=14)
NEIGHBOURS, FEWEST = 7, 4


def suspicions(
    dates: pd.Series | pd.DatetimeIndex | Sequence[str],
    counts: pd.Series | Sequence[float] | np.ndarray,
    hours: pd.Series | Sequence[float] | np.ndarray | None = None,
    *,
    score: float = 3.5,
    ratio: float = 2.0,
) -> pd.DataFrame:
    """Score each report of a feed by how far it stands above the reports around it.

    Parameters
    ----------
    dates : sequence of dates, shape (reports,)
        The reports' dates, ascending.
    counts : sequence of float, shape (reports,)
        New deaths of each report (people); NaN or NA where it gives none.
    hours : sequence of float, optional, shape (reports,)
        Hours that each report covers; 24 where not given or not known.
    score : float
        The least score that is suspected. 3.5 is the customary limit for a score built on medians.
    ratio : float
        The least multiple of the level that is suspected.

    Returns
    -------
    DataFrame
        One row a report with a count: ``date``, ``count``, ``hours``, ``before`` and ``after`` (median daily rate of up
        to 7 reports within 14 days on each side; NaN with fewer than 4), ``level`` (the higher of the two),
        ``expected`` (level x hours / 24), ``excess`` (count - expected), ``ratio``, ``score``, ``suspected`` (bool),
        ``evidence`` (words).

    Notes
    -----
    The score is ``(2 sqrt(count + 3/8) - 2 sqrt(expected + 3/8)) / s``, where ``s`` is the larger of 1 (chance alone)
    and 1.4826 x the median absolute deviation of the neighbours on the same scale. The level is the higher of the two
    sides, so that the first day of an escalation that lasts is not suspected. A count on a report of 0 hours is always
    suspected: a period of no length has no deaths. At the end of a feed there is one side only, and the evidence says
    so. With fewer than 4 reports on both sides the score is NaN and nothing is suspected.

    Measured on the daily feed of Gaza (October 2023 to August 2026), whose own fields tell what is backlog from 2025
    on: of the ten largest days since then, the nine that are mainly backlog are suspected, and so is the tenth, which
    is not. Of all 127 days that are mainly backlog 35 are suspected (of the 41 with 50 deaths or more: 32), and 5 days
    that are not (3 with 50 or more). Of 54 ordinary days above 100 in October to December 2023 one is suspected. The
    limits are a customary and a round number and were not tuned on these figures. A lone day of real violence cannot
    be told from backlog by numbers.

    Source: Anscombe (1948) for the scale; Iglewicz and Hoaglin (1993) for the limit.

    Raises
    ------
    InputError
        If the lengths differ or the dates do not ascend.

    Examples
    --------
    >>> days = pd.date_range("2025-01-01", periods=9)
    >>> table = suspicions(days, [50, 48, 55, 52, 610, 47, 51, 49, 53])
    >>> table.loc[table["suspected"], "evidence"].tolist()
    ['610 in 24 hours where 51 are usual; score 35.1']
    """
    days = pd.DatetimeIndex(pd.to_datetime(pd.Series(dates)))
    number = pd.Series(counts).to_numpy(dtype="float64", na_value=np.nan)
    covered = np.full(len(days), 24.0)
    if hours is not None:
        covered = np.nan_to_num(pd.Series(hours).to_numpy(dtype="float64", na_value=np.nan), nan=24.0)
    if not len(days) == len(number) == len(covered):
        raise InputError(
            "dates, counts and hours must have the same length", column="counts", value=len(number), remedy="align them"
        )
    if not days.is_monotonic_increasing or days.hasnans:
        raise InputError("the reports must be given in the order of their dates", column="dates", remedy="sort them")
    usable = np.flatnonzero(~np.isnan(number) & (covered > 0))
    rows = []
    for position in np.flatnonzero(~np.isnan(number)).tolist():
        day, count, length = days[position], number[position], covered[position]
        if length == 0:
            if count > 0:
                words = f"{count:,.0f} deaths on a report of 0 hours"
                rows.append((day, count, length, np.nan, np.nan, np.nan, 0.0, count, np.inf, np.inf, True, words))
            continue
        earlier = usable[(usable < position) & (days[usable] >= day - REACH)][-NEIGHBOURS:]
        later = usable[(usable > position) & (days[usable] <= day + REACH)][:NEIGHBOURS]
        sides = [side for side in (earlier, later) if len(side) >= FEWEST]
        before, after = (_median(number, covered, side) for side in (earlier, later))
        if not sides:
            words = "too few reports near it to judge"
            rows.append((day, count, length, before, after, *[np.nan] * 5, False, words))
            continue
        level = float(np.nanmax([before, after]))
        expected = level * length / 24
        around = np.concatenate(sides)
        scaled = 2 * np.sqrt(number[around] * 24 / covered[around] + 0.375)
        spread = max(1.0, 1.4826 * float(np.median(np.abs(scaled - np.median(scaled)))))
        points = (2 * np.sqrt(count + 0.375) - 2 * np.sqrt(expected + 0.375)) / spread
        times = count / expected if expected > 0 else (np.inf if count > 0 else 1.0)
        suspected = bool(points >= score and times >= ratio)
        sided = "" if len(sides) == 2 else f", reports {'before' if len(earlier) >= FEWEST else 'after'} it only"
        words = f"{count:,.0f} in {length:g} hours where {expected:,.0f} are usual{sided}; score {points:.1f}"
        rows.append(
            (day, count, length, before, after, level, expected, count - expected, times, points, suspected, words)
        )
    names = [
        "date", "count", "hours", "before", "after", "level", "expected", "excess", "ratio", "score", "suspected",
        "evidence",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names).astype({"suspected": bool})


def _median(number: np.ndarray, covered: np.ndarray, side: np.ndarray) -> float:
    """Give the median daily rate of the reports of one side, NaN where they are too few."""
    return float(np.median(number[side] * 24 / covered[side])) if len(side) >= FEWEST else float("nan")
