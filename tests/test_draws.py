"""Draws conserve every death, stay within dates and ranges, follow the stated laws, and depend on seed and id alone.

Sums are compared exactly. The law of the number of deaths is checked exactly too: the uniform numbers run over a grid
on which each outcome is as frequent as it is probable. Means of draws are compared with the expectation to five
standard errors, computed from the law and not from the draws; among the few hundred such comparisons here, a right law
would fail one with a probability below 1 in 1,000, and the seeds are fixed, so that no run differs from another.
"""

import math
import pickle
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties import draws as module
from casualties.draws import Records, day_probabilities, origin_of_draws, sample_counts, sample_totals
from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.events import Events, place_mask, validate_events
from casualties.feeds import Feed
from casualties.provenance import SourceRecord
from casualties.series import DailySeries, daily_series

FIRST = pd.Timestamp("2019-01-01")
DAYS = pd.date_range(FIRST, periods=30, name="date")
ALL_SEEN = np.ones(len(DAYS), dtype=bool)
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def records(rows) -> Records:
    """Make records from (id, first day counted from the start, days, date_prec, (low, best, high))."""
    ids, first, days, precision, deaths = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    span = pd.date_range(FIRST - pd.Timedelta(days=500), FIRST + pd.Timedelta(days=900))
    known = pd.Series(0.0, index=span)
    for start, length, sharp, figures in zip(first, days, precision, deaths, strict=True):
        if length == 1 and sharp == 1:
            known[FIRST + pd.Timedelta(days=start)] += figures[1]
    starts = FIRST.to_datetime64().astype("datetime64[D]") + np.array(first, dtype="timedelta64[D]")
    table = np.array(deaths, dtype="float64").reshape(-1, 3)
    return Records(ids, starts, np.array(days, dtype="int64"), np.array(precision, dtype="int64"), table, known)


def draw(rows, n=40, seed=7, observed=ALL_SEEN, **options):
    return sample_counts(records(rows), DAYS, observed, n, seed, **options)


figures = st.tuples(*[st.integers(0, 60)] * 3) | st.integers(0, 60).map(lambda best: (math.nan, best, math.nan))
events = st.lists(
    st.tuples(st.integers(-40, 45), st.integers(1, 80), st.integers(1, 5), figures), min_size=0, max_size=9
).map(lambda rows: [(f"e{number}", *row) for number, row in enumerate(rows)])
seen = st.lists(st.booleans(), min_size=len(DAYS), max_size=len(DAYS)).map(np.array) | st.just(ALL_SEEN)


def touching(rows):
    return [row for row in rows if row[1] < len(DAYS) and row[1] + row[2] > 0]


class TestConservation:
    @QUICK
    @given(events, seen, st.sampled_from(("low", "high")), st.sampled_from((None, "series")))
    def test_of_given_figures(self, rows, observed, estimate, weights):
        made = draw(rows, observed=observed, estimate=estimate, weights=weights)
        place = ("low", "best", "high").index(estimate)
        total = sum(row[4][1] if math.isnan(row[4][place]) else row[4][place] for row in touching(rows))
        assert (made.total + made.outside == total).all()
        assert (made.counts >= 0).all()
        assert (made.outside >= 0).all()
        assert not made.counts[:, ~observed].any()

    @QUICK
    @given(events, seen, st.integers(0, 2**70), st.sampled_from((None, "series")))
    def test_of_drawn_numbers(self, rows, observed, seed, weights):
        """Deaths inside and outside are the sum of what is drawn for each event alone, which lies in its range."""
        made = draw(rows, n=12, seed=seed, observed=observed, weights=weights)
        alone = np.zeros(12, dtype="int64")
        for row in rows:
            one = draw([row], n=12, seed=seed)
            drawn = one.total + one.outside
            alone += drawn
            if row in touching(rows):
                triple = sorted(row[4]) if not math.isnan(row[4][0]) else [row[4][1]] * 3
                assert (drawn >= triple[0]).all()
                assert (drawn <= triple[2]).all()
        np.testing.assert_array_equal(made.total + made.outside, alone)

    def test_a_loss_is_an_error(self):
        with pytest.raises(ConservationError, match="draw 1: 4 deaths were drawn and 3 are accounted for"):
            module._check_draws(np.array([[1, 2], [0, 3]]), np.array([0, 0]), np.array([3, 4]))


class TestNumbers:
    @pytest.mark.parametrize("triple", [(0, 0, 1), (3, 5, 12), (4, 4, 4), (0, 7, 7), (2, 4, 6), (9, 3, 1), (1, 0, 3)])
    def test_the_law_exactly(self, triple):
        low, best, high = sorted(triple)
        below, above = best - low, high - best
        size = (below + 1) * (above + 1)
        arms = (np.arange(below + above + 2) + 0.5) / (below + above + 2)
        grid = (np.arange(size) + 0.5) / size
        found = sample_totals(*triple, np.array(list(product(arms, grid, grid))))
        steps = {
            k: 1 - (Fraction(best - k, below + 1) if k <= best else Fraction(k - best, above + 1))
            for k in range(low, high + 1)
        }
        whole = sum(steps.values())
        numbers, frequencies = np.unique(found, return_counts=True)
        assert {int(k): Fraction(int(count), len(found)) for k, count in zip(numbers, frequencies, strict=True)} == {
            k: step / whole for k, step in steps.items()
        }
        # Mean and variance as the documentation states them.
        mean = sum(k * step for k, step in steps.items()) / whole
        variance = sum(k * k * step for k, step in steps.items()) / whole - mean**2
        assert mean == Fraction(low + best + high, 3)
        a, b = below, above
        stated = Fraction(a * (a + 1) * (a + 2) + b * (b + 1) * (b + 2), 6 * (a + b + 2)) - Fraction(b - a, 3) ** 2
        assert variance == stated

    def test_without_a_range_it_is_best(self):
        made = draw([("a", 3, 1, 1, (math.nan, 6, math.nan))])
        assert (made.counts[:, 3] == 6).all()

    @pytest.mark.parametrize(("estimate", "expected"), [("low", 2), ("high", 9)])
    def test_low_and_high_are_fixed(self, estimate, expected):
        assert (draw([("a", 3, 1, 1, (2, 6, 9))], estimate=estimate).counts[:, 3] == expected).all()


class TestDates:
    @pytest.mark.parametrize(("precision", "days"), [(2, 5), (3, 7), (1, 31)])
    def test_an_incident_has_one_day(self, precision, days):
        made = draw([("a", -1, days, precision, (9, 9, 9))], n=2000)
        assert set(np.unique(made.counts)) == {0, 9}
        assert ((made.counts > 0).sum(axis=1) + (made.outside > 0) == 1).all()
        mean, error = 9 / days, 5 * 9 * math.sqrt((1 / days) * (1 - 1 / days) / 2000)
        inside = min(days - 1, len(DAYS))
        np.testing.assert_allclose(made.counts.mean(axis=0)[:inside], mean, rtol=0, atol=error)
        assert not made.counts[:, inside:].any()
        assert made.outside.mean() == pytest.approx(9 * (days - inside) / days, abs=error)

    @pytest.mark.parametrize(("precision", "days"), [(4, 20), (5, 45), (1, 32)])
    def test_a_summary_has_a_day_for_each_death(self, precision, days):
        made = draw([("a", 2, days, precision, (50, 50, 50))], n=1000)
        error = 5 * math.sqrt(50 * (1 / days) * (1 - 1 / days) / 1000)
        inside = min(days, len(DAYS) - 2)
        np.testing.assert_allclose(made.counts.mean(axis=0)[2 : 2 + inside], 50 / days, rtol=0, atol=error)
        assert not made.counts[:, :2].any()
        assert not made.counts[:, 2 + inside :].any()
        # Of 50 deaths on at most 45 equal days, all on one day is out of reach.
        assert made.counts.max() < 50

    def test_weights_follow_the_deaths_known_to_the_day(self):
        rows = [("a", 10, 3, 2, (5, 5, 5)), ("b", 11, 1, 1, (30, 30, 30)), ("vague", 12, 1, 2, (90, 90, 90))]
        made = draw(rows, n=4000, weights="series")
        share = (made.counts[:, 11] == 35).mean()
        expected = 0.9 + 0.1 / 3
        assert share == pytest.approx(expected, abs=5 * math.sqrt(expected * (1 - expected) / 4000))
        for day, base in ((10, 0), (12, 90)):
            floor = (made.counts[:, day] == base + 5).mean()
            assert floor == pytest.approx(0.1 / 3, abs=5 * math.sqrt(0.1 / 3 * (1 - 0.1 / 3) / 4000))

    def test_weights_without_known_deaths_are_even(self):
        rows = [("a", 10, 3, 2, (5, 5, 5))]
        np.testing.assert_array_equal(draw(rows).counts, draw(rows, weights="series").counts)

    @given(st.lists(st.integers(0, 500), min_size=1, max_size=40))
    @QUICK
    def test_probabilities_are_probabilities(self, known):
        chances = day_probabilities(np.array(known, dtype="float64"))
        assert chances.sum() == pytest.approx(1, rel=1e-12)
        assert (chances >= 0.1 / len(known) * (1 - 1e-12)).all()


class TestReproducibility:
    ROWS = (
        ("a", 3, 4, 2, (1, 6, 9)),
        ("b", -5, 50, 5, (10, 20, 90)),
        ("c", 8, 1, 1, (0, 2, 3)),
        ("d", 28, 6, 3, (4, 4, 4)),
        ("e", 9, 1, 1, (7, 7, 7)),
    )

    def test_same_seed_same_draws(self):
        one, two = draw(self.ROWS, seed=3), draw(self.ROWS, seed=3)
        np.testing.assert_array_equal(one.counts, two.counts)
        np.testing.assert_array_equal(one.outside, two.outside)
        assert (one.law, one.seed) == (two.law, 3)

    def test_another_seed_other_draws(self):
        assert (draw(self.ROWS, seed=3).counts != draw(self.ROWS, seed=4).counts).any()

    @pytest.mark.parametrize("order", [(4, 3, 2, 1, 0), (2, 0, 4, 1, 3)])
    def test_the_order_of_events_does_not_matter(self, order):
        shuffled = draw([self.ROWS[place] for place in order])
        np.testing.assert_array_equal(shuffled.counts, draw(self.ROWS).counts)
        np.testing.assert_array_equal(shuffled.outside, draw(self.ROWS).outside)

    def test_a_longer_run_begins_with_the_shorter(self):
        np.testing.assert_array_equal(draw(self.ROWS, n=200).counts[:15], draw(self.ROWS, n=15).counts)

    def test_a_shorter_window_shows_the_same_draws(self):
        part = sample_counts(records(self.ROWS), DAYS[5:20], ALL_SEEN[5:20], 40, 7)
        np.testing.assert_array_equal(part.counts, draw(self.ROWS).counts[:, 5:20])

    def test_the_origin_is_what_moves_the_draws_and_nothing_else(self):
        def origin(rows, days=DAYS, observed=ALL_SEEN, **options):
            return origin_of_draws(records(rows), days, observed, **options)

        rows = [("a", 3, 1, 1, (2, 4, 9)), ("b", 5, 6, 2, (math.nan, 5, math.nan)), ("c", -10, 60, 5, (1, 30, 30))]
        mine = origin(rows)
        assert draw(rows).origin == draw(rows, n=3, seed=1).origin == mine
        assert origin(rows[::-1]) == mine
        assert origin([*rows, ("far", 200, 3, 2, (1, 1, 1))]) == mine
        hole = ALL_SEEN.copy()
        hole[4] = False
        others = [
            origin(rows[:2]),
            origin([("A", *rows[0][1:]), *rows[1:]]),
            origin([("a", 4, 1, 1, (2, 4, 9)), *rows[1:]]),
            origin([("a", 3, 1, 2, (2, 4, 9)), *rows[1:]]),
            origin([("a", 3, 1, 1, (2, 4, 8)), *rows[1:]]),
            origin([rows[0], ("b", 5, 6, 2, (5, 5, 5)), rows[2]]),
            origin(rows, estimate="low"),
            origin(rows, weights="series"),
            origin(rows, DAYS + pd.Timedelta(days=1)),
            origin(rows, DAYS[:-1], ALL_SEEN[:-1]),
            origin(rows, observed=hole),
            origin_of_draws(np.zeros(len(DAYS)), DAYS, ALL_SEEN),
        ]
        assert len({mine, *others}) == 1 + len(others)

    def test_the_origin_of_weighted_draws_holds_the_deaths_that_weigh(self):
        """An event of one day beyond the window weighs the days of one that reaches out of it."""
        rows = [("c", 20, 30, 3, (5, 5, 5))]
        beside = [*rows, ("near", 40, 1, 1, (7, 7, 7))]
        one, other = (origin_of_draws(records(table), DAYS, ALL_SEEN, weights="series") for table in (rows, beside))
        assert one != other
        one, other = (origin_of_draws(records(table), DAYS, ALL_SEEN) for table in (rows, beside))
        assert one == other

    def test_draws_are_independent_of_each_other(self):
        """Two incidents over the same three days share a day in a third of the draws."""
        made = draw([("a", 3, 3, 2, (5, 5, 5)), ("b", 3, 3, 2, (5, 5, 5))], n=3000)
        shared = (made.counts.max(axis=1) == 10).mean()
        assert shared == pytest.approx(1 / 3, abs=5 * math.sqrt(2 / 9 / 3000))

    @pytest.mark.parametrize(
        ("n", "seed", "message"),
        [
            (0, 1, "'n'.*at least 1"),
            (2.5, 1, "'n'"),
            (True, 1, "'n'"),
            (2, -1, "'seed'.*at least 0"),
            (2, None, "'seed'"),
        ],
    )
    def test_what_is_no_run(self, n, seed, message):
        with pytest.raises(InputError, match=message):
            draw(self.ROWS, n=n, seed=seed)

    @pytest.mark.parametrize("options", [{"weights": "serie"}, {"estimate": "bst"}])
    def test_unknown_choice(self, options):
        with pytest.raises(UnknownNameError, match="did you mean"):
            draw(self.ROWS, **options)


def raw(number, start, days, best, **changes):
    first = pd.Timestamp(start)
    row = {
        "id": number,
        "date_start": first.date(),
        "date_end": (first + pd.Timedelta(days=days - 1)).date(),
        "date_prec": 1 if days == 1 else 2,
        "kind": 1,
        "side_a": "Government of Syria",
        "side_b": "HTS",
        "adm1": "Idlib",
        **dict.fromkeys(("deaths_a", "deaths_b", "civilians"), 0),
        **dict.fromkeys(("unknown", "low", "best", "high"), best),
    }
    return {name: str(value) for name, value in {**row, **changes}.items()}


@pytest.fixture(scope="module")
def few() -> Events:
    """Give four events: one exact, one with a range, one over the end of the window, one of civilians alone."""
    rows = [
        raw(1, "2019-01-05", 1, 4),
        raw(2, "2019-01-07", 3, 6, low=2, high=10, unknown=4, civilians=2),
        raw(3, "2019-01-29", 4, 5),
        raw(4, "2019-01-12", 1, 3, low=1, high=6, unknown=0, civilians=3),
    ]
    table = pd.DataFrame(rows, index=range(2, 6), dtype="str")
    return validate_events(table, SourceRecord("few", coverage_start="2018-12-01", coverage_end="2019-02-28"))


def january(source, spread="even", missing_days="zero", **options) -> DailySeries:
    return daily_series(
        source, start="2019-01-01", end="2019-01-30", spread=spread, missing_days=missing_days, **options
    )


class TestSeries:
    @pytest.mark.parametrize("spread", ["start", "end", "expected"])
    def test_spread_plays_no_part(self, few, spread):
        one, two = january(few).draws(30, 1), january(few, spread).draws(30, 1)
        np.testing.assert_array_equal(one.counts, two.counts)

    def test_excluded_events_stay_out(self, few):
        made = january(few, "exclude").draws(30, 1)
        assert set(np.flatnonzero(made.counts.any(axis=0))) == {4, 11}
        assert not made.outside.any()

    def test_what_falls_after_the_window_is_outside(self, few):
        made = january(few, estimate="low").draws(50, 1)
        assert set(made.outside.tolist()) == {0, 5}
        assert (made.total + made.outside == 4 + 2 + 5 + 1).all()

    def test_a_class_of_victims_is_drawn_where_it_has_a_range(self, few):
        made = january(few, victims="civilians").draws(200, 1)
        # Two civilians of a mixed event (its range is not theirs), three to whom the range of 1 to 6 belongs.
        assert set(made.counts[:, 6:9].sum(axis=1).tolist()) == {2}
        assert set(made.counts[:, 11].tolist()) == set(range(1, 7))

    def test_series_of_several_victims_agree_on_the_day(self, few):
        everyone, civilians = (january(few, victims=victims).draws(60, 1) for victims in ("all", "civilians"))
        np.testing.assert_array_equal(everyone.counts[:, 6:9] > 0, civilians.counts[:, 6:9] > 0)

    def test_days_that_are_not_observed_hold_nothing(self, few):
        made = january(few, "start", "missing")
        drawn = made.draws(60, 1)
        np.testing.assert_array_equal(drawn.observed, made.frame["observed"])
        assert not drawn.counts[:, ~drawn.observed].any()
        # The event of the 7th to the 9th is observed on its first day only; its other days are outside.
        assert (drawn.outside > 5).any()

    def test_a_part_of_a_series_shows_the_part_of_its_draws(self, few):
        whole = january(few)
        for weights in (None, "series"):
            part = whole.between("2019-01-06", "2019-01-12").draws(40, 1, weights=weights)
            np.testing.assert_array_equal(part.counts, whole.draws(40, 1, weights=weights).counts[:, 5:12])

    def test_no_event_in_the_window(self, few):
        made = daily_series(few, start="2019-02-10", end="2019-02-20", spread="even", missing_days="zero").draws(3, 1)
        assert made.counts.shape == (3, 11)
        assert not made.counts.any()

    def test_it_crosses_processes(self, few):
        made = january(few)
        again = pickle.loads(pickle.dumps(made))
        np.testing.assert_array_equal(again.draws(20, 5).counts, made.draws(20, 5).counts)

    def test_plain_numbers_are_repeated(self):
        made = DailySeries.from_counts([3, 0, math.nan, 5], "2019-01-01").draws(3, 1, weights="series")
        assert made.counts.tolist() == [[3, 0, 0, 5]] * 3
        assert made.observed.tolist() == [True, True, False, True]
        assert not made.outside.any()
        assert "nothing is drawn" in made.law

    def test_plain_numbers_check_their_arguments_too(self):
        made = DailySeries.from_counts([3], "2019-01-01")
        with pytest.raises(UnknownNameError, match="weights='serie'"):
            made.draws(3, 1, weights="serie")
        with pytest.raises(InputError, match="at least 1"):
            made.draws(0, 1)


class TestIdlib:
    """The record of north-west Syria, 440 days."""

    def test_total_and_width_follow_from_the_ranges(self, study):
        """Mean and deviation of deaths drawn are those of the law, worked out here from the table of events."""
        made = study.series("north_west")
        (table,) = [source.accepted for source in study.sources.values() if isinstance(source, Events)]
        here = place_mask(table, made.where) & (table["date_end"] >= made.start) & (table["date_start"] <= made.end)
        triples = np.sort(table.loc[here, ["low", "best", "high"]].to_numpy(dtype="float64"), axis=1)
        a, b = triples[:, 1] - triples[:, 0], triples[:, 2] - triples[:, 1]
        shift = (b - a) / 3
        variance = ((a * (a + 1) * (a + 2) + b * (b + 1) * (b + 2)) / (6 * (a + b + 2)) - shift**2).sum()
        n = 1000
        drawn = made.draws(n, seed=20190427)
        everything = drawn.total + drawn.outside
        expected = triples[:, 1].sum() + shift.sum()
        assert everything.mean() == pytest.approx(expected, abs=5 * math.sqrt(variance / n))
        # The relative error of a standard deviation of n near-normal numbers is 1 / sqrt(2 n).
        assert everything.std() == pytest.approx(math.sqrt(variance), rel=5 / math.sqrt(2 * n))
        # Independent errors of many events cancel: ranges that add up to some 800 deaths leave a deviation of 33.
        assert triples[:, 2].sum() - triples[:, 0].sum() == pytest.approx(800, abs=30)
        assert math.sqrt(variance) == pytest.approx(33.3, abs=0.1)

    def test_days_are_drawn_for_a_tenth_of_the_deaths(self, study):
        """With numbers fixed, only deaths without an exact day move, and a day never loses those that have one."""
        made = study.series("north_west")
        share = float(made.frame["imprecise"].sum() / made.frame["best"].sum())
        assert 0.08 < share < 0.12
        sharp = (made.frame["best"] - made.frame["imprecise"]).to_numpy(dtype="int64")
        records = made.records
        fixed = sample_counts(
            Records(
                records.ids,
                records.first,
                records.days,
                records.date_prec,
                records.deaths[:, [1, 1, 1]],
                records.known,
            ),
            made.frame.index,
            made.frame["observed"].to_numpy(),
            50,
            1,
        )
        moved = fixed.counts - sharp
        assert (moved >= 0).all()
        vague = records.deaths[(records.days > 1) | (records.date_prec > 1), 1].sum()
        assert (moved.sum(axis=1) + fixed.outside == vague).all()

    def test_weights_keep_the_number_and_move_the_days(self, study):
        made = study.series("north_west")
        one, two = made.draws(50, 1), made.draws(50, 1, weights="series")
        np.testing.assert_array_equal(one.total + one.outside, two.total + two.outside)
        assert (one.counts != two.counts).any()

    def test_a_feed_is_repeated(self, study):
        (feed,) = [source for source in study.sources.values() if isinstance(source, Feed)]
        dates = feed.frame["date"]
        made = daily_series(feed, start=dates.min(), end=dates.max(), spread="even", missing_days="missing")
        drawn = made.draws(4, 1)
        np.testing.assert_array_equal(drawn.counts[:, drawn.observed], np.tile(made.counts[drawn.observed], (4, 1)))
