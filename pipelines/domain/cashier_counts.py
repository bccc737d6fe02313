"""Counts of sales by period, cashier and cell, ready to be compared."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import peers
from schemas import cashier_days, tables

Ints = npt.NDArray[np.int64]

_PERIOD = "period"
_KEYS = (_PERIOD, *tables.CASHIER_DAYS.sort_by)
_MEASURES = tuple(name for name in cashier_days.SCHEMA.names if name not in _KEYS)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One row a period, cashier and cell.

    Attributes:
      names: Columns store_id and cashier_id of each cashier, by store and pseudonym.
      period: Index of the period of each row.
      cashier: Index into `names`.
      store: Index of the store.
      cell: Index of store, register group and band of hours.
      measures: Measures of `cashier_days.SCHEMA` by name.
    """

    names: pa.Table
    period: Ints
    cashier: Ints
    store: Ints
    cell: Ints
    measures: dict[str, npt.NDArray]

    @property
    def num_cashiers(self) -> int:
        """Counts stores' cashiers with a sale in any period."""
        return self.names.num_rows

    def rows_of(self, period: int) -> Ints:
        """Finds the rows of a period."""
        return np.flatnonzero(self.period == period)

    def tallies(self, rows: Ints) -> peers.Tallies:
        """Gives the eligible sales of some of the rows."""
        return peers.Tallies(
            cashier=self.cashier[rows],
            store=self.store[rows],
            cell=self.cell[rows],
            eligible=self.measures["eligible_sales"][rows],
            unchecked=self.measures["unchecked_sales"][rows],
            num_cashiers=self.num_cashiers,
        )

    def sums(self, rows: Ints) -> dict[str, npt.NDArray]:
        """Adds up the measures of some of the rows by cashier."""
        return {
            name: np.bincount(
                self.cashier[rows], values[rows], self.num_cashiers
            ).astype(values.dtype)
            for name, values in self.measures.items()
        }


def of_periods(parts: Sequence[pa.Table]) -> Counts:
    """Counts the sales of cashiers; those of nobody are left out.

    Args:
      parts: Rows of `cashier_days.SCHEMA`, a table a period; rows of equal keys are
        added up.

    Returns:
      Counts, each period's index that of its table.
    """
    rows = _added_up(parts)
    pair = rows.select(["store_id", "cashier_id"])
    cashier, names = _indices(pair)
    store, _ = _indices(rows.select(["store_id"]))
    cell, _ = _indices(rows.select(["store_id", "register_group", "hour_band"]))
    return Counts(
        names=names,
        period=rows[_PERIOD].to_numpy(),
        cashier=cashier,
        store=store,
        cell=cell,
        measures={name: rows[name].to_numpy() for name in _MEASURES},
    )


def _added_up(parts: Sequence[pa.Table]) -> pa.Table:
    numbered = [
        part.append_column(_PERIOD, pa.array(np.full(part.num_rows, number, np.int64)))
        for number, part in enumerate(parts)
    ]
    total = pa.concat_tables(numbered)
    known = total.filter(total["cashier_id"].is_valid())
    summed = known.group_by(list(_KEYS), use_threads=False).aggregate(
        [(name, "sum") for name in _MEASURES]
    )
    ordered = summed.rename_columns([*_KEYS, *_MEASURES])
    return ordered.sort_by([(name, "ascending") for name in _KEYS])


def _indices(keys: pa.Table) -> tuple[Ints, pa.Table]:
    """Numbers the different rows, in their order, and lists them."""
    names = keys.column_names
    distinct = keys.group_by(names, use_threads=False).aggregate([])
    distinct = distinct.sort_by([(name, "ascending") for name in names])
    numbered = distinct.append_column("index", pa.array(np.arange(distinct.num_rows)))
    place = keys.append_column("row", pa.array(np.arange(keys.num_rows)))
    joined = place.join(numbered, keys=names, use_threads=False).sort_by("row")
    return joined["index"].to_numpy(), distinct
