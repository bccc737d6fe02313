"""Judges and crops the customer's face: one module for training and scoring."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Self

import cv2

from pipelines.domain import pixels

# Eyes, nose and mouth, as a share of the box, compared at one side in pixels.
_MIDDLE = 0.625
_MIDDLE_PX = 32
RAISED = 0.09
"""How far a box's centre lies above that of brow and chin, as a share of its side."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FaceSettings:
    """Thresholds of the face finder; lengths are in pixels of the photo.

    Attributes:
      crop_margin: Added on each side of the face, as a share of its side. Part of
        the model's input contract: the bundle's value wins.
      min_face_px: Smaller faces are `small`.
      min_size_ratio: The largest face counts if it is at least this many times as
        large as the next, else `several_faces`.
      min_sharpness: Least variance of the Laplacian of eyes, nose and mouth, brought
        to one size and contrast; below it a face is `blurred`.
      min_score: Least probability that a find is a face, 0.01 to 0.99.
    """

    crop_margin: float = 0.0
    min_face_px: int = 64
    min_size_ratio: float = 1.5
    min_sharpness: float = 0.2
    min_score: float = 0.5

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: a setting is out of range.
        """
        lowest = {
            "crop_margin": 0,
            "min_face_px": 1,
            "min_size_ratio": 1,
            "min_sharpness": 0,
        }
        for name, least in lowest.items():
            if not getattr(self, name) >= least:
                raise ValueError(
                    f"{name} must be at least {least}. Received: {getattr(self, name)}"
                )
        if not 0.01 <= self.min_score <= 0.99:
            raise ValueError(
                f"min_score must be from 0.01 to 0.99. Received: {self.min_score}"
            )

    @classmethod
    def from_card(cls, values: Mapping[str, float]) -> Self:
        """Rebuilds the settings that a bundle was trained with.

        Raises:
          ValueError: a value is out of range or its name is not known.
        """
        defaults = dataclasses.asdict(cls())
        if unknown := sorted(values.keys() - defaults.keys()):
            raise ValueError(f"unknown face setting: {', '.join(unknown)}")
        # JSON does not tell 64 from 64.0.
        kinds = {name: type(value) for name, value in defaults.items()}
        return cls(**{name: kinds[name](value) for name, value in values.items()})


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """A square in pixels of the photo; it may reach beyond the photo's edges."""

    left: int
    top: int
    side: int

    def times(self, factor: int) -> "Box":
        """Gives the same square in a picture so many times as large."""
        return Box(self.left * factor, self.top * factor, self.side * factor)


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What the finder says of one photo.

    Attributes:
      status: One of `schemas.photo_ages.FACE_STATUSES` but `undecodable`.
      box: The largest face, or None where there is none.
      face_px: Its side in pixels of the photo, or None.
      brightness: Mean grey level of the photo, 0 to 255.
      turned_degrees: By how much the photo was turned, clockwise, for the face to
        stand upright: 0, 90, 180 or 270. The box lies in the turned photo. None where
        that cannot be told: there is no face, or it is blurred.
    """

    status: str
    box: Box | None
    face_px: int | None
    brightness: float
    turned_degrees: int | None


def judge(
    rgb: pixels.Picture,
    boxes: Sequence[Box],
    settings: FaceSettings,
    divisor: int = 1,
    turned_degrees: int | None = None,
) -> Finding:
    """Says whether the face that is closest to the camera can be used.

    Args:
      rgb: Shape `(height, width, 3)`, dtype uint8.
      boxes: Faces in it, largest first.
      settings: Thresholds.
      divisor: By how much the photo's sides were divided to get `rgb`.
      turned_degrees: By how much it was turned to get `rgb`; see `Finding`.
    """
    brightness = pixels.brightness(rgb)
    if not boxes:
        return Finding("none", None, None, brightness, turned_degrees)
    face_px = boxes[0].side * divisor
    status = _status(rgb, boxes, settings, face_px)
    return Finding(status, boxes[0], face_px, brightness, turned_degrees)


def upright(rgb: pixels.Picture, finding: Finding) -> pixels.Picture:
    """Turns a photo as the finding says, so that the finding's box lies in it."""
    return pixels.turned(rgb, finding.turned_degrees or 0)


def _status(
    rgb: pixels.Picture, boxes: Sequence[Box], settings: FaceSettings, face_px: int
) -> str:
    face = boxes[0]
    if len(boxes) > 1 and face.side < settings.min_size_ratio * boxes[1].side:
        return "several_faces"
    if face_px < settings.min_face_px:
        return "small"
    if sharpness(rgb, face) < settings.min_sharpness:
        return "blurred"
    return "ok"


def crop_face(
    rgb: pixels.Picture, box: Box, size_px: int, margin: float
) -> pixels.Picture:
    """Crops a face for the model.

    Args:
      rgb: Photo, shape `(height, width, 3)`, dtype uint8.
      box: The face.
      size_px: Side of the crop that is returned.
      margin: Added on each side, as a share of the face's side; beyond the photo
        its edge is repeated.

    Returns:
      Shape `(size_px, size_px, 3)`, dtype uint8, contiguous.
    """
    extra = round(box.side * margin)
    side = max(box.side + 2 * extra, 1)
    return pixels.resized(
        pixels.window(rgb, box.left - extra, box.top - extra, side), size_px
    )


def whole_photo(rgb: pixels.Picture, size_px: int) -> pixels.Picture:
    """Fits a photo that is a crop already; see `crop_face` for the shapes."""
    return pixels.resized(rgb, size_px)


def sharpness(rgb: pixels.Picture, box: Box) -> float:
    """Measures how sharp eyes, nose and mouth are.

    Returns:
      Variance of the Laplacian over the variance of the grey levels, at one size:
      the same for a dim and a bright photo.
    """
    side = round(_MIDDLE * box.side)
    left = round(box.left + (box.side - side) / 2)
    top = round(box.top + (box.side - side) / 2 + RAISED * box.side)
    inner = rgb[max(top, 0) : max(top + side, 0)]
    inner = inner[:, max(left, 0) : max(left + side, 0)]
    if inner.size == 0:
        return 0.0
    grey = cv2.cvtColor(pixels.resized(inner, _MIDDLE_PX), cv2.COLOR_RGB2GRAY)
    contrast = float(grey.var())
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / max(contrast, 1.0)
