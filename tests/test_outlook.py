"""Facts of excess, recent days and days ahead: each is the result's own number, and a reason where there is none."""

import math

import pandas as pd
import pytest

import casualties as ca
from casualties.report import Facts
from casualties.report.outlook import (
    add_alarms,
    add_excess,
    add_excitation,
    add_forecast,
    add_nowcast,
    add_score,
    add_track_record,
)
from casualties.series import DailySeries

START = "2019-01-07"
STEP = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1, 3, 2, 5, 1] * 10 + [11, 14, 9, 12, 10, 13, 8] * 4


@pytest.fixture
def facts():
    return Facts(source="a list", method="as said")


@pytest.fixture(scope="module")
def series():
    return DailySeries.from_counts(STEP, START, name="invented")


@pytest.fixture(scope="module")
def short():
    return DailySeries.from_counts([1, 2, 3], START)


def test_an_excess(facts, series):
    result = ca.fit_excess(series, (START, "2019-05-26"))
    add_excess(facts, "e", result)
    found = facts._facts
    assert found["e.observed"].value == sum(STEP[140:])
    assert found["e.excess"].value == pytest.approx(result.excess.value)
    assert (found["e.excess"].low, found["e.excess"].high) == (result.excess.low, result.excess.high)
    assert found["e.excess"].label == (
        "excess recorded deaths, 2019-05-27 to 2019-06-23 against 2019-01-07 to 2019-05-26"
    )


def test_alarms(facts, series):
    result = ca.fit_alarms(series, days=40)
    add_alarms(facts, "a", result)
    found = facts._facts
    assert found["a.rate"].value == 1000
    assert found["a.judged"].value == 40
    assert found["a.alarms"].value == int(result.days["alarm"].sum())
    periods = result.sustained_periods()
    assert found["a.rises"].value == len(periods) >= 1
    assert found["a.rise"].value == f"{periods['first'].iloc[0]:%Y-%m-%d}"


def test_no_alarm_has_a_reason(facts, short):
    add_alarms(facts, "a", ca.fit_alarms(short))
    assert facts.text("{a.first}; {a.rise}") == (
        "not estimable (no alarm was raised); not estimable (no lasting rise was found)"
    )


def test_a_nowcast(facts, study):
    events = study.sources["ucdp"].as_of("2019-07-22")
    result = ca.fit_nowcast(ca.reporting_triangle(events, start="2019-04-01", end="2019-07-22"))
    add_nowcast(facts, "n", result)
    last = result.sums.iloc[-1]
    assert facts._facts["n.units"].value == last["units"] == 14
    assert facts._facts["n.reported"].value == last["reported"]
    assert facts._facts["n.final"].high == last["high"] >= last["reported"]
    assert facts._facts["n.still"].value == result.total.value


def test_a_nowcast_that_cannot_be_had(facts, study):
    events = study.sources["ucdp"]
    result = ca.fit_nowcast(ca.reporting_triangle(events, start="2019-04-01", end="2019-04-07"))
    add_nowcast(facts, "n", result)
    assert facts._facts["n.final"].value is None
    assert result.total.reason in facts.text("{n.final}")


def test_forecasts_and_their_record(facts, series):
    known = series.between(START, "2019-06-09")
    result = ca.fit_forecast(known, paths=200, seed=1)
    add_forecast(facts, "f", result)
    score = ca.score_forecast(result, series)
    add_score(facts, "s", score)
    record = ca.track_record(series, every=7, first="2019-05-05", paths=100, seed=1)
    add_track_record(facts, "r", record)
    found = facts._facts
    assert (found["f.horizon"].value, found["f.total"].value) == (14, result.total.value)
    assert found["s.came"].value == sum(STEP[-14:])
    assert found["s.forecast"].label == "forecast, days after 2019-06-09"
    assert found["r.forecasts"].value == len(record.origins) >= 4
    assert found["r.wide"].value == pytest.approx(record.scores["total_95"].iloc[0])
    assert (found["r.meant-wide"].value, found["r.meant-narrow"].value) == (0.95, 0.8)


def test_what_cannot_be_forecast_has_reasons(facts, short):
    add_forecast(facts, "f", ca.fit_forecast(short))
    add_track_record(facts, "r", ca.track_record(short))
    assert facts.text("{f.total}").startswith("not estimable (")
    assert facts.text("{r.wide}") == "not estimable (no forecast was scored)"


def test_excitation(facts, series):
    result = ca.fit_excitation(series, [pd.Timestamp("2019-05-27")])
    add_excitation(facts, "x", result)
    assert facts._facts["x.segmented"].value == pytest.approx(result.branching.value)
    assert facts._facts["x.constant"].value == pytest.approx(result.unsegmented.value)
    assert not math.isnan(facts._facts["x.constant"].high)
