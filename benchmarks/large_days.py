"""Trading days of any size: photos are links to a few, purchase lines are drawn."""

import dataclasses
import itertools
import os
import pathlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from schemas import purchases

DATE = "2026-11-21"
_OPENS = np.datetime64(f"{DATE}T07:00:00", "ms")
_OPEN_MS = 14 * 3600 * 1000
_LINES_A_RECEIPT = 5
_FILES = 20
_CASHIERS = 7
_NUM_PRODUCTS = 400
_NUM_CATEGORIES = 25
_BEER = 0  # The one age-restricted category.

Ints = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Size:
    """How large a day is.

    Attributes:
      photos: Photos, each of a receipt of its own.
      lines: Purchase lines, five a receipt.
      stores: Stores of the chain.
      registers: Registers of each.
      skew: Share of all receipts, and so of all photos, that the first store has;
        None: as many as any other.
    """

    photos: int
    lines: int
    stores: int = 20
    registers: int = 10
    skew: float | None = None

    @property
    def receipts(self) -> int:
        """Receipts of the day."""
        return self.lines // _LINES_A_RECEIPT


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class _Receipts:
    """One entry a receipt, in the order of stores, registers and time."""

    store: Ints
    register: Ints
    started: npt.NDArray[np.datetime64]
    paid: npt.NDArray[np.datetime64]


def make(root: pathlib.Path, size: Size, pool: Sequence[pathlib.Path]) -> None:
    """Writes a day.

    Args:
      root: New folder, on the disk of the pool.
      size: How large.
      pool: JPEG photos to link to; each stands for many.
    """
    rng = np.random.default_rng(5)
    receipts = _receipts(size)
    _link_photos(root / "photos" / f"date={DATE}", size, receipts, pool, rng)
    folder = root / "purchases" / f"date={DATE}"
    folder.mkdir(parents=True)
    parts = np.array_split(np.arange(size.receipts), _FILES)
    for number, rows in enumerate(parts):
        lines = _lines(receipts, rows, rng)
        pq.write_table(lines, folder / f"part-{number:02}.parquet")


def _receipts(size: Size) -> _Receipts:
    """Deals receipts to registers; each serves one customer after another."""
    keys = size.stores * size.registers
    counts = np.full(keys, size.receipts // keys)
    if size.skew is not None:
        first = int(size.skew * size.receipts) // size.registers
        others = (size.receipts - first * size.registers) // (keys - size.registers)
        counts[:] = others
        counts[: size.registers] = first
    counts[-1] += size.receipts - counts.sum()
    key = np.repeat(np.arange(keys), counts)
    place = np.arange(len(key)) - np.repeat(np.cumsum(counts) - counts, counts)
    slot_ms = _OPEN_MS // counts[key]
    started = place * slot_ms
    return _Receipts(
        store=key // size.registers,
        register=key % size.registers,
        started=_OPENS + started.astype("timedelta64[ms]"),
        paid=_OPENS + (started + slot_ms * 3 // 4).astype("timedelta64[ms]"),
    )


def _link_photos(
    folder: pathlib.Path,
    size: Size,
    receipts: _Receipts,
    pool: Sequence[pathlib.Path],
    rng: np.random.Generator,
) -> None:
    shown = np.sort(rng.choice(size.receipts, size.photos, replace=False))
    middle = receipts.started + (receipts.paid - receipts.started) // 2
    for number in range(size.stores):
        (folder / f"store={number + 1:04}").mkdir(parents=True)
    for row, source in zip(shown.tolist(), itertools.cycle(pool)):
        time = str(middle[row]).translate(str.maketrans("", "", "-:."))
        name = f"R{receipts.register[row] + 1:02}_{time}Z.jpg"
        os.link(source, folder / f"store={receipts.store[row] + 1:04}" / name)


def _lines(receipts: _Receipts, rows: Ints, rng: np.random.Generator) -> pa.Table:
    row = np.repeat(rows, _LINES_A_RECEIPT)
    cashiers = receipts.store * _CASHIERS + receipts.register % _CASHIERS
    product = rng.integers(0, _NUM_PRODUCTS, len(row))
    category = product % _NUM_CATEGORIES
    is_restricted = category == _BEER
    cents = rng.integers(50, 2000, len(row))
    columns = {
        "store_id": _names("{:04}", receipts.store + 1)[row],
        "register_id": _names("R{:02}", receipts.register + 1)[row],
        "transaction_id": row.astype(str),
        "cashier_id": _names("C{:04}", cashiers)[row],
        "started_at": receipts.started[row].astype("datetime64[us]"),
        "paid_at": receipts.paid[row].astype("datetime64[us]"),
        "line_number": np.tile(np.arange(1, _LINES_A_RECEIPT + 1), len(rows)),
        "line_type": np.full(len(row), "sale"),
        "product_id": product.astype(str),
        "product_name": np.char.add("Product ", product.astype(str)),
        "category": np.char.add("Category ", category.astype(str)),
        "quantity": np.ones(len(row), np.int32),
        "amount": cents / 100,
        "currency": np.full(len(row), "EUR"),
        "age_restricted": is_restricted,
        "minimum_age": [None] * len(row),
        "id_check": np.where(
            is_restricted, rng.choice(["checked", "not_checked"], len(row)), None
        ),
    }
    arrays = {name: pa.array(values) for name, values in columns.items()}
    return pa.table(arrays).cast(purchases.SCHEMA)


def _names(pattern: str, numbers: Ints) -> npt.NDArray[np.str_]:
    """Names each number, each only once."""
    known, places = np.unique(numbers, return_inverse=True)
    return np.array([pattern.format(number) for number in known])[places]
