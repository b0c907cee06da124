"""A mapping says what is needed, nothing that is not known, and nothing twice; else the message names the place."""

import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.sources.lists.mapping import read_mapping

EVENTS = {"columns": {"date": "Day", "best": "Killed"}}
VICTIMS = {"rows": "victims", "columns": {"date": "Day"}}


def test_what_a_full_mapping_says(tmp_path):
    file = tmp_path / "list.toml"
    file.write_text(
        """
        rows = "victims"
        gazetteer = "syria"
        only = { column = "Fate", values = ["Killed", "شهيد"] }
        [file]
        sheet = "List"
        header = 3
        [columns]
        date_start = " From"
        date_end = "To"
        kind = "How"
        [dates]
        formats = ["%d/%m/%Y"]
        unknown = ["n/a"]
        [values.kind]
        "Air  STRIKE" = 3
        [classes]
        column = "Status"
        civilians = ["مدنـي"]
        [breakdown]
        children = { column = "Age", values = ["Child"] }
        [carry]
        perpetrator = "By"
        """,
        encoding="utf-8-sig",
    )
    found = read_mapping(file)
    assert (found.victims, found.gazetteer, found.layout.sheet, found.layout.header) == (True, "syria", "List", 3)
    assert found.columns == {"date_start": "From", "date_end": "To", "kind": "How"}
    assert found.values == {"kind": {"air strike": "3"}}
    assert found.classes.civilians == {"مدني"}
    assert found.breakdown["children"].words == {"child"}
    assert (found.only.column, found.only.words) == ("Fate", {"killed", "شهيد"})
    assert found.read == ("From", "To", "How", "Age", "By", "Status", "Fate")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({**EVENTS, "colums": {}}, "mapping key='colums' is not known; did you mean 'columns'"),
        ({**EVENTS, "rows": "victim"}, "rows='victim' is not known; did you mean 'victims'"),
        ({**EVENTS, "gazetteer": "siria"}, "did you mean 'syria'"),
        ({"columns": {"date": "Day", "bets": "K"}}, r"\[columns\]='bets' is not known; did you mean 'best'"),
        ({**EVENTS, "columns": {**EVENTS["columns"], "incident": "I"}}, r"\[columns\]='incident' is not known"),
        ({**EVENTS, "dates": {"format": []}}, r"\[dates\]='format' is not known; did you mean 'formats'"),
        ({**EVENTS, "file": {"sheets": "a"}}, r"\[file\]='sheets' is not known; did you mean 'sheet'"),
        ({**EVENTS, "values": {"kind": {}}}, r"\[values\]='kind' is not known"),
        ({**EVENTS, "estimates": {"best": "middle"}}, r"\[estimates\] best='middle' is not known"),
        (
            {"columns": {**EVENTS["columns"], "kind": "K"}, "values": {"kind": {"Strike": "9"}}},
            r"\[values.kind\] 'Strike'='9' is not known",
        ),
    ],
)
def test_a_name_that_is_not_known(mapping, said):
    with pytest.raises(UnknownNameError, match=said):
        read_mapping(mapping)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({}, "the mapping does not name the day"),
        ({"columns": {"date": "A", "date_start": "B", "best": "C"}}, "the mapping names the day twice"),
        ({"columns": {"date": "A", "date_end": "B", "best": "C"}}, "write date_start in place of date"),
        ({"columns": {"date": "Day"}}, "no column has the deaths"),
        ({"columns": {"date": "Day", "low": "L"}}, "no column has the deaths"),
        ({"columns": {"date": "Day", "low": "L"}, "estimates": {"best": "high"}}, "best is to be taken from high"),
        ({"columns": {"date": 3, "best": "K"}}, "column 'date', value '3': this is a text"),
        ({"columns": {"date": " ", "best": "K"}}, "this is a text"),
        ({"columns": ["date"]}, "this is a table of the mapping"),
        ({**EVENTS, "dates": {"formats": "%Y"}}, "this is a list of texts"),
        ({**EVENTS, "dates": {"formats": ["%d"]}}, "the format has no year"),
        ({**EVENTS, "estimates": {"range": ["{}-{}"]}}, "a range has no best estimate of its own"),
        ({**EVENTS, "estimates": {"thousands": "-"}}, "the sign between thousands is one character"),
        ({**EVENTS, "file": {"header": 0}}, "whole number of at least 1"),
        ({**EVENTS, "file": {"encoding": "windows-9"}}, "there is no such encoding"),
        ({**EVENTS, "file": {"sheet": 2}}, "column 'sheet', value '2': this is a text"),
        ({**EVENTS, "classes": {"column": "A", "civilians": ["b"]}}, "name them in .columns."),
        ({**EVENTS, "breakdown": {"best": "W"}}, "column 'best': this name is taken"),
        ({**EVENTS, "breakdown": {"combatants": "W"}}, "column 'combatants': this name is taken"),
        ({**EVENTS, "breakdown": {"women": {"column": "W"}}}, "column 'women'.*this is a text"),
        ({**EVENTS, "breakdown": {"a": "W"}, "carry": {"a": "V"}}, "column 'a': this name is taken"),
        ({**EVENTS, "carry": {"adm1_given": "W"}}, "this name is taken"),
        ({**VICTIMS, "columns": {"date": "Day", "best": "K"}}, "each row of a list of victims is one death"),
        ({**VICTIMS, "estimates": {"at_least": ["{}+"]}}, "each row of a list of victims is one death"),
        ({**VICTIMS, "breakdown": {"women": "W"}}, "given by a column and its words"),
        ({**VICTIMS, "only": "killed"}, "column 'only': this is given by a column and its words"),
        ({**EVENTS, "only": {"column": "A", "values": []}}, "given by a column and its words"),
        ({**VICTIMS, "classes": {"column": "A"}}, "no word stands for a class"),
        (
            {**VICTIMS, "classes": {"column": "A", "civilians": ["X"], "combatants": ["x"]}},
            "value 'x': the word stands for both classes",
        ),
        (
            {"columns": {**EVENTS["columns"], "adm1": "P"}, "values": {"adm1": {"A": "b", "a": "c"}}},
            r"column '\[values.adm1\]', value 'a': the word is translated in two ways",
        ),
    ],
)
def test_what_cannot_be_followed(mapping, said):
    with pytest.raises(InputError, match=said):
        read_mapping(mapping)


def test_messages_name_the_file_and_never_its_folder(tmp_path):
    file = tmp_path / "list.toml"
    with pytest.raises(InputError, match=r"^list.toml: the mapping cannot be read \(No such file") as caught:
        read_mapping(file)
    assert str(tmp_path) not in str(caught.value)
    file.write_bytes(b"rows = \xff")
    with pytest.raises(InputError, match=r"^list\.toml: the mapping cannot be read"):
        read_mapping(file)
    file.write_text("rows = 'x'")
    with pytest.raises(UnknownNameError, match=r"^list\.toml: rows='x'"):
        read_mapping(file)
