"""Tables of a report: each cell is the result's own number in words, and every row of the result stands there once."""

import re

import pandas as pd
import pytest

import casualties as ca
from casualties import tables
from casualties.comparison.agreement import compare_pair
from casualties.comparison.coverage import source_coverage
from casualties.comparison.published import compare_tolls
from casualties.comparison.toll_scope import OBSTACLES
from casualties.models.changepoints import compare_priors, fit_changepoints
from casualties.models.trend import fit_trend
from casualties.results import Result
from casualties.series import DailySeries
from casualties.tables.printing import percent, probability_text
from casualties.tables.records import FLAGS
from casualties.totals import breakdown, event_totals, period_totals

NAN = float("nan")
STEP = [2, 1, 3, 2, 0, 2, 1, 4, 2, 1] * 3 + [11, 14, 9, 12, 10, 13, 8, 15, 12, 11] * 3
START = "2019-04-01"


@pytest.fixture(scope="module")
def tolls(study, events):
    return compare_tolls(events, study.sources["tolls"], study.area_places())


@pytest.fixture(scope="module")
def step():
    return DailySeries.from_counts(STEP, START, name="A")


def whole(column):
    """Read a printed column of whole numbers back."""
    return [int(cell.replace(",", "")) for cell in column]


def test_every_result_has_a_table_and_html(events, study, tolls, step):
    window = {"start": "2019-04-30", "end": "2019-08-31"}
    results: list[Result] = [
        event_totals(events, "kind"),
        period_totals(study.series("north_west")),
        breakdown(events, "victims", spread="even", **window),
        fit_changepoints(step),
        compare_priors(step, (1, 2)),
        fit_trend(step),
        compare_pair(step, step),
        source_coverage(events, by="month", **window),
        tolls,
    ]
    for result in results:
        table = result.table()
        assert len(table) > 0
        page = result._repr_html_()
        # The first column heads the rows: no running number is printed.
        assert not isinstance(table.index, pd.RangeIndex)
        assert table.index.name or table.columns.name
        assert "<pre>" in page
        assert "nan" not in re.sub(r"[A-Za-z]*nan[a-z]+|[a-z]+nan[a-z]*", "", table.to_csv())


def test_sources(study):
    table = tables.records_table(study.records)
    assert list(table.index) == [record.name for record in study.records.values()]
    assert table.loc["UCDP GED", "Covers"] == "2016-01-01 to 2019-11-30"
    assert set(table["Licence"]) == {"CC BY 4.0"}


def test_flags_are_told_in_words(events, study):
    for source in (events, study.sources["sohr"]):
        table = tables.flags_table(source)
        flags = (source.accepted if source is events else source.frame)["flags"].str.split(";").explode()
        assert sum(whole(table["Rows"])) == (flags != "").sum()
        assert set(table.index) <= set(FLAGS.values())
    assert tables.flags_table(events).loc["low estimate above the best one", "Rows"] == "30"
    assert tables.flags_table(events).loc["no governorate given", "Rows"] == "339"


def test_the_ledger_by_reason(study, events):
    feed = study.sources["sohr"]
    table = tables.ledger_table(feed)
    assert sum(whole(table["Rows"])) == len(feed.rejected) == 30
    assert sum(whole(table["Deaths in them"])) == feed.rejected["best"].sum()
    assert not [reason for reason in table.index if re.search(r"row \d", reason)]
    assert tables.ledger_table(events).empty


def test_accounts_hold_every_death(study):
    table = tables.accounts_table(study.series("north_west"))
    best = whole(table["Best"])
    assert best[-1] == sum(best[:-1]) == 112337
    assert table.loc["no place recorded", "Best"] == "24,751"
    # Of one class of victims only the best figure can be followed.
    assert list(tables.accounts_table(study.series("north_west_civilians")).columns) == ["Recorded deaths"]


def test_event_totals_with_their_sum(events):
    table = tables.event_totals_table(
        event_totals(events, "adm1"), heading="Place", names={"Idlib Governorate": "Idlib"}
    )
    assert table.index.name == "Place"
    assert table.loc["(not recorded)", ["Events", "Best"]].to_list() == ["339", "24,751"]
    assert "Idlib" in table.index
    assert table.loc["all", ["Events", "Best", "Share of best"]].to_list() == ["16,566", "112,337", "100%"]
    assert sum(whole(table["Best"][:-1])) == 112337


def test_periods_and_breakdowns(events, study):
    series = study.series("north_west")
    table = period_totals(series).table()
    assert sum(whole(table["Best"])) == 6747
    assert table.index[0] == "2018-09-17"
    window = {"start": series.start, "end": series.end, "where": series.where, "spread": "even"}
    wide = tables.breakdown_table(breakdown(events, "adm1", **window), names={"Idlib Governorate": "Idlib"})
    assert sum(whole(wide["all"])) == 6747
    assert "Idlib" in wide.columns
    assert whole(wide["all"]) == whole(table["Best"])


def test_a_period_without_an_observation_is_a_dash():
    table = period_totals(DailySeries.from_counts([1, 2, *[NAN] * 7, 3], "2019-05-04"), "week").table()
    # Without a low or a high the one figure is no best among others, and no column stands empty.
    assert list(table.columns) == ["Days", "Recorded deaths"]
    assert table["Recorded deaths"].to_list() == ["3", "–", "3"]


def test_a_part_stands_beside_its_period(step):
    months = period_totals(step, "month")
    half = period_totals(DailySeries.from_counts([count // 2 for count in STEP], START), "month")
    table = tables.periods_table(months, parts={"Half": half})
    assert whole(table["Half"]) == half.frame["best"].to_list()


def test_what_a_source_does_not_state_is_said_to_be_so():
    table = tables.records_table({"list": ca.SourceRecord("A list")})
    assert table.loc["A list"].to_list() == ["not stated", "not stated", "–", "not stated"]


def test_flags_that_are_left_out(events):
    table = tables.flags_table(events)
    shorter = tables.flags_table(events, without=("no-adm1",))
    assert set(table.index) - set(shorter.index) == {FLAGS["no-adm1"]}


def test_changes(step):
    result = fit_changepoints(step)
    table = result.table()
    row = result.changes.iloc[0]
    assert list(table.index) == ["2019-05-01"]
    assert row["date_low"] == row["date_high"] == row["date"]
    assert table["Date set"].iloc[0] == "1 May 2019"
    assert float(table["Before"].iloc[0]) == round(row["rate_before"], 1)
    told = f"{row['ratio']:.1f} ({row['ratio_low']:.1f}–{row['ratio_high']:.1f})"
    assert table["Ratio (95% interval)"].iloc[0] == told
    ends = [f"{row[f'ratio{part}_dependent']:.1f}" for part in ("", "_low", "_high")]
    named = "the same if days depend" + (" (quoted)" if result.quoted == "dependent" else "")
    assert table[f"Ratio, {named}"].iloc[0].startswith(f"{ends[0]} ({ends[1]}–")
    none = fit_changepoints(DailySeries.from_counts([0] * 30, START)).table()
    assert none.empty
    assert list(none.columns)[:5] == list(table.columns)[:5]


def test_partitions_and_priors(step):
    result = fit_changepoints(step)
    cuts = tables.partition_table({"a": result})
    assert list(cuts["Partition"]) == ["size 1", "size fitted"]
    assert set(cuts["Cuts before"]) == {"2019-05-01"}
    flat = DailySeries.from_counts([3, 4, 3, 2, 4, 3, 3] * 6, START)
    assert set(tables.partition_table({"b": fit_changepoints(flat)})["Cuts before"]) == {"none"}
    priors = tables.priors_table({"a": compare_priors(step, (0.5, 4)), "b": compare_priors(flat, (0.5,))})
    assert list(priors.index) == ["a", "a", "b"]
    assert list(priors["Expected before"]) == ["0.5", "4", "0.5"]
    assert priors["Changes found: most probable day (ratio)"].iloc[0].startswith("2019-05-01 (×")
    assert priors["Changes found: most probable day (ratio)"].iloc[2] == "none"


def test_trends_rising_falling_and_none():
    rising = [day // 4 + day % 3 for day in range(40)]
    series = {"up": rising, "down": rising[::-1], "none": [1, 2, 3]}
    table = tables.trends_table(
        {name: fit_trend(DailySeries.from_counts(counts, START)) for name, counts in series.items()}
    )
    growth = table["Growth a day"].str.split(" ").str[0]
    assert float(growth["up"]) > 0
    assert growth["down"].startswith("−")  # a true minus sign
    column = next(name for name in table.columns if name.startswith("Doubles"))
    assert table.loc["up", column].startswith("+")
    assert table.loc["down", column].startswith("−")
    assert set(table.loc["none"]) == {"–"}
    assert table["P(rising)"].to_list() == [">0.99", "<0.01", "–"]


def test_weekdays():
    counts = [10 + 8 * (day % 7 == 4) + day % 3 for day in range(140)]
    result = fit_trend(DailySeries.from_counts(counts, "2019-04-01"))  # a Monday
    table = tables.weekdays_table({"a": result})
    assert len(table) == 7
    ratios = {day: float(cell.split(" ")[0]) for day, cell in table["a"].items()}
    assert max(ratios, key=ratios.get) == "Friday"
    assert sum(ratios.values()) / 7 == pytest.approx(1, abs=0.005)  # the ratios are printed with two decimals
    assert tables.weekdays_table({}).empty


def test_a_pair(step):
    other = DailySeries.from_counts([2 * count for count in STEP], START, name="B")
    table = compare_pair(other, step, max_lag=0).table()
    (cells,) = (table[name] for name in table.columns)
    assert cells["Days shared"] == "60"
    assert [cells["Deaths, B"], cells["Deaths, A"]] == [f"{2 * sum(STEP)}", f"{sum(STEP)}"]
    assert cells["Ratio, quasi-binomial"].startswith("2.00 (")
    assert cells["Lag in days"] == "0"
    few = compare_pair(step.between("2019-04-01", "2019-04-05"), other, max_lag=0).table().iloc[:, 0]
    assert few["Days shared"] == "5"
    assert few["Ratio, quasi-binomial"] == few["Pearson correlation"] == "–"


def test_coverage(events):
    result = source_coverage(events, by="month", start="2019-04-30", end="2019-08-31")
    table = tables.coverage_table(result, most=3)
    assert len(table) == 4
    assert table.index[0] == "any source"
    totals = result.counts.groupby("source")["events"].sum()
    assert dict(zip(table.index, whole(table["All"]), strict=True)) == totals[list(table.index)].to_dict()
    for _, row in table.iterrows():
        assert sum(whole(row[:-1])) == int(row["All"].replace(",", ""))


def test_every_published_total_stands_in_one_table(tolls):
    compared = tolls.table()
    left = tables.incomparable_table(tolls)
    counts = tolls.counts()
    assert len(compared) == counts.sum() - counts["not comparable"]
    assert len(left) == counts["not comparable"]
    assert compared["Verdict"].value_counts().to_dict() == counts.drop("not comparable").to_dict()
    assert left["Why it cannot be compared"].str.len().min() > 10
    recorded = tolls.totals[tolls.totals["verdict"] != "not comparable"]["recorded"]
    assert sorted(whole(compared["Recorded"])) == sorted(recorded)
    verdicts = tables.verdicts_table(tolls)
    assert verdicts["Figures"].sum() == 115
    assert sum(verdicts.index.str.startswith("not comparable: ")) >= 2
    assert verdicts.loc[f"not comparable: coverage ({OBSTACLES['coverage']})", "Figures"] == 16


def test_published_totals_are_named_in_full_and_in_printed_order(tolls):
    table = tolls.table().reset_index()
    assert "The New Arab (headline; counter not named)" in set(table["Claimant"])
    order = list(zip(table["Claimant"].str.casefold(), table["Who"], table["Period"].str[:10], strict=True))
    assert order == sorted(order)
    single = table["Period"].str.len() == len("2019-07-22")
    assert 0 < single.sum() < len(table)
    assert table.loc[~single, "Period"].str.fullmatch(r"\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d").all()
    assert set(table.loc[table["Claimant"].isin(["White Helmets", "OHCHR"]), "Citing"]) == {"–"}
    assert set(table.loc[table["Claimant"] == "SNHR", "Citing"]) == {"0%"}


def test_obstacles_are_grouped_and_not_repeated(tolls):
    left = tables.incomparable_table(tolls)
    assert left.index.is_monotonic_increasing
    assert set(left.index) == {"coverage", "perpetrators", "place", "same source"}
    assert not left["Why it cannot be compared"].str.contains("whose fire").any()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.004, "<0.01"), (0.01, "0.01"), (0.5, "0.50"), (0.99, "0.99"), (0.997, ">0.99"), (1.0, ">0.99")],
)
def test_no_probability_is_printed_as_certain(value, text):
    assert probability_text(value) == text


def test_changes_under_other_choices(step):
    results = {"changepoints": fit_changepoints(step)}
    table = tables.variants_table({"all": {"even": results["changepoints"]}}, "Rule")
    row = results["changepoints"].changes.iloc[0]
    low, high = row["date_low"], row["date_high"]
    expected = f"{low.day}–{high.day} {high:%b %Y} (×" if low < high else f"{low.day} {low:%b %Y} (×"
    if low.month != high.month:
        expected = f"{low.day} {low:%b} – {high.day} {high:%b %Y} (×"
    assert table["Rule"].iloc[0] == "even"
    assert table["Changes found: date set (ratio)"].iloc[0].startswith(expected)


def test_what_is_pooled_stands_beside_what_is_recorded(study):
    series = study.series("north_west")
    pooled = fit_changepoints(series, draws=4, seed=1)
    recorded = fit_changepoints(series)
    part = series.between("2019-04-30", "2019-08-31")
    trends = {"the offensive": (fit_trend(part), fit_trend(part, draws=4, seed=1))}
    turns = {"the onset": ("2019-04-16", "2019-05-14"), "a quiet day": ("2019-07-01", "2019-07-02")}
    table = tables.imprecision_table((recorded, pooled), trends, turns=turns)
    assert list(table.columns) == ["As recorded", "Pooled over 4 draws", "From the data"]
    assert table.loc["the onset: date set", "As recorded"] == "18–27 Apr 2019"
    assert table.loc["a quiet day: ratio"].to_list() == ["none found", "none found", "–"]
    change = pooled.changes.set_index("date").loc["2019-04-16":"2019-05-14"].iloc[0]
    assert table.loc["the onset: ratio", "Pooled over 4 draws"].startswith(f"{change['ratio']:.1f} (")
    (growth,) = trends["the offensive"][1].imprecision.table["from_data"]
    assert table.loc["growth a day, the offensive", "From the data"] == percent(growth)
    every = tables.imprecision_table((recorded, pooled), {})
    assert sum(name.endswith(": ratio") for name in every.index) >= len(pooled.changes)


@pytest.mark.parametrize(("share", "text"), [(0.0, "0%"), (0.003, "<1%"), (0.012, "1%"), (0.35, "35%")])
def test_a_small_share_is_no_nought(share, text):
    assert percent(share) == text


def test_trends_name_the_changes_inside_them(step):
    trend, changes = fit_trend(step), fit_changepoints(step)
    table = tables.trends_table({"all": trend}, {"all": changes})
    dates = changes.changes["date"]
    inside = ((dates > trend.basis.start) & (dates <= trend.basis.end)).sum()
    assert table["Changes inside"].tolist() == [str(inside)] == ["1"]
