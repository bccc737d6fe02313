import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain import columns, local_times, purchase_lines
from schemas import purchases
from tests.domain import days

GOOD = {
    "store_id": "0042",
    "register_id": "R03",
    "transaction_id": "881",
    "cashier_id": "C7",
    "started_at": "2026-11-21T18:44:00+01:00",
    "paid_at": "2026-11-21T18:45:12+01:00",
    "line_number": "1",
    "line_type": "sale",
    "product_id": "P1",
    "product_name": "Milk",
    "category": "DAIRY",
    "quantity": "2",
    "amount": "1.99",
    "currency": "EUR",
    "age_restricted": "false",
    "minimum_age": None,
    "id_check": None,
}
RULES = purchase_lines.LineRules(
    day=days.DAY,
    zones=local_times.StoreZones(by_store={"0042": "Europe/Berlin"}),
    restricted_categories=frozenset({"Beer"}),
)


def parse(*rows, rules=RULES):
    table = pa.Table.from_pylist(
        [{**GOOD, **row} for row in rows],
        pa.schema([(name, pa.string()) for name in GOOD]),
    )
    return purchase_lines.parse(table, "a.csv", np.arange(2, len(rows) + 2), rules)


def test_a_good_line_is_normalised():
    parsed = parse({"cashier_id": " C7 ", "line_type": None})
    assert parsed.rejections == []
    assert parsed.rows.schema.equals(purchases.LINES_SCHEMA, check_metadata=True)
    assert parsed.rows.to_pylist() == [
        {
            **GOOD,
            "started_at": datetime.datetime(2026, 11, 21, 17, 44, tzinfo=datetime.UTC),
            "paid_at": datetime.datetime(2026, 11, 21, 17, 45, 12, tzinfo=datetime.UTC),
            "line_number": 1,
            "quantity": decimal.Decimal(2),
            "amount": decimal.Decimal("1.99"),
            "age_restricted": False,
            "local_hour": 18,
            "source_file": "a.csv",
            "source_row": 2,
        }
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"store_id": None}, "store_id is missing"),
        ({"register_id": "  "}, "register_id is missing"),
        ({"amount": "abc"}, "amount of the shape 'aaa' is not a decimal number"),
        ({"amount": None}, "amount is missing"),
        (
            {"amount": "1" * 50},
            f"amount of the shape '{'9' * 40}' is not a decimal number",
        ),
        ({"quantity": "1,5"}, "quantity of the shape '9,9' is not a decimal number"),
        (
            {"line_number": "x"},
            "line_number of the shape 'a' is not a whole number from 0 to 999999999",
        ),
        (
            {"line_type": "gift"},
            "line_type of the shape 'aaaa' is not one of sale, return, void",
        ),
        (
            {"currency": "eur"},
            "currency of the shape 'aaa' is not a code of three capitals",
        ),
        (
            {"age_restricted": "maybe"},
            "age_restricted of the shape 'aaaaa' is not true or false",
        ),
        (
            {"minimum_age": "200"},
            "minimum_age of the shape '999' is not a whole number from 0 to 120",
        ),
        (
            {"id_check": "seen"},
            "id_check of the shape 'aaaa' is not one of checked, refused_sale, "
            "not_checked",
        ),
        (
            {"paid_at": "noon"},
            "paid_at of the shape 'aaaa' is not a time such as "
            "2026-11-21T18:45:12+01:00",
        ),
        ({"paid_at": "2026-11-21T18:43:59+01:00"}, "paid_at is before started_at"),
        (
            {"started_at": "2026-11-21T06:45:11+01:00"},
            "started_at is more than 12 hours before paid_at",
        ),
        (
            {"paid_at": "2026-11-22T04:00:00", "started_at": "2026-11-22T03:59:00"},
            "paid_at is in the trading day 2026-11-22, not 2026-11-21",
        ),
        (
            {
                "store_id": "7",
                "started_at": "2026-11-22T04:30:00Z",
                "paid_at": "2026-11-22T04:31:00Z",
            },
            "paid_at is in the trading day 2026-11-22, not 2026-11-21, by the offset "
            "as written; stores.csv or --timezone tell the store's clock",
        ),
        (
            {"store_id": "7", "paid_at": "2026-11-21T18:45:12"},
            "paid_at '2026-11-21T18:45:12' has no offset, and its store no time zone: "
            "list the store in stores.csv or give --timezone",
        ),
    ],
)
def test_a_bad_line_says_why_and_the_others_go_on(row, reason):
    parsed = parse({}, row, {})
    assert [(r.stage, r.source, r.reason) for r in parsed.rejections] == [
        ("purchases", "a.csv:3", reason)
    ]
    assert parsed.rows["source_row"].to_pylist() == [2, 4]


@pytest.mark.parametrize(
    ("paid_at", "is_of_the_day"),
    [
        ("2026-11-21 03:59:59.999999", False),
        ("2026-11-21 04:00:00", True),
        ("2026-11-22 00:30:00", True),
        ("2026-11-22 03:59:59.999999", True),
        ("2026-11-22 04:00:00", False),
        ("2026-11-22T02:59:59Z", True),
        ("2026-11-22T03:00:00Z", False),
    ],
)
def test_the_trading_day_is_the_stores_and_crosses_midnight(paid_at, is_of_the_day):
    parsed = parse({"started_at": paid_at, "paid_at": paid_at})
    assert parsed.rows.num_rows == is_of_the_day


@pytest.mark.parametrize(
    ("zone", "local_hour"), [("UTC", 17), ("+01:00", 18), ("Europe/Berlin", 18)]
)
def test_a_typed_time_tells_the_hour_where_the_zone_is_unknown(zone, local_hour):
    paid = datetime.datetime(2026, 11, 21, 17, tzinfo=datetime.UTC)
    table = pa.table(
        {
            **{name: [GOOD[name]] for name in purchases.REQUIRED_COLUMNS},
            "store_id": ["7"],
            "started_at": pa.array([paid], pa.timestamp("us", tz="UTC")),
            "paid_at": pa.array([paid], pa.timestamp("us", tz=zone)),
        }
    )
    parsed = purchase_lines.parse(table, "a.parquet", np.array([1]), RULES)
    assert parsed.rows["local_hour"].to_pylist() == [local_hour]


def test_a_trading_day_may_start_at_midnight():
    rules = purchase_lines.LineRules(
        day=days.DAY, day_starts_at=datetime.time(0), zones=RULES.zones
    )
    times = {"started_at": "2026-11-21 00:00:00", "paid_at": "2026-11-21 00:00:00"}
    assert parse(times, rules=rules).rows["local_hour"].to_pylist() == [0]


@pytest.mark.parametrize(
    ("paid_at", "reason"),
    [
        ("2026-10-25 02:30:00", "occurs twice in Europe/Berlin (clock change)"),
        ("2026-10-25T02:30:00+02:00", None),
        ("2026-10-25T02:30:00+01:00", None),
    ],
)
def test_a_naive_time_in_the_doubled_hour_is_rejected(paid_at, reason):
    rules = purchase_lines.LineRules(day=datetime.date(2026, 10, 24), zones=RULES.zones)
    times = {"started_at": "2026-10-25T02:00:00+02:00", "paid_at": paid_at}
    parsed = parse(times, rules=rules)
    assert [r.reason for r in parsed.rejections] == (
        [f"paid_at '{paid_at}' {reason}"] if reason else []
    )
    assert parsed.rows["local_hour"].to_pylist() == ([] if reason else [2])


@pytest.mark.parametrize(
    ("flag", "category", "minimum_age", "is_restricted"),
    [
        ("true", "DAIRY", None, True),
        ("false", "BEER", "18", False),
        (None, "BEER", None, True),
        (None, "DAIRY", "16", True),
        (None, "DAIRY", "0", False),
        (None, "DAIRY", None, False),
        (None, None, None, False),
    ],
)
def test_who_decides_what_is_restricted(flag, category, minimum_age, is_restricted):
    parsed = parse(
        {"age_restricted": flag, "category": category, "minimum_age": minimum_age}
    )
    assert parsed.rows["age_restricted"].to_pylist() == [is_restricted]


def test_absent_optional_columns_are_null_and_unknown_ones_counted():
    row = {name: GOOD[name] for name in purchases.REQUIRED_COLUMNS}
    table = pa.Table.from_pylist([{**row, "colour": "red", "x": None}])
    parsed = purchase_lines.parse(table, "a.csv", np.array([2]), RULES)
    (line,) = parsed.rows.to_pylist()
    assert parsed.num_ignored_columns == 2
    assert (line["line_type"], line["cashier_id"]) == ("sale", None)
    assert line["age_restricted"] is False


def test_typed_columns_are_read_as_they_are():
    utc = datetime.datetime(2026, 11, 21, 17, tzinfo=datetime.UTC)
    table = pa.table(
        {
            **{name: [GOOD[name]] for name in purchases.REQUIRED_COLUMNS},
            "store_id": pa.array(["0042"]).dictionary_encode(),
            "register_id": pa.array(["R1"], pa.large_string()),
            "started_at": pa.array([utc], pa.timestamp("ns", tz="UTC")),
            "paid_at": pa.array([datetime.datetime(2026, 11, 21, 18)]),
            "line_number": pa.array([3], pa.int64()),
            "quantity": pa.array([1.0]),
            "amount": pa.array([decimal.Decimal("1.99")]),
            "age_restricted": pa.array([True]),
            "minimum_age": pa.array([18], pa.uint8()),
            "id_check": pa.nulls(1),
        }
    )
    parsed = purchase_lines.parse(table, "a.parquet", np.array([1]), RULES)
    assert parsed.rejections == []
    (line,) = parsed.rows.to_pylist()
    assert line["paid_at"] == utc
    assert (line["store_id"], line["line_number"]) == ("0042", 3)
    assert (line["age_restricted"], line["minimum_age"]) == (True, 18)


@pytest.mark.parametrize("name", purchases.REQUIRED_COLUMNS)
def test_a_missing_column_stops_the_run(name):
    given = pa.schema([(other, pa.string()) for other in GOOD if other != name])
    with pytest.raises(columns.MissingColumnError, match=f"missing column {name};"):
        purchase_lines.LAYOUT.check_columns(given, "a.csv")


@pytest.mark.parametrize(
    ("name", "arrow_type"),
    [
        ("store_id", pa.int64()),
        ("paid_at", pa.int64()),
        ("amount", pa.bool_()),
        ("line_number", pa.float64()),
        ("age_restricted", pa.int8()),
    ],
)
def test_a_wrong_type_stops_the_run(name, arrow_type):
    given = pa.schema(
        [(other, arrow_type if other == name else pa.string()) for other in GOOD]
    )
    with pytest.raises(columns.ColumnTypeError, match=f"a.parquet: column {name} is"):
        purchase_lines.LAYOUT.check_columns(given, "a.parquet")


def test_no_rows_need_no_columns():
    parsed = purchase_lines.parse(pa.table({}), "a.jsonl", np.array([], int), RULES)
    assert parsed.rows.num_rows == 0


def test_rules_are_checked():
    with pytest.raises(ValueError, match="max_transaction_hours"):
        purchase_lines.LineRules(day=days.DAY, max_transaction_hours=0)
