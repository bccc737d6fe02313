"""Writes a day's tables as sorted Parquet files into the staging area."""

import collections
import dataclasses
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apache_beam.typehints import decorators

from pipelines import records
from pipelines.storage import roots
from pipelines.transforms import packing
from schemas import tables

_ROW_GROUP_ROWS = 131_072
_BETWEEN = "|"
_TABLES = {table.folder: table for table in tables.PUBLISHED}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Where the files of one run wait for the publish.

    Attributes:
      warehouse: Warehouse root.
      folder: Path below it, of this run alone.
      num_shards: Files per table; a store's rows are in one of them.
    """

    warehouse: str
    folder: str
    num_shards: int


class WriteTables(beam.PTransform):
    """Writes `(table folder, rows)` pairs; every table gets all its files.

    Partial sums are added up, rows are sorted, and a file's bytes depend on its
    rows alone.
    """

    def __init__(self, staging: Staging) -> None:
        """Takes the place to write to."""
        super().__init__()
        self._staging = staging

    @decorators.no_annotations
    def expand(
        self, rows: dict[str, beam.PCollection[tuple[str, pa.Table]]]
    ) -> beam.PCollection[records.WrittenFile]:
        """Groups by file and writes each.

        Each source is grouped by itself: to bring them together first, a runner may
        copy all of them once more.

        Args:
          rows: Sources, by their names; the rows of a table come from one of them,
            or the run fails with a RuntimeError.
        """
        root = next(iter(rows.values())).pipeline
        written = [
            part
            | f"Split{name}"
            >> beam.FlatMap(
                _split_by_shard, self._staging.num_shards
            ).with_output_types(tuple[str, bytes])
            | f"Group{name}" >> beam.GroupByKey()
            | f"Write{name}" >> beam.MapTuple(self._write)
            for name, part in rows.items()
        ]
        filled = written | "AllWritten" >> beam.Flatten()
        empty = (
            root
            | "CreateNothing" >> beam.Create([None])
            | "WriteEmpty"
            >> beam.FlatMap(self._write_empty, beam.pvalue.AsList(filled))
        )
        return (filled, empty) | "AllFiles" >> beam.Flatten()

    def _write_empty(
        self, _: None, filled: Sequence[records.WrittenFile]
    ) -> Iterator[records.WrittenFile]:
        found = collections.Counter((file.table, file.name) for file in filled)
        if twice := [key for key, count in found.items() if count > 1]:
            raise RuntimeError(f"rows of one table come from two sources: {twice}")
        for name, table in _TABLES.items():
            for shard in range(_num_files(table.schema, self._staging.num_shards)):
                if (name, _file_name(shard)) not in found:
                    yield self._write(_key(name, shard), ())

    def _write(self, file: str, parts: Iterable[bytes]) -> records.WrittenFile:
        name, shard = file.split(_BETWEEN)
        table = _TABLES[name]
        rows = arrange(table, packing.unpack(table.schema, parts))
        content = _to_parquet(rows)
        file_name = _file_name(int(shard))
        path = f"{self._staging.folder}/{name}/{file_name}"
        roots.at(self._staging.warehouse).write(path, content)
        return records.WrittenFile(
            table=name,
            name=file_name,
            path=path,
            rows=rows.num_rows,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )


def arrange(table: tables.Table, rows: pa.Table) -> pa.Table:
    """Makes the final rows of one file.

    Args:
      table: The table that they belong to.
      rows: Of its schema, in any order and cut.

    Returns:
      Rows summed where the table holds sums, sorted, in one chunk.
    """
    if table.sum_by_key:
        rows = _sum_by_key(table, rows)
    # All columns break ties, so that equal keys cannot swap places.
    others = [
        field.name
        for field in table.schema
        if field.name not in table.sort_by and not pa.types.is_nested(field.type)
    ]
    order = [(name, "ascending") for name in (*table.sort_by, *others)]
    # No name keeps the rows as they came while they are sorted: they are many.
    rows = rows.combine_chunks()
    return rows.sort_by(order)


def _sum_by_key(table: tables.Table, rows: pa.Table) -> pa.Table:
    measures = [name for name in table.schema.names if name not in table.sort_by]
    # Floats are added in one order, so that the sum has one value.
    ordered = rows.sort_by([(name, "ascending") for name in table.schema.names])
    summed = ordered.group_by(list(table.sort_by), use_threads=False).aggregate(
        [(name, "sum") for name in measures]
    )
    columns = {name: summed[name] for name in table.sort_by}
    columns |= {
        name: _rounded(summed[f"{name}_sum"]).cast(table.schema.field(name).type)
        for name in measures
    }
    return pa.table(
        {name: columns[name] for name in table.schema.names}, schema=table.schema
    )


def _rounded(sums: pa.ChunkedArray) -> pa.ChunkedArray:
    # The last bits of a float depend on how the rows were cut.
    return pc.round(sums, 9) if pa.types.is_floating(sums.type) else sums


def _split_by_shard(
    rows: tuple[str, pa.Table], num_shards: int
) -> Iterator[tuple[str, bytes]]:
    name, table = rows
    if _num_files(table.schema, num_shards) == 1:
        yield _key(name, 0), packing.pack(table)
        return
    stores = table["store_id"].combine_chunks().dictionary_encode()
    hashes = [zlib.crc32(store.encode()) for store in stores.dictionary.to_pylist()]
    shard_of_store = np.array(hashes, dtype=np.int64) % num_shards
    shards = shard_of_store[stores.indices.to_numpy()] if len(stores) else []
    for shard in range(num_shards):
        part = table.filter(pa.array(np.equal(shards, shard)))
        yield _key(name, shard), packing.pack(part)


def _num_files(schema: pa.Schema, num_shards: int) -> int:
    return num_shards if "store_id" in schema.names else 1


def _key(name: str, shard: int) -> str:
    return f"{name}{_BETWEEN}{shard}"


def _file_name(shard: int) -> str:
    return f"part-{shard:05d}.parquet"


def _to_parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, rows.schema, compression="zstd") as writer:
        writer.write_table(rows, row_group_size=_ROW_GROUP_ROWS)
    return sink.getvalue()
