"""The chapter on claims: its facts are the checks' own; a study without claims, or a replay before them, says so."""

import shutil

import pandas as pd
import pytest

import casualties as ca
from casualties.report import Facts
from casualties.report.build import run_study, study_notebooks
from casualties.report.claims import add_claims, why_unchecked
from casualties.report.notebook import collect_facts, notebook_to_typst

CLAIMS = (
    "claim_id,attributed_to,published_date,measure,victims,place,period_start,period_end,operator,value,claim,relation"
)
STUDY = """
[study]
name = "own"
title = "An invented feed"
subtitle = "Made for a test"
place = "Nowhere"
period = "2021"
data_as_of = "2022-01-01"
version = "1"
version_date = "2022-01-02"

[sources.daily]
file = "daily.csv"
format = "feed"
name = "Ministry"
licence = "public domain"

[sources.daily.mapping]
date = "day"
killed = "killed"

[sources.said]
file = "claims.csv"
format = "claims"
name = "Claims"

[places.everywhere]
label = "everywhere"

[series.everybody]
source = "daily"
start = "2021-01-01"
end = "2021-03-01"
spread = "even"
missing_days = "missing"
"""


@pytest.fixture
def facts():
    return Facts(source="a list", method="as said")


@pytest.fixture(scope="module")
def result(study):
    return ca.check_claims(study)


@pytest.fixture
def own(tmp_path):
    """Give a folder with a feed of three deaths a day and three claims, one of them nobody's to test."""
    folder = tmp_path / "own"
    folder.mkdir()
    days = pd.date_range("2021-01-01", "2021-03-01")
    table = pd.DataFrame({"day": days.strftime("%Y-%m-%d"), "killed": 3})
    table.to_csv(folder / "daily.csv", index=False)
    rows = [
        "a,A,2021-02-01,killed,all,everywhere,2021-01-02,2021-01-31,=,90,ninety died in January,",
        "b,B,2021-02-10,killed,all,everywhere,2021-01-02,2021-01-31,>,120,more died,higher than a",
        "c,C,,injured,all,everywhere,2021-01-02,2021-01-31,=,5,five were wounded,higher than a",
    ]
    (folder / "claims.csv").write_text("\n".join([CLAIMS, *rows, ""]), encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


def chapter(study):
    """Run the chapter; give its facts and its manuscript."""
    books = [book for book in study_notebooks() if book.stem == "04_claims"]
    executed = run_study(study, books, progress=False)
    found = collect_facts(executed)
    return found, notebook_to_typst(executed[0], found)


class TestAbsence:
    def test_nothing_is_said_where_claims_can_be_checked(self, study):
        claims = study.claims()
        assert why_unchecked(claims, claims) == ""
        assert why_unchecked(claims, claims[:1], "2019-07-22") == ""

    def test_no_claims(self):
        none = pd.DataFrame()
        for as_of in ("", "2019-07-22"):
            assert why_unchecked(none, none, as_of) == "The study holds no claims that could be checked."

    @pytest.mark.parametrize("days", [["2019-07-22", ""], ["2019-07-22", " "], None])
    def test_claims_without_a_day(self, days):
        claims = pd.DataFrame({"claim_id": ["a", "b"], **({"published_date": days} if days else {})})
        assert why_unchecked(claims, claims[:0], "2019-07-01") == (
            "By 1 July 2019 none of the claims that the study holds had been published "
            "(a claim without a day of publication is left out)."
        )


class TestFacts:
    def test_they_are_those_of_the_checks(self, facts, study, result):
        add_claims(facts, "c", result, study.claims())
        found = {key.removeprefix("c."): fact.value for key, fact in facts._facts.items()}
        assert found["all"] == len(study.claims()) == 18
        verdicts = result.counts()
        assert {name: found[name.replace(" ", "-")] for name in verdicts.index} == verdicts.to_dict()
        # Claims 1, 2, 6, 7, 10 and 13 hang on a word or a boundary; claim 9 has the claimant's own deaths only.
        turning = result.answers.loc[result.answers["turns_on"] != "", "claim_id"].tolist()
        assert turning == ["1", "2", "6", "7", "10", "13"]
        assert (found["turning"], found["own"], found["found"]) == (6, 1, 1)
        assert (found["inconsistencies"], found["readings"]) == (2, len(result.readings))
        assert found["published"] == "AP/CBC; CBC (caption AFP/Getty Images), 22 July 2019"
        assert facts._facts["c.all"].source == "UCDP GED; SOHR daily totals; Published totals"

    @pytest.mark.parametrize(
        ("known", "words"),
        [
            ({}, "not stated where and when"),
            ({"published_by": ["", ""]}, "not stated where and when"),
            ({"published_by": ["B", "A"]}, "A; B"),
            ({"published_date": ["2019-07-22", "2019-05-01"]}, "1 May 2019 to 22 July 2019"),
        ],
    )
    def test_where_and_when(self, facts, result, known, words):
        add_claims(facts, "c", result, pd.DataFrame(known))
        assert facts.text("{c.published}") == words


def test_the_chapter_stands_between_the_sources_and_the_verdict():
    names = [book.stem for book in study_notebooks()]
    assert names.index("03_sources") < names.index("04_claims") < names.index("04_verdict")


@pytest.mark.slow
def test_the_chapter_of_the_bundled_study(study):
    found, written = chapter(study)
    assert found["claims.undecided"].value == 3
    shown = {"tbl-fact-check", "fig-claims", "tbl-inconsistent", "tbl-untestable", "tbl-candidates", "tbl-readings"}
    assert shown | {"sec-claims", "sec-inconsistent", "sec-untestable", "sec-readings"} <= set(written.labels)
    # A table of many words may run over pages: nothing of it is lost below one.
    assert "tbl-fact-check" in written.long_tables
    words = " ".join(written.typst.split())
    assert "supported: 4; contradicted: 5; undecided: 3; not testable: 6" in words
    assert "71 recorded deaths (58 to 76) where 27.5 were expected" in words


@pytest.mark.slow
def test_a_replay_before_the_report_checks_nothing(study):
    found, written = chapter(study.replay("2019-07-21"))
    assert found == {}
    assert set(written.labels) == {"sec-claims"}
    assert "By 21 July 2019 none of the claims that the study holds had been published." in written.typst


@pytest.mark.slow
def test_a_feed_alone_and_a_replay_of_it(own):
    study = ca.load_study(own)
    result = ca.check_claims(study)
    assert result.answers["verdict"].tolist() == ["supported", "contradicted", "not testable"]
    found, written = chapter(study)
    assert (found["claims.all"].value, found["claims.not-testable"].value) == (3, 1)
    assert "tbl-candidates" not in written.labels
    # By then the second had not been published, and the third has no day.
    found, written = chapter(study.replay("2021-02-05"))
    assert (found["claims.all"].value, found["claims.supported"].value) == (1, 1)
    assert "on the day of the replay" in written.typst
    assert not {"tbl-inconsistent", "tbl-untestable"} & set(written.labels)


@pytest.mark.slow
def test_a_study_without_claims_says_so_in_one_sentence(own):
    text = (own / "study.toml").read_text(encoding="utf-8")
    head, _, tail = text.partition("[sources.said]")
    (own / "study.toml").write_text(head + tail[tail.index("[places") :], encoding="utf-8")
    found, written = chapter(ca.load_study(own))
    assert found == {}
    assert set(written.labels) == {"sec-claims"}
    assert written.typst.count("The study holds no claims that could be checked.") == 1


def test_a_relation_to_a_claim_that_a_replay_does_not_know_is_left_out(own):
    file = own / "claims.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("a,A,2021-02-01", "a,A,2021-02-20"), encoding="utf-8")
    result = ca.check_claims(ca.load_study(own).replay("2021-02-15"))
    assert result.answers["claim_id"].tolist() == ["b"]
    assert result.inconsistencies.empty


def test_a_study_may_hold_its_claims_with_their_words(own):
    shutil.move(own / "claims.csv", own / "old.csv")
    (own / "claims.toml").write_text(
        '[[claims]]\nclaim_id = "1"\nmeasure = "killed"\noperator = ">="\nplace = "here"\nwords = ["a score"]\n'
        "period_start = 2021-01-02\nperiod_end = 2021-01-31\n"
        '[terms.places]\n"here" = "everywhere"\n[terms.readings]\n"a score" = { value = 20 }\n',
        encoding="utf-8",
    )
    text = (own / "study.toml").read_text(encoding="utf-8")
    (own / "study.toml").write_text(text.replace("claims.csv", "claims.toml"), encoding="utf-8")
    result = ca.check_claims(ca.load_study(own))
    assert result.answers["verdict"].tolist() == ["supported"]
    assert result.readings.set_index("words").loc["a score", "reading"] == "20"
