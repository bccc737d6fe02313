"""Writes a bundle, whole or not at all, and reads it back."""

import datetime
import pathlib
import tempfile

import keras
import numpy as np
import numpy.typing as npt
import openvino
import tqdm

from pipelines.inference import bundle as bundles
from pipelines.inference import engines, openvino_engine
from schemas import fields
from training import (
    bundle_card,
    config,
    dataset,
    errors,
    int8_gate,
    label_shift,
    provenance,
    quantize,
    study,
    validation,
    verdict,
)

_CHECKED = 64
_ELDER_WEIGHT = 2.0
# Of the calibration split; enough to tell 0.05 years, and as few as that for time.
_GATED = 2500
_BATCH = 32
_ROUNDING = 1e-3

Faces = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]


class ExportError(Exception):
    """What was written does not predict what the model predicts."""


def write(
    model: keras.Model,
    photos: dataset.Dataset,
    settings: config.TrainConfig,
    created: datetime.date,
) -> bundles.Bundle:
    """Writes the bundle of a fitted model.

    Args:
      model: Flat and in float32, uint8 faces to a softmax over ages 0 to 100; see
        `training.model.join` and `training.residual_head`.
      photos: Of which the splits `calibration` and `test` are used.
      settings: Of the run; `output` is the folder to write.
      created: UTC date.

    Returns:
      The bundle, as loaded from its folder.

    Raises:
      errors.InputError: Keras runs on another backend than TensorFlow.
      ExportError: the written models do not predict what `model` does.
      int8_gate.Int8Error: int8 costs too much.
      dataset.DatasetError: see `verdict.weigh`.
      provenance.ProvenanceError: see `provenance.read`.
      shoppers.ShopperAgesError: see `shoppers.read_mix`.
    """
    _check_backend(settings)
    weights = verdict.weigh(photos, settings)
    origin = provenance.read(settings)
    parent = settings.output.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".bundle-") as partial:
        folder = pathlib.Path(partial) / "bundle"
        folder.mkdir()
        log_odds = corrected(model, photos, settings)
        trial, outputs = quantized(model, photos, settings)
        write_models(model, trial.model, folder)
        found = verdict.judge(outputs, photos, weights, log_odds, settings)
        bundle_card.write(found, trial, origin, photos, settings, created, folder)
        check(model, photos, outputs, folder)
        if settings.output.is_dir():
            settings.output.rmdir()
        folder.rename(settings.output)
    return bundles.load(str(settings.output))


def _check_backend(settings: config.TrainConfig) -> None:
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise errors.InputError(
            f"the export needs Keras on TensorFlow, not {backend}; the fit is kept in "
            f"{settings.run_folder}: give the same command with "
            "KERAS_BACKEND=tensorflow"
        )


def corrected(
    model: keras.Model, photos: dataset.Dataset, settings: config.TrainConfig
) -> npt.NDArray[np.float64]:
    """Corrects a model of distributions by age, in place; see `label_shift`.

    It is fitted on the validation photos, at the original study's mix of ages, but
    that the old count twice: the study's errors were largest for them.

    Returns:
      What was added to the log odds of the ages 0 to 100; all 0 for a regression,
      whose validation residuals have taken its bias out already, and where there
      are no such photos.
    """
    rows = validation.plain_rows(photos, "validation")
    rows = rows[verdict.is_calibration_source(photos, settings)[rows]]
    ages_years = photos.ages_years[rows]
    weights = study.weights_of(ages_years)
    weights[ages_years >= verdict.OLD_YEARS] *= _ELDER_WEIGHT
    if not (settings.fit.is_distribution and weights.sum() > 0):
        return np.zeros(fields.NUM_AGES)
    log_odds = label_shift.fit(
        validation.outputs_of(model, photos, rows),
        ages_years,
        weights,
        settings.fit.mean_loss_weight,
    )
    label_shift.correct(model, log_odds)
    return log_odds


def quantized(
    model: keras.Model, photos: dataset.Dataset, settings: config.TrainConfig
) -> tuple[int8_gate.Trial, verdict.Outputs]:
    """Quantises a model, in a way that costs little on the calibration split.

    Raises:
      int8_gate.Int8Error: no way does.
    """
    exported = quantize.to_openvino(model)
    gated = _gated(photos, settings)

    def predict(
        predicted: openvino.Model, rows: npt.NDArray[np.int64] = gated
    ) -> Probabilities:
        run = openvino_engine.OpenvinoPredictor(predicted, settings.num_threads)
        return _predict(run, photos.faces, rows)

    def make(way: quantize.Int8Settings) -> openvino.Model:
        return quantize.to_int8(exported, _range_photos(photos, settings, way), way)

    truth = int8_gate.Truth(
        float32=predict(exported), ages_years=photos.ages_years[gated]
    )
    try:
        trial = int8_gate.choose(make, predict, truth)
    except int8_gate.Int8Error as error:
        raise int8_gate.Int8Error(f"{error}; {_way_on(settings)}") from error
    outputs = verdict.Outputs(
        calibration=predict(trial.model, photos.rows("calibration")),
        test=predict(trial.model, photos.rows("test")),
        test_float32=predict(exported, photos.rows("test")),
    )
    return trial, outputs


def _gated(
    photos: dataset.Dataset, settings: config.TrainConfig
) -> npt.NDArray[np.int64]:
    """Picks photos of the calibration split to compare int8 with float32 on."""
    rows = photos.rows("calibration")
    rng = np.random.default_rng(settings.seed)
    return np.sort(rng.choice(rows, min(_GATED, len(rows)), replace=False))


def _way_on(settings: config.TrainConfig) -> str:
    advice = "run the same command again with a larger --quantization-photos"
    if not provenance.read(settings).fit:
        return advice
    return f"{advice}; the fit is kept in {settings.run_folder} and not repeated"


def write_models(
    model: keras.Model, int8: openvino.Model, folder: pathlib.Path
) -> None:
    """Writes a model in its three forms: Keras, its architecture, int8.

    Args:
      model: Flat and in float32.
      int8: The same, quantised: its sums are exact, so that no batch changes a
        result; see `check`.
      folder: Is there.
    """
    openvino.save_model(int8, folder / bundles.MODEL_XML, compress_to_fp16=False)
    model.save(folder / bundles.KERAS_MODEL)
    (folder / bundles.ARCHITECTURE).write_text(model.to_json())


def check(
    model: keras.Model,
    photos: dataset.Dataset,
    outputs: verdict.Outputs,
    folder: pathlib.Path,
) -> None:
    """Compares what a bundle predicts with what its models predicted.

    Raises:
      ExportError: they differ by more than rounding.
    """
    rows = photos.rows("calibration")[:_CHECKED]
    faces = photos.faces[rows]
    written = bundles.load(str(folder))
    wanted = np.asarray(model.predict(faces, batch_size=_BATCH, verbose=0))
    found = engines.make("tensorflow", written).predict(faces)
    gap = float(np.abs(found - wanted).max())
    if not gap < _ROUNDING:
        raise ExportError(
            f"{bundles.KERAS_MODEL} predicts probabilities up to {gap:.2g} away "
            "from the model that it was saved from"
        )
    fast = engines.make("openvino", written)
    if not np.array_equal(fast.predict(faces), outputs.calibration[: len(rows)]):
        raise ExportError(
            f"{bundles.MODEL_XML} does not predict what it did before it was saved"
        )
    if not np.array_equal(fast.predict(faces[:1]), outputs.calibration[:1]):
        raise ExportError(f"{bundles.MODEL_XML} predicts by the batch, not the photo")


def _range_photos(
    photos: dataset.Dataset, settings: config.TrainConfig, way: quantize.Int8Settings
) -> Faces:
    """Picks photos that were trained on: the other splits must stay unseen."""
    rows = photos.rows("train")
    count = min(settings.quantization_photos * way.photos_factor, len(rows))
    rng = np.random.default_rng(settings.seed)
    return photos.faces[np.sort(rng.choice(rows, count, replace=False))]


def _predict(
    predictor: engines.AgePredictor, faces: Faces, rows: npt.NDArray[np.int64]
) -> Probabilities:
    starts = tqdm.tqdm(
        range(0, len(rows), _BATCH), desc="predicting", unit="batch", leave=False
    )
    parts = [predictor.predict(faces[rows[start : start + _BATCH]]) for start in starts]
    return np.concatenate([predictor.predict(faces[:0]), *parts])
