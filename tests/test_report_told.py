"""What a source tells decides what a report may say; all tables here are made from the bundled events."""

from dataclasses import replace

import pandas as pd
import pytest

from casualties.report.told import MOST_AREAS, Told, leaves_open
from casualties.series import DailySeries


def changed(events, **columns):
    return Told.of(replace(events, accepted=events.accepted.assign(**columns)))


def test_the_bundled_events_tell_all(events):
    told = Told.of(events)
    assert (told.areas, told.area, told.some) == (14, "governorate", ())
    assert told.unplaced
    assert told.unplaced_long
    assert told.sentence("The source") == ""


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"low": pd.NA}, "It gives no range."),
        ({"civilians": pd.NA}, "It does not tell civilians from the other dead."),
        ({"unknown": pd.NA}, "It does not say who the dead other than civilians were."),
        ({"side_a": "", "side_b": ""}, "It names no sides."),
        (
            {"kind": pd.NA, "adm1": ""},
            "It names no governorates or other areas and does not class the violence by kind.",
        ),
    ],
)
def test_what_is_not_told_is_said(events, columns, sentence):
    assert changed(events, **columns).sentence("It") == sentence


def test_what_is_told_of_some_events_only(events):
    told = changed(events, high=events.accepted["high"].where(events.accepted["best"] > 5))
    assert told.sentence("It") == "It gives a range for some of its events only."
    assert told.some == ("range",)


def test_areas_of_another_country_are_areas(events):
    told = changed(events, adm1=[f"North {number % 50}" for number in range(len(events.accepted))])
    assert (told.area, told.areas, told.unplaced) == ("area", 50, False)
    assert told.areas > MOST_AREAS
    assert not told.mapped


def test_deaths_without_an_area_are_unplaced_only_where_others_are_placed(events):
    assert not changed(events, adm1="").unplaced


@pytest.mark.parametrize(("name", "there"), [("north_west", True), ("syria_sohr", False)])
def test_what_leaves_something_to_draw(study, name, there):
    assert leaves_open(study.series(name)) is there


def test_counts_leave_nothing_open():
    assert not leaves_open(DailySeries.from_counts([1, 2, 3], "2019-04-30"))
