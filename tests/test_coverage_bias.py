"""What decides whether a source saw an event: counts as plain pandas gives them, slopes as they were put in."""

import io
import math
import pickle

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from casualties.comparison.coverage import source_coverage
from casualties.comparison.coverage_bias import COUPLED, GROUPS, coverage_bias
from casualties.errors import InputError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events
from casualties.provenance import SourceRecord
from casualties.tables.coverage import coverage_slopes_table

mpl.use("Agg")
WEST = ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]
OFFENSIVE = {"where": {"adm1": WEST}, "start": "2019-04-30", "end": "2019-08-31"}
SLOPES = ("size_ratio", "response", "response_deaths", "response_detrended", "drift", "growth_seen")


def made(day, deaths, cited) -> Events:
    """Give events that all cite One, and Two where told."""
    frame = pd.DataFrame({"date_start": pd.to_datetime(day), "best": np.asarray(deaths, dtype="int64")})
    frame = frame.assign(id=[f"e{k}" for k in range(len(frame))], date_end=frame["date_start"], adm1="North", kind=1)
    frame = frame.assign(side_a="Army", civilians=frame["best"], deaths_a=0, deaths_b=0, unknown=0)
    frame = frame.assign(low=frame["best"], high=frame["best"])
    frame["cited"] = pd.Series(["One;Two" if hit else "One" for hit in cited], dtype="str")
    return Events(frame, pd.DataFrame(), SourceRecord(name="List"))


def drawn(rng, weeks, beta, base=0.3) -> Events:
    """Draw events of rising and falling weeks; Two sees a share of them that goes with the week's deaths a day."""
    level = np.repeat(np.exp(np.cumsum(rng.normal(0, 0.15, weeks))), 7)
    day = np.repeat(np.arange(7 * weeks), rng.poisson(4 * level))
    deaths = 1 + rng.negative_binomial(0.6, 0.2, len(day))
    week = np.bincount(day // 7, weights=deaths, minlength=weeks)
    share = np.clip(base * (np.maximum(week, 1) / np.median(week)) ** beta, 0, 1)
    start = pd.Timestamp("2019-01-07") + pd.to_timedelta(day, unit="D")
    return made(start, deaths, rng.random(len(day)) < share[day // 7])


@pytest.fixture(scope="module")
def offensive(events):
    return coverage_bias(events, "Airwars", **OFFENSIVE)


class TestBundled:
    def test_counts_are_those_of_plain_pandas(self, events, offensive):
        rows = events.accepted
        inside = rows["adm1"].isin(WEST) & (rows["date_start"] >= "2019-04-30") & (rows["date_end"] <= "2019-08-31")
        rows = rows[inside]
        hit = rows["cited"].str.split(";").map(lambda each: "Airwars" in each)
        for low, high, value in ((1, 1, "1"), (3, 5, "3–5"), (51, 10**6, "over 50")):
            here = rows["best"].between(low, high)
            row = offensive.by("size").set_index("value").loc[value]
            assert (row["events"], row["events_citing"]) == (here.sum(), (here & hit).sum())
            assert row["deaths_citing"] == rows.loc[here & hit, "best"].sum()
        side = offensive.by("side_a").set_index("value")
        assert side.loc["Government of Syria", ["events", "events_citing"]].tolist() == [667, 214]
        for group in GROUPS:
            assert offensive.by(group)[["events", "events_citing"]].sum().tolist() == [720, 216]
            assert offensive.by(group)["deaths"].sum() == 4276
        assert offensive.weeks[["events", "deaths"]].sum().tolist() == [720, 4276]
        assert offensive.weeks["days"].sum() == 124

    def test_large_events_are_cited_less_often_and_civilian_ones_more(self, events, offensive):
        assert offensive.size_ratio.high < 1
        civilians = coverage_bias(events, "Airwars", among="SOHR", victims="civilians", **OFFENSIVE)
        assert civilians.size_ratio.low > 1
        assert civilians.weeks[["events", "events_citing"]].sum().tolist() == [451, 191]
        assert "191 of 451 events that cite SOHR" in civilians.summary()

    def test_whose_events_it_tells_of(self, offensive):
        assert any("214 of the 216 events that cite Airwars have the side A" in words for words in offensive.warnings)
        assert COUPLED in offensive.warnings

    def test_intervals_hold_the_share(self, offensive):
        shares = offensive.shares
        assert ((shares["low"] <= shares["share"]) & (shares["share"] <= shares["high"])).all()
        assert shares["low"].min() == 0
        assert shares["high"].max() <= 1


class TestSlopes:
    @pytest.mark.parametrize("beta", [-0.4, 0.4])
    def test_coverage_that_goes_with_violence_is_found(self, beta):
        # Of 30 intervals at 95 %, fewer than 24 hold the truth for one seed in ten thousand.
        rng = np.random.default_rng(5)
        found = [coverage_bias(drawn(rng, 26, beta), "Two", among="One").response for _ in range(30)]
        held = sum(answer.low <= 2**beta <= answer.high for answer in found if isinstance(answer, Estimate))
        assert len([answer for answer in found if answer]) == 30
        assert held >= 24
        assert np.mean([math.log2(answer.value) for answer in found]) == pytest.approx(beta, abs=0.12)

    def test_growth_seen_follows_from_the_response(self):
        found = coverage_bias(drawn(np.random.default_rng(1), 40, 0.5), "Two", among="One")
        assert found.growth_seen.value == pytest.approx(1 + math.log2(found.response.value), rel=1e-12)
        assert found.growth_seen.low < found.growth_seen.value < found.growth_seen.high
        assert COUPLED not in found.warnings

    def test_one_event_a_day_is_wilsons_interval(self):
        hits = [True] * 30 + [False] * 70
        found = coverage_bias(made(pd.date_range("2019-01-01", periods=100), [1] * 100, hits), "Two", among="One")
        low, high = proportion_confint(30, 100, method="wilson")
        row = found.by("size").iloc[0]
        # The spread between days is that of single events, with its divisor of one less.
        assert (row["low"], row["high"]) == pytest.approx((low, high), abs=2e-3)

    def test_days_that_stand_together_widen_it(self):
        days = np.repeat(pd.date_range("2019-01-01", periods=20), 5)
        together = coverage_bias(made(days, [1] * 100, np.arange(100) < 30), "Two", among="One").by("size").iloc[0]
        low, high = proportion_confint(30, 100, method="wilson")
        assert together["high"] - together["low"] > 1.5 * (high - low)


class TestRefusals:
    @pytest.mark.parametrize(
        ("hits", "reason"),
        [
            ([True] * 60, "60 of 60 events"),
            ([True] * 57 + [False] * 3, "57 of 60 events"),
            ([True] * 2 + [False] * 58, "2 of 60 events"),
        ],
    )
    def test_nearly_all_or_none(self, hits, reason):
        found = coverage_bias(made(pd.date_range("2019-01-01", periods=60), [1, 2, 3] * 20, hits), "Two")
        for name in SLOPES:
            assert isinstance(getattr(found, name), NotEstimable), name
        assert reason in found.response.reason
        assert "not estimable" in found.summary()
        assert "Why not" in coverage_slopes_table(found).columns

    def test_one_event_no_deaths_one_day(self):
        one = coverage_bias(made(["2019-01-01"], [3], [True]), "Two")
        assert one.by("size")["share"].tolist() == [1.0]
        zero = coverage_bias(made(pd.date_range("2019-01-01", periods=60), [0] * 60, [True, False] * 30), "Two")
        assert zero.size_ratio == NotEstimable("there are no events with deaths")
        assert isinstance(zero.response, NotEstimable)
        assert isinstance(zero.response_deaths, NotEstimable)
        day = coverage_bias(made(["2019-01-01"] * 40, [1, 2] * 20, [True, False] * 20), "Two")
        assert "fewer than 10 days" in day.size_ratio.reason
        assert "fewer than 8 weeks" in day.drift.reason

    def test_parted_sizes_have_no_finite_slope(self):
        found = coverage_bias(
            made(pd.date_range("2019-01-01", periods=60), [1] * 30 + [9] * 30, [False] * 30 + [True] * 30), "Two"
        )
        assert isinstance(found.size_ratio, NotEstimable)

    def test_an_empty_window(self):
        events = made(pd.date_range("2019-01-01", periods=60), [1] * 60, [True, False] * 30)
        found = coverage_bias(events, "Two", start="2020-01-01", end="2020-02-01")
        assert found.shares.empty
        assert found.response == NotEstimable("there are no events")
        found.plot().figure.savefig(io.BytesIO(), format="svg")
        plt.close("all")

    def test_bad_input(self):
        events = made(pd.date_range("2019-01-01", periods=3), [1] * 3, [True, False, True])
        with pytest.raises(UnknownNameError, match="did you mean 'Two'"):
            coverage_bias(events, "Tow")
        with pytest.raises(InputError, match="always cited"):
            coverage_bias(events, "Two", among="two")
        with pytest.raises(InputError, match="between 0 and 1"):
            coverage_bias(events, "Two", level=95)


class TestLabels:
    def test_order_and_names_change_only_labels(self):
        events = drawn(np.random.default_rng(3), 20, 0.2)
        found = coverage_bias(events, "Two")
        mixed = events.accepted.sample(frac=1, random_state=1)
        again = coverage_bias(Events(mixed, pd.DataFrame(), events.record), "Two")
        pd.testing.assert_frame_equal(found.shares, again.shares)
        renamed = events.accepted.assign(cited=events.accepted["cited"].str.replace("Two", "Else"))
        other = coverage_bias(Events(renamed, pd.DataFrame(), events.record), "Else")
        pd.testing.assert_frame_equal(found.shares, other.shares)
        for name in SLOPES:
            assert getattr(found, name) == getattr(again, name) == getattr(other, name)

    def test_pickle(self, offensive):
        assert pickle.loads(pickle.dumps(offensive)).summary() == offensive.summary()


class TestShown:
    def test_bias(self, offensive):
        ax = offensive.plot()
        labels = [label.get_text() for label in ax.get_yticklabels()]
        assert "Government of Syria  (667)" in labels
        assert "over 50  (17)" in labels
        table = offensive.table()
        assert table.loc["Deaths: 1", "Cite Airwars"] == "84"
        assert list(coverage_slopes_table(offensive).columns) == ["Multiple"]
        plt.close("all")

    @pytest.mark.parametrize("by", ["month", "adm1", "week"])
    def test_heat_map(self, events, by):
        found = source_coverage(events, by=by, **OFFENSIVE)
        ax = found.plot(most=3)
        (shades,) = ax.images
        values = shades.get_array()
        column = found.counts.columns[1]
        counts = found.counts[found.counts["source"] == "SOHR"].set_index(column)
        assert values.shape[0] == 3
        assert sorted(np.round(values[0], 12)) == sorted(np.round(counts["share_events"], 12))
        assert [label.get_text() for label in ax.get_yticklabels()] == ["SOHR", "Airwars", "Reuters"]
        if by == "month":
            assert "212" in {text.get_text() for text in ax.texts}
        plt.close("all")
