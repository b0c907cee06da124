"""From events or a feed to one number a day, with an account of every death that is not in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from casualties.draws import Draws, Records, repeat_counts, sample_counts
from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events, Where, place_mask, victim_counts, victims_label
from casualties.feeds import Feed
from casualties.ledger import ESTIMATES, NOT_YET_KNOWN
from casualties.provenance import SourceRecord
from casualties.results import Basis

__all__ = ["DailySeries", "daily_series", "daily_series_by"]

SPREADS = ("even", "start", "end", "exclude", "expected")
MISSING_DAYS = ("zero", "missing")
IN_SERIES = "in the series"
PLACED = (IN_SERIES, "before the window", "after the window", "on days without coverage")
ELSEWHERE = ("elsewhere", "no place recorded")
NOT_PLACED = ("lasting several days (excluded)", "flagged (left out)")
UNTOLD = "on days not fully told"
TAKEN_BACK = "taken back by revised totals"
BEST = ESTIMATES.index("best")
# No day has more dead than there are people, and models cannot tell far larger numbers apart.
MOST_A_DAY = 10_000_000_000
# Days beyond have no date that can be written.
LATEST = pd.Timestamp("9999-12-31")

Spread = Literal["even", "start", "end", "exclude", "expected"]
MissingDays = Literal["zero", "missing"]
Coverage = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, slots=True, eq=False)
class DailySeries:
    """Recorded deaths by day, with the choices that made them and the account of every death.

    Parameters
    ----------
    frame : DataFrame
        Indexed by ``date`` (every day from start to end): ``low, best, high`` (people; NA on days without an
        observation, and where the source gives no range), ``observed`` (bool), ``exposure`` (hours covered / 24),
        ``imprecise`` (deaths of that day whose exact day the source does not know), ``backlog`` (deaths of earlier
        days booked on that day; NA where the source does not tell).
    accounts : DataFrame
        Indexed by ``reason``: where every death of the source went, as ``low, best, high``. For a class of victims, or
        a part of the dead, only ``best`` can be accounted for; deaths of events that do not tell it stand under "not
        said whether …". Of a feed counted by the rises of its running total, "taken back by revised totals" (negative)
        is what falls of the total took from deaths counted earlier: with it the account adds up to what the total rose
        by.
    record : SourceRecord
        The source.
    label : str
        What is counted, for captions.
    estimate : {"best", "low", "high"}
        Which of the source's figures the series means.
    spread, missing_days, victims, where
        The choices, as given to `daily_series`.
    place : str
        The place in words.
    without : tuple of str
        Flags of the rows that were left out.
    recorded : callable, optional
        Looks up `records`; None where there is nothing to draw.
    whom : str
        The victims in words.
    """

    frame: pd.DataFrame
    accounts: pd.DataFrame
    record: SourceRecord
    label: str
    estimate: str = "best"
    spread: str = "even"
    missing_days: str = "zero"
    victims: str | tuple[str, ...] = "all"
    where: Where = field(default_factory=dict)
    place: str = ""
    without: tuple[str, ...] = ()
    recorded: _Recorded | None = None
    whom: str = "all victims"

    @property
    def records(self) -> Records | None:
        """The events that may have happened on these days, for `draws`; None where there is nothing to draw."""
        return None if self.recorded is None else self.recorded()

    @property
    def start(self) -> pd.Timestamp:
        """First day."""
        return pd.Timestamp(self.frame.index[0])

    @property
    def end(self) -> pd.Timestamp:
        """Last day."""
        return pd.Timestamp(self.frame.index[-1])

    @property
    def counts(self) -> np.ndarray:
        """Deaths by day as floats, shape (days,), NaN where nothing was observed."""
        values = self.frame[self.estimate].to_numpy(dtype="float64", na_value=np.nan)
        return np.where(self.frame["observed"].to_numpy(), values, np.nan)

    def whole_counts(self) -> np.ndarray:
        """Give `counts` to a model, which needs whole people.

        Raises
        ------
        InputError
            If the series holds expected fractions.
        """
        if self.spread == "expected":
            raise InputError(
                "a model needs whole deaths, and this series holds fractions",
                column="spread",
                value=self.spread,
                remedy="make the series with spread='even', 'start', 'end' or 'exclude'",
            )
        return self.counts

    @property
    def total(self) -> Estimate | NotEstimable:
        """The series' sum with the source's own low and high where every day has them (not an interval of chance).

        Not estimable when no day was observed.
        """
        observed = self.frame[self.frame["observed"]]
        if not len(observed):
            return NotEstimable("no day of the series was observed")
        best = float(observed[self.estimate].sum())
        ends = observed[["low", "high"]]
        if ends.isna().to_numpy().any():
            return Estimate(best, unit="recorded deaths")
        low, high = float(ends["low"].sum()), float(ends["high"].sum())
        return Estimate(best, min(low, high), max(low, high), unit="recorded deaths")

    def between(self, start: str | pd.Timestamp, end: str | pd.Timestamp) -> DailySeries:
        """Give a part of the series, the deaths of the other days moved to the account.

        Parameters
        ----------
        start, end : str or Timestamp
            First and last day (inclusive); both must lie in the series.

        Raises
        ------
        InputError
            If the days do not lie in the series in this order.
        """
        first, last = _day(start, "start"), _day(end, "end")
        if first > last or first < self.start or last > self.end:
            raise InputError(
                f"the part must lie in the series ({self.start.date()} to {self.end.date()})",
                column="start, end",
                value=f"{first.date()} to {last.date()}",
                remedy="choose days inside it",
            )
        accounts = self.accounts.copy()
        kept = self.frame.loc[first:last]
        for reason, part in (
            ("before the window", self.frame.loc[: first - pd.Timedelta(days=1)]),
            ("after the window", self.frame.loc[last + pd.Timedelta(days=1) :]),
        ):
            for name in ESTIMATES:
                if accounts[name].notna().all():
                    moved = pd.Series({reason: part[name].sum(), IN_SERIES: -part[name].sum()})
                    accounts[name] = accounts[name].add(moved.astype(accounts[name].dtype), fill_value=0)
        return replace(self, frame=kept, accounts=accounts)

    def draws(self, n: int, seed: int, *, weights: Literal["series"] | None = None) -> Draws:
        """Draw series that the same record allows: other days within each event's dates, other numbers in its range.

        Each draw takes every event that may have happened on these days, draws its deaths from its low, best and
        high (`casualties.draws.sample_totals`: a discrete triangular law, on average (low + best + high) / 3) and
        then their days (`casualties.draws.sample_counts`: one day for an event whose date is known to about a week,
        a day for each death of a vaguer one). How `spread` placed long events plays no part, except that
        ``"exclude"`` leaves them out here too. Draws of a part of a series are the part of its draws.

        A source gives low and high for all the dead of an event. For a class of victims the number is drawn only
        where the source gives the class a range (civilians who are all the dead of an event); elsewhere only the day
        is; an event that does not tell the class is not drawn. With `estimate` low or high the numbers are that figure.
        A feed or plain numbers leave nothing to draw: the series is repeated, and `Draws.law` says so.

        Parameters
        ----------
        n : int
            Number of draws.
        seed : int
            At least 0; the same seed gives the same draws, whatever the order of rows.
        weights : {None, "series"}
            Whether the days of an event are equally probable or follow the deaths of the events around it that are
            known to the day (`casualties.draws.day_probabilities`).

        Returns
        -------
        Draws
            Each conserves its deaths: those in the series and those outside are the deaths drawn; checked.

        Raises
        ------
        InputError
            If `n` or `seed` is not a whole number in range.
        UnknownNameError
            If `weights` is not among the choices.
        ConservationError
            If a draw loses or invents deaths (a fault of the package).

        Examples
        --------
        >>> DailySeries.from_counts([3, 0, 5], "2019-04-28").draws(2, seed=1).counts
        array([[3, 0, 5],
               [3, 0, 5]])
        """
        days = pd.DatetimeIndex(self.frame.index)
        observed = self.frame["observed"].to_numpy(dtype=bool)
        records = self.records
        if records is None:
            return repeat_counts(self.counts, days, observed, n, seed, weights=weights)
        return sample_counts(records, days, observed, n, seed, estimate=self.estimate, weights=weights)

    def basis(self, method: str, settings: Mapping[str, Any] | None = None, seed: int | None = None) -> Basis:
        """Say what an answer drawn from this series rests on."""
        left_out = {"without": ", ".join(self.without)} if self.without else {}
        return Basis(
            label=self.label,
            source=self.record.name,
            vintage=self.record.version or self.record.accessed,
            start=str(self.start.date()),
            end=str(self.end.date()),
            days=len(self.frame),
            days_observed=int(self.frame["observed"].sum()),
            method=method,
            settings={"spread": self.spread, "missing_days": self.missing_days, **left_out, **(settings or {})},
            seed=seed,
        )

    @classmethod
    def from_counts(
        cls,
        values: Sequence[float] | np.ndarray,
        start: str | pd.Timestamp,
        *,
        label: str = "recorded deaths",
        name: str = "counts",
    ) -> DailySeries:
        """Make a series from plain numbers.

        Parameters
        ----------
        values : sequence of float, shape (days,)
            Deaths by day, at most 10,000,000,000; NaN for a day without an observation.
        start : str or Timestamp
            The first day.
        label, name : str
            What is counted, and the source's name.

        Raises
        ------
        InputError
            If a value is negative, a fraction or more than there are people, or the days go beyond the year 9999.

        Examples
        --------
        >>> series = DailySeries.from_counts([3, 0, float("nan"), 5], "2019-04-28")
        >>> series.counts
        array([ 3.,  0., nan,  5.])
        >>> series.total.value
        8.0
        """
        try:
            numbers = np.asarray(values, dtype="float64")
        except (TypeError, ValueError) as error:
            raise InputError(
                f"deaths by day must be numbers ({error})",
                column="values",
                remedy="give NaN for a day without an observation",
            ) from error
        seen = ~np.isnan(numbers)
        bad = np.flatnonzero(seen & ((numbers < 0) | (numbers != np.round(numbers)) | (numbers > MOST_A_DAY)))
        if numbers.ndim != 1 or not len(numbers) or len(bad):
            value = numbers.flat[bad[0]] if len(bad) else f"shape {numbers.shape}"
            raise InputError(
                f"deaths by day must be a list of whole numbers of at least 0 and at most {MOST_A_DAY:,}",
                column="values",
                row=int(bad[0]) if len(bad) else None,
                value=value,
                remedy="give NaN for a day without an observation",
            )
        first = _day(start, "start")
        if (LATEST - first).days < len(numbers) - 1:
            raise InputError(
                f"{len(numbers)} days from this one on go beyond {LATEST.date()}",
                column="start",
                value=start,
                remedy="choose an earlier first day",
            )
        days = pd.date_range(first, periods=len(numbers), name="date")
        best = _numbers(numbers, days, "even")
        none = pd.array([pd.NA] * len(numbers), dtype="Int64")
        frame = pd.DataFrame(
            {
                "low": none,
                "best": best,
                "high": none,
                "observed": seen,
                "exposure": seen.astype("float64"),
                "imprecise": none,
                "backlog": none,
            },
            index=days,
        )
        accounts = pd.DataFrame(
            {"low": pd.NA, "best": [int(np.nansum(numbers)), 0, 0], "high": pd.NA},
            index=pd.Index([IN_SERIES, "before the window", "after the window"], name="reason"),
        ).astype("Int64")
        return cls(frame, accounts, SourceRecord(name=name), label, missing_days="missing")

    def __repr__(self) -> str:
        days, seen = len(self.frame), int(self.frame["observed"].sum())
        return f"<DailySeries {self.label}: {self.start.date()} to {self.end.date()}, {seen} of {days} days observed>"


def daily_series(
    source: Events | Feed,
    *,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    where: Where | None = None,
    victims: str | Iterable[str] = "all",
    estimate: str = "best",
    spread: Spread,
    missing_days: MissingDays,
    without: str | Iterable[str] = (),
    place: str = "",
) -> DailySeries:
    """Turn events or a feed into one number a day.

    Parameters
    ----------
    source : Events or Feed
        The validated records.
    start, end : str or Timestamp
        First and last day (inclusive).
    where : mapping, optional
        Column to value or values, e.g. ``{"adm1": ["Idlib Governorate"]}``; events only.
    victims : str or iterable of str
        ``"all"``, ``"civilians"``, ``"combatants"`` (the dead of the armed sides), ``"unknown"``, a part of the dead
        that the source counts (``"women"``: one of `Events.parts`), or one or more actors' names (their own dead, on
        whichever side they stand); for a feed ``"all"`` or one of its further columns.
    estimate : {"best", "low", "high"}
        Which of the source's figures `counts` gives.
    spread : {"even", "start", "end", "exclude", "expected"}
        What happens to an event that lasts several days. ``"even"``: whole deaths, as evenly over its days as they
        go, what is left over placed by a hash of the event's id (bias: smooths peaks, dates too early and too late
        alike). ``"start"``, ``"end"``: all on the first or last day (bias: makes peaks, dates early or late).
        ``"exclude"``: counted as outside (bias: too low where records are vague). ``"expected"``: fractions, for
        figures and totals only; models refuse them. The same holds for a feed's report of several days, see Notes.
    missing_days : {"zero", "missing"}
        Whether a day within the source's coverage on which nothing is recorded counts as zero or as not observed.
        Days outside the coverage are never zero.
    without : str or iterable of str, optional
        Flags of rows to leave out, e.g. ``["two-reports"]``; their deaths are counted as outside, and a feed's day
        without its report is not observed.
    place : str, optional
        The place in words, for captions.

    Returns
    -------
    DailySeries
        Deaths in = deaths in the series + deaths outside, by reason + deaths in the ledger; checked.

    Raises
    ------
    InputError
        If the window is reversed or lies wholly outside the coverage, or the source has no such figures (a low or
        high for a class of victims, a place in a feed).
    UnknownNameError
        If a choice, place or class of victims does not exist.
    ConservationError
        If deaths do not add up (a fault of the package).

    Notes
    -----
    Where an event does not tell how many of its dead belong to a class or a part, each day on which its deaths would be
    placed is not observed: what is known of such a day is no count of it. All deaths of the event stand in the account
    under "not said whether …"; those of other events on such a day under "on days not fully told".

    A feed states how many hours each report covers; where it does not, each covers 24.

    - A report of more than 24 hours ends on its date and reaches back over as many days as its hours begin
      (48 hours: two days, 60 hours: three), though never over the date of an earlier report that covers hours.
      ``"even"`` and ``"expected"`` give each of these days an equal share of its deaths and hours; ``"start"`` and
      ``"end"`` give its first or last day all its deaths and hours (an ``exposure`` above 1), and the other days are
      not observed; ``"exclude"`` observes none of them, and its deaths are counted as outside.
    - A report of 0 hours covers no day: its deaths, if it states any, are counted as outside, and by itself it
      makes its date neither observed nor zero.
    - A report that leaves the count open says nothing about its days: they are not observed.
    - With ``missing_days="zero"`` only days that no report touches become zero.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.read_ucdp_ged(ca.bundled("idlib-2019") / "ged_syria.csv")
    >>> series = ca.daily_series(events, start="2019-07-22", end="2019-07-22", where={"adm1": "Idlib Governorate"},
    ...                          spread="exclude", missing_days="zero")
    >>> series.frame[["low", "best", "high"]].iloc[0].tolist()
    [37, 50, 54]
    """
    choices = _Choices.checked(source, start, end, victims, estimate, spread, missing_days, without)
    if isinstance(source, Feed):
        if where or estimate != "best":
            what = "place" if where else "range"
            raise InputError(
                f"the feed gives one figure a day and no {what}",
                file=source.record.file,
                column="where" if where else "estimate",
                value=str(where) if where else estimate,
                remedy="leave this argument out",
            )
        frame, accounts = _from_feed(
            source, choices.days, choices.coverage, choices.victims, spread, missing_days, choices.left_out
        )
        return choices.made(source, frame, accounts, None, {}, place)
    table = _Table.of(source, choices.victims, choices.left_out)
    here = place_mask(source, where)
    unplaced = ~here & False
    for column in where or {}:
        unplaced |= source.accepted[column].astype("str") == ""
    outside = {
        "elsewhere": _sums(table.deaths, ~here & ~unplaced),
        "no place recorded": _sums(table.deaths, ~here & unplaced),
    }
    part = table.part(here.to_numpy())
    places = np.zeros(len(part.ids), dtype="int64")
    made = _from_events(part, places, [outside], choices.days, choices.coverage, spread, missing_days)
    return choices.made(source, *made[0], dict(where or {}), place)


def daily_series_by(
    events: Events,
    column: str,
    *,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    victims: str | Iterable[str] = "all",
    estimate: str = "best",
    spread: Spread,
    missing_days: MissingDays,
    without: str | Iterable[str] = (),
) -> dict[str, DailySeries]:
    """Make one daily series for each value of a column, as `daily_series` makes one for a place.

    Parameters
    ----------
    events : Events
        The validated records.
    column : str
        ``"adm1"``, ``"adm2"``, ``"country"`` or any other column of words.
    start, end, victims, estimate, spread, missing_days, without
        As in `daily_series`.

    Returns
    -------
    dict of str to DailySeries
        By name, in alphabetical order; events without a name are in none, and in the account of each. Each is equal to
        ``daily_series(events, where={column: name}, ...)``; the table is only read once.

    Raises
    ------
    InputError, UnknownNameError, ConservationError
        As `daily_series`; UnknownNameError also if there is no such column.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.read_ucdp_ged(ca.bundled("idlib-2019") / "ged_syria.csv")
    >>> series = ca.daily_series_by(events, "adm1", start="2019-05-01", end="2019-08-31", spread="even",
    ...                             missing_days="zero")
    >>> len(series), series["Idlib Governorate"].total.value
    (14, 1776.0)
    """
    choices = _Choices.checked(events, start, end, victims, estimate, spread, missing_days, without)
    if column not in events.accepted:
        raise UnknownNameError("column", column, map(str, events.accepted.columns))
    table = _Table.of(events, choices.victims, choices.left_out)
    codes, names = pd.factorize(events.accepted[column].astype("str"), sort=True)
    nameless = np.asarray(names == "")
    by_name = np.column_stack([np.bincount(codes, np.nan_to_num(row), len(names)) for row in table.deaths.T])
    nowhere = by_name[nameless].sum(axis=0)
    named = np.flatnonzero(~nameless)
    whole = by_name.sum(axis=0)
    outside = [{"elsewhere": whole - by_name[code] - nowhere, "no place recorded": nowhere} for code in named]
    here = ~nameless[codes]
    places = (np.cumsum(~nameless) - 1)[codes[here]]
    made = _from_events(table.part(here), places, outside, choices.days, choices.coverage, spread, missing_days)
    return {
        name: choices.made(events, *parts, {column: name}, name)
        for name, parts in zip(map(str, names[named]), made, strict=True)
    }


@dataclass(frozen=True, slots=True)
class _Choices:
    """The choices of a series, checked once, and what follows from them alone."""

    days: pd.DatetimeIndex
    coverage: Coverage
    victims: str | tuple[str, ...]
    estimate: str
    spread: str
    missing_days: str
    without: tuple[str, ...]
    left_out: pd.Series[bool]
    deaths: Mapping[str, float]

    @classmethod
    def checked(
        cls,
        source: Events | Feed,
        start: str | pd.Timestamp,
        end: str | pd.Timestamp,
        victims: str | Iterable[str],
        estimate: str,
        spread: str,
        missing_days: str,
        without: str | Iterable[str],
    ) -> _Choices:
        """Check the choices, and say which is wrong."""
        for name, value, choices in (
            ("spread", spread, SPREADS),
            ("missing_days", missing_days, MISSING_DAYS),
            ("estimate", estimate, ESTIMATES),
        ):
            if value not in choices:
                raise UnknownNameError(name, value, choices)
        first, last = _day(start, "start"), _day(end, "end")
        if first > last:
            raise InputError(
                "the window ends before it starts", column="start, end", value=f"{start} to {end}", remedy="swap them"
            )
        if not isinstance(source, Events | Feed):
            raise InputError(
                "a daily series is made from events or a feed",
                column="source",
                value=type(source).__name__,
                remedy="give what read_ucdp_ged or read_feed returns",
            )
        days = pd.date_range(first, last, name="date")
        flags = (without,) if isinstance(without, str) else tuple(without)
        return cls(
            days=days,
            coverage=_coverage(source, days),
            victims=victims if isinstance(victims, str) else tuple(victims),
            estimate=estimate,
            spread=spread,
            missing_days=missing_days,
            without=flags,
            left_out=_flagged(source, flags),
            deaths=_deaths(source),
        )

    def made(
        self,
        source: Events | Feed,
        frame: pd.DataFrame,
        accounts: pd.DataFrame,
        recorded: _Recorded | None,
        where: Where,
        place: str,
    ) -> DailySeries:
        """Check that the account adds up, and give the series."""
        if isinstance(source, Events) and frame.loc[frame["observed"], self.estimate].isna().any():
            raise InputError(
                f"the source gives no {self.estimate} for {victims_label(self.victims, source.parts)}",
                file=source.record.file,
                column="estimate",
                value=self.estimate,
                remedy="take estimate='best', or victims='all'",
            )
        _check(accounts, self.deaths, victims_label(self.victims, source.parts))
        figure = "" if isinstance(source, Feed) else f" {self.estimate}"
        whom = victims_label(self.victims, source.parts)
        words = ["recorded deaths", whom, f"{source.record.name}{figure}", place]
        return DailySeries(
            frame,
            accounts,
            source.record,
            ", ".join(word for word in words if word),
            self.estimate,
            self.spread,
            self.missing_days,
            self.victims,
            where,
            place,
            self.without,
            recorded,
            whom,
        )


def _sums(deaths: np.ndarray, rows: pd.Series[bool] | np.ndarray) -> np.ndarray:
    """Add up low, best and high over some events; what is not given is nothing."""
    return np.asarray(np.nansum(deaths[np.asarray(rows, dtype=bool)], axis=0))


@dataclass(frozen=True, slots=True)
class _Table:
    """What every series of one table of events needs, read from it once.

    `deaths` has the shape (events, 3): low, best and high of the victims counted, NaN where the source gives none;
    `complete` tells which of the three it gives for every event that gives a best, `given` which it gives for any;
    `silent` tells which events do not say how many of their dead are counted, `untold` whether any event of the whole
    table is such a one. What a table holds beyond its events (`complete`, `given`, `untold`, `beyond`) is that of the
    whole one also in a part of it.
    """

    ids: pd.Series
    first: np.ndarray
    lasts: np.ndarray
    vagueness: np.ndarray
    deaths: np.ndarray
    complete: tuple[bool, ...]
    given: tuple[bool, ...]
    silent: np.ndarray
    left_out: np.ndarray
    untold: bool
    beyond: Mapping[str, tuple[float, ...]]

    def part(self, rows: np.ndarray) -> _Table:
        """Give the events of some rows."""
        if rows.all():
            return self
        names = ("ids", "first", "lasts", "vagueness", "deaths", "silent", "left_out")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    @classmethod
    def of(cls, events: Events, victims: str | tuple[str, ...], left_out: pd.Series[bool]) -> _Table:
        """Read a table of events."""
        accepted = events.accepted
        counts = victim_counts(events, victims)
        deaths = np.column_stack([counts[name].to_numpy(dtype="float64", na_value=np.nan) for name in ESTIMATES])
        silent = np.isnan(deaths[:, BEST])
        told = accepted[~silent] if silent.any() else accepted
        beyond = {
            "other victims": [float(told[name].sum()) - float(counts[name].sum()) for name in ESTIMATES],
            "rows in the ledger": [
                float(events.rejected[name].sum()) - float(events.waiting[name].sum()) for name in ESTIMATES
            ],
        }
        if len(events.waiting):
            beyond[NOT_YET_KNOWN] = [float(events.waiting[name].sum()) for name in ESTIMATES]
        if silent.any():
            said = f"not said whether {victims_label(victims, events.parts)}"
            beyond[said] = [float(accepted[name].sum()) - float(told[name].sum()) for name in ESTIMATES]
        return cls(
            ids=accepted["id"].astype("str"),
            first=accepted["date_start"].to_numpy().astype("datetime64[D]"),
            lasts=(accepted["date_end"] - accepted["date_start"]).dt.days.to_numpy() + 1,
            vagueness=accepted["date_prec"].to_numpy(dtype="float64", na_value=np.nan),
            deaths=deaths,
            complete=tuple(not np.isnan(column[~silent]).any() for column in deaths.T),
            given=tuple(not len(accepted) or bool(accepted[name].notna().any()) for name in ESTIMATES),
            silent=silent,
            left_out=left_out.to_numpy(dtype=bool),
            untold=bool(silent.any()),
            beyond={reason: tuple(values) for reason, values in beyond.items()},
        )


def _from_events(
    table: _Table,
    places: np.ndarray,
    outside: Sequence[Mapping[str, np.ndarray]],
    days: pd.DatetimeIndex,
    coverage: Coverage,
    spread: str,
    missing_days: str,
) -> list[tuple[pd.DataFrame, pd.DataFrame, _Recorded]]:
    """Put the deaths of the events of some places on days; what is left over is accounted for by reason.

    `places` holds the number of each event's place, and `outside` for each place the deaths of all other events by
    reason, low, best and high. All places are counted in one pass.
    """
    lasts, deaths, left_out = table.lasts, table.deaths, table.left_out
    vague = ~left_out & (lasts > 1) if spread == "exclude" else np.zeros(len(lasts), dtype=bool)
    counted = ~left_out & ~vague
    event, day = _event_days(lasts, counted, spread)
    ranks = _ranks(table.ids, event, lasts[event], day) if spread == "even" else day
    begin = (table.first - days[0].to_datetime64().astype("datetime64[D]")).astype("int64")
    position, place = begin[event] + day, places[event]
    number, length = len(outside), len(days)
    inside = (position >= 0) & (position < length)
    cell = (place * length + position)[inside]

    def daily(values: np.ndarray) -> np.ndarray:
        return np.bincount(cell, values[inside], number * length).reshape(number, length)

    def by_place(of: np.ndarray, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.bincount(of[rows], values[rows], number)

    recorded = np.bincount(cell, minlength=number * length).reshape(number, length) > 0
    observed = np.tile(_within(days, coverage), (number, 1))
    if missing_days == "missing":
        observed &= recorded
    # What an event does not tell leaves the count of each of its days open, in the series or outside it.
    untold = np.zeros(len(event), dtype=bool)
    if table.silent[event].any():
        first, width = position.min(), np.ptp(position) + 1
        key = place * width + position - first
        untold = np.isin(key, key[table.silent[event]])
        observed.flat[cell[untold[inside]]] = False
    # Coverage, and what a day does not tell, come before the window, so that the account of a part of a series is that
    # of a series of the part.
    first_day, last_day = ((edge - days[0]).days for edge in coverage)
    unseen = (position < first_day) | (position > last_day)
    usable = ~unseen & ~untold
    placed: dict[str, np.ndarray] = {}
    sums: list[dict[str, np.ndarray]] = []
    for column, name in enumerate(ESTIMATES):
        if not (table.given[column] or table.complete[column]):
            # A source without a range has none on days without events either.
            placed[name] = np.full((number, length), np.nan)
            sums.append({})
            continue
        shares = _shares(deaths[:, column], lasts, event, ranks, spread)
        missing = np.isnan(shares)
        shares = np.where(missing, 0, shares)
        placed[name] = _known(daily(shares), daily(missing))
        if column == BEST:
            imprecise = ((lasts > 1) | (table.vagueness > 1))[event]
            placed["imprecise"] = _known(daily(shares * imprecise), daily(missing & imprecise))
        of_event = np.nan_to_num(deaths[:, column])
        placed_by = {
            **dict(
                zip(
                    PLACED,
                    (usable & inside, usable & (position < 0), usable & (position >= length), unseen),
                    strict=True,
                )
            ),
            UNTOLD: ~unseen & untold,
        }
        sums.append(
            {
                **{reason: by_place(place, shares, rows) for reason, rows in placed_by.items()},
                **{reason: np.array([by[reason][column] for by in outside]) for reason in ELSEWHERE},
                **dict(zip(NOT_PLACED, (by_place(places, of_event, rows) for rows in (vague, left_out)), strict=True)),
                **{reason: np.full(number, values[column]) for reason, values in table.beyond.items()},
            }
            if table.complete[column]
            else {}
        )
    reasons = pd.Index(_reasons(table), name="reason")
    counted &= ~table.silent
    none = pd.array([pd.NA] * length, dtype="Int64")
    made = []
    for one in range(number):
        frame = pd.DataFrame(
            {
                **{
                    name: _numbers(np.where(observed[one], placed[name][one], np.nan), days, spread)
                    for name in (*ESTIMATES, "imprecise")
                },
                "observed": observed[one],
                "exposure": observed[one].astype("float64"),
                "backlog": none,
            },
            index=days,
        )
        account = {
            name: np.array([by[reason][one] if by else np.nan for reason in reasons], dtype="float64")
            for name, by in zip(ESTIMATES, sums, strict=True)
        }
        accounts = pd.DataFrame({name: _numbers(values, reasons, spread) for name, values in account.items()})
        made.append((frame, accounts, _Recorded(table, counted, places, one, days)))
    return made


def _known(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Give sums, NaN where a part of one is missing."""
    return np.where(missing > 0, np.nan, values)


def _reasons(table: _Table) -> list[str]:
    """List where the deaths of a table can go, in the order of the account."""
    untold = [UNTOLD] if table.untold else []
    return [*PLACED, *ELSEWHERE, *NOT_PLACED, *untold, *table.beyond]


class _Recorded:
    """What the draws of a series need of its events, looked up when they are asked for."""

    def __init__(
        self, table: _Table, counted: np.ndarray, places: np.ndarray, place: int, days: pd.DatetimeIndex
    ) -> None:
        self._table, self._counted, self._places, self._place, self._days = table, counted, places, place, days
        self._found: Records | None = None

    def __call__(self) -> Records:
        if self._found is None:
            here = np.flatnonzero(self._counted & (self._places == self._place))
            self._found = _records(self._table, here, self._days)
        return self._found


def _records(table: _Table, counted: np.ndarray, days: pd.DatetimeIndex) -> Records:
    """Keep of the events counted what their draws need."""
    first, lasts = table.first[counted], table.lasts[counted]
    ends = first + (lasts - 1).astype("timedelta64[D]")
    meets = (ends >= days[0].to_datetime64()) & (first <= days[-1].to_datetime64())
    kept = counted[meets]
    span = pd.date_range(first[meets].min(), ends[meets].max()) if meets.any() else days
    dated = (lasts == 1) & (table.vagueness[counted] == 1)
    best = table.deaths[counted[dated], BEST]
    return Records(
        ids=tuple(table.ids.iloc[kept].astype(str).tolist()),
        first=table.first[kept],
        days=table.lasts[kept],
        date_prec=table.vagueness[kept],
        deaths=table.deaths[kept],
        known=pd.Series(best).groupby(first[dated]).sum().reindex(span, fill_value=0.0),
    )


def _numbers(values: np.ndarray | pd.Series, index: pd.Index, spread: str) -> pd.Series:
    """Give whole numbers of people, or fractions where they were asked for; NaN becomes NA."""
    fractions = pd.Series(np.asarray(values, dtype="float64"), index=index, dtype="Float64")
    return fractions if spread == "expected" else fractions.astype("Int64")


def _event_days(lasts: np.ndarray, counted: np.ndarray, spread: str) -> tuple[np.ndarray, np.ndarray]:
    """List the days on which events stand: the event's position and the day's number within it, both 0-based."""
    events = np.flatnonzero(counted)
    if spread == "start":
        return events, np.zeros(len(events), dtype="int64")
    if spread == "end":
        return events, lasts[events] - 1
    if not (lasts[events] > 1).any():
        return events, np.zeros(len(events), dtype="int64")
    event = np.repeat(events, lasts[events])
    firsts = np.repeat(np.cumsum(lasts[events]) - lasts[events], lasts[events])
    return event, np.arange(len(event)) - firsts


def _shares(deaths: np.ndarray, lasts: np.ndarray, event: np.ndarray, ranks: np.ndarray, spread: str) -> np.ndarray:
    """Give the deaths of each event-day (NaN where the source gives none)."""
    total: np.ndarray = deaths[event]
    if spread in ("start", "end"):
        return total
    if spread == "expected":
        return np.asarray(total / lasts[event])
    # The days of an event are ranked once by a hash, and the first ones take what does not divide. The same ranks
    # serve low, best and high, so that low <= best <= high holds on each day where it holds for the event.
    several = np.flatnonzero(lasts[event] > 1)
    share, length = total.copy(), lasts[event[several]]
    each, rest = np.divmod(total[several], length)
    share[several] = each + (ranks[several] < rest)
    return share


def _ranks(ids: pd.Series, event: np.ndarray, lasts: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Rank the days of each event in an order that only its id decides; `event` is the position of the id."""
    ranks = np.zeros(len(event), dtype="int64")
    several = np.flatnonzero(lasts > 1)
    if not len(several):
        return ranks
    numbers, codes = np.unique(event[several], return_inverse=True)
    seeds = [
        int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
        for name in ids.iloc[numbers].astype("str").tolist()
    ]
    mixed = np.array(seeds, dtype="uint64")[codes]
    mixed += (day[several].astype("uint64") + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    order = np.lexsort((mixed, event[several]))
    sorted_events = event[several][order]
    starts = np.flatnonzero(np.r_[True, sorted_events[1:] != sorted_events[:-1]])
    lengths = np.diff(np.r_[starts, len(order)])
    ranks[several[order]] = np.arange(len(order)) - np.repeat(starts, lengths)
    return ranks


def _from_feed(
    feed: Feed,
    days: pd.DatetimeIndex,
    coverage: Coverage,
    victims: str | tuple[str, ...],
    spread: str,
    missing_days: str,
    left_out: pd.Series[bool],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put a feed's reports on their days; a day without a report stays apart from a day with zero.

    A report of several days ends on its date and reaches back, though never over an earlier report that covers hours.
    ``even`` and ``expected`` give each of its days an equal share of its deaths and hours; ``start`` and ``end`` give
    one day all of both, and the others are not observed; ``exclude`` observes none of them.
    """
    if victims != "all" and victims not in feed.parts:
        raise UnknownNameError("victims", victims, ["all", *feed.parts], file=feed.record.file)
    every = feed.deaths
    stating = every if victims == "all" else feed.frame.set_index("date")[str(victims)]
    hours = feed.hours.to_numpy(dtype="float64", na_value=np.nan)
    deaths, used = stating.to_numpy(dtype="float64", na_value=np.nan), ~left_out.to_numpy(dtype=bool)
    dates = pd.DatetimeIndex(feed.frame["date"])
    reported = hours > 0
    lasts = np.maximum(np.ceil(np.nan_to_num(hours) / 24).astype("int64"), 1)
    free = np.diff(dates[reported].to_numpy().astype("datetime64[D]").astype("int64"))
    lasts[np.flatnonzero(reported)[1:]] = np.minimum(lasts[reported][1:], free)
    # Hours that reach back over an earlier report are that report's.
    hours = np.minimum(hours, 24.0 * lasts)
    several = lasts > 1
    fractional = spread == "expected" and bool(several.any())
    counted = used & reported & ~np.isnan(deaths) & ~(several & (spread == "exclude"))
    report, day = _event_days(lasts, counted, spread)
    first = dates - pd.to_timedelta(lasts - 1, unit="D")
    date = (first[report] + pd.to_timedelta(day, unit="D")).to_numpy()
    names = pd.Series(dates.strftime("%Y-%m-%d"))
    ranks = _ranks(names, report, lasts[report], day)
    shares = _shares(deaths, lasts, report, ranks, spread)
    covered, seen = _within(days, coverage), _within(pd.DatetimeIndex(date), coverage)
    position = (date - days[0].to_datetime64()) // np.timedelta64(1, "D")
    inside = (position >= 0) & (position < len(days)) & seen
    place = position[inside].astype("int64")

    def daily(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, values[inside], len(days))

    stated = np.bincount(place, minlength=len(days)) > 0
    # A report that does not state this count says nothing about it: none of its days is ever zero.
    touched_report, touched_day = _event_days(lasts, np.ones(len(dates), dtype=bool), "even")
    touched = days.isin(first[touched_report] + pd.to_timedelta(touched_day, unit="D"))
    silent = covered & ~touched & (missing_days == "zero")
    unknown = np.full(len(days), np.nan)
    kind = spread if fractional else "even"
    frame = pd.DataFrame(index=days)
    frame["low"], frame["high"] = _numbers(unknown, days, "even"), _numbers(unknown, days, "even")
    frame.insert(1, "best", _numbers(np.where(stated, daily(shares), np.where(silent, 0, np.nan)), days, kind))
    frame["observed"] = stated | silent
    length = hours[report] / 24 / (1 if spread in ("start", "end") else lasts[report])
    frame["exposure"] = np.where(silent, 1.0, daily(length))
    frame["imprecise"] = _numbers(daily(shares * several[report]), days, kind)
    backlog = unknown
    if victims == "all" and "backlog" in feed.frame:
        backlogs = feed.frame["backlog"].to_numpy(dtype="float64", na_value=np.nan)
        older = _shares(backlogs, lasts, report, ranks, spread)
        told = daily(np.isnan(older).astype("float64")) == 0
        backlog = np.where(stated & told, daily(np.nan_to_num(older)), np.nan)
    frame["backlog"] = _numbers(backlog, days, kind)
    frame.loc[~frame["observed"], ["best", "imprecise"]] = pd.NA
    frame.index.name = "date"
    sums = {
        IN_SERIES: float(frame["best"].sum()),
        "before the window": shares[seen & (position < 0)].sum(),
        "after the window": shares[seen & (position >= len(days))].sum(),
        "on days without coverage": shares[~seen].sum(),
        "flagged (left out)": np.nansum(deaths[~used]),
        "other victims": float(every.sum()) - np.nansum(deaths),
        "rows in the ledger": float(feed.rejected["best"].sum() - feed.waiting["best"].sum()),
    }
    if len(feed.waiting):
        sums[NOT_YET_KNOWN] = float(feed.waiting["best"].sum())
    if feed.taken_back:
        sums[TAKEN_BACK] = float(feed.taken_back)
    if "period" in feed.frame or "running" in feed.frame:
        sums["on reports of 0 hours"] = np.nansum(deaths[used & ~reported])
        sums["in reports of several days (excluded)"] = np.nansum(deaths[used & reported & several & ~counted])
    best = _numbers(np.array(list(sums.values())), pd.Index(list(sums), name="reason"), kind)
    accounts = pd.DataFrame({"low": pd.NA, "best": best, "high": pd.NA})
    return frame, accounts.astype({"low": "Int64", "high": "Int64"})


def _flagged(source: Events | Feed, without: tuple[str, ...]) -> pd.Series[bool]:
    """Tell which rows carry one of the flags to leave out; in a replay a flag of the whole table may be rare yet."""
    frame = source.frame if isinstance(source, Feed) else source.accepted
    if not without:
        return pd.Series(False, index=frame.index)
    flags = frame["flags"].str.split(";")
    known = sorted((set(flags.explode()) | source.names.get("flags", frozenset())) - {""})
    for flag in without:
        if flag not in known:
            raise UnknownNameError("without", flag, known)
    return flags.map(lambda carried: not set(without).isdisjoint(carried)).astype(bool)


def _within(dates: pd.DatetimeIndex, coverage: Coverage) -> np.ndarray:
    """Tell which dates lie within the coverage."""
    return np.asarray((dates >= coverage[0]) & (dates <= coverage[1]))


def _coverage(source: Events | Feed, days: pd.DatetimeIndex) -> Coverage:
    """Give the source's coverage, which the window must meet."""
    first, last = source.coverage
    if not _within(days, (first, last)).any():
        raise InputError(
            f"the source covers {first.date()} to {last.date()} only",
            file=source.record.file,
            column="start, end",
            value=f"{days[0].date()} to {days[-1].date()}",
            remedy="choose a window inside it",
        )
    return first, last


def _deaths(source: Events | Feed) -> dict[str, float]:
    """Add up every death that a source gives, low, best and high."""
    if isinstance(source, Feed):
        # Rises count what a later fall took back; the total itself rose by less.
        counting = source.risen if source.new == "increment" else source.deaths.sum()
        return {"best": float(counting + source.rejected["best"].sum())}
    return {name: float(source.accepted[name].sum() + source.rejected[name].sum()) for name in ESTIMATES}


def _check(accounts: pd.DataFrame, deaths: Mapping[str, float], whom: str) -> None:
    """Raise unless the account adds up to every death that the source gives."""
    for name, given in deaths.items():
        if accounts[name].isna().all():
            continue
        counted = float(accounts[name].sum())
        if abs(given - counted) > 1e-6:
            raise ConservationError(f"{name}, {whom}: {given:,.0f} deaths went in and {counted:,.6g} are accounted for")


def _day(value: str | pd.Timestamp, argument: str) -> pd.Timestamp:
    """Read a day given by a caller; text must be a whole ISO date, since "2019-08" would be completed by guess."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}([ T]00:00(:00)?)?", value.strip()):
        raise InputError("this is not a date", column=argument, value=value, remedy="write it as YYYY-MM-DD")
    try:
        day = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise InputError("this is not a date", column=argument, value=value, remedy="write it as YYYY-MM-DD") from error
    if pd.isna(day) or day != day.normalize() or day.tz is not None or not 1 <= day.year <= LATEST.year:
        raise InputError("this is not a day", column=argument, value=value, remedy="write it as YYYY-MM-DD")
    return day
