"""Events that a claim may mean where nothing is recorded at the named place: found by rule, never chosen.

Same day or the day beside it, a place in the same district or near, the same class of victims, and a number between
half and twice of what is claimed. The order is by days apart, then the same district, then the way between the places.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from casualties.claims.questions import Question
from casualties.claims.recorded import class_bounds
from casualties.claims.terms import Terms
from casualties.comparison.recorded_range import touching_mask
from casualties.events import Events, place_mask
from casualties.study import Study

__all__ = ["CANDIDATE_COLUMNS", "NEAR_KM", "find_candidates"]

CANDIDATE_COLUMNS = (
    *("claim_id", "source", "event", "date_start", "date_end", "place", "district", "days_apart", "same_district"),
    *("km", "deaths", "low", "high"),
)
NEAR_KM = 25.0
LONGEST, BESIDE = 3, 1
TWICE = 2.0
EARTH_KM = 6371.0


def find_candidates(events: Events, question: Question, study: Study, terms: Terms) -> pd.DataFrame:
    """Find events that may be the one that a claim means.

    Parameters
    ----------
    events : Events
        The source.
    question : Question
        A claim of so many killed in at most three days.
    study : Study
        For its groups of actors.
    terms : Terms
        What words mean.

    Returns
    -------
    DataFrame
        `CANDIDATE_COLUMNS`, likeliest first; ``km`` from where the source has the named place at other times (NaN where
        it has no coordinates). Empty where the source never has the place, or no event is alike.
    """
    none = pd.DataFrame(columns=pd.Index(CANDIDATE_COLUMNS))
    statement = question.statement
    if statement.measure != "killed" or question.days > LONGEST or not question.place.where:
        return none
    bounds = class_bounds(events, terms.victims.get(statement.victims, statement.victims), study)
    named = events.accepted[place_mask(events, question.place.where)]
    if bounds is None or named.empty:
        return none
    day = pd.Timedelta(days=1)
    accepted = events.accepted
    alike = touching_mask(accepted, question.start - BESIDE * day, question.end + BESIDE * day)
    best = bounds["best"].astype("float64")
    alike &= (best >= question.value / TWICE) & (best <= question.value * TWICE) & (best > 0)
    found = accepted[alike]
    before = (question.start - found["date_end"]).dt.days.clip(lower=0)
    after = (found["date_start"] - question.end).dt.days.clip(lower=0)
    districts = set(named["adm2"]) - {""}
    table = pd.DataFrame(
        {
            "claim_id": statement.name,
            "source": events.record.name,
            "event": found["id"],
            "date_start": found["date_start"],
            "date_end": found["date_end"],
            "place": found["place"],
            "district": found["adm2"],
            "days_apart": before + after,
            "same_district": found["adm2"].isin(districts),
            "km": _kilometres(named, found),
            "deaths": bounds.loc[found.index, "best"],
            "low": bounds.loc[found.index, "low"],
            "high": bounds.loc[found.index, "high"],
        }
    )
    table = table[table["same_district"] | (table["km"] <= NEAR_KM)]
    order = table.assign(other=~table["same_district"]).sort_values(
        ["days_apart", "other", "km", "event"], kind="stable"
    )
    return order[list(CANDIDATE_COLUMNS)].reset_index(drop=True)


def _kilometres(named: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Give the way from the named place (the middle of its coordinates) to each event, over the sphere."""
    own = named[["lat", "lon"]].astype("float64").median()
    if own.isna().any():
        return np.full(len(found), math.nan)
    lat, lon = (np.radians(found[name].to_numpy(dtype="float64", na_value=math.nan)) for name in ("lat", "lon"))
    lat0, lon0 = np.radians(own["lat"]), np.radians(own["lon"])
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(half)))
