import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from pipelines.domain import suppression


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10, 50, 20, 30], [False, False, False, False]),
        # The smallest goes with a single one, or the total would tell it.
        ([500, 9, 200, 100], [False, True, False, True]),
        ([500, 6, 7, 100], [False, True, True, False]),
        # Two that together are below 10 tell each other.
        ([500, 3, 4, 100], [False, True, True, True]),
        ([500, 0, 0, 0], [True, True, True, True]),
        ([0, 0, 0, 0], [True, True, True, True]),
        ([9, 5000], [True, True]),
    ],
)
def test_hides_small_cells_and_what_tells_them(counts, expected):
    found = suppression.hidden(np.array([counts]), 10)
    assert found.tolist() == [expected]


@given(
    st_numpy.arrays(
        np.int64, st.tuples(st.integers(0, 4), st.integers(1, 6)),
        elements=st.integers(0, 40),
    )
)  # fmt: skip
def test_no_row_gives_a_small_cell_away(counts):
    found = suppression.hidden(counts, 10)
    assert found[counts < 10].all()
    for row, is_hidden in zip(counts, found, strict=True):
        held = row[is_hidden]
        assert not len(held) or is_hidden.all() or (len(held) > 1 and held.sum() >= 10)
