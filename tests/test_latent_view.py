"""The view behind several sources: what it refuses, what it warns of, and that names and order change nothing."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import casualties.figures
import casualties.tables  # noqa: F401 - registers the tables
from casualties.calibration.latent_view import LATENT, Sourced
from casualties.calibration.runner import run_studies
from casualties.comparison.latent_view import latent_view
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.figures.latent_view import plot_coverage_drift, plot_tipping
from casualties.inference.reporting_drift import DRIFT_DAYS
from casualties.models.trend import fit_trend
from casualties.series import DailySeries
from casualties.simulate.sources import Reporting, simulate_sources
from casualties.tables.latent_view import coverage_drift_table, latent_views_table

DAYS = 70
ANSWERS = ("growth_without", "p_rising_without", "growth", "p_rising", "tipping", "explains")


def drawn(seed=5, reports=None, growth=0.015, days=DAYS):
    """Draw three sources of one war: the first gains, the second loses coverage, the third is often silent."""
    rng = np.random.default_rng(seed)
    mean = 40.0 * np.exp(growth * (np.arange(days) - (days - 1) / 2)) * rng.gamma(3.0, 1 / 3.0, days)
    reports = reports or [
        Reporting(share=0.15, drift=0.012),
        Reporting(share=0.5, drift=-0.01),
        Reporting(share=0.3, silent=0.2),
    ]
    return simulate_sources(rng, mean, reports).counts


def named(counts, names="ABCD", start="2023-01-02"):
    return {name: DailySeries.from_counts(each, start, name=name) for name, each in zip(names, counts, strict=False)}


@pytest.fixture(scope="module")
def counts():
    return drawn()


@pytest.fixture(scope="module")
def view(counts):
    return latent_view(named(counts), drift=2.0)


@pytest.fixture(scope="module")
def copied():
    """Give two sources and one that rests on the first."""
    return drawn(8, [Reporting(share=0.3), Reporting(share=0.4), Reporting(share=0.8, copies=0)])


class TestAnswers:
    def test_it_names_what_it_rests_on(self, view):
        assert view.names == view.used == ("A", "B", "C")
        assert view.basis.settings["common"] == view.basis.settings["drift"] == 2.0
        assert view.basis.method.startswith("model")
        assert (view.basis.days, view.basis.days_observed) == (DAYS, DAYS)
        assert "A model of the deaths behind A, B and C" in view.summary()

    def test_drift_makes_it_less_sure(self, view):
        widths = [answer.high - answer.low for answer in (view.growth_without, view.growth)]
        assert widths[0] < widths[1]
        assert abs(view.p_rising.value - 0.5) < abs(view.p_rising_without.value - 0.5)

    def test_the_sources_part_as_they_were_drawn(self, view):
        drifts = view.drifts.set_index("source")
        assert drifts.loc["B", "high"] < 1.0 < drifts.loc["A", "low"]
        assert np.log(drifts["drift"].astype(float)).sum() == pytest.approx(0.0, abs=1e-9)
        assert np.log(drifts["coverage"].astype(float)).sum() == pytest.approx(0.0, abs=1e-9)

    def test_courses_end_where_the_drift_says(self, view):
        for name, course in view.courses.groupby("source"):
            steps = np.diff(np.log(course["coverage"]))
            told = math.log(view.drifts.set_index("source").loc[name, "drift"]) / DRIFT_DAYS
            np.testing.assert_allclose(steps, told)

    def test_the_curve_is_the_answer_at_each_factor(self, counts, view):
        row = view.curve.iloc[20]
        other = latent_view(named(counts), drift=2.0, common=float(row["factor"]))
        assert (other.growth.low, other.growth.high) == pytest.approx((row["low"], row["high"]))
        assert view.curve["factor"].iloc[0] == 1.0
        assert (np.diff(view.curve["high"] - view.curve["low"]) > 0.0).all()

    def test_the_tipping_drift_is_where_the_interval_reaches_nothing(self, counts, view):
        assert isinstance(view.tipping, Estimate)
        at = latent_view(named(counts), drift=2.0, common=view.tipping.value)
        assert at.growth.low == pytest.approx(0.0, abs=1e-6)

    def test_a_drift_that_explains_all(self, view):
        assert view.explains.value == pytest.approx(math.exp(view.growth.value * DRIFT_DAYS))
        assert view.explains.unit == "factor over 90 days"

    def test_one_source_without_drift_is_the_trend(self, counts):
        series = DailySeries.from_counts(counts[0], "2023-01-02")
        alone, trend = latent_view([series], drift=1.0, level=0.9), fit_trend(series, level=0.9)
        for answer in (alone.growth, alone.growth_without):
            assert (answer.value, answer.low, answer.high) == pytest.approx(
                (trend.growth.value, trend.growth.low, trend.growth.high)
            )
        assert alone.p_rising.value == pytest.approx(trend.p_rising.value)

    def test_a_gap_is_no_zero(self, counts):
        gap = counts.copy()
        gap[:, 30:34] = np.nan
        zero = np.nan_to_num(gap)
        found = {key: latent_view(named(each)) for key, each in (("gap", gap), ("zero", zero))}
        assert found["gap"].basis.days_observed == DAYS - 4
        assert found["gap"].days["expected"].iloc[32] > found["zero"].days["rate"].iloc[32]
        assert np.isfinite(found["gap"].days.to_numpy()).all()

    def test_sources_of_other_days_are_set_on_one_calendar(self, counts):
        late = DailySeries.from_counts(counts[1][20:], "2023-01-22", name="B")
        view = latent_view([DailySeries.from_counts(counts[0][:50], "2023-01-02", name="A"), late])
        assert view.basis.days == DAYS
        assert view.counts["A"].isna().sum() == view.counts["B"].isna().sum() == 20

    def test_bands_of_days_hold_one_another(self, view):
        days = view.days
        assert ((days["drift_low"] <= days["expected_low"] + 1e-12) & (days["expected_low"] < days["expected"])).all()
        assert ((days["expected"] < days["expected_high"]) & (days["expected_high"] <= days["drift_high"])).all()
        assert ((days["rate_low"] < days["rate"]) & (days["rate"] < days["rate_high"])).all()


class TestNamesAndOrder:
    @settings(max_examples=6, deadline=None)
    @given(order=st.permutations(range(3)), seed=st.integers(0, 3))
    def test_order_changes_the_order_alone(self, order, seed):
        counts = drawn(seed)
        one = latent_view(named(counts))
        other = latent_view({"ABC"[k]: named(counts)["ABC"[k]] for k in order})
        for name in ANSWERS:
            first, second = getattr(one, name), getattr(other, name)
            assert type(first) is type(second)
            if isinstance(first, Estimate):
                assert second.value == pytest.approx(first.value, rel=1e-5, abs=1e-8)
        drifts = [each.drifts.set_index("source").drop(columns="counts_in").astype(float) for each in (one, other)]
        pd.testing.assert_frame_equal(drifts[0], drifts[1].loc[drifts[0].index], rtol=1e-6)

    @settings(max_examples=4, deadline=None)
    @given(names=st.permutations("PQRST"))
    def test_names_change_the_names_alone(self, names):
        counts = drawn(1)
        one = latent_view(named(counts), dependent=[("A", "C")])
        other = latent_view(named(counts, names), dependent=[(names[2], names[0])])
        assert one.growth == other.growth
        assert [dict(zip("ABC", names, strict=False))[name] for name in one.used] == list(other.used)
        pd.testing.assert_frame_equal(one.drifts.iloc[:, 2:], other.drifts.iloc[:, 2:])

    def test_two_calls_give_the_same_bytes(self, counts, view):
        again = latent_view(named(counts), drift=2.0)
        assert again.summary() == view.summary()
        pd.testing.assert_frame_equal(again.days, view.days, check_exact=True)


class TestDependence:
    def test_a_declared_copy_bears_no_weight(self, copied):
        with_copy = latent_view(named(copied), dependent=[("A", "C")])
        without = latent_view(named(copied[:2]))
        assert with_copy.used == ("A", "B")
        assert with_copy.growth == without.growth
        assert with_copy.tipping == without.tipping
        assert with_copy.drifts["counts_in"].tolist() == ["A", "B", "A"]
        assert math.isfinite(with_copy.drifts["drift"].iloc[2])

    def test_it_is_said(self, copied):
        texts = latent_view(named(copied), dependent=[("C", "A")]).warnings
        assert any("A and C" in text and "confirms nothing" in text for text in texts)

    def test_the_source_with_more_days_enters(self, copied):
        fewer = copied.copy()
        fewer[0, ::3] = np.nan
        assert latent_view(named(fewer), dependent=[("A", "C")]).used == ("B", "C")

    def test_groups_that_meet_are_one(self, copied):
        view = latent_view(named(copied), dependent=[("A", "B"), ("B", "C")])
        assert view.basis.settings["dependent"] == [["A", "B", "C"]]
        assert view.used == ("B",)
        assert any("Only B enters" in text for text in view.warnings)

    def test_an_undeclared_copy_is_suspected(self, copied):
        suspected = [text for text in latent_view(named(copied)).warnings if "in `dependent`" in text]
        assert len(suspected) == 1
        assert suspected[0].startswith("A and C differ by day less")

    def test_independent_sources_are_not(self):
        told = [text for seed in range(5) for text in latent_view(named(drawn(seed))).warnings]
        assert not [text for text in told if "in `dependent`" in text]


class TestRefusals:
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            (np.zeros((2, 40)), "no deaths are recorded in the window"),
            (np.full((2, 40), np.nan), "0 observed days are fewer than 14"),
            (np.ones((2, 9)), "9 observed days are fewer than 14"),
            (np.concatenate([np.ones((2, 40)), [[900.0], [2.0]]], axis=1), "one day holds 92% of all recorded deaths"),
            (np.array([np.ones(40), np.zeros(40)]), "B records no deaths on the days that it shares"),
            (np.array([[1.0] * 20 + [np.nan] * 20, [np.nan] * 20 + [1.0] * 20]), "fewer than 10 shared days link A; B"),
        ],
    )
    def test_reasons(self, values, reason):
        view = latent_view(named(values))
        for name in ANSWERS:
            answer = getattr(view, name)
            assert isinstance(answer, NotEstimable)
            assert reason in answer.reason
        assert "not estimable" in view.summary()
        assert view.fit is None
        assert len(view.to_frame()) == len(ANSWERS)
        assert view.plot() is not None
        assert len(view.table()) == 1
        assert len(coverage_drift_table(view)) == 0
        plt.close("all")

    def test_equal_counts_leave_nothing_to_tip(self):
        view = latent_view(named(np.tile([5.0, 3.0], (2, 30))))
        assert isinstance(view.growth, Estimate)
        assert "holds 0 without any drift" in view.tipping.reason

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"level": 1.0}, "must lie between 0 and 1"),
            ({"drift": 0.5}, "a finite factor of at least 1"),
            ({"common": math.nan}, "a finite factor of at least 1"),
            ({"dependent": ["AB"]}, "a group of sources is a list of names"),
        ],
    )
    def test_bad_options(self, counts, options, message):
        with pytest.raises(InputError, match=message):
            latent_view(named(counts), **options)

    def test_bad_series(self, counts):
        with pytest.raises(InputError, match="there is no series"):
            latent_view([])
        with pytest.raises(InputError, match="of a source of the same name"):
            latent_view([DailySeries.from_counts(each, "2023-01-02") for each in counts])
        with pytest.raises(UnknownNameError, match="dependent"):
            latent_view(named(counts), dependent=[("A", "Z")])


class TestWarnings:
    def test_a_model_says_so(self, view):
        assert view.warnings[0].startswith("This is a model and no count")
        assert "was declared and not estimated" in view.warnings[1]

    def test_more_drift_than_declared(self, counts):
        reports = [Reporting(share=0.1, drift=0.02), Reporting(share=0.5, drift=-0.02)]
        view = latent_view(named(drawn(2, reports)), drift=1.3)
        assert any("more than was declared (1.3)" in text for text in view.warnings)

    def test_few_days(self, counts):
        view = latent_view(named(counts[:, :30]))
        assert any("Only 30 days were observed" in text for text in view.warnings)

    def test_one_large_day(self, counts):
        large = counts.copy()
        large[:, 40] = 0.3 * np.nansum(counts, axis=1).round()
        large = np.where(np.isnan(counts), np.nan, large.round())
        assert any("the trend leans on it" in text for text in latent_view(named(large)).warnings)


class TestStudy:
    """The bundled study: one source, and one that rests on the other."""

    def test_weeks_around_the_start(self, study):
        window = study.windows["weeks_around"]
        view = latent_view([study.series("north_west").between(window.start, window.end)])
        assert view.growth.low > 0.0
        assert any("no drift can be told from a trend" in text for text in view.warnings)
        # Coverage would have to change by far more than anybody would claim.
        assert view.tipping.value > 10.0

    def test_sohr_and_ucdp_are_one(self, study):
        pair = {"SOHR": study.series("syria_sohr"), "UCDP": study.series("syria")}
        view = latent_view(pair, dependent=[("UCDP", "SOHR")])
        assert view.used == ("UCDP",)
        row = view.drifts.set_index("source").loc["SOHR"]
        assert row["low"] < 1.0 < row["high"]


class TestDrawn:
    def test_three_panels(self, view):
        ax = view.plot()
        figure = ax.get_figure()
        assert len(figure.axes) == 3
        assert ax.get_ylabel() == "recorded deaths per day"
        labels = [text.get_text() for text in ax.get_legend().get_texts()]
        assert {"A", "B", "C", "expected, model", "95%, shared drift allowed"} <= set(labels)
        plt.close(figure)

    def test_one_source_has_no_course(self, counts):
        view = latent_view(named(counts[:1]))
        figure = view.plot().get_figure()
        assert len(figure.axes) == 2
        plt.close(figure)

    def test_parts_alone(self, view):
        for plot in (plot_coverage_drift, plot_tipping):
            assert plot(view).get_ylabel() in {"coverage / mean", "growth a day"}
        assert len(view.plot(parts=False).get_figure().axes) == 1
        plt.close("all")

    def test_tables(self, view):
        table = latent_views_table({"all": view})
        assert table.loc["all", "Drift declared"] == "2, shared 2"
        drifts = coverage_drift_table(view)
        assert drifts.index.tolist() == ["A", "B", "C"]
        assert (drifts["Enters"] == "yes").all()
        rested = coverage_drift_table(latent_view(named(drawn()), dependent=[("A", "B")]))
        assert rested.loc["B", "Enters"] == "yes"
        assert rested.loc["A", "Enters"] == "no, rests with B"


class TestMeasured:
    def test_every_scenario_gives_rows_and_no_failure(self):
        table = run_studies([LATENT], wars=1, workers=1)
        assert (table["measure"] != "failed").all()
        assert set(table["scenario"]) == set(LATENT.scenarios)
        assert all(isinstance(law, Sourced) for law in LATENT.scenarios.values())

    def test_a_shared_drift_that_nobody_declared_fails_and_a_declared_one_holds(self):
        laws = {name: LATENT.scenarios[name] for name in ("common", "understated")}
        study = type(LATENT)(LATENT.name, LATENT.words, laws, LATENT.measure, LATENT.days)
        table = run_studies([study], wars=20, workers=1).set_index(["scenario", "quantity", "measure", "nominal"])
        held = table["value"].to_dict()
        key = ("covered", 0.9)
        assert held["common", "growth with drift, 120 days", *key] > 0.7
        assert held["common", "growth if nothing drifts, 120 days", *key] < 0.75
        assert held["understated", "growth with drift, 120 days", *key] < 0.85
