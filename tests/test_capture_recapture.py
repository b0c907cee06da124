"""Those on no list: reference numbers, refusals with their reasons, and what does not change an answer."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import casualties as ca
from casualties.comparison.capture_cells import read_cells
from casualties.comparison.capture_estimates import chao, chapman, lower_bound, sample_coverage
from casualties.errors import InputError, UnknownNameError
from casualties.tables.undocumented import capture_models_table, undocumented_table

ANSWERS = ("lower_bound", "spread", "bic", "aic", "decomposable", "chao")


@pytest.fixture(scope="module")
def kosovo(root):
    return pd.read_csv(root / "tests" / "reference" / "kosovo_cells.csv").rename(columns={"Freq": "count"})


@pytest.fixture(scope="module")
def stored(root):
    table = pd.read_csv(root / "tests" / "reference" / "capture.csv", dtype=str)
    return table[table["dataset"] == "kosovo"].set_index("method")["value"]


@pytest.fixture(scope="module")
def result(kosovo):
    return ca.estimate_undocumented(kosovo)


# Hepatitis A in Taiwan: three lists of Chao and Tsay (1998), whose sample coverage is .513 and whose number is 407.
HAV = pd.DataFrame(
    {
        "P": [0, 0, 0, 1, 1, 1, 1],
        "Q": [0, 1, 1, 0, 0, 1, 1],
        "E": [1, 0, 1, 0, 1, 0, 1],
        "count": [63, 55, 18, 69, 17, 21, 28],
    }
)


class TestReferences:
    """R 4.2.2, Rcapture; relative 1e-6, standard errors 1e-5 (R's `glm` stops a step earlier)."""

    def test_lower_bound(self, kosovo, stored):
        number, se, *_ = (float(text) for text in stored["closedp.t.Mth Chao (LB)"].split(";"))
        found = lower_bound(read_cells(kosovo)[()], 0.95)
        assert found.value == pytest.approx(number, rel=1e-6)
        assert found.low < number - se
        assert number + se < found.high

    def test_chao(self, kosovo, stored):
        assert chao(read_cells(kosovo)[()], 0.95).value == pytest.approx(float(stored["Chao1987.f1f2/2"]), rel=1e-9)

    def test_chapman(self, kosovo, stored):
        pairs = chapman(read_cells(kosovo)[()], 0.95).set_index(["first", "second"])
        names = [name for name in stored.index if name.startswith("Chapman.")]
        assert len(names) == 6
        for name in names:
            first, second = sorted(name.split(".")[1:])
            row = pairs.loc[first, second]
            number, se, one, two, both = (float(text) for text in stored[name].split(";"))
            assert (row["number"], row["se"]) == pytest.approx((number, se), rel=1e-9)
            assert {row["held_first"], row["held_second"]} == {one, two}
            assert row["shared"] == both

    def test_averages(self, result):
        assert result.decomposable.value == pytest.approx(12749.35, abs=0.01)
        best = result.models.iloc[0]
        assert (best["number"], best["se"]) == pytest.approx((10356.519, 785.902), abs=1e-3)
        assert len(result.models) == 113
        assert result.models[["weight_aic", "weight_bic"]].sum().to_list() == pytest.approx([1.0, 1.0])

    def test_sample_coverage(self):
        coverage, number = sample_coverage(read_cells(HAV)[()])
        assert coverage.value == pytest.approx(0.5127, abs=5e-5)
        assert round(number.value) == 407


class TestAnswer:
    def test_the_spread_holds_every_average(self, result):
        for name in ("bic", "aic", "decomposable"):
            answer = getattr(result, name)
            assert result.spread.low <= answer.low <= answer.value <= answer.high <= result.spread.high
        assert result.recorded == 4400
        assert any("not independent" in text for text in result.warnings)

    def test_independent_lists_give_no_such_warning(self):
        cells = pd.DataFrame({"A": [0, 0, 0, 1, 1, 1, 1], "B": [0, 1, 1, 0, 0, 1, 1], "C": [1, 0, 1, 0, 1, 0, 1]})
        cells["count"] = [100, 100, 100, 100, 100, 100, 100]
        assert len(ca.estimate_undocumented(cells).warnings) == 1

    def test_declared_dependence_leaves_only_models_that_allow_it(self, kosovo):
        found = ca.estimate_undocumented(kosovo, dependent=[("EXH", "HRW")])
        assert 0 < len(found.models) < 113
        assert found.models["model"].str.contains(r"EXH[^,]*×HRW").all()
        assert found.decomposable != ca.estimate_undocumented(kosovo).decomposable

    def test_strata_add_up(self):
        cells = pd.concat([HAV.assign(place="x"), HAV.assign(place="y")])
        found, one = ca.estimate_undocumented(cells, by=["place"]), ca.estimate_undocumented(HAV)
        assert found.strata["place"].to_list() == ["x", "y"]
        assert found.bic.value == pytest.approx(2 * one.bic.value)
        assert found.spread.high == pytest.approx(2 * one.spread.high)

    def test_a_stratum_without_a_number_leaves_none_for_the_sum(self):
        cells = pd.concat([HAV.assign(place="x"), HAV.assign(place="y", count=[9, 9, 1, 9, 1, 1, 0])])
        found = ca.estimate_undocumented(cells, by=["place"])
        for name in ("spread", "lower_bound", "chao"):
            assert "there is no number for y" in getattr(found, name).reason

    def test_words_table_and_figure(self, result):
        assert "spread:" in result.summary()
        assert set(result.to_frame()["quantity"]) >= set(ANSWERS)
        assert len(undocumented_table(result)) == 7
        assert len(capture_models_table(result, 5)) == 5
        assert result.plot().get_xscale() == "log"
        plt.close("all")


class TestRefusals:
    @pytest.mark.parametrize(
        ("cells", "options", "reason"),
        [
            (HAV.drop(columns="E"), {}, "with two lists nothing can tell"),
            (HAV.assign(count=[63, 55, 1, 69, 1, 1, 1]), {}, "only 4 are on more than one list"),
            (HAV.assign(count=0), {}, "nobody is on any list"),
            (HAV.assign(count=[0, 55, 0, 69, 0, 21, 0]), {}, "nobody is on E"),
            (HAV.assign(Q=HAV["P"]), {}, "one probably takes from the other"),
            (HAV, {"unit": "events"}, "events are not seen alike"),
            (HAV, {"partial": ["E"]}, "E covers only some of the cases"),
        ],
    )
    def test_each_reason_is_told(self, cells, options, reason):
        found = ca.estimate_undocumented(cells, **options)
        for name in ANSWERS:
            assert reason in getattr(found, name).reason
        assert found.models.empty
        assert reason.split()[0] in found.summary()
        found.plot()
        plt.close("all")
        assert len(undocumented_table(found)) >= 1

    def test_the_bundled_study(self):
        study = ca.load_study("idlib-2019")
        window = study.window("offensive")
        cells = ca.citation_cells(
            study.sources["ucdp"],
            study.settings["overlap"],
            victims="civilians",
            where=study.at("north_west").where,
            start=window.start,
            end=window.end,
        )
        assert dict(zip(cells["SOHR"] * 2 + cells["Airwars"], cells["count"], strict=True)) == {1: 22, 2: 260, 3: 191}
        found = ca.estimate_undocumented(cells, unit="events", partial=study.settings["partial"])
        for reason in ("two lists", "191 of the 213", "events are not seen alike", "Airwars covers only some"):
            assert reason in found.spread.reason


class TestInvariance:
    @settings(max_examples=12, deadline=None)
    @given(
        st.lists(st.integers(15, 400), min_size=7, max_size=7),
        st.permutations(range(3)),
        st.permutations(range(7)),
    )
    def test_names_order_and_split_rows_change_nothing(self, counts, lists, rows):
        cells = HAV.assign(count=counts)
        names = ["P", "Q", "E"]
        renamed = cells.rename(columns=dict(zip(names, [names[k] for k in lists], strict=True))).iloc[list(rows)]
        half = renamed["count"] // 2
        split = pd.concat([renamed.assign(count=half), renamed.assign(count=renamed["count"] - half)])
        nobody = pd.DataFrame({"P": [0], "Q": [0], "E": [0], "count": [77]})
        one, other = ca.estimate_undocumented(cells), ca.estimate_undocumented(pd.concat([split, nobody]))
        for name in ANSWERS:
            first, second = getattr(one, name), getattr(other, name)
            if isinstance(first, ca.NotEstimable):
                assert isinstance(second, ca.NotEstimable)
            else:
                assert (second.value, second.low, second.high) == pytest.approx(
                    (first.value, first.low, first.high), rel=1e-6
                )


class TestBadInput:
    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            (HAV.drop(columns="count"), "the table has no counts"),
            (HAV[["P", "count"]], "two to 5 lists can be compared"),
            (HAV.assign(a=1, b=1, c=1), "two to 5 lists can be compared"),
            (HAV.assign(P=2), "holds a person"),
            (HAV.assign(count=-1), "a count is a whole number"),
            (HAV.assign(count=0.5), "a count is a whole number"),
            (HAV.assign(count=math.nan), "a count is a whole number"),
            (HAV.assign(count="many"), "a count is a whole number"),
            (pd.concat([HAV, HAV[["P"]]], axis=1), "a column stands twice"),
        ],
    )
    def test_tables(self, cells, message):
        with pytest.raises(InputError, match=message):
            ca.estimate_undocumented(cells)

    def test_an_empty_table_is_nobody(self):
        assert "nobody is on any list" in ca.estimate_undocumented(HAV.iloc[:0]).spread.reason

    def test_names(self):
        for options in ({"unit": "people"}, {"dependent": [("P", "X")]}, {"partial": ["X"]}, {"by": ["place"]}):
            with pytest.raises(UnknownNameError):
                ca.estimate_undocumented(HAV, **options)
        with pytest.raises(InputError, match="between 0 and 1"):
            ca.estimate_undocumented(HAV, level=95)

    def test_a_model_without_a_maximum_gives_no_number(self):
        # Nobody on both A and B: with their interaction the likelihood has no maximum, and that model is left out.
        cells = HAV.assign(count=[60, 50, 18, 70, 17, 0, 0])
        found = ca.estimate_undocumented(cells)
        assert 0 < len(found.models) < 8
        assert np.isfinite(found.models["number"]).all()
