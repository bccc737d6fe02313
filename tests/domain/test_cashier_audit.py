import dataclasses
import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.domain import cashier_audit, review_rules
from schemas import cashier_audit as table
from schemas import cashier_days, restricted_sales
from tests.domain import chains

SMALL = chains.Chain(cashiers_of_stores=(5,) * 4)
WITH_BAD = dataclasses.replace(SMALL, num_bad=1)
SHORT = review_rules.ReviewRules(period_days=7)
BAD = ("S00", "C00")


def rows(audit, store_id, cashier_id):
    return [
        row
        for row in audit.cashiers.to_pylist()
        if (row["store_id"], row["cashier_id"]) == (store_id, cashier_id)
    ]


def sales(number, day, **columns):
    """Makes equal sales of one cashier on one day."""
    row = {
        "store_id": "S1",
        "cashier_id": "C1",
        "self_checkout": False,
        "register_group": "attended",
        "local_hour": 17,
        "legal_age_years": 18,
        "challenge_age_years": 25,
        "p_under_legal_age": 0.125,
        "p_under_challenge_age": 0.75,
        "age_distribution": [0] * 101,
        "id_check": "checked",
        "eligible": True,
        "review_status": "within_rules",
        **columns,
    }
    listed = [{**row, "sale_id": str(place)} for place in range(number)]
    made = pa.Table.from_pylist(listed, schema=restricted_sales.SCHEMA)
    return made.append_column("date", pa.array([day] * number, pa.date32()))


UNCHECKED = {"id_check": "not_checked", "review_status": "needs_review"}
NOT_LOGGED = {"id_check": None, "review_status": "not_logged"}


def week(number):
    """Gives a day of each of the last weeks, 0 is the last."""
    return chains.LAST_DAY - datetime.timedelta(days=7 * number)


def store_of_sales(day, good=20, bad=80):
    """Four cashiers with 200 sales a week, the first with more of them unchecked."""
    return pa.concat_tables(
        sales(number, day, cashier_id=cashier_id, **outcome)
        for cashier_id, unchecked in (
            ("C1", bad),
            *((name, good) for name in ("C2", "C3", "C4")),
        )
        for number, outcome in ((unchecked, UNCHECKED), (200 - unchecked, {}))
    )


def test_periods_end_on_the_last_day():
    first, second, third = cashier_audit.periods(chains.LAST_DAY, chains.RULES)
    assert first.last_day == chains.LAST_DAY
    assert first.first_day == chains.LAST_DAY - datetime.timedelta(days=27)
    one_day = datetime.timedelta(days=1)
    assert second.last_day == first.first_day - one_day
    assert third.last_day == second.first_day - one_day
    assert third.first_day == datetime.date(2026, 8, 30)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(1, [1]), (28, [28]), (29, [28, 1]), (60, [28, 28, 4]), (365, [28, 28, 28])],
)
def test_a_short_span_has_fewer_and_shorter_periods(days, expected):
    last = chains.LAST_DAY
    first = last - datetime.timedelta(days=days - 1)
    found = cashier_audit.periods(last, chains.RULES, first)
    assert [(one.last_day - one.first_day).days + 1 for one in found] == expected


def test_a_period_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="must not come before 2026-11-21; received"):
        cashier_audit.Period(first_day=week(0), last_day=week(1))


def test_counts_come_from_the_eligible_logged_sales_of_the_period():
    none, old = {"age_distribution": None, "eligible": False}, {"eligible": False}
    unknown = {"p_under_legal_age": None, "p_under_challenge_age": None}
    made = pa.concat_tables(
        [
            sales(3, week(0)),
            sales(2, week(0), **UNCHECKED),
            sales(4, week(0), **old, review_status="not_eligible"),
            sales(5, week(0), **none, **unknown, review_status="no_age"),
            sales(6, week(0), **NOT_LOGGED),
            sales(7, week(2), **UNCHECKED),
            sales(8, week(3), **UNCHECKED),
        ]
    )
    audit = cashier_audit.of_sales(made, chains.LAST_DAY, SHORT)
    (row,) = audit.cashiers.to_pylist()
    assert row["restricted_sales"] == 27
    assert row["aged_sales"] == 22
    assert row["logged_sales"] == 16
    assert (row["eligible_sales"], row["unchecked_sales"]) == (12, 9)
    assert row["exposure_under_challenge_age"] == pytest.approx(22 * 0.75)
    old, new = audit.periods.to_pylist()
    assert (old["unchecked_sales"], new["unchecked_sales"]) == (7, 2)
    assert (new["from_date"], new["to_date"]) == (
        week(0) - datetime.timedelta(days=6),
        week(0),
    )


@pytest.mark.parametrize(
    ("weeks", "status", "judged", "beyond"),
    [
        ((True, True, True), "review", 3, 3),
        ((True, True, False), "review", 3, 2),
        ((False, True, True), "review", 3, 2),
        ((False, True, False), "within_limits", 3, 1),
        ((False, False, False), "within_limits", 3, 0),
        ((True, None, True), "review", 2, 2),
        ((True, None, None), "insufficient_data", 1, 1),
        ((None, None, False), "insufficient_data", 1, 0),
    ],
)
def test_review_needs_two_of_the_last_three_periods(weeks, status, judged, beyond):
    made = [
        store_of_sales(week(number), bad=80 if is_bad else 20)
        for number, is_bad in enumerate(weeks)
        if is_bad is not None
    ]
    audit = cashier_audit.of_sales(pa.concat_tables(made), chains.LAST_DAY, SHORT)
    (row,) = rows(audit, "S1", "C1")
    assert row["status"] == status
    assert (row["periods_judged"], row["periods_beyond"]) == (judged, beyond)
    assert row["needs_review"] == (status == "review")
    flagged = audit.cashiers.filter(audit.cashiers["needs_review"])
    assert set(flagged["cashier_id"].to_pylist()) <= {"C1"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "review"),
        ({"period_days": 14}, "insufficient_data"),
        ({"num_periods": 2}, "review"),
        ({"min_review_periods": 3}, "insufficient_data"),
        ({"max_q": 1e-30}, "within_limits"),
        ({"outer_level": 1.0 - 1e-14}, "within_limits"),
        ({"min_expected": 50.0}, "insufficient_data"),
        ({"min_eligible_sales": 201}, "insufficient_data"),
        ({"max_peer_uncertainty": 0.01}, "insufficient_data"),
    ],
)
def test_every_rule_of_the_review_counts(change, status):
    made = pa.concat_tables([store_of_sales(week(number)) for number in range(2)])
    if change.get("outer_level"):
        made = pa.concat_tables([store_of_sales(week(n), bad=55) for n in range(2)])
    rules = dataclasses.replace(SHORT, **change)
    (row,) = rows(cashier_audit.of_sales(made, chains.LAST_DAY, rules), "S1", "C1")
    assert row["status"] == status


def test_shown_figures_follow_their_rules():
    counts = chains.counts(WITH_BAD, 0)

    def figures(**change):
        rules = dataclasses.replace(chains.RULES, **change)
        audit = cashier_audit.of_counts(counts, chains.PERIODS, rules)
        (row,) = rows(audit, *BAD)
        return row

    usual, wide = figures(), figures(confidence=0.99, inner_level=0.99)
    assert wide["ratio_low"] < usual["ratio_low"] < usual["ratio"]
    assert usual["ratio"] < usual["ratio_high"] < wide["ratio_high"]
    assert usual["inner_high"] < wide["inner_high"] < usual["outer_high"]
    assert usual["outer_low"] < wide["inner_low"] < usual["inner_low"]
    assert figures(excess_ratio=3.0)["probability_of_excess"] < 0.01
    assert usual["probability_of_excess"] > 0.9
    assert figures(power_ratio=1.5)["sales_for_power"] > usual["sales_for_power"]
    assert figures(power=0.95)["sales_for_power"] > usual["sales_for_power"]


def _overdispersion(chain, fraction):
    rules = dataclasses.replace(chains.RULES, winsorised_fraction=fraction)
    return chains.audit(chain, 0, rules).cashiers["overdispersion"].to_numpy()


def test_winsorising_keeps_extremes_from_widening_limits():
    extreme = chains.Chain(cashiers_of_stores=(10,) * 4, num_bad=2, bad_ratio=4.0)
    plain, usual = (_overdispersion(extreme, fraction) for fraction in (0.0, 0.1))
    assert (plain > 1.5 * usual).all()


def test_winsorising_leaves_the_scatter_of_all_as_it_is():
    uneven = dataclasses.replace(SMALL, cashier_spread=0.3)
    plain, usual = (_overdispersion(uneven, fraction) for fraction in (0.0, 0.1))
    assert plain.min() > 3.0
    assert usual.mean() == pytest.approx(plain.mean(), rel=0.15)


def test_a_bad_cashier_does_not_hide_behind_an_own_excess():
    # One store of five: the excess makes four colleagues seem too careful, too.
    alone = dataclasses.replace(WITH_BAD, cashiers_of_stores=(5,), bad_ratio=4.0)
    periods = chains.audit(alone, 0).periods
    chosen = periods.filter(pc.equal(periods["cashier_id"], "C00"))
    assert chosen["is_beyond"].to_pylist() == [True] * 3
    own = chosen["overdispersion"].to_numpy().max()
    others = periods["overdispersion"].to_numpy().max()
    assert own < 2.0 < 10.0 < others


def test_figures_of_the_span_add_up_periods_with_their_own_peers():
    audit = chains.audit(WITH_BAD, 3)
    (row,) = rows(audit, *BAD)
    parts = [
        part
        for part in audit.periods.to_pylist()
        if (part["store_id"], part["cashier_id"]) == BAD
    ]
    for name in ("eligible_sales", "unchecked_sales", "expected_unchecked"):
        assert row[name] == pytest.approx(sum(part[name] for part in parts))
    assert row["ratio"] == pytest.approx(
        row["unchecked_sales"] / row["expected_unchecked"]
    )
    assert row["periods_beyond"] == sum(part["is_beyond"] for part in parts)


def test_rows_come_by_store_and_pseudonym_whatever_the_order():
    counts = chains.counts(WITH_BAD, 4)
    audit = cashier_audit.of_counts(counts, chains.PERIODS, chains.RULES)
    keys = [(row["store_id"], row["cashier_id"]) for row in audit.cashiers.to_pylist()]
    assert keys == sorted(keys)
    order = np.random.default_rng(0).permutation(counts[0].num_rows)
    shuffled = [part.take(pa.array(order)) for part in counts]
    again = cashier_audit.of_counts(shuffled, chains.PERIODS, chains.RULES)
    assert again.cashiers.equals(audit.cashiers)
    assert again.periods.equals(audit.periods)


def test_rows_of_equal_keys_are_added_up():
    counts = chains.counts(WITH_BAD, 5)
    twice = [pa.concat_tables([part, part]) for part in counts]
    audit = cashier_audit.of_counts(twice, chains.PERIODS, chains.RULES)
    once = cashier_audit.of_counts(counts, chains.PERIODS, chains.RULES)
    for name in ("eligible_sales", "unchecked_sales", "restricted_sales"):
        doubled = 2 * once.cashiers[name].to_numpy()
        np.testing.assert_array_equal(audit.cashiers[name].to_numpy(), doubled)


def test_tills_without_a_log_give_exposure_and_flag_nobody():
    logged = chains.counts(WITH_BAD, 0)
    zero = ("logged_sales", "eligible_sales", "unchecked_sales")
    counts = [
        pa.table(
            {
                name: np.zeros(part.num_rows, np.int64) if name in zero else part[name]
                for name in part.column_names
            },
            schema=cashier_days.SCHEMA,
        )
        for part in logged
    ]
    audit = cashier_audit.of_counts(counts, chains.PERIODS, chains.RULES)
    figures = table.SCHEMA.names[
        table.SCHEMA.get_field_index(
            "expected_unchecked"
        ) : table.SCHEMA.get_field_index("shrunk_rate")
    ]
    for row in audit.cashiers.to_pylist():
        assert row["status"] == "not_logged"
        assert not row["needs_review"]
        assert row["exposure_under_challenge_age"] > 0.0
        rates = [*figures, "shrunk_rate", "probability_of_excess"]
        assert {row[name] for name in rates if name != "overdispersion"} == {None}


def test_a_till_without_a_log_among_others_is_told_apart():
    made = pa.concat_tables(
        [
            *(store_of_sales(week(number)) for number in range(3)),
            sales(300, week(0), cashier_id="C8", **NOT_LOGGED),
            sales(
                300,
                week(0),
                cashier_id="C9",
                age_distribution=None,
                eligible=False,
                review_status="no_age",
            ),
        ]
    )
    audit = cashier_audit.of_sales(made, chains.LAST_DAY, SHORT)
    status = dict(
        zip(
            audit.cashiers["cashier_id"].to_pylist(),
            audit.cashiers["status"].to_pylist(),
            strict=True,
        )
    )
    assert status["C8"] == "not_logged"
    assert status["C9"] == "insufficient_data"
    assert status["C1"] == "review"


def test_sales_without_a_cashier_are_counted_apart():
    alone = {
        "cashier_id": None,
        "self_checkout": True,
        "register_group": "self_checkout",
    }
    made = pa.concat_tables(
        [
            sales(5, week(0)),
            sales(7, week(1), **alone, **UNCHECKED),
            sales(3, week(0), cashier_id=None, **UNCHECKED),
            sales(9, week(5), **alone),
        ]
    )
    audit = cashier_audit.of_sales(made, chains.LAST_DAY, SHORT)
    assert audit.num_self_checkout_sales == 7
    assert audit.num_anonymous_sales == 3
    (row,) = audit.cashiers.to_pylist()
    assert (row["restricted_sales"], row["peer_sales"]) == (5, 0)


def test_no_sales_give_empty_tables():
    audit = cashier_audit.of_sales(sales(0, week(0)), chains.LAST_DAY, SHORT)
    assert audit.cashiers.schema == table.SCHEMA
    assert audit.periods.schema == table.PERIODS_SCHEMA
    assert audit.cashiers.num_rows == audit.periods.num_rows == 0


def test_days_before_the_span_do_not_count():
    made = pa.concat_tables([sales(3, week(0)), sales(5, week(1))])
    audit = cashier_audit.of_sales(made, week(0), SHORT, first_day=week(0))
    (row,) = audit.cashiers.to_pylist()
    assert (row["from_date"], row["to_date"]) == (week(0), week(0))
    assert row["restricted_sales"] == 3


def test_review_fields_are_left_to_people():
    cashiers = chains.audit(WITH_BAD, 0).cashiers
    for name in ("reviewed_by", "reviewed_at", "decision", "note"):
        assert cashiers[name].null_count == cashiers.num_rows


def test_a_store_of_one_cashier_is_not_judged_by_other_stores():
    lone = dataclasses.replace(SMALL, cashiers_of_stores=(1, 1, 6, 6, 6, 6))
    for seed in range(5):
        audit = chains.audit(lone, seed)
        for store in ("S00", "S01"):
            (row,) = rows(audit, store, "C00")
            assert row["status"] == "insufficient_data"
