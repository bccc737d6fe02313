"""Small days made by hand: lines, photos and transactions as tables."""

import datetime
import decimal

import numpy as np
import pyarrow as pa

from pipelines.domain import ages, balance, captures, joining, pseudonyms
from schemas import purchases, runs, tables

DAY = datetime.date(2026, 11, 21)
NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)

CALIBRATION = ages.Calibration(
    temperature=1.0, group_bounds_years=(30.0,), quantiles_90=(2.0, 2.0)
)
SETTINGS = joining.JoinSettings(
    day=DAY, model_version="model@1", calibration=CALIBRATION
)
SECRET = pseudonyms.Pseudonyms(b"a secret of some length")

_LINE = {
    "store_id": "0042",
    "register_id": "R1",
    "transaction_id": "T1",
    "cashier_id": "C1",
    "started_at": 0,
    "paid_at": 60,
    "line_number": 1,
    "line_type": "sale",
    "product_id": "P1",
    "product_name": "Milk",
    "category": "DAIRY",
    "quantity": "1",
    "amount": "1.99",
    "currency": "EUR",
    "age_restricted": False,
    "minimum_age": None,
    "id_check": None,
    "local_hour": 13,
    "source_file": "purchases/a.csv",
}
_PHOTO = {
    "generation": "1",
    "face_status": "ok",
    "reason": None,
    "age_distribution": 30,
    "face_px": 90,
    "brightness": 120.0,
    "turned_degrees": 0,
    "store_id": "0042",
    "register_id": "R1",
    "captured_at_utc": 30,
    "transaction_id": None,
}


def at(seconds: float) -> datetime.datetime:
    """Counts seconds from noon UTC of the day."""
    return NOON + datetime.timedelta(seconds=seconds)


def lines(*rows: dict) -> pa.Table:
    """Makes validated lines; what a row does not give is a plain sale."""
    full = []
    for number, row in enumerate(rows, 2):
        line = {**_LINE, "source_row": number, **row}
        full.append(
            line
            | {name: at(line[name]) for name in ("started_at", "paid_at")}
            | {name: decimal.Decimal(line[name]) for name in ("quantity", "amount")}
        )
    return pa.Table.from_pylist(full, schema=purchases.LINES_SCHEMA)


def photos(*rows: dict) -> pa.Table:
    """Makes attributed photos; `age_distribution` is a peak, or weights."""
    full = []
    for number, row in enumerate(rows):
        photo = {"photo": f"store=0042/p{number:03}.jpg", **_PHOTO, **row}
        if photo["face_status"] != "ok":
            photo["age_distribution"] = None
        elif isinstance(photo["age_distribution"], int):
            photo["age_distribution"] = weights(photo["age_distribution"])
        photo["captured_at_utc"] = at(photo["captured_at_utc"])
        full.append(photo)
    return pa.Table.from_pylist(full, schema=captures.ATTRIBUTED_SCHEMA)


def weights(age_years: int) -> np.ndarray:
    """Makes a distribution with its peak at an age."""
    peak = np.exp(-(((np.arange(101) - age_years) / 4.0) ** 2))
    return ages.to_weights(peak[None])[0]


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    """Changes the order of the rows."""
    order = np.random.default_rng(seed).permutation(table.num_rows)
    return table.take(pa.array(order))


def join(photos: pa.Table, lines: pa.Table, secret=SECRET) -> joining.JoinedPartition:
    """Joins with the settings of the day."""
    return joining.join(photos, lines, SETTINGS, secret)


def rows(joined: joining.JoinedPartition, table: tables.Table) -> list[dict]:
    """Gives the rows of one of the tables."""
    return joined.tables[table.folder].to_pylist()


def refusals(counts: dict[str, int]) -> list[str]:
    """Finds what the gate has against the receipts of a join."""
    full = dict.fromkeys(runs.COUNTS, 0) | counts
    reasons = balance.check(full, max_rejected_fraction=1.0)
    return [reason for reason in reasons if "transactions" in reason]
