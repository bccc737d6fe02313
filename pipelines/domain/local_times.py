"""Times as tills write them: with an offset, or naive in the store's time zone."""

import dataclasses
import datetime
import enum
import re
import zoneinfo
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import value_shapes

_PARTS = (
    r"^(?P<wall>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)"
    r"(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?$"
)
_UNKNOWN_ZONE = -1
_MICROS_PER_MINUTE = 60_000_000
MICROS_PER_HOUR = 60 * _MICROS_PER_MINUTE
MICROS_PER_DAY = 24 * MICROS_PER_HOUR
# Time zone rules end near year 9999; no till or camera is that old or that far ahead.
_EARLIEST = "1900-01-01"
_LATEST = "2200-01-01"

Micros = npt.NDArray[np.int64]
"""Microseconds since 1970-01-01T00:00, shape `(n,)`."""


class UnknownZoneError(ValueError):
    """A name is no time zone."""


class TimeFault(enum.IntEnum):
    """What is wrong with a time."""

    NONE = 0
    NOT_A_TIME = 1
    NO_ZONE = 2
    AMBIGUOUS = 3
    SKIPPED = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class StoreZones:
    """Time zones of the stores.

    Attributes:
      by_store: IANA name, such as `Europe/Berlin`, by store id.
      default: IANA name for every other store; None: unknown.
    """

    by_store: Mapping[str, str] = dataclasses.field(default_factory=dict)
    default: str | None = None

    def __post_init__(self) -> None:
        """Checks the names.

        Raises:
          UnknownZoneError: one of them is no time zone.
        """
        names = {*self.by_store.values(), *([self.default] if self.default else [])}
        for name in sorted(names):
            check_zone(name)

    def of(self, store_id: str) -> str | None:
        """Names the zone of one store; None: unknown."""
        return self.by_store.get(store_id, self.default)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times of a batch of rows, all shape `(n,)`; 0 where `faults` is not.

    Attributes:
      utc: Instant.
      local: Wall clock of the store; of the offset as written where the store's
        zone is unknown.
      faults: `TimeFault`, dtype int8. A missing time is `NONE` here.
    """

    utc: Micros
    local: Micros
    faults: npt.NDArray[np.int8]


def check_zone(name: str) -> None:
    """Checks the name of a time zone.

    Raises:
      UnknownZoneError: the time zone database does not know it.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(
            f"{name!r} is not a time zone such as Europe/Berlin"
        ) from error


def is_plausible(counts: npt.NDArray[np.int64], unit: str) -> npt.NDArray[np.bool_]:
    """Tells which times can be true: those of the years 1900 to 2199.

    Args:
      counts: In units since 1970, shape `(n,)`.
      unit: `s`, `ms`, `us` or `ns`.
    """
    ends = np.array([_EARLIEST, _LATEST], f"datetime64[{unit}]").view(np.int64)
    return (counts >= ends[0]) & (counts < ends[1])


def zone_of_column(name: str) -> datetime.tzinfo:
    """Makes the time zone of a timestamp column, such as `UTC` or `+02:00`.

    Raises:
      UnknownZoneError: the name is neither a zone nor an offset.
    """
    is_offset = re.fullmatch(r"[+-]\d{2}:?\d{2}", name)
    minutes = _offset_minutes(name) if is_offset else None
    if minutes is not None:
        return datetime.timezone(datetime.timedelta(minutes=minutes))
    check_zone(name)
    return zoneinfo.ZoneInfo(name)


def read(times: pa.Array, store_ids: pa.Array, zones: StoreZones) -> Times:
    """Reads a column of times.

    Args:
      times: Strings in ISO 8601, or timestamps with or without a time zone.
      store_ids: Strings, which store's clock each naive time shows.
      zones: Where the stores are.

    Returns:
      Instants and wall clocks.
    """
    wall, offset, has_offset, faults = _as_written(times)
    utc, local = wall - offset, wall.copy()
    zone_codes, names = _zone_of_rows(store_ids, zones)
    is_usable = (faults == TimeFault.NONE) & np.asarray(times.is_valid())
    faults[is_usable & ~has_offset & (zone_codes == _UNKNOWN_ZONE)] = TimeFault.NO_ZONE
    for code, rows in _groups(zone_codes, is_usable):
        zone = zoneinfo.ZoneInfo(names[code])
        naive = rows[~has_offset[rows]]
        utc[naive], faults[naive] = _localize(wall[naive], zone)
        aware = rows[has_offset[rows]]
        local[aware] = _to_wall(utc[aware], zone)
    is_bad = ~is_usable | (faults != TimeFault.NONE)
    utc[is_bad] = local[is_bad] = 0
    return Times(utc=utc, local=local, faults=faults)


def describe(fault: int, written: str, store_id: str, zones: StoreZones) -> str:
    """Says what is wrong with a time, after the name of its column."""
    zone = zones.of(store_id)
    return {
        TimeFault.NOT_A_TIME: (
            f"of the shape {value_shapes.shape(written)} is not a time such as "
            "2026-11-21T18:45:12+01:00"
        ),
        TimeFault.NO_ZONE: (
            f"{written!r} has no offset, and its store no time zone: list the store in "
            "stores.csv or give --timezone"
        ),
        TimeFault.AMBIGUOUS: f"{written!r} occurs twice in {zone} (clock change)",
        TimeFault.SKIPPED: f"{written!r} does not exist in {zone} (clock change)",
    }[TimeFault(fault)]


def to_timestamps(utc: Micros) -> pa.Array:
    """Makes a column of `schemas.fields.TIMESTAMP_UTC`."""
    return pa.array(utc, pa.int64()).cast(pa.timestamp("us", tz="UTC"))


_Written = tuple[Micros, Micros, npt.NDArray[np.bool_], npt.NDArray[np.int8]]
"""Wall clock as written, its offset, whether it has one, and faults."""


def _as_written(times: pa.Array) -> _Written:
    if pa.types.is_timestamp(times.type):
        return _from_timestamps(times)
    distinct = times.dictionary_encode()
    if not len(distinct.dictionary):
        return _nothing(len(times))
    rows = np.asarray(distinct.indices.fill_null(0))
    written = _from_text(distinct.dictionary)
    wall, offset, has_offset, faults = (values[rows] for values in written)
    faults[np.asarray(times.is_null())] = TimeFault.NONE
    return wall, offset, has_offset, faults


def _nothing(size: int) -> _Written:
    zeros = np.zeros(size, np.int64)
    return zeros, zeros.copy(), np.zeros(size, bool), np.zeros(size, np.int8)


def _from_text(texts: pa.Array) -> _Written:
    parts = pc.extract_regex(texts, _PARTS)
    walls = pd.Series(pc.struct_field(parts, "wall").to_pandas(), dtype=object)
    parsed = pd.to_datetime(walls, format="ISO8601", errors="coerce", utc=True)
    wall = parsed.dt.tz_convert(None).dt.as_unit("us").to_numpy().astype(np.int64)
    offset, is_offset = _offsets(pc.struct_field(parts, "offset"))
    is_bad = parsed.isna().to_numpy() | ~is_offset | ~is_plausible(wall, "us")
    wall[is_bad] = 0
    has_offset = np.asarray(
        pc.fill_null(pc.not_equal(pc.struct_field(parts, "offset"), ""), False)
    )
    faults = np.where(is_bad, TimeFault.NOT_A_TIME, TimeFault.NONE).astype(np.int8)
    return wall, offset, has_offset, faults


def _offsets(texts: pa.Array) -> tuple[Micros, npt.NDArray[np.bool_]]:
    distinct = texts.fill_null("").dictionary_encode()
    minutes = [_offset_minutes(text) for text in distinct.dictionary.to_pylist()]
    rows = np.asarray(distinct.indices)
    values = np.array([m or 0 for m in minutes], np.int64) * _MICROS_PER_MINUTE
    return values[rows], np.array([m is not None for m in minutes], bool)[rows]


def _offset_minutes(text: str) -> int | None:
    digits = text[1:].replace(":", "")
    if not digits:
        return 0
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    # No place on earth is further from UTC than 14 hours.
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        return None
    return (-1 if text[0] == "-" else 1) * (hours * 60 + minutes)


def _from_timestamps(times: pa.Array) -> _Written:
    name, unit = times.type.tz, times.type.unit
    counts = np.asarray(pc.cast(times, pa.int64()).fill_null(0))
    # In its own unit: a cast could overflow, to a time that looks good.
    is_bad = ~is_plausible(counts, unit)
    values = np.where(is_bad, 0, counts).view(f"datetime64[{unit}]")
    values = values.astype("datetime64[us]").view(np.int64)
    has_offset = np.full(len(values), name is not None)
    wall = values if name is None else _to_wall(values, zone_of_column(name))
    faults = np.where(is_bad, TimeFault.NOT_A_TIME, TimeFault.NONE).astype(np.int8)
    return wall, wall - values, has_offset, faults


def _zone_of_rows(
    store_ids: pa.Array, zones: StoreZones
) -> tuple[npt.NDArray[np.int64], list[str]]:
    distinct = store_ids.fill_null("").dictionary_encode()
    of_store = [zones.of(store) for store in distinct.dictionary.to_pylist()]
    names = sorted({name for name in of_store if name is not None})
    codes = [_UNKNOWN_ZONE if n is None else names.index(n) for n in of_store]
    return np.array(codes, np.int64)[np.asarray(distinct.indices)], names


def _groups(
    codes: npt.NDArray[np.int64], is_usable: npt.NDArray[np.bool_]
) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    rows = np.flatnonzero(is_usable & (codes != _UNKNOWN_ZONE))
    rows = rows[np.argsort(codes[rows], kind="stable")]
    present, starts = np.unique(codes[rows], return_index=True)
    yield from zip(present.tolist(), np.split(rows, starts[1:]), strict=False)


def _localize(
    wall: Micros, zone: zoneinfo.ZoneInfo
) -> tuple[Micros, npt.NDArray[np.int8]]:
    index = pd.DatetimeIndex(wall.view("datetime64[us]"))
    exact = index.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    faults = np.zeros(len(wall), np.int8)
    bad = np.flatnonzero(exact.isna())
    if len(bad):
        moved = index[bad].tz_localize(
            zone, ambiguous="NaT", nonexistent="shift_forward"
        )
        faults[bad] = np.where(moved.isna(), TimeFault.AMBIGUOUS, TimeFault.SKIPPED)
    return exact.as_unit("us").asi8, faults


def _to_wall(utc: Micros, zone: datetime.tzinfo) -> Micros:
    index = pd.DatetimeIndex(utc.view("datetime64[us]")).tz_localize("UTC")
    return index.tz_convert(zone).tz_localize(None).as_unit("us").asi8
