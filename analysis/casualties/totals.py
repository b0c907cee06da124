"""Totals of daily series by week or month, and side by side by place, kind of event or victims."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.events import DEATHS, Events, Where, place_mask
from casualties.ledger import ESTIMATES
from casualties.results import Basis, Result
from casualties.series import DailySeries, MissingDays, Spread, daily_series

__all__ = ["Breakdown", "EventTotals", "PeriodTotals", "breakdown", "event_totals", "period_totals"]

# The start of a period labels it; weeks run from Monday to Sunday.
FREQUENCIES = {"day": "D", "week": "W-SUN", "month": "M"}
KINDS = {"1": "state-based", "2": "non-state", "3": "one-sided"}
VICTIMS = {"civilians": "civilians", "combatants": "dead of the armed sides", "unknown": "unknown"}
NOT_RECORDED = "(not recorded)"
# Each category is a series of its own; a table of more columns than this is no table for a reader.
MOST_CATEGORIES = 100
Frequency = Literal["day", "week", "month"]


@dataclass(frozen=True)
class PeriodTotals(Result):
    """Totals of one series by period.

    Parameters
    ----------
    basis : Basis
        What they rest on.
    frame : DataFrame
        Indexed by ``period`` (its first day, cut to the window): ``last_day, days, days_observed, low, best, high,
        imprecise`` (people). ``low`` and ``high`` are NA where any day lacks them, all four where no day of the period
        was observed.
    """

    basis: Basis
    frame: pd.DataFrame

    def summary(self) -> str:
        """Give the basis and the number of periods as text."""
        return "\n".join([*self.basis.lines(), f"{len(self.frame)} periods, {int(self.frame['best'].sum()):,} deaths"])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a period."""
        return self.frame.reset_index()


@dataclass(frozen=True)
class Breakdown(Result):
    """Deaths side by side, one column a category, by period.

    Parameters
    ----------
    basis : Basis
        What they rest on.
    frame : DataFrame
        Indexed by ``period`` (its first day, cut to the window); one column a category in people, and ``all``, which
        they add up to. NA where no day of the period was observed.
    """

    basis: Basis
    frame: pd.DataFrame

    def summary(self) -> str:
        """Give the basis and each category's total as text."""
        sums = [f"  {name}: {int(value):,}" for name, value in self.frame.sum().items()]
        return "\n".join([*self.basis.lines(), *sums])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a period."""
        return self.frame.reset_index()


@dataclass(frozen=True)
class EventTotals(Result):
    """How many events and deaths a source holds, by a column of the events.

    Parameters
    ----------
    basis : Basis
        What they rest on.
    frame : DataFrame
        Indexed by category, most deaths first: ``events, low, best, high, civilians, share`` (of all best).
    """

    basis: Basis
    frame: pd.DataFrame

    def summary(self) -> str:
        """Give the basis and each category's best total as text."""
        rows = [f"  {row.Index}: {row.events:,} events, best {row.best:,}" for row in self.frame.itertuples()]
        return "\n".join([*self.basis.lines(), *rows])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a category."""
        return self.frame.reset_index()


def event_totals(events: Events, by: str) -> EventTotals:
    """Count the accepted events and their deaths by a column, whole events only, over the whole source.

    Parameters
    ----------
    events : Events
        The events.
    by : str
        ``"kind"``, ``"year"`` (of the first day) or any column of `Events.accepted` that is no count of deaths; events
        with nothing in that column stand under ``"(not recorded)"``.

    Returns
    -------
    EventTotals

    Raises
    ------
    UnknownNameError
        If there is no such column.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> event_totals(events, "adm1").frame.loc["(not recorded)", ["events", "best"]].to_list()
    [339, 24751]
    """
    accepted = events.accepted
    if by == "year":
        category = accepted["date_start"].dt.year.astype(str)
    else:
        category = _categories(accepted, by, "year").map(lambda value: _words(by, value))
    grouped = accepted.groupby(category.rename(by))
    table = grouped[[*ESTIMATES, "civilians"]].sum()
    for name in table.columns[accepted[table.columns].isna().any()]:
        # What a source does not give is not zero.
        table[name] = table[name].mask(accepted[name].isna().groupby(category).any())
    table.insert(0, "events", grouped.size())
    table["share"] = table["best"] / max(int(accepted["best"].sum()), 1)
    table = table.sort_index() if by == "year" else table.sort_values("best", ascending=False, kind="stable")
    record = events.record
    start, end = accepted["date_start"].min(), accepted["date_end"].max()
    days = (end - start).days + 1
    basis = Basis(
        label=f"events and recorded deaths, {record.name}",
        source=record.name,
        vintage=record.version or record.accessed,
        start=str(start.date()),
        end=str(end.date()),
        days=days,
        days_observed=days,
        method=f"sums of whole events by {by}",
    )
    return EventTotals(basis, table)


def period_totals(series: DailySeries, frequency: Frequency = "month") -> PeriodTotals:
    """Add a daily series up by day, week or month.

    Parameters
    ----------
    series : DailySeries
        The series.
    frequency : {"day", "week", "month"}
        Weeks run from Monday to Sunday; the first and last period may be cut by the window, as ``days`` shows.

    Returns
    -------
    PeriodTotals

    Examples
    --------
    >>> series = DailySeries.from_counts([3, 0, 5, 2], "2019-04-29")
    >>> period_totals(series, "month").frame[["days", "best"]].to_numpy().tolist()
    [[2, 3], [2, 7]]
    """
    periods = _periods(series.frame.index, frequency)
    frame = series.frame.reset_index()
    grouped = frame.groupby(periods)
    table = pd.DataFrame(
        {
            "period": grouped["date"].min(),
            "last_day": grouped["date"].max(),
            "days": grouped.size(),
            "days_observed": grouped["observed"].sum(),
            **{name: _sum(frame, name, periods) for name in (*ESTIMATES, "imprecise")},
        }
    )
    table.loc[table["days_observed"] == 0, [*ESTIMATES, "imprecise"]] = pd.NA
    # Expected deaths are fractions, whose sums differ in the last digits with the order of adding.
    if abs(float(table["best"].sum()) - float(series.frame["best"].sum())) > 1e-6:
        raise ConservationError("the totals by period do not add up to the series")
    basis = series.basis(f"sums by {frequency}", {"frequency": frequency})
    return PeriodTotals(basis, table.set_index("period"))


def breakdown(
    events: Events,
    by: str,
    *,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    frequency: Frequency = "month",
    where: Where | None = None,
    victims: str | Iterable[str] = "all",
    estimate: str = "best",
    spread: Spread,
    missing_days: MissingDays = "zero",
    without: Collection[str] = (),
    place: str = "",
) -> Breakdown:
    """Set the deaths of a window side by side by a column of the events, or by victims.

    Parameters
    ----------
    events : Events
        The events.
    by : str
        ``"victims"`` (civilians, dead of the armed sides, unknown), ``"kind"`` or any column of `Events.accepted` that
        is no count of deaths; events with nothing in that column stand under ``"(not recorded)"``.
    start, end, where, victims, estimate, spread, missing_days, without, place
        As in `daily_series`.
    frequency : {"day", "week", "month"}
        The periods.

    Returns
    -------
    Breakdown

    Raises
    ------
    UnknownNameError
        If there is no such column.
    InputError
        If the column holds more than 100 values in the window, or one class of victims is to be broken down by victims.
    ConservationError
        If the categories do not add up to all deaths (a fault of the package).

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> table = breakdown(events, "victims", start="2019-07-22", end="2019-07-22", where={"adm1": "Idlib Governorate"},
    ...                   frequency="day", spread="even").frame
    >>> table.iloc[0].to_dict()
    {'civilians': 50, 'dead of the armed sides': 0, 'unknown': 0, 'all': 50}
    """
    options: dict[str, Any] = {
        "start": start,
        "end": end,
        "spread": spread,
        "missing_days": missing_days,
        "without": without,
        "place": place,
    }
    counted = victims if isinstance(victims, str) else tuple(victims)
    everything = daily_series(events, where=where, victims=counted, estimate=estimate, **options)
    columns: dict[str, pd.Series] = {}
    if by == "victims":
        if counted != "all":
            raise InputError(
                "one class of victims cannot be broken down by victims",
                column="victims",
                value=counted,
                remedy="take victims='all'",
            )
        for name, words in VICTIMS.items():
            found = daily_series(events, where=where, victims=name, estimate=estimate, **options)
            if (everything.frame["observed"] & ~found.frame["observed"]).any():
                raise InputError(
                    "the source does not say of every event how many of the dead these were",
                    column="by",
                    value=words,
                    remedy="break down by another column",
                )
            columns[words] = found.frame[estimate]
    else:
        category = _categories(events.accepted, by, "victims")
        # No column of a file is nameless, so the category can stand beside them all.
        marked = replace(events, accepted=events.accepted.assign(**{"": category}))
        for value in _present(category, marked, everything, by):
            chosen = {**(where or {}), "": (value,)}
            found = daily_series(marked, where=chosen, victims=counted, estimate=estimate, **options)
            if float(found.frame[estimate].sum()):
                columns[_words(by, value)] = found.frame[estimate]
    columns["all"] = everything.frame[estimate]
    daily = pd.DataFrame(columns)
    # A day that one place does not tell fully is no day of the whole; what other places tell of it is no part of one.
    daily[~everything.frame["observed"]] = pd.NA
    difference = daily.drop(columns="all").sum(axis=1).astype("float64") - daily["all"].fillna(0).astype("float64")
    if (difference.abs() > 1e-6).any():
        raise ConservationError(f"the categories of {by!r} do not add up to all deaths")
    periods = _periods(daily.index, frequency)
    table = daily.groupby(periods).sum().astype("Float64" if spread == "expected" else "Int64")
    table[~everything.frame["observed"].groupby(periods).any()] = pd.NA
    table.index = pd.DatetimeIndex(pd.Series(daily.index).groupby(periods).min(), name="period")
    basis = everything.basis(f"sums by {frequency} and {by}", {"frequency": frequency, "by": by})
    return Breakdown(basis, table)


def _categories(accepted: pd.DataFrame, by: str, other: str) -> pd.Series[str]:
    """Give a column of the events as text, empty where nothing is recorded."""
    names = [str(name) for name in accepted.columns if name not in DEATHS]
    if by not in names:
        raise UnknownNameError("by", by, [other, *names])
    values = accepted[by]
    return values.astype("str").where(values.notna(), "")


def _words(by: str, value: str) -> str:
    return (KINDS.get(value, value) if by == "kind" else value) or NOT_RECORDED


def _present(category: pd.Series[str], events: Events, series: DailySeries, by: str) -> list[str]:
    """List the categories of the events that touch a series' place and window."""
    accepted = events.accepted
    touching = (accepted["date_start"] <= series.end) & (accepted["date_end"] >= series.start)
    present = sorted(category[place_mask(events, series.where) & touching].unique())
    if len(present) > MOST_CATEGORIES:
        raise InputError(
            f"the column has {len(present)} values in this place and window, and a table holds {MOST_CATEGORIES}",
            column="by",
            value=by,
            remedy="choose a column with fewer values, or a smaller place or window",
        )
    return present


def _periods(days: pd.Index, frequency: str) -> np.ndarray:
    if frequency not in FREQUENCIES:
        raise UnknownNameError("frequency", frequency, FREQUENCIES)
    return pd.DatetimeIndex(days).to_period(FREQUENCIES[frequency]).to_timestamp().to_numpy()


def _sum(frame: pd.DataFrame, name: str, periods: np.ndarray) -> pd.Series:
    """Add a column up by period; a day that was observed and has no figure makes the period's figure unknown."""
    sums = frame[name].groupby(periods).sum()
    unknown = (frame[name].isna() & frame["observed"]).groupby(periods).any()
    return sums.mask(unknown)
