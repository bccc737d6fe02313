import xml.etree.ElementTree as ET

import numpy as np
import pytest

from pipelines.pages import plots

_AGES = ["0-12\nn = 20", "13-17", "18-24"]
_GAP = [1.0, np.nan, 3.0]


def _series(name="these photos"):
    return plots.Series(name=name, values=_GAP, low=[0.5, np.nan, 3.5], high=[2, 2, 4])


def _curve(name):
    return plots.Reliability(
        name=name, said=[0.1, 0.9], observed=[0.2, 0.8], low=[0.1, 0.7], high=[0.3, 1]
    )


_DRAWN = {
    "bars": lambda: plots.bars(
        _AGES,
        [plots.Series(name="these photos", values=[1, 2, 3])],
        x_label="age, years",
        y_label="count",
    ),
    "grouped": lambda: plots.bars(
        _AGES, [_series(), _series("others")], x_label="age, years", y_label="count"
    ),
    "steps": lambda: plots.steps(
        [0, 5, 10, 15],
        [_series(), _series("others")],
        x_label="age, years",
        y_label="count",
    ),
    "points": lambda: plots.points(
        _AGES,
        [_series(), _series("others")],
        x_label="age, years",
        y_label="count",
        reference=0,
    ),
    "reliability": lambda: plots.reliability(
        [_curve("these photos"), _curve("others")],
        x_label="age, years",
        y_label="count",
    ),
    "scatter": lambda: plots.scatter(
        [1, 2], [3, 4], x_label="age, years", y_label="count"
    ),
    "heat_map": lambda: plots.heat_map(
        np.array([[0, 3], [120, 0]]),
        [0, 50, 100],
        x_label="age, years",
        y_label="count",
        count_label="photos",
    ),
    "empty heat_map": lambda: plots.heat_map(
        np.zeros((2, 2), int),
        [0, 50, 100],
        x_label="age, years",
        y_label="count",
        count_label="photos",
    ),
}


def _texts(svg):
    return {
        "".join(element.itertext()).strip() for element in ET.fromstring(svg).iter()
    }


@pytest.mark.parametrize("draw", _DRAWN.values(), ids=_DRAWN)
def test_plots_are_drawings_with_named_axes(draw):
    svg = draw()

    assert svg.startswith("<svg")
    assert {"age, years", "count"} <= _texts(svg)


@pytest.mark.parametrize("draw", _DRAWN.values(), ids=_DRAWN)
def test_same_numbers_give_the_same_bytes(draw):
    assert draw() == draw()


@pytest.mark.parametrize("name", ["grouped", "steps", "points", "reliability"])
def test_several_series_are_named(name):
    assert {"these photos", "others"} <= _texts(_DRAWN[name]())


def test_bars_of_one_series_carry_their_values():
    assert {"1", "2", "3"} <= _texts(_DRAWN["bars"]())


def test_names_are_no_formulas_and_no_markup():
    one = plots.Series(name="<b>$x$</b>", values=[1])
    two = plots.Series(name="two", values=[1])

    svg = plots.bars(["$y$"], [one, two], x_label="x", y_label="y")

    assert {"<b>$x$</b>", "$y$"} <= _texts(svg)
