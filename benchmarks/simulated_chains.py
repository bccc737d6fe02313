"""Draws simulated chains: who buys in which store and hour, and who asks for ID.

A cashier asks by how old a buyer looks to them, not by what a model says of the photo.
Stores and hours differ in their buyers' ages and in how often their cashiers ask.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from pipelines.sample import people

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BUYER_AGES, _SHARES = people.shopper_ages()
OPENING_HOURS = np.arange(7, 23)

LEGAL_AGE, CHALLENGE_AGE = 18, 25

_MINOR_SHARE = 0.003
_JUDGEMENT_YEARS = 3.0
_CENTRAL_AGE, _TILT_YEARS = 40.0, 15.0
_SHIFT_HOURS = 8


@dataclasses.dataclass(frozen=True, kw_only=True)
class Habits:
    """How often a cashier asks, by how old a buyer looks to them.

    Attributes:
      under_challenge: Of those who look younger than 25.
      under_30: Of those who look 25 to 29.
      under_35: Of those who look 30 to 34.
      older: Of the others.
    """

    under_challenge: float = 0.9
    under_30: float = 0.27
    under_35: float = 0.018
    older: float = 0.018


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chain:
    """What to simulate; spreads are standard deviations.

    Attributes:
      cashiers_of_stores: Number of cashiers of each store.
      eligible_sales: Of a cashier in a period, on average.
      habits: Of the middle cashier.
      store_spread: Of the stores' log odds that a sale goes unchecked.
      hour_spread: Of the hours' in a store.
      cashier_spread: Of the cashiers' in a store, for good.
      store_mix_spread: Of the tilt of a store's buyers to the older, in log density for
        15 years.
      hour_mix_spread: Of the hours' in a store, beside evenings being younger in all.
      cashier_mix_spread: Of the cashiers': some registers draw other buyers.
      num_planted: First cashiers of so many stores who skip checks.
      planted_ratio: Of their rate of unchecked sales to what it else would be.
    """

    cashiers_of_stores: tuple[int, ...] = (10,) * 5
    eligible_sales: float = 400.0
    habits: Habits = Habits()
    store_spread: float = 0.4
    hour_spread: float = 0.2
    cashier_spread: float = 0.0
    store_mix_spread: float = 0.3
    hour_mix_spread: float = 0.15
    cashier_mix_spread: float = 0.0
    num_planted: int = 0
    planted_ratio: float = 2.0


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """A chain as it is for good; arrays by cashier, then hour, then age.

    Attributes:
      store: Of each cashier.
      is_planted: Whether a cashier skips checks.
      sales: Restricted sales of a period, on average, `(cashiers, hours)`.
      mix: Shares of the buyers' ages, `(cashiers, hours, ages)`.
      unchecked: Probability that a sale to that age goes unchecked, the same shape.
      unchecked_rate: Of the eligible sales of each cashier, on average.
    """

    store: Ints
    is_planted: npt.NDArray[np.bool_]
    sales: Floats
    mix: Floats
    unchecked: Floats
    unchecked_rate: Floats


def world(chain: Chain, eligible_share: Floats, rng: np.random.Generator) -> World:
    """Draws the stores, their buyers and the habits of their cashiers.

    Args:
      chain: What to simulate.
      eligible_share: Of the photos of each of `BUYER_AGES`.
      rng: Decides.
    """
    sizes = chain.cashiers_of_stores
    store = np.repeat(np.arange(len(sizes)), sizes)
    number = np.concatenate([np.arange(size) for size in sizes])
    is_planted = (number == 0) & (store < chain.num_planted)
    mix = _mix(chain, store, rng)
    unchecked = _unchecked(chain, store, rng)
    eligible = mix * eligible_share
    presence = _presence(len(store), rng)
    by_hour = presence * eligible.sum(axis=2)
    scale = chain.eligible_sales / by_hour.sum(axis=1, keepdims=True)
    usual = _rate(presence, eligible, unchecked)
    skipped = np.where(is_planted, (chain.planted_ratio - 1.0) * usual, 0.0)
    # A planted cashier waves through a share of those whom they would else ask.
    share = np.minimum(skipped / (1.0 - usual), 1.0)[:, None, None]
    unchecked = unchecked + share * (1.0 - unchecked)
    return World(
        store=store,
        is_planted=is_planted,
        sales=presence * scale,
        mix=mix,
        unchecked=unchecked,
        unchecked_rate=_rate(presence, eligible, unchecked),
    )


def _rate(presence: Floats, eligible: Floats, unchecked: Floats) -> Floats:
    sales = presence[:, :, None] * eligible
    return (sales * unchecked).sum(axis=(1, 2)) / sales.sum(axis=(1, 2))


def _mix(chain: Chain, store: Ints, rng: np.random.Generator) -> Floats:
    """Tilts the shoppers' ages by store, hour and cashier; minors stay 0.3 %."""
    num_stores, num_hours = len(chain.cashiers_of_stores), len(OPENING_HOURS)
    evening = 0.2 * np.cos(np.pi * np.arange(num_hours) / (num_hours - 1))
    tilt = (
        evening
        + rng.normal(0.0, chain.store_mix_spread, (num_stores, 1))
        + rng.normal(0.0, chain.hour_mix_spread, (num_stores, num_hours))
    )[store]
    tilt = tilt + rng.normal(0.0, chain.cashier_mix_spread, (len(store), 1))
    years = (BUYER_AGES - _CENTRAL_AGE) / _TILT_YEARS
    shares = _SHARES * np.exp(tilt[:, :, None] * years)
    is_minor = BUYER_AGES < LEGAL_AGE
    minors = np.where(is_minor, shares, 0.0)
    adults = np.where(is_minor, 0.0, shares)
    return _MINOR_SHARE * minors / minors.sum(axis=2, keepdims=True) + (
        1.0 - _MINOR_SHARE
    ) * adults / adults.sum(axis=2, keepdims=True)


def _unchecked(chain: Chain, store: Ints, rng: np.random.Generator) -> Floats:
    num_stores, num_hours = len(chain.cashiers_of_stores), len(OPENING_HOURS)
    shift = (
        rng.normal(0.0, chain.store_spread, (num_stores, 1))
        + rng.normal(0.0, chain.hour_spread, (num_stores, num_hours))
    )[store]
    shift = shift + rng.normal(0.0, chain.cashier_spread, (len(store), 1))
    return special.expit(special.logit(1.0 - _asked(chain.habits)) + shift[:, :, None])


def _asked(habits: Habits) -> Floats:
    """Averages over how old somebody of each age looks to a cashier."""
    limits = np.array([-np.inf, CHALLENGE_AGE, 30.0, 35.0, np.inf])
    below = stats.norm.cdf(limits, BUYER_AGES[:, None], _JUDGEMENT_YEARS)
    return np.diff(below, axis=1) @ np.array(dataclasses.astuple(habits))


def _presence(num_cashiers: int, rng: np.random.Generator) -> Floats:
    """Gives the share of a cashier's time by hour: early and late shifts."""
    last = len(OPENING_HOURS) - _SHIFT_HOURS
    hours = np.arange(len(OPENING_HOURS))
    is_early = (hours < _SHIFT_HOURS).astype(np.float64)
    is_late = (hours >= last).astype(np.float64)
    early = rng.beta(1.0, 1.0, (num_cashiers, 1))
    time = early * is_early + (1.0 - early) * is_late
    return time / time.sum(axis=1, keepdims=True)
