import pytest

from pipelines.domain import audit
from schemas import purchases, tables
from tests.domain import days


def sale(photo, *lines):
    joined = days.join(
        days.photos(*photo),
        days.lines(
            *(
                {"line_number": i, "age_restricted": True, **line}
                for i, line in enumerate(lines)
            )
        ),
    )
    (row,) = days.rows(joined, tables.RESTRICTED_SALES)
    return row


YOUNG, OLD = {"age_distribution": 18}, {"age_distribution": 60}


@pytest.mark.parametrize(
    ("photo", "id_check", "is_eligible", "status"),
    [
        ([], "not_checked", False, "no_age"),
        ([OLD], "not_checked", False, "not_eligible"),
        ([OLD], None, False, "not_eligible"),
        ([YOUNG], "checked", True, "within_rules"),
        ([YOUNG], "refused_sale", True, "within_rules"),
        ([YOUNG], None, True, "not_logged"),
        ([YOUNG], "not_checked", True, "needs_review"),
    ],
)
def test_review_status(photo, id_check, is_eligible, status):
    row = sale(photo, {"id_check": id_check})
    assert (row["eligible"], row["review_status"]) == (is_eligible, status)


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([None, "not_checked"], "not_checked"),
        (["not_checked", "checked"], "checked"),
        (["refused_sale", "checked", None], "refused_sale"),
        ([None, None], None),
    ],
)
def test_the_strongest_check_of_the_restricted_lines_counts(checks, expected):
    lines = [{"id_check": check} for check in checks]
    harmless = {"id_check": "refused_sale", "age_restricted": False}
    assert sale([], *lines, harmless)["id_check"] == expected


@pytest.mark.parametrize(
    ("ages", "expected"), [([None], 18), ([16], 16), ([16, None], 18), ([21, None], 21)]
)
def test_the_highest_legal_age_counts(ages, expected):
    row = sale([YOUNG], *({"minimum_age": age} for age in ages))
    assert row["legal_age_years"] == expected
    under = days.weights(18)[:expected].sum() / 65_535
    assert row["p_under_legal_age"] == pytest.approx(under)


def test_self_checkouts_are_told_apart():
    attended, alone = sale([], {}), sale([], {"cashier_id": None})
    assert attended["register_group"] == "attended"
    assert attended["cashier_id"] == days.SECRET.cashier("0042", "C1")
    assert (alone["register_group"], alone["cashier_id"]) == ("self_checkout", None)


def test_probability_at_the_threshold_is_eligible():
    exact = [0] * 101
    exact[24], exact[25] = 32_768, 32_767
    assert sale([{"age_distribution": exact}], {})["eligible"]
    exact[24], exact[25] = 32_767, 32_768
    assert not sale([{"age_distribution": exact}], {})["eligible"]


def test_every_kind_of_check_has_a_rank():
    assert set(audit.ID_CHECKS_BY_STRENGTH) == set(purchases.ID_CHECKS)
