import numpy as np
import pytest

from pipelines.domain import faces
from pipelines.inference import face_finder
from pipelines.sample import backgrounds, frames, looks, painting, portraits

_HEIGHT, _WIDTH = 240, 200
_POSE = painting.Pose(x_px=100, y_px=120, unit_px=60)


def _portrait(age_years, seed=3):
    frame = np.full((3, _HEIGHT, _WIDTH), 150, np.float32)
    look = looks.sample_look(np.random.default_rng(seed))
    portraits.draw(frame, look, age_years, _POSE)
    return frame


def _person(seed, age_years):
    look = looks.sample_look(np.random.default_rng(seed))
    return frames.Rendered(look=look, age_years=age_years)


def _status(sitters, seed=0, **manner):
    pixels = frames.picture(np.random.default_rng(seed), 5, sitters, **manner)
    return face_finder.FaceFinder().find(pixels).status


def test_faces_of_all_ages_and_tones_are_found():
    finder = face_finder.FaceFinder()
    statuses = []
    for seed, age_years in enumerate(range(0, 90, 2)):
        rng = np.random.default_rng(seed)
        pixels = frames.picture(rng, seed % 3, [_person(seed, age_years)])
        statuses.append(finder.find(pixels).status)
    assert statuses.count("ok") >= 0.95 * len(statuses)


def test_a_picture_is_a_camera_frame():
    pixels = frames.picture(np.random.default_rng(0), 5, [_person(1, 30)])
    assert pixels.shape == (480, 640, 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize("age_years", [5, 30, 55])
def test_a_year_changes_less_than_ten(age_years):
    now, next_year, later = (_portrait(age_years + years) for years in (0, 1, 10))
    one_year = np.abs(next_year - now).mean()
    assert 0 < one_year < np.abs(later - now).mean()


@pytest.mark.parametrize(("x_px", "is_seen"), [(0, True), (-900, False)])
def test_a_figure_may_reach_beyond_the_frame(x_px, is_seen):
    frame = np.full((3, 60, 60), 150, np.float32)
    look = looks.sample_look(np.random.default_rng(1))
    portraits.draw(frame, look, 70, painting.Pose(x_px=x_px, y_px=55, unit_px=40))
    assert (frame != 150).any() == is_seen


def test_two_people_are_several_faces():
    assert _status([_person(1, 30), _person(2, 50)]) == "several_faces"


def test_an_empty_checkout_has_no_face():
    assert [_status([], seed) for seed in range(4)] == ["none"] * 4


def test_a_bystander_does_not_count():
    assert _status([_person(1, 30)], bystander=_person(2, 40)) == "ok"


def test_a_face_too_far_away_is_not_used():
    assert _status([_person(1, 30)], is_far=True) in ("none", "small")


def test_a_blurred_face_is_less_sharp():
    finder = face_finder.FaceFinder()
    sharp, blurred = (
        frames.picture(np.random.default_rng(4), 5, [_person(1, 30)], is_blurred=flag)
        for flag in (False, True)
    )
    box = finder.find(sharp).box
    assert faces.sharpness(blurred, box) < 0.4 * faces.sharpness(sharp, box)


def test_a_photo_is_pasted_without_reaching_the_edges_of_the_frame():
    photo = np.full((200, 200, 3), 255, np.uint8)
    pixels = frames.picture(np.random.default_rng(0), 5, [photo])
    assert (pixels[200:240, 300:340].mean(axis=(0, 1)) > 150).all()
    corner = backgrounds.checkout(5)[:, 470:, :20].mean()
    assert abs(pixels[470:, :20].mean() - corner) < 0.3 * corner
