"""Tiny real models of every kind of head, written as bundles and read back."""

import datetime
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from pipelines.inference import bundle as bundles
from pipelines.inference import engines
from training import (
    config,
    dataset,
    export,
    int8_gate,
    losses,
    recipes,
    residual_head,
)

_CREATED = datetime.date(2026, 11, 22)
_SIZE = 40
_AGES = np.arange(101)


def _photos(folder, count=160):
    """Pictures whose brightness is their age."""
    rng = np.random.default_rng(0)
    ages_years = rng.integers(1, 95, count).astype(np.float64)
    bright = 20 + 2 * ages_years[:, None, None, None]
    noisy = bright + rng.normal(0, 8, (count, _SIZE, _SIZE, 3))
    return dataset.Dataset(
        faces=np.clip(noisy, 0, 255).astype(np.uint8),
        wide=None,
        names=np.array([f"{number}.jpg" for number in range(count)]),
        ages_years=ages_years,
        columns={"sex": np.resize(["female", "male"], count)},
        views=np.full(count, "plain"),
        splits=np.resize(["train", "validation", "calibration", "test"], count),
        sha256="ab" * 32,
        dropped={"plain_photos_none": 3},
        folder=folder,
    )


def _settings(folder, **changes):
    source = config.PhotoSource(images=folder / "photos", labels=folder / "labels.csv")
    return config.TrainConfig(
        sources=(source,),
        output=folder / "bundle",
        image_size=_SIZE,
        quantization_photos=40,
        num_threads=1,
        **changes,
    )


def _network(head):
    """Fits a few weights, so that the model knows light from dark."""
    keras.utils.set_random_seed(1)
    photo = keras.Input((_SIZE, _SIZE, 3), dtype="uint8", name="face")
    values = keras.layers.Rescaling(1 / 128, offset=-1.0, name="scaling")(photo)
    values = keras.layers.Conv2D(16, 3, strides=4, name="conv")(values)
    values = keras.layers.BatchNormalization(name="norm")(values)
    values = keras.layers.ReLU(name="relu")(values)
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(values)
    return keras.Model(photo, head(pooled), name="age_model")


def _distribution(photos):
    softmax = keras.layers.Dense(101, activation="softmax", name="ages")
    model = _network(softmax)
    model.compile(keras.optimizers.Adam(0.05), losses.DistributionLoss(0.1))
    wanted = losses.label_distributions(photos.ages_years, 4)
    model.fit(photos.faces, wanted, epochs=12, verbose=0)
    return keras.Model(model.input, model.output, name="age_model")


def _regression(photos):
    model = _network(keras.layers.Dense(1, name="age"))
    model.compile(keras.optimizers.Adam(0.5), "mse")
    model.fit(photos.faces, photos.ages_years, epochs=12, verbose=0)
    rows = photos.rows("validation")
    found = np.asarray(model.predict(photos.faces[rows], verbose=0))[:, 0]
    return residual_head.to_distribution(model, photos.ages_years[rows] - found)


@pytest.fixture(scope="module", params=[_distribution, _regression])
def written(request, tmp_path_factory):
    """A model, its photos and its bundle."""
    folder = tmp_path_factory.mktemp("export")
    photos = _photos(folder)
    ablations = folder / "ablations.json"
    row = {"name": "original recipe", "train_mae_years": 3, "validation_mae_years": 8.5}
    ablations.write_text(json.dumps([row | {"image_size": 112}]))
    settings = _settings(folder, ablations=ablations)
    settings.run_folder.mkdir()
    (settings.run_folder / "result.json").write_text(
        json.dumps(
            {
                "device": "2 CPU cores",
                "photos_per_second": 21.5,
                "train_mae_years": 4.0,
                "validation_mae_years": 5.5,
            }
        )
    )
    model = request.param(photos)
    return model, photos, export.write(model, photos, settings, _CREATED)


def test_both_engines_predict_what_the_model_does(written):
    model, photos, bundle = written
    faces = photos.faces[photos.rows("test")]
    wanted = np.asarray(model.predict(faces, verbose=0)) @ _AGES

    int8 = engines.make("openvino", bundle).predict(faces) @ _AGES
    float32 = engines.make("tensorflow", bundle).predict(faces) @ _AGES

    np.testing.assert_allclose(float32, wanted, atol=0.01)
    assert np.corrcoef(int8, wanted)[0, 1] > 0.9


def test_the_card_tells_of_the_correction_by_age(written, request):
    _, _, bundle = written

    shift = bundle.card.settings["label_shift"]
    is_corrected = any(part.split(": ")[1] != "+0.00" for part in shift.split(", "))

    text = (bundle.folder / bundles.MODEL_CARD).read_text()
    assert ("corrected on the validation split" in text) is is_corrected
    assert f"label_shift {shift}" in text


def test_a_regression_is_not_corrected_twice(tmp_path):
    photos = _photos(tmp_path)
    model = _regression(photos)
    before = model.get_weights()

    log_odds = export.corrected(
        model, photos, _settings(tmp_path, fit=recipes.ORIGINAL_FIT)
    )

    assert not log_odds.any()
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(now, was)


def test_the_int8_weights_alone_rebuild_the_model(written):
    model, photos, bundle = written
    faces = photos.faces[photos.rows("test")]
    wanted = np.asarray(model.predict(faces, verbose=0)) @ _AGES
    kept = bundle.folder / bundles.KERAS_MODEL
    aside = kept.rename(kept.with_suffix(".aside"))

    found = engines.make("tensorflow", bundle).predict(faces) @ _AGES

    aside.rename(kept)
    assert np.abs(found - wanted).mean() < 0.2 * wanted.std()


def test_the_card_takes_the_size_of_the_input(written):
    _, _, bundle = written

    assert (bundle.card.height, bundle.card.width) == (_SIZE, _SIZE)


def test_the_bundle_keeps_how_it_was_made(written):
    _, _, bundle = written

    assert bundle.card.settings["device"] == "2 CPU cores"
    assert bundle.card.settings["int8"] in {way.name for way in int8_gate.WAYS}
    assert bundle.card.metrics["photos_per_second"] == 21.5
    assert bundle.card.metrics["validation_mae_years"] == 5.5


def test_the_model_card_shows_fit_ablations_and_int8(written):
    _, _, bundle = written
    shown = (bundle.folder / bundles.MODEL_CARD).read_text()

    for expected in (
        "| device | 2 CPU cores |",
        "learned from: 4.00 years",
        "gap +1.50",
        "| original recipe | 3.00 | 8.50 | +5.50 |",
        "; image size (px) 112",
        "## int8",
        "At the ages of the original study: MAE",
        "Brier score of P(under 18)",
        "| aged 60+ |",
        "3 plain photos none",
    ):
        assert expected in shown


def test_the_metrics_hold_what_releases_are_measured_on(written):
    _, photos, bundle = written
    metrics = bundle.card.metrics

    for name in (
        "test_mae_years",
        "test_mae_study_mix_years",
        "test_bias_study_mix_years",
        "test_mae_60_plus_years",
        "test_coverage_90",
        "test_brier_under_18",
        "test_brier_under_18_uncalibrated",
        "test_unreliability_under_25",
        "int8_mae_cost_years",
        "int8_gate_cost_years",
    ):
        assert np.isfinite(metrics[name]), name
    assert metrics["test_photos"] <= len(photos.rows("test"))


def test_nothing_is_left_beside_the_bundle(written):
    _, _, bundle = written

    assert list(bundle.folder.parent.glob(".bundle-*")) == []


def test_refuses_to_calibrate_on_children_alone(tmp_path):
    photos = _photos(tmp_path)
    photos.ages_years[photos.rows("calibration")] = 5

    with pytest.raises(dataset.DatasetError, match="nobody of 13"):
        export.write(_distribution(photos), photos, _settings(tmp_path), _CREATED)

    assert not (tmp_path / "bundle").exists()


def test_asks_for_tensorflow_where_keras_runs_on_another(tmp_path):
    code = (
        "import pathlib\n"
        "from tests.training import test_export as tests\n"
        "from training import errors, export\n"
        "settings = tests._settings(pathlib.Path('here'))\n"
        "try:\n"
        "    export.write(None, None, settings, None)\n"
        "except errors.InputError as error:\n"
        "    print(error)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "openvino"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == (
        "the export needs Keras on TensorFlow, not openvino; the fit is kept in "
        "here/bundle.run: give the same command with KERAS_BACKEND=tensorflow"
    )
