import cv2
import numpy as np
import pytest

from pipelines.domain import faces, photos, pixels
from pipelines.inference import face_finder, preparation
from pipelines.sample import frames, looks

SETTINGS = faces.FaceSettings()
SIZE_PX = 160


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    look = looks.sample_look(np.random.default_rng(1))
    person = frames.Rendered(look=look, age_years=35)
    return frames.picture(np.random.default_rng(0), 5, [person])


@pytest.fixture(scope="module")
def preparer() -> preparation.Preparer:
    return preparation.Preparer(SETTINGS, SIZE_PX)


def _jpeg(rgb: np.ndarray, scale: float = 1) -> bytes:
    scaled = cv2.resize(rgb, None, fx=scale, fy=scale)
    options = [cv2.IMWRITE_JPEG_QUALITY, 97]
    return cv2.imencode(".jpg", cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR), options)[
        1
    ].tobytes()


def _difference(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first.astype(int) - second.astype(int)).mean())


def test_a_small_photo_is_cropped_as_it_is(preparer, photo):
    encoded = _jpeg(photo)
    rgb = photos.decode_photo(encoded)
    finding = face_finder.FaceFinder(SETTINGS).find(rgb)

    prepared = preparer.prepare(encoded)

    assert (prepared.status, prepared.face_px) == ("ok", finding.face_px)
    assert prepared.brightness == finding.brightness
    np.testing.assert_array_equal(
        prepared.face, faces.crop_face(rgb, finding.box, SIZE_PX, 0.0)
    )


def _png(rgb: np.ndarray) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_photo_gives_the_crop_of_the_upright_one(preparer, photo, degrees):
    upright = preparer.prepare(_png(photo))

    turned = preparer.prepare(_png(pixels.turned(photo, 360 - degrees)))

    assert (upright.turned_degrees, turned.turned_degrees) == (0, degrees)
    np.testing.assert_array_equal(turned.face, upright.face)
    assert (turned.status, turned.face_px) == (upright.status, upright.face_px)


def test_a_large_turned_photo_is_turned_in_its_own_pixels(photo):
    wants_more = preparation.Preparer(SETTINGS, size_px=400)
    large = cv2.resize(photo, None, fx=2, fy=2)

    upright, turned = (
        wants_more.prepare(_jpeg(pixels.turned(large, by))) for by in (0, 180)
    )

    assert turned.turned_degrees == 180
    assert turned.face_px == pytest.approx(upright.face_px, rel=0.02)
    assert _difference(turned.face, upright.face) < 8


@pytest.mark.parametrize("scale", [2, 4.5])
def test_a_large_photo_gives_the_same_crop_in_its_own_pixels(preparer, photo, scale):
    small, large = (preparer.prepare(_jpeg(photo, by)) for by in (1, scale))

    assert large.status == "ok"
    assert large.face_px == pytest.approx(scale * small.face_px, rel=0.05)
    assert _difference(small.face, large.face) < 8


def test_a_small_face_in_a_large_photo_is_cropped_from_all_its_pixels(photo):
    wants_more = preparation.Preparer(SETTINGS, size_px=400)
    encoded = _jpeg(photo, 2)
    rgb, divisor = photos.decode_shrunk(encoded, 480)
    finding = face_finder.FaceFinder(SETTINGS).find(rgb, divisor)
    assert divisor == 2
    assert finding.box.side < 400 < finding.face_px

    face = wants_more.prepare(encoded).face

    whole = photos.decode_photo(encoded)
    expected = faces.crop_face(whole, finding.box.times(2), 400, 0.0)
    np.testing.assert_array_equal(face, expected)


def test_a_large_photo_can_have_a_small_face(photo):
    wants_more = faces.FaceSettings(min_face_px=500)

    prepared = preparation.Preparer(wants_more, SIZE_PX).prepare(_jpeg(photo, 2))

    assert prepared.status == "small"
    assert prepared.face is None
    assert 300 < prepared.face_px < 500


def test_whole_photos_are_only_fitted(photo):
    prepared = preparation.Preparer(None, SIZE_PX).prepare(_jpeg(photo, 2))

    assert (prepared.status, prepared.face_px, prepared.brightness) == ("ok",) + (
        None,
    ) * 2
    assert prepared.turned_degrees is None
    expected = faces.whole_photo(photo, SIZE_PX)
    assert prepared.face.shape == expected.shape
    assert _difference(prepared.face, expected) < 5


def test_what_cannot_be_decoded_is_said(preparer):
    with pytest.raises(photos.UnusablePhotoError, match="is empty"):
        preparer.prepare(b"")
