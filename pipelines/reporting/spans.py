"""Reads a span of published days: what the answers need of it, and no more.

Demand is summed over days and stores as it is read, so that memory grows with the
assortment, not with the span. Of the restricted sales every row stays: the buyers' age
prior is estimated from their age distributions.
"""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa

from pipelines.domain import item_baskets
from pipelines.publishing import partitions, places, run_rows, warehouse
from pipelines.storage import roots
from schemas import restricted_sales, runs, tables

DATE = "date"
SALES_COLUMNS = (
    DATE,
    *(name for name in restricted_sales.SCHEMA.names if name != "sale_id"),
)
"""Columns of `Span.restricted_sales`."""

_LEVELS = {
    "product": tables.DEMAND_BY_PRODUCT,
    "category": tables.DEMAND_BY_CATEGORY,
}
_ITEM = ("product_id", "product_name", "category", "age_restricted")
_SUMMED = ("age_band_order", "baskets")
# Sums of so many rows are added up before more are read.
_MAX_WAITING_ROWS = 1_000_000
_ONE_DAY = datetime.timedelta(days=1)
_MAX_RANGES = 6


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Span:
    """What is published of a span of days.

    Attributes:
      first_day: First day asked for, inclusive.
      last_day: Last day asked for, inclusive.
      dates: Published days, ascending; at least one.
      dates_missing: Days that are not published, ascending.
      dates_unrecorded: Published days without a row of `runs`: nobody knows which
        model scored them.
      dates_purged: Published days whose restricted sales are deleted, as retention
        asks.
      demand: Baskets by product or category and age band; see `item_baskets.summed`.
      demand_total: Baskets by age band.
      store_baskets: Columns store_id, age_band_order, baskets.
      restricted_sales: Rows of `schemas.restricted_sales` with their `date`, without
        `sale_id`; see `SALES_COLUMNS`.
      runs: Of each day the newest published run: `date` and the columns of
        `schemas.runs`, ascending.
      earlier_runs: As `runs`, of days before the first: what stores are compared with.
    """

    first_day: datetime.date
    last_day: datetime.date
    dates: tuple[datetime.date, ...]
    dates_missing: tuple[datetime.date, ...]
    dates_unrecorded: tuple[datetime.date, ...]
    dates_purged: tuple[datetime.date, ...]
    demand: pa.Table
    demand_total: pa.Table
    store_baskets: pa.Table
    restricted_sales: pa.Table
    runs: pa.Table
    earlier_runs: pa.Table

    def notes(self) -> list[str]:
        """Says in sentences what is missing; nothing if all is there."""
        notes = []
        if num_missing := len(self.dates_missing):
            verb = "is" if num_missing == 1 else "are"
            notes.append(
                f"{num_missing} of {num_missing + len(self.dates)} days {verb} not "
                f"published: {ranges(self.dates_missing)}."
            )
        if self.dates_unrecorded:
            notes.append(
                "No run is recorded for these published days, so that it is not known "
                f"which model scored them: {ranges(self.dates_unrecorded)}."
            )
        if self.dates_purged:
            notes.append(
                "The single restricted sales of these days are purged: the cashier "
                "audit, sales by hour and sales to minors leave them out: "
                f"{ranges(self.dates_purged)}."
            )
        return notes


def read(
    root: str,
    first_day: datetime.date,
    last_day: datetime.date,
    level: str,
    history_days: int = 0,
) -> Span:
    """Reads a span of days.

    Args:
      root: Local warehouse folder.
      first_day: Inclusive.
      last_day: Inclusive.
      level: `product` or `category`.
      history_days: How many days before the first `earlier_runs` goes back.

    Raises:
      partitions.WarehouseError: none of the days is published, a table is missing or
        damaged, or a day was published anew while it was read.
    """
    total = _table(root, tables.DEMAND_TOTAL)
    dates = _dates(total, first_day, last_day)
    versions = _versions(root, dates)
    found = _runs(root, dates)
    store_baskets = _store_baskets(total, dates)
    purged = _purged(root, dates)
    span = Span(
        first_day=first_day,
        last_day=last_day,
        dates=dates,
        dates_missing=_others(first_day, last_day, dates),
        dates_unrecorded=tuple(sorted({*dates} - {*found[DATE].to_pylist()})),
        dates_purged=purged,
        demand=_demand(_table(root, _LEVELS[level]), dates),
        demand_total=item_baskets.summed(store_baskets),
        store_baskets=store_baskets,
        restricted_sales=_restricted_sales(root, sorted({*dates} - {*purged})),
        runs=found,
        earlier_runs=_runs(root, _days_before(first_day, history_days)),
    )
    _check_unchanged(versions, _versions(root, dates))
    return span


def ranges(dates: Sequence[datetime.date]) -> str:
    """Writes ascending days as ranges, such as `2026-11-01 to 2026-11-05`."""
    found: list[list[datetime.date]] = []
    for day in dates:
        if found and day == found[-1][-1] + _ONE_DAY:
            found[-1][1:] = [day]
        else:
            found.append([day])
    written = [" to ".join(map(str, ends)) for ends in found]
    more = len(written) - _MAX_RANGES
    if more > 0:
        written = [*written[:_MAX_RANGES], f"and {more} more"]
    return ", ".join(written)


def _table(root: str, table: tables.Table) -> partitions.Partitions:
    return partitions.Partitions(
        warehouse=root, table=table.folder, schema=table.schema
    )


def _dates(
    table: partitions.Partitions, first_day: datetime.date, last_day: datetime.date
) -> tuple[datetime.date, ...]:
    published = table.days()
    dates = tuple(day for day in published if first_day <= day <= last_day)
    if not dates:
        raise partitions.WarehouseError(
            f"{table.warehouse}: no day from {first_day} to {last_day} is published; "
            f"published are {ranges(published) or 'none'}"
        )
    return dates


def _others(
    first_day: datetime.date, last_day: datetime.date, dates: Iterable[datetime.date]
) -> tuple[datetime.date, ...]:
    num_days = (last_day - first_day).days + 1
    asked = {first_day + number * _ONE_DAY for number in range(num_days)}
    return tuple(sorted(asked - {*dates}))


def _days_before(first_day: datetime.date, num_days: int) -> list[datetime.date]:
    return [first_day - number * _ONE_DAY for number in range(num_days, 0, -1)]


def _versions(root: str, dates: Iterable[datetime.date]) -> dict[datetime.date, str]:
    """Names the version of each day; a later publish changes it."""
    return {day: places.of(warehouse.day(root, day)).token() for day in dates}


def _check_unchanged(
    before: dict[datetime.date, str], after: dict[datetime.date, str]
) -> None:
    changed = [day for day, version in before.items() if after[day] != version]
    if changed:
        raise partitions.WarehouseError(
            f"published anew while it was read: {ranges(changed)}; start the report "
            "again"
        )


def _demand(table: partitions.Partitions, dates: Iterable[datetime.date]) -> pa.Table:
    item = [name for name in _ITEM if name in table.schema.names]
    texts = [name for name in item if pa.types.is_string(table.schema.field(name).type)]
    days = (table.read(day, [*item, *_SUMMED], texts) for day in dates)
    # Dictionaries of two days differ, and cannot be added up.
    summed = (_decoded(item_baskets.summed(day), table.schema) for day in days)
    return _added_up(summed, item_baskets.summed)


def _decoded(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    kinds = [(name, schema.field(name).type) for name in rows.schema.names]
    return rows.cast(pa.schema(kinds))


def _store_baskets(
    table: partitions.Partitions, dates: Iterable[datetime.date]
) -> pa.Table:
    days = (table.read(day, ["store_id", *_SUMMED]) for day in dates)
    summed = _added_up(map(_by_store, days), _by_store)
    return summed.sort_by([("store_id", "ascending"), ("age_band_order", "ascending")])


def _by_store(rows: pa.Table) -> pa.Table:
    keys = ["store_id", "age_band_order"]
    grouped = rows.group_by(keys, use_threads=False).aggregate([("baskets", "sum")])
    return grouped.rename_columns([*keys, "baskets"])


def _added_up(
    sums: Iterable[pa.Table], add_up: Callable[[pa.Table], pa.Table]
) -> pa.Table:
    waiting: list[pa.Table] = []
    for summed in sums:
        waiting.append(summed)
        if sum(rows.num_rows for rows in waiting[1:]) > _MAX_WAITING_ROWS:
            waiting = [add_up(pa.concat_tables(waiting))]
    return add_up(pa.concat_tables(waiting))


def _restricted_sales(root: str, dates: Iterable[datetime.date]) -> pa.Table:
    table = _table(root, tables.RESTRICTED_SALES)
    columns = [name for name in SALES_COLUMNS if name != DATE]
    nothing = table.schema.empty_table().select(columns)
    rows = [_dated(table.read(day, columns), day) for day in dates]
    return pa.concat_tables([_dated(nothing, datetime.date.min), *rows])


def _purged(root: str, dates: Sequence[datetime.date]) -> tuple[datetime.date, ...]:
    """Lists the days whose restricted sales were published, and are gone."""
    folder = tables.RESTRICTED_SALES.folder
    # A bucket has no empty folders.
    is_there = roots.at(root).exists(folder)
    found = _table(root, tables.RESTRICTED_SALES).days(dates) if is_there else []
    without = sorted({*dates} - {*found})
    manifests = {day: places.of(warehouse.day(root, day)).manifest() for day in without}
    return tuple(
        day
        for day, one in manifests.items()
        if one is not None and folder in one.purged
    )


def _runs(root: str, dates: Iterable[datetime.date]) -> pa.Table:
    newest = [
        _dated(run_rows.newest(root, day, runs.SCHEMA.names), day)
        for day in run_rows.days(root, dates)
    ]
    nothing = _dated(runs.SCHEMA.empty_table(), datetime.date.min)
    return pa.concat_tables([nothing, *newest])


def _dated(rows: pa.Table, day: datetime.date) -> pa.Table:
    dates = pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows)
    return rows.add_column(0, pa.field(DATE, pa.date32(), nullable=False), dates)
