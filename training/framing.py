"""Puts cropped faces back into larger pictures, as a checkout camera sees them.

Collections of faces are cropped tightly and well lit. A model that knows only these
misjudges the same faces with a shop around them.
"""

import cv2
import numpy as np
import numpy.typing as npt

HEIGHT_PX, WIDTH_PX = 480, 640

_FACE_HEIGHT_PX = (200, 440)
_MAX_FEATHER = 0.1
_JPEG_QUALITY = (75, 96)

Picture = npt.NDArray[np.uint8]


def is_cropped(photo: Picture) -> bool:
    """Tells whether a photo is smaller than a camera's, so that it can be framed."""
    return photo.shape[0] < HEIGHT_PX and photo.shape[1] < WIDTH_PX


def framed(photo: Picture, rng: np.random.Generator) -> Picture:
    """Places a photo somewhere in a made-up camera frame.

    Args:
      photo: RGB, shape `(height, width, 3)`, dtype uint8.
      rng: Decides on background, place, size, light and noise.

    Returns:
      RGB, shape `(480, 640, 3)`, dtype uint8.
    """
    frame = _background(rng)
    scale = min(
        rng.uniform(*_FACE_HEIGHT_PX) / photo.shape[0], WIDTH_PX / photo.shape[1]
    )
    size = max(round(photo.shape[1] * scale), 1), max(round(photo.shape[0] * scale), 1)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    inside = cv2.resize(photo, size, interpolation=way).astype(np.float32)
    height, width = inside.shape[:2]
    top = int(rng.integers(0, HEIGHT_PX - height + 1))
    left = int(rng.integers(0, WIDTH_PX - width + 1))
    feather = rng.uniform(0, _MAX_FEATHER)
    cover = np.minimum.outer(_ramp(height, feather), _ramp(width, feather))[:, :, None]
    patch = frame[top : top + height, left : left + width]
    patch += (inside - patch) * cover
    return _as_jpeg(_lit(frame, rng), rng)


def _background(rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Draws something blurred of several colours, shape `(480, 640, 3)`."""
    rows, columns = rng.integers(2, 24, 2)
    light = rng.normal(rng.uniform(60, 200), rng.uniform(2, 40), (rows, columns, 1))
    coarse = light + rng.normal(0, rng.uniform(0, 25), (rows, columns, 3))
    coarse += rng.normal(0, 15, 3)
    way = cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_LINEAR
    coarse = np.clip(coarse, 0, 255).astype(np.float32)
    spread = cv2.resize(coarse, (WIDTH_PX, HEIGHT_PX), interpolation=way)
    return np.asarray(spread, np.float32)


def _lit(
    frame: npt.NDArray[np.float32], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Changes exposure and tint, adds a slope of light and the sensor's noise."""
    gain = rng.normal(1, 0.08) * (1 + rng.normal(0, 0.03, 3))
    down, right = rng.normal(0, 0.06, 2)
    slope = 1 + np.add.outer(
        np.linspace(-down, down, HEIGHT_PX), np.linspace(-right, right, WIDTH_PX)
    )
    noise = rng.normal(0, rng.uniform(0, 5), frame.shape)
    return frame * gain * slope[:, :, None] + noise


def _as_jpeg(frame: npt.NDArray[np.float32], rng: np.random.Generator) -> Picture:
    """Leaves the traces of JPEG."""
    quality = int(rng.integers(*_JPEG_QUALITY))
    pixels = np.clip(frame, 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _ramp(size: int, feather: float) -> npt.NDArray[np.float32]:
    """Rises from 0 to 1 over the feathered share of a side, and falls again."""
    steps = np.arange(size, dtype=np.float32) + 0.5
    edge = np.minimum(steps, size - steps) / max(feather * size, 0.5)
    return np.minimum(edge, 1).astype(np.float32)
