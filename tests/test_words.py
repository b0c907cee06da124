"""Two ways of writing one word meet; two words, and a number with a footnote, do not."""

import unicodedata

import pandas as pd
import pytest

from casualties.sources.lists.words import column_name, fold, folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مدنـــي", "مدني"),
        ("\u200fمدني\u200e", "مدني"),
        ("مَدَنيّ", "مدني"),
        ("١٢٣", "123"),
        ("۱۲۳", "123"),
        ("１２３", "123"),
        ("AIR  Strike", "air strike"),
        ("3–5", "3-5"),
        ("a\u00a0b", "a b"),
        ("ﻣﺪﻧﻲ", "مدني"),
    ],
)
def test_one_word_in_two_spellings(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("5²", "52"), ("½", "12"), ("①", "1"), ("مدني", "مدنية"), ("a b", "ab")])
def test_two_words(one, other):
    assert fold(one) != fold(other)


def test_names_of_columns_meet_composed_and_decomposed():
    name = "الأعداد"
    assert column_name(f" {unicodedata.normalize('NFD', name)}\n") == column_name(name)
    assert column_name("Killed") != column_name("killed")


def test_cells_are_compared_by_row():
    cells = pd.Series(["A", "١", "a"], index=[7, 8, 9])
    assert folded(cells).to_dict() == {7: "a", 8: "1", 9: "a"}
