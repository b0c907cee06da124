"""The same event in two lists: links with a probability each, and how many are shared where links stay in doubt.

Two lists of a war tell an event with other coordinates, days and sizes, and tell other events that look alike. So a
link is never certain, and the number of shared events is an expectation with an interval, which holds also where no
single link can be told. That an event stands in both lists is no confirmation: one may rest on the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from casualties.comparison.event_pairs import DISTANCES, FIELDS, LONG, SIZES, EventPairs, compare_events, read_told
from casualties.comparison.review import Decisions, check_decisions, write_review
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events
from casualties.inference.record_linkage import (
    LINK,
    NO_LINK,
    LinkPosterior,
    Pairs,
    choose_links,
    fit_links,
    sample_links,
)
from casualties.results import Basis, Result

__all__ = ["MatchResult", "match_events", "shared_interval"]

# Pairs below this probability are not listed, unless they are linked or decided.
LEAST = 0.01
# A pair between these probabilities is for a person to decide.
DOUBT = (0.1, 0.9)
# Standard deviation of the log of a common factor by which chance may be misjudged.
MISJUDGED = 0.13
# What is added to it for each unit of the log of crowding, and from which crowding on it is said.
CROWDED, CROWDING = 0.1, 2.0
# An interval that holds more than this share of all possible overlaps says nothing.
NOTHING_SAID = 0.8
# Links whose mean probability is below this cannot be told one by one.
RECOVERED = 0.8
# Share of the events without coordinates above which it is said.
UNLOCATED = 0.2
# Share of the events with neither coordinates nor a name above which the overlap is said to come out too low.
PLACELESS = 0.5
SHORT = "the lists span too few days to count what comes by chance from other days than those of the pairs"
SHOWN = ("date_start", "date_end", "place", "best", "kind")

Answer = Estimate | NotEstimable


@dataclass(frozen=True, slots=True, eq=False)
class MatchResult(Result):
    """Which events of two lists may be the same, and how many are.

    Parameters
    ----------
    basis : Basis
        Both lists, the span they have in common and the settings.
    names : (str, str)
        Names of the two sources.
    rows : (int, int)
        Events of each list.
    pairs : DataFrame
        Candidate pairs of at least 1 %, and those linked or decided: ``id_a, id_b, probability, linked, decision,
        km, days_apart`` and, of each side, ``date_start, date_end, place, best, kind``. Sorted by ids.
    candidates : int
        Pairs that were within reach.
    overlap : Estimate or NotEstimable
        Events in both lists, among pairs within reach.
    share_a, share_b : Estimate or NotEstimable
        The same as a share of each list.
    overlap_draws : array of float, shape (draws,)
        The draws behind the interval.
    levels : DataFrame
        ``field, level, m, u``: how often a shared event, and a pair that is none, agrees at each level.
    warnings : tuple of str
        What a reader must know before quoting a number.
    """

    basis: Basis
    names: tuple[str, str]
    rows: tuple[int, int]
    pairs: pd.DataFrame
    candidates: int
    overlap: Answer
    share_a: Answer
    share_b: Answer
    overlap_draws: np.ndarray
    levels: pd.DataFrame
    warnings: tuple[str, ...]

    @property
    def links(self) -> pd.DataFrame:
        """The pairs that are linked, at most one a row: ``id_a, id_b, probability, …``."""
        return self.pairs[self.pairs["linked"]].reset_index(drop=True)

    @property
    def doubtful(self) -> pd.DataFrame:
        """The pairs that a person should decide: neither likely nor unlikely, and not decided."""
        low, high = DOUBT
        doubt = self.pairs["probability"].between(low, high) & (self.pairs["decision"] == "")
        return self.pairs[doubt].reset_index(drop=True)

    def review(self, path: str | Path) -> None:
        """Write the doubtful pairs, and those already decided, as a sheet with a column for decisions.

        The sheet holds ids, days, places, types and figures, nothing else. Fill in ``same`` or ``different`` and read
        it with `read_decisions`.

        Parameters
        ----------
        path : str or Path
            Where to; a file that is there is replaced.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        decided = self.pairs[self.pairs["decision"] != ""]
        write_review(pd.concat([self.doubtful, decided], ignore_index=True), path)

    def to_frame(self) -> pd.DataFrame:
        """Give the candidate pairs."""
        return self.pairs

    def summary(self) -> str:
        """Give the answer as text."""
        first, second = self.names
        links = self.links
        sure = f", mean probability {links['probability'].mean():.2f}" if len(links) else ""
        return "\n".join(
            [
                f"{first} and {second}: events in both",
                *self.basis.lines(),
                f"Events:   {self.rows[0]:,} and {self.rows[1]:,}; {self.candidates:,} pairs within reach",
                f"Shared:   {self.overlap.words(',.0f')} events",
                f"Of each:  {self.share_a.words('.0%')} of {first}, {self.share_b.words('.0%')} of {second}",
                f"Links:    {len(links):,}{sure}; {len(self.doubtful):,} pairs are doubtful",
                "An event in both lists is not confirmed by that: one list may rest on the other.",
                *(f"Warning:  {sentence}" for sentence in self.warnings),
            ]
        )


def match_events(
    a: Events,
    b: Events,
    *,
    max_km: float = 25.0,
    max_days: int = 5,
    decisions: Decisions | None = None,
    level: float = 0.95,
    draws: int = 500,
    seed: int = 1,
) -> MatchResult:
    """Find the events that stand in two lists.

    Pairs within reach are compared by distance and name of place (together, for the two depend on each other), by days
    apart (runs of days by the days between them; they overlap at 0), by size (ratio, by class of the smaller) and by
    type. What a list does not say of an event says nothing for or against a link.

    Parameters
    ----------
    a, b : Events
        The lists.
    max_km : float, optional
        Pairs farther apart are not the same event. A pair of which one has no coordinates is compared by name.
    max_days : int, optional
        Pairs with more days between them are not the same event.
    decisions : Decisions, optional
        What a person has decided (`read_decisions`): these pairs are known, teach the model, and are kept.
    level : float, optional
        Level of the intervals.
    draws : int, optional
        Draws behind probabilities and intervals.
    seed : int, optional
        Their seed.

    Returns
    -------
    MatchResult
        The overlap is not estimable where a list is empty, where the lists span fewer days than four times the days
        within which pairs are looked for, and where anything between few and nearly all events may be shared.

    Raises
    ------
    InputError
        If a setting cannot be used, or a decision names an event that is not there.

    Notes
    -----
    How often agreement comes by chance is counted from events that lie too many days apart to be one, around each event
    for itself, and raised where the events of one list crowd together in days. How shared events agree is learned by EM
    and then drawn together with the links, of which each event has at most one. The interval of the overlap holds both,
    and that chance may be misjudged by a common factor (standard deviation of its log 0.13, more where events come in
    bursts). It counts pairs within reach only, and supposes that no list has one event in two rows.

    References
    ----------
    Fellegi, I. P. and Sunter, A. B. (1969), JASA 64, 1183-1210. Sadinle, M. (2017), JASA 112, 600-612.

    Examples
    --------
    >>> from casualties.simulate.event_lists import ListsLaw, simulate_event_lists
    >>> lists = simulate_event_lists(np.random.default_rng(3), ListsLaw(rows=(150, 200), shared=0.5))
    >>> result = match_events(lists.a, lists.b)
    >>> result.rows, result.overlap.low <= len(lists.links) <= result.overlap.high
    ((150, 200), True)
    """
    _check(max_km, max_days, level, draws)
    left, right = a.accepted, b.accepted
    known = (
        check_decisions(decisions, left["id"], right["id"])
        if decisions is not None
        else pd.DataFrame({"a": [], "b": [], "same": []}).astype({"a": "int64", "b": "int64", "same": "bool"})
    )
    basis = _basis(a, b, {"max_km": max_km, "max_days": max_days, "level": level, "draws": draws}, len(known), seed)
    rows = (len(left), len(right))
    if not min(rows):
        return _nothing(basis, a, b, NotEstimable(f"{a.record.name if not rows[0] else b.record.name} has no events"))
    # The answer must not depend on the order of the rows or of the lists.
    orders = [_order(frame) for frame in (left, right)]
    turned = _stamp(left, orders[0]) > _stamp(right, orders[1])
    sides = (
        [(right, orders[1], "b"), (left, orders[0], "a")]
        if turned
        else [(left, orders[0], "a"), (right, orders[1], "b")]
    )
    (one, order_one, name_one), (two, order_two, name_two) = sides
    told = read_told(one.iloc[order_one], two.iloc[order_two])
    decided = np.column_stack([np.argsort(order_one)[known[name_one]], np.argsort(order_two)[known[name_two]]])
    near = compare_events(*told, max_km, max_days, decided)
    if not len(near.pairs.first):
        reason = f"no two events lie within {max_km:g} km and {max_days} days"
        return _nothing(basis, a, b, Estimate(0.0, 0.0, 0.0, level, "events"), f"The overlap is 0: {reason}.")
    pairs = _decided(near.pairs, decided, known["same"].to_numpy(dtype=bool))
    model = fit_links(pairs)
    posterior = sample_links(pairs, model, draws=draws, seed=seed)
    linked = choose_links(pairs, posterior.probability)
    at = (order_one[pairs.first], order_two[pairs.second])
    table = _table(left, right, at[::-1] if turned else at, posterior, linked, near, pairs)
    shared = _overlap_draws(pairs, posterior, near.crowding, seed)
    overlap = _overlap(shared, rows, level, int(known["same"].sum())) if near.own_days else NotEstimable(SHORT)
    return MatchResult(
        basis=basis,
        names=(a.record.name, b.record.name),
        rows=rows,
        pairs=table,
        candidates=len(pairs.first),
        overlap=overlap,
        share_a=_share(overlap, rows[0]),
        share_b=_share(overlap, rows[1]),
        overlap_draws=shared,
        levels=_levels(posterior, model.u, max_km, max_days),
        warnings=tuple(_warnings((a, b), near, posterior.probability[linked], overlap, decisions)),
    )


def _check(max_km: float, max_days: int, level: float, draws: int) -> None:
    if not 0.0 < max_km < math.inf:
        raise InputError("the largest distance is a number of km above 0", column="max_km", value=max_km)
    if isinstance(max_days, bool) or not isinstance(max_days, int) or not 0 <= max_days <= 30:
        raise InputError("the most days apart are a whole number from 0 to 30", column="max_days", value=max_days)
    if not 0.0 < level < 1.0:
        raise InputError("must lie between 0 and 1", column="level", value=level, remedy="write 0.95 for 95 %")
    if draws < 100:
        raise InputError("at least 100 draws are needed for an interval", column="draws", value=draws)


def _basis(a: Events, b: Events, settings: dict[str, Any], decided: int, seed: int) -> Basis:
    spans = [frame for frame in (a.accepted, b.accepted) if len(frame)]
    start = max((frame["date_start"].min() for frame in spans), default=None)
    end = min((frame["date_end"].max() for frame in spans), default=None)
    days = max((end - start).days + 1, 0) if start is not None and end is not None else 0
    return Basis(
        label=f"events of {a.record.name} and of {b.record.name}",
        source="; ".join(dict.fromkeys((a.record.name, b.record.name))),
        vintage="; ".join(dict.fromkeys(filter(None, (a.record.version, b.record.version)))),
        start="" if start is None else f"{start:%Y-%m-%d}",
        end="" if end is None else f"{end:%Y-%m-%d}",
        days=days,
        days_observed=days,
        method="record linkage (Fellegi and Sunter), at most one link an event, posterior draws",
        settings={**settings, "decisions": decided},
        seed=seed,
    )


def _order(frame: pd.DataFrame) -> np.ndarray:
    """Give an order of the rows that does not depend on the one they stand in."""
    return np.lexsort([frame["id"].astype("str").to_numpy(dtype=object), frame["date_start"].to_numpy()])


def _stamp(frame: pd.DataFrame, order: np.ndarray) -> tuple[int, str]:
    """Give what tells two lists apart, whichever is named first."""
    sorted_ = frame.iloc[order]
    listed = sorted_[["date_start", "best", "id"]].astype("str")
    return len(frame), ";".join(listed.to_numpy(dtype=object).ravel())


def _decided(pairs: Pairs, decided: np.ndarray, same: np.ndarray) -> Pairs:
    """Enter the decisions as what is known."""
    columns = pairs.rows[1]
    place = np.searchsorted(pairs.first * columns + pairs.second, decided[:, 0] * columns + decided[:, 1])
    known = pairs.known.copy()
    known[place] = np.where(same, LINK, NO_LINK)
    return Pairs(pairs.first, pairs.second, pairs.rows, pairs.levels, pairs.log_chance, pairs.pseudo, known)


def _table(
    left: pd.DataFrame,
    right: pd.DataFrame,
    at: tuple[np.ndarray, np.ndarray],
    posterior: LinkPosterior,
    linked: np.ndarray,
    near: EventPairs,
    pairs: Pairs,
) -> pd.DataFrame:
    """List the pairs worth a look."""
    known = pairs.known
    shown = (posterior.probability >= LEAST) | linked | (known != 0)
    row_a, row_b = at[0][shown], at[1][shown]
    words = np.select([known == LINK, known == NO_LINK], ["same", "different"], "")
    columns = {
        "id_a": left["id"].astype("str").to_numpy(dtype=object)[row_a],
        "id_b": right["id"].astype("str").to_numpy(dtype=object)[row_b],
        "probability": np.clip(posterior.probability[shown], 0.0, 1.0),
        "linked": linked[shown],
        "decision": words[shown],
        "km": near.km[shown],
        "days_apart": near.days[shown],
    }
    for name in SHOWN:
        columns[f"{name}_a"] = left[name].array.take(row_a)
        columns[f"{name}_b"] = right[name].array.take(row_b)
    return pd.DataFrame(columns).sort_values(["id_a", "id_b"], ignore_index=True)


def _overlap_draws(pairs: Pairs, posterior: LinkPosterior, crowding: float, seed: int) -> np.ndarray:
    """Give draws of the number of shared events, chance misjudged by a common factor.

    A factor of e^d on all chances tilts the draws by e^(-nd), so that their mean moves by their variance times d; where
    places say little that is far more than the pairs alone would tell, for the links of all hang together.
    """
    doubt = float((posterior.probability * (1.0 - posterior.probability)).sum())
    spread = MISJUDGED * max(doubt, float(posterior.shared.var())) + CROWDED * math.log(crowding) * doubt
    moved = posterior.shared + spread * np.random.default_rng(seed).standard_normal(len(posterior.shared))
    return np.asarray(np.clip(moved, (pairs.known == LINK).sum(), min(pairs.rows)))


def shared_interval(draws: np.ndarray, level: float) -> tuple[float, float]:
    """Give the interval of a number of shared events, in whole events, that holds the mean.

    Parameters
    ----------
    draws : array of float, shape (draws,)
        Draws of the number.
    level : float
        The level.

    Examples
    --------
    >>> shared_interval(np.array([3.0, 4.0, 5.0, 6.0]), 0.5)
    (4.0, 5.0)
    """
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail])
    mean = float(draws.mean())
    return float(min(round(low), math.floor(mean))), float(max(round(high), math.ceil(mean)))


def _overlap(shared: np.ndarray, rows: tuple[int, int], level: float, decided: int) -> Answer:
    """Give the number of shared events, or that the lists do not tell it."""
    low, high = shared_interval(shared, level)
    possible = min(rows) - decided
    # Few events are never told: with ten of them any interval is wide, and still an answer.
    if possible >= 5 and high - low > NOTHING_SAID * possible:
        return NotEstimable(
            f"anything from {low:,.0f} to {high:,.0f} of {min(rows):,} events may be shared: the lists say too little"
        )
    return Estimate(float(shared.mean()), low, high, level, "events")


def _share(overlap: Answer, rows: int) -> Answer:
    if isinstance(overlap, NotEstimable):
        return overlap
    return Estimate(overlap.value / rows, overlap.low / rows, min(overlap.high / rows, 1.0), overlap.level, "share")


def _levels(posterior: LinkPosterior, u: list[np.ndarray], max_km: float, max_days: int) -> pd.DataFrame:
    """Tabulate how shared events and other pairs agree."""
    km = [f"up to {share * max_km:g} km" for share in DISTANCES]
    names = ["same name", "other name"]
    days = ["same day or overlap", "1 day", "2 days", "3 days" if max_days <= 3 else f"3 to {max_days} days"]
    ratios = [f"log ratio up to {end:g}" if math.isfinite(end) else "more" for end in SIZES]
    both = [f"{near}, {name}" for near in km for name in names]
    words = [both, km, names, days, days, *([["same size", *ratios[1:]]] * 3), ["same type", "other type"]]
    rows = [
        (field, word, float(m[k]), float(chance[k]))
        for field, listed, m, chance in zip(FIELDS, words, posterior.m, u, strict=True)
        for k, word in enumerate(listed)
    ]
    return pd.DataFrame(rows, columns=["field", "level", "m", "u"])


def _warnings(
    lists: tuple[Events, Events],
    near: EventPairs,
    certain: np.ndarray,
    overlap: Answer,
    decisions: Decisions | None,
) -> list[str]:
    found = []
    if not near.own_days:
        found.append(
            "The lists span too few days to count chance from other days than those of the pairs: chance is taken too "
            "high, and links are likely to be missed."
        )
    if len(certain) and float(certain.mean()) < RECOVERED and overlap:
        found.append(
            f"Single links cannot be told: their mean probability is {certain.mean():.2f}. Quote the overlap with its "
            "interval, not the links."
        )
    if near.crowding > CROWDING:
        found.append(
            f"Events come in bursts: within one list {near.crowding:.1f} times as many lie near each other as other "
            "days foretell. Links within a burst are less sure than their probability says."
        )
    for events in lists:
        frame = events.accepted
        unlocated = float(frame["lat"].isna().mean())
        if unlocated > UNLOCATED:
            found.append(f"{unlocated:.0%} of the events of {events.record.name} have no coordinates.")
        placeless = float((frame["lat"].isna() & (frame["place"].fillna("") == "")).mean())
        if placeless > PLACELESS and overlap:
            found.append(
                f"{placeless:.0%} of the events of {events.record.name} have neither coordinates nor a place: days and "
                "sizes alone tell little, and the number of shared events tends to come out too low."
            )
        lasting = int(((frame["date_end"] - frame["date_start"]).dt.days > LONG).sum())
        if lasting:
            found.append(
                f"{lasting:,} events of {events.record.name} last more than {LONG} days: they overlap so much "
                "that their links mean little."
            )
    if decisions is not None and len(decisions):
        found.append(f"{len(decisions):,} pairs were decided by a person and are taken as known.")
    return found


def _nothing(basis: Basis, a: Events, b: Events, overlap: Answer, *warnings: str) -> MatchResult:
    """Give the answer where there is no pair."""
    rows = (len(a.accepted), len(b.accepted))
    columns = ["id_a", "id_b", "probability", "linked", "decision", "km", "days_apart"]
    empty = pd.DataFrame({name: [] for name in [*columns, *(f"{one}_{side}" for one in SHOWN for side in "ab")]})
    empty = empty.astype({"linked": "bool", "probability": "float64", "km": "float64", "decision": "str"})
    return MatchResult(
        basis=basis,
        names=(a.record.name, b.record.name),
        rows=rows,
        pairs=empty,
        candidates=0,
        overlap=overlap,
        share_a=_share(overlap, rows[0]),
        share_b=_share(overlap, rows[1]),
        overlap_draws=np.zeros(0),
        levels=pd.DataFrame(columns=["field", "level", "m", "u"]),
        warnings=warnings,
    )
