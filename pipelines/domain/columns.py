"""Columns of input files: checked by name and type, read, and their faults noted."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import records
from pipelines.domain import kinds, local_times, value_shapes

Mask = npt.NDArray[np.bool_]


class MissingColumnError(Exception):
    """A file lacks a required column; the message names both."""


class ColumnTypeError(Exception):
    """A column of a Parquet file has a type that cannot be used."""


class Faults:
    """The first thing that is wrong with each row of a batch."""

    def __init__(self, num_rows: int) -> None:
        """Starts with nothing wrong."""
        self._is_bad = np.zeros(num_rows, bool)
        self._reasons: dict[int, str] = {}

    def add(self, is_bad: Mask, reason: Callable[[int], str]) -> None:
        """Notes a fault.

        Args:
          is_bad: Which rows have it.
          reason: Says what is wrong, given the index of a row.
        """
        for row in np.flatnonzero(is_bad & ~self._is_bad).tolist():
            self._reasons[row] = reason(row)
        self._is_bad |= is_bad

    @property
    def is_good(self) -> Mask:
        """Rows with nothing wrong."""
        return ~self._is_bad

    def rejections(
        self, stage: str, source_file: str, source_rows: npt.NDArray[np.int64]
    ) -> list[records.Rejection]:
        """Makes one rejection for each bad row, in order."""
        return [
            records.Rejection(stage, f"{source_file}:{source_rows[row]}", reason)
            for row, reason in sorted(self._reasons.items())
        ]


def check(
    given: pa.Schema,
    known: Mapping[str, kinds.Kind],
    required: Sequence[str],
    file: str,
) -> None:
    """Checks the columns of a file before a row of it is read.

    Args:
      given: Columns of the file.
      known: What is known of each column.
      required: Columns that must be there.
      file: For the message.

    Raises:
      MissingColumnError: a required column is not there.
      ColumnTypeError: a column has a type that cannot hold its values.
    """
    missing = [name for name in required if name not in given.names]
    if missing:
        # Without a header line, the names are the values of a row.
        known_names = [name for name in given.names if name in known]
        num_others = len(given.names) - len(known_names)
        raise MissingColumnError(
            f"{file}: missing column {', '.join(missing)}; it has "
            f"{', '.join(known_names) or 'none that is known'} and {num_others} others"
        )
    for name in given.names:
        kind = known.get(name)
        arrow_type = given.field(name).type
        if kind and not (pa.types.is_null(arrow_type) or kind.takes(arrow_type)):
            raise ColumnTypeError(
                f"{file}: column {name} is of type {arrow_type}, not {kind.noun}"
            )


def take(table: pa.Table, known: Mapping[str, kinds.Kind]) -> dict[str, pa.Array]:
    """Takes the known columns of a checked table as one array each.

    Returns:
      Columns as they were read; text trimmed, and null where it is empty. A column
      that is not there, or holds nothing, is all null strings.
    """
    return {
        name: _plain(table[name])
        if name in table.column_names
        else pa.nulls(table.num_rows, pa.string())
        for name in known
    }


def convert(
    name: str, written: pa.Array, kind: kinds.Kind, is_required: bool, faults: Faults
) -> pa.Array:
    """Converts a column and notes what cannot be read, or is missing."""
    values = kind.convert(written)
    is_given, is_known = np.asarray(written.is_valid()), np.asarray(values.is_valid())
    faults.add(
        is_given & ~is_known,
        lambda row: f"{name} of the shape {_shape(written[row])} is not {kind.noun}",
    )
    if is_required:
        faults.add(~is_given, lambda row: f"{name} is missing")
    return values


def read_times(
    name: str,
    written: Mapping[str, pa.Array],
    zones: local_times.StoreZones,
    faults: Faults,
) -> local_times.Times:
    """Reads a column of times and notes what cannot be read.

    Args:
      name: The column.
      written: Columns as they were read, `store_id` among them.
      zones: Where the stores are.
      faults: Takes the notes.
    """
    texts, stores = written[name], written["store_id"]
    times = local_times.read(texts, stores, zones)
    faults.add(
        times.faults != local_times.TimeFault.NONE,
        lambda row: (
            f"{name} "
            + local_times.describe(
                times.faults[row], _show_time(texts[row]), str(stores[row]), zones
            )
        ),
    )
    return times


def _shape(value: pa.Scalar) -> str:
    return value_shapes.shape(str(value.as_py()))


def _show_time(value: pa.Scalar) -> str:
    if not pa.types.is_timestamp(value.type):
        return str(value)
    # Python's own times end with the year 9999.
    return str(np.datetime64(value.value, value.type.unit)).replace("T", " ")


def _plain(column: pa.ChunkedArray) -> pa.Array:
    values = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0)
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if not kinds.is_text(values.type):
        return values
    return kinds.by_distinct(values.cast(pa.string()), _trim)


def _trim(values: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
