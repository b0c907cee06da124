"""The record of past forecasts: which days it forecasts from, what it compares, and that it sees no future.

Tolerances. Scores are recomputed from their definition to rounding. On simulated independent days shares held lie
within four binomial standard errors of nominal.
"""

import math

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.models.track_record import track_record
from casualties.series import DailySeries

START = "2019-01-07"


def series_of(values):
    return DailySeries.from_counts(np.asarray(values, dtype=float), START)


def noisy(rng, mean, size=2.0):
    return rng.poisson(rng.gamma(size, np.asarray(mean, dtype=float) / size)).astype(float)


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(1)
    return noisy(rng, 6.0 * np.exp(np.cumsum(rng.normal(0.0, 0.05, 330))))


@pytest.fixture(scope="module")
def record(counts):
    return track_record(series_of(counts), paths=200, seed=2)


def test_forecasts_stand_every_fortnight_from_the_112th_day(record, counts):
    position = (pd.DatetimeIndex(record.origins["date"]) - pd.Timestamp(START)).days
    assert position.tolist() == list(range(111, 330 - 14, 14))
    came = [counts[end + 1 : end + 15].sum() for end in position]
    assert record.origins["came"].tolist() == came
    assert record.left_out == 0
    assert any("Only 15 forecasts" in text for text in record.warnings)


def test_scores_are_means_over_the_forecasts(record, counts):
    scores = record.scores.set_index("method")
    assert scores.index.tolist() == [
        "pool",
        "negative binomial, 28 days",
        "days of the last 56",
        "same as the last days",
    ]
    assert scores.loc["pool", "crps_total"] == pytest.approx(record.origins["crps"].mean())
    inside = record.origins["came"].between(record.origins["low_80"], record.origins["high_80"])
    assert scores.loc["pool", "total_80"] == pytest.approx(inside.mean())
    position = (pd.DatetimeIndex(record.origins["date"]) - pd.Timestamp(START)).days
    errors = [abs(counts[end - 13 : end + 1].sum() - counts[end + 1 : end + 15].sum()) for end in position]
    assert scores.loc["same as the last days", "crps_total"] == pytest.approx(np.mean(errors))
    rule = scores.loc["negative binomial, 28 days", "crps_total"]
    assert record.skill.value == pytest.approx(1.0 - scores.loc["pool", "crps_total"] / rule)
    assert record.skill.low < record.skill.value < record.skill.high
    assert record.to_frame().equals(record.scores)
    assert "Skill over the negative binomial" in record.summary()


def test_the_transform_adds_up(record):
    assert record.pit["share"].sum() == pytest.approx(1.0)
    assert len(record.pit) == 10


def test_a_forecast_knows_nothing_of_later_days(record, counts):
    changed = counts.copy()
    changed[200:] *= 5
    again = track_record(series_of(changed), paths=200, seed=2)
    early = record.origins["date"] < pd.Timestamp(START) + pd.Timedelta(days=200)
    columns = ["median", "low_95", "high_95"]
    pd.testing.assert_frame_equal(again.origins.loc[early, columns], record.origins.loc[early, columns])


def test_a_first_day_and_a_distance_can_be_chosen(counts):
    first = pd.Timestamp(START) + pd.Timedelta(days=250)
    made = track_record(series_of(counts), 7, every=5, first=first, paths=100, seed=1)
    assert made.origins["date"].iloc[0] == first
    assert (made.origins["date"].diff().dropna() == pd.Timedelta(days=5)).all()
    assert any("overlap" in text for text in made.warnings)
    assert made.basis.settings["first"] == str(first.date())


def test_days_not_observed_are_left_out_of_totals(counts):
    gaps = counts.copy()
    gaps[150:175] = np.nan
    gaps[230] = np.nan
    made = track_record(series_of(gaps), paths=100, seed=1)
    assert made.left_out == 1
    assert set(made.origins["days"]) == {10, 13, 14} or made.origins["days"].min() < 14
    assert np.isfinite(made.origins["came"].to_numpy()).all()
    assert any("no forecast could be made" in text for text in made.warnings)


def test_shares_held_on_simulated_days_are_as_they_say():
    rng = np.random.default_rng(3)
    held = []
    for _ in range(3):
        made = track_record(series_of(noisy(rng, np.full(300, 8.0))), paths=200, seed=1)
        held += made.origins["came"].between(made.origins["low_95"], made.origins["high_95"]).tolist()
    assert np.mean(held) > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / len(held))


def test_too_short_a_record_says_so(counts):
    made = track_record(series_of(counts[:150]), seed=1)
    assert isinstance(made.skill, NotEstimable)
    assert "fewer than 4" in made.summary()
    assert len(made.to_frame()) == len(made.origins) == len(made.pit) == 0


def test_forecasts_that_were_too_sure_are_said_to_be_so():
    # The level turns every three weeks, which no fortnight's record tells.
    levels = np.tile(np.repeat([2.0, 40.0, 4.0, 80.0, 1.0], 21), 4)
    made = track_record(series_of(noisy(np.random.default_rng(5), levels, 20.0)[:240]), paths=100, seed=1)
    held = made.scores["total_95"].iloc[0]
    assert any(f"held {held:.0%} of the totals" in text for text in made.warnings) == (held < 0.9)


def test_a_long_record_is_scored_on_its_last_sixty_forecasts():
    made = track_record(series_of(noisy(np.random.default_rng(4), np.full(500, 4.0))), 2, every=1, paths=100, seed=1)
    assert len(made.origins) == 60
    assert made.origins["date"].iloc[-1] == pd.Timestamp(START) + pd.Timedelta(days=497)


def test_rules_that_are_never_wrong_give_no_skill():
    made = track_record(series_of([3.0] * 200), paths=100, seed=1)
    assert isinstance(made.skill, Estimate | NotEstimable)
    assert made.scores.set_index("method").loc["same as the last days", "crps_total"] == 0.0
    assert made.summary()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "whole number of at least 1"),
        ({"every": 0}, "whole number of at least 1"),
        ({"paths": 5}, "whole number of at least 100"),
        ({"level": 0.0}, "between 0 and 1"),
        ({"horizon": math.nan}, "column 'horizon', value 'nan': must be a whole number"),
        ({"seed": -1}, "column 'seed', value '-1': must be a whole number of at least 0"),
        ({"first": "never"}, "column 'first', value 'never': this is not a day"),
        ({"first": "2019-02"}, "value '2019-02': this is not a day .*; write it as YYYY-MM-DD"),
        ({"first": pd.Timestamp("2019-06-01", tz="UTC")}, "this is not a day"),
        ({"first": "2030-01-01"}, "must lie in the series"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, message, counts):
    with pytest.raises(InputError, match=message):
        track_record(series_of(counts), **options)
