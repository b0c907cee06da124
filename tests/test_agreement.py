"""Two daily series side by side."""

import pickle
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paired import series, thinned

from casualties.comparison.agreement import compare_pair
from casualties.comparison.paired_ratio import paired_ratio
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.series import DailySeries, daily_series
from casualties.study import Study

OFFENSIVE = {"start": "2019-04-30", "end": "2019-08-31"}


@pytest.fixture(scope="module")
def single(study: Study) -> DailySeries:
    feed = study.sources["sohr"]
    alone = replace(feed, frame=feed.frame[~feed.frame["flags"].str.contains("two-reports")])
    return daily_series(alone, **OFFENSIVE, spread="even", missing_days="missing")


class TestComparePair:
    def test_swapping_the_series(self):
        a, b = thinned(4)
        one, other = compare_pair(series(a), series(b, "B")), compare_pair(series(b, "B"), series(a))
        assert one.ratio.value * other.ratio.value == pytest.approx(1, rel=1e-12)
        assert one.ratio.low * other.ratio.high == pytest.approx(1, rel=1e-12)
        assert one.lag == -other.lag
        for name in ("pearson", "spearman", "concordance", "concordance_log", "direction"):
            assert getattr(one, name).value == pytest.approx(getattr(other, name).value, rel=1e-12)
        assert one.limits.bias.value == pytest.approx(-other.limits.bias.value, rel=1e-12)
        assert one.days["standardised"].to_numpy() == pytest.approx(-other.days["standardised"].to_numpy(), nan_ok=True)

    def test_moving_both_in_time_changes_nothing(self):
        a, b = thinned(4)
        one = compare_pair(series(a), series(b, "B"))
        other = compare_pair(series(a, start="2021-07-09"), series(b, "B", start="2021-07-09"))
        # The months are those of the calendar, and a window that moves is cut elsewhere.
        one, other = (each.to_frame().set_index("measure").drop("one ratio in all months") for each in (one, other))
        assert one.drop(columns="note").equals(other.drop(columns="note"))

    def test_a_day_that_one_did_not_report_is_missing_not_zero(self):
        a, b = (side.astype(float) for side in thinned(6, days=60))
        b[::4] = np.nan
        found = compare_pair(series(a), series(b, "B"), max_lag=0)
        kept = ~np.isnan(b)
        assert found.ratio == paired_ratio(a[kept], b[kept]).ratio
        assert found.totals.days_a == 60
        assert found.totals.days_b == found.totals.days_shared == len(found.days) == 45
        assert found.totals.shared_a == a[kept].sum()
        assert found.totals.observed_a == a.sum()
        assert found.totals.days_zero == int(((a + b)[kept] == 0).sum())
        assert (found.basis.days, found.basis.days_observed) == (60, 45)

    def test_windows_that_only_overlap(self):
        a, b = thinned(7, days=60)
        found = compare_pair(series(a), series(b[20:], "B", start="2019-01-21"), max_lag=0)
        assert found.ratio == paired_ratio(a[20:], b[20:]).ratio
        assert (found.basis.start, found.basis.end) == ("2019-01-21", "2019-03-01")

    def test_windows_without_a_common_day_give_reasons(self):
        found = compare_pair(series([3] * 20), series([2] * 20, "B", start="2020-01-01"))
        assert (found.basis.start, found.basis.end) == ("2019-01-01", "2020-01-20")
        assert (found.basis.days, found.basis.days_observed) == (385, 0)
        assert found.days.empty
        for name in ("ratio", "ratio_score", "pearson", "concordance", "limits", "direction"):
            assert isinstance(getattr(found, name), NotEstimable), name
        assert found.to_frame()["note"].str.contains("0 shared days").sum() >= 5
        assert "Weeks:    not estimable: no shared days\n" in found.summary()

    def test_standardised_differences_have_the_spread_of_one(self):
        a, b = thinned(8)
        found = compare_pair(series(a), series(b, "B"))
        used = found.days["standardised"].dropna()
        assert (used**2).sum() / (len(used) - 1) == pytest.approx(1, rel=1e-9)

    def test_results_not_given_are_not_estimable(self):
        a, b = thinned(9, days=40)
        found = compare_pair(series(a), series(b, "B"))
        assert found.changes == found.trends == NotEstimable("not given")

    def test_trends_are_subtracted(self):
        def result(value, reach):
            return SimpleNamespace(growth=Estimate(value, value - reach, value + reach, 0.95, "per day"))

        a, b = thinned(9, days=40)
        found = compare_pair(series(a), series(b, "B"), trends=(result(0.05, 0.03), result(0.01, 0.04))).trends
        assert found.value == pytest.approx(0.04)
        assert [found.low, found.high] == pytest.approx([-0.01, 0.09])
        missing = SimpleNamespace(growth=NotEstimable("no deaths recorded"))
        found = compare_pair(series(a), series(b, "B"), trends=(result(0.05, 0.03), missing)).trends
        assert found == NotEstimable("no deaths recorded")

    def test_scope_says_whom_and_where_each_counts_and_carries_caveats(self):
        a, b = thinned(10, days=40)
        record = replace(series(b).record, name="B", scope="all of Syria", notes=("Days are selected.",))
        other = replace(series(b, "B"), record=record)
        found = compare_pair(series(a), other, caveats=("The ratio holds on cited days only.",))
        text = " ".join(found.scope)
        for words in ("all of Syria", "B: Days are selected.", "cited days only", "40 days that both observed"):
            assert words in text
        assert set(found.scope) <= {line.split(":    ", 1)[-1] for line in found.summary().splitlines()}

    def test_warnings_name_what_weakens_the_comparison(self):
        rng = np.random.default_rng(1)
        true = rng.poisson(30, 200)
        drifting = rng.binomial(true, np.where(np.arange(200) // 25 % 2 == 0, 0.9, 0.4))
        other = series(drifting, "B")
        found = compare_pair(series(true), other)
        assert any("drifts: neighbouring days go together" in sentence for sentence in found.warnings)
        frame = other.frame.assign(exposure=np.where(np.arange(200) == 3, 2.0, 1.0))
        found = compare_pair(series(true), replace(other, frame=frame))
        assert any("B: 1 of the shared days cover more or less than 24 hours" in one for one in found.warnings)

    def test_coverage_that_falls_is_named(self):
        rng = np.random.default_rng(2)
        true = rng.poisson(30, 200)
        found = compare_pair(series(true), series(rng.binomial(true, np.linspace(0.9, 0.5, 200)), "B"))
        assert any("in thirty days their ratio is multiplied by 1." in sentence for sentence in found.warnings)

    def test_levels_of_different_victims_are_refused(self):
        a, b = thinned(9)
        civilians = replace(series(b, "B"), victims="civilians", whom="civilians")
        found = compare_pair(series(a), civilians)
        names = ("ratio", "ratio_score", "ratio_lags", "dispersion", "concordance", "concordance_log", "limits")
        for name in (*names, "kappa", "kappa_weighted", "alpha", "course"):
            assert getattr(found, name) == found.match.refusal, name
        assert "not comparable: the two series count different victims: all victims and civilians" in found.warnings[0]
        assert found.pearson == compare_pair(series(a), series(b, "B")).pearson
        assert found.direction
        assert found.driving.empty
        assert found.days["standardised"].isna().all()
        assert found.lags["ratio"].isna().all()
        assert found.summary().count("not comparable") == 2
        assert found.to_frame()["note"].str.contains("not comparable").sum() >= 10

    def test_selected_days_are_marked(self):
        a, b = thinned(9)
        found = compare_pair(series(a), series(b, "B"), selected="Only cited days are here.")
        assert found.course.selected == "Only cited days are here."
        assert "the ratio through time is no sample: Only cited days are here" in found.warnings
        assert "Only cited days are here." in found.scope

    def test_independent_splits_seldom_warn_of_drift(self):
        warned = 0
        for seed in range(100):
            a, b = thinned(1000 + seed)
            warned += any("drifts" in one for one in compare_pair(series(a), series(b, "B"), max_lag=0).warnings)
        # Two tests at 2.5 % each: 5 of 100 expected, standard error 2.2.
        assert warned <= 14

    def test_every_measure_is_one_row(self):
        a, b = thinned(4)
        frame = compare_pair(series(a), series(b, "B")).to_frame()
        assert frame.columns.tolist() == ["measure", "value", "low", "high", "level", "unit", "note"]
        assert frame["measure"].is_unique
        assert (frame["value"].notna() == (frame["note"] == "")).all()

    def test_result_pickles(self):
        a, b = thinned(4, days=40)
        found = compare_pair(series(a), series(b, "B"))
        assert pickle.loads(pickle.dumps(found)).ratio == found.ratio

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [({"max_lag": -1}, "largest lag cannot be negative"), ({"level": 95}, "must lie between 0 and 1")],
    )
    def test_bad_arguments(self, arguments, message):
        with pytest.raises(InputError, match=message):
            compare_pair(series([1] * 12), series([1] * 12, "B"), **arguments)


counts = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=12, max_size=40)


@settings(max_examples=25, deadline=None)
@given(counts)
def test_swapping_the_pair_turns_it_around_and_changes_nothing_else(pairs):
    a, b = zip(*pairs, strict=True)
    one, other = compare_pair(series(a), series(b, "B")), compare_pair(series(b, "B"), series(a))
    assert one.lags["correlation"].to_numpy() == pytest.approx(
        other.lags["correlation"].to_numpy()[::-1], abs=1e-9, nan_ok=True
    )
    if one.lag != -other.lag:
        # Only where two lags fit equally well, so that rounding decides.
        best = one.lags["correlation"].nlargest(2)
        assert best.iloc[0] == pytest.approx(best.iloc[1], abs=1e-9)
        return
    for name in ("ratio", "ratio_score"):
        first, second = getattr(one, name), getattr(other, name)
        assert bool(first) == bool(second)
        if isinstance(first, Estimate):
            assert first.value * second.value == pytest.approx(1)
            assert first.low * second.high == pytest.approx(1)
    for name in ("pearson", "spearman", "concordance", "kappa", "kappa_weighted", "alpha", "direction", "dispersion"):
        first, second = getattr(one, name), getattr(other, name)
        assert bool(first) == bool(second)
        if isinstance(first, Estimate):
            assert first.value == pytest.approx(second.value, abs=1e-9)
    if isinstance(one.course.drift, Estimate):
        assert one.course.drift.value == pytest.approx(-other.course.drift.value, abs=1e-9)
    assert one.totals.days_shared == other.totals.days_shared
    assert sorted(one.driving["of_dispersion"]) == pytest.approx(sorted(other.driving["of_dispersion"]))


def test_other_names_change_nothing_but_labels():
    a, b = thinned(11)
    one, other = compare_pair(series(a), series(b, "B")), compare_pair(series(a, "x"), series(b, "y"))
    assert one.to_frame().equals(other.to_frame())
    assert (one.names, other.names) == (("A", "B"), ("x", "y"))


class TestRealData:
    """Nationwide daily totals of SOHR and UCDP in the offensive of 2019, on days with a single report."""

    @pytest.mark.parametrize(
        ("spread", "deaths", "pearson", "ratio"),
        [
            ("exclude", 2759, 0.90, (1.085, 1.011, 1.165)),
            ("expected", 2927, 0.94, (1.023, 0.975, 1.073)),
            ("even", 2926, 0.94, (1.023, 0.975, 1.073)),
        ],
    )
    def test_published_figures(self, study, single, spread, deaths, pearson, ratio):
        events = daily_series(study.sources["ucdp"], **OFFENSIVE, spread=spread, missing_days="zero")
        found = compare_pair(single, events)
        assert found.totals.days_shared == 68
        assert found.totals.days_b == 124
        assert (found.totals.shared_a, round(found.totals.shared_b)) == (2994, deaths)
        assert round(found.pearson.value, 2) == pearson
        assert (found.ratio.value, found.ratio.low, found.ratio.high) == pytest.approx(ratio, abs=6e-4)
        assert found.lag == 0
        text = " ".join(found.scope)
        for words in ("the days are selected", "rests on reports of the Syrian Observatory", "missing, not zero"):
            assert words in text

    def test_all_days_of_the_feed(self, study):
        feed = daily_series(study.sources["sohr"], **OFFENSIVE, spread="even", missing_days="missing")
        events = daily_series(study.sources["ucdp"], **OFFENSIVE, spread="exclude", missing_days="zero")
        found = compare_pair(feed, events)
        assert (found.totals.days_shared, found.totals.shared_a, found.totals.shared_b) == (73, 3175, 2954)

    def test_declared_pair_through_time(self, study):
        found = compare_pair(study.series("syria_sohr"), study.series("syria"))
        assert (found.totals.days_shared, found.totals.shared_a, found.totals.shared_b) == (68, 2994, 2759)
        months = found.course.months
        assert months["days"].tolist() == [24, 15, 16, 13]
        assert months["ratio"].round(2).tolist() == [1.02, 1.07, 1.33, 1.01]
        assert found.lag_set == (0,)
        worst = found.driving.iloc[0]
        assert (f"{found.driving.index[0]:%Y-%m-%d}", worst["a"], worst["b"]) == ("2019-07-11", 77, 10)
        assert found.match.refusal is None
