"""How often one age group is taken for another, and counts corrected for it.

Counts of predicted groups n are what the true groups N become through the confusion
matrix, n ≈ C · N, with `C[predicted][true]` and columns that sum to 1. Solving it by
non-negative least squares undoes, on average, what misclassification smears out. It
takes for granted that the model errs on these shoppers as on the calibration photos.
"""

import dataclasses

import numpy as np
import numpy.typing as npt

from pipelines.domain import age_groups, least_squares

NUM_BANDS = len(age_groups.FIVE_YEAR_BANDS.labels) - 1
BAND_BOUNDS_YEARS = (0, *age_groups.FIVE_YEAR_BANDS.bounds_years)
"""Lower bounds of all five-year bands, years."""

_Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GroupConfusion:
    """Confusion between the groups of a report.

    Attributes:
      predicted_given_true: Shape `(groups, groups)`; columns sum to 1.
    """

    predicted_given_true: _Floats

    @property
    def condition(self) -> float:
        """Ratio of largest to least singular value, 1 to infinity.

        By about so much, at worst, a relative error of the counts grows when they are
        corrected: at 1 no group is taken for another, at infinity some groups cannot
        be told apart.
        """
        return float(np.linalg.cond(self.predicted_given_true))

    def corrected(self, counts: npt.NDArray) -> _Floats:
        """Estimates the counts of true groups.

        Args:
          counts: Counts of predicted groups, shape `(groups,)` or `(n, groups)`.

        Returns:
          Non-negative least-squares solutions of the same shape.
        """
        rows = np.atleast_2d(np.asarray(counts, dtype=np.float64))
        found = least_squares.nonnegative(self.predicted_given_true, rows)
        return found.reshape(np.shape(counts))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Confusion:
    """Calibration photos by predicted and true five-year band.

    Attributes:
      counts: Photos `[predicted][true]`, shape `(20, 20)`, whole numbers from 0.
      weights: Of each true band, shape `(20,)`, not negative: shares of shoppers, up
        to a factor. They make the mix of ages within a group that of shoppers. A band
        without photos says nothing, whatever its weight.
    """

    counts: npt.NDArray[np.int64]
    weights: _Floats

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: they cannot be used.
        """
        counts, weights = self.counts, self.weights
        if counts.shape != (NUM_BANDS, NUM_BANDS) or weights.shape != (NUM_BANDS,):
            raise ValueError(
                f"counts must be {NUM_BANDS} by {NUM_BANDS} and weights {NUM_BANDS}. "
                f"Received: {counts.shape} and {weights.shape}"
            )
        if not np.issubdtype(counts.dtype, np.integer) or (counts < 0).any():
            raise ValueError("counts must be whole numbers from 0")
        if not (np.isfinite(weights).all() and (weights >= 0).all()):
            raise ValueError("weights must be finite and not negative")

    def between(self, groups: age_groups.AgeGroups) -> GroupConfusion:
        """Gives the confusion between groups that are unions of bands.

        Raises:
          ValueError: a group cuts a band, or no photo of weight shows a group.
        """
        rates = _rates(self.counts.astype(np.float64))
        return GroupConfusion(predicted_given_true=self._merged(rates, groups))

    def drawn(
        self, groups: age_groups.AgeGroups, num_draws: int, rng: np.random.Generator
    ) -> list[GroupConfusion]:
        """Bootstraps the calibration photos, multinomial within each true band.

        Its error is shared by every figure of a report. What no photo of a true band
        was taken for stays impossible in every draw.

        Raises:
          ValueError: a group cuts a band, or no photo of weight shows a group.
        """
        shares = _rates(self.counts.astype(np.float64))
        drawn = np.zeros((num_draws, NUM_BANDS, NUM_BANDS))
        for band, photos in enumerate(self.counts.sum(axis=0).tolist()):
            if photos:
                drawn[:, :, band] = rng.multinomial(photos, shares[:, band], num_draws)
        matrices = self._merged(_rates(drawn), groups)
        return [GroupConfusion(predicted_given_true=matrix) for matrix in matrices]

    def _merged(self, rates: _Floats, groups: age_groups.AgeGroups) -> _Floats:
        """Merges `rates`, shape `(…, 20, 20)`, into groups on both sides."""
        is_member = membership(groups)
        weighted = is_member * np.where(self.counts.sum(axis=0) > 0, self.weights, 0.0)
        totals = weighted.sum(axis=1, keepdims=True)
        if not (totals > 0).all():
            empty = groups.labels[int(np.argmin(totals[:, 0]))]
            raise ValueError(f"no calibration photo of weight shows age group {empty}")
        return is_member @ rates @ (weighted / totals).T


def membership(groups: age_groups.AgeGroups) -> _Floats:
    """Tells which five-year bands make up each group.

    Returns:
      Ones and zeros, shape `(groups, 20)`; `unknown` is no group.

    Raises:
      ValueError: a group cuts a band.
    """
    if not set(groups.bounds_years) <= set(BAND_BOUNDS_YEARS):
        raise ValueError(
            "bounds of age groups must be multiples of 5 below 100. "
            f"Received: {groups.bounds_years}"
        )
    group_of_band = groups.orders(np.asarray(BAND_BOUNDS_YEARS, dtype=np.float64))
    return np.eye(len(groups.bounds_years) + 1)[:, group_of_band]


def _rates(counts: _Floats) -> _Floats:
    """Divides by the sums of columns; a column without photos stays zero."""
    totals = counts.sum(axis=-2, keepdims=True)
    return counts / np.where(totals > 0, totals, 1.0)
