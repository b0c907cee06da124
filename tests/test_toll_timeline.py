"""Running totals on the cumulative range of the events.

Whole people are compared exactly, ratios to 1e-12. Counts of the real file are made again here from the CSV tables,
row by row, without the package.
"""

import csv
import random
from datetime import date

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from claimed import events, tolls
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.comparison.recorded_range import recorded_range, victim_bounds
from casualties.comparison.toll_explanations import EXPLANATIONS
from casualties.comparison.toll_timeline import POSITIONS, cumulative_band, toll_timeline
from casualties.errors import InputError, UnknownNameError
from casualties.study import bundled, load_study
from casualties.tables.tolls import timeline_explanations_table

mpl.use("Agg")
AREAS = {"everywhere": None, "the north": {"adm1": "North"}, "the town": {"place": ["Town"]}}
RUNNING = {"kind": "running_toll", "published_date": "2019-06-05"}
NORTH_WEST = "northwest Syria (Idlib and adjacent parts of Hama, Aleppo, Latakia)"
GOVERNORATES = {f"{name} Governorate" for name in ("Idlib", "Hamah", "Aleppo", "Latakia")}
ALLIES = "Syrian government forces and Russian forces"
CORES = {NORTH_WEST: {"adm1": "Idlib Governorate"}}
SIDES = {ALLIES: ["Government of Syria"]}


@pytest.fixture(autouse=True)
def closed():
    """Close the figures of a test."""
    yield
    plt.close("all")


def place(found, *, areas=None, cores=None, sides=None, **row):
    """Place one running total and give its row with its explanations by kind."""
    result = toll_timeline(found, tolls({**RUNNING, **row}), areas or AREAS, cores=cores, sides=sides)
    return result.points.iloc[0], result.explanations.set_index("explanation")


TEN = events({"civilians": 10, "low": 8, "high": 12})


class TestBand:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(*[st.integers(0, 30)] * 4), min_size=1, max_size=12), st.integers(0, 20))
    def test_each_day_is_the_recorded_range_up_to_it(self, rows, first):
        day = pd.Timestamp("2019-05-01")
        found = events(
            *(
                {
                    "date_start": day + pd.Timedelta(days=start),
                    "date_end": day + pd.Timedelta(days=start + length % 9),
                    "civilians": dead,
                    "low": dead - min(dead, less),
                    "high": dead + less,
                }
                for start, length, dead, less in rows
            )
        )
        deaths = victim_bounds(found.accepted, "all")
        start, end = day + pd.Timedelta(days=first), day + pd.Timedelta(days=25)
        band = cumulative_band(found.accepted, deaths, start, end)
        assert band["date"].tolist() == list(pd.date_range(start, end))
        for row in band.itertuples():
            best, _, low, high = recorded_range(found.accepted, deaths, start, row.date)
            assert (row.low, row.best, row.high) == (low, best, high)
        assert band[["low", "best", "high"]].diff().dropna().ge(0).all(axis=None)

    def test_the_band_restarts_at_each_first_day(self):
        found = events({"civilians": 5, "date_start": "2019-05-01"}, {"civilians": 2, "date_start": "2019-05-10"})
        rows = [{**RUNNING, "period_start": day, "period_end": "2019-05-12"} for day in ("2019-05-01", "2019-05-05")]
        result = toll_timeline(found, tolls(*rows), AREAS)
        ends = result.band.groupby("period_start")["best"].agg(["first", "last"]).to_numpy().tolist()
        assert ends == [[5, 7], [0, 2]]

    def test_the_band_ends_with_the_coverage(self):
        result = toll_timeline(TEN, tolls({**RUNNING, "period_end": "2020-01-31"}), AREAS)
        assert result.band["date"].max() == pd.Timestamp("2019-11-30")
        assert result.points["position"].tolist() == ["not placed"]


class TestPosition:
    @pytest.mark.parametrize(
        ("value", "position", "gap", "end_ratio"),
        [(8, "inside", 0, 1), (12, "inside", 0, 1), (7, "below", -1, 7 / 8), (15, "above", 3, 15 / 12)],
    )
    def test_a_total_is_placed_by_its_number(self, value, position, gap, end_ratio):
        row, _ = place(TEN, value=value)
        assert (row["position"], row["gap"]) == (position, gap)
        assert row["end_ratio"] == pytest.approx(end_ratio, rel=1e-12)
        assert row["ratio"] == pytest.approx(value / 10, rel=1e-12)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"area": "the moon"}, "'the moon' is not among the areas given"),
            ({"period_end": "2020-01-31"}, "it ends on 2020-01-31, after 2019-11-30"),
            ({"period_start": "2018-05-01"}, "it starts on 2018-05-01, before 2019-01-01"),
            ({"value": pd.NA}, "the value is blank"),
            ({"qualifier": "hardly"}, "the qualifier has no reading: 'hardly'"),
        ],
    )
    def test_what_cannot_be_placed_says_why(self, change, reason):
        row, found = place(TEN, **change)
        assert row["position"] == "not placed"
        assert reason in row["reason"]
        assert row["sentence"].endswith(f"{row['reason']}.")
        assert pd.isna(row["gap"])
        assert found.empty

    def test_victims_that_are_not_told_are_not_placed(self):
        mixed = events({"civilians": 4})
        mixed.accepted["civilians"] = pd.array([pd.NA], dtype="Int64")
        row, _ = place(mixed, who="civilians")
        assert row["reason"].endswith("no event says how many of the dead were civilians")

    def test_an_area_without_totals(self):
        with pytest.raises(InputError, match="no published totals to place; give at least one running total"):
            toll_timeline(TEN, tolls({"kind": "monthly_toll"}), AREAS)
        assert len(toll_timeline(TEN, tolls({"kind": "monthly_toll"}), AREAS, running=False).points) == 1

    def test_names_that_do_not_occur(self):
        with pytest.raises(UnknownNameError, match="cores='the nort' is not known; did you mean 'the north'"):
            place(TEN, cores={"the nort": {"adm1": "North"}})
        with pytest.raises(UnknownNameError, match="sides='Goverment' is not known; did you mean 'Government'"):
            place(TEN, sides={"Army": "Goverment"})

    def test_nothing_recorded_gives_no_ratio(self):
        row, found = place(events({"civilians": 0}), value=3)
        assert (row["position"], row["gap"]) == ("above", 3)
        assert pd.isna(row["ratio"])
        assert pd.isna(row["end_ratio"])
        assert found.empty
        assert row["sentence"].endswith("is 3 above the recorded 0. No explanation was found in the data.")

    def test_a_source_that_the_events_rest_on_is_named(self):
        found = events({"civilians": 9, "cited": "Counter"}, {"civilians": 1})
        result = toll_timeline(found, tolls(RUNNING, {**RUNNING, "claimant": "Rescuers"}), AREAS)
        assert result.points["claimant"].tolist() == ["Counter", "Rescuers"]
        assert result.points["same_source"].tolist() == [True, pd.NA]
        assert result.warnings == ("The events largely rest on Counter: that its totals fit them confirms nothing.",)
        assert toll_timeline(TEN, tolls(RUNNING), AREAS).warnings == ()


class TestExplanations:
    def test_bounds_and_rounding(self):
        found = place(TEN, value=3, qualifier="at least")[1]
        assert (found.index.tolist(), found["most"].tolist()) == (["lower bound"], [pd.NA])
        assert place(TEN, value=20, qualifier="up to")[1].index.tolist() == ["upper bound"]
        rounded = place(events({"civilians": 110}), value=100, qualifier="about")[1].loc["rounding"]
        assert (rounded["most"], rounded["reaches"]) == (10, True)

    def test_nothing_found_is_said(self):
        row, found = place(TEN, value=3)
        assert found.empty
        assert row["sentence"] == (
            "Counter, all, 1 May to 31 May 2019: 3 is 5 below the recorded 8 to 12 (0.38 of its lower end). "
            "No explanation was found in the data."
        )

    def test_perpetrators_are_counted_where_sides_are_declared(self):
        found = events(
            {"civilians": 10},
            {"civilians": 4, "side_a": "Rebels", "side_b": "Civilians", "kind": "3"},
            {"civilians": 3, "side_a": "Government", "side_b": "Civilians", "kind": "3"},
        )
        limited = {"attributed_to": "Army", "value": 12}
        one = place(found, sides={"Army": ["Government"]}, **limited)[1].loc["perpetrators"]
        # The 4 are surely not theirs; the 3 surely are, and whose fire the 10 died from is not recorded.
        assert (one["least"], one["most"], one["reaches"]) == (4, 14, True)
        assert "4 deaths in events without them" in one["text"]
        one = place(found, **limited)[1].loc["perpetrators"]
        assert pd.isna(one["most"])
        assert "no names of the events are declared" in one["text"]

    def test_adjacent_parts_are_what_lies_beyond_the_core(self):
        found = events({"civilians": 5}, {"civilians": 3, "adm1": "South"}, {"civilians": 2, "adm1": ""})
        one = place(found, value=6, cores={"everywhere": {"adm1": "North"}})[1].loc["adjacent parts"]
        assert (one["least"], one["most"], one["reaches"]) == (0, 5, True)
        assert one["text"].endswith("(South 3, (not recorded) 2)")

    def test_parts_beyond_a_governorate_are_named_by_district(self):
        rows = [{"civilians": 10 - at, "adm1": "South", "adm2": f"D{at}"} for at in range(7)]
        found = events(*rows, {"civilians": 2, "adm1": "South", "adm2": ""}, {"civilians": 4, "adm2": "N1"})
        one = place(found, value=1, cores={"everywhere": {"adm1": "North"}})[1].loc["adjacent parts"]
        assert one["text"].endswith(
            "51 deaths recorded beyond the core of the area (D0 10, D1 9, D2 8, D3 7, D4 6, elsewhere 11)"
        )

    def test_events_of_other_areas_are_no_adjacent_parts(self):
        found = events({"civilians": 5}, {"civilians": 3, "adm1": "South"})
        row, explained = place(found, value=1, area="the north", cores={"the north": {"adm1": "North"}})
        assert row["recorded"] == 5
        assert "adjacent parts" not in explained.index

    def test_first_days_of_other_totals_within_a_week(self):
        found = events({"civilians": 4, "date_start": "2019-05-01"}, {"civilians": 9, "date_start": "2019-05-05"})
        rows = [
            {**RUNNING, "value": 2, "period_start": "2019-05-01"},
            {**RUNNING, "value": 20, "period_start": "2019-05-04"},
            {**RUNNING, "value": 2, "period_start": "2019-05-20"},
        ]
        explained = toll_timeline(found, tolls(*rows), AREAS).explanations
        sizes = explained[explained["explanation"] == "first day"].set_index("row_id")["most"].to_dict()
        # Below: a count that began on 4 May lacks the 4 of 1 May. Above: one that began on 1 May holds them.
        assert sizes == {"0": 4, "1": 4}

    def test_a_window_states_its_own_first_day(self):
        found = events({"civilians": 4, "date_start": "2019-05-01"}, {"civilians": 9, "date_start": "2019-05-05"})
        rows = [{"value": 2}, {**RUNNING, "value": 2, "period_start": "2019-05-04"}, {**RUNNING, "value": 2}]
        explained = toll_timeline(found, tolls(*rows), AREAS, running=False).explanations
        assert explained[["row_id", "explanation"]].to_numpy().tolist() == [["2", "first day"]]

    def test_last_day_and_days_after(self):
        found = events({"civilians": 6}, {"civilians": 4, "date_start": "2019-05-31"}, {"date_start": "2019-06-02"})
        one = place(found, value=5, published_date="2019-05-31")[1].loc["last day"]
        assert (one["most"], one["reaches"]) == (4, False)
        assert place(found, value=5, published_date="2019-06-01")[1].empty
        later = events({"civilians": 6}, {"civilians": 4, "date_start": "2019-06-02"})
        one = place(later, value=8, published_date="2019-06-03")[1].loc["published later"]
        assert (one["most"], one["reaches"]) == (4, True)
        assert place(later, value=8, published_date="2019-09-03")[1].empty
        assert place(later, value=8, published_date=None)[1].empty

    def test_other_sources_and_documents_that_came_later(self):
        found = events(
            {"civilians": 10, "cited": "Counter"},
            {"civilians": 3, "cited": "Other", "first_document": "2019-07-01"},
        )
        row, explained = place(found, value=5)
        assert explained["most"].to_dict() == {"other sources": 3, "known later": 3}
        assert row["countable"] == 6
        assert row["sentence"].endswith(
            "Together these account for 6 of the 8 at most; for the rest no explanation was found in the data."
        )
        # A claimant that is hardly cited explains nothing by not being cited.
        assert place(found, value=5, claimant="Other")[1].index.tolist() == ["known later"]

    def test_late_inclusion_is_the_rise_beyond_what_is_recorded(self):
        found = events({"civilians": 50}, {"civilians": 10, "high": 12, "date_start": "2019-06-10"})
        rows = [{**RUNNING, "value": 20}, {**RUNNING, "value": 58, "period_end": "2019-06-30"}]
        result = toll_timeline(found, tolls(*rows), AREAS)
        late = result.explanations.set_index(["row_id", "explanation"]).loc[("0", "late inclusion")]
        # The total rose by 38 while at most 12 are recorded: 26 of the 30 that it lacked came in later.
        assert (late["most"], late["reaches"]) == (26, False)
        assert ("1", "late inclusion") not in result.explanations.set_index(["row_id", "explanation"]).index

    def test_falling_totals_explain_nothing(self):
        rows = [{**RUNNING, "value": 5}, {**RUNNING, "value": 1, "period_end": "2019-06-30"}]
        assert toll_timeline(TEN, tolls(*rows), AREAS).explanations.empty

    def test_combatants_either_way(self):
        found = events({"civilians": 5, "deaths_a": 20})
        one = place(found, value=4)[1].loc["combatants"]
        assert (one["most"], one["reaches"]) == (20, False)
        assert place(found, value=9)[1].empty
        one = place(found, value=9, who="civilians")[1].loc["combatants"]
        assert (one["most"], one["reaches"]) == (20, True)

    def test_deaths_without_a_place(self):
        found = events({"civilians": 5}, {"civilians": 3, "adm1": ""})
        one = place(found, value=9, area="the north")[1].loc["unplaced"]
        assert (one["most"], one["reaches"]) == (3, False)

    def test_a_part_inside_the_range_says_that_it_is_a_part(self):
        row, found = place(TEN, value=9, attributed_to="Army")
        assert row["sentence"].endswith("9 lies inside the recorded 8 to 12, although it is limited to Army.")
        assert found.empty


@settings(max_examples=12, deadline=None)
@given(st.randoms(use_true_random=False), st.permutations(["A", "B", "C"]))
def test_shuffling_and_relabelling_change_labels_only(chance: random.Random, names):
    listed = [
        {
            "civilians": number,
            "date_start": f"2019-05-{number + 1:02d}",
            "cited": "ABC"[number % 3],
            "adm1": "NS"[number % 2],
        }
        for number in range(1, 16)
    ]
    claimed = [
        {**RUNNING, "row_id": f"r{number}", "claimant": "ABC"[number % 3], "value": 9 * number}
        | {"period_end": f"2019-05-{number + 8:02d}", "period_start": f"2019-05-{1 + number % 3:02d}"}
        for number in range(1, 10)
    ]
    cores = {"everywhere": {"adm1": "N"}}
    one = toll_timeline(events(*listed), tolls(*claimed), {"everywhere": None}, cores=cores)
    new = dict(zip("ABC", names, strict=True))
    listed = [{**row, "cited": new[row["cited"]]} for row in listed]
    claimed = [{**row, "claimant": new[row["claimant"]]} for row in claimed]
    chance.shuffle(listed)
    chance.shuffle(claimed)
    two = toll_timeline(events(*listed), tolls(*claimed), {"everywhere": None}, cores=cores)
    labels = ["claimant", "sentence"]
    left, right = (found.points.set_index("row_id").sort_index() for found in (one, two))
    pd.testing.assert_frame_equal(left.drop(columns=labels), right.drop(columns=labels))
    assert left["claimant"].map(new).tolist() == right["claimant"].tolist()
    pd.testing.assert_frame_equal(one.band, two.band)
    keys = ["row_id", "explanation"]
    left, right = (found.explanations.sort_values(keys).reset_index(drop=True) for found in (one, two))
    pd.testing.assert_frame_equal(left.drop(columns="text"), right.drop(columns="text"))


class TestOutput:
    def test_words_table_and_figure(self):
        result = toll_timeline(TEN, tolls({**RUNNING, "value": 3}, {**RUNNING, "value": 12, "claimant": "B"}), AREAS)
        assert result.counts().to_dict() == {"inside": 1, "below": 1, "above": 0, "not placed": 0}
        assert "Outside:  Counter, all" in result.summary()
        assert result.to_frame() is result.points
        assert result.table()["Beyond the range"].tolist() == ["–", "−5"]
        assert timeline_explanations_table(result)["What could explain it (deaths)"].tolist() == ["none found"]
        axis = result.plot()
        assert [text.get_text() for text in axis.texts] == ["Counter", "B"]
        assert axis.get_title(loc="left") == "all the dead, from 1 May 2019"

    def test_a_figure_of_nothing_and_one_within_a_grid(self):
        empty = toll_timeline(TEN, tolls({**RUNNING, "area": "the moon"}), AREAS)
        assert empty.plot().texts[0].get_text() == "no total can be placed"
        assert empty.table().empty
        assert timeline_explanations_table(empty).empty
        rows = [{**RUNNING, "period_start": day} for day in ("2019-05-01", "2019-05-02")]
        result = toll_timeline(TEN, tolls(*rows), AREAS)
        figure, (left, _) = plt.subplots(1, 2)
        result.plot(ax=left, least=1)
        assert len(figure.axes) == 4
        loose = plt.figure().add_axes((0.1, 0.1, 0.8, 0.8))
        assert len(loose.child_axes) == 0
        result.plot(ax=loose, least=1)
        assert len(loose.child_axes) == 2


class TestRealData:
    @pytest.fixture(scope="class")
    @classmethod
    def study(cls):
        return load_study("idlib-2019")

    @pytest.fixture(scope="class")
    @classmethod
    def result(cls, study):
        source, totals = study.sources["ucdp"], study.sources["tolls"]
        return toll_timeline(source, totals, study.area_places(), cores=CORES, sides=SIDES)

    @pytest.fixture(scope="class")
    @classmethod
    def civilians(cls):
        """Give the civilians of the four governorates, an event a row: first day, last day, governorate, best."""
        with (bundled("idlib-2019") / "ged_syria.csv").open(encoding="utf-8", newline="") as file:
            return [
                (date.fromisoformat(row["date_start"]), date.fromisoformat(row["date_end"]), row)
                for row in csv.DictReader(file)
                if row["adm_1"] in GOVERNORATES
            ]

    def test_every_running_total_is_placed_or_says_why_not(self, result):
        assert len(result.points) == 50
        assert result.counts().to_dict() == {"inside": 5, "below": 39, "above": 0, "not placed": 6}
        late = result.points[result.points["position"] == "not placed"]
        part = late["reason"].str.startswith("the events do not tell this part of the dead apart")
        assert part.sum() == 1
        assert late["reason"][~part].str.startswith("the window leaves the coverage").all()
        assert set(result.explanations["explanation"]) <= set(EXPLANATIONS)
        assert set(result.points["position"]) <= set(POSITIONS)

    @pytest.mark.parametrize(
        ("row_id", "value", "low", "high", "gap"),
        [
            ("103", 105, 200, 251, -95),
            ("44", 500, 912, 1151, -412),
            ("46", 1089, 1071, 1337, 0),
            ("3", 781, 874, 1094, -93),
            ("21", 2520, 2547, 2712, -27),
        ],
    )
    def test_known_points(self, result, row_id, value, low, high, gap):
        row = result.points.set_index("row_id").loc[row_id]
        assert (row["value"], row["recorded_low"], row["recorded_high"], row["gap"]) == (value, low, high, gap)

    @pytest.mark.parametrize(("row_id", "last"), [("44", date(2019, 8, 8)), ("103", date(2019, 5, 21))])
    def test_adjacent_parts_counted_again(self, result, civilians, row_id, last):
        """OHCHR counts Idlib and adjacent parts of three governorates; the events stand for these as wholes."""
        outside = sum(
            int(row["deaths_civilians"])
            for start, end, row in civilians
            if start >= date(2019, 4, 29) and end <= last and row["adm_1"] != "Idlib Governorate"
        )
        found = result.explanations.set_index(["row_id", "explanation"])
        assert found.loc[(row_id, "adjacent parts"), "most"] == outside

    def test_perpetrators_counted_again(self, result, civilians):
        """SNHR's running totals cover Syrian government and Russian forces; Russia is no side of any event."""
        inside = [row for start, end, row in civilians if start >= date(2019, 4, 26) and end <= date(2019, 7, 27)]
        others = [row for row in inside if "Government of Syria" not in (row["side_a"], row["side_b"])]
        surely = [row for row in inside if row["type_of_violence"] == "3" and row["side_a"] == "Government of Syria"]
        total, without, one_sided = (
            sum(int(row["deaths_civilians"]) for row in rows) for rows in (inside, others, surely)
        )
        found = result.explanations.set_index(["row_id", "explanation"]).loc[("3", "perpetrators")]
        assert (found["least"], found["most"]) == (without, total - one_sided) == (22, 922)

    def test_the_last_rise_of_ohchr_explains_what_it_lacked(self, result):
        """From 8 to 29 August its total rose by 589, while at most 187 recorded civilians died on these days."""
        found = result.explanations.set_index(["row_id", "explanation"])
        assert found.loc[("44", "late inclusion"), "most"] == 589 - 187
        assert found.loc[("103", "late inclusion"), "reaches"]

    def test_restarts_have_a_band_of_their_own(self, result):
        starts = set(result.band.loc[result.band["victims"] == "civilians", "period_start"].dt.strftime("%m-%d"))
        assert {"04-26", "08-05", "10-30", "04-29", "04-30", "02-02", "11-03"} <= starts

    def test_sohr_is_no_witness(self, result):
        """Its totals lie just below a record that rests on it."""
        sohr = result.points[(result.points["claimant"] == "SOHR") & (result.points["position"] != "not placed")]
        assert sohr["same_source"].all()
        assert result.warnings[0].startswith("The events largely rest on SOHR:")

    def test_the_figure_has_a_panel_for_each_scope_with_two_totals(self, result):
        assert len(result.plot().get_figure().axes) == 6
