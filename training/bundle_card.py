"""Writes the papers of a bundle: card, model card and licence."""

import collections
import dataclasses
import datetime
import pathlib

import numpy as np

from pipelines.inference import bundle as bundles
from schemas import bundle as schema
from training import card, config, dataset, licenses, verdict


def write(
    found: verdict.Verdict,
    photos: dataset.Dataset,
    settings: config.TrainConfig,
    created: datetime.date,
    folder: pathlib.Path,
) -> None:
    """Writes `LICENSE`, `MODEL_CARD.md` and, last, `bundle.json`.

    Args:
      found: What is said of the model.
      photos: That it learned from.
      settings: Of the run.
      created: UTC date.
      folder: Holds the models already.
    """
    name, notice, text = licenses.read(settings.license_file)
    unsigned = schema.BundleCard(
        name=settings.name,
        created=created.isoformat(),
        height=settings.image_size,
        width=settings.image_size,
        face_settings=dataclasses.asdict(settings.face_settings),
        temperature=found.calibrated.temperature,
        conformal=found.calibrated.conformal,
        confusion=found.calibrated.confusion,
        metrics={name: round(value, 4) for name, value in found.metrics.items()},
        settings=_settings(settings),
        training_data=_training_data(photos),
        license=name,
        license_notice=notice,
        files={},
    )
    (folder / bundles.LICENSE).write_text(text)
    (folder / bundles.MODEL_CARD).write_text(
        card.model_card(unsigned, found.groups, found.weighting, photos.dropped)
    )
    signed = dataclasses.replace(
        unsigned,
        files={name: bundles.sha256_of(folder / name) for name in bundles.REQUIRED},
        optional_files={
            bundles.KERAS_MODEL: bundles.sha256_of(folder / bundles.KERAS_MODEL)
        },
    )
    (folder / schema.FILE_NAME).write_text(signed.to_json())


def _settings(settings: config.TrainConfig) -> dict[str, str | int | float]:
    """Lists the settings that decide the weights; no path of this machine."""
    initial = pathlib.Path(settings.initial_weights).name
    return {
        "recipe": settings.recipe,
        "initial_weights": initial,
        "seed": settings.seed,
        "face_crop": settings.face_crop,
        "framed_copies": int(settings.framed_copies),
        "quantization_photos": settings.quantization_photos,
        **dataclasses.asdict(settings.head),
    }


def _training_data(photos: dataset.Dataset) -> schema.TrainingData:
    plain = photos.views == "plain"
    sources = np.where(photos.sources == "", "unnamed", photos.sources)
    return schema.TrainingData(
        sha256=photos.sha256,
        num_photos=int(plain.sum()),
        sources=_counts(sources[plain]),
        splits=_counts(photos.splits[plain]),
    )


def _counts(values: np.ndarray) -> dict[str, int]:
    return dict(sorted(collections.Counter(values.tolist()).items()))
