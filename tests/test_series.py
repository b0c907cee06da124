"""Every death of the source is in the series or in its account, on days that no choice of window or order moves.

Sums of whole deaths are compared exactly. Fractions (`spread="expected"`) are sums of a few thousand divisions, so they
are compared to 1e-6 of a death. The chi-square test of the even spread has fixed ids and is therefore a fixed number;
its bound is the 99.9 % point of the distribution, which a fair hash passes for all but one choice of ids in a thousand.
"""

import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from casualties.errors import InputError, UnknownNameError
from casualties.estimates import NotEstimable
from casualties.events import ESTIMATES, Events, validate_events
from casualties.provenance import SourceRecord
from casualties.series import MISSING_DAYS, DailySeries, daily_series, daily_series_by

FIRST, LAST = pd.Timestamp("2019-01-01"), pd.Timestamp("2019-02-15")
SPREADS = ("even", "start", "end", "exclude", "expected")
ACTORS = ("Government of Syria", "HTS", "IS")
IDLIB = {"adm1": "Idlib"}
NORTH_WEST = {"adm1": ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]}
QUICK = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def event(number=1, start="2019-01-10", days=1, best=6, **changes):
    """Give one raw row; all its deaths are of unknown people unless told otherwise."""
    first = pd.Timestamp(start)
    row = {
        "id": number,
        "date_start": first.date(),
        "date_end": (first + pd.Timedelta(days=days - 1)).date(),
        "date_prec": 1,
        "kind": 1,
        "side_a": "Government of Syria",
        "side_b": "HTS",
        "adm1": "Idlib",
        "deaths_a": 0,
        "deaths_b": 0,
        "civilians": 0,
        "unknown": best,
        "low": best,
        "best": best,
        "high": best,
    }
    return {name: str(value) for name, value in {**row, **changes}.items()}


def make(rows, start=FIRST, end=LAST) -> Events:
    raw = pd.DataFrame(rows, index=range(2, len(rows) + 2), dtype="str")
    record = SourceRecord("sample", coverage_start=str(start.date()), coverage_end=str(end.date()))
    return validate_events(raw, record)


def series(source, start=FIRST, end=LAST, spread="even", missing_days="zero", **options) -> DailySeries:
    return daily_series(source, start=start, end=end, spread=spread, missing_days=missing_days, **options)


@st.composite
def tables(draw) -> Events:
    """Make events of any length in and around the coverage, some without a place, some for the ledger."""
    rows = [event(0, best=1), event(1, best=1, side_b="IS", adm1="Hama"), event(2, best=1, adm1="")]
    for number in range(3, 3 + draw(st.integers(1, 12))):
        parts = [draw(st.integers(0, 40)) for _ in range(4)]
        low, best, high = draw(st.integers(0, 90)), sum(parts), draw(st.integers(0, 200))
        rows.append(
            event(
                number,
                FIRST + pd.Timedelta(days=draw(st.integers(-20, 60))),
                draw(st.one_of(st.just(1), st.integers(2, 70))),
                best,
                date_prec=draw(st.integers(1, 5)),
                side_a=draw(st.sampled_from(ACTORS)),
                side_b=draw(st.sampled_from((*ACTORS, "Civilians"))),
                adm1=draw(st.sampled_from(("Idlib", "Hama", ""))),
                kind=draw(st.sampled_from((1, 1, 1, 9))),
                **dict(zip(("deaths_a", "deaths_b", "civilians", "unknown"), parts, strict=True)),
                low=low,
                high=high,
            )
        )
    return make(rows)


windows = st.tuples(st.integers(0, 45), st.integers(0, 45)).map(
    lambda ends: tuple(FIRST + pd.Timedelta(days=day) for day in sorted(ends))
)
victims = st.sampled_from(("all", "civilians", "combatants", "unknown", "HTS", ("Government of Syria", "IS")))
places = st.sampled_from((None, IDLIB, {"adm1": ["Idlib", "Hama"]}, {"adm1": ""}, {"kind": 1}))


class TestConservation:
    @QUICK
    @given(tables(), windows, victims, places, st.sampled_from(SPREADS), st.sampled_from(("zero", "missing")))
    def test_deaths_in_are_deaths_out(self, events, window, victims, where, spread, missing_days):
        made = series(events, *window, spread, missing_days, victims=victims, where=where)
        names = ESTIMATES if victims == "all" else ("best",)
        for name in names:
            into = int(events.accepted[name].sum() + events.rejected[name].sum())
            assert float(made.accounts[name].sum()) == pytest.approx(into, abs=1e-6 if spread == "expected" else 0)
            shown = float(made.frame.loc[made.frame["observed"], name].sum())
            assert shown == pytest.approx(float(made.accounts.loc["in the series", name]), abs=1e-6)
            assert (made.accounts[name].astype("float64") >= -1e-6).all()

    @QUICK
    @given(tables(), windows, places)
    def test_low_best_high_in_order_on_each_day(self, events, window, where):
        table = events.accepted.copy()
        table[["low", "best", "high"]] = np.sort(table[["low", "best", "high"]].to_numpy(), axis=1)
        ordered = Events(table, events.rejected, events.record)
        frame = series(ordered, *window, where=where).frame
        assert (frame["low"] <= frame["best"]).all()
        assert (frame["best"] <= frame["high"]).all()
        assert (frame["imprecise"] <= frame["best"]).all()

    @QUICK
    @given(tables(), windows, victims, st.sampled_from(SPREADS), st.randoms(use_true_random=False))
    def test_the_order_of_rows_does_not_matter(self, events, window, victims, spread, random):
        order = list(range(len(events.accepted)))
        random.shuffle(order)
        shuffled = Events(events.accepted.iloc[order].reset_index(drop=True), events.rejected, events.record)
        one, two = (series(source, *window, spread, victims=victims) for source in (events, shuffled))
        if spread == "expected":
            pd.testing.assert_frame_equal(one.frame, two.frame, rtol=0, atol=1e-6)
        else:
            pd.testing.assert_frame_equal(one.frame, two.frame)
            pd.testing.assert_frame_equal(one.accounts, two.accounts)

    @QUICK
    @given(tables(), windows, windows, victims, places, st.sampled_from(SPREADS), st.sampled_from(("zero", "missing")))
    def test_a_part_is_a_series_of_the_part(self, events, one, two, victims, where, spread, missing_days):
        outer = (min(one[0], two[0]), max(one[1], two[1]))
        part = series(events, *outer, spread, missing_days, victims=victims, where=where).between(*one)
        fresh = series(events, *one, spread, missing_days, victims=victims, where=where)
        pd.testing.assert_frame_equal(part.frame, fresh.frame, check_freq=False, rtol=0, atol=1e-6)
        pd.testing.assert_frame_equal(part.accounts, fresh.accounts, rtol=0, atol=1e-6)

    @QUICK
    @given(tables(), windows, places)
    def test_the_classes_of_victims_add_up_on_each_day(self, events, window, where):
        names = ("all", "civilians", "combatants", "unknown")
        total, *parts = (series(events, *window, where=where, spread="start", victims=name).counts for name in names)
        np.testing.assert_array_equal(total, sum(parts))

    def test_flagged_rows_left_out_are_accounted_for(self):
        events = make([event(1, best=5), event(2, best=7, low=8)])
        made = series(events, without=["low>best"])
        assert made.total.value == 5
        assert made.accounts.loc["flagged (left out)"].tolist() == [8, 7, 7]
        assert made.basis("a count").settings["without"] == "low>best"
        pd.testing.assert_frame_equal(made.frame, series(events, without="low>best").frame)

    def test_a_part_keeps_deaths_on_days_without_coverage_apart(self):
        events = make([event(1, LAST, days=3, best=3)])
        end = LAST + pd.Timedelta(days=5)
        whole = series(events, end=end, spread="end")
        assert whole.accounts["best"].drop("on days without coverage").sum() == 0
        pd.testing.assert_frame_equal(whole.between(FIRST, LAST).accounts, series(events, spread="end").accounts)


class TestSpread:
    events = make([event(7, "2019-01-10", days=4, best=10, low=3, high=13)])

    @pytest.mark.parametrize(("spread", "day"), [("start", "2019-01-10"), ("end", "2019-01-13")])
    def test_on_one_day(self, spread, day):
        frame = series(self.events, spread=spread).frame
        assert frame.loc[day, ["low", "best", "high"]].tolist() == [3, 10, 13]
        assert frame["best"].sum() == 10

    def test_even_gives_whole_deaths_that_differ_by_one_at_most(self):
        frame = series(self.events).frame.loc["2019-01-10":"2019-01-13"]
        assert sorted(frame["best"]) == [2, 2, 3, 3]
        assert sorted(frame["low"]) == [0, 1, 1, 1]
        assert sorted(frame["high"]) == [3, 3, 3, 4]
        assert frame["best"].dtype == "Int64"

    def test_expected_gives_fractions_that_no_model_takes(self):
        made = series(make([event(1, days=3, best=1), event(2, "2019-01-11", days=7, best=2)]), spread="expected")
        expected = [Fraction(1, 3), *[Fraction(1, 3) + Fraction(2, 7)] * 2, *[Fraction(2, 7)] * 5]
        assert made.frame.loc["2019-01-10":"2019-01-17", "best"].tolist() == pytest.approx([float(x) for x in expected])
        assert made.frame["best"].dtype == "Float64"
        with pytest.raises(InputError, match="column 'spread', value 'expected': a model needs whole deaths"):
            made.whole_counts()

    def test_exclude_counts_long_events_as_outside(self):
        made = series(make([event(1, best=5), event(2, days=2, best=7)]), spread="exclude")
        assert made.total.value == 5
        assert made.accounts.loc["lasting several days (excluded)", "best"] == 7

    def test_a_window_that_cuts_an_event_keeps_its_days(self):
        cut = series(self.events, "2019-01-11", "2019-01-12")
        whole = series(self.events)
        assert cut.counts.tolist() == whole.frame.loc["2019-01-11":"2019-01-12", "best"].tolist()
        assert cut.accounts.loc["before the window", "best"] == whole.frame.loc["2019-01-10", "best"]

    @pytest.mark.parametrize(("days", "best"), [(3, 1), (7, 1), (7, 3), (30, 1)])
    def test_even_favours_no_day(self, days, best):
        number = 6000
        events = make([event(name, FIRST, days=days, best=best) for name in range(214_000, 214_000 + number)])
        counts = series(events).counts[:days]
        assert counts.sum() == number * best
        expected = number * best / days
        # Deaths of one event fall on different days, which only lowers the statistic.
        assert ((counts - expected) ** 2 / expected).sum() < chi2.ppf(0.999, days - 1)

    def test_even_moves_no_death_when_another_event_comes_or_goes(self):
        rows = [event(number, "2019-01-05", days=9, best=number) for number in range(1, 9)]
        parts = sum(series(make([row])).counts for row in rows)
        np.testing.assert_array_equal(series(make(rows)).counts, parts)


class TestDays:
    events = make(
        [event(1, "2019-01-10", best=4), event(2, "2019-01-12", best=0), event(3, "2019-01-20", days=2, best=2)]
    )

    def test_days_without_a_record_are_zero_where_the_caller_says_so(self):
        made = series(self.events, "2019-01-09", "2019-01-13")
        assert made.counts.tolist() == [0, 4, 0, 0, 0]
        assert made.frame["observed"].all()
        assert made.frame["exposure"].tolist() == [1] * 5

    def test_days_without_a_record_are_missing_where_the_caller_says_so(self):
        made = series(self.events, "2019-01-09", "2019-01-13", missing_days="missing")
        np.testing.assert_array_equal(made.counts, [np.nan, 4, np.nan, 0, np.nan])
        assert made.frame["best"].isna().tolist() == [True, False, True, False, True]
        assert made.frame["exposure"].tolist() == [0, 1, 0, 1, 0]

    @pytest.mark.parametrize("missing_days", ["zero", "missing"])
    def test_days_outside_the_coverage_are_never_zero(self, missing_days):
        made = series(self.events, FIRST - pd.Timedelta(days=3), LAST + pd.Timedelta(days=3), missing_days=missing_days)
        assert np.isnan(made.counts[:3]).all()
        assert np.isnan(made.counts[-3:]).all()
        assert not made.frame["observed"].iloc[[0, 1, 2, -3, -2, -1]].any()

    def test_a_window_wholly_outside_the_coverage(self):
        with pytest.raises(
            InputError, match=r"'2020-01-01 to 2020-02-01': the source covers 2019-01-01 to 2019-02-15 only"
        ):
            series(self.events, "2020-01-01", "2020-02-01")

    def test_without_a_record_the_events_themselves_give_the_coverage(self):
        bare = Events(self.events.accepted, self.events.rejected, SourceRecord("sample"))
        made = series(bare, "2019-01-01", "2019-01-31")
        seen = made.frame.index[made.frame["observed"]]
        assert (seen[0], seen[-1]) == (pd.Timestamp("2019-01-10"), pd.Timestamp("2019-01-21"))

    def test_no_observed_day_has_no_total(self):
        made = series(self.events, "2019-02-01", "2019-02-05", missing_days="missing")
        assert made.total == NotEstimable("no day of the series was observed")

    def test_imprecise(self):
        rows = [
            event(1, best=4),
            event(2, best=3, date_prec=2),
            event(3, days=2, best=2),
            event(4, "2019-01-11", best=9),
        ]
        frame = series(make(rows)).frame
        assert frame.loc["2019-01-10":"2019-01-11", "imprecise"].tolist() == [4, 1]
        assert frame.loc["2019-01-10":"2019-01-11", "best"].tolist() == [8, 10]
        assert frame["imprecise"].dtype == "Int64"

    def test_columns_and_types(self):
        frame = series(self.events).frame
        types = dict.fromkeys(("low", "best", "high", "imprecise", "backlog"), "Int64")
        assert frame.dtypes.astype(str).to_dict() == {**types, "observed": "bool", "exposure": "float64"}
        assert frame.index.name == "date"
        assert frame.index.equals(pd.date_range(FIRST, LAST))
        assert frame["backlog"].isna().all()


class TestVictims:
    events = make(
        [
            event(1, best=9, deaths_a=2, deaths_b=3, civilians=4, unknown=0, low=7, high=12),
            event(2, "2019-01-11", best=5, civilians=5, unknown=0, low=3, high=8),
            event(
                3, "2019-01-12", best=4, side_a="IS", side_b="Government of Syria", deaths_a=1, deaths_b=3, unknown=0
            ),
        ]
    )

    def test_civilians_have_a_range_only_where_they_are_all_there_are(self):
        made = series(self.events, "2019-01-10", "2019-01-13", victims="civilians")
        assert made.frame["best"].tolist() == [4, 5, 0, 0]
        assert made.frame["low"].fillna(-1).tolist() == [-1, 3, -1, 0]
        assert made.frame["high"].fillna(-1).tolist() == [-1, 8, -1, 0]
        assert made.accounts["low"].isna().all()
        assert made.accounts.loc["other victims", "best"] == 9
        assert not made.total.has_interval

    def test_own_dead_on_either_side(self):
        made = series(self.events, "2019-01-10", "2019-01-13", victims="Government of Syria")
        assert made.counts.tolist() == [2, 0, 3, 0]
        assert made.frame.loc["2019-01-10", ["low", "high"]].isna().all()

    def test_several_actors(self):
        assert series(self.events, victims=["Government of Syria", "HTS", "IS"]).total.value == 9

    @pytest.mark.parametrize("estimate", ["low", "high"])
    @pytest.mark.parametrize("victims", ["civilians", "HTS"])
    def test_a_range_that_the_source_does_not_give(self, estimate, victims):
        with pytest.raises(InputError, match=f"value '{estimate}': the source gives no {estimate} for .*{victims}"):
            series(self.events, victims=victims, estimate=estimate)

    @pytest.mark.parametrize(("estimate", "total"), [("low", 14), ("best", 18), ("high", 24)])
    def test_estimate_chooses_what_the_series_means(self, estimate, total):
        made = series(self.events, estimate=estimate)
        assert np.nansum(made.counts) == total
        assert f"sample {estimate}" in made.label

    def test_total_has_the_range_of_the_source(self):
        total = series(self.events).total
        assert (total.value, total.low, total.high) == (18, 14, 24)


class TestParts:
    DAYS = ("2019-01-10", "2019-01-14")

    def parted(self, *rows):
        """Make events with a column of women, None where nothing is said of them."""
        made = make([event(number, **row) for number, (row, _) in enumerate(rows)])
        women = pd.array([women for _, women in rows], dtype="Int64")
        return replace(made, accepted=made.accepted.assign(women=women), parts=("women",))

    def sample(self):
        return self.parted(
            ({"start": "2019-01-10", "best": 6}, 2),
            ({"start": "2019-01-11", "best": 5}, None),
            ({"start": "2019-01-11", "best": 4}, 3),
            ({"start": "2019-01-12", "best": 7, "adm1": "Hama"}, None),
            ({"start": "2019-01-13", "best": 0}, None),
            ({"start": "2019-01-20", "best": 3}, 1),
        )

    def test_a_day_of_which_not_all_is_said_is_not_observed(self):
        made = series(self.sample(), *self.DAYS, victims="women")
        assert made.frame["best"].tolist() == [2, pd.NA, pd.NA, 0, 0]
        assert made.frame["observed"].tolist() == [True, False, False, True, True]
        assert made.frame["exposure"].tolist() == [1, 0, 0, 1, 1]
        assert (made.label, made.whom) == ("recorded deaths, women, sample best", "women")
        account = made.accounts["best"]
        assert account[account != 0].to_dict() == {
            "in the series": 2,
            "after the window": 1,
            "on days not fully told": 3,
            "other victims": 4 + 1 + 2,
            "not said whether women": 5 + 7,
        }
        assert made.accounts[["low", "high"]].isna().all(axis=None)

    def test_only_events_of_the_place_make_its_days_unknown(self):
        made = series(self.sample(), *self.DAYS, victims="women", where=IDLIB)
        assert made.frame["observed"].tolist() == [True, False, True, True, True]
        assert made.accounts.loc["not said whether women", "best"] == 12
        by = daily_series_by(
            self.sample(), "adm1", start=FIRST, end=LAST, spread="even", missing_days="zero", victims="women"
        )
        whole = series(self.sample(), victims="women", where=IDLIB)
        pd.testing.assert_frame_equal(by["Idlib"].accounts, whole.accounts)
        pd.testing.assert_frame_equal(by["Idlib"].frame, whole.frame)

    def test_rows_left_out_say_nothing_of_a_day(self):
        events = self.parted(({"best": 2}, 1), ({"start": "2019-01-10", "days": 3, "best": 4}, None))
        for options in ({"spread": "exclude"}, {"without": "several-days"}):
            made = series(events, *self.DAYS, victims="women", **options)
            assert made.frame["observed"].all()
            assert made.frame["best"].tolist() == [1, 0, 0, 0, 0]
            assert made.accounts.loc["not said whether women", "best"] == 4

    @pytest.mark.parametrize(
        ("spread", "seen"),
        [("even", [0, 0, 0, 1]), ("expected", [0, 0, 0, 1]), ("start", [0, 1, 1, 1]), ("end", [1, 1, 0, 1])],
    )
    def test_every_day_on_which_they_would_be_placed(self, spread, seen):
        events = self.parted(({"start": "2019-01-10", "days": 3, "best": 1}, None), ({"start": "2019-01-13"}, 1))
        made = series(events, "2019-01-10", "2019-01-13", victims="women", spread=spread)
        assert made.frame["observed"].tolist() == [bool(day) for day in seen]

    def test_a_class_that_some_events_do_not_tell(self):
        raw = pd.DataFrame([event(1), event(2, "2019-01-11", civilians="", unknown="")], index=[2, 3], dtype="str")
        events = validate_events(raw, SourceRecord("sample"), optional=("civilians", "unknown"))
        made = series(events, "2019-01-10", "2019-01-11", victims="civilians")
        assert made.frame["best"].tolist() == [0, pd.NA]
        assert made.accounts.loc[["other victims", "not said whether civilians"], "best"].tolist() == [6, 6]

    def test_an_actor_without_own_dead_told_on_one_side(self):
        raw = pd.DataFrame([event(1, deaths_a=""), event(2, side_a="IS", deaths_b=2)], index=[2, 3], dtype="str")
        events = validate_events(raw, SourceRecord("sample"), optional=("deaths_a",))
        with pytest.raises(InputError, match="the source gives no low for own dead of HTS"):
            series(events, victims="HTS", estimate="low")
        assert series(events, victims="HTS").total.value == 2

    @QUICK
    @given(
        events=tables(),
        data=st.data(),
        window=windows,
        where=places,
        spread=st.sampled_from(SPREADS),
        missing_days=st.sampled_from(MISSING_DAYS),
    )
    def test_deaths_in_are_deaths_out(self, events, data, window, where, spread, missing_days):
        best = events.accepted["best"].tolist()
        # One event at least tells the part; a source that never does is refused.
        women = [data.draw(st.one_of(st.none(), st.integers(0, count))) for count in best[1:]]
        table = events.accepted.assign(women=pd.array([0, *women], dtype="Int64"))
        parted = replace(events, accepted=table, parts=("women",))
        made = series(parted, *window, spread, missing_days, victims="women", where=where)
        told = [part is not None or count == 0 for part, count in zip([0, *women], best, strict=True)]
        account = made.accounts["best"].astype("float64")
        given = float(table["best"].sum() + events.rejected["best"].sum())
        assert account.sum() == pytest.approx(given, abs=1e-6)
        assert account.get("not said whether women", 0) == table["best"][[not known for known in told]].sum()
        assert account["other victims"] == table["best"][told].sum() - table["women"].sum()
        assert account["in the series"] == pytest.approx(float(made.frame["best"].sum()), abs=1e-6)
        everything = series(parted, *window, spread, missing_days, where=where).frame["best"].astype("float64")
        assert not (made.frame["best"].astype("float64") > everything + 1e-9).any()
        days = made.frame.index[sorted(data.draw(st.integers(0, len(made.frame) - 1)) for _ in range(2))]
        first, last = days
        part, direct = (
            made.between(first, last),
            series(parted, first, last, spread, missing_days, victims="women", where=where),
        )
        pd.testing.assert_frame_equal(part.frame, direct.frame, check_freq=False)
        pd.testing.assert_frame_equal(part.accounts.astype("float64"), direct.accounts.astype("float64"))
        drawn = made.draws(4, seed=1)
        assert not drawn.counts[:, ~made.frame["observed"].to_numpy(dtype=bool)].any()
        assert (drawn.total + drawn.outside == np.nansum(made.records.deaths[:, 1])).all()


class TestArguments:
    events = TestDays.events

    @pytest.mark.parametrize("name", ["spread", "missing_days"])
    def test_choices_without_a_default(self, name):
        choices = {"spread": "even", "missing_days": "zero"}
        del choices[name]
        with pytest.raises(TypeError, match=name):
            daily_series(self.events, start=FIRST, end=LAST, **choices)

    @pytest.mark.parametrize(
        ("options", "match"),
        [
            ({"spread": "evn"}, "spread='evn' is not known; did you mean 'even'.*'expected'"),
            ({"missing_days": "zeros"}, "missing_days='zeros' is not known; did you mean 'zero'.*'missing'"),
            ({"estimate": "bets"}, "estimate='bets' is not known; did you mean 'best'.*'low'"),
            ({"where": {"adm1": "Idlip"}}, r"where\['adm1'\]='Idlip' is not known; did you mean 'Idlib'"),
            ({"where": {"admin1": "Idlib"}}, "where='admin1' is not known; did you mean 'adm1'"),
            ({"victims": "civilian"}, "victims='civilian' is not known; did you mean 'civilians'.*'all'"),
            ({"victims": ["HTS", "ISIS"]}, "victims='ISIS' is not known; .*'Government of Syria', 'HTS'"),
            ({"without": ["several-day"]}, "without='several-day' is not known; did you mean 'several-days'"),
        ],
    )
    def test_unknown_names(self, options, match):
        with pytest.raises(UnknownNameError, match=match):
            series(self.events, **options)

    @pytest.mark.parametrize(
        ("value", "match"),
        [
            ("2019-08", "value '2019-08': this is not a date; write it as YYYY-MM-DD"),
            ("2019", "this is not a date"),
            ("30/04/2019", "this is not a date"),
            ("today", "this is not a date"),
            ("2019-02-30", "this is not a date"),
            ("2019-01-10 13:00", "this is not a date"),
            (pd.Timestamp("2019-01-10 13:00"), "this is not a day"),
            (pd.Timestamp("2019-01-10", tz="UTC"), "this is not a day"),
            (None, "this is not a day"),
        ],
    )
    def test_days(self, value, match):
        with pytest.raises(InputError, match=f"column 'end'.*{match}"):
            series(self.events, end=value)

    def test_reversed_window(self):
        with pytest.raises(InputError, match="'2019-01-12 to 2019-01-10': the window ends before it starts; swap them"):
            series(self.events, "2019-01-12", "2019-01-10")

    def test_a_plain_table_is_no_source(self):
        with pytest.raises(InputError, match="value 'DataFrame': a daily series is made from events or a feed"):
            series(self.events.accepted)

    def test_the_source_is_left_alone(self):
        before = self.events.accepted.copy()
        made = series(self.events)
        made.frame.loc[:, "best"] = 0
        pd.testing.assert_frame_equal(self.events.accepted, before)

    @pytest.mark.parametrize(
        ("start", "end"), [("2018-12-31", "2019-01-05"), ("2019-02-01", "2019-02-16"), ("2019-01-05", "2019-01-04")]
    )
    def test_a_part_must_lie_in_the_series(self, start, end):
        with pytest.raises(InputError, match=r"the part must lie in the series \(2019-01-01 to 2019-02-15\)"):
            series(self.events).between(start, end)

    def test_basis(self):
        basis = series(self.events, missing_days="missing", place="Idlib").basis("a count", {"level": 0.9}, seed=3)
        assert basis.label == "recorded deaths, all victims, sample best, Idlib"
        assert (basis.start, basis.end, basis.days, basis.days_observed) == ("2019-01-01", "2019-02-15", 46, 4)
        assert {"spread": "even", "missing_days": "missing", "level": 0.9}.items() <= dict(basis.settings).items()


class TestFromCounts:
    def test_numbers_with_gaps(self):
        made = DailySeries.from_counts([3, 0, float("nan"), 5], "2019-04-28")
        np.testing.assert_array_equal(made.whole_counts(), [3, 0, np.nan, 5])
        assert made.frame["observed"].tolist() == [True, True, False, True]
        assert made.total.value == 8

    def test_a_part(self):
        part = DailySeries.from_counts([3, 0, float("nan"), 5], "2019-04-28").between("2019-04-29", "2019-04-30")
        assert part.accounts["best"].to_dict() == {"in the series": 0, "before the window": 3, "after the window": 5}

    def test_a_column_of_a_series_can_be_given_back(self):
        made = series(TestDays.events, missing_days="missing")
        again = DailySeries.from_counts(made.frame["best"], FIRST)
        np.testing.assert_array_equal(again.counts, made.counts)

    @pytest.mark.parametrize(
        ("values", "match"),
        [
            ([1, -2], "row 1, column 'values', value '-2.0'"),
            ([1.5], "row 0, column 'values', value '1.5'"),
            ([float("inf")], "value 'inf'"),
            ([1e10 + 2], "value '10000000002.0': .* at most 10,000,000,000"),
            ([1e19] * 30, "row 0, column 'values', value '1e\\+19'"),
            ([], r"shape \(0,\)"),
            ([[1, 2]], r"shape \(1, 2\)"),
            (["many"], "deaths by day must be numbers .*'many'"),
            ([1, pd.NA], "deaths by day must be numbers .*give NaN"),
        ],
    )
    def test_what_is_no_count(self, values, match):
        with pytest.raises(InputError, match=match):
            DailySeries.from_counts(values, "2019-04-28")

    def test_the_most_dead_of_a_day(self):
        assert DailySeries.from_counts([1e10] * 30, "2019-04-28").total.value == 3e11

    def test_the_last_day_that_can_be_written(self):
        assert repr(DailySeries.from_counts([1] * 31, "9999-12-01")).endswith("9999-12-31, 31 of 31 days observed>")

    @pytest.mark.parametrize(
        ("days", "start", "match"),
        [
            (32, "9999-12-01", "column 'start', value '9999-12-01': 32 days from this one on go beyond 9999-12-31"),
            (3, "0000-01-01", "column 'start', value '0000-01-01': this is not a day"),
            (3, pd.Timestamp(np.datetime64("12000-01-01", "s")), "this is not a day"),
        ],
    )
    def test_days_without_a_date(self, days, start, match):
        with pytest.raises(InputError, match=match):
            DailySeries.from_counts([1] * days, start)


class TestSyria:
    @pytest.mark.parametrize(
        ("start", "end", "low", "best", "high", "civilians"),
        [("2019-07-22", "2019-07-22", 58, 71, 75, 69), ("2019-04-30", "2019-08-31", None, None, None, None)],
    )
    def test_single_days_are_those_of_the_table(self, study, start, end, low, best, high, civilians):
        events = study.sources["ucdp"]
        here = events.inside(start, end)
        here = here[here["adm1"].isin(NORTH_WEST["adm1"]) & (here["date_start"] == here["date_end"])]
        made = series(events, start, end, "exclude", where=NORTH_WEST)
        assert made.frame[["low", "best", "high"]].sum().tolist() == here[["low", "best", "high"]].sum().tolist()
        if best:
            assert made.frame[["low", "best", "high"]].sum().tolist() == [low, best, high]
            assert series(events, start, end, "exclude", where=NORTH_WEST, victims="civilians").total.value == civilians

    def test_deaths_without_a_governorate_are_shown(self, study):
        accounts = study.series("north_west").accounts
        assert accounts.loc["no place recorded", "best"] == 24751
        assert accounts["best"].sum() == 112337

    def test_it_is_quick(self, study):
        events = study.sources["ucdp"]
        start = time.perf_counter()
        series(events, "2016-01-01", "2019-11-30", where=NORTH_WEST)
        # About 0.03 s on an idle core; the bound leaves room for a busy machine.
        assert time.perf_counter() - start < 0.5
