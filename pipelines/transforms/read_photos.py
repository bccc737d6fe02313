"""Reads photos and finds the face on each."""

from collections.abc import Iterator

import apache_beam as beam

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
        # Its framework is imported where it is used, not where the graph is built.
        from pipelines.inference import preparation

        self._root = roots.at(self._input_root)
        self._preparer = preparation.Preparer(self._settings, self._size_px)
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
            prepared = self._preparer.prepare(encoded)
        except (photos.UnusablePhotoError, FileNotFoundError) as error:
            reason = (
                records.VANISHED if isinstance(error, FileNotFoundError) else str(error)
            )
            return records.PreparedPhoto(
                ref=ref, face=None, face_status="undecodable", reason=reason
            )
        return records.PreparedPhoto(
            ref=ref,
            face=prepared.face,
            face_status=prepared.status,
            face_px=prepared.face_px,
            brightness=prepared.brightness,
        )
