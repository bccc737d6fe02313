import collections
import decimal
import random

import pyarrow as pa
import pytest

from pipelines.domain import partitions
from schemas import runs, tables
from tests.domain import days


def random_photo(rng):
    status = rng.choice(["ok"] * 6 + ["none", "small", "undecodable"])
    return {
        "register_id": f"R{rng.randrange(2)}",
        "captured_at_utc": rng.randrange(-30, 400),
        "transaction_id": rng.choice([None, None, f"T{rng.randrange(4)}"]),
        "age_distribution": rng.choice([8, 30, 33, 70]),
        "face_status": status,
        "reason": "not an image" if status == "undecodable" else None,
    }


def random_line(rng):
    transaction = rng.randrange(4)
    return {
        "store_id": "0042",
        "register_id": f"R{rng.randrange(2)}",
        "transaction_id": f"T{transaction}",
        "cashier_id": rng.choice([None, "C1", "C2"]),
        "started_at": 100 * transaction,
        "paid_at": 100 * transaction + 60,
        "line_number": rng.randrange(6),
        "line_type": rng.choice(["sale", "sale", "sale", "return", "void"]),
        "product_id": (product := rng.choice(["P1", "P2", "P3"])),
        "product_name": rng.choice([None, f"name of {product}"]),
        "category": rng.choice([None, "BEER", "DAIRY"]),
        "amount": rng.choice(["0.1", "0.2", "-1.05", "3.3333"]),
        "currency": rng.choice(["EUR", "EUR", "CHF"]),
        "age_restricted": product == "P3",
        "minimum_age": rng.choice([None, 16, 21]),
        "id_check": rng.choice([None, "checked", "not_checked", "refused_sale"]),
        "local_hour": [3, 4, 23, 0][transaction],
        "source_file": rng.choice(["a.csv", "b.csv"]),
    }


def random_day(seed):
    rng = random.Random(seed)
    photos = days.photos(*(random_photo(rng) for _ in range(rng.randrange(15))))
    chosen = [random_line(rng) for _ in range(rng.randrange(25))]
    # The same line twice, in one file or in two, is normal.
    again = [
        {**line, "source_file": rng.choice(["a.csv", "c.csv"])}
        for line in chosen
        if rng.random() < 0.3
    ]
    return photos, days.lines(*chosen, *again)


SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_balances(seed):
    photos, lines = random_day(seed)
    joined = days.join(photos, lines)
    counts = joined.counts
    assert set(counts) <= set(runs.COUNTS)
    usable = sum(reason is None for reason in photos["reason"].to_pylist())
    assert usable == sum(
        counts[f"photos_{fate}"]
        for fate in ("matched", "unmatched", "ambiguous", "without_face")
    )
    assert lines.num_rows == sum(
        counts[f"lines_{fate}"] for fate in ("out", "duplicate", "superseded")
    )
    assert len(days.rows(joined, tables.PHOTO_AGES)) == photos.num_rows
    purchases = days.rows(joined, tables.PURCHASE_AGES)
    assert len(purchases) == counts["lines_out"]
    baskets = {row["basket_id"]: row for row in purchases}
    assert len(baskets) == counts["transactions"]
    methods = collections.Counter(row["match_method"] for row in baskets.values())
    assert methods["mixed_people"] == counts["transactions_mixed_people"]
    num_aged = sum(row["age_years"] is not None for row in baskets.values())
    assert counts["transactions_matched"] == num_aged
    assert counts["transactions"] == (
        num_aged + methods["mixed_people"] + methods["no_photo"]
    )
    assert days.refusals(counts) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_have_their_schemas_and_do_not_depend_on_the_order(seed):
    photos, lines = random_day(seed)
    joined = days.join(photos, lines)
    again = days.join(days.shuffled(photos, seed), days.shuffled(lines, seed))
    assert again.counts == joined.counts
    assert again.clock_reports == joined.clock_reports
    for table in tables.PUBLISHED:
        if table == tables.REJECTIONS:
            continue
        result = joined.tables[table.folder]
        assert result.schema.equals(table.schema, check_metadata=True)
        result.validate(full=True)
        for field in table.schema:
            assert field.nullable or not result[field.name].null_count, field.name
        assert result.equals(again.tables[table.folder]), table.folder


@pytest.mark.parametrize("seed", SEEDS)
def test_demand_agrees_with_sums_by_hand(seed):
    photos, lines = random_day(seed)
    joined = days.join(photos, lines)
    sales = [
        row
        for row in days.rows(joined, tables.PURCHASE_AGES)
        if row["line_type"] == "sale" and row["match_method"] != "mixed_people"
    ]
    cases = {
        tables.DEMAND_BY_PRODUCT: [
            "product_id", "product_name", "category", "age_restricted",
        ],
        tables.DEMAND_BY_CATEGORY: ["category", "age_restricted"],
        tables.DEMAND_TOTAL: [],
    }  # fmt: skip
    for table, names in cases.items():
        keys = ["store_id", *names, "currency"]
        baskets = collections.defaultdict(set)
        sums = collections.defaultdict(lambda: [0, decimal.Decimal(0)])
        for row in sales:
            key = (*(row[name] for name in keys), band_by_hand(row["age_years"]))
            baskets[key].add(row["basket_id"])
            sums[key][0] += 1
            sums[key][1] += row["amount"]
        found = {
            (*(row[name] for name in keys), row["age_band"]): (
                row["baskets"], [row["lines"], row["spend"]],
            )
            for row in days.rows(joined, table)
        }  # fmt: skip
        assert found == {key: (len(baskets[key]), sums[key]) for key in sums}
        assert len(found) == len(days.rows(joined, table))


def band_by_hand(age):
    if age is None:
        return "unknown"
    low = int(age // 5) * 5
    return f"{low}-{low + 4}" if low < 95 else "95+"


def _band(hour):
    first = hour // 4 * 4
    return f"{first:02d}-{first + 3:02d}"


@pytest.mark.parametrize("seed", SEEDS)
def test_cashier_days_agree_with_restricted_sales(seed):
    photos, lines = random_day(seed)
    joined = days.join(photos, lines)
    expected = collections.defaultdict(collections.Counter)
    for row in days.rows(joined, tables.RESTRICTED_SALES):
        key = (
            row["store_id"], row["cashier_id"], row["register_group"],
            _band(row["local_hour"]),
        )  # fmt: skip
        has_age = row["age_distribution"] is not None
        is_logged = has_age and row["id_check"] is not None
        is_eligible = is_logged and row["eligible"]
        expected[key] += collections.Counter(
            restricted_sales=1,
            aged_sales=has_age,
            logged_sales=is_logged,
            eligible_sales=is_eligible,
            unchecked_sales=is_eligible and row["id_check"] == "not_checked",
        )
    found = days.rows(joined, tables.CASHIER_DAYS)
    assert len(found) == len(expected)
    for row in found:
        key = (
            row["store_id"], row["cashier_id"], row["register_group"], row["hour_band"],
        )  # fmt: skip
        counted = {name: row[name] for name in row if name.endswith("_sales")}
        counted |= {name: row[name] for name in ("restricted_sales",)}
        assert counted == {name: expected[key][name] for name in counted}


@pytest.mark.parametrize("seed", range(10))
def test_parts_give_together_what_the_whole_gives(seed):
    photos, lines = random_day(seed)
    whole = days.join(photos, lines)
    parts = [
        days.join(
            dict(partitions.by_register(photos, 5)).get(name, photos.slice(0, 0)),
            dict(partitions.by_register(lines, 5)).get(name, lines.slice(0, 0)),
        )
        for name in {
            name for t in (photos, lines) for name, _ in partitions.by_register(t, 5)
        }
    ]
    for name in whole.counts:
        assert sum(part.counts[name] for part in parts) == whole.counts[name]
    for table in (tables.PHOTO_AGES, tables.PURCHASE_AGES, tables.RESTRICTED_SALES):
        found = [row for part in parts for row in days.rows(part, table)]
        key = lambda row: tuple(map(str, row.values()))  # noqa: E731
        assert sorted(found, key=key) == sorted(days.rows(whole, table), key=key)


def test_many_small_chunks_are_one_table():
    photos, lines = random_day(7)
    cut = pa.concat_tables(lines.slice(i, 1) for i in range(lines.num_rows))
    assert days.join(photos, cut).tables == days.join(photos, lines).tables
