"""Days, windows and numbers that cannot be meant end in a clear error; answers that cannot be had, in their reason."""

import math

import numpy as np
import pandas as pd
import pytest

import casualties as ca
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import validate_events
from casualties.provenance import SourceRecord

CALM = [3, 5, 2, 4] * 30


@pytest.fixture(scope="module")
def series():
    return ca.DailySeries.from_counts(CALM, "2019-01-01")


@pytest.fixture(scope="module")
def changes(series):
    return ca.fit_changepoints(series)


@pytest.mark.parametrize("day", ["2019-02", "2019-02-30", None, pd.NaT, float("nan")])
def test_half_a_date_is_not_completed_by_guess(series, changes, day):
    for asked in (
        lambda: changes.change_at(day),
        lambda: changes.changes_in(day, "2019-03-01"),
        lambda: changes.changes_in("2019-02-01", day),
    ):
        with pytest.raises(InputError, match="this is not a day"):
            asked()
    if day is not None:
        with pytest.raises(InputError, match="this is not a day"):
            ca.track_record(series, first=day)


def test_whole_dates_are_taken(changes):
    assert changes.change_at("2019-02-01").date == pd.Timestamp("2019-02-01")
    assert changes.changes_in("2019-01-01", "2019-04-30") == pytest.approx(changes.probability.sum())


@pytest.mark.parametrize(
    ("ask", "column"),
    [
        (lambda series: ca.fit_changepoints(series).change_at("2019-02-01", window=1.5), "window"),
        (lambda series: ca.fit_forecast(series, float("nan")), "horizon"),
        (lambda series: ca.fit_forecast(series, seed=-1), "seed"),
        (lambda series: ca.rolling_trend(series, step=1.5), "step"),
        (lambda series: ca.fit_alarms(series, window=28.5), "window"),
    ],
)
def test_numbers_that_are_none(series, ask, column):
    with pytest.raises(InputError, match="whole number") as caught:
        ask(series)
    assert caught.value.column == column


def test_days_that_no_record_has_are_refused_with_the_range():
    later = ca.DailySeries.from_counts(CALM, "2150-01-01")
    with pytest.raises(InputError, match="'2150-01-01': this is not a day from 1900-01-01 to 2100-12-31; write it as"):
        ca.fit_excess(later, ("2150-01-01", "2150-02-01"))


@pytest.mark.parametrize(("count", "start"), [(1e19, "2019-01-01"), (10**15, "2019-01-01"), (1, "9999-12-01")])
def test_counts_and_days_that_nobody_can_mean(count, start):
    with pytest.raises(InputError):
        ca.DailySeries.from_counts([count] * 200, start)


def test_an_expectation_lies_within_its_interval_or_there_is_none():
    refused = 0
    for seed in range(60):
        days = ca.DailySeries.from_counts(np.random.default_rng(seed).poisson(1, 254), "2019-01-01")
        found = ca.fit_excess(days, ("2019-01-01", "2019-01-14"), trend=True, weekday=False)
        for answer in (found.expected, found.excess, found.ratio):
            if isinstance(answer, Estimate):
                assert answer.low <= answer.value <= answer.high
        if isinstance(found.expected, NotEstimable):
            refused += 1
            assert "too uncertain to be carried" in found.expected.reason
    # Two weeks seldom tell a trend that eight months can follow.
    assert 5 <= refused <= 40


def test_an_expectation_of_nobody_has_an_interval():
    days = ca.DailySeries.from_counts([50] * 20 + [0] * 100, "2019-01-01")
    found = ca.fit_excess(days, ("2019-01-01", "2019-03-01"), trend=True, weekday=False)
    assert found.expected.value == pytest.approx(0.0, abs=0.01)
    assert (found.expected.low, found.expected.high) == (0.0, 1.0)
    assert math.copysign(1.0, found.expected.high) == 1.0


def test_priors_of_a_series_without_deaths_have_a_reason():
    compared = ca.compare_priors(ca.DailySeries.from_counts([0] * 120, "2019-01-01"))
    assert "nan" not in compared.summary()
    assert compared.summary().count("not estimable: ") == 4


def test_draws_of_nobody_have_no_ratio_to_nobody():
    days = pd.date_range("2019-01-01", periods=30, freq="4D").strftime("%Y-%m-%d")
    counts = dict.fromkeys(("best", "low", "deaths_a", "deaths_b", "civilians", "unknown"), 0)
    table = pd.DataFrame(
        {
            "id": [f"e{number}" for number in range(30)],
            "date_start": days,
            "date_end": days,
            "date_prec": 1,
            "country": "X",
            "adm1": "A",
            "kind": 1,
            "side_a": "P",
            "side_b": "Q",
            **counts,
            "high": 1000,
        }
    )
    events = validate_events(table.astype("str"), SourceRecord(name="x"))
    found = ca.daily_series(events, start="2019-01-01", end="2019-04-27", spread="even", missing_days="zero")
    text = ca.fit_alarms(found, days=5, draws=5, seed=1).summary()
    assert "nan" not in text
    assert "no ratio, since none are recorded" in text


@pytest.mark.filterwarnings("error")
def test_pairs_without_a_day_in_common():
    rng = np.random.default_rng(1)
    a = ca.DailySeries.from_counts(rng.poisson(4, 120), "2019-06-01")
    b = ca.DailySeries.from_counts(rng.poisson(4, 120), "2019-01-01")
    assert "Window:   2019-01-01 to 2019-09-28, 0 of 271 days observed" in ca.compare_pair(a, b).summary()
