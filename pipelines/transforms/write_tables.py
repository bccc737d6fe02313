"""Writes a day's tables as sorted Parquet files into the staging area."""

import dataclasses
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator

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

        Args:
          rows: What makes them, by its name. Each is cut before they meet, so that no
            whole table waits between two steps.
        """
        root = next(iter(rows.values())).pipeline
        empty = root | "CreateEmpty" >> beam.Create(self._empty_files())
        cut = [
            part
            | f"Split{name}"
            >> beam.FlatMap(
                _split_by_shard, self._staging.num_shards
            ).with_output_types(tuple[str, bytes])
            for name, part in {**rows, "Empty": empty}.items()
        ]
        return (
            cut
            | "AllParts" >> beam.Flatten()
            | "GroupByFile" >> beam.GroupByKey()
            | "WriteFile" >> beam.MapTuple(self._write)
        )

    def _empty_files(self) -> list[tuple[str, pa.Table]]:
        return [(name, table.schema.empty_table()) for name, table in _TABLES.items()]

    def _write(self, file: str, parts: Iterable[bytes]) -> records.WrittenFile:
        name, shard = file.split("|")
        table = _TABLES[name]
        rows = arrange(table, packing.unpack(table.schema, parts))
        content = _to_parquet(rows)
        file_name = f"part-{int(shard):05d}.parquet"
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
    return rows.combine_chunks().sort_by(order)


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
    if num_shards == 1 or "store_id" not in table.schema.names:
        yield f"{name}|0", packing.pack(table)
        return
    stores = table["store_id"].combine_chunks().dictionary_encode()
    hashes = [zlib.crc32(store.encode()) for store in stores.dictionary.to_pylist()]
    shard_of_store = np.array(hashes, dtype=np.int64) % num_shards
    shards = shard_of_store[stores.indices.to_numpy()] if len(stores) else []
    for shard in range(num_shards):
        part = table.filter(pa.array(np.equal(shards, shard)))
        yield f"{name}|{shard}", packing.pack(part)


def _to_parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, rows.schema, compression="zstd") as writer:
        writer.write_table(rows, row_group_size=_ROW_GROUP_ROWS)
    return sink.getvalue()
