import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from pipelines.pages import funnel_plot


def _dots(name, expected, ratios, shape="circle"):
    return funnel_plot.Dots(
        name=name,
        shape=shape,
        expected=np.array(expected, float),
        ratios=np.array(ratios, float),
    )


def _limits(name, width):
    expected = np.array([1.0, 10.0, 30.0])
    return funnel_plot.Limits(
        name=name,
        expected=expected,
        low=1 - width / expected,
        high=1 + width / expected,
    )


def _draw(dots):
    return funnel_plot.draw(
        dots,
        [_limits("95% limits", 1), _limits("99.9% limits", 2)],
        x_label="expected",
        y_label="observed / expected",
    )


_KINDS = [_dots("within", [10, 20], [1, 1.1]), _dots("beyond", [30], [4], "triangle")]


def _texts(svg):
    return {(element.text or "").strip() for element in ET.fromstring(svg).iter()}


def _shapes(svg):
    """Outlines of the markers that stand in the drawing."""
    drawing = ET.fromstring(svg)
    outlines = {
        element.get("id"): element.get("d")
        for element in drawing.iter()
        if element.tag.endswith("path") and element.get("id")
    }
    used = [
        element.get("{http://www.w3.org/1999/xlink}href")[1:]
        for element in drawing.iter()
        if element.tag.endswith("}use")
    ]
    return [outlines[name] for name in used if name in outlines]


def test_kinds_limits_and_axes_are_named():
    assert {
        "within",
        "beyond",
        "95% limits",
        "99.9% limits",
        "expected",
        "observed / expected",
    } <= _texts(_draw(_KINDS))


def test_each_kind_has_a_shape_of_its_own():
    one = set(_shapes(_draw(_KINDS[:1])))
    both = set(_shapes(_draw(_KINDS)))

    assert len(both) == len(one) + 1


def _highest_tick(svg):
    return max(
        float(text) for text in _texts(svg) if re.fullmatch(r"\d+(\.\d+)?", text)
    )


def test_a_kind_keeps_its_shape_when_it_is_alone():
    _, beyond = _KINDS

    assert set(_shapes(_draw([beyond]))) < set(_shapes(_draw(_KINDS)))


def test_the_highest_dot_is_inside():
    assert _highest_tick(_draw(_KINDS)) >= 4


@pytest.mark.parametrize(("last", "most"), [(1.1, 2.3), (7.0, 8.0)])
def test_limits_are_inside_where_most_is_expected(last, most):
    limits = funnel_plot.Limits(
        name="99.9% limits",
        expected=np.array([0.1, 0.5]),
        low=np.zeros(2),
        high=np.array([60.0, last]),
    )
    svg = funnel_plot.draw(
        [_dots("few", [0.1, 0.5], [0, 0])],
        [limits],
        x_label="expected",
        y_label="observed / expected",
    )

    assert last <= _highest_tick(svg) <= most


def test_same_numbers_give_the_same_bytes():
    assert _draw(_KINDS) == _draw(_KINDS)
