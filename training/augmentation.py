"""Varies face crops as cameras, light and people do, so that a model learns more."""

import dataclasses

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.domain import pixels

_AREA_BELOW = 0.55  # Shrinking by more than this, linear interpolation aliases.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Strength:
    """How much crops are varied; each value is a spread unless it says otherwise.

    Attributes:
      flip: Chance of swapping left and right.
      scale: Of the logarithm of the crop's side.
      shift: Of its centre, as a share of its side.
      rotation_degrees: Of its angle.
      gain: Of the exposure, as a factor.
      tint: Of each colour's gain, as a factor.
      offset: Of the black level, in grey levels of 255.
      gamma: Of the logarithm of the gamma.
      slope: Of the light's change from edge to edge, as a factor.
      grey: Chance of a picture without colour.
      blur: Chance of a blur, by Gaussian or by a coarser camera.
      noise: Chance of sensor noise.
      jpeg: Chance of JPEG's traces.
      erase: Chance of one erased rectangle: a mask, a hand, a cap.
    """

    flip: float = 0.5
    scale: float = 0.07
    shift: float = 0.035
    rotation_degrees: float = 7.0
    gain: float = 0.15
    tint: float = 0.05
    offset: float = 8.0
    gamma: float = 0.15
    slope: float = 0.12
    grey: float = 0.05
    blur: float = 0.3
    noise: float = 0.2
    jpeg: float = 0.2
    erase: float = 0.2


_NOTHING = {field.name: 0.0 for field in dataclasses.fields(Strength)}
FLIP_ONLY = Strength(**_NOTHING | {"flip": 0.5})


def varied(
    wide: pixels.Picture,
    *,
    share: float,
    size_px: int,
    strength: Strength,
    rng: np.random.Generator,
) -> pixels.Picture:
    """Cuts a varied crop out of a wider one.

    Args:
      wide: Shape `(wide, wide, 3)`, dtype uint8, RGB.
      share: Side of the crop that scoring makes, centred, as a share of `wide`.
      size_px: Side of the result.
      strength: How much to vary.
      rng: Decides.

    Returns:
      Shape `(size_px, size_px, 3)`, dtype uint8, contiguous.
    """
    crop = _moved(wide, share * len(wide), size_px, strength, rng)
    if rng.random() < strength.flip:
        crop = crop[:, ::-1]
    crop = _lit(crop, strength, rng)
    if rng.random() < strength.blur:
        crop = _blurred(crop, rng)
    if rng.random() < strength.noise:
        crop = _noisy(crop, rng)
    if rng.random() < strength.jpeg:
        crop = _as_jpeg(crop, rng)
    if rng.random() < strength.erase:
        crop = _erased(crop, rng)
    return np.ascontiguousarray(crop)


def _moved(
    wide: pixels.Picture,
    side: float,
    size_px: int,
    strength: Strength,
    rng: np.random.Generator,
) -> pixels.Picture:
    """Scales, shifts and turns the crop in one resampling."""
    side = side * float(np.exp(rng.normal(0, strength.scale)))
    down, right = rng.normal(0, strength.shift * side, 2)
    angle = np.radians(rng.normal(0, strength.rotation_degrees))
    if (zoom := size_px / side) < _AREA_BELOW:
        half = len(wide) // 2
        wide = np.asarray(
            cv2.resize(wide, (half, half), interpolation=cv2.INTER_AREA), np.uint8
        )
        side, down, right, zoom = side / 2, down / 2, right / 2, zoom * 2
    row, column = len(wide) / 2 + down, len(wide) / 2 + right
    cos, sin = zoom * np.cos(angle), zoom * np.sin(angle)
    middle = (size_px - 1) / 2
    turn = np.array(
        [
            [cos, -sin, middle - cos * (column - 0.5) + sin * (row - 0.5)],
            [sin, cos, middle - sin * (column - 0.5) - cos * (row - 0.5)],
        ]
    )
    moved = cv2.warpAffine(
        wide, turn, (size_px, size_px), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def _lit(
    crop: pixels.Picture, strength: Strength, rng: np.random.Generator
) -> pixels.Picture:
    """Changes exposure, tint, black level, gamma and the direction of light."""
    gains = rng.normal(1, strength.gain) * rng.normal(1, strength.tint, 3)
    offset = rng.normal(0, strength.offset)
    gamma = np.exp(rng.normal(0, strength.gamma))
    levels = np.linspace(0, 1, 256)[:, None] ** gamma * 255 * gains + offset
    table = np.clip(levels, 0, 255).astype(np.uint8)[None]
    lit = np.asarray(cv2.LUT(crop, table), np.uint8)
    if strength.slope:
        down, right = rng.normal(0, strength.slope, 2)
        ramp = np.linspace(-0.5, 0.5, len(crop), dtype=np.float32)
        slope = 1 + np.add.outer(down * ramp, right * ramp)
        lit = np.clip(lit * slope[:, :, None], 0, 255).astype(np.uint8)
    if rng.random() < strength.grey:
        lit = np.repeat(cv2.cvtColor(lit, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    return lit


def _blurred(crop: pixels.Picture, rng: np.random.Generator) -> pixels.Picture:
    """Softens by a lens out of focus, or by a camera of fewer pixels."""
    size = len(crop)
    if rng.random() < 0.5:
        sigma = rng.uniform(0.003, 0.012) * size
        return np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8)
    fewer = max(round(size * rng.uniform(0.35, 0.8)), 1)
    coarse = cv2.resize(crop, (fewer, fewer), interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(coarse, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8
    )


def _noisy(crop: pixels.Picture, rng: np.random.Generator) -> pixels.Picture:
    noise = rng.standard_normal(crop.shape, np.float32) * rng.uniform(2, 9)
    return np.clip(crop + noise, 0, 255).astype(np.uint8)


def _as_jpeg(crop: pixels.Picture, rng: np.random.Generator) -> pixels.Picture:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))]
    _, encoded = cv2.imencode(".jpg", crop, quality)
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _erased(crop: pixels.Picture, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    size = len(crop)
    height, width = (rng.uniform(0.1, 0.4, 2) * size).astype(int) + 1
    top, left = rng.integers(0, size - height + 1), rng.integers(0, size - width + 1)
    erased = crop.copy()
    erased[top : top + height, left : left + width] = rng.integers(0, 256, 3)
    return erased
