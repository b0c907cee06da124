"""Whether two series count the same."""

from dataclasses import replace

import pytest
from paired import series

from casualties.comparison.scopes import match_scopes


def made(name="A", *, start="2019-01-01", **choices):
    return replace(series([1] * 30, name, start), **choices)


def test_the_same_scope_speaks_against_nothing():
    found = match_scopes(made(), made("B"))
    assert (found.victims, found.place, found.days, found.refusal) == ("same", "same", 30, None)
    assert found.sentences[0] == "A: all victims, all that it covers, 2019-01-01 to 2019-01-30."


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("civilians", "civilians", "same"),
        ("all", "civilians", "part"),
        ("women", ("women", "children"), "part"),
        (("women", "men"), ("women", "children"), "overlap"),
        ("civilians", "combatants", "not known"),
    ],
)
def test_victims(a, b, relation):
    one, other = made(victims=a, whom=str(a)), made("B", victims=b, whom=str(b))
    for found in (match_scopes(one, other), match_scopes(other, one)):
        assert found.victims == relation
        assert (found.refusal is None) == (relation == "same")
    if relation == "part":
        assert "a share, not an agreement" in found.refusal.reason


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ({"adm1": "Idlib"}, {"adm1": ["Idlib"]}, "same"),
        ({"adm1": "Idlib"}, {"adm1": ["Idlib", "Hama"]}, "part"),
        ({"adm1": ["Idlib", "Aleppo"]}, {"adm1": ["Idlib", "Hama"]}, "overlap"),
        ({"adm1": "Idlib"}, {"adm1": "Hama"}, "apart"),
        ({"adm1": "Idlib"}, {"adm2": "Harim"}, "not known"),
        ({"adm1": "Idlib"}, {}, "not known"),
        ({"adm1": "Idlib", "adm2": ["x", "y"]}, {"adm1": ["Idlib", "Hama"], "adm2": "x"}, "overlap"),
    ],
)
def test_places(a, b, relation):
    one, other = made(where=a, place="here"), made("B", where=b, place="there")
    for found in (match_scopes(one, other), match_scopes(other, one)):
        assert found.place == relation
        refused = relation in ("part", "overlap", "apart")
        assert (found.refusal is not None) == refused
        if refused:
            assert "different places" in found.refusal.reason
        elif relation == "not known":
            assert "not known from the records" in " ".join(found.sentences)


def test_windows():
    found = match_scopes(made(), made("B", start="2019-01-21"))
    assert found.days == 10
    assert "10 days from 2019-01-21 lie in both" in found.sentences[-1]
    none = match_scopes(made(), made("B", start="2020-01-01"))
    assert (none.days, none.refusal) == (0, None)
    assert "no day lies in both" in none.sentences[-1]
