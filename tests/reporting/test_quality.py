import pyarrow as pa

from pipelines.domain import audit
from pipelines.reporting import quality, spans
from schemas import (
    cashier_days,
    data_quality,
    restricted_sales,
    restricted_sales_by_hour,
    runs,
)
from tests.reporting import warehouses

day = warehouses.day


def _quality(root, last=3):
    span = spans.read(str(root), day(0), day(last), "category")
    return quality.of_runs(
        span.runs, span.store_baskets, len(span.dates), len(span.dates_missing)
    )


def test_photos_and_baskets_are_counted_by_store(published):
    table = _quality(published)
    assert table.schema.equals(data_quality.SCHEMA, check_metadata=True)
    whole, first, second = table.to_pylist()
    assert [row["store_id"] for row in (whole, first, second)] == [None, "1", "2"]
    assert first == {
        "scope": "store",
        "store_id": "1",
        "days_published": 3,
        "days_missing": 1,
        "days_without_photos": 0,
        "photos": 9,
        "faces_ok": 6,
        "faces_none": 0,
        "faces_several_faces": 0,
        "faces_small": 0,
        "faces_blurred": 3,
        "faces_undecodable": 0,
        "face_loss": 3 / 9,
        "matched": 3,
        "unmatched": 3,
        "ambiguous": 0,
        "match_rate": 0.5,
        "registers_untimed": 0,
        "baskets": 6,
        "baskets_with_age": 3,
        "age_known": 0.5,
        "transactions": None,
        "transactions_mixed_people": None,
        "mixed_people": None,
    }
    assert (second["photos"], second["match_rate"], second["age_known"]) == (3, 1, 1)


def test_the_first_row_is_of_all_stores(published):
    whole, *stores = _quality(published).to_pylist()
    assert whole["scope"] == "all_stores"
    for name in ("photos", "faces_ok", "faces_blurred", "matched", "baskets"):
        assert whole[name] == sum(store[name] for store in stores), name
    assert whole["transactions"] == 5
    assert whole["mixed_people"] is None


def test_mixed_people_are_a_share_of_transactions_with_photos(tmp_path):
    warehouses.publish_day(
        tmp_path,
        transactions=9,
        transactions_matched=3,
        transactions_mixed_people=1,
    )
    whole = _quality(tmp_path, last=0).to_pylist()[0]
    assert whole["transactions_mixed_people"] == 1
    assert whole["mixed_people"] == 0.25


def test_a_store_that_sold_and_photographed_nobody_has_a_row(tmp_path):
    only_first = [photo for photo in warehouses.PHOTOS if photo["store_id"] == "1"]
    warehouses.publish_day(tmp_path, photos=only_first)
    row = _quality(tmp_path, last=0).to_pylist()[-1]
    assert (row["store_id"], row["photos"], row["baskets"]) == ("2", 0, 1)
    assert (row["face_loss"], row["match_rate"]) == (None, None)
    assert row["days_without_photos"] == 1


def test_registers_without_a_clock_to_go_by_are_counted_once():
    def health(store, **clocks):
        counts = {field.name: 0 for field in runs.STORE_HEALTH}
        registers = [
            {"register_id": name, "clock_offset_seconds": None, "clock_status": status}
            for name, status in clocks.items()
        ]
        means = {name: None for name in counts if name.startswith("mean_")}
        lists = {"photos_by_age_band": [0] * 20, "registers": registers}
        return counts | means | lists | {"store_id": store, "photos": 1}

    days = [
        [health("1", R1="too_large", R2="in_step", R3="unknown")],
        [health("1", R1="inconsistent", R2="corrected"), health("2", R1="too_large")],
    ]
    recorded = pa.table(
        {
            "store_health": pa.array(days, runs.SCHEMA.field("store_health").type),
            **dict.fromkeys(runs.COUNTS, pa.array([0, 0])),
        }
    )
    nothing = pa.table(
        {
            "store_id": pa.array([], pa.string()),
            "age_band_order": pa.array([], pa.int8()),
            "baskets": pa.array([], pa.int64()),
        }
    )
    found = quality.of_runs(recorded, nothing, 2, 0)
    assert found["registers_untimed"].to_pylist() == [2, 1, 1]
    assert found["days_without_photos"].to_pylist() == [0, 0, 1]


def test_without_runs_only_baskets_are_known(three_days):
    span = spans.read(str(three_days), day(0), day(3), "category")
    table = quality.of_runs(span.runs.slice(0, 0), span.store_baskets, 3, 1)
    assert table["photos"].to_pylist() == [0, 0, 0]
    assert table["baskets"].to_pylist() == [10, 6, 4]


def _sales(*given):
    return warehouses.rows(restricted_sales.SCHEMA, list(given))


_YOUNG = {
    "p_under_challenge_age": 0.9,
    "age_distribution": [65_535, *[0] * 100],
    "eligible": True,
}
_UNCHECKED = {
    **_YOUNG,
    "id_check": "not_checked",
    "review_status": "needs_review",
}


def test_restricted_sales_are_counted_by_store_hour_and_register_group():
    place = {"store_id": "1", "local_hour": 18, "register_group": "attended"}
    table = quality.by_hour(
        _sales(
            {**place},
            {**place, "p_under_challenge_age": 0.1, "review_status": "not_eligible"},
            {**place, **_YOUNG, "review_status": "not_logged"},
            {**place, **_UNCHECKED},
            {**place, **_YOUNG, "id_check": "checked"},
            {**place, **_YOUNG, "id_check": "checked", "local_hour": 9},
            {**place, "register_group": "self_checkout"},
        )
    )
    assert table.schema.equals(restricted_sales_by_hour.SCHEMA, check_metadata=True)
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        ("1", 9, "attended", 1, 1, 1, 1.0, 1, 0, 0.0),
        ("1", 18, "attended", 5, 4, 3, 0.75, 2, 1, 0.5),
        ("1", 18, "self_checkout", 1, 0, 0, None, 0, 0, None),
    ]


def test_no_restricted_sale_makes_no_row():
    assert quality.by_hour(_sales()).num_rows == 0


def test_counts_are_those_of_the_nightly_table():
    sales = _sales(
        *[{"store_id": "1", "local_hour": hour, **_UNCHECKED} for hour in range(24)],
        {"store_id": "1", "local_hour": 3, **_YOUNG},
    )
    by_hour, by_cashier = quality.by_hour(sales), audit.by_cashier(sales)
    assert by_cashier.schema.names == cashier_days.SCHEMA.names
    for name in ("restricted_sales", "eligible_sales", "unchecked_sales"):
        assert sum(by_hour[name].to_pylist()) == sum(by_cashier[name].to_pylist())
