"""Who saw what: figures are counts of events and people and are compared exactly, shares to 1e-12."""

import pickle
from dataclasses import replace

import pandas as pd
import pytest

from casualties.comparison.citations import cites
from casualties.comparison.coverage import coverage_overlap, share_citing, source_coverage
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import NotEstimable
from casualties.events import Events
from casualties.provenance import SourceRecord
from casualties.sources.acled import read_acled
from casualties.study import Study, load_study

NORTH_WEST = {"adm1": ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]}
OFFENSIVE = {"where": NORTH_WEST, "start": "2019-04-30", "end": "2019-08-31"}


@pytest.fixture
def small() -> Events:
    frame = pd.DataFrame(
        [
            ("a", "2019-05-01", "2019-05-01", "North", 3, 3, "One;Two"),
            ("b", "2019-05-31", "2019-06-02", "North", 5, 2, "One;One"),
            ("c", "2019-06-09", "2019-06-09", "South", 4, 0, "Two"),
            ("d", "2019-06-10", "2019-06-10", "", 7, 0, ""),
            ("e", "2019-06-11", "2019-06-11", "South", 1, 1, "Three"),
        ],
        columns=["id", "date_start", "date_end", "adm1", "best", "civilians", "cited"],
    )
    for name in ("date_start", "date_end"):
        frame[name] = pd.to_datetime(frame[name])
    frame = frame.assign(deaths_a=0, deaths_b=0, unknown=frame["best"] - frame["civilians"])
    frame = frame.assign(low=frame["best"], high=frame["best"])
    return Events(frame, pd.DataFrame(), SourceRecord(name="Event list"))


@pytest.fixture(scope="module")
def events() -> Events:
    study: Study = load_study("idlib-2019")
    found = study.sources["ucdp"]
    assert isinstance(found, Events)
    return found


class TestCells:
    def test_by_hand(self, small):
        found = coverage_overlap(small, "One", "Two")
        assert found.cells["events"].to_dict() == {"both": 1, "first only": 1, "second only": 1, "neither": 2}
        assert found.cells["best"].tolist() == [3, 5, 4, 8]
        assert found.cells["civilians"].tolist() == [3, 2, 0, 1]
        assert "One without Two: 1 events, 5 deaths in them, 2 of them civilians" in found.summary()
        assert "not how many dead it counted" in found.summary()

    def test_swapping_the_sources_swaps_the_cells(self, small):
        one, other = coverage_overlap(small, "One", "Two").cells, coverage_overlap(small, "Two", "One").cells
        assert one.loc["first only"].tolist() == other.loc["second only"].tolist()
        assert one.loc[["both", "neither"]].equals(other.loc[["both", "neither"]])

    def test_cells_hold_every_event_once(self, events):
        for victims in ("all", "civilians"):
            cells = coverage_overlap(events, "SOHR", "Airwars", victims=victims, **OFFENSIVE).cells
            share = share_citing(events, "SOHR", victims=victims, **OFFENSIVE)
            assert cells["events"].sum() == share.events
            assert cells.loc[["both", "first only"], "events"].sum() == share.events_citing
            deaths = cells["best" if victims == "all" else "civilians"]
            assert deaths.sum() == share.deaths

    def test_the_offensive(self, events):
        everything = coverage_overlap(events, "SOHR", "Airwars", **OFFENSIVE).cells
        assert everything["events"].tolist() == [193, 503, 23, 1]
        assert everything["best"].sum() == 4276
        civilians = coverage_overlap(events, "SOHR", "Airwars", victims="civilians", **OFFENSIVE).cells
        assert civilians["events"].tolist() == [191, 260, 22, 0]
        assert civilians["civilians"].sum() == 1136


class TestShare:
    def test_by_hand(self, small):
        found = share_citing(small, "One")
        assert (found.events, found.events_citing, found.deaths, found.deaths_citing) == (5, 2, 20, 8)
        assert found.share_events.value == pytest.approx(0.4, rel=1e-12)
        assert found.share_deaths.value == pytest.approx(0.4, rel=1e-12)
        assert not found.share_events.has_interval
        civilians = share_citing(small, "One", victims="civilians")
        assert (civilians.events, civilians.deaths, civilians.deaths_citing) == (3, 6, 5)

    def test_nothing_there_has_no_share(self, small):
        found = share_citing(small, "One", start="2019-07-01", end="2019-07-02")
        assert found.share_events == NotEstimable("share of events: there are none")
        assert found.share_deaths == NotEstimable("share of recorded deaths: there are none")

    def test_nearly_everything_rests_on_one_source(self, events):
        assert str(share_citing(events, "SOHR", **OFFENSIVE)) == (
            "696 of 720 events, with 4,249 of 4,276 recorded deaths, cite SOHR"
        )
        assert share_citing(events, "Airwars", **OFFENSIVE).events_citing == 216

    def test_names_are_whole_codes(self):
        cited = pd.Series(["SOHR", "SOHR2;AP", "ap;sohr", ""], index=[4, 5, 6, 7])
        assert cites(cited, "SOHR").tolist() == [True, False, True, False]
        assert cites(cited, "SOHR").index.equals(cited.index)


class TestTable:
    def test_by_period(self, small):
        found = source_coverage(small, by="month")
        table = found.counts
        assert table["source"].drop_duplicates().tolist() == ["any source", "One", "Two", "Three"]
        one = table[table["source"] == "One"].set_index("period")
        # The event of 31 May to 2 June belongs to May, and its two documents of one source count once.
        assert one["events"].to_dict() == {pd.Timestamp("2019-05-01"): 2}
        assert one["best"].tolist() == [8]
        june = table[table["period"] == "2019-06-01"].set_index("source")
        assert june["events"].to_dict() == {"any source": 3, "Two": 1, "Three": 1}
        assert june.loc["Two", "share_events"] == pytest.approx(1 / 3, rel=1e-12)
        assert june.loc["Two", "share_best"] == pytest.approx(4 / 12, rel=1e-12)

    def test_weeks_run_from_monday(self, small):
        table = source_coverage(small, by="week").counts
        weeks = table.loc[table["source"] == "any source", "period"].dt.strftime("%a %m-%d").tolist()
        assert weeks == ["Mon 04-29", "Mon 05-27", "Mon 06-03", "Mon 06-10"]

    def test_by_place_shows_events_without_one(self, small):
        table = source_coverage(small, by="adm1").counts
        every = table[table["source"] == "any source"].set_index("adm1")["best"]
        assert every.to_dict() == {"": 7, "North": 8, "South": 5}

    def test_only_events_inside_the_window_count(self, small):
        table = source_coverage(small, by="month", start="2019-05-01", end="2019-06-01").counts
        assert table.loc[table["source"] == "any source", "events"].tolist() == [1]

    def test_the_order_of_rows_does_not_matter(self, small):
        mixed = replace(small, accepted=small.accepted.iloc[::-1].reset_index(drop=True))
        for by in ("month", "adm1"):
            pd.testing.assert_frame_equal(source_coverage(small, by=by).counts, source_coverage(mixed, by=by).counts)

    def test_the_offensive_by_source(self, events):
        table = source_coverage(events, by="year", **OFFENSIVE).counts.set_index("source")
        assert table.loc["any source", ["events", "best", "civilians"]].tolist() == [720, 4276, 1136]
        assert table.loc["SOHR", ["events", "best", "civilians"]].tolist() == [696, 4249, 1110]
        assert table.loc["Airwars", ["events", "best", "civilians"]].tolist() == [216, 649, 603]
        assert table.loc["HRW", ["events", "best", "civilians"]].tolist() == [4, 33, 33]

    def test_months_add_up_to_the_window(self, events):
        table = source_coverage(events, by="month", **OFFENSIVE).counts
        assert table[table["source"] == "any source"]["best"].sum() == 4276
        assert (table["share_events"] <= 1).all()

    def test_words_and_pickle(self, small):
        found = source_coverage(small, by="month")
        assert "any source: 5 events, 20 deaths in them, 6 of them civilians" in found.summary()
        assert found.caveat in found.summary()
        assert pickle.loads(pickle.dumps(found)).to_frame().equals(found.counts)


class TestBadInput:
    def test_names(self, small):
        with pytest.raises(UnknownNameError, match="did you mean 'month'"):
            source_coverage(small, by="mnth")
        with pytest.raises(UnknownNameError, match="first='Thre' is not known; did you mean 'Three'"):
            coverage_overlap(small, "Thre", "One")
        with pytest.raises(UnknownNameError, match="the choices are: 'One', 'Three', 'Two'"):
            share_citing(small, "Seven")
        with pytest.raises(UnknownNameError, match="did you mean 'civilians'"):
            share_citing(small, "One", victims="civilian")
        with pytest.raises(UnknownNameError, match="did you mean 'North'"):
            share_citing(small, "One", where={"adm1": "Nort"})

    def test_arguments(self, small):
        with pytest.raises(InputError, match="cannot be compared with itself"):
            coverage_overlap(small, "One", "One")
        with pytest.raises(InputError, match="ends before it starts"):
            source_coverage(small, by="month", start="2019-06-01", end="2019-05-01")

    def test_a_source_that_is_asked_for_where_none_is_cited(self, small):
        bare = replace(small, accepted=small.accepted.assign(cited=""))
        for call in (lambda: coverage_overlap(bare, "One", "Two"), lambda: share_citing(bare, "One")):
            with pytest.raises(InputError, match="not estimable: this table does not carry which sources an event"):
                call()


class TestAcled:
    """An export without codes of sources and without classes of victims is counted as far as it tells."""

    HEADER = "event_id_cnty,event_date,time_precision,event_type,actor1,actor2,admin1,fatalities,source"

    @pytest.fixture
    def exported(self, tmp_path) -> Events:
        rows = [
            "SYR1,2019-05-01,1,Battles,Army,Rebels,Idleb,3,SOHR; Local source",
            "SYR2,2019-06-02,1,Violence against civilians,Army,Civilians,Hama,5,SOHR",
        ]
        file = tmp_path / "acled.csv"
        file.write_text("\n".join([self.HEADER, *rows]), encoding="utf-8")
        return read_acled(file)

    def test_coverage_counts_all_events_and_says_what_is_missing(self, exported):
        found = source_coverage(exported, by="month")
        assert found.counts["source"].tolist() == ["any source", "any source"]
        assert found.counts["best"].tolist() == [3, 5]
        assert found.counts["civilians"].isna().all()
        assert found.missing == NotEstimable("this table does not carry which sources an event cites")
        assert "by source: not estimable: this table does not carry which sources an event cites" in found.summary()
        assert "any source: 2 events, 8 deaths in them, civilians not told apart" in found.summary()
        assert "SOHR" not in found.to_frame().to_csv()
        assert pickle.loads(pickle.dumps(found)).missing == found.missing

    def test_a_table_with_citations_misses_nothing(self, small):
        assert source_coverage(small, by="month").missing is None

    def test_civilians_that_are_not_told_cannot_be_asked_for(self, exported):
        cited = replace(exported, accepted=exported.accepted.assign(cited="One;Two"))
        with pytest.raises(InputError, match=r"does not say how many of the dead these were.*take victims='all'"):
            share_citing(cited, "One", victims="civilians")
        cells = coverage_overlap(cited, "One", "Two")
        assert cells.cells.loc["both", ["events", "best"]].tolist() == [2, 8]
        assert cells.cells["civilians"].isna().tolist() == [True, False, False, False]
        assert "One and Two: 2 events, 8 deaths in them, civilians not told apart" in cells.summary()
