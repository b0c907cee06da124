"""What a verdict is asked of: the days in question, what they are held against, and the methods that look."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.series import DailySeries

__all__ = ["ALL_DAYS", "MODELS", "Baseline", "Counts", "Question"]

Floats = npt.NDArray[np.float64]

ALL_DAYS = "all"
# What each looks at: the level of the window against the baseline, dated changes between the two, growth across the
# first day of the window.
MODELS = ("level", "changes", "growth")
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A period that the days in question are held against.

    Parameters
    ----------
    name, label : str
        Its name among the options, and its words.
    first, last : Timestamp
        First and last day, inclusive.
    """

    name: str
    label: str
    first: pd.Timestamp
    last: pd.Timestamp


@dataclass(frozen=True, slots=True)
class Question:
    """The days in question, what they are held against, and how they are looked at.

    Parameters
    ----------
    label : str
        The words of the window.
    first, last : Timestamp
        First and last day of the window, inclusive.
    baselines : tuple of Baseline
        What it is held against; each ends before the window begins. The first is the declared one.
    days : tuple of str
        How much of the window is looked at: a number of days from its first, or ``"all"``.
    models : tuple of str
        Of `MODELS`.
    level, date_level : float
        Levels of intervals and of date sets.

    Raises
    ------
    InputError
        If the window or a baseline ends before it begins, a baseline does not end before the window, or a number of
        days is not above 0.
    UnknownNameError
        If there is no such model.

    Examples
    --------
    >>> spring = Baseline("spring", "March and April", pd.Timestamp("2019-03-01"), pd.Timestamp("2019-04-29"))
    >>> question = Question("May", pd.Timestamp("2019-04-30"), pd.Timestamp("2019-05-31"), (spring,), ("28", "all"))
    >>> [str(question.end_of(days).date()) for days in question.days]
    ['2019-05-27', '2019-05-31']
    """

    label: str
    first: pd.Timestamp
    last: pd.Timestamp
    baselines: tuple[Baseline, ...]
    days: tuple[str, ...] = (ALL_DAYS,)
    models: tuple[str, ...] = MODELS
    level: float = 0.95
    date_level: float = 0.9

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputError(
                "the window ends before it begins", column="window", value=f"{self.first.date()} to {self.last.date()}"
            )
        for baseline in self.baselines:
            if not baseline.first <= baseline.last < self.first:
                raise InputError(
                    "a baseline has to end before the window begins",
                    column="baseline",
                    value=f"{baseline.label}: {baseline.first.date()} to {baseline.last.date()}",
                    remedy=f"let it end before {self.first.date()}",
                )
        for days in self.days:
            if days != ALL_DAYS and not (days.isdigit() and int(days) > 0):
                raise InputError('a number of days above 0, or "all", is needed', column="days", value=days)
        for model in self.models:
            if model not in MODELS:
                raise UnknownNameError("model", model, MODELS)

    @property
    def length(self) -> int:
        """Days of the window."""
        return int((self.last - self.first).days) + 1

    @property
    def start(self) -> pd.Timestamp:
        """First day of the baselines."""
        return min([self.first, *(baseline.first for baseline in self.baselines)])

    @property
    def needed(self) -> pd.Timestamp:
        """First day that is needed: growth looks at as many days before the window as it has."""
        return min(self.start, self.first - self.length * _DAY)

    def end_of(self, days: str) -> pd.Timestamp:
        """Give the last day of so much of the window."""
        return self.last if days == ALL_DAYS else min(self.first + (int(days) - 1) * _DAY, self.last)

    def kept(self) -> Question:
        """Give the question without numbers of days that mean the whole window, but for one."""
        shorter = [days for days in self.days if days != ALL_DAYS and int(days) < self.length]
        whole = len(shorter) < len(self.days)
        # The order stays: the first is the declared one.
        kept = [days for days in self.days if days in shorter]
        if whole:
            place = next(number for number, days in enumerate(self.days) if days not in shorter)
            kept.insert(sum(days in shorter for days in self.days[:place]), ALL_DAYS)
        return replace(self, days=tuple(dict.fromkeys(kept)))

    def to_dict(self) -> dict[str, Any]:
        """Give the question as plain values: what an answer depends on, without words."""
        return {
            "window": [str(self.first.date()), str(self.last.date())],
            "baselines": [[each.name, str(each.first.date()), str(each.last.date())] for each in self.baselines],
            "days": list(self.days),
            "models": list(self.models),
            "levels": [self.level, self.date_level],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Deaths by day, and nothing else: what a method sees, and what is sent to another process.

    Parameters
    ----------
    first : Timestamp
        The first day.
    deaths : ndarray of float, shape (days,)
        Whole deaths; NaN on days that were not observed.
    exposure : ndarray of float, shape (days,)
        Hours covered / 24.

    Examples
    --------
    >>> Counts.of(DailySeries.from_counts([3, 0, 5], "2019-04-28")).between("2019-04-29", "2019-04-30").deaths
    array([0., 5.])
    """

    first: pd.Timestamp
    deaths: Floats
    exposure: Floats = field(repr=False)

    @classmethod
    def of(cls, series: DailySeries) -> Counts:
        """Take them from a series."""
        return cls(series.start, series.whole_counts(), series.frame["exposure"].to_numpy(dtype=float))

    @property
    def days(self) -> pd.DatetimeIndex:
        """The days."""
        return pd.date_range(self.first, periods=len(self.deaths), name="date")

    @property
    def last(self) -> pd.Timestamp:
        """The last day."""
        return self.first + (len(self.deaths) - 1) * _DAY

    def place(self, day: pd.Timestamp) -> int:
        """Give the place of a day."""
        return int((day - self.first).days)

    def between(self, start: str | pd.Timestamp, end: str | pd.Timestamp) -> Counts:
        """Give the days from one to another, both included, as far as they are there."""
        first = max(self.place(pd.Timestamp(start)), 0)
        last = min(self.place(pd.Timestamp(end)), len(self.deaths) - 1)
        kept = slice(first, max(last + 1, first))
        return Counts(self.first + first * _DAY, self.deaths[kept], self.exposure[kept])

    def series(self, label: str = "recorded deaths") -> DailySeries:
        """Give them as a series."""
        made = DailySeries.from_counts(self.deaths, self.first, label=label)
        covered = np.where(np.isnan(self.deaths), 0.0, self.exposure)
        return replace(made, frame=made.frame.assign(exposure=covered))

    def digest(self) -> bytes:
        """Give the bytes of a key: the days and numbers themselves."""
        seen = np.isnan(self.deaths)
        numbers = np.where(seen, -1.0, self.deaths)
        return b"".join(
            (str(self.first.date()).encode(), numbers.tobytes(), np.where(seen, 0.0, self.exposure).tobytes())
        )
