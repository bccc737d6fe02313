"""Element types that travel between the steps of the nightly job."""

import dataclasses

import numpy as np
import numpy.typing as npt

UNREAD = "photo could not be read: "
"""Begins the reason of a rejection that says nothing of the photo's bytes."""

VANISHED = f"{UNREAD}it is gone"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRef:
    """Where the bytes of one photo lie.

    Attributes:
      photo: Path below `photos/date=…/`; a tar member is `BATCH.tar/MEMBER`.
      file: Path of the file that holds it, below the input root.
      generation: Version of those bytes; changes when they do.
      offset: First byte within the file.
      size: Number of bytes.
    """

    photo: str
    file: str
    generation: str
    offset: int
    size: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPhoto:
    """One photo read, decoded and searched for its face.

    Attributes:
      ref: Where it came from.
      face: RGB crop for the model, shape `(height, width, 3)`, dtype uint8;
        None unless `face_status` is `ok`.
      face_status: See `schemas.photo_ages.FACE_STATUSES`.
      reason: Why the photo is rejected; None for a photo that is not.
      face_px: Side of the face found, in pixels of the photo, or None.
      brightness: Mean grey level of the photo, 0 to 255, or None.
      turned_degrees: See `schemas.photo_ages`.
    """

    ref: PhotoRef
    face: npt.NDArray[np.uint8] | None
    face_status: str
    reason: str | None = None
    face_px: int | None = None
    brightness: float | None = None
    turned_degrees: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Rejection:
    """One input that could not be used; a row of `rejections`."""

    stage: str
    source: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """One staged Parquet file.

    Attributes:
      table: Folder of the table, such as `scores/photo_ages`.
      name: File name within the table's day.
      path: Path below the warehouse root where it is staged.
      rows: Number of rows.
      size: Number of bytes.
      sha256: Hex digest of the bytes.
    """

    table: str
    name: str
    path: str
    rows: int
    size: int
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPhoto:
    """One photo after the model; a row of `schemas.scored_photos`.

    Attributes:
      photo: Path below `photos/date=…/`.
      generation: Version of the photo's bytes.
      face_status: See `schemas.photo_ages.FACE_STATUSES`.
      reason: Why the photo is rejected; None for a photo that is not.
      age_distribution: Weights of the ages 0 to 100, shape `(101,)`, dtype
        uint16, sum 65,535; None without a usable face.
      face_px: Side of the face found, in pixels of the photo, or None.
      brightness: Mean grey level of the photo, 0 to 255, or None.
      turned_degrees: See `schemas.photo_ages`.
    """

    photo: str
    generation: str
    face_status: str
    reason: str | None
    age_distribution: npt.NDArray[np.uint16] | None
    face_px: int | None
    brightness: float | None
    turned_degrees: int | None

    @classmethod
    def of(
        cls, prepared: PreparedPhoto, weights: npt.NDArray[np.uint16] | None
    ) -> "ScoredPhoto":
        """Joins a prepared photo with what the model said of it."""
        return cls(
            photo=prepared.ref.photo,
            generation=prepared.ref.generation,
            face_status=prepared.face_status,
            reason=prepared.reason,
            age_distribution=weights,
            face_px=prepared.face_px,
            brightness=prepared.brightness,
            turned_degrees=prepared.turned_degrees,
        )
