"""Age distributions: quantised, summarised, averaged.

A distribution is a row of 101 weights, ages 0 to 100 in completed years, dtype
uint16, that sums to 65,535. Every figure is computed from these integers, so that
kept results give the same figures as fresh ones, to the last bit.
"""

import dataclasses

import numpy as np
import numpy.typing as npt

from schemas import fields

MIN_SIGMA_YEARS = 0.5
"""Least spread of an estimate; a distribution on one age still is not exact."""

_AGES = np.arange(fields.NUM_AGES, dtype=np.int64)
_TOTAL = fields.DISTRIBUTION_TOTAL

Weights = npt.NDArray[np.uint16]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calibration:
    """What a bundle knows of its own errors; see `schemas.bundle`.

    Attributes:
      temperature: Divides the logits; above 1 it spreads the distributions.
      group_bounds_years: Ascending lower bounds of the conformal groups but the
        first, in years of the PREDICTED age; a group holds its lower bound.
      quantiles_90: One multiple of sigma a group: mean ± quantile · sigma holds
        the true age of 90 % of people.
    """

    temperature: float
    group_bounds_years: tuple[float, ...]
    quantiles_90: tuple[float, ...]

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: they cannot be used.
        """
        if not self.temperature > 0:
            raise ValueError(
                f"temperature must be above 0. Received: {self.temperature}"
            )
        if list(self.group_bounds_years) != sorted(set(self.group_bounds_years)):
            raise ValueError(
                f"group_bounds_years must ascend. Received: {self.group_bounds_years}"
            )
        if len(self.quantiles_90) != len(self.group_bounds_years) + 1:
            raise ValueError(
                "quantiles_90 must be one more than group_bounds_years. "
                f"Received: {self.quantiles_90} for {self.group_bounds_years}"
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Estimates:
    """Point estimates with 90 % intervals: float64 `(n,)`, years, two decimals."""

    mean_years: npt.NDArray[np.float64]
    low_years: npt.NDArray[np.float64]
    high_years: npt.NDArray[np.float64]


def to_weights(
    probabilities: npt.NDArray[np.floating], temperature: float = 1.0
) -> Weights:
    """Quantises calibrated distributions, by largest remainder.

    Args:
      probabilities: Softmax outputs, shape `(n, 101)`, not negative; rows need not
        sum to exactly 1.
      temperature: `p ** (1 / temperature)`, normalised, is `softmax(z / t)`.

    Returns:
      Weights, shape `(n, 101)`. A row depends on its own probabilities alone.

    Raises:
      ValueError: a row is not a distribution.
    """
    exact = np.asarray(probabilities, dtype=np.float64)
    if exact.ndim != 2 or exact.shape[1] != fields.NUM_AGES:
        raise ValueError(f"probabilities must be (n, 101). Received: {exact.shape}")
    if not (np.isfinite(exact).all() and (exact >= 0).all()):
        raise ValueError("probabilities must be finite and not negative.")
    peaks = exact.max(axis=1, keepdims=True, initial=0)
    if not (peaks > 0).all():
        raise ValueError("each row of probabilities must hold a value above 0.")
    exact = (exact / peaks) ** (1.0 / temperature)
    scaled = exact * (_TOTAL / exact.sum(axis=1, keepdims=True))
    floors = np.floor(scaled).astype(np.int64)
    return _spread(floors, scaled - floors)


def mean_and_sigma(
    weights: Weights,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Computes mean and standard deviation of each row, in years, not rounded."""
    rows = weights.astype(np.int64)
    first, second = rows @ _AGES, rows @ (_AGES * _AGES)
    variance = (second * _TOTAL - first * first) / float(_TOTAL) ** 2
    return first / _TOTAL, np.maximum(np.sqrt(variance), MIN_SIGMA_YEARS)


def group_of(
    mean_years: npt.NDArray[np.float64], calibration: Calibration
) -> npt.NDArray[np.int64]:
    """Finds the conformal group of each predicted age."""
    bounds = np.asarray(calibration.group_bounds_years, dtype=np.float64)
    return np.searchsorted(bounds, mean_years, side="right")


def estimate(weights: Weights, calibration: Calibration) -> Estimates:
    """Summarises distributions as an age with its 90 % interval.

    Args:
      weights: Shape `(n, 101)`.
      calibration: Of the bundle that made them.

    Returns:
      Mean, and mean ± quantile of the predicted group · sigma, within 0 to 100.
    """
    mean, sigma = mean_and_sigma(weights)
    quantiles = np.asarray(calibration.quantiles_90, dtype=np.float64)
    half = quantiles[group_of(mean, calibration)] * sigma
    return Estimates(
        mean_years=mean.round(2),
        low_years=np.clip(mean - half, 0, _AGES[-1]).round(2),
        high_years=np.clip(mean + half, 0, _AGES[-1]).round(2),
    )


def probability_under(weights: Weights, age_years: int) -> npt.NDArray[np.float64]:
    """Computes the probability that a person is younger than `age_years`.

    Args:
      weights: Shape `(n, 101)`.
      age_years: Whole years; the age itself is not included.

    Returns:
      Probabilities, shape `(n,)`.
    """
    return weights[:, : max(age_years, 0)].sum(axis=1, dtype=np.int64) / _TOTAL


def mean_weights(
    weights: Weights, group_index: npt.NDArray[np.integer], num_groups: int
) -> Weights:
    """Averages the distributions of several photos of one buyer.

    Args:
      weights: Shape `(n, 101)`.
      group_index: Group of each row, shape `(n,)`, 0 to `num_groups - 1`.
      num_groups: Number of groups; each must hold a row.

    Returns:
      One distribution a group, shape `(num_groups, 101)`, whatever the order of
      the rows.

    Raises:
      ValueError: a group is empty.
    """
    counts = np.bincount(group_index, minlength=num_groups)
    if len(counts) != num_groups or (counts == 0).any():
        raise ValueError(
            f"group_index must name each of {num_groups} groups. "
            f"Received: {len(group_index)} rows"
        )
    order = np.argsort(group_index, kind="stable")
    starts = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.int64)
    rows = weights[order].astype(np.int64)
    sums = np.add.reduceat(rows, starts) if num_groups else rows[:0]
    floors, remainders = np.divmod(sums, counts[:, None])
    return _spread(floors, remainders)


def _spread(floors: npt.NDArray[np.int64], remainders: npt.NDArray) -> Weights:
    """Hands what is missing to the largest remainders; of equals, the youngest."""
    missing = _TOTAL - floors.sum(axis=1, keepdims=True)
    ranks = np.empty_like(floors)
    order = np.argsort(-remainders, axis=1, kind="stable")
    np.put_along_axis(ranks, order, np.broadcast_to(_AGES, floors.shape), axis=1)
    return (floors + (ranks < missing)).astype(np.uint16)
