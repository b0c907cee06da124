"""Other methods beside each other: R's numbers, what each of them says on known series, and hostile series.

Tolerances. R stops its Poisson fit at a relative change of 1e-8 in the deviance, which leaves a few 1e-6 in sandwich's
Newey-West errors: 5e-6 is asked. The F statistic equals R's to the digits printed.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import casualties.figures
from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.inference.partition import profiled_partition
from casualties.models.crosschecks import cross_check
from casualties.series import DailySeries
from casualties.tables import crosschecks_table

REFERENCE = Path(__file__).parent / "reference"
GLMNB = pd.read_csv(REFERENCE / "glmnb.csv").set_index(["model", "series", "term"])
COUNTS = pd.read_csv(REFERENCE / "simulated_counts.csv")
NAN = float("nan")
Z = 1.959963984540054


def simulated(series):
    return DailySeries.from_counts(COUNTS.loc[COUNTS["series"] == series, "y"].to_numpy(dtype=float), "2023-01-02")


@pytest.mark.parametrize("series", ["flat365", "ramp180", "step730", "ingarch1000"])
def test_regressions_equal_r(series):
    found = cross_check(simulated(series))
    for answer, model in ((found.regression, "glm.nb"), (found.poisson, "poisson_NW14")):
        slope, error = GLMNB.loc[(model, series, "tt"), ["estimate", "se"]]
        assert answer.value == pytest.approx(slope / 30, abs=1e-8)
        assert (answer.high - answer.low) / 2 == pytest.approx(Z * error / 30, rel=5e-6)
    if isinstance(found.statsmodels, Estimate):
        assert found.statsmodels.value == pytest.approx(found.regression.value, abs=2e-5)


def test_f_test_equals_strucchange_and_the_partition_is_the_engine_s():
    series = simulated("step730")
    found = cross_check(series)
    assert found.break_date.statistic == pytest.approx(50.22515726, rel=1e-9)
    cuts = profiled_partition(series.counts).cuts
    assert found.partition["date"].tolist() == [series.frame.index[cut] for cut in cuts]
    assert len(cuts) == 2
    before, after = series.counts[: cuts[0]].mean(), series.counts[cuts[0] : cuts[1]].mean()
    assert found.partition["ratio"].iloc[0] == pytest.approx(after / before)


def test_all_see_a_plain_rise():
    rng = np.random.default_rng(5)
    found = cross_check(DailySeries.from_counts(rng.poisson(np.exp(np.linspace(0.5, 3.0, 120))), "2019-01-01"))
    for answer in (found.regression, found.poisson):
        assert answer.low > 0
    assert found.ranks.tau > 0.5
    assert found.ranks.p_value < 1e-6
    assert found.break_date.p_value < 1e-6
    assert found.pearson.value == pytest.approx(1.0, abs=0.3)
    assert found.pit["density"].mean() == pytest.approx(1.0)


def test_dependent_days_are_said():
    rng = np.random.default_rng(6)
    level = np.repeat(np.exp(rng.normal(1.5, 0.8, 20)), 9)
    found = cross_check(DailySeries.from_counts(rng.poisson(level), "2019-01-01"))
    assert any("too narrow" in text and "neighbouring" in text for text in found.warnings)
    assert found.ranks.p_value_dependent > found.ranks.p_value


def test_where_statsmodels_fails_it_is_told_and_the_rest_stands():
    counts = [2, 3, 1, 4, 3, 5, 4, 6, 5, 9, 7, 8, 12, 9, 14, 11, 15, 19, 16, 21]
    found = cross_check(DailySeries.from_counts(counts, "2019-04-20"))
    assert found.statsmodels == NotEstimable("statsmodels' NegativeBinomial did not converge")
    assert isinstance(found.regression, Estimate)
    assert "did not converge" in found.summary()


def hostile():
    rng = np.random.default_rng(7)
    return {
        "zeros": np.zeros(60),
        "one day": [3.0],
        "few": [1.0, 2.0] * 5,
        "huge day": np.r_[np.ones(30), 1e6, np.ones(30)],
        "constant": np.full(60, 4.0),
        "years": rng.negative_binomial(1, 0.2, 7300).astype(float),
        "missing": np.full(60, NAN),
        "gaps": np.where(rng.random(90) < 0.6, NAN, rng.poisson(3.0, 90)),
        "sparse": (rng.random(200) < 0.05).astype(float),
        "huge": rng.negative_binomial(1, 1e-6, 40).astype(float),
        "begins": np.r_[np.zeros(30), rng.poisson(9.0, 10)],
    }


@pytest.mark.parametrize("name", hostile())
def test_hostile_series_end_in_answers_or_reasons(name):
    found = cross_check(DailySeries.from_counts(np.asarray(hostile()[name], dtype=float), "2019-01-01"))
    frame = found.to_frame()
    with_number = frame[frame["reason"] == ""]
    assert np.isfinite(with_number["value"]).all()
    assert frame.loc[frame["reason"] != "", ["value", "low", "high", "p_value"]].isna().all().all()
    assert frame["check"].nunique() >= 8
    assert "nan" not in found.summary()
    assert "inf" not in found.summary().replace("information", "")
    if name in ("zeros", "one day", "few", "missing"):
        assert not len(with_number)
    if name == "huge day":
        assert isinstance(found.partition, NotEstimable)
        assert found.regression == NotEstimable("one day holds half of all recorded deaths or more")
        assert found.ranks.tau == pytest.approx(0.0, abs=0.01)


def test_table_and_figure_show_every_check():
    found = cross_check(simulated("step730"))
    table = crosschecks_table(found)
    assert list(table.columns) == ["Finds", "Value", "p-value", "Date"]
    none = crosschecks_table(cross_check(DailySeries.from_counts([0] * 30, "2019-04-01")))
    assert none["Why not"].str.contains("no deaths").any()
    assert len(table) == len(found.to_frame())
    ax = found.plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "negative-binomial regression",
        "the same by statsmodels",
        "Poisson, Newey-West errors",
    ]
    points = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert points[0].get_xdata() == pytest.approx([found.regression.value])
    casualties.figures.style.plt.close("all")


@pytest.mark.parametrize("level", [0.0, 1.0, math.nan])
def test_level_lies_between_0_and_1(level):
    with pytest.raises(InputError, match="between 0 and 1"):
        cross_check(simulated("short90"), level=level)
