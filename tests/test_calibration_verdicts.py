"""What the studies of the verdict measure, and the last rules of a verdict on frames made by hand."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from casualties.calibration import verdicts
from casualties.calibration.programme import PROGRAMME
from casualties.calibration.shortfalls import FLAT, FOUND, SAID, pooled_said, shortfalls
from casualties.calibration.study import collect
from casualties.calibration.verdicts import (
    VERDICT,
    VERDICT_CHANGE,
    VERDICT_SOURCES,
    Judged,
    Reported,
    judge,
    question_of,
)
from casualties.simulate.sources import Reporting
from casualties.simulate.wars import Scenario, Step, simulate_war
from casualties.verdict.decision import STATES, Decision
from casualties.verdict.question import Counts
from casualties.verdict.ruling import agreeing, contradicting, rule

DAYS = VERDICT.days
QUIET = {"level": 10.0, "size": 20.0}
RISE = Decision("escalating", {"level": "rise", "changes": "rise", "growth": "no change"})
COLUMNS = ["label", "counted", "state", "ratio_low", "ratio_high"]


def counts(ratio, seed=1, day=184, **law):
    """Give the counts of a war of even days that steps once."""
    scenario = Scenario(**{**QUIET, "steps": (Step(day, ratio),), **law})
    return Counts.of(simulate_war(np.random.default_rng(seed), scenario, DAYS).series())


def sources(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def value(rows, quantity):
    (found,) = (row.value for row in rows if row.quantity == quantity)
    return found


class TestRuling:
    @pytest.mark.parametrize(
        ("support", "able", "state"),
        [
            (12, 24, "escalating"),
            (11, 24, "no detectable change"),
            (24, 24, "escalating"),
            (0, 1, "no detectable change"),
        ],
    )
    def test_fewer_than_half_of_the_choices_make_no_change(self, support, able, state):
        alone = sources(("A", True, "escalating", 1.2, 3.0))
        assert rule(RISE, alone, support, able)[0] == state

    def test_no_change_and_too_few_data_need_no_support(self):
        for state, methods in (
            ("no detectable change", ("no change",) * 3),
            ("not enough data", ("not estimable",) * 3),
        ):
            own = Decision(state, dict(zip(("level", "changes", "growth"), methods, strict=True)))
            assert rule(own, sources(("A", True, state, 0.9, 1.1)), 0, 24)[0] == state

    @pytest.mark.parametrize(
        ("other", "conflict"),
        [
            (("B", True, "de-escalating", 0.4, 2.0), True),
            (("B", True, "no detectable change", 0.7, 1.1), True),
            (("B", True, "no detectable change", 0.7, 1.3), False),
            (("B", True, "no detectable change", math.nan, math.nan), False),
            (("B", True, "escalating", 5.0, 9.0), False),
            (("B", True, "not enough data", 0.1, 0.2), False),
            (("B", False, "de-escalating", 0.4, 0.9), False),
        ],
    )
    def test_sources_contradict_each_other(self, other, conflict):
        main = ("A", True, "escalating", 1.2, 3.0)
        assert bool(contradicting(sources(main, other))) == bool(contradicting(sources(other, main))) == conflict
        state, reason = rule(RISE, sources(main, other), 24, 24)
        assert state == ("sources conflict" if conflict else "escalating")
        assert ("B says" in reason) == conflict

    def test_a_conflict_goes_before_the_choices(self):
        both = sources(("A", True, "escalating", 1.2, 3.0), ("B", True, "de-escalating", 0.4, 0.9))
        assert rule(RISE, both, 0, 24)[0] == "sources conflict"

    def test_agreeing_counts_readings_of_the_state(self):
        frame = pd.DataFrame({"reading": ["rise", "fall", "no change", "not estimable", "rise"]})
        assert [agreeing(frame, state) for state in STATES] == [2, 1, 1, 1, 0]


class TestJudge:
    def test_the_question_is_of_the_last_56_days(self):
        question = question_of(pd.Timestamp("2023-01-02"), DAYS)
        assert question.last == pd.Timestamp("2023-01-01") + pd.Timedelta(days=DAYS)
        assert question.length == 56
        before, earlier = question.baselines
        assert (question.first - before.last).days == 1
        assert (before.last - earlier.last).days == 30

    def test_a_loud_rise_is_found_under_at_least_24_specifications(self):
        found = judge(np.random.default_rng(1), counts(4.0))
        assert found.state == found.alone == "escalating"
        assert len(found.frame) >= 24
        assert set(found.frame["model"]) == {"level", "changes", "growth"}

    def test_a_loud_fall_is_found(self):
        assert judge(np.random.default_rng(1), counts(0.25)).state == "de-escalating"

    def test_an_even_war_shows_no_change(self):
        assert judge(np.random.default_rng(1), counts(1.0)).state == "no detectable change"

    def test_specifications_that_are_not_asked_turn_nothing(self):
        for seed, ratio in ((1, 1.0), (2, 1.3)):
            war = counts(ratio, seed, level=2.0, size=1.0)
            short, whole = (judge(np.random.default_rng(9), war, every=every) for every in (False, True))
            assert short.state == whole.state
            assert len(whole.frame) >= 24

    def test_the_same_counts_twice_are_no_surer_than_once(self):
        war = counts(2.0)
        once, twice = judge(np.random.default_rng(1), war), judge(np.random.default_rng(1), war, war)
        assert (once.state, once.alone) == (twice.state, twice.alone)
        pd.testing.assert_frame_equal(once.frame, twice.frame)

    def test_a_source_that_falls_contradicts_one_that_rises(self):
        found = judge(np.random.default_rng(1), counts(4.0), counts(0.25))
        assert (found.state, found.alone) == ("sources conflict", "escalating")

    def test_too_few_deaths_are_not_enough_or_no_change(self):
        found = judge(np.random.default_rng(1), counts(1.0, level=0.01))
        assert found.state in ("not enough data", "no detectable change")


class TestStudies:
    @pytest.mark.parametrize("study", [VERDICT, VERDICT_CHANGE, VERDICT_SOURCES], ids=lambda study: study.name)
    def test_a_war_is_in_one_state(self, study):
        assert study in PROGRAMME
        assert study.days == 240
        for name in list(study.scenarios)[:: max(1, len(study.scenarios) - 1)]:
            rows = study.measure(np.random.default_rng(1), study.scenarios[name], study.days)
            assert sum(row.value for row in rows if row.quantity.startswith("verdict: ")) == 1.0
            assert not collect([rows]).duplicated(["quantity", "measure", "nominal"]).any()
            assert all(isinstance(row.value, float) for row in rows)

    def test_scenarios_have_names_of_their_own(self):
        """The page has one list of scenarios for all studies."""
        others = {name for study in PROGRAMME if not study.name.startswith("verdict") for name in study.scenarios}
        own = [name for study in (VERDICT, VERDICT_CHANGE, VERDICT_SOURCES) for name in study.scenarios]
        assert len(set(own)) == len(own)
        assert not others & set(own)

    def test_false_alarms_are_claimed_where_the_level_stays_and_recording_does_too(self):
        assert set(FLAT) < set(VERDICT.scenarios)
        for drift, claimed in ((0.0, True), (-0.002, False)):
            law = Judged(reporting_drift=drift, claimed=claimed, **QUIET)
            rows = VERDICT.measure(np.random.default_rng(1), law, DAYS)
            assert [row.nominal for row in rows if row.quantity == SAID] == ([0.05] if claimed else [])
            assert value(rows, "verdict: no detectable change") == 1.0 or drift

    @pytest.mark.parametrize(("turn", "state"), [(1, "escalating"), (-1, "de-escalating")])
    def test_a_plain_turn_is_found_in_its_direction(self, turn, state):
        law = Judged(level=200.0, size=200.0, turn=turn)
        rows = VERDICT_CHANGE.measure(np.random.default_rng(2), law, DAYS)
        assert value(rows, FOUND) == value(rows, f"verdict: {state}") == 1.0
        assert value(rows, "the opposite is said") == 0.0
        assert value(rows, "specifications that agree, where the declared series sees a change") > 0.5

    def test_the_step_is_drawn_on_the_first_day_of_the_window(self, monkeypatch):
        drawn = []
        told = judge(np.random.default_rng(1), counts(1.0))

        def watched(rng, law, days):
            drawn.extend(law.steps)
            return simulate_war(rng, law, days)

        monkeypatch.setattr(verdicts, "simulate_war", watched)
        monkeypatch.setattr(verdicts, "judge", lambda *_: told)
        rng = np.random.default_rng(1)
        for name in ("rise", "fall"):
            for _ in range(100):
                VERDICT_CHANGE.measure(rng, VERDICT_CHANGE.scenarios[name], DAYS)
        assert {step.day for step in drawn} == {DAYS - 56}
        rises, falls = (np.log([step.ratio for step in part]) for part in (drawn[:100], drawn[100:]))
        for sizes in (rises, -falls):
            assert math.log(1.5) <= sizes.min() < 0.5
            assert 1.3 < sizes.max() <= math.log(4.0)

    def test_sources_that_turn_apart_conflict_and_a_copy_does_not(self):
        plain = Reported(level=100.0, size=100.0, turn=1)
        apart = VERDICT_SOURCES.measure(np.random.default_rng(1), dataclasses.replace(plain, contradicts=True), DAYS)
        assert value(apart, "a conflict is said") == 1.0
        copy = dataclasses.replace(plain, second=Reporting(events=0.7, copies=0))
        rows = VERDICT_SOURCES.measure(np.random.default_rng(1), copy, DAYS)
        assert value(rows, "a conflict is said") == 0.0
        assert value(rows, FOUND) == 1.0
        assert value(rows, "a change is said that the main source alone would not have") == 0.0


class TestShortfalls:
    def table(self, *rates, wars=500, error=0.01):
        names = ("flat", "flat, ar5", "flat, ar9")
        rows = [
            {
                "study": "verdict",
                "scenario": name,
                "quantity": SAID,
                "measure": "false alarm",
                "nominal": 0.05,
                "value": rate,
                "error": error,
                "median": 0.0,
                "wars": wars,
                "without": 0.0,
                "warned": 0.0,
                "asked": wars,
                "seed": 1,
            }
            for name, rate in zip(names, rates, strict=False)
        ]
        return pd.DataFrame(rows)

    def test_pooled_over_independent_days_and_autoregression(self):
        rate, error = pooled_said(self.table(0.02, 0.06, 0.5))
        assert (rate, error) == (pytest.approx(0.04), pytest.approx(0.01 / math.sqrt(2)))
        assert math.isnan(pooled_said(self.table(0.02))[0])

    def test_too_many_are_told_and_none_at_all_is_no_shortfall(self):
        assert shortfalls(self.table(0.0, 0.01, 0.04)) == []
        pooled, one = shortfalls(self.table(0.05, 0.06, 0.10))
        assert pooled == (
            "escalating of a flat war: said of 5.5 % (± 0.7) of wars over independent days and AR .5 together, "
            "above 5%."
        )
        assert one == "escalating of a flat war (flat, ar9): said of 10.0 % (± 1.0) of wars, above 5%."
