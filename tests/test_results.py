"""Every result says what it rests on, and finds its figure and table by its type."""

import pickle
from dataclasses import dataclass

import pandas as pd
import pytest

from casualties.errors import CasualtiesError
from casualties.results import Basis, Result, register_plot, register_table


def make_basis(**changes) -> Basis:
    given = {
        "label": "recorded deaths, all victims",
        "source": "UCDP GED",
        "vintage": "19.1",
        "start": "2019-04-30",
        "end": "2019-08-31",
        "days": 124,
        "days_observed": 73,
        "method": "a count",
    }
    return Basis(**{**given, **changes})


@dataclass(frozen=True)
class Drawn(Result):
    basis: Basis
    words: str = "1 < 2 & 3"

    def summary(self) -> str:
        return self.words

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"given": [1]})


@dataclass(frozen=True)
class Plain(Drawn):
    """A kind of its own that inherits what its parent registered."""


@dataclass(frozen=True)
class Bare(Result):
    basis: Basis

    def summary(self) -> str:
        return "bare"

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"raw": [7]})


@register_plot(Drawn)
def plot_drawn(result, ax=None, colour="black"):
    return (result.words, ax, colour)


@register_table(Drawn)
def drawn_table(result):
    return pd.DataFrame({"words": [result.words]})


def test_basis_in_lines():
    lines = make_basis(settings={"spread": "even", "missing_days": "zero"}, seed=1).lines()
    assert lines == [
        "Counted:  recorded deaths, all victims",
        "Source:   UCDP GED (19.1)",
        "Window:   2019-04-30 to 2019-08-31, 73 of 124 days observed",
        "Method:   a count",
        "Settings: spread=even, missing_days=zero",
    ]


def test_basis_without_vintage_or_settings_says_nothing_of_them():
    lines = make_basis(vintage="").lines()
    assert lines[1] == "Source:   UCDP GED"
    assert len(lines) == 4


def test_basis_crosses_processes():
    basis = make_basis()
    assert pickle.loads(pickle.dumps(basis)) == basis


@pytest.mark.parametrize("kind", [Drawn, Plain])
def test_figure_and_table_are_found_by_type(kind):
    result = kind(make_basis())
    assert result.plot(colour="red") == ("1 < 2 & 3", None, "red")
    assert result.table()["words"].tolist() == ["1 < 2 & 3"]


def test_html_is_escaped_and_holds_the_table():
    html = Drawn(make_basis())._repr_html_()
    assert "1 &lt; 2 &amp; 3" in html
    assert "<th>words</th>" in html


def test_a_result_without_a_table_shows_its_frame():
    assert "<th>raw</th>" in Bare(make_basis())._repr_html_()
    assert str(Bare(make_basis())) == "bare"


def test_a_result_without_a_figure_says_so():
    with pytest.raises(CasualtiesError, match="no figure is known for Bare; import casualties to load them all"):
        Bare(make_basis()).plot()
    with pytest.raises(CasualtiesError, match="no table is known for Bare"):
        Bare(make_basis()).table()
