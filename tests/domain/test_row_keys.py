import hypothesis
import pyarrow as pa
from hypothesis import strategies

from pipelines.domain import row_keys

ROWS = strategies.lists(
    strategies.tuples(
        strategies.none() | strategies.text(max_size=3), strategies.integers(0, 3)
    )
)


@hypothesis.given(ROWS)
@hypothesis.settings(max_examples=100, deadline=None)
def test_codes_order_rows_as_their_values_do(rows):
    columns = [
        pa.array([row[0] for row in rows], pa.string()),
        pa.array([row[1] for row in rows], pa.int64()),
    ]
    codes = row_keys.codes(columns).tolist()
    # UTF-8 sorts as code points do; a null comes before all.
    keys = [(a is not None, a or "", b) for a, b in rows]
    for i in range(len(rows)):
        for j in range(len(rows)):
            assert (codes[i] < codes[j]) == (keys[i] < keys[j])
            assert (codes[i] == codes[j]) == (keys[i] == keys[j])


def test_many_columns_do_not_overflow():
    wide = [pa.array(range(1000)) for _ in range(12)]
    codes = row_keys.codes(wide)
    assert codes.tolist() == sorted(set(codes.tolist()))


def test_dense_codes_have_no_gaps():
    codes, first_rows = row_keys.dense(row_keys.codes([pa.array([7, 3, 7, 9])]))
    assert codes.tolist() == [1, 0, 1, 2]
    assert first_rows.tolist() == [1, 0, 3]
