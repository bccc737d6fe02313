"""Writes a bundle, whole or not at all, and reads it back."""

import datetime
import pathlib
import tempfile

import keras
import numpy as np
import numpy.typing as npt
import openvino

from pipelines.inference import bundle as bundles
from pipelines.inference import engines, openvino_engine
from training import bundle_card, config, dataset, quantize, verdict

_CHECKED = 64
_BATCH = 32
_ROUNDING = 1e-3
_AGES = np.arange(101)

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
      model: Flat and in float32; see `training.model.join`.
      photos: Of which the splits `calibration` and `test` are used.
      settings: Of the run; `output` is the folder to write.
      created: UTC date.

    Returns:
      The bundle, as loaded from its folder.

    Raises:
      ExportError: the written models do not predict what `model` does.
      dataset.DatasetError: see `verdict.judge`.
      shoppers.ShopperAgesError: see `shoppers.read_mix`.
    """
    parent = settings.output.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".bundle-") as partial:
        folder = pathlib.Path(partial) / "bundle"
        folder.mkdir()
        exported = write_models(model, _range_photos(photos, settings), folder)
        found = verdict.judge(
            _outputs(exported, folder, photos, settings), photos, settings
        )
        bundle_card.write(found, photos, settings, created, folder)
        check(model, photos.faces[:_CHECKED], folder)
        if settings.output.is_dir():
            settings.output.rmdir()
        folder.rename(settings.output)
    return bundles.load(str(settings.output))


def write_models(
    model: keras.Model, faces: Faces, folder: pathlib.Path
) -> openvino.Model:
    """Writes the model in its three forms: Keras, its architecture, int8.

    Args:
      model: Flat and in float32.
      faces: Crops that set the int8 ranges.
      folder: Is there.

    Returns:
      The float32 model for OpenVINO, which is not kept.
    """
    exported = quantize.to_openvino(model)
    # The head too: int8 sums are exact, so that no batch changes a result.
    int8 = quantize.to_int8(exported, faces)
    openvino.save_model(int8, folder / bundles.MODEL_XML, compress_to_fp16=False)
    model.save(folder / bundles.KERAS_MODEL)
    (folder / bundles.ARCHITECTURE).write_text(model.to_json())
    return exported


def check(model: keras.Model, faces: Faces, folder: pathlib.Path) -> None:
    """Compares what a bundle predicts with what its model predicts.

    Raises:
      ExportError: they differ by more than rounding.
    """
    written = bundles.load(str(folder))
    wanted = np.asarray(model.predict(faces, verbose=0))
    found = engines.make("tensorflow", written).predict(faces)
    gap = float(np.abs(found - wanted).max())
    if not gap < _ROUNDING:
        raise ExportError(
            f"{bundles.KERAS_MODEL} predicts probabilities up to {gap:.2g} away "
            "from the model that it was saved from"
        )
    fast = engines.make("openvino", written)
    whole, single = fast.predict(faces), fast.predict(faces[:1])
    if not np.array_equal(whole[:1], single):
        raise ExportError(f"{bundles.MODEL_XML} predicts by the batch, not the photo")


def _range_photos(photos: dataset.Dataset, settings: config.TrainConfig) -> Faces:
    """Picks photos that were trained on: the other splits must stay unseen."""
    rows = photos.rows("train")
    count = min(settings.quantization_photos, len(rows))
    rng = np.random.default_rng(settings.seed)
    return photos.faces[np.sort(rng.choice(rows, count, replace=False))]


def _outputs(
    exported: openvino.Model,
    folder: pathlib.Path,
    photos: dataset.Dataset,
    settings: config.TrainConfig,
) -> verdict.Outputs:
    int8 = openvino_engine.OpenvinoPredictor(
        folder / bundles.MODEL_XML, settings.num_threads
    )
    float32 = openvino_engine.OpenvinoPredictor(exported, settings.num_threads)
    calibration, test = photos.rows("calibration"), photos.rows("test")
    return verdict.Outputs(
        calibration=_predict(int8, photos.faces, calibration),
        test=_predict(int8, photos.faces, test),
        test_float32=_predict(float32, photos.faces, test),
    )


def _predict(
    predictor: engines.AgePredictor, faces: Faces, rows: npt.NDArray[np.int64]
) -> Probabilities:
    parts = [
        predictor.predict(faces[rows[start : start + _BATCH]])
        for start in range(0, len(rows), _BATCH)
    ]
    return np.concatenate([predictor.predict(faces[:0]), *parts])
