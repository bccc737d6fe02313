"""One tiny training from end to end, and what must not be trained on."""

import json
import lzma

import keras
import numpy as np
import pytest

from pipelines.domain import ages
from pipelines.inference import bundle as bundles
from pipelines.inference import engines
from schemas import bundle as schema
from tests.training import builders
from training import model, recipes, train, weights

_FLAGS = (
    "--initial-weights=random",
    "--image-size=32",
    "--face-crop=none",
    "--head-epochs=4",
    "--batch-size=16",
    "--quantization-photos=8",
    "--recipe=frozen-features",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A bundle trained by the command on two sources."""
    root = tmp_path_factory.mktemp("train")
    first = builders.write_photos(root / "one", 150, source="one")
    second = builders.write_photos(root / "two", 30, seed=1, source="two")
    packed = builders.pack(root / "two", root / "two.tar")
    argv = [
        "--images",
        str(root / "one"),
        str(packed),
        "--labels",
        str(builders.write_labels(root / "one.csv", first)),
        str(builders.write_labels(root / "two.csv", second)),
        f"--output={root / 'bundle'}",
        f"--cache={root / 'cache'}",
        *_FLAGS,
    ]
    assert train.main(argv) == 0
    return bundles.load(str(root / "bundle"))


def test_the_card_says_what_was_done(trained):
    card = trained.card

    assert (card.height, card.width) == (32, 32)
    assert card.training_data.num_photos == 180
    assert card.training_data.sources == {"one": 150, "two": 30}
    assert sum(card.training_data.splits.values()) == 180
    assert card.settings["recipe"] == "frozen-features"
    assert card.settings["head_epochs"] == 4
    assert card.license == "Research and evaluation only"
    assert set(card.files) == set(bundles.REQUIRED)
    assert set(card.optional_files) == {bundles.KERAS_MODEL}
    assert card.metrics["test_mae_years"] > 0


def test_the_folder_holds_nothing_else(trained):
    names = {path.name for path in trained.folder.iterdir()}

    signed = {schema.FILE_NAME, bundles.DIGEST}
    assert names == {*bundles.REQUIRED, bundles.KERAS_MODEL, *signed}
    assert [p.name for p in trained.folder.parent.glob(".bundle-*")] == []


def test_it_learned_something(trained):
    rng = np.random.default_rng(5)
    young, old = (
        np.stack([_pixels(rng, age_years) for _ in range(8)]) for age_years in (5, 85)
    )
    predictor = engines.make("openvino", trained)
    calibration = ages.Calibration(
        temperature=trained.card.temperature,
        group_bounds_years=trained.card.conformal.group_bounds_years,
        quantiles_90=trained.card.conformal.quantiles_90,
    )

    younger, older = (
        ages.estimate(ages.to_weights(predictor.predict(faces)), calibration)
        for faces in (young, old)
    )

    assert older.mean_years.mean() > younger.mean_years.mean() + 5


def _pixels(rng, age_years):
    noisy = 40 + 2 * age_years + rng.normal(0, 6, (32, 32, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def test_the_model_card_shows_the_figures(trained):
    shown = (trained.folder / bundles.MODEL_CARD).read_text()

    for expected in (
        "# Age model `ages`",
        "| all | ",
        "source two",
        "## Intended use",
        "## Forbidden use",
        "people of 13 and older, weighted",
        f"| test_mae_years | {trained.card.metrics['test_mae_years']:.4g} |",
        trained.card.training_data.sha256,
        "Research and evaluation only",
    ):
        assert expected in shown


def test_the_architecture_is_that_of_resnet(trained):
    found = json.loads((trained.folder / bundles.ARCHITECTURE).read_text())
    names = {layer["config"]["name"] for layer in found["config"]["layers"]}

    assert {"face", "scaling", "conv1_conv", "conv5_block3_out", "ages"} <= names


def _training_set(folder, *, count=3):
    rows = builders.write_photos(folder / "photos", count)
    return [
        f"--images={folder / 'photos'}",
        f"--labels={builders.write_labels(folder / 'labels.csv', rows)}",
        f"--output={folder / 'bundle'}",
        *_FLAGS,
    ]


def _refused(argv, capsys):
    assert train.main(argv) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("tillage train: ")
    return error


def test_refuses_labels_without_ages(tmp_path, capsys):
    argv = _training_set(tmp_path)
    (tmp_path / "labels.csv").write_text("file_name,years\na.jpg,3\n")

    assert "no column 'real_age'" in _refused(argv, capsys)
    assert not (tmp_path / "bundle").exists()


def test_refuses_weights_of_another_architecture(tmp_path, capsys):
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    argv = [
        *_training_set(tmp_path),
        f"--initial-weights={tmp_path / 'other.weights.h5'}",
    ]

    assert "not weights of ResNet50" in _refused(argv, capsys)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.h5", None, "no such weights file"),
        ("text.h5", b"not weights", "not weights of ResNet50"),
        ("text.h5.xz", b"not packed", "damaged xz file"),
        ("packed.h5.xz", lzma.compress(b"not weights"), "not weights of ResNet50"),
    ],
)
def test_refuses_weights_that_are_none(tmp_path, capsys, name, content, reason):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    argv = [*_training_set(tmp_path), f"--initial-weights={tmp_path / name}"]

    assert reason in _refused(argv, capsys)


def test_refuses_an_unknown_flag(tmp_path, capsys):
    assert "--epoch" in _refused([*_training_set(tmp_path), "--epoch=3"], capsys)


def test_weights_come_from_a_file_and_turn_to_rgb(tmp_path):
    keras.utils.set_random_seed(3)
    source = keras.applications.ResNet50(
        include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg"
    )
    source.save_weights(tmp_path / "own.weights.h5")
    rgb = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    scaled = keras.applications.resnet50.preprocess_input(rgb.astype(np.float32))

    trunk = model.build_trunk(32)
    weights.initialise(trunk, str(tmp_path / "own.weights.h5"))
    network = model.build_network(trunk, recipes.FitConfig())
    features = keras.Model(network.input, network.get_layer("features").output)

    # The last of the pooled blocks is what ResNet50 itself returns.
    np.testing.assert_allclose(
        features.predict(rgb, verbose=0)[:, -2048:],
        source.predict(scaled, verbose=0),
        rtol=1e-3,
        atol=1e-4,
    )


def test_refuses_a_step_that_memory_cannot_hold(tmp_path, capsys):
    argv = _training_set(tmp_path)
    argv += ["--recipe=default", "--batch-size=1000000"]

    error = _refused(argv, capsys)

    assert "steps of 1000000 photos of 32 px take about 3" in error
    assert "lower --batch-size or --image-size" in error
