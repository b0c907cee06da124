"""Alarms: what raises one, what does not, how often it is false, and what would have been said of north-west Syria.

What must agree does so exactly; pooled tails to 1e-9. The sum for a lasting rise depends on where it starts, which a
month of days makes all but forgotten: 0.02 of its threshold.
"""

import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.estimates import Estimate, NotEstimable
from casualties.figures.alarms import plot_alarms
from casualties.inference.cusum import running_sum
from casualties.models.alarms import AlarmResult, fit_alarms
from casualties.series import DailySeries
from casualties.tables.alarms import alarm_days_table, lasting_rises_table

mpl.use("Agg")
NAN = float("nan")
START = "2019-04-01"
PEERS = ["ears_c1", "ears_c2", "ears_c3", "trendfinder", "hdx_signals"]


def series_of(values, start=START):
    return DailySeries.from_counts(values, start)


@pytest.fixture(scope="module")
def calm() -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.poisson(rng.gamma(3.0, 2.0, 200)).astype(float)


@pytest.fixture(scope="module")
def civilians(study) -> AlarmResult:
    return fit_alarms(study.series("north_west_civilians"))


def test_columns_and_their_meaning(calm):
    result = fit_alarms(series_of(calm), days=40)
    frame = result.to_frame()
    assert list(frame.columns[:9]) == [
        *("count", "expected", "low", "high", "bound", "tail", "alarm", "cusum", "sustained"),
    ]
    assert list(frame.columns[9:]) == PEERS
    assert frame.index.name == "date"
    assert frame.index[-1] == pd.Timestamp(START) + pd.Timedelta(days=199)
    assert frame["count"].tolist() == calm[160:].tolist()
    assert (frame["alarm"] == (frame["tail"] < 0.001)).all()
    assert ((frame["count"] >= frame["bound"]) == frame["alarm"]).all()
    assert ((frame["low"] <= frame["expected"]) & (frame["expected"] <= frame["high"])).all()
    assert (frame["high"] < frame["bound"]).all()
    assert result.tail.value == frame["tail"].iloc[-1]
    wider = fit_alarms(series_of(calm), days=5, level=0.5).days
    assert (wider["high"] <= frame["high"].tail(5)).all()


def test_a_mass_casualty_day_is_an_alarm_and_no_lasting_rise(calm):
    counts = calm.copy()
    counts[180] = 120.0
    result = fit_alarms(series_of(counts), days=30)
    assert result.days.index[result.days["alarm"]].tolist() == [pd.Timestamp(START) + pd.Timedelta(days=180)]
    assert not result.days["sustained"].any()
    assert "as probable mass-casualty days: 2019-09-28" in result.warnings[-1]
    # It does not hide the next one.
    counts[190] = 120.0
    assert fit_alarms(series_of(counts), days=30).days["alarm"].sum() == 2


def test_a_new_level_lasts_and_is_dated(calm):
    counts = calm.copy()
    rng = np.random.default_rng(8)
    counts[170:] = rng.poisson(rng.gamma(3.0, 6.0, 30))
    result = fit_alarms(series_of(counts), days=60)
    period = result.sustained_periods().iloc[-1]
    begun = (period["begun"] - pd.Timestamp(START)).days
    first = (period["first"] - pd.Timestamp(START)).days
    assert abs(begun - 170) <= 3
    assert begun <= first <= 180
    assert "A rise lasts" in result.last
    assert f"Lasting rise: from {period['first']:%Y-%m-%d} (begun about {period['begun']:%Y-%m-%d})" in result.summary()


@pytest.mark.parametrize(("level", "rise", "seed"), [(150, 2, 0), (500, 2, 1), (1000, 2, 2), (30, 3, 3)])
def test_large_regular_counts_are_judged_and_one_day_is_no_lasting_rise(level, rise, seed):
    rng = np.random.default_rng(seed)
    y = rng.poisson(np.r_[np.full(150, level), np.full(60, rise * level)])
    result = fit_alarms(DailySeries.from_counts(y, "2019-01-01"), rise=rise)
    assert result.days["cusum"].notna().sum() >= 160
    (period,) = result.sustained_periods().to_dict("records")
    assert period["first"] == pd.Timestamp("2019-06-01")  # its second day
    assert period["begun"] == pd.Timestamp("2019-05-31")
    y[150:] = rng.poisson(level, 60)
    y[170] = 9 * level
    assert fit_alarms(DailySeries.from_counts(y, "2019-01-01"), rise=rise).sustained_periods().empty


def test_days_are_judged_alike_however_many_are(calm):
    many, few = fit_alarms(series_of(calm), days=60).days, fit_alarms(series_of(calm), days=4).days
    pd.testing.assert_frame_equal(many.tail(4).drop(columns=["cusum"]), few.drop(columns=["cusum"]))
    np.testing.assert_allclose(many["cusum"].tail(4), few["cusum"], atol=0.02)


def test_later_days_change_nothing(calm):
    now, later = fit_alarms(series_of(calm[:190]), days=10).days, fit_alarms(series_of(calm), days=20).days
    pd.testing.assert_frame_equal(now, later.iloc[:10])


def test_missing_days_and_partial_coverage(calm):
    counts = calm.copy()
    counts[150:156], counts[196] = NAN, NAN
    result = fit_alarms(series_of(counts), days=10)
    assert math.isnan(result.days["tail"].iloc[6])
    assert pd.isna(result.days["alarm"].iloc[6])
    assert isinstance(result.tail, Estimate)
    assert "1 day of 10 could not be judged: the day was not observed." in result.warnings
    half = series_of(calm)
    half.frame.loc[half.frame.index[-1], "exposure"] = 0.5
    whole = fit_alarms(series_of(calm), days=1).days
    assert fit_alarms(half, days=1).days["expected"].iloc[0] == pytest.approx(0.5 * whole["expected"].iloc[0])
    counts[-1] = NAN
    gone = fit_alarms(series_of(counts), days=10)
    assert gone.tail == NotEstimable("the day was not observed")
    assert gone.last == "2019-10-17: not estimable: the day was not observed."


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([0.0] * 200, "no deaths are recorded on the 90 days before"),
        ([4.0], "fewer than 28 of the 90 days before were observed"),
        ([NAN] * 120, "the day was not observed"),
        ([0.0] * 60 + [500.0] + [0.0] * 60, "all deaths of the 90 days before are those of single days"),
    ],
)
def test_what_cannot_be_judged(counts, reason):
    result = fit_alarms(series_of(counts))
    assert result.tail == NotEstimable(reason)
    assert reason in result.last
    assert result.days["tail"].iloc[-1:].isna().all()
    assert "could not be judged" in result.summary() or len(counts) == 1


@pytest.mark.parametrize(
    "counts",
    [[3.0] * 150, [0.0] * 149 + [1.0], [0.0, 0.0, 0.0, 0.0, 1.0] * 30, [50_000.0, 3.0] * 60, [1.0, NAN, NAN] * 50],
)
def test_hostile_series_end_in_a_result(counts):
    result = fit_alarms(series_of(counts), days=8)
    assert np.isfinite(result.days["tail"].dropna()).all()
    assert result.summary().startswith("Alarms for recorded deaths")


def test_twenty_years_judge_the_last_year():
    counts = np.random.default_rng(9).poisson(2.0, 7300).astype(float)
    result = fit_alarms(series_of(counts), days=20)
    assert len(result.days) == 20
    assert result.days["hdx_signals"].notna().all()


def test_draws_are_pooled_as_a_mixture(study):
    series = study.series("north_west_civilians")
    part = series.between("2019-02-01", "2019-07-22")
    recorded, pooled = fit_alarms(part, days=3), fit_alarms(part, days=3, draws=5, seed=7)
    assert pooled.imprecision.draws == 5
    assert pooled.basis.settings["draws"] == 5
    assert pooled.days["alarm"].tolist() == recorded.days["alarm"].tolist() == [False, False, True]
    assert pooled.days["expected"].iloc[-1] == pytest.approx(recorded.days["expected"].iloc[-1], rel=0.2)
    drawn = part.draws(5, 7)
    tails = [fit_alarms(series_of(each, "2019-02-01"), days=1).tail.value for each in drawn.counts]
    assert pooled.tail.value == pytest.approx(np.mean(tails), rel=1e-9)
    # Nothing to draw: the mixture is the answer itself.
    plain = series_of(np.nan_to_num(part.counts), "2019-02-01")
    same = fit_alarms(plain, days=2, draws=3, seed=1).days
    pd.testing.assert_frame_equal(same, fit_alarms(plain, days=2).days)


def test_bad_options():
    series = series_of([1.0] * 40)
    for options, message in (
        ({"rate": 0.0}, "'rate', value '0.0': must lie between 0 and 1"),
        ({"level": 1.0}, "'level', value '1.0': must lie between 0 and 1"),
        ({"window": 20}, "must be a whole number of at least 28 days"),
        ({"window": 28.5}, "must be a whole number of at least 28 days"),
        ({"days": 0}, "must be a whole number of at least 1"),
        ({"rise": 1.0}, "must be above 1"),
        ({"run_length": 0.0}, "must be above 0"),
        ({"draws": 3}, "draws need a seed"),
    ):
        with pytest.raises(InputError, match=message):
            fit_alarms(series, **options)


def test_north_west_syria_around_the_start_of_the_offensive(civilians, study):
    days = civilians.days
    # No single day of the first weeks is out of the ordinary; their sum is.
    spring = days.loc["2019-04-20":"2019-05-10"]
    assert not spring["alarm"].any()
    assert spring["tail"].min() > 0.01
    periods = civilians.sustained_periods()
    (rise,) = periods[(periods["first"] >= "2019-04-20") & (periods["first"] <= "2019-05-10")].to_dict("records")
    assert pd.Timestamp("2019-04-26") <= rise["first"] <= pd.Timestamp("2019-05-03")
    assert pd.Timestamp("2019-04-18") <= rise["begun"] <= pd.Timestamp("2019-04-26")
    assert rise["last"] > pd.Timestamp("2019-07-01")
    # What lasts on the first day judged has no known beginning.
    assert periods["begun"].isna().tolist() == (periods["first"] == days.index[0]).tolist()
    later = fit_alarms(study.series("north_west_civilians").between("2018-09-17", "2019-05-20"), days=10)
    assert later.sustained_periods()["begun"].isna().all()
    assert f"from {later.days.index[0]:%Y-%m-%d} (begun before)" in later.summary()
    assert lasting_rises_table({"civilians": later}).loc["civilians", "Begun about"] == "before"


def test_north_west_syria_in_high_summer(civilians):
    days = civilians.days
    assert days.index[days["alarm"]].tolist() == [pd.Timestamp("2019-07-22")]
    assert days.loc["2019-07-22", "count"] == 69
    # The end of August is as the weeks before it; the ceasefire is a fall, which raises no alarm.
    august = days.loc["2019-08-25":"2019-09-10"]
    assert not august["alarm"].any()
    assert not august["sustained"].any()
    expected = days["expected"]
    assert expected["2019-08-30"] > 7 > 3 > expected["2019-09-10"]
    assert days[PEERS[:4]].sum().min() > 20


def test_the_sum_of_the_result_is_a_running_sum(civilians):
    assert civilians.days["cusum"].between(0.0, 2.0).all()
    assert running_sum([3.0, -1.0], [2.0, 2.0]).tolist() == [2.0, 1.0]


def test_the_chart_shows_what_the_frame_holds(civilians):
    ax = plot_alarms(civilians)
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_allclose(lines["expected"].get_ydata(), civilians.days["expected"])
    np.testing.assert_allclose(lines["alarm at 1 in 1,000"].get_ydata(), civilians.days["bound"])
    assert lines["alarm"].get_ydata().tolist() == [69.0]
    assert [text.get_text() for text in ax.texts] == ["22 Jul"]
    peers, below = ax.figure.axes[1:]
    assert [label.get_text() for label in peers.get_yticklabels()][:2] == ["EARS C1", "EARS C2"]
    assert len(peers.lines[0].get_xdata()) == int(civilians.days["ears_c1"].sum())
    np.testing.assert_allclose(below.lines[0].get_ydata(), civilians.days["cusum"])
    assert len(below.patches) == len(civilians.sustained_periods())
    ax.figure.canvas.draw()
    plt.close("all")


def test_an_empty_chart_can_be_drawn():
    plot_alarms(fit_alarms(series_of([NAN] * 40))).figure.canvas.draw()
    _, ax = plt.subplots()
    own = ax.figure.add_axes((0.1, 0.5, 0.8, 0.4))
    assert plot_alarms(fit_alarms(series_of([0.0] * 40)), own) is own
    plt.close("all")


def test_tables_say_what_the_frame_holds(civilians):
    table = civilians.table()
    assert table.loc["This package, one day", "Alarms"] == "1"
    assert table.loc["EARS C1", "Alarms"] == f"{int(civilians.days['ears_c1'].sum())}"
    days = alarm_days_table({"civilians": civilians})
    assert days.loc["civilians", "Day"] == "2019-07-22"
    assert days.loc["civilians", "Recorded"] == "69"
    rises = lasting_rises_table({"civilians": civilians})
    assert len(rises) == len(civilians.sustained_periods())
    assert "<pre>Alarms for" in civilians._repr_html_()
