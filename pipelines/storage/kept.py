"""Scores kept as they come, so that a restarted run goes on where it stopped.

Chunks are Arrow files named `chunk-<run>-<unique>-<rows>.arrow`. A published run
leaves one `published-….arrow` of what it used, which outlives the photos.
"""

import dataclasses
import io
import uuid
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import records
from pipelines.storage import deletion, roots
from schemas import scored_photos

_CHUNK = "chunk-"
_PUBLISHED = "published-"
_USED = "used-"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KeptScores:
    """The kept scores of one day under one model and its settings.

    Attributes:
      warehouse: Warehouse root.
      folder: Path below it that holds the files.
      run_id: Run that writes.
      is_fresh: Whether to read this run's scores alone.
    """

    warehouse: str
    folder: str
    run_id: str
    is_fresh: bool = False

    def write_chunk(self, rows: pa.Table) -> None:
        """Keeps rows of `scored_photos.SCHEMA`, whole or not at all."""
        name = f"{_CHUNK}{self.run_id}-{uuid.uuid4().hex}-{rows.num_rows}.arrow"
        self._write(name, _lasting(rows))

    def read(self) -> Iterator[tuple[pa.Table, bool]]:
        """Yields each file's rows, and whether their run was published.

        Published rows come first, then chunks, oldest first.
        """
        for entry in self._entries():
            if not self.is_fresh or self.run_id in entry.path:
                yield _decode(self._root().read(entry.path)), _is_published(entry)

    def has_published(self) -> bool:
        """Tells whether a published run's scores are kept."""
        return any(_is_published(entry) for entry in self._entries())

    def write_used(self, rows: pa.Table) -> None:
        """Puts aside what this run uses, until it is known to be published."""
        self._write(f"{_USED}{self.run_id}.arrow", _lasting(rows))

    def adopt_used(self) -> None:
        """Replaces all that is kept by what this run used; it is published."""
        used = f"{self.folder}/{_USED}{self.run_id}.arrow"
        if not self._root().exists(used):
            return
        published = f"{_PUBLISHED}{uuid.uuid4().hex}.arrow"
        self._root().write(f"{self.folder}/{published}", self._root().read(used))
        kept = [*self._root().files(self.folder)]
        others = [entry for entry in kept if not entry.path.endswith(published)]
        deletion.delete_seen(self._root(), others)

    def drop_used(self) -> None:
        """Deletes what this run put aside; it is not published, its chunks stay."""
        self._root().delete(f"{self.folder}/{_USED}{self.run_id}.arrow")

    def sweep(self) -> None:
        """Deletes what killed runs had not finished; none may be at work."""
        self._root().sweep(self.folder)
        kept = self._root().files(self.folder)
        unused = [entry for entry in kept if _name(entry).startswith(_USED)]
        deletion.delete_seen(self._root(), unused)

    def _entries(self) -> list[roots.Entry]:
        entries = [
            entry
            for entry in self._root().files(self.folder)
            if _name(entry).startswith((_CHUNK, _PUBLISHED))
        ]
        return sorted(entries, key=_published_then_oldest)

    def _write(self, name: str, rows: pa.Table) -> None:
        sink = io.BytesIO()
        with pa.ipc.new_file(sink, scored_photos.SCHEMA) as writer:
            writer.write_table(rows)
        self._root().write(f"{self.folder}/{name}", sink.getvalue())

    def _root(self) -> roots.Root:
        return roots.at(self.warehouse)


def newest_published(entries: Iterable[roots.Entry]) -> roots.Entry | None:
    """Finds the scores that the published day used; None: there are none.

    Args:
      entries: Kept files of one day, under any model and settings.
    """
    published = [entry for entry in entries if _is_published(entry)]
    return max(published, key=lambda entry: entry.updated_at_utc, default=None)


def run_that_used(entry: roots.Entry) -> str | None:
    """Names the run that put a file aside by `write_used`; None: it is no such file."""
    name = _name(entry)
    return name[len(_USED) : -len(".arrow")] if name.startswith(_USED) else None


def read_file(warehouse: str, entry: roots.Entry) -> pa.Table:
    """Reads a kept file, rows of `scored_photos.SCHEMA`."""
    return _decode(roots.at(warehouse).read(entry.path))


def newest_rows(tables: list[pa.Table]) -> pa.Table:
    """Keeps the last row of each photo, sorted by photo.

    Args:
      tables: Rows of `scored_photos.SCHEMA`, oldest first.
    """
    merged = pa.concat_tables([scored_photos.SCHEMA.empty_table(), *tables])
    photos = merged["photo"].combine_chunks()
    # The sort is stable: of the rows of a photo the newest comes last.
    order = pc.sort_indices(photos)
    photos = photos.take(order)
    is_last = np.ones(len(photos), bool)
    is_last[:-1] = pc.not_equal(photos[:-1], photos[1:])
    return merged.take(order.filter(pa.array(is_last))).combine_chunks()


def _decode(content: bytes) -> pa.Table:
    return pa.ipc.open_file(pa.BufferReader(content)).read_all()


def _lasting(rows: pa.Table) -> pa.Table:
    # A photo that could not be read may be next time, as it was.
    is_unread = pc.starts_with(rows["reason"], records.UNREAD).fill_null(False)
    return rows.filter(pc.invert(is_unread))


def _name(entry: roots.Entry) -> str:
    return entry.path.rsplit("/", 1)[-1]


def _is_published(entry: roots.Entry) -> bool:
    return _name(entry).startswith(_PUBLISHED)


def _published_then_oldest(entry: roots.Entry) -> tuple[bool, str, str]:
    # Generations of local files and buckets both begin with a time of fixed width.
    return (not _is_published(entry), entry.generation, entry.path)
