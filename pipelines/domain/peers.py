"""What a cashier's sales would be unchecked by: the habits of the other cashiers.

The expected probability of a sale comes from the same store, band of hours and group
of registers, without the sales of its own cashier: who never checks would else raise
what is expected of them. Few peers say little, so rates are shrunk by empirical Bayes
in two steps, each by as much as the chain itself shows: a store's rate towards the
chain's, by how much stores differ; a cell's towards its store's, by how much cells
differ within stores.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.domain import shrinkage

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Jeffreys' prior: a chain that has checked all so far is not sure to go on.
_PRIOR_EVENTS, _PRIOR_TRIALS = 0.5, 1.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Eligible sales, one row a cashier and cell; arrays of shape `(rows,)`, int64.

    Attributes:
      cashier: Index from 0; a cashier of two stores counts as two.
      store: Index from 0; the same in all rows of a cashier.
      cell: Index of store, band of hours and group of registers, from 0.
      eligible: Sales to young-looking buyers.
      unchecked: Of these, without an ID check.
      num_cashiers: Above every index of a cashier; some may have no row.
    """

    cashier: Ints
    store: Ints
    cell: Ints
    eligible: Ints
    unchecked: Ints
    num_cashiers: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """What is expected of a cashier once a colleague is left out too.

    One pair a row, ascending by `left_out`, then `cashier`; both of one store.

    Attributes:
      left_out: Index of the colleague.
      cashier: Index of the cashier.
      expected: Expected number of unchecked sales of `cashier`.
      variance: Of the observed less the expected number.
    """

    left_out: Ints
    cashier: Ints
    expected: Floats
    variance: Floats


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the peers lead to expect.

    Attributes:
      rates: Probability that a sale goes unchecked, for each row of the tallies, above
        0 and below 1.
      peer_sales: Eligible sales of the store's other cashiers, by cashier.
      uncertainty: Variance of the cashier's expected number of unchecked sales, which
        rests on finitely many peers, in units of the variance of the observed one; by
        cashier. Far above 1, a comparison says more about the peers.
      pairs: The same without one colleague each.
    """

    rates: Floats
    peer_sales: Ints
    uncertainty: Floats
    pairs: Pairs


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Others:
    """Unchecked and eligible sales, shape `(2, rows)`, of the others.

    Attributes:
      chain: In the chain.
      store: In the store.
      cell: In the cell.
      correlations: Of the stores of the chain, and of the cells of a store.
    """

    chain: Ints
    store: Ints
    cell: Ints
    correlations: tuple[float, float]

    def rates(self) -> Floats:
        """Shrinks the rate of the cell to the store's, and that to the chain's."""
        of_stores, of_cells = self.correlations
        rate = (self.chain[0] + _PRIOR_EVENTS) / (self.chain[1] + _PRIOR_TRIALS)
        rate = shrinkage.shrink(self.store[0], self.store[1], rate, of_stores)
        return shrinkage.shrink(self.cell[0], self.cell[1], rate, of_cells)

    def variance(self) -> Floats:
        """Computes the variance of the store's rate, in units of rate (1 - rate).

        The Beta posterior's, plus the share that comes from the chain's own rate.
        """
        of_stores, _ = self.correlations
        size = self.store[1] * of_stores + 1.0
        chain_weight = (1.0 - of_stores) / (size - of_stores)
        spread = chain_weight**2 / (self.chain[1] + _PRIOR_TRIALS)
        return np.asarray(of_stores / size + spread, np.float64)


def expected(tallies: Tallies) -> Expectation:
    """Computes what is expected of each cashier, left out at every level.

    Time grows with the rows of the tallies and the colleagues of a cashier, not with
    the sales.

    Args:
      tallies: At most one row a cashier and cell.

    Returns:
      Rates by row, and what they rest on by cashier.
    """
    counts = np.stack([tallies.unchecked, tallies.eligible])
    own = _sums(counts, tallies.cashier)[:, tallies.cashier]
    others = _Others(
        chain=counts.sum(axis=1, keepdims=True) - own,
        store=_sums(counts, tallies.store)[:, tallies.store] - own,
        cell=_sums(counts, tallies.cell)[:, tallies.cell] - counts,
        correlations=_correlations(tallies, counts),
    )
    return Expectation(
        rates=others.rates(),
        peer_sales=_of_cashiers(tallies, others.store[1]),
        uncertainty=_of_cashiers(tallies, own[1] * others.variance()),
        pairs=_pairs(tallies, counts, own, others),
    )


def together(
    tallies: Sequence[Tallies], expectations: Sequence[Expectation]
) -> Expectation:
    """Joins what was expected of several periods, each by its own peers.

    Args:
      tallies: Of each period, with the same cashiers; at least one.
      expectations: Of each period.

    Returns:
      Rates by row of the periods' rows one after another; peers' sales added up, and
      uncertainty averaged over a cashier's sales.
    """
    sales = np.stack(
        [np.bincount(t.cashier, t.eligible, t.num_cashiers) for t in tallies]
    )
    uncertainty = np.stack([part.uncertainty for part in expectations])
    return Expectation(
        rates=np.concatenate([part.rates for part in expectations]),
        peer_sales=np.stack([part.peer_sales for part in expectations]).sum(axis=0),
        uncertainty=(sales * uncertainty).sum(axis=0)
        / np.maximum(sales.sum(axis=0), 1.0),
        pairs=_added_up([part.pairs for part in expectations]),
    )


def _sums(counts: Ints, keys: Ints) -> Ints:
    sums = [np.bincount(keys, weights=row) for row in counts]
    return np.stack(sums).astype(np.int64)


def _correlations(tallies: Tallies, counts: Ints) -> tuple[float, float]:
    """Measures how much stores differ in the chain, and cells in a store."""
    by_store, by_cell = _sums(counts, tallies.store), _sums(counts, tallies.cell)
    chain = np.zeros(by_store.shape[1], np.int64)
    store_of_cell = np.zeros(by_cell.shape[1], np.int64)
    store_of_cell[tallies.cell] = tallies.store
    return (
        shrinkage.correlation_within(by_store[0], by_store[1], chain),
        shrinkage.correlation_within(by_cell[0], by_cell[1], store_of_cell),
    )


def _pairs(tallies: Tallies, counts: Ints, own: Ints, others: _Others) -> Pairs:
    """Leaves one colleague more out of the others of each row."""
    row, colleague = _colleagues(tallies)
    cell, size = tallies.cell[row], tallies.num_cashiers
    by_cashier = np.zeros((2, size), np.int64)
    by_cashier[:, tallies.cashier] = own
    in_cell = np.zeros((2, int(tallies.cell.max(initial=-1)) + 1, size), np.int64)
    in_cell[:, tallies.cell, tallies.cashier] = counts
    gone = by_cashier[:, colleague]
    left = _Others(
        chain=others.chain[:, row] - gone,
        store=others.store[:, row] - gone,
        cell=others.cell[:, row] - in_cell[:, cell, colleague],
        correlations=others.correlations,
    )
    rates, sales = left.rates(), counts[1, row]
    chance = sales * rates * (1.0 - rates)
    return _by_pair(
        colleague,
        tallies.cashier[row],
        sales * rates,
        chance * (1.0 + own[1, row] * left.variance()),
    )


def _colleagues(tallies: Tallies) -> tuple[Ints, Ints]:
    """Pairs each row with every other cashier of its store."""
    members = np.unique(tallies.cashier)
    store = _of_cashiers(tallies, tallies.store)[members]
    members = members[np.argsort(store, kind="stable")]
    sizes = np.bincount(store)
    starts = np.cumsum(sizes) - sizes
    repeats = sizes[tallies.store]
    row = np.repeat(np.arange(len(repeats)), repeats)
    place = np.arange(len(row)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    colleague = members[starts[tallies.store[row]] + place]
    is_other = colleague != tallies.cashier[row]
    return row[is_other], colleague[is_other]


def _added_up(parts: Sequence[Pairs]) -> Pairs:
    names = ("left_out", "cashier", "expected", "variance")
    return _by_pair(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )


def _by_pair(
    left_out: Ints, cashier: Ints, expected_sales: Floats, variance: Floats
) -> Pairs:
    size = int(cashier.max(initial=0)) + 1
    distinct, index = np.unique(left_out * size + cashier, return_inverse=True)
    return Pairs(
        left_out=distinct // size,
        cashier=distinct % size,
        expected=np.bincount(index, expected_sales).astype(np.float64),
        variance=np.bincount(index, variance).astype(np.float64),
    )


def _of_cashiers(tallies: Tallies, values: npt.NDArray) -> npt.NDArray:
    """Picks what all rows of a cashier share."""
    result = np.zeros(tallies.num_cashiers, values.dtype)
    result[tallies.cashier] = values
    return result
