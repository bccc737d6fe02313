import shutil
import subprocess
import sys
from concurrent import futures

import numpy as np
import pytest

from pipelines.inference import bundle as bundles
from pipelines.inference import dequantize, engines

AGES = np.arange(101)


@pytest.fixture(scope="module")
def packaged(tiny, tmp_path_factory):
    """The bundle as it ships: without the Keras model."""
    folder = shutil.copytree(tiny.folder, tmp_path_factory.mktemp("ships") / "b")
    (folder / bundles.KERAS_MODEL).unlink()
    return bundles.load(str(folder))


@pytest.fixture(scope="module")
def openvino(tiny):
    return engines.make("openvino", tiny)


@pytest.fixture(scope="module")
def tensorflow(tiny):
    return engines.make("tensorflow", tiny)


@pytest.fixture(scope="module")
def rebuilt(packaged):
    return engines.make("tensorflow", packaged)


@pytest.mark.parametrize("name", ["openvino", "tensorflow", "rebuilt"])
def test_predicts_distributions(request, noise, name):
    found = request.getfixturevalue(name).predict(noise)

    assert found.shape == (len(noise), 101)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert found.std(axis=0).max() > 1e-3


@pytest.mark.parametrize("name", ["openvino", "tensorflow", "rebuilt"])
@pytest.mark.parametrize("batch_size", [1, 3, 16, 17])
def test_a_result_does_not_depend_on_its_batch(request, noise, name, batch_size):
    predictor = request.getfixturevalue(name)
    parts = [
        predictor.predict(noise[start : start + batch_size])
        for start in range(0, len(noise), batch_size)
    ]

    np.testing.assert_array_equal(np.concatenate(parts), predictor.predict(noise))


@pytest.mark.parametrize("name", ["openvino", "tensorflow"])
def test_predicts_nothing_for_nobody(request, noise, name):
    assert request.getfixturevalue(name).predict(noise[:0]).shape == (0, 101)


def test_a_result_is_not_overwritten_by_the_next(openvino, noise):
    first = openvino.predict(noise[:4])
    kept = first.copy()
    openvino.predict(noise[4:8])

    np.testing.assert_array_equal(first, kept)


def test_takes_a_view_that_is_not_contiguous(openvino, noise):
    mirrored = noise[:, :, ::-1]

    np.testing.assert_array_equal(
        openvino.predict(mirrored), openvino.predict(np.ascontiguousarray(mirrored))
    )


def test_threads_change_nothing(tiny, openvino, noise):
    threaded = engines.make("openvino", tiny, num_threads=2)

    np.testing.assert_array_equal(threaded.predict(noise), openvino.predict(noise))


def test_the_keras_model_predicts_what_it_did_before(tiny_model, tensorflow, noise):
    wanted = tiny_model.predict(noise, verbose=0)

    np.testing.assert_allclose(tensorflow.predict(noise), wanted, atol=1e-5)


def test_engines_agree(openvino, tensorflow, rebuilt, noise):
    ages = {
        name: predictor.predict(noise) @ AGES
        for name, predictor in [
            ("int8", openvino),
            ("float32", tensorflow),
            ("rebuilt", rebuilt),
        ]
    }

    spread = ages["float32"].std()
    assert np.abs(ages["int8"] - ages["float32"]).mean() < 0.3 * spread
    assert np.abs(ages["rebuilt"] - ages["float32"]).mean() < 0.2 * spread


def test_weights_come_back_from_int8(tiny, tiny_model):
    found = dequantize.read_weights(tiny.folder / bundles.MODEL_XML)

    assert set(found) == {"first_conv", "second_conv", "hidden", "ages"}
    kernel, _ = tiny_model.get_layer("hidden").get_weights()
    np.testing.assert_allclose(
        found["hidden"][0], kernel, atol=np.abs(kernel).max() / 127
    )
    gamma, _, _, variance = tiny_model.get_layer("first_bn").get_weights()
    kernel = tiny_model.get_layer("first_conv").get_weights()[0]
    folded = kernel * gamma / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(
        found["first_conv"][0], folded, atol=np.abs(folded).max() / 120
    )


def test_refuses_an_unknown_engine(tiny):
    with pytest.raises(engines.EngineError, match="engine must be one of"):
        engines.make("torch", tiny)


def test_engines_are_imported_only_when_made():
    code = (
        "import sys, pipelines.inference.engines; "
        "print(sorted({'openvino', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["openvino", "tensorflow"])
def test_threads_may_share_a_model(request, noise, name):
    predictor = request.getfixturevalue(name)
    batches = [noise[start : start + 4] for start in (0, 4, 8, 12)] * 25
    expected = [predictor.predict(batch) for batch in batches]

    with futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(predictor.predict, batches))

    np.testing.assert_array_equal(found, expected)
