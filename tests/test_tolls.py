"""Published totals keep claimant, window and scope as stated; a row that cannot be used is named in the ledger."""

import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.sources.tolls import read_tolls
from casualties.study import bundled
from casualties.tolls import TOLL_COLUMNS, toll_increments

HEADER = "row_id,claimant,period_start,period_end,area,who,value"
ROW = "{id},SNHR,2019-04-26,2019-07-17,Syria,civilians,662"


def write(tmp_path, *rows, header=HEADER):
    file = tmp_path / "tolls.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def shipped():
    return read_tolls(bundled() / "published_tolls.csv")


def test_all_115_figures_of_the_study(shipped):
    assert len(shipped.frame) == 115
    assert shipped.rejected.empty
    assert tuple(shipped.frame) == TOLL_COLUMNS


def test_types(shipped):
    frame = shipped.frame
    assert {frame[name].dtype.kind for name in ("published_date", "period_start", "period_end")} == {"M"}
    assert {str(frame[name].dtype) for name in ("value", "children", "women", "men", "injured")} == {"Int64"}
    assert (frame["period_end"] >= frame["period_start"]).all()


def test_first_figure_is_as_published(shipped):
    first = shipped.frame.iloc[0]
    assert first[["claimant", "value", "children", "women", "injured"]].tolist() == ["SNHR", 662, 175, 121, 2148]
    assert first["period_start"] == pd.Timestamp("2019-04-26")
    assert pd.isna(first["men"])


def test_needed_columns_are_enough(tmp_path):
    frame = read_tolls(write(tmp_path, ROW.format(id=1))).frame
    assert tuple(frame) == TOLL_COLUMNS
    assert frame.loc[0, ["published_by", "note"]].tolist() == ["", ""]
    assert frame["children"].isna().all()
    assert frame["published_date"].isna().all()


@pytest.mark.parametrize(
    ("change", "column", "value", "reason"),
    [
        (("662", "-1"), "value", "-1", "deaths cannot be negative"),
        (("662", "6.5"), "value", "6.5", "people come in whole numbers"),
        (("662", "dozens"), "value", "dozens", "not a number"),
        (("662", ""), "value", "", "no number given"),
        (("2019-07-17", "2019-04-25"), "period_end", "2019-04-25", "the period ends before it starts"),
        (("2019-07-17", "July 2019"), "period_end", "July 2019", "not a date of the form"),
        (("2019-04-26", "2019-04-31"), "period_start", "2019-04-31", "no such day in the calendar"),
        (("2,SNHR", "1,SNHR"), "row_id", "1", "the row_id is used by an earlier row"),
    ],
)
def test_rows_that_cannot_be_used(tmp_path, change, column, value, reason):
    tolls = read_tolls(write(tmp_path, ROW.format(id=1), "", ROW.format(id=2).replace(*change)))
    assert len(tolls.frame) == 1
    (entry,) = tolls.rejected.to_dict("records")
    assert (entry["row"], entry["column"], entry["value"]) == (4, column, value)
    assert entry["reason"].startswith(reason)


def test_a_short_row_is_named(tmp_path):
    tolls = read_tolls(write(tmp_path, ROW.format(id=1), "2,SNHR"))
    assert tolls.rejected["reason"].str.startswith("the row has 2 cells where the header has 7").tolist() == [True]


def test_missing_column(tmp_path):
    with pytest.raises(InputError, match=r"^tolls\.csv, column 'claimant': .*nearest column is 'claimants'"):
        read_tolls(write(tmp_path, ROW.format(id=1), header=HEADER.replace("claimant", "claimants")))


def test_no_usable_row(tmp_path):
    with pytest.raises(InputError, match=r"^tolls\.csv, row 2, column 'value', value 'x': no row can be used"):
        read_tolls(write(tmp_path, ROW.format(id=1).replace("662", "x")))


def test_repr(shipped):
    assert repr(shipped) == "<Tolls Published totals: 115 figures, 0 rejected>"


class TestAsOf:
    def test_what_was_published_by_a_day(self, shipped):
        day = pd.Timestamp("2019-07-31")
        known = shipped.as_of("2019-07-31")
        frame = shipped.frame
        expected = (frame["published_date"] <= day) | (frame["published_date"].isna() & (frame["period_end"] <= day))
        assert known.frame["row_id"].tolist() == frame.loc[expected, "row_id"].tolist()
        assert set(known.waiting["id"]) == set(frame.loc[~expected, "row_id"])
        assert known.frame["value"].sum() + known.waiting["best"].sum() == frame["value"].sum()
        assert (len(known.frame), len(known.waiting), known.faults.empty) == (73, 42, True)
        assert known.record.version == "replayed as of 2019-07-31"
        assert known.record.notes[-1].endswith("8 of them state no day of publication and are taken as known from the "
                                               "last day of their period.")  # fmt: skip

    def test_a_figure_published_before_its_period_ends_is_known_from_that_end(self, tmp_path):
        header = f"{HEADER},published_date"
        tolls = read_tolls(write(tmp_path, f"{ROW.format(id=1)},2019-07-01", header=header))
        assert tolls.as_of("2019-07-16").frame.empty
        assert len(tolls.as_of("2019-07-17").frame) == 1
        (entry,) = tolls.as_of("2019-07-16").waiting.to_dict("records")
        assert (entry["column"], entry["value"], entry["id"], entry["best"]) == ("period_end", "2019-07-17", "1", 662)

    def test_what_cannot_be_asked(self, shipped):
        with pytest.raises(InputError, match="value '2019-07': this is not a day"):
            shipped.as_of("2019-07")
        with pytest.raises(InputError, match="a replay already"):
            shipped.as_of("2019-07-31").as_of("2019-07-31")


class TestIncrements:
    def steps(self, tmp_path, *rows):
        """Give the increments of one claimant's figures, each row as last day, value, qualifier, day of publication."""
        header = "row_id,claimant,period_start,period_end,area,who,value,qualifier,published_date"
        lines = [
            f"{number},SNHR,2019-04-26,{end},Syria,civilians,{value},{qualifier},{published}"
            for number, (end, value, qualifier, published) in enumerate(rows, start=1)
        ]
        return toll_increments(read_tolls(write(tmp_path, *lines, header=header)))

    def test_of_the_study(self, shipped):
        steps = toll_increments(shipped)
        running = shipped.frame[shipped.frame["kind"] == "running_toll"]
        scope = ["claimant", "area", "who", "attributed_to", "period_start"]
        # 50 running totals of 8 claimants in 19 scopes; two days of one scope have two figures.
        assert (len(running), running["claimant"].nunique(), running.groupby(scope).ngroups) == (50, 8, 19)
        assert len(steps) == 50 - 19 - 2 == 29
        assert steps["claimant"].value_counts().to_dict() == {
            "SOHR": 18, "SNHR": 4, "OHCHR": 4, "Syria Response Coordinators": 2, "UN": 1
        }  # fmt: skip
        assert not steps["falling"].any()
        assert steps["fall"].isna().all()
        assert steps["bound"].value_counts().to_dict() == {
            "not a bound": 10, "exact": 9, "about": 7, "at most": 2, "at least": 1
        }  # fmt: skip
        assert steps.loc[steps["set_aside"] != "", ["row_later", "set_aside"]].to_numpy().tolist() == [
            ["88", "39"],
            ["40", "95"],
        ]
        # What one scope adds up to is its last total less its first.
        everybody = steps[(steps["who"] == "all") & (steps["period_start"] == "2019-04-30")]
        assert everybody["count"].sum() == 4775 - 125
        assert everybody["start"].iloc[1:].tolist() == (everybody["end"] + pd.Timedelta(days=1)).iloc[:-1].tolist()

    def test_a_total_that_falls_gives_no_count(self, tmp_path):
        steps = self.steps(
            tmp_path, ("2019-05-01", 100, "", ""), ("2019-05-08", 90, "", ""), ("2019-05-15", 95, "", "")
        )
        assert steps["falling"].tolist() == [True, False]
        assert steps["fall"].iloc[0] == 10
        assert steps["count"].isna().tolist() == [True, False]
        assert steps["count"].iloc[1] == 5

    @pytest.mark.parametrize(
        ("earlier", "later", "bound"),
        [
            ("", "", "exact"),
            ("about", "", "about"),
            ("", "around", "about"),
            ("", "at least", "at least"),
            ("more than (may have been)", "", "at most"),
            ("", "at most", "at most"),
            ("up to", "", "at least"),
            ("at least", "at least", "not a bound"),
            ("about", "more than", "not a bound"),
            ("dozens over", "", "not a bound"),
        ],
    )
    def test_what_a_difference_is(self, tmp_path, earlier, later, bound):
        steps = self.steps(tmp_path, ("2019-05-01", 10, earlier, ""), ("2019-05-08", 17, later, ""))
        assert steps[["count", "bound"]].to_numpy().tolist() == [[7, bound]]

    def test_of_two_figures_for_a_day_the_one_that_says_most_stands(self, tmp_path):
        rows = (
            ("2019-05-01", 8, "at least", "2019-05-09"),
            ("2019-05-01", 10, "", "2019-05-01"),
            ("2019-05-08", 20, "about", "2019-05-20"),
            ("2019-05-08", 18, "", "2019-05-08"),
            ("2019-05-08", 17, "", "2019-05-10"),
        )
        steps = self.steps(tmp_path, *rows)
        assert steps[["count", "row_earlier", "row_later", "set_aside"]].to_numpy().tolist() == [[7, "2", "5", "1;3;4"]]

    def test_other_scopes_and_kinds_are_not_mixed(self, tmp_path):
        header = f"{HEADER},kind"
        lines = (
            "1,SNHR,2019-04-26,2019-05-01,Syria,civilians,10,running_toll",
            "2,SNHR,2019-04-26,2019-05-08,Syria,all,30,running_toll",
            "3,SNHR,2019-05-01,2019-05-08,Syria,civilians,5,running_toll",
            "4,SNHR,2019-04-26,2019-05-05,Syria,civilians,3,window_toll",
            "5,SNHR,2019-04-26,2019-05-08,Syria,civilians,16,running_toll",
        )
        steps = toll_increments(read_tolls(write(tmp_path, *lines, header=header)))
        assert steps[["row_earlier", "row_later", "count"]].to_numpy().tolist() == [["1", "5", 6]]

    def test_none(self, tmp_path):
        steps = toll_increments(read_tolls(write(tmp_path, ROW.format(id=1))))
        assert steps.empty
        assert str(steps["count"].dtype) == "Int64"


def test_the_number_of_a_row_with_missing_cells_is_not_read(tmp_path):
    tolls = read_tolls(write(tmp_path, ROW.format(id=1), ROW.format(id=2) + ",9"))
    assert tolls.rejected[["row", "reason"]].to_numpy().tolist() == [
        [3, "the row has 8 cells where the header has 7"],
    ]
    assert tolls.rejected["best"].isna().all()
