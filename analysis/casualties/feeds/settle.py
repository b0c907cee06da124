"""From the reports of a feed to one report a day: which one stands, its hours, the rise of the total and its backlog.

All of it is made from the reports at hand, so that the reports known on a day give the feed of that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from casualties.backlog import suspicions
from casualties.errors import ConservationError, InputError
from casualties.ledger import Ledger

__all__ = ["SUPERSEDED", "Choices", "Settled", "check_resets", "settle_reports"]

# How the ledger names a report that another report of the same day replaces: settled by rule, not a fault.
SUPERSEDED = "a second report for the day"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a mapping says of a feed beyond the names of its columns.

    Parameters
    ----------
    column : str
        The file's column of dates, for the ledger.
    new : {"killed", "increment"}
        The column that is the feed's number of new deaths.
    parts, aside, additions : tuple of str
        Further counts; columns that are counted nowhere; those of the parts that are older deaths.
    of_period : str
        The part that is the deaths of the period itself; empty where there is none.
    base : int or None
        The running total before the first report, where it is given.
    resets : tuple of Timestamp
        Days on which the running total begins anew.
    suspect : bool
        Whether days are searched for suspected backlog.
    """

    column: str = "date"
    new: str = "killed"
    parts: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()
    of_period: str = ""
    base: int | None = None
    resets: tuple[pd.Timestamp, ...] = ()
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """One report a day (`Feed.frame`), the ledger's entries of those that were replaced, and the base of the total."""

    frame: pd.DataFrame
    replaced: pd.DataFrame
    base: int | None


def check_resets(reports: pd.DataFrame, choices: Choices, file: str) -> None:
    """Check what a mapping says of the running total against all the reports of a feed.

    Parameters
    ----------
    reports : DataFrame
        `Feed.reports`.
    choices : Choices
        What the mapping says.
    file : str
        Name of the feed's file, for messages.

    Raises
    ------
    InputError
        If a day of reset has no report with a total, or the total does not fall on it, or the base is above the first
        total.
    """
    if "running" not in reports:
        if choices.resets:
            raise InputError(
                "the feed has no running total that could begin anew",
                file=file,
                column="resets",
                value=", ".join(str(day.date()) for day in choices.resets),
                remedy="leave resets out, or name the column of the running total (running = …)",
            )
        return
    totals = reports[reports["running"].notna()].sort_values("date", kind="stable")
    for day in choices.resets:
        here, before = totals.loc[totals["date"] == day, "running"], totals.loc[totals["date"] < day, "running"]
        if not len(here) or not len(before) or int(here.min()) >= int(before.iloc[-1]):
            why = "no report gives a running total on this day" if not len(here) else "the running total does not fall"
            raise InputError(
                f"{why}{' on this day' if len(here) else ''}, so it cannot begin anew there",
                file=file,
                column="resets",
                value=str(day.date()),
                remedy="name the day of the first report after the total began anew",
            )
    if choices.base is not None and len(totals) and choices.base > int(totals["running"].iloc[0]):
        raise InputError(
            f"the running total before the first report is above the first one ({int(totals['running'].iloc[0]):,} on "
            f"{totals['date'].iloc[0].date()})",
            file=file,
            column="base",
            value=choices.base,
            remedy="correct it, or leave it out",
        )


def settle_reports(reports: pd.DataFrame, choices: Choices) -> Settled:
    """Leave one report a day, and compute what follows from one report to the next.

    Parameters
    ----------
    reports : DataFrame
        `Feed.reports`.
    choices : Choices
        What the mapping says.

    Returns
    -------
    Settled

    Raises
    ------
    ConservationError
        If deaths are lost, or the increments and revisions do not add up to the running total (a fault of the package).
    """
    ledger = Ledger(reports.index)
    frame = reports.reset_index(drop=True)
    _settle_doubles(frame, choices.column, ledger)
    replaced = ledger.frame(pd.Series("", index=frame.index), frame[["killed"]].rename(columns={"killed": "best"}))
    kept = frame[ledger.good].drop(columns=["check_date", "stated_date"]).sort_values("date").reset_index(drop=True)
    if int(frame["killed"].sum()) != int(kept["killed"].sum()) + int(replaced["best"].sum()):
        raise ConservationError("the reports hold deaths which the feed and its ledger do not add up to")
    order = ["date", "killed"]
    base = None
    if "period" in kept:
        _periods(kept)
    if "running" in kept:
        base = _increments(kept, choices.base, pd.DatetimeIndex(choices.resets))
        order += ["increment", "running", "revision"]
    order += [*choices.parts, *choices.aside]
    if "running" in kept or "period" in kept:
        silent = kept[choices.new].isna() & ~kept["flags"].str.contains("no-report")
        kept.loc[silent, "flags"] += "no-count;"
    order += [name for name in ("period", "increment_period") if name in kept]
    if choices.additions or choices.of_period:
        of_period = kept[choices.of_period] if choices.of_period else None
        _split(kept, choices.new, list(choices.additions), of_period)
        order.append("backlog")
    if choices.suspect:
        _suspect(kept, choices.new)
        order.append("suspicion")
    kept["flags"] = kept["flags"].str.rstrip(";")
    return Settled(kept[[*order, "report_date", "flags"]], replaced, base)


def _settle_doubles(frame: pd.DataFrame, column: str, ledger: Ledger) -> None:
    """Leave one report a day in the feed; note the others in the ledger and flag the day."""
    unknown = frame["flags"].str.contains("date-from-events")
    for day, group in frame[frame["date"].duplicated(keep=False)].groupby("date"):
        stated = group[~unknown[group.index]]
        candidates = stated if len(stated) else group
        fitting = candidates[candidates["check_date"] == day]
        settled = fitting if len(fitting) else candidates
        # The later report is the one further down where both carry the same report date.
        chosen = settled.sort_values("report_date", kind="stable").index[-1]
        rule = "its date fits the events that cite it" if len(fitting) == 1 else "it is the later one"
        for position in group.index.drop(chosen):
            reason = f"{SUPERSEDED}; row {ledger.row(chosen)} stands: {rule}"
            ledger.add_row(int(position), column, frame.loc[position, "stated_date"], reason)
        frame.loc[chosen, "flags"] += "two-reports;"


def _periods(frame: pd.DataFrame) -> None:
    """Check the hours of each report, and take away the zeros of those that cover none."""
    unstated = frame["period"].isna()
    frame.loc[unstated, "flags"] += "period-assumed;"
    frame["period"] = frame["period"].fillna(24)
    none = frame["period"] == 0
    frame.loc[none, "flags"] += "no-report;"
    frame["killed"] = frame["killed"].mask(none & (frame["killed"] == 0).fillna(False))
    covering = frame[~none]
    reach = np.ceil(covering["period"].astype("float64") / 24)
    overlaps = covering["date"].diff().dt.days < reach
    frame.loc[covering.index[overlaps], "flags"] += "period-overlaps;"


def _increments(frame: pd.DataFrame, base: int | None, resets: pd.DatetimeIndex) -> int | None:
    """Add the rise of the running total since the last one, its hours, and what was revised; give the base."""
    count = len(frame)
    rise: list[Any] = [pd.NA] * count
    revised: list[Any] = [pd.NA] * count
    hours: list[Any] = [pd.NA] * count
    totals = np.flatnonzero(frame["running"].notna())
    killed, running = (frame[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("killed", "running"))
    periods = frame["period"].to_numpy(dtype="int64") if "period" in frame else None
    dates = pd.DatetimeIndex(frame["date"])
    flags = [""] * count
    since, carried = -1, 0
    last: int | None = None
    for position in totals.tolist():
        total, stated = int(running[position]), None if np.isnan(killed[position]) else int(killed[position])
        unbased = last is None and base is None and (stated is None or stated > total)
        if last is None:
            if base is None:
                base = total if unbased or stated is None else total - stated
            last = base
        if unbased:
            rise[position] = pd.NA
        elif total < last and (stated == total or dates[position] in resets):
            carried += last
            rise[position], last = total, 0
            flags[position] += "total-reset;"
        elif total < last:
            rise[position] = pd.NA if stated is None else stated
            flags[position] += "revised-total;"
        else:
            rise[position] = total - last
        fresh = 0 if rise[position] is pd.NA else int(rise[position])
        revised[position] = total - last - fresh
        if periods is not None:
            hours[position] = int(periods[since + 1 : position + 1].sum())
            if hours[position] == 0 and fresh == 0:
                rise[position] = pd.NA
        else:
            hours[position] = 24 * (dates[position] - dates[since]).days if since >= 0 else 24
        alone = position - since == 1
        if stated is not None and rise[position] is not pd.NA and alone and stated != fresh:
            flags[position] += "counts-differ;"
        since, last = position, total
    frame["increment"] = pd.array(rise, dtype="Int64")
    frame["revision"] = pd.array(revised, dtype="Int64")
    frame["increment_period"] = pd.array(hours, dtype="Int64")
    frame["flags"] += pd.Series(flags, index=frame.index, dtype="str")
    if last is not None and base is not None:
        moved = int(frame["increment"].sum()) + int(frame["revision"].sum())
        if moved != last - base + carried:
            raise ConservationError(
                f"the running total went from {base} to {last} and its increments and revisions add up to {moved}"
            )
    return base


def _split(frame: pd.DataFrame, new: str, additions: list[str], of_period: pd.Series | None) -> None:
    """Split each day's number into deaths of the period and older deaths, as far as the feed's own fields tell."""
    older = frame[additions].sum(axis=1, min_count=1).astype("Int64")
    if of_period is not None:
        rest = frame[new] - of_period
        older = older.fillna(rest.where((rest >= 0).fillna(False)))
    frame["backlog"] = older
    frame.loc[(2 * older > frame[new]).fillna(False), "flags"] += "mainly-backlog;"


def _suspect(frame: pd.DataFrame, new: str) -> None:
    """Flag the days that look like backlog where the feed does not say what they are."""
    name = "increment_period" if new == "increment" else "period"
    table = suspicions(frame["date"], frame[new], frame.get(name)).set_index("date")
    evidence = table.loc[table["suspected"], "evidence"].reindex(frame["date"]).reset_index(drop=True)
    told = frame["backlog"].notna() if "backlog" in frame else pd.Series(False, index=frame.index)
    frame["suspicion"] = evidence.mask(told, None).fillna("").astype("str")
    frame.loc[frame["suspicion"] != "", "flags"] += "suspected-backlog;"
