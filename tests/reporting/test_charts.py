import xml.etree.ElementTree as ET

import pytest

from pipelines.domain import review_rules
from pipelines.reporting import charts, items, wording
from tests.reporting import hand_made

_RULES = review_rules.ReviewRules()


def _texts(figure):
    return {
        (element.text or "").strip() for element in ET.fromstring(figure.svg).iter()
    }


def _affinity(rows):
    table = hand_made.affinity(rows)
    return charts.affinity(items.clearest_first(table), items.groups(table))


def test_cells_show_the_index_and_mark_what_is_not_reliable():
    figure = _affinity(
        [
            hand_made.cell("Tea", "<25", 55.4, reliable=True),
            hand_made.cell("Tea", "25-44", 104.0),
            hand_made.cell("Tea", "65+", None, suppressed=True),
        ]
    )

    assert {"55", "104 ?", wording.NONE, "<25", "25-44", "65+", "Tea"} <= _texts(figure)
    assert "question mark" in figure.description
    assert "dash" in figure.description


def test_index_that_could_not_be_corrected_is_shown_raw_and_said_so():
    rows = [hand_made.cell("Tea", "<25", 50.0) | {"corrected_index": None}]

    figure = _affinity(rows)

    assert "46 ?" in _texts(figure)
    assert "NOT corrected" in figure.description


def test_funnel_counts_cashiers_by_status_and_names_both_limits():
    figure = charts.cashiers(hand_made.make().cashier_audit, _RULES)

    assert {"within limits", "a person should look", "95% limits", "99.9% limits"} <= (
        _texts(figure)
    )
    assert "Circle: within limits, 2 cashiers." in figure.description
    assert "Triangle: a person should look, 1 cashier." in figure.description


def test_funnel_leaves_out_who_has_no_expectation():
    rows = [
        hand_made.cashier("1", "a", "within_limits"),
        hand_made.cashier("1", "b", "not_logged"),
    ]

    figure = charts.cashiers(hand_made.audit(rows), _RULES)

    assert "1 cashier." in figure.description
    assert "exposure" not in figure.description


def test_hours_between_sales_of_different_stores_are_marked_as_empty():
    figure = charts.sales_by_hour({"0001": {9: 40, 18: 4000}, "0002": {18: 250}})

    assert {"40", "4,000", "250", "·", "09", "18", "0001", "0002"} <= _texts(figure)
    assert "Most: 4,000, at store 0001 from 18:00." in figure.description


@pytest.mark.parametrize("lost", [0, 400, 1000])
def test_losses_are_shares_of_a_stores_photos(lost):
    rows = [hand_made.store_quality("0001"), hand_made.store_quality("0002", lost=lost)]

    figure = charts.losses(hand_made.quality(rows).to_pylist())

    worst = "0001" if lost == 0 else "0002"
    assert f"{(lost - lost // 4) / 1000:.1%}" in _texts(figure)
    assert f"store {worst}: {max(lost, 100) / 1000:.1%}" in figure.description
