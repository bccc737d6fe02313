import numpy as np
import pytest

from pipelines.domain import faces
from pipelines.inference import face_finder
from pipelines.sample import frames, looks
from training import framing


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """A tight photo of a rendered face, as collections have them."""
    look = looks.sample_look(np.random.default_rng(1))
    someone = frames.Rendered(look=look, age_years=40)
    photo = frames.picture(np.random.default_rng(0), 5, [someone])
    box = face_finder.FaceFinder().find(photo).box
    return faces.crop_face(photo, box, 200, 0.3)


def test_a_frame_is_as_a_camera_makes_it(portrait):
    found = framing.framed(portrait, np.random.default_rng(0))

    assert found.shape == (480, 640, 3)
    assert found.dtype == np.uint8


def test_the_same_seed_makes_the_same_frame(portrait):
    first, again, other = (
        framing.framed(portrait, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )

    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_faces_are_found_in_frames(portrait):
    finder = face_finder.FaceFinder()
    statuses = [
        finder.find(framing.framed(portrait, np.random.default_rng(seed))).status
        for seed in range(20)
    ]

    assert statuses.count("ok") >= 18


@pytest.mark.parametrize("shape", [(1, 1, 3), (479, 3, 3), (3, 639, 3), (479, 639, 3)])
def test_takes_odd_shapes(shape):
    photo = np.zeros(shape, np.uint8)

    assert framing.is_cropped(photo)
    assert framing.framed(photo, np.random.default_rng(0)).shape == (480, 640, 3)


@pytest.mark.parametrize("shape", [(480, 640, 3), (480, 100, 3), (100, 640, 3)])
def test_photos_of_cameras_are_not_framed(shape):
    assert not framing.is_cropped(np.zeros(shape, np.uint8))
