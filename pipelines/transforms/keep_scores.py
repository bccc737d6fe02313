"""Keeps scores as they come and hands them on as tables."""

import time
from collections.abc import Iterable, Iterator

import apache_beam as beam
import pyarrow as pa
from apache_beam.typehints import decorators
from apache_beam.utils import windowed_value

from pipelines import records
from pipelines.storage import kept, roots
from pipelines.transforms import bundle_ends, packing
from schemas import scored_photos

# A chunk costs one durable write; this loses at most a few seconds of work.
_MAX_CHUNK_ROWS = 512
_MAX_CHUNK_SECONDS = 1.0
# In a bucket each chunk is also a request to read it and one to delete it, one by one.
_MAX_REMOTE_CHUNK_SECONDS = 10.0


class KeepScores(beam.PTransform):
    """Writes `ScoredPhoto` rows to chunks and emits the same rows as tables.

    A row is emitted only after its chunk is kept.
    """

    def __init__(self, scores: kept.KeptScores) -> None:
        """Takes where to keep."""
        super().__init__()
        self._scores = scores

    def expand(
        self, scored: beam.PCollection[records.ScoredPhoto]
    ) -> beam.PCollection[pa.Table]:
        """Keeps and emits tables of `scored_photos.SCHEMA`."""
        return scored | "KeepChunks" >> beam.ParDo(_KeepChunks(self._scores))


class _KeepChunks(beam.DoFn):
    def __init__(self, scores: kept.KeptScores) -> None:
        self._scores = scores
        self._max_seconds = (
            _MAX_REMOTE_CHUNK_SECONDS
            if roots.is_remote(scores.warehouse)
            else _MAX_CHUNK_SECONDS
        )

    def start_bundle(self) -> None:
        self._rows: list[records.ScoredPhoto] = []
        self._chunks: list[pa.Table] = []
        self._chunk_started = time.monotonic()

    def process(self, scored: records.ScoredPhoto) -> None:
        self._rows.append(scored)
        is_old = time.monotonic() - self._chunk_started > self._max_seconds
        if is_old or len(self._rows) >= _MAX_CHUNK_ROWS:
            self._flush()

    def finish_bundle(self) -> Iterator[windowed_value.WindowedValue]:
        self._flush()
        if self._chunks:
            # One table a bundle: small ones would be cut into thousands of slivers.
            merged = pa.concat_tables(self._chunks).combine_chunks()
            yield bundle_ends.emitted(merged)
        self._chunks = []

    def _flush(self) -> None:
        if self._rows:
            chunk = _to_table(self._rows)
            self._scores.write_chunk(chunk)
            self._chunks.append(chunk)
        self._rows = []
        self._chunk_started = time.monotonic()


def _to_table(rows: list[records.ScoredPhoto]) -> pa.Table:
    names = scored_photos.SCHEMA.names
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    return pa.table(columns, schema=scored_photos.SCHEMA)


def _alike(rows: pa.Table) -> list[tuple[str, pa.Table]]:
    return [("used", rows)]


class PutAsideUsed(beam.PTransform):
    """Puts aside the scores that a run uses, for later runs if it is published.

    Emits one element, after it is done.
    """

    def __init__(self, scores: kept.KeptScores) -> None:
        """Takes where to keep."""
        super().__init__()
        self._scores = scores

    @decorators.no_annotations
    def expand(
        self, scores: tuple[beam.PCollection[pa.Table], beam.PCollection[pa.Table]]
    ) -> beam.PCollection[int]:
        """Gathers tables of `scored_photos.SCHEMA`; emits the number of photos.

        Args:
          scores: Of this run, and resumed.
        """
        scored, resumed = scores
        return (
            (
                scored | "KeyScored" >> packing.PackParts(_alike),
                resumed | "KeyResumed" >> packing.PackParts(_alike),
            )
            | "AllScores" >> beam.Flatten()
            | "Gather" >> beam.GroupByKey()
            | "WriteUsed" >> beam.MapTuple(self._write)
        )

    def _write(self, _: str, parts: Iterable[bytes]) -> int:
        used = kept.newest_rows([packing.unpack(scored_photos.SCHEMA, parts)])
        self._scores.write_used(used)
        return used.num_rows
