import numpy as np
import openvino
import pytest
from openvino import opset13 as opset

from training import errors, int8_gate, losses, quantize

_AGES = np.linspace(10, 80, 400)
_FLOAT32 = losses.label_distributions(_AGES + 4, 3)


class _Quantiser:
    """Makes models that err by as many years more as it was told for each way."""

    def __init__(self, **costs):
        self._costs = costs
        self.made = []

    @property
    def ways(self):
        return [quantize.Int8Settings(name=name) for name in self._costs]

    def make(self, settings):
        self.made.append(settings.name)
        value = opset.parameter([1])
        return openvino.Model([value], [value], settings.name)

    def predict(self, model):
        cost = np.resize(self._costs[model.get_friendly_name()], len(_AGES))
        return losses.label_distributions(_AGES + 4 + cost, 3)


def _choose(quantiser, num_people=400):
    return int8_gate.choose(
        quantiser.make,
        lambda model: quantiser.predict(model)[:num_people],
        int8_gate.Truth(float32=_FLOAT32[:num_people], ages_years=_AGES[:num_people]),
        ways=quantiser.ways,
    )


def test_takes_the_first_way_that_is_surely_within():
    quantiser = _Quantiser(first=0.2, second=0.04, third=0.0)

    found = _choose(quantiser)

    assert found.settings.name == "second"
    assert quantiser.made == ["first", "second"]
    assert found.cost_years == pytest.approx(0.04, abs=1e-3)
    assert found.shift_years == pytest.approx(0.04, abs=1e-3)
    assert found.model.get_friendly_name() == "second"


def test_an_uncertain_way_is_taken_if_no_other_is_better():
    # On average 0.03 and 0.02 years, and by far more for one person or the other.
    quantiser = _Quantiser(first=[3.03, -2.97], second=[3.02, -2.98], third=0.3)

    found = _choose(quantiser)

    assert quantiser.made == ["first", "second", "third"]
    assert found.settings.name == "second"
    assert found.cost_years == pytest.approx(0.02, abs=1e-3)
    assert found.error_years == pytest.approx(3 / np.sqrt(400), rel=0.01)


def test_an_int8_model_may_be_the_better_one():
    assert _choose(_Quantiser(first=-0.5)).cost_years == pytest.approx(-0.5, abs=0.01)


def test_refuses_when_every_way_costs_too_much():
    quantiser = _Quantiser(first=0.2, second=0.1)

    with pytest.raises(int8_gate.Int8Error) as refused:
        _choose(quantiser)

    assert isinstance(refused.value, errors.RefusedError)
    for expected in ("0.05 years", "first: +0.2", "second: +0.1", "no bundle"):
        assert expected in str(refused.value)


def test_of_few_people_chance_alone_refuses_nothing():
    unsure = _Quantiser(first=[3.3, -2.7])

    found = _choose(unsure, num_people=100)

    assert found.cost_years == pytest.approx(0.3, abs=1e-2)
    with pytest.raises(int8_gate.Int8Error):
        _choose(unsure)
    with pytest.raises(int8_gate.Int8Error):
        _choose(_Quantiser(first=[0.9, 0.7]), num_people=100)


def test_ways_without_bias_come_first_and_of_these_the_cheap_ones():
    costs = [(not way.corrects_bias_fully, way.photos_factor) for way in int8_gate.WAYS]
    assert costs == sorted(costs)
    assert all(way.keeps_first_float and way.is_mixed for way in int8_gate.WAYS)
    assert len({way.name for way in int8_gate.WAYS}) == len(int8_gate.WAYS)
