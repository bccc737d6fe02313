import collections
import decimal
import random

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain import balance, joining, partitions, pseudonyms
from schemas import runs, tables
from tests.domain import days

SECRET = pseudonyms.Pseudonyms(b"a secret of some length")
DEMAND_AND_AUDIT = (
    tables.DEMAND_BY_PRODUCT,
    tables.DEMAND_BY_CATEGORY,
    tables.DEMAND_TOTAL,
    tables.RESTRICTED_SALES,
    tables.CASHIER_DAYS,
)


def join(photos, lines, secret=SECRET):
    return joining.join(photos, lines, days.SETTINGS, secret)


def rows(joined, table):
    return joined.tables[table.folder].to_pylist()


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


def refusals(counts):
    full = dict.fromkeys(runs.COUNTS, 0) | counts
    return balance.check(full, max_rejected_fraction=1.0)


SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_balances(seed):
    photos, lines = random_day(seed)
    joined = join(photos, lines)
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
    assert len(rows(joined, tables.PHOTO_AGES)) == photos.num_rows
    purchases = rows(joined, tables.PURCHASE_AGES)
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
    assert not [reason for reason in refusals(counts) if "transactions" in reason]


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_have_their_schemas_and_do_not_depend_on_the_order(seed):
    photos, lines = random_day(seed)
    joined = join(photos, lines)
    again = join(days.shuffled(photos, seed), days.shuffled(lines, seed))
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
    joined = join(photos, lines)
    sales = [
        row
        for row in rows(joined, tables.PURCHASE_AGES)
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
            for row in rows(joined, table)
        }  # fmt: skip
        assert found == {key: (len(baskets[key]), sums[key]) for key in sums}
        assert len(found) == len(rows(joined, table))


def band_by_hand(age):
    if age is None:
        return "unknown"
    low = int(age // 5) * 5
    return f"{low}-{low + 4}" if low < 95 else "95+"


@pytest.mark.parametrize("seed", SEEDS)
def test_cashier_days_agree_with_restricted_sales(seed):
    photos, lines = random_day(seed)
    joined = join(photos, lines)
    expected = collections.defaultdict(collections.Counter)
    for row in rows(joined, tables.RESTRICTED_SALES):
        low = row["local_hour"] // 4 * 4
        key = (
            row["store_id"], row["cashier_id"], row["register_group"],
            f"{low:02}-{low + 3:02}",
        )  # fmt: skip
        has_age = row["age_years"] is not None
        is_logged = has_age and row["id_check"] is not None
        is_eligible = is_logged and row["eligible"]
        expected[key] += collections.Counter(
            restricted_sales=1,
            aged_sales=has_age,
            logged_sales=is_logged,
            eligible_sales=is_eligible,
            unchecked_sales=is_eligible and row["id_check"] == "not_checked",
        )
    found = rows(joined, tables.CASHIER_DAYS)
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
    whole = join(photos, lines)
    parts = [
        join(
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
        found = [row for part in parts for row in rows(part, table)]
        key = lambda row: tuple(map(str, row.values()))  # noqa: E731
        assert sorted(found, key=key) == sorted(rows(whole, table), key=key)


def test_empty_inputs_give_empty_tables():
    joined = join(days.photos(), days.lines())
    assert all(table.num_rows == 0 for table in joined.tables.values())
    assert set(joined.counts.values()) == {0}


def test_a_photo_gives_its_lines_their_age():
    joined = join(
        days.photos({"captured_at_utc": 62, "age_distribution": 30}),
        days.lines({"line_number": 1}, {"line_number": 2, "line_type": "return"}),
    )
    photo = rows(joined, tables.PHOTO_AGES)[0]
    assert (photo["match_method"], photo["time_gap_seconds"]) == ("time_nearest", 2.0)
    assert photo["transaction_id"] == "T1"
    assert photo["age_low_years"] < photo["age_years"] == 30.0 < photo["age_high_years"]
    for line in rows(joined, tables.PURCHASE_AGES):
        assert (line["age_years"], line["age_group"]) == (30.0, "25-44")
        assert (line["photos_used"], line["match_method"]) == (1, "time_nearest")
        assert line["time_gap_seconds"] == 2.0
    (total,) = rows(joined, tables.DEMAND_TOTAL)
    assert (total["age_band"], total["baskets"], total["lines"]) == ("30-34", 1, 1)


def test_photos_of_one_buyer_are_averaged_and_the_surest_match_counts():
    joined = join(
        days.photos(
            {"captured_at_utc": 65, "age_distribution": 30},
            {"captured_at_utc": 10, "age_distribution": 34},
            {"captured_at_utc": -4, "age_distribution": 35, "transaction_id": "T1"},
        ),
        days.lines({}),
    )
    (line,) = rows(joined, tables.PURCHASE_AGES)
    assert line["age_years"] == pytest.approx(33, abs=0.01)
    assert (line["photos_used"], line["match_method"]) == (3, "transaction_id")
    assert line["time_gap_seconds"] == 0.0


def test_mixed_people_are_counted_but_in_neither_demand_nor_audit():
    joined = join(
        days.photos({"age_distribution": 10}, {"age_distribution": 70}),
        days.lines({"age_restricted": True, "id_check": "not_checked"}),
    )
    assert joined.counts["transactions_mixed_people"] == 1
    assert joined.counts["photos_matched"] == 2
    (line,) = rows(joined, tables.PURCHASE_AGES)
    assert (line["match_method"], line["age_group"]) == ("mixed_people", "unknown")
    assert (line["age_years"], line["photos_used"]) == (None, 0)
    for table in DEMAND_AND_AUDIT:
        assert rows(joined, table) == []
    assert {row["transaction_id"] for row in rows(joined, tables.PHOTO_AGES)} == {"T1"}


def test_a_day_fully_covered_by_photos_adds_up_with_mixed_people():
    joined = join(
        days.photos(
            {"age_distribution": 10},
            {"age_distribution": 70},
            {"captured_at_utc": 130},
        ),
        days.lines(
            {"transaction_id": "T1"},
            {"transaction_id": "T2", "started_at": 100, "paid_at": 160},
        ),
    )
    counts = joined.counts
    assert (counts["transactions"], counts["transactions_matched"]) == (2, 1)
    assert counts["transactions_mixed_people"] == 1
    assert not [reason for reason in refusals(counts) if "transactions" in reason]
    (total,) = rows(joined, tables.DEMAND_TOTAL)
    assert (total["age_band"], total["baskets"]) == ("30-34", 1)


def test_returns_and_voids_count_in_neither_demand_nor_audit():
    joined = join(
        days.photos({}),
        days.lines(
            {"line_number": 1, "line_type": "return", "age_restricted": True},
            {"line_number": 2, "line_type": "void", "age_restricted": True},
        ),
    )
    assert joined.counts["photos_matched"] == 1
    assert len(rows(joined, tables.PURCHASE_AGES)) == 2
    for table in DEMAND_AND_AUDIT:
        assert rows(joined, table) == []


def test_what_was_refused_is_audited_but_in_no_demand():
    restricted = {"age_restricted": True, "id_check": "refused_sale"}
    joined = join(days.photos({}), days.lines({"line_number": 1, **restricted}))
    (line,) = rows(joined, tables.PURCHASE_AGES)
    assert line["line_type"] == "refused"
    (sale,) = rows(joined, tables.RESTRICTED_SALES)
    assert sale["id_check"] == "refused_sale"
    assert rows(joined, tables.DEMAND_TOTAL) == []


def test_undecodable_photos_are_rows_but_in_no_counter():
    joined = join(
        days.photos({"face_status": "undecodable", "reason": "cut"}), days.lines({})
    )
    (photo,) = rows(joined, tables.PHOTO_AGES)
    assert photo["match_method"] == "no_usable_face"
    assert joined.counts["photos_without_face"] == 0


def test_decimal_sums_are_exact():
    joined = join(
        days.photos(),
        days.lines(*({"line_number": i, "amount": "0.1"} for i in range(1, 4))),
    )
    (total,) = rows(joined, tables.DEMAND_TOTAL)
    assert total["spend"] == decimal.Decimal("0.3")


def test_marketing_and_audit_share_no_pseudonym():
    joined = join(days.photos({}), days.lines({"age_restricted": True}))
    (line,) = rows(joined, tables.PURCHASE_AGES)
    (sale,) = rows(joined, tables.RESTRICTED_SALES)
    assert line["basket_id"] != sale["sale_id"]
    assert not {"cashier_id", "register_id"} & line.keys()


def test_without_a_secret_there_are_baskets_but_no_cashiers():
    lines = days.lines(
        {"age_restricted": True},
        {"transaction_id": "T2", "age_restricted": True, "cashier_id": None},
    )
    joined = join(days.photos(), lines, secret=None)
    sales = rows(joined, tables.RESTRICTED_SALES)
    assert [sale["cashier_id"] for sale in sales] == [None, None]
    assert [sale["self_checkout"] for sale in sales] == [False, True]
    assert len({row["basket_id"] for row in rows(joined, tables.PURCHASE_AGES)}) == 2
    assert join(days.photos(), lines, secret=None).tables == joined.tables


def test_distribution_of_the_audit_is_the_buyers():
    joined = join(
        days.photos({"age_distribution": 17}), days.lines({"age_restricted": True})
    )
    (sale,) = rows(joined, tables.RESTRICTED_SALES)
    assert sale["age_distribution"] == days.weights(17).tolist()
    assert sum(sale["age_distribution"]) == 65_535
    assert sale["p_under_legal_age"] == days.weights(17)[:18].sum() / 65_535
    assert np.isclose(sale["p_under_challenge_age"], 1.0, atol=0.01)


def test_many_small_chunks_are_one_table():
    photos, lines = random_day(7)
    cut = pa.concat_tables(lines.slice(i, 1) for i in range(lines.num_rows))
    assert join(photos, cut).tables == join(photos, lines).tables
