"""Made-up people of known age, and how a made-up model sees them."""

import numpy as np

from benchmarks import known_faces
from schemas import fields


def known(num_people: int, sigma_years: float, seed: int = 0) -> known_faces.KnownFaces:
    """Makes people of 10 to 80 years; every other one is of the calibration split.

    Each distribution is Gaussian round the real age plus a Gaussian error.
    """
    rng = np.random.default_rng(seed)
    years = rng.integers(10, 81, num_people)
    seen = np.clip(years + 0.5 + rng.normal(0, sigma_years, num_people), 3, 97)
    gaps = np.arange(fields.NUM_AGES) + 0.5 - seen[:, None]
    shares = np.exp(-0.5 * (gaps / 3) ** 2)
    shares /= shares.sum(axis=1, keepdims=True)
    weights = np.floor(shares * fields.DISTRIBUTION_TOTAL).astype(np.int64)
    most = weights.argmax(axis=1)
    weights[np.arange(num_people), most] += fields.DISTRIBUTION_TOTAL - weights.sum(1)
    return known_faces.KnownFaces(
        ages_years=years,
        weights=weights.astype(np.uint16),
        split=np.where(np.arange(num_people) % 2, "calibration", "test"),
    )
