import xml.etree.ElementTree as ET

import matplotlib.colors
import numpy as np
import pytest

from pipelines.pages import heat_map

_LONG = "A name that is far too long to stand beside the cells of a map"


def _draw(shades, texts):
    return heat_map.draw(
        [f"row {number}" for number in range(len(texts))],
        [f"column {number}" for number in range(len(texts[0]))],
        np.array(shades, float),
        texts,
        x_label="group",
        y_label="thing",
    )


def _texts(svg):
    found = [element.text for element in ET.fromstring(svg).iter()]
    return [text.strip() for text in found if text and text.strip()]


def _luminance(colour):
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_every_cell_carries_its_text_and_every_row_and_column_its_name():
    svg = _draw([[0.5, np.nan], [-3, 0]], [["200", "118 ?"], ["25", "-"]])

    assert {"200", "118 ?", "25", "-", "row 1", "column 0", "group", "thing"} <= set(
        _texts(svg)
    )


def test_rows_are_drawn_from_the_top():
    texts = _texts(_draw([[0], [0]], [["upper"], ["lower"]]))
    svg = ET.fromstring(_draw([[0], [0]], [["upper"], ["lower"]]))
    heights = {
        element.text: float(element.get("y"))
        for element in svg.iter()
        if element.text in ("upper", "lower")
    }

    assert {"upper", "lower"} <= set(texts)
    assert heights["upper"] < heights["lower"]


@pytest.mark.parametrize("shade", np.linspace(-1, 1, 21))
def test_texts_are_readable_on_their_ground(shade):
    svg = ET.fromstring(_draw([[shade]], [["here"]]))
    style = next(
        element.get("style") for element in svg.iter() if element.text == "here"
    )
    # Black is what SVG fills with unless told.
    ink = style.partition("fill: ")[2][:7] or "#000000"
    fills = [
        element.get("style").partition("fill: ")[2][:7]
        for element in svg.iter()
        if "stroke: #ffffff" in (element.get("style") or "")
    ]
    [ground] = fills
    dark, light = sorted([_luminance(ink), _luminance(ground)])

    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_long_names_are_cut_and_short_ones_are_not():
    svg = heat_map.draw(
        [_LONG, "Tea"], ["a"], np.zeros((2, 1)), [["1"], ["2"]], x_label="", y_label=""
    )

    [cut] = [text for text in _texts(svg) if text.endswith("…")]
    assert _LONG.startswith(cut[:-1])
    assert "Tea" in _texts(svg)


def test_same_numbers_give_the_same_bytes():
    assert _draw([[0.1]], [["1"]]) == _draw([[0.1]], [["1"]])
