"""Nowcasts: how often intervals hold, what was known of July 2019 and what it became, refusals, scores.

Coverage pools 40 simulated triangles a scenario. One standard error is .034 at a nominal .95; the bound lies four of
them away, and two points more for delays that drift.
"""

import csv
import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import casualties as ca
from casualties.errors import InputError
from casualties.estimates import NotEstimable
from casualties.models.nowcast import fit_nowcast
from casualties.models.nowcast_scores import score_nowcast
from casualties.results import Basis
from casualties.vintages.triangle import Triangle

mpl.use("Agg")
NORTH_WEST = {"adm1": ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]}
START = "2019-01-07"  # a Monday


def triangle_of(cells, unit="day", outside=0):
    """Make a complete triangle of plain cells."""
    values = np.asarray(cells)
    dates = pd.date_range(START, periods=len(values), freq="7D" if unit == "week" else "D", name="date")
    table = pd.DataFrame(values, index=dates, columns=pd.RangeIndex(values.shape[1], name="delay")).astype("Int64")
    total = int(values.sum())
    reasons = pd.Index(["in the triangle", "no exact day", "not yet known"], name="reason")
    accounts = pd.DataFrame({"events": [total, outside, 0], "deaths": [total, outside, 0]}, index=reasons).astype(
        "Int64"
    )
    last = dates[-1] + pd.Timedelta(days=6 if unit == "week" else 0)
    days = (last - dates[0]).days + 1
    basis = Basis("recorded deaths", "A", "", START, str(last.date()), days, days, "by delay", {"unit": unit})
    return Triangle(basis, table, table, accounts, unit)


def simulated(rng, kind, rows=90, delays=12):
    mean, size = math.exp(rng.uniform(math.log(3), math.log(30))), math.exp(rng.uniform(math.log(0.7), math.log(5)))
    day = np.arange(rows)
    rate = mean * np.exp(0.03 * np.clip(day - rows + 30, 0, None)) if kind == "growth" else np.full(rows, mean)
    counts = rng.poisson(rng.gamma(size, rate / size))
    speed = rng.uniform(0.2, 0.6)
    cells = np.zeros((rows, delays + 1), dtype=int)
    for row in range(rows):
        now = speed * (1 - 0.4 * row / rows) if kind == "drift" else speed
        mass = np.exp(-now * np.arange(delays + 1))
        mass /= mass.sum()
        if kind == "clumps":
            mass = rng.dirichlet(15 * mass)
        cells[row] = rng.multinomial(counts[row], mass)
    return cells


@pytest.fixture(scope="module")
def stood(root):
    """Give the simulated triangle of the reference numbers, 200 days."""
    with (root / "tests/reference/triangle.csv").open() as file:
        return triangle_of([[int(row[f"d{delay}"]) for delay in range(21)] for row in csv.DictReader(file)])


@pytest.mark.parametrize("kind", ["constant", "growth", "drift", "clumps"])
def test_intervals_hold_what_comes(kind):
    rng = np.random.default_rng(21)
    held = []
    for _ in range(40):
        complete = triangle_of(simulated(rng, kind))
        result = fit_nowcast(complete, as_of=complete.basis.end, samples=500)
        scores = score_nowcast(result, complete.deaths.sum(axis=1))
        held.append([scores.days["held"].iloc[-1], *scores.sums["held"]])
    least = 0.95 - 4 * 0.034 - (0.02 if kind == "drift" else 0.0)
    assert (np.mean(held, axis=0) > least).all()


def test_what_was_known_on_22_july_2019_and_what_it_became(events):
    window = {"start": "2018-09-17", "end": "2019-07-22", "where": NORTH_WEST}
    known = ca.reporting_triangle(events.as_of("2019-07-22"), **window)
    complete = ca.reporting_triangle(events, **window).deaths.sum(axis=1)
    result = fit_nowcast(known)
    # By the evening one more day of documents was to come: only the day itself was open.
    assert [str(day.date()) for day in result.days.index] == ["2019-07-22"]
    sums = result.sums.set_index("units")
    assert sums["reported"].to_dict() == {7: 144, 14: 305}
    assert sums["start"].dt.strftime("%d %b").to_dict() == {7: "16 Jul", 14: "09 Jul"}
    scores = score_nowcast(result, complete)
    assert scores.sums["came"].tolist() == [149, 310]
    assert complete["2019-07-09":].sum() == 310
    today = scores.days.iloc[-1]
    assert (today["reported"], today["came"]) == (58, 63)
    assert (today["final"], today["low"]) == (58, 58)
    assert 75 <= today["high"] <= 90
    assert today["chain_ladder"] == pytest.approx(63.667, abs=1e-3)
    assert scores.coverage == 1.0
    assert scores.sums["held"].all()
    # Whole events come late, not single deaths.
    assert result.concentration.high < 5
    assert 0.85 < result.days["share"].iloc[-1] < 0.95
    assert any("come in clumps" in text for text in result.warnings)


def test_replays_of_a_year_hold_and_beat_the_chain_ladder(events):
    window = {"start": "2018-09-17", "end": "2019-11-30", "where": NORTH_WEST}
    complete = ca.reporting_triangle(events, **window)
    final = complete.deaths.sum(axis=1)
    rows = []
    for day in pd.date_range("2018-12-01", "2019-11-20", freq="4D"):
        result = fit_nowcast(complete, as_of=day, samples=1000)
        rows.append(score_nowcast(result, final).days.iloc[-1])
    table = pd.DataFrame(rows)
    assert len(table) == 89
    # As docs/methods.md has it; one interval ends so near what came that the draws decide.
    assert table["held"].sum() in (86, 87)
    assert table["crps"].mean() == pytest.approx(1.70, abs=0.05)
    assert table["chain_ladder_error"].mean() == pytest.approx(3.066, abs=1e-3)


def test_as_of_is_a_replay(events):
    window = {"start": "2019-01-01", "end": "2019-07-21", "where": NORTH_WEST}
    replay = fit_nowcast(ca.reporting_triangle(events.as_of("2019-07-21"), **window))
    stood = fit_nowcast(ca.reporting_triangle(events, **window), as_of="2019-07-21")
    pd.testing.assert_frame_equal(replay.days, stood.days)


def test_rows_after_the_day_are_no_rows(events):
    longer = ca.reporting_triangle(events, start="2019-01-01", end="2019-08-31", where=NORTH_WEST)
    window = ca.reporting_triangle(events, start="2019-01-01", end="2019-07-21", where=NORTH_WEST)
    pd.testing.assert_frame_equal(
        fit_nowcast(longer, as_of="2019-07-21").days, fit_nowcast(window, as_of="2019-07-21").days
    )


def test_parts_of_the_answer_agree(stood):
    result = fit_nowcast(stood, as_of=stood.basis.end)
    days = result.days
    assert len(days) == 19
    assert result.samples.shape == (4000, 19)
    assert (result.samples >= days["reported"].to_numpy()).all()
    for name in ("low", "final", "high"):
        assert (days[name] == np.floor(days[name])).all()
    assert ((days["reported"] <= days["low"]) & (days["low"] <= days["final"]) & (days["final"] <= days["high"])).all()
    assert ((days["share_low"] <= days["share"]) & (days["share"] <= days["share_high"])).all()
    assert days["share"].is_monotonic_decreasing
    week, fortnight = result.sums.to_dict("records")
    assert week["reported"] == days["reported"].iloc[-7:].sum()
    assert fortnight["low"] <= fortnight["final"] <= fortnight["high"]
    assert fortnight["high"] - fortnight["low"] < (days["high"] - days["low"]).iloc[-14:].sum()
    assert result.delays["share"].sum() == pytest.approx(1.0)
    assert result.reported.sum() == np.nansum(stood.known(stood.basis.end).deaths.astype("float64"))
    assert len(result.to_frame()) == 21


def test_the_same_seed_gives_the_same_answer_and_another_seed_nearly(stood):
    first, again, other = (fit_nowcast(stood, as_of=stood.basis.end, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.to_frame(), again.to_frame())
    assert (first.sums["high"] / other.sums["high"]).between(0.93, 1.07).all()


def test_sums_beyond_the_open_rows_count_what_is_complete(stood):
    result = fit_nowcast(stood, as_of=stood.basis.end, sums=(3, 60, 500))
    assert result.sums["units"].tolist() == [3, 60]
    long = result.sums.iloc[1]
    assert long["reported"] == result.reported.iloc[-60:].sum()
    opened = result.sums.iloc[1]["final"] - long["reported"]
    assert opened == pytest.approx(result.total.value, abs=2)


def test_weeks_are_named_weeks():
    rng = np.random.default_rng(3)
    weekly = triangle_of(rng.poisson([20, 8, 3], size=(60, 3)), unit="week")
    result = fit_nowcast(weekly, as_of=weekly.basis.end)
    assert result.sums["units"].tolist() == [2, 4]
    assert "Last 2 weeks" in result.summary()
    assert len(result.days) == 2
    # In the middle of a week that week has no cell yet.
    middle = fit_nowcast(weekly, as_of=pd.Timestamp(weekly.basis.end) - pd.Timedelta(days=3))
    assert middle.days.index[-1] == result.days.index[-2]


def test_a_longest_delay_leaves_out_what_comes_later(stood):
    short = fit_nowcast(stood, as_of=stood.basis.end, max_delay=5)
    assert short.basis.settings["max_delay"] == 5
    assert len(short.delays) == 6
    assert any("came later than the longest delay are left out" in text for text in short.warnings)
    known = stood.known(stood.basis.end).deaths.loc[:, 6:]
    assert any(text.startswith(f"{int(known.sum().sum())} deaths") for text in short.warnings)


def test_deaths_taken_back_are_deducted():
    rng = np.random.default_rng(4)
    cells = rng.poisson([10, 4, 2], size=(60, 3))
    cells[30] = [9, 3, -5]
    cells[31] = [1, 0, -4]
    result = fit_nowcast(triangle_of(cells), as_of=triangle_of(cells).basis.end)
    assert result.reported.iloc[30] == 7
    assert result.reported.iloc[31] == 0
    assert any("9 deaths were taken back later" in text for text in result.warnings)


def test_a_drift_is_warned_of():
    day = np.arange(90)
    speed = 0.9 * (1 - 0.7 * day / 90)
    mass = np.exp(-speed[:, None] * np.arange(8))
    cells = np.round(200 * mass / mass.sum(axis=1, keepdims=True)).astype(int)
    triangle = triangle_of(cells)
    result = fit_nowcast(triangle, as_of=triangle.basis.end)
    assert result.drift.low > 1
    assert any("Reporting slows down" in text for text in result.warnings)
    held = fit_nowcast(triangle, as_of=triangle.basis.end, drift=False)
    assert "held to be constant" in str(held.drift)
    truth = cells[-7:].sum()
    assert abs(result.sums["mean"].iloc[0] - truth) < abs(held.sums["mean"].iloc[0] - truth)


def test_what_no_triangle_holds_is_warned_of():
    cells = np.random.default_rng(5).poisson([10, 4, 2], size=(60, 3))
    triangle = triangle_of(cells, outside=400)
    result = fit_nowcast(triangle, as_of=triangle.basis.end)
    assert any("400 deaths without an exact day" in text for text in result.warnings)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (np.zeros((60, 4), dtype=int), "no deaths are known"),
        (np.tile([5, 0, 0], (60, 1)), "no death is known to have come after its own day"),
        (np.tile([5], (60, 1)), "no death is known to have come after its own day"),
        (np.tile([5, 2], (15, 1)), "14 complete rows are fewer than 21"),
        (np.tile([5, 2], (1, 1)), "no death is known to have come after its own day"),
        (np.vstack([np.tile([1, 1], (30, 1)), [[500, 400]], np.tile([1, 1], (29, 1))]), "one row holds"),
        (
            np.vstack([np.tile([3, 1], (60, 1)), np.zeros((40, 2), dtype=int)]),
            "no deaths are known of the last 28 rows",
        ),
    ],
)
def test_refusals(cells, reason):
    triangle = triangle_of(cells)
    result = fit_nowcast(triangle, as_of=triangle.basis.end)
    assert isinstance(result.total, NotEstimable)
    assert reason in result.total.reason
    assert reason in result.summary()
    assert not len(result.days)
    assert not len(result.to_frame())
    with pytest.raises(InputError, match="no numbers to score"):
        score_nowcast(result, {})


def test_a_complete_triangle_has_nothing_to_complete(stood):
    assert "every cell is known" in str(fit_nowcast(stood).total)
    before = fit_nowcast(stood, as_of="2019-01-06")
    assert "no day of the triangle has begun" in str(before.total)


@pytest.mark.parametrize(
    "cells",
    [
        np.tile([1, 1], (60, 1)),
        np.vstack([np.tile([2, 1], (60, 1)), [[0, 5]]]),
        np.tile([100000, 50000, 1], (60, 1)),
        np.tile([0, 0, 0, 3], (60, 1)),
        np.vstack([np.tile([0, 0], (58, 1)), [[1, 1], [1, 0]], np.tile([1, 0], (5, 1))]),
        np.random.default_rng(6).poisson(0.05, size=(120, 5)),
        np.random.default_rng(7).poisson([4, 2, 1], size=(3000, 3)),
        np.random.default_rng(8).poisson(1.0, size=(200, 61)),
    ],
)
def test_hostile_triangles_end_in_numbers_or_a_reason(cells):
    triangle = triangle_of(cells)
    result = fit_nowcast(triangle, as_of=triangle.basis.end, samples=300)
    if not isinstance(result.total, NotEstimable):
        assert np.isfinite(result.days.to_numpy(dtype=float)).all()
        assert (result.days["low"] >= result.days["reported"]).all()
    assert result.summary()


def test_scores_are_those_of_the_draws(stood):
    result = fit_nowcast(stood, as_of=stood.basis.end, samples=500)
    final = stood.deaths.sum(axis=1)
    scores = score_nowcast(result, final)
    drawn = result.samples[:, -1].astype(float)
    came = float(final.iloc[-1])
    direct = np.abs(drawn - came).mean() - np.abs(drawn[:, None] - drawn[None, :]).mean() / 2
    assert scores.days["crps"].iloc[-1] == pytest.approx(direct, rel=1e-9)
    assert scores.sums["came"].tolist() == [final.iloc[-7:].sum(), final.iloc[-14:].sum()]
    assert scores.days["held"].dtype == bool
    assert len(scores.to_frame()) == 21
    part = score_nowcast(result, final.iloc[-3:])
    assert len(part.days) == 3
    assert not len(part.sums)
    assert "of 3 intervals hold" in part.summary()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": 0}, "must lie between 0 and 1"),
        ({"samples": 10}, "whole number of at least 100"),
        ({"seed": -1}, "whole number of at least 0"),
        ({"max_delay": 0}, "whole number of at least 1"),
        ({"max_delay": True}, "whole number of at least 1"),
        ({"sums": (0,)}, "sums are of whole numbers of rows"),
        ({"as_of": "soon"}, "date"),
    ],
)
def test_input_that_cannot_be_used(stood, options, words):
    with pytest.raises(InputError, match=words):
        fit_nowcast(stood, **{"as_of": stood.basis.end, **options})


@pytest.mark.parametrize(
    ("counts", "words"),
    [({}, "none of the nowcast's days"), ("half", "whole numbers"), ("negative", "whole numbers"), ("gone", "whole")],
)
def test_counts_that_cannot_be_scored(stood, counts, words):
    result = fit_nowcast(stood, as_of=stood.basis.end, samples=200)
    day = result.days.index[-1]
    given = {"half": {day: 1.5}, "negative": {day: -1}, "gone": {day: float("nan")}}
    with pytest.raises(InputError, match=words):
        score_nowcast(result, given[counts] if isinstance(counts, str) else counts)


def test_a_picture_hatches_what_is_still_to_come(stood):
    result = fit_nowcast(stood, as_of=stood.basis.end)
    ax = result.plot()
    reported, hatched = ax.containers
    assert [bar.get_height() for bar in reported] == result.reported.iloc[-28:].tolist()
    assert all(bar.get_hatch() for bar in hatched)
    assert len(hatched) == 19
    tops = [bar.get_y() + bar.get_height() for bar in hatched]
    np.testing.assert_allclose(tops, result.days["mean"])
    few = result.plot(rows=5)
    assert [len(bars) for bars in few.containers] == [5, 5]
    nothing = fit_nowcast(stood).plot()
    assert "not estimable" in nothing.texts[0].get_text()
    plt.close("all")


def test_tables_print_the_answers(stood):
    result = fit_nowcast(stood, as_of=stood.basis.end)
    table = result.table()
    assert table.index[-3:].tolist() == ["25 Jul 2019", "last 7 days", "last 14 days"]
    assert table["Reported"].iloc[-2] == f"{result.sums['reported'].iloc[0]:,.0f}"
    scores = score_nowcast(result, stood.deaths.sum(axis=1))
    printed = scores.table()
    assert printed["Came"].iloc[-1] == f"{scores.sums['came'].iloc[-1]:,.0f}"
    assert set(printed["Held"]) <= {"yes", "no"}
    assert not len(fit_nowcast(stood).table())
