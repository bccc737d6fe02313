import itertools

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing import util

from pipelines.transforms import packing
from schemas import fields
from tests import builders

_ROWS = pa.table({"store": [str(row % 3) for row in range(9)], "row": range(9)})


def _by_store(rows):
    for store in sorted(set(rows["store"].to_pylist())):
        yield store, rows.filter(pa.compute.equal(rows["store"], store))


@pytest.mark.parametrize("cut", [_ROWS, _ROWS.slice(2, 4), _ROWS.slice(0, 0)])
def test_a_table_is_unpacked_as_it_was(cut):
    assert packing.unpack(_ROWS.schema, [packing.pack(cut)]).equals(cut)


def test_what_a_schema_says_is_put_back():
    schema = fields.schema(
        3,
        [
            fields.required("store", pa.string(), "store"),
            fields.optional("name", pa.string(), "name"),
            fields.optional("ages", pa.list_(pa.uint16()), "counts", "1/65535"),
        ],
    )
    columns = [["a"] * 600, ["b", None] * 300, [[1, 2]] * 600]
    rows = pa.table(columns, schema=schema)
    assert packing.unpack(schema, [packing.pack(rows)]).equals(
        rows, check_metadata=True
    )
    no_names = rows.set_column(1, schema.field("name"), [pa.nulls(600, pa.string())])
    assert packing.unpack(schema, [packing.pack(no_names)]).equals(no_names)


def test_repeated_texts_take_next_to_no_room():
    # Too far apart for LZ4 to see that they are repeated.
    names = [f"{number:040}{number * 7919 % 10007:040}" for number in range(100)] * 100
    numbers = pa.table({"name": range(10_000)})
    assert len(packing.pack(pa.table({"name": names}))) < len(packing.pack(numbers))


def test_texts_that_differ_are_packed_as_they_are():
    rows = pa.table({"name": [str(number) for number in range(600)]})
    assert packing.unpack(rows.schema, [packing.pack(rows)]).equals(rows)


def test_parts_come_together_in_order():
    parts = [packing.pack(_ROWS.slice(0, 5)), packing.pack(_ROWS.slice(5))]
    assert packing.unpack(_ROWS.schema, parts).equals(_ROWS)
    assert packing.unpack(_ROWS.schema, []).equals(_ROWS.slice(0, 0))


def test_a_slice_is_packed_without_the_rows_behind_it():
    rows = pa.table({"number": pa.array(range(100_000))})
    assert len(packing.pack(rows.slice(10, 10))) < 1000


def test_small_tables_are_cut_together():
    with builders.pipeline() as root:
        parts = (
            root
            | beam.Create([[_ROWS.slice(start, 3) for start in (0, 3, 6)]])
            | beam.FlatMap(list)
            | packing.PackParts(_by_store)
        )
        util.assert_that(parts | beam.Keys(), util.equal_to(["0", "1", "2"]))


@pytest.mark.parametrize("max_bytes", [1, 100])
def test_no_more_is_gathered_than_may_be(monkeypatch, max_bytes):
    monkeypatch.setattr(packing, "_MAX_GATHERED_BYTES", max_bytes)
    cutter = packing._PackParts(_by_store)
    cutter.start_bundle()
    given = [list(cutter.process(_ROWS.slice(start, 3))) for start in (0, 3, 6)]
    rest = [wrapped.value for wrapped in cutter.finish_bundle()]
    found = [part for _, part in itertools.chain(*given, rest)]
    assert packing.unpack(_ROWS.schema, found).num_rows == 9
    assert len(given[0]) == (3 if max_bytes == 1 else 0)
