"""The verdict week by week as it could have been given then, beside simple rules: who saw it, when, how steadily."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from casualties.cache import Cache, content_key
from casualties.errors import InputError
from casualties.estimates import NotEstimable
from casualties.events import Events
from casualties.inference.alarm_rules import exceeds_previous_month, highest_month_of_a_year
from casualties.ledger import read_day
from casualties.models.changepoints import fit_changepoints
from casualties.models.nowcast import fit_nowcast
from casualties.results import Basis, Result
from casualties.series import DailySeries
from casualties.study import Study
from casualties.verdict.choices import choices_of, recent_question
from casualties.verdict.completeness import triangle_of
from casualties.verdict.decision import ESCALATING, decide
from casualties.verdict.question import Baseline, Counts, Question
from casualties.verdict.reading import Row
from casualties.verdict.run import Progress, read_all, run_all
from casualties.vintages.triangle import Triangle

__all__ = ["AGAINST_BEFORE", "AGAINST_REFERENCE", "HINDSIGHT", "JUDGES", "Replay", "replay_verdicts"]

AGAINST_REFERENCE, AGAINST_BEFORE = "verdict, against the reference", "verdict, against the weeks before"
HINDSIGHT = " (all known)"
TRENDFINDER, SIGNALS, WEEK_MEAN = "Trendfinder, +25 %", "HDX Signals, highest 30 days", "7-day mean above the month's"
_RULES = (TRENDFINDER, SIGNALS, WEEK_MEAN)
JUDGES = (
    *(AGAINST_REFERENCE, AGAINST_BEFORE, f"{AGAINST_REFERENCE}{HINDSIGHT}", f"{AGAINST_BEFORE}{HINDSIGHT}"),
    *_RULES,
)
ALARM, QUIET, CANNOT = "alarm", "no alarm", "cannot tell"
_DAY = pd.Timedelta(days=1)
_WINDOW, _BEFORE, _DELAY = 28, 84, 14
_WEEK, _MONTH, _YEAR = 7, 28, 396
_COLUMNS = ["date", "judge", "says", "ratio", "ratio_low", "ratio_high"]


@dataclass(frozen=True, slots=True, eq=False)
class Replay(Result):
    """What would have been said when.

    Parameters
    ----------
    basis : Basis
        What it rests on.
    frame : DataFrame
        One row a day and judge: ``date, judge, says`` (a state of the verdict; "alarm", "no alarm" or "cannot tell" of
        a rule), ``ratio, ratio_low, ratio_high`` (of a verdict: the last 28 days over what the baseline leads one to
        expect).
    judges : DataFrame
        One row a judge: ``judge, first`` (day of the first verdict "escalating", or alarm, from the first day of the
        date set of the rise on; NaT where none), ``weeks`` (from the most probable day of the rise to it), ``false``
        (weeks with such a word before the date set of the rise; and after the same question, asked with all that is
        known now, has first said "escalating", those in which it does not; of a rule the question against the weeks
        before: to be early is not to be false), ``flips`` (changes from one week to the next), ``told`` (weeks in which
        it could tell).
    rise : Series or None
        The rise as it is known now: ``date, date_low, date_high``, the first change upwards within the days replayed.
    nowcasts : DataFrame
        One row a day: ``date, reported`` (by then, of the days that the nowcast takes for open), ``missing, low, high``
        (deaths of these days still to be reported, as a nowcast would have promised), ``came`` (of these, within 14
        days of their day), ``held`` (whether the interval held that). Empty where the source does not say when a death
        was reported.
    series : Series
        Deaths by day as they are known now, over the days replayed.
    """

    basis: Basis
    frame: pd.DataFrame
    judges: pd.DataFrame
    rise: pd.Series | None
    nowcasts: pd.DataFrame
    series: pd.Series

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Replay of {self.basis.label}", *self.basis.lines()[1:], ""]
        if self.rise is not None:
            low, high = self.rise["date_low"], self.rise["date_high"]
            lines.append(f"The rise: {self.rise['date']:%Y-%m-%d} ({low:%Y-%m-%d} to {high:%Y-%m-%d})")
        for row in self.judges.to_dict("records"):
            first = "never" if pd.isna(row["first"]) else f"first {row['first']:%Y-%m-%d}"
            lines.append(f"  {row['judge']}: {first}, {row['false']} false weeks, {row['flips']} changes of mind")
        if len(self.nowcasts):
            held = int(self.nowcasts["held"].sum())
            lines.append(f"Nowcasts: {held} of {len(self.nowcasts)} intervals held what came")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Give what was said: one row a day and judge."""
        return self.frame.copy()


def replay_verdicts(
    study: Study,
    dates: Sequence[str | pd.Timestamp],
    *,
    cache: Cache | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Replay:
    """Give the verdict on each of several days from what was known on its evening, beside simple rules.

    On each day the last 28 days of the main series, as they were known then, are held against two baselines: the
    study's references as far as they end before, and the 84 days before. The first asks whether it is worse than in a
    time that was chosen beforehand, the second whether it is getting worse. Both are asked again with all that is
    known now.

    The rules see the same days as known then: ACLED's Trendfinder and HDX Signals
    (`casualties.inference.alarm_rules`), and whether the mean of the last seven days is above that of the 28 days
    before them.

    Parameters
    ----------
    study : Study
        The study; no replay itself.
    dates : sequence of day
        The days, in order.
    cache, workers, progress
        As in `casualties.verdict.assess.assess`.

    Returns
    -------
    Replay

    Raises
    ------
    InputError
        If the study is a replay, no day is given, a day is none, or fewer than 112 days of the main series lie before
        it.
    """
    days = [read_day(day, "dates") for day in dates]
    if study.as_of:
        raise InputError("the study is a replay already", column="as_of", value=study.as_of, remedy="replay the whole")
    if not days:
        raise InputError("no day is given", column="dates", remedy="give at least one")
    days = sorted(set(days))
    main = study.settings["main_series"]
    whole = study.series(main)
    for day in (days[0], days[-1]):
        if day - (_WINDOW + _BEFORE - 1) * _DAY < whole.start or day > whole.end:
            raise InputError(
                f"a day needs {_WINDOW + _BEFORE} days of the series up to it ({whole.start.date()} to "
                f"{whole.end.date()})",
                column="dates",
                value=day.date(),
                remedy="choose later days, or let the series begin earlier",
            )
    asked = choices_of(study).question
    known = [study.series(main, as_of=day) for day in days]
    questions = [_questions(asked, day, whole.start) for day in days]
    tasks = [(Counts.of(series), question) for series, pair in zip(known, questions, strict=True) for question in pair]
    now = Counts.of(whole)
    tasks += [(now, question) for pair in questions for question in pair]
    kept = Cache(None) if cache is None else cache
    rows = read_all(tasks, kept, workers=workers, progress=progress)
    judges = [AGAINST_REFERENCE, AGAINST_BEFORE]
    said: list[dict[str, Any]] = []
    for number, read in enumerate(rows):
        later = HINDSIGHT if number >= 2 * len(days) else ""
        day = days[(number % (2 * len(days))) // 2]
        said.append({"date": day, "judge": f"{judges[number % 2]}{later}", **_state(read)})
    for day in days:
        said += [{"date": day, "judge": judge, "says": word} for judge, word in _rules(study, main, day).items()]
    frame = pd.DataFrame(said, columns=_COLUMNS)
    frame["judge"] = pd.Categorical(frame["judge"], JUDGES, ordered=True)
    frame = frame.sort_values(["judge", "date"], kind="stable").astype({"judge": "str"}).reset_index(drop=True)
    rise = _rise(whole, days)
    shown = whole.between(days[0] - (_WINDOW - 1) * _DAY, days[-1])
    return Replay(
        basis=whole.basis(
            "the verdict on the evening of each day, from what was known then",
            {"days": f"{len(days)}, {days[0].date()} to {days[-1].date()}", "window": f"{_WINDOW} days"},
        ),
        frame=frame,
        judges=pd.DataFrame([_record(frame, judge, rise) for judge in JUDGES]),
        rise=rise,
        nowcasts=_nowcasts(study, whole, days, kept, workers),
        series=pd.Series(shown.counts, index=shown.frame.index, name="deaths"),
    )


def _questions(asked: Question, day: pd.Timestamp, start: pd.Timestamp) -> tuple[Question, Question]:
    first = day - (_WINDOW - 1) * _DAY
    past = [each for each in asked.baselines if each.last < first]
    reference = past or [Baseline("before", "the days before", start, first - _DAY)]
    before = Baseline("weeks", f"the {_BEFORE} days before", first - _BEFORE * _DAY, first - _DAY)
    return recent_question(asked, day, _WINDOW, reference), recent_question(asked, day, _WINDOW, [before])


def _state(rows: Sequence[Row]) -> dict[str, Any]:
    frame = pd.DataFrame(rows)
    size = frame[frame["model"] == "level"].iloc[0]
    return {
        "says": decide(frame).state,
        "ratio": size["value"],
        "ratio_low": size["low"],
        "ratio_high": size["high"],
    }


def _rules(study: Study, main: str, day: pd.Timestamp) -> dict[str, str]:
    """Ask the simple rules for the last of the days known then."""
    source = study.sources[str(study.declared[main]["source"])]
    start = max(source.coverage[0], day - (_YEAR + _WEEK) * _DAY)
    counts = study.series(main, as_of=day, start=min(start, pd.Timestamp(str(study.declared[main]["start"])))).counts
    week, month = counts[-_WEEK:].mean(), counts[-_WEEK - _MONTH : -_WEEK].mean()
    found = {
        TRENDFINDER: exceeds_previous_month(counts)[-1],
        SIGNALS: highest_month_of_a_year(counts)[-1],
        WEEK_MEAN: np.nan if np.isnan(week + month) else float(week > month),
    }
    return {judge: CANNOT if np.isnan(value) else ALARM if value else QUIET for judge, value in found.items()}


def _rise(series: DailySeries, days: Sequence[pd.Timestamp]) -> pd.Series | None:
    """Find the first change upwards within the days replayed, with all that is known now."""
    changes = fit_changepoints(series).quoted_changes()
    first, last = days[0] - (_WINDOW - 1) * _DAY, days[-1]
    up = changes[(changes["ratio"] > 1.0) & (changes["date"] >= first) & (changes["date"] <= last)]
    return None if up.empty else up.iloc[0][["date", "date_low", "date_high"]]


def _record(frame: pd.DataFrame, judge: str, rise: pd.Series | None) -> dict[str, Any]:
    """Give the record of a judge."""
    own = frame[frame["judge"] == judge].sort_values("date")
    rings = own["says"].isin([ESCALATING, ALARM]).to_numpy()
    against = judge.removesuffix(HINDSIGHT) if judge not in _RULES else AGAINST_BEFORE
    truth = frame[frame["judge"] == f"{against}{HINDSIGHT}"].sort_values("date")["says"].to_numpy() == ESCALATING
    dates = own["date"]
    early = np.ones(len(own), dtype=bool) if rise is None else (dates < rise["date_low"]).to_numpy()
    begun = np.maximum.accumulate(truth)
    after = dates[rings & ~early]
    first = after.iloc[0] if rise is not None and len(after) else pd.NaT
    words = own.loc[own["says"] != CANNOT, "says"].to_numpy()
    return {
        "judge": judge,
        "first": first,
        "weeks": np.nan if rise is None or pd.isna(first) else (first - rise["date"]).days / _WEEK,
        "false": int((rings & (early | (begun & ~truth))).sum()),
        "flips": int((words[1:] != words[:-1]).sum()),
        "told": len(words),
    }


def _nowcasts(
    study: Study, series: DailySeries, days: Sequence[pd.Timestamp], cache: Cache, workers: int
) -> pd.DataFrame:
    """Say of each day what a nowcast of its open days would have promised, and what came."""
    columns = ["date", "reported", "missing", "low", "high", "came", "held"]
    source = study.sources[str(study.declared[study.settings["main_series"]]["source"])]
    if not isinstance(source, Events) or source.accepted["first_document"].isna().all():
        return pd.DataFrame(columns=columns)
    ends = [(day, _begin(series, day)) for day in days]
    known = [triangle_of(source.as_of(day), series, series.start, day) for day in days]
    final = [triangle_of(source, series, begin, day).deaths for day, begin in ends]
    keys = [content_key("nowcast", str(day), each.deaths.to_csv()) for day, each in zip(days, known, strict=True)]
    promised = run_all(_nowcast, list(zip(days, known, strict=True)), keys, cache, workers=workers)
    rows = []
    for day, found, became in zip(days, promised, final, strict=True):
        if not found:
            continue
        came = int(became.loc[found["first"] :].sum().sum()) - found["reported"]
        held = found["low"] <= came <= found["high"]
        rows.append((day, found["reported"], found["missing"], found["low"], found["high"], came, held))
    return pd.DataFrame(rows, columns=columns)


def _begin(series: DailySeries, day: pd.Timestamp) -> pd.Timestamp:
    """Give the first day of which a death may still come, or the first of the series."""
    return max(series.start, day - _DELAY * _DAY)


def _nowcast(task: tuple[pd.Timestamp, Triangle]) -> dict[str, Any]:
    """Give the nowcast of the open days of a triangle; nothing where it cannot be had."""
    day, triangle = task
    nowcast = fit_nowcast(triangle, as_of=day)
    if isinstance(nowcast.total, NotEstimable):
        return {}
    total = nowcast.total
    return {
        "first": str(pd.Timestamp(str(nowcast.days.index[0])).date()),
        "reported": int(nowcast.days["reported"].sum()),
        "missing": total.value,
        "low": total.low,
        "high": total.high,
    }
