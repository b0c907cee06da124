"""The command that asks a model about a series: one word a question, options only where the model takes them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from casualties.cli.arguments import Commands, add_command
from casualties.cli.chosen import add_series, chosen_series, source_of, tell_left_out
from casualties.cli.output import add_output, print_table, put_text
from casualties.errors import InputError
from casualties.events import Events
from casualties.models.alarms import fit_alarms
from casualties.models.changepoints import fit_changepoints
from casualties.models.crosschecks import cross_check
from casualties.models.excess import fit_excess
from casualties.models.excitation import fit_excitation
from casualties.models.forecast import fit_forecast
from casualties.models.nowcast import fit_nowcast
from casualties.models.rolling_trend import rolling_trend
from casualties.models.track_record import track_record
from casualties.models.trend import fit_trend
from casualties.results import Result
from casualties.series import DailySeries
from casualties.study import Study, load_study
from casualties.vintages import reporting_triangle

__all__ = ["add"]

_AHEAD = ("horizon", "seed")


def add(commands: Commands) -> None:
    """Register the command.

    Parameters
    ----------
    commands : Commands
        The sub-commands of the program.
    """
    fit = add_command(commands, "fit", _fit, "ask a model about a series")
    add_series(fit)
    fit.add_argument("--model", choices=tuple(_MODELS), default="changepoints")
    fit.add_argument("--start", metavar="DATE", help="first day of a part of the series")
    fit.add_argument("--end", metavar="DATE", help="last day of a part of the series")
    fit.add_argument("--level", type=float, default=0.95, help="level of intervals (default: 0.95)")
    fit.add_argument(
        "--prior-changes", type=float, metavar="N", help="changepoints: changes expected beforehand (default: 1 a year)"
    )
    fit.add_argument("--reference", metavar="NAME", help="excess: a declared window that tells what to expect")
    fit.add_argument("--window", metavar="NAME", help="excess: a declared window (default: all days after it)")
    fit.add_argument("--horizon", type=int, metavar="N", help="forecast, track-record: days ahead (default: 14)")
    fit.add_argument("--seed", type=int, metavar="N", help="forecast, track-record, nowcast (default: the study's)")
    fit.add_argument("--as-of", metavar="DATE", help="nowcast: the evening on which to stand")
    add_output(fit)


def _fit(given: argparse.Namespace) -> int:
    model = _MODELS[given.model]
    for name in sorted({option for each in _MODELS.values() for option in each.takes} - set(model.takes)):
        if getattr(given, name) is not None:
            raise InputError(
                f"the model {given.model} does not take this",
                column=f"--{name.replace('_', '-')}",
                remedy="leave it out",
            )
    study = load_study(given.study)
    series = chosen_series(study, given)
    if given.start or given.end:
        series = series.between(given.start or series.start, given.end or series.end)
    result = model.ask(series, given, study)
    if given.output == "table":
        put_text(f"{result.summary()}\n", given.out)
    else:
        print_table(result.to_frame(), given.output, given.out)
    tell_left_out(study, given)
    return 0


def _changepoints(series: DailySeries, given: argparse.Namespace, _study: Study) -> Result:
    return fit_changepoints(series, level=given.level, prior_changes=given.prior_changes)


def _excess(series: DailySeries, given: argparse.Namespace, study: Study) -> Result:
    name = given.reference or next(iter(study.settings["references"]), "")
    if not name:
        raise InputError(
            "an excess is told against a reference period",
            column="--reference",
            remedy=f"name a window of the study: {', '.join(study.windows) or 'it declares none'}",
        )
    reference = study.window(name)
    window = study.window(given.window) if given.window else None
    days = (window.start, window.end) if window else None
    return fit_excess(series, (reference.start, reference.end), days, level=given.level)


def _ahead(given: argparse.Namespace, study: Study) -> dict[str, Any]:
    seed = study.settings["seed"] if given.seed is None else given.seed
    return {"horizon": 14 if given.horizon is None else given.horizon, "level": given.level, "seed": seed}


def _nowcast(series: DailySeries, given: argparse.Namespace, study: Study) -> Result:
    source = source_of(study, given)
    if not isinstance(source, Events):
        raise InputError("only events have a day on which they became known", column="--model", value="nowcast")
    day = given.as_of or study.settings["nowcast"]
    if not day:
        raise InputError("a nowcast stands on a day", column="--as-of", remedy="give one as YYYY-MM-DD")
    known = source.as_of(day)
    last = min(pd.Timestamp(day), series.end)
    triangle = reporting_triangle(known, start=series.start, end=last, where=series.where, victims=series.victims)
    seed = study.settings["seed"] if given.seed is None else given.seed
    return fit_nowcast(triangle, level=given.level, seed=seed)


def _excitation(series: DailySeries, given: argparse.Namespace, _study: Study) -> Result:
    return fit_excitation(series, fit_changepoints(series).changes, level=given.level)


@dataclass(frozen=True, slots=True)
class _Model:
    """How a model is asked, and the options it takes besides the level; others are refused, not passed over."""

    ask: Callable[[DailySeries, argparse.Namespace, Study], Result]
    takes: tuple[str, ...] = ()


_MODELS: Mapping[str, _Model] = MappingProxyType(
    {
        "changepoints": _Model(_changepoints, ("prior_changes",)),
        "trend": _Model(lambda series, given, _: fit_trend(series, level=given.level)),
        "rolling": _Model(lambda series, given, _: rolling_trend(series, level=given.level)),
        "excess": _Model(_excess, ("reference", "window")),
        "alarms": _Model(lambda series, given, _: fit_alarms(series, level=given.level)),
        "forecast": _Model(lambda series, given, study: fit_forecast(series, **_ahead(given, study)), _AHEAD),
        "track-record": _Model(lambda series, given, study: track_record(series, **_ahead(given, study)), _AHEAD),
        "nowcast": _Model(_nowcast, ("as_of", "seed")),
        "excitation": _Model(_excitation),
        "crosscheck": _Model(lambda series, given, _: cross_check(series, level=given.level)),
    }
)
