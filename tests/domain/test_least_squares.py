import numpy as np
import pytest
from scipy import optimize

from pipelines.domain import least_squares


@pytest.mark.parametrize("size", [2, 4, 7])
def test_finds_what_scipy_finds_row_by_row(size):
    rng = np.random.default_rng(size)
    for _ in range(5):
        matrix = 0.7 * np.eye(size) + 0.3 * rng.dirichlet(np.ones(size), size).T
        rows = rng.poisson(rng.gamma(2, 40, (60, size)))
        expected = np.array([optimize.nnls(matrix, row)[0] for row in rows])
        found = least_squares.nonnegative(matrix, rows)
        # Rows that the full support serves, and rows that it does not.
        assert 0 < (expected.min(axis=1) == 0).sum() < len(rows)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_more_equations_than_unknowns():
    rng = np.random.default_rng(0)
    matrix, rows = rng.random((6, 3)), rng.normal(size=(50, 6))
    expected = np.array([optimize.nnls(matrix, row)[0] for row in rows])
    found = least_squares.nonnegative(matrix, rows)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_of_dependent_columns_one_best_fit_is_found():
    rng = np.random.default_rng(0)
    column = rng.dirichlet(np.ones(4))
    matrix = np.stack([column, column, np.eye(4)[0], np.eye(4)[0]], axis=1)
    rows = rng.poisson(50, (40, 4)).astype(float)
    found = least_squares.nonnegative(matrix, rows)
    assert (found >= 0).all()
    losses = np.linalg.norm(rows - found @ matrix.T, axis=1)
    expected = [optimize.nnls(matrix, row)[1] for row in rows]
    np.testing.assert_allclose(losses, expected)


def test_blocks_of_rows_do_not_matter(monkeypatch):
    rng = np.random.default_rng(3)
    matrix, rows = rng.random((4, 4)), rng.normal(size=(30, 4))
    whole = least_squares.nonnegative(matrix, rows)
    monkeypatch.setattr(least_squares, "_CELLS_AT_ONCE", 7 * 4 * 16)
    np.testing.assert_allclose(least_squares.nonnegative(matrix, rows), whole)


def test_nothing_comes_from_nothing():
    assert (
        least_squares.nonnegative(np.eye(3), np.zeros((2, 3))).tolist() == [[0] * 3] * 2
    )
    assert least_squares.nonnegative(np.eye(3), np.zeros((0, 3))).shape == (0, 3)


def test_too_many_unknowns_are_refused():
    with pytest.raises(ValueError, match=r"at most 8 unknowns\. Received: 9"):
        least_squares.nonnegative(np.eye(9), np.ones((1, 9)))
