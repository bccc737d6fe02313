import cv2
import numpy as np
import pytest

from pipelines.inference import blazeface, face_search
from pipelines.sample import frames, looks


@pytest.fixture(scope="module")
def search() -> face_search.FaceSearch:
    return face_search.FaceSearch(min_score=0.5, min_size_ratio=1.5)


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


@pytest.mark.parametrize("degrees", [-20, 0, 20])
def test_the_line_from_the_eyes_to_the_mouth_leans_as_the_head_does(
    search, photo, degrees
):
    height, width = photo.shape[:2]
    # Counter-clockwise: the mouth swings to the right.
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    face = _only(search.find(cv2.warpAffine(photo, turn, (width, height))))

    length = np.hypot(face.down_x, face.down_y)
    assert length == pytest.approx(0.45 * face.side, rel=0.2)
    assert face.down_x / length == pytest.approx(np.sin(np.radians(degrees)), abs=0.15)
    assert face.down_y > 0


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
            blazeface.Detection(100, 100, 40, 0.9, 0, 20),
            blazeface.Detection(110, 100, 40, 0.1, 10, 20),
            blazeface.Detection(300, 100, 60, 0.5, 0, 30),
        ]
    )

    assert [round(face.centre_x, 6) for face in found] == [300, 101]
    assert [round(face.down_x, 6) for face in found] == [0, 1]
    assert found[1].score == 0.9


def test_a_part_of_a_face_does_not_change_its_place():
    whole = blazeface.Detection(100, 100, 80, 0.9, 0, 40)
    part = blazeface.Detection(110, 110, 30, 0.6, 0, 10)

    assert blazeface.merged([part, whole]) == [whole, part]


def test_a_small_face_beside_another_is_seen_too(search, photo):
    step = photo.shape[0] // 150
    small = photo[::step, ::step]
    smaller = cv2.resize(small, None, fx=0.85, fy=0.85, interpolation=cv2.INTER_AREA)
    far = np.full((480, 640, 3), 90, np.uint8)
    far[100 : 100 + small.shape[0], 60 : 60 + small.shape[1]] = small
    far[100 : 100 + smaller.shape[0], 360 : 360 + smaller.shape[1]] = smaller

    first, second = search.find(far)

    assert second.side / first.side == pytest.approx(0.85, abs=0.1)
    assert first.centre_x < 300 < second.centre_x


@pytest.mark.parametrize(
    ("shape", "tiles"),
    [((480, 640), 6), ((481, 641), 6), ((1, 1), 1), ((500, 500), 9), ((3, 900), 3)],
)
def test_tiles_cover_a_picture_of_any_shape(shape, tiles):
    height, width = shape
    picture = np.zeros((height, width, 3), np.uint8)
    covered = np.zeros(shape, bool)

    cut = list(face_search._tiles(picture))

    for left, top, tile in cut:
        covered[top : top + tile.shape[0], left : left + tile.shape[1]] = True
    assert covered.all()
    assert len(cut) == tiles
