import dataclasses

import cv2
import numpy as np
import pytest

from pipelines.domain import faces
from training import augmentation

_NOTHING = dataclasses.replace(augmentation.FLIP_ONLY, flip=0.0)


@pytest.fixture(scope="module")
def photo():
    """A soft picture, brighter on its right."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 160, (9, 9, 3)) + np.linspace(0, 90, 9)[None, :, None]
    return cv2.resize(
        coarse.astype(np.uint8), (200, 200), interpolation=cv2.INTER_CUBIC
    )


def _varied(wide, strength, seed=0, size_px=64, share=0.5):
    return augmentation.varied(
        wide,
        share=share,
        size_px=size_px,
        strength=strength,
        rng=np.random.default_rng(seed),
    )


@pytest.mark.parametrize("size_px", [100, 64, 40])
def test_without_any_change_it_is_the_crop_of_scoring(photo, size_px):
    crop = faces.crop_face(photo, faces.Box(50, 50, 100), size_px, margin=0)

    found = _varied(photo, _NOTHING, size_px=size_px)

    gap = np.abs(found.astype(int) - crop)
    assert gap.mean() < 1


def test_flips_half_of_them(photo):
    plain = _varied(photo, _NOTHING)

    found = [_varied(photo, augmentation.FLIP_ONLY, seed) for seed in range(60)]

    flipped = sum(np.array_equal(one, plain[:, ::-1]) for one in found)
    same = sum(np.array_equal(one, plain) for one in found)
    assert flipped + same == 60
    assert 15 <= flipped <= 45


@pytest.mark.parametrize(
    "change",
    [
        {"scale": 0.2},
        {"shift": 0.2},
        {"rotation_degrees": 20.0},
        {"gain": 0.3},
        {"tint": 0.3},
        {"offset": 30.0},
        {"gamma": 0.5},
        {"slope": 0.5},
        {"grey": 1.0},
        {"blur": 1.0},
        {"noise": 1.0},
        {"jpeg": 1.0},
        {"erase": 1.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_strength_changes_the_crop(photo, change):
    plain = _varied(photo, _NOTHING)

    found = _varied(photo, dataclasses.replace(_NOTHING, **change))

    assert found.shape == plain.shape
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous
    assert np.abs(found.astype(int) - plain).max() > 2


def test_grey_has_no_colour(photo):
    found = _varied(photo, dataclasses.replace(_NOTHING, grey=1.0))

    assert (found == found[:, :, :1]).all()


def test_chance_decides_alike_for_one_seed(photo):
    usual = augmentation.Strength()

    np.testing.assert_array_equal(_varied(photo, usual, 5), _varied(photo, usual, 5))
    assert not np.array_equal(_varied(photo, usual, 5), _varied(photo, usual, 6))


def test_a_whole_photo_may_be_the_crop(photo):
    found = _varied(photo, augmentation.Strength(), size_px=96, share=1.0)

    assert found.shape == (96, 96, 3)
