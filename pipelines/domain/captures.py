"""What the cameras' controller knows of photos, and which photo is whose."""

import dataclasses
import functools

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import records
from pipelines.domain import (
    columns,
    file_names,
    kinds,
    local_times,
    row_keys,
    row_layouts,
)
from schemas import captures, fields, scored_photos

_KINDS = {
    "photo": kinds.TEXT,
    "store_id": kinds.TEXT,
    "register_id": kinds.TEXT,
    "captured_at": kinds.TIME,
    "transaction_id": kinds.TEXT,
}
_ORIGIN = [
    fields.required("source_file", pa.string(), "path below the input root"),
    fields.required("source_row", pa.int64(), "line of the file, from 1"),
]
ROWS_SCHEMA = fields.schema(1, [*captures.SCHEMA, *_ORIGIN])
"""A validated captures row on its way to its photo."""

LAYOUT = row_layouts.RowLayout(
    stage="captures",
    known=_KINDS,
    required=captures.REQUIRED_COLUMNS,
    schema=ROWS_SCHEMA,
)

_PLACE = [
    fields.required("store_id", pa.string(), "store"),
    fields.required("register_id", pa.string(), "register within the store"),
    fields.required("captured_at_utc", fields.TIMESTAMP_UTC, "as the camera wrote it"),
    fields.optional("transaction_id", pa.string(), "transaction, where known"),
]
ATTRIBUTED_SCHEMA = fields.schema(1, [*scored_photos.SCHEMA, *_PLACE])
"""A scored photo that has its place and time."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """Photos with their place and time.

    Attributes:
      photos: `ATTRIBUTED_SCHEMA`, in the order given.
      rejections: Photos without a place; none for a photo rejected before.
      num_captures_duplicate: Captures rows that repeat, or lose against, another.
      num_captures_unused: Captures rows left over without a photo.
    """

    photos: pa.Table
    rejections: list[records.Rejection]
    num_captures_duplicate: int
    num_captures_unused: int


def parse(
    table: pa.Table,
    source_file: str,
    source_rows: npt.NDArray[np.int64],
    zones: local_times.StoreZones,
) -> row_layouts.CheckedRows:
    """Checks and normalises one batch of captures rows.

    Args, result and errors are those of `RowLayout.check_rows`; naive times are of
    the stores' `zones`.
    """
    return LAYOUT.check_rows(
        table, source_file, source_rows, functools.partial(_complete, zones)
    )


def _complete(
    zones: local_times.StoreZones,
    written: row_layouts.Columns,
    values: row_layouts.Columns,
    faults: columns.Faults,
) -> row_layouts.Columns:
    times = columns.read_times("captured_at", written, zones, faults)
    return {"captured_at": local_times.to_timestamps(times.utc)}


def attribute(scored: pa.Table, rows: pa.Table) -> Attributed:
    """Gives photos their store, register, time and transaction.

    A captures row speaks for the photo with its path, or, if it gives a bare file
    name, for the photo of that name in its store's folder. It replaces all that
    the file name says. Of several rows for one photo the last by file name, then
    by line, wins. A photo outside of any store's folder belongs to the store whose
    row gives its name; if two stores' rows do, to none.

    Args:
      scored: `schemas.scored_photos.SCHEMA`, without repeats.
      rows: `ROWS_SCHEMA`; all that can speak for one of `scored`.

    Returns:
      Photos that have a place, and rejections for the others.
    """
    winners = _last_of_each(rows)
    shared_names = _shared_names(winners)
    photos = scored["photo"].combine_chunks()
    named = file_names.parse_photo_names(photos)
    stores = named["store_id"].combine_chunks()
    speaker = _speaker(photos, stores, winners, shared_names)
    place = _place(named, winners, speaker)
    has_store = np.asarray(place["store_id"].is_valid())
    has_place = has_store & np.asarray(place["captured_at_utc"].is_valid())
    placed = pa.table({**{n: scored[n] for n in scored.column_names}, **place})
    is_new = np.asarray(scored["reason"].is_null())
    return Attributed(
        photos=placed.filter(pa.array(has_place)).cast(ATTRIBUTED_SCHEMA),
        rejections=[
            _rejection(photos[row].as_py(), bool(has_store[row]), shared_names)
            for row in np.flatnonzero(~has_place & is_new).tolist()
        ],
        num_captures_duplicate=rows.num_rows - winners.num_rows,
        num_captures_unused=winners.num_rows - len(speaker.drop_null().unique()),
    )


def _last_of_each(rows: pa.Table) -> pa.Table:
    order = row_keys.codes([rows["source_file"], rows["source_row"]])
    newest_first = rows.take(pa.array(np.argsort(-order, kind="stable")))
    _, first_rows = row_keys.dense(row_keys.codes([_captures_keys(newest_first)]))
    return newest_first.take(pa.array(np.sort(first_rows)))


def _captures_keys(rows: pa.Table) -> pa.Array:
    photo, store = rows["photo"].combine_chunks(), rows["store_id"].combine_chunks()
    is_path = pc.match_substring(photo, "/")
    return pc.if_else(is_path, photo, _in_store(store, photo))


def _in_store(stores: pa.Array, names: pa.Array) -> pa.Array:
    # Two slashes: no path looks like this.
    return pc.binary_join_element_wise(stores, names, "//")


def _shared_names(winners: pa.Table) -> pa.Array:
    """Finds the file names that the rows of several stores give."""
    counted = pc.value_counts(winners["photo"].combine_chunks())
    is_shared = pc.greater(counted.field("counts"), 1)
    return counted.field("values").filter(is_shared)


def _speaker(
    photos: pa.Array, stores: pa.Array, winners: pa.Table, shared_names: pa.Array
) -> pa.Array:
    """Finds the row of `winners` that speaks for each photo; null: none."""
    keys = _captures_keys(winners)
    by_path = pc.index_in(photos, keys)
    bare = pc.replace_substring_regex(photos, "^.*/", "")
    by_name = pc.index_in(_in_store(stores, bare), keys, skip_nulls=True)
    # A photo outside of any folder has no store to compare.
    is_shared = pc.is_in(photos, shared_names)
    lone = pc.if_else(is_shared, pa.scalar(None, pa.string()), photos)
    alone = pc.index_in(lone, winners["photo"].combine_chunks(), skip_nulls=True)
    return pc.coalesce(by_path, by_name, alone)


def _place(
    named: pa.Table, winners: pa.Table, speaker: pa.Array
) -> dict[str, pa.Array]:
    told = winners.take(speaker)
    has_row = speaker.is_valid()
    pairs = {
        "store_id": "store_id",
        "register_id": "register_id",
        "captured_at_utc": "captured_at",
        "transaction_id": "transaction_id",
    }
    return {
        name: pc.if_else(
            has_row, told[column].combine_chunks(), named[name].combine_chunks()
        )
        for name, column in pairs.items()
    }


def _rejection(
    photo: str, has_store: bool, shared_names: pa.Array
) -> records.Rejection:
    if has_store:
        reason = file_names.explain(photo)
    elif pc.is_in(pa.scalar(photo), shared_names).as_py():
        reason = "no store: named by two captures rows, of different stores"
    else:
        reason = "no store: neither a store=… folder nor a captures row names it"
    return records.Rejection("attribute", photo, reason)
