"""Photos and purchase lines of a part of a day, joined into table rows."""

import dataclasses
import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import (
    age_groups,
    ages,
    audit,
    buyers,
    demand,
    matching,
    pseudonyms,
    receipts,
    row_keys,
)
from schemas import photo_ages, purchase_ages, tables

# In whole years, the ends of the interval tell a buyer from nearly all others.
_INTERVAL_STEP_YEARS = 5
_AGE_COLUMNS = ("age_years", "age_low_years", "age_high_years")


@dataclasses.dataclass(frozen=True, kw_only=True)
class JoinSettings:
    """How photos meet purchases, and what the tables show.

    Attributes:
      day: Trading day.
      model_version: Written beside each photo's age.
      calibration: Of the model's bundle.
      match: Distances and clocks.
      groups: Age groups of `purchase_ages`.
      audit_rules: What the law and the chain ask.
    """

    day: datetime.date
    model_version: str
    calibration: ages.Calibration
    match: matching.MatchSettings = dataclasses.field(
        default_factory=matching.MatchSettings
    )
    groups: age_groups.AgeGroups = age_groups.REPORT_GROUPS
    audit_rules: audit.AuditSettings = dataclasses.field(
        default_factory=audit.AuditSettings
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class JoinedPartition:
    """What became of a part of a day.

    Attributes:
      tables: Rows by table folder, each exactly in its schema; the tables that
        are summed by key hold partial sums.
      counts: Counters of `schemas.runs.COUNTS`.
      clock_reports: One for each register with photos.
    """

    tables: dict[str, pa.Table]
    counts: dict[str, int]
    clock_reports: list[matching.ClockReport]


def join(
    photos: pa.Table,
    lines: pa.Table,
    settings: JoinSettings,
    secret: pseudonyms.Pseudonyms | None,
) -> JoinedPartition:
    """Joins all photos and lines of some registers.

    Args:
      photos: `captures.ATTRIBUTED_SCHEMA`; those rejected as undecodable are rows
        of `photo_ages`, but in no counter here.
      lines: `purchases.LINES_SCHEMA`.
      settings: Of the run.
      secret: For pseudonyms; None: no cashier ids, and basket ids that hold for
        this state of the day's log alone.

    Returns:
      Rows that do not depend on the order of `photos` and `lines`. A receipt whose
      photos show different people has rows in `purchase_ages` alone.
    """
    photos = _sorted(photos)
    bought = receipts.gather(lines)
    matches = matching.match(photos, bought.rows, settings.match)
    seen = buyers.ages_of_photos(photos, settings.calibration)
    known = buyers.of_receipts(
        seen, matches, bought.rows.num_rows, settings.calibration
    )
    photo_rows = _photo_ages(photos, bought.rows, matches, seen, settings.model_version)
    return JoinedPartition(
        tables={
            tables.PHOTO_AGES.folder: photo_rows,
            tables.PURCHASE_AGES.folder: _purchase_ages(
                bought, known, settings, secret
            ),
            **_sales_tables(bought, known, settings, secret),
        },
        counts=_counts(photos, bought, matches, known),
        clock_reports=matches.clock_reports,
    )


def _sales_tables(
    bought: receipts.Receipts,
    known: buyers.Buyers,
    settings: JoinSettings,
    secret: pseudonyms.Pseudonyms | None,
) -> dict[str, pa.Table]:
    """Makes the tables that count sales only, and none of mixed people."""
    is_sale = np.asarray(pc.equal(bought.lines["line_type"], "sale").combine_chunks())
    is_counted = is_sale & ~known.is_mixed[bought.receipt_of_line]
    sales = bought.lines.filter(pa.array(is_counted))
    receipt = bought.receipt_of_line[is_counted]
    restricted = audit.of_sales(
        sales, receipt, bought.rows, known, settings.audit_rules, settings.day, secret
    )
    is_sold = np.asarray(pc.equal(_outcomes(sales), "sale").combine_chunks())
    sold, buyer = sales.filter(pa.array(is_sold)), receipt[is_sold]
    return {
        **demand.of_sales(sold, buyer, known.age_years[buyer]).tables(),
        tables.RESTRICTED_SALES.folder: restricted,
        tables.CASHIER_DAYS.folder: audit.by_cashier(restricted),
    }


def _sorted(photos: pa.Table) -> pa.Table:
    photos = photos.combine_chunks()
    order = row_keys.codes(photos[name] for name in tables.PHOTO_AGES.sort_by)
    return photos.take(pa.array(np.argsort(order, kind="stable")))


def _photo_ages(
    photos: pa.Table,
    rows: pa.Table,
    matches: matching.Matches,
    seen: buyers.PhotoAges,
    model_version: str,
) -> pa.Table:
    owner = pa.array(
        matches.transaction, mask=matches.transaction == matching.NO_TRANSACTION
    )
    columns = {name: photos[name] for name in photos.column_names}
    columns |= _years(seen.age_years, seen.low_years, seen.high_years)
    columns |= {
        "transaction_id": rows["transaction_id"].take(owner),
        "match_method": pa.array(matching.METHODS).take(pa.array(matches.method)),
        "time_gap_seconds": pa.array(matches.gap_seconds, from_pandas=True),
        "model_version": pa.repeat(pa.scalar(model_version), photos.num_rows),
    }
    schema = photo_ages.SCHEMA
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def _purchase_ages(
    bought: receipts.Receipts,
    known: buyers.Buyers,
    settings: JoinSettings,
    secret: pseudonyms.Pseudonyms | None,
) -> pa.Table:
    receipt = bought.receipt_of_line
    baskets = pseudonyms.receipts_of_day(
        "basket", bought.rows, np.arange(bought.rows.num_rows), settings.day, secret
    )
    orders = settings.groups.orders(known.age_years)
    of_receipt = {
        "basket_id": baskets,
        "age_group": settings.groups.names(orders),
        "age_group_order": pa.array(orders),
        **_coarse_years(known),
        "photos_used": pa.array(known.photos_used),
        "match_method": pa.array(buyers.METHODS).take(pa.array(known.method)),
        "time_gap_seconds": _whole(np.rint(known.gap_seconds), pa.int64()),
    }
    columns = {name: bought.lines[name] for name in bought.lines.column_names}
    columns["line_type"] = _outcomes(bought.lines)
    rows = pa.array(receipt)
    columns |= {name: values.take(rows) for name, values in of_receipt.items()}
    schema = purchase_ages.SCHEMA
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def _outcomes(lines: pa.Table) -> pa.ChunkedArray:
    """Tells what came of each line: what was refused, nobody bought."""
    is_refused = pc.and_(
        pc.equal(lines["line_type"], "sale"),
        pc.equal(lines["id_check"], "refused_sale").fill_null(False),
    )
    return pc.if_else(is_refused, purchase_ages.REFUSED, lines["line_type"])


def _years(*columns: npt.NDArray[np.float64]) -> dict[str, pa.Array]:
    return {
        name: pa.array(years, from_pandas=True)
        for name, years in zip(_AGE_COLUMNS, columns, strict=True)
    }


def _coarse_years(known: buyers.Buyers) -> dict[str, pa.Array]:
    """Rounds the age down and its interval outward; keeps every age in its group."""
    step = _INTERVAL_STEP_YEARS
    coarse = (
        np.floor(known.age_years),
        np.floor(known.low_years / step) * step,
        np.ceil(known.high_years / step) * step,
    )
    return {
        name: _whole(years, pa.int16())
        for name, years in zip(_AGE_COLUMNS, coarse, strict=True)
    }


def _whole(values: npt.NDArray[np.float64], kind: pa.DataType) -> pa.Array:
    return pa.array(values, from_pandas=True).cast(kind)


def _counts(
    photos: pa.Table,
    bought: receipts.Receipts,
    matches: matching.Matches,
    known: buyers.Buyers,
) -> dict[str, int]:
    is_matched = matches.transaction != matching.NO_TRANSACTION
    has_age = known.row_of_receipt >= 0
    status = np.asarray(photos["face_status"].combine_chunks())
    is_faceless = (matches.method == matching.NO_FACE) & (status != "undecodable")
    return {
        "photos_matched": int(is_matched.sum()),
        "photos_unmatched": int((matches.method == matching.UNMATCHED).sum()),
        "photos_ambiguous": int((matches.method == matching.AMBIGUOUS).sum()),
        "photos_without_face": int(is_faceless.sum()),
        "lines_out": bought.lines.num_rows,
        "lines_duplicate": bought.num_duplicate,
        "lines_superseded": bought.num_superseded,
        "transactions": bought.rows.num_rows,
        "transactions_matched": int(has_age.sum()),
        "transactions_mixed_people": int(known.is_mixed.sum()),
    }
