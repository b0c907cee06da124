"""The feed: a source's own count for each day, and what of it was known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from casualties.errors import ConservationError, InputError
from casualties.feeds.settle import SUPERSEDED, Choices, check_resets, settle_reports
from casualties.ledger import NOT_YET_KNOWN, read_replay_day
from casualties.provenance import SourceRecord

__all__ = ["Feed", "make_feed"]

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
    reports : DataFrame
        Every usable report as it was read, indexed by its row in the file, from which the feed of an earlier day is
        made: ``date, report_date, check_date`` (datetime64), ``stated_date`` (text), ``killed``, further counts, flags.
    choices : Choices
        What the mapping says of the feed.
    names : mapping of str to frozenset of str
        Of a replay: the flags of the whole feed. Empty where the feed is whole.

    Notes
    -----
    Flags: ``two-reports`` (another report for the day stands in the ledger), ``date-from-events`` (the report has no
    usable date and took the day of the events that cite it), ``parts>total`` (a named part exceeds the total),
    ``no-report`` (0 hours: no count, and never zero deaths), ``no-count`` (a report without a number of new deaths),
    ``period-assumed`` (no hours stated; taken as 24), ``period-overlaps`` (the hours reach back over an earlier
    report; a series takes the hours of its own days alone), ``revised-total`` (the running total fell), ``total-reset``
    (it began anew), ``counts-differ`` (the stated number is not the rise of the total), ``mainly-backlog`` (more than
    half are older deaths, by the feed's own fields), ``suspected-backlog`` (the feed does not tell, and the day stands
    far above those around it).
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    record: SourceRecord
    new: str = "killed"
    base: int | None = None
    aside: tuple[str, ...] = field(default=())
    reports: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    choices: Choices = field(default_factory=Choices, repr=False)
    names: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def coverage(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day covered, as the record states, else of the reports themselves."""
        return self.record.coverage(self.frame["date"].min(), self.frame["date"].max())

    @property
    def faults(self) -> pd.DataFrame:
        """The rows of the ledger that could not be used (without second reports, and what a replay has put there)."""
        settled = self.rejected["reason"].astype("str").str.startswith((SUPERSEDED, NOT_YET_KNOWN))
        return self.rejected[~settled.to_numpy(dtype=bool)]

    @property
    def waiting(self) -> pd.DataFrame:
        """Of a replay: the ledger's reports that are not known yet."""
        late = self.rejected["reason"].astype("str").str.startswith(NOT_YET_KNOWN)
        return self.rejected[late.to_numpy(dtype=bool)]

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

    @property
    def taken_back(self) -> int:
        """People whom falls of the running total took back, where the feed's number of new deaths is its rise.

        At most 0: the rises then add up to more than the total rose by. It is 0 where the stated numbers count.
        """
        return int(self.frame["revision"].sum()) if self.new == "increment" else 0

    @property
    def risen(self) -> int:
        """What the running total rose by: the last one less the base, with the totals left behind at resets.

        0 where the feed has no running total.
        """
        totals = self.frame["running"].dropna() if "running" in self.frame else pd.Series(dtype="Int64")
        if not len(totals):
            return 0
        fell = self.revisions
        left = fell.loc[fell["flags"].str.contains("total-reset"), "running_before"].sum()
        return int(totals.iloc[-1]) - int(self.base or 0) + int(left)

    def as_of(self, date: str | pd.Timestamp) -> Feed:
        """Give the feed as its reports allowed on the evening of a day.

        A report is known from the day on which it was made (``report_date``). One that states no such day, or one
        before the day that it counts, is known from the day that it counts. Everything that follows from one report
        to the next (which of two reports stands, increments, revisions, suspected backlog) is made anew from the
        reports known.

        Parameters
        ----------
        date : str or Timestamp
            The day; its own reports are known.

        Returns
        -------
        Feed
            The other reports stand in the ledger as ``not yet known`` (`waiting`), with the new deaths that they bring:
            the stated number, or where the running total counts its rise in the whole feed (NA before the last total
            known, which holds their deaths). The record's version names the day, its coverage ends with it, and its
            notes say what the replay rests on.

        Raises
        ------
        InputError
            If the day cannot be used, no report was known on it, the feed was not read from reports, or it is a replay
            itself.
        ConservationError
            If reports or deaths are lost (a fault of the package).

        Notes
        -----
        A report is taken as it stands in the file today. What a source has altered in it since can only be told from
        vintages of the file (`casualties.vintages`).

        Examples
        --------
        >>> import casualties as ca
        >>> feed = ca.load_study("idlib-2019").sources["sohr"]
        >>> known = feed.as_of("2019-05-10")
        >>> known.frame["date"].max(), known.frame["report_date"].max()
        (Timestamp('2019-05-09 00:00:00'), Timestamp('2019-05-10 00:00:00'))
        """
        day = read_replay_day(date, self.record, "the feed is", "feed")
        reports = self.reports
        if not len(reports):
            raise InputError(
                "the feed has no reports to replay",
                file=self.record.file,
                column="date",
                remedy="read it from its file",
            )
        stated = reports["report_date"] >= reports["date"]
        since = reports["report_date"].where(stated, reports["date"])
        known = since <= day
        first, last = self.coverage
        if not known.any() or day < first:
            raise InputError(
                f"the first report became known on {since.min().date()}, and the source covers {first.date()} to "
                f"{last.date()}",
                file=self.record.file,
                column="date",
                value=str(day.date()),
                remedy="choose a later day",
            )
        settled = settle_reports(reports[known], self.choices)
        late = reports[~known]
        entries = pd.DataFrame(
            {
                "row": late.index.astype("int64"),
                "column": self.choices.column,
                "value": since[~known].dt.strftime("%Y-%m-%d").array,
                "reason": f"{NOT_YET_KNOWN} on {day.date()}",
                "id": "",
                "low": pd.array([pd.NA] * len(late), dtype="Int64"),
                "best": self._awaited(late, settled.frame),
                "high": pd.array([pd.NA] * len(late), dtype="Int64"),
            }
        )
        replaced = _uncounted(settled.replaced, self.new)
        rejected = _joined(self.faults, replaced, entries)
        undated = known & ~stated
        notes = (
            f"A replay: the reports known on the evening of {day.date()}, {int(known.sum()):,} of {len(reports):,}. "
            "Each is taken as it stands in the file today; what the source has altered in it since does not show.",
            f"{int(undated.sum()):,} of them state no day of report on or after the day that they count and are taken "
            "as known from the day that they count.",
        )
        record = self.record.replayed(
            day,
            (first, last),
            (
                *(note for note in self.record.notes if note not in _revised(self.frame, self.new)),
                *_revised(settled.frame, self.new),
                *notes,
            ),
        )
        flags = frozenset(self.frame["flags"].str.split(";").explode())
        replay = replace(
            self, frame=settled.frame, rejected=rejected, record=record, base=settled.base, names={"flags": flags}
        )
        replay._check(self)
        return replay

    def _awaited(self, late: pd.DataFrame, known: pd.DataFrame) -> pd.api.extensions.ExtensionArray:
        """Give the new deaths that the reports not known yet bring."""
        if self.new == "killed":
            return late["killed"].astype("Int64").array
        totals = known.loc[known["running"].notna(), "date"]
        rise = self.frame.set_index("date")["increment"]
        standing = self._standing()
        counted = late.index.isin(standing) & (late["date"] > totals.max() if len(totals) else True)
        return late["date"].map(rise).astype("Int64").where(counted).array

    def _standing(self) -> pd.Index[int]:
        """Give the rows of the reports that stand in the feed."""
        return self.reports.index.difference(pd.Index(self.rejected["row"]))

    def _check(self, whole: Feed) -> None:
        """Raise unless a replay's reports and deaths, known and not, are those of the whole feed."""
        if len(self.frame) + len(self.rejected) != len(whole.frame) + len(whole.rejected):
            raise ConservationError("a replay does not hold every report of the feed")
        columns = [name for name in ("date", "killed", "running") if name in self.frame]
        counted = self.new == "killed" or (
            # Where an early total came late, or another report stood, the rises are others and need not add up.
            self.base == whole.base and self.frame[columns].equals(whole.frame[columns].head(len(self.frame)))
        )
        given, kept = (int(feed.deaths.sum()) + int(feed.rejected["best"].sum()) for feed in (whole, self))
        if counted and given != kept:
            raise ConservationError(f"{given} deaths were given, {kept} are known or in the ledger")

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


def make_feed(reports: pd.DataFrame, faults: pd.DataFrame, record: SourceRecord, choices: Choices) -> Feed:
    """Make a feed of its reports.

    Parameters
    ----------
    reports : DataFrame
        `Feed.reports`.
    faults : DataFrame
        The ledger of the reports that could not be used.
    record : SourceRecord
        Where the feed comes from.
    choices : Choices
        What the mapping says.

    Raises
    ------
    InputError
        If a day of reset has no report, or the running total does not fall on it, or the base is above the first total.
    """
    check_resets(reports, choices, record.file)
    settled = settle_reports(reports, choices)
    rejected = _joined(_uncounted(faults, choices.new), _uncounted(settled.replaced, choices.new))
    record = replace(record, notes=(*record.notes, *_revised(settled.frame, choices.new)))
    return Feed(settled.frame, rejected, record, choices.new, settled.base, choices.aside, reports, choices)


def _revised(frame: pd.DataFrame, new: str) -> tuple[str, ...]:
    """Say on which days the running total took back deaths that its earlier rises had counted."""
    if new != "increment":
        return ()
    fell = frame[(frame["revision"] < 0).fillna(False)]
    if not len(fell):
        return ()
    days = [
        f"{day.date()} ({change:,})" for day, change in zip(fell["date"].head(5), fell["revision"].head(5), strict=True)
    ]
    more = f" and {len(fell) - 5:,} more" if len(fell) > 5 else ""
    return (
        f"The running total fell on {', '.join(days)}{more}: its rises count {-int(fell['revision'].sum()):,} deaths "
        "more than it rose by. They stay on the days on which they were reported; what was taken back stands in the "
        "account of a series and on none of its days.",
    )


def _uncounted(rejected: pd.DataFrame, new: str) -> pd.DataFrame:
    """Take the deaths from the ledger where the running total counts: the next total holds them."""
    return rejected if new == "killed" else rejected.assign(best=pd.array([pd.NA] * len(rejected), dtype="Int64"))


def _joined(*ledgers: pd.DataFrame) -> pd.DataFrame:
    """Put parts of a ledger together in the order of the file."""
    filled = [part for part in ledgers if len(part)] or [ledgers[0]]
    return pd.concat(filled).sort_values("row", kind="stable", ignore_index=True)


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
