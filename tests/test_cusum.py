"""The sum for a rise that lasts: the recursion against plain loops, likelihood ratios against scipy, and the threshold.

Loops and kernels agree to 1e-10, likelihood ratios to 1e-9.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from casualties.errors import InputError
from casualties.inference.cusum import CusumReference, highest_sums, log_ratios, reference_of, running_sum, threshold
from casualties.inference.latent_ar import fit_latent_ar, weekday_design, weekday_precision

NAN = float("nan")
DAYS = pd.date_range("2019-04-01", periods=180)


def plain_sum(ratios, ceiling):
    total, sums = 0.0, []
    for ratio, most in zip(ratios, ceiling, strict=True):
        total = min(max(total + ratio, 0.0), most)
        sums.append(total)
    return sums


@pytest.fixture(scope="module")
def posterior():
    rng = np.random.default_rng(3)
    counts = rng.poisson(rng.gamma(2.0, 4.0, 90)).astype(float)
    return fit_latent_ar(counts, weekday_design(DAYS[:90], trend=False), prior_precision=weekday_precision(trend=False))


def test_sums_are_those_of_a_plain_loop():
    rng = np.random.default_rng(1)
    ratios, ceiling = rng.normal(-0.1, 1.0, (20, 60)), rng.uniform(1.0, 4.0, (20, 60))
    for each, most in zip(ratios, ceiling, strict=True):
        np.testing.assert_allclose(running_sum(each, most), plain_sum(each, most), rtol=0, atol=1e-10)
    expected = [max(plain_sum(each, [math.inf] * 60)) for each in ratios]
    np.testing.assert_allclose(highest_sums(ratios), expected, rtol=0, atol=1e-10)


def test_ratios_are_those_of_two_negative_binomials():
    mean, size, rise = np.array([4.0, 0.5, 20.0]), np.array([2.0, 0.8, 5.0]), 1.7
    counts = np.array([6.0, 0.0, 33.0])

    def log_pmf(mu):
        return stats.nbinom.logpmf(counts, size, size / (size + mu))

    expected = log_pmf(rise * mean) - log_pmf(mean)
    np.testing.assert_allclose(log_ratios(counts, CusumReference(mean, size), rise), expected, atol=1e-9)


def test_one_huge_day_says_no_more_than_three_deviations():
    reference = CusumReference(np.array([4.0]), np.array([2.0]))
    most = 4.0 + 3.0 * math.sqrt(4.0 + 8.0)
    assert log_ratios([10_000], reference, 2.0) == pytest.approx(log_ratios([most], reference, 2.0), abs=1e-12)
    assert log_ratios([NAN], reference, 2.0).tolist() == [0.0]
    with pytest.raises(InputError, match="must be above 1"):
        log_ratios([1], reference, 1.0)


def test_the_reference_has_the_moments_of_paths_far_ahead(posterior):
    ahead = weekday_design(DAYS[90:180], trend=False)
    reference = reference_of(posterior, ahead, np.zeros(90))
    paths = posterior.sample_paths(ahead, np.zeros(90), 4000, np.random.default_rng(2))[:, 60:]
    # Days of one path share a level: 4,000 levels tell the mean to a few per cent, its square to somewhat more.
    assert paths.mean() == pytest.approx(reference.mean[60:].mean(), rel=0.05)
    second = (reference.mean + reference.mean**2 * (1.0 + 1.0 / reference.size))[60:].mean()
    assert (paths.astype(float) ** 2).mean() == pytest.approx(second, rel=0.15)
    doubled = reference_of(posterior, ahead, np.full(90, math.log(2.0)))
    np.testing.assert_allclose(doubled.mean, 2.0 * reference.mean, rtol=1e-12)
    np.testing.assert_allclose(doubled.size, reference.size, rtol=1e-9)


def test_the_threshold_is_passed_as_often_as_asked(posterior):
    ahead = weekday_design(DAYS[90:180], trend=False)
    options = {"rise": 2.0, "paths": 2000}
    found = threshold(posterior, ahead, np.zeros(90), run_length=365.0, rng=np.random.default_rng(5), **options)
    reference = reference_of(posterior, ahead, np.zeros(90))
    other = posterior.sample_paths(ahead, np.zeros(90), 2000, np.random.default_rng(6))
    passed = (highest_sums(log_ratios(other, reference, 2.0)) > found).mean()
    # Two samples of 2,000: five standard errors of their difference.
    assert passed == pytest.approx(1.0 - math.exp(-90.0 / 365.0), abs=5 * math.sqrt(2 * 0.22 * 0.78 / 2000))
    rarer = threshold(posterior, ahead, np.zeros(90), run_length=3650.0, rng=np.random.default_rng(5), **options)
    assert rarer > found > 0
