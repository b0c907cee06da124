"""Simulated wars follow the law that their scenario states, and keep its truth."""

import math

import numpy as np
import pytest

from casualties.errors import InputError
from casualties.simulate.wars import SCENARIOS, Delays, Scenario, Step, simulate_triangle, simulate_war

WEEK = np.array([1.15, 1.10, 1.05, 1.0, 0.85, 0.80, 1.05])


def plain_war(rng, days, phi, sd, spike):
    """Draw a war by the loop of the studies that the methods were chosen on."""
    mean = math.exp(rng.uniform(math.log(0.5), math.log(30)))
    size = math.exp(rng.uniform(math.log(0.5), math.log(5)))
    rate = np.full(days, mean) * (WEEK / WEEK.mean())[np.arange(days) % 7]
    if sd > 0:
        state = np.empty(days)
        state[0] = rng.normal(0, sd)
        for day in range(1, days):
            state[day] = phi * state[day - 1] + rng.normal(0, sd * math.sqrt(1 - phi * phi))
        rate = rate * np.exp(state - sd * sd / 2)
    counts = rng.poisson(rng.gamma(size, rate / size))
    if spike > 0:
        hit = rng.random(days) < spike
        counts = counts + hit * rng.poisson(rng.gamma(1.0, 1.0, days) * 8 * mean + 5)
    return mean, size, counts


@pytest.mark.parametrize(
    ("name", "phi", "sd", "spike"),
    [("independent", 0, 0, 0), ("ar5", 0.5, 0.4, 0), ("ar9", 0.9, 0.4, 0), ("spikes", 0, 0, 0.01)],
)
def test_the_scenarios_are_those_of_the_studies_behind_the_methods(name, phi, sd, spike):
    war = simulate_war(np.random.default_rng(11), SCENARIOS[name], 200)
    mean, size, counts = plain_war(np.random.default_rng(11), 200, phi, sd, spike)
    assert (war.truth["level"], war.truth["size"]) == pytest.approx((mean, size), rel=1e-12)
    assert war.counts.tolist() == counts.tolist()


def test_variance_of_independent_days_is_that_of_the_negative_binomial():
    law = Scenario(level=6.0, size=2.0, weekday=(1.0,) * 7)
    counts = simulate_war(np.random.default_rng(2), law, 60_000).counts
    assert counts.mean() == pytest.approx(6.0, rel=0.02)
    assert counts.var() == pytest.approx(6.0 + 18.0, rel=0.04)


def test_latent_state_has_its_autocorrelation_and_leaves_the_mean_as_it_is():
    law = Scenario(level=5.0, autocorrelation=0.9, latent_sd=0.4)
    war = simulate_war(np.random.default_rng(3), law, 60_000)
    state = np.log(war.rate / war.mean)
    assert np.corrcoef(state[1:], state[:-1])[0, 1] == pytest.approx(0.9, abs=0.01)
    assert state.std() == pytest.approx(0.4, abs=0.02)
    assert (war.rate / war.mean).mean() == pytest.approx(1.0, abs=0.02)


def test_growth_steps_and_ramps_are_in_the_mean():
    law = Scenario(level=4.0, weekday=(1.0,) * 7, growth=0.01, steps=(Step(10, 3.0), Step(20, 2.0, over=4)))
    mean = simulate_war(np.random.default_rng(0), law, 41).mean
    flat = mean / np.exp(0.01 * (np.arange(41) - 20))
    assert flat[:10] == pytest.approx(4.0)
    assert flat[10:20] == pytest.approx(12.0)
    assert flat[20:25] == pytest.approx([12 * 2 ** (k / 4) for k in (1, 2, 3, 4, 4)])


def test_the_rhythm_follows_the_calendar():
    tuesday = simulate_war(np.random.default_rng(0), Scenario(level=1.0), 14, start="2023-01-03")
    assert tuesday.mean[:6] == pytest.approx(WEEK[1:] / WEEK.mean())


def test_drift_in_reporting_is_part_of_the_growth_of_records_and_not_of_violence():
    war = simulate_war(np.random.default_rng(0), SCENARIOS["drift"], 366)
    assert war.truth["growth"] == pytest.approx(math.log(0.5) / 365)
    assert war.truth["violence_growth"] == 0.0
    assert war.mean[364] / war.mean[0] == pytest.approx(0.5 ** (364 / 365))


def test_missing_days_have_their_share_and_run():
    counts = simulate_war(np.random.default_rng(5), SCENARIOS["missing"], 40_000).counts
    gone = np.isnan(counts)
    begins = gone[1:] & ~gone[:-1]
    assert gone.mean() == pytest.approx(0.1, abs=0.01)
    assert gone.sum() / begins.sum() == pytest.approx(3.0, abs=0.15)
    assert (~simulate_war(np.random.default_rng(5), SCENARIOS["missing"], 2_000).series().frame["observed"]).any()


def test_feedback_raises_the_day_after_many_deaths():
    law = Scenario(level=5.0, size=4.0, weekday=(1.0,) * 7, feedback=(0.35, 0.4))
    war = simulate_war(np.random.default_rng(6), law, 30_000)
    assert war.counts.mean() == pytest.approx(5.0, rel=0.05)
    assert war.rate[1:] == pytest.approx(0.25 * 5 + 0.35 * war.counts[:-1] + 0.4 * war.rate[:-1])


def test_jumps_and_walks_move_the_level():
    walked = simulate_war(np.random.default_rng(7), Scenario(level=5.0, walk=0.06, weekday=(1.0,) * 7), 20_000)
    assert np.diff(np.log(walked.mean)).std() == pytest.approx(0.06, rel=0.03)
    jumped = simulate_war(
        np.random.default_rng(7), Scenario(level=5.0, jump_chance=1 / 90, jump_sd=0.8, weekday=(1.0,) * 7), 20_000
    )
    assert (np.diff(jumped.mean) != 0).mean() == pytest.approx(1 / 90, rel=0.2)


def test_a_part_of_a_war_has_its_own_first_day():
    war = simulate_war(np.random.default_rng(8), SCENARIOS["independent"], 30)
    part = war.series(10, 20)
    assert (str(part.start.date()), len(part.frame)) == ("2023-01-12", 10)
    assert part.counts.tolist() == war.counts[10:20].tolist()


class TestTriangle:
    def test_it_holds_every_death_of_the_war(self):
        whole = simulate_triangle(np.random.default_rng(9), SCENARIOS["independent"], Delays(), 60)
        war = simulate_war(np.random.default_rng(9), SCENARIOS["independent"], 60)
        assert whole.deaths.sum(axis=1).astype(float).tolist() == war.counts.tolist()
        assert int(whole.accounts["deaths"].sum()) == int(war.counts.sum())

    def test_what_was_known_leaves_the_rest_for_later(self):
        whole = simulate_triangle(np.random.default_rng(9), SCENARIOS["independent"], Delays(longest=5), 40)
        known = whole.known("2023-02-10")
        assert known.deaths.isna().sum().tolist() == [0, 1, 2, 3, 4, 5]
        assert int(known.accounts["deaths"].sum()) == int(whole.accounts["deaths"].sum())

    def test_shares_fall_as_the_hazard_says(self):
        law = Scenario(level=400.0, size=50.0)
        shares = simulate_triangle(np.random.default_rng(1), law, Delays(hazard=0.4, longest=4), 200).shares()["deaths"]
        truth = np.exp(-0.4 * np.arange(5))
        assert shares.to_numpy() == pytest.approx(truth / truth.sum(), abs=0.01)

    def test_drift_makes_delays_longer_and_clumps_make_them_uneven(self):
        law = Scenario(level=200.0, size=50.0)
        slow = simulate_triangle(np.random.default_rng(1), law, Delays(hazard=0.5, drift=0.8), 100)
        first_day = (slow.deaths[0] / slow.deaths.sum(axis=1)).astype(float)
        assert first_day.tail(20).mean() < 0.75 * first_day.head(20).mean()
        even = simulate_triangle(np.random.default_rng(1), law, Delays(hazard=0.5), 100)
        clumped = simulate_triangle(np.random.default_rng(1), law, Delays(hazard=0.5, clumping=15.0), 100)
        spread = [(t.deaths[0] / t.deaths.sum(axis=1)).astype(float).std() for t in (even, clumped)]
        assert spread[1] > 2 * spread[0]


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"level": 0.0}, "level"),
        ({"size": (3.0, 1.0)}, "size"),
        ({"latent_sd": -1.0}, "latent_sd"),
        ({"spike_share": 1.0}, "spike_share"),
        ({"autocorrelation": 1.0}, "autocorrelation"),
        ({"weekday": (1.0,) * 6}, "weekday"),
        ({"missing_run": 0.5}, "missing_run"),
        ({"feedback": (0.6, 0.5)}, "feedback"),
    ],
)
def test_laws_that_cannot_be_are_refused(wrong, column):
    with pytest.raises(InputError, match=f"column '{column}'"):
        Scenario(**wrong)


@pytest.mark.parametrize(
    ("call", "column"),
    [
        (lambda: Step(3, -1.0), "ratio"),
        (lambda: Step(3, 1.0, over=0), "over"),
        (lambda: Delays(hazard=(0.5, 0.1)), "hazard"),
        (lambda: Delays(drift=1.0), "drift"),
        (lambda: Delays(clumping=0.0), "clumping"),
        (lambda: Delays(longest=0), "longest"),
        (lambda: simulate_war(np.random.default_rng(0), Scenario(), 0), "days"),
        (lambda: simulate_triangle(np.random.default_rng(0), SCENARIOS["missing"], Delays(), 9), "missing_share"),
    ],
)
def test_arguments_that_cannot_be_are_refused(call, column):
    with pytest.raises(InputError, match=f"column '{column}'"):
        call()
