"""Growth and rhythm of the week, as the report prints them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casualties.estimates import Estimate, NotEstimable
from casualties.models.changepoints import ChangepointResult
from casualties.models.rolling_trend import RollingTrendResult
from casualties.models.trend import TrendPriorsResult, TrendResult
from casualties.models.trend_regression import TrendRegression
from casualties.results import register_table
from casualties.tables.printing import estimate_text, probability_text, signed, stub

__all__ = ["rolling_trend_table", "trend_priors_table", "trend_table", "trends_table", "weekdays_table"]

_EVERY = 28  # days between the windows that are printed


@register_table(TrendResult)
def trend_table(result: TrendResult) -> pd.DataFrame:
    """Tabulate one trend."""
    return trends_table({result.basis.label: result})


def trends_table(
    results: Mapping[str, TrendResult], changes: Mapping[str, ChangepointResult] | None = None
) -> pd.DataFrame:
    """Tabulate trends side by side: growth, doubling or halving time, P(rising), what a plain regression says.

    Parameters
    ----------
    results : mapping of str to TrendResult
        By the words for series and window.
    changes : mapping of str to ChangepointResult, optional
        By the same words: the change points of the whole series. A column then counts those inside the window, whose
        jump the growth describes.
    """
    rows = []
    for label, result in results.items():
        time = result.doubling_time
        row = {"Series and window": label}
        if changes is not None:
            row["Changes inside"] = str(_changes_inside(changes[label], result))
        row |= {
            "Growth a day": estimate_text(result.growth, 3),
            "Doubles (+) or halves (−) in days": (
                ("−" if "halve" in time.unit else "+") + estimate_text(time, 0) if isinstance(time, Estimate) else "–"
            ),
            "P(rising)": _chance(result.p_rising),
            "P(days depend)": _chance(result.dependent),
            "As if independent": estimate_text(
                result.regression.growth if isinstance(result.regression, TrendRegression) else result.regression, 3
            ),
        }
        rows.append(row)
    return stub(pd.DataFrame(rows))


def weekdays_table(results: Mapping[str, TrendResult]) -> pd.DataFrame:
    """Tabulate each weekday against the mean weekday, of the trends that have weekday effects."""
    columns = {
        label: {
            row["weekday"]: f"{row['ratio']:.2f} ({row['low']:.2f}–{row['high']:.2f})"
            for row in result.weekday.to_dict("records")
        }
        for label, result in results.items()
        if len(result.weekday)
    }
    return pd.DataFrame(columns).rename_axis("Weekday")


@register_table(RollingTrendResult)
def rolling_trend_table(result: RollingTrendResult) -> pd.DataFrame:
    """Tabulate growth through time: the last window, and those that end every four weeks before it."""
    step = int(result.basis.settings["step"])
    rows = [
        {
            f"{result.window} days to": f"{date:%Y-%m-%d}",
            "Growth a day": _interval(row) if row["reason"] == "" else "–",
            "P(rising)": probability_text(row["p_rising"]) if row["reason"] == "" else "–",
            "P(days depend)": probability_text(row["dependent"]) if row["reason"] == "" else "–",
        }
        for date, row in result.curve.iloc[:: -max(1, _EVERY // step)][::-1].iterrows()
    ]
    return stub(pd.DataFrame(rows))


@register_table(TrendPriorsResult)
def trend_priors_table(result: TrendPriorsResult) -> pd.DataFrame:
    """Tabulate the growth of one series under several priors."""
    rows = [
        {
            "Prior": prior,
            "Growth a day": _interval(row),
            "P(rising)": probability_text(row["p_rising"]),
            "P(days depend)": probability_text(row["dependent"]),
        }
        for prior, row in result.answers.iterrows()
    ]
    return stub(pd.DataFrame(rows))


def _interval(row: pd.Series) -> str:
    return f"{signed(row['growth'], 3)} ({signed(row['low'], 3)} to {signed(row['high'], 3)})"


def _changes_inside(changes: ChangepointResult, trend: TrendResult) -> int:
    """Count the changes of a series that begin inside a trend's window, its first day left out."""
    dates = changes.changes["date"]
    first, last = pd.Timestamp(trend.basis.start), pd.Timestamp(trend.basis.end)
    return int(((dates > first) & (dates <= last)).sum())


def _chance(answer: Estimate | NotEstimable) -> str:
    return probability_text(answer.value) if isinstance(answer, Estimate) else "–"
