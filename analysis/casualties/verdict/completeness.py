"""Whether the last days of a window are complete: how many of their deaths are still to be reported."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events
from casualties.models.nowcast import fit_nowcast
from casualties.series import DailySeries
from casualties.study import Study
from casualties.vintages.triangle import Triangle, reporting_triangle

__all__ = ["Completeness", "completeness_of", "triangle_of"]

_DELAY = 14
_SHARE = 0.95
_NOT_TOLD = "the source does not say when a death was reported"


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete the last days were on the day up to which the data are known.

    Parameters
    ----------
    known : Timestamp
        That day.
    days : int
        Last days of the window of which less than 95 % is expected to have been reported; 0 where none.
    missing : Estimate or NotEstimable
        Deaths of the window's last 14 days that are still to be reported.
    """

    known: pd.Timestamp
    days: int
    missing: Estimate | NotEstimable


def completeness_of(study: Study, series: DailySeries, last: pd.Timestamp, level: float, seed: int) -> Completeness:
    """Tell how complete the last days of a series are.

    A series that ends more than two weeks before the day up to which its source is known is taken as complete in this
    sense: what comes later than that is a revision, and no delay.

    Parameters
    ----------
    study : Study
        The study, or a replay.
    series : DailySeries
        The series.
    last : Timestamp
        The last day asked about.
    level : float
        Level of the interval.
    seed : int
        The seed of the nowcast.
    """
    known = pd.Timestamp(study.as_of or study.data_as_of or last)
    if (known - last).days > _DELAY:
        return Completeness(known, 0, Estimate(0.0, unit="recorded deaths"))
    source = next((each for each in study.sources.values() if each.record.name == series.record.name), None)
    if not isinstance(source, Events) or source.accepted["first_document"].isna().all():
        return Completeness(known, 0, NotEstimable(_NOT_TOLD))
    triangle = triangle_of(source if study.as_of else source.as_of(known), series, series.start, last)
    nowcast = fit_nowcast(triangle, as_of=known, level=level, seed=seed)
    if isinstance(nowcast.total, NotEstimable):
        return Completeness(known, 0, nowcast.total)
    return Completeness(known, int((nowcast.days["share"] < _SHARE).sum()), nowcast.total)


def triangle_of(events: Events, series: DailySeries, start: pd.Timestamp, end: pd.Timestamp) -> Triangle:
    """Count the deaths of a series' place and victims by their day and the delay of the first document.

    Parameters
    ----------
    events : Events
        The events, or a replay of them.
    series : DailySeries
        Whose place and victims are meant.
    start, end : Timestamp
        First and last day.
    """
    return reporting_triangle(
        events, start=start, end=end, where=series.where, victims=series.victims, max_delay=_DELAY
    )
