import base64

import cv2
import numpy as np
import pytest

from pipelines.pages import pictures


def _pixels(data_uri):
    kind, _, packed = data_uri.partition(",")
    assert kind == "data:image/jpeg;base64"
    content = np.frombuffer(base64.b64decode(packed), np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_COLOR)[:, :, ::-1]


@pytest.mark.parametrize(
    ("longest_px", "shape"), [(80, (80, 40, 3)), (400, (200, 100, 3))]
)
def test_pictures_are_shrunk_and_never_enlarged(noise, longest_px, shape):
    assert _pixels(pictures.of_pixels(noise, longest_px)).shape == shape


def test_colours_stay_what_they_are():
    red = np.zeros((40, 40, 3), np.uint8)
    red[:, :, 0] = 220

    found = _pixels(pictures.of_pixels(red)).reshape(-1, 3).mean(axis=0)

    assert found == pytest.approx([220, 0, 0], abs=6)


def test_encoded_photos_are_packed_as_their_pixels(noise):
    encoded = cv2.imencode(".png", noise[:, :, ::-1])[1].tobytes()

    assert pictures.of_encoded(encoded) == pictures.of_pixels(noise)


@pytest.mark.parametrize("encoded", [b"", b"no photo"])
def test_what_cannot_be_decoded_gives_no_picture(encoded):
    assert pictures.of_encoded(encoded) is None
