"""Daily feeds: a source's own count for each day, with the days on which it gave none left out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casualties.provenance import SourceRecord

__all__ = ["SUPERSEDED", "Feed"]

# How the ledger names a report that another report of the same day replaces: settled by rule, not a fault.
SUPERSEDED = "a second report for the day"


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """A source's daily counts and the ledger of reports that were not used.

    Parameters
    ----------
    frame : DataFrame
        One row a day that was reported: ``date`` (datetime64, the day that the count is for), ``killed`` (people),
        further counts under the provider's names, ``report_date`` (datetime64), ``flags`` (joined by ``;``).
        A day without a row was not reported; it is not a zero.
    rejected : DataFrame
        ``row, column, value, reason`` of each report left out, its ``id`` and its count as ``best``.
    record : SourceRecord
        Where the feed comes from.

    Notes
    -----
    Flags: ``two-reports`` (another report for the day stands in the ledger), ``date-from-events`` (the report has no
    usable date and took the day of the events that cite it), ``parts>total`` (a named part exceeds the total).
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    record: SourceRecord

    @property
    def faults(self) -> pd.DataFrame:
        """The rows of the ledger that could not be used (without the second reports that a rule has settled)."""
        return self.rejected[~self.rejected["reason"].str.startswith(SUPERSEDED)]

    def __repr__(self) -> str:
        days, killed = len(self.frame), int(self.frame["killed"].sum())
        return f"<Feed {self.record.name}: {days:,} days, {killed:,} killed, {len(self.rejected)} reports not used>"
