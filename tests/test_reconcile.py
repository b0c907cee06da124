"""Totals of a provider are compared with what was read and what the ledger holds: exact counts, no tolerance."""

import pandas as pd
import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.sources.reconcile import difference_note, reconcile
from casualties.sources.ucdp import read_ucdp_ged
from casualties.study import bundled

# The figures that the provider's file was published with: rows, low, best, high and civilian deaths by year.
YEARS = pd.DataFrame(
    [
        (2016, 6170, 43538, 48710, 49642, 10203),
        (2017, 5587, 32783, 33316, 36654, 8913),
        (2018, 2765, 18980, 20251, 21683, 5282),
        (2019, 2044, 9628, 10060, 11041, 2255),
    ],
    columns=["year", "rows", "low", "best", "high", "deaths_civilians"],
)
HEADER = (
    "id,year,country,type_of_violence,date_prec,date_start,date_end,side_a,side_b,adm_1,deaths_a,deaths_b,"
    "deaths_civilians,deaths_unknown,low,best,high"
)
ROW = "{id},{year},{country},{kind},1,{year}-05-01,{year}-05-01,Government,Rebels,North,1,2,3,0,5,6,8"


@pytest.fixture(scope="module")
def shipped():
    """Give the events that come with the package."""
    return read_ucdp_ged(bundled() / "ged_syria.csv")


@pytest.fixture
def small(tmp_path):
    """Give four events, one of them in the ledger for an unknown kind, with the text that they were read from."""
    listed = [(1, 2018, "A", 1), (2, 2019, "A", 1), (3, 2019, "B", 9), (4, 2019, "B", 1)]
    rows = [ROW.format(id=id_, year=year, country=country, kind=kind) for id_, year, country, kind in listed]
    file = tmp_path / "ged.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    text = pd.read_csv(file, dtype="str").set_axis(pd.RangeIndex(2, 6))
    return read_ucdp_ged(file), text.rename(columns={"adm_1": "adm1"})


def row(table: pd.DataFrame, scope: str, figure: str) -> list[object]:
    """Give the numbers of one figure."""
    found = table[(table["scope"] == scope) & (table["figure"] == figure)]
    assert len(found) == 1
    return found[["provider", "here", "ledger", "difference"]].iloc[0].tolist()


def test_the_shipped_table_has_the_providers_totals(shipped):
    table = reconcile(shipped, YEARS, strict=True)
    assert len(table) == 20
    assert (table["difference"] == 0).all()
    assert row(table, "year 2019", "events") == [2044, 2044, 0, 0]
    assert row(table, "year 2016", "civilians") == [10203, 10203, 0, 0]
    whole = reconcile(shipped, {"events": 16566, "best": 112337}, strict=True)
    assert row(whole, "all", "best") == [112337, 112337, 0, 0]


def test_by_place_and_month(shipped):
    totals = pd.DataFrame({"adm_1": ["Idlib Governorate"], "month": ["2019-07"], "events": [None], "best": ["1"]})
    table = reconcile(shipped, totals)
    assert table["scope"].tolist() == ["adm1 Idlib Governorate, month 2019-07", "(no total given)", "(no total given)"]
    assert table["here"].iloc[[0, 2]].sum() == 112337
    assert table["provider"].isna().tolist() == [False, True, True]


def test_a_row_in_the_ledger_belongs_to_its_year_where_the_text_is_given(small):
    events, text = small
    totals = pd.DataFrame({"year": [2018, 2019], "events": [1, 3], "best": [6, 18]})
    table = reconcile(events, totals, rows=text, strict=True)
    assert row(table, "year 2019", "events") == [3, 2, 1, 0]
    assert row(table, "year 2019", "best") == [18, 12, 6, 0]


def test_without_the_text_no_year_claims_a_row_in_the_ledger(small):
    table = reconcile(small[0], pd.DataFrame({"year": [2018, 2019], "events": [1, 3], "best": [6, 18]}))
    assert row(table, "year 2019", "best") == [18, 12, 0, 6]
    assert row(table, "(no total given)", "best") == [pd.NA, 0, 6, pd.NA]


def test_a_total_of_everything_takes_the_whole_ledger(small):
    events, _ = small
    assert row(reconcile(events, {"events": 4, "best": 24}), "all", "best") == [24, 18, 6, 0]
    mixed = pd.DataFrame({"country": ["A", "", "B"], "best": [12, 24, 12]})
    table = reconcile(events, mixed)
    assert row(table, "all", "best") == [24, 18, 6, 0]
    assert row(table, "country B", "best") == [12, 6, 0, 6]
    assert "(no total given)" not in set(table["scope"])


def test_what_the_ledger_does_not_keep_is_not_zero(small):
    events, text = small
    table = reconcile(events, pd.DataFrame({"year": [2018, 2019], "civilians": [3, 9]}), rows=text)
    assert row(table, "year 2018", "civilians") == [3, 3, 0, 0]
    assert row(table, "year 2019", "civilians") == [9, 6, pd.NA, 3]
    assert "9 given, 6 read and an unknown number in the ledger" in difference_note(table)


def test_a_row_with_missing_cells_belongs_to_no_year(tmp_path):
    whole = ROW.format(id=1, year=2019, country="A", kind=1)
    file = tmp_path / "ged.csv"
    file.write_text("\n".join([HEADER, whole, whole[:-2].replace("1,2019", "2,2019", 1)]), encoding="utf-8")
    events = read_ucdp_ged(file, totals=pd.DataFrame({"year": [2019], "events": [2]}))
    assert "year 2019, events: 2 given, 1 read and 0 in the ledger" in events.record.notes[0]
    assert "All 1" in read_ucdp_ged(file, totals={"events": 2}).record.notes[0]


def test_a_year_that_only_the_provider_has_differs_in_full(small):
    table = reconcile(small[0], pd.DataFrame({"year": [2020], "best": [7]}))
    assert row(table, "year 2020", "best") == [7, 0, 0, 7]
    assert row(table, "(no total given)", "best")[:3] == [pd.NA, 18, 6]


def test_the_events_of_a_replay_are_found_in_its_ledger(shipped):
    replay = shipped.as_of("2019-05-10")
    assert len(replay.early_documents)
    table = reconcile(replay, {"events": 16566, "low": 104929, "best": 112337}, strict=True)
    assert (table["ledger"] > 0).all()


def test_a_row_of_everything_in_a_table_of_years(shipped):
    """A blank year makes the column one of fractions in pandas; 2016.0 is still the year 2016."""
    whole = YEARS.drop(columns="year").sum().to_frame().T.assign(year=None)
    table = reconcile(shipped, pd.concat([YEARS, whole]).astype({"year": "float64"}), strict=True)
    assert row(table, "all", "best") == [112337, 112337, 0, 0]
    assert row(table, "year 2016", "best") == [48710, 48710, 0, 0]


def test_strict_names_the_first_difference(shipped):
    with pytest.raises(InputError, match=r"^ged_syria\.csv: 1 of 2 .*: all, best: 5 given, 112,337 read and 0 in"):
        reconcile(shipped, {"events": 16566, "best": 5}, strict=True)


def test_totals_from_a_file_name_their_row(shipped, tmp_path):
    file = tmp_path / "totals.csv"
    file.write_text("year,best\n2016,48710\n2017,many\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^totals\.csv, row 3, column 'best', value 'many': not a number"):
        reconcile(shipped, file)
    file.write_text("year,best\n2016,48710\n2016,48711\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^totals\.csv, row 3: a total of the same stands above"):
        reconcile(shipped, file)
    file.write_text("year,best\n2016,48710,1\n2017,33316\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^totals\.csv, row 2: "):
        reconcile(shipped, file)


def test_totals_that_cannot_be_used(shipped):
    with pytest.raises(UnknownNameError, match="totals='yeer' is not known; did you mean 'year'"):
        reconcile(shipped, pd.DataFrame({"yeer": [2016], "best": [1]}))
    with pytest.raises(InputError, match="there are no totals to compare with"):
        reconcile(shipped, pd.DataFrame({"year": [2016]}))
    with pytest.raises(InputError, match="column 'events': the totals give this twice"):
        reconcile(shipped, {"events": 1, "rows": 1})
    with pytest.raises(InputError, match="column 'best', value '-1': deaths cannot be negative"):
        reconcile(shipped, {"best": -1})
