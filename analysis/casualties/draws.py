"""What the source leaves open, sampled: each event gets a number within its range and a day within its dates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.ledger import ESTIMATES

__all__ = [
    "Draws",
    "Records",
    "day_probabilities",
    "origin_of_draws",
    "repeat_counts",
    "sample_counts",
    "sample_totals",
]

WEIGHTS = ("series",)
ONE_DAY_PRECISION, ONE_DAY_LENGTH = 3, 31
EVEN_SHARE = 0.1
_TOTALS, _DATES = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """What a series keeps of its events so that their days and numbers can be drawn.

    Parameters
    ----------
    ids : tuple of str
        The events' ids, each once.
    first : array of datetime64[D], shape (events,)
        First day on which each event may have happened.
    days : array of int, shape (events,)
        Number of days from the first to the last possible day, at least 1.
    date_prec : array of int, shape (events,)
        The source's code of how well the date is known, 1 (the day) to 5 (the year).
    deaths : array of float, shape (events, 3)
        ``low, best, high`` of the victims counted; NaN where the source gives none.
    known : Series
        Deaths of the events of one day, by that day (a DatetimeIndex without gaps over all possible days).
    """

    ids: tuple[str, ...]
    first: np.ndarray
    days: np.ndarray
    date_prec: np.ndarray
    deaths: np.ndarray
    known: pd.Series


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Equally good readings of one record: each a whole number of deaths for every day.

    Parameters
    ----------
    counts : array of int, shape (n, days)
        Deaths by draw and day; 0 on days that are not observed.
    outside : array of int, shape (n,)
        Deaths of the same events that each draw puts on a day before or after the series, or on one that is not
        observed.
    index : DatetimeIndex
        The days.
    observed : array of bool, shape (days,)
        Which days are observed.
    seed : int
        The seed.
    law : str
        What was drawn, and how, in words.
    origin : str
        Digest of what was drawn from (`origin_of_draws`): draws are of a series where the two digests are equal.
    weights : {None, "series"}
        Whether the days of an event were equally probable or followed the deaths known to the day.
    """

    counts: np.ndarray
    outside: np.ndarray
    index: pd.DatetimeIndex
    observed: np.ndarray
    seed: int
    law: str
    origin: str
    weights: str | None = None

    @property
    def total(self) -> np.ndarray:
        """Deaths in the series by draw, shape (n,)."""
        return np.asarray(self.counts.sum(axis=1))

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"<Draws: {len(self)} of {self.index[0].date()} to {self.index[-1].date()}, seed {self.seed}>"


def sample_totals(low: int, best: int, high: int, uniforms: np.ndarray) -> np.ndarray:
    """Draw an event's deaths from its low, best and high by the discrete triangular law.

    Every whole number from low to high is possible, best is the most probable one, and the probability falls in
    equal steps from there to the first impossible number on either side: in proportion to ``1 - (best - k) / (best
    - low + 1)`` below and ``1 - (k - best) / (high - best + 1)`` above. The mean is exactly (low + best + high) / 3,
    so draws lie above best on average where the source's high is further away than its low; with arms ``a = best -
    low`` and ``b = high - best`` the variance is ``(a(a+1)(a+2) + b(b+1)(b+2)) / (6(a+b+2)) - ((b-a)/3)^2``.

    The law takes the source at its word. UCDP calls best "the best (most likely) estimate", low "the lowest reliable
    estimate" and high "the highest reliable estimate": a mode between two ends, not a mean with a confidence interval.
    A law whose mean is best would have to leave that range or to leave it unused: in nineteen of twenty events with a
    range (in the bundled study) best is one of its ends, most often the lower one, and within such a range no law but
    best itself has its mean there. The ends come from reports as well and are no bounds of the truth.

    Parameters
    ----------
    low, best, high : int
        The source's figures. Where they are out of order they are taken in order of size: the middle one is then
        the most probable.
    uniforms : array of float, shape (n, 3)
        Independent numbers, uniform on [0, 1).

    Returns
    -------
    array of int, shape (n,)

    References
    ----------
    UCDP Georeferenced Event Dataset Codebook (Högbladh 2019, version 19.1), for the words of low, best and high;
    Kokonendji, Senga Kiessé and Zocchi (2007), Journal of Nonparametric Statistics 19, 241-254, for equal arms;
    Kokonendji and Zocchi (2010), Statistics & Probability Letters 80, 1655-1662, for unequal ones (both exponents 1).

    Examples
    --------
    >>> sample_totals(3, 5, 12, np.array([[0.9, 0.0, 0.99], [0.0, 0.0, 0.99], [0.5, 0.5, 0.5]]))
    array([12,  3,  5])
    """
    low, best, high = sorted((low, best, high))
    below, above = best - low, high - best
    # The distance of two uniform numbers on 0..a follows one arm of the triangle with half of its peak, so an arm
    # chosen in proportion to a + 1 gives the whole law exactly.
    down = uniforms[:, 0] * (below + above + 2) < below + 1
    sizes = np.where(down, below, above) + 1
    distance = np.abs(np.floor(uniforms[:, 1] * sizes) - np.floor(uniforms[:, 2] * sizes)).astype("int64")
    return np.asarray(np.where(down, best - distance, best + distance))


def day_probabilities(known: np.ndarray) -> np.ndarray:
    """Give the days of an event their probabilities from the deaths that are known to the day.

    Nine tenths follow those deaths, one tenth is spread evenly so that no day is ruled out. Without any such death
    the days are equally probable.

    Parameters
    ----------
    known : array of float, shape (days,)
        Deaths of events of one day, on each day of the event.

    Returns
    -------
    array of float, shape (days,)
        They add up to 1.

    Examples
    --------
    >>> day_probabilities(np.array([30.0, 10.0])).round(3)
    array([0.725, 0.275])
    >>> day_probabilities(np.zeros(4))
    array([0.25, 0.25, 0.25, 0.25])
    """
    even = np.full(len(known), 1 / len(known))
    total = known.sum()
    if total == 0:
        return even
    return np.asarray((1 - EVEN_SHARE) * known / total + EVEN_SHARE * even)


def sample_counts(
    records: Records,
    index: pd.DatetimeIndex,
    observed: np.ndarray,
    n: int,
    seed: int,
    *,
    estimate: str = "best",
    weights: str | None = None,
) -> Draws:
    """Draw n series from the events that may have happened on the given days.

    What is drawn for an event depends on the seed, its id and its own figures alone: neither the order of events nor
    the window moves it, and a longer run begins with the shorter one. With equally probable days, series of several
    places or victims put an incident on the same day in the same draw. Events are drawn independently of each other:
    an error that all of them share (a source that always counts low) is not in the draws.

    Parameters
    ----------
    records : Records
        The events.
    index : DatetimeIndex, shape (days,)
        The days of the series, without gaps.
    observed : array of bool, shape (days,)
        Which of them are observed; deaths that fall on the others are outside.
    n : int
        Number of draws.
    seed : int
        At least 0.
    estimate : {"best", "low", "high"}
        ``"best"``: the number of deaths is drawn (`sample_totals`) where the source gives a range, else it is best.
        ``"low"``, ``"high"``: it is that figure (best where the source gives none), and only days are drawn.
    weights : {None, "series"}
        Days of an event are equally probable, or follow the deaths known to the day (`day_probabilities`).

    Returns
    -------
    Draws
        Events with ``date_prec`` of 3 or less that may lie on at most 31 days are taken as one incident: all their
        deaths fall on one day. Those with a vaguer date or a longer window sum up many incidents: each of their deaths
        gets its own day (multinomial).

    Raises
    ------
    InputError
        If `n` or `seed` is not a whole number in range.
    UnknownNameError
        If `estimate` or `weights` is not among the choices.
    ConservationError
        If a draw loses or invents deaths (a fault of the package).

    Examples
    --------
    >>> days = pd.date_range("2019-05-01", periods=4)
    >>> records = Records(("a",), days[:1].to_numpy("datetime64[D]"), np.array([2]), np.array([2]),
    ...                   np.array([[5.0, 5.0, 5.0]]), pd.Series(0.0, index=days))
    >>> draws = sample_counts(records, days, np.ones(4, dtype=bool), 100, seed=1)
    >>> sorted({tuple(row) for row in draws.counts.tolist()})
    [(0, 5, 0, 0), (5, 0, 0, 0)]
    """
    _check_run(n, seed, weights)
    if estimate not in ESTIMATES:
        raise UnknownNameError("estimate", estimate, ESTIMATES)
    start, touching = _touching(records, index)
    low, best, high = records.deaths.T
    given = ~np.isnan(low) & ~np.isnan(high)
    ranged = given & ((low != best) | (high != best)) if estimate == "best" else np.zeros(len(best), dtype=bool)
    figure = records.deaths[:, ESTIMATES.index(estimate)]
    fixed = np.where(np.isnan(figure), best, figure).astype("int64")
    one_day = (records.date_prec <= ONE_DAY_PRECISION) & (records.days <= ONE_DAY_LENGTH)
    several = records.days > 1

    settled = touching[~ranged[touching] & ~several[touching]]
    counts = np.tile(np.bincount(start[settled], fixed[settled], len(index)).astype("int64"), (n, 1))
    outside = np.zeros(n, dtype="int64")
    sampled = np.full(n, fixed[settled].sum())
    rows = np.arange(n)
    offset = start - int((records.known.index[0] - index[0]) / pd.Timedelta(days=1))
    known = records.known.to_numpy(dtype="float64")
    for event in touching[ranged[touching] | several[touching]].tolist():
        totals = np.full(n, fixed[event])
        if ranged[event]:
            uniforms = _stream(seed, records.ids[event], _TOTALS).random((n, 3))
            totals = sample_totals(int(low[event]), int(best[event]), int(high[event]), uniforms)
        sampled += totals
        first, length = int(start[event]), int(records.days[event])
        if length == 1:
            counts[:, first] += totals
            continue
        place = int(offset[event])
        chances = day_probabilities(known[place : place + length] if weights else np.zeros(length))
        stream = _stream(seed, records.ids[event], _DATES)
        if one_day[event]:
            day = first + np.minimum(np.searchsorted(np.cumsum(chances), stream.random(n), side="right"), length - 1)
            inside = (day >= 0) & (day < len(index))
            counts[rows[inside], day[inside]] += totals[inside]
            outside[~inside] += totals[~inside]
            continue
        scattered = stream.multinomial(totals, chances)
        begin, end = max(first, 0), min(first + length, len(index))
        within = scattered[:, begin - first : end - first]
        counts[:, begin:end] += within
        outside += totals - within.sum(axis=1)
    outside += counts[:, ~observed].sum(axis=1)
    counts[:, ~observed] = 0
    _check_draws(counts, outside, sampled)
    law = _law(touching, ranged, several, one_day, estimate, weights)
    origin = origin_of_draws(records, index, observed, estimate=estimate, weights=weights)
    return Draws(counts, outside, index, observed.copy(), seed, law, origin, weights)


def repeat_counts(
    counts: np.ndarray, index: pd.DatetimeIndex, observed: np.ndarray, n: int, seed: int, *, weights: str | None = None
) -> Draws:
    """Give a series without anything to draw (its days and numbers are given) n times over.

    Parameters
    ----------
    counts : array of float, shape (days,)
        Deaths by day, NaN on days that are not observed.
    index : DatetimeIndex, shape (days,)
        The days.
    observed : array of bool, shape (days,)
        Which days are observed.
    n, seed : int
        Number of draws, and the seed (recorded only).
    weights : {None, "series"}
        Without effect, and checked all the same.

    Returns
    -------
    Draws

    Raises
    ------
    InputError
        If `n` or `seed` is not a whole number in range.
    UnknownNameError
        If `weights` is not among the choices.

    Examples
    --------
    >>> repeat_counts(np.array([3.0, 0.0]), pd.date_range("2019-05-01", periods=2), np.ones(2, dtype=bool), 2, 1).counts
    array([[3, 0],
           [3, 0]])
    """
    _check_run(n, seed, weights)
    whole = np.where(observed, np.nan_to_num(counts), 0).astype("int64")
    law = "nothing is drawn: the source gives one number for each day, and every draw repeats it"
    origin = origin_of_draws(counts, index, observed, weights=weights)
    none = np.zeros(n, dtype="int64")
    return Draws(np.tile(whole, (n, 1)), none, index, observed.copy(), seed, law, origin, weights)


def origin_of_draws(
    drawn_from: Records | np.ndarray,
    index: pd.DatetimeIndex,
    observed: np.ndarray,
    *,
    estimate: str = "best",
    weights: str | None = None,
) -> str:
    """Name what draws are made from, so that those of one series are not taken for those of another.

    Parameters
    ----------
    drawn_from : Records or array of float, shape (days,)
        The events, or the deaths by day where there is nothing to draw.
    index : DatetimeIndex, shape (days,)
        The days.
    observed : array of bool, shape (days,)
        Which of them are observed.
    estimate : {"best", "low", "high"}
        The figure that is drawn around; without effect on deaths by day.
    weights : {None, "series"}
        As in `sample_counts`; without effect on deaths by day.

    Returns
    -------
    str
        A digest of everything on which the draws rest but their number and seed. The order of the events, and events
        that cannot have happened on these days, do not change it.

    Examples
    --------
    >>> days, seen = pd.date_range("2019-05-01", periods=2), np.ones(2, dtype=bool)
    >>> one, other = (origin_of_draws(np.array(counts), days, seen) for counts in ([3.0, 0.0], [3.0, 1.0]))
    >>> one == other, one == origin_of_draws(np.array([3.0, 0.0]), days, seen)
    (False, True)
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{index[0].date()} {len(index)}\n".encode())
    digest.update(np.asarray(observed, dtype=bool).tobytes())
    if not isinstance(drawn_from, Records):
        digest.update(np.where(observed, np.nan_to_num(drawn_from), 0).astype("<f8").tobytes())
        return digest.hexdigest()
    start, touching = _touching(drawn_from, index)
    touching = np.array(sorted(touching.tolist(), key=lambda event: drawn_from.ids[event]), dtype="int64")
    digest.update(f"\n{estimate} {weights or ''}\n".encode())
    digest.update("\0".join(drawn_from.ids[event] for event in touching.tolist()).encode())
    whole = np.column_stack([start, drawn_from.days, drawn_from.date_prec])[touching]
    digest.update(whole.astype("<i8").tobytes())
    # A figure that is not given differs from every figure, and all ways to store "none" are one.
    digest.update(np.nan_to_num(drawn_from.deaths[touching], nan=-1.0).astype("<f8").tobytes())
    if weights and len(touching):
        ends = start + drawn_from.days
        first = index[0] + pd.Timedelta(days=int(start[touching].min()))
        last = index[0] + pd.Timedelta(days=int(ends[touching].max()) - 1)
        digest.update(drawn_from.known.loc[first:last].to_numpy(dtype="<f8").tobytes())
    return digest.hexdigest()


def _touching(records: Records, index: pd.DatetimeIndex) -> tuple[np.ndarray, np.ndarray]:
    """Give the first day of every event, counted from the first of the index, and the events that meet its days."""
    start = records.first.astype("datetime64[D]").astype("int64") - index[0].to_datetime64().astype(
        "datetime64[D]"
    ).astype("int64")
    return start, np.flatnonzero((start < len(index)) & (start + records.days > 0))


def _stream(seed: int, name: str, purpose: int) -> np.random.Generator:
    """Give the random numbers that belong to one event and purpose, whatever else is drawn."""
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(*words, purpose))))


def _check_run(n: int, seed: int, weights: str | None) -> None:
    """Raise unless the number of draws and the seed are whole numbers in range and the weights are known."""
    if weights is not None and weights not in WEIGHTS:
        raise UnknownNameError("weights", weights, WEIGHTS)
    for name, value, least in (("n", n, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise InputError(
                f"this must be a whole number of at least {least}",
                column=name,
                value=value,
                remedy="e.g. n=200, seed=1",
            )


def _check_draws(counts: np.ndarray, outside: np.ndarray, sampled: np.ndarray) -> None:
    """Raise unless every draw holds all the deaths that were drawn for its events."""
    kept = counts.sum(axis=1) + outside
    wrong = np.flatnonzero(kept != sampled)
    if len(wrong):
        raise ConservationError(
            f"draw {wrong[0]}: {sampled[wrong[0]]:,} deaths were drawn and {kept[wrong[0]]:,} are accounted for"
        )


def _law(
    touching: np.ndarray,
    ranged: np.ndarray,
    several: np.ndarray,
    one_day: np.ndarray,
    estimate: str,
    weights: str | None,
) -> str:
    """Say in words what was drawn."""
    vague = touching[several[touching]]
    moved = int(one_day[vague].sum())
    numbers = (
        f"deaths: discrete triangular law from low over best to high where the source gives a range "
        f"({int(ranged[touching].sum()):,} of {len(touching):,} events), else best"
        if estimate == "best"
        else f"deaths: the source's {estimate}"
    )
    chances = "as the deaths known to the day, with a tenth spread evenly" if weights else "all equally probable"
    return (
        f"{numbers}; dates: one day for the whole event where date_prec is 3 or less and the window at most 31 days "
        f"({moved:,} events), else a day for each death ({len(vague) - moved:,} events); days {chances}"
    )
