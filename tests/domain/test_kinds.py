import decimal

import hypothesis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import strategies

from pipelines.domain import kinds


def money(*values, arrow_type=None):
    return kinds.MONEY.convert(pa.array(values, arrow_type)).to_pylist()


def units(*texts):
    return [text and decimal.Decimal(text) for text in texts]


def test_text_becomes_money():
    given = ["12.34", "-0.5", "+3", ".25", "7.", "1e2", "0.10", None]
    assert money(*given) == units("12.34", "-0.5", "3", "0.25", "7", "100", "0.1", None)


@pytest.mark.parametrize(
    "text", ["abc", "1,99", "1.2.3", "NaN", "inf", "€5", "--1", "10000000000", "1e30"]
)
def test_what_is_no_money_is_null(text):
    assert money(text) == [None]


def test_money_is_rounded_half_to_even_at_four_decimals():
    assert money("1.00005", "1.00015", "-1.000051") == units(
        "1.0000", "1.0002", "-1.0001"
    )
    assert money(0.30000000000000004, 1.5) == units("0.3", "1.5")


@pytest.mark.parametrize(
    ("values", "arrow_type"),
    [
        ([decimal.Decimal("1.5"), None], pa.decimal128(38, 6)),
        ([decimal.Decimal("1.5"), None], pa.decimal128(4, 2)),
        ([decimal.Decimal("1.5"), None], pa.decimal256(70, 20)),
        ([1.5, None], pa.float64()),
        ([1.5, None], pa.float32()),
        (["1.5", None], pa.string()),
    ],
)
def test_typed_columns_become_money(values, arrow_type):
    assert kinds.MONEY.takes(arrow_type)
    assert money(*values, arrow_type=arrow_type) == units("1.5", None)


def test_numbers_out_of_range_are_null():
    assert money(float("nan"), float("inf"), 1e11, -1e11) == [None] * 4
    assert money(10**12, 2, arrow_type=pa.int64()) == units(None, "2")
    huge = decimal.Decimal(10) ** 30
    assert money(huge, arrow_type=pa.decimal128(38, 4)) == [None]


@pytest.mark.parametrize(
    "arrow_type", [pa.bool_(), pa.binary(), pa.decimal256(76, 0), pa.list_(pa.int8())]
)
def test_other_types_hold_no_money(arrow_type):
    assert not kinds.MONEY.takes(arrow_type)


@hypothesis.given(
    strategies.lists(
        strategies.none()
        | strategies.decimals(-9_999_999_999, 9_999_999_999, places=4),
        min_size=1,
    )
)
@hypothesis.settings(max_examples=100, deadline=None)
def test_money_survives_text_and_units(values):
    texts = [None if value is None else f"{value:f}" for value in values]
    assert money(*texts, arrow_type=pa.string()) == values
    made = kinds.money_from_units(
        np.array([int((value or 0) * 10_000) for value in values]),
        np.array([value is not None for value in values]),
    )
    assert made.to_pylist() == values


def test_whole_numbers():
    whole = kinds.whole(0, 120, pa.int16())
    given = ["18", "18.0", "0", "120", "121", "-1", "1.5", "x", "9" * 30, None]
    expected = [18, 18, 0, 120, None, None, None, None, None, None]
    assert whole.convert(pa.array(given)).to_pylist() == expected
    assert whole.convert(pa.array([18, 2**63, None], pa.uint64())).to_pylist() == [
        18, None, None,
    ]  # fmt: skip
    assert not whole.takes(pa.float64())


def test_flags():
    given = ["true", "FALSE", "1", "0", "yes", "", None]
    expected = [True, False, True, False, None, None, None]
    assert kinds.FLAG.convert(pa.array(given)).to_pylist() == expected
    assert kinds.FLAG.convert(pa.array([True, None])).to_pylist() == [True, None]


def test_choices_and_currencies():
    choice = kinds.choice(("sale", "void"))
    assert choice.convert(pa.array(["Sale", "void", "gift", None])).to_pylist() == [
        "sale", "void", None, None,
    ]  # fmt: skip
    currencies = kinds.CURRENCY.convert(pa.array(["EUR", "eur", "EURO", None]))
    assert currencies.to_pylist() == ["EUR", None, None, None]


def test_time_columns_have_a_zone_that_exists():
    assert kinds.TIME.takes(pa.timestamp("ns", tz="+01:00"))
    assert kinds.TIME.takes(pa.timestamp("s"))
    assert not kinds.TIME.takes(pa.timestamp("us", tz="Mars/Olympus"))
    assert not kinds.TIME.takes(pa.date32())
