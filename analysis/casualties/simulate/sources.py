"""What several sources make of the same simulated war: they see the same events and count the same deaths, or not.

The event is what is seen or missed as a whole; of an event that is seen each death is counted by itself. So the counts
of two sources go together day by day as those of real sources do, and how much of the truth each holds is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from casualties.errors import InputError
from casualties.series import DailySeries

__all__ = ["Reporting", "SourcedWar", "simulate_sources"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

_START = "2023-01-02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """How one source reports.

    Parameters
    ----------
    share : float, optional
        Chance that a death of an event that is seen is counted, on the first day.
    events : float, optional
        Chance that an event is seen at all.
    lag : int, optional
        Days from the death to the day under which it is counted; negative where it is dated too early.
    drift : float, optional
        Change of `share` a day, on the log scale; a share never rises above 1.
    wander : float, optional
        Standard deviation of the daily steps of a random walk of the logarithm of `share`; it starts at 0.
    copies : int, optional
        Position of an earlier source, of whose counted deaths this one sees only a part: `events` and `share` are then
        chances given that the other counted them. None where the source sees the war for itself.
    silent : float, optional
        Chance of a day without a report.

    Raises
    ------
    InputError
        If a number lies outside of what the law allows.

    Examples
    --------
    >>> Reporting(share=0.8, lag=2).events
    1.0
    """

    share: float = 1.0
    events: float = 1.0
    lag: int = 0
    drift: float = 0.0
    wander: float = 0.0
    copies: int | None = None
    silent: float = 0.0

    def __post_init__(self) -> None:
        for name in ("share", "events"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise InputError("must be above 0 and at most 1", column=name, value=getattr(self, name))
        if not 0.0 <= self.silent < 1.0:
            raise InputError("must be at least 0 and below 1", column="silent", value=self.silent)
        if not 0.0 <= self.wander < math.inf:
            raise InputError("must be at least 0", column="wander", value=self.wander)
        if not math.isfinite(self.drift):
            raise InputError("must be a number", column="drift", value=self.drift)


@dataclass(frozen=True, slots=True, eq=False)
class SourcedWar:
    """A simulated war and what several sources count of it.

    Parameters
    ----------
    true : array of float, shape (days,)
        Deaths by the day on which they happened.
    counts : array of float, shape (sources, days)
        Deaths that each source counts, by the day under which it counts them; NaN on days without a report.
    coverage : array of float, shape (sources, days)
        Share of the deaths of each day (the day on which they happened) that each source counts on average.
    reportings : tuple of Reporting
        The law of each source.
    start : str
        ISO date of the first day.
    """

    true: Floats
    counts: Floats
    coverage: Floats
    reportings: tuple[Reporting, ...]
    start: str = _START

    def series(self, source: int) -> DailySeries:
        """Give the counts of one source as a method is given them.

        Parameters
        ----------
        source : int
            Its position; its name is "source 1" for the first.
        """
        return DailySeries.from_counts(self.counts[source], self.start, name=f"source {source + 1}")


def simulate_sources(
    rng: np.random.Generator,
    mean: npt.ArrayLike,
    reportings: Sequence[Reporting],
    *,
    deaths_an_event: float = 3.0,
    start: str = _START,
) -> SourcedWar:
    """Draw a war's events and what each source counts of them.

    The number of events of a day is Poisson with mean ``mean / deaths_an_event``; the dead of an event are geometric
    (at least 1). Sources see events, and count the dead of those that they see, independently of one another unless one
    copies another. A war with more spread comes by a `mean` that is itself drawn, e.g. ``War.rate``.

    Parameters
    ----------
    rng : Generator
        Where chance comes from.
    mean : array of float, shape (days,)
        Expected deaths of each day.
    reportings : sequence of Reporting
        The law of each source.
    deaths_an_event : float, optional
        Mean number of dead of an event, at least 1; at 1 each death is an event of its own.
    start : str, optional
        ISO date of the first day.

    Returns
    -------
    SourcedWar
        The counts, and the truth beside them. Deaths that lags bring in from before the first day or after the last
        come from days as violent as these.

    Raises
    ------
    InputError
        If a mean is negative or not finite, the dead of an event are below 1, there is no source, or a source copies
        one that does not come before it.

    Examples
    --------
    >>> reportings = [Reporting(share=0.8), Reporting(events=0.5, lag=1)]
    >>> war = simulate_sources(np.random.default_rng(1), np.full(200, 6.0), reportings)
    >>> war.counts.shape, war.coverage[:, 0].tolist()
    ((2, 200), [0.8, 0.5])
    >>> (war.counts.sum(axis=1) / war.true.sum()).round(2).tolist()
    [0.81, 0.5]
    """
    rates = np.asarray(mean, dtype=np.float64)
    if rates.ndim != 1 or not len(rates) or not np.isfinite(rates).all() or rates.min() < 0.0:
        raise InputError("must be one number of at least 0 a day", column="mean", value=f"shape {rates.shape}")
    if not 1.0 <= deaths_an_event < math.inf:
        raise InputError("must be at least 1", column="deaths_an_event", value=deaths_an_event)
    if not reportings:
        raise InputError("at least one source is needed", column="reportings", value=0)
    for position, law in enumerate(reportings):
        if law.copies is not None and not 0 <= law.copies < position:
            raise InputError(
                "a source can copy only one that comes before it",
                column="copies",
                value=law.copies,
                remedy="order the sources so that the copied one comes first",
            )
    days = len(rates)
    edge = max(abs(law.lag) for law in reportings)
    padded = np.pad(rates, edge, mode="edge")
    day = np.repeat(np.arange(len(padded)), rng.poisson(padded / deaths_an_event))
    dead = rng.geometric(1.0 / deaths_an_event, len(day))
    inside = slice(edge, edge + days)
    counted: list[Whole] = []
    coverage = np.empty((len(reportings), days))
    counts = np.empty((len(reportings), days))
    for position, law in enumerate(reportings):
        share = _share(rng, law, days)
        offered = dead if law.copies is None else counted[law.copies]
        seen = rng.random(len(day)) < law.events
        counted.append(rng.binomial(offered, np.pad(share, edge, mode="edge")[day]) * seen)
        by_day = np.bincount(day, counted[-1], len(padded))
        counts[position] = by_day[edge - law.lag : edge - law.lag + days]
        counts[position, rng.random(days) < law.silent] = np.nan
        coverage[position] = law.events * share
        if law.copies is not None:
            coverage[position] *= coverage[law.copies]
    true = np.bincount(day, dead, len(padded))[inside].astype(np.float64)
    return SourcedWar(true, counts, coverage, tuple(reportings), start)


def _share(rng: np.random.Generator, law: Reporting, days: int) -> Floats:
    """Give the chance that a death of an event that is seen is counted, for each day."""
    walk = np.zeros(days)
    if law.wander > 0.0:
        walk[1:] = np.cumsum(rng.normal(0.0, law.wander, days - 1))
    return np.asarray(np.minimum(law.share * np.exp(law.drift * np.arange(days) + walk), 1.0))
