import keras
import numpy as np
import pytest

from tests import tiny_bundle


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    rng = np.random.default_rng(0)
    size = tiny_bundle.SIZE_PX
    coarse = rng.uniform(0, 255, (40, 4, 4, 3)) * rng.uniform(0, 1, (40, 1, 1, 3))
    return coarse.repeat(size // 4, axis=1).repeat(size // 4, axis=2).astype(np.uint8)


@pytest.fixture(scope="session")
def tiny_model(noise):
    """Convolutions with normalisation and a residual, like the real one."""
    keras.utils.set_random_seed(1)
    size = tiny_bundle.SIZE_PX
    photo = keras.Input((size, size, 3), dtype="uint8", name="face")
    values = keras.layers.Rescaling(1 / 64, offset=(-1.0, -2.0, -1.5))(photo)
    values = _block(values, 16, "first")
    values = keras.layers.Add()([values, _block(values, 16, "second")])
    values = keras.layers.GlobalAveragePooling2D()(values)
    values = keras.layers.Dense(32, activation="relu", name="hidden")(values)
    ages = keras.layers.Dense(101, activation="softmax", name="ages")(values)
    model = keras.Model(photo, ages)
    rng = np.random.default_rng(2)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, 16) for _ in range(4)])
        elif layer.name == "ages":
            kernel, _ = layer.get_weights()
            layer.set_weights([4 * kernel, rng.normal(size=101)])
    return model


def _block(values, filters, name):
    values = keras.layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv")(
        values
    )
    values = keras.layers.BatchNormalization(name=f"{name}_bn")(values)
    return keras.layers.Activation("relu", name=f"{name}_relu")(values)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory, tiny_model, noise):
    """The bundle; not to be changed."""
    return tiny_bundle.write(tmp_path_factory.mktemp("tiny") / "b", tiny_model, noise)
