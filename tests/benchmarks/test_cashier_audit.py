import dataclasses
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks import (
    audit_outcomes,
    cashier_audit,
    known_faces,
    simulated_chains,
    simulated_sales,
)
from pipelines.domain import audit
from schemas import fields, restricted_sales

SMALL = simulated_chains.Chain(
    cashiers_of_stores=(6, 6),
    eligible_sales=200.0,
    habits=simulated_chains.Habits(under_30=0.9, under_35=0.9, older=0.5),
)


def faces(seed=0, num_people=600):
    """People of all ages, seen up to ten years too old or too young."""
    rng = np.random.default_rng(seed)
    age = rng.integers(12, 90, num_people)
    seen = np.clip(age + rng.integers(-10, 11, num_people), 1, 99)
    near = np.exp(-np.abs(np.arange(fields.NUM_AGES) - seen[:, None]) / 3.0)
    total = fields.DISTRIBUTION_TOTAL
    weights = np.floor(total * near / near.sum(axis=1, keepdims=True)).astype(int)
    weights[np.arange(num_people), seen] += total - weights.sum(axis=1)
    return known_faces.KnownFaces(
        ages_years=age,
        weights=weights.astype(np.uint16),
        split=np.repeat("test", num_people),
    )


@pytest.fixture(scope="module")
def photos() -> simulated_sales.Photos:
    return simulated_sales.judge(faces())


def draw(chain, photos, seed=0):
    rng = np.random.default_rng(seed)
    drawn = simulated_chains.world(chain, photos.eligible_share(), rng)
    return drawn, simulated_sales.sell(drawn, photos, rng)


def rows_of(sales, drawn, photos):
    """Writes the sales as the nightly job would."""
    eligible = photos.is_eligible[sales.photo]
    status = np.where(
        eligible & sales.is_unchecked,
        "needs_review",
        np.where(eligible, "within_rules", "not_eligible"),
    )
    size = len(sales.photo)
    columns = {
        "store_id": [f"S{number:03}" for number in drawn.store[sales.cashier]],
        "sale_id": [str(number) for number in range(size)],
        "cashier_id": [simulated_sales.cashier_name(n) for n in sales.cashier],
        "self_checkout": np.zeros(size, bool),
        "register_group": np.repeat("attended", size),
        "local_hour": simulated_chains.OPENING_HOURS[sales.hour].astype(np.int8),
        "legal_age_years": np.full(size, 18, np.int16),
        "challenge_age_years": np.full(size, 25, np.int16),
        "p_under_legal_age": photos.p_under_legal[sales.photo],
        "p_under_challenge_age": photos.p_under_challenge[sales.photo],
        "age_distribution": list(photos.weights[sales.photo]),
        "id_check": np.where(sales.is_unchecked, "not_checked", "checked"),
        "eligible": eligible,
        "review_status": status,
    }
    return pa.table(columns, schema=restricted_sales.SCHEMA)


def test_counts_are_those_of_the_nightly_job(photos):
    chain = dataclasses.replace(SMALL, eligible_sales=30.0)
    drawn, sales = draw(chain, photos)
    counted = simulated_sales.count(sales, drawn, photos)

    nightly = audit.by_cashier(rows_of(sales, drawn, photos))

    keys = [(name, "ascending") for name in ("store_id", "cashier_id", "hour_band")]
    nightly, counted = nightly.sort_by(keys), counted.sort_by(keys)
    assert counted.schema == nightly.schema
    assert counted.num_rows > 20
    for name in nightly.column_names:
        expected = nightly[name].to_pylist()
        if name.startswith("sum_p"):
            expected = pytest.approx(expected)
        assert counted[name].to_pylist() == expected


def test_a_sale_shows_a_face_of_the_nearest_age():
    known = faces().take(faces().ages_years % 10 == 0)
    photos = simulated_sales.judge(known)
    age = np.sort(known.ages_years)[photos.first]
    assert (np.abs(age - simulated_chains.BUYER_AGES) <= 10).all()
    of_31 = simulated_chains.BUYER_AGES == 31
    assert age[of_31] == 30
    assert photos.number[of_31] == (known.ages_years == 30).sum()


def test_stores_and_hours_differ_in_their_buyers_but_not_in_minors(photos):
    drawn, _ = draw(SMALL, photos)
    is_minor = simulated_chains.BUYER_AGES < 18
    np.testing.assert_allclose(drawn.mix[:, :, is_minor].sum(axis=2), 0.003)
    mean_age = drawn.mix @ simulated_chains.BUYER_AGES
    assert np.ptp(mean_age) > 3.0
    np.testing.assert_allclose(mean_age[drawn.store == 0].std(axis=0), 0.0, atol=1e-9)


def test_registers_can_draw_other_buyers(photos):
    drawn, _ = draw(dataclasses.replace(SMALL, cashier_mix_spread=0.2), photos)
    mean_age = drawn.mix @ simulated_chains.BUYER_AGES
    assert (mean_age[drawn.store == 0].std(axis=0) > 0.5).all()


def test_each_cashier_has_the_eligible_sales_asked_for(photos):
    _, sales = draw(SMALL, photos)
    number = np.bincount(sales.cashier, photos.is_eligible[sales.photo])
    assert number.mean() == pytest.approx(200.0, rel=0.05)
    assert np.abs(number - 200.0).max() < 60.0


@pytest.mark.parametrize("ratio", [1.5, 2.0])
def test_planted_cashiers_leave_so_many_times_as_much_unchecked(photos, ratio):
    usual, _ = draw(SMALL, photos)
    planted, sales = draw(
        dataclasses.replace(
            SMALL, num_planted=2, planted_ratio=ratio, eligible_sales=5000.0
        ),
        photos,
    )
    assert np.flatnonzero(planted.is_planted).tolist() == [0, 6]
    expected = np.where(planted.is_planted, ratio, 1.0)
    found = planted.unchecked_rate / usual.unchecked_rate
    np.testing.assert_allclose(found, expected)
    eligible = photos.is_eligible[sales.photo]
    rate = np.bincount(sales.cashier, eligible & sales.is_unchecked) / np.bincount(
        sales.cashier, eligible
    )
    np.testing.assert_allclose(rate, planted.unchecked_rate, atol=0.03)


def test_nobody_leaves_more_than_all_unchecked(photos):
    drawn, _ = draw(
        dataclasses.replace(SMALL, num_planted=1, planted_ratio=99.0), photos
    )
    assert drawn.unchecked_rate[0] == pytest.approx(1.0)


def test_cashiers_ask_by_how_old_buyers_look_to_them(photos):
    habits = simulated_chains.Habits(
        under_challenge=0.9, under_30=0.5, under_35=0.3, older=0.1
    )
    even = dataclasses.replace(SMALL, habits=habits, store_spread=0.0, hour_spread=0.0)
    unchecked = draw(even, photos)[0].unchecked[0, 0]
    of_age = dict(zip(simulated_chains.BUYER_AGES.tolist(), unchecked, strict=True))
    assert of_age[10] == pytest.approx(0.1, abs=1e-3)
    # Half of them look younger than they are.
    assert of_age[25] == pytest.approx((0.1 + 0.5) / 2, abs=0.02)
    assert of_age[60] == pytest.approx(0.9, abs=1e-3)


def test_gross_excess_is_found_and_nobody_else(photos):
    chain = dataclasses.replace(SMALL, num_planted=2, planted_ratio=3.0)
    scenario = cashier_audit.Scenario("gross", chain, 3)

    outcome = cashier_audit.simulate(scenario, photos, 0, map)

    assert (outcome.chains, outcome.planted, outcome.found) == (3, 6, 6)
    assert (outcome.false, outcome.chains_with_false) == (0, 0)
    assert outcome.judged == 3 * 3 * 10
    rate = audit_outcomes.shares(outcome)
    ratio = rate["planted_unchecked_of_eligible"].value / (
        rate["unchecked_of_eligible"].value
    )
    assert ratio == pytest.approx(3.0, rel=0.25)


def test_false_reviews_are_told_from_found_ones(photos):
    chain = dataclasses.replace(SMALL, num_planted=2, planted_ratio=3.0)
    drawn, _ = draw(chain, photos)
    rng = np.random.default_rng(0)
    counts = [
        simulated_sales.count(simulated_sales.sell(drawn, photos, rng), drawn, photos)
        for _ in range(3)
    ]
    rules = cashier_audit.review_rules.ReviewRules()
    parts = cashier_audit.cashier_audit.periods(cashier_audit._LAST_DAY, rules)
    audited = cashier_audit.cashier_audit.of_counts(counts, parts, rules)
    flagged = pc.sum(audited.cashiers["needs_review"]).as_py()
    assert flagged == 2

    found = audit_outcomes.of_audit(audited, ["C0000"])

    assert (found.planted, found.found, found.false) == (1, 1, 1)
    assert (found.chains_with_false, found.false_share) == (1, 0.5)


def test_outcomes_add_up_and_show_their_shares():
    one = audit_outcomes.Outcome(
        chains=1, planted=3, found=2, judged=10, eligible=100, unchecked=10
    )
    both = one.plus(one)._replace(planted_eligible=10, planted_unchecked=4)
    assert both.planted == 6
    shares = audit_outcomes.shares(both)
    assert shares["power"].value == pytest.approx(2 / 3)
    assert shares["power"].low == pytest.approx(0.300, abs=1e-3)
    assert audit_outcomes.line("kind", both) == (
        "| kind | 10.0 | 40.0 | 0.00 (0.00 to 65.76) | 66.67 (30.00 to 90.32) |"
        " 0.00 (0.00 to 48.99) | 0.00 (0.00 to 16.11) |"
    )


@pytest.mark.parametrize("only", ["", "differ by 0.1"])
def test_command_prints_a_row_for_each_kind(tmp_path, capsys, only):
    known_faces.save(faces(), tmp_path / "known.npz")

    exit_code = cashier_audit.main(
        [
            f"--faces={tmp_path / 'known.npz'}",
            "--repetitions=1",
            "--planted-repetitions=0",
            f"--only={only}",
            f"--json={tmp_path / 'out.json'}",
        ]
    )

    assert exit_code == 0
    kinds = [one.name for one in cashier_audit.scenarios(1, 0)]
    names = [name for name in kinds if only in name]
    assert len(names) == (2 if only else 7)
    lines = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0].removeprefix("| ") for row in lines] == names
    written = json.loads((tmp_path / "out.json").read_text())
    assert [row["scenario"] for row in written] == names
    assert all(row["chains"] == 1 for row in written)
