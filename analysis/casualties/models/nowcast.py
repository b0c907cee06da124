"""How will recent days be revised? Final counts of days of which not every death has been reported yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.thinning import Delays, chain_ladder, fit_delays, fit_rates, sample_hidden
from casualties.results import Basis, Result
from casualties.vintages.triangle import Triangle

__all__ = ["NowcastResult", "fit_nowcast"]

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_FEWEST_ROWS = 21
_LOCAL = 28  # rows that tell the rate
_HISTORY = 60  # rows that tell the delay, before those that are open
_FEW_LATE = 20
_LEAST_SHARE = 1e-3  # reported, that tells of the rate
_DRIFTS = 0.975
_CLUMPED = 200.0  # concentration below which it matters for counts of tens
_SUMS = {"day": (7, 14), "week": (2, 4)}
_DAY_COLUMNS = ["reported", "share", "share_low", "share_high", "mean", "final", "low", "high", "chain_ladder"]
_SUM_COLUMNS = ["units", "start", "reported", "share", "mean", "final", "low", "high", "chain_ladder"]
_DELAY_COLUMNS = ["delay", "share", "by_then"]


@dataclass(frozen=True, slots=True, eq=False)
class NowcastResult(Result):
    """Final counts of the recent days of a reporting triangle.

    Parameters
    ----------
    basis : Basis
        What the answer rests on.
    days : DataFrame
        Indexed by ``date`` (of a week its Monday), the rows that are still open: ``reported`` so far; ``share``
        expected to be reported by now with ``share_low, share_high``; the final count's ``mean``, its median ``final``
        with ``low, high``; ``chain_ladder``, the count of the chain ladder.
    sums : DataFrame
        The same of the sums of the last rows: ``units`` in the sum, ``start``, its first.
    total : Estimate or NotEstimable
        Deaths of all open rows that are still to be reported.
    drift : Estimate or NotEstimable
        By what factor the odds of coming later change in thirty rows, of an average delay: above 1 where reporting
        slows down.
    concentration : Estimate or NotEstimable
        How little the deaths of a row come in clumps: of the Dirichlet law of its shares. The highest on the grid
        stands for deaths that come one by one.
    delays : DataFrame
        ``delay, share`` of deaths that come exactly then, ``by_then``: at the newest row.
    samples : ndarray of int64, shape (n, rows)
        Draws of the final counts of the open rows, on which the intervals rest.
    reported : Series
        What is reported of every row so far, indexed by ``date``.
    warnings : tuple of str
        What a reader has to know before using the numbers.
    """

    basis: Basis
    days: pd.DataFrame
    sums: pd.DataFrame
    total: Estimate | NotEstimable
    drift: Estimate | NotEstimable
    concentration: Estimate | NotEstimable
    delays: pd.DataFrame
    samples: Counts
    reported: pd.Series
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Give the answer as text."""
        lines = [f"Nowcast of {self.basis.label}", *self.basis.lines()[1:], ""]
        if isinstance(self.total, NotEstimable):
            lines.append(f"Final counts: {self.total}")
        else:
            lines.append(f"Still to be reported: {self.total.words(',.0f')}")
            for day, row in self.days.iterrows():
                lines.append(f"  {pd.Timestamp(str(day)).date()}: {_row_words(row)}")
            unit = "days" if self.basis.settings.get("unit") == "day" else "weeks"
            lines += [f"Last {row['units']} {unit}: {_row_words(row)}" for _, row in self.sums.iterrows()]
            lines.append(f"Drift of delays: {self.drift.words('.2f')}")
            lines.append(f"Concentration:   {self.concentration.words(',.0f')}")
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])

    def to_frame(self) -> pd.DataFrame:
        """Give one row a day or sum: ``kind, start, units`` and the columns of `days`."""
        days = self.days.rename_axis("start").reset_index()
        both = pd.concat([days.assign(kind="row", units=1), self.sums.assign(kind="sum")], ignore_index=True)
        return both[["kind", "start", "units", *_DAY_COLUMNS]]


def fit_nowcast(
    triangle: Triangle,
    *,
    as_of: str | pd.Timestamp | None = None,
    max_delay: int | None = None,
    level: float = 0.95,
    drift: bool = True,
    sums: Sequence[int] | None = None,
    samples: int = 4000,
    seed: int = 1,
) -> NowcastResult:
    """Tell the final counts of days of which not every death has been reported yet.

    The deaths of a day are negative binomial around a rate that is log-linear over the last four weeks. Each is
    reported after a delay; what share comes after which delay is read off the triangle, in a way that what is hidden
    cannot bias, may drift with time, and varies from day to day as clumps of deaths come together (Dirichlet-
    multinomial). Given these, what is still hidden of a day follows in closed form; these themselves are drawn from
    their posteriors.

    Final means: as it will stand `max_delay` later. What comes later than that, what is later taken back, and a kind of
    delay that the triangle has not seen lie outside.

    Parameters
    ----------
    triangle : Triangle
        From `reporting_triangle` of a replay, or of a feed's vintages. Cells that are not known yet are NA.
    as_of : day, optional
        The day on which to stand; where it is not given, the triangle has to be one of a replay.
    max_delay : int, optional
        The longest delay. Where it is not given, the longest one at which a death of the rows that tell the delay (60
        and those that are open) is known to have come.
    level : float, optional
        Level of all intervals.
    drift : bool, optional
        Whether delays may drift.
    sums : sequence of int, optional
        Of how many of the last rows to give the sums; 7 and 14 days, or 2 and 4 weeks, where it is not given.
    samples : int, optional
        Draws.
    seed : int, optional
        Their seed.

    Returns
    -------
    NowcastResult
        Not estimable where every cell is known, with fewer than 21 rows besides those that are open, without deaths,
        where no death ever came late, or when one row holds half of all deaths or more.

    Raises
    ------
    InputError
        If a day, delay, level, sum, seed or number of draws cannot be used.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"].as_of("2019-07-21")
    >>> triangle = ca.reporting_triangle(events, start="2019-04-01", end="2019-07-21")
    >>> result = fit_nowcast(triangle)
    >>> result.days[["reported", "share"]].iloc[-1].round(1).tolist()
    [33.0, 0.9]

    References
    ----------
    Lawless, J. F. (1994), Adjustments for reporting delays and the prediction of occurred but not reported events,
    Canadian Journal of Statistics 22, 15-31.
    Höhle, M. and an der Heiden, M. (2014), Bayesian nowcasting during the STEC O104:H4 outbreak in Germany, 2011,
    Biometrics 70, 993-1002.
    Stoner, O. and Economou, T. (2020), Multivariate hierarchical frameworks for modeling delayed reporting in count
    data, Biometrics 76, 789-798.
    """
    _check(level, samples, seed, max_delay)
    wanted = _SUMS[triangle.unit] if sums is None else tuple(sums)
    if any(isinstance(number, bool) or not isinstance(number, int) or number < 1 for number in wanted):
        raise InputError("sums are of whole numbers of rows", column="sums", value=str(wanted))
    known = triangle if as_of is None else triangle.known(as_of)
    laid = _lay(known, max_delay)
    basis = _basis(known, laid, level, drift, samples, seed)
    obstacle = _obstacle(laid)
    if obstacle:
        return _without_numbers(basis, laid, obstacle)
    cells = laid.cells
    rng = np.random.default_rng(seed)
    recent = cells[-(_HISTORY + cells.shape[1] - 1) :]
    delays = fit_delays(recent, drift=drift)
    back = np.arange(len(recent))[::-1]
    age = laid.age[-len(recent) :]
    share = delays.share(back)[np.arange(len(recent)), age]
    counts = np.nansum(recent, axis=1).astype(np.int64)
    local = min(_LOCAL, len(counts))
    floor = np.maximum(share, _LEAST_SHARE)
    rates = fit_rates(counts[-local:], floor[-local:])
    opened = age < cells.shape[1] - 1
    shares, tight = delays.sample_share(back[opened], age[opened], samples, rng)
    off = np.zeros((samples, len(counts)))
    off[:, opened] = np.log(np.maximum(shares, _LEAST_SHARE) / floor[opened])
    rate, size = rates.sample(back[opened], off[:, -local:], rng)
    hidden = sample_hidden(counts[opened], shares, tight, rate, size, rng)
    final = counts[opened] + hidden
    ladder = chain_ladder(recent)[1][opened]
    dates = laid.dates[-len(recent) :][opened]
    tail = 0.5 - level / 2.0
    low, middle, high = _quantiles(final, tail)
    days = pd.DataFrame(
        dict(
            zip(
                _DAY_COLUMNS,
                (counts[opened], share[opened], *_ends(shares, tail), final.mean(axis=0), middle, low, high, ladder),
                strict=True,
            )
        ),
        index=dates,
    ).rename_axis("date")
    totals = hidden.sum(axis=1, keepdims=True)
    least, usual, most = (float(end[0]) for end in _quantiles(totals, tail))
    return NowcastResult(
        basis=basis,
        days=days,
        sums=_sums(laid, days, final, wanted, tail),
        total=Estimate(usual, least, most, level, "recorded deaths"),
        drift=_drift(delays, level) if drift else NotEstimable("delays were held to be constant"),
        concentration=_concentration(delays, level),
        delays=_delay_table(delays),
        samples=final,
        reported=laid.reported,
        warnings=_warnings(known, laid, delays, days, recent, drift),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    """A triangle as it is fitted."""

    cells: Floats  # (rows, delays), NaN where not known
    age: npt.NDArray[np.int64]  # longest delay known of each row
    dates: pd.DatetimeIndex
    taken_back: int  # deaths
    beyond: int  # deaths known at longer delays than the longest that is taken

    @property
    def reported(self) -> pd.Series:
        """What is reported of each row."""
        return pd.Series(np.nansum(self.cells, axis=1).astype("int64"), index=self.dates, name="deaths").rename_axis(
            "date"
        )


def _lay(triangle: Triangle, max_delay: int | None) -> _Laid:
    """Take the rows of which anything is known, delays up to the longest that matters, and no negative cell."""
    table = triangle.deaths.to_numpy(dtype="float64", na_value=np.nan)
    # A row of which nothing is known yet (a week that has begun) is no row.
    begun = ~np.isnan(table[:, 0])
    table, dates = table[begun], pd.DatetimeIndex(triangle.deaths.index)[begun]
    settled = table.copy()
    for delay in range(settled.shape[1] - 1, 0, -1):
        gone = np.minimum(np.nan_to_num(settled[:, delay]), 0.0)
        settled[:, delay - 1] += gone
        settled[:, delay] -= gone
    settled[:, 0] = np.where(settled[:, 0] < 0.0, 0.0, settled[:, 0])
    taken_back = int(-np.nansum(np.minimum(np.nan_to_num(table), 0.0)))
    told = settled[-(_HISTORY + table.shape[1] - 1) :]
    late = np.flatnonzero(np.nansum(told, axis=0) > 0.0) if len(told) else np.array([], dtype=int)
    longest = (int(late[-1]) if len(late) else 0) if max_delay is None else min(max_delay, table.shape[1] - 1)
    cells = settled[:, : longest + 1]
    age = (~np.isnan(cells)).sum(axis=1).astype(np.int64) - 1
    beyond = int(np.nansum(settled[:, longest + 1 :]))
    return _Laid(cells, age, dates, taken_back, beyond)


def _obstacle(laid: _Laid) -> str:
    """Say why there is no nowcast, or nothing."""
    cells = laid.cells
    if not len(cells):
        return "no day of the triangle has begun"
    total = float(np.nansum(cells))
    if total == 0.0:
        return "no deaths are known"
    if np.nansum(cells[:, 1:]) == 0.0:
        return "no death is known to have come after its own day: there is nothing to complete, or no delay is recorded"
    if not (laid.age < cells.shape[1] - 1).any():
        return "every cell is known: take the triangle of a replay, or say as of which day"
    complete = int((laid.age == cells.shape[1] - 1).sum())
    if complete < _FEWEST_ROWS:
        return f"{complete} complete rows are fewer than {_FEWEST_ROWS}"
    sums = np.nansum(cells, axis=1)
    share = float(sums.max()) / total
    if share >= 0.5:
        return f"one row holds {share:.0%} of all deaths, so that delay and rate would be that row's"
    if not sums[-(_LOCAL):].any():
        return f"no deaths are known of the last {_LOCAL} rows"
    if not np.nansum(cells[-(_HISTORY + cells.shape[1] - 1) :, 1:]):
        return f"no death of the last {_HISTORY + cells.shape[1] - 1} rows came after its own"
    return ""


def _sums(laid: _Laid, days: pd.DataFrame, final: Counts, wanted: Sequence[int], tail: float) -> pd.DataFrame:
    """Give the sums of the last rows."""
    counts = np.nansum(laid.cells, axis=1)
    opened = len(days)
    rows = []
    for number in wanted:
        if number > len(counts):
            continue
        inside = min(number, opened)
        done = float(counts[len(counts) - number : len(counts) - inside].sum())
        drawn = done + final[:, opened - inside :].sum(axis=1, keepdims=True)
        low, middle, high = (float(end[0]) for end in _quantiles(drawn, tail))
        reported = float(counts[-number:].sum())
        ladder = done + float(days["chain_ladder"].iloc[opened - inside :].sum())
        mean = float(drawn.mean())
        share = reported / mean if mean > 0.0 else 1.0
        rows.append((number, laid.dates[-number], reported, share, mean, middle, low, high, ladder))
    table = pd.DataFrame(rows, columns=_SUM_COLUMNS)
    return table.astype({"units": "int64", "start": "datetime64[us]"})


def _quantiles(drawn: npt.NDArray[Any], tail: float) -> tuple[Floats, Floats, Floats]:
    """Give lower end, median and upper end of whole counts, each a count that was drawn."""
    low, middle, high = np.quantile(drawn, [tail, 0.5, 1.0 - tail], axis=0, method="inverted_cdf").astype(float)
    return low, middle, high


def _ends(drawn: Floats, tail: float) -> tuple[Floats, Floats]:
    low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=0)
    return low, high


def _drift(delays: Delays, level: float) -> Estimate:
    """Give the change of the odds of an average delay in thirty rows."""
    reach = float(stats.norm.ppf(0.5 + level / 2.0))
    value, error = float(delays.drift[0]), math.sqrt(float(delays.drift_covariance[0, 0]))
    low, high = math.exp(value - reach * error), math.exp(value + reach * error)
    return Estimate(math.exp(value), low, high, level, "ratio of odds in 30 rows")


def _concentration(delays: Delays, level: float) -> Estimate:
    """Give the median of the concentration's posterior, and its ends on the grid."""
    after = np.cumsum(delays.concentration_weight)
    tail = 0.5 - level / 2.0
    at = [int(np.argmax(after >= min(part, after[-1]))) for part in (0.5, tail, 1.0 - tail)]
    value, low, high = delays.concentration[at].tolist()
    return Estimate(value, low, high, level, "concentration")


def _delay_table(delays: Delays) -> pd.DataFrame:
    return pd.DataFrame(
        dict(zip(_DELAY_COLUMNS, (np.arange(len(delays.logit)), delays.pmf, delays.share()[0]), strict=True))
    )


def _warnings(
    triangle: Triangle, laid: _Laid, delays: Delays, days: pd.DataFrame, recent: Floats, drift: bool
) -> tuple[str, ...]:
    """Say what a reader has to know."""
    texts = []
    late = int(np.nansum(recent[:, 1:]))
    if late < _FEW_LATE:
        texts.append(f"Only {late} deaths are known to have come after their own row: the delay rests on few.")
    if laid.beyond:
        texts.append(f"{laid.beyond:,} deaths that came later than the longest delay are left out.")
    if laid.taken_back:
        texts.append(f"{laid.taken_back:,} deaths were taken back later: they are deducted from the cells before.")
    outside = triangle.accounts["deaths"]
    vague = int(outside.get("no exact day", 0)) + int(outside.get("no document date", 0))
    inside = int(np.nansum(laid.cells))
    if vague > 0.1 * (inside + vague):
        texts.append(
            f"{vague:,} deaths without an exact day or a document are in no triangle and in no final count, of "
            f"{inside + vague:,}."
        )
    if drift:
        found = _drift(delays, 2.0 * _DRIFTS - 1.0)
        if found.low > 1.0 or found.high < 1.0:
            way = "slows down" if found.low > 1.0 else "speeds up"
            texts.append(f"Reporting {way}; the nowcast takes it that this goes on at the same pace.")
    tight = float(delays.concentration_weight @ delays.concentration)
    if tight < _CLUMPED:
        texts.append("The deaths of a row come in clumps: single rows can be far from their share.")
    if float(days["share"].iloc[-1]) < 0.1:
        texts.append("Of the newest row less than a tenth is expected to be reported: its count rests on the rate.")
    return tuple(texts)


def _basis(triangle: Triangle, laid: _Laid, level: float, drift: bool, samples: int, seed: int) -> Basis:
    method = (
        "gamma rate thinned by the delay: reverse hazards with a drift, Dirichlet-multinomial rows, negative-binomial "
        "counts; chain ladder beside it"
    )
    longest = laid.cells.shape[1] - 1 if laid.cells.size else 0
    settings = {
        **{name: value for name, value in triangle.basis.settings.items() if name != "max_delay"},
        "max_delay": longest,
        "level": level,
        "drift": drift,
        "samples": samples,
    }
    return replace(triangle.basis, method=method, settings=settings, seed=seed)


def _check(level: float, samples: int, seed: int, max_delay: int | None) -> None:
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)
    for name, value, least in (("samples", samples, 100), ("seed", seed, 0), ("max_delay", max_delay, 1)):
        if name == "max_delay" and value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InputError(f"must be a whole number of at least {least}", column=name, value=value)


def _without_numbers(basis: Basis, laid: _Laid, reason: str) -> NowcastResult:
    none = NotEstimable(reason)
    return NowcastResult(
        basis=basis,
        days=pd.DataFrame(columns=_DAY_COLUMNS, index=pd.DatetimeIndex([], name="date"), dtype=float),
        sums=pd.DataFrame(columns=_SUM_COLUMNS).astype({"units": "int64", "start": "datetime64[us]"}),
        total=none,
        drift=none,
        concentration=none,
        delays=pd.DataFrame(columns=_DELAY_COLUMNS),
        samples=np.zeros((0, 0), dtype=np.int64),
        reported=laid.reported,
        warnings=(),
    )


def _row_words(row: pd.Series[Any]) -> str:
    return (
        f"reported {row['reported']:,.0f} ({row['share']:.0%} expected by now), final {row['final']:,.0f} "
        f"({row['low']:,.0f} to {row['high']:,.0f}), chain ladder {row['chain_ladder']:,.1f}"
    )
