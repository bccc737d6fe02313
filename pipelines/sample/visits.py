"""One store's trading day: who paid what, when, at which register."""

import dataclasses
import datetime
import itertools
import math
import zoneinfo
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pipelines.sample import chain, markets, people, tills

OPENS_AT = datetime.time(7)
OPEN_SECONDS = 17 * 3_600 + 40 * 60
"""The store closes at 00:40: the trading day crosses midnight."""

_LATE_SHIFT_SECONDS = 9 * 3_600
_LEAST_GAP_SECONDS = 4
_OVERLAP_SECONDS = 15
_RETURN_SHARE = 0.012
_LONG_GAP_MSEC = 120_000
_SELF_CHECKOUT_SHARE = 0.25
_MOST_AT_SELF_CHECKOUT = 500
_RUSH_HOURS = ((0.22, 0.12, 0.4), (0.62, 0.13, 0.6))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One receipt.

    Attributes:
      store_id: Store.
      register: Till.
      transaction_id: Unique within the register and day.
      cashier_id: None at a self-checkout.
      started_msec: First item scanned, Unix time.
      paid_msec: Payment completed, Unix time.
      buyer: Who paid.
      lines: As the till logs them.
    """

    store_id: str
    register: chain.Register
    transaction_id: str
    cashier_id: str | None
    started_msec: int
    paid_msec: int
    buyer: people.Person
    lines: tuple[tills.Line, ...]


def opening_msec(day: datetime.date, timezone: str) -> int:
    """Gives the Unix time at which a store opens."""
    zone = zoneinfo.ZoneInfo(timezone)
    opening = datetime.datetime.combine(day, OPENS_AT, zone)
    return int(opening.timestamp()) * 1_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class StoreDay:
    """One trading day of one store, to be simulated.

    Attributes:
      rng: Decides.
      store: Where.
      day: When.
      check_rates: How often each cashier asks young-looking buyers for ID.
      market: Where baskets come from.
      crowd: Where buyers come from.
    """

    rng: np.random.Generator
    store: chain.Store
    day: datetime.date
    check_rates: dict[str, float]
    market: markets.Market
    crowd: people.Crowd

    def visits(self, num_visits: int) -> list[Visit]:
        """Simulates receipts, ordered by register and time.

        Receipts of a register follow each other; one a store overlaps with the next,
        as when a buyer steps aside to fetch something.
        """
        made: list[Visit] = []
        nums = _per_register(self.store, num_visits)
        for register, num in zip(self.store.registers, nums, strict=True):
            made += self._at_register(register, num)
        _overlap_one(made)
        return made

    def _at_register(self, register: chain.Register, num: int) -> Iterator[Visit]:
        sales = [self.market.next_sale(self.rng, self.crowd) for _ in range(num)]
        starts, ends = _schedule(self.rng, [len(items) for _, items in sales])
        returns = set(self.rng.permutation(num)[: math.ceil(_RETURN_SHARE * num)])
        opens = opening_msec(self.day, self.store.timezone)
        for number, (buyer, items) in enumerate(sales):
            cashier = _cashier(register, int(starts[number]))
            lines = tills.ring_up(
                self.rng,
                items,
                buyer.age_years,
                self.check_rates[cashier] if cashier else tills.ATTENDANT_CHECK_RATE,
                self.store.logs_id_checks,
                number in returns,
            )
            yield Visit(
                store_id=self.store.store_id,
                register=register,
                transaction_id=f"{number + 1:06d}",
                cashier_id=cashier,
                started_msec=opens + int(starts[number]) * 1_000,
                paid_msec=opens + int(ends[number]) * 1_000,
                buyer=buyer,
                lines=lines,
            )


def _per_register(store: chain.Store, num_visits: int) -> list[int]:
    """Splits receipts over registers; the self-checkout is last."""
    at_self_checkout = min(
        int(num_visits * _SELF_CHECKOUT_SHARE), _MOST_AT_SELF_CHECKOUT
    )
    staffed = num_visits - at_self_checkout
    # The first register is the one that is always open.
    parts = np.array([2, *[1] * (len(store.registers) - 2)])
    bounds = np.round(staffed * np.cumsum(parts) / parts.sum()).astype(int)
    return [*np.diff(bounds, prepend=0).tolist(), at_self_checkout]


def _schedule(
    rng: np.random.Generator, lines_per_receipt: list[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places receipts one after the other, denser in rush hours.

    Returns:
      First and last second of each, counted from opening.
    """
    num = len(lines_per_receipt)
    lines = np.array(lines_per_receipt, np.int64)
    durations = 18 + 4 * lines + rng.integers(5, 40, num)
    gaps = _LEAST_GAP_SECONDS + rng.integers(0, 12, num)
    busy = np.cumsum(durations + gaps)
    # A long queue makes the tills work faster, never the day longer.
    hurry = min(1.0, 0.9 * OPEN_SECONDS / busy[-1]) if num else 1.0
    idle = OPEN_SECONDS - hurry * (busy[-1] if num else 0)
    slots = np.sort(_rush(rng, num)) * idle
    ends = (slots + hurry * (busy - gaps)).astype(np.int64)
    starts = ends - np.maximum((hurry * durations).astype(np.int64), 1)
    return starts, ends


def _rush(rng: np.random.Generator, num: int) -> npt.NDArray[np.float64]:
    """Draws shares of the opening time, from 0 to 1."""
    which = rng.random(num)
    centres, widths, _ = np.array(_RUSH_HOURS).T
    pick = (which > _RUSH_HOURS[0][2]).astype(int)
    bumps = rng.normal(centres[pick], widths[pick])
    evenly = rng.random(num)
    is_even = (rng.random(num) < 0.35) | (bumps < 0) | (bumps > 1)
    return np.where(is_even, evenly, bumps)


def _cashier(register: chain.Register, second: int) -> str | None:
    if not register.cashier_ids:
        return None
    return register.cashier_ids[int(second >= _LATE_SHIFT_SECONDS)]


def _overlap_one(visits: list[Visit]) -> None:
    for place, (this, after) in enumerate(itertools.pairwise(visits)):
        is_neighbour = this.register == after.register
        gap_msec = after.started_msec - this.paid_msec
        lasts_msec = after.paid_msec - after.started_msec
        if is_neighbour and gap_msec < _LONG_GAP_MSEC and lasts_msec > 30_000:
            paid = after.started_msec + _OVERLAP_SECONDS * 1_000
            visits[place] = dataclasses.replace(this, paid_msec=paid)
            return
