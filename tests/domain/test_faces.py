import dataclasses

import numpy as np
import pytest

from pipelines.domain import faces

SETTINGS = faces.FaceSettings()


def _numbered(height: int = 40, width: int = 60) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return np.dstack([rows, columns, rows + columns]).astype(np.uint8)


@pytest.mark.parametrize(
    ("box", "margin", "rows", "columns"),
    [
        (faces.Box(10, 5, 20), 0.0, range(5, 25), range(10, 30)),
        (faces.Box(10, 10, 10), 0.5, range(5, 25), range(5, 25)),
        # Beyond the photo its edge is repeated.
        (faces.Box(-5, 0, 20), 0.0, range(20), [0] * 5 + list(range(15))),
        (faces.Box(0, -4, 10), 0.0, [0] * 4 + list(range(6)), range(10)),
        (
            faces.Box(50, 30, 20),
            0.0,
            [*range(30, 40)] + [39] * 10,
            [*range(50, 60)] + [59] * 10,
        ),
        (faces.Box(200, 0, 10), 0.0, range(10), [59] * 10),
        (faces.Box(0, -50, 10), 0.0, [0] * 10, range(10)),
    ],
)
def test_crop_holds_these_pixels(box, margin, rows, columns):
    rows, columns = list(rows), list(columns)

    crop = faces.crop_face(_numbered(), box, len(rows), margin)

    assert crop.flags.c_contiguous
    np.testing.assert_array_equal(crop, _numbered()[np.ix_(rows, columns)])


@pytest.mark.parametrize("size_px", [7, 20, 64])
def test_crop_has_the_size_that_is_asked(size_px):
    crop = faces.crop_face(_numbered(), faces.Box(3, 3, 30), size_px, 0.1)

    assert crop.shape == (size_px, size_px, 3)
    assert crop.dtype == np.uint8


@pytest.mark.parametrize(
    ("degrees", "top_left"),
    [(0, (0, 0)), (90, (39, 0)), (180, (39, 59)), (270, (0, 59))],
)
def test_a_photo_is_turned_clockwise(degrees, top_left):
    found = faces.Finding("ok", faces.Box(0, 0, 9), 9, 100.0, degrees)

    turned = faces.upright(_numbered(), found)

    assert turned.shape == ((40, 60, 3) if degrees in (0, 180) else (60, 40, 3))
    np.testing.assert_array_equal(turned[0, 0], _numbered()[top_left])
    assert sorted(turned[..., 2].ravel()) == sorted(_numbered()[..., 2].ravel())


def test_a_photo_without_a_face_stays_as_it_is():
    found = faces.judge(_numbered(), [], SETTINGS)

    assert found.turned_degrees is None
    assert faces.upright(_numbered(), found).shape == (40, 60, 3)


def test_whole_photo_is_fitted():
    assert faces.whole_photo(_numbered(), 32).shape == (32, 32, 3)


def test_settings_come_back_from_a_card():
    values = {
        name: float(value) for name, value in dataclasses.asdict(SETTINGS).items()
    }

    assert faces.FaceSettings.from_card(values) == SETTINGS
    assert isinstance(faces.FaceSettings.from_card(values).min_face_px, int)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"eye_colour": 1.0}, "unknown face setting: eye_colour"),
        ({"min_size_ratio": 0.5}, "min_size_ratio must be at least 1"),
        ({"crop_margin": float("nan")}, "crop_margin must be at least 0"),
    ],
)
def test_refuses_settings_that_cannot_be(values, reason):
    with pytest.raises(ValueError, match=reason):
        faces.FaceSettings.from_card(values)
