"""What a checkout camera sees when nobody stands there."""

import functools

import cv2
import numpy as np

from pipelines.sample import painting

WIDTH_PX, HEIGHT_PX = 640, 480

_SHELVES_PX = (60, 170, 280)
_FOCUS_BLUR_PX = 3.0


@functools.lru_cache(maxsize=64)
def checkout(camera_seed: int) -> painting.Planes:
    """Draws the shelves, the till and the counter behind one camera's shoppers.

    Returns:
      RGB planes `(3, 480, 640)`; not to be painted on, take a copy.
    """
    rng = np.random.default_rng(camera_seed)
    wall = rng.uniform(110, 190) + rng.uniform(-12, 12, 3)
    pixels = np.empty((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    pixels[:] = np.clip(wall, 0, 255)
    for shelf_px in _SHELVES_PX:
        _stock(pixels, rng, shelf_px)
    _place_till(pixels, rng)
    soft = cv2.GaussianBlur(pixels, (0, 0), _FOCUS_BLUR_PX)
    return np.ascontiguousarray(soft.transpose(2, 0, 1), dtype=np.float32)


def _stock(pixels: np.ndarray, rng: np.random.Generator, shelf_px: int) -> None:
    """Fills one shelf with packets."""
    left = int(rng.integers(0, 25))
    while left < WIDTH_PX:
        width, height = (int(side) for side in rng.integers((16, 30), (46, 85)))
        if rng.random() < 0.85:
            colour = rng.uniform(50, 220, 3)
            corners = ((left, shelf_px + 90 - height), (left + width, shelf_px + 90))
            cv2.rectangle(pixels, *corners, colour.tolist(), cv2.FILLED)
        left += width + int(rng.integers(1, 10))
    board = ((0, shelf_px + 90), (WIDTH_PX, shelf_px + 97))
    cv2.rectangle(pixels, *board, (96, 88, 82), cv2.FILLED)


def _place_till(pixels: np.ndarray, rng: np.random.Generator) -> None:
    x = int(rng.choice([20, 520]))
    y = HEIGHT_PX - int(rng.integers(150, 190))
    cv2.rectangle(pixels, (x, y), (x + 100, y + 75), (34, 36, 40), cv2.FILLED)
    cv2.rectangle(pixels, (x + 7, y + 7), (x + 93, y + 62), (90, 130, 150), cv2.FILLED)
    cv2.rectangle(
        pixels, (x + 42, y + 75), (x + 58, HEIGHT_PX), (40, 40, 44), cv2.FILLED
    )
    counter = ((0, HEIGHT_PX - 50), (WIDTH_PX, HEIGHT_PX))
    cv2.rectangle(pixels, *counter, rng.uniform(60, 120, 3).tolist(), cv2.FILLED)
