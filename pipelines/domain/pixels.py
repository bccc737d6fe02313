"""Cuts and resizes pictures, in training and in scoring alike."""

import cv2
import numpy as np
import numpy.typing as npt

_COPY_PX = 320  # A grey copy is at least this long, if the photo is.

Picture = npt.NDArray[np.uint8]
"""Shape `(height, width, 3)`, RGB."""

Grey = npt.NDArray[np.uint8]
"""Shape `(height, width)`."""


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


def resized(rgb: Picture, size_px: int) -> Picture:
    """Fits a picture into a square; the result is contiguous."""
    # Up to a half, linear interpolation is as good and several times as fast.
    shrinks = min(rgb.shape[:2]) > 2 * size_px
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    fitted = cv2.resize(rgb, (size_px, size_px), interpolation=way)
    return np.ascontiguousarray(fitted, dtype=np.uint8)


def grey_copy(rgb: Picture) -> Grey:
    """Makes a grey copy, smaller by a whole number: that is the fastest way."""
    height, width = rgb.shape[:2]
    if (factor := max(height, width) // _COPY_PX) > 1:
        size = max(width // factor, 1), max(height // factor, 1)
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)


def shrunk(grey: Grey, longest_px: int) -> Grey:
    """Makes a copy whose longer side is at most `longest_px`."""
    height, width = grey.shape
    scale = longest_px / max(height, width)
    if scale >= 1:
        return grey
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
