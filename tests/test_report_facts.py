"""Facts: how figures are printed, what is refused, and what reaches the executed notebook."""

import datetime as dt
import math

import pandas as pd
import pytest

from casualties.errors import InputError, ReportError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.report import facts as module
from casualties.report.facts import FACTS_MIME, FRONT_MIME, Fact, Facts, fill, merge_facts


@pytest.fixture
def facts():
    return Facts(source="List A", method="sum")


@pytest.fixture
def shown(monkeypatch):
    """Give the list that displays are put into."""
    out = []
    monkeypatch.setattr(module, "display", lambda data, raw: out.append(data))
    return out


@pytest.mark.parametrize(
    ("value", "unit", "form", "expected"),
    [
        (16566, "events", "", "16,566"),
        (5117.0, "recorded deaths", "", "5,117"),
        (-3, "deaths", "", "−3"),
        (0, "deaths", "", "0"),
        (Estimate(2.418, 1.83, 3.27, level=0.95, unit="ratio"), "", "", "2.4"),
        (Estimate(2.418, 1.83, 3.27, level=0.95, unit="ratio"), "", "full", "2.4 (1.8–3.3)"),
        (Estimate(2.0, 1.0, 3.0, level=0.95, unit="ratio"), "", "full", "2.0 (1.0–3.0)"),
        (Estimate(12.3, 0.04, 31.2, level=0.95, unit="ratio"), "", "full", "12 (0.040–31)"),
        (Estimate(0.954, 0.711, 1.274, level=0.95, unit="ratio"), "", "full", "0.95 (0.71–1.27)"),
        (Estimate(0.0341, -0.012, 0.08, level=0.95, unit="per day"), "", "full", "0.034 (−0.012 to 0.080)"),
        (Estimate(7, 5, 9, level=0.95, unit="days"), "", "full", "7 (5–9)"),
        (Estimate(1234.5, 1100.2, 1400.9, level=0.95), "", "full", "1,234 (1,100–1,401)"),
        (Estimate(2.418, 1.83, 3.27, level=0.95, unit="ratio"), "", "low", "1.8"),
        (Estimate(2.418, 1.83, 3.27, level=0.95, unit="ratio"), "", "high", "3.3"),
        (1.0, "probability", "", ">0.99"),
        (0.0, "probability", "", "<0.01"),
        (0.997, "probability", "", ">0.99"),
        (0.994, "probability", "", "0.99"),
        (0.5, "probability", "", "0.50"),
        (0.9, "correlation", "", "0.90"),
        (0.998, "correlation", "", ">0.99"),
        (0.131, "share", "", "13%"),
        (0.999, "share", "", ">99%"),
        (1.0, "share", "", "100%"),
        (0.0213, "share", "", "2.1%"),
        (Estimate(0.4, 0.31, 0.52, level=0.95, unit="share"), "", "interval", "31–52%"),
        (36.4, "%", "", "36%"),
        (dt.date(2019, 4, 30), "", "", "30 April 2019"),
        (dt.date(2019, 4, 30), "", "long", "30 April 2019"),
        (pd.Timestamp("2019-04-30"), "", "short", "30 Apr 2019"),
        (pd.Timestamp("2019-04-30"), "", "day", "30 April"),
        (pd.Timestamp("2019-04-30"), "", "iso", "2019-04-30"),
        ("three of four", "", "full", "three of four"),
        (NotEstimable("no deaths recorded"), "", "full", "not estimable (no deaths recorded)"),
        (NotEstimable("no deaths recorded"), "", "interval", "not estimable (no deaths recorded)"),
    ],
)
def test_figures_are_printed_soberly(facts, value, unit, form, expected):
    facts.add("a.b-c", value, unit=unit, label="a figure")
    assert facts.text(f"{{a.b-c{':' if form else ''}{form}}}") == expected


def test_what_is_left_of_a_sum_that_cancels_is_nought(facts):
    facts.add("growth", Estimate(-9.5e-19, -0.00597, 0.00597, level=0.95, unit="per day"), label="a figure")
    assert facts.text("{growth:full}") == "0.0000 (−0.0060 to 0.0060)"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("2019-04-24", "2019-04-30", "24–30 April 2019"),
        ("2019-04-24", "2019-05-03", "24 April – 3 May 2019"),
        ("2018-12-30", "2019-01-02", "30 December 2018 – 2 January 2019"),
        ("2019-04-27", "2019-04-27", "27 April 2019"),
    ],
)
def test_date_sets(facts, low, high, expected):
    facts.add(
        "when", pd.Timestamp("2019-04-27"), low=pd.Timestamp(low), high=high, level=0.9, label="day of the change"
    )
    assert facts.text("{when:interval}") == expected


def test_maths_and_doubled_braces_are_left_alone(facts):
    facts.add("n", 3, label="a count")
    assert facts.text(r"{n} $\frac{a}{b}$ {{n}} {#tbl-x}") == r"3 $\frac{a}{b}$ {n} {#tbl-x}"


def test_an_unknown_key_or_form_names_the_choices(facts):
    facts.add("deaths.all", 3, label="deaths")
    with pytest.raises(UnknownNameError, match=r"fact='deaths\.al' is not known; did you mean 'deaths\.all'\?"):
        facts.text("{deaths.al}")
    with pytest.raises(UnknownNameError, match="did you mean 'full'"):
        facts.text("{deaths.all:ful}")


@pytest.mark.parametrize(("form", "message"), [("interval", "has no interval"), ("long", "is not a date")])
def test_a_form_that_does_not_fit_is_refused(facts, form, message):
    facts.add("n", 3, label="a count")
    with pytest.raises(InputError, match=message):
        facts.text(f"{{n:{form}}}")


def test_a_key_stands_for_one_thing(facts):
    facts.add("n", 3, label="a count")
    facts.add("n", 3, label="a count")
    with pytest.raises(InputError, match=r"key.*'n'.*stands for '3' \(a count\) and cannot be '4'"):
        facts.add("n", 4, label="a count")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("North West", 3, "lower-case words with hyphens"),
        ("n", math.nan, "not a finite number"),
        ("n", [1], "not a number, a date"),
        ("n", pd.NaT, "a date is missing"),
    ],
)
def test_what_cannot_be_a_fact(facts, key, value, message):
    with pytest.raises(InputError, match=message):
        facts.add(key, value, label="a count")


def test_every_fact_has_source_and_method():
    with pytest.raises(InputError, match="fact 'n' has no source"):
        Facts(method="sum").add("n", 3, label="a count")
    with pytest.raises(InputError, match="fact 'n' has no method"):
        Facts(source="List A").add("n", 3, label="a count")


def test_a_display_carries_each_fact_once(facts, shown):
    facts.add("n", 3, label="a count")
    facts.say("{n} events")
    facts.say("Nothing new.")
    facts.add("ratio", Estimate(2.41812345678912, 1.8, 3.3, level=0.95, unit="ratio"), label="a ratio")
    facts.publish()
    facts.publish()
    assert [data.get("text/markdown") for data in shown] == ["3 events", "Nothing new.", None]
    assert [[fact["key"] for fact in data.get(FACTS_MIME, [])] for data in shown] == [["n"], [], ["ratio"]]
    assert shown[2][FACTS_MIME][0] == {
        "key": "ratio",
        "value": 2.418123457,
        "low": 1.8,
        "high": 3.3,
        "level": 0.95,
        "unit": "ratio",
        "text": "2.4",
        "label": "a ratio",
        "source": "List A",
        "method": "sum",
        "window": "",
    }


def test_the_front_page(facts, shown):
    facts.add("ratio", Estimate(2.4, 1.8, 3.3, level=0.95, unit="ratio"), label="a ratio")
    facts.front(verdict="Rose {ratio}-fold.", tiles=[("ratio:interval", "times; recorded deaths")], standfirst="So.")
    assert shown[0][FRONT_MIME] == {
        "verdict": "Rose 2.4-fold.",
        "standfirst": "So.",
        "tiles": [{"value": "1.8–3.3", "label": "times; recorded deaths"}],
    }
    assert "**1.8–3.3** times" in shown[0]["text/markdown"]
    with pytest.raises(InputError, match="one to four tiles"):
        facts.front(verdict="", tiles=[("ratio", "x")] * 5)
    with pytest.raises(InputError, match="a tile needs a label"):
        facts.front(verdict="", tiles=[("ratio", "")])


def test_facts_of_notebooks_are_merged_unless_they_differ():
    one = Fact("n", 3, None, None, None, "", "3", "a count", "List A", "sum")
    two = Fact("m", 4, None, None, None, "", "4", "a count", "List A", "sum")
    other = Fact("n", 5, None, None, None, "", "5", "a count", "List A", "sum")
    assert list(merge_facts([[one], [two, one]])) == ["m", "n"]
    with pytest.raises(ReportError, match=r"fact 'n' different contents \(value, text\): '3' and '5'"):
        merge_facts([[one], [other]])
    assert fill("{n}", {"n": one}) == "3"
