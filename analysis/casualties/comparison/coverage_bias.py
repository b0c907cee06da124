"""What decides whether a source saw an event: its size, its place, whose it was, and how much violence there was.

A source that sees large events sooner than small ones, or fewer of them in a bad week, tells another course of violence
than the one it saw. These shares and slopes say by how much, as far as a record made from sources can.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tools.sm_exceptions import ModelWarning

from casualties.comparison.citations import REFERENCE, cites_known, counted_deaths, select_events
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events, Where
from casualties.results import Basis, Result, answers_frame

__all__ = ["GROUPS", "SIZES", "CoverageBiasResult", "coverage_bias"]

# Classes of deaths in an event: the last one of each.
SIZES = {"0": 0, "1": 1, "2": 2, "3–5": 5, "6–10": 10, "11–20": 20, "21–50": 50, "over 50": math.inf}
GROUPS = ("size", "adm1", "side_a", "kind")
KINDS = {1: "state-based", 2: "non-state", 3: "one-sided"}
ANSWERS = ("size_ratio", "response", "response_deaths", "response_detrended", "drift", "growth_seen")
# Events that a slope needs on the rarer side, the days they must lie on, and the weeks of a slope over time.
FEWEST, FEWEST_DAYS, FEWEST_WEEKS = 5, 10, 8
MONTH = 30
# A side or kind is named where this share of the events that cite the source is its own, and less of the others.
NEARLY_ALL, GAP = 0.9, 0.05
COUPLED = (
    "The week's level is that of this same record: where it holds events only because other sources told of them, a "
    "week in which these told more is higher and the source's share in it lower, whatever the source did. Ask among "
    "the events that another source is cited for to avoid it."
)


@dataclass(frozen=True, slots=True, eq=False)
class CoverageBiasResult(Result):
    """Which events a source is cited for: by size, place, side and kind, and in weeks of more or less violence.

    Parameters
    ----------
    basis : Basis
        Events, window and settings.
    source, among : str
        The source; the source whose events alone are looked at (blank: all events).
    level : float
        Of every interval.
    shares : DataFrame
        One row a class: ``group`` (one of `GROUPS`), ``value``, ``events``, ``events_citing``, ``share``, ``low``,
        ``high`` (Wilson's interval with the events' number reduced for days on which they stand or fall together),
        ``deaths``, ``deaths_citing``, ``share_deaths`` (NaN where nobody died).
    weeks : DataFrame
        One row a week (Monday to Sunday) in which an event begins: ``week``, ``days`` (of it in the window),
        ``events``, ``events_citing``, ``deaths``, ``deaths_citing``, ``level`` (deaths a day).
    size_ratio : Estimate or NotEstimable
        Odds that the source is cited, for an event of twice the deaths; days as clusters.
    response, response_deaths : Estimate or NotEstimable
        Share of a week's events, and of its deaths, that the source is cited for, in a week of twice the deaths a day:
        as a multiple.
    response_detrended : Estimate or NotEstimable
        `response` beside a steady drift of the share in time.
    drift : Estimate or NotEstimable
        The share of events, 30 days later: as a multiple.
    growth_seen : Estimate or NotEstimable
        Growth of the events that the source is cited for, as a multiple of the growth of the record, which follows
        from `response`: below 1 the source hides part of a rise (and of a fall).
    warnings : tuple of str
        What to mind.
    """

    basis: Basis
    source: str
    among: str
    level: float
    shares: pd.DataFrame
    weeks: pd.DataFrame
    size_ratio: Estimate | NotEstimable
    response: Estimate | NotEstimable
    response_deaths: Estimate | NotEstimable
    response_detrended: Estimate | NotEstimable
    drift: Estimate | NotEstimable
    growth_seen: Estimate | NotEstimable
    warnings: tuple[str, ...]

    def by(self, group: str) -> pd.DataFrame:
        """Give the shares of one group of classes: ``"size"``, ``"adm1"``, ``"side_a"`` or ``"kind"``."""
        return self.shares[self.shares["group"] == group].drop(columns="group").reset_index(drop=True)

    def to_frame(self) -> pd.DataFrame:
        """Give the shares of all classes; the slopes are `answers`."""
        return self.shares

    def answers(self) -> pd.DataFrame:
        """Give the slopes: one row an answer, with its interval or why there is none."""
        return answers_frame(self, ANSWERS)

    def summary(self) -> str:
        """Give what decides whether the source is cited, as text."""
        whole = self.weeks[["events", "events_citing", "deaths", "deaths_citing"]].sum()
        where = f" that cite {self.among}" if self.among else ""
        lines = [
            f"{self.source} is cited by {whole['events_citing']:,} of {whole['events']:,} events{where}, with "
            f"{whole['deaths_citing']:,} of {whole['deaths']:,} recorded deaths",
            *(
                f"{row.value} deaths: {row.events_citing:,} of {row.events:,} events, {row.share:.0%} "
                f"({row.low:.0%} to {row.high:.0%})"
                for row in self.by("size").itertuples()
            ),
            f"odds to be cited, an event of twice the deaths: {self.size_ratio.words('.2f')}",
            f"share of events, a week of twice the deaths: times {self.response.words('.2f')}",
            f"  beside a steady drift: times {self.response_detrended.words('.2f')}",
            f"share of deaths, a week of twice the deaths: times {self.response_deaths.words('.2f')}",
            f"share of events, {MONTH} days later: times {self.drift.words('.2f')}",
            f"growth of its events, as a multiple of the record's: {self.growth_seen.words('.2f')}",
        ]
        return "\n".join([*self.basis.lines(), *lines, *self.warnings])


def coverage_bias(
    events: Events,
    source: str,
    *,
    among: str | None = None,
    victims: str = "all",
    where: Where | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    level: float = 0.95,
) -> CoverageBiasResult:
    r"""Tell which events a source is cited for, and whether its share changes with the violence.

    Parameters
    ----------
    events : Events
        The event source, with codes in ``cited``.
    source : str
        A code of ``cited``.
    among : str, optional
        Another code: only the events that cite it are looked at. They stand in the record without the source's help,
        so that the source's share of them is freer of how the record was made.
    victims : {"all", "civilians"}, optional
        All events and deaths, or the events with civilian deaths and those deaths.
    where : mapping, optional
        The place, as in `daily_series`; also ``{"side_a": …}`` to look at one side's events alone.
    start, end : str or Timestamp, optional
        Events that start and end inside are counted; without them, all.
    level : float, optional
        Of every interval.

    Returns
    -------
    CoverageBiasResult
        A slope is not estimable where fewer than 5 events cite the source, or all but fewer than 5, or where there
        are fewer than 10 days (of size) or 8 weeks (of time).

    Raises
    ------
    UnknownNameError
        If a source is cited by no event, or a place or class of victims does not exist.
    InputError
        If both sources are the same, the level is not between 0 and 1, no event cites a source, or the window ends
        before it starts.

    Notes
    -----
    Size: logistic regression on the binary logarithm of an event's deaths (events with none are left out), variance
    clustered by day [1]_. Time: the share of week :math:`w` with :math:`n_w` events is taken as
    :math:`a\,x_w^{\beta}` with :math:`x_w` the week's recorded deaths a day, by Poisson regression with offset
    :math:`\log n_w` and the robust variance HC3 [2]_, so that a ratio of shares comes out directly and a share near 1
    does no harm; intervals from Student's t. The source's events then grow :math:`1 + \beta` times as fast as the
    record's. Intervals of shares are Wilson's with an effective number of events [3]_.

    References
    ----------
    .. [1] Liang, K.-Y. and Zeger, S. L. (1986), "Longitudinal data analysis using generalized linear models",
       Biometrika 73(1), 13-22.
    .. [2] Zou, G. (2004), "A modified Poisson regression approach to prospective studies with binary data", American
       Journal of Epidemiology 159(7), 702-706.
    .. [3] Korn, E. L. and Graubard, B. I. (1998), "Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data", Survey Methodology 24(2), 193-201.

    Examples
    --------
    >>> import casualties as ca
    >>> study = ca.load_study("idlib-2019")
    >>> where, window = study.at("north_west").where, study.windows["offensive"]
    >>> found = coverage_bias(study.sources["ucdp"], "Airwars", where=where, start=window.start, end=window.end)
    >>> found.by("kind")[["value", "events", "events_citing"]].values.tolist()
    [['state-based', 665, 214], ['non-state', 43, 2], ['one-sided', 12, 0]]
    """
    if not 0.0 < level < 1.0:
        raise InputError("a level lies between 0 and 1", column="level", value=level)
    if among is not None and among.casefold() == source.casefold():
        raise InputError("among its own events a source is always cited", column="among", value=among)
    settings = {"source": source, **({"among": among} if among else {}), "level": level}
    chosen, basis = select_events(events, where, start, end, victims, settings)
    hit = cites_known(chosen, events, source, "source")
    if among is not None:
        kept = cites_known(chosen, events, among, "among")
        chosen, hit = chosen[kept], hit[kept]
    frame = _events_frame(chosen, hit, victims)
    weeks = _weeks(frame, pd.Timestamp(basis.start), pd.Timestamp(basis.end))
    shares = _shares(frame, level)
    response, detrended, drift = _responses(weeks, level)
    return CoverageBiasResult(
        basis=basis,
        source=source,
        among=among or "",
        level=level,
        shares=shares,
        weeks=weeks,
        size_ratio=_size_ratio(frame, level),
        response=response,
        response_deaths=_response_deaths(weeks, level),
        response_detrended=detrended,
        drift=drift,
        growth_seen=_growth_seen(response),
        warnings=_warnings(frame, source, coupled=among is None and bool(response)),
    )


def _events_frame(chosen: pd.DataFrame, hit: pd.Series[bool], victims: str) -> pd.DataFrame:
    """Give what the shares and slopes need of each event."""
    deaths = counted_deaths(chosen, victims)
    classes = pd.cut(deaths, [-1.0, *SIZES.values()], labels=list(SIZES))
    kinds = chosen["kind"] if "kind" in chosen else pd.Series(pd.NA, index=chosen.index, dtype="Int64")
    sides = chosen["side_a"] if "side_a" in chosen else pd.Series("", index=chosen.index)
    frame = pd.DataFrame(
        {
            "day": chosen["date_start"],
            "cited": hit,
            "deaths": deaths,
            "size": classes.astype("str"),
            "adm1": chosen["adm1"].astype("str"),
            "side_a": sides.astype("str"),
            "kind": [KINDS.get(code, "") if pd.notna(code) else "" for code in kinds],
        }
    )
    # Sums of robust variances follow the order of rows: a fixed one gives the same last digits.
    order = ["day", "deaths", "cited", "adm1", "side_a", "kind"]
    return frame.sort_values(order, kind="stable").reset_index(drop=True)


def _shares(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Give the share of events that cite the source, with an interval, in each class of each group."""
    rows = []
    for group in GROUPS:
        counts = frame[group].value_counts()
        if group == "size":
            values = [name for name in SIZES if name in counts.index]
        else:
            values = sorted(counts.index, key=lambda name: (-int(counts[name]), name))
        for value in values:
            part = frame[frame[group] == value]
            hits, deaths = part["cited"], part["deaths"]
            low, high = _share_interval(hits, part["day"], level)
            counted = (len(part), int(hits.sum()), float(hits.mean()), low, high)
            dead, seen = int(deaths.sum()), int(deaths[hits].sum())
            rows.append((group, value, *counted, dead, seen, seen / dead if dead else math.nan))
    columns = ["group", "value", "events", "events_citing", "share", "low", "high"]
    columns += ["deaths", "deaths_citing", "share_deaths"]
    types: dict[str, Any] = dict.fromkeys(("share", "low", "high", "share_deaths"), "float64")
    types |= dict.fromkeys(("events", "events_citing", "deaths", "deaths_citing"), "int64")
    return pd.DataFrame(rows, columns=columns).astype({**types, "group": "str", "value": "str"})


def _share_interval(hits: pd.Series[bool], day: pd.Series, level: float) -> tuple[float, float]:
    """Give Wilson's interval of a share; events of one day that stand or fall together count for fewer."""
    number, share = len(hits), float(hits.mean())
    by_day = hits.groupby(day).agg(["sum", "size"])
    held = 1.0
    if len(by_day) > 1 and 0.0 < share < 1.0:
        residual = by_day["sum"] - share * by_day["size"]
        clustered = len(by_day) / (len(by_day) - 1) * float((residual**2).sum()) / number**2
        held = max(1.0, clustered / (share * (1.0 - share) / number))
    effective = number / held
    low, high = proportion_confint(share * effective, effective, alpha=1.0 - level, method="wilson")
    # The ends of a share of nought or one are exact; rounding would leave them beside it.
    return (float(low) if share > 0.0 else 0.0), (float(high) if share < 1.0 else 1.0)


def _weeks(frame: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Count each week's events and deaths, with the source and in all."""
    week = frame["day"].dt.to_period("W-SUN").dt.start_time
    seen = frame.assign(week=week, citing=frame["cited"].astype("int64"))
    seen["deaths_citing"] = seen["deaths"] * seen["citing"]
    table = seen.groupby("week").agg(
        events=("citing", "size"),
        events_citing=("citing", "sum"),
        deaths=("deaths", "sum"),
        deaths_citing=("deaths_citing", "sum"),
    )
    table = table.reset_index()
    first, last = table["week"], table["week"] + pd.Timedelta(days=6)
    days = (last.where(last < end, end) - first.where(first > start, start)).dt.days + 1
    table.insert(1, "days", days)
    return table.assign(level=table["deaths"] / table["days"])


def _size_ratio(frame: pd.DataFrame, level: float) -> Estimate | NotEstimable:
    """Estimate the odds ratio of being cited for twice the deaths, days as clusters."""
    frame = frame[frame["deaths"] > 0]
    if reason := _thin(int(frame["cited"].sum()), len(frame), "events with deaths"):
        return NotEstimable(reason)
    clusters = int(frame["day"].nunique())
    if clusters < FEWEST_DAYS:
        return NotEstimable(f"events on fewer than {FEWEST_DAYS} days")
    if frame["deaths"].nunique() < 2:
        return NotEstimable("every event has the same number of deaths")
    design = np.column_stack([np.ones(len(frame)), np.log2(frame["deaths"].to_numpy(dtype="float64"))])
    model = sm.GLM(frame["cited"].to_numpy(dtype="float64"), design, family=sm.families.Binomial())
    groups = frame["day"].factorize()[0]
    fit = _fitted(model, cov_type="cluster", cov_kwds={"groups": groups})
    return fit if isinstance(fit, NotEstimable) else _ratio(fit.params, fit.bse, clusters - 1, level, "ratio of odds")


def _responses(
    weeks: pd.DataFrame, level: float
) -> tuple[Estimate | NotEstimable, Estimate | NotEstimable, Estimate | NotEstimable]:
    """Estimate how the share of events follows the week's level, alone and beside a drift, and the drift."""
    if reason := _thin(int(weeks["events_citing"].sum()), int(weeks["events"].sum()), "events"):
        return NotEstimable(reason), NotEstimable(reason), NotEstimable(reason)
    used = weeks[weeks["deaths"] > 0]
    months = (weeks["week"] - weeks["week"].min()).dt.days.to_numpy(dtype="float64") / MONTH
    log_level = np.log2(used["level"].to_numpy(dtype="float64"))
    both = np.column_stack([log_level, months[(weeks["deaths"] > 0).to_numpy()]])
    citing, every = used["events_citing"], used["events"]
    return (
        _share_ratio(citing, every, log_level[:, None], level),
        _share_ratio(citing, every, both, level),
        _share_ratio(weeks["events_citing"], weeks["events"], months[:, None], level),
    )


def _response_deaths(weeks: pd.DataFrame, level: float) -> Estimate | NotEstimable:
    """Estimate how the share of deaths follows the week's level."""
    if reason := _thin(int(weeks["events_citing"].sum()), int(weeks["events"].sum()), "events"):
        return NotEstimable(reason)
    if reason := _thin(int(weeks["deaths_citing"].sum()), int(weeks["deaths"].sum()), "recorded deaths"):
        return NotEstimable(reason)
    used = weeks[weeks["deaths"] > 0]
    log_level = np.log2(used["level"].to_numpy(dtype="float64"))
    return _share_ratio(used["deaths_citing"], used["deaths"], log_level[:, None], level)


def _share_ratio(part: pd.Series, whole: pd.Series, regressors: np.ndarray, level: float) -> Estimate | NotEstimable:
    """Estimate the ratio of shares that goes with one more of the first regressor."""
    if len(whole) < FEWEST_WEEKS:
        return NotEstimable(f"fewer than {FEWEST_WEEKS} weeks with events")
    if (np.ptp(regressors, axis=0) == 0).any():
        return NotEstimable("every week has the same level")
    design = np.column_stack([np.ones(len(whole)), regressors - regressors.mean(axis=0)])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return NotEstimable("the level of the weeks follows time exactly")
    offset = np.log(whole.to_numpy(dtype="float64"))
    model = sm.GLM(part.to_numpy(dtype="float64"), design, family=sm.families.Poisson(), offset=offset)
    fit = _fitted(model)
    if isinstance(fit, NotEstimable):
        return fit
    # Each week's residual as it would be, were the week left out: its leverage is that of its weight in the fit.
    leverage = fit.get_hat_matrix_diag(observed=False)
    if not (leverage < 1.0 - 1e-9).all():
        return NotEstimable("one week alone decides the slope")
    scores = design * (fit.resid_response / (1.0 - leverage))[:, None]
    spread = scores @ fit.normalized_cov_params
    errors = np.sqrt((spread**2).sum(axis=0))
    return _ratio(fit.params, errors, len(whole) - design.shape[1], level, "ratio of shares")


def _fitted(model: sm.GLM, **options: Any) -> Any:
    """Fit; where there is no finite answer, say so."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return model.fit(**options)
        except (ModelWarning, RuntimeWarning, np.linalg.LinAlgError):
            return NotEstimable("the regression has no finite answer: the source's events and the others are parted")


def _ratio(params: np.ndarray, errors: np.ndarray, freedom: int, level: float, unit: str) -> Estimate | NotEstimable:
    """Give the exponential of the second coefficient with its interval by Student's t."""
    slope = float(params[1])
    reach = float(stats.t.ppf(0.5 + level / 2.0, freedom)) * float(errors[1])
    if not (math.isfinite(reach) and abs(slope) + reach < 700.0):
        return NotEstimable("the regression has no finite interval")
    if reach == 0.0:
        return NotEstimable("the shares do not vary from week to week")
    return Estimate(math.exp(slope), math.exp(slope - reach), math.exp(slope + reach), level, unit)


def _growth_seen(response: Estimate | NotEstimable) -> Estimate | NotEstimable:
    """Turn the multiple of the share for twice the level into a multiple of growth."""
    if isinstance(response, NotEstimable):
        return response
    low, value, high = (1.0 + math.log2(ratio) for ratio in (response.low, response.value, response.high))
    return Estimate(value, low, high, response.level, "multiple of the record's growth")


def _thin(part: int, whole: int, what: str) -> str:
    """Say why a slope cannot be had where nearly all or nearly none cite the source; blank where it can."""
    if min(part, whole - part) >= FEWEST:
        return ""
    if not whole:
        return f"there are no {what}"
    return f"{part:,} of {whole:,} {what} cite the source: too few on one side for a slope"


def _warnings(frame: pd.DataFrame, source: str, *, coupled: bool) -> tuple[str, ...]:
    """Say what to mind: whose events the source tells of, and what the record itself does to its shares."""
    found = []
    hits = frame["cited"]
    for group, words in (("side_a", "side A"), ("kind", "kind")):
        if int(hits.sum()) < FEWEST or int((~hits).sum()) < FEWEST:
            continue
        counts = frame.loc[hits, group].value_counts()
        value = sorted(counts.index, key=lambda name: (-int(counts[name]), name))[0]
        share, others = counts[value] / hits.sum(), float((frame.loc[~hits, group] == value).mean())
        if value and share >= NEARLY_ALL and others < share - GAP:
            found.append(
                f"{int(counts[value]):,} of the {int(hits.sum()):,} events that cite {source} have the {words} "
                f"“{value}”, as have {others:.0%} of the others: what it is not cited for may lie outside its scope."
            )
    return (*found, *([COUPLED] if coupled else []), REFERENCE)
