"""Errors say where, what and what to do, name the nearest choice, and cross processes unharmed."""

import copy
import pickle

import pytest

from casualties.errors import CasualtiesError, ConservationError, InputError, ReportError, UnknownNameError, nearest

ERRORS = [
    CasualtiesError("the report is old", remedy="run it again"),
    ConservationError("3 deaths went in and 2 came out"),
    ReportError("no such report", remedy="make it first"),
    InputError("it is negative", file="list.csv", row=7, column="best", value="-3", remedy="correct it"),
    UnknownNameError("spread", "evn", ["even", "start"], file="study.toml"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_an_error_survives_a_round_trip(error, again):
    twin = again(error)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)


@pytest.mark.parametrize("error", ERRORS[1:], ids=lambda error: type(error).__name__)
def test_one_family(error):
    assert isinstance(error, CasualtiesError)


def test_message_names_file_row_column_value_and_remedy():
    assert str(ERRORS[3]) == "list.csv, row 7, column 'best', value '-3': it is negative; correct it"


def test_parts_that_are_unknown_leave_no_trace():
    assert str(InputError("it is empty", file="a.csv")) == "a.csv: it is empty"
    assert str(InputError("it is empty")) == "it is empty"
    assert str(InputError("not a number", row=2, value="")) == "row 2, value '': not a number"


def test_row_zero_is_named():
    assert str(InputError("negative", row=0)).startswith("row 0: ")


def test_unknown_name_gives_the_nearest_and_the_choices():
    error = ERRORS[4]
    assert (error.near, error.choices) == ("even", ["even", "start"])
    assert str(error) == "study.toml: spread='evn' is not known; did you mean 'even'? The choices are: 'even', 'start'"


def test_unknown_name_without_a_near_one_lists_the_choices():
    assert str(UnknownNameError("spread", "xyz", ["even"])) == "spread='xyz' is not known; the choices are: 'even'"


def test_many_choices_are_cut_but_the_nearest_is_still_found():
    choices = [f"actor {number:03d}" for number in range(200)]
    error = UnknownNameError("victims", "actor 19", choices)
    assert "and 175 more" in str(error)
    assert len(error.choices) == 200
    assert error.near in choices


def test_choices_may_be_an_iterator():
    error = UnknownNameError("spread", "evn", iter(["even", "end"]))
    assert error.choices == ["even", "end"]
    assert error.near == "even"


@pytest.mark.parametrize(
    ("name", "choices", "found"),
    [
        ("adm1", ["adm_1", "adm_2"], "adm_1"),
        ("IDLIB GOVERNORATE", ["Hamah Governorate", "Idlib Governorate"], "Idlib Governorate"),
        ("deaths_civilian", ["deaths_a", "deaths_civilians"], "deaths_civilians"),
        ("zzz", ["even", "start"], None),
        ("even", [], None),
    ],
)
def test_nearest(name, choices, found):
    assert nearest(name, choices) == found


def test_a_message_is_one_line_that_can_be_read_whatever_the_file_holds():
    error = InputError(
        "said (\x00\n\u202e)", file="a\nb.csv", column="c" * 9_000, value="\ud800إدلب", remedy="r" * 9_000
    )
    assert str(error).isprintable()
    assert str(error).startswith(r"a\nb.csv, column 'ccc")
    assert r"said (\x00\n\u202e); rrr" in str(error)
    assert "إدلب" in str(error)
    assert len(str(error)) < 1_300
