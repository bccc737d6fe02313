"""Reads photos and finds the face on each."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.utils import windowed_value

from pipelines import records
from pipelines.domain import faces, photos
from pipelines.storage import inflight, read_ahead, roots
from pipelines.transforms import bundle_ends


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

    def start_bundle(self) -> None:
        self._photos = read_ahead.ReadAhead(self._root)

    def process(self, ref: records.PhotoRef) -> Iterator[records.PreparedPhoto]:
        for arrived in self._photos.add(ref):
            yield self._prepared(arrived)

    def finish_bundle(self) -> Iterator[windowed_value.WindowedValue]:
        for arrived in self._photos.rest():
            yield bundle_ends.emitted(self._prepared(arrived))
        self._photos.close()

    def _prepared(self, arrived: read_ahead.Arrived) -> records.PreparedPhoto:
        ref = arrived.ref
        if arrived.encoded is None:
            return _undecodable(ref, arrived.reason)
        if self._marks:
            self._marks.mark(ref.photo)
        try:
            prepared = self._preparer.prepare(arrived.encoded)
        except photos.UnusablePhotoError as error:
            return _undecodable(ref, str(error))
        except MemoryError:
            return _undecodable(ref, f"{records.UNREAD}not enough memory")
        finally:
            if self._marks:
                self._marks.clear()
        return records.PreparedPhoto(
            ref=ref,
            face=prepared.face,
            face_status=prepared.status,
            face_px=prepared.face_px,
            brightness=prepared.brightness,
            turned_degrees=prepared.turned_degrees,
        )


def _undecodable(ref: records.PhotoRef, reason: str) -> records.PreparedPhoto:
    return records.PreparedPhoto(
        ref=ref, face=None, face_status="undecodable", reason=reason
    )
