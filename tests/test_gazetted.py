"""A name of an area becomes that of the gazetteer where there is one such area, and stays as written where not."""

import pandas as pd
import pytest

from casualties.errors import UnknownNameError
from casualties.sources.lists import gazetted
from casualties.sources.lists.gazetted import AMBIGUOUS, UNMATCHED, settle_areas


def settle(**names):
    return settle_areas({name: pd.Series(cells, dtype="str") for name, cells in names.items()}, "syria")


def test_spellings_and_scripts_of_one_governorate_meet():
    names, flags = settle(adm1=["إدلب", "محافظة ادلب", "Idleb", " Idlib Governorate ", ""])
    assert names["adm1"].tolist() == ["Idlib", "Idlib", "Idlib", "Idlib", ""]
    assert not flags[AMBIGUOUS].any()
    assert not flags[UNMATCHED].any()


def test_an_unknown_name_stays():
    names, flags = settle(adm1=["Atlantis", "Hama"])
    assert names["adm1"].tolist() == ["Atlantis", "Hama"]
    assert flags[UNMATCHED].tolist() == [True, False]


def test_a_district_is_looked_for_in_its_governorate():
    names, flags = settle(adm1=["Idleb", "Aleppo", "", "Atlantis"], adm2=["حارم"] * 4)
    assert names["adm2"].tolist() == ["Harim", "حارم", "Harim", "Harim"]
    assert flags[UNMATCHED].tolist() == [False, True, False, True]


def test_a_name_of_two_areas_is_left_whichever_comes_first(monkeypatch):
    table = pd.DataFrame(
        {
            "level": "district",
            "pcode": "",
            "within": ["North", "South"],
            "name": ["Al-Bab", "El Bab"],
            "arabic": "",
            "ucdp": "",
            "others": "",
        }
    )
    for ordered in (table, table[::-1].reset_index(drop=True)):
        monkeypatch.setattr(gazetted, "equivalents", lambda country, level, ordered=ordered: ordered)
        names, flags = settle(adm2=["Bab", "al bab", "Nowhere"])
        assert names["adm2"].tolist() == ["Bab", "al bab", "Nowhere"]
        assert flags[AMBIGUOUS].tolist() == [True, True, False]


def test_there_must_be_such_a_table():
    with pytest.raises(UnknownNameError, match="did you mean 'syria'"):
        settle_areas({"adm1": pd.Series(["a"])}, "Syrie")
