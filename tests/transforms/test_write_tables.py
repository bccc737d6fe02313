import decimal
import io
import random

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.testing import util

from pipelines.storage import roots
from pipelines.transforms import write_tables
from schemas import tables
from tests import builders


def _totals(*rows):
    return pa.table(
        {
            "store_id": [store for store, _, _ in rows],
            "age_band": [f"{order}" for _, order, _ in rows],
            "age_band_order": [order for _, order, _ in rows],
            "currency": ["EUR"] * len(rows),
            "baskets": [baskets for _, _, baskets in rows],
            "lines": [2 * baskets for _, _, baskets in rows],
            "spend": [decimal.Decimal(baskets) / 4 for _, _, baskets in rows],
        },
        schema=tables.DEMAND_TOTAL.schema,
    )


def _rejections(*sources):
    return pa.table(
        {
            "stage": ["list"] * len(sources),
            "source": list(sources),
            "reason": ["?"] * len(sources),
        },
        schema=tables.REJECTIONS.schema,
    )


def test_partial_sums_are_added_and_sorted():
    parts = [_totals(("2", 1, 5), ("1", 3, 1)), _totals(("2", 1, 7), ("1", 2, 4))]
    arranged = write_tables.arrange(tables.DEMAND_TOTAL, pa.concat_tables(parts))
    assert arranged.equals(_totals(("1", 2, 4), ("1", 3, 1), ("2", 1, 12)))


def test_rows_do_not_depend_on_how_they_were_cut_or_ordered():
    rows = [(str(store), order, order) for store in range(5) for order in range(9)] * 3
    expected = write_tables.arrange(tables.DEMAND_TOTAL, _totals(*rows))
    shuffler = random.Random(7)
    for num_parts in (2, 5, 11):
        shuffler.shuffle(rows)
        parts = [_totals(*rows[start::num_parts]) for start in range(num_parts)]
        whole = pa.concat_tables(parts)
        assert write_tables.arrange(tables.DEMAND_TOTAL, whole).equals(expected)


def _staging(tmp_path, num_shards=1):
    return write_tables.Staging(
        warehouse=str(tmp_path), folder="staged", num_shards=num_shards
    )


def _write(tmp_path, rows, num_shards):
    rejected = [pair for pair in rows if pair[0] == tables.REJECTIONS.folder]
    others = [pair for pair in rows if pair[0] != tables.REJECTIONS.folder]
    with builders.pipeline() as root:
        sources = {
            "Rejected": root | "CreateRejected" >> beam.Create(rejected),
            "Others": root | "CreateOthers" >> beam.Create(others),
        }
        staging = _staging(tmp_path, num_shards)
        written = sources | write_tables.WriteTables(staging)
        names = written | "Names" >> beam.Map(lambda file: (file.table, file.name))
        util.assert_that(names, util.equal_to(_expected_files(num_shards)))
    return roots.at(str(tmp_path / "staged"))


def _expected_files(num_shards):
    return [
        (table.folder, f"part-{shard:05d}.parquet")
        for table in tables.PUBLISHED
        for shard in range(num_shards if "store_id" in table.schema.names else 1)
    ]


@pytest.mark.parametrize("num_shards", [1, 3])
def test_every_table_is_written_even_if_empty(tmp_path, num_shards):
    rows = [
        (tables.REJECTIONS.folder, _rejections("b")),
        (tables.DEMAND_TOTAL.folder, _totals(("1", 1, 1), ("2", 1, 1))),
        (tables.REJECTIONS.folder, _rejections("a")),
        (tables.DEMAND_TOTAL.folder, _totals(("1", 1, 1))),
    ]
    staged = _write(tmp_path, rows, num_shards)
    read = {
        table.folder: pa.concat_tables(
            pq.read_table(io.BytesIO(staged.read(entry.path)))
            for entry in staged.files(table.folder)
        )
        for table in tables.PUBLISHED
    }
    for table in tables.PUBLISHED:
        assert read[table.folder].schema.equals(table.schema)
    totals = read[tables.DEMAND_TOTAL.folder].sort_by("store_id")
    assert totals.equals(_totals(("1", 1, 2), ("2", 1, 1)))
    assert read[tables.REJECTIONS.folder].equals(_rejections("a", "b"))
    filled = {name for name, table in read.items() if table.num_rows}
    assert filled == {tables.DEMAND_TOTAL.folder, tables.REJECTIONS.folder}


def test_two_sources_of_one_table_are_an_error(tmp_path):
    rows = [(tables.REJECTIONS.folder, _rejections("a"))]
    root = builders.pipeline()
    sources = {name: root | f"Create{name}" >> beam.Create(rows) for name in "AB"}
    _ = sources | write_tables.WriteTables(_staging(tmp_path))
    with pytest.raises(RuntimeError, match="one table come from two sources"):
        root.run()


def test_files_are_compressed_and_carry_the_meaning_of_columns(tmp_path):
    staged = _write(tmp_path, [(tables.REJECTIONS.folder, _rejections("a"))], 1)
    with staged.open("rejections/part-00000.parquet") as file:
        parquet = pq.ParquetFile(file)
        assert parquet.metadata.row_group(0).column(0).compression == "ZSTD"
        assert parquet.schema_arrow.field("reason").metadata[b"meaning"]
