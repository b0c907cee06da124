"""Simulated sources see the events of one war by the law that is stated, and keep its truth."""

import numpy as np
import pytest

from casualties.errors import InputError
from casualties.simulate.sources import Reporting, simulate_sources


def draw(*reportings, days=20_000, mean=6.0, seed=1, **options):
    return simulate_sources(np.random.default_rng(seed), np.full(days, mean), reportings, **options)


def test_dead_of_events_are_geometric():
    war = draw(Reporting(), days=60_000, deaths_an_event=3.0)
    # Variance of a Poisson sum of geometric sizes with mean d: mean times (2 d - 1).
    assert war.true.mean() == pytest.approx(6.0, rel=0.02)
    assert war.true.var() == pytest.approx(30.0, rel=0.05)


def test_a_source_that_sees_all_holds_the_truth():
    war = draw(Reporting())
    assert war.counts[0].tolist() == war.true.tolist()


def test_share_and_events_thin_by_death_and_by_event():
    war = draw(Reporting(share=0.5), Reporting(events=0.5))
    assert war.counts.sum(axis=1) / war.true.sum() == pytest.approx([0.5, 0.5], abs=0.02)
    assert war.coverage[:, 0].tolist() == [0.5, 0.5]
    by_death, by_event = (np.var(counts - war.true / 2) for counts in war.counts)
    # Given the dead, a thinned death has variance 1/4; an event of size s that is missed whole s²/4: 5 times as much.
    assert by_event / by_death == pytest.approx(5.0, rel=0.15)


def test_a_lag_moves_the_days():
    war = draw(Reporting(lag=2), Reporting(lag=-1), days=300)
    assert war.counts[0, 2:].tolist() == war.true[:-2].tolist()
    assert war.counts[1, :-1].tolist() == war.true[1:].tolist()


def test_drift_and_wander_are_in_the_coverage():
    war = draw(Reporting(share=0.8, drift=-0.01), Reporting(share=0.4, wander=0.02), days=200)
    assert war.coverage[0] == pytest.approx(0.8 * np.exp(-0.01 * np.arange(200)))
    steps = np.diff(np.log(war.coverage[1]))
    assert war.coverage[1, 0] == 0.4
    assert steps.std() == pytest.approx(0.02, rel=0.2)


def test_a_share_never_passes_1():
    war = draw(Reporting(share=0.9, drift=0.01), days=200)
    assert war.coverage.max() == 1.0
    assert (war.counts[0] <= war.true).all()


def test_a_copy_holds_no_more_than_what_it_copies():
    war = draw(Reporting(share=0.6), Reporting(events=0.7, copies=0), Reporting(share=0.6), days=500)
    assert (war.counts[1] <= war.counts[0]).all()
    assert war.coverage[1, 0] == pytest.approx(0.42)
    assert not (war.counts[2] <= war.counts[0]).all()


def test_silent_days_have_no_count():
    war = draw(Reporting(silent=0.3), Reporting())
    assert np.isnan(war.counts[0]).mean() == pytest.approx(0.3, abs=0.02)
    assert not np.isnan(war.counts[1]).any()


def test_same_seed_gives_the_same_war():
    one, other = (draw(Reporting(share=0.5), Reporting(events=0.5), days=50) for _ in range(2))
    assert one.counts.tolist() == other.counts.tolist()


def test_series_of_a_source():
    series = draw(Reporting(silent=0.2), days=30, start="2019-04-30").series(0)
    assert (series.record.name, str(series.start.date()), len(series.frame)) == ("source 1", "2019-04-30", 30)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"share": 0.0}, "above 0 and at most 1"),
        ({"events": 1.2}, "above 0 and at most 1"),
        ({"silent": 1.0}, "below 1"),
        ({"wander": -1.0}, "at least 0"),
        ({"drift": float("nan")}, "must be a number"),
    ],
)
def test_bad_laws(values, message):
    with pytest.raises(InputError, match=message):
        Reporting(**values)


def test_bad_wars():
    with pytest.raises(InputError, match="only one that comes before it"):
        draw(Reporting(copies=1), Reporting(), days=10)
    with pytest.raises(InputError, match="at least one source"):
        draw(days=10)
    with pytest.raises(InputError, match="at least 0 a day"):
        draw(Reporting(), days=10, mean=-1.0)
    with pytest.raises(InputError, match="must be at least 1"):
        draw(Reporting(), days=10, deaths_an_event=0.5)
