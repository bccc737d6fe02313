"""A head that learns alone, before the network that it sits on."""

import keras
import numpy as np

from training import augmentation, batches, dataset, heads, losses, model, recipes

_RECIPE = recipes.FitConfig(hidden_units=16, head_epochs=60, dropout=0.0)


def _looks(tmp_path) -> batches.Batches:
    """Shows 60 pictures whose brightness is their age."""
    ages_years = np.tile([10.0, 40.0, 70.0], 20)
    wide = (
        np.full((60, 32, 32, 3), 1, np.uint8)
        * ages_years.astype(np.uint8)[:, None, None, None]
    )
    photos = dataset.Dataset(
        faces=wide,
        wide=wide,
        names=np.array([f"{row}.jpg" for row in range(60)]),
        ages_years=ages_years,
        columns={},
        views=np.full(60, "plain"),
        splits=np.full(60, "train"),
        sha256="",
        dropped={},
        folder=tmp_path,
    )
    return batches.Batches(
        photos,
        np.arange(60),
        start=0,
        batch_size=16,
        size_px=32,
        strength=augmentation.FLIP_ONLY,
        targets=batches.Targets(is_distribution=True, label_sigma_years=2.0),
        seed=0,
        workers=1,
    )


def test_the_head_learns_and_the_trunk_stays(tmp_path):
    keras.utils.set_random_seed(0)
    network = model.build_network(model.build_trunk(None), _RECIPE)
    before = {layer.name: layer.get_weights() for layer in network.layers}
    looks = _looks(tmp_path)

    heads.fit(network, looks, _RECIPE)

    crops, wanted = looks[0]
    said = network.predict(crops, verbose=0) @ losses.AGES
    assert np.abs(said - wanted @ losses.AGES).mean() < 8
    for layer in network.layers:
        if layer.name in ("standardise", "hidden", "ages"):
            assert not np.array_equal(layer.get_weights()[0], before[layer.name][0])
            continue
        for now, then in zip(layer.get_weights(), before[layer.name], strict=True):
            np.testing.assert_array_equal(now, then)


def test_features_come_to_one_scale(tmp_path):
    keras.utils.set_random_seed(0)
    network = model.build_network(model.build_trunk(None), _RECIPE)
    looks = _looks(tmp_path)

    heads.fit(network, looks, _RECIPE)

    scaled = keras.Model(network.input, network.get_layer(model.STANDARDISE).output)
    crops = np.concatenate([looks[step][0] for step in range(len(looks))])
    values = scaled.predict(crops, verbose=0)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=0.05)
    spreads = values.std(axis=0)
    assert spreads.max() < 1.01
    # Features that hardly vary are not blown up.
    assert np.mean(spreads > 0.95) > 0.5
