"""Scores kept as they come, so that a restarted run goes on where it stopped.

Chunks are Arrow files named `chunk-<unique>-<rows>.arrow`; a published run leaves
one `published-<rows>.arrow` that outlives the photos.
"""

import dataclasses
import io
import uuid
from collections.abc import Iterator

import pyarrow as pa

from pipelines.storage import roots
from schemas import scored_photos

_CHUNK = "chunk-"
_PUBLISHED = "published-"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KeptScores:
    """The kept scores of one day under one model and its settings.

    Attributes:
      warehouse: Warehouse root.
      folder: Path below it that holds the chunks.
    """

    warehouse: str
    folder: str

    def write_chunk(self, rows: pa.Table) -> None:
        """Keeps rows of `scored_photos.SCHEMA`, whole or not at all."""
        self._write(f"{_CHUNK}{uuid.uuid4().hex}-{rows.num_rows}.arrow", rows)

    def read(self) -> Iterator[tuple[pa.Table, bool]]:
        """Yields each file's rows, and whether their run was published.

        Published rows come first, then chunks, oldest first.
        """
        for entry in self._entries():
            yield _decode(self._root().read(entry.path)), _is_published(entry)

    def compact(self) -> None:
        """Replaces all chunks by one file of what the published run used.

        Where a photo was scored twice, because its bytes changed, the later score
        stays.
        """
        entries = self._entries()
        if not any(not _is_published(entry) for entry in entries):
            return
        latest = newest_rows([table for table, _ in self.read()])
        self._write(f"{_PUBLISHED}{latest.num_rows}-{uuid.uuid4().hex}.arrow", latest)
        for entry in entries:
            self._root().delete(entry.path)

    def forget(self) -> None:
        """Deletes everything kept."""
        self._root().delete(self.folder)

    def _entries(self) -> list[roots.Entry]:
        entries = [
            entry
            for entry in self._root().files(self.folder)
            if entry.path.endswith(".arrow")
        ]
        return sorted(entries, key=_published_then_oldest)

    def _write(self, name: str, rows: pa.Table) -> None:
        sink = io.BytesIO()
        with pa.ipc.new_file(sink, scored_photos.SCHEMA) as writer:
            writer.write_table(rows)
        self._root().write(f"{self.folder}/{name}", sink.getvalue())

    def _root(self) -> roots.Root:
        return roots.at(self.warehouse)


def newest_rows(tables: list[pa.Table]) -> pa.Table:
    """Keeps the last row of each photo, sorted by photo.

    Args:
      tables: Rows of `scored_photos.SCHEMA`, oldest first.
    """
    merged = pa.concat_tables([scored_photos.SCHEMA.empty_table(), *tables])
    last = {photo: row for row, photo in enumerate(merged["photo"].to_pylist())}
    rows = pa.array([last[photo] for photo in sorted(last)], pa.int64())
    return merged.take(rows).combine_chunks()


def _decode(content: bytes) -> pa.Table:
    return pa.ipc.open_file(pa.BufferReader(content)).read_all()


def _is_published(entry: roots.Entry) -> bool:
    return entry.path.rsplit("/", 1)[-1].startswith(_PUBLISHED)


def _published_then_oldest(entry: roots.Entry) -> tuple[bool, str, str]:
    # Generations of local files and buckets both begin with a time of fixed width.
    return (not _is_published(entry), entry.generation, entry.path)
