"""No death is lost or invented on the way from the cells of a file to a series, its account, the ledger and its draws.

Tables are made as text, faults included, and read by `validate_events`; what went in is added up here from the cells
themselves. Sums of whole deaths are compared exactly. Fractions (`spread="expected"`) are sums of some hundred
divisions and are compared to 1e-6 of a death.
"""

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualties.errors import InputError
from casualties.events import Events, validate_events
from casualties.provenance import SourceRecord
from casualties.series import daily_series

FIRST, LAST = pd.Timestamp("2019-01-01"), pd.Timestamp("2019-02-15")
ESTIMATES = ("low", "best", "high")
SPREADS = ("even", "start", "end", "exclude", "expected")
PLACES = ("Idlib", "Hama", "")
ACTORS = ("Government of Syria", "HTS", "IS")
CALM = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow]}
THOROUGH, QUICK = settings(max_examples=100, **CALM), settings(max_examples=30, **CALM)

no_number = st.sampled_from(("-3", "", "x", "2.5", "1e99", "nan", "-0.5", " ", "٣x"))
no_date = st.sampled_from(("2019-02-30", "soon", "", "2019-01", "01/02/2019", "1753-01-01", "2019-01-10 12:00"))
number = st.integers(0, 60).map(str)


def counts(broken: bool) -> st.SearchStrategy[str]:
    """Give cells of counts: now and then one that is no number of people."""
    return st.integers(0, 19).flatmap(lambda dice: no_number if broken and dice == 0 else number)


@st.composite
def rows(draw, broken: bool = True, ordered: bool = False) -> list[dict[str, str]]:
    """Make raw rows: events of a day to three months in, around and outside the coverage, with faults."""
    made = []
    for _ in range(draw(st.integers(1, 12))):
        first = FIRST + pd.Timedelta(days=draw(st.integers(-60, 70)))
        length = draw(st.sampled_from((1, 1, 1, 2, 3, 7, 31, 32, 90)))
        start, end = str(first.date()), str((first + pd.Timedelta(days=length - 1)).date())
        fault = draw(st.integers(0, 29)) if broken else 29
        start, end = {0: (draw(no_date), end), 1: (start, draw(no_date)), 2: (end, start)}.get(fault, (start, end))
        figures = [draw(counts(broken)) for _ in ESTIMATES]
        made.append(
            {
                "id": "" if fault == 3 else str(draw(st.integers(10, 13)) if fault in (4, 5, 6) else len(made)),
                "date_start": start,
                "date_end": end,
                "date_prec": "9" if fault == 7 else str(draw(st.integers(1, 5))),
                "kind": "?" if fault == 8 else str(draw(st.integers(1, 3))),
                "side_a": draw(st.sampled_from(ACTORS)),
                "side_b": draw(st.sampled_from((*ACTORS, "Civilians"))),
                "adm1": draw(st.sampled_from(PLACES)),
                **{name: draw(counts(broken)) for name in ("deaths_a", "deaths_b", "civilians", "unknown")},
                **dict(zip(ESTIMATES, sorted(figures, key=int) if ordered else figures, strict=True)),
            }
        )
    return made + made[: draw(st.integers(0, 1)) if broken else 0]  # now and then the same row again


def sure(number: int, **changes: str) -> dict[str, str]:
    """Give a row without a fault, so that every place, actor and flag that the tests name exists."""
    row = {"id": f"sure{number}", "date_start": "2019-01-10", "date_end": "2019-01-11", "date_prec": "2", "kind": "1"}
    names = {"side_a": "Government of Syria", "side_b": "HTS", "adm1": PLACES[number]}
    numbers = {**dict.fromkeys(("deaths_a", "deaths_b", "civilians"), "0"), "unknown": "2"}
    return {**row, **names, **numbers, **dict.fromkeys(ESTIMATES, "2"), **changes}


def read(raw: list[dict[str, str]]) -> tuple[pd.DataFrame, Events]:
    every = [*raw, sure(0), sure(1, side_b="IS", kind="2"), sure(2)]
    table = pd.DataFrame(every, index=range(2, len(every) + 2), dtype="str")
    record = SourceRecord("sample", coverage_start=str(FIRST.date()), coverage_end=str(LAST.date()))
    return table, validate_events(table, record)


def went_in(table: pd.DataFrame, name: str) -> int:
    """Add up the cells that hold a whole number of people."""
    return sum(int(cell) for cell in table[name] if re.fullmatch(r"\d+", cell, re.ASCII))


windows = st.tuples(st.integers(-20, 44), st.integers(1, 66)).map(
    lambda ends: (FIRST + pd.Timedelta(days=min(ends)), FIRST + pd.Timedelta(days=max(ends)))
)
victims = st.sampled_from(
    ("all", "civilians", "combatants", "unknown", "civilians or unknown", "HTS", ("Government of Syria", "IS"))
)
places = st.sampled_from(
    (None, {"adm1": "Idlib"}, {"adm1": ["Idlib", "Hama"]}, {"adm1": ""}, {"kind": 1}, {"adm1": "Hama", "kind": [1, 2]})
)
without = st.sampled_from(((), ("several-days",), ("several-days", "no-adm1")))
missing = st.sampled_from(("zero", "missing"))


def candidates(events: Events, made, where) -> pd.DataFrame:
    """Give the events that may lie in the window and place, worked out here from the table."""
    table = events.accepted
    here = pd.Series(True, index=table.index)
    for column, values in (where or {}).items():
        here &= table[column].isin(values if isinstance(values, list) else [values])
    here &= (table["date_end"] >= made.start) & (table["date_start"] <= made.end)
    if made.spread == "exclude":
        here &= table["date_end"] == table["date_start"]
    for flag in made.without:
        here &= ~table["flags"].str.split(";").map(lambda flags, flag=flag: flag in flags).astype(bool)
    return table[here]


@THOROUGH
@given(st.data(), rows(), windows, st.sampled_from(SPREADS), missing, victims, places, without)
def test_deaths_in_are_deaths_out(data, raw, window, spread, missing_days, who, where, flags):
    table, events = read(raw)
    start, end = window
    made = daily_series(
        events,
        start=start,
        end=end,
        spread=spread,
        missing_days=missing_days,
        victims=who,
        where=where,
        without=flags,
    )
    first = data.draw(st.integers(0, len(made.frame) - 1))
    last = data.draw(st.integers(first, len(made.frame) - 1))
    part = made.between(made.frame.index[first], made.frame.index[last])
    near = 1e-6 if spread == "expected" else 0
    assert len(events.accepted) + len(events.rejected) == len(table)
    for name in ESTIMATES:
        into = went_in(table, name)
        assert into == events.accepted[name].sum() + events.rejected[name].sum()
        if who == "all" or name == "best":
            for out in (made, part):
                account = out.accounts[name].astype("float64")
                assert account.sum() == pytest.approx(into, abs=near, rel=0)
                assert account["in the series"] == pytest.approx(float(out.frame[name].sum()), abs=near, rel=0)
                assert account["rows in the ledger"] == events.rejected[name].sum()

    drawn = made.draws(
        8, data.draw(st.integers(0, 2**40), label="seed"), weights=data.draw(st.sampled_from((None, "series")))
    )
    there = candidates(events, made, where)
    figures = made.records.deaths
    assert len(figures) == len(there)
    if who == "all":
        np.testing.assert_array_equal(figures, there[list(ESTIMATES)].to_numpy(dtype="float64"))
    # Of a class the number is best, but for civilians who are all the dead: their range is the event's.
    ranged = np.where(np.isnan(figures[:, :1]), figures[:, [1]], figures)
    everything = drawn.total + drawn.outside
    assert (everything >= ranged.min(axis=1, initial=math.inf).sum()).all()
    assert (everything <= ranged.max(axis=1, initial=0).sum()).all()
    assert (drawn.counts >= 0).all()
    assert (drawn.outside >= 0).all()
    # Only on days that are observed and on which one of these events may have happened.
    possible = np.zeros(len(made.frame), dtype=bool)
    for earliest, latest in zip(there["date_start"], there["date_end"], strict=True):
        possible |= np.asarray((made.frame.index >= earliest) & (made.frame.index <= latest))
    possible &= made.frame["observed"].to_numpy() & (made.frame.index >= FIRST) & (made.frame.index <= LAST)
    assert not drawn.counts[:, ~possible].any()


@QUICK
@given(rows(), windows, st.sampled_from(("low", "high")), missing, places)
def test_with_low_or_high_every_draw_holds_that_figure(raw, window, estimate, missing_days, where):
    _, events = read(raw)
    start, end = window
    made = daily_series(
        events, start=start, end=end, spread="even", missing_days=missing_days, where=where, estimate=estimate
    )
    drawn = made.draws(8, seed=3)
    assert (drawn.total + drawn.outside == candidates(events, made, where)[estimate].sum()).all()


@QUICK
@given(rows(ordered=True, broken=False), windows, st.sampled_from(SPREADS), missing, places)
def test_low_best_high_keep_their_order_on_each_day(raw, window, spread, missing_days, where):
    _, events = read(raw)
    start, end = window
    made = daily_series(events, start=start, end=end, spread=spread, missing_days=missing_days, where=where)
    low, best, high = (made.frame.loc[made.frame["observed"], name].astype("float64") for name in ESTIMATES)
    assert (low <= best + 1e-9).all()
    assert (best <= high + 1e-9).all()


def test_a_table_of_faults_alone_is_one_clear_error():
    table = pd.DataFrame([sure(0, date_start="soon"), sure(1, best="-3")], index=[2, 3], dtype="str")
    with pytest.raises(InputError, match="soon"):
        validate_events(table, SourceRecord("sample"))
