"""Reads rows from CSV, gzipped CSV, JSON lines and Parquet, in bounded batches.

A row that cannot be read is named and left out; the rest goes on. CSV and JSON
lines give text in every column; an empty CSV field is null. JSON numbers keep the
digits they were written with. Row numbers are lines of the file from 1, the CSV
header being line 1; in Parquet they count the rows.
"""

import contextlib
import gzip
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO, NoReturn, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.storage import csv_rows, json_rows, raw_rows

SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".parquet")

_PARQUET_BATCH_ROWS = 65_536
# Ten times as much as honest lines of that number have.
_MAX_BATCH_TEXT_BYTES = 256 * 2**20


def is_tabular(name: str) -> bool:
    """Tells whether a file has a name that can be read here."""
    return name.endswith(SUFFIXES)


def schema_of(file: BinaryIO, name: str) -> pa.Schema | None:
    """Reads the columns of a file, not its rows.

    Args:
      file: At its start; it is left somewhere else.
      name: Tells the format; for messages, too.

    Returns:
      The columns; all text but in Parquet. None for JSON lines without a readable
      line, which have none.

    Raises:
      raw_rows.BadFileError: the file cannot be read.
    """
    with _clear_errors(name):
        if name.endswith(".parquet"):
            return _open_parquet(file, name).schema_arrow
        if name.endswith(".jsonl"):
            names = json_rows.column_names(file)
        else:
            names = csv_rows.column_names(_unzipped(file, name), name)
        return names and pa.schema(
            [(column, pa.string()) for column in names if column]
        )


def read(
    file: BinaryIO, name: str, known: Collection[str] = ()
) -> Iterator[raw_rows.RawRows]:
    """Reads the rows of a file.

    Args:
      file: At its start.
      name: Tells the format by one of `SUFFIXES`; for messages, too.
      known: Columns that are needed. JSON lines keep them, however many others there
        are; the others of Parquet are not read, and null. Empty: all.

    Yields:
      Batches in the order of the file, each of at most about 4 MiB of text, or
      65,536 rows of Parquet.

    Raises:
      raw_rows.BadFileError: the file cannot be read, or not to its end.
    """
    with _clear_errors(name):
        if name.endswith(".parquet"):
            yield from _read_parquet(file, name, known)
        elif name.endswith(".jsonl"):
            yield from json_rows.read(file, known)
        else:
            yield from csv_rows.read(_unzipped(file, name), name)


@contextlib.contextmanager
def _clear_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise raw_rows.BadFileError(f"{name}: damaged gzip file: {error}") from error


def _unzipped(file: BinaryIO, name: str) -> BinaryIO:
    if not name.endswith(SUFFIXES):
        raise raw_rows.BadFileError(f"{name}: must end in {', '.join(SUFFIXES)}")
    return cast(BinaryIO, gzip.GzipFile(fileobj=file)) if name.endswith(".gz") else file


def _open_parquet(
    file: BinaryIO, name: str, read_dictionary: Sequence[str] = ()
) -> pq.ParquetFile:
    try:
        opened = pq.ParquetFile(file, read_dictionary=read_dictionary)
    # UnicodeDecodeError: the name of a column is no text.
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        _raise_damaged(name, error)
    names = opened.schema_arrow.names
    raw_rows.check_width(len(names), name)
    if len(names) != len(set(names)):
        raise raw_rows.BadFileError(f"{name}: a column is there twice")
    return opened


def _read_parquet(
    file: BinaryIO, name: str, known: Collection[str]
) -> Iterator[raw_rows.RawRows]:
    given = _open_parquet(file, name).schema_arrow
    wanted = [column for column in given.names if column in known or not known]
    # As dictionaries: a text of megabytes that all rows share stays one text.
    texts = [column for column in wanted if _is_text(given.field(column).type)]
    opened = _open_parquet(file, name, read_dictionary=texts)
    first_row = 1
    batches = opened.iter_batches(
        _PARQUET_BATCH_ROWS, columns=wanted if known else None, use_threads=False
    )
    while (batch := _next_batch(batches, name)) is not None:
        rows = np.arange(first_row, first_row + batch.num_rows, dtype=np.int64)
        if sum(map(_num_text_bytes, batch.columns)) > _MAX_BATCH_TEXT_BYTES:
            raise raw_rows.BadFileError(
                f"{name}: {batch.num_rows:,} rows from row {first_row:,} on hold more "
                f"than {_MAX_BATCH_TEXT_BYTES >> 20} MiB of text"
            )
        table = pa.table(batch)
        for column in set(given.names) - set(wanted):
            table = table.append_column(column, pa.nulls(batch.num_rows))
        yield raw_rows.RawRows(table=table, source_rows=rows)
        first_row += batch.num_rows


def _is_text(arrow_type: pa.DataType) -> bool:
    return pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type)


def _num_text_bytes(column: pa.Array) -> int:
    """Counts the bytes of all texts as if each stood for itself."""
    if not pa.types.is_dictionary(column.type):
        return 0
    if not _is_text(column.type.value_type) or not len(column.dictionary):
        return 0
    lengths = pc.binary_length(column.dictionary).cast(pa.int64())
    return pc.sum(lengths.take(column.indices)).as_py() or 0


def _next_batch(batches: Iterator[pa.RecordBatch], name: str) -> pa.RecordBatch | None:
    try:
        batch = next(batches, None)
        if batch is not None:
            batch.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        _raise_damaged(name, error)
    return batch


def _raise_damaged(name: str, error: Exception) -> NoReturn:
    # An error number comes from the system, not from the file's content.
    if isinstance(error, OSError) and error.errno is not None:
        raise error
    reason = str(error).splitlines()[0][:200]
    raise raw_rows.BadFileError(f"{name}: damaged Parquet file: {reason}") from error
