import dataclasses

import numpy as np
import pytest

from pipelines.domain import peers, shrinkage


def draw(seed, cashiers_of_stores=(4, 1, 7, 3), num_bands=3):
    """Draws tallies of stores with habits of their own; some cells have no sales."""
    rng = np.random.default_rng(seed)
    stores = np.repeat(np.arange(len(cashiers_of_stores)), cashiers_of_stores)
    num_cashiers = len(stores)
    rates = rng.uniform(0.02, 0.5, (len(cashiers_of_stores), num_bands))
    cashier, band = np.divmod(np.arange(num_cashiers * num_bands), num_bands)
    store = stores[cashier]
    eligible = rng.integers(0, 60, len(cashier)) * (rng.random(len(cashier)) < 0.9)
    return peers.Tallies(
        cashier=cashier,
        store=store,
        cell=store * num_bands + band,
        eligible=eligible,
        unchecked=rng.binomial(eligible, rates[store, band]),
        num_cashiers=num_cashiers,
    )


def rows_of(tallies):
    return list(
        zip(
            tallies.cashier.tolist(),
            tallies.store.tolist(),
            tallies.cell.tolist(),
            tallies.eligible.tolist(),
            tallies.unchecked.tolist(),
            strict=True,
        )
    )


def store_of(tallies, cashier):
    return tallies.store[tallies.cashier == cashier][0]


def correlations(tallies):
    rows = rows_of(tallies)
    return (
        correlation(rows, lambda row: row[1], lambda row: 0),
        correlation(rows, lambda row: row[2], lambda row: row[1]),
    )


def rate_by_hand(rows, own, of_stores, of_cells):
    """Goes through the rows of the others, one by one."""
    cashier, store, cell, _, _ = own
    others = [row for row in rows if row[0] != cashier]
    events, trials = add_up(others)
    rate = (events + 0.5) / (trials + 1.0)
    for rho, part in (
        (of_stores, [row for row in others if row[1] == store]),
        (of_cells, [row for row in others if row[2] == cell]),
    ):
        events, trials = add_up(part)
        weight = trials * rho / (trials * rho + 1.0 - rho)
        rate = weight * (events / trials if trials else 0.0) + (1 - weight) * rate
    return rate


def add_up(rows):
    return sum(row[4] for row in rows), sum(row[3] for row in rows)


def correlation(rows, key, parent):
    groups = sorted({(parent(row), key(row)) for row in rows})
    sums = [add_up([row for row in rows if key(row) == name]) for _, name in groups]
    events, trials = np.array(sums).T
    parents = np.array([number for number, _ in groups])
    return shrinkage.correlation_within(events, trials, parents)


@pytest.mark.parametrize("seed", range(5))
def test_leave_one_out_equals_a_slow_loop(seed):
    tallies = draw(seed)
    found = peers.expected(tallies)
    rows = rows_of(tallies)
    expected = [rate_by_hand(rows, row, *correlations(tallies)) for row in rows]
    np.testing.assert_allclose(found.rates, expected)
    assert ((found.rates > 0.0) & (found.rates < 1.0)).all()


def test_pairs_leave_two_out():
    tallies = draw(3)
    found = peers.expected(tallies)
    # Without a colleague's rows, but shrunk by as much as the whole chain is.
    of_stores, of_cells = correlations(tallies)
    listed = list(zip(found.pairs.left_out, found.pairs.cashier, strict=True))
    mates = [
        (out, cashier)
        for out in range(tallies.num_cashiers)
        for cashier in range(tallies.num_cashiers)
        if out != cashier and store_of(tallies, out) == store_of(tallies, cashier)
    ]
    assert listed == mates
    for place in range(0, len(listed), 7):
        out, cashier = listed[place]
        rows = [row for row in rows_of(tallies) if row[0] != out]
        own = [row for row in rows if row[0] == cashier]
        rates = [rate_by_hand(rows, row, of_stores, of_cells) for row in own]
        expected = sum(row[3] * rate for row, rate in zip(own, rates, strict=True))
        assert found.pairs.expected[place] == pytest.approx(expected)
        chance = sum(
            row[3] * rate * (1 - rate) for row, rate in zip(own, rates, strict=True)
        )
        assert found.pairs.variance[place] >= chance


def test_only_correlations_tell_a_cashier_of_its_own_sales():
    tallies = draw(0)
    own = tallies.cashier == 2
    worse = dataclasses.replace(
        tallies, unchecked=np.where(own, tallies.eligible, tallies.unchecked)
    )
    before, after = peers.expected(tallies).rates, peers.expected(worse).rates
    # Only how far rates are shrunk moves, which is common to the whole chain.
    assert after[own] == pytest.approx(before[own], abs=0.02)
    assert (after[tallies.store == 0] > before[tallies.store == 0] + 0.1)[
        ~own[:12]
    ].any()


def test_peer_sales_are_those_of_the_others_in_the_store():
    tallies = draw(1)
    found = peers.expected(tallies)
    for cashier in range(tallies.num_cashiers):
        store = tallies.store[tallies.cashier == cashier][0]
        others = (tallies.store == store) & (tallies.cashier != cashier)
        assert found.peer_sales[cashier] == tallies.eligible[others].sum()


def test_uncertainty_is_large_without_peers_where_stores_differ():
    tallies = draw(2, cashiers_of_stores=(8, 1, 8))
    uncertainty = peers.expected(tallies).uncertainty
    assert uncertainty[8] > 1.0
    assert (np.delete(uncertainty, 8) < 0.5).all()


def test_uncertainty_is_the_variance_of_what_is_expected():
    # Two equal stores of eight: what others expect of the first cashier varies by this.
    expected, observed, predicted = [], [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        store = np.repeat([0, 1], 8)
        eligible = np.full(16, 200)
        tallies = peers.Tallies(
            cashier=np.arange(16),
            store=store,
            cell=store,
            eligible=eligible,
            unchecked=rng.binomial(eligible, np.where(store == 0, 0.1, 0.5)),
            num_cashiers=16,
        )
        found = peers.expected(tallies)
        expected.append(200 * found.rates[0])
        observed.append(tallies.unchecked[0])
        predicted.append(found.uncertainty[0])
    ratio = np.var(expected) / np.var(observed)
    assert np.mean(predicted) == pytest.approx(ratio, rel=0.25)


def test_no_sales_no_cashiers():
    none = np.array([], np.int64)
    tallies = peers.Tallies(
        cashier=none,
        store=none,
        cell=none,
        eligible=none,
        unchecked=none,
        num_cashiers=0,
    )
    found = peers.expected(tallies)
    assert len(found.rates) == len(found.peer_sales) == len(found.uncertainty) == 0


def test_periods_keep_their_own_peers():
    parts = [draw(seed) for seed in range(3)]
    expectations = [peers.expected(part) for part in parts]
    found = peers.together(parts, expectations)
    size = len(parts[0].cashier)
    np.testing.assert_array_equal(found.rates[size : 2 * size], expectations[1].rates)
    sums = sum(one.peer_sales for one in expectations)
    np.testing.assert_array_equal(found.peer_sales, sums)
    low = np.min([one.uncertainty for one in expectations], axis=0)
    high = np.max([one.uncertainty for one in expectations], axis=0)
    assert ((found.uncertainty >= low) & (found.uncertainty <= high)).all()
