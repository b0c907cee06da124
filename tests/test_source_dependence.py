"""Who rests on whom: counts are compared with plain pandas on the same rows, numbers with values worked by hand."""

import io
import pickle
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.comparison.dependence import COPIES, TRUNCATED, source_dependence
from casualties.comparison.effective_number import EffectiveNumber, independent_sources, number_of_mixtures
from casualties.errors import InputError
from casualties.estimates import NotEstimable
from casualties.events import Events
from casualties.figures.dependence import plot_shared
from casualties.provenance import SourceRecord
from casualties.tables.dependence import independence_table, shared_events_table

mpl.use("Agg")
WEST = ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]
OFFENSIVE = {"where": {"adm1": WEST}, "start": "2019-04-30", "end": "2019-08-31"}


def made(cited, deaths, days=None) -> Events:
    """Give events of one day each that cite these sources."""
    number = len(cited)
    day = pd.to_datetime(days if days is not None else ["2019-05-01"] * number)
    frame = pd.DataFrame({"id": [f"e{k}" for k in range(number)], "date_start": day, "date_end": day})
    frame = frame.assign(adm1="North", best=deaths, civilians=deaths, deaths_a=0, deaths_b=0, unknown=0)
    frame = frame.assign(low=frame["best"], high=frame["best"], first_document=frame["date_start"])
    frame["cited"] = pd.Series(list(cited), dtype="str")
    return Events(frame, pd.DataFrame(), SourceRecord(name="List"))


@pytest.fixture(scope="module")
def offensive(events):
    return source_dependence(events, **OFFENSIVE)


class TestBundled:
    def test_counts_are_those_of_plain_pandas(self, events, offensive):
        rows = events.accepted
        inside = rows["adm1"].isin(WEST) & (rows["date_start"] >= "2019-04-30") & (rows["date_end"] <= "2019-08-31")
        rows = rows[inside]
        sets = rows["cited"].map(lambda text: set(text.split(";")))
        for row in offensive.sources.itertuples():
            hit = sets.map(lambda each, name=row.source: name in each)
            alone = sets.map(lambda each, name=row.source: each == {name})
            assert (row.events, row.deaths) == (hit.sum(), rows.loc[hit, "best"].sum())
            assert (row.sole_events, row.sole_deaths) == (alone.sum(), rows.loc[alone, "best"].sum())
        assert offensive.sources["split_deaths"].sum() == pytest.approx(rows["best"].sum(), rel=1e-12)

    def test_the_statement(self, offensive):
        text = offensive.summary()
        assert "SOHR: cited by 696 of 720 events, with 4,249 of 4,276 recorded deaths; alone by 496 events" in text
        assert "99.4% of the recorded deaths of UCDP GED stand in events that cite SOHR" in text
        assert COPIES in text
        assert TRUNCATED in text
        pair = offensive.pairs.set_index(["source", "beside"])
        assert pair.loc[("SOHR", "Airwars"), "events"] == pair.loc[("Airwars", "SOHR"), "events"] == 193
        assert pair.loc[("Airwars", "SOHR"), "share_events"] == pytest.approx(193 / 216, rel=1e-12)
        assert pair.loc[("SOHR", "Airwars"), "lift"] == pytest.approx(193 * 720 / (696 * 216), rel=1e-12)

    def test_the_record_beside_the_totals_of_its_source_is_one_source(self, offensive):
        found = offensive.effective_number(["UCDP GED", "SOHR daily totals"], {"SOHR daily totals": "SOHR"})
        split = offensive.sources.set_index("source").loc["SOHR", "split_deaths"] / 4276
        assert found.value == pytest.approx(2 / (1 + split), rel=1e-9)
        # The other cited sources may themselves rest on SOHR: fewer than by its own citations alone.
        assert 1.0 < found.fewest < 2 / (1 + 4249 / 4276)
        assert str(found) == "2 sources, about 1.0 (1.0 to 1.1) of them independent"
        assert found.assumed == ()

    def test_two_cited_sources_may_be_two_or_one(self, offensive):
        found = offensive.effective_number(["SOHR", "Airwars"])
        assert found.value == pytest.approx(2.0, rel=1e-9)
        assert found.fewest == pytest.approx(2 / (1 + 623 / 649), rel=1e-9)
        assert found.assumed == ("SOHR", "Airwars")
        declared = offensive.effective_number(["SOHR", "Airwars"], {"Airwars": "SOHR"})
        assert (declared.value, declared.fewest, declared.most) == pytest.approx((1.0, 1.0, 1.0), rel=1e-9)

    def test_who_publishes_first_is_not_told(self, offensive):
        assert isinstance(offensive.publishes_first, NotEstimable)
        assert "does not say whose document" in offensive.publishes_first.reason


class TestIndependentSources:
    def test_by_hand(self):
        assert independent_sources(["A"], {}).value == 1.0
        assert independent_sources(["A", "B", "C"], {}).value == pytest.approx(3.0, rel=1e-12)
        assert independent_sources(["A", "B"], {"B": {"A": 0.5}}).value == pytest.approx(4 / 3, rel=1e-12)
        # Through two hands: C has all from B, which has all from A.
        assert independent_sources(["A", "C"], {"C": "B", "B": "A"}).value == pytest.approx(1.0, rel=1e-12)
        # Three that owe half to one outside: Kish's 3 / (1 + 2 rho).
        half = {name: {"agency": 0.5} for name in "ABC"}
        assert independent_sources(["A", "B", "C"], half).value == pytest.approx(3 / 2, rel=1e-12)

    def test_a_copy_adds_nothing_and_a_stranger_adds_one(self):
        base = {"B": {"A": 0.3}}
        one = independent_sources(["A", "B"], base).value
        assert independent_sources(["A", "B", "C"], base | {"C": "B"}).value == pytest.approx(one, rel=1e-9)
        assert independent_sources(["A", "B", "D"], base).value == pytest.approx(one + 1, rel=1e-9)

    @settings(max_examples=40, deadline=None)
    @given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**32 - 1))
    def test_bounds_and_order(self, sources, seen, seed):
        rng = np.random.default_rng(seed)
        mixtures = rng.dirichlet(np.full(seen, 0.5), sources)
        number = number_of_mixtures(mixtures)
        assert 1.0 <= number <= sources
        assert number_of_mixtures(mixtures[rng.permutation(sources)]) == pytest.approx(number, rel=1e-7)
        assert number_of_mixtures(mixtures[:, rng.permutation(seen)]) == pytest.approx(number, rel=1e-7)
        assert number_of_mixtures(np.vstack([mixtures, mixtures[0]])) == pytest.approx(number, rel=1e-7)
        assert number_of_mixtures(np.vstack([mixtures, rng.dirichlet(np.ones(seen))])) >= number * (1 - 1e-7)

    @pytest.mark.parametrize(
        ("names", "rests_on", "match"),
        [
            ([], {}, "no source is named"),
            (["A", "a"], {}, "named twice"),
            (["A", "B"], {"A": "B", "B": "A"}, "none of them on anything seen"),
            (["A"], {"A": "A"}, "cannot rest on itself"),
            (["A"], {"A": {"B": 1.5}}, "a number from 0 to 1"),
            (["A"], {"A": {"B": 0.7, "C": 0.7}}, "add up to more than 1"),
            (["A"], {"A": 3}, "a name, or names with shares"),
        ],
    )
    def test_bad_input(self, names, rests_on, match):
        with pytest.raises(InputError, match=match):
            independent_sources(names, rests_on)

    def test_words(self):
        assert str(EffectiveNumber(1, 1.0, 1.0, 1.0)) == "1 source"
        assert str(EffectiveNumber(3, 1.92, 1.0, 2.0)) == "3 sources, about 1.9 (1.0 to 2.0) of them independent"


CITED = st.lists(st.tuples(st.sets(st.sampled_from(["A", "B", "C", "D"])), st.integers(0, 9)), min_size=1, max_size=12)


class TestSmall:
    def test_by_hand(self):
        found = source_dependence(made(["A;B", "A", "A;A", "B", ""], [4, 3, 1, 0, 2]))
        table = found.sources.set_index("source")
        assert table.loc["A", ["events", "deaths", "sole_events", "sole_deaths"]].tolist() == [3, 8, 2, 4]
        assert table.loc["B", ["events", "deaths", "sole_events", "sole_deaths"]].tolist() == [2, 4, 1, 0]
        assert table["split_deaths"].tolist() == [6.0, 2.0]
        assert (found.uncited_events, found.uncited_deaths) == (1, 2)
        assert found.effective.value == pytest.approx(100 / (36 + 4 + 4), rel=1e-12)
        assert found.effective.fewest == pytest.approx(100 / (64 + 4), rel=1e-12)
        assert found.effective.most == pytest.approx(100 / (16 + 16 + 4), rel=1e-12)
        assert table.loc["A", ["dated", "delay"]].tolist() == [2, 0.0]

    @settings(max_examples=25, deadline=None)
    @given(CITED, st.randoms(use_true_random=False))
    def test_the_order_of_rows_and_the_names_change_only_labels(self, rows, random):
        events = made([";".join(sorted(names)) for names, _ in rows], [dead for _, dead in rows])
        found = source_dependence(events)
        mixed = list(rows)
        random.shuffle(mixed)
        again = source_dependence(made([";".join(sorted(n)) for n, _ in mixed], [dead for _, dead in mixed]))
        pd.testing.assert_frame_equal(found.sources, again.sources)
        pd.testing.assert_frame_equal(found.pairs, again.pairs)
        other = source_dependence(
            made([";".join(sorted(f"x{n}" for n in names)) for names, _ in rows], events.accepted["best"])
        )
        assert other.sources["source"].tolist() == [f"x{name}" for name in found.sources["source"]]
        pd.testing.assert_frame_equal(other.sources.drop(columns="source"), found.sources.drop(columns="source"))
        if isinstance(found.effective, EffectiveNumber):
            one, two = found.effective, other.effective
            assert (one.value, one.fewest, one.most) == (two.value, two.fewest, two.most)
            assert 1 - 1e-9 <= one.fewest <= one.value <= one.most <= one.named + 1 + 1e-9
            dead = found.sources["split_deaths"].sum() + found.uncited_deaths
            assert dead == pytest.approx(found.deaths, rel=1e-9)

    @pytest.mark.parametrize(
        ("cited", "deaths", "reason"),
        [
            (["", ""], [3, 4], "does not carry which sources"),
            (["A", "A;B"], [0, 0], "no deaths are recorded"),
        ],
    )
    def test_what_cannot_be_told(self, cited, deaths, reason):
        found = source_dependence(made(cited, deaths))
        assert reason in found.effective.reason
        answer = found.effective_number(["List", "A"])
        assert isinstance(answer, NotEstimable)
        # A declaration tells what the citations do not.
        assert found.effective_number(["List", "A"], {"List": "A"}).value == pytest.approx(1.0)
        assert reason in found.summary()
        for drawn in (found.plot(), plot_shared(found)):
            drawn.figure.savefig(io.BytesIO(), format="svg")
        assert len(found.table()) >= 1
        plt.close("all")

    def test_an_empty_window(self):
        found = source_dependence(made(["A"], [3]), start="2020-01-01", end="2020-01-31")
        assert found.effective == NotEstimable("no events in this place and window")
        assert found.sources.empty
        assert found.pairs.empty
        assert "no events" in found.summary()

    def test_one_event_and_lists_that_are_the_same(self):
        assert source_dependence(made(["A"], [3])).effective == EffectiveNumber(1, 1.0, 1.0, 1.0)
        twins = source_dependence(made(["A;B"] * 4, [1, 2, 3, 4]))
        assert (twins.effective.fewest, twins.effective.value) == (1.0, 2.0)
        assert twins.effective_number(["A", "B"]).fewest == pytest.approx(1.0, rel=1e-9)
        assert twins.pairs["share_events"].tolist() == [1.0, 1.0]

    def test_dates(self):
        events = made(["A", "A", "B"], [1, 1, 1])
        late = events.accepted["first_document"] + pd.to_timedelta([2, 4, -1], unit="D")
        found = source_dependence(replace(events, accepted=events.accepted.assign(first_document=late)))
        assert found.sources["delay"].tolist()[0] == 3.0
        assert found.sources["dated"].tolist() == [2, 0]
        bare = replace(events, accepted=events.accepted.assign(first_document=pd.NaT))
        assert "no dates of documents" in source_dependence(bare).publishes_first.reason

    def test_pickle(self):
        found = source_dependence(made(["A;B", "A"], [1, 2]))
        assert pickle.loads(pickle.dumps(found)).summary() == found.summary()


class TestShown:
    def test_network(self, offensive):
        for most in (1, 2, 3, 10, 20):
            ax = offensive.plot(most=most)
            ax.figure.canvas.draw()
            boxes = [text.get_window_extent() for text in ax.texts]
            assert len(boxes) == min(most, len(offensive.sources)) + 1
            for k, one in enumerate(boxes):
                assert not any(one.overlaps(other) for other in boxes[:k])
                assert 0 <= one.x0 < one.x1 <= ax.figure.bbox.width
        plt.close("all")

    def test_matrix(self, offensive):
        ax = plot_shared(offensive, most=3)
        assert "89%" in {text.get_text() for text in ax.texts}
        assert [label.get_text() for label in ax.get_xticklabels()] == ["SOHR", "Airwars", "Reuters"]
        plt.close("all")

    def test_tables(self, offensive):
        table = offensive.table()
        assert table.loc["SOHR", ["Events", "Deaths, alone"]].tolist() == ["696", "3,612"]
        assert table.loc["all events", "Recorded deaths"] == "4,276"
        assert shared_events_table(offensive).loc["Airwars", "SOHR"] == "89%"
        numbers = {"both": offensive.effective_number(["SOHR", "Airwars"]), "none": NotEstimable("why")}
        told = independence_table(numbers)
        assert told.loc["both"].tolist() == ["2", "2.0", "1.0", "2.0", "SOHR, Airwars"]
        assert told.loc["none"].iloc[-1] == "why"
