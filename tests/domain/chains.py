"""Simulated chains: stores of different habits, cashiers who check or do not."""

import dataclasses
import datetime

import numpy as np
import pyarrow as pa

from pipelines.domain import cashier_audit, review_rules
from schemas import cashier_days

LAST_DAY = datetime.date(2026, 11, 21)
RULES = review_rules.ReviewRules()
PERIODS = cashier_audit.periods(LAST_DAY, RULES)
BANDS = ("08-11", "12-15", "16-19", "20-23")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chain:
    """What to simulate.

    Attributes:
      cashiers_of_stores: Number of cashiers of each store.
      eligible_sales: Of a cashier in a period, on average.
      base_rate: Of unchecked sales, in the middle store at the middle hour.
      store_spread: Standard deviation of the stores' log odds.
      band_spread: Of the bands of hours in a store.
      cashier_spread: Of the cashiers in a store, for good.
      bad_ratio: Of the rate of each store's first cashiers, as many as `num_bad`.
      num_bad: Cashiers with `bad_ratio`, from the first store on, one a store.
    """

    cashiers_of_stores: tuple[int, ...] = (10,) * 5
    eligible_sales: float = 400.0
    base_rate: float = 0.1
    store_spread: float = 0.4
    band_spread: float = 0.2
    cashier_spread: float = 0.0
    bad_ratio: float = 2.0
    num_bad: int = 0


def counts(chain: Chain, seed: int, num_periods: int = 3) -> list[pa.Table]:
    """Draws rows of `cashier_days.SCHEMA` of each period; `C00` is bad first."""
    rng = np.random.default_rng(seed)
    sizes = chain.cashiers_of_stores
    store = np.repeat(np.arange(len(sizes)), sizes)
    number = np.concatenate([np.arange(size) for size in sizes])
    rates = _rates(chain, store, number, rng)
    return [_period(chain, store, number, rates, rng) for _ in range(num_periods)]


def audit(chain: Chain, seed: int, rules=RULES) -> cashier_audit.CashierAudit:
    """Simulates a chain and audits it."""
    periods = cashier_audit.periods(LAST_DAY, rules)
    drawn = counts(chain, seed, len(periods))
    return cashier_audit.of_counts(drawn, periods, rules)


def flagged(chain: Chain, seed: int, rules=RULES) -> set[tuple[str, str]]:
    """Simulates a chain, and finds store and cashier of each review."""
    table = audit(chain, seed, rules).cashiers
    chosen = table.filter(table["needs_review"])
    return set(
        zip(
            chosen["store_id"].to_pylist(),
            chosen["cashier_id"].to_pylist(),
            strict=True,
        )
    )


def bad(chain: Chain) -> set[tuple[str, str]]:
    """Names the cashiers who were made bad."""
    return {(f"S{index:02}", "C00") for index in range(chain.num_bad)}


def _rates(chain, store, number, rng):
    logit = np.log(chain.base_rate / (1.0 - chain.base_rate))
    num_stores = len(chain.cashiers_of_stores)
    of_store = rng.normal(0.0, chain.store_spread, (num_stores, 1))
    of_cell = rng.normal(0.0, chain.band_spread, (num_stores, len(BANDS)))
    of_cashier = rng.normal(0.0, chain.cashier_spread, (len(store), 1))
    odds = np.exp(logit + (of_store + of_cell)[store] + of_cashier)
    rates = odds / (1.0 + odds)
    is_bad = (number == 0) & (store < chain.num_bad)
    return np.where(is_bad[:, None], np.minimum(rates * chain.bad_ratio, 1.0), rates)


def _period(chain, store, number, rates, rng):
    # Shifts differ: no cashier works all hours alike.
    shares = rng.dirichlet(np.full(len(BANDS), 2.0), len(store))
    eligible = rng.poisson(chain.eligible_sales * shares).ravel()
    unchecked = rng.binomial(eligible, rates.ravel())
    rows = np.repeat(np.arange(len(store)), len(BANDS))
    columns = {
        "store_id": [f"S{index:02}" for index in store[rows]],
        "cashier_id": [f"C{index:02}" for index in number[rows]],
        "register_group": ["attended"] * len(rows),
        "hour_band": list(BANDS) * len(store),
        "restricted_sales": 4 * eligible,
        "aged_sales": 4 * eligible,
        "logged_sales": 4 * eligible,
        "eligible_sales": eligible,
        "unchecked_sales": unchecked,
        "sum_p_under_legal_age": 0.125 * eligible,
        "sum_p_under_challenge_age": 0.5 * eligible,
    }
    return pa.table(columns).cast(cashier_days.SCHEMA)
