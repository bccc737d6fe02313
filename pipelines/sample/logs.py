"""Writes the purchase log and the captures in every format that is accepted."""

import csv
import datetime
import decimal
import gzip
import io
import json
import pathlib
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.sample import chain, shots, visits
from schemas import captures, purchases

Row = dict[str, Any]

FORMATS = ("parquet", "csv.gz", "jsonl")


def write_purchases(
    folder: pathlib.Path,
    store: chain.Store,
    store_visits: Sequence[visits.Visit],
    has_bad_line: bool,
) -> list[str]:
    """Writes the lines of one store and day, each register to one of three files.

    Times in the CSV of every other store are naive: `stores.csv` gives their zone.

    Args:
      folder: `purchases/date=…`.
      store: Where.
      store_visits: Its receipts.
      has_bad_line: Whether the CSV gets a line that cannot be read and a repeated one.

    Returns:
      What is wrong with the files, one entry a fault.
    """
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    for number, suffix in enumerate(FORMATS):
        rows = [
            row
            for visit in store_visits
            if _format_number(store, visit.register) == number
            for row in purchase_rows(visit)
        ]
        if not rows:
            continue
        file = folder / f"store-{store.store_id}.{suffix}"
        if suffix == "parquet":
            _write_parquet(file, rows, purchases.SCHEMA)
        elif suffix == "jsonl":
            _write_jsonl(file, rows, zoneinfo.ZoneInfo(store.timezone))
        else:
            texts = _csv_texts(rows, store)
            if has_bad_line:
                faults = _spoil(texts, file.name)
            file.write_bytes(_gzipped(_csv(texts)))
    return faults


def purchase_rows(visit: visits.Visit) -> list[Row]:
    """Lists the lines of a receipt as `schemas.purchases.SCHEMA` has them."""
    return [
        {
            "store_id": visit.store_id,
            "register_id": visit.register.register_id,
            "transaction_id": visit.transaction_id,
            "cashier_id": visit.cashier_id,
            "started_at": to_utc(visit.started_msec),
            "paid_at": to_utc(visit.paid_msec),
            "line_number": line.line_number,
            "line_type": line.line_type,
            "product_id": line.product.product_id,
            "product_name": line.product.name,
            "category": line.product.category,
            "quantity": line.quantity,
            "amount": line.amount,
            "currency": chain.CURRENCY,
            "age_restricted": line.product.is_restricted,
            "minimum_age": line.product.minimum_age,
            "id_check": line.id_check,
        }
        for line in visit.lines
    ]


def write_captures(folder: pathlib.Path, taken: Sequence[shots.Shot]) -> int:
    """Writes what the cameras' controllers know of a day's photos, in three files.

    Returns:
      Number of rows.
    """
    rows = [_captures_row(shot) for shot in taken if shot.has_captures_row]
    if not rows:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    utc = zoneinfo.ZoneInfo("UTC")
    first, second, third = (rows[start::3] for start in range(3))
    (folder / "captures.csv").write_bytes(_csv([_texts(row, utc) for row in first]))
    if second:
        _write_jsonl(folder / "captures.jsonl", second, utc)
    if third:
        _write_parquet(folder / "captures.parquet", third, captures.SCHEMA)
    return len(rows)


def write_stores(file: pathlib.Path, stores: Sequence[chain.Store]) -> None:
    """Writes `stores.csv`."""
    rows = [{"store_id": each.store_id, "timezone": each.timezone} for each in stores]
    file.write_bytes(_csv(rows))


def to_utc(msec: int) -> datetime.datetime:
    """Turns Unix milliseconds into an aware time."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return epoch + datetime.timedelta(milliseconds=msec)


def _format_number(store: chain.Store, register: chain.Register) -> int:
    return (store.index + store.registers.index(register)) % len(FORMATS)


def _captures_row(shot: shots.Shot) -> Row:
    # Controllers know bare names, or paths: both are accepted.
    knows_path = shot.captured_msec % 2 == 0
    carries_id = shot.visit is not None and shot.id_place == "captures"
    return {
        "photo": shot.photo if knows_path else shot.file_name,
        "store_id": shot.store_id,
        "register_id": shot.register.register_id,
        "captured_at": to_utc(shot.captured_msec),
        "transaction_id": shot.visit.transaction_id
        if shot.visit and carries_id
        else None,
    }


def _csv_texts(rows: Sequence[Row], store: chain.Store) -> list[dict[str, str]]:
    zone = zoneinfo.ZoneInfo(store.timezone)
    texts = [_texts(row, zone) for row in rows]
    if store.index % 2:
        for text in texts:
            for name in ("started_at", "paid_at"):
                text[name] = text[name][: len("2026-11-21T17:45:12")]
    return texts


def _texts(row: Row, zone: zoneinfo.ZoneInfo) -> dict[str, str]:
    return {name: _text(value, zone) for name, value in row.items()}


def _text(value: object, zone: zoneinfo.ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.astimezone(zone).isoformat()
    return str(value)


def _spoil(texts: list[dict[str, str]], file_name: str) -> list[str]:
    """Repeats the first line at the end, and adds one whose quantity is a word."""
    # A new number keeps the bad line from standing in for a good one.
    bad = texts[-1] | {"line_number": "999", "quantity": "two"}
    texts += [dict(texts[0]), bad]
    header_and_self = 1
    return [
        f"{file_name}: row {len(texts) - 1 + header_and_self} repeats row 2",
        f"{file_name}: row {len(texts) + header_and_self} has the quantity 'two'",
    ]


def _csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _write_jsonl(
    file: pathlib.Path, rows: Sequence[Row], zone: zoneinfo.ZoneInfo
) -> None:
    """Writes one object a line; nulls, and the line type `sale`, are left out."""
    lines = [
        json.dumps(
            {
                name: _json_value(value, zone)
                for name, value in row.items()
                if value is not None and (name, value) != ("line_type", "sale")
            },
            ensure_ascii=False,
        )
        for row in rows
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _json_value(value: object, zone: zoneinfo.ZoneInfo) -> object:
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value if isinstance(value, bool | int) else _text(value, zone)


def _write_parquet(file: pathlib.Path, rows: Sequence[Row], schema: pa.Schema) -> None:
    table = pa.Table.from_pylist(list(rows), schema=schema)
    pq.write_table(table, file, compression="zstd")
