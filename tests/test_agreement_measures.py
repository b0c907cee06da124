"""Measures of agreement.

Tolerances. R's numbers are given to twelve digits (R 4.2.2, epiR 2.0.57, psych 2.2.9): concordance, kappa and
correlations must agree to 1e-10 of the figure. R's limits of agreement use 1.96 for the normal quantile 1.95996, hence
1e-4 there.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paired import thinned
from scipy import stats

from casualties.comparison.agreement_measures import (
    Limits,
    bland_altman,
    cohen_kappa,
    correlation,
    direction_agreement,
    krippendorff_alpha,
    lin_concordance,
    size_classes,
)
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable

REFERENCE = Path(__file__).parent / "reference"
PAIRS = ("AB", "AC", "BC")


class TestAgainstOtherPrograms:
    @pytest.mark.parametrize("pair", PAIRS)
    @pytest.mark.parametrize("scale", ["raw", "log1p"])
    def test_concordance_limits_and_correlations_equal_r(self, pair, scale, sources, numbers_of_r):
        x, y = (sources[name] if scale == "raw" else np.log1p(sources[name]) for name in pair)
        concordance = lin_concordance(x, y)
        expected = numbers_of_r[f"epi.ccc.{scale}.{pair}"]
        assert [concordance.value, concordance.low, concordance.high] == pytest.approx(expected, rel=1e-10)
        bias, sd, low, high = numbers_of_r[f"BlandAltman.{scale}.{pair}"]
        limits = bland_altman(x, y)
        assert [limits.bias.value, limits.sd] == pytest.approx([bias, sd], rel=1e-10)
        assert [limits.low, limits.high] == pytest.approx([low, high], rel=1e-4)
        pearson, spearman, _ = numbers_of_r[f"pearson;spearman;kendall.{scale}.{pair}"]
        assert correlation(x, y).value == pytest.approx(pearson, rel=1e-10)
        assert correlation(x, y, ranks=True).value == pytest.approx(spearman, rel=1e-10)

    def test_interval_of_the_correlation_equals_scipy(self, sources):
        expected = stats.pearsonr(sources["A"], sources["B"]).confidence_interval(0.9)
        found = correlation(sources["A"], sources["B"], level=0.9)
        assert [found.low, found.high] == pytest.approx([expected.low, expected.high], rel=1e-9)

    def test_kappas_equal_psych(self, sources, numbers_of_r):
        plain, weighted = numbers_of_r["cohen.kappa.AB.4bins"]
        found = cohen_kappa(sources["A"], sources["B"], (3, 8, 15))
        assert found.value == pytest.approx(plain, rel=1e-10)
        again = cohen_kappa(sources["A"], sources["B"], (3, 8, 15), weighted=True)
        assert again.value == pytest.approx(weighted, rel=1e-10)
        table = pd.read_csv(REFERENCE / "agreement.csv")
        ends = table.loc[table["item"] == "confid", "value"].iloc[0].split(";")
        assert [found.low, found.high] == pytest.approx([float(ends[0]), float(ends[2])], rel=1e-6)


class TestAgreementMeasures:
    def test_a_constant_side_has_no_correlation(self):
        for answer in (correlation([1] * 12, range(12)), lin_concordance([1] * 12, range(12))):
            assert "same figure on every shared day" in answer.reason

    def test_identical_figures_agree_perfectly(self):
        x = np.arange(12.0)
        assert correlation(x, x) == Estimate(1.0, unit="correlation")
        assert lin_concordance(x, x).value == pytest.approx(1, rel=1e-12)
        limits = bland_altman(x, x)
        assert isinstance(limits, Limits)
        assert (limits.bias.value, limits.sd, limits.low, limits.high) == (0, 0, 0, 0)

    def test_concordance_is_no_higher_than_correlation(self):
        for seed in range(20):
            a, b = thinned(seed, days=30)
            assert abs(lin_concordance(a, b).value) <= abs(correlation(a, b).value) + 1e-12

    def test_direction_by_hand(self):
        days = pd.date_range("2019-01-01", periods=49)
        level = np.repeat([1, 5, 2, 8, 8, 3, 9], 7)
        other = np.repeat([2, 4, 3, 1, 1, 0, 5], 7)
        shared = pd.DataFrame({"a": level, "b": other}, index=days)
        # Steps of a: up, down, up, none, down, up; of b: up, down, down, none, down, up.
        found = direction_agreement(shared)
        assert found.value == pytest.approx(5 / 6)
        assert found.low < 5 / 6 < found.high
        assert found.unit == "share of 6 steps"

    def test_direction_needs_neighbouring_weeks_with_enough_days(self):
        days = pd.date_range("2019-01-01", periods=49)
        shared = pd.DataFrame({"a": np.arange(49), "b": np.arange(49)}, index=days)
        gap = shared[(np.arange(49) // 7) % 2 == 0]
        assert "0 steps between neighbouring weeks" in direction_agreement(gap).reason
        thin = shared[np.arange(49) % 7 < 3]
        assert "0 steps" in direction_agreement(thin).reason


class TestKappa:
    def test_by_hand(self):
        # Of 10 days 8 agree; both put half of the days into each class, so that chance gives a half: (0.8 - 0.5) / 0.5.
        x = [0] * 5 + [9] * 5
        y = [0] * 4 + [9] + [0] + [9] * 4
        found = cohen_kappa(x, y, (3,))
        assert found.value == pytest.approx(0.6)
        assert cohen_kappa(x, y, (3,), weighted=True).value == pytest.approx(0.6)

    def test_far_classes_weigh_more(self):
        x = np.array([0, 2, 5, 9] * 5)
        near, far = np.array([0, 5, 5, 9] * 5), np.array([9, 2, 5, 9] * 5)
        plain = [cohen_kappa(x, y, (0, 3, 6)).value for y in (near, far)]
        weighted = [cohen_kappa(x, y, (0, 3, 6), weighted=True).value for y in (near, far)]
        assert plain[0] == pytest.approx(plain[1], abs=0.02)
        assert weighted[0] > weighted[1] + 0.4

    def test_one_class_says_why(self):
        assert "same class" in cohen_kappa([1] * 12, [2] * 12, (3,)).reason
        assert "9 shared days" in cohen_kappa([1] * 9, [5] * 9, (3,)).reason

    @pytest.mark.parametrize("bounds", [(), (3, 3), (5, 2)])
    def test_bounds_must_rise(self, bounds):
        with pytest.raises(InputError, match="must rise"):
            cohen_kappa([1] * 12, [2] * 12, bounds)

    def test_classes_of_size(self):
        a, b = thinned(3)
        bounds = size_classes(a, b)
        assert bounds == size_classes(b, a)
        assert bounds[0] == 0
        assert (np.diff(bounds) > 0).all()
        assert size_classes([0] * 3, [0] * 3) == (0.0,)


class TestAlpha:
    def test_by_the_definition(self):
        a, b = (np.log1p(side) for side in thinned(4, days=25))
        every = np.r_[a, b]
        disagreement = ((a - b) ** 2).mean()
        chance = np.subtract.outer(every, every) ** 2
        expected = 1 - disagreement / (chance.sum() / (len(every) * (len(every) - 1)))
        assert krippendorff_alpha(a, b).value == pytest.approx(expected, rel=1e-12)

    def test_same_figures(self):
        assert krippendorff_alpha(range(12), range(12)).value == 1.0
        assert isinstance(krippendorff_alpha([2] * 12, [2] * 12), NotEstimable)


counts = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=10, max_size=30)


@settings(max_examples=40, deadline=None)
@given(counts, st.randoms(use_true_random=False))
def test_swapping_or_shuffling_changes_no_measure(pairs, random):
    a, b = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    order = random.sample(range(len(pairs)), len(pairs))
    bounds = size_classes(a, b)

    def measures(x, y):
        return [
            correlation(x, y),
            correlation(x, y, ranks=True),
            lin_concordance(x, y),
            cohen_kappa(x, y, bounds),
            cohen_kappa(x, y, bounds, weighted=True),
            krippendorff_alpha(x, y),
        ]

    for other in (measures(b, a), measures(a[order], b[order])):
        for one, again in zip(measures(a, b), other, strict=True):
            assert bool(one) == bool(again)
            if isinstance(one, Estimate):
                expected = [one.value, one.low, one.high]
                assert [again.value, again.low, again.high] == pytest.approx(expected, abs=1e-9, nan_ok=True)
