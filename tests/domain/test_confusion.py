import numpy as np
import pytest

from pipelines.domain import age_groups, confusion
from tests.domain import lookalikes

GROUPS = age_groups.REPORT_GROUPS
TWO = age_groups.AgeGroups((50,))
BANDS = confusion.NUM_BANDS


def of(counts, weights=lookalikes.SHOPPERS) -> confusion.Confusion:
    return confusion.Confusion(
        counts=np.asarray(counts), weights=np.asarray(weights, np.float64)
    )


def known() -> confusion.Confusion:
    return lookalikes.photographed(6.46, 200, np.random.default_rng(0))


def test_true_bands_count_by_their_weight():
    counts = np.eye(BANDS, dtype=np.int64) * 10
    # Half of those of 45 to 49 pass for 50; the others of their group do not.
    counts[9, 9], counts[10, 9] = 20, 20
    weights = np.zeros(BANDS)
    weights[[8, 9, 12]] = 3, 1, 7
    matrix = of(counts, weights).between(TWO).predicted_given_true
    np.testing.assert_allclose(matrix, [[0.875, 0], [0.125, 1]])


def test_a_band_without_photos_has_no_say():
    counts = np.eye(BANDS, dtype=np.int64)
    counts[:, 9] = 0
    counts[10, 8] = 1
    weights = np.zeros(BANDS)
    weights[[8, 9, 12]] = 1, 1000, 1
    matrix = of(counts, weights).between(TWO).predicted_given_true
    np.testing.assert_allclose(matrix, [[0.5, 0], [0.5, 1]])


@pytest.mark.parametrize("bounds", [(25, 45, 65), (20, 95), (5,), (15, 25, 35, 45, 55)])
def test_columns_sum_to_one(bounds):
    weights = np.ones(BANDS)
    groups = age_groups.AgeGroups(bounds)
    matrix = of(known().counts, weights).between(groups).predicted_given_true
    assert matrix.shape == (len(bounds) + 1,) * 2
    np.testing.assert_allclose(matrix.sum(axis=0), 1)


def test_perfect_and_blind_models():
    perfect = lookalikes.perfect().between(GROUPS)
    np.testing.assert_allclose(perfect.predicted_given_true, np.eye(4), atol=1e-15)
    assert perfect.condition == pytest.approx(1)
    assert lookalikes.blind().between(GROUPS).condition > 1e12


def test_narrow_groups_are_harder_to_tell_apart():
    narrow = age_groups.AgeGroups((25, 35, 45, 55, 65))
    assert known().between(GROUPS).condition < 4
    assert 10 < known().between(narrow).condition < 40


@pytest.mark.parametrize(
    ("counts", "weights", "groups", "reason"),
    [
        (np.eye(4, dtype=int), np.ones(BANDS), TWO, "must be 20 by 20"),
        (np.eye(BANDS), np.ones(BANDS), TWO, "counts must be whole numbers"),
        (-np.eye(BANDS, dtype=int), np.ones(BANDS), TWO, "whole numbers from 0"),
        (np.eye(BANDS, dtype=int), -np.ones(BANDS), TWO, "weights must be finite"),
        (np.eye(BANDS, dtype=int), np.full(BANDS, np.nan), TWO, "must be finite"),
        (np.zeros((BANDS, BANDS), int), np.ones(BANDS), TWO, "shows age group <50"),
        (np.eye(BANDS, dtype=int), np.arange(BANDS) < 5, TWO, r"age group 50\+"),
        (
            np.eye(BANDS, dtype=int),
            np.ones(BANDS),
            age_groups.AgeGroups((18, 25)),
            r"multiples of 5 below 100. Received: \(18, 25\)",
        ),
    ],
)
def test_refuses_what_cannot_be_used(counts, weights, groups, reason):
    with pytest.raises(ValueError, match=reason):
        of(counts, weights).between(groups)


def test_counts_are_led_back_to_the_true_groups():
    between = known().between(GROUPS)
    true = np.array([[900.0, 20, 0, 5], [10, 300, 200, 40]])
    seen = true @ between.predicted_given_true.T
    np.testing.assert_allclose(between.corrected(seen), true, atol=1e-9)
    np.testing.assert_allclose(between.corrected(seen[0]), true[0], atol=1e-9)


def test_counts_never_become_negative():
    between = known().between(GROUPS)
    seen = np.array([100, 0, 0, 100])
    inverse = np.linalg.solve(between.predicted_given_true, seen)
    assert inverse.min() < -1
    assert between.corrected(seen).min() >= 0


def test_draws_spread_as_the_photos_do():
    groups = age_groups.AgeGroups((50,))
    counts = np.zeros((BANDS, BANDS), np.int64)
    counts[[9, 10], 9], counts[12, 12] = (80, 20), 50
    weights = np.ones(BANDS)
    model = of(counts, weights)
    drawn = model.drawn(groups, 2000, np.random.default_rng(1))
    matrices = np.array([draw.predicted_given_true for draw in drawn])
    np.testing.assert_allclose(matrices.sum(axis=1), 1)
    assert matrices[:, 1, 0].mean() == pytest.approx(0.2, abs=0.005)
    assert matrices[:, 1, 0].std() == pytest.approx(np.sqrt(0.2 * 0.8 / 100), rel=0.1)
    # What never happened stays impossible.
    assert (matrices[:, 0, 1] == 0).all()


def test_the_same_seed_gives_the_same_draws():
    def draw(seed):
        drawn = known().drawn(GROUPS, 3, np.random.default_rng(seed))
        return np.array([matrix.predicted_given_true for matrix in drawn])

    np.testing.assert_array_equal(draw(4), draw(4))
    assert (draw(4) != draw(5)).any()
    assert (draw(4)[0] != draw(4)[1]).any()
