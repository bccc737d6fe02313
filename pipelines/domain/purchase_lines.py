"""Lines of the purchase log: read, checked column by column, normalised.

Text is trimmed; ids are kept as written. Money given as text, decimal or float is
rounded half to even at four decimals. A null `line_type` is a sale. A line is
age-restricted if its flag says so; without a flag, if its category is in the list
or it carries a minimum age.
"""

import dataclasses
import datetime
import functools

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import columns, kinds, local_times, row_layouts
from schemas import purchases

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
LAYOUT = row_layouts.RowLayout(
    stage="purchases",
    known=_KINDS,
    required=purchases.REQUIRED_COLUMNS,
    schema=purchases.LINES_SCHEMA,
)


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


def parse(
    table: pa.Table,
    source_file: str,
    source_rows: npt.NDArray[np.int64],
    rules: LineRules,
) -> row_layouts.CheckedRows:
    """Checks and normalises one batch of lines by the rules of the day.

    Args, result and errors are those of `RowLayout.check_rows`.
    """
    return LAYOUT.check_rows(
        table, source_file, source_rows, functools.partial(_complete, rules)
    )


def _complete(
    rules: LineRules,
    written: row_layouts.Columns,
    values: row_layouts.Columns,
    faults: columns.Faults,
) -> row_layouts.Columns:
    return {
        **_times(written, rules, faults),
        "line_type": values["line_type"].fill_null("sale"),
        "age_restricted": _restricted(values, rules),
    }


def _times(
    written: row_layouts.Columns, rules: LineRules, faults: columns.Faults
) -> row_layouts.Columns:
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
        lambda row: (
            f"paid_at is in the trading day {days[row]}, not {rules.day}"
            + _clock_hint(str(written["store_id"][row]), rules.zones)
        ),
    )
    hours = paid.local % local_times.MICROS_PER_DAY // local_times.MICROS_PER_HOUR
    return {
        "started_at": local_times.to_timestamps(started.utc),
        "paid_at": local_times.to_timestamps(paid.utc),
        "local_hour": pa.array(hours.astype(np.int8)),
    }


def _clock_hint(store_id: str, zones: local_times.StoreZones) -> str:
    if zones.of(store_id) is not None:
        return ""
    return ", by the offset as written; stores.csv or --timezone tell the store's clock"


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
