"""Cuts and resizes pictures, in training and in scoring alike."""

import cv2
import numpy as np
import numpy.typing as npt

_GREY = (0.299, 0.587, 0.114)  # Of red, green and blue (ITU-R BT.601).
_GRID_ROWS = 100
_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}

Picture = npt.NDArray[np.uint8]
"""Shape `(height, width, 3)`, RGB."""


def window(picture: Picture, left: int, top: int, side: int) -> Picture:
    """Cuts a square out, as a view where it lies inside the picture.

    Beyond the picture, its edge is repeated.
    """
    height, width = picture.shape[:2]
    before = max(-top, 0), max(-left, 0)
    after = max(top + side - height, 0), max(left + side - width, 0)
    # A box that misses the photo altogether still gets its nearest edge.
    rows = slice(min(max(top, 0), height - 1), max(min(top + side, height), 1))
    columns = slice(min(max(left, 0), width - 1), max(min(left + side, width), 1))
    inside = picture[rows, columns]
    if not any(before + after):
        return inside
    return np.asarray(
        cv2.copyMakeBorder(
            inside, before[0], after[0], before[1], after[1], cv2.BORDER_REPLICATE
        ),
        dtype=np.uint8,
    )


def turned(picture: Picture, degrees: int) -> Picture:
    """Turns a picture clockwise by 0, 90, 180 or 270 degrees; by 0, it is the same."""
    if degrees == 0:
        return picture
    return np.asarray(cv2.rotate(picture, _TURNS[degrees]), dtype=np.uint8)


def resized(rgb: Picture, size_px: int) -> Picture:
    """Fits a picture into a square; the result is contiguous."""
    # Up to a half, linear interpolation is as good and several times as fast.
    shrinks = min(rgb.shape[:2]) > 2 * size_px
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    fitted = cv2.resize(rgb, (size_px, size_px), interpolation=way)
    return np.ascontiguousarray(fitted, dtype=np.uint8)


def brightness(rgb: Picture) -> float:
    """Measures the mean grey level, 0 to 255, on a grid of about 100 rows."""
    step = max(min(rgb.shape[:2]) // _GRID_ROWS, 1)
    means = cv2.mean(np.ascontiguousarray(rgb[::step, ::step]))
    return float(np.dot(means[:3], _GREY))
