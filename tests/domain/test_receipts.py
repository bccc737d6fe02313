import pytest

from pipelines.domain import receipts
from tests.domain import days

A, B = {"product_id": "A"}, {"product_id": "B"}


def gathered(*rows):
    result = receipts.gather(days.lines(*rows))
    kept = [line["product_id"] for line in result.lines.to_pylist()]
    return kept, result.num_duplicate, result.num_superseded


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], ([], 0, 0)),
        ([A], (["A"], 0, 0)),
        ([A, A], (["A"], 1, 0)),
        ([A, B], (["B"], 0, 1)),
        ([B, A], (["A"], 0, 1)),
        ([A, A, B], (["B"], 1, 1)),
        ([B, A, B], (["B"], 1, 1)),
        ([A, {**B, "line_number": 2}], (["A", "B"], 0, 0)),
        ([A, {**A, "source_file": "z.csv"}], (["A"], 1, 0)),
        ([{**A, "source_file": "z.csv"}, B], (["A"], 0, 1)),
        ([A, {**A, "category": None}], (["A"], 0, 1)),
    ],
)
def test_lines_under_one_key_are_settled(rows, expected):
    assert gathered(*rows) == expected


def test_the_last_file_by_name_wins():
    rows = [{**A, "source_file": "b.csv"}, {**B, "source_file": "a.csv"}]
    assert gathered(*rows) == (["A"], 0, 1)


def test_a_receipt_lasts_from_first_start_to_last_payment():
    result = receipts.gather(
        days.lines(
            {"line_number": 2, "started_at": 5, "paid_at": 90, "local_hour": 14},
            {"line_number": 1, "started_at": 9, "paid_at": 60, "cashier_id": None},
            {"line_number": 3, "started_at": 7, "paid_at": 61, "cashier_id": "C9"},
        )
    )
    (receipt,) = result.rows.to_pylist()
    assert receipt == {
        "store_id": "0042",
        "register_id": "R1",
        "transaction_id": "T1",
        "cashier_id": "C1",
        "started_at": days.at(5),
        "paid_at": days.at(90),
        "local_hour": 14,
    }
    assert result.receipt_of_line.tolist() == [0, 0, 0]
    assert result.lines["line_number"].to_pylist() == [1, 2, 3]


def test_one_transaction_id_at_two_registers_is_two_receipts():
    result = receipts.gather(
        days.lines({}, {"register_id": "R2"}, {"store_id": "0001"})
    )
    assert result.rows["store_id"].to_pylist() == ["0001", "0042", "0042"]
    assert sorted(result.receipt_of_line.tolist()) == [0, 1, 2]
