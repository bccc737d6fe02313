import pyarrow as pa
import pytest

from pipelines.domain import age_groups, item_baskets
from schemas import demand

GROUPS = age_groups.AgeGroups((25, 65))
LABELS = age_groups.FIVE_YEAR_BANDS.labels


def rows(schema: pa.Schema, *changes: dict) -> pa.Table:
    default = {
        "store_id": "0001",
        "product_id": "P1",
        "product_name": "Milk",
        "category": "Dairy",
        "age_restricted": False,
        "age_band": "25-29",
        "currency": "EUR",
        "baskets": 1,
        "lines": 3,
        "spend": 2,
    }
    filled = [default | change for change in changes]
    for row in filled:
        row["age_band_order"] = LABELS.index(row["age_band"])
    wanted = [{name: row[name] for name in schema.names} for row in filled]
    return pa.Table.from_pylist(wanted, schema=schema)


def products(*changes: dict) -> pa.Table:
    return rows(demand.BY_PRODUCT_SCHEMA, *changes)


def total(*changes: dict) -> pa.Table:
    return rows(demand.TOTAL_SCHEMA, *changes)


TOTAL = total(
    {"age_band": "0-4", "baskets": 1},
    {"age_band": "20-24", "baskets": 10},
    {"age_band": "25-29", "baskets": 20, "store_id": "0002"},
    {"age_band": "60-64", "baskets": 30, "currency": "CHF"},
    {"age_band": "65-69", "baskets": 40},
    {"age_band": "95+", "baskets": 2},
    {"age_band": "unknown", "baskets": 27},
)


def test_bands_become_groups_and_unknown_is_apart():
    counted = item_baskets.of_demand(
        products(
            {"age_band": "20-24", "baskets": 4},
            {"age_band": "25-29", "baskets": 5},
            {"age_band": "60-64", "baskets": 6, "store_id": "0002"},
            {"age_band": "unknown", "baskets": 7},
            {"product_id": "P0", "age_band": "95+", "currency": "CHF"},
        ),
        TOTAL,
        GROUPS,
    )
    assert counted.of_group.tolist() == [11, 50, 42]
    assert counted.items["product_id"].to_pylist() == ["P0", "P1"]
    assert counted.with_item.tolist() == [[0, 0, 1], [4, 11, 0]]
    assert counted.unknown == 27
    assert counted.unknown_share == pytest.approx(27 / 130)


def test_a_product_is_told_by_its_id():
    counted = item_baskets.of_demand(
        products(
            {"baskets": 5, "product_name": "Oat milk"},
            {"baskets": 4, "product_name": "Milk", "age_restricted": True},
            {"baskets": 2, "product_name": "Milk", "store_id": "0002"},
            {"baskets": 3, "product_name": None, "category": None},
        ),
        TOTAL,
        GROUPS,
    )
    assert counted.items.to_pylist() == [
        {
            "level": "product",
            "product_id": "P1",
            "product_name": "Milk",
            "category": "Dairy",
            "age_restricted": True,
        }
    ]
    assert counted.with_item.tolist() == [[0, 14, 0]]


def test_a_basket_counted_twice_is_no_more_than_a_basket():
    twice = products({"baskets": 50}, {"baskets": 50, "product_name": "Oat milk"})
    counted = item_baskets.of_demand(twice, TOTAL, GROUPS)
    assert counted.with_item.tolist() == [[0, 50, 0]]


def test_categories_are_counted_apart_for_what_is_restricted():
    sold = rows(
        demand.BY_CATEGORY_SCHEMA,
        {"category": "Beer", "age_restricted": True, "baskets": 3},
        {"category": "Beer", "baskets": 2},
        {"category": "Beer", "baskets": 2, "age_band": "65-69"},
        {"category": None, "baskets": 9},
    )
    counted = item_baskets.of_demand(sold, TOTAL, GROUPS)
    named = zip(
        counted.items["level"].to_pylist(),
        counted.items["product_id"].to_pylist(),
        counted.items["category"].to_pylist(),
        counted.items["age_restricted"].to_pylist(),
        counted.with_item.tolist(),
        strict=True,
    )
    assert list(named) == [
        ("category", None, "Beer", False, [0, 2, 2]),
        ("category", None, "Beer", True, [0, 3, 0]),
        ("category", None, None, False, [0, 9, 0]),
    ]


def test_days_may_be_summed_one_by_one():
    first = products({"baskets": 4}, {"product_id": "P2", "age_band": "65-69"})
    second = products({"baskets": 3, "store_id": "0002"}, {"age_band": "unknown"})
    whole = item_baskets.of_demand(
        pa.concat_tables([first, second]), pa.concat_tables([TOTAL, TOTAL]), GROUPS
    )
    sums = [item_baskets.summed(part) for part in (first, second)]
    totals = [item_baskets.summed(TOTAL)] * 2
    parts = item_baskets.of_demand(
        item_baskets.summed(pa.concat_tables(sums)), pa.concat_tables(totals), GROUPS
    )
    assert parts.items.equals(whole.items)
    assert (
        parts.with_item.tolist() == whole.with_item.tolist() == [[0, 7, 0], [0, 0, 1]]
    )
    assert parts.of_group.tolist() == whole.of_group.tolist()


def test_nothing_sold():
    counted = item_baskets.of_demand(products(), total(), GROUPS)
    assert counted.with_item.shape == (0, 3)
    assert counted.of_group.tolist() == [0, 0, 0]
    assert str(counted.unknown_share) == "nan"


def test_many_products_are_sorted_and_named_as_in_most_baskets():
    names = [f"P{place:04d}" for place in range(1000)]
    usual = [{"product_id": name, "product_name": f"{name} milk"} for name in names]
    rare = [{"product_id": name, "product_name": f"{name} beer"} for name in names]
    counted = item_baskets.of_demand(
        products(
            *(row | {"baskets": 1} for row in rare),
            *(row | {"baskets": place + 2} for place, row in enumerate(usual)),
        ),
        total({"baskets": 2000}),
        GROUPS,
    )
    assert counted.items["product_id"].to_pylist() == names
    assert counted.items["product_name"].to_pylist() == [f"{n} milk" for n in names]
    assert counted.with_item[:, 1].tolist() == [place + 3 for place in range(1000)]
