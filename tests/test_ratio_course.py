"""The ratio of two sources through time."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from paired import thinned
from scipy import stats

from casualties.comparison.paired_ratio import paired_ratio
from casualties.comparison.ratio_course import ROLLING_DAYS, ratio_course, ratio_drift
from casualties.estimates import Estimate, NotEstimable


def shared(a, b, start="2019-01-01"):
    days = pd.date_range(start, periods=len(a), name="date")
    return pd.DataFrame({"a": np.asarray(a, dtype=float), "b": np.asarray(b, dtype=float)}, index=days)


def test_months_are_ratios_of_their_days():
    days = shared(*thinned(1, days=120))
    course = ratio_course(days)
    assert course.months["start"].dt.month.tolist() == [1, 2, 3, 4]
    assert course.months["days"].tolist() == [31, 28, 31, 30]
    february = days.loc["2019-02-01":"2019-02-28"]
    expected = paired_ratio(february["a"], february["b"]).ratio
    row = course.months.iloc[1]
    assert [row["ratio"], row["low"], row["high"]] == [expected.value, expected.low, expected.high]
    assert course.months["a"].sum() == days["a"].sum()


def test_rolling_windows_are_whole_and_named_by_their_middle():
    days = shared(*thinned(1, days=60))
    rolling = ratio_course(days).rolling
    assert len(rolling) == 60 - ROLLING_DAYS + 1
    first = days.iloc[:ROLLING_DAYS]
    assert rolling["ratio"].iloc[0] == paired_ratio(first["a"], first["b"]).ratio.value
    assert rolling.index[0] == days.index[0] + pd.Timedelta(days=ROLLING_DAYS // 2)


def test_a_month_with_few_days_says_why():
    course = ratio_course(shared(*thinned(1, days=36)))
    assert course.months["reason"].tolist() == ["", "5 shared days; at least 10 are needed"]
    assert "1 months with 10 shared days" in course.constant.reason


def test_no_days():
    course = ratio_course(shared([], []))
    assert course.months.empty
    assert course.rolling.empty
    assert isinstance(course.drift, NotEstimable)
    assert isinstance(course.constant, NotEstimable)


def test_constancy_equals_the_quasibinomial_f_test_of_statsmodels():
    days = shared(*thinned(2, days=120))
    used = days[days.sum(axis=1) > 0]
    total = used.sum(axis=1).to_numpy()
    share = used["a"].to_numpy() / total
    months = pd.get_dummies(pd.DatetimeIndex(used.index).month).to_numpy(dtype=float)
    fit = sm.GLM(share, months, family=sm.families.Binomial(), var_weights=total).fit(scale="X2", tol=1e-14)
    inside = used["a"].sum() / total.sum()
    pearson = (total * (fit.fittedvalues - inside) ** 2 / (inside * (1 - inside))).sum()
    expected = stats.f.sf(pearson / 3 / fit.scale, 3, len(used) - 4)
    assert ratio_course(days).constant.value == pytest.approx(expected, rel=1e-9)


def test_drift_equals_statsmodels():
    rng = np.random.default_rng(3)
    true = rng.poisson(20, 90)
    days = shared(rng.binomial(true, 0.8), rng.binomial(true, np.linspace(0.8, 0.4, 90)))
    total = days.sum(axis=1).to_numpy()
    design = sm.add_constant(np.arange(90.0))
    model = sm.GLM(days["a"].to_numpy() / total, design, family=sm.families.Binomial(), var_weights=total)
    fit = model.fit(tol=1e-14)
    found, p = ratio_drift(days)
    assert found.value == pytest.approx(fit.params[1], rel=1e-8)
    residual = days["a"].to_numpy() - total * fit.fittedvalues
    scores = design * residual[:, None]
    weight = total * fit.fittedvalues * (1 - fit.fittedvalues)
    inverse = np.linalg.inv(design.T @ (design * weight[:, None]))
    error = np.sqrt((inverse @ scores.T @ scores @ inverse)[1, 1])
    assert (found.high - found.low) / 2 == pytest.approx(stats.norm.ppf(0.975) * error, rel=1e-8)
    assert p < 1e-3


def test_drift_turns_around_with_the_pair_and_not_with_the_start():
    a, b = thinned(4)
    one, p = ratio_drift(shared(a, b))
    other, q = ratio_drift(shared(b, a))
    moved, _ = ratio_drift(shared(a, b, start="2021-05-01"))
    assert one.value == pytest.approx(-other.value)
    assert one.low == pytest.approx(-other.high)
    assert p == pytest.approx(q)
    assert moved == one


def test_a_steady_ratio_is_seldom_called_moving():
    p = [ratio_drift(shared(*thinned(seed, days=90)))[1] for seed in range(200)]
    # 10 expected at 5 %, standard error 3.1.
    assert sum(value < 0.05 for value in p) <= 22


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ([1] * 19, [2] * 19, "19 shared days with deaths"),
        ([0] * 30, [2] * 30, "a source counts nobody"),
        ([3] * 15 + [0] * 15, [0] * 15 + [3] * 15, "the date parts the days"),
    ],
)
def test_a_drift_that_cannot_be_had_says_why(a, b, reason):
    found, _ = ratio_drift(shared(a, b))
    assert isinstance(found, NotEstimable)
    assert reason in found.reason


def test_a_fixed_split_has_no_drift():
    found, p = ratio_drift(shared([4] * 30, [2] * 30))
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0, abs=1e-12)
    assert np.isnan(p) or p > 0.05
