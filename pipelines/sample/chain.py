"""A made-up supermarket chain: stores, registers, cashiers and their habits."""

import dataclasses

import numpy as np

CURRENCY = "EUR"
CLOCK_OFFSET_SECONDS = 95.0
"""How far the camera clock of one register runs ahead of its till."""
RARE_CHECK_RATE = 0.2
"""Share of young-looking buyers whom the one careless cashier asks for ID."""

_ZONES = ("Europe/Berlin", "Europe/Berlin", "Europe/Lisbon")
_USUAL_CHECK_RATES = (0.86, 0.97)
_TRANSACTIONS_PER_REGISTER = 250
_STORES_BEFORE_ONE_WITHOUT_CHECK_LOG = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Register:
    """A till and its camera.

    Attributes:
      register_id: Such as `R03`.
      cashier_ids: Early and late shift; empty at a self-checkout.
      clock_offset_seconds: Camera clock minus till clock.
      camera_seed: Background that the camera sees.
    """

    register_id: str
    cashier_ids: tuple[str, ...]
    clock_offset_seconds: float
    camera_seed: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Store:
    """A store of the chain.

    Attributes:
      index: 0 for the first store.
      store_id: Such as `0001`.
      timezone: IANA name.
      logs_id_checks: Whether its tills write down ID checks.
      registers: Staffed ones, then the self-checkout.
    """

    index: int
    store_id: str
    timezone: str
    logs_id_checks: bool
    registers: tuple[Register, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chain:
    """All stores, and how often each cashier asks young-looking buyers for ID."""

    stores: tuple[Store, ...]
    check_rates: dict[str, float]
    careless_cashier_id: str


def make_chain(seed: int, num_stores: int, transactions_per_store: int) -> Chain:
    """Makes up a chain; the same arguments give the same one."""
    rng = np.random.default_rng([seed, num_stores])
    num_staffed = max(2, -(-transactions_per_store // _TRANSACTIONS_PER_REGISTER))
    stores = tuple(_make_store(rng, index, num_staffed) for index in range(num_stores))
    cashiers = sorted(
        {
            cashier_id
            for store in stores
            for register in store.registers
            for cashier_id in register.cashier_ids
        }
    )
    rates = rng.uniform(*_USUAL_CHECK_RATES, len(cashiers)).round(3)
    careless = stores[0].registers[0].cashier_ids[0]
    check_rates = dict(zip(cashiers, rates.tolist(), strict=True))
    return Chain(
        stores=stores,
        check_rates=check_rates | {careless: RARE_CHECK_RATE},
        careless_cashier_id=careless,
    )


def _make_store(rng: np.random.Generator, index: int, num_staffed: int) -> Store:
    registers = []
    for number in range(1, num_staffed + 2):
        first_cashier = 10_000 * (index + 1) + 2 * number - 1
        shifts = (f"C{first_cashier}", f"C{first_cashier + 1}")
        is_off = index == 0 and number == 2
        register = Register(
            register_id=f"R{number:02d}",
            cashier_ids=shifts if number <= num_staffed else (),
            clock_offset_seconds=CLOCK_OFFSET_SECONDS if is_off else 0.0,
            camera_seed=int(rng.integers(2**31)),
        )
        registers.append(register)
    every = _STORES_BEFORE_ONE_WITHOUT_CHECK_LOG
    return Store(
        index=index,
        store_id=f"{index + 1:04d}",
        timezone=_ZONES[index % len(_ZONES)],
        logs_id_checks=index % every != every - 1,
        registers=tuple(registers),
    )
