"""Tests of `pipelines.domain.balance`."""

import pytest

from pipelines.domain import balance
from schemas import runs, tables

COUNTS = dict.fromkeys(runs.COUNTS, 0) | {
    "photos_listed": 5_120,
    "photos_scored": 4_000,
    "photos_resumed": 1_100,
    "photos_rejected": 20,
    "photos_matched": 4_700,
    "photos_unmatched": 200,
    "photos_ambiguous": 50,
    "photos_without_face": 150,
    "captures_read": 2_500,
    "captures_rejected": 2,
    "captures_duplicate": 1,
    "captures_unused": 30,
    "lines_read": 37_449,
    "lines_out": 37_400,
    "lines_rejected": 9,
    "lines_duplicate": 30,
    "lines_superseded": 10,
    "transactions": 6_000,
    "transactions_matched": 4_600,
    "transactions_mixed_people": 12,
    "columns_ignored": 1,
}


def check(changes=None, **limits):
    limits = {"max_rejected_fraction": 0.01} | limits
    return balance.check(COUNTS | (changes or {}), **limits)


def test_balanced_run_may_be_published():
    assert check() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"photos_listed": 5_121},
            "does not balance: photos_listed 5,121 is not photos_scored 4,000 + "
            "photos_resumed 1,100 + photos_rejected 20",
        ),
        (
            {"photos_matched": 4_699},
            "does not balance: photos_scored 4,000 + photos_resumed 1,100 is not "
            "photos_matched 4,699 + photos_unmatched 200 + photos_ambiguous 50 + "
            "photos_without_face 150",
        ),
        (
            {"lines_duplicate": 31},
            "does not balance: lines_read 37,449 is not lines_out 37,400 + "
            "lines_rejected 9 + lines_duplicate 31 + lines_superseded 10",
        ),
        (
            {"captures_unused": 2_498},
            "does not balance: captures_read 2,500 is less than "
            "captures_rejected 2 + captures_duplicate 1 + captures_unused 2,498",
        ),
        (
            {"transactions": 4_611},
            "does not balance: transactions 4,611 is less than "
            "transactions_matched 4,600 + transactions_mixed_people 12",
        ),
        ({"photos_gone": -1}, "does not balance: photos_gone is -1"),
        (
            {"lines_out": 37_000, "lines_rejected": 409},
            "too many rejected: 409 of 37,449 lines (1.1 %); --max-rejected-fraction "
            "allows 1 %; see the rejections for the reasons",
        ),
        (
            {"photos_listed": 5_160, "photos_rejected": 60},
            "too many rejected: 60 of 5,160 photos (1.2 %); --max-rejected-fraction "
            "allows 1 %; see the rejections for the reasons",
        ),
        (
            {"captures_rejected": 26},
            "too many rejected: 26 of 2,500 captures (1.0 %); "
            "--max-rejected-fraction allows 1 %; see the rejections for the "
            "reasons",
        ),
    ],
)
def test_each_fault_is_one_reason(changes, reason):
    assert check(changes) == [reason]


def test_every_transaction_may_have_a_photo():
    assert check({"transactions": 4_612}) == []


def test_share_at_the_limit_is_accepted():
    assert check({"captures_rejected": 25}) == []


def test_empty_inputs_are_refused():
    assert balance.check(dict.fromkeys(runs.COUNTS, 0), max_rejected_fraction=1.0) == [
        "nothing scored: no photo of the day could be used",
        "no purchase line of the day could be used",
    ]


@pytest.mark.parametrize(
    ("photos_with_age", "lines_out", "num_reasons"),
    [(4_950, 37_400, 0), (4_951, 37_400, 1), (4_950, 37_401, 1), (4_951, 37_401, 2)],
)
def test_day_may_not_shrink_unless_allowed(photos_with_age, lines_out, num_reasons):
    published = balance.Fullness(photos_with_age=photos_with_age, lines_out=lines_out)
    assert len(check(published=published)) == num_reasons
    assert check(published=published, allow_shrink=True) == []


def test_shrinkage_says_from_what_to_what():
    published = balance.Fullness(photos_with_age=5_000, lines_out=37_400)
    assert check(published=published) == [
        "would shrink the published day from 5,000 to 4,950 photos with an age; "
        "--allow-shrink permits it"
    ]


ROWS = {table.folder: 1 for table in tables.PUBLISHED} | {
    "scores/photo_ages": 5_110,
    "marketing/purchase_ages": 37_400,
}


@pytest.mark.parametrize("num_photos", [5_100, 5_120])
def test_tables_that_agree_with_the_counts_are_accepted(num_photos):
    assert balance.check_tables(COUNTS, ROWS | {"scores/photo_ages": num_photos}) == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            {"scores/photo_ages": 5_099},
            "does not balance: scores/photo_ages has 5,099 rows, scored and resumed "
            "are 5,100 of 5,120 photos",
        ),
        (
            {"scores/photo_ages": 5_121},
            "does not balance: scores/photo_ages has 5,121 rows, scored and resumed "
            "are 5,100 of 5,120 photos",
        ),
        (
            {"marketing/purchase_ages": 37_399},
            "does not balance: marketing/purchase_ages has 37,399 rows, lines_out is "
            "37,400",
        ),
    ],
)
def test_a_table_that_disagrees_with_the_counts_is_a_reason(rows, reason):
    assert balance.check_tables(COUNTS, ROWS | rows) == [reason]


def test_a_table_that_was_not_written_is_a_reason():
    rows = {name: num for name, num in ROWS.items() if name != "scores/photo_ages"}
    assert balance.check_tables(COUNTS, rows) == [
        "the table scores/photo_ages was not written"
    ]
