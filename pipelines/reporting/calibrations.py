"""What a bundle's card says of its errors, as the statistics of a report take it."""

import numpy as np

from pipelines.domain import confusion, responses
from schemas import bundle as schema


def between_bands(card: schema.BundleCard) -> confusion.Confusion:
    """Merges the bands of a card into bands of five years, for demand."""
    found = card.band_confusion
    starts = np.array([0, *found.bounds_years])
    band = np.searchsorted(confusion.BAND_BOUNDS_YEARS, starts, side="right") - 1
    merged = np.eye(confusion.NUM_BANDS, dtype=np.int64)[band]
    return confusion.Confusion(
        counts=merged.T @ np.array(found.counts, dtype=np.int64) @ merged,
        weights=merged.T @ np.array(found.weights),
    )


def around_legal_ages(card: schema.BundleCard) -> responses.Calibration:
    """Gives the bands of a card as they are, for sales to minors."""
    found = card.band_confusion
    return responses.Calibration(
        bounds_years=found.bounds_years, counts=np.array(found.counts, dtype=np.int64)
    )
