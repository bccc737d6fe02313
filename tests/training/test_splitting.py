import numpy as np
import pytest

from pipelines.domain import splits
from training import splitting


def _names(count: int) -> list[str]:
    return [f"face_{number:05d}.jpg" for number in range(count)]


def _assign(ages_years, groups=None, given=None, names=None):
    count = len(ages_years)
    return splitting.assign(
        _names(count) if names is None else names,
        np.asarray(ages_years, np.float64),
        np.arange(count) if groups is None else np.asarray(groups),
        [""] * count if given is None else given,
    )


def test_each_age_band_is_dealt_alike():
    ages_years = np.repeat([3, 22, 47, 81], 100)

    found = _assign(ages_years)

    for age_years in (3, 22, 47, 81):
        dealt = found[ages_years == age_years].tolist()
        counts = [dealt.count(split) for split in splits.SPLITS]
        assert counts == [70, 10, 10, 10]


def test_order_and_folders_do_not_matter():
    rng = np.random.default_rng(1)
    ages_years = rng.integers(0, 90, 300)
    order = rng.permutation(300)

    found = _assign(ages_years)
    other = _assign(
        ages_years[order], names=[f"set.tar/{_names(300)[row]}" for row in order]
    )

    np.testing.assert_array_equal(found[order], other)


def test_duplicates_stay_on_one_side_whatever_their_ages():
    rng = np.random.default_rng(2)
    groups = rng.integers(0, 60, 400)

    found = _assign(rng.integers(0, 90, 400), groups)

    for group in range(60):
        assert len(set(found[groups == group])) <= 1
    assert set(found) == set(splits.SPLITS)


def test_most_photos_are_dealt_as_their_name_says():
    ages_years = np.random.default_rng(3).integers(0, 80, 4000)
    by_name = np.array([splits.split_of(name) for name in _names(4000)])

    assert (_assign(ages_years) == by_name).mean() > 0.9


def test_a_given_split_holds_for_the_group_and_test_wins():
    found = _assign(
        [20, 20, 30, 40, 40],
        groups=[0, 0, 1, 2, 2],
        given=["", "validation", "train", "test", "train"],
    )

    assert found.tolist() == ["validation", "validation", "train", "test", "test"]


def test_nobody_is_dealt_nowhere():
    assert _assign([]).tolist() == []


@pytest.mark.parametrize(
    ("share", "split"),
    [(0.0, 0), (0.699, 0), (0.7, 1), (0.8, 2), (0.9, 3), (0.999, 3)],
)
def test_splits_begin_at_their_shares(share, split):
    assert splits.split_at(np.array([share])).tolist() == [split]
