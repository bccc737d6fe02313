import cv2
import numpy as np
import pytest

from training import duplicates


def _photo(seed: int) -> np.ndarray:
    """Draws soft shapes, as photos have them."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (7, 6, 3)).astype(np.uint8)
    return cv2.resize(coarse, (180, 200), interpolation=cv2.INTER_CUBIC)


def _jpeg(rgb: np.ndarray) -> np.ndarray:
    encoded = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR)


def _groups(*photos: np.ndarray) -> list[int]:
    found = [duplicates.fingerprint(rgb) for rgb in photos]
    return duplicates.groups(
        np.array([one.hash for one in found], np.uint64),
        np.array([one.thumbnail for one in found]),
    ).tolist()


@pytest.mark.parametrize(
    "changed",
    [
        lambda rgb: rgb,
        _jpeg,
        lambda rgb: cv2.resize(rgb, (90, 100), interpolation=cv2.INTER_AREA),
        lambda rgb: np.clip(rgb * 0.8 + 20, 0, 255).astype(np.uint8),
        lambda rgb: cv2.merge([cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)] * 3),
    ],
    ids=["same", "jpeg", "smaller", "brighter", "grey"],
)
def test_a_changed_copy_is_a_duplicate(changed):
    photo = _photo(1)

    found = _groups(photo, _photo(2), changed(photo))

    assert found[0] == found[2] != found[1]


def test_different_photos_are_not():
    assert len(set(_groups(*(_photo(seed) for seed in range(60))))) == 60


def test_a_chain_is_one_group():
    photo = _photo(4)
    darker = (photo * 0.7).astype(np.uint8)

    assert _groups(photo, darker, _jpeg(darker)) == [0, 0, 0]


def test_flat_photos_are_left_apart():
    grey = np.full((50, 50, 3), 128, np.uint8)

    assert _groups(grey, grey + 90) == [0, 1]


def test_pairs_are_ordered():
    found = [duplicates.fingerprint(_photo(seed)) for seed in (1, 2, 1, 1)]

    pairs = duplicates.pairs(
        np.array([one.hash for one in found], np.uint64),
        np.array([one.thumbnail for one in found]),
    )

    assert pairs.tolist() == [[0, 2], [0, 3], [2, 3]]
