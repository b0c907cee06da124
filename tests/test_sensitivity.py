"""One model under several choices: every answer is kept, and what a choice decides is said."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import casualties.figures
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.models.sensitivity import compare_seeds, vary
from casualties.models.trend import fit_trend
from casualties.results import Basis, Result
from casualties.series import DailySeries
from casualties.tables import sensitivity_table

SERIES = DailySeries.from_counts(np.random.default_rng(1).poisson(np.linspace(3, 9, 60)), "2019-04-01")


@dataclass(frozen=True, slots=True, eq=False)
class Shifted(Result):
    """The mean count, moved by a setting; gone where it moves too far."""

    basis: Basis
    mean_count: Estimate | NotEstimable
    days: int

    def to_frame(self):
        return pd.DataFrame()


def shifted(series, *, by=0.0, width=1.0, seed=None):
    mean = float(np.nanmean(series.counts)) + by
    answer = Estimate(mean, mean - width / 2, mean + width / 2, 0.95, "a day") if by < 9 else NotEstimable("too far")
    return Shifted(series.basis("mean", {"by": by, "width": width}, seed=seed), answer, 60)


def test_every_answer_stands_beside_its_choice():
    found = vary(shifted, SERIES, {"none": {}, "a quarter": {"by": 0.25}}, width=2.0)
    frame = found.to_frame()
    mean = float(SERIES.counts.mean())
    assert frame["choice"].tolist() == ["none", "a quarter"]
    assert frame["quantity"].tolist() == ["mean count"] * 2
    assert frame["value"].tolist() == pytest.approx([mean, mean + 0.25])
    move = found.moves().iloc[0]
    assert move["of_width"] == pytest.approx(0.125)
    assert move["missing"] == 0
    assert found.warnings == ()
    assert found.basis.settings["width"] == 2.0
    assert "by" not in found.basis.settings
    assert "12% of its interval's width" in found.summary()


def test_what_a_choice_decides_is_said():
    found = vary(shifted, SERIES, {"none": {}, "two": {"by": 2.0}, "ten": {"by": 10.0}})
    assert found.warnings == (
        "The mean count is not estimable under: ten.",
        "Intervals of the mean count under different choices do not meet.",
    )
    assert "not estimable under 1 of 3" in found.summary()
    nowhere = vary(shifted, SERIES, {"ten": {"by": 10.0}, "more": {"by": 11.0}})
    assert nowhere.warnings == ()
    assert "not estimable under any choice" in nowhere.summary()


def test_seeds_are_choices():
    found = compare_seeds(shifted, SERIES, (3, 4), width=0.5)
    assert list(found.results) == ["seed 3", "seed 4"]
    assert [result.basis.seed for result in found.results.values()] == [3, 4]
    assert found.basis.seed is None


def test_a_model_of_the_package_can_be_varied():
    found = vary(fit_trend, SERIES, {"weekdays": {}, "none": {"weekday": False}}, level=0.9)
    growth = found.to_frame().query("quantity == 'growth'")
    assert growth["value"].tolist() == [result.growth.value for result in found.results.values()]
    assert found.basis.settings["level"] == 0.9
    assert "weekday" not in found.basis.settings
    table = sensitivity_table(found)
    assert {"weekdays", "none", "Moved by, of its interval"} == set(table.columns)
    ax = found.plot(quantity="growth")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["weekdays", "none"]
    casualties.figures.style.plt.close("all")


@pytest.mark.parametrize(
    ("choices", "message"),
    [({"one": {}}, "two choices or more"), ({"a": {}, "b": {"width": 3.0}}, "'width'.*common to all")],
)
def test_choices_that_cannot_be_compared_are_named(choices, message):
    with pytest.raises(InputError, match=message):
        vary(shifted, SERIES, choices, width=1.0)
