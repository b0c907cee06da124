"""A cell gives the numbers that it states and no other; what it leaves open stays open."""

import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.sources.lists.counts import UNDECLARED, count_words, read_counts

WORDS = count_words(
    at_least=["at least {}", "{}+", "ما لا يقل عن {}"], ranges=["{}-{}", "{} to {}", "بين {} و {}"], best="low"
)


def read(cell, words=WORDS):
    return tuple(read_counts(pd.Series([cell], dtype="str"), words).iloc[0])


@pytest.mark.parametrize(
    ("cell", "number", "low", "high"),
    [
        ("7", "7", "", ""),
        (" ٧ ", "7", "", ""),
        ("3.0", "3.0", "", ""),
        ("-3", "-3", "", ""),
        ("", "", "", ""),
        ("several", "several", "", ""),
        ("5²", "5²", "", ""),
        ("At  least ٥", "5", "5", ""),
        ("5+", "5", "5", ""),
        ("ما لا يقـل عن ٥", "5", "5", ""),
        ("3-5", "3", "3", "5"),
        ("3 – 5", "3", "3", "5"),
        ("3 to 5", "3", "3", "5"),
        ("بين ٣ و ٥", "3", "3", "5"),
        ("5-3", "5", "5", "3"),
        ("3-5 children", "3-5 children", "", ""),
    ],
)
def test_cells(cell, number, low, high):
    assert read(cell) == (number, low, high, "1" if low or high else "", "")


def test_the_end_of_a_range_that_stands_for_best_is_the_mappings():
    words = count_words(ranges=["{}-{}"], best="high")
    assert read("3-5", words) == ("5", "3", "5", "1", "")


@pytest.mark.parametrize("cell", ["1,234", "1.234", "2.000", "1 234", "١٬٢٣٤", "1'234"])
def test_a_sign_between_thousands_is_not_guessed(cell):
    assert read(cell)[4] == UNDECLARED


@pytest.mark.parametrize(
    ("sign", "cell", "number"),
    [
        (",", "1,234", "1234"),
        (".", "1.234.567", "1234567"),
        ("٬", "١٬٢٣٤", "1234"),
        ("\u00a0", "1\u00a0234", "1234"),
        (",", "12,34", "12,34"),
        (",", "123", "123"),
    ],
)
def test_a_declared_sign_is_left_out_between_thousands(sign, cell, number):
    assert read(cell, count_words(thousands=sign)) == (number, "", "", "", "")


def test_a_declared_sign_in_a_pattern():
    words = count_words(at_least=["over {}"], thousands=",")
    assert read("over 1,200", words) == ("1200", "1200", "", "1", "")
    assert read("over 1,20", words)[3] == ""


def test_two_patterns_that_do_not_mean_the_same():
    words = count_words(at_least=["{}-?"], ranges=["{}-{}", "{} to {}"], best="low")
    assert read("3-5", words)[:3] == ("3", "3", "5")
    words = count_words(at_least=["{}+1"], ranges=["{}+{}"], best="high")
    assert read("3+1", words)[4] == "the cell fits two patterns that do not mean the same"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"at_least": ["at least"]}, r"one \{\} where the number stands"),
        ({"at_least": ["{} {}"]}, r"one \{\} where the number stands"),
        ({"at_least": ["{}"]}, r"one \{\} where the number stands"),
        ({"ranges": ["{} to"]}, r"two \{\} where the numbers stand"),
        ({"ranges": ["about {}{}"]}, "nothing stands between the two numbers"),
    ],
)
def test_patterns_that_say_nothing(options, said):
    with pytest.raises(InputError, match=said):
        count_words(**options)
