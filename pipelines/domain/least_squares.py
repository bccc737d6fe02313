"""Non-negative least squares for many right-hand sides at once."""

import itertools

import numpy as np
import numpy.typing as npt

MAX_UNKNOWNS = 8
"""All subsets of the unknowns are tried where needed; there are 2 to this power."""

# What rounding may leave below zero, as a share of the right-hand side.
_ROUNDING = 1e-12
_CELLS_AT_ONCE = 500_000

_Floats = npt.NDArray[np.float64]


def nonnegative(matrix: _Floats, rows: npt.NDArray) -> _Floats:
    """Solves `row ≈ matrix · x` with x ≥ 0 for each row.

    The solution is the plain least-squares one on its own support, so of all supports
    whose plain solution is not negative the one with the least residual is it. The
    full support comes first and ends the search for rows that it serves.

    Args:
      matrix: Shape `(m, k)`, finite, k at most `MAX_UNKNOWNS`.
      rows: Right-hand sides, shape `(n, m)`, finite.

    Returns:
      Solutions, shape `(n, k)`, as of `scipy.optimize.nnls`. Where the columns of
      `matrix` are dependent, one of many.

    Raises:
      ValueError: `matrix` has too many columns.
    """
    size = matrix.shape[1]
    if size > MAX_UNKNOWNS:
        raise ValueError(f"at most {MAX_UNKNOWNS} unknowns. Received: {size}")
    wanted = np.asarray(rows, dtype=np.float64)
    found = wanted @ np.linalg.pinv(matrix).T
    left = np.flatnonzero((found < -_slack(wanted)).any(axis=1))
    if len(left):
        found[left] = _search(matrix, wanted[left])
    return np.maximum(found, 0.0)


def _search(matrix: _Floats, rows: _Floats) -> _Floats:
    """Tries every support; the solution without unknowns, zero, is always feasible."""
    inverses = _inverses(matrix)
    residuals = np.eye(len(matrix)) - matrix @ inverses
    found = np.empty((len(rows), matrix.shape[1]))
    step = max(1, _CELLS_AT_ONCE // inverses[..., 0].size)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        solved = _apply(inverses, part)
        loss = np.square(_apply(residuals, part)).sum(axis=2)
        loss[(solved < -_slack(part)[:, None]).any(axis=2)] = np.inf
        best = loss.argmin(axis=1)
        found[start : start + step] = solved[np.arange(len(part)), best]
    return found


def _inverses(matrix: _Floats) -> _Floats:
    """Pseudoinverses, one a support, with zero rows for what is not in it."""
    size = matrix.shape[1]
    supports = list(itertools.product((0.0, 1.0), repeat=size))
    return np.linalg.pinv(matrix * np.array(supports)[:, None, :])


def _apply(operators: _Floats, rows: _Floats) -> _Floats:
    """Applies each operator to each row: `(n, operators, …)`."""
    flat = operators.reshape(-1, rows.shape[1])
    return (rows @ flat.T).reshape(len(rows), *operators.shape[:2])


def _slack(rows: _Floats) -> _Floats:
    return _ROUNDING * np.abs(rows).sum(axis=1, keepdims=True)
