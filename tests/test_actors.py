"""Coalitions are split only into known actors, one actor is in one group, and every death of a side is in one row.

No tolerance is used: everything is counted in people.
"""

from dataclasses import replace

import pandas as pd
import pytest

from casualties.actors import actor_groups, deaths_by_group, known_actors, split_actors
from casualties.errors import InputError, UnknownNameError
from casualties.events import victim_counts
from casualties.study import load_study

KNOWN = ["Army", "Police", "HTS", "SNA", "Front of Hama, Homs"]
# Groups of the bundled study for these tests; the insurgent groups are those that fought beside each other in 2019.
GROUPS = {
    "government": ["Government of Syria", "NDF (Syria)"],
    "IS": ["IS"],
    "SDF": ["SDF"],
    "HTS": ["HTS", "Jabhat Fateh al-Sham"],
    "insurgents": ["Syrian insurgents", "SNA", "National Front for Liberation", "Ahrar al-Sham", "Jaysh al Nasr"],
}


@pytest.fixture(scope="module")
def events():
    """Give the events of the bundled study."""
    return load_study("idlib-2019").sources["ucdp"]


@pytest.fixture(scope="module")
def sides(events) -> list[str]:
    """Give every side of every event."""
    return [*events.accepted["side_a"], *events.accepted["side_b"]]


@pytest.mark.parametrize(
    ("side", "actors"),
    [
        ("Army", ("Army",)),
        ("HTS, SNA", ("HTS", "SNA")),
        ("HTS, Clan", ("HTS, Clan",)),
        ("Front of Hama, Homs", ("Front of Hama, Homs",)),
        ("Army; Clan;Police", ("Army", "Clan", "Police")),
        ("Army; HTS, SNA", ("Army", "HTS", "SNA")),
        ("Army; Front of Hama, Homs", ("Army", "Front of Hama, Homs")),
        ("HTS, HTS", ("HTS",)),
        ("HTS,SNA", ("HTS,SNA",)),
        (" Army ;; ", ("Army",)),
        ("", ()),
    ],
)
def test_a_comma_splits_only_where_every_part_is_known(side, actors):
    assert split_actors(side, KNOWN) == actors


def test_without_known_names_only_semicolons_split():
    assert split_actors("HTS, SNA; Army") == ("HTS, SNA", "Army")


def test_names_that_stand_alone_are_known():
    assert known_actors(["HTS", "HTS, SNA", "Army; Police", ""]) == ("Army", "HTS", "Police")


def test_an_unknown_actor_is_named_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"\[actors\] state='Amry' is not known; did you mean 'Army'"):
        actor_groups({"state": ["Amry"]}, KNOWN)


def test_an_actor_in_two_groups_names_both():
    with pytest.raises(InputError, match=r"'\[actors\] allies', value 'Army': the actor stands in 'state' already"):
        actor_groups({"state": ["Army"], "allies": ["Police", "Army"]}, KNOWN)


def test_an_actor_twice_in_a_group():
    with pytest.raises(InputError, match="name it once"):
        actor_groups({"state": ["Army", "Army"]}, KNOWN)


@pytest.mark.parametrize(("members", "message"), [([], "names no actor"), ("Army", "one text stands for a list")])
def test_a_group_is_a_list_of_names(members, message):
    with pytest.raises(InputError, match=message):
        actor_groups({"state": members}, KNOWN)


def test_a_group_may_name_an_actor_that_stands_only_in_coalitions():
    groups = actor_groups({"rebels": ["Falcons", "SNA"]}, ["SNA", "Falcons, SNA", "Hawks, SNA"])
    assert groups.group_of("Falcons, SNA") == "rebels"
    assert groups.group_of("Hawks, SNA") is None


def test_a_side_of_several_groups_is_in_none_and_says_so():
    groups = actor_groups({"state": ["Army"], "rebels": ["HTS", "SNA"]}, KNOWN)
    assert [groups.group_of(side) for side in ("HTS, SNA", "Army, HTS", "Police, HTS", "Police", "")] == [
        *("rebels", None, None, None, None),
    ]
    assert [groups.place_of(side) for side in ("HTS, SNA", "Army, HTS", "Police, HTS", "Police", "")] == [
        *("rebels", "(several groups)", "(several groups)", "(no group)", "(no group)"),
    ]


def test_a_coalition_may_itself_be_put_in_a_group():
    groups = actor_groups({"room": ["HTS, SNA"], "rebels": ["HTS"]}, ["HTS", "SNA", "HTS, SNA"])
    assert groups.group_of("HTS, SNA") == "room"


def test_sides_of_an_unknown_group():
    with pytest.raises(UnknownNameError, match="did you mean 'state'"):
        actor_groups({"state": ["Army"]}, KNOWN).sides_of("stat", KNOWN)


def test_groups_cannot_be_changed_afterwards():
    with pytest.raises(TypeError):
        actor_groups({"state": ["Army"]}, KNOWN).groups["state"] = ()


def test_coalitions_of_the_bundled_study(sides):
    known = known_actors(sides)
    coalitions = {side for side in sides if ", " in side}
    whole = {side for side in coalitions if len(split_actors(side, known)) == 1}
    assert (len(set(sides)), len(known), len(coalitions), len(whole)) == (94, 64, 30, 16)
    # Every comma of this file separates actors: with all the parts known, none stays whole.
    parts = {part for side in sides for part in side.split(", ")}
    assert not [side for side in coalitions if len(split_actors(side, parts)) == 1]


def test_own_dead_by_group_of_the_bundled_study(events, sides):
    table = deaths_by_group(events, actor_groups(GROUPS, sides))
    assert table["deaths"].to_dict() == {
        "government": 29899,
        "IS": 20549,
        "SDF": 5969,
        "HTS": 1104,
        "insurgents": 15471,
        "(several groups)": 676,
        "(no group)": 2583,
    }
    assert table["deaths"].sum() == events.accepted[["deaths_a", "deaths_b"]].to_numpy().sum()
    assert table["sides"].sum() == len(sides)
    assert (table["untold"] == 0).all()


def test_a_group_has_the_deaths_that_its_series_has(events, sides):
    groups = actor_groups(GROUPS, sides)
    table = deaths_by_group(events, groups)
    for group in GROUPS:
        own = victim_counts(events.accepted, groups.sides_of(group, sides))["best"].sum()
        assert own == table.loc[group, "deaths"]


def test_deaths_that_a_source_does_not_give_are_counted_as_untold():
    class Records:
        accepted = pd.DataFrame(
            {
                "side_a": ["Army", "Army", "Police"],
                "side_b": ["HTS", "HTS, SNA", None],
                "deaths_a": pd.array([3, None, 1], dtype="Int64"),
                "deaths_b": pd.array([None, 4, 0], dtype="Int64"),
            }
        )

    table = deaths_by_group(Records(), actor_groups({"state": ["Army", "Police"], "HTS": ["HTS"]}, KNOWN))
    assert table["deaths"].to_dict() == {"state": 4, "HTS": 0, "(several groups)": 4, "(no group)": 0}
    assert table["untold"].to_dict() == {"state": 1, "HTS": 1, "(several groups)": 0, "(no group)": 0}
    assert table["sides"].sum() == 6


class TestStudy:
    """A group declared in a study counts the coalitions that lie wholly inside it."""

    @pytest.fixture(scope="class")
    @classmethod
    def study(cls):
        whole = load_study("idlib-2019")
        groups = {**GROUPS, "elsewhere": ["Military Forces of Syria (2000-)"]}
        return replace(whole, actors={name: tuple(actors) for name, actors in groups.items()})

    def series(self, study, group, **changes):
        given = {"victims": group, "start": "2016-01-01", "end": "2019-11-30", "spread": "even", "place": "syria"}
        return study.series("north_west", **{**given, **changes})

    @pytest.mark.parametrize("group", GROUPS)
    def test_a_series_of_a_group_has_the_deaths_of_the_table(self, study, events, sides, group):
        table = deaths_by_group(events, actor_groups(GROUPS, sides))
        made = self.series(study, group)
        outside = made.accounts.loc[["after the window", "on days without coverage"], "best"].sum()
        assert made.total.value + outside == table.loc[group, "deaths"]

    def test_coalitions_are_counted_and_the_caption_names_the_group(self, study):
        made = self.series(study, "insurgents")
        coalitions = [side for side in made.victims if ", " in side]
        assert coalitions
        assert all(set(side.split(", ")) <= set(GROUPS["insurgents"]) for side in coalitions)
        assert f"own dead of {', '.join(GROUPS['insurgents'])}, UCDP GED best" in made.label

    def test_an_actor_that_the_source_does_not_hold_is_named(self, study):
        with pytest.raises(UnknownNameError, match=r"\[actors\] elsewhere='Military Forces of Syria \(2000-\)'"):
            self.series(study, "elsewhere")

    def test_a_replay_knows_the_actors_of_the_whole_table(self, study):
        made = self.series(study, "insurgents", as_of="2016-01-03")
        assert set(made.victims) == set(self.series(study, "insurgents").victims)

    def test_the_declared_series_are_what_they_were(self):
        made = load_study("idlib-2019").series("north_west_government")
        assert (made.total.value, made.victims) == (1993, ("Government of Syria",))
        assert made.label == "recorded deaths, own dead of Government of Syria, UCDP GED best, north-west Syria"
