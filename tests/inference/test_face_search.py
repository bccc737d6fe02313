import numpy as np
import pytest

from pipelines.inference import blazeface, face_search
from pipelines.sample import frames, looks


@pytest.fixture(scope="module")
def search() -> face_search.FaceSearch:
    return face_search.FaceSearch(min_score=0.5)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    look = looks.sample_look(np.random.default_rng(1))
    person = frames.Rendered(look=look, age_years=35)
    return frames.picture(np.random.default_rng(0), 5, [person])


def _only(found: list[blazeface.Detection]) -> blazeface.Detection:
    assert len(found) == 1
    return found[0]


def test_finds_a_face_with_its_score(search, photo):
    face = _only(search.find(photo))

    assert 0.5 < face.score <= 1
    height, width = photo.shape[:2]
    assert width / 4 < face.centre_x < 3 * width / 4
    assert height / 4 < face.centre_y < 3 * height / 4


def test_a_mirrored_photo_has_its_face_mirrored(search, photo):
    face = _only(search.find(photo))
    mirrored = _only(search.find(np.ascontiguousarray(photo[:, ::-1])))

    assert mirrored.centre_x == pytest.approx(photo.shape[1] - face.centre_x, abs=10)
    assert mirrored.centre_y == pytest.approx(face.centre_y, abs=10)


def test_finds_a_small_face_wherever_it_is(search, photo):
    small = photo[:: photo.shape[0] // 96, :: photo.shape[0] // 96]
    height, width = small.shape[:2]
    for top, left in ((0, 0), (100, 300), (480 - height, 640 - width)):
        far = np.full((480, 640, 3), 90, np.uint8)
        far[top : top + height, left : left + width] = small

        face = _only(search.find(far))

        assert left < face.centre_x < left + width
        assert top < face.centre_y < top + height
        assert face.side < height


def test_one_face_seen_twice_is_averaged_by_score():
    found = blazeface.merged(
        [
            blazeface.Detection(100, 100, 40, 0.9),
            blazeface.Detection(110, 100, 40, 0.1),
            blazeface.Detection(300, 100, 60, 0.5),
        ]
    )

    assert [round(face.centre_x, 6) for face in found] == [300, 101]
    assert found[1].score == 0.9
