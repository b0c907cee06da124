"""Growth through time: the trend of each window that ends on a day, as it could have been known that evening."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casualties.errors import InputError
from casualties.estimates import NotEstimable
from casualties.inference.batches import run_batches
from casualties.models.growth import FEWEST_DAYS, fit_growth, growth_of, probability_of_rise
from casualties.models.trend import METHOD, check_level
from casualties.results import Basis, Result
from casualties.series import DailySeries

__all__ = ["RollingTrendResult", "rolling_trend"]

_COLUMNS = ["growth", "low", "high", "p_rising", "dependent", "reason"]
_PORTION = 16
_MANY = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class RollingTrendResult(Result):
    """The growth of recorded deaths through time.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    curve : DataFrame
        Indexed by ``date``, the last day of each window: ``growth, low, high`` (per day, on the log scale),
        ``p_rising`` (posterior probability that growth is above 0), ``dependent`` (posterior probability that days
        depend on each other), ``reason`` (why the window has no numbers, which are then NaN; empty elsewhere).
        Neighbouring windows share most of their days, so that the curve is smoother than what is known of each day.
    observed : Series
        The counts, indexed by ``date``.
    window : int
        Days in a window.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    """

    basis: Basis
    curve: pd.DataFrame
    observed: pd.Series
    window: int
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Give the answer as text: the last window, and the days on which the answer changed."""
        lines = [f"Growth through time of {self.basis.label}", *self.basis.lines()[1:], ""]
        fitted = self.curve[self.curve["reason"] == ""]
        if fitted.empty:
            reason = self.curve["reason"].iloc[-1] if len(self.curve) else "no window fits into the series"
            lines.append(f"Growth: {NotEstimable(reason)}")
        else:
            last, level = fitted.iloc[-1], self.basis.settings["level"]
            lines.append(
                f"Last window:     to {fitted.index[-1].date()}: {last['growth']:+.4f} ({last['low']:+.4f} to "
                f"{last['high']:+.4f}) per day, P(rising) {last['p_rising']:.3f}"
            )
            for name, rising in (("Rising", True), ("Falling", False)):
                share = fitted["p_rising"] if rising else 1.0 - fitted["p_rising"]
                spans = _spans(share > 0.5 + level / 2.0)
                told = ", ".join(f"{first.date()} to {end.date()}" for first, end in spans) or "no window"
                lines.append(f"{name + ':':16s} {told}")
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give the curve with the date as its first column."""
        return self.curve.reset_index()


def rolling_trend(
    series: DailySeries,
    *,
    window: int = 56,
    step: int = 1,
    level: float = 0.95,
    weekday: bool = True,
    threads: int | None = None,
) -> RollingTrendResult:
    """Fit the growth of each window of a series, every window ending on the day that it is told of.

    Parameters
    ----------
    series : DailySeries
        Whole deaths by day.
    window : int, optional
        Days in a window; at least 14.
    step : int, optional
        Days from one window to the next. The last window ends on the last day of the series.
    level : float, optional
        Level of all intervals.
    weekday : bool, optional
        Whether to fit an effect of the day of the week, as `casualties.models.trend.fit_trend` does.
    threads : int, optional
        How many windows are fitted at once; the answer does not depend on it.

    Returns
    -------
    RollingTrendResult
        Each window as `fit_trend` has it. A window without an answer has a reason.

    Raises
    ------
    InputError
        If the series holds fractions, the level does not lie between 0 and 1, or window or step are too small.

    Examples
    --------
    >>> from casualties.series import DailySeries
    >>> counts = [3 + day % 3 for day in range(40)] + [3 + day for day in range(30)]
    >>> result = rolling_trend(DailySeries.from_counts(counts, "2019-01-01"), window=28, step=7)
    >>> result.curve["p_rising"].round(2).iloc[[0, -1]].tolist()
    [0.52, 1.0]
    """
    check_level(level)
    for name, value, least in (("window", window, FEWEST_DAYS), ("step", step, 1)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
            raise InputError(f"must be a whole number of at least {least} days", column=name, value=value)
    counts = series.whole_counts()
    exposure = series.frame["exposure"].to_numpy(dtype=float)
    dates = pd.DatetimeIndex(series.frame.index)
    stops = np.arange(len(counts), window - 1, -step)[::-1]

    def task(first: int, last: int) -> list[tuple[float | str, ...]]:
        rows: list[tuple[float | str, ...]] = []
        for stop in stops[first:last]:
            part = slice(stop - window, stop)
            fit = fit_growth(counts[part], exposure[part], dates[part], weekday)
            if isinstance(fit, NotEstimable):
                rows.append((*[math.nan] * 5, fit.reason))
                continue
            growth = growth_of([fit], level)
            rows.append((growth.value, growth.low, growth.high, probability_of_rise([fit]), fit.dependent, ""))
        return rows

    rows = [row for portion in run_batches(task, len(stops), threads, size=_PORTION) for row in portion]
    curve = pd.DataFrame(rows, columns=_COLUMNS, index=dates[stops - 1].rename("date"))
    curve = curve.astype({name: "str" if name == "reason" else "float64" for name in _COLUMNS})
    settings = {"window": window, "step": step, "level": level, "weekday": weekday}
    return RollingTrendResult(
        basis=series.basis(f"{METHOD}; each window ends on its date", settings),
        curve=curve,
        observed=pd.Series(counts, index=dates, name="deaths"),
        window=window,
        warnings=_warnings(curve, len(counts), window),
    )


def _warnings(curve: pd.DataFrame, days: int, window: int) -> tuple[str, ...]:
    if curve.empty:
        return (f"The series of {days} days is shorter than a window of {window}.",)
    texts = []
    missing = int((curve["reason"] != "").sum())
    if missing:
        most = curve.loc[curve["reason"] != "", "reason"].value_counts().index[0]
        texts.append(f"{missing} of {len(curve)} windows have no answer, most often: {most}.")
    fitted = curve["dependent"].dropna()
    if len(fitted) and float((fitted > _MANY).mean()) > _MANY:
        texts.append(
            "In most windows the days swing slowly: how much of the growth is a swing that turns cannot be told."
        )
    return tuple(texts)


def _spans(flags: pd.Series) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Give first and last date of each run of windows that are flagged."""
    spans: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    before = False
    for date, flag in flags.items():
        if flag and before:
            spans[-1] = (spans[-1][0], pd.Timestamp(str(date)))
        elif flag:
            spans.append((pd.Timestamp(str(date)), pd.Timestamp(str(date))))
        before = bool(flag)
    return spans
