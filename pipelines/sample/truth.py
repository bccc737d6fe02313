"""What is true of a sample day: ages, pairs, plans; for checking what was scored."""

import collections
import csv
import dataclasses
import io
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.sample import chain, logs, pairing, people, shots, visits
from schemas import fields

PHOTOS = fields.schema(
    1,
    [
        fields.required("photo", pa.string(), "path below photos/date=…/"),
        fields.optional("true_age_years", pa.int16(), "of the one shopper", "years"),
        fields.optional("person_id", pa.string(), "the one shopper"),
        fields.required("store_id", pa.string(), "store"),
        fields.required("register_id", pa.string(), "register within the store"),
        fields.optional("transaction_id", pa.string(), "receipt it truly belongs to"),
        fields.required("kind", pa.string(), "one of pipelines.sample.shots.KINDS"),
        fields.required("carries_id", pa.bool_(), "its receipt's id is given with it"),
        fields.required(
            "is_matchable", pa.bool_(), "the matching rules lead to its receipt"
        ),
    ],
)
TRANSACTIONS = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.required("register_id", pa.string(), "register within the store"),
        fields.required("transaction_id", pa.string(), "receipt within the register"),
        fields.optional("cashier_id", pa.string(), "null at self-checkouts"),
        fields.required("person_id", pa.string(), "buyer"),
        fields.required("true_age_years", pa.int16(), "of the buyer", "years"),
        fields.required("started_at", fields.TIMESTAMP_UTC, "first item scanned"),
        fields.required("paid_at", fields.TIMESTAMP_UTC, "payment completed"),
        fields.required("num_lines", pa.int32(), "lines of all types"),
        fields.required("is_restricted", pa.bool_(), "holds age-restricted sales"),
        fields.required("is_minor", pa.bool_(), "the buyer is under 18"),
        fields.optional("id_check", pa.string(), "as logged; null: none, or not"),
        fields.required("num_photos", pa.int32(), "photos of all kinds"),
        fields.required("is_mixed", pa.bool_(), "photos of different people"),
    ],
)

Receipt = tuple[str, str, str]


def write_day(
    folder: pathlib.Path,
    day_visits: Sequence[visits.Visit],
    taken: Sequence[shots.Shot],
    faults: Sequence[str],
) -> dict[str, int]:
    """Writes `truth/date=…/`.

    Args:
      folder: That folder.
      day_visits: All receipts of the day.
      taken: All photos of the day.
      faults: What was broken on purpose.

    Returns:
      Number of photos of each kind, and of those that are matchable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    is_matchable = pairing.matchable(day_visits, taken)
    photos = [
        _photo_row(shot, flag) for shot, flag in zip(taken, is_matchable, strict=True)
    ]
    _write_table(folder / "photos.parquet", photos, PHOTOS)
    transactions = _transaction_rows(day_visits, taken)
    _write_table(folder / "transactions.parquet", transactions, TRANSACTIONS)
    _write_json(folder / "faults.json", list(faults))
    kinds = collections.Counter(shot.kind for shot in taken)
    return {**kinds, "matchable": sum(is_matchable)}


def write_plan(file: pathlib.Path, plan: Mapping[str, Any]) -> None:
    """Writes `truth/plan.json`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    _write_json(file, plan)


def plan_of(made: chain.Chain, preferences: Sequence[Any]) -> dict[str, Any]:
    """Lists what is planted for the whole chain.

    Args:
      made: The chain.
      preferences: Of `catalogue.PREFERENCES`; none where baskets are real.
    """
    return {
        "careless_cashier_id": made.careless_cashier_id,
        "check_rates": made.check_rates,
        "camera_minus_till_seconds": {
            f"{store.store_id}/{register.register_id}": register.clock_offset_seconds
            for store in made.stores
            for register in store.registers
            if register.clock_offset_seconds
        },
        "preferences": [dataclasses.asdict(liking) for liking in preferences],
    }


def add_labels(file: pathlib.Path, day: str, taken: Sequence[shots.Shot]) -> None:
    """Adds the loose photos of one clear shopper to `truth/labels.csv`.

    Args:
      file: The labels; those of other days stay.
      day: Trading day of the photos, as YYYY-MM-DD.
      taken: Its photos.
    """
    rows = _read_labels(file) | {
        f"date={day}/{shot.photo}": str(shot.sitters[0].age_years)
        for shot in taken
        if shot.kind == "shopper" and not shot.is_batched
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("file_name", "real_age", "source"))
    writer.writerows((name, rows[name], "rendered") for name in sorted(rows))
    file.write_text(text.getvalue(), encoding="utf-8")


def _photo_row(shot: shots.Shot, is_matchable: bool) -> dict[str, Any]:
    person = shot.sitters[0] if len(shot.sitters) == 1 else None
    return {
        "photo": shot.photo,
        "true_age_years": person.age_years if person else None,
        "person_id": person.person_id if person else None,
        "store_id": shot.store_id,
        "register_id": shot.register.register_id,
        "transaction_id": shot.visit.transaction_id if shot.visit else None,
        "kind": shot.kind,
        "carries_id": shot.id_place is not None,
        "is_matchable": is_matchable,
    }


def _transaction_rows(
    day_visits: Sequence[visits.Visit], taken: Sequence[shots.Shot]
) -> list[dict[str, Any]]:
    seen: dict[Receipt, list[shots.Shot]] = collections.defaultdict(list)
    for shot in taken:
        if shot.visit:
            seen[_receipt(shot.visit)].append(shot)
    return [
        _transaction_row(visit, seen.get(_receipt(visit), [])) for visit in day_visits
    ]


def _transaction_row(
    visit: visits.Visit, taken: Sequence[shots.Shot]
) -> dict[str, Any]:
    restricted = [
        line
        for line in visit.lines
        if line.product.is_restricted and line.line_type == "sale"
    ]
    shown = {shot.sitters[0].person_id for shot in taken if len(shot.sitters) == 1}
    return {
        "store_id": visit.store_id,
        "register_id": visit.register.register_id,
        "transaction_id": visit.transaction_id,
        "cashier_id": visit.cashier_id,
        "person_id": visit.buyer.person_id,
        "true_age_years": visit.buyer.age_years,
        "started_at": logs.to_utc(visit.started_msec),
        "paid_at": logs.to_utc(visit.paid_msec),
        "num_lines": len(visit.lines),
        "is_restricted": bool(restricted),
        "is_minor": visit.buyer.age_years < people.ADULT_AGE,
        "id_check": restricted[0].id_check if restricted else None,
        "num_photos": len(taken),
        "is_mixed": len(shown) > 1,
    }


def _receipt(visit: visits.Visit) -> Receipt:
    return visit.store_id, visit.register.register_id, visit.transaction_id


def _read_labels(file: pathlib.Path) -> dict[str, str]:
    if not file.exists():
        return {}
    with file.open(newline="", encoding="utf-8") as lines:
        return {row["file_name"]: row["real_age"] for row in csv.DictReader(lines)}


def _write_table(
    file: pathlib.Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema
) -> None:
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    pq.write_table(table, file, compression="zstd")


def _write_json(file: pathlib.Path, value: object) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    file.write_text(text + "\n", encoding="utf-8")
