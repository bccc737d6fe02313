"""True shares of a population from a histogram of predictions (unfolding).

Weighted least squares: the weights are the errors of the histogram and of the response,
both. With shares that must not be negative it is far steadier than an inverse.
"""

import numpy as np
import numpy.typing as npt
from scipy import optimize

_ROUNDS = 3
"""The weights depend on the shares; more rounds change no digit that is shown."""

Floats = npt.NDArray[np.float64]


def unfold(response: Floats, num_photos: npt.NDArray, counts: npt.NDArray) -> Floats:
    """Fits shares of the true bands.

    Args:
      response: P(predicted | true), `(draws, predicted, true)`.
      num_photos: Calibration photos of each true band.
      counts: Sales by predicted band, `(draws, predicted)`.

    Returns:
      Shares, `(draws, true)`; the first, of minors, may be negative.
    """
    totals = counts.sum(axis=1, keepdims=True)
    observed = counts / totals
    shares = np.zeros((len(response), response.shape[2]))
    for _ in range(_ROUNDS):
        spread = np.linalg.cholesky(_covariance(response, num_photos, counts, shares))
        columns = np.linalg.solve(spread, response)
        target = np.linalg.solve(spread, observed[:, :, None])[:, :, 0]
        shares = np.stack(
            [_least_squares(*pair) for pair in zip(columns, target, strict=True)]
        )
    return shares


def _covariance(
    response: Floats, num_photos: npt.NDArray, counts: npt.NDArray, shares: Floats
) -> Floats:
    """Gives the errors of observed shares: of the sales, and of the response."""
    totals = counts.sum(axis=1, keepdims=True)
    scale = np.maximum(shares, 0) ** 2 / num_photos
    diagonal = (counts + 1) / totals**2 + np.einsum("dk,djk->dj", scale, response)
    products = np.einsum("dk,dik,djk->dij", scale, response, response)
    return diagonal[:, :, None] * np.eye(counts.shape[1]) - products


def _least_squares(columns: Floats, target: Floats) -> Floats:
    """Solves for shares that sum to 1, none negative but perhaps the first."""
    with_negative = np.column_stack([columns, -columns[:, 0]])
    # A row this heavy is a constraint.
    weight = 100 * np.abs(columns).max()
    sums = np.append(np.ones(columns.shape[1]), -1.0)
    found, _ = optimize.nnls(
        np.vstack([with_negative, weight * sums]), np.append(target, weight)
    )
    shares = found[:-1].copy()
    shares[0] -= found[-1]
    return shares
