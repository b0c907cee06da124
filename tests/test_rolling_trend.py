"""Growth through time: each window is the trend of its days, known on its last evening, whatever the threads."""

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.models.rolling_trend import rolling_trend
from casualties.models.trend import fit_trend
from casualties.series import DailySeries

NAN = float("nan")
START = "2019-04-01"


def simulated(seed, days=100):
    rng = np.random.default_rng(seed)
    level = np.r_[np.full(days // 2, 5.0), 5.0 * np.exp(0.05 * np.arange(days - days // 2))]
    return DailySeries.from_counts(rng.poisson(level).astype(float), START)


def test_each_window_is_the_trend_of_its_days():
    series = simulated(1)
    result = rolling_trend(series, window=42, step=20)
    assert len(result.curve) == 3
    for end, row in result.curve.iterrows():
        alone = fit_trend(series.between(end - pd.Timedelta(days=41), end))
        assert (row["growth"], row["low"], row["high"]) == (alone.growth.value, alone.growth.low, alone.growth.high)
        assert (row["p_rising"], row["dependent"]) == (alone.p_rising.value, alone.dependent.value)
    assert result.curve.index[-1] == series.end


def test_no_window_knows_the_days_after_it():
    series = simulated(2)
    whole = rolling_trend(series, window=28, step=9)
    for end in whole.curve.index[:2]:
        then = rolling_trend(series.between(series.start, end), window=28, step=9)
        pd.testing.assert_series_equal(then.curve.iloc[-1], whole.curve.loc[end], check_names=False)


def test_threads_change_nothing():
    series = simulated(3)
    one, two = (rolling_trend(series, window=28, threads=threads).curve for threads in (1, 3))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_the_rise_is_seen_and_told():
    result = rolling_trend(simulated(4), window=28)
    curve = result.curve
    assert curve["p_rising"].iloc[-1] > 0.99
    assert curve["p_rising"].iloc[:10].between(0.01, 0.99).mean() > 0.7
    text = result.summary()
    assert "Last window:     to 2019-07-09" in text
    assert "Rising:" in text
    assert "to 2019-07-09" in text.split("Rising:")[1].split("\n")[0]
    assert result.to_frame().columns.tolist()[:2] == ["date", "growth"]
    assert len(result.plot().figure.axes) == 2
    table = result.table()
    assert list(table.index) == ["2019-05-14", "2019-06-11", "2019-07-09"]
    assert table["P(rising)"].iloc[-1] == ">0.99"


def test_windows_without_an_answer_have_a_reason():
    counts = np.r_[np.zeros(30), [3.0, 4, 2] * 20, [900.0], [3.0] * 10, [NAN] * 30]
    result = rolling_trend(DailySeries.from_counts(counts, START), window=28)
    reasons = result.curve["reason"]
    for words in ("no deaths", "one day holds", "fewer than 14"):
        assert reasons.str.contains(words).any()
    missing = reasons != ""
    assert result.curve.loc[missing, "growth"].isna().all()
    assert np.isfinite(result.curve.loc[~missing, ["growth", "low", "high", "p_rising"]].to_numpy()).all()
    assert any(f"{missing.sum()} of {len(missing)} windows have no answer" in text for text in result.warnings)
    assert result.plot() is not None


@pytest.mark.parametrize("counts", [[0.0] * 80, [5.0], [NAN] * 80, [5.0] * 55])
def test_nothing_to_tell(counts):
    result = rolling_trend(DailySeries.from_counts(counts, START))
    assert result.summary()
    assert result.warnings
    assert "not estimable" in result.summary()
    assert result.plot() is not None


@pytest.mark.parametrize(
    ("given", "message"), [({"window": 13}, "14 days"), ({"step": 0}, "1 days"), ({"level": 2}, "")]
)
def test_what_is_no_window(given, message):
    with pytest.raises(InputError, match=message or "between 0 and 1"):
        rolling_trend(simulated(5), **given)
