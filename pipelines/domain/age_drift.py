"""Whether a day's ages are spread as on the days before."""

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import special

from pipelines.domain import robust

_MIN_EXPECTED = 5.0
"""Bands are merged until each holds so many photos on a typical day."""

_SCREEN = 0.05
_NUM_DRAWS = 4_000

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far a day's ages lie from those of the days before.

    Attributes:
      value: Jensen-Shannon distance, base 2, 0 to 1.
      expected: Median of what the days before had.
      p_value: Share of drawn days that lie as far.
    """

    value: float
    expected: float
    p_value: float


def distance(today: Counts, past: Counts, rng: np.random.Generator) -> Distance:
    """Compares a day's ages with the days before.

    Days differ by more than chance, for people come in families and by the weather:
    past days' chi-squares tell by how much (overdispersion), and the day counts as so
    many fewer photos. What a chi-square test at 5 % lets through is settled by days
    drawn from the past, since chi-squares of few photos are rough.

    Args:
      today: Photos by age band, `(bands,)`, one at least.
      past: The same of each day before, `(days, bands)`, each with a photo.
      rng: Source of the draws.

    Returns:
      The distance.
    """
    today, past = _merged(today, past)
    shares = past.sum(axis=0) / past.sum()
    degrees = max(len(shares) - 1, 1)
    per_degree = _chi_square(past, shares) / special.chdtri(degrees, 0.5)
    dispersion = max(robust.median(per_degree), 1.0) * (1 + 1 / np.sqrt(len(past)))
    photos = max(round(today.sum() / dispersion), 1)
    value = float(_js(today / today.sum(), shares))
    screened = special.chdtrc(degrees, _chi_square(today, shares) / dispersion)
    return Distance(
        value=value,
        expected=robust.median(_js(past / past.sum(axis=1, keepdims=True), shares)),
        p_value=float(screened)
        if screened > _SCREEN
        else _drawn_p_value(value, photos, shares, rng),
    )


def _drawn_p_value(
    value: float, photos: int, shares: Floats, rng: np.random.Generator
) -> float:
    drawn = rng.multinomial(photos, shares, size=_NUM_DRAWS) / photos
    return float((1 + (_js(drawn, shares) >= value).sum()) / (1 + _NUM_DRAWS))


def _merged(today: Counts, past: Counts) -> tuple[Counts, Counts]:
    """Merges neighbouring bands that hold too few photos on a typical day."""
    shares = past.sum(axis=0) / past.sum()
    expected = shares * robust.median(past.sum(axis=1))
    band, held, bands = 0, 0.0, []
    for photos in expected:
        if held >= _MIN_EXPECTED:
            band, held = band + 1, 0.0
        bands.append(band)
        held += photos
    if held < _MIN_EXPECTED and band > 0:
        bands = [min(index, band - 1) for index in bands]
    merge = np.eye(max(bands) + 1, dtype=np.int64)[bands]
    return today @ merge, past @ merge


def _chi_square(counts: Counts, shares: Floats) -> Floats:
    expected = counts.sum(axis=-1, keepdims=True) * shares
    return ((counts - expected) ** 2 / expected).sum(axis=-1)


def _js(first: Floats, second: Floats) -> Floats:
    middle = (first + second) / 2
    divergence = special.rel_entr(first, middle) + special.rel_entr(second, middle)
    return np.sqrt(np.maximum(divergence.sum(axis=-1), 0) / (2 * np.log(2)))
