"""Small days by hand: what each rule of the join says."""

import decimal

import numpy as np
import pytest

from schemas import tables
from tests.domain import days

DEMAND_AND_AUDIT = (
    tables.DEMAND_BY_PRODUCT,
    tables.DEMAND_BY_CATEGORY,
    tables.DEMAND_TOTAL,
    tables.RESTRICTED_SALES,
    tables.CASHIER_DAYS,
)


def test_empty_inputs_give_empty_tables():
    joined = days.join(days.photos(), days.lines())
    assert all(table.num_rows == 0 for table in joined.tables.values())
    assert set(joined.counts.values()) == {0}


def test_a_photo_gives_its_lines_their_age():
    joined = days.join(
        days.photos({"captured_at_utc": 62, "age_distribution": 30}),
        days.lines({"line_number": 1}, {"line_number": 2, "line_type": "return"}),
    )
    photo = days.rows(joined, tables.PHOTO_AGES)[0]
    assert (photo["match_method"], photo["time_gap_seconds"]) == ("time_nearest", 2.0)
    assert photo["transaction_id"] == "T1"
    assert photo["age_low_years"] < photo["age_years"] == 30.0 < photo["age_high_years"]
    for line in days.rows(joined, tables.PURCHASE_AGES):
        assert (line["age_years"], line["age_group"]) == (30.0, "25-44")
        assert (line["photos_used"], line["match_method"]) == (1, "time_nearest")
        assert line["time_gap_seconds"] == 2.0
    (total,) = days.rows(joined, tables.DEMAND_TOTAL)
    assert (total["age_band"], total["baskets"], total["lines"]) == ("30-34", 1, 1)


def test_photos_of_one_buyer_are_averaged_and_the_surest_match_counts():
    joined = days.join(
        days.photos(
            {"captured_at_utc": 65, "age_distribution": 30},
            {"captured_at_utc": 10, "age_distribution": 34},
            {"captured_at_utc": -4, "age_distribution": 35, "transaction_id": "T1"},
        ),
        days.lines({}),
    )
    (line,) = days.rows(joined, tables.PURCHASE_AGES)
    assert line["age_years"] == pytest.approx(33, abs=0.01)
    assert (line["photos_used"], line["match_method"]) == (3, "transaction_id")
    assert line["time_gap_seconds"] == 0.0


def test_mixed_people_are_counted_but_in_neither_demand_nor_audit():
    joined = days.join(
        days.photos({"age_distribution": 10}, {"age_distribution": 70}),
        days.lines({"age_restricted": True, "id_check": "not_checked"}),
    )
    assert joined.counts["transactions_mixed_people"] == 1
    assert joined.counts["photos_matched"] == 2
    (line,) = days.rows(joined, tables.PURCHASE_AGES)
    assert (line["match_method"], line["age_group"]) == ("mixed_people", "unknown")
    assert (line["age_years"], line["photos_used"]) == (None, 0)
    for table in DEMAND_AND_AUDIT:
        assert days.rows(joined, table) == []
    assert {row["transaction_id"] for row in days.rows(joined, tables.PHOTO_AGES)} == {
        "T1"
    }


def test_a_day_fully_covered_by_photos_adds_up_with_mixed_people():
    joined = days.join(
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
    assert days.refusals(counts) == []
    (total,) = days.rows(joined, tables.DEMAND_TOTAL)
    assert (total["age_band"], total["baskets"]) == ("30-34", 1)


def test_returns_and_voids_count_in_neither_demand_nor_audit():
    joined = days.join(
        days.photos({}),
        days.lines(
            {"line_number": 1, "line_type": "return", "age_restricted": True},
            {"line_number": 2, "line_type": "void", "age_restricted": True},
        ),
    )
    assert joined.counts["photos_matched"] == 1
    assert len(days.rows(joined, tables.PURCHASE_AGES)) == 2
    for table in DEMAND_AND_AUDIT:
        assert days.rows(joined, table) == []


def test_what_was_refused_is_audited_but_in_no_demand():
    restricted = {"age_restricted": True, "id_check": "refused_sale"}
    joined = days.join(days.photos({}), days.lines({"line_number": 1, **restricted}))
    (line,) = days.rows(joined, tables.PURCHASE_AGES)
    assert line["line_type"] == "refused"
    (sale,) = days.rows(joined, tables.RESTRICTED_SALES)
    assert sale["id_check"] == "refused_sale"
    assert days.rows(joined, tables.DEMAND_TOTAL) == []


def test_undecodable_photos_are_rows_but_in_no_counter():
    joined = days.join(
        days.photos({"face_status": "undecodable", "reason": "cut"}), days.lines({})
    )
    (photo,) = days.rows(joined, tables.PHOTO_AGES)
    assert photo["match_method"] == "no_usable_face"
    assert joined.counts["photos_without_face"] == 0


def test_decimal_sums_are_exact():
    joined = days.join(
        days.photos(),
        days.lines(*({"line_number": i, "amount": "0.1"} for i in range(1, 4))),
    )
    (total,) = days.rows(joined, tables.DEMAND_TOTAL)
    assert total["spend"] == decimal.Decimal("0.3")


def test_without_a_secret_there_are_baskets_but_no_cashiers():
    lines = days.lines(
        {"age_restricted": True},
        {"transaction_id": "T2", "age_restricted": True, "cashier_id": None},
    )
    joined = days.join(days.photos(), lines, secret=None)
    sales = days.rows(joined, tables.RESTRICTED_SALES)
    assert [sale["cashier_id"] for sale in sales] == [None, None]
    assert [sale["self_checkout"] for sale in sales] == [False, True]
    assert (
        len({row["basket_id"] for row in days.rows(joined, tables.PURCHASE_AGES)}) == 2
    )
    assert days.join(days.photos(), lines, secret=None).tables == joined.tables


def test_distribution_of_the_audit_is_the_buyers():
    joined = days.join(
        days.photos({"age_distribution": 17}), days.lines({"age_restricted": True})
    )
    (sale,) = days.rows(joined, tables.RESTRICTED_SALES)
    assert sale["age_distribution"] == days.weights(17).tolist()
    assert sum(sale["age_distribution"]) == 65_535
    assert sale["p_under_legal_age"] == days.weights(17)[:18].sum() / 65_535
    assert np.isclose(sale["p_under_challenge_age"], 1.0, atol=0.01)
