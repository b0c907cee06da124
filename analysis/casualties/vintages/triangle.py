"""How long deaths take to enter: counted by the day they belong to and the delay after which they were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.events import Events, Where, place_mask, victim_counts, victims_label
from casualties.ledger import NOT_YET_KNOWN, read_day
from casualties.results import Basis, Result
from casualties.vintages.vintage import basis_of, version_of

__all__ = [
    "IN_TRIANGLE",
    "Triangle",
    "Unit",
    "account",
    "delays_between",
    "lay_out",
    "read_window",
    "reporting_triangle",
]

Unit = Literal["day", "week"]
UNITS = {"day": 1, "week": 7}
IN_TRIANGLE = "in the triangle"


@dataclass(frozen=True)
class Triangle(Result):
    """Deaths by the day they belong to and the delay after which they were recorded.

    Parameters
    ----------
    basis : Basis
        What it rests on.
    deaths : DataFrame of Int64
        Indexed by ``date`` (the reference day, or a week's Monday), one column a delay (0 to `max_delay`, in units):
        the deaths (best) that entered after this delay; NA where the day of entry lies after the day of the replay.
    events : DataFrame of Int64
        The same in events; for cells of a feed, the number of times that a cell was entered, changed or removed.
    accounts : DataFrame of Int64
        Indexed by ``reason``, columns ``events, deaths``: the triangle and everything left outside it.
    unit : {"day", "week"}
        What a delay of one means.
    """

    basis: Basis
    deaths: pd.DataFrame
    events: pd.DataFrame
    accounts: pd.DataFrame
    unit: str = "day"

    @property
    def max_delay(self) -> int:
        """The longest delay that has a column."""
        return int(self.deaths.columns[-1])

    def shares(self) -> pd.DataFrame:
        """Give the share of what the triangle holds by delay: ``events, deaths``, NaN where it holds nothing."""
        sums = pd.DataFrame({"events": self.events.sum(), "deaths": self.deaths.sum()}).astype("float64")
        return sums / sums.sum().where(sums.sum() != 0)

    def known(self, date: str | pd.Timestamp) -> Triangle:
        """Give the triangle as it stood on the evening of a day: cells that enter later are NA, and counted apart.

        Parameters
        ----------
        date : str or Timestamp
            The day. A week's cell is known from the last day of the week in which it enters.

        Raises
        ------
        InputError
            If this is not a day.
        """
        day, step = read_day(date, "date"), UNITS[self.unit]
        ages = (day - self.deaths.index.to_series()).dt.days.to_numpy()
        # A cell is whole on the last day of its unit: a day in the evening, a week on its Sunday.
        hidden = np.arange(self.max_delay + 1)[None, :] > ((ages + 1) // step - 1)[:, None]
        deaths, events = self.deaths.mask(hidden), self.events.mask(hidden)
        accounts = self.accounts.copy()
        for name, old, new in (("events", self.events, events), ("deaths", self.deaths, deaths)):
            moved = pd.Series({IN_TRIANGLE: -1, NOT_YET_KNOWN: 1}) * (_total(old) - _total(new))
            accounts[name] += moved.reindex(accounts.index, fill_value=0)
        basis = replace(self.basis, settings={**self.basis.settings, "known on": str(day.date())})
        return replace(self, basis=basis, deaths=deaths, events=events, accounts=accounts)

    def summary(self) -> str:
        """Give the basis, the shares by delay and the account as text."""
        shares = self.shares().dropna()
        lines = [f"  delay {delay}: {row['events']:.1%} of events" for delay, row in shares.iterrows()]
        lines += [
            f"  {reason}: {row['events']:,} events, {row['deaths']:,} deaths"
            for reason, row in self.accounts.to_dict("index").items()
        ]
        return "\n".join([*self.basis.lines(), *lines])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a cell: ``date, delay, events, deaths``."""
        long = self.events.melt(ignore_index=False, var_name="delay", value_name="events").reset_index()
        long["deaths"] = self.deaths.melt()["value"]
        return long


def reporting_triangle(
    events: Events,
    *,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    where: Where | None = None,
    victims: str | Iterable[str] = "all",
    max_delay: int = 14,
    unit: Unit = "day",
) -> Triangle:
    """Count the deaths of events by their day and the delay of the first document.

    Only an event that lasts one day, exactly dated, has a delay that can be told; the others are counted apart, as are
    events without a usable document, with one dated before them (a wrong date), and with one later than `max_delay`.

    Parameters
    ----------
    events : Events
        The events. Of a replay, cells that enter after its day are NA.
    start, end : str or Timestamp
        First and last reference day (inclusive); whole weeks (Monday to Sunday) where the unit is a week.
    where, victims
        As in `daily_series`.
    max_delay : int, default 14
        The longest delay that has a column, in units.
    unit : {"day", "week"}
        The unit of reference and delay. A delay in weeks is the number of Mondays between event and document.

    Returns
    -------
    Triangle
        Its account adds up to every event and death of the source, the ledger included; checked.

    Raises
    ------
    InputError
        If the window is reversed, does not consist of whole weeks, the longest delay is not a whole number of at least
        0, or an event does not tell the class of victims.
    UnknownNameError
        If the unit, the place or the class of victims does not exist.
    ConservationError
        If deaths or events do not add up (a fault of the package).

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> triangle = reporting_triangle(events, start="2019-04-30", end="2019-08-31", max_delay=7)
    >>> triangle.shares()["events"].round(3).head(3).tolist()
    [0.869, 0.127, 0.0]
    """
    first, last = read_window(start, end, max_delay, unit)
    group = victims if isinstance(victims, str) else tuple(victims)
    accepted = events.accepted
    whom, counted = victims_label(group, events.parts), victim_counts(events, group)["best"]
    if counted.isna().any():
        raise InputError(
            "the source does not say of every event how many of the dead these were",
            file=events.record.file,
            column="victims",
            value=whom,
            remedy="take victims='all'",
        )
    best = counted.astype("int64")
    here = place_mask(events, where)
    blank = (accepted[list(where)] == "").any(axis=1) if where else pd.Series(False, index=accepted.index)
    begins, documented = accepted["date_start"], accepted["first_document"]
    exact = (begins == accepted["date_end"]) & (accepted["date_prec"] == 1)
    # A replay has put the document into the ledger and flagged the event.
    early = accepted["flags"].str.contains("document-before-event")
    delay = delays_between(begins, documented, unit)
    reason = pd.Series(IN_TRIANGLE, index=accepted.index, dtype="object")
    # The first reason that holds is written last.
    for words, holds in (
        (f"delay above {max_delay} {unit}s", delay > max_delay),
        ("no document date", documented.isna()),
        ("document before the event", (documented < begins) | early),
        ("no exact day", ~exact),
        ("after the window", begins > last),
        ("before the window", begins < first),
        ("elsewhere", ~here & ~blank),
        ("no place recorded", ~here & blank),
    ):
        reason[holds.to_numpy(dtype=bool)] = words
    inside = (reason == IN_TRIANGLE).to_numpy()
    deaths, counts = lay_out(begins[inside], delay[inside], best[inside], (first, last), max_delay, unit)
    rows = {
        name: (int((reason == name).sum()), int(best[reason == name].sum()))
        for name in (
            *(IN_TRIANGLE, f"delay above {max_delay} {unit}s", "document before the event", "no document date"),
            *("no exact day", "before the window", "after the window", "elsewhere", "no place recorded"),
        )
    }
    rows["other victims"] = (0, int(accepted["best"].sum()) - int(best.sum()))
    for name, ledger in ((NOT_YET_KNOWN, events.waiting), ("rows in the ledger", events.faults)):
        rows[name] = (len(ledger), int(ledger["best"].sum()))
    listed = len(accepted) + len(events.rejected) - len(events.early_documents)
    given = (listed, int(accepted["best"].sum()) + int(events.rejected["best"].sum()))
    accounts = account(rows, deaths, counts, given)
    basis = basis_of(
        f"recorded deaths, {whom}, {events.record.name} best, by delay of the first document",
        events.record.name,
        version_of(events),
        first,
        last,
        f"exactly dated events of one day by day and delay in {unit}s",
        {"max_delay": max_delay, "unit": unit, **({"where": dict(where)} if where else {})},
    )
    triangle = Triangle(basis, deaths, counts, accounts, unit)
    replayed = events.record.replay_day
    return triangle.known(replayed) if replayed else triangle


def read_window(
    start: str | pd.Timestamp, end: str | pd.Timestamp, max_delay: int, unit: str
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Check a triangle's arguments; give its first and last day."""
    if unit not in UNITS:
        raise UnknownNameError("unit", unit, UNITS)
    first, last = read_day(start, "start"), read_day(end, "end")
    if first > last:
        raise InputError(
            "the window ends before it starts", column="start, end", value=f"{start} to {end}", remedy="swap them"
        )
    if unit == "week" and (first.weekday() != 0 or last.weekday() != 6):
        raise InputError(
            "weeks run from Monday to Sunday",
            column="start, end",
            value=f"{first:%A} {first.date()} to {last:%A} {last.date()}",
            remedy="start on a Monday and end on a Sunday",
        )
    if isinstance(max_delay, bool) or not isinstance(max_delay, int) or max_delay < 0:
        raise InputError("the longest delay is a whole number of at least 0", column="max_delay", value=max_delay)
    return first, last


def delays_between(earlier: pd.Series, later: pd.Series, unit: str) -> pd.Series:
    """Give the delay in whole units; in weeks it is the number of Mondays between the two days."""
    return (_reference(later, unit) - _reference(earlier, unit)).dt.days // UNITS[unit]


def lay_out(
    dates: pd.Series,
    delay: pd.Series,
    deaths: pd.Series,
    window: tuple[pd.Timestamp, pd.Timestamp],
    max_delay: int,
    unit: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the deaths and the number of entries by reference day and delay; every entry lies inside the triangle."""
    reference = pd.date_range(*window, freq=f"{UNITS[unit]}D", name="date")
    delays = pd.RangeIndex(max_delay + 1, name="delay")
    row = reference.get_indexer(pd.DatetimeIndex(_reference(dates, unit)))
    column = delay.to_numpy(dtype="int64")
    return (
        _cells(reference, delays, row, column, deaths.to_numpy()),
        _cells(reference, delays, row, column, np.ones(len(row), dtype="int64")),
    )


def account(
    rows: Mapping[str, tuple[int, int]], deaths: pd.DataFrame, events: pd.DataFrame, given: tuple[int, int]
) -> pd.DataFrame:
    """Give the account of events and deaths by reason.

    Raises
    ------
    ConservationError
        Unless the triangle is what its account says, and the account adds up to what went in.
    """
    index = pd.Index(list(rows), name="reason")
    accounts = pd.DataFrame(list(rows.values()), index=index, columns=["events", "deaths"], dtype="Int64")
    for name, cells, total in (("events", events, given[0]), ("deaths", deaths, given[1])):
        if _total(cells) != accounts.loc[IN_TRIANGLE, name] or int(accounts[name].sum()) != total:
            raise ConservationError(f"{total:,} {name} went in and {int(accounts[name].sum()):,} are accounted for")
    return accounts


def _reference(dates: pd.Series, unit: str) -> pd.Series:
    """Give the day itself, or the Monday of its week."""
    return dates - pd.to_timedelta(dates.dt.day_of_week, unit="D") if unit == "week" else dates


def _cells(
    reference: pd.DatetimeIndex, delays: pd.Index, row: np.ndarray, column: np.ndarray, values: np.ndarray
) -> pd.DataFrame:
    """Add values up by reference day and delay."""
    cells = np.zeros((len(reference), len(delays)), dtype="int64")
    np.add.at(cells, (row, column), values)
    return pd.DataFrame(cells, index=reference, columns=delays).astype("Int64")


def _total(cells: pd.DataFrame) -> int:
    return int(cells.sum().sum())
