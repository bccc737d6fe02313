"""Cuts tables into parts that are joined apart from each other."""

import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
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


def by_folder(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Cuts rows by the store folder of their photo.

    Args:
      rows: Has a column `photo`, paths.

    Yields:
      Names of the folders that are not empty, `""` for photos in none, and rows.
    """
    folders = pc.replace_substring_regex(rows["photo"], "^([^/]*)/.*$", r"\1")
    is_inside = pc.match_substring(rows["photo"], "/")
    names = pc.if_else(is_inside, folders, "").combine_chunks().dictionary_encode()
    for place, part in _cut(rows, np.asarray(names.indices)):
        yield names.dictionary[place].as_py(), part


def _split(
    rows: pa.Table, keys: pa.ChunkedArray, num_parts: int
) -> Iterator[tuple[str, pa.Table]]:
    encoded = keys.combine_chunks().dictionary_encode()
    hashes = [zlib.crc32(key.encode()) for key in encoded.dictionary.to_pylist()]
    part_of_key = np.array(hashes, dtype=np.int64) % num_parts
    for name, part in _cut(rows, part_of_key[np.asarray(encoded.indices)]):
        yield f"{name:05d}", part


def _cut(
    rows: pa.Table, places: npt.NDArray[np.integer]
) -> Iterator[tuple[int, pa.Table]]:
    if not rows.num_rows:
        return
    order = np.argsort(places, kind="stable")
    ordered = rows.combine_chunks().take(pa.array(order))
    found, starts = np.unique(places[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    for place, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True):
        yield place, ordered.slice(start, end - start)
