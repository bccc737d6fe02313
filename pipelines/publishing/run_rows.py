"""What the table `runs` says of published days."""

import datetime
import pathlib
import re
from collections.abc import Iterable, Sequence

import pyarrow as pa

from pipelines.publishing import partitions, warehouse
from pipelines.storage import roots
from schemas import runs, tables

# See `publish.new_run_id`.
_RUN_ROW = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]+)\.parquet")
_ORDER = ("is_published", "started_at_utc", "run_id")


def days(root: str, dates: Iterable[datetime.date]) -> list[datetime.date]:
    """Lists those of `dates` that have rows, ascending.

    Raises:
      partitions.WarehouseError: the table is not there, or may not be read.
    """
    return _table(root).days(dates)


def newest(root: str, day: datetime.date, columns: Sequence[str]) -> pa.Table:
    """Reads the newest published run of a day that has rows.

    Args:
      root: Local warehouse folder.
      day: One of `days`.
      columns: Of `schemas.runs`; no others are read but those that tell the newest.

    Returns:
      One row of these columns; none if every run was refused.

    Raises:
      partitions.WarehouseError: a file of the day cannot be read.
    """
    rows = _table(root).read(day, list(dict.fromkeys([*columns, *_ORDER])))
    published = rows.filter(rows["is_published"])
    order = [("started_at_utc", "descending"), ("run_id", "descending")]
    return published.sort_by(order).slice(0, 1).select(list(columns))


def newest_run_id(day: warehouse.Day) -> str | None:
    """Names the run of a day that began last by its own clock; None: there is none."""
    files = roots.at(day.warehouse).files(f"{tables.RUNS_FOLDER}/{day.partition}")
    names = (
        _RUN_ROW.fullmatch(pathlib.PurePosixPath(file.path).name) for file in files
    )
    return max((name[1] for name in names if name), default=None)


def _table(root: str) -> partitions.Partitions:
    return partitions.Partitions(
        warehouse=root,
        table=tables.RUNS_FOLDER,
        schema=runs.SCHEMA,
        oldest_version=runs.OLDEST_READABLE_VERSION,
    )
