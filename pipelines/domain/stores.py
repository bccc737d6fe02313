"""Where the stores are: `stores.csv`."""

import pyarrow as pa

from pipelines.domain import local_times

FILE = "stores.csv"
COLUMNS = ("store_id", "timezone")


class StoresError(ValueError):
    """`stores.csv` cannot be used; the message says why."""


def parse(table: pa.Table, default: str | None) -> local_times.StoreZones:
    """Reads the time zones of the stores.

    Args:
      table: All text; other columns are left alone.
      default: Zone of stores that are not listed; None: unknown.

    Raises:
      StoresError: a column is missing, a store is listed twice, or a zone unknown.
    """
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise StoresError(f"{FILE}: column {missing[0]} is missing")
    zones: dict[str, str] = {}
    for row in table.select(COLUMNS).to_pylist():
        store_id, zone = ((row[name] or "").strip() for name in COLUMNS)
        if not store_id or not zone:
            raise StoresError(f"{FILE}: each line needs store_id and timezone")
        if zones.setdefault(store_id, zone) != zone:
            raise StoresError(f"{FILE}: store {store_id} is listed with two time zones")
    try:
        return local_times.StoreZones(by_store=zones, default=default)
    except local_times.UnknownZoneError as error:
        raise StoresError(f"{FILE}: {error}") from error
