"""Finds the customer's face and crops it: one module for training and scoring."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Self

import cv2

from pipelines.domain import cascade, pixels

_LEAST_SEARCH_PX = 40
_SHARPNESS_PX = 64  # Faces are compared at this side, whatever the camera.


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
      search_px: Longer side of the copy in which candidates are looked for.
      fine_search_px: Of the copy that is searched where that finds nothing.
      scale_step: Ratio of neighbouring sizes of candidates.
      min_neighbors: Overlapping hits that confirm a face.
    """

    crop_margin: float = 0.0
    min_face_px: int = 64
    min_size_ratio: float = 1.5
    min_sharpness: float = 0.03
    search_px: int = 96
    fine_search_px: int = 320
    scale_step: float = 1.2
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
            "search_px": _LEAST_SEARCH_PX,
            "fine_search_px": _LEAST_SEARCH_PX,
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
        # JSON does not tell 64 from 64.0; the cascade does.
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
        self._search = cascade.CascadeSearch(
            search_px=self._settings.search_px,
            fine_search_px=self._settings.fine_search_px,
            scale_step=self._settings.scale_step,
            min_neighbors=self._settings.min_neighbors,
            min_size_ratio=self._settings.min_size_ratio,
        )

    def find(self, rgb: pixels.Picture) -> Finding:
        """Finds the face of one photo.

        Args:
          rgb: Shape `(height, width, 3)`, dtype uint8.

        Returns:
          The finding; the same for the same pixels.
        """
        grey = pixels.grey_copy(rgb)
        brightness = float(grey.mean())
        hits = self._search.search(grey)
        if not hits:
            return Finding("none", None, None, brightness)
        scale = rgb.shape[1] / grey.shape[1]
        boxes = [
            Box(*(round(part * scale) for part in (hit.left, hit.top, hit.side)))
            for hit in hits
        ]
        return Finding(self._status(rgb, boxes), boxes[0], boxes[0].side, brightness)

    def _status(self, rgb: pixels.Picture, boxes: Sequence[Box]) -> str:
        face = boxes[0]
        if len(boxes) > 1 and face.side < self._settings.min_size_ratio * boxes[1].side:
            return "several_faces"
        if face.side < self._settings.min_face_px:
            return "small"
        if sharpness(rgb, face) < self._settings.min_sharpness:
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
    """Measures how sharp a face is.

    Returns:
      Variance of the Laplacian over the variance of the grey levels, at one size:
      the same for a dim and a bright photo.
    """
    inner = rgb[max(box.top, 0) : box.top + box.side]
    inner = inner[:, max(box.left, 0) : box.left + box.side]
    if inner.size == 0:
        return 0.0
    grey = cv2.cvtColor(pixels.resized(inner, _SHARPNESS_PX), cv2.COLOR_RGB2GRAY)
    contrast = float(grey.var())
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / max(contrast, 1.0)
