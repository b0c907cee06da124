"""The branching ratio: what a step and a trend pretend, what segments take away, and true feedback.

Tolerances. Each simulated truth pools several series; bounds lie far from what is measured on 30 series each. With
one level a step gives 0.91 and a trend 0.90, with the cuts of the partition 0.05 and 0.15; feedback of 0.58 is found as
0.56 and 0.52.
"""

import math
import time

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.models.excitation import fit_excitation
from casualties.series import DailySeries

NAN = float("nan")
START = "2019-01-07"
DAY = np.arange(360)


def fit(values, *rest, **options):
    return fit_excitation(DailySeries.from_counts(np.asarray(values, dtype=float), START), *rest, **options)


def noisy(rng, mean, size=2.0):
    return rng.poisson(rng.gamma(size, np.asarray(mean, dtype=float) / size)).astype(float)


def fed(rng, days=360, level=8.0, feedback=0.35, decay=0.4, size=4.0):
    y, rate = np.empty(days), level
    for t in range(days):
        y[t] = rng.poisson(rng.gamma(size, rate / size))
        rate = level * (1.0 - feedback - decay) + feedback * y[t] + decay * rate
    return y


def date_of(position):
    return pd.Timestamp(START) + pd.Timedelta(days=position)


def test_a_plain_step_pretends_feedback_and_its_date_takes_it_away():
    rng = np.random.default_rng(1)
    results = [fit(noisy(rng, np.where(DAY < 180, 4, 12)), [date_of(180)]) for _ in range(12)]
    assert np.mean([result.unsegmented.value for result in results]) > 0.8
    assert np.mean([result.branching.value for result in results]) < 0.12
    assert all(result.unsegmented.low > 0.3 for result in results)
    assert np.mean([result.branching.low == 0.0 for result in results]) > 0.7
    assert all(result.gain > 0.0 for result in results)
    assert any("no proof that violence feeds itself" in text for text in results[0].warnings)
    assert any("take slow feedback away" in text for text in results[0].warnings)


def test_a_plain_trend_pretends_feedback_and_steps_along_it_take_it_away():
    rng = np.random.default_rng(2)
    dates = [date_of(60 * k) for k in range(1, 6)]
    results = [fit(noisy(rng, 4.0 * np.exp(0.004 * DAY)), dates) for _ in range(12)]
    assert np.mean([result.unsegmented.value for result in results]) > 0.7
    assert np.mean([result.branching.value for result in results]) < 0.12


def test_the_partition_finds_a_step_by_itself():
    result = fit(noisy(np.random.default_rng(3), np.where(DAY < 180, 3, 15)))
    assert len(result.segments) == 2
    assert abs((result.segments["start"].iloc[1] - date_of(180)).days) < 7
    np.testing.assert_allclose(result.segments["level"], [3.0, 15.0], rtol=0.3)
    assert result.branching.value < 0.4 < result.unsegmented.value
    assert result.basis.settings["changes"] == "partition"


def test_true_feedback_is_recovered():
    rng = np.random.default_rng(4)
    results = [fit(fed(rng), []) for _ in range(16)]
    truth = 0.35 / 0.6
    values = np.array([result.branching.value for result in results])
    assert abs(values.mean() - truth) < 4.0 * values.std(ddof=1) / 4.0 + 0.05
    assert np.mean([result.branching.low > 0.0 for result in results]) > 0.8
    held = np.mean([result.branching.low <= truth <= result.branching.high for result in results])
    assert held > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / 16)
    assert all(result.branching == result.unsegmented for result in results)
    assert isinstance(results[0].memory, Estimate)
    assert not any("take slow feedback away" in text for text in results[0].warnings)


def test_without_feedback_intervals_end_at_zero():
    rng = np.random.default_rng(5)
    results = [fit(noisy(rng, np.full(360, 6.0)), []) for _ in range(20)]
    assert np.mean([result.branching.low == 0.0 for result in results]) > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / 20)
    assert np.median([result.branching.value for result in results]) < 0.1
    none = next(result for result in results if result.branching.value == 0.0)
    assert isinstance(none.memory, NotEstimable)
    assert "no feedback" in none.summary()


def test_changes_may_be_a_table_or_dates_in_any_order():
    y = noisy(np.random.default_rng(6), np.where(DAY < 180, 4, 12))
    days = [date_of(200), date_of(100)]
    listed, table = fit(y, days), fit(y, pd.DataFrame({"date": days}))
    assert listed.branching == table.branching
    assert listed.segments["start"].tolist() == [date_of(0), date_of(100), date_of(200)]
    assert listed.segments["deaths"].sum() == y.sum()
    assert listed.to_frame()["baseline"].tolist() == ["segmented", "one level"]
    assert fit(y, [str(day.date()) for day in days]).branching == listed.branching


def test_nothing_to_draw_pools_to_the_answer_of_the_series():
    y = fed(np.random.default_rng(7), days=200)
    plain, pooled = fit(y, []), fit(y, [], draws=3, seed=1)
    assert pooled.branching.value == pytest.approx(plain.branching.value, abs=1e-9)
    assert pooled.branching.low == pytest.approx(plain.branching.low, abs=0.01)
    assert pooled.branching.high == pytest.approx(plain.branching.high, abs=0.01)
    assert (pooled.imprecision.table["from_data"] == 0).all()
    assert "pooled over 3 draws" in pooled.summary()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([3.0] * 55, "55 observed days are fewer than 56"),
        ([5.0], "1 observed days are fewer than 56"),
        ([NAN] * 100, "0 observed days are fewer than 56"),
        ([0.0] * 400, "no deaths are recorded"),
        ([1.0, 0.0] * 30 + [NAN] * 5 + [0.0] * 7, None),
        ([1.0] * 15 + [0.0] * 60, "15 recorded deaths are fewer than 20"),
        (np.r_[np.full(40, 1.0), 900.0, np.full(40, 1.0)], "one day holds 92% of all recorded deaths"),
    ],
)
def test_no_answer_has_a_reason(values, reason):
    result = fit(values, [])
    if reason is None:
        assert isinstance(result.branching, Estimate)
        return
    for answer in (result.branching, result.unsegmented, result.memory):
        assert isinstance(answer, NotEstimable)
        assert reason in answer.reason
    assert reason in result.summary()
    assert result.to_frame()["reason"].str.contains(reason, regex=False).all()
    assert result.segments.empty


HOSTILE = {
    "constant": np.full(300, 5.0),
    "alternating": np.tile([0.0, 10.0], 100),
    "a gap": np.r_[np.full(100, 4.0), np.full(60, NAN), np.full(100, 6.0)],
    "few days of many": np.where(np.arange(1200) % 17 == 0, 5.0, NAN),
    "huge counts": np.random.default_rng(0).poisson(1e7, 200).astype(float),
    "silence, then noise": np.r_[np.zeros(100), np.tile([8.0, 5, 11], 34)],
    "noise, then silence": np.r_[np.tile([8.0, 5, 11], 34), np.zeros(100)],
    "explosion": np.floor(np.exp(np.arange(80) / 12.0)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_series_end_in_numbers_without_warning(name):
    result = fit(HOSTILE[name])
    for answer in (result.branching, result.unsegmented):
        assert isinstance(answer, Estimate)
        assert 0.0 <= answer.low <= answer.value <= answer.high <= 0.999
    assert np.isfinite(result.fitted).all()
    assert np.isfinite(result.segments["level"]).all()
    assert result.summary()


def test_twenty_years_of_days_take_seconds():
    rng = np.random.default_rng(8)
    y = noisy(rng, np.repeat([2, 10, 1, 30, 5, 0.1, 8], 1043)[:7300], 1.0)
    before = time.process_time()
    result = fit(y)
    assert time.process_time() - before < 60  # about 5 s on an idle core
    assert len(result.segments) >= 6


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        (["2018-01-01"], {}, "after the first day of the series"),
        ([START], {}, "after the first day of the series"),
        (["2030-01-01"], {}, "after the first day of the series"),
        (["soon"], {}, "these are not dates"),
        (pd.DataFrame({"day": []}), {}, "no column 'date'"),
        ([], {"level": 1.0}, "must lie between 0 and 1"),
        ([], {"memory": 1.0}, "above one day"),
        ([], {"draws": 3}, "draws need a seed"),
    ],
)
def test_options_that_mean_nothing_are_refused(changes, options, message):
    with pytest.raises(InputError, match=message):
        fit(np.full(100, 3.0), changes, **options)
