"""The history of a daily feed's cells: the feed as it stood on any day, and how long its figures took to enter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.feeds import Feed
from casualties.ledger import NOT_YET_KNOWN, Ledger, parse_dates, read_day
from casualties.provenance import SourceRecord
from casualties.sources.feed import feed_of_table
from casualties.vintages.triangle import IN_TRIANGLE, Triangle, Unit, account, delays_between, lay_out, read_window
from casualties.vintages.vintage import basis_of

__all__ = ["CellHistory", "triangle_of_vintages"]

LONG = ("as_of", "report_date", "measure", "value")


@dataclass(frozen=True, slots=True, eq=False)
class CellHistory:
    """Every change of every cell of a daily feed, from which the feed can be had as it stood on any day.

    Parameters
    ----------
    frame : DataFrame
        In the order in which the versions followed one another: ``as_of, report_date`` (datetime64), ``measure,
        value`` (text; empty where the cell was removed or made empty).
    record : SourceRecord
        Where it comes from.
    """

    frame: pd.DataFrame
    record: SourceRecord

    @property
    def measures(self) -> list[str]:
        """The names of the feed's columns."""
        return sorted(self.frame["measure"].unique())

    @property
    def dates(self) -> pd.DatetimeIndex:
        """The days on which the feed changed."""
        return pd.DatetimeIndex(sorted(self.frame["as_of"].unique()), name="as_of")

    @property
    def out_of_order(self) -> int:
        """How many rows bear a date before that of a row above them: a fault of the dates, not of the order."""
        return int((self.frame["as_of"] < self.frame["as_of"].cummax()).sum())

    def as_of(self, date: str | pd.Timestamp) -> pd.DataFrame:
        """Give the feed as it stood on the evening of a day.

        Parameters
        ----------
        date : str or Timestamp
            The day.

        Returns
        -------
        DataFrame
            Indexed by ``report_date``, one column a measure: whole numbers (Int64) where all its values ever are such,
            else text; NA where the cell was empty. Days without any cell have no row.

        Raises
        ------
        InputError
            If the day lies before the first vintage.
        """
        day = self._reachable(date)
        known = self.frame[self.frame["as_of"] <= day]
        last = known.drop_duplicates(["report_date", "measure"], keep="last")
        given = last[last["value"] != ""]
        table = pd.DataFrame(index=pd.DatetimeIndex(sorted(given["report_date"].unique()), name="report_date"))
        whole = self._whole()
        for name in self.measures:
            column = given[given["measure"] == name].set_index("report_date")["value"].reindex(table.index)
            table[name] = pd.to_numeric(column).astype("Int64") if name in whole else column.astype("str")
        return table

    def feed(self, date: str | pd.Timestamp, mapping: Mapping[str, Any] | str | Path) -> Feed:
        """Give the feed as it stood on the evening of a day, ready for a daily series.

        This is what a source showed that day, later corrections undone; `Feed.as_of` knows no corrections and takes
        every report as it stands today.

        Parameters
        ----------
        date : str or Timestamp
            The day.
        mapping : mapping, or path of a TOML file
            As in `read_feed`; the column of the day that a report is for is ``report_date``.

        Returns
        -------
        Feed
            The record's version names the vintage.

        Raises
        ------
        InputError
            If the day lies before the first vintage, or no report of it can be used.
        UnknownNameError
            If a mapped column is missing.
        """
        table = self.as_of(date)
        vintage = self.dates[self.dates <= read_day(date, "date")][-1]
        cells = pd.DataFrame({name: table[name].astype("str").fillna("") for name in table.columns}, dtype="str")
        cells.insert(0, "report_date", pd.DatetimeIndex(table.index).strftime("%Y-%m-%d"))
        version = f"{self.record.version}{', ' if self.record.version else ''}vintage of {vintage.date()}"
        cells.index = pd.RangeIndex(1, len(cells) + 1)
        return feed_of_table(cells, mapping, replace(self.record, version=version))

    def triangle(
        self,
        measure: str,
        *,
        start: str | pd.Timestamp,
        end: str | pd.Timestamp,
        max_delay: int = 14,
        unit: Unit = "day",
    ) -> Triangle:
        """Count what each report day's cell gained or lost, by the delay after which it did.

        Parameters
        ----------
        measure : str
            A measure that holds whole numbers for single days, e.g. ``"killed"``. Of a running total each day's cell
            takes part of its own, and the totals mean nothing.
        start, end, max_delay, unit
            As in `reporting_triangle`; the delay is that of the vintage after the report day.

        Returns
        -------
        Triangle
            A day's row adds up to its value in the last vintage, what was entered outside the columns apart. What the
            first vintage with this measure held has no known delay and is counted apart; so are changes dated before
            the report day.

        Raises
        ------
        InputError
            If the measure is not a whole number, or the window cannot be used.
        UnknownNameError
            If there is no such measure or unit.
        ConservationError
            If the gains do not add up to the last vintage (a fault of the package).
        """
        if measure not in self.measures:
            raise UnknownNameError("measure", measure, self.measures)
        if measure not in self._whole():
            raise InputError("the measure is no whole number", column="measure", value=measure)
        first, last = read_window(start, end, max_delay, unit)
        cells = self.frame[self.frame["measure"] == measure]
        # Of several changes within a day only the last one stood in the evening.
        cells = cells.drop_duplicates(["as_of", "report_date"], keep="last")
        value = pd.to_numeric(cells["value"].replace("", "0")).astype("int64")
        gained = value - value.groupby(cells["report_date"]).shift(fill_value=0)
        report, entered = cells["report_date"], cells["as_of"]
        delay = delays_between(report, entered, unit)
        reason = pd.Series(IN_TRIANGLE, index=cells.index, dtype="object")
        for words, mask in (
            (f"delay above {max_delay} {unit}s", delay > max_delay),
            ("entered before the day", entered < report),
            ("in the first vintage", entered == entered.min()),
            ("after the window", report > last),
            ("before the window", report < first),
        ):
            reason[mask.to_numpy(dtype=bool)] = words
        inside = (reason == IN_TRIANGLE).to_numpy()
        deaths, counts = lay_out(report[inside], delay[inside], gained[inside], (first, last), max_delay, unit)
        outside = (f"delay above {max_delay} {unit}s", "entered before the day", "in the first vintage")
        rows = {
            name: (int((reason == name).sum()), int(gained[reason == name].sum()))
            for name in (IN_TRIANGLE, *outside, "before the window", "after the window")
        }
        rows[NOT_YET_KNOWN] = (0, 0)
        final = self.as_of(self.dates[-1])[measure]
        accounts = account(rows, deaths, counts, (len(cells), int(final.sum())))
        basis = basis_of(
            f"{measure}, {self.record.name}, by delay of entry",
            self.record.name,
            str(self.dates[-1].date()),
            first,
            last,
            f"changes of each day's cell by delay in {unit}s",
            {"max_delay": max_delay, "unit": unit},
        )
        return Triangle(basis, deaths, counts, accounts, unit)

    def _reachable(self, date: str | pd.Timestamp) -> pd.Timestamp:
        day, first = read_day(date, "date"), self.frame["as_of"].min()
        if day < first:
            raise InputError(
                f"the first vintage is of {first.date()}",
                file=self.record.file,
                column="date",
                value=str(day.date()),
                remedy="ask for a later day",
            )
        return day

    def _whole(self) -> set[str]:
        """Name the measures whose values are all whole numbers."""
        given = self.frame[self.frame["value"] != ""]
        text = ~given["value"].str.fullmatch(r"-?\d{1,15}")
        return set(given["measure"]) - set(given.loc[text, "measure"])

    def __repr__(self) -> str:
        days = self.dates
        return (
            f"<CellHistory {self.record.name}: {len(self.frame):,} changes on {len(days)} days, "
            f"{days[0].date()} to {days[-1].date()}>"
        )


def triangle_of_vintages(frame: pd.DataFrame, record: SourceRecord | None = None) -> CellHistory:
    """Take the history of a feed's cells: each cell when it first stood there, and each time it changed.

    Parameters
    ----------
    frame : DataFrame
        ``as_of, report_date`` (dates), ``measure, value``. An empty value means that the cell was removed or made
        empty. Of the rows of a cell that are dated on or before a day the last one in the table holds on that day:
        versions follow one another as their rows do, also where a date is out of order.
    record : SourceRecord, optional
        Where it comes from.

    Returns
    -------
    CellHistory
        ``.as_of(date)`` replays the feed, ``.triangle(measure, ...)`` gives the reporting triangle.

    Raises
    ------
    InputError
        If a column is missing, a date cannot be read, or there is no row.

    Examples
    --------
    >>> rows = [("2024-01-02", "2024-01-01", "killed", "5"), ("2024-01-04", "2024-01-01", "killed", "7")]
    >>> history = triangle_of_vintages(pd.DataFrame(rows, columns=["as_of", "report_date", "measure", "value"]))
    >>> [int(history.as_of(date).loc["2024-01-01", "killed"]) for date in ("2024-01-03", "2024-01-04")]
    [5, 7]
    """
    source = record or SourceRecord(name="feed")
    for name in LONG:
        if name not in frame.columns:
            raise InputError("the column is missing", file=source.file, column=name, remedy=f"give {', '.join(LONG)}")
    if not len(frame):
        raise InputError("there is no vintage", file=source.file, remedy="give at least one row")
    made = pd.DataFrame(index=frame.index)
    ledger = Ledger(pd.RangeIndex(2, len(frame) + 2))
    for name in ("as_of", "report_date"):
        made[name] = parse_dates(frame[name].astype("str"), name, ledger)
    if not ledger.good.all():
        fault = ledger.frame(frame["measure"], pd.DataFrame()).iloc[0]
        raise InputError(
            str(fault["reason"]),
            file=source.file,
            row=int(fault["row"]),
            column=str(fault["column"]),
            value=fault["value"],
            remedy="write dates as YYYY-MM-DD",
        )
    made["measure"] = frame["measure"].astype("str").str.strip()
    made["value"] = frame["value"].map(_text).astype("str")
    return CellHistory(made.reset_index(drop=True), source)


def _text(value: object) -> str:
    """Give a cell as text; numbers that a reader made fractions because a neighbour is missing become whole again."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
