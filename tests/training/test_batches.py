import pathlib

import numpy as np
import pytest

from training import augmentation, batches, dataset

_SIZE, _WIDE = 8, 12


def _photos(ages_years, sources=None, views=None, names=None) -> dataset.Dataset:
    count = len(ages_years)
    rng = np.random.default_rng(0)
    return dataset.Dataset(
        faces=rng.integers(0, 256, (count, _SIZE, _SIZE, 3)).astype(np.uint8),
        wide=rng.integers(0, 256, (count, _WIDE, _WIDE, 3)).astype(np.uint8),
        names=np.array(names or [f"{row}.jpg" for row in range(count)]),
        ages_years=np.asarray(ages_years, np.float64),
        columns={"source": np.array(sources or [""] * count)},
        views=np.array(views or ["plain"] * count),
        splits=np.full(count, "train"),
        sha256="0" * 64,
        dropped={},
        folder=pathlib.Path("unused"),
    )


def _deck(photos, **mix) -> batches.Deck:
    rows = np.arange(len(photos.names))
    return batches.Deck(photos, rows, batches.Mix(**{"age_balance": 0.0} | mix), 1)


def _shown(deck: batches.Deck, epochs: int) -> np.ndarray:
    return np.concatenate([deck.epoch(number) for number in range(epochs)])


def test_each_photo_comes_once_an_epoch():
    deck = _deck(_photos([20] * 50))

    first, second = deck.epoch(0), deck.epoch(1)

    assert sorted(first) == sorted(second) == list(range(50))
    assert first.tolist() != second.tolist()
    np.testing.assert_array_equal(deck.epoch(0), first)


def test_rare_ages_come_more_often():
    ages_years = [20] * 90 + [70] * 10

    evenly = _shown(_deck(_photos(ages_years), age_balance=1.0), 20)
    halfway = _shown(_deck(_photos(ages_years), age_balance=0.5), 20)

    # By their counts 9 to 1; by the root of these 3 to 1.
    assert (halfway >= 90).mean() == pytest.approx(1 / 4, abs=0.02)
    # The mean photo shares its band with 82; no photo comes more than 4 times as often.
    assert (evenly >= 90).mean() == pytest.approx(40 / (90 * 82 / 90 + 40), abs=0.02)


def test_children_too_young_to_shop_alone_may_come_less_often():
    shown = _shown(_deck(_photos([5, 12, 13, 40] * 10), child_weight=0.25), 20)

    counts = np.bincount(shown % 4) / len(shown)
    np.testing.assert_allclose(counts, [0.1, 0.1, 0.4, 0.4], atol=0.01)


def test_a_source_may_come_less_often():
    photos = _photos([20] * 40, sources=["real"] * 20 + ["drawn"] * 20)

    shown = _shown(_deck(photos, source_weights=(("drawn", 0.25),)), 20)

    assert (shown >= 20).mean() == pytest.approx(0.2, abs=0.01)


def test_a_framed_look_comes_in_place_of_the_plain_one():
    names = ["a", "b", "a"]
    photos = _photos([20, 30, 20], views=["plain", "plain", "framed"], names=names)
    deck = _deck(photos, framed_share=0.5)

    shown = _shown(deck, 400)

    assert len(deck) == 2
    assert (shown == 1).sum() == 400
    assert (shown == 2).sum() == pytest.approx(200, abs=40)


def test_a_span_runs_over_the_borders_of_epochs():
    deck = _deck(_photos([20] * 10))
    whole = _shown(deck, 4)

    for start, stop in ((0, 10), (3, 27), (10, 12), (39, 40)):
        np.testing.assert_array_equal(deck.span(start, stop), whole[start:stop])


def _batches(photos, rows, start=0, is_distribution=True) -> batches.Batches:
    return batches.Batches(
        photos,
        np.asarray(rows),
        start=start,
        batch_size=4,
        size_px=6,
        strength=augmentation.Strength(),
        targets=batches.Targets(is_distribution=is_distribution, label_sigma_years=2),
        seed=3,
        workers=1,
    )


def test_batches_hold_crops_and_targets():
    part = _batches(_photos([20, 30, 40, 50, 60, 70]), [5, 0, 1, 2, 3])

    crops, targets = part[0]
    last_crops, last_targets = part[1]

    assert len(part) == 2
    assert crops.shape == (4, 6, 6, 3)
    assert crops.dtype == np.uint8
    assert targets.argmax(axis=1).tolist() == [70, 20, 30, 40]
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-5)
    assert len(last_crops) == len(last_targets) == 1


def test_a_regression_learns_ages():
    _, targets = _batches(_photos([20, 31]), [1, 0], is_distribution=False)[0]

    assert targets.tolist() == [[31], [20]]


def test_variations_go_on_where_a_part_before_stopped():
    photos = _photos([20] * 12)
    rows = np.arange(12)

    whole = np.concatenate([_batches(photos, rows)[step][0] for step in range(3)])
    rest = np.concatenate(
        [_batches(photos, rows[4:], start=4)[step][0] for step in range(2)]
    )

    np.testing.assert_array_equal(whole[4:], rest)
