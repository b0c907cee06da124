"""An answer is a number with its interval, or a reason why there is none; neither can contradict itself."""

import dataclasses
import math
import pickle

import pytest

from casualties.estimates import Estimate, NotEstimable


def test_a_zero_is_an_answer_and_no_answer_is_false():
    assert Estimate(0.0)
    assert not NotEstimable("no deaths recorded")


def test_a_number_alone_has_no_interval():
    alone = Estimate(42.0, unit="recorded deaths")
    assert not alone.has_interval
    assert math.isnan(alone.level)


def test_one_end_is_no_interval():
    assert not Estimate(2.0, low=1.0).has_interval
    assert Estimate(2.0, 1.0, 3.0, level=0.9).has_interval


def test_an_interval_the_wrong_way_round_is_refused():
    with pytest.raises(ValueError, match=r"3\.3 to 1\.8 is the wrong way round"):
        Estimate(2.4, 3.3, 1.8, level=0.95)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.5])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        Estimate(2.4, 1.8, 3.3, level=level)


def test_reason_is_said():
    assert str(NotEstimable("fewer than 14 observed days")) == "not estimable: fewer than 14 observed days"


@pytest.mark.parametrize("answer", [Estimate(2.4, 1.8, 3.3, 0.95, "ratio"), NotEstimable("too few days")])
def test_answers_are_frozen_and_cross_processes(answer):
    assert pickle.loads(pickle.dumps(answer)) == answer
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(answer, dataclasses.fields(answer)[0].name, "other")


def test_estimates_that_both_lack_an_interval_are_equal():
    # NaN is unequal to itself, and dataclasses compare field by field from Python 3.13 on.
    assert Estimate(2.0, unit="ratio") == Estimate(2.0, unit="ratio")
    assert hash(Estimate(2.0)) == hash(Estimate(2.0))
    assert Estimate(2.0) != Estimate(2.0, 1.0, 3.0, level=0.9)
    assert Estimate(2.0) != 2.0
