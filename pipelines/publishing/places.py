"""What a publish asks of the storage that holds a warehouse, for one trading day."""

from collections.abc import Sequence
from typing import Protocol

from pipelines import records
from pipelines.publishing import versions, warehouse


class DayChangedError(Exception):
    """Another run has published the day since this one began."""


class Place(Protocol):
    """One trading day in a folder or in a bucket."""

    def manifest(self) -> versions.Manifest | None:
        """Reads what is published; None if nothing is."""

    def token(self) -> str:
        """Names the state of the day; another publish changes it."""

    def stage_run_row(self, run_id: str, content: bytes) -> None:
        """Puts a run's file of `runs` aside until its fate is sealed."""

    def publish(
        self,
        manifest: versions.Manifest,
        written: Sequence[records.WrittenFile],
        run_id: str,
        token: str,
    ) -> None:
        """Makes staged files the published ones, and the run's row visible.

        May be called again after it was interrupted.

        Args:
          manifest: Of the files.
          written: Staged files.
          run_id: Run that staged them.
          token: State of the day when the run began.

        Raises:
          DayChangedError: it is in another state; nothing has changed for readers.
        """

    def refuse(self, written: Sequence[records.WrittenFile], run_id: str) -> None:
        """Keeps a refused run's row and rejections, and clears away the rest."""

    def shrink(self, manifest: versions.Manifest, token: str, name: str) -> None:
        """Publishes some of the published files alone, and deletes the others.

        Readers see all tables of the day or, from one moment on, those alone. May be
        called again after it was interrupted.

        Args:
          manifest: Of the files that stay.
          token: State of the day that they were chosen from.
          name: For what is staged; no run has it.

        Raises:
          DayChangedError: it is in another state; nothing has changed for readers.
        """

    def recover(self) -> bool:
        """Finishes what a killed publish had begun, and clears away all else.

        Only the run that holds the day's lock may call it. It may be killed and
        called again at any point.

        Returns:
          Whether there was a publish to finish.
        """

    def run_row(self, run_id: str) -> bytes | None:
        """Reads a run's file of `runs`; None if it has none."""

    def rejections(self, run_id: str) -> str | None:
        """Names the kept rejections of a refused run, for people; None if none are."""


def of(day: warehouse.Day) -> Place:
    """Gives the place of a day."""
    if day.is_in_bucket:
        from pipelines.publishing import bucket_place

        return bucket_place.BucketPlace(day)
    from pipelines.publishing import local_place

    return local_place.LocalPlace(day)
