import dataclasses

import cv2
import numpy as np
import pytest

from pipelines.domain import faces, photos
from pipelines.sample import backgrounds, frames, looks
from training import labels, photo_files

SETTINGS = faces.FaceSettings()


def _person(seed: int, age_years: float = 35) -> frames.Rendered:
    look = looks.sample_look(np.random.default_rng(seed))
    return frames.Rendered(look=look, age_years=age_years)


def _photo(*people: frames.Rendered, seed: int = 0, **manner) -> np.ndarray:
    return frames.picture(np.random.default_rng(seed), 5, people, **manner)


@pytest.fixture(scope="module")
def finder() -> faces.FaceFinder:
    return faces.FaceFinder(SETTINGS)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return _photo(_person(1))


def test_finds_one_face(finder, photo):
    found = finder.find(photo)

    assert found.status == "ok"
    assert found.face_px == found.box.side
    assert 100 < found.face_px < 300
    assert found.brightness == pytest.approx(photo.mean(), abs=15)


def test_finds_the_same_face_twice(finder, photo):
    assert finder.find(photo) == finder.find(photo.copy())


@pytest.mark.parametrize("scale", [0.5, 1.5, 3.0])
def test_a_face_keeps_its_place_at_another_resolution(finder, photo, scale):
    first = finder.find(photo).box
    scaled = finder.find(cv2.resize(photo, None, fx=scale, fy=scale)).box

    assert scaled.side / scale == pytest.approx(first.side, rel=0.2)
    for name in ("left", "top"):
        assert getattr(scaled, name) / scale == pytest.approx(
            getattr(first, name), abs=0.15 * first.side
        )


def test_a_face_moves_with_the_photo(finder, photo):
    first = finder.find(photo).box
    moved = finder.find(np.roll(photo, (10, 40), axis=(0, 1))).box

    assert moved.left - first.left == pytest.approx(40, abs=0.15 * first.side)
    assert moved.top - first.top == pytest.approx(10, abs=0.15 * first.side)


def test_finds_a_face_that_fills_the_photo(finder, photo):
    box = finder.find(photo).box
    tight = photo[box.top : box.top + box.side, box.left : box.left + box.side]

    found = finder.find(np.ascontiguousarray(tight))

    assert found.status == "ok"
    assert found.face_px == pytest.approx(box.side, rel=0.25)


def test_an_empty_checkout_has_no_face(finder):
    found = finder.find(_photo())

    assert (found.status, found.box, found.face_px) == ("none", None, None)


def test_two_people_of_like_size_are_several_faces(finder):
    pair = _photo(_person(1), _person(2))

    assert finder.find(pair).status == "several_faces"
    likes_more = dataclasses.replace(SETTINGS, min_size_ratio=1.0)
    assert faces.FaceFinder(likes_more).find(pair).status == "ok"


def test_somebody_far_behind_does_not_count(finder):
    assert finder.find(_photo(_person(1), bystander=_person(2))).status == "ok"


def test_a_small_face_is_small(photo):
    wants_more = dataclasses.replace(SETTINGS, min_face_px=400)

    assert faces.FaceFinder(wants_more).find(photo).status == "small"


def test_a_face_below_the_threshold_is_seen_as_small(finder, photo):
    far = np.full_like(photo, 90)
    scaled = cv2.resize(photo, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    far[100 : 100 + scaled.shape[0], 200 : 200 + scaled.shape[1]] = scaled

    found = finder.find(far)

    assert found.status == "small"
    assert found.face_px < SETTINGS.min_face_px


def test_photos_out_of_focus_are_blurred(finder):
    statuses = [
        finder.find(_photo(_person(seed, 15 * seed), seed=seed, is_blurred=True)).status
        for seed in range(1, 7)
    ]

    # The worst of them show no face at all.
    assert set(statuses) <= {"blurred", "none"}
    assert statuses.count("blurred") >= 3


def test_sharpness_does_not_depend_on_light(finder, photo):
    box = finder.find(photo).box
    dim = (photo // 2 + 20).astype(np.uint8)

    assert faces.sharpness(dim, box) == pytest.approx(
        faces.sharpness(photo, box), rel=0.15
    )


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 500, 3), (500, 3, 3), (17, 19, 3)])
def test_takes_odd_shapes(finder, shape):
    assert finder.find(np.zeros(shape, np.uint8)).status == "none"


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


@pytest.mark.real_data
@pytest.mark.parametrize("source", ["aaf", "utk"])
def test_finds_real_faces(finder, shared_data, source):
    known = labels.read_labels(shared_data / "faces" / "labels.csv")
    places = [shared_data / "faces" / f"{source}.tar"]
    found = photo_files.labelled_photos(places, known, photo_files.Unpaired())
    statuses = [
        finder.find(photos.decode_photo(photo.encoded)).status
        for photo, _ in zip(found, range(300), strict=False)
    ]

    assert statuses.count("ok") >= 0.97 * len(statuses)
    assert statuses.count("blurred") <= 0.01 * len(statuses)


def test_the_background_is_no_face(finder):
    for camera_seed in range(6):
        empty = backgrounds.checkout(camera_seed).copy()
        rgb = np.moveaxis(np.clip(empty, 0, 255), 0, 2).astype(np.uint8)
        assert finder.find(np.ascontiguousarray(rgb)).status == "none"
