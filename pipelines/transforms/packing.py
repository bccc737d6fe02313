"""Packs tables for shuffles, which hold everything that passes in memory.

A packed table is an Arrow stream compressed with LZ4, in which a text that is repeated
stands once. Runners pass its bytes on without looking inside, where they would unpickle
a table at each step.
"""

from collections.abc import Callable, Iterable, Iterator

import apache_beam as beam
import pyarrow as pa
from apache_beam.typehints import decorators
from apache_beam.utils import windowed_value

from pipelines.transforms import bundle_ends

Cut = Callable[[pa.Table], Iterable[tuple[str, pa.Table]]]

_MAX_GATHERED_BYTES = 16 << 20
# Parts are too small to be worth the threads.
_WRITING = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_READING = pa.ipc.IpcReadOptions(use_threads=False)
_NUM_SAMPLED = 256


def pack(rows: pa.Table) -> bytes:
    """Packs rows, without what their schema tells; of a slice, its own rows alone."""
    columns = [_coded(column) for column in rows.columns]
    coded = pa.table(columns, names=rows.column_names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, coded.schema, options=_WRITING) as writer:
        writer.write_table(coded)
    return sink.getvalue().to_pybytes()


def unpack(schema: pa.Schema, parts: Iterable[bytes]) -> pa.Table:
    """Puts packed tables together.

    Args:
      schema: Of each of them before it was packed, and of the result.
      parts: What `pack` gave.
    """
    tables = [
        pa.ipc.open_stream(part, options=_READING).read_all().cast(schema)
        for part in parts
    ]
    return pa.concat_tables([schema.empty_table(), *tables])


def _coded(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Numbers texts by a dictionary of them, where they are repeated."""
    if not pa.types.is_string(column.type):
        return column
    texts = column.combine_chunks()
    sample = texts[:_NUM_SAMPLED]
    is_repeated = len(sample.unique()) * 2 <= len(sample)
    return texts.dictionary_encode() if is_repeated else column


class PackParts(beam.PTransform):
    """Cuts tables into named parts and packs each.

    Small tables are gathered first, within a bundle: thousands of files with a few
    rows each would be cut into slivers, all schema and no rows.
    """

    def __init__(self, cut: Cut) -> None:
        """Takes what cuts a table into names and rows."""
        super().__init__()
        self._cut = cut

    @decorators.no_annotations
    def expand(
        self, rows: beam.PCollection[pa.Table]
    ) -> beam.PCollection[tuple[str, bytes]]:
        """Cuts and packs; all tables given have one schema."""
        return rows | "GatherAndCut" >> beam.ParDo(
            _PackParts(self._cut)
        ).with_output_types(tuple[str, bytes])


class _PackParts(beam.DoFn):
    def __init__(self, cut: Cut) -> None:
        self._cut = cut

    def start_bundle(self) -> None:
        self._gathered: list[pa.Table] = []
        self._num_bytes = 0

    def process(self, rows: pa.Table) -> Iterator[tuple[str, bytes]]:
        self._gathered.append(rows)
        self._num_bytes += rows.nbytes
        if self._num_bytes >= _MAX_GATHERED_BYTES:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[windowed_value.WindowedValue]:
        for part in self._flush():
            yield bundle_ends.emitted(part)

    def _flush(self) -> Iterator[tuple[str, bytes]]:
        gathered, self._gathered, self._num_bytes = self._gathered, [], 0
        if gathered:
            for name, part in self._cut(pa.concat_tables(gathered)):
                yield name, pack(part)
