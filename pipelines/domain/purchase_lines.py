"""Lines of the purchase log: read, checked column by column, normalised.

Text is trimmed; ids are kept as written. Money given as text, decimal or float is
rounded half to even at four decimals. A null `line_type` is a sale. A line is
age-restricted if its flag says so; without a flag, if its category is in the list
or it carries a minimum age.
"""

import dataclasses
import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import records
from pipelines.domain import columns, kinds, local_times
from schemas import purchases

STAGE = "purchases"

_KINDS = {
    "store_id": kinds.TEXT,
    "register_id": kinds.TEXT,
    "transaction_id": kinds.TEXT,
    "cashier_id": kinds.TEXT,
    "started_at": kinds.TIME,
    "paid_at": kinds.TIME,
    "line_number": kinds.whole(0, 999_999_999, pa.int32()),
    "line_type": kinds.choice(purchases.LINE_TYPES),
    "product_id": kinds.TEXT,
    "product_name": kinds.TEXT,
    "category": kinds.TEXT,
    "quantity": kinds.MONEY,
    "amount": kinds.MONEY,
    "currency": kinds.CURRENCY,
    "age_restricted": kinds.FLAG,
    "minimum_age": kinds.whole(0, 120, pa.int16()),
    "id_check": kinds.choice(purchases.ID_CHECKS),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class LineRules:
    """What a line of one trading day must satisfy.

    Attributes:
      day: The trading day of the folder.
      day_starts_at: Local time at which a trading day starts.
      zones: Where the stores are, for naive times and local hours.
      restricted_categories: Categories sold to adults only, where lines carry no
        flag of their own.
      max_transaction_hours: A longer receipt has a wrong `started_at`: its window
        would claim the photos of others.
    """

    day: datetime.date
    day_starts_at: datetime.time = datetime.time(4)
    zones: local_times.StoreZones = dataclasses.field(
        default_factory=local_times.StoreZones
    )
    restricted_categories: frozenset[str] = frozenset()
    max_transaction_hours: float = 12.0

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: they cannot be used.
        """
        if not self.max_transaction_hours > 0:
            raise ValueError(
                "max_transaction_hours must be above 0; "
                f"received {self.max_transaction_hours}"
            )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One batch of lines after the checks.

    Attributes:
      lines: Good lines, `schemas.purchases.LINES_SCHEMA`, in the order of the file.
      rejections: One for each other line.
      num_ignored_columns: Columns of the batch that no one knows.
    """

    lines: pa.Table
    rejections: list[records.Rejection]
    num_ignored_columns: int


def check_columns(given: pa.Schema, source_file: str) -> None:
    """Checks the columns of a file before the run starts.

    Args:
      given: From `tabular.schema_of`.
      source_file: For the message.

    Raises:
      columns.MissingColumnError: a required column is not there.
      columns.ColumnTypeError: a column's type cannot hold its values.
    """
    columns.check(given, _KINDS, purchases.REQUIRED_COLUMNS, source_file)


def num_ignored_columns(given: pa.Schema) -> int:
    """Counts the columns of a file that are not read."""
    return len(set(given.names) - set(_KINDS))


def parse(
    table: pa.Table,
    source_file: str,
    source_rows: npt.NDArray[np.int64],
    rules: LineRules,
) -> Parsed:
    """Checks and normalises one batch of lines.

    Args:
      table: As read by `tabular.read`: all text, or the types of a Parquet file.
      source_file: Path below the input root.
      source_rows: Line of the file of each row, shape `(table.num_rows,)`.
      rules: Of the day.

    Returns:
      Good lines and rejections; together as many as `table` has rows.

    Raises:
      columns.MissingColumnError: a required column is not there.
      columns.ColumnTypeError: a column's type cannot hold its values.
    """
    if table.num_rows:
        check_columns(table.schema, source_file)
    written = columns.take(table, _KINDS)
    faults = columns.Faults(table.num_rows)
    values = {
        name: columns.convert(
            name, written[name], kind, name in purchases.REQUIRED_COLUMNS, faults
        )
        for name, kind in _KINDS.items()
    }
    values |= _times(written, rules, faults)
    values |= {
        "line_type": values["line_type"].fill_null("sale"),
        "age_restricted": _restricted(values, rules),
        "source_file": pa.repeat(pa.scalar(source_file), table.num_rows),
        "source_row": pa.array(source_rows, pa.int64()),
    }
    good = pa.array(faults.is_good)
    schema = purchases.LINES_SCHEMA
    lines = [values[name].filter(good) for name in schema.names]
    return Parsed(
        lines=pa.Table.from_arrays(lines, schema=schema),
        rejections=faults.rejections(STAGE, source_file, source_rows),
        num_ignored_columns=num_ignored_columns(table.schema),
    )


def _times(
    written: dict[str, pa.Array], rules: LineRules, faults: columns.Faults
) -> dict[str, pa.Array]:
    started = columns.read_times("started_at", written, rules.zones, faults)
    paid = columns.read_times("paid_at", written, rules.zones, faults)
    faults.add(paid.utc < started.utc, lambda row: "paid_at is before started_at")
    longest = int(rules.max_transaction_hours * local_times.MICROS_PER_HOUR)
    faults.add(
        paid.utc - started.utc > longest,
        lambda row: (
            f"started_at is more than {rules.max_transaction_hours:g} hours "
            "before paid_at"
        ),
    )
    days = trading_days(paid.local, rules.day_starts_at)
    faults.add(
        days != np.datetime64(rules.day),
        lambda row: f"paid_at is in the trading day {days[row]}, not {rules.day}",
    )
    hours = paid.local % local_times.MICROS_PER_DAY // local_times.MICROS_PER_HOUR
    return {
        "started_at": local_times.to_timestamps(started.utc),
        "paid_at": local_times.to_timestamps(paid.utc),
        "local_hour": pa.array(hours.astype(np.int8)),
    }


def trading_days(
    local: local_times.Micros, day_starts_at: datetime.time
) -> npt.NDArray[np.datetime64]:
    """Finds the trading day that each wall-clock time belongs to, dtype `M8[D]`."""
    start = datetime.datetime.combine(datetime.date.min, day_starts_at)
    after_midnight = (start - datetime.datetime.min) // datetime.timedelta(
        microseconds=1
    )
    days = (local - after_midnight) // local_times.MICROS_PER_DAY
    return days.astype("datetime64[D]")


def _restricted(values: dict[str, pa.Array], rules: LineRules) -> pa.Array:
    listed = pa.array(
        sorted(category.lower() for category in rules.restricted_categories),
        pa.string(),
    )
    by_category = pc.is_in(pc.utf8_lower(values["category"]), listed)
    by_age = pc.greater(values["minimum_age"], 0).fill_null(False)
    return pc.coalesce(values["age_restricted"], pc.or_(by_category, by_age))
