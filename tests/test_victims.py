"""Persons become events without one of them being lost, doubled, or moved to another day.

All persons are invented; nothing here has a name.
"""

import pandas as pd
import pytest

from casualties.events import validate_events
from casualties.provenance import SourceRecord
from casualties.sources.lists.victims import gather


def persons(*rows, **columns):
    """Make events of one person each; every row gives its day, place and incident."""
    raw = pd.DataFrame(rows, columns=["date_start", "place", "incident"], dtype="str")
    raw = raw.assign(date_prec="1", best="1", id=[str(number) for number in range(len(raw))])
    raw.index = range(2, len(raw) + 2)
    events = validate_events(raw, SourceRecord(name="list"))
    extra = {name: pd.Series(cells) for name, cells in columns.items()}
    accepted = events.accepted.assign(row=raw.index.to_numpy(), **extra)
    return type(events)(accepted, events.rejected, events.record)


def test_persons_of_the_same_day_and_place_are_one_event():
    found = gather(
        persons(("2019-05-01", "A", ""), ("2019-05-02", "A", ""), ("2019-05-01", "A", ""), ("2019-05-01", "B", "")),
        (),
        (),
    ).accepted
    assert found[["id", "best", "rows"]].to_numpy().tolist() == [
        ["row 2", 2, "2;4"],
        ["row 3", 1, "3"],
        ["row 5", 1, "5"],
    ]
    assert found[["low", "high", "civilians"]].isna().all(axis=None)
    assert found["flags"].tolist() == ["no-adm1;row-id"] * 3


def test_an_incident_keeps_persons_apart_that_day_and_place_would_join():
    found = gather(
        persons(("2019-05-01", "A", "x"), ("2019-05-01", "A", "y"), ("2019-05-01", "A", "")), (), ()
    ).accepted
    assert found[["id", "best"]].to_numpy().tolist() == [["x", 1], ["y", 1], ["row 4", 1]]


def test_an_incident_in_two_scripts_is_one_event_under_its_first_spelling():
    found = gather(persons(*[("2019-05-01", "A", incident) for incident in ("٧", "7", " 7")]), (), ()).accepted
    assert found[["id", "best", "rows", "flags"]].to_numpy().tolist() == [["٧", 3, "2;3;4", "no-adm1"]]


def test_an_incident_of_two_days_is_two_events_and_says_so():
    found = gather(
        persons(("2019-05-01", "A", "x"), ("2019-05-03", "A", "x"), ("2019-05-01", "A", "x")), (), ()
    ).accepted
    assert found[["id", "best", "rows", "flags"]].to_numpy().tolist() == [
        ["x row 2", 2, "2;4", "no-adm1;incident-split;row-id"],
        ["x row 3", 1, "3", "no-adm1;incident-split;row-id"],
    ]


def test_coordinates_tell_places_apart_where_no_place_is_named():
    given = persons(("2019-05-01", "", ""), ("2019-05-01", "", ""), lat=[35.0, 36.0], lon=[36.0, 36.0])
    assert gather(given, (), ()).accepted["lat"].tolist() == [35.0, 36.0]
    given = persons(("2019-05-01", "A", ""), ("2019-05-01", "A", ""), lat=[35.0, 36.0], lon=[36.0, 36.0])
    found = gather(given, (), ()).accepted
    assert found["best"].tolist() == [2]
    assert (found["lat"].isna().tolist(), found["lon"].tolist()) == ([True], [36.0])


def test_parts_are_added_up_and_stay_unknown_where_nothing_is_said():
    women = pd.array([1, None, None], dtype="Int64")
    given = persons(("2019-05-01", "A", ""), ("2019-05-01", "A", ""), ("2019-05-02", "A", ""), women=women)
    assert gather(given, ("women",), ()).accepted["women"].tolist() == [1, pd.NA]


def test_texts_are_joined_once_each():
    given = persons(*[("2019-05-01", "A", "")] * 4, by=["X", "Y", "", "X"], cited=["a;b", "b", "", "c"])
    found = gather(given, (), ("by",)).accepted
    assert found[["by", "cited"]].to_numpy().tolist() == [["X; Y", "a;b;c"]]


@pytest.mark.parametrize("name", ["date_prec", "where_prec"])
def test_the_least_precise_person_gives_the_precision(name):
    given = persons(*[("2019-05-01", "A", "")] * 2, **{name: pd.array([1, 2], dtype="Int64")})
    assert gather(given, (), ()).accepted[name].tolist() == [2]
