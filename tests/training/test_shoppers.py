import numpy as np
import pytest

from training import shoppers


def test_weights_bring_a_sample_to_the_mix():
    rng = np.random.default_rng(0)
    # Far too many children and young people.
    ages_years = np.minimum(rng.exponential(25, 20_000).round(), 99)
    mix = shoppers.built_in_mix()

    weights = shoppers.weights_of(ages_years, mix)

    assert (weights[ages_years < 13] == 0).all()
    assert weights[weights > 0].mean() == pytest.approx(1)
    for low, high in [(15, 30), (30, 60), (60, 90)]:
        share = weights[(ages_years >= low) & (ages_years < high)].sum() / weights.sum()
        assert share == pytest.approx(mix[low:high].sum() / mix.sum(), abs=1e-3)


def test_a_band_without_anybody_is_left_out():
    weights = shoppers.weights_of(np.array([30.0, 31.0, 50.0]), shoppers.built_in_mix())

    np.testing.assert_allclose(weights, [0.75, 0.75, 1.5])


def test_children_alone_weigh_nothing():
    weights = shoppers.weights_of(np.array([3.0, 12.0]), shoppers.built_in_mix())

    assert weights.tolist() == [0, 0]


def test_reads_a_mix(tmp_path):
    path = tmp_path / "ages.csv"
    path.write_text("age,photos\n5,100\n30,2\n31,3\n110,1\n")

    mix = shoppers.read_mix(path)

    assert mix[5] == 0
    assert (mix[30], mix[31], mix[104]) == (2, 3, 1)
    assert mix.sum() == 6


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("age,people\n30,2\n", "must be a CSV with the columns age and photos"),
        ("age,photos\nthirty,2\n", "must be a CSV"),
        ("age,photos\n30\n", "must be a CSV"),
        ("age,photos\n5,2\n", "no shopper of 13 or older"),
        ("age,photos\n30,-2\n31,5\n", "no shopper of 13 or older"),
    ],
)
def test_refuses_what_is_no_mix(tmp_path, content, reason):
    path = tmp_path / "ages.csv"
    path.write_text(content)

    with pytest.raises(shoppers.ShopperAgesError, match=reason):
        shoppers.read_mix(path)
