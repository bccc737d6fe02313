import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain import affinity, age_groups, confusion, offers
from schemas import age_group_affinity
from schemas import offers as schema
from tests.domain import lookalikes

GROUPS = age_groups.REPORT_GROUPS
ADULTS = age_groups.AgeGroups((20, 25, 45, 65))
SETTINGS = offers.OfferSettings()
ROW = {
    "level": "product",
    "product_id": "P1",
    "product_name": "Tea",
    "category": "Drinks",
    "age_restricted": False,
    "age_group": "25-44",
    "suppressed": False,
    "group_baskets": 1000,
    "baskets": 300,
    "penetration": 0.3,
    "corrected_index": 181.0,
    "corrected_index_low": 150.0,
    "corrected_index_high": 210.0,
    "q_value": 0.01,
    "reliable": True,
}


def table(*changes: dict) -> pa.Table:
    rows = [ROW | change for change in changes]
    for row in rows:
        row["age_group_order"] = GROUPS.labels.index(row["age_group"])
    return pa.Table.from_pylist(rows, schema=age_group_affinity.SCHEMA)


def offered(*changes: dict, adults=frozenset({"45-64"}), **settings) -> list[dict]:
    found = offers.of_affinity(
        table(*changes), adults, offers.OfferSettings(**settings)
    )
    assert found.schema.equals(schema.SCHEMA, check_metadata=True)
    return found.to_pylist()


def ids(*changes: dict, **settings) -> list[str]:
    return [row["product_id"] for row in offered(*changes, **settings)]


def test_an_offer_says_why():
    (row,) = offered({"baskets": 1312})
    assert row["rank"] == 1
    assert row["reason"] == (
        "Customers aged 25-44 buy it about 1.8 times as often as all customers "
        "(likely 1.50 to 2.10 times), once errors of the estimated ages are allowed "
        "for; seen in 1,312 of their baskets."
    )


@pytest.mark.parametrize(
    ("group", "people"),
    [("<25", "Customers under 25 "), ("65+", "Customers of 65 and over ")],
)
def test_open_groups_are_named_in_words(group, people):
    (row,) = offered({"age_group": group})
    assert row["reason"].startswith(people)


@pytest.mark.parametrize(
    "change",
    [
        {"q_value": 0.0501},
        {"q_value": None},
        {"baskets": 29},
        {"corrected_index_low": 100.0},
        {"corrected_index_low": None},
        {"suppressed": True},
        {"suppressed": True, "baskets": None},
        {"age_restricted": True},
    ],
)
def test_what_is_not_offered(change):
    assert ids(ROW | {"product_id": "kept"}, change) == ["kept"]


def test_the_lower_bound_ranks_within_each_group():
    found = offered(
        {"product_id": "a", "age_group": "65+", "corrected_index_low": 120.0},
        {"product_id": "a", "corrected_index_low": 110.0},
        {"product_id": "b", "corrected_index": 300.0, "corrected_index_low": 110.0},
        {"product_id": "c", "corrected_index_low": 140.0},
        {"product_id": "d", "age_group": "65+", "corrected_index_low": 130.0},
        {"product_id": "e", "corrected_index_low": 110.0},
        max_per_group=2,
    )
    ranked = [(row["age_group"], row["rank"], row["product_id"]) for row in found]
    assert ranked == [
        ("25-44", 1, "c"),
        ("25-44", 2, "b"),
        ("65+", 1, "d"),
        ("65+", 2, "a"),
    ]


def test_restricted_products_go_to_groups_of_adults_alone():
    wine = {"product_id": "wine", "age_restricted": True}
    found = offered(*({**wine, "age_group": group} for group in GROUPS.labels[:-1]))
    assert [row["age_group"] for row in found] == ["45-64"]
    assert not offered(wine, adults=frozenset())


def test_a_category_is_restricted_where_part_of_it_is():
    beer = {"level": "category", "product_id": None, "category": "Beer"}
    found = offered(
        beer,
        {**beer, "age_group": "<25", "age_restricted": True, "q_value": None},
        {**beer, "category": "Tea"},
        {**beer, "category": None},
        {**beer, "age_group": "45-64"},
        {"category": "Beer"},
    )
    assert [(row["age_group"], row["level"], row["category"]) for row in found] == [
        ("25-44", "product", "Beer"),
        ("25-44", "category", "Tea"),
        ("25-44", "category", None),
        ("45-64", "category", "Beer"),
    ]


def test_nothing_to_offer():
    assert offered() == []
    assert offered({"q_value": 0.5}) == []


def test_no_minor_is_where_a_perfect_model_puts_adults():
    known = lookalikes.perfect(10_000)
    shares = offers.minor_shares(known, ADULTS, 18)
    assert shares[0] == pytest.approx(1)
    assert (shares[1:] < 0.001).all()
    allowed = offers.allowed_groups(known, ADULTS, SETTINGS)
    assert allowed == {"20-24", "25-44", "45-64", "65+"}


def test_few_photos_of_minors_do_not_pass_for_few_minors():
    few, many = (
        offers.minor_shares(lookalikes.perfect(photos), ADULTS, 18)[1]
        for photos in (20, 10_000)
    )
    assert few > 0.02 > many
    none = lookalikes.perfect(10_000).counts.copy()
    none[:, 3] = 0
    known = confusion.Confusion(counts=none, weights=lookalikes.SHOPPERS)
    assert offers.minor_shares(known, ADULTS, 18)[1] == pytest.approx(3 / 11, rel=0.01)


def test_a_group_of_adults_by_name_can_hold_minors():
    known = lookalikes.photographed(6.46, 2000, np.random.default_rng(0))
    shares = offers.minor_shares(known, ADULTS, 18)
    is_minor = np.arange(20) < 4
    people = confusion.membership(ADULTS) @ lookalikes.rates(6.46) * lookalikes.SHOPPERS
    true = people[:, is_minor].sum(axis=1) / people.sum(axis=1)
    assert (shares >= true).all()
    np.testing.assert_allclose(shares, true, atol=0.02)
    allowed = offers.allowed_groups(known, ADULTS, SETTINGS)
    assert "20-24" not in allowed
    assert {"45-64", "65+"} <= allowed


def test_a_group_that_begins_under_age_is_never_allowed():
    known = lookalikes.perfect(10_000)
    generous = offers.OfferSettings(max_minor_share=1.0)
    assert "<25" not in offers.allowed_groups(known, GROUPS, generous)
    strict = offers.OfferSettings(legal_age_years=21)
    assert "20-24" not in offers.allowed_groups(known, ADULTS, strict)


def test_a_group_in_which_nobody_is_estimated_is_not_allowed():
    counts = np.zeros((20, 20), np.int64)
    counts[5] = 10**9
    known = confusion.Confusion(counts=counts, weights=np.eye(20)[5])
    assert offers.allowed_groups(known, ADULTS, SETTINGS) == {"25-44"}


def test_planted_preferences_lead_the_offers():
    rng = np.random.default_rng(0)
    penetrations = np.full((40, 4), 0.05)
    penetrations[3, 0], penetrations[7, 3] = 0.15, 0.12
    counted = lookalikes.shop(penetrations, GROUPS, 6.46, 30_000, rng)
    known = lookalikes.photographed(6.46, 300, rng)
    found = affinity.of_baskets(
        counted, known, GROUPS, affinity.AffinitySettings(), rng
    )
    offered = offers.of_affinity(found.table, frozenset(), SETTINGS).to_pylist()
    first = {row["age_group"]: row["product_id"] for row in reversed(offered)}
    assert (first["<25"], first["65+"]) == ("P0003", "P0007")
