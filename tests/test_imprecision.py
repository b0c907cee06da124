"""Models pooled over draws: what pooling leaves alone, what it adds, and whether simulated truth is held.

Tolerances. With nothing to draw, a mixture of equal posteriors is each of them (1e-12), and Rubin's interval is the
Wald interval stretched by the quantile of a t distribution. In the simulations bounds lie four binomial standard
errors below the nominal share, and for the trend two points more for the shortfall of Wald intervals in short series.
"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from casualties.draws import Draws, Records, origin_of_draws
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.models.changepoints import compare_priors, fit_changepoints
from casualties.models.imprecision import failure_of_draws, take_draws
from casualties.models.trend import fit_trend
from casualties.series import DailySeries, daily_series
from casualties.study import load_study

START = pd.Timestamp("2019-01-07")  # a Monday
MARGIN = 15
COUNTS = np.random.default_rng(1).poisson(np.repeat([4.0, 12.0], 45)).astype(float)


def imprecise(rng, mean, share, longest=7, size=8.0) -> DailySeries:
    """Simulate events of one death on known days, then forget the day of a share of them.

    The mean runs over `MARGIN` days before and after the series as well; the window of an event holds its day anywhere.
    """
    events = rng.poisson(rng.gamma(size, mean / size))
    day = np.repeat(np.arange(len(mean)), events) - MARGIN
    length = np.where(rng.random(len(day)) < share, rng.integers(2, longest + 1, len(day)), 1)
    first = day - rng.integers(0, length)
    days = len(mean) - 2 * MARGIN
    span = pd.date_range(START - pd.Timedelta(days=60), periods=days + 120)
    records = Records(
        tuple(map(str, range(len(day)))),
        START.to_datetime64().astype("datetime64[D]") + first.astype("timedelta64[D]"),
        length,
        np.where(length > 1, 2, 1),
        np.ones((len(day), 3)),
        pd.Series(0.0, index=span),
    )
    known = np.bincount(day[(day >= 0) & (day < days)], minlength=days).astype(float)
    return replace(DailySeries.from_counts(known, START), recorded=lambda: records)


def drawn(rows) -> tuple[DailySeries, Draws]:
    """Make a series and its draws from given rows."""
    table = np.asarray(rows, dtype="int64")
    series = DailySeries.from_counts(table[0].astype(float), START)
    days = pd.DatetimeIndex(series.frame.index)
    seen, outside = np.ones(len(days), bool), np.zeros(len(table), dtype="int64")
    return series, Draws(table, outside, days, seen, 5, "as given", origin_of_draws(series.counts, days, seen))


class TestNothingToDraw:
    """Plain counts leave nothing open: every draw repeats them."""

    def test_changes_are_those_of_the_series(self):
        series = DailySeries.from_counts(COUNTS, START)
        plain, pooled = fit_changepoints(series), fit_changepoints(series, draws=4, seed=1)
        np.testing.assert_allclose(pooled.probability, plain.probability, rtol=1e-12)
        np.testing.assert_allclose(pooled.rate, plain.rate, rtol=1e-9)
        pd.testing.assert_frame_equal(pooled.changes, plain.changes, rtol=1e-9)
        pd.testing.assert_frame_equal(pooled.weekday, plain.weekday, rtol=1e-12)
        assert pooled.number.value == pytest.approx(plain.number.value)
        assert pooled.autocorrelation.value == pytest.approx(plain.autocorrelation.value)
        assert pooled.warnings == plain.warnings
        shares = pooled.imprecision.table["from_data"].dropna()
        assert (shares == 0).all()
        assert (pooled.imprecision.excess, pooled.imprecision.failed) == (0, 0)
        assert "nothing is drawn" in pooled.imprecision.law

    def test_growth_is_that_of_the_series(self):
        series = DailySeries.from_counts(COUNTS, START)
        plain, pooled = fit_trend(series), fit_trend(series, draws=4, seed=1)
        for name in ("value", "low", "high"):
            assert getattr(pooled.growth, name) == pytest.approx(getattr(plain.growth, name))
        assert pooled.p_rising.value == pytest.approx(plain.p_rising.value)
        np.testing.assert_allclose(pooled.fitted, plain.fitted, rtol=1e-6)
        np.testing.assert_allclose(pooled.weekday[["ratio", "low"]], plain.weekday[["ratio", "low"]], rtol=1e-6)
        assert pooled.dispersion.value == pytest.approx(plain.dispersion.value)
        assert pooled.warnings == plain.warnings
        assert not pooled.dispersion.has_interval
        assert pooled.imprecision.table["from_data"].tolist() == [0]

    @pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
    def test_without_draws_nothing_is_said_of_them(self, fit):
        result = fit(DailySeries.from_counts(COUNTS, START))
        assert result.imprecision is None
        assert result.basis.seed is None
        assert "draws" not in result.basis.settings
        assert "draw" not in result.summary()


class TestDraws:
    ROWS = np.random.default_rng(2).poisson(np.repeat([4.0, 12.0], 45), (6, 90))

    def test_growth_by_hand(self):
        series, draws = drawn(self.ROWS)
        pooled = fit_trend(series, draws=draws, weekday=False)
        each = [fit_trend(DailySeries.from_counts(row, START), weekday=False) for row in self.ROWS.astype(float)]
        slopes, errors = np.array([result.fit.errors() for result in each]).T
        within, between = (errors**2).mean(), 7 / 6 * slopes.var(ddof=1)
        assert pooled.growth.value == pytest.approx(slopes.mean())
        (row,) = pooled.imprecision.table.to_dict("records")
        assert row["from_data"] == pytest.approx(between / (within + between))
        assert row["recorded"] == pytest.approx(slopes[0])
        assert pooled.p_rising.value == pytest.approx(np.mean([result.p_rising.value for result in each]))
        # The interval is that of the mixture: each end cuts off the same share of the draws' posteriors, on average.
        for end, share in ((pooled.growth.low, 0.025), (pooled.growth.high, 0.975)):
            below = [
                result.fit.posterior.weights @ stats.norm.cdf((end - means) / spreads)
                for result in each
                for means, spreads in [result.fit.posterior.parts([0.0, 1.0])]
            ]
            assert np.mean(below) == pytest.approx(share, abs=1e-6)

    def test_probabilities_are_means_and_dates_come_from_the_mixture(self):
        moved = np.array([np.r_[np.tile([2, 3, 1, 2], 10), [2] * k, [14] * (9 - k), [13, 15] * 20] for k in range(10)])
        series, draws = drawn(moved)
        pooled = fit_changepoints(series, draws=draws, spike=0.0)
        (change,) = pooled.changes.itertuples()
        days, ratio = pooled.imprecision.table.to_dict("records")
        # Each draw knows its day to within one or two; between them they leave nine tenths of ten days open.
        assert (change.date_high - change.date_low).days + 1 >= 8
        assert days["width_of_one"] < 3
        assert days["drawn"] == ratio["drawn"] >= 0.8
        assert 4 < change.ratio_low < change.ratio < change.ratio_high < 11
        assert pooled.probability.to_numpy()[40:50].max() < 0.3
        assert pooled.number.value == pytest.approx(pooled.probability.sum())

    @pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
    def test_basis_and_summary_name_draws_and_seed(self, fit):
        series, draws = drawn(self.ROWS)
        result = fit(series, draws=draws)
        assert (result.basis.seed, result.basis.settings["draws"]) == (5, 6)
        assert "pooled over 6 draws, seed 5" in result.summary()
        assert "as given" in result.summary()
        assert "of the variance is the data's" in result.summary()

    @pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
    def test_same_seed_same_answer(self, fit):
        series = imprecise(np.random.default_rng(4), np.full(90, 6.0), 0.5)
        one, two = (fit(series, draws=3, seed=8) for _ in range(2))
        assert one.summary() == two.summary()
        pd.testing.assert_frame_equal(one.imprecision.table, two.imprecision.table, check_exact=True)

    def test_priors_compared_over_draws(self):
        series, draws = drawn(self.ROWS)
        compared = compare_priors(series, (0.5, 2), draws=draws)
        assert compared.answers["prior_changes"].tolist() == [0.5, 2.0]


class TestFailure:
    @pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
    def test_a_rare_draw_without_deaths_is_left_out_and_counted(self, fit):
        rows = np.tile(COUNTS.astype(int), (20, 1))
        rows[7] = 0
        result = fit(drawn(rows)[0], draws=drawn(rows)[1])
        assert (result.imprecision.draws, result.imprecision.failed) == (19, 1)
        assert "left out: 1" in result.summary()

    @pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
    def test_many_make_it_not_estimable(self, fit):
        rows = np.tile(COUNTS.astype(int), (20, 1))
        rows[[3, 7]] = 0
        result = fit(drawn(rows)[0], draws=drawn(rows)[1])
        answer = result.growth if fit is fit_trend else result.number
        assert answer == NotEstimable(
            "2 of 20 draws have no answer of their own (no deaths are recorded in the window)"
        )
        assert "2 of 20 draws" in result.summary()

    def test_of_two_draws_both_are_needed(self):
        assert "1 of 2" in failure_of_draws(["why"], 2)
        assert failure_of_draws([], 2) == ""

    @pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
    def test_no_answer_without_draws_is_none_with_them(self, fit):
        result = fit(DailySeries.from_counts([0.0] * 40, START), draws=3, seed=1)
        answer = result.growth if fit is fit_trend else result.number
        assert answer == NotEstimable("no deaths are recorded in the window")
        assert result.basis.seed == 1

    def test_a_weekday_without_deaths_in_some_draws_is_said(self):
        rows = np.tile(COUNTS.astype(int), (4, 1))
        rows[2, ::7] = 0
        assert len(fit_trend(drawn(rows)[0], draws=drawn(rows)[1]).weekday) == 7
        changed = fit_changepoints(drawn(rows)[0], draws=drawn(rows)[1])
        assert any("was used in 1 of 4 draws: no deaths" in text for text in changed.warnings)


@pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
def test_many_vague_events_are_warned_of(fit):
    rng = np.random.default_rng(9)
    for share, told in ((0.2, False), (0.7, True)):
        series = imprecise(rng, np.full(90, 6.0), share)
        assert any("blur days" in text for text in fit(series, draws=3, seed=1).warnings) == told
        assert not any("blur days" in text for text in fit(series).warnings)


class TestTaken:
    @pytest.mark.parametrize(
        ("draws", "seed", "message"),
        [
            (20, None, "draws need a seed"),
            (None, 3, "a seed is for draws that are yet to be made"),
            (1, 3, "a single draw"),
            (0, 3, "at least 1"),
            (2.5, 3, "whole number"),
        ],
    )
    def test_what_is_no_set_of_draws(self, draws, seed, message):
        with pytest.raises(InputError, match=message):
            take_draws(DailySeries.from_counts(COUNTS, START), draws, seed)

    def test_draws_of_other_days_or_with_a_seed(self):
        series, draws = drawn(TestDraws.ROWS)
        with pytest.raises(InputError, match="not of the days of this series"):
            take_draws(series.between(START, START + pd.Timedelta(days=30)), draws, None)
        with pytest.raises(InputError, match="yet to be made"):
            take_draws(series, draws, 5)
        assert take_draws(series, draws, None) is draws
        assert take_draws(series, None, None) is None

    @pytest.mark.parametrize("fit", [fit_trend, fit_changepoints])
    def test_draws_of_another_series_of_the_same_days(self, fit):
        """Two series of invented events over the same days; and one of plain counts, whose other counts differ."""
        mean = np.full(120, 6.0)
        one, other = (imprecise(np.random.default_rng(seed), mean, 0.3) for seed in (3, 4))
        with pytest.raises(InputError, match="of the same days but of another series"):
            fit(one, draws=other.draws(3, seed=1))
        with pytest.raises(InputError, match="of the same days but of another series"):
            fit(replace(one, recorded=None), draws=one.draws(3, seed=1))
        plain = DailySeries.from_counts(COUNTS, START)
        with pytest.raises(InputError, match="of the same days but of another series"):
            fit(plain, draws=DailySeries.from_counts(COUNTS + 1, START).draws(3, seed=1))

    def test_draws_are_of_the_figure_that_the_series_means(self):
        series = imprecise(np.random.default_rng(3), np.full(120, 6.0), 0.3)
        with pytest.raises(InputError, match="of another series"):
            take_draws(replace(series, estimate="low"), series.draws(3, seed=1), None)

    @pytest.mark.parametrize("weights", [None, "series"])
    def test_draws_of_a_part_and_of_the_same_events_again_are_taken(self, weights):
        series = imprecise(np.random.default_rng(3), np.full(120, 6.0), 0.3)
        part = series.between(START + pd.Timedelta(days=10), START + pd.Timedelta(days=60))
        made = part.draws(3, seed=1, weights=weights)
        np.testing.assert_array_equal(made.counts, series.draws(3, seed=1, weights=weights).counts[:, 10:61])
        again = imprecise(np.random.default_rng(3), np.full(120, 6.0), 0.3)
        assert take_draws(again.between(part.start, part.end), made, None) is made

    def test_draws_of_another_place_of_the_study(self):
        """The draws of all the country for the series of one governorate."""
        study = load_study("idlib-2019")
        events, days = study.sources["ucdp"], {"start": "2019-05-01", "end": "2019-06-30"}
        whole, aleppo, again = (
            daily_series(events, **days, where=where, spread="even", missing_days="zero")
            for where in (None, {"adm1": "Aleppo Governorate"}, {"adm1": "Aleppo Governorate"})
        )
        with pytest.raises(InputError, match=r"of another series than .*: other events, figures"):
            fit_trend(aleppo, draws=whole.draws(20, seed=1))
        assert len(take_draws(again, aleppo.draws(3, seed=1), None)) == 3


class TestTruth:
    def test_growth_is_held_as_often_as_said(self):
        rng = np.random.default_rng(6)
        held = []
        for _ in range(80):
            growth = rng.normal(0, 0.01)
            day = np.arange(70 + 2 * MARGIN)
            series = imprecise(rng, 5.0 * np.exp(growth * (day - day.mean())), share=0.3)
            found = fit_trend(series, weekday=False, draws=5, seed=1).growth
            held.append(found.low <= growth <= found.high)
        assert np.mean(held) > 0.95 - 0.02 - 4 * math.sqrt(0.05 * 0.95 / 80)

    def test_date_sets_hold_the_day_as_often_as_said_and_those_of_one_draw_less_often(self):
        rng = np.random.default_rng(7)
        pooled, alone = [], []
        for _ in range(30):
            tau = int(rng.integers(25, 45))
            day = np.arange(70 + 2 * MARGIN) - MARGIN
            series = imprecise(rng, np.where(day < tau, 4.0, 14.0), share=0.7)
            truth = START + pd.Timedelta(days=tau)
            draws = series.draws(6, seed=1)
            single = DailySeries.from_counts(draws.counts[0].astype(float), START)
            for found, result in (
                (pooled, fit_changepoints(series, weekday=False, draws=draws)),
                (alone, fit_changepoints(single, weekday=False)),
            ):
                sets = result.changes
                found.append(((sets["date_low"] <= truth) & (truth <= sets["date_high"])).any())
        assert np.mean(pooled) > 0.9 - 4 * math.sqrt(0.09 / 30)
        assert np.sum(pooled) >= np.sum(alone)


@pytest.fixture(scope="module")
def north_west() -> DailySeries:
    return load_study("idlib-2019").series("north_west")


class TestIdlib:
    """The record of north-west Syria: a tenth of the deaths without an exact day, an eighth in events with a range."""

    def test_april_and_august_stand_and_little_of_their_width_is_data(self, north_west):
        result = fit_changepoints(north_west, draws=6, seed=20190430)
        ratios = result.imprecision.table[result.imprecision.table["quantity"].str.startswith("ratio")]
        assert (ratios["from_data"] < 0.15).all()
        for day, first, last in (("2019-04", "2019-04-16", "2019-05-06"), ("2019-08", "2019-08-29", "2019-09-03")):
            (change,) = result.changes[result.changes["date"].dt.strftime("%Y-%m") == day].itertuples()
            assert pd.Timestamp(first) <= change.date_low <= change.date_high <= pd.Timestamp(last)
        assert 0 < result.imprecision.excess < 0.04

    def test_growth_of_the_weeks_around_the_start(self, north_west):
        part = north_west.between("2019-04-01", "2019-05-26")
        plain, pooled = fit_trend(part), fit_trend(part, draws=10, seed=20190430)
        assert isinstance(pooled.growth, Estimate)
        assert pooled.growth.low > 0
        assert pooled.growth.value == pytest.approx(plain.growth.value, rel=0.1)
        assert pooled.imprecision.table["from_data"].iloc[0] < 0.1
