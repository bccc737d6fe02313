import pytest

from pipelines.domain import value_shapes


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("1.99 EUR", "'9.99 AAA'"),
        ("Anna Müller", "'Aaaa Aaaaaa'"),
        ("K-0042", "'A-9999'"),
        ("٣½京\n", r"'99a\n'"),
        ("x" * 50, f"'{'a' * 40}'"),
        ("", "''"),
    ],
)
def test_a_shape_tells_no_letter_and_no_digit(value, shape):
    assert value_shapes.shape(value) == shape
