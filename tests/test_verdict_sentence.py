import itertools
import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualties.comparison.effective_number import EffectiveNumber
from casualties.estimates import Estimate, NotEstimable
from casualties.verdict.arabic import arabic
from casualties.verdict.decision import STATES
from casualties.verdict.english import english
from casualties.verdict.told import Told

day = pd.Timestamp
SIZE = Estimate(2.41, 1.83, 3.29, level=0.95)
UNBOUNDED = Estimate(9, 2, math.inf, level=0.95)
NONE = NotEstimable("fewer than 14 observed days")
ENGLISH = "Counts alone cannot tell a change of violence from a change of recording."
ARABIC = "الأعداد وحدها لا تميّز بين تغيّر في العنف وتغيّر في التسجيل."
NAMES = ("List A", "List B", "List C", "List D")


def told(**given_parts) -> Told:
    """Give a rise that one source shows, with other parts where they are given."""
    parts = {
        "state": "escalating",
        "whom": "civilians",
        "place": "the north-west",
        "first": day("2019-04-30"),
        "last": day("2019-08-31"),
        "baseline_first": day("2018-09-17"),
        "baseline_last": day("2019-03-31"),
        "size": SIZE,
        "date": day("2019-04-27"),
        "date_low": day("2019-04-24"),
        "date_high": day("2019-04-30"),
        "date_level": 0.9,
        "support": 61,
        "able": 64,
        "counted": (("List A", "escalating"),),
        "independent": NONE,
    }
    return Told(**{**parts, **given_parts})


def undated() -> dict:
    """Give the dates of a verdict that has none."""
    return {"date": pd.NaT, "date_low": pd.NaT, "date_high": pd.NaT}


def faults(text: str) -> list[str]:
    """List what no paragraph may hold."""
    wrong = re.findall(r"\bnan\b|NaT|\binf\b|  |\b1 (?:sources|days|choices)\b|None(?! of)|\.\.", text)
    if text.count("(") != text.count(")"):
        wrong.append("brackets")
    if text.count("\u2068") != text.count("\u2069"):
        wrong.append("isolates")
    return [*wrong, *([] if text.endswith(".") else ["no full stop"])]


@pytest.mark.parametrize("write", [english, arabic])
@pytest.mark.parametrize(
    ("state", "sources", "known", "size"),
    list(itertools.product(STATES, (1, 2, 4), (True, False), (SIZE, Estimate(2.41), UNBOUNDED, NONE))),
)
def test_every_paragraph_is_whole(write, state, sources, known, size):
    counted = tuple((name, "escalating" if state == "sources conflict" else state) for name in NAMES[:sources])
    text = write(told(state=state, counted=counted, size=size, **({} if known else undated())))
    assert faults(text) == []
    assert text.endswith(ENGLISH if write is english else ARABIC)


@given(
    state=st.sampled_from(STATES),
    values=st.lists(st.floats(0, 1e6), min_size=3, max_size=3).map(sorted),
    counts=st.lists(st.integers(0, 5000), min_size=2, max_size=2).map(sorted),
    said=st.lists(st.sampled_from([state for state in STATES if state != "sources conflict"]), min_size=1, max_size=4),
    days=st.integers(0, 400),
    span=st.lists(st.integers(0, 3000), min_size=2, max_size=2).map(sorted),
)
def test_any_parts_give_a_whole_paragraph_in_both_languages(state, values, counts, said, days, span):
    low, value, high = values
    first, last = (day("2015-01-01") + pd.Timedelta(days=number) for number in span)
    parts = told(
        state=state,
        size=Estimate(value, low, high, level=0.95),
        support=counts[0],
        able=counts[1],
        counted=tuple(zip(NAMES, said, strict=False)),
        incomplete_days=days,
        first=first,
        last=last,
    )
    for write, caution in ((english, ENGLISH), (arabic, ARABIC)):
        assert faults(write(parts)) == []
        assert write(parts).endswith(caution)


class TestEnglish:
    def test_a_rise(self):
        sources = (*((name, "escalating") for name in NAMES[:3]), ("List D", "no detectable change"))
        assert english(told(counted=sources, incomplete_days=4)) == (
            "Recorded deaths of civilians in the north-west rose: 2.4 times as many were recorded a day from 30 April "
            "to 31 August 2019 (95 % interval 1.8 to 3.3) as from 17 September 2018 to 31 March 2019. The rate changed "
            "most around 27 April 2019 (90 % date set 24 to 30 April 2019). Of 64 reasonable choices that can tell, 61 "
            "give the same answer. Three of four sources of this scope say so. The last four days are incomplete. "
            + ENGLISH
        )

    def test_a_fall_without_a_day(self):
        size = Estimate(0.4, 0.31, 0.52, level=0.95)
        text = english(told(state="de-escalating", size=size, counted=(("List A", "de-escalating"),), **undated()))
        assert "fell: 0.40 times as many were recorded a day" in text
        assert "(95 % interval 0.31 to 0.52)" in text
        assert "No single day can be named for the change." in text
        assert "One source of this scope, List A, can tell." in text

    def test_no_change_says_what_is_not_excluded(self):
        size = Estimate(1.1, 0.8, 1.5, level=0.95)
        text = english(told(state="no detectable change", size=size))
        assert "anything between 0.80 and 1.5 times as many a day is compatible with the records" in text
        assert "nothing happened" not in text

    def test_a_conflict_says_who_says_what(self):
        sources = (("List A", "escalating"), ("List B", "de-escalating"))
        text = english(told(state="sources conflict", counted=sources))
        assert "List A says that they rose and List B says that they fell." in text

    def test_not_enough_gives_the_reason(self):
        assert "not enough data (fewer than 14 observed days)." in english(told(state="not enough data", size=NONE))

    @pytest.mark.parametrize(("days", "words"), [(1, "The last day is"), (2, "The last two days are")])
    def test_incomplete_days(self, days, words):
        assert f"{words} incomplete." in english(told(incomplete_days=days))

    def test_sources_that_copy_each_other(self):
        text = english(told(independent=EffectiveNumber(4, 2.3, 1.9, 2.8)))
        assert "the four sources that were compared bear as much as 2.3" in text


class TestArabic:
    def test_a_rise(self):
        assert arabic(told(date_high=day("2019-05-02"))) == (
            "ارتفعت الوفيات المسجلة بين المدنيين في \u2068the north-west\u2069: "
            "بلغت نسبة ما سُجّل في اليوم في الفترة من 30 "
            "نيسان/أبريل إلى 31 آب/أغسطس 2019 "
            "إلى ما سُجّل في اليوم في الفترة من 17 أيلول/سبتمبر 2018 إلى 31 آذار/مارس 2019 "
            "ما قدره 2.4 (مجال بمستوى 95 في المئة: من 1.8 إلى 3.3). وكان أكبر تغيّر في المعدل نحو 27 نيسان/أبريل 2019 "
            "(مجموعة التواريخ بمستوى 90 في المئة: من 24 نيسان/أبريل إلى 2 أيار/مايو 2019). "
            "ومن الخيارات المعقولة القادرة "
            "على الإجابة، وعددها 64، يعطي الجواب نفسه 61 خيارًا. مصدر واحد من هذا النطاق قادر على الإجابة، وهو "
            "\u2068List A\u2069. " + ARABIC
        )

    @pytest.mark.parametrize(
        ("days", "words"),
        [(1, "اليوم الأخير"), (2, "آخر يومين"), (10, "آخر 10 أيام"), (11, "آخر 11 يومًا"), (100, "آخر 100 يوم")],
    )
    def test_the_noun_follows_the_number(self, days, words):
        assert f"بيانات {words} غير مكتملة." in arabic(told(incomplete_days=days))

    def test_sources_are_counted(self):
        sources = (("List A", "escalating"), ("List B", "escalating"), ("List C", "no detectable change"))
        assert "من أصل 3 مصادر من هذا النطاق، يقول ذلك مصدران." in arabic(told(counted=sources))

    def test_months_bear_both_names_and_latin_names_stand_apart(self):
        text = arabic(told())
        assert "27 نيسان/أبريل 2019" in text
        assert "\u2068the north-west\u2069" in text


TWO = (("List A", "escalating"), ("List B", "no detectable change"))


def test_one_of_two_sources_says_so():
    assert "One of two sources of this scope says so." in english(told(counted=TWO))


def test_none_of_two_sources():
    assert "No of" not in english(told(state="de-escalating", counted=TWO))


def test_one_choice():
    assert "1 reasonable choices" not in english(told(support=0, able=1))


def test_an_interval_above_a_hundred():
    assert "more than 100 or more" not in english(told(size=Estimate(300, 120, math.inf, level=0.95)))


def test_a_rise_whose_size_is_below_one():
    assert "rose: 0.80 times" not in english(told(size=Estimate(0.8, 0.7, 0.9, level=0.95)))


def test_a_level_that_is_not_known():
    assert faults(english(told(size=Estimate(2, 1, 3)))) == []


def test_a_date_without_a_set():
    assert faults(english(told(date_low=pd.NaT, date_high=pd.NaT))) == []


def test_no_change_without_an_interval():
    assert "cannot be told" in english(told(state="no detectable change", size=Estimate(1.1)))


def test_a_latin_name_with_a_mark_stands_apart():
    assert "\u2068Maʿarrat al-Nuʿmān\u2069" in arabic(told(place="Maʿarrat al-Nuʿmān"))


def test_a_shared_month_is_said_once_in_arabic():
    assert "24 نيسان/أبريل إلى 30 نيسان/أبريل" not in arabic(told())


def test_not_enough_gives_the_reason_in_arabic():
    assert "14" in arabic(told(state="not enough data", size=NONE))


def test_no_choice_agrees_in_arabic():
    assert "يعطي الجواب نفسه لا شيء منها" not in arabic(told(support=0))


def test_a_conflict_without_sources():
    english(told(state="sources conflict", counted=()))
