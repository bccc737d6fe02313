"""Publishes small days with the code of the nightly job, for reports to read."""

import datetime
import decimal
import hashlib
import io
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import config, records
from pipelines.domain import demand, health
from pipelines.publishing import places, publish, warehouse
from pipelines.storage import roots
from schemas import purchases, runs, tables

MODEL = ("model", "ab" * 32)
FIRST = datetime.date(2026, 11, 2)

SALES = [
    {"store_id": "1", "receipt": 0, "age": 22.0, "product_id": "tea"},
    {"store_id": "1", "receipt": 0, "age": 22.0, "product_id": "beer"},
    {"store_id": "1", "receipt": 1, "age": np.nan, "product_id": "tea"},
    {"store_id": "2", "receipt": 2, "age": 67.0, "product_id": "tea"},
]
"""Lines of three receipts of two stores; a line's price is 1."""

PHOTOS = [
    {"store_id": "1", "face_status": "ok", "match_method": "time_window"},
    {"store_id": "1", "face_status": "ok", "match_method": "unmatched"},
    {"store_id": "1", "face_status": "blurred", "match_method": "no_usable_face"},
    {"store_id": "2", "face_status": "ok", "match_method": "transaction_id"},
]

RESTRICTED = [{"store_id": "1", "sale_id": "s", "local_hour": 18}]


def day(number: int) -> datetime.date:
    return FIRST + datetime.timedelta(days=number)


def rows(schema: pa.Schema, given: list[dict]) -> pa.Table:
    """Makes rows; required columns that are not given are empty, zero or false."""
    nothing = {field.name: _nothing(field) for field in schema}
    return pa.Table.from_pylist([nothing | row for row in given], schema=schema)


def publish_day(
    root: pathlib.Path | str,
    date: datetime.date = FIRST,
    *,
    sales=SALES,
    photos=PHOTOS,
    restricted=RESTRICTED,
    rejected=(),
    model=MODEL,
    run: int = 0,
    settings_json: str = "{}",
    **run_counts: int,
) -> publish.Outcome:
    """Publishes a day; of two runs, the one of the greater number is newer."""
    target = warehouse.day(str(root), date)
    seen = rows(tables.PHOTO_AGES.schema, photos)
    content = {
        tables.PHOTO_AGES.folder: seen,
        tables.PURCHASE_AGES.folder: rows(tables.PURCHASE_AGES.schema, [{}]),
        tables.RESTRICTED_SALES.folder: rows(
            tables.RESTRICTED_SALES.schema, restricted
        ),
        tables.REJECTIONS.folder: rows(tables.REJECTIONS.schema, list(rejected)),
        **_demand(sales),
    }
    started = datetime.datetime.combine(date, datetime.time(22), datetime.UTC)
    facts = publish.RunFacts(
        run_id=f"run-{run}",
        started_at_utc=started + datetime.timedelta(minutes=run),
        attempt_started_at_utc=started,
        model_name=model[0],
        model_sha256=model[1],
        model_license="research",
        code_version="0.1.0",
        settings_json=settings_json,
        published_token=places.of(target).token(),
    )
    return publish.publish(
        target,
        [_stage(target, facts.run_id, table, content) for table in tables.PUBLISHED],
        _counts(len(photos)) | run_counts,
        health.of_photos(seen).rows(),
        facts=facts,
        limits=config.Limits(allow_shrink=True),
        finished_at_utc=started + datetime.timedelta(hours=1),
    )


def published_file(root: pathlib.Path, table: str, date=FIRST) -> pathlib.Path:
    """Names the one file of a table's day, behind its link."""
    [file] = (root / table / f"date={date}").glob("*.parquet")
    return file.resolve()


def _demand(sales: list[dict]) -> dict[str, pa.Table]:
    named = [
        {
            "product_name": row["product_id"].title(),
            "category": "drinks",
            "age_restricted": row["product_id"] == "beer",
            "currency": "EUR",
            "amount": decimal.Decimal(1),
            **row,
        }
        for row in sales
    ]
    lines = rows(purchases.LINES_SCHEMA, named)
    receipt = np.array([row["receipt"] for row in sales], np.int64)
    ages = np.array([row["age"] for row in sales], np.float64)
    return demand.of_sales(lines, receipt, ages).tables()


def _nothing(field: pa.Field) -> object:
    if field.nullable:
        return None
    if pa.types.is_string(field.type):
        return ""
    if pa.types.is_boolean(field.type):
        return False
    if pa.types.is_timestamp(field.type):
        return datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    return decimal.Decimal(0) if pa.types.is_decimal(field.type) else 0


def _counts(num_photos: int) -> dict[str, int]:
    return dict.fromkeys(runs.COUNTS, 0) | {
        "photos_listed": num_photos,
        "photos_scored": num_photos,
        "photos_matched": num_photos,
        "lines_read": 1,
        "lines_out": 1,
    }


def _stage(
    target: warehouse.Day, run_id: str, table: tables.Table, content: dict
) -> records.WrittenFile:
    written = content.get(table.folder, table.schema.empty_table())
    sink = io.BytesIO()
    pq.write_table(written, sink)
    name = f"{target.staging_of(run_id)}/{table.folder}/part-00000.parquet"
    roots.at(target.warehouse).write(name, sink.getvalue())
    return records.WrittenFile(
        table=table.folder,
        name="part-00000.parquet",
        path=name,
        rows=written.num_rows,
        size=len(sink.getvalue()),
        sha256=hashlib.sha256(sink.getvalue()).hexdigest(),
    )
