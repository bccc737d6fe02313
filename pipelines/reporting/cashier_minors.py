"""Sales to minors as expected of each row of the cashier tables."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import minors
from pipelines.reporting import judging, spans

_KEYS = ["store_id", "cashier_id"]


def added(audit: pa.Table, judged: judging.Judged) -> pa.Table:
    """Fills the columns on minors.

    Args:
      audit: Rows of `schemas.cashier_audit`, either schema.
      judged: The sales of the whole span, and the chain's expected sales to minors.

    Returns:
      The same rows. A cashier's buyers differ from the chain's in their estimated
      ages alone; see `minors.by_cashier`.
    """
    spans_of_rows = audit.select(["from_date", "to_date"]).to_pylist()
    found = np.full((audit.num_rows, 3), np.nan)
    for one in {tuple(row.values()) for row in spans_of_rows}:
        rows = [
            row for row, own in enumerate(spans_of_rows) if tuple(own.values()) == one
        ]
        found[rows] = _of_days(audit.take(rows), judged, *map(pa.scalar, one))
    for name, values in zip(
        ("minor_sales", "minor_sales_low", "minor_sales_high"), found.T, strict=True
    ):
        place = audit.schema.get_field_index(name)
        column = pa.array(values, from_pandas=True)
        audit = audit.set_column(place, audit.schema.field(name), column)
    return audit


def _of_days(
    rows: pa.Table, judged: judging.Judged, first: pa.Scalar, last: pa.Scalar
) -> npt.NDArray[np.float64]:
    """Gives number, lower and upper end of each cashier, `(cashiers, 3)`."""
    dates = judged.sales[spans.DATE]
    is_inside = pc.and_(pc.greater_equal(dates, first), pc.less_equal(dates, last))
    keys = _joined(rows)
    cashier = pc.index_in(_joined(judged.sales.filter(is_inside)), value_set=keys)
    is_known = np.asarray(cashier.is_valid())
    predicted = judged.predicted_years[np.asarray(is_inside)]
    found = minors.by_cashier(
        judged.expected,
        predicted[is_known],
        np.asarray(cashier.drop_null(), dtype=np.int64),
        rows.num_rows,
    )
    return np.stack([found.sales, found.low_sales, found.high_sales], axis=1)


def _joined(rows: pa.Table) -> pa.Array:
    # Null where the cashier is: such sales are nobody's.
    return pc.binary_join_element_wise(
        *(rows[name].combine_chunks() for name in _KEYS), "\n"
    )
