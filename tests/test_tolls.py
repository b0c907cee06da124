"""Published totals keep claimant, window and scope as stated; a row that cannot be used is named in the ledger."""

import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.sources.tolls import read_tolls
from casualties.study import bundled
from casualties.tolls import TOLL_COLUMNS

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
