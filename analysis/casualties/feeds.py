"""Daily feeds: a source's own count for each day, with the days on which it gave none left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from casualties.provenance import SourceRecord

__all__ = ["SUPERSEDED", "Feed"]

# How the ledger names a report that another report of the same day replaces: settled by rule, not a fault.
SUPERSEDED = "a second report for the day"
TOLD = ("date", "killed", "increment", "running", "revision", "report_date", "flags")
MADE = ("period", "increment_period", "backlog", "suspicion")


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """A source's daily counts and the ledger of reports that were not used.

    Parameters
    ----------
    frame : DataFrame
        One row a day that was reported: ``date`` (datetime64, the day that the count is for), ``killed`` (people),
        further counts under the provider's names, ``report_date`` (datetime64), ``flags`` (joined by ``;``).
        A day without a row was not reported; it is not a zero. Where the mapping names them: ``running`` (the running
        total), ``increment`` (its rise since the last total, never negative), ``revision`` (what the total lost without
        anyone rising from the dead: at most 0), ``period`` and ``increment_period`` (hours covered by ``killed`` and by
        ``increment``), ``backlog`` (older deaths in the day's number, from the feed's own fields; NA where they do not
        tell) and ``suspicion`` (the evidence, in words, where backlog is suspected).
    rejected : DataFrame
        ``row, column, value, reason`` of each report left out, its ``id`` and its count as ``best``.
    record : SourceRecord
        Where the feed comes from.
    new : {"killed", "increment"}
        The column that is the feed's number of new deaths.
    base : int or None
        The running total before the first report; None where the feed has no running total.
    aside : tuple of str
        Columns that are carried for comparison and counted nowhere (those that somebody else filled in).

    Notes
    -----
    Flags: ``two-reports`` (another report for the day stands in the ledger), ``date-from-events`` (the report has no
    usable date and took the day of the events that cite it), ``parts>total`` (a named part exceeds the total),
    ``no-report`` (0 hours: no count, and never zero deaths), ``no-count`` (a report without a number of new deaths),
    ``period-assumed`` (no hours stated; taken as 24), ``period-overlaps`` (the hours reach back over an earlier
    report), ``revised-total`` (the running total fell), ``total-reset`` (it began anew), ``counts-differ`` (the stated
    number is not the rise of the total), ``mainly-backlog`` (more than half are older deaths, by the feed's own
    fields), ``suspected-backlog`` (the feed does not tell, and the day stands far above those around it).
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    record: SourceRecord
    new: str = "killed"
    base: int | None = None
    aside: tuple[str, ...] = field(default=())

    @property
    def coverage(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day covered, as the record states, else of the reports themselves."""
        return self.record.coverage(self.frame["date"].min(), self.frame["date"].max())

    @property
    def faults(self) -> pd.DataFrame:
        """The rows of the ledger that could not be used (without the second reports that a rule has settled)."""
        return self.rejected[~self.rejected["reason"].str.startswith(SUPERSEDED)]

    @property
    def parts(self) -> list[str]:
        """The further counts, each of which is some of the dead."""
        return [name for name in self.frame.columns if name not in (*TOLD, *MADE, *self.aside)]

    @property
    def deaths(self) -> pd.Series:
        """New deaths by report, indexed by ``date``: stated or by increments, as the mapping says."""
        return self.frame.set_index("date")[self.new]

    @property
    def hours(self) -> pd.Series:
        """Hours that each report's number covers, indexed by ``date``; 24 where the feed does not say."""
        name = "increment_period" if self.new == "increment" else "period"
        dates = pd.Index(self.frame["date"], name="date")
        if name not in self.frame:
            return pd.Series(24, index=dates, dtype="Int64")
        return pd.Series(self.frame[name].array, index=dates)

    @property
    def revisions(self) -> pd.DataFrame:
        """Each fall of the running total: ``date, running_before, running, revision, increment, flags``."""
        frame = self.frame
        if "running" not in frame:
            return pd.DataFrame(columns=["date", "running_before", "running", "revision", "increment", "flags"])
        before = frame["running"].ffill().shift()
        fell = frame["flags"].str.contains("revised-total|total-reset")
        return frame.assign(running_before=before).loc[
            fell, ["date", "running_before", "running", "revision", "increment", "flags"]
        ]

    def differences(self) -> pd.DataFrame:
        """Explain by day what the stated numbers and the increments of the running total do not share.

        Returns
        -------
        DataFrame
            ``date, killed, increment, difference`` (increment - killed, an absent number taken as nothing) and
            ``reason``, one row a day where the two differ. The differences sum to the increments' sum less that of
            ``killed``. Empty where the feed has not both.
        """
        columns = ["date", "killed", "increment", "difference", "reason"]
        if "increment" not in self.frame:
            return pd.DataFrame(columns=columns)
        frame = self.frame.reset_index(drop=True)
        difference = frame["increment"].fillna(0) - frame["killed"].fillna(0)
        reasons = pd.Series("", index=frame.index)
        totals = np.flatnonzero(frame["running"].notna())
        reporting = frame["period"] != 0 if "period" in frame else pd.Series(True, index=frame.index)
        days = frame["date"].where(reporting).dt.strftime("%Y-%m-%d")
        for row in np.flatnonzero(difference != 0).tolist():
            earlier = totals[totals < row]
            first = int(earlier[-1]) + 1 if len(earlier) else 0
            silent = days.iloc[first:row].dropna().tolist()
            reasons[row] = _difference(frame.iloc[row], int(difference.iloc[row]), silent)
        table = frame.assign(difference=difference, reason=reasons)
        return table.loc[difference != 0, columns].reset_index(drop=True)

    def __repr__(self) -> str:
        days, killed = len(self.frame), int(self.frame[self.new].sum())
        return f"<Feed {self.record.name}: {days:,} days, {killed:,} killed, {len(self.rejected)} reports not used>"


def _difference(report: pd.Series, difference: int, silent: list[str]) -> str:
    """Say why a report's stated number is not the rise of its total."""
    if "revised-total" in report["flags"]:
        return f"the running total was revised by {report['revision']:,}, which does not count as new deaths"
    if pd.isna(report["running"]):
        return "a new count without a running total; the next total holds it"
    if pd.isna(report["increment"]):
        return "the first running total, of which it is not known how much is new"
    absent = f", the days without a total among them ({', '.join(silent)})" if silent else ""
    if pd.isna(report["killed"]):
        return f"no new count was stated; the running total rose by {report['increment']:,}{absent}"
    return f"the running total rose by {abs(difference):,} {'more' if difference > 0 else 'less'} than stated{absent}"
