"""Which way is up, told of rendered people whose photos are turned."""

import cv2
import numpy as np
import pytest

from pipelines.domain import pixels
from pipelines.inference import blazeface, face_search, face_turn
from pipelines.sample import frames, looks

NUM_PEOPLE = 24


@pytest.fixture(scope="module")
def search() -> face_search.FaceSearch:
    return face_search.FaceSearch(min_score=0.5, min_size_ratio=1.5)


@pytest.fixture(scope="module")
def people() -> list[np.ndarray]:
    return [_photo(seed) for seed in range(NUM_PEOPLE)]


def _photo(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    person = frames.Rendered(look=looks.sample_look(rng), age_years=5 + 3.3 * seed)
    return frames.picture(rng, 5, [person])


def _told(search: face_search.FaceSearch, rgb: np.ndarray) -> int | None:
    found = search.find(rgb)
    return search.degrees_to_turn(rgb, found[0]) if found else None


def _tilted(rgb: np.ndarray, degrees: float) -> np.ndarray:
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


def test_upright_faces_are_left_alone(search, people):
    assert {_told(search, rgb) for rgb in people} == {0}


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_faces_are_told_from_the_rest(search, people, degrees):
    told = [_told(search, pixels.turned(rgb, 360 - degrees)) for rgb in people]

    assert told.count(degrees) >= 0.9 * NUM_PEOPLE
    # What is not told stays as it is: never the wrong way round.
    assert set(told) <= {degrees, 0, None}


@pytest.mark.parametrize("degrees", [-40, -25, 25, 40])
def test_a_head_that_leans_is_not_turned(search, people, degrees):
    told = [_told(search, _tilted(rgb, degrees)) for rgb in people]

    assert set(told) <= {0, None}
    assert told.count(0) >= 0.9 * NUM_PEOPLE


def test_a_face_of_which_the_detector_is_sure_is_not_looked_at_again(people):
    rgb = people[0]
    sure = blazeface.Detection(320, 240, 150, 0.9, down_x=10, down_y=70)

    class Blind(blazeface.BlazeFace):
        def find(self, rgb, border=0.0):
            raise AssertionError("looked again")

    assert face_turn.degrees_to_turn(Blind(0.5), rgb, sure) == 0
    for unsure in (sure._replace(score=0.7), sure._replace(down_x=70)):
        with pytest.raises(AssertionError, match="looked again"):
            face_turn.degrees_to_turn(Blind(0.5), rgb, unsure)


def test_what_is_no_face_is_not_turned(search):
    rng = np.random.default_rng(0)
    noise = cv2.resize(rng.integers(0, 255, (8, 8, 3), np.uint8), (480, 480))
    mistaken = blazeface.Detection(240, 240, 150, 0.55, down_x=0, down_y=-70)

    assert search.degrees_to_turn(noise, mistaken) == 0


@pytest.mark.parametrize(
    ("down", "tilt"), [((0, 5), 0), ((5, 5), 45), ((-5, 0), 90), ((0, -5), 180)]
)
def test_a_tilt_is_counted_from_upright(down, tilt):
    assert blazeface.Detection(0, 0, 9, 0.5, *down).tilt_degrees == pytest.approx(tilt)
