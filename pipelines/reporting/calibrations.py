"""What a bundle's card says of its errors, as the statistics of a report take it."""

import numpy as np

from pipelines.domain import confusion, minor_bands, responses
from pipelines.inference import bundle as bundles
from pipelines.reporting import settings
from schemas import bundle as schema


class UnanswerableError(Exception):
    """The bundle cannot tell what was asked; the message says what to change."""


def check(bundle: bundles.Bundle, wanted: settings.ReportConfig) -> None:
    """Finds out, before the work, whether a bundle knows of the ages asked for.

    Raises:
      UnanswerableError: it was calibrated without a photo of an age group, or without
        a bound at the legal age.
    """
    bands, groups = between_bands(bundle.card), wanted.groups
    weights = np.where(bands.counts.sum(axis=0) > 0, bands.weights, 0)
    of_group = confusion.membership(groups) @ weights
    empty = [groups.labels[order] for order in np.flatnonzero(of_group == 0)]
    if empty:
        raise UnanswerableError(
            f"{bundle.folder}: no photo that this bundle was calibrated with shows the "
            f"age group {', '.join(empty)}; give --groups with wider groups"
        )
    known = bundle.card.band_confusion.bounds_years
    if wanted.legal_age_years not in known:
        offered = [str(age) for age in known if age > minor_bands.MIN_BUYER_YEARS]
        raise UnanswerableError(
            f"{bundle.folder}: this bundle was not calibrated at a legal age of "
            f"{wanted.legal_age_years} years; give --legal-age one of "
            f"{', '.join(offered)}"
        )


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
