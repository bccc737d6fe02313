import dataclasses
import subprocess
import sys

import cv2
import numpy as np
import pytest

from pipelines.domain import faces, photos, pixels
from pipelines.inference import face_finder
from pipelines.sample import backgrounds, frames, looks
from training import labels, photo_files

SETTINGS = faces.FaceSettings()


def _person(seed: int, age_years: float = 35) -> frames.Rendered:
    look = looks.sample_look(np.random.default_rng(seed))
    return frames.Rendered(look=look, age_years=age_years)


def _photo(*people: frames.Rendered, seed: int = 0, **manner) -> np.ndarray:
    return frames.picture(np.random.default_rng(seed), 5, people, **manner)


@pytest.fixture(scope="module")
def finder() -> face_finder.FaceFinder:
    return face_finder.FaceFinder(SETTINGS)


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
    assert found.turned_degrees is None


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_photo_is_found_to_be_the_upright_one(finder, photo, degrees):
    upright = finder.find(photo)

    seen = pixels.turned(photo, (360 - degrees) % 360)
    found = finder.find(seen)

    assert found.turned_degrees == degrees
    np.testing.assert_array_equal(faces.upright(seen, found), photo)
    assert dataclasses.replace(found, turned_degrees=0) == upright


def test_two_people_of_like_size_are_several_faces(finder):
    pair = _photo(_person(1), _person(2))

    assert finder.find(pair).status == "several_faces"
    likes_more = dataclasses.replace(SETTINGS, min_size_ratio=1.0)
    assert face_finder.FaceFinder(likes_more).find(pair).status == "ok"


def test_somebody_far_behind_does_not_count(finder):
    assert finder.find(_photo(_person(1), bystander=_person(2))).status == "ok"


def test_a_small_face_is_small(photo):
    wants_more = dataclasses.replace(SETTINGS, min_face_px=400)

    assert face_finder.FaceFinder(wants_more).find(photo).status == "small"


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


_AT_ONCE = """
import threading
import numpy as np
from pipelines.domain import faces
from pipelines.inference import face_finder

def find(finder):
    barrier.wait()
    finder.find(np.zeros((300, 300, 3), np.uint8))

barrier = threading.Barrier(8)
finders = [face_finder.FaceFinder(faces.FaceSettings()) for _ in range(8)]
threads = [threading.Thread(target=find, args=[finder]) for finder in finders]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_start_at_once_do_not_wait_for_ever():
    # Without the lock, about one process in three hangs.
    for _ in range(8):
        subprocess.run([sys.executable, "-c", _AT_ONCE], check=True, timeout=60)
