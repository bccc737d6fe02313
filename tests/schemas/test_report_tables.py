"""What the marketing tables of a report promise."""

import re

import pyarrow as pa
import pytest

from schemas import age_group_affinity, cashier_days, offers, restricted_sales

_TABLES = (age_group_affinity.SCHEMA, offers.SCHEMA)
_TYPES = {pa.string(), pa.bool_(), pa.int8(), pa.int32(), pa.int64(), pa.float64()}


@pytest.mark.parametrize("schema", _TABLES, ids=["age_group_affinity", "offers"])
def test_columns_suit_bi_tools_and_tell_no_person(schema):
    assert schema.metadata[b"tillage_schema_version"] == b"1"
    for field in schema:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
        assert field.type in _TYPES
        assert field.metadata[b"meaning"], field
        assert not re.search(r"cashier|register|transaction|basket_id|utc", field.name)


@pytest.mark.parametrize("schema", _TABLES, ids=["age_group_affinity", "offers"])
@pytest.mark.parametrize("audit", [restricted_sales.SCHEMA, cashier_days.SCHEMA])
def test_share_no_key_with_the_audit(schema, audit):
    assert not set(schema.names) & set(audit.names)
