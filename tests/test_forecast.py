"""Forecasts: what they hold, whether they cover, what came after three dates of the bundled study, and hostile series.

Tolerances. Coverage of simulated totals is asked to lie within four binomial standard errors of the nominal share. The
forecasts of the bundled study are seeded; their medians are given within 6 % for other versions of the libraries.
"""

import math
import time

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaincinv

from casualties.draws import Draws, origin_of_draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.forecast_pool import PARTS, draw_together
from casualties.models.forecast import HUB_QUANTILES, fit_forecast, score_forecast
from casualties.models.track_record import track_record
from casualties.series import DailySeries

NAN = float("nan")
START = "2019-01-07"  # a Monday
WEEK = np.array([1.6, 1.3, 1.1, 1.0, 0.6, 0.5, 0.9])


def series_of(values, start=START):
    return DailySeries.from_counts(np.asarray(values, dtype=float), start)


def noisy(rng, mean, size=2.0):
    return rng.poisson(rng.gamma(size, np.asarray(mean, dtype=float) / size)).astype(float)


@pytest.fixture(scope="module")
def plain():
    """Forecast from 200 independent days with 6 deaths a day."""
    return fit_forecast(series_of(noisy(np.random.default_rng(1), np.full(200, 6.0))), seed=3)


@pytest.fixture(scope="module")
def paths():
    """Draw 6,000 paths of 14 days whose totals scatter widely."""
    rng = np.random.default_rng(8)
    return rng.negative_binomial(2.0, 0.01, size=(6000, 1)) + rng.poisson(9.0, size=(6000, 14))


class TestResult:
    def test_days_and_total_are_those_of_the_samples(self, plain):
        assert plain.samples.shape == (3000, 14)
        assert plain.days.index[0] == pd.Timestamp(START) + pd.Timedelta(days=200)
        np.testing.assert_allclose(plain.days["mean"], plain.samples.mean(axis=0))
        sums = np.sort(plain.samples.sum(axis=1))
        assert plain.total.value == sums[1499]
        assert plain.total.low == sums[74]
        assert 55 < plain.total.value < 115
        assert plain.probability_above(plain.total.value) < 0.5 < plain.probability_above(plain.total.low)
        bands = plain.days
        assert (bands["low_95"] <= bands["low_80"]).all()
        assert (bands["low_80"] <= bands["low_50"]).all()
        assert (bands["low_50"] <= bands["median"]).all()
        assert (bands["median"] <= bands["high_50"]).all()
        assert (bands["high_80"] <= bands["high_95"]).all()
        assert plain.parts.index.tolist() == list(PARTS)

    def test_quantiles_are_as_forecast_hubs_want_them(self, plain):
        hub = plain.hub()
        assert hub.columns.tolist() == [
            *("location", "target", "reference_date", "horizon", "target_end_date"),
            *("output_type", "output_type_id", "value"),
        ]
        assert len(HUB_QUANTILES) == 23
        assert len(hub) == 15 * 23
        assert set(hub["output_type"]) == {"quantile"}
        assert (hub["reference_date"] == pd.Timestamp(plain.basis.end)).all()
        ahead = (hub["target_end_date"] - hub["reference_date"]).dt.days
        assert (ahead == hub["horizon"]).all()
        grouped = hub.groupby(["target", "horizon"])["value"]
        assert all(values.is_monotonic_increasing for _, values in grouped)
        totals = hub[hub["target"] == "recorded deaths, total"].set_index("output_type_id")["value"]
        assert totals.loc[0.5] == plain.total.value
        assert totals.loc[0.025] == plain.total.low

    def test_summary_and_frame(self, plain):
        text = plain.summary()
        assert "2019-07-26 to 2019-08-08" in text
        assert "feedback alone" in text
        assert plain.to_frame()["date"].tolist() == plain.days.index.tolist()

    def test_seed_decides_and_nothing_else(self, plain):
        values = plain.observed.to_numpy()
        again = fit_forecast(series_of(values), seed=3)
        np.testing.assert_array_equal(again.samples, plain.samples)
        other = fit_forecast(series_of(values), seed=4)
        assert not np.array_equal(other.samples, plain.samples)
        assert other.total.value == pytest.approx(plain.total.value, rel=0.1)


class TestDrawnTogether:
    @pytest.mark.parametrize("share", [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
    def test_each_share_lies_where_the_beta_law_puts_it(self, paths, share):
        # With 6,000 paths a quantile is known to within a neighbour or two: one part in 1,500 of the shares.
        before = np.sort(paths.sum(axis=1))
        found = np.sort(draw_together(paths).sum(axis=1))[int(share * 6000)]
        moved = betaincinv(1.04, 1.04, share)
        assert np.quantile(before, moved - 1 / 1500) <= found <= np.quantile(before, moved + 1 / 1500)

    def test_paths_stay_whole_and_their_order_says_nothing(self, paths):
        drawn = draw_together(paths)
        assert drawn.shape == paths.shape
        assert set(map(tuple, drawn.tolist())) <= set(map(tuple, paths.tolist()))
        shuffled = np.random.default_rng(1).permutation(paths)
        np.testing.assert_array_equal(draw_together(shuffled).sum(axis=1), drawn.sum(axis=1))

    def test_paths_of_one_total_are_all_kept(self):
        alike = np.random.default_rng(1).permuted(np.tile([0, 0, 3, 5], (40, 1)), axis=1)
        assert sorted(map(tuple, draw_together(alike).tolist())) == sorted(map(tuple, alike.tolist()))


class TestMeaning:
    def test_the_rhythm_of_the_week_goes_on(self):
        rng = np.random.default_rng(2)
        result = fit_forecast(series_of(noisy(rng, 20.0 * np.tile(WEEK, 40), 8.0)), seed=1)
        found = result.days["mean"].to_numpy()[:7]
        np.testing.assert_allclose(found / found.mean(), WEEK / WEEK.mean(), rtol=0.3)

    def test_coverage_ahead_scales_the_forecast(self, plain):
        values = series_of(plain.observed.to_numpy())
        half = fit_forecast(values, exposure_ahead=[0.5] * 14, seed=3)
        assert half.total.value == pytest.approx(0.5 * plain.total.value, rel=0.12)

    def test_a_longer_horizon_holds_more_deaths_and_more_doubt(self):
        values = series_of(noisy(np.random.default_rng(3), np.full(150, 6.0)))
        week, month = fit_forecast(values, 7, seed=1), fit_forecast(values, 28, seed=1)
        assert month.total.value > 3 * week.total.value
        assert month.total.high - month.total.low > 2 * (week.total.high - week.total.low)

    def test_totals_of_simulated_wars_are_covered(self):
        rng = np.random.default_rng(4)
        held = []
        for _ in range(30):
            y = noisy(rng, np.full(164, math.exp(rng.uniform(0, 3))), math.exp(rng.uniform(0, 1.5)))
            result = fit_forecast(series_of(y[:150]), paths=300, seed=1)
            score = score_forecast(result, series_of(y))
            held.append(score.held)
        assert np.mean(held) > 0.95 - 4.0 * math.sqrt(0.95 * 0.05 / 30)

    def test_missing_days_are_not_zeros(self):
        y = noisy(np.random.default_rng(5), np.full(200, 10.0), 8.0)
        gaps = y.copy()
        gaps[::3] = NAN
        full, half = fit_forecast(series_of(y), seed=1), fit_forecast(series_of(gaps), seed=1)
        assert half.total.value == pytest.approx(full.total.value, rel=0.15)


def test_pooling_mixes_the_draws():
    rng = np.random.default_rng(6)
    table = np.stack([rng.poisson(4.0, 100), rng.poisson(12.0, 100), rng.poisson(4.0, 100)]).astype("int64")
    series = series_of(table[0])
    days, seen = pd.DatetimeIndex(series.frame.index), np.ones(100, bool)
    outside = np.zeros(3, dtype="int64")
    draws = Draws(table, outside, days, seen, 5, "as given", origin_of_draws(series.counts, days, seen))
    pooled = fit_forecast(series, draws=draws, paths=300, seed=1)
    assert len(pooled.samples) == 900
    assert pooled.total.low < 60
    assert pooled.total.high > 150
    row = pooled.imprecision.table.iloc[0]
    assert row["from_data"] > 0.5
    assert row["width_of_one"] < row["width"]
    same = fit_forecast(series, draws=3, paths=300, seed=1)
    assert same.imprecision.table["from_data"].iloc[0] < 0.05
    assert same.total.value == pytest.approx(fit_forecast(series, paths=300, seed=1).total.value, rel=0.08)


class TestIdlib:
    """Forecasts of north-west Syria from the record up to three days, and what the record holds of the days after.

    The first two weeks of the offensive lay above the 95 % interval (of the paths, 1.5 % reached them): no record up to
    29 April holds what had been decided. The forecast in July held; the one made the day before the ceasefire of 31
    August did not know of it.
    """

    @pytest.mark.parametrize(
        ("day", "median", "came", "held"),
        [("2019-04-29", 134, 395, False), ("2019-07-21", 263, 372, True), ("2019-08-30", 565, 55, False)],
    )
    def test_what_came(self, study, day, median, came, held):
        series = study.series("north_west")
        result = fit_forecast(series.between(series.start, day), seed=1)
        score = score_forecast(result, series)
        assert result.total.value == pytest.approx(median, rel=0.06)
        assert score.came.value == came
        assert score.held is held
        assert len(score.days) == 14
        assert f"{came} came: {'inside' if held else 'outside'}" in score.summary()
        assert score.pit[1] > 0.97 or score.pit[0] < 0.9


class TestScore:
    def test_total_and_days(self, plain):
        later = series_of(np.r_[plain.observed.to_numpy(), np.full(14, 6.0)])
        score = score_forecast(plain, later)
        assert score.came.value == 84.0
        sums = plain.samples.sum(axis=1).astype(float)
        assert score.crps == pytest.approx(
            np.abs(sums - 84).mean() - 0.5 * np.abs(sums[:, None] - sums[None, :]).mean(), rel=1e-9
        )
        assert score.held
        assert score.to_frame().columns.tolist() == ["date", "came", "median", "low_95", "high_95", "crps"]

    def test_days_not_observed_are_left_out(self, plain):
        later = series_of(np.r_[plain.observed.to_numpy(), np.full(10, 6.0), np.full(4, NAN)])
        score = score_forecast(plain, later)
        assert score.came.value == 60.0
        assert score.forecast.value < plain.total.value
        assert "4 of 14 days were not observed" in score.warnings[0]

    def test_nothing_to_score(self, plain):
        score = score_forecast(plain, series_of(plain.observed.to_numpy()))
        assert isinstance(score.came, NotEstimable)
        assert "observes none of the 14 days" in score.summary()
        assert len(score.to_frame()) == 0
        failed = fit_forecast(series_of([0.0] * 100), seed=1)
        assert isinstance(score_forecast(failed, series_of([1.0] * 200)).came, NotEstimable)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([3.0] * 27, "27 observed days are fewer than 28"),
        ([5.0], "1 observed days are fewer than 28"),
        ([NAN] * 100, "0 observed days are fewer than 28"),
        (np.r_[np.full(60, 3.0), np.full(170, NAN), [3.0] * 10], "10 of the last 180 days were observed"),
        ([0.0] * 400, "no deaths are recorded in the last 365 days"),
        ([9.0] * 20 + [0.0] * 400, "no deaths are recorded in the last 365 days"),
        (np.r_[np.full(20, 3.0), 1e10, np.full(20, 3.0)], "one day holds 100% of the deaths of the last 41 days"),
    ],
)
def test_no_answer_has_a_reason(values, reason):
    result = fit_forecast(series_of(values), seed=1)
    assert isinstance(result.total, NotEstimable)
    assert reason in result.total.reason
    assert reason in result.summary()
    assert len(result.days) == len(result.hub()) == len(result.samples) == len(result.to_frame()) == 0
    assert math.isnan(result.probability_above(1))


def test_a_record_without_deaths_has_no_track_record():
    made = track_record(series_of([0.0] * 400), seed=1)
    assert isinstance(made.skill, NotEstimable)
    assert made.left_out == 20
    assert "0 forecasts could be made" in made.summary()


def test_half_a_year_of_silence_is_expected_to_go_on():
    result = fit_forecast(series_of(np.r_[np.full(100, 9.0), np.zeros(200)]), seed=1)
    assert result.total.value <= 2
    assert result.total.high < 100


HOSTILE = {
    "constant": np.full(300, 5.0),
    "alternating": np.tile([0.0, 10.0], 100),
    "a gap": np.r_[np.full(100, 4.0), np.full(60, NAN), np.full(100, 6.0)],
    "a gap at the end": np.r_[np.full(100, 4.0), np.full(60, NAN)],
    "few days of many": np.where(np.arange(600) % 9 == 0, 5.0, NAN),
    "three deaths": np.r_[np.zeros(100), 1.0, np.zeros(100), 1.0, 1.0, np.zeros(90)],
    "huge counts": np.random.default_rng(0).poisson(1e7, 200).astype(float),
    "silence, then noise": np.r_[np.zeros(100), np.tile([8.0, 5, 11], 34)],
    "noise, then silence": np.r_[np.tile([8.0, 5, 11], 34), np.zeros(200)],
    "explosion": np.floor(np.exp(np.arange(80) / 8.0)),
    "one large day": np.r_[np.full(100, 3.0), 290.0, np.full(50, 3.0)],
    "twenty years": np.random.default_rng(1).poisson(np.random.default_rng(2).gamma(0.3, 5.0, 7300)).astype(float),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_series_end_in_numbers_without_warning(name):
    before = time.process_time()
    result = fit_forecast(series_of(HOSTILE[name]), paths=200, seed=1)
    assert isinstance(result.total, Estimate)
    assert 0 <= result.total.low <= result.total.value <= result.total.high
    assert np.isfinite(result.days.to_numpy()).all()
    assert len(result.hub()) == 345
    assert result.summary()
    assert time.process_time() - before < 20  # about 0.1 s on an idle core


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "whole number of days from 1 to 60"),
        ({"horizon": 61}, "whole number of days from 1 to 60"),
        ({"horizon": 14.0}, "whole number of days from 1 to 60"),
        ({"level": 1.0}, "must lie between 0 and 1"),
        ({"paths": 10}, "at least 100"),
        ({"paths": 150.5}, "whole number of at least 100"),
        ({"seed": -1}, "column 'seed', value '-1': must be a whole number of at least 0"),
        ({"seed": 1.5}, "column 'seed', value '1.5': must be a whole number"),
        ({"exposure_ahead": [1.0]}, "one share above 0 for each day ahead"),
        ({"exposure_ahead": [0.0] * 14}, "one share above 0 for each day ahead"),
        ({"draws": 1}, "single draw"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        fit_forecast(series_of(np.full(100, 3.0)), **options)
