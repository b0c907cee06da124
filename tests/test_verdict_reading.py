import math

import judged
import numpy as np
import pandas as pd
import pytest

from casualties.models.changepoints import fit_changepoints
from casualties.models.excess import fit_excess
from casualties.models.trend import fit_trend
from casualties.series import DailySeries
from casualties.verdict.decision import (
    DE_ESCALATING,
    ESCALATING,
    NO_DETECTABLE,
    NOT_ENOUGH,
    STATES,
    decide,
    reading_of,
    told,
)
from casualties.verdict.question import Baseline, Counts, Question
from casualties.verdict.reading import READINGS, read_series

DAY = pd.Timedelta(days=1)
FIRST = pd.Timestamp(judged.FIRST)
START, END = map(pd.Timestamp, judged.WINDOW)
BEFORE = Baseline("before", "the days before", FIRST, START - DAY)
WINTER = Baseline("winter", "the winter", FIRST, pd.Timestamp("2019-03-15"))
QUESTION = Question("the spring", START, END, (BEFORE, WINTER), ("all", "28"))


def series(values):
    return DailySeries.from_counts(values, judged.FIRST)


@pytest.fixture(scope="module")
def loud():
    data = series(judged.war())
    return data, pd.DataFrame(read_series(Counts.of(data), QUESTION))


class TestReadSeries:
    def test_every_specification_once(self, loud):
        _, rows = loud
        assert len(rows) == 2 * 2 * 2 + 2
        assert not rows.duplicated(["model", "baseline", "days"]).any()
        assert set(rows["reading"]) <= set(READINGS)

    def test_the_level_is_that_of_the_excess(self, loud):
        data, rows = loud
        for days, end in (("all", END), ("28", START + 27 * DAY)):
            for baseline in (BEFORE, WINTER):
                asked = data.between(baseline.first, end)
                direct = fit_excess(asked, (baseline.first, baseline.last), (START, end)).ratio
                row = rows[(rows["model"] == "level") & (rows["days"] == days) & (rows["baseline"] == baseline.name)]
                assert row[["value", "low", "high"]].iloc[0].tolist() == [direct.value, direct.low, direct.high]

    def test_the_growth_is_that_of_the_trend(self, loud):
        data, rows = loud
        direct = fit_trend(data.between(START - 28 * DAY, START + 27 * DAY)).growth
        row = rows[(rows["model"] == "growth") & (rows["days"] == "28")].iloc[0]
        assert (row["value"], row["low"], row["baseline"]) == (direct.value, direct.low, "")

    def test_one_change_is_that_of_the_change_points(self, loud):
        data, rows = loud
        found = fit_changepoints(data.between(FIRST, END)).quoted_changes()
        assert len(found) == 1
        row = rows[(rows["model"] == "changes") & (rows["days"] == "all")].iloc[0]
        assert math.isclose(row["value"], found["ratio"].iloc[0])
        assert math.isclose(row["high"], found["ratio_high"].iloc[0])
        assert row["date"] == str(found["date"].iloc[0].date())

    def test_two_changes_are_multiplied(self):
        rng = np.random.default_rng(5)
        values = rng.poisson(np.repeat([2.0, 8.0, 30.0], [80, 50, 51]))
        row = read_series(Counts.of(series(values)), Question("w", START, END, (WINTER,), models=("changes",)))[0]
        found = fit_changepoints(series(values)).quoted_changes()
        assert len(found) == 2
        assert math.isclose(row["value"], found["ratio"].prod())
        assert row["low"] < row["value"] < row["high"]
        # Each moves the rate; the date is that of the one that moves it most.
        assert row["date"] == str(found.loc[found["ratio"].idxmax(), "date"].date())

    def test_a_change_inside_the_baseline_is_none_between_the_two(self):
        rng = np.random.default_rng(6)
        values = rng.poisson(np.repeat([2.0, 10.0], [40, 141]))
        rows = read_series(Counts.of(series(values)), Question("w", START, END, (BEFORE,), models=("changes",)))
        assert [(row["reading"], row["value"]) for row in rows] == [("no change", 1.0)]

    @pytest.mark.parametrize(
        "values",
        [np.zeros(181), np.full(181, np.nan), np.r_[np.zeros(150), 400, np.zeros(30)], np.full(181, 3.0)],
        ids=["zeros", "unobserved", "one day", "constant"],
    )
    def test_hostile_series_end_in_readings_with_reasons(self, values):
        rows = pd.DataFrame(read_series(Counts.of(series(values)), QUESTION))
        untold = rows["reading"] == "not estimable"
        assert (rows.loc[untold, "reason"] != "").all()
        assert rows.loc[~untold, "value"].notna().all()

    def test_shuffled_baselines_change_nothing_but_the_order(self, loud):
        data, rows = loud
        other = Question("w", START, END, (WINTER, BEFORE), ("28", "all"))
        again = pd.DataFrame(read_series(Counts.of(data), other))
        key = ["model", "baseline", "days"]
        pd.testing.assert_frame_equal(
            rows.sort_values(key).reset_index(drop=True), again.sort_values(key).reset_index(drop=True)
        )


def panel(**methods):
    return pd.DataFrame([{"model": name, "reading": each} for name, many in methods.items() for each in many])


class TestDecide:
    @pytest.mark.parametrize(
        ("level", "changes", "growth", "state"),
        [
            (["rise"], ["rise"], ["no change"], ESCALATING),
            (["rise"], ["rise"], ["fall"], ESCALATING),
            (["rise"], ["no change"], ["rise"], ESCALATING),
            (["rise"], ["no change"], ["no change"], NO_DETECTABLE),
            (["fall"], ["fall"], ["no change"], DE_ESCALATING),
            (["fall"], ["rise"], ["no change"], NO_DETECTABLE),
            (["rise", "no change"], ["rise"], ["no change"], NO_DETECTABLE),
            (["rise", "rise", "no change"], ["rise"], ["no change"], ESCALATING),
            (["rise", "not estimable"], ["rise"], ["not estimable"], ESCALATING),
            (["not estimable"], ["not estimable"], ["rise"], NOT_ENOUGH),
            (["not estimable"], ["rise"], ["no change"], NO_DETECTABLE),
        ],
    )
    def test_two_of_three_methods(self, level, changes, growth, state):
        assert decide(panel(level=level, changes=changes, growth=growth)).state == state

    def test_one_method_alone_decides_by_itself(self):
        assert decide(panel(growth=["rise", "rise"])).state == ESCALATING

    def test_many_specifications_of_one_method_do_not_outvote_others(self):
        assert decide(panel(level=["rise"] * 50, changes=["no change"], growth=["no change"])).state == NO_DETECTABLE

    def test_every_state_has_its_reading(self):
        assert {state: reading_of(state) for state in STATES} == {
            "escalating": "rise",
            "de-escalating": "fall",
            "no detectable change": "no change",
            "sources conflict": "not estimable",
            "not enough data": "not estimable",
        }

    def test_told_leaves_out_what_could_not_tell(self):
        assert told(panel(level=["rise", "not estimable"]))["reading"].tolist() == ["rise"]
