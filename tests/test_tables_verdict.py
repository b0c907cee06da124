import math

import judged
import numpy as np
import pandas as pd
import pytest

from casualties.figures import drawn_specifications, plot_specifications
from casualties.tables import (
    differing_table,
    influence_table,
    options_table,
    overturners_table,
    sources_verdict_table,
    support_table,
)
from casualties.verdict.assess import assess
from casualties.verdict.influence import share_of_variance


@pytest.fixture(scope="module")
def verdict(tmp_path_factory):
    study = judged.judged_study(
        tmp_path_factory.mktemp("tables"), 'days = ["all", 28]', a=judged.war(after=9.0), b=judged.war(2, after=9.0)
    )
    return assess(study)


class TestTables:
    def test_sources(self, verdict):
        table = sources_verdict_table(verdict)
        assert list(table.columns) == ["List a", "List b"]
        own = verdict.sources.iloc[0]
        assert table.loc["Choices that give this answer", "List a"] == f"{own['agreeing']} of {own['able']}"
        assert table.loc["Says", "List a"] == own["state"]

    def test_readings_add_up(self, verdict):
        counts = support_table(verdict.curve)["Specifications"].astype(int)
        assert counts.sum() == len(verdict.curve.of_main)
        options = options_table(verdict.curve)
        days = options[options.index == "Days of the window"]
        able = (verdict.curve.of_main["reading"] != "not estimable").sum()
        assert days["Specifications"].astype(int).sum() == able
        assert (options["Rise"].astype(int) <= options["Specifications"].astype(int)).all()

    def test_what_turns_it_and_what_does_not(self, verdict):
        table = overturners_table(verdict)
        assert len(table) == len(verdict.overturners) + len(verdict.bounds)
        assert (table["The verdict becomes"] == "the same").sum() == len(verdict.bounds)
        assert all(change.startswith(("If ", "Tried: ")) for change in table.index)

    def test_those_that_differ(self, verdict):
        panel = verdict.curve.of_main[verdict.curve.of_main["declared"]]
        assert len(differing_table(verdict)) == (panel["reading"] != verdict.decision.reading).sum()

    def test_no_table_prints_a_number_that_is_none(self, verdict):
        curve = verdict.curve
        for table in (
            sources_verdict_table(verdict),
            support_table(curve),
            options_table(curve),
            influence_table(curve),
            overturners_table(verdict),
            differing_table(verdict),
        ):
            assert not table.reset_index().astype(str).isin(["nan", "NaT", "None", "inf"]).to_numpy().any()


class TestInfluence:
    def test_shares_of_a_factorial_design_add_up(self):
        rng = np.random.default_rng(3)
        grid = pd.MultiIndex.from_product([["a", "b", "c"], ["x", "y"]], names=["place", "days"]).to_frame(index=False)
        values = pd.Series(rng.normal(size=6))
        table = share_of_variance(grid, values, ["place", "days"]).set_index("axis")["share"]
        assert math.isclose(table.sum(), 1.0)
        means = values.groupby(grid["place"]).transform("mean")
        total = ((values - values.mean()) ** 2).sum()
        assert math.isclose(table["place"], ((means - values.mean()) ** 2).sum() / total)

    def test_nothing_to_take_apart(self):
        grid = pd.DataFrame({"place": ["a", "b"]})
        assert share_of_variance(grid, pd.Series([1.0, 1.0]), ["place"]).empty
        assert share_of_variance(grid, pd.Series([1.0, math.nan]), ["place"]).empty


class TestFigure:
    def test_every_ratio_that_is_told_is_drawn_in_order(self, verdict):
        drawn = drawn_specifications(verdict.curve)
        main = verdict.curve.of_main
        able = main[(main["quantity"] == "ratio") & (main["reading"] != "not estimable")]
        assert len(drawn) == len(able)
        assert drawn["value"].is_monotonic_increasing

    def test_it_draws_with_and_without_growth(self, verdict):
        for quantity in ("ratio", "growth"):
            ax = plot_specifications(verdict.curve, quantity=quantity)
            assert len(ax.figure.axes) == 2
        assert verdict.plot().figure.axes
