"""A model's view behind several sources: what trend remains when their coverage may drift.

Nothing in this file is a count. Each source sees an unknown share of the same violence, and that share may drift. How
the shares drift against each other can be read off the counts; a drift that all sources have in common cannot, so that
it is declared, and the answer says how much of it would be needed to explain a trend away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csgraph
from scipy.special import ndtri

from casualties.errors import InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.relative_coverage import RelativeCoverage, fit_relative_coverage
from casualties.inference.reporting_drift import DRIFT_DAYS, DriftFit, drift_sd, fit_reporting_drift
from casualties.results import Basis, Result, answers_frame
from casualties.series import DailySeries

__all__ = ["LatentViewResult", "latent_view"]

Floats = npt.NDArray[np.float64]
Answer = Estimate | NotEstimable

FEWEST_DAYS = 14
# Days that a source must share with others, so that their coverage can be set against each other.
FEWEST_SHARED = 10
METHOD = (
    "model: negative-binomial sum of the sources with a steady growth, weekdays and slow swings; multinomial split "
    "with drifting shares"
)
DRIFT_COLUMNS = [
    "source", "counts_in", "days", "deaths", "coverage", "coverage_low", "coverage_high", "drift", "low", "high",
]  # fmt: skip
DAY_COLUMNS = [
    "expected", "expected_low", "expected_high", "drift_low", "drift_high", "rate", "rate_low", "rate_high",
]  # fmt: skip
COURSE_COLUMNS = ["source", "date", "coverage", "low", "high"]
CURVE_COLUMNS = ["factor", "growth", "low", "high", "p_rising"]
_QUANTITIES = ("growth_without", "p_rising_without", "growth", "p_rising", "tipping", "explains")
_FACTOR = f"factor over {DRIFT_DAYS} days"
_CURVE_POINTS = 41
_LEAST_END, _GREATEST_END = 3.0, 30.0
_FEW_DAYS = 42
_LARGE_SHARE = 0.2
_SAME_DEATHS = 0.5
# Posterior probability of slow swings: above the first they are likely, below the second they count as excluded.
_PROBABLY, _EXCLUDED = 0.5, 0.05


@dataclass(frozen=True, slots=True, eq=False)
class LatentViewResult(Result):
    """What a model says of the deaths behind several sources.

    Parameters
    ----------
    basis : Basis
        The sources, the window and what was declared.
    names : tuple of str
        All sources, in the order given.
    used : tuple of str
        Those whose counts enter; of sources that rest on each other only one does.
    growth_without : Estimate or NotEstimable
        Growth a day if no source's coverage drifts.
    p_rising_without : Estimate or NotEstimable
        Probability that it is above 0.
    growth, p_rising : Estimate or NotEstimable
        The same where coverage may drift as declared.
    tipping : Estimate or NotEstimable
        The least declared factor, over 90 days, of a drift shared by all sources at which the interval of the growth
        holds 0.
    explains : Estimate or NotEstimable
        The factor by which the coverage of all sources would have to change over 90 days for the growth to be nothing
        but reporting.
    curve : DataFrame
        ``factor, growth, low, high, p_rising``: the growth for each declared factor of a shared drift.
    drifts : DataFrame
        One row a source: ``source, counts_in`` (the source that stands for it; its own name where it enters itself),
        ``days, deaths, coverage, coverage_low, coverage_high`` (in the middle of the window, against the geometric mean
        of the sources used), ``drift, low, high`` (factor of that ratio over 90 days); NaN where there is nothing to
        compare with.
    courses : DataFrame
        ``source, date, coverage, low, high``: the same ratio on each day, of the sources used if there are several.
    days : DataFrame
        Index ``date``; ``expected`` (expected deaths of the day at the geometric mean coverage of the middle of the
        window) with ``expected_low, expected_high`` if the sources share no drift and ``drift_low, drift_high`` if they
        may; ``rate, rate_low, rate_high``: the day's own deaths at that coverage, what was special to the day included.
    counts : DataFrame
        Index ``date``; one column a source: deaths, NaN where not observed.
    warnings : tuple of str
        What a reader must know before quoting a number.
    fit : DriftFit or None
        The model with drift; None where nothing can be estimated.
    fit_without : DriftFit or None
        The model without.
    """

    basis: Basis
    names: tuple[str, ...]
    used: tuple[str, ...]
    growth_without: Answer
    p_rising_without: Answer
    growth: Answer
    p_rising: Answer
    tipping: Answer
    explains: Answer
    curve: pd.DataFrame
    drifts: pd.DataFrame
    courses: pd.DataFrame
    days: pd.DataFrame
    counts: pd.DataFrame
    warnings: tuple[str, ...]
    fit: DriftFit | None
    fit_without: DriftFit | None

    def to_frame(self) -> pd.DataFrame:
        """Give the answers as a table: ``quantity, value, low, high, level, unit, reason``."""
        return answers_frame(self, _QUANTITIES)

    def summary(self) -> str:
        """Give the answer as text."""
        settings = self.basis.settings
        lines = [
            f"A model of the deaths behind {_listed(self.names)}",
            *self.basis.lines(),
            f"Growth, no drift:   {self.growth_without.words('+.4f')} per day; "
            f"P(rising) {self.p_rising_without.words('.3f')}",
            f"Growth, drift:      {self.growth.words('+.4f')} per day; P(rising) {self.p_rising.words('.3f')} "
            f"(coverage may change by {settings['drift']:g} over {DRIFT_DAYS} days)",
            f"Tipping drift:      {self.tipping.words('.2f')}",
            f"Explained by drift: {self.explains.words('.2f')}",
        ]
        known = self.drifts.dropna(subset=["drift"])
        lines.extend(
            f"Drift of {name}:".ljust(20)
            + f"{drift:.2f} ({low:.2f} to {high:.2f}) over {DRIFT_DAYS} days, against the "
            "mean of the sources that enter"
            for name, drift, low, high in zip(
                *(known[each] for each in ("source", "drift", "low", "high")), strict=True
            )
        )
        return "\n".join([*lines, *(f"Warning: {text}" for text in self.warnings)])


@dataclass(frozen=True, slots=True, eq=False)
class _Sources:
    """The series on one span of days."""

    names: tuple[str, ...]
    counts: Floats
    exposure: Floats
    dates: pd.DatetimeIndex
    stands: tuple[int, ...]

    @property
    def used(self) -> list[int]:
        return sorted(set(self.stands))

    def seen(self) -> npt.NDArray[np.bool_]:
        return ~np.isnan(self.counts)


def latent_view(
    series: Sequence[DailySeries] | Mapping[str, DailySeries],
    *,
    drift: float = 1.5,
    common: float | None = None,
    dependent: Sequence[Sequence[str]] = (),
    weekday: bool = True,
    level: float = 0.95,
) -> LatentViewResult:
    """Ask a model what trend remains when the coverage of the sources may drift.

    Parameters
    ----------
    series : sequence or mapping of DailySeries
        Series of the same violence (same victims, same place), one a source; with a mapping, by a name that is then
        used for them, else by the source's own name. Days that were not observed say nothing; they are not zero.
    drift : float, optional
        Over 90 days a source's coverage may rise or fall by up to this factor (with probability 0.95), steadily; 1 is
        no drift.
    common : float, optional
        The same of the drift that all sources share, about which counts say nothing; as `drift` where not given.
    dependent : sequence of sequences of str, optional
        Groups of sources that rest on each other (one copies or codes the other). Of each group the one with the most
        observed days enters; the others are shown beside it and bear no weight.
    weekday : bool, optional
        Whether to fit an effect of the day of the week.
    level : float, optional
        Level of the intervals.

    Returns
    -------
    LatentViewResult
        Not estimable with fewer than 14 observed days, where nobody is recorded or one day holds half of all deaths or
        more, and where the sources' coverage cannot be set against each other (fewer than 10 shared days, or a source
        without deaths on them).

    Raises
    ------
    InputError
        If there is no series, names are not unique, a series holds fractions, a factor is below 1, or the level does
        not lie between 0 and 1.
    UnknownNameError
        If `dependent` names no source.

    Notes
    -----
    The log coverage of a source is a level plus a line in time. The line is a drift that all share, with a normal prior
    of standard deviation ``log(common) / (1.96 * 90)`` a day, plus the source's drift against the mean of all, with
    one of ``log(drift) / (1.96 * 90)``. The growth is that of the recorded deaths freed of the second, with the first
    as a further normal error: more sources never make it smaller. Steps of coverage and drifts that turn are outside
    of this model.

    Levels of coverage are known only against each other: the rate of a day is in units of what the (geometric) mean
    source counts in the middle of the window. It is no estimate of how many died.

    Examples
    --------
    >>> first = [2, 3, 1, 4, 3, 5, 4, 6, 5, 9, 7, 8, 12, 9, 14, 11, 15, 19, 16, 21]
    >>> second = [1, 2, 2, 1, 2, 2, 3, 2, 4, 3, 5, 4, 5, 6, 6, 5, 9, 8, 9, 10]
    >>> view = latent_view({name: DailySeries.from_counts(counts, "2019-04-20")
    ...                     for name, counts in (("A", first), ("B", second))})
    >>> round(view.growth.value, 2), view.p_rising.value > 0.99, view.tipping.value > 10
    (0.11, True, True)
    """
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level)
    shared = drift if common is None else common
    apart_sd, common_sd = drift_sd(drift), drift_sd(shared)
    named = _named(series)
    sources = _aligned(named, dependent)
    groups = [list(group) for group in _groups(tuple(named), dependent) if len(group) > 1]
    settings = {"drift": drift, "common": shared, "dependent": groups, "weekday": weekday, "level": level}
    basis = _basis(named, sources, settings)
    counts = pd.DataFrame(sources.counts.T, index=sources.dates.rename("date"), columns=list(sources.names))
    obstacle = _obstacle(sources)
    if obstacle:
        return _without_numbers(basis, sources, counts, obstacle)
    used = sources.used
    observed, covered = sources.counts[used], sources.exposure[used]
    dates = sources.dates
    plain = fit_reporting_drift(observed, covered, dates, relative_sd=0.0, weekday=weekday)
    # One source alone has no drift against others.
    fit = (
        fit_reporting_drift(observed, covered, dates, relative_sd=apart_sd, weekday=weekday) if len(used) > 1 else plain
    )
    drifts = _drifts(sources, fit, apart_sd, level)
    growth = Estimate(*fit.growth(common_sd, level), level, "per day")
    tipping = _tipping(fit, level)
    return LatentViewResult(
        basis=basis,
        names=sources.names,
        used=tuple(sources.names[k] for k in used),
        growth_without=Estimate(*plain.growth(0.0, level), level, "per day"),
        p_rising_without=Estimate(plain.rising(0.0), unit="probability"),
        growth=growth,
        p_rising=Estimate(fit.rising(common_sd), unit="probability"),
        tipping=tipping,
        explains=Estimate(math.exp(min(abs(growth.value) * DRIFT_DAYS, 700.0)), unit=_FACTOR),
        curve=_curve(fit, tipping, shared, level),
        drifts=drifts,
        courses=_courses(fit, [sources.names[k] for k in used], dates, level),
        days=_days(fit, common_sd, dates, level),
        counts=counts,
        warnings=_warnings(named, sources, fit, drifts, settings),
        fit=fit,
        fit_without=plain,
    )


def _named(series: Sequence[DailySeries] | Mapping[str, DailySeries]) -> dict[str, DailySeries]:
    if isinstance(series, Mapping):
        named = dict(series)
    else:
        names = [each.record.name for each in series]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(
                "two series are of a source of the same name",
                column="series",
                value=", ".join(twice),
                remedy="give a mapping from names to series",
            )
        named = dict(zip(names, series, strict=True))
    if not named:
        raise InputError("there is no series", column="series", remedy="give at least one")
    return named


def _groups(names: tuple[str, ...], dependent: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Give the groups of sources that rest on each other, those that stand alone included."""
    links = np.eye(len(names), dtype=bool)
    for group in dependent:
        if isinstance(group, str):
            raise InputError(
                "a group of sources is a list of names",
                column="dependent",
                value=group,
                remedy='e.g. [("UCDP", "SOHR")]',
            )
        for name in group:
            if name not in names:
                raise UnknownNameError("dependent", name, list(names))
        places = [names.index(name) for name in group]
        links[np.ix_(places, places)] = True
    number, part = csgraph.connected_components(links, directed=False)
    return [tuple(name for name, which in zip(names, part, strict=True) if which == k) for k in range(number)]


def _aligned(named: dict[str, DailySeries], dependent: Sequence[Sequence[str]]) -> _Sources:
    names = tuple(named)
    first, last = min(each.start for each in named.values()), max(each.end for each in named.values())
    dates = pd.date_range(first, last)
    counts, exposure = np.full((len(names), len(dates)), np.nan), np.zeros((len(names), len(dates)))
    for row, each in enumerate(named.values()):
        begin = (each.start - first).days
        share = each.frame["exposure"].to_numpy(dtype=float)
        known = each.whole_counts()
        counts[row, begin : begin + len(share)] = np.where(share > 0.0, known, np.nan)
        exposure[row, begin : begin + len(share)] = np.where(np.isnan(known), 0.0, share)
    stands = list(range(len(names)))
    for group in _groups(names, dependent):
        places = [names.index(name) for name in group]
        # By what was counted and never by the name, so that names change nothing.
        best = max(places, key=lambda k: (_amount(counts[k]), np.nan_to_num(counts[k], nan=-1.0).tolist()))
        for place in places:
            stands[place] = best
    return _Sources(names, counts, exposure, dates, tuple(stands))


def _amount(counts: Floats) -> tuple[int, float]:
    return int((~np.isnan(counts)).sum()), float(np.nansum(counts))


def _basis(named: dict[str, DailySeries], sources: _Sources, settings: dict[str, Any]) -> Basis:
    versions = dict.fromkeys(each.record.version for each in named.values())
    return Basis(
        label=" and ".join(dict.fromkeys(each.label for each in named.values())),
        source="; ".join(named),
        vintage="; ".join(filter(None, versions)),
        start=f"{sources.dates[0]:%Y-%m-%d}",
        end=f"{sources.dates[-1]:%Y-%m-%d}",
        days=len(sources.dates),
        days_observed=int(sources.seen()[sources.used].any(axis=0).sum()),
        method=METHOD,
        settings=settings,
    )


def _obstacle(sources: _Sources) -> str:
    """Say why nothing can be estimated, or nothing."""
    used, seen = sources.used, sources.seen()
    observed = seen[used].any(axis=0)
    if observed.sum() < FEWEST_DAYS:
        return f"{int(observed.sum())} observed days are fewer than {FEWEST_DAYS}"
    total = np.nansum(sources.counts[used], axis=0)
    if total.sum() == 0.0:
        return "no deaths are recorded in the window"
    share = float(total.max() / total.sum())
    if share >= 0.5:
        return f"one day holds {share:.0%} of all recorded deaths, so that a trend would describe that day"
    if len(used) == 1:
        return ""
    shared = seen[used].astype(int) @ seen[used].T.astype(int)
    parts, part = csgraph.connected_components(shared >= FEWEST_SHARED, directed=False)
    if parts > 1:
        apart = "; ".join(
            ", ".join(sources.names[used[k]] for k in np.flatnonzero(part == which)) for which in range(parts)
        )
        return (
            f"fewer than {FEWEST_SHARED} shared days link {apart}, so that their coverage cannot be set against each "
            "other"
        )
    for k in used:
        beside = seen[k] & (seen[used].sum(axis=0) > 1)
        if not sources.counts[k, beside].sum() > 0.0:
            return f"{sources.names[k]} records no deaths on the days that it shares with others"
    return ""


def _tipping(fit: DriftFit, level: float) -> Answer:
    least = fit.tipping(level)
    if least == 1.0:
        return NotEstimable(f"the {level:.0%} interval of the growth holds 0 without any drift that the sources share")
    if math.isinf(least):
        return NotEstimable("no drift of coverage that could be meant would explain the trend away")
    return Estimate(least, unit=_FACTOR)


def _curve(fit: DriftFit, tipping: Answer, declared: float, level: float) -> pd.DataFrame:
    """Give the growth for declared factors from none to beyond the one that explains the trend away."""
    reached = tipping.value * 1.3 if isinstance(tipping, Estimate) else 1.0
    end = max(_LEAST_END, declared * 1.3, min(reached, _GREATEST_END))
    factors = np.exp(np.linspace(0.0, math.log(end), _CURVE_POINTS))
    rows = [(factor, *fit.growth(drift_sd(factor), level), fit.rising(drift_sd(factor))) for factor in factors]
    return pd.DataFrame(rows, columns=CURVE_COLUMNS)


def _drifts(sources: _Sources, fit: DriftFit, apart_sd: float, level: float) -> pd.DataFrame:
    used, reach = sources.used, float(ndtri(0.5 + level / 2.0))
    rows = []
    for k, name in enumerate(sources.names):
        place = used.index(sources.stands[k])
        moments = _moments(fit.coverage, place)
        if sources.stands[k] != k:
            moments += _against(sources, k, apart_sd)
        elif len(used) == 1:
            moments = np.full(4, np.nan)
        at, drift = moments[:2] * (1.0, DRIFT_DAYS)
        wide, drift_wide = np.sqrt(moments[2:]) * (1.0, DRIFT_DAYS) * reach
        ends = np.exp([at, at - wide, at + wide, drift, drift - drift_wide, drift + drift_wide])
        rows.append((name, sources.names[sources.stands[k]], *_amount(sources.counts[k]), *ends))
    return pd.DataFrame(rows, columns=DRIFT_COLUMNS)


def _courses(fit: DriftFit, names: Sequence[str], dates: pd.DatetimeIndex, level: float) -> pd.DataFrame:
    """Give each source's coverage against the mean on each day."""
    if len(names) == 1:
        return pd.DataFrame(columns=COURSE_COLUMNS)
    coverage, number, reach = fit.coverage, len(names), float(ndtri(0.5 + level / 2.0))
    time = (dates - dates[0]).days.to_numpy(dtype=float)
    time = time - time[-1] / 2.0
    parts = []
    for place, name in enumerate(names):
        own = [place, number + place]
        row = np.vstack([np.ones_like(time), time])
        wide = reach * np.sqrt(np.einsum("it,ij,jt->t", row, coverage.covariance[np.ix_(own, own)], row))
        line = coverage.level[place] + coverage.drift[place] * time
        ends = {"coverage": np.exp(line), "low": np.exp(line - wide), "high": np.exp(line + wide)}
        parts.append(pd.DataFrame({"source": name, "date": dates, **ends}))
    return pd.concat(parts, ignore_index=True)


def _moments(coverage: RelativeCoverage, place: int) -> Floats:
    """Give level and drift of one source, and their variances."""
    variance = np.diag(coverage.covariance)
    number = len(coverage.level)
    return np.array([coverage.level[place], coverage.drift[place], variance[place], variance[number + place]])


def _against(sources: _Sources, k: int, apart_sd: float) -> Floats:
    """Give level and drift of a source against the one that stands for it, and their variances."""
    pair = [k, sources.stands[k]]
    both = sources.seen()[pair].all(axis=0)
    if both.sum() < FEWEST_SHARED or not (sources.counts[pair][:, both].sum(axis=1) > 0.0).all():
        return np.full(4, np.nan)
    coverage = _pair(sources, pair, apart_sd)
    # Both stand against their mean, half of the difference away from it.
    return _moments(coverage, 0) * (2.0, 2.0, 4.0, 4.0)


def _pair(sources: _Sources, pair: list[int], apart_sd: float) -> RelativeCoverage:
    both = sources.seen()[pair].all(axis=0)
    time = np.arange(len(sources.dates), dtype=np.float64) - (len(sources.dates) - 1) / 2.0
    counts: Floats = np.where(both, sources.counts[pair], 0.0)
    covered: Floats = np.where(both, sources.exposure[pair], 0.0)
    return fit_relative_coverage(counts, covered, time, apart_sd)


def _days(fit: DriftFit, common_sd: float, dates: pd.DatetimeIndex, level: float) -> pd.DataFrame:
    tails = np.array([0.5, 0.5 - level / 2.0, 0.5 + level / 2.0])
    bands = [fit.expected(0.0, tails), fit.expected(common_sd, tails[1:]), fit.realised(0.0, tails)]
    return pd.DataFrame(np.exp(np.vstack(bands)).T, columns=DAY_COLUMNS, index=dates.rename("date"))


def _warnings(
    named: dict[str, DailySeries], sources: _Sources, fit: DriftFit, drifts: pd.DataFrame, settings: dict[str, Any]
) -> tuple[str, ...]:
    """Say what a reader must know before quoting a number."""
    used = [sources.names[k] for k in sources.used]
    texts = [
        "This is a model and no count: it says what growth fits the sources if their coverage drifts as declared. It "
        "is no estimate of how many died.",
        f"A drift that all sources share leaves no trace in counts. What the interval allows for it (a factor of "
        f"{settings['common']:g} over {DRIFT_DAYS} days) was declared and not estimated.",
    ]
    if len(used) == 1:
        texts.append(
            f"Only {used[0]} enters: no drift can be told from a trend, and drift widens the interval by prior."
        )
    if settings["dependent"]:
        groups = "; ".join(_listed(group) for group in settings["dependent"])
        texts.append(
            f"Sources that rest on each other ({groups}) count as one: {_listed(used)} enters. That they agree "
            "confirms nothing."
        )
    texts.extend(_same_deaths(sources, settings["drift"]))
    texts.extend(_scopes(named))
    limit = settings["drift"]
    known = drifts.dropna(subset=["drift"])
    for name, factor in zip(known["source"], known["drift"].astype(float), strict=True):
        if limit > 1.0 and abs(math.log(factor)) > math.log(limit):
            texts.append(
                f"{name} drifts against the mean of the sources by a factor of {factor:.2f} over {DRIFT_DAYS} days, "
                f"which is more than was declared ({limit:g}): declare more."
            )
    observed = fit.total[~np.isnan(fit.total)]
    if len(observed) < _FEW_DAYS:
        texts.append(
            f"Only {len(observed)} days were observed; in fewer than {_FEW_DAYS} growth can hardly be told from swings."
        )
    share = float(observed.max() / observed.sum())
    if share >= _LARGE_SHARE:
        texts.append(f"One day holds {share:.0%} of all recorded deaths; the trend leans on it.")
    if fit.swinging > _PROBABLY:
        texts.append("The days swing slowly: how much of the growth is a swing that turns cannot be told.")
    elif fit.swinging > _EXCLUDED:
        texts.append(
            "Swings of the level over weeks are not excluded; where there are such, these intervals hold the growth "
            "less often than they say."
        )
    return tuple(texts)


def _same_deaths(sources: _Sources, drift: float) -> list[str]:
    """Say which sources that were not declared dependent split the days too evenly for two that saw by themselves."""
    texts, used = [], sources.used
    for first, k in enumerate(used):
        for other in used[first + 1 :]:
            if sources.seen()[[k, other]].all(axis=0).sum() < FEWEST_SHARED:
                continue
            if _pair(sources, [k, other], drift_sd(drift)).dispersion < _SAME_DEATHS:
                names = _listed(sorted((sources.names[k], sources.names[other])))
                texts.append(
                    f"{names} differ by day less than sources would that see deaths by themselves: both see most of "
                    "them, or one rests on the other; if so, name them in `dependent`."
                )
    return texts


def _scopes(named: dict[str, DailySeries]) -> list[str]:
    """Say in what the series count different things."""
    texts = []
    for what, told in (
        ("victims", [each.whom for each in named.values()]),
        ("place", [_place(each) for each in named.values()]),
    ):
        if len(set(told)) > 1:
            pairs = "; ".join(f"{name}: {value}" for name, value in sorted(zip(named, told, strict=True)))
            texts.append(
                f"The series differ in {what} ({pairs}): a change of the mix of what they count looks like a drift of "
                "coverage."
            )
    return texts


def _place(series: DailySeries) -> str:
    if not series.where:
        return "all that the source covers"
    return series.place or ", ".join(f"{column} {value}" for column, value in series.where.items())


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _without_numbers(basis: Basis, sources: _Sources, counts: pd.DataFrame, reason: str) -> LatentViewResult:
    none = NotEstimable(reason)
    return LatentViewResult(
        basis=basis,
        names=sources.names,
        used=tuple(sources.names[k] for k in sources.used),
        growth_without=none,
        p_rising_without=none,
        growth=none,
        p_rising=none,
        tipping=none,
        explains=none,
        curve=pd.DataFrame(columns=CURVE_COLUMNS, dtype=float),
        drifts=pd.DataFrame(columns=DRIFT_COLUMNS),
        courses=pd.DataFrame(columns=COURSE_COLUMNS),
        days=pd.DataFrame(columns=DAY_COLUMNS, index=pd.DatetimeIndex([], name="date"), dtype=float),
        counts=counts,
        warnings=(),
        fit=None,
        fit_without=None,
    )
