"""A whole network, fitted on pictures whose brightness is their age."""

import csv
import dataclasses
import json
import pathlib

import keras
import numpy as np
import pytest

from tests.training import builders
from training import (
    config,
    dataset,
    finetune,
    fitting,
    networks,
    recipes,
    runs,
    validation,
    weights,
)

_FIT = recipes.FitConfig(
    epochs=6,
    batch_size=16,
    learning_rate=1e-4,
    part_steps=4,
    head_epochs=0,
    feature_noise=0.0,
    dropout=0.0,
    has_augmentation=False,
    frozen_blocks=("conv1",),
    size_steps=((1.0, 1.0),),
)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Gives the settings of a run in a new folder, and its photos."""
    root = tmp_path_factory.mktemp("finetune")
    rows = builders.write_photos(root / "photos", 120)
    labels = builders.write_labels(root / "labels.csv", rows)

    def make(name: str, **changes) -> tuple[config.TrainConfig, dataset.Dataset]:
        settings = config.TrainConfig(
            sources=(config.PhotoSource(images=root / "photos", labels=labels),),
            output=root / name,
            initial_weights="random",
            image_size=32,
            face_crop="none",
            precision="float32",
            fit=_FIT,
        )
        settings = dataclasses.replace(settings, **changes)
        return settings, dataset.read(settings, root / "cache")

    return make


def _fit(settings, photos) -> runs.Run:
    keras.utils.set_random_seed(settings.seed)
    run = runs.Run(settings.run_folder)
    fit = fitting.prepare(settings)
    run.begin(settings, photos)
    fit(photos, run)
    return run


@pytest.fixture(scope="module")
def fitted(read):
    """A run that was not disturbed."""
    settings, photos = read("whole")
    return settings, photos, _fit(settings, photos)


def _log(run: runs.Run) -> list[dict[str, str]]:
    with run.log.open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_learns_and_says_how_well(fitted):
    _, photos, run = fitted
    result = run.result()
    ages_years = photos.ages_years[photos.rows("validation")]
    guess = np.abs(ages_years - np.median(photos.ages_years)).mean()

    assert result["validation_mae_years"] < 0.7 * guess
    assert result["train_mae_years"] > 0
    assert result["validation_mae_framed_years"] is None
    assert result["num_train_photos"] == len(photos.rows("train"))
    assert result["photos_per_second"] > 0
    assert result["num_resumes"] == 0
    assert (result["precision"], result["image_size"]) == ("float32", 32)
    json.dumps(result, allow_nan=False)


def test_it_logs_each_part(fitted):
    _, photos, run = fitted
    rows = _log(run)
    total = 6 * len(photos.rows("train"))

    shown = [int(row["photos"]) for row in rows]
    assert shown == [*range(64, total, 64), total]
    judged = [row["validation_mae_years"] for row in rows]
    assert sum(value != "" for value in judged) == 6
    assert float(rows[-1]["learning_rate"]) < 1e-4
    assert any(run.tensorboard.glob("events*"))


def test_the_fitted_model_says_what_the_result_says(fitted):
    settings, photos, run = fitted
    model = networks.load(photos, settings, run)
    rows = validation.plain_rows(photos, "validation")

    found = validation.mae_years(model, photos, rows)

    assert model.input_shape == (None, 32, 32, 3)
    assert [layer.name for layer in model.layers[-2:]] == ["dropout", "ages"]
    assert found == pytest.approx(run.result()["validation_mae_years"], abs=1e-3)


def test_the_splits_of_a_run_are_labels(fitted):
    _, photos, run = fitted
    with (run.folder / "splits.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert list(rows[0]) == ["file_name", "real_age", "source", "split"]
    assert [row["split"] for row in rows] == photos.splits.tolist()


class _ProcessEndError(Exception):
    """Stands for the end of a process."""


class _DyingRun(runs.Run):
    """Dies after its third checkpoint, as a process may."""

    def save(self, network, averager, state) -> None:
        super().save(network, averager, state)
        if state.num_photos >= 3 * 64:
            raise _ProcessEndError


def test_a_killed_run_goes_on_where_it_stopped(read, fitted):
    settings, photos = read("killed")
    run = runs.Run(settings.run_folder)
    run.begin(settings, photos)
    keras.utils.set_random_seed(settings.seed)
    with pytest.raises(_ProcessEndError):
        finetune.fit(networks.build(settings), photos, settings, _DyingRun(run.folder))

    again = _fit(settings, photos)

    whole, resumed = fitted[2].result(), again.result()
    assert resumed["num_resumes"] == 1
    assert [row["photos"] for row in _log(again)] == [
        row["photos"] for row in _log(fitted[2])
    ]
    # Same photos in the same order; sums of floats may differ in their last bits.
    assert resumed["validation_mae_years"] == pytest.approx(
        whole["validation_mae_years"], abs=0.01
    )
    assert not (run.folder / "checkpoint").exists()


def test_a_finished_run_is_not_fitted_again(fitted):
    settings, photos, run = fitted
    before = run.fitted.stat().st_mtime_ns

    again = _fit(settings, photos)

    assert again.fitted.stat().st_mtime_ns == before


def test_a_run_begun_otherwise_is_left_alone(fitted):
    settings, photos, run = fitted
    other = dataclasses.replace(settings, seed=5)

    with pytest.raises(runs.RunError, match=r"begun with seed 0, not 5; name another"):
        run.begin(other, photos)


def test_frozen_blocks_and_norms_do_not_learn(fitted):
    settings, photos, run = fitted
    model = networks.load(photos, settings, run)
    keras.utils.set_random_seed(settings.seed)
    start = networks.build(settings)

    for layer, learned in (("conv1_conv", False), ("conv2_block1_1_conv", True)):
        now, before = (one.get_layer(layer).get_weights()[0] for one in (model, start))
        # A normalisation worked into a kernel scales each channel as a whole.
        scale = np.sqrt(
            np.square(now).sum((0, 1, 2)) / np.square(before).sum((0, 1, 2))
        )
        assert np.allclose(now, before * scale, atol=1e-6) != learned
        # It was settled on the photos.
        assert (np.abs(scale - 1) > 1e-3).any()
    gamma, beta, mean, variance = model.get_layer("conv2_block1_1_bn").get_weights()
    assert np.ptp(gamma) == np.ptp(variance) == beta.any() == mean.any() == 0


def test_the_recipe_of_the_first_study_says_a_distribution(read):
    fit = dataclasses.replace(recipes.ORIGINAL_FIT, epochs=1, batch_size=16)
    settings, photos = read("original", recipe=recipes.ORIGINAL, fit=fit)
    run = _fit(settings, photos)
    model = networks.load(photos, settings, run)

    said = model.predict(photos.faces[:5], verbose=0)

    assert said.shape == (5, 101)
    np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-4)


def test_a_network_may_go_on_from_an_earlier_run(read, fitted):
    earlier = fitted[2]
    settings, photos = read("further", initial_weights=str(earlier.folder))
    rows = validation.plain_rows(photos, "validation")

    found = validation.ages_of(networks.build(settings), photos, rows)

    wanted = validation.ages_of(networks.load(photos, fitted[0], earlier), photos, rows)
    np.testing.assert_allclose(found, wanted, atol=1e-2)


def test_refuses_to_go_on_from_a_run_without_an_end(read, tmp_path):
    settings, _ = read("further", initial_weights=str(tmp_path))

    with pytest.raises(
        weights.WeightsError, match="holds no finished run and no bundle"
    ):
        networks.build(settings)


def test_refuses_to_go_on_from_another_head(read, fitted):
    settings, _ = read(
        "further", initial_weights=str(fitted[2].folder), fit=recipes.ORIGINAL_FIT
    )

    with pytest.raises(weights.WeightsError, match="its network has another head"):
        networks.build(settings)


def test_refuses_to_learn_from_nothing(read):
    settings, photos = read("nothing")
    untrained = dataclasses.replace(photos, splits=np.full(len(photos.names), "test"))

    with pytest.raises(dataset.DatasetError, match="no photo fell into the split"):
        finetune.fit(
            networks.build(settings),
            untrained,
            settings,
            runs.Run(pathlib.Path("unused")),
        )
