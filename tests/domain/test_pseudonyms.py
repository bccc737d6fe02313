import datetime

import numpy as np
import pytest

from pipelines.domain import pseudonyms, receipts
from tests.domain import days

SECRET = pseudonyms.Pseudonyms(b"0123456789abcdef")


def names(kind="basket", day=days.DAY, secret=SECRET, rows=None, **line):
    table = receipts.gather(
        days.lines({**line}, {"transaction_id": "T2", **line}, {"register_id": "R2"})
    ).rows
    wanted = np.arange(3) if rows is None else np.array(rows)
    return pseudonyms.receipts_of_day(kind, table, wanted, day, secret).to_pylist()


def test_names_are_stable_and_apart():
    assert names() == names()
    assert len({*names(), *names("sale")}) == 6
    assert names(rows=[2, 0]) == [names()[2], names()[0]]
    assert all(len(name) == 20 for name in names())


@pytest.mark.parametrize(
    "other",
    [
        {"day": datetime.date(2026, 11, 22)},
        {"secret": pseudonyms.Pseudonyms(b"0123456789abcdeg")},
        {"store_id": "0043"},
    ],
)
def test_another_day_secret_or_store_has_other_names(other):
    assert not set(names()[:2]) & set(names(**other)[:2])


def test_ids_cannot_be_cut_differently():
    assert SECRET.cashier("1", "23") != SECRET.cashier("12", "3")
    assert SECRET.cashier("1", "2:3") != SECRET.cashier("1:2", "3")


def test_names_without_a_secret_depend_on_the_times_of_the_register():
    first, second = names(secret=None), names(secret=None, started_at=1)
    assert first == names(secret=None)
    assert not set(first[:2]) & set(second[:2])
    assert first[2] == second[2]
    assert not set(first) & set(names("sale", secret=None))


def test_a_short_secret_is_refused_and_never_shown():
    with pytest.raises(pseudonyms.WeakSecretError, match="at least 16 bytes; it has 5"):
        pseudonyms.Pseudonyms(b"short")
    assert "0123456789" not in repr(SECRET)


def test_a_kind_must_be_known():
    with pytest.raises(ValueError, match="kind must be one of"):
        names("register")
