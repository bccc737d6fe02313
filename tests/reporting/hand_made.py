"""Small answers of a report, made by hand."""

import dataclasses
import datetime

import pyarrow as pa

from pipelines.reporting import answers, settings
from schemas import (
    age_group_affinity,
    cashier_audit,
    data_quality,
    offers,
    restricted_sales_by_hour,
    store_drift,
)
from schemas import (
    minors as minors_schema,
)

GROUPS = ("<25", "25-44", "45-64", "65+")
FIRST, LAST = datetime.date(2026, 9, 1), datetime.date(2026, 9, 28)


def table(schema, rows):
    """Fills what a row leaves out with 0, False, a text, or null where it may be."""
    filled = [
        {field.name: row.get(field.name, _empty(field)) for field in schema}
        for row in rows
    ]
    return pa.Table.from_pylist(filled, schema=schema)


def _empty(field):
    if field.nullable:
        return None
    if pa.types.is_date(field.type):
        return FIRST
    if pa.types.is_string(field.type):
        return "x"
    return False if pa.types.is_boolean(field.type) else 0


def cell(item, group, index, *, reliable=False, suppressed=False, level="category"):
    """One row of the affinity; intervals are 10 % to both sides."""
    key = (
        {"category": item}
        if level == "category"
        else {
            "product_id": item,
            "product_name": f"Name of {item}",
            "category": "drinks",
        }
    )
    shown = (
        {}
        if suppressed
        else {
            "baskets": 120,
            "penetration": 0.12,
            "penetration_low": 0.11,
            "penetration_high": 0.13,
            "raw_index": 1 + 0.9 * index,
            "corrected_index": index,
            "corrected_index_low": None if index is None else 0.9 * index,
            "corrected_index_high": None if index is None else 1.1 * index,
            "q_value": 0.001 if reliable else 0.6,
        }
    )
    return {
        **key,
        **shown,
        "level": level,
        "age_group": group,
        "age_group_order": GROUPS.index(group),
        "group_baskets": 1000,
        "suppressed": suppressed,
        "reliable": reliable,
    }


def affinity(rows):
    return table(age_group_affinity.SCHEMA, rows)


def offer(item, group, rank):
    return {
        **cell(item, group, 150.0, reliable=True),
        "rank": rank,
        "reason": f"They buy {item} 1.5 times as often as all customers.",
    }


def offers_of(rows):
    return table(offers.SCHEMA, rows)


def cashier(store, name, status, *, ratio=1.0, expected=20.0):
    figures = {
        "expected_unchecked": expected,
        "ratio": ratio,
        "ratio_low": 0.8 * ratio,
        "ratio_high": 1.2 * ratio,
        "q_value": 0.0004 if status == "review" else 0.7,
        "overdispersion": 1.2,
        "outer_low": 0.4,
        "outer_high": 1.9,
    }
    return {
        "store_id": store,
        "cashier_id": name,
        "restricted_sales": 900,
        "aged_sales": 700,
        "eligible_sales": 0 if status == "not_logged" else 200,
        "unchecked_sales": 0 if status == "not_logged" else round(ratio * expected),
        "exposure_under_challenge_age": 61.5,
        "minor_sales_high": 1.2,
        "periods_judged": 3,
        "periods_beyond": 2 if status == "review" else 0,
        "status": status,
        "needs_review": status == "review",
        **({} if status == "not_logged" else figures),
    }


def audit(rows):
    return table(cashier_audit.SCHEMA, rows)


def hour(store, local_hour, sales):
    return {
        "store_id": store,
        "local_hour": local_hour,
        "register_group": "attended",
        "restricted_sales": sales,
        "aged_sales": sales,
        "young_sales": sales // 4,
        "eligible_sales": sales // 4,
        "unchecked_sales": sales // 20,
    }


def hours(rows):
    return table(restricted_sales_by_hour.SCHEMA, rows)


def store_quality(store, *, lost=100, photos=1000):
    return {
        "scope": "store" if store else "all_stores",
        "store_id": store,
        "days_published": 26,
        "days_missing": 2,
        "photos": photos,
        "faces_ok": photos - lost,
        "faces_none": lost - lost // 4,
        "faces_blurred": lost // 4,
        "face_loss": lost / photos if photos else None,
        "matched": 800,
        "match_rate": 0.9,
        "baskets": 1200,
        "baskets_with_age": 780,
        "age_known": 0.65,
    }


def quality(rows):
    return table(data_quality.SCHEMA, rows)


def drift_row(store, measure, *, status="alarm", date=LAST, sentence="It is darker."):
    return {
        "date": date,
        "store_id": store,
        "measure": measure,
        "status": status,
        "is_alarm": status == "alarm",
        "sentence": sentence,
    }


def drift(rows):
    return table(store_drift.SCHEMA, rows)


def minors(**changes):
    row = {
        "legal_age_years": 18,
        "num_sales": 5000,
        "is_identified": True,
        "sales": 16.2,
        "low_sales": 4.0,
        "high_sales": 31.7,
    }
    return table(minors_schema.SCHEMA, [row | changes])


def _rows_of(item, indices):
    return [
        cell(item, group, index, reliable=abs(index - 100) > 30)
        for group, index in zip(GROUPS, indices, strict=True)
    ]


def make(**changes):
    """Answers of two stores, 26 of 28 days and four cashiers."""
    span = [FIRST + datetime.timedelta(number) for number in range(28)]
    config = {
        "warehouse": "w",
        "first_day": FIRST,
        "last_day": LAST,
        "output": "o",
        "period_days": 9,
    }
    wanted = changes.pop("settings", {})
    found = answers.Answers(
        settings=settings.ReportConfig(**(config | wanted)),
        dates=tuple(span[:10] + span[12:]),
        age_group_affinity=affinity(
            [
                *_rows_of("Energy drinks", [240.0, 110.0, 60.0, 30.0]),
                *_rows_of("Tea", [55.0, 90.0, 105.0, 160.0]),
                *_rows_of("Bread", [98.0, 101.0, 100.0, 102.0]),
            ]
        ),
        offers=offers_of([offer("Energy drinks", "<25", 1), offer("Tea", "65+", 1)]),
        cashier_audit=audit(
            [
                cashier("0001", "aa", "within_limits", ratio=0.9),
                cashier("0001", "bb", "review", ratio=2.6, expected=31.0),
                cashier("0002", "cc", "insufficient_data", expected=2.0),
                cashier("0002", "dd", "within_limits", ratio=1.2, expected=45.0),
            ]
        ),
        restricted_sales_by_hour=hours(
            [hour("0001", 9, 40), hour("0001", 18, 400), hour("0002", 18, 250)]
        ),
        data_quality=quality(
            [
                store_quality(None),
                store_quality("0001"),
                store_quality("0002", lost=400),
            ]
        ),
        cashier_audit_periods=table(cashier_audit.PERIODS_SCHEMA, []),
        store_drift=drift([drift_row("0002", "mean_brightness")]),
        minors=minors(),
        eligible_probability=0.5,
        notes=("Two days were not published.",),
    )
    return dataclasses.replace(found, **changes)
