"""What the events record for a class of victims in a window, as a range.

The idea: an end of the range is counted from single events, never guessed. Low of the events that lie inside, high of
all that touch the window, and for one class of victims only as far as each event tells it.
"""

from __future__ import annotations

import pandas as pd

from casualties.events import Where

__all__ = ["CLASSES", "recorded_range", "touching_mask", "unplaced_mask", "untold", "victim_bounds"]

CLASSES = ("all", "civilians", "combatants")
# The counts that a class of victims rests on; where a source does not tell them, the class cannot be compared.
PARTS = {"all": ("best",), "civilians": ("civilians",), "combatants": ("deaths_a", "deaths_b")}


def victim_bounds(accepted: pd.DataFrame, who: str) -> pd.DataFrame:
    """Give ``low, best, high`` deaths of a class of victims in each event.

    Parameters
    ----------
    accepted : DataFrame
        `Events.accepted`.
    who : {"all", "civilians", "combatants"}
        Combatants are the dead on the armed sides (``deaths_a + deaths_b``).

    Returns
    -------
    DataFrame of int
        For all: the event's figures (best where it has no low or high). For a class: ``best`` as given. ``low`` is the
        event's own where the class is all its dead, else the class's figure. ``high`` is the event's own where none of
        its dead is of the other class, else the class's figure and the dead of unknown status, who may belong to it
        (where their number is not told: all who are of neither class). An end that lies on the wrong side of best in
        the data is moved to best. NA in an event that does not tell the class.

    Examples
    --------
    >>> events = pd.DataFrame({"deaths_a": [0, 3], "deaths_b": [0, 0], "civilians": [38, 2], "unknown": [0, 1],
    ...                        "low": [25, 6], "best": [38, 6], "high": [42, 9]})
    >>> victim_bounds(events, "civilians").to_numpy().tolist()
    [[25, 38, 42], [2, 2, 3]]
    """
    told = accepted[list(PARTS[who])].notna().all(axis=1)
    if not told.all():
        return victim_bounds(accepted[told], who).astype("Int64").reindex(accepted.index)
    low = accepted[["low", "best"]].min(axis=1)
    high = accepted[["high", "best"]].max(axis=1)
    if who == "all":
        return pd.DataFrame({"low": low, "best": accepted["best"], "high": high})
    armed = accepted["deaths_a"] + accepted["deaths_b"]
    own, others = (accepted["civilians"], armed) if who == "civilians" else (armed, accepted["civilians"])
    unknown = accepted["unknown"].fillna((accepted["best"] - own - others.fillna(0)).clip(lower=0))
    none_other = (others == 0).fillna(False)
    return pd.DataFrame(
        {
            "low": low.where(none_other & (unknown == 0), own).clip(upper=own),
            "best": own,
            "high": high.where(none_other, own + unknown),
        }
    )


def recorded_range(
    accepted: pd.DataFrame, deaths: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[int, float, int, int]:
    """Sum the deaths of a window.

    Parameters
    ----------
    accepted : DataFrame
        Events of one place.
    deaths : DataFrame
        ``low, best, high`` of the same events (`victim_bounds`).
    start, end : Timestamp
        First and last day (inclusive).

    Returns
    -------
    tuple
        Best of the events that start and end inside; best with each event's deaths shared evenly over its days; low
        of the events inside; high of the events that touch the window.

    Examples
    --------
    >>> events = pd.DataFrame({"date_start": pd.to_datetime(["2019-05-01", "2019-05-03"]),
    ...                        "date_end": pd.to_datetime(["2019-05-01", "2019-05-06"])})
    >>> deaths = pd.DataFrame({"low": [2, 4], "best": [3, 8], "high": [3, 10]})
    >>> recorded_range(events, deaths, pd.Timestamp("2019-05-01"), pd.Timestamp("2019-05-04"))
    (3, 7.0, 2, 13)
    """
    inside = (accepted["date_start"] >= start) & (accepted["date_end"] <= end)
    touching = touching_mask(accepted, start, end)
    days = (accepted["date_end"] - accepted["date_start"]).dt.days + 1
    from_day = accepted["date_start"].where(accepted["date_start"] > start, start)
    to_day = accepted["date_end"].where(accepted["date_end"] < end, end)
    share = ((to_day - from_day).dt.days + 1) / days
    spread = float((deaths["best"] * share)[touching].sum())
    return (
        int(deaths["best"][inside].sum()),
        spread,
        int(deaths["low"][inside].sum()),
        int(deaths["high"][touching].sum()),
    )


def touching_mask(accepted: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series[bool]:
    """Tell which events have a day in common with a window."""
    return (accepted["date_start"] <= end) & (accepted["date_end"] >= start)


def unplaced_mask(accepted: pd.DataFrame, where: Where | None) -> pd.Series[bool] | None:
    """Tell which events lack the place that an area is selected by; None where everything is selected."""
    if not where:
        return None
    return (accepted[list(where)] == "").any(axis=1)


def untold(deaths: pd.DataFrame, touching: pd.Series[bool]) -> str:
    """Say which events leave a class of victims open; empty where every event that touches the window tells it."""
    if len(deaths) and deaths["best"].isna().all():
        return "no event says"
    number = int(deaths["best"][touching].isna().sum())
    return f"{number:,} of the {int(touching.sum()):,} events that touch the window do not say" if number else ""
