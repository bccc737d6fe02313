"""The queries of the README, run by a BI tool's engine."""

import pathlib
import re

import duckdb
import pytest

pytestmark = pytest.mark.slow

_README = pathlib.Path(__file__).parents[2] / "README.md"
_QUERIES = re.findall(r"```sql\n(.*?)```", _README.read_text(), flags=re.DOTALL)


def _ask(query, warehouse):
    return duckdb.sql(query.replace("demo/warehouse", str(warehouse))).df()


def test_there_are_three_queries():
    assert len(_QUERIES) == 3


def test_age_groups_by_category(scored):
    rows = _ask(_QUERIES[0], scored)
    assert len(rows) == 10
    assert (rows["baskets"] > 0).all()
    assert rows["baskets"].is_monotonic_decreasing
    assert "unknown" not in set(rows["age_group"])


def test_days(scored):
    rows = _ask(_QUERIES[1], scored)
    assert rows["date"].astype(str).tolist() == ["2026-11-21"] * 2
    assert rows["store_id"].tolist() == ["0001", "0002"]
    assert rows["percent_with_age"].between(50, 100).all()


def test_cashiers(scored):
    rows = _ask(_QUERIES[2], scored)
    assert len(rows)
    assert (rows["unchecked"] <= rows["eligible"]).all()


def test_types_are_those_that_bi_tools_expect(scored):
    described = _ask(
        "DESCRIBE SELECT * FROM read_parquet("
        "'demo/warehouse/marketing/purchase_ages/*/*.parquet')",
        scored,
    )
    types = dict(zip(described["column_name"], described["column_type"], strict=True))
    assert types["amount"] == "DECIMAL(18,4)"
    assert types["date"] == "DATE"
    assert types["age_years"] == "SMALLINT"
    assert types["age_group"] == "VARCHAR"
