"""Pictures of a checkout camera: a fixed background, who stands there, the sensor."""

import dataclasses
import functools
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.sample import backgrounds, looks, painting, portraits

WIDTH_PX, HEIGHT_PX = backgrounds.WIDTH_PX, backgrounds.HEIGHT_PX
JPEG_QUALITY = 88

_SINGLE_FACE_PX = (105, 200)
_PAIR_FACE_PX = (118, 138)
_FAR_FACE_PX = (22, 30)
_BYSTANDER_SHARE = 0.4
_BLUR_PX = (11.0, 15.0)
_REAL_HEIGHT_PX = (250, 400)
_FEATHER = 0.07
_NOISE_MARGIN_PX = 64

Pixels = npt.NDArray[np.uint8]
"""RGB, shape `(height, width, 3)`."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rendered:
    """A person to be drawn."""

    look: looks.Look
    age_years: float


Sitter = Rendered | Pixels
"""Somebody before the camera: drawn, or a photo of a face."""


def picture(
    rng: np.random.Generator,
    camera_seed: int,
    sitters: Sequence[Sitter],
    *,
    is_far: bool = False,
    is_blurred: bool = False,
    bystander: Rendered | None = None,
) -> Pixels:
    """Takes one picture at a checkout.

    Args:
      rng: Decides on pose, place, light and noise.
      camera_seed: Which checkout it is; its background does not change.
      sitters: None, one, or two people; two are about equally large.
      is_far: They stand too far away for their age to be seen.
      is_blurred: The picture is out of focus.
      bystander: Somebody further back, less than half as large.

    Returns:
      RGB, shape `(480, 640, 3)`.
    """
    frame = backgrounds.checkout(camera_seed).copy()
    if bystander is not None:
        _draw_bystander(frame, rng, bystander)
    num = len(sitters)
    face_px = rng.uniform(*_face_range(num, is_far))
    for place, sitter in enumerate(sitters):
        x_px = WIDTH_PX * (place + 1) / (num + 1) + rng.uniform(-20, 20) * (
            3 if num == 1 else 1
        )
        y_px = HEIGHT_PX * rng.uniform(0.42, 0.52)
        size_px = face_px * (1 if place == 0 else rng.uniform(0.88, 1.0))
        if isinstance(sitter, Rendered):
            _draw(frame, rng, sitter, x_px, y_px, size_px)
        else:
            height_px = _real_height(rng, num, is_far)
            _paste(frame, sitter, x_px, y_px, height_px)
    return _developed(frame, rng, rng.uniform(*_BLUR_PX) if is_blurred else 0.0)


def to_jpeg(pixels: Pixels) -> bytes:
    """Encodes a picture as the cameras do."""
    upside = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    done, encoded = cv2.imencode(
        ".jpg", upside, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    assert done
    return encoded.tobytes()


def _face_range(num_sitters: int, is_far: bool) -> tuple[float, float]:
    if is_far:
        return _FAR_FACE_PX
    return _SINGLE_FACE_PX if num_sitters < 2 else _PAIR_FACE_PX


def _real_height(rng: np.random.Generator, num_sitters: int, is_far: bool) -> float:
    if is_far:
        return rng.uniform(36, 44)
    return rng.uniform(*_REAL_HEIGHT_PX) if num_sitters < 2 else rng.uniform(235, 255)


def _draw(
    frame: painting.Planes,
    rng: np.random.Generator,
    person: Rendered,
    x_px: float,
    y_px: float,
    face_px: float,
) -> None:
    pose = painting.Pose(
        x_px=x_px,
        y_px=y_px,
        unit_px=face_px / 2,
        roll_radians=rng.normal(0, 0.05),
        yaw=float(np.clip(rng.normal(0, 0.06), -0.14, 0.14)),
        pitch=float(np.clip(rng.normal(0, 0.035), -0.08, 0.08)),
    )
    portraits.draw(frame, person.look, person.age_years, pose)


def _draw_bystander(
    frame: painting.Planes, rng: np.random.Generator, person: Rendered
) -> None:
    x_px = WIDTH_PX * (0.08 if rng.random() < 0.5 else 0.92)
    size_px = _SINGLE_FACE_PX[0] * _BYSTANDER_SHARE * rng.uniform(0.8, 1.0)
    _draw(frame, rng, person, x_px, HEIGHT_PX * 0.4, size_px)


def _paste(
    frame: painting.Planes, photo: Pixels, x_px: float, y_px: float, height_px: float
) -> None:
    """Fades a photo into the frame at its edges."""
    scale = height_px / photo.shape[0]
    width_px = round(photo.shape[1] * scale)
    smaller = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(photo, (width_px, round(height_px)), interpolation=smaller)
    left = int(np.clip(x_px - width_px / 2, 0, max(WIDTH_PX - width_px, 0)))
    top = int(np.clip(y_px - height_px / 2, 0, max(HEIGHT_PX - scaled.shape[0], 0)))
    patch = frame[:, top : top + scaled.shape[0], left : left + width_px]
    inside = scaled[: patch.shape[1], : patch.shape[2]].transpose(2, 0, 1)
    cover = np.minimum.outer(_ramp(patch.shape[1]), _ramp(patch.shape[2]))
    patch += (inside - patch) * cover


def _ramp(size: int) -> npt.NDArray[np.float32]:
    """Rises from 0 to 1 over the feathered edge, and falls at the other."""
    steps = np.arange(size, dtype=np.float32) + 0.5
    edge = np.minimum(steps, size - steps) / (_FEATHER * size)
    return np.minimum(edge, 1)


def _developed(
    frame: painting.Planes, rng: np.random.Generator, blur_px: float
) -> Pixels:
    """Adds light, focus and the sensor's noise."""
    exposure = rng.normal(1.0, 0.06) * (1 + rng.normal(0, 0.025, 3))
    noise = _noise()
    down, right = rng.integers(0, _NOISE_MARGIN_PX, 2)
    grain = noise[:, down : down + HEIGHT_PX, right : right + WIDTH_PX]
    if blur_px:
        for plane in frame:
            cv2.GaussianBlur(plane, (0, 0), blur_px, dst=plane)
    frame *= _slanted_light(int(rng.integers(4)))
    frame *= exposure.astype(np.float32)[:, None, None]
    frame += grain
    channels = [cv2.convertScaleAbs(np.maximum(plane, 0)) for plane in frame]
    return cv2.merge(channels)


@functools.cache
def _noise() -> painting.Planes:
    rng = np.random.default_rng(640)
    shape = (3, HEIGHT_PX + _NOISE_MARGIN_PX, WIDTH_PX + _NOISE_MARGIN_PX)
    return 3.0 * rng.standard_normal(shape, dtype=np.float32)


@functools.cache
def _slanted_light(direction: int) -> npt.NDArray[np.float32]:
    """Makes the light fall off from one side; shape `(height, width)`."""
    down, right = np.mgrid[-1 : 1 : HEIGHT_PX * 1j, -1 : 1 : WIDTH_PX * 1j]
    slope = (0.10 * right, -0.10 * right, -0.08 * down, 0.06 * right - 0.06 * down)
    return (1.0 + slope[direction]).astype(np.float32)
