import pandas as pd

from pipelines import demo_findings, secret
from pipelines.domain import pseudonyms

_KEY = "0123456789abcdef" * 2


def test_offers_are_marked_where_the_group_likes_the_product():
    offers = pd.DataFrame(
        {
            "age_group": ["<25", "25-59", "60+", "60+"],
            "rank": [1, 1, 1, 2],
            "product_id": ["cola", "cola", "tea", "cola"],
            "product_name": ["Cola", "Cola", "Tea", "Cola"],
            "baskets": [30, 31, 32, 33],
            "corrected_index": [150.4, 120.0, 210.6, 101.0],
            "corrected_index_low": [120.0, 105.0, 150.0, 100.5],
        }
    )
    preferences = [
        {"product_id": "cola", "low_age": 13, "high_age": 27},
        {"product_id": "tea", "low_age": 62, "high_age": 90},
    ]
    shown = demo_findings.offers_beside_plan(offers, preferences)
    assert shown["planted"].tolist() == ["*", "", "*", ""]
    assert shown["index"].tolist() == [150, 120, 211, 101]


def test_the_planted_cashier_is_marked_in_each_store(monkeypatch):
    monkeypatch.setenv(secret.VARIABLE, _KEY)
    keyed = pseudonyms.Pseudonyms(_KEY.encode())
    names = [keyed.cashier("0001", "C1"), keyed.cashier("0001", "C2")]
    audit = pd.DataFrame(
        {
            "store_id": ["0001"] * 2,
            "cashier_id": names,
            "ratio": [0.5, 3.0],
            "eligible_sales": [10, 20],
            "unchecked_sales": [1, 15],
            "expected_unchecked": [2.0, 5.0],
            "periods_beyond": [0, 2],
            "status": ["within_limits", "review"],
        }
    )
    shown = demo_findings.cashiers_beside_plan(audit, "C2")
    assert shown["status"].tolist() == ["review", "within_limits"]
    assert shown["planted"].tolist() == ["*", ""]
