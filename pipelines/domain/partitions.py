"""Cuts tables into parts that are joined apart from each other."""

import zlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def by_register(rows: pa.Table, num_parts: int) -> Iterator[tuple[str, pa.Table]]:
    """Cuts rows so that all of one register fall into one part.

    Args:
      rows: Has columns `store_id` and `register_id`.
      num_parts: Number of parts.

    Yields:
      Names and rows of the parts that are not empty; a name depends on the hash
      of the register alone.
    """
    keys = pc.binary_join_element_wise(rows["store_id"], rows["register_id"], "|")
    yield from _split(rows, keys, num_parts)


def by_photo_name(rows: pa.Table, num_parts: int) -> Iterator[tuple[str, pa.Table]]:
    """Cuts rows so that all photos of one bare file name fall into one part.

    Args:
      rows: Has a column `photo`, paths or bare file names.
      num_parts: Number of parts.

    Yields:
      As `by_register`.
    """
    names = pc.replace_substring_regex(rows["photo"], "^.*/", "")
    yield from _split(rows, names, num_parts)


def _split(
    rows: pa.Table, keys: pa.ChunkedArray, num_parts: int
) -> Iterator[tuple[str, pa.Table]]:
    if not rows.num_rows:
        return
    encoded = keys.combine_chunks().dictionary_encode()
    hashes = [zlib.crc32(key.encode()) for key in encoded.dictionary.to_pylist()]
    part_of_key = np.array(hashes, dtype=np.int64) % num_parts
    parts = part_of_key[np.asarray(encoded.indices)]
    order = np.argsort(parts, kind="stable")
    names, starts = np.unique(parts[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    for name, start, end in zip(names.tolist(), starts.tolist(), ends, strict=True):
        # Copies, because a slice would be sent with all the rows behind it.
        yield f"{name:05d}", rows.take(pa.array(order[start:end]))
