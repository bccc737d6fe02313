"""What marketing and the audit can tell of each other's rows: little."""

import pytest

from schemas import tables
from tests.domain import days


def test_marketing_and_audit_share_no_pseudonym():
    joined = days.join(days.photos({}), days.lines({"age_restricted": True}))
    (line,) = days.rows(joined, tables.PURCHASE_AGES)
    (sale,) = days.rows(joined, tables.RESTRICTED_SALES)
    assert line["basket_id"] != sale["sale_id"]
    assert not {"cashier_id", "register_id"} & line.keys()


def buyer(distribution, hour, gap_seconds):
    """A receipt of one restricted line, as marketing and the audit see it."""
    joined = days.join(
        days.photos(
            {"age_distribution": distribution, "captured_at_utc": 60 + gap_seconds}
        ),
        days.lines({"age_restricted": True, "local_hour": hour}),
    )
    (line,) = days.rows(joined, tables.PURCHASE_AGES)
    (sale,) = days.rows(joined, tables.RESTRICTED_SALES)
    return line, sale


def between(age_years, share):
    """A distribution on two neighbouring ages, with the mean between them."""
    upper = round(65_535 * share)
    weights = [0] * 101
    weights[age_years], weights[age_years + 1] = 65_535 - upper, upper
    return weights


def test_buyers_that_differ_a_little_look_alike_to_marketing():
    first, first_sale = buyer(between(30, 0.15), 16, 1.3)
    second, second_sale = buyer(between(30, 0.85), 16, 0.9)
    assert first == second
    assert (first["age_years"], first["time_gap_seconds"]) == (30, 1)
    assert (first["age_low_years"], first["age_high_years"]) == (25, 35)
    # The audit may tell them apart; marketing cannot tell which is which.
    assert first_sale["age_distribution"] != second_sale["age_distribution"]


@pytest.mark.parametrize(("share", "group"), [(0.99, "<25"), (1.0, "25-44")])
def test_an_age_just_under_a_group_stays_under_it(share, group):
    line, _ = buyer(between(24, share), 16, 0)
    assert (line["age_years"], line["age_group"]) == (24 + (share == 1), group)
