"""Draws the restricted sales of a simulated chain, one by one, with real errors of age.

Every sale has a buyer of a true age and a photo of somebody of that age as a bundle
sees it. So the eligible sales hold many buyers whom nobody need ask.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks import known_faces, simulated_chains
from benchmarks.simulated_chains import BUYER_AGES, OPENING_HOURS
from pipelines.domain import ages, audit
from schemas import cashier_days

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_HOURS_PER_BAND = 4


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Photos:
    """What the nightly job would say of each photo, ascending by age.

    Attributes:
      p_under_legal: Shape `(photos,)`.
      p_under_challenge: Shape `(photos,)`.
      is_eligible: Shape `(photos,)`.
      weights: Shape `(photos, 101)`.
      first: First photo for each of `BUYER_AGES`: of the nearest age that has any.
      number: How many photos there are of it.
    """

    p_under_legal: Floats
    p_under_challenge: Floats
    is_eligible: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.uint16]
    first: Ints
    number: Ints

    def eligible_share(self) -> Floats:
        """Gives the share of the photos for each of `BUYER_AGES`."""
        before = np.concatenate([[0], np.cumsum(self.is_eligible)])
        return (before[self.first + self.number] - before[self.first]) / self.number


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Sales:
    """Restricted sales of a period, all with a photo and a logged check.

    Attributes:
      cashier: Index.
      hour: Index into `OPENING_HOURS`.
      photo: Index into `Photos`.
      is_unchecked: Whether ID was not asked for.
    """

    cashier: Ints
    hour: Ints
    photo: Ints
    is_unchecked: npt.NDArray[np.bool_]


def judge(known: known_faces.KnownFaces) -> Photos:
    """Finds what the audit would find of each photo."""
    order = np.argsort(known.ages_years, kind="stable")
    age, weights = known.ages_years[order], known.weights[order]
    distinct = np.unique(age)
    nearest = distinct[np.abs(BUYER_AGES[:, None] - distinct).argmin(axis=1)]
    first = np.searchsorted(age, nearest)
    under_challenge = ages.probability_under(weights, simulated_chains.CHALLENGE_AGE)
    settings = audit.AuditSettings()
    return Photos(
        p_under_legal=ages.probability_under(weights, simulated_chains.LEGAL_AGE),
        p_under_challenge=under_challenge,
        is_eligible=under_challenge >= settings.eligible_probability,
        weights=weights,
        first=first,
        number=np.searchsorted(age, nearest, side="right") - first,
    )


def sell(
    drawn: simulated_chains.World, photos: Photos, rng: np.random.Generator
) -> Sales:
    """Draws the sales of one period."""
    of_age = rng.multinomial(rng.poisson(drawn.sales), drawn.mix)
    shape = of_age.shape
    # Repeated rather than divided out of one index, which would take most of the time.
    cashier, hour, age = (
        np.repeat(np.broadcast_to(index, shape).ravel(), of_age.ravel())
        for index in np.ogrid[tuple(slice(size) for size in shape)]
    )
    unchecked = np.repeat(drawn.unchecked.ravel(), of_age.ravel())
    first, number = photos.first[age], photos.number[age]
    chosen = (rng.random(len(age)) * number).astype(np.int64)
    return Sales(
        cashier=cashier,
        hour=hour,
        photo=first + chosen,
        is_unchecked=rng.random(len(age)) < unchecked,
    )


def count(sales: Sales, drawn: simulated_chains.World, photos: Photos) -> pa.Table:
    """Counts as `audit.by_cashier` does.

    Returns:
      Rows of `cashier_days.SCHEMA` by store, cashier and band of hours.
    """
    bands, of_hour = np.unique(OPENING_HOURS // _HOURS_PER_BAND, return_inverse=True)
    group = sales.cashier * len(bands) + of_hour[sales.hour]
    eligible = photos.is_eligible[sales.photo]
    size = len(drawn.store) * len(bands)
    num_sales = np.bincount(group, minlength=size)
    held = np.flatnonzero(num_sales)
    cashier, band = np.divmod(held, len(bands))

    def total(values: npt.NDArray) -> npt.NDArray:
        return np.bincount(group, values, size)[held]

    columns = {
        "store_id": [f"S{number:03}" for number in drawn.store[cashier].tolist()],
        "cashier_id": [cashier_name(number) for number in cashier.tolist()],
        "register_group": np.repeat("attended", len(held)),
        "hour_band": [_band_name(number) for number in bands[band].tolist()],
        "restricted_sales": num_sales[held],
        "aged_sales": num_sales[held],
        "logged_sales": num_sales[held],
        "eligible_sales": total(eligible),
        "unchecked_sales": total(eligible & sales.is_unchecked),
        "sum_p_under_legal_age": total(photos.p_under_legal[sales.photo]),
        "sum_p_under_challenge_age": total(photos.p_under_challenge[sales.photo]),
    }
    return pa.table(columns).select(cashier_days.SCHEMA.names).cast(cashier_days.SCHEMA)


def cashier_name(number: int) -> str:
    """Gives the pseudonym of a cashier of the simulation."""
    return f"C{number:04}"


def _band_name(number: int) -> str:
    first = number * _HOURS_PER_BAND
    return f"{first:02}-{first + _HOURS_PER_BAND - 1:02}"
