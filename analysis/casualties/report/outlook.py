"""Standard facts of what lies beyond a trend: excess, recent days and days ahead, under which keys."""

from __future__ import annotations

import pandas as pd

from casualties.estimates import Estimate, NotEstimable
from casualties.models.alarms import AlarmResult
from casualties.models.excess import ExcessResult
from casualties.models.excitation import ExcitationResult
from casualties.models.forecast import ForecastResult, ForecastScore
from casualties.models.nowcast import NowcastResult
from casualties.models.track_record import TrackRecord
from casualties.report.facts import Facts, of_basis

__all__ = [
    "add_alarms",
    "add_excess",
    "add_excitation",
    "add_forecast",
    "add_nowcast",
    "add_score",
    "add_track_record",
]

_DEATHS = "recorded deaths"


def add_excess(facts: Facts, prefix: str, result: ExcessResult) -> None:
    """Add what a window recorded beyond what a reference period leads one to expect.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.observed, .expected, .excess, .ratio, .probability``.
    result : ExcessResult
        The answer.
    """
    given = of_basis(result.basis)
    beside = f"{result.basis.settings['window']} against {result.basis.settings['reference']}"
    for name, label, unit in (
        ("observed", "recorded deaths", _DEATHS),
        ("expected", "expected recorded deaths", _DEATHS),
        ("excess", "excess recorded deaths", _DEATHS),
        ("ratio", "recorded over expected deaths", "ratio"),
        ("probability", "as many recorded deaths or more, had the reference period gone on", "probability"),
    ):
        facts.add(f"{prefix}.{name}", getattr(result, name), label=f"{label}, {beside}", unit=unit, **given)


def add_alarms(facts: Facts, prefix: str, result: AlarmResult) -> None:
    """Add how many days were unusual, and when a lasting rise was found.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.rate`` (nominal, days to one false alarm), ``.judged, .alarms, .first, .tail``
        (of the last day), ``.rises`` (lasting ones), ``.rise`` (first day of the first).
    result : AlarmResult
        The answer.
    """
    given = of_basis(result.basis)
    days = result.days
    raised = pd.DatetimeIndex(days.index)[days["alarm"].fillna(False).to_numpy(dtype=bool)]
    rises = result.sustained_periods()
    none = NotEstimable("no alarm was raised")
    facts.add(
        f"{prefix}.rate",
        round(1.0 / float(result.basis.settings["rate"])),
        label="days to one false alarm, nominal",
        unit="days",
        **given,
    )
    facts.add(f"{prefix}.judged", int(days["tail"].notna().sum()), label="days judged", unit="days", **given)
    facts.add(f"{prefix}.alarms", len(raised), label="days with an alarm", unit="days", **given)
    facts.add(f"{prefix}.first", raised[0] if len(raised) else none, label="first alarm", **given)
    facts.add(
        f"{prefix}.tail", result.tail, label="as many deaths or more on the last day", unit="probability", **given
    )
    facts.add(f"{prefix}.rises", len(rises), label="lasting rises found", unit="rises", **given)
    first = rises["first"].iloc[0] if len(rises) else NotEstimable("no lasting rise was found")
    facts.add(f"{prefix}.rise", first, label="day on which the first lasting rise was found", **given)


def add_nowcast(facts: Facts, prefix: str, result: NowcastResult) -> None:
    """Add how many deaths of the last days are still to be reported.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.still`` (to be reported), and of the longest sum of last days ``.units, .reported,
        .final``.
    result : NowcastResult
        The answer.
    """
    given = of_basis(result.basis)
    facts.add(f"{prefix}.still", result.total, label="deaths still to be reported", unit=_DEATHS, **given)
    rows = result.sums.to_dict("records")
    if isinstance(result.total, NotEstimable) or not rows:
        for name in ("units", "reported", "final"):
            gone = result.total if isinstance(result.total, NotEstimable) else NotEstimable("no sum was asked for")
            facts.add(f"{prefix}.{name}", gone, label=f"last days, {name}", **given)
        return
    last = rows[-1]
    level = float(result.basis.settings["level"])
    final = Estimate(float(last["final"]), float(last["low"]), float(last["high"]), level, _DEATHS)
    facts.add(f"{prefix}.units", int(last["units"]), label="days of the sum", unit="days", **given)
    facts.add(f"{prefix}.reported", float(last["reported"]), label="reported by then", unit=_DEATHS, **given)
    facts.add(f"{prefix}.final", final, label="nowcast of the final count", unit=_DEATHS, **given)


def add_forecast(facts: Facts, prefix: str, result: ForecastResult) -> None:
    """Add the total that a forecast expects over its days ahead.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.total, .horizon``.
    result : ForecastResult
        The forecast.
    """
    given = of_basis(result.basis)
    facts.add(f"{prefix}.horizon", result.horizon, label="days ahead", unit="days", **given)
    facts.add(f"{prefix}.total", result.total, label="forecast of the days ahead", unit=_DEATHS, **given)


def add_score(facts: Facts, prefix: str, score: ForecastScore) -> None:
    """Add what a forecast said and what came.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.forecast, .came``.
    score : ForecastScore
        The forecast and what came.
    """
    given = of_basis(score.basis)
    label = f"days after {score.basis.end}"
    facts.add(f"{prefix}.forecast", score.forecast, label=f"forecast, {label}", unit=_DEATHS, **given)
    facts.add(f"{prefix}.came", score.came, label=f"recorded, {label}", unit=_DEATHS, **given)


def add_track_record(facts: Facts, prefix: str, record: TrackRecord) -> None:
    """Add how good forecasts have been in the same series.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.forecasts, .skill``, the shares of totals inside the intervals ``.wide`` and
        ``.narrow``, and what these are meant to hold, ``.meant-wide, .meant-narrow``.
    record : TrackRecord
        The record.
    """
    given = of_basis(record.basis)
    facts.add(f"{prefix}.forecasts", len(record.origins), label="past forecasts", unit="forecasts", **given)
    facts.add(f"{prefix}.skill", record.skill, label="share of the simple rule's error that is saved", **given)
    pool = record.scores.to_dict("records")[0] if len(record.scores) else {}
    for name, column, meant in (("wide", "total_95", 0.95), ("narrow", "total_80", 0.8)):
        share = NotEstimable("no forecast was scored") if not pool else float(pool[column])
        facts.add(f"{prefix}.{name}", share, label=f"totals inside the {name} interval", unit="share", **given)
        facts.add(f"{prefix}.meant-{name}", meant, label=f"level of the {name} interval", unit="share", **given)


def add_excitation(facts: Facts, prefix: str, result: ExcitationResult) -> None:
    """Add the branching ratio with and without a segmented baseline.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.segmented, .constant``.
    result : ExcitationResult
        The answer.
    """
    given = of_basis(result.basis)
    for name, answer in (("segmented", result.branching), ("constant", result.unsegmented)):
        facts.add(f"{prefix}.{name}", answer, label=f"branching ratio, {name} baseline", unit="correlation", **given)
