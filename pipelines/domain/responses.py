"""How often each age is predicted for people of each true age, from calibration.

The counts are what the calibration photos gave: a sample, whose error every figure
that rests on them shares.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_PSEUDO_PHOTOS = 0.3
"""Added to each cell: one that no calibration photo fell into is not impossible."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calibration:
    """Calibration photos by predicted and true age.

    Attributes:
      bounds_years: Rising lower bounds, in whole years, of all bands but the first,
        on both axes. Single years around the legal ages, wider ones above.
      counts: int64 `(bands, bands)`, `[predicted][true]`, not weighted.
    """

    bounds_years: tuple[int, ...]
    counts: Counts

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: the bounds do not rise, or the counts do not fit them.
        """
        bounds, size = self.bounds_years, len(self.bounds_years) + 1
        if not bounds or list(bounds) != sorted(set(bounds)):
            raise ValueError(f"bounds_years must rise. Received: {bounds}")
        if np.shape(self.counts) != (size, size) or np.min(self.counts) < 0:
            raise ValueError(
                f"counts must be {size} x {size}, none negative. "
                f"Received: {np.shape(self.counts)}"
            )

    def band_of(self, bounds_years: Sequence[int]) -> npt.NDArray[np.int64]:
        """Finds, for each band of the calibration, the wider band that holds it.

        Raises:
          ValueError: a bound is none of the calibration's.
        """
        missing = sorted(set(bounds_years) - set(self.bounds_years))
        if missing:
            raise ValueError(
                f"bounds_years of the calibration must hold {missing}. "
                f"Received: {self.bounds_years}"
            )
        starts = (0, *self.bounds_years)
        return np.searchsorted(np.asarray(bounds_years), starts, side="right")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Response:
    """Counts of predicted bands by true sub-band, and how sub-bands make up bands.

    Attributes:
      counts: int64 `(predicted, sub-bands)`.
      band: True band of each sub-band, `(sub-bands,)`.
    """

    counts: Counts
    band: npt.NDArray[np.int64]

    @property
    def num_photos(self) -> Counts:
        """Calibration photos of each true band."""
        return np.bincount(self.band, weights=self.counts.sum(axis=0)).astype(np.int64)

    def expected(self, mix: Floats) -> Floats:
        """Gives P(predicted | true), `(predicted, true)`; columns sum to 1.

        Args:
          mix: How much each sub-band weighs for the photos that it has.
        """
        return self._shares(self._smoothed() * mix)

    def draws(self, mixes: Floats, rng: np.random.Generator) -> Floats:
        """Draws P(predicted | true) as the calibration leaves it uncertain.

        Args:
          mixes: Weights of the sub-bands of each draw, `(draws, sub-bands)`.
          rng: Source of the draws.

        Returns:
          `(draws, predicted, true)`: Dirichlet in each sub-band, the Bayesian
          bootstrap of its photos.
        """
        smoothed = self._smoothed()
        gammas = rng.standard_gamma(smoothed, (len(mixes), *smoothed.shape))
        return self._shares(gammas * mixes[:, None, :])

    def _smoothed(self) -> Floats:
        photos = self.counts.sum(axis=0)
        of_band = np.maximum(self.num_photos[self.band], 1)
        return self.counts + _PSEUDO_PHOTOS * photos / of_band

    def _shares(self, cells: Floats) -> Floats:
        summed = cells @ np.eye(self.band.max() + 1)[self.band]
        return summed / summed.sum(axis=-2, keepdims=True)


def coarsen(
    calibration: Calibration,
    predicted_bounds: Sequence[int],
    true_bounds: Sequence[int],
) -> Response:
    """Merges predicted bands, and groups true ones.

    Args:
      calibration: Counts by finer bands.
      predicted_bounds: Lower bounds of the predicted bands but the first, years.
      true_bounds: Lower bounds of the true bands but the first, years.

    Returns:
      The response between these; true bands keep their finer ones as sub-bands.

    Raises:
      ValueError: a bound is none of the calibration's.
    """
    rows = calibration.band_of(predicted_bounds)
    merged = np.zeros(
        (len(predicted_bounds) + 1, calibration.counts.shape[1]), np.int64
    )
    np.add.at(merged, rows, calibration.counts)
    return Response(counts=merged, band=calibration.band_of(true_bounds))
