"""A network that goes on from a bundle."""

import dataclasses
import shutil

import numpy as np
import pytest

from pipelines.inference import bundle as bundles
from pipelines.inference import keras_model
from training import config, model, networks, recipes, weights


@pytest.fixture(scope="module")
def packaged() -> bundles.Bundle:
    """The bundle that ships, whose weights are int8."""
    return bundles.load(bundles.default_folder())


def _settings(folder, **changes):
    source = config.PhotoSource(images=folder, labels=folder)
    settings = config.TrainConfig(
        sources=(source,),
        output=folder,
        initial_weights=str(folder),
        precision="float32",
    )
    return dataclasses.replace(settings, **changes)


def test_it_says_what_the_bundle_says(packaged):
    faces = np.random.default_rng(0).integers(
        0, 256, (3, packaged.card.height, packaged.card.width, 3), np.uint8
    )
    network = networks.build(_settings(packaged.folder))

    found = network.predict_on_batch(faces)

    wanted = keras_model.load(packaged).predict_on_batch(faces)
    assert np.ptp(wanted, axis=0).max() > 1e-3
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_it_says_it_with_constants_again(packaged):
    recipe = recipes.FitConfig()
    network = networks.build(_settings(packaged.folder))

    again = model.with_constants(network, recipe).get_layer(model.STANDARDISE)

    known = keras_model.load(packaged).get_layer(model.STANDARDISE)
    for name in ("scale", "offset"):
        np.testing.assert_allclose(
            getattr(again, name), getattr(known, name), rtol=1e-3, atol=1e-4
        )


def test_another_head_is_refused(packaged):
    with pytest.raises(weights.WeightsError, match="has another head or is damaged"):
        networks.build(_settings(packaged.folder, fit=recipes.ORIGINAL_FIT))


def test_a_damaged_bundle_is_refused(packaged, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(packaged.folder, folder)
    with (folder / bundles.MODEL_BIN).open("ab") as file:
        file.write(b"!")

    with pytest.raises(weights.WeightsError, match=bundles.MODEL_BIN):
        networks.build(_settings(folder))
