import numpy as np
import pytest
from statsmodels.stats import proportion

from pipelines.domain import affinity, age_groups
from schemas import age_group_affinity
from tests.domain import lookalikes

GROUPS = age_groups.REPORT_GROUPS
MAE_YEARS = 6.46


def report(counted, known=None, groups=GROUPS, seed=0, **settings):
    return affinity.of_baskets(
        counted,
        known or lookalikes.perfect(),
        groups,
        affinity.AffinitySettings(**settings),
        np.random.default_rng(seed),
    )


def rows(counted, known=None, groups=GROUPS, **settings) -> list[dict]:
    return report(counted, known, groups, **settings).table.to_pylist()


def column(found: affinity.Affinity, name: str, groups=GROUPS) -> np.ndarray:
    cells = found.table[name].to_numpy()
    return cells.reshape(-1, len(groups.bounds_years) + 1)


def test_a_row_by_hand():
    counted = lookalikes.counted([[50, 30, 20, 100]], [100, 200, 300, 400], unknown=250)
    found = report(counted)
    assert found.table.schema.equals(age_group_affinity.SCHEMA, check_metadata=True)
    first, *others = found.table.to_pylist()
    low, high = proportion.proportion_confint(50, 100, alpha=0.1, method="wilson")
    assert first["age_group"] == "<25"
    assert (first["group_baskets"], first["baskets"]) == (100, 50)
    assert first["penetration"] == pytest.approx(0.5)
    assert first["penetration_low"] == pytest.approx(low)
    assert first["penetration_high"] == pytest.approx(high)
    assert first["raw_index"] == pytest.approx(250)
    # Nobody is taken for another: nothing to correct.
    assert first["corrected_index"] == pytest.approx(250)
    assert 190 < first["corrected_index_low"] < 230
    assert 270 < first["corrected_index_high"] < 310
    assert first["p_value"] < first["q_value"] < 1e-10
    assert (first["reliable"], first["suppressed"]) == (True, False)
    assert [row["age_group"] for row in others] == ["25-44", "45-64", "65+"]
    assert (found.unknown_share, found.num_tested) == (0.2, 4)
    assert (found.condition, found.is_corrected) == (pytest.approx(1), True)


def test_a_planted_preference_comes_back():
    groups = age_groups.AgeGroups((25, 45, 60))
    penetrations = np.full((60, 4), 0.05)
    # Makes the true index of the third group, 27 % of shoppers, 181.
    share = 0.27
    penetrations[:, 2] *= 1.81 * (1 - share) / (1 - 1.81 * share)
    true = lookalikes.true_index(penetrations, groups)
    assert true[0, 2] == pytest.approx(181, abs=0.01)
    rng = np.random.default_rng(1)
    hits, raw, corrected, reliable = [], [], [], []
    for _ in range(10):
        counted = lookalikes.shop(penetrations, groups, MAE_YEARS, 20_000, rng)
        known = lookalikes.photographed(MAE_YEARS, 200, rng)
        found = report(counted, known, groups)
        low, high = (
            column(found, f"corrected_index_{end}", groups) for end in ("low", "high")
        )
        hits.append((low <= true) & (true <= high))
        raw.append(column(found, "raw_index", groups)[:, 2])
        corrected.append(column(found, "corrected_index", groups)[:, 2])
        reliable.append(column(found, "reliable", groups)[:, 2])
    assert np.mean(raw) == pytest.approx(138, abs=2)
    assert np.mean(corrected) == pytest.approx(true[0, 2], rel=0.03)
    assert np.mean(hits) == pytest.approx(0.9, abs=0.05)
    assert np.mean(reliable) > 0.99


def test_reports_on_buyers_who_do_not_differ_find_nothing():
    rng = np.random.default_rng(2)
    known = lookalikes.photographed(MAE_YEARS, 200, rng)
    discoveries = []
    for _ in range(200):
        penetrations = 10 ** rng.uniform(-3, -0.5, (25, 1)) * np.ones((1, 4))
        counted = lookalikes.shop(penetrations, GROUPS, MAE_YEARS, 20_000, rng)
        found = report(counted, known, num_draws=2)
        assert found.num_tested > 50
        discoveries.append(np.nanmin(column(found, "q_value")) <= 0.05)
    assert np.mean(discoveries) <= 0.05


def test_one_seed_gives_one_report():
    rng = np.random.default_rng(3)
    penetrations = rng.uniform(0.01, 0.1, (5, 4))
    counted = lookalikes.shop(penetrations, GROUPS, MAE_YEARS, 5000, rng)
    known = lookalikes.photographed(MAE_YEARS, 100, rng)
    assert report(counted, known).table.equals(report(counted, known).table)
    other = report(counted, known, seed=1).table
    assert other["q_value"].equals(report(counted, known).table["q_value"])
    assert not other["corrected_index_low"].equals(
        report(counted, known).table["corrected_index_low"]
    )


def test_blocks_of_items_hold_their_own_rows(monkeypatch):
    rng = np.random.default_rng(4)
    counted = lookalikes.counted(rng.integers(20, 900, (7, 4)), [1000] * 4)
    whole = report(counted).table.to_pydict()
    monkeypatch.setattr(affinity, "_ITEMS_AT_ONCE", 3)
    parts = report(counted).table.to_pydict()
    for name in ("corrected_index", "corrected_index_low", "corrected_index_high"):
        np.testing.assert_allclose(parts[name], whole[name], rtol=0.05)


def test_few_baskets_are_not_shown_nor_told_by_others():
    counted = lookalikes.counted(
        [[9, 400, 30, 60], [9, 8, 7, 6]], [500, 1000, 1000, 1000]
    )
    found = rows(counted)
    assert [row["suppressed"] for row in found] == [True, False, True, False] + 4 * [
        True
    ]
    for row in found:
        figures = {
            name
            for name in age_group_affinity.SCHEMA.names
            if name not in [field.name for field in age_group_affinity.ITEM]
            and name not in ("suppressed", "group_baskets", "reliable")
            and row[name] is not None
        }
        assert bool(figures) != row["suppressed"]
        assert not (row["suppressed"] and row["reliable"])
        assert row["group_baskets"] in (500, 1000)


def test_suppressed_cells_are_tested_all_the_same():
    # Were the family chosen by the counts, few but odd cells alone would be in it.
    counted = lookalikes.counted([[0, 40, 40, 40], [1, 9, 9, 9]], [1000] * 4)
    assert report(counted).num_tested == 4


@pytest.mark.parametrize(
    ("counts", "is_reliable"),
    [
        # Enough baskets, enough difference.
        ([60, 100, 100, 100], True),
        ([29, 20, 20, 20], False),
        ([32, 10, 10, 10], True),
        # Not more than chance brings about.
        ([110, 100, 100, 100], False),
    ],
)
def test_reliable_rows_have_baskets_and_a_clear_difference(counts, is_reliable):
    counted = lookalikes.counted([counts], [500, 1500, 1500, 1500])
    if counts[0] == 110:
        counted = lookalikes.counted([counts], [1000] * 4)
    assert rows(counted)[0]["reliable"] is is_reliable


def test_a_neighbours_preference_is_not_called_one_of_the_group():
    # The first group prefers it; those taken for older show it in the second.
    penetrations = np.tile([0.5, 0.12, 0.03, 0.03], (8, 1))
    true = lookalikes.true_index(penetrations, GROUPS)[0, 1]
    assert true == pytest.approx(100, abs=3)
    rng = np.random.default_rng(5)
    significant, preferred = [], []
    for _ in range(10):
        counted = lookalikes.shop(penetrations, GROUPS, 9.0, 20_000, rng)
        found = report(counted, lookalikes.photographed(9.0, 500, rng), num_draws=50)
        significant.append(column(found, "q_value")[:, 1] <= 0.05)
        is_above = column(found, "corrected_index_low")[:, 1] > 100
        preferred.append(is_above & column(found, "reliable")[:, 1])
    assert np.mean(significant) > 0.9
    assert np.mean(preferred) < 0.15


def test_intervals_allow_for_errors_in_the_baskets_of_the_groups():
    # Who buys nearly always moves from group to group as the baskets do.
    penetrations = np.array([[0.9, 0.1, 0.1, 0.1]])
    true = lookalikes.true_index(penetrations, GROUPS)[0, 0]
    rng = np.random.default_rng(3)
    known = lookalikes.photographed(MAE_YEARS, 100_000, rng)
    hits = []
    for seed in range(100):
        counted = lookalikes.shop(penetrations, GROUPS, MAE_YEARS, 3000, rng)
        found = report(counted, known, seed=seed, num_draws=40)
        low, high = (
            column(found, f"corrected_index_{end}")[0, 0] for end in ("low", "high")
        )
        hits.append(low <= true <= high)
    assert 0.85 < np.mean(hits) < 0.95


def test_intervals_allow_for_few_calibration_photos():
    penetrations = np.array([[0.3, 0.05, 0.05, 0.05]])
    rng = np.random.default_rng(4)
    counted = lookalikes.shop(penetrations, GROUPS, MAE_YEARS, 1_000_000, rng)
    widths = []
    for photos in (20_000, 50):
        known = lookalikes.photographed(MAE_YEARS, photos, rng)
        found = report(counted, known)
        low, high = (
            column(found, f"corrected_index_{end}")[0, 0] for end in ("low", "high")
        )
        widths.append(high - low)
    assert widths[1] > 5 * widths[0]


def test_intervals_leave_out_a_tenth_of_the_draws():
    low, high = affinity._interval(np.arange(1.0, 200.0)[:, None], 0.05)
    assert (low[0], high[0]) == (pytest.approx(10), pytest.approx(190))


@pytest.mark.parametrize(
    ("num_empty", "ends"), [(0, (10, 190)), (3, (7, 193)), (4, None)]
)
def test_draws_without_people_widen_an_interval_or_void_it(num_empty, ends):
    drawn = np.arange(1.0, 200.0)
    # The middle is where they would matter least were they just dropped.
    drawn[100 : 100 + num_empty] = np.nan
    low, high = affinity._interval(drawn[:, None], 0.05)
    if ends is None:
        assert (np.isnan(low[0]), np.isnan(high[0])) == (True, True)
    else:
        assert (low[0], high[0]) == (pytest.approx(ends[0]), pytest.approx(ends[1]))


def test_that_nobody_bought_it_does_not_prove_that_nobody_does():
    counted = lookalikes.counted([[0, 90, 80, 70]], [100, 1000, 1000, 1000])
    first = rows(counted, min_shown_baskets=0)[0]
    # Of 100 baskets none: up to 2 % may hold it, a fifth of what the others buy.
    assert first["corrected_index"] == 0
    assert 15 < first["corrected_index_high"] < 40


def test_no_corrected_index_stands_without_its_interval():
    # Of those of 65 and older some are left after correction, but not in every draw.
    rng = np.random.default_rng(8)
    known = lookalikes.photographed(MAE_YEARS, 60, rng)
    counted = lookalikes.counted([[90, 900, 500, 60]] * 20, [1500, 3000, 1800, 260])
    found = report(counted, known)
    between = known.between(GROUPS)
    assert 0 < between.corrected(counted.of_group)[3] < 100
    corrected, low, high = (
        column(found, f"corrected_index{end}") for end in ("", "_low", "_high")
    )
    assert np.isnan(corrected[:, 3]).all()
    assert not np.isnan(corrected[:, :3]).any()
    np.testing.assert_array_equal(np.isnan(corrected), np.isnan(low))
    np.testing.assert_array_equal(np.isnan(corrected), np.isnan(high))


def test_no_group_buys_more_often_than_always():
    # All but those of 65 and older buy it always, and some of these pass for younger.
    counted = lookalikes.counted([[1000, 1000, 1000, 80]], [1000, 1000, 1000, 1000])
    known = lookalikes.photographed(MAE_YEARS, 300, np.random.default_rng(0))
    for row in rows(counted, known):
        assert row["corrected_index"] <= 100 / 0.77 + 1e-9
        assert row["corrected_index_high"] <= 100 / 0.75


def test_an_item_in_every_basket_tells_nothing():
    of_group = [100, 200, 300, 400]
    for row in rows(lookalikes.counted([of_group], of_group)):
        assert row["penetration"] == 1
        assert row["raw_index"] == pytest.approx(100)
        assert row["corrected_index"] == pytest.approx(100)
        assert row["p_value"] is None
        assert not row["reliable"]


def test_an_item_that_one_group_alone_buys():
    penetrations = np.array([[0.0, 0.0, 0.0, 0.2]])
    rng = np.random.default_rng(6)
    counted = lookalikes.shop(penetrations, GROUPS, MAE_YEARS, 20_000, rng)
    found = rows(counted, lookalikes.photographed(MAE_YEARS, 300, rng))
    true = lookalikes.true_index(penetrations, GROUPS)[0, 3]
    low, high = found[3]["corrected_index_low"], found[3]["corrected_index_high"]
    assert low < true < high
    assert found[3]["reliable"]


def test_no_baskets_at_all():
    found = report(lookalikes.counted([[0] * 4], [0] * 4))
    assert str(found.unknown_share) == "nan"
    assert found.num_tested == 0
    for row in found.table.to_pylist():
        assert (row["reliable"], row["suppressed"]) == (False, True)
        assert row["group_baskets"] is None


def test_no_items():
    found = report(lookalikes.counted([], [10] * 4))
    assert found.table.num_rows == 0
    assert found.table.schema.equals(age_group_affinity.SCHEMA)


def test_all_buyers_in_one_group():
    found = rows(lookalikes.counted([[0, 50, 0, 0]], [0, 100, 0, 0]))
    # A single cell follows from the total, whatever else is hidden: it is hidden too.
    assert all(row["suppressed"] and row["p_value"] is None for row in found)
    assert [row["group_baskets"] for row in found] == [None, 100, None, None]


def test_groups_that_cannot_be_told_apart_are_not_corrected():
    counted = lookalikes.counted([[50, 30, 20, 100]], [100, 200, 300, 400])
    found = report(counted, lookalikes.blind())
    assert not found.is_corrected
    assert found.condition > 1e12
    for row in found.table.to_pylist():
        assert row["raw_index"] is not None
        assert row["q_value"] is not None
        assert row["corrected_index"] is None
        assert row["corrected_index_low"] is None
        assert not row["reliable"]


def test_a_group_that_nobody_belongs_to_has_no_index():
    # None is estimated in the middle but the few that its neighbours account for.
    known = lookalikes.photographed(MAE_YEARS, 5000, np.random.default_rng(0))
    counted = lookalikes.counted([[300, 50, 10, 300]], [3000, 500, 20, 3000])
    found = rows(counted, known)
    assert found[2]["corrected_index"] is None
    assert found[2]["corrected_index_low"] is None
    assert found[2]["raw_index"] is not None


def test_a_group_that_some_draws_leave_empty_has_no_index():
    known = lookalikes.photographed(MAE_YEARS, 60, np.random.default_rng(0))
    counted = lookalikes.counted([[300, 140, 10, 300]], [3000, 1400, 20, 3000])
    found = rows(counted, known)
    assert any(row["corrected_index"] is None for row in found)
    for row in found:
        assert (row["corrected_index"] is None) == (row["corrected_index_low"] is None)


def test_more_groups_than_can_be_corrected_are_refused():
    narrow = age_groups.AgeGroups(tuple(range(20, 65, 5)))
    counted = lookalikes.counted([[50] * 10], [100] * 10)
    with pytest.raises(ValueError, match="at most 8 unknowns"):
        report(counted, lookalikes.perfect(), narrow)
