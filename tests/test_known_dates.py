"""A day known beforehand: the answer is the posterior's own, and what cannot be asked is refused."""

import math

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.models.changepoints import fit_changepoints
from casualties.series import DailySeries

START = "2019-04-01"


@pytest.fixture(scope="module")
def step():
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(3.0, np.repeat([4.0, 16.0], 60) / 3.0)).astype(float)
    return fit_changepoints(DailySeries.from_counts(counts, START))


def test_a_true_date_is_supported_and_a_false_one_is_not(step):
    right, wrong = step.change_at("2019-05-31", window=3), step.change_at("2019-04-20", window=3)
    rows = right.answers.set_index("days")
    assert rows.index.tolist() == ["independent", "dependent"]
    assert rows.loc["independent", "probability"] > 0.9
    assert rows.loc["independent", "bayes_factor"] > 100
    assert rows.loc["independent", "ratio_low"] < 4.0 < rows.loc["independent", "ratio_high"]
    assert wrong.probability < 0.1
    assert (right.first, right.last) == (pd.Timestamp("2019-05-28"), pd.Timestamp("2019-06-03"))
    assert "A change on 2019-05-31" in right.summary()
    assert right.to_frame().equals(right.answers)
    # The dependent model is asked for the same days and is no surer.
    assert 0.0 < rows.loc["dependent", "probability"] <= rows.loc["independent", "probability"] + 0.05


def test_the_probability_of_one_day_is_that_of_the_posterior(step):
    day = step.changes["date"].iloc[0]
    row = step.change_at(day).answers.set_index("days")["probability"]
    assert row["independent"] == pytest.approx(step.probability[day], abs=1e-9)
    assert row["dependent"] == pytest.approx(step.probability_dependent[day], abs=1e-9)
    prior = step.change_at(day).answers["prior"]
    np.testing.assert_allclose(prior, step.prior_number / 119)


def test_the_quoted_row_is_that_of_the_result(step):
    asked = step.change_at("2019-05-31", window=3)
    row = asked.answers.set_index("days").loc[step.quoted]
    assert asked.quoted == step.quoted
    assert asked.probability == row["probability"]
    assert isinstance(asked.ratio, Estimate)
    assert asked.ratio.value == row["ratio"]


def test_the_warnings_of_the_series_come_with_it(step):
    asked = step.change_at("2019-05-31", window=3)
    assert asked.warnings == step.warnings
    assert asked.warnings
    assert all(f"Warning: {text}" in asked.summary() for text in asked.warnings)
    assert "wider than they need be" in asked.summary()


def test_a_window_ends_with_the_series(step):
    asked = step.change_at("2019-04-02", window=5)
    assert (asked.first, asked.last) == (pd.Timestamp("2019-04-02"), pd.Timestamp("2019-04-07"))


def test_without_a_fit_there_is_a_reason():
    asked = fit_changepoints(DailySeries.from_counts([0.0] * 40, START)).change_at("2019-04-20")
    assert isinstance(asked.ratio, NotEstimable)
    assert math.isnan(asked.probability)
    assert asked.answers.empty
    assert "no deaths are recorded" in asked.summary()


@pytest.mark.parametrize(
    ("date", "window", "message"),
    [
        (START, 0, "after the first and up to the last day"),
        ("2020-01-01", 0, "after the first and up to the last day"),
        ("2019-05-01", -1, "column 'window', value '-1': must be a whole number of at least 0; give the days"),
        ("2019-05-01", 1.5, "column 'window', value '1.5': must be a whole number of at least 0; give the days"),
        ("2019-05", 0, "column 'date', value '2019-05': this is not a day .*; write it as YYYY-MM-DD"),
        ("2019-04-31", 0, "column 'date', value '2019-04-31': this is not a day"),
    ],
)
def test_what_cannot_be_asked_is_refused(step, date, window, message):
    with pytest.raises(InputError, match=message):
        step.change_at(date, window)
