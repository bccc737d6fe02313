"""Receipts: lines under one key settled, then gathered by transaction."""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import row_keys
from schemas import fields, purchases

SCHEMA = fields.schema(
    1,
    [
        fields.required("store_id", pa.string(), "store"),
        fields.required("register_id", pa.string(), "register within the store"),
        fields.required("transaction_id", pa.string(), "receipt within the register"),
        fields.optional("cashier_id", pa.string(), "null at self-checkouts"),
        fields.required("started_at", fields.TIMESTAMP_UTC, "first item scanned"),
        fields.required("paid_at", fields.TIMESTAMP_UTC, "payment completed"),
        fields.required("local_hour", pa.int8(), "store's hour of payment, 0 to 23"),
    ],
)

_ORIGIN = ("source_file", "source_row")
_Index = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """The receipts of a part of a day.

    Attributes:
      lines: Lines kept, `purchases.LINES_SCHEMA`, sorted by key.
      receipt_of_line: Row of `rows` that each line belongs to.
      rows: `SCHEMA`, sorted by store, register and transaction. A receipt lasts
        from the first start to the last payment on its lines; its cashier is the
        first that they name.
      num_duplicate: Lines dropped because another says exactly the same.
      num_superseded: Lines dropped because a later file, or a later line of the
        same file, says otherwise.
    """

    lines: pa.Table
    receipt_of_line: _Index
    rows: pa.Table
    num_duplicate: int
    num_superseded: int


def gather(lines: pa.Table) -> Receipts:
    """Settles lines under one key, and gathers the rest.

    Args:
      lines: `purchases.LINES_SCHEMA`, in any order; all lines of each receipt.

    Returns:
      Receipts that do not depend on the order of `lines`.
    """
    lines = lines.combine_chunks()
    key = row_keys.codes(lines[name] for name in purchases.KEY[:3])
    line_number = np.asarray(lines["line_number"])
    file = row_keys.codes([lines["source_file"]])
    order = np.lexsort((np.asarray(lines["source_row"]), file, line_number, key))
    key, line_number = key[order], line_number[order]
    is_last = np.ones(len(order), bool)
    is_last[:-1] = (key[1:] != key[:-1]) | (line_number[1:] != line_number[:-1])
    num_contents = _num_contents(lines, order, is_last)
    kept = lines.take(pa.array(order[is_last]))
    receipt_of_line, _ = row_keys.dense(key[is_last])
    return Receipts(
        lines=kept,
        receipt_of_line=receipt_of_line,
        rows=_rows(kept, receipt_of_line),
        num_duplicate=len(order) - num_contents,
        num_superseded=num_contents - kept.num_rows,
    )


def _num_contents(
    lines: pa.Table, order: _Index, is_last: npt.NDArray[np.bool_]
) -> int:
    """Counts distinct lines; all columns count but where a line stood."""
    # Only lines that share their key can repeat each other.
    is_alone = is_last & np.concatenate([[True], is_last[:-1]])
    shared = lines.take(pa.array(order[~is_alone]))
    names = [name for name in shared.column_names if name not in _ORIGIN]
    contents = row_keys.codes(shared[name] for name in names)
    return int(is_alone.sum()) + len(np.unique(contents))


def _rows(lines: pa.Table, receipt: _Index) -> pa.Table:
    firsts = np.flatnonzero(np.diff(receipt, prepend=-1))
    paid = np.asarray(lines["paid_at"].combine_chunks().cast(pa.int64()))
    started = np.asarray(lines["started_at"].combine_chunks().cast(pa.int64()))
    by_payment = np.lexsort((paid, receipt))
    lasts = by_payment[np.flatnonzero(np.diff(receipt, append=-1))]
    earliest = np.lexsort((started, receipt))[firsts]
    columns = {name: lines[name].take(pa.array(firsts)) for name in purchases.KEY[:3]}
    columns |= {
        "cashier_id": _first_cashier(lines["cashier_id"], receipt, len(firsts)),
        "started_at": lines["started_at"].take(pa.array(earliest)),
        "paid_at": lines["paid_at"].take(pa.array(lasts)),
        "local_hour": lines["local_hour"].take(pa.array(lasts)),
    }
    return pa.table(columns, schema=SCHEMA)


def _first_cashier(
    cashiers: pa.ChunkedArray, receipt: _Index, num_receipts: int
) -> pa.ChunkedArray:
    named = np.flatnonzero(np.asarray(cashiers.combine_chunks().is_valid()))
    owners, first = np.unique(receipt[named], return_index=True)
    place = np.zeros(num_receipts, np.int64)
    place[owners] = named[first]
    has_cashier = np.zeros(num_receipts, bool)
    has_cashier[owners] = True
    return cashiers.take(pa.array(place, mask=~has_cashier))
