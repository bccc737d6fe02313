import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain import ages, audit, rejudging
from schemas import restricted_sales

_SETTINGS = audit.AuditSettings(challenge_age_years=25, eligible_probability=0.5)
_COLUMNS = [name for name in restricted_sales.SCHEMA.names if name != "sale_id"]


def _weights(age_years):
    """Half of the weight on an age, half ten years above."""
    shares = np.zeros((1, 101))
    shares[0, [age_years, age_years + 10]] = 0.5
    return ages.to_weights(shares)[0].tolist()


def _sale(age_years, **changes):
    return {
        "store_id": "1",
        "cashier_id": "c",
        "self_checkout": False,
        "register_group": "attended",
        "local_hour": 18,
        "legal_age_years": 18,
        "challenge_age_years": 25,
        "p_under_legal_age": None,
        "p_under_challenge_age": None,
        "age_distribution": None if age_years is None else _weights(age_years),
        "id_check": "not_checked",
        "eligible": False,
        "review_status": "no_age",
        **changes,
    }


def _sales(*rows):
    schema = pa.schema([restricted_sales.SCHEMA.field(name) for name in _COLUMNS])
    return pa.Table.from_pylist(list(rows), schema=schema)


def _judged(*rows, judged_from=np.nan, settings=_SETTINGS):
    sales = _sales(*rows)
    before = np.full(sales.num_rows, judged_from)
    return rejudging.by_settings(sales, before, settings).to_pylist()


@pytest.mark.parametrize(
    ("age_years", "id_check", "status", "is_eligible"),
    [
        (None, "checked", "no_age", False),
        (30, "not_checked", "not_eligible", False),
        (20, None, "not_logged", True),
        (20, "checked", "within_rules", True),
        (20, "refused_sale", "within_rules", True),
        (20, "not_checked", "needs_review", True),
    ],
)
def test_each_status(age_years, id_check, status, is_eligible):
    [row] = _judged(_sale(age_years, id_check=id_check))
    assert row["review_status"] == status
    assert row["eligible"] is is_eligible


def test_probabilities_are_those_of_the_distribution():
    rows = _judged(_sale(20), _sale(10), _sale(30), _sale(None))
    assert [row["p_under_challenge_age"] for row in rows] == [
        pytest.approx(0.5, abs=1e-4),
        1.0,
        0.0,
        None,
    ]


def test_what_was_judged_by_these_settings_stays_as_it_was():
    odd = _sale(20, review_status="within_rules", p_under_challenge_age=0.123)
    assert _judged(odd, judged_from=0.5) == [odd]


@pytest.mark.parametrize(
    ("judged_from", "challenge_age_years"), [(0.6, 25), (np.nan, 25), (0.5, 30)]
)
def test_what_was_judged_by_others_is_judged_anew(judged_from, challenge_age_years):
    sale = _sale(20, challenge_age_years=challenge_age_years)
    [row] = _judged(sale, judged_from=judged_from)
    assert row["review_status"] == "needs_review"
    assert row["challenge_age_years"] == 25


def test_a_higher_probability_leaves_fewer_eligible():
    strict = audit.AuditSettings(challenge_age_years=25, eligible_probability=0.6)
    loose = audit.AuditSettings(challenge_age_years=25, eligible_probability=0.4)
    sale = _sale(20)
    assert [_judged(sale, settings=one)[0]["eligible"] for one in (strict, loose)] == [
        False,
        True,
    ]


def test_judged_anew_is_judged_as_the_nightly_job_does():
    # The nightly job judges the same distributions by the same function.
    by_day = [_sale(age, challenge_age_years=99) for age in (5, 15, 20, 24, 25, 60)]
    found = [row["eligible"] for row in _judged(*by_day)]
    weights = np.array([row["age_distribution"] for row in by_day], np.uint16)
    assert found == (ages.probability_under(weights, 25) >= 0.5).tolist()


def test_no_sale_is_no_trouble():
    assert _judged() == []


def test_other_beliefs_change_two_columns_alone():
    sales = _sales(_sale(20), _sale(None))
    found = rejudging.believing(sales, np.array([0.75, np.nan]))
    assert found["p_under_challenge_age"].to_pylist() == [0.75, None]
    assert found.schema == sales.schema
    others = [name for name in _COLUMNS if name != "p_under_challenge_age"]
    assert found.select(others) == sales.select(others)


def test_rows_with_an_age_and_their_distributions():
    rows, weights = rejudging.weights_of(_sales(_sale(None), _sale(20), _sale(30)))
    assert rows.tolist() == [1, 2]
    assert weights.shape == (2, 101)
    assert weights.sum(axis=1).tolist() == [65_535] * 2
