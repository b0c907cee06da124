import dataclasses

import judged
import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.inference.alarm_rules import exceeds_previous_month
from casualties.report import Facts
from casualties.report.judged import add_replay, add_verdict, judge, replayed
from casualties.tables import replay_table
from casualties.verdict.choices import replay_days
from casualties.verdict.decision import DE_ESCALATING, ESCALATING, NO_DETECTABLE
from casualties.verdict.overturners import AXIS_WORDS
from casualties.verdict.replay import (
    AGAINST_BEFORE,
    AGAINST_REFERENCE,
    HINDSIGHT,
    JUDGES,
    TRENDFINDER,
    WEEK_MEAN,
    _record,
    replay_verdicts,
)

DATES = ["2019-04-22", "2019-05-06", "2019-05-13", "2019-07-22", "2019-09-30"]


@pytest.fixture(scope="module")
def told(study):
    return replay_verdicts(study, DATES)


def says(replay, judge):
    part = replay.frame[replay.frame["judge"] == judge]
    return dict(zip(part["date"].dt.strftime("%Y-%m-%d"), part["says"], strict=True))


class TestBundled:
    def test_the_first_week_that_escalates_is_that_of_13_may(self, told):
        assert says(told, AGAINST_REFERENCE) == {
            "2019-04-22": NO_DETECTABLE,
            "2019-05-06": NO_DETECTABLE,
            "2019-05-13": ESCALATING,
            "2019-07-22": ESCALATING,
            "2019-09-30": NO_DETECTABLE,
        }
        assert says(told, AGAINST_BEFORE) == {
            "2019-04-22": NO_DETECTABLE,
            "2019-05-06": NO_DETECTABLE,
            "2019-05-13": ESCALATING,
            "2019-07-22": NO_DETECTABLE,
            "2019-09-30": DE_ESCALATING,
        }

    def test_every_judge_says_something_on_every_day(self, told):
        assert told.frame.groupby("judge").size().to_dict() == dict.fromkeys(JUDGES, len(DATES))

    def test_the_rules_see_what_was_known_then(self, told, study):
        for day in DATES:
            counts = study.series("north_west", as_of=day).counts
            assert (says(told, TRENDFINDER)[day] == "alarm") == bool(exceeds_previous_month(counts)[-1])
            assert (says(told, WEEK_MEAN)[day] == "alarm") == (counts[-7:].mean() > counts[-35:-7].mean())

    def test_nowcasts_are_held_against_what_came(self, told, study):
        events = study.sources["ucdp"]
        row = told.nowcasts.set_index("date").loc["2019-07-22"]
        assert row["low"] <= row["came"] <= row["high"]
        assert row["held"]
        assert len(events.as_of("2019-07-22").accepted) < len(events.accepted)

    def test_facts_and_table(self, told):
        facts = Facts(source="s", method="m")
        add_replay(facts, "replay", told)
        assert facts.text("{replay.reference.first}") == "13 May 2019"
        late = int((told.nowcasts["came"] > 0).sum())
        assert 0 < late < len(told.nowcasts)
        assert facts.text("{replay.late}") == str(late)
        table = replay_table(told)
        assert list(table.index) == list(JUDGES)
        assert table.loc[AGAINST_REFERENCE, "False weeks"] == "0"

    def test_the_figure_has_a_field_for_each_word(self, told):
        ax = told.plot()
        strip = next(each for each in ax.figure.axes if each is not ax)
        assert len(strip.patches) == len(told.frame)
        letters = [text.get_text() for text in strip.texts]
        assert letters.count("E") == (told.frame["says"] == ESCALATING).sum()
        assert letters.count("A") == (told.frame["says"] == "alarm").sum()


class TestRecord:
    def test_early_is_not_false_but_before_the_date_set_is(self):
        dates = pd.date_range("2019-04-01", periods=6, freq="7D")
        truth = [NO_DETECTABLE, NO_DETECTABLE, NO_DETECTABLE, ESCALATING, ESCALATING, NO_DETECTABLE]
        rings = ["alarm", "no alarm", "alarm", "alarm", "no alarm", "alarm"]
        frame = pd.concat(
            [
                pd.DataFrame({"date": dates, "judge": f"{AGAINST_BEFORE}{HINDSIGHT}", "says": truth}),
                pd.DataFrame({"date": dates, "judge": TRENDFINDER, "says": rings}),
            ]
        )
        rise = pd.Series({"date": dates[2], "date_low": dates[1], "date_high": dates[3]})
        record = _record(frame, TRENDFINDER, rise)
        assert (record["false"], record["flips"], record["first"], record["weeks"]) == (2, 4, dates[2], 0.0)

    def test_without_a_rise_every_alarm_is_false(self):
        dates = pd.date_range("2019-04-01", periods=3, freq="7D")
        frame = pd.concat(
            [
                pd.DataFrame({"date": dates, "judge": f"{AGAINST_BEFORE}{HINDSIGHT}", "says": NO_DETECTABLE}),
                pd.DataFrame({"date": dates, "judge": TRENDFINDER, "says": ["alarm", "cannot tell", "alarm"]}),
            ]
        )
        record = _record(frame, TRENDFINDER, None)
        assert (record["false"], record["flips"], record["told"]) == (2, 0, 2)
        assert pd.isna(record["first"])


class TestErrors:
    def test_a_feed_is_told_again_without_nowcasts(self, tmp_path):
        study = judged.judged_study(tmp_path, "", a=judged.war())
        replay = replay_verdicts(study, ["2019-05-10", "2019-06-10"], workers=1)
        assert len(replay.nowcasts) == 0
        assert says(replay, AGAINST_BEFORE)["2019-06-10"] in (ESCALATING, NO_DETECTABLE)

    def test_days_that_cannot_be_told(self, study, tmp_path):
        with pytest.raises(InputError, match="112 days"):
            replay_verdicts(study, ["2018-10-01"])
        with pytest.raises(InputError, match="at least one"):
            replay_verdicts(study, [])
        with pytest.raises(InputError, match="replay already"):
            replay_verdicts(study.replay("2019-07-01"), ["2019-05-01"])

    def test_declared_days(self, study):
        days = replay_days(study)
        assert (str(days[0].date()), str(days[-1].date()), len(days)) == ("2019-04-01", "2019-09-30", 27)
        assert replay_days(study.replay("2019-07-01")) == []
        wrong = dataclasses.replace(study, choices={"replay": ["2019-05-01"]})
        with pytest.raises(InputError, match="first and the last"):
            replay_days(wrong)


class TestReport:
    def test_a_verdict_becomes_facts_and_a_study_that_is_too_short_a_reason(self, tmp_path):
        study = judged.judged_study(tmp_path / "a", 'days = ["all"]', a=judged.war())
        verdict = judge(study)
        facts = Facts(source="s", method="m")
        add_verdict(facts, "verdict", verdict)
        assert facts.text("{verdict.state}") == "escalating"
        assert facts.text("{verdict.sentence}") == verdict.sentence()
        counts = judged.war()
        assert verdict.a_day == (counts[120:].mean(), counts[:120].mean())
        assert facts.text("{verdict.in-window}") == f"{counts[120:].mean():.1f}"
        shares = verdict.curve.influence.set_index("axis")["share"]
        assert facts.text("{verdict.moves-ratio}") == AXIS_WORDS[shares.drop("together").idxmax()]
        assert replayed(study) is None
        short = judged.judged_study(tmp_path / "b", "", a=np.ones(20, dtype=int))
        assert "too short" in str(judge(short)) or "before the window" in str(judge(short))
