"""Writes the photos of one store and day: loose files and a batch."""

import io
import pathlib
import tarfile
from collections.abc import Iterable, Iterator

from pipelines.sample import shots


def write(
    folder: pathlib.Path, photos: Iterable[tuple[shots.Shot, bytes]]
) -> Iterator[None]:
    """Writes photos one by one, yielding after each.

    Args:
      folder: `photos/date=…/store=…`.
      photos: Each with its JPEG bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    batch = folder / shots.BATCH
    with tarfile.open(batch, "w", format=tarfile.USTAR_FORMAT) as members:
        for shot, encoded in photos:
            if shot.is_batched:
                _add(members, shot, encoded)
            else:
                (folder / shot.file_name).write_bytes(encoded)
            yield


def _add(batch: tarfile.TarFile, shot: shots.Shot, encoded: bytes) -> None:
    member = tarfile.TarInfo(shot.file_name)
    member.size = len(encoded)
    member.mtime = shot.captured_msec // 1_000
    batch.addfile(member, io.BytesIO(encoded))
