"""Standard facts of results: each quotes the result's own number, or says why there is none."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from casualties.comparison.agreement import compare_pair
from casualties.comparison.published import compare_tolls
from casualties.models.changepoints import fit_changepoints
from casualties.models.trend import fit_trend
from casualties.report.facts import Facts
from casualties.report.findings import (
    add_change,
    add_changes,
    add_imprecision,
    add_pair,
    add_series,
    add_tolls,
    add_trend,
    add_window,
)
from casualties.series import DailySeries

NAN = float("nan")
STEP = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 3 + [11, 14, 9, 12, 10, 13, 8, 15, 12, 11] * 3
START = "2019-04-01"


@pytest.fixture
def facts():
    return Facts("Invented list", "counted")


@pytest.fixture(scope="module")
def step():
    return fit_changepoints(DailySeries.from_counts(STEP, START, name="A"))


def values(facts):
    return {key: fact.value for key, fact in facts._facts.items()}


def texts(facts):
    return {key: fact.text for key, fact in facts._facts.items()}


def test_a_series(facts, study):
    series = study.series("north_west")
    add_series(facts, "nw", series)
    found = values(facts)
    assert (found["nw.total"], found["nw.days"], found["nw.observed"]) == (6747, 440, 440)
    day = series.frame["best"].astype(float).idxmax()
    assert found["nw.largest-day"] == str(day.date())
    assert found["nw.largest"] == series.frame["best"].max()
    assert found["nw.imprecise"] == series.frame["imprecise"].sum()
    total = facts._facts["nw.total"]
    assert (total.low, total.high, total.unit) == (6583, 7289, "recorded deaths")
    assert total.window == "2018-09-17 to 2019-11-30"
    assert total.source == "UCDP GED"


def test_a_series_of_fractions_is_not_cut(facts, study):
    series = study.series("north_west", spread="expected")
    add_series(facts, "nw", series)
    assert values(facts)["nw.largest"] == pytest.approx(float(series.frame["best"].max()))
    assert values(facts)["nw.imprecise"] == pytest.approx(float(series.frame["imprecise"].sum()))


def test_a_series_without_an_observation(facts):
    add_series(facts, "gone", DailySeries.from_counts([NAN] * 3, START))
    reason = "not estimable (no day of the series was observed)"
    found = texts(facts)
    assert [found[f"gone.{name}"] for name in ("total", "largest", "largest-day")] == [reason] * 3
    assert values(facts)["gone.observed"] == 0


def test_the_number_of_changes(facts, step):
    add_changes(facts, "a", step)
    found = values(facts)
    assert found["a.number"] == pytest.approx(step.number.value)
    assert found["a.prior-number"] == round(60 / 365, 2)
    assert found["a.found"] == len(step.changes) == 1
    assert found["a.spikes"] == 0
    assert found["a.autocorrelation"] == pytest.approx(step.autocorrelation.value)


def test_a_change_in_a_window(facts, step):
    assert add_change(facts, "a", step, "2019-04-25", "2019-05-05") == "rose"
    row = step.changes.iloc[0]
    date = facts._facts["a.date"]
    assert (date.value, date.low, date.high) == tuple(
        str(row[name].date()) for name in ("date", "date_low", "date_high")
    )
    assert date.value == "2019-05-01"
    assert date.level == step.basis.settings["date_level"]
    ratio = facts._facts["a.ratio"]
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((row["ratio"], row["ratio_low"], row["ratio_high"]))
    found = values(facts)
    assert found["a.before"] == pytest.approx(row["rate_before"])
    assert found["a.after"] == pytest.approx(row["rate_after"])
    assert found["a.direction"] == "rose"
    assert found["a.expected"] == pytest.approx(step.changes_in("2019-04-25", "2019-05-05"))


def test_a_fall_is_a_fall(facts):
    result = fit_changepoints(DailySeries.from_counts(STEP[::-1], START))
    assert add_change(facts, "a", result, "2019-04-20", "2019-05-10") == "fell"
    assert values(facts)["a.direction"] == "fell"


def test_no_change_in_a_window(facts, step):
    assert add_change(facts, "a", step, "2019-05-20", "2019-05-25") == ""
    assert values(facts)["a.expected"] == pytest.approx(step.changes_in("2019-05-20", "2019-05-25"))
    assert texts(facts)["a.date"] == (
        "not estimable (no change dated 2019-05-20 to 2019-05-25 is more probable than not)"
    )


def test_a_fit_that_failed_gives_its_own_reason(facts):
    result = fit_changepoints(DailySeries.from_counts([0] * 30, START))
    assert add_change(facts, "a", result, "2019-04-10", "2019-04-20") == ""
    add_changes(facts, "b", result)
    reason = "not estimable (no deaths are recorded in the window)"
    found = texts(facts)
    # "No change was found" would be untrue: nothing could be looked for.
    assert {found[f"a.{name}"] for name in ("expected", "date", "ratio", "direction")} == {reason}
    assert found["b.number"] == found["b.autocorrelation"] == reason
    assert values(facts)["b.found"] == values(facts)["b.spikes"] == 0


def test_a_trend(facts):
    result = fit_trend(DailySeries.from_counts([day // 4 + day % 3 for day in range(40)], START))
    add_trend(facts, "t", result)
    found = values(facts)
    assert found["t.growth"] == pytest.approx(result.growth.value)
    assert found["t.doubling"] == pytest.approx(math.log(2) / result.growth.value)
    assert found["t.rising"] == pytest.approx(result.p_rising.value)
    assert found["t.dispersion"] == pytest.approx(result.dispersion.value)
    assert texts(facts)["t.rising"] == ">0.99"


@pytest.mark.parametrize(
    ("missing", "told"), [([], {"range", "civilians"}), (["low"], {"civilians"}), (["high", "civilians"], set())]
)
def test_a_window_says_what_is_told_of_it(facts, study, missing, told):
    events = study.sources["ucdp"]
    without = replace(events, accepted=events.accepted.assign(**dict.fromkeys(missing, pd.NA)))
    assert add_window(facts, "w", without, None, "2019-04-30", "2019-08-31") == told
    total = facts._facts["w.total"]
    assert (total.low is None) == ("range" not in told)
    assert (facts._facts["w.civilians"].value is None) == ("civilians" not in told)


def test_what_is_drawn(facts, study):
    series = study.series("north_west")
    pooled = fit_changepoints(series, draws=4, seed=1)
    trend = fit_trend(series.between("2019-04-30", "2019-08-31"), draws=4, seed=1)
    add_imprecision(facts, "d", [pooled, trend])
    found = values(facts)
    assert (found["d.number"], found["d.seed"]) == (4, "1")
    assert found["d.excess"] == pytest.approx(abs(pooled.imprecision.excess))
    shares = [*pooled.imprecision.table["from_data"].dropna(), *trend.imprecision.table["from_data"]]
    assert found["d.share"] == pytest.approx(max(shares))
    assert facts._facts["d.number"].method == pooled.imprecision.law


def test_a_trend_that_cannot_be_had(facts):
    add_trend(facts, "t", fit_trend(DailySeries.from_counts([1, 2, 3], START)))
    assert set(texts(facts).values()) == {"not estimable (3 observed days are fewer than 14)"}


def test_a_pair(facts):
    a, b = DailySeries.from_counts(STEP, START, name="A"), DailySeries.from_counts([NAN, *STEP[1:]], START, name="B")
    result = compare_pair(a, b, max_lag=0)
    add_pair(facts, "p", result)
    found = values(facts)
    assert found["p.days"] == 59
    assert found["p.first"] == found["p.second"] == sum(STEP[1:])
    assert found["p.ratio"] == pytest.approx(1)
    assert found["p.pearson"] == pytest.approx(1)
    assert found["p.lag"] == 0


def test_a_pair_without_shared_days(facts):
    a = DailySeries.from_counts([1, NAN] * 10, START, name="A")
    b = DailySeries.from_counts([NAN, 1] * 10, START, name="B")
    add_pair(facts, "p", compare_pair(a, b, max_lag=0))
    found = texts(facts)
    assert values(facts)["p.days"] == 0
    assert all(found[f"p.{name}"].startswith("not estimable") for name in ("ratio", "pearson", "direction"))


def test_published_totals(facts, study):
    result = compare_tolls(study.sources["ucdp"], study.sources["tolls"], study.area_places())
    add_tolls(facts, "t", result)
    found = values(facts)
    verdicts = [found[f"t.{name}"] for name in ("consistent", "below", "above", "not-comparable")]
    assert sum(verdicts) == found["t.all"] == 115
    assert sum(verdicts[:3]) == found["t.compared"]
    compared = result.totals[result.totals["verdict"] != "not comparable"]
    assert found["t.dependent"] == int((compared["share_citing"] >= 0.5).sum())
    by_verdict = [found[f"t.dependent-{verdict}"] for verdict in ("consistent", "below", "above")]
    assert sum(by_verdict) == found["t.dependent"]
    below = compared[(compared["verdict"] == "below") & (compared["claimant"] == "SOHR")]
    assert found["t.dependent-below"] == len(below)
    consistent = compared[compared["verdict"] == "consistent"]
    bounds = consistent["qualifier"].str.startswith(("at least", "more than", "no less than"))
    assert found["t.consistent-bounds"] == bounds.sum()
    assert found["t.single-place"] == compared["area"].str.startswith("Ma'arrat").sum()
