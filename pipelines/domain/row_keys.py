"""Rows as integers: codes that are equal, and in order, where the rows are."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]

_MAX_CODE = 2**62


def codes(columns: Iterable[pa.Array | pa.ChunkedArray]) -> Codes:
    """Numbers rows by their values.

    Args:
      columns: One or more columns of equal length, most significant first, of any
        type that can be sorted.

    Returns:
      Shape `(n,)`. Two rows have the same code if all their values are equal, and
      a smaller one if they sort before; a null sorts first.
    """
    combined, size = np.zeros(0, np.int64), 0
    for column in columns:
        ranks, distinct = _ranks(column)
        if not size:
            combined, size = ranks, distinct
            continue
        if size > _MAX_CODE // max(distinct, 1):
            values, combined = np.unique(combined, return_inverse=True)
            size = len(values)
        combined, size = combined * distinct + ranks, size * distinct
    return combined


def dense(values: Codes) -> tuple[Codes, Codes]:
    """Renumbers codes without gaps, in the same order.

    Returns:
      Codes 0 to k - 1, and for each of the k the first row that has it.
    """
    _, first_rows, inverse = np.unique(values, return_index=True, return_inverse=True)
    return inverse.astype(np.int64), first_rows.astype(np.int64)


def _ranks(column: pa.Array | pa.ChunkedArray) -> tuple[Codes, int]:
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    encoded = values.dictionary_encode()
    order = np.asarray(pc.sort_indices(encoded.dictionary))
    # One more than the values, because nulls come first.
    rank_of_place = np.zeros(len(order) + 1, np.int64)
    rank_of_place[order] = np.arange(1, len(order) + 1)
    places = np.asarray(encoded.indices.fill_null(len(order)))
    return rank_of_place[places], len(order) + 1
