"""Totals: every sum by period, category or class is the series' sum and the source's. All numbers are exact but where
deaths are spread as fractions, whose sums may differ by 1e-6 with the order of adding."""

from dataclasses import replace

import pandas as pd
import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.series import DailySeries, daily_series
from casualties.totals import FREQUENCIES, breakdown, event_totals, period_totals

NAN = float("nan")


@pytest.fixture(scope="module")
def window(study):
    """Give the window and place of the north-west series."""
    return {"start": "2018-09-17", "end": "2019-11-30", "where": study.at("north_west").where, "spread": "even"}


@pytest.mark.parametrize(("name", "deaths"), [("north_west", 6747), ("north_west_civilians", 1751)])
@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_periods_add_up_to_the_series(study, name, deaths, frequency):
    series = study.series(name)
    frame = period_totals(series, frequency).frame
    assert int(frame["best"].sum()) == int(series.frame["best"].sum()) == deaths
    assert int(frame["imprecise"].sum()) == int(series.frame["imprecise"].sum())
    assert int(frame["days"].sum()) == int(frame["days_observed"].sum()) == 440
    # Periods follow one another without a gap, from the first day to the last.
    assert frame.index[0] == series.start
    assert frame["last_day"].iloc[-1] == series.end
    assert list(frame.index[1:]) == [day + pd.Timedelta(days=1) for day in frame["last_day"][:-1]]


def test_months_and_weeks_are_cut_by_the_window():
    series = DailySeries.from_counts([1] * 35, "2019-04-29")  # a Monday
    months = period_totals(series, "month").frame
    assert [f"{day:%m-%d}" for day in months.index] == ["04-29", "05-01", "06-01"]
    assert months["days"].to_list() == [2, 31, 2]
    assert period_totals(series, "week").frame["days"].to_list() == [7] * 5
    midweek = period_totals(DailySeries.from_counts([1] * 10, "2019-05-01"), "week").frame  # a Wednesday
    assert midweek["days"].to_list() == [5, 5]
    assert midweek["best"].to_list() == [5, 5]
    assert period_totals(series, "day").frame["best"].to_list() == [1] * 35


def test_a_month_of_the_source(events, window):
    """July 2019, counted straight from the event table: the events of one day."""
    accepted = events.accepted
    here = accepted[accepted["adm1"].isin(window["where"]["adm1"])]
    inside = here[(here["date_start"] >= "2019-07-01") & (here["date_end"] <= "2019-07-31")]
    series = daily_series(events, **{**window, "spread": "exclude"}, missing_days="zero")
    july = period_totals(series, "month").frame.loc["2019-07-01"]
    one_day = inside[inside["date_start"] == inside["date_end"]]
    assert [july[name] for name in ("low", "best", "high")] == one_day[["low", "best", "high"]].sum().to_list()


def test_a_period_without_an_observation_is_not_zero():
    series = DailySeries.from_counts([1, 2, *[NAN] * 7, 3], "2019-05-04")
    frame = period_totals(series, "week").frame
    assert frame["days_observed"].to_list() == [2, 0, 1]
    assert frame["best"].isna().to_list() == [False, True, False]
    assert frame["imprecise"].isna().iloc[1]
    # No range was ever given: it is unknown and not the sum of nothing.
    assert frame[["low", "high"]].isna().all(axis=None)
    assert period_totals(series).summary().endswith("1 periods, 6 deaths")


def test_a_feed_s_silent_days_stay_apart(study):
    series = daily_series(
        study.sources["sohr"], start="2018-01-01", end="2019-11-30", spread="even", missing_days="missing"
    )
    frame = period_totals(series, "week").frame
    silent = frame["days_observed"] == 0
    assert silent.any()
    assert frame["best"].isna().equals(silent)
    assert frame["days_observed"].sum() == series.frame["observed"].sum()


def test_expected_fractions_add_up(study):
    series = study.series("north_west", spread="expected")
    for frequency in FREQUENCIES:
        total = float(period_totals(series, frequency).frame["best"].sum())
        assert total == pytest.approx(float(series.frame["best"].sum()), abs=1e-6)


def test_an_unknown_frequency_is_named():
    series = DailySeries.from_counts([1], "2019-05-01")
    with pytest.raises(UnknownNameError, match="frequency='months' is not known; did you mean 'month'"):
        period_totals(series, "months")


@pytest.mark.parametrize(
    ("by", "categories"),
    [
        ("victims", ["civilians", "dead of the armed sides", "unknown"]),
        ("kind", ["state-based", "non-state", "one-sided"]),
        ("adm1", ["Aleppo Governorate", "Hamah Governorate", "Idlib Governorate", "Latakia Governorate"]),
    ],
)
@pytest.mark.parametrize("frequency", ["week", "month"])
def test_categories_add_up_to_all(events, window, by, categories, frequency):
    result = breakdown(events, by, frequency=frequency, **window)
    frame = result.frame
    assert list(frame.columns) == [*categories, "all"]
    assert (frame[categories].sum(axis=1) == frame["all"]).all()
    assert int(frame["all"].sum()) == 6747
    assert result.basis.settings["by"] == by
    assert f"all: {6747:,}" in result.summary()
    assert result.to_frame()["period"].to_list() == list(frame.index)


def test_a_breakdown_is_made_of_the_series_of_its_categories(events, study, window):
    frame = breakdown(events, "victims", **window).frame
    civilians = period_totals(study.series("north_west_civilians")).frame
    assert frame["civilians"].to_list() == civilians["best"].to_list()
    assert int(frame["civilians"].sum()) == 1751
    places = breakdown(events, "adm1", **window).frame
    idlib = daily_series(events, **{**window, "where": {"adm1": "Idlib Governorate"}}, missing_days="zero")
    assert int(places["Idlib Governorate"].sum()) == int(idlib.frame["best"].sum())


def test_one_class_of_victims_by_place(events, window):
    frame = breakdown(events, "adm1", victims="civilians", **window).frame
    assert int(frame["all"].sum()) == 1751
    own = breakdown(events, "adm1", victims=("Government of Syria",), **window).frame
    series = daily_series(events, **window, victims=("Government of Syria",), missing_days="zero")
    assert int(own["all"].sum()) == int(series.frame["best"].sum()) > 0
    with pytest.raises(InputError, match="one class of victims cannot be broken down by victims"):
        breakdown(events, "victims", victims="civilians", **window)


def test_the_low_end_and_flagged_rows_by_place(events, window):
    low = breakdown(events, "adm1", estimate="low", **window).frame
    assert int(low["all"].sum()) == 6583
    kept = breakdown(events, "adm1", without=["several-days"], **window).frame
    single = breakdown(events, "adm1", **{**window, "spread": "exclude"}).frame
    pd.testing.assert_frame_equal(kept, single)


def test_events_without_a_value_stand_under_their_own_name(events):
    options = {"start": "2019-01-01", "end": "2019-11-30", "spread": "even"}
    assert "(not recorded)" in breakdown(events, "adm1", **options).frame
    blank = events.accepted.assign(where_prec=pd.array([pd.NA] * len(events.accepted), dtype="Int64"))
    frame = breakdown(replace(events, accepted=blank), "where_prec", **options).frame
    assert list(frame.columns) == ["(not recorded)", "all"]
    assert frame["(not recorded)"].equals(frame["all"])


def test_expected_fractions_by_category(events, window):
    frame = breakdown(events, "adm1", **{**window, "spread": "expected"}).frame
    assert (frame.drop(columns="all").sum(axis=1) - frame["all"]).abs().max() < 1e-6
    assert (frame["all"] % 1 != 0).any()


def test_months_beyond_the_coverage_are_not_zero(events):
    frame = breakdown(events, "kind", start="2019-11-01", end="2020-01-31", spread="even").frame
    assert frame["all"].isna().to_list() == [False, True, True]
    assert frame["state-based"].isna().to_list() == [False, True, True]


def test_a_place_where_nobody_died(events):
    where = {"adm1": "Quneitra Governorate"}
    frame = breakdown(events, "kind", start="2019-11-30", end="2019-11-30", where=where, spread="even").frame
    assert frame.to_dict("list") == {"all": [0]}


@pytest.mark.parametrize("by", ["adm", "best", "civilians"])
def test_a_column_that_is_none_or_counts_deaths(events, window, by):
    with pytest.raises(UnknownNameError, match=f"by='{by}' is not known.* choices are: 'victims', 'id'"):
        breakdown(events, by, **window)
    with pytest.raises(UnknownNameError, match=f"by='{by}' is not known.* choices are: 'year', 'id'"):
        event_totals(events, by)


def test_too_many_categories_are_refused_at_once(events, window):
    with pytest.raises(InputError, match=r"the column has \d+ values in this place and window, and a table holds 100"):
        breakdown(events, "id", **window)


@pytest.mark.parametrize("by", ["year", "kind", "adm1", "adm2", "where_prec", "first_document", "lat"])
def test_event_totals_hold_every_event(events, by):
    result = event_totals(events, by)
    sums = result.frame.sum()
    assert [int(sums[name]) for name in ("events", "best", "civilians")] == [16566, 112337, 26653]
    assert sums["share"] == pytest.approx(1)
    assert len(result.to_frame()) == len(result.frame)
    assert result.to_frame().columns[0] == by


def test_event_totals_of_the_source(events):
    places = event_totals(events, "adm1").frame
    assert places.loc["(not recorded)", ["events", "best"]].to_list() == [339, 24751]
    assert places["best"].is_monotonic_decreasing
    assert event_totals(events, "year").frame.index.to_list() == ["2016", "2017", "2018", "2019"]
    assert set(event_totals(events, "kind").frame.index) == {"state-based", "non-state", "one-sided"}
    summary = event_totals(events, "adm1").summary()
    assert "(not recorded): 339 events, best 24,751" in summary
