"""The programme of calibration: it counts rightly, whatever number of processes works, and goes on where it stopped."""

import dataclasses
import math
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from measured import MEAN, TWO, failing

import casualties.figures  # noqa: F401 - registers the picture
from casualties.calibration import programme
from casualties.calibration.alarms import ALARMS, RISES
from casualties.calibration.answer import CalibrationResult
from casualties.calibration.changes import CHANGE, NO_CHANGE
from casualties.calibration.forecasts import FORECAST
from casualties.calibration.growth import GROWTH
from casualties.calibration.likeness import calibrate_like, scenario_like
from casualties.calibration.nowcasts import NOWCAST, Reported
from casualties.calibration.programme import PROGRAMME, answer_of, run_programme
from casualties.calibration.runner import TABLE_COLUMNS, read_table, run_studies
from casualties.calibration.scores import draw_rows
from casualties.calibration.shortfalls import pooled_alarms, shortfalls
from casualties.calibration.study import Row, Study, collect, interval_rows
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.figures.calibration import plot_calibrations
from casualties.models.growth import growth_of
from casualties.models.trend import fit_trend
from casualties.report.calibration import calibration_page
from casualties.series import DailySeries
from casualties.simulate.wars import SCENARIOS, Delays, Scenario, Step, simulate_war
from casualties.tables.calibration import calibration_table, intervals_table, rates_table


def row(**changes):
    """Give a row of a table of calibration."""
    given = {
        "study": "growth",
        "scenario": "ar9",
        "quantity": "growth, 28 days",
        "measure": "covered",
        "nominal": 0.95,
        "value": 0.95,
        "error": 0.005,
        "median": 1.0,
        "wars": 2000,
        "without": 0.0,
        "warned": 0.5,
        "asked": 2000,
        "seed": 1,
    }
    return given | changes


def table(*rows):
    return pd.DataFrame([row(**each) for each in rows], columns=TABLE_COLUMNS)


class TestRows:
    def test_an_interval_covers_its_ends(self):
        for truth, held in ((1.0, 1.0), (2.0, 1.0), (2.1, 0.0)):
            covered, width = interval_rows("x", Estimate(1.5, 1.0, 2.0, 0.9), truth, 0.9)
            assert (covered.value, width.value) == (held, 1.0)

    def test_without_an_answer_there_is_no_figure(self):
        for answer in (NotEstimable("no deaths"), Estimate(3.0)):
            assert all(math.isnan(each.value) for each in interval_rows("x", answer, 1.0, 0.9))

    def test_wars_are_put_together(self):
        wars = [
            [Row("x", "covered", 0.9, value, warned)] for value, warned in ((1, True), (0, False), (math.nan, True))
        ]
        got = collect(wars).iloc[0]
        assert (got["value"], got["wars"], got["without"], got["warned"]) == (0.5, 2, pytest.approx(1 / 3), 0.5)
        assert got["error"] == pytest.approx(math.sqrt(0.5) / math.sqrt(2))

    def test_a_share_that_is_full_has_an_error_all_the_same(self):
        got = collect([[Row("x", "covered", 0.9, 1.0)]] * 99).iloc[0]
        assert got["error"] == pytest.approx(math.sqrt((99.5 / 100) * (0.5 / 100) / 99))


class TestDraws:
    def test_intervals_of_whole_numbers_hold_too_much_and_their_law_does_not(self):
        rng = np.random.default_rng(2)
        draws = rng.poisson(0.7, 4000)
        wars = [draw_rows("x", draws, float(rng.poisson(0.7)), rng) for _ in range(1500)]
        got = collect(wars).set_index(["measure", "nominal"])["value"]
        assert got["covered", 0.5] > 0.7
        for level in (0.5, 0.8, 0.9, 0.95):
            assert got["held", level] == pytest.approx(level, abs=0.04)

    def test_what_whole_numbers_force_is_no_shortfall(self):
        wide = {"study": "nowcast", "nominal": 0.5, "value": 0.7}
        assert len(shortfalls(table(wide))) == 1
        assert shortfalls(table(wide, {**wide, "measure": "held", "value": 0.52})) == []
        assert len(shortfalls(table(wide, {**wide, "measure": "held", "value": 0.6}))) == 1


def test_intervals_of_growth_at_every_level_are_those_of_the_model():
    series = simulate_war(np.random.default_rng(1), SCENARIOS["ar9"], 56).series()
    fit = fit_trend(series).fit
    for level in (0.5, 0.9):
        assert growth_of([fit], level) == fit_trend(series, level=level).growth


class TestRunner:
    def test_figures_do_not_depend_on_the_number_of_processes(self):
        alone = run_studies([MEAN], wars=23, workers=1)
        pd.testing.assert_frame_equal(alone, run_studies([MEAN], wars=23, workers=2), check_exact=True)
        # The scenarios of the programme stand in a mapping that cannot be sent to another process.
        frozen = dataclasses.replace(MEAN, scenarios=MappingProxyType(dict(MEAN.scenarios)))
        pd.testing.assert_frame_equal(alone, run_studies([frozen], wars=23, workers=2), check_exact=True)

    def test_figures_do_not_depend_on_what_else_runs(self):
        other = dataclasses.replace(MEAN, name="other")
        both = run_studies([other, MEAN], wars=5, workers=1)
        only = run_studies([dataclasses.replace(MEAN, scenarios={"ar9": TWO["ar9"]})], wars=5, workers=1)
        again = both[(both["study"] == "mean") & (both["scenario"] == "ar9")].reset_index(drop=True)
        pd.testing.assert_frame_equal(again, only, check_exact=True)
        assert both["value"].nunique() > 4, "studies must not share their chance"

    def test_another_seed_gives_other_wars(self):
        first, second = (run_studies([MEAN], wars=5, workers=1, seed=seed) for seed in (1, 2))
        assert (first["value"] != second["value"]).any()

    def test_it_goes_on_where_it_stopped(self, tmp_path):
        path, seen = tmp_path / "docs" / "calibration.csv", []
        tell = lambda *told: seen.append(told)  # noqa: E731

        def stop(*told):
            if told[1] == "ar9":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_studies([MEAN], wars=12, workers=1, path=path, progress=stop)
        assert read_table(path)["scenario"].unique().tolist() == ["independent"]
        resumed = run_studies([MEAN], wars=12, workers=1, path=path, progress=tell)
        assert seen == [("mean", "ar9", 10, 12), ("mean", "ar9", 12, 12)]
        whole = run_studies([MEAN], wars=12, workers=1, path=tmp_path / "whole.csv")
        pd.testing.assert_frame_equal(resumed, whole, rtol=1e-5)
        assert path.read_bytes() == (tmp_path / "whole.csv").read_bytes()

    def test_another_number_of_wars_or_anew_measures_again(self, tmp_path):
        path, seen = tmp_path / "calibration.csv", []

        def tell(_study, scenario, done, wars):
            seen.append((scenario, done, wars))

        run_studies([MEAN], wars=3, workers=1, path=path)
        run_studies([MEAN], wars=4, workers=1, path=path, progress=tell)
        assert seen == [("independent", 4, 4), ("ar9", 4, 4)]
        run_studies([MEAN], wars=4, workers=1, path=path, progress=tell)
        assert len(seen) == 2
        run_studies([MEAN], wars=4, workers=1, path=path, progress=tell, anew=True)
        assert len(seen) == 4
        assert read_table(path)["asked"].unique().tolist() == [4]

    def test_rows_of_other_studies_stay_in_the_file(self, tmp_path):
        path = tmp_path / "calibration.csv"
        other = dataclasses.replace(MEAN, name="other")
        run_studies([other], wars=3, workers=1, path=path)
        got = run_studies([MEAN], wars=3, workers=1, path=path)
        assert set(got["study"]) == {"mean"}
        assert set(read_table(path)["study"]) == {"mean", "other"}

    def test_a_study_may_take_a_share_of_the_wars(self):
        got = run_studies([dataclasses.replace(MEAN, share=0.25)], wars=10, workers=1)
        assert set(got["asked"]) == {3}

    def test_errors_and_numpy_warnings_of_a_method_are_figures(self):
        got = run_studies([Study("bad", "Bad.", {"independent": TWO["independent"]}, failing, 20)], wars=60, workers=1)
        failed = got[got["measure"] == "failed"].set_index("quantity")["value"]
        assert set(failed.index) == {
            "ValueError: no such thing",
            "RuntimeWarning: divide by zero encountered in log",
        }
        rest = got.loc[got["measure"] == "covered", "wars"].sum()
        assert round(failed.sum() * 60) + rest == 60
        assert shortfalls(got)[0].startswith("bad (independent): an error in ")

    @pytest.mark.parametrize("wrong", [{"wars": 0}, {"wars": 5, "workers": 0}])
    def test_numbers_that_cannot_be_are_refused(self, wrong):
        with pytest.raises(InputError, match="must be at least 1"):
            run_studies([MEAN], **wrong)

    def test_a_file_of_something_else_is_refused(self, tmp_path):
        path = tmp_path / "calibration.csv"
        path.write_text("a,b\n1,2\n", encoding="utf-8")
        with pytest.raises(InputError, match="no table of calibration"):
            run_studies([MEAN], wars=2, workers=1, path=path)
        path.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(InputError, match="cannot be read"):
            run_studies([MEAN], wars=2, workers=1, path=path)


class TestShortfalls:
    def test_what_holds_is_not_told(self):
        assert shortfalls(table({}, {"nominal": 0.5, "value": 0.529}, {"nominal": 0.9, "value": 0.881})) == []

    def test_a_low_interval_is_told_once_with_whether_its_results_warn(self):
        (line,) = shortfalls(table({"value": 0.853, "error": 0.008, "warned": 0.97}))
        assert line == (
            "growth, 28 days (ar9): the 95 % interval holds the truth in 85.3 % (± 0.8) of wars, below 90 %; "
            "97 % of the results warn."
        )
        assert "no result warns" in shortfalls(table({"value": 0.853, "warned": 0.0}))[0]

    def test_what_is_off_in_one_quantity_and_scenario_is_told_together(self):
        levels = [{"nominal": 0.5, "value": 0.4}, {"nominal": 0.8, "value": 0.9}, {"nominal": 0.9, "value": 0.87}]
        assert shortfalls(table(*levels, {"scenario": "ar5", "value": 0.98})) == [
            "growth, 28 days (ar9): too few, 40.0 % (± 0.5) where 50 % is claimed, 87.0 % (± 0.5) where 90 % is "
            "claimed; 50 % of the results warn.",
            "growth, 28 days: too many, the interval is wider than it need be: 90.0 % where 80 % is claimed (ar9); "
            "98.0 % where 95 % is claimed (ar5).",
        ]

    def test_intervals_that_are_too_wide_are_told_from_the_lowest_to_the_highest_scenario(self):
        wide = [{"scenario": name, "value": value} for name, value in (("ar5", 0.98), ("ar9", 0.99), ("drift", 0.975))]
        (line,) = shortfalls(table(*wide))
        assert line.endswith("wider than it need be: 97.5 to 99.0 % where 95 % is claimed (every scenario).")
        (line,) = shortfalls(table(*wide, {"scenario": "spikes", "value": 0.95}))
        assert line.endswith("97.5 to 99.0 % where 95 % is claimed (ar5, ar9, drift).")

    def test_what_chance_alone_does_is_only_counted(self):
        few = {"value": 1.0, "error": 0.005, "wars": 60}
        (line,) = shortfalls(table({"value": 0.92, "error": 0.02}, {"nominal": 0.5, "value": 0.55, "error": 0.05}, few))
        assert line.startswith("3 further figures are off")

    def test_what_is_shown_beside_the_answer_is_not_held_to_it(self):
        beside = {"study": "change", "quantity": "date of a change, if days do not depend", "value": 0.5}
        assert shortfalls(table(beside)) == []
        assert len(shortfalls(table({**beside, "quantity": "date of a change, quoted"}))) == 1

    def test_forecasts_are_held_to_three_points(self):
        assert shortfalls(table({"study": "forecast", "value": 0.925})) == []
        assert len(shortfalls(table({"study": "forecast", "value": 0.915}))) == 1

    @pytest.mark.parametrize(
        ("rate", "words"), [(0.0003, "1 in 3,333"), (0.004, "1 in 250"), (0.0, "none at all"), (0.0005, None)]
    )
    def test_a_rate_of_alarms_beyond_its_bounds_is_told(self, rate, words):
        lines = shortfalls(
            table({"quantity": "an alarm", "measure": "false alarm", "nominal": 0.001, "value": rate, "error": 1e-5})
        )
        expected = [f"an alarm: false alarms are {words} where 1 in 1,000 is claimed (ar9)."] if words else []
        assert lines == expected

    def test_rates_of_one_rule_are_told_together(self):
        rule = {"quantity": "a rule", "measure": "false alarm", "error": 1e-4}
        rows = [
            {**rule, "scenario": name, "nominal": nominal, "value": value}
            for name, nominal, value in (("ar5", 0.01, 0.05), ("ar5", 0.001, 0.04), ("ar9", 0.001, 0.02))
        ]
        assert shortfalls(table(*rows)) == [
            "a rule: false alarms are 1 in 25 to 1 in 50 where 1 in 1,000 is claimed (every scenario); 1 in 20 where "
            "1 in 100 is claimed (ar5).",
        ]

    def test_decisions_are_pooled_over_the_grid_and_held_to_bounds_in_each(self):
        rates = {"independent": 0.02, "ar5": 0.04, "ar9": 0.12, "spikes": 0.06, "drift": 0.9}
        decided = {"quantity": "a change is decided", "nominal": 0.05}
        false = [{**decided, "measure": "false alarm", "scenario": name, "value": rate} for name, rate in rates.items()]
        right = {**decided, "nominal": math.nan, "measure": "detected", "scenario": "ar5", "value": 0.7}
        given = table(*false, right)
        assert pooled_alarms(given) == pytest.approx(0.06)
        assert shortfalls(given) == [
            "a change is decided: falsely in 6.0% of wars over independent, ar5, ar9, spikes together, above 5%.",
            "a change is decided (ar9): falsely in 12.0% of wars, above 10%.",
            "a change is decided (ar5): rightly in 70.0% of wars, below 85%.",
        ]

    def test_changes_that_verdicts_miss_are_told_together(self):
        found = {
            "study": "verdict-change",
            "quantity": "the change is found",
            "measure": "detected",
            "nominal": math.nan,
        }
        rows = [{**found, "scenario": name, "value": value} for name, value in (("rise", 0.66), ("rise, ar9", 0.39))]
        assert shortfalls(table(*rows, {**found, "scenario": "fall", "value": 0.9})) == [
            "verdict-change: the change is found in 39 to 66 % of wars (rise, rise, ar9), below 85%: where no change "
            "is called detectable, there may have been one.",
        ]

    def test_a_forecast_that_is_worse_than_the_rule_beside_it_is_told(self):
        skill = {"quantity": "deaths of 14 days", "measure": "skill", "nominal": math.nan, "value": -0.05}
        assert shortfalls(table({**skill, "error": 0.03})) == []
        (line,) = shortfalls(table({**skill, "error": 0.02}))
        assert line == "deaths of 14 days (ar9): worse than the simple rule, skill -0.05 (± 0.02)."

    def test_a_method_that_often_has_no_answer_is_told(self):
        rows = [{"without": 0.2}, {"without": 0.1, "nominal": 0.9, "value": 0.9}, {"scenario": "ar5", "without": 0.04}]
        (line,) = shortfalls(table(*rows))
        assert line == "growth, 28 days: no answer in 10.0 to 20.0 % of wars (ar9)."
        beside = {"study": "change", "quantity": "date of a change, if days depend", "without": 0.2}
        assert shortfalls(table(beside)) == []


@pytest.fixture(scope="module")
def measured() -> CalibrationResult:
    """Give a small calibration of the mean."""
    return answer_of([MEAN], run_studies([MEAN], wars=30, workers=1), "simulated wars", wars=30, seed=1)


class TestAnswer:
    def test_tables_hold_the_figures(self, measured):
        across = intervals_table(measured, "mean")
        assert across.columns.tolist() == ["Interval of", "Claims (%)", "independent", "ar9"]
        first = measured.coverage().iloc[0]
        assert across["independent"][0].startswith(f"{100 * first['value']:.1f} ± {100 * first['error']:.1f} (")
        assert rates_table(measured, "mean")["Measured"].tolist() == ["crps"]
        assert calibration_table(measured)["Holds (%)"].str.contains("±").all()
        assert measured.table().equals(calibration_table(measured))

    def test_the_page_tells_what_falls_short_and_prints_each_study(self, measured):
        page = calibration_page(measured)
        assert "30 wars a scenario, seed 1" in page
        assert "\nWars a scenario: 30.\n" in page
        assert all(f"- {line}" in page for line in measured.shortfalls)
        assert "## Mean\n\nThe mean.\n" in page
        assert "| Interval of | Claims (%) | independent | ar9 |" in page
        assert "a war has 0.5 to 30 expected deaths a day and a negative-binomial size of\n0.5 to 5" in page
        assert "- **ar9**: latent autoregression, 0.9 a day, sd 0.4" in page

    def test_the_page_tells_where_scenarios_have_fewer_wars(self, measured):
        fewer = measured.measured.assign(asked=measured.measured["scenario"].map({"independent": 30, "ar9": 1200}))
        page = calibration_page(dataclasses.replace(measured, measured=fewer))
        assert "from 30 to 1,200 wars a scenario, as each study says, seed 1" in page
        assert "Wars a scenario: 1,200 (ar9); 30 (independent)." in page

    def test_a_name_that_studies_use_for_different_wars_is_told_for_each(self, measured):
        laws = {"mean": {"ar9": "swings of weeks", "spikes": "rare days"}, "pairs": {"ar9": "two lists"}}
        page = calibration_page(dataclasses.replace(measured, scenarios=laws))
        assert "- **ar9**: swings of weeks (mean); two lists (pairs)\n- **spikes**: rare days\n" in page

    def test_the_page_tells_where_each_war_is_read_at_one_level(self, measured):
        rows = measured.measured
        cells = rows["measure"] == "covered"
        fewer = rows.assign(wars=rows["wars"].mask(cells, 7).mask(cells & (rows["scenario"] == "ar9"), 12))
        page = calibration_page(dataclasses.replace(measured, measured=fewer))
        assert "Wars a scenario: 30. Each is read at one level, so that a cell of intervals rests on 7 to 12 of" in page

    def test_a_share_of_one_war_has_no_error(self, measured):
        rows = measured.measured
        alone = rows[rows["measure"] == "crps"].assign(measure="said", value=0.5, error=math.nan, wars=1)
        cells = rates_table(dataclasses.replace(measured, measured=alone), "mean")["ar9"]
        assert set(cells) == {"50.0 % (one war)"}

    def test_the_summary_ends_with_what_falls_short(self, measured):
        assert measured.summary().splitlines()[-1].strip().startswith("- mean (")
        assert "Wars" in measured._repr_html_()

    def test_the_figure_has_a_line_a_scenario(self, measured):
        ax = measured.plot()
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["independent", "ar9"]
        assert ax.get_title(loc="left") == "mean"
        assert len(plot_calibrations(measured).axes) == 1


class TestProgramme:
    def test_each_study_has_its_own_name_and_words(self):
        names = [study.name for study in PROGRAMME]
        assert len(set(names)) == len(names)
        assert all(study.words.endswith(".") for study in PROGRAMME)

    @pytest.mark.parametrize("study", PROGRAMME, ids=lambda study: study.name)
    def test_every_study_runs_without_a_failure(self, study):
        name = next(iter(study.scenarios))
        one = dataclasses.replace(study, scenarios={name: study.scenarios[name]}, share=1.0)
        got = run_studies([one], wars=2, workers=1)
        assert got.loc[got["measure"] == "failed", "quantity"].tolist() == []
        assert len(got)
        assert not got.duplicated(["quantity", "measure", "nominal"]).any()

    def test_a_part_of_it_runs_alone(self, tmp_path):
        small = run_programme(wars=1, only=["growth"], workers=1, path=tmp_path / "calibration.csv")
        assert set(small.studies) == {"growth"}
        assert set(small.measured["scenario"]) == set(GROWTH.scenarios)

    def test_other_parts_that_were_measured_stay_in_the_answer(self, tmp_path, monkeypatch):
        other = dataclasses.replace(MEAN, name="other", words="Another mean.")
        monkeypatch.setattr(programme, "PROGRAMME", (MEAN, other))
        for name in ("other", "mean"):
            result = run_programme(wars=3, only=[name], workers=1, path=tmp_path / "calibration.csv")
        assert result.studies == {"mean": "The mean.", "other": "Another mean."}
        assert set(result.measured["study"]) == {"mean", "other"}

    def test_an_unknown_part_is_refused(self):
        with pytest.raises(UnknownNameError, match="did you mean 'growth'"):
            run_programme(only=["grwoth"])


class TestStudies:
    """What each study takes for right and wrong, on wars that leave no doubt."""

    def values(self, rows, measure):
        return {row.quantity: row.value for row in rows if row.measure == measure}

    def test_a_plain_change_is_found_decided_and_dated(self):
        plain = Scenario(level=20.0, size=50.0, steps=(Step(100, 4.0), Step(260, 0.25)))
        rows = CHANGE.measure(np.random.default_rng(1), plain, 365)
        found = self.values(rows, "detected")
        assert found == {"a change is decided": 1.0, "a change is listed within 7 days": 1.0}
        assert self.values(rows, "width")["date of a change, quoted"] < 10
        assert self.values(rows, "width")["ratio of a change, quoted"] > 1.0

    def test_without_a_change_none_is_decided(self):
        rows = NO_CHANGE.measure(np.random.default_rng(1), Scenario(level=20.0, size=50.0), 365)
        assert self.values(rows, "false alarm") == {"a change is decided": 0.0, "a change is listed": 0.0}

    def test_an_alarm_on_a_mass_casualty_day_is_not_false(self):
        law = Scenario(level=5.0, size=50.0, spike_share=0.1, spike_base=400.0)
        rows = ALARMS.measure(np.random.default_rng(1), law, 416)
        rates = [row.value for row in rows if row.quantity == "an alarm on a day"]
        assert rates == [0.0, 0.0]

    def test_a_rise_that_nobody_can_miss_is_noticed_at_once(self):
        law = Scenario(level=5.0, size=50.0, steps=(Step(396, 10.0),))
        rows = RISES.measure(np.random.default_rng(1), law, 424)
        assert self.values(rows, "delay")["an alarm on a day"] == 1.0
        assert self.values(rows, "detected")["a lasting rise, within 14 days"] == 1.0

    def test_without_a_rise_the_delay_is_beyond_the_days_judged(self):
        law = Scenario(level=5.0, size=50.0, weekday=(1.0,) * 7)
        rows = RISES.measure(np.random.default_rng(1), law, 424)
        assert self.values(rows, "delay")["an alarm on a day"] == 29.0
        assert self.values(rows, "detected")["an alarm on a day, within 14 days"] == 0.0

    def test_a_nowcast_without_delays_has_no_answer(self):
        law = Reported(level=5.0, size=5.0, delays=Delays(hazard=60.0))
        rows = NOWCAST.measure(np.random.default_rng(1), law, 90)
        assert len(rows) == 8
        assert all(row.measure == "covered" and math.isnan(row.value) for row in rows)

    def test_a_war_without_deaths_has_no_forecast(self):
        rows = FORECAST.measure(np.random.default_rng(1), Scenario(level=1e-9, size=5.0), 379)
        assert all(row.measure == "covered" and math.isnan(row.value) for row in rows)


class TestLikeness:
    def test_it_finds_the_law_of_a_simulated_war(self):
        truth = Scenario(
            level=8.0, size=4.0, steps=(Step(150, 3.0),), weekday=(1.5, 1.2, 1, 1, 0.8, 0.5, 1), missing_share=0.05
        )
        law = scenario_like(simulate_war(np.random.default_rng(3), truth, 365).series())
        assert law.level == pytest.approx(8.0, rel=0.15)
        assert len(law.steps) == 1
        assert abs(law.steps[0].day - 150) <= 5
        assert law.steps[0].ratio == pytest.approx(3.0, rel=0.2)
        assert law.size == pytest.approx(4.0, rel=0.5)
        assert np.corrcoef(law.weekday, truth.weekday)[0, 1] > 0.9
        assert law.missing_share == pytest.approx(0.05, abs=0.04)
        assert law.latent_sd < 0.3

    def test_it_tells_dependent_days_from_independent_ones(self):
        truth = Scenario(level=15.0, size=8.0, autocorrelation=0.8, latent_sd=0.6)
        law = scenario_like(simulate_war(np.random.default_rng(4), truth, 300).series())
        assert law.latent_sd > 0.3
        assert law.autocorrelation > 0.4

    def test_mass_casualty_days_are_told_apart(self):
        counts = simulate_war(np.random.default_rng(5), Scenario(level=4.0, size=4.0), 200).counts
        counts[[50, 120]] = 90.0
        law = scenario_like(DailySeries.from_counts(counts, "2019-01-01"))
        assert law.spike_share == pytest.approx(0.01)
        assert law.level < 6.0

    def test_of_a_long_series_the_last_year_is_taken(self):
        war = simulate_war(np.random.default_rng(6), Scenario(level=4.0, steps=(Step(200, 20.0),)), 700)
        assert scenario_like(war.series()).level == pytest.approx(80.0, rel=0.3)

    @pytest.mark.parametrize("counts", [[0] * 100, [3] * 20, [float("nan")] * 90])
    def test_too_little_is_refused(self, counts):
        with pytest.raises(InputError, match="too few to draw wars like these"):
            scenario_like(DailySeries.from_counts(counts, "2019-01-01"))

    def test_a_series_learns_how_far_its_intervals_hold(self):
        series = simulate_war(np.random.default_rng(7), Scenario(level=6.0, size=3.0), 90).series()
        result = calibrate_like(series, wars=2, workers=1)
        assert result.basis.settings["wars"] == 2
        assert "growth, 56 days" in set(result.coverage()["quantity"])
        assert result.measured[result.measured["measure"] == "failed"].empty
