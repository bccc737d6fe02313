"""Reads photos and finds the face on each."""

from collections.abc import Iterator

import apache_beam as beam
import numpy as np

from pipelines import records
from pipelines.domain import faces, photos
from pipelines.storage import inflight, roots


class ReadPhotos(beam.PTransform):
    """Turns each `PhotoRef` into one `PreparedPhoto`.

    A photo that cannot be decoded, or that is gone, has a `reason`; one without a
    usable face has a `face_status` that says so.
    """

    def __init__(
        self,
        input_root: str,
        settings: faces.FaceSettings | None,
        size_px: int,
        work_folder: str | None,
    ) -> None:
        """Takes where and how to look.

        Args:
          input_root: Root folder of the inputs.
          settings: How to find and crop faces; None takes the whole photo.
          size_px: Side of the square that the model takes, in pixels.
          work_folder: Folder for in-flight marks of supervised workers, or None.
        """
        super().__init__()
        self._arguments = (input_root, settings, size_px, work_folder)

    def expand(
        self, refs: beam.PCollection[records.PhotoRef]
    ) -> beam.PCollection[records.PreparedPhoto]:
        """Reads, decodes and crops."""
        return refs | "ReadAndCrop" >> beam.ParDo(_ReadAndCrop(*self._arguments))


class _ReadAndCrop(beam.DoFn):
    def __init__(
        self,
        input_root: str,
        settings: faces.FaceSettings | None,
        size_px: int,
        work_folder: str | None,
    ) -> None:
        self._input_root = input_root
        self._settings = settings
        self._size_px = size_px
        self._work_folder = work_folder

    def setup(self) -> None:
        self._root = roots.at(self._input_root)
        self._finder = faces.FaceFinder(self._settings) if self._settings else None
        self._marks = (
            inflight.InflightMarks(self._work_folder) if self._work_folder else None
        )

    def process(self, ref: records.PhotoRef) -> Iterator[records.PreparedPhoto]:
        if self._marks:
            self._marks.mark(ref.photo)
        prepared = self._read(ref)
        if self._marks:
            self._marks.clear()
        yield prepared

    def _read(self, ref: records.PhotoRef) -> records.PreparedPhoto:
        try:
            encoded = self._root.read(ref.file, ref.offset, ref.size)
            pixels = photos.decode_photo(encoded)
        except (photos.UnusablePhotoError, FileNotFoundError) as error:
            reason = (
                records.VANISHED if isinstance(error, FileNotFoundError) else str(error)
            )
            return records.PreparedPhoto(
                ref=ref, face=None, face_status="undecodable", reason=reason
            )
        return self._prepare(ref, pixels)

    def _prepare(
        self, ref: records.PhotoRef, pixels: np.ndarray
    ) -> records.PreparedPhoto:
        if self._finder is None or self._settings is None:
            whole = faces.whole_photo(pixels, self._size_px)
            return records.PreparedPhoto(ref=ref, face=whole, face_status="ok")
        finding = self._finder.find(pixels)
        margin = self._settings.crop_margin
        return records.PreparedPhoto(
            ref=ref,
            face=(
                faces.crop_face(pixels, finding.box, self._size_px, margin)
                if finding.box is not None and finding.status == "ok"
                else None
            ),
            face_status=finding.status,
            face_px=finding.face_px,
            brightness=finding.brightness,
        )
