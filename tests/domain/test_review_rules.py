import dataclasses

import pytest

from pipelines.domain import review_rules


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("period_days", 0),
        ("num_periods", 0),
        ("num_periods", 1),
        ("min_review_periods", 0),
        ("min_review_periods", 4),
        ("max_q", 0.0),
        ("outer_level", 1.0),
        ("inner_level", 95),
        ("min_expected", -1.0),
        ("min_eligible_sales", -1),
        ("max_peer_uncertainty", -0.1),
        ("winsorised_fraction", 0.5),
        ("confidence", 90),
        ("excess_ratio", 1.0),
        ("power_ratio", 0.5),
        ("power", 0.0),
        ("max_q", float("nan")),
    ],
)
def test_refuses_what_cannot_hold(name, value):
    with pytest.raises(ValueError, match=r"must .*; received"):
        review_rules.ReviewRules(**{name: value})


def test_every_rule_has_a_default_and_stays():
    rules = review_rules.ReviewRules()
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.max_q = 0.5
