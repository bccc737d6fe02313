"""What every table promises to BI tools, and to the people in it."""

import re

import pyarrow as pa
import pytest

from schemas import runs, scored_photos, tables

_ALL = {table.folder: table.schema for table in tables.PUBLISHED} | {
    tables.RUNS_FOLDER: runs.SCHEMA
}
_MARKETING = [name for name in _ALL if name.startswith("marketing/")]
_AUDIT = [name for name in _ALL if name.startswith("audit/")]
# What BigQuery reads from Parquet as its own types.
_PLAIN_TYPES = {
    pa.string(),
    pa.bool_(),
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.uint16(),
    pa.float32(),
    pa.float64(),
    pa.decimal128(18, 4),
    pa.timestamp("us", tz="UTC"),
}
_LISTS = {
    "age_distribution",
    "store_health",
    "store_drift",
    "photos_by_age_band",
    "registers",
}


def _leaves(kind):
    if pa.types.is_list(kind):
        yield from _leaves(kind.value_type)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(field.type)
    else:
        yield kind


def _lists(name, kind):
    if pa.types.is_list(kind):
        yield name
        yield from _lists(name, kind.value_type)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _lists(field.name, field.type)


@pytest.mark.parametrize("folder", _ALL)
def test_columns_suit_bi_tools(folder):
    schema = _ALL[folder]
    # BigQuery refuses files that hold the column of their partition.
    assert "date" not in schema.names
    for field in schema:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
        assert set(_leaves(field.type)) <= _PLAIN_TYPES, field
        assert field.metadata[b"meaning"], field


@pytest.mark.parametrize("folder", _ALL)
def test_no_table_can_hold_an_embedding(folder):
    for field in _ALL[folder]:
        assert set(_lists(field.name, field.type)) <= _LISTS
        assert not pa.types.is_binary(field.type)
        assert not pa.types.is_fixed_size_list(field.type)


def test_kept_scores_hold_no_embedding_either():
    lists = [
        name
        for field in scored_photos.SCHEMA
        for name in _lists(field.name, field.type)
    ]
    assert lists == ["age_distribution"]


@pytest.mark.parametrize("folder", _MARKETING)
def test_marketing_holds_no_cashier_register_or_time(folder):
    schema = _ALL[folder]
    for name in schema.names:
        assert not re.search(r"cashier|register|transaction|photo$|_at|utc", name)
    assert not any(pa.types.is_temporal(field.type) for field in schema)


@pytest.mark.parametrize("marketing", _MARKETING)
@pytest.mark.parametrize("audit", _AUDIT)
def test_marketing_and_audit_share_no_key(marketing, audit):
    shared = set(_ALL[marketing].names) & set(_ALL[audit].names)
    assert shared <= {"store_id", "local_hour"}


@pytest.mark.parametrize("folder", _MARKETING)
def test_marketing_holds_no_fraction_that_tells_a_buyer(folder):
    # Ages and gaps are whole numbers; only money and quantities have decimals.
    for field in _ALL[folder]:
        assert not pa.types.is_floating(field.type), field


@pytest.mark.parametrize("table", tables.PUBLISHED, ids=lambda table: table.folder)
def test_rows_are_sorted_by_columns_of_the_table(table):
    assert set(table.sort_by) <= set(table.schema.names)
    if table.sum_by_key:
        measures = set(table.schema.names) - set(table.sort_by)
        for name in measures:
            kind = table.schema.field(name).type
            assert (
                pa.types.is_integer(kind)
                or pa.types.is_floating(kind)
                or pa.types.is_decimal(kind)
            )
