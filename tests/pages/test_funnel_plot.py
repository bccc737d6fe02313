import xml.etree.ElementTree as ET

import numpy as np

from pipelines.pages import funnel_plot


def _dots(name, expected, ratios):
    return funnel_plot.Dots(
        name=name, expected=np.array(expected, float), ratios=np.array(ratios, float)
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


_KINDS = [_dots("within", [10, 20], [1, 1.1]), _dots("beyond", [30], [4])]


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


def test_the_highest_dot_is_inside():
    ticks = [float(text) for text in _texts(_draw(_KINDS)) if text.endswith(".0")]

    assert max(ticks) >= 4


def test_same_numbers_give_the_same_bytes():
    assert _draw(_KINDS) == _draw(_KINDS)
