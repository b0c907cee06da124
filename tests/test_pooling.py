"""Pooling over draws, against numbers worked by hand and against repeated samples with known truth.

Hand-worked numbers are compared to 1e-12 (rounding). In the simulation the share of intervals that hold the truth has a
Monte-Carlo standard error of sqrt(0.95 * 0.05 / 3000) = 0.004; the t approximation is not exact, and is known to be
right to about 0.01, so the tolerance is 4 * 0.004 + 0.01 = 0.026 on either side.
"""

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.pooling import mix, rubin, rubin_correlations, share_between


class TestRubin:
    def test_by_hand(self):
        # mean 12; W = (4 + 9 + 4 + 7) / 4 = 6; B = (4 + 0 + 4 + 0) / 3 = 8/3; (1 + 1/4) B = 10/3; T = 28/3.
        pooled = rubin([10, 12, 14, 12], [2, 3, 2, math.sqrt(7)], 0.9, unit="per day")
        assert pooled.estimate.value == 12
        assert pooled.standard_error == pytest.approx(math.sqrt(28 / 3), rel=1e-12)
        assert pooled.imprecision == pytest.approx(10 / 28, rel=1e-12)
        # 3 (1 + 6 / (10/3))^2 = 3 * 2.8^2
        assert pooled.degrees_of_freedom == pytest.approx(23.52, rel=1e-12)
        half = t.ppf(0.95, 23.52) * math.sqrt(28 / 3)
        assert (pooled.estimate.low, pooled.estimate.high) == pytest.approx((12 - half, 12 + half), rel=1e-12)
        assert (pooled.estimate.level, pooled.estimate.unit) == (0.9, "per day")

    def test_barnard_and_rubin_by_hand(self):
        # (21 / 23) * 20 * (18 / 28) = 11.739...; 1 / (1 / 23.52 + 1 / 11.739...)
        pooled = rubin([10, 12, 14, 12], [2, 3, 2, math.sqrt(7)], 0.9, complete=20)
        observed = 21 / 23 * 20 * 18 / 28
        assert pooled.degrees_of_freedom == pytest.approx(23.52 * observed / (23.52 + observed), rel=1e-12)

    def test_degrees_of_freedom_never_exceed_those_of_one_draw(self):
        assert rubin([1, 1.0001], [1, 1], 0.95, complete=12).degrees_of_freedom < 12

    @pytest.mark.parametrize("value", [0.1, 1 / 3, -7.7])
    def test_draws_that_agree_give_the_answer_of_one(self, value):
        pooled = rubin([value] * 7, [0.5] * 7, 0.95)
        assert pooled.imprecision == 0
        assert pooled.degrees_of_freedom == math.inf
        half = 0.5 * norm.ppf(0.975)
        assert (pooled.estimate.low, pooled.estimate.high) == pytest.approx((value - half, value + half), rel=1e-12)

    def test_exact_answers_leave_only_the_imprecision(self):
        pooled = rubin([1, 2], [0, 0], 0.95)
        assert pooled.imprecision == 1
        assert pooled.degrees_of_freedom == 1
        assert pooled.standard_error == pytest.approx(math.sqrt(0.75), rel=1e-12)

    @pytest.mark.parametrize(
        ("values", "errors", "options", "reason"),
        [
            ([1.0], [1.0], {}, "a single draw"),
            ([2.0, 2.0], [0.0, 0.0], {}, "neither the draws nor their errors vary"),
            ([1.0, 2.0], [0.0, 0.0], {"complete": 5}, "all the width comes from the draws"),
        ],
    )
    def test_not_estimable(self, values, errors, options, reason):
        estimate = rubin(values, errors, 0.95, **options).estimate
        assert isinstance(estimate, NotEstimable)
        assert reason in estimate.reason

    @pytest.mark.parametrize(
        ("values", "errors", "level", "options", "message"),
        [
            ([], [], 0.95, {}, "one value and one standard error"),
            ([1, 2], [1], 0.95, {}, "one value and one standard error"),
            ([[1, 2]], [[1, 2]], 0.95, {}, "one value and one standard error"),
            ([1, math.nan], [1, 1], 0.95, {}, "must be finite"),
            ([1, 2], [1, math.inf], 0.95, {}, "must be finite"),
            ([1, 2], [1, -1], 0.95, {}, "must be finite"),
            ([1, 2], [1, 1], 95, {}, "between 0 and 1"),
            ([1, 2], [1, 1], 0.95, {"complete": 0}, "degrees of freedom are positive"),
        ],
    )
    def test_what_cannot_be_pooled(self, values, errors, level, options, message):
        with pytest.raises(InputError, match=message):
            rubin(values, errors, level, **options)

    @pytest.mark.parametrize("draws", [5, 40])
    def test_intervals_hold_the_truth_as_often_as_they_say(self, draws):
        """The mean of 60 numbers of which 25 are known only as true number + error, imputed from their posterior."""
        random = np.random.default_rng(20190427)
        size, vague, spread, error, truth = 60, 25, 2.0, 3.0, 10.0
        held = 0
        for _ in range(3000):
            numbers = random.normal(truth, spread, size)
            reported = numbers[:vague] + random.normal(0, error, vague)
            # Posterior of each vague number with mean and variance of the population known.
            gain = spread**2 / (spread**2 + error**2)
            scale = math.sqrt(gain) * error
            # The population's mean is unknown: a draw from its posterior comes first (a proper imputation).
            weights = np.r_[np.full(vague, 1 / (spread**2 + error**2)), np.full(size - vague, 1 / spread**2)]
            centre = np.average(np.r_[reported, numbers[vague:]], weights=weights)
            means = centre + random.normal(0, 1 / math.sqrt(weights.sum()), draws)
            imputed = means[:, None] + gain * (reported - means[:, None]) + random.normal(0, scale, (draws, vague))
            values = (imputed.sum(axis=1) + numbers[vague:].sum()) / size
            estimate = rubin(values, np.full(draws, spread / math.sqrt(size)), 0.95).estimate
            held += estimate.low <= truth <= estimate.high
        assert held / 3000 == pytest.approx(0.95, abs=0.026)


class TestCorrelations:
    def test_by_hand(self):
        # Fisher's z of .1 and .3 with standard error .1 each: rubin on that scale, and back.
        reach = 0.1 * norm.ppf(0.975)
        ends = [np.tanh([math.atanh(r) + step for step in (0, -reach, reach)]) for r in (0.1, 0.3)]
        found = rubin_correlations([Estimate(*map(float, each), 0.95, "correlation") for each in ends])
        pooled = rubin(np.arctanh([0.1, 0.3]), [0.1, 0.1], 0.95).estimate
        assert (found.value, found.low, found.high) == pytest.approx(
            (math.tanh(pooled.value), math.tanh(pooled.low), math.tanh(pooled.high)), rel=1e-9
        )
        assert (found.level, found.unit) == (0.95, "correlation")

    def test_a_draw_without_one_leaves_none(self):
        reason = NotEstimable("the residuals hardly vary")
        assert rubin_correlations([Estimate(0.1, 0.0, 0.2, 0.95), reason]) is reason


class TestShareBetween:
    def test_equal_weights_are_rubins(self):
        values, errors = [10, 12, 14, 12], [2, 3, 2, math.sqrt(7)]
        share = share_between(values, np.square(errors), [0.25] * 4)
        assert share == pytest.approx(rubin(values, errors, 0.9).imprecision, rel=1e-12)

    def test_a_part_without_weight_says_nothing(self):
        assert share_between([1, 2, 99], [1, 1, 1], [0.5, 0.5, 0]) == pytest.approx(
            share_between([1, 2], [1, 1], [0.5] * 2)
        )

    @pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0]])
    def test_one_part_does_not_tell(self, weights):
        assert math.isnan(share_between([1.0, 5.0][: len(weights)], [1.0] * len(weights), weights))

    def test_parts_that_agree_share_nothing(self):
        assert share_between([0.1] * 3, [1, 2, 3], [1 / 3] * 3) == 0


class TestMix:
    def test_mean_of_posteriors(self):
        mixed = mix([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.4, 0.5, 0.1]])
        np.testing.assert_allclose(mixed, [0.4, 0.3, 0.3], rtol=1e-12)
        assert mixed.sum() == pytest.approx(1, rel=1e-12)

    def test_of_a_statement(self):
        assert float(mix([1.0, 0.5, 0.0, 0.5])) == 0.5

    @pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
    def test_what_is_no_probability(self, wrong):
        with pytest.raises(InputError, match="between 0 and 1"):
            mix([0.5, wrong])

    @pytest.mark.parametrize("wrong", [[], 0.5, np.zeros((2, 2, 2))])
    def test_what_has_no_draws(self, wrong):
        with pytest.raises(InputError, match="one draw a row"):
            mix(wrong)
