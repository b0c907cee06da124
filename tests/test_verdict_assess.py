import dataclasses
import tomllib

import judged
import numpy as np
import pandas as pd
import pytest

import casualties as ca
from casualties.cache import Cache
from casualties.errors import InputError, UnknownNameError
from casualties.verdict import run as run_module
from casualties.verdict import variations
from casualties.verdict.alterations import Alteration, alter
from casualties.verdict.assess import assess
from casualties.verdict.choices import AXES, choices_of
from casualties.verdict.decision import CONFLICT, DE_ESCALATING, ESCALATING, NO_DETECTABLE, NOT_ENOUGH, STATES, decide
from casualties.verdict.overturners import Overturner
from casualties.verdict.question import Counts
from casualties.verdict.reading import read_series
from casualties.verdict.run import run_all
from casualties.verdict.search import kinds_of, smallest
from casualties.verdict.variations import declared_series, vary_series

FEW = 'days = ["all"]\nmodel = ["level", "changes"]'
ALL = 'days = ["all", 28]'


@pytest.fixture(scope="module")
def rising(tmp_path_factory):
    study = judged.judged_study(tmp_path_factory.mktemp("rising"), ALL, a=judged.war())
    return study, assess(study, workers=1)


@pytest.fixture(scope="module")
def bundled():
    return ca.load_study("idlib-2019")


class TestChoices:
    def test_the_bundled_study_declares_eight_axes(self, bundled):
        choices = choices_of(bundled)
        question = choices.question
        sizes = {axis: len(options) for axis, options in choices.options.items()}
        assert sizes == {"victims": 3, "estimate": 3, "spread": 4, "place": 3, "largest_day": 2}
        assert (len(question.baselines), question.days, len(question.models)) == (2, ("all", "28", "56"), 3)
        assert len(AXES) == 8

    def test_the_bundled_study_has_more_than_two_hundred_specifications(self, bundled):
        choices = choices_of(bundled)
        made, left_out = vary_series(bundled, choices, ca.Cache(None))
        per_series = len(choices.question.days) * (2 * len(choices.question.baselines) + 1)
        main = [each for each in made if each.source == "north_west"]
        assert len(main) * per_series == 1800
        # Four rules, three places, with or without the largest day; no low or high is given of civilians.
        assert len(main) == 5 * 4 * 3 * 2
        assert left_out.loc[left_out["source"] == "north_west", "reason"].str.contains("no low|no high").all()
        digests = {each.counts.digest() for each in main}
        assert len(digests) == len(main)

    def test_without_declared_choices_they_follow_from_the_study(self, bundled):
        plain = choices_of(dataclasses.replace(bundled, choices={}))
        assert plain.sources == ("north_west", "syria_sohr")
        assert plain.options["victims"] == ("civilians",)
        assert [each.name for each in plain.question.baselines] == ["reference", "autumn"]
        assert plain.question.label == "the offensive"

    def test_without_days_before_the_window_the_last_four_weeks_are_asked(self, tmp_path):
        study = judged.judged_study(tmp_path, "", a=judged.war())
        whole = {**study.settings, "main_window": ""}
        question = choices_of(dataclasses.replace(study, settings=whole)).question
        assert (question.label, question.length) == ("the last 28 days", 28)
        assert question.baselines[0].label == "the days before"

    @pytest.mark.parametrize(
        ("text", "error", "said"),
        [
            ('vicitms = ["all"]', UnknownNameError, "vicitms"),
            ('model = ["levels"]', UnknownNameError, "levels"),
            ('days = ["soon"]', InputError, "above 0"),
            ("days = []", InputError, "list of options"),
            ('days = "all"', InputError, "list of options"),
            ('baseline = ["spring"]', InputError, "end before the window"),
            ('baseline = ["autumn"]', UnknownNameError, "autumn"),
            ('window = "winter"', UnknownNameError, "winter"),
            ('place = ["moon"]', UnknownNameError, "moon"),
            ('spread = ["evenly"]', UnknownNameError, "evenly"),
            ("days = [28, 28]", InputError, "twice"),
        ],
    )
    def test_choices_that_cannot_be_used_name_file_and_entry(self, tmp_path, text, error, said):
        study = judged.judged_study(tmp_path, text, a=judged.war())
        with pytest.raises(error, match=said) as raised:
            choices_of(study)
        if said != "above 0":
            assert "study.toml" in str(raised.value) or "place" in str(raised.value)

    def test_replay_drops_baselines_that_are_not_over(self, bundled):
        question = choices_of(bundled.replay("2019-06-30")).question
        assert (question.label, str(question.last.date())) == ("the offensive so far", "2019-06-30")


class TestAssess:
    def test_a_loud_rise_escalates_under_every_choice(self, rising):
        _, verdict = rising
        assert verdict.state == ESCALATING
        assert (verdict.support, verdict.able) == (len(verdict.curve.frame), len(verdict.curve.frame))
        assert verdict.size.low < 3.0 < verdict.size.high
        assert verdict.date_low <= pd.Timestamp("2019-05-01") <= verdict.date_high

    def test_the_same_bytes_whatever_the_number_of_processes(self, tmp_path):
        study = judged.judged_study(tmp_path, FEW, a=judged.war(), b=judged.war(2), c=judged.war(3), d=judged.war(4))
        one, two = (assess(study, workers=workers, search=False) for workers in (1, 2))
        pd.testing.assert_frame_equal(one.curve.frame, two.curve.frame)

    def test_a_quiet_war_is_no_detectable_change(self, tmp_path):
        verdict = assess(judged.judged_study(tmp_path, FEW, a=judged.war(after=4.0)), search=False)
        assert verdict.state == NO_DETECTABLE
        assert verdict.size.low < 1 < verdict.size.high

    def test_a_fall(self, tmp_path):
        verdict = assess(judged.judged_study(tmp_path, FEW, a=judged.war(before=12.0, after=3.0)), search=False)
        assert verdict.state == DE_ESCALATING

    def test_too_few_deaths(self, tmp_path):
        verdict = assess(judged.judged_study(tmp_path, ALL, a=np.zeros(181, dtype=int)))
        assert verdict.state == NOT_ENOUGH
        assert (verdict.able, verdict.overturners, verdict.bounds) == (0, (), ())

    def test_sources_of_one_scope_that_contradict_each_other(self, tmp_path):
        study = judged.judged_study(tmp_path, FEW, a=judged.war(), b=judged.war(2, before=12.0, after=3.0))
        verdict = assess(study)
        assert verdict.state == CONFLICT
        assert "List a says escalating and List b says de-escalating" in verdict.reason
        assert [(each.words, each.state) for each in verdict.overturners] == [
            ("List a were dropped", DE_ESCALATING),
            ("List b were dropped", ESCALATING),
        ]

    def test_one_rises_and_the_other_excludes_its_size(self, tmp_path):
        study = judged.judged_study(tmp_path, FEW, a=judged.war(after=40.0), b=judged.war(2, after=4.0))
        assert assess(study, search=False).state == CONFLICT

    def test_swapping_sources_changes_no_state(self, tmp_path):
        lists = {"a": judged.war(), "b": judged.war(2, after=1.0)}
        one = assess(judged.judged_study(tmp_path / "1", FEW, **lists), search=False)
        other = assess(judged.judged_study(tmp_path / "2", FEW, **dict(reversed(lists.items()))), search=False)
        assert one.state == other.state == CONFLICT
        pd.testing.assert_frame_equal(
            one.sources.sort_values("source").reset_index(drop=True),
            other.sources.sort_values("source").reset_index(drop=True),
        )

    def test_another_scope_counts_neither_for_nor_against(self, bundled, tmp_path):
        few = {**bundled.choices, "victims": ["all"], "estimate": ["best"], "spread": ["even"], "place": ["north_west"]}
        few |= {"days": ["all"], "largest_day": ["kept"]}
        verdict = assess(dataclasses.replace(bundled, choices=few), search=False)
        sources = verdict.sources.set_index("label")
        assert not sources.loc["SOHR daily totals", "counted"]
        assert verdict.state == sources.loc["UCDP GED", "state"] == ESCALATING
        assert verdict.independent.named == 2
        assert 1.0 <= verdict.independent.value < 1.2
        assert verdict.size.low > 2
        assert verdict.date_low <= pd.Timestamp("2019-04-20") <= verdict.date_high

    def test_dropping_what_rests_on_one_source_is_tried(self, bundled):
        few = {**bundled.choices, "victims": ["all"], "estimate": ["best"], "spread": ["even"], "place": ["north_west"]}
        few |= {"days": ["all"], "largest_day": ["kept"], "model": ["level", "growth"]}
        verdict = assess(dataclasses.replace(bundled, choices=few))
        said = [each for each in (*verdict.overturners, *verdict.bounds) if each.kind == "source dropped"]
        assert len(said) == 1
        assert "cite SOHR alone" in said[0].words


class TestOverturners:
    def test_each_change_of_the_data_turns_the_state_and_a_smaller_one_does_not(self, rising):
        study, verdict = rising
        data = [each for each in verdict.overturners if each.change is not None]
        assert {each.kind for each in data} >= {"window removed", "before added", "window more complete"}
        counts = Counts.of(declared_series(study, "a", verdict.question))

        def state(change):
            return decide(pd.DataFrame(read_series(*alter(counts, verdict.question, change)))).state

        assert state(Alteration("window removed", 0)) == verdict.state
        for each in data:
            assert state(each.change) == each.state != verdict.state
            less = each.change.steps - max(1, each.change.steps // 50)
            assert state(Alteration(each.change.kind, less)) == verdict.state

    def test_each_choice_turns_the_state(self, bundled):
        few = {**bundled.choices, "victims": ["all"], "estimate": ["best"], "spread": ["even"]}
        few |= {"place": ["north_west"], "days": ["all"], "largest_day": ["kept"]}
        verdict = assess(dataclasses.replace(bundled, choices=few), search=False)
        assert verdict.overturners == ()
        searched = assess(dataclasses.replace(bundled, choices={**few, "model": ["level", "growth"]}))
        for each in searched.overturners:
            if each.kind == "choice":
                panel = searched.curve.of_main
                assert decide(panel[panel[each.axis] == each.option]).state == each.state != searched.state

    def test_what_was_tried_and_turns_nothing_is_said_with_its_bound(self, rising):
        _, verdict = rising
        assert len(verdict.overturners) + len(verdict.bounds) >= len(kinds_of(ESCALATING))
        assert all("up to" in each.words for each in verdict.bounds if each.kind != "source dropped")

    def test_the_search_finds_a_planted_answer(self):
        """A level of 10 against 2 with hardly any scatter: about half of completeness remains to be explained."""
        values = np.r_[np.tile([2, 1, 3, 2], 30), np.tile([10, 9, 11, 10], 15)]
        study_days = ca.DailySeries.from_counts(values[:181], judged.FIRST)
        from casualties.verdict.question import Baseline, Question

        start = pd.Timestamp("2019-05-01")
        before = Baseline("before", "before", pd.Timestamp(judged.FIRST), start - pd.Timedelta(days=1))
        question = Question("w", start, study_days.end, (before,), models=("level",))
        found = smallest(Counts.of(study_days), question, ESCALATING, "window more complete")
        factor = Alteration(found.kind, found.steps).amount
        assert 3.5 < factor <= 5.0


class TestCached:
    def test_a_second_run_computes_nothing(self, tmp_path, monkeypatch):
        study = judged.judged_study(tmp_path, FEW, a=judged.war())
        path = tmp_path / "kept.sqlite"
        one = assess(study, cache=Cache(path), workers=1)

        def refuse(*_):
            raise AssertionError("computed again")

        monkeypatch.setattr(run_module, "read_series", refuse)
        monkeypatch.setattr("casualties.verdict.assess.smallest", refuse)
        monkeypatch.setattr("casualties.verdict.variations.declared_series", refuse)
        two = assess(study, cache=Cache(path), workers=1)
        pd.testing.assert_frame_equal(one.curve.frame, two.curve.frame)
        assert one.overturners == two.overturners

    def test_changed_data_recompute_only_what_depends_on_them(self, tmp_path, monkeypatch):
        lists = {"a": judged.war(), "b": judged.war(2)}
        path = tmp_path / "kept.sqlite"
        assess(judged.judged_study(tmp_path / "1", FEW, **lists), cache=Cache(path), workers=1, search=False)
        changed = lists["b"].copy()
        changed[150] += 1
        asked = []
        real = run_module.read_series
        monkeypatch.setattr(run_module, "read_series", lambda *task: asked.append(1) or real(*task))
        made = []
        count = variations.declared_series
        monkeypatch.setattr(
            variations, "declared_series", lambda *way, **more: made.append(way[1]) or count(*way, **more)
        )
        study = judged.judged_study(tmp_path / "2", FEW, a=lists["a"], b=changed)
        assess(study, cache=Cache(path), workers=1, search=False)
        assert len(asked) == 2  # list b, with its largest day and without
        assert set(made) == {"b"}

    @pytest.mark.parametrize("change", ["place", "start"])
    def test_another_declaration_is_counted_anew(self, bundled, change):
        cache = Cache(None)
        choices = choices_of(bundled)
        first, _ = vary_series(bundled, choices, cache)
        if change == "place":
            part = dataclasses.replace(bundled.places["north_west"], where={"adm1": ("Idlib Governorate",)})
            other = dataclasses.replace(bundled, places={**bundled.places, "north_west": part})
        else:
            later = {**bundled.declared["north_west"], "start": "2018-12-01"}
            other = dataclasses.replace(bundled, declared={**bundled.declared, "north_west": later})
        second, _ = vary_series(other, choices, cache)
        alone, _ = vary_series(other, choices, Cache(None))
        assert [each.counts.digest() for each in second] == [each.counts.digest() for each in alone]
        assert {each.counts.digest() for each in second} != {each.counts.digest() for each in first}

    def test_interrupted_work_goes_on(self, tmp_path):
        done = []

        def work(task):
            if len(done) == 3:
                raise KeyboardInterrupt
            done.append(task)
            return task * 2

        cache = Cache(tmp_path / "kept.sqlite")
        keys = [str(number) for number in range(5)]
        with pytest.raises(KeyboardInterrupt):
            run_all(work, range(5), keys, cache, workers=1)
        shown = []
        more = run_all(lambda task: task * 2, range(5), keys, cache, workers=1, progress=lambda *now: shown.append(now))
        assert more == [0, 2, 4, 6, 8]
        assert shown == [(3, 5), (4, 5), (5, 5)]


class TestResult:
    def test_the_summary_says_state_size_support_and_what_turns_it(self, rising):
        _, verdict = rising
        text = verdict.summary()
        assert text.startswith("escalating: recorded deaths")
        assert f"{verdict.support} of {verdict.able} that can tell agree" in text
        for each in verdict.overturners:
            assert isinstance(each, Overturner)
            assert f"It would be {each.state} if {each.words}." in text
        assert "Counts cannot tell a change of violence from a change of recording." in text
        assert "nan" not in text.lower()

    def test_the_curve_adds_up(self, rising):
        _, verdict = rising
        curve = verdict.curve
        assert curve.support["specifications"].sum() == len(curve.of_main)
        assert verdict.state in STATES
        parts = curve.by_option.groupby("axis")["specifications"].sum()
        able = (curve.of_main["reading"] != "not estimable").sum()
        assert (parts.drop("baseline", errors="ignore") == able).all()

    def test_the_bundled_choices_stand_in_study_toml(self, bundled):
        declared = tomllib.loads((bundled.folder / "study.toml").read_text())["choices"]
        assert dict(bundled.choices) == declared
