"""Finds the customer's face and crops it: one module for training and scoring."""

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

_CASCADE = "haarcascade_frontalface_alt2.xml"
_CASCADE_PX = 20  # Side of the window that the cascade was trained on.
_SHARPNESS_PX = 64  # Faces are compared at this side, whatever the camera.

Pixels = npt.NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, kw_only=True)
class FaceSettings:
    """Thresholds of the face finder; lengths are in pixels of the photo.

    Attributes:
      crop_margin: Added on each side of the face, as a share of its side. Part of
        the model's input contract: the bundle's value wins.
      min_face_px: Smaller faces are `small`.
      min_size_ratio: The largest face counts if it is at least this many times as
        large as the next, else `several_faces`.
      min_sharpness: Least variance of the Laplacian of the face, after it is
        brought to one size and contrast; below it is `blurred`.
      search_px: Longer side of the grey copy that is searched first; a second
        search for smaller faces takes twice as much.
      scale_step: Ratio of neighbouring face sizes that are searched.
      min_neighbors: Overlapping hits that make a face.
    """

    crop_margin: float = 0.3
    min_face_px: int = 48
    min_size_ratio: float = 1.5
    min_sharpness: float = 0.0
    search_px: int = 128
    scale_step: float = 1.1
    min_neighbors: int = 2

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
            "search_px": 2 * _CASCADE_PX,
            "scale_step": 1.01,
            "min_neighbors": 1,
        }
        for name, least in lowest.items():
            if not getattr(self, name) >= least:
                raise ValueError(
                    f"{name} must be at least {least}. Received: {getattr(self, name)}"
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
        # JSON does not tell 48 from 48.0; the cascade does.
        kinds = {name: type(value) for name, value in defaults.items()}
        return cls(**{name: kinds[name](value) for name, value in values.items()})


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """A square in pixels of the photo; it may reach beyond the photo's edges."""

    left: int
    top: int
    side: int


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What the finder says of one photo.

    Attributes:
      status: One of `schemas.photo_ages.FACE_STATUSES` but `undecodable`.
      box: The largest face, or None where there is none.
      face_px: Its side, or None.
      brightness: Mean grey level of the photo, 0 to 255.
    """

    status: str
    box: Box | None
    face_px: int | None
    brightness: float


class FaceFinder:
    """Looks for the one face that is closest to the camera.

    Not to be shared between threads: make one for each.
    """

    def __init__(self, settings: FaceSettings | None = None) -> None:
        """Loads the cascade, once.

        OpenCV is set to one thread: parallelism is over photos.
        """
        cv2.setNumThreads(1)
        self._settings = settings or FaceSettings()
        cascade = pathlib.Path(cv2.data.haarcascades) / _CASCADE  # type: ignore[attr-defined]
        self._cascade = cv2.CascadeClassifier(str(cascade))

    def find(self, rgb: Pixels) -> Finding:
        """Finds the face of one photo.

        Args:
          rgb: Shape `(height, width, 3)`, dtype uint8.

        Returns:
          The finding; the same for the same pixels.
        """
        grey = _shrink(rgb, 2 * self._settings.search_px)
        brightness = float(grey.mean())
        boxes = self._search(grey, max(rgb.shape[:2]) / max(grey.shape))
        if not boxes:
            return Finding("none", None, None, brightness)
        face = boxes[0]
        return Finding(self._status(rgb, boxes), face, face.side, brightness)

    def _status(self, rgb: Pixels, boxes: Sequence[Box]) -> str:
        face = boxes[0]
        if len(boxes) > 1 and face.side < self._settings.min_size_ratio * boxes[1].side:
            return "several_faces"
        if face.side < self._settings.min_face_px:
            return "small"
        if sharpness(rgb, face) < self._settings.min_sharpness:
            return "blurred"
        return "ok"

    def _search(self, grey: Pixels, scale: float) -> list[Box]:
        """Searches in the order of cost; most photos end with the first pass.

        Args:
          grey: Copy of the photo.
          scale: Pixels of the photo for one of `grey`.
        """
        coarse = _shrink(grey, self._settings.search_px)
        ratio = max(grey.shape) / max(coarse.shape)
        return (
            self._detect(coarse, scale * ratio)
            or self._detect_padded(coarse, scale * ratio)
            or self._detect(grey, scale, max_px=round(1.5 * ratio * _CASCADE_PX))
        )

    def _detect_padded(self, grey: Pixels, scale: float) -> list[Box]:
        """Looks for a face that fills the picture or is cut by its edges."""
        border = min(grey.shape) // 2
        padded = np.pad(grey, border, mode="edge")
        found = self._detect(padded, scale, min_px=round(1.2 * border))
        shift = round(border * scale)
        return [Box(box.left - shift, box.top - shift, box.side) for box in found]

    def _detect(
        self, grey: Pixels, scale: float, min_px: int = _CASCADE_PX, max_px: int = 0
    ) -> list[Box]:
        """Runs the cascade; boxes in pixels of the photo, largest first."""
        found = self._cascade.detectMultiScale(
            grey,
            self._settings.scale_step,
            self._settings.min_neighbors,
            minSize=(min_px, min_px),
            maxSize=(max_px, max_px),
        )
        boxes = [
            Box(round(left * scale), round(top * scale), round(side * scale))
            for left, top, side, _ in found
        ]
        return sorted(boxes, key=lambda box: (-box.side, box.top, box.left))


def crop_face(rgb: Pixels, box: Box, size_px: int, margin: float) -> Pixels:
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
    return _resized(_window(rgb, box.left - extra, box.top - extra, side), size_px)


def whole_photo(rgb: Pixels, size_px: int) -> Pixels:
    """Fits a photo that is a crop already; see `crop_face` for the shapes."""
    return _resized(rgb, size_px)


def sharpness(rgb: Pixels, box: Box) -> float:
    """Measures how sharp a face is.

    Returns:
      Variance of the Laplacian over the variance of the grey levels, at one size:
      the same for a dim and a bright photo.
    """
    inner = rgb[max(box.top, 0) : box.top + box.side]
    inner = inner[:, max(box.left, 0) : box.left + box.side]
    if inner.size == 0:
        return 0.0
    grey = cv2.cvtColor(_resized(inner, _SHARPNESS_PX), cv2.COLOR_RGB2GRAY)
    contrast = float(grey.var())
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / max(contrast, 1.0)


def _window(rgb: Pixels, left: int, top: int, side: int) -> Pixels:
    """Cuts a square out, as a view where it lies inside the photo."""
    height, width = rgb.shape[:2]
    before = max(-top, 0), max(-left, 0)
    after = max(top + side - height, 0), max(left + side - width, 0)
    # A box that misses the photo altogether still gets its nearest edge.
    rows = slice(min(max(top, 0), height - 1), max(min(top + side, height), 1))
    columns = slice(min(max(left, 0), width - 1), max(min(left + side, width), 1))
    inside = rgb[rows, columns]
    if not any(before + after):
        return inside
    return np.asarray(
        cv2.copyMakeBorder(
            inside, before[0], after[0], before[1], after[1], cv2.BORDER_REPLICATE
        ),
        dtype=np.uint8,
    )


def _resized(rgb: Pixels, size_px: int) -> Pixels:
    shrinks = min(rgb.shape[:2]) > size_px
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    fitted = cv2.resize(rgb, (size_px, size_px), interpolation=way)
    return np.ascontiguousarray(fitted, dtype=np.uint8)


def _shrink(picture: Pixels, longest_px: int) -> Pixels:
    """Makes a grey copy whose longer side is at most `longest_px`."""
    height, width = picture.shape[:2]
    scale = longest_px / max(height, width)
    if scale < 1:
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    if picture.ndim == 3:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return picture
