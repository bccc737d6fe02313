"""How often the audit errs, by simulation."""

import dataclasses

import pytest

from tests.domain import chains

_SMALL = chains.Chain(cashiers_of_stores=(4,) * 3)


def share_with_a_false_flag(chain, repetitions):
    bad = chains.bad(chain)
    flagged = [chains.flagged(chain, seed) - bad for seed in range(repetitions)]
    return sum(map(bool, flagged)) / repetitions


def power(chain, repetitions):
    bad = chains.bad(chain)
    found = sum(len(chains.flagged(chain, seed) & bad) for seed in range(repetitions))
    return found / (repetitions * len(bad))


@pytest.mark.slow
@pytest.mark.parametrize(
    "chain",
    [_SMALL, dataclasses.replace(_SMALL, cashiers_of_stores=(1, 1, 2, 2, 3, 3))],
    ids=["stores of four", "stores of one to three"],
)
def test_nobody_is_flagged_where_nobody_is_bad(chain):
    assert share_with_a_false_flag(chain, 200) <= 0.01


@pytest.mark.parametrize("sizes", [(5,) * 4, (10,)], ids=["four stores", "one store"])
def test_twice_the_rate_is_found_with_400_sales_a_period(sizes):
    chain = chains.Chain(cashiers_of_stores=sizes, num_bad=1)
    assert power(chain, 20) >= 0.7


def test_a_store_where_all_check_less_flags_nobody():
    uneven = dataclasses.replace(_SMALL, store_spread=1.2)
    assert share_with_a_false_flag(uneven, 20) == 0.0


def test_the_others_of_a_bad_cashiers_store_are_not_flagged():
    chain = dataclasses.replace(_SMALL, num_bad=2, bad_ratio=4.0)
    assert share_with_a_false_flag(chain, 20) == 0.0
    assert power(chain, 20) >= 0.95
